/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "clipboard-guard/glb-clipboard-finding.h"
#include "clipboard-guard/glb-clipboard-html.h"

#include <string.h>

#define F(code) GLB_CLIPBOARD_FINDING_HTML_ ## code

typedef struct
{
  const char              *html;
  const char              *cleaned;
  GlbClipboardFindingCode  code;
  guint                    count;    /* 0: nothing was found */
  const char              *text;     /* NULL: not looked at */
} Row;

static const Row rows[] = {
  /* programs */
  { "a<script>alert('</b>')</script>b", "ab", F (ELEMENT), 1, "ab" },
  { "a<SCRIPT src=//evil.example/x.js></ScRiPt >b", "ab", F (ELEMENT), 1 },
  { "a<script>never closed <b>b</b>", "a", F (ELEMENT), 1 },
  { "a<script><!-- <script></script>--></script>b", "a--&gt;b", F (ELEMENT), 1 },
  { "a<script/x>alert(1)</script\n>b", "ab", F (ELEMENT), 1 },
  { "<b onclick=alert(1) OnMouseOver='x()'>b</b>", "<b>b</b>", F (ATTRIBUTE), 2 },
  { "<b/onclick=alert(1)//>b</b>", "<b>b</b>", F (ATTRIBUTE), 1 },
  { "<b \"onclick=\"x\" y>b</b>", "<b>b</b>", F (ATTRIBUTE), 2 },
  { "<svg><script>x</script><a href=\"https://a.example\">t</a></svg>b", "b", F (ELEMENT), 1 },
  { "<svg><svg></svg>still inside</svg>b", "b", F (ELEMENT), 1 },
  { "<math><mtext><style><img src=x onerror=alert(1)></style></math>b", "b", F (ELEMENT), 1 },
  { "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">b", "", F (ELEMENT), 1 },
  { "<template><b>b</b></template>c", "c", F (ELEMENT), 1 },
  { "<object data=x><embed src=y>z</object>c", "c", F (ELEMENT), 1 },

  /* frames and forms, styles, what loads or reports */
  { "<iframe src=https://evil.example><b>x</b></iframe>b", "b", F (ELEMENT), 1 },
  { "<form action=https://evil.example><input name=x><button>Go</button></form>", "Go", F (ELEMENT), 3 },
  { "<textarea><b>x</textarea><select><option>y</select>z", "z", F (ELEMENT), 2 },
  { "<style>b{display:none}</style><b style=\"display:none\">shown</b>", "<b>shown</b>", F (ELEMENT), 1, "shown" },
  { "<link rel=stylesheet href=https://evil.example><base href=//evil.example>b", "b", F (ELEMENT), 2 },
  { "<meta http-equiv=refresh content='0;url=https://evil.example'>b", "b", 0, 0 },
  { "<span hidden class=x id=y>b</span>", "<span>b</span>", F (ATTRIBUTE), 3 },
  { "<span lang=glpat-aB3dE6gH9jK2mN5pQ8sT title=x>b</span>", "<span>b</span>", F (ATTRIBUTE), 2 },
  { "<title>t</title><plaintext>b<i>c", "", F (ELEMENT), 2 },
  { "<bdo dir=rtl>abc</bdo>", "abc", F (ELEMENT), 1 },
  { "a<marquee>b</marquee><x-y>c</x-y><b:c>d</b:c>", "abcd", F (ELEMENT), 3 },

  /* pictures */
  { "<img src=https://evil.example/pixel.gif>b", "b", F (IMAGE), 1 },
  { "<img src=\"data:image/png;base64,AAAA\" onerror=x()>b", "b", F (IMAGE), 1 },

  /* links */
  { "<a href=\"javascript:alert(1)\">x</a>", "<a>x</a>", F (LINK), 1, "x" },
  { "<a href=\"JaVaScRiPt:alert(1)\">x</a>", "<a>x</a>", F (LINK), 1 },
  { "<a href=\" javascript:alert(1)\">x</a>", "<a>x</a>", F (LINK), 1 },
  { "<a href=\"java\nscript:alert(1)\">x</a>", "<a>x</a>", F (LINK), 1 },
  { "<a href=\"java&#10;script:alert(1)\">x</a>", "<a>x</a>", F (LINK), 1 },
  { "<a href=\"java&Tab;script:alert(1)\">x</a>", "<a>x</a>", F (LINK), 1 },
  { "<a href=\"&#106;avascript:alert(1)\">x</a>", "<a>x</a>", F (LINK), 1 },
  { "<a href=\"&#x6A;&#0;avascript:alert(1)\">x</a>", "<a>x</a>", F (LINK), 1 },
  { "<a href=data:text/html,x>x</a>", "<a>x</a>", F (LINK), 1 },
  { "<a href=vbscript:x>x</a>", "<a>x</a>", F (LINK), 1 },
  { "<a href=file:///etc/passwd>x</a>", "<a>x</a>", F (LINK), 1 },
  { "<a href=//evil.example>x</a>", "<a>x</a>", F (LINK), 1 },
  { "<a href=https:evil.example>x</a>", "<a>x</a>", F (LINK), 1 },
  { "<a href=https://bank.example@evil.example/>x</a>", "<a>x</a>", F (LINK), 1 },
  { "<a href=\"https://b\xc3\xa4nk.example/\">x</a>", "<a>x</a>", F (LINK), 1 },
  { "<a href=\"https://evil.example/\xe2\x80\xae\">x</a>", "<a>x</a>", F (LINK), 1 },
  { "<a href=https:///x>x</a>", "<a>x</a>", F (LINK), 1 },
  { "<a href>x</a>", "<a>x</a>", F (LINK), 1 },
  { "<a href=\"https://a.example/\" href=\"https://evil.example/\">x</a>", "<a href=\"https://a.example/\">x</a>", F (LINK), 1 },

  /* what is not text: comments, declarations, what is not closed */
  { "a<!-- hidden <b> -->b", "ab", F (COMMENT), 1 },
  { "a<!-->b-->c", "ab--&gt;c", F (COMMENT), 1 },
  { "a<!--never closed <b>b</b>", "a", F (COMMENT), 1 },
  { "a<!doctype html><?php echo 1 ?></ x>b", "ab", 0, 0 },
  { "a<b title=\"never closed>b</b>", "a<b></b>", F (ATTRIBUTE), 1 },
  { "a<![CDATA[<b>x</b>]]>", "ax]]&gt;", 0, 0, "ax]]>" },

  /* what hides in text hides in references, too */
  { "user&#x202e;//&#8238;x", "user//x", GLB_CLIPBOARD_FINDING_BIDI, 2, "user//x" },
  { "a&#27;[31mb", "ab", GLB_CLIPBOARD_FINDING_ESCAPE, 1 },
  { "a&#8203;b\xe2\x80\x8b", "ab", GLB_CLIPBOARD_FINDING_ZERO_WIDTH, 2 },
  { "a&#0;b&#xd800;c&#x110000;d&#99999999;", "a\xef\xbf\xbd" "b\xef\xbf\xbd" "c\xef\xbf\xbd" "d\xef\xbf\xbd", 0, 0 },
  { "a&ZeroWidthSpace;b", "a&amp;ZeroWidthSpace;b", 0, 0, "a&ZeroWidthSpace;b" },
  { "&lt;script&gt;x&lt;/script&gt;", "&lt;script&gt;x&lt;/script&gt;", 0, 0, "<script>x</script>" },
  { "&#60;script&#62;", "&lt;script&gt;", 0, 0 },
  { "&&amp&;&#;&#x;&#12a;", "&amp;&amp;amp&amp;;\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd", 0, 0 },

  /* badly nested: always closed, and lists do not nest without end */
  { "<b>a<i>b</b>c</i>", "<b>a<i>b</i></b>c", 0, 0 },
  { "</b>a</p></table>", "a", 0, 0 },
  { "<ul><li>a<li>b</ul>", "<ul><li>a</li><li>b</li></ul>", 0, 0, "• a\n• b\n" },
  { "<p>a<p>b<div>c</div>", "<p>a</p><p>b</p><div>c</div>", 0, 0, "a\nb\nc\n" },
  { "<table><tr><td>a<td>b<tr><td>c</table>", "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", 0, 0, "a\tb\t\nc\t\n" },
  { "a < b && c > d", "a &lt; b &amp;&amp; c &gt; d", 0, 0, "a < b && c > d" },

  /* what stays */
  { "<html><head><meta charset=\"utf-8\"></head><body><!--StartFragment--><p>Hi</p><!--EndFragment--></body></html>", "<p>Hi</p>", 0, 0, "Hi\n" },
  { "<A HREF='https://a.example/?x=1&amp;y=2'>x</A>", "<a href=\"https://a.example/?x=1&amp;y=2\">x</a>", 0, 0, "x ⟨https://a.example/?x=1&y=2⟩" },
  { "<a href=mailto:a@b.example>x</a>", "<a href=\"mailto:a@b.example\">x</a>", 0, 0 },
  { "<td colspan=2 rowspan='3'>x</td>", "<td colspan=\"2\" rowspan=\"3\">x</td>", 0, 0 },
  { "<td colspan=100000>x</td><ol start=-1></ol>", "<td>x</td><ol></ol>", F (ATTRIBUTE), 2 },
  { "<pre>a\n  b</pre>", "<pre>a\n  b</pre>", 0, 0, "a\n  b\n" },
  { "a\n   b<br>c<hr/>d&nbsp;&euro;", "a\n   b<br>c<hr>d\xc2\xa0\xe2\x82\xac", 0, 0, "a b\nc\nd\xc2\xa0\xe2\x82\xac" },
  { "<h1>T</h1><blockquote><em>x</em>, <code>y</code></blockquote>", "<h1>T</h1><blockquote><em>x</em>, <code>y</code></blockquote>", 0, 0 },
  { "", "", 0, 0 },
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
      GString *text = g_string_new (NULL);
      GString *twice = g_string_new (NULL);

      g_test_message ("row %u: %s", i, row->html);
      g_assert_true (glb_clipboard_html_clean (row->html, strlen (row->html), 100000, out, text, findings));
      g_assert_cmpstr (out->str, ==, row->cleaned);
      if (row->count == 0)
        g_assert_cmpuint (findings->len, ==, 0);
      else
        g_assert_cmpuint (glb_clipboard_findings_get (findings, row->code), ==, row->count);
      if (row->text != NULL)
        g_assert_cmpstr (text->str, ==, row->text);

      g_string_truncate (text, 0);
      g_assert_true (glb_clipboard_html_clean (out->str, out->len, 100000, twice, text, again));
      g_assert_cmpstr (twice->str, ==, out->str);
      g_assert_cmpuint (again->len, ==, 0);
      g_string_free (out, TRUE);
      g_string_free (text, TRUE);
      g_string_free (twice, TRUE);
    }
}

