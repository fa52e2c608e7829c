/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The clipboard methods of org.glovebox.Session1. What crosses is the gate's to decide. */

#define G_LOG_DOMAIN "glb-broker"
#include "config.h"

#include <sys/stat.h>
#include <unistd.h>

#include <gio/gunixfdlist.h>

#include "clipboard-guard/glb-clipboard-type.h"
#include "session-broker/broker/glb-sealed-file.h"
#include "session-broker/broker/glb-session-call.h"
#include "session-broker/broker/glb-session-private.h"
#include "session-broker/client/glb-broker-error.h"

typedef struct
{
  GlbSession *self;
  GDBusMethodInvocation *invocation;
  GCancellable *cancellable;   /* cancelled when the client has gone */
  gulong closed_id;
  GlbShimSelectionKind kind;
  char *type;                  /* (nullable) */
  guint uses;
} Call;

static void
call_free (Call *call)
{
  g_signal_handler_disconnect (g_dbus_method_invocation_get_connection (call->invocation), call->closed_id);
  g_object_unref (call->invocation);
  g_object_unref (call->cancellable);
  g_object_unref (call->self);
  g_free (call->type);
  g_free (call);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Call, call_free)

/* The descriptor of the call's one handle: a file, or the end of a pipe or of a connection, because how it is read changes
 * it: what a terminal is for others stays as it is. -1: there is no such one. */
static int
take_fd (GUnixFDList *fds, GVariant *handle)
{
  gint32 index = g_variant_get_handle (handle);
  int fd = fds != NULL && index >= 0 && index < g_unix_fd_list_get_length (fds) ? g_unix_fd_list_get (fds, index, NULL) : -1;
  struct stat status;

  if (fd < 0 || (fstat (fd, &status) == 0 && (S_ISREG (status.st_mode) || S_ISFIFO (status.st_mode) || S_ISSOCK (status.st_mode))))
    return fd;

  close (fd);
  return -1;
}

/* Unknown options are errors: a wish that nobody heard would be worse. why: (out) */
static gboolean
read_options (Call *call, GVariant *options, gboolean with_uses, const char **why)
{
  GVariantIter iter;
  GVariant *value;
  const char *key;

  call->uses = 1;
  g_variant_iter_init (&iter, options);
  while (g_variant_iter_next (&iter, "{&sv}", &key, &value))
    {
      g_autoptr(GVariant) owned = value;
      gboolean is_string = g_variant_is_of_type (value, G_VARIANT_TYPE_STRING);

      if (g_str_equal (key, "type") && is_string && glb_shim_type_is_valid (g_variant_get_string (value, NULL)))
        {
          g_free (call->type);
          call->type = g_variant_dup_string (value, NULL);
        }
      else if (g_str_equal (key, "selection") && is_string && g_str_equal (g_variant_get_string (value, NULL), "clipboard"))
        call->kind = GLB_SHIM_CLIPBOARD;
      else if (g_str_equal (key, "selection") && is_string && g_str_equal (g_variant_get_string (value, NULL), "primary"))
        call->kind = GLB_SHIM_PRIMARY;
      else if (with_uses && g_str_equal (key, "uses") && g_variant_is_of_type (value, G_VARIANT_TYPE_UINT32))
        call->uses = g_variant_get_uint32 (value);
      else
        {
          *why = "clipboard: an option is unknown or has no such value; there are type, selection (clipboard or primary) and, to put, uses";
          return FALSE;
        }
    }

  return TRUE;
}

/* (floating) */
static GVariant *
describe (const GlbClipboardContent *content)
{
  GVariantDict dict;
  g_auto(GStrv) findings = g_new0 (char *, content->findings->len + 1);

  for (guint i = 0; i < content->findings->len; i++)
    findings[i] = g_strdup (glb_clipboard_finding_code_to_string (g_array_index (content->findings, GlbClipboardFinding, i).code));
  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "type", "s", content->type);
  g_variant_dict_insert (&dict, "bytes", "t", (guint64) g_bytes_get_size (content->bytes));
  g_variant_dict_insert (&dict, "sha256", "s", content->sha256);
  g_variant_dict_insert (&dict, "findings", "^as", findings);
  return g_variant_dict_end (&dict);
}

/* FALSE with an answer: this session has no clipboard, or not now. */
static gboolean
check_gate (GlbSession *self, GDBusMethodInvocation *invocation)
{
  if (self->clipboard != NULL && (self->state == GLB_SESSION_RUNNING || self->state == GLB_SESSION_PAUSED))
    return TRUE;

  glb_session_return_state_error (self, invocation, self->state == GLB_SESSION_STARTING ? "it is still starting; try again"
                      : self->compositor == NULL ? "it has no display; use --tier session" : "it has ended; start a new one");
  return FALSE;
}

static void
on_client_closed (GDBusConnection *connection, gboolean vanished, GError *error, gpointer user_data)
{
  g_cancellable_cancel (((Call *) user_data)->cancellable);
}

static Call *
call_new (GlbSession *self, GDBusMethodInvocation *invocation, GVariant *options, gboolean with_uses)
{
  g_autoptr(Call) call = g_new0 (Call, 1);
  GDBusConnection *client = g_dbus_method_invocation_get_connection (invocation);
  const char *why = NULL;

  call->self = g_object_ref (self);
  call->invocation = g_object_ref (invocation);
  call->cancellable = g_cancellable_new ();
  call->closed_id = g_signal_connect (client, "closed", G_CALLBACK (on_client_closed), call);
  if (g_dbus_connection_is_closed (client))
    g_cancellable_cancel (call->cancellable);
  if (!check_gate (self, invocation))
    return NULL;
  if (!read_options (call, options, with_uses, &why))
    {
      glb_session_return_state_error (self, invocation, why);
      return NULL;
    }

  return g_steal_pointer (&call);
}

