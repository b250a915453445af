#include "app.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

// A name that is safe as a file name, from whatever the folder is called.
static void make_id(char out[80], const char *name)
{
    size_t used = 0;
    for (; *name && used < 64; name++) {
        unsigned char letter = (unsigned char)*name;
        if (letter >= 'A' && letter <= 'Z') {
            letter |= 32;
        }
        bool fine = (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9')
                    || letter == '_' || letter == '-';
        out[used++] = fine ? (char)letter : '_';
    }
    out[used] = '\0';
    if (used == 0) {
        strcpy(out, "game");
    }
}

static void folder_of(char out[FILE_PATH_MAX], const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash) {
        strcpy(out, ".");
    } else {
        (void)text_format(out, FILE_PATH_MAX, "%.*s", slash == path ? 1 : (int)(slash - path),
                          path);
    }
}

// The folder with hotloop.h: where this executable was built from, or beside where it is now.
static bool find_api(AppPaths *paths, const char *self_folder, Fault *fault)
{
    static const char *const NEAR[] = {"../engine/api", "../../engine/api", "../include/hotloop"};
    char candidate[FILE_PATH_MAX], header[FILE_PATH_MAX];
    for (size_t i = 0; i <= COUNT_OF(NEAR); i++) {
        if (i == 0) {
            (void)text_format(candidate, sizeof(candidate), "%s", HOTLOOP_API_DIR);
        } else if (!file_join(candidate, self_folder, NEAR[i - 1])) {
            continue;
        }
        if (file_join(header, candidate, "hotloop.h") && file_exists(header)) {
            return realpath(candidate, paths->api) != NULL;
        }
    }
    return fault_set(
        fault, FAULT_FILE,
        "hotloop.h is neither in %s nor beside %s; build hotloop again where it is now",
        HOTLOOP_API_DIR, paths->self);
}

static void add_assets(AppPaths *paths, const char *folder, const char *name)
{
    char candidate[FILE_PATH_MAX];
    if (paths->asset_count < APP_FOLDERS_MAX && file_join(candidate, folder, name)) {
        (void)text_format(paths->assets[paths->asset_count++], FILE_PATH_MAX, "%s", candidate);
    }
}

static void find_assets(AppPaths *paths, const RunOptions *options, const char *game_folder,
                        const char *name)
{
    if (options->assets) {
        add_assets(paths, options->assets, "");
    }
    add_assets(paths, game_folder, "assets");
    if (options->game || options->sources) {
        char beside[FILE_PATH_MAX], resolved[FILE_PATH_MAX];
        // game/NAME has its assets in assets/NAME, beside game/.
        (void)text_format(beside, sizeof(beside), "../../assets/%s", name);
        if (realpath(game_folder, resolved)) {
            add_assets(paths, resolved, beside);
        }
    }
    add_assets(paths, game_folder, "");
}

bool app_find_paths(AppPaths *paths, const RunOptions *options, Fault *fault)
{
    char self_folder[FILE_PATH_MAX], game_folder[FILE_PATH_MAX], resolved[FILE_PATH_MAX];
    char name[256], key[128];
    ssize_t length = readlink("/proc/self/exe", paths->self, sizeof(paths->self) - 1);
    if (length <= 0) {
        return fault_set(fault, FAULT_FILE, "/proc/self/exe: %s", strerror(errno));
    }
    paths->self[length] = '\0';
    folder_of(self_folder, paths->self);
    if (!find_api(paths, self_folder, fault)) {
        return false;
    }
    if (!file_join(paths->stub, self_folder, "libhotloop.so") || !file_exists(paths->stub)) {
        paths->stub[0] = '\0';
    }
    if (options->game) {
        (void)text_format(game_folder, sizeof(game_folder), "%s", options->game);
    } else {
        folder_of(game_folder, options->so);
        if (options->sources) {
            (void)text_format(game_folder, sizeof(game_folder), "%s", options->sources);
        }
    }
    const char *named = options->game ? game_folder : options->so;
    // "." and "..": by the name that the folder really has.
    bool has_resolved = realpath(named, resolved) != NULL;
    if (options->game && !has_resolved) {
        return fault_set(fault, FAULT_FILE, "%s: %s", named, strerror(errno));
    }
    file_base_name(name, sizeof(name), has_resolved ? resolved : named);
    if (options->so) {
        name[strcspn(name, ".")] = '\0';
    }
    make_id(paths->game_id, name);
    find_assets(paths, options, game_folder, name);
    if (options->game) {
        uint64_t where = hash_bytes(resolved, strlen(resolved));
        (void)text_format(key, sizeof(key), "build/%s-%016llx", paths->game_id,
                          (unsigned long long)where);
        return file_home(paths->work, FILE_HOME_STATE, key, fault);
    }
    return true;
}

static void remove_folder(const char *folder)
{
    DIR *dir = opendir(folder);
    char path[FILE_PATH_MAX];
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0
            && file_join(path, folder, entry->d_name)) {
            unlink(path);
        }
    }
    if (dir) {
        closedir(dir);
    }
    rmdir(folder);
}

// A session that was killed could not clean up. Its lock is free, which no live one's is.
static void remove_dead_sessions(const char *runtime)
{
    DIR *dir = opendir(runtime);
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        char folder[FILE_PATH_MAX], lock[FILE_PATH_MAX];
        if (strncmp(entry->d_name, "session-", 8) != 0 || !file_join(folder, runtime, entry->d_name)
            || !file_join(lock, folder, "lock")) {
            continue;
        }
        int fd = open(lock, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
        if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0) {
            remove_folder(folder);
        }
        if (fd >= 0) {
            close(fd);
        }
    }
    if (dir) {
        closedir(dir);
    }
}

bool app_enter_session(AppPaths *paths, Fault *fault)
{
    char runtime[FILE_PATH_MAX], lock[FILE_PATH_MAX];
    if (paths->session[0]) { // the keeper has, or the process before
        return true;
    }
    if (!file_home(runtime, FILE_HOME_RUNTIME, "sessions", fault)) {
        return false;
    }
    remove_dead_sessions(runtime);
    // Locked under another name first: nobody may find a session that is not locked yet and take it
    // for a dead one.
    char fresh[FILE_PATH_MAX];
    if (!file_join(fresh, runtime, "starting-XXXXXX") || !mkdtemp(fresh)
        || !file_join(lock, fresh, "lock")) {
        return fault_set(fault, FAULT_FILE, "%s: cannot make a private folder: %s", runtime,
                         strerror(errno));
    }
    paths->session_lock = open(lock, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    (void)text_format(paths->session, sizeof(paths->session), "%s/session-%s", runtime,
                      fresh + strlen(fresh) - 6);
    if (paths->session_lock < 0 || flock(paths->session_lock, LOCK_EX | LOCK_NB) != 0
        || rename(fresh, paths->session) != 0) {
        paths->session[0] = '\0';
        return fault_set(fault, FAULT_FILE, "%s: %s", fresh, strerror(errno));
    }
    return true;
}

void app_leave_session(AppPaths *paths)
{
    if (paths->session[0]) {
        remove_folder(paths->session);
        close(paths->session_lock);
        paths->session[0] = '\0';
    }
}
