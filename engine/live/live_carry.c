// The words of a state that point into a build's image, over a change of the code: each comes to
// point at what it meant in the build that plays.
#include "live_fit.h"

#include <string.h>

static CarryBuild build_of(const GameLib *lib)
{
    return (CarryBuild){.lib = lib, .table = lib->about};
}

Carry *live_way_from(Ways *ways, uint32_t retired)
{
    Live *live = ways->live;
    if (!ways->of[retired]) {
        const GameLib *old = &live->retired[retired].lib;
        CarryBuild from = build_of(old), to = build_of(&live->now);
        const LivePlan *prepared = live_prepared(live, old, &live->now);
        ways->of[retired] =
            prepared ? prepared->carry : carry_open(&live->carry_memory, &from, &to);
    }
    return ways->of[retired];
}

static bool is_in_block(const HeapBlock *block, const void *word)
{
    const uint8_t *data = block->data, *at = word;
    return data && at >= data && at < data + block->count * block->element_bytes;
}

// The allocation that a word of the state lies in. Words come in the order of their addresses, and
// so do blocks: all together are gone through once.
static bool find_block(Ways *ways, const void *word)
{
    HeapBlock *block = &ways->block;
    if (is_in_block(block, word)) {
        return true;
    }
    ways->held_by = NULL;
    if (block->data && (const uint8_t *)word < (const uint8_t *)block->data) {
        *block = (HeapBlock){0};
    }
    do {
        if (!heap_next(ways->live->host->heap, block)) {
            return false;
        }
    } while (!is_in_block(block, word) && (const uint8_t *)word > (const uint8_t *)block->data);
    return is_in_block(block, word);
}

static GoneGroup *gone_group(Ways *ways, uint64_t word, const char *tag, size_t within)
{
    for (uint32_t i = 0; tag && i < ways->gone_count; i++) {
        GoneGroup *group = &ways->gone[i];
        if (group->word == word && group->tag == tag && group->within == within) {
            return group;
        }
    }
    return NULL;
}

static GoneGroup *gone_member(Ways *ways, uint64_t word, const char *member)
{
    for (uint32_t i = 0; i < ways->gone_count; i++) {
        GoneGroup *group = &ways->gone[i];
        if (group->word == word && strcmp(ways->report->items[group->item].name, member) == 0) {
            return group;
        }
    }
    return NULL;
}

static void add_gone(Ways *ways, Carry *carry, uint64_t word, const void *place, CarryItem *item)
{
    char target[160], where[160];
    item->fate = CARRY_GONE;
    live_explain(ways->live, place, where, sizeof(where));
    if (!live_explain_member(ways->live, place, item->name, sizeof(item->name))) {
        (void)text_format(item->name, sizeof(item->name), "%s", where);
    }
    carry_name(carry, word, target, sizeof(target));
    (void)text_format(item->text, sizeof(item->text), "%s pointed at %s, which is no more", where,
                      target);
}

// Once for all objects whose member pointed at the same.
static void name_gone(Ways *ways, Carry *carry, uint64_t word, const void *place)
{
    CarryReport *report = ways->report;
    bool is_held = find_block(ways, place);
    const HeapBlock *block = &ways->block;
    const char *tag = is_held ? block->type : NULL;
    size_t within = is_held ? (size_t)((const uint8_t *)place - (const uint8_t *)block->data)
                                  % block->element_bytes
                            : 0;
    char member[160];
    GoneGroup *group = gone_group(ways, word, tag, within);
    report->gone++;
    if (!group && report->item_count < STATE_ITEMS_MAX
        && live_explain_member(ways->live, place, member, sizeof(member))) {
        group = gone_member(ways, word, member);
    }
    if (group) {
        group->more++;
        return;
    }
    if (report->item_count == STATE_ITEMS_MAX) {
        return;
    }
    if (ways->gone_count < GONE_GROUPS) {
        ways->gone[ways->gone_count++] = (GoneGroup){word, tag, within, report->item_count, 0};
    }
    add_gone(ways, carry, word, place, &report->items[report->item_count++]);
}

