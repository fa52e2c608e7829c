/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glb-broker"
#include "config.h"

#include <string.h>
#include <unistd.h>

#include "clipboard-guard/glb-clipboard-decision.h"
#include "clipboard-guard/glb-clipboard-type.h"
#include "session-broker/broker/glb-clipboard-gate.h"
#include "session-broker/broker/glb-image-cleaner.h"
#include "session-broker/broker/glb-pipe-reader.h"
#include "session-broker/client/glb-broker-error.h"

/* A program that does not write what it offers for so long will not. */
#define READ_DEADLINE_MS 5000
/* A client of the person's hands over a file or the end of a pipe, and then has to write. */
#define DATA_DEADLINE_MS 10000
/* Of one session at once, both directions. */
#define TRANSFERS_MAX    4
/* Of one content that may be pasted without limit: a program that pastes in a loop must not fill the audit. */
#define PASTES_RECORDED  32

/* What came from the host and lies in the session. */
typedef struct
{
  guint64 id;                  /* as the compositor numbers it; 0: nothing */
  char *sha256;
  guint uses;                  /* left; 0: no limit */
  guint n_pastes;
  guint timeout_id;
  GlbGrant *grant;             /* (nullable) */
  guint hold;
} Placed;

/* What came out of the session and waits for one of the person's clients. */
typedef struct
{
  GlbClipboardContent *content;   /* (nullable): nothing waits */
  guint timeout_id;
  GlbGrant *grant;             /* (nullable) */
  guint hold;
} Waiting;

struct _GlbClipboardGate
{
  GObject parent_instance;

  GlbClipboardContext context;
  GlbOwnClipboard *own;
  gboolean closed;
  GPtrArray *running;          /* GCancellable of each transfer */
  GlbClipboardHistory histories[2];   /* by direction */
  Placed placed[GLB_SHIM_N_SELECTIONS];
  Waiting waiting;
};

G_DEFINE_FINAL_TYPE (GlbClipboardGate, glb_clipboard_gate, G_TYPE_OBJECT)

/* One crossing, from the request to the delivery; data of its task. */
typedef struct
{
  GlbSession *session;         /* what the context's functions are called with lives as long */
  GCancellable *cancellable;   /* the caller's or its own; in running as well */
  int fd;                      /* -1: none any more. In: where the bytes are */
  GlbClipboardRules rules;
  GlbDriver actor;
  GlbShimSelectionKind kind;
  char *wanted;                /* (nullable): visible ASCII */
  guint uses;
  gboolean waits;              /* out: for the person to take it, not for the caller */
  GlbClipboardDecision decision;
  GlbClipboardContent *content;
  GlbPromptAnswer *answer;     /* (nullable) */
} Transfer;

static void
transfer_free (gpointer data)
{
  Transfer *transfer = data;

  if (transfer->fd >= 0)
    close (transfer->fd);
  g_free (transfer->wanted);
  glb_clipboard_decision_clear (&transfer->decision);
  g_clear_pointer (&transfer->content, glb_clipboard_content_free);
  g_clear_pointer (&transfer->answer, glb_prompt_answer_free);
  g_object_unref (transfer->cancellable);
  g_object_unref (transfer->session);
  g_free (transfer);
}

static const char *
selection_name (GlbShimSelectionKind kind)
{
  return kind == GLB_SHIM_PRIMARY ? "primary" : "clipboard";
}

static const char *
direction_name (GlbClipboardDirection direction)
{
  return direction == GLB_CLIPBOARD_TO_HOST ? "session-to-host" : "host-to-session";
}

static const char *
type_of (const Transfer *transfer)
{
  return transfer->decision.type != NULL ? transfer->decision.type : transfer->wanted != NULL ? transfer->wanted : "";
}

static JsonObject *
describe (const Transfer *transfer)
{
  JsonObject *fields = json_object_new ();

  json_object_set_string_member (fields, "direction", direction_name (transfer->rules.direction));
  json_object_set_string_member (fields, "selection", selection_name (transfer->kind));
  json_object_set_string_member (fields, "type", type_of (transfer));
  return fields;
}

