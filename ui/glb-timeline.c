/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glovebox-view"

#include "config.h"

#include "ui/glb-timeline.h"

#include <glib/gi18n-lib.h>

#include "ui/glb-action-text.h"
#include "ui/glb-gate-text.h"
#include "ui/glb-session-text.h"

struct _GlbTimeline
{
  GObject parent_instance;

  GListStore *entries;
  GHashTable *known;           /* GlbDBusPrompt1 and GlbDBusGrant1 that are open */
  char *state;                 /* the last one */
  gint64 began_us;             /* Unix time */
  guint n_since;               /* entries that are not older */
  GlbTimelineCamera camera;    /* (nullable) */
  gpointer camera_data;
};

G_DEFINE_FINAL_TYPE (GlbTimeline, glb_timeline, G_TYPE_OBJECT)

#define ENTRIES_MAX 300

static void
add_at (GlbTimeline     *self,
        GlbTimelineKind  kind,
        gint64           time_us,
        const char      *title,
        const char      *detail)
{
  gboolean past = time_us < self->began_us;
  g_autoptr(GdkTexture) picture = !past && self->camera != NULL ? self->camera (self->camera_data) : NULL;
  g_autoptr(GlbTimelineEntry) entry = glb_timeline_entry_new (kind, time_us, title, detail, picture);

  g_list_store_insert (self->entries, past ? self->n_since : 0, entry);
  if (!past)
    self->n_since = MIN (self->n_since + 1, ENTRIES_MAX);
  if (g_list_model_get_n_items (G_LIST_MODEL (self->entries)) > ENTRIES_MAX)
    g_list_store_remove (self->entries, ENTRIES_MAX);
}

static void
add (GlbTimeline     *self,
     GlbTimelineKind  kind,
     const char      *title,
     const char      *detail)
{
  add_at (self, kind, g_get_real_time (), title, detail);
}

/* ---- what the session tells ------------------------------------------------------- */

static void
on_action_done (GlbDBusSession1 *session,
                const char      *actor,
                const char      *action,
                const char      *result,
                GlbTimeline     *self)
{
  g_autoptr(GlbActionText) text = glb_action_text_new (actor, action, result);

  if (text != NULL)
    add (self, text->refused ? GLB_TIMELINE_REFUSAL : GLB_TIMELINE_ACTION, text->title, text->detail);
}

static void
add_network_refusal (GlbTimeline *self,
                     gint64       time_us,
                     const char  *host,
                     guint        port,
                     const char  *message,
                     guint64      count)
{
  g_autofree char *place = port != 0 ? g_strdup_printf ("%s:%u", host, port) : g_strdup (host);
  guint times = (guint) MIN (count, G_MAXUINT);
  g_autofree char *title = times > 1 ? g_strdup_printf (ngettext ("No connection to %s (%u time)", "No connection to %s (%u times)", times),
                                                        place, times)
                                     : g_strdup_printf (_("No connection to %s"), place);

  add_at (self, GLB_TIMELINE_REFUSAL, time_us, title, message);
}

static void
on_network_refused (GlbDBusSession1 *session,
                    const char      *host,
                    guint            port,
                    const char      *code,
                    const char      *message,
                    guint64          count,
                    GlbTimeline     *self)
{
  add_network_refusal (self, g_get_real_time (), host, port, message, count);
}

/* What was refused before the app came, oldest first. */
static void
connections_cb (GObject      *object,
                GAsyncResult *result,
                gpointer      user_data)
{
  g_autoptr(GlbTimeline) self = user_data;
  g_autoptr(GVariant) connections = NULL;
  g_autoptr(GVariant) refusals = NULL;

  /* a session that has ended has no network */
  if (!glb_dbus_session1_call_connections_finish (GLB_DBUS_SESSION1 (object), &connections, &refusals, result, NULL))
    return;

  for (gsize i = 0; i < g_variant_n_children (refusals); i++)
    {
      g_autoptr(GVariant) entry = g_variant_get_child_value (refusals, i);
      const char *host = "", *message = "";
      gint64 time_us = 0;
      guint64 count = 1;
      guint port = 0;

      g_variant_lookup (entry, "host", "&s", &host);
      g_variant_lookup (entry, "port", "u", &port);
      g_variant_lookup (entry, "message", "&s", &message);
      g_variant_lookup (entry, "count", "t", &count);
      g_variant_lookup (entry, "time", "x", &time_us);
      if (time_us < self->began_us)
        add_network_refusal (self, time_us, host, port, message, count);
    }
}

static void
on_clipboard_refused (GlbDBusSession1 *session,
                      const char      *direction,
                      const char      *type,
                      const char      *code,
                      const char      *message,
                      GlbTimeline     *self)
{
  add (self, GLB_TIMELINE_REFUSAL, g_strcmp0 (direction, "session-to-host") == 0 ? _("Nothing was copied out") : _("Nothing was pasted in"),
       message);
}

static void
on_device_refused (GlbDBusSession1 *session,
                   const char      *device,
                   const char      *code,
                   const char      *message,
                   GlbTimeline     *self)
{
  g_autofree char *kind = glb_gate_text_kind (device);
  g_autofree char *title = g_strdup_printf (_("%s was not given"), kind);

  add (self, GLB_TIMELINE_REFUSAL, title, message);
}

