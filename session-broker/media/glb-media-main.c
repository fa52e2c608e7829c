/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * glovebox-media: carries devices into one session. Started by the broker in a
 * sandbox of its own, under an account of its own, when the session first uses
 * a device; it ends with the control socket.
 *
 *   the person's PipeWire ══ (a connection that the broker made) ══ us ══ the session's PipeWire ══ its programs
 *
 * Everything on the right is hostile. We hold a connection to the person's
 * PipeWire only while a device of the person is leased, and the broker gives it
 * to us: there is no path from here to its socket. Between the two sides only
 * frames and samples go, copied, in sizes that we have computed ourselves.
 *
 * Stages: not dumpable (the daemon has our account, and must not look into us),
 * then the daemon (gets the listening socket and nothing else), then requests.
 */

#define G_LOG_DOMAIN "glovebox-media"
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "session-broker/media/glb-media-lease.h"
#include "session-broker/media/glb-media-preview.h"
#include "session-broker/media/glb-media-server.h"
#include "session-broker/sandbox/glb-send-fd.h"

#define CONTROL_FD  3
#define LISTEN_FD   4
#define CONFIG_PATH "/run/glovebox/pipewire-client.conf"

typedef struct Helper Helper;

typedef struct
{
  GlbMediaLease *lease;          /* (nullable) */
  guint64 serial;                /* of the grant that is under way; 0: none */
  gint64 began;                  /* the same */
  gboolean offered;
  GlbMediaPreview *preview;      /* (nullable) */
  guint64 preview_serial;
} Device;

struct Helper
{
  struct pw_main_loop *main_loop;
  struct pw_loop *loop;
  struct pw_context *context;
  GlbMediaServer *server;
  Device devices[GLB_MEDIA_N_DEVICES];

  GPtrArray *dead_leases;
  GPtrArray *dead_previews;
  struct spa_source *burial;
  int exit_status;
};

/* An answer's waiting for the registry. */
typedef struct
{
  Helper *helper;
  GlbMediaDevice device;
  guint64 serial;
  gboolean is_grant;
  guint32 node_id;               /* that came, or goes; PW_ID_ANY: none */
  gint64 began;
} Pending;

/* The same, of the end of a lease that nobody revoked. */
typedef struct
{
  Helper *helper;
  guint64 serial;                /* of the grant that was under way; 0: none */
  GlbMediaFailed failed;
} PendingEnd;

/* What a device calls itself is anything; the broker takes UTF-8 that fits. */
static void
copy_text (char *to, gsize size, const char *untrusted_text)
{
  g_autofree char *valid = g_utf8_make_valid (untrusted_text != NULL ? untrusted_text : "", -1);
  const char *end = valid + MIN (strlen (valid), size - 1);

  if (*end != '\0')
    end = g_utf8_find_prev_char (valid, end + 1);
  memset (to, 0, size);
  memcpy (to, valid, end - valid);
}

/* ---- sending -------------------------------------------------------------------- */

/* The broker reads; one that does not is as good as gone. */
static void
send_message (Helper *self, GlbMediaMessageType type, guint64 serial, const void *payload, gsize size, int fd)
{
  GlbMediaHeader header = { .type = type, .size = size, .serial = serial };
  struct iovec iov[2] = { { &header, sizeof header }, { (void *) payload, size } };

  if (glb_send_with_fd (CONTROL_FD, iov, 2, fd) < 0)
    {
      self->exit_status = 1;
      pw_main_loop_quit (self->main_loop);
    }
}

static void
send_failed (Helper *self, GlbMediaMessageType type, guint64 serial, GlbMediaDevice device, GlbMediaWhy why, const char *detail)
{
  GlbMediaFailed failed = { .device = device, .why = why };

  copy_text (failed.detail, sizeof failed.detail, detail);
  send_message (self, type, serial, &failed, sizeof failed, -1);
}

/* ---- leases --------------------------------------------------------------------- */

static void
on_burial (void *data, guint64 count)
{
  Helper *self = data;

  for (guint i = 0; i < self->dead_leases->len; i++)
    {
      GlbMediaLease *lease = g_ptr_array_index (self->dead_leases, i);

      lease->klass->free (lease);
    }
  g_ptr_array_set_size (self->dead_leases, 0);
  for (guint i = 0; i < self->dead_previews->len; i++)
    glb_media_preview_free (g_ptr_array_index (self->dead_previews, i));
  g_ptr_array_set_size (self->dead_previews, 0);
}

