/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glovebox-view"

#include "config.h"

#include "ui/glb-template-text.h"

#include <glib/gi18n-lib.h>

typedef struct { const char *name, *title, *summary, *icon; } TemplateText;

static const TemplateText texts[] = {
  { "default", N_("One Task"), N_("Works in one folder, on a desktop of its own"), "user-desktop-symbolic" },
  { "desktop-tester", N_("Desktop Tester"), N_("Tries out a program, and writes its report in out/"), "input-mouse-symbolic" },
  { "web", N_("Web Browsing"), N_("Asks you about each site that it wants to reach"), "network-workgroup-symbolic" },
  { "code-assistant", N_("Code Assistant"), N_("Programs in one folder; asks for your keys each time"), "utilities-terminal-symbolic" },
  { "office-documents", N_("Office Documents"), N_("Writes letters and tables; no network"), "x-office-document-symbolic" },
  { "data-analyst", N_("Data Analyst"), N_("Reads your data, and cannot change it; bounded memory"), "x-office-spreadsheet-symbolic" },
  { "email-summarizer", N_("E-mail Summarizer"), N_("Reads mail of strangers; nothing can leave"), "mail-unread-symbolic" },
  { "locked-down", N_("Locked Down"), N_("One command-line program, and no file of yours"), "changes-prevent-symbolic" },
};

static const TemplateText *
find (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    if (g_str_equal (texts[i].name, name))
      return &texts[i];
  return NULL;
}

const char *
glb_template_text_get_title (const char *name)
{
  const TemplateText *text = find (name);

  return text != NULL ? _(text->title) : name;
}

const char *
glb_template_text_get_summary (const char *name)
{
  const TemplateText *text = find (name);

  return text != NULL ? _(text->summary) : "";
}

const char *
glb_template_text_get_icon (const char *name)
{
  const TemplateText *text = find (name);

  return text != NULL ? text->icon : "text-x-generic-symbolic";
}
