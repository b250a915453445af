// A picture to a PNG file: written beside its name and renamed, so that nobody sees half of one.
#include "platform_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <SDL_image.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool refuse(Fault *fault, const char *path, const char *why)
{
    return fault_set(fault, FAULT_FILE,
                     "%s: picture not written: %s; choose another place or make room", path, why);
}

// O_EXCL and O_NOFOLLOW: the name beside may not be somebody's trap.
static FILE *open_beside(const char *beside)
{
    int fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (fd < 0) {
        return NULL;
    }
    FILE *file = fdopen(fd, "wb");
    if (!file) {
        close(fd);
    }
    return file;
}

// SDL_image does not look at what its writes return; the stream's error flag remembers.
static bool write_all(FILE *file, SDL_Surface *surface)
{
    SDL_RWops *out = SDL_RWFromFP(file, SDL_FALSE);
    bool ok = out && IMG_SavePNG_RW(surface, out, 1) == 0;
    ok = fflush(file) == 0 && !ferror(file) && ok;
    return fclose(file) == 0 && ok;
}

bool platform_png_write(SDL_Surface *surface, const char *path, Fault *fault)
{
    char beside[FILE_PATH_MAX];
    if (!text_format(beside, sizeof beside, "%s.%d.tmp", path, (int)getpid())) {
        return refuse(fault, path, "the path is too long");
    }
    unlink(beside); // ours, from a process of the same number that was killed
    FILE *file = open_beside(beside);
    if (!file) {
        return refuse(fault, path, strerror(errno));
    }
    errno = 0;
    bool ok = write_all(file, surface) && rename(beside, path) == 0;
    if (!ok) {
        int error = errno;
        unlink(beside);
        return refuse(fault, path, error ? strerror(error) : SDL_GetError());
    }
    return true;
}

bool platform_write_png(const char *path, const uint8_t *rgba, int w, int h, Fault *fault)
{
    void *pixels = (void *)(uintptr_t)rgba; // only read: the surface is saved and let go
    SDL_Surface *surface =
        SDL_CreateRGBSurfaceWithFormatFrom(pixels, w, h, 32, w * 4, SDL_PIXELFORMAT_RGBA32);
    if (!surface) {
        return refuse(fault, path, SDL_GetError());
    }
    bool ok = platform_png_write(surface, path, fault);
    SDL_FreeSurface(surface);
    return ok;
}
