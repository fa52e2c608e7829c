/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "policies/glb-policy.h"
#include "policies/glb-policy-key.h"
#include "policies/glb-strict-json.h"

#define I GLB_POLICY_ERROR_INVALID
#define U GLB_POLICY_ERROR_UNSUPPORTED

/* Documents are written with ' for ", so that they can be read here. */
static GlbPolicy *
parse (const char  *document,
       GError     **error)
{
  g_autoptr(GBytes) bytes = NULL;
  char *text = g_strdup (document);

  g_strdelimit (text, "'", '"');
  bytes = g_bytes_new_take (text, strlen (text));
  return glb_policy_new_from_bytes (bytes, "p.json", error);
}

static void
assert_refused (const char     *document,
                GlbPolicyError  code,
                const char     *message)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GlbPolicy) policy = parse (document, &error);

  if (policy)
    g_test_message ("accepted: %s", document);
  g_assert_null (policy);
  g_assert_cmpstr (error->message, ==, message);
  g_assert_error (error, GLB_POLICY_ERROR, (int) code);
}

/* section: what stands beside schemaVersion, on line 2 */
static void
assert_section_refused (const char     *section,
                        GlbPolicyError  code,
                        const char     *message)
{
  g_autofree char *document = g_strdup_printf ("{ 'schemaVersion': '1.0',\n%s }", section);
  g_autofree char *with_line = g_strconcat ("p.json:2: ", message, NULL);

  assert_refused (document, code, with_line);
}

static GlbPolicy *
accept_section (const char *section)
{
  g_autofree char *document = g_strdup_printf ("{ 'schemaVersion': '1.0'%s%s }", *section ? ",\n" : "", section);
  g_autoptr(GError) error = NULL;
  GlbPolicy *policy = parse (document, &error);

  g_assert_no_error (error);
  g_assert_nonnull (policy);
  return policy;
}

