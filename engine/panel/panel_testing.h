// The room of panel's tests: a library compiled by the real compiler whose variables and types are
// looked at, a heap, and panels that are given mouse and keys. Included by each of them, nowhere
// else.
#ifndef PANEL_TESTING_H
#define PANEL_TESTING_H
#include "panel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dlfcn.h>
#include <link.h>
#include <math.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MANY = 1000000, HEAP_BYTES = 32 << 20 };

// Types that the library and the tests are both made of.
#define BOTH(...) __VA_ARGS__ static const char TYPES[] = #__VA_ARGS__ "\n";
BOTH(
    typedef struct Vec { float x, y; } Vec; typedef enum Mood{CALM, ANGRY = 5, ASLEEP} Mood;
    typedef struct Mob {
        Vec pos;
        int hp;
        Mood mood;
        struct Mob *target;
    } Mob;
    typedef struct Hero {
        Vec pos, vel;
        unsigned tint;
        char name[16];
        _Bool alive;
        unsigned char lives : 3;
        short combo;
        Mood mood;
        Mob *target;
        const char *said;
    } Hero;
    typedef struct Game {
        Hero hero;
        double seconds;
        long long score;
        Mob mobs[8];
        int *heights;
        float *nowhere;
    } Game;)

static const char HERO_C[] = "float JUMP = 220, RUN = 90.5f; static int calls = 3;\n"
                             "const int FIXED = 4; static Vec spot = {1.5f, -2};\n"
                             "int jump(int k) { static int jumps; jumps += k; calls++; spot.x++;\n"
                             "    return jumps + FIXED + calls; }\n"
                             "Game *game_pointer; Mob *mob_pointer;\n";
static const char VIEW_C[] = "static double zoom = 1; static int shown;\n"
                             "int look(void) { shown++; zoom *= 2; return shown; }\n";

typedef struct Room {
    char folder[64];
    void *library;
    ReflectTable *table;
    Arena memory;
    Heap *heap;
    Game *game;
    Mob *pack;
    int *heights;
    Live *live;
    FieldView fields;
    Panels *panels;
    DrawList over;
    UiInput input;
    hl_button keys[HL_KEYS];
    PanelView view;
    PanelTimes times;
    PanelRequests requests;
} Room;

static void write_source(const Room *room, const char *name, const char *text)
{
    char path[128];
    (void)text_format(path, sizeof(path), "%s/%s", room->folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fprintf(file, "%s%s", TYPES, text) > 0);
    assert_int_equal(fclose(file), 0);
}

