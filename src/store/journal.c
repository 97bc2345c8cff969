/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Layout. Files journal-N.log, N from 1 and never used twice, each
 *
 *     head    magic (8), N (8), first (8): the sequence of its first record, format (4), salt (4), 0 (4), CRC-32 (4)
 *     groups  at multiples of 8: magic (4), length of the payload (4), sequence of its first record (8), number of its
 *             records (31 bits; the highest bit: loose), CRC-32 of these (4) and of the payload (4), payload; zeros up to
 *             the next multiple of 8
 *     zeros   preallocated
 *
 * The payload is records one behind the other, each with its length before it (a varint). All numbers are
 * little-endian. Sequences count records from 1 on. The CRCs of groups begin with the segment's salt, a random number:
 * bytes that a client has put into a record are never taken for a group.
 *
 * What is valid. Segments are read by N, and of each its groups from its head on, as long as they are whole and in
 * sequence. Records that have a sequence from a later segment's `first` on are void: that segment was begun because
 * they could not be made to last, and their clients were told so. A group is written at one go and synced before the
 * next one is; so a group that is not whole, with no whole one of a higher sequence behind it, was cut off by a crash,
 * was never answered, and is none. With one behind it, it had been whole and is not any more: that is damage, and told. A
 * group that was written before what precedes it was synced (batched durability, or none) is loose: behind a gap it is
 * none, and the journal ends there, as a power cut leaves it. What is missing below the sequence that is asked for, the
 * files have.
 *
 * Sync points. A segment, its preallocated zeros, head and name, before its first group (fsync of the file, then of
 * the folder). Each group before any of its records is settled (fdatasync). A sync that failed is not tried again, as
 * the pages may be gone: the group is cut off, the segment left, and its unsettled records fail. What was read at the
 * start is synced before anything is written behind it: it may have come from a cache.
 */
#include "store/journal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/thread.h"
#include "store/segment.h"

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
static int list_segments(int dirfd, struct goxel_detail *detail, uint64_t **ret_numbers, size_t *ret_count)
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
    return next > reading->tail.next_sequence && next > reading->from;
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

