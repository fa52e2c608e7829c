/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The network as programs have it that know nothing of Glovebox: each reaches the one server that the policy names, by name, and is
 * refused elsewhere with words that a person understands. Each is tried by the proxy, if it honours one, and without.
 */

#include "config.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "tests/system/glb-test-system.h"

#define SSHD_FOLDER "/run/sshd"
#define HELLO "hello through the glass"

/* Takes the variables away that lead to the proxy. */
#define DIRECT "unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY NODE_USE_ENV_PROXY; "

typedef struct
{
  GlbTestSystem *system;
  GSubprocess *server;
  char *certificate;
  guint port, tls_port;
  GSubprocess *ssh_server;       /* (nullable) */
  guint ssh_port;                /* 0: none */
  gboolean made_run;             /* of the server's folder, which its unit would have made */
  char *policy;
} Scene;

static void
run_host (const char *line)
{
  g_auto(GStrv) argv = NULL;
  g_autoptr(GError) error = NULL;
  int status;

  g_shell_parse_argv (line, NULL, &argv, &error);
  g_assert_no_error (error);
  g_spawn_sync (NULL, argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL,
                NULL, NULL, NULL, NULL, &status, &error);
  g_assert_no_error (error);
  g_assert_cmpint (status, ==, 0);
}

/* A page, a Git repository that any server can serve, and a certificate. */
static void
make_site (Scene *scene, const char *folder)
{
  g_autofree char *page = g_build_filename (folder, "hello.html", NULL);
  g_autofree char *source = g_build_filename (scene->system->root, "source", NULL);
  g_autofree char *lines = g_strdup_printf (
    "sh -ec 'git init -q -b main %1$s; cd %1$s; echo \"" HELLO "\" >page; git add page; "
    "git -c user.name=t -c user.email=t@t commit -q -m page; git clone -q --bare %1$s %2$s/repo.git; "
    "git -C %2$s/repo.git update-server-info'", source, folder);
  g_autofree char *certificate = g_strdup_printf (
    "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=site.example "
    "-addext subjectAltName=DNS:site.example -keyout %1$s/key.pem -out %1$s/certificate.pem", scene->system->root);

  g_assert_true (g_file_set_contents (page, HELLO "\n", -1, NULL));
  run_host (lines);
  run_host (certificate);
}

static void
start_server (Scene *scene, const char *folder)
{
  g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDIN_PIPE);
  g_autofree char *key = g_build_filename (scene->system->root, "key.pem", NULL);
  g_autoptr(GDataInputStream) out = NULL;
  g_autofree char *line = NULL;
  g_autoptr(GError) error = NULL;

  g_subprocess_launcher_set_child_setup (launcher, glb_test_die_with_parent, NULL, NULL);
  scene->server = g_subprocess_launcher_spawn (launcher, &error, "/usr/bin/python3", NETWORK_SERVER, folder, scene->certificate, key, NULL);
  g_assert_no_error (error);
  out = g_data_input_stream_new (g_subprocess_get_stdout_pipe (scene->server));
  line = g_data_input_stream_read_line (out, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (line);
  g_assert_cmpint (sscanf (line, "%u %u", &scene->port, &scene->tls_port), ==, 2);
}

/* Names the server, and where there is one, the one of SSH. */
static char *
make_policy (Scene *scene)
{
  g_autofree char *domain = g_strdup_printf (",\"site.example:%u\"", scene->ssh_port);
  g_autofree char *address = g_strdup_printf (",\"127.0.0.1:%u\"", scene->ssh_port);
  gboolean has_ssh = scene->ssh_port != 0;

  return g_strdup_printf (
    "{\"schemaVersion\":\"1.0\",\"isolation\":{\"tier\":\"process\"},\"process\":{\"allowSpawn\":true,\"syscalls\":\"desktop\"},"
    "\"filesystem\":{\"allowWrite\":[\"${WORKSPACE}/**\"]},\"network\":{\"allowDomains\":[\"http://site.example:%u\","
    "\"https://site.example:%u\"%s],\"allowCidrs\":[\"127.0.0.1:%u\",\"127.0.0.1:%u\"%s],\"hosts\":[\"site.example=127.0.0.1\"]}}",
    scene->port, scene->tls_port, has_ssh ? domain : "", scene->port, scene->tls_port, has_ssh ? address : "");
}

