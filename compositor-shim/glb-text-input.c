/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "compositor-shim/glb-text-input.h"

#include "compositor-shim/glb-memory.h"
#include "compositor-shim/glb-resource.h"
#include "compositor-shim/text-input-unstable-v3-server-protocol.h"

/* A client's text-input object. */
typedef struct
{
  struct wl_list link;
  struct wl_resource *resource;
  struct weston_surface *surface;   /* that it was told it entered, or NULL */
  struct wl_listener surface_listener;
  bool pending_enabled, enabled;
  uint32_t pending_purpose, purpose;
  uint32_t serial;                  /* commits so far */
} Field;

struct GlbTextInput
{
  GlbSeat *seat;
  struct wl_global *global;
  struct wl_list fields;            /* Field.link */
  struct weston_surface *focus;
  struct wl_listener focus_listener;
};

static void
field_forget_surface (Field *field)
{
  if (field->surface != NULL)
    wl_list_remove (&field->surface_listener.link);
  field->surface = NULL;
  field->enabled = false;
  field->pending_enabled = false;
}

static void
handle_surface_destroy (struct wl_listener *listener,
                        void               *data)
{
  Field *field = wl_container_of (listener, field, surface_listener);

  field_forget_surface (field);
}

static void
field_leave (Field *field)
{
  if (field->surface != NULL && field->surface->resource != NULL)
    zwp_text_input_v3_send_leave (field->resource, field->surface->resource);
  field_forget_surface (field);
}

static void
field_enter (Field                 *field,
             struct weston_surface *surface)
{
  field->surface = surface;
  field->surface_listener.notify = handle_surface_destroy;
  wl_signal_add (&surface->destroy_signal, &field->surface_listener);
  zwp_text_input_v3_send_enter (field->resource, surface->resource);
}

static void
field_follow_focus (Field                 *field,
                    struct weston_surface *focus)
{
  if (field->surface == focus)
    return;
  field_leave (field);
  if (focus != NULL && focus->resource != NULL &&
      wl_resource_get_client (focus->resource) == wl_resource_get_client (field->resource))
    field_enter (field, focus);
}

static void
handle_focus (struct wl_listener *listener,
              void               *data)
{
  GlbTextInput *self = wl_container_of (listener, self, focus_listener);
  struct weston_keyboard *keyboard = data;
  Field *field;

  self->focus = keyboard->focus;
  wl_list_for_each (field, &self->fields, link)
    field_follow_focus (field, keyboard->focus);
}

/* ---- requests ------------------------------------------------------------- */

static void
handle_enable (struct wl_client   *client,
               struct wl_resource *resource)
{
  Field *field = wl_resource_get_user_data (resource);

  if (field == NULL)
    return;
  field->pending_enabled = true;
  field->pending_purpose = ZWP_TEXT_INPUT_V3_CONTENT_PURPOSE_NORMAL;
}

static void
handle_disable (struct wl_client   *client,
                struct wl_resource *resource)
{
  Field *field = wl_resource_get_user_data (resource);

  if (field != NULL)
    field->pending_enabled = false;
}

static void
handle_commit (struct wl_client   *client,
               struct wl_resource *resource)
{
  Field *field = wl_resource_get_user_data (resource);

  if (field == NULL)
    return;
  field->serial++;
  field->enabled = field->pending_enabled && field->surface != NULL;
  field->purpose = field->pending_purpose;
}

/* We complete nothing, so what is around the cursor is the client's own business. */
static void
ignore_surrounding_text (struct wl_client   *client,
                         struct wl_resource *resource,
                         const char         *text,
                         int32_t             cursor,
                         int32_t             anchor)
{
}

static void
ignore_change_cause (struct wl_client   *client,
                     struct wl_resource *resource,
                     uint32_t            cause)
{
}

static void
handle_content_type (struct wl_client   *client,
                     struct wl_resource *resource,
                     uint32_t            hint,
                     uint32_t            purpose)
{
  Field *field = wl_resource_get_user_data (resource);

  if (field != NULL)
    field->pending_purpose = purpose;
}

