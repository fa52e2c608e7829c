/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib.h>
#include <string.h>

#include "session-broker/network/glb-network-tls.h"

/* Each string literal has its size, so that bytes of 0 may be in it. */
#define BYTES(literal) (const guint8 *) (literal), sizeof (literal) - 1

/* server_name with one host_name, as the extension's content. */
#define NAME_EXAMPLE "\0\16\0\0\13Example.org"
#define EXTENSION_EXAMPLE "\0\0\0\20" NAME_EXAMPLE

static void
append_u16 (GByteArray *array, gsize value)
{
  guint8 bytes[2] = { value >> 8, value };

  g_byte_array_append (array, bytes, 2);
}

static void
append_repeated (GByteArray *array, guint8 byte, gsize n)
{
  for (gsize i = 0; i < n; i++)
    g_byte_array_append (array, &byte, 1);
}

/* A ClientHello with these extensions (NULL: without the field), as a handshake message. */
static GByteArray *
make_message (const guint8 *extensions, gsize size)
{
  GByteArray *message = g_byte_array_new ();
  gsize length;

  g_byte_array_append (message, BYTES ("\1\0\0\0\3\3"));
  append_repeated (message, 'r', 32);
  g_byte_array_append (message, BYTES ("\0\0\2\23\1\1\0"));
  if (extensions)
    {
      append_u16 (message, size);
      g_byte_array_append (message, extensions, size);
    }
  length = message->len - 4;
  message->data[1] = length >> 16;
  message->data[2] = length >> 8;
  message->data[3] = length;
  return message;
}

/* In records of at most size bytes. */
static GByteArray *
make_records (const GByteArray *message, gsize size)
{
  GByteArray *records = g_byte_array_new ();

  for (gsize at = 0; at < message->len; at += size)
    {
      gsize n = MIN (size, message->len - at);

      g_byte_array_append (records, BYTES ("\26\3\1"));
      append_u16 (records, n);
      g_byte_array_append (records, message->data + at, n);
    }
  return records;
}

static GByteArray *
make_hello (const guint8 *extensions, gsize size)
{
  g_autoptr(GByteArray) message = make_message (extensions, size);

  return make_records (message, 16384);
}

static void
assert_parsed (const guint8 *bytes, gsize size, GlbNetworkTlsResult expected, const char *expected_name)
{
  char name[GLB_NETWORK_NAME_SIZE] = "left";

  g_assert_cmpint (glb_network_tls_parse_hello (bytes, size, name), ==, expected);
  g_assert_cmpstr (name, ==, expected_name);
}

static void
assert_extensions (const guint8 *extensions, gsize size, GlbNetworkTlsResult expected, const char *expected_name)
{
  g_autoptr(GByteArray) hello = make_hello (extensions, size);

  for (gsize part = 0; part < hello->len && expected != GLB_NETWORK_TLS_BAD; part++)
    assert_parsed (hello->data, part, GLB_NETWORK_TLS_MORE, "");
  assert_parsed (hello->data, hello->len, expected, expected_name);
}

