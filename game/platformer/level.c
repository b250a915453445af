// Levels: text in assets/platformer/level1.txt, level2.txt ... Edit one while you play: the game
// reads it again when you save.
//
// One letter is one tile of 16 x 16 pixels:
//
//     .  air (so is a space)         @  the fox starts here
//     #  ground                      s  a slime: walks, turns round at edges
//     =  a plank: jump through it    f  a frog: hops towards the fox
//        from below, Down drops      b  a bat: flies to and fro
//     o  a coin                      c  a checkpoint
//     ^  spikes                      G  the goal
//     z  a spring
//
// Lines that begin with ';' are for people. Lines that begin with ':' are settings: ":name Meadow"
// and ":sky day" (or dusk, night). At most 256 x 32 tiles; other letters are read as air, and the
// log says so. Left and right of the level are walls, below it is a long way down.
#include "platformer.h"

#include <stdio.h>
#include <string.h>

// The cells of tiles.png.
enum {
    GRASS,
    GRASS_LEFT,
    GRASS_RIGHT,
    GRASS_ALONE,
    EARTH,
    EARTH_STONES,
    EARTH_LEFT,
    EARTH_RIGHT,
    PLANK_MIDDLE,
    PLANK_END,
    SPIKE,
    SPRING_DOWN,
    SPRING_UP,
    FLOWER, // .. and three more small things that grow on the grass
    GROWTHS = 4
};

static const char *const LEVEL_FILES[LEVELS] = {"level1.txt", "level2.txt", "level3.txt"};

// What you walk through when the file is not there.
static const char BUILT_IN[] = ":name Nowhere\n"
                               "....................\n"
                               "....................\n"
                               "..............o.....\n"
                               ".............###....\n"
                               "....o...............\n"
                               "...###..s...........\n"
                               "..........###......G\n"
                               ".@..................\n"
                               "####################\n";

// ---- reading

typedef struct Line {
    const char *text;
    int length;
} Line;

static bool next_line(hl_bytes *rest, Line *line)
{
    if (rest->size == 0) {
        return false;
    }
    const uint8_t *newline = memchr(rest->data, '\n', rest->size);
    size_t length = newline ? (size_t)(newline - rest->data) : rest->size;
    size_t used = newline ? length + 1 : length;
    *line = (Line){(const char *)rest->data, length < MAP_W ? (int)length : MAP_W};
    rest->data += used;
    rest->size -= used;
    if (line->length > 0 && line->text[line->length - 1] == '\r') {
        line->length--;
    }
    return true;
}

// The rest of a line ":word rest", or NULL when it is about something else.
static const char *setting(const Line *line, const char *word, int *length)
{
    int skip = (int)strlen(word);
    if (line->length <= skip || memcmp(line->text, word, (size_t)skip) != 0) {
        return NULL;
    }
    *length = line->length - skip;
    return line->text + skip;
}

static void read_setting(Level *level, const Line *line)
{
    static const char *const SKY_NAMES[SKIES] = {"day", "dusk", "night"};
    int length;
    const char *name = setting(line, ":name ", &length);
    const char *sky = name ? NULL : setting(line, ":sky ", &length);

    if (name) {
        snprintf(level->name, sizeof level->name, "%.*s", length, name);
    }
    for (int i = 0; sky && i < SKIES; i++) {
        if ((size_t)length == strlen(SKY_NAMES[i])
            && memcmp(sky, SKY_NAMES[i], (size_t)length) == 0) {
            level->sky = (Sky)i;
        }
    }
}

// What the letter at x, y puts into the level. False: it means nothing.
static bool place(Game *g, int x, int y, char letter)
{
    Level *level = &g->level;
    hl_vec2 at = {(float)(x * TILE), (float)(y * TILE)};

    switch (letter) {
    case '@':
        level->start = at;
        return true;
    case 's':
        mob_add(g, SLIME, at);
        return true;
    case 'f':
        mob_add(g, FROG, at);
        return true;
    case 'b':
        mob_add(g, BAT, at);
        return true;
    case AIR:
    case ' ':
        return true;
    case GROUND:
    case PLANK:
    case SPIKES:
    case COIN:
    case SPRING:
    case CHECKPOINT:
    case GOAL:
        level->tile[y][x] = letter;
        level->coins += letter == COIN;
        return true;
    default:
        return false;
    }
}

// Reads any bytes whatever into g->level and g->mobs; returns how many letters meant nothing.
static int parse(Game *g, hl_bytes text)
{
    Level *level = &g->level;
    Line line;
    int strangers = 0;

    *level = (Level){.start = {TILE, 0}};
    memset(level->tile, AIR, sizeof level->tile);
    g->mob_count = 0;
    while (next_line(&text, &line)) {
        if (line.length > 0 && line.text[0] == ':') {
            read_setting(level, &line);
            continue;
        }
        bool is_row = line.length > 0 && line.text[0] != ';' && level->h < MAP_H;
        for (int x = 0; is_row && x < line.length; x++) {
            strangers += !place(g, x, level->h, line.text[x]);
        }
        level->w = is_row && line.length > level->w ? line.length : level->w;
        level->h += is_row;
    }
    return strangers;
}

static bool has_tile(const Level *level, Tile tile)
{
    return memchr(level->tile, tile, sizeof level->tile) != NULL;
}

