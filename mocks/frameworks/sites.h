/* Places of foreign code: "file.c:42" and function names from addresses, read off the program's debug information with
 * libdw. Needs -g in what is to be named; without it a name is "0x1234", and a place NULL. */
#ifndef STACKRIG_FRAMEWORKS_SITES_H
#define STACKRIG_FRAMEWORKS_SITES_H

/* Of a call's return address, __builtin_return_address(0): the line of the call. NULL: unknown. Lasts as long as the
 * process; found once for each address. */
const char *rig_site_of(const void *return_address);
/* The line and the name of a function. */
const char *rig_site_of_function(const void *function);
const char *rig_name_of_function(const void *function); /* never NULL */

/* In a function that foreign code calls: its line. */
#define RIG_CALLER rig_site_of(__builtin_return_address(0))

#endif
