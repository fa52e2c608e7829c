/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The elements of a session's programs, with a real window and a program that
 * says of its elements what hostile-provider says: looked at, aimed at, waited
 * for. What a hostile one costs, an honest one shows that it would not.
 */

#include "config.h"

#include <linux/input-event-codes.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <gio/gunixfdlist.h>
#include <json-glib/json-glib.h>

#include "compositor-shim/glb-shim-protocol.h"
#include "tests/broker/broker-fixture.h"
#include "tests/broker/terminal-fixture.h"

#define READABLE ",\"filesystem\":{\"allowRead\":[\"${WORKSPACE}/**\"]}"
#define WAIT_MS  30000
#define TREE     "{\"action\":\"ui_tree\"}"
#define CLICK_OK "{\"action\":\"left_click\",\"target\":{\"role\":\"push button\",\"name\":\"OK\"}}"

/* A window "provider" and the program that says what is in it. */
typedef struct
{
  TestSession *session;
  int fds[3];
} Provided;

static void
provided_free (Provided *self)
{
  for (guint i = 0; i < 3; i++)
    if (self->fds[i] >= 0)
      close (self->fds[i]);
  test_session_free (self->session);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Provided, provided_free)

static TestSession *
run_window (BrokerFixture *fixture)
{
  g_autofree char *policy = test_policy ("session", DESKTOP READABLE);
  g_autofree char *copy = g_build_filename (fixture->workspace, "hostile-provider", NULL);
  g_autofree char *program = NULL;
  const char *argv[] = { "foot", "--log-level=none", "-T", "provider", "/bin/sh", "-c", "tty >/tmp/tty; while read -r x; do echo \"$x\"; done",
                         NULL };
  g_autoptr(GError) error = NULL;
  TestSession *session;
  GVariantDict dict;
  gsize length;

  g_file_get_contents (HOSTILE_PROVIDER, &program, &length, &error);
  g_assert_no_error (error);
  g_file_set_contents_full (copy, program, length, G_FILE_SET_CONTENTS_NONE, 0755, &error);
  g_assert_no_error (error);
  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "policy", "s", policy);
  g_variant_dict_insert (&dict, "workspace", "s", fixture->workspace);
  g_variant_dict_insert (&dict, "detach", "b", TRUE);
  session = broker_fixture_run (fixture, NULL, g_variant_dict_end (&dict), argv, &error);
  g_assert_no_error (error);
  test_session_wait_window (session);
  terminal_settle (session);
  return session;
}

static void
expect_line (int fd, const char *expected)
{
  g_autofree char *line = g_malloc0 (strlen (expected) + 2);
  struct pollfd polled = { .fd = fd, .events = POLLIN };

  for (gsize i = 0; i <= strlen (expected); i++)
    {
      g_assert_cmpint (poll (&polled, 1, WAIT_MS), ==, 1);
      g_assert_cmpint (read (fd, line + i, 1), ==, 1);
    }
  g_assert_cmpstr (g_strchomp (line), ==, expected);
}

static Provided *
provided_new (BrokerFixture *fixture, const char *mode)
{
  Provided *self = g_new0 (Provided, 1);
  g_autofree char *script = g_strdup_printf ("exec /workspace/hostile-provider %s", mode);

  self->session = run_window (fixture);
  test_session_exec (self->session, script, self->fds);
  expect_line (self->fds[1], "ready");
  return self;
}

/* Its elements change. */
static void
change (Provided *self)
{
  g_assert_cmpint (write (self->fds[0], "\n", 1), ==, 1);
  expect_line (self->fds[1], "again");
}

static JsonNode *
act (TestSession *session, const char *action)
{
  g_autofree char *text = test_session_act (session, action, NULL);
  JsonNode *node = json_from_string (text, NULL);

  g_assert_true (JSON_NODE_HOLDS_OBJECT (node));
  return node;
}

/* The first window's tree. result: of ui_tree (transfer none) (nullable) */
static JsonObject *
get_tree (JsonNode *result)
{
  JsonArray *windows = json_object_get_array_member (json_node_get_object (result), "windows");

  return json_array_get_length (windows) > 0 ? json_object_get_object_member (json_array_get_object_element (windows, 0), "tree") : NULL;
}

