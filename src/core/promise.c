/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/promise.h"

static void note_settled(struct goxel_promise *promise, int code, const struct goxel_detail *detail)
{
    struct goxel_promise_wait *wait = (struct goxel_promise_wait *)promise;

    pthread_mutex_lock(&wait->lock);
    wait->settled = true;
    wait->code = code;
    if (detail && wait->detail)
        *wait->detail = *detail;
    pthread_cond_signal(&wait->changed);
    pthread_mutex_unlock(&wait->lock);
}

void goxel_promise_begin(struct goxel_promise_wait *wait, struct goxel_detail *detail)
{
    *wait = (struct goxel_promise_wait){.promise = {note_settled}, .detail = detail};
    pthread_mutex_init(&wait->lock, NULL);
    pthread_cond_init(&wait->changed, NULL);
}

int goxel_promise_end(struct goxel_promise_wait *wait, int code)
{
    pthread_mutex_lock(&wait->lock);
    while (!code && !wait->settled)
        pthread_cond_wait(&wait->changed, &wait->lock);
    pthread_mutex_unlock(&wait->lock);
    pthread_mutex_destroy(&wait->lock);
    pthread_cond_destroy(&wait->changed);
    return code ? code : wait->code;
}
