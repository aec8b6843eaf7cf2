#define _XOPEN_SOURCE 700

#include "fuzz/driver/version.h"

#include "fuzz/driver/files.h"
#include "fuzz/driver/here.h"
#include "fuzz/driver/text.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define PLACE "/.stackrig"
#define RECORD PLACE "/table"
#define PATH_SIZE 4096

static bool is_folder(const char *path)
{
    struct stat about;
    return stat(rig_fuzz_here(path), &about) == 0 && S_ISDIR(about.st_mode);
}

/* False: none is recorded. */
static bool recorded(const char *folder, unsigned long long *hash)
{
    char path[PATH_SIZE + sizeof RECORD];
    (void)snprintf(path, sizeof path, "%s" RECORD, folder);
    FILE *file = fopen(rig_fuzz_here(path), "r");
    bool good = file && fscanf(file, "%16llx", hash) == 1;
    if (file) {
        (void)fclose(file);
    }
    return good;
}

bool rig_fuzz_is_folder_of_other(const char *folder, const struct rig_fuzz_table *table, char why[RIG_FUZZ_WHY_MAX])
{
    unsigned long long theirs, ours = rig_fuzz_table_hash(table);
    if (!recorded(folder, &theirs) || theirs == ours) {
        return false;
    }
    (void)snprintf(
        why, RIG_FUZZ_WHY_MAX,
        "%s: its bytes are of table %016llx, this is %016llx: they name other words here. What they mean, the "
        "program of that table knows: --decode TEXTS %s/*, then with this one: --encode NEW TEXTS/*.http",
        folder, theirs, ours, folder);
    return true;
}

bool rig_fuzz_is_of_other(const char *file, const struct rig_fuzz_table *table, char why[RIG_FUZZ_WHY_MAX])
{
    char folder[PATH_SIZE];
    const char *slash = strrchr(file, '/');
    (void)snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - file) : 1, slash ? file : ".");
    return rig_fuzz_is_folder_of_other(folder, table, why);
}

struct sought {
    const struct rig_fuzz_table *table;
    char *why;
    bool other;
};

static bool look(void *closure, const char *path, bool is_folder)
{
    struct sought *sought = closure;
    sought->other = is_folder && rig_fuzz_is_folder_of_other(path, sought->table, sought->why);
    return !sought->other;
}

bool rig_fuzz_names_other(int argc, char *const *argv, const struct rig_fuzz_table *table, char why[RIG_FUZZ_WHY_MAX])
{
    struct sought sought = {table, why, false};
    for (int i = 1; i < argc && !sought.other; i++) {
        if (is_folder(argv[i])) {
            (void)rig_fuzz_each_file(argv[i], look, &sought);
        } else if (argv[i][0] != '-' && !rig_fuzz_is_text_file(argv[i])) {
            sought.other = rig_fuzz_is_of_other(argv[i], table, why);
        }
    }
    return sought.other;
}

bool rig_fuzz_is_new(const char *folder)
{
    unsigned long long unused;
    DIR *entries = opendir(rig_fuzz_here(folder));
    bool found = entries ? recorded(folder, &unused) : errno != ENOENT;
    for (const struct dirent *entry; entries && !found && (entry = readdir(entries));) {
        found = entry->d_name[0] != '.';
    }
    if (entries) {
        (void)closedir(entries);
    }
    return !found;
}

void rig_fuzz_record(const char *folder, const struct rig_fuzz_table *table)
{
    char path[PATH_SIZE + sizeof RECORD];
    (void)snprintf(path, sizeof path, "%s" PLACE, folder);
    bool made = mkdir(rig_fuzz_here(path), 0777) == 0 || errno == EEXIST;
    (void)snprintf(path, sizeof path, "%s" RECORD, folder);
    FILE *file = made ? fopen(rig_fuzz_here(path), "w") : NULL;
    if (file) {
        fprintf(file, "%016llx\n", (unsigned long long)rig_fuzz_table_hash(table));
        (void)fclose(file);
    }
}

const char *rig_fuzz_new_corpus(int argc, char *const *argv)
{
    const char *first = NULL;
    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], "-features_dir=", 14) == 0) { /* of -fork=N: removes its own files alone */
            return NULL;
        }
        first = !first && is_folder(argv[i]) ? argv[i] : first;
    }
    return first && rig_fuzz_is_new(first) ? first : NULL;
}
