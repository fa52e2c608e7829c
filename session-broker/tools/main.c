/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * glovebox-helper: xdotool, scrot, wl-copy and others, as far as agents use
 * them, inside a session. It does what it is called as: by the name of the
 * link to it, or by its first argument.
 */

#include "config.h"

#include <locale.h>
#include <stdio.h>

#include "session-broker/tools/glb-helper.h"

/* As long as a window takes to draw what came of a click; what moves all the time is not waited for. */
#define SETTLE_QUIET_MS 50u
#define SETTLE_MAX_MS   1000u

static const struct
{
  const char *name;
  GlbHelperFunc func;
} helpers[] = {
  { "xdotool", glb_helper_xdotool },
  { "scrot", glb_helper_scrot },
  { "grim", glb_helper_grim },
  { "wl-copy", glb_helper_wl_copy },
  { "wl-paste", glb_helper_wl_paste },
  { "xclip", glb_helper_xclip },
  { "xsel", glb_helper_xsel },
};

static int
run (GlbHelper *self, GlbHelperFunc func, int argc, char **argv)
{
  g_autoptr(GError) error = NULL;
  int code;

  self->desktop = glovebox_desktop_new (&error);
  if (self->desktop == NULL)
    return glb_helper_fail (self, "%s", error->message);

  glovebox_desktop_set_settle (self->desktop, SETTLE_QUIET_MS, SETTLE_MAX_MS);
  code = func (self, argc, argv);
  if (fflush (stdout) != 0)
    code = glb_helper_fail (self, "can't write the output");
  g_object_unref (self->desktop);
  return code;
}

static GlbHelperFunc
find (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (helpers); i++)
    if (g_str_equal (helpers[i].name, name))
      return helpers[i].func;

  return NULL;
}

int
main (int argc, char **argv)
{
  g_autofree char *called = g_path_get_basename (argc > 0 ? argv[0] : "glovebox-helper");
  GlbHelper self = { .name = called };
  GlbHelperFunc func = find (called);

  setlocale (LC_ALL, "");
  if (func != NULL)
    return run (&self, func, argc - 1, argv + 1);

  func = argc > 1 ? find (argv[1]) : NULL;
  if (func != NULL)
    {
      self.name = argv[1];
      return run (&self, func, argc - 2, argv + 2);
    }

  fputs ("Usage: glovebox-helper NAME ARGUMENT…\nName:", stderr);
  for (guint i = 0; i < G_N_ELEMENTS (helpers); i++)
    fprintf (stderr, " %s", helpers[i].name);
  fputs ("\n", stderr);
  return 1;
}
