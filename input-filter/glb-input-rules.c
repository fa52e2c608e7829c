/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * One event at a time, in the order in which the compositor would see them:
 * the state after the event is what the rules look at. Releases pass always:
 * to refuse one would leave something pressed.
 */

#include "input-filter/glb-input-rules.h"

#include <linux/input-event-codes.h>
#include <string.h>

#include "input-filter/glb-action-result.h"
#include "policies/glb-strict-json.h"

#define QUOTE_CHARACTERS_MAX 80

/* A key that is down this long repeats, and then at most so often. On the strict side of what compositors do. */
#define REPEAT_AFTER_MS 200u
#define REPEAT_MS       25u

/* A character without a key is typed by one key under a keymap of its own. */
#define NO_SUCH_CODE    (GLB_INPUT_CODES - 1)

typedef struct
{
  const GlbInputRules *rules;
  GlbInputState *state;
  GlbDriver driver;
  const GlbInputScene *scene;
  gint64 now_us;
  char **message;
} Check;

/* ---- the rules as a value ---------------------------------------------------- */

static void
window_rule_free (gpointer data)
{
  GlbWindowRule *rule = data;

  g_free (rule->app_id);
  g_free (rule->title);
  g_free (rule);
}

GlbInputRules *
glb_input_rules_new (void)
{
  GlbInputRules *self = g_new0 (GlbInputRules, 1);

  self->chords = g_array_new (FALSE, FALSE, sizeof (GlbChordPattern));
  self->chord_names = g_ptr_array_new_with_free_func (g_free);
  self->texts = g_array_new (FALSE, FALSE, sizeof (GlbTextPattern));
  self->text_names = g_ptr_array_new_with_free_func (g_free);
  self->regions = g_array_new (FALSE, FALSE, sizeof (GlbShimRect));
  self->windows = g_ptr_array_new_with_free_func (window_rule_free);
  return self;
}

void
glb_input_rules_free (GlbInputRules *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->chords);
  g_ptr_array_unref (self->chord_names);
  g_array_unref (self->texts);
  g_ptr_array_unref (self->text_names);
  g_array_unref (self->regions);
  g_ptr_array_unref (self->windows);
  g_free (self);
}

/* (transfer full) */
static char *
quote (const char *text)
{
  g_autofree char *printable = glb_strict_json_printable (text, -1, QUOTE_CHARACTERS_MAX);

  return g_strdup_printf ("\"%s\"", printable);
}

gboolean
glb_input_rules_add_chord (GlbInputRules  *self,
                           const char     *pattern,
                           GError        **error)
{
  GlbChordPattern chord;

  if (!glb_chord_pattern_parse (&chord, self->keys, pattern, error))
    return FALSE;
  g_array_append_val (self->chords, chord);
  g_ptr_array_add (self->chord_names, g_strdup (pattern));
  return TRUE;
}

gboolean
glb_input_rules_add_text (GlbInputRules  *self,
                          const char     *glob,
                          GError        **error)
{
  g_autofree char *quoted = quote (glob);
  GlbTextPattern pattern;

  if (self->texts->len == GLB_GLOBS_MAX)
    {
      g_set_error (error, GLB_ACTION_ERROR, GLB_ACTION_ERROR_OUT_OF_RANGE, "At most %u texts can be denied", GLB_GLOBS_MAX);
      return FALSE;
    }
  if (!glb_text_pattern_parse (&pattern, glob))
    {
      g_set_error (error, GLB_ACTION_ERROR, GLB_ACTION_ERROR_MALFORMED,
                   "%s: a text has 1 to %u characters of UTF-8", quoted, GLB_GLOB_CHARACTERS_MAX);
      return FALSE;
    }
  g_array_append_val (self->texts, pattern);
  g_ptr_array_add (self->text_names, g_strdup (glob));
  return TRUE;
}

void
glb_input_rules_add_region (GlbInputRules *self,
                            int            x,
                            int            y,
                            int            width,
                            int            height)
{
  GlbShimRect region = { x, y, width, height };

  g_array_append_val (self->regions, region);
}

