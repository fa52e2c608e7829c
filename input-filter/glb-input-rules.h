/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "input-filter/glb-action-plan.h"
#include "input-filter/glb-chord-pattern.h"
#include "input-filter/glb-input-scene.h"
#include "input-filter/glb-input-state.h"
#include "input-filter/glb-lease.h"
#include "policies/glb-policy.h"

G_BEGIN_DECLS

/* One application's windows that may not be used. */
typedef struct
{
  char *app_id, *title;        /* globs, NULL: any */
} GlbWindowRule;

/**
 * GlbInputRules:
 *
 * What an agent or a replay may not do with the seat that is theirs: chords,
 * texts, regions, windows, and how fast. A person is bound by the pointer's
 * confinement only. No rules: everything may be done.
 *
 * All is decided on seat events and on the keys that are down because of them,
 * not on actions, so that no combination of actions means something that one
 * action may not.
 */
typedef struct
{
  const GlbKeyMap *keys;       /* (nullable): the keyboard that chords and text are about */
  GArray    *chords;           /* (element-type GlbChordPattern) */
  GPtrArray *chord_names;      /* as the policy has them */
  GArray    *texts;            /* (element-type GlbTextPattern), at most GLB_GLOBS_MAX */
  GPtrArray *text_names;
  GArray    *regions;          /* (element-type GlbShimRect) */
  GPtrArray *windows;          /* (element-type GlbWindowRule) */
  gboolean    confine;
  GlbShimRect confine_to;
  guint      max_events_per_second;   /* 0: no limit */
} GlbInputRules;

GlbInputRules *glb_input_rules_new  (void);
/* GLB_POLICY_ERROR_INVALID: a chord names a key that there is not. */
GlbInputRules *glb_input_rules_new_from_policy (const GlbPolicy *policy, GError **error);
void           glb_input_rules_free (GlbInputRules *self);

/* GLB_ACTION_ERROR: the pattern makes no sense. */
gboolean glb_input_rules_add_chord  (GlbInputRules *self, const char *pattern, GError **error);
gboolean glb_input_rules_add_text   (GlbInputRules *self, const char *glob, GError **error);
void     glb_input_rules_add_region (GlbInputRules *self, int x, int y, int width, int height);
void     glb_input_rules_add_window (GlbInputRules *self, const char *app_id, const char *title);

/*
 * Pure. May driver carry out this step now, after its pause? NULL: yes, and
 * state is as it will be then. Else the code of the refusal, and state is as it
 * was. message: (out) (transfer full): one line that names the rule.
 */
const char *glb_input_rules_check_step (const GlbInputRules *self, GlbInputState *state, GlbDriver driver,
                                        const GlbInputScene *scene, const GlbActionStep *step, gint64 now_us, char **message);
/* The same of a whole plan, with its pauses, beginning now; nothing is changed. */
const char *glb_input_rules_check_plan (const GlbInputRules *self, const GlbInputState *state, GlbDriver driver,
                                        const GlbInputScene *scene, GPtrArray *steps, gint64 now_us, char **message);

/* The same of what is done to one window without the seat: brought on top, closed. */
const char *glb_input_rules_check_window (const GlbInputRules *self, GlbInputState *state, GlbDriver driver,
                                          const GlbInputScene *scene, guint32 window, gint64 now_us, char **message);

/* A person's events: each motion is moved to the nearest point within. */
void        glb_input_rules_clamp      (const GlbInputRules *self, GlbShimEvent *events, guint n_events);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbInputRules, glb_input_rules_free)

G_END_DECLS
