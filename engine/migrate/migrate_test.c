#include "migrate_edits.h"
#include "migrate_testing.h"

// Each by two compilers, which write their debug information differently.
typedef struct Trial {
    char name[80];
    const char *compiler;
    const Edit *edit;
} Trial;

static void edit_is_carried(void **state)
{
    // Scenario: a state that the old build's code made is migrated to the new build's structs.
    // Expect: the new build's code reads what the rules say, the report names what is lost and
    // nothing else, the heap is sound.
    const Trial *trial = *state;
    const Edit *edit = trial->edit;
    Test test = {0};
    char said[1024];

    test_build(&test, trial->compiler, edit->before, edit->fill, edit->after, edit->check);
    test_fill(&test);
    test_migrate(&test);
    test_said(&test, said, sizeof said);
    if (strcmp(said, edit->says) != 0) {
        for (uint32_t i = 0; i < test.report.item_count; i++) {
            print_message("  %s\n", test.report.items[i].text);
        }
    }
    assert_string_equal(said, edit->says);
    assert_true(test.done == (strncmp(edit->says, "refused", 7) != 0));
    assert_true(test.done || test.fault.text[0]);
    if (test.done) {
        assert_int_equal(test_check(&test), 0);
        assert_true(heap_check(test.heap, &test.fault));
    }
    test_close(&test);
}

// -------------------------------------------------------------------------------- room in the heap

#define LIST_BEFORE                                                                                \
    "typedef struct Mob { struct Mob *next; int id; char body[84]; } Mob;"                         \
    "typedef struct Game { Mob *first; } Game;"
#define LIST_FILL                                                                                  \
    "for (int i = 0; i < 800; i++) { Mob *m = NEW(Mob, 1); m->next = g->first; m->id = i;"         \
    " m->body[83] = (char)i; g->first = m; }"
#define LIST_CHECK                                                                                 \
    "int i = 799; for (Mob *m = g->first; m; m = m->next, i--)"                                    \
    " CHECK(m->id == i && m->body[83] == (char)i);\nCHECK(i == -1);\n"

static void full_heap_is_built_anew(void **state)
{
    // Scenario: 800 blocks grow by half in a heap in which they all fit only without any gaps, and
    // of which the rest is taken by a block of bytes that stays.
    // Expect: they fit, and say what they should.
    Test test = {.heap_bytes = 400 << 10};
    (void)state;
    test_build(
        &test, "gcc", LIST_BEFORE,
        LIST_FILL "char *rest = NEW(char, 90000); rest[89999] = 7; g->first->body[0] = 1;",
        "typedef struct Mob { struct Mob *next; double more[6]; int id; char body[84]; } Mob;"
        "typedef struct Game { Mob *first; } Game;",
        LIST_CHECK);
    test_fill(&test);
    test_migrate(&test);
    assert_true(test.done);
    assert_int_equal(test_check(&test), 0);
    assert_true(heap_check(test.heap, &test.fault));
    assert_int_equal(test.report.objects, 800);
    test_close(&test);
}

static void damaged_heap_is_not_migrated(void **state)
{
    // Scenario: the game wrote over a block's header: rubbish, and a count that is far too large.
    // Expect: false, with the heap's own words; no crash.
    (void)state;
    for (int i = 0; i < 2; i++) {
        Test test = {0};
        test_build(&test, "gcc", LIST_BEFORE, LIST_FILL,
                   "typedef struct Mob { struct Mob *next; double d; int id; char body[84]; } Mob;"
                   "typedef struct Game { Mob *first; } Game;",
                   LIST_CHECK);
        test_fill(&test);
        uint8_t *header = *(uint8_t **)test.root - 32;
        if (i == 0) {
            memset(header, 0xee, 32);
        } else {
            memset(header + 16, 0x7f, 7);
        }
        test_migrate(&test);
        assert_false(test.done);
        assert_int_equal(test.fault.kind, FAULT_GAME);
        test_close(&test);
    }
}

