/* The hash of names: eight bytes at a time, the high bits mixed down at the end (a chain index takes the low ones). */
#ifndef STACKRIG_CORE_HASH_H
#define STACKRIG_CORE_HASH_H

#include <stdint.h>
#include <string.h>

static inline uint64_t rig_hash_load(const char *at, size_t size)
{
    uint64_t word = 0;
    memcpy(&word, at, size);
    return word;
}

static inline uint32_t rig_hash(const char *name, size_t size)
{
    const uint64_t prime = 0x9E3779B97F4A7C15u;
    uint64_t hash = size * prime;
    size_t at = 0;
    for (; at + 8 <= size; at += 8) {
        hash = (hash ^ rig_hash_load(name + at, 8)) * prime;
        hash ^= hash >> 29;
    }
    if (size >= 8) { /* the tail, overlapping what was taken */
        hash = (hash ^ rig_hash_load(name + size - 8, 8)) * prime;
    } else if (size >= 4) {
        hash = (hash ^ rig_hash_load(name, 4) ^ rig_hash_load(name + size - 4, 4) << 32) * prime;
    } else if (size >= 2) {
        hash = (hash ^ rig_hash_load(name, 2) ^ rig_hash_load(name + size - 2, 2) << 32) * prime;
    } else if (size == 1) {
        hash = (hash ^ (unsigned char)name[0]) * prime;
    }
    hash = (hash ^ hash >> 32) * prime; /* a name's last byte is a word's highest: bring it down */
    return (uint32_t)(hash >> 32);
}

#endif
