/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * One record as a line. The order of its own members is fixed, so that the
 * bytes follow from the content: seq, time, session, policy, event, actor, the
 * event's fields as the caller ordered them, prev.
 */

#include "session-broker/audit/glb-audit-record.h"

#include <string.h>

#include "policies/glb-json-writer.h"
#include "policies/glb-strict-json.h"
#include "session-broker/audit/glb-audit-log.h"

#define N_LEADING 6u

static const char * const own_members[] = { "seq", "time", "session", "policy", "event", "actor", "prev" };

static const char * const actors[] = { "agent", "human", "replay", "broker" };

G_DEFINE_QUARK (glb-audit-error-quark, glb_audit_error)

const char *
glb_audit_zero_hash (void)
{
  return "0000000000000000000000000000000000000000000000000000000000000000";
}

char *
glb_audit_hash_line (const char *line,
                     gsize       length)
{
  return g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guchar *) line, length);
}

gboolean
glb_audit_name_is_valid (const char *session)
{
  gsize length = strlen (session);

  if (length == 0 || length > 128 || session[0] == '.' || strcmp (session, "index") == 0)
    return FALSE;
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isalnum (session[i]) && strchr ("-_.", session[i]) == NULL)
      return FALSE;
  return TRUE;
}

static gboolean
string_is_one_of (const char         *string,
                  const char * const *list,
                  gsize               n_list)
{
  for (gsize i = 0; i < n_list; i++)
    if (strcmp (string, list[i]) == 0)
      return TRUE;
  return FALSE;
}

static char *
format_now (void)
{
  gint64 now = g_get_real_time ();
  g_autoptr(GDateTime) seconds = g_date_time_new_from_unix_utc (now / G_USEC_PER_SEC);
  g_autofree char *whole = g_date_time_format (seconds, "%Y-%m-%dT%H:%M:%S");

  return g_strdup_printf ("%s.%06dZ", whole, (int) (now % G_USEC_PER_SEC));
}

static gboolean
add_fields (JsonObject  *object,
            JsonObject  *fields,
            GError     **error)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, fields);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    {
      if (string_is_one_of (name, own_members, G_N_ELEMENTS (own_members)))
        {
          g_set_error (error, GLB_AUDIT_ERROR, GLB_AUDIT_ERROR_INVALID,
                       "A record's field can't be named \"%s\": each record has that of its own", name);
          return FALSE;
        }
      json_object_set_member (object, name, json_node_copy (node));
    }
  return TRUE;
}

static JsonNode *
compose_node (const GlbAuditRecord  *record,
              JsonObject            *fields,
              GError               **error)
{
  g_autoptr(JsonObject) object = json_object_new ();
  g_autofree char *now = format_now ();
  JsonNode *node;

  json_object_set_int_member (object, "seq", record->seq);
  json_object_set_string_member (object, "time", now);
  json_object_set_string_member (object, "session", record->session);
  json_object_set_string_member (object, "policy", record->policy);
  json_object_set_string_member (object, "event", record->event);
  json_object_set_string_member (object, "actor", record->actor);
  if (fields != NULL && !add_fields (object, fields, error))
    return NULL;
  json_object_set_string_member (object, "prev", record->prev);

  node = json_node_new (JSON_NODE_OBJECT);
  json_node_set_object (node, object);
  return node;
}

GString *
glb_audit_record_compose (const GlbAuditRecord  *record,
                          JsonObject            *fields,
                          GError               **error)
{
  g_autoptr(JsonNode) node = compose_node (record, fields, error);
  g_auto(GlbAuditRecord) check = { 0 };
  g_autoptr(GError) check_error = NULL;
  g_autofree char *json = NULL;
  GString *line;

  if (node == NULL)
    return NULL;

  json = glb_json_write (node);
  if (!glb_audit_record_parse (&check, json, strlen (json), &check_error))
    {
      g_set_error (error, GLB_AUDIT_ERROR, GLB_AUDIT_ERROR_INVALID,
                   "Can't record the event \"%s\": %s", record->event, check_error->message);
      return NULL;
    }

  line = g_string_new (json);
  g_string_append_c (line, '\n');
  return line;
}

static gboolean
broken (GError     **error,
        const char  *what)
{
  g_set_error_literal (error, GLB_AUDIT_ERROR, GLB_AUDIT_ERROR_BROKEN, what);
  return FALSE;
}

