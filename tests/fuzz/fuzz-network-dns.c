/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <arpa/nameser.h>
#include <glib.h>
#include <string.h>

#include "session-broker/network/glb-network-dns.h"

/* Whatever the packet: a question is one to the C library too, and each answer to it is DNS, small enough, and repeats it. */

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

/* As the C library shows it, but without its escapes; none of them is one that hides where a label ends. */
static void
assert_same_name (const char *shown, const char *name)
{
  g_autoptr(GString) plain = g_string_new (NULL);

  for (const char *c = shown; *c; c++)
    {
      if (*c == '\\')
        {
          c++;
          g_assert_true (*c != '.' && *c != '\\' && !g_ascii_isdigit (*c));
        }
      g_string_append_c (plain, *c);
    }
  g_assert_cmpint (g_ascii_strcasecmp (g_str_equal (shown, ".") ? "" : plain->str, name), ==, 0);
}

static void
check_question (const guint8 *data, gsize size, const GlbNetworkDnsQuestion *question)
{
  ns_msg message;
  ns_rr record;

  g_assert_cmpint (ns_initparse (data, size, &message), ==, 0);
  g_assert_cmpint (ns_parserr (&message, ns_s_qd, 0, &record), ==, 0);
  g_assert_cmpint (ns_rr_type (record), ==, question->type);
  g_assert_cmpint (ns_rr_class (record), ==, question->dns_class);
  g_assert_cmpuint (question->question_offset + question->question_size, <=, size);

  assert_same_name (ns_rr_name (record), question->name);
  for (const char *c = question->name; *c; c++)
    g_assert_true (g_ascii_isgraph (*c) && !g_ascii_isupper (*c));
}

static void
check_answer (const guint8 *data, const GlbNetworkDnsQuestion *question, guint8 *answer, gsize size, guint rcode, guint n_answers)
{
  GlbNetworkDnsQuestion again;
  ns_msg message;
  ns_rr record;

  g_assert_cmpuint (size, <=, 512);
  g_assert_cmpint (ns_initparse (answer, size, &message), ==, 0);
  g_assert_cmpint (ns_msg_id (message), ==, question->id);
  g_assert_cmpint (ns_msg_getflag (message, ns_f_rcode), ==, rcode);
  g_assert_cmpint (ns_msg_count (message, ns_s_an), ==, n_answers);
  g_assert_cmpint (ns_msg_count (message, ns_s_ar), ==, question->edns);
  g_assert_cmpmem (answer + 12, question->question_size, data + question->question_offset, question->question_size);
  if (question->edns)
    g_assert_cmpint (ns_parserr (&message, ns_s_ar, 0, &record), ==, 0);
  g_assert_cmpint (glb_network_dns_parse (answer, size, &again), ==, GLB_NETWORK_DNS_IGNORE);

  /* Made a question again, it is the same one. */
  answer[2] &= 0x7f;
  g_assert_cmpint (glb_network_dns_parse (answer, size, &again), ==,
                   n_answers == 0 ? GLB_NETWORK_DNS_QUESTION : GLB_NETWORK_DNS_FORMAT_ERROR);
  if (n_answers == 0)
    g_assert_cmpstr (again.name, ==, question->name);
}

static void
check_answers (const guint8 *data, const GlbNetworkDnsQuestion *question)
{
  static const guint8 address[4] = { 198, 18, 0, 1 };
  guint8 *out = g_malloc (GLB_NETWORK_DNS_MAX);
  g_autofree char *text = g_strnfill (data[0] * 2, 'a');

  check_answer (data, question, out, glb_network_dns_write_address (data, question, address, 60, out), 0, 1);
  check_answer (data, question, out, glb_network_dns_write_empty (data, question, out), 0, 0);
  check_answer (data, question, out, glb_network_dns_write_unknown (data, question, text, out), 3, 0);
  check_answer (data, question, out, glb_network_dns_write_unknown (data, question, NULL, out), 3, 0);
  g_free (out);
}

static void
check_parts (const guint8 *data, gsize size)
{
  for (gsize part = 0; part < size; part++)
    {
      GlbNetworkDnsQuestion question;

      g_assert_cmpint (glb_network_dns_parse (data, part, &question), ==,
                       part < 12 ? GLB_NETWORK_DNS_IGNORE : GLB_NETWORK_DNS_FORMAT_ERROR);
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  GlbNetworkDnsQuestion question;
  GlbNetworkDnsResult result = glb_network_dns_parse (data, size, &question);

  if (result == GLB_NETWORK_DNS_QUESTION)
    {
      check_question (data, size, &question);
      check_answers (data, &question);
      check_parts (data, MIN (size, 600));
    }
  else
    g_assert_cmpstr (question.name, ==, "");
  if (result == GLB_NETWORK_DNS_FORMAT_ERROR || result == GLB_NETWORK_DNS_UNKNOWN)
    g_assert_cmpuint (question.id, ==, data[0] << 8 | data[1]);
  return 0;
}
