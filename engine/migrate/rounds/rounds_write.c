#include <string.h>

#include "rounds_parts.h"

// Contents: paths, declarations, the sources.

Path round_step(const Path *path, const char *before, const char *after)
{
    Path next = *path;
    size_t a = strlen(next.before), b = strlen(next.after);
    (void)text_format(next.before + a, sizeof next.before - a, "%s", before);
    (void)text_format(next.after + b, sizeof next.after - b, "%s", after);
    return next;
}

Path round_element(const Path *path, uint32_t before, uint32_t after)
{
    char a[16], b[16];
    (void)text_format(a, sizeof a, "[%u]", before);
    (void)text_format(b, sizeof b, "[%u]", after);
    return round_step(path, a, b);
}

// ------------------------------------------------------------------------------------ declarations

static bool is_renamed(const Writer *writer, const Struct *of, const Field *field)
{
    const Round *round = &writer->batch->rounds[writer->round];
    if (!field->has_new_name || of != round->after) {
        return false;
    }
    for (uint32_t i = 0; i < round->before->count; i++) {
        if (round->before->fields[i].id == field->id) {
            return true;
        }
    }
    return false;
}

void round_field_name(const Writer *writer, const Struct *of, const Field *field, char *out)
{
    (void)text_format(out, 16, "%c%u", is_renamed(writer, of, field) ? 'n' : 'f', field->id);
}

static void write_members(Writer *writer, FILE *file, const Struct *made);

static void write_declaration(Writer *writer, FILE *file, const Type *type, const char *name)
{
    char inner[64];

    switch (type->kind) {
    case KIND_NUMBER:
        fprintf(file, "%s %s", NUMBERS[type->number].name, name);
        break;
    case KIND_BITS:
        fprintf(file, "%s %s : %u", NUMBERS[type->number].name, name, type->width);
        break;
    case KIND_ENUM:
        fprintf(file, "enum E%u %s", writer->round, name);
        break;
    case KIND_STRUCT:
        if (type->members->is_tagged) {
            fprintf(file, "struct N%u %s", type->members->id, name);
        } else {
            fprintf(file, "struct {");
            write_members(writer, file, type->members);
            fprintf(file, "}%s %s", type->members->is_packed ? " PACKED" : "", name);
        }
        break;
    case KIND_ARRAY:
        (void)text_format(inner, sizeof inner, "%s[%u]", name, type->count);
        write_declaration(writer, file, type->of, inner);
        break;
    case KIND_OBJECT:
        (void)text_format(inner, sizeof inner, "(*%s)", name);
        fprintf(file, "struct S%u %s", type->object, inner);
        break;
    case KIND_VOID:
        fprintf(file, "void *%s", name);
        break;
    case KIND_INSIDE:
        fprintf(file, "%s *%s", NUMBERS[type->number].name, name);
        break;
    case KIND_UNION:
        fprintf(file, "union { int i; double d; void *p;%s } %s",
                type->count ? " char text[20];" : "", name);
        break;
    }
}

static void write_members(Writer *writer, FILE *file, const Struct *made)
{
    for (uint32_t i = 0; i < made->count; i++) {
        const Field *field = &made->fields[i];
        char name[16];
        round_field_name(writer, made, field, name);
        fprintf(file, " ");
        write_declaration(writer, file, field->type, name);
        if (field->align && !made->is_packed) {
            fprintf(file, " __attribute__((aligned(%u)))", field->align);
        }
        fprintf(file, ";");
    }
}

// Those with a tag stand before the structs that hold them.
static void write_inner_structs(Writer *writer, FILE *file, const Struct *made)
{
    for (uint32_t i = 0; i < made->count; i++) {
        const Type *type = made->fields[i].type;
        while (type->kind == KIND_ARRAY) {
            type = type->of;
        }
        if (type->kind == KIND_STRUCT) {
            write_inner_structs(writer, file, type->members);
            if (type->members->is_tagged) {
                fprintf(file, "struct N%u {", type->members->id);
                write_members(writer, file, type->members);
                fprintf(file, "}%s;\n", type->members->is_packed ? " PACKED" : "");
            }
        }
    }
}

