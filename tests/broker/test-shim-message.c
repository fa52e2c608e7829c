/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>

#include "session-broker/broker/glb-shim-message.h"

static const GlbShimExpect fresh = { .width = 640, .height = 480 };
static const GlbShimExpect ready = { .ready = TRUE, .width = 640, .height = 480, .generation = 1, .n_slots = 2 };

static GlbShimMessage message;

static gboolean
parse (const GlbShimExpect *expect, guint32 type, gconstpointer payload, gsize size, gconstpointer tail, gsize tail_size, guint n_fds)
{
  GlbShimHeader header = { .type = type, .size = size + tail_size, .serial = 9 };
  g_autoptr(GByteArray) bytes = g_byte_array_new ();
  g_autoptr(GError) error = NULL;
  gboolean ok;

  g_byte_array_append (bytes, (const guint8 *) &header, sizeof header);
  if (size > 0)
    g_byte_array_append (bytes, payload, size);
  if (tail_size > 0)
    g_byte_array_append (bytes, tail, tail_size);
  ok = glb_shim_message_parse (bytes->data, bytes->len, n_fds, expect, &message, &error);
  g_assert_true (ok == (error == NULL));
  return ok;
}

static void
test_header (void)
{
  GlbShimHeader header = { .type = GLB_SHIM_PONG, .size = 0 };
  guint8 *data = (guint8 *) &header;

  for (gsize length = 0; length < sizeof header; length++)
    {
      g_autofree guint8 *copy = g_memdup2 (data, MAX (length, 1));

      g_assert_false (glb_shim_message_parse (copy, length, 0, &ready, &message, NULL));
    }
  g_assert_true (glb_shim_message_parse (data, sizeof header, 0, &ready, &message, NULL));
  g_assert_false (glb_shim_message_parse (data, sizeof header, 1, &ready, &message, NULL));
  g_assert_false (glb_shim_message_parse (data, sizeof header, 0, &fresh, &message, NULL));
  header.size = 1;
  g_assert_false (glb_shim_message_parse (data, sizeof header, 0, &ready, &message, NULL));
  g_assert_false (parse (&ready, 0, NULL, 0, NULL, 0, 0));
  g_assert_false (parse (&ready, GLB_SHIM_INPUT, NULL, 0, NULL, 0, 0));
  g_assert_false (parse (&ready, 99999, NULL, 0, NULL, 0, 0));
}

static void
test_ready (void)
{
  GlbShimReady payload = { .version = GLB_SHIM_PROTOCOL_VERSION, .width = 640, .height = 480 };

  g_assert_false (parse (&ready, GLB_SHIM_READY, &payload, sizeof payload, NULL, 0, 0));
  g_assert_false (parse (&fresh, GLB_SHIM_READY, &payload, sizeof payload - 4, NULL, 0, 0));
  payload.width = 641;
  g_assert_false (parse (&fresh, GLB_SHIM_READY, &payload, sizeof payload, NULL, 0, 0));
  payload.width = 640;
  payload.version++;
  g_assert_false (parse (&fresh, GLB_SHIM_READY, &payload, sizeof payload, NULL, 0, 0));
  payload.version--;
  g_assert_true (parse (&fresh, GLB_SHIM_READY, &payload, sizeof payload, NULL, 0, 0));
}

