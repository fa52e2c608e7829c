/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The decoder as a function, then the program: by itself, and where it runs,
 * in the sandbox under the strict profile, without a file to read.
 */

#include "clipboard-guard/glb-clean-image.h"
#include "clipboard-guard/glb-clean-image-filter.h"
#include "clipboard-guard/glb-clipboard-content.h"
#include "session-broker/sandbox/glb-sandbox-private.h"
#include "session-broker/sandbox/glb-seccomp.h"
#include "tests/sandbox/sandbox-helper.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <png.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define SIGNATURE_BYTES 8
#define IHDR_BYTES      25

/* --- pictures --- */

static void
append_cb (png_structp png,
           png_bytep   data,
           size_t      length)
{
  g_byte_array_append (png_get_io_ptr (png), data, length);
}

static void
flush_cb (png_structp png)
{
}

typedef struct
{
  guint    width, height;
  int      depth;
  int      color;
  gboolean interlaced;
  gboolean chatty;        /* with a text, a time, a profile's name and a position */
} Kind;

/* Rows of noise of a fixed seed. */
static GBytes *
make_png (const Kind *kind)
{
  GByteArray *out = g_byte_array_new ();
  png_structp png = png_create_write_struct (PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
  png_infop info = png_create_info_struct (png);
  g_autoptr(GRand) rand = g_rand_new_with_seed (1);
  png_color palette[16];
  g_autofree guint8 *row = NULL;
  guint n_passes;
  gsize stride;

  if (setjmp (png_jmpbuf (png)) != 0)
    g_error ("libpng writes no such picture");
  png_set_write_fn (png, out, append_cb, flush_cb);
  png_set_IHDR (png, info, kind->width, kind->height, kind->depth, kind->color,
                kind->interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE, 0, 0);
  if (kind->color == PNG_COLOR_TYPE_PALETTE)
    {
      for (guint i = 0; i < G_N_ELEMENTS (palette); i++)
        palette[i] = (png_color) { i * 16, 255 - i, i };
      png_set_PLTE (png, info, palette, 1 << MIN (kind->depth, 4));
      png_set_tRNS (png, info, (png_byte[]) { 0, 128 }, 2, NULL);
    }
  if (kind->chatty)
    {
      png_set_text (png, info, &(png_text) { .compression = PNG_TEXT_COMPRESSION_NONE, .key = (char *) "Comment", .text = (char *) "hidden words", .text_length = 12 }, 1);
      png_set_tIME (png, info, &(png_time) { 2024, 1, 2, 3, 4, 5 });
      png_set_pHYs (png, info, 1, 2, PNG_RESOLUTION_METER);
      png_set_gAMA (png, info, 0.5);
    }
  png_write_info (png, info);
  n_passes = png_set_interlace_handling (png);
  stride = png_get_rowbytes (png, info);
  row = g_malloc (stride);
  for (guint pass = 0; pass < n_passes; pass++)
    for (guint y = 0; y < kind->height; y++)
      {
        for (gsize i = 0; i < stride; i++)
          row[i] = kind->color == PNG_COLOR_TYPE_PALETTE && kind->depth == 8 ? g_rand_int (rand) & 15 : g_rand_int (rand);
        png_write_row (png, row);
      }
  png_write_end (png, info);
  png_destroy_write_struct (&png, &info);
  return g_byte_array_free_to_bytes (out);
}

/* As libpng's simple interface reads it. */
static guint8 *
decode (GBytes *png,
        guint  *width,
        guint  *height)
{
  png_image image = { .version = PNG_IMAGE_VERSION };
  gsize size;
  const guint8 *data = g_bytes_get_data (png, &size);
  guint8 *pixels;

  if (!png_image_begin_read_from_memory (&image, data, size))
    g_error ("%s", image.message);
  image.format = PNG_FORMAT_RGBA;
  pixels = g_malloc (PNG_IMAGE_SIZE (image));
  if (!png_image_finish_read (&image, NULL, pixels, 0, NULL))
    g_error ("%s", image.message);
  *width = image.width;
  *height = image.height;
  return pixels;
}

static GBytes *
clean (GBytes              *png,
       gsize                max_bytes,
       GlbCleanImageResult *result)
{
  char message[GLB_CLEAN_IMAGE_MAX_MESSAGE];
  gsize size;
  const guint8 *data = g_bytes_get_data (png, &size);
  g_autofree guint8 *exact = g_memdup2 (data, MAX (size, 1));
  uint8_t *out;
  size_t out_size;

  *result = glb_clean_image (exact, size, max_bytes, &out, &out_size, message);
  g_assert_cmpint (*result == GLB_CLEAN_IMAGE_OK, ==, out != NULL);
  g_assert_cmpint (*result == GLB_CLEAN_IMAGE_OK, ==, message[0] == '\0');
  g_assert_null (strchr (message, '\n'));
  return out != NULL ? g_bytes_new_with_free_func (out, out_size, free, out) : NULL;
}

static void
assert_refused (GBytes              *png,
                gsize                max_bytes,
                GlbCleanImageResult  expected)
{
  GlbCleanImageResult result;

  g_assert_null (clean (png, max_bytes, &result));
  g_assert_cmpint (result, ==, expected);
}

static guint32
compute_crc (const guint8 *data,
             gsize         size)
{
  guint32 crc = 0xffffffffu;

  for (gsize i = 0; i < size; i++)
    {
      crc ^= data[i];
      for (guint bit = 0; bit < 8; bit++)
        crc = crc & 1 ? 0xedb88320u ^ crc >> 1 : crc >> 1;
    }
  return ~crc;
}

/* With other sides, and the right checksum. */
static GBytes *
with_size (GBytes *png,
           guint32 width,
           guint32 height)
{
  GByteArray *out = g_bytes_unref_to_array (g_bytes_ref (png));
  guint32 crc;

  width = GUINT32_TO_BE (width);
  height = GUINT32_TO_BE (height);
  memcpy (out->data + 16, &width, 4);
  memcpy (out->data + 20, &height, 4);
  crc = GUINT32_TO_BE (compute_crc (out->data + 12, 17));
  memcpy (out->data + 29, &crc, 4);
  return g_byte_array_free_to_bytes (out);
}

/* --- refusals --- */

static void
test_not_a_png (void)
{
  static const char * const texts[] = { "", "x", "\x89PNG\r\n\x1a\n", "GIF89a", "<svg xmlns='http://www.w3.org/2000/svg'/>", "\xff\xd8\xff\xe0" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr(GBytes) bytes = g_bytes_new_static (texts[i], strlen (texts[i]));

      assert_refused (bytes, 1 << 20, GLB_CLEAN_IMAGE_MALFORMED);
    }
}

static void
test_too_large (void)
{
  g_autoptr(GBytes) png = make_png (&(Kind) { 64, 64, 8, PNG_COLOR_TYPE_RGB });
  GlbCleanImageResult result;
  g_autoptr(GBytes) fits = NULL;

  assert_refused (png, g_bytes_get_size (png) - 1, GLB_CLEAN_IMAGE_TOO_LARGE);
  fits = clean (png, g_bytes_get_size (png), &result);
  g_assert_cmpint (result, ==, GLB_CLEAN_IMAGE_OK);
}

/* Small as it comes, larger as it would leave: four times the bits of noise. */
static void
test_too_large_after (void)
{
  g_autoptr(GBytes) png = make_png (&(Kind) { 256, 256, 4, PNG_COLOR_TYPE_PALETTE });

  assert_refused (png, g_bytes_get_size (png) + 100, GLB_CLEAN_IMAGE_TOO_LARGE);
}

static void
test_too_many_pixels (void)
{
  static const guint32 sizes[][2] = {
    { 8193, 1 }, { 1, 8193 }, { 8192, 8192 }, { 8192, 4029 }, { 0x7fffffff, 0x7fffffff }, { 0xffffffff, 1 }, { 65536, 65536 },
  };
  g_autoptr(GBytes) png = make_png (&(Kind) { 4, 4, 8, PNG_COLOR_TYPE_GRAY });

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr(GBytes) large = with_size (png, sizes[i][0], sizes[i][1]);

      assert_refused (large, 1 << 20, GLB_CLEAN_IMAGE_TOO_MANY);
    }
  {
    g_autoptr(GBytes) none = with_size (png, 0, 4);

    assert_refused (none, 1 << 20, GLB_CLEAN_IMAGE_MALFORMED);
  }
}

