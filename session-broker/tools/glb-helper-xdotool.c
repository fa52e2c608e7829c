/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* xdotool: its chains of commands, their options and its stack of windows. */

#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "session-broker/tools/glb-xdotool.h"

#define SLEEP_MAX_S   3600.0
#define REPEAT_MAX    1000

static int do_sleep (GlbXdotool *self);

static const struct
{
  const char *name;
  GlbXdotoolFunc func;
} commands[] = {
  { "mousemove", glb_xdotool_mousemove },
  { "mousemove_relative", glb_xdotool_mousemove_relative },
  { "click", glb_xdotool_click },
  { "mousedown", glb_xdotool_mousedown },
  { "mouseup", glb_xdotool_mouseup },
  { "getmouselocation", glb_xdotool_getmouselocation },
  { "key", glb_xdotool_key },
  { "keydown", glb_xdotool_keydown },
  { "keyup", glb_xdotool_keyup },
  { "type", glb_xdotool_type },
  { "search", glb_xdotool_search },
  { "getactivewindow", glb_xdotool_getactivewindow },
  { "getwindowfocus", glb_xdotool_getactivewindow },
  { "getwindowname", glb_xdotool_getwindowname },
  { "getwindowclassname", glb_xdotool_getwindowclassname },
  { "getwindowgeometry", glb_xdotool_getwindowgeometry },
  { "windowactivate", glb_xdotool_windowactivate },
  { "windowfocus", glb_xdotool_windowactivate },
  { "windowraise", glb_xdotool_windowactivate },
  { "windowclose", glb_xdotool_windowclose },
  { "windowquit", glb_xdotool_windowclose },
  { "getdisplaygeometry", glb_xdotool_getdisplaygeometry },
  { "sleep", do_sleep },
};

/* ---- words --------------------------------------------------------------------------- */

int
glb_xdotool_fail (GlbXdotool *self, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  return glb_helper_fail (self->helper, "%s: %s", self->command, message);
}

static GlbXdotoolFunc
find (const char *word)
{
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    if (g_ascii_strcasecmp (commands[i].name, word) == 0)
      return commands[i].func;

  return NULL;
}

gboolean
glb_xdotool_is_command (const char *word)
{
  return find (word) != NULL;
}

const char *
glb_xdotool_take_word (GlbXdotool *self, const char *what)
{
  if (self->argc == 0)
    {
      glb_xdotool_fail (self, "%s is missing", what);
      return NULL;
    }

  self->argc--;
  return *self->argv++;
}

gboolean
glb_xdotool_take_int (GlbXdotool *self, const char *what, int *value)
{
  const char *word = glb_xdotool_take_word (self, what);

  if (word == NULL)
    return FALSE;
  return glb_helper_read_int (word, -32767, 32767, value) || glb_xdotool_fail (self, "%s is no number: %s", what, word) == 0;
}

gboolean
glb_xdotool_read_window (GlbXdotool *self, const char *word, guint *window)
{
  int number;

  if (word[0] != '%')
    {
      if (!glb_helper_read_int (word, 1, G_MAXINT, &number))
        return glb_xdotool_fail (self, "%s is no window; xdotool search lists them", word) == 0;
      *window = (guint) number;
      return TRUE;
    }

  if (g_str_equal (word, "%@"))
    number = 1;
  else if (!glb_helper_read_int (word + 1, 1, G_MAXINT, &number))
    return glb_xdotool_fail (self, "%s is no window of the chain", word) == 0;
  if (self->stack->len < (guint) number)
    return glb_xdotool_fail (self, "there is no window %s; a search in the same chain finds one", word) == 0;

  *window = g_array_index (self->stack, guint, number - 1);
  return TRUE;
}

/* ---- options --------------------------------------------------------------------------- */

static gboolean
is_allowed (const char *allowed, const char *name)
{
  g_auto(GStrv) names = g_strsplit (allowed, " ", -1);

  return g_strv_contains ((const char * const *) names, name);
}

static gboolean
take_repeat (GlbXdotool *self, const char *value, int *repeat)
{
  return glb_helper_read_int (value, 1, REPEAT_MAX, repeat) ||
         glb_xdotool_fail (self, "--repeat takes 1 to %d, not %s", REPEAT_MAX, value) == 0;
}

/* What needs no thought: the screen is one, keys are not held by anybody else, and the session knows when a key is taken. */
static gboolean
take_option (GlbXdotool *self, const char *name, const char *value, GlbXdotoolOptions *options)
{
  if (g_str_equal (name, "window"))
    return options->has_window = glb_xdotool_read_window (self, value, &options->window);
  if (g_str_equal (name, "repeat"))
    return take_repeat (self, value, &options->repeat);
  if (g_str_equal (name, "limit"))
    return glb_helper_read_int (value, 0, G_MAXINT, &options->limit) || glb_xdotool_fail (self, "--limit takes a number") == 0;
  if (g_str_equal (name, "file"))
    options->file = value;

  options->sync = options->sync || g_str_equal (name, "sync");
  options->shell = options->shell || g_str_equal (name, "shell");
  options->all = options->all || g_str_equal (name, "all");
  options->by_name = options->by_name || g_str_equal (name, "name") || g_str_equal (name, "title");
  options->by_class = options->by_class || g_str_equal (name, "class");
  options->by_class_name = options->by_class_name || g_str_equal (name, "classname");
  return TRUE;
}

