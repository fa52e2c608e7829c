/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glb-policies"

#include "config.h"

#include "policies/glb-policy-words.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "policies/glb-policy-key.h"

/*
 * A policy in plain words
 * =======================
 *
 * What only answers "may it?" stands in tables, one whole sentence for each
 * answer, so that it can be translated. A table's NULL says nothing: what is
 * not there needs no word, or another sentence has it. A "%s" is filled with
 * what the policy holds. tests/policies/test-policy-words.c sees to it that no
 * key of the format is without a sentence.
 */

typedef struct
{
  const char *pointer;
  GlbWordsGroup group;
  const char *deny, *prompt, *allow;
} VerdictWords;

typedef struct
{
  const char *pointer;
  GlbWordsGroup group;
  GlbWordsKind kind_off, kind_on;
  const char *off, *on;
} SwitchWords;

typedef enum { UNIT_NONE, UNIT_BYTES, UNIT_KIB, UNIT_MIB, UNIT_SECONDS, UNIT_PERCENT } Unit;

typedef struct
{
  const char *pointer;
  GlbWordsGroup group;
  Unit unit;
  const char *unlimited, *limited;
} NumberWords;

/* Whole sentences for each place that a path can name. */
typedef struct
{
  const char *workspace, *in_workspace, *workspace_file;
  const char *home, *in_home, *home_file;
  const char *folder, *file;
} PathWords;

static const char * const kind_titles[] = {
  N_("It May"), N_("It Asks You First"), N_("It May Not"), N_("Limits"),
};
static const char * const group_titles[] = {
  N_("Files"), N_("Network"), N_("Clipboard"), N_("Devices"), N_("Keyboard, Pointer and Screen"), N_("Programs"),
  N_("Resources"), N_("Questions and Records"),
};
G_STATIC_ASSERT (G_N_ELEMENTS (kind_titles) == GLB_WORDS_N_KINDS);
G_STATIC_ASSERT (G_N_ELEMENTS (group_titles) == GLB_WORDS_N_GROUPS);

static const PathWords write_words = {
  N_("Can read and write everything in the workspace"), N_("Can read and write in %s of the workspace"),
  N_("Can read and write the file %s of the workspace"), N_("Can read and write everything in your home folder"),
  N_("Can read and write in %s of your home folder"), N_("Can read and write the file %s of your home folder"),
  N_("Can read and write in %s"), N_("Can read and write the file %s"),
};
static const PathWords read_words = {
  N_("Can read everything in the workspace"), N_("Can read %s of the workspace"), N_("Can read the file %s of the workspace"),
  N_("Can read everything in your home folder"), N_("Can read %s of your home folder"),
  N_("Can read the file %s of your home folder"), N_("Can read %s"), N_("Can read the file %s"),
};
static const PathWords deny_words = {
  N_("Cannot see the workspace, but for what is named"), N_("Cannot see %s of the workspace"),
  N_("Cannot see the file %s of the workspace"), N_("Cannot see your home folder, but for what is named"),
  N_("Cannot see %s of your home folder"), N_("Cannot see the file %s of your home folder"), N_("Cannot see %s"),
  N_("Cannot see the file %s"),
};