/* Cut off anywhere, and each byte changed once: refused, or a picture of the same size. */
static void
test_damaged (void)
{
  g_autoptr(GBytes) png = make_png (&(Kind) { 5, 7, 8, PNG_COLOR_TYPE_RGB_ALPHA, TRUE, TRUE });
  gsize size = g_bytes_get_size (png);
  guint n_refused = 0;

  for (gsize length = 0; length < size; length++)
    {
      g_autoptr(GBytes) cut = g_bytes_new_from_bytes (png, 0, length);

      assert_refused (cut, 1 << 20, GLB_CLEAN_IMAGE_MALFORMED);
    }
  for (gsize i = 0; i < size; i++)
    {
      GByteArray *array = g_bytes_unref_to_array (g_bytes_ref (png));
      g_autoptr(GBytes) changed = NULL;
      g_autoptr(GBytes) out = NULL;
      GlbCleanImageResult result;

      array->data[i] ^= 0x20;
      changed = g_byte_array_free_to_bytes (array);
      out = clean (changed, 1 << 20, &result);
      n_refused += result != GLB_CLEAN_IMAGE_OK;
    }
  /* Of the signature, the chunks and their checksums no bit goes unseen. */
  g_assert_cmpuint (n_refused, ==, size);
}

/* --- what is made --- */

