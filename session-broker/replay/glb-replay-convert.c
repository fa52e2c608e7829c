/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glb-replay"
#include "config.h"

#include "session-broker/replay/glb-replay-convert.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#include "input-filter/glb-action.h"
#include "input-filter/glb-glob.h"
#include "session-broker/client/glb-save.h"
#include "session-broker/record/glb-record-reader.h"
#include "session-broker/replay/glb-replay-json.h"
#include "session-broker/replay/glb-replay-program.h"
#include "session-broker/replay/glb-replay-surroundings.h"
#include "session-broker/replay/glb-replay-test.h"

/*
 * What a step expects is what its driver saw before the next one: the newest frame when that began. That is the screen at its most
 * quiet, and the runner waits until it is there. After the last action it is the screen that was told as settled; of an action that
 * ended the session there is none.
 *
 * A person's pointer is on its way before anything is pressed, and what is below it lights up: their screen before a press has the
 * pointer in its new place. So that is a step of its own, a mouse_move, and it has the expectation of the step before.
 */

/* An element up to this size that was hit in its middle is hit there again: it may be larger or smaller today. */
#define SMALL_WIDTH  240
#define SMALL_HEIGHT 80
/* From where the pointer was pressed, what may be its picture. A hand shakes: it was shown some pixels away. */
#define POINTER_BEFORE 16
#define POINTER_SIZE   48
#define START_MS 60000

typedef struct
{
  guint index;
  gint64 frame;
} Screen;

typedef struct
{
  const char *recording;
  GlbRecordReader *reader;
  GlbReplayTest *test;
  char *pictures;                /* folder */
  char *prefix;                  /* of the pictures' names in the test */
  GArray *screens;               /* of Screen: what has come so far */
  GArray *masks;                 /* of GlbReplayRect: masked windows since the last step */
  GlbReplayStep *open;           /* (nullable): how the screen looks after it is not known yet */
  gint64 open_number;            /* of its action */
  gint64 settled_frame;          /* after it, 0: it did not settle */
  gboolean ended;                /* the session, since then */
  int pointer[2];                /* where it was left; -1: not known */
  GlbRecordImage *picture;       /* (nullable): the newest that was written */
  char *picture_name;
  guint n_pictures, n_requests;
} Conversion;

static void
conversion_clear (Conversion *self)
{
  g_clear_object (&self->reader);
  g_clear_pointer (&self->test, glb_replay_test_free);
  g_clear_pointer (&self->screens, g_array_unref);
  g_clear_pointer (&self->masks, g_array_unref);
  g_clear_pointer (&self->picture, glb_record_image_free);
  g_free (self->picture_name);
  g_free (self->pictures);
  g_free (self->prefix);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Conversion, conversion_clear)

static gboolean fail (Conversion *self, GError **error, const char *format, ...) G_GNUC_PRINTF (3, 4);

/* Always FALSE. */
static gboolean
fail (Conversion  *self,
      GError     **error,
      const char  *format,
      ...)
{
  g_autofree char *why = NULL;
  va_list args;

  va_start (args, format);
  why = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "%s: %s", self->recording, why);
  return FALSE;
}

/* ---- the session ------------------------------------------------------------------------ */

static gboolean
take_command (Conversion  *self,
              JsonObject  *session,
              GError     **error)
{
  JsonArray *array = glb_replay_json_get_array (session, "command");
  g_autoptr(GStrvBuilder) builder = g_strv_builder_new ();
  g_auto(GStrv) words = NULL;
  char **command;

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      JsonNode *word = json_array_get_element (array, i);

      if (!JSON_NODE_HOLDS_VALUE (word) || json_node_get_value_type (word) != G_TYPE_STRING)
        return fail (self, error, "record 1: its command is none");
      g_strv_builder_add (builder, json_node_get_string (word));
    }
  words = g_strv_builder_end (builder);
  command = glb_replay_surroundings_unwrap (words);
  self->test->deterministic = command != words;
  self->test->command = g_strdupv (command);
  if (self->test->command[0] == NULL || *self->test->command[0] == '\0')
    return fail (self, error, "record 1: it does not say which command it is of");
  self->test->program = glb_replay_program_identify (self->test->command[0]);
  return TRUE;
}

