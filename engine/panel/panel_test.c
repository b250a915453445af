#include "panel_testing.h"

// Contents: open and closed, the tree, values, search and pins, the log, the others, what is kept.

static void drag(Room *room, hl_vec2 from, float dx, float dy)
{
    room->input.mouse_px = from;
    frame(room);
    room->input.button[0] = true;
    for (int i = 0; i < 8; i++) {
        room->input.mouse_px.x += dx / 8;
        room->input.mouse_px.y += dy / 8;
        frame(room);
    }
    room->input.button[0] = false;
    frames(room, 2);
}

static void tap(Room *room, hl_key key)
{
    room->keys[key] = (hl_button){.down = true, .changes = 1};
    frame(room);
    room->keys[key] = (hl_button){.down = false, .changes = 1};
    frame(room);
    room->keys[key] = (hl_button){0};
}

// -------------------------------------------------------------------------------- open and closed

static void nothing_is_drawn_while_all_are_closed(void **state)
{
    // Scenario: frames without a panel; one opens, is closed by its cross, more frames.
    // Expect: no command, no wish for mouse or keys; with it some; then none again.
    Room *room = *state;
    uint32_t count;
    frames(room, 3);
    assert_int_equal(room->over.cmd_count, 0);
    assert_false(panels_any_open(room->panels) || panels_want_mouse(room->panels));
    assert_null(panels_items(room->panels, &count));
    open_panel(room, PANEL_LOG);
    assert_true(room->over.cmd_count > 0);
    assert_int_equal(room->over.dropped, 0);
    const hl_rectf *title = &shown(room, "Log")->box;
    click_at(room, (hl_vec2){title->x + title->w - 10, title->y + title->h / 2});
    assert_false(panel_is_open(room->panels, PANEL_LOG));
    frame(room);
    assert_int_equal(room->over.cmd_count, 0);
    assert_false(panels_want_mouse(room->panels));
}

static void panels_have_names(void **state)
{
    // Scenario: each panel's name back to the panel; words that are none.
    // Expect: the same one; false.
    (void)state;
    PanelKind kind;
    for (int i = 0; i < PANEL_KINDS; i++) {
        assert_true(panel_by_name(panel_name((PanelKind)i), &kind));
        assert_int_equal(kind, i);
    }
    assert_false(panel_by_name("inspect", &kind) || panel_by_name("", &kind));
}

static void the_mouse_is_wanted_over_a_panel_only(void **state)
{
    // Scenario: the mouse over the inspector, then beside it; a click into the search, elsewhere.
    // Expect: wanted, not wanted; keys are wanted while something is typed into.
    Room *room = *state;
    open_panel(room, PANEL_INSPECTOR);
    room->input.mouse_px = middle_of(shown(room, "Game"));
    frames(room, 2);
    assert_true(panels_want_mouse(room->panels));
    room->input.mouse_px = (hl_vec2){20, 200};
    frames(room, 2);
    assert_false(panels_want_mouse(room->panels));
    click(room, "##search=");
    assert_true(panels_want_keys(room->panels));
    click_at(room, (hl_vec2){20, 200});
    assert_false(panels_want_keys(room->panels));
}

// Of a panel, as what is kept of it says.
static hl_rectf place_of(Room *room, const char *title)
{
    char head[64];
    bool changed;
    int x, y, w, h;
    (void)text_format(head, sizeof(head), "[Window][%s]", title);
    const char *at = strstr(panels_kept(room->panels, &changed), head);
    assert_non_null(at);
    assert_int_equal(sscanf(at + strlen(head), " Pos=%d,%d Size=%d,%d", &x, &y, &w, &h), 4);
    return (hl_rectf){(float)x, (float)y, (float)w, (float)h};
}

static void they_open_beside_each_other(void **state)
{
    // Scenario: inspector, performance and log open in a window of 640 x 360; all five in one of
    // 1280 x 720.
    // Expect: all inside, none over another.
    static const struct {
        float w, h;
        int kinds[PANEL_KINDS], count;
    } CASES[] = {{640, 360, {PANEL_INSPECTOR, PANEL_SPEED, PANEL_LOG}, 3},
                 {1280, 720, {0, 1, 2, 3, 4}, 5}};
    static const char *const TITLES[] = {"Inspector", "Tweaks", "Log", "Performance",
                                         "Watches and plots"};
    Room *room = *state;
    for (size_t c = 0; c < COUNT_OF(CASES); c++) {
        Fault fault;
        panels_close(room->panels);
        room->panels = panels_open(&fault);
        room->input.width_px = CASES[c].w;
        room->input.height_px = CASES[c].h;
        for (int i = 0; i < CASES[c].count; i++) {
            open_panel(room, (PanelKind)CASES[c].kinds[i]);
        }
        for (int i = 0; i < CASES[c].count; i++) {
            hl_rectf a = place_of(room, TITLES[CASES[c].kinds[i]]);
            assert_true(a.x >= 0 && a.x + a.w <= CASES[c].w);
            assert_true(a.y >= 0 && a.y + a.h <= CASES[c].h);
            for (int k = 0; k < i; k++) {
                hl_rectf b = place_of(room, TITLES[CASES[c].kinds[k]]);
                assert_true(a.x + a.w <= b.x || b.x + b.w <= a.x || a.y >= b.y + b.h
                            || b.y >= a.y + a.h);
            }
        }
    }
}

