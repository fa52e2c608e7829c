/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glovebox-media"
#include "config.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <pipewire/pipewire.h>
#include <pipewire/extensions/metadata.h>
#include <spa/param/param.h>
#include <spa/utils/json.h>

#include "session-broker/media/glb-media-host.h"
#include "session-broker/media/glb-publish-protocol.h"

/* A desktop has some hundred objects, and each program adds some. */
#define OBJECTS_MAX  8192
#define CHANNELS_MAX 2
/* From the connection to the device's formats. */
#define DEADLINE_S   4

typedef struct
{
  guint32 id, node_id;
  enum pw_direction direction;
} Port;

typedef struct
{
  GlbMediaHost *host;
  struct pw_proxy *proxy;
  struct spa_hook listener;
} Link;

/* A node of the right class. */
typedef struct
{
  guint32 id;
  char *name, *description;
} Candidate;

struct _GlbMediaHost
{
  const GlbMediaHostEvents *events;
  gpointer user_data;
  GlbMediaDevice device;
  char *target;
  char *name, *description;
  char *default_name;            /* (nullable): what the person's session manager says of sound */
  gboolean found, ended;

  struct pw_loop *loop;
  struct spa_source *deadline;
  struct pw_core *core;
  struct spa_hook core_listener;
  struct pw_registry *registry;
  struct spa_hook registry_listener;
  struct pw_proxy *node;         /* (nullable): the device's */
  struct spa_hook node_listener;
  struct pw_proxy *port;         /* (nullable): its first one; some devices say their formats there */
  struct spa_hook port_listener;
  guint32 node_id;               /* the device's; PW_ID_ANY: not chosen yet */
  struct pw_proxy *metadata;     /* (nullable) */
  struct spa_hook metadata_listener;
  GPtrArray *candidates;         /* Candidate */
  int list_seq, choose_seq, formats_seq, fail_seq;
  GlbMediaWhy fail_why;
  char *fail_detail;             /* (nullable) */
  guint n_objects;

  GArray *ports;                 /* Port: of all nodes, because a port may come before its node */
  GlbMediaHostNodeId get_stream_id;   /* (nullable): no stream */
  gpointer stream_data;
  GPtrArray *links;              /* Link */
  GArray *strangers;             /* guint32: nodes that were there and are not the device */
};

static const struct { const char *media_class; enum pw_direction direction; } classes[GLB_MEDIA_N_DEVICES] = {
  [GLB_MEDIA_CAMERA]     = { "Video/Source", PW_DIRECTION_OUTPUT },
  [GLB_MEDIA_MICROPHONE] = { "Audio/Source", PW_DIRECTION_OUTPUT },
  [GLB_MEDIA_SPEAKER]    = { "Audio/Sink", PW_DIRECTION_INPUT },
};
static const char * const device_names[GLB_MEDIA_N_DEVICES] = { "camera", "microphone", "speaker" };

static void
end (GlbMediaHost *self, GlbMediaWhy why, const char *detail)
{
  if (self->ended)
    return;

  self->ended = TRUE;
  self->events->ended (why, detail, self->user_data);
}

/* ---- links ------------------------------------------------------------------- */

static guint
list_ports (GlbMediaHost *self, guint32 node_id, enum pw_direction direction, const Port *ports[CHANNELS_MAX])
{
  guint n = 0;

  for (guint i = 0; i < self->ports->len && n < CHANNELS_MAX; i++)
    {
      const Port *port = &g_array_index (self->ports, Port, i);

      if (port->node_id == node_id && port->direction == direction)
        ports[n++] = port;
    }

  return n;
}

static void
link_free (gpointer data)
{
  Link *link = data;

  spa_hook_remove (&link->listener);
  pw_proxy_destroy (link->proxy);
  g_free (link);
}

static void
on_link_error (void *data, int seq, int res, const char *message)
{
  Link *link = data;
  g_autofree char *detail = g_strdup_printf ("%s: it can't be linked (%s); ask again",
                                              glb_media_host_get_description (link->host), message);

  glb_media_host_fail (link->host, GLB_MEDIA_WHY_FORMAT, detail);
}

static const struct pw_proxy_events link_events = {
  PW_VERSION_PROXY_EVENTS,
  .error = on_link_error,
};

