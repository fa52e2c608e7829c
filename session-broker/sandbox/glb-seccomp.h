/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef enum
{
  GLB_SECCOMP_DESKTOP,      /* deny-list of the kernel's dangerous surface; ordinary desktop programs run */
  GLB_SECCOMP_STRICT,       /* allow-list for command-line tools */
  GLB_SECCOMP_COMPOSITOR,   /* allow-list for Weston; with Xwayland some more */
  GLB_SECCOMP_COMPOSITOR_XWAYLAND,
  GLB_SECCOMP_MEDIA,        /* allow-list for glovebox-media and the PipeWire daemon that it starts */
  GLB_SECCOMP_NETWORK,      /* allow-list for glovebox-network: no new sockets, no files */
  GLB_SECCOMP_SECRETS,      /* allow-list for glovebox-secrets: no new sockets */
} GlbSeccompProfile;

/* struct sock_filter array through libseccomp; cached per profile. allow_debug: ptrace and process_vm_readv stay. (transfer full) */
GBytes *glb_seccomp_build (GlbSeccompProfile profile, gboolean allow_debug, GError **error);

G_END_DECLS