static void
assert_clean (GBytes *png,
              guint   width,
              guint   height)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GlbClipboardContent) content = NULL;
  g_autofree char *size = g_strdup_printf ("PNG image, %u × %u pixels, %" G_GSIZE_FORMAT " bytes", width, height, g_bytes_get_size (png));
  GlbClipboardRules rules = { .verdict = GLB_VERDICT_PROMPT, .max_bytes = 16 << 20 };

  content = glb_clipboard_clean (&rules, "image/png", png, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (content->preview, ==, size);
  g_assert_true (g_bytes_equal (content->bytes, png));
}

static void
test_pixels (void)
{
  static const Kind kinds[] = {
    { 33, 17, 8, PNG_COLOR_TYPE_RGB }, { 33, 17, 8, PNG_COLOR_TYPE_RGB_ALPHA }, { 33, 17, 8, PNG_COLOR_TYPE_GRAY },
    { 33, 17, 8, PNG_COLOR_TYPE_GRAY_ALPHA }, { 33, 17, 1, PNG_COLOR_TYPE_GRAY }, { 33, 17, 2, PNG_COLOR_TYPE_GRAY },
    { 33, 17, 4, PNG_COLOR_TYPE_PALETTE }, { 33, 17, 8, PNG_COLOR_TYPE_PALETTE }, { 33, 17, 1, PNG_COLOR_TYPE_PALETTE },
    { 33, 17, 8, PNG_COLOR_TYPE_RGB_ALPHA, TRUE }, { 33, 17, 4, PNG_COLOR_TYPE_PALETTE, TRUE },
    { 1, 1, 8, PNG_COLOR_TYPE_RGB }, { 8192, 1, 1, PNG_COLOR_TYPE_GRAY }, { 1, 8192, 8, PNG_COLOR_TYPE_RGB_ALPHA, TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autoptr(GBytes) png = make_png (&kinds[i]);
      g_autoptr(GBytes) out = NULL;
      g_autofree guint8 *before = NULL;
      g_autofree guint8 *after = NULL;
      GlbCleanImageResult result;
      guint width, height;

      g_test_message ("kind %u", i);
      out = clean (png, 16 << 20, &result);
      g_assert_cmpint (result, ==, GLB_CLEAN_IMAGE_OK);
      before = decode (png, &width, &height);
      after = decode (out, &width, &height);
      g_assert_cmpuint (width, ==, kinds[i].width);
      g_assert_cmpuint (height, ==, kinds[i].height);
      for (gsize p = 0; p < (gsize) width * height; p++)
        if (before[4 * p + 3] != 0)
          g_assert_cmpmem (after + 4 * p, 4, before + 4 * p, 4);
        else
          g_assert_cmpmem (after + 4 * p, 4, "\0\0\0\0", 4);
      assert_clean (out, width, height);
    }
}

static gboolean
contains (GBytes     *bytes,
          const char *text)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);

  return memmem (data, size, text, strlen (text)) != NULL;
}

