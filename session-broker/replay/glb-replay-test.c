/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glb-replay"
#include "config.h"

#include "session-broker/replay/glb-replay-test.h"

#include <string.h>

#include "input-filter/glb-action.h"
#include "input-filter/glb-glob.h"
#include "policies/glb-strict-json.h"
#include "session-broker/replay/glb-replay-json.h"
#include "session-broker/replay/glb-replay-program.h"

#define DEPTH_MAX        24
#define WORDS_MAX        1024
#define WORDS_BYTES_MAX  (96 * 1024)
#define STATES_MAX       16
#define PATH_BYTES_MAX   512
#define NOTE_MAX         1024

G_DEFINE_QUARK (glb-replay-test-error-quark, glb_replay_test_error)

/* One file that is being read. */
typedef struct
{
  GHashTable *lines;
  GError **error;
} Reader;

static gboolean fail (Reader *self, const char *pointer, const char *format, ...) G_GNUC_PRINTF (3, 4);

/* Always FALSE. pointer: JSON pointer of what is wrong. */
static gboolean
fail (Reader     *self,
      const char *pointer,
      const char *format,
      ...)
{
  g_autofree char *place = glb_strict_json_printable (pointer, -1, 120);
  g_autofree char *what = NULL;
  va_list args;

  va_start (args, format);
  what = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (self->error, GLB_REPLAY_TEST_ERROR, GLB_REPLAY_TEST_ERROR_MALFORMED, "%u: %s: %s",
               glb_strict_json_get_line (self->lines, pointer), *place != '\0' ? place : "the test", what);
  return FALSE;
}

/* ---- values --------------------------------------------------------------------------- */

/* A member of an object and how it is read into target. */
typedef struct
{
  const char *name;
  gboolean (*read) (Reader *self, const char *pointer, JsonNode *node, gpointer target);
  gpointer target;
} Member;

static const Member *
find_member (const Member *members,
             const char   *name)
{
  for (; members->name != NULL; members++)
    if (g_str_equal (members->name, name))
      return members;
  return NULL;
}

static char *
list_members (const Member *members)
{
  g_autoptr(GString) list = g_string_new (NULL);

  for (guint i = 0; members[i].name != NULL; i++)
    g_string_append_printf (list, "%s%s", i == 0 ? "" : ", ", members[i].name);
  return g_string_free (g_steal_pointer (&list), FALSE);
}

/* Each member once, and no other; members: ended by a NULL name. */
static gboolean
read_object (Reader       *self,
             const char   *pointer,
             JsonNode     *node,
             const Member *members)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  if (!JSON_NODE_HOLDS_OBJECT (node))
    return fail (self, pointer, "must be an object");

  json_object_iter_init (&iter, json_node_get_object (node));
  while (json_object_iter_next (&iter, &name, &value))
    {
      g_autofree char *below = g_strdup_printf ("%s/%s", pointer, name);
      const Member *member = find_member (members, name);
      g_autofree char *known = NULL;

      if (member == NULL)
        {
          known = list_members (members);
          return fail (self, below, "no such member; there are %s", known);
        }
      if (!member->read (self, below, value, member->target))
        return FALSE;
    }
  return TRUE;
}

static gboolean
is_string (JsonNode *node)
{
  return JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING;
}

static gboolean
read_text (Reader     *self,
           const char *pointer,
           JsonNode   *node,
           gpointer    target)
{
  char **text = target;

  if (!is_string (node))
    return fail (self, pointer, "must be a string");
  if (g_utf8_strlen (json_node_get_string (node), -1) > NOTE_MAX)
    return fail (self, pointer, "longer than %d characters", NOTE_MAX);

  *text = json_node_dup_string (node);
  return TRUE;
}

static gboolean
read_glob (Reader     *self,
           const char *pointer,
           JsonNode   *node,
           gpointer    target)
{
  char **glob = target;

  if (!is_string (node))
    return fail (self, pointer, "must be a string, in which * is any text and ? any character");
  if (g_utf8_strlen (json_node_get_string (node), -1) > GLB_GLOB_CHARACTERS_MAX)
    return fail (self, pointer, "longer than %u characters", GLB_GLOB_CHARACTERS_MAX);

  *glob = json_node_dup_string (node);
  return TRUE;
}

