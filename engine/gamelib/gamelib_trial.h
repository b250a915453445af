// A trial load in a process of its own. Inside the module only.
#ifndef GAMELIB_TRIAL_H
#define GAMELIB_TRIAL_H
#include "base.h"

#define TRIAL_WORDS_MAX 1024

typedef enum TrialResult {
    TRIAL_GOOD,
    TRIAL_REFUSED, // dlopen said no: words is dlerror's text
    TRIAL_DIED,    // words says how: "crashed (SIGSEGV)"
    TRIAL_FAILED   // could not be run: words is the reason
} TrialResult;

TrialResult gamelib_trial_run(const char *self_path, const char *copy, char words[TRIAL_WORDS_MAX]);

#endif
