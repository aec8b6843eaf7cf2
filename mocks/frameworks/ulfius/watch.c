/* What is known of the request that runs. */
#include "mocks/frameworks/ulfius/ulfius.h"

#include <dlfcn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

_Thread_local struct watch *rig_ulfius_current;

void *rig_ulfius_real(const char *name)
{
    void *real = dlsym(RTLD_NEXT, name);
    if (!real) {
        (void)fprintf(stderr, "libstackrig-ulfius: there is no %s behind it: link it before -lulfius\n", name);
        abort();
    }
    return real;
}

static void end(void *closure)
{
    struct watch *watch = closure;
    rig_ulfius_url_end(watch);
    rig_ulfius_current = watch->outer;
    rig_ulfius_shared_out(watch);
}

struct watch *rig_ulfius_watch(const struct rig_mhd_now *now)
{
    struct watch *watch = rig_env_alloc_at(NULL, now->env, sizeof *watch);
    const struct connection_info_struct *info = now->req_cls;
    if (!watch || !info) {
        return NULL;
    }
    *watch = (struct watch){
        .env = now->env, .instance = now->handler_cls, .request = info->request, .outer = rig_ulfius_current};
    if (rig_foreign_when_out(now->env, end, watch) != 0) {
        return NULL;
    }
    rig_ulfius_current = watch;
    return watch;
}

void rig_ulfius_find(const struct watch *watch, const struct by *by, const struct rig_foreign_finding *find,
                     const char *format, ...)
{
    char text[512];
    struct rig_foreign_finding whole = *find;
    whole.visit = by ? by->visit : watch->now.visit;
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    (void)rig_foreign_find(watch->env, &whole, "%s", text);
}