static void
send_done (const Pending *request)
{
  Helper *self = request->helper;
  GlbMediaLease *lease = self->devices[request->device].lease;
  GlbMediaDone done = { .device = request->device, .elapsed_us = MIN (g_get_monotonic_time () - request->began, G_MAXUINT32) };

  if (request->node_id != PW_ID_ANY)
    {
      done.n_links = glb_media_server_count_links (self->server, request->node_id);
      done.n_nodes = glb_media_server_has_node (self->server, request->node_id);
    }
  if (request->is_grant)
    {
      copy_text (done.target, sizeof done.target, lease->name);
      copy_text (done.description, sizeof done.description, lease->description);
    }
  send_message (self, GLB_MEDIA_DONE, request->serial, &done, sizeof done, -1);
}

static void
on_synced (gpointer user_data)
{
  const Pending *pending = user_data;
  Device *device = &pending->helper->devices[pending->device];

  /* a revoke, or the lease's end, has answered a grant that was under way */
  if (pending->is_grant && device->serial != pending->serial)
    return;
  if (pending->is_grant)
    device->serial = 0;
  send_done (pending);
}

static void
answer_when_synced (Helper *self, const Pending *pending)
{
  glb_media_server_sync (self->server, on_synced, g_memdup2 (pending, sizeof *pending));
}

static void
on_lease_ready (GlbMediaLease *lease, gpointer user_data)
{
  Helper *self = user_data;
  Device *device = &self->devices[lease->device];

  if (device->lease != lease)
    return;
  device->offered = TRUE;
  glb_media_server_offer (self->server, lease->device, lease->node_id);
  answer_when_synced (self, &(Pending) { self, lease->device, device->serial, TRUE, lease->node_id, device->began });
}

/* From within the lease's own callbacks, too: it goes out of the session at once, and is freed a little later. */
static void
drop_lease (Helper *self, Device *device)
{
  GlbMediaLease *lease = g_steal_pointer (&device->lease);

  if (device->offered)
    glb_media_server_withdraw (self->server, lease->device);
  device->offered = FALSE;
  g_ptr_array_add (self->dead_leases, lease);
  pw_loop_signal_event (self->loop, self->burial);
}

static void
on_end_synced (gpointer user_data)
{
  const PendingEnd *pending = user_data;

  send_message (pending->helper, pending->serial != 0 ? GLB_MEDIA_FAILED : GLB_MEDIA_ENDED, pending->serial, &pending->failed,
                sizeof pending->failed, -1);
}

/* Told when the daemon has answered once more: if it does not, because it died, that is the reason, and not what its end
 * looked like. */
static void
on_lease_ended (GlbMediaLease *lease, GlbMediaWhy why, const char *detail, gpointer user_data)
{
  Helper *self = user_data;
  Device *device = &self->devices[lease->device];
  PendingEnd *pending;

  if (device->lease != lease)
    return;

  pending = g_new0 (PendingEnd, 1);
  pending->helper = self;
  pending->serial = device->serial;
  pending->failed.device = lease->device;
  pending->failed.why = why;
  copy_text (pending->failed.detail, sizeof pending->failed.detail, detail);
  device->serial = 0;
  drop_lease (self, device);
  glb_media_server_sync (self->server, on_end_synced, pending);
}

static const GlbMediaLeaseEvents lease_events = { on_lease_ready, on_lease_ended };

/* Takes fd. */
static void
handle_grant (Helper *self, guint64 serial, const GlbMediaGrant *grant, int fd)
{
  struct pw_core *core = glb_media_server_get_core (self->server);
  Device *device = &self->devices[grant->device];

  if (device->lease != NULL || device->serial != 0)
    {
      send_failed (self, GLB_MEDIA_FAILED, serial, grant->device, GLB_MEDIA_WHY_EXISTS,
                   "the session has this device already; revoke it first");
      if (fd >= 0)
        close (fd);
      return;
    }

  device->serial = serial;
  device->began = g_get_monotonic_time ();
  if (grant->device == GLB_MEDIA_CAMERA)
    device->lease = glb_media_camera_new (self->context, core, grant, fd, &lease_events, self);
  else if (grant->device == GLB_MEDIA_SOUND)
    device->lease = glb_media_listen_new (self->context, core, grant, fd, &lease_events, self);
  else
    device->lease = glb_media_sound_new (self->context, core, grant, fd, &lease_events, self);
  if (device->lease != NULL)
    return;

  device->serial = 0;
  send_failed (self, GLB_MEDIA_FAILED, serial, grant->device, GLB_MEDIA_WHY_INTERNAL, "can't connect");
}

