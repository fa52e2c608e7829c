/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "session-broker/cli/glb-early-run.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "session-broker/cli/glb-early-wire.h"

/* More goes the other way, so that the whole message fits into the socket's buffer. */
#define POLICY_MAX (64 * 1024)
#define SEND_SECONDS 5

typedef struct
{
  const char *policy, *template, *tier, *name, *workspace, *persist, *cwd, *timeout;
  bool detach, json;
  const char **env;              /* NAME=VALUE, at most as many as there are arguments */
  int n_env;
  char **command;                /* NULL-terminated */
} Options;

/* policies/templates, and whether they name a workspace: the folder where we are, then. */
static const struct { const char *name; bool names_workspace; } templates[] = {
  { "default", true }, { "web", true }, { "code-assistant", true }, { "data-analyst", true }, { "desktop-tester", true },
  { "email-summarizer", true }, { "office-documents", true }, { "locked-down", false },
};

static bool
is_ascii (const char *text)
{
  for (; *text != '\0'; text++)
    if ((unsigned char) *text >= 0x80)
      return false;
  return true;
}

/* ---- the command line -------------------------------------------------------- */

static bool
set_once (const char **place,
          const char  *value)
{
  if (*place != NULL)
    return false;
  *place = value;
  return true;
}

/* NULL: no option that takes a value. */
static const char **
find_place (Options    *options,
            const char *name,
            size_t      length)
{
  const struct { const char *name; char letter; const char **place; } known[] = {
    { "policy", 'p', &options->policy }, { "template", 't', &options->template }, { "name", 'n', &options->name },
    { "tier", 0, &options->tier }, { "workspace", 'w', &options->workspace }, { "cwd", 0, &options->cwd },
    { "timeout", 0, &options->timeout }, { "persist", 0, &options->persist },
  };

  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if ((length == strlen (known[i].name) && memcmp (name, known[i].name, length) == 0) ||
        (length == 1 && known[i].letter != 0 && *name == known[i].letter))
      return known[i].place;
  return NULL;
}

static bool
is_flag (const char *argument,
         const char *name,
         const char *letter)
{
  return strcmp (argument, name) == 0 || (letter != NULL && strcmp (argument, letter) == 0);
}

/* One option, whose value may be the next argument; *i: the last one used. */
static bool
take_option (Options  *options,
             char    **argv,
             int      *i)
{
  const char *argument = argv[*i];
  bool whole = argument[1] == '-';
  const char *name = argument + (whole ? 2 : 1);
  size_t length = whole ? strcspn (name, "=") : strlen (name);
  const char *value = name[length] == '=' ? name + length + 1 : NULL;
  bool is_env = (whole && length == 3 && memcmp (name, "env", 3) == 0) || (!whole && strcmp (name, "e") == 0);
  const char **place;

  /* "-name" and "--n" are nobody's */
  place = is_env || (length == 1) == whole ? NULL : find_place (options, name, length);
  if (!is_env && place == NULL)
    return false;

  if (value == NULL)
    value = argv[++*i];
  if (value == NULL || *value == '-' || *value == '\0')
    return false;
  if (!is_env)
    return set_once (place, value);

  if (*value == '=' || strchr (value, '=') == NULL)
    return false;
  options->env[options->n_env++] = value;
  return true;
}

static bool
take_arguments (Options  *options,
                int       argc,
                char    **argv)
{
  int i;

  if (argc < 3 || strcmp (argv[1], "run") != 0)
    return false;
  for (i = 2; i < argc; i++)
    if (!is_ascii (argv[i]))
      return false;

  for (i = 2; i < argc && argv[i][0] == '-' && strcmp (argv[i], "--") != 0; i++)
    {
      if (is_flag (argv[i], "--detach", "-d"))
        options->detach = true;
      else if (is_flag (argv[i], "--json", NULL))
        options->json = true;
      else if (!take_option (options, argv, &i))
        return false;
    }
  if (i < argc && strcmp (argv[i], "--") == 0)
    i++;

  options->command = argv + i;
  return i < argc;
}

