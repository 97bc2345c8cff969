/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Calls out of the method table: a row's own JSON schemas say what its parameters look like, and the input's bytes decide
 * which value each becomes, mostly one that the schema allows, sometimes one beside its range, and now and then any other.
 *
 * Bytes that have run out are zeros, which stand for what is simplest: every input makes calls, and all of them valid JSON.
 */
#ifndef GOXEL_TESTS_FUZZ_MAKER_H
#define GOXEL_TESTS_FUZZ_MAKER_H

#include <stdint.h>

#include "rpc/method.h"

struct maker {
    const uint8_t *at, *end;
    struct goxel_json_writer w;
};

void maker_start(void); /* once: reads the table's schemas */
void maker_init(struct maker *maker, const uint8_t *data, size_t size, struct goxel_buf *out);
uint8_t maker_byte(struct maker *maker);
/* A row of the table. */
const struct goxel_method *maker_method(struct maker *maker);
/* Its parameters under `key`: by name, or by place unless `named`. */
void maker_put_params(struct maker *maker, const char *key, const struct goxel_method *method, bool named);

#endif
