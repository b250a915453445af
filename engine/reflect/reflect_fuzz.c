// Any bytes as a library: opened and read as a table, which is then gone over, without a crash, a
// hang or a broken promise. Built and run by tools/fuzz; elsewhere this file is empty.
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "reflect_table.h"

enum { PLACE = 0x10000000, PATH_BYTES = 64, OFFSETS_ASKED = 48, TYPES_ASKED = 512 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes);

// Not assert: that may be off.
static void must(bool holds)
{
    if (!holds) {
        abort();
    }
}

// So that every byte which was promised is read.
static uint64_t sum_text(const char *text)
{
    must(text != NULL);
    return hash_bytes(text, strlen(text) + 1);
}

static uint64_t sum_types(const ReflectTable *table)
{
    uint64_t sum = 0;
    char path[PATH_BYTES];

    must(table->type_count >= 1 && table->types[0].kind == REFLECT_UNKNOWN);
    for (uint32_t i = 0; i < table->type_count; i++) {
        const ReflectType *type = &table->types[i];
        must(type->of < table->type_count && type->kind <= REFLECT_ARRAY);
        must(type->first_member + (uint64_t)type->member_count <= table->member_count);
        must(type->first_enumerator + (uint64_t)type->enumerator_count <= table->enumerator_count);
        must((type->align & (type->align - 1)) == 0);
        must(type->align == 0 || (type->bytes > 0 && type->bytes % type->align == 0));
        sum += sum_text(type->name) + type->shape;
        for (uint64_t at = 0; i < TYPES_ASKED && at < OFFSETS_ASKED; at += 5) {
            reflect_path(table, i, at, path, sizeof path);
            sum += sum_text(path);
        }
    }
    for (uint32_t i = 0; i < table->member_count; i++) {
        must(table->members[i].type < table->type_count && table->members[i].bit_size <= 64);
        sum += sum_text(table->members[i].name);
    }
    for (uint32_t i = 0; i < table->enumerator_count; i++) {
        sum += sum_text(table->enumerators[i].name);
    }
    return sum;
}

static uint64_t sum_variables(const ReflectTable *table)
{
    uint64_t sum = 0, offset;

    for (uint32_t i = 0; i < table->variable_count; i++) {
        const ReflectVariable *variable = &table->variables[i];
        must(variable->type < table->type_count);
        must(i == 0 || variable->address >= variable[-1].address);
        must(variable->piece_count == 0
             || variable->first_piece + (uint64_t)variable->piece_count <= table->piece_count);
        if (variable->address && variable->bytes) {
            must(reflect_variable_at(table, variable->address, &offset) && offset == 0);
        }
        for (uint32_t p = 0; p < variable->piece_count; p++) {
            const ReflectPiece *piece = &table->pieces[variable->first_piece + p];
            must(piece->offset <= variable->bytes
                 && piece->bytes <= variable->bytes - piece->offset);
        }
        sum += sum_text(variable->name) + sum_text(variable->unit) + sum_text(variable->function);
    }
    return sum;
}

static uint64_t sum_names(const ReflectTable *table)
{
    uint64_t sum = 0;

    for (uint32_t i = 0; i < table->function_count; i++) {
        const ReflectFunction *function = &table->functions[i];
        must(function->type < table->type_count);
        must(i == 0 || function->address >= function[-1].address);
        must(reflect_function_at(table, function->address) != NULL);
        sum += sum_text(function->name) + sum_text(function->unit);
    }
    for (uint32_t i = 0; i < table->alias_count; i++) {
        must(table->aliases[i].type > 0 && table->aliases[i].type < table->type_count);
        must(i == 0 || strcmp(table->aliases[i - 1].name, table->aliases[i].name) <= 0);
        sum += sum_text(table->aliases[i].name);
    }
    for (uint32_t i = 0; i < table->rename_count; i++) {
        const ReflectRename *rename = &table->renames[i];
        must(rename->type[0] && rename->name[0] && rename->old[0]);
        sum += sum_text(rename->type) + sum_text(rename->name) + sum_text(rename->old);
    }
    return sum;
}

// A build is known again by its build-id, and not read: each gets one of its own.
static void renew_ids(int fd, const uint8_t *data, size_t size_bytes)
{
    static const char NOTE[] = "\x04\0\0\0\x14\0\0\0\x03\0\0\0GNU"; // before its 20 bytes
    static uint64_t number;

    for (size_t at = 0; at + sizeof NOTE + 20 <= size_bytes; at++) {
        if (memcmp(data + at, NOTE, sizeof NOTE) == 0) {
            number++;
            must(pwrite(fd, &number, sizeof number, (off_t)(at + sizeof NOTE)) == sizeof number);
        }
    }
}

// A table is opened by path.
static int open_file(const uint8_t *data, size_t size_bytes, char *path, size_t path_bytes)
{
    int fd = memfd_create("fuzz", MFD_CLOEXEC);

    must(fd >= 0 && write(fd, data, size_bytes) == (ssize_t)size_bytes);
    renew_ids(fd, data, size_bytes);
    snprintf(path, path_bytes, "/proc/self/fd/%d", fd);
    return fd;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes)
{
    static volatile uint64_t kept; // so that no sum is optimised away
    char path[PATH_BYTES];
    int fd = open_file(data, size_bytes, path, sizeof path);
    Fault fault = {0};
    ReflectTable *table = reflect_table_open(path, PLACE, &fault);

    if (!table) {
        must(fault.text[0] != 0);
    } else {
        kept += sum_types(table) + sum_variables(table) + sum_names(table);
        reflect_table_close(table);
    }
    close(fd);
    return 0;
}
#endif
