/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "clipboard-guard/glb-clipboard-finding.h"
#include "clipboard-guard/glb-clipboard-text.h"

#include <string.h>

#define F(code) GLB_CLIPBOARD_FINDING_ ## code

typedef struct
{
  const char              *text;
  const char              *cleaned;
  GlbClipboardFindingCode  code;
  guint                    count;      /* 0: nothing was found */
  const char              *sample;
} Row;

static const Row rows[] = {
  /* control characters */
  { "a\x07" "b", "ab", F (CONTROL), 1, "⟨U+0007⟩" },
  { "over\rwrite", "overwrite", F (CONTROL), 1, "⟨U+000D⟩" },
  { "a\x08\x08" "b\x7f", "ab", F (CONTROL), 3, "⟨U+0008⟩" },
  { "a\xc2\x85" "b\xc2\x80", "ab", F (CONTROL), 2, "⟨U+0085⟩" },
  { "a\xef\xbf\xbe" "b", "ab", F (CONTROL), 1, "⟨U+FFFE⟩" },
  { "one\xe2\x80\xa8two", "one\ntwo", F (CONTROL), 1, "⟨U+2028⟩" },
  { "a\r\r\nb", "a\nb", F (CONTROL), 1, "⟨U+000D⟩" },

  /* escape sequences go whole */
  { "\x1b[31mred\x1b[0m", "red", F (ESCAPE), 2, "⟨U+001B⟩[31m" },
  { "a\x1b[?2004lb", "ab", F (ESCAPE), 1, "⟨U+001B⟩[?2004l" },
  { "a\x1b[1;2 qb", "ab", F (ESCAPE), 1, "⟨U+001B⟩[1;2 q" },
  { "a\xc2\x9b" "2Jb", "ab", F (ESCAPE), 1, "⟨U+009B⟩2J" },
  { "a\x1b]0;title\x07" "b", "ab", F (ESCAPE), 1, "⟨U+001B⟩]0;title⟨U+0007⟩" },
  { "a\x1b]52;c;cm0gLXJmIC8=\x1b\\b", "ab", F (ESCAPE), 1, "⟨U+001B⟩]52;c;cm0gLXJmIC8=⟨U+001B⟩\\" },
  { "a\xc2\x9d" "0;x\xc2\x9c" "b", "ab", F (ESCAPE), 1, "⟨U+009D⟩0;x⟨U+009C⟩" },
  { "a\x1bP$q\"p\x1b\\b", "ab", F (ESCAPE), 1, "⟨U+001B⟩P$q\"p⟨U+001B⟩\\" },
  { "a\x1b_apc\x1b\\b\x1b^pm\x1b\\c\x1bXsos\x1b\\d\x1bktitle\x1b\\e", "abcde", F (ESCAPE), 4, "⟨U+001B⟩_apc⟨U+001B⟩\\" },
  { "a\x1b(Bb\x1b#8c", "abc", F (ESCAPE), 2, "⟨U+001B⟩(B" },
  { "a\x1b" "cb", "ab", F (ESCAPE), 1, "⟨U+001B⟩c" },
  /* without an end: to the end of the text; at another escape */
  { "a\x1b]0;never ends\nrm -rf", "a", F (ESCAPE), 1, "⟨U+001B⟩]0;never ends⟨U+000A⟩rm -rf" },
  { "a\x1b]0;x\x1b[1mb", "ab", F (ESCAPE), 2, "⟨U+001B⟩]0;x" },
  { "a\x1b", "a", F (ESCAPE), 1, "⟨U+001B⟩" },
  { "a\x1b[", "a", F (ESCAPE), 1, "⟨U+001B⟩[" },
  { "a\x1b\nb", "a\nb", F (ESCAPE), 1, "⟨U+001B⟩" },
  { "a\x1b[3\xe2\x80\x8b" "1mb", "a1mb", F (ESCAPE), 1, "⟨U+001B⟩[3" },

  /* order */
  { "user\xe2\x80\xae // nimda\xe2\x80\xac", "user // nimda", F (BIDI), 2, "⟨U+202E⟩" },
  { "\xe2\x80\xaa\xe2\x80\xab\xe2\x80\xad\xe2\x81\xa6\xe2\x81\xa7\xe2\x81\xa8\xe2\x81\xa9x", "x", F (BIDI), 7, "⟨U+202A⟩" },

  /* without a picture */
  { "pass\xe2\x80\x8bword", "password", F (ZERO_WIDTH), 1, "⟨U+200B⟩" },
  { "\xef\xbb\xbf" "bom", "bom", F (ZERO_WIDTH), 1, "⟨U+FEFF⟩" },
  { "soft\xc2\xadhyphen", "softhyphen", F (ZERO_WIDTH), 1, "⟨U+00AD⟩" },
  { "a\xe2\x81\xa0\xe2\x81\xa2\xcd\x8f\xe2\x80\x8e\xe2\x80\x8f\xd8\x9c\xe3\x85\xa4\xe1\x85\x9f" "b", "ab", F (ZERO_WIDTH), 8, "⟨U+2060⟩" },
  { "a\xe2\x80\x8d" "b\xe2\x80\x8c" "c", "abc", F (ZERO_WIDTH), 2, "⟨U+200D⟩" },
  { "\xe2\x80\x8d", "", F (ZERO_WIDTH), 1, "⟨U+200D⟩" },
  { "नम\xe2\x80\x8d", "नम", F (ZERO_WIDTH), 1, "⟨U+200D⟩" },
  { "क्\xe2\x80\x8d\xe2\x80\x8dष", "क्\xe2\x80\x8dष", F (ZERO_WIDTH), 1, "⟨U+200D⟩" },
  { "क\xe2\x80\x8cم", "कم", F (ZERO_WIDTH), 1, "⟨U+200C⟩" },
  { "😀\xe2\x80\x8d", "😀", F (ZERO_WIDTH), 1, "⟨U+200D⟩" },
  { "😀\xe2\x80\x8c😀", "😀😀", F (ZERO_WIDTH), 1, "⟨U+200C⟩" },
  { "a\xef\xb8\x8f", "a", F (ZERO_WIDTH), 1, "⟨U+FE0F⟩" },
  /* a message in variation selectors, behind one emoji */
  { "😀\xef\xb8\x8f\xef\xb8\x83\xef\xb8\x8f\xf3\xa0\x84\x95", "😀\xef\xb8\x8f", F (ZERO_WIDTH), 3, "⟨U+FE03⟩" },
  { "漢\xf3\xa0\x84\x80\xf3\xa0\x84\x81", "漢\xf3\xa0\x84\x80", F (ZERO_WIDTH), 1, "⟨U+E0101⟩" },

  /* tags */
  { "hi\xf3\xa0\x81\xa8\xf3\xa0\x81\xa9\xf3\xa0\x81\xbf", "hi", F (TAG), 3, "⟨U+E0068⟩" },
  { "\xf3\xa0\x80\x80\xf3\xa0\xbf\xbfx", "x", F (TAG), 2, "⟨U+E0000⟩" },

  /* what stays */
  { "plain\ttext\n", "plain\ttext\n" },
  { "dos\r\nlines\r\n", "dos\nlines\n" },
  { "Grüße, Ελλάδα, Привет, 日本語 한국어, ไทย", "Grüße, Ελλάδα, Привет, 日本語 한국어, ไทย" },
  { "שלום עולם, العربية", "שלום עולם, العربية" },
  { "می\xe2\x80\x8cخواهم", "می\xe2\x80\x8cخواهم" },
  { "क्\xe2\x80\x8dष ශ්\xe2\x80\x8dරී", "क्\xe2\x80\x8dष ශ්\xe2\x80\x8dරී" },
  { "👩\xe2\x80\x8d💻 👩🏽\xe2\x80\x8d🚀 🏳\xef\xb8\x8f\xe2\x80\x8d🌈 🤷\xe2\x80\x8d♀\xef\xb8\x8f", "👩\xe2\x80\x8d💻 👩🏽\xe2\x80\x8d🚀 🏳\xef\xb8\x8f\xe2\x80\x8d🌈 🤷\xe2\x80\x8d♀\xef\xb8\x8f" },
  { "❤\xef\xb8\x8f 1\xef\xb8\x8f\xe2\x83\xa3 ↔\xef\xb8\x8f", "❤\xef\xb8\x8f 1\xef\xb8\x8f\xe2\x83\xa3 ↔\xef\xb8\x8f" },
  { "a\xc2\xa0" "b é e\xcc\x81 \xef\xbf\xbd", "a\xc2\xa0" "b é e\xcc\x81 \xef\xbf\xbd" },
  { "", "" },
};

