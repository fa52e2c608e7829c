/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "session-broker/keys/glb-ssh-host-key.h"

/* Made by OpenSSH 9.2: keys, and signatures of them. */
#define DATA "the id of a connection"

static const char ed25519_key[] =
    "AAAAC3NzaC1lZDI1NTE5AAAAIKm5IOg9viA4HVsRXW0yolhQUpVwh6NNAnUtqfLPJDWp";
static const char ed25519_signature[] =
    "AAAAC3NzaC1lZDI1NTE5AAAAQLHdmpZnj73I+1MfBZE71AsDuJ/yXR0/Wr86NNDjHK3vBOqRK4RApTOm5Zwswh0/Uk0dHieptqjq"
    "U9XPL6fkSgA=";
static const char ecdsa256_key[] =
    "AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBMVAwAoUhADNoxIXtdS5FS9KXTXFIfp5Cb0W0WVFac3G/ONH"
    "BMF/yurxHkD3gJhZYtSboT0rNqXn+RGWsloTWYc=";
static const char ecdsa256_signature[] =
    "AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAABJAAAAIB1afik4BZjRgXx6pqa1EuSxUJHyXSazELoCq0OgGoOFAAAAIQD8C3iZnG7w"
    "MzxR18tSLo84HBLcUjlDXjdz9Z7rNLg+UQ==";
static const char ecdsa384_key[] =
    "AAAAE2VjZHNhLXNoYTItbmlzdHAzODQAAAAIbmlzdHAzODQAAABhBKaTDILvbLH4gF5eiRPa7Mw148ymxzn04ilLosR7kK9mNJ9X"
    "DW1+lK38pMgge9hEZz4Z9mbXHGXBw67Tnylf6OCrNrgmXVs8oe7QVEQuG0A2Dr/oBDz+0IBoTFwnfC7XRw==";
static const char ecdsa384_signature[] =
    "AAAAE2VjZHNhLXNoYTItbmlzdHAzODQAAABqAAAAMQDPsAzVHwNEXZ8+PiH/Nj+IF73Iu1FejLbxgC6Y8ycOa77wTHYD9VHSc+L9"
    "kqxgC1gAAAAxANhnz3LdVF2LMZ7dp4EzbX9zsXGGqdr+Z/KHzkLdSe9K+yd39lnMjRfEn5o8HEvg6A==";
static const char ecdsa521_key[] =
    "AAAAE2VjZHNhLXNoYTItbmlzdHA1MjEAAAAIbmlzdHA1MjEAAACFBAF/w/MpcNJ/XB8HAOyWjbVtg8d1kx1caYZNtI1+CuAmMwXM"
    "zPfQiFYSGE9TTljwbgcaNa3sbQchcLcqM4WeH9zMZgA1nRyOJQnGeDOXckAJTCIpezwdgbeGx7lClFUuGK+Y1i7KtqDDxlII09R6"
    "nHu4udEVBVheZ/xdxyopGPOxQ1zt4g==";
static const char ecdsa521_signature[] =
    "AAAAE2VjZHNhLXNoYTItbmlzdHA1MjEAAACLAAAAQgFZd5qSrlCa04ollAnTO5z1ikMrTBQ46Zc2pNBfk1oqofkfSPf3KOiDWCS1"
    "o1sXSt4ZlZd7BQx3wIuIseyo2YS7YgAAAEEYFc6Gfeq0bdcxlGXbE72lwcD5dZ7pr0H006RwILnUaka9Zt9FRDnnH3m8v1yGwh+j"
    "bGPLS5JNwt0CgW9ZfN38YA==";
static const char rsa_key[] =
    "AAAAB3NzaC1yc2EAAAADAQABAAABAQDhNuphQWvMqK+Agly3FbA3qzAwsrio1l+u1q9pZ1b1yw7Fxg9mEYqInAo4+cgbvECmNDwm"
    "a0p7rOxHkv/WRpbfIuo5K5GhNDEmRnpU1Y7e5Tlj4yi+LvrI0mOYozg3DnTAfqDoii57tohTJPzuMPEIr025CgwVbJVqdZexutJF"
    "P+vpFnZG26BRaKhwPXzk8X4E0Ank28b+SHfUN5Qxd00Z/pXffN3c7ZfUd6TtDSPA3QGWXSPabOdUlHfwtedYG70x6gD6/8UjZLXR"
    "Uh1MdxfW+wcO3JhVhrnGb4e5Q+wblqcE325yWZf5csMXOgzyOqCCBgoztEcccb+sMW/yElfP";
static const char rsa_sha256_signature[] =
    "AAAADHJzYS1zaGEyLTI1NgAAAQBV/w40OZLDkdvBPsNBQeBoMCnvNycLufuBCkrZB6fG9cOM0Ir7S+y7luyItUZ2nPetep94fwFY"
    "L8opeUSF7oMBnuV03dwm+HGYfCqDp/+QulZ1ACo/jrW2C31LGQwOGTo7uUMdqYUxmcxlX4f0kXUIJSgweMpSKHlu3Twm1zCT7SU3"
    "pu4Yo3+wzbwq3Ywmqgqm2Y5f/wPMd85gGA5h9vGpQZ9FKl6W6xjJdnRrAJfsatOe1vdtH93j/yIkUD+3w7Fc69PyjVyDNBIrOaoV"
    "GdgALe01gfe/W4pzvfqDsmO2l2upvbkWPp6vQTDPZ3fI9i54f2Lm9uJlRjFyT6mJhsJy";
