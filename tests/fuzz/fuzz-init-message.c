/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib.h>
#include <string.h>

#include "session-broker/sandbox/glb-init-private.h"

/* What glovebox-init reads. The broker is trusted; a fault here would still be one in process 1 of the sandbox. */

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static void
check_setup (const guint8 *payload,
             gsize         size)
{
  GlbInitSetupView view;
  GlbInitRuleView rule;

  if (!glb_init_read_setup (payload, size, &view))
    return;

  for (guint i = 0; i < view.setup.n_landlock && glb_init_next_rule (&view, &rule); i++)
    g_assert_cmpint (rule.path[0], ==, '/');
  if (view.program_size > 0)
    g_assert_cmpint (view.program[0] + view.program[view.program_size - 1], >=, 0);
}

static void
check_exec (const guint8 *payload,
            gsize         size)
{
  GlbInitExecView view;
  gsize n = 0;

  if (!glb_init_read_exec (payload, size, &view))
    return;

  g_assert_cmpint (view.cwd[0], ==, '/');
  g_assert_nonnull (view.argv[0]);
  for (guint i = 0; view.argv[i] != NULL; i++)
    n += strlen (view.argv[i]);
  for (guint i = 0; view.env[i] != NULL; i++)
    n += strlen (view.env[i]);
  g_assert_cmpuint (n, <, size);
  glb_init_exec_view_free (&view);
}

int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         size)
{
  GlbInitSignal signal;
  GlbInitConnect request;
  GlbInitHeader header;

  /* The seeds are payloads: mutations of whole packets would all end at the header's length. */
  glb_init_read_header (data, size, &header);
  check_setup (data, size);
  check_exec (data, size);
  glb_init_read_signal (data, size, &signal);
  if (glb_init_read_connect (data, size, &request))
    g_assert_cmpuint (request.port, !=, 0);
  return 0;
}
