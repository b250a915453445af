// Conditions on a field: "hero.hp <= 0", "hero.vel.y nan", "score changes". Whether one became true
// in a tick, and when in history it last did.
#ifndef LIVE_WHEN_H
#define LIVE_WHEN_H
#include "live_trace.h"

typedef enum LiveCompare {
    LIVE_EQUAL,
    LIVE_DIFFERENT,
    LIVE_LESS,
    LIVE_AT_MOST,
    LIVE_MORE,
    LIVE_AT_LEAST,
    LIVE_IS_NAN,
    LIVE_CHANGES
} LiveCompare;

enum { LIVE_VALUE_MAX = 128 };

typedef struct LiveCondition {
    char path[LIVE_PATH_MAX];
    LiveCompare compare;
    char value[LIVE_VALUE_MAX]; // as it was written; "" with nan and changes
    // The value as the field's type has it; an enumerator's number may be another in another build.
    const ReflectType *of;
    double number;
} LiveCondition;

// From a text: PATH OP VALUE with blanks in between; == != < <= > >= with a value that a field of
// that type can have, nan and changes without. FAULT_USAGE: it is none, or there is no such field.
bool live_condition(const Live *live, const char *text, LiveCondition *condition, Fault *fault);
// The same of a text that is in its parts already, `value` "" where none is wanted.
bool live_condition_of(const Live *live, const char *path, LiveCompare compare, const char *value,
                       LiveCondition *condition, Fault *fault);
void live_condition_text(const LiveCondition *condition, char *out, size_t out_bytes);
// Of what is there and what was there before; where nothing is, nothing is true. NULL: not known.
bool live_holds(LiveCondition *condition, const LiveSample *before, const LiveSample *sample);

// ---------------------------------------------------------------------------- in the game that
// runs

typedef struct LiveBreak {
    uint32_t number; // for people
    LiveCondition condition;
    bool has_way;
    LiveWay way;
    uint64_t generation; // that the way is of
    LiveSample before, now;
    bool held; // before the tick
    uint64_t hits;
} LiveBreak;

// Around a tick: true when it became true in it.
void live_break_before(const Live *live, LiveBreak *point);
bool live_break_after(const Live *live, LiveBreak *point);

// --------------------------------------------------------------------------------------- in
// history

typedef struct LiveWhen {
    bool found;
    LiveSample after, before; // of the moment at which it became true, and of the one before that
                              // is left
    bool since_oldest;        // not found: it is true in the oldest moment already
    uint64_t moments;         // looked at
    uint64_t oldest;          // of them
} LiveWhen;

// The last moment of `from`'s past (itself included) at which it became true. False: *fault.
bool live_when(const Live *live, LiveCondition *condition, LivePlace from, LiveWhen *when,
               Fault *fault);

#endif
