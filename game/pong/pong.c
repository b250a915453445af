// Pong: two paddles, one ball, first to seven.
//
//     left paddle: W and S, or the first pad      right paddle: Up and Down, or the second pad
//
// With one player the machine has the right side. With two, the machine lends a hand wherever
// nobody has touched the keys for a while. Everything worth playing with is in the next few lines:
// change a number and save while you play.
#include "hotloop.h"

HL_TWEAK(PADDLE_SPEED, 190, 40, 400);    // pixels/s
HL_TWEAK(SERVE_SPEED, 150, 40, 400);     // pixels/s
HL_TWEAK(FASTER, 1.06f, 1, 1.3f);        // the ball's speed is multiplied by this at each hit
HL_TWEAK(TOP_SPEED, 420, 100, 800);      // pixels/s
HL_TWEAK(STEEPEST, 0.95f, 0, 1.4f);      // radians off level, for a ball hit with the paddle's end
HL_TWEAK(SPIN, 0.9f, 0, 3);              // how much of a moving paddle's speed bends the ball's way
HL_TWEAK(MACHINE_SKILL, 0.78f, 0, 1.2f); // of PADDLE_SPEED; 1 is hard to beat

enum {
    W = 320,
    H = 180,
    PADDLE_W = 5,
    PADDLE_H = 32,
    PADDLE_X = 14, // from each side
    BALL = 5,
    WINS_AT = 7,
    TRAIL = 14,
    SPARKS = 64
};
static const float SERVE_WAIT = 0.9f; // s
static const float IDLE_LIMIT = 10;   // s until the machine takes over from a player
static const hl_color COLORS[2] = {0x50c8ffff, 0xff7a5cff};
static const hl_color TABLE = 0x101822ff, LINE = 0x2c3a4cff;

typedef enum Side { LEFT, RIGHT } Side;
typedef enum Scene { TITLE, SERVE, RALLY, WON } Scene;

typedef struct Paddle {
    float y, y_before; // top, now and one tick ago
    float flash;       // 1 when it has just been hit, then fading
    float idle_s;      // since a human touched it
    float aim;         // where on the paddle the machine means to hit the ball, in pixels
    int score;
} Paddle;

typedef struct Ball {
    hl_vec2 pos, before, vel; // pos: top left
    float speed;
    float spin; // pixels/s^2, downwards
} Ball;

typedef struct Spark {
    hl_vec2 pos, vel;
    float life; // s
    hl_color color;
} Spark;

typedef struct Game {
    Scene scene;
    float scene_s; // since the scene began
    int players;   // 1 or 2
    Side server, winner;
    Paddle paddle[2];
    Ball ball;
    int rally, best_rally;
    bool new_best;
    hl_vec2 trail[TRAIL]; // where the ball was, newest first
    Spark sparks[SPARKS];
    int next_spark;
    float shake;
    hl_rng rng, effects_rng; // two, so that sparks change nothing in the game
} Game;

static float clamped(float x, float lo, float hi)
{
    return x < lo ? lo : x > hi ? hi : x;
}

static void enter(Game *g, Scene scene)
{
    g->scene = scene;
    g->scene_s = 0;
}

// ---- effects

static void burst(Game *g, hl_vec2 at, int count, hl_color color)
{
    for (int i = 0; i < count; i++) {
        float angle = hl_rand_float(&g->effects_rng, 0, 6.2832f);
        float speed = hl_rand_float(&g->effects_rng, 20, 120);
        g->sparks[g->next_spark] = (Spark){.pos = at,
                                           .vel = {hl_cos(angle) * speed, hl_sin(angle) * speed},
                                           .life = hl_rand_float(&g->effects_rng, 0.2f, 0.6f),
                                           .color = color};
        g->next_spark = (g->next_spark + 1) % SPARKS;
    }
}

static void update_effects(Game *g, float dt)
{
    for (int i = 0; i < SPARKS; i++) {
        Spark *s = &g->sparks[i];
        s->life -= dt;
        s->pos.x += s->vel.x * dt;
        s->pos.y += s->vel.y * dt;
    }
    for (int i = TRAIL - 1; i > 0; i--) {
        g->trail[i] = g->trail[i - 1];
    }
    g->trail[0] = g->ball.pos;
    g->paddle[LEFT].flash = clamped(g->paddle[LEFT].flash - 4 * dt, 0, 1);
    g->paddle[RIGHT].flash = clamped(g->paddle[RIGHT].flash - 4 * dt, 0, 1);
    g->shake = clamped(g->shake - 12 * dt, 0, 6);
}

