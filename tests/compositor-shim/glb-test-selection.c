/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/compositor-shim/glb-test-selection.h"

#include <fcntl.h>
#include <unistd.h>

/* ---- sources -------------------------------------------------------------- */

typedef struct
{
  GBytes *content;
  guint64 length;
  guint64 *n_written;
  int fd;
} Writer;

/* A program that writes as most do: until all is written, in its own time. */
static gpointer
write_all (gpointer data)
{
  Writer *writer = data;
  gsize size;
  guint64 done = 0;
  const guint8 *bytes = g_bytes_get_data (writer->content, &size);

  while (done < writer->length)
    {
      gssize n = write (writer->fd, bytes + done % size, MIN (size - done % size, writer->length - done));

      if (n <= 0)
        break;
      done += (guint64) n;
    }
  close (writer->fd);
  __atomic_add_fetch (writer->n_written, done, __ATOMIC_SEQ_CST);
  g_bytes_unref (writer->content);
  g_free (writer);
  return NULL;
}

static void
join (gpointer thread)
{
  g_thread_join (thread);
}

static void
source_send (GlbTestSource *source,
             const char    *type,
             int            fd)
{
  source->n_sends++;
  g_string_append_printf (source->asked, "%s ", type);
  switch (source->manner)
    {
    case GLB_TEST_SOURCE_WRITES:
    case GLB_TEST_SOURCE_FLOODS:
      {
        Writer *writer = g_new (Writer, 1);

        writer->content = g_bytes_ref (source->content);
        writer->length = source->manner == GLB_TEST_SOURCE_FLOODS ? G_GUINT64_CONSTANT (2) << 30 : g_bytes_get_size (source->content);
        writer->n_written = &source->n_written;
        writer->fd = fd;
        g_ptr_array_add (source->writers, g_thread_new ("writer", write_all, writer));
        break;
      }
    case GLB_TEST_SOURCE_CLOSES:
      close (fd);
      break;
    case GLB_TEST_SOURCE_HOLDS:
      g_array_append_val (source->held, fd);
      break;
    default:
      g_assert_not_reached ();
    }
}

static void
data_source_target (void                  *data,
                    struct wl_data_source *data_source,
                    const char            *type)
{
}

static void
data_source_send (void                  *data,
                  struct wl_data_source *data_source,
                  const char            *type,
                  int32_t                fd)
{
  source_send (data, type, fd);
}

static void
data_source_cancelled (void                  *data,
                       struct wl_data_source *data_source)
{
  ((GlbTestSource *) data)->n_cancelled++;
}

static const struct wl_data_source_listener data_source_listener = {
  .target = data_source_target,
  .send = data_source_send,
  .cancelled = data_source_cancelled,
};

static void
primary_source_send (void                                   *data,
                     struct zwp_primary_selection_source_v1 *primary_source,
                     const char                             *type,
                     int32_t                                 fd)
{
  source_send (data, type, fd);
}

static void
primary_source_cancelled (void                                   *data,
                          struct zwp_primary_selection_source_v1 *primary_source)
{
  ((GlbTestSource *) data)->n_cancelled++;
}

static const struct zwp_primary_selection_source_v1_listener primary_source_listener = {
  primary_source_send, primary_source_cancelled,
};

GlbTestSource *
glb_test_source_new (GlbTestClient        *client,
                     GlbShimSelectionKind  kind,
                     const char           *content)
{
  GlbTestSource *source = g_new0 (GlbTestSource, 1);

  source->client = client;
  source->kind = kind;
  source->content = g_bytes_new (content, strlen (content));
  source->held = g_array_new (FALSE, FALSE, sizeof (int));
  source->writers = g_ptr_array_new_with_free_func (join);
  source->asked = g_string_new (NULL);
  if (kind == GLB_SHIM_CLIPBOARD)
    {
      source->data_source = wl_data_device_manager_create_data_source (client->data_device_manager);
      wl_data_source_add_listener (source->data_source, &data_source_listener, source);
    }
  else
    {
      source->primary_source = zwp_primary_selection_device_manager_v1_create_source (client->primary_manager);
      zwp_primary_selection_source_v1_add_listener (source->primary_source, &primary_source_listener, source);
    }
  return source;
}

