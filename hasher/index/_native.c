/* The index's inner loops, compiled. The same answers as hasher/index/arrays.py, which documents them.

   Every function checks the lengths of what it is given against each other first, and every number that it reads from an
   array before it is used as a place: arrays may be mapped from a file. The work is done without the GIL. */

#define PY_SSIZE_T_CLEAN
#ifndef Py_LIMITED_API
#define Py_LIMITED_API 0x030B0000
#endif
#include <Python.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#define VERSION 2
#define MOST_CHUNKS 32
#define MOST_BITS 24
#define WORDS 4
#define AHEAD 24       /* places in memory asked for before they are needed */
#define PENDING 1024   /* rows asked for before they are compared: 64 KiB of cache */
#define BLOCK 512      /* rows compared with all queries before the next ones: 16 KiB of cache */
#define HOT 8          /* as in arrays.py */
#define GROUP 32       /* stored hashes looked at together in a search in reverse */

#if defined(__GNUC__) || defined(__clang__)
#define PREFETCH(place) __builtin_prefetch((place), 0, 3)
#define POPCOUNT(word) ((unsigned)__builtin_popcountll(word))
#define INLINE static inline __attribute__((always_inline))
#else
#define PREFETCH(place) ((void)0)
#define INLINE static inline
INLINE unsigned POPCOUNT(uint64_t x) {
    x -= (x >> 1) & 0x5555555555555555u;
    x = (x & 0x3333333333333333u) + ((x >> 2) & 0x3333333333333333u);
    return (unsigned)((((x + (x >> 4)) & 0x0f0f0f0f0f0f0f0fu) * 0x0101010101010101u) >> 56);
}
#endif

#if defined(__x86_64__) && defined(__GNUC__)
#define DISPATCH 1
#define FAST __attribute__((target("popcnt,avx2,bmi,bmi2")))
#else
#define DISPATCH 0
#endif

typedef struct { uint32_t query, row, distance; } Pair;
typedef struct { Pair *pairs; size_t count, room; int failed; } Out;
typedef struct { uint32_t low, size, chunk; } Range;
typedef struct { int32_t first, bits, flips; } Chunk;

static int grow(Out *out) {
    size_t room = out->room ? out->room * 2 : 256;
    Pair *more = room > SIZE_MAX / sizeof(Pair) ? NULL : realloc(out->pairs, room * sizeof(Pair));
    if (!more) {
        out->failed = 1;
        return 0;
    }
    out->pairs = more;
    out->room = room;
    return 1;
}

INLINE void emit(Out *out, size_t query, size_t row, unsigned distance) {
    if (out->count == out->room && !grow(out)) return;
    out->pairs[out->count++] = (Pair){(uint32_t)query, (uint32_t)row, distance};
}

INLINE uint32_t value(const uint64_t *hash, Chunk chunk) {
    int word = chunk.first >> 6, shift = chunk.first & 63;
    uint64_t out = hash[word] >> shift;
    if (shift + chunk.bits > 64) out |= hash[word + 1] << (64 - shift);
    return (uint32_t)(out & ((1ull << chunk.bits) - 1));
}

/* The distance if it is within the radius, else something above it. Half of the bits rule out nearly every pair. */
INLINE unsigned distance(const uint64_t *one, const uint64_t *other, unsigned radius) {
    unsigned bits = POPCOUNT(one[0] ^ other[0]) + POPCOUNT(one[1] ^ other[1]);
    if (bits > radius) return bits;
    return bits + POPCOUNT(one[2] ^ other[2]) + POPCOUNT(one[3] ^ other[3]);
}

/* Whether `chunk` finds the pair, and none before it does: so that each pair is found once. */
INLINE int finds_first(const uint64_t *one, const uint64_t *other, const Chunk *chunks, size_t chunk) {
    uint64_t differ[WORDS];
    for (int word = 0; word < WORDS; word++) differ[word] = one[word] ^ other[word];
    for (size_t earlier = 0; earlier < chunk; earlier++)
        if (POPCOUNT(value(differ, chunks[earlier])) <= (unsigned)chunks[earlier].flips) return 0;
    return POPCOUNT(value(differ, chunks[chunk])) <= (unsigned)chunks[chunk].flips;
}

INLINE void brute_body(const uint64_t *rows, size_t count, const uint64_t *queries, size_t first, size_t asked,
                       unsigned radius, Out *out) {
    for (size_t start = 0; start < count && !out->failed; start += BLOCK) {
        size_t end = start + BLOCK < count ? start + BLOCK : count;
        for (size_t query = first; query < first + asked; query++) {
            uint64_t mine[WORDS];
            memcpy(mine, queries + query * WORDS, sizeof mine);
            for (size_t row = start; row < end; row++) {
                unsigned bits = distance(mine, rows + row * WORDS, radius);
                if (bits <= radius) emit(out, query, row, bits);
            }
        }
    }
}

