/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Projects as resources: what a request for /projects wants, and what it gets, without a word of HTTP's framing.
 *
 * Used by: http.  Uses: what rpc.h uses; base/spool.
 *
 * A transfer is carried out as a call is, by a row of methods (rpc/methods/resources.c): the same states, ceilings and
 * deadline hold, an edit is answered once it lasts, and where a row of the method table does the same work, that row does it.
 * Whole files and voxels go through a spool, and in no JSON.
 *
 * Life: the transport's, filled before goxel_rpc_run of the call that has it, whose owner it is until `done`.
 */
#ifndef GOXEL_RPC_TRANSFER_H
#define GOXEL_RPC_TRANSFER_H

#include "base/spool.h"
#include "base/warnings.h"
#include "rpc/rpc.h"

enum goxel_resource {
    GOXEL_RESOURCE_PROJECTS, /* /projects */
    GOXEL_RESOURCE_PROJECT,  /* /projects/NAME, /projects/NAME.EXT */
    GOXEL_RESOURCE_VOXELS,   /* /projects/NAME/voxels */
};

/* What is told beside the body. */
#define GOXEL_TRANSFER_HEADERS 8
struct goxel_transfer_header {
    const char *name;
    char value[256];
};

struct goxel_transfer {
    /* set by the transport */
    enum goxel_resource resource;
    const char *verb;   /* "GET", "PUT", "POST" or "DELETE" */
    const char *name;   /* decoded; "" for GOXEL_RESOURCE_PROJECTS */
    const char *params; /* of the query: a JSON object of strings; NULL: none */
    size_t params_len;
    struct goxel_spool body; /* finished by the transport, as `out` */
    int (*decode)(struct goxel_rpc_call
                      *call); /* puts it in place of the encoded one, before it is read; NULL: it is there */
    const char *if_match;     /* the lists of ETags; NULL: none */
    const char *if_none_match;
    bool gzip;              /* the reply may be encoded so */
    struct goxel_spool out; /* initialised: takes a file or voxels */
    /* results, valid in and after `done`; the call's reply has the body where `media_type` is JSON */
    int code;
    struct goxel_detail detail;
    bool created;           /* there was none of that name */
    bool unchanged;         /* the client has it already */
    bool encoded;           /* `out` is gzip */
    const char *media_type; /* NULL: no body */
    char etag[96];          /* with its quotes; "": none */
    char id[32];            /* of the project that was read or edited; "": none */
    uint64_t version;       /* of that: what was read, or what the edit made, or found where it was refused */
    int64_t modified_ms;    /* wall clock; 0: not told */
    struct goxel_transfer_header headers[GOXEL_TRANSFER_HEADERS];
    size_t header_count;
    struct goxel_warnings warnings; /* of a file that was made; those of one that was read are in the reply */
    /* rpc's own */
    const struct goxel_format *format; /* of the name's extension */
    char project[GOXEL_NAME_MAX + 1];  /* the name without it */
};

/* What a body of packed voxels is called. */
#define GOXEL_MEDIA_PACKED "application/vnd.goxel.packed"

/* Bytes of "NAME.EXT", decoded, without the NUL. */
#define GOXEL_RESOURCE_NAME_MAX (GOXEL_NAME_MAX + 16)

/*
 * Does a list of ETags, or "*", have the one? Those that go on with a dash are of the same: an encoding of it
 * (RFC 9110, 8.8.3), or the one for a version that has no more to say. `weak`: so are weak ones.
 */
bool goxel_etag_listed(const char *list, const char *etag, bool weak);

#endif
