/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The protocol between the broker and glovebox-publish, which shows one
 * session's screen to the person's PipeWire. One SOCK_SEQPACKET socket pair,
 * inherited as descriptor 3. glovebox-publish reads frames of a compositor that
 * the session's programs can reach, so the broker reads each byte of it as
 * hostile.
 *
 * Each packet is GlbPublishHeader and then the payload of its type, native byte
 * order, no padding that is not named. End of file on either side is the end of
 * the publication.
 */

#include <stdint.h>

#define GLB_PUBLISH_MESSAGE_MAX 1024u
#define GLB_PUBLISH_NAME_MAX    128u   /* with the NUL */
/* Of node.name: by it a screen is known, and never taken for a camera of the person. */
#define GLB_PUBLISH_NODE_PREFIX "glovebox.screen."

typedef enum
{
  /* broker to helper */
  GLB_PUBLISH_BEGIN = 1,         /* GlbPublishBegin + 1 fd: a connection to the person's PipeWire. Once, first */
  GLB_PUBLISH_STREAM,            /* no payload + 1 fd: a viewer's socket; answers an IN_USE with value 1 */
  GLB_PUBLISH_END,               /* no payload: the node goes; answered by ENDED */

  /* helper to broker: GlbPublishSaid */
  GLB_PUBLISH_BEGUN = 64,        /* the node is there; value: 0 */
  GLB_PUBLISH_IN_USE,            /* value 1: a recorder takes frames, and we want a stream; 0: none does any more */
  GLB_PUBLISH_ENDED,             /* value: nodes of ours that the person's PipeWire still has, as its registry says: 0 */
} GlbPublishMessageType;

typedef struct
{
  uint32_t type;                 /* GlbPublishMessageType */
  uint32_t size;                 /* of the payload */
} GlbPublishHeader;

typedef struct
{
  uint32_t width, height;        /* of the session's screen, as far as the broker knows */
  char     name[GLB_PUBLISH_NAME_MAX];          /* node.name */
  char     description[GLB_PUBLISH_NAME_MAX];   /* for the person's eyes */
} GlbPublishBegin;

typedef struct
{
  uint32_t value;
  uint32_t reserved;
} GlbPublishSaid;