static void
handle_revoke (Helper *self, guint64 serial, GlbMediaDevice kind)
{
  Device *device = &self->devices[kind];
  Pending pending = { self, kind, serial, FALSE, PW_ID_ANY, g_get_monotonic_time () };

  if (device->serial != 0)
    send_failed (self, GLB_MEDIA_FAILED, device->serial, kind, GLB_MEDIA_WHY_NO_LEASE, "it was revoked meanwhile");
  device->serial = 0;
  if (device->lease != NULL)
    {
      pending.node_id = device->lease->node_id;
      drop_lease (self, device);
      /* nothing of it is on the stack: not a frame more */
      on_burial (self, 0);
    }
  answer_when_synced (self, &pending);
}

static void
handle_mute (Helper *self, guint64 serial, const GlbMediaMute *mute)
{
  GlbMediaLease *lease = self->devices[mute->device].lease;

  if (lease == NULL)
    {
      send_failed (self, GLB_MEDIA_FAILED, serial, mute->device, GLB_MEDIA_WHY_NO_LEASE,
                   "the session does not have this device");
      return;
    }
  lease->klass->set_muted (lease, mute->muted != 0);
  send_done (&(Pending) { self, mute->device, serial, FALSE, lease->node_id, g_get_monotonic_time () });
}

/* ---- preview -------------------------------------------------------------------- */

/* The request of a look that is over. FALSE: it was nobody's any more. */
static gboolean
end_preview (Helper *self, GlbMediaPreview *preview, GlbMediaDevice *kind, guint64 *serial)
{
  for (guint i = 0; i < GLB_MEDIA_N_DEVICES; i++)
    if (self->devices[i].preview == preview)
      {
        *kind = i;
        *serial = self->devices[i].preview_serial;
        self->devices[i].preview = NULL;
        g_ptr_array_add (self->dead_previews, preview);
        pw_loop_signal_event (self->loop, self->burial);
        return TRUE;
      }

  return FALSE;
}

static void
on_preview_failed (GlbMediaPreview *preview, GlbMediaWhy why, const char *detail, gpointer user_data)
{
  Helper *self = user_data;
  GlbMediaDevice device;
  guint64 serial;

  if (end_preview (self, preview, &device, &serial))
    send_failed (self, GLB_MEDIA_FAILED, serial, device, why, detail);
}

static int
make_sealed (const void *bytes, gsize size)
{
  int fd = memfd_create ("glovebox-preview", MFD_CLOEXEC | MFD_ALLOW_SEALING);

  if (fd >= 0 && write (fd, bytes, size) == (gssize) size &&
      fcntl (fd, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_WRITE | F_SEAL_SEAL) == 0)
    return fd;
  if (fd >= 0)
    close (fd);
  return -1;
}

static void
send_picture (Helper *self, guint64 serial, const char *name, const char *description, const guint32 *pixels, guint width, guint height)
{
  GlbMediaPreviewed previewed = { .width = width, .height = height, .stride = width * sizeof *pixels };
  int fd = make_sealed (pixels, (gsize) previewed.stride * height);

  if (fd < 0)
    {
      send_failed (self, GLB_MEDIA_FAILED, serial, GLB_MEDIA_CAMERA, GLB_MEDIA_WHY_INTERNAL, "no memory for a preview");
      return;
    }
  copy_text (previewed.target, sizeof previewed.target, name);
  copy_text (previewed.description, sizeof previewed.description, description);
  send_message (self, GLB_MEDIA_PREVIEWED, serial, &previewed, sizeof previewed, fd);
  close (fd);
}