// ---- the paddles

// What the player of this side asks for: -1 up .. 1 down.
static float human_move(const Game *g, const hl_tick *t, Side side)
{
    float arrows = hl_axis(t, HL_KEY_UP, HL_KEY_DOWN), letters = hl_axis(t, HL_KEY_W, HL_KEY_S);
    float pad = t->in->pad[side].left.y + (float)hl_pad_down(t, side, HL_PAD_DOWN)
                - (float)hl_pad_down(t, side, HL_PAD_UP);

    if (g->players == 1) { // both pairs of keys are his
        return side == LEFT ? clamped(arrows + letters + pad, -1, 1) : 0;
    }
    return clamped((side == LEFT ? letters : arrows) + pad, -1, 1);
}

static bool machine_plays(const Game *g, Side side)
{
    return g->scene == TITLE || g->paddle[side].idle_s > IDLE_LIMIT
           || (g->players == 1 && side == RIGHT);
}

// Follows the ball when it comes closer, else strolls back to the middle.
static float machine_move(const Game *g, Side side)
{
    const Paddle *p = &g->paddle[side];
    const Ball *b = &g->ball;
    bool comes = side == LEFT ? b->vel.x < 0 : b->vel.x > 0;
    float target = comes && g->scene != SERVE ? b->pos.y + BALL / 2.0f + p->aim : H / 2.0f;
    float off = target - (p->y + PADDLE_H / 2.0f);
    float hurry = comes ? MACHINE_SKILL : 0.4f;

    return clamped(off / 6, -1, 1) * hurry;
}

static void update_paddle(Game *g, const hl_tick *t, Side side)
{
    Paddle *p = &g->paddle[side];
    float human = human_move(g, t, side);

    p->idle_s = human != 0 ? 0 : p->idle_s + t->dt;
    p->y_before = p->y;
    float move = machine_plays(g, side) ? machine_move(g, side) : human;
    p->y = clamped(p->y + move * PADDLE_SPEED * t->dt, 0, H - PADDLE_H);
}

// ---- the ball

static void serve(Game *g, Side server)
{
    g->server = server;
    g->rally = 0;
    g->new_best = false;
    g->ball = (Ball){.pos = {(W - BALL) / 2.0f, (H - BALL) / 2.0f}, .speed = SERVE_SPEED};
    g->ball.before = g->ball.pos;
    for (int i = 0; i < TRAIL; i++) {
        g->trail[i] = g->ball.pos;
    }
    enter(g, g->scene == TITLE ? TITLE : SERVE);
}

static void release_ball(Game *g, hl_tick *t)
{
    float angle = hl_rand_float(&g->rng, -0.5f, 0.5f);
    float way = g->server == LEFT ? 1 : -1;
    g->ball.vel = (hl_vec2){hl_cos(angle) * SERVE_SPEED * way, hl_sin(angle) * SERVE_SPEED};
    if (g->scene != TITLE) {
        enter(g, RALLY);
        hl_tone(t, HL_SQUARE, 330, 0.06f, 0.25f);
    }
}

static void count_rally(Game *g, hl_tick *t)
{
    g->rally++;
    if (g->scene == RALLY && g->rally > g->best_rally) {
        g->best_rally = g->rally;
        g->new_best = true;
        HL_SAVE(t, "best-rally", int, &g->best_rally);
    }
}