static guint
count_nodes (JsonObject *tree)
{
  JsonArray *children = json_object_has_member (tree, "children") ? json_object_get_array_member (tree, "children") : NULL;
  guint n = 1;

  for (guint i = 0; children != NULL && i < json_array_get_length (children); i++)
    n += count_nodes (json_array_get_object_element (children, i));
  return n;
}

/* ---- looked at and aimed at --------------------------------------------------------- */

static void
test_honest (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(Provided) provided = NULL;
  g_autoptr(JsonNode) tree = NULL;
  g_autoptr(JsonNode) click = NULL;
  g_autoptr(JsonObject) audit = NULL;
  JsonObject *target;
  JsonArray *bounds, *pointer;

  SKIP_WITHOUT_DESKTOP (fixture);

  provided = provided_new (fixture, "honest");
  tree = act (provided->session, TREE);
  g_assert_cmpuint (count_nodes (get_tree (tree)), ==, 3);
  g_assert_false (json_object_get_boolean_member (json_node_get_object (tree), "truncated"));
  g_assert_cmpstr (json_object_get_string_member (get_tree (tree), "role"), ==, "frame");

  /* what was aimed at is what the result and the audit name, and where the pointer went */
  click = act (provided->session, CLICK_OK);
  g_assert_cmpstr (json_object_get_string_member (json_node_get_object (click), "status"), ==, "delivered");
  target = json_object_get_object_member (json_node_get_object (click), "target");
  g_assert_cmpstr (json_object_get_string_member (target, "name"), ==, "OK");
  bounds = json_object_get_array_member (target, "bounds");
  pointer = json_object_get_array_member (json_node_get_object (click), "pointer");
  g_assert_cmpint (json_array_get_int_element (pointer, 0), ==, json_array_get_int_element (bounds, 0) + 30);
  g_assert_cmpint (json_array_get_int_element (pointer, 1), ==, json_array_get_int_element (bounds, 1) + 15);
  audit = test_session_find_record (fixture, provided->session, "action", NULL, NULL);
  g_assert_cmpstr (json_object_get_string_member (json_object_get_object_member (audit, "element"), "name"), ==, "OK");

  terminal_assert_result (provided->session, "{\"action\":\"left_click\",\"target\":{\"name\":\"Cancel\"}}", "refused", "not_found");
  terminal_assert_result (provided->session, "{\"action\":\"left_click\",\"target\":{\"role\":\"*\"}}", "refused", "ambiguous");
  terminal_assert_result (provided->session, "{\"action\":\"left_click\",\"target\":{\"role\":\"*\",\"index\":1}}", "delivered", NULL);
  terminal_assert_result (provided->session, "{\"action\":\"left_click\",\"target\":{\"role\":\"*\",\"index\":3}}", "refused", "not_found");
  terminal_assert_result (provided->session, "{\"action\":\"left_click\",\"target\":{\"name\":\"OK\",\"appId\":\"other\"}}", "refused", "not_found");
  terminal_assert_result (provided->session, "{\"action\":\"left_click\",\"target\":{\"name\":\"OK\",\"states\":[\"checked\"]}}", "refused",
                          "not_found");
}

/* ---- in a trace ---------------------------------------------------------------------- */

static int
begin_trace (TestSession *session)
{
  g_autoptr(GUnixFDList) list = NULL;
  g_autoptr(GVariant) handle = NULL;
  g_autoptr(GError) error = NULL;
  GVariantDict options;
  int fd;

  g_variant_dict_init (&options, NULL);
  glb_dbus_session1_call_trace_sync (session->proxy, g_variant_dict_end (&options), NULL, &handle, &list, NULL, &error);
  g_assert_no_error (error);
  fd = g_unix_fd_list_get (list, g_variant_get_handle (handle), &error);
  g_assert_no_error (error);
  return fd;
}

