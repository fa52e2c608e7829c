/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "session-broker/broker/glb-prompts.h"

G_BEGIN_DECLS

/* What a gate to the person's keys needs of its session. Records come before the effect; one that fails stops it. */
typedef struct
{
  GlbSession *session;
  GlbPrompts *prompts;
  gboolean (*audit) (gpointer user_data, const char *event, GlbDriver actor, JsonObject *fields, GError **error);
  gpointer user_data;
} GlbKeyContext;

G_END_DECLS
