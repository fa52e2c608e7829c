/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Questions as their person meets them: on the wall, as a notification, with
 * the keyboard alone and as a screen reader tells them; and as an agent would
 * like them to be met: under fingers that were busy with something else.
 */

#include "config.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "tests/system/glb-test-bus.h"
#include "tests/system/glb-test-display.h"

#define ACCESSIBLE "org.a11y.atspi.Accessible"
#define COMPONENT  "org.a11y.atspi.Component"
#define ROOT       "/org/a11y/atspi/accessible/root"
#define QUESTION   "You, or a program of yours, want to copy text out of “foot”"

/* AtspiRole and AtspiStateType */
#define ROLE_ALERT       2
#define ROLE_FRAME       23
#define STATE_FOCUSED    12
#define COORDS_OF_WINDOW 1

#define ARMING_US (500 * 1000)

#define POLICY \
  "{ \"schemaVersion\": \"1.0\", \"agent\": { \"name\": \"agent\" }, \"isolation\": { \"tier\": \"session\" }," \
  "  \"filesystem\": { \"allowRead\": [\"${WORKSPACE}/**\"], \"allowWrite\": [\"${WORKSPACE}/**\"] }," \
  "  \"process\": { \"allowSpawn\": true, \"maxProcesses\": 64, \"syscalls\": \"desktop\" }," \
  "  \"prompts\": { \"timeoutSeconds\": 120 }," \
  "  \"desktop\": { \"width\": 800, \"height\": 600, \"input\": { \"agent\": \"allow\", \"human\": \"on-takeover\" }," \
  "    \"clipboard\": { \"hostToSession\": \"prompt\", \"sessionToHost\": \"prompt\", \"maxPerMinute\": 60 } } }"

typedef struct
{
  GlbTestSystem *system;
  GSubprocess *dbus;
  GDBusConnection *session_bus;
  GDBusNodeInfo *info;
  GString *shown;              /* notifications: title and body of each, in lines; "closed" */
  GDBusConnection *bus;        /* of accessibility */
  GlbTestDisplay display;
  GSubprocess *view;
  char *id;
} Scene;

/* ---- what there is on the screen, over AT-SPI --------------------------------------------- */

typedef struct
{
  const char *name;            /* how it begins */
  int role;                    /* -1: any */
  gboolean focused;            /* only where the focus is */
  char *owner, *path;          /* (nullable): what was found */
} Wanted;

/* (nullable): it is not there any more */
static GVariant *
ask (Scene      *scene,
     const char *owner,
     const char *path,
     const char *interface,
     const char *method,
     GVariant   *arguments)
{
  return g_dbus_connection_call_sync (scene->bus, owner, path, interface, method, arguments, NULL,
                                      G_DBUS_CALL_FLAGS_NONE, 10000, NULL, NULL);
}

static gboolean
has_name (Scene      *scene,
          const char *owner,
          const char *path,
          const char *begin)
{
  g_autoptr(GVariant) reply = ask (scene, owner, path, "org.freedesktop.DBus.Properties", "Get",
                                   g_variant_new ("(ss)", ACCESSIBLE, "Name"));
  g_autoptr(GVariant) name = NULL;

  if (reply == NULL)
    return FALSE;
  g_variant_get (reply, "(v)", &name);

  return g_str_has_prefix (g_variant_get_string (name, NULL), begin);
}

static guint
get_role (Scene      *scene,
          const char *owner,
          const char *path)
{
  g_autoptr(GVariant) reply = ask (scene, owner, path, ACCESSIBLE, "GetRole", NULL);
  guint role = 0;

  if (reply != NULL)
    g_variant_get (reply, "(u)", &role);

  return role;
}

static gboolean
has_focus (Scene      *scene,
           const char *owner,
           const char *path)
{
  g_autoptr(GVariant) reply = ask (scene, owner, path, ACCESSIBLE, "GetState", NULL);
  g_autoptr(GVariant) states = NULL;
  guint low;

  if (reply == NULL)
    return FALSE;
  states = g_variant_get_child_value (reply, 0);
  g_variant_get_child (states, 0, "u", &low);

  return (low & (1u << STATE_FOCUSED)) != 0;
}

