/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "session-broker/cli/glb-early-run.h"
#include "session-broker/cli/glb-exit.h"
#include "session-broker/client/glb-client.h"

G_BEGIN_DECLS

/* One verb of the command line. argv[0] is the verb; gives the exit code. */
typedef struct
{
  const char *name;
  const char *arguments;         /* as --help shows them */
  const char *summary;           /* one line */
  int       (*run) (int argc, char **argv);
} GlbCliVerb;

typedef struct _GlbCliTools GlbCliTools;

/* tools: (nullable): what only glovebox-tools has. early: (nullable): what was sent already; its connection is taken. */
int glb_cli_main         (int argc, char **argv, const GlbCliTools *tools, const GlbEarlyRun *early);
/* How far this command line's call has come; NULL: it was not sent. Once: what it has is the caller's. */
const GlbEarlyRun *glb_cli_take_early (void);
/* Runs the verb argv[1] of a table that a NULL name ends. name: of the group, NULL: glovebox itself. */
int glb_cli_dispatch     (const GlbCliVerb *group, const char *name, int argc, char **argv);

int glb_cli_run_verb     (int argc, char **argv);
int glb_cli_exec_verb    (int argc, char **argv);
int glb_cli_ps_verb      (int argc, char **argv);
int glb_cli_stop_verb    (int argc, char **argv);
int glb_cli_kill_verb    (int argc, char **argv);
int glb_cli_pause_verb   (int argc, char **argv);
int glb_cli_resume_verb  (int argc, char **argv);
int glb_cli_screenshot_verb (int argc, char **argv);
int glb_cli_act_verb     (int argc, char **argv);
int glb_cli_windows_verb (int argc, char **argv);
int glb_cli_clipboard_verb (int argc, char **argv);
int glb_cli_device_verb    (int argc, char **argv);
int glb_cli_listen_verb    (int argc, char **argv);
int glb_cli_publish_verb   (int argc, char **argv);
int glb_cli_net_verb       (int argc, char **argv);
int glb_cli_lease_verb   (int argc, char **argv);
int glb_cli_prompts_verb (int argc, char **argv);
int glb_cli_allow_verb   (int argc, char **argv);
int glb_cli_deny_verb    (int argc, char **argv);
int glb_cli_grants_verb  (int argc, char **argv);
int glb_cli_revoke_verb  (int argc, char **argv);
int glb_cli_view_verb    (int argc, char **argv);
int glb_cli_doctor_verb  (int argc, char **argv);
int glb_cli_prove_verb   (int argc, char **argv);
int glb_cli_policy_verb  (int argc, char **argv);
int glb_cli_audit_verb   (int argc, char **argv);

/* Of a command line of run: the parameters of the call Run, and the descriptors that go with them. NULL: told. (transfer full) */
GVariant *glb_cli_run_make_parameters (int argc, char **argv, GUnixFDList **fds);

/* What the verbs share. */

/* Parses the options out of argc, argv. summary: for --help. posix: the first word that is no option ends them.
 * FALSE: told on standard error; exit with GLB_EXIT_FAILED. --help is answered here and ends the process. */
gboolean   glb_cli_parse   (int *argc, char ***argv, const char *arguments, const char *summary, gboolean posix,
                            const GOptionEntry *entries);

/* One line "glovebox: what: why; what to do" on standard error. */
void       glb_cli_say     (const char *format, ...) G_GNUC_PRINTF (1, 2);
/* glb_cli_say() and GLB_EXIT_FAILED. */
int        glb_cli_fail    (const char *format, ...) G_GNUC_PRINTF (1, 2);
/* Says the error (taken) about what, which is left out where the broker's message names it; its exit code. */
int        glb_cli_fail_error (const char *what, GError *error);

/* Becomes the program of ours, with these arguments: its exit code is ours. Comes back where that failed, which is told. */
int        glb_cli_execute (const char *name, int argc, char **argv);

/* Nothing of an outsider's text may steer the terminal: no control characters, valid UTF-8. (transfer full) */
char      *glb_cli_clean   (const char *untrusted_text);

/* From here on it is the machine's broker, on the system bus: `glovebox --system`. */
void       glb_cli_use_system (void);
gboolean   glb_cli_uses_system (void);
/* The broker, without a word. With the machine's start_broker does not matter: the bus starts it. */
GlbClient *glb_cli_open    (gboolean start_broker, GError **error);
/* The broker; a session by id or name. NULL: told; exit with *code. */
GlbClient *glb_cli_connect (gboolean start_broker, int *code);
char      *glb_cli_find    (GlbClient *client, const char *session, int *code);
/* A call of Session1 (interface NULL) or another interface; deadline in seconds. */
GVariant  *glb_cli_call    (GlbClient *client, const char *path, const char *interface, const char *method,
                            GVariant *parameters, guint deadline, GUnixFDList **fds, GError **error);
/* The same with descriptors that go along. fds: (nullable) */
GVariant  *glb_cli_call_with_fds (GlbClient *client, const char *path, const char *interface, const char *method, GVariant *parameters,
                                  guint deadline, GUnixFDList *fds, GUnixFDList **out_fds, GError **error);

/* For verbs that list and take no words: the properties of the broker's objects with interface, sorted (element-type GVariant).
 * No broker: there are none, which is an answer, and *client is NULL. NULL: told; exit with *code. (transfer full) */
GPtrArray  *glb_cli_list_objects    (int argc, char **argv, const char *interface, GCompareFunc order, GlbClient **client, int *code);
JsonNode   *glb_cli_objects_to_json (GPtrArray *objects, JsonNode *(*to_json) (GVariant *properties));
/* A string of them; empty where there is none. */
const char *glb_cli_lookup_string   (GVariant *properties, const char *name);

/* What stands behind --source: one of the broker's words, or a file. Options of DeviceOnWith and AllowWith, floating, and what goes
 * with them. NULL: told on standard error. */
GVariant  *glb_cli_source_options (const char *verb, const char *source, GUnixFDList **fds);

/* JSON of D-Bus values on standard output, one line. */
JsonNode  *glb_cli_json_from_variant (GVariant *value);
void       glb_cli_print_json (JsonNode *node);

/* Rows of equal width: each row has n_columns strings; header first. */
typedef struct
{
  guint n_columns;
  GPtrArray *cells;              /* (element-type utf8) */
} GlbCliTable;

void       glb_cli_table_init   (GlbCliTable *table, guint n_columns, ...);
void       glb_cli_table_add    (GlbCliTable *table, ...);   /* n_columns strings, copied and cleaned */
void       glb_cli_table_finish (GlbCliTable *table);        /* prints and frees */

/* The whole of a memfd (bounded) to a file, whole or not at all; "-" is standard output. */
gboolean   glb_cli_save_fd (int fd, const char *path, GError **error);
/* The same of an answer's image; gives the exit code. */
int        glb_cli_save_image (GUnixFDList *fds, int handle, const char *path);

G_END_DECLS
