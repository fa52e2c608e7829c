/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Who may what in the private instance. The daemon's access module lets our
 * own account do all and everybody else nothing, so a client of the session
 * waits, unable to say hello, until we have given it:
 *
 *   the core                 to be there, and to make objects with factories that it sees
 *   the factory client-node  to have streams of its own
 *   each device on offer     to see it and ask it for its formats; not to change it
 *   the device's ports       to see them
 *   who listens              to see it (PipeWire links no nodes whose owners do not see each other), and no more
 *   the sink to nowhere      to be linked to it, unseen
 *
 * PipeWire lets whoever may call a method of an object (X) also destroy it.
 * So X is not given but where programs call methods: a program that destroys
 * the device that it was given ends its own lease.
 *
 * It sees no link-factory (all links are ours), no other factory (which could
 * load plugins into the daemon), no module, and no other client. A device that
 * is not on offer has no node at all.
 *
 * Links: a client's stream of the right class, and a device of that class on
 * offer: linked. There is one device of each class at most (and one who listens), so what the stream
 * asks for (target.object) changes nothing.
 */

#define G_LOG_DOMAIN "glovebox-media"
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <spa/param/audio/format-utils.h>
#include <spa/pod/builder.h>

#include "session-broker/media/glb-media-sandbox.h"
#include "session-broker/media/glb-media-server.h"

/*
 * What plays is linked to the daemon's own sink all the time, which throws the samples away and which no program sees: it
 * plays on, as on a computer that is mute, while nobody listens. A stream that loses its only link stops, and GStreamer's
 * may wait for ever for a buffer to come back after it got another.
 */
#define NOWHERE      GLB_MEDIA_N_DEVICES
#define N_ENDS       (GLB_MEDIA_N_DEVICES + 1)

/* To be linked to what it does not see; older versions do not ask where the other end is the daemon's own. */
#ifdef PW_PERM_L
#define PERMIT_LINKS PW_PERM_L
#else
#define PERMIT_LINKS 0
#endif

/* Of all kinds, in one instance. A session that wants more is mistaken, or up to something. */
#define OBJECTS_MAX  256
#define LINKS_MAX    128
/* Objects that came and went in a second. */
#define CHANGES_MAX  4000
#define FIRST_FD     3

typedef enum
{
  OBJECT_OTHER, OBJECT_CLIENT, OBJECT_NODE, OBJECT_PORT, OBJECT_LINK, OBJECT_FACTORY,
} ObjectKind;

typedef struct
{
  guint32 id;
  ObjectKind kind;
  /* client */
  gboolean foreign;
  struct pw_proxy *proxy;       /* (nullable): of a foreign client, or of an audio stream's node */
  /* node */
  int device;                   /* the first GlbMediaDevice whose streams are such, or -1 */
  /* port */
  guint32 node_id;
  enum pw_direction direction;
  /* link */
  guint32 output_node, input_node;
  /* factory */
  gboolean for_clients;
} Object;

typedef struct
{
  GlbMediaServer *server;
  struct pw_proxy *proxy;
  struct spa_hook listener;
  guint32 output_port, input_port, stream_node;
  GlbMediaDevice device;
} Link;

typedef struct
{
  int seq;
  GlbMediaServerDone done;
  gpointer user_data;
} Wait;

struct _GlbMediaServer
{
  const GlbMediaServerEvents *events;
  gpointer user_data;
  pid_t pid;
  gboolean ready, gone;

  struct pw_core *core;
  struct spa_hook core_listener;
  struct pw_registry *registry;
  struct spa_hook registry_listener;

  GHashTable *objects;          /* id to Object */
  GPtrArray *links;             /* Link */
  GQueue waits;                 /* Wait */
  guint32 offered[N_ENDS];      /* node ids, or PW_ID_ANY */
  guint n_users[N_ENDS];
  gint64 changes_since;
  guint n_changes;
};

static const struct { const char *stream_class; enum pw_direction stream_direction; } classes[N_ENDS] = {
  [GLB_MEDIA_CAMERA]     = { "Stream/Input/Video", PW_DIRECTION_INPUT },
  [GLB_MEDIA_MICROPHONE] = { "Stream/Input/Audio", PW_DIRECTION_INPUT },
  [GLB_MEDIA_SPEAKER]    = { "Stream/Output/Audio", PW_DIRECTION_OUTPUT },
  [GLB_MEDIA_SOUND]      = { "Stream/Output/Audio", PW_DIRECTION_OUTPUT },
  [NOWHERE]              = { "Stream/Output/Audio", PW_DIRECTION_OUTPUT },
};

