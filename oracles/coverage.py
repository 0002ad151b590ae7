"""Which of a library's exports are described, and why the others are not: by readelf's list, not by ours."""

import re
import subprocess
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass, field

from libraries import build_id, debug_file

# Of the exports that are not written in assembly.
REQUIRED = 0.99
# The IFUNCs of Debian 12's glibc, all of which must be described.
IFUNCS = {"libc.so.6": 58, "libm.so.6": 85}


@dataclass
class Coverage:
    library: str
    build_id: str
    exports: Counter = field(default_factory=Counter)
    described: Counter = field(default_factory=Counter)
    # What is not described, by reason.
    undescribed: dict = field(default_factory=dict)
    ifuncs: int = 0
    faults: list = field(default_factory=list)

    @property
    def not_assembly(self):
        """The share of the exports that are described, of those that are not assembly without a declaration."""
        assembly = len(self.undescribed.get("assembly", ()))
        return sum(self.described.values()) / (sum(self.exports.values()) - assembly)


def cover(library, ours, exports):
    """Holds our description against readelf's list of exports and llvm-dwarfdump's of units in assembly."""
    coverage = Coverage(library, build_id(library), Counter(export.kind for export in exports))
    faults = coverage.faults
    described = {(one["symbol"], one["version"]): one for one in ours.declarations}
    undescribed = {(one["symbol"], one["version"]): one for one in ours.undescribed}
    units = Units(debug_file(library))
    for export in exports:
        one = described.pop(export.key, None)
        reason = undescribed.pop(export.key, None)
        if (one is None) == (reason is None):
            faults.append(f"{export} is neither described nor left out, or both")
        elif one is not None:
            coverage.described[one["evidence"]] += 1
            wanted = "function" if export.kind in ("function", "ifunc") else "variable"
            if export.kind != "untyped" and one["kind"] != wanted:
                faults.append(f"{export} is described as a {one['kind']}")
            coverage.ifuncs += export.kind == "ifunc"
        else:
            where = units.kind_at(export.value) if export.kind in ("function", "ifunc", "untyped") else "no unit"
            coverage.undescribed.setdefault(where, []).append(str(export))
            if where == "C":
                faults.append(f"{export} lies in a unit that is not assembly: {reason['reason']}")
    faults += [f"{name} is no export" for name, _ in [*described, *undescribed]]
    if coverage.not_assembly < REQUIRED:
        faults.append(f"{coverage.not_assembly:.2%} described")
    if coverage.ifuncs != coverage.exports["ifunc"] or coverage.ifuncs != IFUNCS.get(library, coverage.ifuncs):
        faults.append(f"{coverage.ifuncs} of {coverage.exports['ifunc']} IFUNCs described")
    return coverage


class Units:
    """The addresses of the units, as llvm-dwarfdump gives them."""

    def __init__(self, path):
        command = ["llvm-dwarfdump", "--debug-info", "--recurse-depth=0", path]
        printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        self.ranges = []
        for unit in re.split(r"^0x[0-9a-f]+: DW_TAG_", printed, flags=re.MULTILINE)[1:]:
            kind = "assembly" if "DW_LANG_Mips_Assembler" in unit else "C"
            pairs = re.findall(r"\[0x([0-9a-f]+), 0x([0-9a-f]+)\)", unit)
            pairs += re.findall(r"DW_AT_low_pc\s+\(0x([0-9a-f]+)\)\s+DW_AT_high_pc\s+\(0x([0-9a-f]+)\)", unit)
            self.ranges += [(int(low, 16), int(high, 16), kind) for low, high in pairs]
        self.ranges.sort()

    def kind_at(self, address):
        """`assembly`, `C` (any other language), or `no unit`."""
        index = bisect_right(self.ranges, (address, float("inf"))) - 1
        if index >= 0 and self.ranges[index][0] <= address < self.ranges[index][1]:
            return self.ranges[index][2]
        return "no unit"
