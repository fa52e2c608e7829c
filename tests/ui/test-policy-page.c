/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The widgets of the policy page, on a display of their own that shows nothing. */

#include "config.h"

#include <adwaita.h>
#include <fcntl.h>
#include <gio/gunixinputstream.h>
#include <glib-unix.h>
#include <signal.h>
#include <sys/prctl.h>

#include "policies/glb-json-edit.h"
#include "tests/ui/test-config.h"
#include "ui/glb-own-policies.h"
#include "ui/glb-policy-form.h"
#include "ui/glb-policy-page.h"
#include "ui/glb-policy-text.h"

static GSubprocess *server;

/* A test that fails leaves no display behind. */
static void
end_with_parent (gpointer user_data)
{
  prctl (PR_SET_PDEATHSIG, SIGTERM);
}

/* (transfer full) */
static GDataInputStream *
read_lines (int fd)
{
  g_autoptr(GInputStream) stream = g_unix_input_stream_new (fd, TRUE);

  return g_data_input_stream_new (stream);
}

/* FALSE: there is none. */
static gboolean
start_display (void)
{
  g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  g_autoptr(GDataInputStream) stream = NULL;
  g_autofree char *display = NULL;
  g_autofree char *number = NULL;
  int fds[2];

  g_assert_true (g_unix_open_pipe (fds, FD_CLOEXEC, NULL));
  g_subprocess_launcher_set_child_setup (launcher, end_with_parent, NULL, NULL);
  g_subprocess_launcher_take_fd (launcher, fds[1], 3);
  server = g_subprocess_launcher_spawn (launcher, NULL, "Xvfb", "-displayfd", "3", "-noreset", "-nolisten", "tcp", "-screen", "0", "1360x940x24", NULL);
  g_clear_object (&launcher);
  stream = read_lines (fds[0]);
  number = g_data_input_stream_read_line (stream, NULL, NULL, NULL);
  if (server == NULL || number == NULL)
    return FALSE;
  display = g_strconcat (":", number, NULL);
  g_setenv ("DISPLAY", display, TRUE);
  g_setenv ("GDK_BACKEND", "x11", TRUE);
  g_setenv ("GSK_RENDERER", "cairo", TRUE);
  g_setenv ("GTK_A11Y", "none", TRUE);
  g_setenv ("GDK_DEBUG", "gl-disable", TRUE);
  g_unsetenv ("WAYLAND_DISPLAY");
  return TRUE;
}

/* The first of this type and title, in the order of the screen. (nullable) */
static GtkWidget *
find (GtkWidget  *widget,
      GType       type,
      const char *title)
{
  GtkWidget *found = NULL;

  if (g_type_is_a (G_OBJECT_TYPE (widget), type) &&
      (title == NULL || g_str_equal (adw_preferences_row_get_title (ADW_PREFERENCES_ROW (widget)), title)))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && found == NULL; child = gtk_widget_get_next_sibling (child))
    found = find (child, type, title);
  return found;
}

static void
on_edited (GlbPolicyForm *form,
           const char    *pointer,
           const char    *json,
           GString       *edits)
{
  g_string_append_printf (edits, "%s=%s;", pointer, json);
}

/* What a policy says is shown, and nobody chose it. */
static void
test_form_is_silent (void)
{
  g_autoptr(GtkWidget) form = g_object_ref_sink (glb_policy_form_new ());
  g_auto(GStrv) names = glb_policy_list_templates ();
  g_autoptr(GString) edits = g_string_new (NULL);

  g_signal_connect (form, "edited", G_CALLBACK (on_edited), edits);
  for (guint i = 0; names[i] != NULL; i++)
    {
      g_autoptr(GlbPolicy) policy = glb_policy_new_from_template (names[i], NULL);

      glb_policy_form_set_policy (GLB_POLICY_FORM (form), policy);
      g_assert_cmpuint (adw_combo_row_get_selected (ADW_COMBO_ROW (find (form, ADW_TYPE_COMBO_ROW, "Any site"))), ==,
                        policy->network.default_verdict);
    }
  g_assert_cmpstr (edits->str, ==, "");
}