static void write_round(Writer *writer, FILE *file, const Struct *made, const Enum *list)
{
    fprintf(file, "enum E%u {", writer->round);
    for (uint32_t i = 0; i < list->count; i++) {
        fprintf(file, " e%u = %d,", list->list[i].id, list->list[i].value);
    }
    fprintf(file, "};\n");
    write_inner_structs(writer, file, made);
    fprintf(file, "struct S%u {", writer->round);
    write_members(writer, file, made);
    fprintf(file, "}%s;\n", made->is_packed ? " PACKED" : "");
    for (uint32_t i = 0; i < made->count; i++) {
        const Field *field = &made->fields[i];
        if (is_renamed(writer, made, field)) {
            fprintf(file, "HL_WAS(S%u, n%u, f%u);\n", writer->round, field->id, field->id);
        }
    }
}

// ------------------------------------------------------------------------------------- the sources

static const char PRELUDE[] =
    "#include <stddef.h>\n#include <string.h>\n#include <stdint.h>\n"
    "#define PACKED __attribute__((packed))\n"
    "#define HL_WAS(T, field, old) static const char was_##T##field[]"
    " __attribute__((section(\"hl_was\"), used)) = #T \".\" #field \"=\" #old\n";

static const char CHECKS[] =
    "enum { LOST, GONE };\n"
    "#define FINITE(x) (((x) - (x)) == 0)\n"
    "#define SIGNED_LOW(n) (-((__int128)1 << ((n)-1)))\n"
    "#define SIGNED_HIGH(n) (((__int128)1 << ((n)-1)) - 1)\n"
    "#define UNSIGNED_LOW(n) ((__int128)0)\n"
    "#define UNSIGNED_HIGH(n) (((__int128)1 << (n)) - 1)\n"
    "#define WHOLE_FITS(t, low, high) ((__int128)(t) >= (low) && (__int128)(t) <= (high))\n"
    "#define REAL_FITS(t, low, high) ((long double)(t) > (long double)(low) - 1"
    " && (long double)(t) < (long double)(high) + 1)\n"
    "#define SAME(a, b) ((a) == (b) || ((a) != (a) && (b) != (b)))\n"
    "#define EXPECT(round, x) do { if (!(x)) bad(with, round, __LINE__, #x); } while (0)\n";

static void write_game(Writer *writer, FILE *file, bool is_after)
{
    const Batch *batch = writer->batch;

    fprintf(file, "typedef struct Game {%s", is_after ? " char fresh[3];" : "");
    for (uint32_t n = 0; n < batch->round_count; n++) {
        uint32_t i = is_after ? (n * 7 + 3) % batch->round_count : n; // count and 7 share nothing
        const Round *round = &batch->rounds[i];
        if (round->place == PLACE_ARRAY) {
            fprintf(file, " struct S%u *o%u;\n", i, i);
        } else if (round->place == PLACE_SINGLE) {
            fprintf(file, " struct S%u *l%u[%u];\n", i, i, round->objects);
        } else {
            fprintf(file, " struct S%u r%u[%u];\n", i, i, round->objects);
        }
        if (is_after && i % 5 == 0) {
            fprintf(file, " short new%u;\n", i);
        }
    }
    fprintf(file, "} Game;\nGame *test_root; size_t test_size = sizeof(Game);\n"
                  "size_t test_align = _Alignof(Game);\nvoid test_here(void) {}\n");
    for (uint32_t i = 0; i < batch->round_count; i++) {
        static const char *const FORMS[] = {"g->o%u[e]", "(*g->l%u[e])", "g->r%u[e]"};
        fprintf(file, "#define O%u(e) ", i);
        const char *form = FORMS[batch->rounds[i].place];
        fprintf(file, "%.*s%u%s\n", (int)(strchr(form, '%') - form), form, i,
                strchr(form, '%') + 2);
    }
}

