/* A form's app under everything that can go wrong with its body: each fault, each cut, each moment to go away. */
#include <stackrig/expect.h>
#include <stackrig/faults.h>
#include <stackrig/stackrig.h>

#include <stdlib.h>

static int save(void *self, struct rig_env *env, struct rig_response *res)
{
    struct rig_bytes form;
    (void)self;
    const char *length = rig_env_get(env, "CONTENT_LENGTH");
    int error = rig_input_all(rig_env_input(env), 4096, &form);            /* gives back what a read fails with */
    if (error < 0 || (length && form.size < strtoull(length, NULL, 10))) { /* an end too early is no error */
        return rig_respond(res, .status = 400, .headers = {{"Connection", "close"}});
    }
    return rig_respond(res, .status = 201, .bytes = form);
}

int main(void)
{
    char text[1024];
    struct rig_client *client = rig_client_new(RIG_APP(save), (struct rig_client_options){.now = 0});
    struct rig_fault_report faults =
        rig_sweep_faults(client, RIG_POST("/items", .body = "name=lamp"), .kinds = ~(1u << RIG_FAULT_MALLOC));
    struct rig_sweep_report splits = rig_sweep_splits(client, RIG_POST("/items", .body = "name=lamp"));
    struct rig_sweep_report disconnects = rig_sweep_disconnect(client, RIG_POST("/items", .body = "name=lamp"));
    printf("%u faults: %u answered 4xx or 5xx, %u lied\n", faults.runs, faults.verdicts[RIG_FAULT_ANSWERED],
           faults.verdicts[RIG_FAULT_LIED]);
    rig_sweep_text(&splits, text, sizeof text);
    puts(text);
    rig_sweep_text(&disconnects, text, sizeof text);
    puts(text);
    rig_client_free(client);
    return 0;
}
