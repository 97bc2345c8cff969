/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The journal: what was settled comes back, what is cut off is none, what is damaged is told. */
#include "store/journal.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "unit.h"
#include "unit/base/scratch.h"

/* ---- writing ---- */

/* A record whose bytes tell its number, and how it ended. */
struct note {
    struct goxel_entry entry;
    char text[64];
    bool lost; /* what it builds on */
    atomic_int code;
    atomic_bool settled;
};

static bool holds(struct goxel_entry *entry)
{
    return !((struct note *)entry)->lost;
}

static void settled(struct goxel_entry *entry, int code, const struct goxel_detail *detail)
{
    struct note *note = (struct note *)entry;

    (void)detail;
    atomic_store(&note->code, code);
    atomic_store(&note->settled, true);
}

static void submit(struct goxel_journal *journal, struct note *note, int number)
{
    snprintf(note->text, sizeof(note->text), "record %d", number);
    note->entry = (struct goxel_entry){
        .bytes = note->text, .len = strlen(note->text), .holds = holds, .settled = settled};
    atomic_init(&note->settled, false);
    goxel_journal_submit(journal, &note->entry);
}

/* How it ended. */
static int wait_for(struct note *note)
{
    while (!atomic_load(&note->settled))
        (void)sched_yield();
    return atomic_load(&note->code);
}

static int folder;

static struct goxel_journal *open_journal(const struct goxel_journal_tail *tail,
                                          enum goxel_durability durability)
{
    struct goxel_journal *journal = NULL;

    CU_ASSERT_EQUAL_FATAL(goxel_journal_open(folder, tail, durability, NULL, &journal), 0);
    return journal;
}

/* ---- reading ---- */

struct found {
    int count, wrong; /* records, and those that are not the next one */
    uint64_t first;   /* sequence */
};

static int visit(void *ctx, uint64_t sequence, const uint8_t *bytes, size_t len)
{
    struct found *found = ctx;
    char text[64];

    snprintf(text, sizeof(text), "record %llu", (unsigned long long)sequence);
    if (found->count++ == 0)
        found->first = sequence;
    found->wrong += len != strlen(text) || memcmp(bytes, text, len) != 0;
    return 0;
}

static struct goxel_journal_tail read_from(uint64_t from, struct found *found)
{
    struct goxel_journal_tail tail = {0};

    memset(found, 0, sizeof(*found));
    CU_ASSERT_EQUAL_FATAL(goxel_journal_read(folder, from, visit, found, NULL, &tail), 0);
    return tail;
}