void
glb_test_source_free (GlbTestSource *source)
{
  for (guint i = 0; i < source->held->len; i++)
    close (g_array_index (source->held, int, i));
  g_clear_pointer (&source->data_source, wl_data_source_destroy);
  g_clear_pointer (&source->primary_source, zwp_primary_selection_source_v1_destroy);
  wl_display_flush (source->client->display);
  g_ptr_array_unref (source->writers);
  g_array_unref (source->held);
  g_bytes_unref (source->content);
  g_string_free (source->asked, TRUE);
  g_free (source);
}

void
glb_test_source_offer (GlbTestSource *source,
                       const char    *type)
{
  if (source->kind == GLB_SHIM_CLIPBOARD)
    wl_data_source_offer (source->data_source, type);
  else
    zwp_primary_selection_source_v1_offer (source->primary_source, type);
}

/* ---- devices -------------------------------------------------------------- */

static void
add_type (GlbTestDevice *device,
          gpointer       offer,
          const char    *type)
{
  g_string_append_printf (g_hash_table_lookup (device->offers, offer), "%s ", type);
}

static void
data_offer_offer (void                 *data,
                  struct wl_data_offer *offer,
                  const char           *type)
{
  add_type (data, offer, type);
}

static void
data_offer_source_actions (void                 *data,
                           struct wl_data_offer *offer,
                           uint32_t              actions)
{
}

static void
data_offer_action (void                 *data,
                   struct wl_data_offer *offer,
                   uint32_t              action)
{
}

static const struct wl_data_offer_listener data_offer_listener = {
  data_offer_offer, data_offer_source_actions, data_offer_action,
};

static void
primary_offer_offer (void                                  *data,
                     struct zwp_primary_selection_offer_v1 *offer,
                     const char                            *type)
{
  add_type (data, offer, type);
}

static const struct zwp_primary_selection_offer_v1_listener primary_offer_listener = { primary_offer_offer };

static void
free_types (gpointer data)
{
  g_string_free (data, TRUE);
}

static void
destroy_offer (GlbTestDevice *device,
               gpointer       offer)
{
  if (device->kind == GLB_SHIM_CLIPBOARD)
    wl_data_offer_destroy (offer);
  else
    zwp_primary_selection_offer_v1_destroy (offer);
  g_hash_table_remove (device->offers, offer);
}

static void
take_selection (GlbTestDevice *device,
                gpointer       offer)
{
  if (device->offer != NULL)
    destroy_offer (device, device->offer);
  device->offer = offer;
  device->n_selections++;
}

static void
data_device_data_offer (void                  *data,
                        struct wl_data_device *data_device,
                        struct wl_data_offer  *offer)
{
  GlbTestDevice *device = data;

  g_hash_table_insert (device->offers, offer, g_string_new (NULL));
  wl_data_offer_add_listener (offer, &data_offer_listener, device);
}

static void
data_device_enter (void                  *data,
                   struct wl_data_device *data_device,
                   uint32_t               serial,
                   struct wl_surface     *surface,
                   wl_fixed_t             x,
                   wl_fixed_t             y,
                   struct wl_data_offer  *offer)
{
}

static void
data_device_leave (void                  *data,
                   struct wl_data_device *data_device)
{
}

static void
data_device_motion (void                  *data,
                    struct wl_data_device *data_device,
                    uint32_t               time,
                    wl_fixed_t             x,
                    wl_fixed_t             y)
{
}

static void
data_device_drop (void                  *data,
                  struct wl_data_device *data_device)
{
}

static void
data_device_selection (void                  *data,
                       struct wl_data_device *data_device,
                       struct wl_data_offer  *offer)
{
  take_selection (data, offer);
}

