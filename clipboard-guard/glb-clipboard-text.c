/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What is left of a text
 * ======================
 *
 * The rule: what arrives is what the person saw in the prompt. So everything
 * goes that changes what is shown without being seen.
 *
 *  - Newline and tab are the only control characters; CR LF is a newline, so
 *    are the line and paragraph separators. A carriage return alone would
 *    overwrite a line in a terminal.
 *  - A terminal's escape sequence goes whole: without its first character the
 *    rest would be pasted as text. Control strings (OSC, DCS, APC, PM, SOS)
 *    go up to their end, or up to the end of the text where that is missing,
 *    as a terminal would swallow it.
 *  - Bidirectional embeddings, overrides and isolates make text read in
 *    another order than it is (CVE-2021-42574).
 *  - Characters without a picture carry messages that nobody sees. So do the
 *    tags of U+E0000, and variation selectors in a row.
 *
 * Three kinds of characters without a picture are needed where they stand,
 * and stay there only:
 *
 *  - ZWJ and ZWNJ between a letter (or its vowel sign) and a letter of the
 *    same script, where that script uses them; ZWJ between two emoji.
 *  - One emoji or text selector (FE0F, FE0E) after a symbol, digit, # or *.
 *  - One ideographic variation selector after an ideograph.
 *
 * One pass, each byte looked at a bounded number of times.
 */

#include "clipboard-guard/glb-clipboard-text.h"
#include "clipboard-guard/glb-clipboard-finding.h"

#include <string.h>

#define MAX_SAMPLE_CHARACTERS 40

#define ESC 0x1b

enum { ZWNJ = 0x200c, ZWJ = 0x200d, TEXT_SELECTOR = 0xfe0e, EMOJI_SELECTOR = 0xfe0f, ST = 0x9c };

/* What a character is to us. The first ones stay. */
typedef enum { JUDGED_KEEP, JUDGED_LINE, JUDGED_CONTROL, JUDGED_BIDI, JUDGED_ZERO_WIDTH, JUDGED_TAG } Judgement;

static const GlbClipboardFindingCode finding_of[] = {
  [JUDGED_LINE] = GLB_CLIPBOARD_FINDING_CONTROL,
  [JUDGED_CONTROL] = GLB_CLIPBOARD_FINDING_CONTROL,
  [JUDGED_BIDI] = GLB_CLIPBOARD_FINDING_BIDI,
  [JUDGED_ZERO_WIDTH] = GLB_CLIPBOARD_FINDING_ZERO_WIDTH,
  [JUDGED_TAG] = GLB_CLIPBOARD_FINDING_TAG,
};

static gboolean
is_plain_ascii (guchar byte)
{
  return (byte >= 0x20 && byte < 0x7f) || byte == '\n' || byte == '\t';
}

static gboolean
is_emoji (gunichar c)
{
  return c == EMOJI_SELECTOR || (c >= 0x1f000 && c <= 0x1faff) ||
         (c > 0x7f && g_unichar_type (c) == G_UNICODE_OTHER_SYMBOL);
}

static gboolean
takes_emoji_selector (gunichar c)
{
  if (c < 0x80)
    return g_ascii_isdigit (c) || c == '#' || c == '*';
  switch (g_unichar_type (c))
    {
    case G_UNICODE_OTHER_SYMBOL:
    case G_UNICODE_MATH_SYMBOL:
    case G_UNICODE_MODIFIER_SYMBOL:
      return TRUE;
    default:
      return (c >= 0x1f000 && c <= 0x1faff) || c == 0x203c || c == 0x2049 || c == 0x3030 || c == 0x303d || c == 0x24c2;
    }
}

static gboolean
is_ideograph (gunichar c)
{
  return (c >= 0x3400 && c <= 0x4dbf) || (c >= 0x4e00 && c <= 0x9fff) || (c >= 0xf900 && c <= 0xfaff) ||
         (c >= 0x20000 && c <= 0x3ffff);
}

/* Cursive scripts, and those whose consonants form clusters. */
static gboolean
script_has_joiners (GUnicodeScript script)
{
  switch (script)
    {
    case G_UNICODE_SCRIPT_ARABIC:
    case G_UNICODE_SCRIPT_SYRIAC:
    case G_UNICODE_SCRIPT_MANDAIC:
    case G_UNICODE_SCRIPT_NKO:
    case G_UNICODE_SCRIPT_ADLAM:
    case G_UNICODE_SCRIPT_HANIFI_ROHINGYA:
    case G_UNICODE_SCRIPT_MONGOLIAN:
    case G_UNICODE_SCRIPT_DEVANAGARI:
    case G_UNICODE_SCRIPT_BENGALI:
    case G_UNICODE_SCRIPT_GURMUKHI:
    case G_UNICODE_SCRIPT_GUJARATI:
    case G_UNICODE_SCRIPT_ORIYA:
    case G_UNICODE_SCRIPT_TAMIL:
    case G_UNICODE_SCRIPT_TELUGU:
    case G_UNICODE_SCRIPT_KANNADA:
    case G_UNICODE_SCRIPT_MALAYALAM:
    case G_UNICODE_SCRIPT_SINHALA:
    case G_UNICODE_SCRIPT_TIBETAN:
    case G_UNICODE_SCRIPT_MYANMAR:
    case G_UNICODE_SCRIPT_KHMER:
    case G_UNICODE_SCRIPT_BALINESE:
    case G_UNICODE_SCRIPT_JAVANESE:
      return TRUE;
    default:
      return FALSE;
    }
}