typedef struct {
    const uint64_t *rows, *queries;
    size_t count, asked, chunks, probes;
    unsigned radius;
    Chunk chunk[MOST_CHUNKS];
    size_t masked[MOST_CHUNKS];
    const uint32_t *starts, *order, *masks;
    uint32_t *slots;
    Range *ranges;
} Search;

INLINE void search_body(const Search *s, Out *out) {
    uint32_t row[PENDING];
    uint8_t by[PENDING];
    for (size_t query = 0; query < s->asked && !out->failed; query++) {
        const uint64_t *mine = s->queries + query * WORDS;
        size_t at = 0, base = 0;
        for (size_t chunk = 0; chunk < s->chunks; chunk++) {  /* where to look */
            uint32_t key = value(mine, s->chunk[chunk]), full = (1u << s->chunk[chunk].bits) - 1;
            const uint32_t *masks = s->masks + at;
            uint32_t *slots = s->slots + at;
            for (size_t probe = 0; probe < s->masked[chunk]; probe++)
                slots[probe] = (uint32_t)base + ((key ^ masks[probe]) & full);
            at += s->masked[chunk];
            base += (size_t)full + 2;
        }
        size_t ranges = 0, total = 0;
        at = 0;
        for (size_t probe = 0; probe < AHEAD && probe < s->probes; probe++) PREFETCH(s->starts + s->slots[probe]);
        for (size_t chunk = 0; chunk < s->chunks; chunk++) {  /* which parts of the order are there */
            const uint32_t *order = s->order + chunk * s->count;
            for (size_t end = at + s->masked[chunk]; at < end; at++) {
                if (at + AHEAD < s->probes) PREFETCH(s->starts + s->slots[at + AHEAD]);
                uint32_t low = s->starts[s->slots[at]], high = s->starts[s->slots[at] + 1];
                if (high > low && high <= s->count) {
                    PREFETCH(order + low);
                    s->ranges[ranges++] = (Range){low, high - low, (uint32_t)chunk};
                    total += high - low;
                }
            }
        }
        if (total > s->count / HOT) {
            brute_body(s->rows, s->count, s->queries, query, 1, s->radius, out);
            continue;
        }
        size_t pending = 0, range = 0;
        uint32_t done = 0;
        while (range < ranges || pending) {
            while (range < ranges && pending < PENDING) {  /* which rows are meant */
                Range r = s->ranges[range];
                const uint32_t *order = s->order + (size_t)r.chunk * s->count + r.low;
                while (done < r.size && pending < PENDING) {
                    uint32_t which = order[done++];
                    if (which >= s->count) continue;
                    PREFETCH(s->rows + (size_t)which * WORDS);
                    row[pending] = which;
                    by[pending++] = (uint8_t)r.chunk;
                }
                if (done == r.size) {
                    range++;
                    done = 0;
                }
            }
            for (size_t i = 0; i < pending; i++) {  /* are they near */
                const uint64_t *other = s->rows + (size_t)row[i] * WORDS;
                unsigned bits = distance(mine, other, s->radius);
                if (bits <= s->radius && finds_first(mine, other, s->chunk, by[i])) emit(out, query, row[i], bits);
            }
            pending = 0;
        }
    }
}

typedef struct {
    const uint64_t *stored, *rows;
    size_t asked, count, chunks;
    unsigned radius;
    Chunk chunk[MOST_CHUNKS];
    int shift[MOST_CHUNKS];
    const uint8_t *bitmap[MOST_CHUNKS];
    const uint32_t *starts[MOST_CHUNKS], *items[MOST_CHUNKS];
    size_t listed[MOST_CHUNKS];
} Reverse;

