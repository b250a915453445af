// What counts in the state's hash: bit by bit, against what this program's own compiler says where
// the fields of its structs are.
#include "live_internal.h"

#include "live_testing.h"
#include "reflect_table.h"

// Padding of every kind. As text it is also the beginning of the game's source.
#define FIELD_TYPES                                                                                \
    typedef struct Small {                                                                         \
        char letter;                                                                               \
        int number;                                                                                \
        char mark;                                                                                 \
        short step;                                                                                \
        char last;                                                                                 \
    } Small;                                                                                       \
    typedef struct Bits {                                                                          \
        unsigned a : 3;                                                                            \
        unsigned : 5;                                                                              \
        unsigned b : 7;                                                                            \
        int c : 6;                                                                                 \
        unsigned long long wide : 33;                                                              \
        char after;                                                                                \
    } Bits;                                                                                        \
    typedef union Either {                                                                         \
        Small small;                                                                               \
        struct {                                                                                   \
            short low;                                                                             \
            double high;                                                                           \
        } pair;                                                                                    \
        char text[3];                                                                              \
    } Either;                                                                                      \
    typedef struct __attribute__((packed)) Tight {                                                 \
        char tag;                                                                                  \
        void *pointer;                                                                             \
        short rest;                                                                                \
    } Tight;                                                                                       \
    typedef struct Thing {                                                                         \
        char kind;                                                                                 \
        long double precise;                                                                       \
        Small row[3];                                                                              \
        Bits bits;                                                                                 \
        Either either;                                                                             \
        Tight tight;                                                                               \
        char end;                                                                                  \
    } Thing;                                                                                       \
    typedef struct Plain {                                                                         \
        int a, b;                                                                                  \
        double c;                                                                                  \
    } Plain;                                                                                       \
    typedef struct Large {                                                                         \
        char first;                                                                                \
        Thing things[40];                                                                          \
        unsigned x : 3, y : 9;                                                                     \
        Plain plain[300];                                                                          \
        union {                                                                                    \
            Small smalls[500];                                                                     \
            struct {                                                                               \
                char from;                                                                         \
                double to;                                                                         \
            } spans[300];                                                                          \
        };                                                                                         \
        char last;                                                                                 \
    } Large;                                                                                       \
    typedef struct Flexible {                                                                      \
        long long count;                                                                           \
        char mark;                                                                                 \
        char text[];                                                                               \
    } Flexible;                                                                                    \
    typedef struct Root {                                                                          \
        Thing *things;                                                                             \
        Large *large;                                                                              \
        Small *smalls;                                                                             \
        Plain *plain;                                                                              \
        Flexible *flexible;                                                                        \
        void *other;                                                                               \
        Thing own;                                                                                 \
    } Root

FIELD_TYPES;
enum { THINGS = 5, SMALLS = 1001, PLAIN = 700, OTHERS = 3 };

static const char SOURCE[] = "#include <hotloop.h>\n" TEXT_OF(
    FIELD_TYPES) ";\n"
                 "#ifndef MORE_TYPES\n"
                 "#define MORE_TYPES\n"
                 "#endif\n"
                 "MORE_TYPES\n"
                 "typedef Small Three[3];\n"
                 "static void init(Root *g, hl_tick *t)\n"
                 "{\n"
                 "    g->things = hl_new(t, Thing, 5);\n"
                 "    g->large = hl_new(t, Large, 1);\n"
                 "    g->smalls = hl_new(t, struct Small, 1001);\n"
                 "    g->plain = hl_new(t, Plain, 700);\n"
                 "    g->flexible = hl_new(t, Flexible, 1);\n"
                 "    g->other = hl_new(t, Three, 3);\n"
                 "}\n"
                 "static void update(Root *g, hl_tick *t) { (void)g; (void)t; }\n"
                 "static void draw(const Root *g, hl_canvas *c) { (void)g; (void)c; }\n"
                 "HL_GAME(Root, init, update, draw);\n";

// ----------------------------------------------------------------------------------------- the
// game

static void let_go(void *table)
{
    reflect_table_close(table);
}

// As the change lane hands a library over: with what its debug information says, or without.
static void swap_typed(Room *room, const char *path, bool has_types)
{
    GameLib lib;
    uint64_t swap_ns;
    if (!gamelib_open(&lib, path, &room->lib_config, &room->fault)) {
        fail_msg("%s", room->fault.text);
    }
    if (has_types) {
        lib.about = reflect_table_open(lib.path, lib.image_first, &room->fault);
        lib.let_go = let_go;
        assert_non_null(lib.about);
    }
    if (!live_swap(&room->live, &lib, &swap_ns, &room->fault)) {
        fail_msg("%s", room->fault.text);
    }
}