static void
make_link (GlbMediaHost *self, const Port *output, const Port *input)
{
  struct pw_properties *properties = pw_properties_new (NULL, NULL);
  struct pw_proxy *proxy;
  Link *link;

  pw_properties_setf (properties, PW_KEY_LINK_OUTPUT_NODE, "%u", output->node_id);
  pw_properties_setf (properties, PW_KEY_LINK_OUTPUT_PORT, "%u", output->id);
  pw_properties_setf (properties, PW_KEY_LINK_INPUT_NODE, "%u", input->node_id);
  pw_properties_setf (properties, PW_KEY_LINK_INPUT_PORT, "%u", input->id);
  proxy = pw_core_create_object (self->core, "link-factory", PW_TYPE_INTERFACE_Link, PW_VERSION_LINK, &properties->dict, 0);
  pw_properties_free (properties);
  if (proxy == NULL)
    return;

  link = g_new0 (Link, 1);
  link->host = self;
  link->proxy = proxy;
  pw_proxy_add_listener (proxy, &link->listener, &link_events, link);
  g_ptr_array_add (self->links, link);
}

static guint32
get_stream_id (GlbMediaHost *self)
{
  return self->get_stream_id != NULL ? self->get_stream_id (self->stream_data) : PW_ID_ANY;
}

/* When all channels are there; a port more cannot come later than its siblings of the same message. */
static void
try_link (GlbMediaHost *self)
{
  const Port *device[CHANNELS_MAX], *stream[CHANNELS_MAX];
  enum pw_direction direction = classes[self->device].direction;
  guint n_device, n_stream, wanted = self->device == GLB_MEDIA_CAMERA ? 1 : CHANNELS_MAX;
  guint32 stream_id = get_stream_id (self);

  if (self->links->len > 0 || stream_id == PW_ID_ANY)
    return;

  n_device = list_ports (self, self->node_id, direction, device);
  n_stream = list_ports (self, stream_id, SPA_DIRECTION_REVERSE (direction), stream);
  if (n_device == 0 || n_stream < wanted)
    return;

  for (guint i = 0; i < wanted; i++)
    {
      const Port *theirs = device[MIN (i, n_device - 1)];

      make_link (self, direction == PW_DIRECTION_OUTPUT ? theirs : stream[i],
                 direction == PW_DIRECTION_OUTPUT ? stream[i] : theirs);
    }
}

/* ---- the device ---------------------------------------------------------------- */

static void
on_node_info (void *data, const struct pw_node_info *info)
{
  GlbMediaHost *self = data;
  const char *description = info->props != NULL ? spa_dict_lookup (info->props, PW_KEY_NODE_DESCRIPTION) : NULL;

  if (description != NULL)
    {
      g_free (self->description);
      self->description = g_strdup (description);
    }
}

static void
on_node_param (void *data, int seq, uint32_t id, uint32_t index, uint32_t next, const struct spa_pod *untrusted_param)
{
  GlbMediaHost *self = data;

  if (id == SPA_PARAM_EnumFormat && !self->ended)
    self->events->format (untrusted_param, self->user_data);
}

static const struct pw_node_events node_events = {
  PW_VERSION_NODE_EVENTS,
  .info = on_node_info,
  .param = on_node_param,
};

static const struct pw_port_events port_events = {
  PW_VERSION_PORT_EVENTS,
  .param = on_node_param,
};

static void
candidate_free (gpointer data)
{
  Candidate *candidate = data;

  g_free (candidate->name);
  g_free (candidate->description);
  g_free (candidate);
}

/* The value is {"name": "…"}. */
static int
on_property (void *data, guint32 subject, const char *key, const char *type, const char *untrusted_value)
{
  GlbMediaHost *self = data;
  const char *wanted = self->device == GLB_MEDIA_SPEAKER ? "default.audio.sink" : "default.audio.source";
  struct spa_json outer, object;
  char name[GLB_MEDIA_NAME_MAX];

  if (subject != PW_ID_CORE || g_strcmp0 (key, wanted) != 0 || self->device == GLB_MEDIA_CAMERA)
    return 0;

  g_clear_pointer (&self->default_name, g_free);
  if (untrusted_value == NULL)
    return 0;
  spa_json_init (&outer, untrusted_value, strlen (untrusted_value));
  if (spa_json_enter_object (&outer, &object) > 0 && spa_json_get_string (&object, name, sizeof name) > 0 &&
      g_str_equal (name, "name") && spa_json_get_string (&object, name, sizeof name) > 0)
    self->default_name = g_strdup (name);

  return 0;
}

static const struct pw_metadata_events metadata_events = {
  PW_VERSION_METADATA_EVENTS,
  .property = on_property,
};

