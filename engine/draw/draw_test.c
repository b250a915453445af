// Contents: helpers, shapes, camera and state, order and batches, sprites and images, meshes, text,
// limits and rubbish, hash and print, the font's compiler
#include "draw.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

// -------------------------------------------------------------------------------------- helpers

typedef struct Bench {
    DrawList draw;
    DrawTriangles out;
    Arena arena;
} Bench;

static int open_bench(void **state)
{
    Fault fault = {0};
    Bench *bench = calloc(1, sizeof(*bench));
    assert_non_null(bench);
    assert_true(draw_open(&bench->draw, &fault));
    assert_true(draw_triangles_open(&bench->out, &fault));
    assert_true(arena_open(&bench->arena, 0, 64 << 20, &fault));
    draw_reset(&bench->draw, 320, 180);
    *state = bench;
    return 0;
}

static int close_bench(void **state)
{
    Bench *bench = *state;
    draw_close(&bench->draw);
    draw_triangles_close(&bench->out);
    arena_close(&bench->arena);
    free(bench);
    return 0;
}

// Whatever was drawn: what a renderer is given must be sound.
static void triangulate(Bench *bench)
{
    DrawTriangles *out = &bench->out;
    draw_triangulate(&bench->draw, out);
    uint32_t next = 0;
    for (uint32_t i = 0; i < out->batch_count; i++) {
        assert_int_equal(out->batches[i].first_index, next);
        assert_true(out->batches[i].index_count > 0 && out->batches[i].index_count % 3 == 0);
        assert_true(out->batches[i].image < bench->draw.image_count);
        next += out->batches[i].index_count;
    }
    assert_int_equal(next, out->index_count);
    for (uint32_t i = 0; i < out->index_count; i++) {
        assert_true(out->indices[i] >= 0 && (uint32_t)out->indices[i] < out->vertex_count);
    }
    for (uint32_t i = 0; i < out->vertex_count; i++) {
        const DrawVertex *v = &out->vertices[i];
        assert_true(fabsf(v->x) <= 16777216.0f && fabsf(v->y) <= 16777216.0f);
        assert_true(v->u >= 0 && v->u <= 1 && v->v >= 0 && v->v <= 1);
    }
}

static void assert_near(float is, float wanted)
{
    if (!(fabsf(is - wanted) <= 1e-4f * (1 + fabsf(wanted)))) {
        fail_msg("is %.9g, wanted %.9g", (double)is, (double)wanted);
    }
}

static void assert_at(const Bench *bench, uint32_t vertex, float x, float y)
{
    assert_true(vertex < bench->out.vertex_count);
    assert_near(bench->out.vertices[vertex].x, x);
    assert_near(bench->out.vertices[vertex].y, y);
}

static void assert_uv(const Bench *bench, uint32_t vertex, float u, float v)
{
    assert_true(vertex < bench->out.vertex_count);
    assert_true(bench->out.vertices[vertex].u == u);
    assert_true(bench->out.vertices[vertex].v == v);
}

// Of all triangles together: what overlaps counts twice.
static double area(const Bench *bench)
{
    double sum = 0;
    for (uint32_t i = 0; i < bench->out.index_count; i += 3) {
        const DrawVertex *a = &bench->out.vertices[bench->out.indices[i]];
        const DrawVertex *b = &bench->out.vertices[bench->out.indices[i + 1]];
        const DrawVertex *c = &bench->out.vertices[bench->out.indices[i + 2]];
        double ux = (double)b->x - (double)a->x, uy = (double)b->y - (double)a->y;
        double vx = (double)c->x - (double)a->x, vy = (double)c->y - (double)a->y;
        sum += fabs(ux * vy - uy * vx) / 2;
    }
    return sum;
}

static uint32_t texel(const DrawImage *image, float u, float v)
{
    int x = (int)(u * (float)image->w), y = (int)(v * (float)image->h);
    assert_true(x >= 0 && x < image->w && y >= 0 && y < image->h);
    return image->pixels[y * image->w + x];
}

static const uint32_t some_pixels[64 * 64];

static uint32_t some_image(DrawList *draw, uint32_t key, int w, int h)
{
    return draw_image(
        draw, &(DrawImage){.key = key, .version = 1, .w = w, .h = h, .pixels = some_pixels});
}

// --------------------------------------------------------------------------------------- shapes

static void test_nothing_drawn(void **state)
{
    // Scenario: an empty list, and a list with the things that have no area.
    // Expect: no command, no triangle, nothing dropped.
    Bench *bench = *state;
    DrawList *draw = &bench->draw;
    draw_rect(draw, (hl_rectf){1, 2, 0, 4}, HL_RED);
    draw_rect(draw, (hl_rectf){1, 2, 3, -4}, HL_RED);
    draw_rect_line(draw, (hl_rectf){1, 2, -3, 4}, 1, HL_RED);
    draw_circle(draw, 1, 2, 0, HL_RED);
    draw_circle_line(draw, 1, 2, -1, 1, HL_RED);
    draw_text(draw, 1, 2, 8, HL_RED, "");
    draw_text(draw, 1, 2, 8, HL_RED, NULL);
    draw_mesh(draw, 0, NULL, 0, NULL, 0);
    draw_pixels(draw, some_pixels, 0, 4, (hl_rectf){0});
    draw_pixels(draw, NULL, 4, 4, (hl_rectf){0});
    triangulate(bench);
    assert_int_equal(draw->cmd_count, 0);
    assert_int_equal(draw->dropped, 0);
    assert_int_equal(bench->out.batch_count, 0);
    assert_int_equal(bench->out.vertex_count, 0);
    assert_false(bench->out.clears);
}

static void test_rect(void **state)
{
    // Scenario: one rectangle in canvas units.
    // Expect: its four corners in its colour, on a white opaque texel of image 0, two triangles.
    Bench *bench = *state;
    draw_rect(&bench->draw, (hl_rectf){10, 20, 30, 40}, 0x11223344u);
    triangulate(bench);
    assert_int_equal(bench->out.vertex_count, 4);
    assert_int_equal(bench->out.index_count, 6);
    assert_at(bench, 0, 10, 20);
    assert_at(bench, 1, 40, 20);
    assert_at(bench, 2, 40, 60);
    assert_at(bench, 3, 10, 60);
    assert_true(fabs(area(bench) - 1200) < 1e-3);
    const DrawVertex *v = &bench->out.vertices[2];
    assert_int_equal(v->r, 0x11);
    assert_int_equal(v->g, 0x22);
    assert_int_equal(v->b, 0x33);
    assert_int_equal(v->a, 0x44);
    assert_int_equal(bench->out.batches[0].image, 0);
    assert_int_equal(texel(draw_builtin_image(), v->u, v->v), HL_WHITE);
}

static void test_pixel_and_triangle(void **state)
{
    // Scenario: a pixel at 3, 4 and a triangle.
    // Expect: the square from 3, 4 to 4, 5; the three corners as given.
    Bench *bench = *state;
    draw_pixel(&bench->draw, 3, 4, HL_WHITE);
    draw_triangle(&bench->draw, (hl_vec2){1, 2}, (hl_vec2){5, 2}, (hl_vec2){1, 8}, HL_WHITE);
    triangulate(bench);
    assert_int_equal(bench->out.vertex_count, 7);
    assert_at(bench, 0, 3, 4);
    assert_at(bench, 2, 4, 5);
    assert_at(bench, 4, 1, 2);
    assert_at(bench, 5, 5, 2);
    assert_at(bench, 6, 1, 8);
    assert_true(fabs(area(bench) - 13) < 1e-3);
}

