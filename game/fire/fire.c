// Fire: a picture made pixel by pixel with hl_pixels().
//
//     mouse: paint heat     1 2 3: palette     L: Conway's game of life and back
#include "hotloop.h"

#include <string.h>

HL_TWEAK(COOLING, 2.2f, 0, 12); // how much colder a flame is one pixel higher up
HL_TWEAK(BRUSH, 5, 1, 20);      // radius of the mouse's heat, in pixels

enum { W = 160, H = 90, HOT = 255, EMBERS = 3, PATCH = 9 };

// Cold to hot, the colours in between are mixed.
static const hl_color PALETTES[3][5] = {
    {0x08040cff, 0x7a1408ff, 0xf0641eff, 0xffd25aff, 0xfffff0ff},
    {0x04060eff, 0x143c8cff, 0x1eaadcff, 0x8cf0e6ff, 0xffffffff},
    {0x06080aff, 0x1e5a28ff, 0x64b432ff, 0xdceb64ff, 0xffffffff},
};

typedef struct Game {
    hl_rng rng;
    int palette;
    bool life;          // else fire
    uint8_t heat[H][W]; // in life: HOT is alive, the rest afterglow
    uint8_t next[H][W];
} Game;

// Each pixel becomes the mean of four below it, a little colder: that is all there is to fire.
static void burn(Game *g)
{
    for (int i = 0; i < EMBERS; i++) { // the lowest two rows glow and go dark in patches
        int x = hl_rand_int(&g->rng, 0, W - PATCH), heat = hl_rand_int(&g->rng, 0, 2) ? HOT : 0;
        memset(&g->heat[H - 2][x], heat, PATCH);
        memset(&g->heat[H - 1][x], heat, PATCH);
    }
    for (int y = 0; y < H - 2; y++) {
        for (int x = 0; x < W; x++) {
            const uint8_t *below = g->heat[y + 1];
            int sum = below[(x + W - 1) % W] + below[x] + below[(x + 1) % W] + g->heat[y + 2][x];
            int heat = sum / 4 - (int)hl_rand_float(&g->rng, 0, 2 * COOLING);
            g->heat[y][x] = (uint8_t)(heat > 0 ? heat : 0);
        }
    }
}

// Three living neighbours give birth, two keep alive; what dies cools down slowly.
static void live(Game *g)
{
    for (int i = 0; i < W * H; i++) {
        int x = i % W, y = i / W, around = 0;
        for (int k = 0; k < 9; k++) {
            around += k != 4 && g->heat[(y + k / 3 + H - 1) % H][(x + k % 3 + W - 1) % W] == HOT;
        }
        bool alive = around == 3 || (around == 2 && g->heat[y][x] == HOT);
        g->next[y][x] = (uint8_t)(alive ? HOT : g->heat[y][x] * 13 / 16);
    }
    memcpy(g->heat, g->next, sizeof g->heat);
}

static void paint(Game *g, hl_vec2 at)
{
    for (int i = 0; i < W * H; i++) {
        float dx = (float)(i % W) - at.x, dy = (float)(i / W) - at.y;
        bool solid = !g->life || hl_rand_int(&g->rng, 0, 2) == 0;
        if (solid && dx * dx + dy * dy < BRUSH * BRUSH) {
            g->heat[i / W][i % W] = HOT;
        }
    }
}

static void init(Game *g, hl_tick *t)
{
    hl_seed(&g->rng, t->seed, 1);
    hl_music(t, "crackle.wav", 0.5f);
}

static void update(Game *g, hl_tick *t)
{
    for (int i = 0; i < 3; i++) {
        g->palette = hl_pressed(t, HL_KEY_1 + i) ? i : g->palette;
    }
    if (hl_pressed(t, HL_KEY_L)) {
        g->life = !g->life;
    }
    if (hl_down(t, HL_MOUSE_LEFT)) {
        paint(g, t->in->mouse);
    }
    if (!g->life) {
        burn(g);
    } else if (t->tick % 5 == 0) {
        live(g);
    }
}

static hl_color color_of(const hl_color *palette, int heat)
{
    int i = heat / 64, part = heat % 64;
    hl_color out = 0;
    for (int shift = 0; shift < 32; shift += 8) {
        int cold = (int)(palette[i] >> shift & 255u), hot = (int)(palette[i + 1] >> shift & 255u);
        out |= (hl_color)(cold + (hot - cold) * part / 63) << shift;
    }
    return out;
}

static void draw(const Game *g, hl_canvas *c)
{
    uint32_t pixels[H * W];
    for (int i = 0; i < H * W; i++) {
        pixels[i] = color_of(PALETTES[g->palette], g->heat[i / W][i % W]);
    }
    hl_pixels(c, pixels, W, H, 0, 0, 0, 0);
    hl_text(c, 3, 3, 8, 0xffffff90, "mouse 1 2 3 L");
}

HL_GAME(Game, init, update, draw, .title = "Fire", .width = W, .height = H);