static void
describe_content (const GlbClipboardContent *content, JsonObject *fields)
{
  JsonObject *findings = json_object_new ();

  for (guint i = 0; i < content->findings->len; i++)
    {
      const GlbClipboardFinding *finding = &g_array_index (content->findings, GlbClipboardFinding, i);

      json_object_set_int_member (findings, glb_clipboard_finding_code_to_string (finding->code), (gint64) finding->count);
    }
  json_object_set_int_member (fields, "bytes", (gint64) g_bytes_get_size (content->bytes));
  json_object_set_string_member (fields, "sha256", content->sha256);
  json_object_set_object_member (fields, "findings", findings);
}

/* ---- the end of a transfer -------------------------------------------------- */

/* Takes task, and of the other two the one that is not NULL. */
static void
finish (GTask *task, GlbClipboardContent *content, GError *error)
{
  GlbClipboardGate *self = g_task_get_source_object (task);
  Transfer *transfer = g_task_get_task_data (task);

  g_ptr_array_remove_fast (self->running, transfer->cancellable);
  if (content != NULL)
    g_task_return_pointer (task, content, (GDestroyNotify) glb_clipboard_content_free);
  else
    g_task_return_error (task, error);
  g_object_unref (task);
}

/* On record, announced to the person, and told to who asked. Takes task. */
static void
refuse_as (GTask *task, GlbBrokerError error, const char *code, const char *message)
{
  GlbClipboardGate *self = g_task_get_source_object (task);
  Transfer *transfer = g_task_get_task_data (task);
  g_autoptr(JsonObject) fields = describe (transfer);

  json_object_set_string_member (fields, "code", code);
  json_object_set_string_member (fields, "message", message);
  self->context.audit (self->context.user_data, "clipboard-refused", transfer->actor, fields, NULL);
  self->context.refused (self->context.user_data, transfer->rules.direction, type_of (transfer), code, message);
  finish (task, NULL, g_error_new (GLB_BROKER_ERROR, (int) error, "clipboard: %s: %s", code, message));
}

/* A denial. Takes task. */
static void
refuse (GTask *task, const char *code, const char *message)
{
  refuse_as (task, GLB_BROKER_ERROR_POLICY, code, message);
}

/* Takes task and error. */
static void
fail (GTask *task, GError *error)
{
  GlbClipboardGate *self = g_task_get_source_object (task);
  g_autoptr(GError) owned = error;

  if (self->closed)
    refuse_as (task, GLB_BROKER_ERROR_STATE, "session-ended", "the session has ended; start a new one");
  else if (error->domain == GLB_CLIPBOARD_ERROR)
    refuse (task, glb_clipboard_code_to_string (error->code), error->message);
  else if (g_error_matches (error, GLB_SELECTION_ERROR, GLB_SELECTION_ERROR_TOO_LARGE) ||
           g_error_matches (error, G_IO_ERROR, G_IO_ERROR_MESSAGE_TOO_LARGE))
    refuse (task, "too_large", "it is larger than desktop.clipboard.maxBytes");
  else if (g_error_matches (error, GLB_SELECTION_ERROR, GLB_SELECTION_ERROR_TIMED_OUT))
    refuse (task, "timeout", "the program that copied it does not hand it out");
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    refuse (task, "timeout", "it did not come to its end in time");
  else if (error->domain == GLB_SELECTION_ERROR)
    refuse (task, "changed", "the program offers something else by now; copy again");
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    refuse_as (task, GLB_BROKER_ERROR_STATE, "withdrawn", "who asked went away");
  else
    refuse_as (task, GLB_BROKER_ERROR_FAILED, "failed", error->message);
}

/* TRUE: it must not go on, whatever was found out meanwhile; takes task then. */
static gboolean
is_over (GTask *task)
{
  Transfer *transfer = g_task_get_task_data (task);
  GError *error = NULL;

  if (!g_cancellable_set_error_if_cancelled (transfer->cancellable, &error))
    return FALSE;

  fail (task, error);
  return TRUE;
}

/* ---- what lies in the session ------------------------------------------------- */

/* Forgets it; the compositor has no more of it, or is told to drop it. It is forgotten first: a record that fails ends the
 * session, and so comes here again. */
