/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Prompts: the life of a question.
 *
 * ask: a grant for the same answers it; else it is recorded and becomes an
 * object below /org/glovebox/Broker1/prompts. It leaves by end_prompt() alone,
 * with whatever comes first: a client's Allow or Deny, its time, its asker, its
 * session's end. There it is taken from the table before anything else
 * happens, so that no second answer can find it, whoever is called meanwhile;
 * the answer is recorded, a yes becomes a grant, and the asker hears of it
 * last.
 *
 * Ids count up and are never used again. A call for one that is over is told
 * so: by its object, if it was on its way, else by the subtree.
 */

#define G_LOG_DOMAIN "glb-broker"
#include "config.h"

#include <string.h>
#include <unistd.h>

#include <gio/gunixfdlist.h>

#include "policies/glb-strict-json.h"
#include "session-broker/broker/glb-approval.h"
#include "session-broker/broker/glb-pipe-reader.h"
#include "session-broker/broker/glb-prompt-history.h"
#include "session-broker/broker/glb-prompts.h"
#include "session-broker/broker/glb-sealed-file.h"
#include "session-broker/broker/glb-source-options.h"
#include "session-broker/broker/glb-session-private.h"
#include "session-broker/client/glb-broker-error.h"

#define PROMPTS_PATH "/org/glovebox/Broker1/prompts"
#define GRANTS_PATH  "/org/glovebox/Broker1/grants"

/* Characters: what a person can take in, and what D-Bus is to carry. */
#define LINE_MAX_CHARS    200
#define PREVIEW_MAX_CHARS 4096
#define PREVIEW_MAX_LINES 256
#define DETAILS_MAX       16
#define FILE_NAME_MAX     255
/* A client hands over a file or the end of a pipe, and then has to write. */
#define FILE_DEADLINE_MS  10000
#define PICTURE_MAX       (2u << 20)
/* Of one prompt or grant: whoever may call must not fill the record. */
#define REFUSALS_MAX      4

/* One open question. */
typedef struct
{
  GlbPrompts *prompts;       /* not owned: it owns this */
  guint64 id;
  char *path;
  GlbSession *session;
  GlbDBusPrompt1 *skeleton;
  GTask *task;
  GlbPromptKind kind;
  char *sha256;              /* "": no content */
  char *target;              /* "": none */
  int memfd;                 /* -1: no content */
  GBytes *file;              /* (nullable): what a yes hands in */
  char *file_name;           /* (nullable) */
  GlbPromptConsider consider;   /* (nullable) */
  gpointer consider_data;
  GlbPromptSubstitute *substitute;   /* (nullable): what a yes is to */
  gboolean looked;
  const GlbApproval *answered_by;   /* (nullable) not owned: while it ends by a call of the system bus */
  guint n_refused;
  guint timeout_id;
  GSource *cancelled;        /* (nullable) */
} Prompt;

/* One grant that reaches. */
typedef struct
{
  guint64 id;
  GlbGrant *grant;
  char *path;
  GlbSession *session;
  const GlbApproval *revoked_by;    /* (nullable) not owned: likewise */
  guint n_refused;
} Given;

/* One session: how much it asks, and what it was told. */
typedef struct
{
  GlbPromptQuota quota;
  guint n_refused;           /* in a row */
  GlbPromptHistory *history;
} Asker;

/* What is registered on one connection for ids that have no object. */
typedef struct
{
  guint prompts_id, grants_id;
} Subtrees;

struct _GlbPrompts
{
  GObject parent_instance;

  GlbObjectManager *objects;
  GHashTable *open;          /* id to Prompt */
  GHashTable *given;         /* id to Given */
  GHashTable *askers;        /* GlbSession to Asker */
  GHashTable *connections;   /* GDBusConnection to Subtrees */
  guint64 last_prompt, last_grant;
};

G_DEFINE_FINAL_TYPE (GlbPrompts, glb_prompts, G_TYPE_OBJECT)

/* ---- text that comes from inside --------------------------------------------- */

/* Lines of visible text, bounded. (transfer full) */
static char *
clean_lines (const char *untrusted_text)
{
  GString *clean = g_string_new (NULL);
  const char *start = untrusted_text;
  glong left = PREVIEW_MAX_CHARS;

  for (guint n = 0; *start != '\0'; n++)
    {
      const char *end = strchrnul (start, '\n');
      g_autofree char *line = NULL;

      if (n == PREVIEW_MAX_LINES || left <= 0)
        {
          g_string_append (clean, "…");
          break;
        }
      line = glb_strict_json_printable (start, end - start, left);
      g_string_append (clean, line);
      left -= g_utf8_strlen (line, -1) + 1;
      start = end;
      if (*end == '\n')
        {
          g_string_append_c (clean, '\n');
          start++;
        }
    }
  return g_string_free (clean, FALSE);
}

static char *
clean_line (const char *untrusted_text)
{
  return glb_strict_json_printable (untrusted_text, -1, LINE_MAX_CHARS);
}

/* Of strings. Floating. */
static GVariant *
clean_list (GVariant *list)
{
  g_auto(GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_STRING_ARRAY);
  gsize n = MIN (g_variant_n_children (list), DETAILS_MAX);

  for (gsize i = 0; i < n; i++)
    {
      const char *untrusted_text;
      g_autofree char *text = NULL;

      g_variant_get_child (list, i, "&s", &untrusted_text);
      text = clean_line (untrusted_text);
      g_variant_builder_add (&builder, "s", text);
    }
  return g_variant_builder_end (&builder);
}

/* The gate's, with strings that may be the session's; and a picture, which is a PNG of our making. */
static void
add_clean_details (GVariantDict *dict, GVariant *details)
{
  GVariantIter iter;
  const char *name;
  GVariant *value;
  guint n = 0;

  if (details != NULL)
    {
      g_variant_iter_init (&iter, details);
      while (n++ < DETAILS_MAX && g_variant_iter_next (&iter, "{&sv}", &name, &value))
        {
          g_autoptr(GVariant) held = value;

          if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
            {
              g_autofree char *text = clean_line (g_variant_get_string (value, NULL));

              g_variant_dict_insert (dict, name, "s", text);
            }
          else if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING_ARRAY))
            g_variant_dict_insert_value (dict, name, clean_list (value));
          else if (g_variant_type_is_basic (g_variant_get_type (value)) ||
                   (g_str_equal (name, "picture") && g_variant_is_of_type (value, G_VARIANT_TYPE_BYTESTRING) &&
                    g_variant_get_size (value) <= PICTURE_MAX))
            g_variant_dict_insert_value (dict, name, value);
        }
    }
}

/* ---- answers ------------------------------------------------------------------- */

static void
substitute_free (GlbPromptSubstitute *self)
{
  g_free (self->source);
  g_clear_pointer (&self->file, glb_source_file_unref);
  g_free (self->target);
  g_free (self->title);
  g_free (self);
}