static gboolean
fits (Scene      *scene,
      Wanted     *wanted,
      const char *owner,
      const char *path)
{
  return has_name (scene, owner, path, wanted->name) && (wanted->role < 0 || get_role (scene, owner, path) == (guint) wanted->role) &&
         (!wanted->focused || has_focus (scene, owner, path));
}

static gboolean
find_below (Scene      *scene,
            Wanted     *wanted,
            const char *owner,
            const char *path)
{
  g_autoptr(GVariant) reply = ask (scene, owner, path, ACCESSIBLE, "GetChildren", NULL);
  g_autoptr(GVariantIter) iter = NULL;
  const char *child_owner, *child_path;

  if (reply == NULL)
    return FALSE;

  g_variant_get (reply, "(a(so))", &iter);
  while (g_variant_iter_next (iter, "(&s&o)", &child_owner, &child_path))
    {
      if (find_below (scene, wanted, child_owner, child_path))
        return TRUE;
      if (fits (scene, wanted, child_owner, child_path))
        {
          wanted->owner = g_strdup (child_owner);
          wanted->path = g_strdup (child_path);
          return TRUE;
        }
    }

  return FALSE;
}

typedef struct
{
  Scene *scene;
  Wanted *wanted;
} Search;

static gboolean
is_there (gpointer data)
{
  Search *search = data;

  return find_below (search->scene, search->wanted, "org.a11y.atspi.Registry", ROOT);
}

static void
wanted_clear (Wanted *wanted)
{
  g_free (wanted->owner);
  g_free (wanted->path);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Wanted, wanted_clear)

static void
wait_for (Scene  *scene,
          Wanted *wanted)
{
  Search search = { scene, wanted };

  glb_test_wait (is_there, &search, wanted->name);
}

/* As somebody does who cannot point. */
static void
press (Scene  *scene,
       Wanted *wanted)
{
  g_autoptr(GVariant) reply = ask (scene, wanted->owner, wanted->path, "org.a11y.atspi.Action", "DoAction", g_variant_new ("(i)", 0));

  g_assert_nonnull (reply);
}

/* ---- the person's desktop ------------------------------------------------------------------- */

static void
on_desktop_call (GDBusConnection       *connection,
                 const char            *sender,
                 const char            *path,
                 const char            *interface,
                 const char            *method,
                 GVariant              *parameters,
                 GDBusMethodInvocation *invocation,
                 gpointer               data)
{
  Scene *scene = data;
  const char *title, *body;

  if (g_str_equal (method, "Notify"))
    {
      g_variant_get (parameters, "(&su&s&s&s@as@a{sv}i)", NULL, NULL, NULL, &title, &body, NULL, NULL, NULL);
      g_string_append_printf (scene->shown, "%s\n%s\n", title, body);
      g_dbus_method_invocation_return_value (invocation, g_variant_new ("(u)", 7));
    }
  else
    {
      g_string_append (scene->shown, "closed\n");
      g_dbus_method_invocation_return_value (invocation, NULL);
    }
}

static void
own_notifications (Scene *scene)
{
  static const GDBusInterfaceVTable vtable = { .method_call = on_desktop_call };
  g_autoptr(GVariant) owned = NULL;
  g_autoptr(GError) error = NULL;

  scene->info = g_dbus_node_info_new_for_xml (
    "<node><interface name='org.freedesktop.Notifications'>"
    "<method name='Notify'><arg type='s' direction='in'/><arg type='u' direction='in'/><arg type='s' direction='in'/>"
    "<arg type='s' direction='in'/><arg type='s' direction='in'/><arg type='as' direction='in'/><arg type='a{sv}' direction='in'/>"
    "<arg type='i' direction='in'/><arg type='u' direction='out'/></method>"
    "<method name='CloseNotification'><arg type='u' direction='in'/></method></interface></node>", &error);
  g_assert_no_error (error);
  g_dbus_connection_register_object (scene->session_bus, "/org/freedesktop/Notifications", scene->info->interfaces[0], &vtable,
                                     scene, NULL, &error);
  g_assert_no_error (error);
  owned = g_dbus_connection_call_sync (scene->session_bus, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
                                       "RequestName", g_variant_new ("(su)", "org.freedesktop.Notifications", 0), NULL,
                                       G_DBUS_CALL_FLAGS_NONE, -1, NULL, &error);
  g_assert_no_error (error);
}

