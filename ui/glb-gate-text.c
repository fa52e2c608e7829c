/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glovebox-view"

#include "config.h"

#include "ui/glb-gate-text.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define DIGEST_CHARS 12

typedef struct
{
  const char *code;
  const char *text;
} Entry;

/* (nullable) */
static const char *
look_up (const Entry *table,
         gsize        n_entries,
         const char  *code)
{
  for (gsize i = 0; i < n_entries; i++)
    if (g_strcmp0 (table[i].code, code) == 0)
      return _(table[i].text);

  return NULL;
}

#define LOOK_UP(table, code) look_up (table, G_N_ELEMENTS (table), code)

static const char *
name_of_type (const char *type)
{
  static const Entry table[] = {
    { "text/plain",    N_("text") },
    { "text/html",     N_("formatted text") },
    { "image/png",     N_("a picture") },
    { "text/uri-list", N_("a list of files") },
  };
  const char *name = LOOK_UP (table, type);

  return name != NULL ? name : _("something");
}

char *
glb_gate_text_question (const char *kind,
                        const char *requester,
                        const char *type,
                        const char *session)
{
  static const Entry others[] = {
    { "camera",     N_("use a camera") },
    { "microphone", N_("use a microphone") },
    { "speaker",    N_("play sound") },
    { "file",       N_("get a file of yours") },
    { "open-uri",   N_("open a link outside") },
    { "network",    N_("connect to a host") },
    { "ssh-list",   N_("see which SSH keys you have") },
    { "ssh-sign",   N_("sign with an SSH key of yours") },
    { "git-credential", N_("get a password or token of yours for Git") },
    { "policy",     N_("start sessions with another policy") },
    { "confirm",    N_("do what its model's provider wants confirmed") },
  };
  gboolean agent = g_strcmp0 (requester, "human") != 0;
  const char *who = agent ? _("The agent wants") : _("You, or a program of yours, want");
  const char *other = LOOK_UP (others, kind);

  if (g_strcmp0 (kind, "clipboard-in") == 0)
    return g_strdup_printf (_("%s to paste %s into “%s”"), who, name_of_type (type), session);
  if (g_strcmp0 (kind, "clipboard-out") == 0)
    return g_strdup_printf (_("%s to copy %s out of “%s”"), who, name_of_type (type), session);

  return g_strdup_printf (_("%s to %s in “%s”"), who, other != NULL ? other : kind, session);
}

static void
append_fact (GString    *facts,
             const char *fact)
{
  if (facts->len > 0)
    g_string_append (facts, " · ");
  g_string_append (facts, fact);
}

/* The size in full: 1000 and 1001 bytes are not the same content. */
char *
glb_gate_text_facts (const char *type,
                     guint64     size,
                     const char *sha256,
                     const char *target)
{
  GString *facts = g_string_new (NULL);

  if (target != NULL && *target != '\0')
    append_fact (facts, target);
  if (type != NULL && *type != '\0')
    append_fact (facts, type);
  if (sha256 != NULL && *sha256 != '\0')
    {
      g_autofree char *bytes = g_strdup_printf ("%" G_GUINT64_FORMAT " %s", size, ngettext ("byte", "bytes", size));
      g_autofree char *digest = g_strdup_printf ("SHA-256 %.*s…", DIGEST_CHARS, sha256);

      append_fact (facts, bytes);
      append_fact (facts, digest);
    }

  return g_string_free (facts, FALSE);
}

static char *
join_known (const char * const *codes,
            const Entry        *table,
            gsize               n_entries,
            const char         *prefix)
{
  GString *list = g_string_new (NULL);

  for (gsize i = 0; codes != NULL && codes[i] != NULL; i++)
    {
      const char *text = look_up (table, n_entries, codes[i]);

      if (text == NULL || strstr (list->str, text) != NULL)
        continue;
      g_string_append (list, list->len == 0 ? prefix : ", ");
      g_string_append (list, text);
    }

  return g_string_free (list, FALSE);
}

char *
glb_gate_text_findings (const char * const *codes,
                        gboolean            secret)
{
  static const Entry removed[] = {
    { "control",        N_("control characters") },
    { "escape",         N_("terminal sequences") },
    { "bidi",           N_("characters that turn text around") },
    { "zero_width",     N_("invisible characters") },
    { "tag",            N_("hidden tags") },
    { "html_element",   N_("HTML elements") },
    { "html_attribute", N_("HTML attributes") },
    { "html_link",      N_("links") },
    { "html_image",     N_("pictures") },
    { "html_comment",   N_("HTML comments") },
  };
  static const Entry secrets[] = {
    { "private_key",    N_("a private key") },
    { "token",          N_("an access token") },
    { "card_number",    N_("a card number") },
    { "otp",            N_("a one-time password seed") },
  };
  g_autofree char *likeness = join_known (codes, secrets, G_N_ELEMENTS (secrets), _("This looks like "));
  g_autofree char *taken = join_known (codes, removed, G_N_ELEMENTS (removed), _("Taken out before you saw it: "));

  if (*likeness == '\0' && secret)
    {
      g_free (likeness);
      likeness = g_strdup (_("This was marked as a secret"));
    }
  if (*likeness == '\0' && *taken == '\0')
    return NULL;

  return g_strconcat (likeness, *likeness != '\0' && *taken != '\0' ? ". " : "", taken, NULL);
}

