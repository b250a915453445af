#include "change_internal.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum {
    SLOW_LOOK_MS = 250,
    PATIENCE_MS = 1000, // without progress, before an incomplete file is told
    ROUNDS_MAX = 4      // a file that changes while it is loaded
};

// --so: one library file that somebody else writes.
typedef struct LibraryLane {
    Change *change;
    Work work;               // not answered yet
    bool waits;              // for a file that is incomplete or gone
    uint64_t waits_since_ns; // without progress
    uint64_t seen;           // the unfinished file, by size, time and inode; 0: none at all
    uint64_t told;           // the `seen` that was told
    bool has_told_missing;
    uint32_t looks; // since waits_since_ns
} LibraryLane;

static uint64_t signature_of(const char *path)
{
    struct stat about;
    if (stat(path, &about) != 0) {
        return 0;
    }
    uint64_t parts[] = {(uint64_t)about.st_size, (uint64_t)about.st_mtim.tv_sec,
                        (uint64_t)about.st_mtim.tv_nsec, (uint64_t)about.st_ino};
    uint64_t signature = hash_bytes(parts, sizeof(parts));
    return signature ? signature : 1;
}

static void wait_on(LibraryLane *lane, uint64_t signature)
{
    if (!lane->waits || signature != lane->seen) {
        lane->waits = true;
        lane->seen = signature;
        lane->waits_since_ns = mono_ns();
        lane->looks = 0;
    }
}

static bool is_out_of_patience(const LibraryLane *lane)
{
    return mono_ns() - lane->waits_since_ns >= PATIENCE_MS * NS_PER_MS;
}

static int wait_ms(const LibraryLane *lane)
{
    static const int FIRST_MS[] = {20, 50, 100, 200};
    if (!lane->waits || (lane->seen == 0 && lane->has_told_missing)) {
        return -1; // the watch will tell
    }
    return lane->looks < COUNT_OF(FIRST_MS) ? FIRST_MS[lane->looks] : SLOW_LOOK_MS;
}

static void done(LibraryLane *lane)
{
    lane->work = (Work){0};
    lane->waits = false;
    lane->has_told_missing = false;
}

// Linkers remove the old file before they write the new one: only a file that stays away is told.
static void look_at_nothing(LibraryLane *lane)
{
    Change *change = lane->change;
    bool is_first = change->delivered == 0;
    wait_on(lane, 0);
    if (lane->has_told_missing || (!is_first && !is_out_of_patience(lane))) {
        return;
    }
    lane->has_told_missing = true;
    lane->work.noisy = false;
    change_push_note(change, change->result,
                     is_first ? "%s is not there yet: waiting for it"
                              : "%s is gone: the code that runs keeps running; waiting for a new "
                                "one",
                     change->config.library_path);
}

static void look_at_incomplete(LibraryLane *lane, const Fault *why)
{
    Change *change = lane->change;
    wait_on(lane, signature_of(change->config.library_path));
    if (!is_out_of_patience(lane) || lane->told == lane->seen) {
        return;
    }
    lane->told = lane->seen;
    ChangeResult *result = change_new_result(change, CHANGE_REFUSED, &lane->work);
    (void)fault_set(&result->fault, FAULT_INCOMPLETE,
                    "%s; it is loaded as soon as it is complete, until then the code that runs "
                    "keeps running",
                    why->text);
    change_push(change, result);
}

static void answer_unchanged(LibraryLane *lane, bool is_refused)
{
    Change *change = lane->change;
    if (lane->work.noisy) {
        ChangeResult *result = change_new_result(change, CHANGE_UNCHANGED, &lane->work);
        if (is_refused) {
            (void)fault_set(&result->fault, FAULT_LIBRARY,
                            "%s: still the library that was refused; the code that runs keeps "
                            "running",
                            change->config.library_path);
        }
        change_push(change, result);
    }
    done(lane);
}

