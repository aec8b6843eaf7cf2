/* Daemons: what MHD_start_daemon was told is kept, nothing is opened. */
#include "mocks/frameworks/microhttpd/microhttpd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE 2000 /* ms */

/* The newest first. A foreign program does not say which of its daemons is meant. */
static struct MHD_Daemon *daemons;
static pthread_mutex_t list_lock = PTHREAD_MUTEX_INITIALIZER;

/* ---- options ---- */

/* What follows an option in MHD_start_daemon's list: i int, u unsigned, z size_t, p pointer, f function and closure, r
 * size and pointer. Later ones than 0.9.75's are not known, as to the real one. */
static const char followers[] = {
    [MHD_OPTION_CONNECTION_MEMORY_LIMIT] = 'z',
    [MHD_OPTION_CONNECTION_LIMIT] = 'u',
    [MHD_OPTION_CONNECTION_TIMEOUT] = 'u',
    [MHD_OPTION_NOTIFY_COMPLETED] = 'f',
    [MHD_OPTION_PER_IP_CONNECTION_LIMIT] = 'u',
    [MHD_OPTION_SOCK_ADDR] = 'p',
    [MHD_OPTION_URI_LOG_CALLBACK] = 'f',
    [MHD_OPTION_HTTPS_MEM_KEY] = 'p',
    [MHD_OPTION_HTTPS_MEM_CERT] = 'p',
    [MHD_OPTION_HTTPS_CRED_TYPE] = 'i',
    [MHD_OPTION_HTTPS_PRIORITIES] = 'p',
    [MHD_OPTION_LISTEN_SOCKET] = 'i',
    [MHD_OPTION_EXTERNAL_LOGGER] = 'f',
    [MHD_OPTION_THREAD_POOL_SIZE] = 'u',
    [MHD_OPTION_ARRAY] = 'p',
    [MHD_OPTION_UNESCAPE_CALLBACK] = 'f',
    [MHD_OPTION_DIGEST_AUTH_RANDOM] = 'r',
    [MHD_OPTION_NONCE_NC_SIZE] = 'u',
    [MHD_OPTION_THREAD_STACK_SIZE] = 'z',
    [MHD_OPTION_HTTPS_MEM_TRUST] = 'p',
    [MHD_OPTION_CONNECTION_MEMORY_INCREMENT] = 'z',
    [MHD_OPTION_HTTPS_CERT_CALLBACK] = 'p',
    [MHD_OPTION_TCP_FASTOPEN_QUEUE_SIZE] = 'u',
    [MHD_OPTION_HTTPS_MEM_DHPARAMS] = 'p',
    [MHD_OPTION_LISTENING_ADDRESS_REUSE] = 'u',
    [MHD_OPTION_HTTPS_KEY_PASSWORD] = 'p',
    [MHD_OPTION_NOTIFY_CONNECTION] = 'f',
    [MHD_OPTION_LISTEN_BACKLOG_SIZE] = 'u',
    [MHD_OPTION_STRICT_FOR_CLIENT] = 'i',
    [MHD_OPTION_GNUTLS_PSK_CRED_HANDLER] = 'f',
    [MHD_OPTION_HTTPS_CERT_CALLBACK2] = 'p',
    [MHD_OPTION_SERVER_INSANITY] = 'u',
    [MHD_OPTION_SIGPIPE_HANDLED_BY_APP] = 'i',
    [MHD_OPTION_TLS_NO_ALPN] = 'i',
};

static char follower_of(enum MHD_OPTION option)
{
    return (size_t)option < sizeof followers ? followers[option] : '\0';
}

static uint64_t mix(uint64_t seed, const char *bytes, size_t size)
{
    for (size_t i = 0; bytes && i < size; i++) {
        seed = (seed ^ (unsigned char)bytes[i]) * 0x100000001B3u;
    }
    return seed;
}

/* Functions come as numbers in an array of options: that is MHD's interface. */
#define FUNCTION(item_) ((void (*)(void))(item_)->value)

