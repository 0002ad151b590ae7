"""Python names for C names."""

from __future__ import annotations

import keyword

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable

# What a Structure says of itself.
_CLASS = {"_fields_", "_pack_", "_layout_", "_align_", "_anonymous_", "_b_base_", "_b_needsfree_", "_objects"}


def is_reserved(name: str) -> bool:
    """Whether C reserves a name for its implementation: `__time_t`, `_IO_FILE`."""
    return name.startswith("__") or (name[:1] == "_" and name[1:2].isupper())


def c_identifier(name: str) -> str:
    """A name, changed where C could not write it: names of C++ have other characters."""
    text = "".join(letter if letter.isascii() and (letter.isalnum() or letter == "_") else "_" for letter in name)
    return "_" + text if not text or text[0].isdigit() else text


def identifier(name: str) -> str:
    """A name, changed where C or Python could not write it."""
    text = c_identifier(name)
    special = keyword.iskeyword(text) or (text.startswith("__") and text.endswith("__")) or text in _CLASS
    return text + "_" if special else text


class Names:
    """The names of one module or class. A name that is taken gets a number, as in the headers that `describe` writes."""

    def __init__(self, taken: set[str], spell: Callable[[str], str] = identifier) -> None:
        self._taken = set(taken)
        self._spell = spell

    def new(self, wanted: str) -> str:
        base = name = self._spell(wanted)
        number = 1
        while name in self._taken:
            number += 1
            name = "%s__%d" % (base, number)
        self._taken.add(name)
        return name


def one_line(text: str) -> str:
    """Text for a comment."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
