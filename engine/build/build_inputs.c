// The files that the last build read beside the .c and .h files below the game's folder, and which
// paths matter to a game at all.
#include "build_internal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { INPUTS_MAX = 512 };

bool build_is_under(const char *path, const char *folder)
{
    size_t length = strlen(folder);
    while (length > 1 && folder[length - 1] == '/') {
        length--;
    }
    return strncmp(path, folder, length) == 0 && (path[length] == '/' || folder[length - 1] == '/');
}

static void add_input(Build *build, const char *path)
{
    char real[FILE_PATH_MAX];
    bool is_listed = build_is_under(path, build->game_folder) && build_files_is_source(path);
    if (is_listed) { // unless what is listed is a symlink to elsewhere
        struct stat about;
        char *target =
            lstat(path, &about) == 0 && S_ISLNK(about.st_mode) ? realpath(path, NULL) : NULL;
        bool leads_out = target && text_format(real, sizeof(real), "%s", target)
                         && !build_is_under(real, build->game_folder);
        free(target);
        if (!leads_out) {
            return;
        }
        path = real;
    }
    for (uint32_t i = 0; i < build->input_count; i++) {
        if (strcmp(build->inputs[i], path) == 0) {
            return;
        }
    }
    if (build->input_count < INPUTS_MAX) {
        build->inputs[build->input_count++] = arena_copy_text(&build->inputs_memory, path);
    }
}

void build_remember_inputs(Run *run)
{
    Build *build = run->build;
    // A unit that does not compile tells nothing about what it includes: what it included before
    // still counts, for the mistake may be there.
    if (!build->inputs || run->report->error_count == 0) {
        arena_reset(&build->inputs_memory, 0);
        build->inputs = ARENA_NEW(&build->inputs_memory, const char *, INPUTS_MAX);
        build->input_count = 0;
    }
    for (uint32_t i = 0; i < build->tools.conf.file_count; i++) {
        add_input(build, build->tools.conf.files[i]);
    }
    for (uint32_t i = 0; i < run->unit_count; i++) {
        for (uint32_t k = 0; k < run->units[i].included_count; k++) {
            add_input(build, run->units[i].included[k]);
        }
    }
}

const char *build_input(const Build *build, uint32_t index)
{
    return index < build->input_count ? build->inputs[index] : NULL;
}

bool build_cares_about(const Build *build, const char *path)
{
    bool is_below =
        build_is_under(path, build->given_folder) || build_is_under(path, build->game_folder);
    if (is_below && (build_files_is_source(path) || build_conf_is_named(path))) {
        return true;
    }
    for (uint32_t i = 0; i < build->input_count; i++) {
        if (strcmp(build->inputs[i], path) == 0) {
            return true;
        }
    }
    return false;
}