static void
take_masks (Conversion *self,
            JsonObject *first)
{
  JsonArray *array = glb_replay_json_get_array (first, "masks");
  GArray *masks = g_array_new (FALSE, FALSE, sizeof (GlbReplayRect));

  for (guint i = 0; array != NULL && i < json_array_get_length (array) && masks->len < GLB_REPLAY_MASKS_MAX; i++)
    {
      g_autoptr(JsonObject) holder = json_object_new ();
      GlbReplayRect mask;
      int numbers[4];

      json_object_set_member (holder, "mask", json_node_copy (json_array_get_element (array, i)));
      if (!glb_replay_json_get_numbers (holder, "mask", 4, numbers) || numbers[2] <= 0 || numbers[3] <= 0)
        continue;
      mask = (GlbReplayRect) { numbers[0], numbers[1], numbers[2], numbers[3] };
      g_array_append_val (masks, mask);
    }
  if (masks->len > 0)
    self->test->compare.masks = g_steal_pointer (&masks);
  g_clear_pointer (&masks, g_array_unref);
}

static gboolean
take_session (Conversion  *self,
              GError     **error)
{
  g_autoptr(JsonObject) first = glb_record_reader_get_record (self->reader, 0);
  JsonObject *session = glb_replay_json_get_object (first, "session");
  JsonObject *policy = session != NULL ? glb_replay_json_get_object (session, "policy") : NULL;

  if (session == NULL || policy == NULL)
    return fail (self, error, "record 1: it does not say which session it is of");

  self->test->policy = json_object_ref (policy);
  glb_record_reader_get_size (self->reader, &self->test->width, &self->test->height);
  take_masks (self, first);
  return take_command (self, session, error);
}

/* ---- pictures ---------------------------------------------------------------------------- */

static gboolean
is_same (const GlbRecordImage *a,
         const GlbRecordImage *b)
{
  return a != NULL && a->width == b->width && a->height == b->height &&
         memcmp (a->pixels, b->pixels, (gsize) a->width * a->height * sizeof *a->pixels) == 0;
}

static gboolean
write_picture (Conversion      *self,
               GlbRecordImage  *image,
               GError         **error)
{
  g_autofree char *base = g_strdup_printf ("%03u.png", ++self->n_pictures);
  g_autofree char *path = g_build_filename (self->pictures, base, NULL);
  g_autoptr(GBytes) png = glb_record_image_encode (image, error);
  gsize size;
  const char *data;

  if (png == NULL)
    return FALSE;
  data = g_bytes_get_data (png, &size);
  if (!g_file_set_contents (path, data, (gssize) size, error))
    return FALSE;

  g_free (self->picture_name);
  self->picture_name = g_strdup_printf ("%s/%s", self->prefix, base);
  return TRUE;
}

/* The screen that frame was, or the newest before it; none: there is no expectation. */
static gboolean
take_screen (Conversion     *self,
             GlbReplayStep  *step,
             gint64          frame,
             GError        **error)
{
  guint i = self->screens->len;
  GlbRecordImage *image;

  while (i > 0 && g_array_index (self->screens, Screen, i - 1).frame > frame)
    i--;
  if (i == 0)
    return TRUE;

  image = glb_record_reader_get_screen (self->reader, g_array_index (self->screens, Screen, i - 1).index, error);
  if (image == NULL)
    {
      g_prefix_error (error, "%s: ", self->recording);
      return FALSE;
    }
  if (is_same (self->picture, image))
    g_clear_pointer (&image, glb_record_image_free);
  else if (!write_picture (self, image, error))
    {
      glb_record_image_free (image);
      return FALSE;
    }
  if (image != NULL)
    {
      g_clear_pointer (&self->picture, glb_record_image_free);
      self->picture = image;
    }
  step->screen = g_strdup (self->picture_name);
  return TRUE;
}

