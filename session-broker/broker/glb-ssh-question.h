/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "session-broker/keys/glb-ssh-signed.h"

G_BEGIN_DECLS

/* Which host a login goes to, as far as it is known. */
typedef struct
{
  char *fingerprint;         /* (nullable): nothing is known */
  gboolean proven;           /* it cannot be another: the host's signature says so, or only that host would take the login */
} GlbSshHost;

/**
 * GlbSshQuestion:
 *
 * One signature as the person is asked for it. A yes for longer is bound to
 * @target: key, and user and host, or namespace. Where the host is not proven
 * it is bound to the data, too: then it is a yes to this one connection.
 */
typedef struct
{
  char *title;
  char *preview;
  char *target;
  gboolean is_bound_to_data;
} GlbSshQuestion;

/* comment: of the key, visible text; fingerprint: of the key. Pure. (transfer full) */
GlbSshQuestion *glb_ssh_question_new  (const GlbSshSigned *what, const char *comment, const char *fingerprint,
                                       const GlbSshHost *host);
void            glb_ssh_question_free (GlbSshQuestion *self);

/* The members of "ssh-signed", and of the prompt's details. (transfer full) */
JsonObject     *glb_ssh_question_describe (const GlbSshSigned *what, const char *comment, const char *fingerprint,
                                           const GlbSshHost *host);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbSshQuestion, glb_ssh_question_free)

G_END_DECLS
