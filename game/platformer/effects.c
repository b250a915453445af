// Dust, sparkles and splinters: small squares that fly, fall and fade. Only for the eye, so they
// have a random number generator of their own, and nothing in the rules of the game asks them.
#include "platformer.h"

static const float SPARK_LIFE = 0.5f; // seconds

static void spark_add(Game *g, Spark spark)
{
    spark.full_life = spark.life;
    g->sparks[g->next_spark] = spark; // the oldest one makes room
    g->next_spark = (g->next_spark + 1) % SPARKS_MAX;
}

// In all directions.
void sparks_burst(Game *g, hl_vec2 at, int count, float speed, hl_color color)
{
    for (int i = 0; i < count; i++) {
        float angle = hl_rand_float(&g->effects_rng, 0, 6.2832f);
        float v = speed * hl_rand_float(&g->effects_rng, 0.4f, 1);
        spark_add(g, (Spark){.pos = at,
                             .vel = {hl_cos(angle) * v, hl_sin(angle) * v},
                             .life = SPARK_LIFE * hl_rand_float(&g->effects_rng, 0.6f, 1.2f),
                             .size = hl_rand_float(&g->effects_rng, 1, 3),
                             .fall = 160,
                             .color = color});
    }
}

// Low and to both sides, from under somebody's feet.
void sparks_dust(Game *g, hl_vec2 feet, int count)
{
    for (int i = 0; i < count; i++) {
        spark_add(g, (Spark){.pos = {feet.x + hl_rand_float(&g->effects_rng, -4, 4), feet.y - 1},
                             .vel = {hl_rand_float(&g->effects_rng, -40, 40),
                                     hl_rand_float(&g->effects_rng, -25, -5)},
                             .life = SPARK_LIFE * hl_rand_float(&g->effects_rng, 0.4f, 0.9f),
                             .size = hl_rand_float(&g->effects_rng, 1, 4),
                             .fall = -20,
                             .color = 0xf4ead8ff});
    }
}

void sparks_update(Game *g, float dt)
{
    for (int i = 0; i < SPARKS_MAX; i++) {
        Spark *s = &g->sparks[i];
        if (s->life > 0) {
            s->life -= dt;
            s->vel.y += s->fall * dt;
            s->pos.x += s->vel.x * dt;
            s->pos.y += s->vel.y * dt;
        }
    }
}

void sparks_draw(const Game *g, hl_canvas *c)
{
    for (int i = 0; i < SPARKS_MAX; i++) {
        const Spark *s = &g->sparks[i];
        if (s->life > 0) {
            float left = s->life / s->full_life, size = s->size * (0.4f + 0.6f * left);
            hl_rect(c, s->pos.x - size / 2, s->pos.y - size / 2, size, size,
                    hl_fade(s->color, left * 2));
        }
    }
}
