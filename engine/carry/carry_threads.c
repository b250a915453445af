#include <dlfcn.h>
#include <string.h>

#include "carry_parts.h"

// Variables of a thread's own are no globals that history knows, and each thread has others: they
// begin anew with each build, and are named where the game's thread has changed any. Where the
// single ones lie is not known, only the block of all of them.

static bool is_changed(const CarrySide *side, const uint8_t *block)
{
    Elf64_Phdr segment;

    for (uint32_t i = 0; carry_segment(side, i, &segment); i++) {
        if (segment.p_type != PT_TLS) {
            continue;
        }
        const uint8_t *initial = (const uint8_t *)carry_segment_place(side, &segment);
        uint64_t at = segment.p_filesz;
        if (memcmp(block, initial, at) != 0) {
            return true;
        }
        while (at < segment.p_memsz && block[at] == 0) {
            at++;
        }
        return at < segment.p_memsz;
    }
    return false;
}

void carry_tell_threads(const CarrySide *side, CarryItems *items)
{
    const ReflectTable *table = side->table;
    void *block = NULL;
    bool is_known = false;

    for (uint32_t i = 0; i < table->variable_count; i++) {
        const ReflectVariable *variable = &table->variables[i];
        if (!variable->is_thread_local || variable->is_const) {
            continue;
        }
        // The calling thread's; none while it has not used any. Source: dlinfo(3).
        if (!is_known && (dlinfo(side->lib->handle, RTLD_DI_TLS_DATA, &block) != 0 || !block)) {
            return;
        }
        if (!is_known && !is_changed(side, block)) {
            return;
        }
        is_known = true;
        CarryObject object = {.name = variable->name, .function = variable->function};
        char label[CARRY_NAME_MAX];
        carry_label(&object, label, sizeof label);
        carry_item(items, CARRY_LOST, label,
                   "it is thread-local and begins anew with each build; an ordinary variable goes "
                   "on");
    }
}
