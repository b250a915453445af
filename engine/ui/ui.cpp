// The one C++ file: what ui.h promises, said to Dear ImGui (1.86,
// https://github.com/ocornut/imgui). Its draw data becomes meshes of our draw list; its backends
// for windows and devices are not used.
#include <imgui/imgui.h>
#include <imgui/imgui_internal.h> // BringWindowToDisplayFront, ClearActiveID

#include <float.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

extern "C" { // our headers are C
#include "ui.h"
#include "ui_theme.h"
}

// Contents: colours, opening, what was made, input, drawing, windows, layout, items, canvas.

enum { ITEMS_MAX = 4096, ITEM_TEXT_MAX = 160, WINDOWS_MAX = 16 };

// A window where the user left it, at scale 1, and as it was last: another one was made by him.
typedef struct Placed {
    ImGuiID id;
    ImVec2 at, size, last_at, last_size;
    bool is_known;
} Placed;

struct Ui {
    Arena own;
    ImGuiContext *context;
    uint32_t image_key, image_version;
    DrawImage font;
    Arena font_pixels, mesh;
    float scale; // that the font was made for; 0: not yet
    bool has_begun, wants_layout_saved, wants_mouse, wants_keys, walks;
    hl_rectf canvas;
    Arena item_texts;
    UiItem *items; // ITEMS_MAX
    uint32_t item_count;
    Placed placed[WINDOWS_MAX];
    int placed_count;
    float bottom_px; // of the picture, that windows keep off
};

// --------------------------------------------------------------------------------------- colours

static const hl_color TONES[UI_TONES] = {
    UI_INK, UI_DIM_INK, UI_LABEL_INK, UI_GOOD_INK, UI_WARN_INK, UI_BAD_INK, UI_ACCENT_INK,
};

static ImVec4 vec_of(hl_color color, float alpha = 1)
{
    return ImVec4((float)(color >> 24) / 255, (float)(color >> 16 & 255) / 255,
                  (float)(color >> 8 & 255) / 255, (float)(color & 255) / 255 * alpha);
}

static ImU32 packed(hl_color color)
{
    return IM_COL32(color >> 24, color >> 16 & 255, color >> 8 & 255, color & 255);
}

extern "C" hl_color ui_color(UiTone tone)
{
    return TONES[tone < UI_TONES ? tone : UI_PLAIN];
}

static void set_theme(float scale)
{
    ImGuiStyle style;
    ImVec4 *c = style.Colors;
    ImGui::StyleColorsDark(&style);
    style.WindowRounding = 4;
    style.FrameRounding = style.GrabRounding = style.TabRounding = style.PopupRounding = 3;
    style.ScrollbarRounding = 6;
    style.WindowBorderSize = style.PopupBorderSize = 1;
    style.WindowPadding = ImVec2(8, 6);
    style.FramePadding = ImVec2(5, 2);
    style.ItemSpacing = ImVec2(6, 4);
    style.CellPadding = ImVec2(4, 1);
    style.IndentSpacing = 14;
    style.ScrollbarSize = 11;
    style.WindowTitleAlign = ImVec2(0, 0.5f);
    style.WindowMenuButtonPosition = ImGuiDir_None;
    style.AntiAliasedLinesUseTex = false; // the font's texels are not filtered
    c[ImGuiCol_Text] = vec_of(TONES[UI_PLAIN]);
    c[ImGuiCol_TextDisabled] = vec_of(TONES[UI_DIM]);
    c[ImGuiCol_WindowBg] = c[ImGuiCol_PopupBg] = vec_of(UI_GROUND);
    c[ImGuiCol_ChildBg] = ImVec4(0, 0, 0, 0);
    c[ImGuiCol_Border] = vec_of(UI_EDGE);
    c[ImGuiCol_FrameBg] = c[ImGuiCol_Button] = vec_of(UI_RAISED);
    c[ImGuiCol_FrameBgHovered] = c[ImGuiCol_ButtonHovered] = vec_of(UI_HELD);
    c[ImGuiCol_FrameBgActive] = c[ImGuiCol_ButtonActive] = vec_of(TONES[UI_ACCENT], 0.45f);
    c[ImGuiCol_TitleBg] = c[ImGuiCol_TitleBgCollapsed] = vec_of(UI_RAISED);
    c[ImGuiCol_TitleBgActive] = vec_of(UI_HELD);
    c[ImGuiCol_Header] = vec_of(TONES[UI_ACCENT], 0.22f);
    c[ImGuiCol_HeaderHovered] = vec_of(TONES[UI_ACCENT], 0.30f);
    c[ImGuiCol_HeaderActive] = vec_of(TONES[UI_ACCENT], 0.45f);
    c[ImGuiCol_CheckMark] = vec_of(TONES[UI_ACCENT]);
    c[ImGuiCol_SliderGrab] = vec_of(TONES[UI_ACCENT], 0.5f); // its number is written over it
    c[ImGuiCol_SliderGrabActive] = vec_of(TONES[UI_ACCENT], 0.8f);
    c[ImGuiCol_Tab] = c[ImGuiCol_TabUnfocused] = vec_of(UI_RAISED);
    c[ImGuiCol_TabHovered] = vec_of(TONES[UI_ACCENT], 0.45f);
    c[ImGuiCol_TabActive] = c[ImGuiCol_TabUnfocusedActive] = vec_of(UI_HELD);
    c[ImGuiCol_Separator] = vec_of(UI_EDGE);
    c[ImGuiCol_TableRowBgAlt] = vec_of(0xffffff0au);
    c[ImGuiCol_TableHeaderBg] = vec_of(UI_RAISED);
    c[ImGuiCol_TableBorderLight] = c[ImGuiCol_TableBorderStrong] = vec_of(UI_EDGE);
    c[ImGuiCol_PlotLines] = c[ImGuiCol_PlotHistogram] = vec_of(TONES[UI_ACCENT]);
    style.ScaleAllSizes(scale);
    ImGui::GetStyle() = style;
}

// --------------------------------------------------------------------------------------- opening

