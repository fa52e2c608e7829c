/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What our style sheets set in colour can be read: each pair of text and
 * ground has the contrast that WCAG 2.1 asks for at level AA, in the light and
 * in the dark. The ground is what is drawn, the text is what CSS computes.
 */

#include "config.h"

#include <adwaita.h>
#include <fcntl.h>
#include <gio/gunixinputstream.h>
#include <glib-unix.h>
#include <math.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>

#define TEXT 4.5               /* 1.4.3 */
#define ICON 3.0               /* 1.4.11 */
#define SIZE 40

/* From the outside in, as in CSS: NAME.CLASS.CLASS:selected, with one space between; the last is a label or an image. */
static const char * const places[] = {
  "box.glass box.ribbon label",
  "box.glass.human box.ribbon label",
  "box.glass.paused box.ribbon label",
  "box.glass.ended box.ribbon label",
  "box.glass.asking box.ribbon label",
  "box.glass.tile box.footer label",
  "box.glass.tile box.footer image.device",
  "box.glass.tile box.footer image.device.in-use",
  "box.glass.tile box.footer label.questions",
  "box.glass.tile overlay label.no-picture",
  "label.placeholder",
  "sessionsidebar label.mark",
  "sessionsidebar usagechart image",
  "list.timeline row label.refused",
  "box.moment label",
  "promptbar image.sign",
  "promptbar label.question",
  "promptbar box.preview label",
  "promptbar box.findings label",
  "promptbar box.findings image",
  "promptbar label.facts",
  "devicebar box.device label",
  "devicebar box.device.in-use label",
  "devicebar box.device.in-use image",
  "wordslist label.sentence",
  "wordslist box.may image",
  "wordslist box.asks image",
  "wordslist box.may-not image",
  "wordslist box.limit image",
  "box.start-side wordslist label.sentence",
  "box.start-side wordslist box.may image",
  "box.start-side wordslist box.asks image",
  "box.start-side wordslist box.may-not image",
  "box.start-side wordslist box.limit image",
  "flowboxchild.card.template-card image",
  "flowboxchild.card.template-card label.caption",
  "flowboxchild.card.template-card:selected image",
  "flowboxchild.card.template-card:selected label.heading",
  "flowboxchild.card.template-card:selected label.caption",
  "button.recent label.caption",
  "box.start-side box.problem label",
  "box.start-side box.problem image",
  "box.doctor-head image",
  "box.start-side linegutter label",
  "box.start-side box.verdict image",
  "box.start-side box.verdict.wrong image",
  "box.start-side changeslist box.removed label",
  "box.start-side changeslist box.added label",
  "box.start-side changeslist label.caption-heading",
};

static GSubprocess *server;

/* ---- a display ------------------------------------------------------------------------- */

/* A test that fails leaves no display behind. */
static void
end_with_parent (gpointer user_data)
{
  prctl (PR_SET_PDEATHSIG, SIGTERM);
}

/* FALSE: there is none. */
static gboolean
start_display (void)
{
  g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  g_autoptr(GInputStream) stream = NULL;
  g_autoptr(GDataInputStream) lines = NULL;
  g_autofree char *display = NULL;
  g_autofree char *number = NULL;
  int fds[2];

  g_assert_true (g_unix_open_pipe (fds, FD_CLOEXEC, NULL));
  g_subprocess_launcher_set_child_setup (launcher, end_with_parent, NULL, NULL);
  g_subprocess_launcher_take_fd (launcher, fds[1], 3);
  server = g_subprocess_launcher_spawn (launcher, NULL, "Xvfb", "-displayfd", "3", "-noreset", "-nolisten", "tcp",
                                        "-screen", "0", "640x480x24", NULL);
  g_clear_object (&launcher);
  stream = g_unix_input_stream_new (fds[0], TRUE);
  lines = g_data_input_stream_new (stream);
  number = g_data_input_stream_read_line (lines, NULL, NULL, NULL);
  if (server == NULL || number == NULL)
    return FALSE;
  display = g_strconcat (":", number, NULL);
  g_setenv ("DISPLAY", display, TRUE);
  g_setenv ("GDK_BACKEND", "x11", TRUE);
  g_setenv ("GSK_RENDERER", "cairo", TRUE);
  g_setenv ("GTK_A11Y", "none", TRUE);
  g_setenv ("GDK_DEBUG", "gl-disable", TRUE);
  g_unsetenv ("WAYLAND_DISPLAY");

  return TRUE;
}

