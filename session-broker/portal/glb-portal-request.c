/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "session-broker/portal/glb-portal-request.h"

#include <string.h>

#include <json-glib/json-glib.h>

#include "policies/glb-strict-json.h"
#include "session-broker/portal/glb-portal-uri.h"

G_DEFINE_QUARK (glb-portal-error-quark, glb_portal_error)

typedef enum
{
  MEMBER_URI   = 1 << 0,
  MEMBER_NAME  = 1 << 1,
  MEMBER_TITLE = 1 << 2,
  MEMBER_BODY  = 1 << 3,
} Members;

/* Each kind has exactly these members, and id and request. */
static const struct { const char *name; Members members; } kinds[] = {
  [GLB_PORTAL_OPEN_URI]    = { "open-uri",    MEMBER_URI },
  [GLB_PORTAL_CHOOSE_FILE] = { "choose-file", MEMBER_TITLE },
  [GLB_PORTAL_NOTIFY]      = { "notify",      MEMBER_NAME | MEMBER_TITLE | MEMBER_BODY },
  [GLB_PORTAL_WITHDRAW]    = { "withdraw",    MEMBER_NAME },
  [GLB_PORTAL_CAMERA]      = { "camera",      0 },
  [GLB_PORTAL_CLOSE]       = { "close",       0 },
};

static const struct { const char *name; Members member; gsize offset; } members[] = {
  { "uri",   MEMBER_URI,   G_STRUCT_OFFSET (GlbPortalRequest, uri) },
  { "name",  MEMBER_NAME,  G_STRUCT_OFFSET (GlbPortalRequest, name) },
  { "title", MEMBER_TITLE, G_STRUCT_OFFSET (GlbPortalRequest, title) },
  { "body",  MEMBER_BODY,  G_STRUCT_OFFSET (GlbPortalRequest, body) },
};

static gboolean
malformed (GError **error, const char *what)
{
  g_set_error_literal (error, GLB_PORTAL_ERROR, GLB_PORTAL_ERROR_MALFORMED, what);
  return FALSE;
}

/* (nullable): it is no string */
static const char *
peek_string (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING ? json_node_get_string (node)
                                                                                                         : NULL;
}

static gboolean
read_id (GlbPortalRequest *self, JsonObject *object, GError **error)
{
  JsonNode *node = json_object_get_member (object, "id");
  gint64 id = node != NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_INT64 ? json_node_get_int (node) : 0;

  if (id < 1 || id > G_MAXINT32)
    return malformed (error, "id must be a whole number, 1 to 2147483647");

  self->id = id;
  return TRUE;
}

static gboolean
read_kind (GlbPortalRequest *self, JsonObject *object, GError **error)
{
  const char *name = peek_string (object, "request");
  guint kind = 0;

  while (name != NULL && kind < G_N_ELEMENTS (kinds) && !g_str_equal (kinds[kind].name, name))
    kind++;
  if (name == NULL || kind == G_N_ELEMENTS (kinds))
    return malformed (error, "request must be open-uri, choose-file, notify, withdraw, camera or close");

  self->kind = kind;
  return TRUE;
}

/* What is no text of this kind of request is not silently left out. */
static gboolean
read_members (GlbPortalRequest *self, JsonObject *object, GError **error)
{
  guint n = 2;

  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    {
      const char *untrusted_text;

      if ((kinds[self->kind].members & members[i].member) == 0)
        continue;
      untrusted_text = peek_string (object, members[i].name);
      if (untrusted_text == NULL)
        return malformed (error, "a member that this request needs is missing or no text");
      G_STRUCT_MEMBER (char *, self, members[i].offset) = g_strdup (untrusted_text);
      n++;
    }
  if (json_object_get_size (object) != n)
    return malformed (error, "it has a member that this request has not");
  return TRUE;
}

/* Takes text. (transfer full) */
static char *
clean_line (char *untrusted_text)
{
  g_autofree char *owned = untrusted_text;

  return glb_strict_json_printable (owned, -1, GLB_PORTAL_TITLE_MAX);
}

/* Takes text. (transfer full) */
static char *
clean_lines (char *untrusted_text)
{
  g_autofree char *owned = untrusted_text;
  g_auto(GStrv) lines = g_strsplit (owned, "\n", GLB_PORTAL_BODY_LINES + 1);
  g_autoptr(GString) clean = g_string_new (NULL);
  glong left = GLB_PORTAL_BODY_MAX;

  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_autofree char *line = NULL;

      if (i > 0)
        g_string_append_c (clean, '\n');
      if (i == GLB_PORTAL_BODY_LINES || left <= 0)
        {
          g_string_append (clean, "…");
          break;
        }
      line = glb_strict_json_printable (lines[i], -1, left);
      g_string_append (clean, line);
      left -= g_utf8_strlen (line, -1) + 1;
    }
  return g_string_free (g_steal_pointer (&clean), FALSE);
}

