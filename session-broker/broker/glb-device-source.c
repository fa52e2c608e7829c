/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "session-broker/broker/glb-device-source.h"

static const char * const words[GLB_MEDIA_N_SOURCES] = {
  [GLB_MEDIA_SOURCE_HOST] = "host", [GLB_MEDIA_SOURCE_TEST_PATTERN] = "test-pattern", [GLB_MEDIA_SOURCE_TONE] = "tone",
  [GLB_MEDIA_SOURCE_SILENCE] = "silence", [GLB_MEDIA_SOURCE_FILE] = "file", [GLB_MEDIA_SOURCE_PIPE] = "pipe",
};

GlbVerdict
glb_device_source_get_verdict (const GlbPolicy *policy, GlbMediaDevice device)
{
  switch (device)
    {
    case GLB_MEDIA_CAMERA:
      return policy->devices.camera;
    case GLB_MEDIA_MICROPHONE:
      return policy->devices.microphone;
    case GLB_MEDIA_SPEAKER:
      return policy->devices.speaker;
    case GLB_MEDIA_SOUND:
      return policy->desktop.listen;
    case GLB_MEDIA_N_DEVICES:
    default:
      return GLB_VERDICT_DENY;
    }
}

static GlbMediaSource
get_camera_source (GlbCameraSource source)
{
  switch (source)
    {
    case GLB_CAMERA_SOURCE_TEST_PATTERN:
      return GLB_MEDIA_SOURCE_TEST_PATTERN;
    case GLB_CAMERA_SOURCE_FILE:
      return GLB_MEDIA_SOURCE_FILE;
    case GLB_CAMERA_SOURCE_HOST:
      return GLB_MEDIA_SOURCE_HOST;
    default:
      g_assert_not_reached ();
    }
}

static GlbMediaSource
get_microphone_source (GlbMicrophoneSource source)
{
  switch (source)
    {
    case GLB_MICROPHONE_SOURCE_TONE:
      return GLB_MEDIA_SOURCE_TONE;
    case GLB_MICROPHONE_SOURCE_SILENCE:
      return GLB_MEDIA_SOURCE_SILENCE;
    case GLB_MICROPHONE_SOURCE_FILE:
      return GLB_MEDIA_SOURCE_FILE;
    case GLB_MICROPHONE_SOURCE_HOST:
      return GLB_MEDIA_SOURCE_HOST;
    default:
      g_assert_not_reached ();
    }
}

GlbMediaSource
glb_device_source_of_policy (const GlbPolicy *policy, GlbMediaDevice device)
{
  return device == GLB_MEDIA_CAMERA ? get_camera_source (policy->devices.camera_source)
         : device == GLB_MEDIA_MICROPHONE ? get_microphone_source (policy->devices.microphone_source)
         : device == GLB_MEDIA_SOUND ? GLB_MEDIA_SOURCE_PIPE : GLB_MEDIA_SOURCE_HOST;
}

const char *
glb_device_source_get_file (const GlbPolicy *policy, GlbMediaDevice device)
{
  return device == GLB_MEDIA_CAMERA ? policy->devices.camera_file : device == GLB_MEDIA_MICROPHONE ? policy->devices.microphone_file : NULL;
}

const char *
glb_device_source_check (const GlbPolicy *policy, GlbMediaDevice device, GlbMediaSource source)
{
  GlbMediaSource given = glb_device_source_of_policy (policy, device);

  if (glb_device_source_get_verdict (policy, device) == GLB_VERDICT_DENY)
    return device == GLB_MEDIA_SOUND ? "the policy lets nobody listen; see desktop.listen in it" : "the policy denies this device; see devices in it";
  if (given == GLB_MEDIA_SOURCE_HOST || (source != GLB_MEDIA_SOURCE_HOST && source != GLB_MEDIA_SOURCE_FILE))
    return NULL;
  if (given == GLB_MEDIA_SOURCE_FILE && source == GLB_MEDIA_SOURCE_FILE)
    return "the policy says which file it is; name no other";
  return source == GLB_MEDIA_SOURCE_HOST ? "the policy does not give the person's own device; name a generated source"
                                         : "the policy gives something generated and no file; name a generated source";
}

const char *
glb_device_source_to_string (GlbMediaSource source)
{
  g_return_val_if_fail ((guint) source < GLB_MEDIA_N_SOURCES, "unknown");

  return words[source];
}

gboolean
glb_device_source_from_string (GlbMediaDevice device, const char *string, GlbMediaSource *source)
{
  for (guint i = 0; i < GLB_MEDIA_N_SOURCES; i++)
    if (g_str_equal (string, words[i]) && glb_media_source_fits (device, i))
      {
        *source = i;
        return TRUE;
      }

  return FALSE;
}

GStrv
glb_device_source_list (const GlbPolicy *policy, GlbMediaDevice device)
{
  g_autoptr(GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; i < GLB_MEDIA_N_SOURCES; i++)
    if (glb_media_source_fits (device, i) && glb_device_source_check (policy, device, i) == NULL)
      g_strv_builder_add (builder, words[i]);
  return g_strv_builder_end (builder);
}
