/* Lists in a field's value. */
#ifndef RIG_HTTP_LIST_H
#define RIG_HTTP_LIST_H

#include <stackrig/base.h>

/* A list that is read: all but rest and separators zero. */
struct rig_elements {
    struct rig_slice rest;
    const char *separators; /* each of these bytes ends an element */
    bool unclosed;          /* a quote has no end, so those behind it have none either */
};

/* Cuts the next element, up to a separator outside of double quotes, off the rest; without white space at its ends. Empty
 * ones are skipped (RFC 9110 section 5.6.1.2). A quote that nothing closes is an ordinary character. false: no more. */
bool rig_elements_next(struct rig_elements *list, struct rig_slice *element);
/* "a=b" at its first '='; white space around it goes. value.data NULL: there is none. */
struct rig_slice rig_list_cut(struct rig_slice *name);
/* The size of the quoted string that text begins with, quotes included; 0: it is none. */
size_t rig_quoted_size(struct rig_slice text);
/* The size of what stood in quotes without the backslashes of its escapes. out holds text.size bytes and may be text
 * itself; NULL measures. */
size_t rig_without_backslashes(struct rig_slice text, char *out);

#endif