static void
test_form_edits (void)
{
  g_autoptr(GtkWidget) form = g_object_ref_sink (glb_policy_form_new ());
  g_autoptr(GlbPolicy) policy = glb_policy_new_from_template ("default", NULL);
  g_autoptr(GString) edits = g_string_new (NULL);
  GtkWidget *memory, *read;

  glb_policy_form_set_policy (GLB_POLICY_FORM (form), policy);
  g_signal_connect (form, "edited", G_CALLBACK (on_edited), edits);

  adw_combo_row_set_selected (ADW_COMBO_ROW (find (form, ADW_TYPE_COMBO_ROW, "Camera")), 1);
  g_assert_cmpstr (edits->str, ==, "/devices/camera=\"prompt\";");
  g_string_truncate (edits, 0);

  memory = find (find (form, ADW_TYPE_ACTION_ROW, "Memory in MB"), GTK_TYPE_SPIN_BUTTON, NULL);
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (memory)), ==, "No limit");
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (memory), 512);
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (memory), 0);
  g_assert_cmpstr (edits->str, ==, "/resources/memoryMb=512;/resources/memoryMb=null;");
  g_string_truncate (edits, 0);

  read = find (form, ADW_TYPE_ENTRY_ROW, "May read");
  gtk_editable_set_text (GTK_EDITABLE (read), " /a \"b\" , ,${HOME}/c/** ");
  g_signal_emit_by_name (read, "apply");
  g_assert_cmpstr (edits->str, ==, "/filesystem/allowRead=[\"/a \\\"b\\\"\", \"${HOME}/c/**\"];");
}

static void
test_text (void)
{
  g_autoptr(GtkWidget) widget = g_object_ref_sink (glb_policy_text_new ());
  GlbPolicyText *text = GLB_POLICY_TEXT (widget);
  static const char * const steps[] = { "{ \"a\": \"ä\" }", "{ \"a\": \"ö\" }", "", "{}", "{ \"a\": 1,\n  \"b\": 2 }", "{ \"b\": 2 }" };

  glb_policy_text_set (text, "{ }", TRUE);
  for (gsize i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      g_autofree char *now = NULL;

      glb_policy_text_replace (text, steps[i]);
      now = glb_policy_text_get (text);
      g_assert_cmpstr (now, ==, steps[i]);
      glb_policy_text_mark_line (text, 1);
    }
}

/* A choice in the form reaches the text, and what is saved is the text. */
static void
test_page (void)
{
  g_autoptr(GtkWidget) page = g_object_ref_sink (glb_policy_page_new ());
  g_autofree char *template = glb_own_policies_get_template_text ("web");
  g_autofree char *saved = NULL;
  g_autofree char *expected = glb_json_edit_set (template, "/devices/camera", "\"prompt\"");
  GtkWidget *form = find (page, GLB_TYPE_POLICY_FORM, NULL);

  g_assert_true (glb_own_policies_save ("mine", NULL, template, NULL));
  glb_policy_page_choose (GLB_POLICY_PAGE (page), "web", FALSE);
  g_assert_false (gtk_widget_get_sensitive (form));
  glb_policy_page_choose (GLB_POLICY_PAGE (page), "mine", TRUE);
  g_assert_true (gtk_widget_get_sensitive (form));
  adw_combo_row_set_selected (ADW_COMBO_ROW (find (form, ADW_TYPE_COMBO_ROW, "Camera")), 1);
  gtk_widget_activate_action (page, "policy.save", NULL);
  saved = glb_own_policies_load ("mine", NULL);
  g_assert_cmpstr (saved, ==, expected);
  g_assert_true (glb_own_policies_remove ("mine", NULL));
}

int
main (int   argc,
      char *argv[])
{
  char *config = test_config_begin ();
  int status;

  g_test_init (&argc, &argv, NULL);
  if (!start_display ())
    {
      test_config_end (config);
      g_print ("1..0 # SKIP no Xvfb; install it\n");
      return 0;
    }
  adw_init ();
  g_test_add_func ("/policy-page/form/silent", test_form_is_silent);
  g_test_add_func ("/policy-page/form/edits", test_form_edits);
  g_test_add_func ("/policy-page/text", test_text);
  g_test_add_func ("/policy-page/page", test_page);
  status = g_test_run ();

  g_subprocess_force_exit (server);
  g_subprocess_wait (server, NULL, NULL);
  g_clear_object (&server);
  test_config_end (config);
  return status;
}