static bool begin(void)
{
    if (!scratch_open())
        return false;
    folder = open(scratch_path("."), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    CU_ASSERT_FATAL(folder >= 0);
    return true;
}

static void end(void)
{
    close(folder);
    scratch_close();
}

/* Records 1 to `count`, each a group of its own. */
static void write_records(int count)
{
    struct goxel_journal_tail tail = {.next_sequence = 1, .next_segment = 1};
    struct goxel_journal *journal = open_journal(&tail, GOXEL_DURABILITY_FULL);

    for (int i = 1; i <= count; i++) {
        struct note note = {.lost = false};

        submit(journal, &note, i);
        CU_ASSERT_EQUAL(wait_for(&note), 0);
    }
    CU_ASSERT_EQUAL(goxel_journal_settled(journal), (uint64_t)count + 1);
    goxel_journal_close(journal);
}

/* ---- what comes back ---- */

static void records_come_back_in_their_order(void)
{
    static const enum goxel_durability ways[] = {GOXEL_DURABILITY_FULL, GOXEL_DURABILITY_BATCHED,
                                                 GOXEL_DURABILITY_NONE};
    static struct note notes[3000];
    struct goxel_journal_tail tail;
    struct found found;

    if (!begin())
        return;
    tail = read_from(0, &found);
    CU_ASSERT_EQUAL(found.count, 0);
    CU_ASSERT_EQUAL(tail.next_sequence, 1);
    for (int life = 0; life < 3; life++) {
        struct goxel_journal *journal = open_journal(&tail, ways[life]);

        for (int i = 0; i < 1000; i++)
            submit(journal, &notes[1000 * life + i], 1000 * life + i + 1);
        goxel_journal_close(journal); /* what was handed in is written */
        for (int i = 0; i < 1000; i++)
            CU_ASSERT_EQUAL(wait_for(&notes[1000 * life + i]), 0);
        tail = read_from(0, &found);
        CU_ASSERT_EQUAL(found.count, 1000 * (life + 1));
        CU_ASSERT_EQUAL(found.wrong, 0);
        CU_ASSERT_EQUAL(tail.damaged, 0);
    }
    tail = read_from(2500, &found);
    CU_ASSERT_EQUAL(found.first, 2500);
    CU_ASSERT_EQUAL(found.count, 501);
    CU_ASSERT_EQUAL(found.wrong, 0);
    CU_ASSERT_EQUAL(tail.next_sequence, 3001);
    end();
}

static void what_was_built_on_what_is_lost_is_left_out(void)
{
    struct goxel_journal_tail tail = {.next_sequence = 1, .next_segment = 1};
    struct note notes[3] = {{.lost = false}, {.lost = true}, {.lost = false}};
    struct goxel_journal *journal;
    struct found found;

    if (!begin())
        return;
    journal = open_journal(&tail, GOXEL_DURABILITY_FULL);
    submit(journal, &notes[0], 1);
    submit(journal, &notes[1], 77);
    submit(journal, &notes[2], 2);
    goxel_journal_close(journal);
    CU_ASSERT_EQUAL(wait_for(&notes[0]), 0);
    CU_ASSERT_EQUAL(wait_for(&notes[1]), GOXEL_ERROR_LOCKED);
    CU_ASSERT_EQUAL(wait_for(&notes[2]), 0);
    (void)read_from(0, &found);
    CU_ASSERT_EQUAL(found.count, 2);
    CU_ASSERT_EQUAL(found.wrong, 0);
    end();
}

struct crowd {
    struct goxel_journal *journal;
    atomic_int good;
};

static void *submit_many(void *arg)
{
    struct crowd *crowd = arg;

    for (int i = 0; i < 200; i++) {
        struct note note = {.lost = false};

        submit(crowd->journal, &note, 0);
        atomic_fetch_add(&crowd->good, wait_for(&note) == 0);
    }
    return NULL;
}

static void threads_share_groups(void)
{
    struct goxel_journal_tail tail = {.next_sequence = 1, .next_segment = 1};
    struct crowd crowd = {.journal = NULL};
    pthread_t threads[8];
    struct found found;

    if (!begin())
        return;
    crowd.journal = open_journal(&tail, GOXEL_DURABILITY_FULL);
    for (int i = 0; i < 8; i++)
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, submit_many, &crowd), 0);
    for (int i = 0; i < 8; i++)
        pthread_join(threads[i], NULL);
    goxel_journal_close(crowd.journal);
    CU_ASSERT_EQUAL(atomic_load(&crowd.good), 1600);
    (void)read_from(0, &found);
    CU_ASSERT_EQUAL(found.count, 1600);
    end();
}

/* ---- segments ---- */

static int count_segments(void)
{
    DIR *dir = opendir(scratch_path("."));
    int count = 0;

    for (const struct dirent *entry = readdir(dir); entry; entry = readdir(dir))
        count += strncmp(entry->d_name, "journal-", 8) == 0;
    closedir(dir);
    return count;
}

/* Of more than a segment has room for, each; and what is not needed any more goes. */
static void large_records_have_segments_of_their_own(void)
{
    const size_t len = (size_t)20 << 20;
    struct goxel_journal_tail tail = {.next_sequence = 1, .next_segment = 1};
    char *bytes = calloc(1, len);
    struct goxel_journal_stats stats;
    struct goxel_journal *journal;
    struct found found;

    if (!begin())
        return;
    journal = open_journal(&tail, GOXEL_DURABILITY_NONE);
    for (int i = 0; i < 3; i++) {
        struct note note = {.lost = false};

        note.entry = (struct goxel_entry){.bytes = bytes, .len = len, .holds = holds, .settled = settled};
        goxel_journal_submit(journal, &note.entry);
        CU_ASSERT_EQUAL(wait_for(&note), 0);
    }
    goxel_journal_get_stats(journal, &stats);
    CU_ASSERT_EQUAL(stats.records, 3);
    CU_ASSERT_EQUAL(stats.groups, 3);
    CU_ASSERT_TRUE(stats.bytes > 3 * len && stats.unflushed == stats.bytes);
    CU_ASSERT_EQUAL(count_segments(), 3);
    goxel_journal_forget(journal, 3, stats.unflushed, false);
    CU_ASSERT_EQUAL(count_segments(), 1);
    goxel_journal_get_stats(journal, &stats);
    CU_ASSERT_EQUAL(stats.unflushed, 0);
    goxel_journal_close(journal);
    tail = read_from(3, &found);
    CU_ASSERT_EQUAL(found.count, 1);
    CU_ASSERT_EQUAL(found.first, 3);
    CU_ASSERT_EQUAL(tail.damaged, 0);
    CU_ASSERT_EQUAL(tail.next_sequence, 4);
    free(bytes);
    end();
}

