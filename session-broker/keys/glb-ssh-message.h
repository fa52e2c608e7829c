/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session-broker/keys/glb-ssh-wire.h"

G_BEGIN_DECLS

/* The protocol of ssh-agent (draft-ietf-sshm-ssh-agent), as far as a session may speak it: list, sign, and bind. Pure. A
 * message is what stands behind its length. */

#define GLB_SSH_MESSAGE_MAX (256u * 1024u)
#define GLB_SSH_KEYS_MAX    256u

#define GLB_SSH_FAILURE     5
#define GLB_SSH_SUCCESS     6

typedef enum
{
  GLB_SSH_LIST = 11,         /* REQUEST_IDENTITIES */
  GLB_SSH_SIGN = 13,         /* SIGN_REQUEST */
  GLB_SSH_BIND = 27,         /* EXTENSION session-bind@openssh.com */
} GlbSshRequestKind;

/* One request of a program, in its message. */
typedef struct
{
  GlbSshRequestKind kind;
  GlbSshBytes key;           /* of SIGN */
  GlbSshBytes data;
  GlbSshBytes host_key;      /* of BIND: of the host that says so, */
  GlbSshBytes session_id;    /* that this is its connection, */
  GlbSshBytes signature;     /* with this */
  gboolean forwarding;       /* the connection is not for a login, but for programs at the host */
} GlbSshRequest;

/* NULL, or (static) why it is none: "not-supported", "malformed". */
const char *glb_ssh_request_parse (GlbSshBytes untrusted_message, GlbSshRequest *request);
const char *glb_ssh_request_kind_to_string (GlbSshRequestKind kind);

typedef struct
{
  char *fingerprint;
  char *comment;             /* one line of visible text, bounded */
} GlbSshIdentity;

void        glb_ssh_identity_free (GlbSshIdentity *self);

/* What an agent answers to LIST. (transfer full) (element-type GlbSshIdentity) (nullable): it is something else. */
GPtrArray  *glb_ssh_identities_parse (GlbSshBytes untrusted_answer);
/* Whether it is what an agent answers to SIGN: a signature, and no more. */
gboolean    glb_ssh_is_signature     (GlbSshBytes untrusted_answer);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbSshIdentity, glb_ssh_identity_free)

G_END_DECLS
