/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glovebox-view"

#include "config.h"

#include "ui/glb-session-page.h"

#include <glib/gi18n-lib.h>

#include "ui/glb-action-link.h"
#include "ui/glb-button-content.h"
#include "ui/glb-clipboard-link.h"
#include "ui/glb-device-bar.h"
#include "ui/glb-grants-popover.h"
#include "ui/glb-network-popover.h"
#include "ui/glb-live-view.h"
#include "ui/glb-prompt-bar.h"
#include "ui/glb-recording-control.h"
#include "ui/glb-ripples.h"
#include "ui/glb-session-sidebar.h"
#include "ui/glb-session-text.h"

/**
 * GlbSessionPage:
 *
 * One session: its live screen inside a frame that the agent can't draw, who
 * drives it, its windows, pause, stop and take over, what it asks and what it
 * may. All state is the broker's; the buttons ask for a change and follow what
 * the broker says.
 *
 * Keys that are the window's while the page is shown, wherever the focus is
 * and while the person drives, too: the answers to a question while there is
 * one, Ctrl+Shift+V, and Shift+F12; while they don't drive, F9 and Alt+P.
 */
struct _GlbSessionPage
{
  AdwBin parent_instance;

  AdwWindowTitle *title;
  GtkToggleButton *drive_button;
  GlbButtonContent *drive_content;
  GtkToggleButton *pause_button;
  GlbButtonContent *pause_content;
  GtkWidget *stop_button;
  GlbRecordingControl *recording_control;
  AdwToastOverlay *toasts;
  GtkStack *stack;
  AdwStatusPage *status_page;
  GtkWidget *glass;
  GtkLabel *ribbon;
  GtkLabel *caption;
  GlbLiveView *live_view;
  GlbRipples *ripples;
  GtkWidget *sidebar_button;
  GlbSessionSidebar *sidebar;
  GlbPromptBar *prompt_bar;
  GlbDeviceBar *device_bar;
  AdwToast *network_toast;     /* (nullable): the last refusal */
  GtkWidget *network_button;
  GlbNetworkPopover *network_popover;
  GtkWidget *grants_button;
  GlbButtonContent *grants_content;
  GlbGrantsPopover *grants_popover;

  GtkMenuButton *menu_button;
  GtkEventController *keys;      /* (nullable): the window's, while the page is shown */
  GtkWindow *window;             /* (nullable): the same */
  GlbSessionItem *item;          /* (nullable) */
  GlbDBusSession1 *session;      /* (nullable): the item's */
  GlbClipboardLink *link;        /* (nullable) */
  GlbActionLink *actions;        /* (nullable): while the page is shown */
  guint caption_id;              /* while the caption is shown */
  AdwToast *offer;               /* (nullable): what the agent copied waits to be taken */
  gboolean take_over_denied;     /* by this session's policy */
  gboolean paste_waits;          /* Ctrl+Shift+V is the session's, once */
  gboolean lease_seen;           /* the broker has said that a person drives, since we began to */
  gboolean updating;             /* the buttons follow the broker; they are not clicked */
};

G_DEFINE_FINAL_TYPE (GlbSessionPage, glb_session_page, ADW_TYPE_BIN)

static void
show_message (GlbSessionPage *self,
              const char    *message)
{
  /* markup, and the names in it may be anybody's */
  g_autofree char *text = g_markup_escape_text (message, -1);

  adw_toast_overlay_add_toast (self->toasts, adw_toast_new (text));
}

static void
show_error (GlbSessionPage *self,
            GError        *error)
{
  g_dbus_error_strip_remote_error (error);
  show_message (self, error->message);
}

/* ---- what the broker says --------------------------------------------------- */

static void
set_class (GtkWidget  *widget,
           const char *name,
           gboolean    on)
{
  if (on)
    gtk_widget_add_css_class (widget, name);
  else
    gtk_widget_remove_css_class (widget, name);
}

