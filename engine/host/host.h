// The far side of hotloop.h: what every hl_ call does. A call reads the input and the assets,
// changes the state arena, and appends to lists - picture, sound, lines for the programmer, wishes
// such as "quit" - that the loop drains after the tick. Nothing here knows a window, a device or a
// file of the session; what comes from outside (asset bytes, saves) passes host_outside.c and
// host_save.c, where it is noted for the record or, in a replay, comes from it.
//
//   host.c         running init, update and draw; ending a tick early
//   host_input.c   hl_down ... hl_btn     host_memory.c  hl_alloc ... hl_free, hl_sin ...
//   host_draw.c    hl_clear ... hl_clip   host_sound.c   hl_play ... hl_audio
//   host_outside.c hl_file, hl_quit ...    host_save.c   hl_save, hl_load
//   host_debug.c   hl_log ... hl_debug_text          host_trail.c   hl_trail
#ifndef HOST_H
#define HOST_H
#include "asset.h"
#include "draw.h"
#include "guard.h"
#include "heap.h"
#include "hotloop.h"
#include "replay.h"
#include "sound.h"

enum {
    HOST_FILES_MAX = 256, // names a game may pass to hl_file
    HOST_LOADS_MAX = 256, // hl_load a tick; more load nothing
    HOST_NOTES_MAX = HOST_FILES_MAX + HOST_LOADS_MAX,
    HOST_LINES_MAX = 64, // hl_log lines a tick; more are counted
    HOST_LINE_BYTES = 512,
    HOST_WATCHES_MAX = 128, // names for HL_WATCH and HL_PLOT together
    HOST_TRAILS_MAX = 32,
    HOST_TRAIL_SPAN = 2048,     // moments: two seconds at the highest tick rate
    HOST_TRAIL_POINTS = 1 << 16 // of a trail that are known, of all branches: 18 minutes at 60 Hz
};

// What a file's content was when the game last read it. Part of the state, so that going back in
// time also goes back before the game saw a change, and it is told again.
typedef struct HostFile {
    uint64_t name_hash, content;
    uint32_t version, reserved;
} HostFile;

// What the runtime itself keeps in the state arena, at its first byte; the heap follows it.
typedef struct HostState {
    uint64_t magic;
    uint64_t tick;      // of the last update that ran
    uint64_t rate_tick; // tick at which tick_rate last changed,
    double rate_time;   // and the game time then
    uint32_t tick_rate, seed;
    uint32_t started; // init() has run
    uint32_t file_count;
    void *root; // the game's state struct
    HostFile files[HOST_FILES_MAX];
    uint64_t down_since[HL_KEYS]; // tick at which each key went down
} HostState;

typedef struct HostLine {
    LogLevel level;
    uint64_t tick;
    bool quiet; // a watch or plot: for the log, not for the screen
    char text[HOST_LINE_BYTES];
} HostLine;

typedef struct HostWatch {
    char name[64], text[128]; // text: said last
    char now[128];            // of a watch: this tick's
    uint64_t said_tick;
    uint64_t seen_tick; // that `now` or `last` is of
    bool is_plot;
    double lowest, highest, last;
} HostWatch;

// Where something was at a moment, which its branch and number name.
typedef struct HostTrailPoint {
    uint64_t moment; // + 1; 0: none
    uint64_t tick;
    uint32_t branch;
    hl_vec2 at;
} HostTrailPoint;

typedef struct HostTrail {
    char name[64];
    bool is_fresh; // said in the last tick, whose moment is not known yet
    hl_vec2 fresh;
    HostTrailPoint *points; // HOST_TRAIL_POINTS, each at a place of its own; NULL: none yet
} HostTrail;

// What lies behind the moment that is shown: of the moment `here` - i the branch is branches[i].
typedef struct HostPast {
    uint64_t here;
    uint32_t count;
    uint32_t branches[HOST_TRAIL_SPAN];
} HostPast;

// What a tick wished for; the loop reads and clears it.
typedef struct HostWishes {
    bool any; // of what follows
    bool quit, restart, pause;
    char pause_text[HOST_LINE_BYTES];
    int capture; // 0: none, 1: on, -1: off
    struct {
        bool on;
        float low, high, seconds;
    } rumble[4];
} HostWishes;

// Where hl_file and hl_load get their bytes from.
typedef enum HostSource {
    HOST_FROM_DISK,
    HOST_FROM_RECORD, // a replay: nothing but what host_feed gave
    HOST_REPEATS      // a tick that ran before runs again: saves as host_feed gave them, then the
                      // disk; nothing is written
} HostSource;

// A thing that HL_LOAD asks for, as a build left it that may have had other structs.
typedef struct HostOld {
    const char *slot, *type; // as HL_LOAD names them
    const uint8_t *data;
    size_t size_bytes;
    const uint8_t *types; // packed, from the save file; NULL: it has none
    size_t types_bytes;
    uint64_t fed_build; // of bytes that were fed: host->feeding then
} HostOld;

typedef enum HostFit {
    HOST_AS_IT_IS,  // it is today's, or nothing is known: then its size decides
    HOST_CONVERTED, // it is today's now
    HOST_REFUSED    // it cannot be made today's; said why
} HostFit;

// What somebody above knows about types: saves carry them, and become today's with their help.
// Called inside a tick. All zero: nobody does.
typedef struct HostTypes {
    void *with;
    // The types that a `type` of that size consists of, packed, in `arena`; NULL: not known.
    const uint8_t *(*pack)(void *with, const char *type, size_t size_bytes, Arena *arena,
                           size_t *packed_bytes);
    // Writes all of `out`, which is a zeroed type of today's build, only where it converts. What is
    // lost is said to the programmer.
    HostFit (*convert)(void *with, const HostOld *old, void *out, size_t out_bytes, Fault *why);
} HostTypes;

