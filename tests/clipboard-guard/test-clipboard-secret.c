/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "clipboard-guard/glb-clipboard-finding.h"
#include "clipboard-guard/glb-clipboard-secret.h"

#include <string.h>

#define F(code) GLB_CLIPBOARD_FINDING_ ## code

/* No real ones; split, so that no scanner of this source takes them for such. */
#define A16    "ABCDEFGH" "23456789"
#define MIXED  "aB3dE6gH9" "jK2mN5pQ8sT1vW4yZ7b"
#define BODY   "MIIEvQIBADANBgkqhkiG" "9w0BAQEFAASCBKcwggSj\n"

typedef struct
{
  const char              *text;
  GlbClipboardFindingCode  code;
  guint                    count;
  const char              *sample;
} Row;

static const Row rows[] = {
  { "-----BEGIN " "PRIVATE KEY-----\n" BODY "-----END PRIVATE KEY-----\n", F (PRIVATE_KEY), 1, "BEGIN PRIVATE KEY…" },
  { "-----BEGIN " "RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0011\n\n" BODY, F (PRIVATE_KEY), 1 },
  { "-----BEGIN " "OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\n", F (PRIVATE_KEY), 1 },
  { "-----BEGIN " "PGP PRIVATE KEY BLOCK-----\nVersion: x\n\nlQOYBF0AAAEIALj0000000000", F (PRIVATE_KEY), 1 },
  { "---- BEGIN " "SSH2 ENCRYPTED PRIVATE KEY ----\nComment: \"x\"\n" BODY, F (PRIVATE_KEY), 1 },
  { "{\"private_key\": \"-----BEGIN " "PRIVATE KEY-----\\nMIIEvQIBADANBgkqhkiG9w0BAQEF\\n\"}", F (PRIVATE_KEY), 1 },
  { "PuTTY-User-Key-File-3: ssh-ed25519\n", F (PRIVATE_KEY), 1 },

  { "export AWS_ACCESS_KEY_ID=AKIA" A16, F (TOKEN), 1, "AKIA… (20 characters)" },
  { "\"ASIA" A16 "\"", F (TOKEN), 1 },
  { "ghp_" "0123456789abcdefghijABCDEFGHIJ012345", F (TOKEN), 1 },
  { "token gho_" "0123456789abcdefghijABCDEFGHIJ012345.", F (TOKEN), 1 },
  { "https://x:ghs_" "0123456789abcdefghijABCDEFGHIJ012345@github.com/a/b", F (TOKEN), 1 },
  { "github_pat_" "11ABCDEFG0123456789abc_defghijklmnopqrstuvwxyz", F (TOKEN), 1 },
  { "glpat-" "aB3dE6gH9jK2mN5pQ8sT", F (TOKEN), 1 },
  { "xoxb-" "123456789012-abcdefABCDEF", F (TOKEN), 1 },
  { "key=AIza" "SyA1B2C3D4E5F6G7H8I9J0K1L2M3N4O5P6Q", F (TOKEN), 1 },
  { "sk_live_" "0123456789abcdefABCDEF", F (TOKEN), 1 },
  { "rk_live_" "0123456789abcdefABCDEF", F (TOKEN), 1 },
  { "ANTHROPIC_API_KEY=sk-ant-" "api03-" MIXED, F (TOKEN), 1, "sk-ant-… (41 characters)" },
  { "OPENAI_API_KEY='sk-proj-" MIXED "'", F (TOKEN), 1 },
  { "sk-" "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0dE3fG6hI9jK2lM5nO8", F (TOKEN), 1 },
  { "npm_" "0123456789abcdefghijABCDEFGHIJ012345", F (TOKEN), 1 },
  { "Bearer eyJhbGciOiJIUzI1NiJ9." "eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P", F (TOKEN), 1, "eyJ… (81 characters)" },
  { "AKIA" A16 "\nAKIA" A16 "\n", F (TOKEN), 2 },

  { "{\"log\": \"first\\nAKIA" A16 "\\n\"}", F (TOKEN), 1 },
  { "https://a.example/?next=%3Fkey%3Dglpat-" "aB3dE6gH9jK2mN5pQ8sT%26", F (TOKEN), 1 },

  { "4111 1111 1111 1111", F (CARD_NUMBER), 1, "4111… (19 characters)" },
  { "Visa: 4111-1111-1111-1111, 12/29", F (CARD_NUMBER), 1 },
  { "4111111111111111 12/29 123", F (CARD_NUMBER), 1 },
  { "4111 1111 1111 1111 12/29", F (CARD_NUMBER), 1 },
  { "1 4111 1111 1111 1111 042", F (CARD_NUMBER), 1 },
  { "5555555555554444", F (CARD_NUMBER), 1 },
  { "2223 0031 2200 3222", F (CARD_NUMBER), 1 },
  { "3782 822463 10005", F (CARD_NUMBER), 1 },
  { "378282246310005.", F (CARD_NUMBER), 1 },
  { "6011111111111117", F (CARD_NUMBER), 1 },
  { "3530111333300000", F (CARD_NUMBER), 1 },
  { "30569309025904", F (CARD_NUMBER), 1 },

  { "otpauth://totp/Example:alice?secret=JBSWY3DPEHPK3PXP&issuer=Example", F (OTP), 1, "otpauth… (67 characters)" },
  { "otpauth://hotp/x?issuer=a&secret=JBSWY3DPEHPK3PXP", F (OTP), 1 },
  { "otpauth-migration://offline?data=CjEKCkhlbGxvId6tvu8", F (OTP), 1 },
};

