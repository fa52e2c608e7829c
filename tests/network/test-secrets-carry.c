/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One connection in the clear, between a program and a server that the test plays, with a clock that it sets. */

#include "config.h"

#include <glib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "session-broker/network/glb-secrets-carry.h"

#define SECRET "0123456789abcdef"
#define ADDED  "X-Key: a " SECRET "\r\nAccept-Encoding: identity\r\n\r\n"

typedef struct
{
  GlbSecretsKeep *keep;
  GlbSecretsCarrier *carrier;
  int program, server;       /* the test's ends */
  gint64 now;
} Fixture;

static void
set_up (Fixture       *self,
        gconstpointer  data)
{
  GlbSecretsSecret secret = { .place = { .port = 80, .host = "a.example" }, .header = "X-Key", .size = 2 + strlen (SECRET), .prefix_size = 2 };
  GlbSecretsCarry carry = { .id = 7, .place = secret.place };
  GlbSecretsShared shared = { 0 };
  int program[2], server[2];

  memcpy (secret.value, "a " SECRET, secret.size);
  self->keep = glb_secrets_keep_new (1);
  g_assert_true (glb_secrets_keep_add (self->keep, &secret));
  g_assert_false (glb_secrets_keep_add (self->keep, &secret));
  shared.keep = self->keep;
  g_assert_no_errno (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, program));
  g_assert_no_errno (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, server));
  self->program = program[0];
  self->server = server[0];
  self->now = 1000;
  self->carrier = glb_secrets_carrier_new (&shared, &carry, server[1], program[1], self->now);
}

static void
tear_down (Fixture       *self,
           gconstpointer  data)
{
  glb_secrets_carrier_free (self->carrier);
  glb_secrets_keep_free (self->keep);
  if (self->program >= 0)
    close (self->program);
  if (self->server >= 0)
    close (self->server);
}

static void
say (int         fd,
     const char *text)
{
  g_assert_cmpint (send (fd, text, strlen (text), MSG_NOSIGNAL), ==, strlen (text));
}

static gboolean
step (Fixture *self)
{
  return glb_secrets_carrier_step (self->carrier, self->now, FALSE);
}

/* All that is there. */
static void
assert_heard (int         fd,
              const char *expected)
{
  char bytes[8192];
  gssize n = recv (fd, bytes, sizeof bytes - 1, MSG_DONTWAIT);

  bytes[MAX (n, 0)] = '\0';
  g_assert_cmpstr (bytes, ==, expected);
}

static void
assert_ended (Fixture       *self,
              GlbSecretsEnd  end,
              gboolean       used)
{
  GlbSecretsEnded ended;

  g_assert_false (step (self));
  glb_secrets_carrier_report (self->carrier, &ended);
  g_assert_cmpuint (ended.id, ==, 7);
  g_assert_cmpint (ended.end, ==, end);
  g_assert_cmpint (ended.used, ==, used);
}

/* However the request comes, it goes out once, whole. */
static void
test_request (Fixture       *self,
              gconstpointer  data)
{
  static const char request[] = "POST /p HTTP/1.1\r\nx-key: mine\r\nHost: a.example\r\nContent-Length: 4\r\n\r\nbodyGET /second HTTP/1.1\r\n";

  for (const char *c = request; *c != '\0'; c++)
    {
      g_assert_cmpint (send (self->program, c, 1, MSG_NOSIGNAL), ==, 1);
      g_assert_true (step (self));
    }
  assert_heard (self->server, "POST /p HTTP/1.1\r\nHost: a.example\r\nContent-Length: 4\r\nConnection: close\r\n" "X-Key: a " SECRET
                              "\r\nAccept-Encoding: identity\r\n\r\nbody");
  say (self->server, "HTTP/1.1 200 OK\r\n\r\nhello");
  close (self->server);
  self->server = -1;
  g_assert_true (step (self));
  assert_heard (self->program, "HTTP/1.1 200 OK\r\n\r\nhello");
  close (self->program);
  self->program = -1;
  assert_ended (self, GLB_SECRETS_END_DONE, TRUE);
}

/* The end of what came waits as long as a secret may go on in it, whatever it is. */
static void
test_held (Fixture       *self,
           gconstpointer  data)
{
  say (self->program, "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n");
  g_assert_true (step (self));
  assert_heard (self->server, "GET / HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n" ADDED);

  say (self->server, "an echo of a 01234567");
  g_assert_true (step (self));
  assert_heard (self->program, "an ech");
  say (self->server, "89abcdef and mor");
  g_assert_true (step (self));
  assert_heard (self->program, "o of a *********");
  self->now += GLB_SECRETS_HOLD_MS + 1;
  g_assert_true (step (self));
  assert_heard (self->program, "******* and mor");

  say (self->server, "nothing of it 76543210");
  g_assert_true (step (self));
  assert_heard (self->program, "nothing");
  self->now += GLB_SECRETS_HOLD_MS + 1;
  g_assert_true (step (self));
  assert_heard (self->program, " of it 76543210");
}