static void test_line(void **state)
{
    // Scenario: a line along the top row with thickness 0, and a slanted one of thickness 4.
    // Expect: a box that is exactly the row's pixels; length times thickness of area, centred on
    // the middle of the pixels at its ends.
    Bench *bench = *state;
    draw_line(&bench->draw, 0, 0, 9, 0, 0, HL_WHITE);
    triangulate(bench);
    assert_at(bench, 0, 0.5f, 0);
    assert_at(bench, 1, 9.5f, 0);
    assert_at(bench, 2, 9.5f, 1);
    assert_at(bench, 3, 0.5f, 1);
    draw_reset(&bench->draw, 320, 180);
    draw_line(&bench->draw, 10, 10, 13, 14, 4, HL_WHITE);
    triangulate(bench);
    assert_true(fabs(area(bench) - 20) < 1e-3);
    const DrawVertex *v = bench->out.vertices;
    assert_near((v[0].x + v[1].x + v[2].x + v[3].x) / 4, 12);
    assert_near((v[0].y + v[1].y + v[2].y + v[3].y) / 4, 12.5f);
    assert_near(hypotf(v[0].x - v[3].x, v[0].y - v[3].y), 4);
}

static void test_line_of_no_length(void **state)
{
    // Scenario: a line from a point to itself, of thickness 3.
    // Expect: a square dot of 3 x 3 around the pixel.
    Bench *bench = *state;
    draw_line(&bench->draw, 5, 7, 5, 7, 3, HL_WHITE);
    triangulate(bench);
    assert_at(bench, 0, 4, 6);
    assert_at(bench, 2, 7, 9);
    assert_true(fabs(area(bench) - 9) < 1e-3);
}

static void test_rect_line(void **state)
{
    // Scenario: frames of thickness 3, of thickness 0, and one thicker than the box.
    // Expect: exactly the area between outer and inner box (no corner twice), 1 for 0, and the
    // whole box.
    Bench *bench = *state;
    draw_rect_line(&bench->draw, (hl_rectf){10, 20, 30, 40}, 3, HL_WHITE);
    triangulate(bench);
    assert_true(fabs(area(bench) - (30 * 40 - 24 * 34)) < 1e-3);
    assert_at(bench, 0, 10, 20);
    assert_at(bench, 4, 13, 23);
    assert_at(bench, 6, 37, 57);
    draw_reset(&bench->draw, 320, 180);
    draw_rect_line(&bench->draw, (hl_rectf){10, 20, 30, 40}, 0, HL_WHITE);
    triangulate(bench);
    assert_true(fabs(area(bench) - (30 * 40 - 28 * 38)) < 1e-3);
    draw_reset(&bench->draw, 320, 180);
    draw_rect_line(&bench->draw, (hl_rectf){10, 20, 30, 40}, 15, HL_WHITE);
    triangulate(bench);
    assert_int_equal(bench->out.vertex_count, 4);
    assert_true(fabs(area(bench) - 1200) < 1e-3);
}

// How far the rim's chords lie inside the circle, at worst.
static float rim_error(const Bench *bench, float x, float y, float r)
{
    float worst = 0;
    uint32_t count = bench->out.vertex_count;
    for (uint32_t i = 0; i < count; i++) {
        const DrawVertex *a = &bench->out.vertices[i], *b = &bench->out.vertices[(i + 1) % count];
        float error = r - hypotf((a->x + b->x) / 2 - x, (a->y + b->y) / 2 - y);
        assert_true(fabsf(hypotf(a->x - x, a->y - y) - r) < 1e-3f * (1 + r));
        worst = error > worst ? error : worst;
    }
    return worst;
}

static void test_circle(void **state)
{
    // Scenario: circles from 0.5 to 20,000 units, and a small one under a camera that zooms 100x.
    // Expect: the rim is less than 0.25 px from the circle; small circles take few vertices.
    Bench *bench = *state;
    const float radii[] = {0.5f, 1, 3, 10, 100, 1000, 20000};
    for (size_t i = 0; i < COUNT_OF(radii); i++) {
        draw_reset(&bench->draw, 320, 180);
        draw_circle(&bench->draw, 50, 60, radii[i], HL_WHITE);
        triangulate(bench);
        assert_true(rim_error(bench, 50, 60, radii[i]) < 0.25f);
        assert_true(radii[i] > 10 || bench->out.vertex_count <= 16);
    }
    draw_reset(&bench->draw, 320, 180);
    draw_camera(&bench->draw, &(hl_cam){.zoom = 100, .angle = 1});
    draw_circle(&bench->draw, 0, 0, 3, HL_WHITE);
    triangulate(bench);
    assert_true(rim_error(bench, 160, 90, 300) < 0.25f);
}

static void test_circle_line(void **state)
{
    // Scenario: a ring of radius 50 and thickness 4, and one thicker than its radius.
    // Expect: the ring's area, once, and nothing outside r or inside r - 4; a whole circle.
    Bench *bench = *state;
    const double pi = 3.14159265;
    draw_circle_line(&bench->draw, 100, 90, 50, 4, HL_WHITE);
    triangulate(bench);
    assert_true(fabs(area(bench) - pi * (50 * 50 - 46 * 46)) < pi * 384 * 0.02);
    for (uint32_t i = 0; i < bench->out.vertex_count; i++) {
        const DrawVertex *v = &bench->out.vertices[i];
        assert_near(hypotf(v->x - 100, v->y - 90), i % 2 ? 46 : 50);
    }
    draw_reset(&bench->draw, 320, 180);
    draw_circle_line(&bench->draw, 100, 90, 50, 60, HL_WHITE);
    triangulate(bench);
    assert_true(fabs(area(bench) - pi * 2500) < pi * 2500 * 0.02);
}

static void test_pixels(void **state)
{
    // Scenario: a framebuffer of 2 x 2, changed by the game right after the call, drawn once with
    // its own size and once stretched.
    // Expect: the copy keeps what it was; whole image; w and h 0 are 2 x 2 units; streams numbered.
    Bench *bench = *state;
    uint32_t pixels[4] = {HL_RED, HL_GREEN, HL_BLUE, HL_WHITE};
    draw_pixels(&bench->draw, pixels, 2, 2, (hl_rectf){5, 6, 0, 0});
    pixels[0] = 0;
    draw_pixels(&bench->draw, pixels, 2, 2, (hl_rectf){5, 6, 20, 30});
    triangulate(bench);
    assert_int_equal(bench->draw.image_count, 3);
    assert_int_equal(bench->draw.images[1].key, DRAW_KEY_STREAM);
    assert_int_equal(bench->draw.images[2].key, DRAW_KEY_STREAM + 1);
    assert_int_equal(bench->draw.images[1].pixels[0], HL_RED);
    assert_int_equal(bench->draw.images[2].pixels[0], 0);
    assert_int_equal(bench->draw.images[2].pixels[3], HL_WHITE);
    assert_at(bench, 2, 7, 8);
    assert_uv(bench, 0, 0, 0);
    assert_uv(bench, 2, 1, 1);
    assert_at(bench, 6, 25, 36);
    assert_int_equal(bench->out.batch_count, 2);
}

// ----------------------------------------------------------------------------- camera and state

static void test_camera(void **state)
{
    // Scenario: a camera at 100, 50 with zoom 2; the same turned by a quarter; zoom 0.
    // Expect: its point in the canvas centre, lengths doubled, world turned clockwise; 0 is 1.
    Bench *bench = *state;
    DrawList *draw = &bench->draw;
    draw_camera(draw, &(hl_cam){100, 50, 2, 0});
    draw_rect(draw, (hl_rectf){100, 50, 10, 5}, HL_WHITE);
    draw_camera(draw, &(hl_cam){100, 50, 2, 1.57079633f});
    draw_rect(draw, (hl_rectf){100, 50, 10, 5}, HL_WHITE);
    draw_camera(draw, &(hl_cam){100, 50, 0, 0});
    draw_rect(draw, (hl_rectf){100, 50, 10, 5}, HL_WHITE);
    draw_camera(draw, NULL);
    draw_rect(draw, (hl_rectf){100, 50, 10, 5}, HL_WHITE);
    triangulate(bench);
    assert_at(bench, 0, 160, 90);
    assert_at(bench, 2, 180, 100);
    assert_at(bench, 4, 160, 90);
    assert_at(bench, 5, 160, 110); // to the right has become down
    assert_at(bench, 6, 150, 110);
    assert_at(bench, 10, 170, 95);
    assert_at(bench, 12, 100, 50);
    assert_int_equal(bench->out.batch_count, 1);
}

