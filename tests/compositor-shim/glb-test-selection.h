/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tests/compositor-shim/glb-test-client.h"

/* Copy and paste of a test's client, the same for both kinds of selection. */

/* What the client does with a reader. */
typedef enum
{
  GLB_TEST_SOURCE_WRITES,      /* all of its content */
  GLB_TEST_SOURCE_FLOODS,      /* 2 GiB: its content, again and again */
  GLB_TEST_SOURCE_CLOSES,      /* at once */
  GLB_TEST_SOURCE_HOLDS,       /* keeps the pipe open and writes nothing */
} GlbTestSourceManner;

typedef struct
{
  GlbTestClient *client;
  GlbShimSelectionKind kind;
  struct wl_data_source *data_source;
  struct zwp_primary_selection_source_v1 *primary_source;
  GBytes *content;
  GlbTestSourceManner manner;
  GArray *held;                /* int: write ends */
  GPtrArray *writers;          /* GThread */
  guint64 n_written;           /* by the writers that ended, atomic */
  guint n_sends;
  GString *asked;              /* the types that were asked for, each with a space behind */
  guint n_cancelled;
} GlbTestSource;

typedef struct
{
  GlbTestClient *client;
  GlbShimSelectionKind kind;
  struct wl_data_device *data_device;
  struct zwp_primary_selection_device_v1 *primary_device;
  GHashTable *offers;          /* offer: GString of its types, each with a space behind */
  gpointer offer;              /* the present selection, NULL: none */
  guint n_selections;          /* events */
} GlbTestDevice;

GlbTestDevice *glb_test_device_new (GlbTestClient        *client,
                                    GlbShimSelectionKind  kind);
void glb_test_device_free (GlbTestDevice *device);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbTestDevice, glb_test_device_free)
/* The types of the present selection, each with a space behind; "": there is none. */
const char *glb_test_device_types (GlbTestDevice *device);
/* Begins to paste; the read end of the pipe. */
int glb_test_device_receive (GlbTestDevice *device,
                             const char    *type);
/* Pastes into any descriptor, which stays the caller's. */
void glb_test_device_receive_into (GlbTestDevice *device,
                                   const char    *type,
                                   int            fd);
/* All of what is pasted. */
GBytes *glb_test_device_paste (GlbTestDevice *device,
                               const char    *type);
/* NULL: takes away. */
void glb_test_device_copy (GlbTestDevice *device,
                           GlbTestSource *source,
                           guint32        serial);

GlbTestSource *glb_test_source_new (GlbTestClient        *client,
                                    GlbShimSelectionKind  kind,
                                    const char           *content);
void glb_test_source_free (GlbTestSource *source);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbTestSource, glb_test_source_free)
void glb_test_source_offer (GlbTestSource *source,
                            const char    *type);
