// Panels in a real window, with mouse and keys: what somebody does who plays, looks inside, changes
// something and goes back in time. Each step waits for what the session says of itself: `panel`
// says where everything is, where the mouse was in that frame, and which buttons were held.
#include "asset.h"
#include "desk.h"
#include "inspect_time.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Contents: the room, finding, the mouse, the picture; tweaks, the inspector, values, the log,
// time, what a field's menu offers.

enum {
    WINDOW_W = 960,
    WINDOW_H = 540,
    LOOKS_MAX = 2000, // of one wait, each a frame or more: only a hang comes to their end
    WORDS_MAX = 8,
    TIMES = 25 // looks while nothing is to happen
};
static const char SOURCE[] = "game/toys.c";

// --------------------------------------------------------------------------------------- the room

typedef struct Room {
    Place *place;
    Desk desk;
    Session *session;
} Room;

static Room open_room(Place *place)
{
    Room room = {.place = place, .desk = desk_open(place)};
    place_game(place, "toys.c", SOURCE);
    place_write(place, "shots/of_now", "", IN_PLACE); // a folder for them
    room.session = SESSION_START(place, place->game, "--seed", "7", "--no-sound", "--record",
                                 place_path(place, "all.hlr"));
    (void)session_wait(room.session, "reload");
    desk_find_window(&room.desk, "Toys");
    desk_resize(&room.desk, WINDOW_W, WINDOW_H);
    return room;
}

static const json_t *look(const Room *room)
{
    return SESSION_TELL(room->session, "panel");
}

static json_t *copy_status(const Room *room, const char *name)
{
    json_t *value = json_object_get(SESSION_TELL(room->session, "status"), name);
    assert_non_null(value);
    return json_incref(value);
}

static long long status_number(const Room *room, const char *name)
{
    return field_number(SESSION_TELL(room->session, "status"), name);
}

static void wait_for_status(const Room *room, const char *name, json_t *wanted)
{
    for (int i = 0; i < LOOKS_MAX; i++) {
        json_t *now = copy_status(room, name);
        bool is_so = json_equal(now, wanted);
        json_decref(now);
        if (is_so) {
            json_decref(wanted);
            return;
        }
    }
    fail_msg("%s does not become %s", name, json_dumps(wanted, JSON_ENCODE_ANY));
}

static void pause_by_key(const Room *room)
{
    desk_press(&room->desk, "F5");
    wait_for_status(room, "paused", json_true());
}

static const char *value_of(const Room *room, const char *path)
{
    return place_text(room->place, "%s",
                      field_text(SESSION_TELL(room->session, "get", path), "text"));
}

static void is_value(const Room *room, const char *path, const char *wanted)
{
    assert_string_equal(value_of(room, path), wanted);
}

// ---------------------------------------------------------------------------------------- finding

typedef struct Spot {
    int x, y;
    double part[4]; // x, y, w, h
    char text[160];
} Spot;

// "##value=" stands for all that begin so.
static bool is_meant(const char *text, const char *word)
{
    size_t length = strlen(word);
    return word[length - 1] == '=' || word[length - 1] == '*'
               ? strncmp(text, word, length - (word[length - 1] == '*')) == 0
               : strcmp(text, word) == 0;
}

static void take_spot(const json_t *item, Spot *spot)
{
    const json_t *box = json_object_get(item, "box");
    for (size_t n = 0; n < 4; n++) {
        spot->part[n] = json_number_value(json_array_get(box, n));
    }
    spot->x = (int)(spot->part[0] + spot->part[2] / 2);
    spot->y = (int)(spot->part[1] + spot->part[3] / 2);
    (void)snprintf(spot->text, sizeof(spot->text), "%s", field_text(item, "text"));
}

