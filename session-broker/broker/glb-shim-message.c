/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Reads what a compositor says. The compositor is in reach of its clients'
 * attacks, so that each byte is hostile: sizes are exact, counts are checked
 * against sizes, rectangles lie on the output, slots exist, text ends. There is
 * no repair: the first message that is wrong ends the compositor. The one thing
 * repaired is the spelling of titles, which come from the agent's clients and
 * not from the compositor: invalid UTF-8 and control characters are replaced.
 */

#include "config.h"

#include <string.h>

#include "session-broker/broker/glb-shim-message.h"

/* No window is further away from the screen than this, and no pointer. */
#define COORDINATE_MAX 65536

static gboolean
fail (GError **error, const char *what)
{
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "compositor sent a bad message: %s", what);
  return FALSE;
}

static gboolean
rect_is_on_output (const GlbShimRect *rect, const GlbShimExpect *expect)
{
  return rect->x >= 0 && rect->y >= 0 && rect->width >= 0 && rect->height >= 0 &&
         (guint) rect->x <= expect->width && (guint) rect->y <= expect->height &&
         (guint) rect->width <= expect->width - (guint) rect->x &&
         (guint) rect->height <= expect->height - (guint) rect->y;
}

static gboolean
coordinate_is_sane (gint32 value)
{
  return value >= -COORDINATE_MAX && value <= COORDINATE_MAX;
}

static gboolean
parse_ready (const guint8 *payload, gsize size, const GlbShimExpect *expect, GlbShimMessage *message, GError **error)
{
  if (size != sizeof message->ready)
    return fail (error, "READY has the wrong size");

  memcpy (&message->ready, payload, sizeof message->ready);
  if (expect->ready)
    return fail (error, "READY came twice");
  if (message->ready.version != GLB_SHIM_PROTOCOL_VERSION)
    return fail (error, "it speaks another version of the protocol");
  if (message->ready.width != expect->width || message->ready.height != expect->height)
    return fail (error, "its output has not the size that was asked for");

  return TRUE;
}

static gboolean
parse_ring (const guint8 *payload, gsize size, guint n_fds, const GlbShimExpect *expect, GlbShimMessage *message,
            GError **error)
{
  const GlbShimRing *ring = &message->ring;

  if (size != sizeof message->ring)
    return fail (error, "RING has the wrong size");
  if (n_fds != 1)
    return fail (error, "RING carries not exactly one descriptor");

  memcpy (&message->ring, payload, sizeof message->ring);
  if (expect->n_rings > 0)
    return fail (error, "RING comes while its last one is in use");
  if (ring->generation <= expect->generation)
    return fail (error, "RING does not count up");
  if (ring->n_slots < 1 || ring->n_slots > GLB_SHIM_SLOTS_MAX)
    return fail (error, "RING has too few or too many slots");
  if (ring->width != expect->width || ring->height != expect->height)
    return fail (error, "RING has not the output's size");
  if (ring->stride % 4 != 0 || ring->stride < ring->width * 4 || ring->stride > ring->width * 4 + 4096)
    return fail (error, "RING has a bad stride");
  if (ring->format != 0x34325258 /* DRM_FORMAT_XRGB8888 */)
    return fail (error, "RING has another format than XRGB8888");

  return TRUE;
}

static gboolean
parse_frame (const guint8 *payload, gsize size, const GlbShimExpect *expect, GlbShimMessage *message, GError **error)
{
  if (size < sizeof message->frame)
    return fail (error, "FRAME is too short");

  memcpy (&message->frame, payload, sizeof message->frame);
  if (message->frame.n_rects > GLB_SHIM_RECTS_MAX)
    return fail (error, "FRAME has too many rectangles");
  if (size != sizeof message->frame + message->frame.n_rects * sizeof (GlbShimRect))
    return fail (error, "FRAME has the wrong size");
  if (expect->generation == 0 || message->frame.generation != expect->generation)
    return fail (error, "FRAME is of another ring");
  if (message->frame.slot >= expect->n_slots)
    return fail (error, "FRAME names a slot that is not there");

  message->n_rects = message->frame.n_rects;
  memcpy (message->rects, payload + sizeof message->frame, message->n_rects * sizeof (GlbShimRect));
  for (guint i = 0; i < message->n_rects; i++)
    if (!rect_is_on_output (&message->rects[i], expect))
      return fail (error, "FRAME has a rectangle outside the output");

  return TRUE;
}

static gboolean
parse_damage (const guint8 *payload, gsize size, const GlbShimExpect *expect, GlbShimMessage *message, GError **error)
{
  if (size != sizeof message->damage)
    return fail (error, "DAMAGE has the wrong size");

  memcpy (&message->damage, payload, sizeof message->damage);
  if (!rect_is_on_output (&message->damage.bounds, expect))
    return fail (error, "DAMAGE lies outside the output");

  return TRUE;
}

