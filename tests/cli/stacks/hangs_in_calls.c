/* A layer that never comes back from a request with X-A: with "stub" in a call through a PLT's jump, with "loop" in its own. */
#include <stackrig/stackrig.h>

#include <string.h>

/* As a linker writes it, but to itself. */
#if defined __x86_64__
__asm__(".text\n"
        "rig_test_stub: jmp *rig_test_where(%rip)\n"
        ".data\n"
        ".balign 8\n"
        "rig_test_where: .quad rig_test_stub\n"
        ".text\n");
void rig_test_stub(void) __attribute__((visibility("hidden")));
#else
static void rig_test_stub(void)
{
}
#endif

static int page(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    const char *how = rig_env_get(env, "HTTP_X_A");
    if (how && strcmp(how, "stub") == 0) {
        rig_test_stub();
    }
    volatile bool waits = how && strcmp(how, "loop") == 0;
    while (waits) {
    }
    return rig_respond(res, .status = 204);
}

static int build(struct rig_stack *stack, const struct rig_setup *setup)
{
    (void)setup;
    return rig_run(stack, RIG_APP(page));
}

RIG_EXPORT(build);
