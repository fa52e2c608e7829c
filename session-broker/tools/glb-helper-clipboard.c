/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* wl-copy, wl-paste, xclip and xsel: the session's own clipboard. Nothing of it crosses the border. */

#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "policies/glb-strict-json.h"
#include "session-broker/tools/glb-helper.h"

/* One action has 64 KiB, and a character may take six of them. */
#define TEXT_MAX (60u * 1024u)

typedef struct
{
  GloveboxSelection selection;
  const char *type;            /* (nullable) */
  const char *file;            /* (nullable): xclip's */
  gboolean output;
  gboolean list;               /* the types instead of the content */
  gboolean cut_newline;        /* copying: the last one is not copied */
  gboolean add_newline;        /* pasting text that has none */
  gboolean also_print;         /* copying: what was copied */
} Job;

/* ---- copying --------------------------------------------------------------------------- */

/* (transfer full) (nullable): it said why */
static GString *
read_all (GlbHelper *self, FILE *file, const char *name)
{
  g_autoptr(GString) text = g_string_new (NULL);
  char buffer[4096];
  gsize n;

  while ((n = fread (buffer, 1, sizeof buffer, file)) > 0 && text->len <= TEXT_MAX)
    g_string_append_len (text, buffer, (gssize) n);
  if (ferror (file))
    {
      glb_helper_fail (self, "%s: %s", name, g_strerror (errno));
      return NULL;
    }
  return g_steal_pointer (&text);
}

static GString *
read_input (GlbHelper *self, const Job *job)
{
  FILE *file = job->file != NULL ? fopen (job->file, "re") : stdin;
  GString *text;

  if (file == NULL)
    {
      glb_helper_fail (self, "%s: %s", job->file, g_strerror (errno));
      return NULL;
    }

  text = read_all (self, file, job->file != NULL ? job->file : "standard input");
  if (file != stdin)
    fclose (file);
  return text;
}

static int
copy (GlbHelper *self, const Job *job, GString *text)
{
  g_autoptr(GloveboxResult) result = NULL;
  g_autoptr(GError) error = NULL;

  if (job->cut_newline && text->len > 0 && text->str[text->len - 1] == '\n')
    g_string_truncate (text, text->len - 1);
  if (text->len > TEXT_MAX)
    return glb_helper_fail (self, "at most %u bytes can be copied this way in a Glovebox session; write a file", TEXT_MAX);
  if (text->len == 0)
    return glb_helper_fail (self, "nothing to copy; the clipboard cannot be cleared in a Glovebox session");
  if (!g_utf8_validate (text->str, (gssize) text->len, NULL))
    return glb_helper_fail (self, "only UTF-8 text can be copied this way in a Glovebox session; copy in a program");

  result = glovebox_desktop_write_clipboard (self->desktop, job->selection, text->str, job->type, NULL, &error);
  if (result == NULL)
    return glb_helper_fail (self, "%s", error->message);
  if (job->also_print)
    fwrite (text->str, 1, text->len, stdout);
  return 0;
}

static int
copy_input (GlbHelper *self, const Job *job)
{
  g_autoptr(GString) text = read_input (self, job);

  return text != NULL ? copy (self, job, text) : 1;
}

/* ---- pasting ---------------------------------------------------------------------------- */

static int
print_types (GlbHelper *self, GloveboxResult *result)
{
  g_autofree char *json = glovebox_result_dup_member (result, "clipboard");
  g_autoptr(JsonNode) node = json != NULL ? glb_strict_json_parse (json, strlen (json), GLB_STRICT_JSON_DEFAULT,
                               &(GlbStrictJsonLimits) { .max_bytes = 4 * 1024 * 1024, .max_depth = 4 }, NULL, NULL) : NULL;
  JsonNode *types = node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_object_get_member (json_node_get_object (node), "types") : NULL;

  if (types == NULL || !JSON_NODE_HOLDS_ARRAY (types))
    return glb_helper_fail (self, "the session does not say which types there are");
  for (guint i = 0; i < json_array_get_length (json_node_get_array (types)); i++)
    puts (json_array_get_string_element (json_node_get_array (types), i));
  return 0;
}