// One word after another, from the beginning: {"Tweaks", "JUMP", "##value="} is the value behind
// that name behind that title.
static bool find(const json_t *panel, const char *const *words, Spot *spot)
{
    const json_t *items = json_object_get(panel, "items"), *item = NULL;
    size_t at = 0;
    for (; *words; words++) {
        do {
            item = json_array_get(items, at++);
        } while (item && !is_meant(field_text(item, "text"), *words));
    }
    if (!item) {
        return false;
    }
    take_spot(item, spot);
    return spot->part[2] > 2 && spot->part[3] > 2; // and it is seen
}

// Words outlive what a place keeps of its texts: a wait makes many of them.
typedef struct Words {
    char kept[WORDS_MAX][160];
    const char *words[WORDS_MAX + 1];
} Words;

static void keep_words(Words *copy, const char *const *words)
{
    *copy = (Words){0};
    for (size_t i = 0; words[i]; i++) {
        assert_true(i < WORDS_MAX);
        (void)snprintf(copy->kept[i], sizeof(copy->kept[i]), "%s", words[i]);
        copy->words[i] = copy->kept[i];
    }
}

static Spot wait_spot(const Room *room, const char *const *words)
{
    Spot spot;
    Words kept;
    keep_words(&kept, words);
    for (int i = 0; i < LOOKS_MAX; i++) {
        if (find(look(room), kept.words, &spot)) {
            return spot;
        }
    }
    char *panel = json_dumps(look(room), JSON_COMPACT);
    fail_msg("no %s, %s in %s", kept.kept[0], kept.kept[1], panel);
    return spot;
}
#define SPOT(room, ...) wait_spot((room), (const char *const[]){__VA_ARGS__, NULL})

static void wait_gone(const Room *room, const char *const *words)
{
    Spot ignored;
    Words kept;
    keep_words(&kept, words);
    for (int i = 0; i < LOOKS_MAX; i++) {
        if (!find(look(room), kept.words, &ignored)) {
            return;
        }
    }
    fail_msg("%s, %s stays", kept.kept[0], kept.kept[1]);
}
#define GONE(room, ...) wait_gone((room), (const char *const[]){__VA_ARGS__, NULL})

// -------------------------------------------------------------------------------------- the mouse

// A frame has been drawn with the mouse there and those buttons held.
static void wait_mouse(const Room *room, int x, int y, long long held)
{
    for (int i = 0; i < LOOKS_MAX; i++) {
        const json_t *panel = look(room), *mouse = json_object_get(panel, "mouse");
        double mouse_x = json_number_value(json_array_get(mouse, 0));
        double mouse_y = json_number_value(json_array_get(mouse, 1));
        if ((int)mouse_x == x && (int)mouse_y == y && field_number(panel, "held") == held) {
            return;
        }
    }
    fail_msg("the mouse does not come to %d %d with buttons %lld", x, y, held);
}

static void point(const Room *room, int x, int y, long long held)
{
    desk_point(&room->desk, x, y);
    wait_mouse(room, x, y, held);
}

// Button 1 is the left one (held: 1), 3 the right one (held: 2).
static void click_button(const Room *room, Spot spot, const char *button)
{
    point(room, spot.x, spot.y, 0);
    desk_do(&room->desk, "mousedown", button);
    wait_mouse(room, spot.x, spot.y, button[0] == '1' ? 1 : 2);
    desk_do(&room->desk, "mouseup", button);
    wait_mouse(room, spot.x, spot.y, 0);
}

static void click(const Room *room, Spot spot)
{
    click_button(room, spot, "1");
}

// Held down there, and moved by so many pixels in two steps; not let go.
static void take_and_move(const Room *room, Spot spot, int dx)
{
    point(room, spot.x, spot.y, 0);
    desk_do(&room->desk, "mousedown", "1");
    wait_mouse(room, spot.x, spot.y, 1);
    point(room, spot.x + dx / 2, spot.y, 1);
    point(room, spot.x + dx, spot.y, 1);
}

