/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glb-replay"
#include "config.h"

#include "session-broker/replay/glb-replay-anchor.h"

#include "policies/glb-json-writer.h"
#include "policies/glb-strict-json.h"
#include "session-broker/replay/glb-replay-json.h"

#define QUOTE_CHARACTERS 120

static char *
quote (JsonObject *object)
{
  g_autoptr(JsonNode) node = json_node_init_object (json_node_alloc (), object);
  g_autofree char *text = glb_json_write (node);

  return glb_strict_json_printable (text, -1, QUOTE_CHARACTERS);
}

static gboolean
read_bounds (JsonObject    *element,
             GlbReplayRect *rect)
{
  int numbers[4];

  if (!glb_replay_json_get_numbers (element, "bounds", 4, numbers))
    return FALSE;
  *rect = (GlbReplayRect) { numbers[0], numbers[1], numbers[2], numbers[3] };
  return TRUE;
}

/* The one element of the answer that is meant. (nullable) */
static JsonObject *
pick_element (JsonObject  *result,
              JsonObject  *target,
              const char  *quoted,
              char       **why)
{
  JsonArray *elements = glb_replay_json_get_array (result, "elements");
  guint n = elements != NULL ? json_array_get_length (elements) : 0;
  /* with an index it is the broker that picks */
  gboolean indexed = json_object_has_member (target, "index");

  if (n == 0)
    *why = g_strdup_printf ("no element %s", quoted);
  else if (n > 1 && !indexed)
    *why = g_strdup_printf ("%u elements %s, where one is meant; say more of it, or \"index\"", n, quoted);
  else if (JSON_NODE_HOLDS_OBJECT (json_array_get_element (elements, 0)))
    return json_array_get_object_element (elements, 0);
  return NULL;
}

static gboolean
find_element (JsonObject        *target,
              GlbReplaySession  *session,
              GlbReplayRect     *rect,
              char             **why)
{
  g_autoptr(JsonObject) action = json_object_new ();
  g_autoptr(JsonObject) result = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *quoted = quote (target);
  JsonObject *element;

  json_object_set_string_member (action, "action", "find");
  json_object_set_object_member (action, "target", json_object_ref (target));
  result = glb_replay_session_act (session, action, NULL, &error);
  if (result == NULL)
    {
      *why = g_strdup (error->message);
      return FALSE;
    }
  element = pick_element (result, target, quoted, why);
  if (element != NULL && read_bounds (element, rect))
    return TRUE;
  if (*why == NULL)
    *why = g_strdup_printf ("the element %s does not say where it is", quoted);
  return FALSE;
}

static gboolean
find_window (const GlbReplayWindow  *window,
             GlbReplaySession       *session,
             GlbReplayRect          *rect,
             char                  **why)
{
  g_autofree char *windows = NULL;

  if (glb_replay_session_find_window (session, window, rect))
    return TRUE;

  windows = glb_replay_session_list_windows (session);
  *why = g_strdup_printf ("no window with the title \"%s\" of \"%s\"; there are: %s", window->title != NULL ? window->title : "*",
                          window->app_id != NULL ? window->app_id : "*", windows);
  return FALSE;
}

gboolean
glb_replay_anchor_find (const GlbReplayAnchor  *self,
                        GlbReplaySession       *session,
                        int                    *x,
                        int                    *y,
                        char                  **why)
{
  gboolean has_offset = self->has_offset;
  GlbReplayRect rect = { 0 };
  guint width, height;

  if (!(self->element != NULL ? find_element (self->element, session, &rect, why) : find_window (self->window, session, &rect, why)))
    return FALSE;

  /* what became smaller is hit nevertheless */
  if (self->element != NULL && (self->x >= rect.width || self->y >= rect.height))
    has_offset = FALSE;
  *x = rect.x + (has_offset ? self->x : rect.width / 2);
  *y = rect.y + (has_offset ? self->y : rect.height / 2);
  glb_replay_session_get_size (session, &width, &height);
  if (*x >= 0 && *y >= 0 && (guint) *x < width && (guint) *y < height)
    return TRUE;
  *why = g_strdup_printf ("the place is outside of the screen now: %d, %d", *x, *y);
  return FALSE;
}
