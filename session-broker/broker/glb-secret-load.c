/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glb-broker"
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "session-broker/broker/glb-secret-load.h"
#include "session-broker/client/glb-broker-error.h"
#include "session-broker/secrets/glb-secret-store.h"

#define BUNDLE        "/etc/ssl/certs/ca-certificates.crt"
/* A person unlocks the keyring. */
#define READ_MS       60000
#define READY_MS      10000
/* Of the session's authority, where the session has no end of its own: it is trusted nowhere else, and its key ends with the
 * session. */
#define VALID_SECONDS (397ull * 24 * 3600)
/* A session ends a little later than its time. */
#define AFTER_SECONDS 3600

/* Of a task. */
typedef struct
{
  const GlbPolicy *policy;       /* owned */
  GPtrArray *texts;              /* GlbSecretText, of each entry */
  GCancellable *cancellable;     /* after the deadline */
  guint deadline_id;
  gulong ready_id, gone_id;
  int trust_fd;
} Load;

static void
load_free (gpointer data)
{
  Load *load = data;

  g_clear_handle_id (&load->deadline_id, g_source_remove);
  if (load->trust_fd >= 0)
    close (load->trust_fd);
  g_ptr_array_unref (load->texts);
  g_object_unref (load->cancellable);
  glb_policy_unref ((GlbPolicy *) load->policy);
  g_free (load);
}

const char *
glb_secret_load_get_bundle (void)
{
  const char *own = g_getenv ("SSL_CERT_FILE");

  return own != NULL && g_path_is_absolute (own) ? own : BUNDLE;
}

/* ---- reading, in a thread ------------------------------------------------------------- */

static gboolean
open_trust (Load *load, GError **error)
{
  const char *path = glb_secret_load_get_bundle ();

  load->trust_fd = open (path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (load->trust_fd >= 0)
    return TRUE;

  g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "%s: %s; install ca-certificates, or name a bundle in SSL_CERT_FILE",
               path, g_strerror (errno));
  return FALSE;
}