static void let_go(const Room *room, Spot spot, int dx)
{
    desk_do(&room->desk, "mouseup", "1");
    wait_mouse(room, spot.x + dx, spot.y, 0);
}

static void drag(const Room *room, Spot spot, int dx)
{
    take_and_move(room, spot, dx);
    let_go(room, spot, dx);
}

static void wait_typing(const Room *room, bool typing)
{
    for (int i = 0; i < LOOKS_MAX; i++) {
        if (json_is_true(json_object_get(look(room), "typing")) == typing) {
            return;
        }
    }
    fail_msg("typing does not become %d", typing);
}

// ------------------------------------------------------------------------------------ the picture

// SHOTS_TO=FOLDER: pictures are left there, to be looked at.
static void shoot(const Room *room, const char *name)
{
    const char *folder = getenv("SHOTS_TO");
    if (folder) {
        (void)SESSION_TELL(room->session, "screenshot",
                           place_text(room->place, "%s/%s.png", folder, name));
    }
}

// The colour of the game's picture where nothing lies over it: the count that it was drawn with.
static long long count_in_picture(const Room *room)
{
    Fault fault;
    (void)SESSION_TELL(room->session, "screenshot", place_path(room->place, "shots/now.png"));
    Assets *assets = asset_open(&(const char *){place_path(room->place, "shots")}, 1, &fault);
    assert_non_null(assets);
    AssetImage image = asset_image(assets, "now.png");
    assert_non_null(image.pixels);
    uint32_t rgba = image.pixels[(size_t)(image.h / 2) * (size_t)image.w + (size_t)(image.w / 2)];
    asset_close(assets);
    return (long long)(rgba >> 24) + 256 * (long long)(rgba >> 16 & 255);
}

static void picture_is_of_this_moment(const Room *room)
{
    assert_int_equal(count_in_picture(room), atoll(value_of(room, "count")));
}

// ----------------------------------------------------------------------------------------- tweaks

static int edits(const Room *room)
{
    (void)look(room); // what it has wished is done, and said, in the frame after it
    (void)look(room);
    return session_count(room->session, "edit");
}

// The literal of JUMP that the source has; all around it is as it was.
static double kept_in_source(const Room *room)
{
    static const char HEAD[] = "HL_TWEAK(JUMP, ";
    size_t before_bytes;
    char *now = place_read(room->place, SOURCE, NULL);
    char *before =
        place_read(room->place, place_text(room->place, "%s/toys.c", TEST_GAMES), &before_bytes);
    const char *at = strstr(now, HEAD) + strlen(HEAD), *was = strstr(before, HEAD) + strlen(HEAD);
    assert_memory_equal(now, before, (size_t)(was - before));
    assert_string_equal(at + strcspn(at, ","), was + strcspn(was, ","));
    double kept = strtod(at, NULL);
    free(now);
    free(before);
    return kept;
}

static void a_slider_is_moved_and_kept(Place *place)
{
    // Scenario: Shift+F2 while the game runs; the slider of JUMP is taken hold of and dragged, let
    // go; "keep" is clicked.
    // Expect: the game sees what the panel shows; in the source that literal is another one and
    // nothing else; the new build begins with it, and "keep" is gone.
    Room room = open_room(place);
    desk_press(&room.desk, "shift+F2");
    Spot slider = SPOT(&room, "Tweaks", "JUMP", "##value=220");
    drag(&room, slider, 16);
    const json_t *edit = session_wait_field(room.session, "edit", "path", "JUMP");
    assert_string_equal(field_text(edit, "was"), "220");
    double moved = atof(value_of(&room, "JUMP"));
    assert_true(moved > 255 && moved < 450);
    assert_float_equal(atof(SPOT(&room, "Tweaks", "JUMP", "##value=").text + 8), moved, 0.01);
    (void)session_wait_log(room.session, place_text(place, "jump %.6g ", moved));
    shoot(&room, "tweaks");
    click(&room, SPOT(&room, "Tweaks", "JUMP", "keep"));
    assert_string_equal(field_text(session_wait(room.session, "keep"), "name"), "JUMP");
    assert_float_equal(kept_in_source(&room), moved, 0.001);
    (void)session_wait(room.session, "reload");
    GONE(&room, "Tweaks", "JUMP", "keep");
    assert_float_equal(atof(value_of(&room, "JUMP")), moved, 0.001);
    (void)session_wait_log(room.session, place_text(place, "jump %.6g ", moved));
    session_quit(room.session);
    assert_int_equal(session_count(room.session, "fault"), 0);
}

