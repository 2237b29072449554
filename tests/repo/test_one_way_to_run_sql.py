"""SQL is run by `core.sql` alone, and rows are inserted with the columns of their model."""

from __future__ import annotations

import ast

from tests.repo.test_layers import FILES, SQL_FILES, called, named, tree_of

CURSORS = {
    "lostpost/core/sql.py",
    "lostpost/core/postgresql/base.py",  # Whether a connection of psycopg is of use, before Django has it.
}
INSERTIONS = {
    "lostpost/core/sql.py",
    "lostpost/events/record.py",  # The number of each event follows from the counter, in the same statement.
    "lostpost/writeoffs/sql/count_in_day.sql",  # It counts after the feed's counter, in the same statement.
    "lostpost/tracking/sql/store_scans.sql",  # The flags of each scan follow from its order, in the same statement.
    "lostpost/tracking/count_received_scans.py",  # Counts are added up in the same statement.
}


def test_no_other_module_opens_a_cursor():
    opening = {
        named(path) for path in FILES for node in ast.walk(tree_of(path)) if called(node).rpartition(".")[2] == "cursor"
    }
    assert opening == CURSORS


def test_no_other_statement_spells_the_columns_of_an_insertion():
    spelling = {named(path) for path in [*FILES, *SQL_FILES] if "INSERT INTO" in path.read_text(encoding="utf-8")}
    assert spelling == INSERTIONS