char *
glb_gate_text_left (gint64 left_us)
{
  gint64 seconds = left_us <= 0 ? 0 : (left_us - 1) / G_USEC_PER_SEC + 1;

  if (seconds >= 3600)
    return g_strdup_printf (_("%d h %02d min left"), (int) (seconds / 3600), (int) (seconds / 60 % 60));
  if (seconds >= 60)
    return g_strdup_printf (_("%d min %02d s left"), (int) (seconds / 60), (int) (seconds % 60));

  return g_strdup_printf (_("%d s left"), (int) seconds);
}

char *
glb_gate_text_scope (const char *scope,
                     gint64      expires_us,
                     gint64      now_us)
{
  if (expires_us != 0)
    return glb_gate_text_left (expires_us - now_us);
  if (g_strcmp0 (scope, "once") == 0)
    return g_strdup (_("once"));

  return g_strdup (_("until the session ends"));
}

char *
glb_gate_text_kind (const char *kind)
{
  static const Entry table[] = {
    { "clipboard-in",  N_("Paste into the session") },
    { "clipboard-out", N_("Copy out of the session") },
    { "camera",        N_("Camera") },
    { "microphone",    N_("Microphone") },
    { "speaker",       N_("Sound") },
    { "file",          N_("File") },
    { "open-uri",      N_("Link") },
    { "network",       N_("Connection") },
    { "ssh-list",      N_("List of SSH keys") },
    { "ssh-sign",      N_("SSH key") },
    { "git-credential", N_("Git credentials") },
    { "policy",        N_("Policy of new sessions") },
    { "confirm",       N_("Confirmation") },
  };
  const char *text = LOOK_UP (table, kind);

  return g_strdup (text != NULL ? text : kind);
}

char *
glb_gate_text_device (const char *device,
                      gboolean    in_use,
                      gboolean    muted)
{
  g_autofree char *kind = glb_gate_text_kind (device);
  const char *nothing = g_strcmp0 (device, "camera") == 0 ? _("in use, black") : _("in use, silent");
  const char *now = !in_use ? _("not used now") : muted ? nothing : _("in use");

  return g_strdup_printf ("%s: %s", kind, now);
}

char *
glb_gate_text_refusal (const char *direction,
                       const char *code,
                       const char *message)
{
  static const Entry table[] = {
    { "policy_denied",     N_("the policy denies it") },
    { "empty",             N_("there is nothing to copy") },
    { "rate_limited",      N_("it was too often within a minute") },
    { "secret",            N_("it is marked as a secret, and the policy keeps secrets in") },
    { "type_not_allowed",  N_("the policy does not let this type of content cross") },
    { "type_unsupported",  N_("this type of content cannot cross") },
    { "too_large",         N_("it is larger than the policy lets cross") },
    { "timeout",           N_("there was no answer in time") },
    { "no-approver",       N_("nobody was there to answer") },
    { "too-many-prompts",  N_("the session asks too much") },
  };
  gboolean outwards = g_strcmp0 (direction, "session-to-host") == 0;
  const char *why = LOOK_UP (table, code);

  /* They said no themselves, or watch the session end. */
  if (g_strcmp0 (code, "denied") == 0 || g_strcmp0 (code, "session-ended") == 0)
    return NULL;

  return g_strdup_printf ("%s: %s", outwards ? _("Nothing was copied out") : _("Nothing was pasted in"),
                          why != NULL ? why : message);
}

char *
glb_gate_text_place (GVariant *entry)
{
  const char *host = "";
  guint port = 0;

  g_variant_lookup (entry, "host", "&s", &host);
  g_variant_lookup (entry, "port", "u", &port);
  if (port == 0)
    return g_strdup (host);
  return g_strdup_printf (strchr (host, ':') != NULL ? "[%s]:%u" : "%s:%u", host, port);
}

