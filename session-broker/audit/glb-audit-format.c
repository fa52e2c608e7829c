/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "session-broker/audit/glb-audit-log.h"

#include <string.h>

#include "policies/glb-json-writer.h"
#include "session-broker/audit/glb-audit-record.h"

static const char * const own_members[] = { "seq", "time", "session", "policy", "event", "actor", "prev" };

static gboolean
is_own (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (own_members); i++)
    if (strcmp (name, own_members[i]) == 0)
      return TRUE;
  return FALSE;
}

/* Nothing that moves a terminal's cursor, hides text or turns its direction. */
static void
append_safely (GString    *output,
               const char *untrusted_text)
{
  for (const char *p = untrusted_text; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar character = g_utf8_get_char (p);

      if (g_unichar_isprint (character) && g_unichar_type (character) != G_UNICODE_FORMAT)
        g_string_append_unichar (output, character);
      else
        g_string_append_printf (output, "\\u{%x}", character);
    }
}

static gboolean
needs_quotes (const char *text)
{
  if (text[0] == '\0')
    return TRUE;
  for (const char *p = text; *p != '\0'; p++)
    if (!g_ascii_isalnum (*p) && strchr ("-_./:+@%,", *p) == NULL)
      return TRUE;
  return FALSE;
}

static void
append_value (GString  *output,
              JsonNode *node)
{
  g_autofree char *json = NULL;

  if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING
      && !needs_quotes (json_node_get_string (node)))
    {
      g_string_append (output, json_node_get_string (node));
      return;
    }
  json = glb_json_write (node);
  append_safely (output, json);
}

char *
glb_audit_format_record (const char  *line,
                         gsize        length,
                         GError     **error)
{
  g_auto(GlbAuditRecord) record = { 0 };
  GString *output;
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  g_return_val_if_fail (line != NULL, NULL);

  if (length > 0 && line[length - 1] == '\n')
    length--;
  if (!glb_audit_record_parse (&record, line, length, error))
    return NULL;

  output = g_string_new (NULL);
  g_string_append_printf (output, "%6" G_GUINT64_FORMAT "  %.10s %.15s  %-6s  ",
                          record.seq, record.time, record.time + 11, record.actor);
  append_safely (output, record.event);
  json_object_iter_init_ordered (&iter, record.fields);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    {
      if (is_own (name))
        continue;
      g_string_append (output, "  ");
      append_safely (output, name);
      g_string_append_c (output, '=');
      append_value (output, node);
    }
  return g_string_free (output, FALSE);
}
