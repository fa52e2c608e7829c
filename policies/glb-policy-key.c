/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glb-policies"

#include "config.h"

#include "policies/glb-policy-key.h"

#include <string.h>

/* Each table is sorted by name. What is left out of a document is the value
 * that permits less; a key that nothing enforces is refused, never ignored. */

G_STATIC_ASSERT (sizeof (GlbTier) == sizeof (int));
G_STATIC_ASSERT (sizeof (gboolean) == sizeof (int));

#define STORED(field) .offset = G_STRUCT_OFFSET (GlbPolicy, field)
#define NOT_STORED    .offset = GLB_POLICY_KEY_NOT_STORED

static const GlbPolicyChoice deny_only[] = {
  { "deny", GLB_VERDICT_DENY },
  { "prompt", GLB_VERDICT_PROMPT, .refused = TRUE },
  { "allow", GLB_VERDICT_ALLOW, .refused = TRUE },
  { NULL }
};

static const GlbPolicyChoice local_only[] = {
  { "local" }, { "entra", .refused = TRUE }, { "oidc", .refused = TRUE }, { NULL }
};
static const GlbPolicyKey identity_keys[] = {
  { "provider", GLB_POLICY_KEY_WORD, STORED (agent.identity_provider), .text = "local", .choices = local_only },
  { NULL }
};
static const GlbPolicyKey agent_keys[] = {
  { "identity", GLB_POLICY_KEY_OBJECT, NOT_STORED, .children = identity_keys },
  { "name", GLB_POLICY_KEY_NAME, STORED (agent.name), .text = "agent" },
  { NULL }
};

static const GlbPolicyChoice frame_choices[] = {
  { "none" }, { "digest", .refused = TRUE }, { "full", .refused = TRUE }, { NULL }
};
static const GlbPolicyKey audit_keys[] = {
  { "frames", GLB_POLICY_KEY_CHOICE, NOT_STORED, .choices = frame_choices },
  { NULL }
};

static const GlbPolicyChoice verdicts[] = {
  { "deny", GLB_VERDICT_DENY }, { "prompt", GLB_VERDICT_PROMPT }, { "allow", GLB_VERDICT_ALLOW }, { NULL }
};
static const GlbPolicyChoice deny_or_prompt[] = { { "deny", GLB_VERDICT_DENY }, { "prompt", GLB_VERDICT_PROMPT }, { NULL } };
static const GlbPolicyChoice deny_or_allow[] = { { "deny", GLB_VERDICT_DENY }, { "allow", GLB_VERDICT_ALLOW }, { NULL } };

