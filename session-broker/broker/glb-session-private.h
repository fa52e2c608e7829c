/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The parts of GlbSession: glb-session.c (life), -start.c (what is built), -commands.c, -dbus.c (methods),
 * -accessibility.c, -clipboard.c, -portal.c, -keys.c, -freeze.c, -network.c, -pause.c, -replay.c, -requests.c,
 * -screen.c, -secrets.c, -trace.c, -usage.c. */

#include "glb-broker-dbus-generated.h"
#include "input-filter/glb-meanwhile.h"
#include "session-broker/audit/glb-audit-log.h"
#include "session-broker/broker/glb-accessibility.h"
#include "session-broker/broker/glb-action-server.h"
#include "session-broker/broker/glb-chores.h"
#include "session-broker/broker/glb-clipboard-gate.h"
#include "session-broker/broker/glb-device-gate.h"
#include "session-broker/broker/glb-git-gate.h"
#include "session-broker/broker/glb-network-gate.h"
#include "session-broker/broker/glb-network-publish.h"
#include "session-broker/broker/glb-portal-gate.h"
#include "session-broker/broker/glb-screen-gate.h"
#include "session-broker/broker/glb-session-mounts.h"
#include "session-broker/broker/glb-session.h"
#include "session-broker/broker/glb-ssh-gate.h"

G_BEGIN_DECLS

typedef struct _GlbSessionTraces GlbSessionTraces;

struct _GlbSession
{
  GObject parent_instance;

  GlbHost *host;
  GlbPool *pool;
  GlbPrompts *prompts;
  GlbRunRequest *request;
  char *id;
  char *name;
  char *path;                    /* of its D-Bus object */
  GlbDBusSession1 *skeleton;
  GDBusConnection *client;       /* (nullable): whose end is the session's */
  GlbAuditLog *audit;            /* (nullable): closed */

  GlbSessionState state;
  GlbEndReason reason;
  char *detail;                  /* (nullable): of the reason */
  GTask *start_task;             /* (nullable): start is not answered yet */
  GError *start_error;           /* (nullable): what the caller hears when all is undone */
  GCancellable *cancellable;     /* of the start */
  GPtrArray *end_calls;          /* GDBusMethodInvocation: wait for the end */
  guint timeout_id, grace_id;
  gboolean ending;               /* finish_end is under way */

  /* what must be undone */
  GlbChores *chores;
  char *dir;                     /* (nullable) */
  GlbAccount *account;
  GlbCgroup *cgroup;
  GPtrArray *mounts;             /* GlbSessionMount */
  GPtrArray *landlock;           /* GlbBoxRule */
  char *home_dir;                /* (nullable): persistent home outside */
  int home_lock;                 /* -1: none */
  GlbNest *spare;                /* (nullable): of the pool, not taken yet */
  GlbBox *box;
  GlbCompositor *compositor;
  gboolean compositor_lives;     /* has not said "died" */
  guint n_starting;              /* box and compositor that are on their way */
  int wayland_fd, action_fd, portal_fd;   /* listening, -1: given away, or none */
  int pipewire_fd;               /* listening, -1: the policy has no devices */
  GlbPortalGate *portal;         /* (nullable): no portal lets anything out */
  int ssh_fd, git_fd;            /* listening, -1: given away, or none */
  GlbSshGate *ssh;               /* (nullable): no SSH keys */
  GlbGitGate *git;               /* (nullable): no Git credentials */
  GlbAccount *network_account;   /* (nullable): of the network's process */
  GlbNetwork *network;           /* (nullable): waits for the session's sockets */
  GlbNetworkGate *network_gate;  /* (nullable): no network, or not yet */
  GlbNetworkPublish *publish;    /* (nullable): nobody of the host may come in, or not now */
  GlbAccount *secrets_account;   /* (nullable): of the secrets' process */
  GlbSecrets *secrets;           /* (nullable): has what is stored, or waits for it */
  gboolean has_bundle;           /* the session trusts an authority of its own */

