/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session-broker/portal/glb-portal-link.h"

G_BEGIN_DECLS

/* Answers the invocation with org.freedesktop.portal.Error.NAME. */
void glb_portal_return_error (GDBusMethodInvocation *invocation, const char *name, const char *message);

/*
 * A portal call that a person is asked about: an object of the interface
 * org.freedesktop.portal.Request, at a path that the caller can foresee, from
 * which the response comes later. It ends with its response, with Close, and
 * with its caller.
 *
 * invocation: taken; answered with the path as soon as somebody is asked, or
 * with an error where nobody is. options: the call's, of which handle_token is
 * read. request and members: as of glb_portal_link_send(); NULL: the response
 * is a plain no.
 */
void glb_portal_call_start (GlbPortalLink *link, GDBusMethodInvocation *invocation, GVariant *options,
                            const char *request, const char * const *members);

G_END_DECLS
