/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What of a journal is there, and what of that is valid: the first comment of store/journal.c. */
#include "store/journal_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/file.h"
#include "store/journal.h"

/* ---- the folder ---- */

static int compare_numbers(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

    return (left > right) - (left < right);
}

/* Appends each segment's number; false: out of memory. */
static bool collect(DIR *dir, struct goxel_buf *numbers)
{
    for (const struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        uint64_t number = goxel_segment_number(entry->d_name);

        if (number && goxel_buf_append(numbers, &number, sizeof(number)))
            return false;
    }
    return true;
}

/* *ret_numbers in ascending order, freed with free(3). */
int goxel_journal_list(int dirfd, struct goxel_detail *detail, uint64_t **ret_numbers, size_t *ret_count)
{
    int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    struct goxel_buf numbers;
    size_t len = 0;
    bool complete;

    if (!dir) {
        int errnum = errno;

        if (fd >= 0)
            (void)close(fd);
        return goxel_fail_errno(detail, GOXEL_ERROR_FILE_ACCESS, errnum, "list", "storage.directory");
    }
    goxel_buf_init(&numbers, (size_t)64 << 20);
    complete = collect(dir, &numbers);
    (void)closedir(dir);
    if (!complete) {
        goxel_buf_finish(&numbers);
        return goxel_fail(detail, GOXEL_ERROR_OUT_OF_MEMORY, "the list of the journal's segments");
    }
    *ret_numbers = (uint64_t *)(void *)goxel_buf_take(&numbers, &len);
    *ret_count = len / sizeof(uint64_t);
    if (*ret_count > 1)
        qsort(*ret_numbers, *ret_count, sizeof(uint64_t), compare_numbers);
    return 0;
}

/* ---- reading ---- */

#define SEGMENT_READ_MAX ((size_t)5 << 30)

struct reading {
    int dirfd;
    uint64_t from;
    bool ended; /* what comes next hangs on what is not there */
    bool begun; /* a segment has been read; until then what comes next is what is wanted */
    goxel_journal_visit *visit;
    void *ctx;
    struct goxel_detail *detail;
    struct goxel_journal_tail tail;
};

static void damage(struct reading *reading, uint64_t number, size_t at, const char *what)
{
    char name[GOXEL_SEGMENT_NAME_SIZE];

    if (reading->tail.damaged++ > 0)
        return;
    goxel_segment_name(number, name);
    (void)snprintf(reading->tail.first_damage, sizeof(reading->tail.first_damage), "%s, byte %zu: %s", name,
                   at, what);
}

/* The records of a group. */
static int visit_group(struct reading *reading, const struct goxel_group *group, uint64_t number, size_t at)
{
    struct goxel_reading in = goxel_reading_make(group->payload, group->len);

    for (uint32_t i = 0; i < group->count; i++) {
        size_t len = 0;
        const uint8_t *bytes = goxel_take_run(&in, GOXEL_JOURNAL_RECORD_MAX, &len);
        int code;

        if (!bytes) {
            damage(reading, number, at, "a group has fewer records than it says");
            break;
        }
        if (group->sequence + i < reading->from)
            continue;
        code = reading->visit(reading->ctx, group->sequence + i, bytes, len);
        if (code)
            return code;
    }
    reading->tail.bytes += group->whole;
    return 0;
}

/* The next whole group that belongs here, from an offset on; false: there is none. */
static bool find_group(const struct reading *reading, const struct goxel_buf *bytes, uint32_t salt,
                       uint64_t end, size_t *at, struct goxel_group *ret_group)
{
    for (; *at + GOXEL_GROUP_HEAD <= bytes->len; *at += 8) {
        if (goxel_group_at(bytes, *at, salt, ret_group) &&
            ret_group->sequence >= reading->tail.next_sequence && ret_group->sequence < end)
            return true;
    }
    return false;
}

/* Something is missing that is wanted. */
static bool is_gap(const struct reading *reading, uint64_t next)
{
    return (reading->begun || reading->from > 0) && next > reading->tail.next_sequence &&
           next > reading->from;
}

/* All groups of a segment whose sequence is below `end`. */
static int read_groups(struct reading *reading, const struct goxel_buf *bytes, uint64_t number, uint32_t salt,
                       uint64_t end)
{
    struct goxel_group group;
    size_t at = GOXEL_SEGMENT_HEAD, whole = at;

    while (find_group(reading, bytes, salt, end, &at, &group)) {
        bool gap = is_gap(reading, group.sequence);
        int code;

        reading->ended = gap && group.loose;
        if (reading->ended)
            return 0;
        if (gap)
            damage(reading, number, whole, "not as it was written");
        reading->tail.next_sequence = group.sequence + group.count;
        code = visit_group(reading, &group, number, at);
        if (code)
            return code;
        at += group.whole;
        whole = at;
    }
    return 0;
}

static int read_bytes(const struct reading *reading, uint64_t number, struct goxel_buf *bytes)
{
    char name[GOXEL_SEGMENT_NAME_SIZE];

    goxel_segment_name(number, name);
    return goxel_file_read(reading->dirfd, name, bytes, reading->detail);
}

int goxel_journal_head(int dirfd, uint64_t number, struct goxel_detail *detail,
                       struct goxel_segment_head *ret_head)
{
    char name[GOXEL_SEGMENT_NAME_SIZE];
    struct goxel_buf head;
    ssize_t got = -1;
    int fd, code = 0;

