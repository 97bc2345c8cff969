/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A list of slots under one mutex that is held for moments only. The list has a reference to each of
 * its slots, so that whoever finds one there can take another before it can be gone.
 */
#include "core/workspace.h"

#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/error.h"

struct goxel_slot {
    char id[24];
    char name[GOXEL_NAME_MAX + 1];   /* changed under the workspace's lock and `naming` */
    char wanted[GOXEL_NAME_MAX + 1]; /* a name that waits to be its; "": none. Under the workspace's lock */
    pthread_mutex_t naming;
    atomic_size_t refs;
    atomic_bool open;                  /* in the workspace, and to be found there */
    atomic_bool closed;                /* in the background */
    atomic_bool stale;                 /* the summary is */
    atomic_bool kept;                  /* what the keeper has made last of it is that it is there */
    atomic_llong used_ms;              /* goxel_clock_ms */
    _Atomic(struct goxel_head *) head; /* NULL: not in memory */
    pthread_mutex_t loading;           /* of `head` while it is NULL */
    pthread_mutex_t damaging;          /* of `damage` */
    atomic_bool damaged;               /* there is `damage` */
    struct goxel_summary summary;      /* while `head` is NULL; under the workspace's lock */
    struct goxel_detail *damage;       /* owned; NULL: none is known */
    void *data;                        /* the keeper's */
};

struct goxel_workspace {
    struct goxel_keeper *keeper; /* NULL: nobody */
    atomic_bool pressure;        /* memory is short */
    pthread_mutex_t waiting;
    pthread_cond_t relieved;
    pthread_mutex_t lock;
    struct goxel_slot
        *slots[GOXEL_PROJECTS_MAX]; /* oldest first, a reference each; also those to be opened */
    size_t count;
    struct goxel_slot *current; /* one of them, NULL for none */
    uint64_t next_id;
    int64_t history_bytes; /* of each project */
    uint64_t epoch;        /* of heads that are made */
};

/* ---- slots ---- */

static struct goxel_slot *slot_create(const char *name, struct goxel_head *head)
{
    struct goxel_slot *slot = calloc(1, sizeof(*slot));

    if (!slot)
        return NULL;
    atomic_init(&slot->refs, 1);
    atomic_init(&slot->head, head);
    atomic_init(&slot->used_ms, goxel_clock_ms());
    pthread_mutex_init(&slot->loading, NULL);
    pthread_mutex_init(&slot->damaging, NULL);
    pthread_mutex_init(&slot->naming, NULL);
    memcpy(slot->name, name, sizeof(slot->name));
    return slot;
}

struct goxel_slot *goxel_slot_ref(struct goxel_slot *slot)
{
    atomic_fetch_add_explicit(&slot->refs, 1, memory_order_relaxed);
    return slot;
}

/* Bricks, 64 MiB of them, from which on the system gets back what a project had. */
#define LARGE_BRICKS ((int64_t)((64 << 20) / GOXEL_BRICK_BYTES))

static bool is_large(struct goxel_head *head)
{
    struct goxel_project *project = goxel_head_snapshot(head);
    int64_t bricks = 0;

    for (size_t i = 0; i < project->layer_count; i++)
        bricks += goxel_volume_bricks(project->layers[i]->volume);
    goxel_project_unref(project);
    return bricks >= LARGE_BRICKS;
}

static void end_head(struct goxel_head *head)
{
    bool large = head && is_large(head);

    goxel_head_destroy(head);
#ifdef __GLIBC__
    /* Smaller projects' bricks lie between: of 540 MiB closed, 507 stayed with the process without this. */
    if (large)
        malloc_trim(0);
#else
    (void)large;
#endif
}

void goxel_slot_unref(struct goxel_slot *slot)
{
    if (!slot || atomic_fetch_sub_explicit(&slot->refs, 1, memory_order_acq_rel) != 1)
        return;
    end_head(slot->head);
    goxel_summary_finish(&slot->summary);
    pthread_mutex_destroy(&slot->loading);
    pthread_mutex_destroy(&slot->damaging);
    pthread_mutex_destroy(&slot->naming);
    free(slot->damage);
    free(slot);
}

