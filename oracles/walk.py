"""Two graphs of types, walked side by side.

Each side gives the types of one tool as nodes. A node says what a type is by itself (`facts`) and which types it refers
to (`refers`). A fact that one side leaves out is not compared: its tool does not know it.
"""

from dataclasses import dataclass, field


class NotComparable(Exception):
    """The other tool cannot read this type; the text says why."""


class Node:
    """What one tool says of one type."""

    __slots__ = ("kind", "facts", "refers")

    def __init__(self, kind, facts=None, refers=()):
        self.kind = kind
        self.facts = facts or {}
        # (label, reference) for each type that it refers to.
        self.refers = refers

    def __repr__(self):
        return f"{self.kind} {self.facts}"


@dataclass
class Difference:
    """Where two types differ by themselves."""

    what: str
    ours: Node
    theirs: Node
    # From the declaration on: its name, and a label for each step.
    path: tuple
    # Our nodes from here up to the declaration's own type.
    above: list = field(repr=False)
    reason: object = None

    def __str__(self):
        ours, theirs = self.ours, self.theirs
        if ours.kind == theirs.kind and self.what in ours.facts:
            sides = f"{self.what} {ours.facts[self.what]!r} against {theirs.facts[self.what]!r}"
        else:
            sides = f"{ours} against {theirs}"
        name = ours.facts.get("name") or theirs.facts.get("name") or ""
        return f"{' → '.join(map(str, self.path))}: {ours.kind} {name}: {sides}"


class Walk:
    """Compares types of one library with those of another tool; each pair of types once."""

    def __init__(self, ours, theirs, reasons):
        self.ours = ours
        self.theirs = theirs
        self.reasons = reasons
        # pair -> the pairs and declarations that led to it
        self.parents = {}
        self.labels = {}
        # pair -> Difference, pair -> why the other tool cannot read it
        self.differences = {}
        self.unreadable = {}
        self.compared = 0

    def declaration(self, name, our_reference, their_reference):
        """Compares the types of one declaration and everything that they refer to."""
        stack = [(("declaration", name), "", our_reference, their_reference)]
        while stack:
            parent, label, mine, other = stack.pop()
            pair = (mine, self.theirs.memo(other))
            known = self.parents.get(pair)
            if known is not None:
                known.append(parent)
                continue
            self.parents[pair] = [parent]
            self.labels[pair] = label
            for label, x, y in self.compare(pair, mine, other):
                stack.append((pair, label, x, y))

    def compare(self, pair, mine, other):
        """Compares one pair, and says which pairs are next."""
        a = self.ours.node(mine)
        try:
            b = self.theirs.node(other)
        except NotComparable as error:
            self.unreadable[pair] = str(error)
            return []
        self.compared += 1
        what = differing(a, b)
        if what is None:
            return [(label, x, y) for (label, x), (_, y) in zip(a.refers, b.refers)]
        difference = Difference(what, a, b, self.path(pair), self.above(pair))
        self.differences[pair] = difference
        for reason in self.reasons:
            if reason.explains(self, difference):
                difference.reason = reason
                return reason.next(self, mine, other)
        return []

    def chain(self, pair):
        """The first way that led to a pair: itself, what led to it, and so on up to the declaration."""
        while pair[0] != "declaration":
            yield pair
            pair = self.parents[pair][0]
        yield pair

    def path(self, pair):
        *pairs, (_, name) = self.chain(pair)
        labels = [self.labels[one] for one in reversed(pairs)]
        return ("@".join(filter(None, name)), *filter(None, labels))

    def above(self, pair):
        return [self.ours.node(mine) for mine, _ in list(self.chain(pair))[1:-1]]

    def declarations_above(self, pairs):
        """The names of the declarations from which one of the pairs is reached."""
        seen, stack, names = set(pairs), list(pairs), set()
        while stack:
            for parent in self.parents[stack.pop()]:
                if parent[0] == "declaration":
                    names.add(parent[1])
                elif parent not in seen:
                    seen.add(parent)
                    stack.append(parent)
        return names


def differing(a, b):
    """The first thing in which two nodes differ."""
    if a.kind != b.kind:
        return "kind"
    for fact, value in a.facts.items():
        if fact in b.facts and b.facts[fact] != value:
            return fact
    return None if len(a.refers) == len(b.refers) else "number of types"
