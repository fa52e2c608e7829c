/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * HTML without anything active
 * ============================
 *
 * The fragment that leaves here is written anew: elements of a list, with
 * attributes of a list, always closed and nested; all other characters are
 * text, escaped. So nothing depends on reading the hostile document as a
 * browser would. Where the two readings differ, some text is lost, or shown
 * that a browser would hide, which is the right direction: a style sheet that
 * hides text from the person is gone, and the text is there to be seen.
 *
 * For that a tokenizer is enough, and it does not need libxml2's parser: that
 * one builds a tree from the document, which takes ten times its memory,
 * repairs it by rules of its own, and has had its share of faults.
 *
 * One pass, no recursion. What is not closed (a comment, a tag, a script)
 * takes the rest of the document with it, so that no end is searched twice.
 */

#include "clipboard-guard/glb-clipboard-html.h"
#include "clipboard-guard/glb-clipboard-finding.h"
#include "clipboard-guard/glb-clipboard-text.h"

#include <stdlib.h>
#include <string.h>

#define MAX_DEPTH     64
#define MAX_NAME      31
#define MAX_VALUE     2048
#define MAX_REFERENCE 10

typedef enum
{
  KEEP      = 1 << 0,
  EMPTY     = 1 << 1,    /* has no end tag */
  BLOCK     = 1 << 2,    /* begins a line */
  HIDE      = 1 << 3,    /* goes with its content */
  RAW       = 1 << 4,    /* its content is not HTML */
  STRUCTURE = 1 << 5,    /* goes silently: every document has it */
  IMAGE     = 1 << 6,
  /* Which open element a new one ends; the same bit in both. */
  ITEM      = 1 << 8,
  TERM      = 1 << 9,
  CELL      = 1 << 10,
  ROW       = 1 << 11,
  PARAGRAPH = 1 << 12,
} Flags;

typedef struct
{
  const char *name;
  guint       flags;
} Element;

/* Sorted. What is not here loses its tags and keeps its content. */
static const Element elements[] = {
  { "a", KEEP }, { "abbr", KEEP }, { "applet", HIDE }, { "audio", HIDE }, { "b", KEEP }, { "base", EMPTY },
  { "basefont", EMPTY | STRUCTURE }, { "bgsound", EMPTY }, { "blockquote", KEEP | BLOCK }, { "body", STRUCTURE }, { "br", KEEP | EMPTY },
  { "canvas", HIDE }, { "caption", KEEP | BLOCK }, { "cite", KEEP }, { "code", KEEP }, { "col", KEEP | EMPTY }, { "colgroup", KEEP },
  { "dd", KEEP | BLOCK | TERM }, { "del", KEEP }, { "dfn", KEEP }, { "div", KEEP | BLOCK }, { "dl", KEEP | BLOCK },
  { "dt", KEEP | BLOCK | TERM }, { "em", KEEP }, { "embed", EMPTY }, { "figcaption", KEEP | BLOCK }, { "figure", KEEP | BLOCK },
  { "frame", EMPTY }, { "frameset", HIDE }, { "h1", KEEP | BLOCK }, { "h2", KEEP | BLOCK }, { "h3", KEEP | BLOCK }, { "h4", KEEP | BLOCK },
  { "h5", KEEP | BLOCK }, { "h6", KEEP | BLOCK }, { "head", STRUCTURE }, { "hr", KEEP | EMPTY | BLOCK }, { "html", STRUCTURE },
  { "i", KEEP }, { "iframe", HIDE | RAW }, { "image", EMPTY | IMAGE }, { "img", EMPTY | IMAGE }, { "input", EMPTY }, { "ins", KEEP },
  { "kbd", KEEP }, { "li", KEEP | BLOCK | ITEM }, { "link", EMPTY }, { "listing", HIDE }, { "mark", KEEP }, { "math", HIDE },
  { "meta", EMPTY | STRUCTURE }, { "noembed", HIDE | RAW }, { "noframes", HIDE | RAW }, { "noscript", HIDE }, { "object", HIDE },
  { "ol", KEEP | BLOCK }, { "p", KEEP | BLOCK | PARAGRAPH }, { "param", EMPTY }, { "plaintext", HIDE }, { "pre", KEEP | BLOCK },
  { "q", KEEP }, { "s", KEEP }, { "samp", KEEP }, { "script", HIDE | RAW }, { "select", HIDE }, { "small", KEEP }, { "source", EMPTY },
  { "span", KEEP }, { "strong", KEEP }, { "style", HIDE | RAW }, { "sub", KEEP }, { "sup", KEEP }, { "svg", HIDE },
  { "table", KEEP | BLOCK }, { "tbody", KEEP }, { "td", KEEP | CELL }, { "template", HIDE }, { "textarea", HIDE | RAW }, { "tfoot", KEEP },
  { "th", KEEP | CELL }, { "thead", KEEP }, { "title", HIDE | RAW }, { "tr", KEEP | BLOCK | ROW }, { "track", EMPTY }, { "tt", KEEP },
  { "u", KEEP }, { "ul", KEEP | BLOCK }, { "var", KEEP }, { "video", HIDE }, { "wbr", KEEP | EMPTY }, { "xmp", HIDE | RAW },
};