/* Words in the file, and words behind its end. */
static void
test_nothing_else (void)
{
  static const char * const chunks[] = { "hidden words", "tEXt", "tIME", "pHYs", "gAMA", "trailer" };
  g_autoptr(GBytes) chatty = make_png (&(Kind) { 8, 8, 16, PNG_COLOR_TYPE_RGB, FALSE, TRUE });
  GByteArray *array = g_bytes_unref_to_array (g_bytes_ref (chatty));
  g_autoptr(GBytes) png = NULL;
  g_autoptr(GBytes) out = NULL;
  g_autoptr(GError) error = NULL;
  GlbCleanImageResult result;
  GlbClipboardRules rules = { .verdict = GLB_VERDICT_ALLOW, .max_bytes = 16 << 20 };

  g_byte_array_append (array, (const guint8 *) "trailer", 7);
  png = g_byte_array_free_to_bytes (array);
  /* As it came, the guard does not take it for clean. */
  g_assert_null (glb_clipboard_clean (&rules, "image/png", png, &error));
  g_assert_error (error, GLB_CLIPBOARD_ERROR, GLB_CLIPBOARD_CODE_MALFORMED);

  out = clean (png, 16 << 20, &result);
  g_assert_cmpint (result, ==, GLB_CLEAN_IMAGE_OK);
  for (guint i = 0; i < G_N_ELEMENTS (chunks); i++)
    {
      g_assert_true (contains (png, chunks[i]));
      g_assert_false (contains (out, chunks[i]));
    }
  assert_clean (out, 8, 8);
}

/* A file that is larger by its words than by its pixels. */
static void
test_large_chunk (void)
{
  g_autoptr(GBytes) png = make_png (&(Kind) { 8, 8, 8, PNG_COLOR_TYPE_RGB });
  gsize size;
  const guint8 *data = g_bytes_get_data (png, &size);
  const guint32 length = 4 << 20;
  g_autofree guint8 *text = g_malloc0 (4 + length);
  GByteArray *array = g_byte_array_new ();
  g_autoptr(GBytes) large = NULL;
  g_autoptr(GBytes) out = NULL;
  GlbCleanImageResult result;
  guint32 word;

  memcpy (text, "tEXtComment", 11);
  word = GUINT32_TO_BE (length);
  g_byte_array_append (array, data, SIGNATURE_BYTES + IHDR_BYTES);
  g_byte_array_append (array, (const guint8 *) &word, 4);
  g_byte_array_append (array, text, 4 + length);
  word = GUINT32_TO_BE (compute_crc (text, 4 + length));
  g_byte_array_append (array, (const guint8 *) &word, 4);
  g_byte_array_append (array, data + SIGNATURE_BYTES + IHDR_BYTES, size - SIGNATURE_BYTES - IHDR_BYTES);
  large = g_byte_array_free_to_bytes (array);

  out = clean (large, 16 << 20, &result);
  g_assert_cmpint (result, ==, GLB_CLEAN_IMAGE_OK);
  g_assert_cmpuint (g_bytes_get_size (out), <, 1000);
  assert_clean (out, 8, 8);
}

/* The guard's own check: each byte of a clean picture changed is not clean, nor is one with a chunk more. */
static void
test_guard_check (void)
{
  g_autoptr(GBytes) png = make_png (&(Kind) { 3, 3, 8, PNG_COLOR_TYPE_RGB });
  g_autoptr(GBytes) gray = make_png (&(Kind) { 3, 3, 8, PNG_COLOR_TYPE_GRAY });
  g_autoptr(GBytes) out = NULL;
  GlbClipboardRules rules = { .verdict = GLB_VERDICT_ALLOW, .max_bytes = 1 << 20 };
  GlbCleanImageResult result;

  g_assert_null (glb_clipboard_clean (&rules, "image/png", gray, NULL));
  out = clean (png, 1 << 20, &result);
  assert_clean (out, 3, 3);
  for (gsize i = 0; i < g_bytes_get_size (out); i++)
    {
      GByteArray *array = g_bytes_unref_to_array (g_bytes_ref (out));
      g_autoptr(GBytes) changed = NULL;
      g_autoptr(GBytes) cut = g_bytes_new_from_bytes (out, 0, i);

      array->data[i] ^= 1;
      changed = g_byte_array_free_to_bytes (array);
      g_assert_null (glb_clipboard_clean (&rules, "image/png", changed, NULL));
      g_assert_null (glb_clipboard_clean (&rules, "image/png", cut, NULL));
    }
}

/* --- the program's own filter --- */

typedef struct
{
  const char *name;
  long        number;
  long        arguments[6];
} Call;

