/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* glovebox-init itself, in bubblewrap, from both sides of its socket. */

#include "tests/sandbox/init-peer.h"

#include "session-broker/sandbox/glb-seccomp.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static gboolean
start_ready (InitPeer *peer,
             guint     flags)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GBytes) seccomp = glb_seccomp_build (GLB_SECCOMP_DESKTOP, (flags & GLB_INIT_FLAG_DEBUG) != 0, &error);

  g_assert_no_error (error);
  if (!init_peer_start (peer))
    return FALSE;

  init_peer_setup (peer, flags, seccomp);
  return TRUE;
}

static void
test_exec_failures (void)
{
  static const struct { const char *program; int error; } rows[] = {
    { "no-such-command", ENOENT },
    { "/no/such/command", ENOENT },
    { "/etc/passwd", EACCES },
    { "/usr", EACCES },
  };
  static const char * const true_argv[] = { "true", NULL };
  InitPeer peer;
  GlbBoxMessage message;
  int fds[3];

  if (!start_ready (&peer, 0))
    return;

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const char * const argv[] = { rows[i].program, NULL };
      g_auto(InitResult) result = { 0 };

      init_peer_run (&peer, FALSE, NULL, 0, argv, &result);
      g_assert_cmpint (result.failed.stage, ==, GLB_INIT_STAGE_EXEC);
      g_assert_cmpint (result.failed.error, ==, rows[i].error);
    }

  init_peer_send_exec (&peer, FALSE, "/no/such/folder", true_argv);
  g_assert_true (init_peer_read (&peer, &message, fds));
  g_assert_cmpint (message.type, ==, GLB_INIT_FAILED);
  g_assert_cmpint (message.failed.stage, ==, GLB_INIT_STAGE_CHDIR);
  g_assert_cmpint (message.failed.error, ==, ENOENT);

  init_peer_stop (&peer);
}

static void
test_exit_codes (void)
{
  InitPeer peer;

  if (!start_ready (&peer, 0))
    return;

  for (int code = 0; code < 256; code += 51)
    {
      g_autofree char *script = g_strdup_printf ("exit %d", code);
      const char * const argv[] = { "sh", "-c", script, NULL };
      g_auto(InitResult) result = { 0 };

      init_peer_run (&peer, FALSE, NULL, 0, argv, &result);
      g_assert_true (WIFEXITED (result.status));
      g_assert_cmpint (WEXITSTATUS (result.status), ==, code);
    }

  {
    const char * const argv[] = { "sh", "-c", "kill -SEGV $$", NULL };
    g_auto(InitResult) result = { 0 };

    init_peer_run (&peer, FALSE, NULL, 0, argv, &result);
    g_assert_true (WIFSIGNALED (result.status));
    g_assert_cmpint (WTERMSIG (result.status), ==, SIGSEGV);
    g_assert_false (WCOREDUMP (result.status));
  }

  init_peer_stop (&peer);
}

static void
test_streams (void)
{
  const char * const cat[] = { "cat", NULL };
  const char * const both[] = { "sh", "-c", "echo out; echo err >&2; echo again >/dev/stdout; echo twice >/dev/stderr", NULL };
  gsize size = 10 * 1024 * 1024 + 17;
  g_autofree char *data = g_malloc (size);
  g_auto(InitResult) large = { 0 };
  g_auto(InitResult) small = { 0 };
  InitPeer peer;

  if (!start_ready (&peer, 0))
    return;

  for (gsize i = 0; i < size; i++)
    data[i] = (char) (i * 2654435761u >> 13);
  init_peer_run (&peer, FALSE, data, size, cat, &large);
  g_assert_cmpint (large.status, ==, 0);
  g_assert_cmpmem (data, size, large.out, large.out_length);

  init_peer_run (&peer, FALSE, NULL, 0, both, &small);
  g_assert_cmpint (small.status, ==, 0);
  g_assert_cmpstr (small.out, ==, "out\nagain\n");
  g_assert_cmpstr (small.err, ==, "err\ntwice\n");

  init_peer_stop (&peer);
}

