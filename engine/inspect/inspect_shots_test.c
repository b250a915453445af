// What the runtime's own screens look like, compared with the images in shots/: each in the
// smallest window that they are made for, in an ordinary one, and in one with twice the pixels.
#include "inspect.h"
#include "ui_shots.h"

typedef struct Room {
    Live live;
    hl_game game;
    Inspect inspect;
    BuildReport report;
    InspectView view;
    Crash crash;
    DrawList over;
    Fault fault;
} Room;

static int enter(void **state)
{
    Room *room = calloc(1, sizeof(*room));
    *state = room;
    room->live.now.game = &room->game; // no more is looked at than whether there is one
    room->view =
        (InspectView){.live = &room->live, .now_ns = NS_PER_S, .slow = 1, .pause_text = ""};
    return draw_open(&room->over, &room->fault) ? 0 : 1;
}

static int leave(void **state)
{
    Room *room = *state;
    draw_close(&room->over);
    free(room);
    return 0;
}

static void shoot(Room *room, const char *name)
{
    static const Shot SIZES[] = {{640, 360, 1, "", "inspect"},
                                 {1280, 720, 1, "_720", "inspect"},
                                 {2560, 1440, 2, "_2x", "inspect"}};
    for (size_t i = 0; i < COUNT_OF(SIZES); i++) {
        char file[64];
        Shot shot = SIZES[i];
        (void)text_format(file, sizeof(file), "%s%s", name, shot.name);
        shot.name = file;
        room->view.width_px = (float)shot.w;
        room->view.height_px = (float)shot.h;
        draw_reset(&room->over, room->view.width_px, room->view.height_px);
        inspect_frame(&room->inspect, &room->view, &room->over);
        shoot_over(&shot, &room->over);
    }
}

static void add(Room *room, BuildSeverity severity, int line, int column, const char *text,
                const char *source)
{
    BuildDiagnostic *one = &room->report.diagnostics[room->report.diagnostic_count++];
    *one = (BuildDiagnostic){.severity = severity, .line = line, .column = column};
    (void)text_format(one->file, sizeof(one->file), "fox/hero.c");
    (void)text_format(one->text, sizeof(one->text), "%s", text);
    (void)text_format(one->source_line, sizeof(one->source_line), "%s", source);
    room->report.error_count += severity == BUILD_ERROR;
}

static void a_failed_build(void **state)
{
    // Scenario: an error with its line, a note to it, two more. Expect: as in the images.
    Room *room = *state;
    add(room, BUILD_ERROR, 82, 24, "expected ';' before '}' token", "    hero->body.vel.y = JUMP");
    add(room, BUILD_ERROR, 97, 5, "'speeed' undeclared (first use in this function)", "");
    add(room, BUILD_NOTE, 97, 5,
        "each undeclared identifier is reported only once for each function it appears in", "");
    add(room, BUILD_ERROR, 140, 12, "'Hero' has no member named 'combos'", "");
    inspect_failed_build(&room->inspect, &room->report);
    shoot(room, "failed");
}

static void a_refused_swap(void **state)
{
    // Scenario: two fields of which nobody can know what becomes of them. Expect: as in the images.
    Room *room = *state;
    Fault fault;
    (void)fault_set(&fault, FAULT_LAYOUT, "the state does not fit the new build: Game.in_hand ...");
    inspect_refused(&room->inspect, &fault);
    inspect_refused_field(&room->inspect,
                          "Game.in_hand is not zero; which of the union's members it is cannot be "
                          "known, and they are laid out otherwise now: leave the members as they "
                          "were, or start afresh");
    inspect_refused_field(&room->inspect, "Mob[3].extra points into an allocation whose type "
                                          "changed, and keeps it in bytes (and 11 more)");
    shoot(room, "refused");
}

static void a_build_put_aside(void **state)
{
    // Scenario: a build that died in its first second. Expect: as in the images.
    Room *room = *state;
    inspect_report(&room->inspect, "Build 6 was put aside after 0.0 s; build 5 plays on",
                   "hero.c:34 wrote to address 0x0 in step(): a null pointer, likely `m`");
    shoot(room, "aside");
}

static void a_migration(void **state)
{
    // Scenario: a build with other structs: what it did in a line, and the first thing that was
    // lost. Expect: as in the images.
    Room *room = *state;
    uint64_t now_ns = room->view.now_ns;
    inspect_toast(&room->inspect, now_ns, LOG_INFO, "build 3 runs, 146 ms after the save");
    inspect_summary(&room->inspect, now_ns, LOG_WARNING,
                    "Mob: +stamina, -armor, hp int -> unsigned char, name -> title; Game: items "
                    "[4] -> [8]; 32 objects moved, 2 lost",
                    "Shift+F3", "details");
    inspect_toast(&room->inspect, now_ns, LOG_WARNING,
                  "Mob[17].hp was 300, which does not fit into unsigned char: 255 (and 1 more: "
                  "Shift+F3 has them)");
    shoot(room, "migrated");
}

static void add_call(Crash *crash, const char *function, int line, const char *source)
{
    CrashFrame *frame = &crash->frames[crash->frame_count++];
    *frame = (CrashFrame){.line = line};
    (void)text_format(frame->function, sizeof(frame->function), "%s", function);
    (void)text_format(frame->file, sizeof(frame->file), "mobs.c");
    (void)text_format(frame->source, sizeof(frame->source), "%s", source);
}

static void a_crash(void **state)
{
    // Scenario: a null pointer in an ordinary game. Expect: as in the images.
    Room *room = *state;
    static const char *const LINES[] = {
        "    for (int i = 0; i < 64; i++) {", "        Mob *m = mob_at(w, i);",
        "        m->x += m->speed * t->dt;", "        if (m->x > w->right) {",
        "            m->x = w->left;"};
    Crash *crash = &room->crash;
    *crash = (Crash){.is_set = true,
                     .call = "update",
                     .tick = 1234,
                     .generation = 7,
                     .title = "mobs.c:100 read address 0x8 in step(): a null pointer, likely `m`",
                     .hint = "A search that found nothing: look at mob_at().",
                     .undone = "Tick 1234 was undone: the state is exactly that of tick 1233.",
                     .source_first = 98,
                     .source_at = 2,
                     .source_count = 5};
    for (uint32_t i = 0; i < COUNT_OF(LINES); i++) {
        (void)text_format(crash->source[i], sizeof(crash->source[i]), "%s", LINES[i]);
    }
    add_call(crash, "step", 100, "m->x += m->speed * t->dt;");
    add_call(crash, "mobs_update", 301, "step(w, t);");
    room->view.crash = crash;
    shoot(room, "crash");
}

static void all_keys(void **state)
{
    // Scenario: F1. Expect: as in the images.
    Room *room = *state;
    room->inspect.help = true;
    shoot(room, "keys");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, enter, leave)
int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_failed_build), CASE(a_refused_swap), CASE(a_build_put_aside),
        CASE(a_migration),    CASE(a_crash),        CASE(all_keys),
    };
    return cmocka_run_group_tests_name("inspect_shots", tests, NULL, NULL);
}
