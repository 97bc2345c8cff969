/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The method table: what a row says, and what a handler is given.
 *
 * Used by: rpc alone.  Uses: what rpc.h uses.
 *
 * One row describes a method completely: from it come dispatch, the validation of parameters, the
 * state it may run in, who may call it, what it does with its project, `system.list_methods`, `rpc.discover`, docs/api.md and the
 * tests that walk all rows. A new method is one row in methods/table.c and one handler.
 */
#ifndef GOXEL_RPC_METHOD_H
#define GOXEL_RPC_METHOD_H

#include <pthread.h>
#include <stdatomic.h>

#include "access/level.h"
#include "base/memory.h"
#include "rpc/cursors.h"
#include "rpc/rpc.h"
#include "rpc/transfer.h"
#include "rpc/values.h"

enum goxel_param_type {
    GOXEL_PARAM_BOOL,
    GOXEL_PARAM_INT,      /* range min … max; no fraction, not even 7.0 */
    GOXEL_PARAM_NUMBER,   /* range min … max; integers too */
    GOXEL_PARAM_STRING,   /* at most max bytes, no NUL */
    GOXEL_PARAM_CHOICE,   /* one of `choices` */
    GOXEL_PARAM_NAME,     /* core/project's goxel_name_check */
    GOXEL_PARAM_COORD,    /* one coordinate */
    GOXEL_PARAM_COLOR,    /* every form of a colour */
    GOXEL_PARAM_POSITION, /* [x,y,z] or {x,y,z} */
    GOXEL_PARAM_POINT,    /* the same of numbers, each in the range min … max */
    GOXEL_PARAM_BOX,      /* {min,max} */
    GOXEL_PARAM_REGION,   /* {min,max} or {center,radius} */
    GOXEL_PARAM_LAYER,    /* id, "current" or name */
    GOXEL_PARAM_LAYERS,   /* the same, or "all" */
    GOXEL_PARAM_PROJECT,  /* id or name */
    GOXEL_PARAM_CHECKSUM, /* 32 bits: an integer, or 8 hexadecimal digits */
    GOXEL_PARAM_OBJECT,   /* checked by the handler */
    GOXEL_PARAM_ARRAY,    /* checked by the handler */
    GOXEL_PARAM_TYPES
};

struct goxel_param {
    const char *name;
    enum goxel_param_type type;
    bool required;
    int64_t min, max;     /* by type; both 0: no range */
    const char *choices;  /* space-separated */
    const char *fallback; /* what holds when it is absent, for people; NULL if required */
    const char *meaning;
    const char *shape; /* of an OBJECT or ARRAY: its JSON schema (draft 7), which the handler holds it to */
    enum goxel_access access; /* who gives it needs that level, too; UNSET: that of the method is enough */
};

/* What a member of a result is; how it is written: values.h, base/json.h. */
enum goxel_field_type {
    GOXEL_FIELD_BOOL,
    GOXEL_FIELD_INT,
    GOXEL_FIELD_COUNT, /* an integer from 0; above 2^53 its digits as a string */
    GOXEL_FIELD_NUMBER,
    GOXEL_FIELD_STRING,
    GOXEL_FIELD_STRINGS,  /* an array of them */
    GOXEL_FIELD_COLOR,    /* [r,g,b,a] */
    GOXEL_FIELD_POSITION, /* [x,y,z] */
    GOXEL_FIELD_BOX,      /* {min,max} */
    GOXEL_FIELD_OBJECT,
    GOXEL_FIELD_ARRAY,
    GOXEL_FIELD_TYPES
};

struct goxel_field {
    const char *name;
    enum goxel_field_type type;
    bool optional;                     /* there are results without it */
    bool nullable;                     /* or it is null */
    const struct goxel_field *members; /* of an OBJECT, or of each element of an ARRAY; NULL: any */
    const char *meaning;               /* NULL: the name says it */
};

/* A validated parameter. */
struct goxel_value {
    bool given;
    const struct goxel_json *node;
    union {
        bool flag;
        int64_t integer; /* INT, COORD, CHECKSUM */
        double number;
        struct {
            const char *bytes; /* NUL-terminated, without NUL inside */
            size_t len;
        } text; /* STRING, CHOICE, NAME, PROJECT */
        struct goxel_color color;
        struct goxel_pos pos;
        double point[3];
        struct goxel_region region; /* BOX, REGION */
        struct goxel_layer_name layer;
    };
};

