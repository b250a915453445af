// What comes from outside. A part of host_test.c, which includes it.

// ------------------------------------------------------------------------------------------ files

// Asks hl_file_changed first, then hl_file, and writes down what they said.
static void look_at_file(void *state, hl_tick *t)
{
    Game *g = state;
    assert_true(g->seen_count < SEEN_MAX);
    Sight *sight = &g->seen[g->seen_count++];
    memset(sight, 0, sizeof(*sight));
    sight->changed = g->step == 0 && hl_file_changed(t, g->name);
    if (g->step <= 1) {
        hl_bytes bytes = hl_file(t, g->name);
        sight->present = bytes.data != NULL;
        sight->version = bytes.version;
        sight->size = bytes.size;
        sight->content = bytes.data ? hash_bytes(bytes.data, bytes.size) : 0;
        if (bytes.data) {
            assert_int_equal(bytes.data[bytes.size], 0);
            (void)text_format(g->text, sizeof(g->text), "%s", (const char *)bytes.data);
        }
    }
}

static const Sight *look(Room *room)
{
    Game *g = game_of(room);
    g->seen_count = 0;
    tick(room, look_at_file);
    return &g->seen[0];
}

static void file_changes_are_told_once(void **state)
{
    // Scenario: a level is read, changed on disk, changed back, written again as it is.
    // Expect: the first reading is no change; each new content is one change and one version up;
    // the same content again is none.
    Room *room = *state;
    Game *g = game_of(room);
    (void)text_format(g->name, sizeof(g->name), "level.txt");
    put_asset(room, "level.txt", "one");
    const Sight *sight = look(room);
    assert_false(sight->changed);
    assert_true(sight->present && sight->version == 1 && sight->size == 3);
    assert_string_equal(g->text, "one");
    assert_false(look(room)->changed);
    put_asset(room, "level.txt", "the second");
    assert_true(look(room)->changed);
    assert_int_equal(sight->version, 2);
    assert_string_equal(g->text, "the second");
    assert_false(look(room)->changed);
    put_asset(room, "level.txt", "one");
    assert_true(look(room)->changed);
    assert_int_equal(sight->version, 3);
    put_asset(room, "level.txt", "one");
    assert_false(look(room)->changed);
    assert_int_equal(sight->version, 3);
}

static void change_seen_by_reading_is_not_told_again(void **state)
{
    // Scenario: hl_file sees new content before hl_file_changed is asked.
    // Expect: the version went up, and hl_file_changed has nothing left to tell.
    Room *room = *state;
    Game *g = game_of(room);
    (void)text_format(g->name, sizeof(g->name), "table.txt");
    put_asset(room, "table.txt", "1");
    (void)look(room);
    put_asset(room, "table.txt", "2");
    g->step = 1; // hl_file alone
    assert_int_equal(look(room)->version, 2);
    g->step = 0;
    assert_false(look(room)->changed);
}

static void older_state_sees_the_change_again(void **state)
{
    // Scenario: a change is seen; then a copy of the state from before it is put back.
    // Expect: the change is told once more, with the same version as the first time.
    Room *room = *state;
    Game *g = game_of(room);
    (void)text_format(g->name, sizeof(g->name), "level.txt");
    put_asset(room, "level.txt", "old");
    (void)look(room);
    size_t size_bytes = host_state_bytes(room->host);
    void *copy = arena_push(&room->keep, 1, 16, size_bytes);
    memcpy(copy, room->state.base, size_bytes);
    put_asset(room, "level.txt", "new");
    assert_true(look(room)->changed);
    assert_false(look(room)->changed);
    memcpy(room->state.base, copy, size_bytes);
    host_attach(room->host, room->state.base, STATE_BYTES);
    host_jumped(room->host);
    const Sight *sight = look(room);
    assert_true(sight->changed);
    assert_int_equal(sight->version, 2);
    assert_string_equal(g->text, "new");
}

