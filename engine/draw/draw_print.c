// A list as a number and as text. Contents: hash, print
#include "draw_parts.h"

#include <stdio.h>
#include <string.h>

// ----------------------------------------------------------------------------------------- hash

// Values are hashed as they lie in memory: a machine that stores them the other way round has to
// turn them here, or the hashes stored with replays do not hold for it.
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "put_u32 must write little-endian");

// Gathers values, one behind the other without padding, and hashes them by the block.
typedef struct Hasher {
    uint64_t hash;
    size_t used_bytes;
    uint8_t bytes[4096];
} Hasher;

static void flush(Hasher *hasher)
{
    hasher->hash = hash_combine(hasher->hash, hash_bytes(hasher->bytes, hasher->used_bytes));
    hasher->used_bytes = 0;
}

static void put_u32(Hasher *hasher, uint32_t value)
{
    if (hasher->used_bytes + sizeof(value) > sizeof(hasher->bytes)) {
        flush(hasher);
    }
    memcpy(hasher->bytes + hasher->used_bytes, &value, sizeof(value));
    hasher->used_bytes += sizeof(value);
}

static void put_float(Hasher *hasher, float value)
{
    uint32_t bits;
    value = value == 0.0f ? 0.0f : value; // -0 draws what 0 draws
    memcpy(&bits, &value, sizeof(bits));
    put_u32(hasher, bits);
}

static void put_floats(Hasher *hasher, const float *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        put_float(hasher, values[i]);
    }
}

static void put_bytes(Hasher *hasher, const void *bytes, size_t size_bytes)
{
    uint64_t hash = hash_bytes(bytes, size_bytes);
    put_u32(hasher, (uint32_t)size_bytes);
    put_u32(hasher, (uint32_t)hash);
    put_u32(hasher, (uint32_t)(hash >> 32));
}

// A stream's key is its place in the frame and says nothing; its pixels are the picture.
static void put_image(Hasher *hasher, const DrawImage *image)
{
    bool stream = (image->key & DRAW_KEY_STREAM) != 0;
    put_u32(hasher, stream ? DRAW_KEY_STREAM : image->key);
    put_u32(hasher, (uint32_t)image->w);
    put_u32(hasher, (uint32_t)image->h);
    if (stream) {
        put_bytes(hasher, image->pixels, (size_t)image->w * (size_t)image->h * sizeof(uint32_t));
    }
}

static void put_mesh(Hasher *hasher, const DrawList *draw, const DrawCmd *cmd)
{
    put_u32(hasher, cmd->count);
    for (uint32_t i = 0; i < cmd->count; i++) {
        const hl_vertex *vertex = &draw->vertices[cmd->first + i];
        put_floats(hasher, (float[]){vertex->x, vertex->y, vertex->u, vertex->v}, 4);
        put_u32(hasher, vertex->color);
    }
    put_bytes(hasher, draw->indices + cmd->second, cmd->second_count * sizeof(*draw->indices));
}

static void put_sprite(Hasher *hasher, const DrawSprite *sprite)
{
    const hl_spr *how = &sprite->how;
    put_floats(hasher,
               (float[]){sprite->source_px.x, sprite->source_px.y, sprite->source_px.w,
                         sprite->source_px.h, sprite->x, sprite->y, how->ox, how->oy, how->sx,
                         how->sy, how->angle},
               11);
    put_u32(hasher, (uint32_t)how->flip_x | (uint32_t)how->flip_y << 1);
}

static void put_command(Hasher *hasher, const DrawList *draw, const DrawCmd *cmd)
{
    put_u32(hasher, (uint32_t)cmd->kind | (uint32_t)cmd->blend << 8 | (uint32_t)cmd->layer << 16);
    put_u32(hasher, cmd->rgba);
    put_floats(hasher, cmd->p, COUNT_OF(cmd->p));
    // Says which of the blocks below follow.
    put_u32(hasher, (uint32_t)(cmd->camera != 0) | (uint32_t)(cmd->clip != 0) << 1
                        | (uint32_t)(cmd->image != 0) << 2);
    if (cmd->camera) {
        const hl_cam *camera = &draw->cameras[cmd->camera];
        put_floats(hasher, (float[]){camera->x, camera->y, camera->zoom, camera->angle}, 4);
    }
    if (cmd->clip) {
        const hl_rectf *clip = &draw->clips[cmd->clip];
        put_floats(hasher, (float[]){clip->x, clip->y, clip->w, clip->h}, 4);
    }
    if (cmd->image) {
        put_image(hasher, &draw->images[cmd->image]);
    }
    if (cmd->kind == DRAW_MESH) {
        put_mesh(hasher, draw, cmd);
    } else if (cmd->kind == DRAW_SPRITE) {
        put_sprite(hasher, &draw->sprites[cmd->first]);
    } else if (cmd->kind == DRAW_TEXT) {
        put_bytes(hasher, draw->text + cmd->first, cmd->count);
    }
}

uint64_t draw_hash(const DrawList *draw)
{
    Hasher hasher;
    hasher.hash = 0;
    hasher.used_bytes = 0;
    put_float(&hasher, draw->width);
    put_float(&hasher, draw->height);
    put_u32(&hasher, draw->cmd_count);
    for (uint32_t i = 0; i < draw->cmd_count; i++) {
        put_command(&hasher, draw, &draw->cmds[i]);
    }
    flush(&hasher);
    return hasher.hash;
}

// ---------------------------------------------------------------------------------------- print

typedef struct KindPrint {
    const char *name;
    uint32_t p_count;
} KindPrint;

