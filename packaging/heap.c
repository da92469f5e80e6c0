/* What is freed goes back to the system, where the memory is glibc's.
 *
 * Left alone, glibc takes the largest block that was ever freed as the size up to which blocks come
 * from its heaps, and these keep twice as much at their ends: after some hundred pictures the program
 * held 140 to 190 MB of which half was in use. It also gives each thread a heap of its own, up to eight
 * for each core, none of which uses what was freed in another: over 20 000 small pictures that was
 * 16 MB more, and with two of them still 1 MB. Threads rarely wait for the one that is left, since
 * each takes small blocks from a cache of its own. With limits of our own a picture's pixels are pages
 * that leave with it; they would still be taken from a heap with room for them at its end, and lie
 * between small things when these go, so there is no such room. Called from Rust, `mallopt` would be
 * `unsafe`, which is forbidden here.
 */
#include <malloc.h>

static const int PIXELS = 128 << 10; /* every larger block is pages of its own */
static const int END = 64 << 10;     /* a heap keeps no more than that at its end */
static const int STEP = 32 << 10;    /* and grows by that more than it needs */
static const int HEAPS = 1;          /* shared by all threads */

__attribute__((constructor)) static void give_back(void) {
    mallopt(M_MMAP_THRESHOLD, PIXELS);
    mallopt(M_TRIM_THRESHOLD, END);
    mallopt(M_TOP_PAD, STEP);
    mallopt(M_ARENA_MAX, HEAPS);
}