static void
be_gone (GlbMediaServer *self, const char *why)
{
  if (self->gone)
    return;

  self->gone = TRUE;
  self->events->gone (why, self->user_data);
}

/* ---- permissions ------------------------------------------------------------ */

static void
permit (Object *client, guint32 id, guint32 permissions)
{
  const struct pw_permission permission = PW_PERMISSION_INIT (id, permissions);

  pw_client_update_permissions ((struct pw_client *) client->proxy, 1, &permission);
}

static gboolean
is_of_node (const Object *object, guint32 node_id)
{
  return (object->kind == OBJECT_NODE && object->id == node_id) || (object->kind == OBJECT_PORT && object->node_id == node_id);
}

static gboolean
is_on_offer (GlbMediaServer *self, const Object *object)
{
  for (guint device = 0; device < GLB_MEDIA_N_DEVICES; device++)
    if (self->offered[device] != PW_ID_ANY && is_of_node (object, self->offered[device]))
      return TRUE;
  return FALSE;
}

/* What clients may with an object that is shown to them. A listener is asked for nothing, and so is nobody's to destroy. */
static guint32
get_permissions (GlbMediaServer *self, const Object *object)
{
  return object->kind == OBJECT_NODE && object->id != self->offered[GLB_MEDIA_SOUND] ? PW_PERM_R | PW_PERM_X : PW_PERM_R;
}

static void
permit_all_clients (GlbMediaServer *self, guint32 id, guint32 permissions)
{
  GHashTableIter iter;
  Object *client;

  g_hash_table_iter_init (&iter, self->objects);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &client))
    if (client->kind == OBJECT_CLIENT && client->proxy != NULL)
      permit (client, id, permissions);
}

static void
welcome_client (GlbMediaServer *self, Object *client)
{
  GHashTableIter iter;
  Object *object;

  client->proxy = pw_registry_bind (self->registry, client->id, PW_TYPE_INTERFACE_Client, PW_VERSION_CLIENT, 0);
  if (client->proxy == NULL)
    return;

  g_hash_table_iter_init (&iter, self->objects);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &object))
    if ((object->kind == OBJECT_FACTORY && object->for_clients) || is_on_offer (self, object))
      permit (client, object->id, get_permissions (self, object));
  if (self->offered[NOWHERE] != PW_ID_ANY)
    permit (client, self->offered[NOWHERE], PERMIT_LINKS);
  /* the last, because with it the client begins to talk */
  permit (client, PW_ID_CORE, PW_PERM_R | PW_PERM_X);
}

/* ---- links ------------------------------------------------------------------ */

static void
update_users (GlbMediaServer *self, GlbMediaDevice device)
{
  g_autoptr(GHashTable) nodes = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < self->links->len; i++)
    {
      Link *link = g_ptr_array_index (self->links, i);

      if (link->device == device)
        g_hash_table_add (nodes, GUINT_TO_POINTER (link->stream_node));
    }
  if (g_hash_table_size (nodes) == self->n_users[device])
    return;

  self->n_users[device] = g_hash_table_size (nodes);
  if (!self->gone && device != NOWHERE)
    self->events->users (device, self->n_users[device], self->user_data);
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
drop_link (Link *link)
{
  GlbMediaServer *self = link->server;
  GlbMediaDevice device = link->device;

  g_ptr_array_remove_fast (self->links, link);
  update_users (self, device);
}

/* The daemon took the link away: a client's stream ended, or could not agree on a format. */
static void
on_link_removed (void *data)
{
  drop_link (data);
}

static void
on_link_error (void *data, int seq, int res, const char *message)
{
  drop_link (data);
}

static const struct pw_proxy_events link_events = {
  PW_VERSION_PROXY_EVENTS,
  .removed = on_link_removed,
  .error = on_link_error,
};