typedef struct
{
  const Element *element;
  char          *href;        /* of a link that stays */
} Open;

typedef struct
{
  const char    *at;
  const char    *end;
  GString       *out;
  GString       *text;
  GArray        *findings;
  GString       *run;         /* text since the last tag that stayed, not cleaned yet */
  GString       *cleaned;
  Open           open[MAX_DEPTH];
  guint          depth;
  guint          pre_depth;
  const Element *hiding;      /* until this one ends */
  guint          hiding_depth;
} Html;

/* One attribute, pointing into the document. */
typedef struct
{
  const char *name;
  gsize       name_length;
  const char *value;
  gsize       value_length;
} Attribute;

static int
compare_element (const void *key,
                 const void *element)
{
  return strcmp (key, ((const Element *) element)->name);
}

/* (nullable) */
static const Element *
find_element (const char *name,
              gsize       length)
{
  char lower[MAX_NAME + 1];

  if (length > MAX_NAME)
    return NULL;
  for (gsize i = 0; i < length; i++)
    lower[i] = g_ascii_tolower (name[i]);
  lower[length] = '\0';
  return bsearch (lower, elements, G_N_ELEMENTS (elements), sizeof elements[0], compare_element);
}

static void
note (Html                    *self,
      GlbClipboardFindingCode  code,
      const char              *sample,
      gsize                    length)
{
  if (glb_clipboard_findings_count (self->findings, code))
    glb_clipboard_findings_take_sample (self->findings, code, glb_clipboard_text_sample (sample, length));
}

/* --- character references --- */

static gunichar
decode_number (const char *from,
               const char *to)
{
  gboolean hexadecimal = from < to && (*from == 'x' || *from == 'X');
  gunichar value = 0;

  for (from += hexadecimal; from < to; from++)
    {
      int digit = hexadecimal ? g_ascii_xdigit_value (*from) : g_ascii_digit_value (*from);

      if (digit < 0)
        return 0;
      value = MIN (value * (hexadecimal ? 16 : 10) + digit, 0x110000);
    }
  return value;
}