static void test_camera_far_away(void **state)
{
    // Scenario: camera and rectangle ten million units from the origin.
    // Expect: the rectangle is where it belongs on the canvas, to the unit.
    Bench *bench = *state;
    draw_camera(&bench->draw, &(hl_cam){1e7f, 1e7f, 3, 0});
    draw_rect(&bench->draw, (hl_rectf){1e7f + 4, 1e7f, 2, 2}, HL_WHITE);
    triangulate(bench);
    assert_at(bench, 0, 172, 90);
    assert_at(bench, 2, 178, 96);
}

static void test_state_is_shared(void **state)
{
    // Scenario: two cameras and two clips set in turn, a hundred times.
    // Expect: two entries of each beside the default.
    Bench *bench = *state;
    for (int i = 0; i < 100; i++) {
        draw_camera(&bench->draw, &(hl_cam){(float)(i % 2), 0, (float)(i % 2), 0});
        draw_camera(&bench->draw, NULL);
        draw_clip(&bench->draw, (hl_rectf){0, 0, 10 + (float)(i % 2), 10});
        draw_clip(&bench->draw, (hl_rectf){0});
    }
    assert_int_equal(bench->draw.camera_count, 3);
    assert_int_equal(bench->draw.clip_count, 3);
}

static void test_reset(void **state)
{
    // Scenario: all state set, something drawn, then a new frame.
    // Expect: an empty list of the new size with default state.
    Bench *bench = *state;
    DrawList *draw = &bench->draw;
    draw_camera(draw, &(hl_cam){1, 2, 3, 4});
    draw_clip(draw, (hl_rectf){1, 2, 3, 4});
    draw_layer(draw, 9);
    draw_blend(draw, HL_ADD);
    draw_text(draw, 0, 0, 0, HL_RED, "hello");
    draw_rect(draw, (hl_rectf){NAN, 0, 1, 1}, HL_RED);
    (void)some_image(draw, 1, 8, 8);
    draw_reset(draw, 64, 32);
    assert_int_equal(draw->cmd_count + draw->text_count + draw->dropped, 0);
    assert_int_equal(draw->image_count, 1);
    assert_int_equal(draw->camera_count, 1);
    assert_int_equal(draw->clip_count, 1);
    draw_rect(draw, (hl_rectf){0, 0, 1, 1}, HL_RED);
    assert_int_equal(draw->cmds[0].layer, 0);
    assert_int_equal(draw->cmds[0].blend, HL_ALPHA);
    assert_int_equal(draw->cmds[0].camera, 0);
    assert_int_equal(draw->cmds[0].clip, 0);
    assert_true(draw->width == 64 && draw->height == 32);
}

static void test_clear(void **state)
{
    // Scenario: shapes in layer -5, then a clear in layer 900 with a clip, then a shape in layer
    // -9. Expect: only the last shape; the background is the clear's colour whatever the state.
    Bench *bench = *state;
    DrawList *draw = &bench->draw;
    draw_layer(draw, -5);
    draw_rect(draw, (hl_rectf){0, 0, 1, 1}, HL_RED);
    draw_text(draw, 0, 0, 0, HL_RED, "gone");
    draw_layer(draw, 900);
    draw_clip(draw, (hl_rectf){1, 1, 2, 2});
    draw_clear(draw, 0x102030ffu);
    draw_layer(draw, -9);
    draw_rect(draw, (hl_rectf){7, 8, 1, 1}, HL_GREEN);
    triangulate(bench);
    assert_true(bench->out.clears);
    assert_int_equal(bench->out.clear_rgba, 0x102030ffu);
    assert_int_equal(draw->cmd_count, 2);
    assert_int_equal(draw->text_count, 0);
    assert_int_equal(bench->out.vertex_count, 4);
    assert_at(bench, 0, 7, 8);
}

// ---------------------------------------------------------------------------- order and batches

static void test_layers(void **state)
{
    // Scenario: six rectangles in layers 5 0 -3 5 0 -3, then one above the highest layer allowed.
    // Expect: sorted by layer, those of one layer in the order in which they were drawn.
    Bench *bench = *state;
    const int layers[] = {5, 0, -3, 5, 0, -3, 4000};
    const float expected[] = {2, 5, 1, 4, 0, 3, 6};
    draw_clear(&bench->draw, HL_BLACK);
    for (int i = 0; i < 7; i++) {
        draw_layer(&bench->draw, layers[i]);
        draw_rect(&bench->draw, (hl_rectf){(float)i, 0, 1, 1}, HL_WHITE);
    }
    triangulate(bench);
    assert_int_equal(bench->draw.cmds[7].layer, 1000);
    assert_int_equal(bench->out.vertex_count, 28);
    for (uint32_t i = 0; i < 7; i++) {
        assert_at(bench, i * 4, expected[i], 0);
    }
    draw_layer(&bench->draw, -70000);
    assert_int_equal(bench->draw.layer, -1000);
}

static void test_one_batch(void **state)
{
    // Scenario: every kind of shape and text, under two cameras and in two layers.
    // Expect: one batch, because they share image 0.
    Bench *bench = *state;
    DrawList *draw = &bench->draw;
    draw_clear(draw, HL_BLACK);
    draw_layer(draw, 1);
    draw_text(draw, 0, 0, 8, HL_RED, "text");
    draw_layer(draw, 0);
    draw_pixel(draw, 1, 1, HL_RED);
    draw_line(draw, 0, 0, 5, 5, 1, HL_RED);
    draw_rect(draw, (hl_rectf){0, 0, 1, 1}, HL_RED);
    draw_camera(draw, &(hl_cam){1, 2, 3, 4});
    draw_rect_line(draw, (hl_rectf){0, 0, 9, 9}, 1, HL_RED);
    draw_circle(draw, 0, 0, 1, HL_RED);
    draw_circle_line(draw, 0, 0, 5, 1, HL_RED);
    draw_triangle(draw, (hl_vec2){0, 0}, (hl_vec2){1, 0}, (hl_vec2){0, 1}, HL_RED);
    draw_mesh(draw, 0, (hl_vertex[3]){{.x = 1, .y = 0}, {.x = 2, .y = 0}, {.x = 0, .y = 3}}, 3,
              (uint16_t[]){0, 1, 2}, 3);
    triangulate(bench);
    assert_int_equal(draw->dropped, 0);
    assert_int_equal(bench->out.batch_count, 1);
}

static void test_batches(void **state)
{
    // Scenario: rectangles with another blend, another clip, and back; a sprite in between.
    // Expect: a batch each time image, blend or clip changes, with these values; clips are canvas
    // units under any camera.
    Bench *bench = *state;
    DrawList *draw = &bench->draw;
    const hl_rectf box = {0, 0, 4, 4};
    draw_rect(draw, box, HL_RED);
    draw_blend(draw, HL_ADD);
    draw_rect(draw, box, HL_RED);
    draw_rect(draw, box, HL_RED);
    draw_blend(draw, (hl_blend_mode)77); // no such mode: alpha
    draw_camera(draw, &(hl_cam){50, 50, 4, 1});
    draw_clip(draw, (hl_rectf){1, 2, 3, 4});
    draw_rect(draw, box, HL_RED);
    uint32_t image = some_image(draw, 9, 16, 16);
    draw_sprite(draw, image, 0, 0, (hl_spr){0});
    draw_clip(draw, (hl_rectf){0});
    draw_sprite(draw, image, 0, 0, (hl_spr){0});
    triangulate(bench);
    const DrawBatch *batch = bench->out.batches;
    assert_int_equal(bench->out.batch_count, 5);
    assert_true(batch[0].blend == HL_ALPHA && batch[0].image == 0 && batch[0].clip.w <= 0);
    assert_true(batch[1].blend == HL_ADD && batch[1].index_count == 12);
    assert_true(batch[2].blend == HL_ALPHA && batch[2].clip.x == 1 && batch[2].clip.y == 2);
    assert_true(batch[2].clip.w == 3 && batch[2].clip.h == 4);
    assert_true(batch[3].image == image && batch[3].clip.w == 3);
    assert_true(batch[4].image == image && batch[4].clip.w <= 0);
}

