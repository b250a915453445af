#define UNW_LOCAL_ONLY
#include <libunwind.h>

#include "refit_testing.h"

// What debuggers, crash screens and reflect see of an object: lines, variables, frames.
//
// Contents: lines and variables, parameters and locals, unwinding.

// --------------------------------------------------------------------------- lines and variables

static void test_unit_is_named_like_gccs(void **state)
{
    // Scenario: a unit is compiled by its relative name and refitted with where it is.
    // Expect: libdw finds one unit with the absolute path, the folder, C11, and its bounds.
    Place place;
    Reading reading;
    Dwarf_Die unit;
    Dwarf_Attribute attribute;
    Dwarf_Addr low, high;
    (void)state;

    make_place(&place);
    write_source(&place, "part.h", PART);
    make_library(&place, UNIT);
    open_library(&reading, &place);
    assert_true(first_unit(reading.dwarf, &unit));
    assert_string_equal(dwarf_diename(&unit), path_in(&place, "one.c"));
    assert_string_equal(dwarf_formstring(dwarf_attr(&unit, DW_AT_comp_dir, &attribute)),
                        place.folder);
    assert_int_equal(dwarf_srclang(&unit), DW_LANG_C11);
    assert_int_equal(dwarf_lowpc(&unit, &low), 0);
    assert_int_equal(dwarf_highpc(&unit, &high), 0);
    assert_true(low < high);
    close_library(&reading);
    drop_place(&place);
}

static void test_code_has_its_lines(void **state)
{
    // Scenario: functions of a source and, inline, of its header.
    // Expect: the address of each leads to its file and line.
    Place place;
    Reading reading;
    void **game;
    const char *file;
    (void)state;

    make_place(&place);
    write_source(&place, "part.h", PART);
    make_library(&place, UNIT);
    open_library(&reading, &place);
    game = dlsym(reading.library, "hotloop_game");
    assert_int_equal(line_of(&reading, game[2], &file), 5);
    assert_string_equal(file, path_in(&place, "one.c"));
    assert_int_equal(line_of(&reading, game[4], &file), 13);
    assert_int_equal(line_of(&reading, (char *)game[4] + 20, &file), 14);
    assert_int_equal(line_of(&reading, game[3], &file), 2);
    assert_non_null(strstr(file, "part.h"));
    assert_int_equal(line_of(&reading, (char *)game[3] + 20, &file), 5);
    close_library(&reading);
    drop_place(&place);
}

static void test_functions_have_their_bounds(void **state)
{
    // Scenario: a static function, and one out of a header.
    // Expect: both are there by name, at their addresses, with files and lines; not external.
    Place place;
    Reading reading;
    Dwarf_Die unit, function;
    Dwarf_Addr low;
    void **game;
    int line;
    (void)state;

    make_place(&place);
    write_source(&place, "part.h", PART);
    make_library(&place, UNIT);
    open_library(&reading, &place);
    game = dlsym(reading.library, "hotloop_game");
    assert_true(first_unit(reading.dwarf, &unit));
    assert_true(find_child(&unit, DW_TAG_subprogram, "count", 0, &function));
    assert_int_equal(dwarf_lowpc(&function, &low), 0);
    assert_ptr_equal((void *)(reading.base + low), game[2]);
    assert_int_equal(dwarf_decl_line(&function, &line), 0);
    assert_int_equal(line, 5);
    assert_false(dwarf_hasattr(&function, DW_AT_external));
    assert_true(find_child(&unit, DW_TAG_subprogram, "half", 0, &function));
    assert_non_null(strstr(dwarf_decl_file(&function), "part.h"));
    close_library(&reading);
    drop_place(&place);
}

static void test_variables_are_where_they_are(void **state)
{
    // Scenario: a static and a global variable of the file, one of another unit, one never used.
    // Expect: each of its own has its address; only the global one is external; no more are there.
    Place place;
    Reading reading;
    Dwarf_Die unit, variable;
    void **game;
    (void)state;

    make_place(&place);
    write_source(&place, "part.h", PART);
    make_library(&place, UNIT);
    open_library(&reading, &place);
    game = dlsym(reading.library, "hotloop_game");
    assert_true(first_unit(reading.dwarf, &unit));
    assert_true(find_child(&unit, DW_TAG_variable, "score", 0, &variable));
    assert_ptr_equal(loaded_place(&reading, &variable), game[0]);
    assert_false(dwarf_hasattr(&variable, DW_AT_external));
    assert_true(find_child(&unit, DW_TAG_variable, "shown", 0, &variable));
    assert_ptr_equal(loaded_place(&reading, &variable), game[1]);
    assert_true(dwarf_hasattr(&variable, DW_AT_external));
    assert_true(find_child(&unit, DW_TAG_variable, "ahead", 0, &variable));
    assert_false(find_child(&unit, DW_TAG_variable, "calls", 0, &variable));
    close_library(&reading);
    drop_place(&place);
}

