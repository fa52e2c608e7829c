/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glb-replay"
#include "config.h"

#include "session-broker/replay/glb-replay-surroundings.h"

#include <glob.h>

/* Where the distributions put the one for programs with threads. */
static const char * const clock_patterns[] = { "/usr/lib/*/faketime/libfaketimeMT.so.1", "/usr/lib*/faketime/libfaketimeMT.so.1" };

/* The clock that is read by a person stands; timers, which read the other one, go on. */
static const char * const variables[][2] = {
  { "FAKETIME", "2026-01-15 12:00:00" },
  { "FAKETIME_DONT_FAKE_MONOTONIC", "1" },
  { "NO_FAKE_STAT", "1" },
  { "FAKERANDOM_SEED", "0x476c6f7665626f78" },
  { "PYTHONHASHSEED", "0" },
  { "TZ", "UTC" },
  { "LANG", "C.UTF-8" },
  { "LC_ALL", "C.UTF-8" },
  { "GDK_SCALE", "1" },
  { "QT_SCALE_FACTOR", "1" },
  { "GSETTINGS_BACKEND", "keyfile" },
};

/* In the session, before the command: the files that programs read settings and fonts from. */
static const char script[] =
  "export XDG_CONFIG_HOME=\"$XDG_RUNTIME_DIR/replay-config\" FONTCONFIG_FILE=\"$XDG_RUNTIME_DIR/replay-fonts.conf\"\n"
  "mkdir -p \"$XDG_CONFIG_HOME/glib-2.0/settings\" || exit 125\n"
  "cat >\"$XDG_CONFIG_HOME/glib-2.0/settings/keyfile\" <<'END' || exit 125\n"
  "[org/gnome/desktop/interface]\n"
  "enable-animations=false\n"
  "cursor-blink=false\n"
  "font-name='DejaVu Sans 11'\n"
  "document-font-name='DejaVu Sans 11'\n"
  "monospace-font-name='DejaVu Sans Mono 11'\n"
  "font-antialiasing='grayscale'\n"
  "font-hinting='none'\n"
  "text-scaling-factor=1.0\n"
  "END\n"
  "cat >\"$FONTCONFIG_FILE\" <<'END' || exit 125\n"
  "<?xml version=\"1.0\"?>\n"
  "<!DOCTYPE fontconfig SYSTEM \"fonts.dtd\">\n"
  "<fontconfig>\n"
  "<match target=\"pattern\"><edit name=\"family\" mode=\"append\" binding=\"weak\"><string>DejaVu Sans</string></edit></match>\n"
  "<alias binding=\"strong\"><family>sans-serif</family><prefer><family>DejaVu Sans</family></prefer></alias>\n"
  "<alias binding=\"strong\"><family>serif</family><prefer><family>DejaVu Serif</family></prefer></alias>\n"
  "<alias binding=\"strong\"><family>monospace</family><prefer><family>DejaVu Sans Mono</family></prefer></alias>\n"
  "<match target=\"font\"><edit name=\"antialias\"><bool>true</bool></edit><edit name=\"hinting\"><bool>false</bool></edit>\n"
  "<edit name=\"rgba\"><const>none</const></edit></match>\n"
  "<include ignore_missing=\"yes\">/etc/fonts/fonts.conf</include>\n"
  "</fontconfig>\n"
  "END\n"
  "exec \"$@\"\n";

/* (nullable) (transfer full) */
static char *
find_clock (void)
{
  char *path = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (clock_patterns) && path == NULL; i++)
    {
      glob_t found;

      if (glob (clock_patterns[i], 0, NULL, &found) != 0)
        continue;
      path = g_strdup (found.gl_pathv[0]);
      globfree (&found);
    }
  return path;
}

static void
set_variables (GVariantDict *options,
               const char   *clock)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a{ss}"));
  g_variant_builder_add (&builder, "{ss}", "LD_PRELOAD", clock);
  for (guint i = 0; i < G_N_ELEMENTS (variables); i++)
    g_variant_builder_add (&builder, "{ss}", variables[i][0], variables[i][1]);
  g_variant_dict_insert_value (options, "env", g_variant_builder_end (&builder));
}

GStrv
glb_replay_surroundings_wrap (const char * const *command,
                              GVariantDict       *options,
                              GError            **error)
{
  g_autoptr(GStrvBuilder) builder = g_strv_builder_new ();
  g_autofree char *clock = find_clock ();

  if (clock == NULL)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                           "deterministic: the clock can't be stopped: libfaketime is missing; install the package libfaketime");
      return NULL;
    }

  set_variables (options, clock);
  g_strv_builder_add_many (builder, "/bin/sh", "-c", script, "sh", NULL);
  g_strv_builder_addv (builder, (const char **) command);
  return g_strv_builder_end (builder);
}

char **
glb_replay_surroundings_unwrap (char **command)
{
  const char * const start[] = { "/bin/sh", "-c", script, "sh" };

  for (guint i = 0; i < G_N_ELEMENTS (start); i++)
    if (command[i] == NULL || !g_str_equal (command[i], start[i]))
      return command;
  return command + G_N_ELEMENTS (start);
}
