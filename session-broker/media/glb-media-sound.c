/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The microphone (Audio/Source) and the speaker (Audio/Sink) that the session
 * sees. Each is a filter with one port a channel, in one direction only: a
 * speaker has no monitor ports, so nothing can be heard through it.
 *
 * process() of both sides runs in the one data thread of our PipeWire context,
 * so the ring between them needs no lock. What the main thread changes is an
 * atomic number, or is changed while the host's filter is not there.
 *
 * The person's device is opened only while a program of the session uses ours.
 */

#define G_LOG_DOMAIN "glovebox-media"
#include "config.h"

#include <math.h>

#include <pipewire/filter.h>

#include "session-broker/media/glb-media-file.h"
#include "session-broker/media/glb-media-host.h"
#include "session-broker/media/glb-media-lease.h"
#include "session-broker/media/glb-media-ring.h"
#include "session-broker/media/glb-media-wav.h"

#define TONE_HZ      440
#define TONE_LEVEL   0.25f
#define DEFAULT_RATE 48000
/* Of one cycle; a graph that says more is not believed. */
#define CYCLE_MAX    8192

typedef struct Sound Sound;

/* One end: a filter on one of the two instances. */
typedef struct
{
  Sound *sound;
  struct pw_filter *filter;      /* (nullable) */
  struct spa_hook listener;
  void *ports[GLB_MEDIA_CHANNELS];
  enum pw_direction direction;   /* of its ports */
} End;

struct Sound
{
  GlbMediaLease parent;
  struct pw_context *context;
  struct pw_core *session_core;
  GlbMediaHost *host;            /* (nullable): a synthetic source */
  struct spa_source *event;      /* a synthetic one is ready, from the main loop */
  GBytes *file;                  /* (nullable): one of them */
  char *file_description;
  GlbMediaBinding binding;
  End session, person;

  gint muted;                    /* atomic */
  /* the data thread's */
  GlbMediaRing ring;
  guint session_rate, person_rate;
  double phase;
  GlbMediaWav wav;               /* of file */
  double position;               /* in it */
};

static const char * const channel_names[GLB_MEDIA_CHANNELS] = { "FL", "FR" };

static void
end (Sound *self, GlbMediaWhy why, const char *detail)
{
  self->parent.events->ended (&self->parent, why, detail, self->parent.user_data);
}

/* ---- samples -------------------------------------------------------------------- */

static void
fill_tone (Sound *self, float *const channels[GLB_MEDIA_CHANNELS], guint n)
{
  for (guint i = 0; i < n; i++)
    {
      float sample = sin (self->phase) * TONE_LEVEL;

      self->phase = fmod (self->phase + 2 * G_PI * TONE_HZ / self->session_rate, 2 * G_PI);
      for (guint c = 0; c < GLB_MEDIA_CHANNELS; c++)
        if (channels[c] != NULL)
          channels[c][i] = sample;
    }
}

static void
fill_silence (float *const channels[GLB_MEDIA_CHANNELS], guint n)
{
  for (guint c = 0; c < GLB_MEDIA_CHANNELS; c++)
    if (channels[c] != NULL)
      memset (channels[c], 0, n * sizeof (float));
}

static void
produce (End *self, float *const channels[GLB_MEDIA_CHANNELS], guint n)
{
  Sound *sound = self->sound;

  if (self == &sound->session && sound->host == NULL && sound->parent.source == GLB_MEDIA_SOURCE_TONE)
    fill_tone (sound, channels, n);
  else if (self == &sound->session && sound->file != NULL)
    glb_media_wav_play (&sound->wav, &sound->position, channels, n, sound->session_rate);
  else if (sound->host == NULL)
    fill_silence (channels, n);
  else if (self == &sound->session)
    glb_media_ring_read (&sound->ring, channels, n, sound->person_rate, sound->session_rate);
  else
    glb_media_ring_read (&sound->ring, channels, n, sound->session_rate, sound->person_rate);
  /* what was read is gone: unmuting brings back nothing that was said meanwhile */
  if (g_atomic_int_get (&sound->muted))
    fill_silence (channels, n);
}

static void
on_process (void *data, struct spa_io_position *position)
{
  End *self = data;
  Sound *sound = self->sound;
  guint *rate = self == &sound->session ? &sound->session_rate : &sound->person_rate;
  float *channels[GLB_MEDIA_CHANNELS];
  guint n;

  if (position == NULL || position->clock.duration == 0 || position->clock.duration > CYCLE_MAX)
    return;

  n = position->clock.duration;
  *rate = CLAMP (position->clock.rate.denom, 8000, 384000);
  for (guint c = 0; c < GLB_MEDIA_CHANNELS; c++)
    channels[c] = pw_filter_get_dsp_buffer (self->ports[c], n);
  if (self->direction == PW_DIRECTION_OUTPUT)
    produce (self, channels, n);
  else if (sound->host != NULL)
    glb_media_ring_write (&sound->ring, (const float *const *) channels, n);
}

