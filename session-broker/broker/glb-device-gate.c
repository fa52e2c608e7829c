/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glb-broker"
#include "config.h"

#include <string.h>
#include <unistd.h>

#include <glib-unix.h>

#include "session-broker/broker/glb-chores.h"
#include "session-broker/broker/glb-device-gate.h"
#include "session-broker/broker/glb-device-source.h"
#include "session-broker/capture/glb-png.h"
#include "session-broker/client/glb-broker-error.h"

#define MEMORY_MB     1024
#define PROCESSES_MAX 64
/* A program can end the helper again and again, and so make the broker start it: no more often than this. */
#define RESTART_S     1
/* It can begin and cease to look as fast as it likes: one record a second says so. */
#define IN_USE_S      1
/* Each question of the agent's looks for the person's device, and opens a camera for its picture. */
#define PREVIEW_US    (2 * G_USEC_PER_SEC)

/*
 *   none ──► asking ──► giving ──► on ──► ending ──► none
 *              │           └───────────────►┘
 *              └──► none: no, or withdrawn
 *
 * From giving on the helper may have it, so the way back leads over a revoke that it confirms, or dies of.
 */
typedef enum { LEASE_NONE, LEASE_ASKING, LEASE_GIVING, LEASE_ON, LEASE_ENDING } LeaseState;

typedef struct
{
  GlbDeviceGate *gate;         /* not owned: it owns this */
  GlbMediaDevice device;
  LeaseState state;
  GTask *turn;                 /* (nullable), not owned: who is being answered; asking, giving */
  GCancellable *cancellable;   /* (nullable): of the question; asking */
  GPtrArray *waiting;          /* GTask: for it to be gone */
  GlbMediaSource source;       /* asking and later, like the two below */
  GlbSourceFile *file;         /* (nullable): with GLB_MEDIA_SOURCE_FILE */
  char *target;                /* (nullable) */
  gboolean muted, in_use;
  guint n_changes;             /* of in_use, since the last record */
  guint record_id;
  GlbGrant *grant;             /* (nullable) */
  guint hold;
  gint64 previewed_us;         /* when the agent's last question looked for it */
} Lease;

struct _GlbDeviceGate
{
  GObject parent_instance;

  GlbDeviceContext context;
  Lease leases[GLB_MEDIA_N_DEVICES];
  GlbMedia *media;             /* (nullable): from the first use on */
  GlbAccount *account;
  GlbCgroup *cgroup;
  GlbChores *chores;
  GlbSourceFile *policy_files[GLB_MEDIA_N_DEVICES];   /* (nullable): what the policy names, from before the session's first program */
  guint listen_id;
  gboolean closed;
};

G_DEFINE_FINAL_TYPE (GlbDeviceGate, glb_device_gate, G_TYPE_OBJECT)

/* Of a task: one device's turn. */
typedef struct
{
  GlbSession *session;         /* the records are its */
  GlbMediaDevice device;
  GlbDriver actor;
  gboolean muted;
  int fd;                      /* of sound: the pipe's end for writing; -1 */
  const char *why;             /* static: of an end */
  GlbPromptAnswer *answer;     /* (nullable) */
  const char *refusal;         /* (nullable): static: the code of a no */
} Turn;

static const char * const device_names[GLB_MEDIA_N_DEVICES] = { "camera", "microphone", "speaker", "sound" };

static void watch_listener (GlbDeviceGate *self);
static void check_closed (GlbDeviceGate *self);
static void take_back (GlbDeviceGate *self, GlbMediaDevice device, const char *why);

const char *
glb_media_device_to_string (GlbMediaDevice device)
{
  return device_names[device];
}

gboolean
glb_media_device_from_string (const char *string, GlbMediaDevice *device)
{
  /* sound is no device, and nobody inside can ask for it */
  for (guint i = 0; i < GLB_MEDIA_SOUND; i++)
    if (g_strcmp0 (string, device_names[i]) == 0)
      {
        *device = i;
        return TRUE;
      }

  return FALSE;
}

static gboolean
audit (GlbDeviceGate *self, const char *event, GlbDriver actor, GlbMediaDevice device, JsonObject *more, GError **error)
{
  g_autoptr(JsonObject) fields = more != NULL ? more : json_object_new ();

  json_object_set_string_member (fields, "device", device_names[device]);
  return self->context.audit (self->context.user_data, event, actor, fields, error);
}

static void
turn_free (gpointer data)
{
  Turn *turn = data;

  g_clear_pointer (&turn->answer, glb_prompt_answer_free);
  if (turn->fd >= 0)
    close (turn->fd);
  g_object_unref (turn->session);
  g_free (turn);
}

static GTask *
turn_new (GlbDeviceGate *self, GlbMediaDevice device, gpointer tag, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);
  Turn *turn = g_new0 (Turn, 1);

  turn->session = g_object_ref (self->context.session);
  turn->fd = -1;
  turn->device = device;
  g_task_set_source_tag (task, tag);
  g_task_set_task_data (task, turn, turn_free);
  return task;
}

/* ---- the helper ---------------------------------------------------------------- */

static void
record_in_use (Lease *lease)
{
  JsonObject *fields = json_object_new ();

  json_object_set_boolean_member (fields, "inUse", lease->in_use);
  json_object_set_int_member (fields, "changes", lease->n_changes);
  lease->n_changes = 0;
  audit (lease->gate, "device-in-use", GLB_DRIVER_NOBODY, lease->device, fields, NULL);
}

