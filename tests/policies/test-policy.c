/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "policies/glb-network-decide.h"
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

#define NO_SCREEN "has no effect at the tier process, which has no screen and no devices; leave it out, " \
                  "or set /isolation/tier to \"session\""
#define NO_PORTAL "has no effect where /process/allowSpawn is false, as nothing could start a portal; leave it out, " \
                  "or set that to true"

/* Permissions of which nothing comes at the tier process, or without processes. */
static const struct { const char *pointer, *permitted, *denied; gboolean needs_spawn; } permissions[] = {
  { "/desktop/clipboard/hostToSession", "'desktop': { 'clipboard': { 'hostToSession': 'prompt' } }",
    "'desktop': { 'clipboard': { 'hostToSession': 'deny' } }" },
  { "/desktop/clipboard/sessionToHost", "'desktop': { 'clipboard': { 'sessionToHost': 'allow' } }",
    "'desktop': { 'clipboard': { 'sessionToHost': 'deny' } }" },
  { "/desktop/input/agent", "'desktop': { 'input': { 'agent': 'allow' } }", "'desktop': { 'input': { 'agent': 'deny' } }" },
  { "/desktop/input/human", "'desktop': { 'input': { 'human': 'on-takeover' } }", "'desktop': { 'input': { 'human': 'never' } }" },
  { "/desktop/xwayland", "'desktop': { 'xwayland': true }", "'desktop': { 'xwayland': false }" },
  { "/devices/camera", "'devices': { 'camera': 'prompt' }", "'devices': { 'camera': 'deny' }" },
  { "/devices/microphone", "'devices': { 'microphone': 'prompt' }", "'devices': { 'microphone': 'deny' }" },
  { "/devices/speaker", "'devices': { 'speaker': 'allow' }", "'devices': { 'speaker': 'deny' }" },
  { "/portals/fileChooser", "'portals': { 'fileChooser': 'prompt' }", "'portals': { 'fileChooser': 'deny' }", TRUE },
  { "/portals/notification", "'portals': { 'notification': 'allow' }", "'portals': { 'notification': 'deny' }", TRUE },
  { "/portals/openUri", "'portals': { 'openUri': 'prompt' }", "'portals': { 'openUri': 'deny' }", TRUE },
  { "/portals/settings", "'portals': { 'settings': 'allow' }", "'portals': { 'settings': 'deny' }", TRUE },
};

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
      "p.json:5: /x: is not known; possible here: agent, audit, desktop, devices, filesystem, isolation, keys, network, "
      "portals, process, prompts, resources, schemaVersion" },
    { "{ 'a/b~c\\n': 1 }", I,
      "p.json:1: /a~1b~0c?: is not known; possible here: agent, audit, desktop, devices, filesystem, isolation, keys, network, "
      "portals, process, prompts, resources, schemaVersion" },
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
      "/desktop/depth: is not known; possible here: clipboard, height, input, listen, publish, shareClipboard, shareInput, width, xwayland" },
    { "'desktop': { 'clipboard': 'deny' }", "/desktop/clipboard: is a string, must be an object" },
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
    { "'network': { 'default': 'off' }", "/network/default: \"off\" is not known; use \"deny\", \"prompt\" or \"allow\"" },
    { "'network': { 'ports': [] }",
      "/network/ports: is not known; possible here: allowCidrs, allowDomains, default, denyCidrs, hosts, maxConnections, "
      "maxConnectionsPerMinute, maxKbPerSecond, maxMbPerSession, publish, secrets" },
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
    { "'resources': { 'gpu': 'allow' }", "/resources/gpu: \"allow\" cannot be enforced by this version; use \"deny\"" },
    { "'desktop': { 'shareClipboard': true }",
      "/desktop/shareClipboard: true cannot be enforced by this version; use false" },
    { "'desktop': { 'shareInput': true }", "/desktop/shareInput: true cannot be enforced by this version; use false" },
    { "'desktop': { 'input': { 'agent': 'prompt' } }",
      "/desktop/input/agent: \"prompt\" cannot be enforced by this version; use \"allow\" or \"deny\"" },
    { "'audit': { 'frames': 'digest' }", "/audit/frames: \"digest\" cannot be enforced by this version; use \"none\"" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (sections); i++)
    assert_section_refused (sections[i].section, U, sections[i].message);
}

