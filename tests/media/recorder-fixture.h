/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tests/media/media-fixture.h"

G_BEGIN_DECLS

/* A recorder of the person: GStreamer's pipewiresrc, as it comes. Somebody has to link it. */
typedef struct
{
  GSubprocess *process;
  int fd;
  guint id;
  guint width, height;
  guint8 *filling, *frame;      /* width * height * 4; frame: the last whole one */
  gsize filled;
  guint n;                      /* whole ones */
  gboolean ended;
} Recorder;

Recorder *recorder_start (const char *host_socket, guint width, guint height);
void      recorder_free  (Recorder *self);   /* ends it */

/* The program that links recorders to screens. */
Program  *manager_start  (const char *host_socket);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Recorder, recorder_free)

G_END_DECLS
