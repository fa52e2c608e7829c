/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glb-policies"

#include "config.h"

#include "policies/glb-network-name.h"

#include <idn2.h>
#include <string.h>

/* What a program may send us for a name, before it is mapped. */
#define UNTRUSTED_MAX 1024
#define NAME_MAX_BYTES 253
#define LABEL_MAX_BYTES 63

#define LDH G_CSET_a_2_z G_CSET_DIGITS "-"
#define HEX_DIGITS G_CSET_DIGITS "abcdef"

static gboolean
has_a_label (const char *name)
{
  return g_str_has_prefix (name, "xn--") || strstr (name, ".xn--") != NULL;
}

/* In ASCII and lower case; NULL: not possible. Names that are ASCII already are left to our own checks: libidn2 would refuse
 * hosts that there are, such as r3---sn.example.org. (transfer full) */
static char *
to_ascii (const char *untrusted_name)
{
  g_autofree char *lower = g_ascii_strdown (untrusted_name, -1);
  guint8 *mapped = NULL;
  char *ascii = NULL;

  if (g_str_is_ascii (lower) && !has_a_label (lower))
    return g_steal_pointer (&lower);
  if (idn2_lookup_u8 ((const guint8 *) lower, &mapped, IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT) == IDN2_OK)
    ascii = g_strdup ((const char *) mapped);
  idn2_free (mapped);
  return ascii;
}

static gboolean
is_label (const char *label)
{
  gsize length = strlen (label);

  return length >= 1 && length <= LABEL_MAX_BYTES && strspn (label, LDH) == length &&
         label[0] != '-' && label[length - 1] != '-';
}

/* A name that ends so is an IPv4 address to inet_aton() or to a browser (WHATWG URL, "ends in a number"). */
static gboolean
is_number (const char *label)
{
  if (label[strspn (label, G_CSET_DIGITS)] == '\0')
    return TRUE;
  return g_str_has_prefix (label, "0x") && label[2 + strspn (label + 2, HEX_DIGITS)] == '\0';
}

/* NULL: it is a host name. name: ASCII */
static const char *
find_fault (const char *name)
{
  g_auto(GStrv) labels = g_strsplit (name, ".", -1);
  guint n = g_strv_length (labels);

  if (strlen (name) > NAME_MAX_BYTES)
    return "a host name has at most 253 bytes";
  for (guint i = 0; i < n; i++)
    if (!is_label (labels[i]))
      return "a host name is parts joined by '.', each of 1 to 63 letters, digits and '-', with '-' neither first nor last";
  if (n == 0)
    return "a host name is not empty";
  if (is_number (labels[n - 1]))
    return "a name that ends in a number is an address to some programs; write an address as 192.0.2.1 or 2001:db8::1";
  if (n == 1 && strcmp (name, "localhost") != 0)
    return "a host name has at least two parts joined by '.'; write it in full";
  return NULL;
}

char *
glb_network_name_normalise (const char  *untrusted_name,
                            const char **why)
{
  g_autofree char *name = NULL;
  const char *fault;
  gsize length;

  g_return_val_if_fail (untrusted_name != NULL, NULL);
  g_return_val_if_fail (why != NULL, NULL);

  if (strnlen (untrusted_name, UNTRUSTED_MAX + 1) <= UNTRUSTED_MAX && g_utf8_validate (untrusted_name, -1, NULL))
    name = to_ascii (untrusted_name);
  if (name == NULL)
    {
      *why = "no host name can be made of it by IDNA (RFC 5891)";
      return NULL;
    }

  length = strlen (name);
  if (length > 0 && name[length - 1] == '.')
    name[length - 1] = '\0';
  fault = find_fault (name);
  if (fault != NULL)
    {
      *why = fault;
      return NULL;
    }
  return g_steal_pointer (&name);
}
