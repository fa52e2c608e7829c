/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "clipboard-guard/glb-clipboard-rules.h"

GlbClipboardRules
glb_clipboard_rules_from_policy (const GlbPolicy       *policy,
                                 GlbClipboardDirection  direction)
{
  gboolean outwards = direction == GLB_CLIPBOARD_TO_HOST;

  return (GlbClipboardRules) {
    .direction = direction,
    .verdict = outwards ? policy->desktop.clipboard.session_to_host : policy->desktop.clipboard.host_to_session,
    .secrets = policy->desktop.clipboard.secrets,
    .types = (const char * const *) policy->desktop.clipboard.types,
    .max_bytes = policy->desktop.clipboard.max_bytes,
    .max_per_minute = policy->desktop.clipboard.max_per_minute,
    .clear_after_seconds = policy->desktop.clipboard.clear_after_seconds,
    .allow_files = policy->desktop.clipboard.allow_files,
  };
}
