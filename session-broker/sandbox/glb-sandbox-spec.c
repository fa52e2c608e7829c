/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glovebox-sandbox"

#include "config.h"

#include "session-broker/sandbox/glb-sandbox-private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "session-broker/sandbox/glb-launch-plan.h"

#define INSIDE_ID      1000
#define DEFAULT_TMP    (64u << 20)
#define DEFAULT_SHM    (64u << 20)
#define MAX_NUMBER     400
#define BYTES_PER_NODE 4096
#define SPARE_NODES    1024
/* Of one folder of /etc: what is copied rather than mounted. */
#define COPY_LIMIT     (64u << 10)
#define COPY_STEP      512
#define COPY_ENTRIES   24

typedef enum
{
  ENTRY_MOUNT, ENTRY_TMPFS, ENTRY_DATA, ENTRY_LINK, ENTRY_HIDDEN,
} EntryKind;

typedef struct
{
  EntryKind kind;
  char     *source;         /* what a link holds, for a link; else resolved when the plan is built */
  char     *target;
  guint     flags;          /* GlbMountFlags */
  guint64   size;
  guint     mode;
  GBytes   *content;
  gboolean  is_default;     /* gives way to what the caller adds at the same place */
} Entry;

struct _GlbSandboxSpec
{
  char       *name;
  GlbAccount *account;
  GlbCgroup  *cgroup;
  GPtrArray  *entries;
  char       *home;
  GPtrArray  *env;          /* name, value, name, value… */
  GArray     *fds;
  GStrv       argv;
  GBytes     *seccomp;
  guint64     max_files;
  guint64     max_address_space;
  guint       max_processes;
  gboolean    pid_one;
  gboolean    network;
};

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  g_free (entry->source);
  g_free (entry->target);
  g_clear_pointer (&entry->content, g_bytes_unref);
  g_free (entry);
}

static Entry *
add_entry (GPtrArray *entries, EntryKind kind, const char *source, const char *target)
{
  Entry *entry = g_new0 (Entry, 1);

  entry->kind = kind;
  entry->source = g_strdup (source);
  entry->target = g_strdup (target);
  g_ptr_array_add (entries, entry);

  return entry;
}

GlbSandboxSpec *
glb_sandbox_spec_new (const char *name,
                      GlbAccount *account)
{
  GlbSandboxSpec *self;

  g_return_val_if_fail (name != NULL, NULL);
  g_return_val_if_fail (GLB_IS_ACCOUNT (account), NULL);

  self = g_new0 (GlbSandboxSpec, 1);
  self->name = g_strdup (name);
  self->account = g_object_ref (account);
  self->entries = g_ptr_array_new_with_free_func (entry_free);
  self->home = g_strdup ("/");
  self->env = g_ptr_array_new_with_free_func (g_free);
  self->fds = g_array_new (FALSE, FALSE, sizeof (GlbSandboxFd));

  return self;
}

void
glb_sandbox_spec_free (GlbSandboxSpec *self)
{
  g_return_if_fail (self != NULL);

  for (guint i = 0; i < self->fds->len; i++)
    close (g_array_index (self->fds, GlbSandboxFd, i).fd);
  g_array_unref (self->fds);
  g_ptr_array_unref (self->entries);
  g_ptr_array_unref (self->env);
  g_clear_object (&self->account);
  g_clear_object (&self->cgroup);
  g_clear_pointer (&self->seccomp, g_bytes_unref);
  g_strfreev (self->argv);
  g_free (self->home);
  g_free (self->name);
  g_free (self);
}

void
glb_sandbox_spec_add_mount (GlbSandboxSpec *self,
                            const char     *source,
                            const char     *target,
                            GlbMountFlags   flags)
{
  g_return_if_fail (source != NULL || (flags & GLB_MOUNT_HIDDEN));
  g_return_if_fail (target != NULL && target[0] == '/');

  add_entry (self->entries, (flags & GLB_MOUNT_HIDDEN) ? ENTRY_HIDDEN : ENTRY_MOUNT, source, target)->flags = flags;
}

