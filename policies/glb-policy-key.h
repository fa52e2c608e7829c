/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "policies/glb-policy.h"

G_BEGIN_DECLS

typedef enum
{
  GLB_POLICY_KEY_OBJECT,      /* children */
  GLB_POLICY_KEY_BOOLEAN,
  GLB_POLICY_KEY_NUMBER,      /* minimum to maximum; nullable: null is "no limit" and stored as 0 */
  GLB_POLICY_KEY_CHOICE,      /* one of choices, stored as its value */
  GLB_POLICY_KEY_SOURCE,      /* the same, where the last choice is "file:" and a path; flag: where the path is stored, NULL: another */
  GLB_POLICY_KEY_WORD,        /* one of choices, stored as a string */
  GLB_POLICY_KEY_NAME,        /* a short name, or what check accepts, stored as a string */
  GLB_POLICY_KEY_PATHS,       /* a list of path patterns; fallback: the list's GlbFileAccess */
  GLB_POLICY_KEY_STRINGS,     /* a list of at most maximum strings that check accepts; text: (nullable) the one by default */
  GLB_POLICY_KEY_RECT,        /* [x, y, width, height] as GlbPolicyRect, or null; flag: where it is said that there is one */
  GLB_POLICY_KEY_RECTS,       /* a list of at most maximum of them, a GArray */
  GLB_POLICY_KEY_WINDOWS,     /* a list of at most maximum window patterns, a GPtrArray of GlbWindowPattern */
  GLB_POLICY_KEY_RULES,       /* a list of at most maximum rules of the network, a GPtrArray; rules: of which kind */
  GLB_POLICY_KEY_FALSE,       /* nothing enforces true */
} GlbPolicyKeyKind;

/* NULL, or what is wrong with text and what to do. (transfer full) */
typedef char *(*GlbPolicyCheck) (const char *text);

/* A kind of rules of the network. */
typedef struct
{
  gpointer       (*parse)         (const char *text, char **why);   /* NULL with why: (out) (transfer full). (transfer full) */
  GDestroyNotify   free;
  const char    *(*get_text)      (gconstpointer rule);             /* as written */
  const char    *(*get_canonical) (gconstpointer rule);
} GlbPolicyRules;

typedef struct
{
  const char *word;       /* NULL ends a list; the first is what the canonical form says where nothing is stored */
  int         value;
  gboolean    refused;    /* known, but nothing enforces it yet */
} GlbPolicyChoice;

/**
 * GlbPolicyKey:
 *
 * One key of the policy document. The parser, the defaults, the canonical form
 * and the test of the JSON schema all walk the same tables, which are sorted
 * by name because the canonical form is.
 */
typedef struct _GlbPolicyKey GlbPolicyKey;
struct _GlbPolicyKey
{
  const char            *name;        /* NULL ends a table */
  GlbPolicyKeyKind       kind;
  gssize                 offset;      /* in GlbPolicy; GLB_POLICY_KEY_NOT_STORED */
  guint                  minimum;
  guint                  maximum;
  int                    fallback;    /* number, boolean, choice: what an omitted key means */
  const char            *text;        /* word, name, strings: the same */
  GlbPolicyCheck         check;       /* of each string, or of a name */
  gssize                 flag;        /* rect: a gboolean in GlbPolicy; source: a string */
  gboolean               nullable;
  gboolean               required;
  gboolean               short_form;  /* another way to say something: not in the canonical form */
  const GlbPolicyChoice *choices;
  const GlbPolicyRules  *rules;
  const GlbPolicyKey    *children;
};

#define GLB_POLICY_KEY_NOT_STORED (-1)

/* The object at the top of a document. */
extern const GlbPolicyKey glb_policy_root_key;

/* The key of this name in a table, or NULL. */
const GlbPolicyKey *glb_policy_find_child (const GlbPolicyKey *keys, const char *name);
/* The key of a JSON pointer that leads to one. */
const GlbPolicyKey *glb_policy_find_key (const char *pointer);

/* What window patterns hold, of which they need one. */
#define GLB_POLICY_WINDOW_APP_ID "appId"
#define GLB_POLICY_WINDOW_TITLE  "title"

/* Bounds of a rectangle: those of the screen. */
#define GLB_POLICY_SCREEN_MAX 4096

/* Where a policy holds a key's value. */
static inline int *
glb_policy_key_int (GlbPolicy          *policy,
                    const GlbPolicyKey *key)
{
  return G_STRUCT_MEMBER_P (policy, key->offset);
}

static inline char **
glb_policy_key_string (GlbPolicy          *policy,
                       const GlbPolicyKey *key)
{
  return G_STRUCT_MEMBER_P (policy, key->offset);
}

static inline GStrv *
glb_policy_key_strv (GlbPolicy          *policy,
                     const GlbPolicyKey *key)
{
  return G_STRUCT_MEMBER_P (policy, key->offset);
}

static inline GPtrArray **
glb_policy_key_rules (GlbPolicy          *policy,
                      const GlbPolicyKey *key)
{
  return G_STRUCT_MEMBER_P (policy, key->offset);
}

/* glb-policy-value.c: a key's value in a policy, children included. */
void      glb_policy_value_reset (GlbPolicy *policy, const GlbPolicyKey *key);   /* to its default */
void      glb_policy_value_copy  (GlbPolicy *policy, const GlbPolicy *source, const GlbPolicyKey *key);
void      glb_policy_value_clear (GlbPolicy *policy, const GlbPolicyKey *key);   /* frees it */
/* The canonical form. */
void      glb_policy_value_write (GString *out, const GlbPolicy *policy, const GlbPolicyKey *key);

/* glb-policy-rules.c */
extern const GlbPolicyRules glb_policy_domain_rules;    /* GlbNetworkDomainRule */
extern const GlbPolicyRules glb_policy_address_rules;   /* GlbNetworkAddressRule */
extern const GlbPolicyRules glb_policy_host_rules;      /* GlbNetworkHostRule */
extern const GlbPolicyRules glb_policy_publish_rules;   /* GlbNetworkPublishRule */
extern const GlbPolicyRules glb_policy_secret_rules;    /* GlbNetworkSecretRule */

/* glb-policy-effect.c: NULL, or the pointer of a permission of which nothing can come in this policy, and what to do. */
const char *glb_policy_find_without_effect (const GlbPolicy *policy, const char **remedy);
/* NULL, or what is wrong with an entry of network.secrets beside the rest of the policy, and what to do. (transfer full) */
char       *glb_policy_check_secrets (const GlbPolicy *policy);
/* Denies them all. */
void        glb_policy_deny_without_effect (GlbPolicy *policy);

/* glb-policy-forms.c: checks of strings. */
char *glb_policy_check_mime_type (const char *text);
char *glb_policy_check_chord     (const char *text);
char *glb_policy_check_glob      (const char *text);
char *glb_policy_check_layout    (const char *text);

/* How a source is written that is a file; its path follows. */
#define GLB_POLICY_FILE "file:"

/* The path of one file, written like those of filesystem.*: NULL, or what is wrong and what to do. (transfer full) */
char *glb_policy_check_file (const char *path);

/* The path patterns of filesystem.*: NULL, or what is wrong with pattern and what to do. access: which list. (transfer full) */
char *glb_policy_check_pattern (const char *pattern, GlbFileAccess access);

/* How messages name what nothing enforces yet. */
#define GLB_POLICY_NOT_YET "cannot be enforced by this version"

G_END_DECLS
