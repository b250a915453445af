// Triangles out of a list. Contents: opening, room and batches, vertices, lines and boxes, circles,
// meshes and sprites, text, order
#include "draw_parts.h"

#include <math.h>
#include <string.h>

#define COORDINATE_MAX 16777216.0f // 2^24: whole numbers are exact up to there

enum { ROUND_STEPS_MIN = 12, ROUND_STEPS_MAX = 4096 };

typedef struct Rgba {
    uint8_t r, g, b, a;
} Rgba;

// The work in progress: what is made, and what consecutive commands have in common.
typedef struct Mesher {
    const DrawList *draw;
    DrawTriangles *out;
    hl_vec2 white_uv;
    // The camera in force: canvas = centre + (cosine, sine) * (world - eye).
    uint32_t camera;
    hl_vec2 eye, centre;
    float cosine, sine, zoom; // zoom is in the first two, and here >= 0
    // The clip of the batch being filled.
    uint32_t clip;
    // A circle of radius 1 in `round_steps`; kept because particles come in few sizes.
    uint32_t round_steps;
    hl_vec2 round[ROUND_STEPS_MAX];
} Mesher;

// -------------------------------------------------------------------------------------- opening

bool draw_triangles_open(DrawTriangles *triangles, Fault *fault)
{
    const size_t bytes[] = {sizeof(DrawVertex) * DRAW_TRIANGLE_VERTICES_MAX,
                            sizeof(int32_t) * DRAW_TRIANGLE_INDICES_MAX,
                            sizeof(DrawBatch) * DRAW_CMDS_MAX, sizeof(uint32_t) * DRAW_CMDS_MAX};
    *triangles = (DrawTriangles){0};
    for (size_t i = 0; i < COUNT_OF(bytes); i++) {
        if (!arena_open(&triangles->memory[i], 0, bytes[i], fault)) {
            draw_triangles_close(triangles);
            return false;
        }
    }
    triangles->vertices = (DrawVertex *)(void *)triangles->memory[0].base;
    triangles->indices = (int32_t *)(void *)triangles->memory[1].base;
    triangles->batches = (DrawBatch *)(void *)triangles->memory[2].base;
    triangles->order = (uint32_t *)(void *)triangles->memory[3].base;
    return true;
}

void draw_triangles_close(DrawTriangles *triangles)
{
    for (size_t i = 0; i < COUNT_OF(triangles->memory); i++) {
        arena_close(&triangles->memory[i]);
    }
    *triangles = (DrawTriangles){0};
}

// ----------------------------------------------------------------------------- room and batches

static bool is_batch_of(const Mesher *m, const DrawCmd *cmd)
{
    if (m->out->batch_count == 0) {
        return false;
    }
    const DrawBatch *batch = &m->out->batches[m->out->batch_count - 1];
    return batch->image == cmd->image && batch->blend == cmd->blend && m->clip == cmd->clip;
}

// Room for a command's triangles, in a batch that fits it. False, and counted, when there is none.
static bool begin(Mesher *m, const DrawCmd *cmd, size_t vertex_count, size_t index_count)
{
    DrawTriangles *out = m->out;
    if (!draw_room(&out->memory[0], sizeof(DrawVertex), DRAW_TRIANGLE_VERTICES_MAX,
                   out->vertex_count, vertex_count)
        || !draw_room(&out->memory[1], sizeof(int32_t), DRAW_TRIANGLE_INDICES_MAX, out->index_count,
                      index_count)
        || !draw_room(&out->memory[2], sizeof(DrawBatch), DRAW_CMDS_MAX, out->batch_count, 1)) {
        out->dropped++;
        return false;
    }
    if (!is_batch_of(m, cmd)) {
        m->clip = cmd->clip;
        out->batches[out->batch_count++] = (DrawBatch){.image = cmd->image,
                                                       .blend = cmd->blend,
                                                       .clip = m->draw->clips[cmd->clip],
                                                       .first_index = out->index_count};
    }
    out->batches[out->batch_count - 1].index_count += (uint32_t)index_count;
    return true;
}

// ------------------------------------------------------------------------------------- vertices

static Rgba split(uint32_t rgba)
{
    return (Rgba){(uint8_t)(rgba >> 24), (uint8_t)(rgba >> 16), (uint8_t)(rgba >> 8),
                  (uint8_t)rgba};
}

