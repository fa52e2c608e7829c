/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The app as a screen reader meets it, over AT-SPI: whatever one can press,
 * choose or fill in has a name, on the wall, on the page of a session and on
 * both sides of its sidebar.
 */

#include "config.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "tests/system/glb-test-display.h"

#define ACCESSIBLE "org.a11y.atspi.Accessible"
#define ROOT       "/org/a11y/atspi/accessible/root"

/* AtspiRole, of what a person operates. */
static const struct { guint role; const char *name; } controls[] = {
  { 7, "check box" }, { 11, "combo box" }, { 31, "list" }, { 32, "list item" }, { 35, "menu item" }, { 37, "page tab" },
  { 43, "push button" }, { 44, "radio button" }, { 51, "slider" }, { 52, "spin button" }, { 62, "toggle button" }, { 79, "entry" },
};
typedef struct
{
  GlbTestSystem *system;
  GSubprocess *dbus;
  char *address;               /* of the session bus */
  GlbTestDisplay display;
  GSubprocess *view;
  GDBusConnection *bus;        /* of accessibility */
  char *id;
  GString *nameless;
  GHashTable *names;           /* of what was met, to its owner and path */
  guint n_controls;
} Reader;

static gboolean
have_programs (void)
{
  static const char * const programs[] = { "Xvfb", "xdotool", "foot", "dbus-daemon" };

  for (guint i = 0; i < G_N_ELEMENTS (programs); i++)
    {
      g_autofree char *path = g_find_program_in_path (programs[i]);

      if (path == NULL)
        {
          g_test_skip_printf ("%s is not installed", programs[i]);
          return FALSE;
        }
    }
  if (!g_file_test ("/usr/share/dbus-1/services/org.a11y.Bus.service", G_FILE_TEST_EXISTS))
    {
      g_test_skip ("at-spi2-core is not installed");
      return FALSE;
    }

  return TRUE;
}

/* ---- reading -------------------------------------------------------------------------- */

/* (nullable): it is not there any more */
static GVariant *
ask (Reader     *reader,
     const char *owner,
     const char *path,
     const char *interface,
     const char *method,
     GVariant   *arguments)
{
  return g_dbus_connection_call_sync (reader->bus, owner, path, interface, method, arguments, NULL,
                                      G_DBUS_CALL_FLAGS_NONE, 10000, NULL, NULL);
}

static char *
read_name (Reader     *reader,
           const char *owner,
           const char *path)
{
  g_autoptr(GVariant) reply = ask (reader, owner, path, "org.freedesktop.DBus.Properties", "Get",
                                   g_variant_new ("(ss)", ACCESSIBLE, "Name"));
  g_autoptr(GVariant) name = NULL;

  if (reply == NULL)
    return g_strdup ("");

  g_variant_get (reply, "(v)", &name);

  return g_variant_dup_string (name, NULL);
}

/* GTK's own way out, where nobody gave a name. */
static gboolean
is_name (const char *name)
{
  return *name != '\0' && !g_str_has_prefix (name, "Gtk") && !g_str_has_prefix (name, "Adw") && !g_str_has_prefix (name, "Glb");
}

static const char *
get_control (guint role)
{
  for (guint i = 0; i < G_N_ELEMENTS (controls); i++)
    if (controls[i].role == role)
      return controls[i].name;

  return NULL;
}

static void
read_one (Reader     *reader,
          const char *owner,
          const char *path,
          const char *parent)
{
  g_autoptr(GVariant) reply = ask (reader, owner, path, ACCESSIBLE, "GetRole", NULL);
  g_autofree char *name = NULL;
  const char *control;
  guint role = 0;

  if (reply == NULL)
    return;

  g_variant_get (reply, "(u)", &role);
  control = get_control (role);
  name = read_name (reader, owner, path);
  /* a button's label is no button */
  if (is_name (name) && (control != NULL || !g_hash_table_contains (reader->names, name)))
    g_hash_table_insert (reader->names, g_strdup (name), g_strdup_printf ("%s %s", owner, path));
  /* a label, or decoration inside of something with a name */
  if (control == NULL)
    return;
  reader->n_controls++;
  /* libadwaita 1.2 gives the button that closes a toast no name; toasts go by themselves */
  if (!is_name (name) && !g_str_equal (parent, "AdwToastWidget"))
    g_string_append_printf (reader->nameless, "\n  %s %s in “%s”", control, path, parent);
}