static void arena_that_is_too_small_is_named(void **state)
{
    // Scenario: the same, but each becomes ten times as large.
    // Expect: refused; the message names the type, how many and how large.
    Test test = {.heap_bytes = 400 << 10};
    (void)state;
    test_build(
        &test, "gcc", LIST_BEFORE, LIST_FILL,
        "typedef struct Mob { struct Mob *next; double more[100]; int id; char body[84]; } Mob;"
        "typedef struct Game { Mob *first; } Game;",
        LIST_CHECK);
    test_fill(&test);
    test_migrate(&test);
    assert_false(test.done);
    assert_int_equal(test.fault.kind, FAULT_MEMORY);
    assert_non_null(strstr(test.fault.text, "Mob (800 of them, 896 bytes each instead of 96)"));
    test_close(&test);
}

// --------------------------------------------------------------------------------- what is written

static void what_stays_is_not_written(void **state)
{
    // Scenario: the same structs in both builds, pointers of all kinds; the heap's memory is made
    // read-only for the run.
    // Expect: the plan is idle, nothing is written (the process lives), nothing is said.
    Test test = {.has_no_outside = true};
    static const char *const SAME =
        "typedef struct Mob { struct Mob *next; int id; uintptr_t at; union { int i; void *p; } u;"
        " char name[16]; } Mob; typedef struct Game { Mob *m; Mob inside[3]; Mob *in; } Game;";
    (void)state;
    test_build(&test, "gcc", SAME,
               "g->m = NEW(Mob, 5); g->m[0].next = &g->m[4]; g->m[1].at = (uintptr_t)g->m;"
               "g->in = &g->inside[2]; g->m[2].u.p = g->m; g->m[3].id = 4;",
               SAME, "CHECK(g->m[3].id == 4 && g->in == &g->inside[2]);\n");
    test_fill(&test);
    test_plan(&test);
    migrate_plan_for(test.migrate, "Game", *(size_t *)test_symbol(&test.before, "test_size"));
    migrate_plan_for(test.migrate, "Mob", 48);
    assert_true(migrate_is_idle(test.migrate));
    assert_true(arena_set_writable(test.heap, PAGE_BYTES * 100, false, &test.fault));
    test_run(&test, NULL, 0);
    assert_true(arena_set_writable(test.heap, PAGE_BYTES * 100, true, &test.fault));
    assert_true(test.done && test.report.item_count == 0 && test.report.objects == 0);
    assert_string_equal(test.report.summary, "");
    assert_int_equal(test_check(&test), 0);
    test_close(&test);
}

static void blocks_that_do_not_grow_stay(void **state)
{
    // Scenario: a struct loses a field; beside it lies a block of another type that points to it.
    // Expect: no block moves; what is behind the smaller elements is zero; the heap counts them as
    // they are now.
    Test test = {0};
    HeapBlock block = {0};
    (void)state;
    test_build(
        &test, "gcc",
        "typedef struct Mob { long gone; int id; } Mob; typedef struct Item { Mob *of; } Item;"
        "typedef struct Game { Mob *m; Item *i; } Game;",
        "g->m = NEW(Mob, 4); for (int k = 0; k < 4; k++) g->m[k].id = k + 1;"
        "g->i = NEW(Item, 1); g->i->of = &g->m[3];",
        "typedef struct Mob { int id; } Mob; typedef struct Item { Mob *of; } Item;"
        "typedef struct Game { Mob *m; Item *i; } Game;",
        "CHECK(g->m[3].id == 4 && g->i->of == &g->m[3]);\n"
        "for (int k = 4; k < 16; k++) CHECK(g->m[k].id == 0);\n");
    test_fill(&test);
    const void *root = test.root, *mobs = *(void **)test.root;
    test_migrate(&test);
    assert_true(test.done && test.root == root && *(void **)test.root == mobs);
    assert_int_equal(test_check(&test), 0);
    while (heap_next(test.heap, &block) && strcmp(block.type, "Mob") != 0) {
    }
    assert_true(block.data == mobs && block.count == 4 && block.element_bytes == 4);
    assert_true(heap_check(test.heap, &test.fault));
    test_close(&test);
}

