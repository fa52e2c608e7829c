/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Tells a terminal to report all of the mouse (1003), in decimal and to the pixel (1016), and keeps what comes as it is. */
#define DIALECT_LISTEN "stty raw -echo; printf '\\033[?1003h\\033[?1016h'; exec cat >events"

/* What ends the bytes of a call; no call types it. */
#define DIALECT_MARK "|"

/* One thing that models do, as each dialect says it: the terminal gets the very same bytes. */
typedef struct
{
  const char *name;              /* of the actions */
  const char *bytes;             /* some of what the terminal gets */
  const char *size;              /* (nullable): WIDTHxHEIGHT that the models of all calls but the first were told */
  const char *calls[6];          /* of several dialects, NULL-terminated, the first in our own; several lines: several calls */
} DialectRow;

/* Ends with one without a name. */
extern const DialectRow dialect_rows[];
