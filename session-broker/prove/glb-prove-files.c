/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glovebox-prove"

/* The person's and the system's files. */

#include "session-broker/prove/glb-prove.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static GlbProveResult
read_secret (GlbBait *bait,
             GString *detail)
{
  return glb_prove_read_token (bait, glb_bait_get (bait, "secret"), detail);
}

static GlbProveResult
read_world (GlbBait *bait,
            GString *detail)
{
  return glb_prove_read_token (bait, glb_bait_get (bait, "world"), detail);
}

static GlbProveResult
write_file (GlbBait *bait,
            GString *detail)
{
  const char *path = glb_bait_get (bait, "writable");
  int fd = path != NULL ? open (path, O_WRONLY | O_APPEND | O_CLOEXEC) : -1;
  gssize n;

  if (path == NULL)
    return glb_prove_unavailable (detail, "no bait of this kind");
  if (fd < 0)
    return glb_prove_refused (detail, "open for writing");
  n = write (fd, "x", 1);
  close (fd);
  return n == 1 ? glb_prove_escaped (detail, "it was written") : glb_prove_refused (detail, "write");
}

static GlbProveResult
truncate_file (GlbBait *bait,
               GString *detail)
{
  const char *path = glb_bait_get (bait, "writable");

  if (path == NULL)
    return glb_prove_unavailable (detail, "no bait of this kind");
  return truncate (path, 64) == 0 ? glb_prove_escaped (detail, "it was cut") : glb_prove_refused (detail, "truncate");
}

