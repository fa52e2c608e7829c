/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "input-filter/glb-lease.h"
#include "session-broker/broker/glb-approval.h"
#include "session-broker/broker/glb-grant.h"
#include "session-broker/broker/glb-object-manager.h"
#include "session-broker/broker/glb-source-file.h"

G_BEGIN_DECLS

typedef struct _GlbSession GlbSession;

/* What the person gives in place of what was asked for. */
typedef struct
{
  char *source;           /* the asker's word for it */
  GlbSourceFile *file;    /* (nullable) */
  char *target;           /* set by the asker when it has looked at it: what the grant is bound to */
  char *title;            /* the same: what the grant says to the person; one line */
} GlbPromptSubstitute;

/* The asker looks at a substitute, before a yes to it counts: sets target and title, or returns an error, and the prompt stays open.
 * The result is a GTask's boolean; substitute is there until then. */
typedef void (*GlbPromptConsider) (gpointer user_data, GlbPromptSubstitute *substitute, GAsyncReadyCallback callback, gpointer callback_data);

/* What is asked, and exactly what will be delivered. */
typedef struct
{
  GlbPromptKind kind;
  GlbDriver requester;    /* GLB_DRIVER_AGENT or GLB_DRIVER_HUMAN */
  const char *title;      /* one line; what a session said in it is cleaned here */
  const char *preview;    /* (nullable): the content as text; cleaned and bounded here */
  GBytes *content;        /* (nullable): exactly what will be delivered after a yes */
  const char *target;     /* (nullable): what it is about other than content: a device */
  GVariant *details;      /* (nullable): a{sv}, floating: taken */
  GlbPromptConsider consider;   /* (nullable): the person may give something else; called while the question is open */
  gpointer consider_data;
} GlbPromptRequest;

typedef struct
{
  gboolean allowed;
  GlbGrantScope scope;    /* of a yes */
  guint seconds;
  const char *why;        /* of a no, static: "denied", "timeout", "no-approver", "session-ended", "too-many-prompts", "broker-stopping" */
  GlbGrant *grant;        /* of a yes: to be held before the channel is opened */
  guint hold;             /* the answer's own, until it is freed */
  GBytes *file;           /* (nullable): of a yes to GLB_PROMPT_FILE: a copy of what the person hands in */
  char *file_name;        /* (nullable): its name, one path element of visible text */
  GlbPromptSubstitute *substitute;   /* (nullable): what the yes is to, instead of what was asked */
} GlbPromptAnswer;

#define GLB_PROMPT_FILE_MAX (16u * 1024u * 1024u)

/**
 * GlbPrompts:
 *
 * The one queue of questions to the person, and the grants that come of their
 * answers. It asks only what a gate hands it, and a gate only does where its
 * policy's verdict is "prompt": a grant never widens a policy.
 *
 * Answers come over the person's D-Bus socket, or over the system bus with
 * polkit's leave (GlbSystemBus). No answer in time, nobody
 * there, the end of the session or of the broker, no space for the record:
 * all of them are a no. Each question, answer, grant and end of a grant is
 * recorded before its effect.
 */
#define GLB_TYPE_PROMPTS (glb_prompts_get_type ())
G_DECLARE_FINAL_TYPE (GlbPrompts, glb_prompts, GLB, PROMPTS, GObject)

/* objects: the manager at /org/glovebox/Broker1. */
GlbPrompts *glb_prompts_new (GlbObjectManager *objects);

/* A client of the person: what it asks of a prompt or grant that is over gets an answer that says so. */
gboolean    glb_prompts_add_connection    (GlbPrompts *self, GDBusConnection *connection, GError **error);
void        glb_prompts_remove_connection (GlbPrompts *self, GDBusConnection *connection);

/* A grant that is there for the same answers at once; else the person is asked. request: copied.
 * cancellable: who asked does not want it any more. Only that is an error; everything else is an answer. */
void        glb_prompts_ask_async  (GlbPrompts *self, GlbSession *session, const GlbPromptRequest *request,
                                    GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
/* (transfer full). Freeing the answer to a grant for once without having held the grant uses it up. */
GlbPromptAnswer *glb_prompts_ask_finish (GlbPrompts *self, GAsyncResult *result, GError **error);
void        glb_prompt_answer_free (GlbPromptAnswer *self);

/* Somebody on the system bus wanted to answer or revoke what is at path, and must not. Recorded, up to a number for each. */
void        glb_prompts_record_refusal (GlbPrompts *self, const char *path, const GlbApproval *asked, const char *why);

/* Ends all prompts and grants of it: nothing of it may be allowed any more. why: as in answers. */
void        glb_prompts_end_session (GlbPrompts *self, GlbSession *session, const char *why);

/* The person takes back everything. Returns how many grants reached. */
guint       glb_prompts_revoke_all  (GlbPrompts *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbPromptAnswer, glb_prompt_answer_free)

G_END_DECLS
