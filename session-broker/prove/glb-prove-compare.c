/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glovebox-prove"

/* Runs the control outside and the attack in a fresh session, and compares them. */

#include "config.h"

#include "session-broker/client/glb-paths.h"
#include "session-broker/prove/glb-prove.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define CONTROL_DEADLINE_S 180
#define ATTACK_DEADLINE_S  "300"

typedef struct
{
  char *id;
  char *theme;
  char *title;
  char *control;          /* "escaped": the attempt is a real one here */
  char *control_detail;
  char *attack;           /* (nullable): never answered */
  char *attack_detail;
  gboolean named;         /* the policy names it: it must succeed */
} Row;

typedef struct
{
  char         *folder;       /* of all: bait/ and work/ */
  char         *bait_folder;
  char         *workspace;
  GSubprocess  *control;
  char         *bait;         /* JSON */
  GPtrArray    *rows;         /* of Row */
  char        **session_arguments;
  char         *policy;       /* (nullable): a file of our own: session_arguments name it */
  gboolean      json;
  gboolean      all;
} Compare;

static void
row_free (gpointer data)
{
  Row *row = data;

  g_free (row->id);
  g_free (row->theme);
  g_free (row->title);
  g_free (row->control);
  g_free (row->control_detail);
  g_free (row->attack);
  g_free (row->attack_detail);
  g_free (row);
}

static Row *
find_row (Compare    *self,
          const char *id)
{
  for (guint i = 0; i < self->rows->len; i++)
    {
      Row *row = g_ptr_array_index (self->rows, i);

      if (strcmp (row->id, id) == 0)
        return row;
    }
  return NULL;
}

/* The attack's lines come out of the session. They are data of a hostile side: text to show, nothing else. */
static char *
dup_text (JsonObject *object,
          const char *name)
{
  JsonNode *node = json_object_get_member (object, name);
  char *text;

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_STRING)
    return NULL;
  text = g_strndup (json_node_get_string (node), 300);
  for (char *c = text; *c != '\0'; c++)
    if (g_ascii_iscntrl (*c))
      *c = '?';
  return text;
}

static JsonObject *
parse_line (const char  *line,
            JsonNode   **root)
{
  if (strlen (line) > 16384)
    return NULL;
  *root = json_from_string (line, NULL);
  return *root != NULL && JSON_NODE_HOLDS_OBJECT (*root) ? json_node_get_object (*root) : NULL;
}

static void
take_control_line (Compare    *self,
                   JsonObject *object)
{
  g_autofree char *id = dup_text (object, "id");
  Row *row;

  if (json_object_has_member (object, "bait"))
    {
      self->bait = json_to_string (json_object_get_member (object, "bait"), FALSE);
      return;
    }
  if (id == NULL)
    return;

  row = g_new0 (Row, 1);
  row->id = g_steal_pointer (&id);
  row->theme = dup_text (object, "theme");
  row->title = dup_text (object, "title");
  row->control = dup_text (object, "result");
  row->control_detail = dup_text (object, "detail");
  row->named = json_object_has_member (object, "named");
  g_ptr_array_add (self->rows, row);
}

static void
take_attack_line (Compare    *self,
                  JsonObject *object)
{
  g_autofree char *id = dup_text (object, "id");
  Row *row = id != NULL ? find_row (self, id) : NULL;

  if (row == NULL || row->attack != NULL)
    return;
  row->attack = dup_text (object, "result");
  row->attack_detail = dup_text (object, "detail");
}

static gboolean
expire_cb (gpointer user_data)
{
  GSubprocess *process = user_data;

  g_subprocess_force_exit (process);
  return G_SOURCE_REMOVE;
}

/* Reads lines until the one that says that all is done. FALSE: it ended before. */
static gboolean
read_lines (Compare     *self,
            GSubprocess *process,
            void       (*take) (Compare *self, JsonObject *object))
{
  g_autoptr(GDataInputStream) stream = g_data_input_stream_new (g_subprocess_get_stdout_pipe (process));
  char *text;

  while ((text = g_data_input_stream_read_line (stream, NULL, NULL, NULL)) != NULL)
    {
      g_autofree char *line = text;
      g_autoptr(JsonNode) root = NULL;
      JsonObject *object = parse_line (line, &root);

      if (object == NULL)
        continue;
      if (json_object_has_member (object, "done"))
        return TRUE;
      take (self, object);
    }
  return FALSE;
}

