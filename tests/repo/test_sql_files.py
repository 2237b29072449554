"""Long statements stand in files of their own beside their package; each says what it does, and is read by it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.repo.test_layers import FILES, PACKAGE, SQL_FILES, named, tree_of
from tests.sql_reading import parsed

LINES_MAX = 15  # Of a statement between lines of Python.
_READ = re.compile(r'sql_file\(\s*__name__, "(\w+)"')
_COMMENT = re.compile(r"(?:-- [^\n]*\n)+")

each_file = pytest.mark.parametrize("path", SQL_FILES, ids=[str(path.relative_to(PACKAGE)) for path in SQL_FILES])


def head_and_body(path: Path) -> tuple[str, str]:
    """Return the comment at the head of a file, as running text, and the statement."""
    text = path.read_text(encoding="utf-8")
    comment = _COMMENT.match(text)
    assert comment, f"{named(path)} does not begin with what it does"
    return comment[0].replace("\n-- ", " ").removeprefix("-- ").strip(), text[comment.end() :]


def test_a_long_statement_stands_in_a_file():
    long = {
        named(path)
        for path in FILES
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.count("\n") >= LINES_MAX
        if re.search(r"\b(SELECT|UPDATE|INSERT INTO|DELETE FROM)\b", node.value)
    }
    assert long == set()


def test_each_file_is_read_by_its_package_and_each_read_one_is_there():
    read = {
        path.parent / "sql" / f"{name}.sql"
        for path in FILES
        for name in _READ.findall(path.read_text(encoding="utf-8"))
    }
    assert read == set(SQL_FILES)


@each_file
def test_a_file_says_what_it_does_with_which_parameters_and_returns_what(path):
    head, body = head_and_body(path)
    sentences, _, parameters = head.partition(" Parameters: ")
    assert re.fullmatch(r"[A-Z].{30,}\.", sentences)
    assert re.search(r"\. Returns [a-z].*\.$", parameters)
    for name in {*re.findall(r"%\((\w+)\)s", body), *re.findall(r"<(\w+)>", body)}:
        assert re.search(rf"\b{name}\b", parameters), f"the comment does not name {name}"


@each_file
def test_a_statement_is_read_by_the_parser_of_postgresql(path):
    _head, body = head_and_body(path)
    statements, _parameters = parsed(re.sub(r"<\w+>", "part", re.sub(r"\(<\w+>\)", "(SELECT 1)", body)))
    assert len(statements) == 1
