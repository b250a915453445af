#include "app.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// A whole game, small enough to read in a minute and with something to change in its first lines.
static const char TEMPLATE[] =
    "#include \"hotloop.h\"\n"
    "\n"
    "// Change a number, save, and watch the window.\n"
    "enum { W = 320, H = 180, SIZE = 12, TRAIL = 24 };\n"
    "HL_TWEAK(SPEED, 140, 20, 600);  // canvas units a second\n"
    "HL_TWEAK(FRICTION, 6, 0, 20);   // how fast it stops\n"
    "static const hl_color PAPER = 0x1b2430ff, INK = 0xffc857ff;\n"
    "\n"
    "// All that the game remembers. It lives on while you edit the code.\n"
    "typedef struct Game {\n"
    "    hl_vec2 pos, vel, before[TRAIL];\n"
    "    int bounces;\n"
    "} Game;\n"
    "\n"
    "static void init(Game *g, hl_tick *t)\n"
    "{\n"
    "    g->pos = (hl_vec2){W / 2, H / 2};\n"
    "    g->vel = (hl_vec2){90, 60};\n"
    "    hl_log(t, \"arrows or WASD push the square, Space kicks it\");\n"
    "}\n"
    "\n"
    "// One axis: move, and turn around at the edges.\n"
    "static bool move(float *pos, float *vel, float size, float dt)\n"
    "{\n"
    "    *pos += *vel * dt;\n"
    "    bool out = (*pos < 0 && *vel < 0) || (*pos > size - SIZE && *vel > 0);\n"
    "    *vel = out ? -*vel : *vel;\n"
    "    return out;\n"
    "}\n"
    "\n"
    "static void update(Game *g, hl_tick *t)\n"
    "{\n"
    "    for (int i = TRAIL - 1; i > 0; i--) {\n"
    "        g->before[i] = g->before[i - 1];\n"
    "    }\n"
    "    g->before[0] = g->pos;\n"
    "\n"
    "    hl_vec2 push = hl_move(t, 0);\n"
    "    g->vel.x += (push.x * SPEED - (push.x != 0 ? g->vel.x : 0)) * FRICTION * t->dt;\n"
    "    g->vel.y += (push.y * SPEED - (push.y != 0 ? g->vel.y : 0)) * FRICTION * t->dt;\n"
    "    if (hl_btnp(t, 0, HL_PAD_A)) {\n"
    "        g->vel = (hl_vec2){g->vel.x * 1.8f, g->vel.y * 1.8f};\n"
    "        hl_tone(t, HL_SQUARE, 660, 0.06f, 0.3f);\n"
    "    }\n"
    "    bool hit_x = move(&g->pos.x, &g->vel.x, W, t->dt);\n"
    "    bool hit_y = move(&g->pos.y, &g->vel.y, H, t->dt);\n"
    "    if (hit_x || hit_y) {\n"
    "        g->bounces++;\n"
    "        hl_tone(t, HL_TRIANGLE, 220, 0.05f, 0.3f);\n"
    "    }\n"
    "}\n"
    "\n"
    "static void draw(const Game *g, hl_canvas *c)\n"
    "{\n"
    "    hl_clear(c, PAPER);\n"
    "    for (int i = TRAIL - 1; i >= 0; i--) {\n"
    "        hl_color faded = hl_fade(INK, 0.3f * (1 - (float)i / TRAIL));\n"
    "        hl_rect(c, g->before[i].x, g->before[i].y, SIZE, SIZE, faded);\n"
    "    }\n"
    "    float a = hl_alpha(c); // between the last two ticks: smooth at any refresh rate\n"
    "    hl_vec2 was = g->before[0];\n"
    "    hl_rect(c, was.x + (g->pos.x - was.x) * a, was.y + (g->pos.y - was.y) * a, SIZE, SIZE, "
    "INK);\n"
    "    hl_text(c, 8, 8, 8, HL_WHITE, \"bounces %d\", g->bounces);\n"
    "}\n"
    "\n"
    "HL_GAME(Game, init, update, draw, .title = \"@NAME@\", .width = W, .height = H);\n";

static bool put_source(Arena *arena, const char *path, const char *title, Fault *fault)
{
    const char *at = strstr(TEMPLATE, "@NAME@");
    char *text = arena_format(arena, "%.*s%s%s", (int)(at - TEMPLATE), TEMPLATE, title,
                              at + strlen("@NAME@"));
    return file_write(path, text, strlen(text), fault);
}

// For clangd and its like: where hotloop.h is.
static bool put_flags(Arena *arena, const char *folder, Fault *fault)
{
    RunOptions options = {.game = folder};
    AppPaths *paths = ARENA_NEW(arena, AppPaths, 1);
    char path[FILE_PATH_MAX];
    if (!app_find_paths(paths, &options, fault) || !file_join(path, folder, "compile_flags.txt")) {
        return false;
    }
    char *text = arena_format(arena, "-std=gnu11\n-Wall\n-Wextra\n-I%s\n", paths->api);
    return file_write(path, text, strlen(text), fault);
}

static bool make_game(Arena *arena, const char *folder, Fault *fault)
{
    char name[200], file[210], path[FILE_PATH_MAX];
    file_base_name(name, sizeof(name), folder);
    // The name becomes a file and a C string: letters that either could trip over are refused.
    if (!name[0] || name[0] == '.' || name[0] == '-' || strpbrk(name, "\"\\\n\r\t%")) {
        return fault_set(fault, FAULT_USAGE, "\"%s\" is no name for a game", folder);
    }
    if (file_exists(folder)) {
        return fault_set(
            fault, FAULT_USAGE,
            "%s exists already and is left alone; choose another name, or `hotloop run "
            "%s` if it is a game",
            folder, folder);
    }
    (void)text_format(file, sizeof(file), "%s.c", name);
    return file_make_dirs(folder, 0777, fault) && file_join(path, folder, file)
           && put_source(arena, path, name, fault) && put_flags(arena, folder, fault);
}

int app_new(int argc, char **argv)
{
    static const char HELP[] =
        "Usage: hotloop new NAME\n"
        "\n"
        "Makes the folder NAME with a small game in it that runs at once: hotloop run NAME\n";
    if (argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
        fputs(HELP, stdout);
        return EXIT_OK;
    }
    if (argc == 2 && argv[1][0] == '-') {
        fprintf(stderr, "hotloop new: %s is no option; did you mean --help?\n", argv[1]);
        return EXIT_USAGE;
    }
    if (argc != 2) {
        fprintf(stderr, "hotloop new: expected one name (hotloop new --help)\n");
        return EXIT_USAGE;
    }
    Arena arena;
    Fault fault;
    if (!arena_open(&arena, 0, 1u << 20, &fault) || !make_game(&arena, argv[1], &fault)) {
        fprintf(stderr, "hotloop new: %s\n", fault.text);
        arena_close(&arena);
        return fault.kind == FAULT_USAGE ? EXIT_USAGE : EXIT_GAME;
    }
    arena_close(&arena);
    printf("%s is a game now. Play it:\n\n    hotloop run %s\n\nThen open its source, change a "
           "number, and save.\nFlags, defines and libraries of its own would go into "
           "%s/hotloop.conf (see "
           "the README).\n",
           argv[1], argv[1], argv[1]);
    return EXIT_OK;
}
