/* What the tests of the doubles share: memory that runs out, a client, a body that fails. */
#ifndef STACKRIG_UNIT_METER_H
#define STACKRIG_UNIT_METER_H

#include "mocks/apps/doubles.h"

#include <stackrig/cmocka.h>
#include <stackrig/stackrig.h>

#include <errno.h>

/* Memory that runs out at the given piece; counts what is held. */
struct meter {
    size_t pieces, fail_at; /* from 1; 0: never */
    size_t held;
};

static inline void *meter_alloc(void *self, size_t size)
{
    struct meter *meter = self;
    void *memory;
    if (++meter->pieces == meter->fail_at) {
        return NULL;
    }
    memory = malloc(size);
    meter->held += memory != NULL;
    return memory;
}

static inline void meter_release(void *self, void *memory)
{
    struct meter *meter = self;
    assert_non_null(memory);
    meter->held--;
    free(memory);
}

static inline struct rig_allocator metered(struct meter *meter)
{
    return (struct rig_allocator){.alloc = meter_alloc, .release = meter_release, .self = meter};
}

static inline struct rig_client *client_of(struct rig_app app)
{
    struct rig_client *client = rig_client_new(app, (struct rig_client_options){.now = 0});
    assert_non_null(client);
    return client;
}

/* Where a body left unread is no finding: for tests of something else. */
static inline struct rig_client *memory_client_of(struct rig_app app)
{
    struct rig_client *client = rig_client_new(app, (struct rig_client_options){.server = &rig_server_memory});
    assert_non_null(client);
    return client;
}

static inline int64_t fails(void *self, void *buffer, size_t size)
{
    (void)self, (void)buffer, (void)size;
    return -EIO;
}

#endif