// Finite numbers can still multiply to what no renderer can cast to an integer; NaN becomes `lo`.
static float within(float value, float lo, float hi)
{
    return value > lo ? (value < hi ? value : hi) : lo;
}

static void put_vertex(Mesher *m, hl_vec2 at, hl_vec2 uv, Rgba color)
{
    m->out->vertices[m->out->vertex_count++] =
        (DrawVertex){within(at.x, -COORDINATE_MAX, COORDINATE_MAX),
                     within(at.y, -COORDINATE_MAX, COORDINATE_MAX),
                     uv.x,
                     uv.y,
                     color.r,
                     color.g,
                     color.b,
                     color.a};
}

static void put_index(Mesher *m, uint32_t a, uint32_t b, uint32_t c)
{
    int32_t *to = m->out->indices + m->out->index_count;
    to[0] = (int32_t)a;
    to[1] = (int32_t)b;
    to[2] = (int32_t)c;
    m->out->index_count += 3;
}

static void use_camera(Mesher *m, uint32_t index)
{
    if (index == m->camera) {
        return;
    }
    const hl_cam *camera = &m->draw->cameras[index];
    m->camera = index;
    m->eye = index ? (hl_vec2){camera->x, camera->y} : (hl_vec2){0, 0};
    m->centre = index ? (hl_vec2){m->draw->width / 2, m->draw->height / 2} : (hl_vec2){0, 0};
    m->cosine = index ? cosf(camera->angle) * camera->zoom : 1;
    m->sine = index ? sinf(camera->angle) * camera->zoom : 0;
    m->zoom = index ? fabsf(camera->zoom) : 1;
}

static hl_vec2 to_canvas(const Mesher *m, float x, float y)
{
    // The eye first: far from the world's origin the difference is what has to be exact.
    float dx = x - m->eye.x, dy = y - m->eye.y;
    return (hl_vec2){m->centre.x + m->cosine * dx - m->sine * dy,
                     m->centre.y + m->sine * dx + m->cosine * dy};
}

// Four corners on the canvas, in order around, and the part of the image from `uv0` to `uv1`.
static void put_quad(Mesher *m, const hl_vec2 at[4], hl_vec2 uv0, hl_vec2 uv1, Rgba color)
{
    uint32_t first = m->out->vertex_count;
    put_vertex(m, at[0], uv0, color);
    put_vertex(m, at[1], (hl_vec2){uv1.x, uv0.y}, color);
    put_vertex(m, at[2], uv1, color);
    put_vertex(m, at[3], (hl_vec2){uv0.x, uv1.y}, color);
    put_index(m, first, first + 1, first + 2);
    put_index(m, first, first + 2, first + 3);
}

static void put_box(Mesher *m, hl_rectf box, hl_vec2 uv0, hl_vec2 uv1, Rgba color)
{
    float right = box.x + box.w, bottom = box.y + box.h;
    hl_vec2 at[4] = {to_canvas(m, box.x, box.y), to_canvas(m, right, box.y),
                     to_canvas(m, right, bottom), to_canvas(m, box.x, bottom)};
    put_quad(m, at, uv0, uv1, color);
}

// ------------------------------------------------------------------------------- lines and boxes

static void mesh_box(Mesher *m, const DrawCmd *cmd, hl_rectf box)
{
    if (begin(m, cmd, 4, 6)) {
        put_box(m, box, m->white_uv, m->white_uv, split(cmd->rgba));
    }
}

static void mesh_triangle(Mesher *m, const DrawCmd *cmd)
{
    if (!begin(m, cmd, 3, 3)) {
        return;
    }
    uint32_t first = m->out->vertex_count;
    for (int i = 0; i < 6; i += 2) {
        put_vertex(m, to_canvas(m, cmd->p[i], cmd->p[i + 1]), m->white_uv, split(cmd->rgba));
    }
    put_index(m, first, first + 1, first + 2);
}

