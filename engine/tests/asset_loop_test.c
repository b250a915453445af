// Assets and saves of a running game: they change on disk like its code does.
#include "session.h"

#include <stdlib.h>
#include <string.h>

static const char WORD[] = "game/assets/word.txt";
static const char PICTURE[] = "game/assets/picture.png";
enum { SHOTS_MAX = 1500 }; // far more than fit into the 4 s that words stand over a picture

static void start_files(Place *place)
{
    place_game(place, "reader.c", "game/reader.c");
    place_write(place, WORD, "apple\n", IN_PLACE);
}

static void an_edited_text_is_seen_by_the_running_game(Place *place)
{
    // Scenario: a text is saved in five ways while the game runs.
    // Expect: the game sees each new text once, without a build or a restart.
    static const Way WAYS[] = {IN_PLACE, RENAMED, COPIED, MOVED, WITH_BACKUP, REMOVED_FIRST};
    static const char *const WORDS[] = {"banana", "cherry", "date", "elder", "fig", "grape"};
    start_files(place);
    Session *session = session_start_game(place);
    (void)session_wait_log(session, "word is \"apple\"");
    for (size_t i = 0; i < sizeof(WAYS) / sizeof(WAYS[0]); i++) {
        place_write(place, WORD, place_text(place, "%s\n", WORDS[i]), WAYS[i]);
        (void)session_wait_log(session, place_text(place, "word is \"%s\"", WORDS[i]));
    }
    session_quit(session);
    assert_int_equal(session_count(session, "build"), 1);
    assert_int_equal(session_count(session, "reload"), 1);
}

static void a_text_that_goes_away_stays_as_it_was(Place *place)
{
    // Scenario: the text is removed while the game runs, and comes back with other words.
    // Expect: no crash; the game plays on with the last good one; the new one is seen.
    start_files(place);
    Session *session = session_start_game(place);
    (void)session_wait_log(session, "word is \"apple\"");
    place_remove(place, WORD);
    session_wait_words(session, "word.txt");
    place_write(place, WORD, "back again\n", IN_PLACE);
    (void)session_wait_log(session, "word is \"back again\"");
    session_quit(session);
}

static void a_text_that_was_missing_is_seen_when_it_comes(Place *place)
{
    // Scenario: no assets at first; folder and text appear later.
    // Expect: the game runs without it, and sees it then.
    place_game(place, "reader.c", "game/reader.c");
    Session *session = session_start_game(place);
    (void)session_wait_log(session, "word is \"\"");
    place_write(place, WORD, "late\n", IN_PLACE);
    (void)session_wait_log(session, "word is \"late\"");
    session_quit(session);
}

static void another_folder_of_assets_comes_first(Place *place)
{
    // Scenario: --assets names a folder with the same text.
    // Expect: that one is read.
    start_files(place);
    place_write(place, "mine/word.txt", "mine\n", IN_PLACE);
    Session *session =
        SESSION_START(place, place->game, "--headless", "--assets", place_path(place, "mine"));
    (void)session_wait_log(session, "word is \"mine\"");
    place_write(place, "mine/word.txt", "still mine\n", RENAMED);
    (void)session_wait_log(session, "word is \"still mine\"");
    session_quit(session);
}

// A PNG, made by the runtime itself: the picture of a game that clears to `color`.
static void make_picture(Place *place, const char *name, const char *color)
{
    place_game(place, "counter.c", "painter/painter.c");
    place_edit(place, "painter/painter.c", "0x203040ff", color, IN_PLACE);
    const Output *said = PLACE_HOTLOOP(place, "run", "painter", "--headless", "--fast", "--ticks",
                                       "1", "--seed", "1", "--screenshot", name);
    assert_int_equal(said->exit_code, 0);
}

// What the paused session shows, as bytes of a PNG.
static char *shot(Session *session, size_t *size_bytes)
{
    (void)SESSION_TELL(session, "screenshot", "shot.png");
    return place_read(session->place, "shot.png", size_bytes);
}

