/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "compositor-shim/glb-seat.h"
#include "compositor-shim/glb-shell.h"

/*
 * Types text into the focused client: through text-input-v3 where the client
 * has it enabled, else by keys, with a keymap that has the characters which
 * the "us" keymap lacks.  It hands over only as much at a time as the client
 * has room for.
 */
typedef struct GlbText GlbText;

/* @error is as in GlbShimDone. */
typedef void (*GlbTextDone) (uint64_t serial, int error, void *data);

GlbText *glb_text_new (struct weston_compositor *compositor,
                       GlbSeat                  *seat,
                       GlbShell                 *shell,
                       GlbTextDone               done,
                       void                     *data);
void glb_text_free (GlbText *text);
/* @string is valid UTF-8 without control characters other than "\n" and "\t". */
void glb_text_type (GlbText    *text,
                    uint64_t    serial,
                    const char *string,
                    size_t      length);
/* Drops what has not been typed yet; its requests end with ECANCELED. */
void glb_text_cancel (GlbText *text);