static void compile(const Room *room)
{
    char command[512];
    pid_t child;
    int status;
    (void)text_format(command, sizeof(command),
                      "cd %s && cc -std=gnu11 -O0 -g -shared -fPIC hero.c view.c -o game.so",
                      room->folder);
    char *words[] = {(char[]){"sh"}, (char[]){"-c"}, command, NULL};
    assert_int_equal(posix_spawnp(&child, "sh", NULL, NULL, words, environ), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void fill(Room *room)
{
    Game *game = heap_alloc(room->heap, "Game", sizeof(Game), _Alignof(Game), 1);
    room->pack = heap_alloc(room->heap, "Mob", sizeof(Mob), _Alignof(Mob), 5);
    room->heights = heap_alloc(room->heap, "int", sizeof(int), _Alignof(int), MANY);
    for (int i = 0; i < MANY; i++) {
        room->heights[i] = i * 3;
    }
    for (int i = 0; i < 8; i++) {
        game->mobs[i] =
            (Mob){.pos = {16.0f * (float)i, 120}, .hp = 10 + i, .mood = i % 2 ? ANGRY : CALM};
    }
    room->pack[2].hp = 33;
    game->hero = (Hero){.pos = {12.5f, 96},
                        .vel = {0, -3.25f},
                        .tint = 0xff8844ffu,
                        .name = "Fox",
                        .alive = 1,
                        .lives = 3,
                        .combo = -2,
                        .mood = ANGRY,
                        .target = &room->pack[2]};
    game->seconds = 12.25;
    game->score = 4200;
    game->heights = room->heights;
    room->game = game;
}

static void open_library(Room *room)
{
    char path[128];
    struct link_map *map;
    Fault fault = {0};
    strcpy(room->folder, "/tmp/panel-XXXXXX");
    assert_non_null(mkdtemp(room->folder));
    write_source(room, "hero.c", HERO_C);
    write_source(room, "view.c", VIEW_C);
    compile(room);
    (void)text_format(path, sizeof(path), "%s/game.so", room->folder);
    room->library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    assert_non_null(room->library);
    assert_int_equal(dlinfo(room->library, RTLD_DI_LINKMAP, &map), 0);
    room->table = reflect_table_open(path, (uintptr_t)map->l_addr, &fault);
    assert_non_null(room->table);
}

static int enter(void **state)
{
    Fault fault = {0};
    Room *room = calloc(1, sizeof(*room));
    assert_non_null(room);
    open_library(room);
    assert_true(arena_open(&room->memory, 0, HEAP_BYTES + (8u << 20), &fault));
    room->heap = heap_init(arena_push(&room->memory, 1, PAGE_BYTES, HEAP_BYTES), HEAP_BYTES);
    assert_non_null(room->heap);
    fill(room);
    room->live = ARENA_NEW(&room->memory, Live, 1);
    room->live->host = ARENA_NEW(&room->memory, Host, 1);
    room->live->host->heap = room->heap;
    room->fields = (FieldView){.table = room->table,
                               .heap = room->heap,
                               .root_type = field_tag_type(room->table, "Game", sizeof(Game)),
                               .root = (uintptr_t)room->game};
    room->panels = panels_open(&fault);
    assert_non_null(room->panels);
    assert_true(draw_open(&room->over, &fault));
    room->input = (UiInput){.width_px = 640,
                            .height_px = 360,
                            .scale = 1,
                            .dt_s = 1.0f / 60,
                            .mouse_inside = true,
                            .mouse_px = {320, 355},
                            .key = room->keys};
    room->view = (PanelView){.live = room->live,
                             .fields = &room->fields,
                             .now_ns = NS_PER_S,
                             .refresh_hz = 60,
                             .has_span = true,
                             .span = {.first = 0, .here = 500, .last = 600}};
    *state = room;
    return 0;
}

static int leave(void **state)
{
    static const char *const FILES[] = {"hero.c", "view.c", "game.so"};
    Room *room = *state;
    char path[128];
    panels_close(room->panels);
    draw_close(&room->over);
    reflect_table_close(room->table);
    assert_int_equal(dlclose(room->library), 0);
    arena_close(&room->memory);
    for (size_t i = 0; i < COUNT_OF(FILES); i++) {
        (void)text_format(path, sizeof(path), "%s/%s", room->folder, FILES[i]);
        assert_int_equal(unlink(path), 0);
    }
    assert_int_equal(rmdir(room->folder), 0);
    free(room);
    return 0;
}

static void frame(Room *room)
{
    room->view.now_ns += NS_PER_S / 60;
    room->live->moment++;
    draw_reset(&room->over, room->input.width_px, room->input.height_px);
    panels_frame(room->panels, &room->view, &room->input, &room->over, &room->requests);
    memset(room->input.clicked, 0, sizeof(room->input.clicked));
    room->input.wheel = (hl_vec2){0};
    room->input.text[0] = '\0';
}

static void frames(Room *room, int count)
{
    for (int i = 0; i < count; i++) {
        frame(room);
    }
}

static void open_panel(Room *room, PanelKind kind)
{
    panel_set_open(room->panels, kind, true);
    frames(room, 3); // sizes settle
}

// The nth item (from 0) of that text in the last frame; NULL: there is none.
static const UiItem *item_of(Room *room, const char *text, int n)
{
    uint32_t count;
    const UiItem *items = panels_items(room->panels, &count);
    for (uint32_t i = 0; i < count; i++) {
        if (strcmp(items[i].text, text) == 0 && n-- == 0) {
            return &items[i];
        }
    }
    return NULL;
}

// The item behind the one of that text: a name's value.
static const UiItem *value_of(Room *room, const char *name)
{
    uint32_t count;
    const UiItem *items = panels_items(room->panels, &count), *at = item_of(room, name, 0);
    if (!at || at + 1 == items + count) {
        fail_msg("%s is not shown", name);
    }
    return at + 1;
}

static const UiItem *shown(Room *room, const char *text)
{
    const UiItem *item = item_of(room, text, 0);
    if (!item) {
        fail_msg("\"%s\" is not shown", text);
    }
    return item;
}

static hl_vec2 middle_of(const UiItem *item)
{
    return (hl_vec2){item->box.x + item->box.w / 2, item->box.y + item->box.h / 2};
}

static void click_at(Room *room, hl_vec2 at)
{
    room->input.mouse_px = at;
    frame(room);
    room->input.button[0] = room->input.clicked[0] = true;
    frame(room);
    room->input.button[0] = false;
    frames(room, 2);
}

static void click(Room *room, const char *text)
{
    click_at(room, middle_of(shown(room, text)));
}

static void type_text(Room *room, const char *text)
{
    (void)text_format(room->input.text, sizeof(room->input.text), "%s", text);
    frames(room, 2);
}

#endif