static Root *begin(Room *room, const char *flags, bool has_types)
{
    char path[FILE_PATH_MAX];
    assert_true(file_write(room->source, SOURCE, strlen(SOURCE), &room->fault));
    build(room, path, flags, NULL, NULL);
    swap_typed(room, path, has_types);
    assert_true(try_tick(room, false));
    return room->live.host->state->root;
}

// The hash as ticks keep it up, from page to page.
enum { SHADOW_PAGES = 256 };
typedef struct Kept {
    Room *room;
    LiveHash *hash;
    LiveImages images;
    uint8_t *shadow; // the state when it was last looked at
} Kept;

static void keep(Kept *kept, Room *room)
{
    *kept = (Kept){.room = room, .hash = live_hash_open(&room->fault)};
    kept->shadow = malloc(SHADOW_PAGES * PAGE_BYTES);
    assert_non_null(kept->hash);
    assert_non_null(kept->shadow);
    live_look(&room->live, &kept->images);
    memcpy(kept->shadow, room->live.state.base, SHADOW_PAGES * PAGE_BYTES);
    (void)live_hash_all(kept->hash, &kept->images.view);
}

static void keep_no_more(Kept *kept)
{
    live_hash_close(kept->hash);
    free(kept->shadow);
}

// After some pages changed. `all_anew`: a new hash must be the same.
static uint64_t changed(Kept *kept, bool all_anew)
{
    const uint8_t *base = kept->room->live.state.base;
    uint32_t pages[SHADOW_PAGES], count = 0;
    ReplayCheck check;
    assert_true(host_state_bytes(kept->room->live.host) < SHADOW_PAGES * PAGE_BYTES);
    for (uint32_t page = 0; page < SHADOW_PAGES; page++) {
        size_t at = (size_t)page * PAGE_BYTES;
        if (memcmp(kept->shadow + at, base + at, PAGE_BYTES) != 0) {
            memcpy(kept->shadow + at, base + at, PAGE_BYTES);
            pages[count++] = page;
        }
    }
    live_hash_some(kept->hash, &kept->images.view, pages, count, &check);
    if (all_anew) {
        assert_int_equal(check.hash, live_hash(&kept->room->live));
    }
    return check.hash;
}

// Each bit of `memory` counts exactly where `fields` has one.
static void check_bits(Room *room, void *memory, const void *fields, size_t bytes, int bit_step)
{
    uint8_t *at = memory;
    Kept kept;
    keep(&kept, room);
    uint64_t value = changed(&kept, true);
    for (size_t i = 0; i < bytes; i++) {
        for (int bit = 0; bit < 8; bit += bit_step) {
            uint8_t flip = (uint8_t)(bit_step == 1 ? 1u << bit : 0xffu);
            bool counts = ((const uint8_t *)fields)[i] & flip;
            at[i] ^= flip;
            uint64_t other = changed(&kept, false);
            at[i] ^= flip;
            if ((other != value) != counts) {
                fail_msg("byte %zu, bit %d: %s", i, bit, counts ? "counts not" : "counts");
            }
            assert_int_equal(changed(&kept, false), value);
        }
    }
    assert_int_equal(changed(&kept, true), value);
    keep_no_more(&kept);
}

// -------------------------------------------------------------------------------------- the fields

#define ONES(field) memset(&(field), 0xff, sizeof(field))

static void set_small(Small *small)
{
    ONES(small->letter);
    ONES(small->number);
    ONES(small->mark);
    ONES(small->step);
    ONES(small->last);
}

static void set_thing(Thing *thing)
{
    ONES(thing->kind);
    memset(&thing->precise, 0xff, 10); // x87: 80 bits
    for (int i = 0; i < 3; i++) {
        set_small(&thing->row[i]);
    }
    thing->bits.a = 7;
    thing->bits.b = 127;
    thing->bits.c = -1;
    thing->bits.wide = (1ull << 33) - 1;
    ONES(thing->bits.after);
    set_small(&thing->either.small);
    ONES(thing->either.pair.low);
    ONES(thing->either.pair.high);
    ONES(thing->either.text);
    ONES(thing->tight);
    ONES(thing->end);
}

