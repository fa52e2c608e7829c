/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ui/glb-prompt-image.h"

/* GTK 4.8 leaks sixteen bytes for each PNG that it can't read. */
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
#define LEAKS_OFF() __lsan_disable ()
#define LEAKS_ON()  __lsan_enable ()
#else
#define LEAKS_OFF()
#define LEAKS_ON()
#endif

/* 1 × 1, red */
static const guint8 sound[] = {
  0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44, 0x52, 0x00, 0x00, 0x00, 0x01,
  0x00, 0x00, 0x00, 0x01, 0x08, 0x02, 0x00, 0x00, 0x00, 0x90, 0x77, 0x53, 0xde, 0x00, 0x00, 0x00, 0x0c, 0x49, 0x44, 0x41,
  0x54, 0x78, 0xda, 0x63, 0xf8, 0xcf, 0xc0, 0x00, 0x00, 0x03, 0x01, 0x01, 0x00, 0xf7, 0x03, 0x41, 0x43, 0x00, 0x00, 0x00,
  0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82,
};

static GdkTexture *
decode (const guint8 *data,
        gsize         length,
        GError      **error)
{
  g_autoptr(GBytes) png = g_bytes_new (data, length);
  g_autofree char *sha256 = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, png);

  return glb_prompt_image_decode (png, sha256, error);
}

static void
assert_no_size (const guint8 *data,
                gsize         length)
{
  g_autoptr(GError) error = NULL;

  g_assert_null (decode (data, length, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
  g_assert_cmpstr (error->message, ==, "The picture is no PNG of a size that can be shown");
}

/* Another picture than the one that would be delivered is not shown. */
static void
test_another (void)
{
  g_autoptr(GBytes) png = g_bytes_new_static (sound, sizeof sound);
  g_autofree char *sha256 = g_compute_checksum_for_data (G_CHECKSUM_SHA256, sound, sizeof sound - 1);
  g_autoptr(GError) error = NULL;

  g_assert_null (glb_prompt_image_decode (png, sha256, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
  g_assert_cmpstr (error->message, ==, "The picture is not the one that the prompt is about");
  g_clear_error (&error);
  g_assert_null (glb_prompt_image_decode (png, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
}

static void
test_size (void)
{
  guint8 data[sizeof sound];

  assert_no_size (sound, 0);
  assert_no_size (sound, 20);
  memcpy (data, sound, sizeof sound);
  data[0] = 0x88;
  assert_no_size (data, sizeof data);
  /* 0 × 1; 8193 × 1; 8192 × 8192; 2³²-1 each */
  memcpy (data, sound, sizeof sound);
  data[19] = 0;
  assert_no_size (data, sizeof data);
  data[18] = 0x20, data[19] = 1;
  assert_no_size (data, sizeof data);
  data[18] = data[22] = 0x20, data[19] = data[23] = 0;
  assert_no_size (data, sizeof data);
  memset (data + 16, 0xff, 8);
  assert_no_size (data, sizeof data);
}

static void
test_broken (void)
{
  g_autoptr(GError) error = NULL;

  LEAKS_OFF ();
  g_assert_null (decode (sound, sizeof sound - 20, &error));
  LEAKS_ON ();
  g_assert_nonnull (error);
}

static void
test_sound (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GdkTexture) texture = decode (sound, sizeof sound, &error);

  g_assert_no_error (error);
  g_assert_cmpint (gdk_texture_get_width (texture), ==, 1);
  g_assert_cmpint (gdk_texture_get_height (texture), ==, 1);
}

static void
test_read (void)
{
  int fd = memfd_create ("test", MFD_CLOEXEC);
  g_autoptr(GBytes) bytes = NULL;
  g_autoptr(GError) error = NULL;
  int pipes[2];

  g_assert_cmpint (pipe (pipes), ==, 0);
  g_assert_null (glb_prompt_image_read (pipes[0], &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
  g_clear_error (&error);
  close (pipes[0]);
  close (pipes[1]);

  g_assert_cmpint (ftruncate (fd, GLB_PROMPT_IMAGE_MAX_BYTES + 1), ==, 0);
  g_assert_null (glb_prompt_image_read (fd, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
  g_clear_error (&error);

  /* whatever the offset, which the other side can move */
  g_assert_cmpint (ftruncate (fd, 0), ==, 0);
  g_assert_cmpint (write (fd, "content", 7), ==, 7);
  bytes = glb_prompt_image_read (fd, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), "content", 7);
  close (fd);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/prompt-image/another", test_another);
  g_test_add_func ("/prompt-image/size", test_size);
  g_test_add_func ("/prompt-image/broken", test_broken);
  g_test_add_func ("/prompt-image/sound", test_sound);
  g_test_add_func ("/prompt-image/read", test_read);

  return g_test_run ();
}
