/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib.h>
#include <string.h>

#include <gnutls/x509.h>

#include "session-broker/network/glb-secrets-authority.h"

#define DAY 86400

static const char * const hosts[] = { "site.example", "api.example.org", "site.example" };

static GlbSecretsAuthority *
make (void)
{
  const char *why = NULL;
  GlbSecretsAuthority *authority = glb_secrets_authority_new (hosts, G_N_ELEMENTS (hosts), DAY, &why);

  g_assert_cmpstr (why, ==, NULL);
  g_assert_nonnull (authority);
  return authority;
}

static gnutls_x509_crt_t
load (GlbSecretsAuthority *authority)
{
  gnutls_x509_crt_t crt;
  gnutls_datum_t pem;
  unsigned size;

  pem.data = (unsigned char *) glb_secrets_authority_get_certificate (authority, &size);
  pem.size = size;
  g_assert_cmpint (gnutls_x509_crt_init (&crt), ==, 0);
  g_assert_cmpint (gnutls_x509_crt_import (crt, &pem, GNUTLS_X509_FMT_PEM), ==, 0);
  return crt;
}

static gnutls_x509_crt_t
load_leaf (GlbSecretsAuthority *authority,
           const char          *host)
{
  gnutls_certificate_credentials_t credentials = glb_secrets_authority_get_credentials (authority, host);
  gnutls_x509_crt_t crt;
  gnutls_datum_t der;

  g_assert_nonnull (credentials);
  g_assert_cmpint (gnutls_certificate_get_crt_raw (credentials, 0, 0, &der), ==, 0);
  g_assert_cmpint (gnutls_x509_crt_init (&crt), ==, 0);
  g_assert_cmpint (gnutls_x509_crt_import (crt, &der, GNUTLS_X509_FMT_DER), ==, 0);
  return crt;
}

/* As a program in the session does, that trusts authority. */
static unsigned
verify (gnutls_x509_crt_t  crt,
        gnutls_x509_crt_t  authority,
        const char        *name)
{
  gnutls_x509_trust_list_t list;
  unsigned status = 0;

  g_assert_cmpint (gnutls_x509_trust_list_init (&list, 0), ==, 0);
  g_assert_cmpint (gnutls_x509_trust_list_add_cas (list, &authority, 1, 0), ==, 1);
  g_assert_cmpint (gnutls_x509_trust_list_verify_crt2 (list, &crt, 1,
    (gnutls_typed_vdata_st[]) { { .type = GNUTLS_DT_DNS_HOSTNAME, .data = (void *) name },
                                { .type = GNUTLS_DT_KEY_PURPOSE_OID, .data = (void *) GNUTLS_KP_TLS_WWW_SERVER } },
    2, 0, &status, NULL), ==, 0);
  gnutls_x509_trust_list_deinit (list, 0);
  return status;
}

static void
test_verify (void)
{
  GlbSecretsAuthority *one = make ();
  GlbSecretsAuthority *other = make ();
  gnutls_x509_crt_t authority = load (one), stranger = load (other), leaf = load_leaf (one, "site.example");

  g_assert_cmpuint (verify (leaf, authority, "site.example"), ==, 0);
  g_assert_cmpuint (verify (leaf, authority, "api.example.org"), !=, 0);
  g_assert_cmpuint (verify (leaf, authority, "evil.example"), !=, 0);
  g_assert_cmpuint (verify (leaf, stranger, "site.example"), !=, 0);
  g_assert_null (glb_secrets_authority_get_credentials (one, "evil.example"));

  gnutls_x509_crt_deinit (leaf);
  gnutls_x509_crt_deinit (authority);
  gnutls_x509_crt_deinit (stranger);
  glb_secrets_authority_free (one);
  glb_secrets_authority_free (other);
}

/* As who gets it has it. Takes crt. */
static gnutls_x509_crt_t
carry_over (gnutls_x509_crt_t crt)
{
  gnutls_x509_crt_t again;
  gnutls_datum_t der;

  g_assert_cmpint (gnutls_x509_crt_export2 (crt, GNUTLS_X509_FMT_DER, &der), ==, 0);
  g_assert_cmpint (gnutls_x509_crt_init (&again), ==, 0);
  g_assert_cmpint (gnutls_x509_crt_import (again, &der, GNUTLS_X509_FMT_DER), ==, 0);
  gnutls_free (der.data);
  gnutls_x509_crt_deinit (crt);
  return again;
}

/* A certificate by whoever has key, which nobody but the authority's process has. */
static gnutls_x509_crt_t
forge (gnutls_x509_crt_t     constrained,
       gnutls_x509_privkey_t key,
       const char           *name)
{
  gnutls_x509_crt_t crt;

  g_assert_cmpint (gnutls_x509_crt_init (&crt), ==, 0);
  gnutls_x509_crt_set_version (crt, 3);
  gnutls_x509_crt_set_serial (crt, "\x07", 1);
  gnutls_x509_crt_set_activation_time (crt, time (NULL) - 60);
  gnutls_x509_crt_set_expiration_time (crt, time (NULL) + 3600);
  gnutls_x509_crt_set_key (crt, key);
  gnutls_x509_crt_set_dn (crt, "CN=forged", NULL);
  g_assert_cmpint (gnutls_x509_crt_set_subject_alt_name (crt, GNUTLS_SAN_DNSNAME, name, strlen (name), GNUTLS_FSAN_SET), ==, 0);
  gnutls_x509_crt_set_key_purpose_oid (crt, GNUTLS_KP_TLS_WWW_SERVER, 0);
  g_assert_cmpint (gnutls_x509_crt_sign2 (crt, constrained, key, GNUTLS_DIG_SHA256, 0), ==, 0);
  return carry_over (crt);
}

