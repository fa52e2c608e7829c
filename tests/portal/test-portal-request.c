/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "session-broker/portal/glb-portal-request.h"

#include <string.h>

#define OBJECT  "a request is one JSON object in a line of at most 16 KiB"
#define ID      "id must be a whole number, 1 to 2147483647"
#define REQUEST "request must be open-uri, choose-file, notify, withdraw, camera or close"
#define MISSING "a member that this request needs is missing or no text"
#define MORE    "it has a member that this request has not"

static void
test_malformed (void)
{
  static const struct { const char *line, *why; } lines[] = {
    { "", OBJECT },
    { "open", OBJECT },
    { "[]", OBJECT },
    { "1", OBJECT },
    { "{\"id\":1,\"id\":2,\"request\":\"close\"}", OBJECT },
    { "{\"id\":1,\"request\":\"close\"} {}", OBJECT },
    { "{\"id\":1,\"request\":\"close\",}", OBJECT },
    { "{'id':1,'request':'close'}", OBJECT },
    { "{\"id\":1,\"request\":\"close\" /* */}", OBJECT },
    { "{\"id\":1,\"request\":{\"a\":[]}}", OBJECT },
    { "{\"id\":1,\"request\":\"withdraw\",\"name\":\"\xff\"}", OBJECT },
    { "{\"request\":\"close\"}", ID },
    { "{\"id\":0,\"request\":\"close\"}", ID },
    { "{\"id\":-1,\"request\":\"close\"}", ID },
    { "{\"id\":1.0,\"request\":\"close\"}", ID },
    { "{\"id\":\"1\",\"request\":\"close\"}", ID },
    { "{\"id\":2147483648,\"request\":\"close\"}", ID },
    { "{\"id\":true,\"request\":\"close\"}", ID },
    { "{\"id\":null,\"request\":\"close\"}", ID },
    { "{\"id\":1}", REQUEST },
    { "{\"id\":1,\"request\":1}", REQUEST },
    { "{\"id\":1,\"request\":\"Close\"}", REQUEST },
    { "{\"id\":1,\"request\":\"allow\"}", REQUEST },
    { "{\"id\":1,\"request\":\"open-uri\"}", MISSING },
    { "{\"id\":1,\"request\":\"open-uri\",\"uri\":null}", MISSING },
    { "{\"id\":1,\"request\":\"notify\",\"name\":\"a\",\"title\":\"b\"}", MISSING },
    { "{\"id\":1,\"request\":\"close\",\"uri\":\"x\"}", MORE },
    { "{\"id\":1,\"request\":\"open-uri\",\"uri\":\"x\",\"allow\":true}", MORE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      g_autofree char *shown = g_strescape (lines[i].line, NULL);
      g_autoptr(GError) error = NULL;

      g_test_message ("%s", shown);
      g_assert_null (glb_portal_request_new_from_json (lines[i].line, strlen (lines[i].line), &error));
      g_assert_error (error, GLB_PORTAL_ERROR, GLB_PORTAL_ERROR_MALFORMED);
      g_assert_cmpstr (error->message, ==, lines[i].why);
    }
}

static void
test_too_long (void)
{
  g_autofree char *padding = g_strnfill (GLB_PORTAL_LINE_MAX, ' ');
  g_autofree char *padded = g_strconcat ("{\"id\":1,\"request\":\"close\"}", padding, NULL);
  g_autoptr(GError) error = NULL;

  g_assert_null (glb_portal_request_new_from_json (padded, strlen (padded), &error));
  g_assert_cmpstr (error->message, ==, OBJECT);
}

static GlbPortalRequest *
parse (const char *line)
{
  g_autoptr(GError) error = NULL;
  GlbPortalRequest *request = glb_portal_request_new_from_json (line, strlen (line), &error);

  g_assert_no_error (error);
  return request;
}

/* What a session says to a person is visible, and no longer than a person reads. */
static void
test_cleaned (void)
{
  g_autoptr(GlbPortalRequest) hostile = parse ("{\"id\":7,\"request\":\"notify\",\"name\":\"a/1\",\"title\":\"\\u001b[2J\\u202ex\\ny\","
                                               "\"body\":\"one\\ntwo\\r\\u0007\"}");
  g_autofree char *text = g_strnfill (3000, 'x');
  g_autofree char *line = g_strdup_printf ("{\"id\":1,\"request\":\"notify\",\"name\":\"n\",\"title\":\"%s\",\"body\":\"%s\"}", text, text);
  g_autoptr(GlbPortalRequest) longest = parse (line);
  g_autoptr(GlbPortalRequest) lines = parse ("{\"id\":1,\"request\":\"notify\",\"name\":\"n\",\"title\":\"\","
                                             "\"body\":\"1\\n2\\n3\\n4\\n5\\n6\\n7\\n8\\n9\\n10\\n11\\n12\\n13\\n14\\n15\\n16\\n17\\n18\"}");

  g_assert_cmpint (hostile->kind, ==, GLB_PORTAL_NOTIFY);
  g_assert_cmpuint (hostile->id, ==, 7);
  g_assert_cmpstr (hostile->name, ==, "a/1");
  g_assert_cmpstr (hostile->title, ==, "?[2J?x?y");
  g_assert_cmpstr (hostile->body, ==, "one\ntwo??");
  g_assert_cmpint (g_utf8_strlen (longest->title, -1), ==, GLB_PORTAL_TITLE_MAX + 1);
  g_assert_true (g_str_has_suffix (longest->title, "…"));
  g_assert_cmpint (g_utf8_strlen (longest->body, -1), ==, GLB_PORTAL_BODY_MAX + 1);
  g_assert_true (g_str_has_suffix (lines->body, "\n16\n…"));
}

static GlbPolicy *
make_policy (const char *portals, gboolean spawn)
{
  g_autofree char *text = g_strdup_printf ("{\"schemaVersion\":\"1.0\",\"agent\":{\"name\":\"t\"},\"isolation\":{\"tier\":\"session\"},"
                                           "\"process\":{\"allowSpawn\":%s},\"portals\":%s}", spawn ? "true" : "false", portals);
  g_autoptr(GBytes) bytes = g_bytes_new (text, strlen (text));
  g_autoptr(GError) error = NULL;
  GlbPolicy *policy = glb_policy_new_from_bytes (bytes, "test", &error);

  g_assert_no_error (error);
  g_assert_true (glb_policy_check_supported (policy, &error));
  g_assert_no_error (error);
  return policy;
}

static const char uri_line[] = "{\"id\":1,\"request\":\"open-uri\",\"uri\":\"https://example.org/\"}";
static const char file_line[] = "{\"id\":1,\"request\":\"choose-file\",\"title\":\"Open\"}";
static const char notify_line[] = "{\"id\":1,\"request\":\"notify\",\"name\":\"n\",\"title\":\"t\",\"body\":\"b\"}";
static const char withdraw_line[] = "{\"id\":1,\"request\":\"withdraw\",\"name\":\"n\"}";

static void
assert_decision (const GlbPolicy *policy, const char *line, GlbVerdict verdict, const char *code)
{
  g_autoptr(GlbPortalRequest) request = parse (line);
  GlbPortalDecision decision = glb_portal_decide (policy, request);

  g_assert_cmpint (decision.verdict, ==, verdict);
  g_assert_cmpstr (decision.code, ==, code);
  g_assert_true ((decision.message != NULL) == (verdict == GLB_VERDICT_DENY));
}

static GlbPolicy *
make_camera_policy (GlbTier tier, const char *verdict)
{
  g_autofree char *text = g_strdup_printf ("{\"schemaVersion\":\"1.0\",\"process\":{\"allowSpawn\":true},"
                                           "\"devices\":{\"camera\":\"%s\"}}", verdict);
  g_autoptr(GBytes) bytes = g_bytes_new (text, strlen (text));
  g_autoptr(GlbPolicy) policy = NULL;
  g_autoptr(GError) error = NULL;

  policy = glb_policy_new_from_bytes (bytes, "test", &error);
  g_assert_no_error (error);
  return glb_policy_with_tier (policy, tier, NULL);
}

/* The question is the device gate's; here is whether there is anything to ask for. */
static void
test_camera (void)
{
  static const struct { GlbTier tier; const char *verdict; gboolean there; } policies[] = {
    { GLB_TIER_SESSION, "deny", FALSE },
    { GLB_TIER_SESSION, "prompt", TRUE },
    { GLB_TIER_SESSION, "allow", TRUE },
    { GLB_TIER_PROCESS, "prompt", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (policies); i++)
    {
      g_autoptr(GlbPolicy) policy = make_camera_policy (policies[i].tier, policies[i].verdict);

      g_assert_cmpint (glb_portal_may_have_camera (policy), ==, policies[i].there);
      g_assert_cmpint (glb_portal_is_wanted (policy), ==, policies[i].there);
      assert_decision (policy, "{\"id\":1,\"request\":\"camera\"}", policies[i].there ? GLB_VERDICT_ALLOW : GLB_VERDICT_DENY,
                       policies[i].there ? NULL : "policy_denied");
    }
}

static void
test_denied (void)
{
  g_autoptr(GlbPolicy) nothing = make_policy ("{}", TRUE);
  g_autoptr(GlbPolicy) settings = make_policy ("{\"settings\":\"allow\"}", TRUE);
  g_autoptr(GlbPolicy) uri = make_policy ("{\"openUri\":\"prompt\"}", TRUE);
  g_autoptr(GlbPolicy) notification = make_policy ("{\"notification\":\"allow\"}", TRUE);
  const char *lines[] = { uri_line, file_line, notify_line, withdraw_line };

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      assert_decision (nothing, lines[i], GLB_VERDICT_DENY, "policy_denied");
      assert_decision (settings, lines[i], GLB_VERDICT_DENY, "policy_denied");
    }
  assert_decision (uri, file_line, GLB_VERDICT_DENY, "policy_denied");
  assert_decision (uri, notify_line, GLB_VERDICT_DENY, "policy_denied");
  assert_decision (notification, uri_line, GLB_VERDICT_DENY, "policy_denied");
  /* what no answer could allow is not asked */
  assert_decision (uri, "{\"id\":1,\"request\":\"open-uri\",\"uri\":\"file:///etc/passwd\"}", GLB_VERDICT_DENY, "bad_uri");
  assert_decision (nothing, "{\"id\":1,\"request\":\"open-uri\",\"uri\":\"file:///etc/passwd\"}", GLB_VERDICT_DENY, "policy_denied");
}

static void
test_names (void)
{
  g_autoptr(GlbPolicy) notification = make_policy ("{\"notification\":\"allow\"}", TRUE);
  const char *names[] = { "", "a b", "a\\n", "\xc3\xa4", "\\u202e" };
  g_autofree char *longest = g_strnfill (GLB_PORTAL_NAME_MAX, 'n');
  g_autofree char *line = NULL;
  g_autofree char *longer = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *bad = g_strdup_printf ("{\"id\":1,\"request\":\"withdraw\",\"name\":\"%s\"}", names[i]);

      assert_decision (notification, bad, GLB_VERDICT_DENY, "bad_name");
    }
  longer = g_strdup_printf ("{\"id\":1,\"request\":\"withdraw\",\"name\":\"%sn\"}", longest);
  assert_decision (notification, longer, GLB_VERDICT_DENY, "bad_name");
  line = g_strdup_printf ("{\"id\":1,\"request\":\"withdraw\",\"name\":\"%s\"}", longest);
  assert_decision (notification, line, GLB_VERDICT_ALLOW, NULL);
}