static gboolean
is_linked (GlbMediaServer *self, guint32 output_port, guint32 input_port, guint32 stream_port)
{
  for (guint i = 0; i < self->links->len; i++)
    {
      Link *link = g_ptr_array_index (self->links, i);

      if ((link->output_port == output_port && link->input_port == input_port) ||
          (stream_port != PW_ID_ANY && (link->output_port == stream_port || link->input_port == stream_port)))
        return TRUE;
    }
  return FALSE;
}

static void
make_link (GlbMediaServer *self, GlbMediaDevice device, const Object *device_port, const Object *stream_port)
{
  const Object *output = stream_port->direction == PW_DIRECTION_OUTPUT ? stream_port : device_port;
  const Object *input = stream_port->direction == PW_DIRECTION_OUTPUT ? device_port : stream_port;
  struct pw_properties *properties;
  Link *link;

  /* a video stream has one source; sound is linked channel by channel */
  if (self->links->len >= LINKS_MAX ||
      is_linked (self, output->id, input->id, device == GLB_MEDIA_CAMERA ? stream_port->id : PW_ID_ANY))
    return;

  properties = pw_properties_new (NULL, NULL);
  pw_properties_setf (properties, PW_KEY_LINK_OUTPUT_NODE, "%u", output->node_id);
  pw_properties_setf (properties, PW_KEY_LINK_OUTPUT_PORT, "%u", output->id);
  pw_properties_setf (properties, PW_KEY_LINK_INPUT_NODE, "%u", input->node_id);
  pw_properties_setf (properties, PW_KEY_LINK_INPUT_PORT, "%u", input->id);

  link = g_new0 (Link, 1);
  link->server = self;
  link->device = device;
  link->output_port = output->id;
  link->input_port = input->id;
  link->stream_node = stream_port->node_id;
  link->proxy = pw_core_create_object (self->core, "link-factory", PW_TYPE_INTERFACE_Link, PW_VERSION_LINK,
                                       &properties->dict, 0);
  pw_properties_free (properties);
  if (link->proxy == NULL)
    {
      g_free (link);
      return;
    }
  pw_proxy_add_listener (link->proxy, &link->listener, &link_events, link);
  g_ptr_array_add (self->links, link);
  update_users (self, device);
}

/* The ports of a node in one direction, in the order of their ids. (transfer container) */
static GPtrArray *
list_ports (GlbMediaServer *self, guint32 node_id, enum pw_direction direction)
{
  GPtrArray *ports = g_ptr_array_new ();
  GHashTableIter iter;
  Object *object;

  g_hash_table_iter_init (&iter, self->objects);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &object))
    if (object->kind == OBJECT_PORT && object->node_id == node_id && object->direction == direction)
      {
        guint at = 0;

        while (at < ports->len && ((Object *) g_ptr_array_index (ports, at))->id < object->id)
          at++;
        g_ptr_array_insert (ports, at, object);
      }

  return ports;
}

static void
link_stream (GlbMediaServer *self, GlbMediaDevice device, const Object *stream)
{
  enum pw_direction direction = classes[device].stream_direction;
  guint32 device_node = self->offered[device];
  g_autoptr(GPtrArray) theirs = list_ports (self, stream->id, direction);
  g_autoptr(GPtrArray) ours = list_ports (self, device_node, SPA_DIRECTION_REVERSE (direction));
  /* sound: our ports are two, and so are theirs, by the configuration that we gave them */
  guint n = device == GLB_MEDIA_CAMERA ? 1 : MIN (theirs->len, ours->len);

  if (theirs->len == 0 || ours->len == 0)
    return;

  for (guint i = 0; i < n; i++)
    make_link (self, device, g_ptr_array_index (ours, i), g_ptr_array_index (theirs, i));
}

static void
link_streams (GlbMediaServer *self, GlbMediaDevice device)
{
  GHashTableIter iter;
  Object *object;

  if (self->offered[device] == PW_ID_ANY)
    return;

  g_hash_table_iter_init (&iter, self->objects);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &object))
    if (object->kind == OBJECT_NODE && object->device >= 0 &&
        g_str_equal (classes[object->device].stream_class, classes[device].stream_class))
      link_stream (self, device, object);
}

/* ---- registry ---------------------------------------------------------------- */

static void
object_free (gpointer data)
{
  Object *object = data;

  if (object->proxy != NULL)
    pw_proxy_destroy (object->proxy);
  g_free (object);
}