/* The authority's certificate with another key and, without constrained, without its constraints. */
static gnutls_x509_crt_t
copy_authority (gnutls_x509_crt_t     from,
                gnutls_x509_privkey_t key,
                gboolean              constrained)
{
  gnutls_x509_name_constraints_t names;
  gnutls_x509_crt_t crt;
  unsigned critical;

  g_assert_cmpint (gnutls_x509_crt_init (&crt), ==, 0);
  gnutls_x509_crt_set_version (crt, 3);
  gnutls_x509_crt_set_serial (crt, "\x05", 1);
  gnutls_x509_crt_set_dn (crt, "CN=copy", NULL);
  gnutls_x509_crt_set_activation_time (crt, time (NULL) - 60);
  gnutls_x509_crt_set_expiration_time (crt, time (NULL) + 3600);
  gnutls_x509_crt_set_key (crt, key);
  gnutls_x509_crt_set_basic_constraints (crt, 1, 0);
  gnutls_x509_crt_set_key_usage (crt, GNUTLS_KEY_KEY_CERT_SIGN);
  g_assert_cmpint (gnutls_x509_name_constraints_init (&names), ==, 0);
  g_assert_cmpint (gnutls_x509_crt_get_name_constraints (from, names, 0, &critical), ==, 0);
  g_assert_cmpuint (critical, ==, 1);
  if (constrained)
    g_assert_cmpint (gnutls_x509_crt_set_name_constraints (crt, names, critical), ==, 0);
  gnutls_x509_name_constraints_deinit (names);
  g_assert_cmpint (gnutls_x509_crt_sign2 (crt, crt, key, GNUTLS_DIG_SHA256, 0), ==, 0);
  return carry_over (crt);
}

static unsigned
verify_forged (gboolean    constrained,
               const char *name)
{
  GlbSecretsAuthority *authority = make ();
  gnutls_x509_crt_t own = load (authority), copy, forged;
  gnutls_x509_privkey_t key;
  unsigned status;

  g_assert_cmpint (gnutls_x509_privkey_init (&key), ==, 0);
  g_assert_cmpint (gnutls_x509_privkey_generate (key, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS (GNUTLS_ECC_CURVE_SECP256R1), 0), ==, 0);
  copy = copy_authority (own, key, constrained);
  forged = forge (copy, key, name);
  status = verify (forged, copy, name);

  gnutls_x509_crt_deinit (forged);
  gnutls_x509_crt_deinit (copy);
  gnutls_x509_crt_deinit (own);
  gnutls_x509_privkey_deinit (key);
  glb_secrets_authority_free (authority);
  return status;
}

/* Even who had its key could speak for no other host. */
static void
test_constraints (void)
{
  g_assert_cmpuint (verify_forged (TRUE, "site.example"), ==, 0);
  g_assert_cmpuint (verify_forged (TRUE, "evil.example"), !=, 0);
  g_assert_cmpuint (verify_forged (FALSE, "evil.example"), ==, 0);
}

static void
test_shape (void)
{
  GlbSecretsAuthority *authority = make ();
  gnutls_x509_crt_t crt = load (authority);
  gnutls_x509_name_constraints_t names;
  unsigned critical, ca;
  int path_length;
  unsigned char ipv4[4] = { 127, 0, 0, 1 };

  g_assert_cmpint (gnutls_x509_crt_get_basic_constraints (crt, &critical, &ca, &path_length), >=, 0);
  g_assert_cmpuint (ca, ==, 1);
  g_assert_cmpint (path_length, ==, 0);
  g_assert_cmpint (gnutls_x509_crt_get_expiration_time (crt), <=, time (NULL) + DAY);
  g_assert_cmpint (gnutls_x509_name_constraints_init (&names), ==, 0);
  g_assert_cmpint (gnutls_x509_crt_get_name_constraints (crt, names, 0, &critical), ==, 0);
  g_assert_cmpuint (gnutls_x509_name_constraints_check (names, GNUTLS_SAN_DNSNAME, &(gnutls_datum_t) { (void *) "site.example", 12 }), ==, 1);
  g_assert_cmpuint (gnutls_x509_name_constraints_check (names, GNUTLS_SAN_DNSNAME, &(gnutls_datum_t) { (void *) "evil.example", 12 }), ==, 0);
  g_assert_cmpuint (gnutls_x509_name_constraints_check (names, GNUTLS_SAN_IPADDRESS, &(gnutls_datum_t) { ipv4, 4 }), ==, 0);
  gnutls_x509_name_constraints_deinit (names);
  gnutls_x509_crt_deinit (crt);
  glb_secrets_authority_free (authority);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/secrets-authority/verify", test_verify);
  g_test_add_func ("/secrets-authority/constraints", test_constraints);
  g_test_add_func ("/secrets-authority/shape", test_shape);
  return g_test_run ();
}
