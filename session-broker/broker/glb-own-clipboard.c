/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glb-broker"
#include "config.h"

#include "clipboard-guard/glb-clipboard-type.h"
#include "session-broker/broker/glb-own-clipboard.h"

/* A program that does not write what it offers for so long will not. */
#define READ_DEADLINE_MS 5000
/* In one answer on the action socket. */
#define READ_MAX         (1024 * 1024)

struct _GlbOwnClipboard
{
  GObject parent_instance;

  GlbCompositor *compositor;
  GlbOwnContent *written[GLB_SHIM_N_SELECTIONS];   /* (nullable) */
};

G_DEFINE_FINAL_TYPE (GlbOwnClipboard, glb_own_clipboard, G_TYPE_OBJECT)

enum { SIGNAL_WRITTEN, N_SIGNALS };
static guint signals[N_SIGNALS];

void
glb_own_content_free (GlbOwnContent *self)
{
  g_free (self->type);
  g_strfreev (self->types);
  g_clear_pointer (&self->bytes, g_bytes_unref);
  g_free (self);
}

static GlbOwnContent *
content_new (const char *type, const char * const *types, GBytes *bytes)
{
  GlbOwnContent *content = g_new0 (GlbOwnContent, 1);

  content->type = g_strdup (type);
  content->types = g_strdupv ((GStrv) types);
  content->bytes = bytes != NULL ? g_bytes_ref (bytes) : NULL;
  return content;
}

/* ---- which type ----------------------------------------------------------------- */

/* Of the names for the same canonical type the one that is surest to be UTF-8. (nullable) */
static const char *
find_canonical (const char * const *types, const char *canonical)
{
  const char *best = NULL;

  for (guint i = 0; types[i] != NULL; i++)
    {
      g_autofree char *name = glb_clipboard_type_canonicalize (types[i]);

      if (g_strcmp0 (name, canonical) == 0 &&
          (best == NULL || glb_clipboard_type_get_rank (types[i]) < glb_clipboard_type_get_rank (best)))
        best = types[i];
    }
  return best;
}

/* (nullable): what to ask the program for */
static const char *
choose_type (const char * const *types, const char *wanted)
{
  const char * const *plainest = glb_clipboard_type_list ();
  g_autofree char *canonical = wanted != NULL ? glb_clipboard_type_canonicalize (wanted) : NULL;
  const char *type = NULL;

  for (guint i = 0; wanted != NULL && types[i] != NULL; i++)
    if (g_str_equal (types[i], wanted))
      return types[i];
  if (wanted != NULL)
    return canonical != NULL ? find_canonical (types, canonical) : NULL;

  for (guint i = 0; type == NULL && plainest[i] != NULL; i++)
    type = find_canonical (types, plainest[i]);
  return type != NULL ? type : types[0];
}

/* ---- writing --------------------------------------------------------------------- */

typedef struct
{
  GlbShimSelectionKind kind;
  GlbOwnContent *content;
} Writing;

static void
writing_free (gpointer data)
{
  Writing *writing = data;

  g_clear_pointer (&writing->content, glb_own_content_free);
  g_free (writing);
}

static void
written_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  GlbOwnClipboard *self = g_task_get_source_object (task);
  Writing *writing = g_task_get_task_data (task);
  GError *error = NULL;

  if (glb_compositor_set_selection_finish (GLB_COMPOSITOR (source), result, &error) == 0)
    {
      g_task_return_error (task, error);
      return;
    }

  glb_own_clipboard_forget (self, writing->kind);
  self->written[writing->kind] = g_steal_pointer (&writing->content);
  g_signal_emit (self, signals[SIGNAL_WRITTEN], 0, writing->kind);
  g_task_return_boolean (task, TRUE);
}

void
glb_own_clipboard_write_async (GlbOwnClipboard     *self,
                               GlbShimSelectionKind kind,
                               const char          *type,
                               GBytes              *bytes,
                               GAsyncReadyCallback  callback,
                               gpointer             user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);
  const char *alone[] = { type, NULL };
  g_autofree char *canonical = glb_clipboard_type_canonicalize (type != NULL ? type : "text/plain");
  const char * const *types = canonical != NULL ? glb_clipboard_type_get_names (canonical) : NULL;
  Writing *writing = g_new0 (Writing, 1);

  g_task_set_source_tag (task, glb_own_clipboard_write_async);
  if (types == NULL)
    types = alone;
  writing->kind = kind;
  writing->content = content_new (type != NULL ? type : types[0], types, bytes);
  g_task_set_task_data (task, writing, writing_free);
  glb_compositor_set_selection_async (self->compositor, kind, types, bytes, 0, written_cb, task);
}

