/* Faults on demand: readers that spoil a request's body, one named way each, and a loop that lets every read of a
 * request fail in turn. */
#ifndef STACKRIG_FAULTS_H
#define STACKRIG_FAULTS_H

#include <stackrig/base.h>
#include <stackrig/client.h>
#include <stackrig/preload.h>
#include <stackrig/sweeps.h>

enum rig_fault_kind {
    RIG_FAULT_NONE,
    RIG_FAULT_ONE_BYTE,       /* a read gives one byte */
    RIG_FAULT_HALF,           /* a read gives half of what it could */
    RIG_FAULT_SLOW,           /* the clock of .client moves by .delay before the bytes come */
    RIG_FAULT_EINTR,          /* -EINTR; the next read goes on; after 1000 in one body -EIO, for good */
    RIG_FAULT_EAGAIN,         /* -EAGAIN, the same */
    RIG_FAULT_ERROR,          /* -EIO, for good */
    RIG_FAULT_DATA_AND_ERROR, /* half of the bytes, and -EIO from the next read on */
    RIG_FAULT_GONE,           /* the client goes away: -ECONNRESET, for good */
    RIG_FAULT_EARLY_END, /* the body ends: 0, for good, as CGI's standard input gives it (RFC 3875, 4.2), and who reads
                               * can tell by CONTENT_LENGTH alone. In a .source with .source_size it is the test's mistake:
                               * rig_each_fault and .early_end of a connection say what CONTENT_LENGTH was */
    RIG_FAULT_ENDLESS,   /* zero bytes in place of the end, without end, or with .extra until there were exactly so
                               * many, however large the reads: then -ECONNRESET; for bodies of unknown size.
                               * rig_each_fault chunks the body for it, unless the request has a Content-Length or is HTTP/1.0 */
    RIG_FAULT_CHUNKS,    /* a read gives at most as much as is next in .chunks */
    RIG_FAULT_MORE,      /* .extra more bytes, 'x', in place of the end, and then the end */
    /* no readers; of rig_each_fault: */
    RIG_FAULT_POOL,   /* a layer's call of the rig gets no memory, see rig_client_admit */
    RIG_FAULT_MALLOC, /* nor does what allocates without the rig: wants libstackrig-malloc.so, see stackrig/preload.h */
    RIG_FAULT_COUNT
};

/* Bytes in memory as a source; read again from the first byte after a rewind. */
struct rig_memory_reader {
    struct rig_bytes bytes;
    size_t at;
};

/* Spoils what it reads from; one may read from another. Both belong to the caller and must last as long as the request. */
struct rig_faulty {
    struct rig_source under;
    enum rig_fault_kind kind;
    uint64_t chance; /* the read that is spoiled, counted from 1; 0: the one that begins at byte .offset */
    uint64_t offset; /* with chance 0: reads are cut so that one begins there */
    bool always;     /* that read and all after it, not it alone */
    struct rig_client *client;
    int64_t delay;        /* ns; 0: a second */
    const size_t *chunks; /* the last repeats; NULL, and each 0 among them: 1 */
    size_t chunk_count;
    uint64_t extra;        /* of MORE 0 is 1; of ENDLESS without end */
    uint64_t reads, fired; /* told: reads so far, how many of them were spoiled */
    uint64_t given;        /* told: bytes that got through, without those that were made up */
    uint64_t fired_after;  /* told: of them before the first that was spoiled */
    uint64_t made_up;      /* told: bytes that were not in the body */
    int broken;            /* told: what every further read returns; 0: nothing */
    bool ended;            /* told: of EARLY_END, every further read returns 0 */
};

/* Every allocation fails from the nth on, counted from 1 (0: none), or it alone. For .allocator of a client:
 * struct rig_allocation_fault fault = {0}; ... .allocator = rig_allocation_fault_allocator(&fault) */
struct rig_allocation_fault {
    uint64_t nth;
    bool always;
    uint64_t asked, fired; /* told */
};

/* ---- every fault in turn ---- */

enum rig_fault_verdict {
    RIG_FAULT_UNHARMED,  /* the answer without the fault; or one that did not need what did not come */
    RIG_FAULT_ANSWERED,  /* 4xx or 5xx */
    RIG_FAULT_PASSED_ON, /* an error went up to the server */
    RIG_FAULT_LIED,      /* a success that rests on a body that broke off */
    RIG_FAULT_SPOILED    /* another answer, though all of the body came */
};

/* What one fault did. Layer and sites last as long as the stack and the program do. */
struct rig_fault_case {
    enum rig_fault_kind kind;
    bool always;
    uint64_t chance; /* which read, which allocation */
    enum rig_fault_verdict verdict;
    int status, error; /* as in the result */
    uint64_t offset;   /* bytes of the body that had come before */
    int met;           /* what the read gave that met an error first, -errno; 0: an end that was too early */
    const char *layer; /* whose read that was, NULL: nobody's */
    const char *site;
    unsigned layer_number;
    const char *answered_by, *answered_at; /* the answer that went out; NULL: nobody answered */
    /* of POOL and MALLOC, where layer is the one that had the word: */
    size_t size;    /* bytes that it did not get */
    char where[64]; /* of MALLOC: as in struct rig_malloc_fault */
};

#define RIG_FAULT_CASES_MAX 32