static gboolean
on_record_time (gpointer user_data)
{
  Lease *lease = user_data;

  if (lease->n_changes == 0)
    {
      lease->record_id = 0;
      return G_SOURCE_REMOVE;
    }

  record_in_use (lease);
  return G_SOURCE_CONTINUE;
}

/* The indicator follows at once, the records at a bounded pace. */
static void
set_in_use (Lease *lease, gboolean in_use)
{
  if (lease->in_use == in_use)
    return;

  lease->in_use = in_use;
  lease->n_changes++;
  if (lease->record_id == 0)
    {
      record_in_use (lease);
      lease->record_id = g_timeout_add_seconds (IN_USE_S, on_record_time, lease);
    }
  lease->gate->context.changed (lease->gate->context.user_data);
}

/* Nothing of it is in the session any more. */
static void
forget_lease (GlbDeviceGate *self, GlbMediaDevice device)
{
  Lease *lease = &self->leases[device];
  g_autoptr(GPtrArray) waiting = g_steal_pointer (&lease->waiting);

  lease->waiting = g_ptr_array_new_with_free_func (g_object_unref);
  set_in_use (lease, FALSE);
  if (lease->n_changes > 0)
    record_in_use (lease);
  g_clear_handle_id (&lease->record_id, g_source_remove);
  lease->state = LEASE_NONE;
  lease->turn = NULL;
  lease->muted = FALSE;
  g_clear_object (&lease->cancellable);
  g_clear_pointer (&lease->file, glb_source_file_unref);
  g_clear_pointer (&lease->target, g_free);
  if (lease->grant != NULL)
    glb_grant_release (lease->grant, lease->hold);
  g_clear_object (&lease->grant);
  lease->hold = 0;
  self->context.changed (self->context.user_data);

  for (guint i = 0; i < waiting->len; i++)
    g_task_return_boolean (g_ptr_array_index (waiting, i), TRUE);
  check_closed (self);
}

static void
lease_ended (GlbDeviceGate *self, GlbMediaDevice device, const char *why)
{
  JsonObject *fields = json_object_new ();

  json_object_set_string_member (fields, "why", why);
  audit (self, "device-ended", GLB_DRIVER_NOBODY, device, fields, NULL);
  forget_lease (self, device);
}

static void
on_in_use (GlbMedia *media, guint device, gboolean in_use, gpointer user_data)
{
  GlbDeviceGate *self = user_data;

  if (self->leases[device].state >= LEASE_GIVING)
    set_in_use (&self->leases[device], in_use);
}

static void
on_ended (GlbMedia *media, guint device, const char *why, gpointer user_data)
{
  g_autoptr(GlbDeviceGate) self = g_object_ref (GLB_DEVICE_GATE (user_data));

  if (self->leases[device].state == LEASE_ON)
    lease_ended (self, device, why);
}

/* Everything outside the helper's sandbox. */
static void
clean_up (GlbDeviceGate *self)
{
  g_autoptr(GError) error = NULL;

  if (self->media != NULL)
    g_signal_handlers_disconnect_by_data (self->media, self);
  g_clear_object (&self->media);
  if (self->cgroup != NULL && !glb_cgroup_remove (self->cgroup, &error))
    g_warning ("Can't remove a media helper's control group: %s", error->message);
  g_clear_object (&self->cgroup);
  glb_chores_done (self->chores);
  g_clear_object (&self->account);
}

static gboolean
is_idle (GlbDeviceGate *self)
{
  for (guint device = 0; device < GLB_MEDIA_N_DEVICES; device++)
    if (self->leases[device].state != LEASE_NONE)
      return FALSE;

  return TRUE;
}

/* After the last lease's end, the helper's; after that, ours. */
static void
check_closed (GlbDeviceGate *self)
{
  if (!self->closed || self->media == NULL || !is_idle (self))
    return;

  if (glb_media_is_running (self->media))
    {
      glb_media_stop (self->media, "the session ends");
      return;
    }

  clean_up (self);
  self->context.gone (self->context.user_data);
}

static gboolean
on_restart_time (gpointer user_data)
{
  GlbDeviceGate *self = user_data;

  self->listen_id = 0;
  watch_listener (self);
  return G_SOURCE_REMOVE;
}

static void
on_gone (GlbMedia *media, const char *why, gpointer user_data)
{
  g_autoptr(GlbDeviceGate) self = g_object_ref (GLB_DEVICE_GATE (user_data));

  for (guint device = 0; device < GLB_MEDIA_N_DEVICES; device++)
    if (self->leases[device].state == LEASE_ON)
      lease_ended (self, device, why);
  if (!self->closed && self->listen_id == 0)
    self->listen_id = g_timeout_add_seconds (RESTART_S, on_restart_time, self);
  check_closed (self);
}

/* Good to have; the helper's other limits hold without it. */
static gboolean
make_cgroup (GlbDeviceGate *self, GError **error)
{
  const GlbCgroupLimits limits = { .memory_mb = MEMORY_MB, .max_processes = PROCESSES_MAX };
  g_autofree char *name = g_strconcat ("media-", self->context.id, NULL);

  self->cgroup = glb_cgroup_new (name, &limits, NULL);
  return self->cgroup == NULL || glb_chores_tell_cgroup (self->chores, self->cgroup, error);
}