static gboolean
parse_settled (const guint8 *payload, gsize size, const GlbShimExpect *expect, GlbShimMessage *message, GError **error)
{
  if (size != sizeof message->settled)
    return fail (error, "SETTLED has the wrong size");

  memcpy (&message->settled, payload, sizeof message->settled);
  if (message->settled.settled > 1)
    return fail (error, "SETTLED is neither yes nor no");
  if (!rect_is_on_output (&message->settled.bounds, expect))
    return fail (error, "SETTLED lies outside the output");

  return TRUE;
}

static gboolean
parse_done (const guint8 *payload, gsize size, const GlbShimExpect *expect, GlbShimMessage *message, GError **error)
{
  if (size != sizeof message->done)
    return fail (error, "DONE has the wrong size");

  memcpy (&message->done, payload, sizeof message->done);
  if (message->done.error > 4095)
    return fail (error, "DONE has no errno value");
  if (!coordinate_is_sane (message->done.pointer_x) || !coordinate_is_sane (message->done.pointer_y))
    return fail (error, "DONE has the pointer far outside");

  return TRUE;
}

/* What moves a terminal's cursor, or turns the letters around so that a title reads as another one. */
static gboolean
is_disguise (gunichar c)
{
  return g_unichar_iscntrl (c) || c == 0x061c || c == 0x200e || c == 0x200f || (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

/* In place; the field stays NUL-terminated because each replacement is checked against its size. */
static gboolean
clean_text (char *field, gsize size)
{
  g_autofree char *valid = NULL;

  if (memchr (field, '\0', size) == NULL)
    return FALSE;

  valid = g_utf8_make_valid (field, -1);
  for (char *p = valid, *next; *p != '\0'; p = next)
    {
      next = g_utf8_next_char (p);
      if (is_disguise (g_utf8_get_char (p)))
        memset (p, ' ', next - p);
    }
  if (strlen (valid) >= size)
    *g_utf8_find_prev_char (valid, valid + size) = '\0';

  memset (field, 0, size);
  memcpy (field, valid, strlen (valid));
  return TRUE;
}

static gboolean
parse_windows (const guint8 *payload, gsize size, GlbShimMessage *message, GError **error)
{
  GlbShimWindows fixed;

  if (size < sizeof fixed)
    return fail (error, "WINDOWS is too short");

  memcpy (&fixed, payload, sizeof fixed);
  if (fixed.n_windows > GLB_SHIM_WINDOWS_MAX)
    return fail (error, "WINDOWS has too many windows");
  if (size != sizeof fixed + fixed.n_windows * sizeof (GlbShimWindow))
    return fail (error, "WINDOWS has the wrong size");

  message->n_windows = fixed.n_windows;
  message->focus_window = fixed.focus_window;
  memcpy (message->windows, payload + sizeof fixed, fixed.n_windows * sizeof (GlbShimWindow));
  for (guint i = 0; i < message->n_windows; i++)
    {
      GlbShimWindow *window = &message->windows[i];

      if (!coordinate_is_sane (window->geometry.x) || !coordinate_is_sane (window->geometry.y) ||
          window->geometry.width < 0 || window->geometry.width > COORDINATE_MAX ||
          window->geometry.height < 0 || window->geometry.height > COORDINATE_MAX)
        return fail (error, "WINDOWS has a window without a sane size");
      if (!clean_text (window->app_id, sizeof window->app_id) || !clean_text (window->title, sizeof window->title))
        return fail (error, "WINDOWS has text without an end");
    }

  return TRUE;
}

gboolean
glb_shim_type_is_valid (const char *type)
{
  gsize length = 0;

  for (; type[length] != '\0'; length++)
    if (length == GLB_SHIM_TYPE_MAX - 1 || type[length] < 0x20 || type[length] > 0x7e)
      return FALSE;

  return length > 0;
}

/* Also sets what is behind the end to 0. */
static gboolean
clean_type (char *field)
{
  if (memchr (field, '\0', GLB_SHIM_TYPE_MAX) == NULL || !glb_shim_type_is_valid (field))
    return FALSE;

  memset (field + strlen (field), 0, GLB_SHIM_TYPE_MAX - strlen (field));
  return TRUE;
}

static gboolean
parse_selection (const guint8 *payload, gsize size, const GlbShimExpect *expect, GlbShimMessage *message, GError **error)
{
  const GlbShimSelection *selection = &message->selection;

  if (size < sizeof message->selection)
    return fail (error, "SELECTION is too short");

  memcpy (&message->selection, payload, sizeof message->selection);
  if (selection->kind >= GLB_SHIM_N_SELECTIONS)
    return fail (error, "SELECTION is of no known kind");
  if (selection->n_types > GLB_SHIM_TYPES_MAX || selection->n_types > selection->n_offered)
    return fail (error, "SELECTION has too many types");
  if (size != sizeof message->selection + selection->n_types * sizeof message->types[0])
    return fail (error, "SELECTION has the wrong size");
  if (selection->id == 0 ? selection->n_offered > 0 : selection->id <= expect->selection_id[selection->kind])
    return fail (error, "SELECTION does not count up");

  message->n_types = selection->n_types;
  memcpy (message->types, payload + sizeof message->selection, selection->n_types * sizeof message->types[0]);
  for (guint i = 0; i < message->n_types; i++)
    if (!clean_type (message->types[i]))
      return fail (error, "SELECTION has a type that is none");

  return TRUE;
}

static gboolean
parse_pasted (const guint8 *payload, gsize size, GlbShimMessage *message, GError **error)
{
  if (size != sizeof message->pasted)
    return fail (error, "PASTED has the wrong size");

  memcpy (&message->pasted, payload, sizeof message->pasted);
  if (message->pasted.kind >= GLB_SHIM_N_SELECTIONS)
    return fail (error, "PASTED is of no known kind");
  if (message->pasted.bytes > GLB_SHIM_SET_LENGTH_MAX)
    return fail (error, "PASTED is more than there was");
  if (!clean_type (message->pasted.type))
    return fail (error, "PASTED has a type that is none");

  return TRUE;
}

static gboolean
parse_owner (guint64 serial, gsize size, guint n_fds, const GlbShimExpect *expect, GError **error)
{
  if (size != 0)
    return fail (error, "OWNER has a payload");
  if (n_fds != 1)
    return fail (error, "OWNER carries not exactly one descriptor");
  if (expect->owners_serial == 0 || serial != expect->owners_serial)
    return fail (error, "OWNER was not asked for");
  if (expect->n_owners >= GLB_SHIM_WINDOWS_MAX)
    return fail (error, "OWNER comes more often than there are windows");

  return TRUE;
}

gboolean
glb_shim_message_parse (const guint8         *untrusted_data,
                        gsize                 length,
                        guint                 n_fds,
                        const GlbShimExpect  *expect,
                        GlbShimMessage       *message,
                        GError              **error)
{
  GlbShimHeader header;
  const guint8 *payload = untrusted_data + sizeof header;

  if (length < sizeof header || length > GLB_SHIM_MESSAGE_MAX)
    return fail (error, "it is too short or too long");

  memcpy (&header, untrusted_data, sizeof header);
  if (header.size != length - sizeof header)
    return fail (error, "its size is not its length");
  if (n_fds != 0 && header.type != GLB_SHIM_RING && header.type != GLB_SHIM_OWNER)
    return fail (error, "it carries a descriptor");
  if (!expect->ready && header.type != GLB_SHIM_READY)
    return fail (error, "the first one is not READY");

  message->type = header.type;
  message->serial = header.serial;
  message->n_rects = 0;
  message->n_windows = 0;
  message->n_types = 0;

  switch (header.type)
    {
    case GLB_SHIM_READY:   return parse_ready (payload, header.size, expect, message, error);
    case GLB_SHIM_RING:    return parse_ring (payload, header.size, n_fds, expect, message, error);
    case GLB_SHIM_FRAME:   return parse_frame (payload, header.size, expect, message, error);
    case GLB_SHIM_DAMAGE:  return parse_damage (payload, header.size, expect, message, error);
    case GLB_SHIM_SETTLED: return parse_settled (payload, header.size, expect, message, error);
    case GLB_SHIM_DONE:    return parse_done (payload, header.size, expect, message, error);
    case GLB_SHIM_WINDOWS: return parse_windows (payload, header.size, message, error);
    case GLB_SHIM_PONG:    return header.size == 0 || fail (error, "PONG has a payload");
    case GLB_SHIM_SELECTION: return parse_selection (payload, header.size, expect, message, error);
    case GLB_SHIM_PASTED:  return parse_pasted (payload, header.size, message, error);
    case GLB_SHIM_OWNER:   return parse_owner (header.serial, header.size, n_fds, expect, error);
    default:               return fail (error, "its type is unknown");
    }
}

GlbShimRect
glb_shim_rect_union (GlbShimRect a, GlbShimRect b)
{
  GlbShimRect both;

  if (a.width <= 0 || a.height <= 0)
    return b;
  if (b.width <= 0 || b.height <= 0)
    return a;

  both.x = MIN (a.x, b.x);
  both.y = MIN (a.y, b.y);
  both.width = MAX (a.x + a.width, b.x + b.width) - both.x;
  both.height = MAX (a.y + a.height, b.y + b.height) - both.y;
  return both;
}
