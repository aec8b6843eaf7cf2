/* A body that can be rewound over one that cannot: it takes all of that into the request's memory at its first use. */
#include "harness/core/run.h"

#include <errno.h>

struct below {
    struct rig_input *input;
    uint64_t max, taken;
};

/* At most one byte past the limit is taken. */
static int64_t read_below(void *self, void *buffer, size_t size)
{
    struct below *below = self;
    uint64_t allowed = below->max - below->taken;
    int64_t got =
        rig_input_pull(below->input->handle.run, below->input, buffer, size <= allowed ? size : (size_t)allowed + 1);
    below->taken += got > 0 ? (uint64_t)got : 0;
    return below->taken > below->max ? -EFBIG : got;
}

struct rig_input *rig_input_below(const struct rig_input *input)
{
    return input->source.read == read_below ? ((struct below *)input->source.self)->input : NULL;
}

uint64_t rig_rewindable_spilt(struct rig_input *input)
{
    struct below *below = input->source.self;
    uint64_t spilt = below->taken;
    below->taken = 0;
    return spilt;
}

int rig_env_rewindable_at(const char *site, struct rig_env *env, uint64_t max)
{
    struct rig_run *run = rig_live(site, env ? &env->handle : NULL, RIG_HANDLE_ENV, "rig_env_rewindable");
    if (!run) {
        return rig_live_error(env ? &env->handle : NULL);
    }
    const struct rig_input *body = rig_input_body(env->input);
    if (body->closed) {
        return rig_input_used(run, site, body, "rig_env_rewindable");
    }
    if (rig_input_below(body) && body->at == 0) {
        return 0; /* it is one, of all that is left */
    }
    struct below *below = rig_arena_alloc(&run->arena, sizeof *below);
    struct rig_input *input = below ? rig_input_new(run) : NULL;
    if (!input) {
        return -ENOMEM;
    }
    *below = (struct below){.input = env->input, .max = max ? max : RIG_REWINDABLE_MAX};
    input->source = (struct rig_source){.read = read_below, .self = below};
    input->rewindable = input->buffers_all = input->replaced = true;
    env->input = input;
    return 0;
}

static int64_t size_of(struct rig_run *run, struct rig_input *body)
{
    if (body->failed == 0 && !body->size_known) {
        int rewound = body->at == 0 ? 0 : body->source.rewind ? body->source.rewind(body->source.self) : -ESPIPE;
        if (rewound != 0) {
            return rewound;
        }
        (void)rig_input_buffer(run, body);
    }
    return body->failed != 0 ? body->failed : (int64_t)body->size;
}

int64_t rig_input_size_at(const char *site, struct rig_input *input)
{
    struct rig_run *run = rig_live(site, input ? &input->handle : NULL, RIG_HANDLE_INPUT, "rig_input_size");
    if (!run) {
        return rig_live_error(input ? &input->handle : NULL);
    }
    struct rig_input *body = rig_input_body(input);
    if (!body->rewindable) {
        return -ESPIPE;
    }
    return body->closed ? rig_input_used(run, site, body, "rig_input_size") : size_of(run, body);
}