static void set_large(Large *large)
{
    ONES(large->first);
    for (size_t i = 0; i < COUNT_OF(large->things); i++) {
        set_thing(&large->things[i]);
    }
    large->x = 7;
    large->y = 511;
    ONES(large->plain);
    for (size_t i = 0; i < COUNT_OF(large->smalls); i++) {
        set_small(&large->smalls[i]);
    }
    for (size_t i = 0; i < COUNT_OF(large->spans); i++) {
        ONES(large->spans[i].from);
        ONES(large->spans[i].to);
    }
    ONES(large->last);
}

static void set_root(Root *root)
{
    memset(root, 0xff, offsetof(Root, own));
    set_thing(&root->own);
}

// A pointer of a packed struct that lies across two pages counts in neither.
static void clear_split_pointers(uint8_t *fields, const uint8_t *memory, size_t at)
{
    uintptr_t first = (uintptr_t)memory + at;
    if (first / PAGE_BYTES != (first + 7) / PAGE_BYTES) {
        memset(fields + at, 0, 8);
    }
}

static void padding_does_not_count(void **state)
{
    // Scenario: each bit of the root, of an allocation of five and of one of a thousand elements,
    // across pages, is flipped and flipped back.
    // Expect: the hash is another one exactly when the bit belongs to a field, and the old one
    // again after.
    Room *room = *state;
    Root *root = begin(room, "-O1", true);
    Root fields = {0};
    Thing things[THINGS] = {0};
    Small *smalls = calloc(SMALLS, sizeof(Small));
    set_root(&fields);
    check_bits(room, root, &fields, sizeof(fields), 1);
    for (int i = 0; i < THINGS; i++) {
        set_thing(&things[i]);
    }
    check_bits(room, root->things, things, sizeof(things), 1);
    for (int i = 0; i < SMALLS; i++) {
        set_small(&smalls[i]);
    }
    check_bits(room, root->smalls, smalls, SMALLS * sizeof(Small), 8);
    free(smalls);
}

static void padding_of_a_large_struct_does_not_count(void **state)
{
    // Scenario: the same with a struct of several pages, which holds arrays, bit-fields and a union
    // that is larger than a page.
    // Expect: the same.
    Room *room = *state;
    Root *root = begin(room, "-O1", true);
    Large *fields = calloc(1, sizeof(Large));
    set_large(fields);
    for (size_t i = 0; i < COUNT_OF(fields->things); i++) {
        size_t at = offsetof(Large, things) + i * sizeof(Thing) + offsetof(Thing, tight)
                    + offsetof(Tight, pointer);
        clear_split_pointers((uint8_t *)fields, (const uint8_t *)root->large, at);
    }
    check_bits(room, root->large, fields, sizeof(Large), 8);
    free(fields);
}

static void every_bit_counts_without_types(void **state)
{
    // Scenario: the same game, of whose types nothing is known; and memory without padding, and of
    // a tag that is a typedef of an array, and a struct whose last bytes may be a flexible array.
    // Expect: without types every bit counts; of the flexible array's struct its last bytes count,
    // of the others what belongs to fields.
    Room *room = *state;
    Root *root = begin(room, "-O1", true);
    static uint8_t all[PLAIN * sizeof(Plain)];
    memset(all, 0xff, sizeof(all));
    check_bits(room, root->plain, all, PLAIN * sizeof(Plain), 8);
    check_bits(room, root->flexible, all, sizeof(Flexible), 1);
    Small three[OTHERS][3] = {0};
    for (int i = 0; i < OTHERS * 3; i++) {
        set_small(&three[i / 3][i % 3]);
    }
    check_bits(room, root->other, three, sizeof(three), 1);
    open_again(room);
    root = begin(room, "-O1", false);
    check_bits(room, root->things, all, sizeof(Thing) * THINGS, 8);
}