static const KindPrint kinds[] = {
    [DRAW_CLEAR] = {"clear", 0},
    [DRAW_PIXEL] = {"pixel", 2},
    [DRAW_LINE] = {"line", 5},
    [DRAW_RECT] = {"rect", 4},
    [DRAW_RECT_LINE] = {"rect_line", 5},
    [DRAW_CIRCLE] = {"circle", 3},
    [DRAW_CIRCLE_LINE] = {"circle_line", 4},
    [DRAW_TRIANGLE] = {"triangle", 6},
    [DRAW_MESH] = {"mesh", 0},
    [DRAW_SPRITE] = {"sprite", 0},
    [DRAW_TEXT] = {"text", 3},
    [DRAW_PIXELS] = {"pixels", 4},
};

static const char *const blend_names[] = {
    [HL_ALPHA] = "alpha", [HL_ADD] = "add", [HL_MULTIPLY] = "multiply", [HL_NONE] = "none"};

// Pieces at alignment 1 lie one behind the other in the arena and make one text.
typedef struct Printer {
    Arena *arena;
    char *text; // the first piece; NULL: no room for any
    size_t used_bytes;
    bool full;
} Printer;

static void say(Printer *printer, const char *format, ...) BASE_PRINTF(2, 3);

static void say(Printer *printer, const char *format, ...)
{
    char piece[256];
    va_list args;
    va_start(args, format);
    int length = vsnprintf(piece, sizeof(piece), format, args);
    va_end(args);
    size_t bytes = length < 0 ? 0 : (size_t)length;
    bytes = bytes < sizeof(piece) ? bytes : sizeof(piece) - 1;
    char *at = printer->full ? NULL : arena_try_push(printer->arena, 1, 1, bytes);
    if (!at) {
        printer->full = true; // a piece after a gap would be nonsense
        return;
    }
    printer->text = printer->text ? printer->text : at;
    memcpy(at, piece, bytes);
    printer->used_bytes += bytes;
}

static void say_floats(Printer *printer, const float *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        say(printer, " %.9g", (double)values[i]);
    }
}

static void say_state(Printer *printer, const DrawList *draw, const DrawCmd *cmd)
{
    if (cmd->layer != 0) {
        say(printer, " layer %d", cmd->layer);
    }
    if (cmd->blend != HL_ALPHA) {
        say(printer, " blend %s", blend_names[cmd->blend]);
    }
    if (cmd->camera) {
        const hl_cam *camera = &draw->cameras[cmd->camera];
        say(printer, " camera");
        say_floats(printer, (float[]){camera->x, camera->y, camera->zoom, camera->angle}, 4);
    }
    if (cmd->clip) {
        const hl_rectf *clip = &draw->clips[cmd->clip];
        say(printer, " clip");
        say_floats(printer, (float[]){clip->x, clip->y, clip->w, clip->h}, 4);
    }
}

static void say_image(Printer *printer, const DrawImage *image)
{
    if (image->key & DRAW_KEY_STREAM) {
        say(printer, " stream %u", image->key & ~DRAW_KEY_STREAM);
    } else {
        say(printer, " image %u", image->key);
    }
    say(printer, " of %dx%d", image->w, image->h);
}

static void say_sprite(Printer *printer, const DrawSprite *sprite)
{
    const hl_spr *how = &sprite->how;
    const hl_rectf *source = &sprite->source_px;
    say_floats(printer, (float[]){sprite->x, sprite->y}, 2);
    say(printer, " source");
    say_floats(printer, (float[]){source->x, source->y, source->w, source->h}, 4);
    say(printer, " origin");
    say_floats(printer, (float[]){how->ox, how->oy}, 2);
    say(printer, " scale");
    say_floats(printer, (float[]){how->sx, how->sy}, 2);
    say(printer, " angle %.9g%s%s", (double)how->angle, how->flip_x ? " flip_x" : "",
        how->flip_y ? " flip_y" : "");
}

static void say_text(Printer *printer, const char *text)
{
    char clean[128];
    text_clean(clean, sizeof(clean), text, false);
    say(printer, " \"%s\"", clean);
}

static void say_command(Printer *printer, const DrawList *draw, const DrawCmd *cmd)
{
    say(printer, "%s", kinds[cmd->kind].name);
    say_floats(printer, cmd->p, kinds[cmd->kind].p_count);
    if (cmd->kind == DRAW_MESH) {
        say(printer, " %u vertices %u indices", cmd->count, cmd->second_count);
    } else {
        if (cmd->kind == DRAW_SPRITE) {
            say_sprite(printer, &draw->sprites[cmd->first]);
        } else if (cmd->kind == DRAW_TEXT) {
            say_text(printer, draw->text + cmd->first);
        }
        say(printer, " #%08x", cmd->rgba);
    }
    if (cmd->image) {
        say_image(printer, &draw->images[cmd->image]);
    }
    say_state(printer, draw, cmd);
    say(printer, "\n");
}

const char *draw_print(const DrawList *draw, Arena *arena)
{
    Printer printer = {.arena = arena};
    say(&printer, "canvas %.9gx%.9g, %u commands, %u dropped\n", (double)draw->width,
        (double)draw->height, draw->cmd_count, draw->dropped);
    for (uint32_t i = 0; i < draw->cmd_count && !printer.full; i++) {
        say_command(&printer, draw, &draw->cmds[i]);
    }
    if (!printer.full && arena_try_push(arena, 1, 1, 1)) {
        return printer.text; // the byte pushed is the 0 at its end
    }
    if (!printer.text) {
        return "";
    }
    printer.text[printer.used_bytes - 1] = '\0';
    return printer.text;
}