static bool
is_plain (const Options *options)
{
  if (options->policy != NULL && options->template != NULL)
    return false;
  if (options->tier != NULL && strcmp (options->tier, "process") != 0 && strcmp (options->tier, "session") != 0)
    return false;

  /* whole seconds that fit */
  return options->timeout == NULL || (strspn (options->timeout, "0123456789") == strlen (options->timeout) &&
                                      strlen (options->timeout) <= 9 && *options->timeout != '0');
}

/* ---- what the options name ---------------------------------------------------- */

/* Only a file: what can be read once is not ours to read. The text is freed by the caller. */
static char *
read_policy (const char *path)
{
  struct stat st;
  char *text = NULL;
  ssize_t n = -1;
  int fd;

  if (stat (path, &st) < 0 || !S_ISREG (st.st_mode) || st.st_size > POLICY_MAX)
    return NULL;
  fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0)
    return NULL;

  if (fstat (fd, &st) == 0 && S_ISREG (st.st_mode))
    text = malloc (POLICY_MAX + 1);
  if (text != NULL)
    n = read (fd, text, POLICY_MAX + 1);
  close (fd);
  /* a short read of a file is its end, or the other way sees it whole */
  if (n < 0 || n > POLICY_MAX || n != st.st_size || memchr (text, '\0', (size_t) n) != NULL)
    {
      free (text);
      return NULL;
    }

  text[n] = '\0';
  if (is_ascii (text))
    return text;
  free (text);
  return NULL;
}

/* false: no such template */
static bool
look_up_template (const char *name,
                  bool       *names_workspace)
{
  for (size_t i = 0; i < sizeof templates / sizeof *templates; i++)
    if (strcmp (name, templates[i].name) == 0)
      {
        *names_workspace = templates[i].names_workspace;
        return true;
      }
  return false;
}

/* ".." is taken away before symbolic links are followed, which is left to the other way. */
static bool
open_workspace (const char *path,
                char        resolved[PATH_MAX],
                int        *fd)
{
  if (strstr (path, "..") != NULL || realpath (path, resolved) == NULL || !is_ascii (resolved))
    return false;

  *fd = open (resolved, O_PATH | O_DIRECTORY | O_CLOEXEC);
  return *fd >= 0;
}

/* ---- the message -------------------------------------------------------------- */

static void
put_strings (GlbEarlyWire  *wire,
             const Options *options)
{
  const struct { const char *key, *value; } strings[] = {
    { "tier", options->tier }, { "name", options->name }, { "persist", options->persist }, { "cwd", options->cwd },
    { "ssh-agent", getenv ("SSH_AUTH_SOCK") },
  };

  for (size_t i = 0; i < sizeof strings / sizeof *strings; i++)
    if (strings[i].value != NULL && !is_ascii (strings[i].value))
      wire->failed = true;
    else if (strings[i].value != NULL)
      glb_early_wire_put_option (wire, strings[i].key, strings[i].value);
}

static void
put_env (GlbEarlyWire  *wire,
         const Options *options)
{
  size_t array;

  if (options->n_env == 0)
    return;

  array = glb_early_wire_begin_value (wire, "env", "a{ss}", 8);
  for (int i = 0; i < options->n_env; i++)
    {
      const char *equals = strchr (options->env[i], '=');

      glb_early_wire_align (wire, 8);
      glb_early_wire_put_text (wire, options->env[i], (size_t) (equals - options->env[i]));
      glb_early_wire_put_string (wire, equals + 1);
    }
  glb_early_wire_end_array (wire, array, 8);
}

static void
put_policy (GlbEarlyWire  *wire,
            const Options *options,
            const char    *policy)
{
  if (policy != NULL)
    {
      glb_early_wire_put_option (wire, "policy", policy);
      glb_early_wire_put_option (wire, "policy-name", options->policy);
    }
  else
    glb_early_wire_put_option (wire, "template", options->template);
}