const char *goxel_slot_id(const struct goxel_slot *slot)
{
    return slot->id;
}

bool goxel_slot_is_open(const struct goxel_slot *slot)
{
    return atomic_load_explicit(&slot->open, memory_order_acquire);
}

const char *goxel_slot_name(struct goxel_slot *slot, char ret_name[GOXEL_NAME_MAX + 1])
{
    pthread_mutex_lock(&slot->naming);
    memcpy(ret_name, slot->name, sizeof(slot->name));
    pthread_mutex_unlock(&slot->naming);
    return ret_name;
}

struct goxel_head *goxel_slot_head(struct goxel_slot *slot)
{
    return atomic_load_explicit(&slot->head, memory_order_acquire);
}

struct goxel_project *goxel_slot_snapshot(struct goxel_slot *slot)
{
    return goxel_head_snapshot(goxel_slot_head(slot));
}

bool goxel_slot_is_loaded(const struct goxel_slot *slot)
{
    return atomic_load_explicit(&slot->head, memory_order_acquire) != NULL;
}

int64_t goxel_slot_used_ms(const struct goxel_slot *slot)
{
    return atomic_load_explicit(&slot->used_ms, memory_order_relaxed);
}

void goxel_slot_set_stale(struct goxel_slot *slot)
{
    atomic_store_explicit(&slot->stale, true, memory_order_relaxed);
}

void goxel_slot_set_data(struct goxel_slot *slot, void *data)
{
    slot->data = data;
}

void *goxel_slot_data(const struct goxel_slot *slot)
{
    return slot->data;
}

bool goxel_slot_is_closed(const struct goxel_slot *slot)
{
    return atomic_load_explicit(&slot->closed, memory_order_relaxed);
}

bool goxel_slot_is_sole(const struct goxel_slot *slot)
{
    return atomic_load_explicit(&slot->refs, memory_order_acquire) == 1;
}

bool goxel_slot_set_damage(struct goxel_slot *slot, const struct goxel_detail *damage)
{
    bool first;

    pthread_mutex_lock(&slot->damaging);
    if (!slot->damage)
        slot->damage = malloc(sizeof(*slot->damage));
    first = slot->damage && !slot->damaged; /* without memory it is told the next time */
    if (first) {
        *slot->damage = *damage;
        atomic_store_explicit(&slot->damaged, true, memory_order_release);
    }
    pthread_mutex_unlock(&slot->damaging);
    return first;
}

bool goxel_slot_damage(struct goxel_slot *slot, struct goxel_detail *ret_damage)
{
    if (!atomic_load_explicit(&slot->damaged, memory_order_acquire))
        return false;
    pthread_mutex_lock(&slot->damaging);
    if (ret_damage)
        *ret_damage = *slot->damage;
    pthread_mutex_unlock(&slot->damaging);
    return true;
}

/* ---- summaries ---- */

int goxel_summary_of(const struct goxel_project *project, struct goxel_summary *ret_summary)
{
    struct goxel_summary summary = {
        .layers = project->layer_count,
        .voxels = goxel_project_voxels(project),
        .version = project->version,
        .created_ms = project->created_ms,
        .modified_ms = project->modified_ms,
        .modified = goxel_project_is_modified(project),
        .read_only = project->read_only,
    };

    memcpy(summary.name, project->name, sizeof(summary.name));
    if (project->path && !(summary.path = strdup(project->path)))
        return GOXEL_ERROR_OUT_OF_MEMORY;
    *ret_summary = summary;
    return 0;
}

void goxel_summary_finish(struct goxel_summary *summary)
{
    free(summary->path);
    summary->path = NULL;
}

static int copy_summary(const struct goxel_summary *summary, struct goxel_summary *ret_summary)
{
    *ret_summary = *summary;
    ret_summary->path = summary->path ? strdup(summary->path) : NULL;
    return summary->path && !ret_summary->path ? GOXEL_ERROR_OUT_OF_MEMORY : 0;
}

int goxel_slot_summary(struct goxel_workspace *workspace, struct goxel_slot *slot,
                       struct goxel_summary *ret_summary)
{
    struct goxel_project *project;
    int code;