#define GOXEL_PARAMS_MAX 16

/* The parameter of edits that the dispatcher knows: see repeat.c. */
#define GOXEL_REQUEST_KEY "request_key"

enum goxel_method_lock {
    GOXEL_LOCK_NONE, /* no project */
    GOXEL_LOCK_READ, /* the handler reads the published version */
    GOXEL_LOCK_EDIT, /* the handler edits, alone; read-only projects are refused */
    GOXEL_LOCK_OWN,  /* the project's slot is found, the handler does the rest */
};

struct goxel_invocation;

struct goxel_method {
    const char *name;
    const char *summary;
    const char *result; /* beyond `fields`, for people; without them the whole shape; NULL: nothing more */
    const struct goxel_param *params; /* in positional order; ends with a row whose name is NULL */
    enum goxel_method_lock lock;
    unsigned states; /* GOXEL_STATE_BITs it may run in, and maybe the GOXEL_METHOD_ bits below */
    /* 0, an error, GOXEL_METHOD_PARKED, or GOXEL_METHOD_REPEATED from the functions below */
    int (*run)(struct goxel_invocation *in);
    enum goxel_access access; /* UNSET: what goxel_method_access makes of `lock` */
    /* What rpc.discover tells beside the above. */
    const struct goxel_field
        *fields;         /* of the result; ends with a row whose name is NULL. NULL: see `result` */
    const int *errors;   /* beyond those that goxel_method_errors derives; ends with 0. NULL: none */
    const char *example; /* parameters that are accepted, a JSON object */
    const char *answer;  /* what is answered to them; where time plays a part, of the same shape */
};

/*
 * The handler posted the call's waiter: the lifecycle thread answers. From the post on the handler
 * must not touch the call: it may be answered, and gone, already.
 */
#define GOXEL_METHOD_PARKED 1

/* The request was carried out before, and its result is written: no edit was begun. The dispatcher's 0. */
#define GOXEL_METHOD_REPEATED 2

/* It needs memory that it keeps, and is refused above limits.max_memory_mb. Reads and deletes are not. */
#define GOXEL_METHOD_GROWS (1u << 31)
/* The handler reads its parameters itself, as they were sent: its row tells of them for people alone. */
#define GOXEL_METHOD_LOOSE (1u << 29)

/*
 * It edits or reads one project, by in->edit or in->project alone, and may be an operation of batch.execute. With
 * GOXEL_LOCK_OWN it gets at them by the functions below.
 */
#define GOXEL_METHOD_IN_BATCH (1u << 30)

/* It reads, makes or goes through a whole file: such ones leave a worker to the others (work/pool.h). */
#define GOXEL_METHOD_LONG (1u << 28)
_Static_assert(DAEMON_STATE_COUNT < 28, "the bits are no states'");

/* The table; ends with a row whose name is NULL. */
extern const struct goxel_method goxel_methods[];

/*
 * An edit that does not last yet, or a read of one by the call that made it: the reply to it is written, and kept back
 * until then. Where the edit fails, an error takes its place.
 */
struct goxel_pending {
    struct goxel_promise promise; /* unused by a read */
    struct goxel_pending *next;
    struct goxel_rpc_call *call;
    struct goxel_slot *slot;           /* a reference */
    struct goxel_project *version;     /* a reference; what the edit made of its project */
    const struct goxel_pending *of;    /* the edit; itself, or what was read */
    const struct goxel_method *method; /* for the log */
    size_t start, head, end;     /* bytes of the reply, and where its result begins; all 0: there is none */
    int code;                    /* what the edit was settled with */
    struct goxel_detail *detail; /* owned; NULL: none */
};

/* One call of one method, on the stack of the worker. */
struct goxel_invocation {
    struct goxel_rpc *rpc;
    struct goxel_rpc_call *call;
    const struct goxel_method *method;
    struct goxel_config *config; /* the same from beginning to end */
    struct goxel_value args[GOXEL_PARAMS_MAX];
    const struct goxel_json *params; /* as they were sent; NULL: none */
    struct goxel_json_writer *out;   /* takes the result: one value */
    struct goxel_detail *detail;
    struct goxel_slot *slot;             /* NULL with GOXEL_LOCK_NONE */
    const struct goxel_project *project; /* a version, held while the handler runs */
    struct goxel_project *edit;          /* the same while it is edited: a copy that is dropped on failure */
    struct goxel_edit editing;
    bool changed;            /* set by a handler that changed the project, */
    bool ends_group;         /* or that ends the group of its history that is open, and changed nothing */
    const char *request_key; /* NULL: none was given */
    uint64_t request;        /* hash of what was asked for, with a key */
    uint64_t failures;       /* goxel_away_failures at its beginning */
    struct goxel_invocation
        *outer;     /* of an operation of a batch: the batch, whose edit it works on; else NULL */
    int64_t bricks; /* of a batch: what its operations may have touched so far */
};

