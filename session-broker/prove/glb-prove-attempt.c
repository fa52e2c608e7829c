/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glovebox-prove"

#include "session-broker/prove/glb-prove.h"

#include <errno.h>
#include <fcntl.h>
#include <json-glib/json-glib.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define DEADLINE_MS 15000

GlbProveResult
glb_prove_refused (GString    *detail,
                   const char *what)
{
  g_string_assign (detail, what);
  g_string_append_printf (detail, ": %s", g_strerror (errno));
  return GLB_PROVE_REFUSED;
}

GlbProveResult
glb_prove_escaped (GString    *detail,
                   const char *what)
{
  g_string_assign (detail, what);
  return GLB_PROVE_ESCAPED;
}

GlbProveResult
glb_prove_unavailable (GString    *detail,
                       const char *what)
{
  g_string_assign (detail, what);
  return GLB_PROVE_UNAVAILABLE;
}

GlbProveResult
glb_prove_read_token (GlbBait    *bait,
                      const char *path,
                      GString    *detail)
{
  const char *token = glb_bait_get (bait, "token");
  char content[4096];
  gssize n;
  int fd;

  if (path == NULL || token == NULL)
    return glb_prove_unavailable (detail, "no bait of this kind");

  fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0)
    return glb_prove_refused (detail, "open");
  n = read (fd, content, sizeof content);
  if (n < 0)
    {
      glb_prove_refused (detail, "read");
      close (fd);
      return GLB_PROVE_REFUSED;
    }

  close (fd);
  if (memmem (content, (gsize) n, token, strlen (token)) != NULL)
    return glb_prove_escaped (detail, "the secret was read");
  g_string_assign (detail, "another file of that name: no secret in it");
  return GLB_PROVE_REFUSED;
}

GlbProveResult
glb_prove_open (const char *path,
                int         flags,
                GString    *detail)
{
  int fd = open (path, flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

  if (fd < 0)
    return glb_prove_refused (detail, path);
  close (fd);
  g_string_printf (detail, "%s was opened", path);
  return GLB_PROVE_ESCAPED;
}

int
glb_prove_connect (const char *name)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  gsize length = strlen (name);
  int fd;

  if (length >= sizeof address.sun_path)
    {
      errno = ENAMETOOLONG;
      return -1;
    }
  memcpy (address.sun_path, name, length);
  if (name[0] == '@')
    address.sun_path[0] = '\0';
  else
    length++;

  fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0)
    return -1;
  if (connect (fd, (struct sockaddr *) &address, offsetof (struct sockaddr_un, sun_path) + length) == 0)
    return fd;
  length = (gsize) errno;
  close (fd);
  errno = (int) length;
  return -1;
}

const GlbProveAttempt *
glb_prove_get_attempts (guint  table,
                        guint *n)
{
  static const GlbProveAttempt * const tables[] = {
    glb_prove_files, glb_prove_processes, glb_prove_namespaces, glb_prove_devices, glb_prove_sockets, glb_prove_wayland,
    glb_prove_kernel, glb_prove_gates, glb_prove_network, glb_prove_proxy,
  };

  if (table >= G_N_ELEMENTS (tables))
    return NULL;
  for (*n = 0; tables[table][*n].id != NULL;)
    (*n)++;
  return tables[table];
}

static void
print_result (const GlbProveAttempt *attempt,
              GlbProveResult         result,
              const char            *detail)
{
  static const char * const names[] = { "refused", "escaped", "unavailable" };
  g_autoptr(JsonObject) object = json_object_new ();
  g_autoptr(JsonNode) root = json_node_new (JSON_NODE_OBJECT);
  g_autofree char *valid = g_utf8_make_valid (detail, -1);
  g_autofree char *line = NULL;

  json_object_set_string_member (object, "id", attempt->id);
  json_object_set_string_member (object, "theme", attempt->theme);
  json_object_set_string_member (object, "title", attempt->title);
  json_object_set_string_member (object, "result", names[result]);
  json_object_set_string_member (object, "detail", valid);
  if (attempt->named)
    json_object_set_boolean_member (object, "named", TRUE);
  json_node_set_object (root, object);
  line = json_to_string (root, FALSE);
  puts (line);
  fflush (stdout);
}

/* In the child: the result as one byte, then the detail. */
static void __attribute__ ((noreturn))
run_child (const GlbProveAttempt *attempt,
           GlbBait               *bait,
           int                    fd)
{
  g_autoptr(GString) detail = g_string_new (NULL);
  guint8 result;

  prctl (PR_SET_PDEATHSIG, SIGKILL);
  errno = 0;
  if (attempt->function != NULL)
    result = (guint8) attempt->function (bait, detail);
  else
    result = (guint8) attempt->with (bait, attempt->data, detail);
  g_string_prepend_c (detail, (char) result);
  if (write (fd, detail->str, MIN (detail->len, 4000)) < 0)
    _exit (1);
  _exit (0);
}

static GlbProveResult
read_child (int      fd,
            GString *detail)
{
  struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
  char answer[4096];
  gssize n = 0;
  int ready;

  do
    ready = poll (&poll_fd, 1, DEADLINE_MS);
  while (ready < 0 && errno == EINTR);
  if (ready > 0)
    n = read (fd, answer, sizeof answer);
  if (n > 0 && answer[0] >= GLB_PROVE_REFUSED && answer[0] <= GLB_PROVE_UNAVAILABLE)
    {
      g_string_append_len (detail, answer + 1, n - 1);
      return (GlbProveResult) answer[0];
    }

  g_string_assign (detail, ready == 0 ? "it did not end in time" : "it died");
  return GLB_PROVE_UNAVAILABLE;
}

static GlbProveResult
run_one (const GlbProveAttempt *attempt,
         GlbBait               *bait,
         GString               *detail)
{
  GlbProveResult result;
  int fds[2];
  int status = 0;
  pid_t pid;

  if (pipe2 (fds, O_CLOEXEC) < 0 || (pid = fork ()) < 0)
    return glb_prove_unavailable (detail, "no process could be made");
  if (pid == 0)
    run_child (attempt, bait, fds[1]);

  close (fds[1]);
  result = read_child (fds[0], detail);
  close (fds[0]);
  kill (pid, SIGKILL);
  waitpid (pid, &status, 0);
  if (result == GLB_PROVE_UNAVAILABLE && WIFSIGNALED (status) && WTERMSIG (status) == SIGSYS)
    {
      g_string_assign (detail, "killed by the system call filter");
      result = GLB_PROVE_REFUSED;
    }
  return result;
}

void
glb_prove_run_all (GlbBait  *bait,
                   gboolean  control)
{
  const GlbProveAttempt *attempts;
  guint n;

  for (guint table = 0; (attempts = glb_prove_get_attempts (table, &n)) != NULL; table++)
    for (guint i = 0; i < n; i++)
      {
        g_autoptr(GString) detail = g_string_new (NULL);
        GlbProveResult result = run_one (&attempts[i], bait, detail);

        if (control && result == GLB_PROVE_REFUSED)
          result = GLB_PROVE_UNAVAILABLE;
        print_result (&attempts[i], result, detail->str);
      }
}
