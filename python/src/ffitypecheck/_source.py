"""What the source of a module says of functions that it has not bound yet: calls of a library's functions, and lines that
set argtypes or restype in code that did not run. Nothing is executed: names are looked up in the module, and only types
are evaluated."""

from __future__ import annotations

import ast
import ctypes
import inspect
import types
from _ctypes import CFuncPtr

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterator, Union

    Scope = Union[ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda]

_SIDES = "argtypes", "restype"
_DECLARED = (*_SIDES, "errcheck")
_FUNCTIONS = ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda
UNKNOWN: Any = object()


class Use:
    """A function of a library, as one line calls it or declares it."""

    __slots__ = ("dll", "name", "line", "side", "value", "is_used")

    def __init__(self, dll: Any, name: str, line: int, side: str | None, value: Any = None, is_used: bool = False) -> None:
        self.dll = dll
        self.name = name
        self.line = line
        self.side = side                # what is declared, None for a call
        self.value = value              # UNKNOWN if the source does not say it plainly
        self.is_used = is_used          # something is done with the result


def _static(object: Any, name: str) -> Any:
    """An attribute that is found without running code of the program."""
    if issubclass(type(object), types.ModuleType):
        return vars(object).get(name, UNKNOWN)
    try:
        found = inspect.getattr_static(object, name)
    except AttributeError:
        return UNKNOWN
    return UNKNOWN if hasattr(type(found), "__get__") else found


class Reader:
    """Reads the source of one module."""

    def __init__(self, module: types.ModuleType, tree: ast.Module) -> None:
        self._globals = vars(module)
        self._tree = tree
        self._locals: list[dict[str, Any]] = []     # of the functions around, what their names are; UNKNOWN if many things
        self._classes: list[Any] = []
        self.uses: list[Use] = []
        self.has_other_declarations = False         # restype is set of something that is not known, in code that did not run

    def read(self) -> Reader:
        self._body(self._tree)
        return self

    # Names.

    def _name(self, name: str) -> Any:
        for names in reversed(self._locals):
            if name in names:
                return names[name]
        if name in self._globals:
            return self._globals[name]
        return UNKNOWN

    def resolve(self, node: ast.AST) -> Any:
        """What an expression is, if that is plain: names, attributes, POINTER(...), CFUNCTYPE(...), T * 3, lists."""
        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, ast.Name):
            return self._name(node.id)
        if isinstance(node, ast.Attribute):
            of = self.resolve(node.value)
            return UNKNOWN if of is UNKNOWN or issubclass(type(of), ctypes.CDLL) else _static(of, node.attr)
        if isinstance(node, (ast.List, ast.Tuple)):
            items = [self.resolve(item) for item in node.elts]
            return UNKNOWN if any(item is UNKNOWN for item in items) else items
        if isinstance(node, ast.Call) and not node.keywords:
            maker = self.resolve(node.func)
            parts = [self.resolve(part) for part in node.args]
            if (maker is ctypes.POINTER or maker is ctypes.CFUNCTYPE) and not any(part is UNKNOWN for part in parts):
                return self._made(maker, *parts)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
            item, count = self.resolve(node.left), self.resolve(node.right)
            if issubclass(type(item), type) and type(count) is int:
                return self._made(lambda: item * count)
        return UNKNOWN

    @staticmethod
    def _made(maker: Any, *parts: Any) -> Any:
        try:
            return maker(*parts)
        except (TypeError, ValueError, AttributeError):
            return UNKNOWN

    def _function(self, node: ast.AST) -> tuple[Any, str] | None:
        """The CDLL and the name in `dll.name`, `dll["name"]` and `getattr(dll, "name")`; a function object and its name."""
        name: Any = None
        if isinstance(node, ast.Attribute):
            of, name = node.value, node.attr
        elif isinstance(node, ast.Subscript):
            of, name = node.value, getattr(node.slice, "value", None)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "getattr" and len(node.args) == 2:
            of, name = node.args[0], getattr(node.args[1], "value", None)
        else:
            alias = self.resolve(node) if isinstance(node, ast.Name) else None
            if issubclass(type(alias), CFuncPtr):
                return _Alias((alias, node.id))         # type: ignore[attr-defined]
            return alias if type(alias) is _Alias else None
        dll = self.resolve(of)
        if not issubclass(type(dll), ctypes.CDLL) or not isinstance(name, str) or hasattr(type(dll), name):
            return None
        return _Alias((dll, name))

    # Statements.

    def _names_of(self, scope: Scope) -> dict[str, Any]:
        """The local names of a function. One that is only ever `dll.name` is that function."""
        arguments = scope.args
        names: dict[str, Any] = {}
        for argument in (*arguments.args, *arguments.kwonlyargs, *getattr(arguments, "posonlyargs", ()),
                         arguments.vararg, arguments.kwarg):
            if argument is not None:
                names[argument.arg] = UNKNOWN
        if self._classes and arguments.args and arguments.args[0].arg in ("self", "cls"):
            names[arguments.args[0].arg] = self._classes[-1]
        if isinstance(scope, ast.Lambda):
            return names
        outer: set[str] = set()
        stored: dict[str, list[Any]] = {}
        for node in ast.walk(scope):
            kind = type(node)
            if kind is ast.Name:
                if type(node.ctx) is not ast.Load:                          # type: ignore[attr-defined]
                    stored.setdefault(node.id, []).append(None)             # type: ignore[attr-defined]
            elif kind is ast.Assign:
                if len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):        # type: ignore[attr-defined]
                    stored.setdefault(node.targets[0].id, []).append(node.value)            # type: ignore[attr-defined]
            elif kind in (ast.Global, ast.Nonlocal):
                outer.update(node.names)                                    # type: ignore[attr-defined]
            elif kind in (ast.Import, ast.ImportFrom):
                for imported in node.names:                                 # type: ignore[attr-defined]
                    stored.setdefault((imported.asname or imported.name).split(".")[0], []).append(None)
        for name, values in stored.items():
            if name not in outer:
                # Assign and its target are both met: [value, None].
                known = self._function(values[0]) if len(values) == 2 and values[0] is not None else None
                names[name] = UNKNOWN if known is None else known
        return names

    def _body(self, node: ast.AST, is_statement: bool = False) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.ClassDef):
                cls = self._name(child.name)
                self._classes.append(cls if isinstance(cls, type) else UNKNOWN)
                self._body(child)
                self._classes.pop()
            elif isinstance(child, _FUNCTIONS):
                self._locals.append(self._names_of(child))
                self._body(child)
                self._locals.pop()
            else:
                self._visit(child, isinstance(node, ast.Expr))
                self._body(child)

    def _visit(self, node: ast.AST, result_is_dropped: bool) -> None:
        if isinstance(node, ast.Call):
            function = self._function(node.func)
            if function is not None:
                self.uses.append(Use(*function, node.lineno, None, is_used=not result_is_dropped))
            elif isinstance(node.func, ast.Name) and node.func.id == "setattr" and self._locals:
                self.has_other_declarations |= getattr(node.args[1], "value", None) in _DECLARED if len(node.args) > 1 else False
        if isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                for part in target.elts if isinstance(target, (ast.Tuple, ast.List)) else [target]:
                    self._declaration(part, node.value if part is target else None)

    def _declaration(self, target: ast.AST, value: ast.AST | None) -> None:
        if not isinstance(target, ast.Attribute) or target.attr not in _DECLARED:
            return
        function = self._function(target.value)
        if function is not None:
            known = UNKNOWN if value is None else self.resolve(value)
            self.uses.append(Use(*function, target.lineno, target.attr, known))
        elif self._locals and target.attr != "argtypes":
            self.has_other_declarations = True


