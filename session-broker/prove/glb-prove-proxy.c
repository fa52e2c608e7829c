/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glovebox-prove"

/*
 * Through the network gate: what its parsers could be talked into.
 *
 * Inside, each goes to the session's proxy. Outside, the control does what a
 * careless proxy would have done: it resolves the very text, connects, and
 * sends the very bytes.
 */

#include "session-broker/prove/glb-prove.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define TO_NAMED(port) "CONNECT " GLB_PROVE_NAMED ":{" port "} HTTP/1.1\r\nHost: " GLB_PROVE_NAMED ":{" port "}\r\n\r\n"

static int
reach_proxy (void)
{
  return glb_prove_reach ("127.0.0.1", GLB_PROVE_PROXY_PORT);
}

/* What the gate does not take in is lost: the answer says why. */
static void
say (int            fd,
     const GString *bytes)
{
  if (fd >= 0 && bytes != NULL)
    send (fd, bytes->str, bytes->len, MSG_NOSIGNAL);
}

/* Until the proxy says yes, or why not: who ends its own direction before has given up. tunnel: to be expanded */
static void
open_tunnel (GlbBait    *bait,
             const char *tunnel,
             int         fd)
{
  g_autoptr(GString) words = glb_prove_expand (bait, tunnel);
  g_autoptr(GString) heard = g_string_new (NULL);

  say (fd, words);
  if (fd >= 0)
    glb_prove_listen (fd, "\r\n\r\n", heard);
}

/* ---- CONNECT ------------------------------------------------------------------------------------ */

typedef struct
{
  const char *text;      /* to be expanded */
  const char *read_as;   /* (nullable): what the careless take it for; to be expanded */
} Place;

/* data: a Place */
static GlbProveResult
by_connect (GlbBait       *bait,
            gconstpointer  data,
            GString       *detail)
{
  const Place *place = data;
  g_autofree char *words = g_strdup_printf ("CONNECT %s:{port} HTTP/1.1\r\nHost: %s:{port}\r\n\r\n", place->text, place->text);
  g_autoptr(GString) host = glb_prove_expand (bait, place->read_as != NULL ? place->read_as : place->text);
  g_autoptr(GString) request = glb_prove_expand (bait, words);
  int fd;

  if (host == NULL || request == NULL)
    return glb_prove_unavailable (detail, "the host has no such address");
  if (glb_bait_is_control (bait))
    return glb_prove_hear (bait, glb_prove_reach (host->str, glb_bait_get_port (bait, "port")), detail);
  fd = reach_proxy ();
  say (fd, request);
  return glb_prove_hear (bait, fd, detail);
}

/* ---- SOCKS 5 ------------------------------------------------------------------------------------- */

enum { SOCKS_CONNECT = 1, SOCKS_BIND = 2, SOCKS_ASSOCIATE = 3 };
enum { SOCKS_IPV4 = 1, SOCKS_NAME = 3, SOCKS_IPV6 = 4 };

typedef struct
{
  char        command, kind;
  const char *text;      /* to be expanded */
  const char *read_as;   /* (nullable) */
} Socks;

/* Greeting and request at once. FALSE: it is no address of that kind. */
static gboolean
write_socks (const Socks   *socks,
             const GString *host,
             guint16        port,
             GString       *request)
{
  const char begin[] = { 5, 1, 0, 5, socks->command, 0, socks->kind };
  gsize size = socks->kind == SOCKS_IPV4 ? 4 : 16;
  char address[16];

  g_string_append_len (request, begin, sizeof begin);
  if (socks->kind == SOCKS_NAME)
    {
      g_string_append_c (request, (char) host->len);
      g_string_append_len (request, host->str, (gssize) host->len);
    }
  else if (inet_pton (socks->kind == SOCKS_IPV4 ? AF_INET : AF_INET6, host->str, address) == 1)
    g_string_append_len (request, address, (gssize) size);
  else
    return FALSE;
  g_string_append_c (request, (char) (port >> 8));
  g_string_append_c (request, (char) (port & 255));
  return TRUE;
}

/* data: a Socks */
static GlbProveResult
by_socks (GlbBait       *bait,
          gconstpointer  data,
          GString       *detail)
{
  const Socks *socks = data;
  g_autoptr(GString) host = glb_prove_expand (bait, socks->text);
  g_autoptr(GString) request = g_string_new (NULL);
  guint16 port = glb_bait_get_port (bait, "port");
  int fd;

  if (host == NULL || !write_socks (socks, host, port, request))
    return glb_prove_unavailable (detail, "the host has no such address");
  if (glb_bait_is_control (bait))
    return glb_prove_hear (bait, glb_prove_reach (socks->read_as != NULL ? socks->read_as : host->str, port), detail);
  fd = reach_proxy ();
  say (fd, request);
  return glb_prove_hear (bait, fd, detail);
}