static void
placed_end (GlbClipboardGate *self, GlbShimSelectionKind kind, const char *why, gboolean drop)
{
  Placed gone = self->placed[kind];
  g_autoptr(JsonObject) fields = NULL;

  if (gone.id == 0)
    return;

  memset (&self->placed[kind], 0, sizeof gone);
  g_clear_handle_id (&gone.timeout_id, g_source_remove);
  if (drop)
    glb_compositor_clear_selection_async (self->context.compositor, kind, NULL, NULL);

  fields = json_object_new ();
  json_object_set_string_member (fields, "selection", selection_name (kind));
  json_object_set_string_member (fields, "sha256", gone.sha256);
  json_object_set_int_member (fields, "pastes", gone.n_pastes);
  json_object_set_string_member (fields, "why", why);
  self->context.audit (self->context.user_data, "clipboard-cleared", GLB_DRIVER_NOBODY, fields, NULL);

  if (gone.grant != NULL)
    glb_grant_release (gone.grant, gone.hold);
  g_clear_object (&gone.grant);
  g_free (gone.sha256);
}

static gboolean
on_clipboard_time_over (gpointer user_data)
{
  GlbClipboardGate *self = user_data;

  self->placed[GLB_SHIM_CLIPBOARD].timeout_id = 0;
  placed_end (self, GLB_SHIM_CLIPBOARD, "expired", TRUE);
  return G_SOURCE_REMOVE;
}

static gboolean
on_primary_time_over (gpointer user_data)
{
  GlbClipboardGate *self = user_data;

  self->placed[GLB_SHIM_PRIMARY].timeout_id = 0;
  placed_end (self, GLB_SHIM_PRIMARY, "expired", TRUE);
  return G_SOURCE_REMOVE;
}

static void
waiting_end (GlbClipboardGate *self)
{
  Waiting gone = self->waiting;

  memset (&self->waiting, 0, sizeof gone);
  g_clear_handle_id (&gone.timeout_id, g_source_remove);
  g_clear_pointer (&gone.content, glb_clipboard_content_free);
  if (gone.grant != NULL)
    glb_grant_release (gone.grant, gone.hold);
  g_clear_object (&gone.grant);
}

static void
on_grant_ended (GlbGrant *grant, const char *why, gpointer user_data)
{
  GlbClipboardGate *self = user_data;

  for (guint kind = 0; kind < GLB_SHIM_N_SELECTIONS; kind++)
    if (self->placed[kind].grant == grant)
      placed_end (self, kind, why, TRUE);
  if (self->waiting.grant == grant)
    waiting_end (self);
}

static void
on_pasted (GlbCompositor *compositor, const GlbShimPasted *pasted, gpointer user_data)
{
  GlbClipboardGate *self = user_data;
  Placed *placed = &self->placed[pasted->kind];
  gboolean last;

  if (placed->id == 0 || placed->id != pasted->id)
    return;

  last = placed->uses > 0 && --placed->uses == 0;
  if (++placed->n_pastes <= PASTES_RECORDED)
    {
      g_autoptr(JsonObject) fields = json_object_new ();

      json_object_set_string_member (fields, "selection", selection_name (pasted->kind));
      json_object_set_string_member (fields, "type", pasted->type);
      json_object_set_int_member (fields, "bytes", (gint64) pasted->bytes);
      json_object_set_string_member (fields, "sha256", placed->sha256);
      self->context.audit (self->context.user_data, "clipboard-pasted", GLB_DRIVER_NOBODY, fields, NULL);
    }
  if (last)
    placed_end (self, pasted->kind, "used", FALSE);
}

/* A client copied something of its own. */
static void
on_selection (GlbCompositor *compositor, GlbShimSelectionKind kind, gpointer user_data)
{
  placed_end (user_data, kind, "replaced", FALSE);
}

/* An agent inside did, without a window. */
static void
on_written (GlbOwnClipboard *own, guint kind, gpointer user_data)
{
  placed_end (user_data, kind, "replaced", FALSE);
}

static void
place (GlbClipboardGate *self, const Transfer *transfer, guint64 id, guint hold)
{
  static const GSourceFunc time_over[GLB_SHIM_N_SELECTIONS] = { on_clipboard_time_over, on_primary_time_over };
  Placed *placed = &self->placed[transfer->kind];

  /* another one that was on its way to the same place */
  placed_end (self, transfer->kind, "replaced", FALSE);
  glb_own_clipboard_forget (self->own, transfer->kind);
  placed->id = id;
  placed->sha256 = g_strdup (transfer->content->sha256);
  placed->uses = transfer->uses;
  placed->hold = hold;
  placed->grant = hold != 0 ? g_object_ref (transfer->answer->grant) : NULL;
  placed->timeout_id = g_timeout_add_seconds (transfer->rules.clear_after_seconds, time_over[transfer->kind], self);
}

