/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the session uses and never sees: before its first command, the secrets are where they belong, and it trusts the authority
 * that stands between it and their hosts. */

#define G_LOG_DOMAIN "glb-broker"
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "session-broker/broker/glb-secret-load.h"
#include "session-broker/broker/glb-session-private.h"
#include "session-broker/client/glb-broker-error.h"

GStrv
glb_session_set_secrets_env (GStrv env)
{
  static const char * const names[] = {
    "SSL_CERT_FILE", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "GIT_SSL_CAINFO",
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    env = g_environ_setenv (env, names[i], GLB_AGENT_BUNDLE, TRUE);
  return env;
}

/* In place: it is mounted already. */
static gboolean
write_bundle (GlbSession *self, GBytes *bundle, GError **error)
{
  g_autofree char *path = g_build_filename (self->dir, GLB_NEST_BUNDLE, NULL);
  gsize size, done = 0;
  const char *bytes = g_bytes_get_data (bundle, &size);
  int fd = open (path, O_WRONLY | O_TRUNC | O_NOFOLLOW | O_CLOEXEC);
  gssize n = fd >= 0 ? 0 : -1;

  while (n >= 0 && done < size)
    {
      n = write (fd, bytes + done, size - done);
      done += (gsize) MAX (n, 0);
    }
  if (n < 0)
    g_set_error (error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_FAILED, "network: can't write %s: %s", path, g_strerror (errno));
  if (fd >= 0)
    close (fd);
  return n >= 0;
}

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GlbSession) self = user_data;
  g_autoptr(GBytes) bundle = NULL;
  g_autoptr(GError) error = NULL;

  self->n_starting--;
  if (!glb_secret_load_finish (GLB_SECRETS (source), result, &bundle, &error) ||
      (bundle != NULL && self->state == GLB_SESSION_STARTING && !write_bundle (self, bundle, &error)))
    glb_session_fail_start (self, error);
  self->has_bundle = bundle != NULL;
  glb_session_check_built (self);
  glb_session_check_gone (self);
}

void
glb_session_prepare_secrets (GlbSession *self)
{
  if (self->secrets == NULL)
    return;

  self->n_starting++;
  glb_secret_load_async (self->secrets, self->request->policy, self->cancellable, loaded_cb, g_object_ref (self));
}