static gboolean
read_boolean (Reader     *self,
              const char *pointer,
              JsonNode   *node,
              gpointer    target)
{
  gboolean *value = target;

  if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_BOOLEAN)
    return fail (self, pointer, "must be true or false");

  *value = json_node_get_boolean (node);
  return TRUE;
}

static gboolean
read_number (Reader     *self,
             const char *pointer,
             JsonNode   *node,
             gint64      min,
             gint64      max,
             gint64     *value)
{
  if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_INT64)
    return fail (self, pointer, "must be a whole number");

  *value = json_node_get_int (node);
  if (*value < min || *value > max)
    return fail (self, pointer, "must be %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT, min, max);
  return TRUE;
}

static gboolean
read_side (Reader     *self,
           const char *pointer,
           JsonNode   *node,
           gpointer    target)
{
  gint64 value = 0;

  if (!read_number (self, pointer, node, 1, GLB_ACTION_COORDINATE_MAX, &value))
    return FALSE;
  *(guint *) target = (guint) value;
  return TRUE;
}

/* n whole numbers. */
static gboolean
read_numbers (Reader     *self,
              const char *pointer,
              JsonNode   *node,
              guint       n,
              int        *values)
{
  JsonArray *array = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  gint64 value = 0;

  if (array == NULL || json_array_get_length (array) != n)
    return fail (self, pointer, "must be a list of %u whole numbers", n);
  for (guint i = 0; i < n; i++)
    {
      if (!read_number (self, pointer, json_array_get_element (array, i), -GLB_ACTION_COORDINATE_MAX, GLB_ACTION_COORDINATE_MAX, &value))
        return FALSE;
      values[i] = (int) value;
    }
  return TRUE;
}

/* ---- how screens are compared ----------------------------------------------------------- */

static gboolean
read_mode (Reader     *self,
           const char *pointer,
           JsonNode   *node,
           gpointer    target)
{
  GlbReplayCompareWish *wish = target;

  if (!is_string (node) || !glb_replay_compare_mode_from_string (json_node_get_string (node), &wish->mode))
    return fail (self, pointer, "must be exact or perceptual");
  wish->has_mode = TRUE;
  return TRUE;
}

static gboolean
read_colour_distance (Reader     *self,
                      const char *pointer,
                      JsonNode   *node,
                      gpointer    target)
{
  GlbReplayCompareWish *wish = target;
  GType type = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_value_type (node) : G_TYPE_INVALID;

  if (type != G_TYPE_INT64 && type != G_TYPE_DOUBLE)
    return fail (self, pointer, "must be a number from 0 to 1");
  wish->colour = type == G_TYPE_INT64 ? (double) json_node_get_int (node) : json_node_get_double (node);
  if (!(wish->colour >= 0 && wish->colour <= 1))
    return fail (self, pointer, "must be a number from 0 to 1");
  wish->has_colour = TRUE;
  return TRUE;
}

static gboolean
read_threshold (Reader     *self,
                const char *pointer,
                JsonNode   *node,
                gpointer    target)
{
  GlbReplayCompareWish *wish = target;
  gint64 value = 0;

  if (!read_number (self, pointer, node, 0, G_MAXINT32, &value))
    return FALSE;
  wish->threshold = (guint) value;
  wish->has_threshold = TRUE;
  return TRUE;
}

