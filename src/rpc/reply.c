/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How replies and errors are written. What a detail does not know stays away from `data`. */
#include "base/error.h"
#include "rpc/method.h"

static void put_detail(struct goxel_json_writer *w, const struct goxel_detail *detail)
{
    const struct {
        const char *key, *text;
    } texts[] = {{"reason", detail->text},       {"field", detail->field}, {"value", detail->value},
                 {"expected", detail->expected}, {"path", detail->path},   {"outcome", detail->outcome}};

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (texts[i].text[0])
            goxel_json_put_string(w, texts[i].key, texts[i].text);
    }
    if (detail->errnum)
        goxel_json_put_int(w, "errno", detail->errnum);
    if (detail->has_limit) {
        goxel_json_put_int(w, "limit", detail->limit);
        goxel_json_put_int(w, "given", detail->given);
    }
    if (detail->line > 0)
        goxel_json_put_int(w, "line", detail->line);
    if (detail->offset >= 0)
        goxel_json_put_int(w, "offset", detail->offset);
    if (detail->warnings.count)
        goxel_warnings_put(w, &detail->warnings);
}

static bool has_detail(const struct goxel_detail *detail)
{
    return detail && (detail->text[0] || detail->field[0] || detail->value[0] || detail->expected[0] ||
                      detail->path[0] || detail->errnum || detail->has_limit || detail->line > 0 ||
                      detail->offset >= 0);
}

void goxel_rpc_put_error(struct goxel_json_writer *w, const char *key, int code,
                         const struct goxel_detail *detail, const char *report, size_t report_len)
{
    goxel_json_put_object(w, key);
    goxel_json_put_int(w, "code", goxel_error_rpc(code));
    goxel_json_put_string(w, "message", goxel_error_text(code));
    if (has_detail(detail) || report) {
        goxel_json_put_object(w, "data");
        if (has_detail(detail))
            put_detail(w, detail);
        if (report)
            goxel_json_put_raw(w, "report", report, report_len);
        goxel_json_put_end(w);
    }
    goxel_json_put_end(w);
}

void goxel_rpc_put_head(struct goxel_json_writer *w, const struct goxel_json *id)
{
    goxel_json_put_object(w, NULL);
    goxel_json_put_string(w, "jsonrpc", "2.0");
    if (id)
        goxel_json_put_node(w, "id", id);
    else
        goxel_json_put_null(w, "id");
}

void goxel_rpc_refuse(int code, const struct goxel_detail *detail, struct goxel_buf *reply)
{
    struct goxel_json_writer writer;

    goxel_json_writer_init(&writer, reply);
    goxel_rpc_put_head(&writer, NULL);
    goxel_rpc_put_error(&writer, "error", code, detail, NULL, 0);
    goxel_json_put_end(&writer);
}