static void test_variables_of_other_units_are_not_there(void **state)
{
    // Scenario: a unit uses a variable that another one defines.
    // Expect: it is not among the unit's own.
    Place place;
    Reading reading;
    Dwarf_Die unit, variable;
    (void)state;

    make_place(&place);
    make_library(&place, "extern int elsewhere;\n"
                         "int own(void) { extern int further; return elsewhere + further; }\n"
                         "void *const hotloop_game[] = {own};\n");
    open_debug(&reading, &place);
    assert_true(first_unit(reading.dwarf, &unit));
    assert_true(find_child(&unit, DW_TAG_variable, "hotloop_game", 0, &variable));
    assert_false(find_child(&unit, DW_TAG_variable, "elsewhere", 0, &variable));
    assert_false(find_child(&unit, DW_TAG_variable, "further", 0, &variable));
    close_library(&reading);
    drop_place(&place);
}

static void test_static_variables_are_in_their_function(void **state)
{
    // Scenario: three static variables of one name in blocks of one function; the function runs.
    // Expect: they are the function's, in the order of their declaration.
    Place place;
    Reading reading;
    Dwarf_Die unit, function, variable;
    int *calls[3];
    int (*count)(int);
    (void)state;

    make_place(&place);
    write_source(&place, "part.h", PART);
    make_library(&place, UNIT);
    open_library(&reading, &place);
    assert_true(first_unit(reading.dwarf, &unit));
    assert_true(find_child(&unit, DW_TAG_subprogram, "count", 0, &function));
    for (int i = 0; i < 3; i++) {
        assert_true(find_child(&function, DW_TAG_variable, "calls", i, &variable));
        calls[i] = loaded_place(&reading, &variable);
    }
    assert_false(find_child(&function, DW_TAG_variable, "calls", 3, &variable));
    memcpy(&count, (void **)dlsym(reading.library, "hotloop_game") + 2, sizeof(void *));
    assert_int_equal(count(4), 5 + 4 + 2 + 1);
    assert_int_equal(*calls[0], 9);
    assert_int_equal(*calls[1], 4);
    assert_int_equal(*calls[2], 10);
    assert_true(find_child(&unit, DW_TAG_subprogram, "half", 0, &function));
    assert_true(find_child(&function, DW_TAG_variable, "halves", 0, &variable));
    assert_int_equal(*(int *)loaded_place(&reading, &variable), 2);
    close_library(&reading);
    drop_place(&place);
}

static void test_inner_variables_may_come_first(void **state)
{
    // Scenario: a block's static variable is declared before one of its name in the block around.
    // Expect: the order is that of the source, not of the blocks.
    Place place;
    Reading reading;
    Dwarf_Die unit, function, variable;
    (void)state;

    make_place(&place);
    make_library(&place,
                 "int f(void) { { static int x = 11; x++; } static int x = 22; return x; }\n"
                 "void *const hotloop_game[] = {f};\n");
    open_library(&reading, &place);
    assert_true(first_unit(reading.dwarf, &unit));
    assert_true(find_child(&unit, DW_TAG_subprogram, "f", 0, &function));
    assert_true(find_child(&function, DW_TAG_variable, "x", 0, &variable));
    assert_int_equal(*(int *)loaded_place(&reading, &variable), 11);
    assert_true(find_child(&function, DW_TAG_variable, "x", 1, &variable));
    assert_int_equal(*(int *)loaded_place(&reading, &variable), 22);
    close_library(&reading);
    drop_place(&place);
}