void
glb_prompt_answer_free (GlbPromptAnswer *self)
{
  if (self->grant != NULL)
    glb_grant_release (self->grant, self->hold);
  g_clear_object (&self->grant);
  g_clear_pointer (&self->file, g_bytes_unref);
  g_free (self->file_name);
  g_clear_pointer (&self->substitute, substitute_free);
  g_free (self);
}

static GlbPromptAnswer *
answer_no (const char *why)
{
  GlbPromptAnswer *answer = g_new0 (GlbPromptAnswer, 1);

  answer->why = why;
  return answer;
}

/* A yes that ended before anybody heard of it is a no. */
static GlbPromptAnswer *
answer_yes (GlbGrant *grant, guint seconds)
{
  GlbPromptAnswer *answer = g_new0 (GlbPromptAnswer, 1);

  answer->hold = glb_grant_hold (grant, NULL, NULL);
  answer->allowed = answer->hold != 0;
  if (!answer->allowed)
    {
      answer->why = "session-ended";
      return answer;
    }

  answer->grant = g_object_ref (grant);
  answer->scope = glb_grant_get_terms (grant)->scope;
  answer->seconds = seconds;
  return answer;
}

/* ---- who may answer what ---------------------------------------------------------- */

/* On the broker's own socket, as the kernel knows the peer. A bus would be the peer of everybody on it. */
static gboolean
is_own_peer (GDBusMethodInvocation *invocation)
{
  GDBusConnection *connection = g_dbus_method_invocation_get_connection (invocation);
  GCredentials *peer = g_dbus_connection_get_peer_credentials (connection);

  return g_dbus_connection_get_unique_name (connection) == NULL && peer != NULL &&
         g_credentials_get_unix_user (peer, NULL) == geteuid ();
}

/* The one place that decides who may answer; FALSE: the call has its error. It is the person whose broker this is, or on
 * the system bus whom polkit allowed this very kind of thing, which GlbSystemBus asked before the call came here. */
static gboolean
check_may (GDBusMethodInvocation *invocation, GlbApprovalKind kind)
{
  const GlbApproval *approval = glb_approval_of (invocation);

  if (approval != NULL ? approval->kind == kind : is_own_peer (invocation))
    return TRUE;

  g_dbus_method_invocation_return_error (invocation, GLB_BROKER_ERROR, GLB_BROKER_ERROR_POLICY,
                                         "prompt: only the person whose broker this is may answer");
  return FALSE;
}

static void
return_over (GDBusMethodInvocation *invocation, const char *what, guint64 id)
{
  g_dbus_method_invocation_return_error (invocation, GLB_BROKER_ERROR, GLB_BROKER_ERROR_STATE,
                                         "%s %" G_GUINT64_FORMAT ": it is over already; glovebox %ss lists them", what, id, what);
}

/* The gate of all methods of a prompt. (nullable): the call has its error */
static Prompt *
take_prompt (GlbPrompts *self, GlbDBusPrompt1 *object, GDBusMethodInvocation *invocation, GlbApprovalKind kind)
{
  guint64 id = glb_dbus_prompt1_get_id (object);
  Prompt *prompt = g_hash_table_lookup (self->open, &id);

  if (!check_may (invocation, kind))
    return NULL;
  if (prompt == NULL)
    return_over (invocation, "prompt", id);
  return prompt;
}

/* ---- grants -------------------------------------------------------------------- */

static void
given_free (gpointer data)
{
  Given *given = data;

  g_object_unref (given->grant);
  g_object_unref (given->session);
  g_free (given->path);
  g_free (given);
}

static JsonObject *
describe_grant (GlbGrant *grant)
{
  const GlbGrantTerms *terms = glb_grant_get_terms (grant);
  JsonObject *fields = json_object_new ();

  json_object_set_int_member (fields, "grant", glb_grant_get_id (grant));
  json_object_set_string_member (fields, "kind", glb_prompt_kind_to_string (terms->kind));
  json_object_set_string_member (fields, "scope", glb_grant_scope_to_string (terms->scope));
  if (*terms->sha256 != '\0')
    json_object_set_string_member (fields, "sha256", terms->sha256);
  if (*terms->target != '\0')
    {
      g_autofree char *target = clean_line (terms->target);

      json_object_set_string_member (fields, "target", target);
    }
  return fields;
}

static void
on_grant_ended (GlbGrant *grant, gpointer user_data)
{
  GlbPrompts *self = user_data;
  guint64 id = glb_grant_get_id (grant);
  Given *given = g_hash_table_lookup (self->given, &id);
  g_autoptr(GlbSession) session = g_object_ref (given->session);
  g_autoptr(JsonObject) fields = describe_grant (grant);
  const char *why = glb_grant_get_why (grant);
  gboolean revoked = g_str_equal (why, "revoked");
  const char *event = revoked ? "grant-revoked" : g_str_equal (why, "expired") ? "grant-expired" : "grant-ended";
  const GlbApproval *revoked_by = given->revoked_by;

  g_signal_handlers_disconnect_by_data (grant, self);
  glb_object_manager_unexport (self->objects, given->path);
  g_hash_table_remove (self->given, &id);
  json_object_set_string_member (fields, "why", why);
  glb_approval_describe (revoked_by, fields);
  /* It ends whether there is space for the record or not: this only takes rights away. */
  glb_session_audit (session, event, revoked ? GLB_DRIVER_HUMAN : GLB_DRIVER_NOBODY, fields, NULL);
}

static gboolean
handle_revoke (GlbDBusGrant1 *object, GDBusMethodInvocation *invocation, GlbPrompts *self)
{
  guint64 id = glb_dbus_grant1_get_id (object);
  Given *given = g_hash_table_lookup (self->given, &id);

  if (!check_may (invocation, GLB_APPROVAL_REVOKE))
    return TRUE;
  if (given == NULL)
    {
      return_over (invocation, "grant", id);
      return TRUE;
    }

  given->revoked_by = glb_approval_of (invocation);
  glb_grant_end (given->grant, "revoked");
  g_dbus_method_invocation_return_value (invocation, NULL);
  return TRUE;
}

