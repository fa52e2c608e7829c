/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glovebox-view"

#include "config.h"

#include "ui/glb-recording-info.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "session-broker/record/glb-record-json.h"
#include "session-broker/record/glb-record-line.h"
#include "session-broker/record/glb-record-screen.h"
#include "ui/glb-action-text.h"
#include "ui/glb-recording-json.h"

/* The first record has the policy in it; the last one is short. */
#define HEAD_MAX (1024u * 1024u)
#define TAIL_MAX 4096u

struct _GlbRecordingInfo
{
  GObject parent_instance;

  char *folder, *name;
  char *command;               /* (nullable) */
  GlbRecordingState state;
  gint64 ms;
  gint64 time;
};

G_DEFINE_FINAL_TYPE (GlbRecordingInfo, glb_recording_info, G_TYPE_OBJECT)

/* ---- one recording --------------------------------------------------------------------- */

/* (transfer full) (nullable) */
static char *
read_at (int     fd,
         goffset offset,
         gsize   size,
         gsize  *n_read)
{
  g_autofree char *data = g_malloc (size);
  gsize n = 0;

  while (n < size)
    {
      gssize got = pread (fd, data + n, size - n, offset + n);

      if (got < 0 && errno == EINTR)
        continue;
      if (got <= 0)
        break;
      n += got;
    }
  *n_read = n;

  return g_steal_pointer (&data);
}

/* (transfer full) (nullable): the command, in one line */
static char *
describe_command (JsonObject *first)
{
  JsonObject *session = glb_record_json_get_object (first, "session");
  JsonArray *command = glb_recording_json_get_array (session, "command");
  g_autoptr(GString) text = g_string_new (NULL);

  for (guint i = 0; command != NULL && i < MIN (json_array_get_length (command), 16); i++)
    {
      JsonNode *node = json_array_get_element (command, i);

      if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_STRING)
        return NULL;
      g_string_append_printf (text, "%s%s", i > 0 ? " " : "", json_node_get_string (node));
    }

  return text->len > 0 ? glb_action_text_make_visible (text->str) : NULL;
}

static gboolean
read_head (GlbRecordingInfo *self,
           int               fd)
{
  gsize size;
  g_autofree char *head = read_at (fd, 0, HEAD_MAX, &size);
  const char *newline = memchr (head, '\n', size);
  g_autoptr(JsonObject) first = NULL;
  GlbRecordLine line;

  if (newline == NULL)
    return FALSE;
  first = glb_record_line_parse (&line, head, newline - head, NULL);
  if (first == NULL || strcmp (line.type, GLB_RECORD_FIRST_TYPE) != 0)
    return FALSE;
  self->command = describe_command (first);

  return TRUE;
}

/* Where the last line is no full "end" it was cut, or is not over; how long it is shows when it is opened. */
static void
read_tail (GlbRecordingInfo *self,
           int               fd,
           goffset           size)
{
  goffset offset = MAX (0, size - (goffset) TAIL_MAX);
  gsize length;
  g_autofree char *tail = read_at (fd, offset, TAIL_MAX, &length);
  const char *begin = length > 1 && tail[length - 1] == '\n' ? memrchr (tail, '\n', length - 1) : NULL;
  g_autoptr(JsonObject) last = NULL;
  GlbRecordLine line;

  if (begin == NULL)
    return;
  last = glb_record_line_parse (&line, begin + 1, tail + length - 1 - (begin + 1), NULL);
  if (last == NULL)
    return;
  self->ms = line.ms;
  if (strcmp (line.type, GLB_RECORD_LAST_TYPE) == 0)
    self->state = GLB_RECORDING_WHOLE;
}