// --------------------------------------------------------------------------- sprites and images

static void test_sprite(void **state)
{
    // Scenario: a 32 x 16 image drawn with all defaults.
    // Expect: top left at x, y; its size in units; the whole image in white.
    Bench *bench = *state;
    uint32_t image = some_image(&bench->draw, 1, 32, 16);
    draw_sprite(&bench->draw, image, 10, 20, (hl_spr){0});
    triangulate(bench);
    assert_int_equal(bench->out.vertex_count, 4);
    assert_at(bench, 0, 10, 20);
    assert_at(bench, 1, 42, 20);
    assert_at(bench, 2, 42, 36);
    assert_at(bench, 3, 10, 36);
    assert_uv(bench, 0, 0, 0);
    assert_uv(bench, 2, 1, 1);
    assert_int_equal(bench->out.vertices[0].r, 255);
    assert_int_equal(bench->out.vertices[0].a, 255);
    assert_int_equal(bench->out.batches[0].image, image);
}

static void test_sprite_cells(void **state)
{
    // Scenario: a sheet of 4 x 2 cells of 16 x 16; frames 0, 5, 8 + 5, -1, and a cell too large.
    // Expect: row by row, wrapping around in both directions; the large cell is the whole image.
    Bench *bench = *state;
    uint32_t image = some_image(&bench->draw, 1, 64, 32);
    const int frames[] = {0, 5, 13, -1};
    const float expected[][2] = {{0, 0}, {0.25f, 0.5f}, {0.25f, 0.5f}, {0.75f, 0.5f}};
    for (size_t i = 0; i < COUNT_OF(frames); i++) {
        draw_sprite(&bench->draw, image, 0, 0, (hl_spr){.fw = 16, .fh = 16, .frame = frames[i]});
    }
    draw_sprite(&bench->draw, image, 0, 0, (hl_spr){.fw = 999, .fh = 999, .frame = 3});
    triangulate(bench);
    for (uint32_t i = 0; i < COUNT_OF(frames); i++) {
        assert_uv(bench, i * 4, expected[i][0], expected[i][1]);
        assert_uv(bench, i * 4 + 2, expected[i][0] + 0.25f, expected[i][1] + 0.5f);
        assert_at(bench, i * 4 + 2, 16, 16);
    }
    assert_uv(bench, 16, 0, 0);
    assert_uv(bench, 18, 1, 1);
}

static void test_sprite_texels_are_exact(void **state)
{
    // Scenario: sheets of every width up to 64, in cells of one texel.
    // Expect: the integer part of u * width is the cell, as SDL's software renderer computes it.
    Bench *bench = *state;
    for (int w = 1; w <= 64; w++) {
        draw_reset(&bench->draw, 320, 180);
        uint32_t image = some_image(&bench->draw, 1, w, 1);
        for (int i = 0; i < w; i++) {
            draw_sprite(&bench->draw, image, 0, 0, (hl_spr){.fw = 1, .frame = i});
        }
        triangulate(bench);
        for (int i = 0; i < w; i++) {
            const DrawVertex *v = &bench->out.vertices[i * 4];
            assert_int_equal((int)(v[0].u * (float)w), i);
            assert_int_equal((int)(v[1].u * (float)w), i + 1);
        }
    }
}

static void test_sprite_origin(void **state)
{
    // Scenario: a sprite with an origin, scaled; the same turned by a quarter.
    // Expect: the origin lands on x, y and is what it turns about, clockwise with y down.
    Bench *bench = *state;
    uint32_t image = some_image(&bench->draw, 1, 16, 8);
    hl_spr how = {.ox = 4, .oy = 2, .sx = 2, .sy = 3, .tint = 0x80402010u};
    draw_sprite(&bench->draw, image, 100, 50, how);
    how.angle = 1.57079633f;
    draw_sprite(&bench->draw, image, 100, 50, how);
    triangulate(bench);
    assert_at(bench, 0, 92, 44);
    assert_at(bench, 2, 124, 68);
    assert_at(bench, 4, 106, 42); // -8, -6 turned is 6, -8
    assert_at(bench, 5, 106, 74);
    assert_at(bench, 6, 82, 74);
    assert_int_equal(bench->out.vertices[0].r, 0x80);
    assert_int_equal(bench->out.vertices[0].a, 0x10);
}

static void test_sprite_flips(void **state)
{
    // Scenario: the second cell of a sheet, flipped both ways, with an origin; a negative scale.
    // Expect: the corners stay, the texels are exchanged within the cell; the scale mirrors about
    // the origin.
    Bench *bench = *state;
    uint32_t image = some_image(&bench->draw, 1, 32, 16);
    hl_spr how = {.fw = 16, .frame = 1, .ox = 4, .flip_x = true, .flip_y = true};
    draw_sprite(&bench->draw, image, 100, 50, how);
    draw_sprite(&bench->draw, image, 100, 50, (hl_spr){.ox = 4, .sx = -1});
    triangulate(bench);
    assert_at(bench, 0, 96, 50);
    assert_uv(bench, 0, 1, 1);
    assert_uv(bench, 2, 0.5f, 0);
    assert_at(bench, 4, 104, 50);
    assert_at(bench, 6, 72, 66);
}

static void test_sprite_under_camera(void **state)
{
    // Scenario: a centred sprite at the camera's point, zoom 3, world turned by a half.
    // Expect: it turns and grows about the canvas centre.
    Bench *bench = *state;
    uint32_t image = some_image(&bench->draw, 1, 8, 8);
    draw_camera(&bench->draw, &(hl_cam){500, 600, 3, 3.14159265f});
    draw_sprite(&bench->draw, image, 500, 600, (hl_spr){.ox = 4, .oy = 4});
    triangulate(bench);
    assert_at(bench, 0, 172, 102);
    assert_at(bench, 2, 148, 78);
}

static void test_image_again(void **state)
{
    // Scenario: a key, other keys (some that share its place in the table), the key again with a
    // newer version; then a new frame.
    // Expect: the same index, which shows the newer version; a new frame starts afresh.
    Bench *bench = *state;
    DrawList *draw = &bench->draw;
    uint32_t first = some_image(draw, 7, 8, 8);
    for (uint32_t i = 1; i < 500; i++) {
        assert_int_equal(some_image(draw, 7 + i * 2048, 8, 8), first + i);
    }
    DrawImage newer = {.key = 7, .version = 2, .w = 16, .h = 16, .pixels = some_pixels};
    assert_int_equal(draw_image(draw, &newer), first);
    assert_int_equal(draw->images[first].version, 2);
    assert_int_equal(draw->images[first].w, 16);
    assert_int_equal(draw->image_count, 501);
    draw_reset(draw, 320, 180);
    assert_int_equal(some_image(draw, 8, 8, 8), 1);
}

static void test_images_full(void **state)
{
    // Scenario: one image more than there is room for, its sprite, and a framebuffer.
    // Expect: index 0 for it, both dropped and counted; a key entered before is still found.
    Bench *bench = *state;
    DrawList *draw = &bench->draw;
    for (uint32_t i = 1; i < DRAW_IMAGES_MAX; i++) {
        assert_int_equal(some_image(draw, i, 8, 8), i);
    }
    assert_int_equal(some_image(draw, DRAW_IMAGES_MAX, 8, 8), 0);
    draw_sprite(draw, 0, 0, 0, (hl_spr){0});
    draw_pixels(draw, some_pixels, 2, 2, (hl_rectf){0});
    assert_int_equal(draw->dropped, 2);
    assert_int_equal(draw->cmd_count, 0);
    assert_int_equal(some_image(draw, 500, 8, 8), 500);
}

static void test_bad_images(void **state)
{
    // Scenario: images without pixels or size; sprites and meshes of indices that do not exist.
    // Expect: index 0; dropped and counted.
    Bench *bench = *state;
    DrawList *draw = &bench->draw;
    assert_int_equal(draw_image(draw, &(DrawImage){.key = 1, .w = 8, .h = 8}), 0);
    assert_int_equal(some_image(draw, 1, 0, 8), 0);
    assert_int_equal(some_image(draw, 1, 8, -1), 0);
    draw_sprite(draw, 1, 0, 0, (hl_spr){0});
    draw_mesh(draw, 1, (hl_vertex[3]){{0}}, 3, (uint16_t[]){0, 1, 2}, 3);
    assert_int_equal(draw->dropped, 2);
    assert_int_equal(draw->image_count, 1);
    triangulate(bench);
}