static const GlbPolicyKey clipboard_keys[] = {
  { "allowFiles", GLB_POLICY_KEY_BOOLEAN, STORED (desktop.clipboard.allow_files), .fallback = FALSE },
  { "clearAfterSeconds", GLB_POLICY_KEY_NUMBER, STORED (desktop.clipboard.clear_after_seconds),
    .minimum = 1, .maximum = 3600, .fallback = 60 },
  { "hostToSession", GLB_POLICY_KEY_CHOICE, STORED (desktop.clipboard.host_to_session), .fallback = GLB_VERDICT_DENY,
    .choices = verdicts },
  { "maxBytes", GLB_POLICY_KEY_NUMBER, STORED (desktop.clipboard.max_bytes),
    .minimum = 1, .maximum = 16 * 1024 * 1024, .fallback = 64 * 1024 },
  { "maxPerMinute", GLB_POLICY_KEY_NUMBER, STORED (desktop.clipboard.max_per_minute),
    .minimum = 1, .maximum = 600, .fallback = 10 },
  { "secrets", GLB_POLICY_KEY_CHOICE, STORED (desktop.clipboard.secrets), .fallback = GLB_VERDICT_DENY,
    .choices = verdicts },
  { "sessionToHost", GLB_POLICY_KEY_CHOICE, STORED (desktop.clipboard.session_to_host), .fallback = GLB_VERDICT_DENY,
    .choices = verdicts },
  { "types", GLB_POLICY_KEY_STRINGS, STORED (desktop.clipboard.types), .maximum = 16, .text = "text/plain",
    .check = glb_policy_check_mime_type },
  { NULL }
};
static const GlbPolicyChoice agent_input_choices[] = {
  { "allow", GLB_VERDICT_ALLOW },
  { "deny", GLB_VERDICT_DENY },
  { "prompt", GLB_VERDICT_PROMPT, .refused = TRUE },
  { NULL }
};
static const GlbPolicyChoice human_input_choices[] = {
  { "never", GLB_HUMAN_NEVER }, { "on-takeover", GLB_HUMAN_ON_TAKEOVER }, { NULL }
};
static const GlbPolicyKey input_keys[] = {
  { "agent", GLB_POLICY_KEY_CHOICE, STORED (desktop.agent_input), .fallback = GLB_VERDICT_DENY,
    .choices = agent_input_choices },
  { "confinePointer", GLB_POLICY_KEY_RECT, STORED (desktop.input_rules.confine_to),
    .flag = G_STRUCT_OFFSET (GlbPolicy, desktop.input_rules.confine) },
  { "denyChords", GLB_POLICY_KEY_STRINGS, STORED (desktop.input_rules.deny_chords), .maximum = 64,
    .check = glb_policy_check_chord },
  { "denyRegions", GLB_POLICY_KEY_RECTS, STORED (desktop.input_rules.deny_regions), .maximum = 64 },
  { "denyText", GLB_POLICY_KEY_STRINGS, STORED (desktop.input_rules.deny_text), .maximum = 64,
    .check = glb_policy_check_glob },
  { "denyWindows", GLB_POLICY_KEY_WINDOWS, STORED (desktop.input_rules.deny_windows), .maximum = 64 },
  { "freezeOnTakeover", GLB_POLICY_KEY_BOOLEAN, STORED (desktop.input_rules.freeze_on_takeover), .fallback = FALSE },
  { "gamepad", GLB_POLICY_KEY_BOOLEAN, STORED (desktop.input_rules.gamepad), .fallback = FALSE },
  { "human", GLB_POLICY_KEY_CHOICE, STORED (desktop.human_input), .fallback = GLB_HUMAN_NEVER,
    .choices = human_input_choices },
  { "keyboardLayout", GLB_POLICY_KEY_NAME, STORED (desktop.keyboard_layout), .text = "us", .check = glb_policy_check_layout },
  { "maxEventsPerSecond", GLB_POLICY_KEY_NUMBER, STORED (desktop.input_rules.max_events_per_second),
    .minimum = 1, .maximum = 10000, .nullable = TRUE },
  { "tablet", GLB_POLICY_KEY_BOOLEAN, STORED (desktop.input_rules.tablet), .fallback = FALSE },
  { "touch", GLB_POLICY_KEY_BOOLEAN, STORED (desktop.input_rules.touch), .fallback = FALSE },
  { NULL }
};
static const GlbPolicyKey desktop_keys[] = {
  { "clipboard", GLB_POLICY_KEY_OBJECT, NOT_STORED, .children = clipboard_keys },
  { "height", GLB_POLICY_KEY_NUMBER, STORED (desktop.height), .minimum = 64, .maximum = 4096, .fallback = 800 },
  { "input", GLB_POLICY_KEY_OBJECT, NOT_STORED, .children = input_keys },
  { "listen", GLB_POLICY_KEY_CHOICE, STORED (desktop.listen), .fallback = GLB_VERDICT_DENY, .choices = deny_or_allow },
  { "publish", GLB_POLICY_KEY_CHOICE, STORED (desktop.publish), .fallback = GLB_VERDICT_DENY, .choices = deny_or_allow },
  { "shareClipboard", GLB_POLICY_KEY_FALSE, NOT_STORED, .short_form = TRUE },
  { "shareInput", GLB_POLICY_KEY_FALSE, NOT_STORED, .short_form = TRUE },
  { "width", GLB_POLICY_KEY_NUMBER, STORED (desktop.width), .minimum = 64, .maximum = 4096, .fallback = 1280 },
  { "xwayland", GLB_POLICY_KEY_BOOLEAN, STORED (desktop.xwayland), .fallback = FALSE },
  { NULL }
};

