/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glovebox"

#include "config.h"

#include "session-broker/cli/glb-cli.h"

#include <gio/gunixfdlist.h>
#include <stdio.h>
#include <string.h>

#include "input-filter/glb-action-dialect.h"
#include "input-filter/glb-action-result.h"
#include "policies/glb-json-writer.h"
#include "policies/glb-policy.h"

#define PROPERTY_DEADLINE_S 10
/* The longest wait or hold of an action, and its settling. */
#define ACT_DEADLINE_S      180
#define LINE_MAX_BYTES      (256 * 1024)

/* Where actions go, and how they come. */
typedef struct
{
  GlbClient *client;
  char *path;                    /* of the session */
  char *output;                  /* (nullable): where images go */
  gboolean translates;           /* calls of a dialect, instead of actions as they are */
  GlbDialectContext context;
} Target;

static void
target_clear (Target *target)
{
  g_clear_object (&target->client);
  g_free (target->path);
  g_free (target->output);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Target, target_clear)

/* "delivered", "refused", or what else the result says. */
static gboolean
is_status (const char *result,
           const char *status)
{
  g_autoptr(JsonNode) node = json_from_string (result, NULL);
  JsonObject *object = node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;

  return object != NULL && g_strcmp0 (json_object_get_string_member_with_default (object, "status", NULL), status) == 0;
}

static void
print_result (const Target *target,
              const char   *result)
{
  if (target->output == NULL || !g_str_equal (target->output, "-"))
    printf ("%s\n", result);
  fflush (stdout);
}

/* One action; its image goes to output. *result: (out) (transfer full): set where the exit code, which it gives, is 0. */
static int
send_action (const Target  *target,
             const char    *action,
             char         **result)
{
  g_autoptr(GVariant) reply = NULL;
  g_autoptr(GVariant) images = NULL;
  g_autoptr(GUnixFDList) fds = NULL;
  GError *error = NULL;
  gint32 handle;

  reply = glb_cli_call (target->client, target->path, NULL, "Act", g_variant_new ("(s)", action), ACT_DEADLINE_S, &fds, &error);
  if (reply == NULL)
    return glb_cli_fail_error ("act", error);
  if (!g_variant_is_of_type (reply, G_VARIANT_TYPE ("(sah)")))
    return glb_cli_fail ("act: the broker's answer makes no sense; run the same version of both");

  g_variant_get (reply, "(s@ah)", result, &images);
  if (target->output == NULL || g_variant_n_children (images) == 0)
    return 0;
  g_variant_get_child (images, 0, "h", &handle);
  return glb_cli_save_image (fds, handle, target->output);
}

static int
exit_code_of (const char *result)
{
  if (is_status (result, "delivered"))
    return 0;
  return is_status (result, "refused") ? GLB_EXIT_REFUSED : GLB_EXIT_FAILED;
}

/* One action as it is: its result on standard output, its image to output. Gives the exit code. */
static int
act (const Target *target,
     const char   *action)
{
  g_autofree char *result = NULL;
  int code = send_action (target, action, &result);

  if (result != NULL)
    print_result (target, result);
  return code != 0 || result == NULL ? code : exit_code_of (result);
}

/* ---- dialects -------------------------------------------------------------- */

/* (transfer full) */
static char *
action_to_text (const GlbAction *action)
{
  g_autoptr(JsonNode) node = glb_action_to_node (action, FALSE);

  return glb_json_write (node);
}

/* The result as the model's dialect has its coordinates. (transfer full) */
static char *
scale_result (const Target *target,
              GlbDialect    dialect,
              const char   *result)
{
  g_autoptr(JsonNode) node = json_from_string (result, NULL);

  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    return g_strdup (result);
  glb_dialect_scale_result (&target->context, dialect, node);
  return glb_json_write (node);
}

static int
refuse (const Target *target,
        JsonNode     *refused)
{
  g_autoptr(JsonNode) result = refused;
  g_autofree char *text = glb_action_result_to_text (result);

  print_result (target, text);
  return GLB_EXIT_REFUSED;
}

/* The call ended early: what it pressed must not stay down. */
static void
release (const Target         *target,
         const GlbDialectCall *call,
         guint                 n_done)
{
  g_autoptr(GlbAction) action = glb_dialect_call_make_release (call, n_done);
  g_autofree char *text = action != NULL ? action_to_text (action) : NULL;
  g_autofree char *result = NULL;

  if (action != NULL && (send_action (target, text, &result) != 0 || exit_code_of (result) != 0))
    glb_cli_say ("act: the mouse button may still be down: the call ended in the middle of a drag; "
                 "do {\"action\":\"left_mouse_up\"}");
}