static void a_held_slider_makes_no_edits(Place *place)
{
    // Scenario: a slider, then a number that is dragged, is held for a while in each of three
    // places, while the game runs.
    // Expect: one edit for each move that changed the value, none while it is only held.
    static const char *const NAMES[] = {"JUMP", "drag"};
    Room room = open_room(place);
    desk_press(&room.desk, "shift+F2");
    for (size_t i = 0; i < 2; i++) {
        Spot spot = SPOT(&room, "Tweaks", NAMES[i], "##value=");
        take_and_move(&room, spot, 10);
        for (int move = 1; move <= 3; move++) {
            char before[64];
            (void)snprintf(before, sizeof(before), "%s", value_of(&room, NAMES[i]));
            int were = edits(&room);
            long long tick = status_number(&room, "tick");
            point(&room, spot.x + 10 + 7 * move, spot.y, 1);
            for (int k = 0; k < TIMES || status_number(&room, "tick") < tick + TIMES; k++) {
                (void)look(&room);
            }
            assert_string_not_equal(value_of(&room, NAMES[i]), before);
            assert_int_equal(edits(&room), were + 1);
        }
        let_go(&room, spot, 31);
    }
    session_quit(room.session);
}

// ---------------------------------------------------------------------------------- the inspector

static void fields_are_found_by_typing(Place *place)
{
    // Scenario: Shift+F1; "liv" is typed into the search; what is found is dragged; Ctrl+A and a
    // blank take the search back; Shift+F1.
    // Expect: of all fields only that one, by its whole path; the edit; the whole tree again; the
    // game hears of no letter and no click, and of Space once it is closed.
    Room room = open_room(place);
    desk_press(&room.desk, "shift+F1");
    click(&room, SPOT(&room, "Inspector", "##search="));
    wait_typing(&room, true);
    desk_type(&room.desk, "liv");
    (void)SPOT(&room, "Inspector", "##search=liv", "hero.lives");
    GONE(&room, "Inspector", "presses");
    shoot(&room, "search");
    drag(&room, SPOT(&room, "Inspector", "hero.lives", "##value=3"), 60);
    const json_t *edit = session_wait_field(room.session, "edit", "path", "hero.lives");
    assert_string_equal(field_text(edit, "was"), "3");
    assert_true(atoi(value_of(&room, "hero.lives")) > 3);
    click(&room, SPOT(&room, "Inspector", "##search=liv"));
    wait_typing(&room, true);
    desk_press(&room.desk, "ctrl+a");
    desk_press(&room.desk, "space");
    (void)SPOT(&room, "Inspector", "##search= ", "presses");
    is_value(&room, "presses", "0");
    desk_press(&room.desk, "shift+F1");
    GONE(&room, "Inspector");
    desk_press(&room.desk, "space");
    (void)session_wait_log(room.session, "pressed 1 times");
    session_quit(room.session);
}

// ----------------------------------------------------------------------------------------- values

static void open_hero(const Room *room)
{
    desk_press(&room->desk, "shift+F1");
    click(room, SPOT(room, "Inspector", "hero"));
    (void)SPOT(room, "Inspector", "hero", "lives", "##value=3");
}

static void drag_lives(const Room *room)
{
    drag(room, SPOT(room, "Inspector", "hero", "lives", "##value="), 80);
    (void)session_wait_field(room->session, "edit", "path", "hero.lives");
}