static void mesh_line(Mesher *m, const DrawCmd *cmd)
{
    if (!begin(m, cmd, 4, 6)) {
        return;
    }
    // Half a canvas unit right and down is the middle of the pixel that the end names. Without it a
    // line along whole numbers has both edges on pixel centres, and lands beside the pixels meant.
    hl_vec2 a = to_canvas(m, cmd->p[0], cmd->p[1]), b = to_canvas(m, cmd->p[2], cmd->p[3]);
    a = (hl_vec2){a.x + 0.5f, a.y + 0.5f};
    b = (hl_vec2){b.x + 0.5f, b.y + 0.5f};
    float half = cmd->p[4] * m->zoom / 2, dx = b.x - a.x, dy = b.y - a.y;
    float length = hypotf(dx, dy);
    if (length == 0) {
        a.x -= half;
        b.x += half;
        dx = length = 1;
    }
    float nx = -dy / length * half, ny = dx / length * half;
    hl_vec2 at[4] = {
        {a.x - nx, a.y - ny}, {b.x - nx, b.y - ny}, {b.x + nx, b.y + ny}, {a.x + nx, a.y + ny}};
    put_quad(m, at, m->white_uv, m->white_uv, split(cmd->rgba));
}

// A frame of four mitred sides: eight vertices that share every edge, so nothing blends twice.
static void mesh_rect_line(Mesher *m, const DrawCmd *cmd)
{
    const float *p = cmd->p;
    float thick = p[4];
    if (thick * 2 >= p[2] || thick * 2 >= p[3]) {
        mesh_box(m, cmd, (hl_rectf){p[0], p[1], p[2], p[3]});
        return;
    }
    if (!begin(m, cmd, 8, 24)) {
        return;
    }
    uint32_t first = m->out->vertex_count;
    for (int i = 0; i < 8; i++) {
        float in = i < 4 ? 0 : thick;
        bool right = i % 4 == 1 || i % 4 == 2, bottom = i % 4 >= 2;
        float x = right ? p[0] + p[2] - in : p[0] + in;
        float y = bottom ? p[1] + p[3] - in : p[1] + in;
        put_vertex(m, to_canvas(m, x, y), m->white_uv, split(cmd->rgba));
    }
    for (uint32_t i = 0; i < 4; i++) {
        uint32_t a = first + i, b = first + (i + 1) % 4;
        put_index(m, a, b, b + 4);
        put_index(m, a, b + 4, a + 4);
    }
}

// -------------------------------------------------------------------------------------- circles

// The chord of one of n steps is r (1 - cos(pi / n)) from the circle; n = pi sqrt(2 r) keeps that
// under a quarter of a unit, because 1 - cos(a) < a^2 / 2. Fours, so that a circle is symmetric.
static uint32_t round_steps(float r)
{
    float wanted = ceilf(3.14159265f * sqrtf(2 * r) / 4) * 4;
    return (uint32_t)within(wanted, ROUND_STEPS_MIN, ROUND_STEPS_MAX);
}

// One step turned on again and again: doubles keep the error far below a float's.
static void make_round(Mesher *m, uint32_t steps)
{
    if (m->round_steps == steps) {
        return;
    }
    double angle = 6.283185307179586 / steps, step_x = cos(angle), step_y = sin(angle);
    double x = 1, y = 0;
    for (uint32_t i = 0; i < steps; i++) {
        m->round[i] = (hl_vec2){(float)x, (float)y};
        double turned = x * step_x - y * step_y;
        y = x * step_y + y * step_x;
        x = turned;
    }
    m->round_steps = steps;
}

static void mesh_circle(Mesher *m, const DrawCmd *cmd)
{
    float r = cmd->p[2] * m->zoom;
    uint32_t steps = round_steps(r), first = m->out->vertex_count;
    if (!begin(m, cmd, steps, (steps - 2) * 3)) {
        return;
    }
    hl_vec2 centre = to_canvas(m, cmd->p[0], cmd->p[1]);
    Rgba color = split(cmd->rgba);
    make_round(m, steps);
    for (uint32_t i = 0; i < steps; i++) {
        hl_vec2 at = {centre.x + m->round[i].x * r, centre.y + m->round[i].y * r};
        put_vertex(m, at, m->white_uv, color);
    }
    for (uint32_t i = 2; i < steps; i++) {
        put_index(m, first, first + i - 1, first + i);
    }
}

static void mesh_circle_line(Mesher *m, const DrawCmd *cmd)
{
    float r = cmd->p[2] * m->zoom, inner = r - cmd->p[3] * m->zoom;
    if (!(inner > 0)) {
        mesh_circle(m, cmd);
        return;
    }
    uint32_t steps = round_steps(r), first = m->out->vertex_count;
    if (!begin(m, cmd, steps * 2, steps * 6)) {
        return;
    }
    hl_vec2 centre = to_canvas(m, cmd->p[0], cmd->p[1]);
    Rgba color = split(cmd->rgba);
    make_round(m, steps);
    for (uint32_t i = 0; i < steps; i++) {
        hl_vec2 way = m->round[i];
        put_vertex(m, (hl_vec2){centre.x + way.x * r, centre.y + way.y * r}, m->white_uv, color);
        put_vertex(m, (hl_vec2){centre.x + way.x * inner, centre.y + way.y * inner}, m->white_uv,
                   color);
    }
    for (uint32_t i = 0; i < steps; i++) {
        uint32_t a = first + i * 2, b = first + (i + 1) % steps * 2;
        put_index(m, a, b, b + 1);
        put_index(m, a, b + 1, a + 1);
    }
}