static void
ignore_cursor_rectangle (struct wl_client   *client,
                         struct wl_resource *resource,
                         int32_t             x,
                         int32_t             y,
                         int32_t             width,
                         int32_t             height)
{
}

static const struct zwp_text_input_v3_interface text_input_implementation = {
  .destroy = glb_resource_handle_destroy,
  .enable = handle_enable,
  .disable = handle_disable,
  .set_surrounding_text = ignore_surrounding_text,
  .set_text_change_cause = ignore_change_cause,
  .set_content_type = handle_content_type,
  .set_cursor_rectangle = ignore_cursor_rectangle,
  .commit = handle_commit,
};

static void
field_free (Field *field)
{
  field_forget_surface (field);
  wl_list_remove (&field->link);
  wl_resource_set_user_data (field->resource, NULL);
  free (field);
}

static void
handle_field_destroyed (struct wl_resource *resource)
{
  Field *field = wl_resource_get_user_data (resource);

  if (field != NULL)
    field_free (field);
}

static void
handle_get_text_input (struct wl_client   *client,
                       struct wl_resource *manager_resource,
                       uint32_t            id,
                       struct wl_resource *seat_resource)
{
  GlbTextInput *self = wl_resource_get_user_data (manager_resource);
  Field *field = glb_new0 (Field);
  struct wl_resource *resource =
    glb_resource_new (client, &zwp_text_input_v3_interface, wl_resource_get_version (manager_resource), id,
                      &text_input_implementation, field, handle_field_destroyed);

  if (resource == NULL)
    {
      free (field);
      return;
    }
  field->resource = resource;
  wl_list_insert (&self->fields, &field->link);
  field_follow_focus (field, self->focus);
}

static const struct zwp_text_input_manager_v3_interface manager_implementation = {
  .destroy = glb_resource_handle_destroy,
  .get_text_input = handle_get_text_input,
};

static void
bind (struct wl_client *client,
      void             *data,
      uint32_t          version,
      uint32_t          id)
{
  glb_resource_new (client, &zwp_text_input_manager_v3_interface, (int) version, id, &manager_implementation, data, NULL);
}

/* ---- public --------------------------------------------------------------- */

GlbTextInput *
glb_text_input_new (struct weston_compositor *compositor,
                    GlbSeat                  *seat)
{
  GlbTextInput *self = glb_new0 (GlbTextInput);

  self->seat = seat;
  wl_list_init (&self->fields);
  self->global = wl_global_create (compositor->wl_display, &zwp_text_input_manager_v3_interface, 1, self, bind);
  if (self->global == NULL)
    abort ();
  self->focus_listener.notify = handle_focus;
  wl_signal_add (&glb_seat_get_keyboard (seat)->focus_signal, &self->focus_listener);
  return self;
}

void
glb_text_input_free (GlbTextInput *self)
{
  Field *field, *next;

  wl_list_for_each_safe (field, next, &self->fields, link)
    field_free (field);
  wl_list_remove (&self->focus_listener.link);
  wl_global_destroy (self->global);
  free (self);
}

/*
 * A terminal takes keys for everything.  It commits a new place of the cursor
 * whenever a program writes, and foot drops, without a word, the text of a
 * "done" that crosses such a commit on the way.
 */
static Field *
enabled_field (GlbTextInput *self)
{
  Field *field;

  wl_list_for_each (field, &self->fields, link)
    if (field->enabled && field->surface == self->focus && field->purpose != ZWP_TEXT_INPUT_V3_CONTENT_PURPOSE_TERMINAL)
      return field;
  return NULL;
}

bool
glb_text_input_is_enabled (GlbTextInput *self)
{
  return enabled_field (self) != NULL;
}

void
glb_text_input_commit (GlbTextInput *self,
                       const char   *string)
{
  Field *field = enabled_field (self);

  if (field == NULL)
    return;
  zwp_text_input_v3_send_commit_string (field->resource, string);
  zwp_text_input_v3_send_done (field->resource, field->serial);
}