/* A socket of the proxy's own is asked for. data: a Socks. Outside, one is made and used without asking. */
static GlbProveResult
by_socks_socket (GlbBait       *bait,
                 gconstpointer  data,
                 GString       *detail)
{
  const Socks *socks = data;
  int type = socks->command == SOCKS_BIND ? SOCK_STREAM : SOCK_DGRAM;
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  g_autoptr(GString) host = g_string_new (socks->text);
  g_autoptr(GString) request = g_string_new (NULL);
  g_autoptr(GString) heard = g_string_new (NULL);
  static const char yes[] = { 5, 0, 5 };   /* and 0, where it agrees */
  int fd = glb_bait_is_control (bait) ? socket (AF_INET, type | SOCK_CLOEXEC, 0) : reach_proxy ();

  if (fd < 0)
    return glb_prove_refused (detail, "connect");
  if (glb_bait_is_control (bait))
    {
      if (bind (fd, (struct sockaddr *) &address, sizeof address) < 0)
        return glb_prove_refused (detail, "bind");
      return glb_prove_escaped (detail, "the socket was made");
    }

  write_socks (socks, host, glb_bait_get_port (bait, "port"), request);
  say (fd, request);
  glb_prove_listen (fd, glb_bait_get (bait, "token"), heard);
  if (heard->len > 3 && memcmp (heard->str, yes, sizeof yes) == 0 && heard->str[3] == 0)
    return glb_prove_escaped (detail, "the proxy made the socket");
  g_string_printf (detail, "SOCKS 5: refused with code %d", heard->len > 3 ? heard->str[3] : -1);
  return GLB_PROVE_REFUSED;
}

/* ---- HTTP ------------------------------------------------------------------------------------------ */

typedef struct
{
  const char *tunnel;    /* (nullable): what is said to the proxy before; to be expanded */
  const char *port;      /* of the bait */
  const char *words;     /* to be expanded */
} Request;

/* Sends; in a tunnel, it also says that this is all. */
static int
say_request (GlbBait       *bait,
             const Request *request)
{
  g_autoptr(GString) words = glb_prove_expand (bait, request->words);
  int fd = glb_bait_is_control (bait) ? glb_prove_reach ("localhost", glb_bait_get_port (bait, request->port)) : reach_proxy ();

  if (request->tunnel != NULL && !glb_bait_is_control (bait))
    open_tunnel (bait, request->tunnel, fd);
  say (fd, words);
  if (fd >= 0 && (request->tunnel != NULL || glb_bait_is_control (bait)))
    shutdown (fd, SHUT_WR);
  return fd;
}

/* data: a Request */
static GlbProveResult
by_request (GlbBait       *bait,
            gconstpointer  data,
            GString       *detail)
{
  return glb_prove_hear (bait, say_request (bait, data), detail);
}

/* The same, of what the policy names: a gate that lets nothing through would prove nothing. data: a Request */
static GlbProveResult
named (GlbBait       *bait,
       gconstpointer  data,
       GString       *detail)
{
  g_autoptr(GString) heard = g_string_new (NULL);
  const char *welcome = glb_bait_get (bait, "welcome");
  int fd;

  if (welcome == NULL || (!glb_bait_is_control (bait) && glb_bait_get (bait, "gate") == NULL))
    return glb_prove_unavailable (detail, "the policy is not the one that names it");
  fd = say_request (bait, data);
  if (fd < 0)
    return glb_prove_refused (detail, "connect");
  if (glb_prove_listen (fd, welcome, heard))
    return glb_prove_escaped (detail, "it was reached");
  return glb_prove_refused (detail, "no answer of its own");
}

/* ---- TLS -------------------------------------------------------------------------------------------- */

static void
append_size (GString *bytes,
             gsize    size)
{
  g_string_append_c (bytes, (char) (size >> 8));
  g_string_append_c (bytes, (char) (size & 255));
}

static void
append_part (GString       *bytes,
             const GString *part)
{
  append_size (bytes, part->len);
  g_string_append_len (bytes, part->str, (gssize) part->len);
}

