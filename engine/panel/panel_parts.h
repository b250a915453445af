// What the files of this module share. Nobody else includes it.
#ifndef PANEL_PARTS_H
#define PANEL_PARTS_H
#include "panel.h"

enum {
    PANEL_PINS_MAX = 32,
    PANEL_NODES_MAX = 2048, // unfolded at a time
    PANEL_RESULTS_MAX = 300,
    PANEL_QUERY_MAX = 96,
    PANEL_SEEN_MAX = 2048, // values whose last one is known; a power of two
    PANEL_LINES_MAX = 8192,
    PANEL_LINE_BYTES = 512,
    PANEL_FRAMES_MAX = 600,
    PANEL_SAMPLES_MAX = 1024,
    PANEL_ZEROS_MAX = 1024
};

// ------------------------------------------------------------------------------------------- tree

typedef enum ItemKind {
    ITEM_ALL,    // what has no row: everything,
    ITEM_FOUND,  // what was looked for,
    ITEM_PINNED, // and what is pinned
    ITEM_FILE,   // variables of one source
    ITEM_TAG,    // allocations of one type
    ITEM_FIELD,  // something with a value
    ITEM_GONE,   // a path that leads nowhere now
} ItemKind;

// One thing in the tree.
typedef struct Item {
    ItemKind kind;
    uint32_t index; // of the file or tag
    Field field;
    char name[160];            // beside its siblings
    char path[PANEL_PATH_MAX]; // that field_find knows it by; "" for groups and the state
} Item;

typedef struct TreeFile {
    const char *name;
    uint32_t first, count; // in variables
} TreeFile;

typedef struct TreeVariable {
    Field field;
    const char *name; // that field_find knows
    const char *unit;
} TreeVariable;

typedef struct TreeTag {
    const char *name;
    uint32_t first, count; // in order
    uint64_t elements, bytes;
} TreeTag;

// What the tree's first two levels are made of. Variables are those of a build; allocations are
// looked for again when they may have changed, and no oftener than they are worth.
typedef struct Tree {
    FieldView view; // of this frame; with an index of allocations that may be a moment old
    Arena variable_memory, block_memory;
    const ReflectTable *table; // that the variables are of
    TreeVariable *variables;
    TreeFile *files;
    uint32_t variable_count, file_count;
    uint32_t *order; // of blocks, by tag
    TreeTag *tags;
    uint32_t tag_count;
    uint64_t indexed_moment, indexed_ns, index_cost_ns, indexed_generation;
    bool has_index;
} Tree;

void tree_begin(Tree *tree, const PanelView *view); // view->fields is there
void tree_close(Tree *tree);
void tree_all(Item *all);
uint64_t tree_count(const Tree *tree, const Item *item); // of its children
bool tree_child(const Tree *tree, const Item *item, uint64_t n, Item *child);
// The field that a path names, as an item; false: there is none now.
bool tree_find(const Tree *tree, const char *path, Item *item);
const ReflectType *tree_type(const Tree *tree, uint32_t type);

// ------------------------------------------------------------------------------------------- rows

// The last value of a row, so that another one can be seen.
typedef struct Seen {
    uint64_t key, value, changed_ns, frame;
} Seen;

typedef struct Row {
    Item item;
    float inset_px;
    UiFold fold;
    bool is_flat;    // named by its path, not by its place in a tree
    bool was_turned; // out: fold or unfold it
} Row;

typedef struct Node {
    struct Node *first, *next; // unfolded ones in it, by n
    uint64_t n;                // which of its siblings
    uint64_t name;             // hash
    uint64_t count, rows;      // of children; of all rows below it, this frame
    Item item;
} Node;

typedef struct Result {
    char path[PANEL_PATH_MAX];
} Result;

typedef struct SearchLevel {
    Item item;
    uint64_t next, count;
    bool is_part; // of them
} SearchLevel;

enum { SEARCH_DEEP = 12 };
typedef struct Search {
    char query[PANEL_QUERY_MAX]; // that is being looked for
    const ReflectTable *table;
    uint64_t moment; // it began at
    SearchLevel levels[SEARCH_DEEP];
    int depth; // 0: it has ended
    Result *results;
    uint32_t count;
    bool has_begun, is_full;
    bool is_part; // of a long array only the first were looked into, and something was found there
    bool is_opened; // "hero." was: once
} Search;

typedef struct Inspector {
    Tree tree;
    Arena memory; // of what follows
    Node *root, *found, *pinned, *free_nodes;
    uint32_t node_count;
    Seen *seen;
    Search *search;
    char query[PANEL_QUERY_MAX];
    char pins[PANEL_PINS_MAX][PANEL_PATH_MAX];
    uint32_t pin_count;
    uint64_t frame;
    float name_px, value_px, type_px; // columns of this frame
    char condition[PANEL_QUERY_MAX];  // typed in the menu of a field: "<= 0"
} Inspector;

