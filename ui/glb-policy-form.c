/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glovebox-view"

#include "config.h"

#include "ui/glb-policy-form.h"

#include <adwaita.h>
#include <glib/gi18n-lib.h>
#include <json-glib/json-glib.h>

#include "policies/glb-policy-key.h"

/*
 * Which keys have a row, and what it is called, stands in a table; what a row
 * looks like and what it may hold follows from the key's own table in
 * policies/, so that the form cannot say what the parser refuses to know.
 */

typedef struct
{
  const char *group;     /* of the rows up to the next; NULL: the same */
  const char *pointer;   /* NULL ends the table */
  const char *title;
} FormRow;

static const FormRow form_rows[] = {
  { N_("Files"), "/filesystem/allowRead", N_("May read") },
  { NULL, "/filesystem/allowWrite", N_("May write") },
  { NULL, "/filesystem/denyRead", N_("Must not see") },
  { NULL, "/filesystem/home", N_("Its home folder") },
  { NULL, "/portals/fileChooser", N_("Ask you for a file") },
  { N_("Network"), "/network/default", N_("Any site") },
  { NULL, "/network/allowDomains", N_("These sites without a question") },
  { NULL, "/network/denyCidrs", N_("Never these addresses") },
  { NULL, "/network/maxConnectionsPerMinute", N_("Connections in a minute") },
  { N_("Clipboard"), "/desktop/clipboard/hostToSession", N_("From you to it") },
  { NULL, "/desktop/clipboard/sessionToHost", N_("From it to you") },
  { NULL, "/desktop/clipboard/secrets", N_("What looks like a password") },
  { NULL, "/desktop/clipboard/types", N_("Kinds of content") },
  { N_("Devices"), "/devices/camera", N_("Camera") },
  { NULL, "/devices/microphone", N_("Microphone") },
  { NULL, "/devices/speaker", N_("Speakers") },
  { N_("Screen, Keyboard and Pointer"), "/isolation/tier", N_("Isolation") },
  { NULL, "/desktop/width", N_("Width in pixels") },
  { NULL, "/desktop/height", N_("Height in pixels") },
  { NULL, "/desktop/input/agent", N_("It uses keyboard and pointer") },
  { NULL, "/desktop/input/human", N_("You take over") },
  { NULL, "/desktop/input/freezeOnTakeover", N_("Stands still while you drive") },
  { NULL, "/desktop/input/maxEventsPerSecond", N_("Keys and clicks in a second") },
  { NULL, "/desktop/input/denyChords", N_("Keys it must not press") },
  { NULL, "/desktop/xwayland", N_("Old X11 programs") },
  { N_("Programs"), "/process/allowSpawn", N_("Start other programs") },
  { NULL, "/process/allowDebug", N_("Look into other programs") },
  { NULL, "/process/syscalls", N_("System calls") },
  { NULL, "/process/maxProcesses", N_("Processes at a time") },
  { NULL, "/keys/sshAgent", N_("Your SSH keys") },
  { NULL, "/keys/gitCredentials", N_("Your Git passwords") },
  { NULL, "/portals/openUri", N_("Open pages on your desktop") },
  { NULL, "/portals/notification", N_("Show you notifications") },
  { N_("Resources"), "/resources/memoryMb", N_("Memory in MB") },
  { NULL, "/resources/cpuPercent", N_("Percent of a processor") },
  { NULL, "/resources/diskMb", N_("Disk in MB") },
  { NULL, "/resources/timeoutSeconds", N_("Runs at most this many seconds") },
  { NULL, "/prompts/timeoutSeconds", N_("Seconds to answer a question") },
  { NULL, NULL, NULL },
};

static const struct { const char *word, *text; } choice_texts[] = {
  { "deny", N_("No") },
  { "prompt", N_("Ask me") },
  { "allow", N_("Yes") },
  { "never", N_("Never") },
  { "on-takeover", N_("At any time") },
  { "ephemeral", N_("Forgotten at the end") },
  { "persistent", N_("Kept") },
  { "desktop", N_("Those of desktop programs") },
  { "strict", N_("The short list") },
  { "session", N_("A desktop of its own") },
  { "process", N_("Command line only") },
};

