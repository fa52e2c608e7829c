/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tests/system/glb-test-display.h"

G_BEGIN_DECLS

/* AtspiRole, of what a person operates or looks for. */
typedef enum
{
  GLB_TEST_ROLE_CHECK_BOX = 7,
  GLB_TEST_ROLE_COMBO_BOX = 11,
  GLB_TEST_ROLE_LABEL = 29,
  GLB_TEST_ROLE_LIST = 31,
  GLB_TEST_ROLE_LIST_ITEM = 32,
  GLB_TEST_ROLE_MENU_ITEM = 35,
  GLB_TEST_ROLE_PAGE_TAB = 37,
  GLB_TEST_ROLE_PUSH_BUTTON = 43,
  GLB_TEST_ROLE_RADIO_BUTTON = 44,
  GLB_TEST_ROLE_SLIDER = 51,
  GLB_TEST_ROLE_SPIN_BUTTON = 52,
  GLB_TEST_ROLE_GRID = 55,
  GLB_TEST_ROLE_GRID_CELL = 56,
  GLB_TEST_ROLE_TEXT = 61,
  GLB_TEST_ROLE_TOGGLE_BUTTON = 62,
  GLB_TEST_ROLE_ENTRY = 79,
} GlbTestRole;

/* AtspiStateType, as bits. */
#define GLB_TEST_STATE_FOCUSABLE (G_GUINT64_CONSTANT (1) << 11)
#define GLB_TEST_STATE_FOCUSED   (G_GUINT64_CONSTANT (1) << 12)
#define GLB_TEST_STATE_SENSITIVE (G_GUINT64_CONSTANT (1) << 24)

/* One element of the tree, as it was when it was read. */
typedef struct
{
  char *owner, *path;          /* on the bus of accessibility */
  char *name;
  char *inside;                /* the name of the nearest ancestor that has one */
  guint role;
  guint64 states;
  gboolean shown;              /* it has had a size */
  gint32 x, y, width, height;  /* in its window */
  gboolean in_combo_box;       /* of GTK's own making */
} GlbTestElement;

/**
 * GlbTestReader:
 *
 * A person who reads an app's window by its accessibility tree (AT-SPI), as a
 * screen reader does, and who presses, chooses and fills in by name. What has
 * no action of its own there is reached by keys.
 */
typedef struct
{
  GlbTestSystem *system;
  GSubprocess *dbus;
  char *address;               /* of the session bus */
  GlbTestDisplay display;
  GDBusConnection *bus;        /* of accessibility */
  GPtrArray *elements;         /* (element-type GlbTestElement): what was read last */
} GlbTestReader;

/* FALSE: skipped, with the reason. The system's commands show themselves to the reader from now on. */
gboolean              glb_test_reader_start   (GlbTestReader *self);
void                  glb_test_reader_stop    (GlbTestReader *self);

void                  glb_test_reader_read    (GlbTestReader *self);
/* In what was read last; role 0: any. The first that is shown, or (nullable) none. */
const GlbTestElement *glb_test_reader_find    (GlbTestReader *self, guint role, const char *name);
/* Reads until it is there. */
const GlbTestElement *glb_test_reader_wait    (GlbTestReader *self, guint role, const char *name);
void                  glb_test_reader_wait_gone (GlbTestReader *self, guint role, const char *name);

/* Presses it, if it is there: its first action. */
gboolean              glb_test_reader_try_press (GlbTestReader *self, guint role, const char *name);
/* Waits for what the person then presses, chooses or fills in. */
void                  glb_test_reader_press   (GlbTestReader *self, guint role, const char *name);
void                  glb_test_reader_choose  (GlbTestReader *self, const char *name);
void                  glb_test_reader_fill_in (GlbTestReader *self, const char *name, const char *text);
/* Keys as xdotool names them, to the window of this title. */
void                  glb_test_reader_keys    (GlbTestReader *self, const char *window, const char *keys);
/* Where the focus is now, of what was read last; (nullable): elsewhere. */
const GlbTestElement *glb_test_reader_get_focus (GlbTestReader *self);
/* Presses the key until this has the focus, as who cannot point does. */
void                  glb_test_reader_move_to (GlbTestReader *self, const char *window, const char *key, guint role, const char *name);
/* For who mends a test: everything that was read last. */
void                  glb_test_reader_print   (GlbTestReader *self);

/* (nullable): no role of a control */
const char           *glb_test_role_get_name  (guint role);

G_END_DECLS