static guint32
get_number (const struct spa_dict *untrusted_properties, const char *key)
{
  const char *value = untrusted_properties != NULL ? spa_dict_lookup (untrusted_properties, key) : NULL;
  guint64 number;

  return value != NULL && g_ascii_string_to_unsigned (value, 10, 0, G_MAXUINT32 - 1, &number, NULL) ? number : PW_ID_ANY;
}

static gboolean
has_value (const struct spa_dict *untrusted_properties, const char *key, const char *expected)
{
  return g_strcmp0 (untrusted_properties != NULL ? spa_dict_lookup (untrusted_properties, key) : NULL, expected) == 0;
}

static int
find_device (const struct spa_dict *untrusted_properties)
{
  for (guint device = 0; device < GLB_MEDIA_N_DEVICES; device++)
    if (has_value (untrusted_properties, PW_KEY_MEDIA_CLASS, classes[device].stream_class))
      return device;
  return -1;
}

/* A stream of sound says nothing of its channels until somebody tells it to. */
static void
configure_ports (GlbMediaServer *self, Object *node, enum pw_direction direction)
{
  guint8 buffer[1024];
  struct spa_pod_builder builder = SPA_POD_BUILDER_INIT (buffer, sizeof buffer);
  struct spa_audio_info_raw info = SPA_AUDIO_INFO_RAW_INIT (.format = SPA_AUDIO_FORMAT_F32P, .rate = 48000, .channels = 2,
                                                            .position = { SPA_AUDIO_CHANNEL_FL, SPA_AUDIO_CHANNEL_FR });
  struct spa_pod *format = spa_format_audio_raw_build (&builder, SPA_PARAM_Format, &info);
  struct spa_pod *pod;

  pod = spa_pod_builder_add_object (&builder, SPA_TYPE_OBJECT_ParamPortConfig, SPA_PARAM_PortConfig,
                                    SPA_PARAM_PORT_CONFIG_direction, SPA_POD_Id (direction),
                                    SPA_PARAM_PORT_CONFIG_mode, SPA_POD_Id (SPA_PARAM_PORT_CONFIG_MODE_dsp),
                                    SPA_PARAM_PORT_CONFIG_monitor, SPA_POD_Bool (FALSE),
                                    SPA_PARAM_PORT_CONFIG_format, SPA_POD_Pod (format));
  node->proxy = pw_registry_bind (self->registry, node->id, PW_TYPE_INTERFACE_Node, PW_VERSION_NODE, 0);
  if (node->proxy != NULL)
    pw_node_set_param ((struct pw_node *) node->proxy, SPA_PARAM_PortConfig, 0, pod);
}

static void
fill_object (Object *object, const char *type, const struct spa_dict *untrusted_properties)
{
  if (g_str_equal (type, PW_TYPE_INTERFACE_Client))
    {
      object->kind = OBJECT_CLIENT;
      /* the daemon's access module goes by the same */
      object->foreign = get_number (untrusted_properties, PW_KEY_SEC_UID) != getuid ();
    }
  else if (g_str_equal (type, PW_TYPE_INTERFACE_Node))
    {
      object->kind = OBJECT_NODE;
      object->device = find_device (untrusted_properties);
    }
  else if (g_str_equal (type, PW_TYPE_INTERFACE_Port))
    {
      object->kind = OBJECT_PORT;
      object->node_id = get_number (untrusted_properties, PW_KEY_NODE_ID);
      object->direction = has_value (untrusted_properties, PW_KEY_PORT_DIRECTION, "out")
                          ? PW_DIRECTION_OUTPUT : PW_DIRECTION_INPUT;
    }
  else if (g_str_equal (type, PW_TYPE_INTERFACE_Link))
    {
      object->kind = OBJECT_LINK;
      object->output_node = get_number (untrusted_properties, PW_KEY_LINK_OUTPUT_NODE);
      object->input_node = get_number (untrusted_properties, PW_KEY_LINK_INPUT_NODE);
    }
  else if (g_str_equal (type, PW_TYPE_INTERFACE_Factory))
    {
      object->kind = OBJECT_FACTORY;
      object->for_clients = has_value (untrusted_properties, PW_KEY_FACTORY_NAME, "client-node");
    }
}