static void
test_command_state (void)
{
  g_autofree char *env = NULL;
  g_autofree char *fds = NULL;
  g_autofree char *status = NULL;
  g_autofree char *session = NULL;
  g_autofree char *limits = NULL;
  InitPeer peer;

  if (!start_ready (&peer, 0))
    return;

  env = init_peer_sh (&peer, "printf '%s' \"$GREETING\"");
  g_assert_cmpstr (env, ==, "hello there");

  /* 3 is the folder that ls reads. */
  fds = init_peer_sh (&peer, "exec ls /proc/self/fd | tr '\\n' ' '");
  g_assert_cmpstr (fds, ==, "0 1 2 3 ");

  status = init_peer_sh (&peer, "grep -E '^(SigBlk|SigIgn|NoNewPrivs|Seccomp|CapEff|CapBnd)' /proc/self/status | tr -s '\\t\\n' '  '");
  g_assert_cmpstr (status, ==, "SigBlk: 0000000000000000 SigIgn: 0000000000000000 CapEff: 0000000000000000 "
                               "CapBnd: 0000000000000000 NoNewPrivs: 1 Seccomp: 2 Seccomp_filters: 2 ");

  session = init_peer_sh (&peer, "test \"$(cut -d' ' -f 5,6 /proc/$$/stat)\" = \"$$ $$\" && ! (: </dev/tty) 2>&-");
  g_assert_cmpstr (session, ==, "");

  limits = init_peer_sh (&peer, "ulimit -n; ulimit -Hn; ulimit -p 2>&- || ulimit -u 2>&- || echo 200; grep -c 'core file size *1 *1 ' /proc/self/limits");
  g_assert_cmpstr (limits, ==, "1024\n4096\n200\n1\n");

  init_peer_stop (&peer);
}

static void
test_init_is_out_of_reach (void)
{
  static const char * const refused[] = {
    "cat /proc/1/mem", "cat /proc/1/maps", "ls -l /proc/1/fd/", "readlink /proc/1/exe", "cat /proc/1/environ", "head -c1 /proc/1/fd/3",
  };
  g_autofree char *alive = NULL;
  InitPeer peer;

  if (!start_ready (&peer, GLB_INIT_FLAG_DEBUG))
    return;

  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      const char * const argv[] = { "sh", "-c", refused[i], NULL };
      g_auto(InitResult) result = { 0 };

      init_peer_run (&peer, TRUE, NULL, 0, argv, &result);
      g_assert_cmpint (result.status, !=, 0);
      g_assert_cmpstr (result.out, ==, "");
    }

  /* Even with the right to debug. */
  {
    const char * const argv[] = { "/run/try-ptrace", "1", NULL };
    g_auto(InitResult) result = { 0 };

    init_peer_run (&peer, TRUE, NULL, 0, argv, &result);
    g_assert_cmpint (result.failed.stage, ==, 0);
    g_assert_cmpint (WEXITSTATUS (result.status), ==, EPERM);
  }

  alive = init_peer_sh (&peer, "for s in KILL STOP TERM SEGV INT CHLD HUP; do kill -$s 1; done; echo alive");
  g_assert_cmpstr (alive, ==, "alive\n");
  g_free (alive);
  alive = init_peer_sh (&peer, "echo still");
  g_assert_cmpstr (alive, ==, "still\n");

  init_peer_stop (&peer);
}

static void
test_orphans (void)
{
  g_autofree char *out = NULL;
  InitPeer peer;

  if (!start_ready (&peer, 0))
    return;

  /* 50 orphans that leave the session; then nothing of them may be left, dead or alive. */
  out = init_peer_sh (&peer, "for i in $(seq 50); do (setsid sh -c ':' &) ; done; "
                             "for i in $(seq 20000); do n=$(ls -d /proc/[0-9]* | wc -l); [ $n -le 4 ] && break; done; "
                             "grep -l '^State:.Z' /proc/[0-9]*/status; echo done");
  g_assert_cmpstr (out, ==, "done\n");

  init_peer_stop (&peer);
}

