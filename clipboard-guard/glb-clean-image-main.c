/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * glovebox-clean-image: a PNG on standard input, its pixels as a new PNG on
 * standard output. Runs in a sandbox without files and network, with a
 * deadline and a limit on its memory, all of which are whoever starts it to
 * set. By itself, before it reads the first byte, it gives up every system
 * call but reading, writing, memory and its end: an image that takes libpng
 * over finds itself with two pipes.
 *
 * Nothing is written before the whole image is encoded, so that what reads
 * half an answer never takes it for one: the exit code says which it is.
 */

#include "clipboard-guard/glb-clean-image.h"
#include "clipboard-guard/glb-clean-image-filter.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int
fail (GlbCleanImageResult  result,
      const char          *message)
{
  /* One write, no buffer: the filter knows no other call. */
  char line[GLB_CLEAN_IMAGE_MAX_MESSAGE + 32];
  int length = snprintf (line, sizeof line, "glovebox-clean-image: %s\n", message);
  ssize_t written = write (STDERR_FILENO, line, length < (int) sizeof line ? (size_t) length : sizeof line - 1);

  (void) written;
  return result;
}

/* Reads one byte more than is permitted, to know that it is more. NULL: no memory, or the pipe failed. */
static uint8_t *
read_all (size_t  max_bytes,
          size_t *size)
{
  size_t room = 64 * 1024;
  uint8_t *data = malloc (room);

  *size = 0;
  while (data != NULL && *size <= max_bytes)
    {
      ssize_t n;

      if (*size == room)
        {
          uint8_t *larger = realloc (data, room *= 2);

          if (larger == NULL)
            break;
          data = larger;
        }
      n = read (STDIN_FILENO, data + *size, room - *size);
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        break;
      if (n == 0)
        return data;
      *size += n;
    }
  if (data != NULL && *size > max_bytes)
    return data;
  free (data);
  return NULL;
}

static int
write_all (const uint8_t *data,
           size_t         size)
{
  while (size > 0)
    {
      ssize_t n = write (STDOUT_FILENO, data, size);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return -1;
      data += n;
      size -= n;
    }
  return 0;
}

/* 1 to the most that a policy can permit; 0: not a number of that kind. */
static size_t
parse_bytes (const char *text)
{
  char *end;
  unsigned long value;

  if (*text < '0' || *text > '9')
    return 0;
  errno = 0;
  value = strtoul (text, &end, 10);
  return errno == 0 && *end == '\0' && value <= GLB_CLEAN_IMAGE_MAX_BYTES ? value : 0;
}

int
main (int    argc,
      char **argv)
{
  char message[GLB_CLEAN_IMAGE_MAX_MESSAGE];
  size_t max_bytes = argc == 2 ? parse_bytes (argv[1]) : argc == 1 ? GLB_CLEAN_IMAGE_MAX_BYTES : 0;
  GlbCleanImageResult result;
  uint8_t *data;
  uint8_t *out;
  size_t size;
  size_t out_size;

  if (max_bytes == 0)
    return fail (GLB_CLEAN_IMAGE_USAGE, "usage: glovebox-clean-image [MAX-BYTES]");
  if (glb_clean_image_filter_load () < 0)
    return fail (GLB_CLEAN_IMAGE_FAILED, "the kernel takes no system call filter");

  data = read_all (max_bytes, &size);
  if (data == NULL)
    return fail (GLB_CLEAN_IMAGE_FAILED, "can't read the image");
  result = glb_clean_image (data, size, max_bytes, &out, &out_size, message);
  free (data);
  if (result != GLB_CLEAN_IMAGE_OK)
    return fail (result, message);
  if (write_all (out, out_size) < 0)
    return fail (GLB_CLEAN_IMAGE_FAILED, "nobody reads the image");
  free (out);
  return GLB_CLEAN_IMAGE_OK;
}
