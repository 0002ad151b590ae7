/* Calls functions by their names. It is the program of docs/c-api.md, with records, a list, and a check.

   callname LIBRARY SYMBOL [ARGUMENT...]          calls the function
   callname --list FILE                           prints the declarations of the exports of a library
   callname --claim TYPE LIBRARY SYMBOL [ARG...]  calls it if it has this type, in C; prints in what it differs */
#include <dlfcn.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ffitypecheck.h>

static void fail(const char *what, const char *why)
{
	fprintf(stderr, "callname: %s: %s\n", what, why);
	exit(1);
}

/* The type without typedefs and qualifiers. */
static const ftc_type *resolve(const ftc_types *types, ftc_type_id id)
{
	const ftc_type *type = ftc_type_get(types, id);
	if (type == NULL || (type = ftc_type_get(types, type->resolved)) == NULL)
		fail("type", ftc_last_error_message());
	return type;
}

/* The same, and for an enumeration its integer type. */
static const ftc_type *base(const ftc_types *types, ftc_type_id id)
{
	const ftc_type *type = resolve(types, id);
	return type->kind == FTC_TYPE_ENUMERATION ? resolve(types, type->target) : type;
}

static int is_float(const ftc_type *type, size_t size)
{
	return type->encoding == FTC_ENCODING_FLOAT && type->size == size;
}

static int is_integer(const ftc_type *type)
{
	return type->encoding >= FTC_ENCODING_BOOLEAN && type->encoding <= FTC_ENCODING_UTF && type->size <= 8;
}

static int is_signed(const ftc_type *type)
{
	return type->encoding == FTC_ENCODING_SIGNED || type->encoding == FTC_ENCODING_SIGNED_CHAR;
}

/* Reads an integer. The first bytes of an int64_t are those of a narrower one. */
static int64_t integer(const ftc_type *type, const void *at)
{
	int shift = 64 - 8 * (int)type->size;
	uint64_t bits = 0;
	memcpy(&bits, at, type->size);
	return is_signed(type) ? (int64_t)(bits << shift) >> shift : (int64_t)bits;
}

static void convert(const ftc_types *types, ftc_type_id id, char *text, int64_t *at)
{
	const ftc_type *type = base(types, id);
	const ftc_enumerator *constant = ftc_type_find_enumerator(types, resolve(types, id)->resolved, text);
	char *end = text;

	errno = 0;
	if (constant != NULL || type->kind == FTC_TYPE_POINTER) {
		*at = constant != NULL ? constant->value : strcmp(text, "NULL") == 0 ? 0 : (intptr_t)text;
		return;
	}
	if (is_float(type, sizeof(float)))
		*(float *)at = strtof(text, &end);
	else if (is_float(type, sizeof(double)))
		*(double *)at = strtod(text, &end);
	else if (is_integer(type))
		*at = is_signed(type) ? strtoll(text, &end, 0) : (int64_t)strtoull(text, &end, 0);
	if (end == text || *end != '\0' || errno != 0 || (is_integer(type) && integer(type, at) != *at))
		fail(text, ftc_type_spelling(types, id));
}

/* A variadic argument has no declared type. It is an int, a double or a string, as its text looks. */
static ffi_type *guess(char *text, int64_t *at)
{
	char *end;
	*at = strtol(text, &end, 0);
	if (end != text && *end == '\0')
		return &ffi_type_sint;
	*(double *)at = strtod(text, &end);
	if (end != text && *end == '\0')
		return &ffi_type_double;
	*(char **)at = text;
	return &ffi_type_pointer;
}

static void print(const ftc_types *types, ftc_type_id id, const void *at);

static void print_record(const ftc_types *types, const ftc_type *type, const char *at)
{
	const ftc_member *member;
	for (uint32_t i = 0; (member = ftc_type_member(types, type->resolved, i)) != NULL; i++) {
		printf("%s%s = ", i == 0 ? "{" : ", ", member->name != NULL ? member->name : "");
		if (member->flags & FTC_MEMBER_BIT_FIELD)
			printf("(%d bits)", (int)member->bit_width);
		else
			print(types, member->type_id, at + member->offset);
	}
	printf("}");
}