static const VerdictWords clipboard_words[] = {
  { "/desktop/clipboard/hostToSession", GLB_WORDS_CLIPBOARD, N_("Cannot be sent your clipboard"),
    N_("Asks before your clipboard is sent to it"), N_("Gets your clipboard when you send it") },
  { "/desktop/clipboard/sessionToHost", GLB_WORDS_CLIPBOARD, N_("Cannot put anything into your clipboard"),
    N_("Asks before what it copied reaches your clipboard"), N_("Can put what it copied into your clipboard") },
};
static const VerdictWords clipboard_secret_words = {
  "/desktop/clipboard/secrets", GLB_WORDS_CLIPBOARD, N_("Cannot copy out what looks like a password or key"),
  N_("Asks before it copies out what looks like a password or key"), N_("Can copy out even what looks like a password or key")
};
static const VerdictWords device_words[] = {
  { "/devices/camera", GLB_WORDS_DEVICES, N_("Cannot use the camera"), N_("Asks before it uses the camera"),
    N_("Can use the camera") },
  { "/devices/microphone", GLB_WORDS_DEVICES, N_("Cannot use the microphone"), N_("Asks before it uses the microphone"),
    N_("Can use the microphone") },
  { "/devices/speaker", GLB_WORDS_DEVICES, N_("Cannot play sound on your speakers"),
    N_("Asks before it plays sound on your speakers"), N_("Can play sound on your speakers") },
  { "/desktop/listen", GLB_WORDS_DEVICES, N_("You cannot listen to what its programs play"), NULL,
    N_("You can listen to what its programs play") },
};
static const VerdictWords file_portal_words = {
  "/portals/fileChooser", GLB_WORDS_FILES, N_("Cannot ask you for a file"), N_("Asks you for a file, and gets a copy of it"), NULL
};
static const VerdictWords portal_words[] = {
  { "/portals/openUri", GLB_WORDS_PROGRAMS, N_("Cannot open web pages or mails on your desktop"),
    N_("Asks before it opens a web page or a mail on your desktop"), NULL },
  { "/portals/notification", GLB_WORDS_PROGRAMS, N_("Cannot show you notifications"), NULL, N_("Can show you notifications") },
  { "/portals/settings", GLB_WORDS_PROGRAMS, N_("Cannot see whether you prefer dark or light"), NULL,
    N_("Can see whether you prefer dark or light") },
  { "/keys/sshAgent", GLB_WORDS_PROGRAMS, N_("Cannot use your SSH keys"), N_("Asks each time it uses one of your SSH keys"), NULL },
  { "/keys/gitCredentials", GLB_WORDS_PROGRAMS, N_("Cannot have your Git passwords"),
    N_("Asks before it gets your Git password of a host, and has it then"), NULL },
};
static const VerdictWords screen_words[] = {
  { "/desktop/input/agent", GLB_WORDS_INPUT, N_("Cannot use keyboard and pointer"), NULL,
    N_("Can use keyboard and pointer of its own screen") },
  { "/desktop/publish", GLB_WORDS_INPUT, N_("You cannot give its screen to recorders"), NULL,
    N_("You can give its screen to recorders") },
};

static const SwitchWords screen_switches[] = {
  { "/desktop/input/human", GLB_WORDS_INPUT, GLB_WORDS_MAY_NOT, GLB_WORDS_MAY, N_("You cannot take over its keyboard and pointer"),
    N_("You can take over its keyboard and pointer") },
  { "/desktop/input/freezeOnTakeover", GLB_WORDS_INPUT, GLB_WORDS_MAY, GLB_WORDS_MAY_NOT, NULL,
    N_("Stands still while you have taken over") },
  { "/desktop/input/touch", GLB_WORDS_INPUT, GLB_WORDS_MAY_NOT, GLB_WORDS_MAY, NULL,
    N_("You can touch its screen while you have taken over") },
  { "/desktop/input/gamepad", GLB_WORDS_INPUT, GLB_WORDS_MAY_NOT, GLB_WORDS_MAY, NULL, N_("Has a gamepad") },
  { "/desktop/input/tablet", GLB_WORDS_INPUT, GLB_WORDS_MAY_NOT, GLB_WORDS_MAY, NULL, N_("Has a graphics tablet") },
  { "/desktop/xwayland", GLB_WORDS_INPUT, GLB_WORDS_MAY_NOT, GLB_WORDS_MAY, N_("Cannot run old X11 programs"),
    N_("Can run old X11 programs") },
};
static const SwitchWords program_switches[] = {
  { "/process/allowSpawn", GLB_WORDS_PROGRAMS, GLB_WORDS_MAY_NOT, GLB_WORDS_MAY, N_("Cannot start other programs"),
    N_("Can start other programs, inside its session only") },
  { "/process/allowDebug", GLB_WORDS_PROGRAMS, GLB_WORDS_MAY_NOT, GLB_WORDS_MAY, N_("Cannot look into other programs of its session"),
    N_("Can debug the programs of its session") },
  { "/process/syscalls", GLB_WORDS_PROGRAMS, GLB_WORDS_MAY, GLB_WORDS_LIMIT, N_("Can run desktop programs"),
    N_("Command-line programs only: the short list of system calls") },
};
static const SwitchWords clipboard_files_words = {
  "/desktop/clipboard/allowFiles", GLB_WORDS_CLIPBOARD, GLB_WORDS_MAY_NOT, GLB_WORDS_MAY,
  N_("No files or programs cross by the clipboard"), N_("Files and programs can cross by the clipboard")
};

