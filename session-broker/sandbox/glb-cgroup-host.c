/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glovebox-sandbox"

#include "config.h"

#include "session-broker/sandbox/glb-cgroup-host.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "session-broker/sandbox/glb-cgroup-systemd.h"

#define V2_REMEDY \
  "log in through systemd with a session bus (Delegate=yes gives you memory, cpu and pids), or leave the limit out of the policy"
#define V1_REMEDY \
  "have the administrator make you the owner of a control group of each of memory, cpu and pids and start Glovebox in it, " \
  "or leave the limit out of the policy"

/* What /proc/self/mountinfo and /proc/self/cgroup say. */
typedef struct
{
  char *v2_mount;
  char *v2_own;           /* folder of our own group */
  char *v1_mount[3];      /* memory, cpu, pids */
  char *v1_own[3];
  char *freezer_mount;
  char *freezer_own;
} Layout;

static const char * const controllers[] = { "memory", "cpu", "pids" };
static const GlbCgroupFeatures controller_features[] = { GLB_CGROUP_MEMORY, GLB_CGROUP_CPU, GLB_CGROUP_PIDS };

static void
layout_clear (Layout *self)
{
  g_free (self->v2_mount);
  g_free (self->v2_own);
  for (guint i = 0; i < G_N_ELEMENTS (controllers); i++)
    {
      g_free (self->v1_mount[i]);
      g_free (self->v1_own[i]);
    }
  g_free (self->freezer_mount);
  g_free (self->freezer_own);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Layout, layout_clear)

static gboolean
list_has (const char *list, const char *word)
{
  g_auto(GStrv) words = g_strsplit (list, ",", -1);

  return g_strv_contains ((const char * const *) words, word);
}

/* Our path in the hierarchy with this controller ("": v2). */
static char *
find_own_path (const char *controller)
{
  g_autofree char *text = NULL;
  g_auto(GStrv) lines = NULL;

  if (!g_file_get_contents ("/proc/self/cgroup", &text, NULL, NULL))
    return NULL;
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_auto(GStrv) fields = g_strsplit (lines[i], ":", 3);

      if (g_strv_length (fields) == 3 &&
          (*controller == '\0' ? strcmp (fields[0], "0") == 0 : list_has (fields[1], controller)))
        return g_strdup (fields[2]);
    }

  return NULL;
}

/* A mount may show only a part of the hierarchy (a container). */
static char *
own_folder (const char *mount, const char *root, const char *controller)
{
  g_autofree char *path = find_own_path (controller);
  const char *rest = path;
  gsize n = strlen (root);

  if (path == NULL || strstr (path, "/../") != NULL)
    return NULL;
  if (n > 1 && strncmp (path, root, n) == 0)
    rest = path + n;

  return g_build_filename (mount, rest, NULL);
}

static void
layout_add (Layout *self, const char *type, const char *root, const char *mount, const char *options)
{
  if (strcmp (type, "cgroup2") == 0 && self->v2_mount == NULL)
    {
      self->v2_mount = g_strdup (mount);
      self->v2_own = own_folder (mount, root, "");
      return;
    }
  if (strcmp (type, "cgroup") != 0)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (controllers); i++)
    if (self->v1_mount[i] == NULL && list_has (options, controllers[i]))
      {
        self->v1_mount[i] = g_strdup (mount);
        self->v1_own[i] = own_folder (mount, root, controllers[i]);
      }
  if (self->freezer_mount == NULL && list_has (options, "freezer"))
    {
      self->freezer_mount = g_strdup (mount);
      self->freezer_own = own_folder (mount, root, "freezer");
    }
}

static void
layout_load (Layout *self)
{
  g_autofree char *text = NULL;
  g_auto(GStrv) lines = NULL;

  if (!g_file_get_contents ("/proc/self/mountinfo", &text, NULL, NULL))
    return;
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_auto(GStrv) halves = NULL;
      g_auto(GStrv) left = NULL;
      g_auto(GStrv) right = NULL;

      if (strstr (lines[i], " - cgroup") == NULL)
        continue;
      halves = g_strsplit (lines[i], " - ", 2);
      left = g_strsplit (halves[0], " ", 6);
      right = g_strsplit (halves[1], " ", 3);
      if (g_strv_length (left) >= 5 && g_strv_length (right) == 3)
        layout_add (self, right[0], left[3], left[4], right[2]);
    }
}

