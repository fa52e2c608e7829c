/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glovebox"

#include "config.h"

#include "session-broker/cli/glb-cli.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixfdlist.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A file that is handed over is read first, and looked at. */
#define CALL_DEADLINE_S 30
/* A yes to an address is followed by the address at once. */
#define URI_DEADLINE_MS 5000
#define PROMPTS_PATH GLB_BROKER_OBJECT_PATH "/prompts/"
#define GRANTS_PATH  GLB_BROKER_OBJECT_PATH "/grants/"
#define SESSIONS_PATH GLB_BROKER_OBJECT_PATH "/sessions/"
#define PROMPT_INTERFACE "org.glovebox.Prompt1"
#define GRANT_INTERFACE  "org.glovebox.Grant1"

static guint64
lookup_number (GVariant   *properties,
               const char *name)
{
  guint64 number = 0;

  g_variant_lookup (properties, name, "t", &number);
  return number;
}

static gint64
lookup_time (GVariant   *properties,
             const char *name)
{
  gint64 time = 0;

  g_variant_lookup (properties, name, "x", &time);
  return time;
}

static int
compare_ids (gconstpointer a,
             gconstpointer b)
{
  guint64 first = lookup_number (*(GVariant **) a, "Id");
  guint64 second = lookup_number (*(GVariant **) b, "Id");

  return first < second ? -1 : first > second;
}

/* The id in the path of the session's object. */
static const char *
lookup_session (GVariant *properties)
{
  const char *path = "";

  g_variant_lookup (properties, "Session", "&o", &path);
  return g_str_has_prefix (path, SESSIONS_PATH) ? path + strlen (SESSIONS_PATH) : path;
}

static JsonObject *
object_with_strings (GVariant          *properties,
                     const char *const  names[][2])
{
  JsonObject *object = json_object_new ();

  json_object_set_int_member (object, "id", (gint64) lookup_number (properties, "Id"));
  json_object_set_string_member (object, "session", lookup_session (properties));
  for (gsize i = 0; names[i][0] != NULL; i++)
    json_object_set_string_member (object, names[i][0], glb_cli_lookup_string (properties, names[i][1]));
  return object;
}

static JsonNode *
prompt_to_json (GVariant *properties)
{
  static const char * const names[][2] = {
    { "sessionName", "SessionName" }, { "kind", "Kind" }, { "requester", "Requester" },
    { "title", "Title" }, { "preview", "Preview" }, { "target", "Target" }, { "sha256", "Sha256" }, { NULL, NULL }
  };
  g_autoptr(GVariant) details = g_variant_lookup_value (properties, "Details", G_VARIANT_TYPE_VARDICT);
  g_autoptr(JsonObject) object = object_with_strings (properties, names);

  json_object_set_int_member (object, "bytes", (gint64) lookup_number (properties, "Size"));
  if (details != NULL)
    json_object_set_member (object, "details", glb_cli_json_from_variant (details));
  json_object_set_int_member (object, "askedUs", lookup_time (properties, "Asked"));
  json_object_set_int_member (object, "expiresUs", lookup_time (properties, "Expires"));
  return json_node_init_object (json_node_alloc (), object);
}

static JsonNode *
grant_to_json (GVariant *properties)
{
  static const char * const names[][2] = {
    { "sessionName", "SessionName" }, { "kind", "Kind" }, { "scope", "Scope" },
    { "title", "Title" }, { "target", "Target" }, { "sha256", "Sha256" }, { NULL, NULL }
  };
  g_autoptr(JsonObject) object = object_with_strings (properties, names);
  guint uses = 0;

  g_variant_lookup (properties, "Uses", "u", &uses);
  json_object_set_int_member (object, "uses", uses);
  json_object_set_int_member (object, "expiresUs", lookup_time (properties, "Expires"));
  return json_node_init_object (json_node_alloc (), object);
}

/* (transfer full) */
static char *
format_left (gint64 expires)
{
  gint64 seconds = (expires - g_get_real_time ()) / G_USEC_PER_SEC;

  return expires == 0 ? g_strdup ("-") : g_strdup_printf ("%" G_GINT64_FORMAT "s", MAX (seconds, 0));
}

