/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A frame says which parts of the screen may have changed; programs say too
 * much. So the writer keeps the screen as the recording has it, masks and all,
 * and writes what is different from it, in bands of rows that lie close to each
 * other. What changes below a mask is never different, and leaves no trace.
 */

#include "session-broker/record/glb-record-writer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "session-broker/record/glb-record-line.h"
#include "session-broker/record/glb-record-reader.h"
#include "session-broker/record/glb-record-screen.h"

#define NEW_IMAGE_NAME ".new"

/* Kept for the last record. */
#define END_ROOM_BYTES 4096u

/* Rows that are the same, between two that are not, before these become two images. */
#define BAND_GAP_ROWS 24u

struct _GlbRecordWriter
{
  GObject parent_instance;

  int fd;                    /* of the lines, -1: ended */
  int images_fd;
  guint64 bytes, max_bytes;
  guint64 lines_bytes;
  guint64 n_records;
  guint64 n_images;
  gint64 ms;
  char prev[GLB_RECORD_HASH_HEX + 1];
  GHashTable *images;        /* names of those that are there */

  GlbRecordImage *screen;    /* as the recording has it */
  GArray *masks;             /* of GlbRect */
  gboolean has_screen;
  guint n_since_whole;
};

G_DEFINE_FINAL_TYPE (GlbRecordWriter, glb_record_writer, G_TYPE_OBJECT)

static gboolean
set_errno_error (GError     **error,
                 const char  *what,
                 const char  *path,
                 int          saved_errno)
{
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved_errno), "Can't %s %s: %s", what, path, g_strerror (saved_errno));
  return FALSE;
}

static gboolean
write_all (int         fd,
           const void *data,
           gsize       length)
{
  const char *at = data;

  while (length > 0)
    {
      gssize written = write (fd, at, length);

      if (written < 0 && errno == EINTR)
        continue;
      if (written < 0)
        return FALSE;
      at += written;
      length -= written;
    }
  return TRUE;
}

/* ---- lines ---------------------------------------------------------------- */

static gboolean
check_room (GlbRecordWriter  *self,
            guint64           bytes,
            guint64           kept,
            GError          **error)
{
  if (self->bytes + bytes + kept <= self->max_bytes)
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE, "the recording has its %" G_GUINT64_FORMAT " MB; give it more with --max-mb",
               self->max_bytes / (1024 * 1024));
  return FALSE;
}

/* What a reader takes. */
static gboolean
check_lines (GlbRecordWriter  *self,
             guint64           bytes,
             GError          **error)
{
  if (self->lines_bytes + bytes <= GLB_RECORD_LINES_MAX)
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE, "the recording has its %u MB of records; begin a new one",
               GLB_RECORD_LINES_MAX / (1024 * 1024));
  return FALSE;
}

/* A line is there with its newline, or not at all. */
static gboolean
write_line (GlbRecordWriter  *self,
            GString          *line,
            GError          **error)
{
  int saved_errno;

  if (write_all (self->fd, line->str, line->len))
    return TRUE;
  saved_errno = errno;
  if (ftruncate (self->fd, self->lines_bytes) < 0)
    g_debug ("Can't take half a record back: %s", g_strerror (errno));
  return set_errno_error (error, "append to", GLB_RECORD_LINES_NAME, saved_errno);
}

static gboolean
append (GlbRecordWriter  *self,
        gint64            ms,
        const char       *type,
        JsonObject       *fields,
        guint64           kept,
        GError          **error)
{
  GlbRecordLine record = { .n = self->n_records + 1, .ms = MAX (ms, self->ms), .type = type };
  g_autoptr(GString) line = NULL;

  if (self->fd < 0)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CLOSED, "Can't record: the recording has ended");
      return FALSE;
    }
  g_strlcpy (record.prev, self->prev, sizeof record.prev);
  line = glb_record_line_compose (&record, fields, error);
  if (line == NULL || !check_room (self, line->len, kept, error) || !check_lines (self, line->len + kept, error)
      || !write_line (self, line, error))
    return FALSE;

  self->bytes += line->len;
  self->lines_bytes += line->len;
  self->n_records++;
  self->ms = record.ms;
  glb_record_line_hash (line->str, line->len - 1, self->prev);
  return TRUE;
}