static const NumberWords process_numbers[] = {
  { "/process/maxProcesses", GLB_WORDS_PROGRAMS, UNIT_NONE, NULL, N_("Processes at the same time: at most %s") },
};
static const NumberWords resource_numbers[] = {
  { "/resources/memoryMb", GLB_WORDS_RESOURCES, UNIT_MIB, N_("Memory: no limit"), N_("Memory: at most %s") },
  { "/resources/cpuPercent", GLB_WORDS_RESOURCES, UNIT_PERCENT, N_("Processors: no limit"),
    N_("Processors: at most %s of one") },
  { "/resources/diskMb", GLB_WORDS_RESOURCES, UNIT_MIB, NULL, N_("Temporary files: at most %s") },
  { "/resources/timeoutSeconds", GLB_WORDS_RESOURCES, UNIT_SECONDS, N_("Runs until it ends or you stop it"), N_("Ends after %s") },
};
static const NumberWords clipboard_numbers[] = {
  { "/desktop/clipboard/maxBytes", GLB_WORDS_CLIPBOARD, UNIT_BYTES, NULL, N_("At most %s in one copy") },
  { "/desktop/clipboard/maxPerMinute", GLB_WORDS_CLIPBOARD, UNIT_NONE, NULL, N_("Copies a minute, each way: at most %s") },
  { "/desktop/clipboard/clearAfterSeconds", GLB_WORDS_CLIPBOARD, UNIT_SECONDS, NULL, N_("What was copied is gone after %s") },
};
static const NumberWords network_numbers[] = {
  { "/network/maxConnections", GLB_WORDS_NETWORK, UNIT_NONE, NULL, N_("Connections at the same time: at most %s") },
  { "/network/maxConnectionsPerMinute", GLB_WORDS_NETWORK, UNIT_NONE, NULL, N_("New connections a minute: at most %s") },
  { "/network/maxKbPerSecond", GLB_WORDS_NETWORK, UNIT_KIB, NULL, N_("Traffic: at most %s a second") },
  { "/network/maxMbPerSession", GLB_WORDS_NETWORK, UNIT_MIB, NULL, N_("Traffic: at most %s in all") },
};
static const NumberWords input_numbers[] = {
  { "/desktop/input/maxEventsPerSecond", GLB_WORDS_INPUT, UNIT_NONE, NULL, N_("Keys and pointer events a second: at most %s") },
};
static const NumberWords prompt_numbers[] = {
  { "/prompts/timeoutSeconds", GLB_WORDS_PROMPTS, UNIT_SECONDS, NULL, N_("A question without an answer is a no after %s") },
};

static void
sentence_free (gpointer data)
{
  GlbPolicySentence *self = data;

  g_free (self->text);
  g_free (self);
}

/* sentence: not translated yet; NULL adds nothing. value: (nullable): for its "%s" */
static void
add (GPtrArray     *words,
     GlbWordsGroup  group,
     GlbWordsKind   kind,
     const char    *pointer,
     const char    *sentence,
     const char    *value)
{
  const char *translated = sentence != NULL ? _(sentence) : NULL;
  const char *gap = translated != NULL && value != NULL ? strstr (translated, "%s") : NULL;
  GlbPolicySentence *self;

  if (translated == NULL)
    return;

  self = g_new0 (GlbPolicySentence, 1);
  *self = (GlbPolicySentence) { kind, group, pointer, NULL };
  if (gap != NULL)
    self->text = g_strdup_printf ("%.*s%s%s", (int) (gap - translated), translated, value, gap + strlen ("%s"));
  else
    self->text = g_strdup (translated);
  g_ptr_array_add (words, self);
}

static int
get_int (const GlbPolicy *policy,
         const char      *pointer)
{
  return *glb_policy_key_int ((GlbPolicy *) policy, glb_policy_find_key (pointer));
}

static void
add_verdicts (GPtrArray          *words,
              const GlbPolicy    *policy,
              const VerdictWords *table,
              gsize               n)
{
  for (gsize i = 0; i < n; i++)
    switch ((GlbVerdict) get_int (policy, table[i].pointer))
      {
      case GLB_VERDICT_DENY:
        add (words, table[i].group, GLB_WORDS_MAY_NOT, table[i].pointer, table[i].deny, NULL);
        break;
      case GLB_VERDICT_PROMPT:
        add (words, table[i].group, GLB_WORDS_ASKS, table[i].pointer, table[i].prompt, NULL);
        break;
      case GLB_VERDICT_ALLOW:
        add (words, table[i].group, GLB_WORDS_MAY, table[i].pointer, table[i].allow, NULL);
        break;
      }
}