  /* of the session tier */
  GlbFrameHub *hub;
  GlbScreenshot *screenshot;
  GlbActionRunner *runner;
  GlbActionServer *action_server;
  GlbAccessibility *accessibility;
  GlbClipboardGate *clipboard;
  GlbDeviceGate *devices;        /* (nullable) */
  GlbScreenGate *screen;
  guint windows_id;
  GlbLease lease;
  GDBusConnection *lease_client;
  GDBusConnection *replay_client; /* (nullable): acts as a replay, whether or not it has the seat now */
  guint64 n_human_events;        /* since the last record */
  guint human_id;
  GlbMeanwhile *meanwhile;       /* (nullable): the agent knows of everything that a person did */
  JsonNode *last_meanwhile;      /* (nullable): what the last hand-back said */

  gboolean resuming;             /* the call is under way */
  gboolean freeze_wanted;        /* as soon as it runs: everything was stopped meanwhile */

  gboolean frozen;               /* the agent stands still, because a person drives */
  gboolean freezing;             /* that is being changed */
  gint64 freeze_start;
  GPtrArray *lease_calls;        /* GDBusMethodInvocation: answered when it does */

  GlbSessionTraces *traces;      /* (nullable): nobody traces */
  guint64 n_traces;              /* that there were */
  guint64 n_traced;              /* actions that were told */
  guint n_settling;              /* of them whose screen is waited for */

  GHashTable *commands;          /* number to GlbCommand */
  GHashTable *early_exits;       /* number to status */
  GPtrArray *drains;             /* output that no client reads */
  guint64 first_command;
  int first_fds[3];
  guint n_execs;                 /* on their way */
};

/* The person at the other end of a connection, as the lease numbers it. */
guint64   glb_session_holder_of     (GDBusConnection *client);

/* glb-session.c */
/* fields: (transfer none) (nullable). An error ends the session: what was to happen must not. */
gboolean  glb_session_audit         (GlbSession *self, const char *event, GlbDriver actor, JsonObject *fields, GError **error);
/* What was built for it, before the first command runs. */
gboolean  glb_session_audit_built   (GlbSession *self, GError **error);
void      glb_session_set_state     (GlbSession *self, GlbSessionEvent event);
void      glb_session_fail_start    (GlbSession *self, const GError *error);
void      glb_session_check_gone    (GlbSession *self);

/* glb-session-start.c: calls glb_session_started() or glb_session_fail_start() */
void      glb_session_build         (GlbSession *self);
/* Goes on when nothing is on its way any more. */
void      glb_session_check_built   (GlbSession *self);
/* For commands of the session: its variables, the run's, then extra's. (transfer full) */
GStrv     glb_session_dup_env       (GlbSession *self, GStrv extra);
const char *glb_session_get_cwd     (GlbSession *self);
void      glb_session_started       (GlbSession *self, guint64 command, int fds[3]);

/* glb-session-commands.c */
void      glb_session_init_commands (GlbSession *self);
void      glb_session_watch_box     (GlbSession *self);
void      glb_session_exec_async    (GlbSession *self, const char *cwd, const char * const *argv, const char * const *env, gboolean debug,
                                     GlbDriver actor, GDBusConnection *client, GAsyncReadyCallback callback, gpointer user_data);
guint64   glb_session_exec_finish   (GlbSession *self, GAsyncResult *result, int fds[3], GError **error);
gboolean  glb_session_has_command   (GlbSession *self, guint64 command);
void      glb_session_kill_commands_of (GlbSession *self, GDBusConnection *client);
/* Closes the input and reads the output, which is for traces, or nobody. Takes the descriptors. */
void      glb_session_drain         (GlbSession *self, guint64 command, int fds[3]);
/* What is left of it, when no process of the session is left. */
void      glb_session_finish_drains (GlbSession *self);

/* glb-session-accessibility.c */
void      glb_session_make_accessibility (GlbSession *self);

/* glb-session-clipboard.c */
void      glb_session_make_clipboard   (GlbSession *self);
void      glb_session_export_clipboard (GlbSession *self);

/* glb-session-portal.c */
gboolean  glb_session_make_portal      (GlbSession *self, GError **error);
void      glb_session_export_portal    (GlbSession *self);

