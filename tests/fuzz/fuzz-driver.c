/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * The main() of the fuzzers in an ordinary build
 * ==============================================
 *
 * A fuzzer is one file with LLVMFuzzerTestOneInput(); libFuzzer or AFL can
 * drive it. This driver needs neither: it runs each seed as it is, then a
 * bounded number of mutations that depend on the seed number only, as a TAP
 * test. When the fuzzer dies or hangs, the driver says which iteration it was
 * and saves the input to fuzz-crash in the working folder; give that file as
 * the only seed with --iterations 0 to see it again.
 *
 * Each input is in a block of exactly its size, so that AddressSanitizer sees
 * a read one byte behind it.
 */

#define MAX_INPUT_BYTES       (64 * 1024)
#define MAX_MUTATIONS   8
#define HANG_SECONDS    30

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);
void __sanitizer_set_death_callback (void (*callback) (void)) __attribute__ ((weak));

static struct
{
  const guint8 *data;
  gsize         size;
  guint         iteration;
  int           seed;
} current;

static void
write_all (int         fd,
           const void *data,
           gsize       size)
{
  const char *cursor = data;

  while (size > 0)
    {
      gssize n = write (fd, cursor, size);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return;
      cursor += n;
      size -= n;
    }
}

static void
write_number (int   fd,
              guint number)
{
  char digits[12];
  guint at = sizeof digits;

  do
    digits[--at] = '0' + number % 10;
  while ((number /= 10) > 0);
  write_all (fd, digits + at, sizeof digits - at);
}