/* The first message of TLS, with one extension at most: the name. (transfer full) */
static GString *
make_greeting (const char *name)
{
  static const char begin[] = { 3, 3 }, ciphers[] = { 0, 2, 0x13, 1, 1, 0 }, record[] = { 22, 3, 1 };
  g_autoptr(GString) entry = g_string_new ("");
  g_autoptr(GString) list = g_string_new (NULL);
  g_autoptr(GString) extensions = g_string_new (NULL);
  g_autoptr(GString) message = g_string_new (NULL);
  GString *greeting = g_string_new_len (record, sizeof record);

  if (name != NULL)
    {
      g_string_append_c (entry, 0);
      append_size (entry, strlen (name));
      g_string_append (entry, name);
      append_part (list, entry);
      append_size (extensions, 0);
      append_part (extensions, list);
    }
  g_string_append_len (message, begin, sizeof begin);
  for (guint i = 0; i < 32; i++)   /* random */
    g_string_append_c (message, (char) i);
  g_string_append_c (message, 0);
  g_string_append_len (message, ciphers, sizeof ciphers);
  append_part (message, extensions);

  append_size (greeting, message->len + 4);
  g_string_append_c (greeting, 1);
  g_string_append_c (greeting, 0);
  append_part (greeting, message);
  return greeting;
}

/* data: (nullable): the name in the greeting */
static GlbProveResult
by_greeting (GlbBait       *bait,
             gconstpointer  data,
             GString       *detail)
{
  g_autoptr(GString) greeting = make_greeting (data);
  int fd = glb_bait_is_control (bait) ? glb_prove_reach ("127.0.0.1", glb_bait_get_port (bait, "port-tls")) : reach_proxy ();

  if (!glb_bait_is_control (bait))
    open_tunnel (bait, TO_NAMED ("port-tls"), fd);
  say (fd, greeting);
  return glb_prove_hear (bait, fd, detail);
}

/* ---- the table --------------------------------------------------------------------------------------- */

#define THEME "network gate"

#define CONNECT(id, title, ...) { "net.connect-" id, THEME, "CONNECT " title, NULL, by_connect, &(const Place) { __VA_ARGS__ } }
#define SOCKS(id, title, ...) { "net.socks-" id, THEME, "SOCKS 5: " title, NULL, by_socks, &(const Socks) { __VA_ARGS__ } }
#define GET(id, title, port, ...) \
  { "net.http-" id, THEME, "HTTP: " title, NULL, by_request, &(const Request) { NULL, port, __VA_ARGS__ } }
#define TUNNEL(id, title, port, ...) \
  { "net.tunnel-" id, THEME, "A tunnel to the named host: " title, NULL, by_request, \
    &(const Request) { TO_NAMED (port), port, __VA_ARGS__ } }
#define GREETING(id, title, name) { "net.tls-" id, THEME, "A tunnel to the named host: " title, NULL, by_greeting, name }

#define HOST_NAMED "Host: " GLB_PROVE_NAMED "\r\n"
#define HOST_OTHER "Host: " GLB_PROVE_OTHER "\r\n"
#define FIRST      " / HTTP/1.1\r\n" HOST_NAMED
#define SECOND     "GET / HTTP/1.1\r\n" HOST_OTHER "\r\n"

G_STATIC_ASSERT (sizeof SECOND - 1 == 45);   /* as lengths below say */