static JsonObject *
read_record (int fd)
{
  g_autoptr(GString) line = g_string_new (NULL);
  g_autoptr(JsonNode) node = NULL;
  struct pollfd polled = { .fd = fd, .events = POLLIN };
  char c = '\0';

  while (c != '\n')
    {
      g_assert_cmpint (poll (&polled, 1, WAIT_MS), ==, 1);
      g_assert_cmpint (read (fd, &c, 1), ==, 1);
      g_string_append_c (line, c);
    }
  node = json_from_string (line->str, NULL);
  return json_object_ref (json_node_get_object (node));
}

/* name: (nullable): of the next action's element; NULL: it has none */
static void
assert_traced (int fd, const char *actor, const char *name)
{
  g_autoptr(JsonObject) record = NULL;

  do
    {
      g_clear_pointer (&record, json_object_unref);
      record = read_record (fd);
    }
  while (!g_str_equal (json_object_get_string_member (record, "type"), "action"));
  g_assert_cmpstr (json_object_get_string_member (record, "actor"), ==, actor);
  if (name == NULL)
    g_assert_true (json_object_get_null_member (record, "element"));
  else
    g_assert_cmpstr (json_object_get_string_member (json_object_get_object_member (record, "element"), "name"), ==, name);
}

/* Agents' actions, by places and by keys, and a person's. */
static void
test_traced (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(Provided) provided = NULL;
  g_autoptr(JsonNode) found = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *click = NULL;
  guint64 epoch;
  JsonArray *bounds;
  int fd, x, y;

  SKIP_WITHOUT_DESKTOP (fixture);

  provided = provided_new (fixture, "honest");
  found = act (provided->session, "{\"action\":\"find\",\"target\":{\"name\":\"OK\"}}");
  bounds = json_object_get_array_member (json_array_get_object_element (json_object_get_array_member (json_node_get_object (found), "elements"),
                                                                        0), "bounds");
  x = (int) json_array_get_int_element (bounds, 0) + 5;
  y = (int) json_array_get_int_element (bounds, 1) + 5;
  fd = begin_trace (provided->session);

  click = g_strdup_printf ("{\"action\":\"left_click\",\"coordinate\":[%d,%d]}", x, y);
  terminal_assert_result (provided->session, click, "delivered", NULL);
  assert_traced (fd, "agent", "OK");
  terminal_assert_result (provided->session, CLICK_OK, "delivered", NULL);
  assert_traced (fd, "agent", "OK");
  terminal_assert_result (provided->session, "{\"action\":\"type\",\"text\":\"a\"}", "delivered", NULL);
  assert_traced (fd, "agent", "line 0");
  terminal_assert_result (provided->session, "{\"action\":\"cursor_position\"}", "delivered", NULL);
  assert_traced (fd, "agent", NULL);

  glb_dbus_session1_call_take_lease_sync (provided->session->proxy, &epoch, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (terminal_send (provided->session, epoch, GLB_SHIM_EVENT_MOTION, 0, 0, x * 256, y * 256, &error));
  g_assert_true (terminal_send (provided->session, epoch, GLB_SHIM_EVENT_BUTTON, BTN_LEFT, 1, 0, 0, &error));
  g_assert_true (terminal_send (provided->session, epoch, GLB_SHIM_EVENT_BUTTON, BTN_LEFT, 0, 0, 0, &error));
  assert_traced (fd, "human", "OK");
  terminal_press (provided->session, epoch, KEY_B);
  assert_traced (fd, "human", "line 0");
  close (fd);
}

/* ---- hostile ------------------------------------------------------------------------- */

/* Whatever a program says or does not say: there is an answer, the elements of others are there again when it is gone. */
static void
test_hostile (BrokerFixture *fixture, gconstpointer data)
{
  const char *mode = data;
  g_autoptr(Provided) provided = NULL;
  g_autoptr(JsonNode) tree = NULL;
  int honest[3];

  SKIP_WITHOUT_DESKTOP (fixture);

  provided = provided_new (fixture, mode);
  tree = act (provided->session, "{\"action\":\"ui_tree\",\"maxNodes\":500}");
  g_assert_cmpstr (json_object_get_string_member (json_node_get_object (tree), "status"), ==, "delivered");
  if (get_tree (tree) != NULL)
    g_assert_cmpuint (count_nodes (get_tree (tree)), <=, 500);
  if (g_str_equal (mode, "cyclic"))
    g_assert_cmpuint (count_nodes (get_tree (tree)), <=, 4);
  if (g_str_equal (mode, "endless"))
    g_assert_cmpuint (count_nodes (get_tree (tree)), >, 1);
  if (g_str_equal (mode, "endless") || g_str_equal (mode, "silent") || g_str_equal (mode, "mute"))
    g_assert_true (json_object_get_boolean_member (json_node_get_object (tree), "truncated"));
  /* a program that is waited for holds up nobody: neither input nor a wait's own deadline */
  terminal_assert_result (provided->session, "{\"action\":\"wait_for\",\"text\":\"never\",\"timeoutMs\":200}", "refused", "timeout");
  terminal_assert_result (provided->session, "{\"action\":\"key\",\"text\":\"a\"}", "delivered", NULL);

  test_session_exec (provided->session, "killall hostile-provider; exec /workspace/hostile-provider honest", honest);
  expect_line (honest[1], "ready");
  terminal_assert_result (provided->session, "{\"action\":\"wait_for\",\"element\":{\"name\":\"OK\"}}", "delivered", NULL);
  terminal_assert_result (provided->session, CLICK_OK, "delivered", NULL);
  for (guint i = 0; i < 3; i++)
    close (honest[i]);
}

/* The agent can end or stop what runs as it: it is started again, so many times, and then the session has no elements. */
static void
test_killed (BrokerFixture *fixture, gconstpointer data)
{
  const char *signal = data;
  g_autoptr(Provided) provided = NULL;
  g_autofree char *script = g_strdup_printf ("killall -%s glovebox-accessibility", signal);
  gboolean stopped = g_str_equal (signal, "STOP");

  SKIP_WITHOUT_DESKTOP (fixture);

  provided = provided_new (fixture, "honest");
  for (guint i = 0; i < (stopped ? 1 : 5); i++)
    {
      int fds[3];

      terminal_assert_result (provided->session, "{\"action\":\"wait_for\",\"element\":{\"name\":\"OK\"}}", "delivered", NULL);
      test_session_wait_exit (provided->session, test_session_exec (provided->session, script, fds));
      for (guint j = 0; j < 3; j++)
        close (fds[j]);
    }
  if (stopped)
    {
      /* it is given up when it did not answer three times */
      for (guint i = 0; i < 3; i++)
        terminal_assert_result (provided->session, "{\"action\":\"find\",\"target\":{\"name\":\"OK\"}}", "refused", "timeout");
      terminal_assert_result (provided->session, "{\"action\":\"wait_for\",\"element\":{\"name\":\"OK\"}}", "delivered", NULL);
      return;
    }
  terminal_assert_result (provided->session, TREE, "refused", "unsupported");
  terminal_assert_result (provided->session, "{\"action\":\"wait_for\",\"element\":{\"name\":\"OK\"}}", "refused", "unsupported");
  terminal_assert_result (provided->session, "{\"action\":\"key\",\"text\":\"a\"}", "delivered", NULL);
}

/* A session that may start no program has no bus to ask on, and says so at once. */
static void
test_no_spawn (BrokerFixture *fixture, gconstpointer data)
{
  const char *policy = "{\"schemaVersion\":\"1.0\",\"agent\":{\"name\":\"test\"},\"isolation\":{\"tier\":\"session\"}" DESKTOP "}";
  const char *argv[] = { "sleep", "1000", NULL };
  g_autoptr(TestSession) session = NULL;
  g_autoptr(GError) error = NULL;

  SKIP_WITHOUT_DESKTOP (fixture);

  session = broker_fixture_run (fixture, NULL, test_options (policy, TRUE), argv, &error);
  g_assert_no_error (error);
  test_session_wait_state (session, "running");
  terminal_assert_result (session, TREE, "refused", "unsupported");
  terminal_assert_result (session, "{\"action\":\"wait_for\",\"text\":\"a\",\"timeoutMs\":600000}", "refused", "unsupported");
  terminal_assert_result (session, "{\"action\":\"wait_for\",\"quietMs\":50}", "delivered", NULL);
}

/* ---- waited for ---------------------------------------------------------------------- */

typedef struct
{
  gboolean over;
  char *result;
} Waiting;

static void
waited_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Waiting *waiting = user_data;
  g_autoptr(GVariant) images = NULL;
  g_autoptr(GError) error = NULL;

  glb_dbus_session1_call_act_finish (GLB_DBUS_SESSION1 (source), &waiting->result, &images, NULL, result, &error);
  g_assert_no_error (error);
  waiting->over = TRUE;
}