static void test_lines_beyond_65535(void **state)
{
    // Scenario: a function at line 70003 of a source that has others all along; stabs have 16 bits.
    // Expect: its line is 70003.
    enum { FUNCTIONS = 70, APART = 1000 };
    static char text[FUNCTIONS * (APART + 64) + 256];
    size_t used = 0;
    Place place;
    Reading reading;
    const char *file;
    (void)state;

    make_place(&place);
    for (int i = 0; i < FUNCTIONS; i++) {
        used += (size_t)sprintf(text + used, "int f%d(void) { return %d; }", i, i);
        memset(text + used, '\n', APART);
        used += APART;
    }
    strcpy(text + used,
           "\nint last(void)\n{\n    return 1;\n}\nvoid *const hotloop_game[] = {last};\n");
    make_library(&place, text);
    open_library(&reading, &place);
    assert_int_equal(line_of(&reading, game_of(&reading), &file), 70003);
    close_library(&reading);
    drop_place(&place);
}

// ----------------------------------------------------------------------- parameters and locals

static const char MOB[] = "typedef enum Kind { RAT = 1, BAT = -2 } Kind;\n"
                          "typedef struct Mob {\n"
                          "    struct Mob *next;\n"
                          "    char name[6][8];\n"
                          "    unsigned tall : 3, wide : 5;\n"
                          "    union { float speed; int steps; };\n"
                          "    Kind kind;\n"
                          "    int (*act)(struct Mob *);\n"
                          "    struct Hidden *hidden;\n"
                          "} Mob;\n"
                          "int move(Mob *mob, double by, int (*note)(void *, void *, void *))\n"
                          "{\n"
                          "    int steps = (int)by;\n"
                          "    for (int i = 0; i < 2; i++) {\n"
                          "        Mob copies[2] = {*mob};\n"
                          "        static int calls;\n"
                          "        calls += note(&mob, &steps, &copies[1]);\n"
                          "    }\n"
                          "    { int other = 1; return other + steps; }\n"
                          "}\n"
                          "Mob first;\n"
                          "void *const hotloop_game[] = {move};\n";

typedef struct Note {
    uintptr_t frame; // %rbp of who called
    void *places[3];
} Note;

static Note *noted; // by the callback, which has no argument for it

static int note_places(void *mob, void *steps, void *copy)
{
    unw_context_t context;
    unw_cursor_t cursor;
    unw_word_t frame;

    unw_getcontext(&context);
    unw_init_local(&cursor, &context);
    assert_true(unw_step(&cursor) > 0);
    unw_get_reg(&cursor, UNW_X86_64_RBP, &frame);
    *noted = (Note){frame, {mob, steps, copy}};
    return 1;
}

static void *place_in_frame(uintptr_t frame, Dwarf_Die *variable)
{
    Dwarf_Attribute attribute;
    Dwarf_Op *ops;
    size_t count;

    assert_non_null(dwarf_attr(variable, DW_AT_location, &attribute));
    assert_int_equal(dwarf_getlocation(&attribute, &ops, &count), 0);
    assert_int_equal(count, 1);
    assert_int_equal(ops[0].atom, DW_OP_fbreg);
    return (void *)(frame + ops[0].number); // NOLINT: in a frame
}

static Dwarf_Die type_of(Dwarf_Die *die)
{
    Dwarf_Attribute attribute;
    Dwarf_Die type;

    assert_non_null(dwarf_formref_die(dwarf_attr(die, DW_AT_type, &attribute), &type));
    return type;
}

static Dwarf_Word number_of(Dwarf_Die *die, unsigned name)
{
    Dwarf_Attribute attribute;
    Dwarf_Word number;

    assert_int_equal(dwarf_formudata(dwarf_attr(die, name, &attribute), &number), 0);
    return number;
}