INLINE void reverse_body(const Reverse *r, Out *out) {
    static const size_t most = (size_t)GROUP * MOST_CHUNKS;
    uint32_t keys[GROUP * MOST_CHUNKS];
    uint16_t passed[GROUP * MOST_CHUNKS];
    for (size_t first = 0; first < r->asked && !out->failed; first += GROUP) {
        size_t group = r->asked - first < GROUP ? r->asked - first : GROUP, at = 0, pass = 0;
        for (size_t one = 0; one < group; one++)
            for (size_t chunk = 0; chunk < r->chunks && at < most; chunk++, at++) {
                keys[at] = value(r->stored + (first + one) * WORDS, r->chunk[chunk]);
                PREFETCH(r->bitmap[chunk] + (keys[at] >> 3));
            }
        at = 0;
        for (size_t one = 0; one < group; one++)
            for (size_t chunk = 0; chunk < r->chunks; chunk++, at++) {
                passed[pass] = (uint16_t)at;
                pass += (r->bitmap[chunk][keys[at] >> 3] >> (keys[at] & 7)) & 1;
            }
        for (size_t i = 0; i < pass; i++) {
            size_t chunk = passed[i] % r->chunks;
            PREFETCH(r->starts[chunk] + (keys[passed[i]] >> r->shift[chunk]));
        }
        for (size_t i = 0; i < pass; i++) {
            size_t chunk = passed[i] % r->chunks;
            uint32_t low = r->starts[chunk][keys[passed[i]] >> r->shift[chunk]];
            if (low < r->listed[chunk]) PREFETCH(r->items[chunk] + low);
        }
        for (size_t i = 0; i < pass; i++) {
            size_t chunk = passed[i] % r->chunks, one = first + passed[i] / r->chunks;
            const uint64_t *mine = r->stored + one * WORDS;
            uint32_t bucket = keys[passed[i]] >> r->shift[chunk];
            uint32_t low = r->starts[chunk][bucket], high = r->starts[chunk][bucket + 1];
            if (high > r->listed[chunk]) continue;
            for (; low < high; low++) {
                uint32_t row = r->items[chunk][low];
                if (row >= r->count) continue;
                const uint64_t *other = r->rows + (size_t)row * WORDS;
                unsigned bits = distance(mine, other, r->radius);
                if (bits <= r->radius && finds_first(mine, other, r->chunk, chunk)) emit(out, one, row, bits);
            }
        }
    }
}

static void brute_plain(const uint64_t *rows, size_t count, const uint64_t *queries, size_t asked, unsigned radius,
                        Out *out) {
    brute_body(rows, count, queries, 0, asked, radius, out);
}
static void search_plain(const Search *s, Out *out) { search_body(s, out); }
static void reverse_plain(const Reverse *r, Out *out) { reverse_body(r, out); }

#if DISPATCH
FAST static void brute_fast(const uint64_t *rows, size_t count, const uint64_t *queries, size_t asked, unsigned radius,
                            Out *out) {
    brute_body(rows, count, queries, 0, asked, radius, out);
}
FAST static void search_fast(const Search *s, Out *out) { search_body(s, out); }
FAST static void reverse_fast(const Reverse *r, Out *out) { reverse_body(r, out); }
static int fast(void) {
    return __builtin_cpu_supports("popcnt") && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
           __builtin_cpu_supports("bmi2");
}
#define CHOOSE(name) (fast() ? name##_fast : name##_plain)
#else
#define CHOOSE(name) name##_plain
#endif

/* The answer as bytes of (query, row, distance), or the error. Takes the pairs. */
static PyObject *answer(Out *out) {
    PyObject *found = NULL;
    if (out->failed)
        PyErr_NoMemory();
    else
        found = PyBytes_FromStringAndSize((const char *)out->pairs, (Py_ssize_t)(out->count * sizeof(Pair)));
    free(out->pairs);
    return found;
}

static void release(Py_buffer *buffers, int count) {
    for (int i = 0; i < count; i++) PyBuffer_Release(buffers + i);
}

static PyObject *wrong(const char *what) {
    PyErr_SetString(PyExc_ValueError, what);
    return NULL;
}

#define LENGTH(buffer, type) ((size_t)(buffer).len / sizeof(type))

/* Chunks from an array of three numbers each; how many, or -1. */
static int read_chunks(const Py_buffer *from, Chunk *chunks) {
    size_t count = LENGTH(*from, Chunk);
    if (!count || count > MOST_CHUNKS || (size_t)from->len % sizeof(Chunk)) return -1;
    memcpy(chunks, from->buf, count * sizeof(Chunk));
    for (size_t i = 0; i < count; i++)
        if (chunks[i].first < 0 || chunks[i].bits < 1 || chunks[i].bits > MOST_BITS || chunks[i].flips < 0 ||
            chunks[i].first + chunks[i].bits > WORDS * 64)
            return -1;
    return (int)count;
}