static void
on_preview_seen (GlbMediaPreview *preview, const char *name, const char *description, const guint32 *pixels, guint width, guint height,
                 gpointer user_data)
{
  Helper *self = user_data;
  GlbMediaDevice device;
  GlbMediaDone done = { 0 };
  guint64 serial;

  if (!end_preview (self, preview, &device, &serial))
    return;
  if (pixels != NULL)
    {
      send_picture (self, serial, name, description, pixels, width, height);
      return;
    }

  done.device = device;
  copy_text (done.target, sizeof done.target, name);
  copy_text (done.description, sizeof done.description, description);
  send_message (self, GLB_MEDIA_DONE, serial, &done, sizeof done, -1);
}

static const GlbMediaPreviewEvents preview_events = { on_preview_seen, on_preview_failed };

/* Takes fd. */
static void
handle_preview (Helper *self, guint64 serial, const GlbMediaGrant *grant, int fd)
{
  Device *device = &self->devices[grant->device];

  if (device->preview != NULL)
    {
      send_failed (self, GLB_MEDIA_FAILED, serial, grant->device, GLB_MEDIA_WHY_EXISTS,
                   "there is a preview under way; wait for it");
      if (fd >= 0)
        close (fd);
      return;
    }

  device->preview_serial = serial;
  device->preview = glb_media_preview_new (self->context, grant, fd, &preview_events, self);
  if (device->preview == NULL)
    send_failed (self, GLB_MEDIA_FAILED, serial, grant->device, GLB_MEDIA_WHY_INTERNAL, "can't connect");
}

/* ---- receiving ------------------------------------------------------------------ */

/* The broker is trusted; a message that is not understood is a mistake in one of us, and ends it. */
static gboolean
handle_request (Helper *self, const GlbMediaHeader *header, const guint8 *payload, int fd)
{
  if (header->type == GLB_MEDIA_GRANT || header->type == GLB_MEDIA_PREVIEW)
    {
      GlbMediaGrant grant;

      if (header->size != sizeof grant)
        return FALSE;
      memcpy (&grant, payload, sizeof grant);
      if (grant.device >= GLB_MEDIA_N_DEVICES || grant.source >= GLB_MEDIA_N_SOURCES ||
          (grant.source == GLB_MEDIA_SOURCE_HOST || grant.source == GLB_MEDIA_SOURCE_FILE || grant.source == GLB_MEDIA_SOURCE_PIPE) != (fd >= 0) ||
          (grant.source == GLB_MEDIA_SOURCE_PIPE) != (grant.device == GLB_MEDIA_SOUND) || memchr (grant.target, 0, sizeof grant.target) == NULL)
        return FALSE;
      if (header->type == GLB_MEDIA_GRANT)
        handle_grant (self, header->serial, &grant, fd);
      else
        handle_preview (self, header->serial, &grant, fd);
      return TRUE;
    }
  if (header->type == GLB_MEDIA_REVOKE)
    {
      GlbMediaRevoke revoke;

      if (header->size != sizeof revoke)
        return FALSE;
      memcpy (&revoke, payload, sizeof revoke);
      if (revoke.device >= GLB_MEDIA_N_DEVICES)
        return FALSE;
      handle_revoke (self, header->serial, revoke.device);
      return TRUE;
    }
  if (header->type == GLB_MEDIA_MUTE)
    {
      GlbMediaMute mute;

      if (header->size != sizeof mute)
        return FALSE;
      memcpy (&mute, payload, sizeof mute);
      if (mute.device >= GLB_MEDIA_N_DEVICES)
        return FALSE;
      handle_mute (self, header->serial, &mute);
      return TRUE;
    }
  return FALSE;
}

static void
on_control (void *data, int control_fd, guint32 mask)
{
  Helper *self = data;
  guint8 packet[GLB_MEDIA_MESSAGE_MAX];
  struct iovec iov = { packet, sizeof packet };
  union { struct cmsghdr align; char space[CMSG_SPACE (sizeof (int))]; } control;
  struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control.space };
  ssize_t n = recvmsg (control_fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  struct cmsghdr *cmsg = n > 0 ? CMSG_FIRSTHDR (&message) : NULL;
  GlbMediaHeader header;
  int fd = -1;

  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return;
  if (cmsg != NULL && cmsg->cmsg_type == SCM_RIGHTS)
    memcpy (&fd, CMSG_DATA (cmsg), sizeof fd);
  if (n >= (ssize_t) sizeof header)
    {
      memcpy (&header, packet, sizeof header);
      if (header.size == n - sizeof header && handle_request (self, &header, packet + sizeof header, fd))
        return;
    }

  self->exit_status = n == 0 ? 0 : 1;
  pw_main_loop_quit (self->main_loop);
}