void
glb_sandbox_spec_add_data (GlbSandboxSpec *self,
                           const char     *target,
                           GBytes         *content)
{
  g_return_if_fail (target != NULL && target[0] == '/');

  add_entry (self->entries, ENTRY_DATA, NULL, target)->content = g_bytes_ref (content);
}

void
glb_sandbox_spec_add_tmpfs (GlbSandboxSpec *self,
                            const char     *target,
                            guint64         size_bytes,
                            guint           mode)
{
  Entry *entry;

  g_return_if_fail (target != NULL && target[0] == '/');
  g_return_if_fail (size_bytes > 0);

  entry = add_entry (self->entries, ENTRY_TMPFS, NULL, target);
  entry->size = size_bytes;
  entry->mode = mode;
}

void
glb_sandbox_spec_set_home (GlbSandboxSpec *self,
                           const char     *home)
{
  g_return_if_fail (home != NULL && home[0] == '/');

  g_free (self->home);
  self->home = g_strdup (home);
  glb_sandbox_spec_set_env (self, "HOME", home);
}

void
glb_sandbox_spec_set_env (GlbSandboxSpec *self,
                          const char     *name,
                          const char     *value)
{
  g_return_if_fail (name != NULL && *name != '\0' && strchr (name, '=') == NULL);
  g_return_if_fail (value != NULL);

  g_ptr_array_add (self->env, g_strdup (name));
  g_ptr_array_add (self->env, g_strdup (value));
}

void
glb_sandbox_spec_set_cgroup (GlbSandboxSpec *self,
                             GlbCgroup      *cgroup)
{
  g_set_object (&self->cgroup, cgroup);
}

void
glb_sandbox_spec_take_fd (GlbSandboxSpec *self,
                          int             fd,
                          int             number)
{
  GlbSandboxFd entry = { fd, number };

  g_return_if_fail (fd >= 0);
  g_return_if_fail (number >= 0 && number < MAX_NUMBER);

  g_array_append_val (self->fds, entry);
}

void
glb_sandbox_spec_set_argv (GlbSandboxSpec     *self,
                           const char * const *argv)
{
  g_return_if_fail (argv != NULL && argv[0] != NULL);

  g_strfreev (self->argv);
  self->argv = g_strdupv ((char **) argv);
}

void
glb_sandbox_spec_set_seccomp (GlbSandboxSpec *self,
                              GBytes         *program)
{
  g_clear_pointer (&self->seccomp, g_bytes_unref);
  self->seccomp = program != NULL ? g_bytes_ref (program) : NULL;
}

void
glb_sandbox_spec_set_limits (GlbSandboxSpec *self,
                             guint64         max_files,
                             guint64         max_address_space)
{
  self->max_files = max_files;
  self->max_address_space = max_address_space;
}

void
glb_sandbox_spec_set_max_processes (GlbSandboxSpec *self,
                                    guint           max_processes)
{
  self->max_processes = max_processes;
}

void
glb_sandbox_spec_set_pid_one (GlbSandboxSpec *self,
                              gboolean        pid_one)
{
  self->pid_one = pid_one;
}

void
glb_sandbox_spec_set_network (GlbSandboxSpec *self,
                              gboolean        network)
{
  self->network = network;
}

/* --- what is always there --- */

/* Of /etc: what programs need to run and to look right. Never what a host keeps to itself. */
static const char * const etc_folders[] = {
  "X11", "alternatives", "alsa", "bash_completion.d", "chromium", "chromium.d", "dconf", "fonts", "glvnd", "gtk-2.0", "gtk-3.0",
  "gtk-4.0", "ld.so.conf.d", "libreoffice", "mime", "profile.d", "python3", "ssl/certs", "terminfo", "vulkan", "xdg",
};
static const char * const etc_files[] = {
  "bash.bashrc", "debian_version", "host.conf", "inputrc", "ld.so.cache", "ld.so.conf", "locale.alias", "localtime", "magic",
  "mime.types", "papersize", "profile", "protocols", "services", "shells", "ssl/openssl.cnf", "timezone",
};
static const char * const links[] = { "bin", "lib", "lib32", "lib64", "libx32", "sbin" };