/* What may be given in its place. */
static void
print_sources (GVariant *properties)
{
  g_autoptr(GVariant) details = g_variant_lookup_value (properties, "Details", G_VARIANT_TYPE_VARDICT);
  g_autofree const char **sources = NULL;

  if (details == NULL || !g_variant_lookup (details, "sources", "^a&s", &sources))
    return;
  printf ("   sources");
  for (guint i = 0; sources[i] != NULL; i++)
    {
      g_autofree char *source = glb_cli_clean (sources[i]);

      printf (" %s", source);
    }
  printf ("\n");
}

/* A block for each: what will be delivered is to be read before it is allowed, so nothing of it is cut off. */
static void
print_prompt (GVariant *properties)
{
  g_autofree char *left = format_left (lookup_time (properties, "Expires"));
  g_autofree char *name = glb_cli_clean (glb_cli_lookup_string (properties, "SessionName"));
  g_autofree char *title = glb_cli_clean (glb_cli_lookup_string (properties, "Title"));
  g_autofree char *target = glb_cli_clean (glb_cli_lookup_string (properties, "Target"));
  g_auto(GStrv) lines = g_strsplit (glb_cli_lookup_string (properties, "Preview"), "\n", -1);
  const char *sha256 = glb_cli_lookup_string (properties, "Sha256");

  printf ("%" G_GUINT64_FORMAT "  %s  asked by the %s of %s  %s left\n", lookup_number (properties, "Id"),
          glb_cli_lookup_string (properties, "Kind"), glb_cli_lookup_string (properties, "Requester"), name, left);
  printf ("   %s\n", title);
  if (*target != '\0')
    printf ("   target %s\n", target);
  if (*sha256 != '\0')
    printf ("   %" G_GUINT64_FORMAT " bytes, sha256 %s\n", lookup_number (properties, "Size"), sha256);
  print_sources (properties);
  for (guint i = 0; lines[i] != NULL && (lines[i + 1] != NULL || *lines[i] != '\0'); i++)
    {
      g_autofree char *line = glb_cli_clean (lines[i]);

      printf ("   | %s\n", line);
    }
}

/* The broker learns that a person sees it. One that is over meanwhile does not matter. */
static void
look_at (GlbClient *client,
         GVariant  *properties)
{
  g_autofree char *path = g_strdup_printf (PROMPTS_PATH "%" G_GUINT64_FORMAT, lookup_number (properties, "Id"));
  g_autoptr(GVariant) reply = glb_cli_call (client, path, PROMPT_INTERFACE, "Look", NULL, CALL_DEADLINE_S, NULL, NULL);
}

int
glb_cli_prompts_verb (int    argc,
                      char **argv)
{
  gboolean json = FALSE;
  const GOptionEntry entries[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, "As JSON", NULL },
    { NULL }
  };
  g_autoptr(GlbClient) client = NULL;
  g_autoptr(GPtrArray) prompts = NULL;
  int code = GLB_EXIT_FAILED;

  if (!glb_cli_parse (&argc, &argv, NULL, "List what sessions ask. `glovebox allow` and `deny` answer.", FALSE, entries))
    return GLB_EXIT_FAILED;
  prompts = glb_cli_list_objects (argc, argv, PROMPT_INTERFACE, compare_ids, &client, &code);
  if (prompts == NULL)
    return code;

  for (guint i = 0; i < prompts->len; i++)
    look_at (client, prompts->pdata[i]);
  if (json)
    {
      g_autoptr(JsonNode) node = glb_cli_objects_to_json (prompts, prompt_to_json);

      glb_cli_print_json (node);
      return 0;
    }
  for (guint i = 0; i < prompts->len; i++)
    print_prompt (prompts->pdata[i]);
  return 0;
}