static gboolean
is_over (gpointer user_data)
{
  return ((Waiting *) user_data)->over;
}

static void
begin_wait (TestSession *session, const char *action, Waiting *waiting)
{
  glb_dbus_session1_call_act (session->proxy, action, NULL, NULL, waited_cb, waiting);
}

static void
assert_delivered (Waiting *waiting)
{
  g_autofree char *result = NULL;

  test_wait (is_over, waiting, "wait_for to end");
  result = g_steal_pointer (&waiting->result);
  g_assert_nonnull (strstr (result, "\"delivered\""));
}

/* One kind of condition: what makes it so comes after the wait began, and so does what ends it. */
typedef struct
{
  const char *name, *condition;
  const char *set, *unset;       /* scripts; NULL: the provider's elements change */
} Kind;

#define PAINT(colour) "printf '\\033]11;" colour "\\007' >$(cat /tmp/tty)"

static const Kind kinds[] = {
  { "element", "\"element\":{\"role\":\"label\",\"name\":\"line 1\"}", NULL, NULL },
  { "text", "\"text\":\"line 1\"", NULL, NULL },
  { "window", "\"window\":{\"title\":\"sec*\",\"appId\":\"foot\"}", "foot -T second sleep 1000 >/dev/null 2>&1 &", "killall sleep" },
  { "colour", "\"colour\":{\"coordinate\":[320,240],\"rgb\":\"#ff0000\"}", PAINT ("#ff0000"), PAINT ("#00ff00") },
  { "colour-region", "\"colour\":{\"region\":[300,230,340,250],\"rgb\":\"#ff0808\",\"tolerance\":8}", PAINT ("#ff0000"),
    PAINT ("#ff0011") },
  { "both", "\"text\":\"OK\",\"colour\":{\"coordinate\":[320,240],\"rgb\":\"#ff0000\"},\"quietMs\":50", PAINT ("#ff0000"), NULL },
};

