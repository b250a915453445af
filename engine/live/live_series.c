// What is known lies in a ring by moments, the latest at its end. New moments are put behind it,
// older ones in front, each a part at a time; a jump to another branch leaves what the two share.
#include "live_trace.h"

#include "live_internal.h"

#include <math.h>
#include <string.h>

enum { GAP_MAX = 4096, LOOK_AT_CLOCK = 64 };

// A value that no double of a game's has after taken(): where nothing was.
static double nothing(void)
{
    const uint64_t bits = UINT64_C(0x7ff8dead00000001);
    double value;
    memcpy(&value, &bits, sizeof(value));
    return value;
}

static bool is_nothing(double value)
{
    double none = nothing();
    return memcmp(&value, &none, sizeof(value)) == 0;
}

static double *slot(const LiveSeries *series, uint64_t moment)
{
    return &series->values[moment % LIVE_SERIES_MAX];
}

// A part of history that is being worked on, from `above` - 1 down.
typedef struct Part {
    LiveSeries *series;
    uint64_t above, count;
    uint64_t until_ns;
    bool is_cut; // the time was used up
} Part;

static bool take(void *with, const LiveSample *sample)
{
    Part *part = with;
    double value = !sample->has ? nothing() : isnan(sample->value) ? (double)NAN : sample->value;
    // Moments in between have been thinned out: who goes there comes to this one.
    for (uint64_t moment = sample->moment; moment < part->above; moment++) {
        *slot(part->series, moment) = value;
    }
    part->above = sample->moment < part->above ? sample->moment : part->above;
    part->count++;
    part->is_cut = part->until_ns && part->count % LOOK_AT_CLOCK == 0 && mono_ns() > part->until_ns;
    return !part->is_cut;
}

static void forget(LiveSeries *series, const Live *live, const char *path)
{
    (void)text_format(series->path, sizeof(series->path), "%s", path);
    series->histories = live->histories;
    series->has_any = false;
}

// Of another branch, what both have behind them.
static void keep_shared(LiveSeries *series, const Live *live, LivePlace place)
{
    LivePlace known = {series->branch, series->last};
    TimelinePlace meet =
        timeline_meet(live->timeline, live_to_timeline(live, known), live_to_timeline(live, place));
    uint64_t last = live->base + meet.at;
    bool is_shorter = series->branch != place.branch && last < series->last;
    series->last = is_shorter ? last : series->last;
    series->has_any = series->last >= series->first && place.moment <= series->last + GAP_MAX;
}

static bool has_branch(const Live *live, uint32_t branch)
{
    TimelineBranch branches[TIMELINE_BRANCHES_MAX + 1];
    size_t count = timeline_branches(live->timeline, branches, COUNT_OF(branches));
    bool found = false;
    for (size_t i = 0; i < count && i < COUNT_OF(branches); i++) {
        found |= branches[i].id == branch;
    }
    return found;
}

static bool prepare(LiveSeries *series, const Live *live, const char *path, LivePlace place)
{
    series->fault = (Fault){0};
    if (!series->values) {
        if (!arena_open(&series->memory, 0, LIVE_SERIES_MAX * sizeof(double), &series->fault)) {
            return false;
        }
        series->values = ARENA_NEW(&series->memory, double, LIVE_SERIES_MAX);
    }
    if (!live->timeline) {
        return fault_set(&series->fault, FAULT_USAGE, "no history is kept");
    }
    if (strcmp(series->path, path) != 0 || series->histories != live->histories) {
        forget(series, live, path);
    }
    series->has_any = series->has_any && has_branch(live, series->branch);
    if (series->has_any) {
        keep_shared(series, live, place);
    }
    series->branch = place.branch;
    return true;
}

// The moments behind what is known.
static bool go_on(LiveSeries *series, const Live *live, LivePlace place)
{
    Part part = {.series = series, .above = place.moment + 1};
    if (!live_trace(live, series->path, place, series->last + 1, take, &part, &series->fault)) {
        return false;
    }
    double before = *slot(series, series->last);
    for (uint64_t moment = series->last + 1; moment < part.above; moment++) {
        *slot(series, moment) = before; // thinned out
    }
    series->last = place.moment;
    bool is_full = series->last - series->first >= LIVE_SERIES_MAX;
    series->first = is_full ? series->last - LIVE_SERIES_MAX + 1 : series->first;
    return true;
}

// Those before it, and at first all of them.
static bool go_back(LiveSeries *series, const Live *live, LivePlace place, uint64_t first,
                    uint64_t budget_ns)
{
    bool had_any = series->has_any;
    LivePlace from = {place.branch, had_any ? series->first - 1 : place.moment};
    Part part = {.series = series,
                 .above = from.moment + 1,
                 .until_ns = budget_ns ? mono_ns() + budget_ns : 0};
    if (!live_trace(live, series->path, from, first, take, &part, &series->fault)) {
        return false;
    }
    // What was not handed over is not there any more.
    for (uint64_t moment = first; !part.is_cut && moment < part.above; moment++) {
        *slot(series, moment) = nothing();
    }
    series->first = part.is_cut ? part.above : first;
    series->last = had_any ? series->last : place.moment;
    series->has_any = true;
    return true;
}

bool live_series_update(LiveSeries *series, const Live *live, const char *path, LivePlace place,
                        uint64_t first, uint64_t budget_ns)
{
    if (!prepare(series, live, path, place)) {
        return false;
    }
    bool is_long = place.moment - first >= LIVE_SERIES_MAX;
    first = is_long ? place.moment - LIVE_SERIES_MAX + 1 : first;
    if (series->has_any && place.moment < series->last && series->last - first >= LIVE_SERIES_MAX) {
        series->last = place.moment; // it makes room at its other end
    }
    bool ok = !series->has_any || place.moment <= series->last || go_on(series, live, place);
    series->has_any &= ok;
    if (ok && (!series->has_any || first < series->first)) {
        ok = go_back(series, live, place, first, budget_ns);
    }
    return ok && series->first <= first;
}

bool live_series_value(const LiveSeries *series, uint64_t moment, double *value)
{
    if (!series->has_any || moment < series->first || moment > series->last) {
        return false;
    }
    *value = *slot(series, moment);
    return !is_nothing(*value);
}

void live_series_close(LiveSeries *series)
{
    arena_close(&series->memory);
    *series = (LiveSeries){0};
}