static void types_that_share_a_tag_count_together(void **state)
{
    // Scenario: there is another Small of the same size, whose fields lie where the first one has
    // none, but for one byte that neither has.
    // Expect: every bit counts that is one of either's.
    Room *room = *state;
    Root *root = begin(room,
                       "-DMORE_TYPES=void other_small(void *); void other_small(void *p) { "
                       "typedef struct Small { char a; short b; int c; char d[5]; } Small; ((Small "
                       "*)p)->c++; }",
                       true);
    struct {
        char a;
        short b;
        int c;
        char d[5];
    } other = {0};
    assert_int_equal(sizeof(other), sizeof(Small));
    Small both = {0};
    uint8_t merged[sizeof(Small)];
    set_small(&both);
    ONES(other.a);
    ONES(other.b);
    ONES(other.c);
    ONES(other.d);
    for (size_t i = 0; i < sizeof(merged); i++) {
        merged[i] = ((uint8_t *)&both)[i] | ((uint8_t *)&other)[i];
    }
    check_bits(room, root->smalls, merged, sizeof(merged), 1);
}

// ------------------------------------------------------------------------------------- the blocks

static void memory_given_back_does_not_count(void **state)
{
    // Scenario: memory of many pages is asked for, filled and given back, between others; then what
    // it held is written to; then it is asked for again as another type; a block grows and shrinks.
    // Expect: the pages that nobody wrote count otherwise, too: the hash that was kept is what a
    // new one is after each step. Free memory does not count, nor what lies behind the elements.
    Room *room = *state;
    (void)begin(room, "-O1", true);
    Heap *heap = room->live.host->heap;
    Kept kept;
    keep(&kept, room);
    uint8_t *many = heap_alloc(heap, "Thing", sizeof(Thing), 16, 200);
    uint8_t *behind = heap_alloc(heap, "Small", 1, 16, 37);
    (void)changed(&kept, true);
    memset(many, 0x5a, 200 * sizeof(Thing));
    (void)changed(&kept, true);
    assert_true(heap_free(heap, many));
    uint64_t freed = changed(&kept, true);
    many[5000] ^= 1;
    assert_int_equal(changed(&kept, true), freed);
    behind[37] ^= 1; // within the block's room
    assert_int_equal(changed(&kept, true), freed);
    behind[36] ^= 1;
    assert_int_not_equal(changed(&kept, true), freed);
    assert_ptr_equal(heap_alloc(heap, "Plain", sizeof(Plain), 16, 500), many);
    (void)changed(&kept, true);
    behind = heap_resize(heap, behind, "Small", sizeof(Small), 16, 3000);
    (void)changed(&kept, true);
    behind = heap_resize(heap, behind, "Plain", sizeof(Plain), 16, 2);
    (void)changed(&kept, true);
    assert_true(heap_free(heap, behind));
    (void)changed(&kept, true);
    keep_no_more(&kept);
}

static void random_blocks_are_kept_up(void **state)
{
    // Scenario: 3,000 times one of forty blocks, of some bytes to some pages, is asked for, given
    // back, made longer or shorter, or written to; now and then several of it at once.
    // Expect: the hash that was kept is what a new one is.
    enum { BLOCKS = 40 };
    static const struct {
        const char *tag;
        size_t bytes, most;
    } KINDS[] = {{"Thing", sizeof(Thing), 60},
                 {"Small", sizeof(Small), 900},
                 {"Plain", sizeof(Plain), 400},
                 {"Large", sizeof(Large), 1},
                 {"char", 1, 9000}};
    Room *room = *state;
    (void)begin(room, "-O1", true);
    Heap *heap = room->live.host->heap;
    uint8_t *blocks[BLOCKS] = {0};
    hl_rng rng;
    Kept kept;
    hl_seed(&rng, 7, 7);
    keep(&kept, room);
    for (int i = 0; i < 3000; i++) {
        uint8_t **block = &blocks[hl_rand_int(&rng, 0, BLOCKS - 1)];
        size_t kind = (size_t)hl_rand_int(&rng, 0, COUNT_OF(KINDS) - 1);
        size_t most = hl_rand_int(&rng, 0, 3) ? KINDS[kind].most / 8 + 1 : KINDS[kind].most;
        size_t count = (size_t)hl_rand_int(&rng, 0, (int)most);
        size_t used = host_state_bytes(room->live.host);
        bool is_tight = used > (SHADOW_PAGES - 40) * (size_t)PAGE_BYTES;
        if (*block && (is_tight || hl_rand_int(&rng, 0, 2) == 0)) {
            assert_true(heap_free(heap, *block));
            *block = NULL;
        } else if (!is_tight) {
            *block = *block
                         ? heap_resize(heap, *block, KINDS[kind].tag, KINDS[kind].bytes, 16, count)
                         : heap_alloc(heap, KINDS[kind].tag, KINDS[kind].bytes, 16, count);
            assert_non_null(*block);
            memset(*block, hl_rand_int(&rng, 0, 255), KINDS[kind].bytes * count / 2);
        }
        if (hl_rand_int(&rng, 0, 3)) {
            (void)changed(&kept, i % 4 == 0);
        }
    }
    (void)changed(&kept, true);
    keep_no_more(&kept);
}

