/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "session-broker/network/glb-network-dns.h"

#include "session-broker/network/glb-network-reader.h"
#include "session-broker/network/glb-network-span.h"

#define HEADER_SIZE          12u
#define LABEL_SIZE_MAX       63u
#define NAME_WIRE_SIZE_MAX   255u
/* No more than each program takes, so that no answer has to be cut and asked for again over TCP. */
#define ANSWER_SIZE_MAX      512u

enum { FLAG_ANSWER = 0x8000, FLAG_RECURSION_DESIRED = 0x0100, FLAG_RECURSION_AVAILABLE = 0x0080 };
enum { OPCODE_MASK = 0x7800, OPCODE_QUERY = 0 };
enum { RCODE_NONE = 0, RCODE_NO_NAME = 3 };
enum { TYPE_OPT = 41, CLASS_IN = 1 };
enum { OPTION_EXTENDED_ERROR = 15, EXTENDED_ERROR_BLOCKED = 15 };
enum { POINTER_TO_QUESTION = 0xc000 | HEADER_SIZE };

typedef struct
{
  uint16_t id, flags, n_questions, n_answers, n_authorities, n_additional;
} Header;

static bool
take_header (GlbNetworkReader *reader, Header *header)
{
  return glb_network_reader_u16 (reader, &header->id) && glb_network_reader_u16 (reader, &header->flags) &&
         glb_network_reader_u16 (reader, &header->n_questions) && glb_network_reader_u16 (reader, &header->n_answers) &&
         glb_network_reader_u16 (reader, &header->n_authorities) && glb_network_reader_u16 (reader, &header->n_additional);
}

/* A dot or a backslash in a label would be another name once it is text. */
static bool
append_label (const uint8_t *label, size_t size, char *name, size_t *length)
{
  if (*length > 0)
    name[(*length)++] = '.';
  for (size_t i = 0; i < size; i++)
    {
      if (label[i] <= ' ' || label[i] > '~' || label[i] == '.' || label[i] == '\\')
        return false;
      name[(*length)++] = glb_network_to_lower ((char) label[i]);
    }
  return true;
}

/* A size above 63 is a pointer or unknown: nothing is there yet to point to. */
static bool
take_name (GlbNetworkReader *reader, char name[GLB_NETWORK_NAME_SIZE])
{
  size_t length = 0, wire_size = 0;

  for (;;)
    {
      const uint8_t *label;
      uint8_t size;

      if (!glb_network_reader_u8 (reader, &size) || size > LABEL_SIZE_MAX)
        return false;
      wire_size += 1u + size;
      if (wire_size > NAME_WIRE_SIZE_MAX)
        return false;
      if (size == 0)
        break;
      if (!glb_network_reader_take (reader, size, &label) || !append_label (label, size, name, &length))
        return false;
    }
  name[length] = '\0';
  return true;
}

/* Only version 0 of EDNS, with whole options (RFC 6891, 6.1). */
static bool
take_opt (GlbNetworkReader *reader)
{
  uint16_t type, payload_size, extended_rcode_version, flags, size;
  GlbNetworkReader options, data;
  uint8_t root;

  if (!glb_network_reader_u8 (reader, &root) || root != 0 || !glb_network_reader_u16 (reader, &type) || type != TYPE_OPT ||
      !glb_network_reader_u16 (reader, &payload_size) || !glb_network_reader_u16 (reader, &extended_rcode_version) ||
      extended_rcode_version != 0 || !glb_network_reader_u16 (reader, &flags) || !glb_network_reader_u16 (reader, &size) ||
      !glb_network_reader_part (reader, size, &options))
    return false;

  while (options.left > 0)
    {
      uint16_t code;

      if (!glb_network_reader_u16 (&options, &code) || !glb_network_reader_u16 (&options, &size) ||
          !glb_network_reader_part (&options, size, &data))
        return false;
    }
  return true;
}

static bool
take_question (GlbNetworkReader *reader, GlbNetworkDnsQuestion *question)
{
  size_t before = reader->left;

  question->question_offset = HEADER_SIZE;
  if (!take_name (reader, question->name) || !glb_network_reader_u16 (reader, &question->type) ||
      !glb_network_reader_u16 (reader, &question->dns_class))
    return false;
  question->question_size = before - reader->left;
  return true;
}

GlbNetworkDnsResult
glb_network_dns_parse (const uint8_t *packet, size_t size, GlbNetworkDnsQuestion *question)
{
  GlbNetworkReader reader = { packet, size };
  Header header;

  memset (question, 0, sizeof *question);
  if (!take_header (&reader, &header) || header.flags & FLAG_ANSWER)
    return GLB_NETWORK_DNS_IGNORE;
  question->id = header.id;
  if ((header.flags & OPCODE_MASK) != OPCODE_QUERY)
    return GLB_NETWORK_DNS_UNKNOWN;

  question->recursion_desired = header.flags & FLAG_RECURSION_DESIRED;
  question->edns = header.n_additional == 1;
  if (header.n_questions == 1 && header.n_answers == 0 && header.n_authorities == 0 && header.n_additional <= 1 &&
      take_question (&reader, question) && (!question->edns || take_opt (&reader)) && reader.left == 0)
    return GLB_NETWORK_DNS_QUESTION;
  *question = (GlbNetworkDnsQuestion) { .id = header.id };
  return GLB_NETWORK_DNS_FORMAT_ERROR;
}

