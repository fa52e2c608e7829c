/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tests/system/glb-test-system.h"

G_BEGIN_DECLS

/* An X server of one test, whose only person is xdotool. */
typedef struct
{
  GSubprocess *server;
  char *display;               /* ":N" */
} GlbTestDisplay;

/* The system's commands show themselves on it from now on. */
void     glb_test_display_start (GlbTestDisplay *display, GlbTestSystem *system);
void     glb_test_display_stop  (GlbTestDisplay *display);
/* NULL-terminated. FALSE: the test was skipped, as one of them is not installed. */
gboolean glb_test_have_programs (const char * const *programs);
/* TRUE: it did, and found what it searched. */
gboolean glb_test_xdotool       (const char *display, const char *arguments);

G_END_DECLS
