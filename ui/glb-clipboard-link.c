/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glovebox-view"

#include "config.h"

#include "ui/glb-clipboard-link.h"

#include <glib/gi18n-lib.h>
#include <errno.h>
#include <gio/gunixfdlist.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ui/glb-gate-text.h"
#include "ui/glb-prompt-image.h"

/**
 * GlbClipboardLink:
 *
 * Carries the person's clipboard to a session and back, each time because the
 * person said so: nothing here follows a clipboard. What may cross is the
 * broker's to decide.
 *
 * The other end of the person's clipboard is some program of theirs: it has a
 * deadline and a bound on what is read.
 */
struct _GlbClipboardLink
{
  GObject parent_instance;

  GlbDBusSession1 *session;
  GdkClipboard *clipboard;
  GCancellable *cancellable;
  gboolean pasting;            /* one at a time: a second press is the person's impatience */
};

G_DEFINE_FINAL_TYPE (GlbClipboardLink, glb_clipboard_link, G_TYPE_OBJECT)

enum
{
  SIGNAL_MESSAGE,
  SIGNAL_PLACED,
  SIGNAL_OFFERED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

#define MAX_BYTES GLB_PROMPT_IMAGE_MAX_BYTES
#define READ_DEADLINE_S 5
/* The longest that a policy lets a person think, and then some. */
#define ANSWER_DEADLINE_MS ((3600 + 30) * 1000)

static void
say (GlbClipboardLink *self,
     const char       *message)
{
  g_signal_emit (self, signals[SIGNAL_MESSAGE], 0, message);
}

/* A refusal at the gate has been told by the session's signal. */
static void
say_error (GlbClipboardLink *self,
           GError           *error)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) ||
      g_error_matches (error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_POLICY))
    return;

  g_dbus_error_strip_remote_error (error);
  say (self, error->message);
}

/* ---- into the session ---------------------------------------------------------- */

typedef struct
{
  GlbClipboardLink *self;
  GCancellable *cancellable;
  guint deadline_id;
  const char *type;
  guint8 *data;                /* MAX_BYTES + 1 */
} Paste;

static void
paste_free (Paste *paste)
{
  paste->self->pasting = FALSE;
  g_clear_handle_id (&paste->deadline_id, g_source_remove);
  g_object_unref (paste->cancellable);
  g_object_unref (paste->self);
  g_free (paste->data);
  g_free (paste);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Paste, paste_free)

static gboolean
on_read_deadline (gpointer user_data)
{
  Paste *paste = user_data;

  paste->deadline_id = 0;
  g_cancellable_cancel (paste->cancellable);

  return G_SOURCE_REMOVE;
}

static void
put_cb (GObject      *object,
        GAsyncResult *result,
        gpointer      user_data)
{
  g_autoptr(Paste) paste = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) reply = g_dbus_proxy_call_with_unix_fd_list_finish (G_DBUS_PROXY (object), NULL, result, &error);

  if (reply == NULL)
    say_error (paste->self, error);
  else
    g_signal_emit (paste->self, signals[SIGNAL_PLACED], 0);
}

/* -1: with error */
static int
make_memfd (const guint8  *data,
            gsize          length,
            GError       **error)
{
  int fd = memfd_create ("glovebox-paste", MFD_CLOEXEC);

  for (gsize done = 0; fd >= 0 && done < length;)
    {
      gssize n = pwrite (fd, data + done, length - done, (off_t) done);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        {
          int saved = errno;

          close (fd);
          fd = -1;
          errno = saved;
        }
      done += n > 0 ? (gsize) n : 0;
    }
  if (fd < 0)
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno),
                 _("Can't hand over the clipboard: %s"), g_strerror (errno));

  return fd;
}

/* Takes paste. */
static void
put (Paste *paste,
     gsize  length)
{
  g_autoptr(Paste) owned = paste;
  g_autoptr(GUnixFDList) fds = g_unix_fd_list_new ();
  g_autoptr(GError) error = NULL;
  GVariantDict options;
  int fd = make_memfd (paste->data, length, &error);
  int handle = -1;

  if (fd >= 0)
    {
      handle = g_unix_fd_list_append (fds, fd, &error);
      close (fd);
    }
  if (handle < 0)
    {
      say_error (paste->self, error);
      return;
    }

  g_clear_handle_id (&paste->deadline_id, g_source_remove);
  g_clear_pointer (&paste->data, g_free);
  g_variant_dict_init (&options, NULL);
  g_variant_dict_insert (&options, "type", "s", paste->type);
  g_dbus_proxy_call_with_unix_fd_list (G_DBUS_PROXY (paste->self->session), "ClipboardPut",
                                       g_variant_new ("(@a{sv}h)", g_variant_dict_end (&options), handle),
                                       G_DBUS_CALL_FLAGS_NONE, ANSWER_DEADLINE_MS, fds, paste->self->cancellable,
                                       put_cb, g_steal_pointer (&owned));
}

