// Gamepads and their player slots. A slot belongs to the pad that first took it, for the whole
// session: pulled, it reads released; plugged in again, it is the same player.
#include "platform_internal.h"

#include <math.h>
#include <string.h>

#define DEAD_ZONE 0.2f

// hl_pad_button is SDL's order, so that a button needs no table.
_Static_assert((int)HL_PAD_A == (int)SDL_CONTROLLER_BUTTON_A
                   && (int)HL_PAD_LB == (int)SDL_CONTROLLER_BUTTON_LEFTSHOULDER
                   && (int)HL_PAD_RIGHT == (int)SDL_CONTROLLER_BUTTON_DPAD_RIGHT,
               "hl_pad_button differs from SDL_GameControllerButton: translate it here");
enum { BUTTONS = HL_PAD_RIGHT + 1 };

static bool same_guid(const SDL_JoystickGUID *a, const SDL_JoystickGUID *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

// How surely `id` is the pad that was pulled from this slot: 0 is not at all.
static int likeness(const PlatformPadSlot *slot, const PlatformPadId *id)
{
    if (!slot->taken || slot->controller || !same_guid(&slot->id.guid, &id->guid)) {
        return 0;
    }
    if (slot->id.serial[0] && id->serial[0]) {
        return strcmp(slot->id.serial, id->serial) == 0 ? 3 : 0;
    }
    // Without a serial number the port is the best hint; a pad of the same make on another port is
    // still more likely to be the old one than a new one.
    return strcmp(slot->id.path, id->path) == 0 ? 2 : 1;
}

int platform_pads_choose(const PlatformPads *pads, const PlatformPadId *id)
{
    int best = -1, best_likeness = 0;
    for (int i = 0; i < PLATFORM_PADS; i++) {
        int here = likeness(&pads->slot[i], id);
        if (here > best_likeness) {
            best = i;
            best_likeness = here;
        }
    }
    for (int i = 0; i < PLATFORM_PADS && best < 0; i++) {
        best = pads->slot[i].taken ? -1 : i;
    }
    return best;
}

hl_vec2 platform_pads_stick(Sint16 x, Sint16 y)
{
    float vx = (float)x / 32767.0f, vy = (float)y / 32767.0f;
    float length = sqrtf(vx * vx + vy * vy);
    if (length <= DEAD_ZONE) {
        return (hl_vec2){0};
    }
    float wanted = (length - DEAD_ZONE) / (1 - DEAD_ZONE);
    float factor = (wanted < 1 ? wanted : 1) / length;
    return (hl_vec2){vx * factor, vy * factor};
}

static PlatformPadId pad_id(SDL_GameController *controller)
{
    PlatformPadId id = {
        .guid = SDL_JoystickGetGUID(SDL_GameControllerGetJoystick(controller)),
    };
    const char *serial = SDL_GameControllerGetSerial(controller);
    const char *path = SDL_GameControllerPath(controller);
    text_format(id.serial, sizeof id.serial, "%s", serial ? serial : "");
    text_format(id.path, sizeof id.path, "%s", path ? path : "");
    return id;
}

static int slot_of(const PlatformPads *pads, SDL_JoystickID instance)
{
    for (int i = 0; i < PLATFORM_PADS; i++) {
        if (pads->slot[i].controller && pads->slot[i].instance == instance) {
            return i;
        }
    }
    return -1;
}

// True the first time a pad of this kind is turned away, so that replugging does not fill the log.
static bool first_refusal(PlatformPads *pads, const SDL_JoystickGUID *guid)
{
    for (uint32_t i = 0; i < pads->refused_count; i++) {
        if (same_guid(&pads->refused[i], guid)) {
            return false;
        }
    }
    if (pads->refused_count < COUNT_OF(pads->refused)) {
        pads->refused[pads->refused_count++] = *guid;
        return true;
    }
    return false;
}

static void plug_in(PlatformPads *pads, PlatformInput *input, PlatformNotes *notes, int device)
{
    if (slot_of(pads, SDL_JoystickGetDeviceInstanceID(device)) >= 0) {
        return; // SDL announces what is there at the start twice
    }
    SDL_GameController *controller = SDL_GameControllerOpen(device);
    if (!controller) {
        platform_note(notes, "a gamepad was plugged in but cannot be opened: %s; ignored",
                      SDL_GetError());
        return;
    }
    PlatformPadId id = pad_id(controller);
    const char *name = SDL_GameControllerName(controller);
    int at = platform_pads_choose(pads, &id);
    if (at < 0) {
        if (first_refusal(pads, &id.guid)) {
            platform_note(notes,
                          "gamepad 5 (%s) ignored: there are four, and a pulled one keeps its "
                          "place; restart to play with this one",
                          name ? name : "unnamed");
        }
        SDL_GameControllerClose(controller);
        return;
    }
    pads->slot[at] = (PlatformPadSlot){
        .controller = controller,
        .instance = SDL_JoystickInstanceID(SDL_GameControllerGetJoystick(controller)),
        .taken = true,
        .id = id};
    input->pad[at].connected = 1;
    platform_note(notes, "gamepad %d: %s", at + 1, name ? name : "unnamed");
}

static void pull(PlatformPads *pads, PlatformInput *input, PlatformNotes *notes, int at)
{
    SDL_GameControllerClose(pads->slot[at].controller);
    pads->slot[at].controller = NULL;
    hl_pad *pad = &input->pad[at];
    for (int i = 0; i < BUTTONS; i++) {
        platform_input_button(&pad->button[i], false);
    }
    pad->left = pad->right = (hl_vec2){0};
    pad->ltrigger = pad->rtrigger = 0;
    pad->connected = 0;
    platform_note(notes, "gamepad %d unplugged; its place is kept", at + 1);
}

static void refuse_unknown(PlatformPads *pads, PlatformNotes *notes, int device)
{
    SDL_JoystickGUID guid = SDL_JoystickGetDeviceGUID(device);
    if (SDL_IsGameController(device) || !first_refusal(pads, &guid)) {
        return;
    }
    const char *name = SDL_JoystickNameForIndex(device);
    platform_note(notes,
                  "%s ignored: no gamepad layout is known for it; a line in "
                  "SDL_GAMECONTROLLERCONFIG adds one",
                  name ? name : "an unnamed joystick");
}

static void press(const PlatformPads *pads, PlatformInput *input,
                  const SDL_ControllerButtonEvent *event)
{
    int at = slot_of(pads, event->which);
    if (at >= 0 && event->button < BUTTONS && input->focused) {
        platform_input_button(&input->pad[at].button[event->button], event->state == SDL_PRESSED);
    }
}

void platform_pads_event(PlatformPads *pads, PlatformInput *input, PlatformNotes *notes,
                         const SDL_Event *event)
{
    int at;
    switch (event->type) {
    case SDL_CONTROLLERDEVICEADDED:
        plug_in(pads, input, notes, event->cdevice.which);
        break;
    case SDL_CONTROLLERDEVICEREMOVED:
        at = slot_of(pads, event->cdevice.which);
        if (at >= 0) {
            pull(pads, input, notes, at);
        }
        break;
    case SDL_JOYDEVICEADDED:
        refuse_unknown(pads, notes, event->jdevice.which);
        break;
    case SDL_CONTROLLERBUTTONDOWN:
    case SDL_CONTROLLERBUTTONUP:
        press(pads, input, &event->cbutton);
        break;
    default:
        break;
    }
}

static float trigger(SDL_GameController *controller, SDL_GameControllerAxis axis)
{
    float value = (float)SDL_GameControllerGetAxis(controller, axis) / 32767.0f;
    return value < 0 ? 0 : value > 1 ? 1 : value;
}

static void read_pad(SDL_GameController *controller, hl_pad *pad)
{
    pad->left =
        platform_pads_stick(SDL_GameControllerGetAxis(controller, SDL_CONTROLLER_AXIS_LEFTX),
                            SDL_GameControllerGetAxis(controller, SDL_CONTROLLER_AXIS_LEFTY));
    pad->right =
        platform_pads_stick(SDL_GameControllerGetAxis(controller, SDL_CONTROLLER_AXIS_RIGHTX),
                            SDL_GameControllerGetAxis(controller, SDL_CONTROLLER_AXIS_RIGHTY));
    pad->ltrigger = trigger(controller, SDL_CONTROLLER_AXIS_TRIGGERLEFT);
    pad->rtrigger = trigger(controller, SDL_CONTROLLER_AXIS_TRIGGERRIGHT);
    for (int i = 0; i < BUTTONS; i++) {
        bool down = SDL_GameControllerGetButton(controller, (SDL_GameControllerButton)i) != 0;
        platform_input_button(&pad->button[i], down);
    }
}

void platform_pads_read(const PlatformPads *pads, PlatformInput *input)
{
    for (int i = 0; i < PLATFORM_PADS; i++) {
        if (pads->slot[i].controller && input->focused) {
            read_pad(pads->slot[i].controller, &input->pad[i]);
        }
    }
}

void platform_pads_close(PlatformPads *pads)
{
    for (int i = 0; i < PLATFORM_PADS; i++) {
        if (pads->slot[i].controller) {
            SDL_GameControllerClose(pads->slot[i].controller);
        }
    }
    *pads = (PlatformPads){0};
}