static void
update_state (GlbSessionPage *self)
{
  const char *state = glb_dbus_session1_get_state (self->session);
  const char *driver = glb_dbus_session1_get_driver (self->session);
  const char *name = glb_dbus_session1_get_name (self->session);
  g_autofree char *text = glb_session_text_state (state, driver, glb_dbus_session1_get_reason (self->session));
  g_autofree char *ribbon = g_strdup_printf ("%s · %s", name, text);
  gboolean paused = g_strcmp0 (state, "paused") == 0;
  gboolean alive = paused || g_strcmp0 (state, "running") == 0;
  gboolean driving = glb_live_view_is_driving (self->live_view);

  /* The lease was lost, by a pause, an end or another person. The reply that grants it may overtake the news of it. */
  self->lease_seen = driving && (self->lease_seen || g_strcmp0 (driver, "human") == 0);
  if (driving && (!alive || (self->lease_seen && g_strcmp0 (driver, "human") != 0)))
    {
      glb_live_view_end_driving (self->live_view);
      self->lease_seen = driving = FALSE;
    }

  self->updating = TRUE;
  adw_window_title_set_title (self->title, name);
  adw_window_title_set_subtitle (self->title, text);
  gtk_label_set_label (self->ribbon, ribbon);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->glass), GTK_ACCESSIBLE_PROPERTY_LABEL, ribbon, -1);
  gtk_toggle_button_set_active (self->pause_button, paused);
  glb_button_content_set_label (self->pause_content, paused ? _("Resume") : _("Pause"));
  glb_button_content_set_icon_name (self->pause_content,
                                    paused ? "media-playback-start-symbolic" : "media-playback-pause-symbolic");
  gtk_toggle_button_set_active (self->drive_button, driving);
  glb_button_content_set_label (self->drive_content, driving ? _("Hand Back") : _("Take Over"));
  gtk_widget_set_sensitive (GTK_WIDGET (self->drive_button), alive && !paused);
  gtk_widget_set_sensitive (GTK_WIDGET (self->pause_button), alive);
  gtk_widget_set_sensitive (self->stop_button, alive);
  glb_live_view_set_touchable (self->live_view, alive && !paused && !self->take_over_denied);
  glb_session_sidebar_set_driving (self->sidebar, driving);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "view.paste", driving);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "view.copy", alive);
  set_class (self->glass, "human", alive && !paused && g_strcmp0 (driver, "human") == 0);
  set_class (self->glass, "replay", alive && !paused && g_strcmp0 (driver, "replay") == 0);
  set_class (self->glass, "paused", paused);
  set_class (self->glass, "ended", g_strcmp0 (state, "ended") == 0);
  self->updating = FALSE;
}

static void
update_network (GlbSessionPage *self)
{
  const char *state = glb_dbus_session1_get_network (self->session);
  gboolean gone = g_strcmp0 (state, "gone") == 0;

  gtk_widget_set_visible (self->network_button, gone || g_strcmp0 (state, "on") == 0);
  gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (self->network_button), gone ? "network-offline-symbolic" : "network-wired-symbolic");
  gtk_widget_set_tooltip_text (self->network_button, gone ? _("What carries the session’s network ended: nothing goes in or out any more")
                                                          : _("What the session is connected to, and what it was refused"));
}

static void follow_actions (GlbSessionPage *self);

static void
on_properties_changed (GlbDBusSession1 *session,
                       GVariant        *changed,
                       GStrv            invalidated,
                       GlbSessionPage   *self)
{
  update_state (self);
  update_network (self);
  follow_actions (self);
}

/* ---- what the agent does ------------------------------------------------------------ */

#define CAPTION_MS 4000

static gboolean
on_caption_over (gpointer user_data)
{
  GlbSessionPage *self = user_data;

  self->caption_id = 0;
  gtk_label_set_label (self->caption, "");

  return G_SOURCE_REMOVE;
}

static void
hide_caption (GlbSessionPage *self)
{
  if (self->caption_id == 0)
    return;

  g_source_remove (self->caption_id);
  on_caption_over (self);
}

/* In the frame, where the agent cannot write what it did not do. */
static void
on_action (GlbActionLink       *link,
           const GlbActionText *text,
           GlbSessionPage      *self)
{
  double x, y;

  if (text->has_place && glb_live_view_get_place (self->live_view, text->x, text->y, &x, &y))
    glb_ripples_add (self->ripples, x, y, text->refused);
  gtk_label_set_label (self->caption, text->title);
  g_clear_handle_id (&self->caption_id, g_source_remove);
  self->caption_id = g_timeout_add (CAPTION_MS, on_caption_over, self);
}

