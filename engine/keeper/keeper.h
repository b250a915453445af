// The process that stays. `hotloop run` is two processes: the session, which has window, game and
// history, and its keeper, which forked it before anything was open, holds next to nothing and does
// next to nothing. A session that dies - killed, out of memory, broken beyond repair - is started
// again by its keeper with the history that the keeper has followed (timeline_keep.h).
//
// What the two know of each other is in one memory file, the page: orders, which the keeper writes
// before a session's process begins, and words, which the session writes as they change. Words are
// still there when the process is not. Handles of a timeline go over a socket.
//
// Without a keeper the page serves a process that starts itself again in place.
//
//   keeper.c       the keeper's loop          keeper_policy.c   what follows from a death
//   keeper_link.c  the session's side         keeper_page.c     orders and words
#ifndef KEEPER_H
#define KEEPER_H
#include "file.h"
#include "timeline_keep.h"

#include <sys/types.h>

enum {
    KEEPER_REPORT_BYTES = 16384,
    KEEPER_TRIES_MAX = 3,   // to have a library at its address again
    KEEPER_FOLLOW_MS = 400, // between two looks at the timeline
    KEEPER_SOON_S = 10,     // deaths that belong together come within it of each other
    KEEPER_STRIKES = 3,     // so many of them, and it is given up
    KEEPER_FEW_TICKS = 60,  // a life that got no further than this has not recovered
    KEEPER_PLACES_MAX = 320
};

typedef enum KeeperWhy {
    KEEPER_FIRST,   // nothing was before
    KEEPER_DIED,    // the process before is gone: orders.signal or exit_code
    KEEPER_RESTART, // it asked for it, and left a report
    KEEPER_AGAIN    // it could not have the addresses that the history speaks of
} KeeperWhy;

// From the keeper (or from the process that starts itself again) to the next process.
typedef struct KeeperOrders {
    uint64_t magic;
    uint32_t life; // 1: the session's first process
    KeeperWhy why;
    KeeperWhy origin;                   // of the first of several tries: never KEEPER_AGAIN
    uint32_t tries;                     // of them, so far
    int32_t keeper;                     // its process; 0: there is none
    int32_t link, lock, store, history; // descriptors that are inherited; -1: none
    int32_t pid, signal, exit_code;     // of the process before
    uint64_t was_tick, was_moment;      // what it had reached, as far as it said
    bool had_history;                   // it kept one; without `history` it is lost
    bool paused;                        // come back standing still
    bool soon;                          // and that because it died twice within a short time
    char session[FILE_PATH_MAX];        // folder with the libraries' copies
} KeeperOrders;

// What changes all the time.
typedef struct KeeperPulse {
    uint64_t tick, moment, ticks_run; // of the game; of the session; run by this process
    uint64_t session_ticks;           // and by the processes before it
    uint64_t trouble_ns;              // mono_ns of the last crash or hang that was contained; 0
    bool paused, muted;
    bool has_history;
    int32_t slow;
} KeeperPulse;

// From a session's process to its keeper, and to the process after it.
typedef struct KeeperWords {
    bool stopping; // it has heard that it is to end
    bool ended;    // in order, with exit_code
    bool restarts; // wants to begin again: `report`
    bool again;    // could not adopt the history
    int32_t exit_code;
    uint32_t recordings; // files that --record has begun
    uint32_t seed;
    char game_id[80];              // as the game has it
    char socket[FILE_PATH_MAX];    // of ctl
    char recording[FILE_PATH_MAX]; // the file being written
    uint32_t report_bytes;
    uint8_t report[KEEPER_REPORT_BYTES]; // the caller's
} KeeperWords;

// Where something lies that the next process wants to have in the same place.
typedef struct KeeperPlace {
    uint64_t first, bytes;
} KeeperPlace;

// The session's side.
typedef struct KeeperLink {
    int page;   // memory file; -1: no link at all
    int socket; // to the keeper; -1: there is none
    int folder; // the working folder at the start
    KeeperOrders orders;
    KeeperPulse before;  // the last one of the process before; zero in the first
    KeeperPulse pulse;   // as it stands in the page
    KeeperWords words;   // likewise
    char **argv, **envp; // to be run again
    Arena *held; // the places of the process before, so that nothing else comes to lie there
    uint32_t held_count;
    bool has_offered;
} KeeperLink;

// ------------------------------------------------------------------------------------------ begin

// True, and *link, in a process that is to go on with a session that was begun by another: by the
// environment, which does not name it any more then.
bool keeper_inherits(KeeperLink *link, Arena *arena);

typedef enum KeeperRole {
    KEEPER_IS_SESSION, // go on as the session, with *link
    KEEPER_IS_OVER     // the session is over, *exit_code is its
} KeeperRole;
// Forks; before the process has threads, windows or anything else that cannot be in two. In the
// keeper it returns when all is over. When there can be no keeper: KEEPER_IS_SESSION with
// link.socket -1, and a line in the log. `session`: the folder that stays; `lock`: its descriptor.
KeeperRole keeper_begin(KeeperLink *link, Arena *arena, const char *session, int lock,
                        int *exit_code);
// A link without a keeper: for keeper_start_again.
void keeper_alone(KeeperLink *link, Arena *arena, const char *session, int lock);

// ---------------------------------------------------------------------------- the session's calls

bool keeper_is_there(const KeeperLink *link); // and alive
// These write what has changed in link->words or link->pulse; at nothing's cost when nothing has.
void keeper_tell(KeeperLink *link);
void keeper_beat(KeeperLink *link, const KeeperPulse *pulse);
void keeper_tell_places(KeeperLink *link, const KeeperPlace *places, size_t count);
// The timeline to follow from now on; all -1: none. They stay the caller's.
void keeper_offer(KeeperLink *link, const TimelineHandles *handles);
// In order: nothing comes after this process. To be called last.
void keeper_end(KeeperLink *link, int exit_code);
// The process begins again: by its keeper, or in place. `store`, `history`: see timeline_adopt; -1:
// there is none. Asks nobody for memory or locks. Returns only when the system refuses.
void keeper_start_again(KeeperLink *link, KeeperWhy why, int store, int history);
void keeper_close(KeeperLink *link);
// "was killed (SIGKILL ...)", "ended out of turn with exit code 3".
void keeper_say_death(const KeeperOrders *orders, char *out, size_t out_bytes);

#endif