static int
paste (GlbHelper *self, const Job *job)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GloveboxResult) result = glovebox_desktop_read_clipboard (self->desktop, job->selection, job->list ? NULL : job->type, NULL, &error);
  g_autoptr(GBytes) content = NULL;
  const char *type, *bytes;
  gsize length;

  if (result == NULL)
    return glb_helper_fail (self, "%s", error->message);
  if (job->list)
    return print_types (self, result);

  content = glovebox_result_dup_clipboard (result, &type);
  if (content == NULL)
    return glb_helper_fail (self, "the session does not say what is copied");
  bytes = g_bytes_get_data (content, &length);
  if (length > 0)
    fwrite (bytes, 1, length, stdout);
  if (job->add_newline && g_utf8_validate (bytes, (gssize) length, NULL) && (length == 0 || bytes[length - 1] != '\n'))
    putchar ('\n');
  return 0;
}

/* ---- the command lines --------------------------------------------------------------------- */

static gboolean
is_one_of (const char *word, const char * const *words)
{
  return g_strv_contains (words, word);
}

/* As wl-clipboard's programs take it: behind "=", or the next word. FALSE: it is another option */
static gboolean
take_type (Job *job, int argc, char **argv, int *i)
{
  if (g_str_has_prefix (argv[*i], "--type="))
    job->type = argv[*i] + strlen ("--type=");
  else if (is_one_of (argv[*i], (const char *[]) { "-t", "--type", NULL }) && *i + 1 < argc)
    job->type = argv[++*i];
  else
    return FALSE;

  return TRUE;
}

int
glb_helper_wl_copy (GlbHelper *self, int argc, char **argv)
{
  Job job = { 0 };
  g_autoptr(GString) text = NULL;
  gboolean options = TRUE;

  for (int i = 0; i < argc; i++)
    {
      if (!options || argv[i][0] != '-')
        {
          options = FALSE;
          if (text == NULL)
            text = g_string_new (argv[i]);
          else
            g_string_append_printf (text, " %s", argv[i]);
        }
      else if (g_str_equal (argv[i], "--"))
        options = FALSE;
      else if (is_one_of (argv[i], (const char *[]) { "-p", "--primary", NULL }))
        job.selection = GLOVEBOX_SELECTION_PRIMARY;
      else if (is_one_of (argv[i], (const char *[]) { "-n", "--trim-newline", NULL }))
        job.cut_newline = TRUE;
      else if (!take_type (&job, argc, argv, &i) && !is_one_of (argv[i], (const char *[]) { "-f", "--foreground", NULL }))
        return glb_helper_fail (self, "%s: is not possible in a Glovebox session; possible: [TEXT…], -p, -n, -t TYPE, -f", argv[i]);
    }

  return text != NULL ? copy (self, &job, text) : copy_input (self, &job);
}

int
glb_helper_wl_paste (GlbHelper *self, int argc, char **argv)
{
  Job job = { .output = TRUE, .add_newline = TRUE };

  for (int i = 0; i < argc; i++)
    {
      if (is_one_of (argv[i], (const char *[]) { "-p", "--primary", NULL }))
        job.selection = GLOVEBOX_SELECTION_PRIMARY;
      else if (is_one_of (argv[i], (const char *[]) { "-n", "--no-newline", NULL }))
        job.add_newline = FALSE;
      else if (is_one_of (argv[i], (const char *[]) { "-l", "--list-types", NULL }))
        job.list = TRUE;
      else if (!take_type (&job, argc, argv, &i))
        return glb_helper_fail (self, "%s: is not possible in a Glovebox session; possible: -p, -n, -l, -t TYPE", argv[i]);
    }

  return paste (self, &job);
}

