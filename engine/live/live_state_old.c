// A file's state that was made with other structs, as today's. Words that were addresses in the
// game's library are tokens meanwhile: addresses at which nothing is, one for each, so that what
// they stand for can be asked for wherever their field has gone to.
#include "live_internal.h"

#include "live_types.h"

#include <stdlib.h>
#include <string.h>

#define MATCH_BYTES_MAX ((size_t)4 << 30)

enum { TOKEN_BYTES = 16, WORD_BYTES = 8 };

typedef struct Old {
    LivePutting *putting;
    Live *live;
    const ReflectTable *from, *to;
    Migrate *migrate;
    MigrateReport report;
    Arena tokens; // nothing is ever pushed
    uint64_t heap_first, heap_span;
    bool is_moved;         // the state was written anew
    const uint8_t *before; // the arena's bytes as they were
    size_t before_bytes;
    void *before_root;
    // Variables whose types are known in both builds, by number among the state's.
    const ReflectVariable **was, **is;
} Old;

// ---------------------------------------------------------------------------------------- tokens

static uint64_t token_of(const Old *old, uint32_t pointer)
{
    return (uint64_t)(uintptr_t)old->tokens.base + (uint64_t)pointer * TOKEN_BYTES;
}

// NULL: it is none.
static const ReplayPointer *pointer_of(const Old *old, uint64_t word)
{
    uint64_t at = word - token_of(old, 0);
    const ReplayState *state = old->putting->state;
    bool is_token = at < (uint64_t)state->pointer_count * TOKEN_BYTES && at % TOKEN_BYTES == 0;
    return is_token ? &state->pointers[at / TOKEN_BYTES] : NULL;
}

static void put_tokens(const Old *old)
{
    const ReplayState *state = old->putting->state;
    for (uint32_t i = 0; i < state->pointer_count; i++) {
        if (state->pointers[i].global < 0) {
            uint64_t token = token_of(old, i);
            memcpy(old->live->state.base + state->pointers[i].at, &token, sizeof(token));
        }
    }
}

// Texts wait until the heap is as it will be: one that this build has not goes into it.
static uint64_t turn(void *with, uint64_t word, uint32_t from, uint32_t to, const void *place)
{
    const Old *old = with;
    const ReplayPointer *pointer = pointer_of(old, word);
    (void)from;
    (void)place;
    return pointer && pointer->kind == REPLAY_POINTER_SYMBOL
               ? live_pointer_word(old->putting, pointer, to)
               : word;
}

static void turn_what_is_left(const Old *old)
{
    size_t count = host_state_bytes(old->live->host) / WORD_BYTES;
    uint64_t *words = (uint64_t *)(void *)old->live->state.base;
    for (size_t i = 0; i < count; i++) {
        const ReplayPointer *pointer = pointer_of(old, words[i]);
        if (pointer) {
            words[i] = live_pointer_word(old->putting, pointer, 0);
        }
    }
}

// -------------------------------------------------------------------------------------- variables

static bool is_loaded(const Live *live, const ReflectVariable *variable)
{
    return variable && variable->address >= live->now.globals_first
           && variable->address + variable->bytes <= live->now.globals_end;
}

static void pair_variables(Old *old)
{
    const ReplayState *state = old->putting->state;
    Arena *arena = &old->putting->arena;
    size_t count = (size_t)state->global_count + 1;
    old->was = arena_push(arena, sizeof(*old->was), 8, count);
    old->is = arena_push(arena, sizeof(*old->is), 8, count);
    for (uint32_t i = 0; i < state->global_count; i++) {
        const ReplayGlobal *global = &state->globals[i];
        const ReflectVariable *was =
            live_types_variable(old->putting->types, global->name, global->nth);
        const ReflectVariable *is = was ? live_types_counterpart(old->to, was) : NULL;
        if (was && was->bytes <= global->size_bytes) {
            old->was[i] = was;
            old->is[i] = is_loaded(old->live, is) ? is : NULL;
        }
    }
}