/* (nullable) (transfer none): NULL where there is no record of it */
static GlbGrant *
make_grant (GlbPrompts *self, Prompt *prompt, const GlbGrantTerms *terms)
{
  g_autoptr(GlbGrant) grant = glb_grant_new (self->last_grant + 1, terms);
  g_autoptr(JsonObject) fields = describe_grant (grant);
  GlbDBusGrant1 *skeleton = GLB_DBUS_GRANT1 (glb_grant_get_skeleton (grant));
  g_autofree char *target = clean_line (terms->target);
  g_autofree char *title = clean_line (prompt->substitute != NULL ? prompt->substitute->title
                                                                  : glb_dbus_prompt1_get_title (prompt->skeleton));
  g_autoptr(GError) error = NULL;
  Given *given;

  json_object_set_int_member (fields, "prompt", prompt->id);
  glb_approval_describe (prompt->answered_by, fields);
  if (!glb_session_audit (prompt->session, "grant-made", GLB_DRIVER_HUMAN, fields, NULL))
    return NULL;

  self->last_grant++;
  given = g_new0 (Given, 1);
  given->id = self->last_grant;
  given->grant = g_object_ref (grant);
  given->session = g_object_ref (prompt->session);
  given->path = g_strdup_printf (GRANTS_PATH "/%" G_GUINT64_FORMAT, self->last_grant);
  g_hash_table_insert (self->given, &given->id, given);
  glb_grant_count_use (grant);
  glb_dbus_grant1_set_session (skeleton, glb_session_get_path (prompt->session));
  glb_dbus_grant1_set_session_name (skeleton, glb_session_get_name (prompt->session));
  glb_dbus_grant1_set_title (skeleton, title);
  glb_dbus_grant1_set_target (skeleton, target);
  g_signal_connect_object (skeleton, "handle-revoke", G_CALLBACK (handle_revoke), self, 0);
  g_signal_connect (grant, "ended", G_CALLBACK (on_grant_ended), self);
  /* what cannot be revoked must not be */
  if (!glb_object_manager_export (self->objects, given->path, G_DBUS_INTERFACE_SKELETON (skeleton), &error))
    {
      g_warning ("Can't show a grant: %s", error->message);
      glb_grant_end (grant, "revoked");
      return NULL;
    }
  return grant;
}

/* (nullable): one that answers the request */
static GlbGrant *
find_grant (GlbPrompts *self, GlbSession *session, GlbPromptKind kind, const char *sha256, const char *target)
{
  gint64 now = g_get_monotonic_time ();
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->given);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Given *given = value;

      if (given->session == session && glb_grant_terms_match (glb_grant_get_terms (given->grant), kind, sha256, target, now))
        return given->grant;
    }
  return NULL;
}

static GlbPromptAnswer *
use_grant (GlbGrant *grant, GlbSession *session, GlbDriver requester)
{
  g_autoptr(GlbGrant) ref = g_object_ref (grant);
  g_autoptr(JsonObject) fields = describe_grant (grant);

  if (!glb_session_audit (session, "grant-used", requester, fields, NULL))
    return answer_no ("session-ended");

  glb_grant_count_use (grant);
  return answer_yes (grant, 0);
}

/* ---- the end of a question ---------------------------------------------------------- */

static void
prompt_free (gpointer data)
{
  Prompt *prompt = data;

  g_clear_handle_id (&prompt->timeout_id, g_source_remove);
  if (prompt->cancelled != NULL)
    {
      g_source_destroy (prompt->cancelled);
      g_source_unref (prompt->cancelled);
    }
  if (prompt->memfd >= 0)
    close (prompt->memfd);
  g_object_unref (prompt->skeleton);
  g_object_unref (prompt->session);
  g_clear_object (&prompt->task);
  g_clear_pointer (&prompt->file, g_bytes_unref);
  g_free (prompt->file_name);
  g_clear_pointer (&prompt->substitute, substitute_free);
  g_free (prompt->path);
  g_free (prompt->sha256);
  g_free (prompt->target);
  g_free (prompt);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Prompt, prompt_free)

/* A yes that ended before its asker heard of it has no file any more. (transfer full) */
static GlbPromptAnswer *
answer_prompt (Prompt *prompt, GlbGrant *grant, guint seconds)
{
  GlbPromptAnswer *answer = answer_yes (grant, seconds);

  if (answer->allowed)
    {
      answer->file = g_steal_pointer (&prompt->file);
      answer->file_name = g_steal_pointer (&prompt->file_name);
      answer->substitute = g_steal_pointer (&prompt->substitute);
    }
  return answer;
}

static void
add_substitute (JsonObject *fields, const GlbPromptSubstitute *substitute)
{
  g_autofree char *target = clean_line (substitute->target);

  json_object_set_string_member (fields, "source", substitute->source);
  json_object_set_string_member (fields, "target", target);
  if (substitute->file == NULL)
    return;

  json_object_set_string_member (fields, "name", substitute->file->name);
  json_object_set_string_member (fields, "sha256", substitute->file->sha256);
  json_object_set_int_member (fields, "bytes", (gint64) substitute->file->size);
}

static gboolean
audit_answer (Prompt *prompt, const GlbGrantTerms *terms, guint seconds, const char *why, GlbDriver actor)
{
  g_autoptr(JsonObject) fields = json_object_new ();

  json_object_set_int_member (fields, "prompt", prompt->id);
  json_object_set_string_member (fields, "verdict", terms != NULL ? "allow" : "deny");
  if (terms != NULL)
    json_object_set_string_member (fields, "scope", glb_grant_scope_to_string (terms->scope));
  if (seconds != 0)
    json_object_set_int_member (fields, "seconds", seconds);
  if (why != NULL)
    json_object_set_string_member (fields, "why", why);
  if (prompt->file != NULL)
    {
      json_object_set_string_member (fields, "name", prompt->file_name);
      json_object_set_string_member (fields, "sha256", prompt->sha256);
      json_object_set_int_member (fields, "bytes", (gint64) g_bytes_get_size (prompt->file));
    }
  if (prompt->substitute != NULL)
    add_substitute (fields, prompt->substitute);
  json_object_set_boolean_member (fields, "looked", prompt->looked);
  glb_approval_describe (prompt->answered_by, fields);
  return glb_session_audit (prompt->session, "prompt-answered", actor, fields, NULL);
}

static void
trace_answer (Prompt *prompt, const GlbGrant *grant, const GlbGrantTerms *terms, const char *why, GlbDriver actor)
{
  JsonObject *fields = json_object_new ();

  json_object_set_int_member (fields, "prompt", prompt->id);
  json_object_set_string_member (fields, "verdict", grant != NULL ? "allow" : "deny");
  if (grant != NULL)
    json_object_set_string_member (fields, "scope", glb_grant_scope_to_string (terms->scope));
  else
    json_object_set_string_member (fields, "why", why);
  json_object_set_string_member (fields, "actor", glb_driver_to_string (actor));
  glb_session_trace (prompt->session, "answer", fields);
}

/* answer: static */
static void
remember (Prompt *prompt, const char *answer)
{
  Asker *asker = g_hash_table_lookup (prompt->prompts->askers, prompt->session);

  if (asker != NULL)
    glb_prompt_history_add (asker->history, prompt->kind, prompt->target, prompt->sha256, answer, g_get_real_time ());
}

/* The one way out. terms: (nullable): of a yes. by: (nullable): on the system bus. TRUE: what was said holds; a yes without
 * a record does not. */
