"""The mutants of a module: copies of its source in which one small thing is changed.

In: the source of a module. Out: a list of `Mutant`, each with the lines that it changes. Only
the changed characters are replaced, so that a mutant reads as a change of one line. Knows the
standard library alone, and neither runs nor writes anything: `mutate.py` does.

Changed are comparisons, arithmetic, `and` and `or`, `not`, unary minus, numbers, True and
False, conditions, the branches of `a if b else c`, the bounds of slices and keyword arguments
that pass a name or a constant; calls and augmented assignments that stand as a statement are
removed. Left alone are strings, annotations, decorators, `raise` statements, type aliases,
`__all__`, blocks under TYPE_CHECKING and lines with the comment `# pragma: no mutate`.
"""

import ast
import io
import tokenize
from functools import cached_property
from typing import NamedTuple

COMPARISONS = {
    ast.Lt: "<=", ast.LtE: "<", ast.Gt: ">=", ast.GtE: ">", ast.Eq: "!=", ast.NotEq: "==",
    ast.Is: "is not", ast.IsNot: "is", ast.In: "not in", ast.NotIn: "in",
}  # fmt: skip
ARITHMETIC = {
    ast.Add: "-", ast.Sub: "+", ast.Mult: "/", ast.Div: "*", ast.FloorDiv: "/", ast.Mod: "//",
    ast.Pow: "*", ast.BitOr: "&", ast.BitAnd: "|", ast.BitXor: "&", ast.LShift: ">>",
    ast.RShift: "<<",
}  # fmt: skip
LEFT_ALONE = (ast.Raise, ast.JoinedStr, getattr(ast, "TemplateStr", ast.JoinedStr))
ALIAS_VALUES = (ast.Subscript, ast.BinOp)
PRAGMA = "# pragma: no mutate"


class Mutant(NamedTuple):
    """One change of one file, as a whole source and as the lines that differ."""

    path: str  # relative to the repository, with forward slashes
    line: int  # of the first line that differs
    kind: str
    old: str  # the lines that differ, stripped and joined by a space
    new: str
    source: str


class Edit(NamedTuple):
    """Characters start to end of the source become `text`."""

    start: int
    end: int
    text: str
    kind: str


class Source:
    """A text with its tokens, which finds the places of nodes in characters."""

    def __init__(self, text):
        self.text = text
        self.lines = text.splitlines(keepends=True)
        self.tree = ast.parse(text)

    @cached_property
    def tokens(self):
        """List (start, end, string) of every token but comments and the ends of lines."""
        blank = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT}
        found = tokenize.generate_tokens(io.StringIO(self.text).readline)
        return [
            (self._starts[t.start[0] - 1] + t.start[1], self._starts[t.end[0] - 1] + t.end[1], t[1])
            for t in found
            if t.type not in blank and t.string
        ]

    @cached_property
    def _starts(self):
        starts = [0]
        for line in self.lines:
            starts.append(starts[-1] + len(line))
        return starts

    def _place(self, line, byte):
        return self._starts[line - 1] + len(self.lines[line - 1].encode()[:byte].decode())

    def span(self, node):
        return (
            self._place(node.lineno, node.col_offset),
            self._place(node.end_lineno, node.end_col_offset),
        )

    def code(self, node):
        start, end = self.span(node)
        return self.text[start:end]

    def operator(self, left, right):
        """Find the place of the operator between two nodes, whatever parentheses there are."""
        start, end = self.span(left)[1], self.span(right)[0]
        between = [t for t in self.tokens if start <= t[0] and t[1] <= end and t[2] not in "()"]
        return between[0][0], between[-1][1]

    def after(self, place):
        """Find the first token that starts at a place or later."""
        return next(t for t in self.tokens if t[0] >= place)

    def before(self, place):
        """Find the last token that ends at a place or earlier."""
        return [t for t in self.tokens if t[1] <= place][-1]


def mutants(text, path=""):
    """List the mutants of a source in the order of its lines; no two are the same program."""
    source = Source(text)
    seen = {ast.dump(source.tree)}
    found = []
    for edit in sorted(_edits(source, source.tree)):
        changed = text[: edit.start] + edit.text + text[edit.end :]
        program = _program(changed)
        if program and program not in seen and not _has_pragma(source, edit):
            seen.add(program)
            found.append(_mutant(path, text, changed, edit.kind))
    return found


def _program(text):
    """Dump the tree of a source; None if it is no Python, such as `f()` in place of a target."""
    try:
        return ast.dump(ast.parse(text))
    except SyntaxError:
        return None


def _has_pragma(source, edit):
    return PRAGMA in source.lines[source.text.count("\n", 0, edit.start)]


def _mutant(path, text, changed, kind):
    old, new = text.splitlines(), changed.splitlines()
    first = next(i for i, (a, b) in enumerate(zip(old, new)) if a != b)
    while len(old) > first + 1 and len(new) > first + 1 and old[-1] == new[-1]:
        old.pop(), new.pop()
    return Mutant(path, first + 1, kind, _joined(old[first:]), _joined(new[first:]), changed)


def _joined(lines):
    return " ".join(line.strip() for line in lines)


