/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "session-broker/secrets/glb-secret-store.h"

#define SECRET "0123456789"

typedef struct
{
  char *root;
  char *folder;              /* of the secrets, which is not there */
  char *path;                /* of "token" */
} Fixture;

static void
remove_all (const char *path)
{
  const char * const argv[] = { "/bin/rm", "-rf", path, NULL };

  g_assert_true (g_spawn_sync (NULL, (char **) argv, NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL));
}

static void
set_up (Fixture       *self,
        gconstpointer  data)
{
  self->root = g_dir_make_tmp ("glb-secret-XXXXXX", NULL);
  self->folder = g_build_filename (self->root, "glovebox", "secrets", NULL);
  self->path = g_build_filename (self->folder, "token", NULL);
  g_setenv ("XDG_CONFIG_HOME", self->root, TRUE);
  g_unsetenv ("DBUS_SESSION_BUS_ADDRESS");
  g_setenv ("XDG_RUNTIME_DIR", self->root, TRUE);
}

static void
tear_down (Fixture       *self,
           gconstpointer  data)
{
  remove_all (self->root);
  g_free (self->root);
  g_free (self->folder);
  g_free (self->path);
}

static GlbSecretText *
make_text (const char *value)
{
  GlbSecretText *text = glb_secret_text_new ();

  text->size = strlen (value);
  memcpy (text->bytes, value, text->size);
  return text;
}

static void
store (const char *value)
{
  g_autoptr(GlbSecretText) text = make_text (value);
  g_autoptr(GError) error = NULL;

  g_assert_true (glb_secret_store_write ("token", text, NULL, &error));
  g_assert_no_error (error);
}

static void
write_file (Fixture    *self,
            const char *bytes,
            gssize      size,
            guint       mode)
{
  g_unlink (self->path);
  g_assert_true (g_file_set_contents (self->path, bytes, size, NULL));
  g_assert_cmpint (g_chmod (self->path, mode), ==, 0);
}

static void
assert_refused (const char *name,
                int         code,
                const char *words)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GlbSecretText) text = glb_secret_store_read (name, NULL, &error);

  g_assert_null (text);
  g_assert_error (error, G_IO_ERROR, code);
  g_assert_nonnull (strstr (error->message, words));
  g_assert_null (strchr (error->message, '\n'));
  g_assert_null (strstr (error->message, SECRET));
}

static void
assert_stored (const char *value)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GlbSecretText) text = glb_secret_store_read ("token", NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpmem (text->bytes, text->size, value, strlen (value));
}

