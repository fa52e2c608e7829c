/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Camera, microphone and speaker of a session, with everything real around them: the broker, a session with its
 * compositor, the session's PipeWire, and a program in it (GStreamer) that looks and listens. The sources are
 * synthetic, or a PipeWire as a person has it with test sources, so that no test needs hardware.
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <gio/gunixfdlist.h>
#include <glib-unix.h>
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>

#include "session-broker/capture/glb-png.h"
#include "session-broker/client/glb-broker-error.h"
#include "session-broker/media/glb-media.h"
#include "tests/broker/broker-fixture.h"
#include "tests/media/media-files.h"
#include "tests/media/media-fixture.h"

#define PROMPT "org.glovebox.Prompt1"
#define GRANT  "org.glovebox.Grant1"

#define FRAME_WIDTH  320
#define FRAME_HEIGHT 240
#define FRAME_BYTES  (FRAME_WIDTH * FRAME_HEIGHT * 4)
/* A tenth of a second of one channel. */
#define SOUND_BYTES  (4800 * 2)

#define LOOK   "exec gst-launch-1.0 -q pipewiresrc ! video/x-raw,format=RGBx,width=320,height=240 ! fdsink fd=1 2>/dev/null"
#define LISTEN "exec gst-launch-1.0 -q pipewiresrc ! audio/x-raw,format=S16LE,rate=48000,channels=1 ! fdsink fd=1 2>/dev/null"

#define SKIP_WITHOUT_DEVICES(fixture) \
  if ((fixture)->root == NULL || !broker_fixture_can_look ()) return;

/* ---- a session ------------------------------------------------------------------- */

/* With the fixture's workspace. NULL: it does not start, and error says why. */
static TestSession *
run_in_workspace (BrokerFixture *fixture, const char *devices, GError **error)
{
  const char *argv[] = { "/bin/sh", "-c", "exec sleep 100000", NULL };
  g_autofree char *more = g_strdup_printf (",\"desktop\":{\"width\":640,\"height\":480,\"input\":{\"agent\":\"allow\"}},"
                                           "\"devices\":{%s},\"prompts\":{\"timeoutSeconds\":600},"
                                           "\"filesystem\":{\"allowRead\":[\"${WORKSPACE}/**\"]}", devices);
  g_autofree char *policy = test_policy ("session", more);
  GVariantDict options;

  g_variant_dict_init (&options, NULL);
  g_variant_dict_insert (&options, "policy", "s", policy);
  g_variant_dict_insert (&options, "workspace", "s", fixture->workspace);
  return broker_fixture_run (fixture, NULL, g_variant_dict_end (&options), argv, error);
}

/* devices: members of that object. */
static TestSession *
run (BrokerFixture *fixture, const char *devices, guint timeout)
{
  g_autofree char *more = g_strdup_printf (",\"desktop\":{\"width\":640,\"height\":480,\"input\":{\"agent\":\"allow\"}},"
                                           "\"devices\":{%s},\"prompts\":{\"timeoutSeconds\":%u}", devices, timeout);
  g_autofree char *policy = test_policy ("session", more);

  return broker_fixture_run_shell (fixture, policy, "exec sleep 100000");
}

#define ASK_CAMERA "\"camera\":\"prompt\",\"cameraSource\":\"test-pattern\""
#define ALL        "\"camera\":\"allow\",\"cameraSource\":\"test-pattern\",\"microphone\":\"allow\",\"microphoneSource\":\"tone\""

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

/* FALSE: the error has lost its remote part. */
static gboolean
finish (TestSession *session, GAsyncResult **result, GError **error)
{
  g_autoptr(GVariant) reply = NULL;

  test_wait (is_there, result, "a call's answer");
  reply = g_dbus_proxy_call_finish (G_DBUS_PROXY (session->proxy), *result, error);
  g_clear_object (result);
  if (reply == NULL)
    g_dbus_error_strip_remote_error (*error);
  return reply != NULL;
}

static void
call (TestSession *session, const char *method, GVariant *parameters, GAsyncResult **result)
{
  g_dbus_proxy_call (G_DBUS_PROXY (session->proxy), method, parameters, G_DBUS_CALL_FLAGS_NONE, 60000, NULL, take_result, result);
}

static void
assert_called (TestSession *session, const char *method, GVariant *parameters)
{
  GAsyncResult *result = NULL;
  g_autoptr(GError) error = NULL;

  call (session, method, parameters, &result);
  finish (session, &result, &error);
  g_assert_no_error (error);
}

static void
assert_finished_no (TestSession *session, GAsyncResult **result, GlbBrokerError code, const char *message)
{
  g_autoptr(GError) error = NULL;

  g_assert_false (finish (session, result, &error));
  g_assert_error (error, GLB_BROKER_ERROR, (int) code);
  g_assert_cmpstr (error->message, ==, message);
}

static void
assert_no (TestSession *session, const char *method, GVariant *parameters, GlbBrokerError code, const char *message)
{
  GAsyncResult *result = NULL;

  call (session, method, parameters, &result);
  assert_finished_no (session, &result, code, message);
}

static GVariant *
device (const char *name)
{
  return g_variant_new ("(s)", name);
}

static void
off (TestSession *session, const char *name)
{
  assert_called (session, "DeviceOff", device (name));
}

/* One member of one device in the property Devices, as text. (transfer full) */
static char *
describe (TestSession *session, const char *name, const char *member)
{
  GVariant *devices = glb_dbus_session1_get_devices (session->proxy);

  for (gsize i = 0; i < g_variant_n_children (devices); i++)
    {
      g_autoptr(GVariant) entry = g_variant_get_child_value (devices, i);
      g_autoptr(GVariant) value = g_variant_lookup_value (entry, member, NULL);
      const char *entry_name = NULL;

      g_variant_lookup (entry, "device", "&s", &entry_name);
      if (g_str_equal (entry_name, name))
        return g_variant_print (value, FALSE);
    }
  return NULL;
}

typedef struct
{
  TestSession *session;
  const char *name, *member, *text;
} Description;

static gboolean
is_described (gpointer user_data)
{
  Description *wanted = user_data;
  g_autofree char *text = describe (wanted->session, wanted->name, wanted->member);

  return g_strcmp0 (text, wanted->text) == 0;
}

static void
wait_described (TestSession *session, const char *name, const char *member, const char *text)
{
  Description wanted = { session, name, member, text };
  g_autofree char *what = g_strdup_printf ("%s: %s to be %s", name, member, text);

  test_wait (is_described, &wanted, what);
}

static void
on (TestSession *session, const char *name)
{
  assert_called (session, "DeviceOn", device (name));
  wait_described (session, name, "granted", "true");
}

/* ---- prompts and grants ---------------------------------------------------------------- */

typedef struct
{
  BrokerFixture *fixture;
  const char *interface;
  char *path;
  GVariant *properties;
} Object;

static gboolean
find_object (gpointer user_data)
{
  Object *object = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) reply = NULL;
  g_autoptr(GVariantIter) iter = NULL;
  const char *path;
  GVariant *interfaces;

  g_clear_pointer (&object->path, g_free);
  g_clear_pointer (&object->properties, g_variant_unref);
  reply = g_dbus_connection_call_sync (glb_client_get_connection (object->fixture->client), NULL, "/org/glovebox/Broker1",
                                       "org.freedesktop.DBus.ObjectManager", "GetManagedObjects", NULL, NULL,
                                       G_DBUS_CALL_FLAGS_NONE, 20000, NULL, &error);
  g_assert_no_error (error);
  g_variant_get (reply, "(a{oa{sa{sv}}})", &iter);
  while (object->path == NULL && g_variant_iter_next (iter, "{&o@a{sa{sv}}}", &path, &interfaces))
    {
      object->properties = g_variant_lookup_value (interfaces, object->interface, NULL);
      if (object->properties != NULL)
        object->path = g_strdup (path);
      g_variant_unref (interfaces);
    }
  return object->path != NULL;
}

static gboolean
find_no_object (gpointer user_data)
{
  return !find_object (user_data);
}

static void
object_clear (Object *object)
{
  g_clear_pointer (&object->path, g_free);
  g_clear_pointer (&object->properties, g_variant_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Object, object_clear)

static void
assert_no_object (BrokerFixture *fixture, const char *interface)
{
  g_auto(Object) object = { fixture, interface, NULL, NULL };

  test_wait (find_no_object, &object, "no prompt or grant to be left");
}

static void
object_call (Object *object, const char *method, GVariant *parameters)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) reply = g_dbus_connection_call_sync (glb_client_get_connection (object->fixture->client), NULL, object->path,
                                                           object->interface, method, parameters, NULL, G_DBUS_CALL_FLAGS_NONE,
                                                           20000, NULL, &error);

  g_assert_no_error (error);
}