static void
add_switches (GPtrArray         *words,
              const GlbPolicy   *policy,
              const SwitchWords *table,
              gsize              n)
{
  for (gsize i = 0; i < n; i++)
    {
      gboolean on = get_int (policy, table[i].pointer) != 0;

      add (words, table[i].group, on ? table[i].kind_on : table[i].kind_off, table[i].pointer, on ? table[i].on : table[i].off, NULL);
    }
}

/* (transfer full) */
static char *
format_seconds (guint seconds)
{
  if (seconds % 86400 == 0)
    return g_strdup_printf (ngettext ("%u day", "%u days", seconds / 86400), seconds / 86400);
  if (seconds % 3600 == 0)
    return g_strdup_printf (ngettext ("%u hour", "%u hours", seconds / 3600), seconds / 3600);
  if (seconds % 60 == 0)
    return g_strdup_printf (ngettext ("%u minute", "%u minutes", seconds / 60), seconds / 60);
  return g_strdup_printf (ngettext ("%u second", "%u seconds", seconds), seconds);
}

/* (transfer full) */
static char *
format_number (guint number,
               Unit  unit)
{
  switch (unit)
    {
    case UNIT_BYTES:
      return g_format_size_full (number, G_FORMAT_SIZE_IEC_UNITS);
    case UNIT_KIB:
      return g_format_size_full ((guint64) number * 1024, G_FORMAT_SIZE_IEC_UNITS);
    case UNIT_MIB:
      return g_format_size_full ((guint64) number * 1024 * 1024, G_FORMAT_SIZE_IEC_UNITS);
    case UNIT_SECONDS:
      return format_seconds (number);
    case UNIT_PERCENT:
      return g_strdup_printf ("%u %%", number);
    case UNIT_NONE:
      return g_strdup_printf ("%u", number);
    }
  g_assert_not_reached ();
}

static void
add_numbers (GPtrArray         *words,
             const GlbPolicy   *policy,
             const NumberWords *table,
             gsize              n)
{
  for (gsize i = 0; i < n; i++)
    {
      guint number = get_int (policy, table[i].pointer);
      g_autofree char *text = format_number (number, table[i].unit);

      add (words, table[i].group, GLB_WORDS_LIMIT, table[i].pointer, number != 0 ? table[i].limited : table[i].unlimited, text);
    }
}

#define ADD(kind, words, policy, table) add_ ## kind (words, policy, table, G_N_ELEMENTS (table))

/* ---- files ---------------------------------------------------------------------- */

#define WORKSPACE "${WORKSPACE}"
#define HOME      "${HOME}"
#define TREE      "/**"

static void
add_path (GPtrArray       *words,
          GlbWordsKind     kind,
          const char      *pointer,
          const PathWords *sentences,
          const char      *pattern)
{
  gboolean tree = g_str_has_suffix (pattern, TREE);
  g_autofree char *path = g_strndup (pattern, strlen (pattern) - (tree ? strlen ("**") : 0));
  const char *sentence, *name = path;

  if (g_str_has_prefix (path, WORKSPACE))
    {
      name += strlen (WORKSPACE "/");
      sentence = !tree ? sentences->workspace_file : *name == '\0' ? sentences->workspace : sentences->in_workspace;
    }
  else if (g_str_has_prefix (path, HOME))
    {
      name += strlen (HOME "/");
      sentence = !tree ? sentences->home_file : *name == '\0' ? sentences->home : sentences->in_home;
    }
  else
    sentence = tree ? sentences->folder : sentences->file;

  add (words, GLB_WORDS_FILES, kind, pointer, sentence, name);
}

