/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glb-replay"
#include "config.h"

#include "session-broker/replay/glb-replay-runner.h"


#include "input-filter/glb-action.h"
#include "policies/glb-strict-json.h"
#include "session-broker/client/glb-broker-error.h"
#include "session-broker/replay/glb-replay-anchor.h"
#include "session-broker/replay/glb-replay-folder.h"
#include "session-broker/replay/glb-replay-json.h"
#include "session-broker/replay/glb-replay-program.h"

/*
 * Replay without a clock
 * ======================
 *
 * A step is done when its condition holds: the broker says so, by the compositor's and the accessibility tree's events. An action
 * is answered when the screen came to rest. What an application shows later than that is waited for by asking for a longer rest,
 * and again a longer one: a screen that is as expected is never waited for, and one that is not is looked at each time it comes to
 * rest. A cursor that blinks lets nothing rest for long: the limits are such that it is seen both ways, twice.
 */

typedef struct
{
  guint quiet_ms, max_ms;
} Rest;

static const Rest rests[] = {
  { 100, 400 }, { 250, 500 }, { 300, 350 }, { 400, 500 }, { 500, 550 }, { 600, 650 }, { 700, 1500 }, { 1000, 2000 },
};
/* Before anything is known of how it will look. */
static const Rest first_rest = { 100, 2000 }, long_rest = { 400, 4000 };

/* Two clicks closer together than that, in time and space, would be a double click. */
#define CLICK_GAP_US (450 * 1000)
#define CLICK_REACH  8

#define RATE_TRIES       300
#define RATE_S           0.1
#define MESSAGE_CHARACTERS 400

typedef struct
{
  const GlbReplayTest *test;
  const GlbReplayOptions *options;
  GlbReplaySession *session;
  GlbReplayResult *result;
  GBytes *screen;                /* (nullable): the newest that was seen */
  GBytes *before;                /* (nullable): the one before the step */
  gboolean may_end;              /* the session, with what is being done */
  gint64 clicked_us;             /* when it clicked last, 0: something else came after */
  int pointer[2];                /* where the pointer was then */
} Runner;

