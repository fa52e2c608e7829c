/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The control protocol between a session's compositor (the shim inside Weston)
 * and the broker.  One SOCK_SEQPACKET socket pair; the compositor inherits its
 * end by file descriptor (environment GLOVEBOX_CONTROL_FD), no process of the
 * session can reach it.  Each packet is one message: GlbShimHeader and then the
 * payload of its type, native byte order, no padding that is not named.
 *
 * The broker treats each byte that it reads here as hostile: an exploited
 * compositor may send anything.  The shim trusts the broker.
 *
 * The same frame messages (RING, FRAME, RELEASE) go on from the broker to
 * viewers, with the same ring file descriptor, over a second socket pair.
 */

#include <stdint.h>

#define GLB_SHIM_PROTOCOL_VERSION 4u
#define GLB_SHIM_MESSAGE_MAX      (64u * 1024u)
#define GLB_SHIM_RECTS_MAX        32u
#define GLB_SHIM_WINDOWS_MAX      64u
#define GLB_SHIM_EVENTS_MAX       512u
#define GLB_SHIM_SLOTS_MAX        4u
#define GLB_SHIM_TITLE_MAX        256u
#define GLB_SHIM_APP_ID_MAX       128u
/* Fingers that a seat with a touch screen tells apart, and where the broker says that it has one. */
#define GLB_SHIM_TOUCHES_MAX      10u
#define GLB_SHIM_TOUCH_VARIABLE   "GLOVEBOX_TOUCH"
/* Longest text of one GLB_SHIM_TEXT message, in bytes of UTF-8. */
#define GLB_SHIM_TEXT_MAX         4096u
/* A MIME type of a selection: printable ASCII and its NUL. */
#define GLB_SHIM_TYPE_MAX         128u
/* Of a client's selection; what it offers beyond is not told. */
#define GLB_SHIM_TYPES_MAX        32u
/* Of the host's. */
#define GLB_SHIM_SET_TYPES_MAX    8u
#define GLB_SHIM_SET_LENGTH_MAX   (16u * 1024u * 1024u)

typedef enum
{
  /* broker to compositor */
  GLB_SHIM_LISTEN = 1,      /* no payload + 1 fd: a listening Wayland socket for the agent's clients */
  GLB_SHIM_INPUT,           /* GlbShimInput: seat events, applied at once, in order */
  GLB_SHIM_TEXT,            /* GlbShimText: commit this text to the focused client */
  GLB_SHIM_SETTLE,          /* GlbShimSettle: answered by SETTLED, once */
  GLB_SHIM_WATCH,           /* GlbShimWatch: create the ring if there is none, publish the present content and then
                             * each new frame */
  GLB_SHIM_UNWATCH,         /* no payload: stop publishing and free the ring */
  GLB_SHIM_RELEASE,         /* GlbShimRelease: this slot may be written again */
  GLB_SHIM_CAPTURE,         /* no payload: publish the present content once, even if nothing changed;
                             * while not watched this creates the ring, UNWATCH frees it */
  GLB_SHIM_WINDOW_OP,       /* GlbShimWindowOp */
  GLB_SHIM_PING,            /* no payload: answered by PONG with the same serial */
  GLB_SHIM_RELEASE_INPUT,   /* no payload: release each pressed key and button; answered by DONE */
  GLB_SHIM_READ_SELECTION,  /* GlbShimReadSelection + 1 fd: the write end of a pipe, which goes to the client that owns
                             * the selection; answered by DONE when it has gone */
  GLB_SHIM_SET_SELECTION,   /* GlbShimSetSelection + 1 fd: a memfd sealed against writing and shrinking; answered by
                             * DONE */
  GLB_SHIM_CLEAR_SELECTION, /* GlbShimClearSelection: drop the host's selection if it is still there, and break off what
                             * is being read of it; answered by DONE */
  GLB_SHIM_ASK_OWNERS,      /* no payload: answered by one OWNER for each client that has a window, then DONE */
  GLB_SHIM_PREPARE,         /* GlbShimWatch: make the memory of a ring, which WATCH then has at once; without one it is
                             * given back some seconds after LISTEN */

  /* compositor to broker */
  GLB_SHIM_READY = 64,      /* GlbShimReady: once, the first message */
  GLB_SHIM_RING,            /* GlbShimRing + 1 fd: a new ring; replaces the one before */
  GLB_SHIM_FRAME,           /* GlbShimFrame: a slot is filled; it is the reader's until RELEASE */
  GLB_SHIM_DAMAGE,          /* GlbShimDamage: sent for each repaint that changed pixels, watched or not */
  GLB_SHIM_SETTLED,         /* GlbShimSettled */
  GLB_SHIM_DONE,            /* GlbShimDone: answer to INPUT, TEXT, WINDOW_OP, RELEASE_INPUT and *_SELECTION, same
                             * serial; also the refusal of any malformed message (error EINVAL) */
  GLB_SHIM_WINDOWS,         /* GlbShimWindows: all windows, bottom to top; sent after each change */
  GLB_SHIM_PONG,            /* no payload */
  GLB_SHIM_SELECTION,       /* GlbShimSelection: a client changed a selection; changes that follow closely on each other
                             * are told once */
  GLB_SHIM_PASTED,          /* GlbShimPasted: a client has read the host's selection */
  GLB_SHIM_OWNER,           /* no payload + 1 fd: the connection of a client with a mapped window, by which the kernel says
                             * whose it is; serial of the ASK_OWNERS; at most GLB_SHIM_WINDOWS_MAX */
} GlbShimMessageType;

