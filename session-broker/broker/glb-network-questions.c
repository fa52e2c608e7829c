/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glb-broker"
#include "config.h"

#include "session-broker/broker/glb-network-questions.h"

/* Places that are remembered; an agent may make up as many as it likes. */
#define PLACES_MAX 256u

typedef struct
{
  GlbNetworkAnswered answered;
  gpointer user_data;
  gboolean ahead;            /* connects later, if at all */
} Waiter;

/* What was asked about a place, and who waits for the answer. */
typedef struct
{
  GlbNetworkQuestions *questions;   /* (nullable): nobody hears */
  char *place;
  char *spoken;
  GArray *waiters;           /* Waiter */
  GCancellable *cancellable; /* (nullable): it is being asked */
  char *last;                /* (nullable): "allowed", or why not */
  gint64 last_us;
  GlbGrant *kept;            /* (nullable): a yes for once, for the next who asks */
  guint kept_hold;
  guint kept_id;             /* until when */
} Place;

struct _GlbNetworkQuestions
{
  GlbPrompts *prompts;
  GlbSession *session;
  GHashTable *places;        /* text to Place */
};

/* ---- a yes that waits for its use ------------------------------------------------- */

/* (nullable) (transfer full): hold goes with it */
static GlbGrant *
steal_kept (Place *place, guint *hold)
{
  *hold = place->kept_hold;
  g_clear_handle_id (&place->kept_id, g_source_remove);
  place->kept_hold = 0;
  return g_steal_pointer (&place->kept);
}

static void
drop_kept (Place *place)
{
  guint hold;
  g_autoptr(GlbGrant) grant = steal_kept (place, &hold);

  if (grant != NULL)
    glb_grant_release (grant, hold);
}

static gboolean
on_kept_over (gpointer user_data)
{
  Place *place = user_data;

  place->kept_id = 0;
  drop_kept (place);
  return G_SOURCE_REMOVE;
}

static void
on_kept_ended (GlbGrant *grant, const char *why, gpointer user_data)
{
  Place *place = user_data;

  place->kept_hold = 0;
  drop_kept (place);
}

static void
keep (Place *place, GlbGrant *grant)
{
  drop_kept (place);
  place->kept_hold = glb_grant_hold (grant, on_kept_ended, place);
  if (place->kept_hold == 0)
    return;

  place->kept = g_object_ref (grant);
  place->kept_id = g_timeout_add (GLB_NETWORK_YES_HOLDS_MS, on_kept_over, place);
}

/* ---- places --------------------------------------------------------------------------- */

static void
place_free (gpointer data)
{
  Place *place = data;

  drop_kept (place);
  g_clear_object (&place->cancellable);
  g_array_unref (place->waiters);
  g_free (place->place);
  g_free (place->spoken);
  g_free (place->last);
  g_free (place);
}

GlbNetworkQuestions *
glb_network_questions_new (GlbPrompts *prompts, GlbSession *session)
{
  GlbNetworkQuestions *self = g_new0 (GlbNetworkQuestions, 1);

  self->prompts = g_object_ref (prompts);
  self->session = session;
  self->places = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, place_free);
  return self;
}

/* Those who asked ahead are nobody's links, who knows of the end by himself. */
static void
tell_end (Place *place)
{
  g_autoptr(GArray) waiters = g_steal_pointer (&place->waiters);

  place->waiters = g_array_new (FALSE, FALSE, sizeof (Waiter));
  for (guint i = 0; i < waiters->len; i++)
    {
      const Waiter *waiter = &g_array_index (waiters, Waiter, i);

      if (waiter->ahead)
        waiter->answered (waiter->user_data, NULL);
    }
}

void
glb_network_questions_free (GlbNetworkQuestions *self)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->places);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Place *place = value;

      if (place->cancellable == NULL)
        continue;
      tell_end (place);
      /* its answer is on its way, and frees it */
      g_hash_table_iter_steal (&iter);
      place->questions = NULL;
      g_cancellable_cancel (place->cancellable);
    }
  g_hash_table_unref (self->places);
  g_object_unref (self->prompts);
  g_free (self);
}

/* One that nobody waits for gives its place up. */
static void
make_room (GlbNetworkQuestions *self)
{
  GHashTableIter iter;
  gpointer value;
  Place *oldest = NULL;

  if (g_hash_table_size (self->places) < PLACES_MAX)
    return;

  g_hash_table_iter_init (&iter, self->places);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Place *place = value;

      if (place->cancellable == NULL && (oldest == NULL || place->last_us < oldest->last_us))
        oldest = place;
    }
  if (oldest != NULL)
    g_hash_table_remove (self->places, oldest->place);
}