static void
read_type (InitPeer           *peer,
           GlbInitMessageType  type,
           GlbBoxMessage      *message,
           int                 fds[3])
{
  g_assert_true (init_peer_read (peer, message, fds));
  g_assert_cmpint (message->type, ==, type);
}

static void
read_line (int         fd,
           const char *expected)
{
  gsize length = strlen (expected);
  char buffer[64] = "";

  for (gsize n = 0; n < length; n++)
    g_assert_cmpint (read (fd, buffer + n, 1), ==, 1);
  g_assert_cmpstr (buffer, ==, expected);
}

static void
send_signal (InitPeer *peer,
             guint64   target,
             int       signo)
{
  GlbInitSignal signal = { .signo = signo, .target = target };

  init_peer_send (peer, GLB_INIT_SIGNAL, 0, &signal, sizeof signal);
}

static void
close_all (int fds[3])
{
  for (int i = 0; i < 3; i++)
    close (fds[i]);
}

static void
test_signals (void)
{
  const char * const trap[] = { "sh", "-c", "trap 'echo caught; exit 3' TERM; echo ready; while :; do :; done", NULL };
  const char * const plain[] = { "sh", "-c", "echo ready; cat; exit 0", NULL };
  InitPeer peer;
  GlbBoxMessage message;
  guint64 first;
  guint64 second;
  int a[3];
  int b[3];
  int none[3];

  if (!start_ready (&peer, 0))
    return;

  first = init_peer_send_exec (&peer, FALSE, "/", trap);
  read_type (&peer, GLB_INIT_STARTED, &message, a);
  second = init_peer_send_exec (&peer, FALSE, "/", plain);
  read_type (&peer, GLB_INIT_STARTED, &message, b);
  read_line (a[1], "ready\n");
  read_line (b[1], "ready\n");

  /* To one group only. */
  send_signal (&peer, first, SIGTERM);
  read_type (&peer, GLB_INIT_EXITED, &message, none);
  g_assert_cmpuint (message.serial, ==, first);
  g_assert_cmpint (WEXITSTATUS (message.exited.status), ==, 3);
  read_line (a[1], "caught\n");

  /* To one that has gone: nothing. To all: the other. */
  send_signal (&peer, first, SIGKILL);
  send_signal (&peer, 0, SIGKILL);
  read_type (&peer, GLB_INIT_EXITED, &message, none);
  g_assert_cmpuint (message.serial, ==, second);
  g_assert_true (WIFSIGNALED (message.exited.status));
  g_assert_cmpint (WTERMSIG (message.exited.status), ==, SIGKILL);

  close_all (a);
  close_all (b);
  init_peer_stop (&peer);
}

static void
test_pause (void)
{
  const char * const count[] = { "sh", "-c", "while read line; do echo $line; done", NULL };
  InitPeer peer;
  GlbBoxMessage message;
  guint64 serial;
  struct { int fds[3]; } command;
  int none[3];

  if (!start_ready (&peer, 0))
    return;

  serial = init_peer_send_exec (&peer, FALSE, "/", count);
  read_type (&peer, GLB_INIT_STARTED, &message, command.fds);
  g_assert_cmpint (write (command.fds[0], "one\n", 4), ==, 4);
  read_line (command.fds[1], "one\n");

  init_peer_send (&peer, GLB_INIT_PAUSE, 1000, NULL, 0);
  read_type (&peer, GLB_INIT_DONE, &message, none);
  g_assert_cmpuint (message.serial, ==, 1000);

  /* Nothing starts in a paused session. */
  init_peer_send_exec (&peer, FALSE, "/", count);
  read_type (&peer, GLB_INIT_FAILED, &message, none);
  g_assert_cmpint (message.failed.error, ==, EBUSY);

  /* What is written stays unread: it is stopped. The kernel's word for it, from outside. */
  g_assert_cmpint (write (command.fds[0], "two\n", 4), ==, 4);
  {
    GPollFD poll = { .fd = command.fds[1], .events = G_IO_IN };

    g_assert_cmpint (g_poll (&poll, 1, 100), ==, 0);
  }

  init_peer_send (&peer, GLB_INIT_RESUME, 1001, NULL, 0);
  read_type (&peer, GLB_INIT_DONE, &message, none);
  read_line (command.fds[1], "two\n");

  close (command.fds[0]);
  read_type (&peer, GLB_INIT_EXITED, &message, none);
  g_assert_cmpuint (message.serial, ==, serial);
  close (command.fds[1]);
  close (command.fds[2]);
  init_peer_stop (&peer);
}

