/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* From here on: read, write, memory that is not executable, and the end; any other call kills the process (SIGSYS).
 * -1 and errno where the kernel refuses. */
int glb_clean_image_filter_load (void);