static gboolean
read_masks (Reader     *self,
            const char *pointer,
            JsonNode   *node,
            gpointer    target)
{
  GlbReplayCompareWish *wish = target;
  JsonArray *array = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;

  if (array == NULL || json_array_get_length (array) > GLB_REPLAY_MASKS_MAX)
    return fail (self, pointer, "must be a list of at most %u masks, each [x, y, width, height]", GLB_REPLAY_MASKS_MAX);

  wish->masks = g_array_new (FALSE, FALSE, sizeof (GlbReplayRect));
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      g_autofree char *below = g_strdup_printf ("%s/%u", pointer, i);
      int numbers[4];
      GlbReplayRect mask;

      if (!read_numbers (self, below, json_array_get_element (array, i), 4, numbers))
        return FALSE;
      if (numbers[2] <= 0 || numbers[3] <= 0)
        return fail (self, below, "width and height must be 1 or more");
      mask = (GlbReplayRect) { numbers[0], numbers[1], numbers[2], numbers[3] };
      g_array_append_val (wish->masks, mask);
    }
  return TRUE;
}

static gboolean
read_compare (Reader     *self,
              const char *pointer,
              JsonNode   *node,
              gpointer    target)
{
  const Member members[] = {
    { "mode", read_mode, target }, { "colour", read_colour_distance, target }, { "threshold", read_threshold, target },
    { "masks", read_masks, target }, { NULL }
  };

  return read_object (self, pointer, node, members);
}

/* A file below the test's folder: no other can be read or, with --update, written. */
static gboolean
is_picture_path (const char *path)
{
  g_auto(GStrv) parts = g_strsplit (path, "/", -1);

  if (strlen (path) > PATH_BYTES_MAX || !g_str_has_suffix (path, ".png"))
    return FALSE;
  for (guint i = 0; parts[i] != NULL; i++)
    if (*parts[i] == '\0' || g_str_equal (parts[i], ".") || g_str_equal (parts[i], ".."))
      return FALSE;
  for (const char *p = path; *p != '\0'; p++)
    if (g_ascii_iscntrl (*p))
      return FALSE;
  return TRUE;
}

static gboolean
read_screen (Reader     *self,
             const char *pointer,
             JsonNode   *node,
             gpointer    target)
{
  char **screen = target;

  if (!is_string (node) || !is_picture_path (json_node_get_string (node)))
    return fail (self, pointer, "must be the path of a .png file below the test's folder");
  *screen = json_node_dup_string (node);
  return TRUE;
}

static gboolean
read_expect (Reader     *self,
             const char *pointer,
             JsonNode   *node,
             gpointer    target)
{
  GlbReplayStep *step = target;
  const Member members[] = {
    { "screen", read_screen, &step->screen }, { "mode", read_mode, &step->compare }, { "colour", read_colour_distance, &step->compare },
    { "threshold", read_threshold, &step->compare }, { "masks", read_masks, &step->compare }, { NULL }
  };

  if (!read_object (self, pointer, node, members))
    return FALSE;
  return step->screen != NULL || fail (self, pointer, "has no screen");
}

/* ---- what is there ----------------------------------------------------------------------- */

static gboolean
read_window (Reader     *self,
             const char *pointer,
             JsonNode   *node,
             gpointer    target)
{
  GlbReplayWindow **window = target;
  const Member members[] = { { "appId", read_glob, NULL }, { "title", read_glob, NULL }, { NULL } };
  Member bound[3];

  *window = glb_replay_window_new (NULL, NULL);
  memcpy (bound, members, sizeof bound);
  bound[0].target = &(*window)->app_id;
  bound[1].target = &(*window)->title;
  if (!read_object (self, pointer, node, bound))
    return FALSE;
  return (*window)->app_id != NULL || (*window)->title != NULL || fail (self, pointer, "needs appId or title");
}

static gboolean
check_glob (Reader     *self,
            const char *pointer,
            JsonNode   *node,
            gpointer    target)
{
  g_autofree char *glob = NULL;

  if (target != NULL)
    *(gboolean *) target = TRUE;
  return read_glob (self, pointer, node, &glob);
}

static gboolean
check_states (Reader     *self,
              const char *pointer,
              JsonNode   *node,
              gpointer    target)
{
  JsonArray *array = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;

  if (array == NULL || json_array_get_length (array) > STATES_MAX)
    return fail (self, pointer, "must be a list of at most %d names of states", STATES_MAX);
  for (guint i = 0; i < json_array_get_length (array); i++)
    if (!is_string (json_array_get_element (array, i)))
      return fail (self, pointer, "must be a list of at most %d names of states", STATES_MAX);
  return TRUE;
}