static void
answer (BrokerFixture *fixture, const char *method, GVariant *parameters)
{
  g_auto(Object) prompt = { fixture, PROMPT, NULL, NULL };

  test_wait (find_object, &prompt, "a prompt");
  object_call (&prompt, method, parameters);
}

/* Asked, and answered with yes. */
static void
on_allowed (BrokerFixture *fixture, TestSession *session, const char *name, const char *scope, guint seconds)
{
  GAsyncResult *result = NULL;
  g_autoptr(GError) error = NULL;

  call (session, "DeviceOn", device (name), &result);
  answer (fixture, "Allow", g_variant_new ("(su)", scope, seconds));
  finish (session, &result, &error);
  g_assert_no_error (error);
  wait_described (session, name, "granted", "true");
}

/* ---- the audit --------------------------------------------------------------------------- */

typedef struct
{
  BrokerFixture *fixture;
  TestSession *session;
  const char *event, *name;
  guint n;
} Records;

static gboolean
has_records (gpointer user_data)
{
  Records *wanted = user_data;

  return test_session_count_records (wanted->fixture, wanted->session, wanted->event, wanted->name) == wanted->n;
}

/* What a property says may be what it said before; records are only added. */
static void
wait_records (BrokerFixture *fixture, TestSession *session, const char *event, const char *name, guint n)
{
  Records wanted = { fixture, session, event, name, n };

  test_wait (has_records, &wanted, event);
}

static void
assert_record (BrokerFixture *fixture, TestSession *session, const char *event, const char *name, const char *member, const char *text)
{
  g_autoptr(JsonObject) record = test_session_find_record (fixture, session, event, name, NULL);

  g_assert_nonnull (record);
  g_assert_cmpstr (json_object_get_string_member (record, member), ==, text);
}

static void
assert_revoked (BrokerFixture *fixture, TestSession *session, const char *name, const char *why)
{
  g_autoptr(JsonObject) record = test_session_find_record (fixture, session, "device-revoked", name, NULL);

  g_assert_nonnull (record);
  g_assert_cmpstr (json_object_get_string_member (record, "why"), ==, why);
  g_assert_cmpint (json_object_get_int_member_with_default (record, "links", -1), ==, 0);
  g_assert_cmpint (json_object_get_int_member_with_default (record, "nodes", -1), ==, 0);
  g_assert_false (json_object_has_member (record, "killed"));
}

/* ---- a program that looks or listens -------------------------------------------------------- */

typedef struct
{
  int fd;
  guint id;
  guint64 command;
  gsize unit;                  /* bytes of one frame, or of a tenth of a second */
  guint8 *bytes;               /* of the unit that is being read */
  gsize filled;
  guint n;                     /* whole ones */
  gboolean blank;              /* the last whole one */
  guint n_left;                /* until what is waited for */
  /* (nullable): looks at each whole one */
  void (*check) (const guint8 *bytes, gpointer user_data);
  gpointer check_data;
} Watcher;

static gboolean
on_bytes (int fd, GIOCondition condition, gpointer user_data)
{
  Watcher *self = user_data;
  ssize_t n = read (fd, self->bytes + self->filled, self->unit - self->filled);

  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return G_SOURCE_CONTINUE;
  if (n <= 0)
    {
      self->id = 0;
      return G_SOURCE_REMOVE;
    }

  self->filled += n;
  if (self->filled == self->unit)
    {
      self->blank = TRUE;
      /* the fourth byte of a pixel means nothing */
      for (gsize i = 0; i < self->unit && self->blank; i++)
        self->blank = self->bytes[i] == 0 || (self->unit == FRAME_BYTES && i % 4 == 3);
      self->n++;
      self->filled = 0;
      if (self->check != NULL)
        self->check (self->bytes, self->check_data);
    }
  return G_SOURCE_CONTINUE;
}

static Watcher *
watch (TestSession *session, const char *script, gsize unit)
{
  Watcher *self = g_new0 (Watcher, 1);
  int fds[3];

  self->command = test_session_exec (session, script, fds);
  close (fds[0]);
  close (fds[2]);
  self->fd = fds[1];
  self->unit = unit;
  self->bytes = g_malloc (unit);
  g_assert_true (g_unix_set_fd_nonblocking (self->fd, TRUE, NULL));
  self->id = g_unix_fd_add (self->fd, G_IO_IN | G_IO_HUP, on_bytes, self);
  return self;
}

static void
watcher_free (Watcher *self)
{
  g_clear_handle_id (&self->id, g_source_remove);
  close (self->fd);
  g_free (self->bytes);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Watcher, watcher_free)

static gboolean
has_enough (gpointer user_data)
{
  Watcher *self = user_data;

  return self->n >= self->n_left;
}

/* Ten more of them. */
static void
wait_more (Watcher *self)
{
  self->n_left = self->n + 10;
  test_wait (has_enough, self, "frames or sound to flow");
}

static gboolean
is_blank (gpointer user_data)
{
  return ((Watcher *) user_data)->blank;
}

static gboolean
is_not_blank (gpointer user_data)
{
  return !((Watcher *) user_data)->blank;
}

/* Output of a short program in the session, to its end, while everything else goes on. (transfer full) */
static char *
run_inside (TestSession *session, const char *script)
{
  int fds[3];
  guint64 command = test_session_exec (session, script, fds);

  close (fds[0]);
  close (fds[2]);
  test_session_wait_exit (session, command);
  return test_read_all (&fds[1]);
}

/* What the session's own programs see of devices: "" or their names. (transfer full) */
static char *
list_inside (TestSession *session)
{
  return run_inside (session, "pw-cli ls Node 2>&1 | grep -o 'node.name = \"glovebox[.][a-z]*\"' | sed 's/.*= //' | sort | tr -d '\\n\"'");
}

static void
assert_inside (TestSession *session, const char *names)
{
  g_autofree char *listed = list_inside (session);

  g_assert_cmpstr (listed, ==, names);
}

/* What was on its way has arrived while the first list was made; more than that must not come while the others are. */
static void
assert_still (TestSession *session, Watcher *watcher)
{
  guint n;

  assert_inside (session, "");
  n = watcher->n;
  for (guint i = 0; i < 3; i++)
    assert_inside (session, "");
  g_assert_cmpuint (watcher->n, ==, n);
}

/* ---- denials ------------------------------------------------------------------------------------- */

static void
test_policy_denied (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) none = NULL;
  g_autoptr(TestSession) some = NULL;
  g_autofree char *verdict = NULL;
  g_autofree char *listed = NULL;

  SKIP_WITHOUT_DEVICES (fixture);

  none = run (fixture, "", 60);
  assert_no (none, "DeviceOn", device ("camera"), GLB_BROKER_ERROR_POLICY,
             "camera: policy_denied: the policy denies all devices; see devices in it");
  g_assert_cmpuint (g_variant_n_children (glb_dbus_session1_get_devices (none->proxy)), ==, 0);
  listed = run_inside (none, "ls $XDG_RUNTIME_DIR | grep pipewire");
  g_assert_cmpstr (listed, ==, "");

  some = run (fixture, "\"camera\":\"allow\",\"cameraSource\":\"test-pattern\"", 60);
  assert_no (some, "DeviceOn", device ("microphone"), GLB_BROKER_ERROR_POLICY,
             "microphone: policy_denied: the policy denies this device; see devices in it");
  assert_no (some, "DeviceOn", device ("speaker"), GLB_BROKER_ERROR_POLICY,
             "speaker: policy_denied: the policy denies this device; see devices in it");
  assert_record (fixture, some, "device-refused", "speaker", "code", "policy_denied");
  assert_no (some, "DeviceOn", device ("webcam"), GLB_BROKER_ERROR_FAILED, "device: no such device; use camera, microphone or speaker");
  assert_no (some, "DeviceOff", device (""), GLB_BROKER_ERROR_FAILED, "device: no such device; use camera, microphone or speaker");
  assert_no (some, "DeviceMute", g_variant_new ("(sb)", "camera", TRUE), GLB_BROKER_ERROR_STATE, "camera: it is not on");
  off (some, "camera");
  verdict = describe (some, "microphone", "verdict");
  g_assert_cmpstr (verdict, ==, "'deny'");
  assert_inside (some, "");

  on (some, "camera");
  assert_no (some, "DeviceOn", device ("camera"), GLB_BROKER_ERROR_STATE, "camera: it is on, or being asked for, already");
  assert_no (some, "DeviceOn", device ("microphone"), GLB_BROKER_ERROR_POLICY,
             "microphone: policy_denied: the policy denies this device; see devices in it");
}

