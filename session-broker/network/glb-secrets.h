/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "policies/glb-network-secret-rule.h"
#include "session-broker/network/glb-secrets-message.h"
#include "session-broker/sandbox/glb-account.h"
#include "session-broker/secrets/glb-secret-text.h"

G_BEGIN_DECLS

/**
 * GlbSecrets:
 *
 * The broker's end of one glovebox-secrets: a process in a sandbox of its own
 * that has the secrets of a session and adds them to its requests. It is
 * launched early and waits for them; this end keeps none. Each message of it
 * is checked; the first bad one kills it.
 *
 * signal ::ready   (GlbSecrets *self, const GlbSecretsReady *ready)   after the last glb_secrets_add()
 * signal ::ended   (GlbSecrets *self, const GlbSecretsEnded *ended)   once for each glb_secrets_carry()
 * signal ::gone    (GlbSecrets *self, const char *why)   nothing of it is left; once
 */
#define GLB_TYPE_SECRETS (glb_secrets_get_type ())
G_DECLARE_FINAL_TYPE (GlbSecrets, glb_secrets, GLB, SECRETS, GObject)

/* name: of the session, for messages. account: its own; it is told the janitor by the caller. */
GlbSecrets *glb_secrets_launch (const char *name, GlbAccount *account, GError **error);

/* Once; n calls of glb_secrets_add() follow. trust_fd: taken: the authorities that servers are checked against, PEM.
 * valid_seconds: of the session's own. */
void        glb_secrets_set_up (GlbSecrets *self, guint n, guint64 valid_seconds, int trust_fd);
void        glb_secrets_add    (GlbSecrets *self, const GlbNetworkSecretRule *rule, const GlbSecretText *text);

/* rule: one that was added. server, program: taken. */
void        glb_secrets_carry  (GlbSecrets *self, guint64 id, const GlbNetworkSecretRule *rule, int server, int program);

/* ::gone follows, unless it is gone. why: (static) */
void        glb_secrets_kill       (GlbSecrets *self, const char *why);
gboolean    glb_secrets_is_running (GlbSecrets *self);
GPid        glb_secrets_get_pid    (GlbSecrets *self);

G_END_DECLS