/* glb-session-keys.c */
gboolean  glb_session_make_keys        (GlbSession *self, GError **error);
/* Where ssh and Git find them. Takes env. (transfer full) */
GStrv     glb_session_set_keys_env     (GlbSession *self, GStrv env);
void      glb_session_close_keys       (GlbSession *self);

/* glb-session-requests.c */
void      glb_session_export_requests (GlbSession *self);

/* glb-session-network.c */
gboolean  glb_session_make_network    (GlbSession *self, GError **error);
void      glb_session_export_network  (GlbSession *self);
/* Nobody of the host comes in any more. */
void      glb_session_unpublish       (GlbSession *self);
/* Where programs find the proxy. Takes env. (transfer full) */
GStrv     glb_session_set_network_env (GStrv env);

/* glb-session-secrets.c */
/* Calls glb_session_check_built(), or glb_session_fail_start(). */
void      glb_session_prepare_secrets (GlbSession *self);
/* Where programs find whom they trust. Takes env. (transfer full) */
GStrv     glb_session_set_secrets_env (GStrv env);

/* glb-session-meanwhile.c */
void      glb_session_watch_meanwhile (GlbSession *self);
void      glb_session_begin_meanwhile (GlbSession *self);   /* a person took over */
void      glb_session_end_meanwhile   (GlbSession *self);   /* and gave back */
/* As GlbActionContextual's member. */
JsonNode *glb_session_tell_meanwhile  (GlbSession *self, gboolean heard);

/* glb-session-freeze.c */
/* A person who drives: whether the agent stands still, as the policy wants. */
gboolean  glb_session_may_drive        (GlbSession *self);
/* As the lease is now; it takes some milliseconds. */
void      glb_session_update_freeze    (GlbSession *self);
/* Answers the call when the agent stands still. Takes invocation. */
void      glb_session_await_freeze     (GlbSession *self, GDBusMethodInvocation *invocation);

/* glb-session-pause.c */
void      glb_session_export_pause       (GlbSession *self);
void      glb_session_freeze_if_wanted   (GlbSession *self);

/* glb-session-usage.c */
void      glb_session_export_usage       (GlbSession *self);

/* glb-session-devices.c */
void      glb_session_make_devices   (GlbSession *self);
void      glb_session_export_devices (GlbSession *self);

/* glb-session-screen.c */
void      glb_session_make_screen   (GlbSession *self);
void      glb_session_export_screen (GlbSession *self);
void      glb_session_update_outputs (GlbSession *self);

/* glb-session-trace.c: each record in all traces. */
void      glb_session_export_trace    (GlbSession *self);
gboolean  glb_session_is_traced       (GlbSession *self);
/* Takes fields. */
void      glb_session_trace           (GlbSession *self, const char *type, JsonObject *fields);
void      glb_session_trace_action    (GlbSession *self, const GlbActionRecord *record);
/* A person's events, before they are carried out; and the seat was released after them. */
void      glb_session_trace_input     (GlbSession *self, const GlbShimEvent *events, guint n_events);
void      glb_session_trace_release   (GlbSession *self);
/* stream: 1 or 2. */
void      glb_session_trace_output    (GlbSession *self, guint64 command, guint stream, const char *untrusted_bytes, gsize length);
void      glb_session_trace_driver    (GlbSession *self);
/* Something about the windows changed, and now is the time to tell. */
void      glb_session_note_windows    (GlbSession *self);
void      glb_session_trace_windows   (GlbSession *self);
/* The last record. */
void      glb_session_end_traces      (GlbSession *self);
void      glb_session_free_traces     (GlbSession *self);

/* glb-session-replay.c */
void      glb_session_export_replay   (GlbSession *self);
gboolean  glb_session_is_replay       (GlbSession *self, GDBusConnection *client);
void      glb_session_release_replay  (GlbSession *self, const char *why);

/* glb-session-dbus.c */
void      glb_session_export_methods (GlbSession *self);
void      glb_session_update_windows (GlbSession *self);
void      glb_session_release_lease  (GlbSession *self, const char *why);
/* Another driver has the seat: what the one before had pressed must not stay pressed. */
void      glb_session_lease_changed  (GlbSession *self);

G_END_DECLS