static void
placed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  GlbClipboardGate *self = g_task_get_source_object (task);
  Transfer *transfer = g_task_get_task_data (task);
  guint64 id;
  guint hold = 0;
  GError *error = NULL;

  id = glb_compositor_set_selection_finish (GLB_COMPOSITOR (source), result, &error);
  if (id == 0)
    {
      fail (task, error);
      return;
    }
  if (self->closed)
    {
      glb_compositor_clear_selection_async (self->context.compositor, transfer->kind, NULL, NULL);
      is_over (task);
      return;
    }

  /* the grant may have been revoked on the way */
  if (transfer->answer != NULL && (hold = glb_grant_hold (transfer->answer->grant, on_grant_ended, self)) == 0)
    {
      glb_compositor_clear_selection_async (self->context.compositor, transfer->kind, NULL, NULL);
      refuse (task, "revoked", "the permission was taken back");
      return;
    }

  place (self, transfer, id, hold);
  finish (task, g_steal_pointer (&transfer->content), NULL);
}

/* ---- what waits for the person -------------------------------------------------- */

static gboolean
on_waiting_time_over (gpointer user_data)
{
  GlbClipboardGate *self = user_data;

  self->waiting.timeout_id = 0;
  waiting_end (self);
  return G_SOURCE_REMOVE;
}

static GlbClipboardContent *
content_copy (const GlbClipboardContent *content)
{
  GlbClipboardContent *copy = g_new0 (GlbClipboardContent, 1);

  copy->type = g_strdup (content->type);
  copy->bytes = g_bytes_ref (content->bytes);
  copy->sha256 = g_strdup (content->sha256);
  copy->preview = g_strdup (content->preview);
  copy->findings = g_array_ref (content->findings);
  copy->secret = content->secret;
  copy->verdict = content->verdict;
  return copy;
}

/* FALSE: the grant has ended. */
static gboolean
keep_for_person (GlbClipboardGate *self, const Transfer *transfer)
{
  GlbGrant *grant = transfer->answer != NULL ? transfer->answer->grant : NULL;
  guint hold = grant != NULL ? glb_grant_hold (grant, on_grant_ended, self) : 0;

  if (grant != NULL && hold == 0)
    return FALSE;

  waiting_end (self);
  self->waiting.content = content_copy (transfer->content);
  self->waiting.grant = grant != NULL ? g_object_ref (grant) : NULL;
  self->waiting.hold = hold;
  self->waiting.timeout_id = g_timeout_add_seconds (transfer->rules.clear_after_seconds, on_waiting_time_over, self);
  self->context.offered (self->context.user_data, self->waiting.content);
  return TRUE;
}

GlbClipboardContent *
glb_clipboard_gate_take (GlbClipboardGate *self)
{
  GlbClipboardContent *content = g_steal_pointer (&self->waiting.content);

  waiting_end (self);
  return content;
}

/* ---- a transfer, step by step ------------------------------------------------- */

/* Allowed. Takes task. */
static void
deliver (GTask *task)
{
  GlbClipboardGate *self = g_task_get_source_object (task);
  Transfer *transfer = g_task_get_task_data (task);
  g_autoptr(JsonObject) fields = describe (transfer);
  GError *error = NULL;

  if (is_over (task))
    return;
  describe_content (transfer->content, fields);
  if (!self->context.audit (self->context.user_data, "clipboard-transfer", transfer->actor, fields, &error))
    {
      finish (task, NULL, error);
      return;
    }

  if (transfer->rules.direction == GLB_CLIPBOARD_TO_SESSION)
    {
      placed_end (self, transfer->kind, "replaced", TRUE);
      glb_compositor_set_selection_async (self->context.compositor, transfer->kind, glb_clipboard_type_get_names (transfer->content->type),
                                          transfer->content->bytes, transfer->uses, placed_cb, task);
      return;
    }

  if (transfer->waits && !keep_for_person (self, transfer))
    refuse (task, "revoked", "the permission was taken back");
  else
    finish (task, g_steal_pointer (&transfer->content), NULL);
}