/* What must not be asked about: prose, programs, logs, and what only resembles. */
static const char * const harmless[] = {
  "The quick brown fox jumps over the lazy dog. It costs 1,234,567.89 EUR; call +49 30 1234 5678 901.",
  "A file that begins with -----BEGIN PRIVATE KEY----- is a key, and ends with -----END PRIVATE KEY-----.",
  "if (g_str_has_prefix (line, \"-----BEGIN RSA PRIVATE KEY-----\"))\n  return parse_key (reader, error);\n",
  "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA\n-----END PUBLIC KEY-----\n",
  "-----BEGIN CERTIFICATE-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA\n-----END CERTIFICATE-----\n",
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEoX0000000000000000000000000000000000 alice@host",
  ".sk-loading-indicator-wrapper-large-screen-only { color: red }",
  "<div class=\"sk-folding-cube sk-cube2 sk-some-very-long-class-name-that-goes-on\">",
  "sk-proj-something-that-is-all-lower-case-and-no-key",
  "task-sk-ant-hill-and-other-words-that-go-on-and-on",
  "AKIA, ASIA and ABIA are prefixes; so is AKIAxyz. AKIAABCDEFGHABCDEFGHABCDEFGH is too long.",
  "ghp_short gho_ glpat- glpat-abc xoxb-hello-world-this-is-nothing sk_live_ AIza npm_install_something_in_this_folder",
  "eyJ is how base64 of a JSON object begins: eyJhbGciOiJIUzI1NiJ9.payload.signature",
  "MAKIA" A16, "nAKIA" A16, "3DAKIA" A16, "xghp_0123456789abcdefghijABCDEFGHIJ012345",
  "commit 8f14e45fceea167a5a36dedd4bea2543c0ffee00\nAuthor: A <a@example.org>\nDate: 2024-05-06 07:08:09 +0000",
  "550e8400-e29b-41d4-a716-446655440000 4111111111111111-aaaa",
  "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  "1700000000000 1700000000000000 1700000000000000000 16:04:05.123456789",
  "4111111111111112", "4111 1111 1111 1112", "41111111 11111111", "4111 11111111 1111", "4111-1111 1111-1111",
  "0042 4111 1111 1111 1111", "4111 1111 1111 1111 0042", "4111-1111-1111-1111-0042", "6250 6251 6252 4111 1111 1111 1111",
  "4444444444444444", "0000 0000 0000 0000", "9111111111111111", "411111111111111", "41111111111111111111111",
  "x4111111111111111", "4111111111111111x", "3.4111111111111111", "4111111111111111.25", "id_4111111111111111", "/4111111111111111",
  "ISBN 978-3-16-148410-0, IBAN DE89 3704 0044 0532 0130 00, EAN 4006381333931",
  "The scheme otpauth:// is for one-time passwords: otpauth://totp/NAME",
  "for (i = 0; i < 4096; i++) { buffer[i] = 0x41414141; }",
  "AIzaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "SG.a.b", "hf_model_name", "P A D S e h n o p r s x",
  "",
};