// ---------------------------------------------------------------------------------------- pointers

static void what_will_be_written_is_told(void **state)
{
    // Scenario: an array and single objects get a field, an array of another type that lies between
    // them stays as it is; whoever watches wants to know.
    // Expect: told are all pages that change, but for a few, and none of those that lie inside of
    // what stays.
    enum { PAGES = 1024 };
    Test test = {.has_no_outside = true};
    static uint8_t expected[PAGES];
    size_t missed = 0, told = 0;
    (void)state;
    test_build(&test, "gcc",
               "typedef struct Mob { struct Mob *next; int id; } Mob; typedef struct Still { int "
               "here[4]; } Still; typedef struct Game { Mob *all, *first; Still *still; } Game;",
               "g->all = NEW(Mob, 20000); g->still = NEW(Still, 30000);"
               "for (int i = 0; i < 20000; i++) g->all[i].id = i + 1;"
               "for (int i = 0; i < 9000; i++) { Mob *m = NEW(Mob, 1); m->next = g->first;"
               " m->id = i; g->first = m; }",
               "typedef struct Mob { struct Mob *next; double more; int id; } Mob; typedef struct "
               "Still { int here[4]; } Still; typedef struct Game { Mob *all, *first; Still "
               "*still; } Game;",
               "for (int i = 0; i < 20000; i++) CHECK(g->all[i].id == i + 1);"
               "int i = 9000; for (Mob *m = g->first; m; m = m->next) CHECK(m->id == --i);"
               "CHECK(i == 0);\n");
    test_fill(&test);
    memset(expected, 0, sizeof(expected));
    test.expected = expected;
    const uint8_t *still = ((const uint8_t **)test.root)[2];
    size_t first = (size_t)(still - (const uint8_t *)test.heap) / PAGE_BYTES + 2;
    test_migrate(&test);
    assert_true(test.done);
    assert_int_equal(test_check(&test), 0);
    size_t used = heap_used_bytes(test.heap), copied = test.copy.used_bytes;
    for (size_t at = 0; at < used; at += PAGE_BYTES) {
        bool is_new = at + PAGE_BYTES > copied;
        bool differs =
            is_new || memcmp((uint8_t *)test.heap + at, test.copy.base + at, PAGE_BYTES) != 0;
        missed += differs && !expected[at / PAGE_BYTES];
        told += expected[at / PAGE_BYTES];
    }
    assert_true(told > 200 && missed <= 8);
    for (size_t page = first; page < first + 110; page++) {
        assert_int_equal(expected[page], 0);
    }
    test_close(&test);
}

static void dangling_pointers_do_no_harm(void **state)
{
    // Scenario: pointers into blocks that were freed, into the heap's own tables, far behind its
    // end, to odd places; other blocks grow and take the room of the freed ones.
    // Expect: no crash; what points to nothing stays as it is, what would point to something else
    // is NULL and named.
    Test test = {0};
    char said[1024];
    (void)state;
    test_build(
        &test, "gcc",
        "typedef struct Mob { int id; } Mob; typedef struct Big { Mob m[40]; } Big;"
        "typedef struct Game { Mob *m; Big *into, *tables, *far; int *odd; void *low; } Game;",
        "g->into = NEW(Big, 1); g->m = NEW(Mob, 30); g->tables = (Big *)((char *)g - 4000);"
        "g->far = (Big *)((char *)g + (1 << 21)); g->odd = (int *)((char *)g->m + 3);"
        "g->low = (void *)8;",
        "typedef struct Mob { int id, a[8]; } Mob; typedef struct Big { Mob m[40]; } Big;"
        "typedef struct Game { Mob *m; Big *into, *tables, *far; int *odd; void *low; } Game;",
        "CHECK(g->m[29].id == 0 && !g->into && g->low == (void *)8);\n"
        "CHECK((char *)g->far - (char *)g == 1 << 21);\n");
    test_fill(&test);
    assert_true(heap_free(test.heap, ((void **)test.root)[1]));
    test_migrate(&test);
    assert_true(test.done);
    test_said(&test, said, sizeof said);
    assert_non_null(strstr(said, "gone Game.into"));
    assert_int_equal(test_check(&test), 0);
    test_close(&test);
}

