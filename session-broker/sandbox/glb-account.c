/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glovebox-sandbox"

#include "config.h"

#include "session-broker/sandbox/glb-account.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <pwd.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "session-broker/sandbox/glb-sandbox-private.h"

#define CONFIG_PATH    "/etc/glovebox/broker.conf"
#define MACHINE_LOCKS  "/run/glovebox/accounts"
#define DEFAULT_FIRST  700000u
#define DEFAULT_COUNT  20000u
/* Of a person's range: how many ids we use, and how many at its very end we leave (container engines put "nobody" there). */
#define USER_COUNT     4096u
#define USER_KEEP_OFF  16u

/**
 * GlbAccount:
 *
 * What makes an id ours is the lock on a file of its number; what makes it
 * unused is that the kernel knows no process of it. Both are checked, in this
 * order, so that two brokers can not both believe it.
 */
struct _GlbAccount
{
  GObject parent_instance;

  guint uid;
  int   lock_fd;
  char *lock_dir;
  char *lock_path;
};

G_DEFINE_FINAL_TYPE (GlbAccount, glb_account, G_TYPE_OBJECT)
G_DEFINE_QUARK (glb-sandbox-error-quark, glb_sandbox_error)

static void
unlock (GlbAccount *self)
{
  if (self->lock_fd >= 0)
    {
      /* While it is still locked: who opened it before looks again after having the lock. */
      unlink (self->lock_path);
      close (self->lock_fd);
    }
  self->lock_fd = -1;
  g_clear_pointer (&self->lock_dir, g_free);
  g_clear_pointer (&self->lock_path, g_free);
}

static void
glb_account_finalize (GObject *object)
{
  unlock (GLB_ACCOUNT (object));

  G_OBJECT_CLASS (glb_account_parent_class)->finalize (object);
}

static void
glb_account_class_init (GlbAccountClass *class)
{
  G_OBJECT_CLASS (class)->finalize = glb_account_finalize;
}

static void
glb_account_init (GlbAccount *self)
{
  self->lock_fd = -1;
}

/* user: as the file names it, by name or by number. NULL: everybody's. */
GArray *
glb_account_load_ranges (const char *path,
                         guint       uid,
                         const char *user)
{
  g_autoptr(GArray) ranges = g_array_new (FALSE, FALSE, sizeof (GlbAccountRange));
  g_autofree char *number = g_strdup_printf ("%u", uid);
  g_autofree char *text = NULL;
  g_auto(GStrv) lines = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return g_steal_pointer (&ranges);

  lines = g_strsplit (text, "\n", -1);
  for (gsize i = 0; lines[i] != NULL; i++)
    {
      g_auto(GStrv) fields = g_strsplit (g_strstrip (lines[i]), ":", -1);
      GlbAccountRange range;
      guint64 start, count;

      if (g_strv_length (fields) != 3)
        continue;
      if (user != NULL && g_strcmp0 (fields[0], user) != 0 && g_strcmp0 (fields[0], number) != 0)
        continue;
      if (!g_ascii_string_to_unsigned (fields[1], 10, 1, G_MAXUINT32 - 1, &start, NULL) ||
          !g_ascii_string_to_unsigned (fields[2], 10, 1, G_MAXUINT32 - 1, &count, NULL) ||
          start + count >= G_MAXUINT32)
        continue;
      range.start = start;
      range.count = count;
      g_array_append_val (ranges, range);
    }

  return g_steal_pointer (&ranges);
}

static gboolean
ranges_contain (GArray *ranges, guint id)
{
  for (guint i = 0; i < ranges->len; i++)
    {
      const GlbAccountRange *range = &g_array_index (ranges, GlbAccountRange, i);

      if (id >= range->start && id - range->start < range->count)
        return TRUE;
    }

  return FALSE;
}

/* The kernel looks the user up by its number: no walk over all processes. */
static gboolean
has_processes (guint uid)
{
  errno = 0;
  return getpriority (PRIO_USER, uid) != -1 || errno != ESRCH;
}

/* TRUE: locked, and it is the file that has this name. FALSE without an error: somebody else has it. */
static gboolean
try_lock (GlbAccount *self,
          const char *lock_dir,
          guint       uid,
          gboolean    in_use,
          GError    **error)
{
  g_autofree char *path = g_strdup_printf ("%s/%u", lock_dir, uid);
  struct stat opened, named;
  int fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

  if (fd < 0)
    {
      int saved_errno = errno;

      g_set_error (error, GLB_SANDBOX_ERROR, GLB_SANDBOX_ERROR_FAILED, "Can't open the lock %s: %s; "
                   "make the folder writable for you", path, g_strerror (saved_errno));
      return FALSE;
    }
  if (flock (fd, LOCK_EX | LOCK_NB) < 0 || fstat (fd, &opened) < 0 || lstat (path, &named) < 0 ||
      opened.st_ino != named.st_ino || opened.st_dev != named.st_dev || (!in_use && has_processes (uid)))
    {
      close (fd);
      return FALSE;
    }

  self->uid = uid;
  self->lock_fd = fd;
  self->lock_dir = g_strdup (lock_dir);
  self->lock_path = g_steal_pointer (&path);

  return TRUE;
}