// --------------------------------------------------------------------------------------- the tree

static void the_state_is_there_at_once(void **state)
{
    // Scenario: the inspector opens.
    // Expect: the state by its type, unfolded, with its fields and values; variables by file, in
    // their order; allocations by type.
    Room *room = *state;
    room->input.height_px = 720;
    open_panel(room, PANEL_INSPECTOR);
    (void)shown(room, "Game");
    assert_string_equal(value_of(room, "seconds")->text, "##value=12.25");
    assert_string_equal(value_of(room, "score")->text, "##value=4200");
    assert_string_equal(value_of(room, "mobs")->text, "8 x Mob");
    assert_string_equal(value_of(room, "hero.c")->text, "7 variables");
    assert_string_equal(value_of(room, "view.c")->text, "2 variables");
    assert_string_equal(value_of(room, "Mob")->text, "5, 120 bytes");
    assert_string_equal(value_of(room, "int")->text, "1000000, 3906 KB");
    assert_null(item_of(room, "pos", 0));
}

static void things_unfold_and_fold(void **state)
{
    // Scenario: hero, then the pointer in it, then hero again are clicked; a file of variables.
    // Expect: its members, what the pointer leads to, none of both; the file's variables, statics
    // of functions by both names.
    Room *room = *state;
    room->input.height_px = 720;
    open_panel(room, PANEL_INSPECTOR);
    click(room, "hero");
    assert_string_equal(value_of(room, "combo")->text, "##value=-2");
    assert_string_equal(value_of(room, "lives")->text, "##value=3");
    assert_string_equal(value_of(room, "mood")->text, "##value=ANGRY");
    assert_string_equal(value_of(room, "name")->text, "##value=Fox");
    assert_string_equal(value_of(room, "target")->text, "-> Mob[2]");
    click(room, "target");
    assert_string_equal(value_of(room, "hp")->text, "##value=33");
    click(room, "hero");
    assert_null(item_of(room, "combo", 0));
    assert_null(item_of(room, "hp", 0));
    click(room, "hero.c");
    assert_string_equal(value_of(room, "calls")->text, "##value=3");
    (void)shown(room, "jump.jumps");
    assert_null(item_of(room, "FIXED", 0));
}

static void a_million_elements_scroll(void **state)
{
    // Scenario: the allocation of a million numbers is unfolded, and the wheel turned; then the
    // list is dragged to its end.
    // Expect: only what fits is made; the right elements, each with its value; the last one.
    Room *room = *state;
    uint32_t count;
    open_panel(room, PANEL_INSPECTOR);
    click(room, "Game"); // folded: what follows is seen
    click(room, "int");
    click_at(room, middle_of(item_of(room, "int", 1)));
    (void)shown(room, "[3]");
    assert_string_equal(value_of(room, "[3]")->text, "##value=9");
    (void)panels_items(room->panels, &count);
    assert_true(count < 200);
    room->input.mouse_px = middle_of(value_of(room, "[3]")); // beside the name, which has a tip
    for (int i = 0; i < 40; i++) {
        room->input.wheel = (hl_vec2){0, -5};
        frame(room);
    }
    frames(room, 3);
    const UiItem *items = panels_items(room->panels, &count);
    int seen = 0;
    for (uint32_t i = 0; i + 1 < count; i++) {
        int n, value;
        if (sscanf(items[i].text, "[%d]", &n) == 1) {
            assert_int_equal(sscanf(items[i + 1].text, "##value=%d", &value), 1);
            assert_int_equal(value, n * 3);
            assert_true(n > 100);
            seen++;
        }
    }
    assert_true(count < 200 && seen > 10);
    const hl_rectf *window = &shown(room, "Inspector")->box;
    drag(room, (hl_vec2){window->x + window->w - 14, 100}, 0, 260);
    frames(room, 3);
    (void)shown(room, "[999999]");
}

static void a_changed_value_flashes(void **state)
{
    // Scenario: a value changes and changes back; nothing changes for a second.
    // Expect: another picture while it is fresh than later, though the same is written; then the
    // picture stays.
    Room *room = *state;
    open_panel(room, PANEL_INSPECTOR);
    frames(room, 3);
    uint64_t calm = draw_hash(&room->over);
    room->game->seconds = 13;
    frame(room);
    room->game->seconds = 12.25;
    frame(room);
    assert_int_not_equal(draw_hash(&room->over), calm);
    room->view.now_ns += NS_PER_S;
    frame(room);
    assert_int_equal(draw_hash(&room->over), calm);
}

static void right_click_at(Room *room, hl_vec2 at)
{
    room->input.mouse_px = at;
    frame(room);
    room->input.button[1] = room->input.clicked[1] = true;
    frame(room);
    room->input.button[1] = false;
    frames(room, 2);
}

static void right_click(Room *room, const char *text)
{
    right_click_at(room, middle_of(shown(room, text)));
}

