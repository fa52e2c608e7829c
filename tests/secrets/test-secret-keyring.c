/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* With the real keyring of GNOME, on a session bus of its own. */

#include "config.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "session-broker/secrets/glb-secret-file.h"
#include "session-broker/secrets/glb-secret-service.h"
#include "session-broker/secrets/glb-secret-store.h"

#define SECRET     "0123456789"
#define DEADLINE_S 20

typedef struct
{
  char *root;
  GTestDBus *bus;
  GSubprocess *keyring;      /* (nullable): it is missing */
} Fixture;

static void
die_with_parent (gpointer data)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

static gboolean
on_tick (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

/* FALSE: it is missing. */
static gboolean
start_keyring (Fixture *self)
{
  g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_SILENCE |
                                                                       G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  g_autofree char *program = g_find_program_in_path ("gnome-keyring-daemon");
  gint64 deadline = g_get_monotonic_time () + DEADLINE_S * G_USEC_PER_SEC;
  g_autoptr(GError) error = NULL;
  GOutputStream *in;
  guint tick;

  if (program == NULL || geteuid () == 0)
    return FALSE;
  g_subprocess_launcher_set_child_setup (launcher, die_with_parent, NULL, NULL);
  self->keyring = g_subprocess_launcher_spawn (launcher, &error, program, "--foreground", "--unlock", "--components=secrets", NULL);
  g_assert_no_error (error);
  in = g_subprocess_get_stdin_pipe (self->keyring);
  g_assert_true (g_output_stream_write_all (in, "password", 8, NULL, NULL, NULL));
  g_assert_true (g_output_stream_close (in, NULL, NULL));

  tick = g_timeout_add (20, on_tick, NULL);
  while (!glb_secret_service_is_there (NULL, &error))
    {
      g_assert_no_error (error);
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
      g_main_context_iteration (NULL, TRUE);
    }
  g_source_remove (tick);
  return TRUE;
}

static void
set_up (Fixture       *self,
        gconstpointer  data)
{
  g_autofree char *home = NULL;

  self->root = g_dir_make_tmp ("glb-keyring-XXXXXX", NULL);
  home = g_build_filename (self->root, "data", NULL);
  g_setenv ("XDG_CONFIG_HOME", self->root, TRUE);
  g_setenv ("XDG_DATA_HOME", home, TRUE);
  g_setenv ("XDG_RUNTIME_DIR", self->root, TRUE);
  g_setenv ("HOME", self->root, TRUE);
  self->bus = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_test_dbus_up (self->bus);
}

static void
tear_down (Fixture       *self,
           gconstpointer  data)
{
  const char * const argv[] = { "/bin/rm", "-rf", self->root, NULL };

  if (self->keyring != NULL)
    {
      g_subprocess_send_signal (self->keyring, SIGTERM);
      g_assert_true (g_subprocess_wait (self->keyring, NULL, NULL));
    }
  g_clear_object (&self->keyring);
  g_test_dbus_stop (self->bus);
  g_clear_object (&self->bus);
  g_assert_true (g_spawn_sync (NULL, (char **) argv, NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL));
  g_free (self->root);
}

static void
assert_stored (const char *value)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GlbSecretText) text = glb_secret_store_read ("token", NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpmem (text->bytes, text->size, value, strlen (value));
}

/* Where there is a keyring, it is there, and no file has it. */
static void
test_keyring (Fixture       *self,
              gconstpointer  data)
{
  g_autoptr(GlbSecretText) text = glb_secret_text_new ();
  g_auto(GStrv) names = NULL;
  g_autoptr(GError) error = NULL;

  if (!start_keyring (self))
    {
      g_test_skip (geteuid () == 0 ? "root has no keyring" : "gnome-keyring-daemon is missing; install gnome-keyring");
      return;
    }

  text->size = strlen (SECRET);
  memcpy (text->bytes, SECRET, text->size);
  g_assert_true (glb_secret_file_write ("token", text, &error));
  assert_stored (SECRET);
  text->bytes[0] = 'x';
  g_assert_true (glb_secret_store_write ("token", text, NULL, &error));
  g_assert_no_error (error);
  assert_stored ("x" "123456789");
  g_assert_null (glb_secret_file_read ("token", &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_clear_error (&error);

  names = glb_secret_store_list (NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_strv_length (names), ==, 1);
  g_assert_cmpstr (names[0], ==, "token");
  g_assert_true (glb_secret_store_remove ("token", NULL, &error));
  g_assert_null (glb_secret_store_read ("token", NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/secret-keyring", Fixture, NULL, set_up, test_keyring, tear_down);
  return g_test_run ();
}