    if (atomic_load_explicit(&slot->stale, memory_order_relaxed) && !goxel_slot_is_loaded(slot))
        (void)goxel_slot_fetch(workspace, slot, NULL); /* what cannot be loaded is as it is */
    pthread_mutex_lock(&workspace->lock);
    if (!goxel_slot_is_loaded(slot)) {
        code = copy_summary(&slot->summary, ret_summary);
        pthread_mutex_unlock(&workspace->lock);
    } else {
        pthread_mutex_unlock(&workspace->lock);
        project = goxel_slot_snapshot(slot); /* loaded it stays, as the caller has the slot */
        code = goxel_summary_of(project, ret_summary);
        goxel_project_unref(project);
    }
    if (!code)
        ret_summary->closed = goxel_slot_is_closed(slot);
    return code;
}

/* ---- in memory, and out of it ---- */

static int load(struct goxel_workspace *workspace, struct goxel_slot *slot, struct goxel_detail *detail)
{
    struct goxel_key_list keys = {NULL, 0, 0};
    struct goxel_project *project = NULL;
    struct goxel_head *head;
    int code = workspace->keeper->load(workspace->keeper, slot, &project, &keys, detail);

    if (code == GOXEL_ERROR_INVALID_DATA)
        (void)goxel_slot_set_damage(slot, detail);
    if (code)
        return code;
    project->is_version = true;           /* nobody else has its history */
    goxel_slot_name(slot, project->name); /* another project may have been given its own */
    head = goxel_head_create(project);
    goxel_project_unref(project);
    for (size_t i = 0; head && i < keys.count; i++)
        goxel_head_restore_key(head, keys.list[i]);
    goxel_key_list_finish(&keys);
    if (!head)
        return goxel_fail(detail, GOXEL_ERROR_OUT_OF_MEMORY, "the project");
    goxel_head_set_keeper(head, workspace->keeper, slot);
    goxel_head_set_epoch(head, workspace->epoch);
    pthread_mutex_lock(&workspace->lock);
    goxel_head_set_history_bytes(head, workspace->history_bytes);
    atomic_store_explicit(&slot->head, head, memory_order_release);
    atomic_store_explicit(&slot->stale, false, memory_order_relaxed);
    pthread_mutex_unlock(&workspace->lock);
    return 0;
}

int goxel_slot_fetch(struct goxel_workspace *workspace, struct goxel_slot *slot, struct goxel_detail *detail)
{
    struct goxel_detail own;
    int code = 0;

    if (goxel_slot_damage(slot, detail))
        return GOXEL_ERROR_INVALID_DATA;
    if (goxel_slot_is_loaded(slot))
        return 0;
    goxel_detail_init(&own);
    pthread_mutex_lock(&slot->loading);
    if (goxel_slot_damage(slot, &own))
        code = GOXEL_ERROR_INVALID_DATA;
    else if (!goxel_slot_is_loaded(slot))
        code = load(workspace, slot, &own);
    pthread_mutex_unlock(&slot->loading);
    if (code && detail)
        *detail = own;
    return code;
}

int goxel_slot_load(struct goxel_workspace *workspace, struct goxel_slot *slot, struct goxel_detail *detail)
{
    int code;

    atomic_store_explicit(&slot->used_ms, goxel_clock_ms(), memory_order_relaxed);
    code = goxel_slot_fetch(workspace, slot, detail);
    if (!code)
        atomic_store_explicit(&slot->closed, false, memory_order_relaxed);
    return code;
}

bool goxel_workspace_unload(struct goxel_workspace *workspace, struct goxel_slot *slot,
                            const struct goxel_project *version, int64_t ms)
{
    struct goxel_summary summary;
    struct goxel_head *head = NULL;

    if (!goxel_slot_is_loaded(slot) || goxel_summary_of(version, &summary))
        return false;
    pthread_mutex_lock(&workspace->lock);
    /* The list's reference and the caller's: nobody can come to another one without the lock. */
    if (goxel_slot_is_open(slot) && atomic_load_explicit(&slot->refs, memory_order_acquire) == 2 &&
        goxel_slot_used_ms(slot) <= ms && goxel_head_is_settled(slot->head, version)) {
        struct goxel_summary old = slot->summary;

        head = slot->head;
        atomic_store_explicit(&slot->head, NULL, memory_order_release);
        slot->summary = summary;
        summary = old;
    }
    pthread_mutex_unlock(&workspace->lock);
    goxel_summary_finish(&summary);
    end_head(head);
    return head != NULL;
}