static GdkTexture *
take_picture (gpointer user_data)
{
  GlbSessionPage *self = user_data;

  return glb_live_view_take_picture (self->live_view);
}

/* While somebody looks. */
static void
follow_actions (GlbSessionPage *self)
{
  if (self->item == NULL || self->actions != NULL || !gtk_widget_get_mapped (GTK_WIDGET (self)) ||
      !glb_session_item_is_alive (self->item))
    return;

  self->actions = glb_action_link_new (self->session);
  g_signal_connect_object (self->actions, "action", G_CALLBACK (on_action), self, 0);
  glb_timeline_set_camera (glb_session_item_get_timeline (self->item), take_picture, self);
}

static void
leave_actions (GlbSessionPage *self)
{
  hide_caption (self);
  if (self->item != NULL)
    glb_timeline_set_camera (glb_session_item_get_timeline (self->item), NULL, NULL);
  if (self->actions != NULL)
    {
      g_object_run_dispose (G_OBJECT (self->actions));
      g_clear_object (&self->actions);
    }
}

static void
on_raise (GlbSessionSidebar *sidebar,
          guint              id,
          GlbSessionPage    *self)
{
  /* driving, too: the broker refuses it unless the person holds the lease */
  if (self->session != NULL)
    glb_dbus_session1_call_window_op (self->session, id, "activate", NULL, NULL, NULL);
}

/* ---- what the person asks for ------------------------------------------------ */

static void
take_lease_cb (GObject      *object,
               GAsyncResult *result,
               gpointer      user_data)
{
  g_autoptr(GlbSessionPage) self = user_data;
  g_autoptr(GError) error = NULL;
  guint64 epoch;

  if (!glb_dbus_session1_call_take_lease_finish (GLB_DBUS_SESSION1 (object), &epoch, result, &error))
    {
      if (object == G_OBJECT (self->session))
        {
          /* A policy does not change: clicks need not ask again. */
          self->take_over_denied = g_error_matches (error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_POLICY);
          glb_live_view_end_driving (self->live_view);
        }
      show_error (self, error);
    }
  else if (object == G_OBJECT (self->session))
    {
      self->lease_seen = FALSE;
      glb_live_view_begin_driving (self->live_view, epoch);
    }
  else
    glb_dbus_session1_call_release_lease (GLB_DBUS_SESSION1 (object), NULL, NULL, NULL);

  if (object != G_OBJECT (self->session))
    return;
  update_state (self);
}

static void
simple_call_cb (GObject      *object,
                GAsyncResult *result,
                gpointer      user_data)
{
  g_autoptr(GlbSessionPage) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) reply = g_dbus_proxy_call_finish (G_DBUS_PROXY (object), result, &error);

  if (reply == NULL)
    show_error (self, error);
  if (object == G_OBJECT (self->session))
    update_state (self);
}

static void
call (GlbSessionPage *self,
      const char    *method)
{
  g_dbus_proxy_call (G_DBUS_PROXY (self->session), method, NULL, G_DBUS_CALL_FLAGS_NONE, 30000, NULL,
                     simple_call_cb, g_object_ref (self));
}

static void
take_over (GlbSessionPage *self)
{
  glb_dbus_session1_call_take_lease (self->session, NULL, take_lease_cb, g_object_ref (self));
}

/* The answer says what happened meanwhile, which the person has seen. */
static void
hand_back (GlbSessionPage *self)
{
  glb_live_view_end_driving (self->live_view);
  call (self, "ReleaseLease");
}

static void
on_drive_toggled (GtkToggleButton *button,
                  GlbSessionPage   *self)
{
  if (self->updating || self->session == NULL)
    return;

  if (gtk_toggle_button_get_active (button))
    take_over (self);
  else
    hand_back (self);
}