static void
test_no_spawn (void)
{
  static const struct { const char *how; guint flags; int expected; } rows[] = {
    { "fork", GLB_INIT_FLAG_NO_SPAWN, EPERM }, { "vfork", GLB_INIT_FLAG_NO_SPAWN, EPERM }, { "clone3", GLB_INIT_FLAG_NO_SPAWN, ENOSYS },
    { "clone-high", GLB_INIT_FLAG_NO_SPAWN, EPERM }, { "spawn", GLB_INIT_FLAG_NO_SPAWN, EPERM },
    { "thread", GLB_INIT_FLAG_NO_SPAWN, 0 }, { "exec", GLB_INIT_FLAG_NO_SPAWN, 0 },
    { "fork", 0, 0 }, { "vfork", 0, 0 }, { "spawn", 0, 0 }, { "thread", 0, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const char * const argv[] = { "/run/try-spawn", rows[i].how, NULL };
      g_auto(InitResult) result = { 0 };
      InitPeer peer;

      if (!start_ready (&peer, rows[i].flags))
        return;
      g_test_message ("%s with flags %u", rows[i].how, rows[i].flags);
      init_peer_run (&peer, FALSE, NULL, 0, argv, &result);
      g_assert_cmpint (result.failed.stage, ==, 0);
      g_assert_true (WIFEXITED (result.status));
      g_assert_cmpint (WEXITSTATUS (result.status), ==, rows[i].expected);
      init_peer_stop (&peer);
    }
}

/* A process that is there to be traced; tracer: through try-ptrace, debug or not. */
static void
check_ptrace (guint    flags,
              gboolean debug,
              int      expected)
{
  const char * const victim[] = { "cat", NULL };
  g_autofree char *pid = NULL;
  InitPeer peer;
  GlbBoxMessage message;
  guint64 serial;
  int fds[3];
  int none[3];

  if (!start_ready (&peer, flags))
    return;

  serial = init_peer_send_exec (&peer, FALSE, "/", victim);
  read_type (&peer, GLB_INIT_STARTED, &message, fds);
  pid = g_strdup_printf ("%d", message.started.pid);
  {
    const char * const argv[] = { "/run/try-ptrace", pid, NULL };
    g_auto(InitResult) result = { 0 };

    init_peer_run (&peer, debug, NULL, 0, argv, &result);
    if (result.failed.stage != 0)
      g_assert_cmpint (result.failed.error, ==, expected);
    else
      g_assert_cmpint (WEXITSTATUS (result.status), ==, expected);
  }

  close_all (fds);
  read_type (&peer, GLB_INIT_EXITED, &message, none);
  g_assert_cmpuint (message.serial, ==, serial);
  init_peer_stop (&peer);
}

static void
test_debug (void)
{
  check_ptrace (0, FALSE, EPERM);
  check_ptrace (0, TRUE, EPERM);                       /* not allowed: it does not even start */
  check_ptrace (GLB_INIT_FLAG_DEBUG, FALSE, EPERM);    /* the right is the command's, not the session's */
  check_ptrace (GLB_INIT_FLAG_DEBUG, TRUE, 0);
}

static void
test_landlock (void)
{
  static const char * const refused[] = {
    "cat /root/.bashrc", "ls /var", "ls /", "ls /home", "touch /home/x", "touch /dev/x", "touch /usr/x",
    /* Refused by Landlock, before the missing right would. */
    "mknod /run/user/n p && ! mknod /run/user/b b 7 7 2>&1 | grep -q 'Permission denied'",
  };
  g_autofree char *out = NULL;
  InitPeer peer;

  if (!start_ready (&peer, 0))
    return;
  if (peer.landlock_abi == 0)
    g_test_skip ("this kernel has no Landlock");

  for (guint i = 0; i < G_N_ELEMENTS (refused) && peer.landlock_abi > 0; i++)
    {
      const char * const argv[] = { "sh", "-c", refused[i], NULL };
      g_auto(InitResult) result = { 0 };

      init_peer_run (&peer, FALSE, NULL, 0, argv, &result);
      g_test_message ("%s: %s", refused[i], result.err);
      g_assert_cmpint (result.status, !=, 0);
    }

  out = init_peer_sh (&peer, "cd /run/user && mkdir d && echo text >d/f && mv d/f f && ln -s f s && cat s && echo >/dev/null && rm -r d f s");
  g_assert_cmpstr (out, ==, "text\n");
  init_peer_stop (&peer);
}

static void
test_bus (void)
{
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_autofree char *again = NULL;
  InitPeer peer;

  if (!g_file_test ("/usr/bin/dbus-daemon", G_FILE_TEST_IS_EXECUTABLE) || !g_file_test ("/usr/bin/gdbus", G_FILE_TEST_IS_EXECUTABLE))
    {
      g_test_skip ("dbus-daemon or gdbus is not installed");
      return;
    }
  if (!start_ready (&peer, GLB_INIT_FLAG_BUS))
    return;

  before = init_peer_sh (&peer, "test -S /run/user/bus && grep -l dbus-daemon /proc/[0-9]*/comm; echo");
  g_assert_cmpstr (before, ==, "\n");
  after = init_peer_sh (&peer, "gdbus call --session -d org.freedesktop.DBus -o / -m org.freedesktop.DBus.GetNameOwner org.freedesktop.DBus 2>&1; "
                               "cat /proc/[0-9]*/comm | grep -c dbus-daemon");
  g_assert_cmpstr (after, ==, "('org.freedesktop.DBus',)\n1\n");
  g_assert_cmpint (peer.bus_pid, >, 1);
  g_assert_cmpuint (peer.n_bus, ==, 1);

  /* Killed: once more, for the next client; killed again: no more. */
  again = init_peer_sh (&peer, "die() { kill -9 $(grep -l dbus-daemon /proc/[0-9]*/comm | cut -d/ -f3); "
                               "while grep -ql dbus-daemon /proc/[0-9]*/comm; do :; done; }; "
                               "ask() { gdbus call --session -d org.freedesktop.DBus -o / -m org.freedesktop.DBus.GetNameOwner $1; }; "
                               "die; ask org.freedesktop.DBus; die; ask org.freedesktop.DBus 2>/dev/null || echo refused");
  g_assert_cmpstr (again, ==, "('org.freedesktop.DBus',)\nrefused\n");
  g_assert_cmpint (peer.bus_pid, ==, 0);
  g_assert_cmpuint (peer.n_bus, ==, 4);

  init_peer_stop (&peer);
}

static void
test_end_of_file (void)
{
  const char * const cat[] = { "sh", "-c", "setsid cat & cat", NULL };
  InitPeer peer;
  GlbBoxMessage message;
  int fds[3];

  if (!start_ready (&peer, 0))
    return;

  init_peer_send_exec (&peer, FALSE, "/", cat);
  read_type (&peer, GLB_INIT_STARTED, &message, fds);
  init_peer_stop (&peer);   /* asserts that all of it ends */
  close_all (fds);

  /* A spare, too. */
  if (init_peer_start (&peer))
    init_peer_stop (&peer);
}

static void
test_garbage (void)
{
  static const char * const paths[] = { "/usr", NULL };
  static const guint access[] = { GLB_INIT_LANDLOCK_READ };
  GRand *rand = g_rand_new_with_seed (7);

  for (guint i = 0; i < 60; i++)
    {
      g_autoptr(GByteArray) payload = init_peer_setup_payload (0, 1, paths, access, NULL);
      InitPeer peer;

      if (!init_peer_start (&peer))
        break;

      if (i % 3 == 0)          /* noise */
        {
          guint8 noise[300];

          for (guint j = 0; j < sizeof noise; j++)
            noise[j] = (guint8) g_rand_int (rand);
          init_peer_send_raw (&peer, noise, (gsize) g_rand_int_range (rand, 1, sizeof noise));
        }
      else if (i % 3 == 1)     /* a SETUP with one word wrong */
        {
          guint32 word = (guint32) g_rand_int (rand) | 0x80000000u;

          memcpy (payload->data + 4 * g_rand_int_range (rand, 0, sizeof (GlbInitSetup) / 4 - 4), &word, sizeof word);
          init_peer_send (&peer, GLB_INIT_SETUP, 1, payload->data, payload->len);
        }
      else                     /* a good header, no SETUP before it, or the wrong way round */
        init_peer_send (&peer, (guint) g_rand_int_range (rand, 2, 70), 1, payload->data, payload->len);

      init_peer_wait_end (&peer);
    }
  g_rand_free (rand);
}

static void
test_missing_landlock (void)
{
  static const char * const paths[] = { NULL };
  g_autoptr(GByteArray) payload = init_peer_setup_payload (0, 900, paths, NULL, NULL);
  GlbBoxMessage message;
  InitPeer peer;
  int fds[3];

  if (!init_peer_start (&peer))
    return;

  init_peer_send (&peer, GLB_INIT_SETUP, 1, payload->data, payload->len);
  g_assert_true (init_peer_read (&peer, &message, fds));
  g_assert_cmpint (message.type, ==, GLB_INIT_FAILED);
  g_assert_cmpint (message.failed.stage, ==, GLB_INIT_STAGE_SETUP);
  g_assert_cmpint (message.failed.error, ==, ENOTSUP);
  init_peer_wait_end (&peer);
}

static void
test_memory (void)
{
  g_autofree char *path = NULL;
  g_autofree char *text = NULL;
  g_autofree char *children = NULL;
  InitPeer peer;

  if (!start_ready (&peer, GLB_INIT_FLAG_BUS))
    return;

  /* The peer is bubblewrap; init its only child. Root may look into it. */
  path = g_strdup_printf ("/proc/%d/task/%d/children", (int) peer.pid, (int) peer.pid);
  if (g_file_get_contents (path, &children, NULL, NULL))
    {
      g_autofree char *smaps = g_strdup_printf ("/proc/%d/smaps_rollup", atoi (children));

      if (g_file_get_contents (smaps, &text, NULL, NULL))
        {
          int pss = atoi (strstr (text, "\nPss:") + 5);
          int anonymous = atoi (strstr (text, "\nPss_Anon:") + 10);

          g_test_message ("PSS of glovebox-init: %d kB, of which its own %d kB", pss, anonymous);
#ifndef __SANITIZE_ADDRESS__
          g_assert_cmpint (pss, <, 1000);         /* the program's pages: once for all sessions */
          g_assert_cmpint (anonymous, <, 150);    /* for each */
#endif
        }
    }
  init_peer_stop (&peer);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/init/exec-failures", test_exec_failures);
  g_test_add_func ("/init/out-of-reach", test_init_is_out_of_reach);
  g_test_add_func ("/init/landlock", test_landlock);
  g_test_add_func ("/init/missing-landlock", test_missing_landlock);
  g_test_add_func ("/init/no-spawn", test_no_spawn);
  g_test_add_func ("/init/debug", test_debug);
  g_test_add_func ("/init/garbage", test_garbage);
  g_test_add_func ("/init/end-of-file", test_end_of_file);
  g_test_add_func ("/init/exit-codes", test_exit_codes);
  g_test_add_func ("/init/streams", test_streams);
  g_test_add_func ("/init/command-state", test_command_state);
  g_test_add_func ("/init/orphans", test_orphans);
  g_test_add_func ("/init/signals", test_signals);
  g_test_add_func ("/init/pause", test_pause);
  g_test_add_func ("/init/bus", test_bus);
  g_test_add_func ("/init/memory", test_memory);

  return g_test_run ();
}