/* To be read by everybody: what root may read and others may not is nobody's business inside. */
static char *
resolve_public (const char *path)
{
  g_autofree char *real = NULL;
  char *resolved = realpath (path, NULL);
  struct stat st;

  if (resolved == NULL)
    return NULL;
  real = g_strdup (resolved);
  free (resolved);
  if (stat (real, &st) < 0 || !(st.st_mode & S_IROTH) || (S_ISDIR (st.st_mode) && !(st.st_mode & S_IXOTH)))
    return NULL;

  return g_steal_pointer (&real);
}

static void
add_default (GPtrArray *entries, EntryKind kind, const char *path, const char *target)
{
  g_autofree char *real = resolve_public (path);

  if (real != NULL)
    add_entry (entries, kind, real, target)->is_default = TRUE;
}

static void
add_default_content (GPtrArray *entries, const char *path)
{
  g_autofree char *real = resolve_public (path);
  char *bytes;
  gsize size;
  Entry *entry;

  if (real == NULL || !g_file_get_contents (real, &bytes, &size, NULL))
    return;
  entry = add_entry (entries, ENTRY_DATA, NULL, path);
  entry->content = g_bytes_new_take (bytes, size);
  entry->is_default = TRUE;
}

/* FALSE: there is too much in it to be worth a copy. */
static gboolean
copy_folder (GPtrArray *entries, const char *path, gsize *left)
{
  g_autoptr(GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);
      g_autofree char *value = g_file_read_link (child, NULL);
      struct stat st;

      if (value != NULL)
        add_entry (entries, ENTRY_LINK, value, child)->is_default = TRUE;
      else if (g_file_test (child, G_FILE_TEST_IS_DIR))
        {
          if (!copy_folder (entries, child, left))
            return FALSE;
        }
      else if (stat (child, &st) == 0 && S_ISREG (st.st_mode))
        {
          if ((gsize) st.st_size + COPY_STEP > *left)
            return FALSE;
          *left -= st.st_size + COPY_STEP;
          add_default_content (entries, child);
        }
    }

  return TRUE;
}

/* Each mount costs every process start in the sandbox more than a few small files do. */
static void
add_default_folder (GPtrArray *entries, const char *path)
{
  g_autofree char *real = g_file_test (path, G_FILE_TEST_IS_DIR) ? resolve_public (path) : NULL;
  gsize left = COPY_LIMIT;
  guint n = entries->len;

  if (real == NULL)
    return;
  if (g_strcmp0 (real, path) == 0 && copy_folder (entries, path, &left) && entries->len - n <= COPY_ENTRIES)
    return;
  g_ptr_array_set_size (entries, n);
  add_default (entries, ENTRY_MOUNT, path, path);
}

static GPtrArray *
load_host_defaults (void)
{
  GPtrArray *entries = g_ptr_array_new_with_free_func (entry_free);

  add_default (entries, ENTRY_MOUNT, "/usr", "/usr");
  for (guint i = 0; i < G_N_ELEMENTS (links); i++)
    {
      g_autofree char *path = g_strconcat ("/", links[i], NULL);
      g_autofree char *value = g_file_read_link (path, NULL);

      if (value != NULL)
        add_entry (entries, ENTRY_LINK, value, path)->is_default = TRUE;
      else
        add_default (entries, ENTRY_MOUNT, path, path);
    }
  for (guint i = 0; i < G_N_ELEMENTS (etc_folders); i++)
    {
      g_autofree char *path = g_strconcat ("/etc/", etc_folders[i], NULL);

      add_default_folder (entries, path);
    }
  for (guint i = 0; i < G_N_ELEMENTS (etc_files); i++)
    {
      g_autofree char *path = g_strconcat ("/etc/", etc_files[i], NULL);

      if (g_file_test (path, G_FILE_TEST_IS_REGULAR))
        add_default_content (entries, path);
    }
  add_entry (entries, ENTRY_LINK, "../usr/lib/os-release", "/etc/os-release")->is_default = TRUE;
  add_entry (entries, ENTRY_LINK, "/proc/self/mounts", "/etc/mtab")->is_default = TRUE;
  add_default (entries, ENTRY_MOUNT, "/var/cache/fontconfig", "/var/cache/fontconfig");
  add_entry (entries, ENTRY_LINK, "/tmp", "/var/tmp")->is_default = TRUE;
  add_entry (entries, ENTRY_LINK, "/run", "/var/run")->is_default = TRUE;

  return entries;
}