static const GlbPolicyChoice camera_sources[] = {
  { "host", GLB_CAMERA_SOURCE_HOST }, { "test-pattern", GLB_CAMERA_SOURCE_TEST_PATTERN },
  { GLB_POLICY_FILE, GLB_CAMERA_SOURCE_FILE }, { NULL }
};
static const GlbPolicyChoice microphone_sources[] = {
  { "host", GLB_MICROPHONE_SOURCE_HOST }, { "silence", GLB_MICROPHONE_SOURCE_SILENCE },
  { "tone", GLB_MICROPHONE_SOURCE_TONE }, { GLB_POLICY_FILE, GLB_MICROPHONE_SOURCE_FILE }, { NULL }
};
static const GlbPolicyKey device_keys[] = {
  { "camera", GLB_POLICY_KEY_CHOICE, STORED (devices.camera), .fallback = GLB_VERDICT_DENY, .choices = verdicts },
  { "cameraSource", GLB_POLICY_KEY_SOURCE, STORED (devices.camera_source), .fallback = GLB_CAMERA_SOURCE_HOST,
    .choices = camera_sources, .flag = G_STRUCT_OFFSET (GlbPolicy, devices.camera_file) },
  { "microphone", GLB_POLICY_KEY_CHOICE, STORED (devices.microphone), .fallback = GLB_VERDICT_DENY, .choices = verdicts },
  { "microphoneSource", GLB_POLICY_KEY_SOURCE, STORED (devices.microphone_source),
    .fallback = GLB_MICROPHONE_SOURCE_HOST, .choices = microphone_sources,
    .flag = G_STRUCT_OFFSET (GlbPolicy, devices.microphone_file) },
  { "speaker", GLB_POLICY_KEY_CHOICE, STORED (devices.speaker), .fallback = GLB_VERDICT_DENY, .choices = verdicts },
  { NULL }
};

static const GlbPolicyChoice home_choices[] = {
  { "ephemeral", GLB_HOME_EPHEMERAL }, { "persistent", GLB_HOME_PERSISTENT }, { NULL }
};
static const GlbPolicyKey filesystem_keys[] = {
  { "allowRead", GLB_POLICY_KEY_PATHS, STORED (filesystem.allow_read), .fallback = GLB_FILE_READ },
  { "allowWrite", GLB_POLICY_KEY_PATHS, STORED (filesystem.allow_write), .fallback = GLB_FILE_WRITE },
  { "denyRead", GLB_POLICY_KEY_PATHS, STORED (filesystem.deny_read), .fallback = GLB_FILE_DENY },
  { "home", GLB_POLICY_KEY_CHOICE, STORED (filesystem.home), .fallback = GLB_HOME_EPHEMERAL, .choices = home_choices },
  { NULL }
};

static const GlbPolicyChoice account_choices[] = {
  { "separate", TRUE }, { "shared", FALSE, .refused = TRUE }, { NULL }
};
/* What makes the tiers process and session; says nothing that the tier does not. */
static const GlbPolicyChoice backend_choices[] = {
  { "bubblewrap" },
  { "process-container", .refused = TRUE }, { "processcontainer", .refused = TRUE }, { "lxc", .refused = TRUE },
  { "wslc", .refused = TRUE }, { "seatbelt", .refused = TRUE }, { "macos_sandbox", .refused = TRUE },
  { "windows_sandbox", .refused = TRUE }, { "isolation_session", .refused = TRUE }, { "hyperlight", .refused = TRUE },
  { "microvm", .refused = TRUE }, { "micro-vm", .refused = TRUE }, { "libvirt", .refused = TRUE },
  { NULL }
};
static const GlbPolicyChoice tier_choices[] = {
  { "process", GLB_TIER_PROCESS },
  { "session", GLB_TIER_SESSION },
  { "micro-vm", GLB_TIER_MICRO_VM, .refused = TRUE },
  { NULL }
};
static const GlbPolicyKey isolation_keys[] = {
  { "account", GLB_POLICY_KEY_CHOICE, STORED (isolation.separate_account), .fallback = TRUE, .choices = account_choices },
  { "backend", GLB_POLICY_KEY_CHOICE, NOT_STORED, .short_form = TRUE, .choices = backend_choices },
  { "tier", GLB_POLICY_KEY_CHOICE, STORED (isolation.tier), .fallback = GLB_TIER_SESSION, .choices = tier_choices },
  { NULL }
};