static void
start_buses (Scene *scene)
{
  g_autofree char *address = NULL;

  scene->dbus = glb_test_bus_start (scene->system->environment, &address);
  scene->system->environment = g_environ_setenv (scene->system->environment, "DBUS_SESSION_BUS_ADDRESS", address, TRUE);
  scene->session_bus = glb_test_bus_connect (address);
  scene->bus = glb_test_bus_connect_accessibility (scene->session_bus);
}

/* ---- scenes ------------------------------------------------------------------------------------ */

static gboolean
have_programs (void)
{
  static const char * const programs[] = { "Xvfb", "xdotool", "foot", "dbus-daemon", "wl-copy", NULL };

  return glb_test_have_programs (programs) && glb_test_bus_can_read ();
}

static void
xdotool (Scene      *scene,
         const char *arguments)
{
  g_assert_true (glb_test_xdotool (scene->display.display, arguments));
}

static gboolean
scene_start (Scene *scene)
{
  g_autofree char *policy = NULL;

  memset (scene, 0, sizeof *scene);
  if (!have_programs () || (scene->system = glb_test_system_new ()) == NULL)
    return FALSE;

  scene->shown = g_string_new (NULL);
  glb_test_display_start (&scene->display, scene->system);
  start_buses (scene);
  own_notifications (scene);
  policy = glb_test_system_write_policy (scene->system, "questions", POLICY);
  scene->id = glb_test_system_start (scene->system, "--policy", policy, "--", "foot", "-T", "target", NULL);
  glb_test_system_wait_for_window (scene->system, scene->id, "target");

  return TRUE;
}

static void
scene_end (Scene *scene)
{
  if (scene->view != NULL)
    {
      g_subprocess_force_exit (scene->view);
      g_subprocess_wait (scene->view, NULL, NULL);
      g_clear_object (&scene->view);
    }
  g_clear_object (&scene->bus);
  g_clear_object (&scene->session_bus);
  g_clear_pointer (&scene->info, g_dbus_node_info_unref);
  g_subprocess_send_signal (scene->dbus, SIGTERM);
  g_subprocess_wait (scene->dbus, NULL, NULL);
  g_clear_object (&scene->dbus);
  glb_test_display_stop (&scene->display);
  g_string_free (scene->shown, TRUE);
  g_clear_pointer (&scene->id, g_free);
  g_clear_pointer (&scene->system, glb_test_system_free);
}

static void
copy_in_session (Scene      *scene,
                 const char *text)
{
  g_autoptr(GlbTestResult) result = glb_test_system_run (scene->system, text, "exec", scene->id, "--", "/usr/bin/wl-copy", NULL);

  g_assert_cmpint (result->status, ==, 0);
}

static GSubprocess *
ask_person (Scene *scene)
{
  return glb_test_system_spawn (scene->system, "clipboard", "get", scene->id, NULL);
}

/* Takes process. */
static void
assert_denied (GSubprocess *process)
{
  g_autofree char *err = NULL;
  g_autoptr(GError) error = NULL;

  g_subprocess_communicate_utf8 (process, NULL, NULL, NULL, &err, &error);
  g_assert_no_error (error);
  g_assert_nonnull (strstr (err, "clipboard: denied: "));
  g_object_unref (process);
}

static guint
count_prompts (Scene *scene)
{
  g_autoptr(GlbTestResult) result = glb_test_system_run (scene->system, NULL, "prompts", "--json", NULL);
  guint n = 0;

  for (const char *at = glb_test_result_get_out (result); (at = strstr (at, "\"kind\"")) != NULL; at++)
    n++;

  return n;
}

