#ifndef NEXT_H
#define NEXT_H
static inline int next_number(void)
{
    static int number;
    return ++number;
}
int rules_number(void);
#endif
