/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * GLB_POLICY_ERROR:
 *
 * Error domain of the policy parser. The message names source, line and JSON
 * pointer: `policy.json:12: /desktop/width: 90000 is out of range 64 to 4096`.
 */
#define GLB_POLICY_ERROR (glb_policy_error_quark ())
GQuark glb_policy_error_quark (void);

typedef enum
{
  GLB_POLICY_ERROR_SYNTAX,       /* not strict JSON, too large, too deep, duplicate key */
  GLB_POLICY_ERROR_INVALID,      /* unknown key, wrong type, out of range, contradiction */
  GLB_POLICY_ERROR_UNSUPPORTED,  /* well formed, but nothing enforces it yet: refused, never ignored */
  GLB_POLICY_ERROR_NOT_FOUND,    /* no such file or template */
} GlbPolicyError;

typedef enum { GLB_VERDICT_DENY, GLB_VERDICT_PROMPT, GLB_VERDICT_ALLOW } GlbVerdict;
typedef enum { GLB_TIER_PROCESS, GLB_TIER_SESSION, GLB_TIER_MICRO_VM } GlbTier;
typedef enum { GLB_HOME_EPHEMERAL, GLB_HOME_PERSISTENT } GlbHome;
typedef enum { GLB_SYSCALLS_DESKTOP, GLB_SYSCALLS_STRICT } GlbSyscalls;
typedef enum { GLB_HUMAN_NEVER, GLB_HUMAN_ON_TAKEOVER } GlbHumanInput;
typedef enum { GLB_CAMERA_SOURCE_HOST, GLB_CAMERA_SOURCE_TEST_PATTERN, GLB_CAMERA_SOURCE_FILE } GlbCameraSource;
typedef enum
{
  GLB_MICROPHONE_SOURCE_HOST,
  GLB_MICROPHONE_SOURCE_TONE,
  GLB_MICROPHONE_SOURCE_SILENCE,
  GLB_MICROPHONE_SOURCE_FILE,
} GlbMicrophoneSource;

/* Pixels of the session's screen. */
typedef struct { int x, y, width, height; } GlbPolicyRect;
/* Globs with "*" and "?"; NULL: any. */
typedef struct { char *app_id, *title; } GlbWindowPattern;

/**
 * GlbPolicy:
 *
 * One validated policy, immutable after parsing. Zero means "no limit" in the
 * resource fields; each permission that the document leaves out is denied.
 * Patterns are as written; [method@Policy.resolve_files] expands them.
 */
typedef struct _GlbPolicy GlbPolicy;
struct _GlbPolicy
{
  char *schema_version;
  struct { char *name; char *identity_provider; } agent;
  struct { GlbTier tier; gboolean separate_account; } isolation;
  struct { GStrv allow_read; GStrv allow_write; GStrv deny_read; GlbHome home; } filesystem;
  struct { gboolean allow_spawn; gboolean allow_debug; guint max_processes; GlbSyscalls syscalls; } process;
  struct { guint memory_mb; guint cpu_percent; guint disk_mb; guint timeout_seconds; } resources;
  struct
  {
    guint width;
    guint height;
    gboolean xwayland;
    GlbVerdict publish;            /* the screen, to recorders of the person */
    GlbVerdict listen;             /* what programs play, to the person */
    GlbVerdict agent_input;
    GlbHumanInput human_input;
    char *keyboard_layout;           /* "de", "us(intl)": the form is right, the host may not have it */
    struct
    {
      GlbVerdict host_to_session;
      GlbVerdict session_to_host;
      GlbVerdict secrets;
      GStrv types;
      guint max_bytes;
      guint max_per_minute;
      guint clear_after_seconds;
      gboolean allow_files;
    } clipboard;
    struct
    {
      GStrv deny_chords;
      GStrv deny_text;
      guint max_events_per_second;   /* 0: no limit */
      GArray *deny_regions;          /* GlbPolicyRect */
      GPtrArray *deny_windows;       /* GlbWindowPattern */
      gboolean confine;
      GlbPolicyRect confine_to;
      gboolean freeze_on_takeover;
      gboolean gamepad;
      gboolean tablet;
      gboolean touch;
    } input_rules;
  } desktop;
  struct
  {
    GlbVerdict camera;
    GlbVerdict microphone;
    GlbVerdict speaker;
    GlbCameraSource camera_source;
    GlbMicrophoneSource microphone_source;
    char *camera_file;          /* (nullable): with GLB_CAMERA_SOURCE_FILE: its path, as written */
    char *microphone_file;      /* (nullable): the same */
  } devices;
  struct { GlbVerdict file_chooser; GlbVerdict open_uri; GlbVerdict notification; GlbVerdict settings; } portals;
  struct { GlbVerdict ssh_agent; GlbVerdict git_credentials; } keys;   /* of the person, each use of which is asked */
  struct { guint timeout_seconds; } prompts;
  struct
  {
    GlbVerdict default_verdict;
    GPtrArray *allow_domains;              /* GlbNetworkDomainRule */
    GPtrArray *allow_cidrs, *deny_cidrs;   /* GlbNetworkAddressRule */
    GPtrArray *hosts;                      /* GlbNetworkHostRule */
    GPtrArray *publish;                    /* GlbNetworkPublishRule */
    GPtrArray *secrets;                    /* GlbNetworkSecretRule */
    guint max_connections;                 /* at a time */
    guint max_connections_per_minute;
    guint max_kbytes_per_second;           /* both ways together, as the next */
    guint max_mbytes;
  } network;