static void write_types(Writer *writer)
{
    const Batch *batch = writer->batch;

    for (uint32_t i = 0; i < batch->round_count; i++) {
        fprintf(writer->before, "struct S%u;\n", i);
        fprintf(writer->after, "struct S%u;\n", i);
    }
    for (uint32_t i = 0; i < batch->round_count; i++) {
        const Round *round = &batch->rounds[i];
        writer->round = i;
        write_round(writer, writer->before, round->before, &round->enum_before);
        write_round(writer, writer->after, round->after, &round->enum_after);
    }
    write_game(writer, writer->before, false);
    write_game(writer, writer->after, true);
}

static void write_allocations(const Writer *writer)
{
    for (uint32_t i = 0; i < writer->batch->round_count; i++) {
        const Round *round = &writer->batch->rounds[i];
        if (round->place == PLACE_ARRAY) {
            fprintf(
                writer->before,
                "g->o%u = alloc(with, \"struct S%u\", sizeof(struct S%u), _Alignof(struct S%u), "
                "%u);\n",
                i, i, i, i, round->objects);
        }
        for (uint32_t k = 0; round->place == PLACE_SINGLE && k < round->objects; k++) {
            fprintf(writer->before,
                    "g->l%u[%u] = alloc(with, \"struct S%u\", sizeof(struct S%u), _Alignof(struct "
                    "S%u), "
                    "1);\n",
                    i, k, i, i, i);
        }
    }
}

// A function for each round: compilers take long for long ones.
static void write_values(Writer *writer)
{
    for (uint32_t i = 0; i < writer->batch->round_count; i++) {
        const Round *round = &writer->batch->rounds[i];
        writer->round = i;
        fprintf(writer->before, "static void fill%u(Game *g)\n{\n", i);
        fprintf(writer->after,
                "static void verify%u(Game *g, void *with, Bad bad, Named named)\n{\n", i);
        for (uint32_t k = 0; k < round->objects; k++) {
            Path path = {{0}, {0}, {0}};
            round_object_text(writer, i, k, path.before);
            round_object_text(writer, i, k, path.after);
            round_pair_members(writer, round->before, round->after, &path);
        }
        fprintf(writer->before, "}\n");
        fprintf(writer->after, "}\n");
    }
}

bool batch_write(Batch *batch, const char *folder, Fault *fault)
{
    char before[128], after[128];
    (void)text_format(before, sizeof before, "%s/v1.c", folder);
    (void)text_format(after, sizeof after, "%s/v2.c", folder);
    Writer writer = {.batch = batch, .before = fopen(before, "wb"), .after = fopen(after, "wb")};

    if (!writer.before || !writer.after) {
        return fault_set(fault, FAULT_FILE, "%s: cannot be written", folder);
    }
    fprintf(writer.before, "%s", PRELUDE);
    fprintf(writer.after, "%s%s", PRELUDE, CHECKS);
    write_types(&writer);
    fprintf(writer.after, "typedef void (*Bad)(void *, int, int, const char *);\n"
                          "typedef void (*Named)(void *, int, const char *);\n");
    write_values(&writer);
    fprintf(writer.before, "void test_fill(Game *g, void *with,"
                           " void *(*alloc)(void *, const char *, size_t, size_t, size_t))\n{\n"
                           "test_root = g;\n");
    write_allocations(&writer);
    fprintf(writer.after, "void test_verify(Game *g, void *with, Bad bad, Named named)\n{\n");
    for (uint32_t i = 0; i < batch->round_count; i++) {
        fprintf(writer.before, "fill%u(g);\n", i);
        fprintf(writer.after, "verify%u(g, with, bad, named);\n", i);
    }
    fprintf(writer.before, "}\n");
    fprintf(writer.after, "}\n");
    bool is_written = ferror(writer.before) == 0 && ferror(writer.after) == 0;
    is_written = fclose(writer.before) == 0 && is_written;
    is_written = fclose(writer.after) == 0 && is_written;
    return is_written || fault_set(fault, FAULT_FILE, "%s: cannot be written", folder);
}