static gboolean
close_step (Conversion  *self,
            gint64       frame,
            GError     **error)
{
  GlbReplayStep *step = g_steal_pointer (&self->open);

  if (step == NULL)
    return TRUE;
  if (!take_screen (self, step, frame, error))
    return FALSE;
  if (step->screen != NULL && self->masks->len > 0)
    step->compare.masks = g_array_copy (self->masks);
  g_array_set_size (self->masks, 0);
  return TRUE;
}

/* ---- steps -------------------------------------------------------------------------------- */

/* A title is a pattern that matches itself. (nullable) (transfer full) */
static char *
make_glob (const char *text)
{
  g_autofree char *start = NULL;

  if (*text == '\0')
    return NULL;
  if (g_utf8_strlen (text, -1) <= GLB_GLOB_CHARACTERS_MAX)
    return g_strdup (text);
  start = g_utf8_substring (text, 0, GLB_GLOB_CHARACTERS_MAX - 1);
  return g_strconcat (start, "*", NULL);
}

/* window: (nullable). NULL: it says nothing of itself. */
static GlbReplayWindow *
make_window (JsonObject *window)
{
  g_autofree char *app_id = window != NULL ? make_glob (glb_replay_json_get_string (window, "appId")) : NULL;
  g_autofree char *title = window != NULL ? make_glob (glb_replay_json_get_string (window, "title")) : NULL;

  return app_id != NULL || title != NULL ? glb_replay_window_new (app_id, title) : NULL;
}

/* As "target" of actions. (nullable): it has no name */
static JsonObject *
make_target (JsonObject *element,
             gboolean    focused)
{
  g_autofree char *role = make_glob (glb_replay_json_get_string (element, "role"));
  g_autofree char *name = make_glob (glb_replay_json_get_string (element, "name"));
  JsonObject *target;
  JsonArray *states;

  if (role == NULL || name == NULL)
    return NULL;
  target = json_object_new ();
  json_object_set_string_member (target, "role", role);
  json_object_set_string_member (target, "name", name);
  if (!focused)
    return target;

  states = json_array_new ();
  json_array_add_string_element (states, "focused");
  json_object_set_array_member (target, "states", states);
  return target;
}

static GlbReplayAnchor *
anchor_in_window (JsonObject *window,
                  const int  *point)
{
  GlbReplayAnchor *anchor = g_new0 (GlbReplayAnchor, 1);

  anchor->window = make_window (window);
  anchor->has_offset = TRUE;
  anchor->x = point[0] - (int) CLAMP (glb_replay_json_get_int (window, "x", 0), -G_MAXINT16, G_MAXINT16);
  anchor->y = point[1] - (int) CLAMP (glb_replay_json_get_int (window, "y", 0), -G_MAXINT16, G_MAXINT16);
  if (anchor->window != NULL && ABS (anchor->x) <= GLB_ACTION_COORDINATE_MAX && ABS (anchor->y) <= GLB_ACTION_COORDINATE_MAX)
    return anchor;
  glb_replay_anchor_free (anchor);
  return NULL;
}

/* (nullable) */
static GlbReplayAnchor *
anchor_in_element (JsonObject *element,
                   const int  *point)
{
  JsonObject *target = element != NULL ? make_target (element, FALSE) : NULL;
  GlbReplayAnchor *anchor;
  int bounds[4];

  if (target == NULL)
    return NULL;
  if (!glb_replay_json_get_numbers (element, "bounds", 4, bounds) || point[0] < bounds[0] || point[1] < bounds[1] ||
      point[0] >= bounds[0] + bounds[2] || point[1] >= bounds[1] + bounds[3])
    {
      json_object_unref (target);
      return NULL;
    }
  anchor = g_new0 (GlbReplayAnchor, 1);
  anchor->element = target;
  anchor->x = point[0] - bounds[0];
  anchor->y = point[1] - bounds[1];
  anchor->has_offset = bounds[2] > SMALL_WIDTH || bounds[3] > SMALL_HEIGHT || anchor->x != bounds[2] / 2 || anchor->y != bounds[3] / 2;
  return anchor;
}

