// What a game puts out. A part of host_test.c, which includes it.

// ------------------------------------------------------------------------------------------ sound

static void fill_audio(void *state, hl_tick *t)
{
    Game *g = state;
    int frames = -1;
    float *samples = hl_audio(t, &frames);
    for (int i = 0; i < 2 * frames; i++) {
        assert_true(samples[i] == 0);
        samples[i] = 1;
    }
    g->step += frames;
}

static void audio_frames_add_up(void **state)
{
    // Scenario: hl_audio in each tick of one second, at rates that do not divide 48,000.
    // Expect: zeroed room each time, 48,000 frames in all, and the same number in the sound list.
    Room *room = *state;
    Game *g = game_of(room);
    static const int RATES[] = {1, 7, 60, 61, 144, 999, 1000};
    for (size_t r = 0; r < COUNT_OF(RATES); r++) {
        uint32_t heard = 0;
        room->game.tick_rate = RATES[r];
        g->step = 0;
        for (int i = 0; i < RATES[r]; i++) {
            tick(room, fill_audio);
            assert_int_equal(room->sound.cmds[0].kind, SOUND_SAMPLES);
            heard += room->sound.cmds[0].frames;
        }
        assert_int_equal(g->step, 48000);
        assert_int_equal(heard, 48000);
    }
}

static void fill_audio_often(void *state, hl_tick *t)
{
    for (int i = 0; i < 100; i++) {
        fill_audio(state, t);
    }
}

static void make_noise(void *state, hl_tick *t)
{
    (void)state;
    hl_play(t, "beep.wav");
    hl_play_ex(t, "beep.wav", (hl_sound){.volume = 0.5f, .pan = -0.25f, .pitch = 2});
    hl_play_ex(t, "beep.wav", (hl_sound){.volume = NAN, .pan = 9, .pitch = 0.001f});
    hl_play(t, "missing.wav");
    hl_play(t, NULL);
    hl_music(t, "beep.wav", 0.75f);
    hl_music(t, NULL, 1);
    hl_tone(t, HL_SAW, 440, 0.1f, 0.5f);
    hl_tone(t, (hl_wave)77, INFINITY, -1, 5);
}

static void sound_requests_reach_the_list_in_range(void **state)
{
    // Scenario: plays, music, tones; default and wild numbers; names there are no files of; more
    // hl_audio than the list holds.
    // Expect: the missing are left out; 0 means full volume and recorded pitch; all in range; what
    // does not fit is counted and the game still gets room.
    Room *room = *state;
    put_asset(room, "beep.wav", "RIFF, as far as host can tell");
    tick(room, make_noise);
    const SoundCmd *cmds = room->sound.cmds;
    assert_int_equal(room->sound.cmd_count, 7);
    assert_int_equal(cmds[0].kind, SOUND_PLAY);
    assert_string_equal(cmds[0].clip.name, "beep.wav");
    assert_int_equal(cmds[0].clip.version, 1);
    assert_int_equal(cmds[0].clip.size_bytes, 29);
    assert_true(cmds[0].volume == 1 && cmds[0].pan == 0 && cmds[0].pitch == 1);
    assert_true(cmds[1].volume == 0.5f && cmds[1].pan == -0.25f && cmds[1].pitch == 2);
    assert_true(cmds[2].volume == 0 && cmds[2].pan == 1 && cmds[2].pitch == 1.0f / 16);
    assert_int_equal(cmds[3].kind, SOUND_MUSIC);
    assert_true(cmds[3].volume == 0.75f);
    assert_int_equal(cmds[4].kind, SOUND_MUSIC_STOP);
    assert_int_equal(cmds[5].kind, SOUND_TONE);
    assert_true(cmds[5].wave == HL_SAW && cmds[5].hz == 440 && cmds[5].seconds == 0.1f);
    assert_true(cmds[6].wave == HL_SQUARE && cmds[6].hz == 0 && cmds[6].volume == 1);
    assert_true(cmds[6].seconds == 0);
    tick(room, fill_audio_often);
    assert_int_equal(room->sound.frame_count, 48000);
    assert_true(room->sound.dropped > 0);
}

// --------------------------------------------------------------------------------- the programmer

static void talk(void *state, hl_tick *t)
{
    Game *g = state;
    for (int i = 0; i < g->step; i++) {
        hl_log(t, "%d %s", i, g->text);
    }
}

