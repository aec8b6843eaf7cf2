/* nginx in front of Phusion Passenger 3.0: the web server buffers the whole body; the hop sends headers and body to the
 * app over a unix socket, in two writes, and only then reads the answer, to its end. The app's input copies the whole
 * body to a temporary file on its first read.
 *
 * Composed of the parts as measured. Passenger 3 itself was not run: a program that follows its order of system calls
 * was, behind nginx (early-response 3 `passenger3`, 4 `p3hop-unix`, 5). A 1-byte body was lost once in 4 tries, in the
 * matrix never: the profile does not claim it. Not modelled: how repeated request headers reach the app. */
#include "mocks/servers/model.h"

const struct rig_server rig_server_passenger3 = {
    .name = "passenger3",
    .title = "nginx and Passenger 3 over a unix socket: the first read buffers the whole body (modelled)",
    .rewindable = true,
    .buffers_all = true,
    .modelled = true,
    .reads_first = true,
    .no_upgrade = true, /* the hop only reads once it has sent the request: what the client sends next reaches nobody */
    RIG_COMPOSED(PASSENGER3, UNIX, REWINDABLE),
};