char *
glb_gate_text_connection (GVariant *entry)
{
  static const Entry states[] = {
    { "deciding",   N_("being decided") },
    { "asking",     N_("asking") },
    { "resolving",  N_("looking for its address") },
    { "connecting", N_("connecting") },
    { "open",       N_("open") },
  };
  const char *state = "", *address = "", *by = "", *known;
  guint64 sent = 0, received = 0;
  g_autoptr(GString) text = NULL;

  g_variant_lookup (entry, "state", "&s", &state);
  g_variant_lookup (entry, "address", "&s", &address);
  g_variant_lookup (entry, "by", "&s", &by);
  known = LOOK_UP (states, state);
  text = g_string_new (known != NULL ? known : state);
  if (*address != '\0')
    g_string_append_printf (text, " · %s", address);
  if (g_variant_lookup (entry, "sent", "t", &sent) && g_variant_lookup (entry, "received", "t", &received))
    {
      g_autofree char *out = g_format_size (sent);
      g_autofree char *in = g_format_size (received);

      g_string_append_printf (text, _(" · %s sent, %s received"), out, in);
    }
  if (*by != '\0')
    g_string_append_printf (text, _(" · by %s"), by);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

char *
glb_gate_text_ago (gint64 ago_us)
{
  gint64 seconds = MAX (ago_us, 0) / G_USEC_PER_SEC;
  gint64 minutes = seconds / 60;
  gint64 hours = minutes / 60;

  if (hours > 0)
    return g_strdup_printf (ngettext ("%d hour ago", "%d hours ago", hours), (int) hours);
  if (minutes > 0)
    return g_strdup_printf (ngettext ("%d minute ago", "%d minutes ago", minutes), (int) minutes);

  return g_strdup_printf (ngettext ("%d second ago", "%d seconds ago", seconds), (int) seconds);
}

static char *
describe_answer (const char *answer,
                 gboolean    same,
                 const char *ago)
{
  if (g_strcmp0 (answer, "allowed") == 0)
    return g_strdup_printf (same ? _("You allowed this %s") : _("You allowed other content %s"), ago);
  if (g_strcmp0 (answer, "denied") == 0)
    return g_strdup_printf (same ? _("You denied this %s") : _("You denied other content %s"), ago);
  if (g_strcmp0 (answer, "withdrawn") == 0)
    return g_strdup_printf (_("Asked %s, and taken back"), ago);

  return g_strdup_printf (_("You did not answer this %s"), ago);
}

char *
glb_gate_text_history (guint       n_asked,
                       const char *answer,
                       gboolean    same,
                       gint64      ago_us)
{
  g_autofree char *ago = glb_gate_text_ago (ago_us);
  g_autofree char *last = NULL;
  g_autofree char *times = NULL;

  if (n_asked == 0)
    return g_strdup (_("Asked for the first time"));

  last = describe_answer (answer, same, ago);
  if (n_asked == 1)
    return g_steal_pointer (&last);
  times = g_strdup_printf (ngettext ("asked %u time before", "asked %u times before", n_asked), n_asked);

  return g_strconcat (last, " · ", times, NULL);
}

char *
glb_gate_text_policy (const char *kind,
                      gboolean    secret)
{
  static const struct { const char *kind; const char *key; } keys[] = {
    { "clipboard-in",   "desktop.clipboard.hostToSession" },
    { "clipboard-out",  "desktop.clipboard.sessionToHost" },
    { "camera",         "devices.camera" },
    { "microphone",     "devices.microphone" },
    { "speaker",        "devices.speaker" },
    { "file",           "portals.fileChooser" },
    { "open-uri",       "portals.openUri" },
    { "network",        "network" },
    { "ssh-list",       "keys.sshAgent" },
    { "ssh-sign",       "keys.sshAgent" },
    { "git-credential", "keys.gitCredentials" },
  };
  static const Entry always[] = {
    { "policy",  N_("No policy allows this by itself") },
    { "confirm", N_("Its model’s provider wants a person to confirm this") },
  };
  const char *text = LOOK_UP (always, kind);

  if (text != NULL)
    return g_strdup (text);
  if (secret)
    return g_strdup_printf (_("The policy asks you first: %s"), "desktop.clipboard.secrets");
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    if (g_strcmp0 (keys[i].kind, kind) == 0)
      return g_strdup_printf (_("The policy asks you first: %s"), keys[i].key);

  return g_strdup (_("The policy asks you first"));
}

/* (transfer full): the first line that has something */
static char *
get_first_line (const char *text)
{
  g_auto(GStrv) lines = g_strsplit (text, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    if (*g_strstrip (lines[i]) != '\0')
      return g_strdup (lines[i]);

  return NULL;
}

char *
glb_gate_text_subject (const char *kind,
                       const char *title,
                       const char *target,
                       const char *preview)
{
  static const char * const by_target[] = { "network", NULL };
  static const char * const by_preview[] = { "clipboard-in", "clipboard-out", "policy", "confirm", "open-uri", NULL };
  char *line = NULL;

  if (kind != NULL && g_strv_contains (by_target, kind) && target != NULL && *target != '\0')
    return g_strdup (target);
  if (kind != NULL && g_strv_contains (by_preview, kind) && preview != NULL)
    line = get_first_line (preview);

  return line != NULL ? line : g_strdup (title != NULL ? title : "");
}

char *
glb_gate_text_waiting (guint n)
{
  return n == 0 ? NULL : g_strdup_printf (ngettext ("%u more waits", "%u more wait", n), n);
}