static void missing_files_appear_and_stay(void **state)
{
    // Scenario: a file that is not there is asked for, is then written, then deleted; names that
    // lead out of the folder, none, and one that is too long.
    // Expect: {NULL, 0, 0}; a change when it appears; the last good one after its end; the bad
    // names are missing for ever.
    Room *room = *state;
    Game *g = game_of(room);
    char path[FILE_PATH_MAX];
    (void)text_format(g->name, sizeof(g->name), "late.txt");
    const Sight *sight = look(room);
    assert_false(sight->changed || sight->present);
    assert_int_equal(sight->version, 0);
    put_asset(room, "late.txt", "here");
    assert_true(look(room)->changed);
    assert_int_equal(sight->version, 1);
    assert_true(file_join(path, room->assets_folder, "late.txt"));
    assert_int_equal(unlink(path), 0);
    asset_changed(room->assets, path);
    (void)asset_refresh(room->assets, mono_ns());
    assert_false(look(room)->changed);
    assert_true(sight->present);
    assert_int_equal(sight->version, 1);
    static const char *const BAD[] = {"../host_test.c", "", "/etc/passwd"};
    for (size_t i = 0; i < COUNT_OF(BAD); i++) {
        (void)text_format(g->name, sizeof(g->name), "%s", BAD[i]);
        assert_false(look(room)->present);
    }
    memset(g->name, 'x', sizeof(g->name) - 1);
    assert_false(look(room)->present);
}

static void ask_for_many(void *state, hl_tick *t)
{
    Game *g = state;
    char name[32];
    (void)text_format(name, sizeof(name), "name%d", g->step++);
    (void)hl_file(t, name);
}

static void too_many_file_names_end_the_tick(void **state)
{
    // Scenario: a game makes up a new file name each tick.
    // Expect: the tick that asks for one too many ends with the name and the limit.
    Room *room = *state;
    for (int i = 0; i < HOST_FILES_MAX; i++) {
        tick(room, ask_for_many);
    }
    assert_false(try_tick(room, ask_for_many));
    assert_non_null(strstr(room->fault.text, "name256"));
    assert_non_null(strstr(room->fault.text, "256 different"));
}

// ------------------------------------------------------------------------------------------ saves

static void save_score(void *state, hl_tick *t)
{
    Game *g = state;
    HL_SAVE(t, g->name, Score, &g->score);
}

static void load_score(void *state, hl_tick *t)
{
    Game *g = state;
    g->loaded = HL_LOAD(t, g->name, Score, &g->score);
}

static void load_tick(void *state, hl_tick *t)
{
    Game *g = state;
    hl_tick other = g->last;
    g->loaded = HL_LOAD(t, g->name, hl_tick, &g->last);
    assert_memory_equal(&other, &g->last, sizeof(other));
}

static void use_slot(Room *room, const char *slot, int best)
{
    Game *g = game_of(room);
    (void)text_format(g->name, sizeof(g->name), "%s", slot);
    g->score = (Score){best, "ada"};
    g->loaded = false;
}

static void saves_come_back(void **state)
{
    // Scenario: no save yet; one is written, loaded, overwritten, loaded; then as another type.
    // Expect: false and data untouched without one; the bytes after; false and a line for the other
    // type, whose file stays.
    Room *room = *state;
    Game *g = game_of(room);
    char path[FILE_PATH_MAX];
    use_slot(room, "slot-1_B", 5);
    tick(room, load_score);
    assert_false(g->loaded);
    assert_int_equal(g->score.best, 5);
    for (int best = 100; best <= 101; best++) {
        use_slot(room, "slot-1_B", best);
        tick(room, save_score);
        assert_int_equal(room->host->line_count, 0);
        use_slot(room, "slot-1_B", 0);
        tick(room, load_score);
        assert_true(g->loaded);
        assert_int_equal(g->score.best, best);
        assert_string_equal(g->score.name, "ada");
    }
    tick(room, load_tick);
    assert_false(g->loaded);
    assert_said(room, "another type than hl_tick");
    assert_true(file_join(path, room->save_folder, "slot-1_B.save"));
    assert_true(file_exists(path));
    tick(room, load_score);
    assert_true(g->loaded);
}