static void
add_port (GlbMediaHost *self, guint32 id, const struct spa_dict *untrusted_properties)
{
  const char *node = spa_dict_lookup (untrusted_properties, PW_KEY_NODE_ID);
  const char *direction = spa_dict_lookup (untrusted_properties, PW_KEY_PORT_DIRECTION);
  Port port = { .id = id, .direction = g_strcmp0 (direction, "out") == 0 ? PW_DIRECTION_OUTPUT : PW_DIRECTION_INPUT };
  guint64 number;

  /* a sink's monitor is not a microphone */
  if (g_strcmp0 (spa_dict_lookup (untrusted_properties, PW_KEY_PORT_MONITOR), "true") == 0 ||
      node == NULL || !g_ascii_string_to_unsigned (node, 10, 0, G_MAXUINT32 - 1, &number, NULL))
    return;

  port.node_id = number;
  g_array_append_val (self->ports, port);
  try_link (self);
}

static void
add_candidate (GlbMediaHost *self, guint32 id, const struct spa_dict *untrusted_properties)
{
  const char *name = spa_dict_lookup (untrusted_properties, PW_KEY_NODE_NAME);
  Candidate *candidate;

  /* another session's screen is no camera */
  if (name == NULL || g_str_has_prefix (name, GLB_PUBLISH_NODE_PREFIX) ||
      g_strcmp0 (spa_dict_lookup (untrusted_properties, PW_KEY_MEDIA_CLASS), classes[self->device].media_class) != 0)
    return;

  candidate = g_new0 (Candidate, 1);
  candidate->id = id;
  candidate->name = g_strdup (name);
  candidate->description = g_strdup (spa_dict_lookup (untrusted_properties, PW_KEY_NODE_DESCRIPTION));
  g_ptr_array_add (self->candidates, candidate);
}

static void
on_global (void *data, guint32 id, guint32 permissions, const char *type, guint32 version,
           const struct spa_dict *untrusted_properties)
{
  GlbMediaHost *self = data;

  if (self->ended || untrusted_properties == NULL)
    return;
  if (++self->n_objects > OBJECTS_MAX)
    {
      end (self, GLB_MEDIA_WHY_INTERNAL, "the person's PipeWire has too many objects");
      return;
    }

  if (g_str_equal (type, PW_TYPE_INTERFACE_Port))
    add_port (self, id, untrusted_properties);
  else if (g_str_equal (type, PW_TYPE_INTERFACE_Node) && self->node_id == PW_ID_ANY)
    {
      g_array_append_val (self->strangers, id);
      add_candidate (self, id, untrusted_properties);
    }
  else if (g_str_equal (type, PW_TYPE_INTERFACE_Metadata) && self->metadata == NULL &&
           g_strcmp0 (spa_dict_lookup (untrusted_properties, "metadata.name"), "default") == 0)
    {
      self->metadata = pw_registry_bind (self->registry, id, PW_TYPE_INTERFACE_Metadata, PW_VERSION_METADATA, 0);
      if (self->metadata != NULL)
        pw_proxy_add_object_listener (self->metadata, &self->metadata_listener, &metadata_events, self);
    }
}

/* The one that was named, the default, the first. */
static const Candidate *
find_candidate (GlbMediaHost *self)
{
  const char *name = *self->target != '\0' ? self->target : self->default_name;

  for (guint i = 0; i < self->candidates->len; i++)
    {
      const Candidate *candidate = g_ptr_array_index (self->candidates, i);

      if (name == NULL || g_str_equal (candidate->name, name))
        return candidate;
    }

  return *self->target == '\0' && self->candidates->len > 0 ? g_ptr_array_index (self->candidates, 0) : NULL;
}

/* A session manager that configures a device anew gives it other ports: they are linked when they come. */
static void
remove_port (GlbMediaHost *self, guint index)
{
  guint32 node_id = g_array_index (self->ports, Port, index).node_id;

  g_array_remove_index (self->ports, index);
  if (node_id == self->node_id || node_id == get_stream_id (self))
    g_ptr_array_set_size (self->links, 0);
}

static void
on_global_remove (void *data, guint32 id)
{
  GlbMediaHost *self = data;
  g_autofree char *detail = NULL;

  self->n_objects -= self->n_objects > 0;
  for (guint i = self->strangers->len; i-- > 0;)
    if (g_array_index (self->strangers, guint32, i) == id)
      g_array_remove_index_fast (self->strangers, i);
  for (guint i = self->candidates->len; i-- > 0;)
    if (((Candidate *) g_ptr_array_index (self->candidates, i))->id == id)
      g_ptr_array_remove_index (self->candidates, i);
  for (guint i = self->ports->len; i-- > 0;)
    if (g_array_index (self->ports, Port, i).id == id)
      remove_port (self, i);
  if (id != self->node_id || self->ended)
    return;

  detail = g_strdup_printf ("%s: it was unplugged; plug it in and ask again", glb_media_host_get_description (self));
  end (self, GLB_MEDIA_WHY_UNPLUGGED, detail);
}