static gboolean
ensure_media (GlbDeviceGate *self, GError **error)
{
  GlbMediaConfig config = { .name = self->context.id, .listen_fd = self->context.listen_fd, .socket_path = self->context.socket_path };

  if (self->media != NULL)
    return TRUE;

  self->account = glb_account_allocate (self->context.host->accounts_dir, error);
  if (self->account == NULL || !glb_chores_tell_account (self->chores, self->account, error) || !make_cgroup (self, error))
    {
      clean_up (self);
      return FALSE;
    }

  config.account = self->account;
  config.cgroup = self->cgroup;
  self->media = glb_media_new (&config);
  g_signal_connect (self->media, "in-use", G_CALLBACK (on_in_use), self);
  g_signal_connect (self->media, "ended", G_CALLBACK (on_ended), self);
  g_signal_connect (self->media, "gone", G_CALLBACK (on_gone), self);
  return TRUE;
}

/* A program of the session looks for devices: it hears that there is none, instead of waiting. */
static gboolean
on_listener (int fd, GIOCondition condition, gpointer user_data)
{
  GlbDeviceGate *self = user_data;
  g_autoptr(GError) error = NULL;

  self->listen_id = 0;
  if (!ensure_media (self, &error) || !glb_media_start (self->media, &error))
    g_warning ("Session %s: no PipeWire for it: %s", self->context.id, error->message);
  return G_SOURCE_REMOVE;
}

static void
watch_listener (GlbDeviceGate *self)
{
  if (self->listen_id == 0)
    self->listen_id = g_unix_fd_add (self->context.listen_fd, G_IO_IN, on_listener, self);
}

/* ---- on ------------------------------------------------------------------------ */

/* The lease is still this turn's. */
static gboolean
is_current (GTask *task)
{
  GlbDeviceGate *self = g_task_get_source_object (task);
  Turn *turn = g_task_get_task_data (task);

  return self->leases[turn->device].turn == task;
}

/* Takes task. code: static */
static void
refuse (GTask *task, const char *code, const char *message)
{
  GlbDeviceGate *self = g_task_get_source_object (task);
  Turn *turn = g_task_get_task_data (task);
  JsonObject *fields = json_object_new ();

  turn->refusal = code;
  json_object_set_string_member (fields, "code", code);
  json_object_set_string_member (fields, "message", message);
  audit (self, "device-refused", turn->actor, turn->device, fields, NULL);
  self->context.refused (self->context.user_data, device_names[turn->device], code, message);
  /* first: who hears of it may ask again */
  if (is_current (task))
    forget_lease (self, turn->device);
  g_task_return_new_error (task, GLB_BROKER_ERROR, GLB_BROKER_ERROR_POLICY, "%s: %s: %s", device_names[turn->device], code, message);
  g_object_unref (task);
}

/* Takes task. */
static void
return_withdrawn (GTask *task)
{
  GlbDeviceGate *self = g_task_get_source_object (task);
  Turn *turn = g_task_get_task_data (task);

  if (is_current (task))
    forget_lease (self, turn->device);
  g_task_return_new_error (task, GLB_BROKER_ERROR, GLB_BROKER_ERROR_STATE, "%s: %s", device_names[turn->device],
                           self->closed ? "the session ends" : "it was switched off meanwhile");
  g_object_unref (task);
}

/* What the mechanism says, without the device: who tells it on says that again. */
static const char *
skip_device (const char *message, GlbMediaDevice device)
{
  gsize prefix = strlen (device_names[device]);

  return g_str_has_prefix (message, device_names[device]) && g_str_has_prefix (message + prefix, ": ") ? message + prefix + 2 : message;
}

/* (transfer full) */
static char *
describe_bad_file (const GlbSourceFile *file, GlbMediaDevice device, const GError *error)
{
  return g_strdup_printf ("%s: %s", file->name, skip_device (error->message, device));
}

/* Takes task and error. */
static void
fail (GTask *task, GError *error)
{
  GlbDeviceGate *self = g_task_get_source_object (task);
  Turn *turn = g_task_get_task_data (task);
  g_autoptr(GError) owned = error;

  if (!is_current (task) || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      return_withdrawn (task);
      return;
    }
  if (g_error_matches (error, GLB_MEDIA_ERROR, GLB_MEDIA_ERROR_HOST))
    {
      refuse (task, "no_device", skip_device (error->message, turn->device));
      return;
    }
  if (g_error_matches (error, GLB_MEDIA_ERROR, GLB_MEDIA_ERROR_FILE) && self->leases[turn->device].file != NULL)
    {
      g_autofree char *message = describe_bad_file (self->leases[turn->device].file, turn->device, error);

      refuse (task, "bad_file", message);
      return;
    }

  /* the record of a grant is there already */
  if (self->leases[turn->device].state == LEASE_GIVING)
    lease_ended (self, turn->device, error->message);
  else
    forget_lease (self, turn->device);
  if (g_error_matches (error, GLB_MEDIA_ERROR, GLB_MEDIA_ERROR_STATE))
    g_task_return_new_error (task, GLB_BROKER_ERROR, GLB_BROKER_ERROR_STATE, "%s", error->message);
  else
    g_task_return_error (task, g_steal_pointer (&owned));
  g_object_unref (task);
}