struct _GlbPolicyForm
{
  GtkBox parent_instance;

  GtkWidget *widgets[G_N_ELEMENTS (form_rows)];   /* in which the value is */
  gboolean showing;                               /* nobody chose what changes now */
};

G_DEFINE_FINAL_TYPE (GlbPolicyForm, glb_policy_form, GTK_TYPE_BOX)

enum { EDITED, N_SIGNALS };
static guint signals[N_SIGNALS];

#define FORM_ROW "form-row"

static const char *
get_choice_text (const char *word)
{
  for (gsize i = 0; i < G_N_ELEMENTS (choice_texts); i++)
    if (g_str_equal (choice_texts[i].word, word))
      return _(choice_texts[i].text);
  return word;
}

/* ---- from a row to JSON -------------------------------------------------------------- */

/* (transfer full) */
static char *
quote (const char *text)
{
  g_autoptr(JsonNode) node = json_node_init_string (json_node_alloc (), text);

  return json_to_string (node, FALSE);
}

/* The n-th choice that is not refused. */
static const GlbPolicyChoice *
get_choice (const GlbPolicyKey *key,
            guint               n)
{
  for (const GlbPolicyChoice *choice = key->choices; choice->word != NULL; choice++)
    if (!choice->refused && n-- == 0)
      return choice;
  return NULL;
}

/* "a, b" as ["a", "b"]. (transfer full) */
static char *
list_to_json (const char *text)
{
  g_auto(GStrv) parts = g_strsplit (text, ",", -1);
  GString *json = g_string_new ("[");

  for (guint i = 0; parts[i] != NULL; i++)
    {
      g_autofree char *quoted = NULL;

      if (*g_strstrip (parts[i]) == '\0')
        continue;
      quoted = quote (parts[i]);
      g_string_append_printf (json, "%s%s", json->len > 1 ? ", " : "", quoted);
    }
  g_string_append_c (json, ']');
  return g_string_free (json, FALSE);
}

/* (transfer full) (nullable) */
static char *
read_widget (GtkWidget          *widget,
             const GlbPolicyKey *key)
{
  switch (key->kind)
    {
    case GLB_POLICY_KEY_BOOLEAN:
      return g_strdup (gtk_switch_get_active (GTK_SWITCH (widget)) ? "true" : "false");
    case GLB_POLICY_KEY_NUMBER:
      {
        int number = gtk_spin_button_get_value_as_int (GTK_SPIN_BUTTON (widget));

        return key->nullable && number == 0 ? g_strdup ("null") : g_strdup_printf ("%d", number);
      }
    case GLB_POLICY_KEY_CHOICE:
      {
        const GlbPolicyChoice *choice = get_choice (key, adw_combo_row_get_selected (ADW_COMBO_ROW (widget)));

        return choice != NULL ? quote (choice->word) : NULL;
      }
    default:
      return list_to_json (gtk_editable_get_text (GTK_EDITABLE (widget)));
    }
}

static void
tell (GtkWidget     *widget,
      GlbPolicyForm *self)
{
  const FormRow *row = g_object_get_data (G_OBJECT (widget), FORM_ROW);
  g_autofree char *json = self->showing ? NULL : read_widget (widget, glb_policy_find_key (row->pointer));

  if (json != NULL)
    g_signal_emit (self, signals[EDITED], 0, row->pointer, json);
}

static void
on_notify (GtkWidget     *widget,
           GParamSpec    *property,
           GlbPolicyForm *self)
{
  tell (widget, self);
}

/* ---- from a policy to a row ------------------------------------------------------------ */

static gpointer
get_value (const GlbPolicy    *policy,
           const GlbPolicyKey *key)
{
  return G_STRUCT_MEMBER_P ((gpointer) policy, key->offset);
}