/* Shift+F12 takes over and hands back. */
static gboolean
press_drive (GlbSessionPage *self)
{
  if (!gtk_widget_get_sensitive (GTK_WIDGET (self->drive_button)))
    return GDK_EVENT_PROPAGATE;

  gtk_toggle_button_set_active (self->drive_button, !gtk_toggle_button_get_active (self->drive_button));

  return GDK_EVENT_STOP;
}

static void
on_touched (GlbLiveView   *view,
            GlbSessionPage *self)
{
  take_over (self);
}

static void
on_hand_back (GlbLiveView   *view,
              GlbSessionPage *self)
{
  hand_back (self);
}

static void
on_pause_toggled (GtkToggleButton *button,
                  GlbSessionPage   *self)
{
  if (self->updating || self->session == NULL)
    return;

  call (self, gtk_toggle_button_get_active (button) ? "Pause" : "Resume");
}

static void
on_stop_clicked (GtkButton     *button,
                 GlbSessionPage *self)
{
  if (self->session != NULL)
    call (self, "Stop");
}

/* Long enough to be found by keys. */
#define RECORDED_S 20

/* Also of a session whose page is not shown any more. */
static void
on_recording_ended (GlbRecordingControl *control,
                    const char          *folder,
                    const char          *problem,
                    GlbSessionPage      *self)
{
  g_autofree char *name = folder != NULL ? g_path_get_basename (folder) : NULL;
  g_autofree char *uri = folder != NULL ? g_filename_to_uri (folder, NULL, NULL) : NULL;
  g_autofree char *text = problem != NULL ? g_markup_printf_escaped (_("Recording: %s"), problem)
                                          : g_markup_printf_escaped (_("Recorded: %s"), name);
  AdwToast *toast = adw_toast_new (text);

  adw_toast_set_timeout (toast, RECORDED_S);
  if (problem == NULL)
    {
      adw_toast_set_button_label (toast, _("Look at It"));
      adw_toast_set_action_name (toast, "win.show-recording");
      adw_toast_set_action_target (toast, "s", uri);
    }
  adw_toast_overlay_add_toast (self->toasts, toast);
}

/* ---- what the session asks and may ---------------------------------------------- */

static void
on_gates_changed (GlbSessionGates *gates,
                  GlbSessionPage   *self)
{
  GPtrArray *grants = glb_session_gates_get_grants (gates);
  GlbDBusPrompt1 *prompt = glb_session_gates_get_prompt (gates);
  guint n_prompts = glb_session_gates_get_n_prompts (gates);
  g_autofree char *label = NULL;

  glb_prompt_bar_set_prompt (self->prompt_bar, prompt, n_prompts > 0 ? n_prompts - 1 : 0);
  /* After an answer the keyboard is the session's again, and not some button's that is next to the one that went. */
  if (prompt == NULL && glb_live_view_is_driving (self->live_view))
    gtk_widget_grab_focus (GTK_WIDGET (self->live_view));

  label = g_strdup_printf (ngettext ("%u Permission", "%u Permissions", grants->len), grants->len);
  glb_button_content_set_label (self->grants_content, label);
  gtk_widget_set_visible (self->grants_button, grants->len > 0);
  glb_grants_popover_set_grants (self->grants_popover, grants);
}

static void
on_prompt_problem (GlbPromptBar  *bar,
                   const char    *message,
                   GlbSessionPage *self)
{
  show_message (self, message);
}

static void
on_device_problem (GlbDeviceBar  *bar,
                   const char    *message,
                   GlbSessionPage *self)
{
  show_message (self, message);
}

static void
on_is_active_changed (GtkWindow      *window,
                      GParamSpec     *pspec,
                      GlbSessionPage *self)
{
  if (gtk_window_is_active (window))
    glb_prompt_bar_hold (self->prompt_bar);
  else
    {
      /* Their releases go elsewhere. */
      glb_prompt_bar_release (self->prompt_bar, GLB_PROMPT_ANSWER_DENY);
      glb_prompt_bar_release (self->prompt_bar, GLB_PROMPT_ANSWER_ALLOW);
    }
}

/* ---- clipboard -------------------------------------------------------------------- */

static void
on_link_message (GlbClipboardLink *link,
                 const char       *message,
                 GlbSessionPage    *self)
{
  show_message (self, message);
}