static gboolean
has_value (const char *name)
{
  static const char * const names[] = { "window", "repeat", "limit", "file", "delay", "repeat-delay", "screen", "desktop", "maxdepth", NULL };

  return g_strv_contains (names, name);
}

/* One option by its word, "--name", "--name=value" or one letter of xdotool's. (transfer full) */
static char *
option_name (const char *word)
{
  static const char * const letters[] = { "w", "window", "d", "delay", "c", "clearmodifiers", "s", "sync", NULL };
  const char *equals = strchr (word, '=');

  for (guint i = 0; letters[i] != NULL; i += 2)
    if (word[1] != '-' && g_str_equal (word + 1, letters[i]))
      return g_strdup (letters[i + 1]);
  word += strspn (word, "-");
  return equals != NULL ? g_strndup (word, (gsize) (equals - word)) : g_strdup (word);
}

static gboolean
is_number (const char *word)
{
  int number;

  return glb_helper_read_int (word, G_MININT, G_MAXINT, &number);
}

gboolean
glb_xdotool_take_options (GlbXdotool *self, const char *allowed, GlbXdotoolOptions *options)
{
  *options = (GlbXdotoolOptions) { .repeat = 1 };
  while (self->argc > 0 && self->argv[0][0] == '-' && self->argv[0][1] != '\0' && !is_number (self->argv[0]))
    {
      const char *word = glb_xdotool_take_word (self, "an option");
      g_autofree char *name = option_name (word);
      const char *value = strchr (word, '=') != NULL ? strchr (word, '=') + 1 : NULL;

      if (g_str_equal (word, "--"))
        return TRUE;
      if (!is_allowed (allowed, name))
        {
          g_auto(GStrv) names = g_strsplit (allowed, " ", -1);
          g_autofree char *list = g_strjoinv (", --", names);

          return glb_xdotool_fail (self, "%s is not possible in a Glovebox session; possible: %s%s", word, *allowed != '\0' ? "--" : "no option",
                                   list) == 0;
        }
      if (has_value (name) && value == NULL && (value = glb_xdotool_take_word (self, word)) == NULL)
        return FALSE;
      if (!take_option (self, name, value, options))
        return FALSE;
    }
  return TRUE;
}

/* ---- chains ------------------------------------------------------------------------------ */

static int
do_sleep (GlbXdotool *self)
{
  const char *word = glb_xdotool_take_word (self, "the number of seconds");
  char *end = NULL;
  double seconds = word != NULL ? g_ascii_strtod (word, &end) : -1;

  if (word == NULL)
    return 1;
  if (*end != '\0' || !(seconds >= 0 && seconds <= SLEEP_MAX_S))
    return glb_xdotool_fail (self, "it takes 0 to %.0f seconds, not %s", SLEEP_MAX_S, word);

  glb_helper_pause (seconds);
  return 0;
}

static int
fail_unknown (GlbXdotool *self, const char *word)
{
  g_autoptr(GString) list = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    g_string_append_printf (list, "%s%s", i > 0 ? ", " : "", commands[i].name);
  return glb_helper_fail (self->helper, "%s: is not possible in a Glovebox session%s; possible: %s", word,
                          g_str_has_prefix (word, "window") ? ", which places its windows itself" : "", list->str);
}

static int
run_chain (GlbXdotool *self)
{
  int code = 0;

  while (code == 0 && self->argc > 0)
    {
      GlbXdotoolFunc func = find (self->argv[0]);

      self->command = self->argv[0];
      if (func == NULL)
        return fail_unknown (self, self->argv[0]);

      self->argc--;
      self->argv++;
      code = func (self);
    }
  return code;
}

static void
print_usage (void)
{
  fputs ("Usage: xdotool COMMAND ARGUMENT… [COMMAND ARGUMENT…]…\n"
         "\n"
         "This is Glovebox's, for the session that it runs in. Commands:\n", stdout);
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    printf ("  %s\n", commands[i].name);
}

int
glb_helper_xdotool (GlbHelper *helper, int argc, char **argv)
{
  GlbXdotool self = { .helper = helper, .argc = argc, .argv = argv };
  int code;

  if (argc == 0 || g_str_equal (argv[0], "help") || g_str_equal (argv[0], "--help") || g_str_equal (argv[0], "-h"))
    {
      print_usage ();
      return argc == 0;
    }
  if (g_str_equal (argv[0], "version") || g_str_equal (argv[0], "--version") || g_str_equal (argv[0], "-v"))
    {
      puts ("xdotool of Glovebox " GLOVEBOX_VERSION);
      return 0;
    }

  self.stack = g_array_new (FALSE, FALSE, sizeof (guint));
  self.held = g_ptr_array_new_with_free_func (g_free);
  code = run_chain (&self);
  if (code == 0 && self.held->len > 0)
    code = glb_helper_fail (helper, "keydown: a key stays down only within a chain: keydown ctrl click 1 keyup ctrl");
  g_array_unref (self.stack);
  g_ptr_array_unref (self.held);
  return code;
}