/* ---- the workspace ---- */

struct goxel_workspace *goxel_workspace_create(void)
{
    struct goxel_workspace *workspace = calloc(1, sizeof(*workspace));
    pthread_condattr_t monotonic;

    if (!workspace)
        return NULL;
    pthread_mutex_init(&workspace->lock, NULL);
    pthread_mutex_init(&workspace->waiting, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&workspace->relieved, &monotonic);
    pthread_condattr_destroy(&monotonic);
    workspace->next_id = 1;
    workspace->history_bytes = GOXEL_HEAD_HISTORY_BYTES;
    return workspace;
}

void goxel_workspace_set_history_bytes(struct goxel_workspace *workspace, int64_t bytes)
{
    pthread_mutex_lock(&workspace->lock);
    workspace->history_bytes = bytes;
    for (size_t i = 0; i < workspace->count; i++) {
        if (goxel_slot_is_loaded(workspace->slots[i]))
            goxel_head_set_history_bytes(workspace->slots[i]->head, bytes);
    }
    pthread_mutex_unlock(&workspace->lock);
}

void goxel_workspace_set_pressure(struct goxel_workspace *workspace, bool pressure)
{
    pthread_mutex_lock(&workspace->waiting);
    atomic_store_explicit(&workspace->pressure, pressure, memory_order_relaxed);
    if (!pressure)
        pthread_cond_broadcast(&workspace->relieved);
    pthread_mutex_unlock(&workspace->waiting);
}

void goxel_workspace_wait(struct goxel_workspace *workspace)
{
    struct timespec until;
    int err = 0;

    if (!atomic_load_explicit(&workspace->pressure, memory_order_relaxed))
        return;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += GOXEL_PRESSURE_MS / 1000;
    pthread_mutex_lock(&workspace->waiting);
    while (!err && atomic_load_explicit(&workspace->pressure, memory_order_relaxed))
        err = pthread_cond_timedwait(&workspace->relieved, &workspace->waiting, &until);
    pthread_mutex_unlock(&workspace->waiting);
}

void goxel_workspace_set_epoch(struct goxel_workspace *workspace, uint64_t epoch)
{
    workspace->epoch = epoch;
}

void goxel_workspace_set_keeper(struct goxel_workspace *workspace, struct goxel_keeper *keeper)
{
    workspace->keeper = keeper;
}

void goxel_workspace_destroy(struct goxel_workspace *workspace)
{
    if (!workspace)
        return;
    for (size_t i = 0; i < workspace->count; i++)
        goxel_slot_unref(workspace->slots[i]);
    pthread_mutex_destroy(&workspace->lock);
    pthread_mutex_destroy(&workspace->waiting);
    pthread_cond_destroy(&workspace->relieved);
    free(workspace);
}

static struct goxel_slot *slot_by_name(const struct goxel_workspace *workspace, const char *name)
{
    for (size_t i = 0; i < workspace->count; i++) {
        if (strcmp(workspace->slots[i]->name, name) == 0)
            return workspace->slots[i];
    }
    return NULL;
}

/* Found by it, or about to be. */
static bool is_taken(const struct goxel_workspace *workspace, const char *name)
{
    for (size_t i = 0; i < workspace->count; i++) {
        if (strcmp(workspace->slots[i]->name, name) == 0 || strcmp(workspace->slots[i]->wanted, name) == 0)
            return true;
    }
    return false;
}

static struct goxel_slot *slot_by_id(const struct goxel_workspace *workspace, const char *id)
{
    for (size_t i = 0; i < workspace->count; i++) {
        if (strcmp(workspace->slots[i]->id, id) == 0)
            return workspace->slots[i];
    }
    return NULL;
}

/* "p1" would be found before, and instead of, the project with that id. */
static bool looks_like_id(const char *name)
{
    return name[0] == 'p' && name[1] && name[1 + strspn(name + 1, "0123456789")] == '\0';
}

