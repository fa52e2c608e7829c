/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Secrets that a session uses and never sees: real programs get through with them to the host that they are for, and an agent that wants
 * them finds them nowhere and gets them sent nowhere else. Each attack is shown to work where nothing is in its way.
 */

#include "config.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/system/glb-test-system.h"

#define SECRET "Secret-7f3a9c51e8-only-outside"
#define HELLO  "hello"

typedef struct
{
  GlbTestSystem *system;
  GSubprocess *server;
  guint port, tls_port, liar_port;
  char *folder;                  /* of the server */
  char *policy;
  char *open_policy;             /* the same without secrets */
} Scene;

/* ---- the scene ------------------------------------------------------------------------ */

static void
run_host (const char *script)
{
  const char * const argv[] = { "/bin/sh", "-ec", script, NULL };
  g_autoptr(GError) error = NULL;
  int status;

  g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, NULL, NULL, &status, &error);
  g_assert_no_error (error);
  g_assert_cmpint (status, ==, 0);
}

/* An authority of the person's, a site that has a certificate of it, and one that made its own. */
static void
make_certificates (Scene *scene)
{
  g_autofree char *script = g_strdup_printf (
    "cd %s; k='-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes'\n"
    "openssl req -x509 $k -days 2 -subj '/CN=Test' -addext keyUsage=critical,keyCertSign -keyout ca.key -out ca.pem\n"
    "openssl req $k -subj /CN=site.example -keyout site.key -out site.csr\n"
    /* what newer Pythons insist on */
    "printf 'subjectAltName=DNS:site.example\\nauthorityKeyIdentifier=keyid\\nkeyUsage=digitalSignature\\n' >names\n"
    "openssl x509 -req -in site.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names -out site.crt\n"
    "cat site.crt site.key >site.pem\n"
    "openssl req -x509 $k -days 2 -subj /CN=liar.example -addext subjectAltName=DNS:liar.example -keyout liar.key -out liar.crt\n"
    "cat liar.crt liar.key >liar.pem\n", scene->folder);

  run_host (script);
}

static void
start_server (Scene *scene)
{
  g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDIN_PIPE);
  g_autoptr(GDataInputStream) out = NULL;
  g_autofree char *line = NULL;
  g_autoptr(GError) error = NULL;

  g_subprocess_launcher_set_child_setup (launcher, glb_test_die_with_parent, NULL, NULL);
  scene->server = g_subprocess_launcher_spawn (launcher, &error, "/usr/bin/python3", SECRETS_SERVER, scene->folder, NULL);
  g_assert_no_error (error);
  out = g_data_input_stream_new (g_subprocess_get_stdout_pipe (scene->server));
  line = g_data_input_stream_read_line (out, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (line);
  g_assert_cmpint (sscanf (line, "%u %u %u", &scene->port, &scene->tls_port, &scene->liar_port), ==, 3);
}

static char *
write_policy (Scene *scene, const char *name, const char *secrets)
{
  g_autofree char *document = g_strdup_printf (
    "{\"schemaVersion\":\"1.0\",\"isolation\":{\"tier\":\"process\"},\"process\":{\"allowSpawn\":true,\"syscalls\":\"desktop\"},"
    "\"filesystem\":{\"allowWrite\":[\"${WORKSPACE}/**\"]},\"network\":{\"allowDomains\":[\"http://site.example:%1$u\","
    "\"https://site.example:%2$u\",\"https://wrong.example:%2$u\",\"https://plain.example:%2$u\",\"https://liar.example:%3$u\"],"
    "\"allowCidrs\":[\"127.0.0.1:%1$u\",\"127.0.0.1:%2$u\",\"127.0.0.1:%3$u\"],\"hosts\":[\"site.example=127.0.0.1\","
    "\"wrong.example=127.0.0.1\",\"plain.example=127.0.0.1\",\"liar.example=127.0.0.1\"],\"secrets\":[%4$s]}}",
    scene->port, scene->tls_port, scene->liar_port, secrets);

  return glb_test_system_write_policy (scene->system, name, document);
}