/* The other way than list_to_json(). (transfer full) */
static char *
list_to_text (const GlbPolicy    *policy,
              const GlbPolicyKey *key)
{
  GString *text = g_string_new (NULL);
  GPtrArray *rules = key->kind == GLB_POLICY_KEY_RULES ? *(GPtrArray **) get_value (policy, key) : NULL;
  GStrv strings = rules == NULL ? *(GStrv *) get_value (policy, key) : NULL;
  guint n = rules != NULL ? rules->len : strings != NULL ? g_strv_length (strings) : 0;

  for (guint i = 0; i < n; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? ", " : "", rules != NULL ? key->rules->get_text (rules->pdata[i]) : strings[i]);
  return g_string_free (text, FALSE);
}

static void
show_choice (AdwComboRow        *row,
             const GlbPolicyKey *key,
             int                 value)
{
  const GlbPolicyChoice *choice;

  for (guint n = 0; (choice = get_choice (key, n)) != NULL; n++)
    if (choice->value == value)
      adw_combo_row_set_selected (row, n);
}

static void
show_list (GtkEditable        *row,
           const GlbPolicy    *policy,
           const GlbPolicyKey *key)
{
  g_autofree char *text = list_to_text (policy, key);

  /* the person may be amid typing the same in it */
  if (!g_str_equal (text, gtk_editable_get_text (row)))
    gtk_editable_set_text (row, text);
}

static void
show_value (GtkWidget          *widget,
            const GlbPolicy    *policy,
            const GlbPolicyKey *key)
{
  switch (key->kind)
    {
    case GLB_POLICY_KEY_BOOLEAN:
      gtk_switch_set_active (GTK_SWITCH (widget), *(gboolean *) get_value (policy, key));
      break;
    case GLB_POLICY_KEY_NUMBER:
      gtk_spin_button_set_value (GTK_SPIN_BUTTON (widget), *(guint *) get_value (policy, key));
      break;
    case GLB_POLICY_KEY_CHOICE:
      show_choice (ADW_COMBO_ROW (widget), key, *(int *) get_value (policy, key));
      break;
    default:
      show_list (GTK_EDITABLE (widget), policy, key);
    }
}

/* ---- the rows ------------------------------------------------------------------------- */

static GtkWidget *
make_choice_row (const GlbPolicyKey *key,
                 GlbPolicyForm      *self)
{
  GtkWidget *row = adw_combo_row_new ();
  g_autoptr(GtkStringList) model = gtk_string_list_new (NULL);
  const GlbPolicyChoice *choice;

  for (guint n = 0; (choice = get_choice (key, n)) != NULL; n++)
    gtk_string_list_append (model, get_choice_text (choice->word));
  adw_combo_row_set_model (ADW_COMBO_ROW (row), G_LIST_MODEL (model));
  g_signal_connect (row, "notify::selected", G_CALLBACK (on_notify), self);
  return row;
}

static GtkWidget *
make_list_row (GlbPolicyForm *self)
{
  GtkWidget *row = adw_entry_row_new ();

  adw_entry_row_set_show_apply_button (ADW_ENTRY_ROW (row), TRUE);
  gtk_widget_set_tooltip_text (row, _("Separated by commas; Enter takes them over"));
  g_signal_connect (row, "apply", G_CALLBACK (tell), self);
  return row;
}

static gboolean
show_no_limit (GtkSpinButton *spin,
               gpointer       user_data)
{
  if (gtk_spin_button_get_value_as_int (spin) != 0)
    return FALSE;
  gtk_editable_set_text (GTK_EDITABLE (spin), _("No limit"));
  return TRUE;
}

static int
read_no_limit (GtkSpinButton *spin,
               double        *value,
               gpointer       user_data)
{
  if (g_strcmp0 (gtk_editable_get_text (GTK_EDITABLE (spin)), _("No limit")) != 0)
    return FALSE;
  *value = 0;
  return TRUE;
}