static void type_speed(const Room *room)
{
    desk_do(&room->desk, "keydown", "ctrl");
    click(room, SPOT(room, "Inspector", "hero", "speed", "##value="));
    desk_do(&room->desk, "keyup", "ctrl");
    wait_typing(room, true);
    desk_type(&room->desk, "-12.25");
    desk_press(&room->desk, "Return");
    (void)session_wait_field(room->session, "edit", "path", "hero.speed");
}

static void tick_armed(const Room *room)
{
    click(room, SPOT(room, "Inspector", "hero", "armed", "##value=false"));
    (void)session_wait_field(room->session, "edit", "path", "hero.armed");
}

static void choose_mood(const Room *room)
{
    click(room, SPOT(room, "Inspector", "hero", "mood", "##value=CALM"));
    Spot angry = SPOT(room, "Inspector", "hero", "mood", "ANGRY");
    shoot(room, "choose");
    click(room, angry);
    (void)session_wait_field(room->session, "edit", "path", "hero.mood");
}

static void type_name(const Room *room)
{
    click(room, SPOT(room, "Inspector", "hero", "name", "##value=Bob"));
    wait_typing(room, true);
    desk_type(&room->desk, "Ada \"L\"");
    desk_press(&room->desk, "Return");
    (void)session_wait_field(room->session, "edit", "path", "hero.name");
}

static void is_edited(const Room *room)
{
    is_value(room, "hero.speed", "-12.25");
    is_value(room, "hero.armed", "true");
    is_value(room, "hero.mood", "ANGRY");
    is_value(room, "hero.name", "\"Ada \\\"L\\\"\"");
}

static void values_are_changed_by_mouse_and_keys(Place *place)
{
    // Scenario: the game runs; lives is dragged, speed typed after Ctrl + click, armed ticked, mood
    // chosen by name, name typed. Then the recording is played.
    // Expect: each is one edit of that field, or several of what is dragged; the game goes on with
    // all of them; the recording ends in the same state.
    Room room = open_room(place);
    open_hero(&room);
    drag_lives(&room);
    type_speed(&room);
    tick_armed(&room);
    choose_mood(&room);
    type_name(&room);
    long long lives = atoll(value_of(&room, "hero.lives"));
    assert_true(lives > 3);
    is_edited(&room);
    shoot(&room, "values");
    (void)session_wait_log(room.session, "count ");
    is_value(&room, "presses", "0");
    is_edited(&room);
    (void)SESSION_TELL(room.session, "quit");
    assert_int_equal(session_wait_end(room.session), 0);
    const char *hash = field_text(session_wait(room.session, "quit"), "hash");
    const Output *said =
        PLACE_HOTLOOP(place, "run", "game", "--headless", "--fast", "--replay", "all.hlr");
    assert_int_equal(said->exit_code, 0);
    assert_non_null(strstr(said->out, hash));
}

static void an_edit_is_a_moment_to_go_back_from(Place *place)
{
    // Scenario: the game stands still; armed is ticked, mood chosen; two moments back, by key, and
    // on again; F5.
    // Expect: before both they are as they were, then one, then both; it plays on with both.
    Room room = open_room(place);
    open_hero(&room);
    pause_by_key(&room);
    tick_armed(&room);
    choose_mood(&room);
    long long moment = status_number(&room, "moment");
    is_value(&room, "hero.mood", "ANGRY");
    desk_press(&room.desk, "shift+F7");
    wait_for_status(&room, "moment", json_integer(moment - 1));
    is_value(&room, "hero.mood", "CALM");
    is_value(&room, "hero.armed", "true");
    (void)SPOT(&room, "Inspector", "hero", "mood", "##value=CALM");
    desk_press(&room.desk, "shift+F7");
    wait_for_status(&room, "moment", json_integer(moment - 2));
    is_value(&room, "hero.armed", "false");
    (void)SPOT(&room, "Inspector", "hero", "armed", "##value=false");
    desk_press(&room.desk, "F7");
    desk_press(&room.desk, "F7");
    wait_for_status(&room, "moment", json_integer(moment));
    is_value(&room, "hero.mood", "ANGRY");
    is_value(&room, "hero.armed", "true");
    desk_press(&room.desk, "F5");
    wait_for_status(&room, "paused", json_false());
    (void)session_wait_log(room.session, "count ");
    (void)session_wait_log(room.session, "count ");
    is_value(&room, "hero.mood", "ANGRY");
    session_quit(room.session);
}

