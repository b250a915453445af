// What `soak --structs` knows about the structs that it edits: which fields it put where, and how
// each of them changed since. soak_model.c edits that at random, soak_text.c writes the game out of
// it, with a check of every field (soak_check.c in the game's folder).
//
// A field's values follow from its number, its object and its element, so the game knows what each
// has to hold. Every object says with which edit it was filled last (soak_k): a snapshot from
// before an edit is one whose objects have older marks, and the check works out what the way up
// from there has to make of it.
#ifndef SOAK_MODEL_H
#define SOAK_MODEL_H
#include "base.h"
#include "file.h"

enum {
    FIELDS_MAX = 72,
    WRAPS_MAX = 12,
    OWN_MAX = 5,
    STEPS_MAX = 12,
    WAS_MAX = 24,
    LINES_MAX = 48, // members of a struct of the game's
    ITEMS_MAX = LINES_MAX + FIELDS_MAX,
    TONES = 7, // enumerators of the soak's own enum
    SCENES = 6,
    MOB_KINDS = 3,
    LOST_MAX = 32
};

// The structs that get fields. The last are the soak's own, allocated with hl_new.
typedef enum Host {
    HOST_SOAK, // what the soak keeps in Game
    HOST_LEVEL,
    HOST_BODY,
    HOST_HERO,
    HOST_MOB,
    HOST_SPARK,
    HOST_GAME,
    HOST_OWN,
    HOSTS = HOST_OWN + OWN_MAX
} Host;

typedef enum FieldKind {
    FIELD_NUMBER, // of a type of soak_numbers
    FIELD_BITS,
    FIELD_ENUM,
    FIELD_POINTER
} FieldKind;

typedef struct NumberType {
    const char *name;
    long lo, hi; // values that the soak gives it; at most what each wider one holds exactly
    bool is_bool;
} NumberType;
enum { NUMBER_TYPES = 13 };
extern const NumberType soak_numbers[NUMBER_TYPES];

typedef enum Target {
    TO_MOB,   // an element of an array in Game
    TO_BODY,  // a struct inside one, maybe its first byte
    TO_VEL,   // deeper
    TO_SPARK, // or one past the end
    TO_TILE,  // a char in two dimensions
    TO_OWN,   // an allocation of the soak's
    TO_START, // void * to the start of one
    TO_CODE,  // a function
    TO_TEXT,  // a string literal
    TARGETS
} Target;

// From edit `edit` on, the type was this. What an object holds that was filled before it is cut and
// clamped to it: surely by the last step, and by those in between where it went through their
// builds. The first one is the field's birth.
typedef struct Step {
    unsigned edit;
    long lo, hi;
    bool is_bool;
    bool is_loose;     // zero is right, too: a bare new name, a field that was gone in between
    int rows, columns; // 1 where it is no array
} Step;

typedef struct Field {
    bool used;
    unsigned id, touched; // touched: the last edit that changed it
    char name[24];
    Host host;
    int wrap; // -1: none
    FieldKind kind;
    int type; // of soak_numbers, or Target
    int bits;
    bool bits_signed;
    int own;           // TO_OWN, TO_START: which
    int rows, columns; // 0: no such dimension
    Step steps[STEPS_MAX];
    int step_count;
} Field;

typedef enum WrapKind { WRAP_NAMED, WRAP_UNTAGGED, WRAP_ANONYMOUS } WrapKind;

// A sub-struct that fields were moved into.
typedef struct Wrap {
    bool used;
    unsigned id;
    WrapKind kind;
    Host host;
    char type[24]; // NAMED: of its type
} Wrap;

// An allocated type. Its pointer is a member of Game.
typedef struct Own {
    bool used, is_list; // each object an allocation of its own
    unsigned id, born;
    int count;
    char type[24];
} Own;

// HL_WAS(type of wrap or host, field, old) stands in the source until that edit.
typedef struct Was {
    bool used;
    int field;
    unsigned until;
    char old[24];
} Was;

typedef enum ItemKind { ITEM_LINE, ITEM_FIELD, ITEM_WRAP, ITEM_MARK, ITEM_ROOT } ItemKind;
typedef struct Item {
    ItemKind kind;
    int which; // line, field, wrap, own
} Item;

typedef struct Layout {
    Item items[ITEMS_MAX];
    int count;
    unsigned closed; // the edit in which a field went or came: see soak_model.c
    unsigned opened;
} Layout;

typedef struct Model {
    unsigned edit, next_id;
    uint64_t random;
    Field fields[FIELDS_MAX];
    Wrap wraps[WRAPS_MAX];
    Own own[OWN_MAX];
    Was was[WAS_MAX];
    Layout layouts[HOSTS];
    int tones[TONES], scenes[SCENES], mob_kinds[MOB_KINDS]; // in the order of the source
    unsigned tones_edit;                                    // since when
    // What the last edit has to be told about; "?" in what cannot be foretold.
    char lost[LOST_MAX][24];
    int lost_count;
    bool lost_unknown;
    char words[1024]; // what it did
} Model;

uint64_t soak_random(uint64_t *random);
// `lines`: how many members each struct of the game's has.
void soak_model_begin(Model *model, uint64_t seed, const int lines[HOSTS]);
// The next edit: one to six changes, some of which may find nothing to do.
void soak_model_edit(Model *model);
// The editor's undo: the next edit, with the text of `before`, which was the one before the last.
void soak_model_undo(Model *model, const Model *before);
// How many objects of it there are for certain.
int soak_host_count(const Model *model, Host host);
// The same in the game; see soak_text.c.
long soak_value(unsigned id, unsigned edit, int object, int row, int column, long lo, long hi);

// ------------------------------------------------------------------------- soak_text.c: the
// sources

typedef struct SoakSource {
    char *header;                   // platformer.h, as it is
    int first[HOSTS], count[HOSTS]; // lines of it that are members of each struct
    char *lines[1024];
    int line_count;
} SoakSource;

// Copies the platformer from `from` to `to`, but for what depends on the model.
bool soak_source_open(SoakSource *source, Arena *arena, const char *from, const char *to,
                      Fault *fault);
// platformer.h, soak.h and soak_check.c in `to`.
bool soak_source_write(const SoakSource *source, const Model *model, const char *to, Fault *fault);

#endif
