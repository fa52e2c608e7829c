/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "tests/system/glb-test-reader.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "tests/system/glb-test-bus.h"

#define ACCESSIBLE       "org.a11y.atspi.Accessible"
#define REGISTRY         "org.a11y.atspi.Registry"
#define ROOT             "/org/a11y/atspi/accessible/root"
#define CALL_DEADLINE_MS 10000
/* AtspiRole; it has no size */
#define APPLICATION      75

/* ---- reading -------------------------------------------------------------------------- */

/* (nullable): it is not there any more */
static GVariant *
ask (GlbTestReader *self,
     const char    *owner,
     const char    *path,
     const char    *interface,
     const char    *method,
     GVariant      *arguments)
{
  return g_dbus_connection_call_sync (self->bus, owner, path, interface, method, arguments, NULL,
                                      G_DBUS_CALL_FLAGS_NONE, CALL_DEADLINE_MS, NULL, NULL);
}

static char *
read_name (GlbTestReader *self,
           const char    *owner,
           const char    *path)
{
  g_autoptr(GVariant) reply = ask (self, owner, path, "org.freedesktop.DBus.Properties", "Get",
                                   g_variant_new ("(ss)", ACCESSIBLE, "Name"));
  g_autoptr(GVariant) name = NULL;

  if (reply == NULL)
    return g_strdup ("");

  g_variant_get (reply, "(v)", &name);

  return g_variant_dup_string (name, NULL);
}

static guint64
read_states (GlbTestReader *self,
             const char    *owner,
             const char    *path)
{
  g_autoptr(GVariant) reply = ask (self, owner, path, ACCESSIBLE, "GetState", NULL);
  g_autoptr(GVariantIter) iter = NULL;
  guint32 half;
  guint64 states = 0;

  if (reply == NULL)
    return 0;

  g_variant_get (reply, "(au)", &iter);
  for (guint shift = 0; g_variant_iter_next (iter, "u", &half); shift += 32)
    states |= (guint64) half << shift;

  return states;
}

/* What is on another page of a stack is in the tree, too, but has no size before it is shown. */
static void
read_extents (GlbTestReader  *self,
              GlbTestElement *element)
{
  g_autoptr(GVariant) reply = ask (self, element->owner, element->path, "org.a11y.atspi.Component", "GetExtents", g_variant_new ("(u)", 1));

  if (reply == NULL)
    return;

  g_variant_get (reply, "((iiii))", &element->x, &element->y, &element->width, &element->height);
  element->shown = element->width > 0 && element->height > 0;
}

static GlbTestElement *
read_element (GlbTestReader *self,
              const char    *owner,
              const char    *path,
              const char    *inside)
{
  g_autoptr(GVariant) reply = ask (self, owner, path, ACCESSIBLE, "GetRole", NULL);
  GlbTestElement *element;

  if (reply == NULL)
    return NULL;

  element = g_new0 (GlbTestElement, 1);
  g_variant_get (reply, "(u)", &element->role);
  element->owner = g_strdup (owner);
  element->path = g_strdup (path);
  element->inside = g_strdup (inside);
  element->name = read_name (self, owner, path);
  element->states = read_states (self, owner, path);
  read_extents (self, element);

  return element;
}

static void
element_free (gpointer data)
{
  GlbTestElement *element = data;

  g_free (element->owner);
  g_free (element->path);
  g_free (element->name);
  g_free (element->inside);
  g_free (element);
}

