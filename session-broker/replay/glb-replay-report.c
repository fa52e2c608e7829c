/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glb-replay"
#include "config.h"

#include "session-broker/replay/glb-replay-report.h"

#include "session-broker/replay/glb-replay-markup.h"

/*
 * A page that shows what a hostile session said
 * =============================================
 *
 * Window titles, names of elements, messages and output are all the session's. They go through one function each time, and the page
 * forbids everything but its own style and its own pictures to the browser, so that a hole in the first would still run nothing.
 * It is well-formed XML, too, so that a test can see that no text opens or closes a tag.
 */

static const char head[] =
  "<!DOCTYPE html>\n"
  "<html lang=\"en\">\n"
  "<head>\n"
  "<meta charset=\"utf-8\"/>\n"
  "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\"/>\n"
  "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
  "<meta name=\"color-scheme\" content=\"light dark\"/>\n"
  "<title>Glovebox replay</title>\n"
  "<style>\n"
  ":root { --paper: #fafafa; --card: #ffffff; --ink: #1e1e1e; --dim: #5e5c64; --line: #d5d3cf; --good: #1b7f4b; --bad: #c01c28; --warn: #9c6e03 }\n"
  "@media (prefers-color-scheme: dark) { :root { --paper: #1e1e1e; --card: #2a2a2a; --ink: #f6f5f4; --dim: #b0aeb5; --line: #48464d;\n"
  "  --good: #57e389; --bad: #ff7b72; --warn: #f8e45c } }\n"
  "body { font: 16px/1.5 system-ui, sans-serif; background: var(--paper); color: var(--ink); margin: 0 auto; max-width: 76rem; padding: 1.5rem }\n"
  "h1 { font-size: 1.5rem } h2 { font-size: 1.15rem; margin: 0; display: inline } .dim { color: var(--dim) }\n"
  "details { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; margin: .8rem 0; padding: .8rem 1rem }\n"
  "summary { cursor: pointer } .passed { color: var(--good) } .diverged, .failed { color: var(--bad) } .refused { color: var(--warn) }\n"
  ".reason { font-weight: 600; overflow-wrap: anywhere } code, pre, td { overflow-wrap: anywhere; white-space: pre-wrap }\n"
  "table { border-collapse: collapse; width: 100%; font-size: .9rem } td { border-top: 1px solid var(--line); padding: .25rem .5rem;\n"
  "  vertical-align: top } td:first-child, td:last-child { color: var(--dim); white-space: nowrap } tr.end td { color: var(--bad); font-weight: 600 }\n"
  ".pictures { display: grid; grid-template-columns: repeat(auto-fit, minmax(22rem, 1fr)); gap: 1rem; margin: 1rem 0 }\n"
  "figure { margin: 0 } figcaption { color: var(--dim); font-size: .9rem } .screen { position: relative; line-height: 0 }\n"
  ".screen img { width: 100%; height: auto; border: 1px solid var(--line); box-sizing: border-box }\n"
  "figure:focus { grid-column: 1 / -1 } .screen { cursor: zoom-in } figure:focus .screen { cursor: auto }\n"
  ".mark { position: absolute; border: 2px solid #e01b24; box-shadow: 0 0 0 2px #ffffffb0; box-sizing: border-box }\n"
  "pre { background: var(--paper); border: 1px solid var(--line); padding: .6rem; font-size: .85rem }\n"
  "</style>\n"
  "</head>\n"
  "<body>\n";

static double
to_seconds (gint64 duration_us)
{
  return (double) duration_us / G_USEC_PER_SEC;
}

static void
append_number (GString    *out,
               const char *format,
               double      number)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  /* a comma would be the reader's locale, and no number to a parser */
  g_string_append (out, g_ascii_formatd (text, sizeof text, format, number));
}

/* ---- pictures ------------------------------------------------------------------------- */

static void
append_mark (GString                *out,
             const GlbReplayRect    *bounds,
             const GlbReplayPicture *picture)
{
  const struct { const char *name; double share; } sides[] = {
    { "left", (double) bounds->x / picture->width }, { "top", (double) bounds->y / picture->height },
    { "width", (double) bounds->width / picture->width }, { "height", (double) bounds->height / picture->height },
  };

  g_string_append (out, "<span class=\"mark\" style=\"");
  for (guint i = 0; i < G_N_ELEMENTS (sides); i++)
    {
      g_string_append_printf (out, "%s: ", sides[i].name);
      append_number (out, "%.3f", 100 * sides[i].share);
      g_string_append (out, "%; ");
    }
  g_string_append (out, "\"></span>");
}

