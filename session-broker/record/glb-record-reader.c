/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * All lines are read into memory once, within a limit, and each is checked:
 * strict JSON, in its place, after the line whose hash it has. What is kept of
 * a record is where its line is; its members are parsed again when asked for.
 * The first line that is not as it was written ends the recording for us.
 *
 * Images are opened when a screen is asked for: by name in their folder, whose
 * descriptor we hold, and no symbolic link among them. They are as large as
 * their screen's rectangle allows, have the hash that is their name, and their
 * size in pixels is looked at before they are decoded.
 */

#include "session-broker/record/glb-record-reader.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "session-broker/record/glb-record-json.h"
#include "session-broker/record/glb-record-line.h"
#include "session-broker/record/glb-record-screen.h"

/* Noise makes a PNG a little larger than its pixels. */
#define IMAGE_ROOM_BYTES 65536u

#define NONE G_MAXUINT

typedef struct
{
  gsize       offset, length;   /* of the line without its newline */
  gint64      ms;
  const char *type;             /* one of the reader's */
  guint       whole;            /* index of the last whole screen up to here, NONE: none */
} Entry;

struct _GlbRecordReader
{
  GObject parent_instance;

  GCancellable *cancellable; /* (nullable) */
  GBytes *text;
  int images_fd;             /* -1: there is no such folder */
  GArray *entries;           /* of Entry */
  GHashTable *types;         /* of all records, each once */
  char *flaw;                /* (nullable) */
  guint width, height;
  guint last_whole;          /* while reading lines: index of the last whole screen, NONE: none */
  guint n_since_whole;       /* and how many screens came after it */
  char prev[GLB_RECORD_HASH_HEX + 1];

  /* The screen that was composed last: with this record and those before. */
  GlbRecordImage *screen;
  guint screen_index;
};

G_DEFINE_FINAL_TYPE (GlbRecordReader, glb_record_reader, G_TYPE_OBJECT)

static const Entry *
get_entry (GlbRecordReader *self,
           guint            index)
{
  return &g_array_index (self->entries, Entry, index);
}

static gboolean
is_screen (const Entry *entry)
{
  return strcmp (entry->type, "screen") == 0;
}

/* ---- files ---------------------------------------------------------------- */

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
read_all (int     fd,
          guint8 *data,
          gsize   size,
          gsize  *n_read)
{
  *n_read = 0;
  while (*n_read < size)
    {
      gssize n = read (fd, data + *n_read, size - *n_read);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return FALSE;
      if (n == 0)
        break;
      *n_read += n;
    }
  return TRUE;
}

/* What the open file has. Takes fd. */
static GBytes *
read_file (int          fd,
           const char  *path,
           gsize        max_bytes,
           GError     **error)
{
  g_autofree guint8 *data = NULL;
  struct stat status;
  gsize n_read;
  gboolean read;

  if (fstat (fd, &status) < 0 || !S_ISREG (status.st_mode) || (guint64) status.st_size > max_bytes)
    {
      close (fd);
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "%s is not a file of at most %" G_GSIZE_FORMAT " bytes", path, max_bytes);
      return NULL;
    }
  data = g_try_malloc (status.st_size + 1);
  read = data != NULL && read_all (fd, data, status.st_size, &n_read);
  close (fd);
  if (!read)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "Can't read %s", path);
      return NULL;
    }
  return g_bytes_new_take (g_steal_pointer (&data), n_read);
}

static GBytes *
read_image_file (GlbRecordReader        *self,
                 const GlbRecordScreen  *screen,
                 GError                **error)
{
  gsize max_bytes = 4 * (gsize) screen->rect.width * screen->rect.height + IMAGE_ROOM_BYTES;
  char name[GLB_RECORD_IMAGE_NAME_LENGTH + 1];
  g_autoptr(GBytes) png = NULL;
  int fd = -1;

  errno = ENOENT;
  if (self->images_fd >= 0)
    fd = openat (self->images_fd, screen->image, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (fd < 0)
    {
      set_errno_error (error, "open", "its image", errno);
      return NULL;
    }
  png = read_file (fd, "its image", max_bytes, error);
  if (png == NULL)
    return NULL;

  glb_record_screen_name_image (png, name);
  if (strcmp (name, screen->image) != 0)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "its image has another SHA-256 than its name says");
      return NULL;
    }
  return g_steal_pointer (&png);
}

/* ---- lines ---------------------------------------------------------------- */

static gboolean
broken (GError     **error,
        const char  *what)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, what);
  return FALSE;
}