static void
read_children (GlbTestReader *self,
               const char    *owner,
               const char    *path,
               const char    *name,
               gboolean       in_combo_box)
{
  g_autoptr(GVariant) reply = ask (self, owner, path, ACCESSIBLE, "GetChildren", NULL);
  const char *child_owner, *child_path;
  g_autoptr(GVariantIter) iter = NULL;

  if (reply == NULL)
    return;

  g_variant_get (reply, "(a(so))", &iter);
  while (g_variant_iter_next (iter, "(&s&o)", &child_owner, &child_path))
    {
      GlbTestElement *element = read_element (self, child_owner, child_path, name);

      if (element == NULL)
        continue;
      element->in_combo_box = in_combo_box;
      g_ptr_array_add (self->elements, element);
      if (element->shown || element->role == APPLICATION)
        read_children (self, child_owner, child_path, *element->name != '\0' ? element->name : name,
                       in_combo_box || element->role == GLB_TEST_ROLE_COMBO_BOX);
    }
}

void
glb_test_reader_read (GlbTestReader *self)
{
  g_ptr_array_set_size (self->elements, 0);
  read_children (self, REGISTRY, ROOT, "the desktop", FALSE);
}

static gboolean
matches (const GlbTestElement *element,
         guint                 role,
         const char           *name)
{
  return element->shown && (role == 0 || element->role == role) && g_str_equal (element->name, name);
}

const GlbTestElement *
glb_test_reader_find (GlbTestReader *self,
                      guint          role,
                      const char    *name)
{
  for (guint i = 0; i < self->elements->len; i++)
    {
      const GlbTestElement *element = self->elements->pdata[i];

      if (matches (element, role, name))
        return element;
    }

  return NULL;
}

typedef struct
{
  GlbTestReader *reader;
  guint role;
  const char *name;
  const char *interface, *method;   /* of what is done with it */
  GVariant *arguments;
} Wanted;

static gboolean
is_there (gpointer data)
{
  Wanted *wanted = data;

  glb_test_reader_read (wanted->reader);

  return glb_test_reader_find (wanted->reader, wanted->role, wanted->name) != NULL;
}

static gboolean
is_gone (gpointer data)
{
  return !is_there (data);
}

const GlbTestElement *
glb_test_reader_wait (GlbTestReader *self,
                      guint          role,
                      const char    *name)
{
  Wanted wanted = { self, role, name };

  glb_test_wait (is_there, &wanted, name);

  return glb_test_reader_find (self, role, name);
}

void
glb_test_reader_wait_gone (GlbTestReader *self,
                           guint          role,
                           const char    *name)
{
  Wanted wanted = { self, role, name };
  g_autofree char *what = g_strdup_printf ("“%s” to go", name);

  glb_test_wait (is_gone, &wanted, what);
}

/* ---- doing ------------------------------------------------------------------------------ */

/* GTK has a menu button twice, by the same name, and only the inner one takes a press. */
static gboolean
was_done (gpointer data)
{
  Wanted *wanted = data;
  GlbTestReader *self = wanted->reader;

  glb_test_reader_read (self);
  for (guint i = 0; i < self->elements->len; i++)
    {
      const GlbTestElement *element = self->elements->pdata[i];
      g_autoptr(GVariant) reply = NULL;

      if (!matches (element, wanted->role, wanted->name) || (element->states & GLB_TEST_STATE_SENSITIVE) == 0)
        continue;
      reply = ask (self, element->owner, element->path, wanted->interface, wanted->method, wanted->arguments);
      if (reply != NULL)
        return TRUE;
    }

  return FALSE;
}

gboolean
glb_test_reader_try_press (GlbTestReader *self,
                           guint          role,
                           const char    *name)
{
  Wanted wanted = { self, role, name, "org.a11y.atspi.Action", "DoAction", g_variant_ref_sink (g_variant_new ("(i)", 0)) };
  gboolean pressed = was_done (&wanted);

  g_variant_unref (wanted.arguments);

  return pressed;
}

void
glb_test_reader_press (GlbTestReader *self,
                       guint          role,
                       const char    *name)
{
  Wanted wanted = { self, role, name, "org.a11y.atspi.Action", "DoAction", g_variant_ref_sink (g_variant_new ("(i)", 0)) };
  g_autofree char *what = g_strdup_printf ("“%s” to be pressed", name);

  glb_test_wait (was_done, &wanted, what);
  g_variant_unref (wanted.arguments);
}