static gboolean
check_index (Reader     *self,
             const char *pointer,
             JsonNode   *node,
             gpointer    target)
{
  gint64 value = 0;

  return read_number (self, pointer, node, 0, G_MAXINT16, &value);
}

/* An element of the accessibility tree: as the actions' "target". */
static gboolean
read_element (Reader     *self,
              const char *pointer,
              JsonNode   *node,
              gpointer    target)
{
  JsonObject **element = target;
  gboolean named = FALSE;
  const Member members[] = {
    { "role", check_glob, &named }, { "name", check_glob, &named }, { "text", check_glob, &named }, { "appId", check_glob, NULL },
    { "title", check_glob, NULL }, { "states", check_states, NULL }, { "index", check_index, NULL }, { NULL }
  };

  if (!read_object (self, pointer, node, members))
    return FALSE;
  if (!named)
    return fail (self, pointer, "needs a role, a name or a text");
  *element = json_node_dup_object (node);
  return TRUE;
}

static gboolean
check_rgb (Reader     *self,
           const char *pointer,
           JsonNode   *node,
           gpointer    target)
{
  const char *rgb = is_string (node) ? json_node_get_string (node) : "";

  if (strlen (rgb) != 7 || rgb[0] != '#' || strspn (rgb + 1, "0123456789abcdefABCDEF") != 6)
    return fail (self, pointer, "must be a colour, as \"#1a2b3c\"");
  *(gboolean *) target = TRUE;
  return TRUE;
}

static gboolean
check_point (Reader     *self,
             const char *pointer,
             JsonNode   *node,
             gpointer    target)
{
  int numbers[2];

  *(gboolean *) target = TRUE;
  return read_numbers (self, pointer, node, 2, numbers);
}

static gboolean
check_region (Reader     *self,
              const char *pointer,
              JsonNode   *node,
              gpointer    target)
{
  int numbers[4];

  *(gboolean *) target = TRUE;
  return read_numbers (self, pointer, node, 4, numbers);
}

static gboolean
check_tolerance (Reader     *self,
                 const char *pointer,
                 JsonNode   *node,
                 gpointer    target)
{
  gint64 value = 0;

  return read_number (self, pointer, node, 0, 255, &value);
}

static gboolean
read_colour (Reader     *self,
             const char *pointer,
             JsonNode   *node,
             gpointer    target)
{
  JsonObject **colour = target;
  gboolean has_point = FALSE, has_region = FALSE, has_rgb = FALSE;
  const Member members[] = {
    { "coordinate", check_point, &has_point }, { "region", check_region, &has_region }, { "rgb", check_rgb, &has_rgb },
    { "tolerance", check_tolerance, NULL }, { NULL }
  };

  if (!read_object (self, pointer, node, members))
    return FALSE;
  if (!has_rgb || has_point == has_region)
    return fail (self, pointer, "needs rgb, and either coordinate or region");
  *colour = json_node_dup_object (node);
  return TRUE;
}

static gboolean
read_quiet (Reader     *self,
            const char *pointer,
            JsonNode   *node,
            gpointer    target)
{
  gint64 value = 0;

  if (!read_number (self, pointer, node, 1, GLB_REPLAY_QUIET_MS_MAX, &value))
    return FALSE;
  *(guint *) target = (guint) value;
  return TRUE;
}

static gboolean
read_timeout (Reader     *self,
              const char *pointer,
              JsonNode   *node,
              gpointer    target)
{
  gint64 value = 0;

  if (!read_number (self, pointer, node, 0, GLB_REPLAY_TIMEOUT_MS_MAX, &value))
    return FALSE;
  *(guint *) target = (guint) value;
  return TRUE;
}