/* picture, bounds: (nullable) */
static gboolean
append_picture (GString                 *out,
                const char              *caption,
                const GlbReplayPicture  *picture,
                const GlbReplayRect     *bounds,
                GError                 **error)
{
  g_autoptr(GBytes) png = NULL;
  g_autofree char *encoded = NULL;

  if (picture == NULL)
    return TRUE;
  png = glb_replay_picture_to_png (picture, error);
  if (png == NULL)
    return FALSE;

  encoded = g_base64_encode (g_bytes_get_data (png, NULL), g_bytes_get_size (png));
  g_string_append_printf (out, "<figure tabindex=\"0\"><figcaption>%s</figcaption><div class=\"screen\"><img alt=\"%s\" width=\"%u\" height=\"%u\" "
                          "src=\"data:image/png;base64,%s\"/>", caption, caption, picture->width, picture->height, encoded);
  if (bounds != NULL)
    append_mark (out, bounds, picture);
  g_string_append (out, "</div></figure>\n");
  return TRUE;
}

static gboolean
append_pictures (GString                *out,
                 const GlbReplayResult  *result,
                 GError                **error)
{
  const GlbReplayRect *bounds = result->has_bounds ? &result->bounds : NULL;

  g_string_append (out, "<div class=\"pictures\">\n");
  if (!append_picture (out, "Before the step", result->before, NULL, error) ||
      !append_picture (out, "Expected", result->expected, bounds, error) ||
      !append_picture (out, "After the step", result->after, bounds, error) ||
      !append_picture (out, "Difference", result->difference, bounds, error))
    return FALSE;
  g_string_append (out, "</div>\n");
  return TRUE;
}

/* ---- texts ------------------------------------------------------------------------------ */

static void
append_steps (GString               *out,
              const GlbReplayResult *result)
{
  g_string_append (out, "<table>\n");
  for (guint i = 0; i < result->done->len; i++)
    {
      const GlbReplayDone *done = g_ptr_array_index (result->done, i);
      gboolean end = result->verdict != GLB_REPLAY_PASSED && i + 1 == result->done->len;

      g_string_append_printf (out, "<tr%s><td>%u</td><td>", end ? " class=\"end\"" : "", i + 1);
      glb_replay_markup_append (out, done->text);
      if (done->line > 0)
        g_string_append_printf (out, " <span class=\"dim\">line %u</span>", done->line);
      g_string_append (out, "</td><td>");
      append_number (out, "%.0f", (double) done->duration_us / 1000);
      g_string_append (out, " ms</td></tr>\n");
    }
  g_string_append (out, "</table>\n");
}

static void
append_texts (GString               *out,
              const GlbReplayResult *result)
{
  if (result->reason != NULL)
    {
      g_string_append (out, "<p class=\"reason\">");
      glb_replay_markup_append (out, result->reason);
      g_string_append (out, "</p>\n");
    }
  for (guint i = 0; i < result->updates->len; i++)
    {
      g_string_append (out, "<p>");
      glb_replay_markup_append (out, g_ptr_array_index (result->updates, i));
      g_string_append (out, "</p>\n");
    }
}

static void
append_output (GString               *out,
               const GlbReplayResult *result)
{
  if (result->output == NULL || *result->output == '\0')
    return;

  g_string_append (out, "<p class=\"dim\">The end of what the command wrote:</p>\n<pre>");
  glb_replay_markup_append (out, result->output);
  g_string_append (out, "</pre>\n");
}

static gboolean
append_result (GString                *out,
               const GlbReplayResult  *result,
               GError                **error)
{
  const char *verdict = glb_replay_verdict_to_string (result->verdict);

  g_string_append_printf (out, "<details%s>\n<summary><h2>", result->verdict != GLB_REPLAY_PASSED ? " open=\"\"" : "");
  glb_replay_markup_append (out, result->name);
  g_string_append_printf (out, "</h2> <strong class=\"%s\">%s</strong> <span class=\"dim\">%u of %u steps, ", verdict, verdict,
                          result->done->len, result->n_steps);
  append_number (out, "%.2f", to_seconds (result->duration_us));
  g_string_append (out, " s, ");
  glb_replay_markup_append (out, result->file);
  g_string_append (out, "</span></summary>\n");
  append_texts (out, result);
  if (!append_pictures (out, result, error))
    return FALSE;
  append_steps (out, result);
  append_output (out, result);
  g_string_append (out, "</details>\n");
  return TRUE;
}

