#include "asset_parts.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LISTED_MAX = 2048, LISTED_DEPTH_MAX = 6, LISTED_NAME_MAX = 256 };

_Static_assert(FILE_PATH_MAX >= PATH_MAX, "realpath(3) writes up to PATH_MAX bytes");

bool asset_path_absolute(char out[FILE_PATH_MAX], const char *path)
{
    char folder[FILE_PATH_MAX], whole[FILE_PATH_MAX];
    if (path[0] != '/' && !getcwd(folder, sizeof(folder))) {
        return false;
    }
    if (!file_join(whole, path[0] == '/' ? "" : folder, path)) {
        return false;
    }
    size_t used = 0;
    for (const char *part = whole; *part;) {
        part += strspn(part, "/");
        size_t length = strcspn(part, "/");
        if (length == 2 && memcmp(part, "..", 2) == 0) {
            while (used > 0 && out[--used] != '/') {
            }
        } else if (length > 0 && !(length == 1 && part[0] == '.')) {
            out[used++] = '/'; // never longer than `whole`, which fits
            memcpy(out + used, part, length);
            used += length;
        }
        part += length;
    }
    out[used] = '\0';
    return true;
}

bool asset_path_real(char out[FILE_PATH_MAX], const char *path)
{
    char whole[FILE_PATH_MAX], folder[FILE_PATH_MAX];
    if (!asset_path_absolute(whole, path)) {
        return false;
    }
    char *slash = strrchr(whole, '/');
    if (slash) {
        *slash = '\0';
        if (realpath(slash == whole ? "/" : whole, folder)) {
            return file_join(out, folder, slash + 1);
        }
        *slash = '/';
    }
    return text_format(out, FILE_PATH_MAX, "%s", whole);
}

const char *asset_path_below(const char *path, const char *folder)
{
    size_t length = strlen(folder);
    if (strncmp(path, folder, length) != 0 || (path[length] != '/' && path[length] != '\0')) {
        return NULL;
    }
    return path[length] == '/' ? path + length + 1 : path + length;
}

// Names of files below a folder, as assets are named.
typedef struct Listing {
    Arena *scratch;
    const char **names; // LISTED_MAX
    size_t count;
} Listing;

static void list_folder(Listing *listing, int parent_fd, const char *folder, const char *prefix,
                        int depth);

static void list_entry(Listing *listing, int folder_fd, const char *name, const char *prefix,
                       int depth)
{
    char path[LISTED_NAME_MAX];
    struct stat about;
    if (name[0] == '.' || !text_format(path, sizeof(path), "%s%s", prefix, name)
        || fstatat(folder_fd, name, &about, AT_SYMLINK_NOFOLLOW) != 0) {
        return;
    }
    // Symlinks count as files, so a loop of folders cannot lead anywhere.
    if (!S_ISDIR(about.st_mode)) {
        listing->names[listing->count++] = arena_copy_text(listing->scratch, path);
    } else if (depth < LISTED_DEPTH_MAX && text_format(path, sizeof(path), "%s%s/", prefix, name)) {
        list_folder(listing, folder_fd, name, path, depth + 1);
    }
}

static void list_folder(Listing *listing, int parent_fd, const char *folder, const char *prefix,
                        int depth)
{
    int fd = openat(parent_fd, folder, O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC);
    DIR *stream = fd >= 0 ? fdopendir(fd) : NULL;
    if (!stream) {
        if (fd >= 0) {
            close(fd);
        }
        return;
    }
    for (struct dirent *entry = readdir(stream); entry && listing->count < LISTED_MAX;
         entry = readdir(stream)) {
        list_entry(listing, dirfd(stream), entry->d_name, prefix, depth);
    }
    closedir(stream);
}

static const char *last_part(const char *name)
{
    const char *slash = strrchr(name, '/');
    return slash ? slash + 1 : name;
}

const char *asset_path_suggest(Arena *scratch, const char *folder, const char *name)
{
    Listing listing = {.scratch = scratch};
    listing.names = ARENA_NEW(scratch, const char *, LISTED_MAX);
    list_folder(&listing, AT_FDCWD, folder, "", 0);
    // The right file in another sub-folder is a better guess than a similar spelling.
    for (size_t i = 0; i < listing.count; i++) {
        if (strcmp(last_part(listing.names[i]), last_part(name)) == 0) {
            return listing.names[i];
        }
    }
    return text_nearest(name, listing.names, listing.count);
}
