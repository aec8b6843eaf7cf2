/* The client: sends requests through an app and hands back results. Owns all memory of its requests.
 * For one thread; many clients may share a stack. */
#ifndef STACKRIG_CLIENT_H
#define STACKRIG_CLIENT_H

#include <stackrig/base.h>
#include <stackrig/request.h>
#include <stackrig/result.h>
#include <stackrig/server.h>
#include <stackrig/stack.h>

struct rig_client;
struct rig_check_set;
struct rig_own_rule;

/* For .checks: none but the reports of wrong use (usage.*, request.*), which are always on. */
#define RIG_CHECKS_NONE (&rig_checks_none)

struct rig_client_options {
    const struct rig_server *server;              /* NULL: http1. Others: stackrig/servers.h */
    const struct rig_check_set *checks;           /* NULL: all */
    const char *ignore[RIG_IGNORE_MAX + 1];       /* rules ("id" or "area.*") that are not findings here */
    const char *enable[RIG_IGNORE_MAX + 1];       /* rules that are off by default */
    struct rig_field headers[RIG_FIELDS_MAX + 1]; /* sent with every request that does not set them itself */
    int64_t now;           /* the clock of its requests, ns since the epoch; 0: 1750000000 s (2025-06-15T15:06:40Z) */
    uint64_t memory_limit; /* bytes held for requests and results; 0: 1 GiB. Past it: -ENOMEM.
                            * The smallest request takes 93 KiB */
    struct rig_allocator allocator;          /* all zero: malloc */
    const struct rig_own_rule *const *rules; /* of your own, see stackrig/rules.h; ends at NULL. NULL: none */
};

/* rig_send(client, RIG_GET("/x")): never NULL */
#define rig_send(client_, ...) rig_send_request_at(RIG_SITE, client_, __VA_ARGS__)
/* Bytes as a client put them on the wire: one request or several, well-formed or not. */
#define rig_send_raw(...) rig_send_raw_at(RIG_SITE, __VA_ARGS__)
/* The env of a request as the server builds it, without calling anything, for a test that calls a layer's own functions
 * or changes the env before rig_call; NULL: out of memory, a bad request (rig_client_free tells its finding),
 * or too many open. Its request closes with rig_call, rig_env_close, rig_client_reset or rig_client_free. */
#define rig_env_for(...) rig_env_for_at(RIG_SITE, __VA_ARGS__)
/* Runs the client's app for an env of rig_env_for. */
#define rig_call(...) rig_call_at(RIG_SITE, __VA_ARGS__)
/* Drops an env of rig_env_for without calling anything; NULL: nothing. */
#define rig_env_close(...) rig_env_close_at(RIG_SITE, __VA_ARGS__)

/* rig_warm_up(stack, RIG_GET("/")): notes a request that goes through the stack once, before its first other one: sent
 * with a client of its own, behind the server and with the checks of the client that sends first. Mapped and inner
 * stacks are warmed up before those around them. What goes wrong (an error, a refusal, an error finding) is a finding
 * usage.stack.warm_up of that first request. The last that is noted for a stack is used; what it points to must last
 * as long as the stack, as literals do. 0, -EINVAL (NULL, or after the first request), -ENOMEM. */
#define rig_warm_up(...) rig_warm_up_at(RIG_SITE, __VA_ARGS__)

/* rig_post(client, "/x", .body = "a=b") */
#define RIG_SEND_(method_, client_, ...) \
    rig_send_at(RIG_SITE, client_, RIG_REF_(rig_request, .method = method_, .target = __VA_ARGS__, .end_ = 0))
#define rig_get(client_, ...) RIG_SEND_("GET", client_, __VA_ARGS__)
#define rig_head(client_, ...) RIG_SEND_("HEAD", client_, __VA_ARGS__)
#define rig_post(client_, ...) RIG_SEND_("POST", client_, __VA_ARGS__)
#define rig_put(client_, ...) RIG_SEND_("PUT", client_, __VA_ARGS__)
#define rig_patch(client_, ...) RIG_SEND_("PATCH", client_, __VA_ARGS__)
#define rig_delete(client_, ...) RIG_SEND_("DELETE", client_, __VA_ARGS__)
#define rig_options(client_, ...) RIG_SEND_("OPTIONS", client_, __VA_ARGS__)

RIG_BEGIN_DECLS
extern const struct rig_check_set rig_checks_all, rig_checks_none;

/* NULL: out of memory. Takes app.self where app.release is given, also on failure. */
struct rig_client *rig_client_new(struct rig_app app, struct rig_client_options options);
/* Ends what is open and frees everything. stackrig/expect.h makes it a macro that also fails the test for error
 * findings of results that no one asserted. */
void rig_client_free(struct rig_client *client);
/* Drops all results and ends what is open; keeps memory for the next requests. Unasserted error findings are
 * remembered for rig_client_free. */
void rig_client_reset(struct rig_client *client);
const struct rig_result *rig_send_at(const char *site, struct rig_client *client, const struct rig_request *request);
const struct rig_result *rig_send_request_at(const char *site, struct rig_client *client, struct rig_request request);
const struct rig_result *rig_send_raw_at(const char *site, struct rig_client *client, const void *bytes, size_t size);
struct rig_env *rig_env_for_at(const char *site, struct rig_client *client, struct rig_request request);
const struct rig_result *rig_call_at(const char *site, struct rig_client *client, struct rig_env *env);
void rig_env_close_at(const char *site, struct rig_client *client, struct rig_env *env);
int rig_warm_up_at(const char *site, struct rig_stack *stack, struct rig_request request);
/* The clock of its requests and sessions, ns since the epoch. It stands still until it is set. */
int64_t rig_client_now(const struct rig_client *client);
void rig_client_set_now(struct rig_client *client, int64_t now);
/* Is asked before each piece of memory that its requests take while a layer or the app has the word, its calls of the rig
 * among them: rig_env_alloc, rig_env_set, rig_respond, rig_next ... false: that piece fails. NULL: nobody is asked.
 * 0; -EINVAL: a NULL client, or one whose .allocator has an admit; -EBUSY: a request of it is under way. */
int rig_client_admit(struct rig_client *client, bool (*admit)(void *self, size_t size), void *self);
uint64_t rig_client_memory(const struct rig_client *client); /* bytes held for requests and results */
RIG_END_DECLS

#endif
