/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <arpa/nameser.h>
#include <glib.h>
#include <string.h>

#include "session-broker/network/glb-network-dns.h"

/* Each string literal has its size, so that bytes of 0 may be in it. */
#define BYTES(literal) (const guint8 *) (literal), sizeof (literal) - 1

/* Header: id 0x1234, recursion desired, one question; so many additional records. */
#define HEADER(additional) "\22\64\1\0\0\1\0\0\0\0\0" additional
#define PLAIN HEADER ("\0")
#define EDNS HEADER ("\1")
#define A_IN "\0\1\0\1"
#define NAME "\7Example\3org\0"
#define OPT "\0\0\51\4\320\0\0\0\0\0\0"

static GlbNetworkDnsResult
parse (const guint8 *packet, gsize size, GlbNetworkDnsQuestion *question)
{
  g_autofree guint8 *exact = g_memdup2 (packet, size);

  return glb_network_dns_parse (exact, size, question);
}

static void
test_ignored (void)
{
  GlbNetworkDnsQuestion question;

  g_assert_cmpint (parse (BYTES (""), &question), ==, GLB_NETWORK_DNS_IGNORE);
  for (gsize size = 0; size < 12; size++)
    g_assert_cmpint (parse ((const guint8 *) PLAIN, size, &question), ==, GLB_NETWORK_DNS_IGNORE);
  /* An answer: two resolvers would talk to each other without end. */
  g_assert_cmpint (parse (BYTES ("\22\64\201\0\0\1\0\0\0\0\0\0" NAME A_IN), &question), ==, GLB_NETWORK_DNS_IGNORE);
}

static void
test_unknown_opcode (void)
{
  GlbNetworkDnsQuestion question;

  /* UPDATE and NOTIFY */
  g_assert_cmpint (parse (BYTES ("\22\64\50\0\0\1\0\0\0\0\0\0" NAME A_IN), &question), ==, GLB_NETWORK_DNS_UNKNOWN);
  g_assert_cmpuint (question.id, ==, 0x1234);
  g_assert_cmpint (parse (BYTES ("\22\64\40\0\0\1\0\0\0\0\0\0" NAME A_IN), &question), ==, GLB_NETWORK_DNS_UNKNOWN);
}

static void
test_refused (void)
{
  const struct { const guint8 *packet; gsize size; } packets[] = {
    { BYTES ("\22\64\1\0\0\0\0\0\0\0\0\0") },                               /* no question */
    { BYTES ("\22\64\1\0\0\2\0\0\0\0\0\0" NAME A_IN NAME A_IN) },           /* two */
    { BYTES ("\22\64\1\0\0\2\0\0\0\0\0\0" NAME A_IN "\300\14" A_IN) },
    { BYTES ("\22\64\1\0\0\1\0\1\0\0\0\0" NAME A_IN) },                     /* with an answer */
    { BYTES ("\22\64\1\0\0\1\0\0\0\1\0\0" NAME A_IN) },                     /* with an authority */
    { BYTES (PLAIN "\300\14" A_IN) },                                       /* a name that is itself */
    { BYTES (PLAIN "\3www\300\14" A_IN) },
    { BYTES (PLAIN "\100a\0" A_IN) },                                       /* an unknown kind of label */
    { BYTES (PLAIN "\7Example\4org\0" A_IN) },
    { BYTES (PLAIN "\7Example\3org" A_IN) },                                /* its end is in the type */
    { BYTES (PLAIN NAME "\0\1\0") },
    { BYTES (PLAIN NAME A_IN "\0") },                                       /* a byte behind it */
    { BYTES (PLAIN "\3a.b\0" A_IN) },
    { BYTES (PLAIN "\3a\\b\0" A_IN) },
    { BYTES (PLAIN "\3a\0b\0" A_IN) },
    { BYTES (PLAIN "\3a b\0" A_IN) },
    { BYTES (PLAIN "\3a\377b\0" A_IN) },
    { BYTES (EDNS NAME A_IN) },                                             /* no record */
    { BYTES (HEADER ("\2") NAME A_IN OPT OPT) },
    { BYTES (EDNS NAME A_IN "\0\0\372\0\377\0\0\0\0\0\0") },                /* TSIG */
    { BYTES (EDNS NAME A_IN "\1a\0\0\51\4\320\0\0\0\0\0\0") },              /* OPT with a name */
    { BYTES (EDNS NAME A_IN "\0\0\51\4\320\0\1\0\0\0\0") },                 /* version 1 */
    { BYTES (EDNS NAME A_IN "\0\0\51\4\320\0\0\0\0\0\1") },                 /* an option that is not there */
    { BYTES (EDNS NAME A_IN "\0\0\51\4\320\0\0\0\0\0\5\0\12\0\2a") },       /* half of one */
    { BYTES (EDNS NAME A_IN "\0\0\51\4\320\0\0\0\0\0\1a") },
    { BYTES (EDNS NAME A_IN OPT "\0") },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (packets); i++)
    {
      GlbNetworkDnsQuestion question;

      g_test_message ("%" G_GSIZE_FORMAT, i);
      g_assert_cmpint (parse (packets[i].packet, packets[i].size, &question), ==, GLB_NETWORK_DNS_FORMAT_ERROR);
      g_assert_cmpuint (question.id, ==, 0x1234);
      g_assert_cmpstr (question.name, ==, "");
    }
}

