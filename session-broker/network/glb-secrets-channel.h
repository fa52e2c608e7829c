/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gnutls/gnutls.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* One end of a carried connection: TLS, or in the clear. Non-blocking. */
typedef struct
{
  int              fd;
  gnutls_session_t tls;      /* NULL: in the clear */
  bool             greeted;  /* the handshake is over, or there is none */
  bool             ended;    /* all that comes has come */
  bool             sealed;   /* a record waits to be sent: the next write's bytes are those of the last */
} GlbSecretsChannel;

typedef enum
{
  GLB_SECRETS_CHANNEL_AGAIN  = -1,
  GLB_SECRETS_CHANNEL_BROKEN = -2,
} GlbSecretsChannelResult;

/* Take fd. */
void    glb_secrets_channel_init_clear  (GlbSecretsChannel *self, int fd);
/* For a program that wants to speak to host. */
bool    glb_secrets_channel_init_accept (GlbSecretsChannel *self, int fd, gnutls_certificate_credentials_t credentials);
/* To host, whose certificate must be its own. host: lives as long as self. */
bool    glb_secrets_channel_init_connect (GlbSecretsChannel *self, int fd, gnutls_certificate_credentials_t credentials,
                                          const char *host);
void    glb_secrets_channel_finish (GlbSecretsChannel *self);

/* 1: greeted; 0: it takes longer; -1: it failed, why: (out), size bytes; untrusted: (out): for the other end's certificate */
int     glb_secrets_channel_greet (GlbSecretsChannel *self, char *why, size_t size, bool *untrusted);
/* Whether the program asked for host, or for none. */
bool    glb_secrets_channel_is_for (GlbSecretsChannel *self, const char *host);
/* The number of bytes, 0: the end, or a GlbSecretsChannelResult. */
ssize_t glb_secrets_channel_read  (GlbSecretsChannel *self, void *bytes, size_t size);
ssize_t glb_secrets_channel_write (GlbSecretsChannel *self, const void *bytes, size_t size);
/* Nothing more is written. */
void    glb_secrets_channel_close (GlbSecretsChannel *self);
/* What poll() has to wait for, for a handshake to go on. */
short   glb_secrets_channel_wait  (GlbSecretsChannel *self);
