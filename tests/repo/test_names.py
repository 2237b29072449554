"""Names in the words of working engineers, with one meaning each (`docs/glossary.md`)."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2] / "lostpost"
SHARED = {
    "Command",  # Django looks for this name in each file of management/commands.
    "of_shop",  # Overloads of one function.
    "reason",  # A template filter: its name is its place in templates.
}
DIALECT = frozenset(
    [
        "anew",
        "asked",
        "asking",
        "found",
        "hear",
        "hear_of",
        "heard",
        "kept",
        "lifeline",
        "made",
        "mine",
        "papers",
        "picked",
        "pick",
        "picks",
        "reckon",
        "reckoning",
        "said",
        "seen",
        "taken",
        "tell",
        "told",
        "trouble",
        "waits",
        "whole",
        "Asking",
        "Heard",
        "Kept",
        "Made",
        "Reckoning",
        "Told",
        "Trouble",
        "Waits",
        "WillNotHeal",
    ]
)
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def modules() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(ROOT.rglob("*.py")):
        if path.parent.name != "migrations":
            yield str(path.relative_to(ROOT)), ast.parse(path.read_text(encoding="utf-8"))


def public(body: list[ast.stmt]) -> Iterator[Definition]:
    for statement in body:
        if isinstance(statement, Definition) and not statement.name.startswith("_"):
            yield statement


def parameters(definition: Definition) -> Iterator[str]:
    if not isinstance(definition, ast.ClassDef):
        arguments = definition.args
        for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
            yield argument.arg


def fields(definition: Definition) -> Iterator[str]:
    """Name what a class declares: annotated fields, and methods with their parameters."""
    if isinstance(definition, ast.ClassDef):
        for statement in definition.body:
            if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                yield statement.target.id
        for method in public(definition.body):
            yield method.name
            yield from parameters(method)


def test_no_public_name_is_defined_twice() -> None:
    places = defaultdict(set)
    for module, tree in modules():
        for definition in public(tree.body):
            places[definition.name].add(module)
    assert {name: sorted(modules) for name, modules in places.items() if len(modules) > 1 and name not in SHARED} == {}


def test_no_public_definition_parameter_or_module_has_a_name_of_the_dialect() -> None:
    used = []
    for module, tree in modules():
        names = {Path(module).stem}
        for definition in public(tree.body):
            names |= {definition.name, *parameters(definition), *fields(definition)}
        used += [f"{module}: {name}" for name in sorted(names & DIALECT)]
    assert used == []