/* The parameter of that name; the row must have it (asserted). */
const struct goxel_value *goxel_arg(const struct goxel_invocation *in, const char *name);
/* The parameter if the row has it, and it was given; NULL. */
const struct goxel_value *goxel_arg_if_given(const struct goxel_invocation *in, const char *name);
/* Its value, or the fallback when it was not given. */
bool goxel_arg_bool(const struct goxel_invocation *in, const char *name, bool fallback);
int64_t goxel_arg_int(const struct goxel_invocation *in, const char *name, int64_t fallback);
double goxel_arg_number(const struct goxel_invocation *in, const char *name, double fallback);
const char *goxel_arg_text(const struct goxel_invocation *in, const char *name, const char *fallback);

/*
 * For GOXEL_LOCK_OWN: the project to read, or to edit; ended by goxel_invocation_end. The cancel's code,
 * GOXEL_ERROR_PROJECT_NOT_FOUND if it was closed meanwhile. To edit, nothing is written of the result before.
 */
int goxel_invocation_read(struct goxel_invocation *in);
/* GOXEL_ERROR_BAD_PROJECT_STATE: read-only. GOXEL_METHOD_REPEATED: there is nothing to edit, and nothing to end. */
int goxel_invocation_edit(struct goxel_invocation *in);
/*
 * `code`: how the work ended; with 0 the result is written. With 0 an edit that changed something is published: *its*
 * code, or `code`.
 */
int goxel_invocation_end(struct goxel_invocation *in, int code);

/* goxel_slot_load; what is damaged is GOXEL_ERROR_PROJECT_DAMAGED to whoever asks for it. */
int goxel_rpc_load(const struct goxel_rpc *rpc, struct goxel_slot *slot, struct goxel_detail *detail);

/*
 * `code`, or why nothing is true that was read so far: GOXEL_ERROR_PROJECT_DAMAGED if the project turned out to be damaged,
 * or what a brick could not be loaded for. Before what was made of it goes anywhere.
 */
int goxel_invocation_check(const struct goxel_invocation *in, int code);

/*
 * methods/compat.c: the project that a loose row means, named or the current one, loaded. Without any a row that reads gets
 * an empty one in in->project, a reference of its own, and no slot; for others one is made.
 */
int goxel_compat_find(struct goxel_invocation *in);

/*
 * May the method be run now, on the worker that runs the call? 0; GOXEL_ERROR_OVERLOADED: too many others are before it, or were until
 * its time was over; or GOXEL_METHOD_PARKED: others are, and the call is begun anew by its task; it is not to be touched any more.
 */
int goxel_rpc_take_turn(struct goxel_rpc_call *call, const struct goxel_method *method,
                        struct goxel_detail *detail);

/* Calls the handler with its project found, to be read or edited as the row says. */
int goxel_invocation_run(struct goxel_invocation *in);

/*
 * One operation of a batch, whose `outer` has the project in `edit`: the ceiling of memory is looked up, the handler called. What it changed is there, whether it fails or not, and `changed` says so.
 */
int goxel_invocation_run_inside(struct goxel_invocation *in);

/* The layer meant by a parameter of type LAYER (the active one if it was not given). */
int goxel_invocation_layer(const struct goxel_invocation *in, const char *param,
                           struct goxel_layer **ret_layer);
/* The layer of that name or id in in->project; `field` names it in GOXEL_ERROR_LAYER_NOT_FOUND. */
int goxel_invocation_find_layer(const struct goxel_invocation *in, const struct goxel_layer_name *wanted,
                                const char *field, struct goxel_layer **ret_layer);

/*
 * limits.max_edit_bricks, limits.max_result_voxels: 0 or GOXEL_ERROR_QUOTA. A batch is one edit: its operations' bricks add
 * up.
 */
