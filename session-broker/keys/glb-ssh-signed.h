/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session-broker/keys/glb-ssh-wire.h"

G_BEGIN_DECLS

/* What a person must be able to read to its end. */
#define GLB_SSH_WORD_SIZE 65u

typedef enum
{
  GLB_SSH_SIGNED_LOGIN,      /* RFC 4252, section 7, and publickey-hostbound-v00@openssh.com */
  GLB_SSH_SIGNED_MESSAGE,    /* PROTOCOL.sshsig: a commit, a file */
} GlbSshSignedKind;

/**
 * GlbSshSigned:
 *
 * What a key would sign, read. Data that is not wholly understood is not
 * signed: a signature over it could mean anything elsewhere.
 */
typedef struct
{
  GlbSshSignedKind kind;
  char word[GLB_SSH_WORD_SIZE];   /* of LOGIN: the user at the host; of MESSAGE: the namespace. Visible ASCII */
  GlbSshBytes session_id;    /* of LOGIN */
  GlbSshBytes host_key;      /* of LOGIN, in the data; empty: it does not say */
  GlbSshBytes hash;          /* of MESSAGE */
  const char *hash_name;     /* (static): of MESSAGE: "sha256", "sha512" */
} GlbSshSigned;

/* Pure. key: that is to sign. NULL, or (static) why not: "unknown-data", "other-key" (the data names another). */
const char *glb_ssh_signed_parse (GlbSshBytes untrusted_data, GlbSshBytes key, GlbSshSigned *self);

G_END_DECLS