/* Applications write few references by name when they copy; others stay what they look like. */
static gunichar
decode_name (const char *name,
             gsize       length)
{
  static const struct { const char *name; gunichar character; } names[] = {
    { "amp", '&' }, { "lt", '<' }, { "gt", '>' }, { "quot", '"' }, { "apos", '\'' }, { "nbsp", 0xa0 },
    { "copy", 0xa9 }, { "reg", 0xae }, { "deg", 0xb0 }, { "laquo", 0xab }, { "raquo", 0xbb }, { "middot", 0xb7 }, { "times", 0xd7 },
    { "ndash", 0x2013 }, { "mdash", 0x2014 }, { "lsquo", 0x2018 }, { "rsquo", 0x2019 }, { "ldquo", 0x201c }, { "rdquo", 0x201d },
    { "bull", 0x2022 }, { "hellip", 0x2026 }, { "euro", 0x20ac }, { "trade", 0x2122 }, { "rarr", 0x2192 },
    { "auml", 0xe4 }, { "ouml", 0xf6 }, { "uuml", 0xfc }, { "Auml", 0xc4 }, { "Ouml", 0xd6 }, { "Uuml", 0xdc }, { "szlig", 0xdf },
    { "eacute", 0xe9 }, { "egrave", 0xe8 }, { "agrave", 0xe0 }, { "ccedil", 0xe7 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (names[i].name[0] == *name && strlen (names[i].name) == length && memcmp (names[i].name, name, length) == 0)
      return names[i].character;
  return 0;
}

static void
decode (GString    *out,
        const char *from,
        const char *to)
{
  while (from < to)
    {
      const char *ampersand = memchr (from, '&', to - from);
      const char *semicolon;
      gunichar c;

      g_string_append_len (out, from, (ampersand != NULL ? ampersand : to) - from);
      if (ampersand == NULL)
        return;

      from = ampersand + 1;
      semicolon = memchr (from, ';', MIN (to - from, MAX_REFERENCE + 1));
      if (semicolon == NULL || semicolon == from)
        {
          g_string_append_c (out, '&');
          continue;
        }
      c = *from == '#' ? decode_number (from + 1, semicolon) : decode_name (from, semicolon - from);
      if (c == 0 && *from != '#')
        {
          g_string_append_c (out, '&');
          continue;
        }
      g_string_append_unichar (out, c != 0 && g_unichar_validate (c) ? c : 0xfffd);
      from = semicolon + 1;
    }
}

/* --- writing --- */

static void
append_escaped (GString    *out,
                const char *text,
                gsize       length)
{
  const char *end = text + length;

  while (text < end)
    {
      const char *plain = text;

      while (text < end && *text != '&' && *text != '<' && *text != '>' && *text != '"' && *text != '\'')
        text++;
      g_string_append_len (out, plain, text - plain);
      if (text == end)
        return;
      switch (*text++)
        {
        case '&': g_string_append (out, "&amp;"); break;
        case '<': g_string_append (out, "&lt;"); break;
        case '>': g_string_append (out, "&gt;"); break;
        case '"': g_string_append (out, "&quot;"); break;
        default:  g_string_append (out, "&#39;"); break;
        }
    }
}

static void
begin_line (Html *self)
{
  while (self->text->len > 0 && self->text->str[self->text->len - 1] == ' ')
    g_string_truncate (self->text, self->text->len - 1);
  if (self->text->len > 0 && self->text->str[self->text->len - 1] != '\n')
    g_string_append_c (self->text, '\n');
}

/* As it is shown: outside of <pre>, white space is one space. */
static void
append_shown (Html       *self,
              const char *text,
              gsize       length)
{
  if (self->pre_depth > 0)
    {
      g_string_append_len (self->text, text, length);
      return;
    }
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isspace (text[i]))
      g_string_append_c (self->text, text[i]);
    else if (self->text->len > 0 && !g_ascii_isspace (self->text->str[self->text->len - 1]))
      g_string_append_c (self->text, ' ');
}

static void
flush_text (Html *self)
{
  if (self->run->len == 0)
    return;
  g_string_truncate (self->cleaned, 0);
  glb_clipboard_text_clean (self->run->str, self->run->len, self->cleaned, self->findings);
  append_escaped (self->out, self->cleaned->str, self->cleaned->len);
  append_shown (self, self->cleaned->str, self->cleaned->len);
  g_string_truncate (self->run, 0);
}

static gboolean
is_pre (const Element *element)
{
  return g_str_equal (element->name, "pre");
}

static void
close_top (Html *self)
{
  Open *open = &self->open[--self->depth];

  flush_text (self);
  g_string_append_printf (self->out, "</%s>", open->element->name);
  self->pre_depth -= is_pre (open->element);
  if (open->href != NULL)
    g_string_append_printf (self->text, " ⟨%s⟩", open->href);
  g_clear_pointer (&open->href, g_free);
  if ((open->element->flags & BLOCK) != 0)
    begin_line (self);
  else if ((open->element->flags & CELL) != 0)
    g_string_append_c (self->text, '\t');
}

/* <li> ends <li>, <tr> ends <td> and <tr>, a block ends <p>: with their end tags left out lists would nest without end. */
static gboolean
ends (const Element *element,
      const Element *open)
{
  if ((open->flags & PARAGRAPH) != 0)
    return (element->flags & (BLOCK | CELL)) != 0;
  if ((element->flags & ROW) != 0)
    return (open->flags & (ROW | CELL)) != 0;
  return (element->flags & open->flags & (ITEM | TERM | CELL)) != 0;
}

/* --- attributes --- */

static gboolean
is_space (char c)
{
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

/* The next attribute of the tag that at points into. FALSE: the tag is over, and at behind it. */
static gboolean
next_attribute (Html      *self,
                Attribute *attribute)
{
  const char *at = self->at;

  while (at < self->end && (is_space (*at) || *at == '/'))
    at++;
  if (at == self->end || *at == '>')
    {
      self->at = at < self->end ? at + 1 : at;
      return FALSE;
    }

  *attribute = (Attribute) { .name = at };
  /* A name may begin with "=". */
  for (at++; at < self->end && !is_space (*at) && *at != '/' && *at != '>' && *at != '='; at++)
    ;
  attribute->name_length = at - attribute->name;
  self->at = at;
  while (at < self->end && is_space (*at))
    at++;
  if (at == self->end || *at != '=')
    return TRUE;

  for (at++; at < self->end && is_space (*at); at++)
    ;
  if (at < self->end && (*at == '"' || *at == '\''))
    {
      const char *quote = memchr (at + 1, *at, self->end - at - 1);

      attribute->value = at + 1;
      attribute->value_length = (quote != NULL ? quote : self->end) - attribute->value;
      self->at = quote != NULL ? quote + 1 : self->end;
      return TRUE;
    }
  attribute->value = at;
  while (at < self->end && !is_space (*at) && *at != '>')
    at++;
  attribute->value_length = at - attribute->value;
  self->at = at;
  return TRUE;
}

static gboolean
is_named (const Attribute *attribute,
          const char      *name)
{
  return attribute->name_length == strlen (name) && g_ascii_strncasecmp (attribute->name, name, attribute->name_length) == 0;
}

/* Plain ASCII, web or mail, and no name before the host that looks like one ("https://bank.example@evil.example"). */
static gboolean
is_safe_link (const char *link)
{
  const char *host;
  gsize host_length;

  for (const char *c = link; *c != '\0'; c++)
    if (*c <= ' ' || *c > '~' || strchr ("\"'<>\\`{}|^", *c) != NULL)
      return FALSE;

  if (g_ascii_strncasecmp (link, "mailto:", 7) == 0)
    return link[7] != '\0';
  if (g_ascii_strncasecmp (link, "https://", 8) == 0)
    host = link + 8;
  else if (g_ascii_strncasecmp (link, "http://", 7) == 0)
    host = link + 7;
  else
    return FALSE;
  host_length = strcspn (host, "/?#");
  return host_length > 0 && memchr (host, '@', host_length) == NULL;
}

static gboolean
is_count (const char *value,
          guint64     max)
{
  return g_ascii_string_to_unsigned (value, 10, 0, max, NULL, NULL);
}

/* No more than a table and a list need: each attribute that nobody sees is a place for a message. */
typedef struct
{
  char *href;
  char *start;
  char *columns;
  char *rows;
} Kept;

static void
take_attribute (Html            *self,
                const Element   *element,
                const Attribute *attribute,
                Kept            *kept)
{
  gboolean is_link = g_str_equal (element->name, "a") && is_named (attribute, "href");
  char **place = NULL;
  g_autoptr(GString) value = NULL;
  gboolean fine = FALSE;

  if (is_link)
    place = &kept->href;
  else if (g_str_equal (element->name, "ol") && is_named (attribute, "start"))
    place = &kept->start;
  else if ((element->flags & CELL) != 0 && is_named (attribute, "colspan"))
    place = &kept->columns;
  else if ((element->flags & CELL) != 0 && is_named (attribute, "rowspan"))
    place = &kept->rows;

  if (place != NULL && *place == NULL && attribute->value != NULL && attribute->value_length <= MAX_VALUE)
    {
      value = g_string_new (NULL);
      decode (value, attribute->value, attribute->value + attribute->value_length);
      fine = is_link ? is_safe_link (value->str) : is_count (value->str, 1000);
    }
  if (fine)
    *place = g_string_free (g_steal_pointer (&value), FALSE);
  else if (is_link)
    note (self, GLB_CLIPBOARD_FINDING_HTML_LINK, attribute->value != NULL ? attribute->value : "", attribute->value_length);
  else
    note (self, GLB_CLIPBOARD_FINDING_HTML_ATTRIBUTE, attribute->name, attribute->name_length);
}

static void
append_attribute (Html       *self,
                  const char *name,
                  const char *value)
{
  if (value == NULL)
    return;
  g_string_append_printf (self->out, " %s=\"", name);
  append_escaped (self->out, value, strlen (value));
  g_string_append_c (self->out, '"');
}

static void
append_attributes (Html       *self,
                   const Kept *kept)
{
  append_attribute (self, "href", kept->href);
  append_attribute (self, "start", kept->start);
  append_attribute (self, "colspan", kept->columns);
  append_attribute (self, "rowspan", kept->rows);
}

static void
kept_clear (Kept *kept)
{
  g_free (kept->href);
  g_free (kept->start);
  g_free (kept->columns);
  g_free (kept->rows);
}

/* --- tags --- */

static void
skip_tag (Html *self)
{
  Attribute attribute;

  while (next_attribute (self, &attribute))
    ;
}

/* Up to the end tag of what holds no HTML, or all. */
static void
skip_raw (Html          *self,
          const Element *element)
{
  gsize length = strlen (element->name);

  while (self->at < self->end)
    {
      const char *less = memchr (self->at, '<', self->end - self->at);

      if (less == NULL)
        break;
      self->at = less + 1;
      if ((gsize) (self->end - less) < 2 + length || less[1] != '/' || g_ascii_strncasecmp (less + 2, element->name, length) != 0)
        continue;
      if (less + 2 + length < self->end && (is_space (less[2 + length]) || less[2 + length] == '/' || less[2 + length] == '>'))
        {
          self->at = less + 2 + length;
          skip_tag (self);
          return;
        }
    }
  self->at = self->end;
}

static void
keep_element (Html          *self,
              const Element *element)
{
  Kept kept = { 0 };
  Attribute attribute;

  flush_text (self);
  while (next_attribute (self, &attribute))
    take_attribute (self, element, &attribute, &kept);
  while (self->depth > 0 && ends (element, self->open[self->depth - 1].element))
    close_top (self);

  if ((element->flags & BLOCK) != 0)
    begin_line (self);
  if ((element->flags & ITEM) != 0)
    g_string_append (self->text, "• ");
  if (g_str_equal (element->name, "br"))
    g_string_append_c (self->text, '\n');

  if ((element->flags & EMPTY) != 0 || self->depth < MAX_DEPTH)
    {
      g_string_append_printf (self->out, "<%s", element->name);
      append_attributes (self, &kept);
      g_string_append_c (self->out, '>');
    }
  if ((element->flags & EMPTY) == 0)
    {
      if (self->depth < MAX_DEPTH)
        {
          self->open[self->depth++] = (Open) { element, g_steal_pointer (&kept.href) };
          self->pre_depth += is_pre (element);
        }
      else
        note (self, GLB_CLIPBOARD_FINDING_HTML_ELEMENT, element->name, strlen (element->name));
    }
  kept_clear (&kept);
}

static void
handle_start (Html          *self,
              const Element *element,
              const char    *name,
              gsize          length)
{
  guint flags = element != NULL ? element->flags : 0;

  if (self->hiding != NULL)
    {
      if (element == self->hiding)
        self->hiding_depth++;
      skip_tag (self);
    }
  else if ((flags & KEEP) != 0)
    {
      keep_element (self, element);
      return;
    }
  else
    {
      if ((flags & STRUCTURE) == 0)
        note (self, (flags & IMAGE) != 0 ? GLB_CLIPBOARD_FINDING_HTML_IMAGE : GLB_CLIPBOARD_FINDING_HTML_ELEMENT, name, length);
      skip_tag (self);
      if ((flags & HIDE) != 0 && (flags & RAW) == 0)
        {
          self->hiding = element;
          self->hiding_depth = 1;
        }
    }
  if ((flags & RAW) != 0)
    skip_raw (self, element);
}

static void
handle_end (Html          *self,
            const Element *element)
{
  skip_tag (self);
  if (element == NULL)
    return;
  if (self->hiding != NULL)
    {
      if (element == self->hiding && --self->hiding_depth == 0)
        self->hiding = NULL;
      return;
    }
  for (guint i = self->depth; i > 0; i--)
    if (self->open[i - 1].element == element)
      {
        while (self->depth >= i)
          close_top (self);
        return;
      }
}

static gboolean
begins_with (const Html *self,
             const char *at,
             const char *prefix)
{
  gsize length = strlen (prefix);

  return (gsize) (self->end - at) >= length && memcmp (at, prefix, length) == 0;
}

/* at: behind "<". A comment, a declaration, an instruction: up to its end, or all. */
static void
skip_declaration (Html *self)
{
  const char *start = self->at;
  const char *last;

  if (begins_with (self, start, "!--"))
    {
      /* <!--> and <!---> are whole comments. */
      const char *from = start + 3;

      if (from < self->end && *from == '>')
        last = from + 1;
      else if (begins_with (self, from, "->"))
        last = from + 2;
      else
        {
          last = memmem (from, self->end - from, "-->", 3);
          last = last != NULL ? last + 3 : self->end;
        }
      /* What applications put around each selection they copy. */
      if (!begins_with (self, start, "!--StartFragment-->") && !begins_with (self, start, "!--EndFragment-->"))
        note (self, GLB_CLIPBOARD_FINDING_HTML_COMMENT, start - 1, last - start + 1);
      self->at = last;
      return;
    }
  last = memchr (start, '>', self->end - start);
  self->at = last != NULL ? last + 1 : self->end;
}

static void
handle_markup (Html *self)
{
  const char *name = self->at + 1;
  gboolean is_end = name < self->end && *name == '/';
  const char *at;

  name += is_end;
  if (name < self->end && !is_end && (*name == '!' || *name == '?'))
    {
      self->at = name;
      skip_declaration (self);
      return;
    }
  if (name == self->end || !g_ascii_isalpha (*name))
    {
      if (is_end)
        {
          self->at = name;
          skip_declaration (self);
          return;
        }
      /* "a < b" */
      if (self->hiding == NULL)
        g_string_append_c (self->run, '<');
      self->at++;
      return;
    }

  for (at = name; at < self->end && !is_space (*at) && *at != '/' && *at != '>'; at++)
    ;
  self->at = at;
  if (is_end)
    handle_end (self, find_element (name, at - name));
  else
    handle_start (self, find_element (name, at - name), name, at - name);
}

gboolean
glb_clipboard_html_clean (const char *html,
                          gsize       length,
                          gsize       max_bytes,
                          GString    *out,
                          GString    *text,
                          GArray     *findings)
{
  Html self = {
    .at = html, .end = html + length, .out = out, .text = text, .findings = findings,
    .run = g_string_new (NULL), .cleaned = g_string_new (NULL),
  };

  while (self.at < self.end && out->len <= max_bytes)
    {
      const char *less = memchr (self.at, '<', self.end - self.at);

      if (self.hiding == NULL)
        decode (self.run, self.at, less != NULL ? less : self.end);
      self.at = less != NULL ? less : self.end;
      if (less != NULL)
        handle_markup (&self);
    }
  flush_text (&self);
  while (self.depth > 0)
    close_top (&self);

  g_string_free (self.run, TRUE);
  g_string_free (self.cleaned, TRUE);
  return out->len <= max_bytes;
}