int
glb_cli_grants_verb (int    argc,
                     char **argv)
{
  gboolean json = FALSE;
  const GOptionEntry entries[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, "As JSON", NULL },
    { NULL }
  };
  g_autoptr(GlbClient) client = NULL;
  g_autoptr(GPtrArray) grants = NULL;
  GlbCliTable table;
  int code = GLB_EXIT_FAILED;

  if (!glb_cli_parse (&argc, &argv, NULL, "List what was allowed and still holds. `glovebox revoke` ends it.", FALSE, entries))
    return GLB_EXIT_FAILED;
  grants = glb_cli_list_objects (argc, argv, GRANT_INTERFACE, compare_ids, &client, &code);
  if (grants == NULL)
    return code;

  if (json)
    {
      g_autoptr(JsonNode) node = glb_cli_objects_to_json (grants, grant_to_json);

      glb_cli_print_json (node);
      return 0;
    }

  glb_cli_table_init (&table, 8, "ID", "SESSION", "KIND", "SCOPE", "LEFT", "USES", "SHA256", "TITLE");
  for (guint i = 0; i < grants->len; i++)
    {
      GVariant *properties = grants->pdata[i];
      const char *sha256 = glb_cli_lookup_string (properties, "Sha256");
      g_autofree char *id = g_strdup_printf ("%" G_GUINT64_FORMAT, lookup_number (properties, "Id"));
      g_autofree char *left = format_left (lookup_time (properties, "Expires"));
      g_autofree char *digest = *sha256 != '\0' ? g_strndup (sha256, 12) : g_strdup ("-");
      g_autofree char *used = NULL;
      guint uses = 0;

      g_variant_lookup (properties, "Uses", "u", &uses);
      used = g_strdup_printf ("%u", uses);
      glb_cli_table_add (&table, id, glb_cli_lookup_string (properties, "SessionName"), glb_cli_lookup_string (properties, "Kind"),
                         glb_cli_lookup_string (properties, "Scope"), left, used, digest, glb_cli_lookup_string (properties, "Title"));
    }
  glb_cli_table_finish (&table);
  return 0;
}

/* what: "prompt" or "grant". Its object's path; NULL: told. (transfer full) */
static char *
find_object (const char *what,
             const char *id)
{
  guint64 number;

  if (!g_ascii_string_to_unsigned (id, 10, 1, G_MAXUINT64, &number, NULL))
    {
      glb_cli_say ("%s: is no number of a %s; see `glovebox %ss`", id, what, what);
      return NULL;
    }
  return g_strdup_printf ("%s%" G_GUINT64_FORMAT, g_str_equal (what, "prompt") ? PROMPTS_PATH : GRANTS_PATH, number);
}

/* Takes parameters. fds: (nullable): that go with them */
static int
call_object (GlbClient   *client,
             const char  *what,
             const char  *id,
             const char  *method,
             GVariant    *parameters,
             GUnixFDList *fds)
{
  g_autoptr(GVariant) held = parameters != NULL ? g_variant_ref_sink (parameters) : NULL;
  g_autofree char *path = find_object (what, id);
  g_autoptr(GVariant) reply = NULL;
  GError *error = NULL;

  if (path == NULL)
    return GLB_EXIT_FAILED;

  reply = glb_cli_call_with_fds (client, path, g_str_equal (what, "prompt") ? PROMPT_INTERFACE : GRANT_INTERFACE, method, held,
                                 CALL_DEADLINE_S, fds, NULL, &error);
  if (reply != NULL)
    return 0;
  /* it went while the call was on its way */
  if (g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_METHOD))
    {
      g_error_free (error);
      return glb_cli_fail ("%s %s: it is over already; glovebox %ss lists them", what, id, what);
    }
  return glb_cli_fail_error (id, error);
}

/* A method without arguments, for each one named. */
static int
call_each (int         argc,
           char      **argv,
           const char *what,
           const char *method,
           const char *summary)
{
  g_autoptr(GlbClient) client = NULL;
  int code = 0, worst = 0;

  if (!glb_cli_parse (&argc, &argv, "ID…", summary, FALSE, NULL))
    return GLB_EXIT_FAILED;
  if (argc < 2)
    return glb_cli_fail ("%s: no %s; give its number, see `glovebox %ss`", argv[0], what, what);

  client = glb_cli_connect (FALSE, &code);
  for (int i = 1; client != NULL && i < argc; i++)
    {
      code = call_object (client, what, argv[i], method, NULL, NULL);
      worst = MAX (worst, code);
    }
  return client != NULL ? worst : code;
}

