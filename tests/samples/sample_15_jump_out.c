/* An assertion that jumps, as most frameworks' do, even out of a layer: the next send closes what was left open, and
 * nothing leaks. RIG_FAIL stands before the include, with all that it uses. */
#include <setjmp.h>

static jmp_buf failed;
#define RIG_FAIL(site, message) longjmp(failed, (site) && (message) ? 1 : 2)
#include <stackrig/expect.h>
#include <stackrig/stackrig.h>

#include <assert.h>
#include <string.h>

static unsigned destroyed;

static void destroy(void *object)
{
    (void)object;
    destroyed++;
}

static int app(void *self, struct rig_env *env, struct rig_response *res)
{
    struct rig_client *const *client = self;
    static int object;
    rig_env_set_object(env, "app.object", &object, destroy);
    if (strcmp(rig_env_get(env, "PATH_INFO"), "/jump") == 0) {
        rig_assert(rig_get(*client, "/inner"), .status = 404); /* it is 200: out of here, over the client's frames */
    }
    return rig_respond(res, .body = "ok");
}

int main(void)
{
    static struct rig_client *client;
    client =
        rig_client_new((struct rig_app){.name = "app", .call = app, .self = &client}, (struct rig_client_options){0});
    static bool jumped;
    if (setjmp(failed) == 0) {
        rig_get(client, "/jump");
    } else {
        jumped = true;
    }
    assert(jumped && destroyed == 1); /* the inner request has closed, the outer one hangs */
    rig_assert(rig_get(client, "/"), .status = 200, .body = "ok");
    assert(destroyed == 3); /* the one that was left, and this one */

    jumped = false;
    if (setjmp(failed) == 0) {
        rig_assert(rig_get(client, "/"), .status = 500); /* after the send: the common case */
    } else {
        jumped = true;
    }
    assert(jumped && destroyed == 4);
    rig_client_free(client);
    return 0;
}
