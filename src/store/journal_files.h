/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The files of a journal, for its two halves.
 *
 * Used by: store/journal.c, store/journal_read.c alone.  Uses: store/segment.h.
 */
#ifndef GOXEL_STORE_JOURNAL_FILES_H
#define GOXEL_STORE_JOURNAL_FILES_H

#include "store/segment.h"

/* The numbers of the segments, ascending, freed with free(3). GOXEL_ERROR_FILE_ACCESS, GOXEL_ERROR_OUT_OF_MEMORY. */
int goxel_journal_list(int dirfd, struct goxel_detail *detail, uint64_t **ret_numbers, size_t *ret_count);

/*
 * What a segment's head says; `first` is UINT64_MAX if it says nothing. GOXEL_ERROR_FORMAT_NOT_SUPPORTED, and the
 * same two.
 */
int goxel_journal_head(int dirfd, uint64_t number, struct goxel_detail *detail,
                       struct goxel_segment_head *ret_head);

#endif