static void map_keys(ImGuiIO &io)
{
    static const struct {
        ImGuiKey_ theirs;
        int ours;
    } KEYS[] = {
        {ImGuiKey_Tab, HL_KEY_TAB},
        {ImGuiKey_LeftArrow, HL_KEY_LEFT},
        {ImGuiKey_RightArrow, HL_KEY_RIGHT},
        {ImGuiKey_UpArrow, HL_KEY_UP},
        {ImGuiKey_DownArrow, HL_KEY_DOWN},
        {ImGuiKey_PageUp, HL_KEY_PAGEUP},
        {ImGuiKey_PageDown, HL_KEY_PAGEDOWN},
        {ImGuiKey_Home, HL_KEY_HOME},
        {ImGuiKey_End, HL_KEY_END},
        {ImGuiKey_Insert, HL_KEY_INSERT},
        {ImGuiKey_Delete, HL_KEY_DELETE},
        {ImGuiKey_Backspace, HL_KEY_BACKSPACE},
        {ImGuiKey_Space, HL_KEY_SPACE},
        {ImGuiKey_Enter, HL_KEY_ENTER},
        {ImGuiKey_Escape, HL_KEY_ESCAPE},
        {ImGuiKey_A, HL_KEY_A},
        {ImGuiKey_C, HL_KEY_C},
        {ImGuiKey_V, HL_KEY_V},
        {ImGuiKey_X, HL_KEY_X},
        {ImGuiKey_Y, HL_KEY_Y},
        {ImGuiKey_Z, HL_KEY_Z},
    };
    for (auto &key : KEYS) {
        io.KeyMap[key.theirs] = key.ours;
    }
}

extern "C" Ui *ui_open(uint32_t image_key, Fault *fault)
{
    Arena own = {};
    if (!arena_open(&own, 0, 1u << 20, fault)) {
        return NULL;
    }
    Ui *ui = (Ui *)arena_push(&own, sizeof(Ui), alignof(Ui), 1);
    ui->own = own;
    ui->image_key = image_key;
    if (!arena_open(&ui->font_pixels, 0, 256u << 20, fault)
        || !arena_open(&ui->mesh, 0, 256u << 20, fault)
        || !arena_open(&ui->item_texts, 0, ITEMS_MAX * ITEM_TEXT_MAX, fault)) {
        ui_close(ui);
        return NULL;
    }
    ui->items = (UiItem *)arena_push(&ui->own, sizeof(UiItem), alignof(UiItem), ITEMS_MAX);
    ui->context = ImGui::CreateContext();
    ImGui::SetCurrentContext(ui->context);
    ImGuiIO &io = ImGui::GetIO();
    io.IniFilename = NULL; // whoever has files keeps the layout
    io.LogFilename = NULL;
    io.BackendFlags |= ImGuiBackendFlags_RendererHasVtxOffset;
    io.ConfigWindowsMoveFromTitleBarOnly = true;
    io.MouseDragThreshold = 3;
    map_keys(io);
    return ui;
}

extern "C" void ui_close(Ui *ui)
{
    if (!ui) {
        return;
    }
    Arena own = ui->own;
    if (ui->context) {
        ImGui::DestroyContext(ui->context);
    }
    arena_close(&ui->item_texts);
    arena_close(&ui->font_pixels);
    arena_close(&ui->mesh);
    arena_close(&own);
}

// The font's picture at this scale, as draw lists want it. A pixel font: whole multiples only.
static void make_font(Ui *ui, float scale)
{
    ImGuiIO &io = ImGui::GetIO();
    ImFontConfig config;
    unsigned char *alpha;
    int w, h;
    config.SizePixels = 13 * scale;
    config.OversampleH = config.OversampleV = 1;
    config.PixelSnapH = true;
    io.Fonts->Clear();
    io.Fonts->AddFontDefault(&config);
    io.Fonts->GetTexDataAsAlpha8(&alpha, &w, &h);
    arena_reset(&ui->font_pixels, 0);
    uint32_t *pixels = (uint32_t *)arena_push(&ui->font_pixels, 4, 16, (size_t)w * (size_t)h);
    for (size_t i = 0; i < (size_t)w * (size_t)h; i++) {
        pixels[i] = 0xffffff00u | alpha[i];
    }
    ui->font = DrawImage{ui->image_key, ++ui->image_version, w, h, pixels, false};
    io.Fonts->SetTexID(NULL); // is the font; others are pointers to a DrawImage
    ui->scale = scale;
    set_theme(scale);
}

// ------------------------------------------------------------------------- what was made

static void note_in(Ui *ui, hl_rectf box, const char *text)
{
    size_t bytes = strlen(text) + 1;
    char *copy = (char *)arena_try_push(&ui->item_texts, 1, 1, bytes);
    if (copy && ui->item_count < ITEMS_MAX) {
        memcpy(copy, text, bytes);
        ui->items[ui->item_count++] = UiItem{box, copy};
    }
}

// Of what has been scrolled away a part may be left.
static hl_rectf seen_part(const Ui *ui)
{
    hl_rectf box = ui_item_rect(ui);
    const ImDrawList *draw = ImGui::GetWindowDrawList();
    ImVec2 low = draw->GetClipRectMin(), high = draw->GetClipRectMax();
    float left = fmaxf(box.x, low.x), right = fminf(box.x + box.w, high.x);
    float top = fmaxf(box.y, low.y), bottom = fminf(box.y + box.h, high.y);
    return hl_rectf{left, top, fmaxf(right - left, 0), fmaxf(bottom - top, 0)};
}