/* Never "allow": each use of a key is the person's. */
static const GlbPolicyKey key_keys[] = {
  { "gitCredentials", GLB_POLICY_KEY_CHOICE, STORED (keys.git_credentials), .fallback = GLB_VERDICT_DENY,
    .choices = deny_or_prompt },
  { "sshAgent", GLB_POLICY_KEY_CHOICE, STORED (keys.ssh_agent), .fallback = GLB_VERDICT_DENY, .choices = deny_or_prompt },
  { NULL }
};

static const GlbPolicyKey network_keys[] = {
  { "allowCidrs", GLB_POLICY_KEY_RULES, STORED (network.allow_cidrs), .maximum = 256, .rules = &glb_policy_address_rules },
  { "allowDomains", GLB_POLICY_KEY_RULES, STORED (network.allow_domains), .maximum = 256, .rules = &glb_policy_domain_rules },
  { "default", GLB_POLICY_KEY_CHOICE, STORED (network.default_verdict), .fallback = GLB_VERDICT_DENY, .choices = verdicts },
  { "denyCidrs", GLB_POLICY_KEY_RULES, STORED (network.deny_cidrs), .maximum = 256, .rules = &glb_policy_address_rules },
  { "hosts", GLB_POLICY_KEY_RULES, STORED (network.hosts), .maximum = 256, .rules = &glb_policy_host_rules },
  { "maxConnections", GLB_POLICY_KEY_NUMBER, STORED (network.max_connections), .minimum = 1, .maximum = 4096, .fallback = 256 },
  { "maxConnectionsPerMinute", GLB_POLICY_KEY_NUMBER, STORED (network.max_connections_per_minute),
    .minimum = 1, .maximum = 60000, .nullable = TRUE },
  { "maxKbPerSecond", GLB_POLICY_KEY_NUMBER, STORED (network.max_kbytes_per_second),
    .minimum = 1, .maximum = 16777216, .nullable = TRUE },
  { "maxMbPerSession", GLB_POLICY_KEY_NUMBER, STORED (network.max_mbytes),
    .minimum = 1, .maximum = 16777216, .nullable = TRUE },
  { "publish", GLB_POLICY_KEY_RULES, STORED (network.publish), .maximum = 16, .rules = &glb_policy_publish_rules },
  { "secrets", GLB_POLICY_KEY_RULES, STORED (network.secrets), .maximum = 32, .rules = &glb_policy_secret_rules },
  { NULL }
};

static const GlbPolicyChoice syscall_choices[] = {
  { "desktop", GLB_SYSCALLS_DESKTOP }, { "strict", GLB_SYSCALLS_STRICT }, { NULL }
};
static const GlbPolicyKey process_keys[] = {
  { "allowDebug", GLB_POLICY_KEY_BOOLEAN, STORED (process.allow_debug), .fallback = FALSE },
  { "allowSpawn", GLB_POLICY_KEY_BOOLEAN, STORED (process.allow_spawn), .fallback = FALSE },
  { "maxProcesses", GLB_POLICY_KEY_NUMBER, STORED (process.max_processes), .minimum = 1, .maximum = 65536, .fallback = 256 },
  { "syscalls", GLB_POLICY_KEY_CHOICE, STORED (process.syscalls), .fallback = GLB_SYSCALLS_STRICT,
    .choices = syscall_choices },
  { NULL }
};

