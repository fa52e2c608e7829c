/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glb-secrets"

#include "config.h"

#include "session-broker/secrets/glb-secret-store.h"

#include <string.h>

#include "policies/glb-network-secret-rule.h"
#include "session-broker/secrets/glb-secret-file.h"
#include "session-broker/secrets/glb-secret-service.h"

/* Why, unless there is just none. */
static gboolean
take_unless_missing (GError **error,
                     GError  *fault)
{
  if (g_error_matches (fault, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    {
      g_error_free (fault);
      return FALSE;
    }
  g_propagate_error (error, fault);
  return TRUE;
}

static GlbSecretText *
check (GlbSecretText  *text,
       const char     *name,
       GError        **error)
{
  const char *why = glb_secret_text_check (text);

  if (why == NULL)
    return text;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "the secret %s can't be used: %s", name, why);
  glb_secret_text_free (text);
  return NULL;
}

GlbSecretText *
glb_secret_store_read (const char    *name,
                       GCancellable  *cancellable,
                       GError       **error)
{
  GError *fault = NULL;
  GlbSecretText *text = glb_secret_file_read (name, &fault);

  if (text != NULL || take_unless_missing (error, fault))
    return text;

  fault = NULL;
  if (glb_secret_service_is_there (cancellable, &fault))
    text = glb_secret_service_read (name, cancellable, &fault);
  if (text != NULL)
    return check (text, name, error);

  if (fault != NULL)
    g_propagate_prefixed_error (error, fault, "the secret %s can't be read: ", name);
  else
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "the secret %s is not stored; run: glovebox secret set %s", name, name);
  return NULL;
}

gboolean
glb_secret_store_write (const char           *name,
                        const GlbSecretText  *text,
                        GCancellable         *cancellable,
                        GError              **error)
{
  GError *fault = NULL;

  if (glb_secret_service_is_there (cancellable, &fault))
    {
      if (!glb_secret_service_write (name, text, cancellable, error))
        return FALSE;
      /* which would go before it */
      return glb_secret_file_remove (name, &fault) || !take_unless_missing (error, fault);
    }
  if (fault != NULL)
    {
      g_propagate_error (error, fault);
      return FALSE;
    }
  return glb_secret_file_write (name, text, error);
}

gboolean
glb_secret_store_remove (const char    *name,
                         GCancellable  *cancellable,
                         GError       **error)
{
  GError *fault = NULL;
  gboolean removed = glb_secret_file_remove (name, &fault);
  gboolean there = FALSE;

  if (!removed && take_unless_missing (error, fault))
    return FALSE;

  fault = NULL;
  if (glb_secret_service_is_there (cancellable, &fault) && !glb_secret_service_remove (name, &there, cancellable, &fault))
    there = FALSE;
  if (fault != NULL)
    {
      g_propagate_error (error, fault);
      return FALSE;
    }
  if (removed || there)
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "the secret %s is not stored; glovebox secret list shows those that are",
               name);
  return FALSE;
}

static int
compare (gconstpointer a,
         gconstpointer b)
{
  return strcmp (*(const char * const *) a, *(const char * const *) b);
}

/* Sorted, each once. Of one name there may be a file and an item. (transfer full) */
static GStrv
merge (GStrv      files,
       GPtrArray *items)
{
  g_autoptr(GPtrArray) names = g_ptr_array_new ();
  g_autoptr(GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; files[i] != NULL; i++)
    g_ptr_array_add (names, files[i]);
  for (guint i = 0; items != NULL && i < items->len; i++)
    if (glb_network_secret_is_name (items->pdata[i]))
      g_ptr_array_add (names, items->pdata[i]);
  g_ptr_array_sort (names, compare);
  for (guint i = 0; i < names->len; i++)
    if (i == 0 || strcmp (names->pdata[i - 1], names->pdata[i]) != 0)
      g_strv_builder_add (builder, names->pdata[i]);
  return g_strv_builder_end (builder);
}

GStrv
glb_secret_store_list (GCancellable  *cancellable,
                       GError       **error)
{
  g_auto(GStrv) files = glb_secret_file_list (error);
  g_autoptr(GPtrArray) items = NULL;
  GError *fault = NULL;

  if (files == NULL)
    return NULL;
  if (glb_secret_service_is_there (cancellable, &fault))
    items = glb_secret_service_list (cancellable, &fault);
  if (fault == NULL)
    return merge (files, items);
  g_propagate_error (error, fault);
  return NULL;
}
