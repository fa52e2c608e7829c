/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Times glb_clipboard_clean() with the search for secrets, on 64 KiB and on
 * 16 MiB of ordinary and of hostile content: medians with the tenth and
 * ninetieth percentile behind them, and the time per byte of the large relative
 * to the small, which is near 1 where it is linear.
 *
 * bench-clipboard FOLDER...: names the text files below in which the search
 * finds something, and counts them: what it would ask for in vain.
 */

#include "clipboard-guard/glb-clipboard-content.h"

#include <stdlib.h>
#include <string.h>

#include <glib/gstdio.h>

#include "clipboard-guard/glb-clipboard-secret.h"

#define RUNS  11
#define SMALL (64u * 1024)
#define LARGE (16u * 1024 * 1024)

/* Each repeated to the size. */
static const struct { const char *name; const char *type; const char *text; } contents[] = {
  { "prose", "text/plain", "The quick brown fox jumps over the lazy dog, and then it does so again.\n" },
  { "program", "text/plain", "  for (guint i = 0; i < size_of_array; i++) { sum_of_all += 0x41424344 * table[i].weight; }\n" },
  { "base64", "text/plain", "TWFuIGlzIGRpc3Rpbmd1aXNoZWQsIG5vdCBvbmx5IGJ5IGhpcyByZWFzb24sIGJ1dCBieSB0aGlz\n" },
  { "Chinese", "text/plain", "敏捷的棕色狐狸跳过了那只懒狗，然后又跳了一次。\n" },
  { "Hindi and emoji", "text/plain", "क्\xe2\x80\x8dष शब्द 👩\xe2\x80\x8d💻 ❤\xef\xb8\x8f " },
  { "only hidden characters", "text/plain", "a\xe2\x80\x8b\xe2\x80\xae\xf3\xa0\x81\xa8" },
  { "escapes", "text/plain", "\x1b[31mx\x1b]0;t\x07" },
  { "escapes without an end", "text/plain", "\x1b]" },
  { "lines of dashes", "text/plain", "----BEGIN " },
  { "first lines of keys", "text/plain", "-----BEGIN " "PRIVATE KEY-----\n" },
  { "beginnings of tokens", "text/plain", "sk- sk-a ghp_a AKIA eyJ glpat- xoxb- SG. " },
  { "one long token", "text/plain", "sk-" },
  { "JWT without an end", "text/plain", "eyJabcdefghi." },
  { "otpauth", "text/plain", "otpauth://totp/" },
  { "digits", "text/plain", "4111 1111 1111 1112 " },
  { "HTML", "text/html", "<p class=\"x\">The <b>quick</b> <a href=\"https://a.example/\">fox</a> &amp; the lazy dog</p>\n" },
  { "HTML, open tags", "text/html", "<div><li><b>x" },
  { "HTML, less-than", "text/html", "<<" "a" },
  { "HTML, open comment", "text/html", "<!-- x" },
  { "HTML, open script", "text/html", "<script>x</scrip" },
  { "HTML, attributes", "text/html", "<b a=1 b=\"2\" c='3' d>x</b>" },
  { "HTML, references", "text/html", "&amp;&#x41;&nope;&" },
};

static int
compare (gconstpointer a,
         gconstpointer b)
{
  return *(const gint64 *) a < *(const gint64 *) b ? -1 : *(const gint64 *) a > *(const gint64 *) b;
}

typedef struct
{
  double low, median, high;   /* ms */
} Spread;

static Spread
measure (const char *type,
         const char *text,
         gsize       size)
{
  static const char * const types[] = { "text/plain", "text/html", NULL };
  GlbClipboardRules rules = {
    .direction = GLB_CLIPBOARD_TO_HOST, .verdict = GLB_VERDICT_ALLOW, .secrets = GLB_VERDICT_DENY, .types = types, .max_bytes = G_MAXUINT / 2,
  };
  GString *content = g_string_sized_new (size + 256);
  g_autoptr(GBytes) bytes = NULL;
  gint64 times[RUNS];

  while (content->len + strlen (text) <= size)
    g_string_append (content, text);
  bytes = g_bytes_new_static (content->str, content->len);
  for (guint i = 0; i < RUNS; i++)
    {
      gint64 start = g_get_monotonic_time ();
      g_autoptr(GlbClipboardContent) clean = glb_clipboard_clean (&rules, type, bytes, NULL);

      times[i] = g_get_monotonic_time () - start;
    }
  g_string_free (content, TRUE);
  qsort (times, RUNS, sizeof times[0], compare);
  return (Spread) { times[RUNS / 10] / 1000.0, times[RUNS / 2] / 1000.0, times[RUNS * 9 / 10] / 1000.0 };
}

/* ---- false alarms ------------------------------------------------------------- */

/* Of at most 1 MiB; of a file that is no text: nothing. */
static void
scan_file (const char *path, guint *n_files, guint *n_found)
{
  g_autoptr(GArray) findings = glb_clipboard_findings_new ();
  g_autofree char *text = NULL;
  gsize length = 0;
  GStatBuf st;

  if (g_lstat (path, &st) != 0 || !S_ISREG (st.st_mode) || st.st_size == 0 || st.st_size > 1 << 20 ||
      !g_file_get_contents (path, &text, &length, NULL) || !g_utf8_validate (text, length, NULL))
    return;

  (*n_files)++;
  if (!glb_clipboard_secret_scan (text, length, findings))
    return;
  (*n_found)++;
  g_print ("%s\n", path);
}

static void
scan_folder (const char *path, guint *n_files, guint *n_found)
{
  g_autoptr(GDir) dir = g_file_test (path, G_FILE_TEST_IS_SYMLINK) ? NULL : g_dir_open (path, 0, NULL);
  const char *name;

  if (dir == NULL)
    scan_file (path, n_files, n_found);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      scan_folder (child, n_files, n_found);
    }
}

int
main (int argc, char **argv)
{
  if (argc > 1)
    {
      guint n_files = 0, n_found = 0;

      for (int i = 1; i < argc; i++)
        scan_folder (argv[i], &n_files, &n_found);
      g_print ("in %u of %u text files something looks like a secret\n", n_found, n_files);
      return 0;
    }

  g_print ("| %u runs each | 64 KiB | 10th to 90th percentile | 16 MiB | 10th to 90th percentile | per byte |\n|---|---:|---:|---:|---:|---:|\n",
           RUNS);
  for (guint i = 0; i < G_N_ELEMENTS (contents); i++)
    {
      Spread small = measure (contents[i].type, contents[i].text, SMALL);
      Spread large = measure (contents[i].type, contents[i].text, LARGE);

      g_print ("| %s | %.2f ms | %.2f to %.2f | %.0f ms | %.0f to %.0f | %.2f |\n", contents[i].name, small.median, small.low, small.high,
               large.median, large.low, large.high, large.median / small.median / (LARGE / SMALL));
    }
  return 0;
}
