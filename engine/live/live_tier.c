// Two builds of the same sources: the fast compiler's, which plays first, and the full one's, which
// takes its place. Putting one in place of the other is a swap like any other - the state, the
// variables and every pointer go on - but no edit: the game is told nothing, and people count both
// as one build.
#include "live_internal.h"

#include "reflect_table.h"

bool live_has_same_sources(const GameLib *a, const GameLib *b)
{
    return a->sources != 0 && a->sources == b->sources;
}

// The fast compiler has constants with addresses in them among the variables, the game's descriptor
// for one.
bool live_has_variables(const GameLib *lib)
{
    const ReflectTable *table = lib->about;
    if (!lib->is_fast || !table || table->is_empty) {
        return lib->global_count > 0;
    }
    for (uint32_t i = 0; i < table->variable_count; i++) {
        const ReflectVariable *variable = &table->variables[i];
        if (!variable->is_const
            && variable->address - lib->globals_first < lib->globals_end - lib->globals_first) {
            return true;
        }
    }
    return false;
}

// An older build that plays again since a newer one died is another matter: whoever brings it back
// has saved something.
bool live_is_quiet(const Live *live, const GameLib *lib)
{
    return live_has_same_sources(lib, &live->now) && live->now.is_fast && !lib->is_fast
           && live->generation == live->generations;
}

// ---------------------------------------------------------------------------------------- numbers

static bool is_repeat(const Live *live, uint64_t generation)
{
    return generation < LIVE_MARKED_MAX
           && (live->repeats[generation / 64] >> (generation % 64) & 1) != 0;
}

// The build before it need not play any more: it may have died.
void live_count_build(Live *live, const GameLib *lib)
{
    bool repeats = lib->sources != 0 && lib->sources == live->newest_sources && live->newest_is_fast
                   && !lib->is_fast;
    live->newest_sources = lib->sources;
    live->newest_is_fast = lib->is_fast;
    live->generation = ++live->generations;
    if (live->generation < LIVE_MARKED_MAX) {
        uint64_t *word = &live->repeats[live->generation / 64];
        uint64_t bit = UINT64_C(1) << (live->generation % 64);
        *word = repeats ? *word | bit : *word & ~bit;
    }
}

bool live_is_same_code(const Live *live, uint64_t a, uint64_t b)
{
    uint64_t later = a > b ? a : b, earlier = a > b ? b : a;
    return a == b || (later == earlier + 1 && is_repeat(live, later));
}

uint64_t live_number(const Live *live, uint64_t generation)
{
    uint64_t last = generation < LIVE_MARKED_MAX ? generation : LIVE_MARKED_MAX - 1;
    uint64_t repeats = 0;
    for (uint64_t i = 0; live->repeats && i <= last / 64; i++) {
        uint64_t word = live->repeats[i];
        word &= i == last / 64 ? UINT64_MAX >> (63 - last % 64) : UINT64_MAX;
        repeats += (uint64_t)__builtin_popcountll(word);
    }
    return generation - repeats;
}

// ------------------------------------------------------------------------------- who plays instead

// One that has died itself would only die again. The full build is new code for its first second:
// the fast one plays on should it die, and the edit before for as long as that would have done so.
void live_swap_previous(Live *live, uint64_t was, bool is_quiet)
{
    bool can = was != 0 && live->stopped.kind == FAULT_NONE;
    live->before_previous = can && is_quiet ? live->previous : 0;
    live->previous = can ? was : 0;
    live->edit_ticks = is_quiet ? live->edit_ticks : 0;
}

void live_count_tick(Live *live)
{
    uint64_t second = (uint64_t)live_tick_rate(live);
    live->build_ticks++;
    live->edit_ticks++;
    if (live->edit_ticks >= second) {
        live->before_previous = 0;
    }
    if (live->build_ticks >= second) {
        live->previous = live->before_previous = 0;
    }
}
