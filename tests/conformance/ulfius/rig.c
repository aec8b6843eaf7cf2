/* The cases in the rig. */
#include "endpoints.h"

#include "tests/conformance/microhttpd/memory.h"

#include <stackrig/ulfius.h>

static void play(size_t i)
{
    const struct ulfius_case *parity = &ulfius_cases[i];
    struct _u_instance instance;
    if (!parity_instance(parity, &instance, 8080, NULL)) {
        say("not set up");
        return;
    }
    play_case(stackrig_ulfius_app(&instance), &parity->request);
    (void)ulfius_stop_framework(&instance);
    ulfius_clean_instance(&instance);
}

static int speed(unsigned requests)
{
    static const struct ulfius_case standard = {.set_up = set_speed};
    struct _u_instance instance;
    if (!parity_instance(&standard, &instance, 8080, NULL)) {
        return 1;
    }
    int wrong = speed_in_memory(stackrig_ulfius_app(&instance), requests);
    (void)ulfius_stop_framework(&instance);
    ulfius_clean_instance(&instance);
    return wrong;
}

int main(int argc, char **argv)
{
    return parity_main(argc, argv, ulfius_case_count, ulfius_name, play, speed);
}
