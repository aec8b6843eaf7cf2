/* Which engines can stand behind which fronts, and which did when it was measured. Each part of a profile was measured,
 * most with a plain program at the other end; a verdict about others is worked out, and says so. */
#include "mocks/servers/model.h"

#include <string.h>

unsigned rig_front_speaks(const struct rig_front *front)
{
    static const struct {
        const char *protocol;
        unsigned speaks;
    } protocols[] = {{"fastcgi", RIG_SPEAKS_FASTCGI},
                     {"scgi", RIG_SPEAKS_SCGI},
                     {"uwsgi", RIG_SPEAKS_UWSGI},
                     {"passenger", RIG_SPEAKS_PASSENGER}};
    for (size_t i = 0; i < sizeof protocols / sizeof *protocols; i++) {
        if (strcmp(front->protocol, protocols[i].protocol) == 0) {
            return protocols[i].speaks;
        }
    }
    return front->modelled ? RIG_SPEAKS_HANDLERS : RIG_SPEAKS_HTTP;
}

bool rig_parts_fit(const struct rig_front *front, const struct rig_engine *engine)
{
    return (rig_front_speaks(front) & engine->speaks) != 0;
}

/* ---- what was measured: results (make ground-truth-check compares) ---- */

#define E(name_) (1U << RIG_ENGINE_##name_)
/* rewindable: behaves as plain that has read nothing, or all */
#define CLOSING (E(PLAIN) | E(RECV16K) | E(SHUT) | E(EARLY) | E(EARLY_SHUT) | E(LINGERS) | E(REWINDABLE))
#define ALL (CLOSING | E(KEPT) | E(DRAINS) | E(BUFFERED)) /* buffered: drains that has read all */
#define PROGRAMS (E(CIVETWEB) | E(MICROHTTPD) | E(PASSENGER6) | E(PUMA) | E(UNICORN))
#define UWSGIS (E(UWSGI) | E(UWSGI_BUFFERED))

bool rig_parts_measured(const struct rig_front *front, const struct rig_transport *transport,
                        const struct rig_engine *engine)
{
    static const unsigned engines[RIG_FRONT_COUNT][RIG_TRANSPORT_COUNT] = {
        /* unix, TCP */
        [RIG_FRONT_DIRECT] = {ALL, ALL | PROGRAMS | E(ULFIUS) | UWSGIS},
        [RIG_FRONT_NAIVE] = {ALL, ALL | PROGRAMS | E(ULFIUS) | UWSGIS},
        [RIG_FRONT_HALF] = {ALL, ALL},
        [RIG_FRONT_NGINX] = {ALL, ALL | PROGRAMS},
        [RIG_FRONT_NGINX_STREAM] = {ALL, ALL | PROGRAMS},
        [RIG_FRONT_NGINX_SCGI] = {CLOSING, CLOSING},
        [RIG_FRONT_NGINX_SCGI_STREAM] = {CLOSING, 0},
        [RIG_FRONT_NGINX_UWSGI] = {UWSGIS, 0},
        [RIG_FRONT_NGINX_UWSGI_STREAM] = {UWSGIS, 0},
        [RIG_FRONT_NGINX_FASTCGI] = {ALL | E(LIBFCGI), ALL},
        [RIG_FRONT_NGINX_FASTCGI_STREAM] = {ALL | E(LIBFCGI), 0},
        [RIG_FRONT_APACHE] = {ALL, ALL},
        [RIG_FRONT_APACHE_FASTCGI] = {ALL, ALL},
        [RIG_FRONT_APACHE_PASSENGER] = {E(PASSENGER6), 0},
        [RIG_FRONT_APACHE_PASSENGER_STREAM] = {E(PASSENGER6), 0},
        [RIG_FRONT_LIGHTTPD] = {ALL, ALL},
        [RIG_FRONT_LIGHTTPD_STREAM] = {0, ALL},
        [RIG_FRONT_LIGHTTPD_FASTCGI] = {ALL, 0},
        [RIG_FRONT_HAPROXY] = {ALL, ALL},
        [RIG_FRONT_HAPROXY_BUFREQ] = {0, ALL},
        [RIG_FRONT_PASSENGER3] = {CLOSING, CLOSING},
    };
    size_t before = (size_t)(front - rig_front_table), over = (size_t)(transport - rig_transport_table);
    return engines[before][over] >> (size_t)(engine - rig_engine_table) & 1U;
}