static gboolean
end_prompt (Prompt *taken, const GlbGrantTerms *terms, guint seconds, const char *why, GlbDriver actor, const GlbApproval *by)
{
  g_autoptr(GlbPrompts) self = g_object_ref (taken->prompts);
  g_autoptr(Prompt) prompt = taken;
  g_autoptr(GTask) task = g_steal_pointer (&prompt->task);
  gboolean recorded;
  GlbGrant *grant = NULL;

  g_hash_table_steal (self->open, &prompt->id);
  prompt->looked |= actor == GLB_DRIVER_HUMAN;
  prompt->answered_by = by;
  recorded = audit_answer (prompt, terms, seconds, why, actor);
  if (terms != NULL && recorded)
    grant = make_grant (self, prompt, terms);
  if (terms != NULL && grant == NULL)
    why = "session-ended";

  remember (prompt, grant != NULL ? "allowed" : why);
  trace_answer (prompt, grant, terms, why, actor);
  glb_dbus_prompt1_emit_answered (prompt->skeleton, grant != NULL ? "allow" : "deny", grant != NULL ? "" : why);
  glb_object_manager_unexport (self->objects, prompt->path);
  if (g_str_equal (grant != NULL ? "" : why, "withdrawn"))
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CANCELLED, "Operation was cancelled");
  else
    g_task_return_pointer (task, grant != NULL ? answer_prompt (prompt, grant, seconds) : answer_no (why), (GDestroyNotify) glb_prompt_answer_free);
  return terms == NULL || grant != NULL;
}

static gboolean
on_timeout (gpointer user_data)
{
  Prompt *prompt = user_data;

  prompt->timeout_id = 0;
  end_prompt (prompt, NULL, 0, prompt->looked ? "timeout" : "no-approver", GLB_DRIVER_NOBODY, NULL);
  return G_SOURCE_REMOVE;
}

static gboolean
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  end_prompt (user_data, NULL, 0, "withdrawn", GLB_DRIVER_NOBODY, NULL);
  return G_SOURCE_REMOVE;
}

/* ---- Prompt1 ----------------------------------------------------------------------- */

static gboolean
handle_allow (GlbDBusPrompt1 *object, GDBusMethodInvocation *invocation, const char *scope, guint seconds, GlbPrompts *self)
{
  Prompt *prompt = take_prompt (self, object, invocation, GLB_APPROVAL_ANSWER);
  guint64 id = glb_dbus_prompt1_get_id (object);
  GlbGrantTerms terms;
  const char *why = NULL;

  if (prompt == NULL)
    return TRUE;
  if (prompt->kind == GLB_PROMPT_FILE)
    {
      g_dbus_method_invocation_return_error (invocation, GLB_BROKER_ERROR, GLB_BROKER_ERROR_FAILED,
                                             "prompt %" G_GUINT64_FORMAT ": it asks for a file; give one with --file", id);
      return TRUE;
    }
  terms = (GlbGrantTerms) { .kind = prompt->kind, .sha256 = prompt->sha256, .target = prompt->target };
  if (!glb_grant_terms_choose (&terms, scope, seconds, g_get_monotonic_time (), &why))
    g_dbus_method_invocation_return_error (invocation, GLB_BROKER_ERROR, GLB_BROKER_ERROR_FAILED,
                                           "prompt %" G_GUINT64_FORMAT ": %s", id, why);
  else if (!end_prompt (prompt, &terms, seconds, NULL, GLB_DRIVER_HUMAN, glb_approval_of (invocation)))
    g_dbus_method_invocation_return_error (invocation, GLB_BROKER_ERROR, GLB_BROKER_ERROR_FAILED,
                                           "prompt %" G_GUINT64_FORMAT ": there is no record of it, so it is denied; free some space", id);
  else
    g_dbus_method_invocation_return_value (invocation, NULL);
  return TRUE;
}

/* ---- something else -------------------------------------------------------------------- */

/* A substitute that is being read and looked at; its prompt may end meanwhile. */
typedef struct
{
  GlbPrompts *self;
  GlbDBusPrompt1 *object;
  GDBusMethodInvocation *invocation;
  GlbPromptSubstitute *substitute;
  char *scope;
  guint seconds;
} Exchange;

static void
exchange_free (Exchange *exchange)
{
  g_object_unref (exchange->self);
  g_object_unref (exchange->object);
  g_clear_pointer (&exchange->substitute, substitute_free);
  g_free (exchange->scope);
  g_free (exchange);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Exchange, exchange_free)

static void
considered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(Exchange) exchange = user_data;
  guint64 id = glb_dbus_prompt1_get_id (exchange->object);
  g_autoptr(GError) error = NULL;
  gboolean fits = g_task_propagate_boolean (G_TASK (result), &error);
  Prompt *prompt = take_prompt (exchange->self, exchange->object, exchange->invocation, GLB_APPROVAL_ANSWER);
  GlbGrantTerms terms;
  const char *why = NULL;

  if (prompt == NULL)
    return;
  if (!fits)
    {
      g_dbus_method_invocation_take_error (exchange->invocation, glb_session_map_error (error));
      return;
    }

  terms = (GlbGrantTerms) { .kind = prompt->kind, .sha256 = prompt->sha256, .target = exchange->substitute->target };
  if (!glb_grant_terms_choose (&terms, exchange->scope, exchange->seconds, g_get_monotonic_time (), &why))
    {
      g_dbus_method_invocation_return_error (exchange->invocation, GLB_BROKER_ERROR, GLB_BROKER_ERROR_FAILED,
                                             "prompt %" G_GUINT64_FORMAT ": %s", id, why);
      return;
    }

  /* what was there before was another client's, which lost to this one */
  g_clear_pointer (&prompt->substitute, substitute_free);
  prompt->substitute = g_steal_pointer (&exchange->substitute);
  if (!end_prompt (prompt, &terms, exchange->seconds, NULL, GLB_DRIVER_HUMAN, glb_approval_of (exchange->invocation)))
    g_dbus_method_invocation_return_error (exchange->invocation, GLB_BROKER_ERROR, GLB_BROKER_ERROR_FAILED,
                                           "prompt %" G_GUINT64_FORMAT ": there is no record of it, so it is denied; free some space", id);
  else
    g_dbus_method_invocation_return_value (exchange->invocation, NULL);
}

static void
substitute_read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(Exchange) exchange = user_data;
  g_autoptr(GError) error = NULL;
  GlbPromptSubstitute *substitute = exchange->substitute;
  Prompt *prompt = take_prompt (exchange->self, exchange->object, exchange->invocation, GLB_APPROVAL_ANSWER);

  if (prompt == NULL)
    return;
  substitute->file = glb_source_file_finish (result, &error);
  if (substitute->file == NULL)
    g_dbus_method_invocation_return_error (exchange->invocation, GLB_BROKER_ERROR, GLB_BROKER_ERROR_FAILED, "prompt %" G_GUINT64_FORMAT ": %s",
                                           glb_dbus_prompt1_get_id (exchange->object), error->message);
  else
    prompt->consider (prompt->consider_data, substitute, considered_cb, g_steal_pointer (&exchange));
}

