/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session-broker/media/glb-media.h"

G_BEGIN_DECLS

/* A program that says lines. */
typedef struct
{
  GSubprocess *process;
  GDataInputStream *output;
  GPtrArray *lines;
  GCancellable *cancellable;
  gboolean ended;
} Program;

typedef struct
{
  char *folder;                 /* 0700 */
  char *socket_path;            /* of the session's instance */
  char *host_socket;            /* of the person's */
  int listen_fd;
  GlbAccount *account;
  GlbMedia *media;
  int file_fd;                  /* what GLB_MEDIA_SOURCE_FILE gives */
  Program *host;                /* (nullable): the person's PipeWire */

  GString *events;              /* "in-use camera 1\n", "ended camera why\n", "gone why\n" */
} Fixture;

gboolean fixture_can_run   (void);
void     fixture_set_up    (Fixture *self, gconstpointer data);
void     fixture_tear_down (Fixture *self, gconstpointer data);

/* The person's PipeWire: with a camera, a microphone (a sine) and a speaker; or without. Returns when it listens. */
void     fixture_start_host (Fixture *self, gboolean devices);
void     fixture_stop_host  (Fixture *self);

/* SIGKILLed when freed. */
Program *program_start       (const char * const *argv, const char *const *env);
void     program_free        (Program *self);
Program *fixture_start_client (Fixture *self, const char *what);
/* The same program, as one of the person, on their PipeWire. */
Program *fixture_start_person (Fixture *self, const char *what);
/* Lines that begin so. */
guint    program_count       (Program *self, const char *prefix);
const char *program_last     (Program *self, const char *prefix);

/* Wait for the answer; NULL: error is set. */
GlbMediaAnswer *fixture_grant   (Fixture *self, GlbMediaDevice device, GlbMediaSource source, const char *target, GError **error);
GlbMediaAnswer *fixture_revoke  (Fixture *self, GlbMediaDevice device);
void            fixture_mute    (Fixture *self, GlbMediaDevice device, gboolean muted);
GlbMediaAnswer *fixture_preview (Fixture *self, GlbMediaDevice device, GlbMediaSource source, const char *target, GError **error);

#define wait_until(condition) \
  do { gint64 deadline_ = g_get_monotonic_time () + 30 * G_TIME_SPAN_SECOND; \
       while (!(condition)) wait_step (deadline_, G_STRINGIFY (condition)); } while (0)
void wait_step (gint64 deadline, const char *condition);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Program, program_free)

G_END_DECLS
