/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glovebox"

#include "config.h"

#include "session-broker/cli/glb-cli.h"
#include "session-broker/media/glb-media.h"
#include "session-broker/media/glb-publisher.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "session-broker/sandbox/glb-sandbox.h"

/* A session's audit and home begin in here. */
#define DISK_MIN_BYTES (256ull * 1024 * 1024)

typedef enum { OK, LIMITED, MISSING } Verdict;

typedef struct
{
  Verdict verdict;
  char *name;
  char *detail;                  /* what was found, or what is missing and the remedy */
} Finding;

static const char * const verdict_names[] = { "ok", "limited", "missing" };

static void
finding_free (gpointer data)
{
  Finding *finding = data;

  g_free (finding->name);
  g_free (finding->detail);
  g_free (finding);
}

static void
add (GPtrArray  *findings,
     Verdict     verdict,
     const char *name,
     char       *detail)         /* taken */
{
  Finding *finding = g_new0 (Finding, 1);

  finding->verdict = verdict;
  finding->name = g_strdup (name);
  finding->detail = detail;
  g_ptr_array_add (findings, finding);
}

/* Programs of the system that a session needs. */
static void
check_programs (GPtrArray *findings)
{
  static const struct { const char *name, *package, *use; } programs[] = {
    { "weston", "weston", "tier session" },
    { "dbus-daemon", "dbus-daemon (dbus-bin)", "the private D-Bus of a session" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (programs); i++)
    {
      g_autofree char *path = g_find_program_in_path (programs[i].name);

      if (path != NULL)
        add (findings, OK, programs[i].name, g_steal_pointer (&path));
      else
        add (findings, MISSING, programs[i].name,
             g_strdup_printf ("not in PATH, needed for %s; install the package %s", programs[i].use, programs[i].package));
    }
}

static void
check_own_programs (GPtrArray *findings)
{
  static const char * const names[] = { "glovebox-broker", "glovebox-init", "glovebox-shell.so" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr(GError) error = NULL;
      char *path = glb_paths_find_program (names[i], &error);

      if (path != NULL)
        add (findings, OK, names[i], path);
      else
        add (findings, MISSING, names[i], g_strdup (error->message));
    }
}

/* The kernel alone knows: many switches forbid it, and each distribution has its own. */
static gboolean
try_user_namespace (void)
{
  int status = 0;
  pid_t pid = fork ();

  if (pid == 0)
    _exit (unshare (CLONE_NEWUSER) == 0 ? 0 : 1);

  return pid > 0 && waitpid (pid, &status, 0) == pid && WIFEXITED (status) && WEXITSTATUS (status) == 0;
}

static void
check_user_namespace (GPtrArray *findings)
{
  if (try_user_namespace ())
    add (findings, OK, "user namespaces", g_strdup ("can be made"));
  else
    add (findings, geteuid () == 0 ? LIMITED : MISSING, "user namespaces",
         g_strdup ("cannot be made; set kernel.unprivileged_userns_clone=1, user.max_user_namespaces above 0 and, on Ubuntu, "
                   "kernel.apparmor_restrict_unprivileged_userns=0 with sysctl"));
}

static void
check_landlock (GPtrArray *findings)
{
  long abi = syscall (SYS_landlock_create_ruleset, NULL, 0, 1u /* LANDLOCK_CREATE_RULESET_VERSION */);

  if (abi > 0)
    add (findings, OK, "Landlock", g_strdup_printf ("ABI %ld", abi));
  else
    add (findings, MISSING, "Landlock",
         g_strdup_printf ("%s; boot a kernel of 5.13 or later with landlock in its lsm= list", g_strerror (errno)));
}

static void
check_seccomp (GPtrArray *findings)
{
  guint32 action = SECCOMP_RET_KILL_PROCESS;

  if (syscall (SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0)
    add (findings, OK, "seccomp", g_strdup ("filters, with the end of the process"));
  else
    add (findings, MISSING, "seccomp", g_strdup ("the kernel has no filters; boot one with CONFIG_SECCOMP_FILTER"));
}

static void
check_cgroups (GPtrArray *findings)
{
  static const struct { GlbCgroupFeatures feature; const char *name; } features[] = {
    { GLB_CGROUP_MEMORY, "memory" }, { GLB_CGROUP_CPU, "cpu" }, { GLB_CGROUP_PIDS, "pids" },
    { GLB_CGROUP_FREEZE, "freeze" }, { GLB_CGROUP_KILL, "kill" },
  };
  g_autofree char *detail = NULL;
  g_autoptr(GString) missing = g_string_new (NULL);
  GlbCgroupFeatures found = glb_cgroup_probe (&detail);

  for (gsize i = 0; i < G_N_ELEMENTS (features); i++)
    if ((found & features[i].feature) == 0)
      g_string_append_printf (missing, "%s%s", missing->len > 0 ? ", " : "", features[i].name);

  if (missing->len == 0)
    add (findings, OK, "cgroups", g_steal_pointer (&detail));
  else
    add (findings, LIMITED, "cgroups",
         g_strdup_printf ("without %s (%s); a policy that asks for such a limit is refused unless another way enforces it",
                          missing->str, detail != NULL ? detail : "none"));
}

/* Needed by some policies only. */
static void
check_takeover (GPtrArray *findings)
{
  if (glb_cgroup_probe (NULL) & GLB_CGROUP_HOLD)
    add (findings, OK, "freezing at a takeover", g_strdup ("the agent can stand still while a person drives, where its policy says so"));
  else
    add (findings, LIMITED, "freezing at a takeover",
         g_strdup ("a policy with desktop.input.freezeOnTakeover is refused: " GLB_CGROUP_HOLD_REMEDY));
}

/* What the sandbox wants, in its own words: "what is missing; remedy". */
static void
check_sandbox (GPtrArray *findings)
{
  g_auto(GStrv) lines = glb_sandbox_diagnose ();

  for (guint i = 0; lines != NULL && lines[i] != NULL; i++)
    add (findings, MISSING, "sandbox", g_strdup (lines[i]));
  if (lines == NULL || lines[0] == NULL)
    add (findings, OK, "sandbox", g_strdup ("bubblewrap, launcher and own accounts for agent and compositor are there"));
}

/* Needed by some policies only. */
static void
check_network (GPtrArray *findings)
{
  g_autofree char *missing = glb_sandbox_diagnose_network ();

  if (missing != NULL)
    add (findings, LIMITED, "network", g_strdup_printf ("a policy that gives a session a network is refused: %s", missing));
  else
    add (findings, OK, "network", g_strdup ("a session can reach what its policy names"));
}

/* Needed by some policies only. */
static void
check_devices (GPtrArray *findings)
{
  g_autofree char *unpublished = glb_publisher_diagnose ();
  g_autofree char *missing = glb_media_diagnose ();

  if (missing != NULL)
    add (findings, LIMITED, "camera and sound", g_strdup_printf ("a policy that gives devices, or lets one listen, is refused: %s", missing));
  else
    add (findings, OK, "camera and sound", g_strdup ("a session can have them, where its policy says so"));
  if (unpublished != NULL)
    add (findings, LIMITED, "screen for recorders", g_strdup_printf ("no screen can be published: %s", unpublished));
  else
    add (findings, OK, "screen for recorders", g_strdup ("the person can publish a session's, where its policy says so"));
}

/* Needed by some policies only: the program that answers inside, and who opens outside what a person allowed. */
static void
check_portals (GPtrArray *findings)
{
  static const char * const schemes[] = { "https", "mailto" };
  g_autoptr(GError) error = NULL;
  g_autofree char *program = glb_paths_find_program ("glovebox-portal", &error);

  if (program != NULL)
    add (findings, OK, "portals", g_strdup ("a session can have them, where its policy says so"));
  else
    add (findings, LIMITED, "portals", g_strdup_printf ("a policy that gives portals is refused: %s", error->message));

  for (gsize i = 0; i < G_N_ELEMENTS (schemes); i++)
    {
      g_autoptr(GAppInfo) handler = g_app_info_get_default_for_uri_scheme (schemes[i]);
      g_autofree char *name = g_strdup_printf ("%s addresses", schemes[i]);

      if (handler != NULL)
        add (findings, OK, name, g_strdup_printf ("%s opens what you allow a session to open", g_app_info_get_name (handler)));
      else
        add (findings, LIMITED, name, g_strdup_printf ("nothing here opens what you allow a session to open; install %s",
                                                       i == 0 ? "a web browser" : "a mail program"));
    }
}

static void
check_folder (GPtrArray  *findings,
              const char *name,
              char     *(*get) (GError **error),
              guint64     min_bytes)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *path = get (&error);
  struct statvfs st;
  guint64 bytes;

  if (path == NULL)
    {
      add (findings, MISSING, name, g_strdup (error->message));
      return;
    }
  if (access (path, W_OK | X_OK) < 0 || statvfs (path, &st) < 0)
    {
      add (findings, MISSING, name, g_strdup_printf ("%s: %s; make it writable", path, g_strerror (errno)));
      return;
    }

  bytes = (guint64) st.f_bavail * st.f_frsize;
  if (bytes < min_bytes)
    add (findings, MISSING, name, g_strdup_printf ("%s: only %" G_GUINT64_FORMAT " MiB free; free some space",
                                                   path, bytes / 1024 / 1024));
  else
    add (findings, OK, name, g_strdup_printf ("%s, %" G_GUINT64_FORMAT " MiB free", path, bytes / 1024 / 1024));
}

static void
print_findings (GPtrArray *findings)
{
  for (guint i = 0; i < findings->len; i++)
    {
      const Finding *finding = findings->pdata[i];
      g_autofree char *clean = glb_cli_clean (finding->detail);

      printf ("%-8s %s: %s\n", verdict_names[finding->verdict], finding->name, clean);
    }
}

static void
print_findings_json (GPtrArray *findings,
                     gboolean   ready)
{
  JsonObject *object = json_object_new ();
  JsonArray *array = json_array_new ();
  g_autoptr(JsonNode) node = NULL;

  for (guint i = 0; i < findings->len; i++)
    {
      const Finding *finding = findings->pdata[i];
      JsonObject *entry = json_object_new ();

      json_object_set_string_member (entry, "name", finding->name);
      json_object_set_string_member (entry, "verdict", verdict_names[finding->verdict]);
      json_object_set_string_member (entry, "detail", finding->detail);
      json_array_add_object_element (array, entry);
    }
  json_object_set_boolean_member (object, "ready", ready);
  json_object_set_array_member (object, "checks", array);
  node = json_node_init_object (json_node_alloc (), object);
  json_object_unref (object);
  glb_cli_print_json (node);
}

int
glb_cli_doctor_verb (int    argc,
                     char **argv)
{
  gboolean json = FALSE, ready = TRUE;
  const GOptionEntry entries[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, "As JSON", NULL },
    { NULL }
  };
  g_autoptr(GPtrArray) findings = g_ptr_array_new_with_free_func (finding_free);

  if (!glb_cli_parse (&argc, &argv, NULL, "Say what this host can enforce, and how to get what is missing.", FALSE, entries))
    return GLB_EXIT_FAILED;

  check_programs (findings);
  check_own_programs (findings);
  check_user_namespace (findings);
  check_landlock (findings);
  check_seccomp (findings);
  check_cgroups (findings);
  check_takeover (findings);
  check_sandbox (findings);
  check_network (findings);
  check_devices (findings);
  check_portals (findings);
  check_folder (findings, "runtime folder", glb_paths_get_runtime_dir, 0);
  check_folder (findings, "state folder", glb_paths_get_state_dir, DISK_MIN_BYTES);
  check_folder (findings, "audit folder", glb_paths_get_audit_dir, 0);

  for (guint i = 0; i < findings->len; i++)
    ready = ready && ((Finding *) findings->pdata[i])->verdict != MISSING;

  if (json)
    print_findings_json (findings, ready);
  else
    print_findings (findings);
  return ready ? 0 : GLB_EXIT_REFUSED;
}