void live_count_gone(Ways *ways)
{
    for (uint32_t i = 0; i < ways->gone_count; i++) {
        const GoneGroup *group = &ways->gone[i];
        char *text = ways->report->items[group->item].text;
        size_t used = strlen(text), room = sizeof(ways->report->items[0].text);
        if (group->more > 0) {
            (void)text_format(text + used, room - used, " (and %u more)", group->more);
        }
    }
    ways->gone_count = 0;
}

// Where the address alone does not tell what is meant, the type of the field does.
static uint64_t turn_by_type(Ways *ways, Carry *carry, uint64_t word, const void *place, bool *gone)
{
    if (!find_block(ways, place)) {
        return carry_word(carry, word, gone);
    }
    const HeapBlock *block = &ways->block;
    if (ways->held_by != carry) {
        ways->held_by = carry;
        ways->holder = carry_holder(carry, block->type, block->element_bytes);
    }
    size_t within = (size_t)((const uint8_t *)place - (const uint8_t *)block->data);
    return carry_held_word(carry, word, ways->holder, within % block->element_bytes, gone);
}

// What the word that stands there is in the new build. What goes on pointing to the old one is seen
// again, by the last look at all words, and named there.
static uint64_t turn_word(Ways *ways, uint64_t word, const void *place, bool is_last)
{
    Live *live = ways->live;
    const char *unit, *function;
    bool gone = false;
    Turned *known = &ways->turned[(word * UINT64_C(0x9e3779b97f4a7c15)) >> 54];
    if (known->word == word) {
        return known->to;
    }
    if (word - live->now.image_first < live->now.image_end - live->now.image_first) {
        return word;
    }
    if (carry_grave_at(word, &unit, &function) && live->retired_count > 0) {
        // Any way will do: it is looked for by name.
        return carry_word(live_way_from(ways, live->retired_count - 1), word, &gone);
    }
    for (uint32_t i = 0; i < live->retired_count; i++) {
        const GameLib *lib = &live->retired[i].lib;
        if (word - lib->image_first < lib->image_end - lib->image_first) {
            Carry *carry = live_way_from(ways, i);
            bool is_open = carry_needs_type(carry, word);
            uint64_t turned = is_open ? turn_by_type(ways, carry, word, place, &gone)
                                      : carry_word(carry, word, &gone);
            if (gone && ways->report && (is_last || turned != word)) {
                name_gone(ways, carry, word, place);
            }
            // Every field that lost its target is named, so those are not remembered.
            *known = is_open || gone || turned == word ? *known : (Turned){word, turned};
            return turned;
        }
    }
    return word;
}

// The same for a field that is being migrated: what it points to is known in both builds.
uint64_t live_turn_outside(void *with, uint64_t word, uint32_t from, uint32_t to, const void *place)
{
    Ways *ways = with;
    const GameLib *old = ways->from;
    // Types are of the build that made the memory; on the way over others they are not.
    if (from == 0 || ways->route.migration_count > 0
        || word - old->image_first >= old->image_end - old->image_first) {
        return turn_word(ways, word, place, false);
    }
    bool gone = false;
    Carry *carry = live_way_from(ways, (uint32_t)live_retired_of(ways->live, ways->live->fitted));
    uint64_t turned = carry_typed_word(carry, word, from, to, &gone);
    if (gone && turned != word) {
        name_gone(ways, carry, word, place);
    }
    return turned;
}

static bool is_sought(const Ways *ways, uint64_t word)
{
    Hull images = ways->images, graves = ways->graves;
    return word - images.first < images.span || word - graves.first < graves.span;
}

static void turn_words(Ways *ways, uint64_t *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (is_sought(ways, words[i])) {
            uint64_t turned = turn_word(ways, words[i], &words[i], true);
            if (turned != words[i]) { // or its page would count as written
                words[i] = turned;
            }
        }
    }
}

// A pointer of a packed struct, at a place that the search by words does not see.
static void turn_odd_word(Ways *ways, uint8_t *place)
{
    uint64_t word;
    memcpy(&word, place, sizeof(word));
    if ((uintptr_t)place % sizeof(word) != 0 && is_sought(ways, word)) {
        uint64_t turned = turn_word(ways, word, place, true);
        if (turned != word) {
            memcpy(place, &turned, sizeof(turned));
        }
    }
}