// --------------------------------------------------------------------------------------- meshes

static void test_mesh(void **state)
{
    // Scenario: a quad with its own colours on an image, one uv outside, after another shape; the
    // same on image 0.
    // Expect: vertices as given with uv clamped, indices behind the shape's; plain colours use the
    // white texel.
    Bench *bench = *state;
    DrawList *draw = &bench->draw;
    const hl_vertex v[4] = {{1, 2, 0, 0, HL_RED},
                            {3, 2, 0.5f, 0, HL_GREEN},
                            {3, 4, 7, 1, HL_BLUE},
                            {1, 4, -1, 1, HL_WHITE}};
    const uint16_t indices[6] = {0, 1, 2, 2, 3, 0};
    draw_rect(draw, (hl_rectf){0, 0, 1, 1}, HL_WHITE);
    draw_mesh(draw, some_image(draw, 1, 8, 8), v, 4, indices, 6);
    draw_mesh(draw, 0, v, 4, indices, 6);
    triangulate(bench);
    assert_int_equal(bench->out.vertex_count, 12);
    assert_at(bench, 4, 1, 2);
    assert_uv(bench, 5, 0.5f, 0);
    assert_uv(bench, 6, 1, 1);
    assert_uv(bench, 7, 0, 1);
    assert_int_equal(bench->out.vertices[5].g, 0xd0);
    for (int i = 0; i < 6; i++) {
        assert_int_equal(bench->out.indices[6 + i], 4 + indices[i]);
    }
    const DrawVertex *plain = &bench->out.vertices[9];
    assert_int_equal(texel(draw_builtin_image(), plain->u, plain->v), HL_WHITE);
    assert_int_equal(bench->out.batch_count, 3);
}

static void test_bad_meshes(void **state)
{
    // Scenario: an index that is the vertex count, an index without vertices, two and a third
    // triangles, a vertex that is no number, more vertices than the limit.
    // Expect: each dropped and counted, none of it in the list, the vertices too many never read.
    Bench *bench = *state;
    DrawList *draw = &bench->draw;
    hl_vertex v[3] = {{0}};
    draw_mesh(draw, 0, v, 3, (uint16_t[]){0, 1, 3}, 3);
    draw_mesh(draw, 0, NULL, 0, (uint16_t[]){0, 0, 0}, 3);
    draw_mesh(draw, 0, v, 3, (uint16_t[]){0, 1, 2, 0}, 4);
    draw_mesh(draw, 0, v, DRAW_VERTICES_MAX + 1, (uint16_t[]){0, 1, 2}, 3);
    draw_mesh(draw, 0, v, 3, (uint16_t[]){0, 1, 2}, DRAW_INDICES_MAX + 3);
    v[2].v = INFINITY;
    draw_mesh(draw, 0, v, 3, (uint16_t[]){0, 1, 2}, 3);
    assert_int_equal(draw->dropped, 6);
    assert_int_equal(draw->cmd_count + draw->vertex_count + draw->index_count, 0);
}

// ----------------------------------------------------------------------------------------- text

static void test_text(void **state)
{
    // Scenario: "A b" and a second line, 16 high, as text in green.
    // Expect: a quad a visible glyph, 16 apart, the space and the newline only move; the texels of
    // 'A' are as drawn in assets/font8x8.txt.
    Bench *bench = *state;
    static const char *const letter[] = {"..####..", ".##..##.", ".##..##.", ".######.",
                                         ".##..##.", ".##..##.", ".##..##.", "........"};
    draw_text(&bench->draw, 10, 20, 16, HL_GREEN, "A b\nc");
    triangulate(bench);
    assert_int_equal(bench->out.vertex_count, 12);
    assert_at(bench, 0, 10, 20);
    assert_at(bench, 2, 26, 36);
    assert_at(bench, 4, 42, 20);
    assert_at(bench, 8, 10, 36);
    assert_int_equal(bench->out.vertices[0].g, 0xd0);
    const DrawVertex *from = &bench->out.vertices[0], *to = &bench->out.vertices[2];
    for (int y = 0; y < 8; y++) {
        for (int x = 0; x < 8; x++) {
            float u = from->u + (to->u - from->u) * ((float)x + 0.5f) / 8;
            float v = from->v + (to->v - from->v) * ((float)y + 0.5f) / 8;
            uint32_t expected = letter[y][x] == '#' ? 0xffffffffu : 0xffffff00u;
            assert_int_equal(texel(draw_builtin_image(), u, v), expected);
        }
    }
}

static void test_glyphs_differ(void **state)
{
    // Scenario: every printable character but the space, and one that the font lacks.
    // Expect: no two look the same, none is empty, and each has empty texels around it.
    Bench *bench = *state;
    const DrawImage *font = draw_builtin_image();
    uint64_t seen[96] = {0};
    for (uint32_t c = 0; c < 95; c++) {
        char text[] = {(char)(0x21 + c), '\0'}; // 0x7f is the one it lacks
        draw_reset(&bench->draw, 320, 180);
        draw_text(&bench->draw, 0, 0, 8, HL_WHITE, text);
        triangulate(bench);
        int left = (int)(bench->out.vertices[0].u * (float)font->w);
        int top = (int)(bench->out.vertices[0].v * (float)font->h);
        for (int y = -1; y < 9; y++) {
            for (int x = -1; x < 9; x++) {
                bool set = (font->pixels[(top + y) * font->w + left + x] & 255) != 0;
                bool inside = x >= 0 && x < 8 && y >= 0 && y < 8;
                assert_true(inside || !set);
                seen[c] |= inside && set ? 1ull << (y * 8 + x) : 0;
            }
        }
        assert_true(seen[c] != 0);
        for (uint32_t other = 0; other < c; other++) {
            assert_true(seen[other] != seen[c]);
        }
    }
}

static void test_text_utf8(void **state)
{
    // Scenario: an umlaut, an emoji, a byte that is not UTF-8 and a control character.
    // Expect: one box each, the same for all, one cell apart; width counts the same cells.
    Bench *bench = *state;
    const char *text = "\xc3\xbc\xf0\x9f\x8e\xae\xff\x01";
    draw_text(&bench->draw, 0, 0, 0, HL_WHITE, text);
    triangulate(bench);
    assert_int_equal(bench->out.vertex_count, 16);
    for (uint32_t i = 0; i < 4; i++) {
        assert_at(bench, i * 4, (float)i * 8, 0);
        assert_uv(bench, i * 4, bench->out.vertices[0].u, bench->out.vertices[0].v);
    }
    assert_near(draw_text_width(8, text), 32);
}

static void test_text_width(void **state)
{
    // Scenario: lines of 3, 5 and 0 characters at several sizes; no text at all.
    // Expect: the widest line; sizes that are none count as 8.
    (void)state;
    assert_near(draw_text_width(8, "abc\nhello\n"), 40);
    assert_near(draw_text_width(20, "abc\nhello\n"), 100);
    assert_near(draw_text_width(0, "abc"), 24);
    assert_near(draw_text_width(-4, "abc"), 24);
    assert_near(draw_text_width(NAN, "abc"), 24);
    assert_near(draw_text_width(INFINITY, "abc"), 24);
    assert_near(draw_text_width(8, ""), 0);
    assert_near(draw_text_width(8, NULL), 0);
}

// --------------------------------------------------------------------------- limits and rubbish