// ---------------------------------------------------------------------------------------- the log

// Of those lines that are seen the third, or the sixth.
static void go_by_line(const Room *room, bool is_third)
{
    static const char *const THIRD[] = {"Log", "count *", "count *", "count *", NULL};
    static const char *const SIXTH[] = {"Log",     "count *", "count *", "count *",
                                        "count *", "count *", "count *", NULL};
    Spot line = wait_spot(room, is_third ? THIRD : SIXTH);
    point(room, line.x, line.y, 0); // from here on they stand still
    line = wait_spot(room, is_third ? THIRD : SIXTH);
    long long count = place_number(line.text, "count ");
    click(room, line);
    const json_t *seek = session_wait(room->session, "seek");
    assert_int_equal(field_number(seek, "tick"), count);
    wait_for_status(room, "paused", json_true());
    is_value(room, "count", place_text(room->place, "%lld", count));
    picture_is_of_this_moment(room);
}

static void a_line_of_the_log_leads_to_its_moment(Place *place)
{
    // Scenario: Shift+F3 while the game runs and says twelve lines a second; the mouse goes to one
    // of them, and it is clicked; another one, while it stands still; the same again after F5.
    // Expect: lines stand still under the mouse; it is paused at the end of the line's tick, with
    // the picture of it.
    Room room = open_room(place);
    (void)session_wait_tick(room.session, 60);
    desk_press(&room.desk, "shift+F3");
    go_by_line(&room, true);
    shoot(&room, "log");
    go_by_line(&room, false);
    desk_press(&room.desk, "F5");
    wait_for_status(&room, "paused", json_false());
    (void)session_wait_tick(room.session, 70);
    go_by_line(&room, true);
    session_quit(room.session);
}

// ------------------------------------------------------------------------------------------- time

// The bar of time, as the product itself places it.
static InspectTime time_of(const Room *room)
{
    const json_t *reply = SESSION_TELL(room->session, "history");
    return (InspectTime){.first = (uint64_t)field_number(reply, "first"),
                         .here = (uint64_t)field_number(reply, "moment"),
                         .last = (uint64_t)field_number(reply, "last")};
}

// In the middle of the pixels that stand for it.
static Spot moment_spot(const InspectTime *time, long long moment)
{
    hl_rectf bar = inspect_time_rect(WINDOW_W, WINDOW_H);
    int first = WINDOW_W, last = 0;
    for (int x = 0; x < WINDOW_W; x++) {
        if ((long long)inspect_time_moment(time, WINDOW_W, WINDOW_H, (float)x) == moment) {
            first = x < first ? x : first;
            last = x;
        }
    }
    assert_true(first <= last);
    return (Spot){.x = (first + last) / 2, .y = (int)(bar.y + bar.h / 2)};
}

// Paused after some 120 ticks, with the inspector open beside the picture.
static InspectTime stand_still(const Room *room)
{
    (void)session_wait_tick(room->session, 120);
    desk_press(&room->desk, "shift+F1");
    pause_by_key(room);
    return time_of(room);
}