static void
put_body (GlbEarlyWire  *wire,
          const Options *options,
          const char    *policy,
          const char    *workspace)
{
  size_t dictionary = glb_early_wire_begin_array (wire, 8);
  size_t command;

  put_strings (wire, options);
  put_env (wire, options);
  put_policy (wire, options, policy);
  if (workspace != NULL)
    {
      glb_early_wire_put_option (wire, "workspace", workspace);
      glb_early_wire_put_option_number (wire, "workspace-fd", "h", 0);
    }
  if (options->timeout != NULL)
    glb_early_wire_put_option_number (wire, "timeout", "u", (uint32_t) strtoul (options->timeout, NULL, 10));
  if (options->detach)
    glb_early_wire_put_option_number (wire, "detach", "b", 1);
  glb_early_wire_end_array (wire, dictionary, 8);

  command = glb_early_wire_begin_array (wire, 4);
  for (char **argument = options->command; *argument != NULL; argument++)
    glb_early_wire_put_string (wire, *argument);
  glb_early_wire_end_array (wire, command, 4);
}

static size_t
make_message (const Options *options,
              unsigned char *bytes,
              size_t         room,
              int           *workspace_fd)
{
  static const GlbEarlyCall call = { "/org/glovebox/Broker1", "org.glovebox.Broker1", "Run", "a{sv}as", GLB_EARLY_RUN_SERIAL };
  char resolved[PATH_MAX];
  char *policy = options->policy != NULL ? read_policy (options->policy) : NULL;
  GlbEarlyWire wire = { .bytes = bytes, .room = room };
  bool wanted = policy != NULL && strstr (policy, "${WORKSPACE}") != NULL;
  size_t header;

  if (options->policy != NULL ? policy == NULL : !look_up_template (options->template, &wanted))
    {
      free (policy);
      return 0;
    }
  if ((options->workspace != NULL || wanted) &&
      !open_workspace (options->workspace != NULL ? options->workspace : ".", resolved, workspace_fd))
    {
      free (policy);
      return 0;
    }

  header = glb_early_wire_begin_call (&wire, &call, *workspace_fd >= 0 ? 1 : 0);
  put_body (&wire, options, policy, *workspace_fd >= 0 ? resolved : NULL);
  free (policy);
  return glb_early_wire_end_call (&wire, header);
}

size_t
glb_early_run_make (int             argc,
                    char          **argv,
                    unsigned char  *bytes,
                    size_t          room,
                    int            *workspace_fd,
                    bool           *stays)
{
  Options options = { .env = calloc ((size_t) argc + 1, sizeof (char *)) };
  size_t length = 0;

  *workspace_fd = -1;
  if (options.env != NULL && take_arguments (&options, argc, argv) && is_plain (&options))
    {
      if (options.policy == NULL && options.template == NULL)
        options.template = "default";
      length = make_message (&options, bytes, room, workspace_fd);
    }

  /* with the others something is told of the session at once, or at its end */
  *stays = !options.detach && !options.json;
  free (options.env);
  if (length == 0 && *workspace_fd >= 0)
    {
      close (*workspace_fd);
      *workspace_fd = -1;
    }
  return length;
}

/* ---- the broker --------------------------------------------------------------- */

