/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What may be given in place of a device: the decision, and the copy of a file. */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "session-broker/broker/glb-device-source.h"
#include "session-broker/broker/glb-source-file.h"
#include "session-broker/broker/glb-source-options.h"
#include "session-broker/client/glb-broker-error.h"

#define DENIED  "the policy denies this device; see devices in it"
#define NO_HOST "the policy does not give the person's own device; name a generated source"
#define NO_FILE "the policy gives something generated and no file; name a generated source"
#define OTHER   "the policy says which file it is; name no other"

/* ---- the decision ---------------------------------------------------------------------- */

static GlbPolicy *
make_policy (const char *devices)
{
  g_autofree char *text = g_strdup_printf ("{\"schemaVersion\":\"1.0\",\"devices\":{%s}}", devices);
  g_autoptr(GBytes) bytes = g_bytes_new (text, strlen (text));
  g_autoptr(GError) error = NULL;
  GlbPolicy *policy = glb_policy_new_from_bytes (bytes, NULL, &error);

  g_assert_no_error (error);
  return policy;
}

static void
test_decision (void)
{
  static const struct
  {
    const char *devices;
    GlbMediaDevice device;
    const char *why[GLB_MEDIA_N_SOURCES];   /* host, test-pattern, tone, silence, file; of those that fit the device */
    const char *list;
  } rows[] = {
    { "", GLB_MEDIA_CAMERA, { DENIED, DENIED, "", "", DENIED }, "" },
    { "\"camera\":\"deny\",\"cameraSource\":\"test-pattern\"", GLB_MEDIA_CAMERA, { DENIED, DENIED, "", "", DENIED }, "" },
    { "\"speaker\":\"allow\"", GLB_MEDIA_MICROPHONE, { DENIED, "", DENIED, DENIED, DENIED }, "" },
    { "\"camera\":\"prompt\"", GLB_MEDIA_CAMERA, { NULL, NULL, "", "", NULL }, "host test-pattern file" },
    { "\"camera\":\"allow\"", GLB_MEDIA_CAMERA, { NULL, NULL, "", "", NULL }, "host test-pattern file" },
    { "\"camera\":\"prompt\",\"cameraSource\":\"test-pattern\"", GLB_MEDIA_CAMERA, { NO_HOST, NULL, "", "", NO_FILE }, "test-pattern" },
    { "\"camera\":\"allow\",\"cameraSource\":\"file:/a\"", GLB_MEDIA_CAMERA, { NO_HOST, NULL, "", "", OTHER }, "test-pattern" },
    { "\"microphone\":\"prompt\"", GLB_MEDIA_MICROPHONE, { NULL, "", NULL, NULL, NULL }, "host tone silence file" },
    { "\"microphone\":\"prompt\",\"microphoneSource\":\"silence\"", GLB_MEDIA_MICROPHONE, { NO_HOST, "", NULL, NULL, NO_FILE }, "tone silence" },
    { "\"microphone\":\"prompt\",\"microphoneSource\":\"tone\"", GLB_MEDIA_MICROPHONE, { NO_HOST, "", NULL, NULL, NO_FILE }, "tone silence" },
    { "\"microphone\":\"allow\",\"microphoneSource\":\"file:/a\"", GLB_MEDIA_MICROPHONE, { NO_HOST, "", NULL, NULL, OTHER }, "tone silence" },
    { "\"speaker\":\"prompt\"", GLB_MEDIA_SPEAKER, { NULL, "", "", NULL, "" }, "host silence" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr(GlbPolicy) policy = make_policy (rows[i].devices);
      g_auto(GStrv) list = glb_device_source_list (policy, rows[i].device);
      g_autofree char *words = g_strjoinv (" ", list);

      g_test_message ("%s", rows[i].devices);
      for (guint source = 0; source < GLB_MEDIA_N_SOURCES; source++)
        {
          GlbMediaSource parsed;
          /* a pipe is the listener's, and no source of a device */
          gboolean fits = source != GLB_MEDIA_SOURCE_PIPE && g_strcmp0 (rows[i].why[source], "") != 0;

          g_assert_cmpint (glb_device_source_from_string (rows[i].device, glb_device_source_to_string (source), &parsed), ==, fits);
          if (!fits)
            continue;
          g_assert_cmpint (parsed, ==, source);
          g_assert_cmpstr (glb_device_source_check (policy, rows[i].device, source), ==, rows[i].why[source]);
        }
      g_assert_cmpstr (words, ==, rows[i].list);
    }
}

/* ---- what a client says ------------------------------------------------------------------ */

static void
test_options (void)
{
  static const struct { const char *options, *message; } rows[] = {
    { "@a{sv} {}", "camera: no source; name one" },
    { "{'source': <7>}", "camera: option 'source' has the type i; it must be s" },
    { "{'source': <'host'>, 'path': <'/etc/passwd'>}", "camera: unknown option 'path'; client and broker are of different versions" },
    { "{'source': <'file'>}", "camera: the source \"file\" comes with a file and its name, and no other does" },
    { "{'source': <'file'>, 'file': <handle 0>}", "camera: the source \"file\" comes with a file and its name, and no other does" },
    { "{'source': <'tone'>, 'name': <'x'>}", "camera: the source \"file\" comes with a file and its name, and no other does" },
    { "{'source': <'tone'>, 'file': <handle 0>, 'name': <'x'>}", "camera: the source \"file\" comes with a file and its name, and no other does" },
    { "{'source': <'file'>, 'file': <handle 0>, 'name': <'x'>}", "camera: no descriptor came with the call" },
    { "{'source': <'file'>, 'file': <handle 7>, 'name': <'x'>}", "camera: no descriptor came with the call" },
    { "{'source': <'test-pattern'>}", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr(GVariant) options = g_variant_ref_sink (g_variant_new_parsed (rows[i].options));
      g_autoptr(GError) error = NULL;
      GlbSourceOptions read;

      g_assert_cmpint (glb_source_options_read (&read, "camera", options, NULL, &error), ==, rows[i].message == NULL);
      g_assert_cmpint (read.fd, ==, -1);
      if (rows[i].message != NULL)
        g_assert_error (error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_FAILED);
      g_assert_cmpstr (error != NULL ? error->message : NULL, ==, rows[i].message);
    }
}

/* ---- files --------------------------------------------------------------------------------- */

static void
on_file (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static GlbSourceFile *
finish (GAsyncResult **result, GError **error)
{
  GlbSourceFile *file;

  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
  file = glb_source_file_finish (*result, error);
  g_clear_object (result);
  return file;
}

static GlbSourceFile *
open_file (const char *folder, const char *rest, GError **error)
{
  GAsyncResult *result = NULL;

  glb_source_file_open_async (folder, rest, on_file, &result);
  return finish (&result, error);
}

static GlbSourceFile *
copy_file (int fd, const char *name, GError **error)
{
  GAsyncResult *result = NULL;

  glb_source_file_copy_async (fd, name, on_file, &result);
  return finish (&result, error);
}

static void
test_files_refused (void)
{
  static const struct { const char *rest, *message; } rows[] = {
    { "none", "No such file or directory; name a file that you may read" },
    { "folder", "not a plain file; name one" },
    { "pipe", "not a plain file; name one" },
    { "link", "a symbolic link leads there; name the file where it is" },
    { "links/file", "a symbolic link leads there; name the file where it is" },
    { "../outside", "Invalid cross-device link; name a file that you may read" },
    { "large", "larger than 256 MiB; make it shorter or smaller" },
  };
  g_autoptr(GError) error = NULL;
  g_autofree char *outer = g_dir_make_tmp ("glb-source-XXXXXX", &error);
  g_autofree char *folder = g_build_filename (outer, "inside", NULL);
  g_autofree char *outside = g_build_filename (outer, "outside", NULL);
  g_autofree char *file = g_build_filename (folder, "folder", "file", NULL);
  g_autofree char *large = g_build_filename (folder, "large", NULL);
  int fd, dir;

  g_assert_no_error (error);
  g_assert_no_errno (g_mkdir (folder, 0700));
  dir = open (folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
  g_assert_no_errno (mkdirat (dir, "folder", 0700));
  g_assert_no_errno (mkfifoat (dir, "pipe", 0600));
  g_assert_no_errno (symlinkat ("folder/file", dir, "link"));
  g_assert_no_errno (symlinkat ("folder", dir, "links"));
  g_assert_true (g_file_set_contents (file, "x", 1, NULL));
  g_assert_true (g_file_set_contents (outside, "x", 1, NULL));
  fd = open (large, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  g_assert_no_errno (ftruncate (fd, (256ll << 20) + 1));
  close (fd);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_assert_null (open_file (folder, rows[i].rest, &error));
      g_assert_nonnull (error);
      g_assert_cmpstr (error->message, ==, rows[i].message);
      g_clear_error (&error);
    }
  g_assert_null (open_file (large, "x", &error));
  g_assert_cmpstr (error->message, ==, "Not a directory; name a file that you may read");
  g_clear_error (&error);
  g_assert_null (copy_file (open ("/dev/zero", O_RDONLY | O_CLOEXEC), "zero", &error));
  g_assert_cmpstr (error->message, ==, "not a plain file; name one");
  g_clear_error (&error);
  g_assert_null (copy_file (open (file, O_WRONLY | O_CLOEXEC), "file", &error));
  g_assert_cmpstr (error->message, ==, "Bad file descriptor; name a file that you may read");
  g_clear_error (&error);

  g_assert_no_errno (unlinkat (dir, "folder/file", 0));
  for (guint i = 0; i < 3; i++)
    g_assert_no_errno (unlinkat (dir, ((const char * const []) { "pipe", "link", "links" })[i], 0));
  g_assert_no_errno (unlinkat (dir, "large", 0));
  g_assert_no_errno (unlinkat (dir, "folder", AT_REMOVEDIR));
  close (dir);
  g_assert_no_errno (g_rmdir (folder));
  g_assert_no_errno (g_unlink (outside));
  g_assert_no_errno (g_rmdir (outer));
}

/* What was read stays, whatever becomes of the file. */
static void
test_files_copied (void)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("glb-source-XXXXXX", &error);
  g_autofree char *path = g_build_filename (folder, "me \xc3\xa9\n.png", NULL);
  g_autoptr(GlbSourceFile) opened = NULL;
  g_autoptr(GlbSourceFile) copied = NULL;
  char bytes[8] = "";

  g_assert_true (g_file_set_contents (path, "before", 6, NULL));
  opened = open_file (folder, "me \xc3\xa9\n.png", &error);
  g_assert_no_error (error);
  g_assert_true (g_file_set_contents (path, "after", 5, NULL));
  g_assert_cmpuint (opened->size, ==, 6);
  g_assert_cmpstr (opened->name, ==, "me \xc3\xa9?.png");
  g_assert_cmpstr (opened->sha256, ==, "6db7d803e74f1ffa7d8f5adc0bf95b3e15bf4c8373fffadf546227cc6c6742cb");
  g_assert_cmpint (pread (opened->fd, bytes, sizeof bytes, 0), ==, 6);
  g_assert_cmpmem (bytes, 6, "before", 6);
  g_assert_cmpint (pwrite (opened->fd, "x", 1, 0), ==, -1);
  g_assert_cmpint (errno, ==, EPERM);
  g_assert_cmpint (ftruncate (opened->fd, 0), ==, -1);

  /* from its beginning, wherever the client was in it */
  {
    int fd = open (path, O_RDONLY | O_CLOEXEC);

    g_assert_cmpint (lseek (fd, 3, SEEK_SET), ==, 3);
    copied = copy_file (fd, "/else/where", &error);
  }
  g_assert_no_error (error);
  g_assert_cmpuint (copied->size, ==, 5);
  g_assert_cmpstr (copied->name, ==, "where");
  g_assert_no_errno (g_unlink (path));
  g_assert_no_errno (g_rmdir (folder));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/device-source/decision", test_decision);
  g_test_add_func ("/device-source/options", test_options);
  g_test_add_func ("/device-source/files/refused", test_files_refused);
  g_test_add_func ("/device-source/files/copied", test_files_copied);
  return g_test_run ();
}