typedef struct
{
  uint32_t type;            /* GlbShimMessageType */
  uint32_t size;            /* of the payload in bytes */
  uint64_t serial;          /* of the request; answers repeat it; 0 in events */
} GlbShimHeader;

typedef struct
{
  int32_t x, y, width, height;   /* output pixels */
} GlbShimRect;

/* ---- broker to compositor ------------------------------------------------ */

typedef enum
{
  GLB_SHIM_EVENT_MOTION = 1,     /* x, y: absolute output position in 1/256 pixel */
  GLB_SHIM_EVENT_BUTTON,         /* code: BTN_LEFT..., value: 1 pressed, 0 released */
  GLB_SHIM_EVENT_AXIS,           /* code: 0 vertical, 1 horizontal; value: wheel clicks * 120, positive is down or right */
  GLB_SHIM_EVENT_KEY,            /* code: evdev key code of the seat's keymap, value: 1 pressed, 0 released */
  /* Where the seat has a touch screen: code: the finger, < GLB_SHIM_TOUCHES_MAX; x, y as of MOTION. */
  GLB_SHIM_EVENT_TOUCH_DOWN,
  GLB_SHIM_EVENT_TOUCH_MOTION,
  GLB_SHIM_EVENT_TOUCH_UP,       /* x, y mean nothing */
} GlbShimEventKind;

typedef struct
{
  uint32_t kind;                 /* GlbShimEventKind */
  uint32_t code;
  int32_t  value;
  int32_t  x, y;
} GlbShimEvent;

typedef struct
{
  uint32_t n_events;             /* <= GLB_SHIM_EVENTS_MAX */
  uint32_t reserved;
  GlbShimEvent events[];
} GlbShimInput;

/*
 * One text at a time; a second one waits for the first.
 * The shim commits the text through text-input-v3 where the focused client has
 * it enabled, else through a keymap overlay, and paces it so that no client's
 * socket overflows.  DONE comes when all of it was handed over.
 */
typedef struct
{
  uint32_t length;               /* bytes, <= GLB_SHIM_TEXT_MAX */
  uint32_t reserved;
  char     text[];               /* valid UTF-8, no NUL; "\n" is Return, "\t" is Tab */
} GlbShimText;

typedef struct
{
  uint32_t quiet_ms;             /* settled: no damage for this long */
  uint32_t max_ms;               /* answer at the latest after this long */
  uint64_t since_frame;          /* damage is collected from the frame after this one; 0: from the request */
} GlbShimSettle;

typedef struct
{
  uint32_t n_slots;              /* 2 to GLB_SHIM_SLOTS_MAX */
  uint32_t reserved;
} GlbShimWatch;

typedef struct
{
  uint32_t generation;           /* of the ring */
  uint32_t slot;
} GlbShimRelease;

typedef enum
{
  GLB_SHIM_WINDOW_ACTIVATE = 1,
  GLB_SHIM_WINDOW_CLOSE,
  GLB_SHIM_WINDOW_MAXIMIZE,
  GLB_SHIM_WINDOW_RESTORE,
} GlbShimWindowOpKind;

typedef struct
{
  uint32_t window;               /* id of GlbShimWindow */
  uint32_t op;                   /* GlbShimWindowOpKind */
} GlbShimWindowOp;

typedef enum
{
  GLB_SHIM_CLIPBOARD,
  GLB_SHIM_PRIMARY,
  GLB_SHIM_N_SELECTIONS,
} GlbShimSelectionKind;

/* The client may never write, write without end or keep the pipe open: the reader needs a limit and a deadline. */
typedef struct
{
  uint32_t kind;                 /* GlbShimSelectionKind */
  uint32_t reserved;
  uint64_t id;                   /* of GlbShimSelection: nothing but the selection that the broker knows is read */
  char     type[GLB_SHIM_TYPE_MAX];   /* one that the client offers, told or not */
} GlbShimReadSelection;

typedef struct
{
  uint32_t kind;                 /* GlbShimSelectionKind */
  uint32_t n_types;              /* 1 to GLB_SHIM_SET_TYPES_MAX, for the same bytes; X11 programs see only
                                  * text/plain;charset=utf-8 */
  uint64_t length;               /* <= GLB_SHIM_SET_LENGTH_MAX */
  uint32_t uses;                 /* how often it may be read before it is gone; 0: no limit */
  uint32_t reserved;
  char     types[][GLB_SHIM_TYPE_MAX];
} GlbShimSetSelection;

