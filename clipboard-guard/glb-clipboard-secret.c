/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What looks like a secret
 * ========================
 *
 * This is for accidents, a person's or a model's: a key file selected whole,
 * a token in a terminal's output. Who wants to carry a secret out past it can
 * write it backwards; against that stands the verdict of the direction, not
 * this.
 *
 * So each shape here is one that ordinary text does not have: a fixed prefix
 * and enough characters of the right kind behind it, at the beginning of a
 * word. A person who is asked ten times for nothing says yes the eleventh
 * time.
 *
 * One pass. A word is looked at only from its beginning, and a scan never
 * runs over what another scan from within the same word would run over again,
 * so that no text takes more than linear time.
 */

#include "clipboard-guard/glb-clipboard-secret.h"
#include "clipboard-guard/glb-clipboard-finding.h"

#include <string.h>

/* How far behind a private key's first line its content begins at the latest (there may be headers). */
#define MAX_KEY_SEARCH 1024
#define MIN_KEY_RUN    24
#define MAX_KEY_LINE   80

#define MAX_CARD_DIGITS 19

#define PUTTY "PuTTY-User-Key-File-"

typedef enum { SET_ALNUM, SET_UPPER, SET_HEX, SET_URL } Set;

typedef enum
{
  NEED_NOTHING = 0,
  NEED_DIGIT   = 1 << 0,
  NEED_MIXED   = 1 << 1,     /* a digit, and letters of both cases: no name that a person gave */
  NEED_EXACT   = 1 << 2,     /* the length is min, not at least min */
} Need;

typedef struct
{
  const char *prefix;
  Set         set;
  guint       min;           /* characters behind the prefix */
  Need        need;
} Shape;

/* Those with the same first character stand together. */
static const Shape shapes[] = {
  { "AKIA", SET_UPPER, 16, NEED_EXACT },            /* AWS */
  { "ASIA", SET_UPPER, 16, NEED_EXACT },
  { "ABIA", SET_UPPER, 16, NEED_EXACT },
  { "ACCA", SET_UPPER, 16, NEED_EXACT },
  { "AIza", SET_URL, 35, NEED_EXACT | NEED_MIXED }, /* Google */
  { "AGE-SECRET-KEY-1", SET_UPPER, 58, NEED_NOTHING },
  { "dop_v1_", SET_HEX, 64, NEED_NOTHING },         /* DigitalOcean */
  { "ghp_", SET_ALNUM, 36, NEED_NOTHING },          /* GitHub */
  { "gho_", SET_ALNUM, 36, NEED_NOTHING },
  { "ghu_", SET_ALNUM, 36, NEED_NOTHING },
  { "ghs_", SET_ALNUM, 36, NEED_NOTHING },
  { "ghr_", SET_ALNUM, 36, NEED_NOTHING },
  { "github_pat_", SET_URL, 40, NEED_DIGIT },
  { "glpat-", SET_URL, 20, NEED_DIGIT },            /* GitLab */
  { "gldt-", SET_URL, 20, NEED_DIGIT },
  { "glrt-", SET_URL, 20, NEED_DIGIT },
  { "hf_", SET_ALNUM, 34, NEED_NOTHING },           /* Hugging Face */
  { "npm_", SET_ALNUM, 36, NEED_NOTHING },
  { "pypi-AgEI", SET_URL, 40, NEED_NOTHING },
  { "rk_live_", SET_ALNUM, 16, NEED_NOTHING },      /* Stripe */
  { "sk_live_", SET_ALNUM, 16, NEED_NOTHING },
  { "sk-ant-", SET_URL, 24, NEED_DIGIT },           /* Anthropic */
  { "sk-proj-", SET_URL, 24, NEED_MIXED },          /* OpenAI */
  { "sk-", SET_URL, 32, NEED_MIXED },
  { "xapp-", SET_URL, 20, NEED_DIGIT },             /* Slack */
  { "xoxa-", SET_URL, 10, NEED_DIGIT },
  { "xoxb-", SET_URL, 10, NEED_DIGIT },
  { "xoxe-", SET_URL, 10, NEED_DIGIT },
  { "xoxo-", SET_URL, 10, NEED_DIGIT },
  { "xoxp-", SET_URL, 10, NEED_DIGIT },
  { "xoxr-", SET_URL, 10, NEED_DIGIT },
  { "xoxs-", SET_URL, 10, NEED_DIGIT },
};

typedef struct
{
  const char *text;
  const char *end;
  GArray     *findings;
  gboolean    found;
} Scan;