// Where the place `at` of variable `i` is in today's; false: nowhere.
static bool find_place(const Old *old, uint32_t i, uint64_t at, uint64_t bytes, uint64_t *place)
{
    const ReflectVariable *was = old->was[i], *is = old->is[i];
    bool is_same = !was || reflect_same_type(old->putting->match, was->type, is->type);
    uint64_t room = was ? is->bytes : old->putting->state->globals[i].size_bytes;
    *place = at;
    return (is_same || reflect_place(old->putting->match, was->type, is->type, at, 0, place))
           && *place + bytes <= room;
}

// Every word that points into the old heap, which may have moved.
static void forward_words(Old *old, uint32_t i)
{
    const ReplayGlobal *global = &old->putting->state->globals[i];
    uint8_t *memory = old->putting->globals[i];
    for (uint64_t at = 0; memory && at + WORD_BYTES <= global->size_bytes; at += WORD_BYTES) {
        uint64_t word, place;
        bool is_gone = false;
        memcpy(&word, global->data + at, WORD_BYTES);
        if (word - old->heap_first >= old->heap_span
            || !find_place(old, i, at, WORD_BYTES, &place)) {
            continue;
        }
        if (old->is_moved) {
            uint32_t want = old->was[i] ? reflect_pointee(old->from, old->was[i]->type, at) : 0;
            word = migrate_word(old->migrate, word, want, 0, &is_gone);
        }
        if (is_gone) {
            live_lose(&old->putting->losses, "%.100s pointed at what is no more: NULL",
                      global->name);
        }
        memcpy(memory + place, &word, WORD_BYTES);
    }
}

// What of a variable is no address, in today's type.
static bool convert_variable(Old *old, uint32_t i, Fault *fault)
{
    const ReplayGlobal *global = &old->putting->state->globals[i];
    const ReflectVariable *was = old->was[i], *is = old->is[i];
    Arena *arena = &old->putting->arena;
    uint8_t *bytes = arena_try_push(arena, 1, 16, global->size_bytes);
    uint8_t *made = arena_try_push(arena, 1, 16, (size_t)is->bytes);
    if (!bytes || !made) {
        return fault_set(fault, FAULT_MEMORY, "no memory for the variable %.100s", global->name);
    }
    memcpy(bytes, global->data, global->size_bytes);
    for (uint64_t at = 0; at + WORD_BYTES <= global->size_bytes; at += WORD_BYTES) {
        uint64_t word;
        memcpy(&word, bytes + at, WORD_BYTES);
        if (word - old->heap_first < old->heap_span) {
            memset(bytes + at, 0, WORD_BYTES); // forward_words writes it
        }
    }
    if (!migrate_value(old->migrate, was->type, is->type, bytes, made, was->name, &old->report)) {
        live_lose(&old->putting->losses, "the variable %.100s cannot be carried over: %s",
                  was->name,
                  old->report.item_count > 0 ? old->report.items[0].text : "its types differ");
        old->putting->globals[i] = NULL;
        return true;
    }
    memcpy((void *)is->address, made, (size_t)old->to->types[is->type].bytes);
    return true;
}

static void name_losses(Old *old)
{
    for (uint32_t i = 0; i < old->report.item_count; i++) {
        const MigrateItem *item = &old->report.items[i];
        if (item->fate != MIGRATE_SAID) {
            live_lose(&old->putting->losses, "%s", item->text);
        }
    }
    old->report.item_count = 0;
}

static bool put_variable(Old *old, uint32_t i, Fault *fault)
{
    const ReplayGlobal *global = &old->putting->state->globals[i];
    const ReflectVariable *was = old->was[i], *is = old->is[i];
    if (!was || !is) {
        // A variable whose type is not known goes by its symbol, if its size is the same.
        if (was || !live_put_global(old->putting, global, &old->putting->globals[i])) {
            live_lose(&old->putting->losses, "the variable %.100s is not in this build",
                      was ? was->name : global->name);
        }
        return true;
    }
    old->putting->globals[i] = (uint8_t *)is->address;
    if (!reflect_same_type(old->putting->match, was->type, is->type)) {
        bool ok = convert_variable(old, i, fault);
        name_losses(old);
        return ok;
    }
    uint64_t bytes = global->size_bytes < is->bytes ? global->size_bytes : is->bytes;
    memcpy(old->putting->globals[i], global->data, (size_t)bytes);
    return true;
}