/* A disk that is full takes no new segment; once there is room, everything goes on. */
static void a_full_disk_fails_what_has_no_room(void)
{
    struct goxel_journal_tail tail = {.next_sequence = 1, .next_segment = 1};
    const size_t len = (size_t)20 << 20;
    struct note small = {.lost = false}, large = {.lost = false}, later = {.lost = false};
    char *bytes = calloc(1, len);
    struct goxel_journal *journal;
    struct rlimit before, few;
    struct found found;

    if (!begin())
        return;
    journal = open_journal(&tail, GOXEL_DURABILITY_FULL);
    submit(journal, &small, 1);
    CU_ASSERT_EQUAL(wait_for(&small), 0);
    CU_ASSERT_EQUAL_FATAL(getrlimit(RLIMIT_FSIZE, &before), 0);
    few = before;
    few.rlim_cur = (rlim_t)16 << 20;
    signal(SIGXFSZ, SIG_IGN);
    CU_ASSERT_EQUAL_FATAL(setrlimit(RLIMIT_FSIZE, &few), 0);
    large.entry = (struct goxel_entry){.bytes = bytes, .len = len, .holds = holds, .settled = settled};
    goxel_journal_submit(journal, &large.entry);
    CU_ASSERT_EQUAL(wait_for(&large), GOXEL_ERROR_STORAGE_FULL);
    CU_ASSERT_EQUAL(setrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, SIG_DFL);
    submit(journal, &later, 2);
    CU_ASSERT_EQUAL(wait_for(&later), 0);
    goxel_journal_close(journal);
    (void)read_from(0, &found);
    CU_ASSERT_EQUAL(found.count, 2);
    CU_ASSERT_EQUAL(found.wrong, 0);
    free(bytes);
    end();
}

/* ---- damage ---- */

static char *segment_bytes(size_t *ret_len)
{
    struct stat stat_buf;
    FILE *file = fopen(scratch_path("journal-1.log"), "rb");
    char *bytes;

    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    fstat(fileno(file), &stat_buf);
    bytes = malloc((size_t)stat_buf.st_size);
    *ret_len = fread(bytes, 1, (size_t)stat_buf.st_size, file);
    fclose(file);
    return bytes;
}

static void put_segment(const char *bytes, size_t len)
{
    FILE *file = fopen(scratch_path("journal-1.log"), "wb");

    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT_EQUAL(fwrite(bytes, 1, len, file), len);
    fclose(file);
}

#define RECORDS 6
#define SEGMENT_HEAD 40
#define GROUP_HEAD 28

/* A journal of which the payload of the first group is not what it was. */
static void write_damaged(void)
{
    size_t len;
    char *bytes;

    write_records(RECORDS);
    bytes = segment_bytes(&len);
    bytes[SEGMENT_HEAD + GROUP_HEAD + 3] ^= 1;
    put_segment(bytes, len);
    free(bytes);
}

/* Of a crash: what was cut off is none, what lies before it is all there. */
static void what_is_cut_off_is_none(void)
{
    struct goxel_journal_tail tail;
    struct found found;
    size_t len;
    int last = 0;
    char *bytes;

    if (!begin())
        return;
    write_records(RECORDS);
    bytes = segment_bytes(&len);
    for (size_t cut = 0; cut <= len; cut++) {
        put_segment(bytes, cut);
        tail = read_from(0, &found);
        CU_ASSERT_EQUAL(found.wrong, 0);
        CU_ASSERT_EQUAL(tail.damaged, 0);
        CU_ASSERT_TRUE(found.count == last || found.count == last + 1);
        last = found.count;
    }
    CU_ASSERT_EQUAL(last, RECORDS);
    free(bytes);
    end();
}

/*
 * Each bit in turn: either it is told, or what comes back is what was written, without the last record perhaps, whose
 * damage looks like a crash; never anything else.
 */