static int
act_one_of_call (const Target         *target,
                 const GlbDialectCall *call,
                 guint                 i)
{
  GlbAction *action = g_ptr_array_index (call->actions, i);
  g_autofree char *text = NULL;
  g_autofree char *result = NULL;
  g_autofree char *scaled = NULL;
  int code;

  /* The picture that the dialect wants with each answer. */
  if (call->wants_screenshot && target->output != NULL && i == call->actions->len - 1)
    action->screenshot = TRUE;

  text = action_to_text (action);
  code = send_action (target, text, &result);
  if (result == NULL)
    return code;
  scaled = scale_result (target, call->dialect, result);
  print_result (target, scaled);
  return code != 0 ? code : exit_code_of (result);
}

/* One call of a model: its actions, until one is not delivered. */
static int
act_call (const Target *target,
          const char   *text)
{
  g_autoptr(GlbDialectCall) call = NULL;
  g_autoptr(GError) error = NULL;
  int code = 0;

  call = glb_dialect_call_new_from_json (&target->context, text, strlen (text), &error);
  if (call == NULL)
    return refuse (target, glb_action_result_new_from_error (error));
  if (call->confirm != NULL)
    {
      g_autofree char *message = g_strdup_printf ("The model's provider wants a person to confirm this: %s; if they do, leave that "
                                                  "out of the call", call->confirm);

      return refuse (target, glb_action_result_new_refused (GLB_REFUSED_UNCONFIRMED, message));
    }

  for (guint i = 0; i < call->actions->len && code == 0; i++)
    {
      code = act_one_of_call (target, call, i);
      if (code != 0)
        release (target, call, i);
    }
  return code;
}

/* ---- the session ----------------------------------------------------------- */

/* A property of the session. NULL: told; exit with *code. (transfer full) */
static GVariant *
get_property (const Target       *target,
              const char         *name,
              const GVariantType *type,
              int                *code)
{
  g_autoptr(GVariant) reply = NULL;
  g_autoptr(GVariant) value = NULL;
  GError *error = NULL;

  reply = glb_cli_call (target->client, target->path, "org.freedesktop.DBus.Properties", "Get",
                        g_variant_new ("(ss)", "org.glovebox.Session1", name), PROPERTY_DEADLINE_S, NULL, &error);
  if (reply == NULL)
    {
      *code = glb_cli_fail_error ("act", error);
      return NULL;
    }
  g_variant_get (reply, "(v)", &value);
  if (!g_variant_is_of_type (value, type))
    {
      *code = glb_cli_fail ("act: the broker's answer makes no sense; run the same version of both");
      return NULL;
    }
  return g_steal_pointer (&value);
}

static int
read_screen (Target *target)
{
  g_autoptr(GVariant) width = NULL;
  g_autoptr(GVariant) height = NULL;
  int code = 0;

  width = get_property (target, "Width", G_VARIANT_TYPE_UINT32, &code);
  height = width != NULL ? get_property (target, "Height", G_VARIANT_TYPE_UINT32, &code) : NULL;
  if (height == NULL)
    return code;
  if (g_variant_get_uint32 (width) - 1 >= GLB_ACTION_COORDINATE_MAX ||
      g_variant_get_uint32 (height) - 1 >= GLB_ACTION_COORDINATE_MAX)
    return glb_cli_fail ("act: the session has no screen; start one whose policy has the tier session");

  target->context.width = g_variant_get_uint32 (width);
  target->context.height = g_variant_get_uint32 (height);
  return 0;
}

/* Key names are of the session's keyboard. */
static int
read_keyboard (Target *target)
{
  g_autoptr(GVariant) document = NULL;
  g_autoptr(GBytes) bytes = NULL;
  GlbPolicy *policy;
  GError *error = NULL;
  int code = 0;

  document = get_property (target, "Policy", G_VARIANT_TYPE_STRING, &code);
  if (document == NULL)
    return code;

  bytes = g_bytes_new (g_variant_get_string (document, NULL), strlen (g_variant_get_string (document, NULL)));
  policy = glb_policy_new_from_bytes (bytes, "the session's policy", &error);
  if (policy == NULL)
    return glb_cli_fail_error ("act", error);
  target->context.keys = glb_key_map_get (policy->desktop.keyboard_layout, &error);
  glb_policy_unref (policy);
  return target->context.keys != NULL ? 0 : glb_cli_fail_error ("act", error);
}