void
glb_input_rules_add_window (GlbInputRules *self,
                            const char    *app_id,
                            const char    *title)
{
  GlbWindowRule *rule = g_new0 (GlbWindowRule, 1);

  rule->app_id = g_strdup (app_id);
  rule->title = g_strdup (title);
  g_ptr_array_add (self->windows, rule);
}

/* The layout comes from the host: a policy that is right may ask for one that is not here. */
static gboolean
take_keys (GlbInputRules    *self,
           const GlbPolicy  *policy,
           GError          **error)
{
  const char *key = "/desktop/input/keyboardLayout";
  g_autoptr(GError) local = NULL;

  /* The usual one is read when the first key is asked for, which is no time to wait for in a start. */
  if (g_str_equal (policy->desktop.keyboard_layout, glb_key_map_get_layout (NULL)))
    return TRUE;
  self->keys = glb_key_map_get (policy->desktop.keyboard_layout, &local);
  if (self->keys != NULL)
    return TRUE;

  g_set_error (error, GLB_POLICY_ERROR, GLB_POLICY_ERROR_UNSUPPORTED, "%s:%u: %s: %s", policy->source,
               glb_strict_json_get_line (policy->lines, key), key, local->message);
  return FALSE;
}

static gboolean
add_policy (GlbInputRules    *self,
            const GlbPolicy  *policy,
            GError          **error)
{
  const char *key = "/desktop/input/denyChords";
  const GPtrArray *windows = policy->desktop.input_rules.deny_windows;
  const GArray *regions = policy->desktop.input_rules.deny_regions;
  const GlbPolicyRect *confine_to = &policy->desktop.input_rules.confine_to;
  g_autoptr(GError) local = NULL;

  if (!take_keys (self, policy, error))
    return FALSE;
  for (char **chord = policy->desktop.input_rules.deny_chords; local == NULL && chord != NULL && *chord != NULL; chord++)
    glb_input_rules_add_chord (self, *chord, &local);
  if (local == NULL)
    key = "/desktop/input/denyText";
  for (char **text = policy->desktop.input_rules.deny_text; local == NULL && text != NULL && *text != NULL; text++)
    glb_input_rules_add_text (self, *text, &local);
  if (local != NULL)
    {
      g_set_error (error, GLB_POLICY_ERROR, GLB_POLICY_ERROR_INVALID, "%s:%u: %s: %s", policy->source,
                   glb_strict_json_get_line (policy->lines, key), key, local->message);
      return FALSE;
    }

  for (guint i = 0; regions != NULL && i < regions->len; i++)
    {
      const GlbPolicyRect *rect = &g_array_index (regions, GlbPolicyRect, i);

      glb_input_rules_add_region (self, rect->x, rect->y, rect->width, rect->height);
    }
  for (guint i = 0; windows != NULL && i < windows->len; i++)
    {
      const GlbWindowPattern *pattern = g_ptr_array_index (windows, i);

      glb_input_rules_add_window (self, pattern->app_id, pattern->title);
    }
  self->confine = policy->desktop.input_rules.confine;
  self->confine_to = (GlbShimRect) { confine_to->x, confine_to->y, confine_to->width, confine_to->height };
  self->max_events_per_second = policy->desktop.input_rules.max_events_per_second;
  return TRUE;
}

GlbInputRules *
glb_input_rules_new_from_policy (const GlbPolicy  *policy,
                                 GError          **error)
{
  g_autoptr(GlbInputRules) self = glb_input_rules_new ();

  g_return_val_if_fail (policy != NULL, NULL);

  return add_policy (self, policy, error) ? g_steal_pointer (&self) : NULL;
}

/* ---- refusals ---------------------------------------------------------------- */

static const char * G_GNUC_PRINTF (2, 3)
deny (Check      *check,
      const char *format,
      ...)
{
  va_list args;

  va_start (args, format);
  *check->message = g_strdup_vprintf (format, args);
  va_end (args);
  return GLB_REFUSED_POLICY_DENIED;
}

