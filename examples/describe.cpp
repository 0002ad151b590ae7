// describe FILE SYMBOL...: prints declarations, and how each differs from `double (double)`.
#include <iostream>

#include "ffitypecheck.hpp"

int main(int argc, char **argv)
{
	try {
		auto library = ftc::make<ftc::library>(ftc_library_open, argc > 1 ? argv[1] : "");
		auto claim = ftc::claim(ftc::need(ftc_claim_new()));
		auto number = ftc_claim_base(claim.get(), FTC_ENCODING_FLOAT, sizeof(double), 0);
		auto function = ftc::need(ftc_claim_function(claim.get(), number, 1, &number, 0));
		for (int i = 2; i < argc; i++) {
			auto decl = ftc::make<ftc::decl>(ftc_library_describe, library.get(), argv[i]);
			auto types = ftc_claim_types(claim.get());
			auto options = (const ftc_check_opts *)nullptr;
			auto report = ftc::make<ftc::report>(ftc_check_decl, decl.get(), types, function, options);
			std::cout << ftc_decl_spelling(decl.get()) << '\n';
			for (size_t j = 0; j < ftc_report_count(report.get()); j++)
				std::cout << "  " << ftc_report_finding(report.get(), j)->sentence << '\n';
		}
	} catch (const ftc::error &error) {
		std::cerr << ftc_status_name(error.status) << ": " << error.what() << '\n';
		return 1;
	}
}
