/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>

#include "policies/glb-network-name.h"
#include "session-broker/keys/glb-git-message.h"

#define PORT_DIGITS_MAX 5
#define PORT_MAX        65535

/* Where a value is put that may be there once. */
typedef struct
{
  const char *name;
  char **value;
} Member;

static gboolean
is_named (const Member *member, const char *line, const char *equals)
{
  gsize length = (gsize) (equals - line);

  return strlen (member->name) == length && strncmp (member->name, line, length) == 0;
}

/* Lines KEY=VALUE. An empty one ends them, and nothing follows it. may_have_others: what members do not name is left out. */
static gboolean
parse_lines (const char *untrusted_text, gsize size, const Member *members, gboolean may_have_others)
{
  const char *end = untrusted_text + size;

  if (memchr (untrusted_text, '\0', size) != NULL)
    return FALSE;
  for (const char *line = untrusted_text; line < end;)
    {
      const char *stop = memchr (line, '\n', end - line);
      const char *equals = stop != NULL ? memchr (line, '=', stop - line) : NULL;
      const Member *member = members;

      if (stop == line)
        return stop + 1 == end;
      if (equals == NULL)
        return FALSE;
      while (member->name != NULL && !is_named (member, line, equals))
        member++;
      if (member->name != NULL ? *member->value != NULL : !may_have_others)
        return FALSE;
      if (member->name != NULL)
        *member->value = g_strndup (equals + 1, stop - equals - 1);
      line = stop + 1;
    }
  /* git leaves the empty line out where it answers */
  return may_have_others && size > 0;
}

/* Of visible ASCII: nothing in it looks like something else, and no line of it like another line. */
static gboolean
is_plain (const char *text)
{
  while (g_ascii_isgraph (*text))
    text++;
  return *text == '\0';
}

/* "NAME" or "NAME:PORT"; (nullable) (transfer full): canonical */
static char *
normalise_host (const char *untrusted_host)
{
  const char *colon = strchr (untrusted_host, ':');
  g_autofree char *bare = g_strndup (untrusted_host, colon != NULL ? (gsize) (colon - untrusted_host) : strlen (untrusted_host));
  g_autofree char *name = NULL;
  const char *why;
  guint64 port;

  if (colon != NULL && (strlen (colon + 1) > PORT_DIGITS_MAX || colon[1] == '0' ||
                        !g_ascii_string_to_unsigned (colon + 1, 10, 1, PORT_MAX, &port, NULL)))
    return NULL;
  name = glb_network_name_normalise (bare, &why);
  return name != NULL ? g_strconcat (name, colon, NULL) : NULL;
}

/* (nullable): it may be asked for. (static) */
static const char *
find_fault (const GlbGitRequest *self)
{
  g_autofree char *place = NULL;

  if (self->path != NULL && !is_plain (self->path))
    return "malformed";
  if (self->username != NULL && (*self->username == '\0' || !is_plain (self->username)))
    return "malformed";

  place = glb_git_request_dup_place (self);
  if (strlen (place) > GLB_GIT_PLACE_MAX || (self->username != NULL && strlen (self->username) > GLB_GIT_NAME_MAX))
    return "too-long";
  return NULL;
}

GlbGitRequest *
glb_git_request_parse (const char *untrusted_text, gsize size, const char **why)
{
  g_autoptr(GlbGitRequest) self = g_new0 (GlbGitRequest, 1);
  g_autofree char *protocol = NULL;
  g_autofree char *untrusted_host = NULL;
  const Member members[] = {
    { "protocol", &protocol }, { "host", &untrusted_host }, { "path", &self->path },
    { "username", &self->username }, { NULL, NULL },
  };

  *why = NULL;
  if (size > GLB_GIT_REQUEST_MAX || !parse_lines (untrusted_text, size, members, FALSE) || protocol == NULL ||
      untrusted_host == NULL)
    *why = "malformed";
  else if (!g_str_equal (protocol, "https"))
    *why = "not-https";
  else if ((self->host = normalise_host (untrusted_host)) == NULL)
    *why = "bad-host";
  else
    *why = find_fault (self);
  return *why == NULL ? g_steal_pointer (&self) : NULL;
}

void
glb_git_request_free (GlbGitRequest *self)
{
  g_free (self->host);
  g_free (self->path);
  g_free (self->username);
  g_free (self);
}

char *
glb_git_request_dup_place (const GlbGitRequest *self)
{
  return g_strconcat ("https://", self->host, self->path != NULL ? "/" : NULL, self->path, NULL);
}

char *
glb_git_request_dup_text (const GlbGitRequest *self)
{
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, "protocol=https\nhost=%s\n", self->host);
  if (self->path != NULL)
    g_string_append_printf (text, "path=%s\n", self->path);
  if (self->username != NULL)
    g_string_append_printf (text, "username=%s\n", self->username);
  g_string_append_c (text, '\n');
  return g_string_free (text, FALSE);
}

GlbGitAnswer *
glb_git_answer_parse (const char *untrusted_text, gsize size, const GlbGitRequest *request)
{
  g_autoptr(GlbGitAnswer) self = g_new0 (GlbGitAnswer, 1);
  g_autofree char *protocol = NULL;
  g_autofree char *host = NULL;
  const Member members[] = {
    { "protocol", &protocol }, { "host", &host }, { "username", &self->username },
    { "password", &self->password }, { NULL, NULL },
  };

  if (size > GLB_GIT_ANSWER_MAX || !parse_lines (untrusted_text, size, members, TRUE) || self->username == NULL ||
      self->password == NULL)
    return NULL;
  /* a helper of the person may change what is asked for */
  if (g_strcmp0 (protocol, "https") != 0 || g_strcmp0 (host, request->host) != 0 ||
      (request->username != NULL && !g_str_equal (request->username, self->username)))
    return NULL;
  return g_steal_pointer (&self);
}

void
glb_git_answer_free (GlbGitAnswer *self)
{
  g_free (self->username);
  if (self->password != NULL)
    explicit_bzero (self->password, strlen (self->password));
  g_free (self->password);
  g_free (self);
}
