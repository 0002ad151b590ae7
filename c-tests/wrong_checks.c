/* Wrong arguments of the checks, and wrong fields of their options. */
#include "claims.h"
#include "wrong_arguments.h"

static const ftc_decl *decl;
static const ftc_memory memory = FTC_MEMORY_INIT;
static ftc_check_opts opts;
static ftc_memory wrong;

#define INVALID(argument, call, word) REFUSED(argument, call, FTC_ERR_INVALID_ARGUMENT, word)
#define IS_NULL(argument, call, word) REFUSED(argument, call, FTC_ERR_NULL, word)

static void declarations(void)
{
	IS_NULL(decl, ftc_check_decl(NULL, claim_types, type_int, NULL, &report_out), "'decl'");
	IS_NULL(types, ftc_check_decl(decl, NULL, type_int, NULL, &report_out), "'types'");
	INVALID(claimed, ftc_check_decl(decl, claim_types, 100000, NULL, &report_out), "100000 is no type");
	INVALID(claimed, ftc_check_decl(decl, claim_types, FTC_NO_TYPE, NULL, &report_out), "FTC_NO_TYPE");
	IS_NULL(report_out, ftc_check_decl(decl, claim_types, type_int, NULL, NULL), "'report_out'");
}

static void types(const ftc_types *declared)
{
	IS_NULL(declared_types, ftc_check_type(NULL, 0, claim_types, 0, NULL, &report_out), "'types'");
	INVALID(declared, ftc_check_type(declared, 100000, claim_types, 0, NULL, &report_out), "100000 is no type");
	INVALID(declared, ftc_check_type(declared, FTC_NO_TYPE, claim_types, 0, NULL, &report_out), "FTC_NO_TYPE");
	IS_NULL(types, ftc_check_type(declared, 0, NULL, 0, NULL, &report_out), "'types'");
	INVALID(claimed, ftc_check_type(declared, 0, claim_types, 100000, NULL, &report_out), "100000 is no type");
	INVALID(claimed, ftc_check_type(declared, 0, claim_types, FTC_NO_TYPE, NULL, &report_out), "FTC_NO_TYPE");
	IS_NULL(report_out, ftc_check_type(declared, 0, claim_types, 0, NULL, NULL), "'report_out'");
}

static void arguments(void)
{
	IS_NULL(decl, ftc_check_argument(NULL, 1, NULL, 0, &memory, NULL, &report_out), "'decl'");
	ALLOWED(argument, ftc_check_argument(decl, 99, NULL, 0, &memory, NULL, &report_out) == FTC_OK);
	CHECK_NUMBER(ftc_report_verdict(report_out), FTC_MATCH);
	ftc_report_free(report_out);
	IS_NULL(types, ftc_check_argument(decl, 1, NULL, type_int, &memory, NULL, &report_out), "'types'");
	INVALID(made, ftc_check_argument(decl, 1, claim_types, 100000, &memory, NULL, &report_out), "100000 is no type");
	INVALID(made, ftc_check_argument(decl, 1, claim_types, FTC_NO_TYPE, &memory, NULL, &report_out), "FTC_NO_TYPE");
	IS_NULL(memory, ftc_check_argument(decl, 1, NULL, 0, NULL, NULL, &report_out), "'memory'");
	IS_NULL(report_out, ftc_check_argument(decl, 1, NULL, 0, &memory, NULL, NULL), "'report_out'");

	for (int i = 0; i < FLAGS; i++)
		if (every_flag[i] != FTC_MEMORY_OWNED) {
			wrong = (ftc_memory){.type_size = sizeof wrong, .flags = every_flag[i]};
			INVALID(memory, ftc_check_argument(decl, 1, NULL, 0, &wrong, NULL, &report_out), "flags");
		}
	wrong = (ftc_memory){.type_size = sizeof wrong, .reserved_flags = 1};
	INVALID(memory, ftc_check_argument(decl, 1, NULL, 0, &wrong, NULL, &report_out), "reserved");
	wrong = (ftc_memory){.type_size = sizeof wrong - 1};
	INVALID(memory, ftc_check_argument(decl, 1, NULL, 0, &wrong, NULL, &report_out), "type_size");
}

/* The same options are refused by each of the functions that take them. */
static void refused(ftc_status status, const char *word)
{
	REFUSED(opts, ftc_check_decl(decl, claim_types, type_int, &opts, &report_out), status, word);
	REFUSED(opts, ftc_check_type(claim_types, type_int, claim_types, type_int, &opts, &report_out), status, word);
	REFUSED(opts, ftc_check_argument(decl, 1, NULL, 0, &memory, &opts, &report_out), status, word);
}

static void options(void)
{
	const uint32_t known = FTC_CHECK_STRICT | FTC_CHECK_REQUIRE | FTC_CHECK_OWNER_CALLER | FTC_CHECK_OWNER_LIBRARY;
	const char *names[] = {"no-such-rule", NULL, ""};
	opts = (ftc_check_opts){.type_size = 0};
	refused(FTC_ERR_INVALID_ARGUMENT, "type_size");
	opts.type_size = sizeof opts - 1;
	refused(FTC_ERR_INVALID_ARGUMENT, "type_size");
	opts.type_size = SIZE_MAX;
	refused(FTC_ERR_INVALID_ARGUMENT, "type_size");
	opts.type_size = sizeof opts;
	for (int i = 0; i < FLAGS; i++)
		if ((every_flag[i] & known) == 0) {
			opts.flags = every_flag[i];
			refused(FTC_ERR_INVALID_ARGUMENT, "flags");
		}
	opts.flags = FTC_CHECK_OWNER_CALLER | FTC_CHECK_OWNER_LIBRARY;
	refused(FTC_ERR_INVALID_ARGUMENT, "owner");
	opts = (ftc_check_opts){.type_size = sizeof opts, .reserved_flags = 1};
	refused(FTC_ERR_INVALID_ARGUMENT, "reserved");
	for (int i = 0; i < 4; i++) {
		opts = (ftc_check_opts)FTC_CHECK_OPTS_INIT;
		opts.reserved[i] = 1;
		refused(FTC_ERR_INVALID_ARGUMENT, "reserved");
	}
	opts = (ftc_check_opts){.type_size = sizeof opts, .ignore = names, .ignore_count = 1};
	refused(FTC_ERR_INVALID_ARGUMENT, "'no-such-rule'");
	opts.ignore = &names[2];
	refused(FTC_ERR_INVALID_ARGUMENT, "''");
	opts.ignore = &names[1];
	refused(FTC_ERR_NULL, "'ignore'");
	opts.ignore = NULL;
	refused(FTC_ERR_NULL, "'ignore'");
	opts = (ftc_check_opts){.type_size = sizeof opts, .ignore = names, .ignore_count = SIZE_MAX};
	refused(FTC_ERR_INVALID_ARGUMENT, "memory");
}

int main(void)
{
	begin();
	decl = describe(library, "date_valid");
	declarations();
	types(ftc_decl_types(decl));
	arguments();
	options();
	ftc_decl_free(decl);
	return end();
}
