/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>
#include <unistd.h>

#include <json-glib/json-glib.h>

#include "compositor-shim/glb-shim-protocol.h"
#include "tests/broker/terminal-fixture.h"

gint64
terminal_settle (TestSession *session)
{
  g_autofree char *text = test_session_act (session, "{\"action\":\"wait\",\"duration\":0,\"settle\":true}", NULL);
  g_autoptr(JsonNode) node = json_from_string (text, NULL);

  g_assert_true (json_object_has_member (json_node_get_object (node), "frameId"));
  return json_object_get_int_member (json_node_get_object (node), "frameId");
}

TestSession *
terminal_run (BrokerFixture *fixture, const char *more)
{
  const char *script = "echo ready; while read -r x; do echo \"$x\" >>lines; printf '\\033]2;%s\\007' \"$x\"; done";
  g_autofree char *policy = test_policy ("session", more);
  const char *argv[] = { "foot", "--log-level=none", "/bin/sh", "-c", script, NULL };
  g_autoptr(GError) error = NULL;
  TestSession *session = broker_fixture_run (fixture, NULL, test_options (policy, TRUE), argv, &error);

  g_assert_no_error (error);
  test_session_wait_window (session);
  terminal_settle (session);
  return session;
}

char *
terminal_read_lines (TestSession *session)
{
  int fds[3];
  char *out;

  test_session_exec (session, "cat lines 2>/dev/null", fds);
  close (fds[0]);
  close (fds[2]);
  out = test_read_all (&fds[1]);
  return out;
}

typedef struct
{
  TestSession *session;
  const char *text;
  char *last;
} Typed;

static gboolean
has_lines (gpointer user_data)
{
  Typed *typed = user_data;
  g_autofree char *lines = terminal_read_lines (typed->session);

  g_free (typed->last);
  typed->last = g_strdup (lines);
  return g_str_equal (lines, typed->text);
}

void
terminal_wait_lines (TestSession *session, const char *text)
{
  Typed typed = { session, text, NULL };

  test_wait (has_lines, &typed, text);
  g_free (typed.last);
}

void
terminal_assert_result (TestSession *session, const char *action, const char *status, const char *code)
{
  g_autofree char *text = test_session_act (session, action, NULL);
  g_autoptr(JsonNode) node = json_from_string (text, NULL);
  JsonObject *object = json_node_get_object (node);

  if (!g_str_equal (json_object_get_string_member (object, "status"), status) ||
      (code != NULL && !g_str_equal (json_object_get_string_member (object, "code"), code)))
    g_error ("%s gave %s, not %s %s", action, text, status, code != NULL ? code : "");
}

gboolean
terminal_send (TestSession *session, guint64 epoch, guint kind, guint code, int value, int x, int y, GError **error)
{
  GVariant *event = g_variant_new ("(uuiii)", kind, code, value, x, y);

  return glb_dbus_session1_call_input_sync (session->proxy, epoch, g_variant_new_array (NULL, &event, 1), NULL, error);
}

void
terminal_press (TestSession *session, guint64 epoch, guint code)
{
  g_autoptr(GError) error = NULL;

  g_assert_true (terminal_send (session, epoch, GLB_SHIM_EVENT_KEY, code, 1, 0, 0, &error));
  g_assert_true (terminal_send (session, epoch, GLB_SHIM_EVENT_KEY, code, 0, 0, 0, &error));
  g_assert_no_error (error);
}

typedef struct
{
  TestSession *session;
  const char *title;
} Titled;

static gboolean
has_title (gpointer user_data)
{
  Titled *titled = user_data;
  GVariantIter iter;
  GVariant *window;

  g_variant_iter_init (&iter, glb_dbus_session1_get_windows (titled->session->proxy));
  while (g_variant_iter_next (&iter, "@a{sv}", &window))
    {
      g_autoptr(GVariant) owned = window;
      const char *title;

      if (g_variant_lookup (owned, "title", "&s", &title) && g_str_equal (title, titled->title))
        return TRUE;
    }
  return FALSE;
}

void
terminal_wait_title (TestSession *session, const char *title)
{
  Titled titled = { session, title };

  test_wait (has_title, &titled, title);
}
