/* Stands between a program of libffi's test suite and libffi.
   A cif is prepared before its function is known: it is prepared by the checked functions without a declaration, and what
   the program said of it is kept. In ffi_call the function is known: its declaration is looked up by its address, the same
   preparation is done once more, held against that declaration, and the cif that comes of it makes the call. After a
   mismatch there is none, and the program's own cif makes the call, so that the test goes on.
   What happened goes to the file that LIBFFI_SUITE_LOG names, a line each, its fields separated by tabs:
     prepared  STATUS                       a cif was prepared, without a declaration
     call      VERDICT  FUNCTION  WHAT      WHAT: the declaration, or why there is none
     finding   VERDICT  RULE  POSITION  SENTENCE   of the call before it
     again     N                            the call before it was made N times more; only after a MATCH
     closure   held | unheld                whether a call was checked with its cif before; nothing declares a closure */
#define CHECKED_C
#include "checked.h"

#include <ffitypecheck.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What a program said when it prepared a cif. */
struct prepared {
    const ffi_cif *cif;
    ffi_abi abi;
    /* The number of fixed arguments; -1: not variadic. */
    int fixed;
    int held;
};

static struct prepared prepared[256];
static size_t prepared_count;

/* A function that was called, and its declaration. */
struct called {
    void (*fn)(void);
    const ftc_decl *decl;
};

static struct called called[256];
static size_t called_count;

/* The last call that was a MATCH, and how often it was made since it was logged. */
static struct {
    const struct prepared *cif;
    void (*fn)(void);
    unsigned long again;
} matched;

static void stop(const char *why)
{
    fprintf(stderr, "checked.c: %s\n", why);
    abort();
}

static FILE *log_file(void);

static void log_repetitions(void)
{
    if (matched.again)
        fprintf(log_file(), "again\t%lu\n", matched.again);
    memset(&matched, 0, sizeof matched);
}

static FILE *log_file(void)
{
    static FILE *file;
    if (!file) {
        const char *path = getenv("LIBFFI_SUITE_LOG");
        file = path ? fopen(path, "ae") : NULL;
        if (!file)
            stop("cannot write the file that LIBFFI_SUITE_LOG names");
        /* The program may end by abort(). */
        setvbuf(file, NULL, _IOLBF, 0);
        atexit(log_repetitions);
    }
    return file;
}

static struct prepared *find(const ffi_cif *cif)
{
    for (size_t i = 0; i < prepared_count; i++)
        if (prepared[i].cif == cif)
            return &prepared[i];
    return NULL;
}

static ffi_status keep(ffi_status status, const ffi_cif *cif, ffi_abi abi, int fixed, const ftc_report *report)
{
    if (report && ftc_report_verdict(report) != FTC_UNVERIFIED)
        stop("without a declaration the verdict is not UNVERIFIED");
    ftc_report_free(report);
    log_repetitions();
    fprintf(log_file(), "prepared\t%d\n", (int)status);
    if (status != FFI_OK)
        return status;
    struct prepared *entry = find(cif);
    if (!entry) {
        if (prepared_count == sizeof prepared / sizeof *prepared)
            stop("more cifs than there is room for");
        entry = &prepared[prepared_count++];
    }
    *entry = (struct prepared){cif, abi, fixed, 0};
    return status;
}

ffi_status checked_prep_cif(ffi_cif *cif, ffi_abi abi, unsigned int nargs, ffi_type *rtype, ffi_type **atypes)
{
    const ftc_report *report;
    ffi_status status = ffi_prep_cif_checked(cif, abi, nargs, rtype, atypes, NULL, &report);
    return keep(status, cif, abi, -1, report);
}

ffi_status checked_prep_cif_var(ffi_cif *cif, ffi_abi abi, unsigned int nfixedargs, unsigned int ntotalargs,
                                ffi_type *rtype, ffi_type **atypes)
{
    const ftc_report *report;
    ffi_status status = ffi_prep_cif_var_checked(cif, abi, nfixedargs, ntotalargs, rtype, atypes, NULL, &report);
    return keep(status, cif, abi, (int)nfixedargs, report);
}

