/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "session-broker/record/glb-record-mask.h"

#include <string.h>

static const char * const patterns[] = { "org.example.Keys", "*Passwort*", NULL };

static JsonObject *
parse (const char *single_quoted)
{
  g_autofree char *json = g_strdelimit (g_strdup (single_quoted), "'", '"');
  g_autoptr(GError) error = NULL;
  g_autoptr(JsonNode) node = json_from_string (json, &error);

  g_assert_no_error (error);
  return json_object_ref (json_node_get_object (node));
}

static void
set_windows (GlbRecordMask *mask,
             const char    *windows,
             gint64         now_ms)
{
  g_autofree char *record = g_strdup_printf ("{'type':'windows','frame':7,'windows':[%s]}", windows);
  g_autoptr(JsonObject) object = parse (record);

  glb_record_mask_set_windows (mask, object, now_ms);
}

static char *
redact (GlbRecordMask *mask,
        const char    *record)
{
  g_autoptr(JsonObject) object = parse (record);
  g_autoptr(JsonObject) redacted = glb_record_mask_redact (mask, object);
  g_autoptr(JsonNode) node = json_node_new (JSON_NODE_OBJECT);

  json_node_set_object (node, redacted);
  return json_to_string (node, FALSE);
}

static gboolean
covers (GlbRecordMask *mask,
        int            x,
        int            y)
{
  GArray *areas = glb_record_mask_get_areas (mask);

  for (guint i = 0; i < areas->len; i++)
    {
      const GlbRect *area = &g_array_index (areas, GlbRect, i);

      if (x >= area->x && y >= area->y && x < area->x + area->width && y < area->y + area->height)
        return TRUE;
    }
  return FALSE;
}

#define KEYS  "{'window':3,'parent':0,'appId':'org.example.Keys','title':'a','x':100,'y':50,'width':80,'height':40,'focused':true}"
#define CHILD "{'window':4,'parent':3,'appId':'other','title':'b','x':10,'y':10,'width':20,'height':20,'focused':false}"
#define PLAIN "{'window':1,'parent':0,'appId':'foot','title':'c','x':0,'y':0,'width':30,'height':300,'focused':false}"

static void
test_areas (void)
{
  g_autoptr(GlbRecordMask) mask = glb_record_mask_new (patterns, 400, 300);
  g_autoptr(GArray) freed = g_array_new (FALSE, FALSE, sizeof (GlbRect));

  /* nothing is known yet */
  g_assert_true (covers (mask, 399, 299));
  set_windows (mask, PLAIN "," KEYS "," CHILD, 0);
  g_assert_true (covers (mask, 100, 50));
  g_assert_true (covers (mask, 15, 15));
  g_assert_false (covers (mask, 5, 200));

  /* it goes, and stays black while frames of it may be under way */
  set_windows (mask, PLAIN, 1000);
  g_assert_true (covers (mask, 100, 50));
  g_assert_true (glb_record_mask_lingers (mask, 8));
  g_assert_false (glb_record_mask_expire (mask, 1000 + GLB_RECORD_MASK_LINGER_MS - 1, 8, freed));

  /* and as long as no newer one has come, however long that takes */
  g_assert_false (glb_record_mask_lingers (mask, 7));
  g_assert_false (glb_record_mask_expire (mask, 100000, 7, freed));
  g_assert_true (covers (mask, 100, 50));
  g_assert_true (glb_record_mask_expire (mask, 1000 + GLB_RECORD_MASK_LINGER_MS, 8, freed));
  g_assert_cmpuint (freed->len, ==, 2);
  g_assert_false (covers (mask, 100, 50));
  g_assert_false (glb_record_mask_lingers (mask, 8));

  set_windows (mask, "{'window':9,'parent':0,'appId':'x','title':'Ihr Passwort, bitte','x':200,'y':200,'width':9,'height':9}", 5000);
  g_assert_true (covers (mask, 204, 204));
}

