/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>

#include "session-broker/keys/glb-ssh-host-key.h"

#define ED25519_BYTES 32
#define UNCOMPRESSED  0x04

static const struct
{
  const char *type, *curve_name;
  gnutls_ecc_curve_t curve;
  gsize bytes;               /* of a coordinate */
  gnutls_sign_algorithm_t algorithm;
} curves[] = {
  { "ecdsa-sha2-nistp256", "nistp256", GNUTLS_ECC_CURVE_SECP256R1, 32, GNUTLS_SIGN_ECDSA_SHA256 },
  { "ecdsa-sha2-nistp384", "nistp384", GNUTLS_ECC_CURVE_SECP384R1, 48, GNUTLS_SIGN_ECDSA_SHA384 },
  { "ecdsa-sha2-nistp521", "nistp521", GNUTLS_ECC_CURVE_SECP521R1, 66, GNUTLS_SIGN_ECDSA_SHA512 },
};

/* For GnuTLS, which changes nothing of it. */
static gnutls_datum_t
datum (GlbSshBytes bytes)
{
  return (gnutls_datum_t) { (unsigned char *) bytes.bytes, (unsigned int) bytes.size };
}

static gboolean
verify (gnutls_pubkey_t key, gnutls_sign_algorithm_t algorithm, GlbSshBytes data, const gnutls_datum_t *signature)
{
  const gnutls_datum_t message = datum (data);

  return gnutls_pubkey_verify_data2 (key, algorithm, 0, &message, signature) >= 0;
}

static gboolean
verify_ed25519 (gnutls_pubkey_t key, GlbSshBytes rest, GlbSshBytes data, GlbSshBytes algorithm, GlbSshBytes signature)
{
  const gnutls_datum_t value = datum (signature);
  GlbSshBytes point;
  gnutls_datum_t x;

  if (!glb_ssh_take_string (&rest, &point) || point.size != ED25519_BYTES || rest.size != 0 ||
      !glb_ssh_equal_text (algorithm, "ssh-ed25519"))
    return FALSE;

  x = datum (point);
  return gnutls_pubkey_import_ecc_raw (key, GNUTLS_ECC_CURVE_ED25519, &x, NULL) >= 0 &&
         verify (key, GNUTLS_SIGN_EDDSA_ED25519, data, &value);
}

static gboolean
take_point (GlbSshBytes rest, guint which, GlbSshBytes *point)
{
  GlbSshBytes curve;

  return glb_ssh_take_string (&rest, &curve) && glb_ssh_equal_text (curve, curves[which].curve_name) &&
         glb_ssh_take_string (&rest, point) && rest.size == 0 && point->size == 1 + 2 * curves[which].bytes &&
         point->bytes[0] == UNCOMPRESSED;
}

/* The two numbers of a signature, each with a zero before it where it would be negative. */
static gboolean
take_numbers (GlbSshBytes rest, guint which, GlbSshBytes *r, GlbSshBytes *s)
{
  gsize max = curves[which].bytes + 1;

  return glb_ssh_take_string (&rest, r) && glb_ssh_take_string (&rest, s) && rest.size == 0 && r->size > 0 && r->size <= max &&
         s->size > 0 && s->size <= max;
}

static gboolean
verify_ecdsa (gnutls_pubkey_t key, guint which, GlbSshBytes rest, GlbSshBytes data, GlbSshBytes algorithm, GlbSshBytes signature)
{
  gsize bytes = curves[which].bytes;
  GlbSshBytes point, r, s;
  gnutls_datum_t x, y, r_value, s_value, value = { NULL, 0 };
  gboolean verified;

  if (!glb_ssh_equal_text (algorithm, curves[which].type) || !take_point (rest, which, &point) ||
      !take_numbers (signature, which, &r, &s))
    return FALSE;

  x = datum ((GlbSshBytes) { point.bytes + 1, bytes });
  y = datum ((GlbSshBytes) { point.bytes + 1 + bytes, bytes });
  r_value = datum (r);
  s_value = datum (s);
  verified = gnutls_pubkey_import_ecc_raw (key, curves[which].curve, &x, &y) >= 0 &&
             gnutls_encode_rs_value (&value, &r_value, &s_value) >= 0 && verify (key, curves[which].algorithm, data, &value);
  gnutls_free (value.data);
  return verified;
}

static gboolean
verify_rsa (gnutls_pubkey_t key, GlbSshBytes rest, GlbSshBytes data, GlbSshBytes algorithm, GlbSshBytes signature)
{
  gboolean sha512 = glb_ssh_equal_text (algorithm, "rsa-sha2-512");
  gnutls_sign_algorithm_t how = sha512 ? GNUTLS_SIGN_RSA_SHA512 : GNUTLS_SIGN_RSA_SHA256;
  const gnutls_datum_t value = datum (signature);
  GlbSshBytes exponent, modulus;
  gnutls_datum_t e, m;

  if (!glb_ssh_take_string (&rest, &exponent) || !glb_ssh_take_string (&rest, &modulus) || rest.size != 0 || exponent.size == 0 ||
      modulus.size == 0 || (!sha512 && !glb_ssh_equal_text (algorithm, "rsa-sha2-256")))
    return FALSE;

  e = datum (exponent);
  m = datum (modulus);
  return gnutls_pubkey_import_rsa_raw (key, &m, &e) >= 0 && verify (key, how, data, &value);
}

static GlbSshHostProof
verify_by_type (gnutls_pubkey_t raw, GlbSshBytes type, GlbSshBytes rest, GlbSshBytes data, GlbSshBytes algorithm,
                GlbSshBytes signature)
{
  if (glb_ssh_equal_text (type, "ssh-ed25519"))
    return verify_ed25519 (raw, rest, data, algorithm, signature) ? GLB_SSH_HOST_PROVEN : GLB_SSH_HOST_FALSE;
  if (glb_ssh_equal_text (type, "ssh-rsa"))
    return verify_rsa (raw, rest, data, algorithm, signature) ? GLB_SSH_HOST_PROVEN : GLB_SSH_HOST_FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (curves); i++)
    if (glb_ssh_equal_text (type, curves[i].type))
      return verify_ecdsa (raw, i, rest, data, algorithm, signature) ? GLB_SSH_HOST_PROVEN : GLB_SSH_HOST_FALSE;
  return GLB_SSH_HOST_UNKNOWN;
}

GlbSshHostProof
glb_ssh_host_key_verify (GlbSshBytes key, GlbSshBytes data, GlbSshBytes signature)
{
  GlbSshHostProof proof;
  GlbSshBytes type, algorithm, value;
  gnutls_pubkey_t raw;

  if (!glb_ssh_take_string (&key, &type) || !glb_ssh_take_string (&signature, &algorithm) ||
      !glb_ssh_take_string (&signature, &value) || gnutls_pubkey_init (&raw) < 0)
    return GLB_SSH_HOST_FALSE;

  proof = verify_by_type (raw, type, key, data, algorithm, value);
  gnutls_pubkey_deinit (raw);
  /* what follows is of a security key */
  return proof == GLB_SSH_HOST_PROVEN && signature.size != 0 ? GLB_SSH_HOST_FALSE : proof;
}
