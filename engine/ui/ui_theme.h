// The colours of all that the runtime shows over a game, 0xRRGGBBAA: panels, notices, the screens
// about what went wrong, the bar of time. Dark and of low saturation, so that a game's own colours
// stay the strongest of the picture; what a colour says it says everywhere.
#ifndef UI_THEME_H
#define UI_THEME_H

#define UI_INK        0xe8e6e3ffu
#define UI_DIM_INK    0xa3a1aaffu // what matters less
#define UI_FAINT_INK  0x77757effu
#define UI_LABEL_INK  0xb9c7d9ffu
#define UI_GOOD_INK   0x8fd694ffu // goes on, works
#define UI_WARN_INK   0xf2c14effu // a place in the sources; to be looked at
#define UI_BAD_INK    0xff6b5effu
#define UI_ACCENT_INK 0x5ec4ffffu // chosen, changed; keys

#define UI_GROUND  0x16171cf4u // of a window
#define UI_INSET   0x0d0e12ffu // of a source line in it
#define UI_RAISED  0x24262effu
#define UI_HELD    0x343846ffu
#define UI_EDGE    0x3a3d49ffu
#define UI_BAD_BAR 0x55282bffu // under the line of a source that is to blame

#endif
