/* Faults on demand: readers that spoil a request's body, one named way each, and a loop that lets every read of a
 * request fail in turn. */
#ifndef STACKRIG_FAULTS_H
#define STACKRIG_FAULTS_H

#include <stackrig/base.h>
#include <stackrig/client.h>

enum rig_fault_kind {
    RIG_FAULT_NONE,
    RIG_FAULT_ONE_BYTE,       /* a read gives one byte */
    RIG_FAULT_HALF,           /* a read gives half of what it could */
    RIG_FAULT_SLOW,           /* the clock of .client moves by .delay before the bytes come */
    RIG_FAULT_EINTR,          /* -EINTR; the next read goes on; after 1000 in one body -EIO, for good */
    RIG_FAULT_EAGAIN,         /* -EAGAIN, the same */
    RIG_FAULT_ERROR,          /* -EIO, for good */
    RIG_FAULT_DATA_AND_ERROR, /* half of the bytes, and -EIO from the next read on */
    RIG_FAULT_EARLY_END,      /* the client goes away: -ECONNRESET, for good */
    RIG_FAULT_ENDLESS,        /* zero bytes in place of the end, without end; for bodies of unknown size */
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
    int64_t delay;         /* ns; 0: a second */
    uint64_t reads, fired; /* told: reads so far, how many of them were spoiled */
    uint64_t given;        /* told: bytes that got through */
    int broken;            /* told: what every further read returns; 0: nothing */
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
    RIG_FAULT_UNHARMED,  /* the answer without the fault */
    RIG_FAULT_ANSWERED,  /* 4xx or 5xx */
    RIG_FAULT_PASSED_ON, /* an error went up to the server */
    RIG_FAULT_LIED,      /* a success, though the body broke off */
    RIG_FAULT_SPOILED    /* another answer, though all of the body came */
};

struct rig_fault_case {
    enum rig_fault_kind kind;
    bool always;
    uint64_t chance; /* which read */
    enum rig_fault_verdict verdict;
    int status, error; /* as in the result */
};

#define RIG_FAULT_CASES_MAX 32

struct rig_fault_report {
    int error;                                        /* 0; -EINVAL: no client, or no .body or .bytes to spoil */
    unsigned runs, verdicts[RIG_FAULT_SPOILED + 1];   /* runs: in which the fault came up */
    struct rig_fault_case cases[RIG_FAULT_CASES_MAX]; /* those that lied or were spoiled, in order */
    size_t case_count;                                /* of all of them; more than the maximum are not kept */
};

RIG_BEGIN_DECLS
const char *rig_fault_name(enum rig_fault_kind kind); /* "eintr"; "?" for none of them */
struct rig_source rig_memory_source(struct rig_memory_reader *reader);
struct rig_source rig_faulty_source(struct rig_faulty *faulty);
struct rig_allocator rig_allocation_fault_allocator(struct rig_allocation_fault *fault);

/* Sends the request, a body in .body or .bytes, once as it is and then with each kind of fault at the first read, the
 * second, ... until none comes up any more; each once and from there on. What other rules find on the way (a leak, a
 * second answer) are findings as ever: the client fails the test for errors that nobody asserted. Drops the client's
 * results. At most 1000 reads a kind. */
struct rig_fault_report rig_each_fault_at(const char *site, struct rig_client *client, struct rig_request request);
RIG_END_DECLS

/* rig_each_fault(client, RIG_POST("/x", .body = "a=b")) */
#define rig_each_fault(client_, ...) rig_each_fault_at(RIG_SITE, client_, __VA_ARGS__)

#endif
