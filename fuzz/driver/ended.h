/* Who ends the process while a stack is built or played is the stack: what it finds out with is no end of the run. */
#ifndef STACKRIG_FUZZ_ENDED_H
#define STACKRIG_FUZZ_ENDED_H

/* From now on fn is called, once, where this process ends itself by exit(), _exit() or _Exit(): it is not to return. A
 * child that a layer has started may end as it likes. NULL: this process may, too. Of libFuzzer, which itself calls
 * _Exit() amid an input, that one is not seen. */
typedef void rig_fuzz_ended_fn(int status);
void rig_fuzz_when_ended(rig_fuzz_ended_fn *fn);

#endif
