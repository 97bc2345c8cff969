/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names are short and few: the whole table of edits each time is quick enough. */
#include "base/nearest.h"

#include <stdbool.h>
#include <string.h>

#define NAME_MAX_COMPARED 40

/* Insertions, deletions and replacements between two names; both are shorter than NAME_MAX_COMPARED. */
static size_t edits(const char *a, const char *b)
{
    size_t row[NAME_MAX_COMPARED + 1];
    size_t width = strlen(b);

    for (size_t k = 0; k <= width; k++)
        row[k] = k;
    for (size_t i = 0; a[i]; i++) {
        size_t diagonal = row[0];

        row[0] = i + 1;
        for (size_t k = 0; k < width; k++) {
            size_t best = diagonal + (a[i] != b[k]);

            diagonal = row[k + 1];
            if (diagonal + 1 < best)
                best = diagonal + 1;
            if (row[k] + 1 < best)
                best = row[k] + 1;
            row[k + 1] = best;
        }
    }
    return row[width];
}

static const char *leaf(const char *path)
{
    const char *dot = strrchr(path, '.');

    return dot ? dot + 1 : path;
}

/*
 * How far a name is from what was written: its last part counts, and one more for another place, so
 * that `port` in the wrong section finds `sockets.tcp.port`. A third of the letters may be wrong.
 */
void goxel_nearest_try(struct goxel_nearest *nearest, const char *candidate)
{
    const char *path = nearest->written, *written = leaf(path), *name = leaf(candidate);
    size_t length = strlen(written), place = (size_t)(written - path), distance;
    bool elsewhere = place != (size_t)(name - candidate) || strncmp(path, candidate, place) != 0;

    if (length >= NAME_MAX_COMPARED || strlen(name) >= NAME_MAX_COMPARED)
        return;
    distance = edits(written, name);
    if (distance > (length + 2) / 3 || (nearest->found && distance + elsewhere >= nearest->distance))
        return;
    nearest->distance = distance + elsewhere;
    nearest->found = candidate;
}
