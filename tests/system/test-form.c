/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The same task, a form in a real browser, done in each way that there is: by an
 * agent through MCP, by an agent inside of the session, by a person, who is
 * recorded, and by the recording. What the page's server got says how it went.
 */

#include "config.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>

#include <linux/input-event-codes.h>

#include "compositor-shim/glb-shim-protocol.h"
#include "session-broker/client/glb-broker-dbus-generated.h"
#include "session-broker/client/glb-client.h"
#include "tests/system/glb-test-system.h"

#define FORM_PATH "/workspace/form.html"
#define ORDER "{\"gift\": \"yes\", \"name\": \"ada lovelace\", \"street\": \"12 byron road\", \"tea\": \"green\", \"wishes\": \"no milk please\"}\n"
#define NAME   "ada lovelace"
#define STREET "12 byron road"
#define WISHES "no milk please"
#define TARGET(role, name) "\"target\":{\"role\":\"" role "\",\"name\":\"" name "\"}"
#define META \
  "\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\",\"io.modelcontextprotocol/clientCapabilities\":{}}"

/* What one does, in order. */
typedef struct
{
  const char *role, *name;
  const char *text;              /* (nullable): typed after a click on it */
} FormStep;

static const FormStep steps[] = {
  { "entry", "Your name", NAME },
  { "entry", "Street", STREET },
  { "entry", "Wishes", WISHES },
  { "radio button", "Green tea", NULL },
  { "check box", "It is a gift", NULL },
  { "push button", "Send the order", NULL },
};

static const char policy_text[] =
  "{ \"schemaVersion\": \"1.0\", \"agent\": { \"name\": \"form\" }, \"isolation\": { \"tier\": \"session\" },"
  "  \"filesystem\": { \"allowRead\": [\"${WORKSPACE}/**\"], \"allowWrite\": [\"${WORKSPACE}/**\"] },"
  "  \"process\": { \"allowSpawn\": true, \"syscalls\": \"desktop\", \"maxProcesses\": 512 },"
  "  \"desktop\": { \"input\": { \"agent\": \"allow\", \"human\": \"on-takeover\" } } }";

static const char * const command[] = {
  "python3", "/workspace/form-server.py", FORM_PATH, "/workspace/answers",
  "chromium", "--no-sandbox", "--ozone-platform=wayland", "--disable-gpu", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--user-data-dir=/tmp/chromium", "--password-store=basic",
  "--force-renderer-accessibility", "--start-maximized", NULL,
};

typedef struct
{
  GlbTestSystem *system;
  char *policy;
  char *answers;
} Form;

static void
form_free (Form *form)
{
  g_clear_pointer (&form->system, glb_test_system_free);
  g_free (form->policy);
  g_free (form->answers);
  g_free (form);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Form, form_free)

/* change: (nullable): this text of the page becomes another. */
static void
write_page (Form *form, const char *change, const char *into)
{
  g_autofree char *path = g_build_filename (form->system->workspace, "form.html", NULL);
  g_autofree char *text = NULL;
  g_autoptr(GString) page = NULL;

  g_assert_true (g_file_get_contents (FORM_FOLDER "/form.html", &text, NULL, NULL));
  page = g_string_new (text);
  if (change != NULL)
    g_assert_cmpuint (g_string_replace (page, change, into, 0), >, 0);
  g_assert_true (g_file_set_contents (path, page->str, page->len, NULL));
}

static void
copy_file (Form *form, const char *folder, const char *name)
{
  g_autofree char *from = g_build_filename (folder, name, NULL);
  g_autofree char *to = g_build_filename (form->system->workspace, name, NULL);
  g_autofree char *text = NULL;
  gsize length;

  g_assert_true (g_file_get_contents (from, &text, &length, NULL));
  g_assert_true (g_file_set_contents (to, text, length, NULL));
}

/* NULL: skipped. */
static Form *
form_new (void)
{
  g_autofree char *chromium = g_find_program_in_path ("chromium");
  Form *form;

  if (chromium == NULL)
    {
      g_test_skip ("chromium is not installed");
      return NULL;
    }

  form = g_new0 (Form, 1);
  form->system = glb_test_system_new ();
  if (form->system == NULL)
    {
      g_free (form);
      return NULL;
    }

  /* the person's own client, which is this process, finds the broker by it */
  g_setenv ("XDG_RUNTIME_DIR", form->system->runtime, TRUE);
  form->policy = glb_test_system_write_policy (form->system, "form.json", policy_text);
  form->answers = g_build_filename (form->system->workspace, "answers", NULL);
  write_page (form, NULL, NULL);
  copy_file (form, FORM_FOLDER, "form-server.py");
  return form;
}