/* FALSE: this host cannot; the test was skipped. */
static gboolean
scene_set_up (Scene *scene)
{
  g_autofree char *folder = NULL;
  g_autofree char *document = NULL;
  g_autofree char *trusted = NULL;
  g_autofree char *bytes = NULL;
  gsize size;

  scene->system = glb_test_system_new ();
  if (scene->system == NULL)
    return FALSE;

  folder = g_build_filename (scene->system->root, "site", NULL);
  scene->certificate = g_build_filename (scene->system->root, "certificate.pem", NULL);
  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
  make_site (scene, folder);
  start_server (scene, folder);

  trusted = g_build_filename (scene->system->workspace, "trusted.pem", NULL);
  g_assert_true (g_file_get_contents (scene->certificate, &bytes, &size, NULL));
  g_assert_true (g_file_set_contents (trusted, bytes, size, NULL));
  document = make_policy (scene);
  scene->policy = glb_test_system_write_policy (scene->system, "network.json", document);
  return TRUE;
}

static void
scene_clear (Scene *scene)
{
  if (scene->server != NULL)
    {
      g_output_stream_close (g_subprocess_get_stdin_pipe (scene->server), NULL, NULL);
      g_subprocess_wait (scene->server, NULL, NULL);
    }
  if (scene->ssh_server != NULL)
    {
      g_subprocess_send_signal (scene->ssh_server, SIGTERM);
      g_subprocess_wait (scene->ssh_server, NULL, NULL);
    }
  if (scene->made_run)
    g_rmdir (SSHD_FOLDER);
  g_clear_object (&scene->ssh_server);
  g_clear_object (&scene->server);
  g_clear_pointer (&scene->certificate, g_free);
  g_clear_pointer (&scene->policy, g_free);
  g_clear_pointer (&scene->system, glb_test_system_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Scene, scene_clear)

/* In a session, with $URL and $TLS_URL of the server, and $OTHER and $TLS_OTHER of one that the policy does not name. */
static GlbTestResult *
run_in_session (Scene *scene, const char *script)
{
  g_autofree char *url = g_strdup_printf ("URL=http://site.example:%u", scene->port);
  g_autofree char *tls_url = g_strdup_printf ("TLS_URL=https://site.example:%u", scene->tls_port);
  g_autofree char *other = g_strdup_printf ("OTHER=http://other.example:%u", scene->port);
  g_autofree char *tls_other = g_strdup_printf ("TLS_OTHER=https://other.example:%u", scene->tls_port);
  g_autofree char *port = g_strdup_printf ("PORT=%u", scene->port);
  GlbTestResult *result;

  result = glb_test_system_run (scene->system, NULL, "run", "--policy", scene->policy, "--workspace", scene->system->workspace,
                                "--env", url, "--env", tls_url, "--env", other, "--env", tls_other, "--env", port, "--",
                                "sh", "-c", script, NULL);
  g_test_message ("%s\n%d\n%s\n%s", script, result->status, glb_test_result_get_out (result), result->err);
  return result;
}

typedef struct
{
  const char *name;
  const char *program;           /* that it needs */
  const char *package;
  const char *reach;             /* prints HELLO */
  const char *elsewhere;         /* fails */
  const char *words;             /* of what it says then, somewhere */
} Client;

#define PYTHON_REQUESTS(url) "python3 -c 'import os, requests; print(requests.get(os.environ[\"" url "\"] + \"/hello.html\").text)'"
#define PYTHON_SOCKET(host) \
  "python3 -c '\n" \
  "import os, socket\n" \
  "s = socket.create_connection((\"" host "\", int(os.environ[\"PORT\"])), 30)\n" \
  "s.sendall(b\"GET /hello.html HTTP/1.0\\r\\nHost: site.example:\" + os.environ[\"PORT\"].encode() + b\"\\r\\n\\r\\n\")\n" \
  "b = b\"\"\n" \
  "while True:\n" \
  "  p = s.recv(4096)\n" \
  "  if not p: break\n" \
  "  b += p\n" \
  "print(b.decode())'"
#define NODE_FETCH(url) \
  "node -e 'fetch(process.env." url " + \"/hello.html\").then(r => r.text()).then(t => console.log(t))" \
  ".catch(e => { console.error(e.message, e.cause && e.cause.message); process.exit(1); })'"

static const Client clients[] = {
  { "curl", "curl", "curl", "curl -sS $URL/hello.html", "curl -sSf $OTHER/hello.html", "403" },
  { "curl-words", "curl", "curl", "curl -sS $URL/hello.html", "curl -sS $OTHER/hello.html >&2; false",
    "policy_denied: other.example port" },
  { "curl-tls", "curl", "curl", "curl -sS --cacert trusted.pem $TLS_URL/hello.html", "curl -sS $TLS_OTHER/hello.html", "403" },
  { "curl-socks", "curl", "curl", "curl -sS -x socks5h://127.0.0.1:3128 $URL/hello.html",
    "curl -sS -x socks5h://127.0.0.1:3128 $OTHER/hello.html", "complete SOCKS5 connection to other.example. (2)" },
  { "curl-direct", "curl", "curl", DIRECT "curl -sS $URL/hello.html", DIRECT "curl -sS $OTHER/hello.html", "Could not resolve host: other.example" },
  { "curl-direct-tls", "curl", "curl", DIRECT "curl -sS --cacert trusted.pem $TLS_URL/hello.html", DIRECT "curl -sS $TLS_OTHER/hello.html",
    "Could not resolve host: other.example" },
  { "git", "git", "git", "git clone -q $URL/repo.git && cat repo/page; rm -rf repo", "git clone -q $OTHER/repo.git", "403" },
  { "git-tls", "git", "git", "git -c http.sslCAInfo=$PWD/trusted.pem clone -q $TLS_URL/repo.git && cat repo/page; rm -rf repo",
    "git clone -q $TLS_OTHER/repo.git", "403" },
  { "python-requests", "python3", "python3-requests", PYTHON_REQUESTS ("URL"), PYTHON_REQUESTS ("TLS_OTHER"), "403" },
  { "python-requests-tls", "python3", "python3-requests", "REQUESTS_CA_BUNDLE=trusted.pem " PYTHON_REQUESTS ("TLS_URL"),
    PYTHON_REQUESTS ("TLS_OTHER"), "403" },
  { "python-socket", "python3", "python3", PYTHON_SOCKET ("site.example"), PYTHON_SOCKET ("other.example"), "Name or service not known" },
  { "node", "node", "nodejs", NODE_FETCH ("URL"), NODE_FETCH ("OTHER"), "other.example" },
  { "node-tls", "node", "nodejs", "NODE_EXTRA_CA_CERTS=trusted.pem " NODE_FETCH ("TLS_URL"), NODE_FETCH ("TLS_OTHER"), "other.example" },
};

static gboolean
can_run (const Client *client)
{
  g_autofree char *path = g_find_program_in_path (client->program);
  g_autofree char *reason = NULL;

  if (path != NULL && (!g_str_equal (client->package, "python3-requests") ||
                       system ("/usr/bin/python3 -c 'import requests' 2>/dev/null") == 0))
    return TRUE;

  reason = g_strdup_printf ("%s is missing; install the package %s", client->program, client->package);
  g_test_skip (reason);
  return FALSE;
}

static void
test_client (gconstpointer data)
{
  const Client *client = data;
  g_auto(Scene) scene = { 0 };
  g_autoptr(GlbTestResult) reached = NULL;
  g_autoptr(GlbTestResult) refused = NULL;

  if (!can_run (client) || !scene_set_up (&scene))
    return;

  reached = run_in_session (&scene, client->reach);
  g_assert_cmpint (reached->status, ==, 0);
  g_assert_nonnull (strstr (glb_test_result_get_out (reached), HELLO));

  refused = run_in_session (&scene, client->elsewhere);
  g_assert_cmpint (refused->status, !=, 0);
  g_assert_nonnull (strstr (refused->err, client->words));
  g_assert_null (strstr (glb_test_result_get_out (refused), HELLO));
}

/* Who asks the session's resolver hears of the policy, and nobody outside is asked. */
static void
test_dig (void)
{
  static const Client dig = { .program = "dig", .package = "bind9-dnsutils" };
  g_auto(Scene) scene = { 0 };
  g_autoptr(GlbTestResult) known = NULL;
  g_autoptr(GlbTestResult) unknown = NULL;
  g_autoptr(GlbTestResult) outside = NULL;

  if (!can_run (&dig) || !scene_set_up (&scene))
    return;

  known = run_in_session (&scene, "dig +short site.example");
  g_assert_true (g_str_has_prefix (glb_test_result_get_out (known), "198.1"));
  unknown = run_in_session (&scene, "dig secret-data.other.example TXT");
  g_assert_nonnull (strstr (glb_test_result_get_out (unknown), "NXDOMAIN"));
  g_assert_nonnull (strstr (glb_test_result_get_out (unknown), "policy_denied: the policy does not name it"));
  outside = run_in_session (&scene, "dig +tries=1 +timeout=5 @192.0.2.1 site.example");
  g_assert_cmpint (outside->status, !=, 0);
}

/* (transfer full) (nullable) */
static char *
find_sshd (void)
{
  static const char * const places[] = { "/usr/sbin/sshd", "/sbin/sshd" };

  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    if (g_file_test (places[i], G_FILE_TEST_IS_EXECUTABLE))
      return g_strdup (places[i]);
  return g_find_program_in_path ("sshd");
}

/* Of the host and of who runs this test; the latter may log in with its own. */
static void
make_ssh_keys (Scene *scene)
{
  g_autofree char *lines = g_strdup_printf ("sh -ec 'cd %s; ssh-keygen -q -t ed25519 -N \"\" -f host; ssh-keygen -q -t ed25519 -N \"\" -f key; "
                                            "cp key key.pub host.pub %s'", scene->system->root, scene->system->workspace);

  run_host (lines);
}

static guint
find_port (void)
{
  g_autoptr(GSocketListener) listener = g_socket_listener_new ();
  g_autoptr(GError) error = NULL;
  guint port = g_socket_listener_add_any_inet_port (listener, NULL, &error);

  g_assert_no_error (error);
  return port;
}

/* Its log up to the line that says that it listens; then it is read no more. (transfer full): the last line. (nullable) */
static char *
wait_for_sshd (GSubprocess *sshd)
{
  g_autoptr(GDataInputStream) log = g_data_input_stream_new (g_subprocess_get_stderr_pipe (sshd));
  char *last = NULL;
  char *line;

  g_filter_input_stream_set_close_base_stream (G_FILTER_INPUT_STREAM (log), FALSE);
  while ((line = g_data_input_stream_read_line (log, NULL, NULL, NULL)) != NULL)
    {
      g_free (last);
      last = line;
      if (g_str_has_prefix (line, "Server listening"))
        break;
    }
  return last;
}

/* FALSE: it cannot run here; the test was skipped. */
static gboolean
start_sshd (Scene *scene, const char *program)
{
  g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_autofree char *file = g_build_filename (scene->system->root, "sshd.conf", NULL);
  g_autofree char *content = NULL;
  g_autofree char *last = NULL;
  g_autoptr(GError) error = NULL;

  make_ssh_keys (scene);
  scene->ssh_port = find_port ();
  content = g_strdup_printf ("ListenAddress 127.0.0.1:%u\nHostKey %s/host\nAuthorizedKeysFile %s/key.pub\nPidFile none\nStrictModes no\n"
                             "UsePAM no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n",
                             scene->ssh_port, scene->system->root, scene->system->root);
  g_assert_true (g_file_set_contents (file, content, -1, NULL));
  scene->made_run = geteuid () == 0 && g_mkdir (SSHD_FOLDER, 0755) == 0;
  g_subprocess_launcher_set_child_setup (launcher, glb_test_die_with_parent, NULL, NULL);
  scene->ssh_server = g_subprocess_launcher_spawn (launcher, &error, program, "-D", "-e", "-f", file, NULL);
  g_assert_no_error (error);
  last = wait_for_sshd (scene->ssh_server);
  if (last != NULL && g_str_has_prefix (last, "Server listening"))
    return TRUE;

  g_test_skip (last != NULL ? last : "sshd ended");
  return FALSE;
}

/* With a name, by the transparent path: ssh knows nothing of proxies, and its server speaks first. */
static GlbTestResult *
clone_by_ssh (Scene *scene, const char *host)
{
  g_autofree char *script = g_strdup_printf (
    "install -m 600 key /tmp/key && printf '[site.example]:%1$u %%s\\n' \"$(cat host.pub)\" >/tmp/known && "
    "GIT_SSH_COMMAND='ssh -F none -i /tmp/key -o UserKnownHostsFile=/tmp/known -o BatchMode=yes -o ConnectTimeout=20' "
    "git clone -q ssh://%2$s@%3$s:%1$u%4$s/site/repo.git /tmp/repo && cat /tmp/repo/page",
    scene->ssh_port, g_get_user_name (), host, scene->system->root);

  return run_in_session (scene, script);
}

static void
test_git_ssh (void)
{
  static const Client ssh = { .program = "ssh", .package = "openssh-client" };
  g_autofree char *program = find_sshd ();
  g_auto(Scene) scene = { 0 };
  g_autoptr(GlbTestResult) reached = NULL;
  g_autoptr(GlbTestResult) refused = NULL;
  g_autofree char *document = NULL;

  if (program == NULL)
    {
      g_test_skip ("sshd is missing; install the package openssh-server");
      return;
    }
  if (!can_run (&ssh) || !scene_set_up (&scene) || !start_sshd (&scene, program))
    return;

  document = make_policy (&scene);
  g_free (scene.policy);
  scene.policy = glb_test_system_write_policy (scene.system, "ssh.json", document);
  reached = clone_by_ssh (&scene, "site.example");
  g_assert_cmpint (reached->status, ==, 0);
  g_assert_nonnull (strstr (glb_test_result_get_out (reached), HELLO));

  refused = clone_by_ssh (&scene, "other.example");
  g_assert_cmpint (refused->status, !=, 0);
  g_assert_nonnull (strstr (refused->err, "Could not resolve hostname other.example"));
}

static void
test_chromium (void)
{
  static const Client chromium = { .program = "chromium", .package = "chromium" };
  static const char start[] = "chromium --headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking "
                              "--disable-component-update --disable-sync --user-data-dir=/tmp/chromium --dump-dom %s";
  g_auto(Scene) scene = { 0 };
  g_autoptr(GlbTestResult) reached = NULL;
  g_autoptr(GlbTestResult) refused = NULL;
  g_autofree char *reach = g_strdup_printf (start, "$URL/hello.html");
  g_autofree char *elsewhere = g_strdup_printf (start, "$OTHER/hello.html");

  if (!can_run (&chromium) || !scene_set_up (&scene))
    return;

  reached = run_in_session (&scene, reach);
  g_assert_nonnull (strstr (glb_test_result_get_out (reached), HELLO));
  refused = run_in_session (&scene, elsewhere);
  g_assert_null (strstr (glb_test_result_get_out (refused), HELLO));
  g_assert_nonnull (strstr (glb_test_result_get_out (refused), "policy_denied"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (clients); i++)
    {
      g_autofree char *path = g_strconcat ("/network-clients/", clients[i].name, NULL);

      g_test_add_data_func (path, &clients[i], test_client);
    }
  g_test_add_func ("/network-clients/dig", test_dig);
  g_test_add_func ("/network-clients/git-ssh", test_git_ssh);
  g_test_add_func ("/network-clients/chromium", test_chromium);
  return g_test_run ();
}