static void log_finding(const ftc_finding *finding)
{
    char position[32];
    switch (finding->position) {
    case FTC_POSITION_RESULT: strcpy(position, "result"); break;
    case FTC_POSITION_ARGUMENT: snprintf(position, sizeof position, "argument %u", finding->argument); break;
    default: strcpy(position, "call"); break;
    }
    fprintf(log_file(), "finding\t%s\t%s\t%s\t%s\n", ftc_verdict_name(finding->verdict), finding->rule_id, position,
            finding->sentence);
}

static void log_call(const ftc_decl *decl, const ftc_report *report)
{
    fprintf(log_file(), "call\t%s\t%s\t%s\n", ftc_verdict_name(ftc_report_verdict(report)),
            decl ? ftc_decl_symbol(decl) : "-", decl ? ftc_decl_spelling(decl) : ftc_last_error_message());
    for (size_t i = 0; i < ftc_report_count(report); i++) {
        const ftc_finding *finding = ftc_report_finding(report, i);
        if (!finding)
            stop("a finding cannot be read");
        log_finding(finding);
    }
}

/* NULL where there is none. Declarations are kept for the next call, as a runtime would; a function's code stays, but a closure's
   address may come back as another's, so that nothing is kept of those. */
static const ftc_decl *describe(void (*fn)(void))
{
    for (size_t i = 0; i < called_count; i++)
        if (called[i].fn == fn)
            return called[i].decl;
    const void *address;
    memcpy(&address, &fn, sizeof address);
    const ftc_decl *decl;
    if (ftc_describe_address(address, &decl) != FTC_OK)
        return NULL;
    if (called_count == sizeof called / sizeof *called)
        stop("more functions than there is room for");
    called[called_count++] = (struct called){fn, decl};
    return decl;
}

/* Prepares the cif anew, held against the function's declaration; gives the program's own cif after a mismatch. */
static ffi_cif *held(ffi_cif *cif, void (*fn)(void), ffi_cif *fresh)
{
    struct prepared *entry = find(cif);
    if (!entry)
        stop("a call with a cif that was never prepared");
    const ftc_decl *decl = describe(fn);
    const ftc_report *report;
    ffi_status status;
    if (entry->fixed < 0)
        status = ffi_prep_cif_checked(fresh, entry->abi, cif->nargs, cif->rtype, cif->arg_types, decl, &report);
    else
        status = ffi_prep_cif_var_checked(fresh, entry->abi, (unsigned int)entry->fixed, cif->nargs, cif->rtype,
                                          cif->arg_types, decl, &report);
    ftc_verdict verdict = ftc_report_verdict(report);
    int mismatch = verdict == FTC_MISMATCH;
    if (verdict == FTC_MATCH && matched.cif == entry && matched.fn == fn) {
        matched.again++;
    } else {
        log_repetitions();
        log_call(decl, report);
        if (verdict == FTC_MATCH) {
            matched.cif = entry;
            matched.fn = fn;
        }
    }
    if (status != (mismatch ? FFI_BAD_ARGTYPE : FFI_OK))
        stop("the status of the checked preparation is not that of its verdict");
    entry->held = decl != NULL;
    ftc_report_free(report);
    return mismatch ? cif : fresh;
}

void checked_call(ffi_cif *cif, void (*fn)(void), void *rvalue, void **avalue)
{
    ffi_cif fresh;
    ffi_call(held(cif, fn, &fresh), fn, rvalue, avalue);
}

void checked_call_go(ffi_cif *cif, void (*fn)(void), void *rvalue, void **avalue, void *chain)
{
    ffi_cif fresh;
    ffi_call_go(held(cif, fn, &fresh), fn, rvalue, avalue, chain);
}

ffi_status checked_prep_closure_loc(ffi_closure *closure, ffi_cif *cif,
                                    void (*fun)(ffi_cif *, void *, void **, void *), void *user_data, void *codeloc)
{
    const struct prepared *entry = find(cif);
    fprintf(log_file(), "closure\t%s\n", entry && entry->held ? "held" : "unheld");
    return ffi_prep_closure_loc(closure, cif, fun, user_data, codeloc);
}