static gboolean
check_first (GlbRecordReader  *self,
             const char       *type,
             JsonObject       *record,
             GError          **error)
{
  gint64 version, width, height;

  if (strcmp (type, GLB_RECORD_FIRST_TYPE) != 0 || !glb_record_json_get_int (record, "version", &version))
    return broken (error, "it does not begin a recording");
  if (version != GLB_RECORD_VERSION)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, "it is of version %" G_GINT64_FORMAT "; this program reads %d", version,
                   GLB_RECORD_VERSION);
      return FALSE;
    }
  if (!glb_record_json_get_int (record, "width", &width) || !glb_record_json_get_int (record, "height", &height) || width < 0 || height < 0
      || !glb_record_image_size_is_valid (width, height))
    return broken (error, "\"width\" or \"height\" is not that of a screen");
  self->width = width;
  self->height = height;
  return TRUE;
}

/* So that seeking has an end, too. */
static gboolean
check_screen (GlbRecordReader  *self,
              JsonObject       *record,
              GError          **error)
{
  GlbRecordScreen screen;

  if (!glb_record_screen_parse (&screen, record, self->width, self->height, error))
    return FALSE;
  if (screen.whole)
    {
      self->last_whole = self->entries->len;
      self->n_since_whole = 0;
    }
  else if (self->last_whole == NONE)
    return broken (error, "the first screen is not a whole one");
  else if (++self->n_since_whole > GLB_RECORD_WHOLE_EVERY)
    return broken (error, "too many screens since the last whole one");
  return TRUE;
}

static gboolean
check_place (GlbRecordReader      *self,
             const GlbRecordLine  *line,
             GError              **error)
{
  if (line->n == self->entries->len + 1)
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "\"n\" is %" G_GUINT64_FORMAT, line->n);
  return FALSE;
}

/* What the record must be, where it stands. */
static gboolean
check_record (GlbRecordReader      *self,
              const GlbRecordLine  *line,
              JsonObject           *record,
              GError              **error)
{
  guint n = self->entries->len;
  const Entry *before = n > 0 ? get_entry (self, n - 1) : NULL;

  if (before == NULL)
    return check_first (self, line->type, record, error);
  if (strcmp (before->type, GLB_RECORD_LAST_TYPE) == 0)
    return broken (error, "it comes after the end");
  if (line->ms < before->ms)
    return broken (error, "its time is before that of the record before");
  return strcmp (line->type, "screen") != 0 || check_screen (self, record, error);
}

/* number: of the record that is altered, which is its line. */
static void
set_altered (GlbRecordReader *self,
             guint            number,
             const char      *why)
{
  self->flaw = g_strdup_printf ("altered at record %u, line %u: %s", number, number, why);
}

static const char *
keep_type (GlbRecordReader *self,
           const char      *type)
{
  const char *kept = g_hash_table_lookup (self->types, type);
  char *copy;

  if (kept != NULL)
    return kept;
  copy = g_strdup (type);
  g_hash_table_add (self->types, copy);
  return copy;
}

/* Whether the line after this one, if there is one, was written after it. */
static gboolean
is_confirmed (const char *text,
              gsize       size,
              gsize       offset,
              gsize       length)
{
  const char *next = text + offset + length + 1;
  const char *newline = memchr (next, '\n', text + size - next);
  char hash[GLB_RECORD_HASH_HEX + 1];
  g_autoptr(JsonObject) record = NULL;
  GlbRecordLine line;

  if (newline == NULL)
    return TRUE;
  record = glb_record_line_parse (&line, next, newline - next, NULL);
  glb_record_line_hash (text + offset, length, hash);
  return record != NULL && strcmp (line.prev, hash) == 0;
}

/* FALSE: the recording ends before this line. */
static gboolean
read_line (GlbRecordReader *self,
           gsize            offset,
           gsize            length)
{
  guint number = self->entries->len + 1;
  gsize size;
  const char *text = g_bytes_get_data (self->text, &size);
  g_autoptr(GError) error = NULL;
  g_autoptr(JsonObject) record = NULL;
  GlbRecordLine line;
  Entry entry = { offset, length };

  record = glb_record_line_parse (&line, text + offset, length, &error);
  if (record == NULL || !check_place (self, &line, &error))
    {
      set_altered (self, number, error->message);
      return FALSE;
    }
  if (strcmp (line.prev, self->prev) != 0 && number > 1 && is_confirmed (text, size, offset, length))
    {
      /* This line is as it was written, after another one than what stands there. */
      set_altered (self, number - 1, "its SHA-256 is not the one in the next line");
      g_array_set_size (self->entries, number - 2);
      return FALSE;
    }
  if (strcmp (line.prev, self->prev) != 0)
    {
      set_altered (self, number, "it comes after another line");
      return FALSE;
    }
  if (!check_record (self, &line, record, &error))
    {
      set_altered (self, number, error->message);
      return FALSE;
    }

  entry.ms = line.ms;
  entry.type = keep_type (self, line.type);
  entry.whole = self->last_whole;
  g_array_append_val (self->entries, entry);
  glb_record_line_hash (text + offset, length, self->prev);
  return TRUE;
}