static void the_menu_asks_about_a_field(void **state)
{
    // Scenario: the right button on a number and on a fraction; each of what the menu has, with a
    // condition typed and without.
    // Expect: a wish for each, with the field's path; a condition's items do nothing before one is
    // typed; whole numbers are not asked about nan.
    Room *room = *state;
    PanelRequests *wishes = &room->requests;
    open_panel(room, PANEL_INSPECTOR);
    right_click(room, "score");
    assert_null(item_of(room, "pause when it becomes nan", 0));
    click(room, "pause when it is so");
    assert_false(wishes->breaks);
    click(room, "when did it last change?");
    assert_true(wishes->finds);
    assert_string_equal(wishes->find_when, "score changes");
    right_click(room, "score");
    click(room, "pause when it changes");
    assert_string_equal(wishes->break_on, "score changes");
    right_click(room, "seconds");
    click(room, "when did it become nan?");
    assert_string_equal(wishes->find_when, "seconds nan");
    right_click(room, "seconds");
    click(room, "pause when it becomes nan");
    assert_string_equal(wishes->break_on, "seconds nan");
    right_click(room, "score");
    click(room, "##condition=");
    type_text(room, "> 9");
    click(room, "pause when it is so");
    assert_true(wishes->breaks);
    assert_string_equal(wishes->break_on, "score > 9");
    right_click(room, "score");
    click(room, "when did it become so?");
    assert_string_equal(wishes->find_when, "score > 9");
    right_click(room, "score");
    click(room, "plot over history");
    assert_true(panel_has_plot(room->panels, "score"));
    right_click(room, "score");
    click(room, "pin to the top");
    assert_non_null(item_of(room, "score", 1));
}

static void a_value_has_its_rows_menu(void **state)
{
    // Scenario: the right button on values: a number, one of a vector, a colour. There a condition
    // is typed and Enter pressed; then Escape.
    // Expect: the menu of the row each time; a wish and no menu any more; none any more.
    Room *room = *state;
    open_panel(room, PANEL_INSPECTOR);
    right_click_at(room, middle_of(value_of(room, "score")));
    click(room, "##condition=");
    type_text(room, "> 9");
    tap(room, HL_KEY_ENTER);
    frames(room, 2);
    assert_true(room->requests.breaks);
    assert_string_equal(room->requests.break_on, "score > 9");
    assert_null(item_of(room, "copy its name", 0));
    right_click_at(room, middle_of(value_of(room, "score")));
    assert_non_null(item_of(room, "copy its name", 0));
    tap(room, HL_KEY_ESCAPE);
    frames(room, 2);
    assert_null(item_of(room, "copy its name", 0));
    click(room, "hero");
    frames(room, 2);
    right_click_at(room, middle_of(value_of(room, "vel")));
    click(room, "copy its name");
    assert_string_equal(room->requests.copy_text, "hero.vel");
    right_click_at(room, middle_of(value_of(room, "vel")));
    click(room, "plot y over history");
    assert_true(panel_has_plot(room->panels, "hero.vel.y"));
    assert_true(panel_is_open(room->panels, PANEL_WATCH));
    panel_set_open(room->panels, PANEL_WATCH, false);
    frames(room, 2);
    right_click_at(room, middle_of(value_of(room, "tint")));
    click(room, "copy its name");
    assert_string_equal(room->requests.copy_text, "hero.tint");
}

static const UiItem *starting_with(Room *room, const char *text)
{
    uint32_t count;
    const UiItem *items = panels_items(room->panels, &count);
    for (uint32_t i = 0; i < count; i++) {
        if (strncmp(items[i].text, text, strlen(text)) == 0) {
            return &items[i];
        }
    }
    return NULL;
}

static void what_is_cut_is_said_under_the_mouse(void **state)
{
    // Scenario: the mouse on a struct's value, which is wider than its column, and on a short one.
    // Expect: all of it; nothing.
    Room *room = *state;
    char whole[1000];
    Field field;
    Fault fault;
    open_panel(room, PANEL_INSPECTOR);
    assert_true(field_find(&room->fields, "hero", &field, &fault));
    field_text(&room->fields, &field, whole, sizeof(whole));
    whole[150] = '\0'; // items have so many letters
    room->input.mouse_px = middle_of(value_of(room, "nowhere"));
    frames(room, 3);
    assert_null(item_of(room, "NULL", 1));
    assert_null(starting_with(room, whole));
    room->input.mouse_px = middle_of(value_of(room, "hero"));
    frames(room, 3);
    assert_non_null(starting_with(room, whole));
}