static void
test_name_refused (void)
{
  const struct { const guint8 *bytes; gsize size; } extensions[] = {
    { BYTES (EXTENSION_EXAMPLE EXTENSION_EXAMPLE) },              /* twice */
    { BYTES ("\0\0\0\0") },                                       /* without content */
    { BYTES ("\0\0\0\2\0\0") },                                   /* an empty list */
    { BYTES ("\0\0\0\5\0\3\0\0\0") },                             /* an empty name */
    { BYTES ("\0\0\0\12\0\10\0\0\1a\0\0\1b") },                   /* two names */
    { BYTES ("\0\0\0\6\0\4\1\0\1a") },                            /* a name of another kind */
    { BYTES ("\0\0\0\12\0\10\0\0\1a\1\0\1b") },                   /* and behind a host's */
    { BYTES ("\0\0\0\7\0\4\0\0\1ab") },                           /* more than the list */
    { BYTES ("\0\0\0\6\0\5\0\0\1a") },                            /* a list that is longer than the extension */
    { BYTES ("\0\0\0\6\0\4\0\0\2a") },                            /* a name that is longer than the list */
    { BYTES ("\0\0\0\7\0\4\0\0\1a") },                            /* an extension that is longer than all */
    { BYTES ("\0\0\0\10\0\6\0\0\3a\0b") },
    { BYTES ("\0\0\0\10\0\6\0\0\3a b") },
    { BYTES ("\0\0\0\10\0\6\0\0\3a:1") },
    { BYTES ("\0\0\0\10\0\6\0\0\3[a]") },
    { BYTES ("\0\0\0\10\0\6\0\0\3a\303\244") },
    { BYTES (EXTENSION_EXAMPLE "\0") },                           /* a byte behind the last extension */
  };

  for (gsize i = 0; i < G_N_ELEMENTS (extensions); i++)
    {
      g_test_message ("%" G_GSIZE_FORMAT, i);
      assert_extensions (extensions[i].bytes, extensions[i].size, GLB_NETWORK_TLS_BAD, "");
    }
}

static void
test_name (void)
{
  assert_extensions (BYTES (EXTENSION_EXAMPLE), GLB_NETWORK_TLS_NAME, "example.org");
  assert_extensions (BYTES ("\0\20\0\5\0\3\2h2" EXTENSION_EXAMPLE "\0\25\0\0"), GLB_NETWORK_TLS_NAME, "example.org");
  assert_extensions (BYTES ("\0\20\0\5\0\3\2h2"), GLB_NETWORK_TLS_NO_NAME, "");
  assert_extensions (BYTES (""), GLB_NETWORK_TLS_NO_NAME, "");
  assert_extensions (NULL, 0, GLB_NETWORK_TLS_NO_NAME, "");
}

/* One byte of a hello that is in order is another. */
static void
assert_changed (gsize offset, guint8 value, GlbNetworkTlsResult expected)
{
  g_autoptr(GByteArray) hello = make_hello (BYTES (EXTENSION_EXAMPLE));

  g_test_message ("%" G_GSIZE_FORMAT " is %u", offset, value);
  g_assert_cmpuint (offset, <, hello->len);
  g_assert_cmpuint (hello->data[offset], !=, value);
  hello->data[offset] = value;
  assert_parsed (hello->data, hello->len, expected, "");
}

enum { RECORD = 0, MESSAGE = 5, BODY = 9, SESSION_ID = 43, CIPHERS = 44, COMPRESSIONS = 48 };

static void
test_hello_refused (void)
{
  assert_changed (RECORD, 21, GLB_NETWORK_TLS_BAD);           /* an alert, which a server may skip */
  assert_changed (RECORD, 20, GLB_NETWORK_TLS_BAD);
  assert_changed (RECORD + 2, 0, GLB_NETWORK_TLS_BAD);
  assert_changed (RECORD + 2, 4, GLB_NETWORK_TLS_BAD);
  assert_changed (RECORD + 3, 0x40, GLB_NETWORK_TLS_BAD);     /* more than a record may have */
  assert_changed (MESSAGE, 2, GLB_NETWORK_TLS_BAD);           /* a ServerHello */
  assert_changed (MESSAGE + 1, 1, GLB_NETWORK_TLS_BAD);       /* 64 KiB */
  assert_changed (MESSAGE + 3, 10, GLB_NETWORK_TLS_BAD);      /* shorter than its record */
  assert_changed (BODY, 2, GLB_NETWORK_TLS_BAD);
  assert_changed (BODY + 1, 4, GLB_NETWORK_TLS_BAD);
  assert_changed (SESSION_ID, 33, GLB_NETWORK_TLS_BAD);
  assert_changed (CIPHERS + 1, 0, GLB_NETWORK_TLS_BAD);
  assert_changed (CIPHERS + 1, 3, GLB_NETWORK_TLS_BAD);
  assert_changed (COMPRESSIONS, 0, GLB_NETWORK_TLS_BAD);
  assert_changed (COMPRESSIONS + 3, 19, GLB_NETWORK_TLS_BAD); /* of all extensions, with a byte behind them */
  assert_changed (COMPRESSIONS + 3, 21, GLB_NETWORK_TLS_BAD); /* or with one that is not there */
}