static void
asked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Transfer *transfer = g_task_get_task_data (task);
  GError *error = NULL;

  transfer->answer = glb_prompts_ask_finish (GLB_PROMPTS (source), result, &error);
  if (transfer->answer == NULL)
    fail (task, error);
  else if (!transfer->answer->allowed)
    refuse (task, transfer->answer->why, "the person did not allow it");
  else if (glb_grant_get_why (transfer->answer->grant) != NULL)
    refuse (task, "revoked", "the permission was taken back");
  else
    deliver (task);
}

/* Exactly what will be delivered. Takes task. */
static void
ask (GTask *task)
{
  GlbClipboardGate *self = g_task_get_source_object (task);
  Transfer *transfer = g_task_get_task_data (task);
  gboolean outwards = transfer->rules.direction == GLB_CLIPBOARD_TO_HOST;
  g_autofree char *title = g_strdup_printf ("%s %s (%s, %" G_GSIZE_FORMAT " bytes)",
                                            outwards ? "Copy out of the session:" : "Paste into the session:",
                                            transfer->content->type, selection_name (transfer->kind),
                                            g_bytes_get_size (transfer->content->bytes));
  /* a yes is for these bytes as this type in this place: the same text is another thing as HTML */
  g_autofree char *target = g_strdup_printf ("%s, %s", transfer->content->type, selection_name (transfer->kind));
  GlbPromptRequest request = {
    .kind = outwards ? GLB_PROMPT_CLIPBOARD_OUT : GLB_PROMPT_CLIPBOARD_IN,
    .requester = transfer->actor,
    .title = title,
    .preview = transfer->content->preview,
    .content = transfer->content->bytes,
    .target = target,
  };
  GVariantDict details;
  g_auto(GStrv) findings = g_new0 (char *, transfer->content->findings->len + 1);

  for (guint i = 0; i < transfer->content->findings->len; i++)
    findings[i] = g_strdup (glb_clipboard_finding_code_to_string (g_array_index (transfer->content->findings, GlbClipboardFinding, i).code));
  g_variant_dict_init (&details, NULL);
  g_variant_dict_insert (&details, "type", "s", transfer->content->type);
  g_variant_dict_insert (&details, "selection", "s", selection_name (transfer->kind));
  g_variant_dict_insert (&details, "secret", "b", transfer->content->secret);
  g_variant_dict_insert (&details, "findings", "^as", findings);
  request.details = g_variant_dict_end (&details);
  glb_prompts_ask_async (self->context.prompts, transfer->session, &request, transfer->cancellable, asked_cb, task);
}

/* Takes task. */
static void
clean (GTask *task, GBytes *untrusted)
{
  Transfer *transfer = g_task_get_task_data (task);
  GError *error = NULL;
  GlbVerdict verdict;

  transfer->content = glb_clipboard_clean (&transfer->rules, transfer->decision.type, untrusted, &error);
  if (transfer->content == NULL)
    {
      fail (task, error);
      return;
    }

  verdict = MIN (transfer->decision.verdict, transfer->content->verdict);
  if (verdict == GLB_VERDICT_DENY)
    refuse (task, "secret", "it looks like a secret; see desktop.clipboard.secrets");
  else if (verdict == GLB_VERDICT_PROMPT)
    ask (task);
  else
    deliver (task);
}

static void
image_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  GError *error = NULL;
  g_autoptr(GBytes) cleaned = glb_image_cleaner_clean_finish (result, &error);

  if (cleaned == NULL)
    fail (task, error);
  else
    clean (task, cleaned);
}

/* Takes task. */
static void
take_bytes (GTask *task, GBytes *untrusted)
{
  GlbClipboardGate *self = g_task_get_source_object (task);
  Transfer *transfer = g_task_get_task_data (task);

  if (g_bytes_get_size (untrusted) > transfer->rules.max_bytes)
    refuse (task, "too_large", "it is larger than desktop.clipboard.maxBytes");
  else if (glb_clipboard_type_get_kind (transfer->decision.type) == GLB_CLIPBOARD_KIND_IMAGE)
    glb_image_cleaner_clean_async (self->context.host, untrusted, transfer->rules.max_bytes, transfer->cancellable, image_cb, task);
  else
    clean (task, untrusted);
}

/* The person's bytes are there. */
static void
data_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  GError *error = NULL;
  g_autoptr(GBytes) bytes = glb_pipe_reader_read_finish (result, &error);

  if (bytes == NULL)
    fail (task, error);
  else
    take_bytes (task, bytes);
}