/* The policy wants what this host cannot give: no session, and a word on what to do. */
static void
set_up_without_media (BrokerFixture *fixture, gconstpointer data)
{
  g_autofree char *before = g_strdup (g_getenv ("GLOVEBOX_PRIVATE_PATH"));
  g_auto(GStrv) folders = g_strsplit (before != NULL ? before : "", ":", -1);
  g_autoptr(GString) path = g_string_new (NULL);

  for (guint i = 0; folders[i] != NULL; i++)
    if (!g_str_has_suffix (folders[i], "/media"))
      g_string_append_printf (path, "%s%s", path->len > 0 ? ":" : "", folders[i]);
  g_setenv ("GLOVEBOX_PRIVATE_PATH", path->str, TRUE);
  broker_fixture_set_up (fixture, data);
  g_setenv ("GLOVEBOX_PRIVATE_PATH", before != NULL ? before : "", TRUE);
}

static void
test_host_cannot (BrokerFixture *fixture, gconstpointer data)
{
  const char *argv[] = { "true", NULL };
  g_autofree char *policy = test_policy ("session", ",\"devices\":{\"speaker\":\"prompt\"}");
  g_autofree char *process = test_policy ("process", "");
  g_autoptr(TestSession) without = NULL;
  g_autoptr(GError) error = NULL;

  SKIP_WITHOUT_DEVICES (fixture);

  g_assert_null (broker_fixture_run (fixture, NULL, test_options (policy, FALSE), argv, &error));
  g_assert_error (error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_POLICY);
  g_assert_cmpstr (error->message, ==, "devices: Glovebox was built without PipeWire; install libpipewire-0.3-dev and build it again; "
                                       "or deny devices in the policy");
  g_clear_error (&error);
  without = broker_fixture_run_shell (fixture, process, "exec sleep 100000");
  assert_no (without, "DeviceOn", device ("speaker"), GLB_BROKER_ERROR_POLICY,
             "speaker: policy_denied: a session of the tier process has no devices");
}

/* Not one question, however short it was open. */
static void
assert_not_asked (BrokerFixture *fixture, TestSession *session)
{
  g_autofree char *file = g_strconcat (glb_dbus_session1_get_id (session->proxy), ".jsonl", NULL);
  g_autofree char *path = g_build_filename (fixture->audit_dir, file, NULL);
  g_autofree char *content = NULL;

  g_assert_true (g_file_get_contents (path, &content, NULL, NULL));
  g_assert_null (strstr (content, "\"prompt-asked\""));
}

/* There is a PipeWire, and nothing in it: nobody is asked for what cannot be given, neither by the person nor by the agent. */
static void
test_nothing_to_give (BrokerFixture *fixture, gconstpointer data)
{
  static const char * const names[] = { "camera", "microphone", "speaker" };
  Fixture person = { 0 };
  g_autofree char *folder = NULL;
  g_autofree char *socket = NULL;
  g_autoptr(TestSession) session = NULL;

  SKIP_WITHOUT_DEVICES (fixture);

  folder = g_build_filename (fixture->root, "runtime", NULL);
  socket = g_build_filename (folder, "pipewire-0", NULL);
  person.folder = folder;
  person.host_socket = socket;
  fixture_start_host (&person, FALSE);
  session = run (fixture, "\"camera\":\"prompt\",\"microphone\":\"prompt\",\"speaker\":\"prompt\"", 60);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *reason = g_strdup_printf ("%s: no_device: the person's PipeWire has no %s; plug one in, or set a synthetic source in "
                                                 "the policy", names[i], names[i]);
      g_autofree char *request = g_strdup_printf ("glovebox-act '{\"action\":\"device_request\",\"device\":\"%s\"}'", names[i]);
      g_autofree char *told = NULL;
      g_autofree char *soon = NULL;

      assert_no (session, "DeviceOn", device (names[i]), GLB_BROKER_ERROR_POLICY, reason);
      told = run_inside (session, request);
      g_assert_nonnull (strstr (told, reason));
      assert_record (fixture, session, "device-refused", names[i], "code", "no_device");
      /* nor does it have the person's PipeWire asked as often as it likes */
      soon = run_inside (session, request);
      g_assert_nonnull (strstr (soon, "it was asked for just now; wait some seconds"));
    }
  assert_not_asked (fixture, session);
  fixture_stop_host (&person);
}

static void
test_no_device (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  g_autofree char *socket = NULL;
  g_autofree char *message = NULL;

  SKIP_WITHOUT_DEVICES (fixture);

  session = run (fixture, "\"camera\":\"prompt\",\"microphone\":\"prompt\",\"speaker\":\"allow\"", 60);
  socket = g_build_filename (fixture->root, "runtime", "pipewire-0", NULL);
  message = g_strdup_printf ("camera: no_device: no PipeWire answers at %s (No such file or directory); start it "
                             "(systemctl --user start pipewire), or set a synthetic source in the policy", socket);
  assert_no (session, "DeviceOn", device ("camera"), GLB_BROKER_ERROR_POLICY, message);
  g_clear_pointer (&message, g_free);
  message = g_strdup_printf ("speaker: no_device: no PipeWire answers at %s (No such file or directory); start it "
                             "(systemctl --user start pipewire), or set a synthetic source in the policy", socket);
  assert_no (session, "DeviceOn", device ("speaker"), GLB_BROKER_ERROR_POLICY, message);
  g_clear_pointer (&message, g_free);
  message = g_strdup_printf ("microphone: no_device: no PipeWire answers at %s (No such file or directory); start it "
                             "(systemctl --user start pipewire), or set a synthetic source in the policy", socket);
  assert_no (session, "DeviceOn", device ("microphone"), GLB_BROKER_ERROR_POLICY, message);
  assert_record (fixture, session, "device-refused", "camera", "code", "no_device");
  assert_record (fixture, session, "device-refused", "microphone", "code", "no_device");
  assert_not_asked (fixture, session);
  assert_no_object (fixture, PROMPT);
  /* a program still hears at once that there is none */
  assert_inside (session, "");
}

static void
test_person_says_no (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  g_autoptr(Watcher) watcher = NULL;
  GAsyncResult *result = NULL;
  g_auto(Object) prompt = { fixture, PROMPT, NULL, NULL };

  SKIP_WITHOUT_DEVICES (fixture);

  session = run (fixture, ASK_CAMERA, 2);
  watcher = watch (session, LOOK, FRAME_BYTES);
  call (session, "DeviceOn", device ("camera"), &result);
  test_wait (find_object, &prompt, "a prompt");
  assert_inside (session, "");
  assert_no (session, "DeviceOn", device ("camera"), GLB_BROKER_ERROR_STATE, "camera: it is on, or being asked for, already");
  object_call (&prompt, "Deny", NULL);
  assert_finished_no (session, &result, GLB_BROKER_ERROR_POLICY, "camera: denied: the person did not allow it");
  assert_record (fixture, session, "device-refused", "camera", "code", "denied");

  assert_no (session, "DeviceOn", device ("camera"), GLB_BROKER_ERROR_POLICY, "camera: no-approver: the person did not allow it");
  call (session, "DeviceOn", device ("camera"), &result);
  answer (fixture, "Look", NULL);
  assert_finished_no (session, &result, GLB_BROKER_ERROR_POLICY, "camera: timeout: the person did not allow it");
  assert_record (fixture, session, "device-refused", "camera", "code", "timeout");

  g_assert_cmpuint (test_session_count_records (fixture, session, "device-grant", "camera"), ==, 0);
  assert_inside (session, "");
  g_assert_cmpuint (watcher->n, ==, 0);
  g_assert_cmpuint (watcher->filled, ==, 0);
}

