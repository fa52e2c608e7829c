/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fcntl.h>
#include <gio/gio.h>
#include <gio/gunixfdlist.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "policies/glb-policy.h"
#include "session-broker/cli/glb-cli.h"
#include "session-broker/cli/glb-early-run.h"
#include "session-broker/cli/glb-early-wire.h"

/* The call that goes out before GDBus is loaded is the one that GDBus would make. */

#define N_RANDOM 20000

static char *folder;

static gboolean
make_early (GStrv     argv,
            GVariant **body,
            int      *workspace_fd)
{
  static unsigned char bytes[GLB_EARLY_RUN_MAX];
  g_autoptr(GDBusMessage) message = NULL;
  g_autoptr(GError) error = NULL;
  bool stays;
  gsize length = glb_early_run_make ((int) g_strv_length (argv), argv, bytes, sizeof bytes, workspace_fd, &stays);

  if (length == 0)
    return FALSE;

  message = g_dbus_message_new_from_blob (bytes, length, G_DBUS_CAPABILITY_FLAGS_UNIX_FD_PASSING, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_dbus_message_get_message_type (message), ==, G_DBUS_MESSAGE_TYPE_METHOD_CALL);
  g_assert_cmpuint (g_dbus_message_get_serial (message), ==, GLB_EARLY_RUN_SERIAL);
  g_assert_cmpstr (g_dbus_message_get_path (message), ==, GLB_BROKER_OBJECT_PATH);
  g_assert_cmpstr (g_dbus_message_get_interface (message), ==, "org.glovebox.Broker1");
  g_assert_cmpstr (g_dbus_message_get_member (message), ==, "Run");
  g_assert_cmpuint (g_dbus_message_get_num_unix_fds (message), ==, *workspace_fd >= 0 ? 1 : 0);
  *body = g_variant_ref (g_dbus_message_get_body (message));
  g_assert_cmpstr (g_variant_get_type_string (*body), ==, "(a{sv}as)");
  return TRUE;
}

/* The order of a dictionary says nothing. */
static void
assert_same (GVariant *early,
             GVariant *usual)
{
  g_autoptr(GVariant) early_options = g_variant_get_child_value (early, 0);
  g_autoptr(GVariant) usual_options = g_variant_get_child_value (usual, 0);
  g_autoptr(GVariant) early_command = g_variant_get_child_value (early, 1);
  g_autoptr(GVariant) usual_command = g_variant_get_child_value (usual, 1);
  GVariantIter iter;
  const char *key;
  GVariant *value;

  g_assert_cmpvariant (early_command, usual_command);
  g_assert_cmpuint (g_variant_n_children (early_options), ==, g_variant_n_children (usual_options));
  g_variant_iter_init (&iter, usual_options);
  while (g_variant_iter_next (&iter, "{&sv}", &key, &value))
    {
      g_autoptr(GVariant) other = g_variant_lookup_value (early_options, key, NULL);

      g_assert_nonnull (other);
      g_assert_cmpvariant (other, value);
      g_variant_unref (value);
    }
}

static void
assert_same_folder (int          fd,
                    GUnixFDList *fds)
{
  struct stat early, usual;
  int other = g_unix_fd_list_get (fds, 0, NULL);

  g_assert_no_errno (fstat (fd, &early));
  g_assert_no_errno (fstat (other, &usual));
  g_assert_true (early.st_dev == usual.st_dev && early.st_ino == usual.st_ino);
  close (other);
}

/* words: after "glovebox". Whether it went out early; then it is compared. */
static gboolean
check (const char * const *words)
{
  g_autoptr(GStrvBuilder) builder = g_strv_builder_new ();
  g_auto(GStrv) argv = NULL;
  g_autoptr(GVariant) early = NULL;
  g_autoptr(GVariant) usual = NULL;
  g_autoptr(GUnixFDList) fds = NULL;
  g_autofree char **rest = NULL;
  int fd = -1;

  g_strv_builder_add (builder, "glovebox");
  g_strv_builder_addv (builder, (const char **) words);
  argv = g_strv_builder_end (builder);
  if (!make_early (argv, &early, &fd))
    {
      g_assert_cmpint (fd, ==, -1);
      return FALSE;
    }

  /* the parser takes out of the array what it knows */
  rest = g_memdup2 (argv, sizeof *argv * (g_strv_length (argv) + 1));
  usual = glb_cli_run_make_parameters ((int) g_strv_length (rest) - 1, rest + 1, &fds);
  g_assert_nonnull (usual);
  assert_same (early, usual);
  g_assert_cmpint (fd >= 0, ==, fds != NULL);
  if (fd >= 0)
    {
      assert_same_folder (fd, fds);
      close (fd);
    }
  return TRUE;
}

