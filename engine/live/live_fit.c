// The game's variables, structs and pointers over a change of its code, in order: the state into
// the new structs, which may be refused; then variables; then what points into images.
#include "live_fit.h"

#include <string.h>

#define CARRY_BYTES_MAX ((size_t)1 << 30)

int live_index_of(const Live *live, uint64_t generation)
{
    for (uint32_t i = 0; i < live->retired_count; i++) {
        if (live->retired[i].generation == generation) {
            return (int)i;
        }
    }
    return -1;
}

// In the order in which they were let go: the one that it is the same as came later.
uint64_t live_same_as(const LiveSame *same, uint32_t count, uint64_t generation)
{
    for (uint32_t i = 0; i < count; i++) {
        generation = same[i].generation == generation ? same[i].same_as : generation;
    }
    return generation;
}

int live_retired_of(const Live *live, uint64_t generation)
{
    return live_index_of(live, live_same_as(live->same, live->same_count, generation));
}

void live_note_same(Live *live, uint64_t generation)
{
    if (live->same_count < LIVE_SAME_MAX) {
        live->same[live->same_count++] = (LiveSame){generation, live->generation};
    }
}

uint64_t live_build_here(const Live *live)
{
    if (!live->timeline) {
        return live->generation;
    }
    uint64_t build = timeline_build(live->timeline, timeline_here(live->timeline));
    build = build ? build : live->first_build;
    return build ? build : live->generation;
}

// The report outlives the memory that it was made in: the next fit, of a loop's first tick, may
// come before it is told.
static void take_items(CarryReport *report, const CarryReport *found)
{
    for (uint32_t i = 0; i < found->item_count && report->item_count < CARRY_ITEMS_MAX; i++) {
        report->items[report->item_count++] = found->items[i];
    }
    report->carried += found->carried;
    report->changed += found->changed;
    report->lost += found->lost;
    report->gone += found->gone;
}

static void take_migrated(CarryReport *report, const MigrateReport *migrated, bool is_taken)
{
    static const CarryFate FATES[] = {[MIGRATE_LOST] = CARRY_LOST,
                                      [MIGRATE_GONE] = CARRY_GONE,
                                      [MIGRATE_REFUSED] = CARRY_LOST,
                                      [MIGRATE_GUESS] = CARRY_GUESSED,
                                      [MIGRATE_SAID] = CARRIED};
    for (uint32_t i = 0; i < migrated->item_count && report->item_count < STATE_ITEMS_MAX; i++) {
        const MigrateItem *item = &migrated->items[i];
        CarryItem *taken = &report->items[report->item_count++];
        taken->fate = FATES[item->fate];
        (void)text_format(taken->name, sizeof(taken->name), "%s", item->name);
        bool is_decided = item->fate == MIGRATE_REFUSED && is_taken;
        (void)text_format(taken->text, sizeof(taken->text), "%s%s", item->text,
                          is_decided ? "; it is zero, and for .migrate to decide" : "");
    }
    report->lost += migrated->lost;
    report->gone += migrated->gone;
}

// From the build that made the memory over those in between, in their order or against it.
static void find_route(Ways *ways, int from)
{
    const Live *live = ways->live;
    LiveRoute *route = &ways->route;
    uint64_t at = live->retired[from].generation, end = live->generation;
    route->libs[route->count++] = &live->retired[from].lib;
    while (at != end) {
        uint64_t next = end;
        const GameLib *lib = &live->now;
        for (uint32_t i = 0; i < live->retired_count; i++) {
            uint64_t one = live->retired[i].generation;
            bool is_nearer = at < end ? one > at && one < next : one < at && one > next;
            if (is_nearer && live_has_types(&live->retired[i].lib)) {
                next = one;
                lib = &live->retired[i].lib;
            }
        }
        route->libs[route->count++] = lib;
        at = next;
    }
}

static bool migrate(Ways *ways, MigrateReport *migrated, Fault *fault)
{
    Live *live = ways->live;
    int from = live_retired_of(live, live->fitted);
    if (from < 0 && live_same_as(live->same, live->same_count, live->fitted) == live->generation) {
        return true;
    }
    if (from < 0) {
        return fault_set(fault, FAULT_LAYOUT,
                         "build %llu is not loaded any more, so the structs of its moments are not "
                         "known",
                         (unsigned long long)live->fitted);
    }
    ways->from = &live->retired[from].lib;
    ways->outside = (MigrateOutside){.first = {ways->images.first, ways->graves.first},
                                     .span = {ways->images.span, ways->graves.span},
                                     .turn = live_turn_outside,
                                     .with = ways};
    ways->route.outside = &ways->outside;
    find_route(ways, from);
    // Worked out before the frame where that could be done.
    const LivePlan *prepared = live_prepared(live, ways->from, &live->now);
    return live_migrate(live, &ways->route, prepared ? prepared->migration : NULL, migrated, fault);
}

static CarryReport *unread_report(Live *live)
{
    CarryReport *report = ARENA_NEW(&live->carry_memory, CarryReport, 1);
    report->items = ARENA_NEW(&live->carry_memory, CarryItem, CARRY_ITEMS_MAX);
    return report;
}

bool live_fit_begin(Live *live, CarryReport *report, LiveFit **fit, Fault *fault)
{
    *fit = NULL;
    if (live->fitted == live->generation || !live->now.game || !live->host->state) {
        return true;
    }
    if (!live->carry_memory.base && !arena_open(&live->carry_memory, 0, CARRY_BYTES_MAX, fault)) {
        return false;
    }
    arena_reset(&live->carry_memory, 0);
    Ways *ways = ARENA_NEW(&live->carry_memory, Ways, 1);
    MigrateReport migrated = {.items =
                                  ARENA_NEW(&live->carry_memory, MigrateItem, MIGRATE_ITEMS_MAX)};
    ways->live = live;
    ways->report = report ? report : unread_report(live);
    *ways->report = (CarryReport){.items = ways->report->items};
    live_count_hull(ways);
    bool ok = migrate(ways, &migrated, fault);
    take_migrated(ways->report, &migrated, ok);
    if (report == &live->carried) { // of an edit; what was said of one may still wait to be told
        (void)text_format(live->migrated, sizeof(live->migrated), "%s", migrated.summary);
    }
    *fit = ok ? ways : NULL;
    return ok;
}

// The variables of `now` hold what they held at that moment: as loaded, or, when it played before,
// what it left.
void live_fit_end(Live *live, LiveFit *ways)
{
    if (!ways) {
        return;
    }
    CarryReport variables = {0};
    int from = live_retired_of(live, live->fitted);
    if (from >= 0) {
        Carry *carry = live_way_from(ways, (uint32_t)from);
        carry_forward(carry, live_has_moved(&ways->route) ? live_forward : NULL, &ways->route);
        carry_globals(carry, &variables, &live->carry_memory);
    }
    live_turn_state(ways);
    if (from >= 0) {
        live_turn_odd_words(ways, live_way_from(ways, (uint32_t)from));
    }
    live_count_gone(ways);
    take_items(ways->report, &variables);
    live->fitted = live->generation;
    live_hash_forget(live->hash);
}

bool live_fit(Live *live, Fault *fault)
{
    LiveFit *fit;
    bool ok = live_fit_begin(live, NULL, &fit, fault);
    live_fit_end(live, fit);
    return ok;
}

bool live_take_back(Live *live, Fault *fault)
{
    if (!timeline_undo(live->timeline, NULL, fault)) {
        return false;
    }
    live->fitted = live_build_here(live);
    host_attach(live->host, live->state.base, live->state.reserve_bytes);
    return live_fit(live, fault);
}