struct rig_fault_report {
    int error;             /* 0; -EINVAL: no client, or a request with a .source, .malformed or refused; -ENOMEM */
    const char *not_tried; /* kinds that could not be, and why: "malloc: ..."; NULL: all that suit the request were.
                            * Behind a server that has reads_first no body breaks off */
    unsigned runs, verdicts[RIG_FAULT_SPOILED + 1];   /* runs: in which the fault came up */
    struct rig_fault_case cases[RIG_FAULT_CASES_MAX]; /* those that lied or were spoiled, in order */
    size_t case_count;                                /* of all of them; more than the maximum are not kept */
    unsigned sent;        /* requests, those included that show what is answered without a fault */
    bool varies, drifted; /* as in a sweep's report */
    struct rig_sweep_found found[RIG_SWEEP_FOUND_MAX];
    size_t found_count;
    const char *missing;
    bool spared; /* allocations of libfcgi's own did not fail: it would end the process */
};

/* What is sent, and what goes wrong with it. */
struct rig_fault_loop {
    struct rig_client *client;
    struct rig_request request;
    unsigned kinds;       /* 1u << enum rig_fault_kind of each; 0: all that suit the request */
    const size_t *chunks; /* for RIG_FAULT_CHUNKS; NULL: 2, 3, 5, 8, 13 */
    size_t chunk_count;
    uint64_t from;                   /* the read or allocation of each kind to begin with; 0: the first */
    bool from_always;                /* and of what fails for good: what fails once is left out */
    struct rig_malloc_fault *memory; /* of RIG_FAULT_MALLOC, told as it goes, for who looks on; .nth 0: between them */
    uint64_t endless;                /* bytes after which the client of an endless body goes away; 0: 256 KiB */
    /* Each case, also those that went well, as it comes. */
    void (*each_case)(void *closure, const struct rig_fault_case *one);
    void (*before)(void *closure, const char *where); /* these as in a sweep */
    bool (*skip)(void *closure, const char *where);
    void (*each)(void *closure, const struct rig_result *result, const char *where);
    void *closure;
    const char *findings[RIG_FIELDS_MAX + 1];
    int end_;
};

RIG_BEGIN_DECLS
const char *rig_fault_name(enum rig_fault_kind kind); /* "eintr"; "?" for none of them */
const char *rig_fault_verdict_name(enum rig_fault_verdict verdict);
struct rig_source rig_memory_source(struct rig_memory_reader *reader);
struct rig_source rig_faulty_source(struct rig_faulty *faulty);
struct rig_allocator rig_allocation_fault_allocator(struct rig_allocation_fault *fault);

struct rig_fault_report rig_fault_loop_at(const char *site, struct rig_fault_loop loop);
struct rig_fault_report rig_sweep_faults_at(const char *site, struct rig_fault_loop loop);
struct rig_fault_report rig_fault_assert_at(const char *site, void (*fail)(const char *site, const char *message),
                                            struct rig_fault_report report);
/* "error at read 2, after 4 bytes: upload.c:31: store met -EIO; answered 400 at upload.c:33"; returns as snprintf does. */
int rig_fault_case_text(const struct rig_fault_case *one, char *buffer, size_t size);
/* How many faults came to what, each case that lied or was spoiled, and what was found. */
int rig_fault_text(const struct rig_fault_report *report, char *buffer, size_t size);
RIG_END_DECLS

/* rig_each_fault(client, RIG_POST("/x", .body = "a=b"), .kinds = 1u << RIG_FAULT_EINTR): sends the request as it is and
 * then with each kind of fault at the first read, the second, ... until none comes up any more; each once and from there
 * on (those that only make sense so, from the first read on alone). Then with each allocation, of the request's pool and,
 * where libstackrig-malloc.so is loaded, of code that does not ask the rig: what does not look whether it got any crashes
 * here as it would in a server; `stackrig check --each-malloc` tells that as a finding. What is found on the way (a lie, a
 * leak, a second answer) are findings as ever. It reports and asserts nothing, so rig_client_free fails the test for
 * errors among them that nobody asserted: rig_sweep_faults asserts them, and its .findings names those that are expected.
 * Drops the client's results.
 *
 * Leaks are bodies that are not closed and, where libstackrig-malloc.so is loaded, memory: a request that leaves some is
 * sent 8 times more as it was, and if each leaves some at the same place of the code 1024 times, a day of the client's
 * clock apart. Where there still is some of every 16 of them, it is state.memory.leaked. So a store of more than 1024, or
 * one that ages by time() without libstackrig-clock.so, looks like a leak: .before can empty it.
 *
 * An answer that is another because memory ran out is RIG_FAULT_SPOILED, and a finding if it is a success with another
 * body, and no Content-Type, -Encoding, -Language, -Range or Warning says that it is another kind of answer.
 *
 * Of a body that takes more than 64 reads the first 16, 48 others and the last are tried, and at most 1000 allocations.
 *
 * What a fault brings with it is no finding: a streamed answer that breaks off with the body, a body that is left over
 * by who gives up at -EINTR, and what then stands on the connection. */
#define rig_each_fault(client_, ...) \
    rig_fault_loop_at(RIG_SITE, RIG_VALUE_(rig_fault_loop, .client = client_, .request = __VA_ARGS__, .end_ = 0))

/* The same, and asserts, as rig_assert does: include stackrig/expect.h or cmocka.h. The report is its value. */
#define rig_sweep_faults(client_, ...)                                                              \
    rig_fault_assert_at(RIG_SITE, rig_fail_here_,                                                   \
                        rig_sweep_faults_at(RIG_SITE, RIG_VALUE_(rig_fault_loop, .client = client_, \
                                                                 .request = __VA_ARGS__, .end_ = 0)))

#endif