class _Alias(tuple):        # type: ignore[type-arg]
    """A local name for a function of a library."""


def _reaches_functions(names: dict[str, Any], depth: int = 0) -> bool:
    """Whether a library or a function of one is among some names, or an attribute of a module or a class among them."""
    for value in tuple(names.values()):
        if issubclass(type(value), (ctypes.CDLL, CFuncPtr)):
            return True
        if depth == 0 and type(value) in (types.ModuleType, type) and _reaches_functions(vars(value), 1):
            return True
    return False


def read(module: types.ModuleType) -> Reader | None:
    """None if there is no source, or none that can be parsed, or it has nothing to do with functions of libraries."""
    file = getattr(module, "__file__", None)
    if not isinstance(file, str) or not file.endswith(".py"):
        return None
    try:
        with open(file, "rb") as source:
            text = source.read()
        if b"restype" in text or _reaches_functions(vars(module)):
            return Reader(module, ast.parse(text, file)).read()
    except (OSError, SyntaxError, ValueError, RecursionError):
        pass
    return None


def line_of_class(module: types.ModuleType, name: str) -> int:
    """Where a class is defined, or its _fields_ are set; 0: not found."""
    lines = dict(_classes(module))
    return lines.get(name, 0)


_known_classes: dict[str, dict[str, int]] = {}


def _classes(module: types.ModuleType) -> dict[str, int]:
    file = getattr(module, "__file__", None)
    if not isinstance(file, str):
        return {}
    if file not in _known_classes:
        _known_classes[file] = {}
        try:
            with open(file, "rb") as source:
                tree = ast.parse(source.read(), file)
        except (OSError, SyntaxError, ValueError, RecursionError):
            return {}
        _known_classes[file] = dict(_lines_in(tree))
    return _known_classes[file]


def _lines_in(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Of classes and of module-level names; the line of _fields_ comes last, and counts."""
    fields: list[tuple[str, int]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            yield node.name, node.lineno
            for line in node.body:
                if isinstance(line, ast.Assign) and getattr(line.targets[0], "id", "") == "_fields_":
                    fields.append((node.name, line.lineno))
        elif isinstance(node, ast.Assign):
            target = node.targets[0]
            if isinstance(target, ast.Name):
                yield target.id, node.lineno
            elif isinstance(target, ast.Attribute) and target.attr == "_fields_" and isinstance(target.value, ast.Name):
                fields.append((target.value.id, node.lineno))
    yield from fields