static void
test_depth (void)
{
  g_autoptr(GArray) findings = glb_clipboard_findings_new ();
  GString *html = g_string_new (NULL);
  GString *out = g_string_new (NULL);
  GString *text = g_string_new (NULL);
  guint n = 0;

  for (guint i = 0; i < 20000; i++)
    g_string_append (html, "<div>");
  g_string_append (html, "deep");
  g_assert_true (glb_clipboard_html_clean (html->str, html->len, 1 << 20, out, text, findings));
  for (const char *at = out->str; (at = strstr (at, "<div>")) != NULL; at++)
    n++;
  g_assert_cmpuint (n, ==, 64);
  g_assert_cmpuint (glb_clipboard_findings_get (findings, F (ELEMENT)), ==, 20000 - 64);
  g_assert_cmpstr (text->str, ==, "deep\n");
  g_assert_true (g_str_has_suffix (out->str, "deep</div></div></div></div></div></div></div></div></div></div></div></div></div></div></div></div>"
                                   "</div></div></div></div></div></div></div></div></div></div></div></div></div></div></div></div>"
                                   "</div></div></div></div></div></div></div></div></div></div></div></div></div></div></div></div>"
                                   "</div></div></div></div></div></div></div></div></div></div></div></div></div></div></div></div>"));
  g_string_free (html, TRUE);
  g_string_free (out, TRUE);
  g_string_free (text, TRUE);
}

/* Escaping makes it longer: the limit is on what leaves. */
static void
test_size (void)
{
  g_autofree char *html = g_strnfill (1000, '&');
  g_autoptr(GArray) findings = glb_clipboard_findings_new ();

  for (guint fits = 0; fits <= 1; fits++)
    {
      GString *out = g_string_new (NULL);
      GString *text = g_string_new (NULL);

      g_assert_cmpint (glb_clipboard_html_clean (html, 1000, 4999 + fits, out, text, findings), ==, fits);
      g_string_free (out, TRUE);
      g_string_free (text, TRUE);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clipboard/html/table", test_table);
  g_test_add_func ("/clipboard/html/depth", test_depth);
  g_test_add_func ("/clipboard/html/size", test_size);
  return g_test_run ();
}
