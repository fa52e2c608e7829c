/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/sandbox/sandbox-helper.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

/* As root the person is somebody else than we. */
#define PERSON 5001

static gboolean
is_root (void)
{
  return geteuid () == 0;
}

static void
write_file (const char *folder, const char *name, guint mode)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  g_assert_true (g_file_set_contents (path, "secret\n", -1, NULL));
  g_assert_cmpint (chmod (path, mode), ==, 0);
}

static void
give_to_person (const char *path)
{
  if (is_root ())
    g_assert_cmpint (lchown (path, PERSON, PERSON), ==, 0);
}

static guint
person (void)
{
  return is_root () ? PERSON : getuid ();
}

static void
reclaim (Fixture *self, const char *path)
{
  g_autoptr(GError) error = NULL;

  glb_sandbox_reclaim (glb_account_get_uid (self->account), path, &error);
  g_assert_no_error (error);
}

/* --- what must not work --- */

typedef struct
{
  const char *name;
  const char *script;
  const char *output;       /* exactly */
} Attempt;

static const Attempt attempts[] = {
  { "no-host-folders", "ls / | tr '\\n' ' '; ls -A /run /home/agent | tr '\\n' ' '",
    NULL },
  { "root-of-it", "for d in / /usr /etc /etc/ssl /dev /run /var /home /proc/sys /sys; do touch $d/x 2>/dev/null && echo wrote $d; done; echo end",
    "end\n" },
  { "remount", "mount -o remount,rw / 2>/dev/null && echo remounted; umount /usr 2>/dev/null && echo unmounted; "
    "mount -t tmpfs none /home/agent 2>/dev/null && echo mounted; echo end", "end\n" },
  { "processes", "ls /proc | grep -c '^[0-9]' | while read n; do [ $n -le 8 ] && echo few; done", "few\n" },
  { "signal", "n=0; for p in $(seq 2 400); do [ -d /proc/$p ] || kill -0 $p 2>/dev/null && n=$((n+1)); done; [ $n -le 8 ] && echo few",
    "few\n" },
  { "user-namespace", "unshare -U true 2>/dev/null && echo made; echo end", "end\n" },
  { "capabilities", "grep -E '^(CapEff|CapPrm|CapBnd|CapAmb|NoNewPrivs)' /proc/self/status | tr -s '\\t' ' '",
    "CapPrm: 0000000000000000\nCapEff: 0000000000000000\nCapBnd: 0000000000000000\nCapAmb: 0000000000000000\nNoNewPrivs: 1\n" },
  { "groups", "id -G", "1000\n" },
  { "descriptors", "for f in /proc/self/fd/*; do echo ${f##*/}; done | sort -n | tr '\\n' ' '", NULL },
  { "terminal", "tty; true </dev/tty 2>/dev/null && echo opened; echo end", NULL },
  { "devices", "ls /dev | tr '\\n' ' '", "core fd full null ptmx pts random shm stderr stdin stdout tty urandom zero " },
  { "network", "ls /proc/sys/net/ipv4/conf | tr '\\n' ' '", "all default lo " },
  { "environment", "env | grep -vE '^(PATH|HOME|PWD|OLDPWD|_|SHLVL)='; echo end", "end\n" },
  { "secrets", "for f in shadow gshadow sudoers ssh krb5.keytab ssl/private; do [ -e /etc/$f ] && echo $f; done; echo end", "end\n" },
  { "cgroup", "ls -d /sys/fs/cgroup 2>/dev/null; echo end", "end\n" },
};

static void
test_attempt (Fixture *self, gconstpointer data)
{
  const Attempt *attempt = data;
  g_auto(Run) run = { 0 };

  if (!can_sandbox ())
    return;
  run_shell (self, &run, attempt->script);
  g_assert_cmpstr (run.failure == NULL || attempt->output == NULL ? NULL : run.failure, ==, NULL);
  if (attempt->output != NULL)
    g_assert_cmpstr (run.output, ==, attempt->output);
  else if (strcmp (attempt->name, "no-host-folders") == 0)
    {
      g_assert_nonnull (strstr (run.output, "usr "));
      g_assert_null (strstr (run.output, "root "));
      g_assert_null (strstr (run.output, "mnt"));
      g_assert_null (strstr (run.output, "srv"));
    }
  else if (strcmp (attempt->name, "descriptors") == 0)
    /* The shell that lists may have its own at 3; 10 and above would be what a shell moves away. */
    g_assert_true (g_str_equal (run.output, "0 1 2 ") || g_str_equal (run.output, "0 1 2 3 "));
  else
    g_assert_cmpstr (run.output, ==, "not a tty\nend\n");
}

