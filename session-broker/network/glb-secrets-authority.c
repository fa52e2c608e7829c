/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "session-broker/network/glb-secrets-authority.h"

#include <gnutls/crypto.h>
#include <gnutls/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A clock inside that is a little behind. */
#define BEFORE_SECONDS 3600
#define SERIAL_SIZE    16
#define KEY_ID_SIZE    64

typedef struct
{
  char *host;
  gnutls_certificate_credentials_t credentials;
} Leaf;

struct GlbSecretsAuthority
{
  gnutls_x509_privkey_t key;
  gnutls_x509_privkey_t leaf_key;   /* of all leaves: this process has them all anyway */
  gnutls_x509_crt_t certificate;
  gnutls_datum_t pem;
  time_t from, until;
  Leaf *leaves;
  unsigned n_leaves;
};

static int
make_key (gnutls_x509_privkey_t *key)
{
  int result = gnutls_x509_privkey_init (key);

  if (result < 0)
    return result;
  return gnutls_x509_privkey_generate (*key, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS (GNUTLS_ECC_CURVE_SECP256R1), 0);
}

static int
set_key_id (gnutls_x509_crt_t crt,
            gnutls_x509_crt_t issuer)
{
  unsigned char id[KEY_ID_SIZE];
  size_t size = sizeof id;
  int result = gnutls_x509_crt_get_key_id (crt, GNUTLS_KEYID_USE_SHA1, id, &size);

  if (result >= 0)
    result = gnutls_x509_crt_set_subject_key_id (crt, id, size);
  if (result < 0)
    return result;

  size = sizeof id;
  result = gnutls_x509_crt_get_key_id (issuer, GNUTLS_KEYID_USE_SHA1, id, &size);
  return result >= 0 ? gnutls_x509_crt_set_authority_key_id (crt, id, size) : result;
}

/* What both kinds have. */
static int
begin_certificate (GlbSecretsAuthority   *self,
                   gnutls_x509_crt_t     *crt,
                   gnutls_x509_privkey_t  key,
                   const char            *subject)
{
  unsigned char serial[SERIAL_SIZE];
  int result = gnutls_x509_crt_init (crt);

  if (result >= 0)
    result = gnutls_rnd (GNUTLS_RND_NONCE, serial, sizeof serial);
  if (result < 0)
    return result;

  /* positive, and as long as it is */
  serial[0] = (unsigned char) ((serial[0] & 0x3f) | 0x40);
  if ((result = gnutls_x509_crt_set_version (*crt, 3)) < 0 ||
      (result = gnutls_x509_crt_set_serial (*crt, serial, sizeof serial)) < 0 ||
      (result = gnutls_x509_crt_set_activation_time (*crt, self->from)) < 0 ||
      (result = gnutls_x509_crt_set_expiration_time (*crt, self->until)) < 0 ||
      (result = gnutls_x509_crt_set_key (*crt, key)) < 0)
    return result;
  return gnutls_x509_crt_set_dn_by_oid (*crt, GNUTLS_OID_X520_COMMON_NAME, 0, subject, (unsigned) strlen (subject));
}

/* These names and what is below them; no address of any kind. */
static int
constrain (gnutls_x509_crt_t   crt,
           const char * const *hosts,
           unsigned            n_hosts)
{
  static unsigned char every_ipv4[8], every_ipv6[32];
  gnutls_x509_name_constraints_t names;
  gnutls_datum_t ipv4 = { every_ipv4, sizeof every_ipv4 }, ipv6 = { every_ipv6, sizeof every_ipv6 };
  int result = gnutls_x509_name_constraints_init (&names);

  for (unsigned i = 0; i < n_hosts && result >= 0; i++)
    {
      gnutls_datum_t host = { (unsigned char *) hosts[i], (unsigned) strlen (hosts[i]) };

      result = gnutls_x509_name_constraints_add_permitted (names, GNUTLS_SAN_DNSNAME, &host);
    }
  if (result >= 0)
    result = gnutls_x509_name_constraints_add_excluded (names, GNUTLS_SAN_IPADDRESS, &ipv4);
  if (result >= 0)
    result = gnutls_x509_name_constraints_add_excluded (names, GNUTLS_SAN_IPADDRESS, &ipv6);
  if (result >= 0)
    result = gnutls_x509_crt_set_name_constraints (crt, names, 1);
  gnutls_x509_name_constraints_deinit (names);
  return result;
}

