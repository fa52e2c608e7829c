/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "session-broker/cli/glb-act-result.h"

#include <glib.h>
#include <string.h>

static void
test_absent (void)
{
  static const char * const lines[] = {
    "", "{", "{}", "[]", "null", "\"png\"", "{\"png\"", "{\"png\":", "{\"png\":\"", "{\"png\":\"abc", "{\"png\":1}",
    "{\"png\":{\"png\":\"x\"}}", "{\"a\":{\"png\":\"x\"}}", "{\"a\":[\"png\",\"x\"]}", "{\"a\":\"png\"}",
    "{\"a\":\"\\\"png\\\":\\\"x\\\"\"}", "{\"a\":\"\\", "{\"a\":]}", "{\"a\":1 \"png\":\"x\"}", "{\"a\":\"x\",}", "{\"pngs\":\"x\"}",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      GlbActMember member;

      g_assert_false (glb_act_find_member (lines[i], strlen (lines[i]), "png", &member));
    }
}

static void
test_found (void)
{
  static const struct { const char *line, *value, *rest; } cases[] = {
    { "{\"png\":\"QUJD\"}", "QUJD", "{}" },
    { "{\"png\":\"\"}", "", "{}" },
    { "{ \"png\" : \"x\" , \"a\":1}", "x", "{  \"a\":1}" },
    { "{\"a\":1,\"png\":\"x\"}", "x", "{\"a\":1}" },
    { "{\"a\":{\"b\":[1,{}],\"c\":\"}\"},\"png\":\"x\",\"d\":null}", "x", "{\"a\":{\"b\":[1,{}],\"c\":\"}\"},\"d\":null}" },
    { "{\"a\":\"\\\\\",\"png\":\"y\"}", "y", "{\"a\":\"\\\\\"}" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *line = g_strdup (cases[i].line);
      GlbActMember member;
      size_t length;

      g_assert_true (glb_act_find_member (line, strlen (line), "png", &member));
      g_assert_cmpmem (line + member.value, member.value_length, cases[i].value, strlen (cases[i].value));
      length = glb_act_remove_member (line, strlen (line), &member);
      g_assert_cmpuint (length, ==, strlen (line));
      g_assert_cmpstr (line, ==, cases[i].rest);
    }
}

/* Any bytes, cut anywhere: in a buffer of its own, so that the sanitizer sees each step too far. */
static void
test_hostile (void)
{
  static const char alphabet[] = "{}[]:,\"\\ apng1";

  for (guint i = 0; i < 200000; i++)
    {
      gsize length = (gsize) g_test_rand_int_range (0, 40);
      char *line = g_malloc (length + 1);
      GlbActMember member;

      for (gsize j = 0; j < length; j++)
        line[j] = alphabet[g_test_rand_int_range (0, sizeof alphabet - 1)];
      line[length] = '\0';
      if (glb_act_find_member (line, length, "png", &member))
        {
          g_assert_cmpuint (member.value + member.value_length, <, length);
          g_assert_cmpuint (member.end, <=, length);
          g_assert_cmpuint (glb_act_remove_member (line, length, &member), <, length);
        }
      g_free (line);
    }
}

static void
test_base64_bad (void)
{
  static const char * const texts[] = { "Q", "QQ", "QUJ", "Q===", "====", "QU=D", "QUJD\n", "QU D", "QUJ\\", "Q-_D" };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      unsigned char bytes[16];
      size_t n;

      g_assert_false (glb_act_decode_base64 (texts[i], strlen (texts[i]), bytes, &n));
    }
}

static void
test_base64 (void)
{
  for (gsize length = 0; length < 300; length++)
    {
      g_autofree guchar *bytes = g_malloc (length + 1);
      g_autofree guchar *decoded = NULL;
      g_autofree char *text = NULL;
      size_t n;

      for (gsize i = 0; i < length; i++)
        bytes[i] = (guchar) g_test_rand_int ();
      text = g_base64_encode (bytes, length);
      decoded = g_malloc (strlen (text) / 4 * 3 + 3);
      g_assert_true (glb_act_decode_base64 (text, strlen (text), decoded, &n));
      g_assert_cmpmem (decoded, n, bytes, length);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cli/act-result/absent", test_absent);
  g_test_add_func ("/cli/act-result/found", test_found);
  g_test_add_func ("/cli/act-result/hostile", test_hostile);
  g_test_add_func ("/cli/act-result/base64-bad", test_base64_bad);
  g_test_add_func ("/cli/act-result/base64", test_base64);
  return g_test_run ();
}