/* ---- the server ------------------------------------------------------------------ */

static void
on_server_ready (gpointer user_data)
{
  GlbMediaReady ready = { .version = GLB_MEDIA_PROTOCOL_VERSION };

  send_message (user_data, GLB_MEDIA_READY, 0, &ready, sizeof ready, -1);
}

static void
on_server_users (GlbMediaDevice device, guint n_users, gpointer user_data)
{
  GlbMediaInUse in_use = { .device = device, .n_users = n_users };

  send_message (user_data, GLB_MEDIA_IN_USE, 0, &in_use, sizeof in_use, -1);
}

static void
on_server_gone (const char *why, gpointer user_data)
{
  Helper *self = user_data;

  /* the last line of standard error is what the broker gives as the reason */
  g_printerr ("glovebox-media: %s\n", why);
  self->exit_status = 1;
  pw_main_loop_quit (self->main_loop);
}

static const GlbMediaServerEvents server_events = { on_server_ready, on_server_users, on_server_gone };

static void
on_child (void *data, int signal_number)
{
  Helper *self = data;
  int pid;

  /* we are process 1 here: whatever has lost its parent is ours, too */
  while ((pid = waitpid (-1, NULL, WNOHANG)) > 0)
    if (self->server != NULL)
      glb_media_server_reap (self->server, pid);
}

static gboolean
start (Helper *self, const char *socket_path, GError **error)
{
  if (prctl (PR_SET_DUMPABLE, 0) != 0 || fcntl (CONTROL_FD, F_SETFD, FD_CLOEXEC) != 0 ||
      fcntl (LISTEN_FD, F_SETFD, FD_CLOEXEC) != 0)
    {
      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "descriptors: %s", g_strerror (errno));
      return FALSE;
    }

  self->main_loop = pw_main_loop_new (NULL);
  self->loop = pw_main_loop_get_loop (self->main_loop);
  self->context = pw_context_new (self->loop, pw_properties_new (PW_KEY_CONFIG_NAME, CONFIG_PATH, NULL), 0);
  if (self->context == NULL)
    {
      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "PipeWire: %s", g_strerror (errno));
      return FALSE;
    }

  self->dead_leases = g_ptr_array_new ();
  self->dead_previews = g_ptr_array_new ();
  self->burial = pw_loop_add_event (self->loop, on_burial, self);
  pw_loop_add_signal (self->loop, SIGCHLD, on_child, self);
  self->server = glb_media_server_new (self->context, LISTEN_FD, socket_path, &server_events, self, error);
  close (LISTEN_FD);
  if (self->server == NULL)
    return FALSE;

  pw_loop_add_io (self->loop, CONTROL_FD, SPA_IO_IN | SPA_IO_HUP | SPA_IO_ERR, FALSE, on_control, self);
  return TRUE;
}

static void
finish (Helper *self)
{
  for (guint i = 0; i < GLB_MEDIA_N_DEVICES; i++)
    {
      if (self->devices[i].lease != NULL)
        self->devices[i].lease->klass->free (self->devices[i].lease);
      g_clear_pointer (&self->devices[i].preview, glb_media_preview_free);
    }
  if (self->dead_leases != NULL)
    on_burial (self, 0);
  g_clear_pointer (&self->server, glb_media_server_free);
  g_clear_pointer (&self->context, pw_context_destroy);
  g_clear_pointer (&self->main_loop, pw_main_loop_destroy);
  g_clear_pointer (&self->dead_leases, g_ptr_array_unref);
  g_clear_pointer (&self->dead_previews, g_ptr_array_unref);
}

int
main (int argc, char **argv)
{
  Helper self = { 0 };
  g_autoptr(GError) error = NULL;

  if (argc != 2)
    {
      g_printerr ("glovebox-media: the broker starts it\n");
      return 2;
    }

  pw_init (&argc, &argv);
  if (start (&self, argv[1], &error))
    pw_main_loop_run (self.main_loop);
  else
    {
      g_printerr ("glovebox-media: %s\n", error->message);
      self.exit_status = 1;
    }
  finish (&self);
  pw_deinit ();

  return self.exit_status;
}