static void
run_script (TestSession *session, const char *script)
{
  int fds[3];

  g_assert_cmpint (test_session_wait_exit (session, test_session_exec (session, script, fds)), ==, 0);
  for (guint i = 0; i < 3; i++)
    close (fds[i]);
}

static void
bring_about (Provided *provided, const char *script)
{
  if (script != NULL)
    run_script (provided->session, script);
  else
    change (provided);
}

static void
test_wait_kind (BrokerFixture *fixture, gconstpointer data)
{
  const Kind *kind = data;
  g_autoptr(Provided) provided = NULL;
  g_autofree char *once = g_strdup_printf ("{\"action\":\"wait_for\",%s,\"timeoutMs\":0}", kind->condition);
  g_autofree char *gone = g_strdup_printf ("{\"action\":\"wait_for\",%s,\"gone\":true,\"timeoutMs\":0}", kind->condition);
  g_autofree char *until = g_strdup_printf ("{\"action\":\"wait_for\",%s,\"timeoutMs\":30000}", kind->condition);
  g_autofree char *until_gone = g_strdup_printf ("{\"action\":\"wait_for\",%s,\"gone\":true,\"timeoutMs\":30000}", kind->condition);
  gboolean has_gone = strstr (kind->condition, "quietMs") == NULL;
  Waiting waiting = { 0 };

  SKIP_WITHOUT_DESKTOP (fixture);

  provided = provided_new (fixture, "honest");
  terminal_assert_result (provided->session, once, "refused", "timeout");
  if (has_gone)
    terminal_assert_result (provided->session, gone, "delivered", NULL);
  begin_wait (provided->session, until, &waiting);
  /* other actions do not wait behind it */
  terminal_assert_result (provided->session, "{\"action\":\"key\",\"text\":\"a\"}", "delivered", NULL);
  g_assert_false (waiting.over);
  bring_about (provided, kind->set);
  assert_delivered (&waiting);
  if (!has_gone)
    return;

  terminal_assert_result (provided->session, once, "delivered", NULL);
  terminal_assert_result (provided->session, gone, "refused", "timeout");
  waiting = (Waiting) { 0 };
  begin_wait (provided->session, until_gone, &waiting);
  terminal_assert_result (provided->session, "{\"action\":\"key\",\"text\":\"a\"}", "delivered", NULL);
  g_assert_false (waiting.over);
  bring_about (provided, kind->unset);
  assert_delivered (&waiting);
}