static gboolean
read_when (Reader     *self,
           const char *pointer,
           JsonNode   *node,
           gpointer    target)
{
  GlbReplayStep *step = target;
  GlbReplayWhen *when = g_new0 (GlbReplayWhen, 1);
  const Member members[] = {
    { "window", read_window, &when->window }, { "element", read_element, &when->element }, { "text", read_glob, &when->text },
    { "colour", read_colour, &when->colour }, { "quietMs", read_quiet, &when->quiet_ms }, { "gone", read_boolean, &when->gone },
    { "timeoutMs", read_timeout, &when->timeout_ms }, { NULL }
  };

  step->when = when;
  when->timeout_ms = GLB_REPLAY_TIMEOUT_MS_DEFAULT;
  if (!read_object (self, pointer, node, members))
    return FALSE;
  if (when->window == NULL && when->element == NULL && when->text == NULL && when->colour == NULL && (when->quiet_ms == 0 || when->gone))
    return fail (self, pointer, "needs window, element, text, colour or quietMs");
  return TRUE;
}

static gboolean
read_offset (Reader     *self,
             const char *pointer,
             JsonNode   *node,
             gpointer    target)
{
  GlbReplayAnchor *anchor = target;
  int numbers[2];

  if (!read_numbers (self, pointer, node, 2, numbers))
    return FALSE;
  anchor->has_offset = TRUE;
  anchor->x = numbers[0];
  anchor->y = numbers[1];
  return TRUE;
}

static gboolean
read_anchor (Reader     *self,
             const char *pointer,
             JsonNode   *node,
             gpointer    target)
{
  GlbReplayAnchor *anchor = g_new0 (GlbReplayAnchor, 1);
  const Member members[] = {
    { "element", read_element, &anchor->element }, { "window", read_window, &anchor->window }, { "offset", read_offset, anchor }, { NULL }
  };

  *(GlbReplayAnchor **) target = anchor;
  if (!read_object (self, pointer, node, members))
    return FALSE;
  return (anchor->element != NULL) != (anchor->window != NULL) || fail (self, pointer, "needs either element or window");
}

/* ---- steps ------------------------------------------------------------------------------- */

static gboolean
read_action (Reader     *self,
             const char *pointer,
             JsonNode   *node,
             gpointer    target)
{
  JsonObject **action = target;

  if (!JSON_NODE_HOLDS_OBJECT (node))
    return fail (self, pointer, "must be an action, as {\"action\": \"left_click\"}");
  *action = json_node_dup_object (node);
  return TRUE;
}

static void
set_point (JsonObject *object,
           const char *name)
{
  JsonArray *point = json_array_sized_new (2);

  json_array_add_int_element (point, 0);
  json_array_add_int_element (point, 0);
  json_object_set_array_member (object, name, point);
}

/* The action as it will be sent, with a place for what its anchors will say. */
static gboolean
check_action (Reader        *self,
              const char    *pointer,
              GlbReplayStep *step)
{
  JsonObject *copy = glb_replay_json_copy (step->action);
  g_autoptr(JsonNode) node = json_node_init_object (json_node_alloc (), copy);
  g_autoptr(GlbAction) action = NULL;
  g_autoptr(GError) error = NULL;

  json_object_unref (copy);
  if (step->at != NULL && json_object_has_member (copy, "coordinate"))
    return fail (self, pointer, "has coordinate, and the step has \"at\"; leave one out");
  if (step->from != NULL && json_object_has_member (copy, "start_coordinate"))
    return fail (self, pointer, "has start_coordinate, and the step has \"from\"; leave one out");
  if (step->at != NULL)
    set_point (copy, "coordinate");
  if (step->from != NULL)
    set_point (copy, "start_coordinate");

  action = glb_action_new_from_node (NULL, node, &error);
  /* the keyboard may be another one than ours */
  if (action == NULL && !g_error_matches (error, GLB_ACTION_ERROR, GLB_ACTION_ERROR_UNKNOWN_KEY))
    return fail (self, pointer, "%s", error->message);
  return TRUE;
}

