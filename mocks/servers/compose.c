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

/* An engine that is not named is the front's usual one. */
static const struct rig_engine *engine_of(const char *name, const struct rig_front *front)
{
    const char *plus = strchr(name, '+');
    return rig_engine_named(plus ? plus + 1 : front->engine ? front->engine : "plain");
}

static void put_together(struct rig_server *server, const char *name, const struct rig_front *front,
                         const struct rig_transport *transport, const struct rig_engine *engine)
{
    bool at_once = engine->reads != RIG_READS_LAZILY;
    *server = (struct rig_server){.name = name,
                                  .title = front->title,
                                  .rewindable = at_once,
                                  .buffers_all = at_once,
                                  .keeps_alive = engine->keeps == RIG_KEEPS_UNREAD && !front->fastcgi &&
                                                 (front->client || front->pools),
                                  .modelled = front->modelled,
                                  .worked_out = !rig_parts_measured(front, transport, engine),
                                  .repeats_joined = true,
                                  .host_optional = true,
                                  .relayed = !front->client,
                                  .pools = front->pools,
                                  .reads_first = front->whole_first || engine->reads == RIG_READS_FIRST,
                                  .no_upgrade = front->fastcgi || front->modelled,
                                  .unchunks_below = rig_front_unchunks_below(front),
                                  .waits_below = front->waits_below,
                                  .phantoms_most = front->pools ? RIG_PHANTOMS_MOST : 0,
                                  .front = front,
                                  .transport = transport,
                                  .engine = engine,
                                  .gateway = &rig_gateway_table[front - rig_front_table],
                                  .deliver = rig_composed_deliver};
}

int rig_server_compose(const char *name, struct rig_server *server)
{
    for (size_t i = 0; name && i < RIG_FRONT_COUNT; i++) {
        const struct rig_front *front = &rig_front_table[i];
        const struct rig_engine *engine = engine_of(name, front);
        const struct rig_transport *transport = NULL;
        if (!engine || !asked_for(front, name, &transport)) {
            continue;
        }
        if (!rig_parts_fit(front, engine)) {
            return -EPROTONOSUPPORT;
        }
        struct word usual = {front->transport, strlen(front->transport)};
        put_together(server, name, front, transport ? transport : transport_named(usual), engine);
        return 0;
    }
    return -ENOENT;
}

/* ---- what is wrong with a name ---- */

static void copy_word(char *to, size_t size, struct word word)
{
    size_t length = word.size < size ? word.size : size - 1;
    memcpy(to, word.text, length);
    to[length] = '\0';
}

static const struct rig_front *front_named(struct word word)
{
    for (size_t i = 0; i < RIG_FRONT_COUNT; i++) {
        if (is(word, rig_front_table[i].name)) {
            return &rig_front_table[i];
        }
    }
    return NULL;
}

/* Is it a word of any front of that name? */
static bool known(struct word front, struct word word)
{
    bool found = transport_named(word) != NULL;
    for (size_t i = 0; !found && i < RIG_FRONT_COUNT; i++) {
        const struct rig_front *it = &rig_front_table[i];
        found = is(front, it->name) && (is(word, it->protocol) || is(word, it->option));
    }
    return found;
}

struct rig_name_wrong rig_server_name_wrong(const char *name)
{
    struct rig_name_wrong wrong = {.fault = RIG_NAME_FRONT};
    const char *at = name, *plus = strchr(name, '+');
    struct word front = take(&at), word = {"", 0};
    wrong.front = front_named(front);
    copy_word(wrong.word, sizeof wrong.word, front);
    if (!wrong.front) {
        return wrong;
    }
    bool good = true;
    while (good && *at && *at != '+') {
        word = take(&at);
        good = known(front, word);
    }
    wrong.engine = plus ? rig_engine_named(plus + 1) : NULL;
    if (good && plus && !wrong.engine) {
        wrong.fault = RIG_NAME_ENGINE;
        copy_word(wrong.word, sizeof wrong.word, (struct word){plus + 1, strlen(plus + 1)});
        return wrong;
    }
    struct rig_server server;
    int error = rig_server_compose(name, &server);
    wrong.fault = error == 0 ? RIG_NAME_GOOD : error == -EPROTONOSUPPORT ? RIG_NAME_PAIR : RIG_NAME_WORD;
    copy_word(wrong.word, sizeof wrong.word, word);
    for (size_t i = 0; wrong.fault == RIG_NAME_PAIR && i < RIG_FRONT_COUNT; i++) {
        const struct rig_transport *transport = NULL;
        wrong.front = asked_for(&rig_front_table[i], name, &transport) ? &rig_front_table[i] : wrong.front;
    }
    return wrong;
}
