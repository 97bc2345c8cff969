/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Qualities are thousandths, so that there is nothing to round. */
#include "http/coding.h"

#include <string.h>
#include <strings.h>

#include "base/error.h"

#define QUALITY_MOST 1000
#define NOT_NAMED (-1)

static bool is_word(const char *text, size_t len, const char *word)
{
    return strlen(word) == len && !strncasecmp(text, word, len);
}

/* "0.25": 250. What is none counts as 0: it is not asked for then. */
static int read_quality(const char *text)
{
    int quality = (*text == '0' || *text == '1') ? (*text - '0') * QUALITY_MOST : 0;

    if (*text && text[1] == '.') {
        text += 2;
        for (int weight = QUALITY_MOST / 10; weight > 0 && *text >= '0' && *text <= '9'; weight /= 10)
            quality += (*text++ - '0') * weight;
    }
    return quality < QUALITY_MOST ? quality : QUALITY_MOST;
}

/* Of one member of the list, which ends at `end`. */
static int quality_of(const char *text, const char *end)
{
    for (const char *at = text; at < end; at++) {
        if (*at != ';')
            continue;
        at += 1 + strspn(at + 1, " \t");
        if (at + 1 < end && (*at == 'q' || *at == 'Q') && at[1] == '=')
            return read_quality(at + 2);
        at--;
    }
    return QUALITY_MOST;
}

bool coding_takes_gzip(const char *accept_encoding)
{
    int gzip = NOT_NAMED, identity = NOT_NAMED, any = NOT_NAMED;
    const char *at = accept_encoding ? accept_encoding : "";

    for (at += strspn(at, " \t,"); *at; at += strspn(at, " \t,")) {
        const char *end = at + strcspn(at, ",");
        size_t len = strcspn(at, "; \t,");
        int quality = quality_of(at, end);

        if (is_word(at, len, "gzip") || is_word(at, len, "x-gzip"))
            gzip = quality;
        else if (is_word(at, len, "identity"))
            identity = quality;
        else if (is_word(at, len, "*"))
            any = quality;
        at = end;
    }
    if (gzip == NOT_NAMED)
        gzip = any;
    return gzip > 0 && gzip >= identity;
}

int coding_check(const char *content_encoding, struct goxel_detail *detail, bool *ret_encoded)
{
    const char *coding = content_encoding ? content_encoding : "";

    *ret_encoded = !strcasecmp(coding, "gzip") || !strcasecmp(coding, "x-gzip") ||
                   !strcasecmp(coding, "deflate");
    if (*ret_encoded || !coding[0] || !strcasecmp(coding, "identity"))
        return 0;
    return goxel_fail_value(detail, GOXEL_ERROR_MEDIA_TYPE, "Content-Encoding", coding, "gzip or deflate");
}
