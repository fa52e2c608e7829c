/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * One D-Bus method call, written into a buffer that is given, with the C
 * library alone ("D-Bus Specification", Marshaling).  What does not fit, or
 * could not be said in D-Bus, fails as a whole: glb_early_wire_end_call() says
 * so once, nothing in between needs to be asked.
 */
typedef struct
{
  unsigned char *bytes;
  size_t length, room;
  bool failed;
} GlbEarlyWire;

typedef struct
{
  const char *path, *interface, *member, *signature;
  uint32_t serial;
} GlbEarlyCall;

/* The header, up to where the body begins; gives what glb_early_wire_end_call() needs. */
size_t glb_early_wire_begin_call (GlbEarlyWire *wire, const GlbEarlyCall *call, uint32_t n_fds);
/* Length of the whole message; 0: it failed. */
size_t glb_early_wire_end_call   (GlbEarlyWire *wire, size_t body);

void   glb_early_wire_align      (GlbEarlyWire *wire, size_t alignment);
void   glb_early_wire_put_text   (GlbEarlyWire *wire, const char *text, size_t length);
void   glb_early_wire_put_string (GlbEarlyWire *wire, const char *text);

/* An array of elements with this alignment; gives what glb_early_wire_end_array() needs. */
size_t glb_early_wire_begin_array (GlbEarlyWire *wire, size_t alignment);
void   glb_early_wire_end_array   (GlbEarlyWire *wire, size_t array, size_t alignment);

/* Entries of a dictionary a{sv}: of a string, of a number (u, b or h), of an array, which is begun. */
void   glb_early_wire_put_option        (GlbEarlyWire *wire, const char *key, const char *value);
void   glb_early_wire_put_option_number (GlbEarlyWire *wire, const char *key, const char *type, uint32_t value);
size_t glb_early_wire_begin_value       (GlbEarlyWire *wire, const char *key, const char *type, size_t alignment);

/* ---- what the broker says -------------------------------------------------------- */

/* Written by the broker, a program of ours and of this machine: in our order of bytes. */

/* Length of the message that the bytes begin with, of which they may be a part; 0: too few to tell. */
size_t glb_early_wire_get_size (const unsigned char *bytes, size_t length);

typedef enum
{
  GLB_EARLY_SIGNAL,              /* that tells of no end */
  GLB_EARLY_ANSWER,
  GLB_EARLY_END,                 /* a signal that may tell of an end, an error, or anything else */
} GlbEarlyKind;

/* Of a whole message. */
GlbEarlyKind glb_early_wire_get_kind (const unsigned char *bytes, size_t size);

/* Whether a message may be about the object: signals of others are not. */
bool         glb_early_wire_is_about (const unsigned char *bytes, size_t size, const char *path);

/* The answer of Run: (otah). */
typedef struct
{
  const char *path;              /* in the message */
  uint64_t command;
  uint32_t streams[3];           /* indices of the message's descriptors, each another of the first three */
} GlbEarlyStarted;

bool glb_early_wire_read_started (const unsigned char *bytes, size_t size, GlbEarlyStarted *started);