static void
test_other_files (Fixture *self, gconstpointer data)
{
  g_autofree char *path = g_build_filename (self->folder, "private", NULL);
  g_autofree char *script = g_strdup_printf ("cat %s 2>/dev/null && echo read; ls %s 2>/dev/null && echo listed; echo end",
                                             path, self->folder);
  g_auto(Run) run = { 0 };

  if (!can_sandbox ())
    return;
  write_file (self->folder, "private", 0600);
  give_to_person (path);
  run_shell (self, &run, script);
  g_assert_cmpstr (run.output, ==, "end\n");
}

static void
test_hidden (Fixture *self, gconstpointer data)
{
  g_autofree char *keys = g_build_filename (self->workspace, "keys", NULL);
  g_autofree char *linked = g_build_filename (self->workspace, "linked", NULL);
  g_autofree char *file = g_build_filename (self->workspace, "token", NULL);
  g_auto(Run) run = { 0 };

  if (!can_sandbox ())
    return;
  g_assert_cmpint (g_mkdir (keys, 0700), ==, 0);
  write_file (keys, "key", 0644);
  write_file (self->workspace, "token", 0644);
  write_file (self->workspace, "open", 0644);
  g_assert_cmpint (symlink ("keys", linked), ==, 0);
  give_to_person (keys);
  give_to_person (file);
  give_to_person (self->workspace);

  /* The folder by a link to it, the file by its name, and one that is not there, which must not be made. */
  glb_sandbox_spec_add_mount (self->spec, NULL, "/work/linked", GLB_MOUNT_HIDDEN);
  glb_sandbox_spec_add_mount (self->spec, NULL, "/work/token", GLB_MOUNT_HIDDEN);
  glb_sandbox_spec_add_mount (self->spec, NULL, "/work/none", GLB_MOUNT_HIDDEN);
  run_shell (self, &run, "cd /work; cat keys/key linked/key token 2>/dev/null; ls keys 2>/dev/null && echo listed; "
             "rm -rf keys 2>/dev/null && echo removed; mv keys k2 2>/dev/null && echo moved; chmod 777 keys token 2>/dev/null && echo opened; "
             "[ -e none ] && echo made; cat open");
  g_assert_cmpstr (run.output, ==, "secret\n");
  reclaim (self, self->workspace);
}

static void
test_read_only (Fixture *self, gconstpointer data)
{
  g_autofree char *folder = g_build_filename (self->folder, "input", NULL);
  g_autofree char *file = g_build_filename (folder, "file", NULL);
  g_auto(Run) run = { 0 };

  if (!can_sandbox ())
    return;
  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
  write_file (folder, "file", 0600);
  give_to_person (folder);
  give_to_person (file);
  glb_sandbox_spec_add_mount (self->spec, folder, "/input", GLB_MOUNT_PERSONAL);
  run_shell (self, &run, "cat /input/file; echo x >/input/file && echo wrote; touch /input/new && echo made; rm -f /input/file && echo removed; echo end");
  g_assert_cmpstr (run.output, ==, "secret\nend\n");
  reclaim (self, folder);
}

static void
test_full (Fixture *self, gconstpointer data)
{
  g_auto(Run) run = { 0 };

  if (!can_sandbox ())
    return;
  glb_sandbox_spec_add_tmpfs (self->spec, "/tmp", 1 << 20, 01777);
  glb_sandbox_spec_add_tmpfs (self->spec, "/dev/shm", 1 << 20, 01777);
  run_shell (self, &run,
             "for d in /tmp /dev/shm /home/agent; do head -c 4000000 /dev/zero >$d/big 2>/dev/null && echo no limit in $d; "
             "[ $(stat -c %s $d/big) -le 1048576 ] || echo too much in $d; rm $d/big; done; "
             "i=0; while [ $i -lt 3000 ]; do true >/tmp/$i || break; i=$((i+1)); done 2>/dev/null; [ $i -lt 3000 ] && echo few files");
  g_assert_cmpstr (run.output, ==, "few files\n");
}