static void
on_link_placed (GlbClipboardLink *link,
                GlbSessionPage    *self)
{
  self->paste_waits = TRUE;
  show_message (self, _("In the session’s clipboard, for one paste: paste it there now"));
}

static void
dismiss_offer (GlbSessionPage *self)
{
  g_autoptr(AdwToast) offer = g_steal_pointer (&self->offer);

  if (offer != NULL)
    adw_toast_dismiss (offer);
}

static void
on_offer_dismissed (AdwToast      *offer,
                    GlbSessionPage *self)
{
  if (offer == self->offer)
    g_clear_object (&self->offer);
}

static void
on_link_offered (GlbClipboardLink *link,
                 const char       *facts,
                 GlbSessionPage    *self)
{
  g_autofree char *text = g_markup_printf_escaped (_("The agent copied something for you: %s"), facts);
  AdwToast *offer = adw_toast_new (text);

  dismiss_offer (self);
  adw_toast_set_button_label (offer, _("_Take"));
  adw_toast_set_action_name (offer, "view.take");
  adw_toast_set_timeout (offer, 0);
  adw_toast_set_priority (offer, ADW_TOAST_PRIORITY_HIGH);
  g_signal_connect_object (offer, "dismissed", G_CALLBACK (on_offer_dismissed), self, 0);
  self->offer = g_object_ref (offer);
  adw_toast_overlay_add_toast (self->toasts, offer);
}

/* One at a time: the popover has those before. */
static void
on_network_refused (GlbDBusSession1 *session,
                    const char      *host,
                    guint            port,
                    const char      *code,
                    const char      *message,
                    guint64          count,
                    GlbSessionPage   *self)
{
  g_autofree char *place = port != 0 ? g_strdup_printf ("%s:%u", host, port) : g_strdup (host);
  g_autofree char *text = g_markup_printf_escaped (_("No connection to %s: %s"), place, message);
  AdwToast *toast;

  /* they said it themselves, or see it beside the screen */
  if (g_str_equal (code, "denied") || gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->sidebar_button)))
    return;
  if (self->network_toast != NULL)
    adw_toast_dismiss (self->network_toast);
  toast = adw_toast_new (text);
  g_set_object (&self->network_toast, toast);
  adw_toast_overlay_add_toast (self->toasts, toast);
}

static void
on_paste (GtkWidget  *widget,
          const char *name,
          GVariant   *parameter)
{
  GlbSessionPage *self = GLB_SESSION_PAGE (widget);

  if (self->link != NULL)
    glb_clipboard_link_paste (self->link);
}

static void
on_copy (GtkWidget  *widget,
         const char *name,
         GVariant   *parameter)
{
  GlbSessionPage *self = GLB_SESSION_PAGE (widget);

  if (self->link != NULL)
    glb_clipboard_link_copy (self->link);
}

static void
on_take (GtkWidget  *widget,
         const char *name,
         GVariant   *parameter)
{
  GlbSessionPage *self = GLB_SESSION_PAGE (widget);

  if (self->link != NULL)
    glb_clipboard_link_take (self->link);
}

/* ---- keys -------------------------------------------------------------------------- */

#define CTRL_ALT   (GDK_CONTROL_MASK | GDK_ALT_MASK)
#define CTRL_SHIFT (GDK_CONTROL_MASK | GDK_SHIFT_MASK)

/* While the person drives, F9 is the session's: programs have uses for it. */
static gboolean
press_sidebar (GlbSessionPage *self)
{
  if (glb_live_view_is_driving (self->live_view))
    return GDK_EVENT_PROPAGATE;

  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->sidebar_button),
                                !gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->sidebar_button)));

  return GDK_EVENT_STOP;
}

static gboolean
press_grants (GlbSessionPage *self)
{
  if (glb_live_view_is_driving (self->live_view) || !gtk_widget_get_visible (self->grants_button))
    return GDK_EVENT_PROPAGATE;

  gtk_menu_button_popup (GTK_MENU_BUTTON (self->grants_button));

  return GDK_EVENT_STOP;
}