// What a layer above knows about types: here, that a Score was its points alone once, and that a
// Score of -1 is none.
static const uint8_t *pack_types(void *with, const char *type, size_t size_bytes, Arena *arena,
                                 size_t *packed_bytes)
{
    (void)with;
    if (strcmp(type, "Score") != 0 && size_bytes != sizeof(int)) {
        return NULL;
    }
    *packed_bytes = size_bytes == sizeof(int) ? 4 : 5;
    uint8_t *packed = arena_push(arena, 1, 1, *packed_bytes);
    memcpy(packed, size_bytes == sizeof(int) ? "then" : "today", *packed_bytes);
    return packed;
}

static HostFit convert_score(void *with, const HostOld *old, void *out, size_t out_bytes,
                             Fault *why)
{
    int *times = with, points;
    bool is_old =
        old->fed_build == 7 || (old->types_bytes == 4 && memcmp(old->types, "then", 4) == 0);
    if (!is_old) {
        assert_true(old->fed_build == 0 && memcmp(old->types, "today", 5) == 0);
        return HOST_AS_IT_IS;
    }
    assert_true(old->size_bytes == sizeof(int) && out_bytes == sizeof(Score));
    memcpy(&points, old->data, sizeof(points));
    ++*times;
    if (points == -1) {
        (void)fault_set(why, FAULT_LAYOUT, "it is none");
        return HOST_REFUSED;
    }
    ((Score *)out)->best = points;
    return HOST_CONVERTED;
}

static void save_points(void *state, hl_tick *t) // as an older build did
{
    Game *g = state;
    hl_save(t, g->name, "Score", &g->score.best, sizeof(int));
}

static void saves_of_other_structs_become_todays(void **state)
{
    // Scenario: a save by a build with another Score, with its types; the same without; one that
    // cannot become today's; one by today's build; then the first in a replay and in a loop's pass.
    // Expect: converted, and the converted bytes are noted; left alone and said; the same; as it
    // is; converted where it is fed as an older build's.
    Room *room = *state;
    Game *g = game_of(room);
    int times = 0, old = 41;
    HostTypes about = {&times, pack_types, convert_score};
    room->host->notes_on = true;
    room->host->types = about;
    use_slot(room, "old", 41);
    tick(room, save_points);
    room->host->types = (HostTypes){0};
    use_slot(room, "bare", 42);
    tick(room, save_points);
    room->host->types = about;
    use_slot(room, "bad", -1);
    tick(room, save_points);
    use_slot(room, "old", 0);
    tick(room, load_score);
    assert_true(g->loaded && times == 1);
    assert_int_equal(g->score.best, 41);
    assert_string_equal(g->score.name, "");
    assert_int_equal(room->host->note_count, 1);
    assert_int_equal(room->host->notes[0].size_bytes, sizeof(Score));
    assert_memory_equal(room->host->notes[0].data, &g->score, sizeof(Score));
    use_slot(room, "bare", 3);
    tick(room, load_score);
    assert_false(g->loaded);
    assert_int_equal(g->score.best, 3);
    assert_said(room, "another type or size than Score");
    use_slot(room, "bad", 3);
    tick(room, load_score);
    assert_false(g->loaded);
    assert_int_equal(g->score.best, 3);
    assert_said(room, "cannot become today's: it is none");
    use_slot(room, "today", 5);
    tick(room, save_score);
    use_slot(room, "today", 0);
    tick(room, load_score);
    assert_true(g->loaded && g->score.best == 5 && times == 2);
    for (HostSource source = HOST_FROM_RECORD; source <= HOST_REPEATS; source++) {
        room->host->source = source;
        room->host->feeding = 7;
        use_slot(room, "gone", 0);
        host_feed(room->host, REPLAY_SAVE, "gone", true, (const uint8_t *)&old, sizeof(old));
        room->host->feeding = 0;
        tick(room, load_score);
        assert_true(g->loaded && g->score.best == 41);
        host_feed(room->host, REPLAY_SAVE, "gone", true, (const uint8_t *)&old, sizeof(old));
        tick(room, load_score); // said to be today's: its size is wrong
        assert_false(g->loaded);
    }
    assert_int_equal(times, 4);
}