static void every_flipped_bit_is_noticed(void)
{
    struct goxel_journal_tail tail;
    struct found found;
    int silent = 0;
    size_t len;
    char *bytes;

    if (!begin())
        return;
    write_records(RECORDS);
    bytes = segment_bytes(&len);
    for (size_t bit = 0; bit < 8 * len; bit++) {
        bytes[bit / 8] = (char)(bytes[bit / 8] ^ 1 << bit % 8);
        put_segment(bytes, len);
        tail = read_from(0, &found);
        CU_ASSERT_EQUAL(found.wrong, 0);
        CU_ASSERT_TRUE(tail.damaged > 0 || found.count >= RECORDS - 1);
        silent += tail.damaged == 0 && found.count == RECORDS;
        bytes[bit / 8] = (char)(bytes[bit / 8] ^ 1 << bit % 8);
    }
    CU_ASSERT_TRUE(silent <= 8 * 7 * RECORDS); /* in the zeros between groups, which say nothing */
    free(bytes);
    end();
}

/* Behind the damage what is whole comes back, under its own number. */
static void what_lies_behind_damage_comes_back(void)
{
    struct goxel_journal_tail tail;
    struct found found;

    if (!begin())
        return;
    write_damaged();
    tail = read_from(0, &found);
    CU_ASSERT_EQUAL(tail.damaged, 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(tail.first_damage, "journal-1.log"));
    CU_ASSERT_EQUAL(found.first, 2);
    CU_ASSERT_EQUAL(found.count, RECORDS - 1);
    CU_ASSERT_EQUAL(found.wrong, 0);
    end();
}

/* A later segment begins with the sequence of what could not be made to last. */
static void what_a_later_segment_overrules_is_void(void)
{
    struct goxel_journal_tail tail = {.next_sequence = 4, .next_segment = 2};
    struct note note = {.lost = false};
    struct goxel_journal *journal;
    struct found found;

    if (!begin())
        return;
    write_records(RECORDS);
    journal = open_journal(&tail, GOXEL_DURABILITY_FULL);
    submit(journal, &note, 4);
    CU_ASSERT_EQUAL(wait_for(&note), 0);
    goxel_journal_close(journal);
    tail = read_from(0, &found);
    CU_ASSERT_EQUAL(found.count, 4);
    CU_ASSERT_EQUAL(found.wrong, 0);
    CU_ASSERT_EQUAL(tail.damaged, 0);
    CU_ASSERT_EQUAL(tail.next_sequence, 5);
    CU_ASSERT_EQUAL(tail.next_segment, 3);
    end();
}

/* Without syncs between them a power cut may leave any of the groups: the journal ends at the first that is missing. */
static void loose_groups_behind_a_gap_are_none(void)
{
    struct goxel_journal_tail tail = {.next_sequence = 1, .next_segment = 1};
    struct goxel_journal *journal;
    size_t len, group;
    struct found found;
    char *bytes;

    if (!begin())
        return;
    journal = open_journal(&tail, GOXEL_DURABILITY_NONE);
    for (int i = 1; i <= RECORDS; i++) {
        struct note note = {.lost = false};

        submit(journal, &note, i);
        CU_ASSERT_EQUAL(wait_for(&note), 0);
    }
    goxel_journal_close(journal);
    bytes = segment_bytes(&len);
    group = (len - SEGMENT_HEAD) / RECORDS;
    memset(bytes + SEGMENT_HEAD + 2 * group, 0, group); /* the third */
    put_segment(bytes, len);
    tail = read_from(0, &found);
    CU_ASSERT_EQUAL(found.count, 2);
    CU_ASSERT_EQUAL(found.wrong, 0);
    CU_ASSERT_EQUAL(tail.damaged, 0);
    CU_ASSERT_EQUAL(tail.next_sequence, 3);
    free(bytes);
    end();
}

/* The files have what lies below the sequence that is asked for. */
static void what_is_not_wanted_may_be_missing(void)
{
    struct goxel_journal_tail tail;
    struct found found;

    if (!begin())
        return;
    write_damaged();
    tail = read_from(2, &found);
    CU_ASSERT_EQUAL(tail.damaged, 0);
    CU_ASSERT_EQUAL(found.first, 2);
    CU_ASSERT_EQUAL(found.count, RECORDS - 1);
    tail = read_from(50, &found); /* the journal lost its end, which the files have */
    CU_ASSERT_EQUAL(tail.damaged, 0);
    CU_ASSERT_EQUAL(tail.next_sequence, 50);
    end();
}

