// Input by tick from a text file, one event a line: `hotloop run --script FILE`. The language is
// described at the top of script.c and in the README.
#ifndef SCRIPT_H
#define SCRIPT_H
#include "file.h"
#include "hotloop.h"

// Runtime actions that a line can ask for: the F-keys by name.
typedef enum ScriptAction {
    SCRIPT_PAUSE = 1 << 0,
    SCRIPT_STEP = 1 << 1,
    SCRIPT_LOOP = 1 << 2,
    SCRIPT_RESTART = 1 << 3,
    SCRIPT_SLOW = 1 << 4,
    SCRIPT_MUTE = 1 << 5,
    SCRIPT_HELP = 1 << 6,
    SCRIPT_SCREENSHOT = 1 << 7,
    SCRIPT_QUIT = 1 << 8,
    SCRIPT_BACK = 1 << 9,
    SCRIPT_CLIP = 1 << 10,
    SCRIPT_BAR = 1 << 11
} ScriptAction;

typedef struct Script Script;

// Fails FAULT_FORMAT with file and line for the first line that is wrong, naming the nearest word.
Script *script_open(const char *path, Fault *fault);
// The same from memory; `name` is for messages.
Script *script_parse(const char *text, const char *name, Fault *fault);
void script_close(Script *script); // NULL is fine
// Applies the events of script tick `tick` (counted from 1, only ticks that ran) to *input, which
// the caller has filled with the base input: levels stay until a later line changes them.
void script_apply(Script *script, uint64_t tick, hl_input *input);
// Actions due before tick `tick` runs; each is returned once.
unsigned script_actions(Script *script, uint64_t tick);
uint64_t script_last_tick(const Script *script);

#endif