uint64_t goxel_project_number(const char *id)
{
    uint64_t number = 0;

    if (id[0] != 'p' || id[1] == '0')
        return 0;
    for (id++; *id; id++) {
        if (*id < '0' || *id > '9')
            return 0;
        number = number * 10 + (uint64_t)(*id - '0');
        if (number > GOXEL_PROJECT_NUMBER_MAX)
            return 0;
    }
    return number;
}

/* Under the workspace's lock. */
static int check_room(const struct goxel_workspace *workspace, const struct goxel_slot *slot,
                      struct goxel_detail *detail)
{
    if (workspace->count == GOXEL_PROJECTS_MAX)
        return goxel_fail_limit(detail, GOXEL_ERROR_QUOTA, "open projects", GOXEL_PROJECTS_MAX,
                                GOXEL_PROJECTS_MAX + 1);
    if (is_taken(workspace, slot->name))
        return goxel_fail_value(detail, GOXEL_ERROR_BAD_PROJECT_STATE, "name", slot->name,
                                "a name that no open project has");
    if (slot_by_id(workspace, slot->id))
        return goxel_fail_value(detail, GOXEL_ERROR_BAD_PROJECT_STATE, "id", slot->id,
                                "an id that no open project has");
    return 0;
}

/* Under the workspace's lock: to its place by number, which is the end for a new one. Nobody finds it yet. */
static void put_slot(struct goxel_workspace *workspace, struct goxel_slot *slot, uint64_t number)
{
    size_t at = workspace->count;

    while (at > 0 && goxel_project_number(workspace->slots[at - 1]->id) > number)
        at--;
    memmove(workspace->slots + at + 1, workspace->slots + at,
            (workspace->count - at) * sizeof(struct goxel_slot *));
    workspace->slots[at] = slot;
    if (goxel_slot_is_loaded(slot))
        goxel_head_set_history_bytes(slot->head, workspace->history_bytes);
    workspace->count++;
    if (number >= workspace->next_id)
        workspace->next_id = number + 1;
}

/* The newest that can be found and was not shut; NULL: there is none. */
static struct goxel_slot *newest(const struct goxel_workspace *workspace)
{
    size_t at = workspace->count;

    while (at > 0 &&
           (!goxel_slot_is_open(workspace->slots[at - 1]) || goxel_slot_is_closed(workspace->slots[at - 1])))
        at--;
    return at > 0 ? workspace->slots[at - 1] : NULL;
}

/* Under the workspace's lock. False: it is not there. */
static bool take_out(struct goxel_workspace *workspace, struct goxel_slot *slot)
{
    size_t at = 0;

    while (at < workspace->count && workspace->slots[at] != slot)
        at++;
    if (at == workspace->count)
        return false;
    atomic_store_explicit(&slot->open, false, memory_order_release);
    workspace->count--;
    memmove(workspace->slots + at, workspace->slots + at + 1,
            (workspace->count - at) * sizeof(struct goxel_slot *));
    if (workspace->current == slot)
        workspace->current = newest(workspace);
    return true;
}

/* It lasts, and is found from here on; or it does not, and is gone. */
static int show(struct goxel_workspace *workspace, struct goxel_slot *slot, struct goxel_keeper *keeper,
                struct goxel_detail *detail)
{
    int result = keeper ? keeper->add(keeper, slot, detail) : 0;

    if (result) {
        goxel_workspace_remove(workspace, slot);
        return result;
    }
    pthread_mutex_lock(&workspace->lock);
    atomic_store_explicit(&slot->open, true, memory_order_release);
    workspace->current = newest(workspace);
    pthread_mutex_unlock(&workspace->lock);
    return 0;
}

/* `number` 0: the next. Takes the slot's reference over, on failure too. */
static int add_numbered(struct goxel_workspace *workspace, struct goxel_slot *slot, uint64_t number,
                        struct goxel_keeper *keeper, struct goxel_slot **ret_slot,
                        struct goxel_detail *detail)
{
    int result;