/* -1: it answers nothing */
static int
get_answer (guint keyval)
{
  switch (gdk_keyval_to_lower (keyval))
    {
    case GDK_KEY_n:
      return GLB_PROMPT_ANSWER_DENY;
    case GDK_KEY_y:
      return GLB_PROMPT_ANSWER_ALLOW;
    default:
      return -1;
    }
}

/*
 * The first Ctrl+Shift+V brings the clipboard, the second is the paste of the program inside: terminals have no other key
 * for it.
 */
static gboolean
press_paste (GlbSessionPage *self)
{
  if (!glb_live_view_is_driving (self->live_view))
    return GDK_EVENT_PROPAGATE;
  if (self->paste_waits)
    {
      self->paste_waits = FALSE;
      return GDK_EVENT_PROPAGATE;
    }

  gtk_widget_activate_action (GTK_WIDGET (self), "view.paste", NULL);

  return GDK_EVENT_STOP;
}

static gboolean
on_window_key_pressed (GtkEventControllerKey *controller,
                       guint                  keyval,
                       guint                  keycode,
                       GdkModifierType        state,
                       GlbSessionPage         *self)
{
  GdkModifierType modifiers = state & gtk_accelerator_get_default_mod_mask ();
  int answer = get_answer (keyval);

  if (modifiers == CTRL_ALT && answer >= 0)
    return glb_prompt_bar_press (self->prompt_bar, answer);
  if (modifiers == CTRL_SHIFT && gdk_keyval_to_lower (keyval) == GDK_KEY_v)
    return press_paste (self);
  if (modifiers == GDK_SHIFT_MASK && keyval == GDK_KEY_F12)
    return press_drive (self);
  if (modifiers == 0 && keyval == GDK_KEY_F9)
    return press_sidebar (self);
  if (modifiers == GDK_ALT_MASK && gdk_keyval_to_lower (keyval) == GDK_KEY_p)
    return press_grants (self);

  return GDK_EVENT_PROPAGATE;
}

static void
on_window_key_released (GtkEventControllerKey *controller,
                        guint                  keyval,
                        guint                  keycode,
                        GdkModifierType        state,
                        GlbSessionPage         *self)
{
  int answer = get_answer (keyval);

  if (answer >= 0)
    glb_prompt_bar_release (self->prompt_bar, answer);
}

/* ---- page -------------------------------------------------------------------- */

static void
glb_session_page_map (GtkWidget *widget)
{
  GlbSessionPage *self = GLB_SESSION_PAGE (widget);

  GTK_WIDGET_CLASS (glb_session_page_parent_class)->map (widget);

  /* before the live view, which takes all keys while the person drives */
  self->window = GTK_WINDOW (gtk_widget_get_root (widget));
  self->keys = gtk_event_controller_key_new ();
  gtk_event_controller_set_propagation_phase (self->keys, GTK_PHASE_CAPTURE);
  g_signal_connect (self->keys, "key-pressed", G_CALLBACK (on_window_key_pressed), self);
  g_signal_connect (self->keys, "key-released", G_CALLBACK (on_window_key_released), self);
  gtk_widget_add_controller (GTK_WIDGET (self->window), self->keys);
  g_signal_connect (self->window, "notify::is-active", G_CALLBACK (on_is_active_changed), self);
  gtk_menu_button_set_primary (self->menu_button, TRUE);
  glb_prompt_bar_hold (self->prompt_bar);
  follow_actions (self);
}

static void
glb_session_page_unmap (GtkWidget *widget)
{
  GlbSessionPage *self = GLB_SESSION_PAGE (widget);

  leave_actions (self);
  if (self->window != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->window, self);
      gtk_widget_remove_controller (GTK_WIDGET (self->window), self->keys);
      self->window = NULL;
      self->keys = NULL;
    }
  gtk_menu_button_set_primary (self->menu_button, FALSE);

  GTK_WIDGET_CLASS (glb_session_page_parent_class)->unmap (widget);
}

static void
forget_session (GlbSessionPage *self)
{
  leave_actions (self);
  if (self->item != NULL)
    g_signal_handlers_disconnect_by_data (glb_session_item_get_gates (self->item), self);
  if (self->session != NULL)
    g_signal_handlers_disconnect_by_data (self->session, self);
  dismiss_offer (self);
  g_clear_object (&self->link);
  g_clear_object (&self->session);
  g_clear_object (&self->item);
}