static void hit(Game *g, hl_tick *t, Side side)
{
    Ball *b = &g->ball;
    Paddle *p = &g->paddle[side];
    float off = (b->pos.y + BALL / 2.0f - p->y - PADDLE_H / 2.0f) / (PADDLE_H / 2.0f); // -1 .. 1
    float angle = clamped(off, -1, 1) * STEEPEST, way = side == LEFT ? 1 : -1;
    float paddle_speed = (p->y - p->y_before) / t->dt;

    b->speed = clamped(b->speed * FASTER, SERVE_SPEED, TOP_SPEED);
    b->vel = (hl_vec2){hl_cos(angle) * b->speed * way, hl_sin(angle) * b->speed};
    b->spin = -paddle_speed * SPIN; // it curves back against the stroke, like a sliced ball
    g->paddle[!side].aim = hl_rand_float(&g->rng, -PADDLE_H * 0.42f, PADDLE_H * 0.42f);
    p->flash = 1;
    g->shake = b->speed / 140;
    burst(g, b->pos, 8, COLORS[side]);
    count_rally(g, t);
    if (g->scene != TITLE) {
        hl_tone(t, HL_SQUARE, 380 + 14 * (float)(g->rally < 40 ? g->rally : 40), 0.06f, 0.3f);
        hl_rumble(t, side, 0.2f, 0.4f, 0.08f);
    }
}

static void bounce_off_walls(Game *g, hl_tick *t)
{
    Ball *b = &g->ball;
    bool above = b->pos.y < 0 && b->vel.y<0, below = b->pos.y> H - BALL && b->vel.y > 0;

    if (above || below) {
        b->pos.y = above ? 0 : H - BALL;
        b->vel.y = -b->vel.y;
        b->spin *= -0.5f;
        burst(g, (hl_vec2){b->pos.x, above ? 0 : H}, 3, HL_WHITE);
        if (g->scene != TITLE) {
            hl_tone(t, HL_TRIANGLE, 220, 0.04f, 0.4f);
        }
    }
}

// By where the ball was a tick ago, too: a fast ball would be behind the paddle between two looks.
static void bounce_off_paddle(Game *g, hl_tick *t, Side side)
{
    Ball *b = &g->ball;
    const Paddle *p = &g->paddle[side];
    float face = side == LEFT ? PADDLE_X + PADDLE_W : W - PADDLE_X - PADDLE_W - BALL;
    bool crossed = side == LEFT ? b->before.x >= face && b->pos.x < face
                                : b->before.x <= face && b->pos.x > face;

    if (crossed && b->pos.y + BALL > p->y && b->pos.y < p->y + PADDLE_H) {
        b->pos.x = face;
        hit(g, t, side);
    }
}

static void point_for(Game *g, hl_tick *t, Side side)
{
    const Ball *b = &g->ball;

    burst(g, (hl_vec2){side == LEFT ? W - 2 : 2, b->pos.y}, 24, COLORS[side]);
    g->shake = 5;
    if (g->scene == TITLE) {
        serve(g, !side);
        return;
    }
    g->paddle[side].score++;
    hl_tone(t, HL_SAW, 110, 0.35f, 0.3f);
    if (g->paddle[side].score == WINS_AT) {
        g->winner = side;
        enter(g, WON);
        hl_log(t, "%s wins, %d to %d", side == LEFT ? "left" : "right", WINS_AT,
               g->paddle[!side].score);
        hl_play(t, "win.wav");
    } else {
        serve(g, !side);
    }
}

static void update_ball(Game *g, hl_tick *t)
{
    Ball *b = &g->ball;

    b->vel.y += b->spin * t->dt;
    b->pos.x += b->vel.x * t->dt;
    b->pos.y += b->vel.y * t->dt;
    bounce_off_walls(g, t);
    bounce_off_paddle(g, t, LEFT);
    bounce_off_paddle(g, t, RIGHT);
    if (b->pos.x < -BALL) {
        point_for(g, t, RIGHT);
    } else if (b->pos.x > W) {
        point_for(g, t, LEFT);
    }
}

// ---- the game

static void show_title(Game *g)
{
    g->scene = TITLE;
    serve(g, LEFT);
}

static void start(Game *g, hl_tick *t, int players)
{
    g->players = players;
    for (int side = LEFT; side <= RIGHT; side++) {
        g->paddle[side].score = 0;
        g->paddle[side].idle_s = 0;
    }
    g->scene = SERVE;
    serve(g, (Side)hl_rand_int(&g->rng, LEFT, RIGHT));
    hl_tone(t, HL_SQUARE, 523, 0.1f, 0.3f);
}

static bool go_pressed(const hl_tick *t)
{
    return hl_btnp(t, 0, HL_PAD_A) || hl_btnp(t, 0, HL_PAD_START);
}