    goxel_slot_set_kept(slot, !keeper);
    pthread_mutex_lock(&workspace->lock);
    if (number == 0)
        number = workspace->next_id;
    snprintf(slot->id, sizeof(slot->id), "p%llu", (unsigned long long)number);
    result = check_room(workspace, slot, detail);
    if (!result)
        put_slot(workspace, goxel_slot_ref(slot), number);
    pthread_mutex_unlock(&workspace->lock);
    if (!result)
        result = show(workspace, slot, keeper, detail);
    if (!result && ret_slot)
        *ret_slot = slot;
    else
        goxel_slot_unref(slot);
    return result;
}

static int check_name(const char *name, struct goxel_detail *detail)
{
    if (!looks_like_id(name))
        return 0;
    return goxel_fail_value(detail, GOXEL_ERROR_VALIDATION, "name", name,
                            "a name that does not look like an id (p and digits)");
}

int goxel_workspace_has_room(struct goxel_workspace *workspace, struct goxel_detail *detail)
{
    return workspace->keeper ? workspace->keeper->room(workspace->keeper, detail) : 0;
}

int goxel_workspace_add(struct goxel_workspace *workspace, struct goxel_project *project,
                        struct goxel_slot **ret_slot, struct goxel_detail *detail)
{
    struct goxel_head *head;
    struct goxel_slot *slot;
    int result = check_name(project->name, detail);

    if (result)
        return result;
    head = goxel_head_create(project);
    slot = head ? slot_create(project->name, head) : NULL;
    if (!slot) {
        goxel_head_destroy(head);
        return goxel_fail(detail, GOXEL_ERROR_OUT_OF_MEMORY, "a slot for the project");
    }
    goxel_head_set_keeper(head, workspace->keeper, slot);
    goxel_head_set_epoch(head, workspace->epoch);
    result = add_numbered(workspace, slot, 0, workspace->keeper, ret_slot, detail);
    if (!result)
        goxel_project_unref(project); /* the slot has it; otherwise the caller keeps it */
    return result;
}

int goxel_workspace_restore(struct goxel_workspace *workspace, struct goxel_summary *summary, const char *id,
                            const struct goxel_detail *damage, void *data, struct goxel_slot **ret_slot,
                            struct goxel_detail *detail)
{
    uint64_t number = goxel_project_number(id);
    struct goxel_slot *slot, *added;
    int result = check_name(summary->name, detail);

    if (result)
        return result;
    if (number == 0)
        return goxel_fail_value(detail, GOXEL_ERROR_VALIDATION, "id", id,
                                "a project's id (p and a number of at most %llu)",
                                (unsigned long long)GOXEL_PROJECT_NUMBER_MAX);
    slot = slot_create(summary->name, NULL);
    if (!slot)
        return goxel_fail(detail, GOXEL_ERROR_OUT_OF_MEMORY, "a slot for the project");
    slot->data = data;
    if (damage)
        goxel_slot_set_damage(slot, damage);
    atomic_store_explicit(&slot->closed, summary->closed, memory_order_relaxed); /* before it can be found */
    result = add_numbered(workspace, slot, number, NULL, &added, detail);
    if (result)
        return result;
    pthread_mutex_lock(&workspace->lock);
    added->summary = *summary;
    pthread_mutex_unlock(&workspace->lock);
    *summary = (struct goxel_summary){.path = NULL};
    if (ret_slot)
        *ret_slot = added;
    else
        goxel_slot_unref(added);
    return 0;
}

void goxel_workspace_shut(struct goxel_workspace *workspace, struct goxel_slot *slot)
{
    pthread_mutex_lock(&workspace->lock);
    atomic_store_explicit(&slot->closed, true, memory_order_relaxed);
    if (workspace->current == slot)
        workspace->current = newest(workspace);
    pthread_mutex_unlock(&workspace->lock);
}

uint64_t goxel_workspace_next_number(struct goxel_workspace *workspace)
{
    uint64_t next;

    pthread_mutex_lock(&workspace->lock);
    next = workspace->next_id;
    pthread_mutex_unlock(&workspace->lock);
    return next;
}

void goxel_workspace_raise_next_number(struct goxel_workspace *workspace, uint64_t next)
{
    pthread_mutex_lock(&workspace->lock);
    if (next > workspace->next_id && next <= GOXEL_PROJECT_NUMBER_MAX)
        workspace->next_id = next;
    pthread_mutex_unlock(&workspace->lock);
}