/* How a process ends that makes one call behind the filter. */
static int
attempt (const Call *call)
{
  const long *a = call->arguments;
  pid_t pid = fork ();
  int status;

  g_assert_cmpint (pid, >=, 0);
  if (pid == 0)
    {
      if (glb_clean_image_filter_load () < 0)
        _exit (2);
      syscall (call->number, a[0], a[1], a[2], a[3], a[4], a[5]);
      syscall (__NR_exit_group, 0);
    }
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  return status;
}

static void
test_filter (void)
{
  static const Call refused[] = {
    { "openat", __NR_openat, { AT_FDCWD, (long) "/etc/passwd", O_RDONLY } },
    { "socket", __NR_socket, { AF_UNIX, SOCK_STREAM, 0 } },
    { "connect", __NR_connect, { -1, 0, 0 } },
    { "clone", __NR_clone, { SIGCHLD } },
    { "execve", __NR_execve, { (long) "/bin/true", 0, 0 } },
    { "kill", __NR_kill, { 1, 0 } },
    { "prctl", __NR_prctl, { 0 } },
    { "seccomp", __NR_seccomp, { 1, 0, 0 } },
    { "mprotect", __NR_mprotect, { 0, 4096, PROT_READ | PROT_EXEC } },
    { "memfd_create", __NR_memfd_create, { (long) "x", 0 } },
    { "mmap of code", __NR_mmap, { 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0 } },
    { "ioctl", __NR_ioctl, { 1, 0x5412, 0 } },
  };
  static const Call allowed[] = {
    { "read", __NR_read, { -1, 0, 0 } },
    { "write", __NR_write, { -1, 0, 0 } },
    { "brk", __NR_brk, { 0 } },
    { "mmap", __NR_mmap, { 0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0 } },
    { "munmap", __NR_munmap, { 4096, 4096 } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      int status = attempt (&refused[i]);

      g_test_message ("%s: %d", refused[i].name, status);
      g_assert_true (WIFSIGNALED (status));
      g_assert_cmpint (WTERMSIG (status), ==, SIGSYS);
    }
  for (guint i = 0; i < G_N_ELEMENTS (allowed); i++)
    {
      g_test_message ("%s", allowed[i].name);
      g_assert_cmpint (attempt (&allowed[i]), ==, 0);
    }
}

/* --- the program --- */

static void
run_program (const char  *argument,
             GBytes      *input,
             int         *status,
             GBytes     **output,
             char       **message)
{
  g_autofree char *path = glb_sandbox_find_private ("glovebox-clean-image");
  g_autoptr(GSubprocess) process = NULL;
  g_autoptr(GBytes) errors = NULL;
  g_autoptr(GError) error = NULL;

  g_assert_nonnull (path);
  process = g_subprocess_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE,
                              &error, path, argument, NULL);
  g_assert_no_error (error);
  if (!g_subprocess_communicate (process, input, NULL, output, &errors, &error))
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE);
  g_assert_true (g_subprocess_get_if_exited (process));
  *status = g_subprocess_get_exit_status (process);
  *message = errors != NULL && g_bytes_get_size (errors) > 0 ? g_strndup (g_bytes_get_data (errors, NULL), g_bytes_get_size (errors))
                                                             : g_strdup ("");
}

