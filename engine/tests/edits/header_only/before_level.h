#ifndef LEVEL_H
#define LEVEL_H
#define LEVEL_STEP 1
static int level_counter = 1;
int rules_first(int more);
#endif
