/* first_lookup LIBRARY FUNCTION: loads the library, asks one of three readers for the function's type, and prints the
 * nanoseconds from after dlopen to the answer, then the answer: the number of parameters and the sizes of their types in bytes.
 * Compiled with -DREADER_FTC (libffitypecheck), -DREADER_CTF (libctf) or -DREADER_BTF (libbpf). */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { PARAMETERS = 32 };

struct answer {
    uint32_t count;
    uint64_t sizes[PARAMETERS];
};

static void fail(const char *what) {
    fprintf(stderr, "first_lookup: %s\n", what);
    exit(1);
}

#if defined(READER_FTC)
#include <ffitypecheck.h>

static void look_up(void *handle, const char *path, const char *name, struct answer *answer) {
    (void)path;
    const ftc_decl *decl;
    if (ffi_describe_symbol(handle, name, &decl) != FTC_OK) fail("ffi_describe_symbol");
    const ftc_types *types = ftc_decl_types(decl);
    const ftc_type *function = ftc_type_get(types, ftc_decl_type(decl));
    if (!function) fail("ftc_type_get");
    if (function->count > PARAMETERS) fail("parameters");
    answer->count = function->count;
    for (uint32_t i = 0; i < function->count; i++) {
        const ftc_parameter *parameter = ftc_type_parameter(types, ftc_decl_type(decl), i);
        const ftc_type *type = parameter ? ftc_type_get(types, parameter->type_id) : NULL;
        if (!type) fail("ftc_type_parameter");
        answer->sizes[i] = type->size;
    }
    /* The process ends: nothing is freed, with any of the readers. */
}

#elif defined(READER_CTF)
#include <ctf-api.h>

static void look_up(void *handle, const char *path, const char *name, struct answer *answer) {
    (void)handle;
    int error;
    ctf_archive_t *archive = ctf_open(path, NULL, &error);
    if (!archive) fail(ctf_errmsg(error));
    ctf_id_t function;
    ctf_dict_t *dict = ctf_arc_lookup_symbol_name(archive, name, &function, &error);
    if (!dict) fail(ctf_errmsg(error));
    ctf_funcinfo_t info;
    ctf_id_t parameters[PARAMETERS];
    if (ctf_func_type_info(dict, function, &info) != 0) fail("ctf_func_type_info");
    if (info.ctc_argc > PARAMETERS) fail("parameters");
    if (ctf_func_type_args(dict, function, PARAMETERS, parameters) != 0) fail("ctf_func_type_args");
    answer->count = info.ctc_argc;
    for (uint32_t i = 0; i < info.ctc_argc; i++) answer->sizes[i] = (uint64_t)ctf_type_size(dict, parameters[i]);
}

#elif defined(READER_BTF)
#include <bpf/btf.h>

static void look_up(void *handle, const char *path, const char *name, struct answer *answer) {
    (void)handle;
    struct btf *btf = btf__parse(path, NULL);
    if (!btf) fail("btf__parse");
    int32_t function = btf__find_by_name_kind(btf, name, BTF_KIND_FUNC);
    if (function < 0) fail("btf__find_by_name_kind");
    const struct btf_type *type = btf__type_by_id(btf, btf__type_by_id(btf, (uint32_t)function)->type);
    answer->count = btf_vlen(type);
    if (answer->count > PARAMETERS) fail("parameters");
    for (uint32_t i = 0; i < answer->count; i++)
        answer->sizes[i] = (uint64_t)btf__resolve_size(btf, btf_params(type)[i].type);
}

#else
#error "which reader?"
#endif

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

int main(int argc, char **argv) {
    if (argc != 3) fail("LIBRARY FUNCTION");
    void *handle = dlopen(argv[1], RTLD_NOW);
    if (!handle) fail(dlerror());
    struct answer answer;
    uint64_t begin = now();
    look_up(handle, argv[1], argv[2], &answer);
    uint64_t end = now();
    printf("%llu %u", (unsigned long long)(end - begin), answer.count);
    for (uint32_t i = 0; i < answer.count; i++) printf(" %llu", (unsigned long long)answer.sizes[i]);
    printf("\n");
    return 0;
}
