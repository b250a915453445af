// What the host_*.c files share.
#ifndef HOST_INTERNAL_H
#define HOST_INTERNAL_H
#include "host.h"

static inline Host *host_of(const hl_tick *t)
{
    // The game was handed &HostTick.tick, its first member.
    return ((const HostTick *)(const void *)t)->host;
}

// Ends the tick here: does not return. The game pauses with the message on screen.
_Noreturn void host_stop(hl_tick *t, const char *file, int line, const char *format, ...)
    BASE_PRINTF(4, 5);
void host_stage_begin(Host *host); // before a tick: what the last one was fed is used up
// For whoever keeps a record: the tick was given these bytes.
void host_note(Host *host, ReplayBytesKind kind, const char *name, const HostBytes *bytes);
void host_trails_begin(Host *host); // before a tick: what the one before said and nobody kept
void host_trails_draw(const Host *host, DrawList *draw);
void host_draw_debug(Host *host, DrawList *draw, const hl_cam *camera);

#endif