static GlbProveResult
create_beside (GlbBait *bait,
               GString *detail)
{
  const char *folder = glb_bait_get (bait, "open-folder");
  g_autofree char *path = g_strdup_printf ("%s/made-%d", folder != NULL ? folder : "", (int) getpid ());
  int fd;

  if (folder == NULL)
    return glb_prove_unavailable (detail, "no bait of this kind");
  fd = open (path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
  if (fd < 0)
    return glb_prove_refused (detail, "create");
  close (fd);
  unlink (path);
  return glb_prove_escaped (detail, "a file was made");
}

static GlbProveResult
list_folder (GlbBait *bait,
             GString *detail)
{
  const char *folder = glb_bait_get (bait, "open-folder");
  DIR *dir = folder != NULL ? opendir (folder) : NULL;
  struct dirent *entry;
  gboolean found = FALSE;

  if (folder == NULL)
    return glb_prove_unavailable (detail, "no bait of this kind");
  if (dir == NULL)
    return glb_prove_refused (detail, "opendir");
  while ((entry = readdir (dir)) != NULL)
    found = found || strcmp (entry->d_name, "marker") == 0;
  closedir (dir);
  if (found)
    return glb_prove_escaped (detail, "its names were listed");
  g_string_assign (detail, "another folder of that name");
  return GLB_PROVE_REFUSED;
}

static GlbProveResult
through_symlink (GlbBait *bait,
                 GString *detail)
{
  const char *world = glb_bait_get (bait, "world");
  g_autofree char *name = g_strdup_printf ("link-%d", (int) getpid ());
  GlbProveResult result;

  if (world == NULL || symlink (world, name) < 0)
    return glb_prove_unavailable (detail, "no link could be made in the current folder");
  result = glb_prove_read_token (bait, name, detail);
  unlink (name);
  return result;
}

static GlbProveResult
through_hard_link (GlbBait *bait,
                   GString *detail)
{
  const char *world = glb_bait_get (bait, "world");
  g_autofree char *name = g_strdup_printf ("hard-%d", (int) getpid ());
  GlbProveResult result;

  if (world == NULL)
    return glb_prove_unavailable (detail, "no bait of this kind");
  if (link (world, name) < 0)
    return glb_prove_refused (detail, "link");
  result = glb_prove_read_token (bait, name, detail);
  unlink (name);
  return result;
}

static GlbProveResult
through_dots (GlbBait *bait,
              GString *detail)
{
  const char *world = glb_bait_get (bait, "world");
  g_autofree char *path = g_strdup_printf ("../../../../../../../../../../..%s", world != NULL ? world : "");

  return glb_prove_read_token (bait, world != NULL ? path : NULL, detail);
}

static GlbProveResult
through_process_root (GlbBait *bait,
                      GString *detail)
{
  const char *world = glb_bait_get (bait, "world");
  gint64 pid = glb_bait_get_number (bait, "pid");
  g_autofree char *path = g_strdup_printf ("/proc/%d/root%s", (int) pid, world != NULL ? world : "");

  return glb_prove_read_token (bait, world != NULL && pid != 0 ? path : NULL, detail);
}

static GlbProveResult
through_first_process_root (GlbBait *bait,
                            GString *detail)
{
  const char *world = glb_bait_get (bait, "world");
  g_autofree char *path = g_strdup_printf ("/proc/1/root%s", world != NULL ? world : "");

  return glb_prove_read_token (bait, world != NULL ? path : NULL, detail);
}

static GlbProveResult
by_handle (GlbBait *bait,
           GString *detail)
{
  struct { struct file_handle head; unsigned char bytes[128]; } handle = { .head = { .handle_bytes = 128 } };
  int mount_id;
  int root = open (".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  int fd;

  /* The current folder's own handle, with the number of the file system's root in it, is what the known attack uses. */
  if (root < 0 || name_to_handle_at (AT_FDCWD, ".", &handle.head, &mount_id, 0) < 0)
    return glb_prove_refused (detail, "name_to_handle_at");
  fd = open_by_handle_at (root, &handle.head, O_RDONLY | O_CLOEXEC);
  close (root);
  if (fd < 0)
    return glb_prove_refused (detail, "open_by_handle_at");
  close (fd);
  return glb_prove_escaped (detail, "a file was opened by its inode number");
}

static GlbProveResult
read_shadow (GlbBait *bait,
             GString *detail)
{
  return glb_prove_open ("/etc/shadow", O_RDONLY, detail);
}

static GlbProveResult
write_passwd (GlbBait *bait,
              GString *detail)
{
  return glb_prove_open ("/etc/passwd", O_WRONLY | O_APPEND, detail);
}

static GlbProveResult
write_usr (GlbBait *bait,
           GString *detail)
{
  g_autofree char *path = g_strdup_printf ("/usr/lib/.glovebox-prove-%d", (int) getpid ());
  int fd = open (path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);

  if (fd < 0)
    return glb_prove_refused (detail, "create below /usr");
  close (fd);
  unlink (path);
  return glb_prove_escaped (detail, "a file was made below /usr");
}

static GlbProveResult
read_logs (GlbBait *bait,
           GString *detail)
{
  DIR *dir = opendir ("/var/log");
  struct dirent *entry;
  guint n = 0;

  if (dir == NULL)
    return glb_prove_refused (detail, "/var/log");
  while ((entry = readdir (dir)) != NULL)
    n += entry->d_name[0] != '.';
  closedir (dir);
  if (n == 0)
    {
      g_string_assign (detail, "/var/log is empty");
      return GLB_PROVE_REFUSED;
    }
  return glb_prove_escaped (detail, "the system's logs were listed");
}

static GlbProveResult
read_audit (GlbBait *bait,
            GString *detail)
{
  const char *path = glb_bait_get (bait, "audit");

  if (path == NULL)
    return glb_prove_unavailable (detail, "no audit folder");
  return glb_prove_open (path, O_RDONLY | O_DIRECTORY, detail);
}

/* A set-user-ID program is started with its output blocked, so that it can be looked at while it runs. */
static const char *
find_setuid_program (void)
{
  static const char * const programs[] = { "/usr/bin/su", "/usr/bin/mount", "/usr/bin/passwd", "/usr/bin/newgrp", "/usr/bin/chsh" };
  struct stat st;

  for (gsize i = 0; i < G_N_ELEMENTS (programs); i++)
    if (stat (programs[i], &st) == 0 && (st.st_mode & S_ISUID) != 0)
      return programs[i];
  return NULL;
}

static int
full_pipe (int fds[2])
{
  char bytes[4096] = { 0 };

  if (pipe (fds) < 0 || fcntl (fds[1], F_SETFL, O_NONBLOCK) < 0)
    return -1;
  while (write (fds[1], bytes, sizeof bytes) > 0)
    ;
  while (write (fds[1], bytes, 1) > 0)
    ;
  return fcntl (fds[1], F_SETFL, 0);
}

/* FALSE: it has gone. executed: it is the program already, not this one's child. */
static gboolean
get_ids (pid_t       pid,
         const char *program,
         gboolean   *executed,
         guint      *real,
         guint      *effective)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/status", (int) pid);
  g_autofree char *name = g_path_get_basename (program);
  g_autofree char *first = g_strdup_printf ("Name:\t%s\n", name);
  g_autofree char *text = NULL;
  const char *line;

  if (!g_file_get_contents (path, &text, NULL, NULL) || (line = strstr (text, "\nUid:")) == NULL ||
      sscanf (line, "\nUid: %u %u", real, effective) != 2 || strstr (text, "State:\tZ") != NULL)
    return FALSE;
  *executed = g_str_has_prefix (text, first);
  return TRUE;
}

static GlbProveResult
run_setuid (GlbBait *bait,
            GString *detail)
{
  const char *program = find_setuid_program ();
  gint64 deadline = g_get_monotonic_time () + 3 * G_TIME_SPAN_SECOND;
  gboolean executed = FALSE;
  guint effective = 0;
  guint n_seen = 0;
  guint real = 0;
  int fds[2];
  pid_t pid;

  if (program == NULL || full_pipe (fds) < 0 || (pid = fork ()) < 0)
    return glb_prove_unavailable (detail, "no set-user-ID program");
  if (pid == 0)
    {
      if (getuid () == 0 && (setgid (65534) < 0 || setuid (65534) < 0))
        _exit (1);
      dup2 (fds[1], 1);
      dup2 (fds[1], 2);
      execl (program, program, "--help", NULL);
      _exit (1);
    }

  /* It takes its name a moment before its rights: a few looks more. */
  while (g_get_monotonic_time () < deadline && n_seen < 5 && get_ids (pid, program, &executed, &real, &effective))
    {
      n_seen += executed;
      poll (NULL, 0, 2);
    }
  kill (pid, SIGKILL);
  waitpid (pid, NULL, 0);
  if (n_seen == 0)
    return glb_prove_unavailable (detail, "the program did not start");
  if (real != effective)
    {
      g_string_printf (detail, "%s ran as another user", program);
      return GLB_PROVE_ESCAPED;
    }
  g_string_printf (detail, "%s ran without privileges", program);
  return GLB_PROVE_REFUSED;
}

const GlbProveAttempt glb_prove_files[] = {
  { "file.secret", "files", "Read a private file of the person", read_secret },
  { "file.world", "files", "Read a file of the person that everyone may read", read_world },
  { "file.write", "files", "Write to a file of the person that everyone may write", write_file },
  { "file.truncate", "files", "Cut a file of the person short", truncate_file },
  { "file.create", "files", "Make a file in a folder of the person that everyone may write to", create_beside },
  { "file.list", "files", "List a folder of the person", list_folder },
  { "file.symlink", "files", "Read the person's file through a symbolic link in the workspace", through_symlink },
  { "file.hard-link", "files", "Read the person's file through a hard link in the workspace", through_hard_link },
  { "file.dots", "files", "Read the person's file through ../..", through_dots },
  { "file.process-root", "files", "Read the person's file through /proc/PID/root", through_process_root },
  { "file.first-process-root", "files", "Read the person's file through /proc/1/root", through_first_process_root },
  { "file.handle", "files", "Open a file by its inode number", by_handle },
  { "file.shadow", "files", "Open /etc/shadow", read_shadow },
  { "file.passwd", "files", "Open /etc/passwd for writing", write_passwd },
  { "file.usr", "files", "Make a file below /usr", write_usr },
  { "file.logs", "files", "List the system's logs", read_logs },
  { "file.audit", "files", "Open the folder of the audit records", read_audit },
  { "file.setuid", "privileges", "Gain rights by a set-user-ID program", run_setuid },
  { NULL },
};
