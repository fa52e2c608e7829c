/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glovebox-view"

#include "config.h"

#include "ui/glb-grants-popover.h"

#include "ui/glb-grants-list.h"

/**
 * GlbGrantsPopover:
 *
 * The list of what a session may, at hand while the sidebar is closed.
 */
struct _GlbGrantsPopover
{
  GtkPopover parent_instance;

  GlbGrantsList *list;
};

G_DEFINE_FINAL_TYPE (GlbGrantsPopover, glb_grants_popover, GTK_TYPE_POPOVER)

static void
glb_grants_popover_class_init (GlbGrantsPopoverClass *klass)
{
}

static void
glb_grants_popover_init (GlbGrantsPopover *self)
{
  GtkWidget *list = glb_grants_list_new ();
  GtkWidget *scrolled = gtk_scrolled_window_new ();

  self->list = GLB_GRANTS_LIST (list);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), list);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scrolled), TRUE);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (scrolled), 400);
  gtk_widget_set_size_request (scrolled, 460, -1);
  gtk_popover_set_child (GTK_POPOVER (self), scrolled);
}

void
glb_grants_popover_set_grants (GlbGrantsPopover *self,
                               GPtrArray        *grants)
{
  g_return_if_fail (GLB_IS_GRANTS_POPOVER (self));

  glb_grants_list_set_grants (self->list, grants);
}
