/* Names of composed profiles: FRONT[:PROTOCOL][:TRANSPORT][:OPTION][+ENGINE], the words behind the front in any order. */
#include "mocks/servers/model.h"

#include <errno.h>
#include <string.h>

struct word {
    const char *text;
    size_t size;
};

static bool is(struct word word, const char *name)
{
    return name && strlen(name) == word.size && memcmp(name, word.text, word.size) == 0;
}

/* The next word; its ':' is skipped if another word follows. */
static struct word take(const char **at)
{
    struct word word = {*at, strcspn(*at, ":+")};
    bool more = word.text[word.size] == ':' && word.text[word.size + 1] != '\0' && word.text[word.size + 1] != '+';
    *at += word.size + more;
    return word;
}

static const struct rig_transport *transport_named(struct word word)
{
    for (size_t i = 0; i < RIG_TRANSPORT_COUNT; i++) {
        if (is(word, rig_transport_table[i].name)) {
            return &rig_transport_table[i];
        }
    }
    return NULL;
}

/* Do the words ask for this front, and do they all mean something? An option must be asked for. */
static bool asked_for(const struct rig_front *front, const char *words, const struct rig_transport **transport)
{
    const char *at = words;
    struct word name = take(&at);
    bool option = false, matches = is(name, front->name);
    while (matches && *at && *at != '+') {
        struct word word = take(&at);
        const struct rig_transport *named = transport_named(word);
        *transport = named ? named : *transport;
        option = option || is(word, front->option);
        matches = named || is(word, front->protocol) || is(word, front->option);
    }
    return matches && option == (front->option != NULL);
}

uint64_t rig_front_unchunks_below(const struct rig_front *front)
{
    return front->chunks == RIG_CHUNKS_NONE  ? UINT64_MAX
           : front->chunks == RIG_CHUNKS_ALL ? 0
                                             : front->flight - RIG_HEAD_SIZE + 1;
}

int rig_server_compose(const char *name, struct rig_server *server)
{
    const char *plus = name ? strchr(name, '+') : NULL;
    const struct rig_engine *engine = name ? rig_engine_named(plus ? plus + 1 : "plain") : NULL;
    for (size_t i = 0; engine && i < RIG_FRONT_COUNT; i++) {
        const struct rig_front *front = &rig_front_table[i];
        const struct rig_transport *transport = NULL;
        if (asked_for(front, name, &transport)) {
            struct word usual = {front->transport, strlen(front->transport)};
            bool at_once = engine->reads != RIG_READS_LAZILY;
            *server = (struct rig_server){.name = name,
                                          .title = front->title,
                                          .rewindable = at_once,
                                          .buffers_all = at_once,
                                          .keeps_alive = engine->keeps == RIG_KEEPS_UNREAD && !front->fastcgi &&
                                                         (front->client || front->pools),
                                          .modelled = front->modelled,
                                          .repeats_joined = true,
                                          .relayed = !front->client,
                                          .pools = front->pools,
                                          .reads_first = front->whole_first || engine->reads == RIG_READS_FIRST,
                                          .no_upgrade = front->fastcgi || front->modelled,
                                          .unchunks_below = rig_front_unchunks_below(front),
                                          .front = front,
                                          .transport = transport ? transport : transport_named(usual),
                                          .engine = engine,
                                          .gateway = &rig_gateway_table[i],
                                          .deliver = rig_composed_deliver};
            return 0;
        }
    }
    return -ENOENT;
}