int goxel_check_edit_bricks(const struct goxel_invocation *in, int64_t bricks);
/* The same before they are made; they are not added. */
int goxel_expect_edit_bricks(const struct goxel_invocation *in, int64_t bricks);
int goxel_check_result_voxels(const struct goxel_invocation *in, int64_t voxels);
/* limits.max_memory_mb, for methods that grow: 0 or GOXEL_ERROR_OUT_OF_MEMORY, with limit and given in MiB. */
int goxel_check_memory(const struct goxel_invocation *in);

/*
 * Reads `params` (NULL: none were sent) against the specs: GOXEL_ERROR_INVALID_PARAMS with field,
 * value and expectation, and the codes of values.h.
 */
int goxel_params_read(const struct goxel_method *method, const struct goxel_json *params,
                      struct goxel_detail *detail, struct goxel_value ret_args[GOXEL_PARAMS_MAX]);
size_t goxel_params_count(const struct goxel_method *method);
const char *goxel_param_type_name(enum goxel_param_type type);

/* ---- what a row says of itself: schema.c ---- */

/* JSON schemas (draft 7) of a parameter and of a result; both refer to those that goxel_schema_put_shared gives. */
void goxel_schema_put_param(struct goxel_json_writer *w, const char *key, const struct goxel_param *spec);
void goxel_schema_put_result(struct goxel_json_writer *w, const char *key, const struct goxel_method *method);
/* {NAME: schema}: those of types that several parameters have. */
void goxel_schema_put_shared(struct goxel_json_writer *w, const char *key);

/* The shape of a result for people, as "{x, layers: [{id, name}]}: more about it". */
#define GOXEL_SHAPE_MAX 4096 /* bytes; no row has more to say */
void goxel_method_put_shape(const struct goxel_method *method, struct goxel_buf *out);

/*
 * Which errors the method gives: those of every method, what follows from its parameters and its project, and its own;
 * without those that the specification of JSON-RPC has.
 */
bool goxel_method_gives(const struct goxel_method *method, int code);

/* ---- the dispatcher itself ---- */

struct goxel_method_count {
    atomic_ullong calls, errors, total_us;
    atomic_ullong buckets[GOXEL_RPC_BUCKETS + 1];
};

#define GOXEL_SAVE_LOCKS 16

struct goxel_rpc {
    struct goxel_rpc_options options;
    const struct goxel_method *methods;
    size_t count;
    const struct goxel_method **sorted;    /* by name */
    struct goxel_method_count *counts;     /* in the table's order */
    atomic_ullong unauthorised, forbidden; /* calls that were refused */
    int64_t started_ms;                    /* monotonic */
    struct goxel_memory (*memory)(void);   /* goxel_memory_usage, unless a test puts another in its place */
    /* See goxel_save_lock: a slot takes the lock of its id's hash. */
    pthread_mutex_t save_locks[GOXEL_SAVE_LOCKS];
    struct goxel_cursors cursors;
    pthread_mutex_t
        put_locks[GOXEL_SAVE_LOCKS]; /* PUTs of one name, by its hash: the second finds what the first made */
    pthread_mutex_t own_lock;        /* taken before those */
    char own_project[32];            /* id of the last one that the compatible family made; "": none */
};

/* As goxel_rpc_create, with another table. */
struct goxel_rpc *goxel_rpc_create_with(const struct goxel_rpc_options *options,
                                        const struct goxel_method *methods);
/*
 * pending.c: an edit, before it is committed, whose promise must be settled then, or it is taken back; a read of the
 * newest edit that the call has made of the slot, if there is one (NULL and 0: none). GOXEL_ERROR_OUT_OF_MEMORY.
 */
int goxel_pending_edit(struct goxel_invocation *in, struct goxel_pending **ret_pending);
void goxel_pending_take_back(struct goxel_pending *pending);
int goxel_pending_read(struct goxel_invocation *in, struct goxel_project **ret_version);
/*
 * Until all that the call has edited of the slot lasts, for what leaves the daemon; what the newest of it failed with.
 */
int goxel_pending_wait(struct goxel_invocation *in);
/* The reply to what has come since `first` (NULL: nothing) lies there; its result begins at `head`. */
void goxel_pending_place(struct goxel_pending *first, size_t start, size_t head, size_t end);
/* All are settled: what failed is an error in the reply; how many. */
size_t goxel_pending_settle(struct goxel_rpc_call *call);
void goxel_pending_destroy_all(struct goxel_rpc_call *call);
/* One more thing is settled, or the call itself has run: the last one ends the call. */
void goxel_rpc_call_release(struct goxel_rpc_call *call);