static void damaged_saves_are_kept_aside(void **state)
{
    // Scenario: one bit of a save is flipped, for each byte of it; it is cut at each length.
    // Expect: never loaded, data untouched, never another type's data; the file is kept beside. The
    // same for a save that has its types with it.
    Room *room = *state;
    Game *g = game_of(room);
    char path[FILE_PATH_MAX], kept[FILE_PATH_MAX];
    FileBytes good;
    use_slot(room, "s", 9);
    room->host->types.pack = pack_types;
    tick(room, save_score);
    assert_true(file_join(path, room->save_folder, "s.save"));
    assert_true(file_join(kept, room->save_folder, "s.save.damaged"));
    assert_true(file_read(&room->keep, path, PAGE_BYTES, &good, &room->fault));
    uint8_t *bad = arena_push(&room->keep, 1, 1, good.size_bytes);
    for (size_t i = 0; i < 2 * good.size_bytes; i++) {
        bool cut = i >= good.size_bytes;
        size_t at = i % good.size_bytes;
        memcpy(bad, good.data, good.size_bytes);
        bad[at] ^= cut ? 0 : 0x10;
        // Not file_write: syncing each of them would take a second.
        FILE *file = fopen(path, "wb");
        size_t size_bytes = cut ? at : good.size_bytes;
        assert_int_equal(fwrite(bad, 1, size_bytes, file), size_bytes);
        assert_int_equal(fclose(file), 0);
        use_slot(room, "s", 1);
        tick(room, load_score);
        assert_false(g->loaded);
        assert_int_equal(g->score.best, 1);
        assert_said(room, "damaged");
        assert_false(file_exists(path));
        assert_true(file_exists(kept));
    }
}

static void slot_names_are_refused(void **state)
{
    // Scenario: slots that lead elsewhere, are empty, too long, or hold odd characters.
    // Expect: nothing is written anywhere, nothing loaded, one line each; the same in a replay.
    Room *room = *state;
    Game *g = game_of(room);
    char long_slot[80] = "";
    memset(long_slot, 'a', 65);
    const char *const bad[] = {"../up", "", "a/b", ".", "a.b", "a b", "\xc3\xa4", "a\n", long_slot};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        use_slot(room, bad[i], 3);
        tick(room, save_score);
        assert_said(room, "refused");
        tick(room, load_score);
        assert_said(room, "refused");
        assert_false(g->loaded);
    }
    assert_false(file_exists(room->save_folder));
    long_slot[64] = '\0';
    use_slot(room, long_slot, 3);
    tick(room, save_score);
    tick(room, load_score);
    assert_true(g->loaded);
}

// What a session reads from outside, told apart by tick.
static void read_the_world(void *state, hl_tick *t)
{
    Game *g = state;
    if (t->tick == 2) {
        (void)text_format(g->name, sizeof(g->name), "%s", "");
        assert_false(HL_LOAD(t, "no/slot", Score, &g->score) || HL_LOAD(t, "", Score, &g->score));
        assert_null(hl_file(t, "").data);
        assert_null(hl_file(t, "a/../../b").data);
    }
    g->loaded = HL_LOAD(t, "best", Score, &g->score);
    g->updates += HL_LOAD(t, "none", Score, &g->score);
    g->score.best++;
    HL_SAVE(t, "best", Score, &g->score);
    (void)text_format(g->name, sizeof(g->name), t->tick % 2 ? "level.txt" : "late.txt");
    look_at_file(state, t);
}

