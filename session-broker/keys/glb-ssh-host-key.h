/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session-broker/keys/glb-ssh-wire.h"

G_BEGIN_DECLS

typedef enum
{
  GLB_SSH_HOST_FALSE,        /* the key did not make the signature */
  GLB_SSH_HOST_PROVEN,
  GLB_SSH_HOST_UNKNOWN,      /* a kind of key that is not known here: a certificate, a security key */
} GlbSshHostProof;

/* Pure. Whether signature is one of key (Ed25519, ECDSA, RSA with SHA-2; RFC 4253, 5656, 8332, 8709) over data. */
GlbSshHostProof glb_ssh_host_key_verify (GlbSshBytes key, GlbSshBytes data, GlbSshBytes signature);

G_END_DECLS