static const struct pw_registry_events registry_events = {
  PW_VERSION_REGISTRY_EVENTS,
  .global = on_global,
  .global_remove = on_global_remove,
};

static void
say_missing (GlbMediaHost *self)
{
  g_autofree char *detail = *self->target != '\0'
    ? g_strdup_printf ("the person's PipeWire has no %s named %s; plug it in, or name another",
                       device_names[self->device], self->target)
    : g_strdup_printf ("the person's PipeWire has no %s; plug one in, or set a synthetic source in the policy",
                       device_names[self->device]);

  end (self, GLB_MEDIA_WHY_NO_DEVICE, detail);
}

/*
 * What we may on the person's PipeWire from now on: use the one device, and
 * see what comes (our own ports do). All other nodes that are there vanish for
 * us: they can't be linked either. PipeWire gives nobody back what they gave
 * up, so that holds for whoever takes this process over, too.
 */
static void
give_up_rights (GlbMediaHost *self)
{
  g_autoptr(GArray) permissions = g_array_new (FALSE, FALSE, sizeof (struct pw_permission));
  struct pw_permission permission;

  for (guint i = 0; i < self->strangers->len; i++)
    {
      guint32 id = g_array_index (self->strangers, guint32, i);

      permission = (struct pw_permission) PW_PERMISSION_INIT (id, id == self->node_id ? PW_PERM_R | PW_PERM_X : 0);
      g_array_append_val (permissions, permission);
    }
  permission = (struct pw_permission) PW_PERMISSION_INIT (PW_ID_CORE, PW_PERM_R | PW_PERM_X);
  g_array_append_val (permissions, permission);
  permission = (struct pw_permission) PW_PERMISSION_INIT (PW_ID_ANY, PW_PERM_R);
  g_array_append_val (permissions, permission);

  pw_client_update_permissions (pw_core_get_client (self->core), permissions->len,
                                &g_array_index (permissions, struct pw_permission, 0));
}

static void
choose (GlbMediaHost *self)
{
  const Candidate *candidate = find_candidate (self);
  const Port *ports[CHANNELS_MAX];

  if (candidate == NULL)
    {
      say_missing (self);
      return;
    }

  self->node_id = candidate->id;
  self->name = g_strdup (candidate->name);
  self->description = g_strdup (candidate->description);
  self->node = pw_registry_bind (self->registry, candidate->id, PW_TYPE_INTERFACE_Node, PW_VERSION_NODE, 0);
  pw_proxy_add_object_listener (self->node, &self->node_listener, &node_events, self);
  pw_node_enum_params ((struct pw_node *) self->node, 0, SPA_PARAM_EnumFormat, 0, G_MAXUINT32, NULL);
  if (list_ports (self, self->node_id, classes[self->device].direction, ports) > 0)
    {
      self->port = pw_registry_bind (self->registry, ports[0]->id, PW_TYPE_INTERFACE_Port, PW_VERSION_PORT, 0);
      pw_proxy_add_object_listener (self->port, &self->port_listener, &port_events, self);
      pw_port_enum_params ((struct pw_port *) self->port, 0, SPA_PARAM_EnumFormat, 0, G_MAXUINT32, NULL);
    }
  self->formats_seq = pw_core_sync (self->core, PW_ID_CORE, 0);
}

static void
on_core_done (void *data, guint32 id, int seq)
{
  GlbMediaHost *self = data;

  if (self->ended || id != PW_ID_CORE)
    return;
  if (self->fail_detail != NULL && seq == self->fail_seq)
    {
      end (self, self->fail_why, self->fail_detail);
      return;
    }
  if (self->found)
    return;

  /* a turn more, for what the metadata says */
  if (seq == self->list_seq)
    self->choose_seq = pw_core_sync (self->core, PW_ID_CORE, 0);
  else if (seq == self->choose_seq)
    choose (self);
  else if (seq == self->formats_seq)
    {
      self->found = TRUE;
      pw_loop_update_timer (self->loop, self->deadline, NULL, NULL, FALSE);
      give_up_rights (self);
      self->events->found (self->user_data);
    }
}

static void
on_core_error (void *data, guint32 id, int seq, int res, const char *message)
{
  GlbMediaHost *self = data;

  if (id == PW_ID_CORE && res == -EPIPE)
    end (self, GLB_MEDIA_WHY_HOST_GONE,
         "the person's PipeWire ended; start it (systemctl --user start pipewire), then ask again");
}

