/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "input-filter/glb-glob.h"

gboolean
glb_glob_match (const char *pattern,
                const char *text)
{
  const char *star = NULL, *resume = NULL;

  g_return_val_if_fail (pattern != NULL && text != NULL, FALSE);

  /* Where a run fails, the last star takes one character more; stars before it need not be tried again. */
  while (*text != '\0')
    {
      if (*pattern == '*')
        {
          star = ++pattern;
          resume = text;
        }
      else if (*pattern == '?' || (*pattern != '\0' && g_utf8_get_char (pattern) == g_utf8_get_char (text)))
        {
          pattern = g_utf8_next_char (pattern);
          text = g_utf8_next_char (text);
        }
      else if (star != NULL)
        {
          resume = g_utf8_next_char (resume);
          pattern = star;
          text = resume;
        }
      else
        return FALSE;
    }
  while (*pattern == '*')
    pattern++;
  return *pattern == '\0';
}
