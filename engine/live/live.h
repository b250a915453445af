// The running game: its memory, its code and its recorded moments. Decides what is accepted: a new
// generation is swapped in between two ticks if its state fits, else the old one plays on. Knows no
// window and no compiler; whoever owns those calls live_swap, live_tick and live_draw.
#ifndef LIVE_H
#define LIVE_H
#include "gamelib.h"
#include "host.h"
#include "timeline.h"

enum {
    LIVE_RETIRED_MAX =
        256 // old images kept because state points into them; more are never unloaded
};

typedef struct LiveConfig {
    const char *game_id;     // folder name of saves; borrowed
    const char *save_folder; // borrowed
    Assets *assets;          // borrowed
    SoundList *sound;        // borrowed
    size_t arena_bytes;      // 0: what the game asks for; a replay has its own
    uint32_t seed;
    const char *record_path; // NULL: not recorded
    ReplayReader *replay;    // NULL: played live; else inputs and files come from it. Borrowed.
} LiveConfig;

typedef enum LiveLoop {
    LIVE_LOOP_OFF,
    LIVE_LOOP_RECORD, // remembering from the segment's first tick
    LIVE_LOOP_PLAY    // playing the segment over and over
} LiveLoop;

// What a tick did, for whoever has to tell.
typedef struct LiveTick {
    bool ran;            // false: no game yet, stopped by a fault, or the replay has ended
    bool first_of_build; // the first tick of a new generation
    bool wrapped;        // the loop jumped back to its first tick before this one
    bool replay_ended;
} LiveTick;

typedef struct Live {
    LiveConfig config;
    Arena state; // at ARENA_STATE_ADDRESS once the first generation is accepted
    Arena keep;  // host and the like
    Host *host;
    GameLib now;     // the generation that plays; zeroed before the first
    GameLib pending; // refused for its layout only: a restart takes it
    GameLib retired[LIVE_RETIRED_MAX];
    uint32_t retired_count;
    uint32_t stuck_count;         // images that stayed mapped after their close
    uint64_t generation;          // counts accepted builds from 1
    uint64_t searched_generation; // the one that played when state was last searched for images
    bool reloaded;                // the next update is the first of a generation
    uint64_t swapped_tick;
    Timeline timeline;
    LiveLoop loop;
    uint32_t loop_at; // next input of the segment
    bool rejoins;     // a replay's loop was let go: its segment is being played to the end
    Fault stopped;    // why no tick runs until the next build or restart; empty: none
    ReplayWriter *writer;
    bool writer_failed;
    ReplayEvent event;    // the reader's next, when the live state needs it
    uint64_t replay_hash; // of the recording's end; 0: it was cut
    bool replay_ended, replay_finished;
} Live;

// `live` is the caller's, zeroed. Nothing runs before the first live_swap.
bool live_open(Live *live, const LiveConfig *config, Fault *fault);
// Ends the recording with the state hash and unloads everything.
void live_close(Live *live);

// Takes `lib` over, whatever happens: it plays from the next tick, or it was refused and closed (or
// kept for a restart). Refused when the state's size or alignment differ from the live one's, or
// when the first generation's memory cannot be had. *swap_ns: how long this call held the frame up.
bool live_swap(Live *live, GameLib *lib, uint64_t *swap_ns, Fault *fault);

// One tick. `input` is the player's; a playing loop or a replay puts its own in place of it.
// False: the game broke a promise, *fault says which, and live->stopped holds it until the next
// build.
bool live_tick(Live *live, const hl_input *input, LiveTick *did, Fault *fault);
// The picture of the state as it is. `draw` must have been reset.
void live_draw(Live *live, float alpha, DrawList *draw);

// off -> record -> play -> off. Nothing happens before the first tick.
LiveLoop live_loop_next(Live *live);
// Fresh state; the pending build is taken if there is one (*took_pending).
bool live_restart(Live *live, bool *took_pending, Fault *fault);
// Old images are unloaded once nothing in the state points into them. Reads the whole used state,
// so call it when there is time, with how much of it. True when it looked.
bool live_housekeeping(Live *live, uint64_t spare_ns);
// Of all state in use. Words that point into game code or libraries count by what they point at,
// not by their address, so the same run gives the same number in every process and at every -O
// level.
uint64_t live_hash(const Live *live);

uint64_t live_tick_number(const Live *live); // of the last update
int live_tick_rate(const Live *live);        // 60 before the first generation
const hl_game *live_game(const Live *live);  // NULL before the first generation

#endif