static void test_locals_are_where_they_are(void **state)
{
    // Scenario: a function hands on where its parameter, its variable and a block's are.
    // Expect: that is where its frame and their entries say; the block's are in the block.
    Place place;
    Reading reading;
    Dwarf_Die unit, function, variable, block, inner;
    Note note = {0};
    int (*move)(void *, double, int (*)(void *, void *, void *));
    uint8_t mob[256] = {0};
    void *entry;
    (void)state;

    make_place(&place);
    make_library(&place, MOB);
    open_library(&reading, &place);
    entry = game_of(&reading);
    memcpy(&move, &entry, sizeof move);
    noted = &note;
    assert_int_equal(move(mob, 2.5, note_places), 3);
    assert_true(first_unit(reading.dwarf, &unit));
    assert_true(find_child(&unit, DW_TAG_subprogram, "move", 0, &function));
    assert_true(find_child(&function, DW_TAG_formal_parameter, "mob", 0, &variable));
    assert_ptr_equal(place_in_frame(note.frame, &variable), note.places[0]);
    assert_true(find_child(&function, DW_TAG_variable, "steps", 0, &variable));
    assert_ptr_equal(place_in_frame(note.frame, &variable), note.places[1]);
    assert_false(find_child(&function, DW_TAG_variable, "copies", 0, &variable));
    assert_true(find_child(&function, DW_TAG_variable, "calls", 0, &variable));
    assert_int_equal(*(int *)loaded_place(&reading, &variable), 2);
    assert_true(find_child(&function, DW_TAG_lexical_block, NULL, 0, &block));
    assert_true(find_child(&block, DW_TAG_variable, "i", 0, &variable));
    assert_true(find_child(&block, DW_TAG_lexical_block, NULL, 0, &inner));
    assert_true(find_child(&inner, DW_TAG_variable, "copies", 0, &variable));
    assert_int_equal((char *)note.places[2] - (char *)place_in_frame(note.frame, &variable), 88);
    assert_true(find_child(&function, DW_TAG_lexical_block, NULL, 1, &block));
    assert_true(find_child(&block, DW_TAG_variable, "other", 0, &variable));
    close_library(&reading);
    drop_place(&place);
}

static void test_parameters_are_in_their_order(void **state)
{
    // Scenario: tcc's stabs have the last parameter first.
    // Expect: the entries are as in the source.
    static const char *const names[] = {"mob", "by", "note"};
    Place place;
    Reading reading;
    Dwarf_Die unit, function, at;
    int count = 0;
    (void)state;

    make_place(&place);
    make_library(&place, MOB);
    open_debug(&reading, &place);
    assert_true(first_unit(reading.dwarf, &unit));
    assert_true(find_child(&unit, DW_TAG_subprogram, "move", 0, &function));
    assert_int_equal(dwarf_child(&function, &at), 0);
    do {
        if (dwarf_tag(&at) == DW_TAG_formal_parameter) {
            assert_true(count < 3);
            assert_string_equal(dwarf_diename(&at), names[count++]);
        }
    } while (dwarf_siblingof(&at, &at) == 0);
    assert_int_equal(count, 3);
    close_library(&reading);
    drop_place(&place);
}

static void test_locals_have_their_types(void **state)
{
    // Scenario: a parameter that points to a struct of pointers, arrays, bit-fields, an anonymous
    // union, an enumeration and a struct that is only declared.
    // Expect: names, places and sizes are those of the source.
    Place place;
    Reading reading;
    Dwarf_Die unit, function, variable, mob, member, type;
    Dwarf_Word bytes;
    (void)state;

    make_place(&place);
    make_library(&place, MOB);
    open_debug(&reading, &place);
    assert_true(first_unit(reading.dwarf, &unit));
    assert_true(find_child(&unit, DW_TAG_subprogram, "move", 0, &function));
    assert_true(find_child(&function, DW_TAG_formal_parameter, "mob", 0, &variable));
    type = type_of(&variable);
    assert_int_equal(dwarf_tag(&type), DW_TAG_pointer_type);
    mob = type_of(&type);
    assert_string_equal(dwarf_diename(&mob), "Mob");
    assert_int_equal(dwarf_bytesize(&mob), 88);
    assert_true(find_child(&mob, DW_TAG_member, "next", 0, &member));
    type = type_of(&member);
    type = type_of(&type);
    assert_int_equal(dwarf_dieoffset(&type), dwarf_dieoffset(&mob));
    assert_true(find_child(&mob, DW_TAG_member, "name", 0, &member));
    assert_int_equal(number_of(&member, DW_AT_data_member_location), 8);
    type = type_of(&member);
    assert_int_equal(dwarf_aggregate_size(&type, &bytes), 0);
    assert_int_equal(bytes, 48);
    assert_true(find_child(&mob, DW_TAG_member, "wide", 0, &member));
    assert_int_equal(number_of(&member, DW_AT_data_bit_offset), 56 * 8 + 3);
    assert_int_equal(number_of(&member, DW_AT_bit_size), 5);
    assert_true(find_child(&mob, DW_TAG_member, NULL, 0, &member));
    type = type_of(&member);
    assert_int_equal(dwarf_tag(&type), DW_TAG_union_type);
    assert_true(find_child(&type, DW_TAG_member, "steps", 0, &member));
    assert_true(find_child(&mob, DW_TAG_member, "kind", 0, &member));
    type = type_of(&member);
    assert_true(find_child(&type, DW_TAG_enumerator, "BAT", 0, &member));
    assert_int_equal((int64_t)number_of(&member, DW_AT_const_value), -2);
    assert_true(find_child(&mob, DW_TAG_member, "act", 0, &member));
    type = type_of(&member);
    type = type_of(&type);
    assert_int_equal(dwarf_tag(&type), DW_TAG_subroutine_type);
    assert_true(find_child(&mob, DW_TAG_member, "hidden", 0, &member));
    type = type_of(&member);
    type = type_of(&type);
    assert_true(dwarf_hasattr(&type, DW_AT_declaration));
    close_library(&reading);
    drop_place(&place);
}