static const struct pw_core_events core_events = {
  PW_VERSION_CORE_EVENTS,
  .done = on_core_done,
  .error = on_core_error,
};

static void
on_deadline (void *data, guint64 expirations)
{
  end (data, GLB_MEDIA_WHY_HOST_GONE, "the person's PipeWire does not answer; restart it (systemctl --user restart pipewire)");
}

GlbMediaHost *
glb_media_host_new (struct pw_context        *context,
                    int                       fd,
                    GlbMediaDevice            device,
                    const char               *target,
                    const GlbMediaHostEvents *events,
                    gpointer                  user_data)
{
  g_autoptr(GlbMediaHost) self = g_new0 (GlbMediaHost, 1);
  struct timespec deadline = { .tv_sec = DEADLINE_S };

  self->events = events;
  self->user_data = user_data;
  self->device = device;
  self->target = g_strdup (target);
  self->node_id = PW_ID_ANY;
  self->list_seq = self->choose_seq = self->formats_seq = self->fail_seq = -1;
  self->candidates = g_ptr_array_new_with_free_func (candidate_free);
  self->ports = g_array_new (FALSE, FALSE, sizeof (Port));
  self->links = g_ptr_array_new_with_free_func (link_free);
  self->strangers = g_array_new (FALSE, FALSE, sizeof (guint32));
  self->loop = pw_context_get_main_loop (context);
  self->core = pw_context_connect_fd (context, fd, NULL, 0);
  if (self->core == NULL)
    return NULL;

  pw_core_add_listener (self->core, &self->core_listener, &core_events, self);
  self->registry = pw_core_get_registry (self->core, PW_VERSION_REGISTRY, 0);
  pw_registry_add_listener (self->registry, &self->registry_listener, &registry_events, self);
  self->list_seq = pw_core_sync (self->core, PW_ID_CORE, 0);
  self->deadline = pw_loop_add_timer (self->loop, on_deadline, self);
  pw_loop_update_timer (self->loop, self->deadline, &deadline, NULL, FALSE);

  return g_steal_pointer (&self);
}

void
glb_media_host_free (GlbMediaHost *self)
{
  self->ended = TRUE;
  g_ptr_array_unref (self->links);
  if (self->deadline != NULL)
    pw_loop_destroy_source (self->loop, self->deadline);
  if (self->port != NULL)
    {
      spa_hook_remove (&self->port_listener);
      pw_proxy_destroy (self->port);
    }
  if (self->node != NULL)
    {
      spa_hook_remove (&self->node_listener);
      pw_proxy_destroy (self->node);
    }
  if (self->metadata != NULL)
    {
      spa_hook_remove (&self->metadata_listener);
      pw_proxy_destroy (self->metadata);
    }
  if (self->registry != NULL)
    {
      spa_hook_remove (&self->registry_listener);
      pw_proxy_destroy ((struct pw_proxy *) self->registry);
    }
  if (self->core != NULL)
    {
      spa_hook_remove (&self->core_listener);
      pw_core_disconnect (self->core);
    }
  g_array_unref (self->ports);
  g_ptr_array_unref (self->candidates);
  g_array_unref (self->strangers);
  g_free (self->default_name);
  g_free (self->fail_detail);
  g_free (self->target);
  g_free (self->name);
  g_free (self->description);
  g_free (self);
}

struct pw_core *
glb_media_host_get_core (GlbMediaHost *self)
{
  return self->core;
}

const char *
glb_media_host_get_name (GlbMediaHost *self)
{
  return self->name;
}

const char *
glb_media_host_get_description (GlbMediaHost *self)
{
  return self->description != NULL ? self->description : self->name;
}

void
glb_media_host_link (GlbMediaHost *self, GlbMediaHostNodeId get_node_id, gpointer user_data)
{
  g_ptr_array_set_size (self->links, 0);
  self->get_stream_id = get_node_id;
  self->stream_data = user_data;
  try_link (self);
}

/* Newer versions tell a stream that its device went before they tell the registry: a turn later, we know. */
void
glb_media_host_fail (GlbMediaHost *self, GlbMediaWhy why, const char *detail)
{
  struct timespec deadline = { .tv_sec = DEADLINE_S };

  if (self->ended || self->fail_detail != NULL)
    return;
  self->fail_why = why;
  self->fail_detail = g_strdup (detail);
  self->fail_seq = pw_core_sync (self->core, PW_ID_CORE, 0);
  pw_loop_update_timer (self->loop, self->deadline, &deadline, NULL, FALSE);
}
