/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "session-broker/record/glb-record-caption.h"

#include <string.h>

static const struct
{
  const char *record, *caption;    /* NULL: none */
} cases[] = {
  { "{'type':'action','actor':'agent','action':{'action':'left_click','coordinate':[320,240]},'result':{'status':'delivered'}}",
    "agent: left_click 320,240" },
  { "{'type':'action','actor':'human','action':{'action':'left_click_drag','start_coordinate':[1,2],'coordinate':[3,4]},"
    "'window':{'window':1,'appId':'foot'}}", "human: left_click_drag from 1,2 to 3,4 in foot" },
  { "{'type':'action','actor':'agent','action':{'action':'type','text':'hi\\n'}}", "agent: type “hi⏎”" },
  { "{'type':'action','actor':'agent','action':{'action':'key','text':'ctrl+s'}}", "agent: key ctrl+s" },
  { "{'type':'action','actor':'agent','action':{'action':'type','text':{'characters':7}}}", "agent: type (7 masked)" },
  { "{'type':'action','actor':'agent','action':{'action':'scroll','coordinate':[5,6],'scroll_direction':'down','scroll_amount':3}}",
    "agent: scroll 5,6 down 3" },
  { "{'type':'action','actor':'agent','action':{'action':'left_click','target':{'role':'button','name':'OK'}},"
    "'result':{'status':'refused','code':'not_found'}}", "agent: left_click “OK” (refused: not_found)" },
  { "{'type':'prompt','prompt':1,'kind':'network','title':'example.org'}", "asks: network, example.org" },
  { "{'type':'answer','prompt':1,'verdict':'deny','why':'timeout'}", "answer: deny (timeout)" },
  { "{'type':'driver','driver':'human','epoch':2}", "driver: human" },
  { "{'type':'session-end','reason':'exited'}", "session ended: exited" },
  { "{'type':'screen','frame':1}", NULL },
  /* nobody's records, and what would write elsewhere on a terminal */
  { "{'type':'action'}", NULL },
  { "{'type':'action','actor':1,'action':[]}", NULL },
  { "{'type':'action','actor':'agent','action':{'action':'left_click','coordinate':[{},2]}}", "agent: left_click" },
  { "{'type':'driver','driver':'\\u001b[2J\\u202e'}", "driver: �[2J�" },
  { "{'type':7}", NULL },
};

static void
test_cases (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *json = g_strdelimit (g_strdup (cases[i].record), "'", '"');
      g_autoptr(GError) error = NULL;
      g_autoptr(JsonNode) node = json_from_string (json, &error);
      g_autofree char *caption = NULL;

      g_assert_no_error (error);
      caption = glb_record_caption (json_node_get_object (node));
      g_assert_cmpstr (caption, ==, cases[i].caption);
    }
}

static void
test_long (void)
{
  g_autoptr(JsonObject) record = json_object_new ();
  g_autofree char *word = g_strnfill (1000, 'x');
  g_autofree char *caption = NULL;

  json_object_set_string_member (record, "type", "driver");
  json_object_set_string_member (record, "driver", word);
  caption = glb_record_caption (record);
  g_assert_cmpint (g_utf8_strlen (caption, -1), ==, GLB_RECORD_CAPTION_MAX);
  g_assert_true (g_str_has_suffix (caption, "…"));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/record/caption/cases", test_cases);
  g_test_add_func ("/record/caption/long", test_long);
  return g_test_run ();
}
