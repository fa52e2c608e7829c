/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What of the library others may call. */
#ifndef GLOVEBOX_EXTERN
#define GLOVEBOX_EXTERN __attribute__ ((visibility ("default"))) extern
#endif