static void
load_machine_range (GlbAccountRange *range)
{
  g_autoptr(GKeyFile) file = g_key_file_new ();
  guint64 first = 0, count = 0;

  range->start = DEFAULT_FIRST;
  range->count = DEFAULT_COUNT;
  if (!g_key_file_load_from_file (file, CONFIG_PATH, G_KEY_FILE_NONE, NULL))
    return;

  first = g_key_file_get_uint64 (file, "accounts", "first", NULL);
  count = g_key_file_get_uint64 (file, "accounts", "count", NULL);
  if (first >= 1000 && first < G_MAXINT32)
    range->start = first;
  if (count >= 1 && count <= 1000000)
    range->count = count;
}

gboolean
glb_account_is_of_sessions (guint uid)
{
  g_autoptr(GArray) ranges = glb_account_load_ranges ("/etc/subuid", 0, NULL);
  g_autofree char *lock = g_strdup_printf (MACHINE_LOCKS "/%u", uid);
  GlbAccountRange machine;

  load_machine_range (&machine);
  g_array_append_val (ranges, machine);
  /* the range may have been another one when sessions that still live got their ids */
  if (ranges_contain (ranges, uid) || g_access (lock, F_OK) == 0)
    return TRUE;
  return g_access ("/etc/subuid", R_OK) != 0 && errno != ENOENT;
}

static gboolean
allocate_for_machine (GlbAccount *self, const char *lock_dir, GError **error)
{
  g_autoptr(GArray) taken = glb_account_load_ranges ("/etc/subuid", 0, NULL);
  GlbAccountRange range;

  load_machine_range (&range);
  for (guint i = 0; i < range.count; i++)
    {
      g_autoptr(GError) local_error = NULL;

      /* Neither in a person's range nor somebody's own. The name services are asked last: they are slow, and with many
       * sessions most ids are locked. */
      if (has_processes (range.start + i) || ranges_contain (taken, range.start + i))
        continue;
      if (try_lock (self, lock_dir, range.start + i, FALSE, &local_error))
        {
          if (getpwuid (range.start + i) == NULL)
            return TRUE;
          unlock (self);
        }
      if (local_error != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&local_error));
          return FALSE;
        }
    }

  g_set_error (error, GLB_SANDBOX_ERROR, GLB_SANDBOX_ERROR_HOST,
               "All %u accounts from %u are in use or belong to persons; set another range in [accounts] of " CONFIG_PATH,
               range.count, range.start);
  return FALSE;
}

static gboolean
allocate_for_person (GlbAccount *self, const char *lock_dir, GError **error)
{
  const char *user = g_get_user_name ();
  g_autoptr(GArray) uids = glb_account_load_ranges ("/etc/subuid", getuid (), user);
  g_autoptr(GArray) gids = glb_account_load_ranges ("/etc/subgid", getuid (), user);
  guint tried = 0;

  /* From the end down: container engines begin at the start. */
  for (guint i = uids->len; i-- > 0;)
    {
      const GlbAccountRange *range = &g_array_index (uids, GlbAccountRange, i);
      guint last = range->start + range->count - 1;
      guint n = MIN (range->count, USER_COUNT);

      if (range->count > 4 * USER_KEEP_OFF)
        last -= USER_KEEP_OFF;
      for (guint j = 0; j < n && last - j >= range->start; j++)
        {
          g_autoptr(GError) local_error = NULL;

          if (!ranges_contain (gids, last - j) || has_processes (last - j))
            continue;
          tried++;
          if (try_lock (self, lock_dir, last - j, FALSE, &local_error))
            return TRUE;
          if (local_error != NULL)
            {
              g_propagate_error (error, g_steal_pointer (&local_error));
              return FALSE;
            }
        }
    }

  g_set_error (error, GLB_SANDBOX_ERROR, GLB_SANDBOX_ERROR_HOST,
               tried > 0
               ? "All of your accounts for sessions are in use; end some sessions, %s (usermod --add-subuids)"
               : "There is no range of accounts for %s in /etc/subuid and /etc/subgid; "
                 "run: sudo usermod --add-subuids 200000-265535 --add-subgids 200000-265535 USER",
               tried > 0 ? "or get a larger range" : user);
  return FALSE;
}

/**
 * glb_account_remove_stale_locks:
 * @lock_dir: (nullable): as for glb_account_allocate()
 *
 * Removes the lock files of brokers that were killed. A lock that is held
 * stays. (Also what the janitor runs; the first allocation does it, too.)
 */