/* The session's are. */
static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  GError *error = NULL;
  g_autoptr(GBytes) untrusted = glb_compositor_read_selection_finish (GLB_COMPOSITOR (source), result, &error);

  if (untrusted == NULL)
    fail (task, error);
  else
    take_bytes (task, untrusted);
}

/* ---- requests ------------------------------------------------------------------- */

/* TRUE: goes on. Takes task where it does not. */
static gboolean
begin (GTask *task, const char * const *types, gsize n_types)
{
  GlbClipboardGate *self = g_task_get_source_object (task);
  Transfer *transfer = g_task_get_task_data (task);
  GlbClipboardHistory *history = &self->histories[transfer->rules.direction];
  gint64 now = g_get_monotonic_time ();

  if (is_over (task))
    return FALSE;
  if (self->running->len > TRANSFERS_MAX)
    {
      refuse (task, "rate_limited", "too many transfers are waiting; answer or deny them first");
      return FALSE;
    }

  glb_clipboard_decide (&transfer->decision, &transfer->rules, transfer->wanted, types, n_types, history, now);
  if (transfer->decision.verdict == GLB_VERDICT_DENY)
    {
      refuse (task, glb_clipboard_code_to_string (transfer->decision.code), transfer->decision.message);
      return FALSE;
    }

  glb_clipboard_history_add (history, now);
  return TRUE;
}

/* cancellable: (nullable) */
static GTask *
transfer_new (GlbClipboardGate     *self,
              GlbClipboardDirection direction,
              GlbDriver             actor,
              GlbShimSelectionKind  kind,
              const char           *type,
              GCancellable         *cancellable,
              gpointer              tag,
              GAsyncReadyCallback   callback,
              gpointer              user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);
  Transfer *transfer = g_new0 (Transfer, 1);

  g_task_set_source_tag (task, tag);
  transfer->session = g_object_ref (self->context.session);
  transfer->cancellable = cancellable != NULL ? g_object_ref (cancellable) : g_cancellable_new ();
  transfer->fd = -1;
  transfer->rules = glb_clipboard_rules_from_policy (self->context.policy, direction);
  transfer->actor = actor;
  transfer->kind = kind;
  transfer->wanted = g_strdup (type);
  g_task_set_task_data (task, transfer, transfer_free);
  if (self->closed)
    g_cancellable_cancel (transfer->cancellable);
  g_ptr_array_add (self->running, transfer->cancellable);
  return task;
}

void
glb_clipboard_gate_put_async (GlbClipboardGate     *self,
                              GlbDriver             actor,
                              GlbShimSelectionKind  kind,
                              const char           *type,
                              int                   fd,
                              guint                 uses,
                              GCancellable         *cancellable,
                              GAsyncReadyCallback   callback,
                              gpointer              user_data)
{
  GTask *task = transfer_new (self, GLB_CLIPBOARD_TO_SESSION, actor, kind, type, cancellable, glb_clipboard_gate_put_async,
                              callback, user_data);
  Transfer *transfer = g_task_get_task_data (task);

  transfer->uses = uses;
  transfer->fd = fd;
  /* what the policy denies is not even read */
  if (!begin (task, &type, 1))
    return;

  transfer->fd = -1;
  glb_pipe_reader_read_async (fd, transfer->rules.max_bytes, DATA_DEADLINE_MS, transfer->cancellable, data_cb, task);
}

static void
start_get (GTask *task)
{
  GlbClipboardGate *self = g_task_get_source_object (task);
  Transfer *transfer = g_task_get_task_data (task);
  const GlbOwnContent *own = glb_own_clipboard_peek (self->own, transfer->kind);
  const GlbCompositorSelection *selection = glb_compositor_get_selection (self->context.compositor, transfer->kind);
  gsize n_types = g_strv_length (selection->types);

  if (own != NULL)
    {
      if (begin (task, (const char * const *) own->types, g_strv_length (own->types)))
        take_bytes (task, own->bytes);
      return;
    }

  /* The compositor names only the first of many, and the decision looks at none of too many: their number is what counts. */
  if (selection->n_offered > GLB_CLIPBOARD_MAX_TYPES)
    n_types = selection->n_offered;
  if (begin (task, (const char * const *) selection->types, n_types))
    glb_compositor_read_selection_async (self->context.compositor, transfer->kind, selection->id, transfer->decision.offered,
                                         transfer->rules.max_bytes, READ_DEADLINE_MS, transfer->cancellable, read_cb, task);
}

