/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The journal: what was done, in one order, on the disk before anybody is told that it was done.
 *
 * Used by: store.  Uses: base.
 *
 * Records are runs of bytes; what they say is the store's affair (store/record.h). Whoever has one hands it in and
 * goes on; a thread of the journal's own gathers what came meanwhile into a group, writes and syncs it, and says of
 * each record what became of it. So a sync that takes as long as fifty edits is paid once for all fifty.
 *
 * Layout and what is valid: store/journal.c.
 *
 * Life: what is there is read once (goxel_journal_read), then the journal is opened for more; closing it writes what
 * was handed in. Submitting is thread-safe.
 */
#ifndef GOXEL_STORE_JOURNAL_H
#define GOXEL_STORE_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/detail.h"

/* ---- what is there ---- */

struct goxel_journal_tail {
    uint64_t next_sequence; /* of records to come */
    uint64_t next_segment;  /* of segments to come */
    uint64_t bytes;         /* of the groups they were in */
    uint64_t
        damaged; /* places where something was lost that had been complete: 0, unless the disk or a hand did it */
    char first_damage[160]; /* "" without one: file and offset */
};

/*
 * Calls `visit` for each record from sequence `from` on (0: from the first that is there), in their order; all that was
 * read is on the disk then. A group that is cut off at the end was never answered, and is none. Behind damage reading goes on with the next whole group, whose sequence tells how many
 * records are missing. A non-zero return of `visit` ends it and is returned. GOXEL_ERROR_FILE_ACCESS,
 * GOXEL_ERROR_FORMAT_NOT_SUPPORTED (a newer daemon's), GOXEL_ERROR_OUT_OF_MEMORY.
 */
typedef int goxel_journal_visit(void *ctx, uint64_t sequence, const uint8_t *bytes, size_t len);
int goxel_journal_read(int dirfd, uint64_t from, goxel_journal_visit *visit, void *ctx,
                       struct goxel_detail *detail, struct goxel_journal_tail *ret_tail);

/* ---- more of it ---- */

enum goxel_durability {
    GOXEL_DURABILITY_FULL,    /* synced before it is settled */
    GOXEL_DURABILITY_BATCHED, /* written before it is settled, synced within GOXEL_JOURNAL_BATCH_MS */
    GOXEL_DURABILITY_NONE,    /* written before it is settled; the system syncs when it likes */
};
#define GOXEL_JOURNAL_BATCH_MS 200

/* A record on its way, embedded in what waits for it. */
struct goxel_entry {
    /* set by the submitter, and its until the record is settled */
    const void *bytes;
    size_t len;
    /* On the journal's thread, before it is written. False: what it built on was lost, and so is this. */
    bool (*holds)(struct goxel_entry *entry);
    /*
     * On the journal's thread, in the order of the records: 0, or what it failed with. First `made` of all the group
     * (NULL: nothing to do), where what they made is shown or taken back; then they count as settled
     * (goxel_journal_settled); then `settled`, from which on the entry is the submitter's again. Neither must wait
     * for another entry.
     */
    void (*made)(struct goxel_entry *entry, int code);
    void (*settled)(struct goxel_entry *entry, int code, const struct goxel_detail *detail);
    /* the journal's */
    struct goxel_entry *next;
    int code;
};

/* Bytes that may wait, beyond which submitting waits; and of one record. */
#define GOXEL_JOURNAL_WAITING_MAX ((size_t)256 << 20)
#define GOXEL_JOURNAL_RECORD_MAX ((size_t)0xf0000000)

struct goxel_journal;

/*
 * For records behind what was read, which begin a segment of their own. `dirfd` stays the caller's and open.
 * GOXEL_ERROR_OUT_OF_MEMORY.
 */
int goxel_journal_open(int dirfd, const struct goxel_journal_tail *tail, enum goxel_durability durability,
                       struct goxel_detail *detail, struct goxel_journal **ret_journal);

/* Writes what was handed in, ends the thread, and leaves no preallocated space behind. NULL is fine. */
void goxel_journal_close(struct goxel_journal *journal);

/* `settled` is called for it, once. Waits while GOXEL_JOURNAL_WAITING_MAX bytes wait. */
void goxel_journal_submit(struct goxel_journal *journal, struct goxel_entry *entry);

void goxel_journal_set_durability(struct goxel_journal *journal, enum goxel_durability durability);

/*
 * The sequence of the record that comes next. Every record below it is settled, and what it made published.
 */
uint64_t goxel_journal_settled(struct goxel_journal *journal);

struct goxel_journal_stats {
    uint64_t records, groups, bytes; /* written; a group has one sync */
    uint64_t failures;               /* groups that could not be written */
    uint64_t unflushed; /* bytes since the last goxel_journal_forget, those that were read first too */
    int64_t ns;         /* nanoseconds of writing and syncing */
};
void goxel_journal_get_stats(struct goxel_journal *journal, struct goxel_journal_stats *ret_stats);

/*
 * Records below the sequence, so many bytes as `unflushed` said, are not needed any more: segments of which all are go;
 * or, `aside` and of before this journal was opened, get names that begin with "damaged-", for whoever wants to mend
 * something by them.
 */
void goxel_journal_forget(struct goxel_journal *journal, uint64_t sequence, uint64_t bytes, bool aside);

#endif
