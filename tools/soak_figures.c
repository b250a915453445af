#include "soak_figures.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static long entries_of(const char *folder, const char *end)
{
    long count = 0;
    DIR *dir = opendir(folder);
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        size_t length = strlen(entry->d_name), tail = strlen(end);
        count += entry->d_name[0] != '.' && length >= tail
                 && strcmp(entry->d_name + length - tail, end) == 0;
    }
    if (dir) {
        closedir(dir);
    }
    return count;
}

// Of files with the name's end, in all folders below `path`.
static long files_below(const char *path, const char *end)
{
    long count = entries_of(path, end);
    DIR *dir = opendir(path);
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        char below[FILE_PATH_MAX];
        if (entry->d_type == DT_DIR && entry->d_name[0] != '.'
            && file_join(below, path, entry->d_name)) {
            count += files_below(below, end);
        }
    }
    if (dir) {
        closedir(dir);
    }
    return count;
}

static long number_in(const char *path, const char *name)
{
    char line[256];
    long value = -1;
    FILE *file = fopen(path, "re");
    while (file && value < 0 && fgets(line, sizeof(line), file)) {
        if (strncmp(line, name, strlen(name)) == 0) {
            value = strtol(line + strlen(name), NULL, 10);
        }
    }
    if (file) {
        fclose(file);
    }
    return value;
}

static long lines_of(const char *path)
{
    long count = 0;
    FILE *file = fopen(path, "re");
    for (int letter; file && (letter = fgetc(file)) != EOF;) {
        count += letter == '\n';
    }
    if (file) {
        fclose(file);
    }
    return count;
}

void figures_take(long figures[FIGURES], pid_t pid, const char *folder)
{
    char path[FILE_PATH_MAX];
    (void)text_format(path, sizeof(path), "/proc/%d/status", (int)pid);
    // History lies in shared memory; it grows with the time that is played, up to its budget.
    figures[RSS_KIB] = number_in(path, "VmRSS:") - number_in(path, "RssShmem:");
    figures[ANON_KIB] = number_in(path, "RssAnon:");
    figures[THREADS] = number_in(path, "Threads:");
    (void)text_format(path, sizeof(path), "/proc/%d/maps", (int)pid);
    figures[MAPPINGS] = lines_of(path);
    (void)text_format(path, sizeof(path), "/proc/%d/fd", (int)pid);
    figures[DESCRIPTORS] = entries_of(path, "");
    (void)file_join(path, folder, "runtime");
    figures[PRIVATE_FILES] = files_below(path, "");
    (void)file_join(path, folder, "tmp");
    figures[TEMPORARY_FILES] = files_below(path, "");
    (void)file_join(path, folder, "state");
    figures[LIBRARIES] = files_below(path, ".so");
    figures[OBJECTS] = files_below(path, ".o");
    figures[ALL_TMP] = entries_of("/tmp", "");
}

// Beside what the loaded builds have of it.
static long rest_of(const FigureRule *rule, const long figures[FIGURES], int which)
{
    return figures[which] - rule->a_build * figures[IMAGES];
}

unsigned figures_judge(const FigureRule rules[FIGURES], const long first[FIGURES],
                       const long last[FIGURES])
{
    unsigned wrong = 0;
    printf("  %-30s %10s %10s\n", "", "first", "last");
    for (int i = 0; i < FIGURES; i++) {
        const FigureRule *rule = &rules[i];
        bool grew = rule->is_judged
                    && rest_of(rule, last, i) > rest_of(rule, first, i) + rule->may_grow
                    && (rule->at_most == 0 || last[i] > rule->at_most);
        bool unknown = rule->is_judged && (first[i] < 0 || last[i] < 0);
        wrong += grew || unknown;
        printf("  %-30s %10ld %10ld%s\n", rule->name, first[i], last[i],
               grew      ? "  GREW"
               : unknown ? "  could not be read"
                         : "");
    }
    return wrong;
}
