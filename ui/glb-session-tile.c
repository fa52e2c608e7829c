/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glovebox-view"

#include "config.h"

#include "ui/glb-session-tile.h"

#include <glib/gi18n-lib.h>

#include "ui/glb-gate-text.h"
#include "ui/glb-session-text.h"
#include "ui/glb-tile-picture.h"

struct _GlbSessionTile
{
  AdwBin parent_instance;

  GtkWidget *glass;
  GtkLabel *name;
  GtkLabel *state;
  GlbTilePicture *picture;
  GtkLabel *no_picture;
  GtkWidget *question_button;
  GtkLabel *question_kind;
  GtkLabel *question_subject;
  GtkLabel *question_more;
  GtkWidget *camera;
  GtkWidget *microphone;
  GtkWidget *speaker;
  GtkLabel *detail;
  GtkButton *pause_button;

  GlbSessionItem *item;        /* (nullable) */
};

G_DEFINE_FINAL_TYPE (GlbSessionTile, glb_session_tile, ADW_TYPE_BIN)

enum
{
  SIGNAL_PROBLEM,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

#define CALL_DEADLINE_MS 10000

/* ---- what it says --------------------------------------------------------------- */

static const char *
get_class (GlbSessionGroup group)
{
  static const char * const classes[GLB_N_SESSION_GROUPS] = { "asking", "human", "running", "paused", "ended" };

  return classes[group];
}

static void
update_frame (GlbSessionTile *self)
{
  GlbSessionGroup group = glb_session_item_get_group (self->item);

  for (guint i = 0; i < GLB_N_SESSION_GROUPS; i++)
    gtk_widget_remove_css_class (self->glass, get_class (i));
  gtk_widget_add_css_class (self->glass, get_class (group));
  gtk_label_set_label (self->state, glb_session_text_group (group));
}

static void
update_device (GtkWidget *icon,
               GVariant  *device)
{
  gboolean in_use = FALSE, muted = FALSE, granted = FALSE;
  const char *name = "";
  g_autofree char *text = NULL;

  g_variant_lookup (device, "device", "&s", &name);
  g_variant_lookup (device, "granted", "b", &granted);
  g_variant_lookup (device, "in-use", "b", &in_use);
  g_variant_lookup (device, "muted", "b", &muted);
  text = glb_gate_text_device (name, in_use, muted);
  gtk_widget_set_visible (icon, granted);
  gtk_widget_set_tooltip_text (icon, text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (icon), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
  if (in_use)
    gtk_widget_add_css_class (icon, "in-use");
  else
    gtk_widget_remove_css_class (icon, "in-use");
}

static void
update_devices (GlbSessionTile *self)
{
  GVariant *devices = glb_dbus_session1_get_devices (glb_session_item_get_session (self->item));

  gtk_widget_set_visible (self->camera, FALSE);
  gtk_widget_set_visible (self->microphone, FALSE);
  gtk_widget_set_visible (self->speaker, FALSE);
  for (gsize i = 0; devices != NULL && i < g_variant_n_children (devices); i++)
    {
      g_autoptr(GVariant) device = g_variant_get_child_value (devices, i);
      const char *name = "";

      g_variant_lookup (device, "device", "&s", &name);
      update_device (g_str_equal (name, "camera") ? self->camera :
                     g_str_equal (name, "microphone") ? self->microphone : self->speaker, device);
    }
}

static void
show_question (GlbSessionTile *self,
               GlbDBusPrompt1 *prompt,
               guint           n_more)
{
  GlbDBusSession1 *session = glb_session_item_get_session (self->item);
  const char *kind = glb_dbus_prompt1_get_kind (prompt);
  g_autofree char *heading = glb_gate_text_kind (kind);
  g_autofree char *subject = glb_gate_text_subject (kind, glb_dbus_prompt1_get_title (prompt), glb_dbus_prompt1_get_target (prompt),
                                                    glb_dbus_prompt1_get_preview (prompt));
  g_autofree char *more = n_more > 0 ? g_strdup_printf ("+%u", n_more) : NULL;
  g_autofree char *waiting = glb_gate_text_waiting (n_more);
  g_autofree char *spoken = g_strdup_printf (_("Answer “%s”: %s, %s"), glb_dbus_session1_get_name (session), heading, subject);

  gtk_label_set_label (self->question_kind, heading);
  gtk_label_set_label (self->question_subject, subject);
  gtk_label_set_label (self->question_more, more != NULL ? more : "");
  gtk_widget_set_visible (GTK_WIDGET (self->question_more), more != NULL);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->question_more), waiting);
  gtk_widget_set_tooltip_text (self->question_button, subject);
  gtk_actionable_set_action_target (GTK_ACTIONABLE (self->question_button), "s", glb_dbus_session1_get_id (session));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->question_button), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken,
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, waiting != NULL ? waiting : "", -1);
}