static void
test_decided (void)
{
  g_autoptr(GlbPolicy) all = make_policy ("{\"openUri\":\"prompt\",\"fileChooser\":\"prompt\",\"notification\":\"allow\"}", TRUE);

  assert_decision (all, uri_line, GLB_VERDICT_PROMPT, NULL);
  assert_decision (all, file_line, GLB_VERDICT_PROMPT, NULL);
  assert_decision (all, notify_line, GLB_VERDICT_ALLOW, NULL);
  assert_decision (all, withdraw_line, GLB_VERDICT_ALLOW, NULL);
}

static void
test_wanted (void)
{
  static const struct { const char *portals; gboolean spawn, wanted; } policies[] = {
    { "{}", TRUE, FALSE },
    { "{},\"devices\":{\"camera\":\"allow\"}", FALSE, FALSE },
    { "{},\"devices\":{\"camera\":\"allow\"}", TRUE, TRUE },
    { "{\"settings\":\"allow\"}", TRUE, TRUE },
    { "{\"openUri\":\"prompt\"}", TRUE, TRUE },
    { "{\"fileChooser\":\"prompt\"}", TRUE, TRUE },
    { "{\"notification\":\"allow\"}", TRUE, TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (policies); i++)
    {
      g_autoptr(GlbPolicy) policy = make_policy (policies[i].portals, policies[i].spawn);

      g_assert_cmpint (glb_portal_is_wanted (policy), ==, policies[i].wanted);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/portal/request/malformed", test_malformed);
  g_test_add_func ("/portal/request/too-long", test_too_long);
  g_test_add_func ("/portal/decision/denied", test_denied);
  g_test_add_func ("/portal/decision/camera", test_camera);
  g_test_add_func ("/portal/decision/names", test_names);
  g_test_add_func ("/portal/request/cleaned", test_cleaned);
  g_test_add_func ("/portal/decision/decided", test_decided);
  g_test_add_func ("/portal/wanted", test_wanted);
  return g_test_run ();
}