static void
paste_failed (Paste  *paste,
              GError *error)
{
  if (g_cancellable_is_cancelled (paste->self->cancellable))
    return;
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    say (paste->self, _("The program that you copied from does not hand it out"));
  else
    say_error (paste->self, error);
}

static void
paste_read_cb (GObject      *object,
               GAsyncResult *result,
               gpointer      user_data)
{
  g_autoptr(Paste) paste = user_data;
  g_autoptr(GError) error = NULL;
  gsize length = 0;

  if (!g_input_stream_read_all_finish (G_INPUT_STREAM (object), result, &length, &error))
    paste_failed (paste, error);
  else if (length > MAX_BYTES)
    say (paste->self, _("Nothing was pasted in: more than 16 MiB cannot cross"));
  else
    put (g_steal_pointer (&paste), length);
}

static void
paste_opened_cb (GObject      *object,
                 GAsyncResult *result,
                 gpointer      user_data)
{
  g_autoptr(Paste) paste = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GInputStream) stream = NULL;
  const char *offered;

  stream = gdk_clipboard_read_finish (GDK_CLIPBOARD (object), result, &offered, &error);
  if (stream == NULL)
    {
      paste_failed (paste, error);
      return;
    }

  paste->data = g_malloc (MAX_BYTES + 1);
  g_input_stream_read_all_async (stream, paste->data, MAX_BYTES + 1, G_PRIORITY_DEFAULT, paste->cancellable,
                                 paste_read_cb, paste);
  g_steal_pointer (&paste);
}

void
glb_clipboard_link_paste (GlbClipboardLink *self)
{
  static const char * const text[] = { "text/plain;charset=utf-8", "UTF8_STRING", "text/plain", NULL };
  static const char * const picture[] = { "image/png", NULL };
  g_autoptr(GdkContentFormats) formats = NULL;
  const char * const *wanted = NULL;
  Paste *paste;

  g_return_if_fail (GLB_IS_CLIPBOARD_LINK (self));

  if (self->pasting)
    return;

  /* What this program copied itself is offered as types of GLib's; those can be had as text, too. */
  formats = gdk_content_formats_ref (gdk_clipboard_get_formats (self->clipboard));
  formats = gdk_content_formats_union_serialize_mime_types (formats);
  for (gsize i = 0; wanted == NULL && text[i] != NULL; i++)
    if (gdk_content_formats_contain_mime_type (formats, text[i]))
      wanted = text;
  if (wanted == NULL && gdk_content_formats_contain_mime_type (formats, picture[0]))
    wanted = picture;
  if (wanted == NULL)
    {
      say (self, _("There is no text and no picture in your clipboard"));
      return;
    }

  paste = g_new0 (Paste, 1);
  paste->self = g_object_ref (self);
  self->pasting = TRUE;
  paste->cancellable = g_cancellable_new ();
  paste->type = wanted == text ? "text/plain" : "image/png";
  paste->deadline_id = g_timeout_add_seconds (READ_DEADLINE_S, on_read_deadline, paste);
  gdk_clipboard_read_async (self->clipboard, (const char **) wanted, G_PRIORITY_DEFAULT, paste->cancellable,
                            paste_opened_cb, paste);
}

/* ---- out of the session -------------------------------------------------------- */

/* Text also as the many names that programs ask for it by. */
static void
own (GlbClipboardLink *self,
     const char       *type,
     GBytes           *content)
{
  gsize length;
  const char *data = g_bytes_get_data (content, &length);

  if (g_str_equal (type, "text/plain") && length > 0 && g_utf8_validate_len (data, length, NULL))
    {
      g_autofree char *text = g_strndup (data, length);

      gdk_clipboard_set_text (self->clipboard, text);
    }
  else
    {
      g_autoptr(GdkContentProvider) provider = gdk_content_provider_new_for_bytes (type, content);

      gdk_clipboard_set_content (self->clipboard, provider);
    }
}

