/* What a handler asks of the request: header fields, cookies, arguments, and what it has set itself. */
#include "mocks/frameworks/microhttpd/microhttpd.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#define ALL_KINDS (MHD_HEADER_KIND | MHD_COOKIE_KIND | MHD_POSTDATA_KIND | MHD_GET_ARGUMENT_KIND | MHD_FOOTER_KIND)

/* Keys compare without case, of whatever kind: so the real one does. */
static bool same_key(const struct value *value, const char *key, size_t size)
{
    if (!key || value->key_size != size) {
        return !key && !value->key;
    }
    size_t i = 0;
    while (i < size &&
           (value->key[i] == key[i] || tolower((unsigned char)value->key[i]) == tolower((unsigned char)key[i]))) {
        i++;
    }
    return i == size;
}

const struct value *rig_mhd_find_value(const struct MHD_Connection *connection, enum MHD_ValueKind kind,
                                       const char *key, size_t key_size)
{
    const struct value *value = connection->values;
    while (value && !((value->kind & kind) != 0 && same_key(value, key, key_size))) {
        value = value->next;
    }
    return value;
}

const char *rig_mhd_header(const struct MHD_Connection *connection, const char *name)
{
    const struct value *value = rig_mhd_find_value(connection, MHD_HEADER_KIND, name, strlen(name));
    return value ? value->text : NULL;
}

/* room: behind it. */
static struct value *new_value(struct MHD_Connection *connection, enum MHD_ValueKind kind, size_t room)
{
    struct value *value = rig_env_alloc_at(NULL, connection->env, sizeof *value + room);
    if (value) {
        value->kind = kind;
        if (connection->last) {
            connection->last->next = value;
        } else {
            connection->values = value;
        }
        connection->last = value;
    }
    return value;
}

/* Key and text each end where a block does: a read beyond them is seen under ASan. */
int rig_mhd_add_value(struct MHD_Connection *connection, enum MHD_ValueKind kind, struct rig_slice key,
                      struct rig_slice text)
{
    char *own_key = rig_env_alloc_at(NULL, connection->env, key.size + 1);
    struct value *value = own_key ? new_value(connection, kind, text.size + 1) : NULL;
    if (!value) {
        return -ENOMEM;
    }
    memcpy(own_key, key.data ? key.data : "", key.size);
    memcpy(value + 1, text.data ? text.data : "", text.size);
    value->key = own_key;
    value->key_size = key.size;
    value->text = text.data ? (char *)(value + 1) : NULL;
    value->size = text.size;
    return 0;
}

/* ---- the interface ---- */

int MHD_get_connection_values(struct MHD_Connection *connection, enum MHD_ValueKind kind, MHD_KeyValueIterator iterator,
                              void *cls)
{
    if (!rig_mhd_live(RIG_CALLER, connection, "MHD_get_connection_values")) {
        return -1;
    }
    int count = 0;
    for (const struct value *at = connection->values; at; at = at->next) {
        if ((at->kind & kind) == 0) {
            continue;
        }
        count++;
        if (iterator && iterator(cls, at->kind, at->key, at->text) == MHD_NO) {
            break;
        }
    }
    return count;
}

int MHD_get_connection_values_n(struct MHD_Connection *connection, enum MHD_ValueKind kind,
                                MHD_KeyValueIteratorN iterator, void *cls)
{
    if (!rig_mhd_live(RIG_CALLER, connection, "MHD_get_connection_values_n")) {
        return -1;
    }
    int count = 0;
    for (const struct value *at = connection->values; at; at = at->next) {
        if ((at->kind & kind) == 0) {
            continue;
        }
        count++;
        if (iterator && iterator(cls, at->kind, at->key, at->key_size, at->text, at->size) == MHD_NO) {
            break;
        }
    }
    return count;
}

/* The strings stay the caller's, as with the real one. */
static enum MHD_Result set(const char *site, struct MHD_Connection *connection, enum MHD_ValueKind kind,
                           struct rig_slice key, struct rig_slice text)
{
    if (!rig_mhd_live(site, connection, "MHD_set_connection_value") || (kind & ~(unsigned)ALL_KINDS) != 0) {
        return MHD_NO;
    }
    struct value *value = new_value(connection, kind, 0);
    if (value) {
        value->key = key.data;
        value->key_size = key.size;
        value->text = text.data;
        value->size = text.size;
    }
    return value ? MHD_YES : MHD_NO;
}

enum MHD_Result MHD_set_connection_value(struct MHD_Connection *connection, enum MHD_ValueKind kind, const char *key,
                                         const char *text)
{
    return set(RIG_CALLER, connection, kind, (struct rig_slice){key, key ? strlen(key) : 0},
               (struct rig_slice){text, text ? strlen(text) : 0});
}

enum MHD_Result MHD_set_connection_value_n(struct MHD_Connection *connection, enum MHD_ValueKind kind, const char *key,
                                           size_t key_size, const char *text, size_t size)
{
    return set(RIG_CALLER, connection, kind, (struct rig_slice){key, key_size}, (struct rig_slice){text, size});
}

const char *MHD_lookup_connection_value(struct MHD_Connection *connection, enum MHD_ValueKind kind, const char *key)
{
    if (!rig_mhd_live(RIG_CALLER, connection, "MHD_lookup_connection_value")) {
        return NULL;
    }
    const struct value *value = rig_mhd_find_value(connection, kind, key, key ? strlen(key) : 0);
    return value ? value->text : NULL;
}

enum MHD_Result MHD_lookup_connection_value_n(struct MHD_Connection *connection, enum MHD_ValueKind kind,
                                              const char *key, size_t key_size, const char **text, size_t *size)
{
    if (!rig_mhd_live(RIG_CALLER, connection, "MHD_lookup_connection_value_n")) {
        return MHD_NO;
    }
    const struct value *value = rig_mhd_find_value(connection, kind, key, key_size);
    if (!value) {
        return MHD_NO;
    }
    if (text) {
        *text = value->text;
    }
    if (size) {
        *size = value->size;
    }
    return MHD_YES;
}

/* ---- unescaping ---- */

static int digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* What is no escape stays as it is. */
size_t MHD_http_unescape(char *text)
{
    char *to = text;
    for (const char *from = text; *from; to++) {
        int high = from[0] == '%' ? digit(from[1]) : -1;
        int low = high >= 0 ? digit(from[2]) : -1;
        *to = low >= 0 ? (char)(high * 16 + low) : *from;
        from += low >= 0 ? 3 : 1;
    }
    *to = '\0';
    return (size_t)(to - text);
}
