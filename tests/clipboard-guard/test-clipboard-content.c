/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "clipboard-guard/glb-clipboard-content.h"

#include <string.h>

#define KEY "-----BEGIN " "PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n-----END PRIVATE KEY-----\n"

static const char * const types[] = { "text/plain", "text/html", "image/png", "text/uri-list", NULL };

static GlbClipboardRules
make_rules (void)
{
  return (GlbClipboardRules) {
    .direction = GLB_CLIPBOARD_TO_HOST, .verdict = GLB_VERDICT_PROMPT, .secrets = GLB_VERDICT_DENY, .types = types,
    .max_bytes = 1000, .max_per_minute = 10, .allow_files = TRUE,
  };
}

static GlbClipboardContent *
clean (const GlbClipboardRules *rules,
       const char              *type,
       const char              *text,
       gssize                   length,
       GError                 **error)
{
  g_autoptr(GBytes) bytes = g_bytes_new (text, length < 0 ? strlen (text) : (gsize) length);

  return glb_clipboard_clean (rules, type, bytes, error);
}

static void
test_refused (void)
{
  g_autofree char *large = g_strnfill (1001, 'a');
  g_autofree char *ampersands = g_strnfill (1000, '&');
  const struct { const char *type; const char *text; gssize length; GlbClipboardCode code; } rows[] = {
    { "text/plain", large, -1, GLB_CLIPBOARD_CODE_TOO_LARGE },
    { "text/html", large, -1, GLB_CLIPBOARD_CODE_TOO_LARGE },
    { "image/png", large, -1, GLB_CLIPBOARD_CODE_TOO_LARGE },
    { "text/html", ampersands, -1, GLB_CLIPBOARD_CODE_TOO_LARGE },
    { "text/plain", "", -1, GLB_CLIPBOARD_CODE_EMPTY },
    { "text/plain", "\x1b[31m\xe2\x80\x8b", -1, GLB_CLIPBOARD_CODE_EMPTY },
    { "text/html", "<script>x</script>", -1, GLB_CLIPBOARD_CODE_EMPTY },
    { "text/uri-list", "# nothing\r\n", -1, GLB_CLIPBOARD_CODE_EMPTY },
    /* encodings: Latin-1, UTF-16 with its mark and without, overlong, surrogate, beyond, cut */
    { "text/plain", "caf\xe9", -1, GLB_CLIPBOARD_CODE_NOT_UTF8 },
    { "text/plain", "\xff\xfeh\0i\0", 6, GLB_CLIPBOARD_CODE_NOT_UTF8 },
    { "text/plain", "h\0i\0", 4, GLB_CLIPBOARD_CODE_NUL },
    { "text/plain", "\xc0\xaf", -1, GLB_CLIPBOARD_CODE_NOT_UTF8 },
    { "text/plain", "\xed\xa0\x80", -1, GLB_CLIPBOARD_CODE_NOT_UTF8 },
    { "text/plain", "\xf4\x90\x80\x80", -1, GLB_CLIPBOARD_CODE_NOT_UTF8 },
    { "text/plain", "a\xe2\x82", -1, GLB_CLIPBOARD_CODE_NOT_UTF8 },
    { "text/plain", "a\0", 2, GLB_CLIPBOARD_CODE_NUL },
    { "text/html", "<b>\0</b>", 8, GLB_CLIPBOARD_CODE_NUL },
    { "text/uri-list", "file:///a\0b", 11, GLB_CLIPBOARD_CODE_NUL },
    /* what nobody can clean */
    { "image/jpeg", "x", -1, GLB_CLIPBOARD_CODE_TYPE_UNSUPPORTED },
    { "text/plain;charset=utf-16", "x", -1, GLB_CLIPBOARD_CODE_TYPE_UNSUPPORTED },
    { "application/x-executable", "\x7f" "ELF", -1, GLB_CLIPBOARD_CODE_TYPE_UNSUPPORTED },
    { "x-special/gnome-copied-files", "cut\nfile:///a", -1, GLB_CLIPBOARD_CODE_TYPE_UNSUPPORTED },
    /* lists of files */
    { "text/uri-list", "https://a.example/\r\n", -1, GLB_CLIPBOARD_CODE_MALFORMED },
    { "text/uri-list", "file://server/share/x\r\n", -1, GLB_CLIPBOARD_CODE_MALFORMED },
    { "text/uri-list", "file:///home/../etc/passwd\r\n", -1, GLB_CLIPBOARD_CODE_MALFORMED },
    { "text/uri-list", "file:///a%00b\r\n", -1, GLB_CLIPBOARD_CODE_MALFORMED },
    { "text/uri-list", "file:///a\r\nnonsense\r\n", -1, GLB_CLIPBOARD_CODE_MALFORMED },
    { "text/uri-list", "file:///caf%e9\r\n", -1, GLB_CLIPBOARD_CODE_MALFORMED },
    /* pictures that did not come from glovebox-clean-image (test-clean-image has those that did) */
    { "image/png", "", -1, GLB_CLIPBOARD_CODE_MALFORMED },
    { "image/png", "\x89PNG\r\n\x1a\n", -1, GLB_CLIPBOARD_CODE_MALFORMED },
    { "image/png", "GIF89a", -1, GLB_CLIPBOARD_CODE_MALFORMED },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      GlbClipboardRules rules = make_rules ();
      g_autoptr(GError) error = NULL;

      g_test_message ("row %u: %s", i, rows[i].type);
      g_assert_null (clean (&rules, rows[i].type, rows[i].text, rows[i].length, &error));
      g_assert_error (error, GLB_CLIPBOARD_ERROR, (int) rows[i].code);
      g_assert_null (strchr (error->message, '\n'));
    }
}

