/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define GLB_PORTAL_URI_MAX 2048u

/* Whether an application may ask for it to be opened on the host, whoever then says yes. Pure. What passes is a web page
 * (http, https) or a mail to write (mailto), in ASCII, so that what a person reads is what is opened.
 * why: (out): one line, of what does not pass. */
gboolean glb_portal_uri_check (const char *untrusted_uri, const char **why);
/* For the question: where a checked address leads, in its own words. (transfer full) */
char    *glb_portal_uri_dup_place (const char *uri);

G_END_DECLS