static void
on_grant_ended (GlbGrant *grant, const char *why, gpointer user_data)
{
  GlbDeviceGate *self = user_data;

  for (guint device = 0; device < GLB_MEDIA_N_DEVICES; device++)
    if (self->leases[device].grant == grant)
      {
        /* it is not held any more */
        self->leases[device].hold = 0;
        take_back (self, device, why);
      }
}

static void
granted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  GlbDeviceGate *self = g_task_get_source_object (task);
  Turn *turn = g_task_get_task_data (task);
  Lease *lease = &self->leases[turn->device];
  GError *error = NULL;
  g_autoptr(GlbMediaAnswer) answer = glb_media_finish (GLB_MEDIA (source), result, &error);

  if (answer == NULL)
    {
      fail (task, error);
      return;
    }
  /* a revoke follows it; or helper and stream ended between the answer and this */
  if (!is_current (task))
    {
      return_withdrawn (task);
      return;
    }
  if (!glb_media_is_granted (GLB_MEDIA (source), turn->device))
    {
      fail (task, g_error_new (GLB_MEDIA_ERROR, GLB_MEDIA_ERROR_FAILED, "%s: it ended at once; try again", device_names[turn->device]));
      return;
    }

  lease->state = LEASE_ON;
  lease->turn = NULL;
  g_free (lease->target);
  lease->target = g_strdup (lease->file != NULL ? lease->file->name : answer->description);
  self->context.changed (self->context.user_data);
  g_task_return_boolean (task, TRUE);
  g_object_unref (task);
}

/* For the mechanism. */
static GlbMediaChoice
choose (GlbMediaSource source, const GlbSourceFile *file, const char *target)
{
  return (GlbMediaChoice) { .source = source, .target = file != NULL ? file->name : target, .file_fd = file != NULL ? file->fd : -1 };
}

/* Allowed. Takes task. */
static void
give (GTask *task)
{
  GlbDeviceGate *self = g_task_get_source_object (task);
  Turn *turn = g_task_get_task_data (task);
  Lease *lease = &self->leases[turn->device];
  const GlbMediaChoice choice = choose (lease->source, lease->file, lease->target);
  JsonObject *fields = json_object_new ();
  GError *error = NULL;

  if (turn->device != GLB_MEDIA_SOUND)
    json_object_set_string_member (fields, "source", glb_device_source_to_string (lease->source));
  if (lease->target != NULL)
    json_object_set_string_member (fields, "target", lease->target);
  if (lease->file != NULL)
    {
      json_object_set_string_member (fields, "name", lease->file->name);
      json_object_set_string_member (fields, "sha256", lease->file->sha256);
      json_object_set_int_member (fields, "bytes", lease->file->size);
    }
  if (turn->answer != NULL)
    json_object_set_int_member (fields, "grant", glb_grant_get_id (turn->answer->grant));
  if (!audit (self, "device-grant", turn->actor, turn->device, fields, &error))
    {
      fail (task, error);
      return;
    }

  lease->state = LEASE_GIVING;
  if (turn->answer != NULL)
    {
      lease->hold = glb_grant_hold (turn->answer->grant, on_grant_ended, self);
      if (lease->hold == 0)
        {
          refuse (task, "revoked", "the permission was taken back");
          return;
        }
      lease->grant = g_object_ref (turn->answer->grant);
    }
  /* Not to be cancelled: a revoke, which is confirmed, takes it back on the way as well. */
  if (turn->device == GLB_MEDIA_SOUND)
    {
      int fd = turn->fd;

      turn->fd = -1;
      glb_media_listen_async (self->media, fd, granted_cb, task);
      return;
    }
  glb_media_grant_async (self->media, turn->device, &choice, NULL,
                         granted_cb, task);
}

static const char * const wishes[GLB_MEDIA_SOUND] = { "See through the camera", "Listen through the microphone", "Play sound" };

/* What a grant of it is bound to: a device by its name, a file by what is in it. (transfer full) */
static char *
dup_target (const GlbSourceFile *file, const GlbMediaAnswer *answer)
{
  return file != NULL ? g_strconcat ("file:", file->sha256, NULL) : g_strdup (answer->target);
}

/* (transfer full) */
static char *
dup_title (GlbMediaDevice device, const GlbSourceFile *file, const GlbMediaAnswer *answer)
{
  return g_strdup_printf ("%s: %s", wishes[device], file != NULL ? file->name : answer->description);
}

/* ---- something else in its place ------------------------------------------------------ */

/* Of a task of the gate's: a look at what the person would give. */
typedef struct
{
  GlbMediaDevice device;
  GlbPromptSubstitute *substitute;   /* not owned: the prompt's, until the task has returned */
} Look;

static void
looked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  Look *look = g_task_get_task_data (task);
  GlbPromptSubstitute *substitute = look->substitute;
  g_autoptr(GError) error = NULL;
  g_autoptr(GlbMediaAnswer) answer = glb_media_finish (GLB_MEDIA (source), result, &error);

  if (answer != NULL)
    {
      substitute->target = dup_target (substitute->file, answer);
      substitute->title = dup_title (look->device, substitute->file, answer);
      g_task_return_boolean (task, TRUE);
    }
  else if (g_error_matches (error, GLB_MEDIA_ERROR, GLB_MEDIA_ERROR_FILE) && substitute->file != NULL)
    {
      g_autofree char *message = describe_bad_file (substitute->file, look->device, error);

      g_task_return_new_error (task, GLB_BROKER_ERROR, GLB_BROKER_ERROR_POLICY, "%s: bad_file: %s", device_names[look->device], message);
    }
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

