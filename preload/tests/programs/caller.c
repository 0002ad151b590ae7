/* Calls through libffi. The first argument says which. Each case returns 0 if the calls did what they should. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <ffi.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

extern void *__libc_malloc(size_t);

static __thread int judging;
static int mallocs;

/* Counts the calls of malloc during a call through libffi. */
void *malloc(size_t size)
{
    if (judging)
        __atomic_add_fetch(&mallocs, 1, __ATOMIC_RELAXED);
    return __libc_malloc(size);
}

typedef void (*function)(void);

static void *callee;

static function find(const char *name)
{
    function found;
    *(void **)&found = dlsym(callee, name);
    if (!found)
        exit(100);
    return found;
}

/* Calls a function of one argument. */
static void call(function f, ffi_type *result_type, void *result, ffi_type *type, void *value)
{
    ffi_cif cif;
    ffi_type *types[] = {type};
    void *values[] = {value};
    if (ffi_prep_cif(&cif, FFI_DEFAULT_ABI, 1, result_type, types) != FFI_OK)
        exit(101);
    ffi_call(&cif, f, result, values);
}

static int twice(ffi_type *type)
{
    long value = 21;
    ffi_arg result = 0;
    call(find("twice"), &ffi_type_slong, &result, type, &value);
    return result != 42;
}

static int right(void)
{
    ffi_type *members[] = {&ffi_type_double, &ffi_type_double, NULL};
    ffi_type point = {0, 0, FFI_TYPE_STRUCT, members};
    double corner[] = {2, 3}, area = 0;
    call(find("area"), &ffi_type_double, &area, &point, corner);
    return area != 6 || twice(&ffi_type_slong) || twice(&ffi_type_slong);
}

static int wrong(void)
{
    return twice(&ffi_type_sint) || twice(&ffi_type_sint);
}

/* A function without a result: read as int, as some runtimes do, and as long. */
static int of_void(void)
{
    ffi_cif cif;
    ffi_arg result;
    if (ffi_prep_cif(&cif, FFI_DEFAULT_ABI, 0, &ffi_type_sint, NULL) != FFI_OK)
        return 1;
    ffi_call(&cif, find("nothing"), &result, NULL);
    return 0;
}

/* Prepares a variadic call and makes it: as fixed, as variadic, and by a copy of the cif. */
static int variadic(void)
{
    ffi_cif cif;
    ffi_type *types[] = {&ffi_type_sint, &ffi_type_sint, &ffi_type_sint};
    int numbers[] = {2, 40, 2};
    void *values[] = {&numbers[0], &numbers[1], &numbers[2]};
    ffi_arg result = 0;
    if (ffi_prep_cif_var(&cif, FFI_DEFAULT_ABI, 1, 3, &ffi_type_sint, types) != FFI_OK)
        return 1;
    ffi_call(&cif, find("total"), &result, values);
    if ((int)result != 42)
        return 2;
    ffi_cif *copy = malloc(sizeof *copy);
    *copy = cif;
    ffi_call(copy, find("total"), &result, values);
    return (int)result != 42;
}

static int variadic_as_fixed(void)
{
    ffi_cif cif;
    ffi_type *types[] = {&ffi_type_sint, &ffi_type_sint};
    int numbers[] = {1, 42};
    void *values[] = {&numbers[0], &numbers[1]};
    ffi_arg result = 0;
    if (ffi_prep_cif(&cif, FFI_DEFAULT_ABI, 2, &ffi_type_sint, types) != FFI_OK)
        return 1;
    ffi_call(&cif, find("total"), &result, values);
    return (int)result != 42;
}

/* The memory of one cif and of its types is used for another one. */
static int reused(void)
{
    ffi_cif cif;
    ffi_type *types[] = {&ffi_type_slong};
    long value = 21;
    void *values[] = {&value};
    ffi_arg result = 0;
    for (int i = 0; i < 2; i++) {
        if (ffi_prep_cif(&cif, FFI_DEFAULT_ABI, 1, &ffi_type_slong, types) != FFI_OK)
            return 1;
        ffi_call(&cif, find("twice"), &result, values);
        types[0] = &ffi_type_sint;
    }
    return result != 42;
}

static void negate(ffi_cif *cif, void *result, void **values, void *data)
{
    (void)cif, (void)data;
    *(ffi_sarg *)result = -*(int *)values[0];
}