int goxel_workspace_find(struct goxel_workspace *workspace, const char *name, struct goxel_slot **ret_slot,
                         struct goxel_detail *detail)
{
    struct goxel_slot *slot;

    pthread_mutex_lock(&workspace->lock);
    slot = workspace->current;
    if (name) {
        slot = slot_by_id(workspace, name);
        if (!slot)
            slot = slot_by_name(workspace, name);
    }
    if (slot && !goxel_slot_is_open(slot))
        slot = NULL;
    if (slot)
        *ret_slot = goxel_slot_ref(slot);
    pthread_mutex_unlock(&workspace->lock);
    if (slot)
        return 0;
    if (!name)
        return goxel_fail(detail, GOXEL_ERROR_PROJECT_NOT_FOUND, "no project is open");
    return goxel_fail_value(detail, GOXEL_ERROR_PROJECT_NOT_FOUND, "project", name,
                            "the id or name of an open project");
}

/* "name-2": what does not fit goes from the name's end, in whole characters. */
static void number_name(char name[GOXEL_NAME_MAX + 1], const char *wanted, unsigned number)
{
    char suffix[16];
    size_t suffix_len = (size_t)snprintf(suffix, sizeof(suffix), "-%u", number);
    size_t len;

    goxel_name_copy(name, wanted, strlen(wanted));
    len = strlen(name);
    if (len + suffix_len > GOXEL_NAME_MAX) {
        len = GOXEL_NAME_MAX - suffix_len;
        while (len > 0 && ((unsigned char)name[len] & 0xc0) == 0x80)
            len--;
    }
    memcpy(name + len, suffix, suffix_len + 1);
}

/* N of "name-N", 0 if the name does not end like that. */
static unsigned long number_of(const char *name)
{
    const char *dash = strrchr(name, '-');

    return dash && dash[1] ? strtoul(dash + 1, NULL, 10) : 0;
}

/* With n names taken or about to be, one of n + 1 numbers is free: one look at each finds it. */
static unsigned free_number(const struct goxel_workspace *workspace, const char *wanted)
{
    bool taken[2 * GOXEL_PROJECTS_MAX + 3] = {false};
    unsigned number = 2;

    for (size_t i = 0; i < 2 * workspace->count; i++) {
        const struct goxel_slot *slot = workspace->slots[i / 2];
        const char *name = i % 2 ? slot->wanted : slot->name;
        unsigned long found = number_of(name);
        char again[GOXEL_NAME_MAX + 1];

        if (found < 2 || found > 2 * workspace->count + 1)
            continue;
        number_name(again, wanted, (unsigned)found);
        if (strcmp(again, name) == 0)
            taken[found] = true;
    }
    while (taken[number])
        number++;
    return number;
}

void goxel_workspace_free_name(struct goxel_workspace *workspace, const char *wanted,
                               char ret_name[GOXEL_NAME_MAX + 1])
{
    goxel_name_copy(ret_name, wanted, strlen(wanted));
    pthread_mutex_lock(&workspace->lock);
    if (looks_like_id(ret_name) || is_taken(workspace, ret_name))
        number_name(ret_name, wanted, free_number(workspace, wanted));
    pthread_mutex_unlock(&workspace->lock);
}

/* Under the workspace's lock. */
static int check_wanted(const struct goxel_workspace *workspace, const struct goxel_slot *slot,
                        const char *name, struct goxel_detail *detail)
{
    if (slot->wanted[0])
        return goxel_fail(detail, GOXEL_ERROR_LOCKED, "the project is being given another name");
    if (strcmp(slot->name, name) != 0 && is_taken(workspace, name))
        return goxel_fail_value(detail, GOXEL_ERROR_BAD_PROJECT_STATE, "name", name,
                                "a name that no project has");
    return 0;
}

int goxel_workspace_reserve_name(struct goxel_workspace *workspace, struct goxel_slot *slot, const char *name,
                                 struct goxel_detail *detail)
{
    int code = check_name(name, detail);

    if (code)
        return code;
    pthread_mutex_lock(&workspace->lock);
    code = check_wanted(workspace, slot, name, detail);
    if (!code)
        goxel_name_copy(slot->wanted, name, strlen(name));
    pthread_mutex_unlock(&workspace->lock);
    return code;
}

