/* The post processor: forms, piece by piece. */
#ifndef STACKRIG_FRAMEWORKS_MICROHTTPD_POST_H
#define STACKRIG_FRAMEWORKS_MICROHTTPD_POST_H

#include "mocks/frameworks/microhttpd/microhttpd.h"

#define URLENCODED_PIECE 512 /* bytes of a value, still escaped, that come at once */

enum form_state {
    FORM_NAME,
    FORM_VALUE,
    FORM_ENDED /* a line end was found */
};

/* Attributes of a multipart part. What an earlier header or part has set stays until it is dropped. */
struct part {
    char *name, *filename, *type, *encoding;
};

enum multipart_state {
    PART_PREAMBLE, /* before the first boundary of this level */
    PART_BOUNDARY, /* behind one: a line end or two dashes */
    PART_HEADERS,
    PART_VALUE,
    PART_DONE
};

struct MHD_PostProcessor {
    MHD_PostDataIterator iterator;
    void *cls;
    bool multipart, failed;
    uint64_t offset; /* of the value's next byte */
    bool given;      /* the value, or its beginning, was given */

    /* urlencoded */
    enum form_state form;
    char value[URLENCODED_PIECE + 1];
    size_t value_size;

    /* multipart */
    enum multipart_state state;
    bool nested;
    bool keeps; /* behind a nested level: what its last part has set stays for the next, as the real one does */
    char *boundary, *nested_boundary;
    struct part part;

    size_t held, room;
    char buffer[]; /* urlencoded: the name; multipart: what was not understood yet; room bytes and a final zero */
};

enum MHD_Result rig_mhd_post_urlencoded(struct MHD_PostProcessor *post, const char *data, size_t size);
enum MHD_Result rig_mhd_post_urlencoded_end(struct MHD_PostProcessor *post);
enum MHD_Result rig_mhd_post_multipart(struct MHD_PostProcessor *post, const char *data, size_t size);

/* Gives size bytes of the value on; false: the handler wants no more. */
bool rig_mhd_post_give(struct MHD_PostProcessor *post, const char *name, const char *data, size_t size);

#endif