/* As GlbPromptConsider: the prompt asks for the lease that is user_data, and holds its gate. */
static void
consider (gpointer user_data, GlbPromptSubstitute *substitute, GAsyncReadyCallback callback, gpointer callback_data)
{
  Lease *lease = user_data;
  GlbDeviceGate *self = lease->gate;
  g_autoptr(GTask) task = g_task_new (self, NULL, callback, callback_data);
  Look *look = g_new0 (Look, 1);
  GlbMediaSource source;
  GlbMediaChoice choice;
  const char *why;

  look->device = lease->device;
  look->substitute = substitute;
  g_task_set_source_tag (task, consider);
  g_task_set_task_data (task, look, g_free);
  if (!glb_device_source_from_string (lease->device, substitute->source, &source) ||
      (source == GLB_MEDIA_SOURCE_FILE) != (substitute->file != NULL))
    {
      g_task_return_new_error (task, GLB_BROKER_ERROR, GLB_BROKER_ERROR_FAILED, "%s: no such source; see sources in the prompt's details",
                               device_names[lease->device]);
      return;
    }
  why = glb_device_source_check (self->context.policy, lease->device, source);
  if (why != NULL)
    {
      g_task_return_new_error (task, GLB_BROKER_ERROR, GLB_BROKER_ERROR_POLICY, "%s: policy_denied: %s", device_names[lease->device], why);
      return;
    }

  choice = choose (source, substitute->file, NULL);
  glb_media_preview_async (self->media, lease->device, &choice, NULL, looked_cb, g_steal_pointer (&task));
}

/* The yes is to this, and not to what was asked for. */
static void
take_substitute (Lease *lease, const GlbPromptSubstitute *substitute)
{
  glb_device_source_from_string (lease->device, substitute->source, &lease->source);
  g_clear_pointer (&lease->file, glb_source_file_unref);
  lease->file = substitute->file != NULL ? glb_source_file_ref (substitute->file) : NULL;
  g_free (lease->target);
  lease->target = g_strdup (substitute->target);
}

static void
asked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  GlbDeviceGate *self = g_task_get_source_object (task);
  Turn *turn = g_task_get_task_data (task);
  GError *error = NULL;

  turn->answer = glb_prompts_ask_finish (GLB_PROMPTS (source), result, &error);
  if (turn->answer == NULL)
    fail (task, error);
  else if (!turn->answer->allowed)
    refuse (task, turn->answer->why, "the person did not allow it");
  else
    {
      if (turn->answer->substitute != NULL)
        take_substitute (&self->leases[turn->device], turn->answer->substitute);
      give (task);
    }
}

/* picture: (nullable): a PNG of what the camera sees now. Takes task. */
static void
ask (GTask *task, const char *title, GBytes *picture)
{
  static const GlbPromptKind kinds[GLB_MEDIA_SOUND] = { GLB_PROMPT_CAMERA, GLB_PROMPT_MICROPHONE, GLB_PROMPT_SPEAKER };
  GlbDeviceGate *self = g_task_get_source_object (task);
  Turn *turn = g_task_get_task_data (task);
  Lease *lease = &self->leases[turn->device];
  g_auto(GStrv) sources = glb_device_source_list (self->context.policy, turn->device);
  GlbPromptRequest request = { .kind = kinds[turn->device], .requester = turn->actor, .title = title, .target = lease->target,
                               .consider = consider, .consider_data = lease };
  GVariantDict details;

  g_variant_dict_init (&details, NULL);
  g_variant_dict_insert (&details, "source", "s", glb_device_source_to_string (lease->source));
  g_variant_dict_insert_value (&details, "sources", g_variant_new_strv ((const char * const *) sources, -1));
  if (picture != NULL)
    g_variant_dict_insert_value (&details, "picture", g_variant_new_from_bytes (G_VARIANT_TYPE ("ay"), picture, TRUE));
  request.details = g_variant_dict_end (&details);
  glb_prompts_ask_async (self->context.prompts, self->context.session, &request, lease->cancellable, asked_cb, task);
}

static void
previewed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  GlbDeviceGate *self = g_task_get_source_object (task);
  Turn *turn = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr(GlbMediaAnswer) answer = glb_media_finish (GLB_MEDIA (source), result, &error);
  Lease *lease = &self->leases[turn->device];
  g_autoptr(GBytes) png = NULL;
  g_autofree char *title = NULL;

  if (answer == NULL)
    {
      fail (task, error);
      return;
    }

  lease->target = dup_target (lease->file, answer);
  title = dup_title (turn->device, lease->file, answer);
  if (answer->picture != NULL)
    png = glb_png_encode (g_bytes_get_data (answer->picture, NULL), answer->width, answer->height, answer->width * 4, NULL);
  ask (task, title, png);
}

