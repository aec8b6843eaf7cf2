/* C++ has no compound literals: the same two macros for it. A header of its own, because g++'s -Wextra warns of every
 * option that a designated initializer leaves out, which is what the options are for. It still warns of your own, as of
 * a rig_middleware: -Wno-missing-field-initializers. C++ wants options in the order of their struct. */
#ifndef STACKRIG_CXX_H
#define STACKRIG_CXX_H
#pragma GCC system_header

template <class T> static inline const T *rig_pointer_to_(const T &value)
{
    return &value;
}
#define RIG_VALUE_(type_, ...) (type_{__VA_ARGS__})
#define RIG_REF_(type_, ...) (rig_pointer_to_(type_{__VA_ARGS__}))

#endif