static gboolean
one_asks (gpointer data)
{
  return count_prompts (data) == 1;
}

static gboolean
two_ask (gpointer data)
{
  return count_prompts (data) == 2;
}

static gboolean
nobody_asks (gpointer data)
{
  return count_prompts (data) == 0;
}

static gboolean
has_attention (gpointer data)
{
  Scene *scene = data;

  return glb_test_xdotool (scene->display.display, "search --onlyvisible --name Glovebox windowfocus");
}

/* ---- what is told, and not looked for --------------------------------------------------------------- */

typedef struct
{
  Scene *scene;
  const char *text;
} Shown;

static gboolean
is_shown (gpointer data)
{
  Shown *shown = data;

  g_main_context_iteration (NULL, FALSE);

  return strstr (shown->scene->shown->str, shown->text) != NULL;
}

static void
wait_to_hear (Scene      *scene,
                  const char *text)
{
  Shown shown = { scene, text };

  glb_test_wait (is_shown, &shown, text);
  g_string_set_size (scene->shown, 0);
}

static void
on_name_changed (GDBusConnection *connection,
                 const char      *sender,
                 const char      *path,
                 const char      *interface,
                 const char      *signal,
                 GVariant        *parameters,
                 gpointer         data)
{
  Scene *scene = data;
  g_autoptr(GVariant) value = NULL;
  const char *property;

  g_variant_get_child (parameters, 0, "&s", &property);
  g_variant_get_child (parameters, 3, "v", &value);
  if (g_str_equal (property, "accessible-name") && g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
    g_string_append_printf (scene->shown, "named: %s\n", g_variant_get_string (value, NULL));
}

/* As a screen reader, to whom GTK tells what changes. */
static void
listen_to_names (Scene *scene)
{
  g_autoptr(GVariant) reply = ask (scene, "org.a11y.atspi.Registry", "/org/a11y/atspi/registry", "org.a11y.atspi.Registry", "RegisterEvent",
                                   g_variant_new ("(s@ass)", "object:property-change", g_variant_new_strv (NULL, 0), ""));

  g_assert_nonnull (reply);
  g_dbus_connection_signal_subscribe (scene->bus, NULL, "org.a11y.atspi.Event.Object", "PropertyChange", NULL, NULL,
                                      G_DBUS_SIGNAL_FLAGS_NONE, on_name_changed, scene, NULL);
}

/* ---- the keyboard alone ------------------------------------------------------------------------- */

static gboolean
tab_leads_to_no (gpointer data)
{
  Scene *scene = data;
  g_auto(Wanted) no = { .name = "Deny", .role = -1, .focused = TRUE };
  Search search = { scene, &no };

  if (is_there (&search))
    return TRUE;
  glb_test_xdotool (scene->display.display, "key Tab");

  return FALSE;
}

/* From the wall: the tile says what is asked, one press leads there, and nothing has the focus that would answer. */
static void
test_tile (void)
{
  Scene scene;
  g_auto(Wanted) wall = { .name = "Stop Everything", .role = -1 };
  g_auto(Wanted) tile = { .name = "Answer “foot”: Copy out of the session, the content", .role = -1 };
  g_auto(Wanted) alert = { .name = QUESTION, .role = ROLE_ALERT };
  g_auto(Wanted) focus = { .name = QUESTION, .role = -1, .focused = TRUE };
  g_auto(Wanted) history = { .name = "Asked for the first time", .role = -1 };
  g_auto(Wanted) again = { .name = "You denied this ", .role = -1 };
  g_auto(Wanted) window = { .name = "“foot” asks you: Copy out of the session – Glovebox", .role = ROLE_FRAME };
  g_auto(Wanted) policy = { .name = "The policy asks you first: desktop.clipboard.sessionToHost", .role = -1 };
  GSubprocess *asker;

  if (!scene_start (&scene))
    return;

  copy_in_session (&scene, "the content");
  scene.view = glb_test_system_spawn (scene.system, "view", NULL);
  wait_for (&scene, &wall);
  glb_test_wait (has_attention, &scene, "the window");
  asker = ask_person (&scene);
  wait_for (&scene, &tile);
  press (&scene, &tile);
  wait_for (&scene, &alert);
  wait_for (&scene, &focus);
  wait_for (&scene, &history);
  wait_for (&scene, &policy);

  /* what answers by itself elsewhere does not here */
  xdotool (&scene, "key Return key space key Escape");
  g_assert_cmpuint (count_prompts (&scene), ==, 1);
  glb_test_wait (tab_leads_to_no, &scene, "the focus to be on the answer");
  xdotool (&scene, "key space");
  assert_denied (asker);

  /* the focus stays where it is, and who cannot see the question hears of it */
  listen_to_names (&scene);
  asker = ask_person (&scene);
  wait_to_hear (&scene, "named: " QUESTION "\n");
  wait_for (&scene, &window);
  wait_for (&scene, &again);
  xdotool (&scene, "key ctrl+alt+q");
  glb_test_wait (tab_leads_to_no, &scene, "the focus to be on the answer again");
  xdotool (&scene, "key space");
  assert_denied (asker);
  scene_end (&scene);
}

/* ---- notifications --------------------------------------------------------------------------------- */

/* It says who asks for what, without markup, goes with the question whoever answers, and leads to it. */
static void
test_notification (void)
{
  Scene scene;
  g_auto(Wanted) wall = { .name = "Stop Everything", .role = -1 };
  g_auto(Wanted) alert = { .name = QUESTION, .role = ROLE_ALERT };
  g_autoptr(GlbTestResult) denied = NULL;
  g_autoptr(GlbTestResult) again = NULL;
  GSubprocess *asker;

  if (!scene_start (&scene))
    return;

  copy_in_session (&scene, "<b>bold</b>");
  scene.view = glb_test_system_spawn (scene.system, "view", NULL);
  wait_for (&scene, &wall);
  glb_test_wait (has_attention, &scene, "the window");
  /* the person looks at something else; without a window manager, what is under the pointer has their attention, too */
  xdotool (&scene, "mousemove 1435 995 search --maxdepth 0 --name .* windowfocus");
  asker = ask_person (&scene);
  wait_to_hear (&scene, "“foot” asks you: Copy out of the session\n‹b›bold‹/b›\n");
  denied = glb_test_system_run (scene.system, NULL, "deny", "1", NULL);
  g_assert_cmpint (denied->status, ==, 0);
  wait_to_hear (&scene, "closed\n");
  assert_denied (asker);

  asker = ask_person (&scene);
  wait_to_hear (&scene, "“foot” asks you: ");
  g_dbus_connection_emit_signal (scene.session_bus, NULL, "/org/freedesktop/Notifications", "org.freedesktop.Notifications",
                                 "ActionInvoked", g_variant_new ("(us)", 7, "default"), NULL);
  wait_for (&scene, &alert);
  again = glb_test_system_run (scene.system, NULL, "deny", "2", NULL);
  g_assert_cmpint (again->status, ==, 0);
  assert_denied (asker);
  scene_end (&scene);
}

/* ---- attacks: answers that were meant for something else ----------------------------------------------- */

/* Of the n-th record of event, counted from 0; microseconds. */
static gint64
get_time_of (Scene      *scene,
             const char *event,
             guint       n)
{
  g_autoptr(GlbTestResult) result = glb_test_system_run (scene->system, NULL, "audit", "show", scene->id, "--json", NULL);
  g_auto(GStrv) lines = g_strsplit (glb_test_result_get_out (result), "\n", -1);
  g_autofree char *mark = g_strdup_printf ("\"event\":\"%s\"", event);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      const char *time = strstr (lines[i], "\"time\":\"");
      g_autofree char *text = NULL;
      g_autoptr(GDateTime) when = NULL;

      if (strstr (lines[i], mark) == NULL || n-- > 0)
        continue;
      g_assert_nonnull (time);
      time += strlen ("\"time\":\"");
      text = g_strndup (time, strcspn (time, "\""));
      when = g_date_time_new_from_iso8601 (text, NULL);
      g_assert_nonnull (when);
      return g_date_time_to_unix (when) * G_USEC_PER_SEC + g_date_time_get_microsecond (when);
    }

  g_assert_not_reached ();
}