/* A closure is called through libffi: no library has its code. */
static int closure(void)
{
    void *code;
    ffi_closure *made = ffi_closure_alloc(sizeof *made, &code);
    ffi_cif cif;
    ffi_type *types[] = {&ffi_type_sint};
    int value = 5;
    ffi_sarg result = 0;
    if (ffi_prep_cif(&cif, FFI_DEFAULT_ABI, 1, &ffi_type_sint, types) != FFI_OK ||
        ffi_prep_closure_loc(made, &cif, negate, NULL, code) != FFI_OK)
        return 1;
    function f;
    *(void **)&f = code;
    call(f, &ffi_type_sint, &result, &ffi_type_sint, &value);
    ffi_closure_free(made);
    return result != -5;
}

static void *many_calls(void *failed)
{
    char name[16];
    for (int i = 0; i < 2000; i++) {
        long value = 1;
        ffi_arg result = 0;
        int number = 10 + i % 40;
        snprintf(name, sizeof name, "number_%d", number);
        call(find(name), &ffi_type_slong, &result, i % 3 ? &ffi_type_slong : &ffi_type_sint, &value);
        if ((long)result != number + 1)
            *(int *)failed = 1;
    }
    return NULL;
}

static int threads(void)
{
    pthread_t started[8];
    int failed = 0;
    for (int i = 0; i < 8; i++)
        pthread_create(&started[i], NULL, many_calls, &failed);
    for (int i = 0; i < 8; i++)
        pthread_join(started[i], NULL);
    return failed;
}

enum { NUMBERS = 40, TYPES = 11 };

/* Calls 440 pairs once, from the one with the number at `first` on. */
static void *many_pairs(void *first)
{
    ffi_type *types[TYPES] = {&ffi_type_uint8, &ffi_type_sint8, &ffi_type_uint16, &ffi_type_sint16,
                              &ffi_type_uint32, &ffi_type_sint32, &ffi_type_uint64, &ffi_type_sint64,
                              &ffi_type_float, &ffi_type_double, &ffi_type_pointer};
    char name[16];
    for (int i = 0; i < NUMBERS * TYPES; i++) {
        long value = 0;
        ffi_arg result;
        int pair = (*(int *)first + i) % (NUMBERS * TYPES);
        snprintf(name, sizeof name, "number_%d", 10 + pair % NUMBERS);
        call(find(name), &ffi_type_slong, &result, types[pair / NUMBERS], &value);
    }
    return NULL;
}

/* Forks while other threads judge one pair after the other. Each child calls on. */
static int forks(void)
{
    pthread_t started[4];
    int first[4];
    for (int i = 0; i < 4; i++) {
        first[i] = i * NUMBERS * TYPES / 4;
        pthread_create(&started[i], NULL, many_pairs, &first[i]);
    }
    for (int i = 0; i < 20; i++) {
        int status;
        pid_t child = fork();
        if (!child) {
            /* A child that waits for a lock ends with its parent, which the alarm ends. */
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            _exit(twice(&ffi_type_sint));
        }
        if (waitpid(child, &status, 0) != child || status)
            return 1;
    }
    for (int i = 0; i < 4; i++)
        pthread_join(started[i], NULL);
    return 0;
}

static const char *libraries[2];

/* Another library is loaded to the place of one that was unloaded. */
static int unload(void)
{
    function before = NULL;
    for (int i = 0; i < 2; i++) {
        callee = dlopen(libraries[i], RTLD_NOW);
        function f = find("same_place");
        if (before && f != before)
            return 2;
        before = f;
        long value = 3;
        ffi_arg result = 0;
        call(f, &ffi_type_slong, &result, &ffi_type_slong, &value);
        dlclose(callee);
    }
    return 0;
}

static volatile sig_atomic_t handled;

/* Calls a function that was not called before. */
static void handle(int signal)
{
    (void)signal;
    static char name[] = "number_10";
    long value = 1;
    ffi_arg result = 0;
    name[7] = (char)('1' + handled / 10 % 4);
    name[8] = (char)('0' + handled % 10);
    function f;
    *(void **)&f = dlsym(callee, name);
    call(f, &ffi_type_slong, &result, &ffi_type_sint, &value);
    handled = handled + 1;
}

/* A handler calls through libffi while it interrupts malloc. */
static int signals(void)
{
    struct sigaction action = {.sa_handler = handle, .sa_flags = SA_RESTART};
    sigaction(SIGALRM, &action, NULL);
    struct itimerval often = {{0, 500}, {0, 500}}, never = {{0, 0}, {0, 0}};
    setitimer(ITIMER_REAL, &often, NULL);
    void *kept[64] = {0};
    for (unsigned i = 0; handled < 400; i++) {
        free(kept[i % 64]);
        kept[i % 64] = malloc(i * 37 % 5000);
    }
    setitimer(ITIMER_REAL, &never, NULL);
    return 0;
}

