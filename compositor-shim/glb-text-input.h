/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <libweston/libweston.h>

#include "compositor-shim/glb-seat.h"

/* The text-input-v3 protocol: tells clients where text would go, and commits it there. */
typedef struct GlbTextInput GlbTextInput;

/* Bytes that one commit may have; a Wayland message ends at 4096. */
#define GLB_TEXT_INPUT_COMMIT_MAX 2000u

GlbTextInput *glb_text_input_new (struct weston_compositor *compositor,
                                  GlbSeat                  *seat);
void glb_text_input_free (GlbTextInput *text_input);

/* Whether the focused surface wants text. */
bool glb_text_input_is_enabled (GlbTextInput *text_input);
/* @string ends with NUL and has at most GLB_TEXT_INPUT_COMMIT_MAX bytes. */
void glb_text_input_commit (GlbTextInput *text_input,
                            const char   *string);