/* labels of 63 bytes and one of last: in a packet 4 * 64 - (63 - last) + 1 bytes. */
static GByteArray *
make_long_question (guint last)
{
  GByteArray *packet = g_byte_array_new ();
  g_autofree char *label = g_strnfill (63, 'a');

  g_byte_array_append (packet, BYTES (PLAIN));
  for (guint i = 0; i < 4; i++)
    {
      guint8 size = i < 3 ? 63 : last;

      g_byte_array_append (packet, &size, 1);
      g_byte_array_append (packet, (guint8 *) label, size);
    }
  g_byte_array_append (packet, BYTES ("\0" A_IN));
  return packet;
}

static void
test_longest (void)
{
  g_autoptr(GByteArray) longest = make_long_question (61), longer = make_long_question (62);
  GlbNetworkDnsQuestion question;

  g_assert_cmpint (parse (longest->data, longest->len, &question), ==, GLB_NETWORK_DNS_QUESTION);
  g_assert_cmpuint (strlen (question.name), ==, 253);
  g_assert_cmpint (parse (longer->data, longer->len, &question), ==, GLB_NETWORK_DNS_FORMAT_ERROR);
}

static void
test_question (void)
{
  GlbNetworkDnsQuestion question;

  g_assert_cmpint (parse (BYTES (PLAIN NAME "\0\34\0\3"), &question), ==, GLB_NETWORK_DNS_QUESTION);
  g_assert_cmpuint (question.id, ==, 0x1234);
  g_assert_true (question.recursion_desired);
  g_assert_false (question.edns);
  g_assert_cmpuint (question.type, ==, GLB_NETWORK_DNS_AAAA);
  g_assert_cmpuint (question.dns_class, ==, 3);
  g_assert_cmpstr (question.name, ==, "example.org");
  g_assert_cmpuint (question.question_offset, ==, 12);
  g_assert_cmpuint (question.question_size, ==, 17);

  g_assert_cmpint (parse (BYTES ("\0\0\0\60\0\1\0\0\0\0\0\1\0\0\101\0\1" "\0\0\51\2\0\0\0\200\0\0\4\0\12\0\0"), &question), ==,
                   GLB_NETWORK_DNS_QUESTION);
  g_assert_true (question.edns);
  g_assert_false (question.recursion_desired);
  g_assert_cmpuint (question.type, ==, GLB_NETWORK_DNS_HTTPS);
  g_assert_cmpstr (question.name, ==, "");
}

static void
parse_answer (const guint8 *answer, gsize size, guint rcode, guint n_answers, guint n_additional, ns_msg *message)
{
  ns_rr record;

  g_assert_cmpint (ns_initparse (answer, size, message), ==, 0);
  g_assert_cmpint (ns_msg_id (*message), ==, 0x1234);
  g_assert_true (ns_msg_getflag (*message, ns_f_qr) && ns_msg_getflag (*message, ns_f_rd) && ns_msg_getflag (*message, ns_f_ra));
  g_assert_false (ns_msg_getflag (*message, ns_f_tc) || ns_msg_getflag (*message, ns_f_aa));
  g_assert_cmpint (ns_msg_getflag (*message, ns_f_rcode), ==, rcode);
  g_assert_cmpint (ns_msg_count (*message, ns_s_an), ==, n_answers);
  g_assert_cmpint (ns_msg_count (*message, ns_s_ns), ==, 0);
  g_assert_cmpint (ns_msg_count (*message, ns_s_ar), ==, n_additional);
  g_assert_cmpint (ns_parserr (message, ns_s_qd, 0, &record), ==, 0);
  g_assert_cmpstr (ns_rr_name (record), ==, "Example.org");
  if (n_additional == 0)
    return;
  g_assert_cmpint (ns_parserr (message, ns_s_ar, 0, &record), ==, 0);
  g_assert_cmpint (ns_rr_type (record), ==, ns_t_opt);
  g_assert_cmpint (ns_rr_class (record), ==, 1232);
  g_assert_cmpint (ns_rr_ttl (record), ==, 0);
}

