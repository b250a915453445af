// What scan_orders has to know of a unit: its functions, what each of them calls with what, which
// of them advance a state themselves, and the argument lists in which calls meet.
#ifndef SCAN_CALLS_H
#define SCAN_CALLS_H
#include "scan_types.h"

enum { PATH_NAMES_MAX = 4 };

// Where something is, as far as it can be told from what is written: `&g->rng` is g, rng.
typedef enum ScanRoot {
    ROOT_UNKNOWN,
    ROOT_PARAMETER, // what a parameter of pointer type points to
    ROOT_VARIABLE,  // a static or global one
    ROOT_LOCAL      // an automatic one, or what it points to
} ScanRoot;

typedef struct ScanPath {
    ScanRoot root;
    bool is_object;     // of ROOT_LOCAL: the variable itself, not what it points to
    bool is_static;     // of ROOT_VARIABLE: the unit's own
    uint32_t parameter; // which one
    uint32_t count;
    const char *names[PATH_NAMES_MAX]; // of a variable its own first; elements of arrays end it
} ScanPath;

// A state that is advanced: a variable, or what a pointer to `key` points to.
typedef struct ScanEffect {
    const char *key; // a type's name, or NULL: the variable is the state
    ScanPath path;
} ScanEffect;

typedef struct ScanCall {
    const char *name;
    uint32_t argument_count;
    ScanPath *arguments;
} ScanCall;

typedef struct ScanFunction {
    const char *name;
    bool is_static;
    const ScanEffect *effects; // its own
    uint32_t effect_count;
    uint32_t first_call, call_count;
} ScanFunction;

// An argument list with calls in at least two of its arguments.
typedef struct ScanList {
    ScanPlace place;
    const char *call;
    uint32_t function;
    uint32_t argument_count;
    uint32_t *calls; // of each argument its first call, and behind them one more
} ScanList;

struct ScanCalls {
    ScanFunction *functions;
    ScanCall *calls;
    ScanList *lists;
    uint32_t function_count, call_count, list_count;
};

// Whether one of them leads to the other, or both to the same place.
bool scan_paths_meet(const ScanPath *one, const ScanPath *other);
// Texts and all else live in `arena`; tokens are paired.
const ScanCalls *scan_calls_read(const ScanTokens *tokens, const ScanBodies *bodies,
                                 const ScanTypes *types, Arena *scratch, Arena *arena);

#endif
