/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The lines of a head of HTTP/1, for who judges it and who rewrites it: both read it in the same way. */

#include "session-broker/network/glb-network-http.h"
#include "session-broker/network/glb-network-span.h"

/* Takes the next line at *at, without its CR LF. REQUEST: there is one. error: of BAD. */
GlbNetworkHttpResult glb_network_http_take_line (GlbNetworkSpan bytes, size_t *at, GlbNetworkSpan *line, const char **error);

typedef struct
{
  GlbNetworkSpan method, target, version;
} GlbNetworkHttpStart;

/* "method target version" with one space between; its parts are not judged. */
bool glb_network_http_split_start (GlbNetworkSpan line, GlbNetworkHttpStart *start);

/* Of the absolute form: what is between "http://" and the path, and the path ("" where there is none). */
bool glb_network_http_split_absolute (GlbNetworkSpan target, GlbNetworkSpan *authority, GlbNetworkSpan *path);

typedef struct
{
  GlbNetworkSpan name;    /* a token */
  GlbNetworkSpan value;   /* without white space at its ends */
} GlbNetworkHttpField;

bool glb_network_http_split_field (GlbNetworkSpan line, GlbNetworkHttpField *field);

/* Takes the next element of a list with commas; false: there is none. Empty ones are left out. */
bool glb_network_http_take_element (GlbNetworkSpan *list, GlbNetworkSpan *element);

bool glb_network_http_is_token_byte (char c);
bool glb_network_http_is_token      (GlbNetworkSpan text);
/* A tab, or what is no control byte. */
bool glb_network_http_is_text_byte  (char c);