/* Letters, digits, - and _: what a token and a word are made of. */
static gboolean
is_url_character (char c)
{
  return g_ascii_isalnum (c) || c == '-' || c == '_';
}

static gboolean
is_base64_character (char c)
{
  return g_ascii_isalnum (c) || c == '+' || c == '/' || c == '=';
}

static gboolean
is_in_set (Set  set,
           char c)
{
  switch (set)
    {
    case SET_ALNUM: return g_ascii_isalnum (c);
    case SET_UPPER: return g_ascii_isupper (c) || g_ascii_isdigit (c);
    case SET_HEX:   return g_ascii_isxdigit (c);
    case SET_URL:   return is_url_character (c);
    default:        g_assert_not_reached ();
    }
}

static gboolean
begins_with (const Scan *self,
             const char *at,
             const char *prefix)
{
  gsize length = strlen (prefix);

  return (gsize) (self->end - at) >= length && memcmp (at, prefix, length) == 0;
}

/* The first characters, and of what is one word the length, say which one it is, and no more: samples go into records. */
static const char *
found (Scan                    *self,
       GlbClipboardFindingCode  code,
       const char              *from,
       const char              *to,
       gsize                    n_shown)
{
  char *sample;

  self->found = TRUE;
  if (!glb_clipboard_findings_count (self->findings, code))
    return to;
  if (code == GLB_CLIPBOARD_FINDING_PRIVATE_KEY)
    sample = g_strdup_printf ("%.*s…", (int) n_shown, from);
  else
    sample = g_strdup_printf ("%.*s… (%" G_GSIZE_FORMAT " characters)", (int) n_shown, from, (gsize) (to - from));
  glb_clipboard_findings_take_sample (self->findings, code, sample);
  return to;
}

static gboolean
has_needed (const char *from,
            const char *to,
            Need        need)
{
  gboolean digit = FALSE;
  gboolean upper = FALSE;
  gboolean lower = FALSE;

  for (; from < to; from++)
    {
      digit |= g_ascii_isdigit (*from);
      upper |= g_ascii_isupper (*from);
      lower |= g_ascii_islower (*from);
    }
  if ((need & NEED_MIXED) != 0)
    return digit && upper && lower;
  return (need & NEED_DIGIT) == 0 || digit;
}

static const char *
try_shape (Scan        *self,
           const char  *at,
           const Shape *shape)
{
  const char *body = at + strlen (shape->prefix);
  const char *to = body;

  while (to < self->end && is_in_set (shape->set, *to))
    to++;
  if ((gsize) (to - body) < shape->min || ((shape->need & NEED_EXACT) != 0 && (gsize) (to - body) != shape->min))
    return NULL;
  if (!has_needed (body, to, shape->need))
    return NULL;
  return found (self, GLB_CLIPBOARD_FINDING_TOKEN, at, to, strlen (shape->prefix));
}

/* Three parts, of which two are JSON objects in base64: they begin with eyJ. */
static const char *
try_jwt (Scan       *self,
         const char *at)
{
  const char *to = at;

  for (guint part = 0; part < 3; part++)
    {
      const char *from = to;

      if (part < 2 && !begins_with (self, from, "eyJ"))
        return NULL;
      while (to < self->end && is_url_character (*to))
        to++;
      if (to - from < 10 || (part < 2 && (to == self->end || *to++ != '.')))
        return NULL;
    }
  return found (self, GLB_CLIPBOARD_FINDING_TOKEN, at, to, 3);
}

/* SendGrid: SG.22 characters.43 characters */
static const char *
try_sendgrid (Scan       *self,
              const char *at)
{
  const char *to = at + 3;

  for (guint part = 0; part < 2; part++)
    {
      const char *from = to;

      while (to < self->end && is_url_character (*to))
        to++;
      if (to - from != (part == 0 ? 22 : 43) || (part == 0 && (to == self->end || *to++ != '.')))
        return NULL;
    }
  return found (self, GLB_CLIPBOARD_FINDING_TOKEN, at, to, 3);
}

/* A link with the seed of one-time passwords. Found or not, the scan goes on behind it. */
static const char *
try_otp (Scan       *self,
         const char *at)
{
  const char *to = at + strlen ("otpauth");
  gboolean has_secret = FALSE;

  while (to < self->end && (guchar) *to > ' ')
    {
      has_secret |= (to[-1] == '?' || to[-1] == '&') &&
                    (begins_with (self, to, "secret=") || begins_with (self, to, "data="));
      to++;
    }
  return has_secret ? found (self, GLB_CLIPBOARD_FINDING_OTP, at, to, strlen ("otpauth")) : to;
}