static void
on_properties_changed (GlbDBusSession1 *session,
                       GVariant        *changed,
                       GStrv            invalidated,
                       GlbTimeline     *self)
{
  g_autofree char *text = glb_session_text_state (glb_dbus_session1_get_state (session), glb_dbus_session1_get_driver (session),
                                                  glb_dbus_session1_get_reason (session));

  if (g_strcmp0 (text, self->state) == 0)
    return;

  g_free (self->state);
  self->state = g_steal_pointer (&text);
  add (self, GLB_TIMELINE_STATE, self->state, NULL);
}

/* ---- questions and permissions ------------------------------------------------------- */

static const char *
explain_answer (const char *verdict,
                const char *why)
{
  if (g_strcmp0 (verdict, "allow") == 0)
    return _("Allowed");
  if (g_strcmp0 (why, "denied") == 0)
    return _("Denied");
  if (g_strcmp0 (why, "timeout") == 0 || g_strcmp0 (why, "no-approver") == 0)
    return _("Denied: no answer in time");

  return _("Withdrawn");
}

static void
on_answered (GlbDBusPrompt1 *prompt,
             const char     *verdict,
             const char     *why,
             GlbTimeline    *self)
{
  add (self, GLB_TIMELINE_QUESTION, explain_answer (verdict, why), glb_dbus_prompt1_get_title (prompt));
}

static void
see_prompts (GlbTimeline *self,
             GPtrArray   *prompts,
             GHashTable  *open)
{
  for (guint i = 0; i < prompts->len; i++)
    {
      GlbDBusPrompt1 *prompt = prompts->pdata[i];

      g_hash_table_add (open, g_object_ref (prompt));
      if (g_hash_table_contains (self->known, prompt))
        continue;
      g_signal_connect_object (prompt, "answered", G_CALLBACK (on_answered), self, 0);
      add (self, GLB_TIMELINE_QUESTION, _("Asked you"), glb_dbus_prompt1_get_title (prompt));
    }
}

static void
see_grants (GlbTimeline *self,
            GPtrArray   *grants,
            GHashTable  *open)
{
  for (guint i = 0; i < grants->len; i++)
    {
      g_hash_table_add (open, g_object_ref (grants->pdata[i]));
      if (!g_hash_table_contains (self->known, grants->pdata[i]))
        add (self, GLB_TIMELINE_GRANT, _("May from now on"), glb_dbus_grant1_get_title (grants->pdata[i]));
    }
}

static void
on_gates_changed (GlbSessionGates *gates,
                  GlbTimeline     *self)
{
  GHashTable *open = g_hash_table_new_full (NULL, NULL, g_object_unref, NULL);
  GHashTableIter iter;
  gpointer proxy;

  see_prompts (self, glb_session_gates_get_prompts (gates), open);
  see_grants (self, glb_session_gates_get_grants (gates), open);
  g_hash_table_iter_init (&iter, self->known);
  while (g_hash_table_iter_next (&iter, &proxy, NULL))
    if (GLB_DBUS_IS_GRANT1 (proxy) && !g_hash_table_contains (open, proxy))
      add (self, GLB_TIMELINE_GRANT, _("May not any more"), glb_dbus_grant1_get_title (proxy));
  g_hash_table_unref (self->known);
  self->known = open;
}

/* ---- the object ------------------------------------------------------------------------- */

static void
glb_timeline_finalize (GObject *object)
{
  GlbTimeline *self = GLB_TIMELINE (object);

  g_object_unref (self->entries);
  g_hash_table_unref (self->known);
  g_free (self->state);

  G_OBJECT_CLASS (glb_timeline_parent_class)->finalize (object);
}

static void
glb_timeline_class_init (GlbTimelineClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = glb_timeline_finalize;
}

static void
glb_timeline_init (GlbTimeline *self)
{
  self->began_us = g_get_real_time ();
  self->entries = g_list_store_new (GLB_TYPE_TIMELINE_ENTRY);
  self->known = g_hash_table_new_full (NULL, NULL, g_object_unref, NULL);
}

GlbTimeline *
glb_timeline_new (GlbDBusSession1 *session,
                  GlbSessionGates *gates)
{
  GlbTimeline *self = g_object_new (GLB_TYPE_TIMELINE, NULL);

  g_signal_connect_object (session, "action-done", G_CALLBACK (on_action_done), self, 0);
  g_signal_connect_object (session, "network-refused", G_CALLBACK (on_network_refused), self, 0);
  g_signal_connect_object (session, "clipboard-refused", G_CALLBACK (on_clipboard_refused), self, 0);
  g_signal_connect_object (session, "device-refused", G_CALLBACK (on_device_refused), self, 0);
  g_signal_connect_object (session, "g-properties-changed", G_CALLBACK (on_properties_changed), self, 0);
  g_signal_connect_object (gates, "changed", G_CALLBACK (on_gates_changed), self, 0);
  on_properties_changed (session, NULL, NULL, self);
  on_gates_changed (gates, self);
  if (g_strcmp0 (glb_dbus_session1_get_network (session), "on") == 0)
    glb_dbus_session1_call_connections (session, NULL, connections_cb, g_object_ref (self));

  return self;
}

GListModel *
glb_timeline_get_entries (GlbTimeline *self)
{
  g_return_val_if_fail (GLB_IS_TIMELINE (self), NULL);

  return G_LIST_MODEL (self->entries);
}

void
glb_timeline_set_camera (GlbTimeline       *self,
                         GlbTimelineCamera  camera,
                         gpointer           user_data)
{
  g_return_if_fail (GLB_IS_TIMELINE (self));

  self->camera = camera;
  self->camera_data = user_data;
}
