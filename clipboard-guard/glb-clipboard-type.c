/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Applications name the same content in many ways: MIME types with and
 * without a charset, the atoms of X11, types of one desktop. Everything
 * behind this file sees one name, and an unknown one stays what it is, which
 * nothing permits.
 */

#include "clipboard-guard/glb-clipboard-type.h"

#include <string.h>

typedef struct
{
  const char       *name;
  GlbClipboardKind  kind;
} Known;

static const Known known[] = {
  { "text/plain", GLB_CLIPBOARD_KIND_TEXT },
  { "text/html", GLB_CLIPBOARD_KIND_HTML },
  { "image/png", GLB_CLIPBOARD_KIND_IMAGE },
  { "text/uri-list", GLB_CLIPBOARD_KIND_URI_LIST },

  { "x-special/gnome-copied-files", GLB_CLIPBOARD_KIND_FILES },
  { "x-special/mate-copied-files", GLB_CLIPBOARD_KIND_FILES },
  { "x-special/nautilus-clipboard", GLB_CLIPBOARD_KIND_FILES },
  { "application/x-kde-cutselection", GLB_CLIPBOARD_KIND_FILES },
  { "application/vnd.portal.filetransfer", GLB_CLIPBOARD_KIND_FILES },
  { "application/vnd.portal.files", GLB_CLIPBOARD_KIND_FILES },

  { "application/x-executable", GLB_CLIPBOARD_KIND_EXECUTABLE },
  { "application/x-pie-executable", GLB_CLIPBOARD_KIND_EXECUTABLE },
  { "application/x-sharedlib", GLB_CLIPBOARD_KIND_EXECUTABLE },
  { "application/x-object", GLB_CLIPBOARD_KIND_EXECUTABLE },
  { "application/x-elf", GLB_CLIPBOARD_KIND_EXECUTABLE },
  { "application/x-msdownload", GLB_CLIPBOARD_KIND_EXECUTABLE },
  { "application/x-msdos-program", GLB_CLIPBOARD_KIND_EXECUTABLE },
  { "application/x-ms-dos-executable", GLB_CLIPBOARD_KIND_EXECUTABLE },
  { "application/vnd.microsoft.portable-executable", GLB_CLIPBOARD_KIND_EXECUTABLE },
  { "application/x-msi", GLB_CLIPBOARD_KIND_EXECUTABLE },
  { "application/x-desktop", GLB_CLIPBOARD_KIND_EXECUTABLE },
  { "application/x-gnome-app-info", GLB_CLIPBOARD_KIND_EXECUTABLE },
  { "application/x-shellscript", GLB_CLIPBOARD_KIND_EXECUTABLE },
  { "application/x-sh", GLB_CLIPBOARD_KIND_EXECUTABLE },
  { "application/x-csh", GLB_CLIPBOARD_KIND_EXECUTABLE },
  { "text/x-shellscript", GLB_CLIPBOARD_KIND_EXECUTABLE },
  { "application/java-archive", GLB_CLIPBOARD_KIND_EXECUTABLE },
  { "application/x-java-archive", GLB_CLIPBOARD_KIND_EXECUTABLE },
  { "application/vnd.appimage", GLB_CLIPBOARD_KIND_EXECUTABLE },
  { "application/x-iso9660-appimage", GLB_CLIPBOARD_KIND_EXECUTABLE },
  { "application/vnd.debian.binary-package", GLB_CLIPBOARD_KIND_EXECUTABLE },
  { "application/x-deb", GLB_CLIPBOARD_KIND_EXECUTABLE },
  { "application/x-rpm", GLB_CLIPBOARD_KIND_EXECUTABLE },
  { "application/vnd.flatpak", GLB_CLIPBOARD_KIND_EXECUTABLE },
  { "application/vnd.flatpak.ref", GLB_CLIPBOARD_KIND_EXECUTABLE },

  { "x-kde-passwordmanagerhint", GLB_CLIPBOARD_KIND_SECRET_HINT },
  { "application/x-kde-passwordmanagerhint", GLB_CLIPBOARD_KIND_SECRET_HINT },
  { "org.nspasteboard.concealedtype", GLB_CLIPBOARD_KIND_SECRET_HINT },
  { "excludeclipboardcontentfrommonitorprocessing", GLB_CLIPBOARD_KIND_SECRET_HINT },
};

