/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Any bytes as the journal's first segment. Reading ends; what it visits comes in the order of its numbers; and what is
 * written behind it is there at the next reading, with nothing else behind it.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "store/journal.h"
#include "fuzz/fuzz.h"

static char folder[64];
static int folder_fd = -1;

static void remove_folder(void)
{
    (void)unlinkat(folder_fd, "journal-1.log", 0);
    (void)unlinkat(folder_fd, "journal-2.log", 0);
    (void)rmdir(folder);
}

static void open_folder(void)
{
    if (folder_fd >= 0)
        return;
    folder_fd = fuzz_folder(folder, sizeof(folder));
    EXPECT(atexit(remove_folder) == 0);
}

struct seen {
    uint64_t last; /* sequence */
    size_t count, marks;
};

static const char mark[] = "written behind it";

static int visit(void *ctx, uint64_t sequence, const uint8_t *bytes, size_t len)
{
    struct seen *seen = ctx;

    EXPECT(seen->count == 0 || sequence > seen->last);
    seen->last = sequence;
    seen->count++;
    seen->marks += len == sizeof(mark) && memcmp(bytes, mark, len) == 0;
    return 0;
}

static bool holds(struct goxel_entry *entry)
{
    (void)entry;
    return true;
}

static void settled(struct goxel_entry *entry, int code, const struct goxel_detail *detail)
{
    (void)entry;
    (void)detail;
    EXPECT(code == 0);
}

static void write_mark(const struct goxel_journal_tail *tail)
{
    struct goxel_entry entry = {.bytes = mark, .len = sizeof(mark), .holds = holds, .settled = settled};
    struct goxel_journal *journal = NULL;

    EXPECT(goxel_journal_open(folder_fd, tail, GOXEL_DURABILITY_NONE, NULL, &journal) == 0);
    goxel_journal_submit(journal, &entry);
    goxel_journal_close(journal);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct goxel_journal_tail tail, again;
    struct seen before = {0}, after = {0};
    struct goxel_detail detail;
    int fd, code;

    open_folder();
    (void)unlinkat(folder_fd, "journal-2.log", 0);
    fd = openat(folder_fd, "journal-1.log", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    EXPECT(fd >= 0 && write(fd, data, size) == (ssize_t)size && close(fd) == 0);
    code = goxel_journal_read(folder_fd, 0, visit, &before, &detail, &tail);
    EXPECT(code == 0 || code == GOXEL_ERROR_FORMAT_NOT_SUPPORTED);
    if (code || tail.next_sequence > UINT64_MAX / 2)
        return 0;
    write_mark(&tail);
    EXPECT(goxel_journal_read(folder_fd, 0, visit, &after, &detail, &again) == 0);
    EXPECT(after.count == before.count + 1 && after.marks == before.marks + 1);
    EXPECT(after.last == tail.next_sequence && again.damaged >= tail.damaged);
    return 0;
}