/* ---- rates ------------------------------------------------------------------- */

/* One bucket, as large as what may come in a second. */
static const char *
take_tokens (Check *check,
             guint  n_events)
{
  GlbInputState *state = check->state;
  gint64 max = check->rules->max_events_per_second;
  gint64 needed = n_events * G_USEC_PER_SEC;
  gint64 elapsed_us;

  if (max == 0)
    return NULL;

  /* a second fills it: no need to count more, and no overflow */
  elapsed_us = state->counted_us == 0 ? G_USEC_PER_SEC : CLAMP (check->now_us - state->counted_us, 0, G_USEC_PER_SEC);
  state->micro_tokens = MIN (max * G_USEC_PER_SEC, state->micro_tokens + elapsed_us * max);
  state->counted_us = check->now_us;
  if (state->micro_tokens >= needed)
    {
      state->micro_tokens -= needed;
      return NULL;
    }

  if (n_events > max)
    *check->message = g_strdup_printf ("%u seat events at once, and the policy allows %u a second "
                                       "(desktop.input.maxEventsPerSecond); do less in one action", n_events, (guint) max);
  else
    *check->message = g_strdup_printf ("more than the %u seat events a second that the policy allows "
                                       "(desktop.input.maxEventsPerSecond); wait %u ms", (guint) max,
                                       (guint) ((needed - state->micro_tokens + max * 1000 - 1) / (max * 1000)));
  return GLB_REFUSED_RATE_LIMITED;
}

/* A press and a release each, with Shift where it is needed. */
static guint
count_events (const GlbInputRules *rules, const GlbActionStep *step)
{
  guint n_events = step->events != NULL ? step->events->len : 0;

  for (const char *p = step->text; p != NULL && *p != '\0'; p = g_utf8_next_char (p))
    {
      guint32 code;
      gboolean shift;

      n_events += glb_key_map_find_character (rules->keys, g_utf8_get_char (p), &code, &shift) && shift ? 4 : 2;
    }
  return n_events;
}

/* ---- windows ----------------------------------------------------------------- */

/* The rule that the window or one that it belongs to falls under: a dialog is as forbidden as its window. */
static const GlbWindowRule *
find_window_rule (Check               *check,
                  const GlbShimWindow *window)
{
  for (guint depth = 0; window != NULL && depth <= check->scene->n_windows; depth++)
    {
      for (guint i = 0; i < check->rules->windows->len; i++)
        {
          const GlbWindowRule *rule = g_ptr_array_index (check->rules->windows, i);

          if (glb_window_matches (window, rule->app_id, rule->title))
            return rule;
        }
      window = glb_input_scene_find (check->scene, window->parent);
    }
  return NULL;
}

static const char *
deny_window (Check               *check,
             const GlbWindowRule *rule,
             const char          *which)
{
  g_autofree char *app_id = quote (rule->app_id != NULL ? rule->app_id : "*");
  g_autofree char *title = quote (rule->title != NULL ? rule->title : "*");

  return deny (check, "%s is one that the policy denies: appId %s, title %s (desktop.input.denyWindows)", which, app_id, title);
}

static const char *
check_focus (Check *check)
{
  const GlbWindowRule *rule = find_window_rule (check, glb_input_scene_find (check->scene, check->scene->focus));

  return rule != NULL ? deny_window (check, rule, "the focused window") : NULL;
}

/* ---- the pointer ------------------------------------------------------------- */

static gboolean
contains (const GlbShimRect *rect,
          int                x,
          int                y)
{
  return x >= rect->x && y >= rect->y && (gint64) x < (gint64) rect->x + rect->width
         && (gint64) y < (gint64) rect->y + rect->height;
}