/* The gates: clipboard, rules of input, devices, portals, prompts. */
static void
test_gates_refused (void)
{
#define VERDICTS "use \"deny\", \"prompt\" or \"allow\""
#define MIME "a type is written as type/subtype in lower case, without parameters and '*', such as text/plain"
#define CHORD "a chord is key names joined by '+', the last of which may be '*' for any key, such as ctrl+alt+*"
  const struct { const char *section; const char *message; } sections[] = {
    { "'desktop': { 'clipboard': { 'hostToSession': 'ask' } }",
      "/desktop/clipboard/hostToSession: \"ask\" is not known; " VERDICTS },
    { "'desktop': { 'clipboard': { 'hostToSession': true } }",
      "/desktop/clipboard/hostToSession: is true or false, must be \"deny\", \"prompt\" or \"allow\"" },
    { "'desktop': { 'clipboard': { 'sessionToHost': 'Allow' } }",
      "/desktop/clipboard/sessionToHost: \"Allow\" is not known; " VERDICTS },
    { "'desktop': { 'clipboard': { 'secrets': 'warn' } }", "/desktop/clipboard/secrets: \"warn\" is not known; " VERDICTS },
    { "'desktop': { 'clipboard': { 'direction': 'in' } }",
      "/desktop/clipboard/direction: is not known; possible here: allowFiles, clearAfterSeconds, hostToSession, maxBytes, "
      "maxPerMinute, secrets, sessionToHost, types" },
    { "'desktop': { 'clipboard': { 'types': 'text/plain' } }",
      "/desktop/clipboard/types: is a string, must be a list of strings" },
    { "'desktop': { 'clipboard': { 'types': ['text/plain', 5] } }",
      "/desktop/clipboard/types/1: is a whole number, must be a string" },
    { "'desktop': { 'clipboard': { 'types': ['text/*'] } }", "/desktop/clipboard/types/0: \"text/*\": " MIME },
    { "'desktop': { 'clipboard': { 'maxBytes': 0 } }", "/desktop/clipboard/maxBytes: 0 is out of range 1 to 16777216" },
    { "'desktop': { 'clipboard': { 'maxBytes': 16777217 } }",
      "/desktop/clipboard/maxBytes: 16777217 is out of range 1 to 16777216" },
    { "'desktop': { 'clipboard': { 'maxBytes': null } }", "/desktop/clipboard/maxBytes: is null, must be a whole number" },
    { "'desktop': { 'clipboard': { 'maxPerMinute': 0 } }", "/desktop/clipboard/maxPerMinute: 0 is out of range 1 to 600" },
    { "'desktop': { 'clipboard': { 'maxPerMinute': 601 } }",
      "/desktop/clipboard/maxPerMinute: 601 is out of range 1 to 600" },
    { "'desktop': { 'clipboard': { 'clearAfterSeconds': 0 } }",
      "/desktop/clipboard/clearAfterSeconds: 0 is out of range 1 to 3600" },
    { "'desktop': { 'clipboard': { 'clearAfterSeconds': 3601 } }",
      "/desktop/clipboard/clearAfterSeconds: 3601 is out of range 1 to 3600" },
    { "'desktop': { 'clipboard': { 'allowFiles': 'no' } }",
      "/desktop/clipboard/allowFiles: is a string, must be true or false" },
    { "'desktop': { 'shareClipboard': false, 'clipboard': { 'hostToSession': 'prompt' } }",
      "/desktop/shareClipboard: false contradicts /desktop/clipboard/hostToSession; leave one of them out" },
    { "'desktop': { 'clipboard': { 'sessionToHost': 'allow' }, 'shareClipboard': false }",
      "/desktop/shareClipboard: false contradicts /desktop/clipboard/sessionToHost; leave one of them out" },

    { "'desktop': { 'input': { 'denyChords': 'alt+F4' } }", "/desktop/input/denyChords: is a string, must be a list of strings" },
    { "'desktop': { 'input': { 'denyChords': [null] } }", "/desktop/input/denyChords/0: is null, must be a string" },
    { "'desktop': { 'input': { 'denyChords': ['*+F4'] } }", "/desktop/input/denyChords/0: \"*+F4\": " CHORD },
    { "'desktop': { 'input': { 'maxEventsPerSecond': 0 } }",
      "/desktop/input/maxEventsPerSecond: 0 is out of range 1 to 10000; leave the key out for no limit" },
    { "'desktop': { 'input': { 'maxEventsPerSecond': 10001 } }",
      "/desktop/input/maxEventsPerSecond: 10001 is out of range 1 to 10000; leave the key out for no limit" },
    { "'desktop': { 'input': { 'maxEventsPerSecond': '9' } }",
      "/desktop/input/maxEventsPerSecond: is a string, must be a whole number" },
    { "'desktop': { 'input': { 'denyText': {} } }", "/desktop/input/denyText: is an object, must be a list of strings" },
    { "'desktop': { 'input': { 'denyText': [''] } }", "/desktop/input/denyText/0: \"\": a pattern has 1 to 256 characters" },
    { "'desktop': { 'input': { 'denyText': ['a\\nb'] } }",
      "/desktop/input/denyText/0: \"a?b\": a control character in a pattern is not accepted" },
    { "'desktop': { 'input': { 'denyRegions': [0, 0, 1, 1] } }",
      "/desktop/input/denyRegions/0: is a whole number, must be [x, y, width, height]" },
    { "'desktop': { 'input': { 'denyRegions': null } }",
      "/desktop/input/denyRegions: is null, must be a list of [x, y, width, height]" },
    { "'desktop': { 'input': { 'denyRegions': [[0, 0, 1]] } }",
      "/desktop/input/denyRegions/0: has 3 numbers, must be [x, y, width, height]" },
    { "'desktop': { 'input': { 'denyRegions': [[0, 0, 1, 1], [-1, 0, 1, 1]] } }",
      "/desktop/input/denyRegions/1/0: -1 is out of range 0 to 4095" },
    { "'desktop': { 'input': { 'denyRegions': [[0, 0, 1, 4097]] } }",
      "/desktop/input/denyRegions/0/3: 4097 is out of range 1 to 4096" },
    { "'desktop': { 'input': { 'denyRegions': [[0, 0, 0, 1]] } }",
      "/desktop/input/denyRegions/0/2: 0 is out of range 1 to 4096" },
    { "'desktop': { 'input': { 'denyRegions': [[0, 0.5, 1, 1]] } }",
      "/desktop/input/denyRegions/0/1: is a number with a fraction, must be a whole number" },
    { "'desktop': { 'input': { 'denyRegions': [[1280, 0, 1, 1]] } }",
      "/desktop/input/denyRegions: [1280, 0, 1, 1] lies beside the screen of 1280x800" },
    { "'desktop': { 'input': { 'denyWindows': ['foot'] } }", "/desktop/input/denyWindows/0: is a string, must be an object" },
    { "'desktop': { 'input': { 'denyWindows': {} } }",
      "/desktop/input/denyWindows: is an object, must be a list of { \"appId\": …, \"title\": … }" },
    { "'desktop': { 'input': { 'denyWindows': [{}] } }",
      "/desktop/input/denyWindows/0: names no window; add \"appId\", \"title\" or both" },
    { "'desktop': { 'input': { 'denyWindows': [{ 'title': 'x', 'class': 'x' }] } }",
      "/desktop/input/denyWindows/0/class: is not known; possible here: appId, title" },
    { "'desktop': { 'input': { 'denyWindows': [{ 'title': 5 }] } }",
      "/desktop/input/denyWindows/0/title: is a whole number, must be a string" },
    { "'desktop': { 'input': { 'denyWindows': [{ 'appId': '' }] } }",
      "/desktop/input/denyWindows/0/appId: \"\": a pattern has 1 to 256 characters" },
    { "'desktop': { 'input': { 'confinePointer': true } }",
      "/desktop/input/confinePointer: is true or false, must be [x, y, width, height] or null" },
    { "'desktop': { 'input': { 'confinePointer': [0, 0, '9', 9] } }",
      "/desktop/input/confinePointer/2: is a string, must be a whole number" },
    { "'desktop': { 'input': { 'confinePointer': [0, 700, 10, 10] }, 'height': 700 }",
      "/desktop/input/confinePointer: [0, 700, 10, 10] lies beside the screen of 1280x700" },
    { "'desktop': { 'input': { 'freezeOnTakeover': 1 } }",
      "/desktop/input/freezeOnTakeover: is a whole number, must be true or false" },
    { "'desktop': { 'input': { 'keyboard': 'us' } }",
      "/desktop/input/keyboard: is not known; possible here: agent, confinePointer, denyChords, denyRegions, denyText, "
      "denyWindows, freezeOnTakeover, gamepad, human, keyboardLayout, maxEventsPerSecond, tablet, touch" },
    { "'desktop': { 'input': { 'keyboardLayout': null } }", "/desktop/input/keyboardLayout: is null, must be a string" },
    { "'desktop': { 'input': { 'keyboardLayout': 'de+us' } }",
      "/desktop/input/keyboardLayout: \"de+us\": a keyboard layout is written as LAYOUT or LAYOUT(VARIANT), such as de or us(intl)" },

    { "'desktop': { 'listen': true }", "/desktop/listen: is true or false, must be \"deny\" or \"allow\"" },
    { "'desktop': { 'publish': 'prompt' }", "/desktop/publish: \"prompt\" is not known; use \"deny\" or \"allow\"" },
    { "'devices': { 'camera': 'on' }", "/devices/camera: \"on\" is not known; " VERDICTS },
    { "'devices': { 'microphone': null }", "/devices/microphone: is null, must be \"deny\", \"prompt\" or \"allow\"" },
    { "'devices': { 'speaker': 'Deny' }", "/devices/speaker: \"Deny\" is not known; " VERDICTS },
    { "'devices': { 'cameraSource': '/dev/video0' }",
      "/devices/cameraSource: \"/dev/video0\" is not known; use \"host\", \"test-pattern\" or \"file:PATH\"" },
    { "'devices': { 'cameraSource': 7 }",
      "/devices/cameraSource: is a whole number, must be \"host\", \"test-pattern\" or \"file:PATH\"" },
    { "'devices': { 'cameraSource': 'file:' }",
      "/devices/cameraSource: \"file:\": a path begins with '/', ${WORKSPACE} or ${HOME}" },
    { "'devices': { 'cameraSource': 'file:me.png' }",
      "/devices/cameraSource: \"file:me.png\": a path begins with '/', ${WORKSPACE} or ${HOME}" },
    { "'devices': { 'cameraSource': 'file:${WORKSPACE}/**' }",
      "/devices/cameraSource: \"file:${WORKSPACE}/**\": it names a folder; name one file" },
    { "'devices': { 'cameraSource': 'file:${HOME}' }",
      "/devices/cameraSource: \"file:${HOME}\": it names a folder; name one file" },
    { "'devices': { 'cameraSource': 'file:${WORKSPACE}/../me.png' }",
      "/devices/cameraSource: \"file:${WORKSPACE}/../me.png\": '..' is not accepted in a path; write where it leads" },
    { "'devices': { 'cameraSource': 'file:/dev/video0' }",
      "/devices/cameraSource: \"file:/dev/video0\": /dev cannot be given to a session, which has its own" },
    { "'devices': { 'speakerSource': 'silence' }",
      "/devices/speakerSource: is not known; possible here: camera, cameraSource, microphone, microphoneSource, speaker" },
    { "'devices': { 'microphoneSource': 'noise' }",
      "/devices/microphoneSource: \"noise\" is not known; use \"host\", \"silence\", \"tone\" or \"file:PATH\"" },
    { "'devices': { 'usb': 'deny' }",
      "/devices/usb: is not known; possible here: camera, cameraSource, microphone, microphoneSource, speaker" },

    { "'portals': { 'fileChooser': 'allow' }", "/portals/fileChooser: \"allow\" is not known; use \"deny\" or \"prompt\"" },
    { "'portals': { 'openUri': 'allow' }", "/portals/openUri: \"allow\" is not known; use \"deny\" or \"prompt\"" },
    { "'portals': { 'notification': 'prompt' }",
      "/portals/notification: \"prompt\" is not known; use \"deny\" or \"allow\"" },
    { "'portals': { 'settings': 'prompt' }", "/portals/settings: \"prompt\" is not known; use \"deny\" or \"allow\"" },
    { "'keys': { 'sshAgent': 'allow' }", "/keys/sshAgent: \"allow\" is not known; use \"deny\" or \"prompt\"" },
    { "'keys': { 'gitCredentials': 'allow' }", "/keys/gitCredentials: \"allow\" is not known; use \"deny\" or \"prompt\"" },
    { "'keys': { 'gpgAgent': 'deny' }", "/keys/gpgAgent: is not known; possible here: gitCredentials, sshAgent" },
    { "'portals': { 'email': 'deny' }",
      "/portals/email: is not known; possible here: fileChooser, notification, openUri, settings" },

    { "'prompts': { 'timeoutSeconds': 0 }", "/prompts/timeoutSeconds: 0 is out of range 1 to 3600" },
    { "'prompts': { 'timeoutSeconds': 3601 }", "/prompts/timeoutSeconds: 3601 is out of range 1 to 3600" },
    { "'prompts': { 'timeoutSeconds': null }", "/prompts/timeoutSeconds: is null, must be a whole number" },
    { "'prompts': { 'x': 1 }", "/prompts/x: is not known; possible here: timeoutSeconds" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (sections); i++)
    assert_section_refused (sections[i].section, I, sections[i].message);
}

/* Lists that are held against each action or transfer. */
static void
test_too_many_entries (void)
{
  const struct { const char *section; const char *entry; const char *pointer; guint maximum; } lists[] = {
    { "'desktop': { 'clipboard': { 'types': [%s] } }", "'text/plain'", "/desktop/clipboard/types", 16 },
    { "'desktop': { 'input': { 'denyChords': [%s] } }", "'alt+F4'", "/desktop/input/denyChords", 64 },
    { "'desktop': { 'input': { 'denyText': [%s] } }", "'*'", "/desktop/input/denyText", 64 },
    { "'desktop': { 'input': { 'denyRegions': [%s] } }", "[0,0,1,1]", "/desktop/input/denyRegions", 64 },
    { "'desktop': { 'input': { 'denyWindows': [%s] } }", "{'appId':'*'}", "/desktop/input/denyWindows", 64 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    {
      g_autoptr(GString) entries = g_string_new (lists[i].entry);
      g_auto(GStrv) halves = g_strsplit (lists[i].section, "%s", 2);
      g_autofree char *message = g_strdup_printf ("%s: has %u entries, at most %u are possible",
                                                  lists[i].pointer, lists[i].maximum + 1, lists[i].maximum);
      g_autofree char *accepted = NULL;
      g_autofree char *refused = NULL;
      g_autoptr(GlbPolicy) policy = NULL;

      for (guint n = 1; n < lists[i].maximum; n++)
        g_string_append_printf (entries, ",%s", lists[i].entry);
      accepted = g_strconcat (halves[0], entries->str, halves[1], NULL);
      policy = accept_section (accepted);
      g_string_append_printf (entries, ",%s", lists[i].entry);
      refused = g_strconcat (halves[0], entries->str, halves[1], NULL);
      assert_section_refused (refused, I, message);
    }
}

typedef struct
{
  const char *pattern;
  const char *what;   /* NULL: accepted */
} Pattern;

#define FOLDER "it names a folder; name one file"
static const Pattern files[] = {
  { "file:${WORKSPACE}/**", FOLDER }, { "file:${HOME}", FOLDER }, { "file:/**", FOLDER }, { "file:/a/**", FOLDER },
  { "file:", "a path begins with '/', ${WORKSPACE} or ${HOME}" }, { "file:a", "a path begins with '/', ${WORKSPACE} or ${HOME}" },
  { "file:/", FOLDER }, { "file:/a/", FOLDER },
  { "file:/a//b", "'//' is not accepted in a path; write one '/'" },
  { "file:/a/../b", "'..' is not accepted in a path; write where it leads" },
  { "file:/a*", "the only pattern is '/**' at the end, for a folder and all below it" },
  { "file:/a\n", "a control character in a path is not accepted" },
  { "file:~/a", "'~' is not accepted; write ${HOME}" },
  { "file:${WORKSPACE}/me.png", NULL }, { "file:${HOME}/Pictures/me and you.png", NULL }, { "file:/opt/a.y4m", NULL },
};

static const Pattern mime_types[] = {
  { "", MIME }, { "text", MIME }, { "text/", MIME }, { "/plain", MIME }, { "text/plain/x", MIME }, { "Text/plain", MIME },
  { "text/*", MIME }, { "*/*", MIME }, { "text/plain;charset=utf-8", MIME }, { "text/ plain", MIME }, { "text/pl\xc3\xa9", MIME },
  { "UTF8_STRING", MIME }, { "text/plain\n", MIME }, { "-x/plain", MIME },
  { "0123456789012345678901234567890123456789012345678901234567890123/x", MIME },
  { "text/plain", NULL }, { "image/svg+xml", NULL }, { "application/vnd.oasis.opendocument.text", NULL },
  { "x-special/gnome-copied-files", NULL },
  { "012345678901234567890123456789012345678901234567890123456789012/x", NULL },
};

static const Pattern chords[] = {
  { "", CHORD }, { "ctrl+", CHORD }, { "+F4", CHORD }, { "ctrl+*+x", CHORD }, { "ctrl+F*", CHORD }, { "ctrl x", CHORD },
  { "ctrl+\xc3\xa9", CHORD }, { "ctrl+\n", CHORD }, { "ctrl++a", CHORD }, { "+++", CHORD }, { "**", CHORD },
  { "a+b+c+d+e+f+g+h+i", "a chord holds at most 8 keys" },
  { "ctrl+alt+*", NULL }, { "super+*", NULL }, { "alt+F4", NULL }, { "*", NULL }, { "F1", NULL }, { "ctrl++", NULL },
  { "+", NULL }, { "ctrl+shift+Page_Down", NULL }, { "ctrl+/", NULL }, { "a+b+c+d+e+f+g+h", NULL },
};

#define LAYOUT "a keyboard layout is written as LAYOUT or LAYOUT(VARIANT), such as de or us(intl)"

static const Pattern layouts[] = {
  { "", LAYOUT }, { "de,us", LAYOUT }, { "de+level3", LAYOUT }, { "de(", LAYOUT }, { "de()", LAYOUT }, { "(intl)", LAYOUT },
  { "us(intl)x", LAYOUT }, { "us(intl", LAYOUT }, { "us((intl))", LAYOUT }, { "us)intl(", LAYOUT }, { "../us", LAYOUT },
  { "us\"", LAYOUT }, { "us ", LAYOUT }, { "us\n", LAYOUT }, { "u\xc3\xa9", LAYOUT }, { "us(intl)(intl)", LAYOUT },
  { "abcdefghijklmnopqrstuvwxyzabcdefg", LAYOUT },
  { "us", NULL }, { "de(nodeadkeys)", NULL }, { "ru(phonetic_winkeys)", NULL }, { "us(dvorak-intl)", NULL },
};

static const Pattern globs[] = {
  { "", "a pattern has 1 to 256 characters" },
  { "a\tb", "a control character in a pattern is not accepted" },
  { "a\x7f", "a control character in a pattern is not accepted" },
  { "a\xc2\x9bm", "a control character in a pattern is not accepted" },
  { "*", NULL }, { "a", NULL }, { "*pass?ord*", NULL }, { "\xc4\x85 \xe2\x82\xac", NULL }, { "\"\\", NULL },
};

static void
assert_forms (const Pattern  *forms,
              guint           n_forms,
              GlbPolicyCheck  check)
{
  for (guint i = 0; i < n_forms; i++)
    {
      g_autofree char *what = check (forms[i].pattern);

      g_test_message ("form %s", forms[i].pattern);
      g_assert_cmpstr (what, ==, forms[i].what);
    }
}

static void
test_forms (void)
{
  g_autofree char *key = g_strnfill (257, 'a');
  g_autofree char *chord = glb_policy_check_chord (key);
  g_autofree char *longest = g_strnfill (256, '?');
  g_autofree char *long_glob = glb_policy_check_glob (key);
  g_autofree char *longest_glob = glb_policy_check_glob (longest);

  g_assert_cmpstr (chord, ==, "a chord has at most 256 bytes");
  g_assert_cmpstr (long_glob, ==, "a pattern has 1 to 256 characters");
  g_assert_null (longest_glob);
  assert_forms (mime_types, G_N_ELEMENTS (mime_types), glb_policy_check_mime_type);
  assert_forms (chords, G_N_ELEMENTS (chords), glb_policy_check_chord);
  assert_forms (globs, G_N_ELEMENTS (globs), glb_policy_check_glob);
  assert_forms (layouts, G_N_ELEMENTS (layouts), glb_policy_check_layout);
}

/* Parses, but no session may start with it. Each line falls with what enforces it. */
static void
test_not_enforced (void)
{
  const struct { const char *section; const char *message; } sections[] = {
    { "'desktop': { 'input': { 'gamepad': true } }",
      "/desktop/input/gamepad: true cannot be enforced by this version; use false" },
    { "'desktop': { 'input': { 'tablet': true } }",
      "/desktop/input/tablet: true cannot be enforced by this version; use false" },
  };
  g_autoptr(GlbPolicy) nothing_said = accept_section ("");
  g_autoptr(GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (sections); i++)
    {
      g_autoptr(GlbPolicy) policy = accept_section (sections[i].section);
      g_autoptr(GlbPolicy) other_tier = glb_policy_with_tier (policy, GLB_TIER_PROCESS, NULL);
      g_autofree char *message = g_strconcat ("p.json:2: ", sections[i].message, NULL);

      g_assert_false (glb_policy_check_supported (policy, &error));
      g_assert_cmpstr (error->message, ==, message);
      g_assert_error (error, GLB_POLICY_ERROR, GLB_POLICY_ERROR_UNSUPPORTED);
      g_clear_error (&error);
      g_assert_false (glb_policy_check_supported (other_tier, &error));
      g_assert_cmpstr (error->message, ==, message);
      g_clear_error (&error);
    }
  glb_policy_check_supported (nothing_said, &error);
  g_assert_no_error (error);
}

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

static void
test_network_refused (void)
{
#define NO_LIMIT "; leave the key out for no limit"
  const struct { const char *section; const char *message; } sections[] = {
    { "'network': { 'default': true }", "/network/default: is true or false, must be \"deny\", \"prompt\" or \"allow\"" },
    { "'network': { 'allowDomains': 'x' }", "/network/allowDomains: is a string, must be a list of strings" },
    { "'network': { 'allowDomains': null }", "/network/allowDomains: is null, must be a list of strings" },
    { "'network': { 'allowDomains': ['example.org', {}] }", "/network/allowDomains/1: is an object, must be a string" },
    { "'network': { 'allowDomains': ['example.org', 'intranet'] }",
      "/network/allowDomains/1: \"intranet\": a host name has at least two parts joined by '.'; write it in full" },
    { "'network': { 'allowDomains': ['exa\\nmple.org'] }",
      "/network/allowDomains/0: \"exa?mple.org\": a host name is parts joined by '.', each of 1 to 63 letters, digits and '-', "
      "with '-' neither first nor last" },
    { "'network': { 'allowCidrs': ['10.0.0.1/8'] }",
      "/network/allowCidrs/0: \"10.0.0.1/8\": the address is not the first of its range; write 10.0.0.0/8, "
      "or leave the length out" },
    { "'network': { 'allowCidrs': [127] }", "/network/allowCidrs/0: is a whole number, must be a string" },
    { "'network': { 'denyCidrs': ['::1', 'tcp://10.0.0.0/33'] }",
      "/network/denyCidrs/1: \"tcp://10.0.0.0/33\": the length behind '/' is a number from 0 to 32" },
    { "'network': { 'hosts': ['site.example'] }", "/network/hosts/0: \"site.example\": a host is written as NAME=ADDRESS" },
    { "'network': { 'hosts': ['site.example=10.0.0.0/8'] }",
      "/network/hosts/0: \"site.example=10.0.0.0/8\": behind '=' is one address, as 192.0.2.1 or 2001:db8::1" },
    { "'network': { 'hosts': ['2130706433=10.0.0.1'] }",
      "/network/hosts/0: \"2130706433=10.0.0.1\": a name that ends in a number is an address to some programs; write an address as "
      "192.0.2.1 or 2001:db8::1" },
    { "'network': { 'maxConnections': 0 }", "/network/maxConnections: 0 is out of range 1 to 4096" },
    { "'network': { 'maxConnections': 4097 }", "/network/maxConnections: 4097 is out of range 1 to 4096" },
    { "'network': { 'maxConnections': null }", "/network/maxConnections: is null, must be a whole number" },
    { "'network': { 'maxConnectionsPerMinute': 60001 }",
      "/network/maxConnectionsPerMinute: 60001 is out of range 1 to 60000" NO_LIMIT },
    { "'network': { 'maxKbPerSecond': 0 }", "/network/maxKbPerSecond: 0 is out of range 1 to 16777216" NO_LIMIT },
    { "'network': { 'maxMbPerSession': 16777217 }", "/network/maxMbPerSession: 16777217 is out of range 1 to 16777216" NO_LIMIT },
    { "'network': { 'publish': 8080 }", "/network/publish: is a whole number, must be a list of strings" },
    { "'network': { 'publish': [8080] }", "/network/publish/0: is a whole number, must be a string" },
    { "'network': { 'publish': ['8080', 'localhost:80'] }",
      "/network/publish/1: \"localhost:80\": a port is a number from 1 to 65535, and 0 for any free one of the host" },
    { "'network': { 'publish': ['1','2','3','4','5','6','7','8','9','10','11','12','13','14','15','16','17'] }",
      "/network/publish: has 17 entries, at most 16 are possible" },
    { "'network': { 'secrets': [{}] }", "/network/secrets/0: is an object, must be a string" },
    { "'network': { 'secrets': ['https://example.org'] }",
      "/network/secrets/0: \"https://example.org\": a secret is written as https://HOST HEADER: {NAME}" },
    { "'network': { 'secrets': ['https://example.org X-Key: {key}'] }",
      "/network/secrets: \"https://example.org:443 x-key: {key}\" has no effect, as the session may not connect there; "
      "name https://example.org:443 in /network/allowDomains" },
    { "'network': { 'allowDomains': ['https://example.org'], 'secrets': ['http://example.org:443 X-Key: {key}'] }",
      "/network/secrets: \"http://example.org:443 x-key: {key}\" has no effect, as the session may not connect there; "
      "name http://example.org:443 in /network/allowDomains" },
    { "'network': { 'allowDomains': ['example.org'], 'secrets': ['https://example.org X-Key: {a}', 'https://example.org x-key: {b}'] }",
      "/network/secrets: \"https://example.org:443 x-key: {b}\" is the second for this host and header; leave one of them out" },
  };
  const char * const lists[] = { "allowDomains", "allowCidrs", "denyCidrs", "hosts" };

  for (guint i = 0; i < G_N_ELEMENTS (sections); i++)
    assert_section_refused (sections[i].section, I, sections[i].message);
  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    {
      g_autoptr(GString) section = g_string_new (NULL);
      g_autofree char *message = g_strdup_printf ("/network/%s: has 257 entries, at most 256 are possible", lists[i]);

      g_string_printf (section, "'network': { '%s': [''", lists[i]);
      for (guint j = 0; j < 256; j++)
        g_string_append (section, ",''");
      g_string_append (section, "] }");
      assert_section_refused (section->str, I, message);
    }
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
  g_assert_cmpint (policy->network.default_verdict, ==, GLB_VERDICT_DENY);
  g_assert_cmpuint (policy->network.allow_domains->len, ==, 0);
  g_assert_cmpuint (policy->network.allow_cidrs->len, ==, 0);
  g_assert_cmpuint (policy->network.deny_cidrs->len, ==, 0);
  g_assert_cmpuint (policy->network.max_connections, ==, 256);
  g_assert_cmpuint (policy->network.max_connections_per_minute, ==, 0);
  g_assert_cmpuint (policy->network.max_kbytes_per_second, ==, 0);
  g_assert_cmpuint (policy->network.max_mbytes, ==, 0);
  g_assert_cmpuint (policy->network.publish->len, ==, 0);
  g_assert_cmpuint (policy->network.secrets->len, ==, 0);
}

static void
test_gate_defaults (void)
{
  g_autoptr(GlbPolicy) policy = accept_section ("");

  g_assert_cmpint (policy->desktop.clipboard.host_to_session, ==, GLB_VERDICT_DENY);
  g_assert_cmpint (policy->desktop.clipboard.session_to_host, ==, GLB_VERDICT_DENY);
  g_assert_cmpint (policy->desktop.clipboard.secrets, ==, GLB_VERDICT_DENY);
  g_assert_cmpuint (g_strv_length (policy->desktop.clipboard.types), ==, 1);
  g_assert_cmpstr (policy->desktop.clipboard.types[0], ==, "text/plain");
  g_assert_cmpuint (policy->desktop.clipboard.max_bytes, ==, 65536);
  g_assert_cmpuint (policy->desktop.clipboard.max_per_minute, ==, 10);
  g_assert_cmpuint (policy->desktop.clipboard.clear_after_seconds, ==, 60);
  g_assert_false (policy->desktop.clipboard.allow_files);
  g_assert_cmpuint (g_strv_length (policy->desktop.input_rules.deny_chords), ==, 0);
  g_assert_cmpuint (g_strv_length (policy->desktop.input_rules.deny_text), ==, 0);
  g_assert_cmpuint (policy->desktop.input_rules.max_events_per_second, ==, 0);
  g_assert_cmpuint (policy->desktop.input_rules.deny_regions->len, ==, 0);
  g_assert_cmpuint (policy->desktop.input_rules.deny_windows->len, ==, 0);
  g_assert_false (policy->desktop.input_rules.confine);
  g_assert_false (policy->desktop.input_rules.freeze_on_takeover);
  g_assert_false (policy->desktop.input_rules.gamepad);
  g_assert_cmpstr (policy->desktop.keyboard_layout, ==, "us");
  g_assert_false (policy->desktop.input_rules.tablet);
  g_assert_false (policy->desktop.input_rules.touch);
  g_assert_cmpint (policy->desktop.publish, ==, GLB_VERDICT_DENY);
  g_assert_cmpint (policy->desktop.listen, ==, GLB_VERDICT_DENY);
  g_assert_false (glb_policy_wants_devices (policy));
  g_assert_cmpint (policy->devices.camera, ==, GLB_VERDICT_DENY);
  g_assert_cmpint (policy->devices.microphone, ==, GLB_VERDICT_DENY);
  g_assert_cmpint (policy->devices.speaker, ==, GLB_VERDICT_DENY);
  g_assert_cmpint (policy->devices.camera_source, ==, GLB_CAMERA_SOURCE_HOST);
  g_assert_cmpint (policy->devices.microphone_source, ==, GLB_MICROPHONE_SOURCE_HOST);
  g_assert_cmpint (policy->portals.file_chooser, ==, GLB_VERDICT_DENY);
  g_assert_cmpint (policy->portals.open_uri, ==, GLB_VERDICT_DENY);
  g_assert_cmpint (policy->portals.notification, ==, GLB_VERDICT_DENY);
  g_assert_cmpint (policy->portals.settings, ==, GLB_VERDICT_DENY);
  g_assert_cmpint (policy->keys.ssh_agent, ==, GLB_VERDICT_DENY);
  g_assert_cmpint (policy->keys.git_credentials, ==, GLB_VERDICT_DENY);
  g_assert_cmpuint (policy->prompts.timeout_seconds, ==, 60);
}

#define GATES \
    "'desktop': { 'clipboard': { 'hostToSession': 'prompt', 'sessionToHost': 'allow', 'secrets': 'prompt'," \
    "                            'types': ['text/html', 'image/png', 'text/html'], 'maxBytes': 16777216," \
    "                            'maxPerMinute': 600, 'clearAfterSeconds': 3600, 'allowFiles': true }," \
    "             'input': { 'denyChords': ['super+*', 'alt+F4', 'super+*'], 'maxEventsPerSecond': 10000," \
    "                        'denyText': ['*rm -rf*', '*sudo*'], 'freezeOnTakeover': true, 'keyboardLayout': 'de(nodeadkeys)', 'touch': true," \
    "                        'denyRegions': [[10, 0, 5, 5], [0, 0, 4096, 24], [10, 0, 5, 5]]," \
    "                        'denyWindows': [{ 'title': '*Settings*' }, { 'appId': 'foot', 'title': '?' }, { 'appId': 'foot' }," \
    "                                        { 'title': '*Settings*' }]," \
    "                        'confinePointer': [4, 8, 640, 480] }, 'publish': 'allow', 'listen': 'allow' }," \
    "'devices': { 'camera': 'prompt', 'microphone': 'allow', 'speaker': 'allow', 'cameraSource': 'test-pattern'," \
    "             'microphoneSource': 'silence' }," \
    "'process': { 'allowSpawn': true }, 'portals': { 'fileChooser': 'prompt', 'openUri': 'prompt', 'notification': 'allow', 'settings': 'allow' }," \
    "'keys': { 'sshAgent': 'prompt', 'gitCredentials': 'prompt' }, 'prompts': { 'timeoutSeconds': 3600 }"

static void
test_gate_values (void)
{
  g_autoptr(GlbPolicy) policy = accept_section (GATES);
  const GlbWindowPattern *window;
  const GlbPolicyRect *rect;

  g_assert_cmpint (policy->desktop.clipboard.host_to_session, ==, GLB_VERDICT_PROMPT);
  g_assert_cmpint (policy->desktop.clipboard.session_to_host, ==, GLB_VERDICT_ALLOW);
  g_assert_cmpint (policy->desktop.clipboard.secrets, ==, GLB_VERDICT_PROMPT);
  g_assert_cmpuint (g_strv_length (policy->desktop.clipboard.types), ==, 2);
  g_assert_cmpstr (policy->desktop.clipboard.types[0], ==, "image/png");
  g_assert_cmpstr (policy->desktop.clipboard.types[1], ==, "text/html");
  g_assert_cmpuint (policy->desktop.clipboard.max_bytes, ==, 16777216);
  g_assert_cmpuint (policy->desktop.clipboard.max_per_minute, ==, 600);
  g_assert_cmpuint (policy->desktop.clipboard.clear_after_seconds, ==, 3600);
  g_assert_true (policy->desktop.clipboard.allow_files);

  g_assert_cmpuint (g_strv_length (policy->desktop.input_rules.deny_chords), ==, 2);
  g_assert_cmpstr (policy->desktop.input_rules.deny_chords[0], ==, "alt+F4");
  g_assert_cmpstr (policy->desktop.input_rules.deny_chords[1], ==, "super+*");
  g_assert_cmpuint (g_strv_length (policy->desktop.input_rules.deny_text), ==, 2);
  g_assert_cmpuint (policy->desktop.input_rules.max_events_per_second, ==, 10000);
  g_assert_true (policy->desktop.input_rules.freeze_on_takeover);
  g_assert_cmpuint (policy->desktop.input_rules.deny_regions->len, ==, 2);
  rect = &g_array_index (policy->desktop.input_rules.deny_regions, GlbPolicyRect, 0);
  g_assert_cmpint (rect->width, ==, 4096);
  g_assert_cmpint (rect->height, ==, 24);
  g_assert_true (policy->desktop.input_rules.confine);
  rect = &policy->desktop.input_rules.confine_to;
  g_assert_true (rect->x == 4 && rect->y == 8 && rect->width == 640 && rect->height == 480);
  g_assert_cmpuint (policy->desktop.input_rules.deny_windows->len, ==, 3);
  window = policy->desktop.input_rules.deny_windows->pdata[0];
  g_assert_null (window->app_id);
  g_assert_cmpstr (window->title, ==, "*Settings*");
  window = policy->desktop.input_rules.deny_windows->pdata[2];
  g_assert_cmpstr (window->app_id, ==, "foot");
  g_assert_cmpstr (window->title, ==, "?");

  g_assert_cmpint (policy->desktop.publish, ==, GLB_VERDICT_ALLOW);
  g_assert_cmpint (policy->desktop.listen, ==, GLB_VERDICT_ALLOW);
  g_assert_cmpint (policy->devices.camera, ==, GLB_VERDICT_PROMPT);
  g_assert_cmpint (policy->devices.microphone, ==, GLB_VERDICT_ALLOW);
  g_assert_cmpint (policy->devices.speaker, ==, GLB_VERDICT_ALLOW);
  g_assert_cmpint (policy->devices.camera_source, ==, GLB_CAMERA_SOURCE_TEST_PATTERN);
  g_assert_cmpint (policy->devices.microphone_source, ==, GLB_MICROPHONE_SOURCE_SILENCE);
  g_assert_cmpint (policy->portals.file_chooser, ==, GLB_VERDICT_PROMPT);
  g_assert_cmpint (policy->portals.open_uri, ==, GLB_VERDICT_PROMPT);
  g_assert_cmpint (policy->portals.notification, ==, GLB_VERDICT_ALLOW);
  g_assert_cmpint (policy->portals.settings, ==, GLB_VERDICT_ALLOW);
  g_assert_cmpint (policy->keys.ssh_agent, ==, GLB_VERDICT_PROMPT);
  g_assert_cmpint (policy->keys.git_credentials, ==, GLB_VERDICT_PROMPT);
  g_assert_cmpuint (policy->prompts.timeout_seconds, ==, 3600);
}

/* Everything said: the canonical form holds all of it, and means the same again. */
static void
test_gates_canonical (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GlbPolicy) policy = accept_section (GATES);
  g_autoptr(GlbPolicy) again = parse (glb_policy_get_canonical (policy), &error);
  g_autoptr(GlbPolicy) copy = glb_policy_with_tier (policy, GLB_TIER_SESSION, NULL);
  const char *canonical = glb_policy_get_canonical (policy);

  g_assert_no_error (error);
  g_assert_cmpstr (glb_policy_get_canonical (again), ==, canonical);
  g_assert_cmpstr (glb_policy_get_canonical (copy), ==, canonical);
  g_assert_nonnull (strstr (canonical,
    "\"clipboard\":{\"allowFiles\":true,\"clearAfterSeconds\":3600,\"hostToSession\":\"prompt\",\"maxBytes\":16777216,"
    "\"maxPerMinute\":600,\"secrets\":\"prompt\",\"sessionToHost\":\"allow\",\"types\":[\"image/png\",\"text/html\"]}"));
  g_assert_nonnull (strstr (canonical,
    "\"input\":{\"agent\":\"deny\",\"confinePointer\":[4,8,640,480],\"denyChords\":[\"alt+F4\",\"super+*\"],"
    "\"denyRegions\":[[0,0,4096,24],[10,0,5,5]],\"denyText\":[\"*rm -rf*\",\"*sudo*\"],"
    "\"denyWindows\":[{\"title\":\"*Settings*\"},{\"appId\":\"foot\"},{\"appId\":\"foot\",\"title\":\"?\"}],"
    "\"freezeOnTakeover\":true,\"gamepad\":false,\"human\":\"never\",\"keyboardLayout\":\"de(nodeadkeys)\",\"maxEventsPerSecond\":10000,\"tablet\":false,"
    "\"touch\":true}"));
}

static void
test_values (void)
{
  g_autoptr(GlbPolicy) policy = accept_section (
    "'agent': { 'name': 'desk-tester.1', 'identity': { 'provider': 'local' } },"
    "'isolation': { 'tier': 'session', 'account': 'separate', 'backend': 'bubblewrap' },"
    "'filesystem': { 'allowRead': ['/opt/b/**', '/opt/a', '/opt/a'], 'allowWrite': ['${WORKSPACE}/**'],"
    "                'denyRead': ['${HOME}/.ssh/**'], 'home': 'persistent' },"
    "'network': { 'default': 'prompt', 'allowDomains': ['example.org'], 'allowCidrs': ['10.0.0.0/8'], 'denyCidrs': ['::/0'],"
    "             'maxConnections': 4096, 'maxConnectionsPerMinute': 60000, 'maxKbPerSecond': 16777216, 'maxMbPerSession': 1, 'publish': ['8080'] },"
    "'process': { 'allowSpawn': true, 'maxProcesses': 65536, 'syscalls': 'desktop', 'allowDebug': true },"
    "'resources': { 'memoryMb': 2048, 'cpuPercent': 150, 'diskMb': 1024, 'timeoutSeconds': 3600, 'gpu': 'deny' },"
    "'desktop': { 'width': 64, 'height': 4096, 'xwayland': true, 'shareClipboard': false,"
    "             'clipboard': { 'hostToSession': 'deny', 'sessionToHost': 'deny' },"
    "             'input': { 'agent': 'allow', 'human': 'on-takeover' } },"
    "'devices': { 'camera': 'deny', 'microphone': 'deny', 'speaker': 'deny' },"
    "'prompts': {}, 'audit': { 'frames': 'none' }");

  g_assert_cmpstr (policy->agent.name, ==, "desk-tester.1");
  g_assert_cmpint (policy->isolation.tier, ==, GLB_TIER_SESSION);
  g_assert_cmpuint (g_strv_length (policy->filesystem.allow_read), ==, 2);
  g_assert_cmpstr (policy->filesystem.allow_read[0], ==, "/opt/a");
  g_assert_cmpstr (policy->filesystem.allow_read[1], ==, "/opt/b/**");
  g_assert_cmpstr (policy->filesystem.allow_write[0], ==, "${WORKSPACE}/**");
  g_assert_cmpstr (policy->filesystem.deny_read[0], ==, "${HOME}/.ssh/**");
  g_assert_cmpint (policy->filesystem.home, ==, GLB_HOME_PERSISTENT);
  g_assert_cmpint (policy->network.default_verdict, ==, GLB_VERDICT_PROMPT);
  g_assert_cmpuint (policy->network.allow_domains->len, ==, 1);
  g_assert_cmpuint (policy->network.allow_cidrs->len, ==, 1);
  g_assert_cmpuint (policy->network.deny_cidrs->len, ==, 1);
  g_assert_cmpuint (policy->network.max_connections, ==, 4096);
  g_assert_cmpuint (policy->network.max_connections_per_minute, ==, 60000);
  g_assert_cmpuint (policy->network.max_kbytes_per_second, ==, 16777216);
  g_assert_cmpuint (policy->network.max_mbytes, ==, 1);
  g_assert_cmpuint (policy->network.publish->len, ==, 1);
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

#define NETWORK "'network': { 'default': 'prompt'," \
                "'allowDomains': ['*.Bücher.example', 'EXAMPLE.org.:443', 'https://example.org', 'a.example:22']," \
                "'allowCidrs': ['tcp://[2001:DB8::]/32:443', '127.0.0.1', '127.0.0.1/32', '10.0.0.0/8']," \
                "'denyCidrs': ['10.9.0.0/16:1-1024']," \
                "'maxConnectionsPerMinute': 60, 'maxKbPerSecond': 1024, 'maxMbPerSession': 100," \
                "'publish': ['[::1]:8080:80', '0:443', '8080', '127.0.0.1:8080'] }"

/* However it is written, the same is the same; and what is written is kept for messages. */
static void
test_network_canonical (void)
{
  g_autoptr(GlbPolicy) policy = accept_section (NETWORK);
  g_autoptr(GlbPolicy) other = accept_section (
    "'network': { 'publish': ['127.0.0.1:8080:8080', '[0:0::1]:8080:80', '127.0.0.1:0:443'], 'maxMbPerSession': 100, 'maxKbPerSecond': 1024, 'maxConnectionsPerMinute': 60, 'maxConnections': 256,"
    "'denyCidrs': ['tcp://10.9.0.0/16:1-1024'], 'allowCidrs': ['[2001:db8::]/32:443-443', '10.0.0.0/8', '127.0.0.1/32'],"
    "'allowDomains': ['tcp://A.example:22', 'https://example.org:443', '*.xn--bcher-kva.example'], 'default': 'prompt' }");
  g_autoptr(GlbPolicy) tls = accept_section ("'network': { 'allowDomains': ['example.org:443'] }");
  g_autoptr(GlbPolicy) anything = accept_section ("'network': { 'allowDomains': ['tcp://example.org:443'] }");
  g_autoptr(GlbPolicy) copy = glb_policy_with_tier (policy, GLB_TIER_PROCESS, NULL);
  g_autoptr(GlbPolicy) back = glb_policy_with_tier (copy, GLB_TIER_SESSION, NULL);
  g_autoptr(GError) error = NULL;
  g_autoptr(GlbPolicy) again = parse (glb_policy_get_canonical (policy), &error);
  const GlbNetworkDomainRule *rule = policy->network.allow_domains->pdata[0];

  g_assert_no_error (error);
  g_assert_nonnull (strstr (glb_policy_get_canonical (policy),
    "\"network\":{\"allowCidrs\":[\"10.0.0.0/8\",\"127.0.0.1/32\",\"[2001:db8::]/32:443\"],"
    "\"allowDomains\":[\"*.xn--bcher-kva.example\",\"https://example.org:443\",\"tcp://a.example:22\"],\"default\":\"prompt\","
    "\"denyCidrs\":[\"10.9.0.0/16:1-1024\"],\"hosts\":[],\"maxConnections\":256,\"maxConnectionsPerMinute\":60,\"maxKbPerSecond\":1024,"
    "\"maxMbPerSession\":100,\"publish\":[\"127.0.0.1:0:443\",\"127.0.0.1:8080:8080\",\"[::1]:8080:80\"],\"secrets\":[]}"));
  g_assert_cmpstr (rule->text, ==, "*.Bücher.example");
  g_assert_cmpstr (glb_policy_get_hash (again), ==, glb_policy_get_hash (policy));
  g_assert_cmpstr (glb_policy_get_hash (back), ==, glb_policy_get_hash (policy));
  g_assert_cmpuint (copy->network.allow_domains->len, ==, 3);
  g_assert_cmpstr (glb_policy_get_hash (other), ==, glb_policy_get_hash (policy));
  g_assert_cmpstr (glb_policy_get_hash (tls), !=, glb_policy_get_hash (anything));
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
    "\"desktop\":{\"clipboard\":{\"allowFiles\":false,\"clearAfterSeconds\":60,\"hostToSession\":\"deny\",\"maxBytes\":65536,"
    "\"maxPerMinute\":10,\"secrets\":\"deny\",\"sessionToHost\":\"deny\",\"types\":[\"text/plain\"]},\"height\":800,"
    "\"input\":{\"agent\":\"deny\",\"confinePointer\":null,\"denyChords\":[],\"denyRegions\":[],\"denyText\":[],"
    "\"denyWindows\":[],\"freezeOnTakeover\":false,\"gamepad\":false,\"human\":\"never\",\"keyboardLayout\":\"us\",\"maxEventsPerSecond\":null,"
    "\"tablet\":false,\"touch\":false},"
    "\"listen\":\"deny\",\"publish\":\"deny\",\"width\":1280,\"xwayland\":false},"
    "\"devices\":{\"camera\":\"deny\",\"cameraSource\":\"host\",\"microphone\":\"deny\",\"microphoneSource\":\"host\","
    "\"speaker\":\"deny\"},"
    "\"filesystem\":{\"allowRead\":[\"/a\",\"/b \\\"\\\\\"],\"allowWrite\":[],\"denyRead\":[],\"home\":\"ephemeral\"},"
    "\"isolation\":{\"account\":\"separate\",\"tier\":\"session\"},"
    "\"keys\":{\"gitCredentials\":\"deny\",\"sshAgent\":\"deny\"},"
    "\"network\":{\"allowCidrs\":[],\"allowDomains\":[],\"default\":\"deny\",\"denyCidrs\":[],\"hosts\":[],\"maxConnections\":256,"
    "\"maxConnectionsPerMinute\":null,\"maxKbPerSecond\":null,\"maxMbPerSession\":null,\"publish\":[],\"secrets\":[]},"
    "\"portals\":{\"fileChooser\":\"deny\",\"notification\":\"deny\",\"openUri\":\"deny\",\"settings\":\"deny\"},"
    "\"process\":{\"allowDebug\":false,\"allowSpawn\":false,\"maxProcesses\":256,\"syscalls\":\"strict\"},"
    "\"prompts\":{\"timeoutSeconds\":60},"
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
                   "d77a2a1775fd7778361deb1396af567d6fd641d56b08b3f92a67fa2c5cb3c70e");
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
test_without_effect_refused (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (permissions); i++)
    {
      gboolean spawn = permissions[i].needs_spawn;
      const char *lacking = spawn ? "'process': { 'allowSpawn': false }" : "'isolation': { 'tier': 'process' }";
      const char *having = spawn ? "'process': { 'allowSpawn': true }, 'isolation': { 'tier': 'process' }"
                                 : "'isolation': { 'tier': 'session' }";
      g_autofree char *refused = g_strdup_printf ("%s, %s", lacking, permissions[i].permitted);
      g_autofree char *harmless = g_strdup_printf ("%s, %s", lacking, permissions[i].denied);
      g_autofree char *served = g_strdup_printf ("%s, %s", having, permissions[i].permitted);
      g_autofree char *message = g_strconcat (permissions[i].pointer, ": ", spawn ? NO_PORTAL : NO_SCREEN, NULL);
      g_autoptr(GlbPolicy) with_denial = NULL;
      g_autoptr(GlbPolicy) with_effect = NULL;

      assert_section_refused (refused, GLB_POLICY_ERROR_INVALID, message);
      with_denial = accept_section (harmless);
      with_effect = accept_section (served);
      g_assert_cmpstr (glb_policy_get_hash (with_denial), !=, glb_policy_get_hash (with_effect));
    }
}

/* Down the ladder a policy loses what there is not, and says so; up it gains nothing that it did not say. */
static void
test_with_tier_denies (void)
{
  g_autoptr(GlbPolicy) session = accept_section (
    "'process': { 'allowSpawn': true }, 'desktop': { 'xwayland': true, 'width': 800, 'input': { 'agent': 'allow', 'human': 'on-takeover' },"
    "'clipboard': { 'hostToSession': 'allow', 'sessionToHost': 'prompt' } }, 'portals': { 'openUri': 'prompt' },"
    "'devices': { 'camera': 'allow', 'microphone': 'prompt', 'speaker': 'allow' }");
  g_autoptr(GlbPolicy) written = accept_section (
    "'process': { 'allowSpawn': true }, 'isolation': { 'tier': 'process' }, 'desktop': { 'width': 800 }, 'portals': { 'openUri': 'prompt' }");
  g_autoptr(GlbPolicy) process = glb_policy_with_tier (session, GLB_TIER_PROCESS, NULL);
  g_autoptr(GlbPolicy) up = glb_policy_with_tier (process, GLB_TIER_SESSION, NULL);

  g_assert_cmpstr (glb_policy_get_canonical (process), ==, glb_policy_get_canonical (written));
  g_assert_false (glb_policy_wants_devices (process));
  g_assert_cmpint (up->devices.camera, ==, GLB_VERDICT_DENY);
  g_assert_cmpint (up->desktop.agent_input, ==, GLB_VERDICT_DENY);
  g_assert_cmpint (up->portals.open_uri, ==, GLB_VERDICT_PROMPT);
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
  g_autoptr(GlbPolicy) web = NULL;

  g_assert_null (glb_policy_new_from_template ("../default", &error));
  g_assert_error (error, GLB_POLICY_ERROR, GLB_POLICY_ERROR_NOT_FOUND);
  g_assert_cmpstr (error->message, ==,
                   "template '../default': there is none of this name; possible: code-assistant, data-analyst, default, "
                   "desktop-tester, email-summarizer, locked-down, office-documents, web");
  g_clear_error (&error);

  g_assert_cmpuint (g_strv_length (names), ==, 8);
  g_assert_cmpstr (names[2], ==, "default");
  g_assert_cmpstr (names[5], ==, "locked-down");
  g_assert_cmpstr (names[7], ==, "web");

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

  web = glb_policy_new_from_template ("web", &error);
  g_assert_no_error (error);
  g_assert_cmpint (web->network.default_verdict, ==, GLB_VERDICT_PROMPT);
  g_assert_cmpint (web->desktop.agent_input, ==, GLB_VERDICT_ALLOW);
  g_assert_true (glb_network_is_wanted (web));

  g_assert_false (glb_network_is_wanted (normal));
  g_assert_false (glb_network_is_wanted (locked));
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
test_source_files (void)
{
  static const struct { const char *source, *workspace, *home, *message; } refused[] = {
    { "${WORKSPACE}/me.png", NULL, "/home/p", "the policy's path ${WORKSPACE}/me.png needs a workspace; name one with --workspace DIR" },
    { "${HOME}/me.png", "/w", NULL, "the policy's path ${HOME}/me.png needs a home folder; set HOME" },
    { "${WORKSPACE}/me.png", "w", "/home/p", "the workspace 'w' is not an absolute path without '..'; give its full path" },
    { "${WORKSPACE}/me.png", "/proc/1", "/home/p",
      "the policy's path ${WORKSPACE}/me.png is /proc/1/me.png here: /proc cannot be given to a session, which has its own" },
  };
  static const struct { const char *source, *folder, *rest; } cases[] = {
    { "${WORKSPACE}/me.png", "/w", "me.png" }, { "${HOME}/Pictures/me.png", "/home/p", "Pictures/me.png" }, { "/opt/a b.png", "/", "opt/a b.png" },
  };
  g_autofree char *folder = NULL;
  g_autofree char *rest = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *what = glb_policy_check_file (files[i].pattern + strlen (GLB_POLICY_FILE));

      g_assert_cmpstr (what, ==, files[i].what);
    }
  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      g_autoptr(GError) error = NULL;

      g_assert_false (glb_policy_resolve_source (refused[i].source, refused[i].workspace, refused[i].home, &folder, &rest, &error));
      g_assert_error (error, GLB_POLICY_ERROR, GLB_POLICY_ERROR_INVALID);
      g_assert_cmpstr (error->message, ==, refused[i].message);
    }
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *section = g_strdup_printf ("'devices': { 'cameraSource': 'file:%s', 'microphoneSource': 'file:%s' }", cases[i].source,
                                                  cases[i].source);
      g_autofree char *written = g_strdup_printf ("\"cameraSource\":\"file:%s\"", cases[i].source);
      g_autoptr(GlbPolicy) policy = accept_section (section);
      g_autoptr(GlbPolicy) copy = NULL;
      g_autoptr(GError) error = NULL;

      g_assert_cmpint (policy->devices.camera_source, ==, GLB_CAMERA_SOURCE_FILE);
      g_assert_cmpint (policy->devices.microphone_source, ==, GLB_MICROPHONE_SOURCE_FILE);
      g_assert_cmpstr (policy->devices.microphone_file, ==, cases[i].source);
      g_assert_nonnull (strstr (glb_policy_get_canonical (policy), written));
      copy = glb_policy_with_tier (policy, GLB_TIER_SESSION, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (glb_policy_get_hash (copy), ==, glb_policy_get_hash (policy));
      g_assert_cmpint (copy->devices.camera_source, ==, GLB_CAMERA_SOURCE_FILE);
      g_assert_cmpstr (copy->devices.camera_file, ==, cases[i].source);
      g_assert_true (glb_policy_resolve_source (copy->devices.camera_file, "/w", "/home/p", &folder, &rest, &error));
      g_assert_cmpstr (folder, ==, cases[i].folder);
      g_assert_cmpstr (rest, ==, cases[i].rest);
      g_clear_pointer (&folder, g_free);
      g_clear_pointer (&rest, g_free);
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

/* All its words but the last, and a file. */
static void
assert_source_in_schema (const GlbPolicyKey *key,
                         JsonObject         *schema)
{
  JsonArray *forms = json_object_get_array_member (schema, "anyOf");
  JsonArray *words = json_object_get_array_member (json_array_get_object_element (forms, 0), "enum");
  guint n = 0;

  for (const GlbPolicyChoice *c = key->choices; c[1].word; c++, n++)
    {
      g_assert_cmpuint (n, <, json_array_get_length (words));
      g_assert_cmpstr (json_array_get_string_element (words, n), ==, c->word);
    }
  g_assert_cmpstr (key->choices[n].word, ==, GLB_POLICY_FILE);
  g_assert_cmpuint (json_array_get_length (words), ==, n);
  g_assert_cmpstr (json_object_get_string_member (json_array_get_object_element (forms, 1), "$ref"), ==, "#/$defs/sourceFile");
  g_assert_cmpstr (json_object_get_string_member (schema, "default"), ==, key->choices[0].word);
  g_assert_cmpint (key->choices[0].value, ==, key->fallback);
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
assert_list_in_schema (const GlbPolicyKey *key,
                       JsonObject         *schema,
                       const char         *items)
{
  JsonArray *fallback = json_object_get_array_member (schema, "default");

  g_assert_cmpint (json_object_get_int_member (schema, "maxItems"), ==, key->maximum);
  g_assert_cmpstr (json_object_get_string_member (json_object_get_object_member (schema, "items"), "$ref"), ==, items);
  g_assert_cmpuint (json_array_get_length (fallback), ==, key->text ? 1 : 0);
  if (key->text)
    g_assert_cmpstr (json_array_get_string_element (fallback, 0), ==, key->text);
}

static void
assert_in_schema (const GlbPolicyKey *key,
                  JsonNode           *node)
{
  JsonObject *schema, *properties;
  guint n = 0;

  g_test_message ("key %s", key->name);
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
    case GLB_POLICY_KEY_SOURCE:
      assert_source_in_schema (key, schema);
      break;
    case GLB_POLICY_KEY_NAME:
      g_assert_cmpstr (json_object_get_string_member (schema, "default"), ==, key->text);
      break;
    case GLB_POLICY_KEY_PATHS:
      g_assert_cmpint (json_object_get_int_member (schema, "maxItems"), ==, 256);
      break;
    case GLB_POLICY_KEY_RULES:
      assert_list_in_schema (key, schema, key->rules == &glb_policy_domain_rules ? "#/$defs/domainRule"
                                          : key->rules == &glb_policy_host_rules    ? "#/$defs/hostRule"
                                          : key->rules == &glb_policy_publish_rules ? "#/$defs/publishRule"
                                          : key->rules == &glb_policy_secret_rules  ? "#/$defs/secretRule"
                                                                                    : "#/$defs/addressRule");
      break;
    case GLB_POLICY_KEY_FALSE:
      g_assert_true (json_object_has_member (schema, "const"));
      g_assert_false (json_object_get_boolean_member (schema, "const"));
      break;
    case GLB_POLICY_KEY_STRINGS:
      assert_list_in_schema (key, schema, key->check == glb_policy_check_mime_type ? "#/$defs/mimeType"
                                          : key->check == glb_policy_check_chord   ? "#/$defs/chord"
                                                                                   : "#/$defs/glob");
      break;
    case GLB_POLICY_KEY_RECT:
      g_assert_true (json_object_get_null_member (schema, "default"));
      break;
    case GLB_POLICY_KEY_RECTS:
      assert_list_in_schema (key, schema, "#/$defs/rectangle");
      break;
    case GLB_POLICY_KEY_WINDOWS:
      assert_list_in_schema (key, schema, "#/$defs/windowPattern");
      break;
    }
}

static void
assert_patterns_in_schema (JsonObject    *definitions,
                           const char    *name,
                           const Pattern *forms,
                           guint          n_forms)
{
  JsonObject *schema = json_object_get_object_member (definitions, name);
  gint64 minimum = json_object_get_int_member_with_default (schema, "minLength", 0);
  g_autoptr(GError) error = NULL;
  g_autoptr(GRegex) regex = g_regex_new (json_object_get_string_member (schema, "pattern"), G_REGEX_DOLLAR_ENDONLY, 0, &error);

  g_assert_no_error (error);
  for (guint i = 0; i < n_forms; i++)
    {
      gboolean accepted = g_utf8_strlen (forms[i].pattern, -1) >= minimum && g_regex_match (regex, forms[i].pattern, 0, NULL);

      g_test_message ("%s %s", name, forms[i].pattern);
      g_assert_cmpint (accepted, ==, forms[i].what == NULL);
    }
}

/* What a permission needs is in the schema too: its denial, in the branch of those that lack it. */
static void
assert_needs_in_schema (JsonArray *branches)
{
  for (guint i = 0; i < G_N_ELEMENTS (permissions); i++)
    {
      JsonObject *branch = json_array_get_object_element (branches, permissions[i].needs_spawn ? 1 : 0);
      JsonObject *schema = json_object_get_object_member (branch, "then");
      g_auto(GStrv) names = g_strsplit (permissions[i].pointer + 1, "/", -1);
      g_autofree char *value = NULL;
      g_autofree char *denied = NULL;

      for (guint j = 0; names[j]; j++)
        schema = json_object_get_object_member (json_object_get_object_member (schema, "properties"), names[j]);
      value = json_to_string (json_object_get_member (schema, "const"), FALSE);
      denied = g_strdelimit (g_strdup_printf ("%s: %s }", names[g_strv_length (names) - 1], value), "\"", '\'');
      g_assert_nonnull (strstr (permissions[i].denied, strchr (denied, ':')));
    }
}

static void
test_schema (void)
{
  g_autofree char *text = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(JsonNode) node = NULL;
  JsonObject *definitions;
  gsize length;

  assert_sorted (glb_policy_root_key.children);

  g_file_get_contents (POLICIES_DIR "/glovebox-policy.schema.json", &text, &length, &error);
  g_assert_no_error (error);
  node = glb_strict_json_parse (text, length, GLB_STRICT_JSON_DEFAULT, NULL, NULL, &error);
  g_assert_no_error (error);
  assert_in_schema (&glb_policy_root_key, node);
  assert_needs_in_schema (json_object_get_array_member (json_node_get_object (node), "allOf"));
  definitions = json_object_get_object_member (json_node_get_object (node), "$defs");
  assert_patterns_in_schema (definitions, "pathPattern", patterns, G_N_ELEMENTS (patterns));
  assert_patterns_in_schema (definitions, "sourceFile", files, G_N_ELEMENTS (files));
  assert_patterns_in_schema (definitions, "mimeType", mime_types, G_N_ELEMENTS (mime_types));
  assert_patterns_in_schema (definitions, "chord", chords, G_N_ELEMENTS (chords));
  assert_patterns_in_schema (definitions, "glob", globs, G_N_ELEMENTS (globs));
  assert_patterns_in_schema (definitions, "keyboardLayout", layouts, G_N_ELEMENTS (layouts));
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
  g_test_add_func ("/policy/refused/gates", test_gates_refused);
  g_test_add_func ("/policy/refused/too-many-entries", test_too_many_entries);
  g_test_add_func ("/policy/refused/forms", test_forms);
  g_test_add_func ("/policy/refused/not-enforced", test_not_enforced);
  g_test_add_func ("/policy/patterns", test_patterns);
  g_test_add_func ("/policy/system-places", test_system_places);
  g_test_add_func ("/policy/defaults", test_defaults);
  g_test_add_func ("/policy/values", test_values);
  g_test_add_func ("/policy/gates/defaults", test_gate_defaults);
  g_test_add_func ("/policy/gates/values", test_gate_values);
  g_test_add_func ("/policy/gates/canonical", test_gates_canonical);
  g_test_add_func ("/policy/network/refused", test_network_refused);
  g_test_add_func ("/policy/network/canonical", test_network_canonical);
  g_test_add_func ("/policy/short-forms", test_short_forms);
  g_test_add_func ("/policy/canonical", test_canonical);
  g_test_add_func ("/policy/canonical/again", test_canonical_again);
  g_test_add_func ("/policy/hash-stable", test_hash_stable);
  g_test_add_func ("/policy/without-effect-refused", test_without_effect_refused);
  g_test_add_func ("/policy/with-tier", test_with_tier);
  g_test_add_func ("/policy/with-tier-denies", test_with_tier_denies);
  g_test_add_func ("/policy/tier-names", test_tier_names);
  g_test_add_func ("/policy/templates", test_templates);
  g_test_add_func ("/policy/files", test_files);
  g_test_add_func ("/policy/resolve/refused", test_resolve_refused);
  g_test_add_func ("/policy/resolve/rules", test_resolve);
  g_test_add_func ("/policy/resolve/source-files", test_source_files);
  g_test_add_func ("/policy/schema", test_schema);
  g_test_add_func ("/policy/documented", test_documented);
  g_test_add_func ("/policy/speed", test_speed);

  return g_test_run ();
}
