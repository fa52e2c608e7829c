/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glb-box"

#include "session-broker/sandbox/glb-box-dial.h"

#include <errno.h>
#include <glib-unix.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct
{
  guint16  port;
  gboolean ipv6;
  int      fd;          /* on its way; -1 */
  GSource *source;      /* (nullable): of fd */
  GSource *deadline;    /* (nullable): the same */
  GError  *error;       /* (nullable): of 127.0.0.1 */
} Dial;

static void
clear_source (GSource **source)
{
  if (*source == NULL)
    return;

  g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static void
stop (Dial *dial)
{
  clear_source (&dial->source);
  clear_source (&dial->deadline);
  if (dial->fd >= 0)
    close (dial->fd);
  dial->fd = -1;
}

static void
dial_free (gpointer data)
{
  Dial *dial = data;

  stop (dial);
  g_clear_error (&dial->error);
  g_free (dial);
}

static void ask (GTask *task);

/* Takes task and error. Nobody listens on ::1 either: what was wrong with 127.0.0.1 says more. */
static void
fail (GTask  *task,
      GError *error)
{
  Dial *dial = g_task_get_task_data (task);

  stop (dial);
  if (!dial->ipv6 && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED))
    {
      dial->error = error;
      dial->ipv6 = TRUE;
      ask (task);
      return;
    }

  if (dial->error == NULL)
    dial->error = error;
  else
    g_error_free (error);
  g_task_return_error (task, g_steal_pointer (&dial->error));
  g_object_unref (task);
}

static gboolean
on_deadline (gpointer user_data)
{
  GTask *task = user_data;
  GlbBox *box = g_task_get_source_object (task);

  if (glb_box_is_paused (box))
    return G_SOURCE_CONTINUE;

  fail (task, g_error_new (G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "the program in the session does not accept"));
  return G_SOURCE_REMOVE;
}

static gboolean
on_connected (int          fd,
              GIOCondition condition,
              gpointer     user_data)
{
  GTask *task = user_data;
  Dial *dial = g_task_get_task_data (task);
  int error_number = 0;
  socklen_t size = sizeof error_number;

  if (getsockopt (fd, SOL_SOCKET, SO_ERROR, &error_number, &size) < 0)
    error_number = errno;
  if (error_number != 0)
    {
      fail (task, g_error_new_literal (G_IO_ERROR, g_io_error_from_errno (error_number), g_strerror (error_number)));
      return G_SOURCE_REMOVE;
    }

  dial->fd = -1;
  stop (dial);
  g_task_return_int (task, fd);
  g_object_unref (task);
  return G_SOURCE_REMOVE;
}

static gboolean
on_cancelled (GCancellable *cancellable,
              gpointer      user_data)
{
  GTask *task = user_data;

  stop (g_task_get_task_data (task));
  g_task_return_error_if_cancelled (task);
  g_object_unref (task);
  return G_SOURCE_REMOVE;
}

/* For the connection, its deadline, or for nobody to want it any more. */
static void
await (GTask *task)
{
  Dial *dial = g_task_get_task_data (task);

  dial->source = g_unix_fd_source_new (dial->fd, G_IO_OUT | G_IO_ERR | G_IO_HUP);
  g_source_set_callback (dial->source, G_SOURCE_FUNC (on_connected), task, NULL);
  if (g_task_get_cancellable (task) != NULL)
    {
      g_autoptr(GSource) cancelled = g_cancellable_source_new (g_task_get_cancellable (task));

      g_source_set_callback (cancelled, G_SOURCE_FUNC (on_cancelled), task, NULL);
      g_source_add_child_source (dial->source, cancelled);
    }
  g_source_attach (dial->source, g_task_get_context (task));
  dial->deadline = g_timeout_source_new (GLB_BOX_DIAL_MS);
  g_source_set_callback (dial->deadline, on_deadline, task, NULL);
  g_source_attach (dial->deadline, g_task_get_context (task));
}

static void
begun_cb (GObject      *object,
          GAsyncResult *result,
          gpointer      user_data)
{
  GTask *task = user_data;
  Dial *dial = g_task_get_task_data (task);
  GError *error = NULL;

  dial->fd = glb_box_connect_finish (GLB_BOX (object), result, &error);
  if (dial->fd < 0)
    fail (task, error);
  else
    await (task);
}

static void
ask (GTask *task)
{
  Dial *dial = g_task_get_task_data (task);

  glb_box_connect_async (g_task_get_source_object (task), dial->port, dial->ipv6, g_task_get_cancellable (task), begun_cb, task);
}

void
glb_box_dial_async (GlbBox              *box,
                    guint16              port,
                    GCancellable        *cancellable,
                    GAsyncReadyCallback  callback,
                    gpointer             user_data)
{
  GTask *task = g_task_new (box, cancellable, callback, user_data);
  Dial *dial = g_new0 (Dial, 1);

  g_task_set_source_tag (task, glb_box_dial_async);
  /* a socket that is there already is not to be lost */
  g_task_set_check_cancellable (task, FALSE);
  dial->port = port;
  dial->fd = -1;
  g_task_set_task_data (task, dial, dial_free);
  ask (task);
}

int
glb_box_dial_finish (GAsyncResult  *result,
                     GError       **error)
{
  return (int) g_task_propagate_int (G_TASK (result), error);
}
