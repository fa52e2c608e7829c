/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib-unix.h>
#include <glib/gstdio.h>

#include "session-broker/client/glb-paths.h"
#include "session-broker/sandbox/glb-sandbox.h"
#include "tests/broker/broker-fixture.h"
#include "tests/broker/system-fixture.h"

#define POLKITD  "/usr/lib/polkit-1/polkitd"
#define ACTIONS  "/usr/share/polkit-1/actions"
#define RULES    "/etc/polkit-1/rules.d"
#define MORE     "/usr/share/polkit-1/rules.d"
#define BUS_FOLDER "/run/dbus"
#define CONFIG   "/etc/glovebox"

/* As the system's own, but for what cannot run here: another user, forking, syslog and starting services. */
static const char bus_config[] =
  "<!DOCTYPE busconfig PUBLIC '-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN'"
  " 'http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd'>\n"
  "<busconfig>\n"
  "  <type>system</type>\n"
  "  <listen>unix:path=%s/bus</listen>\n"
  /* polkit's helper program takes nothing from its environment */
  "  <listen>unix:path=" BUS_FOLDER "/system_bus_socket</listen>\n"
  "  <auth>EXTERNAL</auth>\n"
  "  <policy context='default'>\n"
  "    <allow user='*'/>\n"
  "    <deny own='*'/>\n"
  "    <deny send_type='method_call'/>\n"
  "    <allow send_type='signal'/>\n"
  "    <allow send_requested_reply='true' send_type='method_return'/>\n"
  "    <allow send_requested_reply='true' send_type='error'/>\n"
  "    <allow receive_type='method_call'/>\n"
  "    <allow receive_type='method_return'/>\n"
  "    <allow receive_type='error'/>\n"
  "    <allow receive_type='signal'/>\n"
  "    <allow send_destination='org.freedesktop.DBus' send_interface='org.freedesktop.DBus'/>\n"
  "    <allow send_destination='org.freedesktop.PolicyKit1'/>\n"
  "  </policy>\n"
  "  <policy user='polkitd'>\n"
  "    <allow own='org.freedesktop.PolicyKit1'/>\n"
  "    <allow send_interface='org.freedesktop.PolicyKit1.AuthenticationAgent'/>\n"
  "  </policy>\n"
  "  <include>%s</include>\n"
  "</busconfig>\n";

/* ---- a place of its own ----------------------------------------------------------------- */

static gboolean
mount_empty (const char *path, const char **why)
{
  if (mount ("tmpfs", path, "tmpfs", MS_NODEV | MS_NOSUID, "mode=0755") == 0)
    return TRUE;
  *why = "cannot mount over the folders of polkit and the bus";
  return FALSE;
}

/* In this namespace alone; -1: not entered. */
static int passwd_fd = -1;

/* A copy of the account database that can grow. */
static void
mount_passwd (void)
{
  g_autofree char *passwd = NULL;
  g_autofree char *file = NULL;
  g_autoptr(GError) error = NULL;
  gsize length;

  passwd_fd = g_file_open_tmp ("glb-passwd-XXXXXX", &file, &error);
  g_assert_no_error (error);
  g_file_get_contents ("/etc/passwd", &passwd, &length, &error);
  g_assert_no_error (error);
  g_assert_cmpint (write (passwd_fd, passwd, length), ==, (gssize) length);
  g_assert_cmpint (fchmod (passwd_fd, 0644), ==, 0);
  g_assert_cmpint (mount (file, "/etc/passwd", NULL, MS_BIND, NULL), ==, 0);
  g_unlink (file);
}

