/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "policies/glb-policy.h"
#include "session-broker/media/glb-media.h"

G_BEGIN_DECLS

/*
 * What a device of a session may be, as pure functions: what the policy says
 * that it is, and what a person may give in its place. That is never more than
 * the policy gives: where it gives the person's own device, anything may take
 * its place; where it gives a file or something generated, only something
 * generated may.
 */

GlbVerdict     glb_device_source_get_verdict (const GlbPolicy *policy, GlbMediaDevice device);
GlbMediaSource glb_device_source_of_policy   (const GlbPolicy *policy, GlbMediaDevice device);
/* (nullable): with GLB_MEDIA_SOURCE_FILE: the path, as the policy has it. */
const char    *glb_device_source_get_file    (const GlbPolicy *policy, GlbMediaDevice device);
/* NULL, or why the person may not give that. static */
const char    *glb_device_source_check       (const GlbPolicy *policy, GlbMediaDevice device, GlbMediaSource source);

/* "host", "test-pattern", "tone", "silence", "file" */
const char    *glb_device_source_to_string   (GlbMediaSource source);
/* FALSE: there is no such source, or not of this device. */
gboolean       glb_device_source_from_string (GlbMediaDevice device, const char *string, GlbMediaSource *source);
/* The words for all that the person may give: at least one, and none where the policy denies. (transfer full) */
GStrv          glb_device_source_list        (const GlbPolicy *policy, GlbMediaDevice device);

G_END_DECLS