void live_turn_odd_words(Ways *ways, Carry *carry)
{
    HeapBlock block = {0};
    const char *type = NULL; // that `holder` is of
    CarryHolder holder = {0};
    bool is_odd = false;
    if (!carry_has_odd_words(carry)) {
        return;
    }
    while (heap_next(ways->live->host->heap, &block)) {
        if (block.type != type) {
            type = block.type;
            holder = carry_holder(carry, type, block.element_bytes);
            is_odd = carry_is_odd(carry, holder);
            ways->live->has_odd_words |= is_odd;
        }
        for (size_t i = 0; i < block.count && is_odd; i++) {
            uint8_t *element = (uint8_t *)block.data + i * block.element_bytes;
            for (uint64_t at = 0; carry_next_pointer(carry, holder, &at); at++) {
                turn_odd_word(ways, element + at);
            }
        }
    }
}

static bool has_words(const Ways *ways, const uint64_t *words, size_t count)
{
    Hull images = ways->images;
    uint64_t playing = ways->live->now.image_first;
    uint64_t playing_span = ways->live->now.image_end - playing;
    for (size_t i = 0; i < count; i++) {
        if (words[i] - images.first < images.span && words[i] - playing >= playing_span) {
            return true;
        }
    }
    return false;
}

// Many neighbours that are all about to be written: a fault for each takes longer than all the
// rest. Returns the page behind them.
static uint32_t expect_run(Ways *ways, uint32_t first, const uint64_t *words, size_t words_a_page)
{
    enum { FEW = 4 };
    Timeline *timeline = ways->live->timeline;
    uint32_t end = first, next = first;
    while (timeline_next_hit(timeline, &next) && next == end) {
        next = ++end;
    }
    if (end - first > FEW && has_words(ways, words, words_a_page)) {
        timeline_expect(timeline, first, end - first);
    }
    return end;
}

// The state's words. With history only the pages that ever held an address of an image are looked
// at. Graves are no such addresses, and a game may copy them: once there are any, all is looked at.
void live_turn_state(Ways *ways)
{
    Live *live = ways->live;
    size_t used = host_state_bytes(live->host) / sizeof(uint64_t);
    uint64_t *words = (uint64_t *)(void *)live->state.base;
    ways->block = (HeapBlock){0}; // allocations may have moved
    ways->held_by = NULL;
    if (!live->timeline || !live->hits_known || ways->graves.span > 0) {
        turn_words(ways, words, used);
        return;
    }
    const size_t a_page = PAGE_BYTES / sizeof(uint64_t);
    uint32_t expected = 0;
    for (uint32_t page = 0; timeline_next_hit(live->timeline, &page); page++) {
        size_t at = page * a_page;
        if (at < used) {
            if (page >= expected) {
                expected = expect_run(ways, page, words + at, used - at < a_page ? 0 : a_page);
            }
            turn_words(ways, words + at, used - at < a_page ? used - at : a_page);
        }
    }
}

void live_note_hits(Live *live)
{
    if (!live->timeline) {
        return;
    }
    DeltaWords code = live_code_words(live);
    const uint64_t *words = (const uint64_t *)(const void *)live->state.base;
    size_t used = host_state_bytes(live->host) / sizeof(uint64_t);
    for (size_t i = 0; i < used; i++) {
        if (words[i] - code.first < code.span) {
            timeline_hit(live->timeline, (uint32_t)(i * sizeof(uint64_t) / PAGE_BYTES));
        }
    }
    live->hits_known = true;
}

void live_count_hull(Ways *ways)
{
    const Live *live = ways->live;
    uintptr_t first = UINTPTR_MAX, end = 0;
    for (uint32_t i = 0; i < live->retired_count; i++) {
        const GameLib *lib = &live->retired[i].lib;
        first = lib->image_first < first ? lib->image_first : first;
        end = lib->image_end > end ? lib->image_end : end;
    }
    ways->images = (Hull){first, end > first ? end - first : 0};
    carry_graveyard(&ways->graves.first, &ways->graves.span);
}