static GSubprocess *
start_storm (Scene      *scene,
             const char *arguments)
{
  g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE);
  g_autofree char *line = g_strdup_printf ("while :; do xdotool %s; done", arguments);
  g_autoptr(GError) error = NULL;
  GSubprocess *storm;

  g_subprocess_launcher_set_environ (launcher, scene->system->environment);
  g_subprocess_launcher_set_child_setup (launcher, glb_test_die_with_parent, NULL, NULL);
  storm = g_subprocess_launcher_spawn (launcher, &error, "sh", "-c", line, NULL);
  g_assert_no_error (error);

  return storm;
}

/* Takes storm. */
static void
end_storm (GSubprocess *storm)
{
  g_subprocess_force_exit (storm);
  g_subprocess_wait (storm, NULL, NULL);
  g_object_unref (storm);
}

/* The same keys answer as soon as the person could have read the question, and not before: a machine that is busy makes it later only. */
static void
test_keys_before (void)
{
  Scene scene;
  g_auto(Wanted) page = { .name = "Take Over", .role = -1 };
  GSubprocess *asker, *storm;

  if (!scene_start (&scene))
    return;

  copy_in_session (&scene, "the content");
  scene.view = glb_test_system_spawn (scene.system, "view", scene.id, NULL);
  wait_for (&scene, &page);
  glb_test_wait (has_attention, &scene, "the window");
  storm = start_storm (&scene, "key ctrl+alt+n");
  asker = ask_person (&scene);
  assert_denied (asker);
  end_storm (storm);
  g_assert_cmpint (get_time_of (&scene, "prompt-answered", 0) - get_time_of (&scene, "prompt-asked", 0), >=, ARMING_US);
  scene_end (&scene);
}