/* What a segment's head says; `first` is UINT64_MAX if it says nothing. */
static int read_head(const struct reading *reading, uint64_t number, struct goxel_segment_head *ret_head)
{
    char name[GOXEL_SEGMENT_NAME_SIZE];
    struct goxel_buf head;
    ssize_t got = -1;
    int fd, code = 0;

    *ret_head = (struct goxel_segment_head){.first = UINT64_MAX};
    goxel_segment_name(number, name);
    goxel_buf_init(&head, GOXEL_SEGMENT_HEAD);
    if (goxel_buf_reserve(&head, GOXEL_SEGMENT_HEAD))
        return goxel_fail(reading->detail, GOXEL_ERROR_OUT_OF_MEMORY, "the journal");
    fd = openat(reading->dirfd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd >= 0)
        got = pread(fd, head.data, GOXEL_SEGMENT_HEAD, 0);
    if (got < 0)
        code = goxel_fail_errno(reading->detail, GOXEL_ERROR_FILE_ACCESS, errno, "read", name);
    head.len = got > 0 ? (size_t)got : 0;
    if (!code && !goxel_segment_parse(&head, number, ret_head))
        ret_head->first = UINT64_MAX;
    if (!code && ret_head->newer)
        code = goxel_fail(reading->detail, GOXEL_ERROR_FORMAT_NOT_SUPPORTED,
                          "%s is of format %" PRIu32 ": a newer daemon wrote it; start that one", name,
                          ret_head->newer);
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
    int code = list_segments(dirfd, detail, &numbers, &count);

    reading.tail.next_sequence = from > 0 ? from : 1;
    reading.tail.next_segment = 1;
    if (!code && count > 0 && !(heads = calloc(count, sizeof(*heads))))
        code = goxel_fail(detail, GOXEL_ERROR_OUT_OF_MEMORY, "the journal");
    for (size_t i = 0; i < count && !code; i++)
        code = read_head(&reading, numbers[i], &heads[i]);
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

/* ---- writing ---- */

/* Bytes and records of one group. */
#define GROUP_BYTES ((size_t)8 << 20)
#define GROUP_RECORDS 16384
#define GROUP_MEMORY_MAX (GOXEL_JOURNAL_RECORD_MAX + GROUP_BYTES)
#define GROUP_BYTES_KEPT ((size_t)16 << 20) /* of memory, after one record that was larger */

/* The first segment is quickly made, for a journal that may not become long. */
#define SEGMENT_BYTES_MIN ((size_t)1 << 20)
#define SEGMENT_BYTES_MAX ((size_t)16 << 20)

struct goxel_journal {
    int dirfd;
    pthread_t thread;

    pthread_mutex_t lock; /* of what follows, up to `settled` */
    pthread_cond_t came, went;
    struct goxel_entry *first, **last; /* that wait, in their order */
    size_t waiting;                    /* bytes of them */
    bool closing;
    enum goxel_durability durability;
    uint64_t settled; /* sequence below which all are */
    struct goxel_journal_stats stats;

    /* the thread's own */
    struct goxel_segment segment; /* fd -1: there is none, and the next group begins one */
    uint64_t next_sequence, next_segment;
    size_t segment_bytes; /* of the next */
    struct goxel_buf group;
    int64_t unsynced_ms; /* monotonic, of the first write that no sync has followed; 0: there is none */
};

/* The head of the queue, as much as one group has; what does not hold is among it, and has its code. */
static struct goxel_entry *take_group(struct goxel_journal *journal)
{
    struct goxel_entry *first = journal->first, *last = first;
    size_t bytes = first->len, records = 1;

    while (last->next && records < GROUP_RECORDS && bytes + last->next->len <= GROUP_BYTES) {
        last = last->next;
        bytes += last->len;
        records++;
    }
    journal->first = last->next;
    if (!journal->first)
        journal->last = &journal->first;
    last->next = NULL;
    journal->waiting -= bytes;
    pthread_cond_broadcast(&journal->went);
    return first;
}

/* The group's bytes but for its head; how many records are in it, those that do not hold left out. */
static uint32_t build_group(struct goxel_journal *journal, struct goxel_entry *first)
{
    static const uint8_t head[GOXEL_GROUP_HEAD];
    struct goxel_buf *group = &journal->group;
    uint32_t count = 0;

    goxel_buf_clear(group);
    if (group->capacity > GROUP_BYTES_KEPT) {
        goxel_buf_finish(group);
        goxel_buf_init(group, GROUP_MEMORY_MAX);
    }
    (void)goxel_buf_append(group, head, sizeof(head));
    for (struct goxel_entry *entry = first; entry; entry = entry->next) {
        entry->code = entry->holds(entry) ? 0 : GOXEL_ERROR_LOCKED;
        if (entry->code)
            continue;
        goxel_put_run(group, entry->bytes, entry->len);
        count++;
    }
    return count;
}

/* For the segment that it goes to. */
static int finish_group(struct goxel_journal *journal, uint32_t count)
{
    static const uint8_t zeros[8];
    struct goxel_buf *group = &journal->group;
    struct goxel_sealing sealing = {journal->next_sequence, count, journal->unsynced_ms != 0};

    if (group->failed)
        return group->failed;
    goxel_group_seal(&journal->segment, &sealing, (uint8_t *)group->data, group->len - GOXEL_GROUP_HEAD);
    return goxel_buf_append(group, zeros, (8 - group->len % 8) % 8);
}

/*
 * A segment with room for the group. The one at hand stays if there is no other: smaller groups may find room in it. It
 * must not if there may be another after a crash, which would make void what is written to it.
 */
static int reach_room(struct goxel_journal *journal, struct goxel_detail *detail)
{
    struct goxel_segment *segment = &journal->segment, next;
    size_t needed = GOXEL_SEGMENT_HEAD + journal->group.len + 8;
    int code = 0;

    if (segment->fd >= 0 && segment->size - segment->used >= journal->group.len + 8)
        return 0;
    if (segment->fd >= 0 && journal->unsynced_ms)
        code = goxel_segment_sync(segment, detail);
    if (!code) {
        journal->unsynced_ms = 0;
        code = goxel_segment_create(journal->dirfd, journal->next_segment, journal->next_sequence,
                                    needed > journal->segment_bytes ? needed : journal->segment_bytes, detail,
                                    &next);
    }
    if (code == GOXEL_ERROR_STORAGE_FULL)
        return code;
    goxel_segment_close(segment);
    journal->next_segment++;
    if (code)
        return code;
    *segment = next;
    if (journal->segment_bytes < SEGMENT_BYTES_MAX)
        journal->segment_bytes *= 4;
    return 0;
}

/* After this nobody knows what the disk has of the group, unless it can be cut off. */
static int lose_group(struct goxel_journal *journal, size_t used, int code)
{
    journal->segment.used = used;
    if (journal->unsynced_ms)
        (void)goxel_segment_sync(&journal->segment, NULL); /* of those before it, which have been answered */
    goxel_segment_close(&journal->segment); /* whatever of it is there, the next segment makes it void */
    journal->unsynced_ms = 0;
    return code;
}

static int make_durable(struct goxel_journal *journal, enum goxel_durability durability,
                        struct goxel_detail *detail)
{
    int code = 0;

    if (durability == GOXEL_DURABILITY_FULL) {
        code = goxel_segment_sync(&journal->segment, detail);
        journal->unsynced_ms = 0;
    } else if (!journal->unsynced_ms) {
        journal->unsynced_ms = goxel_clock_ms();
    }
    if (code)
        (void)snprintf(detail->outcome, sizeof(detail->outcome), "unknown");
    return code;
}

static int write_group(struct goxel_journal *journal, uint32_t count, enum goxel_durability durability,
                       struct goxel_detail *detail)
{
    size_t used;
    int code = journal->group.failed ? GOXEL_ERROR_OUT_OF_MEMORY : reach_room(journal, detail);

    if (!code && finish_group(journal, count))
        code = GOXEL_ERROR_OUT_OF_MEMORY;
    if (code == GOXEL_ERROR_OUT_OF_MEMORY)
        return goxel_fail(detail, code, "a group of the journal");
    if (code)
        return code;
    used = journal->segment.used;
    code = goxel_segment_write(&journal->segment, journal->group.data, journal->group.len, detail);
    if (!code)
        code = make_durable(journal, durability, detail);
    if (code)
        return lose_group(journal, used, code);
    journal->next_sequence += count;
    return 0;
}

static void count_group(struct goxel_journal *journal, uint32_t records, int code, int64_t took_ns)
{
    struct goxel_journal_stats *stats = &journal->stats;

    pthread_mutex_lock(&journal->lock);
    stats->ns += took_ns;
    stats->failures += code != 0;
    if (!code) {
        stats->groups++;
        stats->records += records;
        stats->bytes += journal->group.len;
        stats->unflushed += journal->group.len;
    }
    pthread_mutex_unlock(&journal->lock);
}

static void settle(struct goxel_journal *journal, struct goxel_entry *first, int code,
                   const struct goxel_detail *detail)
{
    while (first) {
        struct goxel_entry *entry = first;

        first = entry->next;
        entry->settled(entry, entry->code ? entry->code : code, code ? detail : NULL);
    }
    pthread_mutex_lock(&journal->lock);
    journal->settled = journal->next_sequence;
    pthread_mutex_unlock(&journal->lock);
}

static void commit(struct goxel_journal *journal, struct goxel_entry *first, enum goxel_durability durability)
{
    uint32_t count = build_group(journal, first);
    int64_t began_ns = goxel_clock_ns();
    struct goxel_detail detail;
    int code = 0;

    goxel_detail_init(&detail);
    if (count > 0) {
        code = write_group(journal, count, durability, &detail);
        count_group(journal, count, code, goxel_clock_ns() - began_ns);
    }
    settle(journal, first, code, &detail);
}

/* For batched durability: nobody waits for this one. */
static void sync_late(struct goxel_journal *journal, enum goxel_durability durability)
{
    if (durability == GOXEL_DURABILITY_NONE || !journal->unsynced_ms ||
        goxel_clock_ms() - journal->unsynced_ms < GOXEL_JOURNAL_BATCH_MS)
        return;
    journal->unsynced_ms = 0;
    if (journal->segment.fd >= 0 && goxel_segment_sync(&journal->segment, NULL))
        goxel_segment_close(&journal->segment);
}

/* Under the lock. */
static void wait_for_more(struct goxel_journal *journal, enum goxel_durability durability)
{
    int64_t until_ms = journal->unsynced_ms + GOXEL_JOURNAL_BATCH_MS;
    struct timespec until = {.tv_sec = until_ms / 1000, .tv_nsec = until_ms % 1000 * 1000000};

    if (journal->unsynced_ms && durability != GOXEL_DURABILITY_NONE)
        (void)pthread_cond_timedwait(&journal->came, &journal->lock, &until);
    else
        pthread_cond_wait(&journal->came, &journal->lock);
}

static void *run(void *arg)
{
    struct goxel_journal *journal = arg;

    pthread_mutex_lock(&journal->lock);
    while (journal->first || !journal->closing) {
        enum goxel_durability durability = journal->durability;
        struct goxel_entry *group = journal->first ? take_group(journal) : NULL;

        if (!group)
            wait_for_more(journal, durability);
        pthread_mutex_unlock(&journal->lock);
        if (group)
            commit(journal, group, durability);
        sync_late(journal, durability);
        pthread_mutex_lock(&journal->lock);
    }
    pthread_mutex_unlock(&journal->lock);
    return NULL;
}

/* ---- life ---- */

static int start(struct goxel_journal *journal)
{
    pthread_condattr_t monotonic;

    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&journal->lock, NULL);
    pthread_cond_init(&journal->came, &monotonic);
    pthread_cond_init(&journal->went, NULL);
    pthread_condattr_destroy(&monotonic);
    return goxel_thread_start(&journal->thread, run, journal);
}

