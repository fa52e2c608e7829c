/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Access control lists as the kernel keeps them, because the names must be
 * open descriptors (no path that somebody could swap) and libacl has none.
 */

#include "session-broker/sandbox/glb-launch-private.h"

#include <endian.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#define ACL_VERSION 2
#define MAX_ENTRIES 128
#define NO_ID       0xffffffffu
#define ACCESS      "system.posix_acl_access"
#define DEFAULT     "system.posix_acl_default"

/* In the order that the kernel wants. */
enum { TAG_OWNER = 0x01, TAG_USER = 0x02, TAG_OWNING_GROUP = 0x04, TAG_GROUP = 0x08, TAG_MASK = 0x10, TAG_OTHER = 0x20 };

typedef struct
{
  uint16_t tag;
  uint16_t perm;
  uint32_t id;
} Entry;

typedef struct
{
  uint32_t version;
  Entry    entries[MAX_ENTRIES];
} Wire;

typedef struct
{
  Entry  entries[MAX_ENTRIES];
  size_t n;
  bool   stored;           /* there was one; else it was made of the mode */
} Acl;

static int
read_acl (const char *path, const char *name, mode_t mode, Acl *acl)
{
  Wire wire;
  ssize_t size = getxattr (path, name, &wire, sizeof wire);

  acl->n = 0;
  acl->stored = false;
  if (size < 0 && errno != ENODATA)
    return -1;

  if (size > (ssize_t) sizeof wire.version)
    {
      acl->stored = true;
      acl->n = (size - sizeof wire.version) / sizeof (Entry);
      for (size_t i = 0; i < acl->n; i++)
        {
          acl->entries[i].tag = le16toh (wire.entries[i].tag);
          acl->entries[i].perm = le16toh (wire.entries[i].perm);
          acl->entries[i].id = le32toh (wire.entries[i].id);
        }
      return 0;
    }

  acl->entries[acl->n++] = (Entry) { TAG_OWNER, (mode >> 6) & 7, NO_ID };
  acl->entries[acl->n++] = (Entry) { TAG_OWNING_GROUP, (mode >> 3) & 7, NO_ID };
  acl->entries[acl->n++] = (Entry) { TAG_OTHER, mode & 7, NO_ID };

  return 0;
}

static int
write_acl (const char *path, const char *name, const Acl *acl)
{
  Wire wire = { .version = htole32 (ACL_VERSION) };

  for (size_t i = 0; i < acl->n; i++)
    {
      wire.entries[i].tag = htole16 (acl->entries[i].tag);
      wire.entries[i].perm = htole16 (acl->entries[i].perm);
      wire.entries[i].id = htole32 (acl->entries[i].id);
    }

  return setxattr (path, name, &wire, sizeof wire.version + acl->n * sizeof (Entry), 0);
}

static Entry *
find (Acl *acl, unsigned tag, uint32_t id)
{
  for (size_t i = 0; i < acl->n; i++)
    if (acl->entries[i].tag == tag && acl->entries[i].id == id)
      return &acl->entries[i];

  return NULL;
}

/* Sets or adds; keeps the order. */
static int
put (Acl *acl, unsigned tag, uint32_t id, unsigned perm)
{
  Entry *entry = find (acl, tag, id);
  size_t i;

  if (entry != NULL)
    {
      entry->perm = perm;
      return 0;
    }
  if (acl->n == MAX_ENTRIES)
    {
      errno = ENOSPC;
      return -1;
    }

  for (i = acl->n; i > 0 && acl->entries[i - 1].tag > tag; i--)
    acl->entries[i] = acl->entries[i - 1];
  acl->entries[i] = (Entry) { tag, perm, id };
  acl->n++;

  return 0;
}

static bool
drop (Acl *acl, unsigned tag, uint32_t id)
{
  Entry *entry = find (acl, tag, id);

  if (entry == NULL)
    return false;
  memmove (entry, entry + 1, (acl->entries + acl->n - (entry + 1)) * sizeof *entry);
  acl->n--;

  return true;
}