static void
test_ring (void)
{
  GlbShimExpect in_use = ready;
  const GlbShimRing good = { .generation = 2, .n_slots = 2, .width = 640, .height = 480, .stride = 2560, .format = 0x34325258 };
  struct { gsize offset; guint32 value; } bad[] = {
    { G_STRUCT_OFFSET (GlbShimRing, generation), 1 },
    { G_STRUCT_OFFSET (GlbShimRing, generation), 0 },
    { G_STRUCT_OFFSET (GlbShimRing, n_slots), 0 },
    { G_STRUCT_OFFSET (GlbShimRing, n_slots), 5 },
    { G_STRUCT_OFFSET (GlbShimRing, n_slots), G_MAXUINT32 },
    { G_STRUCT_OFFSET (GlbShimRing, width), 0 },
    { G_STRUCT_OFFSET (GlbShimRing, height), 1u << 31 },
    { G_STRUCT_OFFSET (GlbShimRing, stride), 2556 },
    { G_STRUCT_OFFSET (GlbShimRing, stride), 2562 },
    { G_STRUCT_OFFSET (GlbShimRing, stride), G_MAXUINT32 - 3 },
    { G_STRUCT_OFFSET (GlbShimRing, format), 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      GlbShimRing ring = good;

      memcpy ((char *) &ring + bad[i].offset, &bad[i].value, 4);
      g_assert_false (parse (&ready, GLB_SHIM_RING, &ring, sizeof ring, NULL, 0, 1));
    }
  g_assert_false (parse (&ready, GLB_SHIM_RING, &good, sizeof good, NULL, 0, 0));
  g_assert_false (parse (&ready, GLB_SHIM_RING, &good, sizeof good, NULL, 0, 2));
  g_assert_true (parse (&ready, GLB_SHIM_RING, &good, sizeof good, NULL, 0, 1));

  in_use.n_rings = 1;
  g_assert_false (parse (&in_use, GLB_SHIM_RING, &good, sizeof good, NULL, 0, 1));
  in_use.n_rings = 0;
  g_assert_true (parse (&in_use, GLB_SHIM_RING, &good, sizeof good, NULL, 0, 1));
}

static void
test_frame (void)
{
  GlbShimFrame frame = { .generation = 1, .slot = 1, .frame = 3, .n_rects = 1 };
  GlbShimRect rect = { 0, 0, 640, 480 };
  const GlbShimRect bad[] = { { -1, 0, 1, 1 }, { 0, -1, 1, 1 }, { 0, 0, 641, 1 }, { 640, 0, 1, 1 }, { 0, 480, 1, 1 }, { 1, 1, G_MAXINT32, 1 },
                              { G_MAXINT32, 0, G_MAXINT32, 1 }, { 0, 0, -1, 1 }, { G_MININT32, 0, 1, 1 } };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (parse (&ready, GLB_SHIM_FRAME, &frame, sizeof frame, &bad[i], sizeof rect, 0));
  g_assert_false (parse (&ready, GLB_SHIM_FRAME, &frame, sizeof frame, NULL, 0, 0));
  g_assert_false (parse (&fresh, GLB_SHIM_FRAME, &frame, sizeof frame, &rect, sizeof rect, 0));
  g_assert_true (parse (&ready, GLB_SHIM_FRAME, &frame, sizeof frame, &rect, sizeof rect, 0));
  g_assert_cmpuint (message.n_rects, ==, 1);
  frame.n_rects = G_MAXUINT32;
  g_assert_false (parse (&ready, GLB_SHIM_FRAME, &frame, sizeof frame, &rect, sizeof rect, 0));
  frame.n_rects = 1;
  frame.slot = 2;
  g_assert_false (parse (&ready, GLB_SHIM_FRAME, &frame, sizeof frame, &rect, sizeof rect, 0));
  frame.slot = 0;
  frame.generation = 2;
  g_assert_false (parse (&ready, GLB_SHIM_FRAME, &frame, sizeof frame, &rect, sizeof rect, 0));
}

static void
test_windows (void)
{
  GlbShimWindows windows = { .n_windows = 1, .focus_window = 7 };
  GlbShimWindow window = { .id = 7, .geometry = { -20, -20, 700, 500 } };

  strcpy (window.title, "a\nb\x1b[31m\xff");
  g_assert_true (parse (&ready, GLB_SHIM_WINDOWS, &windows, sizeof windows, &window, sizeof window, 0));
  g_assert_cmpuint (message.n_windows, ==, 1);
  g_assert_true (g_utf8_validate (message.windows[0].title, -1, NULL));
  g_assert_cmpstr (message.windows[0].title, ==, "a b [31m\357\277\275");

  strcpy (window.title, "\xc2\x9b" "1m \u202egpj.exe \u00e9\U0001f600");
  g_assert_true (parse (&ready, GLB_SHIM_WINDOWS, &windows, sizeof windows, &window, sizeof window, 0));
  g_assert_cmpstr (message.windows[0].title, ==, "  1m    gpj.exe \u00e9\U0001f600");

  /* each byte becomes three: cut, but ended and valid */
  memset (window.title, 0xff, sizeof window.title - 1);
  g_assert_true (parse (&ready, GLB_SHIM_WINDOWS, &windows, sizeof windows, &window, sizeof window, 0));
  g_assert_true (g_utf8_validate (message.windows[0].title, -1, NULL));
  g_assert_cmpuint (strlen (message.windows[0].title), <, sizeof window.title);

  window.title[sizeof window.title - 1] = 'x';
  g_assert_false (parse (&ready, GLB_SHIM_WINDOWS, &windows, sizeof windows, &window, sizeof window, 0));
  memset (window.title, 0, sizeof window.title);
  window.geometry.width = -1;
  g_assert_false (parse (&ready, GLB_SHIM_WINDOWS, &windows, sizeof windows, &window, sizeof window, 0));
  window.geometry.width = 1;
  windows.n_windows = 65;
  g_assert_false (parse (&ready, GLB_SHIM_WINDOWS, &windows, sizeof windows, &window, sizeof window, 0));
  windows.n_windows = 2;
  g_assert_false (parse (&ready, GLB_SHIM_WINDOWS, &windows, sizeof windows, &window, sizeof window, 0));
}

static void
test_answers (void)
{
  GlbShimDone done = { .pointer_x = 5 };
  GlbShimSettled settled = { .settled = 1 };
  GlbShimDamage damage = { .bounds = { 0, 0, 640, 480 } };

  g_assert_true (parse (&ready, GLB_SHIM_DONE, &done, sizeof done, NULL, 0, 0));
  g_assert_cmpuint (message.serial, ==, 9);
  done.error = 1u << 20;
  g_assert_false (parse (&ready, GLB_SHIM_DONE, &done, sizeof done, NULL, 0, 0));
  done.error = 0;
  done.pointer_y = G_MININT32;
  g_assert_false (parse (&ready, GLB_SHIM_DONE, &done, sizeof done, NULL, 0, 0));

  g_assert_true (parse (&ready, GLB_SHIM_SETTLED, &settled, sizeof settled, NULL, 0, 0));
  settled.settled = 2;
  g_assert_false (parse (&ready, GLB_SHIM_SETTLED, &settled, sizeof settled, NULL, 0, 0));

  g_assert_true (parse (&ready, GLB_SHIM_DAMAGE, &damage, sizeof damage, NULL, 0, 0));
  damage.bounds.height = 481;
  g_assert_false (parse (&ready, GLB_SHIM_DAMAGE, &damage, sizeof damage, NULL, 0, 0));
}

static void
test_selection (void)
{
  GlbShimSelection selection = { .kind = GLB_SHIM_PRIMARY, .n_types = 2, .n_offered = 3, .id = 5 };
  GlbShimExpect later = ready;
  char types[GLB_SHIM_TYPES_MAX + 1][GLB_SHIM_TYPE_MAX] = { "text/plain", "image/png" };
  const gsize both = 2 * GLB_SHIM_TYPE_MAX;
  const struct { gsize offset; guint32 value; } bad[] = {
    { G_STRUCT_OFFSET (GlbShimSelection, kind), GLB_SHIM_N_SELECTIONS },
    { G_STRUCT_OFFSET (GlbShimSelection, kind), G_MAXUINT32 },
    { G_STRUCT_OFFSET (GlbShimSelection, n_types), 1 },
    { G_STRUCT_OFFSET (GlbShimSelection, n_types), 3 },
    { G_STRUCT_OFFSET (GlbShimSelection, n_types), G_MAXUINT32 },
    { G_STRUCT_OFFSET (GlbShimSelection, n_offered), 1 },
    { G_STRUCT_OFFSET (GlbShimSelection, id), 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      GlbShimSelection wrong = selection;

      memcpy ((char *) &wrong + bad[i].offset, &bad[i].value, 4);
      g_assert_false (parse (&ready, GLB_SHIM_SELECTION, &wrong, sizeof wrong, types, both, 0));
    }
  g_assert_false (parse (&fresh, GLB_SHIM_SELECTION, &selection, sizeof selection, types, both, 0));
  g_assert_false (parse (&ready, GLB_SHIM_SELECTION, &selection, sizeof selection, types, both, 1));
  g_assert_false (parse (&ready, GLB_SHIM_SELECTION, &selection, sizeof selection - 1, NULL, 0, 0));
  later.selection_id[GLB_SHIM_PRIMARY] = 5;
  g_assert_false (parse (&later, GLB_SHIM_SELECTION, &selection, sizeof selection, types, both, 0));
  selection.n_types = selection.n_offered = GLB_SHIM_TYPES_MAX + 1;
  for (guint i = 0; i <= GLB_SHIM_TYPES_MAX; i++)
    strcpy (types[i], "text/plain");
  g_assert_false (parse (&ready, GLB_SHIM_SELECTION, &selection, sizeof selection, types, sizeof types, 0));
  selection.n_types = 2;

  memset (types[1], 'a', GLB_SHIM_TYPE_MAX);
  g_assert_false (parse (&ready, GLB_SHIM_SELECTION, &selection, sizeof selection, types, both, 0));
  for (const char *const *type = (const char *const []) { "", "a\nb", "a\x1b", "a\x7f", "a\xc3\xa9", "\xff", NULL }; *type != NULL; type++)
    {
      strcpy (types[1], *type);
      g_assert_false (parse (&ready, GLB_SHIM_SELECTION, &selection, sizeof selection, types, both, 0));
      g_assert_false (glb_shim_type_is_valid (*type));
    }

  memset (types[1], 'a', GLB_SHIM_TYPE_MAX);
  strcpy (types[1], "b");
  g_assert_true (parse (&ready, GLB_SHIM_SELECTION, &selection, sizeof selection, types, both, 0));
  selection.kind = GLB_SHIM_CLIPBOARD;
  g_assert_true (parse (&later, GLB_SHIM_SELECTION, &selection, sizeof selection, types, both, 0));
  g_assert_cmpuint (message.n_types, ==, 2);
  g_assert_cmpuint (message.selection.id, ==, 5);
  g_assert_cmpstr (message.types[0], ==, "text/plain");
  g_assert_cmpstr (message.types[1], ==, "b");
  g_assert_cmpint (message.types[1][GLB_SHIM_TYPE_MAX - 1], ==, 0);
  selection.id = 0;
  selection.n_types = selection.n_offered = 0;
  g_assert_true (parse (&later, GLB_SHIM_SELECTION, &selection, sizeof selection, NULL, 0, 0));
}

static void
test_pasted (void)
{
  GlbShimPasted pasted = { .kind = GLB_SHIM_CLIPBOARD, .id = 3, .bytes = GLB_SHIM_SET_LENGTH_MAX, .type = "text/plain" };

  g_assert_true (parse (&ready, GLB_SHIM_PASTED, &pasted, sizeof pasted, NULL, 0, 0));
  g_assert_cmpstr (message.pasted.type, ==, "text/plain");
  g_assert_false (parse (&ready, GLB_SHIM_PASTED, &pasted, sizeof pasted - 1, NULL, 0, 0));
  g_assert_false (parse (&ready, GLB_SHIM_PASTED, &pasted, sizeof pasted, NULL, 0, 1));
  pasted.bytes++;
  g_assert_false (parse (&ready, GLB_SHIM_PASTED, &pasted, sizeof pasted, NULL, 0, 0));
  pasted.bytes = 0;
  pasted.kind = GLB_SHIM_N_SELECTIONS;
  g_assert_false (parse (&ready, GLB_SHIM_PASTED, &pasted, sizeof pasted, NULL, 0, 0));
  pasted.kind = GLB_SHIM_PRIMARY;
  memset (pasted.type, 'a', sizeof pasted.type);
  g_assert_false (parse (&ready, GLB_SHIM_PASTED, &pasted, sizeof pasted, NULL, 0, 0));
  strcpy (pasted.type, "");
  g_assert_false (parse (&ready, GLB_SHIM_PASTED, &pasted, sizeof pasted, NULL, 0, 0));
}

/* A compositor hands over connections when it is asked to, one each, and no more than there can be windows. */
static void
test_owner (void)
{
  GlbShimExpect asked = ready;
  guint8 byte = 0;

  g_assert_false (parse (&ready, GLB_SHIM_OWNER, NULL, 0, NULL, 0, 1));
  asked.owners_serial = 8;
  g_assert_false (parse (&asked, GLB_SHIM_OWNER, NULL, 0, NULL, 0, 1));
  asked.owners_serial = 9;
  g_assert_false (parse (&asked, GLB_SHIM_OWNER, NULL, 0, NULL, 0, 0));
  g_assert_false (parse (&asked, GLB_SHIM_OWNER, NULL, 0, NULL, 0, 2));
  g_assert_false (parse (&asked, GLB_SHIM_OWNER, &byte, 1, NULL, 0, 1));
  asked.n_owners = GLB_SHIM_WINDOWS_MAX;
  g_assert_false (parse (&asked, GLB_SHIM_OWNER, NULL, 0, NULL, 0, 1));
  asked.n_owners--;
  g_assert_true (parse (&asked, GLB_SHIM_OWNER, NULL, 0, NULL, 0, 1));
}

static void
test_union (void)
{
  GlbShimRect none = { 0 }, a = { 10, 10, 5, 5 }, b = { 0, 12, 2, 10 }, both;

  both = glb_shim_rect_union (none, a);
  g_assert_cmpmem (&both, sizeof both, &a, sizeof a);
  both = glb_shim_rect_union (a, b);
  g_assert_cmpint (both.x, ==, 0);
  g_assert_cmpint (both.y, ==, 10);
  g_assert_cmpint (both.width, ==, 15);
  g_assert_cmpint (both.height, ==, 12);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/shim-message/header", test_header);
  g_test_add_func ("/shim-message/ready", test_ready);
  g_test_add_func ("/shim-message/ring", test_ring);
  g_test_add_func ("/shim-message/frame", test_frame);
  g_test_add_func ("/shim-message/windows", test_windows);
  g_test_add_func ("/shim-message/answers", test_answers);
  g_test_add_func ("/shim-message/selection", test_selection);
  g_test_add_func ("/shim-message/pasted", test_pasted);
  g_test_add_func ("/shim-message/owner", test_owner);
  g_test_add_func ("/shim-message/union", test_union);
  return g_test_run ();
}
