#include "harness/cli/ui/cli.h"
#include "harness/cli/plan/files.h"

#include <getopt.h>
#include <limits.h>

#include "harness/report/mask.h"

static void print_request(struct rig_text *text, const char *path, const struct rig_scenario_request *request)
{
    const char *method = request->request.method, *target = request->request.target;
    rig_text_escape(text, path);
    rig_text_printf(text, ":%zu: ", request->line);
    rig_text_target(text, request->name);
    rig_text_add(text, "  ");
    rig_text_escape(text, method ? method : "GET");
    rig_text_add(text, " ");
    rig_text_target(text, target ? target : "/");
    rig_text_add(text, "\n");
    rig_print(text);
}

static int run(const struct rig_verb *verb, int argc, char **argv)
{
    int status;
    char line[RIG_LINE_SIZE];
    struct rig_text text;
    struct rig_file *files;
    if (!rig_verb_operands(verb, argc, argv, 1, INT_MAX, &status)) {
        return status;
    }
    size_t count = (size_t)(argc - optind);
    bool good = rig_files_read(argv + optind, count, &files);
    rig_text_start(&text, line, sizeof line);
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; files[i].scenario && k < rig_scenario_count(files[i].scenario); k++) {
            print_request(&text, files[i].path, rig_scenario_at(files[i].scenario, k));
        }
    }
    rig_files_free(files, count);
    return good ? RIG_STATUS_CLEAN : RIG_STATUS_USAGE;
}

const struct rig_verb rig_verb_list = {
    "list", "FILE.http...", "lists the requests of scenario files",
    "Of each the place, its name, the method and the target; what is wrong in a file\n"
    "is told with line and column.\n\n"
    "  stackrig list tests/*.http\n",
    run};