/* Clips one coordinate's share of the way; FALSE: nothing of it is left. */
static gboolean
clip (double  from,
      double  step,
      double  low,
      double  high,
      double *start,
      double *end)
{
  double enter, leave;

  if (step == 0)
    return from >= low && from <= high;

  enter = ((step > 0 ? low : high) - from) / step;
  leave = ((step > 0 ? high : low) - from) / step;
  *start = MAX (*start, enter);
  *end = MIN (*end, leave);
  return *start <= *end;
}

static gboolean
crosses (const GlbShimRect *rect,
         int                from_x,
         int                from_y,
         int                to_x,
         int                to_y)
{
  double start = 0, end = 1;

  return clip (from_x, (double) to_x - from_x, rect->x, (double) rect->x + rect->width - 1, &start, &end)
         && clip (from_y, (double) to_y - from_y, rect->y, (double) rect->y + rect->height - 1, &start, &end);
}

/* from: equal to x, y but for a drag. */
static const char *
check_regions (Check *check,
               int    from_x,
               int    from_y,
               int    x,
               int    y)
{
  for (guint i = 0; i < check->rules->regions->len; i++)
    {
      const GlbShimRect *rect = &g_array_index (check->rules->regions, GlbShimRect, i);

      if (crosses (rect, from_x, from_y, x, y))
        return deny (check, "%s [%d, %d] is in the region [%d, %d, %d, %d] (desktop.input.denyRegions)",
                     contains (rect, x, y) ? "the pointer at" : "a part of the drag to", x, y,
                     rect->x, rect->y, rect->width, rect->height);
    }
  return NULL;
}

static const char *
check_confinement (Check *check,
                   int    x,
                   int    y)
{
  const GlbShimRect *rect = &check->rules->confine_to;

  if (!check->rules->confine || contains (rect, x, y))
    return NULL;
  return deny (check, "[%d, %d] is outside [%d, %d, %d, %d], where the pointer stays (desktop.input.confinePointer)",
               x, y, rect->x, rect->y, rect->width, rect->height);
}

static const char *
check_window_at (Check *check,
                 int    x,
                 int    y)
{
  const GlbWindowRule *rule = find_window_rule (check, glb_input_scene_find_at (check->scene, x, y));
  g_autofree char *which = g_strdup_printf ("the window at [%d, %d]", x, y);

  return rule != NULL ? deny_window (check, rule, which) : NULL;
}

static const char *
check_motion (Check *check,
              int    x,
              int    y)
{
  GlbInputState *state = check->state;
  gboolean drags = state->n_buttons > 0;
  const char *code = check_confinement (check, x, y);

  if (code == NULL && check->driver != GLB_DRIVER_HUMAN)
    code = check_regions (check, drags ? state->pointer_x : x, drags ? state->pointer_y : y, x, y);
  if (code == NULL && check->driver != GLB_DRIVER_HUMAN && drags)
    code = check_window_at (check, x, y);
  if (code == NULL)
    {
      state->pointer_x = x;
      state->pointer_y = y;
    }
  return code;
}

/* A press or a turn of the wheel, where the pointer is. */
static const char *
check_click (Check *check)
{
  int x = check->state->pointer_x, y = check->state->pointer_y;
  const char *code = check_confinement (check, x, y);

  if (check->driver == GLB_DRIVER_HUMAN)
    return code;
  if (code == NULL)
    code = check_regions (check, x, y, x, y);
  return code != NULL ? code : check_window_at (check, x, y);
}

/* ---- keys and text ----------------------------------------------------------- */

/* codes: all keys that are down, or would be. */
static const char *
check_chords (Check         *check,
              const guint32 *codes,
              gsize          n_codes)
{
  for (guint i = 0; i < check->rules->chords->len; i++)
    {
      if (glb_chord_pattern_matches (&g_array_index (check->rules->chords, GlbChordPattern, i), check->rules->keys, codes, n_codes))
        {
          g_autofree char *quoted = quote (g_ptr_array_index (check->rules->chord_names, i));

          return deny (check, "the policy denies the chord %s (desktop.input.denyChords)", quoted);
        }
    }
  return NULL;
}

