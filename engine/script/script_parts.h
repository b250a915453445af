// What parsing and applying a script share. Inside this module only.
#ifndef SCRIPT_PARTS_H
#define SCRIPT_PARTS_H
#include "script.h"

enum { PADS = COUNT_OF(((hl_input *)NULL)->pad) };

typedef enum EventKind {
    EVENT_BUTTON, // keys and mouse buttons: `code`, `down`
    EVENT_MOUSE,  // x y
    EVENT_WHEEL,  // x y
    EVENT_TEXT,   // the next `text_bytes` of Script.typed
    EVENT_PAD_CONNECT,
    EVENT_PAD_BUTTON,
    EVENT_PAD_STICK, // code 0: left, 1: right
    EVENT_PAD_TRIGGER,
    EVENT_FOCUS,
    EVENT_DO // code: a ScriptAction
} EventKind;

typedef struct Event {
    uint64_t tick;
    uint32_t order; // its place in the file, for a stable sort
    int32_t line;
    EventKind kind;
    uint8_t pad;
    bool down;     // or connected, or focused
    bool is_after; // the release that a `tap` left for later
    uint16_t code;
    float x, y;
    const char *text; // EVENT_TEXT
    uint32_t text_bytes;
} Event;

struct Script {
    Arena arena; // this struct, then the events as one array
    Arena texts; // the name, what `text` lines say, the actions
    const char *name;
    Event *events; // sorted by tick
    uint32_t count, next;
    Event *actions; // sorted by tick
    uint32_t action_count, next_action;
    uint64_t last_tick;
    char *typed; // all the texts, joined in the order they are due
    uint32_t typed_done, typed_due;
    // The script's own idea of the input, and which parts of it are the script's.
    hl_input level;
    bool owns_key[HL_KEYS], owns_pad[PADS], owns_mouse, owns_focus;
    bool is_down[HL_KEYS]; // as the last tick left them
    bool is_started;
    hl_vec2 mouse; // as the last tick left it
    // When one tick without events came out as the one before it, so will the next one with the
    // same base: `settled_base` gives `settled` at the price of a comparison.
    bool is_settled, had_events;
    hl_input settled_base, settled;
};

#endif
