/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <libweston/libweston.h>

#include "compositor-shim/glb-shim-protocol.h"

/*
 * The session's only seat: a keyboard and a pointer, and a touch screen if it
 * shall have one, fed by the broker.
 * It remembers what is pressed, so that a release without a press is dropped
 * and everything can be let go at once.
 */
typedef struct GlbSeat GlbSeat;

/* Runs before a button press is handed to the client. */
typedef void (*GlbSeatClicked) (struct weston_pointer *pointer, void *data);
/* Runs when the first finger was handed to the client. */
typedef void (*GlbSeatTouched) (struct weston_touch *touch, void *data);

GlbSeat *glb_seat_new (struct weston_compositor *compositor);
void glb_seat_free (GlbSeat *seat);

/* Applies events in order; false: one of them is malformed, and none was applied. */
bool glb_seat_apply (GlbSeat            *seat,
                     const GlbShimEvent *events,
                     uint32_t            n_events);
void glb_seat_set_clicked (GlbSeat        *seat,
                           GlbSeatClicked  clicked,
                           GlbSeatTouched  touched,
                           void           *data);
void glb_seat_key (GlbSeat  *seat,
                   uint32_t  code,
                   bool      pressed);
void glb_seat_release_all (GlbSeat *seat);
bool glb_seat_has_key_down (GlbSeat *seat);

struct weston_seat *glb_seat_get_weston_seat (GlbSeat *seat);
struct weston_pointer *glb_seat_get_pointer (GlbSeat *seat);
struct weston_keyboard *glb_seat_get_keyboard (GlbSeat *seat);
/* Without what text was mapped to. */
struct xkb_keymap *glb_seat_get_keymap (GlbSeat *seat);
