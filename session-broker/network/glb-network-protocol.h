/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The protocol between the broker and glovebox-network, the gate of one
 * session's network.  One SOCK_SEQPACKET socket pair, inherited as descriptor
 * 3.  glovebox-network parses what programs of the session send, so the broker
 * reads it as hostile: fixed sizes, checked values, bounds on what may wait.
 *
 * Each packet is GlbNetworkHeader and the payload of its type, native byte
 * order.  End of file on either side ends the gate, and with it all
 * connections.  A connection's id is the gate's: it counts up from 1, and is
 * never used again.  Those of published ports are the broker's: they have
 * GLB_NETWORK_ID_PUBLISHED set.
 */

#include <stdint.h>

#define GLB_NETWORK_PROTOCOL_VERSION 1u
#define GLB_NETWORK_NAME_SIZE        256u   /* with the NUL */
#define GLB_NETWORK_TEXT_SIZE        256u
#define GLB_NETWORK_CONNECTIONS_MAX  4096u
#define GLB_NETWORK_LOOKUPS_MAX      256u   /* that wait for the broker at a time */
#define GLB_NETWORK_ID_PUBLISHED     (UINT64_C (1) << 63)

/* The listening sockets of a session, in the order of the descriptors of SETUP, and as glovebox-launch hands them over. */
typedef enum
{
  GLB_NETWORK_SOCKET_PROXY,         /* TCP, 127.0.0.1 port 3128: HTTP proxy and SOCKS 5 */
  GLB_NETWORK_SOCKET_TRANSPARENT,   /* TCP, IPv6 with IPv4 mapped (IPv4 where the kernel has no IPv6), IP_TRANSPARENT: its own
                                     * address is where the program wanted to, never one of the loopback */
  GLB_NETWORK_SOCKET_NAMES,         /* UDP, 127.0.0.1 port 53 */
  GLB_NETWORK_N_SOCKETS,
} GlbNetworkSocket;

#define GLB_NETWORK_PROXY_PORT 3128
#define GLB_NETWORK_NAMES_PORT 53

typedef enum
{
  /* broker to gate */
  GLB_NETWORK_SETUP = 1,     /* GlbNetworkSetup + GLB_NETWORK_N_SOCKETS fds; once, first; answered by READY */
  GLB_NETWORK_OPENED,        /* GlbNetworkOpened + 1 fd: the connected socket; answers OPEN */
  GLB_NETWORK_REFUSED,       /* GlbNetworkRefused; answers OPEN */
  GLB_NETWORK_LOOKED_UP,     /* GlbNetworkLookedUp; answers LOOK_UP */
  GLB_NETWORK_CLOSE,         /* GlbNetworkClose: cut it; answered by CLOSED. No error if it is gone */
  GLB_NETWORK_PUBLISHED,     /* GlbNetworkPublished + 2 fds: who came, and the session's end; only to be copied */

  /* gate to broker */
  GLB_NETWORK_READY = 64,    /* no payload: it accepts */
  GLB_NETWORK_OPEN,          /* GlbNetworkOpen */
  GLB_NETWORK_LOOK_UP,       /* GlbNetworkLookUp */
  GLB_NETWORK_CLOSED,        /* GlbNetworkClosed: once for each OPENED and PUBLISHED, and for an OPEN that its program did not wait for */
  GLB_NETWORK_MALFORMED,     /* GlbNetworkMalformed: a program sent what is no request; nothing was opened */
} GlbNetworkMessageType;

typedef struct
{
  uint32_t type;
  uint32_t size;             /* of the payload */
} GlbNetworkHeader;

typedef struct
{
  uint32_t version;
  uint32_t max_connections;  /* at a time; one more is closed at once */
  uint64_t bytes_per_second; /* of all connections, both ways; 0: no limit */
} GlbNetworkSetup;

/* What may be spoken on a connection to a name. */
typedef enum
{
  GLB_NETWORK_SPEECH_TLS  = 1u << 0,   /* the greeting must have the name */
  GLB_NETWORK_SPEECH_HTTP = 1u << 1,   /* each request must have the name */
  GLB_NETWORK_SPEECH_ANY  = 1u << 2,   /* anything that is neither, not looked at; the server may begin */
} GlbNetworkSpeech;

typedef struct
{
  uint64_t id;
  uint32_t speech;           /* GlbNetworkSpeech, at least one; for an address: all, and nothing is looked at */
  uint32_t reserved;
  char     name[GLB_NETWORK_NAME_SIZE];   /* canonical: what TLS and HTTP must name; "": an address, nothing to agree with */
} GlbNetworkOpened;

