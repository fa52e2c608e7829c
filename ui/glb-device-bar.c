/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glovebox-view"

#include "config.h"

#include "ui/glb-device-bar.h"

#include <glib/gi18n-lib.h>

#include "session-broker/client/glb-client.h"
#include "ui/glb-accessible.h"
#include "ui/glb-gate-text.h"

/**
 * GlbDeviceBar:
 *
 * The devices that a session has, outside its picture: whether one is used at
 * this moment, one click that makes it black or silent, and one that takes it
 * away. It is hidden while there is none. All state is the broker's.
 *
 * Each device has its place from the start, so that a click never meets a
 * button that has just come under the pointer for another device.
 */

#define CALL_DEADLINE_MS 10000
/* As wide as the longest text, so that the buttons stay where they are. */
#define LABEL_CHARS 23

typedef struct
{
  const char *device;
  const char *icon;
  const char *muted_icon;
  const char *mute;
  const char *mute_tip;
} Kind;

static const Kind kinds[] = {
  { "camera", "camera-web-symbolic", "camera-disabled-symbolic", N_("Blank"), N_("The session sees black, and the stream goes on") },
  { "microphone", "audio-input-microphone-symbolic", "microphone-disabled-symbolic", N_("Mute"), N_("The session hears silence") },
  { "speaker", "audio-speakers-symbolic", "audio-volume-muted-symbolic", N_("Mute"), N_("You hear nothing of the session") },
};

typedef struct
{
  GtkWidget *box;
  GtkWidget *icon;
  GtkLabel *label;
  GtkToggleButton *mute;
  GtkWidget *off;
} Place;

struct _GlbDeviceBar
{
  AdwBin parent_instance;

  Place places[G_N_ELEMENTS (kinds)];
  GlbDBusSession1 *session;    /* (nullable) */
  gboolean updating;           /* the buttons follow the broker; they are not clicked */
};

G_DEFINE_FINAL_TYPE (GlbDeviceBar, glb_device_bar, ADW_TYPE_BIN)

enum
{
  SIGNAL_PROBLEM,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

/* ---- what the broker says ------------------------------------------------------ */

/* (nullable) (transfer full) */
static GVariant *
find_device (GlbDeviceBar *self,
             const char   *name)
{
  GVariant *devices = self->session != NULL ? glb_dbus_session1_get_devices (self->session) : NULL;

  for (gsize i = 0; devices != NULL && i < g_variant_n_children (devices); i++)
    {
      g_autoptr(GVariant) device = g_variant_get_child_value (devices, i);
      const char *found = "";

      if (g_variant_lookup (device, "device", "&s", &found) && g_str_equal (found, name))
        return g_steal_pointer (&device);
    }

  return NULL;
}

static gboolean
update_place (GlbDeviceBar *self,
              guint         i)
{
  Place *place = &self->places[i];
  g_autoptr(GVariant) device = find_device (self, kinds[i].device);
  gboolean granted = FALSE, in_use = FALSE, muted = FALSE;
  const char *target = "";
  g_autofree char *text = NULL;

  if (device != NULL)
    {
      g_variant_lookup (device, "granted", "b", &granted);
      g_variant_lookup (device, "in-use", "b", &in_use);
      g_variant_lookup (device, "muted", "b", &muted);
      g_variant_lookup (device, "target", "&s", &target);
    }

  text = glb_gate_text_device (kinds[i].device, in_use, muted);
  gtk_label_set_label (place->label, text);
  gtk_widget_set_tooltip_text (place->box, *target != '\0' ? target : NULL);
  gtk_image_set_from_icon_name (GTK_IMAGE (place->icon), muted ? kinds[i].muted_icon : kinds[i].icon);
  gtk_toggle_button_set_active (place->mute, muted);
  gtk_widget_set_sensitive (GTK_WIDGET (place->mute), granted);
  gtk_widget_set_sensitive (place->off, granted);
  gtk_widget_set_visible (place->box, granted);
  if (in_use && !muted)
    gtk_widget_add_css_class (place->box, "in-use");
  else
    gtk_widget_remove_css_class (place->box, "in-use");

  return granted;
}

static void
update (GlbDeviceBar *self)
{
  gboolean any = FALSE;

  self->updating = TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    any = update_place (self, i) || any;
  self->updating = FALSE;
  gtk_widget_set_visible (GTK_WIDGET (self), any);
}

/* ---- what the person wants ----------------------------------------------------- */

static void
call_cb (GObject      *object,
         GAsyncResult *result,
         gpointer      user_data)
{
  g_autoptr(GlbDeviceBar) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) reply = g_dbus_proxy_call_finish (G_DBUS_PROXY (object), result, &error);