static GtkWidget *
make_spin (const GlbPolicyKey *key,
           GlbPolicyForm      *self)
{
  GtkWidget *spin = gtk_spin_button_new_with_range (key->nullable ? 0 : key->minimum, key->maximum, 1);

  gtk_editable_set_width_chars (GTK_EDITABLE (spin), 9);
  gtk_widget_set_valign (spin, GTK_ALIGN_CENTER);
  if (key->nullable)
    {
      g_signal_connect (spin, "output", G_CALLBACK (show_no_limit), NULL);
      g_signal_connect (spin, "input", G_CALLBACK (read_no_limit), NULL);
      gtk_spin_button_set_numeric (GTK_SPIN_BUTTON (spin), FALSE);
      show_no_limit (GTK_SPIN_BUTTON (spin), NULL);
    }
  g_signal_connect (spin, "value-changed", G_CALLBACK (tell), self);
  return spin;
}

static GtkWidget *
make_switch (GlbPolicyForm *self)
{
  GtkWidget *widget = gtk_switch_new ();

  gtk_widget_set_valign (widget, GTK_ALIGN_CENTER);
  g_signal_connect (widget, "notify::active", G_CALLBACK (on_notify), self);
  return widget;
}

/* widget: (out): where the value is, in the row or the row itself. (transfer floating) */
static GtkWidget *
make_row (GlbPolicyForm  *self,
          const FormRow  *form_row,
          GtkWidget     **widget)
{
  const GlbPolicyKey *key = glb_policy_find_key (form_row->pointer);
  gboolean suffix = key->kind == GLB_POLICY_KEY_BOOLEAN || key->kind == GLB_POLICY_KEY_NUMBER;
  GtkWidget *row;

  if (key->kind == GLB_POLICY_KEY_BOOLEAN)
    *widget = make_switch (self);
  else if (key->kind == GLB_POLICY_KEY_NUMBER)
    *widget = make_spin (key, self);
  else
    *widget = key->kind == GLB_POLICY_KEY_CHOICE ? make_choice_row (key, self) : make_list_row (self);
  row = suffix ? adw_action_row_new () : *widget;
  if (suffix)
    {
      adw_action_row_add_suffix (ADW_ACTION_ROW (row), *widget);
      adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), *widget);
    }
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _(form_row->title));
  gtk_accessible_update_property (GTK_ACCESSIBLE (*widget), GTK_ACCESSIBLE_PROPERTY_LABEL, _(form_row->title), -1);
  g_object_set_data (G_OBJECT (*widget), FORM_ROW, (gpointer) form_row);
  return row;
}

/* ---- the widget ----------------------------------------------------------------------- */

static void
glb_policy_form_class_init (GlbPolicyFormClass *klass)
{
  signals[EDITED] = g_signal_new ("edited", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2,
                                  G_TYPE_STRING, G_TYPE_STRING);
}

static void
glb_policy_form_init (GlbPolicyForm *self)
{
  GtkWidget *group = NULL;

  gtk_orientable_set_orientation (GTK_ORIENTABLE (self), GTK_ORIENTATION_VERTICAL);
  gtk_box_set_spacing (GTK_BOX (self), 18);
  for (guint i = 0; form_rows[i].pointer != NULL; i++)
    {
      if (form_rows[i].group != NULL)
        {
          group = adw_preferences_group_new ();
          adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), _(form_rows[i].group));
          gtk_box_append (GTK_BOX (self), group);
        }
      adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), make_row (self, &form_rows[i], &self->widgets[i]));
    }
}

GtkWidget *
glb_policy_form_new (void)
{
  return g_object_new (GLB_TYPE_POLICY_FORM, NULL);
}

void
glb_policy_form_set_policy (GlbPolicyForm   *self,
                            const GlbPolicy *policy)
{
  g_return_if_fail (GLB_IS_POLICY_FORM (self) && policy != NULL);

  self->showing = TRUE;
  for (guint i = 0; form_rows[i].pointer != NULL; i++)
    show_value (self->widgets[i], policy, glb_policy_find_key (form_rows[i].pointer));
  self->showing = FALSE;
}