static void
add_style (const char *resource)
{
  g_autoptr(GtkCssProvider) css = gtk_css_provider_new ();

  gtk_css_provider_load_from_resource (css, resource);
  gtk_style_context_add_provider_for_display (gdk_display_get_default (), GTK_STYLE_PROVIDER (css),
                                              GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
}

/* ---- a place ------------------------------------------------------------------------------- */

static GtkWidget *
make_node (const char *description)
{
  g_auto(GStrv) states = g_strsplit (description, ":", 2);
  g_auto(GStrv) parts = g_strsplit (states[0], ".", -1);
  GType type = g_str_equal (parts[0], "label") ? GTK_TYPE_LABEL : g_str_equal (parts[0], "image") ? GTK_TYPE_IMAGE : GTK_TYPE_BOX;
  GtkWidget *widget = type == GTK_TYPE_BOX ? g_object_new (type, "css-name", parts[0], NULL) : g_object_new (type, NULL);

  for (guint i = 1; parts[i] != NULL; i++)
    gtk_widget_add_css_class (widget, parts[i]);
  if (states[1] != NULL)
    gtk_widget_set_state_flags (widget, GTK_STATE_FLAG_SELECTED, FALSE);

  return widget;
}

/* Empty, so that only its ground is drawn. (out) leaf */
static GtkWidget *
make_place (const char  *description,
            GtkWidget  **leaf)
{
  g_auto(GStrv) parts = g_strsplit (description, " ", -1);
  GtkWidget *window = adw_window_new ();
  GtkWidget *outside = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  adw_window_set_content (ADW_WINDOW (window), outside);
  for (guint i = 0; parts[i] != NULL; i++)
    {
      *leaf = make_node (parts[i]);
      gtk_box_append (GTK_BOX (outside), *leaf);
      outside = *leaf;
    }
  gtk_widget_set_size_request (*leaf, SIZE, SIZE);

  return window;
}

static gboolean
is_laid_out (GtkWidget *widget)
{
  return gtk_widget_get_mapped (widget) && gtk_widget_get_width (widget) > 0;
}

/* What is drawn in the middle of the leaf. */
static GdkRGBA
read_ground (GtkWidget *window,
             GtkWidget *leaf)
{
  g_autoptr(GdkPaintable) paintable = gtk_widget_paintable_new (window);
  g_autoptr(GtkSnapshot) snapshot = gtk_snapshot_new ();
  int width = gtk_widget_get_width (window), height = gtk_widget_get_height (window);
  g_autofree guint32 *pixels = g_new0 (guint32, width * height);
  g_autoptr(GskRenderNode) node = NULL;
  g_autoptr(GdkTexture) texture = NULL;
  graphene_point_t middle;
  guint32 pixel;

  gdk_paintable_snapshot (paintable, snapshot, width, height);
  node = gtk_snapshot_free_to_node (g_steal_pointer (&snapshot));
  texture = gsk_renderer_render_texture (gtk_native_get_renderer (GTK_NATIVE (window)), node, &GRAPHENE_RECT_INIT (0, 0, width, height));
  gdk_texture_download (texture, (guchar *) pixels, width * 4);
  g_assert_true (gtk_widget_compute_point (leaf, window, &GRAPHENE_POINT_INIT (SIZE / 2, SIZE / 2), &middle));
  pixel = pixels[(int) middle.y * width + (int) middle.x];

  return (GdkRGBA) { (pixel >> 16 & 0xff) / 255.f, (pixel >> 8 & 0xff) / 255.f, (pixel & 0xff) / 255.f, (pixel >> 24) / 255.f };
}

/* GTK 4.10 has another function for it, which 4.8 has not. */
G_GNUC_BEGIN_IGNORE_DEPRECATIONS

static GdkRGBA
read_ink (GtkWidget *leaf)
{
  GdkRGBA ink;

  gtk_style_context_get_color (gtk_widget_get_style_context (leaf), &ink);

  return ink;
}

G_GNUC_END_IGNORE_DEPRECATIONS

/* ---- contrast ------------------------------------------------------------------------------- */

static double
linear (double channel)
{
  return channel <= 0.03928 ? channel / 12.92 : pow ((channel + 0.055) / 1.055, 2.4);
}

static double
luminance (const GdkRGBA *colour)
{
  return 0.2126 * linear (colour->red) + 0.7152 * linear (colour->green) + 0.0722 * linear (colour->blue);
}

static double
contrast (GdkRGBA ink,
          GdkRGBA ground)
{
  double a, b;

  ink.red = ink.red * ink.alpha + ground.red * (1 - ink.alpha);
  ink.green = ink.green * ink.alpha + ground.green * (1 - ink.alpha);
  ink.blue = ink.blue * ink.alpha + ground.blue * (1 - ink.alpha);
  a = luminance (&ink);
  b = luminance (&ground);

  return (MAX (a, b) + 0.05) / (MIN (a, b) + 0.05);
}

static double
measure (const char *place)
{
  gint64 deadline = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;
  GtkWidget *leaf = NULL;
  GtkWidget *window = make_place (place, &leaf);
  GdkRGBA ground;
  double ratio;

  gtk_window_present (GTK_WINDOW (window));
  while (!is_laid_out (leaf))
    {
      g_main_context_iteration (NULL, TRUE);
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
    }
  ground = read_ground (window, leaf);
  g_assert_cmpfloat (ground.alpha, ==, 1);
  ratio = contrast (read_ink (leaf), ground);
  gtk_window_destroy (GTK_WINDOW (window));

  return ratio;
}

static void
test_scheme (gconstpointer data)
{
  g_autoptr(GString) faint = g_string_new (NULL);

  adw_style_manager_set_color_scheme (adw_style_manager_get_default (), GPOINTER_TO_INT (data));
  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      const char *last = strrchr (places[i], ' ');
      double wanted = g_str_has_prefix (last != NULL ? last + 1 : places[i], "image") ? ICON : TEXT;
      double ratio = measure (places[i]);

      g_test_message ("%5.2f %s", ratio, places[i]);
      if (ratio < wanted)
        g_string_append_printf (faint, "\n  %s: %.2f, wanted %.1f", places[i], ratio, wanted);
    }
  if (faint->len > 0)
    g_error ("These cannot be read well:%s", faint->str);
}

