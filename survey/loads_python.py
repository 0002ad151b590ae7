"""The libraries that Python code loads by ctypes and cffi, found in its syntax tree."""

import ast
import warnings
from collections import defaultdict

from survey.loads import Load, named

CLASSES = {"CDLL", "PyDLL"}
# Names that may mean several; more are not names of libraries.
MOST = 30
# How often a wrapper is followed: a function that loads what its caller names.
ROUNDS = 3


def loads(text: str) -> list[Load]:
    """Raises SyntaxError, or ValueError, for what this Python does not parse."""
    if not any(word in text for word in ("CDLL", "PyDLL", "cdll", "pydll", "find_library", "dlopen", "load_library")):
        return []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return Module(ast.parse(text)).loads()


def dotted(node: ast.expr) -> list[str]:
    """`a.b.c` as its words. What is not a name is empty."""
    if isinstance(node, ast.Attribute):
        return [*dotted(node.value), node.attr]
    return [node.id] if isinstance(node, ast.Name) else [""]


def way(call: ast.Call, wrappers: dict[str, int]) -> str | None:
    """How the call loads or finds a library; None if it does neither."""
    words = dotted(call.func)
    last, owner = words[-1], words[-2] if len(words) > 1 else ""
    if last in CLASSES and owner in ("", "ctypes", "ct", "c", "C", "_ctypes"):
        return f"ctypes.{last}"
    if last in ("LoadLibrary", "load_library") and owner in ("cdll", "pydll", "lib", "libloader"):
        return f"{owner}.{last}"
    if last == "find_library" and owner in ("", "util", "cutil", "ctypes_util", "ctypes"):
        return "find_library"
    if last == "dlopen" and owner.lower().endswith("ffi"):
        return "cffi.dlopen"
    return "wrapper" if last in wrappers and owner in ("", "self", "cls") else None