static void apply(struct MHD_Daemon *daemon, const struct MHD_OptionItem *item)
{
    switch ((int)item->option) {
    case MHD_OPTION_NOTIFY_COMPLETED:
        daemon->completed = (MHD_RequestCompletedCallback)FUNCTION(item);
        daemon->completed_cls = item->ptr_value;
        break;
    case MHD_OPTION_NOTIFY_CONNECTION:
        daemon->connected = (MHD_NotifyConnectionCallback)FUNCTION(item);
        daemon->connected_cls = item->ptr_value;
        break;
    case MHD_OPTION_URI_LOG_CALLBACK:
        daemon->uri_log = (void *(*)(void *, const char *, struct MHD_Connection *))FUNCTION(item);
        daemon->uri_log_cls = item->ptr_value;
        break;
    case MHD_OPTION_UNESCAPE_CALLBACK:
        daemon->unescape = (size_t(*)(void *, struct MHD_Connection *, char *))FUNCTION(item);
        daemon->unescape_cls = item->ptr_value;
        break;
    case MHD_OPTION_EXTERNAL_LOGGER:
        daemon->logger = (MHD_LogCallback)FUNCTION(item);
        daemon->logger_cls = item->ptr_value;
        break;
    case MHD_OPTION_CONNECTION_TIMEOUT:
        daemon->timeout = (unsigned)item->value;
        break;
    case MHD_OPTION_CONNECTION_MEMORY_LIMIT:
        daemon->memory_limit = (size_t)item->value;
        break;
    case MHD_OPTION_STRICT_FOR_CLIENT:
        daemon->strict = (int)item->value;
        break;
    case MHD_OPTION_SERVER_INSANITY:
        daemon->insanity = (int)item->value;
        break;
    case MHD_OPTION_DIGEST_AUTH_RANDOM:
        daemon->random = mix(daemon->random, item->ptr_value, (size_t)item->value);
        break;
    default: /* sockets, threads and TLS: there are none */
        break;
    }
}

static bool apply_array(struct MHD_Daemon *daemon, const struct MHD_OptionItem *items)
{
    for (; items && items->option != MHD_OPTION_END; items++) {
        if (items->option == MHD_OPTION_ARRAY) {
            if (!apply_array(daemon, items->ptr_value)) {
                return false;
            }
        } else if (follower_of(items->option) == '\0') {
            return false;
        } else {
            apply(daemon, items);
        }
    }
    return true;
}

/* The option's arguments, by what follows it: sizes are as wide as pointers, functions too. */
static struct MHD_OptionItem read_option(enum MHD_OPTION option, va_list *options)
{
    struct MHD_OptionItem item = {.option = option};
    char follower = follower_of(option);
    if (follower == 'i' || follower == 'u') {
        item.value = va_arg(*options, int);
    } else if (follower == 'p') {
        item.ptr_value = va_arg(*options, void *);
    } else {
        item.value = va_arg(*options, intptr_t);
        item.ptr_value = follower == 'z' ? NULL : va_arg(*options, void *);
    }
    return item;
}

static bool read_options(struct MHD_Daemon *daemon, va_list *options)
{
    enum MHD_OPTION option;
    while ((option = va_arg(*options, enum MHD_OPTION)) != MHD_OPTION_END) {
        if (follower_of(option) == '\0') {
            return false;
        }
        struct MHD_OptionItem item = read_option(option, options);
        if (option != MHD_OPTION_ARRAY) {
            apply(daemon, &item);
        } else if (!apply_array(daemon, item.ptr_value)) {
            return false;
        }
    }
    return true;
}

/* ---- starting and stopping ---- */

static void keep(struct MHD_Daemon *daemon)
{
    pthread_mutex_lock(&list_lock);
    daemon->older = daemons;
    daemons = daemon;
    pthread_mutex_unlock(&list_lock);
}

static struct MHD_Daemon *start(const char *site, const struct MHD_Daemon *told, va_list *options)
{
    struct MHD_Daemon *daemon = told->handler ? malloc(sizeof *daemon) : NULL;
    if (!daemon) {
        return NULL;
    }
    *daemon = *told;
    if (told->flags & MHD_USE_THREAD_PER_CONNECTION) { /* the real one adds it, too (0.9.75) */
        daemon->flags |= MHD_USE_INTERNAL_POLLING_THREAD;
    }
    daemon->site = site;
    daemon->name = rig_name_of_function((const void *)(uintptr_t)told->handler);
    daemon->patience = PATIENCE;
    daemon->memory_limit = 32 * 1024;
    pthread_mutex_init(&daemon->lock, NULL);
    if (!read_options(daemon, options)) {
        pthread_mutex_destroy(&daemon->lock);
        free(daemon);
        return NULL;
    }
    rig_mhd_turn_begin(daemon);
    keep(daemon);
    rig_mhd_program_started();
    return daemon;
}