typedef struct
{
  uint32_t kind;                 /* GlbShimSelectionKind */
  uint32_t reserved;
} GlbShimClearSelection;

/* ---- compositor to broker ------------------------------------------------ */

typedef struct
{
  uint32_t version;              /* GLB_SHIM_PROTOCOL_VERSION */
  uint32_t width, height;        /* of the output in pixels */
  uint32_t weston_major;
} GlbShimReady;

/*
 * The memfd holds n_slots images one after the other, XRGB8888 (native-endian
 * 32 bit), stride bytes a row.  Sealed: SHRINK, GROW, FUTURE_WRITE, SEAL.
 */
typedef struct
{
  uint32_t generation;           /* counts up from 1 with each new ring */
  uint32_t n_slots;
  uint32_t width, height;
  uint32_t stride;
  uint32_t format;               /* DRM_FORMAT_XRGB8888 */
} GlbShimRing;

typedef struct
{
  uint32_t generation;
  uint32_t slot;
  uint64_t frame;                /* counts up from 1 with each repaint that changed pixels */
  int64_t  time_us;              /* CLOCK_MONOTONIC of the repaint, microseconds */
  uint32_t n_rects;              /* changed since the frame published before; <= GLB_SHIM_RECTS_MAX; 0: nothing */
  uint32_t reserved;
  GlbShimRect rects[];
} GlbShimFrame;

typedef struct
{
  uint64_t frame;
  int64_t  time_us;              /* CLOCK_MONOTONIC, microseconds */
  GlbShimRect bounds;            /* of the changed region */
} GlbShimDamage;

typedef struct
{
  uint64_t frame;                /* newest frame */
  uint32_t settled;              /* 1: quiet; 0: max_ms passed first */
  uint32_t n_frames;             /* repaints that changed pixels while waiting */
  GlbShimRect bounds;            /* union of what changed; empty: nothing */
} GlbShimSettled;

typedef struct
{
  uint64_t frame;                /* newest frame when the events had been applied */
  uint32_t error;                /* 0, or an errno value: ENOENT no such window, EAGAIN no client has the focus,
                                  * EINVAL malformed message, EBUSY a key is held so that text cannot be typed,
                                  * ETIMEDOUT the client stopped reading before all of the text was handed over,
                                  * EPIPE the focused client went away meanwhile, EILSEQ no key can type this,
                                  * ECANCELED by RELEASE_INPUT; of READ_SELECTION: ESTALE it is another selection by
                                  * now, ENOENT it has no such type, EBUSY it is an X11
                                  * program's and is being read already */
  uint32_t focus_window;         /* id, 0: none */
  int32_t  pointer_x, pointer_y; /* output pixels */
} GlbShimDone;

typedef enum
{
  GLB_SHIM_WINDOW_FOCUSED    = 1u << 0,
  GLB_SHIM_WINDOW_MAXIMIZED  = 1u << 1,
  GLB_SHIM_WINDOW_FULLSCREEN = 1u << 2,
  GLB_SHIM_WINDOW_MINIMIZED  = 1u << 3,
  GLB_SHIM_WINDOW_X11        = 1u << 4,
} GlbShimWindowFlags;

typedef struct
{
  uint32_t id;                   /* never used twice in a session */
  uint32_t parent;               /* id, 0: none */
  uint32_t flags;                /* GlbShimWindowFlags */
  uint16_t inset_x, inset_y;     /* where the visible window begins in its surface: what is before it is shadow */
  GlbShimRect geometry;          /* the visible window without its shadow */
  char     app_id[GLB_SHIM_APP_ID_MAX];   /* UTF-8, NUL-terminated, cut at a character */
  char     title[GLB_SHIM_TITLE_MAX];     /* likewise */
} GlbShimWindow;

typedef struct
{
  uint32_t n_windows;            /* <= GLB_SHIM_WINDOWS_MAX; the topmost ones where there are more */
  uint32_t focus_window;         /* id, 0: none */
  GlbShimWindow windows[];
} GlbShimWindows;

typedef struct
{
  uint32_t kind;                 /* GlbShimSelectionKind */
  uint32_t n_types;              /* <= GLB_SHIM_TYPES_MAX: the first that are printable ASCII and short enough */
  uint32_t n_offered;            /* all that the client offered */
  uint32_t reserved;
  uint64_t id;                   /* counts up from one to the next of its kind, and is never that of another; 0: a client
                                  * took its selection away, and there is none */
  char     types[][GLB_SHIM_TYPE_MAX];
} GlbShimSelection;

typedef struct
{
  uint32_t kind;                 /* GlbShimSelectionKind */
  uint32_t reserved;
  uint64_t id;                   /* serial of the SET_SELECTION */
  uint64_t bytes;                /* that the client got: fewer than all where it stopped reading */
  char     type[GLB_SHIM_TYPE_MAX];
} GlbShimPasted;