gboolean
glb_record_writer_append (GlbRecordWriter  *self,
                          gint64            ms,
                          const char       *type,
                          JsonObject       *fields,
                          GError          **error)
{
  g_return_val_if_fail (GLB_IS_RECORD_WRITER (self), FALSE);

  return append (self, ms, type, fields, END_ROOM_BYTES, error);
}

/* ---- images --------------------------------------------------------------- */

static gboolean
write_new_image (GlbRecordWriter  *self,
                 GBytes           *png,
                 GError          **error)
{
  int fd = openat (self->images_fd, NEW_IMAGE_NAME, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
  gboolean written;
  int saved_errno;

  if (fd < 0)
    return set_errno_error (error, "make", GLB_RECORD_IMAGES_NAME "/" NEW_IMAGE_NAME, errno);
  written = write_all (fd, g_bytes_get_data (png, NULL), g_bytes_get_size (png));
  saved_errno = errno;
  close (fd);
  if (written)
    return TRUE;
  unlinkat (self->images_fd, NEW_IMAGE_NAME, 0);
  return set_errno_error (error, "write", GLB_RECORD_IMAGES_NAME "/" NEW_IMAGE_NAME, saved_errno);
}

/* Whole under its name, or not there. */
static gboolean
keep_image (GlbRecordWriter  *self,
            GBytes           *png,
            const char       *name,
            GError          **error)
{
  if (g_hash_table_contains (self->images, name))
    return TRUE;

  if (!check_room (self, g_bytes_get_size (png), END_ROOM_BYTES, error) || !write_new_image (self, png, error))
    return FALSE;
  if (renameat (self->images_fd, NEW_IMAGE_NAME, self->images_fd, name) < 0)
    return set_errno_error (error, "name", name, errno);
  g_hash_table_add (self->images, g_strdup (name));
  self->bytes += g_bytes_get_size (png);
  self->n_images++;
  return TRUE;
}

/* Writes this part of self->screen. */
static gboolean
write_part (GlbRecordWriter  *self,
            gint64            ms,
            guint64           frame,
            const GlbRect    *rect,
            GError          **error)
{
  gboolean whole = rect->width == (int) self->screen->width && rect->height == (int) self->screen->height;
  g_autoptr(GlbRecordImage) part = glb_record_image_crop (self->screen, rect);
  GlbRecordScreen screen = { .frame = frame, .rect = *rect, .whole = whole };
  g_autoptr(GBytes) png = NULL;
  g_autoptr(JsonObject) fields = NULL;

  if (part == NULL)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "Can't record the screen: no memory");
      return FALSE;
    }
  png = glb_record_image_encode (part, error);
  if (png == NULL)
    return FALSE;
  glb_record_screen_name_image (png, screen.image);
  if (!keep_image (self, png, screen.image, error))
    return FALSE;

  fields = glb_record_screen_compose (&screen);
  if (!append (self, ms, "screen", fields, END_ROOM_BYTES, error))
    return FALSE;
  self->n_since_whole = whole ? 0 : self->n_since_whole + 1;
  return TRUE;
}

/* ---- what is different ---------------------------------------------------- */

/* The part's masked pixels become black, and its pixels nothing but colours. */
static void
clean_part (GlbRecordWriter *self,
            GlbRecordImage  *part,
            guint            x,
            guint            y)
{
  gsize n = (gsize) part->width * part->height;

  for (gsize i = 0; i < n; i++)
    part->pixels[i] &= 0xffffff;
  for (guint i = 0; i < self->masks->len; i++)
    {
      GlbRect mask = g_array_index (self->masks, GlbRect, i);

      mask.x -= (int) x;
      mask.y -= (int) y;
      glb_record_image_fill (part, &mask, 0);
    }
}

/* The differing columns of one row, in the part's coordinates. FALSE: none. */
static gboolean
compare_row (const guint32 *old,
             const guint32 *new,
             guint          width,
             guint         *first,
             guint         *last)
{
  if (memcmp (old, new, width * sizeof *old) == 0)
    return FALSE;

  for (*first = 0; old[*first] == new[*first]; (*first)++)
    continue;
  for (*last = width - 1; old[*last] == new[*last]; (*last)--)
    continue;
  return TRUE;
}