static void damaged_heap_still_has_a_hash(void **state)
{
    // Scenario: the game writes over the header of a block; then to what lies behind it.
    // Expect: another hash each time, and the old one when all is as it was.
    Room *room = *state;
    Root *root = begin(room, "-O1", true);
    uint64_t whole = live_hash(&room->live);
    uint8_t header[32], *at = (uint8_t *)root->smalls - sizeof(header);
    memcpy(header, at, sizeof(header));
    memset(at, 0xff, sizeof(header));
    uint64_t damaged = live_hash(&room->live);
    assert_int_not_equal(damaged, whole);
    root->smalls[500].number ^= 1;
    assert_int_not_equal(live_hash(&room->live), damaged);
    root->smalls[500].number ^= 1;
    memcpy(at, header, sizeof(header));
    assert_int_equal(live_hash(&room->live), whole);
}

// -------------------------------------------------------------------------------------- recording

// A game that asks for memory and gives it back, moves it and writes everywhere.
static void record_holes(Room *room, const char *level, const char *padding, bool has_types,
                         uint64_t *hashes, int ticks)
{
    char path[FILE_PATH_MAX];
    room->config.record_path = room->replay_path;
    open_with_history(room);
    (void)text_format(room->source, sizeof(room->source),
                      TEST_SOURCE_DIR "/engine/tests/games/holes.c");
    build(room, path, "-DSOILED", level, padding);
    swap_typed(room, path, has_types);
    for (int i = 0; i < ticks; i++) {
        assert_true(try_tick(room, i % 3 == 0));
        hashes[i] = live_hash(&room->live);
    }
    live_close(&room->live);
    room->config.record_path = NULL;
    assert_true(live_open(&room->live, &room->config, &room->fault));
}

static void compare_recorded(Room *room, const uint64_t *hashes, int ticks)
{
    Fault damage = {0};
    ReplayReader *reader = replay_open(room->replay_path, &damage, &room->fault);
    ReplayEvent event = {0};
    assert_non_null(reader);
    assert_int_equal(damage.kind, FAULT_NONE);
    int at = 0;
    for (replay_next(reader, &event); event.kind != REPLAY_EVENT_END; replay_next(reader, &event)) {
        if (event.kind == REPLAY_EVENT_TICK) {
            assert_true(event.has_hash && at < ticks);
            assert_int_equal(event.hash, hashes[at]);
            at++;
        }
    }
    assert_int_equal(at, ticks);
    assert_int_equal(event.hash, hashes[ticks - 1]);
    replay_close(reader);
}

static void every_recorded_hash_is_that_of_the_whole(void **state)
{
    // Scenario: 300 ticks that allocate, free and resize by the page are recorded, with what the
    // types say and without; after each tick the whole state is hashed anew.
    // Expect: the recording has that hash for each tick; it is the same at -O0 and at -O2 with
    // padding that nobody cleared, but only where types are known.
    enum { TICKS = 300 };
    Room *room = *state;
    static const char zeroed[] = "-ftrivial-auto-var-init=zero";
    static const char soiled[] = "-ftrivial-auto-var-init=uninitialized";
    static uint64_t typed[TICKS], other[TICKS], untyped[TICKS];
    record_holes(room, "-O0", zeroed, true, typed, TICKS);
    compare_recorded(room, typed, TICKS);
    record_holes(room, "-O2", soiled, true, other, TICKS);
    compare_recorded(room, other, TICKS);
    assert_memory_equal(typed, other, sizeof(typed));
    record_holes(room, "-O0", zeroed, false, untyped, TICKS);
    compare_recorded(room, untyped, TICKS);
    assert_int_not_equal(untyped[TICKS - 1], typed[TICKS - 1]);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(padding_does_not_count),           CASE(padding_of_a_large_struct_does_not_count),
        CASE(every_bit_counts_without_types),   CASE(types_that_share_a_tag_count_together),
        CASE(memory_given_back_does_not_count), CASE(random_blocks_are_kept_up),
        CASE(damaged_heap_still_has_a_hash),    CASE(every_recorded_hash_is_that_of_the_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