static void
test_missing (Fixture       *self,
              gconstpointer  data)
{
  g_autoptr(GError) error = NULL;
  g_auto(GStrv) names = glb_secret_store_list (NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (g_strv_length (names), ==, 0);
  assert_refused ("token", G_IO_ERROR_NOT_FOUND, "the secret token is not stored; run: glovebox secret set token");
  g_assert_false (glb_secret_store_remove ("token", NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  assert_refused ("../token", G_IO_ERROR_INVALID_ARGUMENT, "a secret's name has");
  assert_refused (".token.new", G_IO_ERROR_INVALID_ARGUMENT, "a secret's name has");
}

static void
test_kept (Fixture       *self,
           gconstpointer  data)
{
  g_auto(GStrv) names = NULL;
  g_autoptr(GError) error = NULL;
  struct stat st;

  store (SECRET);
  store (SECRET "-new");
  assert_stored (SECRET "-new");
  g_assert_cmpint (stat (self->path, &st), ==, 0);
  g_assert_cmpuint (st.st_mode & 07777, ==, 0600);
  g_assert_cmpint (stat (self->folder, &st), ==, 0);
  g_assert_cmpuint (st.st_mode & 07777, ==, 0700);
  names = glb_secret_store_list (NULL, &error);
  g_assert_cmpuint (g_strv_length (names), ==, 1);
  g_assert_cmpstr (names[0], ==, "token");
  g_assert_true (glb_secret_store_remove ("token", NULL, &error));
  g_assert_false (g_file_test (self->path, G_FILE_TEST_EXISTS));
}

/* What others may have read or written is no secret. */
static void
test_others (Fixture       *self,
             gconstpointer  data)
{
  g_autofree char *other = g_build_filename (self->root, "other", NULL);

  store (SECRET);
  g_assert_cmpint (g_chmod (self->path, 0640), ==, 0);
  assert_refused ("token", G_IO_ERROR_PERMISSION_DENIED, "others may read the secret token: its mode is 0640");
  g_assert_cmpint (g_chmod (self->path, 0600), ==, 0);
  g_assert_cmpint (link (self->path, other), ==, 0);
  assert_refused ("token", G_IO_ERROR_PERMISSION_DENIED, "has a second name");
  g_assert_cmpint (g_unlink (self->path), ==, 0);
  g_assert_cmpint (symlink (other, self->path), ==, 0);
  assert_refused ("token", G_IO_ERROR_PERMISSION_DENIED, "is a link");
  g_assert_cmpint (g_unlink (self->path), ==, 0);
  g_assert_cmpint (mkfifo (self->path, 0600), ==, 0);
  assert_refused ("token", G_IO_ERROR_PERMISSION_DENIED, "is no ordinary file");
  g_assert_cmpint (g_unlink (self->path), ==, 0);

  store (SECRET);
  g_assert_cmpint (g_chmod (self->folder, 0755), ==, 0);
  assert_refused ("token", G_IO_ERROR_PERMISSION_DENIED, "others may read it");
  g_assert_cmpint (g_chmod (self->folder, 0700), ==, 0);
  assert_stored (SECRET);
  g_assert_cmpint (g_unlink (other), ==, 0);
  g_assert_cmpint (g_rename (self->folder, other), ==, 0);
  g_assert_cmpint (symlink (other, self->folder), ==, 0);
  assert_refused ("token", G_IO_ERROR_PERMISSION_DENIED, "it is a link or a file");
}

static void
test_owner (Fixture       *self,
            gconstpointer  data)
{
  if (geteuid () != 0)
    {
      g_test_skip ("only root can give a file away");
      return;
    }
  store (SECRET);
  g_assert_cmpint (chown (self->path, 1, 1), ==, 0);
  assert_refused ("token", G_IO_ERROR_PERMISSION_DENIED, "is somebody else's file");
  g_assert_cmpint (chown (self->path, 0, 0), ==, 0);
  g_assert_cmpint (chown (self->folder, 1, 1), ==, 0);
  assert_refused ("token", G_IO_ERROR_PERMISSION_DENIED, "is somebody else's");
}

/* A header carries one line. */
static void
test_content (Fixture       *self,
              gconstpointer  data)
{
  static const struct { const char *bytes; gssize size; const char *words; } bad[] = {
    { "", 0, "is empty" },
    { "\n", 1, "is empty" },
    { SECRET "\n\n", -1, "more than one line" },
    { SECRET "\nHost: other", -1, "more than one line" },
    { SECRET "\r\nHost: other\r\n", -1, "more than one line" },
    { SECRET "\rHost: other", -1, "more than one line" },
    { SECRET "\0more", 15, "more than one line" },
    { SECRET "\t", -1, "more than one line" },
    { SECRET "\303\244", -1, "more than one line" },
    { SECRET " ", -1, "begins or ends with a space" },
    { " " SECRET, -1, "begins or ends with a space" },
  };
  g_autofree char *longest = g_strnfill (GLB_SECRET_TEXT_MAX, 'x');
  g_autofree char *longer = g_strnfill (GLB_SECRET_TEXT_MAX + 1, 'x');
  g_autofree char *huge = g_strnfill (1 << 20, 'x');

  store (SECRET);
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      write_file (self, bad[i].bytes, bad[i].size, 0600);
      assert_refused ("token", G_IO_ERROR_INVALID_DATA, bad[i].words);
    }
  write_file (self, longer, -1, 0600);
  assert_refused ("token", G_IO_ERROR_INVALID_DATA, "longer than 8192 bytes");
  write_file (self, huge, -1, 0600);
  assert_refused ("token", G_IO_ERROR_INVALID_DATA, "longer than 8192 bytes");
  write_file (self, longest, -1, 0600);
  assert_stored (longest);
  write_file (self, SECRET "\r\n", -1, 0600);
  assert_stored (SECRET);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/secret-file/missing", Fixture, NULL, set_up, test_missing, tear_down);
  g_test_add ("/secret-file/kept", Fixture, NULL, set_up, test_kept, tear_down);
  g_test_add ("/secret-file/others", Fixture, NULL, set_up, test_others, tear_down);
  g_test_add ("/secret-file/owner", Fixture, NULL, set_up, test_owner, tear_down);
  g_test_add ("/secret-file/content", Fixture, NULL, set_up, test_content, tear_down);
  return g_test_run ();
}