static void
glb_session_page_dispose (GObject *object)
{
  GlbSessionPage *self = GLB_SESSION_PAGE (object);

  forget_session (self);
  g_clear_object (&self->network_toast);

  G_OBJECT_CLASS (glb_session_page_parent_class)->dispose (object);
}

static void
glb_session_page_class_init (GlbSessionPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = glb_session_page_dispose;
  widget_class->map = glb_session_page_map;
  widget_class->unmap = glb_session_page_unmap;

  g_type_ensure (GLB_TYPE_BUTTON_CONTENT);
  g_type_ensure (GLB_TYPE_LIVE_VIEW);
  g_type_ensure (GLB_TYPE_RECORDING_CONTROL);
  g_type_ensure (GLB_TYPE_RIPPLES);
  g_type_ensure (GLB_TYPE_SESSION_SIDEBAR);
  g_type_ensure (GLB_TYPE_PROMPT_BAR);
  g_type_ensure (GLB_TYPE_DEVICE_BAR);
  g_type_ensure (GLB_TYPE_NETWORK_POPOVER);
  g_type_ensure (GLB_TYPE_GRANTS_POPOVER);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/glovebox/View/glb-session-page.ui");
  gtk_widget_class_bind_template_child (widget_class, GlbSessionPage, title);
  gtk_widget_class_bind_template_child (widget_class, GlbSessionPage, menu_button);
  gtk_widget_class_bind_template_child (widget_class, GlbSessionPage, drive_button);
  gtk_widget_class_bind_template_child (widget_class, GlbSessionPage, drive_content);
  gtk_widget_class_bind_template_child (widget_class, GlbSessionPage, pause_button);
  gtk_widget_class_bind_template_child (widget_class, GlbSessionPage, pause_content);
  gtk_widget_class_bind_template_child (widget_class, GlbSessionPage, stop_button);
  gtk_widget_class_bind_template_child (widget_class, GlbSessionPage, recording_control);
  gtk_widget_class_bind_template_child (widget_class, GlbSessionPage, toasts);
  gtk_widget_class_bind_template_child (widget_class, GlbSessionPage, stack);
  gtk_widget_class_bind_template_child (widget_class, GlbSessionPage, status_page);
  gtk_widget_class_bind_template_child (widget_class, GlbSessionPage, glass);
  gtk_widget_class_bind_template_child (widget_class, GlbSessionPage, ribbon);
  gtk_widget_class_bind_template_child (widget_class, GlbSessionPage, caption);
  gtk_widget_class_bind_template_child (widget_class, GlbSessionPage, live_view);
  gtk_widget_class_bind_template_child (widget_class, GlbSessionPage, ripples);
  gtk_widget_class_bind_template_child (widget_class, GlbSessionPage, sidebar_button);
  gtk_widget_class_bind_template_child (widget_class, GlbSessionPage, sidebar);
  gtk_widget_class_bind_template_child (widget_class, GlbSessionPage, prompt_bar);
  gtk_widget_class_bind_template_child (widget_class, GlbSessionPage, device_bar);
  gtk_widget_class_bind_template_child (widget_class, GlbSessionPage, network_button);
  gtk_widget_class_bind_template_child (widget_class, GlbSessionPage, network_popover);
  gtk_widget_class_bind_template_child (widget_class, GlbSessionPage, grants_button);
  gtk_widget_class_bind_template_child (widget_class, GlbSessionPage, grants_content);
  gtk_widget_class_bind_template_child (widget_class, GlbSessionPage, grants_popover);
  gtk_widget_class_bind_template_callback (widget_class, on_drive_toggled);
  gtk_widget_class_bind_template_callback (widget_class, on_pause_toggled);
  gtk_widget_class_bind_template_callback (widget_class, on_stop_clicked);
  gtk_widget_class_bind_template_callback (widget_class, on_recording_ended);
  gtk_widget_class_bind_template_callback (widget_class, on_raise);
  gtk_widget_class_bind_template_callback (widget_class, on_hand_back);
  gtk_widget_class_bind_template_callback (widget_class, on_touched);
  gtk_widget_class_bind_template_callback (widget_class, on_prompt_problem);
  gtk_widget_class_bind_template_callback (widget_class, on_device_problem);
  gtk_widget_class_install_action (widget_class, "view.paste", NULL, on_paste);
  gtk_widget_class_install_action (widget_class, "view.copy", NULL, on_copy);
  gtk_widget_class_install_action (widget_class, "view.take", NULL, on_take);
}