static void test_what_stays_has_no_types(void **state)
{
    // Scenario: a global variable of a struct type that a local one has, too; a static one.
    // Expect: neither has a type: that of static memory comes from elsewhere, whole.
    Place place;
    Reading reading;
    Dwarf_Die unit, function, variable;
    (void)state;

    make_place(&place);
    make_library(&place, MOB);
    open_debug(&reading, &place);
    assert_true(first_unit(reading.dwarf, &unit));
    assert_true(find_child(&unit, DW_TAG_variable, "first", 0, &variable));
    assert_false(dwarf_hasattr(&variable, DW_AT_type));
    assert_true(find_child(&unit, DW_TAG_subprogram, "move", 0, &function));
    assert_true(find_child(&function, DW_TAG_variable, "calls", 0, &variable));
    assert_false(dwarf_hasattr(&variable, DW_AT_type));
    close_library(&reading);
    drop_place(&place);
}

// ------------------------------------------------------------------------------------ unwinding

// What libunwind meets above the caller, by place, outermost last.
typedef struct Calls {
    uintptr_t places[16];
    int count;
} Calls;

static Calls *seen; // by the callback, which has no argument for it

static int note_calls(int number)
{
    unw_context_t context;
    unw_cursor_t cursor;
    unw_word_t place;

    unw_getcontext(&context);
    unw_init_local(&cursor, &context);
    while (seen->count < 16 && unw_step(&cursor) > 0) {
        unw_get_reg(&cursor, UNW_REG_IP, &place);
        seen->places[seen->count++] = place;
    }
    return number;
}

static const char DEEP[] = "typedef struct Big { int a[40]; } Big;\n"
                           "static Big make(int n) { Big big = {{n}}; return big; }\n"
                           "static int deep(int n, int (*f)(int))\n"
                           "{\n"
                           "    char room[n + 9];\n"
                           "    room[0] = (char)make(n).a[0];\n"
                           "    return n > 2 ? f(room[0]) : deep(n + 1, f) + room[0];\n"
                           "}\n"
                           "void *const hotloop_game[] = {deep};\n";

static void test_calls_are_unwound(void **state)
{
    // Scenario: a function with a variable-length array calls itself, then a callback of ours.
    // Expect: libunwind finds the three calls, all at the line of the call, and the test behind.
    Place place;
    Reading reading;
    Calls calls = {0};
    int (*deep)(int, int (*)(int));
    void *entry;
    const char *file;
    (void)state;

    make_place(&place);
    make_library(&place, DEEP);
    open_library(&reading, &place);
    entry = game_of(&reading);
    memcpy(&deep, &entry, sizeof deep);
    seen = &calls;
    assert_int_equal(deep(1, note_calls), 3 + 2 + 1);
    assert_true(calls.count >= 4);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(line_of(&reading, (void *)(calls.places[i] - 1), &file), 7);
    }
    assert_true(calls.places[3] - (uintptr_t)test_calls_are_unwound < 4096);
    close_library(&reading);
    drop_place(&place);
}

// Where the caller's frame ends at that byte of the code: a register and what is added to it.
static bool find_frame(Reading *reading, Dwarf_Addr at, uint64_t *reg, int64_t *more)
{
    Dwarf_Frame *frame;
    Dwarf_Op *ops;
    size_t count;

    if (!reading->frames) {
        reading->frames = dwarf_getcfi_elf(dwarf_getelf(reading->dwarf));
    }
    assert_non_null(reading->frames);
    if (dwarf_cfi_addrframe(reading->frames, at, &frame) != 0) {
        return false;
    }
    assert_int_equal(dwarf_frame_cfa(frame, &ops, &count), 0);
    assert_int_equal(count, 1);
    assert_int_equal(ops[0].atom, DW_OP_bregx);
    *reg = ops[0].number;
    *more = (int64_t)ops[0].number2;
    free(frame);
    return true;
}

