/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glovebox"

#include "config.h"

#include "session-broker/cli/glb-cli.h"
#include "session-broker/cli/glb-cli-agent.h"
#include "session-broker/cli/glb-cli-tools.h"

#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

/* What this program was called with, and what it has of the tools. */
static int full_argc;
static char **full_argv;
static const GlbCliTools *tools;
static const GlbEarlyRun *early;

const GlbEarlyRun *
glb_cli_take_early (void)
{
  return g_steal_pointer (&early);
}

const GlbCliTools *
glb_cli_get_tools (void)
{
  return tools;
}

int
glb_cli_become_tools (void)
{
  return glb_cli_execute ("glovebox-tools", full_argc, full_argv);
}

static int
mcp_verb (int    argc,
          char **argv)
{
  return tools != NULL ? tools->mcp (argc, argv) : glb_cli_become_tools ();
}

static int
record_verb (int    argc,
             char **argv)
{
  return tools != NULL ? tools->record (argc, argv) : glb_cli_become_tools ();
}

static int
recording_verb (int    argc,
                char **argv)
{
  return tools != NULL ? tools->recording (argc, argv) : glb_cli_become_tools ();
}

static int
replay_verb (int    argc,
             char **argv)
{
  return tools != NULL ? tools->replay (argc, argv) : glb_cli_become_tools ();
}

static int
secret_verb (int    argc,
             char **argv)
{
  return tools != NULL ? tools->secret (argc, argv) : glb_cli_become_tools ();
}

static const GlbCliVerb verbs[] = {
  { "run", "[OPTION…] -- COMMAND [ARGUMENT…]", "Start a session and run a command in it", glb_cli_run_verb },
  { "ps", "[--json]", "List the sessions", glb_cli_ps_verb },
  { "exec", "[OPTION…] SESSION -- COMMAND…", "Run a command in a session", glb_cli_exec_verb },
  { "stop", "SESSION…", "End sessions", glb_cli_stop_verb },
  { "kill", "SESSION…", "End sessions at once", glb_cli_kill_verb },
  { "pause", "SESSION…", "Freeze all processes of sessions", glb_cli_pause_verb },
  { "resume", "SESSION…", "Let paused sessions go on", glb_cli_resume_verb },
  { "screenshot", "SESSION -o FILE", "Save a session's screen as a PNG", glb_cli_screenshot_verb },
  { "act", "SESSION ACTION…", "Do actions in a session", glb_cli_act_verb },
  { "windows", "SESSION [--json]", "List a session's windows", glb_cli_windows_verb },
  { "lease", "SESSION --take|--release", "Take a session over from its agent, or give it back", glb_cli_lease_verb },
  { "clipboard", "put|get SESSION", "Carry the clipboard into and out of a session", glb_cli_clipboard_verb },
  { "device", "SESSION [DEVICE on|off|mute|unmute]", "Give a session a device, and take it back", glb_cli_device_verb },
  { "listen", "SESSION [-o FILE]", "Listen to what a session's programs play", glb_cli_listen_verb },
  { "publish", "SESSION [on|off]", "Show a session's screen to recorders", glb_cli_publish_verb },
  { "record", "SESSION -o DIR", "Record what happens in a session, and its screen", record_verb },
  { "recording", "show|test|video", "Look into recordings", recording_verb },
  { "net", "SESSION [--close ID]", "List what a session is connected to, and cut it", glb_cli_net_verb },
  { "secret", "set|list|remove", "Store secrets that sessions use and never see", secret_verb },
  { "prompts", "[--json]", "List what sessions ask", glb_cli_prompts_verb },
  { "allow", "ID [--once|--session|--for S]", "Answer a prompt with yes", glb_cli_allow_verb },
  { "deny", "ID…", "Answer prompts with no", glb_cli_deny_verb },
  { "grants", "[--json]", "List what was allowed and still holds", glb_cli_grants_verb },
  { "revoke", "ID…", "End grants, and what was opened with them", glb_cli_revoke_verb },
  { "mcp", "[--policy FILE|--template NAME]", "Serve an agent that speaks MCP", mcp_verb },
  { "replay", "[OPTION…] TEST…", "Do recorded sessions again, and say where they go another way", replay_verb },
  { "view", "[SESSION]", "Watch sessions live", glb_cli_view_verb },
  { "policy", "check|show|template", "Check and show policies", glb_cli_policy_verb },
  { "audit", "show|verify", "Read and check the records of sessions", glb_cli_audit_verb },
  { "prove", "[--policy FILE]", "Try to escape from a session, and show that it fails", glb_cli_prove_verb },
  { "doctor", "[--json]", "Say what this host can enforce, and what is missing", glb_cli_doctor_verb },
  { NULL }
};

/* What the machine's broker lets others do, over the system bus. */
static const char * const system_verbs[] = { "ps", "prompts", "allow", "deny", "grants", "revoke", NULL };