static int keeps_errno(void)
{
    ffi_cif cif;
    ffi_arg result = 0;
    if (ffi_prep_cif(&cif, FFI_DEFAULT_ABI, 0, &ffi_type_sint, NULL) != FFI_OK)
        return 1;
    for (int i = 0; i < 2; i++) {
        function f = find("read_errno");
        errno = 77;
        ffi_call(&cif, f, &result, NULL);
        if ((int)result != 77 || errno != 77)
            return 2;
    }
    return 0;
}

static int jumps(void)
{
    static jmp_buf where;
    void *place = where;
    if (setjmp(where))
        return twice(&ffi_type_sint);
    call(find("leave"), &ffi_type_void, NULL, &ffi_type_pointer, &place);
    return 1;
}

static void *cancelled(void *reached)
{
    pthread_cancel(pthread_self());
    twice(&ffi_type_sint);
    *(int *)reached = 1;
    pthread_testcancel();
    return NULL;
}

/* To judge is no cancellation point. */
static int cancels(void)
{
    pthread_t thread;
    int reached = 0;
    void *result;
    find("twice");
    pthread_create(&thread, NULL, cancelled, &reached);
    pthread_join(thread, &result);
    return !reached || result != PTHREAD_CANCELED || twice(&ffi_type_slong);
}

static int without_malloc(void)
{
    function f = find("twice");
    long value = 21;
    ffi_arg result = 0;
    judging = 1;
    call(f, &ffi_type_slong, &result, &ffi_type_sint, &value);
    judging = 0;
    return mallocs != 0;
}

static int raw(void)
{
    ffi_cif cif;
    ffi_type *types[] = {&ffi_type_sint};
    ffi_raw value = {.sint = 21};
    ffi_arg result = 0;
    if (ffi_prep_cif(&cif, FFI_DEFAULT_ABI, 1, &ffi_type_slong, types) != FFI_OK)
        return 1;
    ffi_raw_call(&cif, find("twice"), &result, &value);
    return result != 42;
}

static long halve(int value)
{
    return value / 2;
}

/* A static function of the program. */
static int own(void)
{
    long value = 84;
    ffi_arg result = 0;
    call((function)halve, &ffi_type_slong, &result, &ffi_type_double, &value);
    return 0;
}

/* Calls before main. */
__attribute__((constructor)) static void early(void)
{
    long value = 84;
    ffi_arg result = 0;
    if (getenv("EARLY"))
        call((function)halve, &ffi_type_slong, &result, &ffi_type_sint, &value);
}

/* Calls one known pair a number of times. */
static int repeat(long count)
{
    ffi_cif cif;
    ffi_type *types[] = {&ffi_type_slong};
    long value = 21;
    void *values[] = {&value};
    ffi_arg result = 0;
    if (ffi_prep_cif(&cif, FFI_DEFAULT_ABI, 1, &ffi_type_slong, types) != FFI_OK)
        return 1;
    function f = find("twice");
    while (count--)
        ffi_call(&cif, f, &result, values);
    return 0;
}

static long repetitions;

static void *repeat_in_thread(void *unused)
{
    (void)unused;
    repeat(repetitions);
    return NULL;
}

int main(int count, char **arguments)
{
    static const struct {
        const char *name;
        int (*run)(void);
    } cases[] = {
        {"right", right}, {"wrong", wrong}, {"void", of_void}, {"variadic", variadic},
        {"variadic-as-fixed", variadic_as_fixed}, {"reused", reused}, {"closure", closure}, {"threads", threads},
        {"forks", forks}, {"unload", unload}, {"signals", signals}, {"errno", keeps_errno}, {"jumps", jumps},
        {"cancels", cancels}, {"without-malloc", without_malloc}, {"raw", raw}, {"own", own},
    };
    if (count < 5)
        return 102;
    callee = dlopen(arguments[2], RTLD_NOW);
    libraries[0] = arguments[3];
    libraries[1] = arguments[4];
    alarm(60);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (!strcmp(arguments[1], cases[i].name))
            return cases[i].run();
    /* repeat CALLEE - - CALLS THREADS */
    if (!strcmp(arguments[1], "repeat") && count == 7) {
        pthread_t started[64];
        int threads = atoi(arguments[6]);
        repetitions = atol(arguments[5]);
        for (int i = 1; i < threads && i < 64; i++)
            pthread_create(&started[i], NULL, repeat_in_thread, NULL);
        repeat(repetitions);
        for (int i = 1; i < threads && i < 64; i++)
            pthread_join(started[i], NULL);
        return 0;
    }
    return 103;
}