  /*< private >*/
  gatomicrefcount ref_count;
  char *canonical;
  char *hash;
  char *source;        /* what messages call the document, printable */
  GHashTable *lines;   /* of the document, see glb_strict_json_parse() */
};

GlbPolicy  *glb_policy_new_from_bytes (GBytes *bytes, const char *source_name, GError **error);
GlbPolicy  *glb_policy_new_from_file  (const char *path, GError **error);
GlbPolicy  *glb_policy_new_from_template (const char *name, GError **error);
GStrv       glb_policy_list_templates (void);
GlbPolicy  *glb_policy_with_tier (const GlbPolicy *self, GlbTier tier, GError **error);
/* "Enforced, or refused": FALSE with GLB_POLICY_ERROR_UNSUPPORTED where the policy says what this version does not enforce.
 * No session may start without it. */
gboolean    glb_policy_check_supported (const GlbPolicy *self, GError **error);
GlbPolicy  *glb_policy_ref (GlbPolicy *self);
void        glb_policy_unref (GlbPolicy *self);
const char *glb_policy_get_canonical (const GlbPolicy *self);   /* canonical JSON, no newline */
const char *glb_policy_get_hash (const GlbPolicy *self);        /* lower-case hex SHA-256 of it */
/* Whether a session under it may ever have a camera, a microphone, a speaker, or somebody who listens: a PipeWire of its own. */
gboolean    glb_policy_wants_devices (const GlbPolicy *self);
/* Whether the agent may ever have to stand still because a person drives. */
gboolean    glb_policy_wants_freeze (const GlbPolicy *self);
/* Whether a session's keyboard has another layout than the usual one, "us". */
gboolean    glb_policy_has_layout (const GlbPolicy *self);
const char *glb_tier_to_string (GlbTier tier);
gboolean    glb_tier_from_string (const char *string, GlbTier *tier);

typedef enum { GLB_FILE_READ, GLB_FILE_WRITE, GLB_FILE_DENY } GlbFileAccess;

/* One resolved rule: an absolute, normalised path; tree: the path and all below it. */
typedef struct
{
  char *path;
  GlbFileAccess access;
  gboolean tree;
} GlbFileRule;

void       glb_file_rule_free (GlbFileRule *rule);
/* The place of kernel or services that path (absolute, normalised) lies in; no session gets these. (nullable) */
const char *glb_policy_find_system_place (const char *path);
/* Pure: no file system access. (transfer full) (element-type GlbFileRule): most general first. */
GPtrArray *glb_policy_resolve_files (const GlbPolicy *self, const char *workspace, const char *home, GError **error);

/* Where a source's file lies, as written in the policy: a folder that is the person's word (not checked for links; "/" where the
 * policy has the whole path), and the way on from there. Pure. FALSE with GLB_POLICY_ERROR_INVALID. (transfer full) */
gboolean   glb_policy_resolve_source (const char *file, const char *workspace, const char *home, char **folder, char **rest, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbPolicy, glb_policy_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbFileRule, glb_file_rule_free)

G_END_DECLS
