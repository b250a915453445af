#include "gamelib.h"

// Every function that hotloop.h declares and does not define; gamelib_test.c compares the two.
const char *const GAMELIB_API_NAMES[] = {
    "hl_alloc",      "hl_alloc_temp",    "hl_alpha",        "hl_assert_fail",  "hl_atan2",
    "hl_audio",      "hl_axis",          "hl_blend",        "hl_btn",          "hl_btnp",
    "hl_camera",     "hl_camera_off",    "hl_circle",       "hl_circle_line",  "hl_clear",
    "hl_clip",       "hl_cos",           "hl_debug_circle", "hl_debug_line",   "hl_debug_rect",
    "hl_debug_text", "hl_down",          "hl_file",         "hl_file_changed", "hl_font",
    "hl_free",       "hl_layer",         "hl_line",         "hl_load",         "hl_log",
    "hl_mesh",       "hl_mouse_capture", "hl_move",         "hl_music",        "hl_old_bytes",
    "hl_old_number", "hl_pad_down",      "hl_pad_pressed",  "hl_pause",        "hl_pixel",
    "hl_pixels",     "hl_play",          "hl_play_ex",      "hl_plot",         "hl_pressed",
    "hl_presses",    "hl_quit",          "hl_realloc",      "hl_rect",         "hl_rect_line",
    "hl_released",   "hl_repeat",        "hl_restart",      "hl_rumble",       "hl_save",
    "hl_sin",        "hl_sprite",        "hl_sprite_ex",    "hl_sprite_size",  "hl_text",
    "hl_text_width", "hl_to_world",      "hl_tone",         "hl_trail",        "hl_triangle",
    "hl_watch_f",    "hl_watch_i",       "hl_watch_s",      "hl_watch_v",
};
const size_t GAMELIB_API_NAME_COUNT = COUNT_OF(GAMELIB_API_NAMES);