static void
test_table (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const Row *row = &rows[i];
      g_autoptr(GArray) findings = glb_clipboard_findings_new ();
      g_autoptr(GArray) again = glb_clipboard_findings_new ();
      GString *out = g_string_new (NULL);
      GString *twice = g_string_new (NULL);

      glb_clipboard_text_clean (row->text, strlen (row->text), out, findings);
      g_test_message ("row %u: %s", i, out->str);
      g_assert_cmpstr (out->str, ==, row->cleaned);
      g_assert_cmpuint (glb_clipboard_findings_get (findings, row->code), ==, row->count);
      if (row->count == 0)
        g_assert_cmpuint (findings->len, ==, 0);
      else
        for (guint f = 0; f < findings->len; f++)
          if (g_array_index (findings, GlbClipboardFinding, f).code == row->code)
            g_assert_cmpstr (g_array_index (findings, GlbClipboardFinding, f).sample, ==, row->sample);

      glb_clipboard_text_clean (out->str, out->len, twice, again);
      g_assert_cmpstr (twice->str, ==, out->str);
      g_assert_cmpuint (again->len, ==, 0);
      g_string_free (out, TRUE);
      g_string_free (twice, TRUE);
    }
}

/* Each character below U+20000 and of the planes above that are used, alone between letters: what is hidden is found, and
 * what stays is a character with a picture, a space, or a mark. */