static char *
read_parent (GlbTestReader        *self,
             const GlbTestElement *element)
{
  g_autoptr(GVariant) reply = ask (self, element->owner, element->path, "org.freedesktop.DBus.Properties", "Get",
                                   g_variant_new ("(ss)", ACCESSIBLE, "Parent"));
  g_autoptr(GVariant) parent = NULL;
  char *path = NULL;

  g_assert_nonnull (reply);
  g_variant_get (reply, "(v)", &parent);
  g_variant_get (parent, "(so)", NULL, &path);

  return path;
}

/* One of a list, or of cards. */
void
glb_test_reader_choose (GlbTestReader *self,
                        const char    *name)
{
  const GlbTestElement *element = glb_test_reader_wait (self, 0, name);
  g_autofree char *parent = read_parent (self, element);
  g_autoptr(GVariant) place = ask (self, element->owner, element->path, ACCESSIBLE, "GetIndexInParent", NULL);
  g_autoptr(GVariant) reply = NULL;

  g_assert_nonnull (place);
  reply = ask (self, element->owner, parent, "org.a11y.atspi.Selection", "SelectChild", place);
  if (reply == NULL)
    g_error ("“%s” cannot be chosen: role %u at %s", name, element->role, element->path);
}

void
glb_test_reader_fill_in (GlbTestReader *self,
                         const char    *name,
                         const char    *text)
{
  Wanted wanted = { self, 0, name, "org.a11y.atspi.EditableText", "SetTextContents", g_variant_ref_sink (g_variant_new ("(s)", text)) };
  g_autofree char *what = g_strdup_printf ("“%s” to be filled in", name);

  glb_test_wait (was_done, &wanted, what);
  g_variant_unref (wanted.arguments);
}

typedef struct
{
  GlbTestReader *self;
  const char *arguments;
} Keys;

/* A window that goes meanwhile, as tooltips do, ends the search, and then nothing was pressed. */
static gboolean
were_pressed (gpointer data)
{
  const Keys *keys = data;

  return glb_test_xdotool (keys->self->display.display, keys->arguments);
}

void
glb_test_reader_keys (GlbTestReader *self,
                      const char    *window,
                      const char    *keys)
{
  g_autofree char *arguments = g_strdup_printf ("search --onlyvisible --name \"%s\" windowfocus --sync key --clearmodifiers %s", window, keys);
  Keys pressed = { self, arguments };

  glb_test_wait (were_pressed, &pressed, "keys to be pressed");
}

const GlbTestElement *
glb_test_reader_get_focus (GlbTestReader *self)
{
  const GlbTestElement *innermost = NULL;

  for (guint i = 0; i < self->elements->len; i++)
    {
      GlbTestElement *element = self->elements->pdata[i];

      if (!element->shown || (element->states & GLB_TEST_STATE_FOCUSABLE) == 0)
        continue;
      element->states = read_states (self, element->owner, element->path);
      if ((element->states & GLB_TEST_STATE_FOCUSED) != 0)
        innermost = element;
    }

  return innermost;
}

typedef struct
{
  Wanted wanted;
  const char *window, *key;
} Move;

/* A key may do nothing yet, where the window is just opening. */
static gboolean
has_moved_to (gpointer data)
{
  Move *move = data;
  GlbTestReader *self = move->wanted.reader;

  glb_test_reader_read (self);
  for (guint i = 0; i < self->elements->len; i++)
    {
      const GlbTestElement *element = self->elements->pdata[i];

      if (matches (element, move->wanted.role, move->wanted.name) && (element->states & GLB_TEST_STATE_FOCUSED) != 0)
        return TRUE;
    }
  glb_test_reader_keys (self, move->window, move->key);

  return FALSE;
}

