/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glb-mcp"
#include "config.h"

#include "session-broker/mcp/glb-mcp-act.h"

#include <gio/gunixfdlist.h>
#include <string.h>
#include <unistd.h>

#include "input-filter/glb-action-result.h"
#include "policies/glb-json-writer.h"
#include "policies/glb-strict-json.h"

#define IMAGE_BYTES_MAX (64 * 1024 * 1024)

void
glb_mcp_act_async (GlbMcpSession       *session,
                   JsonObject          *action,
                   guint                deadline_ms,
                   GCancellable        *cancellable,
                   GAsyncReadyCallback  callback,
                   gpointer             user_data)
{
  g_autoptr(JsonNode) node = json_node_init_object (json_node_alloc (), action);
  g_autofree char *text = glb_json_write (node);

  g_dbus_proxy_call_with_unix_fd_list (G_DBUS_PROXY (glb_mcp_session_get_proxy (session)), "Act", g_variant_new ("(s)", text),
                                       G_DBUS_CALL_FLAGS_NONE, (int) deadline_ms, NULL, cancellable, callback, user_data);
}

static GBytes *
take_image (GUnixFDList  *fds,
            GVariant     *handles,
            GError      **error)
{
  g_autoptr(GMappedFile) file = NULL;
  gint32 handle;
  int fd;

  g_variant_get_child (handles, 0, "h", &handle);
  fd = fds != NULL ? g_unix_fd_list_get (fds, handle, error) : -1;
  if (fd < 0)
    return NULL;

  file = g_mapped_file_new_from_fd (fd, FALSE, error);
  close (fd);
  if (file == NULL)
    return NULL;
  if (g_mapped_file_get_length (file) <= IMAGE_BYTES_MAX)
    return g_mapped_file_get_bytes (file);
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "the image is too large");
  return NULL;
}

JsonObject *
glb_mcp_act_finish (GlbMcpSession  *session,
                    GAsyncResult   *result,
                    GBytes        **png,
                    GError        **error)
{
  static const GlbStrictJsonLimits limits = { GLB_ACTION_RESULT_BYTES_MAX, GLB_ACTION_RESULT_DEPTH_MAX };
  g_autoptr(GUnixFDList) fds = NULL;
  g_autoptr(GVariant) reply = NULL;
  g_autoptr(GVariant) handles = NULL;
  g_autoptr(JsonNode) node = NULL;
  const char *text;

  *png = NULL;
  reply = g_dbus_proxy_call_with_unix_fd_list_finish (G_DBUS_PROXY (glb_mcp_session_get_proxy (session)), &fds, result, error);
  if (reply == NULL)
    return NULL;

  g_variant_get (reply, "(&s@ah)", &text, &handles);
  node = glb_strict_json_parse (text, strlen (text), GLB_STRICT_JSON_DEFAULT, &limits, NULL, error);
  if (node == NULL)
    return NULL;
  if (!JSON_NODE_HOLDS_OBJECT (node))
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                           "the broker's answer makes no sense; run the same version of both");
      return NULL;
    }
  if (g_variant_n_children (handles) > 0)
    {
      *png = take_image (fds, handles, error);
      if (*png == NULL)
        return NULL;
    }
  return json_node_dup_object (node);
}
