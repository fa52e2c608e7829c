/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "input-filter/glb-meanwhile.h"

#include "policies/glb-json-writer.h"

static const GlbShimWindow before[] = {
  { .id = 1, .app_id = "editor", .title = "notes" },
  { .id = 2, .app_id = "shell", .title = "sh" },
};

static const GlbShimWindow after[] = {
  { .id = 1, .app_id = "editor", .title = "notes (saved)" },
  { .id = 5, .app_id = "viewer", .title = "picture" },
};

static void
test_nothing (void)
{
  const GlbInputScene scene = { before, G_N_ELEMENTS (before), 0, 0, 0 };
  g_autoptr(GlbMeanwhile) meanwhile = glb_meanwhile_new (&scene, 7);
  g_autoptr(JsonNode) node = glb_meanwhile_to_node (meanwhile, &scene);
  g_autofree char *text = glb_json_write (node);

  g_assert_cmpstr (text, ==, "{\"frames\":[7,7],\"changed\":null,\"windows\":{\"opened\":[],\"closed\":[],\"retitled\":[]},"
                             "\"focus\":{\"before\":null,\"after\":null}}");
}

static void
test_changes (void)
{
  const GlbInputScene then = { before, G_N_ELEMENTS (before), 2, 0, 0 };
  const GlbInputScene now = { after, G_N_ELEMENTS (after), 5, 0, 0 };
  const GlbShimRect first = { 10, 20, 5, 5 }, second = { 2, 22, 4, 100 }, nothing = { 0, 0, 0, 0 };
  g_autoptr(GlbMeanwhile) meanwhile = glb_meanwhile_new (&then, 7);
  g_autoptr(JsonNode) node = NULL;
  g_autofree char *text = NULL;

  glb_meanwhile_note (meanwhile, 8, &first);
  glb_meanwhile_note (meanwhile, 10, &second);
  glb_meanwhile_note (meanwhile, 9, &nothing);
  node = glb_meanwhile_to_node (meanwhile, &now);
  text = glb_json_write (node);
  g_assert_cmpstr (text, ==, "{\"frames\":[7,10],\"changed\":{\"x\":2,\"y\":20,\"width\":13,\"height\":102},\"windows\":{"
                             "\"opened\":[{\"window\":5,\"appId\":\"viewer\",\"title\":\"picture\"}],"
                             "\"closed\":[{\"window\":2,\"appId\":\"shell\",\"title\":\"sh\"}],"
                             "\"retitled\":[{\"window\":1,\"appId\":\"editor\",\"title\":\"notes (saved)\",\"titleBefore\":\"notes\"}]},"
                             "\"focus\":{\"before\":{\"window\":2,\"appId\":\"shell\",\"title\":\"sh\"},"
                             "\"after\":{\"window\":5,\"appId\":\"viewer\",\"title\":\"picture\"}}}");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/meanwhile/nothing", test_nothing);
  g_test_add_func ("/meanwhile/changes", test_changes);
  return g_test_run ();
}
