/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "compositor-shim/glb-shim-protocol.h"
#include "input-filter/glb-element.h"
#include "input-filter/glb-input-scene.h"

G_BEGIN_DECLS

/* The codes of a refusal: the whole list. */
#define GLB_REFUSED_STALE_FRAME    "stale_frame"
/* what "expect" says is not so */
#define GLB_REFUSED_EXPECTATION_FAILED "expectation_failed"
#define GLB_REFUSED_LEASE_HUMAN    "lease_human"
#define GLB_REFUSED_POLICY_DENIED  "policy_denied"
#define GLB_REFUSED_RATE_LIMITED   "rate_limited"
#define GLB_REFUSED_OUT_OF_BOUNDS  "out_of_bounds"
#define GLB_REFUSED_SESSION_PAUSED "session_paused"
#define GLB_REFUSED_SESSION_ENDED  "session_ended"
#define GLB_REFUSED_MALFORMED      "malformed"
/* no such window, or nothing is in the clipboard */
#define GLB_REFUSED_NOT_FOUND      "not_found"
/* of another dialect: not an action of a desktop; one that the model's provider wants a person to confirm */
#define GLB_REFUSED_UNSUPPORTED    "unsupported"
#define GLB_REFUSED_UNCONFIRMED    "unconfirmed"
/* no element, or several, are like the target; what was waited for did not come */
#define GLB_REFUSED_NOT_FOUND      "not_found"
#define GLB_REFUSED_AMBIGUOUS      "ambiguous"
#define GLB_REFUSED_TIMEOUT        "timeout"

/* A result as text: with ui_tree's elements, each of which is an object in an array. */
#define GLB_ACTION_RESULT_BYTES_MAX (8u * 1024u * 1024u)
#define GLB_ACTION_RESULT_DEPTH_MAX 160u

/* What a delivered action did. */
typedef struct
{
  guint64      frame_id;        /* newest frame */
  GlbShimRect  changed;         /* an empty rectangle: nothing changed */
  guint32      focus_window;    /* id, 0: none */
  const char  *focus_app_id;    /* (nullable) */
  const char  *focus_title;     /* (nullable) */
  gboolean     settled;         /* FALSE: still changing, or nobody asked */
  int          pointer_x, pointer_y;
} GlbActionOutcome;

/* The typed results of docs/actions.md: pure. (transfer full) */
JsonNode   *glb_action_result_new_delivered (const GlbActionOutcome *outcome);
JsonNode   *glb_action_result_new_refused   (const char *code, const char *message);
/* Of an error of the action parser or planner (GLB_ACTION_ERROR); any other is "malformed". */
JsonNode   *glb_action_result_new_from_error (const GError *error);
/* Who drives, and what happened while a person did. meanwhile: (transfer none) (nullable) */
void        glb_action_result_set_lease      (JsonNode *result, const char *driver, guint64 epoch);
void        glb_action_result_set_meanwhile  (JsonNode *result, JsonNode *meanwhile);
/* What was copied out, or read inside; of the latter, types: (nullable): all that it is offered as. */
void        glb_action_result_set_clipboard  (JsonNode *result, const char *type, guint64 bytes, const char *sha256,
                                              const char * const *types);
/* The content itself, for who reads it inside: as text, or in base64 where it is none. */
void        glb_action_result_set_clipboard_content (JsonNode *result, GBytes *content);
/* All windows, bottom to top. */
void        glb_action_result_set_window_list (JsonNode *result, const GlbInputScene *scene);
/* The element that was meant. */
void        glb_action_result_set_target    (JsonNode *result, const GlbElement *target);
/* found: (element-type GlbElement) */
void        glb_action_result_set_elements  (JsonNode *result, GPtrArray *found);
/* trees: (element-type GlbElement): of windows of the scene. truncated: there is more. */
void        glb_action_result_set_windows   (JsonNode *result, GPtrArray *trees, const GlbInputScene *scene, gboolean truncated);
/* What the audit keeps of it: of windows and elements only how many. (transfer full) */
JsonNode   *glb_action_result_summarise     (JsonNode *result);
/* One line of JSON without a newline. (transfer full) */
char       *glb_action_result_to_text       (JsonNode *result);

G_END_DECLS
