/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glb-policies"

#include "config.h"

#include <string.h>

#include "policies/glb-policy-key.h"

/* The forms of strings in a policy. Each answers NULL, or what is wrong and what to do. */

#define MIME_PART_MAX  63
#define CHORD_BYTES    256
#define CHORD_KEYS     8
#define GLOB_CHARS     256
#define LAYOUT_PART_MAX 32

#define LOWER G_CSET_a_2_z G_CSET_DIGITS

static gboolean
is_mime_part (const char *text,
              gsize       length)
{
  return length >= 1 && length <= MIME_PART_MAX && strchr (LOWER, text[0]) && strspn (text, LOWER "!#$&^_.+-") >= length;
}

/* As RFC 6838 restricts names, in lower case: a clipboard's other spellings of a type are the guard's to know. */
char *
glb_policy_check_mime_type (const char *text)
{
  const char *slash = strchr (text, '/');

  if (slash && is_mime_part (text, slash - text) && is_mime_part (slash + 1, strlen (slash + 1)))
    return NULL;
  return g_strdup ("a type is written as type/subtype in lower case, without parameters and '*', such as text/plain");
}

static gboolean
is_key_name (const char *name)
{
  gsize length = strlen (name);

  if (length == 1)
    return g_ascii_isgraph (name[0]);
  return length > 1 && strspn (name, G_CSET_A_2_Z LOWER "_") == length;
}

/* Only the form: which key names there are is the input filter's to know. */
char *
glb_policy_check_chord (const char *text)
{
  g_autofree char *body = g_strdup (text);
  g_auto(GStrv) names = NULL;
  gsize length = strlen (text);
  guint n = 0;

  if (length > CHORD_BYTES)
    return g_strdup_printf ("a chord has at most %u bytes", CHORD_BYTES);
  /* the plus key itself, as in "ctrl++" */
  if (strcmp (body, "+") == 0 || g_str_has_suffix (body, "++"))
    body[length - 1] = '*';
  names = g_strsplit (body, "+", -1);
  for (n = 0; names[n]; n++)
    if (!is_key_name (names[n]) || (names[n + 1] && strcmp (names[n], "*") == 0))
      break;
  if (n == 0 || names[n])
    return g_strdup ("a chord is key names joined by '+', the last of which may be '*' for any key, such as ctrl+alt+*");
  if (n > CHORD_KEYS)
    return g_strdup_printf ("a chord holds at most %u keys", CHORD_KEYS);
  return NULL;
}

char *
glb_policy_check_glob (const char *text)
{
  glong length = g_utf8_strlen (text, -1);

  if (length < 1 || length > GLOB_CHARS)
    return g_strdup_printf ("a pattern has 1 to %u characters", GLOB_CHARS);
  for (const char *c = text; *c != '\0'; c = g_utf8_next_char (c))
    if (g_unichar_iscntrl (g_utf8_get_char (c)))
      return g_strdup ("a control character in a pattern is not accepted");
  return NULL;
}

static gboolean
is_layout_part (const char *text,
                gsize       length)
{
  return length >= 1 && length <= LAYOUT_PART_MAX && strspn (text, G_CSET_A_2_Z LOWER "_-") >= length;
}

/* Only the form: which layouts there are is the host's to know. */
char *
glb_policy_check_layout (const char *text)
{
  const char *open = strchr (text, '(');
  gsize length = open != NULL ? (gsize) (open - text) : strlen (text);

  if (is_layout_part (text, length) &&
      (open == NULL || (is_layout_part (open + 1, strcspn (open + 1, ")")) && g_str_equal (strchrnul (open, ')'), ")"))))
    return NULL;
  return g_strdup ("a keyboard layout is written as LAYOUT or LAYOUT(VARIANT), such as de or us(intl)");
}
