/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The files of a control group's folder. */

/* Processes that do not stop, or do not end, for so long are not going to. */
#define GLB_CGROUP_EVENT_MS 1000

/* FALSE with errno. */
gboolean glb_cgroup_file_write        (const char *folder, const char *name, const char *value);
gboolean glb_cgroup_file_write_number (const char *folder, const char *name, guint64 value);
/* (transfer full) (nullable) */
char    *glb_cgroup_file_read         (const char *folder, const char *name);
gboolean glb_cgroup_file_exists       (const char *folder, const char *name);
guint64  glb_cgroup_file_read_number  (const char *folder, const char *name);
/* "KEY VALUE" in a file of such lines; 0 if it is not there. */
guint64  glb_cgroup_file_read_keyed   (const char *folder, const char *name, const char *key);
/* Waits until a line of cgroup.events is there; FALSE: not in time. */
gboolean glb_cgroup_file_wait         (const char *folder, const char *key, guint64 value);
/* To the end, with version 1; FALSE: not in time. */
gboolean glb_cgroup_file_freeze_v1    (const char *folder, gboolean frozen);

G_END_DECLS
