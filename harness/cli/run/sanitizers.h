/* The runtimes of sanitizers that are loaded: what one of them has found, when that ends the process. */
#ifndef STACKRIG_CLI_SANITIZERS_H
#define STACKRIG_CLI_SANITIZERS_H

#define RIG_SANITIZERS_TEXT 96

/* In the worker, when something was loaded: on_end is called when one of them ends the process. */
void rig_sanitizers_listen(void (*on_end)(void));
/* In on_end: "AddressSanitizer: heap-buffer-overflow"; "": not known. */
void rig_sanitizers_found(char text[RIG_SANITIZERS_TEXT]);

#endif
