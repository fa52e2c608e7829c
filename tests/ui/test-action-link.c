/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "ui/glb-action-link.h"

#define LINE(actor) \
  "{\"type\":\"action\",\"timeUs\":1,\"frame\":2,\"number\":3,\"actor\":\"" actor "\",\"action\":{\"action\":\"type\",\"text\":\"hunter2\"}," \
  "\"result\":{\"status\":\"delivered\"},\"window\":null,\"beganUs\":1,\"frameBefore\":1}"

static void
test_agent (void)
{
  g_autoptr(GlbActionText) agent = glb_action_link_read_line (LINE ("agent"));
  g_autoptr(GlbActionText) replay = glb_action_link_read_line (LINE ("replay"));

  g_assert_cmpstr (agent->title, ==, "Typed “hunter2”");
  g_assert_cmpstr (replay->title, ==, "Typed “hunter2”");
}

/* The trace has what a person types, a password too: it is not put on the screen for who looks over the shoulder. */
static void
test_person (void)
{
  g_assert_null (glb_action_link_read_line (LINE ("human")));
}

static void
test_others (void)
{
  static const char * const lines[] = {
    "", "{", "[]", "7", "{}", "{\"type\":\"windows\",\"windows\":[]}", "{\"type\":\"action\"}",
    "{\"type\":\"action\",\"actor\":\"agent\",\"action\":7,\"result\":[]}", "{\"type\":\"end\",\"reason\":\"exited\"}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    g_assert_null (glb_action_link_read_line (lines[i]));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/action-link/agent", test_agent);
  g_test_add_func ("/action-link/person", test_person);
  g_test_add_func ("/action-link/others", test_others);

  return g_test_run ();
}