static void
read_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Load *load = task_data;
  const GPtrArray *rules = load->policy->network.secrets;
  GError *error = NULL;

  for (guint i = 0; i < rules->len && error == NULL; i++)
    {
      const GlbNetworkSecretRule *rule = g_ptr_array_index (rules, i);
      GlbSecretText *text = glb_secret_store_read (rule->secret, load->cancellable, &error);

      if (text != NULL)
        g_ptr_array_add (load->texts, text);
    }
  if (error == NULL && open_trust (load, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/* ---- giving ----------------------------------------------------------------------------- */

static void
end_waiting (GTask *task, GlbSecrets *secrets)
{
  Load *load = g_task_get_task_data (task);

  g_clear_handle_id (&load->deadline_id, g_source_remove);
  g_clear_signal_handler (&load->ready_id, secrets);
  g_clear_signal_handler (&load->gone_id, secrets);
}

static void
fail (GTask *task, GlbBrokerError code, const char *why)
{
  g_autoptr(GTask) owned = task;

  end_waiting (task, g_task_get_source_object (task));
  g_task_return_new_error (task, GLB_BROKER_ERROR, code, "network: %s", why);
}

/* The host's authorities and the session's. (transfer full) */
static GBytes *
make_bundle (const GlbSecretsReady *ready, GError **error)
{
  g_autoptr(GByteArray) bundle = g_byte_array_new ();
  g_autofree char *host = NULL;
  gsize size;

  if (!g_file_get_contents (glb_secret_load_get_bundle (), &host, &size, error))
    return NULL;
  g_byte_array_append (bundle, (const guint8 *) host, size);
  if (size > 0 && host[size - 1] != '\n')
    g_byte_array_append (bundle, (const guint8 *) "\n", 1);
  g_byte_array_append (bundle, (const guint8 *) ready->certificate, ready->size);
  return g_byte_array_free_to_bytes (g_steal_pointer (&bundle));
}

static void
on_ready (GlbSecrets *secrets, const GlbSecretsReady *ready, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  GError *error = NULL;
  GBytes *bundle = NULL;

  end_waiting (task, secrets);
  if (ready->size > 0)
    bundle = make_bundle (ready, &error);
  if (error == NULL)
    g_task_return_pointer (task, bundle, (GDestroyNotify) g_bytes_unref);
  else
    g_task_return_error (task, error);
}

static void
on_gone (GlbSecrets *secrets, const char *why, gpointer user_data)
{
  fail (user_data, GLB_BROKER_ERROR_FAILED, why);
}

static gboolean
on_ready_deadline (gpointer user_data)
{
  GTask *task = user_data;
  Load *load = g_task_get_task_data (task);

  load->deadline_id = 0;
  fail (task, GLB_BROKER_ERROR_FAILED, "glovebox-secrets does not answer; try again");
  return G_SOURCE_REMOVE;
}

/* Takes task. */
static void
give (GTask *task, GlbSecrets *secrets)
{
  Load *load = g_task_get_task_data (task);
  const GPtrArray *rules = load->policy->network.secrets;
  guint timeout = load->policy->resources.timeout_seconds;

  if (!glb_secrets_is_running (secrets))
    {
      fail (task, GLB_BROKER_ERROR_FAILED, "glovebox-secrets ended before the session began; try again");
      return;
    }

  load->ready_id = g_signal_connect (secrets, "ready", G_CALLBACK (on_ready), task);
  load->gone_id = g_signal_connect (secrets, "gone", G_CALLBACK (on_gone), task);
  load->deadline_id = g_timeout_add (READY_MS, on_ready_deadline, task);
  glb_secrets_set_up (secrets, rules->len, timeout > 0 ? timeout + AFTER_SECONDS : VALID_SECONDS, load->trust_fd);
  load->trust_fd = -1;
  for (guint i = 0; i < rules->len; i++)
    glb_secrets_add (secrets, g_ptr_array_index (rules, i), g_ptr_array_index (load->texts, i));
  g_ptr_array_set_size (load->texts, 0);
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Load *load = g_task_get_task_data (task);
  g_autoptr(GError) error = NULL;

  g_clear_handle_id (&load->deadline_id, g_source_remove);
  if (g_task_propagate_boolean (G_TASK (result), &error))
    give (task, GLB_SECRETS (source));
  else
    fail (task, GLB_BROKER_ERROR_POLICY, error->message);
}

static gboolean
on_read_deadline (gpointer user_data)
{
  Load *load = user_data;

  load->deadline_id = 0;
  g_cancellable_cancel (load->cancellable);
  return G_SOURCE_REMOVE;
}

static void
no_free (gpointer data)
{
}

void
glb_secret_load_async (GlbSecrets *secrets, const GlbPolicy *policy, GCancellable *cancellable, GAsyncReadyCallback callback,
                       gpointer user_data)
{
  GTask *task = g_task_new (secrets, NULL, callback, user_data);
  g_autoptr(GTask) reading = NULL;
  Load *load = g_new0 (Load, 1);

  load->policy = glb_policy_ref ((GlbPolicy *) policy);
  load->texts = g_ptr_array_new_with_free_func ((GDestroyNotify) glb_secret_text_free);
  load->cancellable = g_cancellable_new ();
  g_signal_connect_object (cancellable, "cancelled", G_CALLBACK (g_cancellable_cancel), load->cancellable, G_CONNECT_SWAPPED);
  load->trust_fd = -1;
  load->deadline_id = g_timeout_add (READ_MS, on_read_deadline, load);
  g_task_set_source_tag (task, glb_secret_load_async);
  g_task_set_task_data (task, load, load_free);

  reading = g_task_new (secrets, NULL, read_cb, task);
  g_task_set_source_tag (reading, glb_secret_load_async);
  g_task_set_task_data (reading, load, no_free);
  g_task_run_in_thread (reading, read_thread);
}

gboolean
glb_secret_load_finish (GlbSecrets *secrets, GAsyncResult *result, GBytes **bundle, GError **error)
{
  g_autoptr(GError) fault = NULL;

  *bundle = g_task_propagate_pointer (G_TASK (result), &fault);
  if (fault == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&fault));
  return FALSE;
}