static ReplayWriter *create_recording(Room *room, const char *path)
{
    ReplayFacts facts = {.game_id = "test", .state_type = "Game", .tick_rate = 60, .api = 1};
    ReplayBuild made = {.content = 1};
    ReplayWriter *writer = replay_create(path, &facts, &made, NULL, &room->fault);
    assert_non_null(writer);
    room->host->notes_on = true;
    return writer;
}

// One tick, and what it was given, as whoever keeps a record does it.
static void tick_on_record(Room *room, void (*update)(void *state, hl_tick *t),
                           ReplayWriter *writer)
{
    Host *host = room->host;
    tick(room, update);
    for (uint32_t i = 0; i < host->note_count; i++) {
        const HostNote *note = &host->notes[i];
        assert_true(replay_put_bytes(writer, note->kind, note->name, note->present, note->data,
                                     note->size_bytes, &room->fault));
    }
    host->note_count = 0;
    assert_true(replay_put_tick(writer, &room->input, NULL, &room->fault));
}

static void record(Room *room, const char *path)
{
    ReplayWriter *writer = create_recording(room, path);
    put_asset(room, "level.txt", "first");
    for (int i = 0; i < 12; i++) {
        if (i == 4) {
            put_asset(room, "level.txt", "and changed");
        } else if (i == 7) {
            put_asset(room, "late.txt", "appeared");
        }
        room->input.mouse.x = (float)i;
        tick_on_record(room, read_the_world, writer);
    }
    assert_true(replay_finish(writer, 0, &room->fault));
    room->host->notes_on = false;
}

// From fresh state and with no asset and no save on the disk.
static int play_back(Room *room, const char *path)
{
    ReplayReader *reader = replay_open(path, NULL, &room->fault);
    assert_non_null(reader);
    ReplayEvent event = {0};
    int ticks = 0;
    for (replay_next(reader, &event); event.kind != REPLAY_EVENT_END; replay_next(reader, &event)) {
        if (event.kind == REPLAY_EVENT_BYTES) {
            host_feed(room->host, event.bytes_kind, event.name, event.present, event.data,
                      event.size_bytes);
        } else {
            assert_int_equal(event.kind, REPLAY_EVENT_TICK);
            room->input = *event.input;
            tick(room, read_the_world);
            ticks++;
        }
    }
    assert_true(event.finished);
    replay_close(reader);
    return ticks;
}

static void replay_needs_no_disk_and_writes_none(void **state)
{
    // Scenario: a session with files that appear and change, saves that are loaded and written, and
    // names that are none is recorded; played back where no asset and no save is.
    // Expect: the recording goes on over the odd names; every byte of the state comes out the same;
    // no save is written.
    Room *room = *state;
    char path[FILE_PATH_MAX], command[160];
    assert_true(file_join(path, room->folder, "session.replay"));
    size_t fresh_bytes = host_state_bytes(room->host);
    void *fresh = arena_push(&room->keep, 1, 16, fresh_bytes);
    memcpy(fresh, room->state.base, fresh_bytes);
    record(room, path);
    assert_true(game_of(room)->loaded);
    assert_int_equal(game_of(room)->score.best, 12);
    size_t size_bytes = host_state_bytes(room->host);
    uint64_t hash = hash_bytes(room->state.base, size_bytes);

    (void)text_format(command, sizeof(command), "rm -rf %s %s", room->save_folder,
                      room->assets_folder);
    assert_int_equal(system(command), 0);
    asset_close(room->assets);
    room->assets = asset_open(NULL, 0, &room->fault);
    assert_non_null(room->assets);
    memcpy(room->state.base, fresh, fresh_bytes);
    room->host->assets = room->assets;
    room->host->outside_count = 0;
    room->host->source = HOST_FROM_RECORD;
    assert_int_equal(play_back(room, path), 12);
    assert_int_equal(host_state_bytes(room->host), size_bytes);
    assert_int_equal(hash_bytes(room->state.base, size_bytes), hash);
    assert_false(file_exists(room->save_folder));
}

