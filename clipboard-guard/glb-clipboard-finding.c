/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "clipboard-guard/glb-clipboard-finding.h"

const char *
glb_clipboard_finding_code_to_string (GlbClipboardFindingCode code)
{
  static const char * const names[GLB_CLIPBOARD_N_FINDINGS] = {
    [GLB_CLIPBOARD_FINDING_CONTROL] = "control",
    [GLB_CLIPBOARD_FINDING_ESCAPE] = "escape",
    [GLB_CLIPBOARD_FINDING_BIDI] = "bidi",
    [GLB_CLIPBOARD_FINDING_ZERO_WIDTH] = "zero_width",
    [GLB_CLIPBOARD_FINDING_TAG] = "tag",
    [GLB_CLIPBOARD_FINDING_HTML_ELEMENT] = "html_element",
    [GLB_CLIPBOARD_FINDING_HTML_ATTRIBUTE] = "html_attribute",
    [GLB_CLIPBOARD_FINDING_HTML_COMMENT] = "html_comment",
    [GLB_CLIPBOARD_FINDING_HTML_LINK] = "html_link",
    [GLB_CLIPBOARD_FINDING_HTML_IMAGE] = "html_image",
    [GLB_CLIPBOARD_FINDING_PRIVATE_KEY] = "private_key",
    [GLB_CLIPBOARD_FINDING_TOKEN] = "token",
    [GLB_CLIPBOARD_FINDING_CARD_NUMBER] = "card_number",
    [GLB_CLIPBOARD_FINDING_OTP] = "otp",
  };

  g_return_val_if_fail (code < GLB_CLIPBOARD_N_FINDINGS, NULL);
  return names[code];
}

gboolean
glb_clipboard_finding_is_secret (GlbClipboardFindingCode code)
{
  return code >= GLB_CLIPBOARD_FINDING_PRIVATE_KEY;
}

static void
finding_clear (gpointer data)
{
  g_free (((GlbClipboardFinding *) data)->sample);
}

GArray *
glb_clipboard_findings_new (void)
{
  GArray *findings = g_array_new (FALSE, TRUE, sizeof (GlbClipboardFinding));

  g_array_set_clear_func (findings, finding_clear);
  return findings;
}

static GlbClipboardFinding *
find (GArray                  *findings,
      GlbClipboardFindingCode  code)
{
  for (guint i = 0; i < findings->len; i++)
    if (g_array_index (findings, GlbClipboardFinding, i).code == code)
      return &g_array_index (findings, GlbClipboardFinding, i);
  return NULL;
}

gboolean
glb_clipboard_findings_count (GArray                  *findings,
                              GlbClipboardFindingCode  code)
{
  GlbClipboardFinding *found = find (findings, code);

  if (found == NULL)
    {
      GlbClipboardFinding first = { code, 1, NULL };

      g_array_append_val (findings, first);
      return TRUE;
    }
  found->count++;
  return FALSE;
}

void
glb_clipboard_findings_take_sample (GArray                  *findings,
                                    GlbClipboardFindingCode  code,
                                    char                    *sample)
{
  GlbClipboardFinding *found = find (findings, code);

  g_return_if_fail (found != NULL && found->sample == NULL);
  found->sample = sample;
}

guint64
glb_clipboard_findings_get (GArray                  *findings,
                            GlbClipboardFindingCode  code)
{
  const GlbClipboardFinding *found = find (findings, code);

  return found != NULL ? found->count : 0;
}