static gboolean
handle_allow_with (GlbDBusPrompt1        *object,
                   GDBusMethodInvocation *invocation,
                   GUnixFDList           *fds,
                   const char            *scope,
                   guint                  seconds,
                   GVariant              *options,
                   GlbPrompts            *self)
{
  Prompt *prompt = take_prompt (self, object, invocation, GLB_APPROVAL_ANSWER);
  g_autoptr(GError) error = NULL;
  GlbSourceOptions source = { 0 };
  Exchange *exchange;

  if (prompt == NULL)
    return TRUE;
  if (prompt->consider == NULL)
    {
      g_dbus_method_invocation_return_error (invocation, GLB_BROKER_ERROR, GLB_BROKER_ERROR_FAILED,
                                             "prompt %" G_GUINT64_FORMAT ": nothing else can be given for it; allow it without a source", prompt->id);
      return TRUE;
    }
  if (!glb_source_options_read (&source, "prompt", options, fds, &error))
    {
      g_dbus_method_invocation_return_gerror (invocation, error);
      return TRUE;
    }

  exchange = g_new0 (Exchange, 1);
  exchange->self = g_object_ref (self);
  exchange->object = g_object_ref (object);
  exchange->invocation = invocation;
  exchange->scope = g_strdup (scope);
  exchange->seconds = seconds;
  exchange->substitute = g_new0 (GlbPromptSubstitute, 1);
  exchange->substitute->source = g_strdup (source.source);
  if (source.fd >= 0)
    glb_source_file_copy_async (source.fd, source.name, substitute_read_cb, exchange);
  else
    prompt->consider (prompt->consider_data, exchange->substitute, considered_cb, exchange);
  return TRUE;
}

/* ---- a file ------------------------------------------------------------------------- */

/* A file on its way to a prompt that may end meanwhile. */
typedef struct
{
  GlbPrompts *self;
  GlbDBusPrompt1 *object;
  GDBusMethodInvocation *invocation;
  char *name;
} Handing;

static void
handing_free (Handing *handing)
{
  g_object_unref (handing->self);
  g_object_unref (handing->object);
  g_free (handing->name);
  g_free (handing);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Handing, handing_free)

/* One path element, and nothing that a listing could not show. */
static gboolean
is_file_name (const char *name)
{
  gsize length = strlen (name);

  if (length < 1 || length > FILE_NAME_MAX || g_str_equal (name, ".") || g_str_equal (name, ".."))
    return FALSE;
  for (const char *c = name; *c != '\0'; c = g_utf8_next_char (c))
    if (*c == '/' || !g_unichar_isprint (g_utf8_get_char (c)) || g_unichar_iszerowidth (g_utf8_get_char (c)))
      return FALSE;
  return TRUE;
}

static void
file_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(Handing) handing = user_data;
  guint64 id = glb_dbus_prompt1_get_id (handing->object);
  GlbGrantTerms terms = { .kind = GLB_PROMPT_FILE, .scope = GLB_GRANT_ONCE };
  g_autoptr(GError) error = NULL;
  g_autoptr(GBytes) bytes = glb_pipe_reader_read_finish (result, &error);
  Prompt *prompt = take_prompt (handing->self, handing->object, handing->invocation, GLB_APPROVAL_ANSWER);

  if (prompt == NULL)
    return;
  if (bytes == NULL)
    {
      g_dbus_method_invocation_return_error (handing->invocation, GLB_BROKER_ERROR, GLB_BROKER_ERROR_FAILED,
                                             "prompt %" G_GUINT64_FORMAT ": %s", id,
                                             g_error_matches (error, G_IO_ERROR, G_IO_ERROR_MESSAGE_TOO_LARGE)
                                             ? "the file is larger than 16 MiB; put it into the session's workspace" : error->message);
      return;
    }

  prompt->file = g_steal_pointer (&bytes);
  prompt->file_name = g_strdup (handing->name);
  g_free (prompt->sha256);
  prompt->sha256 = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, prompt->file);
  terms.sha256 = prompt->sha256;
  terms.target = prompt->target;
  if (!end_prompt (prompt, &terms, 0, NULL, GLB_DRIVER_HUMAN, glb_approval_of (handing->invocation)))
    g_dbus_method_invocation_return_error (handing->invocation, GLB_BROKER_ERROR, GLB_BROKER_ERROR_FAILED,
                                           "prompt %" G_GUINT64_FORMAT ": there is no record of it, so it is denied; free some space", id);
  else
    g_dbus_method_invocation_return_value (handing->invocation, NULL);
}

static gboolean
handle_allow_file (GlbDBusPrompt1        *object,
                   GDBusMethodInvocation *invocation,
                   GUnixFDList           *fds,
                   const char            *name,
                   GVariant              *handle,
                   GlbPrompts            *self)
{
  Prompt *prompt = take_prompt (self, object, invocation, GLB_APPROVAL_ANSWER);
  const char *why = NULL;
  Handing *handing;
  int fd = -1;

  if (prompt == NULL)
    return TRUE;
  if (prompt->kind != GLB_PROMPT_FILE)
    why = "it asks for no file; allow it without one";
  else if (!is_file_name (name))
    why = "the name is none of a file; give 1 to 255 bytes of visible text without /";
  else if (fds == NULL || g_variant_get_handle (handle) < 0 || g_variant_get_handle (handle) >= g_unix_fd_list_get_length (fds) ||
           (fd = g_unix_fd_list_get (fds, g_variant_get_handle (handle), NULL)) < 0)
    why = "no descriptor came with the call";
  if (why != NULL)
    {
      g_dbus_method_invocation_return_error (invocation, GLB_BROKER_ERROR, GLB_BROKER_ERROR_FAILED,
                                             "prompt %" G_GUINT64_FORMAT ": %s", glb_dbus_prompt1_get_id (object), why);
      return TRUE;
    }

  handing = g_new0 (Handing, 1);
  handing->self = g_object_ref (self);
  handing->object = g_object_ref (object);
  handing->invocation = invocation;
  handing->name = g_strdup (name);
  glb_pipe_reader_read_async (fd, GLB_PROMPT_FILE_MAX, FILE_DEADLINE_MS, NULL, file_cb, handing);
  return TRUE;
}

static gboolean
handle_deny (GlbDBusPrompt1 *object, GDBusMethodInvocation *invocation, GlbPrompts *self)
{
  Prompt *prompt = take_prompt (self, object, invocation, GLB_APPROVAL_ANSWER);

  if (prompt == NULL)
    return TRUE;

  end_prompt (prompt, NULL, 0, "denied", GLB_DRIVER_HUMAN, glb_approval_of (invocation));
  g_dbus_method_invocation_return_value (invocation, NULL);
  return TRUE;
}

static gboolean
handle_look (GlbDBusPrompt1 *object, GDBusMethodInvocation *invocation, GlbPrompts *self)
{
  Prompt *prompt = take_prompt (self, object, invocation, GLB_APPROVAL_VIEW);

  if (prompt == NULL)
    return TRUE;

  prompt->looked = TRUE;
  glb_dbus_prompt1_complete_look (object, invocation);
  return TRUE;
}

