/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glovebox-view"

#include "config.h"

#include "ui/glb-recording-entry.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "session-broker/record/glb-record-caption.h"
#include "session-broker/record/glb-record-json.h"
#include "ui/glb-action-text.h"
#include "ui/glb-recording-json.h"

struct _GlbRecordingEntry
{
  GObject parent_instance;

  guint index, last;
  gint64 ms;
  GlbRecordingKind kind;
  GlbRecordingActor actor;
  char *title;
  gboolean refused;
  gboolean has_place;
  int x, y;
};

G_DEFINE_FINAL_TYPE (GlbRecordingEntry, glb_recording_entry, G_TYPE_OBJECT)

static const char * const kind_names[GLB_N_RECORDING_KINDS] = {
  [GLB_RECORDING_ACTION] = N_("Action"),
  [GLB_RECORDING_QUESTION] = N_("Question"),
  [GLB_RECORDING_WINDOWS] = N_("Windows"),
  [GLB_RECORDING_OUTPUT] = N_("Output"),
  [GLB_RECORDING_STATE] = N_("State"),
};

static const struct { const char *word, *name; } actors[] = {
  [GLB_RECORDING_NOBODY] = { "nobody", N_("Nobody") },
  [GLB_RECORDING_AGENT] = { "agent", N_("Agent") },
  [GLB_RECORDING_HUMAN] = { "human", N_("Person") },
  [GLB_RECORDING_REPLAY] = { "replay", N_("Replay") },
};

/* ---- of a record --------------------------------------------------------------------- */

/* Who did it stands beside it. (transfer full) (nullable) */
static char *
describe_look (JsonObject *record)
{
  const char *actor = glb_record_json_get_string (record, "actor");
  char *caption = glb_record_caption (record);

  if (caption != NULL && actor != NULL && g_str_has_prefix (caption, actor) && g_str_has_prefix (caption + strlen (actor), ": "))
    memmove (caption, caption + strlen (actor) + 2, strlen (caption) - strlen (actor) - 1);

  return caption;
}

static gboolean
read_action (GlbRecordingEntry *self,
             JsonObject        *record)
{
  g_autofree char *action = glb_recording_json_dup_text (record, "action");
  g_autofree char *result = glb_recording_json_dup_text (record, "result");
  g_autoptr(GlbActionText) text = glb_action_text_new (NULL, action, result);

  self->kind = GLB_RECORDING_ACTION;
  self->actor = glb_recording_actor_parse (glb_record_json_get_string (record, "actor"));
  if (text == NULL)
    {
      self->title = describe_look (record);
      return self->title != NULL;
    }
  self->title = g_strdup (text->title);
  self->refused = text->refused;
  self->has_place = text->has_place;
  self->x = text->x;
  self->y = text->y;
  return TRUE;
}

static gboolean
read_question (GlbRecordingEntry *self,
               JsonObject        *record)
{
  self->kind = GLB_RECORDING_QUESTION;
  self->refused = g_strcmp0 (glb_record_json_get_string (record, "verdict"), "deny") == 0;
  self->title = glb_record_caption (record);
  return self->title != NULL;
}

/* The focused one is what a person would call it. */
static gboolean
read_windows (GlbRecordingEntry *self,
              JsonObject        *record)
{
  JsonArray *windows = glb_recording_json_get_array (record, "windows");
  guint n = windows != NULL ? json_array_get_length (windows) : 0;
  g_autofree char *visible = NULL;
  const char *title = NULL;

  for (guint i = 0; i < n; i++)
    {
      JsonNode *node = json_array_get_element (windows, i);
      JsonObject *window = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
      const char *name = glb_record_json_get_string (window, "title");

      if (name != NULL && (title == NULL || json_object_get_boolean_member_with_default (window, "focused", FALSE)))
        title = name;
    }
  self->kind = GLB_RECORDING_WINDOWS;
  visible = glb_action_text_make_visible (title != NULL ? title : "");
  if (n == 0)
    self->title = g_strdup (_("No window"));
  else if (n == 1)
    self->title = g_strdup_printf (_("Window “%s”"), visible);
  else
    self->title = g_strdup_printf (ngettext ("Window “%s” and %u other", "Windows “%s” and %u others", n - 1), visible, n - 1);
  return TRUE;
}

static gboolean
read_output (GlbRecordingEntry *self,
             JsonObject        *record)
{
  const char *text = glb_record_json_get_string (record, "text");
  g_autofree char *visible = glb_action_text_make_visible (text != NULL ? text : _("(no text)"));

  self->kind = GLB_RECORDING_OUTPUT;
  self->title = g_steal_pointer (&visible);
  return TRUE;
}

static gboolean
read_driver (GlbRecordingEntry *self,
             JsonObject        *record)
{
  static const char * const titles[] = {
    [GLB_RECORDING_NOBODY] = N_("Nobody drives"),
    [GLB_RECORDING_AGENT] = N_("The agent drives"),
    [GLB_RECORDING_HUMAN] = N_("A person drives"),
    [GLB_RECORDING_REPLAY] = N_("A replay drives"),
  };

  self->kind = GLB_RECORDING_STATE;
  self->actor = glb_recording_actor_parse (glb_record_json_get_string (record, "driver"));
  self->title = g_strdup (_(titles[self->actor]));
  return TRUE;
}