/* sort(keys, bits, starts, order): fills the last two. */
static PyObject *py_sort(PyObject *self, PyObject *args) {
    Py_buffer b[3];
    int bits, good = 1;
    (void)self;
    if (!PyArg_ParseTuple(args, "y*iw*w*", b, &bits, b + 1, b + 2)) return NULL;
    size_t count = LENGTH(b[0], uint32_t), values = bits >= 0 && bits <= 30 ? (size_t)1 << bits : 0;
    if (!values || LENGTH(b[1], uint32_t) != values + 1 || LENGTH(b[2], uint32_t) != count || count > UINT32_MAX) {
        release(b, 3);
        return wrong("the arrays to sort into do not fit");
    }
    const uint32_t *keys = b[0].buf;
    uint32_t *starts = b[1].buf, *order = b[2].buf, sum = 0;
    Py_BEGIN_ALLOW_THREADS
    memset(starts, 0, (values + 1) * sizeof *starts);
    for (size_t i = 0; i < count; i++) {
        if (i + AHEAD < count && keys[i + AHEAD] < values) PREFETCH(starts + keys[i + AHEAD]);
        if (keys[i] >= values) {
            good = 0;
            break;
        }
        starts[keys[i]]++;
    }
    if (good) {
        for (size_t i = 0; i < values; i++) starts[i] = sum += starts[i];
        starts[values] = sum;
        for (size_t i = count; i-- > 0;) {  /* downwards, so that places rise within a value */
            if (i >= 2 * AHEAD) PREFETCH(starts + keys[i - 2 * AHEAD]);
            if (i >= AHEAD) PREFETCH(order + (starts[keys[i - AHEAD]] ? starts[keys[i - AHEAD]] - 1 : 0));
            order[--starts[keys[i]]] = (uint32_t)i;
        }
    }
    Py_END_ALLOW_THREADS
    release(b, 3);
    if (!good) return wrong("a key has too many bits");
    Py_RETURN_NONE;
}

/* brute(rows, queries, radius) */
static PyObject *py_brute(PyObject *self, PyObject *args) {
    Py_buffer b[2];
    unsigned radius;
    Out out = {0};
    (void)self;
    if (!PyArg_ParseTuple(args, "y*y*I", b, b + 1, &radius)) return NULL;
    size_t count = LENGTH(b[0], uint64_t) / WORDS, asked = LENGTH(b[1], uint64_t) / WORDS;
    if (count > UINT32_MAX || asked > UINT32_MAX) {
        release(b, 2);
        return wrong("too many hashes");
    }
    Py_BEGIN_ALLOW_THREADS
    CHOOSE(brute)(b[0].buf, count, b[1].buf, asked, radius, &out);
    Py_END_ALLOW_THREADS
    release(b, 2);
    return answer(&out);
}

/* search(rows, queries, radius, chunks, masked, masks, starts, order): `masked` says how many masks each chunk has. */
static PyObject *py_search(PyObject *self, PyObject *args) {
    Py_buffer b[7];
    Search s;
    Out out = {0};
    size_t starts = 0;
    (void)self;
    if (!PyArg_ParseTuple(args, "y*y*Iy*y*y*y*y*", b, b + 1, &s.radius, b + 2, b + 3, b + 4, b + 5, b + 6)) return NULL;
    int chunks = read_chunks(b + 2, s.chunk);
    s.chunks = chunks < 0 ? 0 : (size_t)chunks;
    s.count = LENGTH(b[0], uint64_t) / WORDS;
    s.asked = LENGTH(b[1], uint64_t) / WORDS;
    s.probes = 0;
    int good = chunks > 0 && LENGTH(b[3], uint32_t) == s.chunks && s.count <= UINT32_MAX && s.asked <= UINT32_MAX;
    for (size_t i = 0; good && i < s.chunks; i++) {
        s.masked[i] = ((const uint32_t *)b[3].buf)[i];
        s.probes += s.masked[i];
        starts += ((size_t)1 << s.chunk[i].bits) + 1;
    }
    good = good && LENGTH(b[4], uint32_t) == s.probes && LENGTH(b[5], uint32_t) == starts &&
           LENGTH(b[6], uint32_t) == s.count * s.chunks;
    if (!good) {
        release(b, 7);
        return wrong("the arrays of the table do not belong together");
    }
    s.rows = b[0].buf;
    s.queries = b[1].buf;
    s.masks = b[4].buf;
    s.starts = b[5].buf;
    s.order = b[6].buf;
    s.slots = malloc((s.probes + 1) * sizeof *s.slots);
    s.ranges = malloc((s.probes + 1) * sizeof *s.ranges);
    out.failed = !s.slots || !s.ranges;
    Py_BEGIN_ALLOW_THREADS
    CHOOSE(search)(&s, &out);
    Py_END_ALLOW_THREADS
    free(s.slots);
    free(s.ranges);
    release(b, 7);
    return answer(&out);
}

static int compare(uint64_t key, const uint8_t *rest, uint64_t other, const uint8_t *theirs, size_t width) {
    if (key != other) return key < other ? -1 : 1;
    return memcmp(rest, theirs, width);
}

