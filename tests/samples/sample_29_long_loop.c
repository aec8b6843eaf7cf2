/* Results stay until rig_client_reset: a long loop resets each turn and its memory stays flat. */
#include <stackrig/expect.h>
#include <stackrig/stackrig.h>

static int hello(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    rig_input_drain(rig_env_input(env), 1024);
    return rig_respond(res, .body = "Hello");
}

int main(void)
{
    struct rig_client *client = rig_client_new(RIG_APP(hello), (struct rig_client_options){0});
    uint64_t warm = 0;
    for (int turn = 0; turn < 20000; turn++) {
        rig_assert(rig_post(client, "/", .body = "some bytes"), .status = 200, .body = "Hello");
        rig_client_reset(client);
        if (turn == 100) {
            warm = rig_client_memory(client);
        }
    }
    bool flat = warm > 0 && rig_client_memory(client) == warm;
    rig_client_free(client);
    return flat ? 0 : 1;
}