/* The host's part, kept as long as /etc does not change (a package that puts a file there replaces it by name). */
static GPtrArray *
dup_host_defaults (void)
{
  static GMutex mutex;
  static GPtrArray *defaults;
  static struct timespec changed;
  struct stat st = { 0 };
  GPtrArray *result;

  g_mutex_lock (&mutex);
  if (stat ("/etc", &st) == 0 && defaults != NULL &&
      (st.st_mtim.tv_sec != changed.tv_sec || st.st_mtim.tv_nsec != changed.tv_nsec))
    g_clear_pointer (&defaults, g_ptr_array_unref);
  if (defaults == NULL)
    {
      defaults = load_host_defaults ();
      changed = st.st_mtim;
    }
  result = g_ptr_array_ref (defaults);
  g_mutex_unlock (&mutex);

  return result;
}

static void
add_default_text (GPtrArray *entries, const char *target, char *text)
{
  Entry *entry = add_entry (entries, ENTRY_DATA, NULL, target);

  entry->content = g_bytes_new_take (text, strlen (text));
  entry->is_default = TRUE;
}

static void
add_default_tmpfs (GPtrArray *entries, const char *target, guint64 size)
{
  Entry *entry = add_entry (entries, ENTRY_TMPFS, NULL, target);

  entry->size = size;
  entry->mode = 01777;
  entry->is_default = TRUE;
}

static void
add_own_defaults (GlbSandboxSpec *self, GPtrArray *entries)
{
  add_default_text (entries, "/etc/passwd",
                    g_strdup_printf ("root:x:0:0:root:/:/usr/sbin/nologin\n"
                                     "agent:x:%d:%d:agent:%s:/bin/sh\n"
                                     "nobody:x:65534:65534:nobody:/:/usr/sbin/nologin\n", INSIDE_ID, INSIDE_ID, self->home));
  add_default_text (entries, "/etc/group", g_strdup_printf ("root:x:0:\nagent:x:%d:\nnogroup:x:65534:\n", INSIDE_ID));
  add_default_text (entries, "/etc/nsswitch.conf",
                    g_strdup ("passwd: files\ngroup: files\nshadow: files\nhosts: files dns\nnetworks: files\n"
                              "protocols: files\nservices: files\n"));
  add_default_text (entries, "/etc/hosts", g_strdup ("127.0.0.1 localhost glovebox\n::1 localhost glovebox\n"));
  add_default_text (entries, "/etc/hostname", g_strdup ("glovebox\n"));
  add_default_text (entries, "/etc/machine-id",
                    g_strdup_printf ("%08x%08x%08x%08x\n", g_random_int (), g_random_int (), g_random_int (), g_random_int ()));
  add_default_tmpfs (entries, "/tmp", DEFAULT_TMP);
  add_default_tmpfs (entries, "/dev/shm", DEFAULT_SHM);
}

/* --- the plan --- */

static void
put_op (GByteArray *plan, char op)
{
  g_byte_array_append (plan, (const guint8 *) &op, 1);
}

static void
put_text (GByteArray *plan, const char *text)
{
  g_byte_array_append (plan, (const guint8 *) text, strlen (text) + 1);
}

static void
put_number (GByteArray *plan, guint64 number)
{
  char text[32];

  g_snprintf (text, sizeof text, "%" G_GUINT64_FORMAT, number);
  put_text (plan, text);
}

