/* The hash of names: sixteen bytes at a time, each step one wide multiplication whose halves are folded, so that every
 * byte reaches every bit (a chain index takes the low ones, uthash too). */
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

static inline uint64_t rig_hash_fold(uint64_t a, uint64_t b)
{
#ifdef __SIZEOF_INT128__
    __extension__ unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
#else
    uint64_t high = (a >> 32) * (b >> 32), low = (a & UINT32_MAX) * (b & UINT32_MAX);
    uint64_t cross = (a >> 32) * (b & UINT32_MAX) ^ (a & UINT32_MAX) * (b >> 32);
    return high ^ low ^ (cross << 32 | cross >> 32);
#endif
}

static inline uint32_t rig_hash(const char *name, size_t size)
{
    const uint64_t k0 = 0x9E3779B97F4A7C15u, k1 = 0xD1B54A32D192ED03u;
    uint64_t hash = size, a, b;
    size_t at = 0;
    for (; at + 16 < size; at += 16) {
        hash = rig_hash_fold(hash ^ k0 ^ rig_hash_load(name + at, 8), k1 ^ rig_hash_load(name + at + 8, 8));
    }
    if (size >= 8) { /* the last sixteen bytes or fewer, overlapping what was taken */
        a = size - at > 8 ? rig_hash_load(name + at, 8) : 0;
        b = rig_hash_load(name + size - 8, 8);
    } else if (size >= 4) {
        a = rig_hash_load(name, 4);
        b = rig_hash_load(name + size - 4, 4);
    } else {
        a = size > 0 ? (unsigned char)name[0] : 0;
        b = size > 0 ? (uint64_t)(unsigned char)name[size / 2] << 8 | (unsigned char)name[size - 1] : 0;
    }
    hash = rig_hash_fold(hash ^ k0 ^ a, k1 ^ b);
    return (uint32_t)(hash ^ hash >> 32);
}

#endif