/* The measure itself: by the definition's own examples. */
static void
test_measure (void)
{
  const GdkRGBA black = { 0, 0, 0, 1 }, white = { 1, 1, 1, 1 }, grey = { 0x77 / 255.f, 0x77 / 255.f, 0x77 / 255.f, 1 };
  const GdkRGBA half = { 0, 0, 0, 0.5 };

  g_assert_cmpfloat_with_epsilon (contrast (black, white), 21, 0.01);
  g_assert_cmpfloat_with_epsilon (contrast (white, white), 1, 0.01);
  g_assert_cmpfloat_with_epsilon (contrast (grey, white), 4.48, 0.01);
  g_assert_cmpfloat (contrast (half, white), <, TEXT);
}

int
main (int   argc,
      char *argv[])
{
  int status;

  g_test_init (&argc, &argv, NULL);
  if (!start_display ())
    {
      g_print ("1..0 # SKIP no Xvfb; install it\n");
      return 0;
    }
  adw_init ();
  add_style ("/org/glovebox/View/glovebox-view.css");
  add_style ("/org/glovebox/View/glovebox-pages.css");
  g_test_add_func ("/contrast/measure", test_measure);
  g_test_add_data_func ("/contrast/light", GINT_TO_POINTER (ADW_COLOR_SCHEME_FORCE_LIGHT), test_scheme);
  g_test_add_data_func ("/contrast/dark", GINT_TO_POINTER (ADW_COLOR_SCHEME_FORCE_DARK), test_scheme);
  status = g_test_run ();
  g_subprocess_send_signal (server, SIGTERM);
  g_subprocess_wait (server, NULL, NULL);
  g_clear_object (&server);

  return status;
}