/* The next band from row *y on, in the part's coordinates; *y moves behind it. FALSE: no more. */
static gboolean
find_band (GlbRecordWriter      *self,
           const GlbRecordImage *part,
           guint                 part_x,
           guint                 part_y,
           guint                *y,
           GlbRect              *band)
{
  guint left = G_MAXUINT, right = 0, top = 0, bottom = 0;

  for (; *y < part->height; (*y)++)
    {
      const guint32 *old = self->screen->pixels + (gsize) (part_y + *y) * self->screen->width + part_x;
      guint first, last;

      if (!compare_row (old, part->pixels + (gsize) *y * part->width, part->width, &first, &last))
        {
          if (left != G_MAXUINT && *y - bottom > BAND_GAP_ROWS)
            break;
          continue;
        }
      if (left == G_MAXUINT)
        top = *y;
      bottom = *y;
      left = MIN (left, first);
      right = MAX (right, last);
    }

  if (left == G_MAXUINT)
    return FALSE;
  *band = (GlbRect) { left, top, right - left + 1, bottom - top + 1 };
  return TRUE;
}

static gboolean
write_band (GlbRecordWriter      *self,
            gint64                ms,
            guint64               frame,
            const GlbRecordImage *part,
            guint                 x,
            guint                 y,
            const GlbRect        *band,
            GError              **error)
{
  g_autoptr(GlbRecordImage) piece = glb_record_image_crop (part, band);
  GlbRect rect = { band->x + (int) x, band->y + (int) y, band->width, band->height };

  if (piece == NULL)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "Can't record the screen: no memory");
      return FALSE;
    }
  glb_record_image_put (self->screen, piece, rect.x, rect.y);
  if (self->n_since_whole >= GLB_RECORD_WHOLE_EVERY - 1)
    rect = (GlbRect) { 0, 0, self->screen->width, self->screen->height };
  return write_part (self, ms, frame, &rect, error);
}

static gboolean
write_first (GlbRecordWriter      *self,
             gint64                ms,
             guint64               frame,
             const GlbRecordImage *part,
             GError              **error)
{
  const GlbRect all = { 0, 0, self->screen->width, self->screen->height };

  g_return_val_if_fail (part->width == self->screen->width && part->height == self->screen->height, FALSE);

  glb_record_image_put (self->screen, part, 0, 0);
  self->has_screen = write_part (self, ms, frame, &all, error);
  return self->has_screen;
}

gboolean
glb_record_writer_append_screen (GlbRecordWriter      *self,
                                 gint64                ms,
                                 guint64               frame,
                                 const GlbRecordImage *part,
                                 guint                 x,
                                 guint                 y,
                                 GError              **error)
{
  g_autoptr(GlbRecordImage) masked = NULL;
  guint row = 0;
  GlbRect band;

  g_return_val_if_fail (GLB_IS_RECORD_WRITER (self), FALSE);
  g_return_val_if_fail ((guint64) x + part->width <= self->screen->width, FALSE);
  g_return_val_if_fail ((guint64) y + part->height <= self->screen->height, FALSE);

  masked = glb_record_image_copy (part);
  if (masked == NULL)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "Can't record the screen: no memory");
      return FALSE;
    }
  clean_part (self, masked, x, y);
  if (!self->has_screen)
    return write_first (self, ms, frame, masked, error);

  while (find_band (self, masked, x, y, &row, &band))
    if (!write_band (self, ms, frame, masked, x, y, &band, error))
      return FALSE;
  return TRUE;
}

/* ---- the end, and the beginning -------------------------------------------- */

gboolean
glb_record_writer_end (GlbRecordWriter  *self,
                       gint64            ms,
                       const char       *reason,
                       GError          **error)
{
  g_autoptr(JsonObject) fields = json_object_new ();
  gboolean ended;

  g_return_val_if_fail (GLB_IS_RECORD_WRITER (self), FALSE);

  json_object_set_string_member (fields, "reason", reason);
  json_object_set_int_member (fields, "images", self->n_images);
  json_object_set_int_member (fields, "bytes", self->bytes);
  ended = append (self, ms, GLB_RECORD_LAST_TYPE, fields, 0, error);
  if (ended && fsync (self->fd) < 0)
    ended = set_errno_error (error, "flush", GLB_RECORD_LINES_NAME, errno);
  if (self->fd >= 0)
    close (self->fd);
  self->fd = -1;
  return ended;
}

guint64
glb_record_writer_get_bytes (GlbRecordWriter *self)
{
  return self->bytes;
}

static gboolean
is_empty (const char *folder)
{
  g_autoptr(GDir) dir = g_dir_open (folder, 0, NULL);

  return dir != NULL && g_dir_read_name (dir) == NULL;
}

