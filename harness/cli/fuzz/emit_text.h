/* Texts of others inside of C: strings, comments, names. */
#ifndef STACKRIG_CLI_EMIT_TEXT_H
#define STACKRIG_CLI_EMIT_TEXT_H

#include <stddef.h>
#include <stdio.h>

/* In quotes. */
void rig_put_string(FILE *out, const char *bytes, size_t size);
void rig_put_text(FILE *out, const char *string);
/* Inside of a comment, which nothing of it may end. */
void rig_put_comment(FILE *out, const char *string);
/* Strings up to NULL, behind what begins them and before "}"; of none nothing. */
void rig_put_list(FILE *out, const char *begin, const char *const *list);
/* "input.early_answer.unread": input_early_answer_unread */
void rig_put_name(FILE *out, const char *rule);
/* A struct rig_field, behind what stands before it. */
void rig_put_field(FILE *out, const char *name, const char *value, const char *before);

#endif