static gboolean
handle_content (GlbDBusPrompt1 *object, GDBusMethodInvocation *invocation, GUnixFDList *fd_list, GlbPrompts *self)
{
  Prompt *prompt = take_prompt (self, object, invocation, GLB_APPROVAL_VIEW);
  g_autoptr(GUnixFDList) list = NULL;
  g_autoptr(GError) error = NULL;
  int fd;

  if (prompt == NULL)
    return TRUE;
  if (prompt->memfd < 0)
    {
      g_dbus_method_invocation_return_error (invocation, GLB_BROKER_ERROR, GLB_BROKER_ERROR_NOT_FOUND,
                                             "prompt %" G_GUINT64_FORMAT ": it has no content", prompt->id);
      return TRUE;
    }
  fd = glb_sealed_file_reopen (prompt->memfd, &error);
  if (fd < 0)
    {
      g_dbus_method_invocation_take_error (invocation, glb_session_map_error (error));
      return TRUE;
    }

  prompt->looked = TRUE;
  list = g_unix_fd_list_new_from_array (&fd, 1);
  glb_dbus_prompt1_complete_content (object, invocation, list, g_variant_new_handle (0));
  return TRUE;
}

/* ---- asking ------------------------------------------------------------------------ */

static guint
count_open (GlbPrompts *self, GlbSession *session)
{
  GHashTableIter iter;
  gpointer value;
  guint n = 0;

  g_hash_table_iter_init (&iter, self->open);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    n += ((Prompt *) value)->session == session;
  return n;
}

static void
asker_free (gpointer data)
{
  Asker *asker = data;

  glb_prompt_history_free (asker->history);
  g_free (asker);
}

static Asker *
get_asker (GlbPrompts *self, GlbSession *session)
{
  Asker *asker = g_hash_table_lookup (self->askers, session);

  if (asker == NULL)
    {
      asker = g_new0 (Asker, 1);
      asker->history = glb_prompt_history_new ();
      g_hash_table_insert (self->askers, session, asker);
    }
  return asker;
}

/* One record for a row of refusals, one with their number when it is over: a flood must not fill the audit. */
static void
audit_refusals (GlbSession *session, Asker *asker)
{
  g_autoptr(JsonObject) fields = json_object_new ();

  json_object_set_string_member (fields, "why", "too-many-prompts");
  json_object_set_int_member (fields, "count", asker->n_refused);
  glb_session_audit (session, "prompt-refused", GLB_DRIVER_NOBODY, fields, NULL);
}

static gboolean
pass_quota (GlbPrompts *self, GlbSession *session)
{
  Asker *asker = get_asker (self, session);

  if (!glb_prompt_quota_take (&asker->quota, count_open (self, session), g_get_monotonic_time ()))
    {
      asker->n_refused++;
      if (asker->n_refused == 1)
        audit_refusals (session, asker);
      return FALSE;
    }

  if (asker->n_refused > 1)
    audit_refusals (session, asker);
  asker->n_refused = 0;
  return TRUE;
}

static gboolean
audit_asked (Prompt *prompt, const GlbPromptRequest *request, guint timeout)
{
  g_autoptr(JsonObject) fields = json_object_new ();
  const char *target = glb_dbus_prompt1_get_target (prompt->skeleton);

  json_object_set_int_member (fields, "prompt", prompt->id);
  json_object_set_string_member (fields, "kind", glb_prompt_kind_to_string (prompt->kind));
  json_object_set_string_member (fields, "title", glb_dbus_prompt1_get_title (prompt->skeleton));
  if (*target != '\0')
    json_object_set_string_member (fields, "target", target);
  if (request->content != NULL)
    {
      json_object_set_string_member (fields, "sha256", prompt->sha256);
      json_object_set_int_member (fields, "bytes", g_bytes_get_size (request->content));
    }
  json_object_set_int_member (fields, "seconds", timeout);
  return glb_session_audit (prompt->session, "prompt-asked", request->requester, fields, NULL);
}

static void
trace_prompt (Prompt *prompt)
{
  GlbDBusPrompt1 *skeleton = prompt->skeleton;
  JsonObject *fields = json_object_new ();

  json_object_set_int_member (fields, "prompt", prompt->id);
  json_object_set_string_member (fields, "kind", glb_dbus_prompt1_get_kind (skeleton));
  json_object_set_string_member (fields, "requester", glb_dbus_prompt1_get_requester (skeleton));
  json_object_set_string_member (fields, "title", glb_dbus_prompt1_get_title (skeleton));
  json_object_set_string_member (fields, "preview", glb_dbus_prompt1_get_preview (skeleton));
  json_object_set_string_member (fields, "target", glb_dbus_prompt1_get_target (skeleton));
  json_object_set_string_member (fields, "sha256", glb_dbus_prompt1_get_sha256 (skeleton));
  json_object_set_int_member (fields, "size", glb_dbus_prompt1_get_size (skeleton));
  glb_session_trace (prompt->session, "prompt", fields);
}

static void
describe_prompt (Prompt *prompt, const GlbPromptRequest *request, guint timeout)
{
  g_autofree char *title = clean_line (request->title);
  g_autofree char *preview = clean_lines (request->preview != NULL ? request->preview : "");
  g_autofree char *target = clean_line (prompt->target);
  GlbDBusPrompt1 *skeleton = prompt->skeleton;
  gint64 now = g_get_real_time ();
  GVariantDict details;

  g_variant_dict_init (&details, NULL);
  add_clean_details (&details, request->details);
  glb_prompt_history_describe (get_asker (prompt->prompts, prompt->session)->history, prompt->kind, prompt->target, prompt->sha256,
                               &details);
  glb_dbus_prompt1_set_id (skeleton, prompt->id);
  glb_dbus_prompt1_set_session (skeleton, glb_session_get_path (prompt->session));
  glb_dbus_prompt1_set_session_name (skeleton, glb_session_get_name (prompt->session));
  glb_dbus_prompt1_set_kind (skeleton, glb_prompt_kind_to_string (prompt->kind));
  glb_dbus_prompt1_set_requester (skeleton, glb_driver_to_string (request->requester));
  glb_dbus_prompt1_set_title (skeleton, title);
  glb_dbus_prompt1_set_preview (skeleton, preview);
  glb_dbus_prompt1_set_target (skeleton, target);
  glb_dbus_prompt1_set_sha256 (skeleton, prompt->sha256);
  glb_dbus_prompt1_set_size (skeleton, request->content != NULL ? g_bytes_get_size (request->content) : 0);
  glb_dbus_prompt1_set_details (skeleton, g_variant_dict_end (&details));
  glb_dbus_prompt1_set_asked (skeleton, now);
  glb_dbus_prompt1_set_expires (skeleton, now + (gint64) timeout * G_USEC_PER_SEC);
}