static void end(struct goxel_journal *journal)
{
    goxel_segment_close(&journal->segment);
    goxel_buf_finish(&journal->group);
    pthread_mutex_destroy(&journal->lock);
    pthread_cond_destroy(&journal->came);
    pthread_cond_destroy(&journal->went);
    free(journal);
}

int goxel_journal_open(int dirfd, const struct goxel_journal_tail *tail, enum goxel_durability durability,
                       struct goxel_detail *detail, struct goxel_journal **ret_journal)
{
    struct goxel_journal *journal = calloc(1, sizeof(*journal));

    if (!journal)
        return goxel_fail(detail, GOXEL_ERROR_OUT_OF_MEMORY, "the journal");
    journal->dirfd = dirfd;
    journal->last = &journal->first;
    journal->durability = durability;
    journal->next_sequence = journal->settled = tail->next_sequence;
    journal->next_segment = tail->next_segment;
    journal->segment.fd = -1;
    journal->segment_bytes = SEGMENT_BYTES_MIN;
    goxel_buf_init(&journal->group, GROUP_MEMORY_MAX);
    journal->stats.unflushed = tail->bytes;
    if (start(journal)) {
        end(journal);
        return goxel_fail(detail, GOXEL_ERROR_OUT_OF_MEMORY, "the journal's thread");
    }
    *ret_journal = journal;
    return 0;
}