/* The reads above block: another thread holds the deadline. */
typedef struct
{
  GMainContext *context;
  GMainLoop    *loop;
  GThread      *thread;
} Deadline;

static gpointer
deadline_thread (gpointer data)
{
  Deadline *self = data;

  g_main_loop_run (self->loop);
  return NULL;
}

static void
deadline_start (Deadline    *self,
                GSubprocess *process,
                guint        seconds)
{
  g_autoptr(GSource) source = g_timeout_source_new_seconds (seconds);

  self->context = g_main_context_new ();
  self->loop = g_main_loop_new (self->context, FALSE);
  g_source_set_callback (source, expire_cb, g_object_ref (process), g_object_unref);
  g_source_attach (source, self->context);
  self->thread = g_thread_new ("deadline", deadline_thread, self);
}

static gboolean
quit_cb (gpointer user_data)
{
  g_main_loop_quit (user_data);
  return G_SOURCE_REMOVE;
}

static void
deadline_stop (Deadline *self)
{
  g_autoptr(GSource) source = g_idle_source_new ();

  g_source_set_callback (source, quit_cb, self->loop, NULL);
  g_source_attach (source, self->context);
  g_thread_join (self->thread);
  g_main_loop_unref (self->loop);
  g_main_context_unref (self->context);
}

static gboolean
make_folders (Compare  *self,
              GError  **error)
{
  g_autofree char *program = NULL;
  g_autofree char *content = NULL;
  gsize size;

  self->folder = g_dir_make_tmp ("glovebox-prove-XXXXXX", error);
  if (self->folder == NULL)
    return FALSE;

  self->bait_folder = g_build_filename (self->folder, "bait", NULL);
  self->workspace = g_build_filename (self->folder, "work", NULL);
  program = g_build_filename (self->workspace, "glovebox-prove", NULL);
  if (g_chmod (self->folder, 0755) < 0 || g_mkdir (self->bait_folder, 0755) < 0 || g_mkdir (self->workspace, 0700) < 0)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "Can't make folders in %s: %s", self->folder, g_strerror (errno));
      return FALSE;
    }

  /* The session sees its workspace and the system's folders: this program may be in neither. */
  return g_file_get_contents ("/proc/self/exe", &content, &size, error) &&
         g_file_set_contents_full (program, content, (gssize) size, G_FILE_SET_CONTENTS_NONE, 0755, error);
}

static gboolean
run_control (Compare  *self,
             GError  **error)
{
  const char * const argv[] = { "/proc/self/exe", "--control", "--bait", self->bait_folder, NULL };
  g_autofree char *self_path = g_file_read_link ("/proc/self/exe", error);
  const char *real_argv[G_N_ELEMENTS (argv)];
  Deadline deadline;
  gboolean done;

  if (self_path == NULL)
    return FALSE;
  memcpy (real_argv, argv, sizeof argv);
  real_argv[0] = self_path;
  self->control = g_subprocess_newv (real_argv, G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE, error);
  if (self->control == NULL)
    return FALSE;

  deadline_start (&deadline, self->control, CONTROL_DEADLINE_S);
  done = read_lines (self, self->control, take_control_line);
  deadline_stop (&deadline);
  if (done && self->bait != NULL)
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "The control outside did not come to its end");
  return FALSE;
}

static GSubprocess *
run_session (Compare             *self,
             const char * const  *command,
             GSubprocessFlags     flags,
             GError             **error)
{
  g_autoptr(GStrvBuilder) argv = g_strv_builder_new ();
  g_autofree char *glovebox = glb_prove_find_glovebox (error);
  g_auto(GStrv) arguments = NULL;

  if (glovebox == NULL)
    return NULL;
  g_strv_builder_add_many (argv, glovebox, "run", NULL);
  g_strv_builder_addv (argv, (const char **) self->session_arguments);
  g_strv_builder_add_many (argv, "--workspace", self->workspace, "--timeout", ATTACK_DEADLINE_S, "--", NULL);
  g_strv_builder_addv (argv, (const char **) command);
  arguments = g_strv_builder_end (argv);
  return g_subprocess_newv ((const char * const *) arguments, flags, error);
}