/* ---- host to session ---------------------------------------------------------- */

static void
put_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(Call) call = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GlbClipboardContent) content = glb_clipboard_gate_finish (GLB_CLIPBOARD_GATE (source), result, &error);

  if (content == NULL)
    glb_session_return_error (call->invocation, error);
  else
    g_dbus_method_invocation_return_value (call->invocation, g_variant_new ("(@a{sv})", describe (content)));
}

static gboolean
handle_clipboard_put (GlbDBusSession1       *object,
                      GDBusMethodInvocation *invocation,
                      GUnixFDList           *fds,
                      GVariant              *options,
                      GVariant              *handle,
                      GlbSession            *self)
{
  Call *call = call_new (self, invocation, options, TRUE);
  int fd;

  if (call == NULL)
    return TRUE;
  fd = take_fd (fds, handle);
  if (fd < 0)
    {
      call_free (call);
      return glb_session_return_state_error (self, invocation, "clipboard: no file and no end of a pipe came with the call");
    }

  glb_clipboard_gate_put_async (self->clipboard, GLB_DRIVER_HUMAN, call->kind, call->type != NULL ? call->type : "text/plain", fd,
                                call->uses, call->cancellable, put_cb, call);
  return TRUE;
}

/* ---- session to host ---------------------------------------------------------- */

static void
return_content (GDBusMethodInvocation *invocation, const GlbClipboardContent *content)
{
  g_autoptr(GUnixFDList) fds = g_unix_fd_list_new ();
  g_autoptr(GError) error = NULL;
  int memfd = glb_sealed_file_new ("glovebox-clipboard", content->bytes, &error), fd = -1, handle = -1;

  if (memfd >= 0)
    {
      fd = glb_sealed_file_reopen (memfd, &error);
      close (memfd);
    }
  if (fd >= 0)
    {
      handle = g_unix_fd_list_append (fds, fd, &error);
      close (fd);
    }
  if (handle < 0)
    glb_session_return_error (invocation, error);
  else
    g_dbus_method_invocation_return_value_with_unix_fd_list (invocation, g_variant_new ("(h@a{sv})", handle, describe (content)), fds);
}

static void
get_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(Call) call = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GlbClipboardContent) content = glb_clipboard_gate_finish (GLB_CLIPBOARD_GATE (source), result, &error);

  if (content == NULL)
    glb_session_return_error (call->invocation, error);
  else
    return_content (call->invocation, content);
}

static gboolean
handle_clipboard_get (GlbDBusSession1       *object,
                      GDBusMethodInvocation *invocation,
                      GUnixFDList           *fds,
                      GVariant              *options,
                      GlbSession            *self)
{
  Call *call = call_new (self, invocation, options, FALSE);

  if (call != NULL)
    glb_clipboard_gate_get_async (self->clipboard, GLB_DRIVER_HUMAN, call->kind, call->type, call->cancellable, get_cb, call);
  return TRUE;
}

static gboolean
handle_take_clipboard (GlbDBusSession1 *object, GDBusMethodInvocation *invocation, GUnixFDList *fds, GlbSession *self)
{
  g_autoptr(GlbClipboardContent) content = NULL;

  if (!check_gate (self, invocation))
    return TRUE;
  content = glb_clipboard_gate_take (self->clipboard);
  if (content == NULL)
    return glb_session_return_state_error (self, invocation, "clipboard: nothing waits to be taken");

  return_content (invocation, content);
  return TRUE;
}

/* ---- the gate ------------------------------------------------------------------- */

static gboolean
audit (gpointer user_data, const char *event, GlbDriver actor, JsonObject *fields, GError **error)
{
  return glb_session_audit (user_data, event, actor, fields, error);
}

static void
refused (gpointer user_data, GlbClipboardDirection direction, const char *type, const char *code, const char *message)
{
  GlbSession *self = user_data;

  glb_dbus_session1_emit_clipboard_refused (self->skeleton, direction == GLB_CLIPBOARD_TO_HOST ? "session-to-host" : "host-to-session",
                                            type, code, message);
}

static void
offered (gpointer user_data, const GlbClipboardContent *content)
{
  glb_dbus_session1_emit_clipboard_offered (GLB_SESSION (user_data)->skeleton, describe (content));
}

void
glb_session_make_clipboard (GlbSession *self)
{
  const GlbClipboardContext context = {
    .host = self->host, .session = self, .prompts = self->prompts, .compositor = self->compositor, .policy = self->request->policy,
    .audit = audit, .refused = refused, .offered = offered, .user_data = self,
  };

  self->clipboard = glb_clipboard_gate_new (&context);
}

void
glb_session_export_clipboard (GlbSession *self)
{
  g_signal_connect_object (self->skeleton, "handle-clipboard-put", G_CALLBACK (handle_clipboard_put), self, 0);
  g_signal_connect_object (self->skeleton, "handle-clipboard-get", G_CALLBACK (handle_clipboard_get), self, 0);
  g_signal_connect_object (self->skeleton, "handle-take-clipboard", G_CALLBACK (handle_take_clipboard), self, 0);
}