#define EARLY(...) g_assert_true (check ((const char * const []) { "run", __VA_ARGS__, NULL }))
#define USUAL(...) g_assert_false (check ((const char * const []) { "run", __VA_ARGS__, NULL }))

static char *
write_policy (const char *name,
              const char *text)
{
  char *path = g_build_filename (folder, name, NULL);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  return path;
}

static void
test_plain (void)
{
  g_autofree char *plain = write_policy ("plain.json", "{\"schemaVersion\": \"1.0\"}");
  g_autofree char *place = write_policy ("place.json", "{\"filesystem\": {\"allowRead\": [\"${WORKSPACE}/**\"]}}");
  g_autofree char *with = g_strconcat ("--policy=", plain, NULL);

  EARLY ("true");
  EARLY ("--", "true");
  EARLY ("sh", "-c", "echo \"$1\"", "--name", "x");
  EARLY ("-d", "-n", "work", "--", "sh", "-c", "exit 3");
  EARLY ("--detach", "--json", "--name=work", "--tier", "process", "true");
  EARLY ("--policy", plain, "--timeout", "30", "--persist=home", "--cwd", "/tmp", "true");
  EARLY (with, "-e", "A=1", "--env", "B=", "--env=C=a=b", "true");
  EARLY ("-p", place, "--", "true");
  EARLY ("-p", place, "-w", folder, "true");
  EARLY ("--workspace", folder, "true");

  g_setenv ("SSH_AUTH_SOCK", "/run/agent", TRUE);
  EARLY ("true");
  g_unsetenv ("SSH_AUTH_SOCK");
}

/* Each of them is the other way's to do, or to refuse in its words. */
static void
test_not_plain (void)
{
  g_autofree char *plain = write_policy ("plain.json", "{}");
  g_autofree char *foreign = write_policy ("foreign.json", "{\"agent\": {\"name\": \"M\303\274ller\"}}");
  g_autofree char *missing = g_build_filename (folder, "missing.json", NULL);
  g_autofree char *pipe = g_build_filename (folder, "pipe", NULL);
  g_autofree char *large_text = g_strnfill (70 * 1024, ' ');
  g_autofree char *large = write_policy ("large.json", large_text);
  g_autofree char *many = g_strnfill (GLB_EARLY_RUN_MAX, 'x');

  g_assert_cmpint (mkfifo (pipe, 0600), ==, 0);
  g_assert_false (check ((const char * const []) { "ps", NULL }));
  g_assert_false (check ((const char * const []) { "run", NULL }));
  USUAL ("--");
  USUAL ("--help");
  USUAL ("--record", "x", "true");
  USUAL ("--deterministic", "true");
  USUAL ("--nam", "x", "true");
  USUAL ("--n", "x", "true");
  USUAL ("-name", "x", "true");
  USUAL ("-dn", "x", "true");
  USUAL ("--name", "x", "--name", "y", "true");
  USUAL ("--name", "--detach", "true");
  USUAL ("--name", "");
  USUAL ("--detach=yes", "true");
  USUAL ("--name", "M\303\274ller", "true");
  USUAL ("echo", "\377");
  USUAL ("--tier", "micro-vm", "true");
  USUAL ("--timeout", "0", "true");
  USUAL ("--timeout", "1s", "true");
  USUAL ("--timeout", "-1", "true");
  USUAL ("--timeout", "99999999999", "true");
  USUAL ("--env", "A", "true");
  USUAL ("--env", "=1", "true");
  USUAL ("--policy", plain, "--template", "default", "true");
  USUAL ("--policy", missing, "true");
  USUAL ("--policy", folder, "true");
  USUAL ("--policy", pipe, "true");
  USUAL ("--policy", foreign, "true");
  USUAL ("--policy", large, "true");
  USUAL ("--template", "no-such", "true");
  USUAL ("--workspace", missing, "true");
  USUAL ("--workspace", "/tmp/../tmp", "true");
  USUAL (many);
}

/* Its table knows all of them, and which name a workspace. */
static void
test_templates (void)
{
  g_auto(GStrv) names = glb_policy_list_templates ();

  for (guint i = 0; names[i] != NULL; i++)
    EARLY ("--template", names[i], "true");
}