static void missing_records_are_told(void)
{
    struct goxel_journal_tail tail = {.next_sequence = 9, .next_segment = 2};
    struct note note = {.lost = false};
    struct goxel_journal *journal;
    struct found found;

    if (!begin())
        return;
    write_records(RECORDS);
    journal = open_journal(&tail, GOXEL_DURABILITY_FULL);
    submit(journal, &note, 9);
    CU_ASSERT_EQUAL(wait_for(&note), 0);
    goxel_journal_close(journal);
    tail = read_from(0, &found);
    CU_ASSERT_EQUAL(found.count, RECORDS + 1);
    CU_ASSERT_EQUAL(tail.damaged, 1);
    unlink(scratch_path("journal-1.log"));
    tail = read_from(3, &found);
    CU_ASSERT_EQUAL(tail.damaged, 1);
    CU_ASSERT_EQUAL(found.count, 1);
    end();
}

static void a_newer_daemon_s_journal_is_refused(void)
{
    struct goxel_journal_tail tail;
    struct goxel_detail detail;
    struct found found = {0};
    /* Its CRC is right: of a format to come. */
    static const uint8_t head[40] = {0x47, 0x58, 0x58, 0x4c, 0x4a, 0x4e, 0x4c, 0x31, 1, 0, 0, 0, 0, 0,
                                     0,    0,    1,    0,    0,    0,    0,    0,    0, 0, 9, 0, 0, 0};
    uint8_t whole[40];
    uint32_t crc = 0xffffffff;

    if (!begin())
        return;
    memcpy(whole, head, sizeof(whole));
    for (size_t i = 0; i < 36; i++) {
        crc ^= whole[i];
        for (int k = 0; k < 8; k++)
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
    }
    crc = ~crc;
    for (size_t i = 0; i < 4; i++)
        whole[36 + i] = (uint8_t)(crc >> 8 * i);
    put_segment((const char *)whole, sizeof(whole));
    CU_ASSERT_EQUAL(goxel_journal_read(folder, 0, visit, &found, &detail, &tail),
                    GOXEL_ERROR_FORMAT_NOT_SUPPORTED);
    CU_ASSERT_PTR_NOT_NULL(strstr(detail.text, "format 9, and 1 is the newest"));
    end();
}

struct early {
    struct note note;
    struct goxel_journal *journal;
    uint64_t at_made, at_settled;
};

static void look_early(struct goxel_entry *entry, int code)
{
    struct early *early = (struct early *)entry;

    CU_ASSERT_EQUAL(code, 0);
    early->at_made = goxel_journal_settled(early->journal);
}

static void look_late(struct goxel_entry *entry, int code, const struct goxel_detail *detail)
{
    struct early *early = (struct early *)entry;

    early->at_settled = goxel_journal_settled(early->journal);
    settled(entry, code, detail);
}

/* Whoever was told may ask at once how far the journal is: what he was told of is below it, and was shown before. */
static void what_was_told_counts(void)
{
    struct goxel_journal_tail tail = {.next_sequence = 1, .next_segment = 1};
    struct early early = {.at_made = 9};

    if (!begin())
        return;
    early.journal = open_journal(&tail, GOXEL_DURABILITY_FULL);
    early.note.entry = (struct goxel_entry){
        .bytes = "x", .len = 1, .holds = holds, .made = look_early, .settled = look_late};
    goxel_journal_submit(early.journal, &early.note.entry);
    CU_ASSERT_EQUAL(wait_for(&early.note), 0);
    CU_ASSERT_EQUAL(early.at_made, 1);
    CU_ASSERT_EQUAL(early.at_settled, 2);
    goxel_journal_close(early.journal);
    end();
}

static const struct unit_test tests[] = {
    {"what was told counts", what_was_told_counts},
    {"records come back in their order", records_come_back_in_their_order},
    {"what was built on what is lost is left out", what_was_built_on_what_is_lost_is_left_out},
    {"threads share groups", threads_share_groups},
    {"large records have segments of their own", large_records_have_segments_of_their_own},
    {"a full disk fails what has no room", a_full_disk_fails_what_has_no_room},
    {"what is cut off is none", what_is_cut_off_is_none},
    {"every flipped bit is noticed", every_flipped_bit_is_noticed},
    {"what lies behind damage comes back", what_lies_behind_damage_comes_back},
    {"what a later segment overrules is void", what_a_later_segment_overrules_is_void},
    {"loose groups behind a gap are none", loose_groups_behind_a_gap_are_none},
    {"what is not wanted may be missing", what_is_not_wanted_may_be_missing},
    {"missing records are told", missing_records_are_told},
    {"a newer daemon's journal is refused", a_newer_daemon_s_journal_is_refused},
    {NULL, NULL},
};

const struct unit_suite journal_suite = {"journal", tests};