/* choice: (nullable): the policy's. Takes task. */
static void
turn_on (GlbDeviceGate *self, GlbDriver actor, GlbMediaDevice device, const GlbDeviceChoice *choice, GTask *task)
{
  GlbVerdict verdict = glb_device_source_get_verdict (self->context.policy, device);
  Lease *lease = &self->leases[device];
  GlbMediaSource source = choice != NULL ? choice->source : glb_device_source_of_policy (self->context.policy, device);
  GlbSourceFile *file = choice != NULL ? choice->file : self->policy_files[device];
  GlbMediaChoice shown;
  gboolean looks_again = verdict == GLB_VERDICT_PROMPT && actor == GLB_DRIVER_AGENT;
  const char *why = choice != NULL || verdict == GLB_VERDICT_DENY ? glb_device_source_check (self->context.policy, device, source) : NULL;
  GError *error = NULL;

  ((Turn *) g_task_get_task_data (task))->actor = actor;
  if (why != NULL)
    {
      refuse (task, "policy_denied", why);
      return;
    }
  if (self->closed)
    why = "the session ends";
  else if (lease->state != LEASE_NONE)
    why = "it is on, or being asked for, already";
  else if (looks_again && lease->previewed_us != 0 && g_get_monotonic_time () - lease->previewed_us < PREVIEW_US)
    why = "it was asked for just now; wait some seconds";
  if (why != NULL)
    g_set_error (&error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_STATE, "%s: %s", device_names[device], why);
  if (why != NULL || !ensure_media (self, &error))
    {
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }

  lease->state = LEASE_ASKING;
  lease->turn = task;
  lease->cancellable = g_cancellable_new ();
  lease->source = source;
  lease->file = file != NULL ? glb_source_file_ref (file) : NULL;
  if (looks_again)
    lease->previewed_us = g_get_monotonic_time ();
  if (verdict == GLB_VERDICT_ALLOW)
    {
      give (task);
      return;
    }
  shown = choose (source, file, NULL);
  glb_media_preview_async (self->media, device, &shown, lease->cancellable, previewed_cb, task);
}

/* ---- before the session's first program ---------------------------------------------- */

static void prepare_next (GTask *task);

/* Takes task. */
static void
fail_prepare (GTask *task, const char *why)
{
  GlbDeviceGate *self = g_task_get_source_object (task);
  Turn *turn = g_task_get_task_data (task);

  g_task_return_new_error (task, GLB_BROKER_ERROR, GLB_BROKER_ERROR_POLICY, "%s: bad_file: %s: %s", device_names[turn->device],
                           glb_device_source_get_file (self->context.policy, turn->device), why);
  g_object_unref (task);
}

static void
prepared_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Turn *turn = g_task_get_task_data (task);
  g_autoptr(GError) error = NULL;
  g_autoptr(GlbMediaAnswer) answer = glb_media_finish (GLB_MEDIA (source), result, &error);

  if (g_error_matches (error, GLB_MEDIA_ERROR, GLB_MEDIA_ERROR_FILE))
    {
      fail_prepare (task, skip_device (error->message, turn->device));
      return;
    }
  if (answer == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      g_object_unref (task);
      return;
    }

  turn->device++;
  prepare_next (task);
}

static void
copied_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  GlbDeviceGate *self = g_task_get_source_object (task);
  Turn *turn = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr(GlbSourceFile) file = glb_source_file_finish (result, &error);
  GlbMediaChoice choice;

  if (file == NULL)
    {
      fail_prepare (task, error->message);
      g_error_free (error);
      return;
    }
  if (self->closed)
    g_set_error (&error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_STATE, "%s: the session ends", device_names[turn->device]);
  if (self->closed || !ensure_media (self, &error))
    {
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }

  self->policy_files[turn->device] = glb_source_file_ref (file);
  choice = choose (GLB_MEDIA_SOURCE_FILE, file, NULL);
  glb_media_preview_async (self->media, turn->device, &choice, NULL, prepared_cb, task);
}

/* From the turn's device on. Takes task. */
static void
prepare_next (GTask *task)
{
  GlbDeviceGate *self = g_task_get_source_object (task);
  Turn *turn = g_task_get_task_data (task);
  const GlbPolicy *policy = self->context.policy;
  g_autofree char *folder = NULL;
  g_autofree char *rest = NULL;
  g_autoptr(GError) error = NULL;

  while (turn->device < GLB_MEDIA_N_DEVICES && (glb_device_source_of_policy (policy, turn->device) != GLB_MEDIA_SOURCE_FILE ||
                                                glb_device_source_get_verdict (policy, turn->device) == GLB_VERDICT_DENY))
    turn->device++;
  if (turn->device == GLB_MEDIA_N_DEVICES)
    {
      g_task_return_boolean (task, TRUE);
      g_object_unref (task);
      return;
    }

  if (!glb_policy_resolve_source (glb_device_source_get_file (policy, turn->device), self->context.workspace, g_get_home_dir (), &folder, &rest,
                                  &error))
    {
      g_task_return_new_error (task, GLB_BROKER_ERROR, GLB_BROKER_ERROR_POLICY, "%s: bad_file: %s", device_names[turn->device], error->message);
      g_object_unref (task);
    }
  else
    glb_source_file_open_async (folder, rest, copied_cb, task);
}