static void breaks_are_listed_and_taken_off(void **state)
{
    // Scenario: two breaks in the panel of watches: one is searched for in the past, one taken off;
    // a third is typed.
    // Expect: a wish for each.
    Room *room = *state;
    static const PanelBreak BREAKS[] = {{.number = 3, .hits = 2, .condition = "hero.hp <= 0"},
                                        {.number = 7, .condition = "score changes"}};
    room->view.breaks = BREAKS;
    room->view.break_count = 2;
    open_panel(room, PANEL_WATCH);
    assert_non_null(shown(room, "hero.hp <= 0"));
    assert_non_null(shown(room, "2 times"));
    click_at(room, middle_of(item_of(room, "when?", 0)));
    assert_true(room->requests.finds);
    assert_string_equal(room->requests.find_when, "hero.hp <= 0");
    click_at(room, middle_of(item_of(room, "x", 1)));
    assert_int_equal(room->requests.break_off, 7);
    click(room, "##break=");
    type_text(room, "score > 9");
    room->keys[HL_KEY_ENTER] = (hl_button){.down = true, .changes = 1};
    frame(room);
    room->keys[HL_KEY_ENTER] = (hl_button){0};
    frame(room);
    assert_true(room->requests.breaks);
    assert_string_equal(room->requests.break_on, "score > 9");
}

static void what_has_no_names_says_why(void **state)
{
    // Scenario: there are no fields. Expect: the reason, in inspector and tweaks.
    Room *room = *state;
    room->view.fields = NULL;
    room->view.no_fields = "no tick has run";
    open_panel(room, PANEL_INSPECTOR);
    open_panel(room, PANEL_TWEAKS);
    assert_non_null(item_of(room, "no tick has run", 1));
}

// ----------------------------------------------------------------------------------------- values

static void assert_edit(const Room *room, const char *path, const char *value)
{
    assert_true(room->requests.edit_count > 0);
    const PanelEdit *edit = &room->requests.edits[room->requests.edit_count - 1];
    assert_string_equal(edit->path, path);
    assert_string_equal(edit->value, value);
}

static double dragged(Room *room, const char *path, hl_vec2 at)
{
    room->requests.edit_count = 0;
    drag(room, at, 40, 0);
    assert_true(room->requests.edit_count > 0);
    assert_string_equal(room->requests.edits[0].path, path);
    return atof(room->requests.edits[room->requests.edit_count - 1].value);
}

static void numbers_are_dragged(void **state)
{
    // Scenario: a double, a long long, one part of a vector and a bit-field of three bits are
    // dragged to the right.
    // Expect: requests that name them, with larger values; the bit-field ends at its limit; nothing
    // is written by the panel.
    Room *room = *state;
    open_panel(room, PANEL_INSPECTOR);
    assert_true(dragged(room, "seconds", middle_of(value_of(room, "seconds"))) > 12.25);
    assert_true(dragged(room, "score", middle_of(value_of(room, "score"))) > 4200);
    assert_int_equal(room->game->score, 4200);
    click(room, "hero");
    hl_vec2 y = middle_of(value_of(room, "vel") + 1);
    assert_true(dragged(room, "hero.vel.y", y) > -3.25);
    room->game->hero.lives = 6;
    assert_true(dragged(room, "hero.lives", middle_of(value_of(room, "lives"))) == 7);
}

static void numbers_are_typed(void **state)
{
    // Scenario: Ctrl + click on a number, "77.5", Enter.
    // Expect: one request with that.
    Room *room = *state;
    open_panel(room, PANEL_INSPECTOR);
    room->input.ctrl = true;
    click_at(room, middle_of(value_of(room, "seconds")));
    room->input.ctrl = false;
    assert_true(panels_want_keys(room->panels));
    type_text(room, "77.5");
    tap(room, HL_KEY_ENTER);
    assert_edit(room, "seconds", "77.5");
    frame(room);
    assert_false(panels_want_keys(room->panels));
}

static void others_are_chosen_and_typed(void **state)
{
    // Scenario: a bool is clicked, an enum opened and another name chosen, a text typed over with
    // what has quotes in it, a colour's patch clicked.
    // Expect: requests by name, quoted, a picker.
    Room *room = *state;
    room->input.height_px = 720;
    open_panel(room, PANEL_INSPECTOR);
    click(room, "hero");
    click_at(room,
             (hl_vec2){value_of(room, "alive")->box.x + 5, middle_of(value_of(room, "alive")).y});
    assert_edit(room, "hero.alive", "false");
    click(room, "##value=ANGRY");
    const hl_rectf *box = &shown(room, "##value=ANGRY")->box;
    click_at(room, (hl_vec2){box->x + 20, box->y + box->h + 40}); // the third of the list
    assert_edit(room, "hero.mood", "ASLEEP");
    click(room, "##value=Fox");
    assert_true(panels_want_keys(room->panels));
    type_text(room, "a \"b\\");
    tap(room, HL_KEY_ENTER);
    assert_edit(room, "hero.name", "\"a \\\"b\\\\\"");
    uint32_t before = room->over.cmd_count;
    click(room, "##value=ff8844ff");
    frames(room, 2);
    assert_true(room->over.cmd_count > before);
}

static void what_cannot_be_changed_is_text(void **state)
{
    // Scenario: the same in a replay.
    // Expect: values are seen, dragging them asks for nothing.
    Room *room = *state;
    room->live->config.replay = (ReplayReader *)room; // is only compared with NULL
    open_panel(room, PANEL_INSPECTOR);
    assert_string_equal(value_of(room, "score")->text, "4200");
    drag(room, middle_of(value_of(room, "score")), 40, 0);
    assert_int_equal(room->requests.edit_count, 0);
}