static void
test_every_character (void)
{
  for (gunichar c = 1; c <= 0x10ffff; c = c == 0x1ffff ? 0xe0000 : c == 0xe0fff ? 0x10fff0 : c + 1)
    {
      g_autoptr(GArray) findings = glb_clipboard_findings_new ();
      GString *in = g_string_new ("a");
      GString *out = g_string_new (NULL);
      GUnicodeType type = g_unichar_type (c);

      if (g_unichar_validate (c))
        {
          g_string_append_unichar (in, c);
          g_string_append_c (in, 'b');
          glb_clipboard_text_clean (in->str, in->len, out, findings);

          if (c == '\n' || c == '\t')
            g_assert_cmpuint (findings->len, ==, 0);
          else if (type == G_UNICODE_CONTROL || type == G_UNICODE_LINE_SEPARATOR || type == G_UNICODE_PARAGRAPH_SEPARATOR)
            g_assert_cmpuint (findings->len, ==, 1);
          /* Those format characters that have a picture: signs before Arabic, Syriac and Kaithi numbers, and hieroglyphs' joints. */
          else if (type == G_UNICODE_FORMAT && !((c >= 0x600 && c <= 0x605) || c == 0x6dd || c == 0x70f || c == 0x890 || c == 0x891 ||
                                                 c == 0x8e2 || c == 0x110bd || c == 0x110cd || (c >= 0x13430 && c <= 0x1345f)))
            {
              if (findings->len != 1)
                g_test_message ("U+%04X stays", c);
              g_assert_cmpuint (findings->len, ==, 1);
            }
        }
      g_string_free (in, TRUE);
      g_string_free (out, TRUE);
    }
}

static void
test_preview (void)
{
  static const struct { const char *text; gsize max; const char *preview; } table[] = {
    { "user\xe2\x80\xae//\x1b[0m", 100, "user⟨U+202E⟩//⟨U+001B⟩[0m" },
    { "two\nlines\t.", 100, "two\nlines\t." },
    { "a\xc2\xa0" "b\xe3\x80\x80" "c", 100, "a⟨U+00A0⟩b⟨U+3000⟩c" },
    { "\xe2\xa0\x80\xee\x80\x80\xf4\x8f\xbf\xbd\xef\xbf\xaf", 100, "⟨U+2800⟩⟨U+E000⟩⟨U+10FFFD⟩⟨U+FFEF⟩" },
    { "👩\xe2\x80\x8d💻", 100, "👩\xe2\x80\x8d💻" },
    { "abcdef", 6, "abcdef" },
    { "abcdefg", 6, "abcdef… and 1 more character" },
    { "日本語日本語", 2, "日本… and 4 more characters" },
    { "", 6, "" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autofree char *preview = glb_clipboard_text_preview (table[i].text, strlen (table[i].text), table[i].max);

      g_assert_cmpstr (preview, ==, table[i].preview);
    }
}

static void
test_sample_is_short (void)
{
  g_autofree char *text = g_strnfill (1000, 'a');
  g_autofree char *sample = glb_clipboard_text_sample (text, 1000);

  g_assert_cmpint (g_utf8_strlen (sample, -1), ==, 41);
  g_assert_true (g_str_has_suffix (sample, "…"));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clipboard/text/table", test_table);
  g_test_add_func ("/clipboard/text/every-character", test_every_character);
  g_test_add_func ("/clipboard/text/preview", test_preview);
  g_test_add_func ("/clipboard/text/sample-is-short", test_sample_is_short);
  return g_test_run ();
}