static gboolean
joiner_is_needed (gunichar previous,
                  gunichar joiner,
                  gunichar next)
{
  GUnicodeScript script;

  if (previous == 0 || next == 0)
    return FALSE;
  if (joiner == ZWJ && is_emoji (previous) && is_emoji (next) && next != EMOJI_SELECTOR)
    return TRUE;
  script = g_unichar_get_script (previous);
  return script == g_unichar_get_script (next) && script_has_joiners (script) && g_unichar_isalpha (next) &&
         (g_unichar_isalpha (previous) || g_unichar_ismark (previous));
}

/* previous: the last character that stayed, 0 at the beginning; next: the one behind c, 0 at the end. */
static Judgement
judge (gunichar previous,
       gunichar c,
       gunichar next)
{
  if (c < 0x20)
    return c == '\n' || c == '\t' ? JUDGED_KEEP : JUDGED_CONTROL;
  if (c < 0x7f)
    return JUDGED_KEEP;
  if (c < 0xa0)
    return JUDGED_CONTROL;
  /* Most of what people write in other than Latin letters. */
  if (c >= 0x3400 && c <= 0xd7a3)
    return JUDGED_KEEP;

  switch (c)
    {
    case 0x00ad: case 0x034f: case 0x061c: case 0x115f: case 0x1160: case 0x17b4: case 0x17b5:
    case 0x180b ... 0x180f: case 0x200b: case 0x200e: case 0x200f: case 0x2060 ... 0x2065: case 0x206a ... 0x206f:
    case 0x3164: case 0xfeff: case 0xffa0: case 0xfff0 ... 0xfffb: case 0x1bca0 ... 0x1bca3: case 0x1d159: case 0x1d173 ... 0x1d17a:
      return JUDGED_ZERO_WIDTH;

    case ZWNJ: case ZWJ:
      return joiner_is_needed (previous, c, next) ? JUDGED_KEEP : JUDGED_ZERO_WIDTH;

    case 0x2028: case 0x2029:
      return JUDGED_LINE;

    case 0x202a ... 0x202e: case 0x2066 ... 0x2069:
      return JUDGED_BIDI;

    case TEXT_SELECTOR: case EMOJI_SELECTOR:
      return takes_emoji_selector (previous) ? JUDGED_KEEP : JUDGED_ZERO_WIDTH;

    case 0xfe00 ... 0xfe0d: case 0xe0100 ... 0xe01ef:
      return is_ideograph (previous) ? JUDGED_KEEP : JUDGED_ZERO_WIDTH;

    case 0xfdd0 ... 0xfdef:
      return JUDGED_CONTROL;

    /* The tags, and what else of their plane is to be ignored by rendering. */
    case 0xe0000 ... 0xe00ff: case 0xe01f0 ... 0xe0fff:
      return JUDGED_TAG;

    default:
      return (c & 0xfffe) == 0xfffe ? JUDGED_CONTROL : JUDGED_KEEP;
    }
}

/* --- escape sequences --- */

static const char *
skip_range (const char *at,
            const char *end,
            guchar      first,
            guchar      last)
{
  while (at < end && (guchar) *at >= first && (guchar) *at <= last)
    at++;
  return at;
}

/* Parameters, intermediates, final. What is malformed ends where it stops to be one. */
static const char *
skip_csi (const char *at,
          const char *end)
{
  at = skip_range (at, end, 0x30, 0x3f);
  at = skip_range (at, end, 0x20, 0x2f);
  if (at < end && (guchar) *at >= 0x40 && (guchar) *at <= 0x7e)
    at++;
  return at;
}

/* Up to BEL, CAN, SUB or ST; another escape begins anew, as in terminals. */
static const char *
skip_control_string (const char *at,
                     const char *end)
{
  for (; at < end; at++)
    {
      if (*at == 0x07 || *at == 0x18 || *at == 0x1a)
        return at + 1;
      if (*at == ESC)
        return end - at > 1 && at[1] == '\\' ? at + 2 : at;
      if ((guchar) *at == 0xc2 && end - at > 1 && (guchar) at[1] == ST)
        return at + 2;
    }
  return end;
}

