#define _POSIX_C_SOURCE 200809L

#include "harness/reporters/tree.h"

#include <errno.h>
#include <stdlib.h>

void rig_tree_set(struct rig_tree *tree, json_t *object, const char *key, json_t *value)
{
    tree->failed = json_object_set_new(object, key, value) != 0 || tree->failed;
}

void rig_tree_text(struct rig_tree *tree, json_t *object, const char *key, const char *text)
{
    if (text) {
        rig_tree_set(tree, object, key, json_string(text));
    }
}

void rig_tree_number(struct rig_tree *tree, json_t *object, const char *key, size_t number)
{
    rig_tree_set(tree, object, key, json_integer((json_int_t)number));
}

void rig_tree_path(struct rig_tree *tree, json_t *object, const char *key, const char *path)
{
    char *escaped = NULL;
    size_t size;
    FILE *out = open_memstream(&escaped, &size);
    if (out) {
        rig_report_print_path(out, path);
    }
    if (!out || fclose(out) != 0) {
        tree->failed = true;
    } else {
        rig_tree_text(tree, object, key, escaped);
    }
    free(escaped);
}

void rig_tree_add(struct rig_tree *tree, json_t *array, json_t *value)
{
    tree->failed = json_array_append_new(array, value) != 0 || tree->failed;
}

int rig_tree_write(struct rig_tree *tree, json_t *object, FILE *out)
{
    int error = tree->failed || !object ? ENOMEM : 0;
    errno = 0;
    if (error == 0 && (json_dumpf(object, out, JSON_INDENT(2)) != 0 || fputc('\n', out) == EOF)) {
        error = errno != 0 ? errno : ENOMEM;
    }
    json_decref(object);
    return -error;
}
