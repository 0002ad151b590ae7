"""The dg- directives of a test of libffi's suite, as far as the suite uses them."""

import fnmatch
import re
from dataclasses import dataclass, field

# In the form that the suite's patterns have.
TARGET = "x86_64-pc-linux-gnu"

DIRECTIVE = re.compile(r"\{\s+dg-(?P<name>[a-z-]+)\s+(?P<rest>.*?)\s+\}\s*(?:\*/|PR |$)", re.MULTILINE)
OUTPUT = re.compile(r'"(?P<text>(?:[^"\\]|\\.)*)"\s*(?P<selector>\{.*\})?$')
SELECTOR = re.compile(r"\{\s*(?P<what>target|xfail)\s+(?P<patterns>[^}]*?)\s*\}")
ESCAPES = {"n": "\n", "t": "\t"}


class UnknownDirective(Exception):
    """A directive that this reader does not know: it must not be passed over."""


@dataclass
class Directives:
    """What a test asks for."""

    options: list[str] = field(default_factory=list)
    # A regular expression that the output must contain; the texts of all dg-output directives in a row.
    output: str = ""


def selects(patterns: str) -> bool:
    """Whether one of the target patterns is ours. `gccbug` is the suite's own word for gcc before 9.3."""
    return any(fnmatch.fnmatchcase(TARGET, pattern) for pattern in patterns.split())


def applies(text: str) -> bool:
    """Whether a directive with these selectors is for us; none of the suite's tests may be expected to fail here."""
    for selector in SELECTOR.finditer(text):
        chosen = selects(selector["patterns"])
        if selector["what"] == "xfail" and chosen:
            raise UnknownDirective(f"expected to fail here: {text}")
        if selector["what"] == "target" and not chosen:
            return False
    return True


def unescaped(text: str) -> str:
    """What Tcl makes of a text in double quotes."""
    return re.sub(r"\\(.)", lambda match: ESCAPES.get(match[1], match[1]), text)


def read(source: str) -> Directives:
    """The directives in the text of a test."""
    directives = Directives()
    mentioned = len(re.findall(r"\{\s*dg-", source))
    runs = 0
    found = list(DIRECTIVE.finditer(source))
    if len(found) != mentioned:
        raise UnknownDirective(f"{mentioned} directives, of which {len(found)} could be read")
    for directive in found:
        name, rest = directive["name"], directive["rest"]
        if name == "do" and rest.split()[0] == "run":
            runs += applies(rest)
        elif name == "output" and (output := OUTPUT.match(rest)):
            if applies(output["selector"] or ""):
                directives.output += unescaped(output["text"])
        elif name == "options":
            if applies(rest):
                directives.options += SELECTOR.sub("", rest).replace('"', " ").split()
        else:
            raise UnknownDirective(directive[0])
    if not runs:
        raise UnknownDirective("no dg-do run")
    return directives
