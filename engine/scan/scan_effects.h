// Whether a function is a generator of its own: its result comes from something that outlives the
// call - a static or global variable, what a parameter points to - and that it changes from its old
// value, as `return seed = seed * 5 + 1;` does.
#ifndef SCAN_EFFECTS_H
#define SCAN_EFFECTS_H
#include "scan_calls.h"

enum { PARAMETERS_MAX = 16, LOCALS_MAX = 32, EFFECTS_MAX = 4 };

// A function whose body is read.
typedef struct ScanScope {
    const ScanTokens *tokens;
    const ScanTypes *types;
    const ScanBody *body;
    const char **texts; // by word: its copy in the arena, made when it is asked for
    Arena *arena;
    struct ScanParameter {
        uint32_t name, type; // words; the type's last name
        bool is_pointer;
    } parameters[PARAMETERS_MAX];
    uint32_t parameter_count;
    uint32_t statics[LOCALS_MAX]; // words
    uint32_t static_count;
    uint32_t pointers[LOCALS_MAX]; // words: pointers to functions that are declared in it
    uint32_t pointer_count;
    bool has_result;
} ScanScope;

void scan_scope_read(ScanScope *scope);
const char *scan_scope_text(ScanScope *scope, uint32_t word);
// The path that the tokens from..to-1 are, `&g->rng`; ROOT_UNKNOWN for anything that is none.
ScanPath scan_scope_path(ScanScope *scope, uint32_t from, uint32_t to);
// Appends to effects[EFFECTS_MAX]; the count.
uint32_t scan_scope_effects(ScanScope *scope, ScanEffect *effects);
// Behind what is at `at` and is not evaluated, sizeof(...) and its kind; `at` when it is nothing.
uint32_t scan_skip_unevaluated(const ScanTokens *tokens, uint32_t at);

#endif