static void
glb_session_page_init (GlbSessionPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "view.paste", FALSE);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "view.copy", FALSE);
}

GtkWidget *
glb_session_page_new (void)
{
  return g_object_new (GLB_TYPE_SESSION_PAGE, NULL);
}

/* What drives goes back to the agent: nobody sees what they do on a page that is not shown. */
static void
leave_session (GlbSessionPage *self)
{
  if (self->session != NULL && glb_live_view_is_driving (self->live_view))
    hand_back (self);
  forget_session (self);
}

static void
follow_session (GlbSessionPage *self,
                GlbSessionItem *item)
{
  GlbDBusSession1 *session = glb_session_item_get_session (item);

  self->item = g_object_ref (item);
  self->session = g_object_ref (session);
  g_signal_connect_object (session, "g-properties-changed", G_CALLBACK (on_properties_changed), self, 0);
  g_signal_connect_object (session, "network-refused", G_CALLBACK (on_network_refused), self, 0);
  g_signal_connect_object (glb_session_item_get_gates (item), "changed", G_CALLBACK (on_gates_changed), self, 0);
  self->link = glb_clipboard_link_new (session, gtk_widget_get_clipboard (GTK_WIDGET (self)));
  g_signal_connect_object (self->link, "message", G_CALLBACK (on_link_message), self, 0);
  g_signal_connect_object (self->link, "placed", G_CALLBACK (on_link_placed), self, 0);
  g_signal_connect_object (self->link, "offered", G_CALLBACK (on_link_offered), self, 0);
}

void
glb_session_page_set_item (GlbSessionPage *self,
                           GlbSessionItem *item)
{
  GlbDBusSession1 *session;

  g_return_if_fail (GLB_IS_SESSION_PAGE (self));

  if (item == self->item)
    return;

  leave_session (self);
  self->take_over_denied = self->paste_waits = FALSE;
  if (item != NULL)
    follow_session (self, item);
  session = self->session;
  glb_live_view_set_session (self->live_view, session);
  glb_device_bar_set_session (self->device_bar, session);
  glb_recording_control_set_session (self->recording_control, session);
  glb_network_popover_set_session (self->network_popover, session);
  glb_session_sidebar_set_item (self->sidebar, item);
  if (item == NULL)
    {
      glb_prompt_bar_set_prompt (self->prompt_bar, NULL, 0);
      return;
    }

  gtk_stack_set_visible_child_name (self->stack, "live");
  update_state (self);
  update_network (self);
  on_gates_changed (glb_session_item_get_gates (item), self);
  follow_actions (self);
  /* on nothing that a key could press before it is meant */
  gtk_widget_grab_focus (self->glass);
}

GlbSessionItem *
glb_session_page_get_item (GlbSessionPage *self)
{
  g_return_val_if_fail (GLB_IS_SESSION_PAGE (self), NULL);

  return self->item;
}

gboolean
glb_session_page_focus_question (GlbSessionPage *self)
{
  g_return_val_if_fail (GLB_IS_SESSION_PAGE (self), FALSE);

  return glb_prompt_bar_focus (self->prompt_bar);
}

void
glb_session_page_set_problem (GlbSessionPage *self,
                              const char     *title,
                              const char     *description)
{
  g_autofree char *text = g_markup_escape_text (description, -1);

  g_return_if_fail (GLB_IS_SESSION_PAGE (self));

  adw_window_title_set_title (self->title, title);
  adw_window_title_set_subtitle (self->title, NULL);
  adw_status_page_set_title (self->status_page, title);
  adw_status_page_set_description (self->status_page, text);   /* which is markup */
  gtk_stack_set_visible_child_name (self->stack, "status");
}
