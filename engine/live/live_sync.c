// --synctest: every tick is taken back and run again, with the same input, and has to come out the
// same. What differs came from somewhere that is not state: a clock, rand(), malloc'ed memory, a
// variable that was not set.
#include "live_runs.h"

#include <string.h>

// What page `page` held after that run, now that memory is as it was before it.
static const uint8_t *held(const LivePages *written, const uint8_t *page, size_t *cursor)
{
    while (*cursor < written->count && written->pages[*cursor] < page) {
        (*cursor)++;
    }
    bool there = *cursor < written->count && written->pages[*cursor] == page;
    return there ? written->bytes + *cursor * PAGE_BYTES : page;
}

// ------------------------------------------------------------------------------------ comparing

// Memory as the first run left it: its pages over those from before.
static void put_back(Live *live, const LivePages *written)
{
    for (size_t i = 0; i < written->count; i++) {
        memcpy((uint8_t *)(uintptr_t)written->pages[i], written->bytes + i * PAGE_BYTES,
               PAGE_BYTES);
    }
    host_attach(live->host, live->state.base, live->state.reserve_bytes);
    live->fitted = live->generation;
}

// Memory is as the first run left it.
static void report(Live *live, LiveDiffering *differing)
{
    char what[800], more[64] = "";
    LiveDifference found;
    if (live_name_difference(live, differing, &found)) {
        if (found.more > 0) {
            (void)text_format(more, sizeof(more), " (and %u more field%s)", found.more,
                              found.more == 1 ? "" : "s");
        }
        (void)text_format(what, sizeof(what), "%s was %s, is %s in the second run%s", found.name,
                          found.first, found.second, more);
    } else {
        live_find_difference(live, differing, &found);
        (void)text_format(what, sizeof(what), "%s (%p) was %s, is %s in the second run", found.name,
                          (const void *)found.where, found.first, found.second);
    }
    live->desyncs++;
    live->desync = (LiveDesync){.is_new = true,
                                .is_page = true,
                                .moment = live->moment + 1,
                                .page = timeline_page_at(live->timeline, found.where)};
    (void)text_format(live->desync.text, sizeof(live->desync.text),
                      "tick %llu does not do the same twice: %s. Something from outside the state "
                      "decides it: a clock, rand(), malloc'ed memory, a variable that is not set",
                      (unsigned long long)live_tick_number(live), what);
}

// How many pages differ; into `differing`, when it has room for them.
static size_t gather(const LivePages *first, const LivePages *again, LiveDiffering *differing)
{
    size_t a = 0, b = 0, cursor_a = 0, cursor_b = 0, count = 0;
    while (a < first->count || b < again->count) {
        const uint8_t *pa = a < first->count ? first->pages[a] : NULL;
        const uint8_t *pb = b < again->count ? again->pages[b] : NULL;
        const uint8_t *page = !pa || (pb && pb < pa) ? pb : pa;
        a += page == pa;
        b += page == pb;
        const uint8_t *x = held(first, page, &cursor_a), *y = held(again, page, &cursor_b);
        if (!live_is_the_games(differing->live, page) || memcmp(x, y, PAGE_BYTES) == 0) {
            continue;
        }
        if (differing->second) {
            memcpy(differing->second + count * PAGE_BYTES, y, PAGE_BYTES);
            differing->pages[count] = page;
        }
        count++;
    }
    return count;
}

// False: they differ, and it has been reported. Memory is as it was before both runs, or, if they
// differ, as the first one left it.
static bool compare(Live *live, const LivePages *first, const LivePages *again)
{
    LiveDiffering differing = {.live = live};
    differing.count = gather(first, again, &differing);
    if (differing.count == 0) {
        return true;
    }
    differing.pages = arena_push(&live->sync_memory, sizeof(void *), 16, differing.count);
    differing.second = arena_push(&live->sync_memory, PAGE_BYTES, 16, differing.count);
    (void)gather(first, again, &differing);
    put_back(live, first);
    report(live, &differing);
    return false;
}

static bool run_again(Live *live, const hl_input *input, const HostNote *notes, uint32_t count,
                      bool first_of_build, Fault *fault)
{
    if (!live_take_back(live, fault)) {
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (notes[i].kind == REPLAY_SAVE) {
            host_feed(live->host, notes[i].kind, notes[i].name, notes[i].present, notes[i].data,
                      notes[i].size_bytes);
        }
    }
    HostSource source = live->host->source;
    live->host->source = source == HOST_FROM_RECORD ? source : HOST_REPEATS;
    bool ok = host_update(live->host, live->now.game, input, first_of_build, fault);
    live->host->source = source;
    return ok;
}

// What hl_load gave the first run lies in memory that the second one uses again.
static HostNote *keep_notes(Live *live, const HostMark *mark, uint32_t *count)
{
    *count = live->host->note_count - mark->notes;
    HostNote *notes = arena_push(&live->sync_memory, sizeof(HostNote), 16, *count + 1u);
    for (uint32_t i = 0; i < *count; i++) {
        notes[i] = live->host->notes[mark->notes + i];
        if (notes[i].kind == REPLAY_SAVE && notes[i].present) {
            uint8_t *data = arena_push(&live->sync_memory, 1, 16, notes[i].size_bytes + 1);
            memcpy(data, notes[i].data, notes[i].size_bytes);
            notes[i].data = data;
        }
    }
    return notes;
}

void live_sync(Live *live, const hl_input *input, const HostMark *mark, bool first_of_build)
{
    Fault fault;
    if (!live->timeline || !live_runs_begin(live)) {
        return;
    }
    HostMark after = host_mark(live->host);
    uint32_t note_count;
    LivePages first, again;
    HostNote *notes = keep_notes(live, mark, &note_count);
    if (!live_written_pages(live, &first, &fault)) {
        log_line(LOG_WARNING, "%s", fault.text);
        return;
    }
    bool same = true;
    for (int i = 0; i < live->config.synctest && same; i++) {
        size_t room = live->sync_memory.used_bytes;
        bool ran = run_again(live, input, notes, note_count, first_of_build, &fault);
        host_take_back(live->host, &after);
        if (!ran) {
            live->desyncs++;
            live->desync = (LiveDesync){.is_new = true, .moment = live->moment + 1};
            (void)text_format(live->desync.text, sizeof(live->desync.text),
                              "tick %llu ends early when it is run again: %s",
                              (unsigned long long)live_tick_number(live), fault.text);
            same = false;
        }
        same = same && live_written_pages(live, &again, &fault)
               && timeline_undo(live->timeline, NULL, &fault) && compare(live, &first, &again);
        arena_reset(&live->sync_memory, room);
    }
    live->synced++;
    if (timeline_undo(live->timeline, NULL, &fault)) {
        put_back(live, &first);
    }
    // What the first run noted points into memory that was used again.
    for (uint32_t i = 0; i < note_count; i++) {
        live->host->notes[mark->notes + i] = notes[i];
    }
}