static void log_lines_are_bounded_and_harmless(void **state)
{
    // Scenario: a line with terminal escapes and broken UTF-8; one of 2,000 characters; 70 lines.
    // Expect: '?' for the escapes, the tick's number; the long one is cut; 64 lines and 6 counted.
    Room *room = *state;
    Game *g = game_of(room);
    g->step = 1;
    (void)text_format(g->text, sizeof(g->text), "%s", "\x1b[31mred\x07 \xff ok");
    tick(room, talk);
    const HostLine *line = &room->host->lines[0];
    assert_string_equal(line->text, "0 ?[31mred? ? ok");
    assert_int_equal(line->tick, 1);
    assert_int_equal(line->level, LOG_INFO);
    memset(g->text, 'y', sizeof(g->text) - 1);
    tick(room, talk);
    assert_int_equal(strlen(line->text), HOST_LINE_BYTES - 1);
    g->step = 70;
    tick(room, talk);
    assert_int_equal(room->host->line_count, HOST_LINES_MAX);
    assert_int_equal(room->host->lines_dropped, 6);
}

static void watch_things(void *state, hl_tick *t)
{
    Game *g = state;
    float wave = (float)t->tick;
    hl_vec2 at = {1, 2.5f};
    const char *word = "hi";
    HL_WATCH(t, wave);
    HL_WATCH(t, g->step);
    HL_WATCH(t, at);
    HL_WATCH(t, word);
}

static void watches_speak_once_a_second_and_when_changed(void **state)
{
    // Scenario: four watches for 121 ticks at 60 Hz: one changes every tick, one once at tick 10;
    // then time jumps.
    // Expect: all at tick 1; the busy one at 61 and 121; the other at 61, a second after its first;
    // the constant ones never again; the busy one at once after the jump.
    Room *room = *state;
    Game *g = game_of(room);
    for (uint64_t i = 1; i <= 121; i++) {
        g->step += i == 10;
        tick(room, watch_things);
        assert_int_equal(room->host->line_count, i == 1 ? 4 : i == 61 ? 2 : i == 121 ? 1 : 0);
        if (i == 1) {
            assert_said(room, "watch at = (1, 2.5)");
            assert_said(room, "watch word = \"hi\"");
            assert_said(room, "watch g->step = 0");
        } else if (i == 61) {
            assert_said(room, "watch wave = 61");
            assert_said(room, "watch g->step = 1");
        }
    }
    host_jumped(room->host);
    tick(room, watch_things);
    assert_int_equal(room->host->line_count, 1);
    assert_said(room, "watch wave = 122");
}

static void plot_thing(void *state, hl_tick *t)
{
    Game *g = state;
    HL_PLOT(t, g->number);
}

static void plots_report_each_second(void **state)
{
    // Scenario: a plotted number with one peak and one dip in the second second.
    // Expect: one line at tick 1, one at 61 with lowest, highest and last of the ticks since.
    Room *room = *state;
    Game *g = game_of(room);
    for (uint64_t i = 1; i <= 61; i++) {
        g->number = i == 20 ? 50 : i == 30 ? -7 : 1;
        tick(room, plot_thing);
        assert_int_equal(room->host->line_count, i == 1 || i == 61);
    }
    assert_said(room, "plot g->number: -7 .. 50, now 1");
}

static void wish(void *state, hl_tick *t)
{
    Game *g = state;
    hl_pause(t, "look: %d\x1b", 7);
    hl_mouse_capture(t, g->step == 1);
    if (g->step == 1) {
        hl_quit(t);
    } else {
        hl_restart(t);
    }
}

static void wishes_are_left_for_the_loop(void **state)
{
    // Scenario: a tick pauses, captures the mouse and quits; another releases it and restarts.
    // Expect: exactly these wishes, the text without its escape code.
    Room *room = *state;
    const HostWishes *wishes = &room->host->wishes;
    game_of(room)->step = 1;
    tick(room, wish);
    assert_true(wishes->pause && wishes->quit && !wishes->restart);
    assert_string_equal(wishes->pause_text, "look: 7?");
    assert_int_equal(wishes->capture, 1);
    game_of(room)->step = 2;
    tick(room, wish);
    assert_true(wishes->restart && !wishes->quit);
    assert_int_equal(wishes->capture, -1);
}

// ---------------------------------------------------------------------------------------- drawing

static void draw_debug_things(void *state, hl_tick *t)
{
    Game *g = state;
    if (g->step == 0) {
        hl_debug_line(t, 1, 2, 3, 4, HL_RED);
        hl_debug_rect(t, 5, 6, 7, 8, HL_GREEN);
        hl_debug_circle(t, 9, 10, 11, HL_BLUE);
        hl_debug_text(t, 12, 13, HL_WHITE, "n=%d", 42);
    }
}

static void draw_with_cameras(const void *state, hl_canvas *c)
{
    (void)state;
    hl_clear(c, HL_BLACK);
    hl_clip(c, (hl_rectf){0, 0, 10, 10});
    hl_camera(c, (hl_cam){.x = 100, .y = 50, .zoom = 2});
    hl_camera(c, (hl_cam){.x = -1});
    hl_layer(c, 5000);
    hl_blend(c, HL_ADD);
    hl_rect(c, 0, 0, 1, 1, HL_WHITE);
    assert_true(hl_alpha(c) == 0.25f);
}