/* at: "BEGIN ". The line alone is what documents and programs have; a key has its content below. */
static const char *
try_pem (Scan       *self,
         const char *at)
{
  const char *limit = self->end - at > MAX_KEY_SEARCH ? at + MAX_KEY_SEARCH : self->end;
  const char *dashes = memmem (at, MIN (self->end - at, MAX_KEY_LINE), "----", 4);
  const char *to;
  guint run = 0;

  if (dashes == NULL || memchr (at, '\n', dashes - at) != NULL ||
      memmem (at, dashes - at, "PRIVATE KEY", strlen ("PRIVATE KEY")) == NULL)
    return NULL;

  for (to = dashes; to < limit && *to == '-'; to++)
    ;
  for (; to < limit && run < MIN_KEY_RUN; to++)
    {
      /* What begins there is looked at in its own turn, and nothing twice. */
      if (*to == '-' && begins_with (self, to, "----"))
        return NULL;
      run = is_base64_character (*to) ? run + 1 : 0;
    }
  return run == MIN_KEY_RUN ? found (self, GLB_CLIPBOARD_FINDING_PRIVATE_KEY, at, to, dashes - at) : NULL;
}

static gboolean
passes_luhn (const char *digits,
             guint       n)
{
  guint sum = 0;

  for (guint i = 0; i < n; i++)
    {
      guint digit = digits[n - 1 - i] - '0';

      if (i % 2 == 1)
        digit = digit > 4 ? 2 * digit - 9 : 2 * digit;
      sum += digit;
    }
  return sum % 10 == 0;
}

static gboolean
is_issued (const char *digits,
           guint       n)
{
  guint first = 0;

  for (guint i = 0; i < 4; i++)
    first = 10 * first + (digits[i] - '0');

  if (first / 1000 == 4)                                              /* Visa */
    return n == 13 || n == 16 || n == 19;
  if (first / 100 == 34 || first / 100 == 37)                         /* American Express */
    return n == 15;
  if ((first >= 5100 && first <= 5599) || (first >= 2221 && first <= 2720))   /* Mastercard */
    return n == 16;
  if (first == 6011 || (first >= 6440 && first <= 6599))              /* Discover */
    return n == 16 || n == 19;
  if (first >= 3528 && first <= 3589)                                 /* JCB */
    return n == 16;
  if (first / 100 == 36 || first / 100 == 38 || first / 100 == 39 || (first >= 3000 && first <= 3059))   /* Diners */
    return n == 14;
  if (first / 100 == 62)                                              /* UnionPay */
    return n >= 16;
  return FALSE;
}

/* Groups as on a card: 4-4-4-4, 4-6-5 or 4-6-4, or one run. */
static gboolean
is_grouped (const guint *groups,
            guint        n_groups)
{
  if (n_groups == 1)
    return TRUE;
  if (groups[0] != 4)
    return FALSE;
  if (n_groups == 3)
    return groups[1] == 6 && (groups[2] == 4 || groups[2] == 5);
  for (guint i = 1; i + 1 < n_groups; i++)
    if (groups[i] != 4)
      return FALSE;
  return n_groups >= 4 && groups[n_groups - 1] <= 4;
}

/* Sixteen times the same digit is a placeholder. */
static gboolean
is_placeholder (const char *digits,
                guint       n)
{
  for (guint i = 1; i < n; i++)
    if (digits[i] != digits[0])
      return FALSE;
  return TRUE;
}

/* No longer a number of its own: a word, a decimal fraction, a range. */
static gboolean
number_goes_on (const Scan *self,
                const char *to)
{
  if (to == self->end)
    return FALSE;
  return is_url_character (*to) || ((*to == '.' || *to == '/') && self->end - to > 1 && g_ascii_isdigit (to[1]));
}

/* Four digits more, before or behind, with the same separator: a table of numbers. */
static gboolean
is_in_table (const Scan *self,
             const char *from,
             const char *to,
             char        separator)
{
  guint before = 0;
  guint behind = 0;

  if (separator == '\0')
    return FALSE;
  if (from > self->text && from[-1] == separator)
    while (before < 4 && from - self->text >= (gssize) before + 2 && g_ascii_isdigit (from[-2 - (gssize) before]))
      before++;
  if (to < self->end && *to == separator)
    while (behind < 4 && self->end - to >= (gssize) behind + 2 && g_ascii_isdigit (to[1 + behind]))
      behind++;
  return before == 4 || behind == 4;
}