static void
test_found (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr(GArray) findings = glb_clipboard_findings_new ();

      g_test_message ("row %u: %s", i, rows[i].text);
      g_assert_true (glb_clipboard_secret_scan (rows[i].text, strlen (rows[i].text), findings));
      g_assert_cmpuint (findings->len, ==, 1);
      g_assert_cmpuint (glb_clipboard_findings_get (findings, rows[i].code), ==, rows[i].count);
      g_assert_true (glb_clipboard_finding_is_secret (rows[i].code));
      if (rows[i].sample != NULL)
        g_assert_cmpstr (g_array_index (findings, GlbClipboardFinding, 0).sample, ==, rows[i].sample);
    }
}

/* In the middle of other text, at its beginning and at its end: the words around do not hide it. */
static void
test_found_in_text (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *text = g_strdup_printf ("some words, %s and more", rows[i].text);
      g_autofree char *tail = g_strdup_printf ("4111 \"-----BEGIN eyJ.eyJ %s", rows[i].text);
      g_autoptr(GArray) findings = glb_clipboard_findings_new ();

      g_test_message ("row %u: %s", i, text);
      g_assert_true (glb_clipboard_secret_scan (text, strlen (text), findings));
      if (g_str_has_prefix (rows[i].text, "4") || strstr (rows[i].text, "BEGIN") != NULL || g_ascii_isdigit (*rows[i].text))
        continue;
      g_assert_true (glb_clipboard_secret_scan (tail, strlen (tail), findings));
    }
}

static void
test_harmless (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (harmless); i++)
    {
      g_autoptr(GArray) findings = glb_clipboard_findings_new ();

      if (glb_clipboard_secret_scan (harmless[i], strlen (harmless[i]), findings))
        g_test_message ("row %u: %s: %s", i, harmless[i], g_array_index (findings, GlbClipboardFinding, 0).sample);
      g_assert_cmpuint (findings->len, ==, 0);
    }
}

/* The sample goes into records: of the secret itself nothing but how it begins. */
static void
test_sample_keeps_it (void)
{
  static const char secret[] = "glpat-" "aB3dE6gH9jK2mN5pQ8sT";
  g_autoptr(GArray) findings = glb_clipboard_findings_new ();

  g_assert_true (glb_clipboard_secret_scan (secret, strlen (secret), findings));
  g_assert_cmpstr (g_array_index (findings, GlbClipboardFinding, 0).sample, ==, "glpat-… (26 characters)");
}

/* Beginnings of secrets cut off at each byte, in a block of exactly that size. */
static void
test_cut (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    for (gsize length = 0; length < strlen (rows[i].text); length++)
      {
        g_autofree char *text = g_memdup2 (rows[i].text, MAX (length, 1));
        g_autoptr(GArray) findings = glb_clipboard_findings_new ();

        glb_clipboard_secret_scan (text, length, findings);
        g_assert_cmpuint (findings->len, <=, 1);
      }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clipboard/secret/found", test_found);
  g_test_add_func ("/clipboard/secret/found-in-text", test_found_in_text);
  g_test_add_func ("/clipboard/secret/harmless", test_harmless);
  g_test_add_func ("/clipboard/secret/sample-keeps-it", test_sample_keeps_it);
  g_test_add_func ("/clipboard/secret/cut", test_cut);
  return g_test_run ();
}