/* FALSE: too much goes on; the instance is given up. */
static gboolean
count_change (GlbMediaServer *self)
{
  gint64 now = g_get_monotonic_time ();

  if (now - self->changes_since > G_USEC_PER_SEC)
    {
      self->changes_since = now;
      self->n_changes = 0;
    }
  if (++self->n_changes <= CHANGES_MAX && g_hash_table_size (self->objects) < OBJECTS_MAX)
    return TRUE;

  be_gone (self, "a program of the session floods it with objects");
  return FALSE;
}

static void
on_global (void *data, guint32 id, guint32 permissions, const char *type, guint32 version,
           const struct spa_dict *untrusted_properties)
{
  GlbMediaServer *self = data;
  Object *object;

  if (self->gone || !count_change (self))
    return;

  object = g_new0 (Object, 1);
  object->id = id;
  object->device = -1;
  object->node_id = object->output_node = object->input_node = PW_ID_ANY;
  fill_object (object, type, untrusted_properties);
  g_hash_table_insert (self->objects, &object->id, object);

  if (object->kind == OBJECT_CLIENT && object->foreign)
    welcome_client (self, object);
  else if (object->kind == OBJECT_NODE && object->device >= 0 && object->device != GLB_MEDIA_CAMERA)
    configure_ports (self, object, classes[object->device].stream_direction);
  else if (object->kind == OBJECT_NODE && !self->ready && has_value (untrusted_properties, PW_KEY_NODE_NAME, GLB_MEDIA_NOWHERE))
    {
      /* no client has said a word yet: it is the daemon's */
      self->offered[NOWHERE] = id;
      configure_ports (self, object, PW_DIRECTION_INPUT);
    }
  else if (object->kind == OBJECT_FACTORY && object->for_clients)
    permit_all_clients (self, id, get_permissions (self, object));

  if (is_on_offer (self, object))
    permit_all_clients (self, id, get_permissions (self, object));
  if (object->kind == OBJECT_PORT)
    for (guint device = 0; device < N_ENDS; device++)
      link_streams (self, device);
}

static void
on_global_remove (void *data, guint32 id)
{
  GlbMediaServer *self = data;

  if (!self->gone)
    g_hash_table_remove (self->objects, &id);
}

static const struct pw_registry_events registry_events = {
  PW_VERSION_REGISTRY_EVENTS,
  .global = on_global,
  .global_remove = on_global_remove,
};

/* ---- the daemon ---------------------------------------------------------------- */

static void
wait_free (gpointer data)
{
  Wait *wait = data;

  g_free (wait->user_data);
  g_free (wait);
}

static void
on_core_done (void *data, guint32 id, int seq)
{
  GlbMediaServer *self = data;
  Wait *wait;

  if (id != PW_ID_CORE || self->gone)
    return;

  if (!self->ready)
    {
      self->ready = TRUE;
      self->events->ready (self->user_data);
    }
  while ((wait = g_queue_peek_head (&self->waits)) != NULL && wait->seq == seq)
    {
      g_queue_pop_head (&self->waits);
      wait->done (wait->user_data);
      wait_free (wait);
    }
}

static void
on_core_error (void *data, guint32 id, int seq, int res, const char *message)
{
  if (id == PW_ID_CORE && res == -EPIPE)
    be_gone (data, "the session's PipeWire ended");
}

static const struct pw_core_events core_events = {
  PW_VERSION_CORE_EVENTS,
  .done = on_core_done,
  .error = on_core_error,
};

/* Between fork and exec: the daemon gets the listening socket and nothing else of ours. */
static void
become_daemon (int listen_fd)
{
  static const char config[] = "/run/glovebox/pipewire.conf";
  char pid[16];

  if (prctl (PR_SET_PDEATHSIG, SIGKILL) != 0)
    _exit (127);
  if (listen_fd != FIRST_FD && dup2 (listen_fd, FIRST_FD) < 0)
    _exit (127);
  if (fcntl (FIRST_FD, F_SETFD, 0) != 0 || close_range (FIRST_FD + 1, ~0u, 0) != 0)
    _exit (127);

  snprintf (pid, sizeof pid, "%d", getpid ());
  setenv ("LISTEN_PID", pid, TRUE);
  setenv ("LISTEN_FDS", "1", TRUE);
  execl ("/usr/bin/pipewire", "pipewire", "-c", config, NULL);
  _exit (127);
}