// `content` may be 0: then the file itself (its time and size) is what is told only once.
static void refuse(LibraryLane *lane, uint64_t content, const Fault *fault)
{
    Change *change = lane->change;
    uint64_t key = content ? content : signature_of(change->config.library_path);
    if (key == change->refused && !lane->work.forced) {
        answer_unchanged(lane, true);
        return;
    }
    bool is_lasting = fault->kind == FAULT_LIBRARY;
    ChangeResult *result = change_new_result(change, CHANGE_REFUSED, &lane->work);
    result->fault = *fault;
    change->refused = is_lasting ? key : 0;
    change_push(change, result);
    done(lane);
}

static void deliver(LibraryLane *lane, GameLib *lib, uint64_t complete_ns)
{
    Change *change = lane->change;
    ChangeResult *result = change_new_result(change, CHANGE_READY, &lane->work);
    (void)change_read_about(lib, NULL);
    result->lib = *lib;
    result->built_ns = complete_ns;
    change->delivered = lib->content;
    change->refused = 0;
    change_push(change, result);
    done(lane);
}

// True when the file on disk is another one by now: then that one is wanted, not what was loaded.
static bool was_overtaken(const Change *change, const GameLib *lib)
{
    uint64_t content;
    Fault fault;
    return gamelib_check(change->config.library_path, &content, &fault) && content != lib->content;
}

// False when the file changed meanwhile and has to be looked at again.
static bool load(LibraryLane *lane, uint64_t content, bool is_last_round)
{
    Change *change = lane->change;
    GameLib lib;
    Fault fault = {0};
    uint64_t complete_ns = mono_ns();
    if (!gamelib_open(&lib, change->config.library_path, &change->gamelib_config, &fault)) {
        // A linker may have removed the file since we looked at it: that is no library refused.
        if (fault.kind == FAULT_FILE && !is_last_round) {
            return false;
        }
        if (signature_of(change->config.library_path) == 0) {
            look_at_nothing(lane);
        } else if (fault.kind == FAULT_INCOMPLETE) {
            look_at_incomplete(lane, &fault);
        } else {
            refuse(lane, content, &fault);
        }
        return true;
    }
    if (!is_last_round && was_overtaken(change, &lib)) {
        (void)gamelib_close(&lib);
        return false;
    }
    deliver(lane, &lib, complete_ns);
    return true;
}

// False when the file changed meanwhile and has to be looked at again.
static bool look(LibraryLane *lane, bool is_last_round)
{
    Change *change = lane->change;
    const char *path = change->config.library_path;
    Fault fault = {0};
    uint64_t content = 0;
    if (gamelib_check(path, &content, &fault)) {
        bool is_same = content == change->delivered, is_refused = content == change->refused;
        if (!lane->work.forced && (is_same || is_refused)) {
            answer_unchanged(lane, !is_same);
            return true;
        }
        return load(lane, content, is_last_round);
    }
    if (signature_of(path) == 0) {
        look_at_nothing(lane);
    } else if (fault.kind == FAULT_FILE && !is_last_round) {
        return false; // it was away for a moment
    } else if (fault.kind == FAULT_INCOMPLETE) {
        look_at_incomplete(lane, &fault);
    } else {
        refuse(lane, 0, &fault);
    }
    return true;
}

// The game's own build command. False: there is nothing to look at.
static bool make(LibraryLane *lane)
{
    Change *change = lane->change;
    if (lane->work.changes > 1 || lane->work.gone) {
        change_settle(change, &lane->work);
    }
    switch (change_run_command(change, &lane->work)) {
    case COMMAND_DONE:
        lane->work.runs = lane->work.cancels = false;
        return true;
    case COMMAND_FAILED:
        done(lane);
        return false;
    default:
        return false;
    }
}

static void tell_warnings(Change *change)
{
    if (change->command && change->warned->report.warning_count > 0) {
        change_push(change, change->warned);
        memset(change->warned, 0, sizeof(*change->warned));
    }
}

void change_library_run(Change *change)
{
    LibraryLane lane = {.change = change};
    while (change_wait_work(change, &lane.work, wait_ms(&lane))) {
        if (!lane.work.any && !lane.waits) {
            continue;
        }
        if (change->command && lane.work.runs && !make(&lane)) {
            continue;
        }
        lane.looks++;
        for (int round = 1; round <= ROUNDS_MAX && !look(&lane, round == ROUNDS_MAX); round++) {
        }
        tell_warnings(change);
    }
}
