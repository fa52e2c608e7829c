/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glovebox-view"

#include "config.h"

#include "ui/glb-button-content.h"

/* From the widest on. */
enum { WITH_LABEL, WITH_SHORT_LABEL, WITHOUT, N_FORMS };

struct _GlbButtonContent
{
  AdwBin parent_instance;

  GtkWidget *forms[N_FORMS];   /* one of them is shown */
  GtkImage *icons[N_FORMS];
  GtkLabel *labels[N_FORMS];
};

G_DEFINE_FINAL_TYPE (GlbButtonContent, glb_button_content, ADW_TYPE_BIN)

enum
{
  PROP_0,
  PROP_ICON_NAME,
  PROP_LABEL,
  PROP_SHORT_LABEL,
  N_PROPERTIES
};

static GParamSpec *properties[N_PROPERTIES];

/* The button is called what the label says, also where that is not seen. */
static void
glb_button_content_root (GtkWidget *widget)
{
  GlbButtonContent *self = GLB_BUTTON_CONTENT (widget);
  GtkWidget *button = gtk_widget_get_ancestor (widget, GTK_TYPE_BUTTON);

  GTK_WIDGET_CLASS (glb_button_content_parent_class)->root (widget);
  if (button == NULL)
    return;

  gtk_widget_add_css_class (button, "image-text-button");
  gtk_accessible_update_relation (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_RELATION_LABELLED_BY, self->labels[WITH_LABEL], NULL, -1);
}

static void
glb_button_content_unroot (GtkWidget *widget)
{
  GtkWidget *button = gtk_widget_get_ancestor (widget, GTK_TYPE_BUTTON);

  if (button != NULL)
    gtk_accessible_reset_relation (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_RELATION_LABELLED_BY);
  GTK_WIDGET_CLASS (glb_button_content_parent_class)->unroot (widget);
}

static void
glb_button_content_get_property (GObject    *object,
                                 guint       property,
                                 GValue     *value,
                                 GParamSpec *pspec)
{
  GlbButtonContent *self = GLB_BUTTON_CONTENT (object);

  switch (property)
    {
    case PROP_ICON_NAME:
      g_value_set_string (value, gtk_image_get_icon_name (self->icons[WITHOUT]));
      break;
    case PROP_LABEL:
      g_value_set_string (value, gtk_label_get_label (self->labels[WITH_LABEL]));
      break;
    case PROP_SHORT_LABEL:
      g_value_set_string (value, gtk_label_get_label (self->labels[WITH_SHORT_LABEL]));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property, pspec);
    }
}

/* What has a short label is never without one. */
static void
set_short_label (GlbButtonContent *self,
                 const char       *label)
{
  gtk_label_set_label (self->labels[WITH_SHORT_LABEL], label);
  gtk_widget_set_visible (self->forms[WITH_SHORT_LABEL], label != NULL);
  gtk_widget_set_visible (self->forms[WITHOUT], label == NULL);
}

static void
glb_button_content_set_property (GObject      *object,
                                 guint         property,
                                 const GValue *value,
                                 GParamSpec   *pspec)
{
  GlbButtonContent *self = GLB_BUTTON_CONTENT (object);

  switch (property)
    {
    case PROP_ICON_NAME:
      glb_button_content_set_icon_name (self, g_value_get_string (value));
      break;
    case PROP_LABEL:
      glb_button_content_set_label (self, g_value_get_string (value));
      break;
    case PROP_SHORT_LABEL:
      set_short_label (self, g_value_get_string (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property, pspec);
    }
}

static void
glb_button_content_class_init (GlbButtonContentClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = glb_button_content_get_property;
  object_class->set_property = glb_button_content_set_property;
  widget_class->root = glb_button_content_root;
  widget_class->unroot = glb_button_content_unroot;

  properties[PROP_ICON_NAME] = g_param_spec_string ("icon-name", NULL, NULL, NULL, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  properties[PROP_LABEL] = g_param_spec_string ("label", NULL, NULL, NULL, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  properties[PROP_SHORT_LABEL] = g_param_spec_string ("short-label", NULL, NULL, NULL, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

/* What libadwaita 1.4 has instead cannot choose by the room that there is. */
G_GNUC_BEGIN_IGNORE_DEPRECATIONS
static void
glb_button_content_init (GlbButtonContent *self)
{
  GtkWidget *squeezer = adw_squeezer_new ();

  adw_squeezer_set_homogeneous (ADW_SQUEEZER (squeezer), FALSE);
  for (guint i = 0; i < N_FORMS; i++)
    {
      self->forms[i] = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
      self->icons[i] = GTK_IMAGE (gtk_image_new ());
      self->labels[i] = GTK_LABEL (gtk_label_new (NULL));
      gtk_widget_set_halign (self->forms[i], GTK_ALIGN_CENTER);
      gtk_box_append (GTK_BOX (self->forms[i]), GTK_WIDGET (self->icons[i]));
      gtk_box_append (GTK_BOX (self->forms[i]), GTK_WIDGET (self->labels[i]));
      adw_squeezer_add (ADW_SQUEEZER (squeezer), self->forms[i]);
    }
  gtk_widget_set_visible (self->forms[WITH_SHORT_LABEL], FALSE);
  gtk_widget_set_visible (GTK_WIDGET (self->labels[WITHOUT]), FALSE);
  adw_bin_set_child (ADW_BIN (self), squeezer);
}
G_GNUC_END_IGNORE_DEPRECATIONS

void
glb_button_content_set_icon_name (GlbButtonContent *self,
                                  const char       *icon_name)
{
  g_return_if_fail (GLB_IS_BUTTON_CONTENT (self));

  if (g_strcmp0 (gtk_image_get_icon_name (self->icons[WITHOUT]), icon_name) == 0)
    return;

  for (guint i = 0; i < N_FORMS; i++)
    gtk_image_set_from_icon_name (self->icons[i], icon_name);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ICON_NAME]);
}

void
glb_button_content_set_label (GlbButtonContent *self,
                              const char       *label)
{
  g_return_if_fail (GLB_IS_BUTTON_CONTENT (self));

  if (g_strcmp0 (gtk_label_get_label (self->labels[WITH_LABEL]), label) == 0)
    return;

  gtk_label_set_label (self->labels[WITH_LABEL], label);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_LABEL]);
}
