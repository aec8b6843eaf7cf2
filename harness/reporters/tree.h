/* JSON, for the formats that are made of it. What fails for want of memory is kept in mind till the end. */
#ifndef STACKRIG_REPORTERS_TREE_H
#define STACKRIG_REPORTERS_TREE_H

#include "harness/reporters/report.h"

#include <jansson.h>

struct rig_tree {
    bool failed;
};

/* Into an object; a key without a value (text NULL) is left out. A value is taken. */
void rig_tree_set(struct rig_tree *tree, json_t *object, const char *key, json_t *value);
void rig_tree_text(struct rig_tree *tree, json_t *object, const char *key, const char *text);
void rig_tree_number(struct rig_tree *tree, json_t *object, const char *key, size_t number);
/* With \xNN for bytes that cannot be in JSON. */
void rig_tree_path(struct rig_tree *tree, json_t *object, const char *key, const char *path);
/* To an array's end; the value is taken. */
void rig_tree_add(struct rig_tree *tree, json_t *array, json_t *value);
/* Writes and frees it: 0, or -errno. */
int rig_tree_write(struct rig_tree *tree, json_t *object, FILE *out);

#endif
