/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "session-broker/network/glb-secrets-loop.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "session-broker/network/glb-secrets-carry.h"

#define NAME    "glovebox-secrets"
#define FDS_MAX 2

typedef union
{
  GlbSecretsSetup setup;
  GlbSecretsSecret secret;
  GlbSecretsCarry carry;
} Payload;

typedef struct
{
  GlbSecretsHeader header;
  Payload payload;
} Packet;

typedef struct
{
  int control;
  GlbSecretsSetup setup;
  GlbSecretsKeep *keep;
  GlbSecretsShared shared;
  GlbSecretsCarrier *carriers[GLB_SECRETS_CONNECTIONS_MAX];
  unsigned n_carriers;
  bool broken;
} Loop;

static int64_t
get_now (void)
{
  struct timespec time;

  clock_gettime (CLOCK_MONOTONIC, &time);
  return (int64_t) time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/* false: the broker, which is trusted, and this are not of the same version. */
static bool
fail (Loop       *self,
      const char *what)
{
  fprintf (stderr, NAME ": %s\n", what);
  self->broken = true;
  return false;
}

/* ---- to the broker -------------------------------------------------------------------------- */

static void
send_packet (Loop        *self,
             uint32_t     type,
             const void  *payload,
             size_t       size)
{
  GlbSecretsHeader header = { .type = type, .size = (uint32_t) size };
  struct iovec parts[] = { { &header, sizeof header }, { (void *) payload, size } };
  struct msghdr message = { .msg_iov = parts, .msg_iovlen = 2 };

  while (sendmsg (self->control, &message, MSG_NOSIGNAL) < 0)
    if (errno != EINTR)
      {
        self->broken = true;
        return;
      }
}

static void
send_ready (Loop *self)
{
  static GlbSecretsReady ready;
  const char *certificate;

  if (self->shared.authority != NULL)
    {
      certificate = glb_secrets_authority_get_certificate (self->shared.authority, &ready.size);
      if (ready.size > sizeof ready.certificate)
        {
          fail (self, "the hosts' names are too long for one certificate");
          return;
        }
      memcpy (ready.certificate, certificate, ready.size);
    }
  send_packet (self, GLB_SECRETS_READY, &ready, offsetof (GlbSecretsReady, certificate) + ready.size);
}

/* ---- the beginning --------------------------------------------------------------------------- */

/* The host's authorities. Takes fd. */
static bool
take_trust (Loop *self,
            int   fd)
{
  struct stat st;
  void *bytes = MAP_FAILED;
  gnutls_datum_t pem;
  int n = -1;

  if (fstat (fd, &st) == 0 && st.st_size > 0 && st.st_size <= GLB_SECRETS_BUNDLE_MAX)
    bytes = mmap (NULL, (size_t) st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
  close (fd);
  if (bytes == MAP_FAILED)
    return false;

  pem = (gnutls_datum_t) { bytes, (unsigned) st.st_size };
  if (gnutls_certificate_allocate_credentials (&self->shared.trust) >= 0)
    n = gnutls_certificate_set_x509_trust_mem (self->shared.trust, &pem, GNUTLS_X509_FMT_PEM);
  munmap (bytes, (size_t) st.st_size);
  return n > 0;
}

static bool
handle_setup (Loop         *self,
              const Packet *packet,
              const int    *fds)
{
  const GlbSecretsSetup *setup = &packet->payload.setup;

  if (self->keep != NULL || setup->version != GLB_SECRETS_PROTOCOL_VERSION || setup->n_secrets < 1 ||
      setup->n_secrets > GLB_SECRETS_MAX)
    {
      close (fds[0]);
      return fail (self, "a bad set-up; install Glovebox again");
    }
  self->setup = *setup;
  self->keep = glb_secrets_keep_new (setup->n_secrets);
  self->shared.keep = self->keep;
  return take_trust (self, fds[0]) ||
         fail (self, "no authority to check servers by; install ca-certificates, or name a bundle in SSL_CERT_FILE for "
                     "glovebox-broker");
}

static bool
make_authority (Loop *self)
{
  const char *hosts[GLB_SECRETS_MAX];
  unsigned n_hosts = glb_secrets_keep_list_tls (self->keep, hosts);
  const char *why = NULL;

  if (n_hosts == 0)
    return true;
  self->shared.authority = glb_secrets_authority_new (hosts, n_hosts, self->setup.valid_seconds, &why);
  return self->shared.authority != NULL || fail (self, why);
}

static bool
handle_secret (Loop         *self,
               const Packet *packet)
{
  const GlbSecretsSecret *secret = &packet->payload.secret;

  if (self->keep == NULL || secret->size > GLB_SECRETS_VALUE_MAX || secret->prefix_size > secret->size ||
      packet->header.size != offsetof (GlbSecretsSecret, value) + secret->size || !glb_secrets_keep_add (self->keep, secret))
    return fail (self, "a bad secret; install Glovebox again");
  if (glb_secrets_keep_count (self->keep) < self->setup.n_secrets)
    return true;
  if (!make_authority (self))
    return false;
  send_ready (self);
  return true;
}

/* ---- connections ------------------------------------------------------------------------------- */

static void
handle_carry (Loop         *self,
              const Packet *packet,
              const int    *fds)
{
  const GlbSecretsCarry *carry = &packet->payload.carry;
  GlbSecretsField fields[GLB_SECRETS_MAX];
  GlbSecretsEnded ended = { .id = carry->id, .end = GLB_SECRETS_END_LIMIT };

  if (self->n_carriers < GLB_SECRETS_CONNECTIONS_MAX && self->shared.trust != NULL && self->keep != NULL &&
      glb_secrets_keep_count (self->keep) == self->setup.n_secrets &&
      glb_secrets_keep_find (self->keep, &carry->place, fields) > 0)
    {
      self->carriers[self->n_carriers++] = glb_secrets_carrier_new (&self->shared, carry, fds[0], fds[1], get_now ());
      return;
    }
  close (fds[0]);
  close (fds[1]);
  send_packet (self, GLB_SECRETS_ENDED, &ended, sizeof ended);
}

/* The last one takes its place. */
static void
drop_carrier (Loop     *self,
              unsigned  i)
{
  GlbSecretsEnded ended;

  glb_secrets_carrier_report (self->carriers[i], &ended);
  glb_secrets_carrier_free (self->carriers[i]);
  self->carriers[i] = self->carriers[--self->n_carriers];
  send_packet (self, GLB_SECRETS_ENDED, &ended, sizeof ended);
}

/* ---- from the broker ------------------------------------------------------------------------------ */

/* The size of the packet, 0: its end, -1: none now. */
static ssize_t
receive (Loop   *self,
         Packet *packet,
         int     fds[FDS_MAX],
         size_t *n_fds)
{
  struct iovec part = { packet, sizeof *packet };
  union { struct cmsghdr header; char bytes[CMSG_SPACE (sizeof (int) * FDS_MAX)]; } control;
  struct msghdr message = {
    .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control,
  };
  ssize_t n = recvmsg (self->control, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  struct cmsghdr *header = n > 0 ? CMSG_FIRSTHDR (&message) : NULL;

  *n_fds = 0;
  if (header != NULL && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS)
    {
      *n_fds = (header->cmsg_len - CMSG_LEN (0)) / sizeof (int);
      memcpy (fds, CMSG_DATA (header), *n_fds * sizeof (int));
    }
  return n;
}

static bool
is_whole (const Packet *packet,
          size_t        size,
          size_t        n_fds)
{
  size_t payload = size - sizeof packet->header;

  if (size < sizeof packet->header || packet->header.size != payload)
    return false;
  switch (packet->header.type)
    {
    case GLB_SECRETS_SETUP:
      return payload == sizeof (GlbSecretsSetup) && n_fds == 1;
    case GLB_SECRETS_SECRET:
      return payload >= offsetof (GlbSecretsSecret, value) && n_fds == 0;
    case GLB_SECRETS_CARRY:
      return payload == sizeof (GlbSecretsCarry) && n_fds == 2;
    default:
      return false;
    }
}

/* false: nothing there, or nothing any more. */
static bool
read_control (Loop *self)
{
  Packet packet = { 0 };
  int fds[FDS_MAX];
  size_t n_fds;
  ssize_t n = receive (self, &packet, fds, &n_fds);
  bool good = n > 0 && is_whole (&packet, (size_t) n, n_fds);

  if (n == 0)
    self->broken = true;
  if (n <= 0)
    return false;

  if (!good)
    fail (self, "a bad message; install Glovebox again");
  else if (packet.header.type == GLB_SECRETS_SETUP)
    good = handle_setup (self, &packet, fds);
  else if (packet.header.type == GLB_SECRETS_SECRET)
    good = handle_secret (self, &packet);
  else
    handle_carry (self, &packet, fds);
  explicit_bzero (&packet, sizeof packet);
  return good;
}

/* ---- the loop ---------------------------------------------------------------------------------------- */

/* How long poll() may wait. */
static int
fill_polls (Loop          *self,
            struct pollfd *polls,
            int64_t        now)
{
  int64_t until = INT64_MAX;

  polls[0] = (struct pollfd) { .fd = self->control, .events = POLLIN };
  for (unsigned i = 0; i < self->n_carriers; i++)
    {
      int64_t own = glb_secrets_carrier_wait (self->carriers[i], now, &polls[1 + 2 * i]);

      if (own < until)
        until = own;
    }
  if (until == INT64_MAX)
    return -1;
  return until <= now ? 0 : (int) (until - now);
}

/* From the last one, as one that is dropped gets the last one's place. */
static void
step_carriers (Loop                *self,
               const struct pollfd *polls,
               int64_t              now)
{
  for (unsigned i = self->n_carriers; i-- > 0;)
    {
      const struct pollfd *program = &polls[1 + 2 * i];
      bool hung_up = program->events == 0 && (program->revents & (POLLHUP | POLLERR)) != 0;

      if (!glb_secrets_carrier_step (self->carriers[i], now, hung_up))
        drop_carrier (self, i);
    }
}

int
glb_secrets_loop_run (int control)
{
  static struct pollfd polls[1 + 2 * GLB_SECRETS_CONNECTIONS_MAX];
  static Loop self;

  self.control = control;
  while (!self.broken)
    {
      int wait = fill_polls (&self, polls, get_now ());

      if (poll (polls, 1 + 2 * self.n_carriers, wait) < 0 && errno != EINTR)
        return 1;
      step_carriers (&self, polls, get_now ());
      if (polls[0].revents != 0)
        while (read_control (&self))
          continue;
    }

  while (self.n_carriers > 0)
    glb_secrets_carrier_free (self.carriers[--self.n_carriers]);
  if (self.shared.authority != NULL)
    glb_secrets_authority_free (self.shared.authority);
  if (self.shared.trust != NULL)
    gnutls_certificate_free_credentials (self.shared.trust);
  if (self.keep != NULL)
    glb_secrets_keep_free (self.keep);
  return 0;
}