static char *
aim (Scene  *scene,
     Wanted *wanted)
{
  g_autoptr(GVariant) reply = ask (scene, wanted->owner, wanted->path, COMPONENT, "GetExtents", g_variant_new ("(u)", COORDS_OF_WINDOW));
  int x, y, width, height;

  g_assert_nonnull (reply);
  g_variant_get (reply, "((iiii))", &x, &y, &width, &height);
  g_assert_cmpint (width, >, 0);

  return g_strdup_printf ("mousemove %d %d click 1", x + width / 2, y + height / 2);
}

/* Clicks at the place of the answer, one after the other: the second question, which comes there, needs its own time. */
static void
test_clicks_before (void)
{
  Scene scene;
  g_auto(Wanted) no = { .name = "Deny", .role = -1 };
  g_autofree char *click = NULL;
  GSubprocess *first, *second, *storm;

  if (!scene_start (&scene))
    return;

  copy_in_session (&scene, "the content");
  scene.view = glb_test_system_spawn (scene.system, "view", scene.id, NULL);
  first = ask_person (&scene);
  glb_test_wait (one_asks, &scene, "the first question");
  second = ask_person (&scene);
  glb_test_wait (two_ask, &scene, "the second question");
  wait_for (&scene, &no);
  glb_test_wait (has_attention, &scene, "the window");
  click = aim (&scene, &no);
  storm = start_storm (&scene, click);
  glb_test_wait (nobody_asks, &scene, "both questions to be answered");
  end_storm (storm);
  assert_denied (first);
  assert_denied (second);
  g_assert_cmpint (get_time_of (&scene, "prompt-answered", 1) - get_time_of (&scene, "prompt-answered", 0), >=, ARMING_US);
  scene_end (&scene);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/view-questions/tile", test_tile);
  g_test_add_func ("/view-questions/notification", test_notification);
  g_test_add_func ("/view-questions/keys-before", test_keys_before);
  g_test_add_func ("/view-questions/clicks-before", test_clicks_before);

  return g_test_run ();
}