static void
test_not_mine (Fixture *self, gconstpointer data)
{
  const char *argv[] = { "/bin/true", NULL };
  g_autoptr(GError) error = NULL;

  if (!can_sandbox ())
    return;
  if (is_root ())
    {
      g_test_skip ("everything is root's");
      return;
    }
  glb_sandbox_spec_add_mount (self->spec, "/usr/share", "/theirs", GLB_MOUNT_WRITABLE | GLB_MOUNT_PERSONAL);
  glb_sandbox_spec_set_argv (self->spec, argv);
  g_assert_null (glb_sandbox_launch (self->spec, &error));
  g_assert_error (error, GLB_SANDBOX_ERROR, GLB_SANDBOX_ERROR_POLICY);
  g_assert_nonnull (strstr (error->message, "/usr/share belongs to user 0, not to you"));
}

static void
test_missing_source (Fixture *self, gconstpointer data)
{
  const char *argv[] = { "/bin/true", NULL };
  g_autoptr(GError) error = NULL;
  g_auto(Run) run = { 0 };

  if (!can_sandbox ())
    return;
  glb_sandbox_spec_add_mount (self->spec, "/nonexistent/a", "/a", GLB_MOUNT_OPTIONAL);
  run_shell (self, &run, "echo fine");
  g_assert_cmpstr (run.output, ==, "fine\n");

  glb_sandbox_spec_add_mount (self->spec, "/nonexistent/a", "/a", 0);
  glb_sandbox_spec_set_argv (self->spec, argv);
  g_assert_null (glb_sandbox_launch (self->spec, &error));
  g_assert_error (error, GLB_SANDBOX_ERROR, GLB_SANDBOX_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "/nonexistent/a"));
}

/* An agent of an earlier session left a link where this one's mount goes. */
static void
test_planted_link (Fixture *self, gconstpointer data)
{
  g_autofree char *link = g_build_filename (self->workspace, "run", NULL);
  g_auto(Run) run = { 0 };

  if (!can_sandbox ())
    return;
  g_assert_cmpint (symlink ("/usr", link), ==, 0);
  glb_sandbox_spec_add_tmpfs (self->spec, "/work/run", 4096, 0700);
  run_shell (self, &run, "echo started");
  g_assert_cmpstr (run.output, ==, "");
  g_assert_nonnull (strstr (run.failure, "can't mount on /work/run"));
  reclaim (self, self->workspace);
}

static void
test_no_mount_point (Fixture *self, gconstpointer data)
{
  g_autofree char *made = g_build_filename (self->workspace, "new", NULL);
  g_auto(Run) run = { 0 };

  if (!can_sandbox ())
    return;
  glb_sandbox_spec_add_tmpfs (self->spec, "/work/new", 4096, 0700);
  run_shell (self, &run, "echo started");
  g_assert_cmpstr (run.output, ==, "");
  g_assert_nonnull (strstr (run.failure, "no place to mount /work/new on"));
  g_assert_false (g_file_test (made, G_FILE_TEST_EXISTS));
  reclaim (self, self->workspace);
}

static void
test_no_command (Fixture *self, gconstpointer data)
{
  const char *argv[] = { "/nonexistent/command", NULL };
  g_autoptr(GError) error = NULL;
  g_autofree char *failure = NULL;
  GlbSandbox *sandbox;

  if (!can_sandbox ())
    return;
  glb_sandbox_spec_set_argv (self->spec, argv);
  sandbox = glb_sandbox_launch (self->spec, &error);
  g_assert_no_error (error);
  wait_until (!glb_sandbox_is_running (sandbox));
  failure = glb_sandbox_dup_failure (sandbox);
  g_assert_nonnull (failure);
  g_assert_nonnull (strstr (failure, "/nonexistent/command: No such file or directory; "));
  g_assert_finalize_object (sandbox);
}

static void
test_no_bubblewrap (Fixture *self, gconstpointer data)
{
  const char *argv[] = { "/bin/true", NULL };
  g_autofree char *path = g_strdup (g_getenv ("PATH"));
  g_autofree char *all = NULL;
  g_auto(GStrv) lines = NULL;
  g_autoptr(GError) error = NULL;

  if (!can_sandbox ())
    return;
  glb_sandbox_spec_set_argv (self->spec, argv);
  g_setenv ("PATH", self->folder, TRUE);
  g_assert_null (glb_sandbox_launch (self->spec, &error));
  lines = glb_sandbox_diagnose ();
  g_setenv ("PATH", path, TRUE);
  g_assert_error (error, GLB_SANDBOX_ERROR, GLB_SANDBOX_ERROR_HOST);
  g_assert_nonnull (strstr (error->message, "apt install bubblewrap"));
  all = g_strjoinv ("\n", lines);
  g_assert_nonnull (strstr (all, "bwrap is missing; run: sudo apt install bubblewrap"));
  if (!is_root ())
    g_assert_nonnull (strstr (all, "newuidmap is missing; run: sudo apt install uidmap"));
}

