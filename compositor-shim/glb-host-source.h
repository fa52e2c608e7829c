/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

#include "compositor-shim/glb-paste.h"
#include "compositor-shim/glb-weston-compat.h"

/* A selection of the host: to Weston and its clients a data source like any other. */
typedef struct GlbHostSource GlbHostSource;

typedef struct
{
  /* Somebody asks, with the pipe @fd. */
  void (*asked) (int fd, void *data);
  /* A read has begun; after @uses of them the source gives nothing any more. */
  void (*read) (GlbHostSource *host, void *data);
} GlbHostSourceListener;

/* Takes @content. */
GlbHostSource *glb_host_source_new (GlbPastes                   *pastes,
                                    const GlbShimSetSelection   *set,
                                    uint64_t                     id,
                                    GlbContent                  *content,
                                    const GlbHostSourceListener *listener,
                                    void                        *data);
/* Reads that have begun go on. */
void glb_host_source_free (GlbHostSource *host);

struct weston_data_source *glb_host_source_get_source (GlbHostSource *host);
GlbContent *glb_host_source_get_content (GlbHostSource *host);
bool glb_host_source_is_used_up (GlbHostSource *host);