/* Switched off, paused, ended while the question is open: it is withdrawn, and a yes is too late. */
static void
test_withdrawn (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  GAsyncResult *result = NULL;
  g_auto(Object) prompt = { fixture, PROMPT, NULL, NULL };

  SKIP_WITHOUT_DEVICES (fixture);

  session = run (fixture, ASK_CAMERA, 600);
  call (session, "DeviceOn", device ("camera"), &result);
  test_wait (find_object, &prompt, "a prompt");
  off (session, "camera");
  assert_finished_no (session, &result, GLB_BROKER_ERROR_STATE, "camera: it was switched off meanwhile");
  assert_no_object (fixture, PROMPT);

  call (session, "DeviceOn", device ("camera"), &result);
  test_wait (find_object, &prompt, "a prompt");
  assert_called (session, "Pause", NULL);
  assert_finished_no (session, &result, GLB_BROKER_ERROR_STATE, "camera: it was switched off meanwhile");
  assert_called (session, "Resume", NULL);

  call (session, "DeviceOn", device ("camera"), &result);
  test_wait (find_object, &prompt, "a prompt");
  assert_called (session, "Kill", NULL);
  assert_finished_no (session, &result, GLB_BROKER_ERROR_STATE, "camera: the session ends");
  g_assert_cmpuint (test_session_count_records (fixture, session, "device-grant", "camera"), ==, 0);
  assert_no_object (fixture, PROMPT);
}

/* ---- from grant to revoke ------------------------------------------------------------------------ */

static void
test_camera (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  g_autoptr(Watcher) watcher = NULL;
  g_autoptr(GVariant) details = NULL;
  g_autoptr(GVariant) picture = NULL;
  g_autoptr(GError) error = NULL;
  GAsyncResult *result = NULL;
  g_auto(Object) prompt = { fixture, PROMPT, NULL, NULL };
  const char *text = NULL;

  SKIP_WITHOUT_DEVICES (fixture);

  session = run (fixture, ASK_CAMERA, 600);
  watcher = watch (session, LOOK, FRAME_BYTES);
  call (session, "DeviceOn", device ("camera"), &result);
  test_wait (find_object, &prompt, "a prompt");
  g_variant_lookup (prompt.properties, "Kind", "&s", &text);
  g_assert_cmpstr (text, ==, "camera");
  g_variant_lookup (prompt.properties, "Requester", "&s", &text);
  g_assert_cmpstr (text, ==, "human");
  g_variant_lookup (prompt.properties, "Target", "&s", &text);
  g_assert_cmpstr (text, ==, "glovebox.test-pattern");
  g_variant_lookup (prompt.properties, "Title", "&s", &text);
  g_assert_cmpstr (text, ==, "See through the camera: Test pattern");
  details = g_variant_lookup_value (prompt.properties, "Details", G_VARIANT_TYPE_VARDICT);
  picture = g_variant_lookup_value (details, "picture", G_VARIANT_TYPE_BYTESTRING);
  g_assert_nonnull (picture);
  g_assert_cmpuint (g_variant_get_size (picture), >, 100);
  g_assert_cmpmem (g_variant_get_data (picture), 8, "\x89PNG\r\n\x1a\n", 8);

  /* the picture was the person's alone */
  assert_inside (session, "");
  g_assert_cmpuint (watcher->n + watcher->filled, ==, 0);
  wait_described (session, "camera", "granted", "false");

  object_call (&prompt, "Allow", g_variant_new ("(su)", "once", 0));
  finish (session, &result, &error);
  g_assert_no_error (error);
  assert_record (fixture, session, "device-grant", "camera", "target", "glovebox.test-pattern");
  assert_inside (session, "glovebox.camera");
  wait_described (session, "camera", "granted", "true");
  wait_described (session, "camera", "target", "'Test pattern'");
  wait_described (session, "camera", "in-use", "true");
  wait_more (watcher);
  test_wait (is_not_blank, watcher, "a picture");
  assert_record (fixture, session, "device-in-use", "camera", "actor", "broker");

  assert_called (session, "DeviceMute", g_variant_new ("(sb)", "camera", TRUE));
  wait_described (session, "camera", "muted", "true");
  test_wait (is_blank, watcher, "a black picture");
  wait_more (watcher);
  g_assert_true (watcher->blank);
  assert_called (session, "DeviceMute", g_variant_new ("(sb)", "camera", FALSE));
  test_wait (is_not_blank, watcher, "a picture again");

  off (session, "camera");
  assert_revoked (fixture, session, "camera", "switched off");
  wait_described (session, "camera", "granted", "false");
  wait_described (session, "camera", "in-use", "false");
  assert_still (session, watcher);
  /* once was once */
  assert_no_object (fixture, GRANT);
}

/* A grant reaches as far as was said, and its end is the device's. */
static void
test_grant_ends (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  g_autoptr(Watcher) watcher = NULL;
  g_auto(Object) grant = { fixture, GRANT, NULL, NULL };

  SKIP_WITHOUT_DEVICES (fixture);

  session = run (fixture, ASK_CAMERA, 600);
  on_allowed (fixture, session, "camera", "session", 0);
  watcher = watch (session, LOOK, FRAME_BYTES);
  wait_more (watcher);
  off (session, "camera");
  assert_revoked (fixture, session, "camera", "switched off");
  on (session, "camera");
  test_wait (find_object, &grant, "a grant");
  object_call (&grant, "Revoke", NULL);
  wait_records (fixture, session, "device-revoked", "camera", 2);
  wait_described (session, "camera", "granted", "false");
  assert_revoked (fixture, session, "camera", "revoked");
  assert_still (session, watcher);
  assert_no_object (fixture, GRANT);

  on_allowed (fixture, session, "camera", "seconds", 3);
  wait_records (fixture, session, "device-revoked", "camera", 3);
  wait_described (session, "camera", "granted", "false");
  assert_revoked (fixture, session, "camera", "expired");
  assert_still (session, watcher);
}

static void
test_session_ends (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  g_autoptr(Watcher) watcher = NULL;

  SKIP_WITHOUT_DEVICES (fixture);

  session = run (fixture, ASK_CAMERA, 600);
  on_allowed (fixture, session, "camera", "session", 0);
  watcher = watch (session, LOOK, FRAME_BYTES);
  wait_more (watcher);
  assert_called (session, "Kill", NULL);
  test_session_wait_reason (session, "killed");
  assert_revoked (fixture, session, "camera", "session-ended");
  assert_no_object (fixture, GRANT);
  broker_fixture_wait_clean (fixture);
}

/* Paused, nobody looks; resumed, it has to be asked for again. */
static void
test_pause (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;

  SKIP_WITHOUT_DEVICES (fixture);

  session = run (fixture, ALL, 600);
  on (session, "camera");
  assert_called (session, "Pause", NULL);
  wait_records (fixture, session, "device-revoked", "camera", 1);
  wait_described (session, "camera", "granted", "false");
  assert_revoked (fixture, session, "camera", "paused");
  test_session_wait_state (session, "paused");
  {
    g_autofree char *message = g_strdup_printf ("session %s: it is paused, and has no devices; resume it first",
                                                glb_dbus_session1_get_name (session->proxy));

    assert_no (session, "DeviceOn", device ("camera"), GLB_BROKER_ERROR_STATE, message);
  }
  assert_called (session, "Resume", NULL);
  on (session, "camera");
}

/* Without a question; and one device is not another. */
static void
test_sound (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  g_autoptr(Watcher) watcher = NULL;

  SKIP_WITHOUT_DEVICES (fixture);

  session = run (fixture, ALL ",\"speaker\":\"allow\"", 600);
  watcher = watch (session, LISTEN, SOUND_BYTES);
  assert_inside (session, "");
  g_assert_cmpuint (watcher->n, ==, 0);
  on (session, "microphone");
  assert_no_object (fixture, PROMPT);
  assert_no_object (fixture, GRANT);
  assert_inside (session, "glovebox.microphone");
  wait_described (session, "microphone", "in-use", "true");
  wait_described (session, "speaker", "granted", "false");
  wait_described (session, "camera", "granted", "false");
  test_wait (is_not_blank, watcher, "a tone");
  wait_more (watcher);
  assert_called (session, "DeviceMute", g_variant_new ("(sb)", "microphone", TRUE));
  test_wait (is_blank, watcher, "silence");
  assert_called (session, "DeviceMute", g_variant_new ("(sb)", "microphone", FALSE));
  test_wait (is_not_blank, watcher, "a tone again");
  on (session, "camera");
  assert_inside (session, "glovebox.cameraglovebox.microphone");
  off (session, "camera");
  off (session, "microphone");
  assert_revoked (fixture, session, "microphone", "switched off");
  assert_still (session, watcher);
}