/* What makes no sense hides all, not nothing. */
static void
test_broken_lists (void)
{
  static const char * const lists[] = { "7", "{'window':3,'appId':'org.example.Keys'}", "{'appId':'org.example.Keys','x':'1'}" };

  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    {
      g_autoptr(GlbRecordMask) mask = glb_record_mask_new (patterns, 400, 300);
      g_autoptr(GArray) freed = g_array_new (FALSE, FALSE, sizeof (GlbRect));

      set_windows (mask, PLAIN, 0);
      glb_record_mask_expire (mask, 10000, 8, freed);
      g_assert_false (covers (mask, 399, 299));
      set_windows (mask, lists[i], 20000);
      g_assert_true (covers (mask, 399, 299));
    }
}

/* Parents in a circle. */
static void
test_circle (void)
{
  g_autoptr(GlbRecordMask) mask = glb_record_mask_new (patterns, 400, 300);

  set_windows (mask, "{'window':1,'parent':2,'appId':'a','title':'','x':0,'y':0,'width':1,'height':1},"
               "{'window':2,'parent':1,'appId':'b','title':'','x':0,'y':0,'width':1,'height':1}", 0);
  g_assert_false (covers (mask, 300, 200));
}

static const char * const secrets[] = {
  "{'type':'action','actor':'agent','action':{'action':'type','text':'SECRET'},'result':{'status':'delivered'}}",
  "{'type':'action','actor':'human','action':{'action':'left_click','coordinate':[1,2]},'window':{'window':3,'title':'SECRET'}}",
  "{'type':'action','actor':'agent','action':{'action':'find'},'result':{'elements':[{'window':3,'text':'SECRET'}]}}",
  "{'type':'action','actor':'agent','action':{'action':'ui_tree'},'result':{'windows':[{'window':3,'tree':{'name':'SECRET'}}]}}",
  "{'type':'windows','windows':[{'window':3,'appId':'org.example.Keys','title':'SECRET'}]}",
  "{'type':'prompt','prompt':1,'kind':'clipboard','preview':'SECRET'}",
};

static void
test_records (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (secrets); i++)
    {
      g_autoptr(GlbRecordMask) mask = glb_record_mask_new (patterns, 400, 300);
      g_autoptr(GlbRecordMask) control = glb_record_mask_new (NULL, 400, 300);
      g_autofree char *redacted = NULL;
      g_autofree char *as_it_was = NULL;

      set_windows (mask, PLAIN "," KEYS, 0);
      set_windows (control, PLAIN "," KEYS, 0);
      redacted = redact (mask, secrets[i]);
      as_it_was = redact (control, secrets[i]);
      if (strstr (redacted, "SECRET") != NULL)
        g_error ("%s", redacted);
      g_assert_nonnull (strstr (as_it_was, "SECRET"));
    }
}

/* How many characters it were is no secret; nor is what other windows got. */
static void
test_what_stays (void)
{
  g_autoptr(GlbRecordMask) mask = glb_record_mask_new (patterns, 400, 300);
  g_autoptr(GArray) freed = g_array_new (FALSE, FALSE, sizeof (GlbRect));
  g_autofree char *masked = NULL;
  g_autofree char *plain = NULL;

  set_windows (mask, PLAIN "," KEYS, 0);
  masked = redact (mask, secrets[0]);
  g_assert_nonnull (strstr (masked, "{\"characters\":6}"));
  set_windows (mask, PLAIN, 1000);
  glb_record_mask_expire (mask, 1000 + GLB_RECORD_MASK_LINGER_MS, 8, freed);
  plain = redact (mask, secrets[0]);
  g_assert_nonnull (strstr (plain, "SECRET"));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/record/mask/areas", test_areas);
  g_test_add_func ("/record/mask/broken-lists", test_broken_lists);
  g_test_add_func ("/record/mask/circle", test_circle);
  g_test_add_func ("/record/mask/records", test_records);
  g_test_add_func ("/record/mask/what-stays", test_what_stays);
  return g_test_run ();
}
