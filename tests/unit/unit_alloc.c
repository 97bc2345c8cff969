/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Makes a chosen allocation fail.
 *
 * The program's own malloc, calloc and realloc take precedence over libc's for every library in the
 * process, and libc's strdup, asprintf and the like call them too; they hand on to glibc's internal
 * names, so that free and the aligned functions stay what they are. Sanitizers bring an allocator of
 * their own, which must stay: there the linker (--wrap) sends the calls of our own code through here.
 */
#include "unit.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* What goes through here, and where it goes on to: names of glibc and of the linker, declared in no header. */
#ifdef UNIT_WRAP_ALLOC
#define OURS(name) __wrap_##name
#define THEIRS(name) __real_##name
#else
#define OURS(name) name
#define THEIRS(name) __libc_##name
#endif

void *THEIRS(malloc)(size_t size);
void *THEIRS(calloc)(size_t count, size_t size);
void *THEIRS(realloc)(void *old, size_t size);
void *OURS(malloc)(size_t size);
void *OURS(calloc)(size_t count, size_t size);
void *OURS(realloc)(void *old, size_t size);

static atomic_long made;         /* since the last call of unit_fail_allocation */
static atomic_long failing = -1; /* which of them fails */

long unit_fail_allocation(long n)
{
    atomic_store(&failing, -1); /* nothing may fail between the two counts */
    long count = atomic_exchange(&made, 0);
    atomic_store(&failing, n);
    return count;
}

bool unit_counts_libraries(void)
{
#ifdef UNIT_WRAP_ALLOC
    return false;
#else
    return true;
#endif
}

static bool fails(void)
{
    if (atomic_fetch_add(&made, 1) != atomic_load(&failing))
        return false;
    errno = ENOMEM;
    return true;
}

void *OURS(malloc)(size_t size)
{
    return fails() ? NULL : THEIRS(malloc)(size);
}

void *OURS(calloc)(size_t count, size_t size)
{
    return fails() ? NULL : THEIRS(calloc)(count, size);
}

void *OURS(realloc)(void *old, size_t size)
{
    return fails() ? NULL : THEIRS(realloc)(old, size);
}

#ifdef UNIT_WRAP_ALLOC
char *__wrap_strdup(const char *text);

/* libc's would allocate out of sight. */
char *__wrap_strdup(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = __wrap_malloc(size);

    return copy ? memcpy(copy, text, size) : NULL;
}
#endif
