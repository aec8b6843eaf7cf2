/* What a handler leaves behind when its request is over. */
#include "mocks/frameworks/microhttpd/microhttpd.h"

#include "mocks/frameworks/left.h"

#include <string.h>

/* ---- *req_cls ---- */

/* The server's own, or the program's: a handler that keeps its connection as a mark has allocated nothing. */
static bool is_known(const struct MHD_Connection *connection, const void *memory)
{
    const struct MHD_Daemon *daemon = connection->daemon;
    return memory == connection || memory == daemon || memory == daemon->handler_cls || memory == connection->url ||
           memory == connection->method || memory == connection->version || memory == connection->socket_context;
}

/* Through a pointer that the compiler cannot see through, as in harness/core/arena.c. */
extern int __asan_address_is_poisoned(void const volatile *memory) __attribute__((weak));
static int (*const volatile is_poisoned)(void const volatile *memory) = __asan_address_is_poisoned;

/* ASan knows whether it was freed; nobody else does. */
static bool is_freed(const void *memory)
{
    int (*ask)(void const volatile *) = is_poisoned;
    return ask && ask(memory);
}

enum left { LEFT_FIRST, LEFT_AGAIN, LEFT_ANOTHER };

/* Was something left after a request for the same target before, and was it that? */
static enum left compare_left(struct MHD_Daemon *daemon, const void *memory, uint32_t target)
{
    enum left left = LEFT_FIRST;
    pthread_mutex_lock(&daemon->lock);
    unsigned at = 0;
    while (at < daemon->left_count && daemon->left[at].target != target) {
        at++;
    }
    if (at < daemon->left_count) {
        left = daemon->left[at].memory == memory ? LEFT_AGAIN : LEFT_ANOTHER;
    } else if (at < LEAKS_KEPT) {
        daemon->left[daemon->left_count++] = (struct left_over){memory, target};
    } else {
        left = LEFT_AGAIN;
    }
    pthread_mutex_unlock(&daemon->lock);
    return left;
}

/* The first may be the program's own, kept for all requests. Another for the same target is not. */
static void look_at_req_cls(struct MHD_Connection *connection)
{
    struct MHD_Daemon *daemon = connection->daemon;
    const void *left = connection->req_cls;
    rig_mhd_arm(connection, ARMED_REQ_CLS);
    if (daemon->completed || !left || left == daemon->harmless || is_known(connection, left)) {
        return;
    }
    if (rig_left_is_nobodys(left)) {
        daemon->harmless = left;
        return;
    }
    if (is_freed(left)) { /* a handler's own doing, and no leak */
        return;
    }
    struct rig_foreign_finding find = {.rule = "microhttpd.req_cls.leaked", .site = daemon->site};
    switch (compare_left(daemon, left, rig_left_hash(RIG_LEFT_SEED, connection->url))) {
    case LEFT_AGAIN:
        return;
    case LEFT_FIRST:
        find.level = RIG_LEVEL_NOTE;
        find.follows = "if it is the program's own, kept for all requests, all is well; if not, it leaks: a second "
                       "request for the "
                       "same target tells, or one with --faults";
        break;
    case LEFT_ANOTHER:
        if (!is_poisoned) {
            find.level = RIG_LEVEL_WARNING;
            find.follows = "if the handler frees it itself it is a pointer to nothing; if not, each request leaks: "
                           "ASan or --faults tells which";
        }
        break;
    }
    rig_mhd_find(connection, &find,
                 "%s left memory in *req_cls%s, and the daemon has no MHD_OPTION_NOTIFY_COMPLETED that could free it",
                 daemon->name, is_poisoned ? "" : " (or freed and not set to NULL)");
}

/* ---- responses ---- */

/* Was one made there for the same target before, and kept as well? */
static bool is_again(struct MHD_Daemon *daemon, const char *site, uint32_t target)
{
    bool again = false;
    pthread_mutex_lock(&daemon->lock);
    for (unsigned i = 0; i < daemon->leak_count && !again; i++) {
        again = daemon->leaks[i].site == site && daemon->leaks[i].target == target;
    }
    if (!again && daemon->leak_count < LEAKS_KEPT) {
        daemon->leaks[daemon->leak_count++] = (struct leak){site, target};
    }
    pthread_mutex_unlock(&daemon->lock);
    return again;
}

/* The first may be kept for later requests. Another for the same target was not. */
static void look_at_response(struct MHD_Connection *connection, const struct MHD_Response *response)
{
    struct rig_foreign_finding find = {.rule = "microhttpd.response.leaked", .site = response->made_at};
    if (is_again(connection->daemon, response->made_at, rig_left_hash(RIG_LEFT_SEED, connection->url))) {
        rig_mhd_find(connection, &find, "%s makes a response for each request and destroys none",
                     connection->daemon->name);
        return;
    }
    find.level = RIG_LEVEL_NOTE;
    find.follows = "if it is kept for later requests all is well; if not, it leaks";
    rig_mhd_find(connection, &find, "%s still holds the response that it made", connection->daemon->name);
}

void rig_mhd_look_for_leaks(struct MHD_Connection *connection)
{
    if (connection->called) {
        look_at_req_cls(connection);
    }
    while (connection->made) {
        struct MHD_Response *response = connection->made;
        connection->made = response->next_made;
        response->made_in = NULL;
        if (!response->destroyed) {
            look_at_response(connection, response);
        }
    }
}
