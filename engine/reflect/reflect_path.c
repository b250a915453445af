#include <stdio.h>
#include <string.h>

#include "reflect_table.h"

// Contents: the member, the path.

enum { PATH_DEEP_MAX = 64 };

// The member that the byte lies in; of a union the first. NULL: between members.
static const ReflectMember *member_at(const ReflectTable *table, const ReflectType *type,
                                      uint64_t offset)
{
    for (uint32_t i = 0; i < type->member_count; i++) {
        const ReflectMember *member = &table->members[type->first_member + i];
        const ReflectType *its = &table->types[member->type];
        uint64_t first = member->offset_bits / 8;
        uint64_t end = member->bit_size ? (member->offset_bits + member->bit_size + 7) / 8
                       : its->kind == REFLECT_ARRAY && its->count == 0 ? UINT64_MAX
                                                                       : first + its->bytes;
        if (offset >= first && offset < end) {
            return member;
        }
    }
    return NULL;
}

void reflect_path(const ReflectTable *table, uint32_t type, uint64_t offset, char *out,
                  size_t out_bytes)
{
    size_t length = 0;

    if (out_bytes > 0) {
        out[0] = 0;
    }
    for (int i = 0; offset > 0 || i > 0; i++) {
        const ReflectType *at = &table->types[type];
        char *more = out + length;
        size_t left = out_bytes - length;
        if (length >= out_bytes || i == PATH_DEEP_MAX) {
            return;
        }
        if (at->kind == REFLECT_ARRAY) {
            uint64_t bytes = table->types[at->of].bytes;
            if (bytes == 0) {
                return;
            }
            (void)text_format(more, left, "[%llu]", (unsigned long long)(offset / bytes));
            offset %= bytes;
            type = at->of;
        } else if (at->kind == REFLECT_STRUCT || at->kind == REFLECT_UNION) {
            const ReflectMember *member = member_at(table, at, offset);
            if (!member) {
                return;
            }
            if (member->name[0]) {
                (void)text_format(more, left, "%s%s", length ? "." : "", member->name);
            }
            offset -= member->offset_bits / 8;
            type = member->type;
        } else {
            return;
        }
        length += strlen(more);
    }
}