class Module:
    def __init__(self, tree: ast.Module) -> None:
        self.tree = tree
        self.assigned: dict[str, list[ast.expr]] = defaultdict(list)
        # The names whose values are being looked for: `a = a + "x"` must not go round.
        self.followed: set[str] = set()
        # Functions that load what a parameter names, and the number of that parameter.
        self.wrappers: dict[str, int] = {}
        self.loops: dict[str, list[ast.expr]] = defaultdict(list)
        # Each function with the name by which it is called, which for `__init__` is that of the class.
        self.functions: list[tuple[ast.FunctionDef, str]] = []
        self.called = {dotted(node.func)[-1] for node in ast.walk(tree) if isinstance(node, ast.Call)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    self.assigned[dotted(target)[-1]].append(node.value)
            elif isinstance(node, (ast.AnnAssign, ast.NamedExpr)) and node.value:
                self.assigned[dotted(node.target)[-1]].append(node.value)
            elif isinstance(node, ast.FunctionDef) and node.name != "__init__":
                self.functions.append((node, node.name))
            elif isinstance(node, ast.ClassDef):
                self.functions += [(one, node.name) for one in node.body if isinstance(one, ast.FunctionDef) and one.name == "__init__"]
            elif isinstance(node, (ast.For, ast.comprehension)) and isinstance(node.target, ast.Name):
                self.loops[node.target.id].append(node.iter)

    def loads(self) -> list[Load]:
        for _ in range(ROUNDS):
            self.find_wrappers()
        # What is found by find_library and loaded thereafter counts once.
        found = {load.name: load for load in self.walk(self.tree, None) if load.name is not None}
        unknown = {load.line: load for load in self.walk(self.tree, None) if load.name is None}
        return sorted([*found.values(), *unknown.values()], key=lambda load: (load.line, load.name or ""))

    def find_wrappers(self) -> None:
        for function, called in self.functions:
            names = [argument.arg for argument in function.args.args if argument.arg not in ("self", "cls")]
            for call in ast.walk(function):
                if isinstance(call, ast.Call) and way(call, self.wrappers) and (wanted := self.argument(call)) is not None:
                    used = {node.id for node in ast.walk(wanted) if isinstance(node, ast.Name)}
                    used |= {node.id for name in used for loop in self.loops.get(name, []) for node in ast.walk(loop) if isinstance(node, ast.Name)}
                    for number, name in enumerate(names):
                        if name in used and name not in self.assigned:
                            self.wrappers[called] = number
                            break

    def argument(self, call: ast.Call) -> ast.expr | None:
        at = self.wrappers.get(dotted(call.func)[-1], 0) if way(call, {}) is None else 0
        if len(call.args) > at:
            return call.args[at]
        return next((keyword.value for keyword in call.keywords if keyword.arg in ("name", "libname", "library")), None)

    def walk(self, node: ast.AST, function: ast.FunctionDef | None) -> list[Load]:
        """`function` is the one that the node is in."""
        found: list[Load] = []
        for child in ast.iter_child_nodes(node):
            found += self.walk(child, child if isinstance(child, ast.FunctionDef) else function)
        if not isinstance(node, ast.Call) or not (how := way(node, self.wrappers)):
            return found
        wanted = self.argument(node)
        if wanted is None:
            return found
        if isinstance(wanted, ast.Constant) and wanted.value is None:
            return [*found, Load(node.lineno, how, "the process itself")]
        names = self.values(wanted, 0)
        # What the callers of this module name stands there.
        if names is None and function and any(called in self.wrappers and called in self.called for one, called in self.functions if one is function):
            return found
        # A call of find_library inside stands for itself.
        if names is None and any(isinstance(one, ast.Call) and way(one, {}) == "find_library" for one in ast.walk(wanted)):
            return found
        return found + named(node.lineno, how, names)

    def values(self, node: ast.expr, depth: int) -> set[str] | None:
        """The texts that an expression may be, as far as they are constants of the module; None if there are none."""
        if depth > 12:
            return None
        found: set[str] | None = None
        match node:
            case ast.Constant(value=str() as text):
                found = {text}
            case ast.Constant(value=bytes() as octets):
                found = {octets.decode(errors="replace")}
            case ast.Name(id=name) | ast.Attribute(attr=name) if name not in self.followed:
                self.followed.add(name)
                found = self.any(self.assigned.get(name, []) + self.loops.get(name, []), depth)
                self.followed.remove(name)
            case ast.IfExp(body=one, orelse=other):
                found = self.any([one, other], depth)
            case ast.BoolOp(values=several) | ast.Tuple(elts=several) | ast.List(elts=several) | ast.Set(elts=several):
                found = self.any(several, depth)
            case ast.Dict(values=several):
                found = self.any(several, depth)
            case ast.Subscript(value=whole):
                found = self.values(whole, depth + 1)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                found = self.joined([left, right], depth)
            case ast.BinOp(left=left, op=ast.Mod(), right=right):
                found = self.formatted(left, right, depth)
            case ast.JoinedStr(values=several):
                found = self.joined([one.value if isinstance(one, ast.FormattedValue) else one for one in several], depth)
            case ast.Call() if way(node, {}) == "find_library" and node.args:
                found = self.values(node.args[0], depth + 1)
            # The file of a path: os.path.join(directory, "libx.so").
            case ast.Call(func=ast.Attribute(attr="join"), args=[*_, last]) if dotted(node.func)[-2] == "path":
                found = self.values(last, depth + 1)
            case ast.Call(func=ast.Name(id="str" | "Path"), args=[*_, last]):
                found = self.values(last, depth + 1)
            case ast.BinOp(op=ast.Div(), right=right):
                found = self.values(right, depth + 1)
        return found if found and len(found) <= MOST else None

    def any(self, nodes: list[ast.expr], depth: int) -> set[str] | None:
        return set().union(*(self.values(node, depth + 1) or set() for node in nodes)) or None

    def joined(self, nodes: list[ast.expr], depth: int) -> set[str] | None:
        texts = {""}
        for node in nodes:
            more = self.values(node, depth + 1)
            if more is None:
                return None
            texts = {text + end for text in texts for end in more}
        return texts

    def formatted(self, left: ast.expr, right: ast.expr, depth: int) -> set[str] | None:
        forms = self.values(left, depth + 1)
        parts = self.values(right, depth + 1)
        if forms is None or parts is None or isinstance(right, ast.Tuple):
            return None
        return {form.replace("%s", part) for form in forms for part in parts if form.count("%") == 1}