static guint
count (GPtrArray        *results,
       GlbReplayVerdict  verdict)
{
  guint n = 0;

  for (guint i = 0; i < results->len; i++)
    if (((const GlbReplayResult *) g_ptr_array_index (results, i))->verdict == verdict)
      n++;
  return n;
}

static gint64
sum_durations (GPtrArray *results)
{
  gint64 sum = 0;

  for (guint i = 0; i < results->len; i++)
    sum += ((const GlbReplayResult *) g_ptr_array_index (results, i))->duration_us;
  return sum;
}

char *
glb_replay_report_to_html (GPtrArray  *results,
                           GError    **error)
{
  g_autoptr(GString) out = g_string_new (head);

  g_string_append (out, "<h1>Glovebox replay</h1>\n<p>");
  for (GlbReplayVerdict verdict = GLB_REPLAY_PASSED; verdict <= GLB_REPLAY_FAILED; verdict++)
    {
      const char *name = glb_replay_verdict_to_string (verdict);

      g_string_append_printf (out, "<span class=\"%s\">%u %s</span>%s", name, count (results, verdict), name,
                              verdict < GLB_REPLAY_FAILED ? ", " : "");
    }
  g_string_append (out, "</p>\n");
  for (guint i = 0; i < results->len; i++)
    if (!append_result (out, g_ptr_array_index (results, i), error))
      return NULL;
  g_string_append (out, "</body>\n</html>\n");
  return g_string_free (g_steal_pointer (&out), FALSE);
}

/* ---- JUnit -------------------------------------------------------------------------------- */

static void
append_attribute (GString    *out,
                  const char *name,
                  const char *value)
{
  g_string_append_printf (out, " %s=\"", name);
  glb_replay_markup_append (out, value);
  g_string_append_c (out, '"');
}

static void
append_time (GString *out,
             gint64   duration_us)
{
  g_string_append (out, " time=\"");
  append_number (out, "%.3f", to_seconds (duration_us));
  g_string_append_c (out, '"');
}

static void
append_why (GString               *out,
            const GlbReplayResult *result)
{
  const char *tag = result->verdict == GLB_REPLAY_DIVERGED ? "failure" : "error";
  const GlbReplayDone *done = result->done->len > 0 ? g_ptr_array_index (result->done, result->done->len - 1) : NULL;

  g_string_append_printf (out, "      <%s", tag);
  append_attribute (out, "type", glb_replay_verdict_to_string (result->verdict));
  append_attribute (out, "message", result->reason != NULL ? result->reason : "");
  g_string_append_c (out, '>');
  if (done != NULL)
    {
      g_string_append_printf (out, "step %u of %u, line %u: ", result->done->len, result->n_steps, done->line);
      glb_replay_markup_append (out, done->text);
    }
  g_string_append_printf (out, "</%s>\n", tag);
}

static void
append_case (GString               *out,
             const GlbReplayResult *result)
{
  g_string_append (out, "    <testcase");
  append_attribute (out, "classname", "glovebox.replay");
  append_attribute (out, "name", result->name);
  append_attribute (out, "file", result->file);
  append_time (out, result->duration_us);
  g_string_append (out, ">\n");
  if (result->verdict != GLB_REPLAY_PASSED)
    append_why (out, result);
  if (result->output != NULL && *result->output != '\0')
    {
      g_string_append (out, "      <system-out>");
      glb_replay_markup_append (out, result->output);
      g_string_append (out, "</system-out>\n");
    }
  g_string_append (out, "    </testcase>\n");
}

static void
append_counts (GString   *out,
               GPtrArray *results)
{
  g_string_append_printf (out, " tests=\"%u\" failures=\"%u\" errors=\"%u\"", results->len, count (results, GLB_REPLAY_DIVERGED),
                          count (results, GLB_REPLAY_REFUSED) + count (results, GLB_REPLAY_FAILED));
  append_time (out, sum_durations (results));
}

char *
glb_replay_report_to_junit (GPtrArray *results)
{
  g_autoptr(GString) out = g_string_new ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites");

  append_counts (out, results);
  g_string_append (out, ">\n  <testsuite name=\"glovebox replay\" skipped=\"0\"");
  append_counts (out, results);
  g_string_append (out, ">\n");
  for (guint i = 0; i < results->len; i++)
    append_case (out, g_ptr_array_index (results, i));
  g_string_append (out, "  </testsuite>\n</testsuites>\n");
  return g_string_free (g_steal_pointer (&out), FALSE);
}
