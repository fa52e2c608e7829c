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
#include <sys/types.h>

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
typedef GlbProveResult (*GlbProveWithFunc) (GlbBait *bait, gconstpointer data, GString *detail);

typedef struct
{
  const char      *id;
  const char      *theme;
  const char      *title;
  GlbProveFunc     function;   /* (nullable): with is there */
  GlbProveWithFunc with;       /* (nullable) */
  gconstpointer    data;       /* of with */
  gboolean         named;      /* no escape: the policy names it, and it must succeed inside, too */
} GlbProveAttempt;

/* glb-prove-bait.c */

GlbBait    *glb_bait_new_from_json (const char *json, GError **error);
char       *glb_bait_to_json       (GlbBait *bait);
const char *glb_bait_get           (GlbBait *bait, const char *name);   /* (nullable) */
gint64      glb_bait_get_number    (GlbBait *bait, const char *name);   /* 0: not there */
guint16     glb_bait_get_port      (GlbBait *bait, const char *name);
gboolean    glb_bait_is_control    (GlbBait *bait);                     /* FALSE: in the session */
void        glb_bait_set           (GlbBait *bait, const char *name, const char *value);
void        glb_bait_set_number    (GlbBait *bait, const char *name, gint64 value);

/* glb-prove-lay.c: the control's side. NULL with an error where not even files can be made. */

GlbBait    *glb_bait_lay           (const char *folder, GError **error);
void        glb_bait_take_up       (GlbBait *bait);
int         glb_bait_process_main  (const char *token);   /* the process that is attacked */
int         glb_bait_jail_main     (void);                /* one in namespaces of its own */
/* A child that says one line when it is ready and ends when its standard input does. (transfer full) (nullable) */
char       *glb_bait_start_child   (const char * const *argv, char **env, pid_t *pid);

/* What the policy names (at port-http and port-tls); what lies on the same server and it does not name; and a name that it allows, but
 * that leads to where it does not. */
#define GLB_PROVE_NAMED "named.prove.example"
#define GLB_PROVE_OTHER "other.prove.example"
#define GLB_PROVE_LURED "lured.prove.example"

/* glb-prove-lay-network.c: outside only. */

void        glb_bait_lay_network      (GlbBait *bait);
/* The process of the services: glb-prove-services.c */
int         glb_bait_services_main    (const char *token, const char *welcome);
#define GLB_PROVE_MULTICAST "239.255.71.76"
/* Of a session: the gate's, on the session's own loopback. */
#define GLB_PROVE_PROXY_PORT 3128

/* glb-prove-policy.c: the default policy, with a gate that lets through what is named above. (transfer full) (nullable) */
char       *glb_prove_make_policy     (gint64 http_port, gint64 tls_port, gint64 other_port);

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

/* glb-prove-reach.c: a connection counts only when a byte came back over it. */

/* text with each {name} as the bait has it; {nul}: a zero byte. NULL: the bait has no such thing. (transfer full) (nullable) */
GString       *glb_prove_expand (GlbBait *bait, const char *text);
/* A TCP connection to what a program makes of the text, which may be as odd as it likes. -1: errno says why. */
int            glb_prove_reach  (const char *host, guint16 port);
/* TRUE: it came, before the end, an error or a deadline. heard: what came; errno: why not */
gboolean       glb_prove_listen (int fd, const char *wanted, GString *heard);
/* ESCAPED with the token, else REFUSED with what came instead. Takes fd, which may be -1. */
GlbProveResult glb_prove_hear   (GlbBait *bait, int fd, GString *detail);

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
extern const GlbProveAttempt glb_prove_network[];
extern const GlbProveAttempt glb_prove_proxy[];

/* glb-prove-compare.c: both sides, and the table. Returns the exit code. */
int glb_prove_compare (int argc, char **argv);

G_END_DECLS
