// What a call may change about the process, and putting it back.
#include "guard_internal.h"

struct GuardSaved {
    int nothing;
};

bool guard_process_open(Guard *guard, Arena *arena, Fault *fault)
{
    (void)fault;
    guard->saved = ARENA_NEW(arena, GuardSaved, 1);
    return true;
}

void guard_process_close(Guard *guard)
{
    guard->saved = NULL;
}

void guard_process_restore(Guard *guard, bool all)
{
    (void)all;
    atomic_store(&guard->to_restore, 0);
}

unsigned guard_check_process(Guard *guard)
{
    (void)guard;
    return 0;
}

void guard_keep_descriptors(Guard *guard)
{
    (void)guard;
}