static void
set_anchors (GlbReplayStep *step,
             JsonObject    *window,
             JsonObject    *element)
{
  gboolean is_drag = json_object_has_member (step->action, "start_coordinate");
  const char *first = is_drag ? "start_coordinate" : "coordinate";
  GlbReplayAnchor **anchor = is_drag ? &step->from : &step->at;
  int point[2];

  if (!glb_replay_json_get_numbers (step->action, first, 2, point))
    return;
  *anchor = anchor_in_element (element, point);
  if (*anchor == NULL && window != NULL)
    *anchor = anchor_in_window (window, point);
  if (*anchor != NULL)
    json_object_remove_member (step->action, first);

  /* what is dragged within a window goes with it */
  if (is_drag && window != NULL && glb_replay_json_get_numbers (step->action, "coordinate", 2, point))
    step->at = anchor_in_window (window, point);
  if (is_drag && step->at != NULL)
    json_object_remove_member (step->action, "coordinate");
}

static void
set_when (GlbReplayStep *step,
          JsonObject    *window,
          JsonObject    *element)
{
  GlbReplayWindow *wanted = make_window (window);
  JsonObject *target = NULL;

  if (step->at != NULL && step->at->element != NULL)
    target = json_object_ref (step->at->element);
  else if (step->from != NULL && step->from->element != NULL)
    target = json_object_ref (step->from->element);
  else if (element != NULL && step->at == NULL)
    /* what keys go to has the focus; what a "target" named gets it at most */
    target = make_target (element, step->action == NULL || !json_object_has_member (step->action, "target"));
  if (wanted == NULL && target == NULL)
    return;

  step->when = g_new0 (GlbReplayWhen, 1);
  step->when->window = wanted;
  step->when->element = target;
  step->when->timeout_ms = GLB_REPLAY_TIMEOUT_MS_DEFAULT;
}

/* How long a program takes to start is the machine's matter more than its own. */
static void
give_time_to_start (GlbReplayTest *test)
{
  GlbReplayStep *first = g_ptr_array_index (test->steps, 0);

  if (first->when != NULL)
    first->when->timeout_ms = START_MS;
}

/* What was asked for with it is the runner's matter. */
static JsonObject *
strip_action (JsonObject *action)
{
  static const char * const names[] = { "settle", "screenshot", "frameId", "expect" };
  JsonObject *stripped = glb_replay_json_copy (action);

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    json_object_remove_member (stripped, names[i]);
  return stripped;
}

static GlbReplayStep *
add_step (Conversion *self)
{
  GlbReplayStep *step = glb_replay_step_new ();

  g_ptr_array_add (self->test->steps, step);
  self->open = step;
  self->open_number = 0;
  self->settled_frame = 0;
  self->ended = FALSE;
  return step;
}

/* How all looked before anything was done. */
static gboolean
add_first_look (Conversion  *self,
                JsonObject  *window,
                gint64       frame,
                GError     **error)
{
  GlbReplayStep *step = add_step (self);

  set_when (step, window, NULL);
  if (!close_step (self, frame, error))
    return FALSE;
  if (step->when == NULL && step->screen == NULL)
    g_ptr_array_set_size (self->test->steps, 0);
  return TRUE;
}