    *ret_head = (struct goxel_segment_head){.first = UINT64_MAX};
    goxel_segment_name(number, name);
    goxel_buf_init(&head, GOXEL_SEGMENT_HEAD);
    if (goxel_buf_reserve(&head, GOXEL_SEGMENT_HEAD))
        return goxel_fail(detail, GOXEL_ERROR_OUT_OF_MEMORY, "the journal");
    fd = openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd >= 0)
        got = pread(fd, head.data, GOXEL_SEGMENT_HEAD, 0);
    if (got < 0)
        code = goxel_fail_errno(detail, GOXEL_ERROR_FILE_ACCESS, errno, "read", name);
    head.len = got > 0 ? (size_t)got : 0;
    if (!code && !goxel_segment_parse(&head, number, ret_head))
        ret_head->first = UINT64_MAX;
    if (!code && ret_head->newer)
        code = goxel_fail(detail, GOXEL_ERROR_FORMAT_NOT_SUPPORTED,
                          "%s is of format %" PRIu32
                          ", and %d is the newest that is known: a newer daemon wrote it; "
                          "start that one",
                          name, ret_head->newer, GOXEL_SEGMENT_FORMAT);
    if (fd >= 0)
        (void)close(fd);
    goxel_buf_finish(&head);
    return code;
}

/* It may have been written, and not have come to the disk, when a crash came. */
static int make_sure(const struct reading *reading, uint64_t number)
{
    char name[GOXEL_SEGMENT_NAME_SIZE];
    int fd, errnum = 0;

    goxel_segment_name(number, name);
    fd = openat(reading->dirfd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 || fsync(fd) != 0)
        errnum = errno;
    if (fd >= 0)
        (void)close(fd);
    return errnum ? goxel_fail_errno(reading->detail, GOXEL_ERROR_FILE_ACCESS, errnum, "sync", name) : 0;
}

/*
 * A head that says nothing is of a segment that was being made when a crash came, or damaged; then nothing of the
 * segment can be told from anything else, as its salt is not known.
 */
static int read_segment(struct reading *reading, uint64_t number, const struct goxel_segment_head *head,
                        uint64_t end)
{
    struct goxel_buf bytes;
    int code;

    if (is_gap(reading, head->first))
        damage(reading, number, 0, "records before it are missing");
    if (head->first > reading->tail.next_sequence || !reading->begun)
        reading->tail.next_sequence = head->first;
    reading->begun = true;
    goxel_buf_init(&bytes, SEGMENT_READ_MAX);
    code = read_bytes(reading, number, &bytes);
    if (!code)
        code = read_groups(reading, &bytes, number, head->salt, end);
    goxel_buf_finish(&bytes);
    return code ? code : make_sure(reading, number);
}

/* Behind the head there are zeros until there is a head. */
static int look_at_headless(struct reading *reading, uint64_t number)
{
    struct goxel_buf bytes;
    size_t at = GOXEL_SEGMENT_HEAD;
    int code;

    goxel_buf_init(&bytes, SEGMENT_READ_MAX);
    code = read_bytes(reading, number, &bytes);
    while (at < bytes.len && !bytes.data[at])
        at++;
    if (!code && at < bytes.len)
        damage(reading, number, 0, "its head is not as it was written");
    goxel_buf_finish(&bytes);
    return code;
}

static int read_all(struct reading *reading, const uint64_t *numbers, const struct goxel_segment_head *heads,
                    size_t count)
{
    int code = 0;

    for (size_t i = 0; i < count && !code; i++) {
        uint64_t end = UINT64_MAX;

        for (size_t k = i + 1; k < count; k++)
            end = heads[k].first < end ? heads[k].first : end;
        if (heads[i].first == UINT64_MAX)
            code = look_at_headless(reading, numbers[i]);
        else if (heads[i].first < end && !reading->ended)
            code = read_segment(reading, numbers[i], &heads[i], end);
        reading->tail.next_segment = numbers[i] + 1;
    }
    return code;
}

int goxel_journal_read(int dirfd, uint64_t from, goxel_journal_visit *visit, void *ctx,
                       struct goxel_detail *detail, struct goxel_journal_tail *ret_tail)
{
    struct reading reading = {.dirfd = dirfd, .from = from, .visit = visit, .ctx = ctx, .detail = detail};
    struct goxel_segment_head *heads = NULL;
    uint64_t *numbers = NULL;
    size_t count = 0;
    int code = goxel_journal_list(dirfd, detail, &numbers, &count);

    reading.tail.next_sequence = from > 0 ? from : 1;
    reading.tail.next_segment = 1;
    if (!code && count > 0 && !(heads = calloc(count, sizeof(*heads))))
        code = goxel_fail(detail, GOXEL_ERROR_OUT_OF_MEMORY, "the journal");
    for (size_t i = 0; i < count && !code; i++)
        code = goxel_journal_head(dirfd, numbers[i], detail, &heads[i]);
    if (!code)
        code = read_all(&reading, numbers, heads, count);
    if (!code && count > 0 && fsync(dirfd) != 0)
        code = goxel_fail_errno(detail, GOXEL_ERROR_FILE_ACCESS, errno, "sync", "storage.directory");
    free(numbers);
    free(heads);
    if (reading.tail.next_sequence < from)
        reading.tail.next_sequence = from; /* no number comes twice */
    if (!code)
        *ret_tail = reading.tail;
    return code;
}