static void
print_verbs (const GlbCliVerb *group,
             const char       *name)
{
  g_autofree char *prefix = name == NULL ? g_strdup ("glovebox") : g_strconcat ("glovebox ", name, NULL);

  printf ("Usage:\n  %s COMMAND [ARGUMENT…]\n\n", prefix);
  for (guint i = 0; group[i].name != NULL; i++)
    printf ("  %-10s  %s\n", group[i].name, group[i].summary);
  printf ("\n`%s COMMAND --help` shows the options of one.\n", prefix);
}

static void
print_help (void)
{
  printf ("Glovebox puts an AI agent that drives a desktop behind glass.\n\n");
  print_verbs (verbs, NULL);
  printf ("\nSESSION is an id or a name, see `glovebox ps`.\n"
          "`glovebox --system COMMAND` asks the machine's broker, where polkit allows it: ps, prompts, allow, deny,\n"
          "grants, revoke.\n"
          "Exit codes: that of the command; 124 timeout, 125 Glovebox failed, 126 refused by the policy or\n"
          "by this host, 127 command not found, 128+N killed by signal N.\n");
}

/* The nearest of the verbs for a typing error; NULL: none is near. */
static const char *
suggest (const GlbCliVerb *group,
         const char       *word)
{
  for (guint i = 0; group[i].name != NULL; i++)
    if (strlen (word) >= 2 && (g_str_has_prefix (group[i].name, word) || g_str_has_prefix (word, group[i].name)))
      return group[i].name;

  return NULL;
}

int
glb_cli_dispatch (const GlbCliVerb *group,
                  const char       *name,
                  int               argc,
                  char            **argv)
{
  g_autofree char *prefix = name == NULL ? g_strdup ("") : g_strconcat (name, ": ", NULL);
  g_autofree char *space = name == NULL ? g_strdup ("") : g_strconcat (name, " ", NULL);
  const char *near;

  if (argc < 2)
    return glb_cli_fail ("%sno command; see `glovebox %s--help`", prefix, space);

  for (guint i = 0; group[i].name != NULL; i++)
    if (g_str_equal (argv[1], group[i].name))
      return group[i].run (argc - 1, argv + 1);

  if (g_str_equal (argv[1], "--help") || g_str_equal (argv[1], "-h"))
    {
      print_verbs (group, name);
      return 0;
    }

  near = suggest (group, argv[1]);
  if (near != NULL)
    return glb_cli_fail ("%s%s: no such command; did you mean `glovebox %s%s`?", prefix, argv[1], space, near);
  return glb_cli_fail ("%s%s: no such command; see `glovebox %s--help`", prefix, argv[1], space);
}

static int
run_system (int    argc,
            char **argv)
{
  if (argc < 2)
    return glb_cli_fail ("--system: no command; see `glovebox --help`");
  for (guint i = 0; verbs[i].name != NULL; i++)
    if (g_str_equal (verbs[i].name, argv[1]) && !g_strv_contains (system_verbs, argv[1]))
      {
        glb_cli_say ("%s: not over the system bus, which starts and drives no session; leave out --system, or run it as the "
                     "broker's own user", argv[1]);
        return GLB_EXIT_REFUSED;
      }

  glb_cli_use_system ();
  return glb_cli_dispatch (verbs, NULL, argc, argv);
}

static int
run_main (int    argc,
          char **argv)
{
  if (argc >= 2 && g_str_equal (argv[1], "--system"))
    {
      argv[1] = argv[0];
      return run_system (argc - 1, argv + 1);
    }
  if (argc >= 2 && (g_str_equal (argv[1], "--help") || g_str_equal (argv[1], "-h") || g_str_equal (argv[1], "help")))
    {
      /* `glovebox help VERB` is `glovebox VERB --help`. */
      if (argc == 3 && g_str_equal (argv[1], "help"))
        return glb_cli_dispatch (verbs, NULL, 3, (char *[]) { argv[0], argv[2], (char *) "--help", NULL });
      print_help ();
      return 0;
    }
  if (argc >= 2 && g_str_equal (argv[1], "--version"))
    {
      printf ("glovebox %s\n", GLOVEBOX_VERSION);
      return 0;
    }

  return glb_cli_dispatch (verbs, NULL, argc, argv);
}

int
glb_cli_main (int                argc,
              char             **argv,
              const GlbCliTools *own_tools,
              const GlbEarlyRun *own_early)
{
  g_autofree char **copy = g_memdup2 (argv, sizeof *argv * (argc + 1));
  int code;

  /* the parsers take out of theirs what they know */
  full_argc = argc;
  full_argv = copy;
  tools = own_tools;
  early = own_early != NULL && own_early->connection >= 0 ? own_early : NULL;

  setlocale (LC_ALL, "");
  g_set_prgname ("glovebox");
  code = run_main (argc, argv);
  glb_cli_stop_agent ();

  /* A list that was cut off must not look whole. */
  if ((fflush (stdout) != 0 || ferror (stdout)) && code == 0)
    return glb_cli_fail ("standard output: %s", g_strerror (errno));
  return code;
}
