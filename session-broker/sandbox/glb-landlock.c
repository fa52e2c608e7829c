/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glb-sandbox"

#include "session-broker/sandbox/glb-landlock.h"

#include <sys/syscall.h>
#include <unistd.h>

#ifndef __NR_landlock_create_ruleset
#define __NR_landlock_create_ruleset 444
#endif

#define CREATE_RULESET_VERSION 1u

guint
glb_landlock_get_abi (void)
{
  long abi = syscall (__NR_landlock_create_ruleset, NULL, 0, CREATE_RULESET_VERSION);

  return abi < 0 ? 0 : (guint) abi;
}

char *
glb_landlock_diagnose (void)
{
  guint abi = glb_landlock_get_abi ();

  if (abi == 0)
    return g_strdup ("Landlock is not there; add landlock to the kernel's lsm= boot parameter (Linux 5.13 or newer)");
  if (abi < 3)
    return g_strdup_printf ("Landlock ABI %u does not cover truncation; Linux 6.2 or newer does", abi);
  if (abi < 6)
    return g_strdup_printf ("Landlock ABI %u does not cover abstract sockets and signals, namespaces do; Linux 6.12 or newer has both", abi);
  return NULL;
}
