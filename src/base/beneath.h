/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Opening what lies below a folder, and nothing else, whatever links do.
 *
 * Used by: rpc, store.  Uses: nothing.  Thread-safe.
 */
#ifndef GOXEL_BASE_BENEATH_H
#define GOXEL_BASE_BENEATH_H

/*
 * Opens `rel` below `root_fd` (a folder; O_PATH will do) as openat(2) would, always close-on-exec, without O_CREAT.
 * Returns a descriptor, or -1 with errno: EXDEV when "..", an absolute path or a link leads outside.
 *
 * openat2(2) with RESOLVE_BENEATH where there is one. Linux before 5.6 has none, and systemd's RestrictSUIDSGID= takes
 * it away, as a filter cannot see its flags: then the path is walked name by name, with the same result. A link that
 * is changed meanwhile makes that fail (ELOOP), never leave the folder.
 */
int goxel_open_beneath(int root_fd, const char *rel, int flags);

/* The walk alone: for its test. */
int goxel_walk_beneath(int root_fd, const char *rel, int flags);

#endif