int
glb_cli_deny_verb (int    argc,
                   char **argv)
{
  return call_each (argc, argv, "prompt", "Deny", "Answer prompts with no.");
}

int
glb_cli_revoke_verb (int    argc,
                     char **argv)
{
  return call_each (argc, argv, "grant", "Revoke", "End grants, and what was opened with them.");
}

/* ---- allow ---------------------------------------------------------------------- */

/* An address that is about to be allowed. */
typedef struct
{
  GlbClient *client;
  char *session;         /* path */
  char *uri;
  guint subscription, timeout;
  guint number;          /* under which it waits; 0: not heard of it */
  gboolean late;
} Opening;

static void
on_uri_allowed (GDBusConnection *connection,
                const char      *sender,
                const char      *path,
                const char      *interface,
                const char      *signal,
                GVariant        *parameters,
                gpointer         user_data)
{
  Opening *opening = user_data;
  const char *uri;
  guint number;

  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(us)")))
    return;
  g_variant_get (parameters, "(u&s)", &number, &uri);
  if (g_str_equal (uri, opening->uri))
    opening->number = number;
}

static gboolean
on_late (gpointer user_data)
{
  Opening *opening = user_data;

  opening->timeout = 0;
  opening->late = TRUE;
  return G_SOURCE_REMOVE;
}

static void
opening_free (Opening *opening)
{
  g_clear_handle_id (&opening->timeout, g_source_remove);
  g_dbus_connection_signal_unsubscribe (glb_client_get_connection (opening->client), opening->subscription);
  g_free (opening->session);
  g_free (opening->uri);
  g_free (opening);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Opening, opening_free)

/* NULL: the prompt is not about an address, or is over; answering it says so. */
static Opening *
opening_new (GlbClient  *client,
             const char *id)
{
  g_autofree char *path = find_object ("prompt", id);
  g_autoptr(GVariant) reply = NULL;
  g_autoptr(GVariant) properties = NULL;
  Opening *opening;

  if (path != NULL)
    reply = glb_cli_call (client, path, "org.freedesktop.DBus.Properties", "GetAll", g_variant_new ("(s)", PROMPT_INTERFACE),
                          CALL_DEADLINE_S, NULL, NULL);
  if (reply == NULL || !g_variant_is_of_type (reply, G_VARIANT_TYPE ("(a{sv})")))
    return NULL;
  properties = g_variant_get_child_value (reply, 0);
  if (!g_str_equal (glb_cli_lookup_string (properties, "Kind"), "open-uri"))
    return NULL;

  opening = g_new0 (Opening, 1);
  opening->client = client;
  g_variant_lookup (properties, "Session", "o", &opening->session);
  opening->uri = g_strdup (glb_cli_lookup_string (properties, "Preview"));
  opening->subscription = g_dbus_connection_signal_subscribe (glb_client_get_connection (client), NULL, "org.glovebox.Session1",
                                                              "UriAllowed", opening->session, NULL, G_DBUS_SIGNAL_FLAGS_NONE,
                                                              on_uri_allowed, opening, NULL);
  return opening;
}

/* Of the clients that show the session, the first to take an address opens it. */
static int
open_allowed (Opening *opening)
{
  g_autofree char *clean = glb_cli_clean (opening->uri);
  g_autoptr(GVariant) reply = NULL;
  g_autoptr(GError) error = NULL;
  const char *uri;

  opening->timeout = g_timeout_add (URI_DEADLINE_MS, on_late, opening);
  while (opening->number == 0 && !opening->late)
    g_main_context_iteration (NULL, TRUE);
  if (opening->number != 0)
    reply = glb_cli_call (opening->client, opening->session, NULL, "TakeUri", g_variant_new ("(u)", opening->number),
                          CALL_DEADLINE_S, NULL, NULL);
  if (reply == NULL)
    return 0;

  g_variant_get (reply, "(&s)", &uri);
  if (g_app_info_launch_default_for_uri (uri, NULL, &error))
    return 0;
  return glb_cli_fail ("allow: %s: it is allowed, but nothing here opens it (%s); open it yourself", clean, error->message);
}

