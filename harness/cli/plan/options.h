/* The arguments of `stackrig check`. */
#ifndef STACKRIG_CLI_OPTIONS_H
#define STACKRIG_CLI_OPTIONS_H

#include <stackrig/servers.h>

#include "harness/cli/ui/cli.h"
#include "harness/cli/ui/formats.h"

#define RIG_SERVERS_MAX 32 /* profiles of one run: bits of a word */

/* What a check runs under when nothing is asked for; ends at NULL. */
extern const char *const rig_servers_by_default[];

struct rig_program;

struct rig_required {
    const char *rule; /* as it was given */
    char *where;      /* it was asked for; NULL: on the command line */
};

struct rig_check_options {
    const struct rig_server *servers[RIG_SERVERS_MAX];
    size_t server_count;
    struct rig_field *settings; /* point into argv */
    size_t setting_count;
    struct rig_required *armed; /* rules that must be armed */
    size_t armed_count;
    enum rig_level fail_on;
    const char *filter;     /* NULL: all requests */
    int timeout;            /* ms, of one request */
    int64_t now;            /* the clients' clock, ns since the epoch; 0: theirs */
    bool each_malloc;       /* each request again, its 1st, 2nd ... allocation failing */
    bool faults;            /* each request once more, with each fault */
    const char *framework;  /* of a program; NULL: its libraries tell */
    const char **arguments; /* of a program; point into argv */
    size_t argument_count;
    const struct rig_program *program; /* NULL: the stack is a shared object */
    const char *stack;
    char *const *files;
    size_t file_count;
    struct rig_formats formats;
    bool quiet; /* no progress */
    unsigned jobs;
    bool each_file;       /* a stack for each file, not one for all */
    const char *baseline; /* NULL: none */
    bool update_baseline;
    const char *conf;                 /* the project's file; NULL: none was asked for */
    size_t most[RIG_LEVEL_ERROR + 1]; /* findings of a level that do not fail; SIZE_MAX: any number */
    bool watch;                       /* again at each change */
    bool once;                        /* but this is one of those runs */
    const char *first;                /* one of the files, which goes before the others; NULL: as they are */
    char **ordered;                   /* the files in that order; NULL: none was put first */
    uint64_t given;                   /* options that the command line had */
};

/* Frees those of [from, count) that rig_servers_add put together. */
void rig_servers_free(const struct rig_server **servers, size_t from, size_t count);
/* Adds these, which end at NULL, if there are none yet. */
void rig_servers_default(struct rig_check_options *options, const char *const *names);
/* Adds the profile of that name unless it is there. False: complained, of the place that asked (NULL: none). */
bool rig_servers_add(const struct rig_server **servers, size_t *count, const char *name, const char *site);

/* "HTTP" or "FastCGI", to what stands behind it. One that is not put together speaks either. */
bool rig_server_speaks(const struct rig_server *server, const char *protocol);

/* "key=value", cut up in place; there must be room in .settings. False: complained. */
bool rig_setting_add(struct rig_check_options *options, char *setting);
/* One more name whose value is a secret (report/mask.h). False: complained. */
bool rig_mask_add(const char *name);
/* With the options of reports, baselines and the project's file; without operands that is read. True: go on. False: return
 * *status. Free the options in either case. */
bool rig_check_options_parse(struct rig_check_options *options, const struct rig_verb *verb, int argc, char **argv,
                             int *status);

/* ---- for other verbs that run files of requests ---- */

enum rig_options_verb { RIG_OPTIONS_CHECK = 1, RIG_OPTIONS_BISECT = 2, RIG_OPTIONS_TRACE = 4 };

#define RIG_OWN_OPTION 2000 /* of their numbers, the first */
#define RIG_OWN_OPTIONS_MAX 8

struct rig_own_options {
    const struct option *names;                           /* up to one without a name */
    bool (*take)(void *closure, int option, char *value); /* false: complained */
    void *closure;
};

/* Those of check that the verb has, and its own; otherwise as rig_check_options_parse. */
bool rig_own_options_parse(struct rig_check_options *options, const struct rig_verb *verb, enum rig_options_verb which,
                           const struct rig_own_options *own, int argc, char **argv, int *status);
/* Are the rules that must be armed known, now that the stack's are? False: complained. */
bool rig_check_options_rules(const struct rig_check_options *options);
/* Does the page, --html FILE (NULL: none), take the place of nothing that is read? False: complained. */
bool rig_page_apart(const char *html, const struct rig_check_options *options);
void rig_check_options_free(struct rig_check_options *options);

/* ---- for the project's file ---- */

const char *rig_check_option_name(size_t i); /* NULL: there are no more */
bool rig_check_option_known(const char *name);
/* As if the command line had it, unless that has it. The value must last; of an option without one it is yes or no.
 * False: complained. */
bool rig_check_option_set(struct rig_check_options *options, const char *name, char *value);
/* Room for so many settings and the like more. */
void rig_check_options_reserve(struct rig_check_options *options, size_t count);

#endif