// --------------------------------------------------------------------------- meshes and sprites

static void mesh_mesh(Mesher *m, const DrawCmd *cmd)
{
    if (!begin(m, cmd, cmd->count, cmd->second_count)) {
        return;
    }
    uint32_t first = m->out->vertex_count;
    for (uint32_t i = 0; i < cmd->count; i++) {
        const hl_vertex *vertex = &m->draw->vertices[cmd->first + i];
        hl_vec2 uv = {within(vertex->u, 0, 1), within(vertex->v, 0, 1)};
        put_vertex(m, to_canvas(m, vertex->x, vertex->y), cmd->image ? uv : m->white_uv,
                   split(vertex->color));
    }
    const uint16_t *indices = m->draw->indices + cmd->second;
    for (uint32_t i = 0; i < cmd->second_count; i += 3) {
        put_index(m, first + indices[i], first + indices[i + 1], first + indices[i + 2]);
    }
}

// The edge of a texel as 0..1. SDL's software renderer takes the integer part of uv * size
// (SW_QueueGeometry in SDL_render_sw.c), so a quotient rounded down would name the texel before.
static float texel_uv(float texel, float size)
{
    float uv = texel / size;
    return within(uv * size < texel ? nextafterf(uv, 2) : uv, 0, 1);
}

static void mesh_sprite(Mesher *m, const DrawCmd *cmd)
{
    if (!begin(m, cmd, 4, 6)) {
        return;
    }
    const DrawSprite *sprite = &m->draw->sprites[cmd->first];
    const DrawImage *image = &m->draw->images[cmd->image];
    const hl_spr *how = &sprite->how;
    hl_rectf cell = sprite->source_px;
    float left = -how->ox * how->sx, right = (cell.w - how->ox) * how->sx;
    float top = -how->oy * how->sy, bottom = (cell.h - how->oy) * how->sy;
    hl_vec2 at[4] = {{left, top}, {right, top}, {right, bottom}, {left, bottom}};
    float cosine = how->angle == 0 ? 1 : cosf(how->angle);
    float sine = how->angle == 0 ? 0 : sinf(how->angle);
    for (int i = 0; i < 4; i++) {
        at[i] = to_canvas(m, sprite->x + cosine * at[i].x - sine * at[i].y,
                          sprite->y + sine * at[i].x + cosine * at[i].y);
    }
    float w = (float)image->w, h = (float)image->h;
    float u[2] = {texel_uv(cell.x, w), texel_uv(cell.x + cell.w, w)};
    float v[2] = {texel_uv(cell.y, h), texel_uv(cell.y + cell.h, h)};
    put_quad(m, at, (hl_vec2){u[how->flip_x], v[how->flip_y]},
             (hl_vec2){u[!how->flip_x], v[!how->flip_y]}, split(cmd->rgba));
}

static void mesh_pixels(Mesher *m, const DrawCmd *cmd)
{
    if (begin(m, cmd, 4, 6)) {
        put_box(m, (hl_rectf){cmd->p[0], cmd->p[1], cmd->p[2], cmd->p[3]}, (hl_vec2){0, 0},
                (hl_vec2){1, 1}, split(cmd->rgba));
    }
}

// ----------------------------------------------------------------------------------------- text

static void put_glyph(Mesher *m, hl_rectf box, uint32_t code_point, Rgba color)
{
    const DrawImage *font = draw_builtin_image();
    hl_vec2 texel = draw_glyph_texel(code_point);
    hl_vec2 uv0 = {texel.x / (float)font->w, texel.y / (float)font->h};
    hl_vec2 uv1 = {(texel.x + 8) / (float)font->w, (texel.y + 8) / (float)font->h};
    put_box(m, box, uv0, uv1, color);
}