const char *level_file(const Game *g)
{
    return LEVEL_FILES[g->level_number];
}

void level_load(Game *g, hl_tick *t)
{
    const char *name = level_file(g);
    hl_bytes text = hl_file(t, name);
    int strangers = parse(g, text);

    if (g->level.h == 0) {
        hl_log(t, "%s: no rows in it; a small built-in level takes its place", name);
        parse(g, (hl_bytes){(const uint8_t *)BUILT_IN, sizeof BUILT_IN - 1, 0});
    }
    if (strangers > 0) {
        hl_log(t, "%s: %d letters mean nothing and are read as air; level.c has the list", name,
               strangers);
    }
    if (!has_tile(&g->level, GOAL)) {
        hl_log(t, "%s: no 'G' in it, so nobody can finish it", name);
    }
}

Tile tile_at(const Level *level, int x, int y)
{
    if (x < 0 || x >= level->w) {
        return GROUND;
    }
    return y < 0 || y >= level->h ? AIR : (Tile)level->tile[y][x];
}

// ---- drawing

// The same number for the same place, all over the place: which flower grows where.
static unsigned scatter(int x, int y)
{
    unsigned n = (unsigned)x * 73856093u ^ (unsigned)y * 19349663u;
    return (n ^ (n >> 13)) * 1274126177u >> 16;
}

static void draw_cell(hl_canvas *c, const char *sheet, int x, int y, int frame)
{
    hl_sprite_ex(c, sheet, (float)(x * TILE), (float)(y * TILE),
                 (hl_spr){.fw = TILE, .fh = TILE, .frame = frame});
}

static void draw_ground(const Level *level, hl_canvas *c, int x, int y)
{
    bool open_left = tile_at(level, x - 1, y) != GROUND;
    bool open_right = tile_at(level, x + 1, y) != GROUND;
    bool open_above = tile_at(level, x, y - 1) != GROUND;
    unsigned luck = scatter(x, y);

    if (open_above) {
        draw_cell(c, "tiles.png", x, y,
                  open_left && open_right ? GRASS_ALONE
                  : open_left             ? GRASS_LEFT
                  : open_right            ? GRASS_RIGHT
                                          : GRASS);
        if (luck % 3 == 0 && tile_at(level, x, y - 1) == AIR) {
            draw_cell(c, "tiles.png", x, y - 1, FLOWER + (int)(luck / 3 % GROWTHS));
        }
    } else {
        draw_cell(c, "tiles.png", x, y,
                  open_left       ? EARTH_LEFT
                  : open_right    ? EARTH_RIGHT
                  : luck % 5 == 0 ? EARTH_STONES
                                  : EARTH);
    }
    if (tile_at(level, x, y + 1) != GROUND && y + 1 < level->h) {
        hl_rect(c, (float)(x * TILE), (float)(y * TILE + TILE - 2), TILE, 2, 0x40261cff);
    }
}

static void draw_plank(const Level *level, hl_canvas *c, int x, int y)
{
    bool open_left = tile_at(level, x - 1, y) != PLANK,
         open_right = tile_at(level, x + 1, y) != PLANK;
    hl_sprite_ex(c, "tiles.png", (float)(x * TILE), (float)(y * TILE),
                 (hl_spr){.fw = TILE,
                          .fh = TILE,
                          .frame = open_left || open_right ? PLANK_END : PLANK_MIDDLE,
                          .flip_x = open_right});
}

// The two flags stand on the tile and are two tiles high.
static void draw_flag(hl_canvas *c, const char *sheet, int x, int y, int frame)
{
    hl_sprite_ex(c, sheet, (float)(x * TILE), (float)((y - 1) * TILE),
                 (hl_spr){.fw = TILE, .fh = 2 * TILE, .frame = frame});
}

static void draw_tile(const Game *g, hl_canvas *c, int x, int y)
{
    const Level *level = &g->level;
    bool here = g->spawn.x == (float)(x * TILE) && g->spawn.y == (float)(y * TILE);
    bool sprung = g->sprung_for > 0 && g->sprung_tile.x == (float)x && g->sprung_tile.y == (float)y;
    int beat = (int)(g->level_s * 8);

    switch (tile_at(level, x, y)) {
    case GROUND:
        draw_ground(level, c, x, y);
        break;
    case PLANK:
        draw_plank(level, c, x, y);
        break;
    case SPIKES:
        draw_cell(c, "tiles.png", x, y, SPIKE);
        break;
    case COIN:
        draw_cell(c, "coin.png", x, y, (beat + x) & 3);
        break;
    case SPRING:
        draw_cell(c, "tiles.png", x, y, sprung ? SPRING_UP : SPRING_DOWN);
        break;
    case CHECKPOINT:
        draw_flag(c, "checkpoint.png", x, y, here ? 1 + (beat & 1) : 0);
        break;
    case GOAL:
        draw_flag(c, "goal.png", x, y, beat & 3);
        break;
    case AIR:
        break;
    }
}

void level_draw(const Game *g, hl_canvas *c, hl_vec2 cam)
{
    int left = (int)(cam.x - W / 2.0f) / TILE - 1, top = (int)(cam.y - H / 2.0f) / TILE - 1;

    for (int y = top; y <= top + H / TILE + 3; y++) {
        for (int x = left; x <= left + W / TILE + 3; x++) {
            draw_tile(g, c, x, y);
        }
    }
}