const GlbProveAttempt glb_prove_proxy[] = {
  { "net.named", THEME, "What the policy names is let through", NULL, named,
    &(const Request) { TO_NAMED ("port-http"), "port-http", "GET" FIRST "\r\n" }, .named = TRUE },

  CONNECT ("loopback", "127.0.0.1", "127.0.0.1"),
  CONNECT ("localhost", "localhost", "localhost"),
  CONNECT ("localhost-dot", "localhost.", "localhost."),
  CONNECT ("localhost-upper", "LOCALHOST", "LOCALHOST"),
  CONNECT ("short", "127.1", "127.1"),
  CONNECT ("hexadecimal", "0x7f.1", "0x7f.1"),
  CONNECT ("hexadecimal-whole", "0x7f000001", "0x7f000001"),
  CONNECT ("decimal", "2130706433", "2130706433"),
  CONNECT ("octal", "017700000001", "017700000001"),
  CONNECT ("octal-part", "0177.0.0.1", "0177.0.0.1"),
  CONNECT ("zeros", "127.000.000.001", "127.000.000.001"),
  CONNECT ("dot", "127.0.0.1.", "127.0.0.1.", "127.0.0.1"),
  CONNECT ("any", "0.0.0.0", "0.0.0.0"),
  CONNECT ("zero", "0", "0"),
  CONNECT ("ipv6", "[::1]", "[::1]", "::1"),
  CONNECT ("ipv6-long", "[0:0:0:0:0:0:0:1]", "[0:0:0:0:0:0:0:1]", "0:0:0:0:0:0:0:1"),
  CONNECT ("mapped", "[::ffff:127.0.0.1]", "[::ffff:127.0.0.1]", "::ffff:127.0.0.1"),
  CONNECT ("mapped-hexadecimal", "[::ffff:7f00:1]", "[::ffff:7f00:1]", "::ffff:7f00:1"),
  CONNECT ("ipv6-any", "[::]", "[::]", "::"),
  CONNECT ("zone", "[::1%lo]", "[::1%lo]", "::1"),
  CONNECT ("host", "the host's address", "{host}"),
  CONNECT ("ipv6-host", "the host's address of IPv6", "[{host6}]", "{host6}"),
  CONNECT ("mapped-host", "the host's address as [::ffff:A.B.C.D]", "[::ffff:{host}]", "::ffff:{host}"),
  CONNECT ("full-width", "127.0.0.1 in full-width digits", "\uff11\uff12\uff17.\uff10.\uff10.\uff11", "127.0.0.1"),
  CONNECT ("full-dots", "127.0.0.1 with full-width dots", "127\uff0e0\uff0e0\uff0e1", "127.0.0.1"),
  CONNECT ("zero-byte", "a name with a zero byte in it", "localhost{nul}." GLB_PROVE_NAMED),
  CONNECT ("line", "a name with a line break in it", "127.0.0.1:{port} HTTP/1.1\r\nX: " GLB_PROVE_NAMED, "127.0.0.1"),
  CONNECT ("user", "NAMED@127.0.0.1", GLB_PROVE_NAMED "@127.0.0.1", "127.0.0.1"),
  CONNECT ("other-port", "a port that the policy does not name", GLB_PROVE_NAMED, "127.0.0.1"),
  CONNECT ("lured", "an allowed name that leads to the loopback", GLB_PROVE_LURED, "127.0.0.1"),

  SOCKS ("ipv4", "127.0.0.1", SOCKS_CONNECT, SOCKS_IPV4, "127.0.0.1"),
  SOCKS ("host", "the host's address", SOCKS_CONNECT, SOCKS_IPV4, "{host}"),
  SOCKS ("any", "0.0.0.0", SOCKS_CONNECT, SOCKS_IPV4, "0.0.0.0"),
  SOCKS ("ipv6", "::1", SOCKS_CONNECT, SOCKS_IPV6, "::1"),
  SOCKS ("mapped", "::ffff:127.0.0.1", SOCKS_CONNECT, SOCKS_IPV6, "::ffff:127.0.0.1"),
  SOCKS ("text", "an address as a name", SOCKS_CONNECT, SOCKS_NAME, "127.0.0.1"),
  SOCKS ("name", "localhost", SOCKS_CONNECT, SOCKS_NAME, "localhost"),
  SOCKS ("number", "an address as a number", SOCKS_CONNECT, SOCKS_NAME, "0x7f000001"),
  SOCKS ("zero-byte", "a name with a zero byte in it", SOCKS_CONNECT, SOCKS_NAME, "localhost{nul}." GLB_PROVE_NAMED),
  SOCKS ("lured", "an allowed name that leads to the loopback", SOCKS_CONNECT, SOCKS_NAME, GLB_PROVE_LURED, "127.0.0.1"),
  { "net.socks-bind", THEME, "SOCKS 5: let others in", NULL, by_socks_socket,
    &(const Socks) { SOCKS_BIND, SOCKS_IPV4, "127.0.0.1" } },
  { "net.socks-udp", THEME, "SOCKS 5: datagrams", NULL, by_socks_socket,
    &(const Socks) { SOCKS_ASSOCIATE, SOCKS_IPV4, "127.0.0.1" } },

  GET ("loopback", "http://127.0.0.1", "port", "GET http://127.0.0.1:{port}/ HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n"),
  GET ("localhost", "http://localhost", "port", "GET http://localhost:{port}/ HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n"),
  GET ("ipv6", "http://[::1]", "port", "GET http://[::1]:{port}/ HTTP/1.1\r\nHost: [::1]:{port}\r\n\r\n"),
  GET ("user", "http://NAMED@127.0.0.1", "port",
       "GET http://" GLB_PROVE_NAMED "@127.0.0.1:{port}/ HTTP/1.1\r\nHost: " GLB_PROVE_NAMED "\r\n\r\n"),
  GET ("backslash", "http://127.0.0.1\\@NAMED", "port",
       "GET http://127.0.0.1:{port}\\@" GLB_PROVE_NAMED ":{port-http}/ HTTP/1.1\r\nHost: " GLB_PROVE_NAMED ":{port-http}\r\n\r\n"),
  GET ("host-only", "the host in the Host field alone", "port", "GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n"),
  GET ("host-named", "a target that is not named, with a Host that is", "port",
       "GET http://127.0.0.1:{port}/ HTTP/1.1\r\nHost: " GLB_PROVE_NAMED ":{port-http}\r\n\r\n"),
  GET ("host-other", "a target that is named, with a Host that is not", "port-http",
       "GET http://" GLB_PROVE_NAMED ":{port-http}/ HTTP/1.1\r\n" HOST_OTHER "\r\n"),
  GET ("host-twice", "a target that is named, with two Host fields", "port-http",
       "GET http://" GLB_PROVE_NAMED ":{port-http}/ HTTP/1.1\r\nHost: " GLB_PROVE_NAMED ":{port-http}\r\n" HOST_OTHER "\r\n"),
  GET ("second", "a second request behind the first", "port-http",
       "GET http://" GLB_PROVE_NAMED ":{port-http}/ HTTP/1.1\r\nHost: " GLB_PROVE_NAMED ":{port-http}\r\n\r\n"
       "GET http://" GLB_PROVE_OTHER ":{port-http}/ HTTP/1.1\r\nHost: " GLB_PROVE_OTHER ":{port-http}\r\n\r\n"),

  TUNNEL ("other", "a request to another", "port-http", SECOND),
  TUNNEL ("target", "another in its target", "port-http", "GET http://" GLB_PROVE_OTHER "/ HTTP/1.1\r\n" HOST_NAMED "\r\n"),
  TUNNEL ("twice", "two Host fields", "port-http", "GET" FIRST HOST_OTHER "\r\n"),
  TUNNEL ("space", "a Host field with a space behind it", "port-http", "GET" FIRST "Host : " GLB_PROVE_OTHER "\r\n\r\n"),
  TUNNEL ("folded", "a Host field in a folded line", "port-http", "GET" FIRST "X: y\r\n " HOST_OTHER "\r\n"),
  TUNNEL ("bare-line", "a Host field behind a bare line break", "port-http", "GET" FIRST "X: y\n" HOST_OTHER "\r\n"),
  TUNNEL ("second", "a second request", "port-http", "GET" FIRST "\r\n" SECOND),
  TUNNEL ("behind-length", "one behind a body of a length", "port-http", "POST" FIRST "Content-Length: 2\r\n\r\nhi" SECOND),
  TUNNEL ("behind-chunks", "one behind a body of chunks", "port-http", "POST" FIRST "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" SECOND),
  TUNNEL ("by-chunks", "one in a length, where the server reads chunks", "port-http",
          "POST" FIRST "Content-Length: 50\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" SECOND),
  TUNNEL ("by-length", "one in a chunk, where the server reads a length", "port-http",
          "POST /length HTTP/1.1\r\n" HOST_NAMED "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n2d\r\n" SECOND "\r\n0\r\n\r\n"),
  TUNNEL ("by-first", "one in the second of two lengths", "port-http",
          "POST /first HTTP/1.1\r\n" HOST_NAMED "Content-Length: 0\r\nContent-Length: 45\r\n\r\n" SECOND),
  TUNNEL ("coding", "one behind chunks that only the server sees", "port-http",
          "POST" FIRST "Content-Length: 50\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" SECOND),
  TUNNEL ("anything", "what is no HTTP", "port-http", "SSH-2.0-secret\r\n"),
  TUNNEL ("clear", "HTTP in the clear, where TLS is meant", "port-tls", "GET" FIRST "\r\n"),
  TUNNEL ("no-tls", "what is no TLS, where that is meant", "port-tls", "SSH-2.0-secret\r\n"),
  GREETING ("other", "TLS with another name", GLB_PROVE_OTHER),
  GREETING ("no-name", "TLS without a name", NULL),
  GREETING ("below", "TLS with a name below it", "x." GLB_PROVE_NAMED),
  { NULL },
};
