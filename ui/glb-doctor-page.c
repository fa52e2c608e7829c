/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glovebox-view"

#include "config.h"

#include "ui/glb-doctor-page.h"

#include <glib/gi18n-lib.h>
#include <json-glib/json-glib.h>

#include "session-broker/client/glb-paths.h"
#include "ui/glb-accessible.h"
#include "ui/glb-doctor-text.h"

#define SEEN_FILE "first-page-seen"

struct _GlbDoctorPage
{
  AdwBin parent_instance;

  GtkImage *sign;
  GtkLabel *title;
  GtkLabel *description;
  GtkWidget *again_button;
  GtkBox *groups;

  GCancellable *cancellable;   /* of the check that runs */
};

G_DEFINE_FINAL_TYPE (GlbDoctorPage, glb_doctor_page, ADW_TYPE_BIN)

static const struct { const char *verdict, *title, *icon, *style; } verdicts[] = {
  { "missing", N_("Missing"), "dialog-error-symbolic", "error" },
  { "limited", N_("Not Here, and Not Needed"), "dialog-warning-symbolic", "warning" },
  { "ok", N_("Fine"), "emblem-ok-symbolic", "success" },
};

static void
set_head (GlbDoctorPage *self,
          const char    *icon,
          const char    *title,
          const char    *description)
{
  gtk_image_set_from_icon_name (self->sign, icon);
  gtk_label_set_text (self->title, title);
  gtk_label_set_text (self->description, description);
}

static void
clear (GlbDoctorPage *self)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->groups))) != NULL)
    gtk_box_remove (self->groups, child);
}

static GtkWidget *
make_row (JsonObject *check,
          const char *icon_name,
          const char *style)
{
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *icon = gtk_image_new_from_icon_name (icon_name);
  g_autofree char *detail = g_markup_escape_text (json_object_get_string_member (check, "detail"), -1);

  gtk_widget_add_css_class (icon, style);
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), icon);
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), glb_doctor_text_get (json_object_get_string_member (check, "name")));
  adw_action_row_set_title_lines (ADW_ACTION_ROW (row), 0);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 0);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), detail);
  gtk_widget_set_tooltip_text (row, json_object_get_string_member (check, "name"));
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  return row;
}

/* Returns how many have this verdict. */
static guint
add_group (GlbDoctorPage *self,
           JsonArray     *checks,
           guint          which)
{
  GtkWidget *group = adw_preferences_group_new ();
  guint n = 0;

  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), _(verdicts[which].title));
  for (guint i = 0; i < json_array_get_length (checks); i++)
    {
      JsonObject *check = json_array_get_object_element (checks, i);

      if (g_strcmp0 (json_object_get_string_member (check, "verdict"), verdicts[which].verdict) != 0)
        continue;
      adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), make_row (check, verdicts[which].icon, verdicts[which].style));
      n++;
    }
  gtk_widget_set_visible (group, n > 0);
  gtk_box_append (self->groups, group);
  return n;
}

static void
show_checks (GlbDoctorPage *self,
             JsonObject    *report)
{
  JsonArray *checks = json_object_get_array_member (report, "checks");
  guint missing, limited;

  missing = add_group (self, checks, 0);
  limited = add_group (self, checks, 1);
  add_group (self, checks, 2);
  if (missing > 0)
    set_head (self, "dialog-error-symbolic", _("Something Is Missing"),
              _("Agents cannot start until what is missing is there. Each line says what to do."));
  else if (limited > 0)
    set_head (self, "emblem-ok-symbolic", _("Ready"),
              _("Agents can start. A policy that needs what this machine cannot hold is refused, and says so."));
  else
    set_head (self, "emblem-ok-symbolic", _("Ready"), _("This machine can hold everything that a policy can say."));
}

static void
show_error (GlbDoctorPage *self,
            const char    *message)
{
  set_head (self, "dialog-error-symbolic", _("This Machine Could Not Be Looked At"), message);
}

