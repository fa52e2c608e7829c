/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* In the order of AT-SPI's enumerations, which are its protocol. */

#include "session-broker/accessibility/glb-accessible-names.h"

#include <string.h>

static const char * const roles[] = {
  "invalid", "accelerator label", "alert", "animation", "arrow", "calendar", "canvas", "check box", "check menu item",
  "color chooser", "column header", "combo box", "date editor", "desktop icon", "desktop frame", "dial", "dialog",
  "directory pane", "drawing area", "file chooser", "filler", "focus traversable", "font chooser", "frame", "glass pane",
  "html container", "icon", "image", "internal frame", "label", "layered pane", "list", "list item", "menu", "menu bar",
  "menu item", "option pane", "page tab", "page tab list", "panel", "password text", "popup menu", "progress bar",
  "push button", "radio button", "radio menu item", "root pane", "row header", "scroll bar", "scroll pane", "separator",
  "slider", "spin button", "split pane", "status bar", "table", "table cell", "table column header", "table row header",
  "tearoff menu item", "terminal", "text", "toggle button", "tool bar", "tool tip", "tree", "tree table", "unknown", "viewport",
  "window", "extended", "header", "footer", "paragraph", "ruler", "application", "autocomplete", "editbar", "embedded", "entry",
  "chart", "caption", "document frame", "heading", "page", "section", "redundant object", "form", "link", "input method window",
  "table row", "tree item", "document spreadsheet", "document presentation", "document text", "document web", "document email",
  "comment", "list box", "grouping", "image map", "notification", "info bar", "level bar", "title bar", "block quote", "audio",
  "video", "definition", "article", "landmark", "log", "marquee", "math", "rating", "timer", "static", "math fraction",
  "math root", "subscript", "superscript", "description list", "description term", "description value", "footnote",
  "content deletion", "content insertion", "mark", "suggestion", "push button menu",
};

static const char * const states[] = {
  "invalid", "active", "armed", "busy", "checked", "collapsed", "defunct", "editable", "enabled", "expandable", "expanded",
  "focusable", "focused", "has-tooltip", "horizontal", "iconified", "modal", "multi-line", "multiselectable", "opaque",
  "pressed", "resizable", "selectable", "selected", "sensitive", "showing", "single-line", "stale", "transient", "vertical",
  "visible", "manages-descendants", "indeterminate", "required", "truncated", "animated", "invalid-entry",
  "supports-autocompletion", "selectable-text", "is-default", "visited", "checkable", "has-popup", "read-only",
};

const char *
glb_accessible_role_to_string (guint32 role)
{
  return role < G_N_ELEMENTS (roles) ? roles[role] : "unknown";
}

const char *
glb_accessible_state_to_string (guint state)
{
  return state < G_N_ELEMENTS (states) ? states[state] : NULL;
}

gboolean
glb_accessible_is_class_name (const char *name)
{
  if (!g_str_has_prefix (name, "Gtk") && !g_str_has_prefix (name, "Adw"))
    return FALSE;
  return g_ascii_isupper (name[3]) && name[strspn (name, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS)] == '\0';
}