/* Tells early, by the exit code, when no session can be had; and starts the broker, whose socket is among the bait. */
static gboolean
try_session (Compare           *self,
             GSubprocessFlags   flags,
             int               *status,
             GError           **error)
{
  static const char * const command[] = { "true", NULL };
  g_autoptr(GSubprocess) process = run_session (self, command, flags, error);

  if (process == NULL || !g_subprocess_wait (process, NULL, error))
    return FALSE;
  if (g_subprocess_get_successful (process))
    return TRUE;
  if (g_subprocess_get_if_exited (process))
    *status = g_subprocess_get_exit_status (process);   /* it has said why */
  return FALSE;
}

static void
use_policy (Compare    *self,
            const char *file)
{
  const char *arguments[] = { "--policy", file, NULL };

  g_strfreev (self->session_arguments);
  self->session_arguments = g_strdupv ((char **) arguments + (file != NULL ? 0 : 2));
}

static gboolean
save_policy (Compare *self,
             gint64   http_port,
             gint64   tls_port,
             gint64   other_port)
{
  g_autofree char *text = glb_prove_make_policy (http_port, tls_port, other_port);

  return text != NULL && g_file_set_contents (self->policy, text, -1, NULL);
}

/* Without a policy of the person's: the default one and a gate, so that this is attacked, too; where the host can have one. */
static gboolean
choose_policy (Compare  *self,
               int      *status,
               GError  **error)
{
  if (self->session_arguments[0] != NULL)
    return try_session (self, G_SUBPROCESS_FLAGS_NONE, status, error);

  self->policy = g_build_filename (self->folder, "policy.json", NULL);
  use_policy (self, self->policy);
  if (save_policy (self, 1, 2, 3) && try_session (self, G_SUBPROCESS_FLAGS_STDERR_SILENCE, status, NULL))
    return TRUE;

  g_clear_pointer (&self->policy, g_free);
  use_policy (self, NULL);
  if (!try_session (self, G_SUBPROCESS_FLAGS_NONE, status, error))
    return FALSE;
  fputs ("glovebox: prove: no session with a network can be had here, so its gate is not tried; see glovebox doctor\n", stderr);
  return TRUE;
}

/* TRUE: by the policy the session has no portal at all. */
static gboolean
denies_portals (Compare *self)
{
  gboolean file = self->session_arguments[0] != NULL && strcmp (self->session_arguments[0], "--policy") == 0;
  const char *name = self->session_arguments[0] != NULL ? self->session_arguments[1] : "default";
  const char * const arguments[] = { "policy", "show", file ? name : "--template", file ? NULL : name, NULL };
  g_autofree char *text = glb_prove_run_glovebox (arguments);
  g_autoptr(JsonNode) root = text != NULL ? json_from_string (text, NULL) : NULL;
  JsonObject *policy = root != NULL ? json_node_get_object (root) : NULL;
  JsonObject *portals = policy != NULL ? json_object_get_object_member (policy, "portals") : NULL;
  g_autoptr(GList) values = portals != NULL ? json_object_get_values (portals) : NULL;

  for (GList *l = values; l != NULL; l = l->next)
    if (strcmp (json_node_get_string (l->data), "deny") != 0)
      return FALSE;
  return values != NULL &&
         strcmp (json_object_get_string_member (json_object_get_object_member (policy, "devices"), "camera"), "deny") == 0;
}

/* The description of the bait, for the session's side. */
static gboolean
save_bait (Compare  *self,
           GError  **error)
{
  g_autofree char *path = g_build_filename (self->workspace, "bait.json", NULL);
  g_autoptr(GHashTable) bait = glb_bait_new_from_json (self->bait, error);
  g_autofree char *text = NULL;

  if (bait == NULL)
    return FALSE;
  if (denies_portals (self))
    glb_bait_set (bait, "no-portal", "1");
  if (self->policy != NULL && save_policy (self, glb_bait_get_number (bait, "port-http"), glb_bait_get_number (bait, "port-tls"),
                                           glb_bait_get_number (bait, "port")))
    glb_bait_set (bait, "gate", "1");
  text = glb_bait_to_json (bait);
  return g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_NONE, 0644, error);
}