/* The person's own devices, by name; a speaker is no microphone; and the end of all with the person's PipeWire. */
static void
test_host (BrokerFixture *fixture, gconstpointer data)
{
  Fixture person = { 0 };
  g_autofree char *folder = NULL;
  g_autofree char *socket = NULL;
  g_autoptr(TestSession) session = NULL;
  g_autoptr(Watcher) watcher = NULL;
  GAsyncResult *result = NULL;
  g_autoptr(GError) error = NULL;
  g_auto(Object) prompt = { fixture, PROMPT, NULL, NULL };
  const char *text = NULL;

  SKIP_WITHOUT_DEVICES (fixture);

  folder = g_build_filename (fixture->root, "runtime", NULL);
  socket = g_build_filename (folder, "pipewire-0", NULL);
  person.folder = folder;
  person.host_socket = socket;
  fixture_start_host (&person, TRUE);
  session = run (fixture, "\"camera\":\"prompt\",\"microphone\":\"prompt\",\"speaker\":\"allow\"", 600);
  on (session, "speaker");
  assert_inside (session, "glovebox.speaker");
  wait_described (session, "speaker", "target", "'Desk Speaker'");
  wait_described (session, "microphone", "granted", "false");
  off (session, "speaker");
  assert_inside (session, "");
  call (session, "DeviceOn", device ("microphone"), &result);
  test_wait (find_object, &prompt, "a prompt");
  g_variant_lookup (prompt.properties, "Target", "&s", &text);
  g_assert_cmpstr (text, ==, "test.microphone");
  g_variant_lookup (prompt.properties, "Title", "&s", &text);
  g_assert_cmpstr (text, ==, "Listen through the microphone: Desk Microphone");
  assert_inside (session, "");
  object_call (&prompt, "Allow", g_variant_new ("(su)", "once", 0));
  finish (session, &result, &error);
  g_assert_no_error (error);
  assert_record (fixture, session, "device-grant", "microphone", "target", "test.microphone");
  assert_inside (session, "glovebox.microphone");
  wait_described (session, "speaker", "granted", "false");

  call (session, "DeviceOn", device ("camera"), &result);
  test_wait (find_object, &prompt, "a prompt");
  g_variant_lookup (prompt.properties, "Target", "&s", &text);
  g_assert_cmpstr (text, ==, "test.camera");
  g_variant_lookup (prompt.properties, "Title", "&s", &text);
  g_assert_cmpstr (text, ==, "See through the camera: Desk Camera");
  object_call (&prompt, "Allow", g_variant_new ("(su)", "session", 0));
  finish (session, &result, &error);
  g_assert_no_error (error);
  /* in whatever format it has */
  watcher = watch (session, "exec gst-launch-1.0 -q pipewiresrc ! video/x-raw ! fdsink fd=1 2>/dev/null", 320 * 240 * 2);
  wait_more (watcher);

  fixture_stop_host (&person);
  wait_records (fixture, session, "device-ended", "camera", 1);
  wait_records (fixture, session, "device-ended", "microphone", 1);
  assert_still (session, watcher);
  g_assert_cmpuint (test_session_count_records (fixture, session, "device-revoked", "camera"), ==, 0);
}

/* ---- something else in place of a device ------------------------------------------------------ */

#define LOOK_I420 "exec gst-launch-1.0 -q pipewiresrc ! video/x-raw,format=I420,width=320,height=240 ! fdsink fd=1 2>/dev/null"
#define I420_BYTES (320 * 240 * 3 / 2)
#define N_FILM     5

static guint32
colour_at (guint x, guint y)
{
  return (x & 0xff) << 16 | (y & 0xff) << 8 | ((x ^ y) & 0xff);
}

/* 320x240, each pixel another colour. (transfer full) */
static GBytes *
make_picture (void)
{
  g_autofree guint32 *pixels = g_new (guint32, FRAME_WIDTH * FRAME_HEIGHT);
  g_autoptr(GError) error = NULL;
  GBytes *png;

  for (guint i = 0; i < FRAME_WIDTH * FRAME_HEIGHT; i++)
    pixels[i] = 0xff000000u | colour_at (i % FRAME_WIDTH, i / FRAME_WIDTH);
  png = glb_png_encode ((const guint8 *) pixels, FRAME_WIDTH, FRAME_HEIGHT, FRAME_WIDTH * 4, &error);
  g_assert_no_error (error);
  return png;
}

static char *
write_file (BrokerFixture *fixture, const char *name, const guint8 *bytes, gsize size)
{
  char *path = g_build_filename (fixture->workspace, name, NULL);

  g_assert_true (g_file_set_contents (path, (const char *) bytes, size, NULL));
  return path;
}

static char *
write_picture (BrokerFixture *fixture, const char *name)
{
  g_autoptr(GBytes) png = make_picture ();

  return write_file (fixture, name, g_bytes_get_data (png, NULL), g_bytes_get_size (png));
}

typedef struct
{
  guint n_same, n_other;       /* frames that are the picture, and that are not */
} Seen;

static void
compare_picture (const guint8 *bytes, gpointer user_data)
{
  Seen *seen = user_data;
  gboolean same = TRUE;

  for (guint i = 0; i < FRAME_WIDTH * FRAME_HEIGHT && same; i++)
    {
      guint32 colour = colour_at (i % FRAME_WIDTH, i / FRAME_WIDTH);

      same = bytes[i * 4] == colour >> 16 && bytes[i * 4 + 1] == (colour >> 8 & 0xff) && bytes[i * 4 + 2] == (colour & 0xff);
    }
  *(same ? &seen->n_same : &seen->n_other) += 1;
}

/* Nobody is given a broken or a foreign file: the session does not even start, and says in a line what to do. */
static void
test_policy_file_refused (BrokerFixture *fixture, gconstpointer data)
{
  static const struct { const char *devices, *message; } rows[] = {
    { "\"camera\":\"allow\",\"cameraSource\":\"file:${WORKSPACE}/none.png\"",
      "camera: bad_file: ${WORKSPACE}/none.png: No such file or directory; name a file that you may read" },
    { "\"camera\":\"prompt\",\"cameraSource\":\"file:${WORKSPACE}/link.png\"",
      "camera: bad_file: ${WORKSPACE}/link.png: a symbolic link leads there; name the file where it is" },
    { "\"camera\":\"prompt\",\"cameraSource\":\"file:${WORKSPACE}/folder\"",
      "camera: bad_file: ${WORKSPACE}/folder: not a plain file; name one" },
    { "\"camera\":\"allow\",\"cameraSource\":\"file:${WORKSPACE}/text.png\"",
      "camera: bad_file: ${WORKSPACE}/text.png: no picture; a camera takes PNG, and YUV4MPEG2 (.y4m)" },
    { "\"camera\":\"allow\",\"cameraSource\":\"file:${WORKSPACE}/half.png\"",
      "camera: bad_file: ${WORKSPACE}/half.png: not a sound PNG: it ends too early; save it anew as PNG" },
    { "\"camera\":\"allow\",\"cameraSource\":\"file:${WORKSPACE}/half.y4m\"",
      "camera: bad_file: ${WORKSPACE}/half.y4m: a y4m file that is cut off in frame 2; write it anew, for example with ffmpeg -i FILE "
      "-pix_fmt yuv420p -r 25 NEW.y4m" },
    { "\"microphone\":\"allow\",\"microphoneSource\":\"file:${WORKSPACE}/me.png\"",
      "microphone: bad_file: ${WORKSPACE}/me.png: no WAV file; a microphone takes WAV (PCM of 16 bits, or floating point of 32)" },
    { "\"camera\":\"allow\",\"cameraSource\":\"file:${WORKSPACE}/me.png\",\"microphone\":\"prompt\",\"microphoneSource\":\"file:/none.wav\"",
      "microphone: bad_file: /none.wav: No such file or directory; name a file that you may read" },
  };
  g_autofree char *picture = NULL;
  g_autofree char *link = NULL;
  g_autofree char *folder = NULL;
  g_autofree char *text = NULL;
  g_autofree char *half_picture = NULL;
  g_autofree char *half_film = NULL;
  g_autoptr(GBytes) png = NULL;
  g_autoptr(GByteArray) film = NULL;
  g_autoptr(TestSession) denied = NULL;
  g_autoptr(GError) error = NULL;

  SKIP_WITHOUT_DEVICES (fixture);

  png = make_picture ();
  film = test_y4m (320, 240, "30:1", 2);
  picture = write_picture (fixture, "me.png");
  text = write_file (fixture, "text.png", (const guint8 *) "just text", 9);
  half_picture = write_file (fixture, "half.png", g_bytes_get_data (png, NULL), g_bytes_get_size (png) / 2);
  half_film = write_file (fixture, "half.y4m", film->data, film->len - 1);
  link = g_build_filename (fixture->workspace, "link.png", NULL);
  g_assert_no_errno (symlink (picture, link));
  folder = g_build_filename (fixture->workspace, "folder", NULL);
  g_assert_no_errno (g_mkdir (folder, 0700));
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_assert_null (run_in_workspace (fixture, rows[i].devices, &error));
      g_assert_error (error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_POLICY);
      g_assert_cmpstr (error->message, ==, rows[i].message);
      g_clear_error (&error);
    }
  broker_fixture_wait_clean (fixture);

  /* whose device is denied needs no file */
  denied = run_in_workspace (fixture, "\"speaker\":\"allow\",\"cameraSource\":\"file:${WORKSPACE}/none.png\"", &error);
  g_assert_no_error (error);
}