static char *
start (Form *form)
{
  g_autoptr(GPtrArray) arguments = g_ptr_array_new ();
  g_autoptr(GlbTestResult) result = NULL;

  g_ptr_array_add (arguments, (gpointer) "run");
  g_ptr_array_add (arguments, (gpointer) "--detach");
  g_ptr_array_add (arguments, (gpointer) "--policy");
  g_ptr_array_add (arguments, form->policy);
  g_ptr_array_add (arguments, (gpointer) "--workspace");
  g_ptr_array_add (arguments, form->system->workspace);
  g_ptr_array_add (arguments, (gpointer) "--");
  for (gsize i = 0; command[i] != NULL; i++)
    g_ptr_array_add (arguments, (gpointer) command[i]);
  g_ptr_array_add (arguments, NULL);
  result = glb_test_system_runv (form->system, NULL, (const char * const *) arguments->pdata);
  g_assert_cmpstr (result->err, ==, "");
  g_assert_cmpint (result->status, ==, 0);
  return g_strstrip (g_strdup (glb_test_result_get_out (result)));
}

static void
stop (Form *form, const char *id)
{
  g_autoptr(GlbTestResult) result = glb_test_system_run (form->system, NULL, "stop", id, NULL);

  g_assert_cmpint (result->status, ==, 0);
}

static void
wait_for_form (Form *form, const char *id)
{
  g_autoptr(JsonNode) there = glb_test_system_act (form->system, id,
    "{\"action\":\"wait_for\",\"element\":{\"role\":\"push button\",\"name\":\"*order*\"},\"quietMs\":200,\"timeoutMs\":30000}");
}

static gboolean
has_answers (gpointer user_data)
{
  g_autofree char *text = NULL;

  return g_file_get_contents (user_data, &text, NULL, NULL) && strchr (text, '\n') != NULL;
}