static void words_are_turned_after_the_run(void **state)
{
    // Scenario: after a run somebody outside asks where words of his went: the start of a moved
    // element, a field inside, the end, a field that is gone, a place that is none of the heap's.
    // Expect: where the new build has them; gone for the field; the last one as it is.
    Test test = {0};
    bool gone;
    (void)state;
    test_build(
        &test, "gcc",
        "typedef struct Mob { int id, old; float x; } Mob; typedef struct Game { Mob *m; } Game;",
        "g->m = NEW(Mob, 8);",
        "typedef struct Mob { double d[3]; int id; float x; } Mob;"
        "typedef struct Game { Mob *m; } Game;",
        "");
    test_fill(&test);
    uint64_t was = *(uint64_t *)test.root;
    test_migrate(&test);
    uint64_t is = *(uint64_t *)test.root;
    assert_true(test.done);
    assert_true(migrate_word(test.migrate, was + 3 * 12, 0, 0, &gone) == is + 3 * 32 && !gone);
    assert_true(migrate_word(test.migrate, was + 3 * 12 + 8, 0, 0, &gone) == is + 3 * 32 + 28
                && !gone);
    assert_true(migrate_word(test.migrate, was + 8 * 12, 0, 0, &gone) == is + 8 * 32 && !gone);
    assert_true(migrate_word(test.migrate, was + 3 * 12 + 4, 0, 0, &gone) == 0 && gone);
    assert_true(migrate_word(test.migrate, 4711, 0, 0, &gone) == 4711 && !gone);
    test_close(&test);
}

static uint32_t pointer_to(const ReflectTable *table, const char *name)
{
    for (uint32_t i = 1; i < table->type_count; i++) {
        const ReflectType *type = &table->types[i];
        if (type->kind == REFLECT_POINTER
            && strcmp(reflect_type(table, type->of)->name, name) == 0) {
            return i;
        }
    }
    fail_msg("no pointer to %s", name);
    return 0;
}

static void variables_tell_what_no_tag_does(void **state)
{
    // Scenario: a block whose tag says nothing, to which only a variable points.
    // Expect: it is of the variable's type, and so is what it points to.
    Test test = {0};
    (void)state;
    test_build(&test, "gcc",
               "typedef struct Mob { int id; struct Mob *next; } Mob; Mob *head;"
               "typedef struct Game { void *hidden; } Game;",
               "g->hidden = head = alloc(\"x(1)\", sizeof(Mob), 8, 1); head->id = 4;"
               "head->next = alloc(\"x(2)\", sizeof(Mob), 8, 1); head->next->id = 5;",
               "typedef struct Mob { char c[9]; int id; struct Mob *next; } Mob; Mob *head;"
               "typedef struct Game { void *hidden; } Game;",
               "Mob *m = g->hidden; CHECK(m->id == 4 && m->next->id == 5 && !m->next->next);\n");
    test_fill(&test);
    test_plan(&test);
    test_run(&test, test_symbol(&test.before, "head"), pointer_to(test.before.table, "Mob"));
    assert_true(test.done);
    assert_int_equal(test_check(&test), 0);
    test_close(&test);
}