/* Whatever is written on a command line: it goes out as GDBus would say it, or not at all. */
static void
test_random (void)
{
  g_autofree char *plain = write_policy ("plain.json", "{\"schemaVersion\": \"1.0\"}");
  const char *words[] = { "--policy", "-p", plain, "--template", "-t", "default", "web", "--name", "-n", "a", "--name=b", "--tier",
                          "session", "--tier=process", "--workspace", "-w", folder, ".", "--env", "-e", "A=1", "--env=B=2", "--cwd",
                          "/tmp", "--timeout", "5", "--timeout=60", "--persist", "--persist=p", "--detach", "-d", "--json", "--",
                          "true", "sh", "-c", "", "x=y", "--cwd=" };
  guint n_early = 0;

  for (guint i = 0; i < N_RANDOM; i++)
    {
      const char *line[12] = { "run" };
      guint n = (guint) g_test_rand_int_range (1, G_N_ELEMENTS (line) - 1);

      for (guint k = 1; k <= n; k++)
        line[k] = words[g_test_rand_int_range (0, G_N_ELEMENTS (words))];
      n_early += check (line);
    }
  g_assert_cmpuint (n_early, >, N_RANDOM / 100);
}

/* ---- whom it is said to -------------------------------------------------------- */

/* What asks at a socket that a child with this user id listens on: whether it said anything. */
static gboolean
ask_listener (uid_t uid)
{
  g_autofree char *runtime = g_build_filename (folder, "glovebox", NULL);
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  char *argv[] = { (char *) "glovebox", (char *) "run", (char *) "true", NULL };
  GlbEarlyRun early;
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int status = -1;
  gboolean sent;
  pid_t pid;

  g_assert_cmpint (g_mkdir (runtime, 0700), ==, 0);
  g_snprintf (address.sun_path, sizeof address.sun_path, "%s/bus", runtime);
  g_assert_no_errno (bind (fd, (struct sockaddr *) &address, sizeof address));
  pid = fork ();
  g_assert_cmpint (pid, >=, 0);
  if (pid == 0)
    _exit ((uid != geteuid () && setresuid (uid, uid, uid) < 0) || listen (fd, 1) < 0);
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_cmpint (status, ==, 0);

  sent = glb_early_run (3, argv, &early);
  if (sent)
    {
      close (early.connection);
      sigprocmask (SIG_UNBLOCK, &early.held, NULL);
    }
  close (fd);
  g_unlink (address.sun_path);
  g_rmdir (runtime);
  return sent;
}

/* The kernel says who listens; nobody else learns what is to be run. */
static void
test_foreign_broker (void)
{
  g_setenv ("XDG_RUNTIME_DIR", folder, TRUE);
  g_assert_true (ask_listener (geteuid ()));
  if (geteuid () == 0)
    g_assert_false (ask_listener (65534));
  else
    g_test_skip ("takes root to be another user");
}

/* A folder that others may write to is nobody's, whoever listens in it. */
static void
test_open_folder (void)
{
  g_setenv ("XDG_RUNTIME_DIR", folder, TRUE);
  g_assert_no_errno (g_chmod (folder, 0770));
  g_assert_false (ask_listener (geteuid ()));
  g_assert_no_errno (g_chmod (folder, 0700));
  g_assert_true (ask_listener (geteuid ()));
}

/* ---- what the broker says ------------------------------------------------------ */