static const char *
check_character (Check    *check,
                 gunichar  character)
{
  GlbInputState *state = check->state;
  const GlbTextPattern *patterns = (const GlbTextPattern *) check->rules->texts->data;
  int found;

  if (check->rules->texts->len == 0)
    return NULL;
  if (state->typed_window != check->scene->focus)
    {
      glb_typed_text_reset (&state->typed);
      state->typed_window = check->scene->focus;
    }
  if (character == '\b')
    {
      glb_typed_text_remove (&state->typed, patterns, check->rules->texts->len);
      return NULL;
    }

  found = glb_typed_text_append (&state->typed, patterns, check->rules->texts->len, character);
  if (found >= 0)
    {
      g_autofree char *quoted = quote (g_ptr_array_index (check->rules->text_names, found));

      return deny (check, "the policy denies typing %s (desktop.input.denyText)", quoted);
    }
  return NULL;
}

static const char *
check_key (Check   *check,
           guint32  code)
{
  guint32 codes[GLB_INPUT_HELD_MAX];
  gsize n_codes = glb_input_state_get_keys (check->state, codes);
  GlbModifiers modifiers = 0;
  const char *refusal = check_focus (check);
  gunichar character;

  if (refusal == NULL)
    refusal = check_chords (check, codes, n_codes);
  for (gsize i = 0; i < n_codes; i++)
    modifiers |= glb_key_map_get_modifiers (check->rules->keys, codes[i]);
  /* A shortcut types nothing. */
  if (refusal != NULL || (modifiers & ~(GLB_MODIFIER_SHIFT | GLB_MODIFIER_ALTGR)) != 0)
    return refusal;

  character = glb_key_map_get_character (check->rules->keys, code, modifiers);
  if (character == 0)
    return NULL;
  check->state->repeat_code = code;
  check->state->repeat_character = character;
  return check_character (check, character);
}

/* What the last key went on to type during a pause. */
static const char *
check_repeat (Check *check,
              guint  delay_ms)
{
  const char *code = NULL;
  guint n_repeats;

  if (delay_ms < REPEAT_AFTER_MS || check->state->repeat_code == 0 || check->state->repeat_character == '\b')
    return NULL;

  n_repeats = MIN (delay_ms / REPEAT_MS, GLB_TYPED_CHARACTERS_MAX);
  for (guint i = 0; i < n_repeats && code == NULL; i++)
    code = check_character (check, check->state->repeat_character);
  return code;
}

static const char *
check_text (Check      *check,
            const char *text)
{
  /* with room for the keys that the compositor will press for a character */
  guint32 codes[GLB_INPUT_HELD_MAX + 2];
  gsize n_held = glb_input_state_get_keys (check->state, codes);
  const char *refusal = check_focus (check);

  for (const char *p = text; *p != '\0' && refusal == NULL; p = g_utf8_next_char (p))
    {
      gunichar character = g_utf8_get_char (p);
      gsize n_codes = n_held;
      guint32 code = NO_SUCH_CODE;
      gboolean shift = FALSE;

      if (glb_key_map_find_character (check->rules->keys, character, &code, &shift) && shift)
        codes[n_codes++] = KEY_LEFTSHIFT;
      codes[n_codes++] = code;
      refusal = check_chords (check, codes, n_codes);
      if (refusal == NULL)
        refusal = check_character (check, character);
    }
  return refusal;
}

/* ---- events ------------------------------------------------------------------ */

