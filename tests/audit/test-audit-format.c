/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "audit-fixture.h"

#include <string.h>

#define HEAD "{\"seq\":12,\"time\":\"2026-11-21T09:00:00.123456Z\",\"session\":\"s1\",\"policy\":\"" AUDIT_POLICY "\","
#define TAIL ",\"prev\":\"" AUDIT_POLICY "\"}"

static const char * const refused[] = { "", "{}", "x", HEAD "\"event\":\"a\"}", "[" HEAD "\"event\":\"a\",\"actor\":\"agent\"" TAIL "]" };

static void
test_refused (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      g_autoptr(GError) error = NULL;

      g_assert_null (glb_audit_format_record (refused[i], strlen (refused[i]), &error));
      g_assert_error (error, GLB_AUDIT_ERROR, GLB_AUDIT_ERROR_BROKEN);
    }
}

static const struct { const char *line; const char *text; } records[] = {
  { HEAD "\"event\":\"session-end\",\"actor\":\"broker\"" TAIL "\n",
    "    12  2026-11-21 09:00:00.123456  broker  session-end" },
  { HEAD "\"event\":\"action\",\"actor\":\"agent\",\"action\":{\"action\":\"left_click\",\"coordinate\":[3,4]},\"driver\":\"agent\","
    "\"text\":\"a b\",\"empty\":\"\",\"n\":7,\"ok\":true,\"none\":null" TAIL,
    "    12  2026-11-21 09:00:00.123456  agent   action  action={\"action\":\"left_click\",\"coordinate\":[3,4]}  driver=agent  "
    "text=\"a b\"  empty=\"\"  n=7  ok=true  none=null" },
  /* nothing of the agent's moves the reader's terminal */
  { HEAD "\"event\":\"a\\u001b[2J\",\"actor\":\"agent\",\"title\":\"\\u001b]0;x\\u0007 \\u009b1m \\u202egpj.exe \\u200b\",\"\\u001bk\":1" TAIL,
    "    12  2026-11-21 09:00:00.123456  agent   a\\u{1b}[2J  title=\"\\u001b]0;x\\u0007 \\u009b1m \\u{202e}gpj.exe \\u{200b}\"  \\u{1b}k=1" },
};

static void
test_records (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (records); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autofree char *text = glb_audit_format_record (records[i].line, strlen (records[i].line), &error);

      g_assert_no_error (error);
      g_assert_cmpstr (text, ==, records[i].text);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/audit-format/refused", test_refused);
  g_test_add_func ("/audit-format/records", test_records);
  return g_test_run ();
}
