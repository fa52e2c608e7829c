/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glovebox"

#include "config.h"

#include "session-broker/cli/glb-cli.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixfdlist.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "policies/glb-policy.h"
#include "session-broker/cli/glb-attach.h"
#include "session-broker/cli/glb-cli-record-options.h"
#include "session-broker/cli/glb-cli-tools.h"
#include "session-broker/replay/glb-replay-surroundings.h"

#define POLICY_MAX (1024 * 1024)

typedef struct
{
  char *policy, *template, *tier, *name, *workspace, *persist, *cwd;
  GStrv env;
  int timeout;
  gboolean detach, json, debug, deterministic;
  GlbCliRecordOptions record;    /* without a folder: not asked for */

  GVariantDict dict;
  GUnixFDList *fds;
} RunOptions;

static void
run_options_clear (RunOptions *options)
{
  g_free (options->policy);
  g_free (options->template);
  g_free (options->tier);
  g_free (options->name);
  g_free (options->workspace);
  g_free (options->persist);
  g_free (options->cwd);
  g_strfreev (options->env);
  glb_cli_record_clear (&options->record);
  g_variant_dict_clear (&options->dict);
  g_clear_object (&options->fds);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (RunOptions, run_options_clear)

/* D-Bus strings are UTF-8; what is not would end the connection. */
static gboolean
check_utf8 (const char *what,
            const char *text)
{
  if (text == NULL || g_utf8_validate (text, -1, NULL))
    return TRUE;

  glb_cli_say ("%s: %s: is not valid UTF-8; write it in UTF-8", what, text);
  return FALSE;
}

/* "--" and the command; the options before it are gone. */
static char **
take_command (int    argc,
              char **argv)
{
  int first = argc > 1 && g_str_equal (argv[1], "--") ? 2 : 1;

  if (first >= argc)
    {
      glb_cli_say ("%s: no command; name it after --", argv[0]);
      return NULL;
    }

  for (int i = first; i < argc; i++)
    if (!check_utf8 ("command", argv[i]))
      return NULL;
  return argv + first;
}

static gboolean
insert_env (RunOptions *options)
{
  g_autoptr(GVariantBuilder) builder = g_variant_builder_new (G_VARIANT_TYPE ("a{ss}"));

  for (guint i = 0; options->env != NULL && options->env[i] != NULL; i++)
    {
      const char *equals = strchr (options->env[i], '=');
      g_autofree char *name = NULL;

      if (!check_utf8 ("--env", options->env[i]))
        return FALSE;
      if (equals == NULL || equals == options->env[i])
        {
          glb_cli_say ("--env: %s: has no name and value; write NAME=VALUE", options->env[i]);
          return FALSE;
        }
      name = g_strndup (options->env[i], equals - options->env[i]);
      g_variant_builder_add (builder, "{ss}", name, equals + 1);
    }

  if (options->env != NULL)
    g_variant_dict_insert_value (&options->dict, "env", g_variant_builder_end (builder));
  return TRUE;
}

/* The document itself goes to the broker: what we read is what it checks. */
static char *
read_policy (const char *path)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *text = NULL;
  gsize length;

  if (!g_file_get_contents (path, &text, &length, &error))
    {
      glb_cli_say ("policy: %s", error->message);
      return NULL;
    }
  if (length > POLICY_MAX || strlen (text) != length || !g_utf8_validate (text, -1, NULL))
    {
      glb_cli_say ("policy: %s: is no policy; it must be UTF-8 text of at most 1 MiB", path);
      return NULL;
    }
  return g_steal_pointer (&text);
}

