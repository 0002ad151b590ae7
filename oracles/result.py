"""What one comparison found for one library."""

import time
from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Result:
    library: str
    tool: str
    declarations: int
    started: float = field(default_factory=time.time)
    seconds: float = 0.0
    # How the other tool's declaration was found.
    found_by: Counter = field(default_factory=Counter)
    # Why declarations could not be compared, wholly or in part.
    not_comparable: Counter = field(default_factory=Counter)
    partly: Counter = field(default_factory=Counter)
    # Symbols that were compared wholly: (name, version).
    whole: set = field(default_factory=set)
    pairs: int = 0
    # reason's text -> number of differing types, number of declarations that reach one
    named: dict = field(default_factory=dict)
    unnamed: list = field(default_factory=list)

    @property
    def compared(self):
        return sum(self.found_by.values())

    def take(self, walks, compared):
        """Counts what the walks found; `compared` are the declarations that they began with."""
        whole = set(compared)
        for walk in walks:
            self.pairs += walk.compared
            for text in sorted(set(walk.unreadable.values())):
                pairs = [pair for pair, why in walk.unreadable.items() if why == text]
                above = walk.declarations_above(pairs)
                self.partly[text] += len(above)
                whole -= above
            by_reason = {}
            for pair, difference in walk.differences.items():
                if difference.reason is None:
                    self.unnamed.append(difference)
                    whole -= walk.declarations_above([pair])
                else:
                    by_reason.setdefault(difference.reason.text, []).append(pair)
            for text, pairs in by_reason.items():
                types, declarations = self.named.get(text, (0, 0))
                above = walk.declarations_above(pairs)
                self.named[text] = (types + len(pairs), declarations + len(above))
        self.whole = whole
        self.seconds = time.time() - self.started
        return self

    def show(self):
        """A few lines for the terminal."""
        named = sum(types for types, _ in self.named.values())
        print(
            f"{self.library}: {self.tool}: {self.compared} of {self.declarations} declarations, {self.pairs} pairs of"
            f" types, {named} named differences, {len(self.unnamed)} unexplained, {self.seconds:.1f} s"
        )
        for difference in self.unnamed[:20]:
            print(f"  {str(difference)[:500]}")
