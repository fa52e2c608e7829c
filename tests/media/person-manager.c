/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What a session manager does for recorders on a person's PipeWire, in the tests: person-manager SOCKET. Links each stream
 * that takes video to the newest screen that is published, and says what it sees as lines:
 *
 *   screen ID NAME DESCRIPTION   a screen is there
 *   gone ID                      it is not any more
 *   linked                       a link was made
 *   end                          everything that was there at the start was said
 */

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

#include <glib.h>
#include <pipewire/pipewire.h>

typedef enum { SCREEN, RECORDER } Kind;

typedef struct
{
  guint32 id, port;              /* 0: its port is not there yet */
  Kind kind;
  gboolean linked;
} Node;

typedef struct
{
  struct pw_main_loop *loop;
  struct pw_core *core;
  struct pw_registry *registry;
  struct spa_hook core_listener, registry_listener;
  GArray *nodes;                 /* Node */
  int seq;
} Manager;

static void
say (const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  vprintf (format, arguments);
  va_end (arguments);
  putchar ('\n');
  fflush (stdout);
}

static Node *
find (Manager *self, guint32 id)
{
  for (guint i = 0; i < self->nodes->len; i++)
    if (g_array_index (self->nodes, Node, i).id == id)
      return &g_array_index (self->nodes, Node, i);
  return NULL;
}

static void
make_link (Manager *self, const Node *screen, const Node *recorder)
{
  struct pw_properties *properties = pw_properties_new ("object.linger", "true", NULL);

  pw_properties_setf (properties, PW_KEY_LINK_OUTPUT_NODE, "%u", screen->id);
  pw_properties_setf (properties, PW_KEY_LINK_OUTPUT_PORT, "%u", screen->port);
  pw_properties_setf (properties, PW_KEY_LINK_INPUT_NODE, "%u", recorder->id);
  pw_properties_setf (properties, PW_KEY_LINK_INPUT_PORT, "%u", recorder->port);
  pw_core_create_object (self->core, "link-factory", PW_TYPE_INTERFACE_Link, PW_VERSION_LINK, &properties->dict, 0);
  pw_properties_free (properties);
  say ("linked");
}

static void
link_all (Manager *self)
{
  const Node *screen = NULL;

  for (guint i = 0; i < self->nodes->len; i++)
    if (g_array_index (self->nodes, Node, i).kind == SCREEN && g_array_index (self->nodes, Node, i).port != 0)
      screen = &g_array_index (self->nodes, Node, i);
  for (guint i = 0; screen != NULL && i < self->nodes->len; i++)
    {
      Node *node = &g_array_index (self->nodes, Node, i);

      if (node->kind != RECORDER || node->port == 0 || node->linked)
        continue;
      node->linked = TRUE;
      make_link (self, screen, node);
    }
}

static void
on_global (void *data, guint32 id, guint32 permissions, const char *type, guint32 version, const struct spa_dict *properties)
{
  Manager *self = data;
  const char *media_class = properties != NULL ? spa_dict_lookup (properties, PW_KEY_MEDIA_CLASS) : NULL;
  const char *name = properties != NULL ? spa_dict_lookup (properties, PW_KEY_NODE_NAME) : NULL;
  const char *of = properties != NULL ? spa_dict_lookup (properties, PW_KEY_NODE_ID) : NULL;
  Node node = { .id = id };

  if (g_str_equal (type, PW_TYPE_INTERFACE_Node) && g_strcmp0 (media_class, "Video/Source") == 0 && name != NULL &&
      g_str_has_prefix (name, "glovebox.screen."))
    {
      node.kind = SCREEN;
      g_array_append_val (self->nodes, node);
      say ("screen %u %s %s", id, name, spa_dict_lookup (properties, PW_KEY_NODE_DESCRIPTION));
    }
  else if (g_str_equal (type, PW_TYPE_INTERFACE_Node) && g_strcmp0 (media_class, "Stream/Input/Video") == 0)
    {
      node.kind = RECORDER;
      g_array_append_val (self->nodes, node);
    }
  else if (g_str_equal (type, PW_TYPE_INTERFACE_Port) && of != NULL)
    {
      Node *owner = find (self, g_ascii_strtoull (of, NULL, 10));

      if (owner != NULL)
        owner->port = id;
      link_all (self);
    }
}

static void
on_global_remove (void *data, guint32 id)
{
  Manager *self = data;

  for (guint i = self->nodes->len; i-- > 0;)
    if (g_array_index (self->nodes, Node, i).id == id)
      {
        if (g_array_index (self->nodes, Node, i).kind == SCREEN)
          say ("gone %u", id);
        g_array_remove_index (self->nodes, i);
      }
}

static const struct pw_registry_events registry_events = {
  PW_VERSION_REGISTRY_EVENTS,
  .global = on_global,
  .global_remove = on_global_remove,
};

static void
on_core_done (void *data, guint32 id, int seq)
{
  Manager *self = data;

  if (id == PW_ID_CORE && seq == self->seq)
    say ("end");
}

static void
on_core_error (void *data, guint32 id, int seq, int res, const char *message)
{
  Manager *self = data;

  say ("error %d %s", res, message);
  if (id == PW_ID_CORE && res == -EPIPE)
    pw_main_loop_quit (self->loop);
}

static const struct pw_core_events core_events = {
  PW_VERSION_CORE_EVENTS,
  .done = on_core_done,
  .error = on_core_error,
};

int
main (int argc, char **argv)
{
  Manager self = { 0 };
  struct pw_context *context;

  if (argc != 2)
    return 2;
  prctl (PR_SET_PDEATHSIG, SIGKILL);
  pw_init (NULL, NULL);
  self.nodes = g_array_new (FALSE, FALSE, sizeof (Node));
  self.loop = pw_main_loop_new (NULL);
  context = pw_context_new (pw_main_loop_get_loop (self.loop), NULL, 0);
  self.core = pw_context_connect (context, pw_properties_new (PW_KEY_REMOTE_NAME, argv[1], NULL), 0);
  if (self.core == NULL)
    return 1;

  pw_core_add_listener (self.core, &self.core_listener, &core_events, &self);
  self.registry = pw_core_get_registry (self.core, PW_VERSION_REGISTRY, 0);
  pw_registry_add_listener (self.registry, &self.registry_listener, &registry_events, &self);
  self.seq = pw_core_sync (self.core, PW_ID_CORE, 0);
  pw_main_loop_run (self.loop);

  return 0;
}