static gboolean
insert_policy (RunOptions *options,
               gboolean   *wants_workspace)
{
  g_autofree char *text = NULL;
  g_autoptr(GlbPolicy) policy = NULL;
  GError *error = NULL;

  if (options->policy != NULL && options->template != NULL)
    {
      glb_cli_say ("run: --policy and --template exclude each other; give one");
      return FALSE;
    }

  if (options->policy != NULL)
    {
      text = read_policy (options->policy);
      if (text == NULL || !check_utf8 ("--policy", options->policy))
        return FALSE;
      g_variant_dict_insert (&options->dict, "policy", "s", text);
      g_variant_dict_insert (&options->dict, "policy-name", "s", options->policy);
      *wants_workspace = strstr (text, "${WORKSPACE}") != NULL;
      return TRUE;
    }

  if (!check_utf8 ("--template", options->template))
    return FALSE;
  policy = glb_policy_new_from_template (options->template != NULL ? options->template : "default", &error);
  if (policy == NULL)
    {
      glb_cli_fail_error ("policy", error);
      return FALSE;
    }
  g_variant_dict_insert (&options->dict, "template", "s", options->template != NULL ? options->template : "default");
  *wants_workspace = strstr (glb_policy_get_canonical (policy), "${WORKSPACE}") != NULL;
  return TRUE;
}