static Place *
find_place (GlbNetworkQuestions *self, const char *text)
{
  Place *place = g_hash_table_lookup (self->places, text);

  if (place != NULL)
    return place;

  make_room (self);
  place = g_new0 (Place, 1);
  place->questions = self;
  place->place = g_strdup (text);
  place->waiters = g_array_new (FALSE, FALSE, sizeof (Waiter));
  g_hash_table_insert (self->places, place->place, place);
  return place;
}

/* Whoever is told may give up others, or ask anew. */
static void
tell_waiters (Place *place, const GlbPromptAnswer *answer)
{
  while (place->questions != NULL && place->waiters->len > 0)
    {
      const Waiter waiter = g_array_index (place->waiters, Waiter, 0);

      g_array_remove_index (place->waiters, 0);
      if (waiter.ahead && answer != NULL && answer->allowed && answer->scope == GLB_GRANT_ONCE)
        keep (place, answer->grant);
      waiter.answered (waiter.user_data, answer);
    }
}

static void ask_person (Place *place);

static void
asked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Place *place = user_data;
  g_autoptr(GlbPromptAnswer) answer = glb_prompts_ask_finish (GLB_PROMPTS (source), result, NULL);

  if (place->questions == NULL)
    {
      place_free (place);
      return;
    }
  /* who came while it was being given up */
  if (answer == NULL && place->waiters->len > 0)
    {
      g_clear_object (&place->cancellable);
      ask_person (place);
      return;
    }

  g_free (place->last);
  place->last = g_strdup (answer == NULL ? "withdrawn" : answer->allowed ? "allowed" : answer->why);
  place->last_us = g_get_monotonic_time ();
  tell_waiters (place, answer);
  /* freed with its questions by one who was told, or not to be asked any more */
  if (place->questions == NULL)
    place_free (place);
  else
    g_clear_object (&place->cancellable);
}

static void
ask_person (Place *place)
{
  GlbNetworkQuestions *self = place->questions;
  g_autofree char *title = g_strdup_printf ("Connect to %s", place->place);
  GlbPromptRequest request = { .kind = GLB_PROMPT_NETWORK, .requester = GLB_DRIVER_AGENT, .title = title, .target = place->place };
  GVariantDict details;

  g_variant_dict_init (&details, NULL);
  g_variant_dict_insert (&details, "spoken", "s", place->spoken);
  request.details = g_variant_dict_end (&details);

  place->cancellable = g_cancellable_new ();
  glb_prompts_ask_async (self->prompts, self->session, &request, place->cancellable, asked_cb, place);
}

/* TRUE: answered by a yes that was kept, which goes to one who connects. */
static gboolean
answer_kept (Place *place, const Waiter *waiter)
{
  GlbPromptAnswer yes = { .allowed = TRUE, .scope = GLB_GRANT_ONCE, .grant = place->kept };
  g_autoptr(GlbGrant) grant = NULL;
  guint hold = 0;

  if (place->kept == NULL)
    return FALSE;

  if (!waiter->ahead)
    grant = steal_kept (place, &hold);
  waiter->answered (waiter->user_data, &yes);
  if (grant != NULL)
    glb_grant_release (grant, hold);
  return TRUE;
}

static void
ask (GlbNetworkQuestions *self, const char *text, const char *spoken, const Waiter *waiter)
{
  Place *place = find_place (self, text);
  GlbPromptAnswer no = { .why = "denied" };

  if (answer_kept (place, waiter))
    return;
  if (place->cancellable == NULL && g_strcmp0 (place->last, no.why) == 0 &&
      g_get_monotonic_time () - place->last_us < GLB_NETWORK_NO_HOLDS_US)
    {
      waiter->answered (waiter->user_data, &no);
      return;
    }

  g_array_append_vals (place->waiters, waiter, 1);
  if (place->cancellable != NULL)
    return;

  g_free (place->spoken);
  place->spoken = g_strdup (spoken);
  ask_person (place);
}

void
glb_network_questions_ask (GlbNetworkQuestions *self, const char *text, const char *spoken, GlbNetworkAnswered answered, gpointer user_data)
{
  ask (self, text, spoken, &(Waiter) { answered, user_data, FALSE });
}

void
glb_network_questions_ask_ahead (GlbNetworkQuestions *self,
                                 const char          *text,
                                 const char          *spoken,
                                 GlbNetworkAnswered   answered,
                                 gpointer             user_data)
{
  ask (self, text, spoken, &(Waiter) { answered, user_data, TRUE });
}

void
glb_network_questions_give_up (GlbNetworkQuestions *self, gpointer user_data)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->places);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Place *place = value;

      for (guint i = place->waiters->len; i > 0; i--)
        if (g_array_index (place->waiters, Waiter, i - 1).user_data == user_data)
          g_array_remove_index (place->waiters, i - 1);
      if (place->waiters->len == 0 && place->cancellable != NULL)
        g_cancellable_cancel (place->cancellable);
    }
}