/* *is_step: is it something that is done again? */
static gboolean
check_action (Conversion  *self,
              guint        index,
              JsonObject  *record,
              JsonObject  *action,
              gboolean    *is_step,
              GError     **error)
{
  g_autoptr(JsonNode) node = json_node_init_object (json_node_alloc (), action);
  g_autoptr(GError) why = NULL;
  g_autoptr(GlbAction) parsed = NULL;

  if (glb_replay_json_get_boolean (record, "masked") && glb_replay_json_get_object (action, "text") != NULL)
    return fail (self, error, "record %u: what was typed into a masked window is not in it; record again without masking it", index + 1);
  parsed = glb_action_new_from_node (NULL, node, &why);
  /* the keyboard may be another one than ours */
  *is_step = parsed != NULL ? glb_action_is_input (parsed->kind)
                            : g_error_matches (why, GLB_ACTION_ERROR, GLB_ACTION_ERROR_UNKNOWN_KEY);
  if (parsed == NULL && !*is_step)
    return fail (self, error, "record %u: %s", index + 1, why->message);
  if (parsed != NULL && (parsed->kind == GLB_ACTION_CLIPBOARD_REQUEST || parsed->kind == GLB_ACTION_DEVICE_REQUEST))
    self->n_requests++;
  return TRUE;
}

/* The session may have ended by it, before it was over. */
static gboolean
was_done (JsonObject *result)
{
  return g_str_equal (glb_replay_json_get_string (result, "status"), "delivered") ||
         g_str_equal (glb_replay_json_get_string (result, "code"), "session_ended");
}

/* ---- a person's pointer ------------------------------------------------------------------------ */

/* FALSE: it is not one of the pointer's. */
static gboolean
get_press (JsonObject *action,
           int        *point)
{
  return glb_replay_json_get_numbers (action, "start_coordinate", 2, point) ||
         (!json_object_has_member (action, "start_coordinate") && glb_replay_json_get_numbers (action, "coordinate", 2, point));
}

/* Did a person's pointer go elsewhere before this was done there? */
static gboolean
is_after_way (Conversion *self,
              JsonObject *record,
              JsonObject *action,
              int        *point)
{
  return g_str_equal (glb_replay_json_get_string (record, "actor"), "human") &&
         !g_str_equal (glb_replay_json_get_string (action, "action"), "mouse_move") &&
         get_press (action, point) && (point[0] != self->pointer[0] || point[1] != self->pointer[1]);
}

static void
mask_pointer (Conversion *self,
              const int  *point)
{
  GlbReplayRect mask = { MAX (point[0] - POINTER_BEFORE, 0), MAX (point[1] - POINTER_BEFORE, 0), POINTER_SIZE, POINTER_SIZE };

  if (self->masks->len < GLB_REPLAY_MASKS_MAX)
    g_array_append_val (self->masks, mask);
}

/* The step before ends with the pointer where it is in no picture. */
static gboolean
add_way (Conversion  *self,
         const int   *point,
         JsonObject  *window,
         JsonObject  *element,
         gint64       frame,
         GError     **error)
{
  JsonArray *place = json_array_new ();
  GlbReplayStep *step = add_step (self);

  json_array_add_int_element (place, point[0]);
  json_array_add_int_element (place, point[1]);
  step->action = json_object_new ();
  json_object_set_string_member (step->action, "action", "mouse_move");
  json_object_set_array_member (step->action, "coordinate", place);
  set_anchors (step, window, element);
  set_when (step, window, element);
  mask_pointer (self, point);
  return close_step (self, frame, error);
}

static void
follow_pointer (Conversion *self,
                JsonObject *action,
                JsonObject *result)
{
  if (!glb_replay_json_get_numbers (action, "coordinate", 2, self->pointer))
    glb_replay_json_get_numbers (result, "pointer", 2, self->pointer);
}

