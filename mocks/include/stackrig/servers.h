/* The simulated servers. Each states only what was measured; see the head of its file in mocks/servers. */
#ifndef STACKRIG_SERVERS_H
#define STACKRIG_SERVERS_H

#include <stackrig/server.h>

RIG_BEGIN_DECLS
extern const struct rig_server
    rig_server_http1; /* the default: a kept-alive TCP connection, plain input, nobody drains */
extern const struct rig_server rig_server_memory;     /* nothing can go wrong on the wire */
extern const struct rig_server rig_server_passenger3; /* rewindable input behind a unix socket (modelled) */

const struct rig_server *const *rig_servers(size_t *count); /* the table; the first is the default */
const struct rig_server *rig_server_find(const char *name); /* NULL: not in the table */
/* Makes a profile of a front, a transport and an engine, each as it was measured: "nginx+unicorn",
 * "nginx:fastcgi+libfcgi", "haproxy:unix+plain"; FRONT[:PROTOCOL][:TRANSPORT][:OPTION][+ENGINE], as `stackrig servers`
 * lists them. Of three that were not measured together its verdicts are worked out, and say so. The profile borrows
 * name. 0; -ENOENT: no such part; -EPROTONOSUPPORT: that engine does not speak that front's protocol. */
int rig_server_compose(const char *name, struct rig_server *server);
RIG_END_DECLS

#endif
