/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glb-mcp"
#include "config.h"

#include "session-broker/mcp/glb-mcp-call.h"

#include "session-broker/client/glb-broker-error.h"

/* Slower than anybody would wait for, and far below any client's time-out. */
#define PROGRESS_MS 1000

struct _GlbMcpCall
{
  GlbMcpRoute route;
  GlbMcpSessions *sessions;
  GCancellable *cancellable;
  const GlbMcpCallEvents *events;
  gpointer user_data;
  gboolean answered;
  const char *doing;
  gint64 begin_us;             /* monotonic */
  guint progress_id;
};

static gboolean
on_progress (gpointer user_data)
{
  GlbMcpCall *self = user_data;
  double seconds = (double) (g_get_monotonic_time () - self->begin_us) / G_USEC_PER_SEC;

  self->events->progress (self, glb_mcp_write_progress (self->route.progress_token, seconds, self->doing), self->user_data);
  return G_SOURCE_CONTINUE;
}

GlbMcpCall *
glb_mcp_call_new (GlbMcpRoute            *route,
                  GlbMcpSessions         *sessions,
                  const GlbMcpCallEvents *events,
                  gpointer                user_data)
{
  GlbMcpCall *self = g_rc_box_new0 (GlbMcpCall);

  self->route = *route;
  *route = (GlbMcpRoute) { .kind = GLB_MCP_ROUTE_NOTHING };
  self->sessions = sessions;
  self->cancellable = g_cancellable_new ();
  self->events = events;
  self->user_data = user_data;
  self->doing = "under way";
  self->begin_us = g_get_monotonic_time ();
  if (self->route.progress_token != NULL)
    self->progress_id = g_timeout_add (PROGRESS_MS, on_progress, self);
  return self;
}

GlbMcpCall *
glb_mcp_call_ref (GlbMcpCall *self)
{
  return g_rc_box_acquire (self);
}

static void
answer (GlbMcpCall *self,
        char       *line)
{
  self->answered = TRUE;
  g_clear_handle_id (&self->progress_id, g_source_remove);
  self->events->done (self, line, self->user_data);
}

static void
clear (GlbMcpCall *self)
{
  if (!self->answered)
    answer (self, glb_mcp_call_is_cancelled (self) ? NULL
                  : glb_mcp_write_error (self->route.id, GLB_MCP_ERROR_INTERNAL, "Internal error", NULL));
  glb_mcp_route_clear (&self->route);
  g_object_unref (self->cancellable);
}

void
glb_mcp_call_unref (GlbMcpCall *self)
{
  g_rc_box_release_full (self, (GDestroyNotify) clear);
}

const char *
glb_mcp_call_get_key (GlbMcpCall *self)
{
  return self->route.key;
}

const char *
glb_mcp_call_get_tool (GlbMcpCall *self)
{
  return self->route.tool;
}

GlbMcpSessions *
glb_mcp_call_get_sessions (GlbMcpCall *self)
{
  return self->sessions;
}

GCancellable *
glb_mcp_call_get_cancellable (GlbMcpCall *self)
{
  return self->cancellable;
}

void
glb_mcp_call_cancel (GlbMcpCall *self)
{
  g_cancellable_cancel (self->cancellable);
}

void
glb_mcp_call_set_doing (GlbMcpCall *self,
                        const char *doing)
{
  self->doing = doing;
}

gboolean
glb_mcp_call_is_cancelled (GlbMcpCall *self)
{
  return g_cancellable_is_cancelled (self->cancellable);
}

/* ---- arguments ------------------------------------------------------------------------ */

JsonObject *
glb_mcp_call_get_arguments (GlbMcpCall *self)
{
  return self->route.arguments;
}

const char *
glb_mcp_call_get_string (GlbMcpCall *self,
                         const char *name)
{
  return json_object_get_string_member_with_default (self->route.arguments, name, NULL);
}

gint64
glb_mcp_call_get_int (GlbMcpCall *self,
                      const char *name,
                      gint64      if_missing)
{
  return json_object_get_int_member_with_default (self->route.arguments, name, if_missing);
}

GStrv
glb_mcp_call_dup_strings (GlbMcpCall *self,
                          const char *name)
{
  g_autoptr(GStrvBuilder) builder = g_strv_builder_new ();
  JsonArray *array;

  if (!json_object_has_member (self->route.arguments, name))
    return NULL;

  array = json_object_get_array_member (self->route.arguments, name);
  for (guint i = 0; i < json_array_get_length (array); i++)
    g_strv_builder_add (builder, json_array_get_string_element (array, i));
  return g_strv_builder_end (builder);
}

GlbMcpSession *
glb_mcp_call_find_session (GlbMcpCall *self,
                           gboolean    may_have_ended)
{
  GlbMcpSession *session = glb_mcp_sessions_find (self->sessions, glb_mcp_call_get_string (self, "session"));

  if (session == NULL)
    glb_mcp_call_refuse (self, "unknown_session", "there is no session of this handle; session_start gives one");
  else if (!may_have_ended && glb_mcp_session_has_ended (session))
    {
      glb_mcp_call_refuse (self, "session_ended", "the session has ended: %s", glb_mcp_session_get_reason (session));
      return NULL;
    }
  return session;
}

/* ---- answers -------------------------------------------------------------------------- */

void
glb_mcp_call_return (GlbMcpCall          *self,
                     JsonObject          *structured,
                     const GlbMcpPicture *picture,
                     gboolean             is_error)
{
  g_autoptr(JsonObject) owned = structured;
  g_autoptr(JsonObject) result = NULL;
  g_autoptr(JsonObject) finished = NULL;

  g_return_if_fail (!self->answered);

  if (glb_mcp_call_is_cancelled (self))
    {
      answer (self, NULL);
      return;
    }

  result = glb_mcp_result_of_tool (structured, picture != NULL ? picture->bytes : NULL,
                                   picture != NULL ? glb_mcp_picture_get_mime_type (picture->format) : NULL, is_error);
  finished = glb_mcp_result_finish (self->route.era, result);
  answer (self, glb_mcp_write_result (self->route.id, finished));
}

void
glb_mcp_call_refuse (GlbMcpCall *self,
                     const char *code,
                     const char *format,
                     ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  glb_mcp_call_return (self, glb_mcp_result_refusal (code, message), NULL, TRUE);
}

static const char *
get_code (GError *error)
{
  if (error->domain == GLB_BROKER_ERROR)
    switch (error->code)
      {
      case GLB_BROKER_ERROR_POLICY:
      case GLB_BROKER_ERROR_AUTHENTICATION:
        return "policy_denied";
      case GLB_BROKER_ERROR_NOT_FOUND:
        return "not_found";
      case GLB_BROKER_ERROR_STATE:
        return "wrong_state";
      default:
        return "failed";
      }
  if (error->domain == GLB_POLICY_ERROR || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED))
    return "policy_denied";
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    return "not_found";
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_INVALID_FILENAME))
    return "invalid_path";
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE))
    return "too_many";
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    return "timeout";
  return "failed";
}

void
glb_mcp_call_refuse_error (GlbMcpCall *self,
                           GError     *error)
{
  g_autoptr(GError) owned = error;
  const char *code = get_code (error);

  g_dbus_error_strip_remote_error (error);
  glb_mcp_call_refuse (self, code, "%s", error->message);
}
