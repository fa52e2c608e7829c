/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>

#include "session-broker/keys/glb-ssh-signed.h"

#define USERAUTH_REQUEST 50
#define MAGIC            "SSHSIG"
#define MAGIC_SIZE       6
/* Those of the key exchanges that there are: SHA-1 to SHA-512. */
#define SESSION_ID_MIN   20
#define SESSION_ID_MAX   64
#define KEY_WORD_MAX     64

static const struct { const char *name; gsize size; } hashes[] = { { "sha256", 32 }, { "sha512", 64 } };

static gboolean
read_word (GlbSshBytes word, char out[GLB_SSH_WORD_SIZE])
{
  if (word.size == 0 || word.size >= GLB_SSH_WORD_SIZE)
    return FALSE;
  for (gsize i = 0; i < word.size; i++)
    if (!g_ascii_isgraph (word.bytes[i]))
      return FALSE;

  memcpy (out, word.bytes, word.size);
  out[word.size] = '\0';
  return TRUE;
}

/* The method, and whether the host's key stands behind the person's. */
static gboolean
take_method (GlbSshBytes *data, gboolean *bound)
{
  GlbSshBytes method;
  guint8 has_signature;

  if (!glb_ssh_take_string (data, &method) || !glb_ssh_take_byte (data, &has_signature) || has_signature != 1)
    return FALSE;

  *bound = glb_ssh_equal_text (method, "publickey-hostbound-v00@openssh.com");
  return *bound || glb_ssh_equal_text (method, "publickey");
}

/* As far as the user and the service. */
static gboolean
take_login (GlbSshBytes *data, GlbSshSigned *self)
{
  GlbSshBytes user, service;
  guint8 type;

  return glb_ssh_take_string (data, &self->session_id) && self->session_id.size >= SESSION_ID_MIN &&
         self->session_id.size <= SESSION_ID_MAX && glb_ssh_take_byte (data, &type) && type == USERAUTH_REQUEST &&
         glb_ssh_take_string (data, &user) && read_word (user, self->word) && glb_ssh_take_string (data, &service) &&
         glb_ssh_equal_text (service, "ssh-connection");
}

static const char *
parse_login (GlbSshBytes data, GlbSshBytes key, GlbSshSigned *self)
{
  GlbSshBytes algorithm, own_key;
  gboolean bound;

  if (!take_login (&data, self) || !take_method (&data, &bound) ||
      !glb_ssh_take_string (&data, &algorithm) || algorithm.size == 0 || algorithm.size > KEY_WORD_MAX ||
      !glb_ssh_take_string (&data, &own_key) ||
      (bound && (!glb_ssh_take_string (&data, &self->host_key) || self->host_key.size == 0)) || data.size != 0)
    return "unknown-data";

  self->kind = GLB_SSH_SIGNED_LOGIN;
  return glb_ssh_equal (own_key, key) ? NULL : "other-key";
}

static const char *
parse_message (GlbSshBytes data, GlbSshSigned *self)
{
  GlbSshBytes word, reserved, hash_name;

  data.bytes += MAGIC_SIZE;
  data.size -= MAGIC_SIZE;
  if (!glb_ssh_take_string (&data, &word) || !read_word (word, self->word) ||
      !glb_ssh_take_string (&data, &reserved) || reserved.size != 0 || !glb_ssh_take_string (&data, &hash_name) ||
      !glb_ssh_take_string (&data, &self->hash) || data.size != 0)
    return "unknown-data";

  self->kind = GLB_SSH_SIGNED_MESSAGE;
  for (guint i = 0; i < G_N_ELEMENTS (hashes); i++)
    if (glb_ssh_equal_text (hash_name, hashes[i].name) && self->hash.size == hashes[i].size)
      self->hash_name = hashes[i].name;
  return self->hash_name != NULL ? NULL : "unknown-data";
}

const char *
glb_ssh_signed_parse (GlbSshBytes untrusted_data, GlbSshBytes key, GlbSshSigned *self)
{
  *self = (GlbSshSigned) { 0 };
  /* as the length of a session id, the magic would be more than a gigabyte */
  if (untrusted_data.size >= MAGIC_SIZE && memcmp (untrusted_data.bytes, MAGIC, MAGIC_SIZE) == 0)
    return parse_message (untrusted_data, self);
  return parse_login (untrusted_data, key, self);
}