// ------------------------------------------------------------------------------------- the others

typedef struct Line {
    LogLevel level;
    bool has_place;
    uint64_t tick;
    LivePlace place;
    char text[PANEL_LINE_BYTES];
} Line;

typedef struct LogPanel {
    Arena memory;
    Line *lines;                         // a ring; NULL: nothing was said
    uint64_t count;                      // ever
    uint64_t *matched;                   // a ring of the numbers of those that are shown
    uint64_t matched_first, matched_end; // places in that ring
    uint64_t looked;                     // lines that were looked at
    char query[PANEL_QUERY_MAX], of_query[PANEL_QUERY_MAX];
    bool level[3], of_level[3];
    bool follows; // its end is shown, or will be once the mouse has gone
    bool pointed; // the mouse is on a line
} LogPanel;

typedef struct SpeedPanel {
    PanelTimes *frames; // a ring
    uint64_t count;
    uint64_t generation; // seen last
    uint64_t last_moment;
} SpeedPanel;

typedef struct Samples {
    uint64_t name; // hash
    float values[PANEL_SAMPLES_MAX];
    uint64_t ticks[PANEL_SAMPLES_MAX];
    uint32_t count; // ever
} Samples;

typedef struct WatchPanel {
    Samples *plots; // HOST_WATCHES_MAX
    uint32_t plot_count;
    uint64_t generation, since_tick; // the build that was seen last, and when it was seen first
    char typed[PANEL_QUERY_MAX];     // a condition
    const char *asks_again;          // the line that Enter was pressed in; NULL: none
} WatchPanel;

// What is known of a build's sources, a file at a time.
typedef struct TweakPanel {
    char query[PANEL_QUERY_MAX];
    uint64_t generation;             // that it is known of
    uint32_t looked;                 // files of the tree
    uint64_t zeros[PANEL_ZEROS_MAX]; // hashes of variables that begin with a 0 somebody wrote
    uint32_t zero_count;
} TweakPanel;

typedef struct Plot {
    char path[PANEL_PATH_MAX];
    LiveSeries series;
} Plot;

typedef struct PlotPanel {
    Plot plots[PANEL_PLOTS_MAX];
    uint32_t count, span; // span: which of those that can be chosen
    float *values;        // LIVE_SERIES_MAX
    char typed[PANEL_QUERY_MAX];
} PlotPanel;

struct Panels {
    Arena own, memory, kept_memory;
    Ui *ui; // NULL: nothing was ever open
    Fault no_ui;
    bool open[PANEL_KINDS], was_open[PANEL_KINDS];
    hl_rectf place[PANEL_KINDS]; // where each was last; empty: not yet
    const char *layout;          // to be given to the widgets
    bool changed;                // what is kept, but for the layout
    Inspector inspector;
    TweakPanel tweaks;
    LogPanel log;
    SpeedPanel speed;
    WatchPanel watch;
    PlotPanel plots;
    // Of this frame:
    const PanelView *view;
    PanelRequests *requests;
    UiInput input;
    float scale;
};

void panel_inspector_open(Inspector *inspector, Arena *memory);
void panel_inspector(Panels *panels);
void panel_tweaks(Panels *panels);
void panel_log(Panels *panels);
void panel_speed(Panels *panels);
void panel_watch(Panels *panels);
void panel_plots(Panels *panels); // a part of it
void panel_plots_close(PlotPanel *plots);
void panel_breaks(Panels *panels); // another
// A line to type into. True: Enter was pressed on something; the line stays the one that is typed
// into, for the next.
bool panel_ask(Panels *panels, const char *label, const char *hint, char *typed, size_t bytes);

// panel_search.c: goes on with it for a part of a frame.
void search_step(Search *search, const Tree *tree, const char *query, uint64_t moment);
bool search_is_inside(const Search *search);             // "hero.": what is in it was asked for
bool panel_text_has(const char *text, const char *part); // whatever the case of its letters

// panel_row.c
void panel_row(Panels *panels, Row *row);
bool panel_is_pinned(const Inspector *inspector, const char *path);
void panel_turn_pin(Panels *panels, const char *path);
// As much of `text` as fits. True: not all of it.
bool panel_text(Ui *ui, UiTone tone, const char *text, float width);

// panel_value.c: the value in `width` pixels, to be changed there where it can be. A change becomes
// a request. True: not all of it is seen.
bool panel_value(Panels *panels, const Item *item, float width);
void panel_request_edit(Panels *panels, const char *path, const char *value);

#endif