def _edits(source, node):
    """Give all edits of a node and of what it holds, but of nothing that is left alone."""
    if isinstance(node, LEFT_ALONE) or _is_alias(node) or _is_for_types(node):
        return
    maker = MAKERS.get(type(node))
    if maker:
        yield from maker(source, node)
    for child in _children(node):
        yield from _edits(source, child)


def _children(node):
    for name, value in ast.iter_fields(node):
        if name not in {"annotation", "returns", "decorator_list", "type_params"}:
            values = value if isinstance(value, list) else [value]
            yield from (child for child in values if isinstance(child, ast.AST))


def _is_alias(node):
    """Say whether a statement names a type, such as `Rows = list[int] | None`, or is __all__."""
    if isinstance(node, ast.AnnAssign):
        return ast.unparse(node.annotation).endswith("TypeAlias")
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        name = node.targets[0].id
        camel = name[:1].isupper() and not name.isupper()
        return name == "__all__" or (camel and isinstance(node.value, ALIAS_VALUES))
    return type(node).__name__ == "TypeAlias"


def _is_for_types(node):
    return isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")


def _compare(source, node):
    for left, op, right in zip([node.left, *node.comparators], node.ops, node.comparators):
        yield Edit(*source.operator(left, right), COMPARISONS[type(op)], "comparison")


def _arithmetic(source, node):
    new = ARITHMETIC.get(type(node.op))
    if new and not _is_text(node.left) and not _is_text(node.right):
        yield Edit(*source.operator(node.left, node.right), new, "arithmetic")


def _is_text(node):
    constant = isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)
    return constant or isinstance(node, ast.JoinedStr)


def _boolean(source, node):
    new = "or" if isinstance(node.op, ast.And) else "and"
    for left, right in zip(node.values, node.values[1:]):
        yield Edit(*source.operator(left, right), new, "boolean")


def _unary(source, node):
    if isinstance(node.op, ast.Not | ast.USub | ast.Invert):
        start = source.span(node)[0]
        end = source.after(source.after(start)[1])[0]
        yield Edit(start, end, "", "unary")


def _constant(source, node):
    start, end = source.span(node)
    for value in _others(node.value):
        yield Edit(start, end, repr(value), "constant")


def _others(value):
    """List the constants that take the place of one."""
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int | float):
        return [0, 2] if value == 1 and isinstance(value, int) else [value + 1]
    return []


def _statement(source, node):
    if isinstance(node, ast.AugAssign) or isinstance(node.value, ast.Call):
        yield Edit(*source.span(node), "pass", "statement")


def _augmented(source, node):
    yield from _statement(source, node)
    new = ARITHMETIC.get(type(node.op))
    if new and not _is_text(node.value):
        yield Edit(*source.operator(node.target, node.value), f"{new}=", "arithmetic")


def _condition(source, node):
    if not _flips_by_itself(node.test):
        yield Edit(*source.span(node.test), f"not ({source.code(node.test)})", "condition")


def _comprehension(source, node):
    for test in node.ifs:
        if not _flips_by_itself(test):
            yield Edit(*source.span(test), f"not ({source.code(test)})", "condition")


def _flips_by_itself(test):
    """Say whether another mutant gives the opposite of a condition already."""
    if isinstance(test, ast.Compare):
        flips = ast.Eq | ast.NotEq | ast.Is | ast.IsNot | ast.In | ast.NotIn
        return len(test.ops) == 1 and isinstance(test.ops[0], flips)
    return isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not)


def _branches(source, node):
    if not _flips_by_itself(node.test):
        start, end = source.span(node.body)[0], source.span(node.orelse)[1]
        middle = source.text[source.span(node.body)[1] : source.span(node.orelse)[0]]
        swapped = source.code(node.orelse) + middle + source.code(node.body)
        yield Edit(start, end, swapped, "branches")


def _slice(source, node):
    for bound in (node.lower, node.upper, node.step):
        if bound is not None:
            if not _is_one(bound):  # else a mutant of the constant is the same
                yield Edit(*source.span(bound), "", "slice")
            if isinstance(bound, ast.Name | ast.Attribute | ast.Call | ast.Subscript):
                yield Edit(*source.span(bound), f"{source.code(bound)} + 1", "slice")


def _is_one(bound):
    return isinstance(bound, ast.Constant) and bound.value == 1


def _call(source, node):
    for keyword in node.keywords:
        value = keyword.value.operand if isinstance(keyword.value, ast.UnaryOp) else keyword.value
        if keyword.arg and isinstance(value, ast.Constant | ast.Name):
            yield Edit(*_with_comma(source, keyword), "", "keyword")


def _with_comma(source, keyword):
    """Find the place of an argument and of one comma that goes with it."""
    start, end = source.span(keyword)
    before, after = source.before(start), source.after(end)
    if before[2] == ",":
        return before[0], end
    return start, source.after(after[1])[0] if after[2] == "," else end


MAKERS = {
    ast.Compare: _compare, ast.BinOp: _arithmetic, ast.BoolOp: _boolean, ast.UnaryOp: _unary,
    ast.Constant: _constant, ast.Expr: _statement, ast.AugAssign: _augmented, ast.If: _condition,
    ast.comprehension: _comprehension, ast.IfExp: _branches, ast.Slice: _slice, ast.Call: _call,
}  # fmt: skip