static gboolean
check_step (Reader        *self,
            const char    *pointer,
            GlbReplayStep *step)
{
  g_autofree char *below = g_strconcat (pointer, "/do", NULL);

  if (step->action != NULL)
    return check_action (self, below, step);
  if (step->at != NULL || step->from != NULL)
    return fail (self, pointer, "has a place, and no \"do\"");
  return step->when != NULL || step->screen != NULL || fail (self, pointer, "needs \"do\", \"when\" or \"expect\"");
}

static gboolean
read_step (Reader     *self,
           const char *pointer,
           JsonNode   *node,
           GPtrArray  *steps)
{
  GlbReplayStep *step = glb_replay_step_new ();
  const Member members[] = {
    { "note", read_text, &step->note }, { "when", read_when, step }, { "do", read_action, &step->action }, { "at", read_anchor, &step->at },
    { "from", read_anchor, &step->from }, { "expect", read_expect, step }, { NULL }
  };

  g_ptr_array_add (steps, step);
  step->line = glb_strict_json_get_line (self->lines, pointer);
  return read_object (self, pointer, node, members) && check_step (self, pointer, step);
}

static gboolean
read_steps (Reader     *self,
            const char *pointer,
            JsonNode   *node,
            gpointer    target)
{
  GlbReplayTest *test = target;
  JsonArray *array = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;

  if (array == NULL || json_array_get_length (array) == 0 || json_array_get_length (array) > GLB_REPLAY_STEPS_MAX)
    return fail (self, pointer, "must be a list of 1 to %u steps", GLB_REPLAY_STEPS_MAX);
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      g_autofree char *below = g_strdup_printf ("%s/%u", pointer, i);

      if (!read_step (self, below, json_array_get_element (array, i), test->steps))
        return FALSE;
    }
  return TRUE;
}

/* ---- the session ------------------------------------------------------------------------- */

static gboolean
read_version (Reader     *self,
              const char *pointer,
              JsonNode   *node,
              gpointer    target)
{
  gint64 version = 0;

  *(gboolean *) target = TRUE;
  if (!read_number (self, pointer, node, 0, G_MAXINT32, &version))
    return FALSE;
  return version == 1 || fail (self, pointer, "version %" G_GINT64_FORMAT " is not known; this Glovebox reads 1", version);
}

static gboolean
read_command (Reader     *self,
              const char *pointer,
              JsonNode   *node,
              gpointer    target)
{
  GStrv *command = target;
  JsonArray *array = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  g_autoptr(GStrvBuilder) builder = g_strv_builder_new ();
  gsize bytes = 0;

  if (array == NULL || json_array_get_length (array) == 0 || json_array_get_length (array) > WORDS_MAX)
    return fail (self, pointer, "must be a list of words, of which the first is the program");
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonNode *word = json_array_get_element (array, i);

      if (!is_string (word) || (i == 0 && *json_node_get_string (word) == '\0'))
        return fail (self, pointer, "must be a list of words, of which the first is the program");
      bytes += strlen (json_node_get_string (word)) + 1;
      g_strv_builder_add (builder, json_node_get_string (word));
    }
  if (bytes > WORDS_BYTES_MAX)
    return fail (self, pointer, "is longer than %d bytes", WORDS_BYTES_MAX);
  *command = g_strv_builder_end (builder);
  return TRUE;
}

/* The broker's parser says what is right in it. */
static gboolean
read_policy (Reader     *self,
             const char *pointer,
             JsonNode   *node,
             gpointer    target)
{
  GlbReplayTest *test = target;

  if (JSON_NODE_HOLDS_OBJECT (node))
    test->policy = json_node_dup_object (node);
  else if (is_string (node) && *json_node_get_string (node) != '\0')
    test->policy_file = json_node_dup_string (node);
  else
    return fail (self, pointer, "must be a policy, or the name of a file with one");
  return TRUE;
}

static gboolean
read_program (Reader     *self,
              const char *pointer,
              JsonNode   *node,
              gpointer    target)
{
  const char *program = is_string (node) ? json_node_get_string (node) : "";

  if (strlen (program) != GLB_REPLAY_PROGRAM_HEX || strspn (program, "0123456789abcdef") != GLB_REPLAY_PROGRAM_HEX)
    return fail (self, pointer, "must be the first %u hex digits of the program's SHA-256", GLB_REPLAY_PROGRAM_HEX);
  *(char **) target = g_strdup (program);
  return TRUE;
}

