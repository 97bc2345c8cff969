/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keys of requests: the last so many are found, and the newest go with the tip that they came with. */
#include "core/keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/head.h"
#include "base/error.h"
#include "core/layered.h"
#include "unit.h"
#include "held.h"

static const struct goxel_note note = {.name = "edit"};

static const char *name_of(int number)
{
    static char name[32];

    snprintf(name, sizeof(name), "key %d", number);
    return name;
}

static void add(struct goxel_keys *keys, int from, int to)
{
    for (int i = from; i < to; i++) {
        struct goxel_key *key = goxel_key_create(name_of(i), (uint64_t)i, "{}", 2);

        CU_ASSERT_PTR_NOT_NULL_FATAL(key);
        goxel_keys_add(keys, key);
        goxel_key_unref(key);
    }
}

static int count_found(const struct goxel_keys *keys, int from, int to)
{
    int found = 0;

    for (int i = from; i < to; i++) {
        const struct goxel_key *key = goxel_keys_find(keys, name_of(i));

        found += key && key->request == (uint64_t)i && strcmp(key->text, name_of(i)) == 0;
    }
    return found;
}

static void the_last_ones_are_found(void)
{
    struct goxel_keys keys;

    goxel_keys_init(&keys, 0);
    CU_ASSERT_PTR_NULL(goxel_keys_find(&keys, "key 0"));
    add(&keys, 0, GOXEL_KEYS_MAX);
    goxel_keys_age(&keys, keys.last);
    CU_ASSERT_EQUAL(count_found(&keys, 0, GOXEL_KEYS_MAX), GOXEL_KEYS_MAX);
    add(&keys, GOXEL_KEYS_MAX, GOXEL_KEYS_MAX + 3);
    goxel_keys_age(&keys, keys.last - 1); /* one is on its way */
    CU_ASSERT_EQUAL(count_found(&keys, 0, GOXEL_KEYS_MAX + 3), GOXEL_KEYS_MAX + 1);
    CU_ASSERT_EQUAL(count_found(&keys, 0, 2), 0);
    CU_ASSERT_EQUAL(keys.count, GOXEL_KEYS_MAX + 1);
    goxel_keys_finish(&keys);
}

static void the_newest_are_cut(void)
{
    struct goxel_keys keys;

    goxel_keys_init(&keys, 7); /* those before are not known */
    add(&keys, 0, 100);
    goxel_keys_cut(&keys, 7 + 60);
    CU_ASSERT_EQUAL(count_found(&keys, 0, 100), 60);
    CU_ASSERT_EQUAL(count_found(&keys, 0, 60), 60);
    add(&keys, 90, 100);
    CU_ASSERT_EQUAL(keys.newest->number, 7 + 70);
    CU_ASSERT_EQUAL(count_found(&keys, 0, 100), 70);
    goxel_keys_cut(&keys, 7);
    CU_ASSERT_EQUAL(count_found(&keys, 0, 100), 0);
    CU_ASSERT_PTR_NULL(keys.oldest);
    CU_ASSERT_PTR_NULL(keys.newest);
    add(&keys, 5, 6);
    CU_ASSERT_EQUAL(keys.oldest->number, 8);
    goxel_keys_finish(&keys);
}

static void a_long_result_is_not_kept(void)
{
    char *text = calloc(1, GOXEL_KEY_RESULT_MAX + 1);
    struct goxel_key *longest = goxel_key_create("a", 1, text, GOXEL_KEY_RESULT_MAX);
    struct goxel_key *longer = goxel_key_create("b", 1, text, GOXEL_KEY_RESULT_MAX + 1);
    struct goxel_key *none = goxel_key_create("c", 1, NULL, 5);

    CU_ASSERT_EQUAL(longest->result_len, GOXEL_KEY_RESULT_MAX);
    CU_ASSERT_EQUAL(memcmp(longest->result, text, longest->result_len), 0);
    CU_ASSERT_PTR_NULL(longer->result);
    CU_ASSERT_EQUAL(longer->result_len, 0);
    CU_ASSERT_PTR_NULL(none->result);
    goxel_key_unref(longest);
    goxel_key_unref(longer);
    goxel_key_unref(none);
    free(text);
}

/* Without memory for more buckets it is slower, not wrong. */
static void buckets_may_stay_few(void)
{
    struct goxel_keys keys;

    goxel_keys_init(&keys, 0);
    add(&keys, 0, GOXEL_KEYS_FIRST_BUCKETS);
    for (int i = GOXEL_KEYS_FIRST_BUCKETS; i < 40; i++) {
        struct goxel_key *key = goxel_key_create(name_of(i), (uint64_t)i, NULL, 0);

        unit_fail_allocation(0);
        goxel_keys_add(&keys, key);
        unit_fail_allocation(-1);
        goxel_key_unref(key);
    }
    CU_ASSERT_EQUAL(count_found(&keys, 0, 40), 40);
    goxel_keys_finish(&keys);
}

/* ---- of a head ---- */

static struct held held;

static struct goxel_head *held_head(void)
{
    struct goxel_project *project = new_project();
    struct goxel_head *head = goxel_head_create(project);

