/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "compositor-shim/glb-keymap-trim.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A line of the section of key codes, as xkb_keymap_get_as_string() writes it. */
static bool
is_needed (struct xkb_keymap *keymap,
           const char        *line)
{
  const char *equals = strchr (line, '=');
  unsigned long code = equals != NULL ? strtoul (equals + 1, NULL, 10) : 0;

  line += strspn (line, "\t ");
  if (strncmp (line, "alias ", strlen ("alias ")) == 0)
    return false;
  return *line != '<' || code <= GLB_KEYMAP_CODE_MAX || xkb_keymap_num_layouts_for_key (keymap, (xkb_keycode_t) code) > 0;
}

/* The whole text again: lines of text lose their ends. */
static void
write_needed (struct xkb_keymap *keymap,
              char              *text,
              FILE              *stream)
{
  bool in_codes = false;
  char *rest = NULL;

  for (char *line = strtok_r (text, "\n", &rest); line != NULL; line = strtok_r (NULL, "\n", &rest))
    {
      if (strncmp (line, "xkb_keycodes", strlen ("xkb_keycodes")) == 0)
        in_codes = true;
      else if (strncmp (line, "};", 2) == 0)
        in_codes = false;
      if (!in_codes || is_needed (keymap, line))
        fprintf (stream, "%s\n", line);
    }
}

struct xkb_keymap *
glb_keymap_trim (struct xkb_context *context,
                 struct xkb_keymap  *keymap)
{
  char *text = xkb_keymap_get_as_string (keymap, XKB_KEYMAP_FORMAT_TEXT_V1);
  struct xkb_keymap *trimmed = NULL;
  char *needed = NULL;
  size_t size = 0;
  FILE *stream = text != NULL ? open_memstream (&needed, &size) : NULL;

  if (stream != NULL)
    {
      write_needed (keymap, text, stream);
      if (fclose (stream) == 0)
        trimmed = xkb_keymap_new_from_string (context, needed, XKB_KEYMAP_FORMAT_TEXT_V1, XKB_KEYMAP_COMPILE_NO_FLAGS);
    }
  free (needed);
  free (text);
  return trimmed;
}