static void debug_drawing_lies_over_the_game(void **state)
{
    // Scenario: update() leaves debug shapes; draw() sets two cameras, a clip, a blend and the
    // highest layer. Drawn twice; then a tick without debug drawing.
    // Expect: each picture ends with the four shapes, through the first camera, unclipped, on the
    // top layer; after the next tick they are gone.
    Room *room = *state;
    tick(room, draw_debug_things);
    for (int again = 0; again < 2; again++) {
        const DrawList *draw = picture(room, draw_with_cameras);
        static const DrawKind KINDS[] = {DRAW_LINE, DRAW_RECT_LINE, DRAW_CIRCLE_LINE, DRAW_TEXT};
        assert_true(draw->cmd_count > 4);
        const DrawCmd *cmds = &draw->cmds[draw->cmd_count - 4];
        assert_int_equal(cmds[-1].kind, DRAW_RECT);
        for (size_t i = 0; i < 4; i++) {
            assert_int_equal(cmds[i].kind, KINDS[i]);
            assert_true(draw->cameras[cmds[i].camera].x == 100);
            assert_int_equal(cmds[i].layer, cmds[-1].layer); // behind it in the list: over it
            assert_int_equal(cmds[i].clip, 0);
            assert_int_equal(cmds[i].blend, HL_ALPHA);
        }
        assert_true(cmds[0].p[0] == 1 && cmds[0].p[3] == 4 && cmds[1].p[2] == 7);
        assert_memory_equal(draw->text + cmds[3].first, "n=42", 5);
    }
    game_of(room)->step = 1;
    tick(room, draw_debug_things);
    const DrawList *draw = picture(room, draw_with_cameras);
    assert_int_equal(draw->cmds[draw->cmd_count - 1].kind, DRAW_RECT);
}

static void leave_trail(void *state, hl_tick *t)
{
    (void)state;
    hl_trail(t, "ball", (float)t->tick, 5);
}

// Lines of the picture, and the x that they reach.
static uint32_t count_lines(const DrawList *draw, float *farthest)
{
    uint32_t lines = 0;
    *farthest = 0;
    for (uint32_t i = 0; i < draw->cmd_count; i++) {
        if (draw->cmds[i].kind == DRAW_LINE) {
            lines++;
            *farthest = fmaxf(*farthest, draw->cmds[i].p[2]);
        }
    }
    return lines;
}

// A tick that becomes a moment of a branch.
static void trail_tick(Room *room, uint32_t branch, uint64_t moment)
{
    tick(room, leave_trail);
    host_trails_keep(room->host, branch, moment);
}

// The picture of a moment of branch 2, which began behind moment 250 of branch 0.
static uint32_t lines_at(Room *room, bool is_branch, uint64_t here, float *farthest)
{
    HostPast *past = &room->host->past;
    *past = (HostPast){.here = here, .count = 200};
    for (uint32_t i = 0; i < past->count && i <= here; i++) {
        past->branches[i] = is_branch && here - i > 250 ? 2 : 0;
    }
    return count_lines(picture(room, draw_nothing), farthest);
}

static void trails_are_those_of_history(void **state)
{
    // Scenario: a trail over 300 ticks at 60 Hz; back to tick 250, and 50 ticks on along another
    // branch; at its end, at the old future's, in the past of both; then 2 s without a point.
    // Expect: two seconds of lines up to the newest point each time, nothing of the other branch;
    // what was gone back over is there again.
    Room *room = *state;
    float farthest;
    void *copy = NULL, *end;
    size_t size_bytes = host_state_bytes(room->host);
    for (uint64_t i = 1; i <= 300; i++) {
        trail_tick(room, 0, i);
        if (i == 250) {
            copy = arena_push(&room->keep, 1, 16, size_bytes);
            memcpy(copy, room->state.base, size_bytes);
        }
    }
    assert_int_equal(lines_at(room, false, 300, &farthest), 120);
    assert_true(farthest == 300);
    end = arena_push(&room->keep, 1, 16, size_bytes);
    memcpy(end, room->state.base, size_bytes);
    memcpy(room->state.base, copy, size_bytes);
    host_jumped(room->host);
    assert_int_equal(lines_at(room, false, 250, &farthest), 120);
    assert_true(farthest == 250);
    for (uint64_t i = 251; i <= 300; i++) {
        trail_tick(room, 2, i);
    }
    assert_int_equal(lines_at(room, true, 300, &farthest), 120);
    memcpy(room->state.base, end, size_bytes);
    host_jumped(room->host);
    assert_int_equal(lines_at(room, false, 300, &farthest), 120);
    for (uint64_t i = 301; i <= 420; i++) {
        tick(room, count_update);
        host_trails_keep(room->host, 0, i);
    }
    assert_int_equal(lines_at(room, false, 420, &farthest), 0);
}

