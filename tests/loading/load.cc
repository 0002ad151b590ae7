// Loads a library and looks whether it is whole in memory: its program headers are those of its file, and the unwinder finds its
// functions by them.
//
// usage: load LIBRARY [FUNCTION]
//
// FUNCTION of the library calls what it is given: an exception is thrown through it. One is always thrown through libc's qsort.
// Prints how many exported functions it has, and how many of them the unwinder knows.
// Status 2: the library cannot be loaded; 1: it is not whole.

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <vector>

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <sys/stat.h>

// libgcc's, in none of its headers.
struct dwarf_eh_bases {
	void *text, *data, *function;
};
extern "C" const void *_Unwind_Find_FDE(void *, struct dwarf_eh_bases *);

namespace {

struct Loaded {
	const char *path;
	dl_phdr_info info;
	bool found;
};

bool same_file(const char *one, const char *other)
{
	struct stat a, b;
	return stat(one, &a) == 0 && stat(other, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

int find(dl_phdr_info *info, size_t, void *data)
{
	auto *loaded = static_cast<Loaded *>(data);
	if (!same_file(info->dlpi_name, loaded->path))
		return 0;
	loaded->info = *info;
	loaded->found = true;
	return 1;
}

int fail(const char *path, const char *what)
{
	std::fprintf(stderr, "%s: %s\n", path, what);
	return 1;
}

void throw_it()
{
	throw 42;
}

int throw_comparing(const void *, const void *)
{
	throw 42;
}

template <class Call> bool caught(Call call)
{
	try {
		call();
	} catch (int number) {
		return number == 42;
	}
	return false;
}

} // namespace

int main(int count, char **arguments)
{
	if (count < 2)
		return fail("load", "which library?");
	const char *path = arguments[1];
	void *handle = dlopen(path, RTLD_NOW);
	if (!handle) {
		std::fprintf(stderr, "%s\n", dlerror());
		return 2;
	}
	Loaded loaded = {path, {}, false};
	dl_iterate_phdr(find, &loaded);
	if (!loaded.found)
		return fail(path, "dl_iterate_phdr does not tell of it");

	std::ifstream stream(path, std::ios::binary);
	std::vector<char> file((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
	ElfW(Ehdr) header;
	std::memcpy(&header, file.data(), sizeof header);
	size_t size = header.e_phnum * sizeof(ElfW(Phdr));
	if (loaded.info.dlpi_phnum != header.e_phnum ||
	    std::memcmp(loaded.info.dlpi_phdr, file.data() + header.e_phoff, size) != 0)
		return fail(path, "its program headers in memory are not those of the file");

	size_t functions = 0, known = 0;
	for (size_t section = 0; section < header.e_shnum; ++section) {
		ElfW(Shdr) symbols;
		std::memcpy(&symbols, file.data() + header.e_shoff + section * sizeof symbols, sizeof symbols);
		for (size_t at = 0; symbols.sh_type == SHT_DYNSYM && at < symbols.sh_size; at += sizeof(ElfW(Sym))) {
			ElfW(Sym) symbol;
			std::memcpy(&symbol, file.data() + symbols.sh_offset + at, sizeof symbol);
			if (symbol.st_shndx == SHN_UNDEF || ELF64_ST_TYPE(symbol.st_info) != STT_FUNC)
				continue;
			dwarf_eh_bases bases;
			++functions;
			known += _Unwind_Find_FDE(reinterpret_cast<void *>(loaded.info.dlpi_addr + symbol.st_value), &bases) != nullptr;
		}
	}

	int numbers[2] = {2, 1};
	if (!caught([&] { std::qsort(numbers, 2, sizeof *numbers, throw_comparing); }))
		return fail(path, "an exception through qsort was not caught");
	if (count > 2) {
		auto *through = reinterpret_cast<void (*)(void (*)())>(dlsym(handle, arguments[2]));
		if (!through || !caught([&] { through(throw_it); }))
			return fail(path, "an exception through it was not caught");
	}
	std::printf("%zu of %zu functions known\n", known, functions);
	return 0;
}
