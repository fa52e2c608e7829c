/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session-broker/library/glb-library-private.h"

G_BEGIN_DECLS

/**
 * GlbHelper:
 *
 * One program under the names of those that agents call to see and drive a
 * desktop. Each takes the part of the other's command line that agents use,
 * does it over libglovebox, and says what it does not take.
 */
typedef struct
{
  const char *name;            /* as which it was called */
  GloveboxDesktop *desktop;
} GlbHelper;

/* A name, and what does its work. argv: without the name. Returns the exit code. */
typedef int (*GlbHelperFunc) (GlbHelper *self, int argc, char **argv);

int glb_helper_xdotool  (GlbHelper *self, int argc, char **argv);
int glb_helper_scrot    (GlbHelper *self, int argc, char **argv);
int glb_helper_grim     (GlbHelper *self, int argc, char **argv);
int glb_helper_wl_copy  (GlbHelper *self, int argc, char **argv);
int glb_helper_wl_paste (GlbHelper *self, int argc, char **argv);
int glb_helper_xclip    (GlbHelper *self, int argc, char **argv);
int glb_helper_xsel     (GlbHelper *self, int argc, char **argv);

/* Says why on standard error, and returns the exit code for it. */
int             glb_helper_fail (GlbHelper *self, const char *format, ...) G_GNUC_PRINTF (2, 3);
/* Does it; NULL: it said why not. Takes action. (transfer full) (nullable) */
GloveboxResult *glb_helper_do   (GlbHelper *self, JsonObject *action);
/* The same where only that it was delivered counts. */
gboolean        glb_helper_done (GlbHelper *self, JsonObject *action);
/* A whole number; FALSE where it is none. */
gboolean        glb_helper_read_int (const char *text, int min, int max, int *value);

/* As long as the command line says. */
void            glb_helper_pause (double seconds);

/* One window of list_windows. */
typedef struct
{
  guint id;
  char *app_id, *title;
  int x, y, width, height;
} GlbHelperWindow;

/* Bottom to top; NULL: it said why not. (transfer full) (nullable) (element-type GlbHelperWindow). focus: (out) (optional) */
GPtrArray *glb_helper_list_windows (GlbHelper *self, guint *focus);
/* (nullable) */
const GlbHelperWindow *glb_helper_find_window (GPtrArray *windows, guint id);

G_END_DECLS