static Prompt *
prompt_new (GlbPrompts *self, GlbSession *session, const GlbPromptRequest *request, const char *sha256, guint timeout)
{
  Prompt *prompt = g_new0 (Prompt, 1);

  prompt->prompts = self;
  prompt->id = ++self->last_prompt;
  prompt->path = g_strdup_printf (PROMPTS_PATH "/%" G_GUINT64_FORMAT, prompt->id);
  prompt->session = g_object_ref (session);
  prompt->skeleton = glb_dbus_prompt1_skeleton_new ();
  prompt->kind = request->kind;
  prompt->sha256 = g_strdup (sha256);
  prompt->target = g_strdup (request->target != NULL ? request->target : "");
  prompt->memfd = -1;
  prompt->consider = request->consider;
  prompt->consider_data = request->consider_data;
  describe_prompt (prompt, request, timeout);
  g_signal_connect_object (prompt->skeleton, "handle-allow", G_CALLBACK (handle_allow), self, 0);
  g_signal_connect_object (prompt->skeleton, "handle-allow-file", G_CALLBACK (handle_allow_file), self, 0);
  g_signal_connect_object (prompt->skeleton, "handle-allow-with", G_CALLBACK (handle_allow_with), self, 0);
  g_signal_connect_object (prompt->skeleton, "handle-deny", G_CALLBACK (handle_deny), self, 0);
  g_signal_connect_object (prompt->skeleton, "handle-look", G_CALLBACK (handle_look), self, 0);
  g_signal_connect_object (prompt->skeleton, "handle-content", G_CALLBACK (handle_content), self, 0);
  return prompt;
}

/* FALSE: it is no question that a person could be asked. */
static gboolean
open_prompt (GlbPrompts *self, Prompt *prompt, const GlbPromptRequest *request)
{
  g_autoptr(GError) error = NULL;

  if (request->content != NULL)
    prompt->memfd = glb_sealed_file_new ("glovebox-prompt", request->content, &error);
  if (error == NULL)
    glb_object_manager_export (self->objects, prompt->path, G_DBUS_INTERFACE_SKELETON (prompt->skeleton), &error);
  if (error != NULL)
    g_warning ("Can't show a prompt: %s", error->message);
  return error == NULL;
}

static void
return_no (GTask *task, const char *why)
{
  g_task_return_pointer (task, answer_no (why), (GDestroyNotify) glb_prompt_answer_free);
}

/* (nullable): why it cannot be asked */
static const char *
why_not_asked (GlbPrompts *self, GlbSession *session)
{
  switch (session->state)
    {
    case GLB_SESSION_STARTING:
    case GLB_SESSION_RUNNING:
    case GLB_SESSION_PAUSED:
      return NULL;
    default:
      return session->reason == GLB_END_BROKER_STOPPING ? "broker-stopping" : "session-ended";
    }
}

void
glb_prompts_ask_async (GlbPrompts             *self,
                       GlbSession             *session,
                       const GlbPromptRequest *request,
                       GCancellable           *cancellable,
                       GAsyncReadyCallback     callback,
                       gpointer                user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr(GVariant) details = request->details != NULL ? g_variant_ref_sink (request->details) : NULL;
  g_autofree char *sha256 = NULL;
  guint timeout = session->request->policy->prompts.timeout_seconds;
  const char *why = why_not_asked (self, session);
  GlbGrant *grant;
  Prompt *prompt;

  g_return_if_fail (request->title != NULL);
  g_return_if_fail (request->requester == GLB_DRIVER_AGENT || request->requester == GLB_DRIVER_HUMAN);

  g_task_set_source_tag (task, glb_prompts_ask_async);
  sha256 = request->content != NULL ? g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, request->content) : g_strdup ("");
  grant = why == NULL ? find_grant (self, session, request->kind, sha256, request->target != NULL ? request->target : "") : NULL;
  if (grant != NULL)
    {
      g_task_return_pointer (task, use_grant (grant, session, request->requester), (GDestroyNotify) glb_prompt_answer_free);
      return;
    }
  if (why != NULL || !pass_quota (self, session))
    {
      return_no (task, why != NULL ? why : "too-many-prompts");
      return;
    }

  prompt = prompt_new (self, session, request, sha256, timeout);
  if (!audit_asked (prompt, request, timeout))
    {
      prompt_free (prompt);
      return_no (task, "session-ended");
      return;
    }

  trace_prompt (prompt);
  prompt->task = g_steal_pointer (&task);
  g_hash_table_insert (self->open, &prompt->id, prompt);
  if (!open_prompt (self, prompt, request))
    {
      end_prompt (prompt, NULL, 0, "no-approver", GLB_DRIVER_NOBODY, NULL);
      return;
    }
  prompt->timeout_id = g_timeout_add (timeout * 1000, on_timeout, prompt);
  if (cancellable != NULL)
    {
      prompt->cancelled = g_cancellable_source_new (cancellable);
      g_source_set_callback (prompt->cancelled, G_SOURCE_FUNC (on_cancelled), prompt, NULL);
      g_source_attach (prompt->cancelled, NULL);
    }
}

GlbPromptAnswer *
glb_prompts_ask_finish (GlbPrompts *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* ---- refusals ----------------------------------------------------------------------- */

void
glb_prompts_record_refusal (GlbPrompts *self, const char *path, const GlbApproval *asked, const char *why)
{
  g_autoptr(JsonObject) fields = json_object_new ();
  gboolean of_grant = g_str_has_prefix (path, GRANTS_PATH "/");
  const char *folder = of_grant ? GRANTS_PATH "/" : PROMPTS_PATH "/";
  Prompt *prompt = NULL;
  Given *given = NULL;
  guint64 id;

  if (!g_str_has_prefix (path, folder) || !g_ascii_string_to_unsigned (path + strlen (folder), 10, 1, G_MAXUINT64, &id, NULL))
    return;
  if (of_grant)
    given = g_hash_table_lookup (self->given, &id);
  else
    prompt = g_hash_table_lookup (self->open, &id);
  if ((prompt == NULL && given == NULL) || (prompt != NULL ? prompt->n_refused++ : given->n_refused++) >= REFUSALS_MAX)
    return;

  json_object_set_int_member (fields, of_grant ? "grant" : "prompt", id);
  json_object_set_string_member (fields, "why", why);
  glb_approval_describe (asked, fields);
  glb_session_audit (prompt != NULL ? prompt->session : given->session, "approval-refused", GLB_DRIVER_NOBODY, fields, NULL);
}

/* ---- the end of a session ------------------------------------------------------------ */

/* One at a time: whoever hears of an end may end more. */
static Prompt *
find_prompt_of (GlbPrompts *self, GlbSession *session)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->open);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    if (((Prompt *) value)->session == session)
      return value;
  return NULL;
}

static GlbGrant *
find_grant_of (GlbPrompts *self, GlbSession *session)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->given);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    if (((Given *) value)->session == session)
      return ((Given *) value)->grant;
  return NULL;
}

void
glb_prompts_end_session (GlbPrompts *self, GlbSession *session, const char *why)
{
  Asker *asker = g_hash_table_lookup (self->askers, session);
  Prompt *prompt;
  GlbGrant *grant;

  while ((prompt = find_prompt_of (self, session)) != NULL)
    end_prompt (prompt, NULL, 0, why, GLB_DRIVER_NOBODY, NULL);
  while ((grant = find_grant_of (self, session)) != NULL)
    glb_grant_end (grant, why);
  if (asker != NULL && asker->n_refused > 1)
    audit_refusals (session, asker);
  g_hash_table_remove (self->askers, session);
}