/* The file that the policy names, as it was when the session began, and only between grant and revoke. */
static void
test_policy_picture (BrokerFixture *fixture, gconstpointer data)
{
  g_autofree char *path = NULL;
  g_autofree char *target = NULL;
  g_autofree char *sha256 = NULL;
  g_autoptr(GBytes) png = NULL;
  g_autoptr(TestSession) session = NULL;
  g_autoptr(Watcher) watcher = NULL;
  g_autoptr(GError) error = NULL;
  GAsyncResult *result = NULL;
  g_auto(Object) prompt = { fixture, PROMPT, NULL, NULL };
  const char *text = NULL;
  Seen seen = { 0 };

  SKIP_WITHOUT_DEVICES (fixture);

  png = make_picture ();
  path = write_picture (fixture, "me.png");
  sha256 = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, png);
  target = g_strconcat ("file:", sha256, NULL);
  session = run_in_workspace (fixture, "\"camera\":\"prompt\",\"cameraSource\":\"file:${WORKSPACE}/me.png\"", &error);
  g_assert_no_error (error);
  g_assert_no_errno (g_unlink (path));
  watcher = watch (session, LOOK, FRAME_BYTES);
  watcher->check = compare_picture;
  watcher->check_data = &seen;

  call (session, "DeviceOn", device ("camera"), &result);
  test_wait (find_object, &prompt, "a prompt");
  g_variant_lookup (prompt.properties, "Target", "&s", &text);
  g_assert_cmpstr (text, ==, target);
  g_variant_lookup (prompt.properties, "Title", "&s", &text);
  g_assert_cmpstr (text, ==, "See through the camera: me.png");
  assert_inside (session, "");
  g_assert_cmpuint (watcher->n + watcher->filled, ==, 0);
  object_call (&prompt, "Allow", g_variant_new ("(su)", "session", 0));
  finish (session, &result, &error);
  g_assert_no_error (error);
  wait_described (session, "camera", "target", "'me.png'");
  wait_described (session, "camera", "source", "'file'");
  assert_record (fixture, session, "device-grant", "camera", "source", "file");
  assert_record (fixture, session, "device-grant", "camera", "name", "me.png");
  assert_record (fixture, session, "device-grant", "camera", "sha256", sha256);
  wait_more (watcher);
  g_assert_cmpuint (seen.n_same, ==, watcher->n);
  g_assert_cmpuint (seen.n_other, ==, 0);

  off (session, "camera");
  assert_revoked (fixture, session, "camera", "switched off");
  assert_still (session, watcher);
  /* the same again, as was said */
  on (session, "camera");
  off (session, "camera");
}

typedef struct
{
  int last;                    /* number of the frame; -1: none yet */
  guint n_next, n_other;       /* that followed the one before, and that did not */
} Order;

static void
check_order (const guint8 *bytes, gpointer user_data)
{
  Order *order = user_data;
  int frame = -1;

  for (guint i = 0; i < N_FILM && frame < 0; i++)
    if (bytes[0] == test_y4m_byte (i, 0))
      frame = i;
  for (guint i = 0; i < I420_BYTES && frame >= 0; i++)
    if (bytes[i] != test_y4m_byte (frame, i < 320 * 240 ? 0 : i < 320 * 240 * 5 / 4 ? 1 : 2))
      frame = -1;
  *(frame >= 0 && (order->last < 0 || frame == (order->last + 1) % N_FILM) ? &order->n_next : &order->n_other) += 1;
  order->last = frame;
}

static gboolean
is_in_order (gpointer user_data)
{
  return ((Order *) user_data)->n_next >= 3 * N_FILM;
}

/* Its frames in their order, whole; a machine that is busy may leave some out. */
static void
test_policy_film (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(GByteArray) film = test_y4m (320, 240, "10:1", N_FILM);
  g_autofree char *path = NULL;
  g_autoptr(TestSession) session = NULL;
  g_autoptr(Watcher) watcher = NULL;
  g_autoptr(GError) error = NULL;
  Order order = { .last = -1 };

  SKIP_WITHOUT_DEVICES (fixture);

  path = write_file (fixture, "film.y4m", film->data, film->len);
  session = run_in_workspace (fixture, "\"camera\":\"allow\",\"cameraSource\":\"file:${WORKSPACE}/film.y4m\"", &error);
  g_assert_no_error (error);
  watcher = watch (session, LOOK_I420, I420_BYTES);
  watcher->check = check_order;
  watcher->check_data = &order;
  on (session, "camera");
  test_wait (is_in_order, &order, "the film's frames in their order");
  g_assert_cmpuint (order.n_other, <, order.n_next / 4);
  off (session, "camera");
  assert_revoked (fixture, session, "camera", "switched off");
  assert_still (session, watcher);
}

#define LISTEN_STEREO "exec gst-launch-1.0 -q pipewiresrc ! audio/x-raw,format=F32LE,rate=48000,channels=2 ! fdsink fd=1 2>/dev/null"
#define N_VOICE       480
#define VOICE_FRAMES  4800

static gint16
voice_at (guint frame, guint channel)
{
  return channel == 0 ? (gint16) (frame * 64) : (gint16) -(frame * 32);
}

/* A tenth of a second is the file's samples, from wherever it began on, round and round. */
static void
check_voice (const guint8 *bytes, gpointer user_data)
{
  const float *samples = (const float *) bytes;
  guint *n_right = user_data;
  guint start = 0;

  while (start < N_VOICE && samples[0] != voice_at (start, 0) / 32768.0f)
    start++;
  for (guint i = 0; start < N_VOICE && i < VOICE_FRAMES; i++)
    for (guint c = 0; c < 2; c++)
      if (samples[i * 2 + c] != voice_at ((start + i) % N_VOICE, c) / 32768.0f)
        return;
  *n_right += start < N_VOICE;
}

static gboolean
is_heard (gpointer user_data)
{
  return *(guint *) user_data >= 5;
}

static void
test_policy_voice (BrokerFixture *fixture, gconstpointer data)
{
  gint16 samples[N_VOICE * 2];
  g_autoptr(GByteArray) voice = NULL;
  g_autofree char *path = NULL;
  g_autoptr(TestSession) session = NULL;
  g_autoptr(Watcher) watcher = NULL;
  g_autoptr(GError) error = NULL;
  guint n_right = 0;

  SKIP_WITHOUT_DEVICES (fixture);

  for (guint i = 0; i < N_VOICE * 2; i++)
    samples[i] = voice_at (i / 2, i % 2);
  voice = test_wav_pcm (samples, N_VOICE, 2, 48000);
  path = write_file (fixture, "voice.wav", voice->data, voice->len);
  session = run_in_workspace (fixture, "\"microphone\":\"allow\",\"microphoneSource\":\"file:${WORKSPACE}/voice.wav\"", &error);
  g_assert_no_error (error);
  watcher = watch (session, LISTEN_STEREO, VOICE_FRAMES * 2 * sizeof (float));
  watcher->check = check_voice;
  watcher->check_data = &n_right;
  on (session, "microphone");
  wait_described (session, "microphone", "target", "'voice.wav'");
  test_wait (is_heard, &n_right, "the file's samples");
  off (session, "microphone");
  assert_revoked (fixture, session, "microphone", "switched off");
  assert_still (session, watcher);
}

