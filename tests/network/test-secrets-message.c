/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "session-broker/network/glb-secrets-message.h"

#define PEM "-----BEGIN CERTIFICATE-----\nMIIB+/8=\n-----END CERTIFICATE-----\n"

typedef struct
{
  GlbSecretsHeader header;
  union
  {
    GlbSecretsReady ready;
    GlbSecretsEnded ended;
  };
} Packet;

static Packet
make_ready (const char *certificate)
{
  Packet packet = { .header = { .type = GLB_SECRETS_READY } };

  packet.ready.size = strlen (certificate);
  memcpy (packet.ready.certificate, certificate, packet.ready.size);
  packet.header.size = G_STRUCT_OFFSET (GlbSecretsReady, certificate) + packet.ready.size;
  return packet;
}

static Packet
make_ended (void)
{
  return (Packet) {
    .header = { .type = GLB_SECRETS_ENDED, .size = sizeof (GlbSecretsEnded) },
    .ended = { .id = 7, .end = GLB_SECRETS_END_UNTRUSTED, .detail = "why" },
  };
}

static gboolean
parses (const Packet *packet,
        gsize         size,
        guint         n_fds)
{
  g_autoptr(GError) error = NULL;
  GlbSecretsMessage message;
  gboolean good = glb_secrets_message_parse ((const guint8 *) packet, size, n_fds, &message, &error);

  if (!good)
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
  return good;
}

static gboolean
is_good (Packet packet)
{
  return parses (&packet, sizeof packet.header + packet.header.size, 0);
}

#define assert_bad_with(make, change) G_STMT_START { Packet p = make; change; g_assert_false (is_good (p)); } G_STMT_END

static void
test_ready (void)
{
  g_assert_true (is_good (make_ready (PEM)));
  g_assert_true (is_good (make_ready ("")));
  g_assert_false (is_good (make_ready ("x")));
  g_assert_false (is_good (make_ready (PEM PEM)));
  g_assert_false (is_good (make_ready (PEM "more\n")));
  g_assert_false (is_good (make_ready ("more\n" PEM)));
  g_assert_false (is_good (make_ready ("-----BEGIN CERTIFICATE-----\nMII \n-----END CERTIFICATE-----\n")));
  assert_bad_with (make_ready (PEM), p.ready.reserved = 1);
  assert_bad_with (make_ready (PEM), p.ready.size--);
  assert_bad_with (make_ready (PEM), p.ready.size = G_MAXUINT32);
  assert_bad_with (make_ready (PEM), p.ready.certificate[30] = '\0');
}

static void
test_ended (void)
{
  g_assert_true (is_good (make_ended ()));
  assert_bad_with (make_ended (), p.ended.id = 0);
  assert_bad_with (make_ended (), p.ended.end = 0);
  assert_bad_with (make_ended (), p.ended.end = GLB_SECRETS_END_LIMIT + 1);
  assert_bad_with (make_ended (), p.ended.used = 2);
  assert_bad_with (make_ended (), p.ended.detail[1] = '\n');
  assert_bad_with (make_ended (), p.ended.detail[1] = '\x1b');
  assert_bad_with (make_ended (), memset (p.ended.detail, 'a', sizeof p.ended.detail));
}

static void
test_shape (void)
{
  Packet packet = make_ended ();
  gsize whole = sizeof packet.header + packet.header.size;

  for (gsize size = 0; size < whole; size++)
    g_assert_false (parses (&packet, size, 0));
  g_assert_false (parses (&packet, whole + 1, 0));
  g_assert_false (parses (&packet, whole, 1));
  assert_bad_with (make_ended (), p.header.type = GLB_SECRETS_CARRY);
  assert_bad_with (make_ended (), p.header.type = GLB_SECRETS_READY);
  assert_bad_with (make_ended (), p.header.size = 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/secrets-message/ready", test_ready);
  g_test_add_func ("/secrets-message/ended", test_ended);
  g_test_add_func ("/secrets-message/shape", test_shape);
  return g_test_run ();
}
