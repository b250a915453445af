// The new initialisers are what the game had made of the old ones by itself: nothing is changed.
#include "edit.h"

typedef enum K { A, B, C } K;
typedef struct Game {
    int n;
} Game;
static int speed = 3;
static float f = 1;
static K k = A;
static const char *s = "x";
static char text[8] = "abc";
static int arr[3] = {1, 2, 3};
static struct {
    int a;
    K k;
} st = {1, B};
EDIT_FILL(Game)
{
    speed = 5;
    f = 2.5f;
    k = C;
    s = "y";
    text[0] = 'z';
    arr[1] = 20;
    st.a = 4;
    st.k = C;
    hl_log(t, "%d %g %d %s %s %d %d", speed, f, k, s, text, arr[1], st.a + st.k);
}
