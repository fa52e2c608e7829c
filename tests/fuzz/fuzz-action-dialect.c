/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "input-filter/glb-action-dialect.h"
#include "input-filter/glb-action-plan.h"
#include "policies/glb-json-writer.h"
#include "policies/glb-strict-json.h"

/* Whatever the call, in whatever dialect: actions that our own parser takes back and that stay on the screen, or a one-line error.
 * What a call presses for itself it releases. By its shape a call is of one dialect, and means the same as when that is named.
 * A result's coordinates become ones that are on the model's screen, or stay what they are. */

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static const GlbDialectContext contexts[] = {
  { .width = 1280, .height = 800 },
  { .width = 1366, .height = 768, .model_width = 1024, .model_height = 768 },
  { .width = 3, .height = 2, .model_width = 1280, .model_height = 800 },
};

static void
check_line (const char *text)
{
  g_assert_true (g_utf8_validate (text, -1, NULL));
  for (const char *p = text; *p != '\0'; p++)
    g_assert_false (g_ascii_iscntrl (*p));
}

static void
check_action (const GlbDialectContext *context,
              const GlbAction         *action)
{
  const GlbActionContext place = { .width = context->width, .height = context->height };
  g_autoptr(JsonNode) node = glb_action_to_node (action, FALSE);
  g_autofree char *text = glb_json_write (node);
  g_autoptr(GError) error = NULL;
  g_autoptr(GlbAction) again = glb_action_new_from_json (NULL, text, strlen (text), &error);
  g_autoptr(JsonNode) again_node = NULL;
  g_autoptr(GPtrArray) steps = NULL;

  /* Escaped, a text that was just not too long may be. */
  if (g_error_matches (error, GLB_ACTION_ERROR, GLB_ACTION_ERROR_MALFORMED) && strlen (text) > GLB_ACTION_BYTES_MAX)
    return;
  g_assert_no_error (error);
  again_node = glb_action_to_node (again, FALSE);
  g_assert_true (json_node_equal (node, again_node));

  steps = glb_action_plan (action, &place, &error);
  g_assert_no_error (error);
  g_assert_nonnull (steps);
}

static void
check_call (const GlbDialectContext *context,
            const GlbDialectCall    *call)
{
  g_assert_cmpint (call->dialect, !=, GLB_DIALECT_AUTO);
  g_assert_cmpuint (call->actions->len, >, 0);
  g_assert_cmpuint (call->actions->len, <=, GLB_DIALECT_ACTIONS_MAX);
  g_assert_null (glb_dialect_call_make_release (call, call->actions->len));
  if (call->confirm != NULL)
    check_line (call->confirm);
  for (guint i = 0; i < call->actions->len; i++)
    check_action (context, g_ptr_array_index (call->actions, i));
}

/* (transfer full) (nullable) */
static GlbDialectCall *
translate (const GlbDialectContext *sizes,
           GlbDialect               dialect,
           const guint8            *data,
           gsize                    size)
{
  GlbDialectContext context = *sizes;
  g_autoptr(GError) error = NULL;
  GlbDialectCall *call;

  context.dialect = dialect;
  call = glb_dialect_call_new_from_json (&context, (const char *) data, size, &error);
  if (call == NULL)
    {
      g_assert_true (error->domain == GLB_ACTION_ERROR);
      check_line (error->message);
      return NULL;
    }
  g_assert_no_error (error);
  check_call (&context, call);
  return call;
}

static void
check_result (const GlbDialectContext *context,
              const guint8            *data,
              gsize                    size)
{
  for (GlbDialect dialect = GLB_DIALECT_GLOVEBOX; dialect <= GLB_DIALECT_GEMINI; dialect++)
    {
      g_autoptr(JsonNode) node = glb_strict_json_parse ((const char *) data, size, GLB_STRICT_JSON_DEFAULT, NULL, NULL, NULL);
      g_autofree char *text = NULL;

      if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
        return;
      glb_dialect_scale_result (context, dialect, node);
      text = glb_json_write (node);
      g_assert_null (strchr (text, '\n'));
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         size)
{
  for (guint i = 0; i < G_N_ELEMENTS (contexts); i++)
    {
      g_autoptr(GlbDialectCall) detected = translate (&contexts[i], GLB_DIALECT_AUTO, data, size);

      for (GlbDialect dialect = GLB_DIALECT_GLOVEBOX; dialect <= GLB_DIALECT_GEMINI; dialect++)
        {
          g_autoptr(GlbDialectCall) named = translate (&contexts[i], dialect, data, size);

          if (detected != NULL && detected->dialect == dialect)
            {
              g_assert_nonnull (named);
              g_assert_cmpuint (named->actions->len, ==, detected->actions->len);
            }
        }
      check_result (&contexts[i], data, size);
    }
  return 0;
}