static size_t
count_named (const Acl *acl)
{
  size_t n = 0;

  for (size_t i = 0; i < acl->n; i++)
    n += acl->entries[i].tag == TAG_USER || acl->entries[i].tag == TAG_GROUP;

  return n;
}

static unsigned
perm_of (Acl *acl, unsigned tag)
{
  Entry *entry = find (acl, tag, NO_ID);

  return entry != NULL ? entry->perm : 0;
}

/* Whether nobody but the account would gain by it. */
static bool
mask_may_become (const Acl *acl, unsigned before, unsigned after, uid_t account)
{
  for (size_t i = 0; i < acl->n; i++)
    {
      const Entry *entry = &acl->entries[i];
      bool masked = entry->tag == TAG_USER || entry->tag == TAG_GROUP || entry->tag == TAG_OWNING_GROUP;

      if (masked && !(entry->tag == TAG_USER && entry->id == account) && (entry->perm & before) != (entry->perm & after))
        return false;
    }

  return true;
}

/* The account gets what the owner has (or of it, what reading needs). A mask that is there (somebody's, or made for a
 * folder above) is widened only where that gives no rights to others. */
static int
grant_one (const char *path, const char *name, Acl *acl, unsigned perm, uid_t account)
{
  Entry *mask;

  if (put (acl, TAG_USER, account, perm) < 0)
    return -1;
  mask = find (acl, TAG_MASK, NO_ID);
  if (mask != NULL && mask_may_become (acl, mask->perm, mask->perm | perm, account))
    mask->perm |= perm;
  if (mask == NULL && put (acl, TAG_MASK, NO_ID, perm | perm_of (acl, TAG_OWNING_GROUP)) < 0)
    return -1;

  return write_acl (path, name, acl);
}

int
glb_launch_acl_grant (int    fd,
                      mode_t mode,
                      uid_t  account,
                      uid_t  person,
                      bool   writable)
{
  unsigned perm = (mode >> 6) & (writable ? 7 : 5);
  char path[64];
  Acl acl;

  snprintf (path, sizeof path, "/proc/self/fd/%d", fd);
  if (read_acl (path, ACCESS, mode, &acl) < 0 || grant_one (path, ACCESS, &acl, perm, account) < 0)
    return -1;
  if (!S_ISDIR (mode) || !writable)
    return 0;

  if (read_acl (path, DEFAULT, mode, &acl) < 0 || put (&acl, TAG_USER, person, 7) < 0)
    return -1;
  return grant_one (path, DEFAULT, &acl, 7, account);
}

static int
strip_one (const char *path, const char *name, mode_t mode, uid_t account, uid_t person)
{
  Acl acl;
  bool changed;

  if (read_acl (path, name, mode, &acl) < 0)
    return -1;
  if (!acl.stored)
    return 0;

  changed = drop (&acl, TAG_USER, account);
  /* The entry that lets the person at the files of the account goes with the last account. */
  if (count_named (&acl) == 1 && find (&acl, TAG_USER, person) != NULL)
    changed |= drop (&acl, TAG_USER, person);
  if (!changed)
    return 0;
  if (count_named (&acl) > 0)
    return write_acl (path, name, &acl);

  if (strcmp (name, DEFAULT) == 0)
    return removexattr (path, name) < 0 && errno != ENODATA ? -1 : 0;
  /* Without a mask the group gets what it could do until now, not what the mask kept from it. */
  if (find (&acl, TAG_MASK, NO_ID) != NULL && find (&acl, TAG_OWNING_GROUP, NO_ID) != NULL)
    find (&acl, TAG_OWNING_GROUP, NO_ID)->perm &= perm_of (&acl, TAG_MASK);
  drop (&acl, TAG_MASK, NO_ID);
  return write_acl (path, name, &acl);
}

int
glb_launch_acl_strip (int fd, mode_t mode, uid_t account, uid_t person)
{
  char path[64];

  snprintf (path, sizeof path, "/proc/self/fd/%d", fd);
  if (strip_one (path, ACCESS, mode, account, person) < 0)
    return -1;

  return S_ISDIR (mode) ? strip_one (path, DEFAULT, mode, account, person) : 0;
}