// Two machines play behind the words; their serve waits like any other.
static void update_title(Game *g, hl_tick *t)
{
    bool up =
        hl_pressed(t, HL_KEY_UP) || hl_pressed(t, HL_KEY_W) || hl_pad_pressed(t, 0, HL_PAD_UP);
    bool down =
        hl_pressed(t, HL_KEY_DOWN) || hl_pressed(t, HL_KEY_S) || hl_pad_pressed(t, 0, HL_PAD_DOWN);

    if (up || down) {
        g->players = up ? 1 : 2;
        hl_tone(t, HL_TRIANGLE, up ? 500 : 400, 0.04f, 0.3f);
    }
    if (g->ball.vel.x == 0 && g->scene_s > SERVE_WAIT) {
        release_ball(g, t);
    }
    update_ball(g, t);
    if (hl_pressed(t, HL_KEY_1) || hl_pressed(t, HL_KEY_2)) {
        start(g, t, hl_pressed(t, HL_KEY_1) ? 1 : 2);
    } else if (go_pressed(t)) {
        start(g, t, g->players);
    }
}

static void init(Game *g, hl_tick *t)
{
    hl_seed(&g->rng, t->seed, 1);
    hl_seed(&g->effects_rng, t->seed, 2);
    g->players = 1;
    g->paddle[LEFT].y = g->paddle[RIGHT].y = (H - PADDLE_H) / 2.0f;
    HL_LOAD(t, "best-rally", int, &g->best_rally);
    show_title(g);
}

static void update(Game *g, hl_tick *t)
{
    g->scene_s += t->dt;
    g->ball.before = g->ball.pos;
    update_paddle(g, t, LEFT);
    update_paddle(g, t, RIGHT);
    update_effects(g, t->dt);
    switch (g->scene) {
    case TITLE:
        update_title(g, t);
        break;
    case SERVE:
        if (g->scene_s > SERVE_WAIT) {
            release_ball(g, t);
        }
        break;
    case RALLY:
        update_ball(g, t);
        break;
    case WON:
        if (t->tick % 20 == 0) {
            float x = hl_rand_float(&g->effects_rng, 40, W - 40);
            burst(g, (hl_vec2){x, hl_rand_float(&g->effects_rng, 20, H - 40)}, 16,
                  COLORS[g->winner]);
        }
        if (g->scene_s > 1 && go_pressed(t)) {
            show_title(g);
        }
        break;
    }
    HL_WATCH(t, g->best_rally);
}

// ---- drawing

static void centred(hl_canvas *c, float x, float y, float size, hl_color color, const char *text)
{
    hl_text(c, x - hl_text_width(c, size, text) / 2, y, size, color, "%s", text);
}

static hl_color lit(hl_color color, float white) // 0: the colour, 1: white
{
    hl_color out = 255;
    for (int shift = 8; shift < 32; shift += 8) {
        float part = (float)(color >> shift & 255u);
        out |= (hl_color)(part + (255 - part) * white) << shift;
    }
    return out;
}

static void draw_table(const Game *g, hl_canvas *c)
{
    for (int y = 4; y < H; y += 12) {
        hl_rect(c, W / 2.0f - 1, (float)y, 2, 6, LINE);
    }
    if (g->scene == TITLE) {
        return;
    }
    for (int side = LEFT; side <= RIGHT; side++) {
        float x = side == LEFT ? W * 0.36f : W * 0.64f;
        int score = g->paddle[side].score;
        const char digit[2] = {(char)('0' + score % 10), 0};
        bool just_scored = g->scene == SERVE && g->server != (Side)side && score > 0;
        float glow = just_scored ? clamped(1 - g->scene_s, 0, 1) : 0;
        centred(c, x, 12 - glow * 4, 40, hl_fade(lit(COLORS[side], glow), 0.45f + 0.5f * glow),
                digit);
    }
}

