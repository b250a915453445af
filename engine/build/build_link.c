#include "build_link.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static bool header_fits(const Elf64_Ehdr *header, uint64_t size_bytes)
{
    uint64_t sections = (uint64_t)header->e_shnum * sizeof(Elf64_Shdr);
    return memcmp(header->e_ident, ELFMAG, SELFMAG) == 0 && header->e_ident[EI_CLASS] == ELFCLASS64
           && header->e_ident[EI_DATA] == ELFDATA2LSB && header->e_shoff > 0
           && header->e_shoff <= size_bytes && sections > 0
           && sections <= size_bytes - header->e_shoff;
}

bool build_link_is_whole(const char *path)
{
    Elf64_Ehdr header;
    struct stat about;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        return false;
    }
    bool ok = pread(fd, &header, sizeof(header), 0) == (ssize_t)sizeof(header)
              && fstat(fd, &about) == 0 && S_ISREG(about.st_mode) && about.st_size > 0
              && header_fits(&header, (uint64_t)about.st_size);
    close(fd);
    return ok;
}

typedef struct Image {
    uint8_t *bytes;
    uint64_t size_bytes;
} Image;

// NULL when [offset, offset + size) is not inside.
static void *part(const Image *image, uint64_t offset, uint64_t size_bytes)
{
    bool fits = offset <= image->size_bytes && size_bytes <= image->size_bytes - offset;
    return fits && offset % 8 == 0 ? image->bytes + offset : NULL;
}

static const char *string_at(const Image *image, const Elf64_Shdr *strings, uint64_t at)
{
    if (strings->sh_offset > image->size_bytes
        || strings->sh_size > image->size_bytes - strings->sh_offset || at >= strings->sh_size) {
        return "";
    }
    const char *text = (const char *)image->bytes + strings->sh_offset + at;
    return memchr(text, 0, strings->sh_size - at) ? text : "";
}

static bool is_stub(const char *needed, const char *stub_path)
{
    const char *slash = strrchr(stub_path, '/');
    return strcmp(needed, stub_path) == 0 || (slash && strcmp(needed, slash + 1) == 0);
}

static bool drop_in_section(const Image *image, const Elf64_Shdr *dynamic,
                            const Elf64_Shdr *strings, const char *stub_path)
{
    Elf64_Dyn *entries = part(image, dynamic->sh_offset, dynamic->sh_size);
    if (!entries) {
        return false;
    }
    size_t count = dynamic->sh_size / sizeof(entries[0]), kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (entries[i].d_tag != DT_NEEDED
            || !is_stub(string_at(image, strings, entries[i].d_un.d_val), stub_path)) {
            entries[kept++] = entries[i];
        }
    }
    memset(entries + kept, 0, (count - kept) * sizeof(entries[0])); // DT_NULL: the end
    return true;
}

static bool drop_in_image(const Image *image, const char *stub_path)
{
    const Elf64_Ehdr *header = part(image, 0, sizeof(*header));
    if (!header || !header_fits(header, image->size_bytes)) {
        return false;
    }
    const Elf64_Shdr *sections = part(image, header->e_shoff, header->e_shnum * sizeof(Elf64_Shdr));
    for (unsigned i = 0; sections && i < header->e_shnum; i++) {
        if (sections[i].sh_type == SHT_DYNAMIC && sections[i].sh_link < header->e_shnum) {
            return drop_in_section(image, &sections[i], &sections[sections[i].sh_link], stub_path);
        }
    }
    return false;
}

bool build_link_drop_needed(const char *library, const char *stub_path)
{
    struct stat about;
    int fd = open(library, O_RDWR | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    bool ok = false;
    if (fstat(fd, &about) == 0 && about.st_size > 0) {
        Image image = {.size_bytes = (uint64_t)about.st_size};
        void *bytes = mmap(NULL, image.size_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (bytes != MAP_FAILED) {
            image.bytes = bytes;
            ok = drop_in_image(&image, stub_path);
            munmap(bytes, image.size_bytes);
        }
    }
    close(fd);
    return ok;
}