static void one_plan_runs_again(void **state)
{
    // Scenario: the same moment is migrated three times with one plan, as a loop's passes are.
    // Expect: the same memory each time, also after a pass with more in it.
    Test test = {0};
    static uint8_t first[1 << 18];
    (void)state;
    test_build(&test, "gcc", LIST_BEFORE, LIST_FILL,
               "typedef struct Mob { int id; char body[84]; struct Mob *next; float f; } Mob;"
               "typedef struct Game { Mob *first; } Game;",
               LIST_CHECK);
    test_fill(&test);
    size_t used = heap_used_bytes(test.heap);
    uint8_t *moment = arena_push(&test.memory, 1, 16, used);
    memcpy(moment, test.heap, used);
    void *root = test.root;
    test_plan(&test);
    for (int i = 0; i < 3; i++) {
        memset(test.heap, 0, heap_used_bytes(test.heap));
        memcpy(test.heap, moment, used);
        test.root = root;
        test_run(&test, NULL, 0);
        assert_true(test.done && test.report.objects == 800);
        assert_int_equal(test_check(&test), 0);
        size_t now = heap_used_bytes(test.heap);
        assert_true(now <= sizeof first);
        if (i == 0) {
            memcpy(first, test.heap, now);
        }
        assert_memory_equal(first, test.heap, now);
    }
    test_close(&test);
}

// ---------------------------------------------------------------------------------- single objects

static uint32_t type_named(const ReflectTable *table, const char *name)
{
    for (uint32_t i = 1; i < table->type_count; i++) {
        if (strcmp(table->types[i].name, name) == 0) {
            return i;
        }
    }
    fail_msg("no type %s", name);
    return 0;
}

static void an_object_of_a_file(void **state)
{
    // Scenario: bytes of the old struct, as a save holds them: numbers, a name, a pointer, a value
    // that does not fit.
    // Expect: the new struct's bytes, whole; the pointer is NULL; what is lost is named behind the
    // name that was given.
    Test test = {0};
    char said[1024];
    struct {
        int32_t hp, big;
        char name[8];
        void *p;
    } old = {7, 300, "orc", &test};
    struct {
        char name[12];
        uint8_t big, pad[3];
        float hp, fresh;
        void *p;
    } new_;
    (void)state;
    test_build(
        &test, "gcc",
        "typedef struct Save { int hp, big; char name[8]; void *p; } Save; Save s;"
        "typedef struct Game { int a; } Game;",
        "",
        "typedef struct Save { char name[12]; unsigned char big; float hp, fresh; void *p; } Save;"
        "Save s; typedef struct Game { int a; } Game;",
        "");
    test_fill(&test);
    test_plan(&test);
    memset(&new_, 0xee, sizeof new_);
    assert_true(migrate_value(test.migrate, type_named(test.before.table, "Save"),
                              type_named(test.after.table, "Save"), (const uint8_t *)&old,
                              (uint8_t *)&new_, "best", &test.report));
    assert_true(new_.hp == 7 && new_.big == 255 && new_.fresh == 0 && new_.p == NULL);
    assert_string_equal(new_.name, "orc");
    assert_true(new_.pad[0] == 0 && new_.pad[2] == 0);
    test_said(&test, said, sizeof said);
    assert_string_equal(said, "lost best.big, gone best.p");
    assert_string_equal(test.report.items[0].text,
                        "best.big was 300, which does not fit into unsigned char: 255");
    test_close(&test);
}

// -------------------------------------------------------------------------------------- the report