static guint
count_parts (const char *path)
{
  guint n = 0;

  for (; *path != '\0'; path++)
    n += path[0] == '/' && path[1] != '\0';

  return n;
}

/* What others lie in comes first; else in the order in which it was added. */
static gint
compare_entries (gconstpointer a, gconstpointer b)
{
  const Entry *entry_a = *(Entry * const *) a;
  const Entry *entry_b = *(Entry * const *) b;
  int hidden_a = entry_a->kind == ENTRY_HIDDEN;
  int hidden_b = entry_b->kind == ENTRY_HIDDEN;
  int difference;

  if (hidden_a != hidden_b)
    return hidden_a - hidden_b;

  difference = (int) count_parts (entry_a->target) - (int) count_parts (entry_b->target);
  if (difference != 0)
    return difference;

  /* None of these lies in another: so what is written to the same folder comes together, and the mounts come last. */
  return (entry_a->kind == ENTRY_MOUNT || entry_a->kind == ENTRY_TMPFS) -
         (entry_b->kind == ENTRY_MOUNT || entry_b->kind == ENTRY_TMPFS);
}

/* The rest of PATH below FOLDER ("" for itself), or NULL. */
static const char *
rest_below (const char *path, const char *folder)
{
  gsize n = strlen (folder);

  if (n == 1)
    return path;
  if (strncmp (path, folder, n) != 0 || (path[n] != '/' && path[n] != '\0'))
    return NULL;

  return path + n;
}

static gboolean
check_personal (Entry *entry, guint account_uid, GError **error)
{
  struct stat st;

  if (stat (entry->source, &st) < 0)
    {
      int saved_errno = errno;

      g_set_error (error, GLB_SANDBOX_ERROR, GLB_SANDBOX_ERROR_FAILED, "Can't look at %s: %s",
                   entry->source, g_strerror (saved_errno));
      return FALSE;
    }
  if (geteuid () == 0 || st.st_uid == getuid ())
    return TRUE;
  /* Lent to the account (glb_sandbox_lend): it needs no access list. Or to be read by everybody. */
  if (st.st_uid == account_uid || (!(entry->flags & GLB_MOUNT_WRITABLE) && access (entry->source, R_OK) == 0))
    {
      entry->flags &= ~GLB_MOUNT_PERSONAL;
      return TRUE;
    }

  g_set_error (error, GLB_SANDBOX_ERROR, GLB_SANDBOX_ERROR_POLICY,
               "%s belongs to user %u, not to you; choose a folder of your own", entry->source, st.st_uid);
  return FALSE;
}

/* Resolves the source. *skip: it is optional and not there. */
static gboolean
resolve_source (Entry *entry, guint account_uid, gboolean *skip, GError **error)
{
  char *resolved;

  if (entry->is_default)
    return TRUE;
  resolved = realpath (entry->source, NULL);
  if (resolved == NULL)
    {
      int saved_errno = errno;

      *skip = (entry->flags & GLB_MOUNT_OPTIONAL) && (saved_errno == ENOENT || saved_errno == ENOTDIR);
      if (*skip)
        return TRUE;
      g_set_error (error, GLB_SANDBOX_ERROR, GLB_SANDBOX_ERROR_FAILED, "Can't open %s: %s; give a path that exists",
                   entry->source, g_strerror (saved_errno));
      return FALSE;
    }
  g_free (entry->source);
  entry->source = g_strdup (resolved);
  free (resolved);

  return !(entry->flags & GLB_MOUNT_PERSONAL) || check_personal (entry, account_uid, error);
}

static Entry *
find_mount_above (GPtrArray *entries, const char *target)
{
  Entry *best = NULL;

  for (guint i = 0; i < entries->len; i++)
    {
      Entry *entry = g_ptr_array_index (entries, i);

      if (entry->kind != ENTRY_HIDDEN && rest_below (target, entry->target) != NULL &&
          (best == NULL || strlen (entry->target) >= strlen (best->target)))
        best = entry;
    }

  return best != NULL && best->kind == ENTRY_MOUNT ? best : NULL;
}

