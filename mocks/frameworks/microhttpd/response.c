/* Responses: made, held by their maker and by the requests that queue them, and told to be over when they are. */
#include "mocks/frameworks/microhttpd/microhttpd.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Dead ones wait here, so that their use is told. They belong to no daemon: one response may serve several. */
static struct MHD_Response *dead[QUARANTINE];
static unsigned dead_at;
static pthread_mutex_t dead_lock = PTHREAD_MUTEX_INITIALIZER;

/* ---- life ---- */

static struct MHD_Response *make(const char *site, enum source source, uint64_t size)
{
    struct MHD_Response *response = calloc(1, sizeof *response);
    if (!response) {
        return NULL;
    }
    response->source = source;
    response->size = size;
    response->fd = -1;
    response->made_at = site;
    pthread_mutex_init(&response->lock, NULL);
    struct MHD_Connection *here = rig_mhd_here();
    if (here) {
        rig_mhd_arm(rig_mhd_here(), ARMED_LEAKED);
        response->made_in = here;
        response->next_made = here->made;
        here->made = response;
    }
    return response;
}

static void forget_headers(struct MHD_Response *response)
{
    while (response->headers) {
        struct header *header = response->headers;
        response->headers = header->next;
        free(header->text);
        free(header);
    }
}

static void bury(struct MHD_Response *response)
{
    pthread_mutex_lock(&dead_lock);
    struct MHD_Response *oldest = dead[dead_at];
    dead[dead_at] = response;
    dead_at = (dead_at + 1) % QUARANTINE;
    pthread_mutex_unlock(&dead_lock);
    if (oldest) {
        pthread_mutex_destroy(&oldest->lock);
        free(oldest);
    }
}

static void unlink_made(struct MHD_Response *response)
{
    struct MHD_Response **link = response->made_in ? &response->made_in->made : NULL;
    while (link && *link && *link != response) {
        link = &(*link)->next_made;
    }
    if (link && *link) {
        *link = response->next_made;
    }
    response->made_in = NULL;
}

/* Nobody holds it any more. */
static void end(struct MHD_Response *response)
{
    unlink_made(response);
    if (response->must_free) {
        free(response->bytes);
    }
    if (response->release) {
        response->release(response->release_cls);
    }
    if (response->fd >= 0) {
        (void)close(response->fd);
    }
    forget_headers(response);
    response->bytes = NULL;
    bury(response);
}

void rig_mhd_response_hold(struct MHD_Response *response)
{
    pthread_mutex_lock(&response->lock);
    response->queued++;
    pthread_mutex_unlock(&response->lock);
}

void rig_mhd_response_drop(struct MHD_Response *response)
{
    pthread_mutex_lock(&response->lock);
    bool last = --response->queued == 0 && response->destroyed && !response->dead;
    response->dead = response->dead || last;
    pthread_mutex_unlock(&response->lock);
    if (last) {
        end(response);
    }
}

/* Once its maker has destroyed it, it is the server's: that it still stands in a queue is luck. */
bool rig_mhd_response_usable(const char *site, const struct MHD_Response *response, const char *call)
{
    if (!response) {
        return false;
    }
    rig_mhd_arm(rig_mhd_here(), ARMED_DESTROYED);
    if (!response->destroyed) {
        return true;
    }
    const struct rig_evidence evidence[] = {{"it was destroyed here", response->destroyed_at},
                                            {"it was made here", response->made_at}};
    rig_mhd_find(NULL,
                 &(struct rig_foreign_finding){
                     .rule = "microhttpd.response.destroyed", .site = site, .evidence = evidence, .evidence_count = 2},
                 "%s used a response after MHD_destroy_response", call);
    return !response->dead;
}

void MHD_destroy_response(struct MHD_Response *response)
{
    const char *site = RIG_CALLER;
    if (!response || (response->destroyed && (rig_mhd_response_usable(site, response, "MHD_destroy_response"), true))) {
        return;
    }
    pthread_mutex_lock(&response->lock);
    response->destroyed = true;
    response->destroyed_at = site;
    bool last = response->queued == 0;
    response->dead = last;
    pthread_mutex_unlock(&response->lock);
    if (last) {
        end(response);
    }
}

/* ---- where the bytes come from ---- */

static struct MHD_Response *from_bytes(const char *site, size_t size, void *bytes, bool must_free, bool must_copy)
{
    if (!bytes && size > 0) {
        return NULL;
    }
    struct MHD_Response *response = make(site, SOURCE_BYTES, size);
    if (!response) {
        return NULL;
    }
    response->bytes = bytes;
    response->must_free = must_free;
    if (must_copy && size > 0) {
        response->bytes = malloc(size);
        response->must_free = true;
        if (!response->bytes) {
            unlink_made(response);
            free(response);
            return NULL;
        }
        memcpy(response->bytes, bytes, size);
    }
    return response;
}