/* The best first. STRING is Latin-1 by the book, and UTF-8 with most who still offer it: what is not is refused. */
static const char * const text_names[] = { "text/plain;charset=utf-8", "UTF8_STRING", "text/plain", "TEXT", "STRING", NULL };
static const char * const html_names[] = { "text/html", NULL };
static const char * const image_names[] = { "image/png", NULL };
static const char * const uri_list_names[] = { "text/uri-list", NULL };

static gboolean
is_type_character (char c)
{
  return g_ascii_isalnum (c) || strchr ("!#$&^_.+-/", c) != NULL;
}

/* Only charset=utf-8 and its subset say nothing new; with anything else it is another type. */
static gboolean
says_utf8 (const char *parameters)
{
  g_autofree char *text = g_ascii_strdown (parameters, -1);
  const char *value;

  g_strstrip (text);
  if (!g_str_has_prefix (text, "charset="))
    return FALSE;
  value = text + strlen ("charset=");
  return g_str_equal (value, "utf-8") || g_str_equal (value, "utf8") || g_str_equal (value, "us-ascii") ||
         g_str_equal (value, "\"utf-8\"");
}

char *
glb_clipboard_type_canonicalize (const char *untrusted_type)
{
  g_autofree char *name = NULL;
  const char *parameters;
  gsize length;

  g_return_val_if_fail (untrusted_type != NULL, NULL);

  length = strnlen (untrusted_type, GLB_CLIPBOARD_MAX_TYPE + 1);
  if (length == 0 || length > GLB_CLIPBOARD_MAX_TYPE)
    return NULL;
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isprint (untrusted_type[i]))
      return NULL;
  if (g_str_equal (untrusted_type, "UTF8_STRING") || g_str_equal (untrusted_type, "STRING") || g_str_equal (untrusted_type, "TEXT"))
    return g_strdup ("text/plain");

  parameters = strchr (untrusted_type, ';');
  name = g_ascii_strdown (untrusted_type, parameters != NULL ? parameters - untrusted_type : -1);
  g_strstrip (name);
  if (*name == '\0')
    return NULL;
  for (const char *at = name; *at != '\0'; at++)
    if (!is_type_character (*at))
      return NULL;

  /* Kept apart, so that "text/plain;charset=utf-16" is not taken for text/plain. */
  if (parameters != NULL && !says_utf8 (parameters + 1))
    return g_strconcat (name, parameters, NULL);
  return g_steal_pointer (&name);
}

GlbClipboardKind
glb_clipboard_type_get_kind (const char *canonical)
{
  gsize length = strcspn (canonical, ";");

  for (gsize i = 0; i < G_N_ELEMENTS (known); i++)
    if (strncmp (known[i].name, canonical, length) == 0 && known[i].name[length] == '\0')
      {
        /* A parameter makes it unknown where it could cross, but a program stays one whatever stands behind it. */
        gboolean crosses = glb_clipboard_type_get_names (known[i].name) != NULL;

        return crosses && canonical[length] != '\0' ? GLB_CLIPBOARD_KIND_OTHER : known[i].kind;
      }
  return GLB_CLIPBOARD_KIND_OTHER;
}

guint
glb_clipboard_type_get_rank (const char *offered)
{
  guint rank;

  for (rank = 0; text_names[rank] != NULL; rank++)
    if (g_ascii_strcasecmp (offered, text_names[rank]) == 0)
      break;
  return rank;
}

const char * const *
glb_clipboard_type_list (void)
{
  static const char * const types[] = { "text/plain", "text/html", "image/png", "text/uri-list", NULL };

  return types;
}

const char * const *
glb_clipboard_type_get_names (const char *canonical)
{
  if (g_str_equal (canonical, "text/plain"))
    return text_names;
  if (g_str_equal (canonical, "text/html"))
    return html_names;
  if (g_str_equal (canonical, "image/png"))
    return image_names;
  if (g_str_equal (canonical, "text/uri-list"))
    return uri_list_names;
  return NULL;
}
