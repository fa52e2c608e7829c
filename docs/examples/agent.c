/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * An agent inside a session: it writes into the window that has the keyboard,
 * reads back what the program copied, and saves.
 *
 *   cc agent.c -o agent $(pkg-config --cflags --libs glovebox-1.0)
 *   glovebox run --name notes --workspace . -- gnome-text-editor notes.txt
 *   glovebox exec notes -- ./agent
 */

#include <glovebox.h>
#include <stdio.h>
#include <stdlib.h>

#define NOTE "Written by an agent in C: żółw, 漢字."

static void G_GNUC_NORETURN
fail (const char *why)
{
  fprintf (stderr, "agent: %s\n", why);
  exit (1);
}

/* One step: the result of an action, or the end of the program. */
static void
check (GloveboxResult *result, GError *error)
{
  g_autoptr(GloveboxResult) owned = result;
  int width, height;

  if (owned == NULL)
    fail (error->message);
  if (glovebox_result_get_changed (owned, NULL, NULL, &width, &height))
    printf ("frame %" G_GUINT64_FORMAT ": %dx%d pixels changed\n", glovebox_result_get_frame_id (owned), width, height);
}

static void
write_note (GloveboxDesktop *desktop)
{
  GError *error = NULL;

  check (glovebox_desktop_type_text (desktop, NOTE, NULL, &error), error);
  check (glovebox_desktop_key (desktop, "ctrl+a ctrl+c", NULL, &error), error);
}

/* What the program copied is what was typed: no need to look at pixels. */
static gboolean
note_is_there (GloveboxDesktop *desktop)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GloveboxResult) result = glovebox_desktop_read_clipboard (desktop, GLOVEBOX_SELECTION_CLIPBOARD, NULL, NULL, &error);
  g_autoptr(GBytes) copied = NULL;
  gsize length;
  const char *text;

  if (result == NULL)
    fail (error->message);

  copied = glovebox_result_dup_clipboard (result, NULL);
  text = g_bytes_get_data (copied, &length);
  return g_strstr_len (text, (gssize) length, "Written by an agent in C") != NULL;
}

int
main (void)
{
  GError *error = NULL;
  g_autoptr(GloveboxDesktop) desktop = glovebox_desktop_new (&error);

  if (desktop == NULL)
    fail (error->message);

  write_note (desktop);
  if (!note_is_there (desktop))
    fail ("The window with the keyboard took no text");
  check (glovebox_desktop_key (desktop, "ctrl+s", NULL, &error), error);
  puts ("saved");
  return 0;
}
