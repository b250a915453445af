// Is there anything in the state that cannot go on in another build, whatever it is? A coroutine's
// stack that is kept in the state has return addresses into the code that plays: the new code has
// no such places.
#include "live_internal.h"

#include "reflect_table.h"

// Ten thousand words point to a hundred functions: what was looked at last is remembered.
enum { SEEN_COUNT = 512 };

typedef struct Seen {
    const ReflectTable *table;
    uint64_t words[SEEN_COUNT]; // that are in the middle of nothing
} Seen;

static bool is_within(Seen *seen, uint64_t word)
{
    uint64_t *known = &seen->words[(word * UINT64_C(0x9e3779b97f4a7c15)) >> 55];
    if (*known == word) {
        return false;
    }
    const ReflectFunction *function = reflect_function_at(seen->table, word);
    *known = word;
    return function && word != function->address;
}

static bool refuse(const Live *live, const uint64_t *word, Fault *fault)
{
    char where[160];
    const ReflectFunction *function = reflect_function_at(live->now.about, *word);
    live_explain(live, (const uint8_t *)word, where, sizeof(where));
    return fault_set(
        fault, FAULT_LAYOUT,
        "%s holds an address in the middle of %s(), as the stack of a coroutine does or "
        "a label: the new build has no such place, so the previous code plays on. "
        "Restart (F9) to run the new one from its beginning",
        where, function ? function->name : "a function");
}

bool live_can_leave(const Live *live, Fault *fault)
{
    const ReflectTable *table = live->now.about;
    const uint64_t *words = (const uint64_t *)(const void *)live->state.base;
    const size_t a_page = PAGE_BYTES / sizeof(uint64_t);
    size_t used = host_state_bytes(live->host) / sizeof(uint64_t);
    uint64_t first = live->now.image_first, span = live->now.image_end - first;
    bool by_pages = live->timeline && live->hits_known;
    Seen seen = {.table = table};
    if (!table || table->is_empty) {
        return true; // where functions begin is not known well enough to refuse anything
    }
    for (uint32_t page = 0; page * a_page < used; page++) {
        if (by_pages && !timeline_next_hit(live->timeline, &page)) {
            break;
        }
        size_t end = (page + 1) * a_page < used ? (page + 1) * a_page : used;
        for (size_t i = page * a_page; i < end; i++) {
            if (words[i] - first < span && is_within(&seen, words[i])) {
                return refuse(live, &words[i], fault);
            }
        }
    }
    return true;
}
