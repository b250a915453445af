// Values of entries, by their forms; the abbreviations that say which forms there are. What the
// files that read entries share: reflect_form.c, reflect_unit.c, reflect_die.c.
#ifndef REFLECT_FORM_H
#define REFLECT_FORM_H
#include "reflect_die.h"

typedef struct Raw {
    uint16_t form;
    uint64_t word; // a number, an index, an offset
    Block block;   // only of blocks, and the text of DW_FORM_string
} Raw;

// What stands there, by form; -1: the size varies; -2: not known.
int reflect_form_bytes(const DieUnit *unit, uint16_t form);
// A form whose size varies, or is not known.
void reflect_read_odd(const DieUnit *unit, const Form *form, const uint8_t **at, const uint8_t *end,
                      Raw *raw);
// The value at *at, which becomes NULL where the bytes end too early.
static inline void reflect_read_form(const DieUnit *unit, const Form *form, const uint8_t **at,
                                     const uint8_t *end, Raw *raw)
{
    raw->form = form->form;
    if (form->bytes > 0) {
        raw->word = reflect_fixed(at, end, (uint64_t)form->bytes);
    } else if (form->bytes == 0) {
        raw->word = (uint64_t)form->constant;
    } else {
        reflect_read_odd(unit, form, at, end, raw);
    }
}

const char *reflect_form_text(const Dies *dies, const DieUnit *unit, const Raw *raw);
// The offset of the entry that is referred to; 0: none that we have.
uint64_t reflect_form_reference(const Dies *dies, const DieUnit *unit, const Raw *raw);
bool reflect_form_is_block(uint16_t form);
// Reads the unit's abbreviations. False: damaged.
bool reflect_read_shapes(Dies *dies, DieUnit *unit, uint64_t offset);
#endif
