/* MHD_queue_response: when it is legal. Measured with 0.9.75: in the first call and in the last one, once. */
#include "mocks/frameworks/microhttpd/microhttpd.h"

#define STATUS(code_) ((code_) & ~(unsigned)MHD_ICY_FLAG)

static const char *refused(const struct MHD_Connection *connection, unsigned code, const struct MHD_Response *response)
{
    if (connection->response) {
        return "a response was queued already";
    }
    if (connection->state == STATE_BODY) {
        return "this is a call with upload data: wait for the last call";
    }
    if (connection->state == STATE_OVER) {
        return "the request is over";
    }
    if (STATUS(code) < 100 || STATUS(code) > 999) {
        return "its status is outside 100..999";
    }
    return response->source == SOURCE_UPGRADE
               ? "a connection in memory cannot be handed over: upgrades are not covered by the rig"
               : NULL;
}

enum MHD_Result rig_mhd_queue(const char *site, struct MHD_Connection *connection, unsigned code,
                              struct MHD_Response *response)
{
    if (!connection || !response || !rig_mhd_live(site, connection, "MHD_queue_response") ||
        !rig_mhd_response_usable(site, response, "MHD_queue_response")) {
        return MHD_NO;
    }
    rig_mhd_arm(connection, ARMED_QUEUE);
    site = site ? site : connection->answered_at;
    const char *why = refused(connection, code, response);
    if (why) {
        const struct rig_evidence before = {"the first was queued here", connection->queued_at};
        rig_mhd_find(connection,
                     &(struct rig_foreign_finding){.rule = "microhttpd.queue.refused",
                                                   .site = site,
                                                   .evidence = &before,
                                                   .evidence_count = connection->response != NULL},
                     "MHD_queue_response refused %u: %s", STATUS(code), why);
        return MHD_NO;
    }
    rig_mhd_response_hold(response);
    connection->response = response;
    connection->status = STATUS(code);
    connection->queued_at = site;
    connection->early = connection->state == STATE_HEADERS;
    (void)rig_response_set_status_at(site, connection->res, (int)connection->status);
    return MHD_YES;
}

enum MHD_Result MHD_queue_response(struct MHD_Connection *connection, unsigned code, struct MHD_Response *response)
{
    return rig_mhd_queue(RIG_CALLER, connection, code, response);
}