static int
make_authority (GlbSecretsAuthority *self,
                const char * const  *hosts,
                unsigned             n_hosts)
{
  unsigned char number[8];
  char subject[64] = "Glovebox session authority ";
  size_t length = strlen (subject);
  int result = gnutls_rnd (GNUTLS_RND_NONCE, number, sizeof number);

  if (result < 0)
    return result;
  for (size_t i = 0; i < sizeof number; i++)
    length += (size_t) snprintf (subject + length, sizeof subject - length, "%02x", number[i]);

  if ((result = make_key (&self->key)) < 0 || (result = begin_certificate (self, &self->certificate, self->key, subject)) < 0 ||
      (result = gnutls_x509_crt_set_basic_constraints (self->certificate, 1, 0)) < 0 ||
      (result = gnutls_x509_crt_set_key_usage (self->certificate, GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_CRL_SIGN)) < 0 ||
      (result = set_key_id (self->certificate, self->certificate)) < 0 ||
      (result = constrain (self->certificate, hosts, n_hosts)) < 0 ||
      (result = gnutls_x509_crt_sign2 (self->certificate, self->certificate, self->key, GNUTLS_DIG_SHA256, 0)) < 0)
    return result;
  return gnutls_x509_crt_export2 (self->certificate, GNUTLS_X509_FMT_PEM, &self->pem);
}

static int
sign_leaf (GlbSecretsAuthority *self,
           gnutls_x509_crt_t    crt,
           const char          *host)
{
  unsigned length = (unsigned) strlen (host);
  int result;

  if ((result = gnutls_x509_crt_set_subject_alt_name (crt, GNUTLS_SAN_DNSNAME, host, length, GNUTLS_FSAN_SET)) < 0 ||
      (result = gnutls_x509_crt_set_basic_constraints (crt, 0, -1)) < 0 ||
      (result = gnutls_x509_crt_set_key_usage (crt, GNUTLS_KEY_DIGITAL_SIGNATURE)) < 0 ||
      (result = gnutls_x509_crt_set_key_purpose_oid (crt, GNUTLS_KP_TLS_WWW_SERVER, 0)) < 0 ||
      (result = set_key_id (crt, self->certificate)) < 0)
    return result;
  return gnutls_x509_crt_sign2 (crt, self->certificate, self->key, GNUTLS_DIG_SHA256, 0);
}

static int
make_leaf (GlbSecretsAuthority *self,
           const char          *host)
{
  Leaf *leaf = &self->leaves[self->n_leaves];
  gnutls_x509_crt_t crt = NULL;
  /* a common name has 64 characters; programs look at the other names only */
  int result = begin_certificate (self, &crt, self->leaf_key, "Glovebox session");

  if (result >= 0)
    result = sign_leaf (self, crt, host);
  if (result >= 0)
    result = gnutls_certificate_allocate_credentials (&leaf->credentials);
  if (result >= 0)
    {
      leaf->host = strdup (host);
      self->n_leaves++;
      result = gnutls_certificate_set_x509_key (leaf->credentials, &crt, 1, self->leaf_key);
    }
  if (crt != NULL)
    gnutls_x509_crt_deinit (crt);
  return result;
}

GlbSecretsAuthority *
glb_secrets_authority_new (const char * const  *hosts,
                           unsigned             n_hosts,
                           uint64_t             valid_seconds,
                           const char         **why)
{
  GlbSecretsAuthority *self = calloc (1, sizeof *self);
  int result;

  if (self == NULL)
    abort ();
  self->from = time (NULL) - BEFORE_SECONDS;
  self->until = time (NULL) + (time_t) valid_seconds;
  self->leaves = calloc (n_hosts, sizeof *self->leaves);
  result = make_authority (self, hosts, n_hosts);
  if (result >= 0)
    result = make_key (&self->leaf_key);
  for (unsigned i = 0; i < n_hosts && result >= 0; i++)
    if (glb_secrets_authority_get_credentials (self, hosts[i]) == NULL)
      result = make_leaf (self, hosts[i]);
  if (result >= 0)
    return self;

  *why = gnutls_strerror (result);
  glb_secrets_authority_free (self);
  return NULL;
}

void
glb_secrets_authority_free (GlbSecretsAuthority *self)
{
  for (unsigned i = 0; i < self->n_leaves; i++)
    {
      gnutls_certificate_free_credentials (self->leaves[i].credentials);
      free (self->leaves[i].host);
    }
  free (self->leaves);
  if (self->certificate != NULL)
    gnutls_x509_crt_deinit (self->certificate);
  if (self->leaf_key != NULL)
    gnutls_x509_privkey_deinit (self->leaf_key);
  if (self->key != NULL)
    gnutls_x509_privkey_deinit (self->key);
  gnutls_free (self->pem.data);
  free (self);
}

const char *
glb_secrets_authority_get_certificate (GlbSecretsAuthority *self,
                                       unsigned            *size)
{
  *size = self->pem.size;
  return (const char *) self->pem.data;
}

gnutls_certificate_credentials_t
glb_secrets_authority_get_credentials (GlbSecretsAuthority *self,
                                       const char          *host)
{
  for (unsigned i = 0; i < self->n_leaves; i++)
    if (strcmp (self->leaves[i].host, host) == 0)
      return self->leaves[i].credentials;
  return NULL;
}