/* How a program that waits is told. */
typedef enum
{
  GLB_NETWORK_REFUSAL_POLICY = 1,      /* HTTP 403, SOCKS 2 */
  GLB_NETWORK_REFUSAL_PERSON,          /* HTTP 403, SOCKS 2 */
  GLB_NETWORK_REFUSAL_LIMIT,           /* HTTP 429, SOCKS 1 */
  GLB_NETWORK_REFUSAL_BAD_NAME,        /* HTTP 400, SOCKS 8 */
  GLB_NETWORK_REFUSAL_NO_NAME,         /* HTTP 502, SOCKS 4: the name is not known */
  GLB_NETWORK_REFUSAL_UNREACHABLE,     /* HTTP 502, SOCKS 4 */
  GLB_NETWORK_REFUSAL_CONNECTION,      /* HTTP 502, SOCKS 5: the host refused the connection */
  GLB_NETWORK_REFUSAL_TIMEOUT,         /* HTTP 504, SOCKS 6 */
} GlbNetworkRefusal;

typedef struct
{
  uint64_t id;
  uint32_t refusal;          /* GlbNetworkRefusal */
  uint32_t reserved;
  char     text[GLB_NETWORK_TEXT_SIZE];   /* one line for a person: what, why, what to do */
} GlbNetworkRefused;

typedef struct
{
  uint64_t id;               /* of the LOOK_UP */
  uint32_t known;            /* 1: the name may be connected to; 0: it does not exist */
  uint32_t reserved;
  char     name[GLB_NETWORK_NAME_SIZE];   /* canonical, of a known one */
  char     text[GLB_NETWORK_TEXT_SIZE];   /* of an unknown one: why */
} GlbNetworkLookedUp;

typedef struct
{
  uint64_t id;
} GlbNetworkClose;

typedef struct
{
  uint64_t id;               /* with GLB_NETWORK_ID_PUBLISHED */
} GlbNetworkPublished;

/* How a program asked. */
typedef enum
{
  GLB_NETWORK_HOW_CONNECT = 1,   /* HTTP CONNECT */
  GLB_NETWORK_HOW_HTTP,          /* HTTP with the absolute form */
  GLB_NETWORK_HOW_SOCKS,
  GLB_NETWORK_HOW_TRANSPARENT,
} GlbNetworkHow;

typedef enum
{
  GLB_NETWORK_HOST_NAME = 1,     /* text as the program wrote it, or as it was looked up; may be an address in text */
  GLB_NETWORK_HOST_IPV4,         /* the first 4 bytes of address */
  GLB_NETWORK_HOST_IPV6,
} GlbNetworkHostKind;

typedef struct
{
  uint64_t id;
  uint32_t how;              /* GlbNetworkHow */
  uint32_t host_kind;        /* GlbNetworkHostKind */
  uint16_t port;             /* host byte order, not 0 */
  uint16_t reserved[3];
  uint8_t  address[16];      /* network byte order; zeroes for a name */
  char     name[GLB_NETWORK_NAME_SIZE];   /* printable ASCII, NUL-terminated; "" for an address */
} GlbNetworkOpen;

typedef struct
{
  uint64_t id;               /* a count of its own, from 1 */
  char     name[GLB_NETWORK_NAME_SIZE];   /* as above */
} GlbNetworkLookUp;

/* Why a connection ended. */
typedef enum
{
  GLB_NETWORK_END_DONE = 1,      /* both sides were done */
  GLB_NETWORK_END_SESSION_RESET, /* the program of the session broke it */
  GLB_NETWORK_END_HOST_RESET,    /* the other side did */
  GLB_NETWORK_END_CLOSED,        /* the broker said so */
  GLB_NETWORK_END_WRONG_NAME,    /* TLS or HTTP named another host than was allowed */
  GLB_NETWORK_END_NOT_SPOKEN,    /* neither TLS nor HTTP, where one of them was allowed */
  GLB_NETWORK_END_MALFORMED,     /* TLS or HTTP that is wrong in itself */
  GLB_NETWORK_END_TIMEOUT,       /* half of it was closed and the other half stood still, or nothing was said at the start */
  GLB_NETWORK_END_GIVEN_UP,      /* the program did not wait for the answer */
} GlbNetworkEnd;

typedef struct
{
  uint64_t id;
  uint64_t sent;             /* bytes from the session to the host */
  uint64_t received;
  uint32_t end;              /* GlbNetworkEnd */
  uint32_t reserved;
  char     detail[GLB_NETWORK_NAME_SIZE];   /* with WRONG_NAME: the other name; printable ASCII */
} GlbNetworkClosed;

typedef struct
{
  uint32_t how;              /* GlbNetworkHow */
  uint32_t reserved;
  char     text[GLB_NETWORK_TEXT_SIZE];   /* what was wrong: one of the gate's own sentences */
} GlbNetworkMalformed;