/* What is hidden may be reached through a link on the person's disk: what counts is where it is, at each place where
 * the sandbox can see that. */
static void
put_hidden (GByteArray *plan, GPtrArray *entries, Entry *hidden)
{
  Entry *mount = find_mount_above (entries, hidden->target);
  g_autofree char *path = NULL;
  char *real;

  if (mount == NULL)
    {
      put_op (plan, GLB_PLAN_HIDE);
      put_text (plan, hidden->target);
      return;
    }

  path = g_strconcat (mount->source, rest_below (hidden->target, mount->target), NULL);
  real = realpath (path, NULL);
  if (real == NULL && (errno == ENOENT || errno == ENOTDIR))
    return;
  for (guint i = 0; real != NULL && i < entries->len; i++)
    {
      Entry *entry = g_ptr_array_index (entries, i);
      const char *rest = entry->kind == ENTRY_MOUNT ? rest_below (real, entry->source) : NULL;

      if (rest == NULL)
        continue;
      put_op (plan, GLB_PLAN_HIDE);
      g_byte_array_append (plan, (const guint8 *) entry->target, strlen (entry->target));
      put_text (plan, rest);
    }
  if (real == NULL)
    {
      put_op (plan, GLB_PLAN_HIDE);
      put_text (plan, hidden->target);
    }
  free (real);
}

static void
put_entry (GByteArray *plan, GPtrArray *entries, Entry *entry)
{
  switch (entry->kind)
    {
    case ENTRY_MOUNT:
      put_op (plan, GLB_PLAN_MOUNT);
      put_number (plan, ((entry->flags & GLB_MOUNT_WRITABLE) ? GLB_PLAN_MOUNT_WRITABLE : 0) |
                        ((entry->flags & GLB_MOUNT_PERSONAL) ? GLB_PLAN_MOUNT_PERSONAL : 0) |
                        ((entry->flags & GLB_MOUNT_OPTIONAL) ? GLB_PLAN_MOUNT_OPTIONAL : 0));
      put_text (plan, entry->source);
      put_text (plan, entry->target);
      break;
    case ENTRY_TMPFS:
      {
        char mode[16];

        g_snprintf (mode, sizeof mode, "%o", entry->mode);
        if (strcmp (entry->target, "/dev/shm") == 0)
          {
            put_op (plan, GLB_PLAN_SHM);
            put_number (plan, entry->size);
            put_number (plan, entry->size / BYTES_PER_NODE + SPARE_NODES);
            break;
          }
        put_op (plan, GLB_PLAN_TMPFS);
        put_number (plan, entry->size);
        put_number (plan, entry->size / BYTES_PER_NODE + SPARE_NODES);
        put_text (plan, mode);
        put_text (plan, entry->target);
      }
      break;
    case ENTRY_DATA:
      {
        gsize size;
        const guint8 *bytes = g_bytes_get_data (entry->content, &size);

        put_op (plan, GLB_PLAN_DATA);
        put_number (plan, size);
        put_text (plan, entry->target);
        g_byte_array_append (plan, bytes, size);
      }
      break;
    case ENTRY_LINK:
      put_op (plan, GLB_PLAN_LINK);
      put_text (plan, entry->source);
      put_text (plan, entry->target);
      break;
    case ENTRY_HIDDEN:
      put_hidden (plan, entries, entry);
      break;
    default:
      g_assert_not_reached ();
    }
}

