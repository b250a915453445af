// Allocations, and arithmetic that gives the same bits everywhere.
#include "host_internal.h"

#include <math.h>

// Whose call it was, for the message: the function around the hl_ call has no other name for it.
#define NOTE_CALLER(t) (host_of(t)->stop_caller = (uintptr_t)__builtin_return_address(0))

_Noreturn static void full(hl_tick *t, const char *type, size_t size, size_t count)
{
    Host *host = host_of(t);
    char report[512];
    heap_report(host->heap, report, sizeof(report));
    host_stop(t, NULL, 0,
              "the arena (%zu MiB) is full: no room for %zu x %s (%zu bytes each). In it: %s. Free "
              "some, or give the game a larger .arena (or --arena SIZE), then restart it (F9)",
              heap_capacity_bytes(host->heap) >> 20, count, type, size, report);
}

void *hl_alloc(hl_tick *t, const char *type, size_t size, size_t align, size_t count)
{
    void *data = heap_alloc(host_of(t)->heap, type, size, align, count);
    if (!data) {
        NOTE_CALLER(t);
        full(t, type, size, count);
    }
    return data;
}

void *hl_realloc(hl_tick *t, void *p, const char *type, size_t size, size_t align, size_t count)
{
    Host *host = host_of(t);
    void *data = p ? heap_resize(host->heap, p, type, size, align, count)
                   : heap_alloc(host->heap, type, size, align, count);
    if (data) {
        return data;
    }
    NOTE_CALLER(t);
    for (HeapBlock block = {0}; p && heap_next(host->heap, &block);) {
        if (block.data == p) {
            p = NULL; // it is alive, so the arena was full
        }
    }
    if (p) {
        host_stop(t, NULL, 0, "hl_resize of %p, which is no live memory from hl_new (%s)", p, type);
    }
    full(t, type, size, count);
}

void hl_free(hl_tick *t, void *p)
{
    if (p && !heap_free(host_of(t)->heap, p)) {
        NOTE_CALLER(t);
        host_stop(t, NULL, 0,
                  "hl_free of %p, which is no live memory from hl_new: freed twice, or never ours",
                  p);
    }
}

void *hl_alloc_temp(hl_tick *t, const char *type, size_t size, size_t align, size_t count)
{
    void *data = arena_try_push(&host_of(t)->scratch, size, align, count);
    if (!data) {
        NOTE_CALLER(t);
        host_stop(t, NULL, 0, "hl_temp: no room for %zu x %s (%zu bytes each) in one tick", count,
                  type, size);
    }
    return data;
}

// Sine and cosine on [-pi/4, pi/4] by the polynomials of Cephes' double versions
// (netlib.org/cephes, sin.c), evaluated in double and rounded once: the result is right to the last
// float bit or next to it, and only uses + and *, which IEEE 754 defines to the bit.
static double sine_near_zero(double x)
{
    double z = x * x;
    double p = 1.58962301576546568060e-10;
    p = p * z - 2.50507477628578072866e-8;
    p = p * z + 2.75573136213857245213e-6;
    p = p * z - 1.98412698295895385996e-4;
    p = p * z + 8.33333333332211858878e-3;
    p = p * z - 1.66666666666666307295e-1;
    return x + x * z * p;
}

static double cosine_near_zero(double x)
{
    double z = x * x;
    double p = -1.13585365213876817300e-11;
    p = p * z + 2.08757008419747316778e-9;
    p = p * z - 2.75573141792967388112e-7;
    p = p * z + 2.48015872888517045348e-5;
    p = p * z - 1.38888888888730564116e-3;
    p = p * z + 4.16666666666665929218e-2;
    return 1.0 - z * 0.5 + z * z * p;
}

// sin(radians + quarters * pi/2)
static float sine_of(float radians, int quarters)
{
    double x = (double)radians;
    if (!(x > -1e9 && x < 1e9)) {
        return 0.0f; // NaN, infinity, and angles whose float has no fraction of a turn left
    }
    // pi/2 in two parts (Cody and Waite), so that the remainder keeps its digits.
    double turns = x * 0.63661977236758134308;
    long long n = (long long)(turns < 0 ? turns - 0.5 : turns + 0.5);
    double rest =
        (x - (double)n * 1.57079632673412561417e+00) - (double)n * 6.07710050650619224932e-11;
    double result = 0;
    switch ((n + quarters) & 3) {
    case 0:
        result = sine_near_zero(rest);
        break;
    case 1:
        result = cosine_near_zero(rest);
        break;
    case 2:
        result = -sine_near_zero(rest);
        break;
    default:
        result = -cosine_near_zero(rest);
        break;
    }
    return (float)result;
}

float hl_sin(float radians)
{
    return sine_of(radians, 0);
}

float hl_cos(float radians)
{
    return sine_of(radians, 1);
}

// arctangent of 0..tan(pi/8) by Cephes' atan.c rational approximation.
static double arctangent_small(double x)
{
    double z = x * x;
    double p = -8.750608600031904122785e-1;
    p = p * z - 1.615753718733365076637e1;
    p = p * z - 7.500855792314704667340e1;
    p = p * z - 1.228866684490136173410e2;
    p = p * z - 6.485021904942025371773e1;
    double q = z + 2.485846490142306297962e1;
    q = q * z + 1.650270098316988542046e2;
    q = q * z + 4.328810604912902668951e2;
    q = q * z + 4.853903996359136964868e2;
    q = q * z + 1.945506571482613964425e2;
    return x + x * z * p / q;
}

// arctangent of x in 0..1
static double arctangent(double x)
{
    return x > 0.41421356237309504880 ? 0.78539816339744830962 + arctangent_small((x - 1) / (x + 1))
                                      : arctangent_small(x);
}

float hl_atan2(float y, float x)
{
    double ay = fabs((double)y), ax = fabs((double)x);
    if (isnan(ay) || isnan(ax) || (ay == 0 && ax == 0)) {
        return 0.0f;
    }
    double angle = isinf(ay) && isinf(ax) ? 0.78539816339744830962
                   : ay <= ax             ? arctangent(ay / ax)
                                          : 1.57079632679489661923 - arctangent(ax / ay);
    angle = signbit(x) ? 3.14159265358979323846 - angle : angle;
    return (float)(signbit(y) ? -angle : angle);
}