static void
test_files_denied (void)
{
  GlbClipboardRules rules = make_rules ();
  g_autoptr(GError) error = NULL;

  rules.allow_files = FALSE;
  g_assert_null (clean (&rules, "text/uri-list", "file:///a", -1, &error));
  g_assert_error (error, GLB_CLIPBOARD_ERROR, GLB_CLIPBOARD_CODE_FILES);
}

/* The stricter of the direction's verdict and that on secrets; inwards only the direction's. */
static void
test_verdicts (void)
{
  for (GlbVerdict direction = GLB_VERDICT_DENY; direction <= GLB_VERDICT_ALLOW; direction++)
    for (GlbVerdict secrets = GLB_VERDICT_DENY; secrets <= GLB_VERDICT_ALLOW; secrets++)
      for (guint inwards = 0; inwards <= 1; inwards++)
        {
          GlbClipboardRules rules = make_rules ();
          g_autoptr(GlbClipboardContent) plain = NULL;
          g_autoptr(GlbClipboardContent) secret = NULL;
          g_autoptr(GlbClipboardContent) html = NULL;

          rules.direction = inwards ? GLB_CLIPBOARD_TO_SESSION : GLB_CLIPBOARD_TO_HOST;
          rules.verdict = direction;
          rules.secrets = secrets;
          secret = clean (&rules, "text/plain", KEY, -1, NULL);
          g_assert_cmpint (secret->verdict, ==, inwards ? direction : MIN (direction, secrets));
          g_assert_cmpint (secret->secret, ==, !inwards);

          /* Tags and references do not hide it. */
          html = clean (&rules, "text/html", "<i>gl<x>pat-</x>aB3dE6gH9j</i><b>K2mN5pQ8s&#84;</b>", -1, NULL);
          g_assert_cmpint (html->verdict, ==, inwards ? direction : MIN (direction, secrets));

          plain = clean (&rules, "text/plain", "nothing to hide", -1, NULL);
          g_assert_cmpint (plain->verdict, ==, direction);
          g_assert_false (plain->secret);
        }
}

/* Hidden characters in a secret are gone before it is looked for. */
static void
test_secret_under_cover (void)
{
  GlbClipboardRules rules = make_rules ();
  g_autoptr(GlbClipboardContent) content = NULL;

  content = clean (&rules, "text/plain", "gl\xe2\x80\x8bpat-aB3dE6gH9j\x1b[0mK2mN5pQ8sT", -1, NULL);
  g_assert_true (content->secret);
  g_assert_cmpint (content->verdict, ==, GLB_VERDICT_DENY);
}