static gboolean
read_begin (GlbRecordingEntry *self,
            JsonObject        *record)
{
  JsonObject *session = glb_record_json_get_object (record, "session");

  self->kind = GLB_RECORDING_STATE;
  self->actor = glb_recording_actor_parse (glb_record_json_get_string (session, "driver"));
  self->title = g_strdup (_("The recording begins"));
  return TRUE;
}

static gboolean
read_end (GlbRecordingEntry *self,
          JsonObject        *record)
{
  const char *reason = glb_record_json_get_string (record, "reason");
  g_autofree char *visible = glb_action_text_make_visible (reason != NULL ? reason : "");
  gboolean session = g_strcmp0 (glb_record_json_get_string (record, "type"), "session-end") == 0;

  self->kind = GLB_RECORDING_STATE;
  self->title = g_strdup_printf (session ? _("The session ended: %s") : _("The recording ends: %s"), visible);
  return TRUE;
}

static const struct { const char *type; gboolean (*read) (GlbRecordingEntry *self, JsonObject *record); } types[] = {
  { "recording", read_begin },
  { "action", read_action },
  { "prompt", read_question },
  { "answer", read_question },
  { "windows", read_windows },
  { "output", read_output },
  { "driver", read_driver },
  { "session-end", read_end },
  { "end", read_end },
};

/* ---- the object ------------------------------------------------------------------------ */

static void
glb_recording_entry_finalize (GObject *object)
{
  g_free (GLB_RECORDING_ENTRY (object)->title);

  G_OBJECT_CLASS (glb_recording_entry_parent_class)->finalize (object);
}

static void
glb_recording_entry_class_init (GlbRecordingEntryClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = glb_recording_entry_finalize;
}

static void
glb_recording_entry_init (GlbRecordingEntry *self)
{
}

GlbRecordingEntry *
glb_recording_entry_new (JsonObject        *untrusted_record,
                         guint              index,
                         gint64             ms,
                         GlbRecordingActor  driver)
{
  const char *type = glb_record_json_get_string (untrusted_record, "type");

  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    if (g_strcmp0 (types[i].type, type) == 0)
      {
        g_autoptr(GlbRecordingEntry) self = g_object_new (GLB_TYPE_RECORDING_ENTRY, NULL);

        self->index = self->last = index;
        self->ms = ms;
        self->actor = driver;
        return types[i].read (self, untrusted_record) ? g_steal_pointer (&self) : NULL;
      }

  return NULL;
}

guint
glb_recording_entry_get_index (GlbRecordingEntry *self)
{
  g_return_val_if_fail (GLB_IS_RECORDING_ENTRY (self), 0);

  return self->index;
}

guint
glb_recording_entry_get_last (GlbRecordingEntry *self)
{
  g_return_val_if_fail (GLB_IS_RECORDING_ENTRY (self), 0);

  return self->last;
}

void
glb_recording_entry_set_last (GlbRecordingEntry *self,
                              guint              index)
{
  g_return_if_fail (GLB_IS_RECORDING_ENTRY (self));

  self->last = index;
}

gint64
glb_recording_entry_get_ms (GlbRecordingEntry *self)
{
  g_return_val_if_fail (GLB_IS_RECORDING_ENTRY (self), 0);

  return self->ms;
}

GlbRecordingKind
glb_recording_entry_get_kind (GlbRecordingEntry *self)
{
  g_return_val_if_fail (GLB_IS_RECORDING_ENTRY (self), GLB_RECORDING_STATE);

  return self->kind;
}

GlbRecordingActor
glb_recording_entry_get_actor (GlbRecordingEntry *self)
{
  g_return_val_if_fail (GLB_IS_RECORDING_ENTRY (self), GLB_RECORDING_NOBODY);

  return self->actor;
}

const char *
glb_recording_entry_get_title (GlbRecordingEntry *self)
{
  g_return_val_if_fail (GLB_IS_RECORDING_ENTRY (self), NULL);

  return self->title;
}

gboolean
glb_recording_entry_is_refused (GlbRecordingEntry *self)
{
  g_return_val_if_fail (GLB_IS_RECORDING_ENTRY (self), FALSE);

  return self->refused;
}

gboolean
glb_recording_entry_get_place (GlbRecordingEntry *self,
                               int               *x,
                               int               *y)
{
  g_return_val_if_fail (GLB_IS_RECORDING_ENTRY (self), FALSE);

  *x = self->x;
  *y = self->y;

  return self->has_place;
}

const char *
glb_recording_kind_get_name (GlbRecordingKind kind)
{
  return _(kind_names[kind]);
}

const char *
glb_recording_actor_get_name (GlbRecordingActor actor)
{
  return _(actors[actor].name);
}

const char *
glb_recording_actor_get_class (GlbRecordingActor actor)
{
  return actors[actor].word;
}

GlbRecordingActor
glb_recording_actor_parse (const char *untrusted_word)
{
  for (guint i = 0; i < G_N_ELEMENTS (actors); i++)
    if (g_strcmp0 (actors[i].word, untrusted_word) == 0)
      return i;

  return GLB_RECORDING_NOBODY;
}