static gboolean
run_attack (Compare  *self,
            GError  **error)
{
  static const char * const command[] = { "./glovebox-prove", "--attack", "--bait", "bait.json", NULL };
  g_autoptr(GSubprocess) process = NULL;
  gboolean done;

  if (!save_bait (self, error))
    return FALSE;
  process = run_session (self, command, G_SUBPROCESS_FLAGS_STDOUT_PIPE, error);

  if (process == NULL)
    return FALSE;
  done = read_lines (self, process, take_attack_line);
  if (!g_subprocess_wait (process, NULL, error))
    return FALSE;
  if (done)
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "The attempts in the session did not come to their end");
  return FALSE;
}

/* "proven": it works outside and is refused inside. */
static const char *
verdict (const Row *row)
{
  gboolean escaped = g_strcmp0 (row->attack, "escaped") == 0;

  if (escaped && !row->named)
    return "ESCAPED";
  if (g_strcmp0 (row->control, "escaped") != 0 || (row->named && g_strcmp0 (row->attack, "unavailable") == 0))
    return "unavailable";
  if (row->named)
    return escaped ? "let through" : "untried";
  return g_strcmp0 (row->attack, "refused") == 0 ? "refused" : "untried";
}

/* In the order of their numbers in the JSON. */
static const char * const verdicts[] = { "refused", "ESCAPED", "unavailable", "untried", "let through" };
#define N_VERDICTS G_N_ELEMENTS (verdicts)

static guint
count_verdict (Compare    *self,
               const char *word)
{
  guint n = 0;

  for (guint i = 0; i < self->rows->len; i++)
    n += strcmp (verdict (g_ptr_array_index (self->rows, i)), word) == 0;
  return n;
}

static void
print_json (Compare    *self,
            const guint counts[N_VERDICTS])
{
  g_autoptr(JsonBuilder) builder = json_builder_new ();
  g_autoptr(JsonNode) root = NULL;
  g_autofree char *text = NULL;
  static const char * const names[N_VERDICTS] = { "refused", "escaped", "unavailable", "untried", "letThrough" };

  json_builder_begin_object (builder);
  for (guint i = 0; i < N_VERDICTS; i++)
    {
      json_builder_set_member_name (builder, names[i]);
      json_builder_add_int_value (builder, counts[i]);
    }
  json_builder_set_member_name (builder, "attempts");
  json_builder_begin_array (builder);
  for (guint i = 0; i < self->rows->len; i++)
    {
      const Row *row = g_ptr_array_index (self->rows, i);
      const char *values[][2] = {
        { "id", row->id }, { "theme", row->theme }, { "title", row->title }, { "verdict", verdict (row) },
        { "outside", row->control }, { "outsideDetail", row->control_detail }, { "inside", row->attack }, { "insideDetail", row->attack_detail },
      };

      json_builder_begin_object (builder);
      for (guint j = 0; j < G_N_ELEMENTS (values); j++)
        {
          json_builder_set_member_name (builder, values[j][0]);
          json_builder_add_string_value (builder, values[j][1] != NULL ? values[j][1] : "");
        }
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  text = json_to_string (root, TRUE);
  puts (text);
}

static gboolean
is_first_of_theme (Compare *self,
                   guint    index)
{
  const Row *row = g_ptr_array_index (self->rows, index);

  for (guint i = 0; i < index; i++)
    if (g_strcmp0 (((const Row *) g_ptr_array_index (self->rows, i))->theme, row->theme) == 0)
      return FALSE;
  return TRUE;
}

static void
print_theme (Compare    *self,
             const char *theme)
{
  gboolean named = FALSE;

  for (guint i = 0; i < self->rows->len; i++)
    {
      const Row *row = g_ptr_array_index (self->rows, i);
      const char *word = verdict (row);
      gboolean unavailable = strcmp (word, "unavailable") == 0;

      if (g_strcmp0 (theme, row->theme) != 0 || (unavailable && !self->all))
        continue;
      if (!named)
        printf ("%s\n", theme);
      named = TRUE;
      printf ("  %-11s  %-70s  %s\n", word, row->title,
              unavailable ? row->control_detail : row->attack_detail != NULL ? row->attack_detail : "no answer");
    }
}

static void
print_table (Compare    *self,
             const guint counts[N_VERDICTS])
{
  for (guint i = 0; i < self->rows->len; i++)
    {
      const Row *row = g_ptr_array_index (self->rows, i);

      if (is_first_of_theme (self, i))
        print_theme (self, row->theme);
    }
  printf ("\n%u attempts that succeed outside are refused inside; %u escaped; %u could not be tried inside.\n"
          "%u more do not work on this host outside a session either and prove nothing%s.\n",
          counts[0], counts[1], counts[3], counts[2], self->all || counts[2] == 0 ? "" : " (--all lists them)");
  if (counts[4] > 0)
    puts ("The network gate was on: it let through what the policy names, and refused the rest.");
}

static int
report (Compare *self)
{
  guint counts[N_VERDICTS];

  for (guint i = 0; i < N_VERDICTS; i++)
    counts[i] = count_verdict (self, verdicts[i]);
  if (self->json)
    print_json (self, counts);
  else
    print_table (self, counts);

  /* Nothing proven is no success. */
  return counts[1] == 0 && counts[3] == 0 && counts[0] > 0 ? 0 : 1;
}

static void
remove_tree (const char *path)
{
  g_autoptr(GDir) folder = g_dir_open (path, 0, NULL);
  const char *name;

  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      if (g_file_test (child, G_FILE_TEST_IS_DIR) && !g_file_test (child, G_FILE_TEST_IS_SYMLINK))
        remove_tree (child);
      else
        g_unlink (child);
    }
  g_rmdir (path);
}

