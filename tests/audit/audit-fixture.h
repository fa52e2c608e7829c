/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session-broker/audit/glb-audit-log.h"

G_BEGIN_DECLS

#define AUDIT_POLICY "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

/* A folder of its own, removed at the end. */
typedef struct { char *directory; } AuditFixture;

void  audit_fixture_set_up    (AuditFixture *self, gconstpointer data);
void  audit_fixture_tear_down (AuditFixture *self, gconstpointer data);

char *audit_fixture_path      (AuditFixture *self, const char *name);
/* A log with n records and, if close, the closing one. */
void  audit_fixture_write_log (AuditFixture *self, const char *session, guint n, gboolean close);
GStrv audit_fixture_read      (AuditFixture *self, const char *name);
void  audit_fixture_write     (AuditFixture *self, const char *name, const char * const *lines);

/* In a private mount namespace a tmpfs of this size over self->directory; FALSE: the test was skipped. */
gboolean audit_fixture_mount_small (AuditFixture *self, guint kilobytes);
/* Fills the disk of self->directory to the last byte. */
void     audit_fixture_fill   (AuditFixture *self);

JsonObject *audit_fields      (const char *json);

G_END_DECLS
