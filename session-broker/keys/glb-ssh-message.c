/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "policies/glb-strict-json.h"
#include "session-broker/keys/glb-ssh-message.h"

#define IDENTITIES_ANSWER  12
#define SIGN_RESPONSE      14
#define SESSION_BIND       "session-bind@openssh.com"
#define RSA_SHA2_256       (1u << 1)
#define RSA_SHA2_512       (1u << 2)
/* What a person is shown of a comment. */
#define COMMENT_MAX_CHARS  64
#define KEY_MAX_BYTES      16384

static gboolean
is_key (GlbSshBytes key)
{
  return key.size > 0 && key.size <= KEY_MAX_BYTES;
}

static const char *
parse_sign (GlbSshBytes rest, GlbSshRequest *request)
{
  guint32 flags;

  if (!glb_ssh_take_string (&rest, &request->key) || !is_key (request->key) || !glb_ssh_take_string (&rest, &request->data) ||
      !glb_ssh_take_number (&rest, &flags) || rest.size != 0)
    return "malformed";
  /* which hash an RSA key uses; there are no others */
  return flags == 0 || flags == RSA_SHA2_256 || flags == RSA_SHA2_512 ? NULL : "not-supported";
}

static const char *
parse_extension (GlbSshBytes rest, GlbSshRequest *request)
{
  GlbSshBytes name;
  guint8 forwarding;

  if (!glb_ssh_take_string (&rest, &name))
    return "malformed";
  if (!glb_ssh_equal_text (name, SESSION_BIND))
    return "not-supported";
  if (!glb_ssh_take_string (&rest, &request->host_key) || !is_key (request->host_key) ||
      !glb_ssh_take_string (&rest, &request->session_id) || !glb_ssh_take_string (&rest, &request->signature) ||
      !glb_ssh_take_byte (&rest, &forwarding) || forwarding > 1 || rest.size != 0)
    return "malformed";

  request->forwarding = forwarding;
  return NULL;
}

const char *
glb_ssh_request_parse (GlbSshBytes untrusted_message, GlbSshRequest *request)
{
  guint8 type;

  *request = (GlbSshRequest) { 0 };
  if (!glb_ssh_take_byte (&untrusted_message, &type))
    return "malformed";

  request->kind = type;
  switch (type)
    {
    case GLB_SSH_LIST:
      return untrusted_message.size == 0 ? NULL : "malformed";
    case GLB_SSH_SIGN:
      return parse_sign (untrusted_message, request);
    case GLB_SSH_BIND:
      return parse_extension (untrusted_message, request);
    default:
      return "not-supported";
    }
}

const char *
glb_ssh_request_kind_to_string (GlbSshRequestKind kind)
{
  return kind == GLB_SSH_LIST ? "list" : kind == GLB_SSH_SIGN ? "sign" : kind == GLB_SSH_BIND ? "bind" : "other";
}

void
glb_ssh_identity_free (GlbSshIdentity *self)
{
  g_free (self->fingerprint);
  g_free (self->comment);
  g_free (self);
}

GPtrArray *
glb_ssh_identities_parse (GlbSshBytes untrusted_answer)
{
  g_autoptr(GPtrArray) identities = g_ptr_array_new_with_free_func ((GDestroyNotify) glb_ssh_identity_free);
  guint8 type;
  guint32 n;

  if (!glb_ssh_take_byte (&untrusted_answer, &type) || type != IDENTITIES_ANSWER ||
      !glb_ssh_take_number (&untrusted_answer, &n) || n > GLB_SSH_KEYS_MAX)
    return NULL;

  for (guint i = 0; i < n; i++)
    {
      GlbSshBytes key, comment;
      GlbSshIdentity *identity;

      if (!glb_ssh_take_string (&untrusted_answer, &key) || !is_key (key) || !glb_ssh_take_string (&untrusted_answer, &comment))
        return NULL;
      identity = g_new0 (GlbSshIdentity, 1);
      identity->fingerprint = glb_ssh_fingerprint (key);
      identity->comment = glb_strict_json_printable ((const char *) comment.bytes, comment.size, COMMENT_MAX_CHARS);
      g_ptr_array_add (identities, identity);
    }
  return untrusted_answer.size == 0 ? g_steal_pointer (&identities) : NULL;
}

gboolean
glb_ssh_is_signature (GlbSshBytes untrusted_answer)
{
  GlbSshBytes signature;
  guint8 type;

  return glb_ssh_take_byte (&untrusted_answer, &type) && type == SIGN_RESPONSE &&
         glb_ssh_take_string (&untrusted_answer, &signature) && signature.size > 0 && untrusted_answer.size == 0;
}