/* --- what must work --- */

static void
test_exit_status (Fixture *self, gconstpointer data)
{
  g_auto(Run) zero = { 0 };
  g_auto(Run) seven = { 0 };

  if (!can_sandbox ())
    return;
  run_shell (self, &zero, "echo hello; id -un; id -u; id -g; hostname; pwd; echo $HOME");
  g_assert_cmpstr (zero.failure, ==, NULL);
  g_assert_cmpint (zero.status, ==, 0);
  g_assert_cmpstr (zero.output, ==, "hello\nagent\n1000\n1000\nglovebox\n/\n/home/agent\n");
  run_shell (self, &seven, "exit 7");
  g_assert_cmpint (WEXITSTATUS (seven.status), ==, 7);
}

/* Whoever came by sudo may have no core files at all, and cannot raise that. */
static void
test_lower_limit (Fixture *self, gconstpointer data)
{
  const struct rlimit none = { 0, 0 };
  g_auto(Run) run = { 0 };

  if (!can_sandbox ())
    return;
  g_assert_cmpint (setrlimit (RLIMIT_CORE, &none), ==, 0);
  run_shell (self, &run, "grep -c 'Max core file size  *0  *0 ' /proc/self/limits");
  g_assert_cmpstr (run.failure, ==, NULL);
  g_assert_cmpstr (run.output, ==, "1\n");
}

static void
assert_person_file (const char *folder, const char *name, guint mode)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  struct stat st;

  g_assert_cmpint (lstat (path, &st), ==, 0);
  g_assert_cmpuint (st.st_uid, ==, person ());
  g_assert_cmpuint (st.st_gid, ==, is_root () ? PERSON : getgid ());
  if (mode != 0)
    g_assert_cmpuint (st.st_mode & 07777, ==, mode);
  g_assert_cmpint (lgetxattr (path, "system.posix_acl_access", NULL, 0), ==, -1);
  g_assert_cmpint (lgetxattr (path, "system.posix_acl_default", NULL, 0), ==, -1);
}

