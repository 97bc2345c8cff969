/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A binary file as a reader goes through it: no read passes the end, and the first failure stays.
 *
 * Used by: format.  Uses: format/format.h.
 *
 *     struct goxel_input in = goxel_input_of(import);
 *
 *     goxel_input_expect(&in, "Qb\1", 4, "version");
 *     count = goxel_input_u32(&in, "matrix count");
 *     if (in.failed) …
 *
 * After a failure everything reads as 0 or NULL and changes nothing, so that a record of many numbers needs one check: before what was read
 * is counted on for a loop or an allocation. The detail says where, in which part of the file, and what was expected.
 *
 * Life: on the stack; the bytes are the import's.
 */
#ifndef GOXEL_FORMAT_INPUT_H
#define GOXEL_FORMAT_INPUT_H

#include "format/format.h"

struct goxel_input {
    const struct goxel_import *import;
    const uint8_t *bytes; /* the file, or what was inflated of it */
    size_t at, end;
    const char *part; /* of the file, for errors: "matrix list"; NULL: none */
    int failed;       /* the code of the first failure */
};

struct goxel_input goxel_input_of(const struct goxel_import *import);

/* Fills the detail, unless something failed before, and returns in->failed. `at`: byte offset. */
int goxel_input_fail(struct goxel_input *in, int code, size_t at, const char *what, const char *expected, ...)
    __attribute__((format(printf, 5, 6)));

/* Numbers, little-endian but for _be; `what` names it in errors: GOXEL_ERROR_INVALID_DATA at the end. */
uint8_t goxel_input_u8(struct goxel_input *in, const char *what);
uint16_t goxel_input_u16(struct goxel_input *in, const char *what);
uint32_t goxel_input_u32(struct goxel_input *in, const char *what);
int32_t goxel_input_i32(struct goxel_input *in, const char *what);
uint64_t goxel_input_u64(struct goxel_input *in, const char *what);
float goxel_input_f32(struct goxel_input *in, const char *what); /* finite */
uint16_t goxel_input_u16_be(struct goxel_input *in, const char *what);
uint32_t goxel_input_u32_be(struct goxel_input *in, const char *what);
uint64_t goxel_input_u64_be(struct goxel_input *in, const char *what);

/* So many bytes, where they lie; NULL: they are not all there. */
const uint8_t *goxel_input_bytes(struct goxel_input *in, uint64_t count, const char *what);
/* Those bytes, and no others. */
void goxel_input_expect(struct goxel_input *in, const void *bytes, size_t count, const char *what);
static inline size_t goxel_input_left(const struct goxel_input *in)
{
    return in->failed ? 0 : in->end - in->at;
}
/* An input of the next so many bytes, passed over in this one; it has failed if they are not there. */
struct goxel_input goxel_input_sub(struct goxel_input *in, uint64_t count, const char *part);

/* `value` is min … max, or GOXEL_ERROR_INVALID_DATA at the byte offset. True: it is. */
bool goxel_input_check(struct goxel_input *in, size_t at, const char *what, int64_t value, int64_t min,
                       int64_t max);

/* Now and then in every loop: the cancel's code becomes the failure. */
int goxel_input_go_on(struct goxel_input *in);

/*
 * What a file of so many bytes may fill: 64 MiB of bricks and one for each byte, up to 1 GiB, or, if that is more, 128 times the file. A few
 * bytes that ask for a world are refused by it: GOXEL_ERROR_QUOTA. To be asked from time to time while a volume grows, with the bricks of
 * all the file's volumes; those that are of one colour all over, and so take no memory, need not be among them.
 */
int goxel_import_check_bricks(const struct goxel_import *import, int64_t bricks);
/* The same for time: 2^28 voxels or, if that is more, a brick for each byte. To be asked before so many are written. */
int goxel_import_check_voxels(const struct goxel_import *import, int64_t voxels);
int64_t goxel_import_bricks_max(size_t file_bytes);
/* Each byte may begin a brick, in files that are not large; in those that are it is so many bytes that may. */
#define GOXEL_IMPORT_BRICKS_BY_BYTES ((size_t)1 << 16)
#define GOXEL_IMPORT_BRICK_BYTES ((size_t)GOXEL_BRICK_BYTES / 128)
#define GOXEL_IMPORT_VOXELS_FREE ((int64_t)1 << 28)

/*
 * Text of the file as a name of ours: control characters and what is no UTF-8 are escaped, and it is cut, with a warning. Of
 * no text the name stays as it is.
 */
void goxel_import_name(const struct goxel_import *import, char ret_name[GOXEL_NAME_MAX + 1], const void *text,
                       size_t len);

#endif