static void
compare_finish (Compare *self)
{
  if (self->control != NULL)
    {
      Deadline deadline;

      g_output_stream_close (g_subprocess_get_stdin_pipe (self->control), NULL, NULL);
      deadline_start (&deadline, self->control, 10);
      g_subprocess_wait (self->control, NULL, NULL);
      deadline_stop (&deadline);
    }
  if (self->folder != NULL)
    remove_tree (self->folder);

  g_clear_object (&self->control);
  g_clear_pointer (&self->rows, g_ptr_array_unref);
  g_strfreev (self->session_arguments);
  g_free (self->policy);
  g_free (self->folder);
  g_free (self->bait_folder);
  g_free (self->workspace);
  g_free (self->bait);
}

static gboolean
parse_options (Compare   *self,
               int       *argc,
               char    ***argv,
               GError   **error)
{
  g_autofree char *policy = NULL;
  g_autofree char *template = NULL;
  const GOptionEntry entries[] = {
    { "policy", 'p', 0, G_OPTION_ARG_FILENAME, &policy, "Policy of the session (it must let the workspace be read)", "FILE" },
    { "template", 't', 0, G_OPTION_ARG_STRING, &template, "Policy template (default: default, with a network of two places)", "NAME" },
    { "json", 0, 0, G_OPTION_ARG_NONE, &self->json, "Print JSON", NULL },
    { "all", 'a', 0, G_OPTION_ARG_NONE, &self->all, "List also what does not work outside on this host", NULL },
    { NULL },
  };
  g_autoptr(GOptionContext) context = g_option_context_new ("- try to escape from a session, and show that it fails");
  g_autoptr(GStrvBuilder) arguments = g_strv_builder_new ();

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, argc, argv, error))
    return FALSE;
  if (*argc > 1)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_UNKNOWN_OPTION, "unknown argument %s", (*argv)[1]);
      return FALSE;
    }
  if (policy != NULL)
    g_strv_builder_add_many (arguments, "--policy", policy, NULL);
  if (template != NULL)
    g_strv_builder_add_many (arguments, "--template", template, NULL);
  self->session_arguments = g_strv_builder_end (arguments);
  return TRUE;
}

int
glb_prove_compare (int    argc,
                   char **argv)
{
  Compare self = { .rows = g_ptr_array_new_with_free_func (row_free) };
  g_autoptr(GError) error = NULL;
  int status = 125;

  if (parse_options (&self, &argc, &argv, &error) && make_folders (&self, &error) && choose_policy (&self, &status, &error) &&
      run_control (&self, &error) && run_attack (&self, &error))
    status = report (&self);
  if (error != NULL)
    fprintf (stderr, "glovebox: prove: %s\n", error->message);
  compare_finish (&self);
  return status;
}
