/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* scrot and grim: a PNG of the screen, of a region or of the window with the keyboard. */

#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "session-broker/tools/glb-helper.h"

#define SIDE_MAX    32767
#define NAMES_MAX   1000
#define DELAY_MAX_S 100

typedef struct
{
  const char *file;            /* (nullable); "-": standard output */
  gboolean overwrite;
  gboolean focused;
  gboolean has_region;
  int x, y, width, height;
  int delay_s;
} Shot;

static JsonObject *
region_action (const Shot *shot)
{
  JsonObject *action = glb_desktop_action ("zoom");
  JsonArray *region = json_array_new ();

  json_array_add_int_element (region, MAX (shot->x, 0));
  json_array_add_int_element (region, MAX (shot->y, 0));
  json_array_add_int_element (region, shot->x + shot->width);
  json_array_add_int_element (region, shot->y + shot->height);
  json_object_set_array_member (action, "region", region);
  return action;
}

static gboolean
take_focused_region (GlbHelper *self, Shot *shot)
{
  guint focus;
  g_autoptr(GPtrArray) windows = glb_helper_list_windows (self, &focus);
  const GlbHelperWindow *window = windows != NULL ? glb_helper_find_window (windows, focus) : NULL;

  if (window == NULL)
    return windows != NULL && glb_helper_fail (self, "no window has the keyboard") == 0;

  shot->has_region = TRUE;
  shot->x = window->x;
  shot->y = window->y;
  shot->width = window->width;
  shot->height = window->height;
  return TRUE;
}

/* As scrot does it: what is there is not lost. (transfer full) (nullable) */
static char *
free_name (const char *file)
{
  const char *dot = strrchr (file, '.');
  int stem = dot != NULL ? (int) (dot - file) : (int) strlen (file);

  for (guint i = 0; i < NAMES_MAX; i++)
    {
      char *name = g_strdup_printf ("%.*s_%03u%s", stem, file, i, file + stem);

      if (!g_file_test (name, G_FILE_TEST_EXISTS))
        return name;
      g_free (name);
    }
  return NULL;
}

static int
write_image (GlbHelper *self, const Shot *shot, const char *file, GBytes *image)
{
  gsize length;
  const char *png = g_bytes_get_data (image, &length);
  g_autofree char *other = NULL;
  g_autoptr(GError) error = NULL;

  if (g_str_equal (file, "-"))
    return fwrite (png, 1, length, stdout) == length ? 0 : glb_helper_fail (self, "can't write the image: %s", g_strerror (errno));

  if (!shot->overwrite && g_file_test (file, G_FILE_TEST_EXISTS))
    {
      other = free_name (file);
      if (other == NULL)
        return glb_helper_fail (self, "%s: there is such a file, and %u more; use --overwrite", file, NAMES_MAX);
      file = other;
    }
  return g_file_set_contents (file, png, (gssize) length, &error) ? 0 : glb_helper_fail (self, "%s", error->message);
}