/* What may be written may be read, and what is denied under the same name is denied. */
static void
add_files (GPtrArray       *words,
           const GlbPolicy *policy)
{
  const char * const *reads = (const char * const *) policy->filesystem.allow_read;
  const char * const *writes = (const char * const *) policy->filesystem.allow_write;
  const char * const *denials = (const char * const *) policy->filesystem.deny_read;

  for (guint i = 0; writes[i] != NULL; i++)
    if (!g_strv_contains (denials, writes[i]))
      add_path (words, GLB_WORDS_MAY, "/filesystem/allowWrite", &write_words, writes[i]);
  for (guint i = 0; reads[i] != NULL; i++)
    if (!g_strv_contains (writes, reads[i]) && !g_strv_contains (denials, reads[i]))
      add_path (words, GLB_WORDS_MAY, "/filesystem/allowRead", &read_words, reads[i]);
  for (guint i = 0; denials[i] != NULL; i++)
    add_path (words, GLB_WORDS_MAY_NOT, "/filesystem/denyRead", &deny_words, denials[i]);

  add (words, GLB_WORDS_FILES, GLB_WORDS_MAY_NOT, "/filesystem/allowRead",
       reads[0] == NULL && writes[0] == NULL ? N_("Cannot see any of your files") : N_("Cannot see any other of your files"), NULL);
  if (policy->filesystem.home == GLB_HOME_PERSISTENT)
    add (words, GLB_WORDS_FILES, GLB_WORDS_MAY, "/filesystem/home", N_("Keeps a home folder of its own until you delete it"), NULL);
  else
    add (words, GLB_WORDS_FILES, GLB_WORDS_LIMIT, "/filesystem/home", N_("Its home folder is gone when it ends"), NULL);
  add_verdicts (words, policy, &file_portal_words, 1);
}

/* ---- the network ----------------------------------------------------------------- */

static void
add_rules (GPtrArray            *words,
           GlbWordsKind          kind,
           const char           *pointer,
           const char           *sentence,
           const GPtrArray      *rules,
           const GlbPolicyRules *type)
{
  for (guint i = 0; i < rules->len; i++)
    add (words, GLB_WORDS_NETWORK, kind, pointer, sentence, type->get_text (rules->pdata[i]));
}

static void
add_network_default (GPtrArray       *words,
                     const GlbPolicy *policy)
{
  gboolean named = policy->network.allow_domains->len > 0 || policy->network.allow_cidrs->len > 0;
  static const char pointer[] = "/network/default";

  switch (policy->network.default_verdict)
    {
    case GLB_VERDICT_DENY:
      add (words, GLB_WORDS_NETWORK, GLB_WORDS_MAY_NOT, pointer,
           named ? N_("Cannot reach anything else on the network") : N_("Cannot reach the network"), NULL);
      return;
    case GLB_VERDICT_PROMPT:
      add (words, GLB_WORDS_NETWORK, GLB_WORDS_ASKS, pointer,
           named ? N_("Asks before it connects to any other host") : N_("Asks before it connects to a host"), NULL);
      break;
    case GLB_VERDICT_ALLOW:
      add (words, GLB_WORDS_NETWORK, GLB_WORDS_MAY, pointer, N_("Can reach every web site on the internet"), NULL);
      break;
    }
  add (words, GLB_WORDS_NETWORK, GLB_WORDS_MAY_NOT, pointer,
       policy->network.allow_cidrs->len > 0 ? N_("Cannot reach other machines of your own network")
                                            : N_("Cannot reach your own network, nor this machine"), NULL);
}

static void
add_network (GPtrArray       *words,
             const GlbPolicy *policy)
{
  add_rules (words, GLB_WORDS_MAY, "/network/allowDomains", N_("Can connect to %s"), policy->network.allow_domains,
             &glb_policy_domain_rules);
  add_rules (words, GLB_WORDS_MAY, "/network/allowCidrs", N_("Can connect to the address %s"), policy->network.allow_cidrs,
             &glb_policy_address_rules);
  add_network_default (words, policy);
  add_rules (words, GLB_WORDS_MAY_NOT, "/network/denyCidrs", N_("Cannot connect to the address %s"), policy->network.deny_cidrs,
             &glb_policy_address_rules);
  add_rules (words, GLB_WORDS_LIMIT, "/network/hosts", N_("A name leads where the policy says: %s"), policy->network.hosts,
             &glb_policy_host_rules);
  add_rules (words, GLB_WORDS_MAY, "/network/publish", N_("Can be reached from outside at the port %s"), policy->network.publish,
             &glb_policy_publish_rules);
  add_rules (words, GLB_WORDS_MAY, "/network/secrets", N_("Can use a secret that it never sees: %s"), policy->network.secrets,
             &glb_policy_secret_rules);
  if (policy->network.default_verdict != GLB_VERDICT_DENY || policy->network.allow_domains->len > 0 ||
      policy->network.allow_cidrs->len > 0 || policy->network.publish->len > 0)
    ADD (numbers, words, policy, network_numbers);
}

