/* Basic authentication. */
#include "mocks/frameworks/microhttpd/microhttpd.h"

#include <stackrig/http/base64.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *MHD_basic_auth_get_username_password(struct MHD_Connection *connection, char **password)
{
    static const char scheme[] = "Basic ";
    if (!rig_mhd_live(RIG_CALLER, connection, "MHD_basic_auth_get_username_password")) {
        return NULL;
    }
    const char *header = rig_mhd_header(connection, "Authorization");
    if (!header || strncmp(header, scheme, sizeof scheme - 1) != 0) {
        return NULL;
    }
    const char *encoded = header + sizeof scheme - 1;
    size_t size = strlen(encoded);
    char *decoded = calloc(1, size + 1);
    int64_t got = decoded ? rig_base64_decode(encoded, size, decoded, size) : -1;
    char *colon = got > 0 ? strchr(decoded, ':') : NULL;
    if (!colon) {
        free(decoded);
        return NULL;
    }
    *colon = '\0';
    if (password) {
        *password = strdup(colon + 1);
        if (!*password) {
            free(decoded);
            return NULL;
        }
    }
    return decoded;
}

enum MHD_Result MHD_queue_basic_auth_fail_response(struct MHD_Connection *connection, const char *realm,
                                                   struct MHD_Response *response)
{
    const char *site = RIG_CALLER;
    if (!connection || !response || !realm) {
        return MHD_NO;
    }
    size_t room = strlen(realm) + 16;
    char *challenge = malloc(room);
    if (!challenge) {
        return MHD_NO;
    }
    (void)snprintf(challenge, room, "Basic realm=\"%s\"", realm);
    enum MHD_Result added = rig_mhd_add_header(site, response, "WWW-Authenticate", challenge);
    free(challenge);
    return added == MHD_YES ? rig_mhd_queue(site, connection, 401, response) : MHD_NO;
}
