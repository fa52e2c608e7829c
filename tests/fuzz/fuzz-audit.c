/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "session-broker/audit/glb-audit-log.h"
#include "session-broker/audit/glb-audit-private.h"

/* Whatever the file: it is whole, or the error has a place. A whole one is its lines and nothing else, each of which
 * can be shown; one byte altered in it is found. */

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static gboolean
scan (const guint8     *data,
      gsize             size,
      GlbAuditSummary  *summary,
      GError          **error)
{
  int fd = memfd_create ("log", MFD_CLOEXEC);
  gboolean whole;

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (write (fd, data, size), ==, size);
  whole = glb_audit_scan (fd, "log", GLB_AUDIT_SCAN_LOG, NULL, NULL, summary, error);
  close (fd);
  return whole;
}

static void
check_lines (const guint8 *data,
             gsize         size,
             guint64       n_records)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_auto(GStrv) lines = g_strsplit (text, "\n", 0);
  guint n_lines = size == 0 ? 0 : g_strv_length (lines) - 1;

  g_assert_cmpuint (n_lines, ==, n_records);
  for (guint i = 0; i < n_lines; i++)
    {
      g_autoptr(GError) error = NULL;
      g_autofree char *shown = glb_audit_format_record (lines[i], strlen (lines[i]), &error);

      g_assert_no_error (error);
      for (const char *p = shown; *p != '\0'; p = g_utf8_next_char (p))
        g_assert_false (g_unichar_iscntrl (g_utf8_get_char (p)));
    }
}

/* One bit of each byte in turn, in all records but the last: no one comes after that. */
static void
check_alterations (const guint8 *data,
                   gsize         size,
                   guint64       n_records)
{
  g_autofree guint8 *altered = NULL;
  const guint8 *last;

  if (n_records < 2)
    return;
  altered = g_memdup2 (data, size);
  last = memrchr (data, '\n', size - 1);
  for (gsize i = 0; data + i < last; i++)
    {
      g_auto(GlbAuditSummary) summary = { 0 };
      g_autoptr(GError) error = NULL;

      altered[i] ^= 1 << (i % 8);
      g_assert_false (scan (altered, size, &summary, &error));
      g_assert_error (error, GLB_AUDIT_ERROR, GLB_AUDIT_ERROR_BROKEN);
      altered[i] = data[i];
    }
}

/* Any text: shown or refused. */
static void
check_format (const guint8 *data,
              gsize         size)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *shown = glb_audit_format_record ((const char *) data, size, &error);

  g_assert_true ((shown != NULL) != (error != NULL));
}

int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         size)
{
  g_auto(GlbAuditSummary) summary = { 0 };
  g_autoptr(GError) error = NULL;

  check_format (data, size);
  if (scan (data, size, &summary, &error))
    {
      g_assert_cmpuint (summary.end, ==, size);
      check_lines (data, size, summary.n_records);
      check_alterations (data, size, summary.n_records);
      return 0;
    }
  g_assert_error (error, GLB_AUDIT_ERROR, GLB_AUDIT_ERROR_BROKEN);
  g_assert_true (g_str_has_prefix (error->message, "log:"));
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  g_assert_null (strchr (error->message, '\n'));
  /* Recovery cuts there. */
  g_assert_cmpuint (summary.end, <=, size);
  g_assert_true (summary.end == 0 || data[summary.end - 1] == '\n');
  return 0;
}
