"""The libraries that code in Ruby, Perl, PHP, Lua, Guile and Racket loads through FFI, found by patterns.

The text after the pattern, up to the end of the call, is searched for strings, and for constants of the file.
"""

import re
from collections.abc import Callable

from survey.loads import Load, named

RUBY = r"\bffi_lib\b(?!_flags)|Fiddle\.dlopen|Fiddle::Handle\.new|Fiddle::dlopen|\bdlload\b|FFI::DynamicLibrary\.open"
PERL = (r"FFI::Platypus->new\b|\$\w*ffi\w*->lib\b|\bfind_lib(?:_or_die|_or_exit)?\b|FFI::Library->new\b|FFI::Raw->new\b|"
        r"dl_load_file|C::DynaLib->new\b")
PHP = r"\bFFI::cdef\b|\bFFI_LIB\b"
LUA = r"\bffi\.load\b|\balien\.load\b"
GUILE = r"\(dynamic-link\b|\(load-foreign-library\b|\(foreign-library-function\b|\(foreign-library-pointer\b"
RACKET = r"\(ffi-lib\b"
RUNTIMES = {".rb": ("ruby", RUBY), ".pl": ("perl", PERL), ".pm": ("perl", PERL), ".php": ("php", PHP), ".h": ("php", r"^#define FFI_LIB\b"),
            ".lua": ("lua", LUA), ".scm": ("guile", GUILE), ".rkt": ("racket", RACKET)}
STRING = re.compile(r"\"([^\"\n]*)\"|'([^'\n]*)'")
WORDS = re.compile(r"%w[\[({]([^\])}]*)[\])}]")
# `ffi_lib :name` of Ruby.
SYMBOL = re.compile(r"(?<!:):([a-z]\w*)")
CONSTANT = re.compile(r"(?<![\w.:])[$@]?([A-Za-z_][\w?-]*)")


def loads(suffix: str, text: str) -> list[Load]:
    runtime, pattern = RUNTIMES[suffix]
    if not re.search(pattern, text, re.MULTILINE):
        return []
    text = without_comments(runtime, text)
    found: list[Load] = []
    for match in re.finditer(pattern, text, re.MULTILINE):
        line = text.count("\n", 0, match.start()) + 1
        # A definition of such a function is no call.
        if re.search(r"\b(def|sub|function|use|import)\s+[\w.]*$", text[:match.start()][-60:]) or text[match.start() - 1:match.start()] in ("'", '"'):
            continue
        end, whole = argument(text, match.end())
        names = READERS.get(runtime, strings)(match.group(), whole, text)
        if names is not None:
            found += named(line, match.group().strip("(").strip(), names)
    return found


def without_comments(runtime: str, text: str) -> str:
    """The same lines, those of comments and of documentation empty."""
    def empty(match: re.Match[str]) -> str:
        return "\n" * match.group().count("\n")

    marks = {"ruby": "#", "perl": "#", "php": r"//|#(?!define)|\*", "lua": "--", "guile": ";", "racket": ";"}
    if runtime == "ruby":
        text = re.sub(r"^=begin\b.*?^=end\b", empty, text, flags=re.DOTALL | re.MULTILINE)
    if runtime == "perl":
        text = re.sub(r"^=[a-z].*?(^=cut\b|\Z)", empty, re.sub(r"^__END__.*", "", text, flags=re.DOTALL | re.MULTILINE), flags=re.DOTALL | re.MULTILINE)
    if runtime == "php":
        text = re.sub(r"/\*.*?\*/", empty, text, flags=re.DOTALL)
    if runtime == "lua":
        text = re.sub(r"--\[\[.*?\]\]", empty, text, flags=re.DOTALL)
    return re.sub(rf"^[ \t]*(?:{marks[runtime]}).*$", "", text, flags=re.MULTILINE)


def argument(text: str, start: int) -> tuple[int, str]:
    """What follows: up to the bracket that closes, or without brackets to the end of the statement."""
    depth = 1 if text[start - 1:start] == "(" or text[:start].rsplit("\n", 1)[-1].lstrip().startswith("(") else 0
    opened, at = depth > 0, start
    quote = ""
    while at < min(len(text), start + 100_000):
        character = text[at]
        if quote:
            if character == "\\":
                at += 1
            elif character == quote:
                quote = ""
        elif character in "\"'" and not (character == "'" and depth and text[at + 1:at + 2] == "("):
            quote = character
        elif character in "([{":
            depth, opened = depth + 1, True
        elif character in ")]}":
            depth -= 1
            if depth <= 0 and character == ")":
                break
            if depth < 0:
                break
        elif character in "\n;" and depth <= 0 and not text[start:at].rstrip().endswith((",", "=>", "<<<'CDEF'")):
            break
        at += 1
    return at, text[start:at]


def strings(way: str, call: str, text: str) -> set[str] | None:
    """The strings of a call; without any, those of the constants that it names."""
    found = {one or other for one, other in STRING.findall(call)} | {word for words in WORDS.findall(call) for word in words.split()}
    if "FFI::Library::LIBC" in call or "Platform::LIBC" in call:
        found.add("c")
    found |= set(SYMBOL.findall(re.sub(STRING, "", call))) if way == "ffi_lib" else set()
    for name in CONSTANT.findall(re.sub(STRING, "", call)) if not found else []:
        for value in re.findall(rf"(?<![\w$@.]){re.escape(name)}\s*(?:\|\|)?=(?!=)\s*(.*)", text) + re.findall(rf"[$@]{re.escape(name)}\s*=\s*(.*)", text):
            found |= {one or other for one, other in STRING.findall(value)}
            found |= {word for words in WORDS.findall(value) for word in words.split()}
    return {name for name in found if name and "#{" not in name}


def perl(way: str, call: str, text: str) -> set[str] | None:
    """The argument `lib`, if the function has named ones."""
    if way.startswith("find_lib") or way == "FFI::Platypus->new":
        match = re.search(r"\blib\s*=>\s*(\[[^\]]*\]|[^,)]+)", call)
        # A Platypus without a library is given one later. `find_lib` without arguments is imported, not called.
        return strings(way, match.group(1), text) if match else None
    match = re.match(r"\s*\(?\s*(\[[^\]]*\]|[^,)]+)", call)
    return strings(way, match.group(1), text) if match and call.strip(" ()") else None


def php(way: str, call: str, text: str) -> set[str] | None:
    """The last argument of `FFI::cdef`, after the declarations; C's own functions if there is none."""
    if way != "FFI::cdef":
        return strings(way, call.split("\n")[0], text)
    parts = re.split(r",(?=[^,;{}]*$)", call.strip().rstrip(")").rstrip().rstrip(","))
    last = parts[-1] if len(parts) > 1 else ""
    return strings(way, last, text) if last else {"c"}


def first(way: str, call: str, text: str) -> set[str] | None:
    """The first argument alone."""
    match = re.match(r"\s*\(?\s*(\"[^\"]*\"|'[^']*'|[^\s,()]+)", call)
    return strings(way, match.group(1), text) if match else ({"the process itself"} if way.startswith("(dynamic-link") else None)


READERS: dict[str, Callable[[str, str, str], set[str] | None]] = {"perl": perl, "php": php, "lua": first, "guile": first, "racket": first}