/* It stands where the command does else, so that nothing moves. */
static void
update_questions (GlbSessionTile *self)
{
  GlbSessionGates *gates = glb_session_item_get_gates (self->item);
  guint n = glb_session_item_is_alive (self->item) ? glb_session_gates_get_n_prompts (gates) : 0;

  gtk_widget_set_visible (self->question_button, n > 0);
  gtk_widget_set_visible (GTK_WIDGET (self->detail), n == 0);
  if (n > 0)
    show_question (self, glb_session_gates_get_prompt (gates), n - 1);
}

/* What the command is, and what it may: not what the agent says of itself. */
static void
update_detail (GlbSessionTile *self)
{
  GlbDBusSession1 *session = glb_session_item_get_session (self->item);
  const char * const *command = glb_dbus_session1_get_command (session);
  g_autofree char *line = command != NULL ? g_strjoinv (" ", (char **) command) : NULL;
  guint n = glb_session_gates_get_grants (glb_session_item_get_gates (self->item))->len;
  g_autofree char *text = n == 0 ? g_strdup (line != NULL ? line : "") :
                          g_strdup_printf (ngettext ("%u permission · %s", "%u permissions · %s", n), n, line != NULL ? line : "");

  gtk_label_set_label (self->detail, text);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->detail), line);
}

static const char *
explain_no_picture (GlbSessionItem *item)
{
  if (!glb_session_item_has_screen (item))
    return _("No screen:\na command without a desktop");
  if (!glb_session_item_is_alive (item) && glb_session_item_get_picture (item) == NULL)
    return _("It ended before this app\ncould see its screen");

  return "";
}

static void
update_pause (GlbSessionTile *self)
{
  GlbDBusSession1 *session = glb_session_item_get_session (self->item);
  gboolean paused = g_strcmp0 (glb_dbus_session1_get_state (session), "paused") == 0;
  g_autofree char *label = g_strdup_printf (paused ? _("Resume %s") : _("Pause %s"), glb_dbus_session1_get_name (session));

  if (paused)
    gtk_button_set_label (self->pause_button, _("Resume"));
  else
    gtk_button_set_icon_name (self->pause_button, "media-playback-pause-symbolic");
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->pause_button), paused ? _("Let every process of the agent go on")
                                                                      : _("Freeze every process of the agent"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->pause_button), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  gtk_widget_set_visible (GTK_WIDGET (self->pause_button), glb_session_item_is_alive (self->item));
  /* a flat button has no ground, and the other's text is white */
  gtk_widget_remove_css_class (GTK_WIDGET (self->pause_button), paused ? "flat" : "suggested-action");
  gtk_widget_add_css_class (GTK_WIDGET (self->pause_button), paused ? "suggested-action" : "flat");
}

/* The focus goes to what contains the tile. */
static void
update_spoken (GlbSessionTile *self)
{
  g_autofree char *text = glb_session_text_spoken (self->item);
  GtkWidget *parent = gtk_widget_get_parent (GTK_WIDGET (self));

  if (parent != NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (parent), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
}

static void
update (GlbSessionTile *self)
{
  gtk_label_set_label (self->name, glb_dbus_session1_get_name (glb_session_item_get_session (self->item)));
  gtk_label_set_label (self->no_picture, explain_no_picture (self->item));
  update_frame (self);
  update_devices (self);
  update_questions (self);
  update_detail (self);
  update_pause (self);
  update_spoken (self);
  glb_tile_picture_update (self->picture);
}

static void
on_item_changed (GlbSessionItem *item,
                 GlbSessionTile *self)
{
  update (self);
}

/* ---- pause and resume ---------------------------------------------------------------- */

static void
paused_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr(GlbSessionTile) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) reply = g_dbus_proxy_call_finish (G_DBUS_PROXY (object), result, &error);

  if (reply != NULL)
    return;

  g_dbus_error_strip_remote_error (error);
  g_signal_emit (self, signals[SIGNAL_PROBLEM], 0, error->message);
}