GlbRecordingInfo *
glb_recording_info_new (const char *folder)
{
  g_autoptr(GlbRecordingInfo) self = g_object_new (GLB_TYPE_RECORDING_INFO, NULL);
  g_autofree char *path = g_build_filename (folder, GLB_RECORD_LINES_NAME, NULL);
  g_autofree char *name = g_path_get_basename (folder);
  int fd = open (path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  struct stat status;

  if (fd < 0)
    return NULL;
  if (fstat (fd, &status) < 0 || !S_ISREG (status.st_mode))
    {
      close (fd);
      return NULL;
    }
  self->folder = g_strdup (folder);
  self->name = g_filename_display_name (name);
  self->time = status.st_mtime;
  if (read_head (self, fd))
    {
      self->state = GLB_RECORDING_OPEN;
      read_tail (self, fd, status.st_size);
    }
  close (fd);

  return g_steal_pointer (&self);
}

static void
glb_recording_info_finalize (GObject *object)
{
  GlbRecordingInfo *self = GLB_RECORDING_INFO (object);

  g_free (self->folder);
  g_free (self->name);
  g_free (self->command);

  G_OBJECT_CLASS (glb_recording_info_parent_class)->finalize (object);
}

static void
glb_recording_info_class_init (GlbRecordingInfoClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = glb_recording_info_finalize;
}

static void
glb_recording_info_init (GlbRecordingInfo *self)
{
  self->state = GLB_RECORDING_UNREADABLE;
  self->ms = -1;
}

const char *
glb_recording_info_get_folder (GlbRecordingInfo *self)
{
  g_return_val_if_fail (GLB_IS_RECORDING_INFO (self), NULL);

  return self->folder;
}

const char *
glb_recording_info_get_name (GlbRecordingInfo *self)
{
  g_return_val_if_fail (GLB_IS_RECORDING_INFO (self), NULL);

  return self->name;
}

const char *
glb_recording_info_get_command (GlbRecordingInfo *self)
{
  g_return_val_if_fail (GLB_IS_RECORDING_INFO (self), NULL);

  return self->command;
}

GlbRecordingState
glb_recording_info_get_state (GlbRecordingInfo *self)
{
  g_return_val_if_fail (GLB_IS_RECORDING_INFO (self), GLB_RECORDING_UNREADABLE);

  return self->state;
}

gint64
glb_recording_info_get_ms (GlbRecordingInfo *self)
{
  g_return_val_if_fail (GLB_IS_RECORDING_INFO (self), -1);

  return self->ms;
}

gint64
glb_recording_info_get_time (GlbRecordingInfo *self)
{
  g_return_val_if_fail (GLB_IS_RECORDING_INFO (self), 0);

  return self->time;
}

/* ---- folders ------------------------------------------------------------------------------- */

char *
glb_recording_folder_dup_default (void)
{
  return g_build_filename (g_get_user_data_dir (), "glovebox", "recordings", NULL);
}

/* A session's name is no path. */
static char *
make_file_name (const char *session)
{
  g_autoptr(GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *time = g_date_time_format (now, "%Y-%m-%d %H.%M.%S");
  g_autofree char *name = g_strndup (session, 64);

  g_strcanon (name, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "-_.", '-');

  return g_strdup_printf ("%s %s", time, name);
}

char *
glb_recording_folder_dup_new (const char  *session,
                              GError     **error)
{
  g_autofree char *folder = glb_recording_folder_dup_default ();
  g_autofree char *name = make_file_name (session);
  g_autofree char *path = g_build_filename (folder, name, NULL);

  if (g_mkdir_with_parents (folder, 0700) < 0)
    {
      int code = errno;

      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code), _("Can't make the folder %s: %s"), folder, g_strerror (code));
      return NULL;
    }
  for (guint i = 2; g_file_test (path, G_FILE_TEST_EXISTS); i++)
    {
      g_free (path);
      path = g_strdup_printf ("%s/%s %u", folder, name, i);
    }

  return g_steal_pointer (&path);
}

static int
compare_times (gconstpointer a,
               gconstpointer b)
{
  const GlbRecordingInfo *first = *(GlbRecordingInfo * const *) a, *second = *(GlbRecordingInfo * const *) b;

  if (first->time != second->time)
    return first->time > second->time ? -1 : 1;

  return strcmp (second->name, first->name);
}

static void
list_in_thread (GTask        *task,
                gpointer      source,
                gpointer      folder,
                GCancellable *cancellable)
{
  g_autoptr(GPtrArray) infos = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr(GError) error = NULL;
  g_autoptr(GDir) dir = g_dir_open (folder, 0, &error);
  const char *name;

  if (dir == NULL && !g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_NOENT))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  while (dir != NULL && infos->len < GLB_RECORDING_INFOS_MAX && !g_cancellable_is_cancelled (cancellable) &&
         (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      GlbRecordingInfo *info = glb_recording_info_new (path);

      if (info != NULL)
        g_ptr_array_add (infos, info);
    }
  g_ptr_array_sort (infos, compare_times);
  g_task_return_pointer (task, g_steal_pointer (&infos), (GDestroyNotify) g_ptr_array_unref);
}

void
glb_recording_folder_list_async (const char          *folder,
                                 GCancellable        *cancellable,
                                 GAsyncReadyCallback  callback,
                                 gpointer             user_data)
{
  g_autoptr(GTask) task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_source_tag (task, glb_recording_folder_list_async);
  g_task_set_task_data (task, g_strdup (folder), g_free);
  g_task_run_in_thread (task, list_in_thread);
}

GPtrArray *
glb_recording_folder_list_finish (GAsyncResult  *result,
                                  GError       **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
