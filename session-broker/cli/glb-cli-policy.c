/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glovebox"

#include "config.h"

#include "session-broker/cli/glb-cli.h"

#include <stdio.h>

#include "input-filter/glb-input-rules.h"
#include "policies/glb-policy-words.h"
#include "session-broker/cli/glb-cli-policy-connect.h"

static void
print_canonical (const GlbPolicy *policy)
{
  /* Ours: canonical text is safe for json-glib. */
  g_autoptr(JsonNode) node = json_from_string (glb_policy_get_canonical (policy), NULL);
  g_autofree char *text = json_to_string (node, TRUE);

  puts (text);
}

/* Groups in one order, and in each what it may before what it may not. */
static void
print_words (const GlbPolicy *policy)
{
  g_autoptr(GPtrArray) words = glb_policy_words_new (policy);

  for (int group = 0; group < GLB_WORDS_N_GROUPS; group++)
    {
      printf ("%s%s\n", group > 0 ? "\n" : "", glb_policy_words_get_group_title (group));
      for (int kind = 0; kind < GLB_WORDS_N_KINDS; kind++)
        for (guint i = 0; i < words->len; i++)
          {
            const GlbPolicySentence *sentence = words->pdata[i];
            g_autofree char *clean = NULL;

            if (sentence->group != (GlbWordsGroup) group || sentence->kind != (GlbWordsKind) kind)
              continue;
            clean = glb_cli_clean (sentence->text);
            printf ("  %s\n", clean);
          }
    }
}

/* One problem a line, as compilers do, so that editors find the place. NULL: told; exit with *code. (transfer full) */
static GlbPolicy *
load (const char *path,
      int        *code)
{
  g_autoptr(GlbPolicy) policy = NULL;
  g_autoptr(GlbInputRules) rules = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *clean = NULL;

  policy = glb_policy_new_from_file (path, &error);
  if (policy != NULL && glb_policy_check_supported (policy, &error))
    rules = glb_input_rules_new_from_policy (policy, &error);
  if (rules != NULL)
    return g_steal_pointer (&policy);

  fflush (stdout);
  clean = glb_cli_clean (error->message);
  fprintf (stderr, "%s\n", clean);
  *code = glb_exit_from_error (error, FALSE);
  return NULL;
}

static int
check (const char *path)
{
  int code = 0;
  g_autoptr(GlbPolicy) policy = load (path, &code);

  if (policy != NULL)
    printf ("%s: ok (hash %s)\n", path, glb_policy_get_hash (policy));
  return code;
}

static int
check_connection (const char *path,
                  const char *target,
                  gboolean    json)
{
  int code = 0;
  g_autoptr(GlbPolicy) policy = load (path, &code);

  return policy != NULL ? glb_cli_policy_connect (policy, target, json) : code;
}

static int
check_verb (int    argc,
            char **argv)
{
  g_autofree char *target = NULL;
  gboolean json = FALSE;
  const GOptionEntry entries[] = {
    { "connect", 0, 0, G_OPTION_ARG_STRING, &target, "Say whether a session may connect there, and by which entry", "HOST:PORT" },
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, "With --connect: as JSON", NULL },
    { NULL }
  };
  int worst = 0;

  if (!glb_cli_parse (&argc, &argv, "FILE…", "Check policies. Each problem is one line, FILE:LINE: POINTER: what.", FALSE,
                      entries))
    return GLB_EXIT_FAILED;
  if (argc < 2)
    return glb_cli_fail ("policy check: no file; name one");
  if (json && target == NULL)
    return glb_cli_fail ("policy check: --json goes with --connect; add that");
  if (target != NULL && argc > 2)
    return glb_cli_fail ("policy check: %s: is too much; --connect goes with one file", argv[2]);
  if (target != NULL)
    return check_connection (argv[1], target, json);

  for (int i = 1; i < argc; i++)
    {
      int code = check (argv[i]);

      worst = MAX (worst, code);
    }
  return worst;
}

static int
show_verb (int    argc,
           char **argv)
{
  g_autofree char *template = NULL;
  gboolean words = FALSE;
  const GOptionEntry entries[] = {
    { "template", 't', 0, G_OPTION_ARG_STRING, &template, "Show this template", "NAME" },
    { "words", 0, 0, G_OPTION_ARG_NONE, &words, "In plain words", NULL },
    { NULL }
  };
  g_autoptr(GlbPolicy) policy = NULL;
  GError *error = NULL;

  if (!glb_cli_parse (&argc, &argv, "FILE", "Show a policy with everything that it leaves out, as it is enforced and hashed.",
                      FALSE, entries))
    return GLB_EXIT_FAILED;
  if ((argc == 2) == (template != NULL) || argc > 2)
    return glb_cli_fail ("policy show: needs either a file or --template NAME");

  policy = template != NULL ? glb_policy_new_from_template (template, &error) : glb_policy_new_from_file (argv[1], &error);
  if (policy == NULL || !glb_policy_check_supported (policy, &error))
    return glb_cli_fail_error ("policy", error);

  if (words)
    print_words (policy);
  else
    print_canonical (policy);
  return 0;
}

static int
template_verb (int    argc,
               char **argv)
{
  g_autoptr(GlbPolicy) policy = NULL;
  g_auto(GStrv) names = NULL;
  GError *error = NULL;

  if (!glb_cli_parse (&argc, &argv, "[NAME]", "List the templates, or print one as a start for a policy of your own.",
                      FALSE, NULL))
    return GLB_EXIT_FAILED;
  if (argc > 2)
    return glb_cli_fail ("policy template: %s: is too much; name one template", argv[2]);

  if (argc == 1)
    {
      names = glb_policy_list_templates ();
      for (guint i = 0; names[i] != NULL; i++)
        puts (names[i]);
      return 0;
    }

  policy = glb_policy_new_from_template (argv[1], &error);
  if (policy == NULL)
    return glb_cli_fail_error ("policy", error);

  print_canonical (policy);
  return 0;
}

int
glb_cli_policy_verb (int    argc,
                     char **argv)
{
  static const GlbCliVerb verbs[] = {
    { "check", "FILE… | FILE --connect HOST:PORT", "Check policies, or what one says of a connection", check_verb },
    { "show", "FILE | --template NAME", "Show a policy as it is enforced, or in plain words", show_verb },
    { "template", "[NAME]", "List the templates, or print one", template_verb },
    { NULL }
  };

  return glb_cli_dispatch (verbs, "policy", argc, argv);
}