static gboolean
is_writable (const char *folder)
{
  g_autofree char *procs = NULL;

  if (folder == NULL)
    return FALSE;
  procs = g_build_filename (folder, "cgroup.procs", NULL);

  return access (folder, W_OK | X_OK) == 0 && access (procs, W_OK) == 0;
}

static char *
read_in (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  char *text = NULL;

  g_file_get_contents (path, &text, NULL, NULL);
  return text;
}

static gboolean
write_in (const char *folder, const char *name, const char *value)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  int fd = open (path, O_WRONLY | O_CLOEXEC);
  gboolean ok;

  if (fd < 0)
    return FALSE;
  ok = write (fd, value, strlen (value)) == (gssize) strlen (value);
  close (fd);

  return ok;
}

/* Which of ours a file like cgroup.controllers names. */
static GlbCgroupFeatures
read_controllers (const char *folder, const char *name)
{
  g_autofree char *text = read_in (folder, name);
  g_auto(GStrv) words = text != NULL ? g_strsplit_set (text, " \n", -1) : NULL;
  GlbCgroupFeatures features = 0;

  for (guint i = 0; words != NULL && i < G_N_ELEMENTS (controllers); i++)
    if (g_strv_contains ((const char * const *) words, controllers[i]))
      features |= controller_features[i];

  return features;
}

static void
enable_controllers (const char *folder, GlbCgroupFeatures features)
{
  for (guint i = 0; i < G_N_ELEMENTS (controllers); i++)
    if (features & controller_features[i])
      {
        g_autofree char *word = g_strconcat ("+", controllers[i], NULL);

        write_in (folder, "cgroup.subtree_control", word);
      }
}

/* A group that hands controllers down may hold no processes itself: ours go one level down. */
static void
move_processes_down (const char *folder)
{
  g_autofree char *text = read_in (folder, "cgroup.procs");
  g_auto(GStrv) lines = text != NULL ? g_strsplit (text, "\n", -1) : NULL;
  g_autofree char *below = g_build_filename (folder, "broker", NULL);

  if (lines == NULL || lines[0] == NULL)
    return;
  if (mkdir (below, 0755) < 0 && errno != EEXIST)
    return;
  for (guint i = 0; lines[i] != NULL && *lines[i] != '\0'; i++)
    write_in (below, "cgroup.procs", lines[i]);
}

static GlbCgroupFeatures
prepare_v2 (const char *base, gboolean is_root_of_all, GlbCgroupFeatures wanted)
{
  g_autofree char *common = g_build_filename (base, "glovebox", NULL);

  if (!is_root_of_all)
    move_processes_down (base);
  enable_controllers (base, wanted);
  if (mkdir (common, 0755) < 0 && errno != EEXIST)
    return 0;
  enable_controllers (common, wanted);

  return read_controllers (common, "cgroup.subtree_control");
}

static gboolean
is_delegated (const char *folder)
{
  char value[8];

  return is_writable (folder) && getxattr (folder, "user.delegate", value, sizeof value) > 0 && value[0] == '1';
}

/* Where v2 has the controllers: which folder serves, or NULL. *base is the one that hands them down. */
static char *
choose_v2_base (Layout *layout, gboolean prepare, gboolean *is_root_of_all)
{
  static char *delegated;      /* what systemd gave us: asked for once */
  gboolean systemd = glb_cgroup_systemd_is_there ();
  /* Once moved down, our own group is BASE/broker. */
  g_autofree char *above = g_path_get_dirname (layout->v2_own != NULL ? layout->v2_own : "/");

  *is_root_of_all = FALSE;
  if (delegated != NULL)
    return g_strdup (delegated);
  if (layout->v2_own != NULL && g_str_has_suffix (layout->v2_own, "/broker") && is_delegated (above))
    return g_steal_pointer (&above);
  if (is_delegated (layout->v2_own))
    return g_strdup (layout->v2_own);
  if (!systemd)
    {
      if (geteuid () == 0)
        {
          *is_root_of_all = TRUE;
          return g_strdup (layout->v2_mount);
        }
      return is_writable (layout->v2_own) ? g_strdup (layout->v2_own) : NULL;
    }
  if (!glb_cgroup_systemd_can_delegate ())
    return NULL;
  if (!prepare)
    return g_strdup (layout->v2_own);
  if (glb_cgroup_systemd_delegate ())
    {
      g_auto(Layout) now = { 0 };

      layout_load (&now);
      delegated = g_strdup (now.v2_own);
      return g_steal_pointer (&now.v2_own);
    }

  return NULL;
}

