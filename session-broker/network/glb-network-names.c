/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "session-broker/network/glb-network-names.h"

/*
 * The stand-in addresses are taken in turn, so that one which a program still
 * remembers stands for another name only after all others had their turn. Two
 * hash tables lead to an entry, by its name and by its address; a list has the
 * entries by their last use. Links are indices, and the array of entries grows
 * with them: a session that knows few names takes few pages.
 */

#define RANGE_FIRST     0xc6120000u   /* 198.18.0.0 */
#define RANGE_MASK      0xfffe0000u
/* Without .0 and .255, which some programs take for a network or for all of one. */
#define HOSTS_PER_BLOCK 254u
#define N_ADDRESSES     (512u * HOSTS_PER_BLOCK)
#define N_BUCKETS       4096u
#define FIRST_CAPACITY  32u

typedef uint16_t Index;

#define NONE UINT16_MAX

_Static_assert (GLB_NETWORK_NAMES_MAX < NONE && GLB_NETWORK_NAMES_MAX < N_ADDRESSES, "an index fits, and an address is left");

typedef struct
{
  char    *name;
  uint32_t address;                          /* host byte order */
  Index    next_by_name, next_by_address;    /* of the same bucket */
  Index    older, newer;
} Entry;

struct GlbNetworkNames
{
  Entry   *entries;
  unsigned n_entries, capacity;
  Index    oldest, newest;
  uint32_t turn;                             /* of N_ADDRESSES */
  Index    by_name[N_BUCKETS];
  Index    by_address[N_BUCKETS];
};

static void *
check_memory (void *memory)
{
  if (!memory)
    abort ();
  return memory;
}

GlbNetworkNames *
glb_network_names_new (void)
{
  GlbNetworkNames *self = check_memory (calloc (1, sizeof *self));

  self->oldest = self->newest = NONE;
  memset (self->by_name, 0xff, sizeof self->by_name);
  memset (self->by_address, 0xff, sizeof self->by_address);
  return self;
}

void
glb_network_names_free (GlbNetworkNames *self)
{
  if (!self)
    return;
  for (unsigned i = 0; i < self->n_entries; i++)
    free (self->entries[i].name);
  free (self->entries);
  free (self);
}

/* FNV-1a. A session that makes names collide has slow names of its own: a bucket is bounded as all of the table is. */
static unsigned
name_bucket (const char *name)
{
  uint32_t hash = 2166136261u;

  for (; *name; name++)
    hash = (hash ^ (uint8_t) *name) * 16777619u;
  return (hash ^ hash >> 16) % N_BUCKETS;
}

static unsigned
address_bucket (uint32_t address)
{
  return address % N_BUCKETS;
}

static Index
find_by_name (const GlbNetworkNames *self, const char *name)
{
  Index i = self->by_name[name_bucket (name)];

  while (i != NONE && strcmp (self->entries[i].name, name) != 0)
    i = self->entries[i].next_by_name;
  return i;
}

static Index
find_by_address (const GlbNetworkNames *self, uint32_t address)
{
  Index i = self->by_address[address_bucket (address)];

  while (i != NONE && self->entries[i].address != address)
    i = self->entries[i].next_by_address;
  return i;
}

static void
hash (GlbNetworkNames *self, Index i)
{
  Entry *entry = &self->entries[i];
  Index *by_name = &self->by_name[name_bucket (entry->name)];
  Index *by_address = &self->by_address[address_bucket (entry->address)];

  entry->next_by_name = *by_name;
  *by_name = i;
  entry->next_by_address = *by_address;
  *by_address = i;
}

static void
unhash (GlbNetworkNames *self, Index i)
{
  const Entry *entry = &self->entries[i];
  Index *link = &self->by_name[name_bucket (entry->name)];

  while (*link != i)
    link = &self->entries[*link].next_by_name;
  *link = entry->next_by_name;

  link = &self->by_address[address_bucket (entry->address)];
  while (*link != i)
    link = &self->entries[*link].next_by_address;
  *link = entry->next_by_address;
}

static void
unlink_use (GlbNetworkNames *self, Index i)
{
  const Entry *entry = &self->entries[i];

  *(entry->older == NONE ? &self->oldest : &self->entries[entry->older].newer) = entry->newer;
  *(entry->newer == NONE ? &self->newest : &self->entries[entry->newer].older) = entry->older;
}

static void
link_newest (GlbNetworkNames *self, Index i)
{
  self->entries[i].older = self->newest;
  self->entries[i].newer = NONE;
  *(self->newest == NONE ? &self->oldest : &self->entries[self->newest].newer) = i;
  self->newest = i;
}

static void
touch (GlbNetworkNames *self, Index i)
{
  unlink_use (self, i);
  link_newest (self, i);
}

/* A free entry: a new one, or the one that was not used for longest. */
static Index
take_entry (GlbNetworkNames *self)
{
  Index i;

  if (self->n_entries == GLB_NETWORK_NAMES_MAX)
    {
      i = self->oldest;
      unlink_use (self, i);
      unhash (self, i);
      free (self->entries[i].name);
      return i;
    }

  if (self->n_entries == self->capacity)
    {
      self->capacity = self->capacity > 0 ? self->capacity * 2 : FIRST_CAPACITY;
      self->entries = check_memory (realloc (self->entries, self->capacity * sizeof *self->entries));
    }
  return (Index) self->n_entries++;
}

static uint32_t
take_address (GlbNetworkNames *self)
{
  uint32_t address;

  do
    {
      address = RANGE_FIRST | self->turn / HOSTS_PER_BLOCK << 8 | (self->turn % HOSTS_PER_BLOCK + 1);
      self->turn = (self->turn + 1) % N_ADDRESSES;
    }
  while (find_by_address (self, address) != NONE);
  return address;
}

void
glb_network_names_add (GlbNetworkNames *self, const char *name, uint8_t address[4])
{
  Index i = find_by_name (self, name);
  uint32_t network;

  if (i != NONE)
    touch (self, i);
  else
    {
      uint32_t free_address = take_address (self);

      i = take_entry (self);
      self->entries[i] = (Entry) { .name = check_memory (strdup (name)), .address = free_address };
      hash (self, i);
      link_newest (self, i);
    }
  network = htonl (self->entries[i].address);
  memcpy (address, &network, 4);
}

static uint32_t
read_address (const uint8_t address[4])
{
  uint32_t network;

  memcpy (&network, address, 4);
  return ntohl (network);
}

const char *
glb_network_names_find (GlbNetworkNames *self, const uint8_t address[4])
{
  Index i = find_by_address (self, read_address (address));

  if (i == NONE)
    return NULL;
  touch (self, i);
  return self->entries[i].name;
}

int
glb_network_names_is_standin (const uint8_t address[4])
{
  return (read_address (address) & RANGE_MASK) == RANGE_FIRST;
}
