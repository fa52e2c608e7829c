/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "session-broker/network/glb-secrets-channel.h"

#include <errno.h>
#include <fcntl.h>
#include <gnutls/x509.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* TLS 1.2 with the modern suites only, and 1.3. */
#define PRIORITY "SECURE128:-VERS-ALL:+VERS-TLS1.2:+VERS-TLS1.3:-RSA:-CIPHER-ALL:+AES-128-GCM:+AES-256-GCM:+CHACHA20-POLY1305"

static const gnutls_datum_t http1 = { (unsigned char *) "http/1.1", 8 };

static void
init (GlbSecretsChannel *self,
      int                fd)
{
  memset (self, 0, sizeof *self);
  self->fd = fd;
  fcntl (fd, F_SETFL, O_NONBLOCK);
}

void
glb_secrets_channel_init_clear (GlbSecretsChannel *self,
                                int                fd)
{
  init (self, fd);
  self->greeted = true;
}

static bool
init_tls (GlbSecretsChannel                *self,
          int                               fd,
          unsigned                          flags,
          gnutls_certificate_credentials_t  credentials)
{
  init (self, fd);
  if (gnutls_init (&self->tls, flags | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL | GNUTLS_NO_TICKETS) < 0)
    {
      self->tls = NULL;
      return false;
    }
  gnutls_transport_set_int (self->tls, fd);
  gnutls_handshake_set_timeout (self->tls, 0);
  return gnutls_priority_set_direct (self->tls, PRIORITY, NULL) >= 0 &&
         gnutls_credentials_set (self->tls, GNUTLS_CRD_CERTIFICATE, credentials) >= 0;
}

bool
glb_secrets_channel_init_accept (GlbSecretsChannel                *self,
                                 int                               fd,
                                 gnutls_certificate_credentials_t  credentials)
{
  /* one that offers other protocols only is told so */
  return init_tls (self, fd, GNUTLS_SERVER, credentials) &&
         gnutls_alpn_set_protocols (self->tls, &http1, 1, GNUTLS_ALPN_MANDATORY) >= 0;
}

bool
glb_secrets_channel_init_connect (GlbSecretsChannel                *self,
                                  int                               fd,
                                  gnutls_certificate_credentials_t  credentials,
                                  const char                       *host)
{
  if (!init_tls (self, fd, GNUTLS_CLIENT, credentials) || gnutls_alpn_set_protocols (self->tls, &http1, 1, 0) < 0 ||
      gnutls_server_name_set (self->tls, GNUTLS_NAME_DNS, host, strlen (host)) < 0)
    return false;
  gnutls_session_set_verify_cert (self->tls, host, 0);
  return true;
}

void
glb_secrets_channel_finish (GlbSecretsChannel *self)
{
  if (self->tls != NULL)
    gnutls_deinit (self->tls);
  close (self->fd);
}

static void
explain_untrusted (GlbSecretsChannel *self,
                   char              *why,
                   size_t             size)
{
  unsigned status = gnutls_session_get_verify_cert_status (self->tls);
  gnutls_datum_t text = { NULL, 0 };

  if (gnutls_certificate_verification_status_print (status, GNUTLS_CRT_X509, &text, 0) < 0)
    snprintf (why, size, "the certificate is not trusted");
  else
    snprintf (why, size, "%s", (const char *) text.data);
  gnutls_free (text.data);
  for (size_t length = strlen (why); length > 0 && (why[length - 1] == ' ' || why[length - 1] == '.'); length--)
    why[length - 1] = '\0';
}

/* The reason for the other end, too. */
static void
explain (GlbSecretsChannel *self,
         int                result,
         char              *why,
         size_t             size,
         bool              *untrusted)
{
  *untrusted = result == GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR || result == GNUTLS_E_CERTIFICATE_ERROR;
  if (*untrusted)
    explain_untrusted (self, why, size);
  else if (result == GNUTLS_E_FATAL_ALERT_RECEIVED)
    snprintf (why, size, "it sent a TLS alert: %s", gnutls_alert_get_name (gnutls_alert_get (self->tls)));
  else
    snprintf (why, size, "%s", gnutls_strerror (result));
  gnutls_alert_send_appropriate (self->tls, result);
}

int
glb_secrets_channel_greet (GlbSecretsChannel *self,
                           char              *why,
                           size_t             size,
                           bool              *untrusted)
{
  int result;

  *untrusted = false;
  if (self->greeted)
    return 1;
  do
    result = gnutls_handshake (self->tls);
  while (result == GNUTLS_E_INTERRUPTED || result == GNUTLS_E_WARNING_ALERT_RECEIVED);

  if (result == GNUTLS_E_AGAIN)
    return 0;
  self->greeted = result == GNUTLS_E_SUCCESS;
  if (!self->greeted)
    explain (self, result, why, size, untrusted);
  return self->greeted ? 1 : -1;
}

bool
glb_secrets_channel_is_for (GlbSecretsChannel *self,
                            const char        *host)
{
  char name[256];
  size_t size = sizeof name;
  unsigned type;
  int result;

  if (self->tls == NULL)
    return true;
  result = gnutls_server_name_get (self->tls, name, &size, &type, 0);
  if (result == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
    return true;
  return result >= 0 && type == GNUTLS_NAME_DNS && strcasecmp (name, host) == 0;
}

static ssize_t
take_result (GlbSecretsChannel *self,
             ssize_t            result)
{
  if (self->tls == NULL)
    return result >= 0 ? result : errno == EAGAIN || errno == EINTR ? GLB_SECRETS_CHANNEL_AGAIN : GLB_SECRETS_CHANNEL_BROKEN;
  if (result >= 0)
    return result;
  return gnutls_error_is_fatal ((int) result) ? GLB_SECRETS_CHANNEL_BROKEN : GLB_SECRETS_CHANNEL_AGAIN;
}

ssize_t
glb_secrets_channel_read (GlbSecretsChannel *self,
                          void              *bytes,
                          size_t             size)
{
  ssize_t n = self->tls != NULL ? gnutls_record_recv (self->tls, bytes, size) : recv (self->fd, bytes, size, MSG_DONTWAIT);

  n = take_result (self, n);
  if (n == 0)
    self->ended = true;
  return n;
}

ssize_t
glb_secrets_channel_write (GlbSecretsChannel *self,
                           const void        *bytes,
                           size_t             size)
{
  ssize_t n;

  if (self->tls == NULL)
    n = send (self->fd, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);
  else if (self->sealed)
    n = gnutls_record_send (self->tls, NULL, 0);
  else
    n = gnutls_record_send (self->tls, bytes, size);

  n = take_result (self, n);
  self->sealed = self->tls != NULL && n == GLB_SECRETS_CHANNEL_AGAIN;
  return n;
}

void
glb_secrets_channel_close (GlbSecretsChannel *self)
{
  /* a full socket loses the last word of TLS; what was said before it is there */
  if (self->tls != NULL && self->greeted)
    gnutls_bye (self->tls, GNUTLS_SHUT_WR);
  shutdown (self->fd, SHUT_WR);
}

short
glb_secrets_channel_wait (GlbSecretsChannel *self)
{
  return self->tls != NULL && gnutls_record_get_direction (self->tls) == 1 ? POLLOUT : POLLIN;
}
