/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "clipboard-guard/glb-clipboard-content.h"
#include "clipboard-guard/glb-clipboard-html.h"
#include "clipboard-guard/glb-clipboard-png.h"
#include "clipboard-guard/glb-clipboard-secret.h"
#include "clipboard-guard/glb-clipboard-text.h"
#include "clipboard-guard/glb-clipboard-type.h"

#include <string.h>

#define MAX_FILES 1024

/* What the cleaning of one type makes. */
typedef struct
{
  GString *bytes;
  GString *shown;         /* what the preview and the search for secrets read; NULL: the bytes */
  GArray  *findings;
} Cleaned;

static void
cleaned_clear (Cleaned *self)
{
  if (self->bytes != NULL)
    g_string_free (self->bytes, TRUE);
  if (self->shown != NULL)
    g_string_free (self->shown, TRUE);
  g_clear_pointer (&self->findings, g_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Cleaned, cleaned_clear)

static gboolean
refuse_size (gsize    max_bytes,
             GError **error)
{
  g_set_error (error, GLB_CLIPBOARD_ERROR, GLB_CLIPBOARD_CODE_TOO_LARGE,
               "The clipboard's content is larger than %" G_GSIZE_FORMAT " bytes, the policy's desktop.clipboard.maxBytes", max_bytes);
  return FALSE;
}

static gboolean
check_encoding (const char *text,
                gsize       length,
                GError    **error)
{
  const char *bad;

  /* Here a NUL is no valid character either; it is told apart, as it is what UTF-16 and padded buffers have. */
  if (g_utf8_validate_len (text, length, &bad))
    return TRUE;
  if (*bad == '\0')
    g_set_error (error, GLB_CLIPBOARD_ERROR, GLB_CLIPBOARD_CODE_NUL,
                 "The text has a NUL at byte %" G_GSIZE_FORMAT "; only UTF-8 text can cross", (gsize) (bad - text));
  else
    g_set_error (error, GLB_CLIPBOARD_ERROR, GLB_CLIPBOARD_CODE_NOT_UTF8,
                 "The text is not UTF-8: no character begins at byte %" G_GSIZE_FORMAT, (gsize) (bad - text));
  return FALSE;
}

/* RFC 2483: a URI a line, lines end with CR LF. Only plain, absolute paths of this machine. */
static gboolean
clean_uri_list (const char *text,
                Cleaned    *cleaned,
                GError    **error)
{
  g_auto(GStrv) lines = g_strsplit (text, "\n", MAX_FILES + 2);

  if (g_strv_length (lines) > MAX_FILES + 1)
    {
      g_set_error (error, GLB_CLIPBOARD_ERROR, GLB_CLIPBOARD_CODE_TOO_LARGE, "The list has more than %d files", MAX_FILES);
      return FALSE;
    }

  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_autofree char *host = NULL;
      g_autofree char *path = NULL;
      g_autofree char *normal = NULL;
      g_autofree char *uri = NULL;

      if (*lines[i] == '\0' || *lines[i] == '#')
        continue;
      path = g_filename_from_uri (lines[i], &host, NULL);
      normal = path != NULL ? g_canonicalize_filename (path, "/") : NULL;
      if (path == NULL || (host != NULL && g_ascii_strcasecmp (host, "localhost") != 0) || !g_str_equal (path, normal) ||
          !g_utf8_validate (path, -1, NULL))
        {
          g_set_error (error, GLB_CLIPBOARD_ERROR, GLB_CLIPBOARD_CODE_MALFORMED,
                       "Line %u of the list of files is not a local file's URI", i + 1);
          return FALSE;
        }
      uri = g_filename_to_uri (path, NULL, NULL);
      g_string_append_printf (cleaned->bytes, "%s\r\n", uri);
      g_string_append_printf (cleaned->shown, "%s\n", path);
    }
  return TRUE;
}

static gboolean
clean_text (GlbClipboardKind   kind,
            const char        *text,
            gsize              length,
            gsize              max_bytes,
            Cleaned           *cleaned,
            GError           **error)
{
  g_autoptr(GString) plain = NULL;

  if (!check_encoding (text, length, error))
    return FALSE;

  switch (kind)
    {
    case GLB_CLIPBOARD_KIND_TEXT:
      glb_clipboard_text_clean (text, length, cleaned->bytes, cleaned->findings);
      return TRUE;
    case GLB_CLIPBOARD_KIND_HTML:
      cleaned->shown = g_string_new (NULL);
      return glb_clipboard_html_clean (text, length, max_bytes, cleaned->bytes, cleaned->shown, cleaned->findings) ||
             refuse_size (max_bytes, error);
    case GLB_CLIPBOARD_KIND_URI_LIST:
      cleaned->shown = g_string_new (NULL);
      plain = g_string_new (NULL);
      glb_clipboard_text_clean (text, length, plain, cleaned->findings);
      return clean_uri_list (plain->str, cleaned, error);
    default:
      g_assert_not_reached ();
    }
}