static void
runner_clear (Runner *self)
{
  g_clear_pointer (&self->screen, g_bytes_unref);
  g_clear_pointer (&self->before, g_bytes_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Runner, runner_clear)

/* Always FALSE, so that callers can return it: the test ends here. */
static gboolean diverge (Runner *self, const char *format, ...) G_GNUC_PRINTF (2, 3);

static gboolean
diverge (Runner     *self,
         const char *format,
         ...)
{
  g_autofree char *why = NULL;
  g_autofree char *ended = glb_replay_session_why_ended (self->session);
  va_list args;

  va_start (args, format);
  why = g_strdup_vprintf (format, args);
  va_end (args);
  if (ended != NULL)
    glb_replay_result_end (self->result, GLB_REPLAY_DIVERGED, "%s: the session ended: %s", why, ended);
  else
    glb_replay_result_end (self->result, GLB_REPLAY_DIVERGED, "%s", why);
  return FALSE;
}

static gboolean
fail (Runner       *self,
      const GError *error)
{
  g_autofree char *ended = glb_replay_session_why_ended (self->session);
  g_autofree char *message = glb_strict_json_printable (error->message, -1, MESSAGE_CHARACTERS);

  if (ended != NULL)
    glb_replay_result_end (self->result, GLB_REPLAY_DIVERGED, "the session ended: %s", ended);
  else
    glb_replay_result_end (self->result, GLB_REPLAY_FAILED, "%s", message);
  return FALSE;
}

/* ---- acting --------------------------------------------------------------------------- */

static void
set_screen (Runner *self,
            GBytes *taken_png)
{
  if (taken_png == NULL)
    return;

  g_clear_pointer (&self->screen, g_bytes_unref);
  self->screen = taken_png;
}

/* The result, whatever it says; the screen that came with it is the newest. */
static JsonObject *
act (Runner      *self,
     JsonObject  *action,
     GError     **error)
{
  GBytes *png = NULL;
  JsonObject *result = glb_replay_session_act (self->session, action, &png, error);

  set_screen (self, png);
  return result;
}

static gboolean
is_delivered (JsonObject *result)
{
  return result != NULL && g_str_equal (glb_replay_json_get_string (result, "status"), "delivered");
}

/* For what is a matter of a clock, and not of what the session shows: the policy's rate, and what tells two clicks from one. */
static gboolean
pass_time (Runner *self,
           double  seconds)
{
  g_autoptr(JsonObject) action = json_object_new ();
  g_autoptr(JsonObject) result = NULL;
  g_autoptr(GError) error = NULL;

  json_object_set_string_member (action, "action", "wait");
  json_object_set_double_member (action, "duration", seconds);
  result = act (self, action, &error);
  return result != NULL || fail (self, error);
}

/* TRUE: delivered. */
static gboolean
deliver (Runner     *self,
         JsonObject *action)
{
  for (guint i = 0; i < RATE_TRIES; i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(JsonObject) result = act (self, action, &error);
      g_autofree char *message = NULL;
      const char *code;

      if (self->may_end && !is_delivered (result) && glb_replay_session_exited_well (self->session))
        return TRUE;
      if (result == NULL)
        return fail (self, error);
      if (is_delivered (result))
        {
          glb_replay_json_get_numbers (result, "pointer", 2, self->pointer);
          return TRUE;
        }
      if (g_str_equal (glb_replay_json_get_string (result, "code"), "rate_limited"))
        {
          if (!pass_time (self, RATE_S))
            return FALSE;
          continue;
        }

      message = glb_strict_json_printable (glb_replay_json_get_string (result, "message"), -1, MESSAGE_CHARACTERS);
      code = glb_replay_json_get_string (result, "code");
      return diverge (self, "%s: %s", *code != '\0' ? code : "failed", message);
    }
  return diverge (self, "rate_limited: the policy's desktop.input.maxEventsPerSecond lets nothing through");
}

/* ---- waiting --------------------------------------------------------------------------- */

static JsonObject *
window_to_object (const GlbReplayWindow *window)
{
  JsonObject *object = json_object_new ();

  if (window->app_id != NULL)
    json_object_set_string_member (object, "appId", window->app_id);
  if (window->title != NULL)
    json_object_set_string_member (object, "title", window->title);
  return object;
}

static JsonObject *
when_to_action (const GlbReplayWhen *when)
{
  JsonObject *action = json_object_new ();

  json_object_set_string_member (action, "action", "wait_for");
  if (when->window != NULL)
    json_object_set_object_member (action, "window", window_to_object (when->window));
  if (when->element != NULL)
    json_object_set_object_member (action, "element", json_object_ref (when->element));
  if (when->text != NULL)
    json_object_set_string_member (action, "text", when->text);
  if (when->colour != NULL)
    json_object_set_object_member (action, "colour", json_object_ref (when->colour));
  if (when->quiet_ms > 0)
    json_object_set_int_member (action, "quietMs", when->quiet_ms);
  if (when->gone)
    json_object_set_boolean_member (action, "gone", TRUE);
  json_object_set_int_member (action, "timeoutMs", when->timeout_ms);
  json_object_set_boolean_member (action, "screenshot", TRUE);
  return action;
}

/* A window alone needs no question: the broker tells of each that comes and goes. */
static gboolean
is_window_alone (const GlbReplayWhen *when)
{
  return when->window != NULL && when->element == NULL && when->text == NULL && when->colour == NULL && when->quiet_ms == 0;
}

static gboolean
wait_window (Runner              *self,
             const GlbReplayWhen *when)
{
  g_autofree char *windows = NULL;
  const GlbReplayWindow *window = when->window;

  if (glb_replay_session_wait_window (self->session, window, when->gone, when->timeout_ms))
    return TRUE;

  windows = glb_replay_session_list_windows (self->session);
  return diverge (self, "%s window with the title \"%s\" of \"%s\" after %u ms; there are: %s", when->gone ? "still a" : "no",
                  window->title != NULL ? window->title : "*", window->app_id != NULL ? window->app_id : "*", when->timeout_ms, windows);
}

static gboolean
wait_until (Runner              *self,
            const GlbReplayWhen *when)
{
  g_autoptr(JsonObject) action = NULL;

  if (is_window_alone (when))
    return wait_window (self, when);

  action = when_to_action (when);
  return deliver (self, action);
}

/* ---- one step --------------------------------------------------------------------------- */

static void
set_point (JsonObject *object,
           const char *name,
           int         x,
           int         y)
{
  JsonArray *point = json_array_sized_new (2);

  json_array_add_int_element (point, x);
  json_array_add_int_element (point, y);
  json_object_set_array_member (object, name, point);
}

static gboolean
put_anchor (Runner                *self,
            JsonObject            *action,
            const GlbReplayAnchor *anchor,
            const char            *name)
{
  g_autofree char *why = NULL;
  int x, y;

  if (anchor == NULL)
    return TRUE;
  if (!glb_replay_anchor_find (anchor, self->session, &x, &y, &why))
    return diverge (self, "%s", why);
  set_point (action, name, x, y);
  return TRUE;
}

/* The broker's own "target" does more than a coordinate can: it brings the window on top. */
static gboolean
is_target (const GlbReplayAnchor *anchor)
{
  return anchor != NULL && anchor->element != NULL && !anchor->has_offset;
}

/* (transfer full) (nullable) */
static JsonObject *
make_action (Runner              *self,
             const GlbReplayStep *step)
{
  g_autoptr(JsonObject) action = glb_replay_json_copy (step->action);

  if (is_target (step->at))
    json_object_set_object_member (action, "target", json_object_ref (step->at->element));
  else if (!put_anchor (self, action, step->at, "coordinate"))
    return NULL;
  if (!put_anchor (self, action, step->from, "start_coordinate"))
    return NULL;
  if (!json_object_has_member (action, "settle"))
    json_object_set_boolean_member (action, "settle", TRUE);
  json_object_set_boolean_member (action, "screenshot", TRUE);
  return g_steal_pointer (&action);
}

static gboolean
is_click (JsonObject *action)
{
  return g_str_has_suffix (glb_replay_json_get_string (action, "action"), "_click");
}

/* Does it certainly click elsewhere than the pointer is? */
static gboolean
is_elsewhere (Runner     *self,
              JsonObject *action)
{
  int point[2];

  return glb_replay_json_get_numbers (action, "coordinate", 2, point) &&
         (ABS (point[0] - self->pointer[0]) > CLICK_REACH || ABS (point[1] - self->pointer[1]) > CLICK_REACH);
}

static gboolean
part_clicks (Runner     *self,
             JsonObject *action)
{
  gint64 left = self->clicked_us + CLICK_GAP_US - g_get_monotonic_time ();

  if (self->clicked_us == 0 || left <= 0 || !is_click (action) || is_elsewhere (self, action))
    return TRUE;
  return pass_time (self, (double) left / G_USEC_PER_SEC);
}

static gboolean
do_action (Runner     *self,
           JsonObject *action)
{
  if (!part_clicks (self, action) || !deliver (self, action))
    return FALSE;
  self->clicked_us = is_click (action) ? g_get_monotonic_time () : 0;
  return TRUE;
}

/* A look when the screen has been at rest for so long. */
static gboolean
look (Runner     *self,
      const Rest *rest)
{
  g_autoptr(JsonObject) action = json_object_new ();
  JsonObject *settle = json_object_new ();

  json_object_set_string_member (action, "action", "screenshot");
  json_object_set_object_member (action, "settle", settle);
  json_object_set_int_member (settle, "quietMs", rest->quiet_ms);
  json_object_set_int_member (settle, "maxMs", rest->max_ms);
  return deliver (self, action);
}

/* ---- expectations ------------------------------------------------------------------------- */

static GlbReplayPicture *
decode_screen (Runner *self)
{
  g_autoptr(GError) error = NULL;
  GlbReplayPicture *picture;

  if (self->screen == NULL)
    {
      diverge (self, "there is no picture of the screen");
      return NULL;
    }
  picture = glb_replay_picture_new_from_png (self->screen, &error);
  if (picture == NULL)
    fail (self, error);
  return picture;
}

static void
keep_comparison (Runner              *self,
                 GlbReplayPicture    *expected,
                 GlbReplayComparison *comparison)
{
  GlbReplayResult *result = self->result;

  result->expected = glb_replay_picture_ref (expected);
  result->difference = g_steal_pointer (&comparison->difference);
  result->has_bounds = comparison->same_size;
  result->bounds = comparison->bounds;
}

static gboolean
tell_difference (Runner                    *self,
                 const GlbReplayStep       *step,
                 const GlbReplayPicture    *expected,
                 const GlbReplayPicture    *actual,
                 const GlbReplayComparison *comparison)
{
  const GlbReplayRect *bounds = &comparison->bounds;

  if (!comparison->same_size)
    return diverge (self, "the screen is %ux%u, and %s is %ux%u: another size; run it on the size it was made for, or use --update",
                    actual->width, actual->height, step->screen, expected->width, expected->height);
  return diverge (self, "the screen is not as %s: %" G_GUINT64_FORMAT " pixels differ, at %d,%d in %dx%d", step->screen,
                  comparison->n_different, bounds->x, bounds->y, bounds->width, bounds->height);
}

/* TRUE: as expected. FALSE: *ended says whether that is the end. */
static gboolean
compare_once (Runner              *self,
              const GlbReplayStep *step,
              GlbReplayPicture    *expected,
              gboolean             last,
              gboolean            *ended)
{
  g_autoptr(GlbReplayPicture) actual = decode_screen (self);
  g_auto(GlbReplayComparison) comparison = { 0 };
  GlbReplayCompareWish wish = step->compare;
  g_autoptr(GArray) masks = NULL;
  GlbReplayCompareRules rules;

  *ended = actual == NULL;
  if (actual == NULL)
    return FALSE;
  if (self->options->compare.has_mode)
    {
      wish.has_mode = TRUE;
      wish.mode = self->options->compare.mode;
    }
  glb_replay_compare_wish_resolve (&wish, &self->test->compare, &rules, &masks);
  glb_replay_compare (expected, actual, &rules, &comparison);
  if (comparison.same)
    return TRUE;
  if (last && !self->options->update)
    {
      tell_difference (self, step, expected, actual, &comparison);
      keep_comparison (self, expected, &comparison);
    }
  else if (last)
    g_ptr_array_add (self->result->updates, g_strdup_printf ("%s: %" G_GUINT64_FORMAT " pixels are new, at %d,%d in %dx%d", step->screen,
                                                             comparison.n_different, comparison.bounds.x, comparison.bounds.y,
                                                             comparison.bounds.width, comparison.bounds.height));
  return FALSE;
}

static gboolean
write_expectation (Runner              *self,
                   const GlbReplayStep *step)
{
  g_autoptr(GError) error = NULL;

  return glb_replay_folder_write (self->test->folder, step->screen, self->screen, &error) || fail (self, error);
}

static GlbReplayPicture *
load_expected (Runner              *self,
               const GlbReplayStep *step,
               GError             **error)
{
  g_autoptr(GBytes) png = glb_replay_folder_read (self->test->folder, step->screen, GLB_REPLAY_PNG_BYTES_MAX, error);
  GlbReplayPicture *picture = png != NULL ? glb_replay_picture_new_from_png (png, error) : NULL;

  if (png != NULL && picture == NULL)
    g_prefix_error (error, "%s: ", step->screen);
  return picture;
}

/* TRUE: it is as expected, in time. */
static gboolean
comes_to (Runner              *self,
          const GlbReplayStep *step,
          GlbReplayPicture    *expected,
          gboolean            *ended)
{
  for (guint i = 0; i <= G_N_ELEMENTS (rests); i++)
    {
      if (i > 0 && !look (self, &rests[i - 1]))
        {
          *ended = TRUE;
          return FALSE;
        }
      if (compare_once (self, step, expected, i == G_N_ELEMENTS (rests), ended))
        return TRUE;
      if (*ended)
        return FALSE;
    }
  return FALSE;
}

static gboolean
check_expectation (Runner              *self,
                   const GlbReplayStep *step)
{
  g_autoptr(GlbReplayPicture) expected = NULL;
  g_autoptr(GError) error = NULL;
  gboolean ended = FALSE;

  if (step->screen == NULL)
    return TRUE;
  if (self->screen == NULL && !look (self, &first_rest))
    return FALSE;

  expected = load_expected (self, step, &error);
  if (expected == NULL && !self->options->update)
    return fail (self, error);
  if (expected == NULL)
    {
      /* nothing to compare with: what comes after the longest rest is what is meant */
      if (!look (self, &long_rest))
        return FALSE;
      g_ptr_array_add (self->result->updates, g_strdup_printf ("%s: new", step->screen));
      return write_expectation (self, step);
    }
  if (comes_to (self, step, expected, &ended))
    return TRUE;
  return !ended && self->options->update && write_expectation (self, step);
}

static gboolean
do_step (Runner              *self,
         const GlbReplayStep *step)
{
  g_autoptr(JsonObject) action = NULL;

  if (step->when != NULL && !wait_until (self, step->when))
    return FALSE;
  g_clear_pointer (&self->before, g_bytes_unref);
  self->before = self->screen != NULL ? g_bytes_ref (self->screen) : NULL;
  if (step->action != NULL)
    {
      action = make_action (self, step);
      if (action == NULL || !do_action (self, action))
        return FALSE;
    }
  else if (!look (self, &first_rest))
    return FALSE;
  return check_expectation (self, step);
}

/* ---- all of it ----------------------------------------------------------------------------- */

static gboolean
check_size (Runner *self)
{
  guint width, height;

  glb_replay_session_get_size (self->session, &width, &height);
  if (self->test->width == 0 || (width == self->test->width && height == self->test->height))
    return TRUE;

  glb_replay_result_end (self->result, GLB_REPLAY_FAILED,
                         "the session's screen is %ux%u, and the test is of %ux%u; set desktop.width and height of its policy",
                         width, height, self->test->width, self->test->height);
  return FALSE;
}

static void
do_steps (Runner *self)
{
  for (guint i = 0; i < self->test->steps->len && self->result->verdict == GLB_REPLAY_PASSED; i++)
    {
      const GlbReplayStep *step = g_ptr_array_index (self->test->steps, i);
      g_autofree char *text = glb_replay_step_describe (step);
      gint64 start = g_get_monotonic_time ();
      GlbReplayDone *done;

      self->may_end = i + 1 == self->test->steps->len && step->screen == NULL;
      glb_replay_result_add_step (self->result, text, step->line);
      do_step (self, step);
      done = g_ptr_array_index (self->result->done, i);
      done->duration_us = g_get_monotonic_time () - start;
    }
}

/* The screen as it is where the test ended, if it can still be seen. */
static void
keep_screens (Runner *self)
{
  GlbReplayResult *result = self->result;

  if (result->verdict == GLB_REPLAY_PASSED)
    return;
  if (result->expected == NULL)
    {
      g_autoptr(JsonObject) action = json_object_new ();
      g_autoptr(JsonObject) ignored = NULL;
      GBytes *png = NULL;

      json_object_set_string_member (action, "action", "screenshot");
      ignored = glb_replay_session_act (self->session, action, &png, NULL);
      set_screen (self, png);
    }
  result->before = self->before != NULL ? glb_replay_picture_new_from_png (self->before, NULL) : NULL;
  result->after = self->screen != NULL ? glb_replay_picture_new_from_png (self->screen, NULL) : NULL;
}

/* Why it may be that it went another way. */
static void
tell_version (Runner *self)
{
  GlbReplayResult *result = self->result;
  g_autofree char *program = NULL;
  g_autofree char *reason = NULL;

  if (result->verdict != GLB_REPLAY_DIVERGED || self->test->program == NULL)
    return;
  program = glb_replay_program_identify (self->test->command[0]);
  if (program == NULL || g_str_equal (program, self->test->program))
    return;
  reason = g_steal_pointer (&result->reason);
  result->reason = g_strdup_printf ("%s; %s is another version than the test was made with", reason, self->test->command[0]);
}

static void
fail_start (GlbReplayResult *result,
            GError          *error)
{
  gboolean refused = g_error_matches (error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_POLICY) ||
                     g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
  gboolean missing = g_error_matches (error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_NOT_FOUND);
  g_autofree char *message = NULL;

  g_dbus_error_strip_remote_error (error);
  message = glb_strict_json_printable (error->message, -1, MESSAGE_CHARACTERS);
  glb_replay_result_end (result, refused ? GLB_REPLAY_REFUSED : missing ? GLB_REPLAY_DIVERGED : GLB_REPLAY_FAILED,
                         "it does not start: %s", message);
}

GlbReplayResult *
glb_replay_run (const GlbReplayTest    *test,
                const char             *file,
                const GlbReplayOptions *options)
{
  g_autoptr(GlbReplayResult) result = glb_replay_result_new (test->name != NULL ? test->name : file, file);
  g_autoptr(GError) error = NULL;
  g_auto(Runner) runner = { .test = test, .options = options, .result = result };
  gint64 start = g_get_monotonic_time ();

  result->n_steps = test->steps->len;
  runner.session = glb_replay_session_start (test, &options->session, &error);
  result->start_us = g_get_monotonic_time () - start;
  if (runner.session == NULL)
    {
      fail_start (result, error);
      return g_steal_pointer (&result);
    }

  if (check_size (&runner))
    do_steps (&runner);
  keep_screens (&runner);
  tell_version (&runner);
  result->duration_us = g_get_monotonic_time () - start;
  result->output = glb_replay_session_end (runner.session);
  return g_steal_pointer (&result);
}
