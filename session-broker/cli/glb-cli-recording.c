/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glovebox"

#include "config.h"

#include "session-broker/cli/glb-cli.h"
#include "session-broker/cli/glb-cli-tools.h"

#include <stdio.h>
#include <string.h>

#include "session-broker/record/glb-record-caption.h"
#include "session-broker/record/glb-record-reader.h"

/* The recording can be read, but not all of it. */
#define EXIT_NOT_WHOLE 1

/* What a recording has. */
typedef struct
{
  GlbRecordReader *reader;
  JsonObject *first;
  JsonObject *records;       /* number of each type */
  guint width, height;
  guint n_records;
  gint64 ms;
  char *flaw;                /* (nullable) */
} Summary;

static void
summary_clear (Summary *summary)
{
  g_clear_object (&summary->reader);
  g_clear_pointer (&summary->first, json_object_unref);
  g_clear_pointer (&summary->records, json_object_unref);
  g_free (summary->flaw);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Summary, summary_clear)

static gboolean
summarise (const char  *folder,
           Summary     *summary,
           GError     **error)
{
  g_autoptr(GError) flaw = NULL;

  summary->reader = glb_record_reader_open (folder, error);
  if (summary->reader == NULL)
    return FALSE;

  summary->first = glb_record_reader_get_record (summary->reader, 0);
  summary->records = json_object_new ();
  summary->n_records = glb_record_reader_get_n_records (summary->reader);
  summary->ms = glb_record_reader_get_record_ms (summary->reader, summary->n_records - 1);
  glb_record_reader_get_size (summary->reader, &summary->width, &summary->height);
  for (guint i = 0; i < summary->n_records; i++)
    {
      const char *type = glb_record_reader_get_record_type (summary->reader, i);
      gint64 n = json_object_get_int_member_with_default (summary->records, type, 0);

      json_object_set_int_member (summary->records, type, n + 1);
    }
  if (!glb_record_reader_verify (summary->reader, &flaw))
    summary->flaw = g_strdup (flaw->message);
  return TRUE;
}

/* Of a hostile record. (nullable) */
static JsonObject *
get_session (const Summary *summary)
{
  JsonNode *node = json_object_get_member (summary->first, "session");

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

static void
print_json (const Summary *summary)
{
  g_autoptr(JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();
  JsonObject *session = get_session (summary);

  if (session != NULL)
    json_object_set_object_member (object, "session", json_object_ref (session));
  json_object_set_int_member (object, "width", summary->width);
  json_object_set_int_member (object, "height", summary->height);
  json_object_set_int_member (object, "ms", summary->ms);
  json_object_set_object_member (object, "records", json_object_ref (summary->records));
  json_object_set_boolean_member (object, "whole", summary->flaw == NULL);
  if (summary->flaw != NULL)
    json_object_set_string_member (object, "flaw", summary->flaw);
  json_node_take_object (node, object);
  glb_cli_print_json (node);
}

static char *
describe_string (JsonObject *session,
                 const char *name)
{
  JsonNode *node = session != NULL ? json_object_get_member (session, name) : NULL;

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_STRING)
    return g_strdup ("");
  return glb_cli_clean (json_node_get_string (node));
}

static char *
describe_command (JsonObject *session)
{
  JsonNode *node = session != NULL ? json_object_get_member (session, "command") : NULL;
  g_autofree char *text = node != NULL ? json_to_string (node, FALSE) : g_strdup ("");

  return glb_cli_clean (text);
}

/* What was done, a line each. */
static void
print_story (const Summary *summary)
{
  for (guint i = 0; i < summary->n_records; i++)
    {
      gint64 ms = glb_record_reader_get_record_ms (summary->reader, i);
      g_autoptr(JsonObject) record = glb_record_reader_get_record (summary->reader, i);
      g_autofree char *caption = glb_record_caption (record);

      if (caption != NULL)
        printf ("%6" G_GINT64_FORMAT ".%03d  %s\n", ms / 1000, (int) (ms % 1000), caption);
    }
}

static void
print_text (const Summary *summary)
{
  JsonObject *session = get_session (summary);
  g_autofree char *name = describe_string (session, "name");
  g_autofree char *id = describe_string (session, "id");
  g_autofree char *command = describe_command (session);
  g_autoptr(GList) types = json_object_get_members (summary->records);

  printf ("session   %s (%s)\n", name, id);
  printf ("command   %s\n", command);
  printf ("screen    %u x %u\n", summary->width, summary->height);
  printf ("length    %" G_GINT64_FORMAT ".%03d s\n", summary->ms / 1000, (int) (summary->ms % 1000));
  printf ("records   %u:", summary->n_records);
  for (const GList *link = types; link != NULL; link = link->next)
    printf ("%s %" G_GINT64_FORMAT " %s", link == types ? "" : ",", json_object_get_int_member (summary->records, link->data),
            (const char *) link->data);
  printf ("\n");
  printf ("state     %s\n\n", summary->flaw != NULL ? summary->flaw : "whole");
  print_story (summary);
}

static int
show_verb (int    argc,
           char **argv)
{
  g_auto(Summary) summary = { 0 };
  gboolean json = FALSE;
  const GOptionEntry entries[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, "Print JSON", NULL },
    { NULL }
  };
  GError *error = NULL;

  if (!glb_cli_parse (&argc, &argv, "DIR", "Say what a recording has, and whether it is whole.", FALSE, entries))
    return GLB_EXIT_FAILED;
  if (argc != 2)
    return glb_cli_fail ("recording show: needs one recording");
  if (!summarise (argv[1], &summary, &error))
    return glb_cli_fail_error ("recording show", error);

  if (json)
    print_json (&summary);
  else
    print_text (&summary);
  return summary.flaw == NULL ? 0 : EXIT_NOT_WHOLE;
}

static int
video_verb (int    argc,
            char **argv)
{
  return glb_cli_execute ("glovebox-video", argc, argv);
}

int
glb_cli_recording_verb (int    argc,
                        char **argv)
{
  static const GlbCliVerb recording_verbs[] = {
    { "show", "DIR [--json]", "Say what a recording has, and whether it is whole", show_verb },
    { "test", "DIR -o FILE.json", "Make a test of a recording", glb_cli_recording_test_verb },
    { "video", "DIR -o FILE", "Make a WebM of a recording, with captions", video_verb },
    { NULL }
  };

  return glb_cli_dispatch (recording_verbs, "recording", argc, argv);
}
