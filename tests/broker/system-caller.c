/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * system-caller UID AGENT PATH INTERFACE METHOD [PARAMETERS]: a program of another user calls the broker over the system bus.
 *
 * AGENT is "none" or "agent": then it is its own authentication agent, as a desktop is for its programs. It says what
 * polkit asks it, and answers with each line of standard input: "return" or "dismiss". Standard output, in lines:
 * "ready", "asked COOKIE MESSAGE", "cancelled COOKIE", "reply VALUE" or "error NAME MESSAGE".
 */

#include "config.h"

#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <gio/gio.h>

#define POLKIT      "org.freedesktop.PolicyKit1"
#define AUTHORITY   "/org/freedesktop/PolicyKit1/Authority"
#define AGENT_PATH  "/agent"

static const char agent_xml[] =
  "<node><interface name='" POLKIT ".AuthenticationAgent'>"
  "<method name='BeginAuthentication'>"
  "<arg type='s' direction='in'/><arg type='s' direction='in'/><arg type='s' direction='in'/>"
  "<arg type='a{ss}' direction='in'/><arg type='s' direction='in'/><arg type='a(sa{sv})' direction='in'/></method>"
  "<method name='CancelAuthentication'><arg type='s' direction='in'/></method>"
  "</interface></node>";

typedef struct
{
  GMainLoop *loop;
  GDBusMethodInvocation *asked;      /* (nullable) */
  gboolean done;                     /* the call has its answer */
} Caller;

static void
say (const char *format, ...)
{
  va_list args;

  va_start (args, format);
  vprintf (format, args);
  va_end (args);
  putchar ('\n');
  fflush (stdout);
}

static void
become (uid_t uid)
{
  if (setgroups (0, NULL) != 0 || setresgid (uid, uid, uid) != 0 || setresuid (uid, uid, uid) != 0)
    {
      perror ("system-caller");
      exit (2);
    }
}

/* ---- the agent ----------------------------------------------------------------------- */

static void
dismiss (GDBusMethodInvocation *invocation)
{
  g_dbus_method_invocation_return_dbus_error (invocation, POLKIT ".Error.Cancelled", "dismissed");
}

static void
handle_agent_call (GDBusConnection *connection, const char *sender, const char *path, const char *interface, const char *method,
                   GVariant *parameters, GDBusMethodInvocation *invocation, gpointer user_data)
{
  Caller *caller = user_data;
  const char *message, *cookie;

  if (g_str_equal (method, "BeginAuthentication"))
    {
      g_variant_get_child (parameters, 1, "&s", &message);
      g_variant_get_child (parameters, 4, "&s", &cookie);
      caller->asked = invocation;
      say ("asked %s %s", cookie, message);
      return;
    }

  g_variant_get_child (parameters, 0, "&s", &cookie);
  say ("cancelled %s", cookie);
  if (caller->asked != NULL)
    dismiss (g_steal_pointer (&caller->asked));
  g_dbus_method_invocation_return_value (invocation, NULL);
  if (caller->done)
    g_main_loop_quit (caller->loop);
}

static gboolean
on_input (GIOChannel *channel, GIOCondition condition, gpointer user_data)
{
  Caller *caller = user_data;
  g_autofree char *line = NULL;

  if (g_io_channel_read_line (channel, &line, NULL, NULL, NULL) != G_IO_STATUS_NORMAL)
    return G_SOURCE_REMOVE;
  if (caller->asked != NULL && g_str_equal (line, "return\n"))
    g_dbus_method_invocation_return_value (g_steal_pointer (&caller->asked), NULL);
  else if (caller->asked != NULL)
    dismiss (g_steal_pointer (&caller->asked));
  return G_SOURCE_CONTINUE;
}

/* Field 22 of its line, counted from behind the name. */
static guint64
find_start_time (void)
{
  g_autofree char *line = NULL;
  g_auto(GStrv) fields = NULL;

  g_file_get_contents ("/proc/self/stat", &line, NULL, NULL);
  fields = g_strsplit (strrchr (line, ')') + 2, " ", -1);
  return g_ascii_strtoull (fields[19], NULL, 10);
}

static void
register_agent (Caller *caller, GDBusConnection *bus)
{
  static const GDBusInterfaceVTable vtable = { .method_call = handle_agent_call };
  g_autoptr(GDBusNodeInfo) info = g_dbus_node_info_new_for_xml (agent_xml, NULL);
  g_autoptr(GIOChannel) input = g_io_channel_unix_new (STDIN_FILENO);
  g_autoptr(GVariant) reply = NULL;
  g_autoptr(GError) error = NULL;
  GVariantBuilder subject;

  g_dbus_connection_register_object (bus, AGENT_PATH, info->interfaces[0], &vtable, caller, NULL, &error);
  g_variant_builder_init (&subject, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&subject, "{sv}", "pid", g_variant_new_uint32 (getpid ()));
  g_variant_builder_add (&subject, "{sv}", "start-time", g_variant_new_uint64 (find_start_time ()));
  g_variant_builder_add (&subject, "{sv}", "uid", g_variant_new_int32 (getuid ()));
  reply = g_dbus_connection_call_sync (bus, POLKIT, AUTHORITY, POLKIT ".Authority", "RegisterAuthenticationAgent",
                                       g_variant_new ("((s@a{sv})ss)", "unix-process", g_variant_builder_end (&subject), "C", AGENT_PATH),
                                       NULL, G_DBUS_CALL_FLAGS_NONE, 10000, NULL, &error);
  if (error != NULL)
    {
      fprintf (stderr, "system-caller: agent: %s\n", error->message);
      exit (2);
    }
  g_io_add_watch (input, G_IO_IN | G_IO_HUP, on_input, caller);
}

/* ---- the call ------------------------------------------------------------------------- */

static void
called_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Caller *caller = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  g_autofree char *name = error != NULL ? g_dbus_error_get_remote_error (error) : NULL;
  g_autofree char *text = reply != NULL ? g_variant_print (reply, FALSE) : NULL;

  if (error != NULL)
    g_dbus_error_strip_remote_error (error);
  if (reply != NULL)
    say ("reply %s", text);
  else
    say ("error %s %s", name != NULL ? name : "-", error->message);
  /* what it asks still must be taken back */
  caller->done = TRUE;
  if (caller->asked == NULL)
    g_main_loop_quit (caller->loop);
}

int
main (int argc, char **argv)
{
  g_autoptr(GDBusConnection) bus = NULL;
  g_autoptr(GVariant) parameters = NULL;
  g_autoptr(GError) error = NULL;
  Caller caller = { NULL };

  if (argc < 6)
    return 2;
  become (strtoul (argv[1], NULL, 10));
  bus = g_dbus_connection_new_for_address_sync (g_getenv ("DBUS_SYSTEM_BUS_ADDRESS"),
                                                G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                                                NULL, NULL, &error);
  if (bus != NULL && argc > 6)
    parameters = g_variant_parse (NULL, argv[6], NULL, NULL, &error);
  if (error != NULL)
    {
      fprintf (stderr, "system-caller: %s\n", error->message);
      return 2;
    }

  caller.loop = g_main_loop_new (NULL, FALSE);
  if (g_str_equal (argv[2], "agent"))
    register_agent (&caller, bus);
  say ("ready");
  g_dbus_connection_call (bus, "org.glovebox.Broker1", argv[3], argv[4], argv[5], parameters, NULL,
                          G_DBUS_CALL_FLAGS_ALLOW_INTERACTIVE_AUTHORIZATION, 60000, NULL, called_cb, &caller);
  g_main_loop_run (caller.loop);
  g_main_loop_unref (caller.loop);
  return 0;
}