static void
test_other (void)
{
  assert_changed (RECORD, 25, GLB_NETWORK_TLS_OTHER);
  assert_changed (RECORD, 19, GLB_NETWORK_TLS_OTHER);
  assert_changed (RECORD + 1, 2, GLB_NETWORK_TLS_OTHER);
  assert_parsed (BYTES ("GET / HTTP/1.1\r\n"), GLB_NETWORK_TLS_OTHER, "");
  assert_parsed (BYTES ("SSH-2.0-a\r\n"), GLB_NETWORK_TLS_OTHER, "");
  /* SSLv2 */
  assert_parsed (BYTES ("\200\56\1\3\1\0\25\0\0\0\20"), GLB_NETWORK_TLS_OTHER, "");
  assert_parsed (BYTES (""), GLB_NETWORK_TLS_MORE, "");
}

static void
test_records (void)
{
  g_autoptr(GByteArray) message = make_message (BYTES (EXTENSION_EXAMPLE));

  for (gsize size = 1; size <= message->len; size++)
    {
      g_autoptr(GByteArray) records = make_records (message, size);

      for (gsize part = 0; part < records->len; part++)
        assert_parsed (records->data, part, GLB_NETWORK_TLS_MORE, "");
      assert_parsed (records->data, records->len, GLB_NETWORK_TLS_NAME, "example.org");

      /* Early data, or garbage: not the greeting's. */
      g_byte_array_append (records, BYTES ("\24\3\3\0\1\1\0\0\0"));
      assert_parsed (records->data, records->len, GLB_NETWORK_TLS_NAME, "example.org");
    }
}

static void
test_records_refused (void)
{
  g_autoptr(GByteArray) message = make_message (BYTES (EXTENSION_EXAMPLE));
  const struct { gsize offset; guint8 value; } changes[] = {
    { 15, 20 },      /* another type in the midst */
    { 15, 'G' },
    { 16, 2 },
    { 17, 0 },
    { 19, 0 },       /* an empty record */
  };

  for (gsize i = 0; i < G_N_ELEMENTS (changes); i++)
    {
      g_autoptr(GByteArray) records = make_records (message, 10);

      records->data[changes[i].offset] = changes[i].value;
      g_test_message ("%" G_GSIZE_FORMAT, i);
      assert_parsed (records->data, records->len, GLB_NETWORK_TLS_BAD, "");
    }
}

/* A second message in the record is not read by every server; the first's name is not given away before that is known. */
static void
test_message_behind (void)
{
  g_autoptr(GByteArray) message = make_message (BYTES (EXTENSION_EXAMPLE)), records = NULL;
  gsize whole = message->len;

  g_byte_array_append (message, BYTES ("\1\0\0\0"));
  records = make_records (message, 16384);
  assert_parsed (records->data, 5 + whole - 1, GLB_NETWORK_TLS_MORE, "");
  assert_parsed (records->data, 5 + whole, GLB_NETWORK_TLS_BAD, "");
  assert_parsed (records->data, records->len, GLB_NETWORK_TLS_BAD, "");
}

/* A greeting whose whole is size bytes, by an extension that fills it. */
static GByteArray *
make_hello_of_size (gsize size)
{
  g_autoptr(GByteArray) extensions = g_byte_array_new (), message = NULL;
  gsize n_records = (size + 16388) / 16389, fixed = n_records * 5 + 4 + 41 + 2;

  g_byte_array_append (extensions, BYTES (EXTENSION_EXAMPLE "\0\25"));
  append_u16 (extensions, size - fixed - extensions->len - 2);
  append_repeated (extensions, 0, size - fixed - extensions->len);
  message = make_message (extensions->data, extensions->len);
  return make_records (message, 16384);
}