void goxel_workspace_rename(struct goxel_workspace *workspace, struct goxel_slot *slot, bool done)
{
    pthread_mutex_lock(&workspace->lock);
    pthread_mutex_lock(&slot->naming);
    if (done)
        memcpy(slot->name, slot->wanted, sizeof(slot->name));
    pthread_mutex_unlock(&slot->naming);
    slot->wanted[0] = '\0';
    pthread_mutex_unlock(&workspace->lock);
}

void goxel_workspace_remove(struct goxel_workspace *workspace, struct goxel_slot *slot)
{
    bool found;

    pthread_mutex_lock(&workspace->lock);
    found = take_out(workspace, slot);
    pthread_mutex_unlock(&workspace->lock);
    if (found)
        goxel_slot_unref(slot); /* outside the lock: a large project takes a while to free */
}

int goxel_workspace_close(struct goxel_workspace *workspace, struct goxel_slot *slot,
                          struct goxel_detail *detail)
{
    int code = workspace->keeper ? workspace->keeper->remove(workspace->keeper, slot, detail) : 0;

    if (!code)
        goxel_workspace_remove(workspace, slot);
    return code;
}

bool goxel_slot_is_kept(const struct goxel_slot *slot)
{
    return atomic_load_explicit(&slot->kept, memory_order_acquire);
}

void goxel_slot_set_kept(struct goxel_slot *slot, bool kept)
{
    atomic_store_explicit(&slot->kept, kept, memory_order_release);
}

static int list_slots(struct goxel_workspace *workspace, bool (*wanted)(const struct goxel_slot *slot),
                      struct goxel_slot ***ret_slots, size_t *ret_count)
{
    struct goxel_slot **slots;
    size_t count = 0;

    pthread_mutex_lock(&workspace->lock);
    slots = malloc((workspace->count + 1) * sizeof(struct goxel_slot *)); /* never of size 0 */
    for (size_t i = 0; slots && i < workspace->count; i++) {
        if (wanted(workspace->slots[i]))
            slots[count++] = goxel_slot_ref(workspace->slots[i]);
    }
    pthread_mutex_unlock(&workspace->lock);
    if (!slots)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    *ret_slots = slots;
    *ret_count = count;
    return 0;
}

int goxel_workspace_list(struct goxel_workspace *workspace, struct goxel_slot ***ret_slots, size_t *ret_count)
{
    return list_slots(workspace, goxel_slot_is_open, ret_slots, ret_count);
}

int goxel_workspace_list_kept(struct goxel_workspace *workspace, struct goxel_slot ***ret_slots,
                              size_t *ret_count)
{
    return list_slots(workspace, goxel_slot_is_kept, ret_slots, ret_count);
}

void goxel_workspace_set_current(struct goxel_workspace *workspace, struct goxel_slot *slot)
{
    pthread_mutex_lock(&workspace->lock);
    if (goxel_slot_is_open(slot))
        workspace->current = slot;
    pthread_mutex_unlock(&workspace->lock);
}

bool goxel_workspace_is_current(struct goxel_workspace *workspace, const struct goxel_slot *slot)
{
    bool current;

    pthread_mutex_lock(&workspace->lock);
    current = workspace->current == slot;
    pthread_mutex_unlock(&workspace->lock);
    return current;
}

size_t goxel_workspace_count(struct goxel_workspace *workspace)
{
    size_t count = 0;

    pthread_mutex_lock(&workspace->lock);
    for (size_t i = 0; i < workspace->count; i++)
        count += goxel_slot_is_open(workspace->slots[i]);
    pthread_mutex_unlock(&workspace->lock);
    return count;
}

size_t goxel_workspace_count_damaged(struct goxel_workspace *workspace)
{
    size_t count = 0;

    pthread_mutex_lock(&workspace->lock);
    for (size_t i = 0; i < workspace->count; i++)
        count += goxel_slot_is_open(workspace->slots[i]) && goxel_slot_damage(workspace->slots[i], NULL);
    pthread_mutex_unlock(&workspace->lock);
    return count;
}
