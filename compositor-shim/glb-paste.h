/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <wayland-server-core.h>

#include "compositor-shim/glb-shim-protocol.h"

/* Content of the host: a sealed memory file, shared by the selection and those who read it. */
typedef struct GlbContent GlbContent;

/* Takes @fd.  NULL where it is not sealed against writing and shrinking, or not as long as it says. */
GlbContent *glb_content_new (int      fd,
                             uint64_t length);
GlbContent *glb_content_ref (GlbContent *content);
void glb_content_unref (GlbContent *content);
uint64_t glb_content_get_length (GlbContent *content);

/*
 * What clients read of the host's content at present.  Bytes go from the memory
 * file into a client's pipe without a copy here and without waiting; a client
 * that does not read is left after a while.
 */
typedef struct GlbPastes GlbPastes;

typedef void (*GlbPasted) (const GlbShimPasted *pasted, void *data);

GlbPastes *glb_pastes_new (struct wl_event_loop *loop,
                           GlbPasted             pasted,
                           void                 *data);
void glb_pastes_free (GlbPastes *pastes);

/* Whether one more may start now. */
bool glb_pastes_have_room (GlbPastes *pastes);
/* Gives @content to the client behind @fd and tells how that went, perhaps at once.  Leaves @fd to the caller. */
bool glb_pastes_start (GlbPastes           *pastes,
                       const GlbShimPasted *pasted,
                       GlbContent          *content,
                       int                  fd);
/* Ends those that read @content; each is told. */
void glb_pastes_break_off (GlbPastes  *pastes,
                           GlbContent *content);
