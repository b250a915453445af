// What a build is made of is read here, beside the frame loop's thread: the swap needs it.
#include "change_internal.h"

#include "reflect_table.h"

static void let_go(void *table)
{
    reflect_table_close(table);
}

void change_read_about(GameLib *lib)
{
    Fault fault;
    if (!lib->has_debug_info) {
        return; // variables go by symbol then
    }
    lib->about = reflect_table_open(lib->path, lib->image_first, &fault);
    if (lib->about) {
        lib->let_go = let_go;
    } else {
        log_line(LOG_WARNING, "%s; its variables are carried by symbol and size alone", fault.text);
    }
}