// Asks until the picture is (or is no longer) `like`; it changes with the next look at the disk.
static void wait_for_shot(Session *session, const char *like, size_t like_bytes, bool wanted)
{
    bool is_like;
    int tries = 0;
    do {
        assert_true(tries++ < SHOTS_MAX);
        size_t size_bytes;
        char *now = shot(session, &size_bytes);
        is_like = size_bytes == like_bytes && memcmp(now, like, like_bytes) == 0;
        free(now);
    } while (is_like != wanted);
}

static void a_broken_picture_keeps_the_last_good_one(Place *place)
{
    // Scenario: a picture is overwritten with half of itself, then with another whole one, then
    // with the first again.
    // Expect: half of it is said by name and the old one stays; the other one shows; the first one
    // shows again.
    size_t red_bytes, blue_bytes, before_bytes;
    place_game(place, "picture.c", "game/picture.c");
    make_picture(place, "red.png", "0xff0000ff");
    make_picture(place, "blue.png", "0x0000ffff");
    char *red = place_read(place, "red.png", &red_bytes);
    char *blue = place_read(place, "blue.png", &blue_bytes);
    place_write_bytes(place, PICTURE, red, red_bytes, IN_PLACE);
    Session *session = session_start_game(place);
    (void)SESSION_TELL(session, "pause");
    char *before = shot(session, &before_bytes);
    place_write_bytes(place, PICTURE, red, red_bytes / 2, COPIED);
    session_wait_words(session, "picture.png: ");
    wait_for_shot(session, before, before_bytes, true); // once those words are gone
    place_write_bytes(place, PICTURE, blue, blue_bytes, COPIED);
    wait_for_shot(session, before, before_bytes, false);
    place_write_bytes(place, PICTURE, red, red_bytes, COPIED);
    wait_for_shot(session, before, before_bytes, true);
    session_quit(session);
    free(red);
    free(blue);
    free(before);
}

static void a_save_is_there_in_the_next_session(Place *place)
{
    // Scenario: a session saves twice by script; another one loads; the file is damaged; another.
    // Expect: two saves are known; a damaged one loads nothing, is said, and is kept beside.
    start_files(place);
    place_write(place, "keys.txt", "10 tap S\n20 tap S\n", IN_PLACE);
    const Output *said = PLACE_HOTLOOP(place, "run", "game", "--headless", "--fast", "--ticks",
                                       "30", "--script", "keys.txt");
    assert_int_equal(said->exit_code, 0);
    assert_non_null(strstr(said->err, "loaded \"\" after 0 saves"));
    said = PLACE_HOTLOOP(place, "run", "game", "--headless", "--fast", "--ticks", "5");
    assert_non_null(strstr(said->err, "loaded \"apple\" after 2 saves"));
    const char *save = "data/hotloop/game/kept.save";
    size_t size_bytes;
    char *bytes = place_read(place, save, &size_bytes);
    bytes[size_bytes - 3] ^= 1;
    place_write_bytes(place, save, bytes, size_bytes, IN_PLACE);
    free(bytes);
    said = PLACE_HOTLOOP(place, "run", "game", "--headless", "--fast", "--ticks", "5");
    assert_int_equal(said->exit_code, 0);
    assert_non_null(strstr(said->err, "loaded \"\" after 0 saves"));
    assert_non_null(strstr(said->err, "kept"));
    assert_true(place_count_files(place, "data") >= 1);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest asset_loop[] = {
        CASE(an_edited_text_is_seen_by_the_running_game),
        CASE(a_text_that_goes_away_stays_as_it_was),
        CASE(a_text_that_was_missing_is_seen_when_it_comes),
        CASE(another_folder_of_assets_comes_first),
        CASE(a_broken_picture_keeps_the_last_good_one),
        CASE(a_save_is_there_in_the_next_session),
    };
    session_arguments(argc, argv);
    return cmocka_run_group_tests(asset_loop, NULL, NULL);
}
