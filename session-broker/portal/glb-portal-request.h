/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "policies/glb-policy.h"

G_BEGIN_DECLS

/*
 * The protocol between glovebox-portal, in the session, and the broker: lines
 * of strict JSON over a stream socket. What the session says is hostile.
 *
 *   session to broker
 *     {"id": N, "request": "open-uri", "uri": S}
 *     {"id": N, "request": "choose-file", "title": S}
 *     {"id": N, "request": "notify", "name": S, "title": S, "body": S}
 *     {"id": N, "request": "withdraw", "name": S}      takes a notification back
 *     {"id": N, "request": "camera"}                   is done when the session has it
 *     {"id": N, "request": "close"}                    gives the request of this number up; has no answer of its own
 *
 *   broker to session
 *     {"hello": 1, "openUri": B, "fileChooser": B, "notification": B, "settings": B, "camera": B}     first
 *     {"settings": {"colorScheme": N, "contrast": N}}  where the policy lets them in, and after each change
 *     {"id": N, "status": "asking"}                    a person is asked; another answer follows
 *     {"id": N, "status": "done"}
 *     {"id": N, "status": "done", "name": S, "bytes": N}     of choose-file: so many bytes follow the line
 *     {"id": N, "status": "refused", "code": S, "message": S}
 */

#define GLB_PORTAL_PROTOCOL     1
#define GLB_PORTAL_LINE_MAX     (16u * 1024u)
#define GLB_PORTAL_FILE_MAX     (16u * 1024u * 1024u)
#define GLB_PORTAL_REQUESTS_MAX 16u     /* of one connection, not answered yet */
#define GLB_PORTAL_NAME_MAX     128u    /* bytes */
#define GLB_PORTAL_TITLE_MAX    256u    /* characters that are kept */
#define GLB_PORTAL_BODY_MAX     1024u
#define GLB_PORTAL_BODY_LINES   16u

#define GLB_PORTAL_ERROR (glb_portal_error_quark ())
GQuark glb_portal_error_quark (void);

typedef enum
{
  GLB_PORTAL_ERROR_MALFORMED,
} GlbPortalError;

typedef enum
{
  GLB_PORTAL_OPEN_URI,
  GLB_PORTAL_CHOOSE_FILE,
  GLB_PORTAL_NOTIFY,
  GLB_PORTAL_WITHDRAW,
  GLB_PORTAL_CAMERA,
  GLB_PORTAL_CLOSE,
} GlbPortalKind;

/* One request, parsed. Strings that its kind has are not NULL; title and body are bounded and visible. */
typedef struct
{
  guint64 id;
  GlbPortalKind kind;
  char *uri;       /* untrusted until decided */
  char *name;      /* likewise */
  char *title;
  char *body;      /* in lines */
} GlbPortalRequest;

/* What becomes of it. code and message are static, of a denial. */
typedef struct
{
  GlbVerdict verdict;
  const char *code;        /* "policy_denied", "bad_uri" or "bad_name" */
  const char *message;
} GlbPortalDecision;

GlbPortalRequest *glb_portal_request_new_from_json (const char *untrusted_line, gsize length, GError **error);
void              glb_portal_request_free (GlbPortalRequest *self);
const char       *glb_portal_kind_to_string (GlbPortalKind kind);

/* Whether there may be a camera in the session, for its portal to ask for. */
gboolean          glb_portal_may_have_camera (const GlbPolicy *policy);
/* Pure: policy and request, nothing else. */
GlbPortalDecision glb_portal_decide (const GlbPolicy *policy, const GlbPortalRequest *request);
/* Whether the session has a portal at all. */
gboolean          glb_portal_is_wanted (const GlbPolicy *policy);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbPortalRequest, glb_portal_request_free)

G_END_DECLS
