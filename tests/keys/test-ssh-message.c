/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "session-broker/keys/glb-ssh-message.h"
#include "session-broker/keys/glb-ssh-signed.h"

static const GlbSshBytes own_key = { (const guint8 *) "key", 3 };

static void
put (GByteArray *bytes, const char *text)
{
  glb_ssh_put_string (bytes, (GlbSshBytes) { (const guint8 *) text, strlen (text) });
}

static void
put_byte (GByteArray *bytes, guint8 byte)
{
  g_byte_array_append (bytes, &byte, 1);
}

static void
put_number (GByteArray *bytes, guint32 number)
{
  number = GUINT32_TO_BE (number);
  g_byte_array_append (bytes, (const guint8 *) &number, sizeof number);
}

static GlbSshBytes
view (GByteArray *bytes)
{
  return (GlbSshBytes) { bytes->data, bytes->len };
}

static const char *
parse (GByteArray *message)
{
  GlbSshRequest request;

  return glb_ssh_request_parse (view (message), &request);
}

static GByteArray *
make_sign (guint32 flags)
{
  GByteArray *message = g_byte_array_new ();

  put_byte (message, GLB_SSH_SIGN);
  put (message, "key");
  put (message, "data");
  put_number (message, flags);
  return message;
}

static GByteArray *
make_bind (const char *name, guint8 forwarding)
{
  GByteArray *message = g_byte_array_new ();

  put_byte (message, GLB_SSH_BIND);
  put (message, name);
  put (message, "host key");
  put (message, "session id");
  put (message, "signature");
  put_byte (message, forwarding);
  return message;
}

/* Each beginning of a message, and one that goes on, is none. */
static void
assert_strict (GByteArray *message)
{
  g_assert_null (parse (message));
  for (guint size = message->len; size > 0; size--)
    {
      GlbSshRequest request;

      g_assert_cmpstr (glb_ssh_request_parse ((GlbSshBytes) { message->data, size - 1 }, &request), ==, "malformed");
    }
  put_byte (message, 0);
  g_assert_cmpstr (parse (message), ==, "malformed");
}

static void
test_requests (void)
{
  g_autoptr(GByteArray) list = g_byte_array_new ();
  g_autoptr(GByteArray) sign = make_sign (0);
  g_autoptr(GByteArray) bind = make_bind ("session-bind@openssh.com", 1);
  GlbSshRequest request;

  put_byte (list, GLB_SSH_LIST);
  assert_strict (list);
  assert_strict (sign);
  assert_strict (bind);
  g_byte_array_set_size (bind, bind->len - 1);
  g_assert_null (glb_ssh_request_parse (view (bind), &request));
  g_assert_true (request.forwarding);
  g_assert_true (glb_ssh_equal_text (request.host_key, "host key"));
  g_assert_true (glb_ssh_equal_text (request.session_id, "session id"));
}

static void
test_refused (void)
{
  static const guint32 flags[] = { 1, 3, 6, 8, G_MAXUINT32 };
  g_autoptr(GByteArray) query = make_bind ("query", 0);
  g_autoptr(GByteArray) restrict_destination = make_bind ("restrict-destination-v00@openssh.com", 0);
  g_autoptr(GByteArray) wrong = make_bind ("session-bind@openssh.com", 2);

  for (guint type = 0; type < 256; type++)
    {
      g_autoptr(GByteArray) message = g_byte_array_new ();

      put_byte (message, type);
      if (type != GLB_SSH_LIST && type != GLB_SSH_SIGN && type != GLB_SSH_BIND)
        g_assert_cmpstr (parse (message), ==, "not-supported");
    }
  for (guint i = 0; i < G_N_ELEMENTS (flags); i++)
    {
      g_autoptr(GByteArray) message = make_sign (flags[i]);

      g_assert_cmpstr (parse (message), ==, "not-supported");
    }
  g_assert_cmpstr (parse (query), ==, "not-supported");
  g_assert_cmpstr (parse (restrict_destination), ==, "not-supported");
  g_assert_cmpstr (parse (wrong), ==, "malformed");
}

static void
test_identities (void)
{
  g_autoptr(GByteArray) answer = g_byte_array_new ();
  g_autoptr(GPtrArray) identities = NULL;
  GlbSshIdentity *identity;

  put_byte (answer, 12);
  put_number (answer, 1);
  put (answer, "key");
  put (answer, "me\n\x1b[2Jdesk");
  identities = glb_ssh_identities_parse (view (answer));
  g_assert_nonnull (identities);
  g_assert_cmpuint (identities->len, ==, 1);
  identity = identities->pdata[0];
  g_assert_cmpstr (identity->fingerprint, ==, "SHA256:LHDhK3oGRvkiefQnx7OOczTY5Tic/xZ6HcMOc/gmtoM");
  g_assert_null (strchr (identity->comment, '\n'));
  g_assert_null (strchr (identity->comment, '\x1b'));

  for (guint size = 0; size < answer->len; size++)
    g_assert_null (glb_ssh_identities_parse ((GlbSshBytes) { answer->data, size }));
  put_byte (answer, 0);
  g_assert_null (glb_ssh_identities_parse (view (answer)));
  g_assert_false (glb_ssh_is_signature (view (answer)));
}

/* ---- what is signed ------------------------------------------------------------------ */