static const char *
check_event (Check              *check,
             const GlbShimEvent *event)
{
  GlbInputState *state = check->state;
  gboolean person = check->driver == GLB_DRIVER_HUMAN;

  switch (event->kind)
    {
    case GLB_SHIM_EVENT_MOTION:
      return check_motion (check, event->x >> 8, event->y >> 8);
    case GLB_SHIM_EVENT_AXIS:
      return check_click (check);
    case GLB_SHIM_EVENT_BUTTON:
    case GLB_SHIM_EVENT_KEY:
      if (event->code >= GLB_INPUT_CODES)
        return deny (check, "there is no key or button %u", event->code);
      if (event->value == 0 && event->code == state->repeat_code)
        state->repeat_code = 0;
      if (!glb_input_state_press (state, event->code, event->value != 0) || event->value == 0)
        return NULL;
      if (event->kind == GLB_SHIM_EVENT_BUTTON)
        return check_click (check);
      return person ? NULL : check_key (check, event->code);
    default:
      return deny (check, "there is no such event");
    }
}

static const char *
check_step (Check               *check,
            const GlbActionStep *step)
{
  const char *code = check->driver != GLB_DRIVER_HUMAN ? take_tokens (check, count_events (check->rules, step)) : NULL;

  if (code == NULL && check->driver != GLB_DRIVER_HUMAN)
    code = check_repeat (check, step->delay_ms);
  for (guint i = 0; code == NULL && step->events != NULL && i < step->events->len; i++)
    code = check_event (check, &g_array_index (step->events, GlbShimEvent, i));
  if (code == NULL && step->text != NULL && check->driver != GLB_DRIVER_HUMAN)
    code = check_text (check, step->text);
  return code;
}

const char *
glb_input_rules_check_step (const GlbInputRules  *self,
                            GlbInputState        *state,
                            GlbDriver             driver,
                            const GlbInputScene  *scene,
                            const GlbActionStep  *step,
                            gint64                now_us,
                            char                **message)
{
  GlbInputState trial = *state;
  Check check = { self, &trial, driver, scene, now_us, message };
  const char *code;

  trial.pointer_x = scene->pointer_x;
  trial.pointer_y = scene->pointer_y;
  code = check_step (&check, step);
  if (code == NULL)
    *state = trial;
  return code;
}

const char *
glb_input_rules_check_window (const GlbInputRules  *self,
                              GlbInputState        *state,
                              GlbDriver             driver,
                              const GlbInputScene  *scene,
                              guint32               window,
                              gint64                now_us,
                              char                **message)
{
  Check check = { self, state, driver, scene, now_us, message };
  const GlbWindowRule *rule;

  if (driver == GLB_DRIVER_HUMAN)
    return NULL;

  rule = find_window_rule (&check, glb_input_scene_find (scene, window));
  return rule != NULL ? deny_window (&check, rule, "the window") : take_tokens (&check, 1);
}

const char *
glb_input_rules_check_plan (const GlbInputRules  *self,
                            const GlbInputState  *state,
                            GlbDriver             driver,
                            const GlbInputScene  *scene,
                            GPtrArray            *steps,
                            gint64                now_us,
                            char                **message)
{
  GlbInputState trial = *state;
  Check check = { self, &trial, driver, scene, now_us, message };
  const char *code = NULL;

  trial.pointer_x = scene->pointer_x;
  trial.pointer_y = scene->pointer_y;
  for (guint i = 0; i < steps->len && code == NULL; i++)
    {
      const GlbActionStep *step = g_ptr_array_index (steps, i);

      check.now_us += (gint64) step->delay_ms * 1000;
      code = check_step (&check, step);
    }
  return code;
}

void
glb_input_rules_clamp (const GlbInputRules *self,
                       GlbShimEvent        *events,
                       guint                n_events)
{
  const GlbShimRect *rect = &self->confine_to;

  for (guint i = 0; self->confine && i < n_events; i++)
    {
      if (events[i].kind != GLB_SHIM_EVENT_MOTION && events[i].kind != GLB_SHIM_EVENT_TOUCH_DOWN &&
          events[i].kind != GLB_SHIM_EVENT_TOUCH_MOTION)
        continue;
      events[i].x = CLAMP (events[i].x, rect->x * 256, (rect->x + rect->width) * 256 - 1);
      events[i].y = CLAMP (events[i].y, rect->y * 256, (rect->y + rect->height) * 256 - 1);
    }
}
