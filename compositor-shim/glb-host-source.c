/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "compositor-shim/glb-host-source.h"

#include <string.h>
#include <unistd.h>

#include "compositor-shim/glb-memory.h"

struct GlbHostSource
{
  struct weston_data_source base;
  GlbPastes *pastes;
  GlbContent *content;
  GlbShimPasted pasted;       /* what is the same in all of them */
  uint32_t uses, n_uses;      /* uses 0: no limit */
  const GlbHostSourceListener *listener;
  void *data;
};

bool
glb_host_source_is_used_up (GlbHostSource *host)
{
  return host->uses > 0 && host->n_uses >= host->uses;
}

static bool
has_type (struct weston_data_source *base,
          const char                *type)
{
  char **offered;

  wl_array_for_each (offered, &base->mime_types)
    if (strcmp (*offered, type) == 0)
      return true;
  return false;
}

/*
 * A use counts from its beginning, or two reads at the same time could share
 * one.  A read that is refused gets an end of file.
 */
static void
source_send (struct weston_data_source *base,
             const char                *type,
             int32_t                    fd)
{
  GlbHostSource *host = wl_container_of (base, host, base);
  GlbShimPasted pasted = host->pasted;

  host->listener->asked (fd, host->data);
  if (!glb_host_source_is_used_up (host) && has_type (base, type) && glb_pastes_have_room (host->pastes))
    {
      strcpy (pasted.type, type);
      if (glb_pastes_start (host->pastes, &pasted, host->content, fd))
        {
          host->n_uses++;
          host->listener->read (host, host->data);
        }
    }
  /* Last of all: Weston's bridge to X11 closes the number itself too, so nothing new may have got it by then. */
  close (fd);
}

static void
source_accept (struct weston_data_source *base,
               uint32_t                   serial,
               const char                *type)
{
}

/* The owner sees that another one is there. */
static void
source_cancel (struct weston_data_source *base)
{
}

GlbHostSource *
glb_host_source_new (GlbPastes                   *pastes,
                     const GlbShimSetSelection   *set,
                     uint64_t                     id,
                     GlbContent                  *content,
                     const GlbHostSourceListener *listener,
                     void                        *data)
{
  GlbHostSource *host = glb_new0 (GlbHostSource);

  host->base.accept = source_accept;
  host->base.send = source_send;
  host->base.cancel = source_cancel;
  host->base.set_selection = true;
  wl_signal_init (&host->base.destroy_signal);
  wl_array_init (&host->base.mime_types);
  for (uint32_t i = 0; i < set->n_types; i++)
    {
      char **type = wl_array_add (&host->base.mime_types, sizeof *type);

      if (type == NULL || (*type = strdup (set->types[i])) == NULL)
        abort ();
    }
  host->pastes = pastes;
  host->content = content;
  host->pasted.kind = set->kind;
  host->pasted.id = id;
  host->uses = set->uses;
  host->listener = listener;
  host->data = data;
  return host;
}

void
glb_host_source_free (GlbHostSource *host)
{
  char **type;

  /* Offers of it that clients still hold give nothing from here on. */
  wl_signal_emit (&host->base.destroy_signal, &host->base);
  wl_array_for_each (type, &host->base.mime_types)
    free (*type);
  wl_array_release (&host->base.mime_types);
  glb_content_unref (host->content);
  free (host);
}

struct weston_data_source *
glb_host_source_get_source (GlbHostSource *host)
{
  return &host->base;
}

GlbContent *
glb_host_source_get_content (GlbHostSource *host)
{
  return host->content;
}
