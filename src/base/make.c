/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/make.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"

static int write_file(const struct goxel_make *row, const char *path)
{
    struct goxel_buf input, out;
    int code = 0;

    goxel_buf_init(&input, GOXEL_MADE_MAX);
    goxel_buf_init(&out, GOXEL_MADE_MAX);
    if (path)
        code = goxel_file_read(AT_FDCWD, path, &input, NULL);
    if (!code) {
        row->file(input.data ? input.data : "", &out);
        code = out.failed;
    }
    if (!code && (fwrite(out.data, 1, out.len, stdout) != out.len || fflush(stdout)))
        code = GOXEL_ERROR_FILE_ACCESS;
    goxel_buf_finish(&input);
    goxel_buf_finish(&out);
    return code;
}

int goxel_make(int argc, char **argv, const struct goxel_make *files)
{
    int code = GOXEL_ERROR_USAGE;

    for (const struct goxel_make *row = files; argc > 1 && row->name; row++) {
        if (!strcmp(row->name, argv[1]))
            code = write_file(row, argc > 2 ? argv[2] : NULL);
    }
    if (code)
        fprintf(stderr, "%s: %s\n", argv[0], goxel_error_text(code));
    return goxel_error_exit(code);
}