static void
check_hash (const GlbClipboardContent *content)
{
  g_autofree char *hash = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, content->bytes);

  g_assert_cmpstr (content->sha256, ==, hash);
}

static void
test_delivered (void)
{
  static const struct { const char *type; const char *text; const char *bytes; const char *preview; } rows[] = {
    { "text/plain", "a\r\nb\x1b[1m\xe2\x80\xae\n", "a\nb\n", "a\nb\n" },
    { "text/plain", "a\xc2\xa0" "b", "a\xc2\xa0" "b", "a⟨U+00A0⟩b" },
    { "text/html", "<p onclick=x()>Hi <a href=https://a.example/>you</a></p>", "<p>Hi <a href=\"https://a.example/\">you</a></p>",
      "Hi you ⟨https://a.example/⟩\n" },
    { "text/uri-list", "# x\r\nfile:///home/a/b%20c.txt\r\nfile://localhost/d\r\n", "file:///home/a/b%20c.txt\r\nfile:///d\r\n",
      "/home/a/b c.txt\n/d\n" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      GlbClipboardRules rules = make_rules ();
      g_autoptr(GError) error = NULL;
      g_autoptr(GlbClipboardContent) content = clean (&rules, rows[i].type, rows[i].text, -1, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (content->type, ==, rows[i].type);
      g_assert_cmpmem (g_bytes_get_data (content->bytes, NULL), g_bytes_get_size (content->bytes), rows[i].bytes, strlen (rows[i].bytes));
      g_assert_cmpstr (content->preview, ==, rows[i].preview);
      g_assert_cmpint (content->verdict, ==, GLB_VERDICT_PROMPT);
      check_hash (content);
    }
}

/* The known hash, once, so that the helper above does not only agree with itself. */
static void
test_hash (void)
{
  GlbClipboardRules rules = make_rules ();
  g_autoptr(GlbClipboardContent) content = clean (&rules, "text/plain", "ab\x1b[1mc", -1, NULL);

  g_assert_cmpstr (content->sha256, ==, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void
test_long_preview (void)
{
  GlbClipboardRules rules = make_rules ();
  g_autofree char *text = g_strnfill (5000, 'x');
  g_autoptr(GlbClipboardContent) content = NULL;

  rules.max_bytes = 5000;
  content = clean (&rules, "text/plain", text, -1, NULL);
  g_assert_cmpuint (g_bytes_get_size (content->bytes), ==, 5000);
  g_assert_cmpint (g_utf8_strlen (content->preview, -1), ==, 2000 + strlen ("… and 3000 more characters") - 2);
  g_assert_true (g_str_has_suffix (content->preview, "x… and 3000 more characters"));
}

static void
test_many_files (void)
{
  GlbClipboardRules rules = make_rules ();
  g_autoptr(GError) error = NULL;
  GString *list = g_string_new (NULL);

  rules.max_bytes = 1 << 20;
  for (guint i = 0; i < 1025; i++)
    g_string_append_printf (list, "file:///%u\r\n", i);
  g_assert_null (clean (&rules, "text/uri-list", list->str, -1, &error));
  g_assert_error (error, GLB_CLIPBOARD_ERROR, GLB_CLIPBOARD_CODE_TOO_LARGE);
  g_string_free (list, TRUE);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clipboard/content/refused", test_refused);
  g_test_add_func ("/clipboard/content/files-denied", test_files_denied);
  g_test_add_func ("/clipboard/content/verdicts", test_verdicts);
  g_test_add_func ("/clipboard/content/secret-under-cover", test_secret_under_cover);
  g_test_add_func ("/clipboard/content/many-files", test_many_files);
  g_test_add_func ("/clipboard/content/delivered", test_delivered);
  g_test_add_func ("/clipboard/content/hash", test_hash);
  g_test_add_func ("/clipboard/content/long-preview", test_long_preview);
  return g_test_run ();
}