static bool put_variables(Old *old, Fault *fault)
{
    const ReplayState *state = old->putting->state;
    for (uint32_t i = 0; i < state->global_count; i++) {
        if (!put_variable(old, i, fault)) {
            return false;
        }
        forward_words(old, i);
    }
    for (uint32_t i = 0; i < state->pointer_count; i++) {
        const ReplayPointer *pointer = &state->pointers[i];
        uint8_t *memory = pointer->global < 0 ? NULL : old->putting->globals[pointer->global];
        uint64_t place;
        if (memory && find_place(old, (uint32_t)pointer->global, pointer->at, WORD_BYTES, &place)) {
            uint64_t word = live_pointer_word(old->putting, pointer, 0);
            memcpy(memory + place, &word, sizeof(word));
        }
    }
    return true;
}

// ------------------------------------------------------------------------------------------ state

static void plan_what_lives(const Live *live, Migrate *migrate)
{
    HeapBlock block = {0};
    const char *tag = "";
    size_t element_bytes = 0;
    while (live->host->heap && heap_next(live->host->heap, &block)) {
        if (block.element_bytes != element_bytes || strcmp(block.type, tag) != 0) {
            tag = block.type;
            element_bytes = block.element_bytes;
            migrate_plan_for(migrate, tag, element_bytes);
        }
    }
}

static bool move_state(Old *old, Fault *fault)
{
    Host *host = old->live->host;
    const ReplayState *state = old->putting->state;
    Arena *arena = &old->putting->arena;
    size_t used = host_state_bytes(host), count = (size_t)state->global_count + 1;
    uint8_t *copy = arena_try_push(arena, 1, PAGE_BYTES, used);
    const uint8_t **variables = arena_try_push(arena, sizeof(*variables), 8, count);
    uint32_t *types = arena_try_push(arena, sizeof(*types), 8, count);
    if (!copy || !variables || !types) {
        return fault_set(fault, FAULT_MEMORY, "no memory for a copy of it");
    }
    memcpy(copy, old->live->state.base, used);
    old->before = copy;
    old->before_bytes = used;
    old->before_root = host->state->root;
    MigrateMemory memory = {.heap = host->heap,
                            .old = copy + host_heap_offset(),
                            .root = host->state->root,
                            .root_align = old->live->now.game->state_align,
                            .variables = variables,
                            .variable_types = types};
    for (uint32_t i = 0; i < state->global_count; i++) {
        if (old->was[i]) {
            variables[memory.variable_count] = state->globals[i].data;
            types[memory.variable_count++] = old->was[i]->type;
        }
    }
    MigrateOutside outside = {.first = {token_of(old, 0)},
                              .span = {(uint64_t)state->pointer_count * TOKEN_BYTES},
                              .turn = turn,
                              .with = old};
    if (!migrate_run(old->migrate, &memory, &outside, &old->report, fault)) {
        return false;
    }
    host->state->root = memory.root;
    old->is_moved = true;
    return true;
}