guint
glb_prompts_revoke_all (GlbPrompts *self)
{
  g_autoptr(GPtrArray) grants = g_ptr_array_new_with_free_func (g_object_unref);
  GHashTableIter iter;
  gpointer given;

  g_hash_table_iter_init (&iter, self->given);
  while (g_hash_table_iter_next (&iter, NULL, &given))
    g_ptr_array_add (grants, g_object_ref (((Given *) given)->grant));
  for (guint i = 0; i < grants->len; i++)
    glb_grant_end (grants->pdata[i], "revoked");
  return grants->len;
}

/* ---- what is over ----------------------------------------------------------------------- */

static char **
enumerate_nothing (GDBusConnection *connection, const char *sender, const char *path, gpointer user_data)
{
  return g_new0 (char *, 1);
}

static GDBusInterfaceInfo **
introspect (const char *node, GDBusInterfaceInfo *info)
{
  GDBusInterfaceInfo **infos = g_new0 (GDBusInterfaceInfo *, 2);

  if (node != NULL)
    infos[0] = g_dbus_interface_info_ref (info);
  return infos;
}

static GDBusInterfaceInfo **
introspect_prompt (GDBusConnection *connection, const char *sender, const char *path, const char *node, gpointer user_data)
{
  return introspect (node, glb_dbus_prompt1_interface_info ());
}

static GDBusInterfaceInfo **
introspect_grant (GDBusConnection *connection, const char *sender, const char *path, const char *node, gpointer user_data)
{
  return introspect (node, glb_dbus_grant1_interface_info ());
}

static void
return_gone (GDBusMethodInvocation *invocation, const char *path, const char *what, guint64 last)
{
  const char *node = strrchr (path, '/') + 1;
  guint64 id = 0;

  if (g_ascii_string_to_unsigned (node, 10, 1, G_MAXUINT64, &id, NULL) && id <= last)
    return_over (invocation, what, id);
  else
    g_dbus_method_invocation_return_error (invocation, GLB_BROKER_ERROR, GLB_BROKER_ERROR_NOT_FOUND,
                                           "%s: there is none of this number; glovebox %ss lists them", what, what);
}

static void
handle_prompt_over (GDBusConnection *connection, const char *sender, const char *path, const char *interface, const char *method,
                    GVariant *parameters, GDBusMethodInvocation *invocation, gpointer user_data)
{
  return_gone (invocation, path, "prompt", GLB_PROMPTS (user_data)->last_prompt);
}

static void
handle_grant_over (GDBusConnection *connection, const char *sender, const char *path, const char *interface, const char *method,
                   GVariant *parameters, GDBusMethodInvocation *invocation, gpointer user_data)
{
  return_gone (invocation, path, "grant", GLB_PROMPTS (user_data)->last_grant);
}

static const GDBusInterfaceVTable *
dispatch_prompt (GDBusConnection *connection, const char *sender, const char *path, const char *interface, const char *node,
                 gpointer *out_user_data, gpointer user_data)
{
  static const GDBusInterfaceVTable vtable = { .method_call = handle_prompt_over };

  *out_user_data = user_data;
  return &vtable;
}

static const GDBusInterfaceVTable *
dispatch_grant (GDBusConnection *connection, const char *sender, const char *path, const char *interface, const char *node,
                gpointer *out_user_data, gpointer user_data)
{
  static const GDBusInterfaceVTable vtable = { .method_call = handle_grant_over };

  *out_user_data = user_data;
  return &vtable;
}

static void
unregister (GDBusConnection *connection, Subtrees *subtrees)
{
  if (subtrees->prompts_id != 0)
    g_dbus_connection_unregister_subtree (connection, subtrees->prompts_id);
  if (subtrees->grants_id != 0)
    g_dbus_connection_unregister_subtree (connection, subtrees->grants_id);
}

gboolean
glb_prompts_add_connection (GlbPrompts *self, GDBusConnection *connection, GError **error)
{
  static const GDBusSubtreeVTable prompts = { enumerate_nothing, introspect_prompt, dispatch_prompt, { NULL } };
  static const GDBusSubtreeVTable grants = { enumerate_nothing, introspect_grant, dispatch_grant, { NULL } };
  g_autofree Subtrees *subtrees = g_new0 (Subtrees, 1);

  subtrees->prompts_id = g_dbus_connection_register_subtree (connection, PROMPTS_PATH, &prompts,
                                                             G_DBUS_SUBTREE_FLAGS_DISPATCH_TO_UNENUMERATED_NODES, self, NULL, error);
  if (subtrees->prompts_id != 0)
    subtrees->grants_id = g_dbus_connection_register_subtree (connection, GRANTS_PATH, &grants,
                                                              G_DBUS_SUBTREE_FLAGS_DISPATCH_TO_UNENUMERATED_NODES, self, NULL, error);
  if (subtrees->grants_id == 0)
    {
      unregister (connection, subtrees);
      return FALSE;
    }

  g_hash_table_insert (self->connections, g_object_ref (connection), g_steal_pointer (&subtrees));
  return TRUE;
}

void
glb_prompts_remove_connection (GlbPrompts *self, GDBusConnection *connection)
{
  Subtrees *subtrees = g_hash_table_lookup (self->connections, connection);

  if (subtrees == NULL)
    return;
  unregister (connection, subtrees);
  g_hash_table_remove (self->connections, connection);
}

/* ---- the object --------------------------------------------------------------------------- */

static void
glb_prompts_dispose (GObject *object)
{
  GlbPrompts *self = GLB_PROMPTS (object);
  GHashTableIter iter;
  gpointer connection, subtrees;

  g_hash_table_iter_init (&iter, self->connections);
  while (g_hash_table_iter_next (&iter, &connection, &subtrees))
    unregister (connection, subtrees);
  g_hash_table_remove_all (self->connections);

  G_OBJECT_CLASS (glb_prompts_parent_class)->dispose (object);
}

static void
glb_prompts_finalize (GObject *object)
{
  GlbPrompts *self = GLB_PROMPTS (object);

  /* sessions hold it and end theirs first; a task that waits holds it too */
  g_assert (g_hash_table_size (self->open) == 0 && g_hash_table_size (self->given) == 0);
  g_hash_table_unref (self->open);
  g_hash_table_unref (self->given);
  g_hash_table_unref (self->askers);
  g_hash_table_unref (self->connections);
  g_object_unref (self->objects);

  G_OBJECT_CLASS (glb_prompts_parent_class)->finalize (object);
}

static void
glb_prompts_class_init (GlbPromptsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = glb_prompts_dispose;
  G_OBJECT_CLASS (klass)->finalize = glb_prompts_finalize;
}

static void
glb_prompts_init (GlbPrompts *self)
{
  self->open = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, prompt_free);
  self->given = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, given_free);
  self->askers = g_hash_table_new_full (NULL, NULL, NULL, asker_free);
  self->connections = g_hash_table_new_full (NULL, NULL, g_object_unref, g_free);
}

GlbPrompts *
glb_prompts_new (GlbObjectManager *objects)
{
  GlbPrompts *self = g_object_new (GLB_TYPE_PROMPTS, NULL);

  self->objects = g_object_ref (objects);
  return self;
}
