/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "session-broker/broker/glb-run-request.h"
#include "session-broker/broker/glb-source-options.h"
#include "session-broker/client/glb-broker-error.h"

static gboolean
fail (const char *what, const char *why, GError **error)
{
  g_set_error (error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_FAILED, "%s: %s", what, why);
  return FALSE;
}

gboolean
glb_source_options_read (GlbSourceOptions *self, const char *what, GVariant *options, GUnixFDList *fds, GError **error)
{
  static const GlbOption known[] = { { "source", "s" }, { "file", "h" }, { "name", "s" }, { NULL } };
  gint32 handle = -1;
  gboolean is_file;

  *self = (GlbSourceOptions) { .fd = -1 };
  if (!glb_run_request_check_options (what, options, known, error))
    return FALSE;

  g_variant_lookup (options, "source", "&s", &self->source);
  g_variant_lookup (options, "name", "&s", &self->name);
  if (self->source == NULL)
    return fail (what, "no source; name one", error);

  is_file = g_str_equal (self->source, "file");
  if (g_variant_lookup (options, "file", "h", &handle) != is_file || (self->name != NULL) != is_file)
    return fail (what, "the source \"file\" comes with a file and its name, and no other does", error);
  if (!is_file)
    return TRUE;

  if (fds == NULL || handle < 0 || handle >= g_unix_fd_list_get_length (fds) || (self->fd = g_unix_fd_list_get (fds, handle, NULL)) < 0)
    return fail (what, "no descriptor came with the call", error);
  return TRUE;
}