/* One order, and this. */
static void
assert_order (Form *form)
{
  g_autofree char *text = NULL;

  glb_test_wait (has_answers, form->answers, "the server to get the order");
  g_assert_true (g_file_get_contents (form->answers, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, ORDER);
  g_assert_cmpint (g_remove (form->answers), ==, 0);
}

/* ---- an agent that speaks MCP ---------------------------------------------------------- */

typedef struct
{
  GSubprocess *process;
  GDataInputStream *out;
  GString *transcript;
  guint last;
} Mcp;

static Mcp *
mcp_new (Form *form)
{
  Mcp *mcp = g_new0 (Mcp, 1);

  mcp->process = glb_test_system_spawn (form->system, "mcp", "--policy", form->policy, "--workspace", form->system->workspace, NULL);
  mcp->out = g_data_input_stream_new (g_subprocess_get_stdout_pipe (mcp->process));
  mcp->transcript = g_string_new (NULL);
  return mcp;
}

static void
mcp_free (Mcp *mcp)
{
  g_autoptr(GError) error = NULL;

  g_assert_true (g_output_stream_close (g_subprocess_get_stdin_pipe (mcp->process), NULL, &error));
  g_assert_true (g_subprocess_wait (mcp->process, NULL, &error));
  g_object_unref (mcp->out);
  g_object_unref (mcp->process);
  g_string_free (mcp->transcript, TRUE);
  g_free (mcp);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Mcp, mcp_free)

/* The structured content of what was done. arguments: members. */
static JsonObject *
mcp_call (Mcp *mcp, const char *tool, const char *arguments)
{
  g_autofree char *line = NULL;
  g_autofree char *answer = NULL;
  g_autoptr(JsonNode) node = NULL;
  g_autoptr(GError) error = NULL;
  JsonObject *result;

  line = g_strdup_printf ("{\"jsonrpc\":\"2.0\",\"id\":%u,\"method\":\"tools/call\",\"params\":{" META ",\"name\":\"%s\",\"arguments\":{%s}}}\n",
                          ++mcp->last, tool, arguments);
  g_assert_true (g_output_stream_write_all (g_subprocess_get_stdin_pipe (mcp->process), line, strlen (line), NULL, NULL, &error));
  answer = g_data_input_stream_read_line (mcp->out, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (answer);
  node = json_from_string (answer, &error);
  g_assert_no_error (error);
  g_assert_cmpint (json_object_get_int_member (json_node_get_object (node), "id"), ==, mcp->last);
  result = json_object_get_object_member (json_node_get_object (node), "result");
  if (result == NULL || json_object_get_boolean_member_with_default (result, "isError", FALSE))
    g_error ("%s %s: %s", tool, arguments, answer);
  return json_object_ref (json_object_get_object_member (result, "structuredContent"));
}

static void
mcp_do (Mcp *mcp, const char *session, const char *tool, const char *more)
{
  g_autofree char *arguments = g_strdup_printf ("\"session\":\"%s\",%s", session, more);

  json_object_unref (mcp_call (mcp, tool, arguments));
}

static char *
mcp_start (Mcp *mcp)
{
  g_autoptr(GString) arguments = g_string_new ("\"command\":[");
  g_autoptr(JsonObject) started = NULL;

  for (gsize i = 0; command[i] != NULL; i++)
    g_string_append_printf (arguments, "%s\"%s\"", i > 0 ? "," : "", command[i]);
  g_string_append (arguments, "]");
  started = mcp_call (mcp, "session_start", arguments->str);
  return g_strdup (json_object_get_string_member (started, "session"));
}

static void
test_mcp (void)
{
  g_autoptr(Form) form = form_new ();
  g_autoptr(Mcp) mcp = NULL;
  g_autofree char *session = NULL;

  if (form == NULL)
    return;

  mcp = mcp_new (form);
  session = mcp_start (mcp);
  mcp_do (mcp, session, "wait_for", "\"element\":{\"name\":\"Send the order\"},\"quietMs\":200,\"timeoutMs\":30000");
  for (gsize i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      g_autofree char *target = g_strdup_printf ("\"role\":\"%s\",\"name\":\"%s\"", steps[i].role, steps[i].name);
      g_autofree char *typed = g_strdup_printf ("\"action\":\"type\",\"text\":\"%s\"", steps[i].text);

      mcp_do (mcp, session, "find_and_click", target);
      if (steps[i].text != NULL)
        mcp_do (mcp, session, "computer", typed);
    }
  mcp_do (mcp, session, "wait_for", "\"text\":\"Thank you, " NAME "\"");
  assert_order (form);
}

/* ---- an agent inside -------------------------------------------------------------------- */

static void
test_inside (void)
{
  g_autoptr(Form) form = form_new ();
  g_autoptr(GlbTestResult) done = NULL;
  g_autofree char *id = NULL;

  if (form == NULL)
    return;

  copy_file (form, EXAMPLES_FOLDER, "form.py");
  id = start (form);
  done = glb_test_system_run (form->system, NULL, "exec", id, "--", "python3", "/workspace/form.py", NULL);
  g_assert_cmpstr (done->err, ==, "");
  g_assert_cmpint (done->status, ==, 0);
  assert_order (form);
  stop (form, id);
}

/* ---- a person, and the recording ----------------------------------------------------------- */

typedef struct
{
  GlbClient *client;
  GlbDBusSession1 *proxy;
  guint64 epoch;
} Person;

static void
person_free (Person *person)
{
  g_object_unref (person->proxy);
  g_object_unref (person->client);
  g_free (person);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Person, person_free)

static Person *
person_new (const char *id)
{
  Person *person = g_new0 (Person, 1);
  g_autoptr(GlbDBusBroker1) broker = NULL;
  g_autofree char *path = NULL;
  g_autoptr(GError) error = NULL;

  person->client = glb_client_new_sync (FALSE, NULL, &error);
  g_assert_no_error (error);
  broker = glb_dbus_broker1_proxy_new_sync (glb_client_get_connection (person->client), G_DBUS_PROXY_FLAGS_NONE, NULL,
                                            GLB_BROKER_OBJECT_PATH, NULL, &error);
  g_assert_no_error (error);
  glb_dbus_broker1_call_find_sync (broker, id, &path, NULL, &error);
  g_assert_no_error (error);
  person->proxy = glb_dbus_session1_proxy_new_sync (glb_client_get_connection (person->client), G_DBUS_PROXY_FLAGS_NONE, NULL, path,
                                                    NULL, &error);
  g_assert_no_error (error);
  return person;
}

static void
send_event (Person *person, guint kind, guint code, int value, int x, int y)
{
  GVariantBuilder events;
  g_autoptr(GError) error = NULL;

  g_variant_builder_init (&events, G_VARIANT_TYPE ("a(uuiii)"));
  g_variant_builder_add (&events, "(uuiii)", kind, code, value, x * 256, y * 256);
  glb_dbus_session1_call_input_sync (person->proxy, person->epoch, g_variant_builder_end (&events), NULL, &error);
  g_assert_no_error (error);
}

static void
press (Person *person, guint code)
{
  send_event (person, GLB_SHIM_EVENT_KEY, code, 1, 0, 0);
  send_event (person, GLB_SHIM_EVENT_KEY, code, 0, 0, 0);
}

static guint
get_key (char c)
{
  static const char rows[] = "qwertyuiop\0asdfghjkl\0zxcvbnm";
  static const guint first[] = { KEY_Q, KEY_A, KEY_Z };
  const char *row = rows;

  if (c == ' ')
    return KEY_SPACE;
  if (g_ascii_isdigit (c))
    return c == '0' ? KEY_0 : KEY_1 + (c - '1');
  for (gsize i = 0; i < G_N_ELEMENTS (first); i++, row += strlen (row) + 1)
    if (strchr (row, c) != NULL)
      return first[i] + (strchr (row, c) - row);
  g_assert_not_reached ();
}

/* A person sees what came of it before the next thing. */
static void
look (Form *form, const char *id)
{
  json_node_unref (glb_test_system_act (form->system, id, "{\"action\":\"wait_for\",\"quietMs\":500}"));
}

static void
click (Form *form, const char *id, Person *person, const int place[2])
{
  send_event (person, GLB_SHIM_EVENT_MOTION, 0, 0, place[0], place[1]);
  look (form, id);
  send_event (person, GLB_SHIM_EVENT_BUTTON, BTN_LEFT, 1, 0, 0);
  send_event (person, GLB_SHIM_EVENT_BUTTON, BTN_LEFT, 0, 0, 0);
}

/* As a person does who sees it. */
static void
find_place (Form *form, const char *id, const FormStep *step, int place[2])
{
  g_autofree char *action = g_strdup_printf ("{\"action\":\"find\",\"target\":{\"role\":\"%s\",\"name\":\"%s\"}}", step->role, step->name);
  g_autoptr(JsonNode) result = glb_test_system_act (form->system, id, action);
  JsonArray *elements = json_object_get_array_member (json_node_get_object (result), "elements");
  JsonArray *bounds;

  g_assert_cmpuint (json_array_get_length (elements), ==, 1);
  bounds = json_object_get_array_member (json_array_get_object_element (elements, 0), "bounds");
  place[0] = json_array_get_int_element (bounds, 0) + json_array_get_int_element (bounds, 2) / 2;
  place[1] = json_array_get_int_element (bounds, 1) + json_array_get_int_element (bounds, 3) / 2;
}

static void
fill_in (Form *form, const char *id)
{
  g_autoptr(Person) person = person_new (id);
  g_autoptr(GError) error = NULL;
  int places[G_N_ELEMENTS (steps)][2];

  for (gsize i = 0; i < G_N_ELEMENTS (steps); i++)
    find_place (form, id, &steps[i], places[i]);
  glb_dbus_session1_call_take_lease_sync (person->proxy, &person->epoch, NULL, &error);
  g_assert_no_error (error);
  for (gsize i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      click (form, id, person, places[i]);
      look (form, id);
      for (const char *c = steps[i].text; c != NULL && *c != '\0'; c++)
        press (person, get_key (*c));
      look (form, id);
    }
  glb_test_system_wait_for_window (form->system, id, "Thanks");
  look (form, id);
  assert_order (form);
  glb_dbus_session1_call_release_lease_sync (person->proxy, NULL, NULL, &error);
  g_assert_no_error (error);
}

static gboolean
has_window (gpointer data)
{
  Form *form = data;
  g_autofree char *path = g_build_filename (form->system->workspace, "rec", "recording.jsonl", NULL);
  g_autofree char *text = NULL;

  return g_file_get_contents (path, &text, NULL, NULL) && strstr (text, "\"type\":\"windows\"") != NULL &&
         strstr (text, "\"type\":\"screen\"") != NULL;
}

static void
record (Form *form)
{
  g_autofree char *id = start (form);
  g_autoptr(GSubprocess) recorder = NULL;
  g_autoptr(GError) error = NULL;

  wait_for_form (form, id);
  recorder = glb_test_system_spawn (form->system, "record", id, "-o", "rec", NULL);
  glb_test_wait (has_window, form, "the window to be in the recording");
  fill_in (form, id);
  g_subprocess_send_signal (recorder, SIGINT);
  g_assert_true (g_subprocess_wait (recorder, NULL, &error));
  g_assert_cmpint (g_subprocess_get_exit_status (recorder), ==, 0);
  stop (form, id);
}

/* `glovebox replay ARGUMENT…` */
static void
assert_replays (Form *form, int status, const char *words, const char *arguments)
{
  g_autofree char *line = g_strconcat ("replay ", arguments, NULL);
  g_auto(GStrv) argv = g_strsplit (line, " ", -1);
  g_autoptr(GlbTestResult) result = glb_test_system_runv (form->system, NULL, (const char * const *) argv);
  const char *out = glb_test_result_get_out (result);

  if (result->status != status || strstr (out, words) == NULL)
    g_error ("%s: exit code %d, not %d, or no \"%s\" in: %s%s", line, result->status, status, words, out, result->err);
}

static void
make_test (Form *form)
{
  g_autoptr(GlbTestResult) made = glb_test_system_run (form->system, NULL, "recording", "test", "rec", "-o", "form.json", NULL);

  g_assert_cmpstr (made->err, ==, "");
  g_assert_cmpint (made->status, ==, 0);
}

static guint
get_repeats (void)
{
  const char *text = g_getenv ("GLOVEBOX_TEST_REPEATS");

  return text != NULL ? (guint) g_ascii_strtoull (text, NULL, 10) : 2;
}

static void
test_person (void)
{
  g_autoptr(Form) form = form_new ();

  if (form == NULL)
    return;

  record (form);
  assert_replays (form, 0, "passed    rec", "rec");
  assert_order (form);
  make_test (form);
  for (guint i = 0; i < get_repeats (); i++)
    {
      assert_replays (form, 0, "passed    form", "form.json");
      assert_order (form);
    }
}

/* ---- a page that changed --------------------------------------------------------------------- */

typedef struct
{
  const char *from, *to;         /* in the page */
  const char *where;             /* patterns of what is said */
  const char *why;
} Change;

#define DIFFERENCE   "Expected|After the step|Difference"
#define ALL_PICTURES "Before the step|" DIFFERENCE
#define STREET_FIELD "<input type=\"text\" id=\"street\" name=\"street\" autocomplete=\"off\">"

/* Each is seen where it is to be seen first: the last one only after the click on it. */
static const Change seen_changes[] = {
  { ">Send the order<", ">Buy now<", "*at step 1, *", "*the screen is not as form.images/001.png: * pixels differ, at *,59? in *x3?\n*" },
  { "for=\"wishes\"", "for=\"wishes\" style=\"margin-top: 90px\"", "*at step 1, *", "*the screen is not as form.images/001.png: *" },
  { STREET_FIELD, "", "*at step 1, *", "*the screen is not as form.images/001.png: *" },
  { "value=\"yes\">", "value=\"yes\" onclick=\"return false\">", "*at step 1?, line *",
    "*the screen is not as form.images/0??.png: * pixels differ, at 35?,53? in 1?x1?\n*" },
};

/* A test that knows parts by their names finds what moved, and says what is not there. */
static const Change named_changes[] = {
  { ">Send the order<", ">Buy now<", "*names  10 of 11 steps*at step 10, *: {\"action\":\"left_click\"} at push button \"Send the order\"\n*",
    "*not_found: no element on the screen is like that*" },
  { STREET_FIELD, "", "*names  4 of 11 steps*at step 4, *: {\"action\":\"left_click\"} at entry \"Street\"\n*",
    "*not_found: no element on the screen is like that*" },
};

static guint
count (const char *text, const char *word)
{
  guint n = 0;

  for (const char *at = text; (at = strstr (at, word)) != NULL; at += strlen (word))
    n++;
  return n;
}

/* pictures: their captions, between bars. All are in the page itself. */
static void
assert_pictures (const char *html, const char *pictures)
{
  g_auto(GStrv) captions = g_strsplit (pictures, "|", -1);

  for (guint i = 0; captions[i] != NULL; i++)
    g_assert_nonnull (strstr (html, captions[i]));
  g_assert_cmpuint (count (html, "src=\"data:image/png;base64,"), >=, g_strv_length (captions));
}

/* Where one may look at them. */
static void
keep_report (const char *html, const char *file)
{
  static guint n;
  const char *folder = g_getenv ("GLOVEBOX_TEST_PICTURES");
  g_autofree char *name = g_strdup_printf ("replay-%u-%s.html", ++n, file);
  g_autofree char *path = folder != NULL ? g_build_filename (folder, name, NULL) : NULL;

  if (path != NULL)
    g_assert_true (g_file_set_contents (path, html, -1, NULL));
}

static void
assert_stops (Form *form, const char *file, const Change *change, const char *pictures)
{
  g_autofree char *path = g_build_filename (form->system->workspace, "out", "index.html", NULL);
  g_autofree char *html = NULL;
  g_autoptr(GlbTestResult) result = NULL;
  const char *out;

  write_page (form, change->from, change->to);
  result = glb_test_system_run (form->system, NULL, "replay", "--report", "out", file, NULL);
  out = glb_test_result_get_out (result);
  if (result->status != 1 || !g_pattern_match_simple (change->where, out) || !g_pattern_match_simple (change->why, out))
    g_error ("%s with %s: exit code %d, not \"%s\" and \"%s\": %s%s", file, change->to, result->status, change->where, change->why, out,
             result->err);
  g_assert_true (g_file_get_contents (path, &html, NULL, NULL));
  assert_pictures (html, pictures);
  /* what was not done was not sent */
  g_assert_false (g_file_test (form->answers, G_FILE_TEST_EXISTS));
  keep_report (html, file);
}

static void
test_seen_changes (void)
{
  g_autoptr(Form) form = form_new ();

  if (form == NULL)
    return;

  record (form);
  make_test (form);
  for (gsize i = 0; i < G_N_ELEMENTS (seen_changes); i++)
    assert_stops (form, "form.json", &seen_changes[i], i == 3 ? ALL_PICTURES : DIFFERENCE);
}

/* As a person writes it. */
static void
write_test (Form *form)
{
  g_autoptr(GString) text = g_string_new ("{\"gloveboxTest\": 1, \"policy\": \"../form.json\", \"command\": [");
  g_autofree char *path = g_build_filename (form->system->workspace, "names.json", NULL);

  for (gsize i = 0; command[i] != NULL; i++)
    g_string_append_printf (text, "%s\"%s\"", i > 0 ? ", " : "", command[i]);
  g_string_append (text, "], \"steps\": [{\"when\": {\"window\": {\"title\": \"Order tea*\"}, \"quietMs\": 200, \"timeoutMs\": 30000}}");
  for (gsize i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      g_string_append_printf (text, ",\n{\"do\": {\"action\": \"left_click\"}, \"at\": {\"element\": {\"role\": \"%s\", \"name\": \"%s\"}}}",
                              steps[i].role, steps[i].name);
      if (steps[i].text != NULL)
        g_string_append_printf (text, ",\n{\"do\": {\"action\": \"type\", \"text\": \"%s\"}}", steps[i].text);
    }
  g_string_append (text, ",\n{\"when\": {\"text\": \"Thank you, " NAME "\"}}]}");
  g_assert_true (g_file_set_contents (path, text->str, -1, NULL));
}

static void
test_named_changes (void)
{
  g_autoptr(Form) form = form_new ();

  if (form == NULL)
    return;

  write_test (form);
  for (gsize i = 0; i < G_N_ELEMENTS (named_changes); i++)
    assert_stops (form, "names.json", &named_changes[i], "Before the step|After the step");
  write_page (form, seen_changes[1].from, seen_changes[1].to);
  assert_replays (form, 0, "passed    names", "names.json");
  assert_order (form);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/system/form/mcp", test_mcp);
  g_test_add_func ("/system/form/inside", test_inside);
  g_test_add_func ("/system/form/person", test_person);
  g_test_add_func ("/system/form/seen-changes", test_seen_changes);
  g_test_add_func ("/system/form/named-changes", test_named_changes);
  return g_test_run ();
}