struct MHD_Daemon *MHD_start_daemon_va(unsigned flags, uint16_t port, MHD_AcceptPolicyCallback policy, void *policy_cls,
                                       MHD_AccessHandlerCallback handler, void *handler_cls, va_list options)
{
    const struct MHD_Daemon told = {.flags = flags,
                                    .port = port,
                                    .policy = policy,
                                    .policy_cls = policy_cls,
                                    .handler = handler,
                                    .handler_cls = handler_cls};
    va_list copy;
    va_copy(copy, options);
    struct MHD_Daemon *daemon = start(RIG_CALLER, &told, &copy);
    va_end(copy);
    return daemon;
}

struct MHD_Daemon *MHD_start_daemon(unsigned flags, uint16_t port, MHD_AcceptPolicyCallback policy, void *policy_cls,
                                    MHD_AccessHandlerCallback handler, void *handler_cls, ...)
{
    const struct MHD_Daemon told = {.flags = flags,
                                    .port = port,
                                    .policy = policy,
                                    .policy_cls = policy_cls,
                                    .handler = handler,
                                    .handler_cls = handler_cls};
    va_list options;
    va_start(options, handler_cls);
    struct MHD_Daemon *daemon = start(RIG_CALLER, &told, &options);
    va_end(options);
    return daemon;
}

void rig_mhd_daemon_free(struct MHD_Daemon *daemon)
{
    for (size_t i = 0; i < QUARANTINE; i++) {
        free(daemon->ended[i]);
    }
    free(daemon->nonces);
    pthread_mutex_destroy(&daemon->lock);
    pthread_mutex_destroy(&daemon->turn.lock);
    pthread_cond_destroy(&daemon->turn.changed);
    if (daemon->turn.waiting_fd >= 0) {
        (void)close(daemon->turn.waiting_fd);
    }
    free(daemon);
}

void MHD_stop_daemon(struct MHD_Daemon *daemon)
{
    if (!daemon) {
        return;
    }
    pthread_mutex_lock(&list_lock);
    struct MHD_Daemon **link = &daemons;
    while (*link && *link != daemon) {
        link = &(*link)->older;
    }
    if (*link) {
        *link = daemon->older;
    }
    pthread_mutex_unlock(&list_lock);
    if (!rig_mhd_turn_stop(daemon)) {
        rig_mhd_daemon_free(daemon);
    }
}

struct MHD_Daemon *stackrig_microhttpd_daemon(void)
{
    pthread_mutex_lock(&list_lock);
    struct MHD_Daemon *newest = daemons;
    pthread_mutex_unlock(&list_lock);
    return newest;
}

void stackrig_microhttpd_set_patience(struct MHD_Daemon *daemon, unsigned milliseconds)
{
    if (daemon) {
        daemon->patience = milliseconds > 0 ? milliseconds : PATIENCE;
    }
}

/* ---- sockets ---- */

RIG_PRINTF_(2, 3) static void tell(const struct MHD_Daemon *daemon, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    if (daemon->logger) {
        daemon->logger(daemon->logger_cls, format, arguments);
    } else {
        (void)vfprintf(stderr, format, arguments);
    }
    va_end(arguments);
}

/* As the real one, it closes what it does not serve. */
enum MHD_Result MHD_add_connection(struct MHD_Daemon *daemon, MHD_socket fd, const struct sockaddr *address,
                                   socklen_t address_size)
{
    const char *site = RIG_CALLER;
    (void)address, (void)address_size;
    if (!daemon) {
        return MHD_NO;
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    tell(daemon,
         "%s%sMHD_add_connection is refused: the rig serves no socket, requests come to the handler from the rig "
         "itself\n",
         site ? site : "", site ? ": " : "");
    errno = ENOTSUP;
    return MHD_NO;
}

/* There is none to give away. */
MHD_socket MHD_quiesce_daemon(struct MHD_Daemon *daemon)
{
    (void)daemon;
    return MHD_INVALID_SOCKET;
}