/* ---- filters -------------------------------------------------------------------- */

static void start_person (Sound *self);
static void stop_person (Sound *self);

static void
on_session_state (Sound *self, enum pw_filter_state old, enum pw_filter_state state, const char *message)
{
  if (state == PW_FILTER_STATE_STREAMING)
    start_person (self);
  else if (state == PW_FILTER_STATE_PAUSED)
    stop_person (self);
  else if (state == PW_FILTER_STATE_ERROR)
    end (self, GLB_MEDIA_WHY_INTERNAL, message != NULL ? message : "the session's PipeWire refused the device");
  else if (state == PW_FILTER_STATE_UNCONNECTED)
    end (self, GLB_MEDIA_WHY_INTERNAL, "a program of the session destroyed it");
}

static void
on_person_state (Sound *self, enum pw_filter_state old, enum pw_filter_state state, const char *message)
{
  if (state == PW_FILTER_STATE_ERROR)
    glb_media_host_fail (self->host, GLB_MEDIA_WHY_FORMAT,
                         message != NULL ? message : "the person's PipeWire refused the stream; ask again");
}

static void
on_state_changed (void *data, enum pw_filter_state old, enum pw_filter_state state, const char *message)
{
  End *self = data;

  if (self == &self->sound->session)
    on_session_state (self->sound, old, state, message);
  else
    on_person_state (self->sound, old, state, message);
}

static const struct pw_filter_events filter_events = {
  PW_VERSION_FILTER_EVENTS,
  .state_changed = on_state_changed,
  .process = on_process,
};

/* Takes properties. */
static gboolean
open_end (End *self, Sound *sound, struct pw_core *core, enum pw_direction direction, struct pw_properties *properties)
{
  self->sound = sound;
  self->direction = direction;
  self->filter = pw_filter_new (core, "Glovebox sound", properties);
  if (self->filter == NULL)
    return FALSE;

  pw_filter_add_listener (self->filter, &self->listener, &filter_events, self);
  for (guint c = 0; c < GLB_MEDIA_CHANNELS; c++)
    self->ports[c] = pw_filter_add_port (self->filter, direction, PW_FILTER_PORT_FLAG_MAP_BUFFERS, 0,
                                         pw_properties_new (PW_KEY_FORMAT_DSP, "32 bit float mono audio",
                                                            PW_KEY_PORT_NAME, channel_names[c],
                                                            PW_KEY_AUDIO_CHANNEL, channel_names[c], NULL), NULL, 0);

  return pw_filter_connect (self->filter, PW_FILTER_FLAG_RT_PROCESS, NULL, 0) >= 0;
}

static void
close_end (End *self)
{
  if (self->filter == NULL)
    return;
  spa_hook_remove (&self->listener);
  g_clear_pointer (&self->filter, pw_filter_destroy);
}

static guint32
get_person_id (gpointer user_data)
{
  return pw_filter_get_node_id (((Sound *) user_data)->person.filter);
}

static void
start_person (Sound *self)
{
  gboolean listens = self->parent.device == GLB_MEDIA_MICROPHONE;

  if (self->host == NULL || self->person.filter != NULL)
    return;
  if (!open_end (&self->person, self, glb_media_host_get_core (self->host), listens ? PW_DIRECTION_INPUT : PW_DIRECTION_OUTPUT,
                 pw_properties_new (PW_KEY_NODE_NAME, listens ? "glovebox.microphone" : "glovebox.speaker",
                                    PW_KEY_MEDIA_TYPE, "Audio", PW_KEY_MEDIA_CATEGORY, listens ? "Capture" : "Playback",
                                    PW_KEY_APP_NAME, "Glovebox", NULL)))
    end (self, GLB_MEDIA_WHY_INTERNAL, "can't make a stream");
  else
    glb_media_host_link (self->host, get_person_id, self);
}

static void
stop_person (Sound *self)
{
  if (self->host == NULL)
    return;
  glb_media_host_link (self->host, NULL, NULL);
  close_end (&self->person);
}

static guint32
get_session_id (gpointer user_data)
{
  return pw_filter_get_node_id (((Sound *) user_data)->session.filter);
}

static void
on_bound (guint32 node_id, gpointer user_data)
{
  Sound *self = user_data;

  if (node_id == PW_ID_ANY)
    {
      end (self, GLB_MEDIA_WHY_INTERNAL, "the session's PipeWire did not take the device");
      return;
    }
  self->parent.node_id = node_id;
  self->parent.events->ready (&self->parent, self->parent.user_data);
}