/*
 * repeat.c: whether the request has a key, and what it asks for (GOXEL_ERROR_OUT_OF_MEMORY); in the turn of its edit,
 * the key if it was used before, a reference, else NULL; the answer to a repeat, 0 or the error that it is; and the
 * key with the result written so far for the edit that is about to be committed (GOXEL_ERROR_OUT_OF_MEMORY).
 */
int goxel_repeat_begin(struct goxel_invocation *in);
struct goxel_key *goxel_repeat_find(const struct goxel_invocation *in, bool *ret_settled);
int goxel_repeat_answer(struct goxel_invocation *in, const struct goxel_key *key);
int goxel_repeat_remember(struct goxel_invocation *in);

/*
 * tools.c: the tools and their methods; is this the line form of a call; the message becomes the request that it stands for, or an error tells why
 * it stands for none; and the complete reply to that, or the error, becomes what the tool's caller expects.
 */
struct goxel_tool {
    const char *name, *method;
};
extern const struct goxel_tool goxel_tools[]; /* ends with a row whose name is NULL */
bool goxel_tool_called(const struct goxel_json *message);
int goxel_tool_translate(struct goxel_rpc_call *call, struct goxel_detail *detail);
void goxel_tool_answer(struct goxel_rpc_call *call);

/*
 * What a client needs to call it: the row's own level; of one that has none, to read for what reads a project and to edit for
 * what edits it. A row with neither can be called by nobody.
 */
enum goxel_access goxel_method_access(const struct goxel_method *method);
/* rpc.c: may this client give the parameters that it gave? GOXEL_ERROR_UNAUTHORISED, GOXEL_ERROR_FORBIDDEN. */
int goxel_check_params_access(const struct goxel_invocation *in);

/*
 * rpc.c: the method with its parameters (NULL: none), which are checked, counted and logged as calls of `counted`; the
 * result is appended. 0, an error, or GOXEL_METHOD_PARKED.
 */
int goxel_rpc_carry_out(struct goxel_rpc_call *call, const struct goxel_method *method,
                        const struct goxel_method *counted, const struct goxel_json *params,
                        struct goxel_detail *detail, struct goxel_buf *result);

/*
 * transfer.c: the transfer of the call is carried out, and has its results when the call is complete: then an edit that
 * did not come to last is an error. 0, or GOXEL_METHOD_PARKED: it has others before it, and its task runs it then.
 */
int goxel_transfer_run(struct goxel_rpc_call *call);
void goxel_transfer_settle(struct goxel_rpc_call *call);
/*
 * Do If-Match and If-None-Match let the transfer do it to this version of in->slot (NULL: to a project that is not
 * there)? 0, also where there is no transfer, or GOXEL_ERROR_PRECONDITION. In the turn of the edit.
 */
int goxel_transfer_check(const struct goxel_invocation *in, const struct goxel_project *project);
/* Notes what is read or edited, for what is told beside the body. Nothing where there is no transfer. */
void goxel_transfer_see(const struct goxel_invocation *in);
/* The ETag of what is read of in->project; true: the client has that already. */
bool goxel_transfer_known(const struct goxel_invocation *in);
/* One more header. */
void goxel_transfer_tell(struct goxel_transfer *transfer, const char *name, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* What does the work of a transfer. */
struct goxel_resource_row {
    enum goxel_resource resource;
    const char *verb;
    bool file;           /* of a name with a format's extension */
    const char *counted; /* the method of the table that it counts as, and (`method` NULL) is */
    const struct goxel_method *method;
};
extern const struct goxel_resource_row goxel_resource_rows[]; /* ends with `verb` NULL */

/* NULL: unknown. `len` bytes of name. */
const struct goxel_method *goxel_rpc_find(const struct goxel_rpc *rpc, const char *name, size_t len);

/* Opens a reply, up to and including its id; NULL is the id null. */
void goxel_rpc_put_head(struct goxel_json_writer *w, const struct goxel_json *id);
/* Appends one error object {"code", "message", "data"?} under `key`; `report` is a JSON value or NULL. */
void goxel_rpc_put_error(struct goxel_json_writer *w, const char *key, int code,
                         const struct goxel_detail *detail, const char *report, size_t report_len);

#endif