static void numbers_that_are_none_are_shown(void **state)
{
    // Scenario: NaN, infinity, the largest long long, an enum without a name, a wild pointer, a
    // text without an end and one of broken UTF-8.
    // Expect: each is drawn, and nothing asked for.
    Room *room = *state;
    room->input.height_px = 720;
    room->game->seconds = NAN;
    room->game->hero.vel.y = INFINITY;
    room->game->score = INT64_MAX;
    room->game->hero.mood = (Mood)3;
    room->game->hero.target = (Mob *)0x10;
    memset(room->game->hero.name, 'x', sizeof(room->game->hero.name));
    open_panel(room, PANEL_INSPECTOR);
    click(room, "hero");
    assert_string_equal(value_of(room, "mood")->text, "##value=3");
    assert_string_equal(value_of(room, "score")->text, "9223372036854775807");
    assert_string_equal(value_of(room, "name")->text, "##value=xxxxxxxxxxxxxxxx");
    memset(room->game->hero.name, 0xff, sizeof(room->game->hero.name));
    frames(room, 2);
    assert_int_equal(room->requests.edit_count, 0);
    assert_int_equal(room->over.dropped, 0);
}

// -------------------------------------------------------------------------------- search and pins

static void letters_find_fields(void **state)
{
    // Scenario: "hp", "mob hp", "Vec", "hero.vel.y" and "qqq" are typed.
    // Expect: paths of fields called so; those in a mob; those of that type; first the one meant;
    // nothing, said so. Of an array the first few.
    Room *room = *state;
    open_panel(room, PANEL_INSPECTOR);
    click(room, "##search=");
    type_text(room, "hp");
    frames(room, 3);
    assert_string_equal(value_of(room, "mobs[1].hp")->text, "##value=11");
    (void)shown(room, "Mob[0].hp");
    assert_null(item_of(room, "score", 0));
    tap(room, HL_KEY_BACKSPACE);
    tap(room, HL_KEY_BACKSPACE);
    type_text(room, "mob hp");
    frames(room, 3);
    (void)shown(room, "mobs[0].hp");
    tap(room, HL_KEY_HOME);
    for (int i = 0; i < 6; i++) {
        tap(room, HL_KEY_DELETE);
    }
    type_text(room, "vec");
    frames(room, 3);
    (void)shown(room, "hero.pos");
    (void)shown(room, "spot");
    for (int i = 0; i < 3; i++) {
        tap(room, HL_KEY_BACKSPACE);
    }
    type_text(room, "hero.vel.y");
    frames(room, 3);
    assert_string_equal(value_of(room, "hero.vel.y")->text, "##value=-3.25");
    type_text(room, "qqq");
    frames(room, 3);
    (void)shown(room, "nothing is called that");
}

static void what_was_found_unfolds(void **state)
{
    // Scenario: "mobs[1]" is typed and unfolded; "hero." is; a vector that is pinned is unfolded.
    // Expect: what is in it by its own names; the same at once; the pin's parts, which stay.
    Room *room = *state;
    open_panel(room, PANEL_INSPECTOR);
    click(room, "##search=");
    type_text(room, "mobs[1]");
    frames(room, 3);
    assert_null(item_of(room, "hp", 0));
    click(room, "mobs[1]");
    frames(room, 2);
    assert_string_equal(value_of(room, "hp")->text, "##value=11");
    click(room, "##search=mobs[1]");
    type_text(room, "hero.");
    frames(room, 3);
    (void)shown(room, "combo");
    assert_null(item_of(room, "hp", 0));
    right_click(room, "vel");
    click(room, "pin to the top");
    frames(room, 2);
    click(room, "hero.vel");
    frames(room, 2);
    assert_string_equal(value_of(room, "y")->text, "##value=-3.25");
    click(room, "hero.vel");
    frames(room, 2);
    assert_null(item_of(room, "y", 0));
}

// The dot at the end of a row.
static void click_pin(Room *room, const char *name)
{
    const hl_rectf *window = &shown(room, "Inspector")->box;
    click_at(room, (hl_vec2){window->x + window->w - 15, middle_of(shown(room, name)).y});
}

static void pins_stay_at_the_top(void **state)
{
    // Scenario: score is pinned, what is open is kept and put into other panels; there it is taken
    // off.
    // Expect: two rows of it, the upper one by its path; the same in the others; one.
    Room *room = *state;
    Fault fault;
    bool changed;
    open_panel(room, PANEL_INSPECTOR);
    (void)panels_kept(room->panels, &changed);
    click_pin(room, "score");
    assert_non_null(item_of(room, "score", 1));
    assert_true(item_of(room, "score", 0)->box.y < shown(room, "Game")->box.y);
    char *kept = strdup(panels_kept(room->panels, &changed));
    assert_true(changed);
    assert_non_null(strstr(kept, "\npin score\n"));
    panels_close(room->panels);
    room->panels = panels_open(&fault);
    panels_put_kept(room->panels, kept);
    free(kept);
    assert_true(panel_is_open(room->panels, PANEL_INSPECTOR));
    frames(room, 3);
    assert_non_null(item_of(room, "score", 1));
    click_pin(room, "score");
    assert_null(item_of(room, "score", 1));
}