GlbMediaServer *
glb_media_server_new (struct pw_context          *context,
                      int                         listen_fd,
                      const char                 *socket_path,
                      const GlbMediaServerEvents *events,
                      gpointer                    user_data,
                      GError                    **error)
{
  g_autoptr(GlbMediaServer) self = g_new0 (GlbMediaServer, 1);

  self->events = events;
  self->user_data = user_data;
  self->objects = g_hash_table_new_full (g_int_hash, g_int_equal, NULL, object_free);
  self->links = g_ptr_array_new_with_free_func (link_free);
  g_queue_init (&self->waits);
  for (guint device = 0; device < N_ENDS; device++)
    self->offered[device] = PW_ID_ANY;

  self->pid = fork ();
  if (self->pid == 0)
    become_daemon (listen_fd);
  if (self->pid > 0)
    {
      /* the socket listens already: this waits in its queue until the daemon is there */
      struct pw_properties *properties = pw_properties_new (PW_KEY_REMOTE_NAME, socket_path, NULL);

      self->core = pw_context_connect (context, properties, 0);
    }
  if (self->core == NULL)
    {
      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "the session's PipeWire: %s", g_strerror (errno));
      return NULL;
    }

  pw_core_add_listener (self->core, &self->core_listener, &core_events, self);
  self->registry = pw_core_get_registry (self->core, PW_VERSION_REGISTRY, 0);
  pw_registry_add_listener (self->registry, &self->registry_listener, &registry_events, self);
  pw_core_sync (self->core, PW_ID_CORE, 0);

  return g_steal_pointer (&self);
}

void
glb_media_server_free (GlbMediaServer *self)
{
  self->gone = TRUE;
  g_ptr_array_unref (self->links);
  g_hash_table_unref (self->objects);
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
  g_queue_clear_full (&self->waits, wait_free);
  if (self->pid > 0)
    {
      kill (self->pid, SIGKILL);
      waitpid (self->pid, NULL, 0);
    }
  g_free (self);
}

struct pw_core *
glb_media_server_get_core (GlbMediaServer *self)
{
  return self->core;
}

gboolean
glb_media_server_reap (GlbMediaServer *self, int pid)
{
  if (pid != self->pid)
    return FALSE;

  self->pid = 0;
  be_gone (self, "the session's PipeWire ended");
  return TRUE;
}

void
glb_media_server_offer (GlbMediaServer *self, GlbMediaDevice device, guint32 node_id)
{
  GHashTableIter iter;
  Object *object;

  self->offered[device] = node_id;
  g_hash_table_iter_init (&iter, self->objects);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &object))
    if (is_of_node (object, node_id))
      permit_all_clients (self, object->id, get_permissions (self, object));
  link_streams (self, device);
}

void
glb_media_server_withdraw (GlbMediaServer *self, GlbMediaDevice device)
{
  self->offered[device] = PW_ID_ANY;
  for (guint i = self->links->len; i-- > 0;)
    if (((Link *) g_ptr_array_index (self->links, i))->device == device)
      g_ptr_array_remove_index_fast (self->links, i);
  update_users (self, device);
}

guint
glb_media_server_count_links (GlbMediaServer *self, guint32 node_id)
{
  GHashTableIter iter;
  Object *object;
  guint n = 0;

  g_hash_table_iter_init (&iter, self->objects);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &object))
    n += object->kind == OBJECT_LINK && (object->output_node == node_id || object->input_node == node_id);

  return n;
}

gboolean
glb_media_server_has_node (GlbMediaServer *self, guint32 node_id)
{
  Object *object = g_hash_table_lookup (self->objects, &node_id);

  return object != NULL && object->kind == OBJECT_NODE;
}

void
glb_media_server_sync (GlbMediaServer *self, GlbMediaServerDone done, gpointer user_data)
{
  Wait *wait = g_new0 (Wait, 1);

  wait->done = done;
  wait->user_data = user_data;
  wait->seq = pw_core_sync (self->core, PW_ID_CORE, 0);
  g_queue_push_tail (&self->waits, wait);
}
