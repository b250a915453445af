#ifndef JUMP_H
#define JUMP_H
#include "hotloop.h"
typedef void JumpAction(hl_tick *t, int more);
JumpAction *jump_action(void);
#endif