gboolean
glb_own_clipboard_write_finish (GlbOwnClipboard *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* ---- reading ---------------------------------------------------------------------- */

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  g_autoptr(GlbOwnContent) content = g_steal_pointer ((GlbOwnContent **) g_task_get_task_data (task));
  GError *error = NULL;

  content->bytes = glb_compositor_read_selection_finish (GLB_COMPOSITOR (source), result, &error);
  if (content->bytes == NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, g_steal_pointer (&content), (GDestroyNotify) glb_own_content_free);
}

static void
content_holder_free (gpointer data)
{
  GlbOwnContent **holder = data;

  g_clear_pointer (holder, glb_own_content_free);
  g_free (holder);
}

void
glb_own_clipboard_read_async (GlbOwnClipboard     *self,
                              GlbShimSelectionKind kind,
                              const char          *wanted,
                              GAsyncReadyCallback  callback,
                              gpointer             user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);
  const GlbOwnContent *written = self->written[kind];
  const GlbCompositorSelection *selection = glb_compositor_get_selection (self->compositor, kind);
  const char * const *types = (const char * const *) (written != NULL ? written->types : selection->types);
  const char *type = choose_type (types, wanted);
  GlbOwnContent **holder;

  g_task_set_source_tag (task, glb_own_clipboard_read_async);
  if (type == NULL)
    {
      g_autofree char *offered = g_strjoinv (", ", (GStrv) types);

      if (types[0] == NULL)
        g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "nothing is copied");
      else
        g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "it is not copied as this type; there is: %s", offered);
      g_object_unref (task);
      return;
    }
  if (written != NULL)
    {
      g_task_return_pointer (task, content_new (type, types, written->bytes), (GDestroyNotify) glb_own_content_free);
      g_object_unref (task);
      return;
    }

  holder = g_new0 (GlbOwnContent *, 1);
  *holder = content_new (type, types, NULL);
  g_task_set_task_data (task, holder, content_holder_free);
  glb_compositor_read_selection_async (self->compositor, kind, selection->id, type, READ_MAX, READ_DEADLINE_MS, NULL, read_cb, task);
}

GlbOwnContent *
glb_own_clipboard_read_finish (GlbOwnClipboard *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* ---- the object ------------------------------------------------------------------- */

const GlbOwnContent *
glb_own_clipboard_peek (GlbOwnClipboard *self, GlbShimSelectionKind kind)
{
  return self->written[kind];
}

void
glb_own_clipboard_forget (GlbOwnClipboard *self, GlbShimSelectionKind kind)
{
  g_clear_pointer (&self->written[kind], glb_own_content_free);
}

/* A client copied something of its own. */
static void
on_selection (GlbCompositor *compositor, GlbShimSelectionKind kind, gpointer user_data)
{
  glb_own_clipboard_forget (user_data, kind);
}

static void
glb_own_clipboard_dispose (GObject *object)
{
  GlbOwnClipboard *self = GLB_OWN_CLIPBOARD (object);

  for (guint kind = 0; kind < GLB_SHIM_N_SELECTIONS; kind++)
    glb_own_clipboard_forget (self, kind);
  if (self->compositor != NULL)
    g_signal_handlers_disconnect_by_data (self->compositor, self);
  g_clear_object (&self->compositor);

  G_OBJECT_CLASS (glb_own_clipboard_parent_class)->dispose (object);
}

static void
glb_own_clipboard_class_init (GlbOwnClipboardClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = glb_own_clipboard_dispose;
  signals[SIGNAL_WRITTEN] = g_signal_new ("written", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                          G_TYPE_NONE, 1, G_TYPE_UINT);
}

static void
glb_own_clipboard_init (GlbOwnClipboard *self)
{
}

GlbOwnClipboard *
glb_own_clipboard_new (GlbCompositor *compositor)
{
  GlbOwnClipboard *self = g_object_new (GLB_TYPE_OWN_CLIPBOARD, NULL);

  self->compositor = g_object_ref (compositor);
  g_signal_connect (compositor, "selection", G_CALLBACK (on_selection), self);
  return self;
}
