/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A daemon without its front: workspace, pool, machine, requests and configuration around one rpc,
 * with a folder of its own as the only allowed root. The test is the lifecycle thread.
 */
#ifndef GOXEL_TESTS_RPC_RIG_H
#define GOXEL_TESTS_RPC_RIG_H

#include "rpc/method.h"
#include "unit.h"

struct rig {
    char root[64];    /* the allowed root */
    char outside[64]; /* a folder beside it */
    struct goxel_workspace *workspace;
    struct goxel_pool *pool;
    struct goxel_machine *machine;
    struct goxel_requests *requests;
    struct goxel_config *config;
    struct goxel_rpc *rpc;
    /* what the next messages are sent with */
    const char *project;     /* from the URL */
    int64_t deadline_ms;     /* monotonic, 0: none */
    long fail_at;            /* which allocation of the next messages fails, counted from 1; 0: none */
    struct goxel_feed *feed; /* of the rig; a call has it where `hears` is set */
    bool hears;              /* calls may subscribe to events */
    void (*write_stats)(struct goxel_rpc_call *call, struct goxel_json_writer *w);
    int (*authenticate)(struct goxel_rpc_call *call, const char *token, size_t len,
                        struct goxel_detail *detail, struct goxel_authenticated *ret_authenticated);
    bool tools;   /* a message may name a tool */
    bool limited; /* the caller has `grant`, and not everything */
    struct goxel_grant grant;
    /* what the lifecycle thread answers */
    struct goxel_request_result outcome;
    char argument[32]; /* of the last request taken */
    enum goxel_request_kind kind;
    unsigned taken;
    /* of the last message */
    int code;
    long allocations; /* made by it; -1: not known (sanitizers) */
    char *reply;      /* "" if empty */
};

/* Sections of the configuration beside storage.allowed_roots, or "". */
void rig_start_with(struct rig *rig, const struct goxel_method *methods, const char *sections);
void rig_start(struct rig *rig); /* the real table */
void rig_stop(struct rig *rig);  /* and removes the folders */

/* A whole message; returns rig->reply. */
const char *rig_send(struct rig *rig, const char *message);
const char *rig_send_bytes(struct rig *rig, const char *message, size_t len);

/*
 * One request with id 1: the result's text; or "CODE FIELD" of an error, with "" for no field; an error
 * that the method's row does not name fails the test. `params` is JSON, single quotes standing for double ones; NULL: none.
 */
const char *rig_call(struct rig *rig, const char *method, const char *params);

/* rpc.discover names an error of that code for the method. */
bool rig_is_declared(const struct goxel_method *method, int code);

/* The same, discarding what the test does not look at; asserts success. */
void rig_do(struct rig *rig, const char *method, const char *params);

/*
 * The same of an edit that shows in the current project's layers, voxels or selection (up to 5000): undo gives back
 * what was there, and redo what the edit made.
 */
void rig_edit(struct rig *rig, const char *method, const char *params);

/* Copy of `text` with single quotes made double ones; reused at the next call but three. */
const char *rig_json(const char *text);

/* A file below a folder. */
void rig_put_file(const char *folder, const char *name, const void *bytes, size_t len);
bool rig_has_file(const char *folder, const char *name);

#define CHECK(got, wanted) rig_check(__FILE__, __LINE__, got, wanted)
void rig_check(const char *file, unsigned line, const char *got,
               const char *wanted); /* wanted in single quotes */

#endif