struct MHD_Response *MHD_create_response_from_buffer(size_t size, void *buffer, enum MHD_ResponseMemoryMode mode)
{
    return from_bytes(RIG_CALLER, size, buffer, mode == MHD_RESPMEM_MUST_FREE, mode == MHD_RESPMEM_MUST_COPY);
}

struct MHD_Response *MHD_create_response_from_data(size_t size, void *data, int must_free, int must_copy)
{
    return from_bytes(RIG_CALLER, size, data, must_free != 0 && must_copy == 0, must_copy != 0);
}

struct MHD_Response *MHD_create_response_from_buffer_with_free_callback(size_t size, void *buffer,
                                                                        MHD_ContentReaderFreeCallback release)
{
    struct MHD_Response *response = from_bytes(RIG_CALLER, size, buffer, false, false);
    if (response) {
        response->release = release;
        response->release_cls = buffer;
    }
    return response;
}

struct MHD_Response *MHD_create_response_from_buffer_with_free_callback_cls(size_t size, void *buffer,
                                                                            MHD_ContentReaderFreeCallback release,
                                                                            void *cls)
{
    struct MHD_Response *response = from_bytes(RIG_CALLER, size, buffer, false, false);
    if (response) {
        response->release = release;
        response->release_cls = cls;
    }
    return response;
}

struct MHD_Response *MHD_create_response_from_callback(uint64_t size, size_t block, MHD_ContentReaderCallback read,
                                                       void *cls, MHD_ContentReaderFreeCallback release)
{
    struct MHD_Response *response = read && block > 0 ? make(RIG_CALLER, SOURCE_CALLBACK, size) : NULL;
    if (response) {
        response->block = block;
        response->read = read;
        response->read_cls = response->release_cls = cls;
        response->release = release;
    }
    return response;
}

static struct MHD_Response *from_fd(const char *site, enum source source, uint64_t size, int fd, uint64_t offset)
{
    struct MHD_Response *response = offset <= INT64_MAX && (size == MHD_SIZE_UNKNOWN || size <= INT64_MAX - offset)
                                        ? make(site, source, size)
                                        : NULL;
    if (response) {
        response->fd = fd;
        response->offset = offset;
    }
    return response;
}

struct MHD_Response *MHD_create_response_from_fd(size_t size, int fd)
{
    return from_fd(RIG_CALLER, SOURCE_FD, size, fd, 0);
}

struct MHD_Response *MHD_create_response_from_fd64(uint64_t size, int fd)
{
    return from_fd(RIG_CALLER, SOURCE_FD, size, fd, 0);
}

struct MHD_Response *MHD_create_response_from_fd_at_offset(size_t size, int fd, off_t offset)
{
    return offset < 0 ? NULL : from_fd(RIG_CALLER, SOURCE_FD, size, fd, (uint64_t)offset);
}

struct MHD_Response *MHD_create_response_from_fd_at_offset64(uint64_t size, int fd, uint64_t offset)
{
    return from_fd(RIG_CALLER, SOURCE_FD, size, fd, offset);
}

struct MHD_Response *MHD_create_response_from_pipe(int fd)
{
    return from_fd(RIG_CALLER, SOURCE_PIPE, MHD_SIZE_UNKNOWN, fd, 0);
}

/* The pieces are joined: what they point to must last as long as the response, so this sees no less. */
struct MHD_Response *MHD_create_response_from_iovec(const struct MHD_IoVec *pieces, unsigned count,
                                                    MHD_ContentReaderFreeCallback release, void *cls)
{
    size_t size = 0, at = 0;
    for (unsigned i = 0; i < count; i++) {
        if ((!pieces[i].iov_base && pieces[i].iov_len > 0) || pieces[i].iov_len > SIZE_MAX - 1 - size) {
            return NULL;
        }
        size += pieces[i].iov_len;
    }
    unsigned char *bytes = malloc(size + 1);
    struct MHD_Response *response = bytes ? from_bytes(RIG_CALLER, size, bytes, true, false) : NULL;
    if (!response) {
        free(bytes);
        return NULL;
    }
    for (unsigned i = 0; i < count; i++) {
        if (pieces[i].iov_len > 0) {
            memcpy(bytes + at, pieces[i].iov_base, pieces[i].iov_len);
            at += pieces[i].iov_len;
        }
    }
    response->release = release;
    response->release_cls = cls;
    return response;
}

/* No connection can be handed over: queueing it is refused, which is told. */
struct MHD_Response *MHD_create_response_for_upgrade(MHD_UpgradeHandler handler, void *cls)
{
    (void)cls;
    return handler ? make(RIG_CALLER, SOURCE_UPGRADE, MHD_SIZE_UNKNOWN) : NULL;
}

enum MHD_Result MHD_upgrade_action(struct MHD_UpgradeResponseHandle *handle, enum MHD_UpgradeAction action, ...)
{
    (void)handle, (void)action;
    return MHD_NO;
}