  if (reply == NULL)
    {
      g_dbus_error_strip_remote_error (error);
      g_signal_emit (self, signals[SIGNAL_PROBLEM], 0, error->message);
    }
  update (self);
}

/* parameters: floating; taken. */
static void
call (GlbDeviceBar *self,
      const char   *method,
      GVariant     *parameters)
{
  g_autoptr(GVariant) held = g_variant_ref_sink (parameters);

  if (self->session != NULL)
    g_dbus_proxy_call (G_DBUS_PROXY (self->session), method, held, G_DBUS_CALL_FLAGS_NONE, CALL_DEADLINE_MS, NULL,
                       call_cb, g_object_ref (self));
}

static const char *
get_device (GlbDeviceBar *self,
            gpointer      button)
{
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (button == self->places[i].mute || button == self->places[i].off)
      return kinds[i].device;

  g_return_val_if_reached (NULL);
}

static void
on_mute_toggled (GtkToggleButton *button,
                 GlbDeviceBar    *self)
{
  if (!self->updating)
    call (self, "DeviceMute", g_variant_new ("(sb)", get_device (self, button), gtk_toggle_button_get_active (button)));
}

static void
on_off_clicked (GtkButton    *button,
                GlbDeviceBar *self)
{
  call (self, "DeviceOff", g_variant_new ("(s)", get_device (self, button)));
}

/* ---- the widget ---------------------------------------------------------------- */

static void
make_place (GlbDeviceBar *self,
            guint         i,
            GtkBox       *bar)
{
  Place *place = &self->places[i];
  g_autofree char *kind = glb_gate_text_kind (kinds[i].device);
  g_autofree char *mute_label = g_strdup_printf ("%s: %s", kind, _(kinds[i].mute));
  g_autofree char *off_label = g_strdup_printf (_("%s: Switch Off"), kind);

  place->box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  gtk_widget_add_css_class (place->box, "device");
  place->icon = gtk_image_new_from_icon_name (kinds[i].icon);
  place->label = GTK_LABEL (gtk_label_new (kind));
  gtk_label_set_width_chars (place->label, LABEL_CHARS);
  gtk_label_set_xalign (place->label, 0);
  place->mute = GTK_TOGGLE_BUTTON (gtk_toggle_button_new_with_label (_(kinds[i].mute)));
  place->off = gtk_button_new_with_label (_("Switch Off"));
  gtk_widget_set_tooltip_text (GTK_WIDGET (place->mute), _(kinds[i].mute_tip));
  gtk_widget_set_tooltip_text (place->off, _("Takes it away from the session"));
  glb_accessible_name_button (GTK_BUTTON (place->mute), mute_label);
  glb_accessible_name_button (GTK_BUTTON (place->off), off_label);
  g_signal_connect (place->mute, "toggled", G_CALLBACK (on_mute_toggled), self);
  g_signal_connect (place->off, "clicked", G_CALLBACK (on_off_clicked), self);

  gtk_box_append (GTK_BOX (place->box), place->icon);
  gtk_box_append (GTK_BOX (place->box), GTK_WIDGET (place->label));
  gtk_box_append (GTK_BOX (place->box), GTK_WIDGET (place->mute));
  gtk_box_append (GTK_BOX (place->box), place->off);
  gtk_box_append (bar, place->box);
}

static void
glb_device_bar_dispose (GObject *object)
{
  glb_device_bar_set_session (GLB_DEVICE_BAR (object), NULL);

  G_OBJECT_CLASS (glb_device_bar_parent_class)->dispose (object);
}

static void
glb_device_bar_class_init (GlbDeviceBarClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = glb_device_bar_dispose;

  /**
   * GlbDeviceBar::problem:
   * @message: plain text
   *
   * What a person wanted was not done.
   */
  signals[SIGNAL_PROBLEM] = g_signal_new ("problem", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                          NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);

  gtk_widget_class_set_css_name (widget_class, "devicebar");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_STATUS);
}

static void
glb_device_bar_init (GlbDeviceBar *self)
{
  GtkWidget *bar = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);

  adw_bin_set_child (ADW_BIN (self), bar);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Devices of the session"), -1);
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    make_place (self, i, GTK_BOX (bar));
  update (self);
}

void
glb_device_bar_set_session (GlbDeviceBar    *self,
                            GlbDBusSession1 *session)
{
  g_return_if_fail (GLB_IS_DEVICE_BAR (self));

  if (self->session != NULL)
    g_signal_handlers_disconnect_by_data (self->session, self);
  if (!g_set_object (&self->session, session) || session == NULL)
    return;

  g_signal_connect_object (session, "notify::devices", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
}