/* locate(keys, rest, digest) */
static PyObject *py_locate(PyObject *self, PyObject *args) {
    Py_buffer b[3];
    uint64_t key = 0;
    (void)self;
    if (!PyArg_ParseTuple(args, "y*y*y*", b, b + 1, b + 2)) return NULL;
    size_t count = LENGTH(b[0], uint64_t), width = (size_t)b[2].len - 8;
    if (b[2].len < 8 || b[2].len > 64 || (size_t)b[1].len != count * width) {
        release(b, 3);
        return wrong("digests and their rests differ in number");
    }
    const uint64_t *keys = b[0].buf;
    const uint8_t *rest = b[1].buf, *digest = b[2].buf;
    for (int i = 0; i < 8; i++) key = key << 8 | digest[i];
    size_t found[2];
    for (int side = 0; side < 2; side++) {
        size_t low = side ? found[0] : 0, high = count;
        while (low < high) {
            size_t middle = low + (high - low) / 2;
            if (compare(keys[middle], rest + middle * width, key, digest + 8, width) < side)
                low = middle + 1;
            else
                high = middle;
        }
        found[side] = low;
        if (!side && (low == count || keys[low] != key)) {  /* nearly always */
            found[1] = low;
            break;
        }
    }
    release(b, 3);
    return Py_BuildValue("nn", (Py_ssize_t)found[0], (Py_ssize_t)found[1]);
}

/* reverse(stored, rows, radius, chunks, coarse, bitmaps, starts, items) */
static PyObject *py_reverse(PyObject *self, PyObject *args) {
    Py_buffer b[6];
    Reverse r;
    Out out = {0};
    int coarse;
    size_t bitmap = 0, start = 0, item = 0;
    (void)self;
    if (!PyArg_ParseTuple(args, "y*y*Iy*iy*y*y*", b, b + 1, &r.radius, b + 2, &coarse, b + 3, b + 4, b + 5)) return NULL;
    int chunks = read_chunks(b + 2, r.chunk);
    r.chunks = chunks < 0 ? 0 : (size_t)chunks;
    r.asked = LENGTH(b[0], uint64_t) / WORDS;
    r.count = LENGTH(b[1], uint64_t) / WORDS;
    int good = chunks > 0 && coarse > 0 && r.count <= UINT32_MAX && r.asked <= UINT32_MAX;
    for (size_t i = 0; good && i < r.chunks; i++) {
        int bits = r.chunk[i].bits, by = coarse < bits ? coarse : bits;
        size_t bytes = ((size_t)1 << bits) / 8, buckets = (size_t)1 << by;
        good = bits >= 3 && bitmap + bytes <= (size_t)b[3].len && start + buckets < LENGTH(b[4], uint32_t);
        if (!good) break;
        r.shift[i] = bits - by;
        r.bitmap[i] = (const uint8_t *)b[3].buf + bitmap;
        r.starts[i] = (const uint32_t *)b[4].buf + start;
        r.items[i] = (const uint32_t *)b[5].buf + item;
        r.listed[i] = r.starts[i][buckets];
        bitmap += bytes;
        start += buckets + 1;
        item += r.listed[i];
        good = item <= LENGTH(b[5], uint32_t);
    }
    if (!good) {
        release(b, 6);
        return wrong("the arrays of the entries do not belong together");
    }
    r.stored = b[0].buf;
    r.rows = b[1].buf;
    Py_BEGIN_ALLOW_THREADS
    CHOOSE(reverse)(&r, &out);
    Py_END_ALLOW_THREADS
    release(b, 6);
    return answer(&out);
}

/* trim(): what was freed goes back to the system; the C library keeps pieces below 32 MiB otherwise. */
static PyObject *py_trim(PyObject *self, PyObject *args) {
    (void)self;
    (void)args;
#ifdef __GLIBC__
    Py_BEGIN_ALLOW_THREADS
    malloc_trim(0);
    Py_END_ALLOW_THREADS
#endif
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"sort", py_sort, METH_VARARGS, NULL},       {"brute", py_brute, METH_VARARGS, NULL},
    {"search", py_search, METH_VARARGS, NULL},   {"locate", py_locate, METH_VARARGS, NULL},
    {"reverse", py_reverse, METH_VARARGS, NULL}, {"trim", py_trim, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static int executed(PyObject *module) { return PyModule_AddIntConstant(module, "VERSION", VERSION); }

static PyModuleDef_Slot slots[] = {{Py_mod_exec, executed}, {0, NULL}};

static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "_native", NULL, 0, methods, slots, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__native(void) { return PyModuleDef_Init(&definition); }
