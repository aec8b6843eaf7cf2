/* Transports: what the Linux kernel does with a connection that one side closes. Deterministic; section 2, K1 to K10,
 * from one process that plays both ends. */
#include "mocks/servers/model.h"

#include <errno.h>

/* K8. Over unix it is 208 KiB of socket buffers, each with its overhead, so large writes take more. */
static const struct rig_capacity unix_capacities[] = {
    {1, 278, 278},
    {128, 35584, 35584},
    {1024, 95232, 95232},
    {4096, 180224, 180224},
    {8192, 196608, 196608},
    {16384, 212992, 212992},
    {65536, 233152, 233152},
    {262144, 212992, 219264}, /* one large write; 3: passenger3: 208K 1/20, 224K 20/20 */
    {0},
};

/* K8: 3.9 to 4.2 MB; 4.29 MB in 1-byte writes. What autotuning of tcp_wmem and the receive window give. */
static const struct rig_capacity tcp_capacities[] = {{1, 3900000, 4300000}, {0}};

const struct rig_transport rig_transport_table[RIG_TRANSPORT_COUNT] = {
    [RIG_TRANSPORT_UNIX] =
        {
            .name = "unix",
            .title = "a unix socket: takes 208 KiB, an answer is never destroyed, the first write after a close fails",
            .source = "early-response 2: K1-K10, AF_UNIX",
            .capacities = unix_capacities,
        },
    [RIG_TRANSPORT_TCP] = {
        .name = "tcp",
        .title = "TCP over loopback: takes about 4 MB, a close with bytes unread is a reset",
        .source = "early-response 2: K1-K10, TCP loopback",
        .tcp = true,
        .capacities = tcp_capacities,
        .window = 113152,
    }};

const struct rig_capacity *rig_transport_capacity(const struct rig_transport *transport, uint64_t write_size)
{
    const struct rig_capacity *found = transport->capacities;
    for (const struct rig_capacity *it = found; it->write_size != 0 && it->write_size <= write_size; it++) {
        found = it;
    }
    return found;
}

static struct rig_after_close after_unix(uint64_t unread, uint64_t answer)
{
    return (struct rig_after_close){
        .first_write = EPIPE, /* K4: also when nothing was unread; failed-writes.tsv: up to 5 of 2,000 ECONNRESET */
        .second_write = EPIPE,
        .readable = answer,
        .read_end = unread > 0 ? ECONNRESET : 0, /* K2, K6: a failed write leaves it */
        .rdhup = true,
        .hup = true,
        .err = unread > 0,
    };
}

struct rig_after_close rig_transport_after_close(const struct rig_transport *transport, enum rig_closing closing,
                                                 uint64_t unread, uint64_t answer, bool writes_first)
{
    if (!transport->tcp) {
        return after_unix(unread, answer);
    }
    bool aborts = unread > 0 || closing == RIG_LINGER_0; /* K2, K9 */
    bool fits = answer <= transport->window;
    bool shut = (closing == RIG_SHUT_WR || closing == RIG_SHUT_RDWR) && fits; /* K3: its end arrived before the RST */
    uint64_t destroyed = fits ? answer : transport->window;
    if (!aborts) { /* K4: the first write passes and provokes the RST */
        return (struct rig_after_close){
            .second_write = fits ? EPIPE : ECONNRESET, .readable = writes_first ? destroyed : answer, .rdhup = fits};
    }
    return (struct rig_after_close){
        .first_write = shut ? EPIPE : ECONNRESET,
        .second_write = EPIPE,
        .readable = destroyed,
        .read_end = shut || writes_first ? 0 : ECONNRESET, /* K6: the write consumed the error */
        .rdhup = true,
        .hup = true,
        .err = true,
    };
}

struct rig_after_close rig_transport_blocked(const struct rig_transport *transport, enum rig_closing closing,
                                             uint64_t answer, bool asleep)
{
    struct rig_after_close after = rig_transport_after_close(transport, closing, 1, answer, true);
    if (asleep) { /* K7: the write that slept took the error */
        after.read_end = 0;
    }
    return after;
}