/* Prints the value in memory. */
static void print(const ftc_types *types, ftc_type_id id, const void *at)
{
	const ftc_type *type = base(types, id);
	const ftc_enumerator *constant;

	if (is_float(type, sizeof(float))) {
		printf("%g", *(const float *)at);
	} else if (is_float(type, sizeof(double))) {
		printf("%.15g", *(const double *)at);
	} else if (is_integer(type)) {
		printf(is_signed(type) ? "%" PRId64 : "%" PRIu64, integer(type, at));
		id = resolve(types, id)->resolved;
		for (uint32_t i = 0; (constant = ftc_type_enumerator(types, id, i)) != NULL; i++)
			if (constant->value == integer(type, at))
				printf(" %s", constant->name);
	} else if (type->kind == FTC_TYPE_POINTER) {
		int is_text = base(types, type->target)->size == 1 && *(char *const *)at != NULL;
		printf(is_text ? "\"%s\"" : "%p", *(char *const *)at);
	} else if (type->kind == FTC_TYPE_STRUCT || type->kind == FTC_TYPE_UNION) {
		print_record(types, type, at);
	} else {
		printf("(%s)", ftc_type_spelling(types, id));
	}
}

static int list(const char *path)
{
	ftc_library *library;
	const ftc_export *symbol;
	const ftc_decl *decl;
	char name[1024];

	if (ftc_library_open(path, &library) != FTC_OK)
		fail(path, ftc_last_error_message());
	for (size_t i = 0; (symbol = ftc_library_export(library, i)) != NULL; i++) {
		snprintf(name, sizeof name, symbol->version ? "%s@%s" : "%s", symbol->name, symbol->version);
		if (ftc_library_describe(library, name, &decl) == FTC_OK)
			printf("%s;\n", ftc_decl_spelling(decl));
		else
			printf("/* %s: %s */\n", name, ftc_strerror(ftc_last_error()));
		ftc_decl_free(decl);
	}
	ftc_library_free(library);
	return 0;
}

/* Prints in what the caller's declaration differs, and ends the program if the call would do harm. */
static void check(const ftc_decl *decl, const char *text)
{
	ftc_claim *claim = ftc_claim_new();
	ftc_type_id claimed = ftc_claim_parse(claim, text);
	const ftc_report *report;
	const ftc_finding *finding;

	if (claimed == FTC_NO_TYPE || ftc_check_decl(decl, ftc_claim_types(claim), claimed, NULL, &report) != FTC_OK)
		fail(text, ftc_last_error_message());
	printf("%s\n", ftc_verdict_name(ftc_report_verdict(report)));
	for (size_t i = 0; (finding = ftc_report_finding(report, i)) != NULL; i++)
		printf("%s\n", finding->sentence);
	if (!ftc_report_passes(report))
		exit(1);
	ftc_report_free(report);
	ftc_claim_free(claim);
}

int main(int argc, char **argv)
{
	const char *claim = argc > 2 && strcmp(argv[1], "--claim") == 0 ? argv[2] : NULL;
	if (argc == 3 && strcmp(argv[1], "--list") == 0)
		return list(argv[2]);
	argc -= claim != NULL ? 2 : 0;
	argv += claim != NULL ? 2 : 0;
	void *handle = argc > 2 ? dlopen(argv[1], RTLD_NOW) : NULL;
	int64_t values[64];
	void *arguments[64];
	ffi_type *variadic[64];
	const ftc_decl *decl;
	ffi_cif cif;

	if (handle == NULL || argc > 64)
		fail("LIBRARY SYMBOL [ARGUMENT...]", handle == NULL && argc > 2 ? dlerror() : "wrong number of arguments");
	if (ffi_describe_symbol(handle, argv[2], &decl) != FTC_OK)
		fail(argv[2], ftc_last_error_message());
	if (claim != NULL)
		check(decl, claim);
	const ftc_types *types = ftc_decl_types(decl);
	const ftc_type *function = resolve(types, ftc_decl_type(decl));
	uint32_t count = (uint32_t)argc - 3, declared = function->count;
	if (ftc_decl_kind(decl) != FTC_DECL_FUNCTION || count < declared)
		fail(ftc_decl_spelling(decl), "not a function with so few arguments");
	for (uint32_t i = 0; i < count; i++) {
		arguments[i] = &values[i];
		if (i < declared)
			convert(types, ftc_type_parameter(types, function->resolved, i)->type_id, argv[3 + i], &values[i]);
		else
			variadic[i - declared] = guess(argv[3 + i], &values[i]);
	}
	if (ftc_decl_prep_cif_var(decl, &cif, FFI_DEFAULT_ABI, count - declared, variadic) != FTC_OK)
		fail(argv[2], ftc_last_error_message());
	/* libffi writes an integer that is narrower than ffi_arg as a whole ffi_arg. */
	void *result = calloc(1, cif.rtype->size + sizeof(ffi_arg));
	ffi_call(&cif, FFI_FN(ftc_decl_address(decl)), result, arguments);
	print(types, function->target, result);
	printf("\n");
	ftc_decl_free(decl);
	return 0;
}