/* ---- the rest -------------------------------------------------------------------- */

static void
add_clipboard (GPtrArray       *words,
               const GlbPolicy *policy)
{
  g_autofree char *types = g_strjoinv (", ", policy->desktop.clipboard.types);

  ADD (verdicts, words, policy, clipboard_words);
  if (policy->desktop.clipboard.session_to_host != GLB_VERDICT_DENY)
    add_verdicts (words, policy, &clipboard_secret_words, 1);
  if (policy->desktop.clipboard.session_to_host == GLB_VERDICT_DENY && policy->desktop.clipboard.host_to_session == GLB_VERDICT_DENY)
    return;

  add_switches (words, policy, &clipboard_files_words, 1);
  add (words, GLB_WORDS_CLIPBOARD, GLB_WORDS_LIMIT, "/desktop/clipboard/types", N_("What crosses: %s"), types);
  ADD (numbers, words, policy, clipboard_numbers);
}

static void
add_devices (GPtrArray       *words,
             const GlbPolicy *policy)
{
  ADD (verdicts, words, policy, device_words);
  if (policy->devices.camera_source == GLB_CAMERA_SOURCE_TEST_PATTERN)
    add (words, GLB_WORDS_DEVICES, GLB_WORDS_LIMIT, "/devices/cameraSource", N_("Sees a test pattern instead of the camera"), NULL);
  if (policy->devices.camera_source == GLB_CAMERA_SOURCE_FILE)
    add (words, GLB_WORDS_DEVICES, GLB_WORDS_LIMIT, "/devices/cameraSource", N_("Sees the file %s instead of the camera"),
         policy->devices.camera_file);
  if (policy->devices.microphone_source == GLB_MICROPHONE_SOURCE_TONE)
    add (words, GLB_WORDS_DEVICES, GLB_WORDS_LIMIT, "/devices/microphoneSource", N_("Hears a tone instead of the microphone"), NULL);
  if (policy->devices.microphone_source == GLB_MICROPHONE_SOURCE_SILENCE)
    add (words, GLB_WORDS_DEVICES, GLB_WORDS_LIMIT, "/devices/microphoneSource", N_("Hears silence instead of the microphone"), NULL);
  if (policy->devices.microphone_source == GLB_MICROPHONE_SOURCE_FILE)
    add (words, GLB_WORDS_DEVICES, GLB_WORDS_LIMIT, "/devices/microphoneSource",
         N_("Hears the file %s instead of the microphone"), policy->devices.microphone_file);
  add (words, GLB_WORDS_DEVICES, GLB_WORDS_MAY_NOT, "/resources/gpu", N_("Cannot use the graphics card"), NULL);
}

static void
add_strings (GPtrArray  *words,
             const char *pointer,
             const char *sentence,
             GStrv       strings)
{
  for (guint i = 0; strings[i] != NULL; i++)
    add (words, GLB_WORDS_INPUT, GLB_WORDS_MAY_NOT, pointer, sentence, strings[i]);
}

static void
add_rect (GPtrArray           *words,
          GlbWordsKind         kind,
          const char          *pointer,
          const char          *sentence,
          const GlbPolicyRect *rect)
{
  g_autofree char *text = g_strdup_printf ("%d × %d + %d + %d", rect->width, rect->height, rect->x, rect->y);

  add (words, GLB_WORDS_INPUT, kind, pointer, sentence, text);
}