static void
test_early_answer (Fixture       *self,
                   gconstpointer  data)
{
  say (self->program, "POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 1000000\r\n\r\n");
  g_assert_true (step (self));
  assert_heard (self->server, "POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 1000000\r\nConnection: close\r\n" ADDED);
  say (self->server, "HTTP/1.1 413 Too Large\r\n\r\n");
  close (self->server);
  self->server = -1;
  say (self->program, "much");
  g_assert_true (step (self));
  assert_heard (self->program, "HTTP/1.1 413 Too Large\r\n\r\n");
}

static void
assert_refused (Fixture       *self,
                const char    *request,
                const char    *answer,
                GlbSecretsEnd  end)
{
  char bytes[4096];
  gssize n;

  say (self->program, request);
  g_assert_true (step (self));
  assert_heard (self->server, "");
  n = recv (self->program, bytes, sizeof bytes - 1, MSG_DONTWAIT);
  g_assert_cmpint (n, >, 0);
  bytes[n] = '\0';
  g_assert_true (g_str_has_prefix (bytes, answer));
  g_assert_null (strstr (bytes, SECRET));
  close (self->program);
  self->program = -1;
  assert_ended (self, end, FALSE);
}

static void
test_other_host (Fixture       *self,
                 gconstpointer  data)
{
  assert_refused (self, "GET / HTTP/1.1\r\nHost: b.example\r\n\r\n", "HTTP/1.1 421 ", GLB_SECRETS_END_WRONG_NAME);
}

static void
test_malformed (Fixture       *self,
                gconstpointer  data)
{
  assert_refused (self, "GET / HTTP/1.1\r\nHost: a.example\r\nHost: b.example\r\n\r\n", "HTTP/1.1 400 ", GLB_SECRETS_END_MALFORMED);
}

static void
test_bad_chunk (Fixture       *self,
                gconstpointer  data)
{
  assert_refused (self, "POST / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\nnot a size\r\n", "HTTP/1.1 400 ",
                  GLB_SECRETS_END_MALFORMED);
}

static void
test_late_bad_chunk (Fixture       *self,
                     gconstpointer  data)
{
  say (self->program, "POST / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
  g_assert_true (step (self));
  say (self->program, "not a size\r\n");
  assert_ended (self, GLB_SECRETS_END_MALFORMED, TRUE);
}

static void
test_endless_head (Fixture       *self,
                   gconstpointer  data)
{
  g_autofree char *fill = g_strnfill (40000, 'a');
  g_autofree char *request = g_strconcat ("GET / HTTP/1.1\r\nHost: a.example\r\nX: ", fill, NULL);

  assert_refused (self, request, "HTTP/1.1 400 ", GLB_SECRETS_END_MALFORMED);
}

/* No wait is without an end. */
static void
test_silent (Fixture       *self,
             gconstpointer  data)
{
  struct pollfd polls[2];

  g_assert_true (step (self));
  g_assert_cmpint (glb_secrets_carrier_wait (self->carrier, self->now, polls), ==, 1000 + 30000);
  g_assert_cmpint (polls[0].events, ==, POLLIN);
  self->now = 1000 + 29999;
  g_assert_true (step (self));
  self->now++;
  assert_ended (self, GLB_SECRETS_END_TIMEOUT, FALSE);
}

static void
test_idle (Fixture       *self,
           gconstpointer  data)
{
  say (self->program, "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n");
  g_assert_true (step (self));
  self->now += 3599999;
  g_assert_true (step (self));
  self->now += 1;
  assert_ended (self, GLB_SECRETS_END_TIMEOUT, TRUE);
}

/* Nothing is waited for from a program that has asked but whether it is there. */
static void
test_hung_up (Fixture       *self,
              gconstpointer  data)
{
  struct pollfd polls[2];
  GlbSecretsEnded ended;

  say (self->program, "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n");
  g_assert_true (step (self));
  close (self->program);
  self->program = -1;
  glb_secrets_carrier_wait (self->carrier, self->now, polls);
  g_assert_cmpint (polls[0].events, ==, 0);
  g_assert_cmpint (poll (polls, 1, 0), ==, 1);
  g_assert_cmpint (polls[0].revents & POLLHUP, !=, 0);
  g_assert_false (glb_secrets_carrier_step (self->carrier, self->now, TRUE));
  glb_secrets_carrier_report (self->carrier, &ended);
  g_assert_cmpint (ended.end, ==, GLB_SECRETS_END_PROGRAM);
}

int
main (int   argc,
      char *argv[])
{
  static const struct { const char *path; void (*test) (Fixture *, gconstpointer); } tests[] = {
    { "/secrets-carry/request", test_request },
    { "/secrets-carry/held", test_held },
    { "/secrets-carry/early-answer", test_early_answer },
    { "/secrets-carry/other-host", test_other_host },
    { "/secrets-carry/malformed", test_malformed },
    { "/secrets-carry/bad-chunk", test_bad_chunk },
    { "/secrets-carry/late-bad-chunk", test_late_bad_chunk },
    { "/secrets-carry/endless-head", test_endless_head },
    { "/secrets-carry/silent", test_silent },
    { "/secrets-carry/idle", test_idle },
    { "/secrets-carry/hung-up", test_hung_up },
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].test, tear_down);
  return g_test_run ();
}
