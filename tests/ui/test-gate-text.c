/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "ui/glb-gate-text.h"

#define assert_text(call, expected) \
  G_STMT_START { g_autofree char *text_ = (call); g_assert_cmpstr (text_, ==, (expected)); } G_STMT_END

static void
test_question (void)
{
  assert_text (glb_gate_text_question ("clipboard-out", "agent", "text/plain", "demo"), "The agent wants to copy text out of “demo”");
  assert_text (glb_gate_text_question ("clipboard-in", "human", "image/png", "demo"),
               "You, or a program of yours, want to paste a picture into “demo”");
  assert_text (glb_gate_text_question ("clipboard-in", "agent", "x/y", "demo"), "The agent wants to paste something into “demo”");
  assert_text (glb_gate_text_question ("camera", "agent", "", "demo"), "The agent wants to use a camera in “demo”");
  assert_text (glb_gate_text_question ("ssh-sign", "agent", "", "demo"), "The agent wants to sign with an SSH key of yours in “demo”");
  /* What is not known is the agent's, and named as it is. */
  assert_text (glb_gate_text_question ("teleport", "somebody", NULL, "demo"), "The agent wants to teleport in “demo”");
}

static void
test_facts (void)
{
  const char *sha256 = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

  assert_text (glb_gate_text_facts ("text/plain", 1001, sha256, ""), "text/plain · 1001 bytes · SHA-256 0123456789ab…");
  assert_text (glb_gate_text_facts (NULL, 1, sha256, NULL), "1 byte · SHA-256 0123456789ab…");
  assert_text (glb_gate_text_facts (NULL, 0, "", "Front camera"), "Front camera");
  assert_text (glb_gate_text_facts (NULL, 0, NULL, NULL), "");
}

#define MINUTE (G_GINT64_CONSTANT (60) * G_USEC_PER_SEC)

static void
test_history (void)
{
  assert_text (glb_gate_text_history (0, NULL, FALSE, 0), "Asked for the first time");
  assert_text (glb_gate_text_history (1, "allowed", TRUE, 3 * MINUTE + 1), "You allowed this 3 minutes ago");
  assert_text (glb_gate_text_history (1, "allowed", FALSE, MINUTE), "You allowed other content 1 minute ago");
  assert_text (glb_gate_text_history (2, "denied", TRUE, 1 * G_USEC_PER_SEC), "You denied this 1 second ago · asked 2 times before");
  assert_text (glb_gate_text_history (2, "denied", FALSE, -5), "You denied other content 0 seconds ago · asked 2 times before");
  assert_text (glb_gate_text_history (1, "withdrawn", TRUE, 61 * MINUTE), "Asked 1 hour ago, and taken back");
  /* what is not a yes of the person is never told as one */
  assert_text (glb_gate_text_history (1, "timeout", TRUE, 0), "You did not answer this 0 seconds ago");
  assert_text (glb_gate_text_history (1, "allowed?", TRUE, 0), "You did not answer this 0 seconds ago");
  assert_text (glb_gate_text_history (1, NULL, TRUE, 0), "You did not answer this 0 seconds ago");
  assert_text (glb_gate_text_ago (150 * MINUTE), "2 hours ago");
}

static void
test_policy (void)
{
  assert_text (glb_gate_text_policy ("clipboard-out", FALSE), "The policy asks you first: desktop.clipboard.sessionToHost");
  assert_text (glb_gate_text_policy ("clipboard-out", TRUE), "The policy asks you first: desktop.clipboard.secrets");
  assert_text (glb_gate_text_policy ("ssh-sign", FALSE), "The policy asks you first: keys.sshAgent");
  assert_text (glb_gate_text_policy ("policy", FALSE), "No policy allows this by itself");
  assert_text (glb_gate_text_policy ("teleport", FALSE), "The policy asks you first");
}

static void
test_subject (void)
{
  assert_text (glb_gate_text_subject ("network", "Connect to x", "x:443", ""), "x:443");
  assert_text (glb_gate_text_subject ("network", "Connect to x", "", ""), "Connect to x");
  assert_text (glb_gate_text_subject ("clipboard-out", "Copy", "text/plain, clipboard", "\n  \n hello\nworld"), "hello");
  assert_text (glb_gate_text_subject ("clipboard-out", "Copy", "image/png, clipboard", ""), "Copy");
  assert_text (glb_gate_text_subject ("policy", "Give", "policy", "network.default: \"deny\" → \"allow\"\nThe agent's reason: r"),
               "network.default: \"deny\" → \"allow\"");
  assert_text (glb_gate_text_subject ("camera", "Front camera", "v4l2:1", NULL), "Front camera");
  assert_text (glb_gate_text_subject (NULL, NULL, NULL, NULL), "");
  assert_text (glb_gate_text_waiting (0), NULL);
  assert_text (glb_gate_text_waiting (1), "1 more waits");
  assert_text (glb_gate_text_waiting (2), "2 more wait");
}

