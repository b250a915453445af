// Keys, mouse and text: what events changed, until a tick takes it. Knows no device.
#include "platform_internal.h"

#include <string.h>

void platform_input_button(hl_button *button, bool down)
{
    if (button->down == down) {
        return; // a key repeat, or a release that was made up when the focus went
    }
    button->down = down;
    if (button->changes < 127) {
        button->changes++;
    }
}

void platform_input_key(PlatformInput *input, int key, bool down)
{
    platform_input_button(&input->seen[key], down);
    if (!input->keys_kept) {
        platform_input_button(&input->key[key], down);
    }
}

void platform_input_wheel(PlatformInput *input, float x, float y)
{
    if (input->has_panels) {
        input->panel_wheel_x += x;
        input->panel_wheel_y += y;
    }
    if (!input->mouse_kept) {
        input->wheel_x += x;
        input->wheel_y += y;
    }
}

static uint8_t mouse_bit(hl_key button)
{
    switch (button) {
    case HL_MOUSE_LEFT:
        return 1;
    case HL_MOUSE_RIGHT:
        return 2;
    case HL_MOUSE_MIDDLE:
        return 4;
    default:
        return 0; // panels have no use for the others
    }
}

void platform_input_mouse(PlatformInput *input, hl_key button, bool down)
{
    uint8_t bit = mouse_bit(button);
    bool was_down = (input->mouse_held & bit) != 0;
    if (down && !was_down) {
        input->mouse_pressed |= bit;
        input->panel_pressed |= bit;
        input->mouse_held |= bit;
    } else if (!down && was_down) {
        input->mouse_released |= bit;
        input->mouse_held &= (uint8_t)~bit;
    }
    if (!input->mouse_kept) {
        platform_input_button(&input->key[button], down);
    }
}

// A panel finds out that it is meant after a press was counted. So only what the game has seen
// going down is taken from it; a click in between is as if it had never been.
static void take_from_game(PlatformInput *input, int first, int last)
{
    for (int i = first; i <= last; i++) {
        hl_button *button = &input->key[i];
        bool seen_down = (button->down ^ (button->changes & 1)) != 0;
        *button = (hl_button){.down = false, .changes = seen_down};
    }
}

void platform_input_keep_mouse(PlatformInput *input, bool keep)
{
    if (keep && !input->mouse_kept) {
        take_from_game(input, HL_MOUSE_LEFT, HL_MOUSE_X2);
        input->wheel_x = input->wheel_y = 0;
    }
    input->mouse_kept = keep;
}

void platform_input_keep_keys(PlatformInput *input, bool keep)
{
    if (keep && !input->keys_kept) {
        take_from_game(input, 0, HL_MOUSE_LEFT - 1);
        input->text_bytes = 0;
    }
    input->keys_kept = keep;
}

static void release_pad(hl_pad *pad)
{
    for (int i = 0; i < HL_PAD_BUTTONS; i++) {
        platform_input_button(&pad->button[i], false);
    }
    pad->left = pad->right = (hl_vec2){0};
    pad->ltrigger = pad->rtrigger = 0;
}

void platform_input_release(PlatformInput *input)
{
    for (int i = 0; i < HL_KEYS; i++) {
        platform_input_button(&input->key[i], false);
        platform_input_button(&input->seen[i], false);
    }
    for (int i = 0; i < PLATFORM_PADS; i++) {
        release_pad(&input->pad[i]);
    }
    input->mouse_released |= input->mouse_held;
    input->mouse_held = 0;
    input->f_held = 0;
}

void platform_input_events(PlatformInput *input, PlatformEvents *events)
{
    const hl_button *key = input->seen;
    bool shift = key[HL_KEY_LSHIFT].down || key[HL_KEY_RSHIFT].down;
    bool ctrl = key[HL_KEY_LCTRL].down || key[HL_KEY_RCTRL].down;
    if (!events->f_pressed) { // else they are of the moment of the press
        events->shift = shift;
        events->ctrl = ctrl;
    }
    events->f_held = input->f_held;
    events->mouse_held = input->mouse_held;
    events->mouse_pressed = input->mouse_pressed;
    events->mouse_released = input->mouse_released;
    input->mouse_pressed = input->mouse_released = 0;
}

// Of what panels do not take in time the rest is lost: nobody types that fast.
static void add_panel_text(PlatformInput *input, const char *text)
{
    size_t used = strlen(input->panel_text), bytes = strlen(text);
    if (input->has_panels && used + bytes < sizeof(input->panel_text)) {
        memcpy(input->panel_text + used, text, bytes + 1);
    }
}