void goxel_journal_close(struct goxel_journal *journal)
{
    if (!journal)
        return;
    pthread_mutex_lock(&journal->lock);
    journal->closing = true;
    pthread_cond_signal(&journal->came);
    pthread_mutex_unlock(&journal->lock);
    (void)pthread_join(journal->thread, NULL);
    if (journal->unsynced_ms && journal->segment.fd >= 0)
        (void)goxel_segment_sync(&journal->segment, NULL);
    end(journal);
}

void goxel_journal_submit(struct goxel_journal *journal, struct goxel_entry *entry)
{
    entry->next = NULL;
    pthread_mutex_lock(&journal->lock);
    while (journal->waiting > 0 && journal->waiting + entry->len > GOXEL_JOURNAL_WAITING_MAX)
        pthread_cond_wait(&journal->went, &journal->lock);
    *journal->last = entry;
    journal->last = &entry->next;
    journal->waiting += entry->len;
    pthread_cond_signal(&journal->came);
    pthread_mutex_unlock(&journal->lock);
}

void goxel_journal_set_durability(struct goxel_journal *journal, enum goxel_durability durability)
{
    pthread_mutex_lock(&journal->lock);
    journal->durability = durability;
    pthread_mutex_unlock(&journal->lock);
}

uint64_t goxel_journal_settled(struct goxel_journal *journal)
{
    uint64_t settled;

    pthread_mutex_lock(&journal->lock);
    settled = journal->settled;
    pthread_mutex_unlock(&journal->lock);
    return settled;
}

void goxel_journal_get_stats(struct goxel_journal *journal, struct goxel_journal_stats *ret_stats)
{
    pthread_mutex_lock(&journal->lock);
    *ret_stats = journal->stats;
    pthread_mutex_unlock(&journal->lock);
}

/* Instead of going it gets another name, which no journal reads. */
static void set_aside(int dirfd, const char *name)
{
    char other[GOXEL_SEGMENT_NAME_SIZE + 16];

    (void)snprintf(other, sizeof(other), "damaged-%s", name);
    (void)renameat(dirfd, name, dirfd, other);
}

/* A segment may go if the one after it begins at or below the sequence. */
void goxel_journal_forget(struct goxel_journal *journal, uint64_t sequence, uint64_t bytes, bool aside)
{
    struct reading reading = {.dirfd = journal->dirfd};
    uint64_t *numbers = NULL;
    size_t count = 0;

    if (list_segments(journal->dirfd, NULL, &numbers, &count))
        return;
    for (size_t i = 0; i + 1 < count; i++) {
        struct goxel_segment_head next;
        char name[GOXEL_SEGMENT_NAME_SIZE];

        if (read_head(&reading, numbers[i + 1], &next) || next.first > sequence)
            break;
        goxel_segment_name(numbers[i], name);
        if (aside)
            set_aside(journal->dirfd, name);
        else
            (void)unlinkat(journal->dirfd, name, 0);
    }
    free(numbers);
    pthread_mutex_lock(&journal->lock);
    journal->stats.unflushed -= bytes < journal->stats.unflushed ? bytes : journal->stats.unflushed;
    pthread_mutex_unlock(&journal->lock);
}