static void
test_workspace (Fixture *self, gconstpointer data)
{
  g_autofree char *old = g_build_filename (self->workspace, "old", NULL);
  g_autofree char *locked = g_build_filename (self->workspace, "locked", NULL);
  g_autofree char *text = NULL;
  g_auto(Run) run = { 0 };

  if (!can_sandbox ())
    return;
  write_file (self->workspace, "old", 0640);
  write_file (self->workspace, "locked", 0444);
  give_to_person (old);
  give_to_person (locked);
  give_to_person (self->workspace);
  run_shell (self, &run, "cd /work; umask 022; cat old; echo more >>old; [ -w locked ] && echo may; mkdir -p a/b; echo x >a/b/c; echo z >plain; ln -s /etc/passwd l; "
             "mkfifo p; touch s; chmod 4755 s; mkdir -m 700 shut; echo y >shut/z; chmod 000 shut; mv old renamed; stat -c %u renamed");
  g_assert_cmpint (run.status, ==, 0);
  g_assert_cmpstr (run.output, ==, is_root () ? "secret\n1000\n" : "secret\n65534\n");

  reclaim (self, self->workspace);
  assert_person_file (self->workspace, "renamed", 0640);
  assert_person_file (self->workspace, "locked", 0444);
  assert_person_file (self->workspace, "a", 0);
  assert_person_file (self->workspace, "a/b/c", 0);
  assert_person_file (self->workspace, "plain", 0);
  assert_person_file (self->workspace, "l", 0);
  assert_person_file (self->workspace, "p", 0);
  assert_person_file (self->workspace, "shut", 0);
  assert_person_file (self->workspace, "", 0700);
  reclaim (self, self->workspace);      /* again: no error */

  g_clear_pointer (&old, g_free);
  old = g_build_filename (self->workspace, "renamed", NULL);
  g_assert_true (g_file_get_contents (old, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "secret\nmore\n");
}

/* Two sessions in one folder: what one gives back the other keeps. */
static void
test_shared_workspace (Fixture *self, gconstpointer data)
{
  g_autoptr(GlbAccount) account = NULL;
  g_autoptr(GError) error = NULL;
  g_auto(Run) first = { 0 };
  g_auto(Run) second = { 0 };
  g_auto(Run) again = { 0 };
  Fixture other = *self;

  if (!can_sandbox ())
    return;
  give_to_person (self->workspace);
  account = glb_account_allocate (self->locks, &error);
  g_assert_no_error (error);
  other.account = account;
  other.spec = NULL;
  fixture_renew (&other);

  run_shell (self, &first, "mkdir /work/d; echo one >/work/d/one; echo done");
  run_shell (&other, &second, "cat /work/d/one; echo two >/work/d/two; echo more >>/work/d/one; echo done");
  g_assert_cmpstr (second.output, ==, is_root () ? "one\ndone\n" : "done\n");
  reclaim (&other, self->workspace);
  run_shell (self, &again, "cd /work/d && rm -f two && echo three >three && cat three one");
  g_assert_cmpstr (again.output, ==, is_root () ? "three\none\nmore\n" : "three\none\n");
  reclaim (self, self->workspace);
  assert_person_file (self->workspace, "d", 0);
  assert_person_file (self->workspace, "d/one", 0);
  assert_person_file (self->workspace, "d/three", 0);
  assert_person_file (self->workspace, "", 0700);
  g_clear_pointer (&other.spec, glb_sandbox_spec_free);
}

static void
test_file_mount (Fixture *self, gconstpointer data)
{
  g_autofree char *path = g_build_filename (self->folder, "program", NULL);
  g_auto(Run) run = { 0 };

  if (!can_sandbox ())
    return;
  write_file (self->folder, "program", 0755);
  glb_sandbox_spec_add_mount (self->spec, path, "/run/x/program", 0);
  glb_sandbox_spec_add_tmpfs (self->spec, "/run/user/1000", 1 << 20, 0700);
  glb_sandbox_spec_add_mount (self->spec, path, "/run/user/1000/program", 0);
  run_shell (self, &run, "cat /run/x/program /run/user/1000/program; rm -f /run/user/1000/program && echo removed; touch /run/user/1000/f && echo made; "
             "stat -c %a:%u /run/user/1000");
  g_assert_cmpstr (run.output, ==, "secret\nsecret\nmade\n700:1000\n");
}

static void
test_data (Fixture *self, gconstpointer data)
{
  g_autoptr(GBytes) passwd = g_bytes_new_static ("x:x:1000:1000::/:/bin/sh\n", strlen ("x:x:1000:1000::/:/bin/sh\n"));
  g_autoptr(GBytes) profile = g_bytes_new_static ("mine\n", 5);
  g_auto(Run) run = { 0 };

  if (!can_sandbox ())
    return;
  glb_sandbox_spec_add_data (self->spec, "/etc/passwd", passwd);
  glb_sandbox_spec_add_data (self->spec, "/home/agent/.config/x/y", profile);
  glb_sandbox_spec_set_env (self->spec, "GREETING", "a=b c\n");
  run_shell (self, &run, "id -un; cat /home/agent/.config/x/y; echo z >/home/agent/.config/x/y; rm -f /home/agent/.config/x/y; "
             "cat /home/agent/.config/x/y; touch /home/agent/.config/x/z && echo made; printf %s \"$GREETING\"");
  g_assert_cmpstr (run.output, ==, "x\nmine\nmine\nmade\na=b c\n");
}

static void
test_pid_one (Fixture *self, gconstpointer data)
{
  g_auto(Run) run = { 0 };

  if (!can_sandbox ())
    return;
  glb_sandbox_spec_set_pid_one (self->spec, TRUE);
  run_shell (self, &run, "echo $$; ls /proc/1/fd");   /* no pipe, which the shell may still hold */
  g_assert_cmpstr (run.output, ==, "1\n0\n1\n2\n");
}

static void
test_max_processes (Fixture *self, gconstpointer data)
{
  g_auto(Run) run = { 0 };

  if (!can_sandbox ())
    return;
  glb_sandbox_spec_set_max_processes (self->spec, 20);
  run_shell (self, &run, "n=0; while [ $n -lt 60 ]; do (tail -f /dev/null & echo child) 2>/dev/null; n=$((n+1)); done; echo; kill -9 -1");
  g_assert_cmpuint (strlen (run.output), <, strlen ("child\n") * 30);
  g_assert_nonnull (strstr (run.output, "child\n"));
}

/* --- the end --- */

static void
test_kill (Fixture *self, gconstpointer data)
{
  GlbSandbox *sandbox;
  int out, mode = GPOINTER_TO_INT (data);

  if (!can_sandbox ())
    return;
  sandbox = launch_stray (self, &out);
  g_assert_true (glb_sandbox_is_running (sandbox));
  if (mode == 0)
    glb_sandbox_kill (sandbox);
  else if (mode == 1)
    g_assert_cmpint (kill (glb_sandbox_get_pid (sandbox), SIGKILL), ==, 0);
  else if (mode == 2)
    g_assert_cmpint (kill (glb_sandbox_get_init_pid (sandbox), SIGKILL), ==, 0);
  if (mode < 3)
    wait_until (!glb_sandbox_is_running (sandbox));
  g_assert_finalize_object (sandbox);
  assert_all_gone (self, out);
}

/* However early the outermost process is killed. */
static void
test_kill_early (Fixture *self, gconstpointer data)
{
  const char *argv[] = { "/bin/sh", "-c", "tail -f /dev/null", NULL };

  if (!can_sandbox ())
    return;
  for (guint i = 0; i < 60; i++)
    {
      g_autoptr(GError) error = NULL;
      gint64 until;
      GlbSandbox *sandbox;

      glb_sandbox_spec_set_argv (self->spec, argv);
      sandbox = glb_sandbox_launch (self->spec, &error);
      g_assert_no_error (error);
      fixture_renew (self);
      until = g_get_monotonic_time () + i * 250;
      while (g_get_monotonic_time () < until)
        g_main_context_iteration (NULL, FALSE);
      kill (glb_sandbox_get_pid (sandbox), SIGKILL);
      wait_until (!glb_sandbox_is_running (sandbox));
      g_assert_finalize_object (sandbox);
      wait_account_empty (self);
    }
}

/* The broker is killed: nobody of ours lives who could do anything. */
static void
test_parent_killed (Fixture *self, gconstpointer data)
{
  int ends[2];
  char byte;
  pid_t pid;

  if (!can_sandbox ())
    return;
  g_assert_cmpint (pipe2 (ends, O_CLOEXEC), ==, 0);
  pid = fork ();
  if (pid == 0)
    {
      int out;

      launch_stray (self, &out);
      if (write (ends[1], "x", 1) != 1)
        _exit (1);
      for (;;)
        pause ();
    }
  close (ends[1]);
  g_assert_cmpint (read (ends[0], &byte, 1), ==, 1);
  g_assert_cmpint (kill (pid, SIGKILL), ==, 0);
  g_assert_cmpint (waitpid (pid, NULL, 0), ==, pid);
  close (ends[0]);
  /* We are the reaper of all that is below us; and not of what another test has, which is none now. */
  wait_until (waitpid (-1, NULL, WNOHANG) == -1 && errno == ECHILD);
  wait_account_empty (self);
}

static void
test_kill_account (Fixture *self, gconstpointer data)
{
  g_autoptr(GError) error = NULL;
  GlbSandbox *sandbox;
  int out;

  if (!can_sandbox ())
    return;
  sandbox = launch_stray (self, &out);
  glb_sandbox_kill_account (glb_account_get_uid (self->account), &error);
  g_assert_no_error (error);
  wait_until (!glb_sandbox_is_running (sandbox));
  g_assert_finalize_object (sandbox);
  assert_all_gone (self, out);
}

/* --- trees --- */

static void
test_persistent_home (Fixture *self, gconstpointer data)
{
  g_autofree char *home = g_build_filename (self->folder, "home", NULL);
  g_autoptr(GError) error = NULL;
  g_auto(Run) first = { 0 };
  g_auto(Run) second = { 0 };
  g_auto(Run) third = { 0 };
  Run *runs[] = { &first, &second, &third };
  struct stat st;

  if (!can_sandbox ())
    return;
  g_assert_cmpint (g_mkdir (home, 0700), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (runs); i++)
    {
      glb_sandbox_lend (glb_account_get_uid (self->account), home, &error);
      g_assert_no_error (error);
      glb_sandbox_spec_add_mount (self->spec, home, "/home/kept", GLB_MOUNT_WRITABLE | GLB_MOUNT_PERSONAL);
      run_shell (self, runs[i], "cat /home/kept/.x/note 2>/dev/null; mkdir -p /home/kept/.x; echo kept >/home/kept/.x/note; "
                 "chmod 600 /home/kept/.x/note");
      /* the first time the power fails before */
      if (i > 0)
        reclaim (self, home);
    }
  g_assert_cmpstr (first.output, ==, "");
  g_assert_cmpstr (second.output, ==, "kept\n");
  g_assert_cmpstr (third.output, ==, "kept\n");
  g_assert_cmpint (stat (home, &st), ==, 0);
  g_assert_cmpuint (st.st_uid, ==, getuid ());
}

static void
test_remove_tree (Fixture *self, gconstpointer data)
{
  g_autofree char *tree = g_build_filename (self->folder, "tree", NULL);
  g_autofree char *outside = g_build_filename (self->folder, "outside", NULL);
  g_autoptr(GError) error = NULL;
  g_auto(Run) run = { 0 };

  if (!can_sandbox ())
    return;
  g_assert_cmpint (g_mkdir (tree, 0700), ==, 0);
  write_file (self->folder, "outside", 0600);
  glb_sandbox_lend (glb_account_get_uid (self->account), tree, &error);
  g_assert_no_error (error);
  glb_sandbox_spec_add_mount (self->spec, tree, "/tree", GLB_MOUNT_WRITABLE | (is_root () ? GLB_MOUNT_PERSONAL : 0));
  run_shell (self, &run, "cd /tree; ln -s ../outside l; ln -s .. up; mkdir -m 000 shut; mkfifo p; i=0; while [ $i -lt 600 ]; do mkdir d; touch d/f; cd -P d; "
             "i=$((i+1)); done; echo done");
  g_assert_cmpstr (run.output, ==, "done\n");
  glb_sandbox_remove_tree (tree, &error);
  g_assert_no_error (error);
  g_assert_false (g_file_test (tree, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_test (outside, G_FILE_TEST_EXISTS));
  glb_sandbox_remove_tree (tree, &error);      /* again: no error */
  g_assert_no_error (error);
}

#define ADD(name, function, data) g_test_add ("/sandbox/" name, Fixture, data, fixture_set_up, function, fixture_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (attempts); i++)
    {
      g_autofree char *path = g_strconcat ("/sandbox/attempt/", attempts[i].name, NULL);

      g_test_add (path, Fixture, &attempts[i], fixture_set_up, test_attempt, fixture_tear_down);
    }
  ADD ("attempt/other-files", test_other_files, NULL);
  ADD ("attempt/hidden", test_hidden, NULL);
  ADD ("attempt/read-only", test_read_only, NULL);
  ADD ("attempt/full", test_full, NULL);
  ADD ("attempt/max-processes", test_max_processes, NULL);
  ADD ("refused/not-mine", test_not_mine, NULL);
  ADD ("refused/missing-source", test_missing_source, NULL);
  ADD ("refused/planted-link", test_planted_link, NULL);
  ADD ("refused/no-mount-point", test_no_mount_point, NULL);
  ADD ("refused/no-command", test_no_command, NULL);
  ADD ("refused/no-bubblewrap", test_no_bubblewrap, NULL);
  ADD ("run/exit-status", test_exit_status, NULL);
  ADD ("run/workspace", test_workspace, NULL);
  ADD ("run/shared-workspace", test_shared_workspace, NULL);
  ADD ("run/file-mount", test_file_mount, NULL);
  ADD ("run/data", test_data, NULL);
  ADD ("run/pid-one", test_pid_one, NULL);
  ADD ("end/kill", test_kill, GINT_TO_POINTER (0));
  ADD ("end/kill-outer", test_kill, GINT_TO_POINTER (1));
  ADD ("end/kill-init", test_kill, GINT_TO_POINTER (2));
  ADD ("end/drop", test_kill, GINT_TO_POINTER (3));
  ADD ("end/kill-early", test_kill_early, NULL);
  ADD ("end/parent-killed", test_parent_killed, NULL);
  ADD ("end/kill-account", test_kill_account, NULL);
  ADD ("tree/persistent-home", test_persistent_home, NULL);
  ADD ("tree/remove", test_remove_tree, NULL);

  /* the last one: this process keeps the limit */
  ADD ("lower-limit", test_lower_limit, NULL);
  return g_test_run ();
}