void platform_input_panels(PlatformInput *input, PlatformPanels *out)
{
    *out = (PlatformPanels){.mouse_px = {input->mouse_x_px, input->mouse_y_px},
                            .mouse_inside = input->pointer_inside,
                            .mouse_held = input->mouse_held};
    memcpy(out->key, input->seen, sizeof(out->key));
    if (input->has_panels) {
        out->wheel = (hl_vec2){input->panel_wheel_x, input->panel_wheel_y};
        out->mouse_pressed = input->panel_pressed;
        memcpy(out->text, input->panel_text, sizeof(out->text));
    }
    for (int i = 0; i < HL_KEYS; i++) {
        out->key[i].changes = input->has_panels ? out->key[i].changes : 0;
        input->seen[i].changes = 0;
    }
    platform_input_forget_panels(input);
    input->has_panels = true;
}

void platform_input_forget_panels(PlatformInput *input)
{
    input->has_panels = false;
    input->panel_wheel_x = input->panel_wheel_y = 0;
    input->panel_pressed = 0;
    input->panel_text[0] = '\0';
}

bool platform_input_text(PlatformInput *input, const char *text)
{
    size_t bytes = strlen(text);
    add_panel_text(input, text);
    if (input->keys_kept) {
        return true;
    }
    if (bytes > sizeof(input->text) - input->text_bytes) {
        return false;
    }
    for (size_t i = 0; i < bytes; i++) {
        // Some input methods send Enter or Escape as text; games read those as keys.
        if ((unsigned char)text[i] >= 0x20 && text[i] != 0x7f) {
            input->text[input->text_bytes++] = text[i];
        }
    }
    return true;
}

// The longest beginning that fits `room` bytes and does not cut a character.
static uint32_t whole_characters(const char *text, uint32_t bytes, uint32_t room)
{
    if (bytes <= room) {
        return bytes;
    }
    uint32_t end = room;
    while (end > 0 && ((unsigned char)text[end] & 0xc0u) == 0x80u) {
        end--; // a continuation byte: its character began before the cut
    }
    return end > 0 ? end : room; // not UTF-8 at all: any cut is as good
}

static void take_text(PlatformInput *input, char *out, uint32_t out_bytes)
{
    uint32_t taken = whole_characters(input->text, input->text_bytes, out_bytes - 1);
    memcpy(out, input->text, taken);
    out[taken] = 0;
    input->text_bytes -= taken;
    memmove(input->text, input->text + taken, input->text_bytes);
}

static void take_mouse(PlatformInput *input, const PlatformFit *fit, hl_input *out)
{
    const SDL_Rect *box = &fit->box_px;
    float unit_x = (float)fit->canvas_w / (float)(box->w > 0 ? box->w : 1);
    float unit_y = (float)fit->canvas_h / (float)(box->h > 0 ? box->h : 1);
    out->mouse = (hl_vec2){(input->mouse_x_px - (float)box->x) * unit_x,
                           (input->mouse_y_px - (float)box->y) * unit_y};
    out->mouse_delta = (hl_vec2){input->motion_x_px * unit_x, input->motion_y_px * unit_y};
    out->wheel = (hl_vec2){input->wheel_x, input->wheel_y};
    out->mouse_inside = input->pointer_inside && out->mouse.x >= 0 && out->mouse.y >= 0
                        && out->mouse.x < (float)fit->canvas_w
                        && out->mouse.y < (float)fit->canvas_h;
    input->motion_x_px = input->motion_y_px = input->wheel_x = input->wheel_y = 0;
}

void platform_input_take(PlatformInput *input, const PlatformFit *fit, hl_input *out)
{
    memset(out, 0, sizeof *out); // padding too: a recording holds these bytes
    memcpy(out->key, input->key, sizeof out->key);
    memcpy(out->pad, input->pad, sizeof out->pad);
    take_mouse(input, fit, out);
    take_text(input, out->text, sizeof out->text);
    out->focused = input->focused;
    for (int i = 0; i < HL_KEYS; i++) {
        input->key[i].changes = 0;
    }
    for (int i = 0; i < PLATFORM_PADS * HL_PAD_BUTTONS; i++) {
        input->pad[i / HL_PAD_BUTTONS].button[i % HL_PAD_BUTTONS].changes = 0;
    }
}