static void
clean (GlbPortalRequest *self)
{
  if (self->title != NULL)
    self->title = clean_line (self->title);
  if (self->body != NULL)
    self->body = clean_lines (self->body);
}

GlbPortalRequest *
glb_portal_request_new_from_json (const char *untrusted_line, gsize length, GError **error)
{
  const GlbStrictJsonLimits limits = { .max_bytes = GLB_PORTAL_LINE_MAX, .max_depth = 1 };
  g_autoptr(JsonNode) root = glb_strict_json_parse (untrusted_line, length, GLB_STRICT_JSON_DEFAULT, &limits, NULL, NULL);
  g_autoptr(GlbPortalRequest) self = g_new0 (GlbPortalRequest, 1);
  JsonObject *object;

  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    {
      malformed (error, "a request is one JSON object in a line of at most 16 KiB");
      return NULL;
    }

  object = json_node_get_object (root);
  if (!read_id (self, object, error) || !read_kind (self, object, error) || !read_members (self, object, error))
    return NULL;

  clean (self);
  return g_steal_pointer (&self);
}

void
glb_portal_request_free (GlbPortalRequest *self)
{
  g_free (self->uri);
  g_free (self->name);
  g_free (self->title);
  g_free (self->body);
  g_free (self);
}

const char *
glb_portal_kind_to_string (GlbPortalKind kind)
{
  g_return_val_if_fail ((guint) kind < G_N_ELEMENTS (kinds), "unknown");

  return kinds[kind].name;
}

gboolean
glb_portal_may_have_camera (const GlbPolicy *policy)
{
  return policy->isolation.tier != GLB_TIER_PROCESS && policy->devices.camera != GLB_VERDICT_DENY;
}

/* A camera's question is the device gate's to ask. */
static GlbVerdict
ask_policy (const GlbPolicy *policy, GlbPortalKind kind)
{
  switch (kind)
    {
    case GLB_PORTAL_OPEN_URI:
      return policy->portals.open_uri;
    case GLB_PORTAL_CHOOSE_FILE:
      return policy->portals.file_chooser;
    case GLB_PORTAL_NOTIFY:
    case GLB_PORTAL_WITHDRAW:
      return policy->portals.notification;
    case GLB_PORTAL_CAMERA:
      return glb_portal_may_have_camera (policy) ? GLB_VERDICT_ALLOW : GLB_VERDICT_DENY;
    case GLB_PORTAL_CLOSE:
      return GLB_VERDICT_ALLOW;
    default:
      return GLB_VERDICT_DENY;
    }
}

/* The session's own name for a notification, which the person's clients hand on to the host: no surprises in it. */
static gboolean
check_name (const char *untrusted_name, const char **why)
{
  gsize length = strlen (untrusted_name);

  *why = "a notification's id has 1 to 128 visible ASCII characters";
  if (length < 1 || length > GLB_PORTAL_NAME_MAX)
    return FALSE;
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isgraph (untrusted_name[i]))
      return FALSE;
  return TRUE;
}

GlbPortalDecision
glb_portal_decide (const GlbPolicy *policy, const GlbPortalRequest *request)
{
  GlbPortalDecision decision = { .verdict = ask_policy (policy, request->kind) };
  const char *why = NULL;

  if (decision.verdict == GLB_VERDICT_DENY)
    {
      decision.code = "policy_denied";
      decision.message = request->kind == GLB_PORTAL_CAMERA ? "the policy denies the camera; see devices in it"
                                                            : "the policy's portals do not let it out";
    }
  else if (request->kind == GLB_PORTAL_OPEN_URI && !glb_portal_uri_check (request->uri, &why))
    {
      decision.verdict = GLB_VERDICT_DENY;
      decision.code = "bad_uri";
      decision.message = why;
    }
  else if (request->name != NULL && !check_name (request->name, &why))
    {
      decision.verdict = GLB_VERDICT_DENY;
      decision.code = "bad_name";
      decision.message = why;
    }
  return decision;
}

gboolean
glb_portal_is_wanted (const GlbPolicy *policy)
{
  /* without processes there is no bus that could start it */
  return policy->process.allow_spawn &&
         (glb_portal_may_have_camera (policy) || policy->portals.open_uri != GLB_VERDICT_DENY || policy->portals.file_chooser != GLB_VERDICT_DENY ||
          policy->portals.notification != GLB_VERDICT_DENY || policy->portals.settings != GLB_VERDICT_DENY);
}