void
glb_device_gate_prepare_async (GlbDeviceGate *self, GAsyncReadyCallback callback, gpointer user_data)
{
  prepare_next (turn_new (self, GLB_MEDIA_CAMERA, glb_device_gate_prepare_async, callback, user_data));
}

void
glb_device_gate_on_async (GlbDeviceGate         *self,
                          GlbDriver              actor,
                          GlbMediaDevice         device,
                          const GlbDeviceChoice *choice,
                          GAsyncReadyCallback    callback,
                          gpointer               user_data)
{
  g_return_if_fail (device < GLB_MEDIA_SOUND);

  turn_on (self, actor, device, choice, turn_new (self, device, glb_device_gate_on_async, callback, user_data));
}

void
glb_device_gate_listen_async (GlbDeviceGate *self, int fd, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = turn_new (self, GLB_MEDIA_SOUND, glb_device_gate_listen_async, callback, user_data);

  ((Turn *) g_task_get_task_data (task))->fd = fd;
  turn_on (self, GLB_DRIVER_HUMAN, GLB_MEDIA_SOUND, NULL, task);
}

/* ---- off, mute ------------------------------------------------------------------- */

static void
revoked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  GlbDeviceGate *self = g_task_get_source_object (task);
  Turn *turn = g_task_get_task_data (task);
  g_autoptr(GError) error = NULL;
  g_autoptr(GlbMediaAnswer) answer = glb_media_finish (GLB_MEDIA (source), result, &error);
  JsonObject *fields = json_object_new ();

  json_object_set_string_member (fields, "why", turn->why);
  if (answer != NULL)
    {
      json_object_set_int_member (fields, "links", answer->n_links);
      json_object_set_int_member (fields, "nodes", answer->n_nodes);
      json_object_set_int_member (fields, "elapsedUs", answer->elapsed_us);
    }
  else
    json_object_set_string_member (fields, "killed", error->message);
  audit (self, "device-revoked", GLB_DRIVER_NOBODY, turn->device, fields, NULL);
  forget_lease (self, turn->device);
  g_task_return_boolean (task, TRUE);
}

/* forget_lease() follows, if there is one. why: static */
static void
take_back (GlbDeviceGate *self, GlbMediaDevice device, const char *why)
{
  Lease *lease = &self->leases[device];
  GTask *task;

  switch (lease->state)
    {
    case LEASE_NONE:
    case LEASE_ENDING:
      return;
    case LEASE_ASKING:
      g_cancellable_cancel (lease->cancellable);
      return;
    case LEASE_GIVING:
    case LEASE_ON:
    default:
      lease->state = LEASE_ENDING;
      lease->turn = NULL;
      task = turn_new (self, device, take_back, NULL, NULL);
      ((Turn *) g_task_get_task_data (task))->why = why;
      glb_media_revoke_async (self->media, device, revoked_cb, task);
    }
}

void
glb_device_gate_off_async (GlbDeviceGate *self, GlbMediaDevice device, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = turn_new (self, device, glb_device_gate_off_async, callback, user_data);

  if (self->leases[device].state == LEASE_NONE)
    {
      g_task_return_boolean (task, TRUE);
      g_object_unref (task);
      return;
    }

  g_ptr_array_add (self->leases[device].waiting, task);
  take_back (self, device, "switched off");
}

void
glb_device_gate_withdraw (GlbDeviceGate *self, GlbMediaDevice device)
{
  if (self->leases[device].state == LEASE_ASKING)
    take_back (self, device, "withdrawn");
}

gboolean
glb_device_gate_is_on (GlbDeviceGate *self, GlbMediaDevice device)
{
  return self->leases[device].state == LEASE_ON;
}

void
glb_device_gate_end_all (GlbDeviceGate *self, const char *why)
{
  for (guint device = 0; device < GLB_MEDIA_N_DEVICES; device++)
    take_back (self, device, why);
}

static void
muted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  GlbDeviceGate *self = g_task_get_source_object (task);
  Turn *turn = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr(GlbMediaAnswer) answer = glb_media_finish (GLB_MEDIA (source), result, &error);

  if (answer == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  if (self->leases[turn->device].state == LEASE_ON)
    {
      self->leases[turn->device].muted = turn->muted;
      self->context.changed (self->context.user_data);
    }
  g_task_return_boolean (task, TRUE);
}

void
glb_device_gate_mute_async (GlbDeviceGate *self, GlbMediaDevice device, gboolean muted, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(GTask) task = turn_new (self, device, glb_device_gate_mute_async, callback, user_data);
  JsonObject *fields = json_object_new ();
  GError *error = NULL;

  ((Turn *) g_task_get_task_data (task))->muted = muted;
  json_object_set_boolean_member (fields, "muted", muted);
  if (self->media == NULL || self->leases[device].state != LEASE_ON)
    {
      json_object_unref (fields);
      g_task_return_new_error (task, GLB_BROKER_ERROR, GLB_BROKER_ERROR_STATE, "%s: it is not on", device_names[device]);
    }
  else if (!audit (self, "device-mute", GLB_DRIVER_HUMAN, device, fields, &error))
    g_task_return_error (task, error);
  else
    glb_media_mute_async (self->media, device, muted, muted_cb, g_steal_pointer (&task));
}