static void
test_write_address (void)
{
  const guint8 *packet = (const guint8 *) EDNS NAME A_IN OPT;
  const guint8 address[4] = { 198, 18, 7, 9 };
  guint8 answer[GLB_NETWORK_DNS_MAX];
  GlbNetworkDnsQuestion question;
  ns_msg message;
  ns_rr record;
  gsize size;

  g_assert_cmpint (parse (BYTES (EDNS NAME A_IN OPT), &question), ==, GLB_NETWORK_DNS_QUESTION);
  size = glb_network_dns_write_address (packet, &question, address, 300, answer);
  parse_answer (answer, size, 0, 1, 1, &message);
  g_assert_cmpint (ns_parserr (&message, ns_s_an, 0, &record), ==, 0);
  g_assert_cmpstr (ns_rr_name (record), ==, "Example.org");
  g_assert_cmpint (ns_rr_type (record), ==, ns_t_a);
  g_assert_cmpint (ns_rr_class (record), ==, ns_c_in);
  g_assert_cmpint (ns_rr_ttl (record), ==, 300);
  g_assert_cmpmem (ns_rr_rdata (record), ns_rr_rdlen (record), address, 4);
}

static void
test_write_without_edns (void)
{
  const guint8 *packet = (const guint8 *) PLAIN NAME A_IN;
  guint8 answer[GLB_NETWORK_DNS_MAX];
  GlbNetworkDnsQuestion question;
  ns_msg message;

  g_assert_cmpint (parse (BYTES (PLAIN NAME A_IN), &question), ==, GLB_NETWORK_DNS_QUESTION);
  parse_answer (answer, glb_network_dns_write_empty (packet, &question, answer), 0, 0, 0, &message);
  parse_answer (answer, glb_network_dns_write_unknown (packet, &question, "why", answer), 3, 0, 0, &message);
}

static void
write_unknown (const char *text, ns_rr *record)
{
  static guint8 answer[GLB_NETWORK_DNS_MAX];
  static ns_msg message;
  GlbNetworkDnsQuestion question;
  gsize size;

  g_assert_cmpint (parse (BYTES (EDNS NAME A_IN OPT), &question), ==, GLB_NETWORK_DNS_QUESTION);
  size = glb_network_dns_write_unknown ((const guint8 *) EDNS NAME A_IN OPT, &question, text, answer);
  g_assert_cmpuint (size, <=, 512);
  parse_answer (answer, size, 3, 0, 1, &message);
  g_assert_cmpint (ns_parserr (&message, ns_s_ar, 0, record), ==, 0);
}

static void
test_extended_error (void)
{
  ns_rr record;

  write_unknown ("not allowed", &record);
  g_assert_cmpmem (ns_rr_rdata (record), ns_rr_rdlen (record), "\0\17\0\15\0\17not allowed", 17);
  write_unknown ("", &record);
  g_assert_cmpmem (ns_rr_rdata (record), ns_rr_rdlen (record), "\0\17\0\2\0\17", 6);
  write_unknown (NULL, &record);
  g_assert_cmpuint (ns_rr_rdlen (record), ==, 0);
}

/* Never larger than what fits everywhere, and never half of a character. */
static void
test_extended_error_cut (void)
{
  g_autoptr(GString) text = g_string_new ("a");
  ns_rr record;

  for (guint i = 0; i < 400; i++)
    g_string_append (text, "ä");
  for (guint i = 0; i < 2; i++)
    {
      write_unknown (text->str + i, &record);
      g_assert_cmpuint (ns_rr_rdlen (record), >, 450);
      g_assert_true (g_utf8_validate ((const char *) ns_rr_rdata (record) + 6, ns_rr_rdlen (record) - 6, NULL));
    }
}

static void
test_write_error (void)
{
  guint8 answer[GLB_NETWORK_DNS_MAX];

  g_assert_cmpmem (answer, glb_network_dns_write_error (0x1234, 4, answer), "\22\64\200\204\0\0\0\0\0\0\0\0", 12);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/network/dns/ignored", test_ignored);
  g_test_add_func ("/network/dns/unknown-opcode", test_unknown_opcode);
  g_test_add_func ("/network/dns/refused", test_refused);
  g_test_add_func ("/network/dns/longest", test_longest);
  g_test_add_func ("/network/dns/question", test_question);
  g_test_add_func ("/network/dns/write/address", test_write_address);
  g_test_add_func ("/network/dns/write/without-edns", test_write_without_edns);
  g_test_add_func ("/network/dns/write/extended-error", test_extended_error);
  g_test_add_func ("/network/dns/write/extended-error-cut", test_extended_error_cut);
  g_test_add_func ("/network/dns/write/error", test_write_error);
  return g_test_run ();
}