static void
got_cb (GObject      *object,
        GAsyncResult *result,
        gpointer      user_data)
{
  g_autoptr(GlbClipboardLink) self = user_data;
  g_autoptr(GUnixFDList) fds = NULL;
  g_autoptr(GVariant) reply = NULL;
  g_autoptr(GVariant) info = NULL;
  g_autoptr(GBytes) content = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *facts = NULL;
  g_autofree char *message = NULL;
  const char *type = "", *sha256 = "";
  int handle, fd;

  reply = g_dbus_proxy_call_with_unix_fd_list_finish (G_DBUS_PROXY (object), &fds, result, &error);
  if (reply == NULL)
    {
      say_error (self, error);
      return;
    }

  g_variant_get (reply, "(h@a{sv})", &handle, &info);
  fd = fds != NULL ? g_unix_fd_list_get (fds, handle, &error) : -1;
  if (fd >= 0)
    {
      content = glb_prompt_image_read (fd, &error);
      close (fd);
    }
  g_variant_lookup (info, "type", "&s", &type);
  g_variant_lookup (info, "sha256", "&s", &sha256);
  if (content == NULL || *type == '\0')
    {
      say (self, error != NULL ? error->message : _("The broker sent nothing; run the same version of both"));
      return;
    }

  own (self, type, content);
  facts = glb_gate_text_facts (type, g_bytes_get_size (content), sha256, NULL);
  message = g_strdup_printf (_("In your clipboard: %s"), facts);
  say (self, message);
}

void
glb_clipboard_link_copy (GlbClipboardLink *self)
{
  g_auto(GVariantBuilder) options = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  g_return_if_fail (GLB_IS_CLIPBOARD_LINK (self));

  g_dbus_proxy_call_with_unix_fd_list (G_DBUS_PROXY (self->session), "ClipboardGet",
                                       g_variant_new ("(a{sv})", &options), G_DBUS_CALL_FLAGS_NONE,
                                       ANSWER_DEADLINE_MS, NULL, self->cancellable, got_cb, g_object_ref (self));
}

void
glb_clipboard_link_take (GlbClipboardLink *self)
{
  g_return_if_fail (GLB_IS_CLIPBOARD_LINK (self));

  g_dbus_proxy_call_with_unix_fd_list (G_DBUS_PROXY (self->session), "TakeClipboard", NULL, G_DBUS_CALL_FLAGS_NONE,
                                       -1, NULL, self->cancellable, got_cb, g_object_ref (self));
}

/* ---- what the session says ------------------------------------------------------ */

static void
on_offered (GlbDBusSession1  *session,
            GVariant         *info,
            GlbClipboardLink *self)
{
  const char *type = "", *sha256 = "";
  guint64 bytes = 0;
  g_autofree char *facts = NULL;

  g_variant_lookup (info, "type", "&s", &type);
  g_variant_lookup (info, "sha256", "&s", &sha256);
  g_variant_lookup (info, "bytes", "t", &bytes);
  facts = glb_gate_text_facts (type, bytes, sha256, NULL);
  g_signal_emit (self, signals[SIGNAL_OFFERED], 0, facts);
}

static void
on_refused (GlbDBusSession1  *session,
            const char       *direction,
            const char       *type,
            const char       *code,
            const char       *message,
            GlbClipboardLink *self)
{
  g_autofree char *text = glb_gate_text_refusal (direction, code, message);

  if (text != NULL)
    say (self, text);
}

static void
glb_clipboard_link_dispose (GObject *object)
{
  GlbClipboardLink *self = GLB_CLIPBOARD_LINK (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->session);
  g_clear_object (&self->clipboard);

  G_OBJECT_CLASS (glb_clipboard_link_parent_class)->dispose (object);
}

static void
glb_clipboard_link_class_init (GlbClipboardLinkClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = glb_clipboard_link_dispose;

  /**
   * GlbClipboardLink::message:
   * @text: plain text
   *
   * Something crossed or did not.
   */
  signals[SIGNAL_MESSAGE] = g_signal_new ("message", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                          NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);

  /**
   * GlbClipboardLink::placed:
   *
   * The person's clipboard waits in the session to be pasted.
   */
  signals[SIGNAL_PLACED] = g_signal_new ("placed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                         NULL, NULL, NULL, G_TYPE_NONE, 0);

  /**
   * GlbClipboardLink::offered:
   * @facts: plain text
   *
   * What the agent copied waits to be taken.
   */
  signals[SIGNAL_OFFERED] = g_signal_new ("offered", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                          NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
glb_clipboard_link_init (GlbClipboardLink *self)
{
  self->cancellable = g_cancellable_new ();
}

/**
 * glb_clipboard_link_new:
 * @session: whose clipboard
 * @clipboard: the person's
 *
 * Returns: (transfer full): a link that carries nothing yet
 */
GlbClipboardLink *
glb_clipboard_link_new (GlbDBusSession1 *session,
                        GdkClipboard    *clipboard)
{
  GlbClipboardLink *self = g_object_new (GLB_TYPE_CLIPBOARD_LINK, NULL);

  self->session = g_object_ref (session);
  self->clipboard = g_object_ref (clipboard);
  g_signal_connect_object (session, "clipboard-offered", G_CALLBACK (on_offered), self, 0);
  g_signal_connect_object (session, "clipboard-refused", G_CALLBACK (on_refused), self, 0);

  return self;
}