static void load_often(void *state, hl_tick *t)
{
    Game *g = state;
    g->step = 0;
    for (int i = 0; i < 1000; i++) {
        g->step += HL_LOAD(t, "s", Score, &g->score);
    }
}

static void loads_of_one_tick_have_the_same_limit_in_a_replay(void **state)
{
    // Scenario: 1,000 hl_load in one tick, recorded and played back.
    // Expect: as many succeed in the replay as did in the recording, and the limit is said.
    Room *room = *state;
    Game *g = game_of(room);
    char path[FILE_PATH_MAX];
    use_slot(room, "s", 1);
    tick(room, save_score);
    assert_true(file_join(path, room->folder, "loads.replay"));
    ReplayWriter *writer = create_recording(room, path);
    tick_on_record(room, load_often, writer);
    int loaded = g->step;
    assert_in_range(loaded, 1, 999);
    assert_said(room, "hl_load");
    assert_true(replay_finish(writer, 0, &room->fault));
    room->host->notes_on = false;
    room->host->source = HOST_FROM_RECORD;
    ReplayReader *reader = replay_open(path, NULL, &room->fault);
    ReplayEvent event = {0};
    for (replay_next(reader, &event); event.kind == REPLAY_EVENT_BYTES;
         replay_next(reader, &event)) {
        host_feed(room->host, event.bytes_kind, event.name, event.present, event.data,
                  event.size_bytes);
    }
    tick(room, load_often);
    assert_int_equal(g->step, loaded);
    replay_close(reader);
}

static void remember_score(void *state, hl_tick *t)
{
    load_score(state, t);
    look_at_file(state, t);
    save_score(state, t);
}

static void notes_name_what_is_new_and_can_be_taken_back(void **state)
{
    // Scenario: a tick reads a file and a save twice over, with nobody keeping a record, then with;
    // the second of those is taken back; the file changes.
    // Expect: no note without a record; every hl_load is noted, a file only when it is new; taken
    // back, as many notes as before; the change is noted.
    Room *room = *state;
    Host *host = room->host;
    use_slot(room, "level", 4);
    put_asset(room, "level", "one");
    game_of(room)->seen_count = 0;
    tick(room, remember_score);
    assert_int_equal(host->note_count, 0);
    host->notes_on = true;
    tick(room, remember_score);
    assert_int_equal(host->note_count, 2);
    assert_int_equal(host->notes[0].kind, REPLAY_SAVE);
    assert_true(host->notes[0].present);
    assert_int_equal(host->notes[1].kind, REPLAY_FILE);
    assert_string_equal(host->notes[1].name, "level");
    assert_memory_equal(host->notes[1].data, "one", 3);
    HostMark mark = host_mark(host);
    tick(room, remember_score);
    assert_int_equal(host->note_count, 3);
    assert_int_equal(host->notes[2].kind, REPLAY_SAVE);
    host_take_back(host, &mark);
    assert_int_equal(host->note_count, 2);
    put_asset(room, "level", "two");
    tick(room, remember_score);
    assert_int_equal(host->note_count, 4);
    assert_memory_equal(host->notes[3].data, "two", 3);
}

static void repeated_tick_loads_what_it_was_given_and_saves_nothing(void **state)
{
    // Scenario: a save says 1; a tick is run again that was given 7 then, saves 8, and loads once
    // more than it did then.
    // Expect: it is given 7 again; the load more comes from the disk, where still 1 is.
    Room *room = *state;
    Game *g = game_of(room);
    Score then = {7, "eve"};
    use_slot(room, "s", 1);
    tick(room, save_score);
    room->host->source = HOST_REPEATS;
    host_feed(room->host, REPLAY_SAVE, "s", true, (const uint8_t *)&then, sizeof(then));
    tick(room, load_score);
    assert_true(g->loaded);
    assert_int_equal(g->score.best, 7);
    use_slot(room, "s", 8);
    tick(room, save_score);
    tick(room, load_score);
    assert_int_equal(g->score.best, 1);
    assert_string_equal(g->score.name, "ada");
}