/* As glb_paths_get_runtime_dir() has it: a true folder of ours that nobody else may enter, in one that nobody else may write to. */
static bool
find_socket (char   *path,
             size_t  room)
{
  const char *env = getenv ("XDG_RUNTIME_DIR");
  char parent[64];
  struct stat st;
  int fd;
  bool ok;

  snprintf (parent, sizeof parent, geteuid () == 0 ? "/run" : "/run/user/%u", (unsigned) geteuid ());
  if (env == NULL || *env != '/')
    env = parent;
  if (stat (env, &st) < 0 || st.st_uid != geteuid () || (st.st_mode & 022) != 0)
    return false;

  if ((size_t) snprintf (path, room, "%s/glovebox", env) >= room)
    return false;
  fd = open (path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  ok = fd >= 0 && fstat (fd, &st) == 0 && st.st_uid == geteuid () && (st.st_mode & 077) == 0;
  if (fd >= 0)
    close (fd);
  return ok && (size_t) snprintf (path, room, "%s/glovebox/bus", env) < room;
}

static int
connect_to_broker (void)
{
  const struct timeval deadline = { .tv_sec = SEND_SECONDS };
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  struct ucred peer = { 0 };
  socklen_t length = sizeof peer;
  int fd;

  if (!find_socket (address.sun_path, sizeof address.sun_path))
    return -1;

  fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0)
    return -1;
  if (setsockopt (fd, SOL_SOCKET, SO_SNDTIMEO, &deadline, sizeof deadline) < 0 ||
      connect (fd, (struct sockaddr *) &address, sizeof address) < 0 ||
      getsockopt (fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0 || peer.uid != geteuid ())
    {
      close (fd);
      return -1;
    }
  return fd;
}

/* All lines of the authentication at once: what the broker may answer is known. */
static bool
send_authentication (int fd)
{
  char text[128], uid[16], hex[2 * sizeof uid + 1];
  int length;

  snprintf (uid, sizeof uid, "%u", (unsigned) geteuid ());
  for (size_t i = 0; i <= strlen (uid); i++)
    snprintf (hex + 2 * i, 3, "%02x", (unsigned) (unsigned char) uid[i]);
  hex[2 * strlen (uid)] = '\0';

  /* the protocol begins with a byte of zero */
  length = 1 + snprintf (text + 1, sizeof text - 1, "AUTH EXTERNAL %s\r\nNEGOTIATE_UNIX_FD\r\nBEGIN\r\n", hex);
  text[0] = '\0';
  return send (fd, text, (size_t) length, MSG_NOSIGNAL) == length;
}

static bool
send_message (int                  fd,
              const unsigned char *bytes,
              size_t               length,
              int                  passed)
{
  union { struct cmsghdr header; char space[CMSG_SPACE (sizeof (int))]; } control = { 0 };
  struct iovec part = { .iov_base = (void *) bytes, .iov_len = length };
  struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };

  if (passed >= 0)
    {
      message.msg_control = control.space;
      message.msg_controllen = sizeof control.space;
      control.header.cmsg_level = SOL_SOCKET;
      control.header.cmsg_type = SCM_RIGHTS;
      control.header.cmsg_len = CMSG_LEN (sizeof passed);
      memcpy (CMSG_DATA (&control.header), &passed, sizeof passed);
    }
  return sendmsg (fd, &message, MSG_NOSIGNAL) == (ssize_t) length;
}

static const int forwarded[] = { SIGINT, SIGTERM, SIGHUP };

/* Those that the command is to get: whoever has the rest of this program handles them. Where our caller ignores one, we do too. */
static void
hold_signals (sigset_t *held)
{
  struct sigaction action;

  sigemptyset (held);
  for (size_t i = 0; i < sizeof forwarded / sizeof *forwarded; i++)
    if (sigaction (forwarded[i], NULL, &action) == 0 && action.sa_handler != SIG_IGN)
      sigaddset (held, forwarded[i]);
  sigprocmask (SIG_BLOCK, held, NULL);
}

bool
glb_early_run (int           argc,
               char        **argv,
               GlbEarlyRun  *early)
{
  static unsigned char bytes[GLB_EARLY_RUN_MAX];
  const struct timeval no_deadline = { 0 };
  int workspace_fd;
  size_t length = glb_early_run_make (argc, argv, bytes, sizeof bytes, &workspace_fd, &early->stays);
  int fd = length > 0 ? connect_to_broker () : -1;

  early->connection = -1;
  if (fd >= 0)
    hold_signals (&early->held);
  if (fd >= 0 && send_authentication (fd) && send_message (fd, bytes, length, workspace_fd) &&
      setsockopt (fd, SOL_SOCKET, SO_SNDTIMEO, &no_deadline, sizeof no_deadline) == 0)
    early->connection = fd;
  else if (fd >= 0)
    {
      close (fd);
      sigprocmask (SIG_UNBLOCK, &early->held, NULL);
    }
  if (workspace_fd >= 0)
    close (workspace_fd);
  return early->connection >= 0;
}
