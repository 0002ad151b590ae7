/* The ffi_type of a single type: records by value in a variadic call, members of every kind, and what the caller builds
   itself. */
#include "claims.h"

struct point {
	int x;
	double y;
};

static void *shapes;

static ffi_type *of_type(const ftc_types *types, ftc_type_id id, size_t size, size_t alignment)
{
	ffi_type *type = ftc_type_ffi(types, id);
	CHECK_NUMBER(type->size, size);
	CHECK_NUMBER(type->alignment, alignment);
	CHECK(ftc_type_ffi(types, id) == type);
	return type;
}

/* double sum_points(int count, ...) gets struct point by value. The type comes from the library's own debug information. */
static void variadic(void)
{
	const ftc_decl *decl = describe(shapes, "sum_points"), *of_point = NULL;
	CHECK_NUMBER(ftc_describe_type(shapes, "struct point", 0, &of_point, NULL), FTC_OK);
	ffi_type *point = of_type(ftc_decl_types(of_point), ftc_decl_type(of_point), sizeof(struct point), 8);
	CHECK_NUMBER(point->type, FFI_TYPE_STRUCT);
	int count = 3;
	struct point a = {1, 0.5}, b = {20, 0.25}, c = {300, 0.125};
	double sum = 0;
	ffi_cif cif;
	CHECK_NUMBER(ftc_decl_prep_cif_var(decl, &cif, FFI_DEFAULT_ABI, 3, (ffi_type *[]){point, point, point}), FTC_OK);
	ffi_call(&cif, function(shapes, "sum_points"), &sum, (void *[]){&count, &a, &b, &c});
	CHECK(sum == 321.875);
	ftc_decl_free(of_point);
	ftc_decl_free(decl);
}

/* A cif that the caller prepares itself from the types of a claim. */
static void of_a_claim(void)
{
	ftc_type_id point = record("point", 16, FIELDS({"x", type_int, 0}, {"y", type_double, 8}));
	ffi_type *type = of_type(claim_types, point, 16, 8), *number = of_type(claim_types, type_double, 8, 8);
	ffi_type *arguments[] = {type, number};
	ffi_cif cif;
	struct point p = {21, 1.25}, scaled = {0, 0};
	double factor = 2;
	CHECK_NUMBER(ffi_prep_cif(&cif, FFI_DEFAULT_ABI, 2, type, arguments), FFI_OK);
	ffi_call(&cif, function(shapes, "scale"), &scaled, (void *[]){&p, &factor});
	CHECK_NUMBER(scaled.x, 42);
	CHECK(scaled.y == 2.5);

	CHECK_NUMBER(of_type(claim_types, type_uchar, 1, 1)->type, FFI_TYPE_UINT8);
	CHECK_NUMBER(of_type(claim_types, pointer(0), 8, 8)->type, FFI_TYPE_POINTER);
	CHECK_NUMBER(of_type(claim_types, base(FTC_ENCODING_FLOAT, 16), 16, 16)->type, FFI_TYPE_LONGDOUBLE);
	CHECK_NUMBER(of_type(claim_types, base(FTC_ENCODING_COMPLEX_FLOAT, 8), 8, 4)->type, FFI_TYPE_COMPLEX);
	/* Refused: what C does not pass by value, what has no size, what is not known, and what libffi has no type for. */
	CHECK_NULL(ftc_type_ffi(claim_types, array(type_int, 4)), FTC_ERR_UNSUPPORTED, "array");
	CHECK_NULL(ftc_type_ffi(claim_types, function_type(0, NO_TYPES)), FTC_ERR_UNSUPPORTED, "function");
	CHECK_NULL(ftc_type_ffi(claim_types, opaque("point")), FTC_ERR_UNSUPPORTED, "incomplete");
	CHECK_NULL(ftc_type_ffi(claim_types, any()), FTC_ERR_UNSUPPORTED, "converted at call time");
	CHECK_NULL(ftc_type_ffi(claim_types, ftc_claim_vector(claim, type_int, 4)), FTC_ERR_UNSUPPORTED, "vector");
}

int main(void)
{
	begin();
	shapes = open_library(FIXTURE("libshapes.so"));
	variadic();
	of_a_claim();
	dlclose(shapes);
	return end();
}
