/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * glovebox-prove: shows that a session cannot be left.
 *
 * One table of attempts to escape. The same code runs twice: outside, where it
 * must succeed (the control: it shows that the attempt is a real one on this
 * host), and in a session, where it must fail. What does not succeed outside
 * is "unavailable" and proves nothing.
 *
 * What an attempt goes for is bait that the control lays out: files,
 * processes, sockets, terminals of the person. The session's side is told
 * where it lies, so it does not fail by not knowing.
 */

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  GLB_PROVE_REFUSED,
  GLB_PROVE_ESCAPED,
  GLB_PROVE_UNAVAILABLE,   /* cannot be tried here */
} GlbProveResult;

/* Names and values of the bait, as text. */
typedef GHashTable GlbBait;

/* detail: what was seen, in words. */
typedef GlbProveResult (*GlbProveFunc) (GlbBait *bait, GString *detail);

typedef struct
{
  const char  *id;
  const char  *theme;
  const char  *title;
  GlbProveFunc function;
} GlbProveAttempt;

/* glb-prove-bait.c */

GlbBait    *glb_bait_new_from_json (const char *json, GError **error);
char       *glb_bait_to_json       (GlbBait *bait);
const char *glb_bait_get           (GlbBait *bait, const char *name);   /* (nullable) */
gint64      glb_bait_get_number    (GlbBait *bait, const char *name);   /* 0: not there */
void        glb_bait_set           (GlbBait *bait, const char *name, const char *value);
void        glb_bait_set_number    (GlbBait *bait, const char *name, gint64 value);

/* glb-prove-lay.c: the control's side. NULL with an error where not even files can be made. */

GlbBait    *glb_bait_lay           (const char *folder, GError **error);
void        glb_bait_take_up       (GlbBait *bait);
int         glb_bait_process_main  (const char *token);   /* the process that is attacked */
int         glb_bait_jail_main     (void);                /* one in namespaces of its own */

/* glb-prove-lay-gates.c: outside only. */

void        glb_bait_lay_gates      (GlbBait *bait, const char *folder);
void        glb_bait_take_up_gates  (void);
char       *glb_prove_find_glovebox (GError **error);
/* What the command line says with these; NULL: it failed. (transfer full) */
char       *glb_prove_run_glovebox  (const char * const *arguments);

/* glb-prove-attempt.c: what several attempts need. */

/* "WHAT: the error", and GLB_PROVE_REFUSED. */
GlbProveResult glb_prove_refused     (GString *detail, const char *what);
GlbProveResult glb_prove_escaped     (GString *detail, const char *what);
GlbProveResult glb_prove_unavailable (GString *detail, const char *what);
/* TRUE where the file holds the token. */
GlbProveResult glb_prove_read_token  (GlbBait *bait, const char *path, GString *detail);
GlbProveResult glb_prove_open        (const char *path, int flags, GString *detail);

/* A stream socket: a path, or with @ an abstract name. -1: errno says why. */
int glb_prove_connect (const char *name);

/* Runs each in a process of its own, with a deadline, and prints a line of JSON for it. control: refused is unavailable. */
void glb_prove_run_all (GlbBait *bait, gboolean control);
const GlbProveAttempt *glb_prove_get_attempts (guint table, guint *n);   /* NULL: no more tables */

extern const GlbProveAttempt glb_prove_files[];
extern const GlbProveAttempt glb_prove_processes[];
extern const GlbProveAttempt glb_prove_namespaces[];
extern const GlbProveAttempt glb_prove_devices[];
extern const GlbProveAttempt glb_prove_sockets[];
extern const GlbProveAttempt glb_prove_wayland[];
extern const GlbProveAttempt glb_prove_kernel[];
extern const GlbProveAttempt glb_prove_gates[];

/* glb-prove-compare.c: both sides, and the table. Returns the exit code. */
int glb_prove_compare (int argc, char **argv);

G_END_DECLS