static void a_pin_may_lead_nowhere(void **state)
{
    // Scenario: a pinned path that the build does not have. Expect: its row, and that it is not
    // there.
    Room *room = *state;
    panels_put_kept(room->panels, "hotloop panels 1\nopen inspector\npin gone.away\nlayout\n");
    frames(room, 3);
    assert_string_equal(value_of(room, "gone.away")->text, "not there at this moment");
}

static void damaged_text_is_taken_as_far_as_it_goes(void **state)
{
    // Scenario: kept text that is empty, foreign, cut, with words that mean nothing and far too
    // many pins. Expect: what makes sense of it; no panel that is not there.
    Room *room = *state;
    static char many[64 << 10];
    panels_put_kept(room->panels, "");
    panels_put_kept(room->panels, "window 1 2 3 4\nopen log\n");
    assert_false(panels_any_open(room->panels));
    panels_put_kept(room->panels, "hotloop panels 1\nopen nothing\nopen log\npin \nbla\nlayout");
    assert_true(panel_is_open(room->panels, PANEL_LOG));
    size_t used = (size_t)sprintf(many, "hotloop panels 1\nopen inspector\n");
    for (int i = 0; i < 200; i++) {
        used += (size_t)sprintf(many + used, "pin mobs[%d].hp\n", i);
    }
    strcpy(many + used, "layout\n[Window][Insp\nPos=zz,1e9\n\x01[[[\n");
    panels_put_kept(room->panels, many);
    frames(room, 3);
    (void)shown(room, "mobs[3].hp");
}

// ---------------------------------------------------------------------------------------- the log

static void say(Room *room, LogLevel level, uint64_t tick, const char *text)
{
    panels_log(room->panels, level, tick, true, (LivePlace){.branch = 2, .moment = tick}, text);
}

static void lines_are_shown_and_lead_to_their_moment(void **state)
{
    // Scenario: lines of three levels, said while the log was closed; it opens, one is clicked; one
    // whose moment is forgotten is clicked.
    // Expect: all with their ticks; a request for that moment of its branch; none.
    Room *room = *state;
    say(room, LOG_INFO, 20, "began");
    say(room, LOG_WARNING, 121, "careful\x1b[31m");
    say(room, LOG_ERROR, 122, "broken");
    open_panel(room, PANEL_LOG);
    (void)shown(room, "121");
    (void)shown(room, "careful?[31m");
    click(room, "broken");
    assert_true(room->requests.seek);
    assert_int_equal(room->requests.seek_to.moment, 122);
    assert_int_equal(room->requests.seek_to.branch, 2);
    room->requests.seek = false;
    room->view.span.first = 100;
    click(room, "began");
    assert_false(room->requests.seek);
}

static void lines_are_filtered(void **state)
{
    // Scenario: info is turned off; "bro" is typed as well; both are taken back.
    // Expect: only what is asked for, each time.
    Room *room = *state;
    say(room, LOG_INFO, 1, "a bronze coin");
    say(room, LOG_WARNING, 2, "careful");
    say(room, LOG_ERROR, 3, "broken");
    open_panel(room, PANEL_LOG);
    click(room, "info=on");
    assert_null(item_of(room, "a bronze coin", 0));
    (void)shown(room, "careful");
    click(room, "##search=");
    type_text(room, "bro");
    frames(room, 2);
    assert_null(item_of(room, "careful", 0));
    (void)shown(room, "broken");
    click(room, "info=off");
    (void)shown(room, "a bronze coin");
}

static void old_lines_go_and_new_ones_are_followed(void **state)
{
    // Scenario: 20,000 lines come while the log is open; the wheel goes up; more come.
    // Expect: the newest is shown; after the wheel the place stays.
    Room *room = *state;
    char text[64];
    open_panel(room, PANEL_LOG);
    for (int i = 0; i < 20000; i++) {
        (void)text_format(text, sizeof(text), "line %d", i);
        say(room, LOG_INFO, (uint64_t)i, text);
        if (i % 100 == 0) {
            frame(room);
        }
    }
    frames(room, 3);
    room->input.mouse_px = middle_of(shown(room, "line 19999"));
    for (int i = 0; i < 3; i++) {
        room->input.wheel = (hl_vec2){0, 3};
        frame(room);
    }
    frames(room, 2);
    assert_null(item_of(room, "line 19999", 0));
    say(room, LOG_INFO, 20000, "line 20000");
    frames(room, 3);
    assert_null(item_of(room, "line 20000", 0));
}