static gboolean
put_entries (GlbSandboxSpec *self, GByteArray *plan, GError **error)
{
  g_autoptr(GPtrArray) own = g_ptr_array_new_with_free_func (entry_free);
  g_autoptr(GPtrArray) all = g_ptr_array_new ();
  g_autoptr(GHashTable) targets = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr(GPtrArray) host = dup_host_defaults ();
  GPtrArray *defaults[] = { host, own };

  add_own_defaults (self, own);
  for (guint i = 0; i < self->entries->len; i++)
    {
      Entry *entry = g_ptr_array_index (self->entries, i);
      gboolean skip = FALSE;

      if (entry->kind == ENTRY_MOUNT && !resolve_source (entry, glb_account_get_uid (self->account), &skip, error))
        return FALSE;
      if (skip)
        continue;
      g_ptr_array_add (all, entry);
      if (entry->kind != ENTRY_HIDDEN)
        g_hash_table_add (targets, entry->target);
    }
  for (guint i = 0; i < G_N_ELEMENTS (defaults); i++)
    for (guint j = 0; j < defaults[i]->len; j++)
      {
        Entry *entry = g_ptr_array_index (defaults[i], j);

        if (!g_hash_table_contains (targets, entry->target))
          g_ptr_array_add (all, entry);
      }
  g_ptr_array_sort (all, compare_entries);   /* stable: a merge sort */

  for (guint i = 0; i < all->len; i++)
    put_entry (plan, all, g_ptr_array_index (all, i));

  return TRUE;
}

static void
put_limit (GByteArray *plan, int resource, guint64 value)
{
  put_op (plan, GLB_PLAN_LIMIT);
  put_number (plan, resource);
  put_number (plan, value);
}

static void
put_args (GlbSandboxSpec *self, GlbSandboxBuild *build)
{
  static const char * const fixed[] = {
    "--unshare-all", "--unshare-user", "--disable-userns", "--uid", G_STRINGIFY (INSIDE_ID), "--gid", G_STRINGIFY (INSIDE_ID),
    "--hostname", "glovebox", "--die-with-parent", "--new-session", "--cap-drop", "ALL",
    "--bind", GLB_STAGE_ROOT, "/", "--proc", "/proc", "--dev", "/dev", "--bind", GLB_STAGE_SHM, "/dev/shm",
    "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/",
  };
  GByteArray *args = build->args;

  for (guint i = 0; i < G_N_ELEMENTS (fixed); i++)
    put_text (args, fixed[i]);
  if (self->pid_one)
    put_text (args, "--as-pid-1");
  if (self->network)
    put_text (args, "--share-net");   /* with the launcher, which made it */
  for (guint i = 0; i < self->env->len; i += 2)
    {
      put_text (args, "--setenv");
      put_text (args, g_ptr_array_index (self->env, i));
      put_text (args, g_ptr_array_index (self->env, i + 1));
    }
  put_text (args, "--info-fd");
  put_number (args, build->number_info);
  if (build->number_seccomp >= 0)
    {
      put_text (args, "--seccomp");
      put_number (args, build->number_seccomp);
    }
}

static void
put_command (GlbSandboxSpec *self, GlbSandboxBuild *build, const char *bwrap)
{
  const char *before[] = { bwrap, "--args", NULL, "--" };
  g_autofree char *number = g_strdup_printf ("%d", build->number_args);

  before[2] = number;
  for (guint i = 0; i < G_N_ELEMENTS (before); i++)
    {
      put_op (build->plan, GLB_PLAN_ARG);
      put_text (build->plan, before[i]);
    }
  for (guint i = 0; self->argv[i] != NULL; i++)
    {
      put_op (build->plan, GLB_PLAN_ARG);
      put_text (build->plan, self->argv[i]);
    }
}

static void
put_keep (GByteArray *plan, int number)
{
  if (number < 3)
    return;
  put_op (plan, GLB_PLAN_KEEP);
  put_number (plan, number);
}

static void
choose_numbers (GlbSandboxSpec *self, GlbSandboxBuild *build)
{
  int number = 3;

  for (guint i = 0; i < self->fds->len; i++)
    number = MAX (number, g_array_index (self->fds, GlbSandboxFd, i).number + 1);
  build->number_plan = number++;
  build->number_args = number++;
  build->number_info = number++;
  build->number_network = self->network ? number++ : -1;
  build->number_seccomp = self->seccomp != NULL ? number : -1;
}

