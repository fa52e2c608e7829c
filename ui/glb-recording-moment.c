/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glovebox-view"

#include "config.h"

#include "ui/glb-recording-moment.h"

#include <glib/gi18n-lib.h>

#include "session-broker/record/glb-record-json.h"
#include "ui/glb-recording-json.h"

/* Of one description, in characters. */
#define DETAILS_MAX 2000
#define WINDOWS_MAX 32u

/* In colour around each pixel that changed, in pixels: letters can be read, of which only some pixels changed. */
#define BLOCK 8u

/* ---- the difference ---------------------------------------------------------------------- */

/* Grey, and a third as bright. */
static guint32
dim (guint32 rgb)
{
  guint32 grey = ((rgb >> 16 & 0xff) * 77 + (rgb >> 8 & 0xff) * 150 + (rgb & 0xff) * 29) >> 8;

  grey = grey * 35 / 100 + 24;
  return grey << 16 | grey << 8 | grey;
}

static void
extend (GlbRecordingMoment *self,
        int                 x,
        int                 y)
{
  int x2 = MAX (self->changed.x + self->changed.width, x + 1), y2 = MAX (self->changed.y + self->changed.height, y + 1);

  if (self->n_changed++ == 0)
    {
      self->changed = (GlbRect) { x, y, 1, 1 };
      return;
    }
  self->changed.x = MIN (self->changed.x, x);
  self->changed.y = MIN (self->changed.y, y);
  self->changed.width = x2 - self->changed.x;
  self->changed.height = y2 - self->changed.y;
}

/* Whether anything in that block changed. (transfer full) */
static guint8 *
find_changed_blocks (GlbRecordingMoment *self,
                     guint               n_columns,
                     guint               n_rows)
{
  guint8 *blocks = g_new0 (guint8, (gsize) n_columns * n_rows);

  for (guint y = 0; y < self->now->height; y++)
    for (guint x = 0; x < self->now->width; x++)
      {
        gsize i = (gsize) y * self->now->width + x;

        if (((self->before->pixels[i] ^ self->now->pixels[i]) & 0xffffff) == 0)
          continue;
        extend (self, x, y);
        blocks[(gsize) (y / BLOCK) * n_columns + x / BLOCK] = TRUE;
      }

  return blocks;
}

void
glb_recording_moment_compare (GlbRecordingMoment *self)
{
  g_autofree guint8 *blocks = NULL;
  guint n_columns;

  if (self->before == NULL || self->now == NULL || self->before->width != self->now->width ||
      self->before->height != self->now->height)
    return;
  self->difference = glb_record_image_copy (self->now);
  if (self->difference == NULL)
    return;

  n_columns = (self->now->width + BLOCK - 1) / BLOCK;
  blocks = find_changed_blocks (self, n_columns, (self->now->height + BLOCK - 1) / BLOCK);
  for (guint y = 0; y < self->now->height; y++)
    for (guint x = 0; x < self->now->width; x++)
      {
        guint32 *pixel = &self->difference->pixels[(gsize) y * self->now->width + x];

        if (!blocks[(gsize) (y / BLOCK) * n_columns + x / BLOCK])
          *pixel = dim (*pixel);
      }
}

/* ---- words ------------------------------------------------------------------------------------ */

/* Lines stay lines; what cannot be seen is named. */
static void
add_visible (GString    *text,
             const char *untrusted_text)
{
  g_autofree char *valid = g_utf8_make_valid (untrusted_text, -1);
  guint n = 0;

  for (const char *p = valid; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (n++ == DETAILS_MAX)
        {
          g_string_append (text, "…");
          return;
        }
      if (c == '\n' || c == '\t' || (g_unichar_isprint (c) && !g_unichar_iszerowidth (c)))
        g_string_append_unichar (text, c);
      else if (c != '\r')
        g_string_append_printf (text, "‹U+%04X›", c);
    }
}

static void
add_member (GString    *text,
            const char *label,
            JsonObject *object,
            const char *name)
{
  const char *value = glb_record_json_get_string (object, name);

  if (value == NULL || *value == '\0')
    return;
  g_string_append_printf (text, "%s%s", text->len > 0 ? "\n" : "", label);
  add_visible (text, value);
}

/* With its spaces: title and app id are the program's own words. */
static void
add_window (GString    *text,
            JsonObject *window)
{
  const char *app = glb_record_json_get_string (window, "appId");

  if (text->len > 0)
    g_string_append_c (text, '\n');
  add_visible (text, glb_record_json_get_string (window, "title") ? glb_record_json_get_string (window, "title") : _("(no title)"));
  if (app != NULL && *app != '\0')
    {
      g_string_append (text, " — ");
      add_visible (text, app);
    }
}

char *
glb_recording_describe_windows (JsonObject *untrusted_record)
{
  JsonArray *windows = glb_recording_json_get_array (untrusted_record, "windows");
  guint n = windows != NULL ? json_array_get_length (windows) : 0;
  g_autoptr(GString) text = g_string_new (NULL);

  for (guint i = n; i > 0 && n - i < WINDOWS_MAX; i--)
    {
      JsonNode *node = json_array_get_element (windows, i - 1);

      if (JSON_NODE_HOLDS_OBJECT (node))
        add_window (text, json_node_get_object (node));
    }

  return text->len > 0 ? g_string_free (g_steal_pointer (&text), FALSE) : NULL;
}

char *
glb_recording_describe_details (JsonObject *untrusted_record)
{
  JsonObject *action = glb_record_json_get_object (untrusted_record, "action");
  JsonObject *result = glb_record_json_get_object (untrusted_record, "result");
  JsonObject *window = glb_record_json_get_object (untrusted_record, "window");
  JsonObject *session = glb_record_json_get_object (untrusted_record, "session");
  const char *type = glb_record_json_get_string (untrusted_record, "type");
  g_autoptr(GString) text = g_string_new (NULL);

  if (g_strcmp0 (type, "windows") == 0)
    return NULL;
  add_member (text, "", action, "text");
  add_member (text, _("In the window: "), window, "title");
  add_member (text, _("Because: "), result, "message");
  add_member (text, _("Asked by: "), untrusted_record, "requester");
  add_member (text, _("About: "), untrusted_record, "title");
  add_member (text, _("For: "), untrusted_record, "target");
  add_member (text, "", untrusted_record, "preview");
  add_member (text, _("Answer: "), untrusted_record, "verdict");
  add_member (text, _("For how long: "), untrusted_record, "scope");
  add_member (text, _("Because: "), untrusted_record, "why");
  add_member (text, "", untrusted_record, "text");
  add_member (text, _("Session: "), session, "name");
  add_member (text, _("Policy: "), session, "policyHash");

  return text->len > 0 ? g_string_free (g_steal_pointer (&text), FALSE) : NULL;
}

/* ---- itself --------------------------------------------------------------------------------------- */

GlbRecordingMoment *
glb_recording_moment_new (void)
{
  return g_new0 (GlbRecordingMoment, 1);
}

void
glb_recording_moment_free (GlbRecordingMoment *self)
{
  g_clear_pointer (&self->before, glb_record_image_free);
  g_clear_pointer (&self->now, glb_record_image_free);
  g_clear_pointer (&self->difference, glb_record_image_free);
  g_free (self->problem);
  g_free (self->windows);
  g_free (self->details);
  g_free (self);
}