static void
test_program_refuses (void)
{
  g_autoptr(GBytes) png = make_png (&(Kind) { 64, 64, 8, PNG_COLOR_TYPE_RGB });
  g_autoptr(GBytes) large = with_size (png, 9000, 1);
  g_autoptr(GBytes) text = g_bytes_new_static ("hello", 5);
  g_autoptr(GBytes) nothing = g_bytes_new_static ("", 0);
  const struct { const char *argument; GBytes *input; int status; const char *message; } rows[] = {
    { "0", nothing, GLB_CLEAN_IMAGE_USAGE, "usage: glovebox-clean-image [MAX-BYTES]" },
    { "-1", nothing, GLB_CLEAN_IMAGE_USAGE, "usage: glovebox-clean-image [MAX-BYTES]" },
    { "16777217", nothing, GLB_CLEAN_IMAGE_USAGE, "usage: glovebox-clean-image [MAX-BYTES]" },
    { "12x", nothing, GLB_CLEAN_IMAGE_USAGE, "usage: glovebox-clean-image [MAX-BYTES]" },
    { "1000", png, GLB_CLEAN_IMAGE_TOO_LARGE, "larger than 1000 bytes" },
    { NULL, large, GLB_CLEAN_IMAGE_TOO_MANY, "9000 x 1 pixels are too many; 8192 a side and 33000000 in all are the limits" },
    { NULL, text, GLB_CLEAN_IMAGE_MALFORMED, "not a sound PNG: it ends too early" },
    { NULL, nothing, GLB_CLEAN_IMAGE_MALFORMED, "not a sound PNG: it ends too early" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr(GBytes) output = NULL;
      g_autofree char *message = NULL;
      g_autofree char *expected = g_strdup_printf ("glovebox-clean-image: %s\n", rows[i].message);
      int status;

      run_program (rows[i].argument, rows[i].input, &status, &output, &message);
      g_assert_cmpint (status, ==, rows[i].status);
      g_assert_cmpstr (message, ==, expected);
      g_assert_cmpuint (output != NULL ? g_bytes_get_size (output) : 0, ==, 0);
    }
}

static void
test_program (void)
{
  g_autoptr(GBytes) png = make_png (&(Kind) { 640, 480, 8, PNG_COLOR_TYPE_RGB_ALPHA });
  g_autoptr(GBytes) output = NULL;
  g_autofree char *message = NULL;
  int status;

  run_program (NULL, png, &status, &output, &message);
  g_assert_cmpstr (message, ==, "");
  g_assert_cmpint (status, ==, 0);
  assert_clean (output, 640, 480);
}

/* --- in the sandbox --- */

static int
make_input (GBytes *bytes)
{
  int fd = memfd_create ("image", MFD_CLOEXEC);
  gsize size;
  const char *data = g_bytes_get_data (bytes, &size);

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (write (fd, data, size), ==, (gssize) size);
  lseek (fd, 0, SEEK_SET);
  return fd;
}

static void
on_exited (GlbSandbox *sandbox,
           int         status,
           gpointer    user_data)
{
  *(int *) user_data = status;
}

static void
read_some (int         fd,
           GByteArray *output)
{
  guint8 bytes[4096];
  gssize n;

  while ((n = read (fd, bytes, sizeof bytes)) > 0)
    g_byte_array_append (output, bytes, n);
}

/* As the broker starts it: the program and the system's libraries, two pipes, the strict profile, a limit on memory. */
static GBytes *
run_in_sandbox (Fixture             *self,
                const char * const  *argv,
                GBytes              *input,
                guint64              max_address_space,
                int                 *status,
                char               **failure)
{
  g_autofree char *path = glb_sandbox_find_private ("glovebox-clean-image");
  g_autofree char *copy = g_build_filename (self->folder, "glovebox-clean-image", NULL);
  g_autofree char *content = NULL;
  g_autoptr(GBytes) seccomp = NULL;
  g_autoptr(GError) error = NULL;
  GByteArray *output = g_byte_array_new ();
  GlbSandbox *sandbox;
  gsize length;
  int ends[2];

  /* The build folder may be one that the account cannot reach; the installed program is in /usr. */
  g_assert_true (g_file_get_contents (path, &content, &length, NULL));
  g_assert_true (g_file_set_contents_full (copy, content, length, G_FILE_SET_CONTENTS_NONE, 0755, &error));
  seccomp = glb_seccomp_build (GLB_SECCOMP_STRICT, FALSE, &error);
  g_assert_no_error (error);

  g_clear_pointer (&self->spec, glb_sandbox_spec_free);
  self->spec = glb_sandbox_spec_new ("clean-image", self->account);
  glb_sandbox_spec_add_mount (self->spec, copy, "/glovebox-clean-image", GLB_MOUNT_READ_ONLY);
  glb_sandbox_spec_set_seccomp (self->spec, seccomp);
  glb_sandbox_spec_set_limits (self->spec, 16, max_address_space);
  glb_sandbox_spec_set_argv (self->spec, argv);
  g_assert_cmpint (pipe2 (ends, O_CLOEXEC), ==, 0);
  g_assert_cmpint (fcntl (ends[0], F_SETFL, O_NONBLOCK), ==, 0);
  glb_sandbox_spec_take_fd (self->spec, make_input (input), STDIN_FILENO);
  glb_sandbox_spec_take_fd (self->spec, ends[1], STDOUT_FILENO);

  *status = -1;
  sandbox = glb_sandbox_launch (self->spec, &error);
  g_assert_no_error (error);
  g_signal_connect (sandbox, "exited", G_CALLBACK (on_exited), status);
  while (glb_sandbox_is_running (sandbox))
    {
      wait_step (g_get_monotonic_time () + 30 * G_TIME_SPAN_SECOND, "glovebox-clean-image ends");
      read_some (ends[0], output);
    }
  read_some (ends[0], output);
  close (ends[0]);
  *failure = glb_sandbox_dup_failure (sandbox);
  g_assert_finalize_object (sandbox);
  fixture_renew (self);
  return g_byte_array_free_to_bytes (output);
}

static const char * const plain_argv[] = { "/glovebox-clean-image", NULL };

static void
test_sandbox_refuses (Fixture       *self,
                      gconstpointer  data)
{
  g_autoptr(GBytes) text = g_bytes_new_static ("hello", 5);
  g_autoptr(GBytes) output = NULL;
  g_autofree char *failure = NULL;
  int status;

  if (!can_sandbox ())
    return;
  output = run_in_sandbox (self, plain_argv, text, 512 << 20, &status, &failure);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, GLB_CLEAN_IMAGE_MALFORMED);
  g_assert_cmpuint (g_bytes_get_size (output), ==, 0);
}

