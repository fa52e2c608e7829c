/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session-broker/cli/glb-attach.h"
#include "session-broker/cli/glb-cli.h"
#include "session-broker/cli/glb-cli-record-options.h"

G_BEGIN_DECLS

/*
 * What takes more libraries than all the rest. The program glovebox-tools is glovebox with these, which glovebox becomes for them,
 * so that `glovebox run` need not load pictures' encoders and the keyring.
 */
struct _GlbCliTools
{
  int (*mcp)       (int argc, char **argv);
  int (*record)    (int argc, char **argv);
  int (*recording) (int argc, char **argv);
  int (*replay)    (int argc, char **argv);
  int (*secret)    (int argc, char **argv);
  /* Records what was attached to, until it ends, with its exit code. FALSE: told; nothing was recorded. */
  gboolean (*run_recorded) (GlbClient *client, GlbAttach *attach, const GlbCliRecordOptions *options, int *code);
};

/* NULL: this program has them not. */
const GlbCliTools *glb_cli_get_tools (void);
/* Begins the command line anew in the program that has them. Comes back where that failed, which is told. */
int  glb_cli_become_tools     (void);

int  glb_cli_mcp_verb         (int argc, char **argv);
int  glb_cli_record_verb      (int argc, char **argv);
int  glb_cli_recording_verb   (int argc, char **argv);
int  glb_cli_recording_test_verb (int argc, char **argv);
int  glb_cli_replay_verb      (int argc, char **argv);
int  glb_cli_secret_verb      (int argc, char **argv);
gboolean glb_cli_run_recorded (GlbClient *client, GlbAttach *attach, const GlbCliRecordOptions *options, int *code);

G_END_DECLS