static const GlbPolicyKey portal_keys[] = {
  { "fileChooser", GLB_POLICY_KEY_CHOICE, STORED (portals.file_chooser), .fallback = GLB_VERDICT_DENY,
    .choices = deny_or_prompt },
  { "notification", GLB_POLICY_KEY_CHOICE, STORED (portals.notification), .fallback = GLB_VERDICT_DENY,
    .choices = deny_or_allow },
  { "openUri", GLB_POLICY_KEY_CHOICE, STORED (portals.open_uri), .fallback = GLB_VERDICT_DENY, .choices = deny_or_prompt },
  { "settings", GLB_POLICY_KEY_CHOICE, STORED (portals.settings), .fallback = GLB_VERDICT_DENY, .choices = deny_or_allow },
  { NULL }
};

static const GlbPolicyKey prompt_keys[] = {
  { "timeoutSeconds", GLB_POLICY_KEY_NUMBER, STORED (prompts.timeout_seconds), .minimum = 1, .maximum = 3600, .fallback = 60 },
  { NULL }
};

static const GlbPolicyKey resource_keys[] = {
  { "cpuPercent", GLB_POLICY_KEY_NUMBER, STORED (resources.cpu_percent), .minimum = 1, .maximum = 100000, .nullable = TRUE },
  { "diskMb", GLB_POLICY_KEY_NUMBER, STORED (resources.disk_mb), .minimum = 1, .maximum = 1048576, .fallback = 256 },
  { "gpu", GLB_POLICY_KEY_CHOICE, NOT_STORED, .choices = deny_only },
  { "memoryMb", GLB_POLICY_KEY_NUMBER, STORED (resources.memory_mb), .minimum = 16, .maximum = 16777216, .nullable = TRUE },
  { "timeoutSeconds", GLB_POLICY_KEY_NUMBER, STORED (resources.timeout_seconds), .minimum = 1, .maximum = 31536000,
    .nullable = TRUE },
  { NULL }
};

static const GlbPolicyChoice version_choices[] = { { "1.0" }, { NULL } };
static const GlbPolicyKey root_keys[] = {
  { "agent", GLB_POLICY_KEY_OBJECT, NOT_STORED, .children = agent_keys },
  { "audit", GLB_POLICY_KEY_OBJECT, NOT_STORED, .children = audit_keys },
  { "desktop", GLB_POLICY_KEY_OBJECT, NOT_STORED, .children = desktop_keys },
  { "devices", GLB_POLICY_KEY_OBJECT, NOT_STORED, .children = device_keys },
  { "filesystem", GLB_POLICY_KEY_OBJECT, NOT_STORED, .children = filesystem_keys },
  { "isolation", GLB_POLICY_KEY_OBJECT, NOT_STORED, .children = isolation_keys },
  { "keys", GLB_POLICY_KEY_OBJECT, NOT_STORED, .children = key_keys },
  { "network", GLB_POLICY_KEY_OBJECT, NOT_STORED, .children = network_keys },
  { "portals", GLB_POLICY_KEY_OBJECT, NOT_STORED, .children = portal_keys },
  { "process", GLB_POLICY_KEY_OBJECT, NOT_STORED, .children = process_keys },
  { "prompts", GLB_POLICY_KEY_OBJECT, NOT_STORED, .children = prompt_keys },
  { "resources", GLB_POLICY_KEY_OBJECT, NOT_STORED, .children = resource_keys },
  { "schemaVersion", GLB_POLICY_KEY_WORD, STORED (schema_version), .text = "1.0", .required = TRUE,
    .choices = version_choices },
  { NULL }
};

const GlbPolicyKey glb_policy_root_key = { "", GLB_POLICY_KEY_OBJECT, NOT_STORED, .children = root_keys };

const GlbPolicyKey *
glb_policy_find_child (const GlbPolicyKey *keys,
                       const char         *name)
{
  for (const GlbPolicyKey *key = keys; key->name; key++)
    if (strcmp (key->name, name) == 0)
      return key;
  return NULL;
}

const GlbPolicyKey *
glb_policy_find_key (const char *pointer)
{
  g_auto(GStrv) names = g_strsplit (pointer + 1, "/", -1);
  const GlbPolicyKey *key = &glb_policy_root_key;

  for (guint i = 0; names[i]; i++)
    {
      key = glb_policy_find_child (key->children, names[i]);
      g_assert (key != NULL);
    }
  return key;
}