/* A picture that takes more memory than it gets: an error of its own, no crash. */
static void
test_sandbox_memory (Fixture       *self,
                     gconstpointer  data)
{
  g_autoptr(GBytes) small = make_png (&(Kind) { 4, 4, 8, PNG_COLOR_TYPE_RGB });
  g_autoptr(GBytes) png = with_size (small, 8192, 4000);
  g_autoptr(GBytes) output = NULL;
  g_autofree char *failure = NULL;
  int status;

  if (!can_sandbox ())
    return;
  output = run_in_sandbox (self, plain_argv, png, 64 << 20, &status, &failure);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, GLB_CLEAN_IMAGE_FAILED);
  g_assert_cmpuint (g_bytes_get_size (output), ==, 0);
}

/* The largest that is permitted, which is where the allocator takes the most kinds of calls. */
static void
test_sandbox (Fixture       *self,
              gconstpointer  data)
{
  static const Kind kinds[] = { { 640, 480, 8, PNG_COLOR_TYPE_RGB_ALPHA }, { 8192, 4028, 1, PNG_COLOR_TYPE_GRAY, TRUE } };

  if (!can_sandbox ())
    return;
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autoptr(GBytes) png = make_png (&kinds[i]);
      g_autoptr(GBytes) output = NULL;
      g_autofree char *failure = NULL;
      int status;

      output = run_in_sandbox (self, plain_argv, png, 512 << 20, &status, &failure);
      g_test_message ("status %d, %s", status, failure != NULL ? failure : "");
      g_assert_true (WIFEXITED (status));
      g_assert_cmpint (WEXITSTATUS (status), ==, 0);
      assert_clean (output, kinds[i].width, kinds[i].height);
    }
}

#define add(name, function) \
  g_test_add ("/clean-image/" name, Fixture, NULL, fixture_set_up, function, fixture_tear_down)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  signal (SIGPIPE, SIG_IGN);
  g_test_add_func ("/clean-image/not-a-png", test_not_a_png);
  g_test_add_func ("/clean-image/too-large", test_too_large);
  g_test_add_func ("/clean-image/too-large-after", test_too_large_after);
  g_test_add_func ("/clean-image/too-many-pixels", test_too_many_pixels);
  g_test_add_func ("/clean-image/damaged", test_damaged);
  g_test_add_func ("/clean-image/pixels", test_pixels);
  g_test_add_func ("/clean-image/nothing-else", test_nothing_else);
  g_test_add_func ("/clean-image/large-chunk", test_large_chunk);
  g_test_add_func ("/clean-image/guard-check", test_guard_check);
  g_test_add_func ("/clean-image/filter", test_filter);
  g_test_add_func ("/clean-image/program/refuses", test_program_refuses);
  g_test_add_func ("/clean-image/program/cleans", test_program);
  add ("sandbox/refuses", test_sandbox_refuses);
  add ("sandbox/memory", test_sandbox_memory);
  add ("sandbox/cleans", test_sandbox);
  return g_test_run ();
}