static void test_not_finite(void **state)
{
    // Scenario: every kind of command with a coordinate that is infinite or no number.
    // Expect: each dropped and counted, nothing in the list.
    Bench *bench = *state;
    DrawList *draw = &bench->draw;
    const float bad[] = {NAN, INFINITY, -INFINITY};
    uint32_t image = some_image(draw, 1, 8, 8);
    for (uint32_t i = 0; i < 3; i++) {
        float b = bad[i];
        draw->dropped = 0;
        draw_pixel(draw, b, 0, HL_RED);
        draw_line(draw, 0, 0, 1, b, 1, HL_RED);
        draw_line(draw, 0, 0, 1, 1, NAN, HL_RED);
        draw_rect(draw, (hl_rectf){0, b, 1, 1}, HL_RED);
        draw_rect_line(draw, (hl_rectf){b, 0, 1, 1}, 1, HL_RED);
        draw_circle(draw, b, 0, 1, HL_RED);
        draw_circle_line(draw, 0, b, 1, 1, HL_RED);
        draw_triangle(draw, (hl_vec2){0, 0}, (hl_vec2){0, 0}, (hl_vec2){0, b}, HL_RED);
        draw_sprite(draw, image, b, 0, (hl_spr){0});
        draw_sprite(draw, image, 0, 0, (hl_spr){.angle = b});
        draw_sprite(draw, image, 0, 0, (hl_spr){.fw = b});
        draw_text(draw, b, 0, 8, HL_RED, "x");
        draw_pixels(draw, some_pixels, 2, 2, (hl_rectf){b, 0, 1, 1});
        assert_int_equal(draw->dropped, 13);
    }
    draw_rect(draw, (hl_rectf){0, 0, NAN, 1}, HL_RED);
    draw_circle(draw, 0, 0, NAN, HL_RED);
    draw_text(draw, 0, 0, NAN, HL_RED, "x");
    assert_int_equal(draw->dropped, 16);
    assert_int_equal(draw->cmd_count + draw->sprite_count + draw->text_count, 0);
    assert_int_equal(draw->pixel_count, 0);
    triangulate(bench);
    assert_int_equal(bench->out.vertex_count, 0);
}

static void test_state_not_finite(void **state)
{
    // Scenario: a camera, then a clip, that is no number, each with a shape, and then good ones.
    // Expect: what would be drawn through it is dropped and counted; after that all is well.
    Bench *bench = *state;
    DrawList *draw = &bench->draw;
    draw_camera(draw, &(hl_cam){NAN, 0, 1, 0});
    draw_rect(draw, (hl_rectf){0, 0, 1, 1}, HL_RED);
    draw_camera(draw, NULL);
    draw_clip(draw, (hl_rectf){0, 0, INFINITY, 1});
    draw_rect(draw, (hl_rectf){0, 0, 1, 1}, HL_RED);
    assert_int_equal(draw->dropped, 2);
    draw_clip(draw, (hl_rectf){0});
    draw_rect(draw, (hl_rectf){0, 0, 1, 1}, HL_RED);
    assert_int_equal(draw->dropped, 2);
    assert_int_equal(draw->cmd_count, 1);
}

static void test_huge_numbers(void **state)
{
    // Scenario: finite coordinates, cameras and scales whose products are not.
    // Expect: every vertex is finite and within bounds (triangulate() looks), nothing stops.
    Bench *bench = *state;
    DrawList *draw = &bench->draw;
    uint32_t image = some_image(draw, 1, 8, 8);
    const float big = 3e38f;
    draw_camera(draw, &(hl_cam){-big, big, big, big});
    for (int i = 0; i < 2; i++) {
        draw_pixel(draw, big, -big, HL_RED);
        draw_line(draw, -big, -big, big, big, big, HL_RED);
        draw_rect(draw, (hl_rectf){-big, -big, big, big}, HL_RED);
        draw_rect_line(draw, (hl_rectf){-big, -big, big, big}, 1e30f, HL_RED);
        draw_circle(draw, 0, 0, big, HL_RED);
        draw_circle_line(draw, big, 0, big, 1e30f, HL_RED);
        draw_sprite(draw, image, big, big, (hl_spr){.sx = big, .ox = -big, .angle = big});
        draw_text(draw, big, big, big, HL_RED, "xyz\nw");
        draw_camera(draw, NULL);
    }
    triangulate(bench);
    assert_int_equal(draw->dropped, 0);
    assert_int_equal(bench->out.dropped, 0);
}

static void test_commands_full(void **state)
{
    // Scenario: more rectangles than DRAW_CMDS_MAX, twice with a reset in between.
    // Expect: the limit is kept, the rest counted; all kept ones become triangles; the second
    // frame is like the first.
    Bench *bench = *state;
    for (int frame = 0; frame < 2; frame++) {
        draw_reset(&bench->draw, 320, 180);
        for (int i = 0; i < DRAW_CMDS_MAX + 1000; i++) {
            draw_rect(&bench->draw, (hl_rectf){(float)(i % 320), 0, 1, 1}, HL_RED);
        }
        assert_int_equal(bench->draw.cmd_count, DRAW_CMDS_MAX);
        assert_int_equal(bench->draw.dropped, 1000);
        draw_triangulate(&bench->draw, &bench->out);
        assert_int_equal(bench->out.vertex_count, DRAW_CMDS_MAX * 4);
        assert_int_equal(bench->out.dropped, 0);
    }
}

static void test_triangles_full(void **state)
{
    // Scenario: circles of 4,096 vertices until there is no room for more, then a rectangle.
    // Expect: whole circles are left out and counted, never out of bounds; the list itself is fine.
    Bench *bench = *state;
    const uint32_t circles = DRAW_TRIANGLE_VERTICES_MAX / 4096 + 20;
    for (uint32_t i = 0; i < circles; i++) {
        draw_circle(&bench->draw, 0, 0, 1e7f, HL_RED);
    }
    triangulate(bench);
    assert_int_equal(bench->draw.dropped, 0);
    assert_int_equal(bench->out.dropped, 20);
    assert_int_equal(bench->out.vertex_count, DRAW_TRIANGLE_VERTICES_MAX);
    draw_reset(&bench->draw, 320, 180);
    draw_rect(&bench->draw, (hl_rectf){0, 0, 1, 1}, HL_RED);
    triangulate(bench);
    assert_int_equal(bench->out.dropped, 0);
    assert_int_equal(bench->out.vertex_count, 4);
}

static void test_state_full(void **state)
{
    // Scenario: more different cameras and clips than there is room for, a rectangle under each.
    // Expect: those under one too many are dropped and counted; one that was entered works again.
    Bench *bench = *state;
    DrawList *draw = &bench->draw;
    const hl_rectf box = {0, 0, 1, 1};
    for (int i = 1; i <= DRAW_CAMERAS_MAX; i++) {
        draw_camera(draw, &(hl_cam){(float)i, 0, 1, 0});
        draw_rect(draw, box, HL_RED);
    }
    assert_int_equal(draw->camera_count, DRAW_CAMERAS_MAX);
    assert_int_equal(draw->dropped, 1);
    draw_camera(draw, &(hl_cam){5, 0, 1, 0});
    for (int i = 1; i <= DRAW_CLIPS_MAX; i++) {
        draw_clip(draw, (hl_rectf){0, 0, (float)i, 1});
        draw_rect(draw, box, HL_RED);
    }
    assert_int_equal(draw->clip_count, DRAW_CLIPS_MAX);
    assert_int_equal(draw->dropped, 2);
    draw_clip(draw, (hl_rectf){0});
    draw_rect(draw, box, HL_RED);
    assert_int_equal(draw->dropped, 2);
    triangulate(bench);
}

static void test_text_and_pixels_full(void **state)
{
    // Scenario: a text of a quarter of the limit five times, framebuffers of a quarter of theirs.
    // Expect: three and four fit (each text has its 0 byte), the others are dropped and counted.
    Bench *bench = *state;
    DrawList *draw = &bench->draw;
    size_t text_bytes = DRAW_TEXT_MAX / 4, pixel_count = DRAW_PIXELS_MAX / 4;
    char *text = malloc(text_bytes + 1);
    uint32_t *pixels = calloc(pixel_count, sizeof(*pixels));
    assert_true(text && pixels);
    memset(text, 'x', text_bytes);
    text[text_bytes] = '\0';
    for (int i = 0; i < 5; i++) {
        draw_text(draw, 0, 0, 8, HL_RED, text);
        draw_pixels(draw, pixels, 2048, (int)(pixel_count / 2048), (hl_rectf){0});
    }
    free(text);
    free(pixels);
    assert_int_equal(draw->cmd_count, 3 + 4);
    assert_int_equal(draw->dropped, 2 + 1);
    draw_pixels(draw, some_pixels, INT32_MAX, INT32_MAX, (hl_rectf){0});
    assert_int_equal(draw->dropped, 4);
    draw_triangulate(draw, &bench->out);
    // One text of 262,144 glyphs and a frame leave no room for another text.
    assert_int_equal(bench->out.dropped, 2);
}

