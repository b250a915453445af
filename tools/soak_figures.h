// What a running session takes of the machine, looked at while nothing is going on.
#ifndef SOAK_FIGURES_H
#define SOAK_FIGURES_H
#include "session.h"

typedef enum Figure {
    RSS_KIB,
    ANON_KIB, // of it, not from files
    MAPPINGS,
    DESCRIPTORS,
    THREADS,
    IMAGES, // builds of the game that are loaded: the caller asks the session
    PRIVATE_FILES,
    TEMPORARY_FILES,
    LIBRARIES, // kept in the work folder
    OBJECTS,
    ALL_TMP, // entries of /tmp, which others use, too: shown, not judged
    FIGURES
} Figure;

typedef struct FigureRule {
    const char *name;
    bool is_judged;
    long a_build;  // so much of it belongs to each loaded build, and comes and goes with it
    long may_grow; // the rest, from the first sample to the last
    long at_most;  // or else it may be this in the end, however it began
} FigureRule;

// All but IMAGES; `folder` is session_folder_open's.
void figures_take(long figures[FIGURES], pid_t pid, const char *folder);
// Prints them side by side; how many grew or could not be read.
unsigned figures_judge(const FigureRule rules[FIGURES], const long first[FIGURES],
                       const long last[FIGURES]);

#endif