static void the_report_says_it_in_words(void **state)
{
    // Scenario: fields come, go, change their type, their length and their name.
    // Expect: a line of what changed, the first value of each loss, how many more.
    Test test = {0};
    (void)state;
    test_build(&test, "gcc",
               "typedef struct Mob { int hp, armor; char title[8]; } Mob;"
               "typedef struct Game { Mob *m; int items[4]; } Game;",
               "g->m = NEW(Mob, 32); g->m[17].hp = 300; g->m[18].hp = 301; g->m[19].hp = -2;"
               "g->m[3].armor = 7; g->m[4].armor = 8; g->items[1] = 2;",
               "typedef struct Mob { unsigned char hp; float stamina; char title[8]; } Mob;"
               "typedef struct Game { Mob *m; int items[8]; } Game;",
               "CHECK(g->items[1] == 2);\n");
    test_fill(&test);
    test_migrate(&test);
    assert_true(test.done);
    assert_int_equal(test_check(&test), 0);
    assert_int_equal(test.report.lost, 5);
    assert_int_equal(test.report.objects, 33);
    assert_string_equal(
        test.report.items[0].text,
        "Mob[17].hp was 300, which does not fit into unsigned char: 255 (and 2 more)");
    assert_string_equal(test.report.items[1].text,
                        "Mob[3].armor was 7; the new build has no such field (and 1 more)");
    assert_string_equal(test.report.summary,
                        "Game: items [4] -> [8]; Mob: +stamina, hp int -> unsigned char, -armor; "
                        "33 objects moved, 5 lost");
    test_close(&test);
}

static void more_is_lost_than_can_be_said(void **state)
{
    // Scenario: 300 fields that are not zero are gone.
    // Expect: as many items as there is room for; all of them are counted.
    Test test = {0};
    static char before[1 << 14], fill[1 << 14];
    (void)state;
    (void)text_format(before, sizeof before, "typedef struct Game { int keep;");
    for (int i = 0; i < 300; i++) {
        size_t a = strlen(before), b = strlen(fill);
        (void)text_format(before + a, sizeof before - a, "int f%d;", i);
        (void)text_format(fill + b, sizeof fill - b, "g->f%d = %d;", i, i + 1);
    }
    size_t end = strlen(before);
    (void)text_format(before + end, sizeof before - end, "} Game;");
    test_build(&test, "gcc", before, fill, "typedef struct Game { int keep; } Game;", "");
    test_fill(&test);
    test_migrate(&test);
    assert_true(test.done);
    assert_int_equal(test.report.item_count, MIGRATE_ITEMS_MAX);
    assert_int_equal(test.report.lost, 300);
    test_close(&test);
}

int main(int argument_count, char **arguments)
{
    static const struct CMUnitTest CASES[] = {
        cmocka_unit_test(full_heap_is_built_anew),
        cmocka_unit_test(arena_that_is_too_small_is_named),
        cmocka_unit_test(damaged_heap_is_not_migrated),
        cmocka_unit_test(what_stays_is_not_written),
        cmocka_unit_test(blocks_that_do_not_grow_stay),
        cmocka_unit_test(what_will_be_written_is_told),
        cmocka_unit_test(dangling_pointers_do_no_harm),
        cmocka_unit_test(words_are_turned_after_the_run),
        cmocka_unit_test(variables_tell_what_no_tag_does),
        cmocka_unit_test(one_plan_runs_again),
        cmocka_unit_test(an_object_of_a_file),
        cmocka_unit_test(the_report_says_it_in_words),
        cmocka_unit_test(more_is_lost_than_can_be_said),
    };
    static const char *const COMPILERS[] = {"gcc -O0", "clang -O1"};
    static struct CMUnitTest tests[COUNT_OF(EDITS) * COUNT_OF(COMPILERS) + COUNT_OF(CASES)];
    static Trial trials[COUNT_OF(EDITS) * COUNT_OF(COMPILERS)];

    if (argument_count > 1) {
        cmocka_set_test_filter(arguments[1]);
    }
    for (size_t i = 0; i < COUNT_OF(trials); i++) {
        Trial *trial = &trials[i];
        trial->edit = &EDITS[i / COUNT_OF(COMPILERS)];
        trial->compiler = COMPILERS[i % COUNT_OF(COMPILERS)];
        (void)text_format(trial->name, sizeof trial->name, "%s (%s)", trial->edit->name,
                          trial->compiler);
        tests[i] = (struct CMUnitTest){
            .name = trial->name, .test_func = edit_is_carried, .initial_state = trial};
    }
    memcpy(&tests[COUNT_OF(trials)], CASES, sizeof CASES);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