static void
read_tree (Reader     *reader,
           const char *owner,
           const char *path,
           const char *parent)
{
  g_autoptr(GVariant) reply = ask (reader, owner, path, ACCESSIBLE, "GetChildren", NULL);
  g_autofree char *own_name = read_name (reader, owner, path);
  const char *name = *own_name != '\0' ? own_name : parent;
  const char *child_owner, *child_path;
  g_autoptr(GVariantIter) iter = NULL;

  if (reply == NULL)
    return;

  g_variant_get (reply, "(a(so))", &iter);
  while (g_variant_iter_next (iter, "(&s&o)", &child_owner, &child_path))
    {
      read_one (reader, child_owner, child_path, name);
      read_tree (reader, child_owner, child_path, name);
    }
}

static void
read_app (Reader *reader)
{
  g_hash_table_remove_all (reader->names);
  g_string_set_size (reader->nameless, 0);
  reader->n_controls = 0;
  read_tree (reader, "org.a11y.atspi.Registry", ROOT, "the desktop");
}

typedef struct
{
  Reader *reader;
  const char *wanted;
} Wanted;

static gboolean
is_there (gpointer data)
{
  Wanted *wanted = data;

  read_app (wanted->reader);

  return g_hash_table_contains (wanted->reader->names, wanted->wanted);
}

static void
check_page (Reader     *reader,
            const char *wanted)
{
  Wanted what = { reader, wanted };

  glb_test_wait (is_there, &what, wanted);
  g_test_message ("“%s”: %u controls", wanted, reader->n_controls);
  if (reader->nameless->len > 0)
    g_error ("Nobody can say what these are:%s", reader->nameless->str);
}

/* As somebody does who cannot point. */
static void
press (Reader     *reader,
       const char *name)
{
  g_auto(GStrv) place = g_strsplit (g_hash_table_lookup (reader->names, name), " ", 2);
  g_autoptr(GVariant) reply = ask (reader, place[0], place[1], "org.a11y.atspi.Action", "DoAction", g_variant_new ("(i)", 0));

  g_assert_nonnull (reply);
}

/* ---- the app ------------------------------------------------------------------------------ */

/* With what it starts kept off our standard output, which is the tests' protocol. */
static void
start_session_bus (Reader *reader)
{
  g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  g_autoptr(GError) error = NULL;
  char address[512] = "";
  gsize length = 0;
  int fds[2];

  g_assert_cmpint (pipe (fds), ==, 0);
  g_subprocess_launcher_set_environ (launcher, reader->system->environment);
  g_subprocess_launcher_set_child_setup (launcher, glb_test_die_with_parent, NULL, NULL);
  g_subprocess_launcher_take_fd (launcher, fds[1], 3);
  reader->dbus = g_subprocess_launcher_spawn (launcher, &error, "dbus-daemon", "--session", "--nofork", "--print-address=3", NULL);
  g_assert_no_error (error);
  g_clear_object (&launcher);
  while (length < sizeof address - 1 && strchr (address, '\n') == NULL)
    {
      gssize n = read (fds[0], address + length, sizeof address - 1 - length);

      g_assert_cmpint (n, >, 0);
      length += n;
    }
  close (fds[0]);
  reader->address = g_strdup (g_strstrip (address));
}

