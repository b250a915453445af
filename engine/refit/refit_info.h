// What the writers of .debug_info share.
#ifndef REFIT_INFO_H
#define REFIT_INFO_H
#include "refit_parts.h"

// Numbers of the abbreviations; what each is made of is in refit_dwarf.c.
enum {
    ABBREV_UNIT = 1,                       // with one run of code
    ABBREV_UNIT_RANGES,                    // with several
    ABBREV_UNIT_DATA,                      // without any
    ABBREV_FUNCTION,                       // four: + 1 external, + 2 with children
    ABBREV_VARIABLE = ABBREV_FUNCTION + 4, // two: + 1 external
    ABBREV_PARAMETER = ABBREV_VARIABLE + 2,
    ABBREV_LOCAL,
    ABBREV_BLOCK,
    ABBREV_BASE,
    ABBREV_POINTER,
    ABBREV_POINTER_VOID,
    ABBREV_ARRAY,
    ABBREV_RANGE,
    ABBREV_RANGE_OPEN,
    ABBREV_STRUCT, // two: + 1 without a name; and so on
    ABBREV_UNION = ABBREV_STRUCT + 2,
    ABBREV_ENUM = ABBREV_UNION + 2,
    ABBREV_DECLARED = ABBREV_ENUM + 2,
    ABBREV_MEMBER, // two: + 1 without a name
    ABBREV_BITS = ABBREV_MEMBER + 2,
    ABBREV_ENUMERATOR,
    ABBREV_CALLED,
    ABBREV_CALLED_VOID,
    ABBREVS
};

// A type of the stabs; written when something is of it.
typedef struct InfoType InfoType;

// A reference that stands in .debug_info before what it is to.
typedef struct InfoReference {
    uint64_t offset;
    uint32_t type;
} InfoReference;

typedef struct Info {
    RefitObject *object;
    const RefitStabs *stabs;
    uint32_t part, lines, ranges;
    uint32_t *codes; // parts with code
    uint32_t code_count;
    InfoType *types; // 0 is void
    uint32_t type_count, type_room;
    uint32_t *numbers; // types by the stabs' numbers
    uint32_t number_count;
    InfoReference *references;
    uint32_t reference_count, reference_room;
    uint64_t *blocks; // that are open: where their end is to be written; 0: they have no entry
} Info;

// What a function declares besides its static variables, inside of its entry.
void refit_write_locals(Info *info, const RefitFunction *function);

void refit_open_types(Info *info);
// The type that a stab's text begins with; false: it has none.
bool refit_find_type(Info *info, const char *text, uint32_t *type);
// Its number as four bytes, which are filled in by refit_write_types.
void refit_put_type(Info *info, uint32_t type);
// All that were asked for, and all that they are made of.
void refit_write_types(Info *info);

#endif