static gboolean
take_action (Conversion  *self,
             guint        index,
             JsonObject  *record,
             GError     **error)
{
  JsonObject *action = glb_replay_json_get_object (record, "action"), *result = glb_replay_json_get_object (record, "result");
  JsonObject *window = glb_replay_json_get_object (record, "window"), *element = glb_replay_json_get_object (record, "element");
  gint64 frame = glb_replay_json_get_int (record, "frameBefore", 0);
  gboolean is_step = FALSE;
  GlbReplayStep *step;
  int point[2];

  if (action == NULL || result == NULL || !was_done (result))
    return TRUE;
  if (!check_action (self, index, record, action, &is_step, error))
    return FALSE;
  if (!is_step)
    return TRUE;
  if (is_after_way (self, record, action, point))
    {
      if (!add_way (self, point, window, element, frame, error))
        return FALSE;
    }
  else if (!close_step (self, frame, error) || (self->test->steps->len == 0 && !add_first_look (self, window, frame, error)))
    return FALSE;
  if (self->test->steps->len >= GLB_REPLAY_STEPS_MAX)
    return fail (self, error, "record %u: it has more than %u steps; record shorter ones", index + 1, GLB_REPLAY_STEPS_MAX);

  step = add_step (self);
  step->action = strip_action (action);
  self->open_number = glb_replay_json_get_int (record, "number", 0);
  set_anchors (step, window, element);
  set_when (step, window, element);
  follow_pointer (self, action, result);
  return TRUE;
}

/* ---- other records -------------------------------------------------------------------------- */

static void
take_windows (Conversion *self,
              JsonObject *record)
{
  JsonArray *array = glb_replay_json_get_array (record, "windows");

  for (guint i = 0; array != NULL && i < json_array_get_length (array) && self->masks->len < GLB_REPLAY_MASKS_MAX / 2; i++)
    {
      JsonNode *node = json_array_get_element (array, i);
      JsonObject *window = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
      GlbReplayRect mask;

      if (window == NULL || !glb_replay_json_get_boolean (window, "masked"))
        continue;
      mask.x = (int) CLAMP (glb_replay_json_get_int (window, "x", 0), -GLB_ACTION_COORDINATE_MAX, GLB_ACTION_COORDINATE_MAX);
      mask.y = (int) CLAMP (glb_replay_json_get_int (window, "y", 0), -GLB_ACTION_COORDINATE_MAX, GLB_ACTION_COORDINATE_MAX);
      mask.width = (int) CLAMP (glb_replay_json_get_int (window, "width", 1), 1, GLB_ACTION_COORDINATE_MAX);
      mask.height = (int) CLAMP (glb_replay_json_get_int (window, "height", 1), 1, GLB_ACTION_COORDINATE_MAX);
      g_array_append_val (self->masks, mask);
    }
}

static gboolean
take_record (Conversion  *self,
             guint        index,
             GError     **error)
{
  const char *type = glb_record_reader_get_record_type (self->reader, index);
  g_autoptr(JsonObject) record = NULL;

  if (g_str_equal (type, "output"))
    return TRUE;
  record = glb_record_reader_get_record (self->reader, index);
  if (g_str_equal (type, "screen"))
    {
      const Screen screen = { index, glb_replay_json_get_int (record, "frame", 0) };

      g_array_append_val (self->screens, screen);
    }
  else if (g_str_equal (type, "windows"))
    take_windows (self, record);
  else if (g_str_equal (type, "settled") && glb_replay_json_get_int (record, "action", -1) == self->open_number)
    self->settled_frame = glb_replay_json_get_int (record, "frame", 0);
  else if (g_str_equal (type, "session-end"))
    self->ended = TRUE;
  else if (g_str_equal (type, "action"))
    return take_action (self, index, record, error);
  return TRUE;
}

static gboolean
take_records (Conversion  *self,
              GError     **error)
{
  guint n = glb_record_reader_get_n_records (self->reader);

  for (guint i = 0; i < n; i++)
    if (!take_record (self, i, error))
      return FALSE;
  if (self->settled_frame > 0 || !self->ended)
    return close_step (self, self->settled_frame > 0 ? self->settled_frame : G_MAXINT64, error);
  return TRUE;
}