gboolean
glb_sandbox_spec_build (GlbSandboxSpec  *self,
                        GlbSandboxBuild *build,
                        GError         **error)
{
  g_autofree char *bwrap = g_find_program_in_path ("bwrap");
  const char * const *tasks = self->cgroup != NULL ? glb_cgroup_get_tasks_files (self->cgroup) : NULL;

  g_return_val_if_fail (self->argv != NULL, FALSE);

  if (bwrap == NULL)
    {
      g_set_error_literal (error, GLB_SANDBOX_ERROR, GLB_SANDBOX_ERROR_HOST,
                           "Can't find bubblewrap (bwrap); run: sudo apt install bubblewrap");
      return FALSE;
    }

  build->plan = g_byte_array_sized_new (8192);
  build->args = g_byte_array_sized_new (1024);
  choose_numbers (self, build);
  put_op (build->plan, GLB_PLAN_PARENT);
  put_number (build->plan, getpid ());
  put_op (build->plan, GLB_PLAN_ACCOUNT);
  put_number (build->plan, glb_account_get_uid (self->account));
  for (guint i = 0; tasks != NULL && tasks[i] != NULL; i++)
    {
      put_op (build->plan, GLB_PLAN_CGROUP);
      put_text (build->plan, tasks[i]);
    }
  put_limit (build->plan, RLIMIT_CORE, 1);   /* 0 is no limit for a core_pattern that starts a program; 1 means never */
  if (self->max_files > 0)
    put_limit (build->plan, RLIMIT_NOFILE, self->max_files);
  if (self->max_address_space > 0)
    put_limit (build->plan, RLIMIT_AS, self->max_address_space);
  if (self->max_processes > 0)
    put_limit (build->plan, RLIMIT_NPROC, self->max_processes);
  if (build->number_network >= 0)
    {
      put_op (build->plan, GLB_PLAN_NETWORK);
      put_number (build->plan, build->number_network);
    }
  if (!put_entries (self, build->plan, error))
    return FALSE;
  for (guint i = 0; i < self->fds->len; i++)
    put_keep (build->plan, g_array_index (self->fds, GlbSandboxFd, i).number);
  put_keep (build->plan, build->number_args);
  put_keep (build->plan, build->number_info);
  put_keep (build->plan, build->number_seccomp);
  put_command (self, build, bwrap);
  put_args (self, build);

  return TRUE;
}

void
glb_sandbox_build_clear (GlbSandboxBuild *build)
{
  g_clear_pointer (&build->plan, g_byte_array_unref);
  g_clear_pointer (&build->args, g_byte_array_unref);
}

const char *
glb_sandbox_spec_get_name (GlbSandboxSpec *self)
{
  return self->name;
}

GlbAccount *
glb_sandbox_spec_get_account (GlbSandboxSpec *self)
{
  return self->account;
}

GlbCgroup *
glb_sandbox_spec_get_cgroup (GlbSandboxSpec *self)
{
  return self->cgroup;
}

GBytes *
glb_sandbox_spec_get_seccomp (GlbSandboxSpec *self)
{
  return self->seccomp;
}

GArray *
glb_sandbox_spec_get_fds (GlbSandboxSpec *self)
{
  return self->fds;
}

char *
glb_sandbox_find_private (const char *name)
{
  const char *list = g_getenv ("GLOVEBOX_PRIVATE_PATH");
  g_auto(GStrv) folders = g_strsplit (list != NULL ? list : "", ":", -1);
  g_autofree char *path = NULL;

  for (guint i = 0; folders[i] != NULL; i++)
    {
      if (*folders[i] == '\0')
        continue;
      path = g_build_filename (folders[i], name, NULL);
      if (g_file_test (path, G_FILE_TEST_IS_EXECUTABLE))
        return g_steal_pointer (&path);
      g_clear_pointer (&path, g_free);
    }
  path = g_build_filename (GLOVEBOX_LIBEXECDIR, name, NULL);

  return g_file_test (path, G_FILE_TEST_IS_EXECUTABLE) ? g_steal_pointer (&path) : NULL;
}