static GlbClipboardContent *
content_new (const char *type,
             GBytes     *bytes,
             char       *preview,
             GArray     *findings,
             GlbVerdict  verdict)
{
  GlbClipboardContent *self = g_new0 (GlbClipboardContent, 1);

  self->type = g_strdup (type);
  self->bytes = g_bytes_ref (bytes);
  self->sha256 = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, bytes);
  self->preview = preview;
  self->findings = g_array_ref (findings);
  self->verdict = verdict;
  return self;
}

static GlbClipboardContent *
clean_image (const GlbClipboardRules *rules,
             const char              *type,
             GBytes                  *untrusted,
             GError                 **error)
{
  g_autoptr(GArray) findings = glb_clipboard_findings_new ();
  guint width, height;

  if (!glb_clipboard_png_check (untrusted, &width, &height))
    {
      g_set_error (error, GLB_CLIPBOARD_ERROR, GLB_CLIPBOARD_CODE_MALFORMED,
                   "The image was not written by glovebox-clean-image, which has to read it first");
      return NULL;
    }
  return content_new (type, untrusted,
                      g_strdup_printf ("PNG image, %u × %u pixels, %" G_GSIZE_FORMAT " bytes",
                                       width, height, g_bytes_get_size (untrusted)),
                      findings, rules->verdict);
}

GlbClipboardContent *
glb_clipboard_clean (const GlbClipboardRules *rules,
                     const char              *type,
                     GBytes                  *untrusted,
                     GError                 **error)
{
  gsize length;
  const char *text;
  GlbClipboardKind kind;
  GlbClipboardContent *self;
  g_autoptr(GBytes) bytes = NULL;
  g_auto(Cleaned) cleaned = { NULL };
  const GString *shown;
  gboolean secret;
  char *preview;

  g_return_val_if_fail (rules != NULL && type != NULL && untrusted != NULL, NULL);

  text = g_bytes_get_data (untrusted, &length);
  kind = glb_clipboard_type_get_kind (type);
  if (glb_clipboard_type_get_names (type) == NULL)
    {
      g_set_error_literal (error, GLB_CLIPBOARD_ERROR, GLB_CLIPBOARD_CODE_TYPE_UNSUPPORTED,
                           "Content of this type cannot be checked and cleaned");
      return NULL;
    }
  if (kind == GLB_CLIPBOARD_KIND_URI_LIST && !rules->allow_files)
    {
      g_set_error_literal (error, GLB_CLIPBOARD_ERROR, GLB_CLIPBOARD_CODE_FILES,
                           "The policy's desktop.clipboard.allowFiles is false");
      return NULL;
    }
  if (length > rules->max_bytes)
    {
      refuse_size (rules->max_bytes, error);
      return NULL;
    }
  if (kind == GLB_CLIPBOARD_KIND_IMAGE)
    return clean_image (rules, type, untrusted, error);

  cleaned.bytes = g_string_sized_new (length + 1);
  cleaned.findings = glb_clipboard_findings_new ();
  if (length > 0 && !clean_text (kind, text, length, rules->max_bytes, &cleaned, error))
    return NULL;
  if (cleaned.bytes->len == 0)
    {
      g_set_error_literal (error, GLB_CLIPBOARD_ERROR, GLB_CLIPBOARD_CODE_EMPTY,
                           "Nothing of the clipboard's content is left that can cross");
      return NULL;
    }
  if (cleaned.bytes->len > rules->max_bytes)
    {
      refuse_size (rules->max_bytes, error);
      return NULL;
    }

  shown = cleaned.shown != NULL ? cleaned.shown : cleaned.bytes;
  secret = rules->direction == GLB_CLIPBOARD_TO_HOST && glb_clipboard_secret_scan (shown->str, shown->len, cleaned.findings);
  preview = glb_clipboard_text_preview (shown->str, shown->len, GLB_CLIPBOARD_PREVIEW_CHARACTERS);
  bytes = g_string_free_to_bytes (g_steal_pointer (&cleaned.bytes));
  self = content_new (type, bytes, preview, cleaned.findings, secret ? MIN (rules->verdict, rules->secrets) : rules->verdict);
  self->secret = secret;
  return self;
}

void
glb_clipboard_content_free (GlbClipboardContent *self)
{
  if (self == NULL)
    return;
  g_free (self->type);
  g_clear_pointer (&self->bytes, g_bytes_unref);
  g_free (self->sha256);
  g_free (self->preview);
  g_clear_pointer (&self->findings, g_array_unref);
  g_free (self);
}
