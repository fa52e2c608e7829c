/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glovebox-view"

#include "config.h"

#include "ui/glb-folder-choice.h"

#include <glib/gi18n-lib.h>

/* GTK 4.10 has another class for it, which 4.8 has not. */
G_GNUC_BEGIN_IGNORE_DEPRECATIONS

typedef struct
{
  GtkFileChooserNative *dialog;
  GObject *owner;
  GlbFolderChosen chosen;
} Choice;

static void
on_response (GtkNativeDialog *dialog,
             int              response,
             Choice          *choice)
{
  g_autoptr(GFile) file = response == GTK_RESPONSE_ACCEPT ? gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog)) : NULL;
  g_autofree char *path = file != NULL ? g_file_get_path (file) : NULL;

  if (path != NULL)
    choice->chosen (choice->owner, path);
  g_object_unref (choice->owner);
  g_object_unref (choice->dialog);
  g_free (choice);
}

void
glb_folder_choose (GtkWindow       *parent,
                   const char      *title,
                   const char      *current,
                   GObject         *owner,
                   GlbFolderChosen  chosen)
{
  g_autoptr(GFile) folder = current != NULL ? g_file_new_for_path (current) : NULL;
  Choice *choice = g_new0 (Choice, 1);

  choice->dialog = gtk_file_chooser_native_new (title, parent, GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER, _("_Choose"), _("_Cancel"));
  choice->owner = g_object_ref (owner);
  choice->chosen = chosen;
  if (folder != NULL)
    gtk_file_chooser_set_file (GTK_FILE_CHOOSER (choice->dialog), folder, NULL);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (choice->dialog), TRUE);
  g_signal_connect (choice->dialog, "response", G_CALLBACK (on_response), choice);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (choice->dialog));
}

G_GNUC_END_IGNORE_DEPRECATIONS