static gboolean
read_surroundings (Reader     *self,
                   const char *pointer,
                   JsonNode   *node,
                   gpointer    target)
{
  GlbReplayTest *test = target;
  const Member members[] = { { "deterministic", read_boolean, &test->deterministic }, { NULL } };

  return read_object (self, pointer, node, members);
}

static gboolean
read_test (Reader        *self,
           JsonNode      *node,
           GlbReplayTest *test)
{
  gboolean has_version = FALSE;
  const Member members[] = {
    { "gloveboxTest", read_version, &has_version }, { "name", read_text, &test->name }, { "command", read_command, &test->command },
    { "program", read_program, &test->program }, { "policy", read_policy, test }, { "width", read_side, &test->width },
    { "height", read_side, &test->height }, { "surroundings", read_surroundings, test }, { "compare", read_compare, &test->compare },
    { "steps", read_steps, test }, { NULL }
  };

  if (JSON_NODE_HOLDS_OBJECT (node) && !json_object_has_member (json_node_get_object (node), "gloveboxTest"))
    return fail (self, "", "has no \"gloveboxTest\": this is no test of Glovebox");
  if (!read_object (self, "", node, members))
    return FALSE;
  if (test->command == NULL)
    return fail (self, "", "has no \"command\": say which program it is about");
  if (test->steps->len == 0)
    return fail (self, "", "has no \"steps\"");
  return (test->width == 0) == (test->height == 0) || fail (self, "", "needs both width and height, or neither");
}

GlbReplayTest *
glb_replay_test_new (void)
{
  GlbReplayTest *self = g_new0 (GlbReplayTest, 1);

  self->folder = g_strdup (".");
  self->steps = g_ptr_array_new_with_free_func ((GDestroyNotify) glb_replay_step_free);
  return self;
}

GlbReplayTest *
glb_replay_test_new_from_text (const char  *untrusted_text,
                               gsize        length,
                               GError     **error)
{
  const GlbStrictJsonLimits limits = { GLB_REPLAY_TEST_BYTES_MAX, DEPTH_MAX };
  g_autoptr(GlbReplayTest) test = glb_replay_test_new ();
  g_autoptr(GHashTable) lines = NULL;
  g_autoptr(JsonNode) node = NULL;
  Reader reader = { NULL, error };

  node = glb_strict_json_parse (untrusted_text, length, GLB_STRICT_JSON_COMMENTS, &limits, &lines, error);
  if (node == NULL)
    return NULL;

  reader.lines = lines;
  return read_test (&reader, node, test) ? g_steal_pointer (&test) : NULL;
}

GlbReplayTest *
glb_replay_test_load (const char  *path,
                      GError     **error)
{
  g_autofree char *text = NULL;
  GlbReplayTest *test;
  gsize length;

  if (!g_file_get_contents (path, &text, &length, error))
    return NULL;

  test = glb_replay_test_new_from_text (text, length, error);
  if (test == NULL)
    {
      g_prefix_error (error, "%s:", path);
      return NULL;
    }
  g_free (test->folder);
  test->folder = g_path_get_dirname (path);
  if (test->name == NULL)
    {
      g_autofree char *base = g_path_get_basename (path);

      test->name = g_str_has_suffix (base, ".json") ? g_strndup (base, strlen (base) - strlen (".json")) : g_strdup (base);
    }
  return test;
}

void
glb_replay_test_free (GlbReplayTest *self)
{
  g_free (self->name);
  g_free (self->folder);
  g_strfreev (self->command);
  g_free (self->program);
  g_free (self->policy_file);
  g_clear_pointer (&self->policy, json_object_unref);
  glb_replay_compare_wish_clear (&self->compare);
  g_ptr_array_unref (self->steps);
  g_free (self);
}
