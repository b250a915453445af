// Fox Hop: a platformer in eight small files. What to open when you want to change ...
//
//     how he runs and jumps    hero.c      the numbers are on top: change one and save
//     gravity, bumping         body.c
//     the enemies              mobs.c
//     what a letter means      level.c     the levels are text: assets/platformer/level1.txt
//     camera, sky, the scores  view.c
//     dust and sparkles        effects.c
//     title, lives, next level platformer.c
//
// Everything that must survive an edit is in Game, below; all else is constant.
#ifndef PLATFORMER_H
#define PLATFORMER_H
#include "hotloop.h"

enum {
    W = 320, // the picture, in pixels
    H = 180,
    TILE = 16,   // the side of a tile, in pixels
    MAP_W = 256, // the largest level, in tiles
    MAP_H = 32,
    LEVELS = 3,
    MOBS_MAX = 64,
    SPARKS_MAX = 160,
    FIRST_LIVES = 3,
    COINS_FOR_A_LIFE = 20
};

// ---- the level

// A tile is the letter that stands for it in the level's text.
typedef enum Tile {
    AIR = '.',
    GROUND = '#',
    PLANK = '=', // stops only what falls on it
    SPIKES = '^',
    COIN = 'o',
    SPRING = 'z',
    CHECKPOINT = 'c',
    GOAL = 'G'
} Tile;

typedef enum Sky { DAY, DUSK, NIGHT, SKIES } Sky;

typedef struct Level {
    char name[24];
    Sky sky;
    int w, h; // in tiles
    char tile[MAP_H][MAP_W];
    hl_vec2 start; // top left of the tile with the '@'
    int coins;     // how many it has when nobody has taken any
} Level;

// ---- what moves

// A box that falls and bumps into the level.
typedef struct Body {
    hl_vec2 pos, before; // top left, now and one tick ago (pictures are drawn in between)
    hl_vec2 vel;         // pixels a second
    float w, h;
    bool on_ground, hit_wall;
    bool drops; // lets itself fall through planks
} Body;

typedef struct Hero {
    Body body;
    int facing;    // -1 left, 1 right
    float coyote;  // seconds for which he may still jump after a ledge
    float buffer;  // seconds for which a jump pressed too early is remembered
    float stretch; // 1: as drawn; more: tall and thin, less: squashed
    float stride;  // pixels run, for the animation
    bool sprung;   // a spring threw him: letting go of the button does not cut that short
    int combo;     // coins and stomps in quick succession: the sounds climb
    float combo_for;
} Hero;

typedef enum MobKind { SLIME, FROG, BAT } MobKind;

typedef struct Mob {
    MobKind kind;
    Body body;
    hl_vec2 home;   // where the level put it
    float dir;      // -1 left, 1 right
    float timer;    // seconds: a frog's wait, a bat's flight
    float flat_for; // seconds that a stomped one still lies there
    bool alive;
} Mob;

typedef struct Spark {
    hl_vec2 pos, vel;
    float life, full_life; // seconds left, and at the start
    float size, fall;      // fall: pixels/s^2
    hl_color color;
} Spark;

// ---- the whole game

typedef enum Scene { TITLE, PLAYING, DYING, LEVEL_DONE, GAME_OVER, THE_END } Scene;

typedef struct Records {
    float best_s[LEVELS]; // 0: never finished
} Records;

typedef struct Game {
    Scene scene;
    float scene_s; // seconds since the scene began
    hl_rng effects_rng;

    Level level;
    int level_number; // 0, 1, 2
    float level_s;    // the clock in the corner
    float total_s;    // over all levels
    bool new_best;
    hl_vec2 spawn;       // start, or the last checkpoint
    hl_vec2 sprung_tile; // the spring that is stretched out just now, and for how long
    float sprung_for;

    Hero hero;
    Mob mobs[MOBS_MAX];
    int mob_count;
    int lives, coins;
    Records records;

    Spark sparks[SPARKS_MAX];
    int next_spark;

    hl_vec2 cam, cam_before; // the middle of the picture, in the level
    float look, shake;       // how far ahead it looks; how hard it shakes
    bool show_boxes;         // Tab
} Game;

// ---- level.c
void level_load(Game *g, hl_tick *t); // the text of g->level_number; hero and camera stay
const char *level_file(const Game *g);
Tile tile_at(const Level *level, int x, int y);
void level_draw(const Game *g, hl_canvas *c, hl_vec2 cam);

// ---- body.c
void body_fall(Body *b, float dt, float pull); // pull: 1 is normal gravity
void body_move(const Level *level, Body *b, float dt);
void body_unstick(const Level *level, Body *b); // up, until it is in no wall
bool bodies_touch(const Body *a, const Body *b);
hl_vec2 body_between(const Body *b, float alpha); // where to draw it: whole pixels

// ---- hero.c
void hero_appear(Game *g, hl_vec2 tile);
void hero_update(Game *g, hl_tick *t);
void hero_fly_off(Hero *hero, float dt); // the way he leaves when he was hurt
void hero_bounce(Game *g, hl_tick *t);   // off something he stomped
float hero_pitch(Hero *hero);            // of the next sound of a combo
void hero_draw(const Game *g, hl_canvas *c);
void hero_draw_title(const Game *g, hl_canvas *c, float x, float y); // large, running

// ---- mobs.c
void mob_add(Game *g, MobKind kind, hl_vec2 tile);
void mobs_go_home(Game *g);
void mobs_update(Game *g, hl_tick *t);
void mobs_draw(const Game *g, hl_canvas *c);

// ---- effects.c
void sparks_burst(Game *g, hl_vec2 at, int count, float speed, hl_color color);
void sparks_dust(Game *g, hl_vec2 feet, int count);
void sparks_update(Game *g, float dt);
void sparks_draw(const Game *g, hl_canvas *c);

// ---- view.c
void camera_follow(Game *g, float dt);
void camera_jump(Game *g); // to the hero at once
hl_vec2 camera_now(const Game *g, float alpha);
void sky_draw(const Game *g, hl_canvas *c, hl_vec2 cam);
void hud_draw(const Game *g, hl_canvas *c);

// ---- platformer.c
void hero_hurt(Game *g, hl_tick *t);
void coin_taken(Game *g, hl_tick *t);
void goal_reached(Game *g, hl_tick *t);

#endif
