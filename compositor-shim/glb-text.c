/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "compositor-shim/glb-text.h"

#include <errno.h>

#include "compositor-shim/glb-memory.h"

struct GlbText
{
  GlbTextDone done;
  void *data;
};

GlbText *
glb_text_new (struct weston_compositor *compositor,
              GlbSeat                  *seat,
              GlbShell                 *shell,
              GlbTextDone               done,
              void                     *data)
{
  GlbText *text = glb_new0 (GlbText);

  text->done = done;
  text->data = data;
  return text;
}

void
glb_text_free (GlbText *text)
{
  free (text);
}

void
glb_text_type (GlbText    *text,
               uint64_t    serial,
               const char *string,
               size_t      length)
{
  text->done (serial, EAGAIN, text->data);
}

void
glb_text_cancel (GlbText *text)
{
}