static void
connect_to_accessibility (Reader *reader)
{
  g_autoptr(GDBusConnection) session = NULL;
  g_autoptr(GVariant) reply = NULL;
  g_autoptr(GError) error = NULL;
  const char *address;

  session = g_dbus_connection_new_for_address_sync (reader->address,
                                                    G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
                                                    G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION, NULL, NULL, &error);
  g_assert_no_error (error);
  reply = g_dbus_connection_call_sync (session, "org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus", "GetAddress", NULL,
                                       G_VARIANT_TYPE ("(s)"), G_DBUS_CALL_FLAGS_NONE, 10000, NULL, &error);
  g_assert_no_error (error);
  g_variant_get (reply, "(&s)", &address);
  reader->bus = g_dbus_connection_new_for_address_sync (address, G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
                                                        G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION, NULL, NULL, &error);
  g_assert_no_error (error);
  g_dbus_connection_set_exit_on_close (reader->bus, FALSE);
}

static gboolean
reader_start (Reader *reader)
{
  memset (reader, 0, sizeof *reader);
  if (!have_programs () || (reader->system = glb_test_system_new ()) == NULL)
    return FALSE;

  reader->nameless = g_string_new (NULL);
  reader->names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  glb_test_display_start (&reader->display, reader->system);
  start_session_bus (reader);
  reader->system->environment = g_environ_setenv (reader->system->environment, "DBUS_SESSION_BUS_ADDRESS",
                                                  reader->address, TRUE);
  connect_to_accessibility (reader);
  reader->id = glb_test_system_start (reader->system, "--", "foot", "-T", "target", NULL);
  glb_test_system_wait_for_window (reader->system, reader->id, "target");

  return TRUE;
}

static void
reader_end (Reader *reader)
{
  g_subprocess_force_exit (reader->view);
  g_subprocess_wait (reader->view, NULL, NULL);
  g_clear_object (&reader->view);
  g_clear_object (&reader->bus);
  g_subprocess_send_signal (reader->dbus, SIGTERM);
  g_subprocess_wait (reader->dbus, NULL, NULL);
  g_clear_object (&reader->dbus);
  g_clear_pointer (&reader->address, g_free);
  glb_test_display_stop (&reader->display);
  g_string_free (reader->nameless, TRUE);
  g_hash_table_unref (reader->names);
  g_clear_pointer (&reader->id, g_free);
  g_clear_pointer (&reader->system, glb_test_system_free);
}

static void
test_wall (void)
{
  Reader reader;

  if (!reader_start (&reader))
    return;

  reader.view = glb_test_system_spawn (reader.system, "view", NULL);
  check_page (&reader, "Stop Everything");
  check_page (&reader, "Search agents");
  reader_end (&reader);
}

static void
test_session (void)
{
  Reader reader;

  if (!reader_start (&reader))
    return;

  reader.view = glb_test_system_spawn (reader.system, "view", reader.id, NULL);
  check_page (&reader, "Take Over");
  check_page (&reader, "Windows of the session");
  check_page (&reader, "What the session may");
  reader_end (&reader);
}

static gboolean
is_paused (gpointer data)
{
  Reader *reader = data;
  g_autoptr(GlbTestResult) result = glb_test_system_run (reader->system, NULL, "ps", "--json", NULL);

  return strstr (glb_test_result_get_out (result), "\"paused\"") != NULL;
}

/* What the agent does is told while it does it; and what stops it is a button with a name. */
static void
test_watch_and_stop (void)
{
  g_autoptr(JsonNode) done = NULL;
  Reader reader;

  if (!reader_start (&reader))
    return;

  reader.view = glb_test_system_spawn (reader.system, "view", reader.id, NULL);
  check_page (&reader, "Take Over");
  done = glb_test_system_act (reader.system, reader.id, "{\"action\":\"type\",\"text\":\"ls\\n\"}");
  g_assert_nonnull (done);
  check_page (&reader, "Typed “ls⏎”");          /* in the frame */
  check_page (&reader, "Typed 3 characters");   /* in the timeline */

  press (&reader, "Stop Everything");
  glb_test_wait (is_paused, &reader, "the session to be frozen");
  check_page (&reader, "Resume");
  press (&reader, "Resume");
  check_page (&reader, "Pause");
  reader_end (&reader);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/view-names/wall", test_wall);
  g_test_add_func ("/view-names/session", test_session);
  g_test_add_func ("/view-names/watch-and-stop", test_watch_and_stop);

  return g_test_run ();
}
