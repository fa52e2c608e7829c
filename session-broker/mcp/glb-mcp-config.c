/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "session-broker/mcp/glb-mcp-config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define POLICY_MAX (1024 * 1024)

/* Read once: what a session writes into the file later changes nothing. */
static gboolean
read_policy (GlbMcpConfig *self,
             const char   *path,
             GError      **error)
{
  g_autoptr(GBytes) bytes = NULL;
  gsize length;

  if (!g_utf8_validate (path, -1, NULL))
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_FILENAME, "The policy's name is not UTF-8; give it another");
      return FALSE;
    }
  if (!g_file_get_contents (path, &self->document, &length, error))
    return FALSE;
  if (length > POLICY_MAX || strlen (self->document) != length || !g_utf8_validate (self->document, -1, NULL))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "%s: is no policy; it must be UTF-8 text of at most 1 MiB", path);
      return FALSE;
    }

  self->document_name = g_strdup (path);
  bytes = g_bytes_new_static (self->document, length);
  self->policy = glb_policy_new_from_bytes (bytes, path, error);
  return self->policy != NULL;
}

static gboolean
open_workspace (GlbMcpConfig *self,
                const char   *path,
                GError      **error)
{
  if (path == NULL && strstr (glb_policy_get_canonical (self->policy), "${WORKSPACE}") == NULL)
    return TRUE;

  self->workspace = open (path != NULL ? path : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (self->workspace >= 0)
    return TRUE;
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "%s: %s; name a folder of yours with --workspace",
               path != NULL ? path : ".", g_strerror (errno));
  return FALSE;
}

GlbMcpConfig *
glb_mcp_config_new (const char *policy_file,
                    const char *template,
                    const char *workspace,
                    gboolean    keep,
                    GError    **error)
{
  g_autoptr(GlbMcpConfig) self = g_new0 (GlbMcpConfig, 1);

  self->workspace = -1;
  self->keep = keep;
  if (policy_file != NULL)
    {
      if (!read_policy (self, policy_file, error))
        return NULL;
    }
  else
    {
      self->template = g_strdup (template != NULL ? template : "default");
      self->policy = glb_policy_new_from_template (self->template, error);
    }

  if (self->policy == NULL || !glb_policy_check_supported (self->policy, error) || !open_workspace (self, workspace, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
glb_mcp_config_free (GlbMcpConfig *self)
{
  g_clear_pointer (&self->policy, glb_policy_unref);
  g_free (self->document);
  g_free (self->document_name);
  g_free (self->template);
  if (self->workspace >= 0)
    close (self->workspace);
  g_free (self);
}
