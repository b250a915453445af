// Reading the tick's input: pure functions of hl_input, and of HostState.down_since for hl_repeat.
#include "host_internal.h"

#include <math.h>

static bool is_key(int key)
{
    return key >= 0 && key < HL_KEYS;
}

// How many of `changes` half transitions that end at level `down` go down.
static int presses(hl_button button)
{
    return (button.changes + (button.down ? 1 : 0)) / 2;
}

static int releases(hl_button button)
{
    return (button.changes + (button.down ? 0 : 1)) / 2;
}

bool hl_down(const hl_tick *t, int key)
{
    return is_key(key) && t->in->key[key].down;
}

bool hl_pressed(const hl_tick *t, int key)
{
    return is_key(key) && presses(t->in->key[key]) > 0;
}

bool hl_released(const hl_tick *t, int key)
{
    return is_key(key) && releases(t->in->key[key]) > 0;
}

int hl_presses(const hl_tick *t, int key)
{
    return is_key(key) ? presses(t->in->key[key]) : 0;
}

// How often a key that has been held for `held_ticks` has repeated. Counted from the press each
// time: a running sum of dt would land a hair before or behind the tick that it means, and one
// repeat would come late, twice or not at all.
static double repeats(uint64_t held_ticks, double delay_ticks, double period_ticks)
{
    // The thousandth of a tick is for delays and periods whose float is a hair too long.
    double past_ticks = (double)held_ticks + 0.001 - delay_ticks;
    return past_ticks < 0 ? 0 : 1 + floor(past_ticks / period_ticks);
}

bool hl_repeat(const hl_tick *t, int key, float delay_s, float period_s)
{
    if (hl_pressed(t, key)) {
        return true;
    }
    if (!hl_down(t, key)) {
        return false;
    }
    const HostState *state = host_of(t)->state;
    uint64_t held_ticks = t->tick - state->down_since[key];
    double delay_ticks = (double)delay_s * state->tick_rate;
    double period_ticks = fmax((double)period_s * state->tick_rate, 1); // 0 and NaN: every tick
    return held_ticks > 0
           && repeats(held_ticks, delay_ticks, period_ticks)
                  > repeats(held_ticks - 1, delay_ticks, period_ticks);
}

float hl_axis(const hl_tick *t, int negative_key, int positive_key)
{
    return (hl_down(t, positive_key) ? 1.0f : 0.0f) - (hl_down(t, negative_key) ? 1.0f : 0.0f);
}

static hl_button pad_button(const hl_tick *t, int player, int button)
{
    if (player < 0 || player >= 4 || button < 0 || button >= HL_PAD_BUTTONS) {
        return (hl_button){0};
    }
    return t->in->pad[player].button[button];
}

bool hl_pad_down(const hl_tick *t, int player, hl_pad_button button)
{
    return pad_button(t, player, (int)button).down;
}

bool hl_pad_pressed(const hl_tick *t, int player, hl_pad_button button)
{
    return presses(pad_button(t, player, (int)button)) > 0;
}

// The keys that stand for a button of player 0's pad, 0-terminated.
static const int *keys_of(hl_pad_button button)
{
    static const int KEYS[HL_PAD_BUTTONS][3] = {
        [HL_PAD_A] = {HL_KEY_Z, HL_KEY_SPACE},
        [HL_PAD_B] = {HL_KEY_X},
        [HL_PAD_X] = {HL_KEY_C},
        [HL_PAD_Y] = {HL_KEY_V},
        [HL_PAD_BACK] = {HL_KEY_BACKSPACE},
        [HL_PAD_START] = {HL_KEY_ENTER},
        [HL_PAD_UP] = {HL_KEY_UP, HL_KEY_W},
        [HL_PAD_DOWN] = {HL_KEY_DOWN, HL_KEY_S},
        [HL_PAD_LEFT] = {HL_KEY_LEFT, HL_KEY_A},
        [HL_PAD_RIGHT] = {HL_KEY_RIGHT, HL_KEY_D},
    };
    return KEYS[button];
}

bool hl_btn(const hl_tick *t, int player, hl_pad_button button)
{
    bool held = hl_pad_down(t, player, button);
    if (player == 0 && button >= 0 && button < HL_PAD_BUTTONS) {
        for (const int *key = keys_of(button); *key && !held; key++) {
            held = hl_down(t, *key);
        }
    }
    return held;
}

bool hl_btnp(const hl_tick *t, int player, hl_pad_button button)
{
    bool pressed = hl_pad_pressed(t, player, button);
    if (player == 0 && button >= 0 && button < HL_PAD_BUTTONS) {
        for (const int *key = keys_of(button); *key && !pressed; key++) {
            pressed = hl_pressed(t, *key);
        }
    }
    return pressed;
}

hl_vec2 hl_move(const hl_tick *t, int player)
{
    if (player < 0 || player >= 4) {
        return (hl_vec2){0};
    }
    hl_vec2 move = {
        (hl_btn(t, player, HL_PAD_RIGHT) ? 1.0f : 0.0f)
            - (hl_btn(t, player, HL_PAD_LEFT) ? 1.0f : 0.0f),
        (hl_btn(t, player, HL_PAD_DOWN) ? 1.0f : 0.0f)
            - (hl_btn(t, player, HL_PAD_UP) ? 1.0f : 0.0f),
    };
    if (move.x == 0 && move.y == 0) {
        move = t->in->pad[player].left;
    }
    float length = sqrtf(move.x * move.x + move.y * move.y);
    return length > 1 ? (hl_vec2){move.x / length, move.y / length} : move;
}

void hl_rumble(hl_tick *t, int player, float low, float high, float seconds)
{
    if (player < 0 || player >= 4 || !(low >= 0) || !(high >= 0) || !(seconds > 0)) {
        return;
    }
    HostWishes *wishes = &host_of(t)->wishes;
    wishes->any = wishes->rumble[player].on = true;
    wishes->rumble[player].low = fminf(low, 1);
    wishes->rumble[player].high = fminf(high, 1);
    wishes->rumble[player].seconds = fminf(seconds, 5);
}