static void
write_policies (Scene *scene)
{
  g_autofree char *secrets = g_strdup_printf (
    "\"http://site.example:%1$u X-Api-Key: {token}\",\"https://site.example:%2$u Authorization: Bearer {token}\","
    "\"https://wrong.example:%2$u Authorization: Bearer {token}\",\"https://liar.example:%3$u Authorization: Bearer {token}\"",
    scene->port, scene->tls_port, scene->liar_port);

  scene->policy = write_policy (scene, "secrets.json", secrets);
  scene->open_policy = write_policy (scene, "open.json", "");
}

static void
set_variable (Scene *scene, const char *name, const char *folder, const char *file)
{
  g_autofree char *path = g_build_filename (folder, file, NULL);

  scene->system->environment = g_environ_setenv (scene->system->environment, name, path, TRUE);
}

static void
copy_attack (Scene *scene)
{
  g_autofree char *path = g_build_filename (scene->system->workspace, "attack.py", NULL);
  g_autofree char *bytes = NULL;
  gsize size;

  g_assert_true (g_file_get_contents (SECRETS_ATTACK, &bytes, &size, NULL));
  g_assert_true (g_file_set_contents (path, bytes, size, NULL));
}

static gboolean
has_programs (void)
{
  static const char * const names[] = { "openssl", "python3", "curl" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_find_program_in_path (names[i]);
      g_autofree char *reason = g_strdup_printf ("%s is missing; install it", names[i]);

      if (path == NULL)
        {
          g_test_skip (reason);
          return FALSE;
        }
    }
  return TRUE;
}

static GlbTestResult *
store (Scene *scene, const char *value)
{
  return glb_test_system_run (scene->system, value, "secret", "set", "token", NULL);
}

/* FALSE: this host cannot; the test was skipped. */
static gboolean
scene_set_up (Scene *scene)
{
  if (!has_programs ())
    return FALSE;
  scene->system = glb_test_system_new ();
  if (scene->system == NULL)
    return FALSE;

  scene->folder = g_build_filename (scene->system->root, "server", NULL);
  g_assert_cmpint (g_mkdir (scene->folder, 0700), ==, 0);
  set_variable (scene, "XDG_CONFIG_HOME", scene->system->root, "config");
  set_variable (scene, "SSL_CERT_FILE", scene->folder, "ca.pem");
  scene->system->environment = g_environ_unsetenv (scene->system->environment, "DBUS_SESSION_BUS_ADDRESS");
  {
    g_autofree char *config = g_build_filename (scene->system->root, "config", NULL);

    g_assert_cmpint (g_mkdir (config, 0700), ==, 0);
  }
  make_certificates (scene);
  start_server (scene);
  write_policies (scene);
  copy_attack (scene);
  return TRUE;
}