/* xclip takes any beginning of an option that is long enough. */
static gboolean
is_xclip (const char *word, const char *option, gsize least)
{
  gsize length = strlen (word);

  return length >= least && strncmp (option, word, length) == 0;
}

static gboolean
take_xclip_selection (Job *job, const char *name)
{
  if (name == NULL || strchr ("pc", g_ascii_tolower (name[0])) == NULL || name[0] == '\0')
    return FALSE;

  job->selection = g_ascii_tolower (name[0]) == 'c' ? GLOVEBOX_SELECTION_CLIPBOARD : GLOVEBOX_SELECTION_PRIMARY;
  return TRUE;
}

int
glb_helper_xclip (GlbHelper *self, int argc, char **argv)
{
  Job job = { .selection = GLOVEBOX_SELECTION_PRIMARY };

  for (int i = 0; i < argc; i++)
    {
      const char *word = argv[i];

      if (is_xclip (word, "-selection", 2) && word[1] == 's' && strncmp (word, "-si", 3) != 0)
        {
          if (!take_xclip_selection (&job, i + 1 < argc ? argv[++i] : NULL))
            return glb_helper_fail (self, "-selection takes primary or clipboard");
        }
      else if (is_xclip (word, "-target", 2) && i + 1 < argc)
        job.type = argv[++i];
      else if ((is_xclip (word, "-loops", 2) || is_xclip (word, "-display", 2)) && i + 1 < argc)
        i++;
      else if (is_xclip (word, "-out", 2))
        job.output = TRUE;
      else if (is_xclip (word, "-filter", 2))
        job.also_print = TRUE;
      else if (is_xclip (word, "-rmlastnl", 2))
        job.cut_newline = TRUE;
      else if (is_xclip (word, "-in", 2) || is_xclip (word, "-silent", 3) || is_xclip (word, "-quiet", 2) || is_xclip (word, "-verbose", 3))
        continue;
      else if (word[0] != '-')
        job.file = word;
      else
        return glb_helper_fail (self, "%s: is not possible in a Glovebox session; possible: [FILE], -i, -o, -f, -r, "
                                "-selection primary|clipboard, -target TYPE", word);
    }

  if (job.output && g_strcmp0 (job.type, "TARGETS") == 0)
    job.list = TRUE;
  return job.output ? paste (self, &job) : copy_input (self, &job);
}

int
glb_helper_xsel (GlbHelper *self, int argc, char **argv)
{
  Job job = { .selection = GLOVEBOX_SELECTION_PRIMARY };
  gboolean said = FALSE;

  for (int i = 0; i < argc; i++)
    {
      const char *word = argv[i];
      const char *one = word[0] == '-' && word[1] != '-' ? word + 1 : "";

      if (g_str_has_prefix (word, "--"))
        one = g_str_equal (word, "--input") ? "i" : g_str_equal (word, "--output") ? "o" : g_str_equal (word, "--clipboard") ? "b" :
              g_str_equal (word, "--primary") ? "p" : g_str_equal (word, "--nodetach") ? "n" : g_str_equal (word, "--trim") ? "z" : "";
      if (*one == '\0' || strspn (one, "iobpnz") != strlen (one))
        return glb_helper_fail (self, "%s: is not possible in a Glovebox session; possible: -i, -o, -b, -p", word);

      for (; *one != '\0'; one++)
        {
          said = said || *one == 'i' || *one == 'o';
          job.output = *one == 'o' || (job.output && *one != 'i');
          job.cut_newline = job.cut_newline || *one == 'z';
          if (*one == 'b' || *one == 'p')
            job.selection = *one == 'b' ? GLOVEBOX_SELECTION_CLIPBOARD : GLOVEBOX_SELECTION_PRIMARY;
        }
    }

  if (!said)
    job.output = isatty (STDIN_FILENO) != 0;
  return job.output ? paste (self, &job) : copy_input (self, &job);
}
