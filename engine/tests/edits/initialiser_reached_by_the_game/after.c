// expect: log 5 2.5 2 y zbc 20 6
#include "edit.h"

typedef enum K { A, B, C } K;
typedef struct Game {
    int n;
} Game;
static int speed = 5;
static float f = 2.5f;
static K k = C;
static const char *s = "y";
static char text[8] = "zbc";
static int arr[3] = {1, 20, 3};
static struct {
    int a;
    K k;
} st = {4, C};
EDIT_TELL(Game)
{
    hl_log(t, "%d %g %d %s %s %d %d", speed, f, k, s, text, arr[1], st.a + st.k);
}
