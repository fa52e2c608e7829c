/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "compositor-shim/glb-selection-type.h"

bool
glb_selection_type_is_valid (const char *field,
                             size_t      size)
{
  for (size_t i = 0; i < size; i++)
    {
      if (field[i] == '\0')
        return i > 0;
      if (field[i] < 0x20 || field[i] > 0x7e)
        return false;
    }
  return false;
}
