// Scripts: what a player does, as text.
//
//     # tick  event
//     10  key RIGHT down        # ticks count from 1; lines may come in any order
//     40  key RIGHT up          # keys: the names of hl_key without HL_KEY_
//     12  tap SPACE             # down in tick 12, up in tick 13
//     14  tap SPACE 5           # down in tick 14, up in tick 19: held for 5
//     20  mouse 100 50          # the pointer in canvas units; its delta follows
//     21  button LEFT down      # LEFT MIDDLE RIGHT X1 X2
//     22  wheel 0 -1            # x y in notches; y > 0 is away from the user
//     30  text "hello"          # what is typed; \" and \\ inside the quotes
//     35  pad 0 connect         # pads 0 to 3; disconnect releases everything
//     36  pad 0 A down          # the names of hl_pad_button without HL_PAD_
//     37  pad 0 left 0.5 -1     # sticks left, right: x y, y down, cut to length 1
//     38  pad 0 ltrigger 0.7    # ltrigger, rtrigger: 0 to 1
//     60  focus off             # releases all keys; until `focus on` none are pressed
//     70  do pause              # pause step loop restart slow mute help screenshot quit
//                               # back (a tick), clip (save the last 10 s), bar (of time)
//
// Words are case-insensitive and separated by blanks; # begins a comment. Events of one tick happen
// in the order of their lines, after the releases that a `tap` has left for that tick.
//
// What a script has spoken of (a key, the pointer, a pad ...) is the script's from then on; all
// else stays as the caller's base input has it.
//
// Reading it is in script_parse.c, applying it here.
#include "script_parts.h"

#include <assert.h>
#include <string.h>

void script_close(Script *script)
{
    if (script) {
        Arena arena = script->arena; // the struct lies in it
        arena_close(&script->texts);
        arena_close(&arena);
    }
}

static void set_button(hl_button *button, bool down)
{
    if (button->down != (down ? 1 : 0)) {
        button->down = down ? 1 : 0;
        button->changes = button->changes < 127 ? (button->changes + 1u) & 127u : 127u;
    }
}

static void release_keys(Script *script)
{
    for (int i = 0; i < HL_KEYS; i++) {
        set_button(&script->level.key[i], false);
    }
    script->typed_done = script->typed_due; // nobody types into a window in the background
}

static bool has_focus(const Script *script)
{
    return !script->owns_focus || script->level.focused;
}

static void apply_pad(Script *script, const Event *event)
{
    hl_pad *pad = &script->level.pad[event->pad];
    if (event->kind == EVENT_PAD_CONNECT) {
        for (int i = 0; i < HL_PAD_BUTTONS; i++) {
            set_button(&pad->button[i], false);
        }
        hl_button released[HL_PAD_BUTTONS];
        memcpy(released, pad->button, sizeof(released));
        *pad = (hl_pad){.connected = event->down};
        memcpy(pad->button, released, sizeof(released));
        script->owns_pad[event->pad] = true;
    } else if (event->kind == EVENT_PAD_BUTTON) {
        set_button(&pad->button[event->code], event->down);
    } else if (event->kind == EVENT_PAD_STICK) {
        *(event->code ? &pad->right : &pad->left) = (hl_vec2){event->x, event->y};
    } else {
        *(event->code ? &pad->rtrigger : &pad->ltrigger) = event->x;
    }
}

static void apply_event(Script *script, const Event *event)
{
    hl_input *level = &script->level;
    switch (event->kind) {
    case EVENT_BUTTON:
        script->owns_key[event->code] = true;
        if (has_focus(script)) {
            set_button(&level->key[event->code], event->down);
        }
        break;
    case EVENT_MOUSE:
        script->owns_mouse = true;
        level->mouse = (hl_vec2){event->x, event->y};
        break;
    case EVENT_WHEEL:
        level->wheel.x += event->x;
        level->wheel.y += event->y;
        break;
    case EVENT_TEXT:
        script->typed_due += event->text_bytes;
        if (!has_focus(script)) {
            script->typed_done = script->typed_due;
        }
        break;
    case EVENT_FOCUS:
        script->owns_focus = true;
        level->focused = event->down;
        if (!event->down) {
            release_keys(script);
        }
        break;
    default:
        apply_pad(script, event);
        break;
    }
}