static unsigned char *
make_signal (const char *interface,
             const char *member,
             GVariant   *parameters,
             gsize      *length)
{
  g_autoptr(GDBusMessage) message = g_dbus_message_new_signal (GLB_BROKER_OBJECT_PATH "/Sessions/s1", interface, member);
  g_autoptr(GError) error = NULL;
  unsigned char *bytes;

  g_dbus_message_set_body (message, parameters);
  bytes = g_dbus_message_to_blob (message, length, G_DBUS_CAPABILITY_FLAGS_NONE, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (glb_early_wire_get_size (bytes, *length), ==, *length);
  g_assert_cmpuint (glb_early_wire_get_size (bytes, 16), ==, *length);
  g_assert_cmpuint (glb_early_wire_get_size (bytes, 15), ==, 0);
  return bytes;
}

static void
assert_kind (const char   *interface,
             const char   *member,
             const char   *parameters,
             GlbEarlyKind  kind)
{
  gsize length;
  g_autofree unsigned char *bytes = make_signal (interface, member, g_variant_new_parsed (parameters), &length);

  g_assert_cmpint (glb_early_wire_get_kind (bytes, length), ==, kind);
}

static void
test_kinds (void)
{
  const char *properties = "org.freedesktop.DBus.Properties", *session = "org.glovebox.Session1";
  g_autofree unsigned char *exited = NULL;
  gsize length;

  assert_kind (properties, "PropertiesChanged", "('s', {'State': <'running'>}, @as [])", GLB_EARLY_SIGNAL);
  assert_kind (properties, "PropertiesChanged", "('s', {'Windows': <@aa{sv} []>}, @as [])", GLB_EARLY_SIGNAL);
  assert_kind (properties, "PropertiesChanged", "('s', {'State': <'ended'>}, @as [])", GLB_EARLY_END);
  assert_kind (properties, "PropertiesChanged", "('s', {'Reason': <'timeout'>}, @as [])", GLB_EARLY_END);
  assert_kind (session, "ActionDone", "('agent', 'ended', 'Reason')", GLB_EARLY_SIGNAL);
  assert_kind (session, "CommandExited", "(uint64 1, 0)", GLB_EARLY_END);
  assert_kind ("org.freedesktop.DBus.ObjectManager", "InterfacesRemoved", "(objectpath '/a', ['s'])", GLB_EARLY_END);
  exited = make_signal (session, "CommandExited", g_variant_new_parsed ("(uint64 1, 0)"), &length);
  g_assert_true (glb_early_wire_is_about (exited, length, GLB_BROKER_OBJECT_PATH "/Sessions/s1"));
  g_assert_false (glb_early_wire_is_about (exited, length, GLB_BROKER_OBJECT_PATH "/Sessions/s2"));
}

static void
test_started (void)
{
  g_autoptr(GDBusMessage) call = g_dbus_message_new_method_call (NULL, GLB_BROKER_OBJECT_PATH, "org.glovebox.Broker1", "Run");
  g_autoptr(GDBusMessage) answer = NULL;
  g_autoptr(GUnixFDList) fds = g_unix_fd_list_new ();
  g_autofree unsigned char *bytes = NULL;
  GlbEarlyStarted started;
  gsize length;

  g_dbus_message_set_serial (call, GLB_EARLY_RUN_SERIAL);
  answer = g_dbus_message_new_method_reply (call);
  for (guint i = 0; i < 3; i++)
    g_unix_fd_list_append (fds, STDERR_FILENO, NULL);
  g_dbus_message_set_unix_fd_list (answer, fds);
  g_dbus_message_set_body (answer, g_variant_new_parsed ("(objectpath '/a/b', uint64 77, [handle 2, 0, 1])"));
  bytes = g_dbus_message_to_blob (answer, &length, G_DBUS_CAPABILITY_FLAGS_UNIX_FD_PASSING, NULL);

  g_assert_cmpint (glb_early_wire_get_kind (bytes, length), ==, GLB_EARLY_ANSWER);
  g_assert_true (glb_early_wire_read_started (bytes, length, &started));
  g_assert_cmpstr (started.path, ==, "/a/b");
  g_assert_cmpuint (started.command, ==, 77);
  g_assert_cmpuint (started.streams[0], ==, 2);
  g_assert_cmpuint (started.streams[1], ==, 0);
  g_assert_cmpuint (started.streams[2], ==, 1);

  /* two streams of one descriptor would be closed twice */
  bytes[length - 4] = 0;
  g_assert_false (glb_early_wire_read_started (bytes, length, &started));
  bytes[length - 4] = 3;
  g_assert_false (glb_early_wire_read_started (bytes, length, &started));
}

int
main (int    argc,
      char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("glovebox-early-XXXXXX", NULL);
  g_assert_nonnull (folder);
  g_assert_cmpint (g_chdir (folder), ==, 0);
  g_unsetenv ("SSH_AUTH_SOCK");

  g_test_add_func ("/early-run/plain", test_plain);
  g_test_add_func ("/early-run/not-plain", test_not_plain);
  g_test_add_func ("/early-run/templates", test_templates);
  g_test_add_func ("/early-run/random", test_random);
  g_test_add_func ("/early-run/foreign-broker", test_foreign_broker);
  g_test_add_func ("/early-run/open-folder", test_open_folder);
  g_test_add_func ("/early-run/kinds", test_kinds);
  g_test_add_func ("/early-run/started", test_started);
  result = g_test_run ();

  for (gsize i = 0; i < 5; i++)
    {
      static const char * const names[] = { "plain.json", "place.json", "foreign.json", "large.json", "pipe" };
      g_autofree char *path = g_build_filename (folder, names[i], NULL);

      g_remove (path);
    }
  g_rmdir (folder);
  g_free (folder);
  return result;
}
