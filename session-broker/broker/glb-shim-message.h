/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "compositor-shim/glb-shim-protocol.h"

G_BEGIN_DECLS

/* What the messages so far allow the next one to say. */
typedef struct
{
  gboolean ready;              /* READY was seen */
  guint    width, height;      /* of the output: what was asked for */
  guint    generation;         /* of the ring, 0: none */
  guint    n_slots;
  guint64  selection_id[GLB_SHIM_N_SELECTIONS];   /* of the last SELECTION of the kind that had one */
  guint64  owners_serial;      /* of the last ASK_OWNERS, 0: none */
  guint    n_owners;           /* OWNER since then */
  int      n_rings;            /* RING that came without the UNWATCH which ends it; each may pin memory of ours */
} GlbShimExpect;

/* One checked message. */
typedef struct
{
  GlbShimMessageType type;
  guint64            serial;
  union
  {
    GlbShimReady   ready;
    GlbShimRing    ring;
    GlbShimFrame   frame;      /* without its rectangles */
    GlbShimDamage  damage;
    GlbShimSettled settled;
    GlbShimDone    done;
    GlbShimSelection selection;   /* without its types */
    GlbShimPasted  pasted;
  };
  guint          n_rects;
  GlbShimRect    rects[GLB_SHIM_RECTS_MAX];
  guint          n_types;
  char           types[GLB_SHIM_TYPES_MAX][GLB_SHIM_TYPE_MAX];
  guint          n_windows;
  guint          focus_window;
  GlbShimWindow  windows[GLB_SHIM_WINDOWS_MAX];
} GlbShimMessage;

/* Pure. Checks one packet that a compositor sent. FALSE: the compositor broke the contract and must die. */
gboolean glb_shim_message_parse (const guint8 *untrusted_data, gsize length, guint n_fds, const GlbShimExpect *expect,
                                 GlbShimMessage *message, GError **error);
/* Whether type may go over the control channel: printable ASCII, not too long. */
gboolean glb_shim_type_is_valid (const char *type);
/* Union of two rectangles; an empty one counts for nothing. */
GlbShimRect glb_shim_rect_union (GlbShimRect a, GlbShimRect b);

G_END_DECLS