typedef struct
{
  uint8_t *bytes;
  size_t   size;
} Answer;

static void
put (Answer *answer, const void *bytes, size_t size)
{
  memcpy (answer->bytes + answer->size, bytes, size);
  answer->size += size;
}

static void
put_u16 (Answer *answer, unsigned value)
{
  const uint8_t bytes[2] = { (uint8_t) (value >> 8), (uint8_t) value };

  put (answer, bytes, sizeof bytes);
}

static void
put_u32 (Answer *answer, uint32_t value)
{
  put_u16 (answer, value >> 16);
  put_u16 (answer, value & 0xffff);
}

static void
put_header (Answer *answer, const Header *header)
{
  put_u16 (answer, header->id);
  put_u16 (answer, header->flags);
  put_u16 (answer, header->n_questions);
  put_u16 (answer, header->n_answers);
  put_u16 (answer, header->n_authorities);
  put_u16 (answer, header->n_additional);
}

static void
begin_answer (Answer *answer, const uint8_t *packet, const GlbNetworkDnsQuestion *question, unsigned rcode, uint16_t n_answers)
{
  const unsigned asked = question->recursion_desired ? FLAG_RECURSION_DESIRED : 0;
  const Header header = {
    .id = question->id,
    .flags = (uint16_t) (FLAG_ANSWER | FLAG_RECURSION_AVAILABLE | asked | rcode),
    .n_questions = 1,
    .n_answers = n_answers,
    .n_additional = question->edns,
  };

  put_header (answer, &header);
  put (answer, packet + question->question_offset, question->question_size);
}

/* As much of text as has space, and no half of a character of UTF-8. */
static size_t
fit_text (const char *text, size_t space)
{
  size_t size = strlen (text);

  if (size <= space)
    return size;
  while (space > 0 && ((uint8_t) text[space] & 0xc0) == 0x80)
    space--;
  return space;
}

/* text: (nullable). */
static void
put_extended_error (Answer *answer, const char *text)
{
  size_t size;

  if (!text)
    {
      put_u16 (answer, 0);
      return;
    }
  size = fit_text (text, ANSWER_SIZE_MAX - answer->size - 8);
  put_u16 (answer, (unsigned) size + 6);
  put_u16 (answer, OPTION_EXTENDED_ERROR);
  put_u16 (answer, (unsigned) size + 2);
  put_u16 (answer, EXTENDED_ERROR_BLOCKED);
  put (answer, text, size);
}

static size_t
end_answer (Answer *answer, const GlbNetworkDnsQuestion *question, const char *text)
{
  if (question->edns)
    {
      put (answer, "", 1);
      put_u16 (answer, TYPE_OPT);
      put_u16 (answer, GLB_NETWORK_DNS_MAX);
      put_u32 (answer, 0);
      put_extended_error (answer, text);
    }
  return answer->size;
}

size_t
glb_network_dns_write_address (const uint8_t *packet, const GlbNetworkDnsQuestion *question, const uint8_t address[4],
                               uint32_t ttl_seconds, uint8_t *out)
{
  Answer answer = { .bytes = out };

  begin_answer (&answer, packet, question, RCODE_NONE, 1);
  put_u16 (&answer, POINTER_TO_QUESTION);
  put_u16 (&answer, GLB_NETWORK_DNS_A);
  put_u16 (&answer, CLASS_IN);
  put_u32 (&answer, ttl_seconds);
  put_u16 (&answer, 4);
  put (&answer, address, 4);
  return end_answer (&answer, question, NULL);
}

size_t
glb_network_dns_write_empty (const uint8_t *packet, const GlbNetworkDnsQuestion *question, uint8_t *out)
{
  Answer answer = { .bytes = out };

  begin_answer (&answer, packet, question, RCODE_NONE, 0);
  return end_answer (&answer, question, NULL);
}

size_t
glb_network_dns_write_unknown (const uint8_t *packet, const GlbNetworkDnsQuestion *question, const char *text, uint8_t *out)
{
  Answer answer = { .bytes = out };

  begin_answer (&answer, packet, question, RCODE_NO_NAME, 0);
  return end_answer (&answer, question, text);
}

size_t
glb_network_dns_write_error (uint16_t id, unsigned rcode, uint8_t *out)
{
  Answer answer = { .bytes = out };
  const Header header = { .id = id, .flags = (uint16_t) (FLAG_ANSWER | FLAG_RECURSION_AVAILABLE | rcode) };

  put_header (&answer, &header);
  return answer.size;
}