const char *
glb_media_sound_get_name (GlbMediaSource source)
{
  return source == GLB_MEDIA_SOURCE_FILE ? GLB_MEDIA_FILE_NAME : source == GLB_MEDIA_SOURCE_TONE ? "glovebox.tone" : "glovebox.silence";
}

const char *
glb_media_sound_get_description (GlbMediaSource source)
{
  return source == GLB_MEDIA_SOURCE_TONE ? "Tone" : "Silence";
}

static void
open_session (Sound *self)
{
  gboolean speaks = self->parent.device == GLB_MEDIA_MICROPHONE;
  const char *name = speaks ? "glovebox.microphone" : "glovebox.speaker";

  if (self->host != NULL)
    {
      self->parent.name = glb_media_host_get_name (self->host);
      self->parent.description = glb_media_host_get_description (self->host);
    }
  else
    {
      self->parent.name = glb_media_sound_get_name (self->parent.source);
      self->parent.description = self->file != NULL ? self->file_description : glb_media_sound_get_description (self->parent.source);
    }
  if (!open_end (&self->session, self, self->session_core, speaks ? PW_DIRECTION_OUTPUT : PW_DIRECTION_INPUT,
                 pw_properties_new (PW_KEY_MEDIA_CLASS, speaks ? "Audio/Source" : "Audio/Sink", PW_KEY_NODE_NAME, name,
                                    PW_KEY_NODE_DESCRIPTION, speaks ? "Microphone" : "Speaker", NULL)))
    {
      end (self, GLB_MEDIA_WHY_INTERNAL, "can't make a stream");
      return;
    }
  self->binding = (GlbMediaBinding) { .core = self->session_core, .get_node_id = get_session_id, .bound = on_bound,
                                      .user_data = self };
  glb_media_binding_start (&self->binding);
}

/* ---- beginning and end ------------------------------------------------------------ */

static void
on_host_found (gpointer user_data)
{
  open_session (user_data);
}

static void
on_host_format (const struct spa_pod *untrusted_format, gpointer user_data)
{
  /* sound has one format for all: the graph's */
}

static void
on_host_ended (GlbMediaWhy why, const char *detail, gpointer user_data)
{
  end (user_data, why, detail);
}

static const GlbMediaHostEvents host_events = { on_host_found, on_host_format, on_host_ended };

static void
on_event (void *data, guint64 count)
{
  Sound *self = data;
  g_autoptr(GError) error = NULL;
  gsize size = 0;
  const guint8 *untrusted = self->file != NULL ? g_bytes_get_data (self->file, &size) : NULL;

  if (self->file == NULL || glb_media_wav_parse (untrusted, size, &self->wav, &error))
    open_session (self);
  else
    end (self, GLB_MEDIA_WHY_FILE, error->message);
}

static void
sound_set_muted (GlbMediaLease *parent, gboolean muted)
{
  g_atomic_int_set (&((Sound *) parent)->muted, muted);
}

static void
sound_free (GlbMediaLease *parent)
{
  Sound *self = (Sound *) parent;

  glb_media_binding_stop (&self->binding);
  close_end (&self->session);
  close_end (&self->person);
  g_clear_pointer (&self->host, glb_media_host_free);
  if (self->event != NULL)
    pw_loop_destroy_source (pw_context_get_main_loop (self->context), self->event);
  g_clear_pointer (&self->file, g_bytes_unref);
  g_free (self->file_description);
  g_free (self);
}

static const GlbMediaLeaseClass sound_class = { sound_set_muted, sound_free };

GlbMediaLease *
glb_media_sound_new (struct pw_context         *context,
                     struct pw_core            *session,
                     const GlbMediaGrant       *grant,
                     int                        fd,
                     const GlbMediaLeaseEvents *events,
                     gpointer                   user_data)
{
  Sound *self = g_new0 (Sound, 1);

  self->parent = (GlbMediaLease) { .klass = &sound_class, .events = events, .user_data = user_data, .device = grant->device,
                                   .source = grant->source, .node_id = PW_ID_ANY };
  self->context = context;
  self->session_core = session;
  self->session_rate = self->person_rate = DEFAULT_RATE;
  if (grant->source == GLB_MEDIA_SOURCE_HOST)
    {
      self->host = glb_media_host_new (context, fd, grant->device, grant->target, &host_events, self);
      if (self->host != NULL)
        return &self->parent;
      g_free (self);
      return NULL;
    }

  if (grant->source == GLB_MEDIA_SOURCE_FILE)
    {
      self->file = glb_media_file_map (fd);
      self->file_description = g_strdup (grant->target);
      if (self->file == NULL)
        {
          sound_free (&self->parent);
          return NULL;
        }
    }
  self->event = pw_loop_add_event (pw_context_get_main_loop (context), on_event, self);
  pw_loop_signal_event (pw_context_get_main_loop (context), self->event);
  return &self->parent;
}