static void
test_wait_quiet (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  Waiting waiting = { 0 };

  SKIP_WITHOUT_DESKTOP (fixture);

  session = run_window (fixture);
  run_script (session, "sh -c 'echo $$ >/tmp/busy; while :; do printf x >$(cat /tmp/tty); sleep 0.02; done' >/dev/null 2>&1 &");
  terminal_assert_result (session, "{\"action\":\"wait_for\",\"quietMs\":1000,\"timeoutMs\":2500}", "refused", "timeout");
  begin_wait (session, "{\"action\":\"wait_for\",\"quietMs\":1000,\"timeoutMs\":30000}", &waiting);
  terminal_assert_result (session, "{\"action\":\"cursor_position\"}", "delivered", NULL);
  g_assert_false (waiting.over);
  run_script (session, "kill $(cat /tmp/busy)");
  assert_delivered (&waiting);
}

/* A wait ends with its session, and not many are kept. */
static void
test_wait_ends (BrokerFixture *fixture, gconstpointer data)
{
  const char *never = "{\"action\":\"wait_for\",\"window\":{\"title\":\"never\"},\"timeoutMs\":600000}";
  g_autoptr(TestSession) session = NULL;
  g_autoptr(GError) error = NULL;
  Waiting waiting[16] = { 0 };

  SKIP_WITHOUT_DESKTOP (fixture);

  session = run_window (fixture);
  for (guint i = 0; i < G_N_ELEMENTS (waiting); i++)
    begin_wait (session, never, &waiting[i]);
  terminal_assert_result (session, never, "refused", "rate_limited");
  glb_dbus_session1_call_stop_sync (session->proxy, NULL, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (waiting); i++)
    {
      g_autofree char *result = NULL;

      test_wait (is_over, &waiting[i], "wait_for to end with its session");
      result = g_steal_pointer (&waiting[i].result);
      g_assert_nonnull (strstr (result, "\"session_ended\""));
    }
}

int
main (int argc, char **argv)
{
  static const char * const modes[] = { "silent", "mute", "cyclic", "endless", "bytes", "flood" };
  static const char * const signals[] = { "KILL", "STOP" };

  g_test_init (&argc, &argv, NULL);

#define ADD(name, data, test) \
  g_test_add ("/accessibility/" name, BrokerFixture, data, broker_fixture_set_up, test, broker_fixture_tear_down)
  ADD ("honest", NULL, test_honest);
  ADD ("traced", NULL, test_traced);
  ADD ("no-spawn", NULL, test_no_spawn);
  ADD ("wait/quiet", NULL, test_wait_quiet);
  ADD ("wait/ends", NULL, test_wait_ends);
#undef ADD
  for (guint i = 0; i < G_N_ELEMENTS (modes); i++)
    {
      g_autofree char *path = g_strconcat ("/accessibility/hostile/", modes[i], NULL);

      g_test_add (path, BrokerFixture, modes[i], broker_fixture_set_up, test_hostile, broker_fixture_tear_down);
    }
  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    {
      g_autofree char *path = g_strconcat ("/accessibility/program/", signals[i], NULL);

      g_test_add (path, BrokerFixture, signals[i], broker_fixture_set_up, test_killed, broker_fixture_tear_down);
    }
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *path = g_strconcat ("/accessibility/wait/", kinds[i].name, NULL);

      g_test_add (path, BrokerFixture, &kinds[i], broker_fixture_set_up, test_wait_kind, broker_fixture_tear_down);
    }

  return g_test_run ();
}
