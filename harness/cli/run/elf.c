#define _GNU_SOURCE

#include "harness/cli/run/elf.h"

#include <fcntl.h>
#include <link.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

/* This machine's. */
typedef ElfW(Ehdr) elf_head;
typedef ElfW(Phdr) elf_segment;
typedef ElfW(Dyn) elf_entry;

#define SEGMENTS_MAX 64
#define OWN_CLASS (sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32)
#if defined __x86_64__
#define OWN_MACHINE EM_X86_64
#elif defined __aarch64__
#define OWN_MACHINE EM_AARCH64
#elif defined __i386__
#define OWN_MACHINE EM_386
#elif defined __arm__
#define OWN_MACHINE EM_ARM
#else
#define OWN_MACHINE (head->e_machine) /* the kernel will say */
#endif

static bool read_at(int fd, void *buffer, size_t size, uint64_t at)
{
    return pread(fd, buffer, size, (off_t)at) == (ssize_t)size;
}

static bool read_loader(int fd, const elf_segment *segment, struct rig_elf *elf)
{
    size_t size = segment->p_filesz < sizeof elf->loader ? segment->p_filesz : sizeof elf->loader - 1;
    elf->loader[size] = '\0';
    return read_at(fd, elf->loader, size, segment->p_offset);
}

/* A program that is position-independent and static has no loader either, but says what it is. */
static bool says_pie(int fd, const elf_segment *segment)
{
    elf_entry entry;
    for (size_t at = 0; at + sizeof entry <= segment->p_filesz; at += sizeof entry) {
        if (!read_at(fd, &entry, sizeof entry, segment->p_offset + at) || entry.d_tag == DT_NULL) {
            return false;
        }
        if (entry.d_tag == DT_FLAGS_1) {
            return (entry.d_un.d_val & DF_1_PIE) != 0;
        }
    }
    return false;
}

static void read_segments(int fd, const elf_head *head, struct rig_elf *elf)
{
    elf_segment segments[SEGMENTS_MAX];
    size_t count = head->e_phnum;
    bool pie = head->e_type == ET_EXEC;
    if (head->e_phentsize != sizeof *segments || count > SEGMENTS_MAX ||
        !read_at(fd, segments, count * sizeof *segments, head->e_phoff)) {
        return;
    }
    for (size_t i = 0; i < count; i++) {
        if (segments[i].p_type == PT_INTERP && read_loader(fd, &segments[i], elf)) {
            elf->kind = RIG_ELF_PROGRAM;
            return;
        }
        pie = pie || (segments[i].p_type == PT_DYNAMIC && says_pie(fd, &segments[i]));
    }
    elf->kind = pie ? RIG_ELF_STATIC : RIG_ELF_SHARED;
}

static void read_head(int fd, struct rig_elf *elf)
{
    union {
        unsigned char bytes[sizeof(elf_head)];
        elf_head head;
    } start = {{0}};
    const elf_head *head = &start.head;
    ssize_t got = read(fd, start.bytes, sizeof start.bytes);
    if (got >= 2 && memcmp(start.bytes, "#!", 2) == 0) {
        elf->kind = RIG_ELF_SCRIPT;
    } else if (got == (ssize_t)sizeof start.bytes && memcmp(head->e_ident, ELFMAG, SELFMAG) == 0) {
        if (head->e_ident[EI_CLASS] != OWN_CLASS || head->e_machine != OWN_MACHINE) {
            elf->kind = RIG_ELF_FOREIGN;
        } else if (head->e_type == ET_EXEC || head->e_type == ET_DYN) {
            read_segments(fd, head, elf);
        }
    }
}

void rig_elf_read(const char *path, struct rig_elf *elf)
{
    *elf = (struct rig_elf){.kind = RIG_ELF_NONE};
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd >= 0) {
        read_head(fd, elf);
        (void)close(fd);
    }
}