// Moves typed text into the tick: whole UTF-8 characters only, the rest waits for the next tick.
static void put_text(Script *script, hl_input *input)
{
    size_t used = strnlen(input->text, sizeof(input->text));
    const char *from = script->typed + script->typed_done;
    size_t wanted = script->typed_due - script->typed_done;
    size_t room = used < sizeof(input->text) ? sizeof(input->text) - 1 - used : 0;
    size_t take = wanted < room ? wanted : room;
    while (take < wanted && take > 0 && ((unsigned char)from[take] & 0xc0) == 0x80) {
        take--;
    }
    memcpy(input->text + used, from, take);
    script->typed_done += (uint32_t)take;
}

static void put_keys(Script *script, hl_input *input)
{
    bool is_typing = has_focus(script);
    for (int i = 0; i < HL_KEYS; i++) {
        hl_button *button = &input->key[i];
        if (!script->is_started) {
            script->is_down[i] = button->down ^ (button->changes & 1u);
        }
        if (script->owns_key[i]) {
            *button = script->level.key[i];
        } else if (!is_typing) {
            *button = (hl_button){0};
        }
        // A base input that the script hides or shows again jumps: whatever happened, the count of
        // half transitions leads from the last tick's level to this one's.
        unsigned changes = button->changes;
        if ((script->is_down[i] ^ button->down) != (changes & 1u)) {
            button->changes = (changes < 127 ? changes + 1u : changes - 1u) & 127u;
        }
        script->is_down[i] = button->down;
    }
}

static void put_mouse(Script *script, hl_input *input)
{
    if (script->owns_mouse) {
        hl_vec2 from = script->is_started ? script->mouse : input->mouse;
        input->mouse = script->level.mouse;
        input->mouse_delta = (hl_vec2){input->mouse.x - from.x, input->mouse.y - from.y};
        input->mouse_inside = 1;
    }
    script->mouse = input->mouse;
    input->wheel.x += script->level.wheel.x;
    input->wheel.y += script->level.wheel.y;
}

// The counts of a tick end with it.
static void forget_changes(hl_input *level)
{
    for (int i = 0; i < HL_KEYS; i++) {
        level->key[i].changes = 0;
    }
    for (size_t pad = 0; pad < PADS; pad++) {
        for (int i = 0; i < HL_PAD_BUTTONS; i++) {
            level->pad[pad].button[i].changes = 0;
        }
    }
    level->wheel = (hl_vec2){0, 0};
}

static void apply(Script *script, hl_input *input)
{
    put_keys(script, input);
    put_mouse(script, input);
    for (size_t pad = 0; pad < PADS; pad++) {
        if (script->owns_pad[pad]) {
            input->pad[pad] = script->level.pad[pad];
        }
    }
    if (script->owns_focus) {
        input->focused = script->level.focused;
    }
    if (!has_focus(script)) {
        memset(input->text, 0, sizeof(input->text));
    }
    put_text(script, input);
    script->is_started = true;
}

void script_apply(Script *script, uint64_t tick, hl_input *input)
{
    assert(tick >= 1);
    bool is_due = script->next < script->count && script->events[script->next].tick <= tick;
    if (script->is_settled && !is_due
        && memcmp(input, &script->settled_base, sizeof(*input)) == 0) {
        *input = script->settled;
        return;
    }
    hl_input base = *input;
    forget_changes(&script->level);
    while (script->next < script->count && script->events[script->next].tick <= tick) {
        apply_event(script, &script->events[script->next++]);
    }
    apply(script, input);
    script->is_settled = !is_due && !script->had_events && script->typed_done == script->typed_due
                         && memcmp(&base, &script->settled_base, sizeof(base)) == 0
                         && memcmp(input, &script->settled, sizeof(*input)) == 0;
    script->had_events = is_due;
    script->settled_base = base;
    script->settled = *input;
}

unsigned script_actions(Script *script, uint64_t tick)
{
    unsigned due = 0;
    while (script->next_action < script->action_count
           && script->actions[script->next_action].tick <= tick) {
        due |= script->actions[script->next_action++].code;
    }
    return due;
}

uint64_t script_last_tick(const Script *script)
{
    return script->last_tick;
}