void
glb_clipboard_gate_get_async (GlbClipboardGate     *self,
                              GlbDriver             actor,
                              GlbShimSelectionKind  kind,
                              const char           *type,
                              GCancellable         *cancellable,
                              GAsyncReadyCallback   callback,
                              gpointer              user_data)
{
  start_get (transfer_new (self, GLB_CLIPBOARD_TO_HOST, actor, kind, type, cancellable, glb_clipboard_gate_get_async,
                           callback, user_data));
}

void
glb_clipboard_gate_offer_async (GlbClipboardGate     *self,
                                GlbDriver             actor,
                                GlbShimSelectionKind  kind,
                                const char           *type,
                                GCancellable         *cancellable,
                                GAsyncReadyCallback   callback,
                                gpointer              user_data)
{
  GTask *task = transfer_new (self, GLB_CLIPBOARD_TO_HOST, actor, kind, type, cancellable, glb_clipboard_gate_offer_async,
                              callback, user_data);

  ((Transfer *) g_task_get_task_data (task))->waits = TRUE;
  start_get (task);
}

GlbClipboardContent *
glb_clipboard_gate_finish (GlbClipboardGate *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* ---- the object ------------------------------------------------------------------ */

GlbOwnClipboard *
glb_clipboard_gate_get_own (GlbClipboardGate *self)
{
  return self->own;
}

gboolean
glb_clipboard_gate_is_placed (GlbClipboardGate *self, GlbShimSelectionKind kind)
{
  return self->placed[kind].id != 0;
}

void
glb_clipboard_gate_close (GlbClipboardGate *self)
{
  g_autoptr(GPtrArray) running = NULL;

  if (self->closed)
    return;

  self->closed = TRUE;
  g_signal_handlers_disconnect_by_data (self->context.compositor, self);
  /* programs may live on for their grace time */
  for (guint kind = 0; kind < GLB_SHIM_N_SELECTIONS; kind++)
    placed_end (self, kind, "session-ended", TRUE);
  waiting_end (self);

  /* each of them leaves the list when it hears of it */
  running = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < self->running->len; i++)
    g_ptr_array_add (running, g_object_ref (g_ptr_array_index (self->running, i)));
  for (guint i = 0; i < running->len; i++)
    g_cancellable_cancel (g_ptr_array_index (running, i));
}

static void
glb_clipboard_gate_dispose (GObject *object)
{
  GlbClipboardGate *self = GLB_CLIPBOARD_GATE (object);

  if (self->context.compositor != NULL)
    glb_clipboard_gate_close (self);
  if (self->own != NULL)
    g_signal_handlers_disconnect_by_data (self->own, self);
  g_clear_object (&self->own);
  g_clear_object (&self->context.compositor);
  g_clear_object (&self->context.prompts);

  G_OBJECT_CLASS (glb_clipboard_gate_parent_class)->dispose (object);
}

static void
glb_clipboard_gate_finalize (GObject *object)
{
  GlbClipboardGate *self = GLB_CLIPBOARD_GATE (object);

  /* a transfer holds its gate */
  g_assert (self->running->len == 0);
  g_ptr_array_unref (self->running);

  G_OBJECT_CLASS (glb_clipboard_gate_parent_class)->finalize (object);
}

static void
glb_clipboard_gate_class_init (GlbClipboardGateClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = glb_clipboard_gate_dispose;
  G_OBJECT_CLASS (klass)->finalize = glb_clipboard_gate_finalize;
}

static void
glb_clipboard_gate_init (GlbClipboardGate *self)
{
  self->running = g_ptr_array_new ();
}

GlbClipboardGate *
glb_clipboard_gate_new (const GlbClipboardContext *context)
{
  GlbClipboardGate *self = g_object_new (GLB_TYPE_CLIPBOARD_GATE, NULL);

  self->context = *context;
  g_object_ref (self->context.compositor);
  g_object_ref (self->context.prompts);
  self->own = glb_own_clipboard_new (self->context.compositor);
  g_signal_connect (self->own, "written", G_CALLBACK (on_written), self);
  g_signal_connect (self->context.compositor, "pasted", G_CALLBACK (on_pasted), self);
  g_signal_connect (self->context.compositor, "selection", G_CALLBACK (on_selection), self);
  return self;
}
