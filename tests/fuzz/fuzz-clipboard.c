/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "clipboard-guard/glb-clipboard-content.h"
#include "clipboard-guard/glb-clipboard-decision.h"
#include "clipboard-guard/glb-clipboard-type.h"

#include <string.h>

/* Whatever the bytes, as text, HTML, a list of files and a picture, in both directions: a typed refusal of one line, or content
 * that is UTF-8, has no control characters, and cleaned again is the same with nothing found in it. What a document was, its
 * cleaned form has no tag that is not on the list. */

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static const char * const types[] = { "text/plain", "text/html", "text/uri-list", "image/png", NULL };

static void
check_error (GError *error)
{
  g_assert_true (error != NULL && error->domain == GLB_CLIPBOARD_ERROR);
  g_assert_nonnull (glb_clipboard_code_to_string (error->code));
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  g_assert_null (strchr (error->message, '\n'));
}

static void
check_plain (const char *text,
             gsize       length,
             gboolean    is_uri_list)
{
  g_assert_true (g_utf8_validate_len (text, length, NULL));
  for (gsize i = 0; i < length; i++)
    {
      guchar c = text[i];

      g_assert_true (c >= 0x20 || c == '\n' || c == '\t' || (is_uri_list && c == '\r'));
      g_assert_true (c != 0x7f);
    }
}

/* Quotes, angles and ampersands stand where the writer put them only. */
static void
check_html (const char *html,
            gsize       length)
{
  static const char * const never[] = { "script", "style", "iframe", "object", "embed", "form", "input", "img", "svg", "meta", "link", "base" };
  const char *end = html + length;

  for (const char *at = html; (at = memchr (at, '<', end - at)) != NULL;)
    {
      const char *close = memchr (at, '>', end - at);
      const char *link;
      gsize name_length;

      g_assert_nonnull (close);
      at += at[1] == '/' ? 2 : 1;
      name_length = strcspn (at, " >");
      for (guint i = 0; i < G_N_ELEMENTS (never); i++)
        g_assert_false (strlen (never[i]) == name_length && strncmp (at, never[i], name_length) == 0);
      link = g_strstr_len (at, close - at, "href=\"");
      if (link != NULL)
        g_assert_true (g_ascii_strncasecmp (link + 6, "http", 4) == 0 || g_ascii_strncasecmp (link + 6, "mailto:", 7) == 0);
      g_assert_null (g_strstr_len (at, close - at, " on"));
      at = close;
    }
}

static void
check_content (const GlbClipboardRules   *rules,
               const GlbClipboardContent *content,
               const char                *type)
{
  g_autoptr(GlbClipboardContent) again = NULL;
  g_autoptr(GError) error = NULL;
  gsize length;
  const char *bytes = g_bytes_get_data (content->bytes, &length);

  g_assert_cmpuint (length, >, 0);
  g_assert_cmpuint (length, <=, rules->max_bytes);
  g_assert_true (g_utf8_validate (content->preview, -1, NULL));
  for (guint i = 0; i < content->findings->len; i++)
    {
      const GlbClipboardFinding *finding = &g_array_index (content->findings, GlbClipboardFinding, i);

      g_assert_cmpuint (finding->count, >, 0);
      g_assert_true (g_utf8_validate (finding->sample, -1, NULL));
      g_assert_null (strpbrk (finding->sample, "\n\x1b"));
    }
  if (g_str_equal (type, "image/png"))
    return;

  check_plain (bytes, length, g_str_equal (type, "text/uri-list"));
  if (g_str_equal (type, "text/html"))
    check_html (bytes, length);

  again = glb_clipboard_clean (rules, type, content->bytes, &error);
  g_assert_no_error (error);
  g_assert_true (g_bytes_equal (again->bytes, content->bytes));
  g_assert_cmpstr (again->preview, ==, content->preview);
  g_assert_cmpstr (again->sha256, ==, content->sha256);
  g_assert_cmpint (again->verdict, ==, content->verdict);
  for (guint i = 0; i < again->findings->len; i++)
    g_assert_true (glb_clipboard_finding_is_secret (g_array_index (again->findings, GlbClipboardFinding, i).code));
}

/* The bytes as names of types, a line each. */
static void
check_decision (const GlbClipboardRules *rules,
                const guint8            *data,
                gsize                    size)
{
  static const GlbClipboardHistory history;
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_auto(GStrv) offered = g_strsplit (text, "\n", 200);
  g_auto(GlbClipboardDecision) decision = { 0 };

  glb_clipboard_decide (&decision, rules, size % 2 == 0 ? NULL : offered[0], (const char * const *) offered, g_strv_length (offered), &history, 0);
  g_assert_cmpint (decision.verdict == GLB_VERDICT_DENY, ==, decision.code != GLB_CLIPBOARD_CODE_NONE);
  g_assert_cmpint (decision.verdict == GLB_VERDICT_DENY, ==, decision.message != NULL);
  if (decision.verdict == GLB_VERDICT_DENY)
    {
      for (const char *c = decision.message; *c != '\0'; c++)
        g_assert_true (g_ascii_isprint (*c));
      return;
    }
  g_assert_true (g_strv_contains (rules->types, decision.type));
  g_assert_true (g_strv_contains ((const char * const *) offered, decision.offered));
}

int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         size)
{
  g_autoptr(GBytes) bytes = g_bytes_new_static (data, size);
  GlbClipboardRules rules = {
    .direction = size % 3 == 0 ? GLB_CLIPBOARD_TO_SESSION : GLB_CLIPBOARD_TO_HOST, .verdict = GLB_VERDICT_ALLOW,
    .secrets = GLB_VERDICT_PROMPT, .types = types, .max_bytes = 100000, .max_per_minute = 1, .allow_files = TRUE,
  };

  check_decision (&rules, data, size);
  for (guint i = 0; types[i] != NULL; i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(GlbClipboardContent) content = glb_clipboard_clean (&rules, types[i], bytes, &error);

      if (content != NULL)
        check_content (&rules, content, types[i]);
      else
        check_error (error);
    }
  return 0;
}