/* What --source says, as the command line sends it. name: (nullable): of a file at path. */
static GVariant *
source_options (const char *source, const char *path, GUnixFDList **fds)
{
  GVariantDict options;

  *fds = NULL;
  g_variant_dict_init (&options, NULL);
  g_variant_dict_insert (&options, "source", "s", source);
  if (path != NULL)
    {
      g_autofree char *name = g_path_get_basename (path);
      int fd = open (path, O_RDONLY | O_CLOEXEC);

      g_assert_cmpint (fd, >=, 0);
      *fds = g_unix_fd_list_new_from_array (&fd, 1);
      g_variant_dict_insert (&options, "file", "h", 0);
      g_variant_dict_insert (&options, "name", "s", name);
    }
  return g_variant_dict_end (&options);
}

static void
on_with (TestSession *session, const char *name, const char *source, const char *path, GAsyncResult **result)
{
  g_autoptr(GUnixFDList) fds = NULL;
  GVariant *options = source_options (source, path, &fds);

  g_dbus_proxy_call_with_unix_fd_list (G_DBUS_PROXY (session->proxy), "DeviceOnWith", g_variant_new ("(s@a{sv})", name, options),
                                       G_DBUS_CALL_FLAGS_NONE, 60000, fds, NULL, take_result, result);
}

static void
assert_with_no (TestSession *session, const char *name, const char *source, const char *path, GlbBrokerError code, const char *message)
{
  GAsyncResult *result = NULL;

  on_with (session, name, source, path, &result);
  assert_finished_no (session, &result, code, message);
}

/* (nullable): the error, without its remote part. (transfer full) */
static GError *
allow_with (Object *prompt, const char *scope, guint seconds, const char *source, const char *path)
{
  g_autoptr(GUnixFDList) fds = NULL;
  GVariant *options = source_options (source, path, &fds);
  GError *error = NULL;
  g_autoptr(GVariant) reply = g_dbus_connection_call_with_unix_fd_list_sync (
    glb_client_get_connection (prompt->fixture->client), NULL, prompt->path, prompt->interface, "AllowWith",
    g_variant_new ("(su@a{sv})", scope, seconds, options), NULL, G_DBUS_CALL_FLAGS_NONE, 30000, fds, NULL, NULL, &error);

  if (error != NULL)
    g_dbus_error_strip_remote_error (error);
  return error;
}

static void
assert_allow_no (Object *prompt, const char *scope, const char *source, const char *path, const char *message)
{
  g_autoptr(GError) error = allow_with (prompt, scope, 0, source, path);

  g_assert_nonnull (error);
  g_assert_cmpstr (error->message, ==, message);
}

/* Never more than the policy gives, and nothing that is broken. */
static void
test_substitute_refused (BrokerFixture *fixture, gconstpointer data)
{
  g_autofree char *picture = NULL;
  g_autofree char *text = NULL;
  g_autoptr(TestSession) session = NULL;
  GAsyncResult *result = NULL;
  g_auto(Object) prompt = { fixture, PROMPT, NULL, NULL };

  SKIP_WITHOUT_DEVICES (fixture);

  picture = write_picture (fixture, "me.png");
  text = write_file (fixture, "text.png", (const guint8 *) "just text", 9);
  session = run (fixture, ASK_CAMERA, 600);
  assert_with_no (session, "microphone", "silence", NULL, GLB_BROKER_ERROR_POLICY,
                  "microphone: policy_denied: the policy denies this device; see devices in it");
  assert_record (fixture, session, "device-refused", "microphone", "code", "policy_denied");
  assert_with_no (session, "camera", "host", NULL, GLB_BROKER_ERROR_POLICY,
                  "camera: policy_denied: the policy does not give the person's own device; name a generated source");
  assert_with_no (session, "camera", "file", picture, GLB_BROKER_ERROR_POLICY,
                  "camera: policy_denied: the policy gives something generated and no file; name a generated source");
  assert_with_no (session, "camera", "tone", NULL, GLB_BROKER_ERROR_FAILED,
                  "camera: tone: not a source of this device; see glovebox device --help");
  assert_with_no (session, "camera", "file", NULL, GLB_BROKER_ERROR_FAILED,
                  "camera: the source \"file\" comes with a file and its name, and no other does");
  assert_not_asked (fixture, session);

  call (session, "DeviceOn", device ("camera"), &result);
  test_wait (find_object, &prompt, "a prompt");
  assert_allow_no (&prompt, "once", "host", NULL,
                   "camera: policy_denied: the policy does not give the person's own device; name a generated source");
  assert_allow_no (&prompt, "once", "file", picture,
                   "camera: policy_denied: the policy gives something generated and no file; name a generated source");
  assert_allow_no (&prompt, "once", "silence", NULL, "camera: no such source; see sources in the prompt's details");
  assert_allow_no (&prompt, "for ever", "test-pattern", NULL, "prompt 1: no such scope; use once, session or seconds");
  /* the question is still there, and a no is a no */
  object_call (&prompt, "Deny", NULL);
  assert_finished_no (session, &result, GLB_BROKER_ERROR_POLICY, "camera: denied: the person did not allow it");
  assert_allow_no (&prompt, "once", "test-pattern", NULL, "prompt 1: it is over already; glovebox prompts lists them");
  g_assert_cmpuint (test_session_count_records (fixture, session, "device-grant", "camera"), ==, 0);
  assert_inside (session, "");
}

/* The agent asks for the person's camera, and gets a picture: that one, that once, and nothing of the camera. */
static void
test_substitute (BrokerFixture *fixture, gconstpointer data)
{
  static const char request[] = "until glovebox-act '{\"action\":\"device_request\",\"device\":\"camera\"}' | grep delivered; do :; done";
  Fixture person = { 0 };
  g_autofree char *folder = NULL;
  g_autofree char *socket = NULL;
  g_autofree char *picture = NULL;
  g_autofree char *text = NULL;
  g_autofree char *sha256 = NULL;
  g_autofree char *target = NULL;
  g_autofree char *listed = NULL;
  g_autoptr(GBytes) png = NULL;
  g_autoptr(TestSession) session = NULL;
  g_autoptr(Watcher) watcher = NULL;
  g_autoptr(GVariant) details = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree const char **sources = NULL;
  g_auto(Object) prompt = { fixture, PROMPT, NULL, NULL };
  g_auto(Object) grant = { fixture, GRANT, NULL, NULL };
  const char *title = NULL;
  Seen seen = { 0 };
  guint64 command;
  int fds[3];

  SKIP_WITHOUT_DEVICES (fixture);

  png = make_picture ();
  picture = write_picture (fixture, "me.png");
  text = write_file (fixture, "text.png", (const guint8 *) "just text", 9);
  sha256 = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, png);
  target = g_strconcat ("file:", sha256, NULL);
  folder = g_build_filename (fixture->root, "runtime", NULL);
  socket = g_build_filename (folder, "pipewire-0", NULL);
  person.folder = folder;
  person.host_socket = socket;
  fixture_start_host (&person, TRUE);
  session = run (fixture, "\"camera\":\"prompt\"", 600);
  watcher = watch (session, LOOK, FRAME_BYTES);
  watcher->check = compare_picture;
  watcher->check_data = &seen;

  command = test_session_exec (session, request, fds);
  test_wait (find_object, &prompt, "a prompt");
  g_variant_lookup (prompt.properties, "Title", "&s", &title);
  g_assert_cmpstr (title, ==, "See through the camera: Desk Camera");
  details = g_variant_lookup_value (prompt.properties, "Details", G_VARIANT_TYPE_VARDICT);
  g_assert_true (g_variant_lookup (details, "sources", "^a&s", &sources));
  listed = g_strjoinv (" ", (char **) sources);
  g_assert_cmpstr (listed, ==, "host test-pattern file");
  assert_allow_no (&prompt, "once", "file", text, "camera: bad_file: text.png: no picture; a camera takes PNG, and YUV4MPEG2 (.y4m)");
  assert_inside (session, "");
  error = allow_with (&prompt, "session", 0, "file", picture);
  g_assert_no_error (error);
  test_session_wait_exit (session, command);
  for (guint i = 0; i < 3; i++)
    close (fds[i]);
  wait_described (session, "camera", "target", "'me.png'");
  wait_described (session, "camera", "source", "'file'");
  assert_record (fixture, session, "device-grant", "camera", "actor", "agent");
  assert_record (fixture, session, "device-grant", "camera", "source", "file");
  assert_record (fixture, session, "device-grant", "camera", "name", "me.png");
  assert_record (fixture, session, "device-grant", "camera", "sha256", sha256);
  assert_record (fixture, session, "device-grant", "camera", "target", target);
  test_wait (find_object, &grant, "a grant");
  g_variant_lookup (grant.properties, "Target", "&s", &title);
  g_assert_cmpstr (title, ==, target);
  g_variant_lookup (grant.properties, "Title", "&s", &title);
  g_assert_cmpstr (title, ==, "See through the camera: me.png");
  wait_more (watcher);
  g_assert_cmpuint (seen.n_same, ==, watcher->n);
  off (session, "camera");
  assert_revoked (fixture, session, "camera", "switched off");
  assert_still (session, watcher);

  /* the yes was to the picture: the camera is asked for again, and the picture is not */
  command = test_session_exec (session, request, fds);
  test_wait (find_object, &prompt, "a prompt");
  g_variant_lookup (prompt.properties, "Target", "&s", &title);
  g_assert_cmpstr (title, ==, "test.camera");
  g_clear_error (&error);
  error = allow_with (&prompt, "once", 0, "test-pattern", NULL);
  g_assert_no_error (error);
  test_session_wait_exit (session, command);
  for (guint i = 0; i < 3; i++)
    close (fds[i]);
  wait_described (session, "camera", "source", "'test-pattern'");
  assert_record (fixture, session, "device-grant", "camera", "target", "glovebox.test-pattern");
  off (session, "camera");
  {
    GAsyncResult *result = NULL;

    on_with (session, "camera", "file", picture, &result);
    g_assert_true (finish (session, &result, &error));
    g_assert_no_error (error);
  }
  wait_described (session, "camera", "target", "'me.png'");
  object_call (&grant, "Revoke", NULL);
  wait_records (fixture, session, "device-revoked", "camera", 3);
  assert_revoked (fixture, session, "camera", "revoked");
  fixture_stop_host (&person);
}

