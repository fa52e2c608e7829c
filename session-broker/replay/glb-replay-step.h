/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "session-broker/replay/glb-replay-compare.h"

G_BEGIN_DECLS

#define GLB_REPLAY_TIMEOUT_MS_DEFAULT 10000u
#define GLB_REPLAY_TIMEOUT_MS_MAX     600000u
#define GLB_REPLAY_QUIET_MS_MAX       10000u

/* What a test says of how its screens are compared; what it leaves out is decided elsewhere. */
typedef struct
{
  gboolean has_mode;      GlbReplayCompareMode mode;
  gboolean has_colour;    double colour;
  gboolean has_threshold; guint threshold;
  GArray *masks;                 /* (nullable) (element-type GlbReplayRect) */
} GlbReplayCompareWish;

/* A window, by what it says of itself. */
typedef struct
{
  char *app_id, *title;          /* (nullable): globs; any */
} GlbReplayWindow;

/* Where a step's action happens, whatever the place of that today. */
typedef struct
{
  JsonObject *element;           /* (nullable): as "target" of actions */
  GlbReplayWindow *window;       /* (nullable) */
  gboolean has_offset;
  int x, y;                      /* from its corner; without an offset: the middle */
} GlbReplayAnchor;

/* What has to hold before a step is done: all of it at once. */
typedef struct
{
  GlbReplayWindow *window;       /* (nullable) */
  JsonObject *element;           /* (nullable) */
  char *text;                    /* (nullable) */
  JsonObject *colour;            /* (nullable) */
  guint quiet_ms;                /* 0: it need not be quiet */
  gboolean gone;                 /* of window, element, text and colour: that they are not there */
  guint timeout_ms;
} GlbReplayWhen;

/**
 * GlbReplayStep:
 *
 * One step of a test: when this holds, do that, there; then the screen is to look so.
 */
typedef struct
{
  guint line;                    /* of the file, 0: there is none */
  char *note;                    /* (nullable) */
  GlbReplayWhen *when;           /* (nullable) */
  JsonObject *action;            /* (nullable): as docs/actions.md has it; without: only a look */
  GlbReplayAnchor *at, *from;    /* (nullable): of the coordinate; of a drag's start */
  char *screen;                  /* (nullable): path below the test's folder */
  GlbReplayCompareWish compare;
} GlbReplayStep;

GlbReplayStep   *glb_replay_step_new    (void);
void             glb_replay_step_free   (GlbReplayStep *self);
GlbReplayWindow *glb_replay_window_new  (const char *app_id, const char *title);
void             glb_replay_window_free (GlbReplayWindow *self);
void             glb_replay_anchor_free (GlbReplayAnchor *self);
void             glb_replay_when_free   (GlbReplayWhen *self);
void             glb_replay_compare_wish_clear (GlbReplayCompareWish *self);
/* What a step is called in one line, for people: its note, or what it does. (transfer full) */
char            *glb_replay_step_describe (const GlbReplayStep *self);
/* first, where it says something; else second; else the defaults. The masks of both, (transfer container), are the rules'. */
void             glb_replay_compare_wish_resolve (const GlbReplayCompareWish *first, const GlbReplayCompareWish *second,
                                                  GlbReplayCompareRules *rules, GArray **masks);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbReplayStep, glb_replay_step_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbReplayAnchor, glb_replay_anchor_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbReplayWhen, glb_replay_when_free)

G_END_DECLS
