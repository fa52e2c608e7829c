/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Written out as it is a dozen numbers, which keeps libseccomp out of the
 * program. It lies upon the strict profile that the broker loads; the kernel
 * takes the stricter answer.
 */

#include "clipboard-guard/glb-clean-image-filter.h"

#include <endian.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/mman.h>
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
#error "glovebox-clean-image: say here how this architecture calls the kernel"
#endif

#define LOW_WORD (__BYTE_ORDER == __LITTLE_ENDIAN ? 0 : 4)

#define LOAD(offset)  BPF_STMT (BPF_LD | BPF_W | BPF_ABS, (offset))
#define RETURN(value) BPF_STMT (BPF_RET | BPF_K, (value))
#define ALLOW(nr)     BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, (nr), 0, 1), RETURN (SECCOMP_RET_ALLOW)

int
glb_clean_image_filter_load (void)
{
  static const struct sock_filter filter[] = {
    LOAD (offsetof (struct seccomp_data, arch)),
    BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, NATIVE_ARCH, 1, 0),
    RETURN (SECCOMP_RET_KILL_PROCESS),
    LOAD (offsetof (struct seccomp_data, nr)),
    ALLOW (__NR_read),
    ALLOW (__NR_write),
    ALLOW (__NR_brk),
    ALLOW (__NR_munmap),
    ALLOW (__NR_mremap),
    ALLOW (__NR_madvise),
    /* The allocator's first use of random numbers. */
    ALLOW (__NR_getrandom),
    ALLOW (__NR_restart_syscall),
    ALLOW (__NR_rt_sigreturn),
    ALLOW (__NR_exit_group),
    BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, __NR_mmap, 0, 3),
    LOAD (offsetof (struct seccomp_data, args[2]) + LOW_WORD),
    BPF_JUMP (BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 1, 0),
    RETURN (SECCOMP_RET_ALLOW),
    RETURN (SECCOMP_RET_KILL_PROCESS),
  };
  struct sock_fprog program = { .len = sizeof filter / sizeof *filter, .filter = (struct sock_filter *) filter };

  if (prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
    return -1;
  return (int) syscall (__NR_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
}
