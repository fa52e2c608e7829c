/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "session-broker/broker/glb-run-request.h"
#include "session-broker/client/glb-broker-error.h"
#include "session-broker/media/glb-media.h"

#define ARGS_MAX       1024
#define ARGS_BYTES_MAX (96 * 1024)
#define ENV_MAX        256
#define NAME_MAX_CHARS 64
#define TIMEOUT_MAX_S  (7 * 24 * 3600)

static gboolean
fail (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

static gboolean
fail (GError **error, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error_literal (error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_FAILED, message);
  return FALSE;
}

/* Becomes a file name and part of an object path. */
static gboolean
check_name (const char *what, const char *name, GError **error)
{
  gsize length = strlen (name);

  if (length >= 1 && length <= NAME_MAX_CHARS && g_ascii_isalnum (name[0]) &&
      strspn (name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == length)
    return TRUE;

  return fail (error, "%s: bad name; use up to %d letters, digits, '.', '_' and '-', beginning with a letter or digit", what,
               NAME_MAX_CHARS);
}

gboolean
glb_run_request_check_argv (const char * const *argv, GError **error)
{
  gsize bytes = 0;
  guint n = 0;

  for (; argv[n] != NULL; n++)
    bytes += strlen (argv[n]) + 1;
  if (n == 0 || argv[0][0] == '\0')
    return fail (error, "run: no command; name one behind --");
  if (n > ARGS_MAX || bytes > ARGS_BYTES_MAX)
    return fail (error, "run: the command is too long; put it into a script in the workspace");

  return TRUE;
}

GStrv
glb_run_request_dup_env (GVariant *env, GError **error)
{
  g_autoptr(GStrvBuilder) builder = g_strv_builder_new ();
  GVariantIter iter;
  const char *name, *value;
  gsize bytes = 0;

  if (g_variant_n_children (env) > ENV_MAX)
    {
      fail (error, "env: too many variables; %d are allowed", ENV_MAX);
      return NULL;
    }

  g_variant_iter_init (&iter, env);
  while (g_variant_iter_next (&iter, "{&s&s}", &name, &value))
    {
      g_autofree char *line = g_strconcat (name, "=", value, NULL);

      bytes += strlen (line) + 1;
      if (name[0] == '\0' || g_ascii_isdigit (name[0]) ||
          strspn (name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != strlen (name))
        {
          fail (error, "env: '%s' is not the name of a variable; use letters, digits and '_'", name);
          return NULL;
        }
      g_strv_builder_add (builder, line);
    }
  if (bytes > ARGS_BYTES_MAX / 2)
    {
      fail (error, "env: too long; put it into a file in the workspace");
      return NULL;
    }

  return g_strv_builder_end (builder);
}

gboolean
glb_run_request_check_cwd (const char *cwd, GError **error)
{
  if (cwd == NULL || (g_path_is_absolute (cwd) && strlen (cwd) < 4096))
    return TRUE;

  return fail (error, "cwd: '%s' is not an absolute path in the session", cwd);
}

/* What the policy may give must be there to give, and to take back. */
static gboolean
check_devices (const GlbPolicy *policy, GError **error)
{
  g_autofree char *missing = glb_policy_wants_devices (policy) ? glb_media_diagnose () : NULL;

  if (missing == NULL)
    return TRUE;

  g_set_error (error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_POLICY, "%s; or deny devices in the policy", missing);
  return FALSE;
}

static gboolean
take_policy (GlbRunRequest *self, GVariantDict *options, GError **error)
{
  g_autoptr(GlbPolicy) policy = NULL;
  const char *document = NULL, *source_name = "policy", *template = NULL, *tier_name = NULL;
  GlbTier tier;

  g_variant_dict_lookup (options, "policy", "&s", &document);
  g_variant_dict_lookup (options, "policy-name", "&s", &source_name);
  g_variant_dict_lookup (options, "template", "&s", &template);
  g_variant_dict_lookup (options, "tier", "&s", &tier_name);
  if (document != NULL && template != NULL)
    return fail (error, "run: a policy and a template; name one of them");

  if (document != NULL)
    {
      g_autoptr(GBytes) bytes = g_bytes_new (document, strlen (document));

      policy = glb_policy_new_from_bytes (bytes, source_name, error);
    }
  else
    policy = glb_policy_new_from_template (template != NULL ? template : "default", error);
  if (policy == NULL || !glb_policy_check_supported (policy, error))
    return FALSE;
  self->input_rules = glb_input_rules_new_from_policy (policy, error);
  if (self->input_rules == NULL)
    return FALSE;

  if (tier_name != NULL && !glb_tier_from_string (tier_name, &tier))
    return fail (error, "run: no tier '%s'; use process or session", tier_name);
  self->policy = tier_name == NULL ? g_steal_pointer (&policy) : glb_policy_with_tier (policy, tier, error);
  return self->policy != NULL && check_devices (self->policy, error);
}

/* The folder as the kernel names it: no symbolic link is left in it. */
static gboolean
take_workspace (GlbRunRequest *self, GVariantDict *options, GUnixFDList *fds, GError **error)
{
  const char *given = NULL;
  g_autofree char *real = NULL;
  gint32 handle = -1;
  struct stat st;

  g_variant_dict_lookup (options, "workspace", "&s", &given);
  g_variant_dict_lookup (options, "workspace-fd", "h", &handle);
  if (given == NULL && handle < 0)
    return TRUE;

  if (handle >= 0)
    {
      const int *list;
      int n = 0;

      list = fds != NULL ? g_unix_fd_list_peek_fds (fds, &n) : NULL;
      if (handle < n)
        {
          g_autofree char *link = g_strdup_printf ("/proc/self/fd/%d", list[handle]);

          real = g_file_read_link (link, NULL);
        }
    }
  else if (g_path_is_absolute (given))
    {
      char *resolved = realpath (given, NULL);

      real = g_strdup (resolved);
      free (resolved);
    }

  if (real == NULL || stat (real, &st) != 0 || !S_ISDIR (st.st_mode))
    return fail (error, "workspace %s: %s; name a folder that exists", given != NULL ? given : "",
                 given != NULL && !g_path_is_absolute (given) ? "not an absolute path" : "no such folder");
  if (g_str_equal (real, "/"))
    return fail (error, "workspace /: not the whole file system; name a folder in it");

  self->workspace = g_steal_pointer (&real);
  return TRUE;
}

gboolean
glb_run_request_check_options (const char *what, GVariant *options, const GlbOption *known, GError **error)
{
  GVariantIter iter;
  const char *key;
  GVariant *value;

  g_variant_iter_init (&iter, options);
  while (g_variant_iter_next (&iter, "{&sv}", &key, &value))
    {
      g_autoptr(GVariant) owned = value;
      const GlbOption *option = known;

      while (option->name != NULL && !g_str_equal (option->name, key))
        option++;
      if (option->name == NULL)
        return fail (error, "%s: unknown option '%s'; client and broker are of different versions", what, key);
      if (!g_variant_is_of_type (value, G_VARIANT_TYPE (option->type)))
        return fail (error, "%s: option '%s' has the type %s; it must be %s", what, key, g_variant_get_type_string (value), option->type);
    }

  return TRUE;
}

gboolean
glb_run_request_take_actor (const char *what, GVariantDict *options, GlbDriver *actor, GError **error)
{
  const char *word = "human";

  g_variant_dict_lookup (options, "actor", "&s", &word);
  *actor = g_str_equal (word, "agent") ? GLB_DRIVER_AGENT : GLB_DRIVER_HUMAN;
  return *actor == GLB_DRIVER_AGENT || g_str_equal (word, "human") || fail (error, "%s: actor: no such one; use human or agent", what);
}

GlbRunRequest *
glb_run_request_new (GVariant *options, const char * const *argv, GUnixFDList *fds, GError **error)
{
  static const GlbOption known[] = {
    { "policy", "s" }, { "policy-name", "s" }, { "template", "s" }, { "tier", "s" }, { "name", "s" }, { "workspace", "s" },
    { "workspace-fd", "h" }, { "env", "a{ss}" }, { "timeout", "u" }, { "persist", "s" }, { "detach", "b" }, { "cwd", "s" },
    { "ssh-agent", "s" }, { "actor", "s" }, { NULL },
  };
  g_autoptr(GlbRunRequest) self = g_new0 (GlbRunRequest, 1);
  g_auto(GVariantDict) dict = G_VARIANT_DICT_INIT (options);
  g_autoptr(GVariant) env = g_variant_dict_lookup_value (&dict, "env", G_VARIANT_TYPE ("a{ss}"));

  if (!glb_run_request_check_options ("run", options, known, error) || !glb_run_request_check_argv (argv, error))
    return NULL;

  self->argv = g_strdupv ((char **) argv);
  g_variant_dict_lookup (&dict, "name", "s", &self->name);
  g_variant_dict_lookup (&dict, "persist", "s", &self->persist);
  g_variant_dict_lookup (&dict, "cwd", "s", &self->cwd);
  g_variant_dict_lookup (&dict, "ssh-agent", "s", &self->ssh_agent);
  g_variant_dict_lookup (&dict, "timeout", "u", &self->timeout);
  g_variant_dict_lookup (&dict, "detach", "b", &self->detach);
  if ((self->name != NULL && !check_name ("name", self->name, error)) ||
      (self->persist != NULL && !check_name ("persist", self->persist, error)) ||
      !glb_run_request_check_cwd (self->cwd, error) || !glb_run_request_take_actor ("run", &dict, &self->actor, error))
    return NULL;
  if (self->timeout > TIMEOUT_MAX_S)
    {
      fail (error, "timeout: %u seconds are more than a week", self->timeout);
      return NULL;
    }
  if (env != NULL)
    self->env = glb_run_request_dup_env (env, error);
  else
    self->env = g_new0 (char *, 1);
  if (self->env == NULL || !take_policy (self, &dict, error) || !take_workspace (self, &dict, fds, error))
    return NULL;

  return g_steal_pointer (&self);
}

void
glb_run_request_free (GlbRunRequest *self)
{
  g_clear_pointer (&self->policy, glb_policy_unref);
  g_clear_pointer (&self->input_rules, glb_input_rules_free);
  g_free (self->name);
  g_free (self->workspace);
  g_strfreev (self->env);
  g_free (self->persist);
  g_free (self->cwd);
  g_free (self->ssh_agent);
  g_strfreev (self->argv);
  g_free (self);
}
