/* The request as foreign frameworks ask for it: fields as the client spelt them, and a body that is read ahead. */
#include "harness/core/foreign.h"
#include "harness/http/chars.h"

#include <stackrig/foreign.h>

#include <errno.h>

static const char prefix[] = "HTTP_";
#define PREFIX (sizeof prefix - 1)

/* ---- fields ---- */

static bool is_field(const struct rig_entry *entry)
{
    const char *name = entry->name;
    bool named = name[0] == 'H'   ? memcmp(name, prefix, entry->name_size < PREFIX ? 1 : PREFIX) == 0 && name[4] == '_'
                 : name[0] == 'C' ? strcmp(name, "CONTENT_TYPE") == 0 || strcmp(name, "CONTENT_LENGTH") == 0
                                  : false;
    return named && entry->state == RIG_ENTRY_STRING && entry->value;
}

/* HTTP_X_USER: X-User. NULL: out of memory. */
static const char *spell(struct rig_run *run, const struct rig_entry *entry)
{
    const char *known = run->runner->spelling ? run->runner->spelling(run->runner->names, entry->name) : NULL;
    if (known) {
        return known;
    }
    size_t skip = strncmp(entry->name, prefix, PREFIX) == 0 ? PREFIX : 0;
    char *name = rig_arena_copy(&run->arena, entry->name + skip, entry->name_size - skip);
    for (size_t i = 0; name && name[i]; i++) {
        name[i] = (char)(name[i] == '_' ? '-' : i > 0 && name[i - 1] != '-' ? rig_char_lower(name[i]) : name[i]);
    }
    return name;
}

/* The value that an entry came with, where it still is what its repeats made of it; else what it is now. */
static struct rig_slice first_value(const struct rig_run *run, const struct rig_entry *entry)
{
    struct rig_slice first = {NULL, 0};
    const char *joined = NULL;
    for (const struct rig_repeat *at = run->repeats; at; at = at->next) {
        if (at->variable == entry->name) {
            first = at->first.data ? at->first : first;
            joined = at->joined;
        }
    }
    return joined && joined == entry->value ? first : (struct rig_slice){entry->value, entry->value_size};
}

/* Does the variable still hold what this field was joined into? */
static bool still_holds(const struct rig_run *run, const struct rig_env *env, const struct rig_repeat *repeat)
{
    const char *joined = NULL;
    for (const struct rig_repeat *at = run->repeats; at; at = at->next) {
        joined = at->variable == repeat->variable ? at->joined : joined;
    }
    for (uint32_t i = 0; i < env->count; i++) {
        const struct rig_entry *entry = &env->entries[i];
        if (entry->name == repeat->variable && entry->state == RIG_ENTRY_STRING) {
            return entry->value == joined;
        }
    }
    return false;
}

/* Those that came when the env had `count` entries. */
static int visit_repeats(const struct rig_run *run, const struct rig_env *env, uint32_t count, rig_each_fn *visit,
                         void *closure)
{
    int stopped = 0;
    for (const struct rig_repeat *at = run->repeats; at && !stopped; at = at->next) {
        if (at->after == count && still_holds(run, env, at)) {
            stopped = visit(closure, at->name, at->value.data, at->value.size);
        }
    }
    return stopped;
}

int rig_foreign_fields(struct rig_env *env, rig_each_fn *visit, void *closure)
{
    struct rig_run *run = rig_live(NULL, env ? &env->handle : NULL, RIG_HANDLE_ENV, "rig_foreign_fields");
    if (!run || !visit) {
        return run ? -EINVAL : rig_live_error(env ? &env->handle : NULL);
    }
    int stopped = 0;
    for (uint32_t i = 0; i <= env->count && !stopped; i++) {
        stopped = run->repeats ? visit_repeats(run, env, i, visit, closure) : 0;
        if (stopped || i == env->count || !is_field(&env->entries[i])) {
            continue;
        }
        const char *name = spell(run, &env->entries[i]);
        struct rig_slice value = first_value(run, &env->entries[i]);
        stopped = name ? visit(closure, name, value.data, value.size) : -ENOMEM;
    }
    return stopped;
}

struct wanted {
    const char *name, *value;
};

static int take_if_wanted(void *closure, const char *name, const char *value, size_t size)
{
    struct wanted *wanted = closure;
    (void)size;
    bool found = rig_name_equal(name, strlen(name), wanted->name, strlen(wanted->name));
    wanted->value = found ? value : NULL;
    return found;
}

const char *rig_foreign_field(struct rig_env *env, const char *name)
{
    struct wanted wanted = {.name = name};
    return name && rig_foreign_fields(env, take_if_wanted, &wanted) > 0 ? wanted.value : NULL;
}

/* ---- the body ---- */

int64_t rig_foreign_fill(struct rig_env *env, void *buffer, size_t size)
{
    struct rig_run *run = rig_live(NULL, env ? &env->handle : NULL, RIG_HANDLE_ENV, "rig_foreign_fill");
    if (!run || !buffer || size == 0) {
        return run ? -EINVAL : rig_live_error(env ? &env->handle : NULL);
    }
    return rig_input_ahead(run, env->input, buffer, size);
}

int rig_foreign_read(const char *site, struct rig_env *env, uint64_t size)
{
    struct rig_run *run = rig_live(site, env ? &env->handle : NULL, RIG_HANDLE_ENV, "rig_foreign_read");
    return run ? rig_input_took(run, site, env->input, size) : rig_live_error(env ? &env->handle : NULL);
}