/* ---- the agent asks --------------------------------------------------------------------------------- */

static void
test_agent (BrokerFixture *fixture, gconstpointer data)
{
  static const char request[] = "glovebox-act '{\"action\":\"device_request\",\"device\":\"camera\"}'";
  g_autoptr(TestSession) session = NULL;
  g_autofree char *said_no = NULL;
  g_autofree char *soon = NULL;
  g_autofree char *unknown = NULL;
  g_autofree char *said_yes = NULL;
  g_autofree char *microphone = NULL;
  g_auto(Object) prompt = { fixture, PROMPT, NULL, NULL };
  const char *text = NULL;
  guint64 command;
  int fds[3];

  SKIP_WITHOUT_DEVICES (fixture);

  session = run (fixture, ASK_CAMERA, 600);
  unknown = run_inside (session, "glovebox-act '{\"action\":\"device_request\",\"device\":\"webcam\"}'");
  g_assert_nonnull (strstr (unknown, "\"malformed\""));
  microphone = run_inside (session, "glovebox-act '{\"action\":\"device_request\",\"device\":\"microphone\"}'");
  g_assert_nonnull (strstr (microphone, "\"policy_denied\""));

  command = test_session_exec (session, request, fds);
  test_wait (find_object, &prompt, "a prompt");
  g_variant_lookup (prompt.properties, "Requester", "&s", &text);
  g_assert_cmpstr (text, ==, "agent");
  object_call (&prompt, "Deny", NULL);
  test_session_wait_exit (session, command);
  said_no = test_read_all (&fds[1]);
  close (fds[0]);
  close (fds[2]);
  g_assert_nonnull (strstr (said_no, "\"refused\""));
  g_assert_nonnull (strstr (said_no, "camera: denied: the person did not allow it"));
  assert_record (fixture, session, "device-refused", "camera", "actor", "agent");

  /* each question opens the person's camera for a picture: not as often as the agent likes */
  soon = run_inside (session, request);
  g_assert_nonnull (strstr (soon, "it was asked for just now; wait some seconds"));
  assert_no_object (fixture, PROMPT);

  command = test_session_exec (session, "until glovebox-act '{\"action\":\"device_request\",\"device\":\"camera\"}' | grep delivered; do :; done", fds);
  answer (fixture, "Allow", g_variant_new ("(su)", "once", 0));
  test_session_wait_exit (session, command);
  said_yes = test_read_all (&fds[1]);
  close (fds[0]);
  close (fds[2]);
  g_assert_nonnull (strstr (said_yes, "\"delivered\""));
  assert_record (fixture, session, "device-grant", "camera", "actor", "agent");
  assert_inside (session, "glovebox.camera");
}

/* ---- violent ends --------------------------------------------------------------------------------------- */

static void
test_kill_helper (BrokerFixture *fixture, gconstpointer data)
{
  static const char * const victims[] = { "glovebox-media", "pipewire" };
  g_autoptr(TestSession) session = NULL;

  SKIP_WITHOUT_DEVICES (fixture);
  if (geteuid () != 0)
    {
      g_test_skip ("the helper's account is not this user's to kill");
      return;
    }

  session = run (fixture, ALL, 600);
  for (guint i = 0; i < G_N_ELEMENTS (victims); i++)
    {
      g_autoptr(Watcher) watcher = NULL;
      int pid;

      on (session, "camera");
      watcher = watch (session, LOOK, FRAME_BYTES);
      wait_more (watcher);
      pid = test_find_below (fixture, victims[i]);
      g_assert_cmpint (pid, >, 1);
      g_assert_no_errno (kill (pid, SIGKILL));
      wait_records (fixture, session, "device-ended", "camera", i + 1);
      wait_described (session, "camera", "granted", "false");
      wait_described (session, "camera", "in-use", "false");
    }
  on (session, "camera");
  {
    g_autoptr(Watcher) watcher = watch (session, LOOK, FRAME_BYTES);

    wait_more (watcher);
  }
  off (session, "camera");
  assert_revoked (fixture, session, "camera", "switched off");
}

static gboolean
nothing_below (gpointer user_data)
{
  const int *pid = user_data;

  return test_is_gone (*pid);
}

static void
test_kill_broker (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  g_autoptr(Watcher) watcher = NULL;
  int helper, daemon;

  SKIP_WITHOUT_DEVICES (fixture);

  session = run (fixture, ALL, 600);
  on (session, "camera");
  watcher = watch (session, LOOK, FRAME_BYTES);
  wait_more (watcher);
  helper = test_find_below (fixture, "glovebox-media");
  daemon = test_find_below (fixture, "pipewire");
  g_assert_cmpint (helper, >, 1);
  g_assert_cmpint (daemon, >, 1);
  g_dbus_connection_set_exit_on_close (glb_client_get_connection (fixture->client), FALSE);
  g_assert_no_errno (kill (fixture->pid, SIGKILL));
  test_wait (nothing_below, &helper, "glovebox-media to end");
  test_wait (nothing_below, &daemon, "the session's PipeWire to end");
  broker_fixture_wait_clean (fixture);
}

int
main (int argc, char **argv)
{
  signal (SIGPIPE, SIG_IGN);
  /* the person's PipeWire is none, wherever this runs */
  g_unsetenv ("PIPEWIRE_REMOTE");
  g_unsetenv ("PIPEWIRE_RUNTIME_DIR");
  g_test_init (&argc, &argv, NULL);
#define ADD(path, function) \
  g_test_add ("/broker-devices/" path, BrokerFixture, NULL, broker_fixture_set_up, function, broker_fixture_tear_down)
  ADD ("policy-denied", test_policy_denied);
  g_test_add ("/broker-devices/host-cannot", BrokerFixture, NULL, set_up_without_media, test_host_cannot, broker_fixture_tear_down);
  ADD ("no-device", test_no_device);
  ADD ("nothing-to-give", test_nothing_to_give);
  ADD ("person-says-no", test_person_says_no);
  ADD ("withdrawn", test_withdrawn);
  ADD ("camera", test_camera);
  ADD ("grant-ends", test_grant_ends);
  ADD ("session-ends", test_session_ends);
  ADD ("pause", test_pause);
  ADD ("sound", test_sound);
  ADD ("host", test_host);
  ADD ("policy-file-refused", test_policy_file_refused);
  ADD ("policy-picture", test_policy_picture);
  ADD ("policy-film", test_policy_film);
  ADD ("policy-voice", test_policy_voice);
  ADD ("substitute-refused", test_substitute_refused);
  ADD ("substitute", test_substitute);
  ADD ("agent", test_agent);
  ADD ("kill-helper", test_kill_helper);
  ADD ("kill-broker", test_kill_broker);
  return g_test_run ();
}
