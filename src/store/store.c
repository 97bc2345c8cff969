/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/store.h"

int goxel_store_open(const char *directory, struct goxel_workspace *workspace, struct goxel_detail *detail,
                     struct goxel_store **ret_store)
{
    (void)directory, (void)workspace, (void)detail;
    *ret_store = NULL;
    return 0;
}

void goxel_store_close(struct goxel_store *store)
{
    (void)store;
}

int goxel_store_flush_all(struct goxel_store *store, goxel_store_report *report, void *ctx,
                          struct goxel_detail *detail)
{
    (void)store, (void)report, (void)ctx, (void)detail;
    return 0;
}

int goxel_store_open_all(struct goxel_store *store, goxel_store_report *report, void *ctx,
                         struct goxel_detail *detail)
{
    (void)store, (void)report, (void)ctx, (void)detail;
    return 0;
}