static int
allow_file (GlbClient  *client,
            const char *id,
            const char *file)
{
  g_autofree char *name = g_path_get_basename (file);
  g_autofree char *clean = glb_cli_clean (file);
  g_autoptr(GUnixFDList) fds = NULL;
  struct stat status;
  int fd = open (file, O_RDONLY | O_CLOEXEC);

  if (fd < 0)
    return glb_cli_fail ("allow: %s: %s; name a file that you may read", clean, g_strerror (errno));
  fds = g_unix_fd_list_new_from_array (&fd, 1);
  if (fstat (fd, &status) == 0 && !S_ISREG (status.st_mode))
    return glb_cli_fail ("allow: %s: is no plain file; name one", clean);
  if (!g_utf8_validate (name, -1, NULL))
    return glb_cli_fail ("allow: %s: its name is not valid UTF-8; give it another", clean);
  return call_object (client, "prompt", id, "AllowFile", g_variant_new ("(sh)", name, 0), fds);
}

static int
allow_source (GlbClient  *client,
              const char *id,
              const char *scope,
              guint       seconds,
              const char *source)
{
  g_autoptr(GUnixFDList) fds = NULL;
  GVariant *options = glb_cli_source_options ("allow", source, &fds);

  if (options == NULL)
    return GLB_EXIT_FAILED;
  return call_object (client, "prompt", id, "AllowWith", g_variant_new ("(su@a{sv})", scope, seconds, options), fds);
}

int
glb_cli_allow_verb (int    argc,
                    char **argv)
{
  gboolean once = FALSE, session = FALSE;
  int seconds = -1;
  g_autofree char *file = NULL;
  g_autofree char *source = NULL;
  const GOptionEntry entries[] = {
    { "file", 0, 0, G_OPTION_ARG_FILENAME, &file, "The file that a prompt of kind file asks for: its copy goes in", "FILE" },
    { "once", 0, 0, G_OPTION_ARG_NONE, &once, "This one time (default)", NULL },
    { "session", 0, 0, G_OPTION_ARG_NONE, &session, "The same again, as long as the session lives", NULL },
    { "for", 0, 0, G_OPTION_ARG_INT, &seconds, "The same again, for S seconds", "S" },
    { "source", 0, 0, G_OPTION_ARG_FILENAME, &source,
      "Of a prompt about a device: what to give instead: one of its sources, or a file", "SOURCE" },
    { NULL }
  };
  g_autoptr(GlbClient) client = NULL;
  g_autoptr(Opening) opening = NULL;
  const char *scope;
  int code = 0;

  if (!glb_cli_parse (&argc, &argv, "ID", "Answer a prompt with yes. Read it first: `glovebox prompts`.", FALSE, entries))
    return GLB_EXIT_FAILED;
  if (argc != 2)
    return glb_cli_fail ("allow: needs one prompt; give its number, see `glovebox prompts`");
  if (once + session + (seconds != -1) > 1)
    return glb_cli_fail ("allow: --once, --session and --for exclude each other; give one");
  if (seconds != -1 && seconds < 1)
    return glb_cli_fail ("allow: --for %d: is no time; give seconds, 1 to 86400", seconds);
  if (file != NULL && (session || seconds != -1))
    return glb_cli_fail ("allow: --file: a file is handed in once; leave out --session and --for");

  if (file != NULL && source != NULL)
    return glb_cli_fail ("allow: --file and --source exclude each other; give one");

  client = glb_cli_connect (FALSE, &code);
  if (client == NULL)
    return code;
  if (file != NULL)
    return allow_file (client, argv[1], file);

  scope = session ? "session" : seconds != -1 ? "seconds" : "once";
  if (source != NULL)
    return allow_source (client, argv[1], scope, seconds != -1 ? (guint) seconds : 0, source);
  /* on the system bus no client opens what the session asks for: those of the broker's own account do */
  opening = glb_cli_uses_system () ? NULL : opening_new (client, argv[1]);
  code = call_object (client, "prompt", argv[1], "Allow", g_variant_new ("(su)", scope, seconds != -1 ? (guint) seconds : 0), NULL);
  return code == 0 && opening != NULL ? open_allowed (opening) : code;
}
