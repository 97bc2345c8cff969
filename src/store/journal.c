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

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/thread.h"
#include "store/journal_files.h"

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
    uint64_t first_segment, first_sequence; /* with which this one began: what is below was there before */
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
    for (struct goxel_entry *entry = first; entry; entry = entry->next) {
        if (!entry->code)
            entry->code = code;
        if (entry->made)
            entry->made(entry, entry->code);
    }
    pthread_mutex_lock(&journal->lock);
    journal->settled = journal->next_sequence;
    pthread_mutex_unlock(&journal->lock);
    while (first) {
        struct goxel_entry *entry = first;

        first = entry->next;
        entry->settled(entry, entry->code, code ? detail : NULL);
    }
}

/* At once: whether another group comes is not known. */
static void give_memory_back(struct goxel_buf *group)
{
    if (group->capacity <= GROUP_BYTES_KEPT)
        return;
    goxel_buf_finish(group);
    goxel_buf_init(group, GROUP_MEMORY_MAX);
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
    give_memory_back(&journal->group);
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
    journal->first_sequence = tail->next_sequence;
    journal->next_segment = journal->first_segment = tail->next_segment;
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

/* Instead of going it gets another name, which no journal reads and none has yet. */
static void set_aside(int dirfd, const char *name)
{
    char other[GOXEL_SEGMENT_NAME_SIZE + 40];

    (void)snprintf(other, sizeof(other), "damaged-%lld-%s", (long long)goxel_wall_ms(), name);
    (void)renameat(dirfd, name, dirfd, other);
}

/* All of its records are below the sequence: it is of an earlier life, or the one after it begins there. */
static bool is_done(const struct goxel_journal *journal, const uint64_t *numbers, size_t count,
                    uint64_t sequence)
{
    struct goxel_segment_head next;

    if (numbers[0] < journal->first_segment && sequence >= journal->first_sequence)
        return true;
    return count > 1 && !goxel_journal_head(journal->dirfd, numbers[1], NULL, &next) &&
           next.first <= sequence;
}

void goxel_journal_forget(struct goxel_journal *journal, uint64_t sequence, uint64_t bytes, bool aside)
{
    uint64_t *numbers = NULL;
    size_t count = 0;

    if (goxel_journal_list(journal->dirfd, NULL, &numbers, &count))
        return;
    for (size_t i = 0; i < count && is_done(journal, numbers + i, count - i, sequence); i++) {
        char name[GOXEL_SEGMENT_NAME_SIZE];

        goxel_segment_name(numbers[i], name);
        if (aside && numbers[i] < journal->first_segment)
            set_aside(journal->dirfd, name);
        else
            (void)unlinkat(journal->dirfd, name, 0);
    }
    free(numbers);
    pthread_mutex_lock(&journal->lock);
    journal->stats.unflushed -= bytes < journal->stats.unflushed ? bytes : journal->stats.unflushed;
    pthread_mutex_unlock(&journal->lock);
}
