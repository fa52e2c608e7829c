/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * What glovebox-git-credential, in the session, and the broker say to each
 * other: one question and one answer, as git-credential(1) has them, each of
 * lines KEY=VALUE with an empty line behind.
 *
 *   session to broker   protocol, host, and where Git has them path, username
 *   broker to session   username, password; or refused, with one line for a person
 */

#define GLB_GIT_REQUEST_MAX 4096u
#define GLB_GIT_ANSWER_MAX  65536u
/* Characters of "https://HOST/PATH" and of a user name: what a person is shown whole. */
#define GLB_GIT_PLACE_MAX   150u
#define GLB_GIT_NAME_MAX    64u

/* Credentials of which place are wanted. Plain, visible text. */
typedef struct
{
  char *host;                /* canonical, with ":PORT" where it has one */
  char *path;                /* (nullable): without the first slash */
  char *username;            /* (nullable): only those of this user */
} GlbGitRequest;

/* Pure. NULL with why: (out) (static): "malformed", "bad-host", "not-https", "too-long". (transfer full) */
GlbGitRequest *glb_git_request_parse (const char *untrusted_text, gsize size, const char **why);
void           glb_git_request_free  (GlbGitRequest *self);
/* "https://HOST/PATH". (transfer full) */
char          *glb_git_request_dup_place (const GlbGitRequest *self);
/* For git credential fill. (transfer full) */
char          *glb_git_request_dup_text  (const GlbGitRequest *self);

typedef struct
{
  char *username;
  char *password;
} GlbGitAnswer;

/* Of git credential fill. Pure. NULL: it names no password, or not those of the request. (transfer full) */
GlbGitAnswer  *glb_git_answer_parse (const char *untrusted_text, gsize size, const GlbGitRequest *request);
void           glb_git_answer_free  (GlbGitAnswer *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbGitRequest, glb_git_request_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbGitAnswer, glb_git_answer_free)

G_END_DECLS