static void
load_v2 (GlbCgroupHost *self, Layout *layout, gboolean prepare)
{
  GlbCgroupFeatures there = read_controllers (layout->v2_mount, "cgroup.controllers");
  gboolean is_root_of_all = FALSE;

  if (there == 0)
    {
      /* Hybrid: no controllers here, but freezing and killing. */
      if (geteuid () == 0)
        self->v2_base = g_strdup (layout->v2_mount);
      else if (is_writable (layout->v2_own))
        self->v2_base = g_strdup (layout->v2_own);
    }
  else
    {
      self->v2_base = choose_v2_base (layout, prepare, &is_root_of_all);
      if (self->v2_base != NULL)
        self->v2_features = prepare ? prepare_v2 (self->v2_base, is_root_of_all, there) : there;
    }
  if (self->v2_base != NULL)
    self->features |= self->v2_features | GLB_CGROUP_FREEZE | GLB_CGROUP_KILL;
}

static char *
choose_v1_base (const char *mount, const char *own)
{
  if (mount == NULL)
    return NULL;
  if (geteuid () == 0)
    return is_writable (mount) ? g_strdup (mount) : NULL;

  return is_writable (own) ? g_strdup (own) : NULL;
}

static void
describe (GlbCgroupHost *self, const Layout *layout)
{
  const GlbCgroupFeatures all = GLB_CGROUP_MEMORY | GLB_CGROUP_CPU | GLB_CGROUP_PIDS;

  if ((self->features & all) == all)
    self->detail = g_strdup_printf ("memory, cpu and pids through cgroup %s", self->v2_features == all ? "v2" : "v1");
  else if (layout->v2_mount == NULL && layout->v1_mount[0] == NULL)
    self->detail = g_strdup ("no control groups are mounted; mount them (mount -t cgroup2 none /sys/fs/cgroup), "
                             "or leave the limit out of the policy");
  else
    self->detail = g_strdup (layout->v1_mount[0] != NULL ? V1_REMEDY : V2_REMEDY);
}

GlbCgroupHost *
glb_cgroup_host_load (gboolean prepare)
{
  GlbCgroupHost *self = g_new0 (GlbCgroupHost, 1);
  g_auto(Layout) layout = { 0 };

  layout_load (&layout);
  if (layout.v2_mount != NULL)
    load_v2 (self, &layout, prepare);

  self->v1_memory = choose_v1_base (layout.v1_mount[0], layout.v1_own[0]);
  self->v1_cpu = choose_v1_base (layout.v1_mount[1], layout.v1_own[1]);
  self->v1_pids = choose_v1_base (layout.v1_mount[2], layout.v1_own[2]);
  self->v1_freezer = choose_v1_base (layout.freezer_mount, layout.freezer_own);
  self->features |= (self->v1_memory != NULL ? GLB_CGROUP_MEMORY : 0) | (self->v1_cpu != NULL ? GLB_CGROUP_CPU : 0) |
                    (self->v1_pids != NULL ? GLB_CGROUP_PIDS : 0) |
                    (self->v1_freezer != NULL ? GLB_CGROUP_FREEZE | GLB_CGROUP_KILL : 0);
  /* With version 1 only root may move another account's process. */
  if (self->v2_base != NULL || (self->v1_freezer != NULL && geteuid () == 0))
    self->features |= GLB_CGROUP_HOLD;
  describe (self, &layout);

  return self;
}

void
glb_cgroup_host_free (GlbCgroupHost *self)
{
  g_free (self->v2_base);
  g_free (self->v1_memory);
  g_free (self->v1_cpu);
  g_free (self->v1_pids);
  g_free (self->v1_freezer);
  g_free (self->detail);
  g_free (self);
}

const char *
glb_cgroup_host_get_v1 (const GlbCgroupHost *self,
                        GlbCgroupFeatures    feature)
{
  switch (feature)
    {
    case GLB_CGROUP_MEMORY: return self->v1_memory;
    case GLB_CGROUP_CPU:    return self->v1_cpu;
    case GLB_CGROUP_PIDS:   return self->v1_pids;
    default:                return self->v1_freezer;
    }
}
