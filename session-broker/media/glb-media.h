/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session-broker/media/glb-media-protocol.h"
#include "session-broker/sandbox/glb-sandbox.h"

G_BEGIN_DECLS

#define GLB_MEDIA_ERROR (glb_media_error_quark ())
GQuark glb_media_error_quark (void);

typedef enum
{
  GLB_MEDIA_ERROR_HOST,        /* the person's PipeWire is not there, or has no such device: exit 126 */
  GLB_MEDIA_ERROR_STATE,       /* there is a lease already, or none */
  GLB_MEDIA_ERROR_FILE,        /* the file is of no kind that can be given, or damaged: exit 126 */
  GLB_MEDIA_ERROR_FAILED,      /* it should have worked: exit 125 */
} GlbMediaError;

/* What is to be given. */
typedef struct
{
  GlbMediaSource source;
  const char    *target;       /* (nullable): HOST: node.name, as a preview said it; NULL: the first camera, the default for sound.
                                  FILE: what the person calls it */
  int            file_fd;      /* FILE: of a copy that is sealed; not taken */
} GlbMediaChoice;

/* What the caller has made for a session, and told to the janitor. */
typedef struct
{
  const char *name;            /* of the session, for control groups and messages */
  GlbAccount *account;         /* for this alone: neither the agent's nor the compositor's */
  GlbCgroup  *cgroup;          /* (nullable) */
  int         listen_fd;       /* listens at socket_path, which the agent's sandbox sees as $XDG_RUNTIME_DIR/pipewire-0; not taken */
  const char *socket_path;     /* absolute, on the host */
  const char *host_socket;     /* (nullable): the person's PipeWire; else as PipeWire's own clients find it */
} GlbMediaConfig;

/**
 * GlbMedia:
 *
 * The devices of one session. Nothing runs until the first grant or preview;
 * then one glovebox-media with a private PipeWire does, until this object goes
 * or ::gone. A program of the session that connects before waits in the
 * listening socket's queue. After ::gone the next grant starts it anew.
 *
 * Decides nothing: the caller has asked policy and person, and written the
 * audit, before it calls.
 *
 * signal ::in-use (GlbMedia *self, guint device, gboolean in_use)          a program of the session uses it: show the indicator
 * signal ::ended  (GlbMedia *self, guint device, const char *why)          a lease ended that nobody revoked
 * signal ::gone   (GlbMedia *self, const char *why)                        and all that were left, without ::ended
 */
#define GLB_TYPE_MEDIA (glb_media_get_type ())
G_DECLARE_FINAL_TYPE (GlbMedia, glb_media, GLB, MEDIA, GObject)

typedef struct
{
  char   *target;              /* node.name on the person's PipeWire: what a grant is bound to */
  char   *description;         /* for the person's eyes; printable */
  GBytes *picture;             /* (nullable): XRGB8888 of width and height; previews of a camera only */
  guint   width, height;
  guint   n_links, n_nodes;    /* of the device in the private instance, as its registry says; after a revoke 0 and 0 */
  guint   elapsed_us;          /* in the helper, from request to answer */
} GlbMediaAnswer;

void      glb_media_answer_free (GlbMediaAnswer *self);

GlbMedia *glb_media_new (const GlbMediaConfig *config);
/* Before any grant, so that a program that connects is told that there is no device, instead of waiting. No-op where it runs. */
gboolean  glb_media_start (GlbMedia *self, GError **error);
/* Kills what runs, now. ::gone follows, if anything did. */
void      glb_media_stop (GlbMedia *self, const char *why);
gboolean  glb_media_is_running (GlbMedia *self);
gboolean  glb_media_is_granted (GlbMedia *self, GlbMediaDevice device);
/* Streams of the session that are linked to it. */
guint     glb_media_get_n_users (GlbMedia *self, GlbMediaDevice device);

/* All are finished by glb_media_finish(), each with a deadline of its own.
 * Cancelling gives up the waiting; a grant under way is then revoked. */
void glb_media_grant_async   (GlbMedia *self, GlbMediaDevice device, const GlbMediaChoice *choice,
                              GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
/* What the session plays, into fd: a pipe's end for writing, taken. GLB_MEDIA_SOUND is revoked and muted as a device is, and ends
 * when the other end of the pipe is closed. Who reads too slowly loses samples, in whole pieces. */
void glb_media_listen_async  (GlbMedia *self, int fd, GAsyncReadyCallback callback, gpointer user_data);
/* No error where there is no lease. Should it not be confirmed in time, everything is killed: it is revoked in any case. */
void glb_media_revoke_async  (GlbMedia *self, GlbMediaDevice device, GAsyncReadyCallback callback, gpointer user_data);
void glb_media_mute_async    (GlbMedia *self, GlbMediaDevice device, gboolean muted, GAsyncReadyCallback callback, gpointer user_data);
/* A look before a grant, for the prompt: that the device is there, and of a camera one picture. The session sees nothing of it. */
void glb_media_preview_async (GlbMedia *self, GlbMediaDevice device, const GlbMediaChoice *choice,
                              GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
/* Whether a device can have a source. Pure. */
gboolean glb_media_source_fits (GlbMediaDevice device, GlbMediaSource source);
GlbMediaAnswer *glb_media_finish (GlbMedia *self, GAsyncResult *result, GError **error);

/* What is missing on this host for devices, with the remedy; NULL: nothing. (transfer full) */
char *glb_media_diagnose (void);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbMediaAnswer, glb_media_answer_free)

G_END_DECLS