    CU_ASSERT_PTR_NOT_NULL_FATAL(head);
    goxel_project_unref(project);
    held = held_make();
    goxel_head_set_keeper(head, &held.keeper, NULL);
    return head;
}

/* The tip, which the test has a reference to; NULL if it was not kept. */
static struct goxel_project *commit(struct goxel_head *head, const char *text, bool changed)
{
    struct goxel_edit edit;

    CU_ASSERT_EQUAL_FATAL(goxel_head_begin(head, &edit), 0);
    edit.key = goxel_key_create(text, 1, text, strlen(text));
    CU_ASSERT_EQUAL(goxel_head_commit(head, &edit, changed ? &note : NULL, NULL), held.code);
    return held_take(&held);
}

/* "settled", "coming", "none" */
static const char *state_of(struct goxel_head *head, const char *text)
{
    bool settled = false;
    struct goxel_key *key = goxel_head_find_key(head, text, &settled);

    if (!key)
        return "none";
    CU_ASSERT_STRING_EQUAL(key->text, text);
    goxel_key_unref(key);
    return settled ? "settled" : "coming";
}

static void keys_come_and_go_with_the_tip(void)
{
    struct goxel_head *head = held_head();
    struct goxel_project *a = commit(head, "a", true), *b = commit(head, "b", false);

    CU_ASSERT_EQUAL(a->version, b->version);
    CU_ASSERT_STRING_EQUAL(held.change.key->text, "b");
    CU_ASSERT_STRING_EQUAL(state_of(head, "a"), "coming");
    CU_ASSERT_STRING_EQUAL(state_of(head, "b"), "coming");
    goxel_head_publish(head, a);
    CU_ASSERT_STRING_EQUAL(state_of(head, "a"), "settled");
    CU_ASSERT_STRING_EQUAL(state_of(head, "b"), "coming");
    goxel_head_drop(head);
    CU_ASSERT_STRING_EQUAL(state_of(head, "a"), "settled");
    CU_ASSERT_STRING_EQUAL(state_of(head, "b"), "none");
    goxel_project_unref(b);
    held.code = GOXEL_ERROR_QUOTA;
    CU_ASSERT_PTR_NULL(commit(head, "c", true));
    CU_ASSERT_STRING_EQUAL(state_of(head, "c"), "none");
    held.code = 0;
    b = commit(head, "b", true);
    goxel_head_publish(head, b);
    CU_ASSERT_STRING_EQUAL(state_of(head, "b"), "settled");
    goxel_project_unref(a);
    goxel_project_unref(b);
    goxel_head_destroy(head);
}

/* The keys of a version, one behind the other. */
static const char *list_of(struct goxel_head *head, const struct goxel_project *version)
{
    static char text[64];
    struct goxel_key_list keys = {NULL, 0, 0};

    text[0] = '\0';
    CU_ASSERT_EQUAL_FATAL(goxel_head_list_keys(head, version, &keys), 0);
    for (size_t i = 0; i < keys.count; i++)
        strncat(text, keys.list[i]->text, sizeof(text) - strlen(text) - 1);
    goxel_key_list_finish(&keys);
    return text;
}

static void keys_are_listed_and_restored(void)
{
    struct goxel_head *head = held_head(), *again = held_head();
    struct goxel_project *before = goxel_head_snapshot(head), *after = goxel_head_snapshot(again);
    struct goxel_project *a = commit(head, "a", true), *b = commit(head, "b", false),
                         *c = commit(head, "c", true);
    struct goxel_key_list keys = {NULL, 0, 0};

    goxel_head_publish(head, c);
    CU_ASSERT_STRING_EQUAL(list_of(head, before), "");
    CU_ASSERT_STRING_EQUAL(list_of(head, a), "a");
    CU_ASSERT_STRING_EQUAL(list_of(head, c), "abc");
    CU_ASSERT_EQUAL(goxel_head_list_keys(head, b, &keys), 0);
    for (size_t i = 0; i < 2 * keys.count; i++) { /* twice is once */
        struct goxel_key *copy = goxel_key_create(keys.list[i % keys.count]->text, 5, NULL, 0);

        goxel_head_restore_key(again, copy);
        goxel_key_unref(copy);
    }
    CU_ASSERT_STRING_EQUAL(list_of(again, after), "ab");
    CU_ASSERT_STRING_EQUAL(state_of(again, "b"), "settled");
    goxel_key_list_finish(&keys);
    goxel_project_unref(before);
    goxel_project_unref(after);
    goxel_project_unref(a);
    goxel_project_unref(b);
    goxel_project_unref(c);
    goxel_head_destroy(head);
    goxel_head_destroy(again);
}

static const struct unit_test tests[] = {
    {"the last ones are found", the_last_ones_are_found},
    {"the newest are cut", the_newest_are_cut},
    {"a long result is not kept", a_long_result_is_not_kept},
    {"buckets may stay few", buckets_may_stay_few},
    {"keys come and go with the tip", keys_come_and_go_with_the_tip},
    {"keys are listed and restored", keys_are_listed_and_restored},
    {NULL, NULL},
};

const struct unit_suite suite_keys = {"keys", tests};