static void
read_lines (GlbRecordReader *self)
{
  gsize size;
  const char *text = g_bytes_get_data (self->text, &size);
  gsize offset = 0;
  guint n;

  while (offset < size)
    {
      const char *newline = memchr (text + offset, '\n', size - offset);
      gsize length = newline != NULL ? (gsize) (newline - text) - offset : 0;

      if (newline == NULL || g_cancellable_is_cancelled (self->cancellable))
        break;
      if (!read_line (self, offset, length))
        return;
      offset += length + 1;
    }

  n = self->entries->len;
  if (n > 0 && offset < size && strcmp (get_entry (self, n - 1)->type, GLB_RECORD_LAST_TYPE) == 0)
    set_altered (self, n + 1, "it comes after the end");
  else if (n == 0 || offset < size || strcmp (get_entry (self, n - 1)->type, GLB_RECORD_LAST_TYPE) != 0)
    self->flaw = g_strdup_printf ("cut after record %u", n);
}

GlbRecordReader *
glb_record_reader_open (const char  *folder,
                        GError     **error)
{
  return glb_record_reader_open_cancellable (folder, NULL, error);
}

GlbRecordReader *
glb_record_reader_open_cancellable (const char    *folder,
                                    GCancellable  *cancellable,
                                    GError       **error)
{
  g_autoptr(GlbRecordReader) self = g_object_new (GLB_TYPE_RECORD_READER, NULL);
  g_autofree char *path = g_build_filename (folder, GLB_RECORD_LINES_NAME, NULL);
  g_autofree char *images = g_build_filename (folder, GLB_RECORD_IMAGES_NAME, NULL);
  int fd = open (path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

  if (fd < 0)
    {
      set_errno_error (error, "open", path, errno);
      return NULL;
    }
  self->text = read_file (fd, path, GLB_RECORD_LINES_MAX, error);
  if (self->text == NULL)
    return NULL;
  self->images_fd = open (images, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

  glb_record_reader_set_cancellable (self, cancellable);
  read_lines (self);
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;
  if (self->entries->len == 0)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "Can't read %s: %s", path, self->flaw);
      return NULL;
    }
  return g_steal_pointer (&self);
}

/* ---- records -------------------------------------------------------------- */

void
glb_record_reader_set_cancellable (GlbRecordReader *self,
                                   GCancellable    *cancellable)
{
  g_return_if_fail (GLB_IS_RECORD_READER (self));

  g_set_object (&self->cancellable, cancellable);
}

guint
glb_record_reader_get_n_records (GlbRecordReader *self)
{
  g_return_val_if_fail (GLB_IS_RECORD_READER (self), 0);

  return self->entries->len;
}

const char *
glb_record_reader_get_flaw (GlbRecordReader *self)
{
  g_return_val_if_fail (GLB_IS_RECORD_READER (self), NULL);

  return self->flaw;
}

JsonObject *
glb_record_reader_get_record (GlbRecordReader *self,
                              guint            index)
{
  const char *text;
  const Entry *entry;
  GlbRecordLine line;

  g_return_val_if_fail (GLB_IS_RECORD_READER (self), NULL);
  g_return_val_if_fail (index < self->entries->len, NULL);

  text = g_bytes_get_data (self->text, NULL);
  entry = get_entry (self, index);
  return glb_record_line_parse (&line, text + entry->offset, entry->length, NULL);
}

const char *
glb_record_reader_get_record_type (GlbRecordReader *self,
                                   guint            index)
{
  g_return_val_if_fail (GLB_IS_RECORD_READER (self), NULL);
  g_return_val_if_fail (index < self->entries->len, NULL);

  return get_entry (self, index)->type;
}

gint64
glb_record_reader_get_record_ms (GlbRecordReader *self,
                                 guint            index)
{
  g_return_val_if_fail (GLB_IS_RECORD_READER (self), 0);
  g_return_val_if_fail (index < self->entries->len, 0);

  return get_entry (self, index)->ms;
}

void
glb_record_reader_get_size (GlbRecordReader *self,
                            guint           *width,
                            guint           *height)
{
  g_return_if_fail (GLB_IS_RECORD_READER (self));

  *width = self->width;
  *height = self->height;
}

/* ---- screens -------------------------------------------------------------- */