/* As a descriptor too: whatever happens to the path, the folder is the one that the person meant. */
static gboolean
insert_workspace (RunOptions *options,
                  gboolean    wanted)
{
  g_autofree char *path = NULL;
  char *resolved;
  int fd, handle;

  if (options->workspace == NULL && !wanted)
    return TRUE;

  path = g_canonicalize_filename (options->workspace != NULL ? options->workspace : ".", NULL);
  resolved = realpath (path, NULL);
  fd = resolved == NULL ? -1 : open (resolved, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    {
      glb_cli_say ("workspace: %s: %s; name a folder of yours with --workspace", path, g_strerror (errno));
      free (resolved);
      return FALSE;
    }

  if (!check_utf8 ("workspace", resolved))
    {
      free (resolved);
      close (fd);
      return FALSE;
    }

  options->fds = g_unix_fd_list_new ();
  handle = g_unix_fd_list_append (options->fds, fd, NULL);
  close (fd);
  if (handle >= 0)
    {
      g_variant_dict_insert (&options->dict, "workspace", "s", resolved);
      g_variant_dict_insert (&options->dict, "workspace-fd", "h", handle);
    }
  free (resolved);
  return handle >= 0;
}

static gboolean
insert_strings (RunOptions *options)
{
  const struct { const char *key, *value; } strings[] = {
    { "tier", options->tier },
    { "name", options->name },
    { "persist", options->persist },
    { "cwd", options->cwd },
    /* the one of here and now: the broker's own may be of a login that is over */
    { "ssh-agent", g_getenv ("SSH_AUTH_SOCK") },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (strings); i++)
    {
      if (!check_utf8 (strings[i].key, strings[i].value))
        return FALSE;
      if (strings[i].value != NULL)
        g_variant_dict_insert (&options->dict, strings[i].key, "s", strings[i].value);
    }
  return TRUE;
}

static gboolean
make_run_parameters (RunOptions *options)
{
  gboolean wants_workspace = FALSE;
  GlbTier tier;

  if (options->timeout < 0)
    {
      glb_cli_say ("run: --timeout %d is out of range; give seconds, 1 or more", options->timeout);
      return FALSE;
    }
  if (options->tier != NULL && !glb_tier_from_string (options->tier, &tier))
    {
      glb_cli_say ("run: --tier %s: no such tier; use process, session or micro-vm", options->tier);
      return FALSE;
    }

  if (!insert_strings (options) || !insert_env (options) || !insert_policy (options, &wants_workspace) ||
      !insert_workspace (options, wants_workspace))
    return FALSE;

  if (options->timeout > 0)
    g_variant_dict_insert (&options->dict, "timeout", "u", (guint) options->timeout);
  if (options->detach)
    g_variant_dict_insert (&options->dict, "detach", "b", TRUE);
  return TRUE;
}

static int
fail_start (GlbAttach  *attach,
            const char *what,
            GError     *error)
{
  int code = glb_exit_from_error (error, TRUE);

  if (glb_attach_get_signal (attach) != 0)
    {
      g_error_free (error);
      return 128 + glb_attach_get_signal (attach);
    }

  glb_cli_fail_error (what, error);
  return code;
}

/* The id: its property, as paths may escape it. */
static char *
get_id (GlbClient  *client,
        const char *path)
{
  g_autoptr(GVariant) reply = NULL;
  g_autoptr(GVariant) value = NULL;

  reply = glb_cli_call (client, path, "org.freedesktop.DBus.Properties", "Get",
                        g_variant_new ("(ss)", "org.glovebox.Session1", "Id"), 10, NULL, NULL);
  if (reply == NULL || !g_variant_is_of_type (reply, G_VARIANT_TYPE ("(v)")))
    return g_path_get_basename (path);

  g_variant_get (reply, "(v)", &value);
  if (!g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
    return g_path_get_basename (path);
  return g_variant_dup_string (value, NULL);
}

static void
print_detached (GlbClient *client,
                GlbAttach *attach,
                gboolean   json)
{
  g_autofree char *id = get_id (client, glb_attach_get_path (attach));
  g_autoptr(JsonNode) node = NULL;

  if (!json)
    {
      printf ("%s\n", id);
      return;
    }

  node = glb_cli_json_from_variant (g_variant_ref_sink (g_variant_new_parsed ("{'id': <%s>, 'command': <%t>}", id,
                                                                              glb_attach_get_command (attach))));
  glb_cli_print_json (node);
}

/* The streams are the command's: ours goes to standard error, as its last line. */
static void
report_end (GlbAttach  *attach,
            const char *id,
            int         code)
{
  g_autoptr(GVariant) value = NULL;
  g_autoptr(JsonNode) node = NULL;
  g_autofree char *text = NULL;
  const char *reason = glb_attach_get_reason (attach);

  value = g_variant_ref_sink (g_variant_new_parsed ("{'id': <%s>, 'reason': <%s>, 'exitCode': <%i>}", id,
                                                    reason != NULL ? reason : "", code));
  node = glb_cli_json_from_variant (value);
  text = json_to_string (node, FALSE);
  fprintf (stderr, "%s\n", text);
}

/* NULL: told; exit with *code. */
static GlbAttach *
start_session (RunOptions *options,
               char      **command,
               int        *code)
{
  g_autoptr(GlbClient) client = glb_cli_connect (TRUE, code);
  g_autoptr(GlbAttach) attach = NULL;
  GError *error = NULL;

  if (client == NULL)
    return NULL;

  attach = glb_attach_new (client, TRUE);
  if (glb_attach_start (attach, GLB_BROKER_OBJECT_PATH, "org.glovebox.Broker1", "Run",
                        g_variant_new ("(@a{sv}^as)", g_variant_dict_end (&options->dict), command),
                        options->fds, &error))
    return g_steal_pointer (&attach);

  *code = fail_start (attach, "run", error);
  return NULL;
}

/* What main.c has begun. */
static GlbAttach *
go_on (const GlbEarlyRun *early,
       int               *code)
{
  GError *error = NULL;
  g_autoptr(GlbClient) client = glb_client_new_from_fd (early->connection, early->started, NULL, &error);
  g_autoptr(GlbAttach) attach = NULL;

  if (client == NULL)
    {
      *code = glb_cli_fail_error ("broker", error);
      return NULL;
    }

  attach = glb_attach_new (client, TRUE);
  sigprocmask (SIG_UNBLOCK, &early->held, NULL);
  if (early->started)
    glb_attach_go_on (attach, early->path, early->command, early->streams);
  else if (!glb_attach_await (attach, GLB_EARLY_RUN_SERIAL, &error))
    {
      *code = fail_start (attach, "run", error);
      return NULL;
    }
  return g_steal_pointer (&attach);
}

/* Until the end; gives the exit code. */
static int
attend_session (RunOptions *options,
                GlbAttach  *attach)
{
  GlbClient *client = glb_attach_get_client (attach);
  g_autofree char *id = NULL;
  int code;

  if (options->detach)
    {
      print_detached (client, attach, options->json);
      return 0;
    }

  if (options->json)
    id = get_id (client, glb_attach_get_path (attach));
  if (options->record.folder == NULL)
    code = glb_attach_wait (attach);
  /* What cannot be recorded is not run: the session ends with us. */
  else if (!glb_cli_get_tools ()->run_recorded (client, attach, &options->record, &code))
    return code;
  if (options->json)
    report_end (attach, id, code);
  return code;
}

static gboolean
check_record (RunOptions *options)
{
  GlbCliRecordOptions *record = &options->record;

  if (record->folder == NULL && record->masks == NULL && record->mask_windows == NULL && record->max_mb == 0)
    return TRUE;
  if (record->folder == NULL)
    {
      glb_cli_say ("run: --mask, --mask-window and --max-mb are about a recording; name its folder with --record");
      return FALSE;
    }
  if (options->detach)
    {
      glb_cli_say ("run: --record ends with this program, and --detach ends it at once; use `glovebox record` for a session that runs");
      return FALSE;
    }
  return glb_cli_record_check ("run", record);
}

/* command: what runs in the end. (nullable) (transfer full) */
static GStrv
make_surroundings (RunOptions  *options,
                   char       **command,
                   int         *code)
{
  GError *error = NULL;
  GStrv wrapped;

  if (!options->deterministic)
    return g_strdupv (command);
  if (options->env != NULL)
    {
      glb_cli_say ("run: --deterministic has an environment of its own; leave --env away, or set it by `env NAME=VALUE COMMAND`");
      return NULL;
    }
  wrapped = glb_replay_surroundings_wrap ((const char * const *) command, &options->dict, &error);
  if (wrapped == NULL)
    *code = glb_cli_fail_error ("run", error);
  return wrapped;
}

/* The command, in argv. NULL: told. */
static char **
parse_run (RunOptions *options,
           int         argc,
           char      **argv)
{
  const GOptionEntry entries[] = {
    { "policy", 'p', 0, G_OPTION_ARG_FILENAME, &options->policy, "Policy file", "FILE" },
    { "template", 't', 0, G_OPTION_ARG_STRING, &options->template, "Policy template (default: default)", "NAME" },
    { "name", 'n', 0, G_OPTION_ARG_STRING, &options->name, "Name of the session", "NAME" },
    { "tier", 0, 0, G_OPTION_ARG_STRING, &options->tier, "Isolation: process, session or micro-vm", "TIER" },
    { "workspace", 'w', 0, G_OPTION_ARG_FILENAME, &options->workspace,
      "Folder that the policy calls ${WORKSPACE} (default: the current one, if the policy names it)", "DIR" },
    { "env", 'e', 0, G_OPTION_ARG_STRING_ARRAY, &options->env, "Environment of the command; may be repeated", "NAME=VALUE" },
    { "cwd", 0, 0, G_OPTION_ARG_STRING, &options->cwd, "Working directory in the session", "DIR" },
    { "timeout", 0, 0, G_OPTION_ARG_INT, &options->timeout, "End the session after this time", "SECONDS" },
    { "persist", 0, 0, G_OPTION_ARG_STRING, &options->persist, "Keep the home folder under this name", "NAME" },
    { "detach", 'd', 0, G_OPTION_ARG_NONE, &options->detach, "Print the session's id and leave it running", NULL },
    { "json", 0, 0, G_OPTION_ARG_NONE, &options->json,
      "The id (with --detach) or the end (on standard error) as JSON", NULL },
    { "deterministic", 0, 0, G_OPTION_ARG_NONE, &options->deterministic,
      "Stop the clock, and take the same locale, fonts and random numbers each time, as a replay does", NULL },
    { "record", 0, 0, G_OPTION_ARG_FILENAME, &options->record.folder, "Record the session into this new folder", "DIR" },
    GLB_CLI_RECORD_MASK_ENTRIES (options->record),
    { NULL }
  };

  if (!glb_cli_parse (&argc, &argv, "[--] COMMAND [ARGUMENT…]", "Start a session and run a command in it.", TRUE, entries))
    return NULL;
  return take_command (argc, argv);
}

GVariant *
glb_cli_run_make_parameters (int           argc,
                             char        **argv,
                             GUnixFDList **fds)
{
  g_auto(RunOptions) options = { 0 };
  char **command;

  g_variant_dict_init (&options.dict, NULL);
  command = parse_run (&options, argc, argv);
  if (command == NULL || !make_run_parameters (&options))
    return NULL;

  *fds = g_steal_pointer (&options.fds);
  return g_variant_ref_sink (g_variant_new ("(@a{sv}^as)", g_variant_dict_end (&options.dict), command));
}

int
glb_cli_run_verb (int    argc,
                  char **argv)
{
  g_auto(RunOptions) options = { 0 };
  g_autoptr(GlbAttach) attach = NULL;
  g_auto(GStrv) wrapped = NULL;
  int code = GLB_EXIT_FAILED;
  const GlbEarlyRun *early = glb_cli_take_early ();
  char **command;

  g_variant_dict_init (&options.dict, NULL);
  command = parse_run (&options, argc, argv);
  if (early != NULL)
    attach = go_on (early, &code);
  else
    {
      if (command == NULL || !check_record (&options))
        return GLB_EXIT_FAILED;
      if (options.record.folder != NULL && glb_cli_get_tools () == NULL)
        return glb_cli_become_tools ();
      if (!make_run_parameters (&options))
        return GLB_EXIT_FAILED;

      wrapped = make_surroundings (&options, command, &code);
      attach = wrapped != NULL ? start_session (&options, wrapped, &code) : NULL;
    }
  return attach != NULL ? attend_session (&options, attach) : code;
}

static int
exec_in_session (RunOptions *options,
                 const char *session,
                 char      **command)
{
  g_autoptr(GlbClient) client = NULL;
  g_autoptr(GlbAttach) attach = NULL;
  g_autofree char *path = NULL;
  GError *error = NULL;
  int code = GLB_EXIT_FAILED;

  client = glb_cli_connect (FALSE, &code);
  if (client == NULL)
    return code;
  path = glb_cli_find (client, session, &code);
  if (path == NULL)
    return code;

  attach = glb_attach_new (client, FALSE);
  if (!glb_attach_start (attach, path, "org.glovebox.Session1", "Exec",
                         g_variant_new ("(@a{sv}^as)", g_variant_dict_end (&options->dict), command), NULL, &error))
    return fail_start (attach, session, error);

  return glb_attach_wait (attach);
}

int
glb_cli_exec_verb (int    argc,
                   char **argv)
{
  g_auto(RunOptions) options = { 0 };
  const GOptionEntry entries[] = {
    { "env", 'e', 0, G_OPTION_ARG_STRING_ARRAY, &options.env, "Environment of the command; may be repeated", "NAME=VALUE" },
    { "cwd", 0, 0, G_OPTION_ARG_STRING, &options.cwd, "Working directory in the session", "DIR" },
    { "debug", 0, 0, G_OPTION_ARG_NONE, &options.debug,
      "The command may trace the session's processes (needs process.allowDebug of the policy)", NULL },
    { NULL }
  };
  const char *session;
  char **command;

  g_variant_dict_init (&options.dict, NULL);
  if (!glb_cli_parse (&argc, &argv, "SESSION [--] COMMAND [ARGUMENT…]", "Run a command in a session.", TRUE, entries))
    return GLB_EXIT_FAILED;
  if (argc < 2)
    return glb_cli_fail ("exec: no session; give its id or name, see `glovebox ps`");

  if (argc > 2 && argv[2][0] == '-' && !g_str_equal (argv[2], "--"))
    return glb_cli_fail ("exec: %s: is no command; options go before the session, the command after --", argv[2]);

  session = argv[1];
  argv[1] = argv[0];
  command = take_command (argc - 1, argv + 1);
  if (command == NULL || !insert_strings (&options) || !insert_env (&options))
    return GLB_EXIT_FAILED;
  if (options.debug)
    g_variant_dict_insert (&options.dict, "debug", "b", TRUE);

  return exec_in_session (&options, session, command);
}