void
glb_account_remove_stale_locks (const char *lock_dir)
{
  g_autoptr(GDir) dir = NULL;
  const char *name;

  if (geteuid () == 0)
    lock_dir = MACHINE_LOCKS;
  dir = lock_dir != NULL ? g_dir_open (lock_dir, 0, NULL) : NULL;
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (lock_dir, name, NULL);
      struct stat opened, named;
      guint64 uid;
      int fd;

      if (!g_ascii_string_to_unsigned (name, 10, 1, G_MAXUINT32, &uid, NULL))
        continue;
      fd = open (path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
      if (fd < 0)
        continue;
      if (flock (fd, LOCK_EX | LOCK_NB) == 0 && fstat (fd, &opened) == 0 && lstat (path, &named) == 0 &&
          opened.st_ino == named.st_ino && opened.st_dev == named.st_dev)
        unlink (path);
      close (fd);
    }
}

static gpointer
remove_stale_once (gpointer data)
{
  glb_account_remove_stale_locks (data);
  return NULL;
}

/**
 * glb_account_allocate:
 * @lock_dir: (nullable): where the locks lie; for root %NULL, which is one folder for the whole machine
 *
 * Takes a host user id that nobody uses.
 *
 * Returns: (transfer full): the account; its id is free again when it is finalized
 */
GlbAccount *
glb_account_allocate (const char *lock_dir,
                      GError    **error)
{
  static GOnce stale_once = G_ONCE_INIT;
  g_autoptr(GlbAccount) self = g_object_new (GLB_TYPE_ACCOUNT, NULL);
  gboolean root = geteuid () == 0;
  gboolean ok;

  g_return_val_if_fail (lock_dir != NULL || root, NULL);

  if (root)
    lock_dir = MACHINE_LOCKS;
  if (g_mkdir_with_parents (lock_dir, 0700) < 0)
    {
      int saved_errno = errno;

      g_set_error (error, GLB_SANDBOX_ERROR, GLB_SANDBOX_ERROR_FAILED, "Can't make the folder %s: %s",
                   lock_dir, g_strerror (saved_errno));
      return NULL;
    }

  g_once (&stale_once, remove_stale_once, (gpointer) lock_dir);
  ok = root ? allocate_for_machine (self, lock_dir, error) : allocate_for_person (self, lock_dir, error);

  return ok ? g_steal_pointer (&self) : NULL;
}

/**
 * glb_account_take_over:
 * @lock_dir: as the account of the killed broker had it
 * @uid: its id
 *
 * Takes the id of a broker that was killed, with whatever still runs under it.
 * Another broker may have got the id since: then nothing ran under it any more.
 *
 * Returns: (transfer full) (nullable): the account, or %NULL if it is somebody else's by now
 */
GlbAccount *
glb_account_take_over (const char *lock_dir,
                       guint       uid)
{
  g_autoptr(GlbAccount) self = g_object_new (GLB_TYPE_ACCOUNT, NULL);

  g_return_val_if_fail (lock_dir != NULL, NULL);

  /* who only looks has it for an instant */
  for (guint i = 0; i < 20; i++)
    {
      g_autoptr(GError) error = NULL;

      if (try_lock (self, lock_dir, uid, TRUE, &error))
        return g_steal_pointer (&self);
      if (error != NULL)
        {
          /* the folder went with a login session: nobody has a lock in it */
          self->uid = uid;
          return g_steal_pointer (&self);
        }
      poll (NULL, 0, 1);
    }

  return NULL;
}

guint
glb_account_get_uid (GlbAccount *self)
{
  g_return_val_if_fail (GLB_IS_ACCOUNT (self), 0);

  return self->uid;
}

const char *
glb_account_get_lock_dir (GlbAccount *self)
{
  g_return_val_if_fail (GLB_IS_ACCOUNT (self), NULL);

  return self->lock_dir;
}

char *
glb_account_diagnose (void)
{
  const char *user = g_get_user_name ();
  g_autoptr(GArray) uids = NULL;
  g_autoptr(GArray) gids = NULL;
  gboolean overlap = FALSE;

  if (geteuid () == 0)
    return NULL;

  uids = glb_account_load_ranges ("/etc/subuid", getuid (), user);
  gids = glb_account_load_ranges ("/etc/subgid", getuid (), user);
  for (guint i = 0; i < uids->len && !overlap; i++)
    {
      const GlbAccountRange *range = &g_array_index (uids, GlbAccountRange, i);

      overlap = ranges_contain (gids, range->start) || ranges_contain (gids, range->start + range->count - 1);
    }
  if (!overlap)
    return g_strdup_printf ("no range of accounts for %s in /etc/subuid and /etc/subgid; "
                            "run: sudo usermod --add-subuids 200000-265535 --add-subgids 200000-265535 %s",
                            user, user);

  return NULL;
}
