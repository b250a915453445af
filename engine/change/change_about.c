// What a build is made of is read here, beside the frame loop's thread: the swap needs it.
#include "change_internal.h"

#include "reflect_table.h"

static void let_go(void *table)
{
    reflect_table_close(table);
}

bool change_read_about(GameLib *lib, Fault *fault)
{
    Fault why = {0};
    if (!lib->has_debug_info) { // variables go by symbol then
        return fault_set(fault ? fault : &why, FAULT_FORMAT, "%s has no debug information",
                         lib->path);
    }
    lib->about = reflect_table_open(lib->path, lib->image_first, &why);
    if (lib->about) {
        lib->let_go = let_go;
        return true;
    }
    if (fault) {
        *fault = why;
    } else {
        log_line(LOG_WARNING, "%s; its variables are carried by symbol and size alone", why.text);
    }
    return false;
}
