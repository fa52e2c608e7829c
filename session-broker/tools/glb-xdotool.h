/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session-broker/tools/glb-helper.h"

G_BEGIN_DECLS

/* One call of xdotool: a chain of commands over its words. */
typedef struct
{
  GlbHelper *helper;
  int argc;                    /* words that are left */
  char **argv;
  const char *command;         /* that is being done */
  GArray *stack;               /* guint: the windows of the last search, getactivewindow or getmouselocation */
  GPtrArray *held;             /* char *: keys that keydown holds, for the commands behind it */
} GlbXdotool;

/* The options of one command; those that it takes are named in glb_xdotool_take_options(). */
typedef struct
{
  gboolean sync, shell, any, all, has_window;
  guint window;
  int repeat;
  int limit;
  const char *file;
  gboolean by_name, by_class, by_class_name;
} GlbXdotoolOptions;

/* Each takes its words from self, and returns an exit code. */
typedef int (*GlbXdotoolFunc) (GlbXdotool *self);

gboolean    glb_xdotool_is_command   (const char *word);
/* allowed: names without dashes, separated by spaces. FALSE: it said why. */
gboolean    glb_xdotool_take_options (GlbXdotool *self, const char *allowed, GlbXdotoolOptions *options);
/* (nullable): none is left; it said why */
const char *glb_xdotool_take_word    (GlbXdotool *self, const char *what);
gboolean    glb_xdotool_take_int     (GlbXdotool *self, const char *what, int *value);
int         glb_xdotool_fail         (GlbXdotool *self, const char *format, ...) G_GNUC_PRINTF (2, 3);
/* A number, or %1, %@: of the stack. FALSE: it said why. */
gboolean    glb_xdotool_read_window  (GlbXdotool *self, const char *word, guint *window);

int glb_xdotool_mousemove          (GlbXdotool *self);
int glb_xdotool_mousemove_relative (GlbXdotool *self);
int glb_xdotool_click              (GlbXdotool *self);
int glb_xdotool_mousedown          (GlbXdotool *self);
int glb_xdotool_mouseup            (GlbXdotool *self);
int glb_xdotool_key                (GlbXdotool *self);
int glb_xdotool_keydown            (GlbXdotool *self);
int glb_xdotool_keyup              (GlbXdotool *self);
int glb_xdotool_type               (GlbXdotool *self);
int glb_xdotool_getmouselocation   (GlbXdotool *self);

int glb_xdotool_search             (GlbXdotool *self);
int glb_xdotool_getactivewindow    (GlbXdotool *self);
int glb_xdotool_getwindowname      (GlbXdotool *self);
int glb_xdotool_getwindowclassname (GlbXdotool *self);
int glb_xdotool_getwindowgeometry  (GlbXdotool *self);
int glb_xdotool_windowactivate     (GlbXdotool *self);
int glb_xdotool_windowclose        (GlbXdotool *self);
int glb_xdotool_getdisplaygeometry (GlbXdotool *self);
/* Brings it on top, and says why not. */
gboolean glb_xdotool_activate      (GlbXdotool *self, guint window);

G_END_DECLS