/* ---- all of it -------------------------------------------------------------------------------- */

static gboolean
check_flaw (Conversion  *self,
            gboolean     cut,
            GPtrArray   *notes,
            GError     **error)
{
  const char *flaw = glb_record_reader_get_flaw (self->reader);

  if (flaw == NULL)
    return TRUE;
  if (!g_str_has_prefix (flaw, "cut "))
    return fail (self, error, "%s; it is not what was recorded", flaw);
  if (!cut)
    return fail (self, error, "%s; make a test of what there is with `glovebox recording test`", flaw);
  g_ptr_array_add (notes, g_strdup_printf ("it was %s: the test ends there", flaw));
  return TRUE;
}

/* (transfer full) */
static char *
name_pictures_folder (const char *file)
{
  g_autofree char *start = g_strndup (file, strlen (file) - strlen (".json"));

  return g_strconcat (start, ".images", NULL);
}

static gboolean
make_pictures_folder (Conversion  *self,
                      const char  *file,
                      GError     **error)
{
  self->pictures = name_pictures_folder (file);
  self->prefix = g_path_get_basename (self->pictures);
  if (g_mkdir (self->pictures, 0777) == 0 ||
      (errno == EEXIST && g_rmdir (self->pictures) == 0 && g_mkdir (self->pictures, 0777) == 0))
    return TRUE;
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "%s: %s; name another file, or remove it", self->pictures,
               g_strerror (errno));
  return FALSE;
}

static gboolean
write_test (Conversion  *self,
            const char  *file,
            GError     **error)
{
  g_autofree char *text = NULL;
  g_autoptr(GlbReplayTest) again = NULL;
  g_autoptr(GError) why = NULL;

  if (!take_records (self, error))
    return FALSE;
  if (self->test->steps->len == 0)
    return fail (self, error, "there is no action in it; record a session in which something is done");
  give_time_to_start (self->test);
  text = glb_replay_test_write (self->test);
  again = glb_replay_test_new_from_text (text, strlen (text), &why);
  if (again == NULL)
    return fail (self, error, "is no test: line %s", why->message);
  return glb_save (file, text, strlen (text), error);
}

static void
remove_pictures (const char *folder)
{
  g_autoptr(GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      g_unlink (path);
    }
  g_rmdir (folder);
}

gboolean
glb_replay_is_recording (const char *path)
{
  g_autofree char *lines = g_build_filename (path, "recording.jsonl", NULL);

  return g_file_test (lines, G_FILE_TEST_EXISTS);
}

gboolean
glb_replay_convert (const char  *recording,
                    const char  *file,
                    gboolean     cut,
                    GPtrArray   *notes,
                    GError     **error)
{
  g_auto(Conversion) self = { .recording = recording, .pointer = { -1, -1 } };

  if (!g_str_has_suffix (file, ".json") || strlen (file) == strlen (".json"))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_FILENAME, "%s: must end in .json", file);
      return FALSE;
    }
  self.reader = glb_record_reader_open (recording, error);
  if (self.reader == NULL || !check_flaw (&self, cut, notes, error))
    return FALSE;

  self.test = glb_replay_test_new ();
  self.screens = g_array_new (FALSE, FALSE, sizeof (Screen));
  self.masks = g_array_new (FALSE, FALSE, sizeof (GlbReplayRect));
  if (!take_session (&self, error) || !make_pictures_folder (&self, file, error))
    return FALSE;
  if (!write_test (&self, file, error))
    {
      remove_pictures (self.pictures);
      return FALSE;
    }
  if (self.n_requests > 0)
    g_ptr_array_add (notes, g_strdup_printf ("%u requests to the person are left out: nobody would answer them", self.n_requests));
  return TRUE;
}

void
glb_replay_remove_test (const char *file)
{
  g_autofree char *pictures = name_pictures_folder (file);

  remove_pictures (pictures);
  g_unlink (file);
}
