#!/usr/bin/env python3
"""pep7.py: whether the C of patches/cpython keeps to PEP 7 and to what CPython has of its own. The files are read, and
the lines that the patches add to CPython's files. Each rule is first tried on code that breaks it.
"""

import re
import sys
from pathlib import Path

PATCHES = Path(__file__).resolve().parents[2] / "patches/cpython"

LINES = [   # on the line as it stands
    (r"^.{80}", "more than 79 columns"),
    (r"\t", "a tab"),
    (r"\s$", "blanks at the end"),
    (r"[^ -~]", "a character that is not ASCII"),
]
CODE = [    # on the line without comments and texts
    (r"\b(if|for|while|switch|return|sizeof) *\(", lambda m: (m[0][-2] == " ") == (m[1] == "sizeof"),
     "a keyword and its parenthesis"),
    (r"\( +\S|[^\s;] +\)", None, "a blank inside of parentheses"),
    (r"\} *else\b", None, "else behind a brace"),
    (r"[A-Za-z_]\*+ +\w", None, "a star at the type"),
    (r"[^\s/](?: (?:&&|\|\||[<>=!]=|[-+?<>&|]))$", None, "an operator at the end of a line"),
    (r"^[A-Za-z_][^#;=]*\) *\{$", None, "a function's brace behind its head"),
    (r"__attribute__|__builtin_|__atomic_|__sync_|__thread\b|typeof|__extension__|__asm__|\(\{|#\s*pragma GCC", None,
     "an extension of the compiler"),
    (r"sizeof\((\w+)\) */ *sizeof\(\(?\1", lambda m: "define" not in m.string, "Py_ARRAY_LENGTH by hand"),
]
UPSTREAM = [
    (r"PY_MAJOR_VERSION|PY_VERSION_HEX|PyString_|PyInt_", None, "a version of Python in a file for all of them"),
]
BAD = [
    "x" * 80, "\tx = 1;", "x = 1; ", "/* \u2192 */", "if(x) {", "return(x);", "sizeof (x)", "f( x)", "f(x )", "} else {",
    "int* x;", "    a = b &&", "int f(void) {", "__attribute__((unused))", "x = ({ 1; });", "#pragma GCC visibility push(hidden)",
    "sizeof(x) / sizeof(x[0])", "#if PY_MAJOR_VERSION < 3", "PyString_Check(x)",
    "int f(void)\n{\n}", "    if (x)\n        y();", "    if (x) {\n        y();\n    }\n    else\n        z();",
    "    for (;;)\n        x();", "    do\n        x();\n    while (y);", "int\nf(void)\n{\n  x();\n}",
    "int\nf(void)\n{\n    if (x) {\n      y();\n    }\n}", "int\nf(void)\n{\n    switch (x) {\n        case 1:\n        y();\n    }\n}",
]


def blanked(text):
    """The code with comments and texts made blank, and its lines kept."""
    pattern = r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\''
    return re.sub(pattern, lambda m: re.sub(r"[^\n]", "_" if m[0][0] in "\"'" else " ", m[0]), text, flags=re.S)


def closing(code, at):
    """Where the parenthesis that opens at a place closes."""
    depth = 0
    for place in range(at, len(code)):
        depth += {"(": 1, ")": -1}.get(code[place], 0)
        if depth == 0:
            return place
    return len(code)


def braceless(code):
    """Statements without braces: a number of a line each."""
    for match in re.finditer(r"\b(if|for|while|switch|else|do)\b", code):
        if re.search(r"^ *#[^\n]*$", code[:match.start()].rpartition("\n")[2]):
            continue
        end = match.end()
        if match[1] not in ("else", "do"):
            start = code.find("(", end)
            if code[end:start].strip():
                continue
            end = closing(code, start) + 1
        rest = code[end:].replace("\\\n", "\n").lstrip()
        after_do = match[1] == "while" and code[:match.start()].replace("\\\n", "\n").rstrip().endswith("}")
        if rest[:1] != "{" and not (match[1] == "else" and re.match(r"if\b", rest)) and not after_do:
            yield code.count("\n", 0, match.start()) + 1


def structure(code):
    """What is wrong with heads of functions and with the indentation of statements: (line, what)."""
    depth, parentheses, begins, before = 0, 0, True, ""
    lines = code.split("\n")
    for number, line in enumerate(lines, 1):
        stripped = line.strip()
        if stripped.startswith("#") or before.endswith("\\"):
            before = line
            continue
        before = line
        if not stripped:
            continue
        if line == "{":
            head = next((i for i in range(number - 2, 0, -1) if re.match(r"\w", lines[i])), 0)
            if not re.match(r"[A-Za-z_]\w*\(", lines[head]) or not re.match(r"[A-Za-z_][\w *(),]*$", lines[head - 1]):
                yield number, "the head of a function"
        if begins and parentheses == 0 and depth > 0:
            label = re.match(r"\s*\w+:$", line) and not re.match(r"\s*default:", line)
            out = stripped[0] == "}" or re.match(r"(case\b|default:)", stripped)
            expected = 0 if label else 4 * (depth - bool(out))
            if len(line) - len(line.lstrip()) != expected:
                yield number, "the indentation"
        depth += line.count("{") - line.count("}")
        parentheses += line.count("(") - line.count(")")
        begins = stripped[-1] in ";{}:" and parentheses == 0


def findings(text, upstream, whole=True):
    """(line, what) of each breach. What is not a whole file has no structure of its own."""
    code = blanked(text)
    for number, (line, bare) in enumerate(zip(text.split("\n"), code.split("\n")), 1):
        yield from ((number, what) for pattern, what in LINES if re.search(pattern, line))
        for pattern, condition, what in CODE + (UPSTREAM if upstream else []):
            match = re.search(pattern, bare.rstrip())
            if match and (condition is None or condition(match)):
                yield number, what
    yield from ((number, "a statement without braces") for number in braceless(code))
    if whole:
        yield from structure(code)


def added(patch):
    """(file, lines that the patch adds to it in one place) of the C files."""
    name, lines = None, []
    for line in patch.read_text().split("\n") + ["@@"]:
        if line.startswith("+++ b/"):
            name = line[len("+++ b/"):]
        elif line.startswith("+"):
            lines.append(line[1:])
        elif line.startswith(("@@", "---")):
            if lines and name.endswith((".c", ".h")):
                yield name, "\n".join(lines)
            lines = []


def main():
    missed = [code for code in BAD if not list(findings(code, True))]
    if missed:
        sys.exit(f"pep7.py finds nothing wrong with {missed}")
    wrong, read = [], 0
    for path in sorted(PATCHES.rglob("*.[ch]")):
        read += 1
        for number, what in findings(path.read_text().rstrip("\n"), path.parent == PATCHES):
            wrong.append(f"{path.relative_to(PATCHES)}:{number}: {what}")
    for path in sorted(PATCHES.rglob("*.patch")):
        for name, text in added(path):
            read += 1
            wrong += [f"{path.relative_to(PATCHES)}: {name}: {what}: {text.split(chr(10))[number - 1]}"
                      for number, what in findings(text, False, whole=False)]
    if wrong:
        sys.exit("\n".join(wrong))
    print(f"PEP 7: {read} files and hunks")


if __name__ == "__main__":
    main()
