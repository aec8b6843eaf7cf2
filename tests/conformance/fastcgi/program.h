/* A program for libfcgi, of which the adapter and the real library behind a real nginx must make the same. */
#ifndef STACKRIG_TESTS_FASTCGI_PROGRAM_H
#define STACKRIG_TESTS_FASTCGI_PROGRAM_H

/* The loop. closure: the path of the socket, or NULL: descriptor 0. */
int program(void *closure);

#endif
