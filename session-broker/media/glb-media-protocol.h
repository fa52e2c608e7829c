/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The protocol between the broker and glovebox-media, which carries devices
 * into one session. One SOCK_SEQPACKET socket pair, inherited as descriptor 3.
 * glovebox-media talks to programs of the session, so the broker reads each
 * byte of it as hostile.
 *
 * Each packet is GlbMediaHeader and then the payload of its type, native byte
 * order, no padding that is not named. End of file on either side ends all
 * leases.
 */

#include <stdint.h>

#define GLB_MEDIA_PROTOCOL_VERSION 1u
#define GLB_MEDIA_MESSAGE_MAX      1024u
#define GLB_MEDIA_NAME_MAX         256u   /* with the NUL */
#define GLB_MEDIA_DETAIL_MAX       256u
/* Of a file in place of a device. */
#define GLB_MEDIA_FILE_MAX         (256u << 20)
/* Of a preview: what a prompt can show. */
#define GLB_MEDIA_PREVIEW_WIDTH    640u
#define GLB_MEDIA_PREVIEW_HEIGHT   640u

typedef enum
{
  GLB_MEDIA_CAMERA,
  GLB_MEDIA_MICROPHONE,
  GLB_MEDIA_SPEAKER,
  GLB_MEDIA_SOUND,                 /* no device of the person's: what the session plays, for who listens */
  GLB_MEDIA_N_DEVICES,
} GlbMediaDevice;

typedef enum
{
  GLB_MEDIA_SOURCE_HOST,           /* the person's PipeWire: comes with a connection to it */
  GLB_MEDIA_SOURCE_TEST_PATTERN,   /* camera */
  GLB_MEDIA_SOURCE_TONE,           /* microphone */
  GLB_MEDIA_SOURCE_SILENCE,        /* microphone, speaker (which then swallows) */
  GLB_MEDIA_SOURCE_FILE,           /* camera: PNG, YUV4MPEG2; microphone: WAV. Comes with a sealed copy */
  GLB_MEDIA_SOURCE_PIPE,           /* sound: comes with a pipe's end to write samples into: S16LE, 48 kHz, stereo */
  GLB_MEDIA_N_SOURCES,
} GlbMediaSource;

typedef enum
{
  /* broker to helper; each is answered by DONE or FAILED, PREVIEW of a camera by PREVIEWED or FAILED */
  GLB_MEDIA_GRANT = 1,             /* GlbMediaGrant; GLB_MEDIA_SOURCE_HOST, _FILE, _PIPE: + 1 fd */
  GLB_MEDIA_REVOKE,                /* GlbMediaRevoke; no error where there is no lease */
  GLB_MEDIA_MUTE,                  /* GlbMediaMute */
  GLB_MEDIA_PREVIEW,               /* GlbMediaGrant: is it there, and what is it? */

  /* helper to broker */
  GLB_MEDIA_READY = 64,            /* GlbMediaReady: once, first: the private instance takes clients */
  GLB_MEDIA_DONE,                  /* GlbMediaDone */
  GLB_MEDIA_FAILED,                /* GlbMediaFailed */
  GLB_MEDIA_PREVIEWED,             /* GlbMediaPreviewed + 1 fd: a sealed memfd of XRGB8888 */
  GLB_MEDIA_IN_USE,                /* GlbMediaInUse: a program of the session began or ceased to use it */
  GLB_MEDIA_ENDED,                 /* GlbMediaFailed, serial 0: the lease of this device is over */
} GlbMediaMessageType;

typedef struct
{
  uint32_t type;                   /* GlbMediaMessageType */
  uint32_t size;                   /* of the payload */
  uint64_t serial;                 /* of the request; answers repeat it; 0 in events */
} GlbMediaHeader;

typedef struct
{
  uint32_t device;                 /* GlbMediaDevice */
  uint32_t source;                 /* GlbMediaSource */
  /* HOST: node.name on the person's PipeWire; "": the first camera, the default of audio. FILE: what the person calls it. */
  char     target[GLB_MEDIA_NAME_MAX];
} GlbMediaGrant;

typedef struct
{
  uint32_t device;
  uint32_t reserved;
} GlbMediaRevoke;

typedef struct
{
  uint32_t device;
  uint32_t muted;                  /* camera: black frames; microphone, speaker: silence */
} GlbMediaMute;

typedef struct
{
  uint32_t version;
  uint32_t reserved;
} GlbMediaReady;

/* What the registry of the private instance says when it is done. */
typedef struct
{
  uint32_t device;
  uint32_t n_links;                /* of this device's node; after REVOKE 0 */
  uint32_t n_nodes;                /* of this device: 1 after GRANT, 0 after REVOKE */
  uint32_t elapsed_us;             /* from reading the request to this answer */
  char     target[GLB_MEDIA_NAME_MAX];        /* GRANT, PREVIEW: node.name of what was taken, or would be */
  char     description[GLB_MEDIA_NAME_MAX];   /* the same: what a person calls it */
} GlbMediaDone;

typedef enum
{
  GLB_MEDIA_WHY_NONE,
  GLB_MEDIA_WHY_HOST_GONE,         /* the person's PipeWire closed the connection, or does not answer */
  GLB_MEDIA_WHY_NO_DEVICE,         /* it has no such device */
  GLB_MEDIA_WHY_UNPLUGGED,         /* it had */
  GLB_MEDIA_WHY_FORMAT,            /* the device has no format that is carried, or sends another than was agreed */
  GLB_MEDIA_WHY_EXISTS,            /* there is a lease of this device already */
  GLB_MEDIA_WHY_NO_LEASE,          /* there is none */
  GLB_MEDIA_WHY_INTERNAL,
  GLB_MEDIA_WHY_FILE,              /* it is not a file of a kind that is carried, or a damaged one */
  GLB_MEDIA_N_WHYS,
} GlbMediaWhy;

typedef struct
{
  uint32_t device;
  uint32_t why;                    /* GlbMediaWhy */
  char     detail[GLB_MEDIA_DETAIL_MAX];
} GlbMediaFailed;

typedef struct
{
  uint32_t width, height;          /* at most GLB_MEDIA_PREVIEW_WIDTH and _HEIGHT */
  uint32_t stride;                 /* 4 * width */
  uint32_t reserved;
  char     target[GLB_MEDIA_NAME_MAX];
  char     description[GLB_MEDIA_NAME_MAX];
} GlbMediaPreviewed;

typedef struct
{
  uint32_t device;
  uint32_t n_users;                /* programs' streams that are linked */
} GlbMediaInUse;