static void the_bar_is_dragged_and_the_picture_follows(Place *place)
{
    // Scenario: paused; the mouse goes down on the bar and moves to other moments, back and forth,
    // one of them its neighbour; it is let go.
    // Expect: at each of them state, picture and inspector are of that moment, while it is held;
    // let go, it stays there, paused.
    static const int MOMENTS[] = {90, 60, 61, 20, 100};
    Room room = open_room(place);
    InspectTime time = stand_still(&room);
    Spot spot = moment_spot(&time, 80);
    point(&room, spot.x, spot.y, 0);
    desk_do(&room.desk, "mousedown", "1");
    for (size_t i = 0; i < sizeof(MOMENTS) / sizeof(MOMENTS[0]); i++) {
        spot = moment_spot(&time, MOMENTS[i]);
        point(&room, spot.x, spot.y, 1);
        assert_int_equal(status_number(&room, "moment"), MOMENTS[i]);
        picture_is_of_this_moment(&room);
        (void)SPOT(&room, "Inspector", "count",
                   place_text(place, "##value=%s*", value_of(&room, "count")));
    }
    shoot(&room, "scrub");
    assert_int_equal(session_count(room.session, "seek"), 0);
    desk_do(&room.desk, "mouseup", "1");
    assert_int_equal(field_number(session_wait(room.session, "seek"), "moment"), 100);
    wait_for_status(&room, "paused", json_true());
    picture_is_of_this_moment(&room);
    session_quit(room.session);
}

static void drag_time(const Room *room, const InspectTime *time, const char *button, Spot from,
                      long long to)
{
    long long held = button[0] == '1' ? 1 : 2;
    point(room, from.x, from.y, 0);
    desk_do(&room->desk, "mousedown", button);
    wait_mouse(room, from.x, from.y, held);
    Spot end = moment_spot(time, to);
    point(room, end.x, end.y, held);
    desk_do(&room->desk, "mouseup", button);
    wait_mouse(room, end.x, end.y, 0);
}

// Two passes of the loop, from their logs: the lowest and the highest count of them.
static void loop_is_within(const Room *room, long long first, long long last)
{
    const char *begin = place_text(room->place, "count %lld ", first);
    (void)session_wait_log(room->session, begin);
    long long low = first, high = first;
    for (int passes = 0; passes < 2;) {
        long long count = place_number(session_wait_log(room->session, "count "), "count ");
        low = count < low ? count : low;
        high = count > high ? count : high;
        passes += count == first;
    }
    assert_int_equal(low, first);
    assert_int_equal(high, last);
}

static void ends_of_a_loop_are_dragged(Place *place)
{
    // Scenario: paused; a loop of 31 to 62 is drawn on the bar with the right button; paused, its
    // beginning is dragged to 46; paused, its end to 82.
    // Expect: each plays at once, between exactly those moments; the bar keeps its scale.
    Room room = open_room(place);
    InspectTime time = stand_still(&room);
    drag_time(&room, &time, "3", moment_spot(&time, 31), 62);
    wait_for_status(&room, "loop", json_string("play"));
    loop_is_within(&room, 35, 60);
    pause_by_key(&room);
    shoot(&room, "loop");
    drag_time(&room, &time, "1", moment_spot(&time, 31), 46);
    wait_for_status(&room, "paused", json_false());
    loop_is_within(&room, 50, 60);
    pause_by_key(&room);
    drag_time(&room, &time, "1", moment_spot(&time, 62), 82);
    wait_for_status(&room, "paused", json_false());
    loop_is_within(&room, 50, 80);
    session_quit(room.session);
    assert_int_equal(session_count(room.session, "fault"), 0);
}

// ---------------------------------------------------------------------------------- a field's menu

static void choose(const Room *room, const char *field, const char *what)
{
    click_button(room, SPOT(room, "Inspector", field), "3");
    click(room, SPOT(room, "Inspector", field, what));
    GONE(room, "Inspector", field, what);
}