static void
doctor_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr(GlbDoctorPage) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autofree char *out = NULL;
  g_autofree char *err = NULL;
  g_autoptr(JsonNode) node = NULL;

  if (!g_subprocess_communicate_utf8_finish (G_SUBPROCESS (object), result, &out, &err, &error))
    {
      if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        return;
      show_error (self, error->message);
    }
  else if ((node = json_from_string (out, NULL)) != NULL && JSON_NODE_HOLDS_OBJECT (node))
    show_checks (self, json_node_get_object (node));
  else
    show_error (self, err);
  gtk_widget_set_sensitive (self->again_button, TRUE);
}

static void
look (GlbDoctorPage *self)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *program = glb_paths_find_program ("glovebox", NULL);
  g_autoptr(GSubprocess) doctor = NULL;

  clear (self);
  set_head (self, "content-loading-symbolic", _("Looking at This Machine…"), _("What Glovebox promises, this machine must hold."));
  if (program == NULL)
    program = g_find_program_in_path ("glovebox");
  doctor = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE, &error,
                             program != NULL ? program : "glovebox", "doctor", "--json", NULL);
  if (doctor == NULL)
    {
      show_error (self, error->message);
      return;
    }
  gtk_widget_set_sensitive (self->again_button, FALSE);
  g_subprocess_communicate_utf8_async (doctor, NULL, self->cancellable, doctor_cb, g_object_ref (self));
}

static void
on_again (GlbDoctorPage *self)
{
  look (self);
}

/* ---- the first time ------------------------------------------------------------------ */

/* (transfer full) (nullable) */
static char *
get_seen_file (void)
{
  g_autofree char *folder = glb_paths_get_state_dir (NULL);

  return folder != NULL ? g_build_filename (folder, SEEN_FILE, NULL) : NULL;
}

gboolean
glb_doctor_page_is_first_run (void)
{
  g_autofree char *path = get_seen_file ();

  return path == NULL || !g_file_test (path, G_FILE_TEST_EXISTS);
}

void
glb_doctor_page_remember (void)
{
  g_autofree char *path = get_seen_file ();
  g_autoptr(GError) error = NULL;

  if (path != NULL && !g_file_set_contents (path, "", 0, &error))
    g_message ("first page: %s", error->message);
}

/* ---- the widget ---------------------------------------------------------------------- */

static void
glb_doctor_page_map (GtkWidget *widget)
{
  GlbDoctorPage *self = GLB_DOCTOR_PAGE (widget);

  GTK_WIDGET_CLASS (glb_doctor_page_parent_class)->map (widget);
  if (gtk_widget_get_first_child (GTK_WIDGET (self->groups)) == NULL)
    look (self);
}

static void
glb_doctor_page_dispose (GObject *object)
{
  GlbDoctorPage *self = GLB_DOCTOR_PAGE (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);

  G_OBJECT_CLASS (glb_doctor_page_parent_class)->dispose (object);
}

static void
glb_doctor_page_class_init (GlbDoctorPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = glb_doctor_page_dispose;
  widget_class->map = glb_doctor_page_map;

  gtk_widget_class_set_template_from_resource (widget_class, "/org/glovebox/View/glb-doctor-page.ui");
  gtk_widget_class_bind_template_child (widget_class, GlbDoctorPage, sign);
  gtk_widget_class_bind_template_child (widget_class, GlbDoctorPage, title);
  gtk_widget_class_bind_template_child (widget_class, GlbDoctorPage, description);
  gtk_widget_class_bind_template_child (widget_class, GlbDoctorPage, again_button);
  gtk_widget_class_bind_template_child (widget_class, GlbDoctorPage, groups);
  gtk_widget_class_bind_template_callback (widget_class, on_again);
}

static void
glb_doctor_page_init (GlbDoctorPage *self)
{
  self->cancellable = g_cancellable_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
  glb_accessible_drop_underscores (GTK_WIDGET (self));
}

GtkWidget *
glb_doctor_page_new (void)
{
  return g_object_new (GLB_TYPE_DOCTOR_PAGE, NULL);
}