static gboolean
make_files (GlbRecordWriter  *self,
            const char       *folder,
            GError          **error)
{
  g_autofree char *images = g_build_filename (folder, GLB_RECORD_IMAGES_NAME, NULL);
  g_autofree char *lines = g_build_filename (folder, GLB_RECORD_LINES_NAME, NULL);

  if (mkdir (folder, 0700) < 0 && (errno != EEXIST || !is_empty (folder)))
    {
      if (errno != EEXIST)
        return set_errno_error (error, "make", folder, errno);
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS, "Can't record into %s: it is there already, and not an empty folder; name a new one",
                   folder);
      return FALSE;
    }
  if (mkdir (images, 0700) < 0)
    return set_errno_error (error, "make", images, errno);
  self->images_fd = open (images, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (self->images_fd < 0)
    return set_errno_error (error, "open", images, errno);
  self->fd = open (lines, O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (self->fd < 0)
    return set_errno_error (error, "make", lines, errno);
  return TRUE;
}

static JsonArray *
compose_masks (GArray *masks)
{
  JsonArray *list = json_array_new ();

  for (guint i = 0; i < masks->len; i++)
    {
      const GlbRect *mask = &g_array_index (masks, GlbRect, i);
      JsonArray *rect = json_array_new ();

      json_array_add_int_element (rect, mask->x);
      json_array_add_int_element (rect, mask->y);
      json_array_add_int_element (rect, mask->width);
      json_array_add_int_element (rect, mask->height);
      json_array_add_array_element (list, rect);
    }
  return list;
}

static gboolean
append_first (GlbRecordWriter  *self,
              guint             n_mask_windows,
              JsonObject       *session,
              GError          **error)
{
  g_autoptr(JsonObject) fields = json_object_new ();

  json_object_set_int_member (fields, "version", GLB_RECORD_VERSION);
  json_object_set_int_member (fields, "width", self->screen->width);
  json_object_set_int_member (fields, "height", self->screen->height);
  json_object_set_array_member (fields, "masks", compose_masks (self->masks));
  json_object_set_int_member (fields, "maskWindows", n_mask_windows);
  json_object_set_object_member (fields, "session", json_object_ref (session));
  return append (self, 0, GLB_RECORD_FIRST_TYPE, fields, END_ROOM_BYTES, error);
}

GlbRecordWriter *
glb_record_writer_new (const char                    *folder,
                       const GlbRecordWriterOptions  *options,
                       JsonObject                    *session,
                       GError                       **error)
{
  g_autoptr(GlbRecordWriter) self = NULL;

  g_return_val_if_fail (folder != NULL, NULL);
  g_return_val_if_fail (options->max_bytes >= GLB_RECORD_BYTES_MIN, NULL);
  g_return_val_if_fail (glb_record_image_size_is_valid (options->width, options->height), NULL);

  self = g_object_new (GLB_TYPE_RECORD_WRITER, NULL);
  self->max_bytes = options->max_bytes;
  g_array_append_vals (self->masks, options->masks, options->n_masks);
  self->screen = glb_record_image_new (options->width, options->height);
  if (self->screen == NULL)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "Can't record into %s: no memory", folder);
      return NULL;
    }
  if (!make_files (self, folder, error) || !append_first (self, options->n_mask_windows, session, error))
    return NULL;
  return g_steal_pointer (&self);
}

static void
glb_record_writer_finalize (GObject *object)
{
  GlbRecordWriter *self = GLB_RECORD_WRITER (object);

  if (self->fd >= 0)
    close (self->fd);
  if (self->images_fd >= 0)
    close (self->images_fd);
  g_clear_pointer (&self->screen, glb_record_image_free);
  g_hash_table_unref (self->images);
  g_array_unref (self->masks);
  G_OBJECT_CLASS (glb_record_writer_parent_class)->finalize (object);
}

static void
glb_record_writer_class_init (GlbRecordWriterClass *class)
{
  G_OBJECT_CLASS (class)->finalize = glb_record_writer_finalize;
}

static void
glb_record_writer_init (GlbRecordWriter *self)
{
  self->fd = self->images_fd = -1;
  self->images = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->masks = g_array_new (FALSE, FALSE, sizeof (GlbRect));
  g_strlcpy (self->prev, glb_record_line_zero_hash (), sizeof self->prev);
}
