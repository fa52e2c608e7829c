/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib.h>
#include <string.h>

#include "session-broker/network/glb-network-answer.h"
#include "session-broker/network/glb-network-sniff.h"

#define TLS  GLB_NETWORK_SPEECH_TLS
#define HTTP GLB_NETWORK_SPEECH_HTTP
#define ANY  GLB_NETWORK_SPEECH_ANY
#define GET  "GET / HTTP/1.1\r\nHost: "

static const struct
{
  const char *text;
  gboolean ended;
  guint speech;
  GlbNetworkSniffVerdict verdict;
  const char *detail;
} rows[] = {
  { "", FALSE, TLS | HTTP | ANY, GLB_NETWORK_SNIFF_MORE, "" },
  { "", TRUE, ANY, GLB_NETWORK_SNIFF_RAW, "" },
  { "", TRUE, TLS | HTTP, GLB_NETWORK_SNIFF_NOT_SPOKEN, "" },
  { "G", FALSE, ANY | HTTP, GLB_NETWORK_SNIFF_MORE, "" },
  { "G", TRUE, ANY | HTTP, GLB_NETWORK_SNIFF_RAW, "" },
  { "G", TRUE, HTTP, GLB_NETWORK_SNIFF_NOT_SPOKEN, "" },
  { "\r\n", FALSE, ANY | HTTP, GLB_NETWORK_SNIFF_MORE, "" },
  { "\n" GET "example.org\r\n\r\n", FALSE, ANY | HTTP, GLB_NETWORK_SNIFF_MALFORMED, "" },
  { GET "example.org\r\n", FALSE, HTTP, GLB_NETWORK_SNIFF_MORE, "" },
  { GET "example.org\r\n", TRUE, HTTP | ANY, GLB_NETWORK_SNIFF_MALFORMED, "" },
  { GET "example.org\r\n\r\n", FALSE, HTTP, GLB_NETWORK_SNIFF_REQUEST, "" },
  { GET "EXAMPLE.ORG.\r\n\r\n", FALSE, HTTP, GLB_NETWORK_SNIFF_REQUEST, "" },
  { GET "example.org:8080\r\n\r\n", FALSE, HTTP, GLB_NETWORK_SNIFF_REQUEST, "" },
  { GET "example.org:80\r\n\r\n", FALSE, HTTP, GLB_NETWORK_SNIFF_WRONG_NAME, "example.org:80" },
  { GET "example.org\r\n\r\n", FALSE, TLS | ANY, GLB_NETWORK_SNIFF_NOT_SPOKEN, "" },
  { GET "xample.org\r\n\r\n", FALSE, HTTP, GLB_NETWORK_SNIFF_WRONG_NAME, "xample.org" },
  { "GET http://example.org:8080/ HTTP/1.1\r\nHost: evil.example\r\n\r\n", FALSE, HTTP, GLB_NETWORK_SNIFF_WRONG_NAME, "evil.example" },
  { "\x16\x03\x01", FALSE, TLS, GLB_NETWORK_SNIFF_MORE, "" },
  { "\x16\x03\x01", TRUE, TLS | ANY, GLB_NETWORK_SNIFF_MALFORMED, "" },
  { "EHLO me\r\n", FALSE, ANY, GLB_NETWORK_SNIFF_RAW, "" },
  { "EHLO me\r\n", FALSE, TLS | HTTP, GLB_NETWORK_SNIFF_NOT_SPOKEN, "" },
};

static void
test_verdicts (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      GlbNetworkSniff sniff;

      g_test_message ("row %u", i);
      glb_network_sniff (rows[i].text, strlen (rows[i].text), 0, rows[i].ended, "example.org", 8080, rows[i].speech, &sniff);
      g_assert_cmpint (sniff.verdict, ==, rows[i].verdict);
      g_assert_cmpstr (sniff.detail, ==, rows[i].detail);
    }
}

/* A head that is read byte by byte is found at the same byte. */
static void
test_pieces (void)
{
  static const char text[] = GET "example.org\r\nA: b\r\n\r\n";
  GlbNetworkSniff sniff;

  for (gsize size = 1; size < sizeof text; size++)
    {
      glb_network_sniff (text, size, size - 1, FALSE, "example.org", 80, HTTP, &sniff);
      g_assert_cmpint (sniff.verdict, ==, size < sizeof text - 1 ? GLB_NETWORK_SNIFF_MORE : GLB_NETWORK_SNIFF_REQUEST);
    }
}

static void
test_answers (void)
{
  g_autofree char *out = g_malloc (GLB_NETWORK_ANSWER_MAX);
  g_autofree char *copy = NULL;
  g_autofree char *text = g_strnfill (GLB_NETWORK_TEXT_SIZE - 1, 'x');
  guint8 alert[GLB_NETWORK_ANSWER_ALERT_SIZE];
  gsize size = glb_network_answer_write_http (GLB_NETWORK_STATUS_FORBIDDEN, "no", out);

  copy = g_strndup (out, size);
  g_assert_cmpstr (copy, ==, "HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain\r\nContent-Length: 13\r\nConnection: close\r\n\r\nglovebox: no\n");
  g_assert_cmpuint (glb_network_answer_write_http (GLB_NETWORK_STATUS_MISDIRECTED, text, out), <, GLB_NETWORK_ANSWER_MAX);
  glb_network_answer_write_tls (GLB_NETWORK_ALERT_UNRECOGNIZED_NAME, alert);
  g_assert_cmpmem (alert, sizeof alert, "\x15\x03\x03\0\x02\x02\x70", 7);
  g_assert_cmpuint (glb_network_answer_socks ((GlbNetworkRefusal) 77), ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/network-sniff/verdicts", test_verdicts);
  g_test_add_func ("/network-sniff/pieces", test_pieces);
  g_test_add_func ("/network-sniff/answers", test_answers);
  return g_test_run ();
}