static void draw_ball(const Game *g, hl_canvas *c)
{
    const Ball *b = &g->ball;
    float a = hl_alpha(c);
    float heat = clamped((b->speed - SERVE_SPEED) / (TOP_SPEED - SERVE_SPEED + 1), 0, 1);
    hl_color color = hl_rgba(255, 240 - (int)(heat * 110), 160 - (int)(heat * 120), 255);

    for (int i = TRAIL - 1; i >= 0; i--) {
        float left = 1 - (float)i / TRAIL, size = BALL * (0.3f + 0.6f * left);
        float inset = (BALL - size) / 2;
        hl_rect(c, g->trail[i].x + inset, g->trail[i].y + inset, size, size,
                hl_fade(color, 0.35f * left * left));
    }
    bool blinks = g->scene == SERVE && (int)(g->scene_s * 8) % 2;
    if (!blinks && g->scene != WON) {
        hl_rect(c, b->before.x + (b->pos.x - b->before.x) * a,
                b->before.y + (b->pos.y - b->before.y) * a, BALL, BALL, color);
    }
}

static void draw_paddle(const Game *g, hl_canvas *c, Side side)
{
    const Paddle *p = &g->paddle[side];
    float y = p->y_before + (p->y - p->y_before) * hl_alpha(c);
    float push = p->flash * (side == LEFT ? -2 : 2),
          x = side == LEFT ? PADDLE_X : W - PADDLE_X - PADDLE_W;

    hl_rect(c, x + push - 2, y - 2, PADDLE_W + 4, PADDLE_H + 4,
            hl_fade(COLORS[side], p->flash * 0.5f));
    hl_rect(c, x + push, y, PADDLE_W, PADDLE_H, lit(COLORS[side], p->flash));
    if (g->scene != TITLE && g->players == 2 && machine_plays(g, side)) {
        centred(c, side == LEFT ? 60 : W - 60, H - 14, 8, 0xffffff80, "keys to join");
    }
}

static void draw_title(const Game *g, hl_canvas *c)
{
    static const char *const CHOICES[2] = {"1 player", "2 players"};

    hl_rect(c, 60, 26, W - 120, 128, 0x101822d0);
    centred(c, W / 2.0f, 36, 48, HL_WHITE, "PONG");
    for (int i = 0; i < 2; i++) {
        bool chosen = g->players == i + 1;
        centred(c, W / 2.0f, 92 + 14 * (float)i, 8, chosen ? HL_YELLOW : HL_GRAY, CHOICES[i]);
        if (chosen) {
            hl_rect(c, W / 2.0f - 52 + hl_sin(g->scene_s * 6) * 2, 94 + 14 * (float)i, 4, 4,
                    HL_YELLOW);
        }
    }
    centred(c, W / 2.0f, 126, 8, 0xffffffb0, "W S and arrows - Space");
    if (g->best_rally > 0) {
        hl_text(c, 112, 140, 8, 0xffffff80, "best rally %d", g->best_rally);
    }
}

static void draw_words(const Game *g, hl_canvas *c)
{
    static const char *const WINNERS[2] = {"LEFT WINS", "RIGHT WINS"};

    if (g->scene == TITLE) {
        draw_title(g, c);
    } else if (g->scene == WON) {
        centred(c, W / 2.0f, 76, 24, COLORS[g->winner], WINNERS[g->winner]);
        centred(c, W / 2.0f, 108, 8, HL_WHITE, "press Space");
    } else if (g->rally > 3) {
        hl_text(c, W / 2.0f - 44, H - 14, 8, g->new_best ? HL_YELLOW : HL_GRAY,
                g->new_best ? "best rally %d" : "rally %d", g->rally);
    }
}

static void draw(const Game *g, hl_canvas *c)
{
    hl_clear(c, TABLE);
    hl_camera(c, (hl_cam){.x = W / 2.0f + hl_sin(g->scene_s * 71) * g->shake,
                          .y = H / 2.0f + hl_sin(g->scene_s * 97) * g->shake});
    draw_table(g, c);
    draw_ball(g, c);
    draw_paddle(g, c, LEFT);
    draw_paddle(g, c, RIGHT);
    for (int i = 0; i < SPARKS; i++) {
        const Spark *s = &g->sparks[i];
        if (s->life > 0) {
            hl_rect(c, s->pos.x, s->pos.y, 2, 2, hl_fade(s->color, s->life * 3));
        }
    }
    hl_camera_off(c);
    draw_words(g, c);
}

HL_GAME(Game, init, update, draw, .title = "Pong", .width = W, .height = H);