static void lines_stand_still_under_the_mouse(void **state)
{
    // Scenario: the mouse is on a line while more come; it is clicked while the list moves on; the
    // mouse leaves. Two lines, one of them longer than the panel, are pointed at.
    // Expect: the line stays where it is, and the click leads to it; then the newest is shown. Only
    // of the long one the tip has all.
    static const char LONG[] =
        "a line that goes on and on and on and on and on and on and on and on "
        "and on";
    Room *room = *state;
    char text[64];
    for (int i = 0; i < 60; i++) {
        (void)text_format(text, sizeof(text), "line %d", i);
        say(room, LOG_INFO, (uint64_t)i, text);
    }
    open_panel(room, PANEL_LOG);
    hl_vec2 at = middle_of(shown(room, "line 57"));
    room->input.mouse_px = at;
    frames(room, 2);
    for (int i = 60; i < 80; i++) {
        (void)text_format(text, sizeof(text), "line %d", i);
        say(room, LOG_INFO, (uint64_t)i, text);
        frame(room);
    }
    assert_float_equal(middle_of(shown(room, "line 57")).y, at.y, 0.5);
    click_at(room, at);
    assert_true(room->requests.seek);
    assert_int_equal(room->requests.seek_to.moment, 57);
    room->input.mouse_px = (hl_vec2){1, 1};
    say(room, LOG_INFO, 80, LONG);
    frames(room, 4);
    room->input.mouse_px = middle_of(shown(room, LONG));
    frames(room, 3);
    assert_non_null(item_of(room, LONG, 1));
    room->input.mouse_px = middle_of(shown(room, "line 79"));
    frames(room, 3);
    assert_null(item_of(room, "line 79", 1));
}

// ------------------------------------------------------------------------------------- the others

static void add_watch(Room *room, const char *name, const char *text, bool is_plot)
{
    HostWatch *watch = &room->live->host->watches[room->live->host->watch_count++];
    (void)text_format(watch->name, sizeof(watch->name), "%s", name);
    (void)text_format(watch->now, sizeof(watch->now), "%s", text);
    watch->is_plot = is_plot;
}

// A tick in which both were said.
static void run_tick(Room *room, uint64_t tick, double value)
{
    HostWatch *watches = room->live->host->watches;
    room->live->host->state->tick = watches[0].seen_tick = watches[1].seen_tick = tick;
    watches[1].last = value;
    frame(room);
}

static void watches_are_listed_and_plots_drawn(void **state)
{
    // Scenario: none; a watch and a plot whose value moves; the past is shown; then it is played
    // on from there.
    // Expect: how to have one; name and value; the range of what was seen; that up to there, and
    // what the watch was said in; the jump takes back what came after it.
    Room *room = *state;
    static HostState host_state;
    host_state = (HostState){0};
    room->live->host->state = &host_state;
    open_panel(room, PANEL_WATCH);
    assert_non_null(strstr(panels_items(room->panels, &(uint32_t){0})[1].text, "HL_WATCH"));
    add_watch(room, "g->hp", "12", false);
    add_watch(room, "g->vy", "", true);
    for (uint64_t i = 0; i < 60; i++) {
        run_tick(room, i + 1, (double)i);
    }
    assert_string_equal(value_of(room, "g->hp")->text, "12");
    (void)shown(room, "0 .. 59");
    host_state.tick = 31;
    frame(room);
    (void)shown(room, "0 .. 30");
    assert_string_equal(value_of(room, "g->hp")->text, "12 (tick 60)");
    run_tick(room, 10, 9);
    (void)shown(room, "0 .. 9");
    host_state.tick = 60;
    frame(room);
    (void)shown(room, "0 .. 9");
}

static void watches_of_older_builds_go(void **state)
{
    // Scenario: a new build says a plot and not the watch any more; then the past is shown.
    // Expect: the watch is there until the build has run, and there again.
    Room *room = *state;
    static HostState host_state;
    host_state = (HostState){0};
    room->live->host->state = &host_state;
    room->live->generation = 1;
    add_watch(room, "g->hp", "12", false);
    add_watch(room, "g->vy", "", true);
    run_tick(room, 5, 1);
    open_panel(room, PANEL_WATCH);
    (void)shown(room, "g->hp");
    room->live->generation = 2;
    frame(room);
    (void)shown(room, "g->hp");
    host_state.tick = 6;
    room->live->host->watches[1].seen_tick = 6;
    frame(room);
    assert_null(item_of(room, "g->hp", 0));
    (void)shown(room, "g->vy");
    host_state.tick = 3;
    frame(room);
    (void)shown(room, "g->hp");
}

static void plots_say_why_they_are_empty(void **state)
{
    // Scenario: a game without history; a plot is asked for by name, ten more by a program; what is
    // kept goes to other panels; the first is taken away by its x.
    // Expect: it says that there is no history; there are eight; they come back; seven are left.
    Room *room = *state;
    char path[16];
    bool changed;
    Fault fault;
    open_panel(room, PANEL_WATCH);
    click(room, "##field=");
    type_text(room, "score");
    tap(room, HL_KEY_ENTER);
    frame(room);
    (void)shown(room, "score");
    (void)shown(room, "no history is kept");
    for (int i = 0; i < 10; i++) {
        (void)text_format(path, sizeof(path), "mobs[%d].hp", i);
        assert_int_equal(panel_plot(room->panels, path, true), i < PANEL_PLOTS_MAX - 1);
    }
    char *kept = strdup(panels_kept(room->panels, &changed));
    assert_true(changed);
    assert_non_null(strstr(kept, "\nplot score\nplot mobs[0].hp\n"));
    panels_close(room->panels);
    room->panels = panels_open(&fault);
    panels_put_kept(room->panels, kept);
    free(kept);
    frames(room, 3);
    assert_true(panel_has_plot(room->panels, "mobs[6].hp"));
    click(room, "x");
    assert_false(panel_has_plot(room->panels, "score"));
    assert_true(panel_has_plot(room->panels, "mobs[0].hp"));
}

