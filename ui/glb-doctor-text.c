/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glovebox-view"

#include "config.h"

#include "ui/glb-doctor-text.h"

#include <glib/gi18n-lib.h>

static const struct { const char *check, *text; } texts[] = {
  { "weston", N_("Agents can have a screen of their own") },
  { "dbus-daemon", N_("Programs of an agent can talk to each other, and to none of yours") },
  { "glovebox-broker", N_("The broker, which decides and records, is there") },
  { "glovebox-init", N_("What watches over an agent's programs is there") },
  { "glovebox-shell.so", N_("What shows an agent's windows is there") },
  { "user namespaces", N_("Agents can be shut off without an administrator") },
  { "Landlock", N_("The kernel keeps agents away from your files") },
  { "seccomp", N_("The kernel refuses agents what they do not need") },
  { "cgroups", N_("Memory and processors of an agent can be bounded") },
  { "freezing at a takeover", N_("An agent can stand still while you drive") },
  { "sandbox", N_("Agents run under accounts of their own") },
  { "network", N_("Agents can have as much network as their policy says") },
  { "camera and sound", N_("Agents can have a camera and sound, if you say yes") },
  { "screen for recorders", N_("You can give an agent's screen to recorders") },
  { "portals", N_("Agents can ask you for a file") },
  { "https addresses", N_("Web pages that you allow open on your desktop") },
  { "mailto addresses", N_("Mails that you allow open on your desktop") },
  { "runtime folder", N_("There is a place for what runs") },
  { "state folder", N_("There is a place for what is kept") },
  { "audit folder", N_("There is a place for records") },
};

const char *
glb_doctor_text_get (const char *check)
{
  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    if (g_str_equal (texts[i].check, check))
      return _(texts[i].text);
  return check;
}
