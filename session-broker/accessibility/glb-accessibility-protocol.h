/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The protocol between glovebox-accessibility, in the session, and the broker:
 * lines of strict JSON over pipes. What the session says is hostile.
 *
 *   broker to session
 *     {"id": N, "request": "toplevels", "deadlineMs": T}
 *     {"id": N, "request": "tree", "toplevel": R, "maxNodes": M, "maxDepth": D, "deadlineMs": T}
 *     {"id": N, "request": "at", "toplevel": R, "x": X, "y": Y, "deadlineMs": T}
 *     {"id": N, "request": "focus", "toplevel": R, "deadlineMs": T}
 *     {"id": N, "request": "watch", "on": B}            has no answer
 *
 *   session to broker
 *     {"hello": 1}, or {"error": S} and the end        first
 *     {"id": N, "toplevels": [{"toplevel": R, "application": S, "node": NODE}], "silent": N}
 *     {"id": N, "node": NODE, "truncated": B}           of "tree", and of "at" and "focus": no children
 *     {"id": N, "failed": S}
 *     {"event": "changed"}                              while watched: something of a tree has changed
 *
 * NODE = {"role": S, "name": S, ["description": S], ["text": S], ["value": X], "states": [S], "bounds": [X, Y, W, H],
 * ["children": [NODE]]}; bounds are pixels of the toplevel. "silent": so many programs did not answer in time.
 */

#define GLB_ACCESSIBILITY_PROTOCOL      1
#define GLB_ACCESSIBILITY_LINE_MAX      (2u * 1024u * 1024u)   /* of the session's */
#define GLB_ACCESSIBILITY_REQUEST_MAX   4096u                  /* of the broker's */
#define GLB_ACCESSIBILITY_TOPLEVELS_MAX 64u
#define GLB_ACCESSIBILITY_NODES_MAX     5000u
#define GLB_ACCESSIBILITY_DEPTH_MAX     64u
#define GLB_ACCESSIBILITY_DEPTH_DEFAULT 40u
#define GLB_ACCESSIBILITY_NAME_MAX      256u    /* characters that are kept, of a name or description */
#define GLB_ACCESSIBILITY_TEXT_MAX      2000u   /* likewise, of a text */
#define GLB_ACCESSIBILITY_TEXTS_MAX     (512u * 1024u)         /* bytes of a tree's strings, together */