static void note_item(Ui *ui, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void note_item(Ui *ui, const char *format, ...)
{
    char text[ITEM_TEXT_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    note_in(ui, seen_part(ui), text);
}

static int shown_length(const char *label)
{
    const char *end = strstr(label, "##");
    return end ? (int)(end - label) : (int)strlen(label);
}

static void note_label(Ui *ui, const char *label)
{
    note_item(ui, "%.*s", shown_length(label), label);
}

static void note_value(Ui *ui, const char *label, double value)
{
    note_item(ui, "%s=%.9g", label, value);
}

extern "C" const UiItem *ui_items(const Ui *ui, uint32_t *count)
{
    *count = ui->item_count;
    return ui->items;
}

// ----------------------------------------------------------------------------------------- input

static void take_keys(ImGuiIO &io, const UiInput *input)
{
    memset(io.KeysDown, 0, sizeof(io.KeysDown));
    for (int i = 0; input->key && i < HL_KEYS; i++) {
        // A tap that was over before the frame is held for this one.
        io.KeysDown[i] = input->key[i].down || input->key[i].changes > 1;
    }
    io.KeyCtrl = input->ctrl;
    io.KeyShift = input->shift;
    io.KeyAlt = input->alt;
    if (input->text[0] && !input->ctrl) {
        io.AddInputCharactersUTF8(input->text);
    }
}

// The keys walk from here on, or do not any more. They begin in the window that is in front; where
// they are is seen from the start, and not only after the first of them.
static void walk(Ui *ui, bool walks)
{
    ImGuiContext &context = *ui->context;
    bool begins = walks && !ui->walks, ends = !walks && ui->walks;
    ui->walks = walks;
    if (walks) {
        context.IO.ConfigFlags |= ImGuiConfigFlags_NavEnableKeyboard;
    } else {
        context.IO.ConfigFlags &= ~ImGuiConfigFlags_NavEnableKeyboard;
    }
    if (begins || (walks && !context.NavWindow)) {
        ImGui::FocusTopMostWindowUnderOne(NULL, NULL);
        if (context.NavWindow) {
            ImGui::NavInitWindow(context.NavWindow, true);
        }
        context.NavDisableHighlight = false;
        context.NavDisableMouseHover = true;
    } else if (ends) {
        context.NavDisableHighlight = true;
        ImGui::FocusWindow(NULL);
    }
}

extern "C" void ui_begin(Ui *ui, const UiInput *input)
{
    ImGui::SetCurrentContext(ui->context);
    ImGuiIO &io = ImGui::GetIO();
    float scale = input->scale >= 1.5f ? floorf(input->scale + 0.5f) : 1;
    if (scale != ui->scale) {
        make_font(ui, scale);
    }
    io.DisplaySize = ImVec2(input->width_px, input->height_px);
    ui->bottom_px = input->bottom_px;
    io.DeltaTime = input->dt_s > 0 ? input->dt_s : 1.0f / 60;
    io.MousePos = input->mouse_inside ? ImVec2(input->mouse_px.x, input->mouse_px.y)
                                      : ImVec2(-FLT_MAX, -FLT_MAX);
    for (int i = 0; i < 3; i++) {
        io.MouseDown[i] = input->button[i] || input->clicked[i];
    }
    io.MouseWheel = input->wheel.y;
    io.MouseWheelH = input->wheel.x;
    take_keys(io, input);
    arena_reset(&ui->item_texts, 0);
    ui->item_count = 0;
    ImGui::NewFrame();
    ui->has_begun = true;
    walk(ui, input->walks);
}

// --------------------------------------------------------------------------------------- drawing

static hl_color color_of(ImU32 packed_color)
{
    return hl_rgba((int)(packed_color >> IM_COL32_R_SHIFT & 255),
                   (int)(packed_color >> IM_COL32_G_SHIFT & 255),
                   (int)(packed_color >> IM_COL32_B_SHIFT & 255),
                   (int)(packed_color >> IM_COL32_A_SHIFT & 255));
}

// One command: the vertices that it uses, which are neighbours, and its indices counted from there.
static void draw_command(Ui *ui, const ImDrawList *list, const ImDrawCmd *cmd, DrawList *over)
{
    const ImDrawIdx *from = list->IdxBuffer.Data + cmd->IdxOffset;
    uint32_t low = UINT32_MAX, high = 0;
    for (unsigned i = 0; i < cmd->ElemCount; i++) {
        low = from[i] < low ? from[i] : low;
        high = from[i] > high ? from[i] : high;
    }
    arena_reset(&ui->mesh, 0);
    uint16_t *indices = (uint16_t *)arena_try_push(&ui->mesh, 2, 16, cmd->ElemCount);
    hl_vertex *vertices =
        (hl_vertex *)arena_try_push(&ui->mesh, sizeof(hl_vertex), 16, high - low + 1);
    if (!indices || !vertices) {
        return;
    }
    for (unsigned i = 0; i < cmd->ElemCount; i++) {
        indices[i] = (uint16_t)(from[i] - low);
    }
    for (uint32_t i = low; i <= high; i++) {
        const ImDrawVert *v = &list->VtxBuffer.Data[cmd->VtxOffset + i];
        vertices[i - low] = hl_vertex{v->pos.x, v->pos.y, v->uv.x, v->uv.y, color_of(v->col)};
    }
    const DrawImage *image = cmd->TextureId ? (const DrawImage *)cmd->TextureId : &ui->font;
    draw_clip(over, hl_rectf{cmd->ClipRect.x, cmd->ClipRect.y, cmd->ClipRect.z - cmd->ClipRect.x,
                             cmd->ClipRect.w - cmd->ClipRect.y});
    draw_mesh(over, draw_image(over, image), vertices, high - low + 1, indices, cmd->ElemCount);
}

extern "C" void ui_end(Ui *ui, DrawList *over)
{
    ImGui::Render();
    const ImDrawData *data = ImGui::GetDrawData();
    ImGuiIO &io = ImGui::GetIO();
    draw_camera(over, NULL);
    draw_blend(over, HL_ALPHA);
    for (int i = 0; i < data->CmdListsCount; i++) {
        const ImDrawList *list = data->CmdLists[i];
        for (const ImDrawCmd &cmd : list->CmdBuffer) {
            bool is_seen = cmd.ElemCount > 0 && cmd.ClipRect.z > cmd.ClipRect.x
                           && cmd.ClipRect.w > cmd.ClipRect.y;
            if (is_seen) {
                draw_command(ui, list, &cmd, over);
            }
        }
    }
    draw_clip(over, hl_rectf{0, 0, 0, 0});
    ui->wants_mouse = io.WantCaptureMouse;
    ui->wants_keys = io.WantTextInput || ui->walks;
    if (io.WantSaveIniSettings) {
        io.WantSaveIniSettings = false;
        ui->wants_layout_saved = true;
    }
}

extern "C" bool ui_wants_mouse(const Ui *ui)
{
    return ui->wants_mouse;
}

extern "C" bool ui_wants_keys(const Ui *ui)
{
    return ui->wants_keys;
}

extern "C" const char *ui_layout(Ui *ui, bool *changed)
{
    ImGui::SetCurrentContext(ui->context);
    *changed = ui->wants_layout_saved;
    ui->wants_layout_saved = false;
    return ui->has_begun ? ImGui::SaveIniSettingsToMemory(NULL) : "";
}

extern "C" void ui_put_layout(Ui *ui, const char *layout)
{
    ImGui::SetCurrentContext(ui->context);
    ImGui::LoadIniSettingsFromMemory(layout, strlen(layout));
}

extern "C" float ui_text_height(const Ui *ui)
{
    (void)ui;
    return ImGui::GetTextLineHeight();
}

extern "C" float ui_row_height(const Ui *ui)
{
    (void)ui;
    return ImGui::GetFrameHeightWithSpacing();
}

extern "C" float ui_width_of(const Ui *ui, const char *text)
{
    (void)ui;
    return ImGui::CalcTextSize(text).x;
}

// --------------------------------------------------------------------------------------- windows

static Placed *placed_of(Ui *ui, const char *title)
{
    ImGuiID id = ImHashStr(title);
    for (int i = 0; i < ui->placed_count; i++) {
        if (ui->placed[i].id == id) {
            return &ui->placed[i];
        }
    }
    if (ui->placed_count == WINDOWS_MAX) {
        return NULL;
    }
    ui->placed[ui->placed_count] = Placed{id, {}, {}, {}, {}, false};
    return &ui->placed[ui->placed_count++];
}

// What windows may take.
static ImVec2 free_part(const Ui *ui)
{
    ImVec2 all = ImGui::GetIO().DisplaySize;
    return ImVec2(all.x, all.y - ui->bottom_px);
}

static ImVec2 least_size(const Ui *ui)
{
    return ImVec2(120 * ui->scale, 60 * ui->scale);
}

static float between(float value, float low, float high)
{
    return floorf(value > high ? (high > low ? high : low) : value < low ? low : value);
}

static bool is_same(ImVec2 a, ImVec2 b)
{
    return fabsf(a.x - b.x) < 1 && fabsf(a.y - b.y) < 1;
}

// Where the user left it, as far as that is inside: a picture that becomes smaller for a while
// does not push windows together for good, and one with larger letters has larger windows.
static void put_inside(const Ui *ui, const ImGuiWindow *window, Placed *placed)
{
    ImVec2 all = free_part(ui), least = least_size(ui);
    if (!is_same(window->Pos, placed->last_at)) { // it was dragged since
        placed->at = ImVec2(window->Pos.x / ui->scale, window->Pos.y / ui->scale);
    }
    ImVec2 size(between(placed->size.x * ui->scale, least.x, all.x),
                between(placed->size.y * ui->scale, least.y, all.y));
    ImVec2 at(between(placed->at.x * ui->scale, 0, all.x - size.x),
              between(placed->at.y * ui->scale, 0, all.y - size.y));
    if (!is_same(window->Pos, placed->last_at)) { // and no further than to the edge
        placed->at = ImVec2(at.x / ui->scale, at.y / ui->scale);
    }
    ImGui::SetNextWindowPos(at); // always: else the library keeps it a little off the upper edge
    if (!is_same(size, window->SizeFull)) {
        ImGui::SetNextWindowSize(size);
    }
    placed->last_size = size;
}

// What became of it in this frame. What was remembered counts also where the first picture has no
// room for it.
static void note_place(const Ui *ui, const ImGuiWindow *window, Placed *placed)
{
    const ImGuiWindowSettings *kept =
        placed->is_known ? NULL : ImGui::FindWindowSettings(placed->id);
    if (kept && kept->Size.x > 0) {
        placed->size = ImVec2(kept->Size.x / ui->scale, kept->Size.y / ui->scale);
        placed->at = ImVec2(kept->Pos.x / ui->scale, kept->Pos.y / ui->scale);
    } else if (!placed->is_known || !is_same(window->SizeFull, placed->last_size)) {
        placed->size = ImVec2(window->SizeFull.x / ui->scale, window->SizeFull.y / ui->scale);
        placed->at = ImVec2(window->Pos.x / ui->scale, window->Pos.y / ui->scale);
    }
    placed->is_known = true;
    placed->last_at = window->Pos;
    placed->last_size = window->SizeFull;
}

extern "C" bool ui_window_begin(Ui *ui, const char *title, hl_rectf first, bool *is_open)
{
    Placed *placed = placed_of(ui, title);
    const ImGuiWindow *window = ImGui::FindWindowByName(title);
    ImGui::SetNextWindowPos(ImVec2(first.x, first.y), ImGuiCond_FirstUseEver);
    ImGui::SetNextWindowSize(ImVec2(first.w, first.h), ImGuiCond_FirstUseEver);
    if (window && placed && placed->is_known) {
        put_inside(ui, window, placed);
    }
    ImGui::SetNextWindowSizeConstraints(least_size(ui), free_part(ui));
    bool seen = ImGui::Begin(title, is_open, ImGuiWindowFlags_NoFocusOnAppearing);
    if (placed) {
        note_place(ui, ImGui::GetCurrentWindow(), placed);
    }
    note_in(ui, ui_item_rect(ui), title); // which lies outside of the part that is drawn into
    return seen;
}

extern "C" void ui_window_end(Ui *ui)
{
    (void)ui;
    ImGui::End();
}

extern "C" void ui_window_front(Ui *ui, const char *title)
{
    ImGui::SetCurrentContext(ui->context);
    ImGui::SetWindowFocus(title);
}

extern "C" hl_rectf ui_window_rect(const Ui *ui)
{
    (void)ui;
    ImVec2 at = ImGui::GetWindowPos(), size = ImGui::GetWindowSize();
    return hl_rectf{at.x, at.y, size.x, size.y};
}

extern "C" bool ui_child_begin(Ui *ui, const char *id, float width, float height)
{
    (void)ui;
    return ImGui::BeginChild(id, ImVec2(width, height));
}

extern "C" void ui_child_end(Ui *ui)
{
    (void)ui;
    ImGui::EndChild();
}

extern "C" void ui_scroll_here(Ui *ui)
{
    (void)ui;
    ImGui::SetScrollHereY(0.5f);
}

extern "C" bool ui_is_scrolled_down(Ui *ui)
{
    (void)ui;
    return ImGui::GetScrollY() >= ImGui::GetScrollMaxY() - 1;
}

extern "C" void ui_scroll_down(Ui *ui)
{
    (void)ui;
    ImGui::SetScrollHereY(1);
}

extern "C" void ui_tip_begin(Ui *ui)
{
    (void)ui;
    ImGui::BeginTooltip();
}

extern "C" void ui_tip_end(Ui *ui)
{
    (void)ui;
    ImGui::EndTooltip();
}

// Where the keys have walked to, what the right button does is on a key, too.
static void open_by_key(Ui *ui, const char *id)
{
    if (ui->walks && ImGui::IsItemFocused() && !ImGui::IsAnyItemActive()
        && ui_is_pressed(ui, HL_KEY_M)) {
        ImGui::OpenPopup(id);
    }
}

extern "C" bool ui_menu_begin(Ui *ui, const char *id)
{
    open_by_key(ui, id);
    bool open = ImGui::BeginPopupContextItem(id);
    if (open && ui_is_pressed(ui, HL_KEY_ESCAPE)) {
        ImGui::CloseCurrentPopup();
    }
    return open;
}

extern "C" void ui_menu_opener(Ui *ui, const char *id)
{
    open_by_key(ui, id);
    ImGui::OpenPopupOnItemClick(id, ImGuiPopupFlags_MouseButtonRight);
}

extern "C" void ui_menu_close(Ui *ui)
{
    (void)ui;
    ImGui::CloseCurrentPopup();
}

extern "C" bool ui_menu_item(Ui *ui, const char *label, bool checked, bool enabled)
{
    bool chosen = ImGui::MenuItem(label, NULL, checked, enabled);
    note_label(ui, label);
    return chosen;
}

extern "C" void ui_menu_end(Ui *ui)
{
    (void)ui;
    ImGui::EndPopup();
}

extern "C" bool ui_tabs_begin(Ui *ui, const char *id)
{
    (void)ui;
    return ImGui::BeginTabBar(id);
}

extern "C" bool ui_tab_begin(Ui *ui, const char *label)
{
    bool seen = ImGui::BeginTabItem(label);
    note_label(ui, label);
    return seen;
}

extern "C" void ui_tab_end(Ui *ui)
{
    (void)ui;
    ImGui::EndTabItem();
}

extern "C" void ui_tabs_end(Ui *ui)
{
    (void)ui;
    ImGui::EndTabBar();
}

// ---------------------------------------------------------------------------------------- layout

extern "C" void ui_push(Ui *ui, const void *id)
{
    (void)ui;
    ImGui::PushID(id);
}

extern "C" void ui_push_text(Ui *ui, const char *id)
{
    (void)ui;
    ImGui::PushID(id);
}

extern "C" void ui_pop(Ui *ui)
{
    (void)ui;
    ImGui::PopID();
}

extern "C" void ui_same_line(Ui *ui)
{
    (void)ui;
    ImGui::SameLine();
}

extern "C" void ui_same_line_at(Ui *ui, float x_px)
{
    (void)ui;
    ImGui::SameLine(x_px);
}

extern "C" float ui_cursor_x(const Ui *ui)
{
    (void)ui;
    return ImGui::GetCursorPosX();
}

extern "C" void ui_line_up(Ui *ui)
{
    (void)ui;
    ImGui::AlignTextToFramePadding();
}

extern "C" void ui_group_begin(Ui *ui)
{
    (void)ui;
    ImGui::BeginGroup();
}

extern "C" void ui_group_end(Ui *ui)
{
    (void)ui;
    ImGui::EndGroup();
}

extern "C" void ui_separator(Ui *ui)
{
    (void)ui;
    ImGui::Separator();
}

extern "C" void ui_space(Ui *ui)
{
    (void)ui;
    ImGui::Spacing();
}

extern "C" void ui_indent(Ui *ui, float px)
{
    (void)ui;
    if (px > 0) {
        ImGui::Indent(px);
    } else if (px < 0) {
        ImGui::Unindent(-px);
    }
}

extern "C" void ui_dense(Ui *ui, bool on)
{
    if (on) {
        ImGui::PushStyleVar(ImGuiStyleVar_FramePadding, ImVec2(4 * ui->scale, 1 * ui->scale));
        ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, ImVec2(4 * ui->scale, 1 * ui->scale));
    } else {
        ImGui::PopStyleVar(2);
    }
}

extern "C" void ui_next_width(Ui *ui, float px)
{
    (void)ui;
    ImGui::SetNextItemWidth(px);
}

extern "C" float ui_room_x(const Ui *ui)
{
    (void)ui;
    return ImGui::GetContentRegionAvail().x;
}

extern "C" float ui_room_y(const Ui *ui)
{
    (void)ui;
    return ImGui::GetContentRegionAvail().y;
}

extern "C" bool ui_table_begin(Ui *ui, const char *id, int columns, const char *const *labels,
                               float height)
{
    (void)ui;
    ImGuiTableFlags flags = ImGuiTableFlags_RowBg | ImGuiTableFlags_Resizable
                            | ImGuiTableFlags_BordersInnerV | ImGuiTableFlags_NoSavedSettings;
    flags |= height != 0 ? ImGuiTableFlags_ScrollY : 0;
    if (!ImGui::BeginTable(id, columns, flags, ImVec2(0, height))) {
        return false;
    }
    if (labels) {
        for (int i = 0; i < columns; i++) {
            ImGui::TableSetupColumn(labels[i]);
        }
        ImGui::TableSetupScrollFreeze(0, 1);
        ImGui::TableHeadersRow();
    }
    return true;
}

extern "C" void ui_table_column_width(Ui *ui, int column, float px)
{
    (void)ui;
    ImGui::TableSetColumnWidth(column, px);
}

extern "C" void ui_row(Ui *ui)
{
    (void)ui;
    ImGui::TableNextRow();
}

extern "C" void ui_cell(Ui *ui, int column)
{
    (void)ui;
    ImGui::TableSetColumnIndex(column);
}

extern "C" void ui_table_end(Ui *ui)
{
    (void)ui;
    ImGui::EndTable();
}

extern "C" UiRows ui_rows(Ui *ui, uint64_t count, float height)
{
    (void)ui;
    UiRows rows = {};
    rows.count = count;
    rows.height = height > 1 ? height : 1;
    return rows;
}

// Only once: the rows that are seen. What is above and below is room of their height. ImGui keeps
// places as floats, which are exact to the pixel up to 2^24: beyond it is scrolled coarsely.
extern "C" bool ui_rows_next(Ui *ui, UiRows *rows)
{
    (void)ui;
    if (rows->began) {
        double left = (double)(rows->count - rows->end) * rows->height;
        if (left > 0) {
            ImGui::Dummy(ImVec2(0, (float)left - ImGui::GetStyle().ItemSpacing.y));
        }
        return false;
    }
    rows->began = true;
    float top = ImGui::GetCursorPosY(), scroll = ImGui::GetScrollY();
    float seen = ImGui::GetWindowHeight();
    double above = scroll > top ? (double)(scroll - top) / rows->height : 0;
    rows->first = above < (double)rows->count ? (uint64_t)above : rows->count;
    uint64_t most = (uint64_t)(seen / rows->height) + 2;
    rows->end = rows->count - rows->first < most ? rows->count : rows->first + most;
    if (rows->first > 0) {
        ImGui::Dummy(ImVec2(0, (float)((double)rows->first * rows->height)
                                   - ImGui::GetStyle().ItemSpacing.y));
    }
    return rows->count > 0;
}

// ----------------------------------------------------------------------------------------- items

extern "C" void ui_text(Ui *ui, UiTone tone, const char *format, ...)
{
    (void)ui;
    va_list args;
    va_start(args, format);
    va_list again;
    char text[ITEM_TEXT_MAX];
    va_copy(again, args);
    ImGui::TextColoredV(vec_of(ui_color(tone)), format, args);
    va_end(args);
    vsnprintf(text, sizeof(text), format, again);
    va_end(again);
    note_item(ui, "%s", text);
}

// A tip is as wide as what is in it: there a line has to end somewhere.
static float wrap_at()
{
    const ImGuiWindow *window = ImGui::GetCurrentWindow();
    float most = fminf(ImGui::GetFontSize() * 32, ImGui::GetIO().DisplaySize.x * 0.8f);
    return window->Flags & ImGuiWindowFlags_Tooltip ? most : 0;
}

extern "C" void ui_text_wrapped(Ui *ui, UiTone tone, const char *text)
{
    ImGui::PushTextWrapPos(wrap_at());
    ImGui::PushStyleColor(ImGuiCol_Text, vec_of(ui_color(tone)));
    ImGui::TextUnformatted(text);
    ImGui::PopStyleColor();
    ImGui::PopTextWrapPos();
    note_item(ui, "%s", text);
}

extern "C" void ui_title(Ui *ui, const char *text)
{
    ui_space(ui);
    ui_text(ui, UI_ACCENT, "%s", text);
    ImGui::Separator();
}

extern "C" bool ui_button(Ui *ui, const char *label)
{
    bool pressed = ImGui::Button(label);
    note_label(ui, label);
    return pressed;
}

extern "C" bool ui_link(Ui *ui, const char *label)
{
    bool pressed = ImGui::Selectable(label, false, 0, ImGui::CalcTextSize(label, NULL, true));
    note_label(ui, label);
    return pressed;
}

extern "C" bool ui_row_button(Ui *ui, const char *label, bool chosen)
{
    bool pressed = ImGui::Selectable(label, chosen, ImGuiSelectableFlags_SpanAllColumns);
    note_label(ui, label);
    return pressed;
}

extern "C" bool ui_check(Ui *ui, const char *label, bool *on)
{
    bool changed = ImGui::Checkbox(label, on);
    note_item(ui, "%s=%s", label, *on ? "true" : "false");
    return changed;
}

extern "C" bool ui_toggle(Ui *ui, const char *label, bool *on, UiTone tone)
{
    ImGui::PushStyleColor(ImGuiCol_Text, vec_of(ui_color(*on ? tone : UI_DIM)));
    ImGui::PushStyleColor(ImGuiCol_Button, *on ? vec_of(UI_HELD) : ImVec4(0, 0, 0, 0));
    bool pressed = ImGui::SmallButton(label);
    ImGui::PopStyleColor(2);
    note_item(ui, "%.*s=%s", shown_length(label), label, *on ? "on" : "off");
    *on ^= pressed;
    return pressed;
}

// ImGui keeps what is unfolded by the widget; here the caller does, who has a million rows.
extern "C" bool ui_fold(Ui *ui, const char *id, const char *label, UiTone tone, UiFold fold,
                        float inset_px, float width)
{
    ImGui::AlignTextToFramePadding(); // for what follows in the line
    ImVec2 at = ImGui::GetCursorScreenPos();
    float height = ImGui::GetFrameHeight(), size = ImGui::GetFontSize();
    ImDrawList *draw = ImGui::GetWindowDrawList();
    bool pressed = ImGui::InvisibleButton(id, ImVec2(width > 1 ? width : 1, height));
    ImU32 ink = packed(ui_color(ImGui::IsItemHovered() && fold != UI_LEAF ? UI_PLAIN : tone));
    if (fold != UI_LEAF) {
        ImVec2 arrow(at.x + inset_px, at.y + (height - size * 0.7f) / 2);
        ImGui::RenderArrow(draw, arrow, ink, fold == UI_UNFOLDED ? ImGuiDir_Down : ImGuiDir_Right,
                           0.7f);
    }
    ImVec2 text(floorf(at.x + inset_px + size), at.y + ImGui::GetStyle().FramePadding.y);
    ImVec4 clip(at.x, at.y, at.x + width, at.y + height);
    draw->AddText(NULL, 0, text, ink, label, NULL, 0, &clip);
    note_item(ui, "%s", label);
    return pressed;
}

extern "C" bool ui_row_ground(Ui *ui, float height)
{
    (void)ui;
    ImVec2 at = ImGui::GetCursorScreenPos();
    ImVec2 end(at.x + ImGui::GetContentRegionAvail().x, at.y + height);
    bool under = ImGui::IsWindowHovered(ImGuiHoveredFlags_AllowWhenBlockedByActiveItem)
                 && ImGui::IsMouseHoveringRect(at, end);
    if (under) {
        ImGui::GetWindowDrawList()->AddRectFilled(at, end, packed(0xffffff0cu));
    }
    return under;
}

extern "C" void ui_focus(Ui *ui)
{
    (void)ui;
    ImGui::SetKeyboardFocusHere();
}

extern "C" bool ui_tree_begin(Ui *ui, const char *label, bool is_leaf, bool open_at_first)
{
    (void)ui;
    ImGuiTreeNodeFlags flags = ImGuiTreeNodeFlags_OpenOnArrow | ImGuiTreeNodeFlags_OpenOnDoubleClick
                               | ImGuiTreeNodeFlags_SpanAvailWidth;
    flags |= is_leaf ? ImGuiTreeNodeFlags_Leaf : 0;
    flags |= open_at_first ? ImGuiTreeNodeFlags_DefaultOpen : 0;
    return ImGui::TreeNodeEx(label, flags);
}

extern "C" void ui_tree_end(Ui *ui)
{
    (void)ui;
    ImGui::TreePop();
}

extern "C" void ui_set_open(Ui *ui, bool open)
{
    (void)ui;
    ImGui::SetNextItemOpen(open);
}

extern "C" bool ui_input(Ui *ui, const char *label, const char *hint, char *text, size_t bytes,
                         bool *done)
{
    ImGuiInputTextFlags flags = ImGuiInputTextFlags_AutoSelectAll;
    bool changed = ImGui::InputTextWithHint(label, hint ? hint : "", text, bytes, flags);
    note_item(ui, "%s=%s", label, text);
    if (done) {
        *done = ImGui::IsItemDeactivatedAfterEdit()
                || (ImGui::IsItemDeactivated()
                    && ImGui::IsKeyPressed(ImGui::GetKeyIndex(ImGuiKey_Enter), false));
    }
    return changed;
}

extern "C" bool ui_is_pressed(const Ui *ui, hl_key key)
{
    (void)ui;
    return ImGui::IsKeyPressed(key, false);
}

extern "C" bool ui_drag(Ui *ui, const char *label, double *value, double speed, double low,
                        double high, const char *format)
{
    bool changed = ImGui::DragScalar(label, ImGuiDataType_Double, value, (float)speed,
                                     low < high ? &low : NULL, low < high ? &high : NULL, format,
                                     low < high ? ImGuiSliderFlags_AlwaysClamp : 0);
    note_value(ui, label, *value);
    return changed;
}

extern "C" bool ui_drag_whole(Ui *ui, const char *label, int64_t *value, double speed, int64_t low,
                              int64_t high)
{
    bool changed = ImGui::DragScalar(label, ImGuiDataType_S64, value, (float)speed,
                                     low < high ? &low : NULL, low < high ? &high : NULL, "%lld",
                                     low < high ? ImGuiSliderFlags_AlwaysClamp : 0);
    note_item(ui, "%s=%lld", label, (long long)*value);
    return changed;
}

extern "C" bool ui_slider(Ui *ui, const char *label, double *value, double low, double high,
                          const char *format)
{
    bool changed = ImGui::SliderScalar(label, ImGuiDataType_Double, value, &low, &high, format);
    note_value(ui, label, *value);
    return changed;
}

extern "C" bool ui_choose(Ui *ui, const char *label, int *chosen, const char *const *names,
                          int count)
{
    const char *now = *chosen >= 0 && *chosen < count ? names[*chosen] : "";
    bool changed = false;
    if (ImGui::BeginCombo(label, now, ImGuiComboFlags_HeightLarge)) {
        for (int i = 0; i < count; i++) {
            ImGui::PushID(i);
            if (ImGui::Selectable(names[i], i == *chosen)) {
                *chosen = i;
                changed = true;
            }
            note_item(ui, "%s", names[i]);
            if (i == *chosen) {
                ImGui::SetItemDefaultFocus();
            }
            ImGui::PopID();
        }
        ImGui::EndCombo();
    }
    note_item(ui, "%s=%s", label, now);
    return changed;
}

static bool edit_color(Ui *ui, const char *label, hl_color *color, ImGuiColorEditFlags how)
{
    ImVec4 v = vec_of(*color);
    float parts[4] = {v.x, v.y, v.z, v.w};
    how |= ImGuiColorEditFlags_AlphaBar | ImGuiColorEditFlags_AlphaPreviewHalf
           | ImGuiColorEditFlags_NoOptions; // the right button is the row's
    bool changed = ImGui::ColorEdit4(label, parts, how);
    note_item(ui, "%s=%08x", label, *color);
    if (!changed) {
        return false;
    }
    *color = hl_rgba((int)(parts[0] * 255 + 0.5f), (int)(parts[1] * 255 + 0.5f),
                     (int)(parts[2] * 255 + 0.5f), (int)(parts[3] * 255 + 0.5f));
    return true;
}

extern "C" bool ui_color_edit(Ui *ui, const char *label, hl_color *color)
{
    return edit_color(ui, label, color, 0);
}

extern "C" bool ui_color_button(Ui *ui, const char *label, hl_color *color)
{
    return edit_color(ui, label, color, ImGuiColorEditFlags_NoInputs | ImGuiColorEditFlags_NoLabel);
}

extern "C" void ui_progress(Ui *ui, float part, const char *text)
{
    ImGui::ProgressBar(part, ImVec2(-1, 0), text);
    note_item(ui, "%s", text);
}

extern "C" bool ui_is_hovered(const Ui *ui)
{
    (void)ui;
    return ImGui::IsItemHovered();
}

extern "C" bool ui_is_pointed_at(const Ui *ui)
{
    (void)ui;
    return ImGui::IsItemHovered() && GImGui->HoveredIdTimer > 0.4f;
}

extern "C" bool ui_is_active(const Ui *ui)
{
    (void)ui;
    return ImGui::IsItemActive();
}

extern "C" bool ui_was_clicked(const Ui *ui)
{
    (void)ui;
    return ImGui::IsItemClicked();
}

extern "C" bool ui_was_let_go(const Ui *ui)
{
    (void)ui;
    return ImGui::IsItemDeactivatedAfterEdit();
}

extern "C" hl_rectf ui_item_rect(const Ui *ui)
{
    (void)ui;
    ImVec2 low = ImGui::GetItemRectMin(), high = ImGui::GetItemRectMax();
    return hl_rectf{low.x, low.y, high.x - low.x, high.y - low.y};
}

extern "C" void ui_flash(Ui *ui, float strength)
{
    hl_rectf box = ui_item_rect(ui);
    if (strength > 0) {
        float capped = strength < 1 ? strength : 1;
        ImGui::GetWindowDrawList()->AddRectFilled(
            ImVec2(box.x - 2, box.y - 1), ImVec2(box.x + box.w + 2, box.y + box.h + 1),
            packed(hl_fade(TONES[UI_ACCENT], capped * 0.4f)), 2);
    }
}

// ---------------------------------------------------------------------------------------- canvas

extern "C" hl_rectf ui_canvas(Ui *ui, const char *id, float width, float height)
{
    ImVec2 at = ImGui::GetCursorScreenPos();
    float w = width > 0 ? width : ImGui::GetContentRegionAvail().x + width;
    float h = height > 0 ? height : ImGui::GetContentRegionAvail().y + height;
    w = w > 1 ? w : 1;
    h = h > 1 ? h : 1;
    ImGui::InvisibleButton(id, ImVec2(w, h),
                           ImGuiButtonFlags_MouseButtonLeft | ImGuiButtonFlags_MouseButtonRight);
    note_label(ui, id);
    ui->canvas = hl_rectf{at.x, at.y, w, h};
    return ui->canvas;
}

extern "C" void ui_draw_rect(Ui *ui, hl_rectf box, hl_color color)
{
    (void)ui;
    ImGui::GetWindowDrawList()->AddRectFilled(ImVec2(box.x, box.y),
                                              ImVec2(box.x + box.w, box.y + box.h), packed(color));
}

extern "C" void ui_draw_line(Ui *ui, hl_vec2 from, hl_vec2 to, float thick, hl_color color)
{
    (void)ui;
    ImGui::GetWindowDrawList()->AddLine(ImVec2(from.x, from.y), ImVec2(to.x, to.y), packed(color),
                                        thick);
}

extern "C" void ui_draw_text(Ui *ui, hl_vec2 at, hl_color color, const char *text)
{
    (void)ui;
    ImGui::GetWindowDrawList()->AddText(ImVec2(floorf(at.x), floorf(at.y)), packed(color), text);
}

extern "C" void ui_draw_triangle(Ui *ui, hl_vec2 a, hl_vec2 b, hl_vec2 c, hl_color color)
{
    (void)ui;
    ImGui::GetWindowDrawList()->AddTriangleFilled(ImVec2(a.x, a.y), ImVec2(b.x, b.y),
                                                  ImVec2(c.x, c.y), packed(color));
}

extern "C" void ui_draw_image(Ui *ui, hl_rectf box, const DrawImage *image)
{
    (void)ui;
    ImGui::GetWindowDrawList()->AddImage(const_cast<DrawImage *>(image), ImVec2(box.x, box.y),
                                         ImVec2(box.x + box.w, box.y + box.h));
}

extern "C" bool ui_mouse_held(const Ui *ui)
{
    (void)ui;
    return ImGui::IsItemActive() && ImGui::IsMouseDown(ImGuiMouseButton_Left);
}

extern "C" hl_vec2 ui_mouse(const Ui *ui)
{
    (void)ui;
    ImVec2 at = ImGui::GetMousePos();
    return hl_vec2{at.x, at.y};
}

extern "C" float ui_wheel(const Ui *ui)
{
    (void)ui;
    return ImGui::IsItemHovered() ? ImGui::GetIO().MouseWheel : 0;
}

// Values between two pixels become one upright line from the lowest to the highest of them.
typedef struct Span {
    float low, high;
    bool has;
} Span;

static Span span_between(const float *values, int first, int end)
{
    Span span = {FLT_MAX, -FLT_MAX, false};
    for (int i = first; i < end; i++) {
        if (isfinite(values[i])) {
            span.low = values[i] < span.low ? values[i] : span.low;
            span.high = values[i] > span.high ? values[i] : span.high;
            span.has = true;
        }
    }
    return span;
}

extern "C" int ui_plot(Ui *ui, const char *id, const float *values, int count, float low,
                       float high, float width, float height, int cursor, UiTone tone)
{
    hl_rectf box = ui_canvas(ui, id, width, height);
    bool hovered = ImGui::IsItemHovered();
    Span all = span_between(values, 0, count);
    ui_draw_rect(ui, box, UI_RAISED);
    if (low >= high && all.has) {
        low = all.low;
        high = all.high;
    }
    float range = high - low > 0 && isfinite(high - low) ? high - low : 1;
    float middle = high - low > 0 ? 0 : 0.5f; // a value that never changes lies in the middle
    hl_vec2 last = {};
    bool has_last = false;
    int steps = (int)box.w;
    for (int x = 0; x < steps && count > 0; x++) {
        int first = (int)((int64_t)x * count / steps),
            end = (int)((int64_t)(x + 1) * count / steps);
        if (first == end && count < steps) {
            continue; // fewer values than pixels: the line goes on to the next
        }
        Span span = span_between(values, first, end);
        if (!span.has) {
            has_last = false;
            continue;
        }
        float px = box.x + (float)x;
        float y0 = box.y + box.h - 1 - ((span.high - low) / range + middle) * (box.h - 2);
        float y1 = box.y + box.h - 1 - ((span.low - low) / range + middle) * (box.h - 2);
        if (has_last) {
            ui_draw_line(ui, last, hl_vec2{px, y0}, 1, ui_color(tone));
        }
        ui_draw_line(ui, hl_vec2{px, y0}, hl_vec2{px, y1 + 1}, 1, ui_color(tone));
        last = hl_vec2{px, y1};
        has_last = true;
    }
    if (cursor >= 0 && count > 1) {
        float x = box.x + (float)cursor / (float)(count - 1) * box.w;
        ui_draw_line(ui, hl_vec2{x, box.y}, hl_vec2{x, box.y + box.h}, 1, TONES[UI_PLAIN]);
    }
    if (!hovered || count == 0) {
        return -1;
    }
    int under = (int)((ImGui::GetMousePos().x - box.x) / box.w * (float)count);
    return under < 0 ? 0 : under >= count ? count - 1 : under;
}