/* The own members stand where they belong: the first six in order, prev last. */
static gboolean
check_order (JsonObject  *object,
             GError     **error)
{
  g_autoptr(GList) members = json_object_get_members (object);
  guint n_members = g_list_length (members);
  const GList *link = members;

  if (n_members < N_LEADING + 1)
    return broken (error, "it is no record: members are missing");
  for (guint i = 0; i < N_LEADING; i++, link = link->next)
    if (strcmp (link->data, own_members[i]) != 0)
      return broken (error, "it is no record: its members are missing or in another order");
  if (strcmp (g_list_last (members)->data, "prev") != 0)
    return broken (error, "it is no record: \"prev\" is not its last member");
  return TRUE;
}

static gboolean
take_string (JsonObject  *object,
             const char  *name,
             char       **value,
             GError     **error)
{
  JsonNode *node = json_object_get_member (object, name);

  if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_STRING)
    {
      g_set_error (error, GLB_AUDIT_ERROR, GLB_AUDIT_ERROR_BROKEN, "\"%s\" is not a string", name);
      return FALSE;
    }
  *value = json_node_dup_string (node);
  return TRUE;
}

static gboolean
take_seq (JsonObject  *object,
          guint64     *seq,
          GError     **error)
{
  JsonNode *node = json_object_get_member (object, "seq");

  if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_INT64 || json_node_get_int (node) < 0)
    return broken (error, "\"seq\" is not a whole number");
  *seq = json_node_get_int (node);
  return TRUE;
}

static gboolean
is_hash (const char *string)
{
  gsize n = strspn (string, "0123456789abcdef");

  return n == GLB_AUDIT_HASH_HEX && string[n] == '\0';
}

static gboolean
is_time (const char *string)
{
  static const char pattern[] = "dddd-dd-ddTdd:dd:dd.ddddddZ";

  if (strlen (string) != strlen (pattern))
    return FALSE;
  for (gsize i = 0; pattern[i] != '\0'; i++)
    if (pattern[i] == 'd' ? !g_ascii_isdigit (string[i]) : string[i] != pattern[i])
      return FALSE;
  return TRUE;
}

static gboolean
check_values (const GlbAuditRecord  *record,
              GError               **error)
{
  if (!is_time (record->time))
    return broken (error, "\"time\" is not UTC with microseconds");
  if (!glb_audit_name_is_valid (record->session))
    return broken (error, "\"session\" is not a session's name");
  if (!is_hash (record->policy))
    return broken (error, "\"policy\" is not a SHA-256");
  if (record->event[0] == '\0')
    return broken (error, "\"event\" is empty");
  if (!string_is_one_of (record->actor, actors, G_N_ELEMENTS (actors)))
    return broken (error, "\"actor\" is none of agent, human, replay, broker");
  if (!is_hash (record->prev))
    return broken (error, "\"prev\" is not a SHA-256");
  return TRUE;
}

gboolean
glb_audit_record_parse (GlbAuditRecord  *record,
                        const char      *untrusted_line,
                        gsize            length,
                        GError         **error)
{
  const GlbStrictJsonLimits limits = { .max_bytes = GLB_AUDIT_LINE_MAX - 1, .max_depth = GLB_AUDIT_DEPTH_MAX };
  g_autoptr(GError) json_error = NULL;
  g_autoptr(JsonNode) node = NULL;
  JsonObject *object;

  node = glb_strict_json_parse (untrusted_line, length, GLB_STRICT_JSON_DEFAULT, &limits, NULL, &json_error);
  if (node == NULL)
    {
      g_set_error (error, GLB_AUDIT_ERROR, GLB_AUDIT_ERROR_BROKEN, "it is not strict JSON: %s", json_error->message);
      return FALSE;
    }
  if (!JSON_NODE_HOLDS_OBJECT (node))
    return broken (error, "it is not a JSON object");

  object = json_node_get_object (node);
  if (!check_order (object, error)
      || !take_seq (object, &record->seq, error)
      || !take_string (object, "time", &record->time, error)
      || !take_string (object, "session", &record->session, error)
      || !take_string (object, "policy", &record->policy, error)
      || !take_string (object, "event", &record->event, error)
      || !take_string (object, "actor", &record->actor, error)
      || !take_string (object, "prev", &record->prev, error)
      || !check_values (record, error))
    return FALSE;

  record->fields = json_object_ref (object);
  return TRUE;
}

void
glb_audit_record_clear (GlbAuditRecord *record)
{
  g_clear_pointer (&record->time, g_free);
  g_clear_pointer (&record->session, g_free);
  g_clear_pointer (&record->policy, g_free);
  g_clear_pointer (&record->event, g_free);
  g_clear_pointer (&record->actor, g_free);
  g_clear_pointer (&record->prev, g_free);
  g_clear_pointer (&record->fields, json_object_unref);
}