static int
shoot (GlbHelper *self, Shot *shot, const char *usual_name)
{
  g_autoptr(GloveboxResult) result = NULL;
  g_autoptr(GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *file = NULL;

  if (shot->file != NULL && (g_str_has_suffix (shot->file, ".jpg") || g_str_has_suffix (shot->file, ".jpeg")))
    return glb_helper_fail (self, "%s: only PNG images can be made in a Glovebox session; name it .png", shot->file);
  glb_helper_pause (shot->delay_s);
  if (shot->focused && !take_focused_region (self, shot))
    return 1;

  result = glb_helper_do (self, shot->has_region ? region_action (shot) : glb_desktop_action ("screenshot"));
  if (result == NULL)
    return 1;
  if (glovebox_result_get_image (result, NULL, NULL) == NULL)
    return glb_helper_fail (self, "the screen could not be read");

  file = shot->file != NULL && strchr (shot->file, '%') == NULL ? g_strdup (shot->file)
                                                                : g_date_time_format (now, shot->file != NULL ? shot->file : usual_name);
  if (file == NULL)
    return glb_helper_fail (self, "%s: a %% in it makes no sense", shot->file);
  return write_image (self, shot, file, glovebox_result_get_image (result, NULL, NULL));
}

/* The value of an option: behind "=" or the next word. (nullable): there is none */
static const char *
take_value (int argc, char **argv, int *i)
{
  const char *equals = g_str_has_prefix (argv[*i], "--") ? strchr (argv[*i], '=') : NULL;

  if (equals != NULL)
    return equals + 1;
  return *i + 1 < argc ? argv[++*i] : NULL;
}

static gboolean
is_option (const char *word, const char *brief, const char *full)
{
  gsize length = strlen (full);

  return g_strcmp0 (word, brief) == 0 || (strncmp (word, full, length) == 0 && (word[length] == '\0' || word[length] == '='));
}

/* As scrot writes it, "X,Y,W,H", or grim, "X,Y WxH". */
static gboolean
take_region (Shot *shot, const char *value)
{
  int end = 0;

  shot->has_region = value != NULL &&
                     sscanf (value, "%d%*1[,]%d%*1[, ]%d%*1[,x]%d%n", &shot->x, &shot->y, &shot->width, &shot->height, &end) == 4 &&
                     value[end] == '\0' && shot->width > 0 && shot->height > 0 && shot->width <= SIDE_MAX && shot->height <= SIDE_MAX &&
                     shot->x >= 0 && shot->y >= 0 && shot->x <= SIDE_MAX && shot->y <= SIDE_MAX;
  return shot->has_region;
}

int
glb_helper_scrot (GlbHelper *self, int argc, char **argv)
{
  Shot shot = { 0 };

  for (int i = 0; i < argc; i++)
    {
      const char *word = argv[i];

      if (is_option (word, "-o", "--overwrite"))
        shot.overwrite = TRUE;
      else if (is_option (word, "-u", "--focused"))
        shot.focused = TRUE;
      else if (is_option (word, "-z", "--silent") || is_option (word, "-m", "--multidisp") || is_option (word, "-b", "--border"))
        continue;
      else if (is_option (word, "-q", "--quality"))
        take_value (argc, argv, &i);
      else if (is_option (word, "-F", "--file"))
        shot.file = take_value (argc, argv, &i);
      else if (is_option (word, "-d", "--delay"))
        {
          const char *value = take_value (argc, argv, &i);

          if (value == NULL || !glb_helper_read_int (value, 0, DELAY_MAX_S, &shot.delay_s))
            return glb_helper_fail (self, "--delay takes 0 to %d seconds", DELAY_MAX_S);
        }
      else if (is_option (word, "-a", "--autoselect"))
        {
          if (!take_region (&shot, take_value (argc, argv, &i)))
            return glb_helper_fail (self, "--autoselect takes X,Y,WIDTH,HEIGHT");
        }
      else if (word[0] != '-' || word[1] == '\0')
        shot.file = word;
      else
        return glb_helper_fail (self, "%s: is not possible in a Glovebox session; possible: [FILE|-], -F FILE, -o, -a X,Y,W,H, -u, -d SECONDS", word);
    }

  return shoot (self, &shot, "%Y-%m-%d-%H%M%S_scrot.png");
}

int
glb_helper_grim (GlbHelper *self, int argc, char **argv)
{
  Shot shot = { .overwrite = TRUE };

  for (int i = 0; i < argc; i++)
    {
      const char *word = argv[i];

      if (g_str_equal (word, "-c"))
        continue;
      else if (g_str_equal (word, "-t"))
        {
          if (g_strcmp0 (take_value (argc, argv, &i), "png") != 0)
            return glb_helper_fail (self, "-t: only png images can be made in a Glovebox session");
        }
      else if (g_str_equal (word, "-l") || g_str_equal (word, "-o"))
        take_value (argc, argv, &i);
      else if (g_str_equal (word, "-g"))
        {
          if (!take_region (&shot, take_value (argc, argv, &i)))
            return glb_helper_fail (self, "-g takes \"X,Y WIDTHxHEIGHT\"");
        }
      else if (word[0] != '-' || word[1] == '\0')
        shot.file = word;
      else
        return glb_helper_fail (self, "%s: is not possible in a Glovebox session; possible: [FILE|-], -g \"X,Y WxH\", -t png", word);
    }

  return shoot (self, &shot, "%Y%m%d_%Hh%Mm%Ss_grim.png");
}
