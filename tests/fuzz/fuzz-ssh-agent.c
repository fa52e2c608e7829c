/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "session-broker/broker/glb-ssh-question.h"
#include "session-broker/keys/glb-ssh-host-key.h"
#include "session-broker/keys/glb-ssh-message.h"

/* Whatever a program of the session asks, and the person's agent answers: what is let through is of the three kinds that there
 * are, lies within the message, and can be read by a person. */

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static void
check_within (GlbSshBytes part, const guint8 *data, gsize size)
{
  if (part.size > 0)
    g_assert_true (part.bytes >= data && part.bytes + part.size <= data + size);
}

static void
check_line (const char *text)
{
  g_assert_true (g_utf8_validate (text, -1, NULL));
  for (const char *c = text; *c != '\0'; c = g_utf8_next_char (c))
    g_assert_true (g_unichar_isprint (g_utf8_get_char (c)));
}

static void
check_signed (const GlbSshSigned *what)
{
  GlbSshHost host = { what->host_key.size > 0 ? glb_ssh_fingerprint (what->host_key) : NULL, what->host_key.size > 0 };
  g_autoptr(GlbSshQuestion) question = glb_ssh_question_new (what, "comment", "SHA256:key", &host);
  g_autoptr(JsonObject) fields = glb_ssh_question_describe (what, "comment", "SHA256:key", &host);

  check_line (question->title);
  check_line (question->target);
  g_assert_cmpuint (g_utf8_strlen (question->title, -1), <=, 200);
  g_assert_cmpuint (g_utf8_strlen (question->target, -1), <=, 200);
  /* a login without its host is a yes to nothing else */
  g_assert_true (what->kind != GLB_SSH_SIGNED_LOGIN || host.proven || question->is_bound_to_data);
  g_assert_true (json_object_has_member (fields, "signs"));
  g_free (host.fingerprint);
}

static void
check_request (const GlbSshRequest *request, const guint8 *data, gsize size)
{
  GlbSshSigned what;

  g_assert_true (request->kind == GLB_SSH_LIST || request->kind == GLB_SSH_SIGN || request->kind == GLB_SSH_BIND);
  check_within (request->key, data, size);
  check_within (request->data, data, size);
  check_within (request->host_key, data, size);
  check_within (request->session_id, data, size);
  check_within (request->signature, data, size);
  if (request->kind == GLB_SSH_SIGN && glb_ssh_signed_parse (request->data, request->key, &what) == NULL)
    check_signed (&what);
  if (request->kind == GLB_SSH_BIND)
    glb_ssh_host_key_verify (request->host_key, request->session_id, request->signature);
}

static void
check_answer (GlbSshBytes answer)
{
  g_autoptr(GPtrArray) identities = glb_ssh_identities_parse (answer);

  g_assert_true (identities == NULL || !glb_ssh_is_signature (answer));
  for (guint i = 0; identities != NULL && i < identities->len; i++)
    check_line (((GlbSshIdentity *) identities->pdata[i])->comment);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  const GlbSshBytes message = { data, size };
  GlbSshRequest request;
  const char *why = glb_ssh_request_parse (message, &request);

  if (why == NULL)
    check_request (&request, data, size);
  check_answer (message);
  return 0;
}