static void test_close_zeroed(void **state)
{
    // Scenario: closing structs that were never opened, and closing twice.
    // Expect: nothing happens.
    (void)state;
    DrawList *draw = calloc(1, sizeof(*draw));
    DrawTriangles out = {0};
    assert_non_null(draw);
    draw_close(draw);
    draw_close(draw);
    draw_triangles_close(&out);
    draw_triangles_close(&out);
    assert_null(draw->cmds);
    free(draw);
}

// ------------------------------------------------------------------------------- hash and print

// One of everything. Value number `change` is other than usual; -1: none. Counts the values.
static uint64_t picture(Bench *bench, int change, int *count)
{
    DrawList *draw = &bench->draw;
    int at = 0;
#define OR(usual, other) (at++ == change ? (other) : (usual)) // one a statement
    draw_reset(draw, OR(320.0f, 321.0f), 180);
    draw_clear(draw, OR(HL_BLACK, HL_WHITE));
    draw_layer(draw, OR(3, 4));
    draw_pixel(draw, 1, OR(2.0f, 3.0f), HL_RED);
    draw_line(draw, 1, 2, 3, 4, OR(1.0f, 2.0f), HL_RED);
    draw_blend(draw, OR(HL_ADD, HL_NONE));
    draw_rect(draw, (hl_rectf){1, 2, 3, OR(4.0f, 5.0f)}, HL_RED);
    draw_camera(draw, &(hl_cam){1, 2, 3, OR(0.0f, 1.0f)});
    draw_circle(draw, 1, 2, OR(3.0f, 4.0f), HL_RED);
    draw_clip(draw, (hl_rectf){1, 2, OR(3.0f, 4.0f), 4});
    draw_text(draw, 1, 2, 8, HL_RED, OR("score", "scare"));
    uint32_t image = some_image(draw, OR(5u, 6u), 16, 16);
    uint32_t wider = some_image(draw, 9, OR(16, 32), 16);
    draw_sprite(draw, image, 1, OR(2.0f, 3.0f), (hl_spr){.ox = 1});
    draw_sprite(draw, wider, 1, 2, (hl_spr){.fw = 8, .frame = OR(0, 1)});
    draw_sprite(draw, image, 1, 2, (hl_spr){.fw = 8, .flip_y = OR(false, true)});
    draw_sprite(draw, image, 1, 2, (hl_spr){.tint = OR(0u, HL_RED)});
    hl_vertex v[3] = {{0}};
    v[0].u = OR(0.0f, 1.0f);
    v[2].color = OR(HL_RED, HL_BLUE);
    draw_mesh(draw, OR(image, 0u), v, 3, (uint16_t[]){0, 1, 2}, 3);
    draw_mesh(draw, 0, v, 3, (uint16_t[]){0, 1, OR(2, 1)}, 3);
    draw_pixels(draw, (uint32_t[]){1, OR(2u, 3u)}, 2, 1, (hl_rectf){0});
    draw_triangle(draw, (hl_vec2){0, 0}, (hl_vec2){1, OR(0.0f, 2.0f)}, (hl_vec2){0, 1}, HL_RED);
    draw_rect_line(draw, (hl_rectf){OR(0.0f, 1.0f), 0, 9, 9}, 1, HL_RED);
    draw_circle_line(draw, 1, 1, 5, 1, OR(HL_RED, HL_GREEN));
#undef OR
    assert_int_equal(draw->dropped, 0);
    *count = at;
    return draw_hash(draw);
}

static void test_hash_is_sensitive(void **state)
{
    // Scenario: a picture with one of everything, and the same with one value changed, for each of
    // the values.
    // Expect: the same picture gives the same number; all the changed ones differ from all others.
    Bench *bench = *state;
    int count = 0;
    uint64_t hashes[64] = {picture(bench, -1, &count)};
    assert_true(hashes[0] == picture(bench, -1, &count));
    assert_true(count > 20 && count < 64);
    for (int change = 0; change < count; change++) {
        hashes[change + 1] = picture(bench, change, &count);
        for (int i = 0; i <= change; i++) {
            assert_true(hashes[i] != hashes[change + 1]);
        }
    }
}

static void test_hash_is_canonical(void **state)
{
    // Scenario: the same picture with other entries beside it: cameras, clips and images that no
    // command uses, other texels, -0 for 0, a framebuffer dropped by the clear, rubbish before.
    // Expect: the same number.
    Bench *bench = *state;
    DrawList *draw = &bench->draw;
    uint64_t hashes[2];
    for (int i = 0; i < 2; i++) {
        draw_reset(draw, 320, 180);
        if (i == 1) {
            draw_camera(draw, &(hl_cam){9, 9, 9, 9});
            draw_clip(draw, (hl_rectf){9, 9, 9, 9});
            (void)some_image(draw, 77, 4, 4);
            draw_pixels(draw, some_pixels, 8, 8, (hl_rectf){0});
            draw_camera(draw, NULL);
            draw_clip(draw, (hl_rectf){0});
        }
        draw_clear(draw, HL_BLACK);
        draw_camera(draw, &(hl_cam){1, 2, i == 0 ? 0.0f : 1.0f, i == 0 ? 0.0f : -0.0f});
        draw_clip(draw, (hl_rectf){0, 0, 5, 5});
        draw_rect(draw, (hl_rectf){i == 0 ? 0.0f : -0.0f, 0, 1, 1}, HL_RED);
        uint32_t image = some_image(draw, 5, 16, 16);
        draw_sprite(draw, image, 0, 0, (hl_spr){.sx = i == 0 ? 0.0f : 1.0f});
        draw_pixels(draw, some_pixels, 2, 2, (hl_rectf){0});
        hashes[i] = draw_hash(draw);
    }
    assert_true(hashes[0] == hashes[1]);
}

static void test_hash_number(void **state)
{
    // Scenario: a small fixed picture.
    // Expect: the number that it had when this was written: stored replays depend on it.
    Bench *bench = *state;
    draw_clear(&bench->draw, HL_BLACK);
    draw_rect(&bench->draw, (hl_rectf){10, 20, 30.5f, 40}, HL_RED);
    draw_text(&bench->draw, 4, 4, 8, HL_WHITE, "score 10");
    assert_true(draw_hash(&bench->draw) == 0x195aa9692b718ccaull);
}

static void test_print(void **state)
{
    // Scenario: a picture with state, a sprite, a mesh, a framebuffer and a text with an escape
    // sequence in it.
    // Expect: one line a command with its values; the escape is harmless.
    Bench *bench = *state;
    DrawList *draw = &bench->draw;
    draw_clear(draw, HL_BLACK);
    draw_rect(draw, (hl_rectf){10, 20, 30.5f, 40}, HL_RED);
    draw_layer(draw, -2);
    draw_blend(draw, HL_ADD);
    draw_camera(draw, &(hl_cam){1, 2, 0, 0.5f});
    draw_clip(draw, (hl_rectf){3, 4, 5, 6});
    draw_text(draw, 4, 5, 0, HL_WHITE, "a\x1b[2J\n\"b\"");
    draw_layer(draw, 0);
    draw_blend(draw, HL_ALPHA);
    draw_camera(draw, NULL);
    draw_clip(draw, (hl_rectf){0});
    uint32_t image = some_image(draw, 5, 32, 16);
    draw_sprite(draw, image, 7, 8, (hl_spr){.fw = 16, .frame = 1, .flip_x = true});
    draw_mesh(draw, image, (hl_vertex[3]){{0}}, 3, (uint16_t[]){0, 1, 2}, 3);
    draw_pixels(draw, some_pixels, 2, 3, (hl_rectf){1, 1, 0, 0});
    draw_line(draw, 0, 0, NAN, 0, 1, HL_RED);
    (void)arena_push(&bench->arena, 3, 1, 1);
    assert_string_equal(draw_print(draw, &bench->arena),
                        "canvas 320x180, 6 commands, 1 dropped\n"
                        "clear #000000ff\n"
                        "rect 10 20 30.5 40 #ff4040ff\n"
                        "text 4 5 8 \"a?[2J?\"b\"\" #ffffffff layer -2 blend add camera 1 2 1 0.5 "
                        "clip 3 4 5 6\n"
                        "sprite 7 8 source 16 0 16 16 origin 0 0 scale 1 1 angle 0 flip_x "
                        "#ffffffff image 5 of 32x16\n"
                        "mesh 3 vertices 3 indices image 5 of 32x16\n"
                        "pixels 1 1 2 3 #ffffffff stream 0 of 2x3\n");
}