/* at: an ESC or a C1 control. Where the text goes on; at itself where no sequence begins. */
static const char *
skip_escape (const char *at,
             const char *end,
             gunichar    c)
{
  const char *after;

  switch (c)
    {
    case 0x9b:
      return skip_csi (at + 2, end);
    case 0x90: case 0x98: case 0x9d: case 0x9e: case 0x9f:
      return skip_control_string (at + 2, end);
    case ESC:
      break;
    default:
      return at;
    }

  if (end - at < 2)
    return end;
  switch (at[1])
    {
    case '[':
      return skip_csi (at + 2, end);
    case ']': case 'P': case 'X': case '^': case '_': case 'k':
      return skip_control_string (at + 2, end);
    default:
      break;
    }
  after = skip_range (at + 1, end, 0x20, 0x2f);
  if (after < end && (guchar) *after >= 0x30 && (guchar) *after <= 0x7e)
    after++;
  return after;
}

/* --- the pass --- */

static void
note (GArray                  *findings,
      GlbClipboardFindingCode  code,
      const char              *from,
      const char              *to)
{
  if (glb_clipboard_findings_count (findings, code))
    glb_clipboard_findings_take_sample (findings, code, glb_clipboard_text_sample (from, to - from));
}

void
glb_clipboard_text_clean (const char *text,
                          gsize       length,
                          GString    *out,
                          GArray     *findings)
{
  const char *end = text + length;
  const char *kept = text;       /* from here on everything stays, and is not in out yet */
  const char *at = text;
  gunichar previous = 0;

  while (at < end)
    {
      const char *next;
      Judgement judgement;
      gunichar c;

      if (is_plain_ascii (*at))
        {
          previous = *at++;
          continue;
        }

      c = g_utf8_get_char (at);
      next = g_utf8_next_char (at);
      judgement = judge (previous, c, next < end ? g_utf8_get_char (next) : 0);
      if (judgement == JUDGED_KEEP)
        {
          previous = c;
          at = next;
          continue;
        }

      g_string_append_len (out, kept, at - kept);
      if (judgement == JUDGED_CONTROL)
        {
          const char *after = skip_escape (at, end, c);

          if (after > at)
            {
              note (findings, GLB_CLIPBOARD_FINDING_ESCAPE, at, after);
              kept = at = after;
              continue;
            }
        }
      if (judgement == JUDGED_LINE)
        {
          g_string_append_c (out, '\n');
          previous = '\n';
        }
      /* A line's end is one, however it is written. */
      if (!(c == '\r' && next < end && *next == '\n'))
        note (findings, finding_of[judgement], at, next);
      kept = at = next;
    }
  g_string_append_len (out, kept, end - kept);
}

/* --- for people --- */

/* It stays, but whoever looks at it does not see which one it is, or that it is one. */
static gboolean
looks_like_nothing (gunichar c)
{
  if (c < 0x80)
    return FALSE;
  switch (g_unichar_type (c))
    {
    case G_UNICODE_SPACE_SEPARATOR:
    case G_UNICODE_PRIVATE_USE:
    case G_UNICODE_UNASSIGNED:
      return TRUE;
    default:
      /* Braille without a dot. */
      return c == 0x2800;
    }
}

static void
append_visible (GString  *out,
                gunichar  c,
                gboolean  hidden)
{
  if (hidden)
    g_string_append_printf (out, "⟨U+%04X⟩", c);
  else
    g_string_append_unichar (out, c);
}

char *
glb_clipboard_text_preview (const char *text,
                            gsize       length,
                            gsize       max_characters)
{
  GString *out = g_string_new (NULL);
  const char *end = text + length;
  const char *at = text;
  gunichar previous = 0;
  glong rest;

  for (gsize i = 0; at < end && i < max_characters; i++)
    {
      const char *next = g_utf8_next_char (at);
      gunichar c = g_utf8_get_char (at);
      gboolean hidden = judge (previous, c, next < end ? g_utf8_get_char (next) : 0) != JUDGED_KEEP;

      append_visible (out, c, hidden || looks_like_nothing (c));
      if (!hidden)
        previous = c;
      at = next;
    }

  rest = g_utf8_strlen (at, end - at);
  if (rest == 1)
    g_string_append (out, "… and 1 more character");
  else if (rest > 1)
    g_string_append_printf (out, "… and %ld more characters", rest);
  return g_string_free (out, FALSE);
}

char *
glb_clipboard_text_sample (const char *text,
                           gsize       length)
{
  GString *out = g_string_new (NULL);
  const char *end = text + length;

  for (guint i = 0; text < end; i++, text = g_utf8_next_char (text))
    {
      gunichar c = g_utf8_get_char (text);

      if (i == MAX_SAMPLE_CHARACTERS)
        {
          g_string_append (out, "…");
          break;
        }
      append_visible (out, c, c < 0x20 || looks_like_nothing (c) || judge (0, c, 0) != JUDGED_KEEP);
    }
  return g_string_free (out, FALSE);
}