// Something from outside that the tick was given and that is not known to be on record.
typedef struct HostNote {
    ReplayBytesKind kind;
    bool present;
    char name[256];
    const uint8_t *data; // valid until the next tick begins or an asset is refreshed
    size_t size_bytes;
} HostNote;

// Bytes by name: what hl_file returns in a replay, and else what was noted of it last.
typedef struct HostBytes {
    uint64_t name_hash, content;
    ReplayBytesKind kind;
    bool present;
    const uint8_t *data;
    size_t size_bytes;
    uint64_t build; // whose structs it is made of: host->feeding when it was fed; 0: today's
} HostBytes;

// What a game's .migrate may ask about the state before; set up by whoever has it.
struct hl_old {
    bool (*number)(void *with, const char *path, double *number);
    bool (*bytes)(void *with, const char *path, void *out, size_t size);
    void *with;
};

typedef struct Host Host;
struct hl_canvas {
    Host *host;
    DrawList *draw;
    float alpha;
    char font[128]; // "" : built in
    bool has_camera;
    hl_cam first_camera;
    uint64_t named[16]; // missing sprites whose name is in this picture already
    uint32_t named_count;
};
typedef struct HostTick {
    hl_tick tick; // first: the game's hl_tick * is this
    Host *host;
} HostTick;

struct Host {
    HostState *state;
    Heap *heap;
    Guard *guard;                    // borrowed
    Assets *assets;                  // borrowed
    SoundList *sound;                // borrowed; what ticks ask to be heard
    DrawList debug;                  // hl_debug_ drawing of the last tick, and trails
    Arena scratch;                   // empty again before every tick
    Arena kept;                      // the notes
    char save_folder[FILE_PATH_MAX]; // "": saving is off
    HostTypes types;
    uint64_t feeding; // goes with the saves that are fed from now on: a number that types.convert
                      // knows a build by; 0: the one that plays
    // Set for the time of a tick:
    bool in_tick;
    HostTick now;
    Fault stop_fault;
    uintptr_t stop_caller; // in the game's code, of the call that ended the tick; 0: see stop_fault
    const char *call;      // of the game that ran last: "init", "update", "draw"
    GuardReport report;    // why it ended early, when it did
    // Drained by the loop:
    HostWishes wishes;
    HostLine lines[HOST_LINES_MAX];
    uint32_t line_count, lines_dropped;
    // What came from outside:
    HostSource source;
    bool notes_on;   // somebody keeps a record and drains `notes` after every tick
    HostNote *notes; // HOST_NOTES_MAX
    uint32_t note_count;
    HostBytes outside[HOST_FILES_MAX];
    uint32_t outside_count;
    HostBytes saves[HOST_LOADS_MAX]; // hl_load results of the coming tick, in order
    uint32_t save_count, loads_done;
    char saved[64]; // the slot of an hl_save that was written; "": none since that was looked at
    HostWatch watches[HOST_WATCHES_MAX];
    uint32_t watch_count;
    HostTrail trails[HOST_TRAILS_MAX];
    uint32_t trail_count;
    Arena trail_memory; // opened by the first point
    HostPast past;      // that trails are drawn for
};

// Lays runtime state and heap out over fresh (zero) state memory. `host` is the caller's, zeroed;
// it is large: keep it in an arena.
bool host_open(Host *host, Guard *guard, Assets *assets, SoundList *sound, const char *save_folder,
               Fault *fault);
void host_close(Host *host);
// Points the host at state memory: fresh (all zero) memory is laid out; memory that a snapshot was
// copied over is taken as it is.
void host_attach(Host *host, void *memory, size_t capacity_bytes);
// For memory that came from a file: can this game run on it? FAULT_FORMAT says why not.
bool host_check(const Host *host, const hl_game *game, Fault *fault);
// Where the heap begins in the arena.
size_t host_heap_offset(void);
// Bytes of state in use, from the arena's first byte.
size_t host_state_bytes(const Host *host);

// One call into the game each. False: the game broke a promise (FAULT_GAME: full arena, HL_ASSERT
// ...) or crashed or hung (FAULT_CRASH), and the call ended there; *fault says which, with file and
// line where known, and host->report has the rest.
bool host_init(Host *host, const hl_game *game, const hl_input *input, Fault *fault);
bool host_update(Host *host, const hl_game *game, const hl_input *input, bool reloaded,
                 Fault *fault);
// The game's .migrate, which it must have. The tick's number stays.
bool host_migrate(Host *host, const hl_game *game, const hl_old *old, Fault *fault);
// Fills `draw` (reset by the caller) with the game's picture and the debug drawing over it. False:
// what is in it is the part before the end.
bool host_draw(Host *host, const hl_game *game, float alpha, DrawList *draw, Fault *fault);

// A line that hl_log could have said.
void host_say(Host *host, LogLevel level, const char *format, ...) BASE_PRINTF(3, 4);
// Recorded bytes for the coming tick. They stay the caller's: a file's until another is fed or the
// host is closed, a save's for the tick.
void host_feed(Host *host, ReplayBytesKind kind, const char *name, bool present,
               const uint8_t *data, size_t size_bytes);
// What a tick that is run again must not do twice is taken back: sounds, lines, wishes and notes
// since the mark.
typedef struct HostMark {
    uint32_t lines, notes, sounds, frames;
    HostWishes wishes;
} HostMark;
HostMark host_mark(const Host *host);
void host_take_back(Host *host, const HostMark *mark);
// The points that the last tick left are those of this moment from now on. Outside of calls into
// the game.
void host_trails_keep(Host *host, uint32_t branch, uint64_t moment);
// Time jumped (loop, restart, restore): forget what belongs to the future.
void host_jumped(Host *host);

#endif