/* Async-signal-safe. */
static void
save_input (void)
{
  static const char head[] = "# died at iteration ", middle[] = " of seed ", tail[] = "; the input is in ./fuzz-crash\n";
  int fd = open ("fuzz-crash", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

  if (fd >= 0)
    {
      write_all (fd, current.data, current.size);
      close (fd);
    }
  write_all (STDERR_FILENO, head, sizeof head - 1);
  write_number (STDERR_FILENO, current.iteration);
  write_all (STDERR_FILENO, middle, sizeof middle - 1);
  write_number (STDERR_FILENO, (guint) current.seed);
  write_all (STDERR_FILENO, tail, sizeof tail - 1);
}

static void
handle_death (int signo)
{
  save_input ();
  signal (signo, SIG_DFL);
  raise (signo);
}

static void
watch_death (void)
{
  signal (SIGALRM, handle_death);
  signal (SIGABRT, handle_death);
  if (__sanitizer_set_death_callback)
    {
      __sanitizer_set_death_callback (save_input);
      return;
    }
  signal (SIGSEGV, handle_death);
  signal (SIGBUS, handle_death);
  signal (SIGILL, handle_death);
  signal (SIGFPE, handle_death);
  signal (SIGTRAP, handle_death);
}

static void
run_one (GByteArray *input,
         guint       iteration)
{
  guint8 *block = malloc (MAX (input->len, 1));

  g_assert_nonnull (block);
  if (input->len > 0)
    memcpy (block, input->data, input->len);
  current.data = block;
  current.size = input->len;
  current.iteration = iteration;

  alarm (HANG_SECONDS);
  LLVMFuzzerTestOneInput (block, input->len);
  alarm (0);
  /* a leak is found at the end, of no input */
  current.data = NULL;
  current.size = 0;
  free (block);
}

/* A place and a length within the input. */
static void
pick_range (GRand      *rand,
            GByteArray *input,
            guint      *offset,
            guint      *length)
{
  *offset = g_rand_int_range (rand, 0, input->len);
  *length = g_rand_int_range (rand, 1, MIN (input->len - *offset, 64) + 1);
}

static void
insert_bytes (GByteArray   *input,
              guint         offset,
              const guint8 *bytes,
              guint         length)
{
  guint old = input->len;

  if (old + length > MAX_INPUT_BYTES || length == 0)
    return;
  g_byte_array_set_size (input, old + length);
  memmove (input->data + offset + length, input->data + offset, old - offset);
  memcpy (input->data + offset, bytes, length);
}

static void
insert_copy (GRand      *rand,
             GByteArray *input,
             GByteArray *from)
{
  guint8 chunk[64];
  guint offset, length;

  if (from->len == 0)
    return;
  pick_range (rand, from, &offset, &length);
  memcpy (chunk, from->data + offset, length);
  insert_bytes (input, g_rand_int_range (rand, 0, input->len + 1), chunk, length);
}

static void
write_interesting (GRand      *rand,
                   GByteArray *input)
{
  static const guint32 values[] = { 0, 1, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff,
                                    0x80000000, 0xffffffff };
  guint32 value = values[g_rand_int_range (rand, 0, G_N_ELEMENTS (values))];
  guint width = 1u << g_rand_int_range (rand, 0, 3);

  if (input->len < width)
    return;
  value = GUINT32_TO_LE (value);
  memcpy (input->data + g_rand_int_range (rand, 0, input->len - width + 1), &value, width);
}

static void
mutate (GRand      *rand,
        GByteArray *input,
        GByteArray *other)
{
  static const char punctuation[] = "\"\\/{}[]:,0123456789-+eE.tfnu$* \n\t~";
  guint8 byte = g_rand_int_range (rand, 0, 256);
  guint offset, length;

  if (input->len == 0)
    {
      insert_bytes (input, 0, &byte, 1);
      return;
    }

  pick_range (rand, input, &offset, &length);
  switch (g_rand_int_range (rand, 0, 9))
    {
    case 0:
      input->data[offset] ^= 1u << g_rand_int_range (rand, 0, 8);
      break;
    case 1:
      input->data[offset] = byte;
      break;
    case 2:
      input->data[offset] = punctuation[g_rand_int_range (rand, 0, sizeof punctuation - 1)];
      break;
    case 3:
      byte = punctuation[g_rand_int_range (rand, 0, sizeof punctuation - 1)];
      insert_bytes (input, offset, &byte, 1);
      break;
    case 4:
      g_byte_array_remove_range (input, offset, length);
      break;
    case 5:
      insert_copy (rand, input, input);
      break;
    case 6:
      insert_copy (rand, input, other);
      break;
    case 7:
      write_interesting (rand, input);
      break;
    case 8:
      if (g_rand_int_range (rand, 0, 8) == 0)
        g_byte_array_set_size (input, offset);
      break;
    default:
      g_assert_not_reached ();
    }
}

static GPtrArray *
load_seeds (char **paths)
{
  g_autoptr(GPtrArray) seeds = g_ptr_array_new_with_free_func ((GDestroyNotify) g_byte_array_unref);

  for (guint i = 0; paths && paths[i]; i++)
    {
      g_autoptr(GError) error = NULL;
      char *content;
      gsize length;

      if (!g_file_get_contents (paths[i], &content, &length, &error))
        g_error ("%s", error->message);
      g_ptr_array_add (seeds, g_byte_array_new_take ((guint8 *) content, length));
    }
  g_ptr_array_add (seeds, g_byte_array_new ());
  return g_steal_pointer (&seeds);
}

static void
run_mutations (GPtrArray *seeds,
               int        seed,
               int        iterations)
{
  g_autoptr(GRand) rand = g_rand_new_with_seed (seed);

  for (int i = 0; i < iterations; i++)
    {
      g_autoptr(GByteArray) input = g_byte_array_new ();
      GByteArray *base = seeds->pdata[g_rand_int_range (rand, 0, seeds->len)];
      GByteArray *other = seeds->pdata[g_rand_int_range (rand, 0, seeds->len)];
      int mutations = g_rand_int_range (rand, 1, MAX_MUTATIONS + 1);

      g_byte_array_append (input, base->data, base->len);
      for (int m = 0; m < mutations; m++)
        mutate (rand, input, other);
      run_one (input, seeds->len + i);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_autoptr(GOptionContext) context = g_option_context_new ("[SEED-FILE…]");
  g_autoptr(GPtrArray) seeds = NULL;
  g_autoptr(GError) error = NULL;
  g_auto(GStrv) paths = NULL;
  int iterations = 20000;
  int seed = 1;
  const GOptionEntry entries[] = {
    { "seed", 0, 0, G_OPTION_ARG_INT, &seed, "What the mutations depend on", "N" },
    { "iterations", 0, 0, G_OPTION_ARG_INT, &iterations, "How many mutations", "N" },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &paths, NULL, NULL },
    { NULL }
  };

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    g_error ("%s", error->message);

  seeds = load_seeds (paths);
  current.seed = seed;
  watch_death ();

  g_print ("1..1\n# seed %d, %u inputs, %d mutations\n", seed, seeds->len, iterations);
  for (guint i = 0; i < seeds->len; i++)
    run_one (seeds->pdata[i], i);
  run_mutations (seeds, seed, iterations);
  g_print ("ok 1 - %s\n", g_get_prgname ());
  return 0;
}
