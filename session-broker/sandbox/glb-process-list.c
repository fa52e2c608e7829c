/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glovebox-sandbox"

#include "config.h"

#include "session-broker/sandbox/glb-process-list.h"

#include <string.h>

/* The last number of the line that begins with @key, as "NSpid:" has one for each namespace. */
static gboolean
find_last_number (const char *status, const char *key, int *number)
{
  const char *line = strstr (status, key), *last;
  gint64 value;

  if (line == NULL)
    return FALSE;
  line += strlen (key);
  last = line + strcspn (line, "\n");
  while (last > line && g_ascii_isdigit (last[-1]))
    last--;
  value = g_ascii_strtoll (last, NULL, 10);
  if (!g_ascii_isdigit (*last) || value < 0 || value > G_MAXINT)
    return FALSE;

  *number = (int) value;
  return TRUE;
}

gboolean
glb_process_parse (const char *status, GlbProcess *process)
{
  /* A process names itself, but a line break in that is escaped: no name can forge a line. */
  if (!find_last_number (status, "\nPid:\t", &process->pid) || !find_last_number (status, "\nPPid:\t", &process->parent))
    return FALSE;
  if (!find_last_number (status, "\nNSpid:\t", &process->inner_pid))
    process->inner_pid = 0;

  return process->pid > 0;
}

void
glb_process_list_add (GArray *list, const char *procs, gboolean held)
{
  g_auto(GStrv) lines = g_strsplit (procs, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      gint64 pid = g_ascii_strtoll (lines[i], NULL, 10);
      g_autofree char *path = g_strdup_printf ("/proc/%" G_GINT64_FORMAT "/status", pid);
      g_autofree char *status = NULL;
      GlbProcess process = { .held = held };

      if (pid <= 0 || pid > G_MAXINT)
        continue;
      /* One that hides its parent is nobody's child, and stands still. */
      if (!g_file_get_contents (path, &status, NULL, NULL) || !glb_process_parse (status, &process))
        process.pid = (int) pid;
      g_array_append_val (list, process);
    }
}

static gboolean
contains (const GArray *pids, int pid)
{
  for (guint i = 0; i < pids->len; i++)
    if (g_array_index (pids, int, i) == pid)
      return TRUE;

  return FALSE;
}

static const GlbProcess *
find (const GArray *list, int pid)
{
  for (guint i = 0; i < list->len; i++)
    if (g_array_index (list, GlbProcess, i).pid == pid)
      return &g_array_index (list, GlbProcess, i);

  return NULL;
}

/* No line of parents is longer than the list. */
static gboolean
is_in_tree (const GArray *list, const GlbProcess *process, const GArray *trees)
{
  for (guint i = 0; process != NULL && i < list->len; i++)
    {
      if (contains (trees, process->pid))
        return TRUE;
      process = find (list, process->parent);
    }

  return FALSE;
}

void
glb_process_list_choose (GArray *list, const GArray *keep, const GArray *trees)
{
  for (guint i = 0; i < list->len; i++)
    {
      GlbProcess *process = &g_array_index (list, GlbProcess, i);

      process->hold = !contains (keep, process->pid) && !is_in_tree (list, process, trees);
    }
}

int
glb_process_list_find_inner (const GArray *list, int inner_pid)
{
  for (guint i = 0; inner_pid > 0 && i < list->len; i++)
    if (g_array_index (list, GlbProcess, i).inner_pid == inner_pid)
      return g_array_index (list, GlbProcess, i).pid;

  return 0;
}