static void
on_pause_clicked (GtkButton      *button,
                  GlbSessionTile *self)
{
  GlbDBusSession1 *session = glb_session_item_get_session (self->item);
  gboolean paused = g_strcmp0 (glb_dbus_session1_get_state (session), "paused") == 0;

  g_dbus_proxy_call (G_DBUS_PROXY (session), paused ? "Resume" : "Pause", NULL, G_DBUS_CALL_FLAGS_NONE, CALL_DEADLINE_MS, NULL,
                     paused_cb, g_object_ref (self));
}

/* ---- the widget ------------------------------------------------------------------------ */

static void
glb_session_tile_dispose (GObject *object)
{
  glb_session_tile_set_item (GLB_SESSION_TILE (object), NULL);

  G_OBJECT_CLASS (glb_session_tile_parent_class)->dispose (object);
}

static void
glb_session_tile_class_init (GlbSessionTileClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = glb_session_tile_dispose;

  g_type_ensure (GLB_TYPE_TILE_PICTURE);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/glovebox/View/glb-session-tile.ui");
  gtk_widget_class_bind_template_child (widget_class, GlbSessionTile, glass);
  gtk_widget_class_bind_template_child (widget_class, GlbSessionTile, name);
  gtk_widget_class_bind_template_child (widget_class, GlbSessionTile, state);
  gtk_widget_class_bind_template_child (widget_class, GlbSessionTile, picture);
  gtk_widget_class_bind_template_child (widget_class, GlbSessionTile, no_picture);
  gtk_widget_class_bind_template_child (widget_class, GlbSessionTile, question_button);
  gtk_widget_class_bind_template_child (widget_class, GlbSessionTile, question_kind);
  gtk_widget_class_bind_template_child (widget_class, GlbSessionTile, question_subject);
  gtk_widget_class_bind_template_child (widget_class, GlbSessionTile, question_more);
  gtk_widget_class_bind_template_child (widget_class, GlbSessionTile, camera);
  gtk_widget_class_bind_template_child (widget_class, GlbSessionTile, microphone);
  gtk_widget_class_bind_template_child (widget_class, GlbSessionTile, speaker);
  gtk_widget_class_bind_template_child (widget_class, GlbSessionTile, detail);
  gtk_widget_class_bind_template_child (widget_class, GlbSessionTile, pause_button);
  gtk_widget_class_bind_template_callback (widget_class, on_pause_clicked);

  signals[SIGNAL_PROBLEM] = g_signal_new ("problem", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                          NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
glb_session_tile_init (GlbSessionTile *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
glb_session_tile_new (void)
{
  return g_object_new (GLB_TYPE_SESSION_TILE, NULL);
}

void
glb_session_tile_set_item (GlbSessionTile *self,
                           GlbSessionItem *item)
{
  g_return_if_fail (GLB_IS_SESSION_TILE (self));

  if (item == self->item)
    return;

  if (self->item != NULL)
    g_signal_handlers_disconnect_by_data (self->item, self);
  g_set_object (&self->item, item);
  if (self->picture != NULL)
    glb_tile_picture_set_item (self->picture, item);
  if (item == NULL)
    return;

  g_signal_connect_object (item, "changed", G_CALLBACK (on_item_changed), self, 0);
  update (self);
}

GlbSessionItem *
glb_session_tile_get_item (GlbSessionTile *self)
{
  g_return_val_if_fail (GLB_IS_SESSION_TILE (self), NULL);

  return self->item;
}

void
glb_session_tile_set_in_sight (GlbSessionTile *self,
                               gboolean        in_sight)
{
  g_return_if_fail (GLB_IS_SESSION_TILE (self));

  glb_tile_picture_set_in_sight (self->picture, in_sight);
}