static const char rsa_sha512_signature[] =
    "AAAADHJzYS1zaGEyLTUxMgAAAQBpneszb0MZ3g5sykJtiLeKlLSQWY1Qluzm0nCwMTgPnaCU71xtpMsx+h1rrp5hI/lArscdaEky"
    "cY+H0TUJf4tJK9Lxthw0Q73mudQOeZXTVZtjclch4fUD6LI105YvBE9vSY5jI6/3+ub3CXKpRrEa/3WK0yWcFY9ImbIHpAUhr08T"
    "Pon8aoORhxFu5BTiLRqQsNMLuRenL5pZxd7uneI3O0YV5PVUuWyRnORTwQvH/xuqdbb1rlfeUODayuMDR1IwxjwZto9MX5eLSJ38"
    "0IiSzgPGnV+Yob5hR5DS/7EBh7RLV0xaQOyqohixCH7t3bNCFPqNMpiyIFPJ/BEuKhDx";
static const char rsa_sha1_signature[] =
    "AAAAB3NzaC1yc2EAAAEAoiMJZ3JfyafO+GDp8D+JIeuNOOsKkqmT/546K/Aoqh5RqeywZxBLUNGC2/NKd59Qlr7t2PAxsrD+Jt1/"
    "SFBBN7P72PerPHNEx0XtyqFPggLhE+BJIFDuIzU0pJdzqRw8iJQ0SSDFkXF9e+eRgXupcCzyIPcWkELFtl8Mc4hIOhFkx+Ttn7Jj"
    "xG6QUGCqfJktXpsTgnMQGYOL/kCFVwje1gUGPU9KSZ5/5ydBn2LJ4bnZGie7qGhfYRlRl8clCzON9AsXwgSAfzngj9XG8bVrmaQo"
    "N48/8NE+m5M6j0fdWoKutdglRl6aZIZ2uorlWKCTJChfmcYNyRWGtaGQWXX0KQ==";

static const struct { const char *key, *signature; } pairs[] = {
  { ed25519_key, ed25519_signature },
  { ecdsa256_key, ecdsa256_signature },
  { ecdsa384_key, ecdsa384_signature },
  { ecdsa521_key, ecdsa521_signature },
  { rsa_key, rsa_sha256_signature },
  { rsa_key, rsa_sha512_signature },
};

static GByteArray *
decode (const char *base64)
{
  gsize size;
  guchar *bytes = g_base64_decode (base64, &size);

  return g_byte_array_new_take (bytes, size);
}

static GlbSshHostProof
verify (GByteArray *key, const char *data, GByteArray *signature)
{
  return glb_ssh_host_key_verify ((GlbSshBytes) { key->data, key->len }, (GlbSshBytes) { (const guint8 *) data, strlen (data) },
                                  (GlbSshBytes) { signature->data, signature->len });
}

static void
test_proven (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++)
    {
      g_autoptr(GByteArray) key = decode (pairs[i].key);
      g_autoptr(GByteArray) signature = decode (pairs[i].signature);

      g_assert_cmpint (verify (key, DATA, signature), ==, GLB_SSH_HOST_PROVEN);
    }
}

/* Whatever differs by one bit is of another host, or of another connection. */
static void
test_false (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++)
    {
      g_autoptr(GByteArray) key = decode (pairs[i].key);
      g_autoptr(GByteArray) signature = decode (pairs[i].signature);

      g_assert_cmpint (verify (key, "the id of a connectioN", signature), ==, GLB_SSH_HOST_FALSE);
      key->data[key->len - 1] ^= 1;
      g_assert_cmpint (verify (key, DATA, signature), ==, GLB_SSH_HOST_FALSE);
      key->data[key->len - 1] ^= 1;
      signature->data[signature->len - 1] ^= 1;
      g_assert_cmpint (verify (key, DATA, signature), ==, GLB_SSH_HOST_FALSE);
      signature->data[signature->len - 1] ^= 1;
      g_byte_array_append (signature, (const guint8 *) "", 1);
      g_assert_cmpint (verify (key, DATA, signature), ==, GLB_SSH_HOST_FALSE);
    }
}

static void
test_cut_off (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++)
    {
      g_autoptr(GByteArray) key = decode (pairs[i].key);
      g_autoptr(GByteArray) signature = decode (pairs[i].signature);
      guint size = key->len;

      /* without its whole type it is of a kind that is not known */
      for (key->len = 0; key->len < size; key->len++)
        g_assert_cmpint (verify (key, DATA, signature), !=, GLB_SSH_HOST_PROVEN);
      key->len = size;
      size = signature->len;
      for (signature->len = 0; signature->len < size; signature->len++)
        g_assert_cmpint (verify (key, DATA, signature), ==, GLB_SSH_HOST_FALSE);
      signature->len = size;
    }
}

/* One key's signature is not another's; nor is one by an algorithm that others could forge. */
static void
test_other (void)
{
  g_autoptr(GByteArray) rsa = decode (rsa_key);
  g_autoptr(GByteArray) sha1 = decode (rsa_sha1_signature);
  g_autoptr(GByteArray) other = decode (ed25519_signature);
  g_autoptr(GByteArray) unknown = decode ("AAAAB3Vua25vd24AAAABeA==");

  g_assert_cmpint (verify (rsa, DATA, sha1), ==, GLB_SSH_HOST_FALSE);
  g_assert_cmpint (verify (rsa, DATA, other), ==, GLB_SSH_HOST_FALSE);
  g_assert_cmpint (verify (unknown, DATA, other), ==, GLB_SSH_HOST_UNKNOWN);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/ssh-host-key/false", test_false);
  g_test_add_func ("/ssh-host-key/cut-off", test_cut_off);
  g_test_add_func ("/ssh-host-key/other", test_other);
  g_test_add_func ("/ssh-host-key/proven", test_proven);
  return g_test_run ();
}
