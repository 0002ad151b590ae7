// libffitypecheck for C++11: objects that free themselves, and exceptions for failures.
#ifndef FFITYPECHECK_HPP
#define FFITYPECHECK_HPP

#include <memory>
#include <stdexcept>

#include <ffitypecheck.h>

namespace ftc {

struct error : std::runtime_error {
	ftc_status status = ftc_last_error();
	error() : std::runtime_error(ftc_last_error_message()) {}
};

struct free {
	void operator()(const ftc_decl *decl) const { ftc_decl_free(decl); }
	void operator()(const ftc_report *report) const { ftc_report_free(report); }
	void operator()(ftc_library *library) const { ftc_library_free(library); }
	void operator()(ftc_claim *claim) const { ftc_claim_free(claim); }
};

using decl = std::unique_ptr<const ftc_decl, free>;
using report = std::unique_ptr<const ftc_report, free>;
using library = std::unique_ptr<ftc_library, free>;
using claim = std::unique_ptr<ftc_claim, free>;

// What a function returned, unless it failed.
template <typename T> T *need(T *found) { return found ? found : throw error(); }
inline ftc_type_id need(ftc_type_id id) { return id != FTC_NO_TYPE ? id : throw error(); }
inline void need(ftc_status status) { return status == FTC_OK ? void() : throw error(); }

// What a function with these arguments and an `_out` after them makes: make<decl>(ffi_describe_symbol, handle, "qsort").
template <typename Object, typename Function, typename... Arguments>
Object make(Function function, Arguments... arguments)
{
	typename Object::pointer made;
	need(function(arguments..., &made));
	return Object(made);
}

}

#endif