static gboolean
scene_set_up_stored (Scene *scene)
{
  g_autoptr(GlbTestResult) stored = NULL;

  if (!scene_set_up (scene))
    return FALSE;
  stored = store (scene, SECRET "\n");
  g_assert_cmpstr (stored->err, ==, "");
  g_assert_cmpint (stored->status, ==, 0);
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
  g_clear_object (&scene->server);
  g_clear_pointer (&scene->folder, g_free);
  g_clear_pointer (&scene->policy, g_free);
  g_clear_pointer (&scene->open_policy, g_free);
  g_clear_pointer (&scene->system, glb_test_system_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Scene, scene_clear)

/* In a session: $URL and $TLS are the site's. */
static GlbTestResult *
run_in_session (Scene *scene, const char *policy, const char *script)
{
  g_autofree char *url = g_strdup_printf ("URL=http://site.example:%u", scene->port);
  g_autofree char *tls = g_strdup_printf ("TLS=https://site.example:%u", scene->tls_port);
  g_autofree char *port = g_strdup_printf ("PORT=%u", scene->tls_port);
  g_autofree char *liar = g_strdup_printf ("LIAR=%u", scene->liar_port);
  GlbTestResult *result;

  result = glb_test_system_run (scene->system, NULL, "run", "--policy", policy, "--workspace", scene->system->workspace,
                                "--env", url, "--env", tls, "--env", port, "--env", liar, "--", "sh", "-c", script, NULL);
  g_test_message ("%s\n%d\n%s\n%s", script, result->status, glb_test_result_get_out (result), result->err);
  return result;
}

/* What the server got since the last call. (transfer full) */
static char *
take_seen (Scene *scene, const char *name)
{
  g_autofree char *path = g_build_filename (scene->folder, name, NULL);
  char *seen = NULL;

  if (!g_file_get_contents (path, &seen, NULL, NULL))
    return g_strdup ("");
  g_assert_cmpint (g_unlink (path), ==, 0);
  return seen;
}

static guint
count (const char *text, const char *what)
{
  guint n = 0;

  for (const char *at = strstr (text, what); at != NULL; at = strstr (at + strlen (what), what))
    n++;
  return n;
}

static void
assert_not_told (GlbTestResult *result)
{
  g_assert_null (strstr (glb_test_result_get_out (result), SECRET));
  g_assert_null (strstr (result->err, SECRET));
}

/* ---- real programs ------------------------------------------------------------------------- */

typedef struct
{
  const char *name;
  const char *program;
  const char *script;
  const char *header;            /* that the server has to see, once */
} Client;

#define DIRECT "unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY NODE_USE_ENV_PROXY; "
#define BEARER "Authorization: Bearer " SECRET "\r\n"
#define KEY    "X-Api-Key: " SECRET "\r\n"

static const Client clients[] = {
  { "curl", "curl", "curl -sSf $TLS/", BEARER },
  { "curl-post", "curl", "head -c 100000 /dev/zero | tr '\\0' x | curl -sSf --data-binary @- $TLS/ | tail -c 20", BEARER },
  { "curl-chunked", "curl", "head -c 100000 /dev/zero | curl -sSf -T - $TLS/ | head -n 1", BEARER },
  { "curl-direct", "curl", DIRECT "curl -sSf $TLS/", BEARER },
  { "curl-clear", "curl", "curl -sSf $URL/", KEY },
  { "curl-clear-direct", "curl", DIRECT "curl -sSf $URL/", KEY },
  { "curl-no-variables", "curl", "unset SSL_CERT_FILE CURL_CA_BUNDLE; curl -sSf $TLS/", BEARER },
  { "urllib", "python3", "/usr/bin/python3 -c 'import os, urllib.request as r; print(r.urlopen(os.environ[\"TLS\"]).read().decode())'", BEARER },
  { "git", "git", "git ls-remote $TLS/repo.git; echo hello", BEARER },
  { "node", "node", "node -e 'fetch(process.env.TLS).then(r => r.text()).then(t => console.log(t))'", BEARER },
};

static void
test_client (gconstpointer data)
{
  const Client *client = data;
  g_auto(Scene) scene = { 0 };
  g_autofree char *program = g_find_program_in_path (client->program);
  g_autofree char *seen = NULL;
  g_autofree char *without = NULL;
  g_autoptr(GlbTestResult) result = NULL;
  g_autoptr(GlbTestResult) open = NULL;

  if (program == NULL)
    {
      g_test_skip ("the program is missing; install it");
      return;
    }
  if (!scene_set_up_stored (&scene))
    return;

  result = run_in_session (&scene, scene.policy, client->script);
  g_assert_cmpint (result->status, ==, 0);
  seen = take_seen (&scene, "seen");
  g_assert_cmpuint (count (seen, client->header), ==, 1);
  g_assert_cmpuint (count (seen, SECRET), ==, 1);
  assert_not_told (result);

  open = run_in_session (&scene, scene.open_policy, "curl -sSf $URL/");
  without = take_seen (&scene, "seen");
  g_assert_nonnull (strstr (without, "GET / HTTP/1.1"));
  g_assert_null (strstr (without, SECRET));
}

/* ---- what an agent tries ---------------------------------------------------------------------- */

/* Everything it sees: variables, processes, their memory, files. */
static const char dump[] =
  "{ env; cat /proc/*/environ /proc/*/cmdline /proc/*/maps; ls -lR /run /etc /tmp /home /workspace; "
  "find / -xdev -path /proc -prune -o -path /sys -prune -o -path /usr -prune -o -type f -readable -size -2048k -print | xargs -d '\\n' cat; "
  "for f in /run/glovebox /run/user /tmp /home /etc; do find $f -type f -readable -print0 | xargs -0 cat; done; "
  "/usr/bin/python3 -c '\n"
  "import glob, sys\n"
  "for maps in glob.glob(\"/proc/[0-9]*/maps\"):\n"
  "  try:\n"
  "    mem = open(maps[:-4] + \"mem\", \"rb\")\n"
  "    for line in open(maps):\n"
  "      a, b = (int(x, 16) for x in line.split()[0].split(\"-\"))\n"
  "      if b - a < 1 << 24:\n"
  "        try: mem.seek(a); sys.stdout.buffer.write(mem.read(b - a))\n"
  "        except (OSError, ValueError): pass\n"
  "  except OSError: pass\n"
  "'; } 2>/dev/null | grep -a -o 'Secret-[0-9a-f]*-only-outside' | sort | uniq -c | grep .";

static void
test_search (void)
{
  g_auto(Scene) scene = { 0 };
  g_autofree char *script = g_strconcat ("curl -sSf $TLS/ >/tmp/answer; cat /tmp/answer; ", dump, NULL);
  g_autofree char *off = g_strconcat ("export TOKEN=" SECRET "; curl -sSf -H \"X-Api-Key: $TOKEN\" $URL/ >/tmp/answer; ", dump, NULL);
  g_autoptr(GlbTestResult) found = NULL;
  g_autoptr(GlbTestResult) result = NULL;

  if (!scene_set_up_stored (&scene))
    return;

  /* as it is done without */
  found = run_in_session (&scene, scene.open_policy, off);
  g_assert_cmpint (found->status, ==, 0);
  g_assert_nonnull (strstr (glb_test_result_get_out (found), SECRET));

  result = run_in_session (&scene, scene.policy, script);
  g_assert_cmpint (result->status, !=, 0);
  g_assert_nonnull (strstr (glb_test_result_get_out (result), "Authorization: Bearer ******************************\r\n"));
  assert_not_told (result);
}

typedef struct
{
  const char *name;
  const char *server_name, *alpn;
  const char *text;
  const char *says;              /* with the protection */
  const char *arrives;           /* at the server, without it; (nullable): the server does not look at it */
  gboolean reaches;              /* one request reaches the server with the secret, nevertheless */
} Attack;

#define HOST   "Host: site.example:{port}\\r\\n"
#define ATTACK(n, text, says, arrives, reaches) { n, "site.example", "http/1.1", text, says, arrives, reaches }

static const Attack attacks[] = {
  ATTACK ("own-header", "GET / HTTP/1.1\\r\\n" HOST "authorization: mine-mine\\r\\n\\r\\n", "200 OK", "mine-mine", TRUE),
  ATTACK ("own-header-twice", "GET / HTTP/1.1\\r\\n" HOST "Authorization: mine-mine\\r\\nAUTHORIZATION: mine-mine\\r\\n\\r\\n", "200 OK", "mine-mine", TRUE),
  ATTACK ("named-by-connection", "GET / HTTP/1.1\\r\\n" HOST "Connection: Authorization, keep-alive\\r\\n\\r\\n", "200 OK",
          "Connection: Authorization", TRUE),
  ATTACK ("second-request", "GET / HTTP/1.1\\r\\n" HOST "\\r\\nGET /second HTTP/1.1\\r\\n" HOST "\\r\\n", "200 OK", "GET /second", TRUE),
  ATTACK ("second-behind-a-body", "POST / HTTP/1.1\\r\\n" HOST "Content-Length: 2\\r\\n\\r\\nxxGET /second HTTP/1.1\\r\\n" HOST "\\r\\n", "200 OK",
          "GET /second", TRUE),
  ATTACK ("second-behind-chunks", "POST / HTTP/1.1\\r\\n" HOST "Transfer-Encoding: chunked\\r\\n\\r\\n0\\r\\n\\r\\nGET /second HTTP/1.1\\r\\n" HOST "\\r\\n",
          "200 OK", "GET /second", TRUE),
  ATTACK ("length-and-chunks", "POST / HTTP/1.1\\r\\n" HOST "Content-Length: 5\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n0\\r\\n\\r\\n", " 400 ",
          "Content-Length: 5", FALSE),
  ATTACK ("space-before-colon", "GET / HTTP/1.1\\r\\n" HOST "Authorization : mine-mine\\r\\n\\r\\n", " 400 ", "mine-mine", FALSE),
  ATTACK ("folded", "GET / HTTP/1.1\\r\\n" HOST "X: a\\r\\n Authorization: mine-mine\\r\\n\\r\\n", " 400 ", "mine-mine", FALSE),
  ATTACK ("bare-line-feed", "GET / HTTP/1.1\\r\\n" HOST "X: a\\nAuthorization: mine-mine\\r\\n\\r\\n", " 400 ", "mine-mine", FALSE),
  ATTACK ("bare-return", "GET / HTTP/1.1\\r\\n" HOST "X: a\\rAuthorization: mine-mine\\r\\n\\r\\n", " 400 ", "mine-mine", FALSE),
  ATTACK ("other-host", "GET / HTTP/1.1\\r\\nHost: other.example\\r\\n\\r\\n", " 421 ", "Host: other.example", FALSE),
  ATTACK ("other-port", "GET / HTTP/1.1\\r\\nHost: site.example:1\\r\\n\\r\\n", " 421 ", "Host: site.example:1", FALSE),
  ATTACK ("two-hosts", "GET / HTTP/1.1\\r\\n" HOST "Host: other.example\\r\\n\\r\\n", " 400 ", "Host: other.example", FALSE),
  ATTACK ("no-host", "GET / HTTP/1.0\\r\\n\\r\\n", " 421 ", "GET / HTTP/1.0", FALSE),
  ATTACK ("absolute", "GET http://other.example/ HTTP/1.1\\r\\n" HOST "\\r\\n", " 400 ", "http://other.example/", FALSE),
  ATTACK ("connect", "CONNECT other.example:443 HTTP/1.1\\r\\n" HOST "\\r\\n", " 400 ", "CONNECT other", FALSE),
  ATTACK ("trace", "TRACE / HTTP/1.1\\r\\n" HOST "\\r\\n", " 400 ", "TRACE /", FALSE),
  ATTACK ("http2-preface", "PRI * HTTP/2.0\\r\\n\\r\\nSM\\r\\n\\r\\n", " 400 ", "PRI * HTTP/2.0", FALSE),
  { "http2", "site.example", "h2", "PRI * HTTP/2.0\\r\\n\\r\\nSM\\r\\n\\r\\n", "failed", "PRI * HTTP/2.0", FALSE },
  ATTACK ("no-http", "\\x01\\x02 nonsense\\r\\n\\r\\n", " 400 ", "nonsense", FALSE),
};

static GlbTestResult *
run_attack (Scene *scene, const char *policy, const Attack *attack)
{
  /* the site's own certificate is by nobody whom the session knows, where nothing is between */
  g_autofree char *script = g_strdup_printf ("%s/usr/bin/python3 attack.py $PORT %s %s '%s'",
                                             policy == scene->policy ? "" : "SSL_CERT_FILE=ca.pem ", attack->server_name, attack->alpn, attack->text);

  return run_in_session (scene, policy, script);
}

static void
test_attacks (void)
{
  g_auto(Scene) scene = { 0 };
  g_autofree char *copy = NULL;

  if (!scene_set_up_stored (&scene))
    return;
  copy = g_strdup_printf ("cp %s/ca.pem %s/ca.pem", scene.folder, scene.system->workspace);
  run_host (copy);

  for (guint i = 0; i < G_N_ELEMENTS (attacks); i++)
    {
      const Attack *attack = &attacks[i];
      g_autoptr(GlbTestResult) open = run_attack (&scene, scene.open_policy, attack);
      g_autofree char *seen_open = take_seen (&scene, "seen");
      g_autoptr(GlbTestResult) result = run_attack (&scene, scene.policy, attack);
      g_autofree char *seen = take_seen (&scene, "seen");

      g_test_message ("%s: the server saw without: %s\nand with: %s", attack->name, seen_open, seen);
      g_assert_nonnull (strstr (seen_open, attack->arrives));
      g_assert_null (strstr (seen, attack->arrives));
      g_assert_cmpuint (count (seen, SECRET), ==, attack->reaches ? 1 : 0);
      g_assert_true (attack->reaches || seen[0] == '\0');
      g_assert_nonnull (strstr (glb_test_result_get_out (result), attack->says));
      assert_not_told (result);
    }
}

/* Who names another host in the greeting, or goes by the address, gets nothing added. */
static void
test_elsewhere (void)
{
  g_auto(Scene) scene = { 0 };
  g_autoptr(GlbTestResult) greeting = NULL;
  g_autoptr(GlbTestResult) address = NULL;
  g_autoptr(GlbTestResult) name = NULL;
  g_autofree char *seen = NULL;

  if (!scene_set_up_stored (&scene))
    return;

  greeting = run_in_session (&scene, scene.policy,
                             "/usr/bin/python3 attack.py $PORT other.example http/1.1 'GET / HTTP/1.1\\r\\nHost: site.example\\r\\n\\r\\n'");
  g_assert_nonnull (strstr (glb_test_result_get_out (greeting), "failed"));
  seen = take_seen (&scene, "seen");
  g_assert_cmpstr (seen, ==, "");

  address = run_in_session (&scene, scene.policy,
                            "curl --http1.1 -sSk --noproxy '' -x socks5://127.0.0.1:3128 -H 'Host: site.example' https://127.0.0.1:$PORT/");
  g_free (seen);
  seen = take_seen (&scene, "seen");
  g_assert_nonnull (strstr (seen, "GET / HTTP/1.1"));
  g_assert_null (strstr (seen, SECRET));

  /* another name of the same server, which the policy allows without a secret */
  name = run_in_session (&scene, scene.policy, "curl --http1.1 -sSk https://plain.example:$PORT/");
  g_free (seen);
  seen = take_seen (&scene, "seen");
  g_assert_nonnull (strstr (seen, "Host: plain.example"));
  g_assert_null (strstr (seen, SECRET));
}

/* (transfer full) */
static char *
read_records (Scene *scene)
{
  g_autofree char *script = g_strdup_printf ("find %s %s -type f -print0 | xargs -0 cat >%s/records", scene->system->state,
                                             scene->system->runtime, scene->folder);
  g_autofree char *path = g_build_filename (scene->folder, "records", NULL);
  char *text = NULL;

  run_host (script);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  return text;
}

/* A server that is not the host: it gets nothing, whatever the program thinks of it. */
static void
test_liars (void)
{
  g_auto(Scene) scene = { 0 };
  g_autoptr(GlbTestResult) liar = NULL;
  g_autoptr(GlbTestResult) wrong = NULL;
  g_autoptr(GlbTestResult) open = NULL;
  g_autofree char *seen_liar = NULL;
  g_autofree char *seen = NULL;
  g_autofree char *seen_open = NULL;
  g_autofree char *records = NULL;

  if (!scene_set_up_stored (&scene))
    return;

  liar = run_in_session (&scene, scene.policy, "curl --http1.1 -sSk https://liar.example:$LIAR/");
  g_assert_nonnull (strstr (glb_test_result_get_out (liar), "liar.example is not who it says it is, and got nothing"));
  seen_liar = take_seen (&scene, "seen-liar");
  g_assert_cmpstr (seen_liar, ==, "");

  wrong = run_in_session (&scene, scene.policy, "curl --http1.1 -sSk https://wrong.example:$PORT/");
  g_assert_nonnull (strstr (glb_test_result_get_out (wrong), "wrong.example is not who it says it is, and got nothing"));
  seen = take_seen (&scene, "seen");
  g_assert_cmpstr (seen, ==, "");

  /* the program itself would have gone there */
  open = run_in_session (&scene, scene.open_policy, "curl --http1.1 -sSk https://liar.example:$LIAR/");
  seen_open = take_seen (&scene, "seen-liar");
  g_assert_nonnull (strstr (seen_open, "GET / HTTP/1.1"));

  records = read_records (&scene);
  g_assert_nonnull (strstr (records, "untrusted-host"));
  g_assert_null (strstr (records, SECRET));
}

/* ---- what is left of it outside ------------------------------------------------------------------- */

static void
test_records (void)
{
  g_auto(Scene) scene = { 0 };
  g_autoptr(GlbTestResult) result = NULL;
  g_autofree char *records = NULL;

  if (!scene_set_up_stored (&scene))
    return;

  result = run_in_session (&scene, scene.policy, "curl -sSf $TLS/ && curl -sSf $URL/");
  g_assert_cmpint (result->status, ==, 0);
  records = read_records (&scene);
  g_assert_nonnull (strstr (records, "\"network-secret\""));
  g_assert_nonnull (strstr (records, "\"secrets\":[\"token\"]"));
  g_assert_null (strstr (records, SECRET));
}

/* (transfer full): of the session's own authority, the last one of its bundle */
static char *
take_authority (Scene *scene, const char *file)
{
  g_autofree char *script = g_strdup_printf ("cp $SSL_CERT_FILE %1$s; cmp $SSL_CERT_FILE /etc/ssl/certs/ca-certificates.crt; sync %1$s", file);
  g_autofree char *path = g_build_filename (scene->system->workspace, file, NULL);
  g_autoptr(GlbTestResult) result = run_in_session (scene, scene->policy, script);
  char *bundle = NULL;
  const char *last;

  g_assert_cmpint (result->status, ==, 0);
  g_assert_true (g_file_get_contents (path, &bundle, NULL, NULL));
  last = g_strrstr (bundle, "-----BEGIN CERTIFICATE-----");
  g_assert_nonnull (last);
  memmove (bundle, last, strlen (last) + 1);
  g_assert_true (g_file_set_contents (path, bundle, -1, NULL));
  return bundle;
}

/* Nobody else trusts the authority, neither the host nor another session, and it can't speak for others. */
static void
test_authority (void)
{
  g_auto(Scene) scene = { 0 };
  g_autofree char *one = NULL;
  g_autofree char *other = NULL;
  g_autofree char *text = NULL;
  g_autofree char *script = NULL;
  g_autofree char *path = NULL;
  g_autoptr(GlbTestResult) crossed = NULL;
  g_autoptr(GlbTestResult) own = NULL;

  if (!scene_set_up_stored (&scene))
    return;

  one = take_authority (&scene, "one.pem");
  other = take_authority (&scene, "other.pem");
  g_assert_cmpstr (one, !=, other);

  script = g_strdup_printf ("cd %s; openssl x509 -in one.pem -noout -text >text; ! openssl verify one.pem; ! openssl verify -CAfile %s/ca.pem one.pem; "
                            "! openssl verify -CAfile other.pem one.pem; openssl verify -CAfile one.pem one.pem",
                            scene.system->workspace, scene.folder);
  run_host (script);
  path = g_build_filename (scene.system->workspace, "text", NULL);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_nonnull (strstr (text, "X509v3 Name Constraints: critical"));
  g_assert_nonnull (strstr (text, "DNS:site.example"));
  g_assert_nonnull (strstr (text, "IP:0.0.0.0/0.0.0.0"));
  g_assert_nonnull (strstr (text, "CA:TRUE, pathlen:0"));

  crossed = run_in_session (&scene, scene.policy, "curl -sS --cacert one.pem $TLS/");
  g_assert_cmpint (crossed->status, ==, 60);
  own = run_in_session (&scene, scene.policy, "curl -sS $TLS/");
  g_assert_cmpint (own->status, ==, 0);
}

/* ---- its process ------------------------------------------------------------------------------------- */

typedef struct
{
  GPid pid;
  char *session;
} Running;

/* The process of that name which belongs to the test's broker. */
static GPid
find_secrets (Scene *scene)
{
  g_autofree char *script = g_strdup_printf ("pgrep -x glovebox-secret >%s/pids", scene->folder);
  g_autofree char *path = g_build_filename (scene->folder, "pids", NULL);
  g_autofree char *text = NULL;
  g_auto(GStrv) pids = NULL;
  GPid broker = glb_test_system_get_broker (scene->system);

  run_host (script);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  pids = g_strsplit (g_strchomp (text), "\n", -1);
  for (guint i = 0; pids[i] != NULL; i++)
    for (int pid = atoi (pids[i]); pid > 1;)
      {
        g_autofree char *status_path = g_strdup_printf ("/proc/%d/status", pid);
        g_autofree char *status = NULL;
        const char *line;

        if (pid == broker)
          return atoi (pids[i]);
        if (!g_file_get_contents (status_path, &status, NULL, NULL))
          break;
        line = strstr (status, "\nPPid:\t");
        pid = line != NULL ? atoi (line + 7) : 0;
      }
  g_assert_not_reached ();
}

static gboolean
is_killed (gpointer data)
{
  return kill (*(GPid *) data, 0) != 0;
}

static void
test_process (void)
{
  g_auto(Scene) scene = { 0 };
  g_autofree char *session = NULL;
  g_autofree char *mem = NULL;
  g_autofree char *url = NULL;
  g_autofree char *plain = NULL;
  g_autoptr(GlbTestResult) before = NULL;
  g_autoptr(GlbTestResult) after = NULL;
  g_autoptr(GlbTestResult) others = NULL;
  struct stat st;
  GPid pid;

  if (!scene_set_up_stored (&scene))
    return;

  session = glb_test_system_start (scene.system, "--policy", scene.policy, "--workspace", scene.system->workspace, "--", "sleep", "600", NULL);
  url = g_strdup_printf ("https://site.example:%u/", scene.tls_port);
  plain = g_strdup_printf ("https://plain.example:%u/", scene.tls_port);
  before = glb_test_system_run (scene.system, NULL, "exec", session, "--", "curl", "-sSf", url, NULL);
  g_assert_cmpint (before->status, ==, 0);

  /* its files are root's: nobody dumps or reads it, not the person's other programs either */
  pid = find_secrets (&scene);
  mem = g_strdup_printf ("/proc/%d/mem", pid);
  g_assert_cmpint (stat (mem, &st), ==, 0);
  g_assert_cmpuint (st.st_uid, ==, 0);
  if (geteuid () != 0)
    g_assert_cmpint (open (mem, O_RDONLY), <, 0);

  /* without it nothing goes there at all, and the rest goes on */
  g_assert_cmpint (kill (pid, SIGKILL), ==, 0);
  glb_test_wait (is_killed, &pid, "glovebox-secrets to be gone");
  after = glb_test_system_run (scene.system, NULL, "exec", session, "--", "curl", "-sS", url, NULL);
  g_assert_cmpint (after->status, !=, 0);
  others = glb_test_system_run (scene.system, NULL, "exec", session, "--", "curl", "--http1.1", "-sSfk", plain, NULL);
  g_assert_cmpint (others->status, ==, 0);
}

/* ---- the store ------------------------------------------------------------------------------------------ */

static void
assert_start_refused (Scene *scene, const char *words)
{
  g_autoptr(GlbTestResult) result = run_in_session (scene, scene->policy, "true");

  g_assert_cmpint (result->status, ==, 126);
  g_assert_nonnull (strstr (result->err, words));
  g_assert_null (strstr (result->err, SECRET));
}

static void
test_store (void)
{
  g_auto(Scene) scene = { 0 };
  g_autoptr(GlbTestResult) lines = NULL;
  g_autoptr(GlbTestResult) list = NULL;
  g_autoptr(GlbTestResult) removed = NULL;
  g_autoptr(GlbTestResult) stored = NULL;
  g_autofree char *path = NULL;

  if (!scene_set_up (&scene))
    return;

  assert_start_refused (&scene, "network: the secret token is not stored; run: glovebox secret set token");
  lines = store (&scene, SECRET "\r\nHost: other.example\n");
  g_assert_cmpint (lines->status, ==, 125);
  g_assert_nonnull (strstr (lines->err, "more than one line"));
  stored = store (&scene, SECRET "\n");
  g_assert_cmpint (stored->status, ==, 0);
  list = glb_test_system_run (scene.system, NULL, "secret", "list", NULL);
  g_assert_cmpstr (glb_test_result_get_out (list), ==, "token\n");

  path = g_build_filename (scene.system->root, "config", "glovebox", "secrets", "token", NULL);
  g_assert_cmpint (g_chmod (path, 0640), ==, 0);
  assert_start_refused (&scene, "network: others may read the secret token: its mode is 0640");

  removed = glb_test_system_run (scene.system, NULL, "secret", "remove", "token", NULL);
  g_assert_cmpint (removed->status, ==, 0);
  assert_start_refused (&scene, "network: the secret token is not stored");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (clients); i++)
    {
      g_autofree char *path = g_strconcat ("/secrets/client/", clients[i].name, NULL);

      g_test_add_data_func (path, &clients[i], test_client);
    }
  g_test_add_func ("/secrets/search", test_search);
  g_test_add_func ("/secrets/attacks", test_attacks);
  g_test_add_func ("/secrets/elsewhere", test_elsewhere);
  g_test_add_func ("/secrets/liars", test_liars);
  g_test_add_func ("/secrets/records", test_records);
  g_test_add_func ("/secrets/authority", test_authority);
  g_test_add_func ("/secrets/process", test_process);
  g_test_add_func ("/secrets/store", test_store);
  return g_test_run ();
}
