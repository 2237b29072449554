"""The shape of the house: who may import whom, and what a command looks like, read off the source itself."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps
from importlinter.cli import lint_imports

PROJECT = Path(__file__).resolve().parents[2]
PACKAGE = PROJECT / "lostpost"
DOMAIN = (
    *(
        "core",
        "eligibility",
        "accounts",
        "connector_accounts",
        "ledger",
        "events",
        "orders",
        "carrier_feeds",
        "tracking",
        "sales",
        "sales_channels",
        "customer_queries",
    ),
    *(
        "answering",
        "relay",
        "customer_links",
        "declarations",
        "found_parcels",
        "notices",
        "refunds",
        "invoicing",
        "intake",
        "writeoffs",
        "write_off_batches",
        "armed_write_offs",
        "query_actions",
        "restorations",
        "partnerservice",
        "holds",
    ),
    *("audit", "insight", "reporting"),
)
FILES = sorted(path for path in PACKAGE.rglob("*.py") if "migrations" not in path.parts)
SQL_FILES = sorted(PACKAGE.rglob("*.sql"))
DOMAIN_FILES = [path for path in FILES if path.relative_to(PACKAGE).parts[0] in DOMAIN]


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def named(path: Path) -> str:
    return str(path.relative_to(PROJECT))


def called(node: ast.AST) -> str:
    """Spell the function that a call calls; empty for anything else."""
    return ast.unparse(node.func) if isinstance(node, ast.Call) else ""


def durable_functions() -> Iterator[tuple[Path, ast.FunctionDef]]:
    """Find the commands: functions that are a transaction of their own."""
    for path in FILES:
        for node in ast.walk(tree_of(path)) if "atomic" in path.read_text(encoding="utf-8") else ():
            if isinstance(node, ast.FunctionDef) and any("atomic" in ast.unparse(it) for it in node.decorator_list):
                yield path, node


COMMANDS = list(durable_functions())
each_command = pytest.mark.parametrize(("path", "command"), COMMANDS, ids=[command.name for _path, command in COMMANDS])


def test_each_package_imports_only_packages_below_it(capsys, monkeypatch):
    monkeypatch.setattr("importlinter.cli._configure_logging", lambda _verbose: None)  # It would silence all loggers.
    failed = lint_imports(config_filename=str(PROJECT / "pyproject.toml"), no_cache=True)

    assert not failed, capsys.readouterr().out


def test_every_package_has_its_place():
    """A package that no layer names would be checked by nobody; the contract is `exhaustive`, and this is its list."""
    contract = (PROJECT / "pyproject.toml").read_text(encoding="utf-8").partition("[[tool.importlinter.contracts]]")[2]
    assert "exhaustive = true" in contract
    for name in ("services", "utils", "helpers", "common", "misc"):
        assert not list(PACKAGE.rglob(f"{name}.py")), f"{name}.py says nothing about what is in it"
        assert not (PACKAGE / name).exists()


@each_command
def test_a_command_is_one_durable_transaction_with_named_arguments(path, command):
    decorators = [ast.unparse(decorator) for decorator in command.decorator_list]
    # A hold is a commit of its own, once the command was refused and has left nothing.
    outermost, *others = [decorator for decorator in decorators if decorator != "places_hold"]

    assert outermost == "transaction.atomic(durable=True)"
    assert all(other.startswith("keeps_answer(") for other in others), "only what commits with the command stands below"
    if not command.name.startswith("_"):  # The transaction of a command that has something to do before it.
        assert not command.args.args, f"{command.name} takes arguments by place; put * before them"
        assert not command.args.posonlyargs
        assert command.args.vararg is None
        assert ast.get_docstring(command), f"{command.name} does not say what it does"


@each_command
def test_a_command_does_not_call_a_command(path, command):
    others = {other.name for _path, other in COMMANDS if not other.name.startswith("_")}
    calls = {called(node).rpartition(".")[2] for node in ast.walk(command)}

    assert not calls & others, "commands share helpers; two durable transactions cannot be one"


def test_commands_are_in_the_domain_only():
    outside = {named(path) for path, _command in COMMANDS if path not in DOMAIN_FILES}

    assert outside == set(), "an interface makes one call to the domain, and the transaction is the domain's"


def test_the_domain_reads_no_clock():
    """Time is read at the edge and handed in, so that a rule can be asked about any moment."""
    violations = [
        f"{named(path)}:{node.lineno}"
        for path in DOMAIN_FILES
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call) and re.search(r"(^|\.)(now|utcnow|today)$", called(node))
    ]
    assert violations == []


def test_the_domain_imports_no_network_modules():
    """What talks to the outside world stands in `connectors`, with no transaction open."""
    network = re.compile(r"(smtplib|socket|http|urllib\.request|requests|httpx|django\.core\.mail)(\.|$)")
    violations = [
        f"{named(path)}: {module}" for path in DOMAIN_FILES for module in imported(path) if network.match(module)
    ]
    assert violations == []


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def test_a_file_can_be_read_in_one_sitting():
    """A file of more than about 400 lines has usually two reasons to change."""
    files = [*FILES, *(PROJECT / "tests").rglob("*.py"), *(PROJECT / "bench").rglob("*.py")]
    long = {named(path): count for path in files if (count := len(path.read_text(encoding="utf-8").splitlines())) > 430}
    assert long == {}


def test_a_function_can_be_seen_at_once():
    """One that is longer than a screen has usually a part that deserves a name."""
    long = {
        f"{named(path)}: {node.name}": lines
        for path in FILES
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef) and (lines := (node.end_lineno or 0) - node.lineno + 1) > 70
    }
    assert long == {}


def test_a_read_over_all_sellers_is_never_within_a_command():
    for path, command in COMMANDS:
        assert "cross_seller" not in {called(node) for node in ast.walk(command)}, f"{named(path)}: {command.name}"


def test_sql_names_only_tables_of_its_package_or_below():
    """What imports may not do, statements may not do either."""
    contract = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    layers = [re.findall(r"\w+", layer) for layer in contract["contracts"][0]["layers"]]
    height = {package: -at for at, layer in enumerate(layers) for package in layer}
    package_of = {
        model._meta.db_table: model.__module__.split(".")[1] for model in apps.get_app_config("lostpost").get_models()
    }
    wrong = []
    for path in [*FILES, *SQL_FILES]:
        package = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        texts = (
            [path.read_text(encoding="utf-8")]
            if path in SQL_FILES
            else [node.value for node in ast.walk(tree_of(path)) if isinstance(node, ast.Constant)]
        )
        named_tables = {
            table for text in texts if isinstance(text, str) for table in re.findall(r"\blostpost_[a-z]+\b", text)
        }
        for table in named_tables & package_of.keys():
            owner = package_of[table]
            if owner != package and height[owner] >= height[package]:
                wrong.append(f"{named(path)} names {table}, which is of {owner}")
    assert wrong == []
