/* Runs a test program with one of the libraries for LD_PRELOAD. */
#ifndef STACKRIG_TESTS_PRELOAD_TEST_H
#define STACKRIG_TESTS_PRELOAD_TEST_H

/* The program again, with build/lib/NAME before libc, unless that is so already. Comes back if it cannot be. */
void rig_test_preload(char **arguments, const char *name);

#endif
