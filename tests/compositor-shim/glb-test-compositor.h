/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "compositor-shim/glb-shim-protocol.h"

/*
 * A real headless Weston with our shell, without a sandbox, and the broker's
 * end of its control channel.  Messages are taken in by glb_test_pump(), which
 * also runs the Wayland clients of the test.
 */
typedef struct _GlbTestCompositor GlbTestCompositor;
typedef struct _GlbTestClient GlbTestClient;

struct _GlbTestCompositor
{
  GPid pid;
  int control;
  gboolean closed;              /* the control channel ended */
  gboolean may_end;             /* the test ends it */
  gboolean exited;
  int exit_status;
  char *dir;                    /* its XDG_RUNTIME_DIR */
  char *socket_path;            /* where the agent's clients connect */
  char *own_socket;             /* Weston's own, which no agent sees */
  guint64 last_serial;
  GPtrArray *clients;           /* GlbTestClient, not owned */
  gboolean hold_frames;         /* do not give slots back */

  gboolean ready;
  GlbShimReady ready_message;
  GlbShimWindows *windows;      /* the newest list, never NULL */
  guint n_damages;
  GlbShimDamage damage;
  guint n_rings;
  GlbShimRing ring;
  int ring_fd;
  const guint32 *pixels;        /* all slots */
  gsize pixels_size;
  guint n_frames;
  GlbShimRect rects[GLB_SHIM_RECTS_MAX];
  GHashTable *answers;          /* serial: GBytes of header and payload */
  GlbShimFrame frame;           /* the newest, without its rects */
  GlbShimSelection *selections[GLB_SHIM_N_SELECTIONS];   /* the newest, NULL: none came */
  guint n_selections[GLB_SHIM_N_SELECTIONS];
  guint64 last_selection_ids[GLB_SHIM_N_SELECTIONS];
  GArray *pasted;               /* GlbShimPasted, all */
  GArray *owners;               /* pid_t: whom the kernel names for each OWNER, all */
};

#define GLB_TEST_DEADLINE_S 10

/* NULL (and the test is skipped) where there is no Weston. */
GlbTestCompositor *glb_test_compositor_new (void);
/* The same with Xwayland, through glovebox-xwayland, and the X display's name. */
GlbTestCompositor *glb_test_compositor_new_xwayland (char **display);
/* Weston's log so far. */
char *glb_test_read_log (GlbTestCompositor *compositor);
void glb_test_compositor_free (GlbTestCompositor *compositor);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbTestCompositor, glb_test_compositor_free)

/* Takes in what has come, waiting a little, at most until @end (monotonic); FALSE: nothing came. */
gboolean glb_test_pump (GlbTestCompositor *compositor,
                        gint64             end);

/* Fails the test when the condition does not come true. */
#define glb_test_wait_until(compositor, condition)                                          \
  G_STMT_START                                                                              \
    {                                                                                       \
      gint64 end_ = g_get_monotonic_time () + GLB_TEST_DEADLINE_S * G_TIME_SPAN_SECOND;     \
      while (!(condition))                                                                  \
        if (!glb_test_pump ((compositor), end_) && g_get_monotonic_time () >= end_)         \
          g_error ("%s:%d: never came true: %s", __FILE__, __LINE__, #condition);           \
    }                                                                                       \
  G_STMT_END

guint64 glb_test_send (GlbTestCompositor *compositor,
                       guint32            type,
                       gconstpointer      payload,
                       gsize              size);
void glb_test_send_raw (GlbTestCompositor *compositor,
                        gconstpointer      bytes,
                        gsize              size,
                        int                fd);
/* The same with a descriptor, which stays the caller's. */
guint64 glb_test_send_fd (GlbTestCompositor *compositor,
                          guint32            type,
                          gconstpointer      payload,
                          gsize              size,
                          int                fd);
/* Waits for the answer to @serial; owned by the compositor. */
gconstpointer glb_test_wait_answer (GlbTestCompositor *compositor,
                                    guint64            serial,
                                    guint32            type);

/* Applies events and waits for DONE. */
GlbShimDone glb_test_input (GlbTestCompositor  *compositor,
                            const GlbShimEvent *events,
                            guint               n_events);
GlbShimDone glb_test_click (GlbTestCompositor *compositor,
                            int                x,
                            int                y);
GlbShimDone glb_test_text (GlbTestCompositor *compositor,
                           const char        *text);
GlbShimSettled glb_test_settle (GlbTestCompositor *compositor,
                                guint              quiet_ms,
                                guint              max_ms);
GlbShimDone glb_test_window_op (GlbTestCompositor  *compositor,
                                guint32             window,
                                GlbShimWindowOpKind op);
/* The read end of the pipe that the client got is in @fd. */
GlbShimDone glb_test_read_selection (GlbTestCompositor    *compositor,
                                     GlbShimSelectionKind  kind,
                                     guint64               id,
                                     const char           *type,
                                     int                  *fd);
/* @types with "|" between them; @serial (nullable): of the message. */
GlbShimDone glb_test_set_selection (GlbTestCompositor    *compositor,
                                    GlbShimSelectionKind  kind,
                                    const char           *types,
                                    GBytes               *content,
                                    guint                 uses,
                                    guint64              *serial);
GlbShimDone glb_test_clear_selection (GlbTestCompositor    *compositor,
                                      GlbShimSelectionKind  kind);
/* Reads to the end, and closes. */
GBytes *glb_test_read_pipe (GlbTestCompositor *compositor,
                            int                fd);
void glb_test_watch (GlbTestCompositor *compositor,
                     guint              n_slots);
void glb_test_release (GlbTestCompositor *compositor,
                       guint              slot);
/* Captures what is on the screen now; the frame message is in @compositor. */
void glb_test_capture (GlbTestCompositor *compositor);

/* A pixel of the newest frame, without its unused byte. */
guint32 glb_test_pixel (GlbTestCompositor *compositor,
                        int                x,
                        int                y);
/* The window of the list with this title, or NULL. */
const GlbShimWindow *glb_test_find_window (GlbTestCompositor *compositor,
                                           const char        *title);
/* Its place in the list, 0 is the lowest, -1 when there is none. */
int glb_test_window_level (GlbTestCompositor *compositor,
                           const char        *title);
gboolean glb_test_window_is_focused (GlbTestCompositor *compositor,
                                     const char        *title);