static void test_frames_hold_at_every_instruction(void **state)
{
    // Scenario: a function, from its first instruction to its last.
    // Expect: the frame is rsp + 8, behind the push rsp + 16, then rbp + 16, at ret rsp + 8 again.
    Place place;
    Reading reading;
    Dwarf_Die unit, function;
    Dwarf_Addr low, high;
    (void)state;

    make_place(&place);
    make_library(&place, DEEP);
    open_debug(&reading, &place);
    assert_true(first_unit(reading.dwarf, &unit));
    assert_true(find_child(&unit, DW_TAG_subprogram, "deep", 0, &function));
    assert_int_equal(dwarf_lowpc(&function, &low), 0);
    assert_int_equal(dwarf_highpc(&function, &high), 0);
    for (Dwarf_Addr at = low; at < high; at++) {
        bool is_pushed = at >= low + 1, is_framed = at >= low + 4 && at < high - 1;
        uint64_t reg = 0;
        int64_t more = 0;
        assert_true(find_frame(&reading, at, &reg, &more));
        assert_int_equal(reg, is_framed ? 6 : 7);
        assert_int_equal(more, is_pushed && at < high - 1 ? 16 : 8);
    }
    close_library(&reading);
    drop_place(&place);
}

static void test_unknown_beginnings_are_not_unwound(void **state)
{
    // Scenario: a function's first byte is no push %rbp.
    // Expect: nothing is said about its frame, rather than something wrong; the next one has its.
    static const uint8_t push[] = {0x55, 0x48, 0x89, 0xe5};
    Place place;
    Reading reading;
    Dwarf_Die unit, function;
    Dwarf_Addr low;
    Arena arena;
    FileBytes raw;
    Fault fault = {0};
    uint8_t *begins;
    uint64_t reg;
    int64_t more;
    (void)state;

    make_place(&place);
    make_library(&place, DEEP);
    assert_true(arena_open(&arena, 0, 1 << 20, &fault));
    assert_true(file_read(&arena, path_in(&place, "one.tcc.o"), 1 << 20, &raw, &fault));
    begins = memmem(raw.data, raw.size_bytes, push, sizeof push);
    assert_non_null(begins);
    *begins = 0x90;
    folder_write(path_in(&place, "one.tcc.o"), raw.data, raw.size_bytes);
    assert_true(refit_in(&place, "one.tcc.o", "one.c", "one.o", &fault));
    link_one(&place);
    open_debug(&reading, &place);
    assert_true(first_unit(reading.dwarf, &unit));
    assert_true(find_child(&unit, DW_TAG_subprogram, "make", 0, &function));
    assert_int_equal(dwarf_lowpc(&function, &low), 0);
    assert_false(find_frame(&reading, low + 4, &reg, &more));
    assert_true(find_child(&unit, DW_TAG_subprogram, "deep", 0, &function));
    assert_int_equal(dwarf_lowpc(&function, &low), 0);
    assert_true(find_frame(&reading, low + 4, &reg, &more));
    arena_close(&arena);
    close_library(&reading);
    drop_place(&place);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unit_is_named_like_gccs),
        cmocka_unit_test(test_code_has_its_lines),
        cmocka_unit_test(test_functions_have_their_bounds),
        cmocka_unit_test(test_variables_are_where_they_are),
        cmocka_unit_test(test_variables_of_other_units_are_not_there),
        cmocka_unit_test(test_static_variables_are_in_their_function),
        cmocka_unit_test(test_inner_variables_may_come_first),
        cmocka_unit_test(test_lines_beyond_65535),
        cmocka_unit_test(test_locals_are_where_they_are),
        cmocka_unit_test(test_parameters_are_in_their_order),
        cmocka_unit_test(test_locals_have_their_types),
        cmocka_unit_test(test_what_stays_has_no_types),
        cmocka_unit_test(test_calls_are_unwound),
        cmocka_unit_test(test_frames_hold_at_every_instruction),
        cmocka_unit_test(test_unknown_beginnings_are_not_unwound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