static uint32_t count_glyphs(const char *text)
{
    uint32_t count = 0, code_point;
    while ((code_point = text_next(&text)) != 0) {
        count += code_point != '\n' && code_point != ' ';
    }
    return count;
}

static void mesh_text(Mesher *m, const DrawCmd *cmd)
{
    const char *text = m->draw->text + cmd->first;
    uint32_t glyphs = count_glyphs(text), code_point;
    if (glyphs == 0 || !begin(m, cmd, (size_t)glyphs * 4, (size_t)glyphs * 6)) {
        return;
    }
    float size = cmd->p[2];
    hl_rectf box = {cmd->p[0], cmd->p[1], size, size};
    Rgba color = split(cmd->rgba);
    while ((code_point = text_next(&text)) != 0) {
        if (code_point == '\n') {
            box.x = cmd->p[0];
            box.y += size;
            continue;
        }
        if (code_point != ' ') {
            put_glyph(m, box, code_point, color);
        }
        box.x += size;
    }
}

// ---------------------------------------------------------------------------------------- order

static void mesh_command(Mesher *m, const DrawCmd *cmd)
{
    const float *p = cmd->p;
    use_camera(m, cmd->camera);
    switch ((DrawKind)cmd->kind) {
    case DRAW_CLEAR:
        break;
    case DRAW_PIXEL:
        mesh_box(m, cmd, (hl_rectf){p[0], p[1], 1, 1});
        break;
    case DRAW_LINE:
        mesh_line(m, cmd);
        break;
    case DRAW_RECT:
        mesh_box(m, cmd, (hl_rectf){p[0], p[1], p[2], p[3]});
        break;
    case DRAW_RECT_LINE:
        mesh_rect_line(m, cmd);
        break;
    case DRAW_CIRCLE:
        mesh_circle(m, cmd);
        break;
    case DRAW_CIRCLE_LINE:
        mesh_circle_line(m, cmd);
        break;
    case DRAW_TRIANGLE:
        mesh_triangle(m, cmd);
        break;
    case DRAW_MESH:
        mesh_mesh(m, cmd);
        break;
    case DRAW_SPRITE:
        mesh_sprite(m, cmd);
        break;
    case DRAW_TEXT:
        mesh_text(m, cmd);
        break;
    case DRAW_PIXELS:
        mesh_pixels(m, cmd);
        break;
    }
}

// The commands' numbers from `first` on, sorted by layer, those of one layer as they came. Counts
// instead of comparing: there are at most 2,001 layers. NULL when they are in order already.
static const uint32_t *sort_by_layer(const DrawList *draw, DrawTriangles *out, uint32_t first)
{
    uint32_t at[2 * DRAW_LAYER_MAX + 2] = {0}; // by layer: how many come before it
    bool sorted = true;
    for (uint32_t i = first; i < draw->cmd_count; i++) {
        sorted = sorted && (i == first || draw->cmds[i - 1].layer <= draw->cmds[i].layer);
        at[draw->cmds[i].layer + DRAW_LAYER_MAX + 1]++;
    }
    if (sorted
        || !draw_room(&out->memory[3], sizeof(uint32_t), DRAW_CMDS_MAX, 0, draw->cmd_count)) {
        return NULL;
    }
    for (size_t i = 1; i < COUNT_OF(at); i++) {
        at[i] += at[i - 1];
    }
    for (uint32_t i = first; i < draw->cmd_count; i++) {
        out->order[at[draw->cmds[i].layer + DRAW_LAYER_MAX]++] = i;
    }
    return out->order;
}

void draw_triangulate(const DrawList *draw, DrawTriangles *triangles)
{
    Mesher m;
    m.draw = draw; // member by member: the table of the circle needs no zeroes
    m.out = triangles;
    m.white_uv = draw_white_uv();
    m.camera = UINT32_MAX;
    m.clip = 0;
    m.round_steps = 0;
    triangles->vertex_count = triangles->index_count = triangles->batch_count = 0;
    triangles->dropped = 0;
    uint32_t first = draw->cmd_count > 0 && draw->cmds[0].kind == DRAW_CLEAR ? 1 : 0;
    triangles->clears = first > 0;
    triangles->clear_rgba = first > 0 ? draw->cmds[0].rgba : 0;
    const uint32_t *order = sort_by_layer(draw, triangles, first);
    for (uint32_t i = 0; i < draw->cmd_count - first; i++) {
        mesh_command(&m, &draw->cmds[order ? order[i] : first + i]);
    }
}
