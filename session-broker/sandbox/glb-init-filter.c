/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * System call filters.  Three may be in force for a command:
 *
 *  1. The profile, compiled by the broker, loaded by init for itself and so
 *     for everything that follows.  Where the policy allows debugging it
 *     leaves ptrace() alone.
 *  2. In each command that was not started for debugging: no reading, writing
 *     or tracing of other processes.  A filter is inherited and never taken
 *     off, so the right to debug cannot be given later to one process; it
 *     has to be left out of the common filter and refused to all others here.
 *  3. With NO_SPAWN, in each command: threads, but no processes.
 *
 * 2 and 3 are so small that they are written out, which keeps libseccomp out
 * of init.  The kernel takes the strictest answer of all filters.
 */

#include "session-broker/sandbox/glb-init-private.h"

#include <endian.h>
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined (__x86_64__) && !defined (__ILP32__)
#define NATIVE_ARCH AUDIT_ARCH_X86_64
#elif defined (__aarch64__)
#define NATIVE_ARCH AUDIT_ARCH_AARCH64
#elif defined (__riscv) && __riscv_xlen == 64
#define NATIVE_ARCH AUDIT_ARCH_RISCV64
#else
#error "glovebox-init: say here how this architecture calls the kernel"
#endif

#define LOW_WORD (__BYTE_ORDER == __LITTLE_ENDIAN ? 0 : 4)

#define LOAD(offset)          BPF_STMT (BPF_LD | BPF_W | BPF_ABS, (offset))
#define RETURN(value)         BPF_STMT (BPF_RET | BPF_K, (value))
#define REFUSE(error)         RETURN (SECCOMP_RET_ERRNO | (error))
#define REFUSE_CALL(nr, error) \
  BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, (nr), 0, 1), REFUSE (error)

/* Another architecture's numbers mean something else; x32 has this bit set in the native one's. */
#define PROLOGUE \
  LOAD (offsetof (struct seccomp_data, arch)), \
  BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, NATIVE_ARCH, 1, 0), \
  RETURN (SECCOMP_RET_KILL_PROCESS), \
  LOAD (offsetof (struct seccomp_data, nr)), \
  BPF_JUMP (BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1), \
  REFUSE (ENOSYS)

#ifndef __NR_process_madvise
#define __NR_process_madvise 440
#endif
#ifndef __NR_clone3
#define __NR_clone3 435
#endif

static int
load (const struct sock_filter *filter,
      size_t                    n_instructions)
{
  struct sock_fprog program = { .len = (unsigned short) n_instructions, .filter = (struct sock_filter *) filter };

  return (int) syscall (__NR_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
}

int
glb_init_filter_load (const uint8_t *program,
                      size_t         size)
{
  struct sock_filter *aligned;
  int result;
  int error;

  if (size == 0)
    return 0;

  aligned = malloc (size);
  if (aligned == NULL)
    return -1;

  memcpy (aligned, program, size);
  result = load (aligned, size / sizeof *aligned);
  error = errno;
  free (aligned);
  errno = error;
  return result;
}

int
glb_init_filter_no_ptrace (void)
{
  static const struct sock_filter filter[] = {
    PROLOGUE,
    REFUSE_CALL (__NR_ptrace, EPERM),
    REFUSE_CALL (__NR_process_vm_readv, EPERM),
    REFUSE_CALL (__NR_process_vm_writev, EPERM),
    REFUSE_CALL (__NR_process_madvise, EPERM),
    REFUSE_CALL (__NR_pidfd_getfd, EPERM),
    REFUSE_CALL (__NR_kcmp, EPERM),
    RETURN (SECCOMP_RET_ALLOW),
  };

  return load (filter, sizeof filter / sizeof *filter);
}

/* clone3() takes its flags from memory, where a filter cannot look: "no such call" sends libc to clone(). */
int
glb_init_filter_no_spawn (void)
{
  static const struct sock_filter filter[] = {
    PROLOGUE,
    REFUSE_CALL (__NR_clone3, ENOSYS),
#ifdef __NR_fork
    REFUSE_CALL (__NR_fork, EPERM),
    REFUSE_CALL (__NR_vfork, EPERM),
#endif
    BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, __NR_clone, 0, 3),
    LOAD (offsetof (struct seccomp_data, args[0]) + LOW_WORD),
    BPF_JUMP (BPF_JMP | BPF_JSET | BPF_K, CLONE_THREAD, 1, 0),
    REFUSE (EPERM),
    RETURN (SECCOMP_RET_ALLOW),
  };

  return load (filter, sizeof filter / sizeof *filter);
}
