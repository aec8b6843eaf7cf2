/* The table of server profiles: a new one is a file beside this and a row here. */
#include <stackrig/servers.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct rig_server *const table[] = {
    &rig_server_http1, /* the first is the default */
    &rig_server_memory,
    &rig_server_passenger3,
};

const struct rig_server *const *rig_servers(size_t *count)
{
    if (count) {
        *count = sizeof table / sizeof *table;
    }
    return table;
}

const struct rig_server *rig_server_find(const char *name)
{
    for (size_t i = 0; name && i < sizeof table / sizeof *table; i++) {
        if (strcmp(table[i]->name, name) == 0) {
            return table[i];
        }
    }
    return NULL;
}

void rig_delivery_says(struct rig_delivery *delivery, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(delivery->consequence, sizeof delivery->consequence, format, arguments);
    va_end(arguments);
    delivery->follows = delivery->consequence;
}