static GByteArray *
make_login (const char *id, guint8 type, const char *user, const char *service, const char *method, guint8 has, const char *key,
            const char *host)
{
  GByteArray *data = g_byte_array_new ();

  put (data, id);
  put_byte (data, type);
  put (data, user);
  put (data, service);
  put (data, method);
  put_byte (data, has);
  put (data, "ssh-ed25519");
  put (data, key);
  if (host != NULL)
    put (data, host);
  return data;
}

static GByteArray *
make_message (const char *namespace, const char *reserved, const char *hash, guint size)
{
  GByteArray *data = g_byte_array_new ();
  g_autofree char *digest = g_strnfill (size, 'd');

  g_byte_array_append (data, (const guint8 *) "SSHSIG", 6);
  put (data, namespace);
  put (data, reserved);
  put (data, hash);
  put (data, digest);
  return data;
}

#define ID        "0123456789abcdef0123456789abcdef"
#define HOSTBOUND "publickey-hostbound-v00@openssh.com"

/* Takes data. */
static void
assert_signed (GByteArray *data, const char *why)
{
  GlbSshSigned what;

  g_assert_cmpstr (glb_ssh_signed_parse (view (data), own_key, &what), ==, why);
  g_byte_array_unref (data);
}

static void
test_unknown_data (void)
{
  g_autofree char *long_word = g_strnfill (GLB_SSH_WORD_SIZE, 'w');

  assert_signed (g_byte_array_new (), "unknown-data");
  assert_signed (make_login ("too short", 50, "git", "ssh-connection", "publickey", 1, "key", NULL), "unknown-data");
  assert_signed (make_login (ID, 51, "git", "ssh-connection", "publickey", 1, "key", NULL), "unknown-data");
  assert_signed (make_login (ID, 50, "", "ssh-connection", "publickey", 1, "key", NULL), "unknown-data");
  assert_signed (make_login (ID, 50, "a b", "ssh-connection", "publickey", 1, "key", NULL), "unknown-data");
  assert_signed (make_login (ID, 50, long_word, "ssh-connection", "publickey", 1, "key", NULL), "unknown-data");
  assert_signed (make_login (ID, 50, "git", "ssh-userauth", "publickey", 1, "key", NULL), "unknown-data");
  assert_signed (make_login (ID, 50, "git", "ssh-connection", "hostbased", 1, "key", NULL), "unknown-data");
  assert_signed (make_login (ID, 50, "git", "ssh-connection", "publickey", 0, "key", NULL), "unknown-data");
  assert_signed (make_login (ID, 50, "git", "ssh-connection", "publickey", 1, "key", "host"), "unknown-data");
  assert_signed (make_login (ID, 50, "git", "ssh-connection", HOSTBOUND, 1, "key", NULL), "unknown-data");
  assert_signed (make_login (ID, 50, "git", "ssh-connection", HOSTBOUND, 1, "key", ""), "unknown-data");
  assert_signed (make_login (ID, 50, "git", "ssh-connection", "publickey", 1, "other", NULL), "other-key");
  assert_signed (make_message ("", "", "sha512", 64), "unknown-data");
  assert_signed (make_message ("a\nb", "", "sha512", 64), "unknown-data");
  assert_signed (make_message (long_word, "", "sha512", 64), "unknown-data");
  assert_signed (make_message ("git", "x", "sha512", 64), "unknown-data");
  assert_signed (make_message ("git", "", "sha512", 32), "unknown-data");
  assert_signed (make_message ("git", "", "md5", 16), "unknown-data");
}

static void
test_login (void)
{
  g_autoptr(GByteArray) plain = make_login (ID, 50, "git", "ssh-connection", "publickey", 1, "key", NULL);
  g_autoptr(GByteArray) bound = make_login (ID, 50, "git", "ssh-connection", HOSTBOUND, 1, "key", "host");
  GlbSshSigned what;

  g_assert_null (glb_ssh_signed_parse (view (plain), own_key, &what));
  g_assert_cmpint (what.kind, ==, GLB_SSH_SIGNED_LOGIN);
  g_assert_cmpstr (what.word, ==, "git");
  g_assert_true (glb_ssh_equal_text (what.session_id, ID));
  g_assert_cmpuint (what.host_key.size, ==, 0);
  g_assert_null (glb_ssh_signed_parse (view (bound), own_key, &what));
  g_assert_true (glb_ssh_equal_text (what.host_key, "host"));
  for (guint size = 0; size < bound->len; size++)
    g_assert_nonnull (glb_ssh_signed_parse ((GlbSshBytes) { bound->data, size }, own_key, &what));
}

static void
test_message (void)
{
  g_autoptr(GByteArray) data = make_message ("git", "", "sha256", 32);
  GlbSshSigned what;

  g_assert_null (glb_ssh_signed_parse (view (data), own_key, &what));
  g_assert_cmpint (what.kind, ==, GLB_SSH_SIGNED_MESSAGE);
  g_assert_cmpstr (what.word, ==, "git");
  g_assert_cmpstr (what.hash_name, ==, "sha256");
  g_assert_cmpuint (what.hash.size, ==, 32);
  put_byte (data, 0);
  g_assert_cmpstr (glb_ssh_signed_parse (view (data), own_key, &what), ==, "unknown-data");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/ssh-message/refused", test_refused);
  g_test_add_func ("/ssh-message/requests", test_requests);
  g_test_add_func ("/ssh-message/identities", test_identities);
  g_test_add_func ("/ssh-signed/unknown-data", test_unknown_data);
  g_test_add_func ("/ssh-signed/login", test_login);
  g_test_add_func ("/ssh-signed/message", test_message);
  return g_test_run ();
}
