/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the broker sends, taken apart.  Nothing here has an effect; each length is checked before it is used. */

#include "session-broker/sandbox/glb-init-private.h"

#include <linux/filter.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

bool
glb_init_read_header (const uint8_t *packet,
                      size_t         length,
                      GlbInitHeader *header)
{
  if (length < sizeof *header || length > GLB_INIT_MESSAGE_MAX)
    return false;

  memcpy (header, packet, sizeof *header);
  return header->size == length - sizeof *header;
}

bool
glb_init_read_setup (const uint8_t    *payload,
                     size_t            size,
                     GlbInitSetupView *view)
{
  const uint32_t known_flags = GLB_INIT_FLAG_NO_SPAWN | GLB_INIT_FLAG_BUS | GLB_INIT_FLAG_DEBUG;
  size_t left;

  if (size < sizeof view->setup)
    return false;

  memcpy (&view->setup, payload, sizeof view->setup);
  left = size - sizeof view->setup;

  if (view->setup.version != GLB_INIT_PROTOCOL_VERSION || (view->setup.flags & ~known_flags) != 0)
    return false;
  if (view->setup.n_landlock > GLB_INIT_RULES_MAX || view->setup.landlock_size > left)
    return false;
  if (view->setup.seccomp_size != left - view->setup.landlock_size)
    return false;
  if (view->setup.seccomp_size % sizeof (struct sock_filter) != 0 ||
      view->setup.seccomp_size / sizeof (struct sock_filter) > BPF_MAXINSNS)
    return false;
  if (view->setup.landlock_abi > INT32_MAX || (view->setup.landlock_abi == 0 && view->setup.n_landlock > 0))
    return false;

  view->rules = payload + sizeof view->setup;
  view->rules_size = view->setup.landlock_size;
  view->program = view->rules + view->rules_size;
  view->program_size = view->setup.seccomp_size;
  return true;
}

bool
glb_init_next_rule (GlbInitSetupView *view,
                    GlbInitRuleView  *rule)
{
  const uint32_t known_access = GLB_INIT_LANDLOCK_READ | GLB_INIT_LANDLOCK_WRITE | GLB_INIT_LANDLOCK_DEVICE;
  GlbInitLandlockRule head;
  const uint8_t *path;

  if (view->rules_size < sizeof head)
    return false;

  memcpy (&head, view->rules, sizeof head);
  path = view->rules + sizeof head;
  if (head.length < 2 || head.length > view->rules_size - sizeof head)
    return false;
  if (path[0] != '/' || memchr (path, 0, head.length) != path + head.length - 1)
    return false;
  if (head.access == 0 || (head.access & ~known_access) != 0)
    return false;

  rule->access = head.access;
  rule->path = (const char *) path;
  view->rules = path + head.length;
  view->rules_size -= sizeof head + head.length;
  return true;
}

/* The next of the NUL-terminated strings in @cursor, which ends with a NUL. */
static const char *
next_string (const char **cursor,
             const char  *end)
{
  const char *string = *cursor;

  if (string == end)
    return NULL;

  *cursor = string + strlen (string) + 1;
  return string;
}

bool
glb_init_read_exec (const uint8_t   *payload,
                    size_t           size,
                    GlbInitExecView *view)
{
  GlbInitExec head;
  const char *cursor;
  const char *end;

  memset (view, 0, sizeof *view);
  if (size <= sizeof head || payload[size - 1] != 0)
    return false;

  memcpy (&head, payload, sizeof head);
  if (head.n_args == 0 || head.n_args > GLB_INIT_ARGS_MAX || head.n_env > GLB_INIT_ARGS_MAX || head.debug > 1)
    return false;

  cursor = (const char *) payload + sizeof head;
  end = (const char *) payload + size;
  view->debug = head.debug == 1;
  view->cwd = next_string (&cursor, end);
  view->argv = calloc ((size_t) head.n_args + head.n_env + 2, sizeof *view->argv);
  if (view->argv == NULL || view->cwd[0] != '/')
    goto bad;

  view->env = view->argv + head.n_args + 1;
  for (uint32_t i = 0; i < head.n_args; i++)
    if ((view->argv[i] = next_string (&cursor, end)) == NULL)
      goto bad;
  for (uint32_t i = 0; i < head.n_env; i++)
    if ((view->env[i] = next_string (&cursor, end)) == NULL)
      goto bad;
  if (cursor != end || view->argv[0][0] == '\0')
    goto bad;

  return true;

bad:
  glb_init_exec_view_free (view);
  return false;
}

void
glb_init_exec_view_free (GlbInitExecView *view)
{
  free (view->argv);
  memset (view, 0, sizeof *view);
}

bool
glb_init_read_signal (const uint8_t *payload,
                      size_t         size,
                      GlbInitSignal *message)
{
  if (size != sizeof *message)
    return false;

  memcpy (message, payload, sizeof *message);
  return message->signo > 0 && message->signo < NSIG;
}

bool
glb_init_read_connect (const uint8_t  *payload,
                       size_t          size,
                       GlbInitConnect *message)
{
  if (size != sizeof *message)
    return false;

  memcpy (message, payload, sizeof *message);
  return message->port != 0 && message->ipv6 <= 1;
}