/* Of a screen record, which was checked when its line was read. */
static void
get_screen_record (GlbRecordReader *self,
                   guint            index,
                   GlbRecordScreen *screen)
{
  g_autoptr(JsonObject) record = glb_record_reader_get_record (self, index);
  gboolean parsed = glb_record_screen_parse (screen, record, self->width, self->height, NULL);

  g_assert (parsed);
}

static GlbRecordImage *
load_part (GlbRecordReader        *self,
           guint                   index,
           const GlbRecordScreen  *screen,
           GError                **error)
{
  g_autoptr(GError) why = NULL;
  g_autoptr(GBytes) png = read_image_file (self, screen, &why);
  GlbRecordImage *part = NULL;

  if (png != NULL)
    part = glb_record_image_decode (png, screen->rect.width, screen->rect.height, &why);
  if (part == NULL)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "altered at record %u, line %u: %s", index + 1, index + 1, why->message);
  return part;
}

static gboolean
compose (GlbRecordReader  *self,
         guint             from,
         guint             to,
         GError          **error)
{
  for (guint i = from; i <= to; i++)
    {
      g_autoptr(GlbRecordImage) part = NULL;
      GlbRecordScreen screen;

      if (!is_screen (get_entry (self, i)))
        continue;
      if (g_cancellable_set_error_if_cancelled (self->cancellable, error))
        return FALSE;
      get_screen_record (self, i, &screen);
      part = load_part (self, i, &screen, error);
      if (part == NULL)
        return FALSE;
      glb_record_image_put (self->screen, part, screen.rect.x, screen.rect.y);
    }
  self->screen_index = to;
  return TRUE;
}

GlbRecordImage *
glb_record_reader_get_screen (GlbRecordReader  *self,
                              guint             index,
                              GError          **error)
{
  GlbRecordImage *copy;
  guint start;

  g_return_val_if_fail (GLB_IS_RECORD_READER (self), NULL);
  g_return_val_if_fail (index < self->entries->len, NULL);

  start = get_entry (self, index)->whole;
  if (start == NONE)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "no screen was recorded up to record %u", index + 1);
      return NULL;
    }
  if (self->screen != NULL && self->screen_index >= start && self->screen_index <= index)
    start = self->screen_index + 1;
  else
    {
      g_clear_pointer (&self->screen, glb_record_image_free);
      self->screen = glb_record_image_new (self->width, self->height);
    }

  if (self->screen == NULL || !compose (self, start, index, error))
    {
      if (self->screen == NULL)
        g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "no memory for the screen");
      g_clear_pointer (&self->screen, glb_record_image_free);
      return NULL;
    }
  copy = glb_record_image_copy (self->screen);
  if (copy == NULL)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "no memory for the screen");
  return copy;
}

gboolean
glb_record_reader_verify (GlbRecordReader  *self,
                          GError          **error)
{
  g_autoptr(GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  g_return_val_if_fail (GLB_IS_RECORD_READER (self), FALSE);

  for (guint i = 0; i < self->entries->len; i++)
    {
      g_autoptr(GlbRecordImage) part = NULL;
      g_autofree char *key = NULL;
      GlbRecordScreen screen;

      if (!is_screen (get_entry (self, i)))
        continue;
      get_screen_record (self, i, &screen);
      key = g_strdup_printf ("%dx%d %s", screen.rect.width, screen.rect.height, screen.image);
      if (!g_hash_table_add (seen, g_steal_pointer (&key)))
        continue;
      part = load_part (self, i, &screen, error);
      if (part == NULL)
        return FALSE;
    }
  if (self->flaw != NULL)
    return broken (error, self->flaw);
  return TRUE;
}

/* ---- the object ----------------------------------------------------------- */

static void
glb_record_reader_finalize (GObject *object)
{
  GlbRecordReader *self = GLB_RECORD_READER (object);

  if (self->images_fd >= 0)
    close (self->images_fd);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->text, g_bytes_unref);
  g_clear_pointer (&self->screen, glb_record_image_free);
  g_array_unref (self->entries);
  g_hash_table_unref (self->types);
  g_free (self->flaw);
  G_OBJECT_CLASS (glb_record_reader_parent_class)->finalize (object);
}

static void
glb_record_reader_class_init (GlbRecordReaderClass *class)
{
  G_OBJECT_CLASS (class)->finalize = glb_record_reader_finalize;
}

static void
glb_record_reader_init (GlbRecordReader *self)
{
  self->images_fd = -1;
  self->entries = g_array_new (FALSE, FALSE, sizeof (Entry));
  self->types = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->last_whole = NONE;
  g_strlcpy (self->prev, glb_record_line_zero_hash (), sizeof self->prev);
}