// The old variables, where the file has them, one behind the other: for whoever asks by name.
static ReflectTable table_with_variables(const Old *old, GameLib *was)
{
    const ReplayState *state = old->putting->state;
    Arena *arena = &old->putting->arena;
    ReflectTable table = *old->from;
    size_t bytes = 0;
    ReflectVariable *variables =
        arena_push(arena, sizeof(*variables), 8, (size_t)table.variable_count + 1);
    memcpy(variables, table.variables, table.variable_count * sizeof(*variables));
    table.variables = variables;
    for (uint32_t i = 0; i < state->global_count; i++) {
        bytes += old->was[i] ? state->globals[i].size_bytes + TOKEN_BYTES : 0;
    }
    uint8_t *at = arena_push(arena, 1, TOKEN_BYTES, bytes + 1);
    was->image_first = (uintptr_t)at;
    was->image_end = was->image_first + bytes;
    for (uint32_t i = 0; i < state->global_count; i++) {
        if (old->was[i]) {
            variables[old->was[i] - old->from->variables].address = (uintptr_t)at;
            memcpy(at, state->globals[i].data, state->globals[i].size_bytes);
            at += (state->globals[i].size_bytes + TOKEN_BYTES - 1) / TOKEN_BYTES * TOKEN_BYTES;
        }
    }
    return table;
}

// The game's .migrate, as after a swap.
static bool ask_game(const Old *old, Fault *fault)
{
    Live *live = old->live;
    const ReplayFacts *facts = replay_facts(live->config.replay);
    hl_game game = {.state_type = facts->state_type, .state_size = (size_t)facts->state_size};
    GameLib was = {.game = &game};
    if (!old->is_moved || !live->now.game->migrate || !live->host->state->root) {
        return true;
    }
    ReflectTable table = table_with_variables(old, &was);
    was.about = &table;
    return live_ask_game(live, &was, old->before, old->before_bytes, old->before_root, fault);
}

static void say_what_changed(const Old *old)
{
    LiveFiles *files = old->live->files;
    files->is_other = true;
    (void)text_format(files->other, sizeof(files->other), "%s",
                      old->report.summary[0] ? old->report.summary : "its variables' types");
    log_line(LOG_INFO, "the recording's state at moment %llu was made with other structs: %s",
             (unsigned long long)old->putting->state->at, files->other);
}

static bool put_all(Old *old, Fault *fault)
{
    Fault why = {0};
    put_tokens(old);
    pair_variables(old);
    plan_what_lives(old->live, old->migrate);
    if (!migrate_is_idle(old->migrate)) {
        if (!move_state(old, &why)) {
            return fault_set(fault, FAULT_LAYOUT,
                             "its state was made with other structs, and cannot be carried over "
                             "to this build's: %s",
                             why.text);
        }
        say_what_changed(old);
        name_losses(old);
    }
    turn_what_is_left(old);
    return put_variables(old, fault) && ask_game(old, fault);
}

bool live_put_old(LivePutting *putting, Fault *fault)
{
    Live *live = putting->live;
    Old old = {.putting = putting,
               .live = live,
               .from = &putting->types->table,
               .to = live->now.about,
               .heap_first = (uint64_t)(uintptr_t)live->host->heap,
               .heap_span = heap_used_bytes(live->host->heap)};
    size_t token_bytes = (size_t)putting->state->pointer_count * TOKEN_BYTES + PAGE_BYTES;
    if (!arena_open(&old.tokens, 0, token_bytes, fault)) {
        return false;
    }
    putting->match = reflect_match_open(&putting->arena, old.from, old.to, NULL, 0);
    old.migrate =
        migrate_open(&putting->arena, putting->match, replay_facts(live->config.replay)->state_type,
                     live->now.game->state_type);
    old.report.items = arena_push(&putting->arena, sizeof(MigrateItem), 8, MIGRATE_ITEMS_MAX);
    bool ok = put_all(&old, fault);
    arena_close(&old.tokens);
    return ok;
}

bool live_is_made_otherwise(const Live *live, uint32_t number)
{
    Arena arena;
    const LiveTypes *types = live_files_types(live, number);
    if (!types || !arena_open(&arena, 0, MATCH_BYTES_MAX, NULL)) {
        return false;
    }
    ReflectMatch *match = reflect_match_open(&arena, &types->table, live->now.about, NULL, 0);
    Migrate *migrate = migrate_open(&arena, match, replay_facts(live->config.replay)->state_type,
                                    live->now.game->state_type);
    plan_what_lives(live, migrate);
    bool is_other = !migrate_is_idle(migrate);
    arena_close(&arena);
    return is_other;
}
