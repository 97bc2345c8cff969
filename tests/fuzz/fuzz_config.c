/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Configuration files. Whatever the bytes, a parse ends in a configuration or in lines that say why
 * not; what it accepts, printed and parsed again, is the same; and a good file is good afterwards.
 *
 * The sharpest of it: our own reading of the shape and libconfuse's reading of the values must agree
 * on every text. Where they differ the parse reports a lack of memory, which is a crash here.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "config/config.h"

#define EXPECT(condition) \
    do { \
        if (!(condition)) \
            abort(); \
    } while (0)

static int parse(const char *text, size_t len, struct goxel_config **ret_config)
{
    struct goxel_buf errors, warnings;
    int code;

    goxel_buf_init(&errors, 1u << 20);
    goxel_buf_init(&warnings, 1u << 20);
    code = goxel_config_parse(text, len, "fuzz", NULL, 0, &errors, &warnings, ret_config);
    EXPECT(code == 0 || code == DAEMON_ERROR_CONFIG_INVALID);
    EXPECT((code == 0) == (errors.len == 0));
    EXPECT(errors.failed == 0 && warnings.failed == 0);
    for (size_t i = 0; i < errors.len; i++)
        EXPECT((unsigned char)errors.data[i] >= 0x20 || errors.data[i] == '\n');
    goxel_buf_finish(&errors);
    goxel_buf_finish(&warnings);
    return code;
}

static void check_printed(const struct goxel_config *config)
{
    struct goxel_config *again = NULL;
    struct goxel_buf printed;

    goxel_buf_init(&printed, 64u << 20);
    goxel_config_print(config, &printed);
    EXPECT(printed.failed == 0);
    /* Escapes may make it longer than a file may be. */
    if (printed.len <= GOXEL_CONFIG_FILE_MAX) {
        EXPECT(parse(printed.data, printed.len, &again) == 0);
        for (int i = 0; i < GOXEL_OPTION_COUNT; i++)
            EXPECT(goxel_config_same(config, again, (enum goxel_option)i));
    }
    goxel_config_unref(again);
    goxel_buf_finish(&printed);
}

static void check_still_good(void)
{
    static const char good[] = "workers { count = 9 }";
    struct goxel_config *config = NULL;

    EXPECT(parse(good, sizeof(good) - 1, &config) == 0);
    EXPECT(goxel_config_int(config, GOXEL_OPT_WORKERS_COUNT) == 9);
    goxel_config_unref(config);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct goxel_config *config = NULL;

    if (parse((const char *)data, size, &config) == 0)
        check_printed(config);
    goxel_config_unref(config);
    check_still_good();
    return 0;
}