/* Every password is right: who is asked, and by whom, is what counts here. */
static void
mount_pam (void)
{
  static const char * const files[] = { "/etc/pam.d/polkit-1", "/usr/lib/pam.d/polkit-1" };
  g_autofree char *file = NULL;
  g_autoptr(GError) error = NULL;
  int fd = g_file_open_tmp ("glb-pam-XXXXXX", &file, &error);

  g_assert_no_error (error);
  close (fd);
  g_file_set_contents_full (file, "auth sufficient pam_permit.so\naccount sufficient pam_permit.so\n", -1, G_FILE_SET_CONTENTS_NONE, 0644,
                            &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_chmod (file, 0644), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    if (g_file_test (files[i], G_FILE_TEST_IS_REGULAR))
      g_assert_cmpint (mount (file, files[i], NULL, MS_BIND, NULL), ==, 0);
  g_unlink (file);
}

void
system_fixture_add_account (guint uid)
{
  g_autofree char *line = g_strdup_printf ("glb-test-%u:x:%u:65534::/nonexistent:/usr/sbin/nologin\n", uid, uid);

  g_assert_cmpint (passwd_fd, >=, 0);
  g_assert_cmpint (write (passwd_fd, line, strlen (line)), ==, (gssize) strlen (line));
}

gboolean
system_fixture_enter (const char **why)
{
  g_autofree char *content = NULL;

  if (geteuid () != 0)
    *why = "takes root, whose broker alone is on the system bus";
  else if (!g_file_test (POLKITD, G_FILE_TEST_IS_EXECUTABLE) || getpwnam ("polkitd") == NULL)
    *why = "polkitd is missing; install the package polkitd";
  else if (unshare (CLONE_NEWNS) != 0 || mount (NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
    *why = "cannot have mounts of its own";
  if (*why == NULL)
    g_mkdir_with_parents (BUS_FOLDER, 0755);
  if (*why != NULL || !mount_empty (BUS_FOLDER, why) || !mount_empty (ACTIONS, why) || !mount_empty (MORE, why) || !mount_empty (RULES, why))
    return FALSE;

  /* which ids are sessions' is as it is without a word of the administrator's */
  if (g_file_test (CONFIG, G_FILE_TEST_IS_DIR) && !mount_empty (CONFIG, why))
    return FALSE;

  mount_passwd ();
  mount_pam ();
  g_assert_true (g_file_get_contents (SOURCE_ROOT "/data/org.glovebox.policy", &content, NULL, NULL));
  g_assert_true (g_file_set_contents (ACTIONS "/org.glovebox.policy", content, -1, NULL));
  return TRUE;
}

guint
system_fixture_uid (const char *name)
{
  struct passwd *entry = getpwnam (name);

  g_assert_nonnull (entry);
  return entry->pw_uid;
}

/* ---- its programs --------------------------------------------------------------------------- */

static void
die_with_test (gpointer user_data)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

static GPid
spawn (const char * const *argv)
{
  /* what others' programs warn of is not ours to end them for */
  g_auto(GStrv) environment = g_environ_unsetenv (g_get_environ (), "G_DEBUG");
  g_autoptr(GError) error = NULL;
  GPid pid;

  g_spawn_async ("/", (char **) argv, environment, G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL, die_with_test, NULL,
                 &pid, &error);
  g_assert_no_error (error);
  return pid;
}

void
system_fixture_kill (GPid *pid)
{
  if (*pid == 0)
    return;
  kill (*pid, SIGKILL);
  g_assert_cmpint (waitpid (*pid, NULL, 0), ==, *pid);
  *pid = 0;
}

static gboolean
bus_listens (gpointer user_data)
{
  SystemFixture *fixture = user_data;

  fixture->client = g_dbus_connection_new_for_address_sync (g_getenv ("DBUS_SYSTEM_BUS_ADDRESS"),
                                                            G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
                                                            G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION, NULL, NULL, NULL);
  return fixture->client != NULL;
}

void
system_fixture_start_bus (SystemFixture *fixture)
{
  g_autofree char *config = NULL;
  g_autofree char *file = NULL;
  g_autofree char *option = NULL;
  g_autofree char *address = NULL;
  g_autoptr(GError) error = NULL;
  const char *argv[] = { "dbus-daemon", "--nofork", "--nopidfile", "--nosyslog", NULL, NULL };

  fixture->root = g_dir_make_tmp ("glb-system-XXXXXX", &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_chmod (fixture->root, 0755), ==, 0);
  config = g_strdup_printf (bus_config, fixture->root, SOURCE_ROOT "/data/org.glovebox.Broker1.conf");
  file = g_build_filename (fixture->root, "bus.conf", NULL);
  g_file_set_contents (file, config, -1, &error);
  g_assert_no_error (error);
  address = g_strdup_printf ("unix:path=%s/bus", fixture->root);
  g_setenv ("DBUS_SYSTEM_BUS_ADDRESS", address, TRUE);
  option = g_strconcat ("--config-file=", file, NULL);
  argv[4] = option;
  fixture->bus_pid = spawn (argv);
  test_wait (bus_listens, fixture, "the bus");
}

static gboolean
polkit_answers (gpointer user_data)
{
  SystemFixture *fixture = user_data;
  g_autoptr(GVariant) reply = g_dbus_connection_call_sync (fixture->client, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                                                           "org.freedesktop.DBus", "NameHasOwner",
                                                           g_variant_new ("(s)", "org.freedesktop.PolicyKit1"), NULL,
                                                           G_DBUS_CALL_FLAGS_NONE, 5000, NULL, NULL);
  gboolean has_owner = FALSE;

  if (reply != NULL)
    g_variant_get (reply, "(b)", &has_owner);
  return has_owner;
}

void
system_fixture_start_polkit (SystemFixture *fixture, const char *rules)
{
  const char *argv[] = { POLKITD, NULL };
  g_autoptr(GError) error = NULL;

  g_file_set_contents (RULES "/10-test.rules", rules, -1, &error);
  g_assert_no_error (error);
  fixture->polkit_pid = spawn (argv);
  test_wait (polkit_answers, fixture, "polkit");
}

void
system_fixture_stop (SystemFixture *fixture)
{
  g_autoptr(GError) error = NULL;

  g_clear_object (&fixture->client);
  system_fixture_kill (&fixture->polkit_pid);
  system_fixture_kill (&fixture->bus_pid);
  g_unsetenv ("DBUS_SYSTEM_BUS_ADDRESS");
  glb_sandbox_remove_tree (fixture->root, &error);
  g_assert_no_error (error);
  g_clear_pointer (&fixture->root, g_free);
}

void
system_fixture_authenticate (SystemFixture *fixture, guint uid, const char *asked)
{
  g_auto(GStrv) words = g_strsplit (asked, " ", 2);
  g_autoptr(GVariant) reply = NULL;
  g_autoptr(GError) error = NULL;
  GVariantBuilder identity;

  g_variant_builder_init (&identity, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&identity, "{sv}", "uid", g_variant_new_uint32 (0));
  reply = g_dbus_connection_call_sync (fixture->client, "org.freedesktop.PolicyKit1", "/org/freedesktop/PolicyKit1/Authority",
                                       "org.freedesktop.PolicyKit1.Authority", "AuthenticationAgentResponse2",
                                       g_variant_new ("(us(s@a{sv}))", uid, words[0], "unix-user", g_variant_builder_end (&identity)),
                                       NULL, G_DBUS_CALL_FLAGS_NONE, 10000, NULL, &error);
  g_assert_no_error (error);
}

/* ---- callers ---------------------------------------------------------------------------------- */

static gboolean
on_output (GIOChannel *channel, GIOCondition condition, gpointer user_data)
{
  SystemCaller *caller = user_data;
  char *line = NULL;

  if (g_io_channel_read_line (channel, &line, NULL, NULL, NULL) != G_IO_STATUS_NORMAL)
    {
      caller->output_id = 0;
      return G_SOURCE_REMOVE;
    }
  g_strchomp (line);
  g_test_message ("caller: %s", line);
  g_ptr_array_add (caller->lines, line);
  return G_SOURCE_CONTINUE;
}

SystemCaller *
system_caller_new (guint uid, gboolean agent, const char *path, const char *interface, const char *method, const char *parameters)
{
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *folder = g_path_get_dirname (self);
  g_autofree char *program = g_build_filename (folder, "system-caller", NULL);
  g_autofree char *uid_text = g_strdup_printf ("%u", uid);
  g_autofree char *object = g_strconcat ("/org/glovebox/Broker1", *path != '\0' ? "/" : "", path, NULL);
  g_autofree char *full = strchr (interface, '.') != NULL ? g_strdup (interface) : g_strconcat ("org.glovebox.", interface, NULL);
  const char *argv[] = { program, uid_text, agent ? "agent" : "none", object, full, method, parameters, NULL };
  SystemCaller *caller = g_new0 (SystemCaller, 1);
  g_autoptr(GError) error = NULL;
  int output;

  g_spawn_async_with_pipes ("/", (char **) argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, die_with_test, NULL, &caller->pid,
                            &caller->input, &output, NULL, &error);
  g_assert_no_error (error);
  caller->lines = g_ptr_array_new_with_free_func (g_free);
  caller->output = g_io_channel_unix_new (output);
  g_io_channel_set_close_on_unref (caller->output, TRUE);
  g_io_channel_set_encoding (caller->output, NULL, NULL);
  caller->output_id = g_io_add_watch (caller->output, G_IO_IN | G_IO_HUP, on_output, caller);
  return caller;
}

void
system_caller_free (SystemCaller *caller)
{
  system_fixture_kill (&caller->pid);
  g_clear_handle_id (&caller->output_id, g_source_remove);
  g_io_channel_unref (caller->output);
  close (caller->input);
  g_ptr_array_unref (caller->lines);
  g_free (caller);
}

typedef struct
{
  SystemCaller *caller;
  const char *start;
  const char *found;
} Wanted;

static gboolean
has_line (gpointer user_data)
{
  Wanted *wanted = user_data;

  for (guint i = 0; i < wanted->caller->lines->len && wanted->found == NULL; i++)
    if (g_str_has_prefix (wanted->caller->lines->pdata[i], wanted->start))
      wanted->found = (const char *) wanted->caller->lines->pdata[i] + strlen (wanted->start);
  return wanted->found != NULL || wanted->caller->output_id == 0;
}

const char *
system_caller_wait (SystemCaller *caller, const char *start)
{
  Wanted wanted = { caller, start, NULL };

  test_wait (has_line, &wanted, start);
  if (wanted.found == NULL)
    g_error ("the caller ended without \"%s\"", start);
  return wanted.found;
}

void
system_caller_say (SystemCaller *caller, const char *line)
{
  g_assert_cmpint (write (caller->input, line, strlen (line)), ==, (gssize) strlen (line));
}

/* ---- the command line -------------------------------------------------------------------------- */

static void
become_user (gpointer user_data)
{
  uid_t uid = GPOINTER_TO_UINT (user_data);

  if (setgroups (0, NULL) != 0 || setresgid (uid, uid, uid) != 0 || setresuid (uid, uid, uid) != 0)
    _exit (2);
}

/* The terminal is the controlling one, too. */
static void
become_user_of_terminal (gpointer user_data)
{
  setsid ();
  ioctl (STDIN_FILENO, TIOCSCTTY, 0);
  become_user (user_data);
}

static void
take_result (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static gboolean
is_there (gpointer user_data)
{
  return *(gpointer *) user_data != NULL;
}

/* (transfer full) */
static char **
make_argv (const char * const *arguments)
{
  g_autoptr(GStrvBuilder) builder = g_strv_builder_new ();
  g_autofree char *program = glb_paths_find_program ("glovebox", NULL);

  g_assert_nonnull (program);
  g_strv_builder_add_many (builder, program, "--system", NULL);
  g_strv_builder_addv (builder, (const char **) arguments);
  return g_strv_builder_end (builder);
}

/* What a program writes on its terminal, which need not be lines. */
typedef struct
{
  GString *text;
  gboolean closed;
} Terminal;

static gboolean
on_terminal (int fd, GIOCondition condition, gpointer user_data)
{
  Terminal *terminal = user_data;
  char buffer[1024];
  ssize_t n = read (fd, buffer, sizeof buffer);

  if (n > 0)
    g_string_append_len (terminal->text, buffer, n);
  terminal->closed = n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN);
  return !terminal->closed;
}

static gboolean
is_closed (gpointer user_data)
{
  return ((Terminal *) user_data)->closed;
}

int
system_cli_run_in_terminal (guint uid, const char * const *arguments, char **output)
{
  g_auto(GStrv) argv = make_argv (arguments);
  Terminal terminal = { .text = g_string_new (NULL) };
  int master = posix_openpt (O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK), slave, status;
  g_autoptr(GError) error = NULL;
  GPid pid;

  g_assert_cmpint (master, >=, 0);
  g_assert_cmpint (grantpt (master), ==, 0);
  g_assert_cmpint (unlockpt (master), ==, 0);
  slave = open (ptsname (master), O_RDWR | O_NOCTTY | O_CLOEXEC);
  g_assert_cmpint (fchown (slave, uid, -1), ==, 0);
  g_spawn_async_with_fds ("/", argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, become_user_of_terminal, GUINT_TO_POINTER (uid), &pid, slave, slave, slave,
                          &error);
  g_assert_no_error (error);
  close (slave);
  g_unix_fd_add (master, G_IO_IN | G_IO_HUP, on_terminal, &terminal);
  test_wait (is_closed, &terminal, "glovebox in a terminal");
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_true (WIFEXITED (status));
  close (master);
  *output = g_string_free (terminal.text, FALSE);
  return WEXITSTATUS (status);
}

int
system_cli_run (guint uid, const char * const *arguments, char **output, char **errors)
{
  g_auto(GStrv) argv = make_argv (arguments);
  g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GSubprocess) process = NULL;
  g_autoptr(GError) error = NULL;

  g_subprocess_launcher_set_child_setup (launcher, become_user, GUINT_TO_POINTER (uid), NULL);
  process = g_subprocess_launcher_spawnv (launcher, (const char * const *) argv, &error);
  g_assert_no_error (error);
  g_subprocess_communicate_utf8_async (process, NULL, NULL, take_result, &result);
  test_wait (is_there, &result, "glovebox");
  g_subprocess_communicate_utf8_finish (process, result, output, errors, &error);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_get_if_exited (process));
  return g_subprocess_get_exit_status (process);
}
