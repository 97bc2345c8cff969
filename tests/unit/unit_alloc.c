/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Makes a chosen allocation fail.
 *
 * The program's own malloc, calloc and realloc take precedence over libc's for every library in the
 * process, and libc's strdup, asprintf and the like call them too; they hand on to glibc's internal
 * names, so that free and the aligned functions stay what they are. Sanitizers bring an allocator of
 * their own: there nothing is replaced, and unit_fail_allocation answers -1.
 */
#include "unit.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define SANITIZED 1
#endif
#endif

#ifdef SANITIZED

long unit_fail_allocation(long n)
{
    (void)n;
    return -1;
}

#else

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

/* glibc's own names of its allocator; declared in no header. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);

static atomic_long made;         /* since the last call of unit_fail_allocation */
static atomic_long failing = -1; /* which of them fails */

long unit_fail_allocation(long n)
{
    atomic_store(&failing, -1); /* nothing may fail between the two counts */
    long count = atomic_exchange(&made, 0);
    atomic_store(&failing, n);
    return count;
}

static bool fails(void)
{
    if (atomic_fetch_add(&made, 1) != atomic_load(&failing))
        return false;
    errno = ENOMEM;
    return true;
}

void *malloc(size_t size)
{
    return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return fails() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
    return fails() ? NULL : __libc_realloc(old, size);
}

#endif
