/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glovebox-view"

#include "config.h"

#include "ui/glb-prompt-file.h"

#include <glib/gi18n-lib.h>
#include <fcntl.h>
#include <gio/gunixfdlist.h>

#define CALL_DEADLINE_MS 30000

/* GTK 4.10 has another class for it, which 4.8 has not. */
G_GNUC_BEGIN_IGNORE_DEPRECATIONS

typedef struct
{
  GtkFileChooserNative *dialog;
  GlbDBusPrompt1 *prompt;      /* that was asked when the dialog was opened; over meanwhile, it says so */
  GAsyncReadyCallback callback;
  GObject *owner;
} Choice;

static void
choice_free (Choice *choice)
{
  g_object_unref (choice->dialog);
  g_object_unref (choice->prompt);
  g_object_unref (choice->owner);
  g_free (choice);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Choice, choice_free)

static void
on_response (GtkNativeDialog *dialog,
             int              response,
             Choice          *taken)
{
  g_autoptr(Choice) choice = taken;
  g_autoptr(GFile) file = response == GTK_RESPONSE_ACCEPT ? gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog)) : NULL;
  g_autofree char *path = file != NULL ? g_file_get_path (file) : NULL;
  g_autofree char *name = path != NULL ? g_filename_display_basename (path) : NULL;
  g_autoptr(GUnixFDList) fds = NULL;
  /* what is no file must not hold up the window; the broker says what it thinks of it */
  int fd = path != NULL ? open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY) : -1;

  if (fd < 0)
    return;

  fds = g_unix_fd_list_new_from_array (&fd, 1);
  g_dbus_proxy_call_with_unix_fd_list (G_DBUS_PROXY (choice->prompt), "AllowFile", g_variant_new ("(sh)", name, 0),
                                       G_DBUS_CALL_FLAGS_NONE, CALL_DEADLINE_MS, fds, NULL, choice->callback,
                                       g_object_ref (choice->owner));
}

GtkNativeDialog *
glb_prompt_file_choose (GtkWindow           *parent,
                        GlbDBusPrompt1      *prompt,
                        GAsyncReadyCallback  callback,
                        GObject             *owner)
{
  Choice *choice = g_new0 (Choice, 1);

  choice->dialog = gtk_file_chooser_native_new (_("Hand a Copy of a File In"), parent, GTK_FILE_CHOOSER_ACTION_OPEN, _("_Hand In"), _("_Cancel"));
  choice->prompt = g_object_ref (prompt);
  choice->callback = callback;
  choice->owner = g_object_ref (owner);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (choice->dialog), TRUE);
  g_signal_connect (choice->dialog, "response", G_CALLBACK (on_response), choice);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (choice->dialog));

  return GTK_NATIVE_DIALOG (choice->dialog);
}

G_GNUC_END_IGNORE_DEPRECATIONS
