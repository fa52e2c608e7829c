/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "input-filter/glb-expect.h"
#include "input-filter/glb-key-map.h"
#include "input-filter/glb-wait.h"

G_BEGIN_DECLS

#define GLB_ACTION_ERROR (glb_action_error_quark ())
GQuark glb_action_error_quark (void);

/* One action as JSON text, in bytes, and so the text that one `type` may carry. */
#define GLB_ACTION_BYTES_MAX        (64u * 1024u)
#define GLB_ACTION_DEPTH_MAX        8u
#define GLB_ACTION_SECONDS_MAX      100
#define GLB_ACTION_SCROLL_MAX       100
#define GLB_ACTION_COORDINATE_MAX   32767
#define GLB_ACTION_TYPE_MAX         127
#define GLB_ACTION_QUIET_MS_DEFAULT 50u
#define GLB_ACTION_QUIET_MS_MAX     10000u
#define GLB_ACTION_SETTLE_MS_DEFAULT 2000u
#define GLB_ACTION_SETTLE_MS_MAX    60000u
#define GLB_ACTION_NODES_DEFAULT    1000u
#define GLB_ACTION_NODES_MAX        5000u
#define GLB_ACTION_TREE_DEPTH_DEFAULT 40u
#define GLB_ACTION_TREE_DEPTH_MAX   64u

typedef enum
{
  GLB_ACTION_ERROR_MALFORMED,      /* not JSON, unknown key or action, wrong type */
  GLB_ACTION_ERROR_OUT_OF_RANGE,   /* coordinate, duration, amount, length */
  GLB_ACTION_ERROR_UNKNOWN_KEY,    /* no such key name */
  GLB_ACTION_ERROR_UNSUPPORTED,    /* an action of another dialect that a desktop does not have; the message says what to use */
} GlbActionError;

typedef enum
{
  GLB_ACTION_SCREENSHOT, GLB_ACTION_ZOOM, GLB_ACTION_MOUSE_MOVE,
  GLB_ACTION_LEFT_CLICK, GLB_ACTION_RIGHT_CLICK, GLB_ACTION_MIDDLE_CLICK,
  GLB_ACTION_DOUBLE_CLICK, GLB_ACTION_TRIPLE_CLICK,
  GLB_ACTION_LEFT_MOUSE_DOWN, GLB_ACTION_LEFT_MOUSE_UP, GLB_ACTION_LEFT_CLICK_DRAG,
  GLB_ACTION_SCROLL, GLB_ACTION_KEY, GLB_ACTION_HOLD_KEY, GLB_ACTION_TYPE,
  GLB_ACTION_WAIT, GLB_ACTION_CURSOR_POSITION, GLB_ACTION_LEASE_STATUS,
  GLB_ACTION_CLIPBOARD_REQUEST, GLB_ACTION_DEVICE_REQUEST,
  GLB_ACTION_UI_TREE, GLB_ACTION_FIND, GLB_ACTION_WAIT_FOR,
  GLB_ACTION_CLIPBOARD_READ, GLB_ACTION_CLIPBOARD_WRITE,
  GLB_ACTION_LIST_WINDOWS, GLB_ACTION_ACTIVATE_WINDOW, GLB_ACTION_CLOSE_WINDOW,
} GlbActionKind;

typedef enum { GLB_SCROLL_UP, GLB_SCROLL_DOWN, GLB_SCROLL_LEFT, GLB_SCROLL_RIGHT } GlbScrollDirection;

/**
 * GlbAction:
 *
 * One action of the computer-use vocabulary, parsed and within range, not yet
 * decided upon. Beside the vendor parameters each action takes
 * `"settle": true | {"quietMs": Q, "maxMs": M}`, `"screenshot": true` (the PNG
 * of the frame after the action), `"frameId": N` (refused as `stale_frame`
 * where the screen changed since) and `"expect": {…}` (see #GlbExpect).
 */
typedef struct
{
  GlbActionKind kind;
  const GlbKeyMap *keys;         /* (nullable): the keyboard that its chords are of */
  gboolean has_coordinate;       int x, y;
  gboolean has_start_coordinate; int start_x, start_y;
  int region[4];                 /* zoom: x1, y1, x2, y2 */
  char *text;                    /* type, clipboard_write: the text; key, hold_key: the chords; move, clicks, drag, scroll: keys held meanwhile */
  double duration;               /* seconds: wait, hold_key */
  GlbScrollDirection scroll_direction;
  guint scroll_amount;           /* wheel clicks */
  char *type;                    /* (nullable): clipboard_*: a MIME type, printable ASCII; NULL: the plainest */
  gboolean primary;              /* clipboard_*: the primary selection */
  const char *device;            /* device_request: "camera", "microphone" or "speaker"; static */
  GlbTarget *target;             /* (nullable): find; pointer actions: the element instead of coordinate */
  guint32 window;                /* activate_window, close_window: its id; ui_tree: of this window only; 0: any */
  char *app_id, *title;          /* (nullable): ui_tree: globs, of such windows only */
  guint max_nodes, max_depth;    /* ui_tree */
  GlbWait *wait;                 /* (nullable): wait_for */

  gboolean settle;
  guint quiet_ms, max_ms;
  gboolean screenshot;
  gboolean has_frame_id;
  guint64 frame_id;
  GlbExpect *expect;             /* (nullable) */
} GlbAction;

GlbAction  *glb_action_new_from_json (const GlbKeyMap *keys, const char *text, gsize length, GError **error);
GlbAction  *glb_action_new_from_node (const GlbKeyMap *keys, JsonNode *node, GError **error);
void        glb_action_free (GlbAction *self);
/* What the audit keeps; parses to the same action unless redacted: then typed text is
 * kept as "text": {"characters": N, "sha256": "…"}. (transfer full) */
JsonNode   *glb_action_to_node (const GlbAction *self, gboolean redact);
const char *glb_action_kind_to_string (GlbActionKind kind);
/* FALSE: screenshot, zoom, wait, cursor_position, lease_status, list_windows, *_request, clipboard_read, ui_tree, find, wait_for */
gboolean    glb_action_is_input (GlbActionKind kind);
gboolean    glb_action_is_own_clipboard (GlbActionKind kind);   /* for programs of the session alone: clipboard_read, clipboard_write */
gboolean    glb_action_is_pointer (GlbActionKind kind);   /* input that acts on what is below the pointer */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbAction, glb_action_free)

G_END_DECLS