static void
test_bounds (void)
{
  g_autoptr(GByteArray) largest = make_hello_of_size (GLB_NETWORK_TLS_HELLO_MAX);
  g_autoptr(GByteArray) larger = make_hello_of_size (GLB_NETWORK_TLS_HELLO_MAX + 1);
  g_autoptr(GByteArray) name = g_byte_array_new (), long_name = g_byte_array_new ();
  g_autofree char *expected = g_strnfill (255, 'a');

  g_assert_cmpuint (largest->len, ==, GLB_NETWORK_TLS_HELLO_MAX);
  assert_parsed (largest->data, largest->len, GLB_NETWORK_TLS_NAME, "example.org");
  assert_parsed (larger->data, GLB_NETWORK_TLS_HELLO_MAX - 1, GLB_NETWORK_TLS_MORE, "");
  assert_parsed (larger->data, GLB_NETWORK_TLS_HELLO_MAX, GLB_NETWORK_TLS_BAD, "");
  assert_parsed (larger->data, larger->len, GLB_NETWORK_TLS_BAD, "");

  g_byte_array_append (name, BYTES ("\0\0\1\4\1\2\0\0\377"));
  append_repeated (name, 'a', 255);
  assert_extensions (name->data, name->len, GLB_NETWORK_TLS_NAME, expected);
  g_byte_array_append (long_name, BYTES ("\0\0\1\5\1\3\0\1\0"));
  append_repeated (long_name, 'a', 256);
  assert_extensions (long_name->data, long_name->len, GLB_NETWORK_TLS_BAD, "");
}

/* What openssl, curl, Python and Node send. */
static void
test_real (void)
{
  const struct { const char *file; GlbNetworkTlsResult result; const char *name; } hellos[] = {
    { "curl.bin", GLB_NETWORK_TLS_NAME, "example.org" },
    { "node.bin", GLB_NETWORK_TLS_NAME, "registry.example.org" },
    { "noname.bin", GLB_NETWORK_TLS_NO_NAME, "" },
    { "openssl12.bin", GLB_NETWORK_TLS_NAME, "www.example.org" },
    { "openssl13.bin", GLB_NETWORK_TLS_NAME, "www.example.org" },
    { "python.bin", GLB_NETWORK_TLS_NAME, "api.example.org" },
    { "split.bin", GLB_NETWORK_TLS_NAME, "split.example.org" },   /* of openssl s_client -max_send_frag 512 */
  };

  for (gsize i = 0; i < G_N_ELEMENTS (hellos); i++)
    {
      g_autofree char *path = g_build_filename (CORPUS, hellos[i].file, NULL), *bytes = NULL;
      g_autoptr(GError) error = NULL;
      gsize size;

      g_file_get_contents (path, &bytes, &size, &error);
      g_assert_no_error (error);
      for (gsize part = 0; part < size; part++)
        assert_parsed ((guint8 *) bytes, part, GLB_NETWORK_TLS_MORE, "");
      assert_parsed ((guint8 *) bytes, size, hellos[i].result, hellos[i].name);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/network/tls/refused/name", test_name_refused);
  g_test_add_func ("/network/tls/refused/hello", test_hello_refused);
  g_test_add_func ("/network/tls/refused/records", test_records_refused);
  g_test_add_func ("/network/tls/refused/message-behind", test_message_behind);
  g_test_add_func ("/network/tls/other", test_other);
  g_test_add_func ("/network/tls/name", test_name);
  g_test_add_func ("/network/tls/records", test_records);
  g_test_add_func ("/network/tls/bounds", test_bounds);
  g_test_add_func ("/network/tls/real", test_real);
  return g_test_run ();
}