static const struct wl_data_device_listener data_device_listener = {
  data_device_data_offer, data_device_enter, data_device_leave, data_device_motion, data_device_drop,
  data_device_selection,
};

static void
primary_device_data_offer (void                                   *data,
                           struct zwp_primary_selection_device_v1 *primary_device,
                           struct zwp_primary_selection_offer_v1  *offer)
{
  GlbTestDevice *device = data;

  g_hash_table_insert (device->offers, offer, g_string_new (NULL));
  zwp_primary_selection_offer_v1_add_listener (offer, &primary_offer_listener, device);
}

static void
primary_device_selection (void                                   *data,
                          struct zwp_primary_selection_device_v1 *primary_device,
                          struct zwp_primary_selection_offer_v1  *offer)
{
  take_selection (data, offer);
}

static const struct zwp_primary_selection_device_v1_listener primary_device_listener = {
  primary_device_data_offer, primary_device_selection,
};

GlbTestDevice *
glb_test_device_new (GlbTestClient        *client,
                     GlbShimSelectionKind  kind)
{
  GlbTestDevice *device = g_new0 (GlbTestDevice, 1);

  device->client = client;
  device->kind = kind;
  device->offers = g_hash_table_new_full (NULL, NULL, NULL, free_types);
  if (kind == GLB_SHIM_CLIPBOARD)
    {
      device->data_device = wl_data_device_manager_get_data_device (client->data_device_manager, client->seat);
      wl_data_device_add_listener (device->data_device, &data_device_listener, device);
    }
  else
    {
      device->primary_device =
        zwp_primary_selection_device_manager_v1_get_device (client->primary_manager, client->seat);
      zwp_primary_selection_device_v1_add_listener (device->primary_device, &primary_device_listener, device);
    }
  g_assert_true (glb_test_client_sync (client));
  return device;
}

void
glb_test_device_free (GlbTestDevice *device)
{
  g_autoptr(GList) offers = g_hash_table_get_keys (device->offers);

  for (GList *l = offers; l != NULL; l = l->next)
    destroy_offer (device, l->data);
  g_clear_pointer (&device->data_device, wl_data_device_release);
  g_clear_pointer (&device->primary_device, zwp_primary_selection_device_v1_destroy);
  wl_display_flush (device->client->display);
  g_hash_table_unref (device->offers);
  g_free (device);
}

const char *
glb_test_device_types (GlbTestDevice *device)
{
  return device->offer != NULL ? ((GString *) g_hash_table_lookup (device->offers, device->offer))->str : "";
}

void
glb_test_device_receive_into (GlbTestDevice *device,
                              const char    *type,
                              int            fd)
{
  g_assert_nonnull (device->offer);
  if (device->kind == GLB_SHIM_CLIPBOARD)
    wl_data_offer_receive (device->offer, type, fd);
  else
    zwp_primary_selection_offer_v1_receive (device->offer, type, fd);
  wl_display_flush (device->client->display);
}

int
glb_test_device_receive (GlbTestDevice *device,
                         const char    *type)
{
  int ends[2];

  g_assert_no_errno (pipe2 (ends, O_CLOEXEC));
  glb_test_device_receive_into (device, type, ends[1]);
  close (ends[1]);
  return ends[0];
}

GBytes *
glb_test_device_paste (GlbTestDevice *device,
                       const char    *type)
{
  return glb_test_read_pipe (device->client->compositor, glb_test_device_receive (device, type));
}

void
glb_test_device_copy (GlbTestDevice *device,
                      GlbTestSource *source,
                      guint32        serial)
{
  if (device->kind == GLB_SHIM_CLIPBOARD)
    wl_data_device_set_selection (device->data_device, source != NULL ? source->data_source : NULL, serial);
  else
    zwp_primary_selection_device_v1_set_selection (device->primary_device,
                                                   source != NULL ? source->primary_source : NULL, serial);
  wl_display_flush (device->client->display);
}