static void
test_documents_refused (void)
{
  const struct { const char *document; GlbPolicyError code; const char *message; } documents[] = {
    { "", GLB_POLICY_ERROR_SYNTAX, "p.json:1: the text ends where a value should be" },
    { "{\n'schemaVersion': '1.0',\n}", GLB_POLICY_ERROR_SYNTAX,
      "p.json:3: a comma before '}' is not accepted; remove it" },
    { "{ 'schemaVersion': '1.0',\n 'schema\\u0056ersion': '1.0' }", GLB_POLICY_ERROR_SYNTAX,
      "p.json:2: the key \"schemaVersion\" is there twice; remove one" },
    { "[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]", GLB_POLICY_ERROR_SYNTAX, "p.json:1: nested deeper than 16 levels" },
    { "[]", I, "p.json:1: /: is a list, must be an object" },
    { "null", I, "p.json:1: /: is null, must be an object" },
    { "'1.0'", I, "p.json:1: /: is a string, must be an object" },
    { "{}", I, "p.json:1: /: \"schemaVersion\" is missing; add \"schemaVersion\": \"1.0\"" },
    { "{ 'schemaVersion': 1.0 }", I, "p.json:1: /schemaVersion: is a number with a fraction, must be \"1.0\"" },
    { "{ 'schemaVersion': '2.0' }", I, "p.json:1: /schemaVersion: \"2.0\" is not known; use \"1.0\"" },
    { "// one\n{ // two\n\n'schemaVersion':\n'1.0', 'x': 1 }", I,
      "p.json:5: /x: is not known; possible here: agent, audit, desktop, devices, filesystem, isolation, network, "
      "process, prompts, resources, schemaVersion" },
    { "{ 'a/b~c\\n': 1 }", I,
      "p.json:1: /a~1b~0c?: is not known; possible here: agent, audit, desktop, devices, filesystem, isolation, network, "
      "process, prompts, resources, schemaVersion" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (documents); i++)
    assert_refused (documents[i].document, documents[i].code, documents[i].message);
}

static void
test_values_refused (void)
{
  const struct { const char *section; const char *message; } sections[] = {
    { "'agent': 'x'", "/agent: is a string, must be an object" },
    { "'agent': { 'names': 'x' }", "/agent/names: is not known; possible here: identity, name" },
    { "'agent': { 'name': 5 }", "/agent/name: is a whole number, must be a string" },
    { "'agent': { 'name': '' }",
      "/agent/name: a name has 1 to 64 of the characters A-Z a-z 0-9 . _ - and begins with a letter or a digit" },
    { "'agent': { 'name': '../x' }",
      "/agent/name: a name has 1 to 64 of the characters A-Z a-z 0-9 . _ - and begins with a letter or a digit" },
    { "'agent': { 'name': '0123456789012345678901234567890123456789012345678901234567890123x' }",
      "/agent/name: a name has 1 to 64 of the characters A-Z a-z 0-9 . _ - and begins with a letter or a digit" },
    { "'agent': { 'identity': 'local' }", "/agent/identity: is a string, must be an object" },
    { "'agent': { 'identity': { 'provider': 'me' } }", "/agent/identity/provider: \"me\" is not known; use \"local\"" },
    { "'agent': { 'identity': { 'token': 'x' } }", "/agent/identity/token: is not known; possible here: provider" },

    { "'isolation': []", "/isolation: is a list, must be an object" },
    { "'isolation': { 'tier': 'none' }", "/isolation/tier: \"none\" is not known; use \"process\" or \"session\"" },
    { "'isolation': { 'tier': 'Session' }", "/isolation/tier: \"Session\" is not known; use \"process\" or \"session\"" },
    { "'isolation': { 'tier': 1 }", "/isolation/tier: is a whole number, must be \"process\" or \"session\"" },
    { "'isolation': { 'tier': null }", "/isolation/tier: is null, must be \"process\" or \"session\"" },
    { "'isolation': { 'account': 'mine' }", "/isolation/account: \"mine\" is not known; use \"separate\"" },
    { "'isolation': { 'backend': 'docker' }", "/isolation/backend: \"docker\" is not known; use \"bubblewrap\"" },
    { "'isolation': { 'level': 3 }", "/isolation/level: is not known; possible here: account, backend, tier" },

    { "'filesystem': { 'allowRead': '/a' }", "/filesystem/allowRead: is a string, must be a list of paths" },
    { "'filesystem': { 'allowRead': [5] }", "/filesystem/allowRead/0: is a whole number, must be a string" },
    { "'filesystem': { 'allowWrite': ['/a', ['/b']] }", "/filesystem/allowWrite/1: is a list, must be a string" },
    { "'filesystem': { 'denyRead': ['a'] }",
      "/filesystem/denyRead/0: \"a\": a path begins with '/', ${WORKSPACE} or ${HOME}" },
    { "'filesystem': { 'home': 'mine' }", "/filesystem/home: \"mine\" is not known; use \"ephemeral\" or \"persistent\"" },
    { "'filesystem': { 'denyWrite': [] }",
      "/filesystem/denyWrite: is not known; possible here: allowRead, allowWrite, denyRead, home" },

    { "'process': { 'allowSpawn': 1 }", "/process/allowSpawn: is a whole number, must be true or false" },
    { "'process': { 'allowSpawn': 'true' }", "/process/allowSpawn: is a string, must be true or false" },
    { "'process': { 'allowDebug': null }", "/process/allowDebug: is null, must be true or false" },
    { "'process': { 'maxProcesses': 0 }", "/process/maxProcesses: 0 is out of range 1 to 65536" },
    { "'process': { 'maxProcesses': 65537 }", "/process/maxProcesses: 65537 is out of range 1 to 65536" },
    { "'process': { 'maxProcesses': 4294967297 }", "/process/maxProcesses: 4294967297 is out of range 1 to 65536" },
    { "'process': { 'maxProcesses': 1e2 }", "/process/maxProcesses: is a number with a fraction, must be a whole number" },
    { "'process': { 'maxProcesses': null }", "/process/maxProcesses: is null, must be a whole number" },
    { "'process': { 'syscalls': 'all' }", "/process/syscalls: \"all\" is not known; use \"desktop\" or \"strict\"" },

    { "'resources': { 'memoryMb': 15 }",
      "/resources/memoryMb: 15 is out of range 16 to 16777216; leave the key out for no limit" },
    { "'resources': { 'memoryMb': -1 }",
      "/resources/memoryMb: -1 is out of range 16 to 16777216; leave the key out for no limit" },
    { "'resources': { 'memoryMb': '2G' }", "/resources/memoryMb: is a string, must be a whole number" },
    { "'resources': { 'cpuPercent': 0 }",
      "/resources/cpuPercent: 0 is out of range 1 to 100000; leave the key out for no limit" },
    { "'resources': { 'cpuPercent': 12.5 }", "/resources/cpuPercent: is a number with a fraction, must be a whole number" },
    { "'resources': { 'diskMb': 0 }", "/resources/diskMb: 0 is out of range 1 to 1048576" },
    { "'resources': { 'diskMb': null }", "/resources/diskMb: is null, must be a whole number" },
    { "'resources': { 'timeoutSeconds': 31536001 }",
      "/resources/timeoutSeconds: 31536001 is out of range 1 to 31536000; leave the key out for no limit" },
    { "'resources': { 'gpu': 'yes' }", "/resources/gpu: \"yes\" is not known; use \"deny\"" },
    { "'resources': { 'gpu': false }", "/resources/gpu: is true or false, must be \"deny\"" },

    { "'desktop': { 'width': 63 }", "/desktop/width: 63 is out of range 64 to 4096" },
    { "'desktop': { 'width': 90000 }", "/desktop/width: 90000 is out of range 64 to 4096" },
    { "'desktop': { 'height': 4097 }", "/desktop/height: 4097 is out of range 64 to 4096" },
    { "'desktop': { 'height': {} }", "/desktop/height: is an object, must be a whole number" },
    { "'desktop': { 'xwayland': 'no' }", "/desktop/xwayland: is a string, must be true or false" },
    { "'desktop': { 'depth': 24 }",
      "/desktop/depth: is not known; possible here: clipboard, height, input, shareClipboard, shareInput, width, xwayland" },
    { "'desktop': { 'clipboard': 'deny' }", "/desktop/clipboard: is a string, must be an object" },
    { "'desktop': { 'clipboard': { 'hostToSession': 'ask' } }",
      "/desktop/clipboard/hostToSession: \"ask\" is not known; use \"deny\"" },
    { "'desktop': { 'clipboard': { 'direction': 'in' } }",
      "/desktop/clipboard/direction: is not known; possible here: hostToSession, sessionToHost" },
    { "'desktop': { 'shareClipboard': 'false' }", "/desktop/shareClipboard: is a string, must be false" },
    { "'desktop': { 'input': { 'agent': true } }",
      "/desktop/input/agent: is true or false, must be \"allow\" or \"deny\"" },
    { "'desktop': { 'input': { 'human': 'always' } }",
      "/desktop/input/human: \"always\" is not known; use \"never\" or \"on-takeover\"" },
    { "'desktop': { 'shareInput': false, 'input': { 'agent': 'allow' } }",
      "/desktop/shareInput: false contradicts /desktop/input/agent; leave one of them out" },
    { "'desktop': { 'input': { 'human': 'on-takeover' }, 'shareInput': false }",
      "/desktop/shareInput: false contradicts /desktop/input/human; leave one of them out" },

    { "'network': 'deny'", "/network: is a string, must be an object" },
    { "'network': { 'default': 'off' }", "/network/default: \"off\" is not known; use \"deny\"" },
    { "'network': { 'allowDomains': 'x' }", "/network/allowDomains: is a string, must be a list" },
    { "'network': { 'ports': [] }",
      "/network/ports: is not known; possible here: allowCidrs, allowDomains, default, denyCidrs" },
    { "'devices': { 'usb': 'deny' }", "/devices/usb: is not known; possible here: camera, microphone, speaker" },
    { "'prompts': { 'x': 1 }", "/prompts/x: is not known; leave it out" },
    { "'audit': { 'frames': true }", "/audit/frames: is true or false, must be \"none\"" },
    { "'audit': { 'path': '/x' }", "/audit/path: is not known; possible here: frames" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (sections); i++)
    assert_section_refused (sections[i].section, I, sections[i].message);
}

/* Well-formed, and nothing enforces it: refused, never ignored. */
static void
test_unsupported_refused (void)
{
  const struct { const char *section; const char *message; } sections[] = {
    { "'agent': { 'identity': { 'provider': 'entra' } }",
      "/agent/identity/provider: \"entra\" cannot be enforced by this version; use \"local\"" },
    { "'isolation': { 'tier': 'micro-vm' }",
      "/isolation/tier: \"micro-vm\" cannot be enforced by this version; use \"process\" or \"session\"" },
    { "'isolation': { 'account': 'shared' }",
      "/isolation/account: \"shared\" cannot be enforced by this version; use \"separate\"" },
    { "'isolation': { 'backend': 'lxc' }",
      "/isolation/backend: \"lxc\" cannot be enforced by this version; use \"bubblewrap\"" },
    { "'isolation': { 'backend': 'microvm' }",
      "/isolation/backend: \"microvm\" cannot be enforced by this version; use \"bubblewrap\"" },
    { "'network': { 'default': 'allow' }", "/network/default: \"allow\" cannot be enforced by this version; use \"deny\"" },
    { "'network': { 'default': 'deny', 'allowDomains': ['example.com'] }",
      "/network/allowDomains: an entry cannot be enforced by this version; leave the list empty or out" },
    { "'network': { 'allowCidrs': ['10.0.0.0/8'] }",
      "/network/allowCidrs: an entry cannot be enforced by this version; leave the list empty or out" },
    { "'network': { 'denyCidrs': [{}] }",
      "/network/denyCidrs: an entry cannot be enforced by this version; leave the list empty or out" },
    { "'resources': { 'gpu': 'allow' }", "/resources/gpu: \"allow\" cannot be enforced by this version; use \"deny\"" },
    { "'desktop': { 'clipboard': { 'hostToSession': 'prompt' } }",
      "/desktop/clipboard/hostToSession: \"prompt\" cannot be enforced by this version; use \"deny\"" },
    { "'desktop': { 'clipboard': { 'sessionToHost': 'allow' } }",
      "/desktop/clipboard/sessionToHost: \"allow\" cannot be enforced by this version; use \"deny\"" },
    { "'desktop': { 'clipboard': { 'types': ['text/plain'] } }",
      "/desktop/clipboard/types: cannot be enforced by this version; leave it out" },
    { "'desktop': { 'clipboard': { 'maxBytes': 1 } }",
      "/desktop/clipboard/maxBytes: cannot be enforced by this version; leave it out" },
    { "'desktop': { 'shareClipboard': true }",
      "/desktop/shareClipboard: true cannot be enforced by this version; use false" },
    { "'desktop': { 'shareInput': true }", "/desktop/shareInput: true cannot be enforced by this version; use false" },
    { "'desktop': { 'input': { 'agent': 'prompt' } }",
      "/desktop/input/agent: \"prompt\" cannot be enforced by this version; use \"allow\" or \"deny\"" },
    { "'desktop': { 'input': { 'denyChords': ['ctrl+alt+*'] } }",
      "/desktop/input/denyChords: cannot be enforced by this version; leave it out" },
    { "'desktop': { 'input': { 'maxEventsPerSecond': 200 } }",
      "/desktop/input/maxEventsPerSecond: cannot be enforced by this version; leave it out" },
    { "'devices': { 'camera': 'prompt' }", "/devices/camera: \"prompt\" cannot be enforced by this version; use \"deny\"" },
    { "'devices': { 'microphone': 'allow' }",
      "/devices/microphone: \"allow\" cannot be enforced by this version; use \"deny\"" },
    { "'devices': { 'speaker': 'allow' }", "/devices/speaker: \"allow\" cannot be enforced by this version; use \"deny\"" },
    { "'prompts': { 'timeoutSeconds': 60 }",
      "/prompts/timeoutSeconds: cannot be enforced by this version; leave it out" },
    { "'audit': { 'frames': 'digest' }", "/audit/frames: \"digest\" cannot be enforced by this version; use \"none\"" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (sections); i++)
    assert_section_refused (sections[i].section, U, sections[i].message);
}

typedef struct
{
  const char *pattern;
  const char *what;   /* NULL: accepted */
} Pattern;

static const Pattern patterns[] = {
  { "", "a path begins with '/', ${WORKSPACE} or ${HOME}" },
  { "a/b", "a path begins with '/', ${WORKSPACE} or ${HOME}" },
  { "./a", "a path begins with '/', ${WORKSPACE} or ${HOME}" },
  { "**", "a path begins with '/', ${WORKSPACE} or ${HOME}" },
  { "${WORKSPACE}x", "a path begins with '/', ${WORKSPACE} or ${HOME}" },
  { "~/a", "'~' is not accepted; write ${HOME}" },
  { "$HOME/a", "the only variables are ${WORKSPACE} and ${HOME}, at the beginning" },
  { "${TMP}/a", "the only variables are ${WORKSPACE} and ${HOME}, at the beginning" },
  { "${HOME", "the only variables are ${WORKSPACE} and ${HOME}, at the beginning" },
  { "/a/${HOME}", "'$' is accepted only in ${WORKSPACE} and ${HOME}, at the beginning" },
  { "${HOME}/${WORKSPACE}", "'$' is accepted only in ${WORKSPACE} and ${HOME}, at the beginning" },
  { "${HOME}", "${HOME} is a folder; for it and all below it write ${HOME}/**" },
  { "${WORKSPACE}", "${WORKSPACE} is a folder; for it and all below it write ${WORKSPACE}/**" },
  { "/a/../b", "'..' is not accepted in a path; write where it leads" },
  { "${WORKSPACE}/../b/**", "'..' is not accepted in a path; write where it leads" },
  { "/..", "'..' is not accepted in a path; write where it leads" },
  { "/a/./b", "'.' is not accepted in a path; write where it leads" },
  { "/a//b", "'//' is not accepted in a path; write one '/'" },
  { "//a", "'//' is not accepted in a path; write one '/'" },
  { "/a//**", "a path may not end in '/'; for a folder and all below it write '/**'" },
  { "/a/", "a path may not end in '/'; for a folder and all below it write '/**'" },
  { "${HOME}/", "a path may not end in '/'; for a folder and all below it write '/**'" },
  { "/a/*", "the only pattern is '/**' at the end, for a folder and all below it" },
  { "/a/*.txt", "the only pattern is '/**' at the end, for a folder and all below it" },
  { "/a/**/b", "the only pattern is '/**' at the end, for a folder and all below it" },
  { "/a/**/**", "the only pattern is '/**' at the end, for a folder and all below it" },
  { "/a?", "the only pattern is '/**' at the end, for a folder and all below it" },
  { "/[a]", "the only pattern is '/**' at the end, for a folder and all below it" },
  { "/a**", "the only pattern is '/**' at the end, for a folder and all below it" },
  { "/", "the whole file system cannot be given or hidden; name folders in it" },
  { "/**", "the whole file system cannot be given or hidden; name folders in it" },
  { "/a\nb", "a control character in a path is not accepted" },
  { "/a\x1b[31m", "a control character in a path is not accepted" },
  { "/a\x7f", "a control character in a path is not accepted" },
  { "/opt/data/**", NULL },
  { "/opt/file.txt", NULL },
  { "/opt/...", NULL },
  { "/opt/.hidden", NULL },
  { "/opt/with space and \xc3\xa9", NULL },
  { "${WORKSPACE}/**", NULL },
  { "${WORKSPACE}/out/a.txt", NULL },
  { "${HOME}/**", NULL },
  { "${HOME}/.ssh/**", NULL },
  { "/runner/**", NULL },
  { "/procedures", NULL },
};

static void
test_patterns (void)
{
  g_autofree char *long_name = g_strnfill (4095, 'a');
  g_autofree char *long_path = g_strconcat ("/", long_name, NULL);
  g_autofree char *what = glb_policy_check_pattern (long_path, GLB_FILE_READ);

  g_assert_cmpstr (what, ==, "a path has at most 4095 bytes");
  for (guint i = 0; i < G_N_ELEMENTS (patterns); i++)
    {
      for (GlbFileAccess access = GLB_FILE_READ; access <= GLB_FILE_DENY; access++)
        {
          g_autofree char *answer = glb_policy_check_pattern (patterns[i].pattern, access);

          g_assert_cmpstr (answer, ==, patterns[i].what);
        }
    }
}

static void
test_system_places (void)
{
  const struct { const char *pattern; const char *place; } places[] = {
    { "/proc/**", "/proc" }, { "/proc/1/mem", "/proc" }, { "/sys/**", "/sys" }, { "/dev/**", "/dev" },
    { "/dev/dri/card0", "/dev" }, { "/run/**", "/run" }, { "/run/user/1000/bus", "/run" }, { "/run/media/**", "/run" },
    { "/var/run/dbus/**", "/var/run" },
  };
  g_autofree char *media = glb_policy_check_pattern ("/run/media/person/disk/**", GLB_FILE_READ);

  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_autofree char *read = glb_policy_check_pattern (places[i].pattern, GLB_FILE_READ);
      g_autofree char *write = glb_policy_check_pattern (places[i].pattern, GLB_FILE_WRITE);
      g_autofree char *deny = glb_policy_check_pattern (places[i].pattern, GLB_FILE_DENY);
      g_autofree char *what = g_strdup_printf ("%s cannot be given to a session, which has its own", places[i].place);

      g_assert_cmpstr (read, ==, what);
      g_assert_cmpstr (write, ==, what);
      g_assert_null (deny);
    }
  g_assert_null (media);
}

static void
test_too_many_paths (void)
{
  g_autoptr(GString) section = g_string_new ("'filesystem': { 'allowRead': ['/a'");

  for (guint i = 0; i < 256; i++)
    g_string_append (section, ",'/a'");
  g_string_append (section, "] }");
  assert_section_refused (section->str, I,
                          "/filesystem/allowRead: has 257 paths, at most 256 are possible; name folders instead of files");
}

/* Left out means the value that permits less. */
static void
test_defaults (void)
{
  g_autoptr(GlbPolicy) policy = accept_section ("");

  g_assert_cmpstr (policy->schema_version, ==, "1.0");
  g_assert_cmpstr (policy->agent.name, ==, "agent");
  g_assert_cmpstr (policy->agent.identity_provider, ==, "local");
  g_assert_cmpint (policy->isolation.tier, ==, GLB_TIER_SESSION);
  g_assert_true (policy->isolation.separate_account);
  g_assert_cmpuint (g_strv_length (policy->filesystem.allow_read), ==, 0);
  g_assert_cmpuint (g_strv_length (policy->filesystem.allow_write), ==, 0);
  g_assert_cmpuint (g_strv_length (policy->filesystem.deny_read), ==, 0);
  g_assert_cmpint (policy->filesystem.home, ==, GLB_HOME_EPHEMERAL);
  g_assert_false (policy->process.allow_spawn);
  g_assert_false (policy->process.allow_debug);
  g_assert_cmpuint (policy->process.max_processes, ==, 256);
  g_assert_cmpint (policy->process.syscalls, ==, GLB_SYSCALLS_STRICT);
  g_assert_cmpuint (policy->resources.memory_mb, ==, 0);
  g_assert_cmpuint (policy->resources.cpu_percent, ==, 0);
  g_assert_cmpuint (policy->resources.disk_mb, ==, 256);
  g_assert_cmpuint (policy->resources.timeout_seconds, ==, 0);
  g_assert_cmpuint (policy->desktop.width, ==, 1280);
  g_assert_cmpuint (policy->desktop.height, ==, 800);
  g_assert_false (policy->desktop.xwayland);
  g_assert_cmpint (policy->desktop.agent_input, ==, GLB_VERDICT_DENY);
  g_assert_cmpint (policy->desktop.human_input, ==, GLB_HUMAN_NEVER);
}

static void
test_values (void)
{
  g_autoptr(GlbPolicy) policy = accept_section (
    "'agent': { 'name': 'desk-tester.1', 'identity': { 'provider': 'local' } },"
    "'isolation': { 'tier': 'process', 'account': 'separate', 'backend': 'bubblewrap' },"
    "'filesystem': { 'allowRead': ['/opt/b/**', '/opt/a', '/opt/a'], 'allowWrite': ['${WORKSPACE}/**'],"
    "                'denyRead': ['${HOME}/.ssh/**'], 'home': 'persistent' },"
    "'network': { 'default': 'deny', 'allowDomains': [], 'allowCidrs': [], 'denyCidrs': [] },"
    "'process': { 'allowSpawn': true, 'maxProcesses': 65536, 'syscalls': 'desktop', 'allowDebug': true },"
    "'resources': { 'memoryMb': 2048, 'cpuPercent': 150, 'diskMb': 1024, 'timeoutSeconds': 3600, 'gpu': 'deny' },"
    "'desktop': { 'width': 64, 'height': 4096, 'xwayland': true, 'shareClipboard': false,"
    "             'clipboard': { 'hostToSession': 'deny', 'sessionToHost': 'deny' },"
    "             'input': { 'agent': 'allow', 'human': 'on-takeover' } },"
    "'devices': { 'camera': 'deny', 'microphone': 'deny', 'speaker': 'deny' },"
    "'prompts': {}, 'audit': { 'frames': 'none' }");

  g_assert_cmpstr (policy->agent.name, ==, "desk-tester.1");
  g_assert_cmpint (policy->isolation.tier, ==, GLB_TIER_PROCESS);
  g_assert_cmpuint (g_strv_length (policy->filesystem.allow_read), ==, 2);
  g_assert_cmpstr (policy->filesystem.allow_read[0], ==, "/opt/a");
  g_assert_cmpstr (policy->filesystem.allow_read[1], ==, "/opt/b/**");
  g_assert_cmpstr (policy->filesystem.allow_write[0], ==, "${WORKSPACE}/**");
  g_assert_cmpstr (policy->filesystem.deny_read[0], ==, "${HOME}/.ssh/**");
  g_assert_cmpint (policy->filesystem.home, ==, GLB_HOME_PERSISTENT);
  g_assert_true (policy->process.allow_spawn);
  g_assert_true (policy->process.allow_debug);
  g_assert_cmpuint (policy->process.max_processes, ==, 65536);
  g_assert_cmpint (policy->process.syscalls, ==, GLB_SYSCALLS_DESKTOP);
  g_assert_cmpuint (policy->resources.memory_mb, ==, 2048);
  g_assert_cmpuint (policy->resources.cpu_percent, ==, 150);
  g_assert_cmpuint (policy->resources.disk_mb, ==, 1024);
  g_assert_cmpuint (policy->resources.timeout_seconds, ==, 3600);
  g_assert_cmpuint (policy->desktop.width, ==, 64);
  g_assert_cmpuint (policy->desktop.height, ==, 4096);
  g_assert_true (policy->desktop.xwayland);
  g_assert_cmpint (policy->desktop.agent_input, ==, GLB_VERDICT_ALLOW);
  g_assert_cmpint (policy->desktop.human_input, ==, GLB_HUMAN_ON_TAKEOVER);
}

static void
test_short_forms (void)
{
  g_autoptr(GlbPolicy) plain = accept_section ("");
  g_autoptr(GlbPolicy) said = accept_section (
    "'isolation': { 'backend': 'bubblewrap' }, 'desktop': { 'shareClipboard': false, 'shareInput': false }");
  g_autoptr(GlbPolicy) twice = accept_section (
    "'desktop': { 'shareInput': false, 'input': { 'agent': 'deny', 'human': 'never' } }");

  g_assert_cmpstr (glb_policy_get_hash (said), ==, glb_policy_get_hash (plain));
  g_assert_cmpstr (glb_policy_get_hash (twice), ==, glb_policy_get_hash (plain));
}

static void
test_canonical (void)
{
  g_autoptr(GlbPolicy) policy = accept_section ("'filesystem': { 'allowRead': ['/b \\\"\\\\', '/a'] }");
  g_autoptr(GlbPolicy) other_order = accept_section (
    "'desktop' : { 'height':800,'width' : 1280 }, // comment\n 'filesystem': { 'allowRead': ['/a', '/b \\\"\\\\', '/a'] },"
    "'resources': { 'memoryMb': null }");
  g_autoptr(GlbPolicy) different = accept_section ("'filesystem': { 'allowRead': ['/b'] }");

  g_assert_cmpstr (glb_policy_get_canonical (policy), ==,
    "{\"agent\":{\"identity\":{\"provider\":\"local\"},\"name\":\"agent\"},\"audit\":{\"frames\":\"none\"},"
    "\"desktop\":{\"clipboard\":{\"hostToSession\":\"deny\",\"sessionToHost\":\"deny\"},\"height\":800,"
    "\"input\":{\"agent\":\"deny\",\"human\":\"never\"},\"width\":1280,\"xwayland\":false},"
    "\"devices\":{\"camera\":\"deny\",\"microphone\":\"deny\",\"speaker\":\"deny\"},"
    "\"filesystem\":{\"allowRead\":[\"/a\",\"/b \\\"\\\\\"],\"allowWrite\":[],\"denyRead\":[],\"home\":\"ephemeral\"},"
    "\"isolation\":{\"account\":\"separate\",\"tier\":\"session\"},"
    "\"network\":{\"allowCidrs\":[],\"allowDomains\":[],\"default\":\"deny\",\"denyCidrs\":[]},"
    "\"process\":{\"allowDebug\":false,\"allowSpawn\":false,\"maxProcesses\":256,\"syscalls\":\"strict\"},"
    "\"resources\":{\"cpuPercent\":null,\"diskMb\":256,\"gpu\":\"deny\",\"memoryMb\":null,\"timeoutSeconds\":null},"
    "\"schemaVersion\":\"1.0\"}");
  g_assert_cmpstr (glb_policy_get_canonical (other_order), ==, glb_policy_get_canonical (policy));
  g_assert_cmpstr (glb_policy_get_hash (other_order), ==, glb_policy_get_hash (policy));
  g_assert_cmpstr (glb_policy_get_hash (different), !=, glb_policy_get_hash (policy));
}

/* The hash is the identity of a policy in old audit records: it may only change with the format. */
static void
test_hash_stable (void)
{
  g_autoptr(GlbPolicy) policy = accept_section ("");

  g_assert_cmpstr (glb_policy_get_hash (policy), ==,
                   "368ba4bf37cd630543c40396f50ff7a9bff7043029786ae6a72e72a7dd18c575");
}

static void
test_canonical_again (void)
{
  g_auto(GStrv) names = glb_policy_list_templates ();

  for (guint i = 0; names[i]; i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(GlbPolicy) policy = glb_policy_new_from_template (names[i], &error);
      g_autoptr(GlbPolicy) again = parse (glb_policy_get_canonical (policy), &error);

      g_assert_no_error (error);
      g_assert_cmpstr (glb_policy_get_canonical (again), ==, glb_policy_get_canonical (policy));
    }
}

static void
test_with_tier (void)
{
  g_autoptr(GlbPolicy) session = accept_section (
    "'agent': { 'name': 'n' }, 'filesystem': { 'allowRead': ['/a'] }, 'process': { 'allowSpawn': true },"
    "'resources': { 'memoryMb': 64 }");
  g_autoptr(GlbPolicy) process = NULL;
  g_autoptr(GlbPolicy) written = accept_section (
    "'agent': { 'name': 'n' }, 'filesystem': { 'allowRead': ['/a'] }, 'process': { 'allowSpawn': true },"
    "'resources': { 'memoryMb': 64 }, 'isolation': { 'tier': 'process' }");
  g_autoptr(GlbPolicy) back = NULL;
  g_autoptr(GError) error = NULL;

  g_assert_null (glb_policy_with_tier (session, GLB_TIER_MICRO_VM, &error));
  g_assert_error (error, GLB_POLICY_ERROR, GLB_POLICY_ERROR_UNSUPPORTED);
  g_assert_cmpstr (error->message, ==, "tier micro-vm cannot be enforced by this version; use process or session");
  g_clear_error (&error);

  process = glb_policy_with_tier (session, GLB_TIER_PROCESS, &error);
  g_assert_no_error (error);
  g_assert_cmpint (process->isolation.tier, ==, GLB_TIER_PROCESS);
  g_assert_cmpint (session->isolation.tier, ==, GLB_TIER_SESSION);
  g_assert_cmpstr (glb_policy_get_canonical (process), ==, glb_policy_get_canonical (written));
  g_assert_cmpstr (glb_policy_get_hash (process), ==, glb_policy_get_hash (written));
  g_assert_cmpstr (glb_policy_get_hash (process), !=, glb_policy_get_hash (session));

  back = glb_policy_with_tier (process, GLB_TIER_SESSION, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (glb_policy_get_hash (back), ==, glb_policy_get_hash (session));
}

static void
test_tier_names (void)
{
  GlbTier tier = GLB_TIER_PROCESS;

  g_assert_false (glb_tier_from_string ("Session", &tier));
  g_assert_false (glb_tier_from_string ("", &tier));
  g_assert_true (glb_tier_from_string ("session", &tier));
  g_assert_cmpint (tier, ==, GLB_TIER_SESSION);
  g_assert_true (glb_tier_from_string ("micro-vm", &tier));
  g_assert_cmpstr (glb_tier_to_string (tier), ==, "micro-vm");
  g_assert_cmpstr (glb_tier_to_string (GLB_TIER_PROCESS), ==, "process");
}

static void
test_templates (void)
{
  g_auto(GStrv) names = glb_policy_list_templates ();
  g_autoptr(GError) error = NULL;
  g_autoptr(GlbPolicy) normal = NULL;
  g_autoptr(GlbPolicy) locked = NULL;

  g_assert_null (glb_policy_new_from_template ("../default", &error));
  g_assert_error (error, GLB_POLICY_ERROR, GLB_POLICY_ERROR_NOT_FOUND);
  g_assert_cmpstr (error->message, ==,
                   "template '../default': there is none of this name; possible: default, locked-down");
  g_clear_error (&error);

  g_assert_cmpuint (g_strv_length (names), ==, 2);
  g_assert_cmpstr (names[0], ==, "default");
  g_assert_cmpstr (names[1], ==, "locked-down");

  normal = glb_policy_new_from_template ("default", &error);
  g_assert_no_error (error);
  g_assert_true (normal->process.allow_spawn);
  g_assert_false (normal->process.allow_debug);
  g_assert_cmpint (normal->process.syscalls, ==, GLB_SYSCALLS_DESKTOP);
  g_assert_cmpuint (normal->resources.disk_mb, ==, 512);
  g_assert_cmpuint (normal->resources.memory_mb, ==, 0);
  g_assert_cmpuint (normal->resources.cpu_percent, ==, 0);
  g_assert_cmpint (normal->desktop.agent_input, ==, GLB_VERDICT_ALLOW);
  g_assert_cmpint (normal->desktop.human_input, ==, GLB_HUMAN_ON_TAKEOVER);

  locked = glb_policy_new_from_template ("locked-down", &error);
  g_assert_no_error (error);
  g_assert_false (locked->process.allow_spawn);
  g_assert_cmpint (locked->process.syscalls, ==, GLB_SYSCALLS_STRICT);
  g_assert_cmpuint (g_strv_length (locked->filesystem.allow_read), ==, 0);
  g_assert_cmpuint (g_strv_length (locked->filesystem.allow_write), ==, 0);
  g_assert_cmpint (locked->desktop.agent_input, ==, GLB_VERDICT_DENY);
}

static void
test_files (void)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("glb-policy-XXXXXX", &error);
  g_autofree char *path = g_build_filename (folder, "p.json", NULL);
  g_autofree char *pipe = g_build_filename (folder, "pipe", NULL);
  g_autofree char *content = g_strnfill (256 * 1024 + 1, ' ');
  g_autofree char *message = NULL;
  g_autoptr(GlbPolicy) policy = NULL;

  g_assert_no_error (error);
  g_assert_null (glb_policy_new_from_file ("/nonexistent/p\n.json", &error));
  g_assert_error (error, GLB_POLICY_ERROR, GLB_POLICY_ERROR_NOT_FOUND);
  g_assert_cmpstr (error->message, ==, "/nonexistent/p?.json: No such file or directory; name a readable policy file");
  g_clear_error (&error);
  g_assert_null (glb_policy_new_from_file (folder, &error));
  g_assert_error (error, GLB_POLICY_ERROR, GLB_POLICY_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_null (glb_policy_new_from_file ("/dev/zero", &error));
  g_assert_cmpstr (error->message, ==, "/dev/zero: not a regular file; name a readable policy file");
  g_clear_error (&error);
  g_assert_cmpint (mkfifo (pipe, 0600), ==, 0);
  g_assert_null (glb_policy_new_from_file (pipe, &error));   /* does not wait for a writer */
  g_assert_error (error, GLB_POLICY_ERROR, GLB_POLICY_ERROR_NOT_FOUND);
  g_clear_error (&error);

  g_assert_true (g_file_set_contents (path, content, -1, &error));
  g_assert_null (glb_policy_new_from_file (path, &error));
  message = g_strdup_printf ("%s:1: the text is larger than 262144 bytes", path);
  g_assert_cmpstr (error->message, ==, message);
  g_assert_error (error, GLB_POLICY_ERROR, GLB_POLICY_ERROR_SYNTAX);
  g_clear_error (&error);

  g_assert_true (g_file_set_contents (path, "{ \"schemaVersion\": \"1.0\" } // mine\n", -1, &error));
  policy = glb_policy_new_from_file (path, &error);
  g_assert_no_error (error);
  g_assert_cmpint (strlen (glb_policy_get_hash (policy)), ==, 64);

  g_remove (path);
  g_remove (pipe);
  g_rmdir (folder);
}

/* (transfer full): one rule a line, as "write tree /a" */
static char *
resolve (const char *filesystem,
         const char *workspace,
         const char *home)
{
  g_autofree char *section = g_strdup_printf ("'filesystem': { %s }", filesystem);
  g_autoptr(GlbPolicy) policy = accept_section (section);
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) rules = glb_policy_resolve_files (policy, workspace, home, &error);
  const char * const words[] = { "read", "write", "deny" };
  GString *out = g_string_new (NULL);

  if (!rules)
    {
      g_assert_error (error, GLB_POLICY_ERROR, GLB_POLICY_ERROR_INVALID);
      g_string_assign (out, error->message);
      return g_string_free (out, FALSE);
    }
  for (guint i = 0; i < rules->len; i++)
    {
      const GlbFileRule *rule = rules->pdata[i];

      g_string_append_printf (out, "%s%s %s %s", i ? ", " : "", words[rule->access], rule->tree ? "tree" : "file", rule->path);
    }
  return g_string_free (out, FALSE);
}

static void
test_resolve_refused (void)
{
  const struct { const char *filesystem; const char *workspace; const char *home; const char *message; } cases[] = {
    { "'allowRead': ['${WORKSPACE}/**']", NULL, "/home/p",
      "the policy's path ${WORKSPACE}/** needs a workspace; name one with --workspace DIR" },
    { "'denyRead': ['${HOME}/.ssh/**']", "/w", NULL, "the policy's path ${HOME}/.ssh/** needs a home folder; set HOME" },
    { "'allowRead': []", "w", "/home/p", "the workspace 'w' is not an absolute path without '..'; give its full path" },
    { "'allowRead': []", "/w/../etc", "/home/p",
      "the workspace '/w/../etc' is not an absolute path without '..'; give its full path" },
    { "'allowRead': []", "/w", "/home/p/..",
      "the home folder '/home/p/..' is not an absolute path without '..'; give its full path" },
    { "'allowWrite': ['${WORKSPACE}/**']", "/", "/home/p",
      "the policy's path ${WORKSPACE}/** is / here: the whole file system cannot be given or hidden; name folders in it" },
    { "'allowRead': ['${HOME}/**']", "/w", "/",
      "the policy's path ${HOME}/** is / here: the whole file system cannot be given or hidden; name folders in it" },
    { "'allowRead': ['${WORKSPACE}/**']", "/proc/self/root", "/home/p",
      "the policy's path ${WORKSPACE}/** is /proc/self/root here: /proc cannot be given to a session, which has its own" },
    { "'allowRead': ['${HOME}/run/user/**']", "/w", "/",
      "the policy's path ${HOME}/run/user/** is /run/user here: /run cannot be given to a session, which has its own" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *answer = resolve (cases[i].filesystem, cases[i].workspace, cases[i].home);

      g_assert_cmpstr (answer, ==, cases[i].message);
    }
}

static void
test_resolve (void)
{
  const struct { const char *filesystem; const char *rules; } cases[] = {
    { "", "" },
    { "'allowRead': ['${WORKSPACE}/**'], 'allowWrite': ['${WORKSPACE}/out/**'], 'denyRead': ['${HOME}/.ssh/**']",
      "read tree /w, write tree /w/out, deny tree /home/p/.ssh" },
    /* most general first, whatever the order and the list */
    { "'allowRead': ['/a/b/c/**', '/z', '/a/b'], 'allowWrite': ['/a/b/c/d'], 'denyRead': ['/a/**']",
      "deny tree /a, read file /z, read file /a/b, read tree /a/b/c, write file /a/b/c/d" },
    /* one path: deny, write, read */
    { "'allowRead': ['/a/**'], 'allowWrite': ['/a/**'], 'denyRead': ['/a/**']", "deny tree /a" },
    { "'allowRead': ['/a/**'], 'allowWrite': ['/a/**']", "write tree /a" },
    /* by itself and as a tree */
    { "'allowRead': ['/a/**'], 'denyRead': ['/a']", "deny tree /a" },
    { "'allowRead': ['/a'], 'denyRead': ['/a/**']", "deny tree /a" },
    { "'denyRead': ['/a']", "deny file /a" },
    { "'allowRead': ['/a', '/a/**']", "read tree /a" },
    { "'allowRead': ['/a/**'], 'allowWrite': ['/a']", "read tree /a, write file /a" },
    { "'allowRead': ['/a'], 'allowWrite': ['/a/**']", "write tree /a" },
    /* two names of one path */
    { "'allowWrite': ['/w/x/**'], 'denyRead': ['${WORKSPACE}/x/**']", "deny tree /w/x" },
    /* neighbours that only begin alike */
    { "'allowRead': ['/a/**', '/ab/**', '/a-b/**']", "read tree /a, read tree /a-b, read tree /ab" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *answer = resolve (cases[i].filesystem, "/w", "/home/p");
      g_autofree char *untidy = resolve (cases[i].filesystem, "//w/./", "/home//p/");

      g_assert_cmpstr (answer, ==, cases[i].rules);
      g_assert_cmpstr (untidy, ==, cases[i].rules);
    }
}

/* The tables are what is documented: sorted, as the canonical form must be. */
static void
assert_sorted (const GlbPolicyKey *keys)
{
  for (const GlbPolicyKey *key = keys; key->name; key++)
    {
      if (key != keys)
        g_assert_cmpstr (key[-1].name, <, key->name);
      if (key->children)
        assert_sorted (key->children);
    }
}

static void
assert_choices_in_schema (const GlbPolicyKey *key,
                          JsonObject         *schema)
{
  JsonArray *words = json_object_get_array_member (schema, "enum");
  guint n = 0;

  for (const GlbPolicyChoice *c = key->choices; c->word; c++)
    if (!c->refused)
      {
        g_assert_cmpuint (n, <, json_array_get_length (words));
        g_assert_cmpstr (json_array_get_string_element (words, n), ==, c->word);
        if (key->kind == GLB_POLICY_KEY_CHOICE && (key->offset == GLB_POLICY_KEY_NOT_STORED ? n == 0 : c->value == key->fallback))
          g_assert_cmpstr (json_object_get_string_member (schema, "default"), ==, c->word);
        n++;
      }
  g_assert_cmpuint (json_array_get_length (words), ==, n);
}

static void
assert_number_in_schema (const GlbPolicyKey *key,
                         JsonObject         *schema)
{
  g_assert_cmpint (json_object_get_int_member (schema, "minimum"), ==, key->minimum);
  g_assert_cmpint (json_object_get_int_member (schema, "maximum"), ==, key->maximum);
  if (key->nullable)
    {
      g_assert_true (json_object_get_null_member (schema, "default"));
      g_assert_cmpstr (json_array_get_string_element (json_object_get_array_member (schema, "type"), 1), ==, "null");
    }
  else
    {
      g_assert_cmpint (json_object_get_int_member (schema, "default"), ==, key->fallback);
      g_assert_cmpstr (json_object_get_string_member (schema, "type"), ==, "integer");
    }
}

static void
assert_in_schema (const GlbPolicyKey *key,
                  JsonNode           *node)
{
  JsonObject *schema, *properties;
  guint n = 0;

  g_test_message ("key %s", key->name);
  if (key->kind == GLB_POLICY_KEY_REFUSED)
    {
      g_assert_true (JSON_NODE_HOLDS_VALUE (node));
      g_assert_false (json_node_get_boolean (node));
      return;
    }

  schema = json_node_get_object (node);
  switch (key->kind)
    {
    case GLB_POLICY_KEY_OBJECT:
      g_assert_cmpstr (json_object_get_string_member (schema, "type"), ==, "object");
      g_assert_false (json_object_get_boolean_member (schema, "additionalProperties"));
      properties = json_object_get_object_member (schema, "properties");
      for (const GlbPolicyKey *child = key->children; child->name; child++, n++)
        {
          g_assert_true (json_object_has_member (properties, child->name));
          assert_in_schema (child, json_object_get_member (properties, child->name));
        }
      g_assert_cmpuint (json_object_get_size (properties), ==, n);
      break;
    case GLB_POLICY_KEY_BOOLEAN:
      g_assert_cmpstr (json_object_get_string_member (schema, "type"), ==, "boolean");
      g_assert_cmpint (json_object_get_boolean_member (schema, "default"), ==, key->fallback);
      break;
    case GLB_POLICY_KEY_NUMBER:
      assert_number_in_schema (key, schema);
      break;
    case GLB_POLICY_KEY_WORD:
    case GLB_POLICY_KEY_CHOICE:
      assert_choices_in_schema (key, schema);
      break;
    case GLB_POLICY_KEY_NAME:
      g_assert_cmpstr (json_object_get_string_member (schema, "default"), ==, key->text);
      break;
    case GLB_POLICY_KEY_PATHS:
      g_assert_cmpint (json_object_get_int_member (schema, "maxItems"), ==, 256);
      break;
    case GLB_POLICY_KEY_EMPTY_LIST:
      g_assert_cmpint (json_object_get_int_member (schema, "maxItems"), ==, 0);
      break;
    case GLB_POLICY_KEY_FALSE:
      g_assert_true (json_object_has_member (schema, "const"));
      g_assert_false (json_object_get_boolean_member (schema, "const"));
      break;
    case GLB_POLICY_KEY_REFUSED:
      g_assert_not_reached ();
    }
}

static void
assert_patterns_in_schema (JsonObject *definitions)
{
  JsonObject *schema = json_object_get_object_member (definitions, "pathPattern");
  g_autoptr(GError) error = NULL;
  g_autoptr(GRegex) regex = g_regex_new (json_object_get_string_member (schema, "pattern"), G_REGEX_DOLLAR_ENDONLY, 0, &error);

  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (patterns); i++)
    {
      g_test_message ("pattern %s", patterns[i].pattern);
      g_assert_cmpint (g_regex_match (regex, patterns[i].pattern, 0, NULL), ==, patterns[i].what == NULL);
    }
}

static void
test_schema (void)
{
  g_autofree char *text = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(JsonNode) node = NULL;
  gsize length;

  assert_sorted (glb_policy_root_key.children);

  g_file_get_contents (POLICIES_DIR "/glovebox-policy.schema.json", &text, &length, &error);
  g_assert_no_error (error);
  node = glb_strict_json_parse (text, length, GLB_STRICT_JSON_DEFAULT, NULL, NULL, &error);
  g_assert_no_error (error);
  assert_in_schema (&glb_policy_root_key, node);
  assert_patterns_in_schema (json_object_get_object_member (json_node_get_object (node), "$defs"));
}

static void
assert_documented (const GlbPolicyKey *keys,
                   const char         *text)
{
  for (const GlbPolicyKey *key = keys; key->name; key++)
    {
      if (key->children)
        assert_documented (key->children, text);
      else if (!strstr (text, key->name))
        g_error ("%s is not documented", key->name);
    }
}

static void
test_documented (void)
{
  g_autofree char *text = NULL;
  g_autoptr(GError) error = NULL;

  g_file_get_contents (POLICIES_DIR "/../docs/policy.md", &text, NULL, &error);
  g_assert_no_error (error);
  assert_documented (glb_policy_root_key.children, text);
}

static void
test_speed (void)
{
  gint64 start = g_get_monotonic_time ();
  guint n = g_test_perf () ? 20000 : 200;
  double microseconds;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr(GlbPolicy) policy = glb_policy_new_from_template ("default", NULL);

      g_assert_nonnull (policy);
    }
  microseconds = (g_get_monotonic_time () - start) / (double) n;
  g_test_minimized_result (microseconds, "%.1f us a policy", microseconds);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/policy/refused/documents", test_documents_refused);
  g_test_add_func ("/policy/refused/values", test_values_refused);
  g_test_add_func ("/policy/refused/unsupported", test_unsupported_refused);
  g_test_add_func ("/policy/refused/too-many-paths", test_too_many_paths);
  g_test_add_func ("/policy/patterns", test_patterns);
  g_test_add_func ("/policy/system-places", test_system_places);
  g_test_add_func ("/policy/defaults", test_defaults);
  g_test_add_func ("/policy/values", test_values);
  g_test_add_func ("/policy/short-forms", test_short_forms);
  g_test_add_func ("/policy/canonical", test_canonical);
  g_test_add_func ("/policy/canonical/again", test_canonical_again);
  g_test_add_func ("/policy/hash-stable", test_hash_stable);
  g_test_add_func ("/policy/with-tier", test_with_tier);
  g_test_add_func ("/policy/tier-names", test_tier_names);
  g_test_add_func ("/policy/templates", test_templates);
  g_test_add_func ("/policy/files", test_files);
  g_test_add_func ("/policy/resolve/refused", test_resolve_refused);
  g_test_add_func ("/policy/resolve/rules", test_resolve);
  g_test_add_func ("/policy/schema", test_schema);
  g_test_add_func ("/policy/documented", test_documented);
  g_test_add_func ("/policy/speed", test_speed);

  return g_test_run ();
}