void
glb_test_reader_move_to (GlbTestReader *self,
                         const char    *window,
                         const char    *key,
                         guint          role,
                         const char    *name)
{
  Move move = { { self, role, name }, window, key };
  g_autofree char *what = g_strdup_printf ("the focus on “%s”", name);

  glb_test_wait (has_moved_to, &move, what);
}

void
glb_test_reader_print (GlbTestReader *self)
{
  for (guint i = 0; i < self->elements->len; i++)
    {
      const GlbTestElement *element = self->elements->pdata[i];

      g_test_message ("%s%3u “%s” in “%s” %" G_GINT64_MODIFIER "x %s", element->shown ? "" : "(hidden) ", element->role, element->name,
                      element->inside, element->states, element->path);
    }
}

const char *
glb_test_role_get_name (guint role)
{
  switch (role)
    {
    case GLB_TEST_ROLE_CHECK_BOX: return "check box";
    case GLB_TEST_ROLE_COMBO_BOX: return "combo box";
    case GLB_TEST_ROLE_LIST: return "list";
    case GLB_TEST_ROLE_LIST_ITEM: return "list item";
    case GLB_TEST_ROLE_MENU_ITEM: return "menu item";
    case GLB_TEST_ROLE_PAGE_TAB: return "page tab";
    case GLB_TEST_ROLE_PUSH_BUTTON: return "push button";
    case GLB_TEST_ROLE_RADIO_BUTTON: return "radio button";
    case GLB_TEST_ROLE_SLIDER: return "slider";
    case GLB_TEST_ROLE_SPIN_BUTTON: return "spin button";
    case GLB_TEST_ROLE_GRID: return "grid";
    case GLB_TEST_ROLE_GRID_CELL: return "grid cell";
    case GLB_TEST_ROLE_TEXT: return "text box";
    case GLB_TEST_ROLE_TOGGLE_BUTTON: return "toggle button";
    case GLB_TEST_ROLE_ENTRY: return "entry";
    default: return NULL;
    }
}

/* ---- the buses ---------------------------------------------------------------------------- */

static gboolean
have_programs (void)
{
  static const char * const programs[] = { "Xvfb", "xdotool", "foot", "dbus-daemon", NULL };

  return glb_test_have_programs (programs) && glb_test_bus_can_read ();
}

/* The person's own settings and applications are none of the test's. */
static void
set_folders (GlbTestSystem *system)
{
  g_autofree char *config = g_build_filename (system->root, "config", NULL);
  g_autofree char *data = g_build_filename (system->root, "data", NULL);

  system->environment = g_environ_setenv (system->environment, "XDG_CONFIG_HOME", config, TRUE);
  system->environment = g_environ_setenv (system->environment, "XDG_DATA_HOME", data, TRUE);
}

gboolean
glb_test_reader_start (GlbTestReader *self)
{
  g_autoptr(GDBusConnection) session = NULL;

  memset (self, 0, sizeof *self);
  if (!have_programs () || (self->system = glb_test_system_new ()) == NULL)
    return FALSE;

  set_folders (self->system);
  self->elements = g_ptr_array_new_with_free_func (element_free);
  glb_test_display_start (&self->display, self->system);
  self->dbus = glb_test_bus_start (self->system->environment, &self->address);
  self->system->environment = g_environ_setenv (self->system->environment, "DBUS_SESSION_BUS_ADDRESS", self->address, TRUE);
  session = glb_test_bus_connect (self->address);
  self->bus = glb_test_bus_connect_accessibility (session);

  return TRUE;
}

void
glb_test_reader_stop (GlbTestReader *self)
{
  g_clear_object (&self->bus);
  g_subprocess_send_signal (self->dbus, SIGTERM);
  g_subprocess_wait (self->dbus, NULL, NULL);
  g_clear_object (&self->dbus);
  g_clear_pointer (&self->address, g_free);
  glb_test_display_stop (&self->display);
  g_clear_pointer (&self->elements, g_ptr_array_unref);
  g_clear_pointer (&self->system, glb_test_system_free);
}