/* ---- the verb -------------------------------------------------------------- */

static int
act_on_word (const Target *target,
             const char   *word)
{
  if (!g_utf8_validate (word, -1, NULL))
    return glb_cli_fail ("act: the action is not valid UTF-8; write it in UTF-8");
  return target->translates ? act_call (target, word) : act (target, word);
}

/* Actions line by line, until the first that is not delivered. */
static int
act_from_stdin (const Target *target)
{
  g_autofree char *line = g_malloc (LINE_MAX_BYTES);
  int code = 0;

  while (code == 0 && fgets (line, LINE_MAX_BYTES, stdin) != NULL)
    {
      if (strchr (line, '\n') == NULL && !feof (stdin))
        return glb_cli_fail ("act: a line is longer than %d bytes; shorten it", LINE_MAX_BYTES);
      if (*g_strstrip (line) != '\0')
        code = act_on_word (target, line);
    }
  return code;
}

/* "1024x768" */
static gboolean
parse_size (const char *text,
            int        *width,
            int        *height)
{
  g_auto(GStrv) words = g_strsplit (text, "x", -1);
  guint64 numbers[2];

  if (g_strv_length (words) != 2)
    return FALSE;
  for (guint i = 0; i < 2; i++)
    if (!g_ascii_string_to_unsigned (words[i], 10, 1, GLB_ACTION_COORDINATE_MAX, &numbers[i], NULL))
      return FALSE;
  *width = numbers[0];
  *height = numbers[1];
  return TRUE;
}

/* dialect, size: (nullable): as on the command line. */
static gboolean
parse_dialect (Target     *target,
               const char *dialect,
               const char *size)
{
  if (dialect != NULL && !glb_dialect_from_string (dialect, &target->context.dialect))
    {
      glb_cli_say ("act: --dialect %s: no such dialect; use auto, glovebox, anthropic, openai or gemini", dialect);
      return FALSE;
    }
  if (size != NULL && !parse_size (size, &target->context.model_width, &target->context.model_height))
    {
      glb_cli_say ("act: --size %s: not a size; write WIDTHxHEIGHT, as 1024x768, each from 1 to %d", size,
                   GLB_ACTION_COORDINATE_MAX);
      return FALSE;
    }
  target->translates = dialect != NULL || size != NULL;
  return TRUE;
}

static int
find_session (Target     *target,
              const char *session)
{
  int code = 0;

  target->client = glb_cli_connect (FALSE, &code);
  target->path = target->client == NULL ? NULL : glb_cli_find (target->client, session, &code);
  if (target->path == NULL || !target->translates)
    return code;

  code = read_screen (target);
  return code != 0 ? code : read_keyboard (target);
}

int
glb_cli_act_verb (int    argc,
                  char **argv)
{
  g_auto(Target) target = { 0 };
  g_autofree char *dialect = NULL;
  g_autofree char *size = NULL;
  const GOptionEntry entries[] = {
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &target.output, "Where the action's screenshot goes (- is standard output, "
      "then without the results)", "FILE" },
    { "dialect", 0, 0, G_OPTION_ARG_STRING, &dialect, "The actions are calls as a model emits them: auto, glovebox, anthropic, "
      "openai or gemini", "DIALECT" },
    { "size", 0, 0, G_OPTION_ARG_STRING, &size, "The size of the screen that the model was told, where it is another; without "
      "--dialect that is auto", "WIDTHxHEIGHT" },
    { NULL }
  };
  int code;

  if (!glb_cli_parse (&argc, &argv, "SESSION ACTION…", "Do actions in a session, one after the other, until one is not "
                      "delivered.\nAn action is JSON, as {\"action\":\"left_click\",\"coordinate\":[10,20]}; "
                      "- reads one a line from standard input.\nEach result is one line of JSON.", FALSE, entries))
    return GLB_EXIT_FAILED;
  if (argc < 3)
    return glb_cli_fail ("act: needs a session and an action; see `glovebox act --help`");
  if (!parse_dialect (&target, dialect, size))
    return GLB_EXIT_FAILED;

  code = find_session (&target, argv[1]);
  for (int i = 2; i < argc && code == 0; i++)
    code = g_str_equal (argv[i], "-") ? act_from_stdin (&target) : act_on_word (&target, argv[i]);
  return code;
}
