/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "session-broker/broker/glb-ssh-question.h"

static char *
describe_host (const GlbSshHost *host)
{
  if (host->fingerprint == NULL)
    return g_strdup ("at a host that is not known");
  if (host->proven)
    return g_strdup_printf ("at the host whose key is %s", host->fingerprint);
  return g_strdup_printf ("at a host of which the session says, without proof, that its key is %s", host->fingerprint);
}

/* (transfer full) */
static char *
hex (GlbSshBytes bytes)
{
  GString *text = g_string_new (NULL);

  for (gsize i = 0; i < bytes.size; i++)
    g_string_append_printf (text, "%02x", bytes.bytes[i]);
  return g_string_free (text, FALSE);
}

static void
set_login (GlbSshQuestion *self, const GlbSshSigned *what, const char *fingerprint, const GlbSshHost *host)
{
  g_autofree char *where = describe_host (host);

  self->preview = g_strdup_printf ("Log in as %s\n%s", what->word, where);
  self->target = g_strdup_printf ("login %s as %s at %s", fingerprint, what->word,
                                  host->proven ? host->fingerprint : "an unproven host");
  self->is_bound_to_data = !host->proven;
}

static void
set_message (GlbSshQuestion *self, const GlbSshSigned *what, const char *fingerprint)
{
  g_autofree char *hash = hex (what->hash);

  self->preview = g_strdup_printf ("Sign a message for “%s”\nof which the %s is %s", what->word, what->hash_name, hash);
  self->target = g_strdup_printf ("signature %s for %s", fingerprint, what->word);
}

GlbSshQuestion *
glb_ssh_question_new (const GlbSshSigned *what, const char *comment, const char *fingerprint, const GlbSshHost *host)
{
  GlbSshQuestion *self = g_new0 (GlbSshQuestion, 1);

  self->title = g_strdup_printf ("Sign with your SSH key %s, %s", *comment != '\0' ? comment : "without a name", fingerprint);
  if (what->kind == GLB_SSH_SIGNED_LOGIN)
    set_login (self, what, fingerprint, host);
  else
    set_message (self, what, fingerprint);
  return self;
}

void
glb_ssh_question_free (GlbSshQuestion *self)
{
  g_free (self->title);
  g_free (self->preview);
  g_free (self->target);
  g_free (self);
}

JsonObject *
glb_ssh_question_describe (const GlbSshSigned *what, const char *comment, const char *fingerprint, const GlbSshHost *host)
{
  JsonObject *fields = json_object_new ();
  gboolean login = what->kind == GLB_SSH_SIGNED_LOGIN;

  json_object_set_string_member (fields, "key", fingerprint);
  json_object_set_string_member (fields, "comment", comment);
  json_object_set_string_member (fields, "signs", login ? "login" : "message");
  json_object_set_string_member (fields, login ? "user" : "namespace", what->word);
  if (login)
    json_object_set_string_member (fields, "service", "ssh-connection");
  if (login && host->fingerprint != NULL)
    {
      json_object_set_string_member (fields, "host", host->fingerprint);
      json_object_set_boolean_member (fields, "host-proven", host->proven);
    }
  return fields;
}
