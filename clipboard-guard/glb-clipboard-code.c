/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "clipboard-guard/glb-clipboard-code.h"

G_DEFINE_QUARK (glb-clipboard-error-quark, glb_clipboard_error)

const char *
glb_clipboard_code_to_string (GlbClipboardCode code)
{
  static const char * const names[GLB_CLIPBOARD_N_CODES] = {
    [GLB_CLIPBOARD_CODE_POLICY_DENIED] = "policy_denied",
    [GLB_CLIPBOARD_CODE_EMPTY] = "empty",
    [GLB_CLIPBOARD_CODE_TOO_MANY_TYPES] = "too_many_types",
    [GLB_CLIPBOARD_CODE_TYPE_NOT_OFFERED] = "type_not_offered",
    [GLB_CLIPBOARD_CODE_TYPE_NOT_ALLOWED] = "type_not_allowed",
    [GLB_CLIPBOARD_CODE_TYPE_UNSUPPORTED] = "type_unsupported",
    [GLB_CLIPBOARD_CODE_FILES] = "files",
    [GLB_CLIPBOARD_CODE_EXECUTABLE] = "executable",
    [GLB_CLIPBOARD_CODE_SECRET] = "secret",
    [GLB_CLIPBOARD_CODE_RATE_LIMITED] = "rate_limited",
    [GLB_CLIPBOARD_CODE_TOO_LARGE] = "too_large",
    [GLB_CLIPBOARD_CODE_NOT_UTF8] = "not_utf8",
    [GLB_CLIPBOARD_CODE_NUL] = "nul",
    [GLB_CLIPBOARD_CODE_MALFORMED] = "malformed",
  };

  g_return_val_if_fail (code < GLB_CLIPBOARD_N_CODES, NULL);
  return names[code];
}