static const char *
try_card (Scan       *self,
          const char *at)
{
  char digits[MAX_CARD_DIGITS];
  guint groups[MAX_CARD_DIGITS];
  guint n_groups = 0;
  guint n = 0;
  char separator = '\0';
  const char *to = at;

  for (;;)
    {
      const char *group = to;

      for (; to < self->end && g_ascii_isdigit (*to); to++)
        {
          if (n == MAX_CARD_DIGITS)
            return NULL;
          digits[n++] = *to;
        }
      groups[n_groups++] = to - group;

      /* Whether it ends here or another number follows behind the separator. */
      if (n >= 13 && is_grouped (groups, n_groups) && is_issued (digits, n) && passes_luhn (digits, n) &&
          !is_placeholder (digits, n) && !number_goes_on (self, to) && !is_in_table (self, at, to, separator))
        return found (self, GLB_CLIPBOARD_FINDING_CARD_NUMBER, at, to, 4);

      if (self->end - to < 2 || (*to != ' ' && *to != '-') || !g_ascii_isdigit (to[1]) || n < 4)
        return NULL;
      if (separator == '\0')
        separator = *to;
      else if (*to != separator)
        return NULL;
      to++;
    }
}

/* The first shape for a first character of ASCII, or behind the last. */
static guint
find_shape (char c)
{
  static guint8 first[128];
  static gsize made;

  if (g_once_init_enter (&made))
    {
      memset (first, G_N_ELEMENTS (shapes), sizeof first);
      for (guint i = G_N_ELEMENTS (shapes); i > 0; i--)
        first[(guchar) shapes[i - 1].prefix[0]] = i - 1;
      g_once_init_leave (&made, 1);
    }
  return first[(guchar) c];
}

/* A word begins here. Where the scan goes on, or NULL: no secret. */
static const char *
try_word (Scan       *self,
          const char *at,
          char        before)
{
  const char *after;

  if (g_ascii_isdigit (*at))
    return before != '.' && before != '/' ? try_card (self, at) : NULL;

  for (guint i = find_shape (*at); i < G_N_ELEMENTS (shapes) && shapes[i].prefix[0] == *at; i++)
    if (begins_with (self, at, shapes[i].prefix) && (after = try_shape (self, at, &shapes[i])) != NULL)
      return after;

  switch (*at)
    {
    case 'e':
      return begins_with (self, at, "eyJ") ? try_jwt (self, at) : NULL;
    case 'S':
      return begins_with (self, at, "SG.") ? try_sendgrid (self, at) : NULL;
    case 'o':
      return begins_with (self, at, "otpauth://") || begins_with (self, at, "otpauth-migration://") ? try_otp (self, at) : NULL;
    case 'P':
      return begins_with (self, at, PUTTY) ? found (self, GLB_CLIPBOARD_FINDING_PRIVATE_KEY, at, at + strlen (PUTTY), strlen (PUTTY)) : NULL;
    default:
      return NULL;
    }
}

/* "-----BEGIN", and SSH2's "---- BEGIN" */
static gboolean
is_behind_dashes (const char *text,
                  const char *at)
{
  if (at > text && at[-1] == ' ')
    at--;
  return at - text >= 4 && memcmp (at - 4, "----", 4) == 0;
}

/* Not in the middle of a word. "\\n" in a string and "%3D" in a link are no part of the word behind them. */
static gboolean
word_begins (const char *text,
             const char *at)
{
  gsize n = at - text;

  if (!g_ascii_isalnum (*at))
    return FALSE;
  if (n == 0 || !is_url_character (at[-1]))
    return TRUE;
  if (n >= 2 && at[-2] == '\\' && strchr ("nrt", at[-1]) != NULL)
    return TRUE;
  return n >= 3 && at[-3] == '%' && g_ascii_isxdigit (at[-2]) && g_ascii_isxdigit (at[-1]);
}

gboolean
glb_clipboard_secret_scan (const char *text,
                           gsize       length,
                           GArray     *findings)
{
  Scan self = { text, text + length, findings, FALSE };
  const char *at = text;
  char before = ' ';

  while (at < self.end)
    {
      const char *after = NULL;

      if (*at == 'B' && (before == '-' || before == ' ') && is_behind_dashes (text, at) &&
          begins_with (&self, at, "BEGIN "))
        after = try_pem (&self, at);
      else if (word_begins (text, at))
        after = try_word (&self, at, before);

      at = after != NULL ? after : at + 1;
      before = at[-1];
    }
  return self.found;
}