gboolean
glb_device_gate_finish (GlbDeviceGate *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

const char *
glb_device_gate_get_refusal (GlbDeviceGate *self, GAsyncResult *result)
{
  return ((Turn *) g_task_get_task_data (G_TASK (result)))->refusal;
}

GVariant *
glb_device_gate_describe (GlbDeviceGate *self)
{
  static const char * const verdicts[] = { "deny", "prompt", "allow" };
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("aa{sv}"));
  for (guint device = 0; device < GLB_MEDIA_SOUND; device++)
    {
      const Lease *lease = &self->leases[device];
      GVariantDict dict;

      g_variant_dict_init (&dict, NULL);
      g_variant_dict_insert (&dict, "device", "s", device_names[device]);
      g_variant_dict_insert (&dict, "verdict", "s", verdicts[glb_device_source_get_verdict (self->context.policy, device)]);
      g_variant_dict_insert (&dict, "granted", "b", lease->state == LEASE_ON);
      g_variant_dict_insert (&dict, "in-use", "b", lease->in_use);
      g_variant_dict_insert (&dict, "muted", "b", lease->muted);
      g_variant_dict_insert (&dict, "target", "s", lease->state == LEASE_ON && lease->target != NULL ? lease->target : "");
      g_variant_dict_insert (&dict, "source", "s",
                             glb_device_source_to_string (lease->state == LEASE_ON ? lease->source
                                                                                   : glb_device_source_of_policy (self->context.policy, device)));
      g_variant_builder_add_value (&builder, g_variant_dict_end (&dict));
    }

  return g_variant_builder_end (&builder);
}

GVariant *
glb_device_gate_describe_sound (GlbDeviceGate *self)
{
  const Lease *lease = self != NULL ? &self->leases[GLB_MEDIA_SOUND] : NULL;
  gboolean allowed = self != NULL && glb_device_source_get_verdict (self->context.policy, GLB_MEDIA_SOUND) == GLB_VERDICT_ALLOW;
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "output", "s", device_names[GLB_MEDIA_SOUND]);
  g_variant_dict_insert (&dict, "verdict", "s", allowed ? "allow" : "deny");
  g_variant_dict_insert (&dict, "on", "b", lease != NULL && lease->state == LEASE_ON);
  g_variant_dict_insert (&dict, "in-use", "b", lease != NULL && lease->in_use);
  g_variant_dict_insert (&dict, "target", "s", "");
  return g_variant_dict_end (&dict);
}

/* ---- the object ------------------------------------------------------------------ */

gboolean
glb_device_gate_is_gone (GlbDeviceGate *self)
{
  return self->closed && self->media == NULL;
}

void
glb_device_gate_close (GlbDeviceGate *self, const char *why)
{
  if (self->closed)
    return;

  g_clear_handle_id (&self->listen_id, g_source_remove);
  glb_device_gate_end_all (self, why);
  self->closed = TRUE;
  if (!is_idle (self))
    return;
  if (self->media != NULL && glb_media_is_running (self->media))
    glb_media_stop (self->media, "the session ends");
  else
    clean_up (self);
}

static void
glb_device_gate_dispose (GObject *object)
{
  GlbDeviceGate *self = GLB_DEVICE_GATE (object);

  g_clear_handle_id (&self->listen_id, g_source_remove);
  clean_up (self);
  for (guint device = 0; device < GLB_MEDIA_N_DEVICES; device++)
    {
      Lease *lease = &self->leases[device];

      g_clear_handle_id (&lease->record_id, g_source_remove);
      if (lease->grant != NULL)
        glb_grant_release (lease->grant, lease->hold);
      g_clear_object (&lease->grant);
      g_clear_object (&lease->cancellable);
      g_clear_pointer (&lease->file, glb_source_file_unref);
      g_clear_pointer (&lease->target, g_free);
      g_clear_pointer (&self->policy_files[device], glb_source_file_unref);
      g_clear_pointer (&lease->waiting, g_ptr_array_unref);
    }
  g_clear_object (&self->context.prompts);

  G_OBJECT_CLASS (glb_device_gate_parent_class)->dispose (object);
}

static void
glb_device_gate_finalize (GObject *object)
{
  GlbDeviceGate *self = GLB_DEVICE_GATE (object);

  g_clear_pointer (&self->chores, glb_chores_free);
  g_free ((char *) self->context.socket_path);

  G_OBJECT_CLASS (glb_device_gate_parent_class)->finalize (object);
}

static void
glb_device_gate_class_init (GlbDeviceGateClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = glb_device_gate_dispose;
  G_OBJECT_CLASS (klass)->finalize = glb_device_gate_finalize;
}

static void
glb_device_gate_init (GlbDeviceGate *self)
{
  for (guint device = 0; device < GLB_MEDIA_N_DEVICES; device++)
    {
      self->leases[device].gate = self;
      self->leases[device].device = device;
      self->leases[device].waiting = g_ptr_array_new_with_free_func (g_object_unref);
    }
}

GlbDeviceGate *
glb_device_gate_new (const GlbDeviceContext *context)
{
  GlbDeviceGate *self = g_object_new (GLB_TYPE_DEVICE_GATE, NULL);

  self->context = *context;
  self->chores = glb_chores_new (context->host->janitor);
  self->context.socket_path = g_strdup (context->socket_path);
  g_object_ref (self->context.prompts);
  watch_listener (self);
  return self;
}
