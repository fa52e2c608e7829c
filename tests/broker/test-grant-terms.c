/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a yes reaches, and how many questions a session may ask: pure, with the time handed in. */

#include "config.h"

#include "session-broker/broker/glb-grant-terms.h"

#define SECOND G_USEC_PER_SEC
#define SHA_A  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define SHA_B  "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static void
test_choose (void)
{
  const struct { const char *sha256, *target, *scope; guint seconds; const char *why; GlbGrantScope chosen; gint64 until_s; } cases[] = {
    { SHA_A, "", "", 0, "no such scope; use once, session or seconds", 0, 0 },
    { SHA_A, "", "forever", 0, "no such scope; use once, session or seconds", 0, 0 },
    { SHA_A, "", "Once", 0, "no such scope; use once, session or seconds", 0, 0 },
    { SHA_A, "", "seconds", 0, "the time is out of range; use 1 to 86400 seconds", 0, 0 },
    { SHA_A, "", "seconds", 86401, "the time is out of range; use 1 to 86400 seconds", 0, 0 },
    { SHA_A, "", "seconds", G_MAXUINT, "the time is out of range; use 1 to 86400 seconds", 0, 0 },
    { SHA_A, "", "once", 5, "seconds go with the scope \"seconds\" only; use 0", 0, 0 },
    { SHA_A, "", "session", 5, "seconds go with the scope \"seconds\" only; use 0", 0, 0 },
    { "", "", "session", 0, "it names neither content nor target, so it can only be allowed once", 0, 0 },
    { "", "", "seconds", 5, "it names neither content nor target, so it can only be allowed once", 0, 0 },
    { "", "", "once", 0, NULL, GLB_GRANT_ONCE, 0 },
    { SHA_A, "", "once", 0, NULL, GLB_GRANT_ONCE, 0 },
    { SHA_A, "", "session", 0, NULL, GLB_GRANT_SESSION, 0 },
    { "", "camera 1", "session", 0, NULL, GLB_GRANT_SESSION, 0 },
    { SHA_A, "", "seconds", 1, NULL, GLB_GRANT_SECONDS, 101 },
    { SHA_A, "", "seconds", 86400, NULL, GLB_GRANT_SECONDS, 86500 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      GlbGrantTerms terms = { .kind = GLB_PROMPT_CAMERA, .sha256 = cases[i].sha256, .target = cases[i].target };
      const char *why = NULL;
      gboolean chosen = glb_grant_terms_choose (&terms, cases[i].scope, cases[i].seconds, 100 * SECOND, &why);

      g_assert_cmpstr (why, ==, cases[i].why);
      g_assert_cmpint (chosen, ==, cases[i].why == NULL);
      if (chosen)
        {
          g_assert_cmpint (terms.scope, ==, cases[i].chosen);
          g_assert_cmpint (terms.until_us, ==, cases[i].until_s * SECOND);
        }
    }
}

static void
test_match (void)
{
  const GlbGrantTerms session = { GLB_PROMPT_CLIPBOARD_OUT, GLB_GRANT_SESSION, 0, SHA_A, "" };
  const GlbGrantTerms seconds = { GLB_PROMPT_CLIPBOARD_OUT, GLB_GRANT_SECONDS, 10 * SECOND, SHA_A, "" };
  const GlbGrantTerms once = { GLB_PROMPT_CLIPBOARD_OUT, GLB_GRANT_ONCE, 0, SHA_A, "" };
  const GlbGrantTerms device = { GLB_PROMPT_CAMERA, GLB_GRANT_SESSION, 0, "", "camera 1" };
  const GlbGrantTerms both = { GLB_PROMPT_FILE, GLB_GRANT_SESSION, 0, SHA_A, "notes.txt" };
  const GlbGrantTerms nothing = { GLB_PROMPT_CAMERA, GLB_GRANT_SESSION, 0, "", "" };
  const struct { const GlbGrantTerms *terms; GlbPromptKind kind; const char *sha256, *target; gint64 now_us; gboolean match; } cases[] = {
    /* other content, another kind, another target, more or less than was shown */
    { &session, GLB_PROMPT_CLIPBOARD_OUT, SHA_B, "", 0, FALSE },
    { &session, GLB_PROMPT_CLIPBOARD_OUT, "", "", 0, FALSE },
    { &session, GLB_PROMPT_CLIPBOARD_OUT, SHA_A, "somewhere", 0, FALSE },
    { &session, GLB_PROMPT_CLIPBOARD_IN, SHA_A, "", 0, FALSE },
    { &device, GLB_PROMPT_CAMERA, "", "camera 2", 0, FALSE },
    { &device, GLB_PROMPT_CAMERA, "", "", 0, FALSE },
    { &device, GLB_PROMPT_CAMERA, SHA_A, "camera 1", 0, FALSE },
    /* a speaker never implies a microphone */
    { &device, GLB_PROMPT_MICROPHONE, "", "camera 1", 0, FALSE },
    { &both, GLB_PROMPT_FILE, SHA_A, "", 0, FALSE },
    { &both, GLB_PROMPT_FILE, SHA_B, "notes.txt", 0, FALSE },
    /* once was once; what is bound to nothing would answer everything */
    { &once, GLB_PROMPT_CLIPBOARD_OUT, SHA_A, "", 0, FALSE },
    { &nothing, GLB_PROMPT_CAMERA, "", "", 0, FALSE },
    /* time */
    { &seconds, GLB_PROMPT_CLIPBOARD_OUT, SHA_A, "", 10 * SECOND, FALSE },
    { &seconds, GLB_PROMPT_CLIPBOARD_OUT, SHA_A, "", 10 * SECOND + 1, FALSE },
    { &seconds, GLB_PROMPT_CLIPBOARD_OUT, SHA_A, "", 10 * SECOND - 1, TRUE },
    { &session, GLB_PROMPT_CLIPBOARD_OUT, SHA_A, "", G_MAXINT64, TRUE },
    { &device, GLB_PROMPT_CAMERA, "", "camera 1", 0, TRUE },
    { &both, GLB_PROMPT_FILE, SHA_A, "notes.txt", 0, TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("case %u", i);
      g_assert_cmpint (glb_grant_terms_match (cases[i].terms, cases[i].kind, cases[i].sha256, cases[i].target, cases[i].now_us), ==,
                       cases[i].match);
    }
}

static void
test_quota_open (void)
{
  GlbPromptQuota quota = { 0 };

  g_assert_false (glb_prompt_quota_take (&quota, 8, SECOND));
  g_assert_false (glb_prompt_quota_take (&quota, 9, SECOND));
  g_assert_true (glb_prompt_quota_take (&quota, 7, SECOND));
  g_assert_true (glb_prompt_quota_take (&quota, 0, SECOND));
}

/* Any minute, not each minute: 30 at its end and 30 at the beginning of the next would be 60 at once. */
static void
test_quota_minute (void)
{
  GlbPromptQuota quota = { 0 };
  gint64 now = 5 * SECOND;

  for (guint i = 0; i < 30; i++, now += SECOND)
    g_assert_true (glb_prompt_quota_take (&quota, 0, now));
  g_assert_false (glb_prompt_quota_take (&quota, 0, now));
  /* what was refused is not counted: the first one's minute is over, whatever was tried since */
  for (guint i = 0; i < 100; i++)
    g_assert_false (glb_prompt_quota_take (&quota, 0, 65 * SECOND - 1));
  g_assert_true (glb_prompt_quota_take (&quota, 0, 65 * SECOND));
  g_assert_false (glb_prompt_quota_take (&quota, 0, 65 * SECOND));
  g_assert_true (glb_prompt_quota_take (&quota, 0, 66 * SECOND));
}

static void
test_words (void)
{
  g_assert_cmpstr (glb_prompt_kind_to_string (GLB_PROMPT_CLIPBOARD_IN), ==, "clipboard-in");
  g_assert_cmpstr (glb_prompt_kind_to_string (GLB_PROMPT_SSH_LIST), ==, "ssh-list");
  g_assert_cmpstr (glb_prompt_kind_to_string (GLB_PROMPT_SSH_SIGN), ==, "ssh-sign");
  g_assert_cmpstr (glb_prompt_kind_to_string (GLB_PROMPT_GIT_CREDENTIAL), ==, "git-credential");
  g_assert_cmpstr (glb_prompt_kind_to_string (GLB_PROMPT_OPEN_URI), ==, "open-uri");
  g_assert_cmpstr (glb_grant_scope_to_string (GLB_GRANT_ONCE), ==, "once");
  g_assert_cmpstr (glb_grant_scope_to_string (GLB_GRANT_SECONDS), ==, "seconds");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/grant-terms/choose", test_choose);
  g_test_add_func ("/grant-terms/match", test_match);
  g_test_add_func ("/grant-terms/quota/open", test_quota_open);
  g_test_add_func ("/grant-terms/quota/minute", test_quota_minute);
  g_test_add_func ("/grant-terms/words", test_words);

  return g_test_run ();
}
