/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "clipboard-guard/glb-clipboard-type.h"

#include <string.h>

static void
test_no_type (void)
{
  static const char * const bad[] = {
    "", " ", ";", ";charset=utf-8", "text plain", "text/plain\n", "text/\x01plain", "text/pl\xc3\xa4in", "text/plain;x=\x1b[1m",
    "text/<b>", "\"text/plain\"", "text/*", "*/*", "*",
  };
  g_autofree char *long_type = g_strnfill (GLB_CLIPBOARD_MAX_TYPE + 1, 'a');

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autofree char *type = glb_clipboard_type_canonicalize (bad[i]);

      g_assert_cmpstr (type, ==, NULL);
    }
  g_assert_null (glb_clipboard_type_canonicalize (long_type));
}

static void
test_canonical (void)
{
  static const struct { const char *offered; const char *type; GlbClipboardKind kind; } rows[] = {
    /* other encodings are other types, which nobody can clean */
    { "text/plain;charset=utf-16", "text/plain;charset=utf-16", GLB_CLIPBOARD_KIND_OTHER },
    { "text/plain;charset=ISO-8859-1", "text/plain;charset=ISO-8859-1", GLB_CLIPBOARD_KIND_OTHER },
    { "text/plain;format=flowed", "text/plain;format=flowed", GLB_CLIPBOARD_KIND_OTHER },
    { "text/html;charset=utf-16", "text/html;charset=utf-16", GLB_CLIPBOARD_KIND_OTHER },
    { "COMPOUND_TEXT", "compound_text", GLB_CLIPBOARD_KIND_OTHER },
    { "utf8_string", "utf8_string", GLB_CLIPBOARD_KIND_OTHER },
    { "text/rtf", "text/rtf", GLB_CLIPBOARD_KIND_OTHER },
    { "image/svg+xml", "image/svg+xml", GLB_CLIPBOARD_KIND_OTHER },
    { "image/jpeg", "image/jpeg", GLB_CLIPBOARD_KIND_OTHER },

    { "application/x-executable", "application/x-executable", GLB_CLIPBOARD_KIND_EXECUTABLE },
    { "application/X-Executable; a=b", "application/x-executable; a=b", GLB_CLIPBOARD_KIND_EXECUTABLE },
    { "application/x-sharedlib", "application/x-sharedlib", GLB_CLIPBOARD_KIND_EXECUTABLE },
    { "application/x-msdownload", "application/x-msdownload", GLB_CLIPBOARD_KIND_EXECUTABLE },
    { "application/x-desktop", "application/x-desktop", GLB_CLIPBOARD_KIND_EXECUTABLE },
    { "x-special/gnome-copied-files", "x-special/gnome-copied-files", GLB_CLIPBOARD_KIND_FILES },
    { "application/x-kde-cutselection", "application/x-kde-cutselection", GLB_CLIPBOARD_KIND_FILES },
    { "application/vnd.portal.filetransfer", "application/vnd.portal.filetransfer", GLB_CLIPBOARD_KIND_FILES },
    { "text/uri-list", "text/uri-list", GLB_CLIPBOARD_KIND_URI_LIST },
    { "x-kde-passwordManagerHint", "x-kde-passwordmanagerhint", GLB_CLIPBOARD_KIND_SECRET_HINT },

    { "UTF8_STRING", "text/plain", GLB_CLIPBOARD_KIND_TEXT },
    { "STRING", "text/plain", GLB_CLIPBOARD_KIND_TEXT },
    { "TEXT", "text/plain", GLB_CLIPBOARD_KIND_TEXT },
    { "text/plain", "text/plain", GLB_CLIPBOARD_KIND_TEXT },
    { "Text/Plain; Charset=UTF-8", "text/plain", GLB_CLIPBOARD_KIND_TEXT },
    { "text/plain;charset=\"utf-8\"", "text/plain", GLB_CLIPBOARD_KIND_TEXT },
    { "text/plain;charset=us-ascii", "text/plain", GLB_CLIPBOARD_KIND_TEXT },
    { "text/html;charset=utf-8", "text/html", GLB_CLIPBOARD_KIND_HTML },
    { "image/png", "image/png", GLB_CLIPBOARD_KIND_IMAGE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *type = glb_clipboard_type_canonicalize (rows[i].offered);

      g_assert_cmpstr (type, ==, rows[i].type);
      g_assert_cmpint (glb_clipboard_type_get_kind (type), ==, rows[i].kind);
    }
}

/* What is offered to applications means, read back, the type it stands for; and nothing but what can cross is offered. */
static void
test_names (void)
{
  const char * const *types = glb_clipboard_type_list ();
  static const char * const never[] = { "x-special/gnome-copied-files", "application/x-executable", "image/jpeg", "text/*", "TEXT" };

  for (guint i = 0; i < G_N_ELEMENTS (never); i++)
    g_assert_null (glb_clipboard_type_get_names (never[i]));
  for (guint i = 0; types[i] != NULL; i++)
    {
      const char * const *names = glb_clipboard_type_get_names (types[i]);

      g_assert_cmpuint (g_strv_length ((char **) names), >, 0);
      g_assert_cmpuint (g_strv_length ((char **) names), <=, 8);
      for (guint n = 0; names[n] != NULL; n++)
        {
          g_autofree char *type = glb_clipboard_type_canonicalize (names[n]);

          g_assert_cmpstr (type, ==, types[i]);
        }
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clipboard/type/no-type", test_no_type);
  g_test_add_func ("/clipboard/type/canonical", test_canonical);
  g_test_add_func ("/clipboard/type/names", test_names);
  return g_test_run ();
}