static void the_time_of_frames_is_shown(void **state)
{
    // Scenario: frames with times, one of them with a reload.
    // Expect: mean and most of each part; what is drawn; the state's types by size.
    Room *room = *state;
    room->input.height_px = 720;
    room->view.times = &room->times;
    room->view.draw_commands = 321;
    room->view.draw_calls = 4;
    panel_set_open(room->panels, PANEL_SPEED, true);
    for (int i = 0; i < 60; i++) {
        room->times = (PanelTimes){
            .frame = 16.7f, .ticks = i == 30 ? 7 : 1, .draw = 0.5f, .idle = 15, .reload = i == 30};
        frame(room);
    }
    (void)shown(room, "  1.10 ms");
    (void)shown(room, "  7.00 most");
    (void)shown(room, " 15.00 ms");
    (void)shown(room, "321 commands in 4 draw calls");
    const UiItem *numbers = shown(room, "int"), *game = shown(room, "Game");
    assert_true(numbers->box.y < game->box.y);
    (void)shown(room, "none is kept");
}

static void tweaks_are_found(void **state)
{
    // Scenario: the build has plain floats with a value, as its globals' first contents say; one is
    // dragged, and was changed before.
    // Expect: they are listed by file, with whole numbers, without what begins as nothing; a
    // request; ways back and into the source, for what was moved only.
    Room *room = *state;
    uint64_t count = room->table->variable_count;
    uintptr_t first = UINTPTR_MAX, end = 0;
    for (uint64_t i = 0; i < count; i++) {
        const ReflectVariable *one = &room->table->variables[i];
        if (one->address && !one->is_const) {
            first = one->address < first ? one->address : first;
            end = one->address + one->bytes > end ? one->address + one->bytes : end;
        }
    }
    room->live->now.globals_first = first;
    room->live->now.globals_end = end;
    uint8_t *initial = arena_push(&room->memory, 1, 16, end - first);
    memcpy(initial, (const void *)first, end - first);
    room->live->now.globals_initial = initial;
    float *jump = dlsym(room->library, "JUMP");
    assert_non_null(jump);
    open_panel(room, PANEL_TWEAKS);
    assert_string_equal(value_of(room, "RUN")->text, "##value=90.5");
    (void)shown(room, "zoom");
    assert_string_equal(value_of(room, "calls")->text, "##value=3");
    assert_null(item_of(room, "shown", 0));
    assert_null(item_of(room, "<-", 0));
    assert_null(item_of(room, "keep", 0));
    drag(room, middle_of(value_of(room, "JUMP")), 40, 0);
    assert_string_equal(room->requests.edits[0].path, "JUMP");
    assert_true(atof(room->requests.edits[0].value) > 220);
    *jump = 300;
    frames(room, 2);
    room->requests.edit_count = 0;
    click(room, "<-");
    assert_edit(room, "JUMP", "220");
    click(room, "keep");
    assert_int_equal(room->requests.keep_count, 1);
    assert_string_equal(room->requests.keeps[0], "JUMP");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, enter, leave)
int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(nothing_is_drawn_while_all_are_closed),
        CASE(panels_have_names),
        CASE(the_mouse_is_wanted_over_a_panel_only),
        CASE(they_open_beside_each_other),
        CASE(the_state_is_there_at_once),
        CASE(things_unfold_and_fold),
        CASE(a_million_elements_scroll),
        CASE(a_changed_value_flashes),
        CASE(the_menu_asks_about_a_field),
        CASE(a_value_has_its_rows_menu),
        CASE(what_is_cut_is_said_under_the_mouse),
        CASE(what_was_found_unfolds),
        CASE(breaks_are_listed_and_taken_off),
        CASE(what_has_no_names_says_why),
        CASE(numbers_are_dragged),
        CASE(numbers_are_typed),
        CASE(others_are_chosen_and_typed),
        CASE(what_cannot_be_changed_is_text),
        CASE(numbers_that_are_none_are_shown),
        CASE(letters_find_fields),
        CASE(pins_stay_at_the_top),
        CASE(a_pin_may_lead_nowhere),
        CASE(damaged_text_is_taken_as_far_as_it_goes),
        CASE(lines_are_shown_and_lead_to_their_moment),
        CASE(lines_are_filtered),
        CASE(old_lines_go_and_new_ones_are_followed),
        CASE(lines_stand_still_under_the_mouse),
        CASE(watches_are_listed_and_plots_drawn),
        CASE(watches_of_older_builds_go),
        CASE(plots_say_why_they_are_empty),
        CASE(the_time_of_frames_is_shown),
        CASE(tweaks_are_found),
    };
    return cmocka_run_group_tests_name("panel", tests, NULL, NULL);
}