static void
add_input_rules (GPtrArray       *words,
                 const GlbPolicy *policy)
{
  const GArray *regions = policy->desktop.input_rules.deny_regions;
  const GPtrArray *windows = policy->desktop.input_rules.deny_windows;

  add_strings (words, "/desktop/input/denyChords", N_("Cannot press %s"), policy->desktop.input_rules.deny_chords);
  add_strings (words, "/desktop/input/denyText", N_("Cannot type “%s”"), policy->desktop.input_rules.deny_text);
  for (guint i = 0; i < regions->len; i++)
    add_rect (words, GLB_WORDS_MAY_NOT, "/desktop/input/denyRegions", N_("Cannot click in the part %s of the screen"),
              &g_array_index (regions, GlbPolicyRect, i));
  for (guint i = 0; i < windows->len; i++)
    {
      const GlbWindowPattern *pattern = windows->pdata[i];
      g_autofree char *both = pattern->app_id != NULL && pattern->title != NULL
                                ? g_strdup_printf ("%s, %s", pattern->app_id, pattern->title)
                                : g_strdup (pattern->app_id != NULL ? pattern->app_id : pattern->title);

      add (words, GLB_WORDS_INPUT, GLB_WORDS_MAY_NOT, "/desktop/input/denyWindows", N_("Cannot use windows like “%s”"), both);
    }
  if (policy->desktop.input_rules.confine)
    add_rect (words, GLB_WORDS_LIMIT, "/desktop/input/confinePointer", N_("The pointer stays in the part %s of the screen"),
              &policy->desktop.input_rules.confine_to);
}

static void
add_screen (GPtrArray       *words,
            const GlbPolicy *policy)
{
  g_autofree char *width = g_strdup_printf ("%u", policy->desktop.width);
  g_autofree char *height = g_strdup_printf ("%u", policy->desktop.height);

  if (policy->isolation.tier == GLB_TIER_PROCESS)
    {
      add (words, GLB_WORDS_INPUT, GLB_WORDS_MAY_NOT, "/isolation/tier", N_("Has no screen, no keyboard and no pointer"), NULL);
      return;
    }

  add (words, GLB_WORDS_INPUT, GLB_WORDS_MAY, "/isolation/tier", N_("Has a desktop of its own, which sees nothing of yours"), NULL);
  ADD (verdicts, words, policy, screen_words);
  ADD (switches, words, policy, screen_switches);
  add_input_rules (words, policy);
  ADD (numbers, words, policy, input_numbers);
  add (words, GLB_WORDS_INPUT, GLB_WORDS_LIMIT, "/desktop/width", N_("Its screen is %s pixels wide"), width);
  add (words, GLB_WORDS_INPUT, GLB_WORDS_LIMIT, "/desktop/height", N_("Its screen is %s pixels high"), height);
  add (words, GLB_WORDS_INPUT, GLB_WORDS_LIMIT, "/desktop/input/keyboardLayout", N_("Its keyboard has the layout “%s”"),
       policy->desktop.keyboard_layout);
}

static void
add_programs (GPtrArray       *words,
              const GlbPolicy *policy)
{
  ADD (switches, words, policy, program_switches);
  ADD (verdicts, words, policy, portal_words);
  ADD (numbers, words, policy, process_numbers);
  add (words, GLB_WORDS_PROGRAMS, GLB_WORDS_LIMIT, "/isolation/account", N_("Runs under a user account of its own"), NULL);
}

static void
add_records (GPtrArray       *words,
             const GlbPolicy *policy)
{
  ADD (numbers, words, policy, prompt_numbers);
  add (words, GLB_WORDS_PROMPTS, GLB_WORDS_LIMIT, "/agent/name", N_("Is called “%s” in questions and records"), policy->agent.name);
  add (words, GLB_WORDS_PROMPTS, GLB_WORDS_LIMIT, "/agent/identity/provider", N_("Acts for you, who starts it"), NULL);
  add (words, GLB_WORDS_PROMPTS, GLB_WORDS_LIMIT, "/audit/frames", N_("What it does is recorded, without pictures of its screen"), NULL);
}

GPtrArray *
glb_policy_words_new (const GlbPolicy *policy)
{
  GPtrArray *words = g_ptr_array_new_with_free_func (sentence_free);

  g_return_val_if_fail (policy != NULL, words);

  add_files (words, policy);
  add_network (words, policy);
  add_clipboard (words, policy);
  add_devices (words, policy);
  add_screen (words, policy);
  add_programs (words, policy);
  ADD (numbers, words, policy, resource_numbers);
  add_records (words, policy);
  return words;
}

const char *
glb_policy_words_get_kind_title (GlbWordsKind kind)
{
  g_return_val_if_fail (kind < GLB_WORDS_N_KINDS, "");

  return _(kind_titles[kind]);
}

const char *
glb_policy_words_get_group_title (GlbWordsGroup group)
{
  g_return_val_if_fail (group < GLB_WORDS_N_GROUPS, "");

  return _(group_titles[group]);
}