static void a_field_is_pinned_and_plotted(Place *place)
{
    // Scenario: from the menu of a field: pinned, plotted; its plot is clicked in the middle; its
    // dot unpins it.
    // Expect: it stands above the tree by its whole path; the plot has its value; the click shows
    // a moment in the middle of what is plotted; it is gone from above.
    Room room = open_room(place);
    (void)session_wait_tick(room.session, 60);
    open_hero(&room);
    choose(&room, "lives", "pin to the top");
    (void)SPOT(&room, "Inspector", "hero.lives", "##value=3", "count", "lives");
    click_button(&room, SPOT(&room, "Inspector", "count"), "3");
    (void)SPOT(&room, "Inspector", "count", "plot over history");
    shoot(&room, "menu");
    click(&room, SPOT(&room, "Inspector", "count", "plot over history"));
    Spot plot = SPOT(&room, "Watches and plots", "count", "plot");
    (void)session_wait_tick(room.session, 120);
    shoot(&room, "plot");
    pause_by_key(&room);
    long long last = status_number(&room, "moment");
    click(&room, plot);
    long long moment = field_number(session_wait(room.session, "seek"), "moment");
    assert_true(llabs(moment - last / 2) <= 3);
    picture_is_of_this_moment(&room);
    click(&room, SPOT(&room, "Inspector", "hero.lives", "pin"));
    GONE(&room, "Inspector", "hero.lives");
    session_quit(room.session);
}

static void it_pauses_for_what_a_menu_names(Place *place)
{
    // Scenario: "pause when it changes" of presses, Space; on, "when did it last change?"; a
    // condition typed into the menu, Space twice.
    // Expect: paused at the tick of each press; gone back to the first.
    Room room = open_room(place);
    desk_press(&room.desk, "shift+F1");
    choose(&room, "presses", "pause when it changes");
    desk_press(&room.desk, "space");
    const json_t *hit = session_wait_field(room.session, "break", "condition", "presses");
    long long moment = field_number(hit, "moment");
    wait_for_status(&room, "paused", json_true());
    is_value(&room, "presses", "1");
    (void)SESSION_TELL(room.session, "break", "off");
    desk_press(&room.desk, "F5");
    (void)session_wait_log(room.session, "count ");
    (void)session_wait_log(room.session, "count ");
    choose(&room, "presses", "when did it last change?");
    assert_int_equal(field_number(session_wait(room.session, "seek"), "moment"), moment);
    picture_is_of_this_moment(&room);
    desk_press(&room.desk, "F5");
    wait_for_status(&room, "paused", json_false());
    click_button(&room, SPOT(&room, "Inspector", "presses"), "3");
    click(&room, SPOT(&room, "Inspector", "presses", "##condition="));
    wait_typing(&room, true);
    desk_type(&room.desk, ">= 3");
    (void)SPOT(&room, "Inspector", "presses", "##condition=>= 3");
    shoot(&room, "condition");
    click(&room, SPOT(&room, "Inspector", "presses", "pause when it is so"));
    GONE(&room, "Inspector", "presses", "pause when it is so");
    desk_press(&room.desk, "space");
    (void)session_wait_log(room.session, "pressed 2 times");
    desk_press(&room.desk, "space");
    hit = session_wait(room.session, "break");
    assert_string_equal(field_text(hit, "condition"), "presses >= 3");
    assert_string_equal(field_text(hit, "value"), "3");
    session_quit(room.session);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        CASE(a_slider_is_moved_and_kept),
        CASE(a_held_slider_makes_no_edits),
        CASE(fields_are_found_by_typing),
        CASE(values_are_changed_by_mouse_and_keys),
        CASE(an_edit_is_a_moment_to_go_back_from),
        CASE(a_line_of_the_log_leads_to_its_moment),
        CASE(the_bar_is_dragged_and_the_picture_follows),
        CASE(ends_of_a_loop_are_dragged),
        CASE(a_field_is_pinned_and_plotted),
        CASE(it_pauses_for_what_a_menu_names),
    };
    session_arguments(argc, argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