static void trails_pass_over_edits_not_over_restarts(void **state)
{
    // Scenario: 10 ticks, moments between them that are none, 10 ticks; then the state begins anew,
    // and ticks are counted from 1 again.
    // Expect: one line through all of it; only the new ticks'.
    Room *room = *state;
    float farthest;
    for (uint64_t i = 1; i <= 20; i++) {
        trail_tick(room, 0, i <= 10 ? i : i + 3);
    }
    assert_int_equal(lines_at(room, false, 23, &farthest), 19);
    room->host->state->tick = 0;
    for (uint64_t i = 1; i <= 5; i++) {
        trail_tick(room, 0, 24 + i);
    }
    assert_int_equal(lines_at(room, false, 29, &farthest), 4);
    assert_true(farthest == 5);
}

static void draw_sprites(const void *state, hl_canvas *c)
{
    (void)state;
    hl_sprite(c, "nobody.png", 30, 40);
    hl_sprite(c, "platformer/coin.png", 1, 2);
    hl_vec2 size = hl_sprite_size(c, "platformer/coin.png"), none = hl_sprite_size(c, "nobody.png");
    assert_true(size.x > 0 && size.y > 0 && none.x == 0 && none.y == 0);
    hl_font(c, "nobody.ttf");
    hl_text(c, 3, 4, 0, HL_WHITE, "%s", "words");
    assert_true(hl_text_width(c, 16, "ab\nabc") == 48);
}

static void missing_pictures_and_fonts_show_a_placeholder(void **state)
{
    // Scenario: a sprite and a font that are missing, and a sprite that is there.
    // Expect: a magenta check with the name as text, the real sprite after it, text in the built-in
    // font 8 high.
    Room *room = *state;
    const DrawList *draw = picture(room, draw_sprites);
    bool has_name = false, has_magenta = false;
    for (uint32_t i = 0; i < draw->cmd_count; i++) {
        const DrawCmd *cmd = &draw->cmds[i];
        has_magenta |= cmd->kind == DRAW_RECT && cmd->rgba == 0xff00ffffu && cmd->p[0] == 30;
        has_name |= cmd->kind == DRAW_TEXT && strcmp(draw->text + cmd->first, "nobody.png") == 0;
    }
    assert_true(has_magenta && has_name);
    assert_int_equal(draw->sprite_count, 1);
    const DrawCmd *last = &draw->cmds[draw->cmd_count - 1];
    assert_int_equal(last->kind, DRAW_TEXT);
    assert_string_equal(draw->text + last->first, "words");
    assert_true(last->p[2] == 8);
}

static void draw_box(const void *state, hl_canvas *c)
{
    const Game *g = state;
    static const hl_cam CAMERAS[] = {
        {0, 0, 0, 0}, {100, -50, 2, 0}, {10, 20, 0.5f, 0.7f}, {-300, 4, 3, -2.5f}};
    hl_camera(c, CAMERAS[g->step]);
    hl_rect(c, 7, 11, 20, 30, HL_WHITE);
}

static void to_world_undoes_the_camera(void **state)
{
    // Scenario: a rectangle drawn through four cameras, as triangles on the canvas.
    // Expect: hl_to_world of its canvas corners gives the rectangle's corners in the world, each of
    // the four.
    Room *room = *state;
    DrawTriangles triangles;
    assert_true(draw_triangles_open(&triangles, &room->fault));
    for (game_of(room)->step = 0; game_of(room)->step < 4; game_of(room)->step++) {
        const DrawList *draw = picture(room, draw_box);
        draw_triangulate(draw, &triangles);
        hl_cam camera = draw->cameras[draw->cmds[0].camera];
        unsigned corners = 0;
        assert_int_equal(triangles.vertex_count, 4);
        for (uint32_t i = 0; i < triangles.vertex_count; i++) {
            const DrawVertex *vertex = &triangles.vertices[i];
            hl_vec2 at = hl_to_world(camera, 320, 180, (hl_vec2){vertex->x, vertex->y});
            unsigned right = at.x > 17, bottom = at.y > 26;
            assert_true(fabsf(at.x - (right ? 27.0f : 7.0f)) < 1e-3f);
            assert_true(fabsf(at.y - (bottom ? 41.0f : 11.0f)) < 1e-3f);
            corners |= 1u << (right * 2 + bottom);
        }
        assert_int_equal(corners, 15);
    }
    draw_triangles_close(&triangles);
}
