/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glovebox-prove"

/* The bait that lies behind gates: another session, whose portal asks the person, and into whose clipboard the person put something. */

#include "config.h"

#include "session-broker/client/glb-paths.h"
#include "session-broker/prove/glb-prove.h"

#include <gio/gio.h>
#include <json-glib/json-glib.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define DEADLINE_MS 10000
/* One for the control, one for the attack. */
#define QUESTIONS   2

static const char policy[] =
  "{ \"schemaVersion\": \"1.0\", \"agent\": { \"name\": \"glovebox-prove\" }, \n"
  "  \"desktop\": { \"clipboard\": { \"hostToSession\": \"allow\" } }, \"process\": { \"allowSpawn\": true }, \"portals\": { \"openUri\": \"prompt\" }, \"prompts\": { \"timeoutSeconds\": 600 } }\n";

static struct
{
  char *session;    /* (nullable): its id */
  int   portal;     /* its questions live as long as this */
} laid = { .portal = -1 };

char *
glb_prove_find_glovebox (GError **error)
{
  char *path = glb_paths_find_program ("glovebox", NULL);

  if (path == NULL)
    path = g_find_program_in_path ("glovebox");
  if (path == NULL)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "Can't find the program glovebox; install Glovebox again");
  return path;
}

char *
glb_prove_run_glovebox (const char * const *arguments)
{
  g_autoptr(GStrvBuilder) builder = g_strv_builder_new ();
  g_autofree char *glovebox = glb_prove_find_glovebox (NULL);
  g_autofree char *out = NULL;
  g_auto(GStrv) argv = NULL;
  int status;

  if (glovebox == NULL)
    return NULL;
  g_strv_builder_add (builder, glovebox);
  g_strv_builder_addv (builder, (const char **) arguments);
  argv = g_strv_builder_end (builder);
  if (!g_spawn_sync (NULL, argv, NULL, G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, &out, NULL, &status, NULL) ||
      !g_spawn_check_wait_status (status, NULL))
    return NULL;
  return g_steal_pointer (&out);
}

/* As the portal itself would. */
static gboolean
ask (int fd)
{
  for (guint i = 1; i <= QUESTIONS; i++)
    {
      g_autofree char *line = g_strdup_printf ("{\"id\":%u,\"request\":\"open-uri\",\"uri\":\"https://prove.invalid/%u\"}\n", i, i);

      if (send (fd, line, strlen (line), MSG_NOSIGNAL) < 0)
        return FALSE;
    }
  for (guint n_lines = 0; n_lines < 1 + QUESTIONS;)   /* its hello is the first */
    {
      struct pollfd ready = { .fd = fd, .events = POLLIN };
      char answer[1024];
      gssize n = poll (&ready, 1, DEADLINE_MS) == 1 ? recv (fd, answer, sizeof answer, 0) : 0;

      if (n <= 0)
        return FALSE;
      for (gssize i = 0; i < n; i++)
        n_lines += answer[i] == '\n';
    }
  return TRUE;
}

static void
find_questions (GlbBait *bait)
{
  static const char * const arguments[] = { "prompts", "--json", NULL };
  g_autofree char *text = glb_prove_run_glovebox (arguments);
  g_autoptr(JsonNode) root = text != NULL ? json_from_string (text, NULL) : NULL;
  JsonArray *prompts = root != NULL ? json_node_get_array (root) : NULL;
  static const char * const names[QUESTIONS] = { "prompt-outside", "prompt-inside" };
  guint n = 0;

  for (guint i = 0; prompts != NULL && n < QUESTIONS && i < json_array_get_length (prompts); i++)
    {
      JsonObject *prompt = json_array_get_object_element (prompts, i);

      if (strcmp (json_object_get_string_member (prompt, "session"), laid.session) == 0)
        glb_bait_set_number (bait, names[n++], json_object_get_int_member (prompt, "id"));
    }
}

static void
lay_clipboard (GlbBait *bait)
{
  const char * const arguments[] = { "clipboard", "put", laid.session, "--uses", "0", glb_bait_get (bait, "world"), NULL };
  g_autofree char *runtime_dir = glb_paths_get_runtime_dir (NULL);
  g_autofree char *display = g_build_filename (runtime_dir, "sessions", laid.session, "wayland-0", NULL);
  g_autofree char *said = glb_prove_run_glovebox (arguments);

  if (said != NULL)
    glb_bait_set (bait, "clipboard", display);
}

void
glb_bait_lay_gates (GlbBait    *bait,
                    const char *folder)
{
  g_autofree char *file = g_build_filename (folder, "policy.json", NULL);
  const char * const arguments[] = { "run", "--detach", "--policy", file, "--", "tail", "-f", "/dev/null", NULL };
  g_autofree char *runtime_dir = glb_paths_get_runtime_dir (NULL);
  g_autofree char *socket = NULL;

  /* where no broker is, none is started for this */
  if (glb_bait_get (bait, "broker") == NULL || !g_file_set_contents (file, policy, -1, NULL))
    return;
  laid.session = glb_prove_run_glovebox (arguments);
  unlink (file);
  if (laid.session == NULL)
    return;

  g_strchomp (laid.session);
  lay_clipboard (bait);
  socket = g_build_filename (runtime_dir, "sessions", laid.session, "portal", NULL);
  laid.portal = glb_prove_connect (socket);
  if (laid.portal < 0)
    return;
  glb_bait_set (bait, "portal", socket);
  if (ask (laid.portal))
    find_questions (bait);
}

void
glb_bait_take_up_gates (void)
{
  const char * const arguments[] = { "kill", laid.session, NULL };

  if (laid.portal >= 0)
    close (laid.portal);
  if (laid.session != NULL)
    g_free (glb_prove_run_glovebox (arguments));
}