static void
test_device (void)
{
  assert_text (glb_gate_text_device ("camera", FALSE, FALSE), "Camera: not used now");
  assert_text (glb_gate_text_device ("microphone", FALSE, TRUE), "Microphone: not used now");
  assert_text (glb_gate_text_device ("microphone", TRUE, TRUE), "Microphone: in use, silent");
  assert_text (glb_gate_text_device ("speaker", TRUE, FALSE), "Sound: in use");
  assert_text (glb_gate_text_device ("camera", TRUE, TRUE), "Camera: in use, black");
}

static void
test_findings (void)
{
  const char * const none[] = { NULL };
  const char * const hidden[] = { "escape", "bidi", NULL };
  const char * const both[] = { "token", "zero_width", "token", NULL };
  const char * const unknown[] = { "unheard-of", NULL };

  assert_text (glb_gate_text_findings (NULL, FALSE), NULL);
  assert_text (glb_gate_text_findings (none, FALSE), NULL);
  assert_text (glb_gate_text_findings (unknown, FALSE), NULL);
  assert_text (glb_gate_text_findings (hidden, FALSE),
               "Taken out before you saw it: terminal sequences, characters that turn text around");
  assert_text (glb_gate_text_findings (both, TRUE), "This looks like an access token. Taken out before you saw it: invisible characters");
  assert_text (glb_gate_text_findings (none, TRUE), "This was marked as a secret");
}

static void
test_left (void)
{
  assert_text (glb_gate_text_left (-5), "0 s left");
  assert_text (glb_gate_text_left (0), "0 s left");
  assert_text (glb_gate_text_left (1), "1 s left");
  assert_text (glb_gate_text_left (G_USEC_PER_SEC), "1 s left");
  assert_text (glb_gate_text_left (59 * G_USEC_PER_SEC + 1), "1 min 00 s left");
  assert_text (glb_gate_text_left (65 * G_USEC_PER_SEC), "1 min 05 s left");
  assert_text (glb_gate_text_left (G_GINT64_CONSTANT (86400) * G_USEC_PER_SEC), "24 h 00 min left");
}

static void
test_scope (void)
{
  assert_text (glb_gate_text_scope ("once", 0, 1), "once");
  assert_text (glb_gate_text_scope ("session", 0, 1), "until the session ends");
  assert_text (glb_gate_text_scope ("seconds", 10 * G_USEC_PER_SEC, 3 * G_USEC_PER_SEC), "7 s left");
  assert_text (glb_gate_text_kind ("clipboard-in"), "Paste into the session");
  assert_text (glb_gate_text_kind ("teleport"), "teleport");
}

static void
test_refusal (void)
{
  assert_text (glb_gate_text_refusal ("session-to-host", "denied", "the person did not allow it"), NULL);
  assert_text (glb_gate_text_refusal ("session-to-host", "policy_denied", "m"), "Nothing was copied out: the policy denies it");
  assert_text (glb_gate_text_refusal ("host-to-session", "too_large", "m"), "Nothing was pasted in: it is larger than the policy lets cross");
  assert_text (glb_gate_text_refusal ("host-to-session", "not_utf8", "it is not UTF-8"), "Nothing was pasted in: it is not UTF-8");
}

static void
test_network (void)
{
  g_autoptr(GVariant) open = g_variant_ref_sink (g_variant_new_parsed (
    "{'host': <'example.org'>, 'port': <uint32 443>, 'state': <'open'>, 'address': <'198.51.100.7'>, 'sent': <uint64 1200>, "
    "'received': <uint64 34000>, 'by': <'*.example.org'>}"));
  g_autoptr(GVariant) asked = g_variant_ref_sink (g_variant_new_parsed ("{'host': <'2001:db8::1'>, 'port': <uint32 80>, 'state': <'asking'>}"));
  g_autoptr(GVariant) name = g_variant_ref_sink (g_variant_new_parsed ("{'host': <'example.org'>, 'port': <uint32 0>}"));

  assert_text (glb_gate_text_place (open), "example.org:443");
  assert_text (glb_gate_text_place (asked), "[2001:db8::1]:80");
  assert_text (glb_gate_text_place (name), "example.org");
  assert_text (glb_gate_text_connection (open), "open · 198.51.100.7 · 1.2\302\240kB sent, 34.0\302\240kB received · by *.example.org");
  assert_text (glb_gate_text_connection (asked), "asking");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gate-text/question", test_question);
  g_test_add_func ("/gate-text/facts", test_facts);
  g_test_add_func ("/gate-text/history", test_history);
  g_test_add_func ("/gate-text/policy", test_policy);
  g_test_add_func ("/gate-text/subject", test_subject);
  g_test_add_func ("/gate-text/device", test_device);
  g_test_add_func ("/gate-text/findings", test_findings);
  g_test_add_func ("/gate-text/left", test_left);
  g_test_add_func ("/gate-text/scope", test_scope);
  g_test_add_func ("/gate-text/refusal", test_refusal);

  g_test_add_func ("/gate-text/network", test_network);
  return g_test_run ();
}