static void test_print_without_room(void **state)
{
    // Scenario: a long list into an arena of one page, and into one that is full.
    // Expect: what fits, ended properly; an empty text.
    Bench *bench = *state;
    Arena small = {0};
    Fault fault;
    assert_true(arena_open(&small, 0, PAGE_BYTES, &fault));
    for (int i = 0; i < 1000; i++) {
        draw_rect(&bench->draw, (hl_rectf){1, 2, 3, 4}, HL_RED);
    }
    const char *text = draw_print(&bench->draw, &small);
    assert_true(strlen(text) > 3000 && strlen(text) < PAGE_BYTES);
    assert_true(strncmp(text, "canvas 320x180, 1000 commands", 29) == 0);
    arena_reset(&small, 0);
    (void)arena_push(&small, PAGE_BYTES, 1, 1);
    assert_string_equal(draw_print(&bench->draw, &small), "");
    arena_close(&small);
}

// --------------------------------------------------------------------------- the font's compiler

// Runs fontc on the repo's font with the first `from` replaced by `to` (NULL: as it is), gives its
// messages and returns its exit status.
static int run_fontc(const char *from, const char *to, char *said, size_t said_bytes)
{
    char folder[] = "/tmp/draw_test_XXXXXX", path[256], command[512];
    static char font[1 << 16];
    assert_non_null(mkdtemp(folder));
    FILE *file = fopen(TEST_SOURCE_DIR "/assets/font8x8.txt", "r");
    assert_non_null(file);
    font[fread(font, 1, sizeof(font) - 1, file)] = '\0';
    fclose(file);
    (void)snprintf(path, sizeof(path), "%s/font.txt", folder);
    file = fopen(path, "w");
    assert_non_null(file);
    char *at = from ? strstr(font, from) : font + strlen(font);
    assert_non_null(at);
    fprintf(file, "%.*s%s%s", (int)(at - font), font, from ? to : "",
            at + (from ? strlen(from) : 0));
    fclose(file);
    (void)snprintf(command, sizeof(command), "cd %s && '%s/fontc' font.txt font.h 2>&1", folder,
                   TEST_BUILD_DIR);
    file = popen(command, "r");
    assert_non_null(file);
    said[fread(said, 1, said_bytes - 1, file)] = '\0';
    int status = pclose(file);
    unlink(path);
    (void)snprintf(path, sizeof(path), "%s/font.h", folder);
    struct stat info;
    bool written = stat(path, &info) == 0;
    unlink(path);
    assert_int_equal(rmdir(folder), 0);
    assert_true(WIFEXITED(status));
    assert_int_equal(written, WEXITSTATUS(status) == 0);
    return WEXITSTATUS(status);
}

static void test_fontc(void **state)
{
    // Scenario: the font as it is, and broken in every way that its compiler knows.
    // Expect: it is accepted; each fault is refused with file, line and what is wrong, and no
    // header is left behind.
    (void)state;
    static const char *const cases[][3] = {
        {"glyph 41 A\n..####..", "glyph 41 A\n..####...", "row 1 of the glyph: expected 8 times"},
        {"glyph 41 A\n..####..", "glyph 41 A\n..##x#..", "row 1 of the glyph: expected 8 times"},
        {"glyph 41 A\n..####..\n", "glyph 41 A\n", "row 8 of the glyph: expected 8 times"},
        {"glyph 41 A", "glyph 41 B", "glyph 41 is `A`, not `B`"},
        {"glyph 20 space", "glyph 20  ", "glyph 20 is `space`, not ``"},
        {"glyph 41 A", "glyph 40 @", "`glyph 40 @` was drawn before, in line "},
        {"glyph 41 A", "glyph 1f A", "glyph 1f: the font holds 20 to 7e"},
        {"glyph 41 A", "glyph 7f A", "glyph 7f: the font holds 20 to 7e"},
        {"glyph 41 A", "glif 41 A", "expected `glyph <hex code> <character>`"},
        {"glyph 41 A", "glyph - A", "expected `glyph <hex code> <character>`"},
        {"glyph box\n.######.", "glyph box", "the file ends after 7 of 8 rows"},
        {"glyph box\n", "//", "expected `glyph <hex code> <character>`"},
        {"glyph 41 "
         "A\n..####..\n.##..##.\n.##..##.\n.######.\n.##..##.\n.##..##.\n.##..##.\n........\n",
         "", "`glyph 41 A` is missing"},
        {"glyph "
         "box\n.######.\n.#....#.\n.#....#.\n.#....#.\n.#....#.\n.#....#.\n.######.\n........\n",
         "", "`glyph box` is missing"},
        {"glyph 41 A",
         "// 3456789 123456789 123456789 123456789 123456789 123456789 123456789 123456789 "
         "123456789 123456789 123456789 123456789 123456789\nglyph 41 A",
         "the line is too long"},
    };
    char said[1024];
    assert_int_equal(run_fontc(NULL, NULL, said, sizeof(said)), 0);
    assert_string_equal(said, "");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(run_fontc(cases[i][0], cases[i][1], said, sizeof(said)), 1);
        int line = 0;
        assert_int_equal(sscanf(said, "font.txt:%d: ", &line), 1);
        assert_true(line > 1);
        if (!strstr(said, cases[i][2])) {
            fail_msg("case %zu said: %s", i, said);
        }
    }
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, open_bench, close_bench)
    const struct CMUnitTest tests[] = {
        CASE(test_nothing_drawn),
        CASE(test_rect),
        CASE(test_pixel_and_triangle),
        CASE(test_line),
        CASE(test_line_of_no_length),
        CASE(test_rect_line),
        CASE(test_circle),
        CASE(test_circle_line),
        CASE(test_pixels),
        CASE(test_camera),
        CASE(test_camera_far_away),
        CASE(test_state_is_shared),
        CASE(test_reset),
        CASE(test_clear),
        CASE(test_layers),
        CASE(test_one_batch),
        CASE(test_batches),
        CASE(test_sprite),
        CASE(test_sprite_cells),
        CASE(test_sprite_texels_are_exact),
        CASE(test_sprite_origin),
        CASE(test_sprite_flips),
        CASE(test_sprite_under_camera),
        CASE(test_image_again),
        CASE(test_images_full),
        CASE(test_bad_images),
        CASE(test_mesh),
        CASE(test_bad_meshes),
        CASE(test_text),
        CASE(test_glyphs_differ),
        CASE(test_text_utf8),
        CASE(test_text_width),
        CASE(test_not_finite),
        CASE(test_state_not_finite),
        CASE(test_huge_numbers),
        CASE(test_commands_full),
        CASE(test_triangles_full),
        CASE(test_state_full),
        CASE(test_text_and_pixels_full),
        CASE(test_close_zeroed),
        CASE(test_hash_is_sensitive),
        CASE(test_hash_is_canonical),
        CASE(test_hash_number),
        CASE(test_print),
        CASE(test_print_without_room),
        CASE(test_fontc),
    };
#undef CASE
    return cmocka_run_group_tests(tests, NULL, NULL);
}
