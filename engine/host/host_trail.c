// hl_trail: where things were. A point belongs to a moment of history, so what is drawn is the way
// to the moment that is shown, on whichever branch that is, and going back and forth takes nothing
// away.
#include "host_internal.h"

#include <string.h>

static HostTrail *trail_of(Host *host, const char *name)
{
    for (uint32_t i = 0; i < host->trail_count; i++) {
        if (strncmp(host->trails[i].name, name, sizeof(host->trails[i].name) - 1) == 0) {
            return &host->trails[i];
        }
    }
    if (host->trail_count == HOST_TRAILS_MAX) {
        return NULL;
    }
    HostTrail *trail = &host->trails[host->trail_count++];
    *trail = (HostTrail){0};
    (void)text_format(trail->name, sizeof(trail->name), "%s", name);
    return trail;
}

// Called by the game: nothing is asked for here.
void hl_trail(hl_tick *t, const char *name, float x, float y)
{
    HostTrail *trail = trail_of(host_of(t), name);
    if (trail) {
        trail->is_fresh = true;
        trail->fresh = (hl_vec2){x, y};
    }
}

void host_trails_begin(Host *host)
{
    for (uint32_t i = 0; i < host->trail_count; i++) {
        host->trails[i].is_fresh = false;
    }
}

// Neighbours of one branch never share a place; the same moment of another branch has another one.
static HostTrailPoint *place_of(const HostTrail *trail, uint32_t branch, uint64_t moment)
{
    return &trail->points[(moment + branch * 7919ull) % HOST_TRAIL_POINTS];
}

static bool has_room(Host *host, HostTrail *trail)
{
    size_t all = sizeof(HostTrailPoint) * HOST_TRAIL_POINTS * HOST_TRAILS_MAX;
    if (!trail->points
        && (host->trail_memory.base || arena_open(&host->trail_memory, 0, all, NULL))) {
        trail->points = arena_try_push(&host->trail_memory, sizeof(HostTrailPoint),
                                       _Alignof(HostTrailPoint), HOST_TRAIL_POINTS);
    }
    return trail->points != NULL;
}

void host_trails_keep(Host *host, uint32_t branch, uint64_t moment)
{
    for (uint32_t i = 0; i < host->trail_count; i++) {
        HostTrail *trail = &host->trails[i];
        if (trail->is_fresh && has_room(host, trail)) {
            *place_of(trail, branch, moment) = (HostTrailPoint){.moment = moment + 1,
                                                                .tick = host->state->tick,
                                                                .branch = branch,
                                                                .at = trail->fresh};
        }
        trail->is_fresh = false;
    }
}

static const HostTrailPoint *point_at(const HostTrail *trail, const HostPast *past, uint32_t back)
{
    if (back > past->here) {
        return NULL;
    }
    uint64_t moment = past->here - back;
    const HostTrailPoint *point = place_of(trail, past->branches[back], moment);
    bool is_it = point->moment == moment + 1 && point->branch == past->branches[back];
    return is_it ? point : NULL;
}

// The last two seconds, fading out towards the past. Between two ticks there may be moments that
// are none (an edit); ticks that do not count up are those of before a restart.
static void draw_trail(const HostTrail *trail, const HostState *state, const HostPast *past,
                       DrawList *draw)
{
    uint64_t span = 2ull * state->tick_rate;
    const HostTrailPoint *later = NULL;
    for (uint32_t back = 0; back < past->count; back++) {
        const HostTrailPoint *point = point_at(trail, past, back);
        if (!point) {
            continue;
        }
        uint64_t before = later ? later->tick : state->tick + 1;
        if (point->tick >= before || (later && state->tick - later->tick >= span)) {
            break;
        }
        if (later && later->tick - point->tick == 1) {
            float age = (float)(state->tick - later->tick) / (float)span;
            draw_line(draw, point->at.x, point->at.y, later->at.x, later->at.y, 1,
                      hl_fade(HL_YELLOW, 0.7f * (1 - age)));
        }
        later = point;
    }
}

void host_trails_draw(const Host *host, DrawList *draw)
{
    for (uint32_t i = 0; i < host->trail_count; i++) {
        if (host->trails[i].points) {
            draw_trail(&host->trails[i], host->state, &host->past, draw);
        }
    }
}
