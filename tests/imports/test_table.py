"""Files as programs write them: encodings, delimiters, lines; what cannot be read row by row stops everything."""

from __future__ import annotations

import codecs

import pytest

from tests.imports.checking import accepted_lots, checked, problems, unreadable
from tests.imports.writing import ORDER, PARCEL, RETURN, SCAN, SELLER, order_of, write, write_sound


@pytest.mark.parametrize(
    ("encoding", "sentence"),
    [
        ("latin-1", "orders.csv:3: the byte 0xeb at place 53 is not UTF-8; save the file as CSV in UTF-8"),
        ("cp1252", "orders.csv:3: the byte 0xeb"),
        ("utf-16", "orders.csv:1: the file is in UTF-16 or UTF-32; save it as CSV in UTF-8"),
        ("utf-32", "orders.csv:1: the file is in UTF-16 or UTF-32"),
        ("utf-16-le", "orders.csv:1: there are NUL characters in the first line"),
    ],
)
def test_a_file_in_another_encoding_is_not_read_at_all(tmp_path, encoding, sentence):
    write_sound(tmp_path)
    rows = [ORDER, ORDER | {"order_number": "1008", "customer_name": "Noël"}]
    write(tmp_path / "orders.csv", rows, encoding=encoding)

    assert sentence in unreadable(tmp_path)


def test_the_line_of_a_wrong_byte_is_found_in_a_large_file(tmp_path):
    write(tmp_path / "orders.csv", [ORDER | {"order_number": str(number)} for number in range(5_000)])
    lines = (tmp_path / "orders.csv").read_bytes().splitlines(keepends=True)
    lines[4_321] = lines[4_321].replace(b"Klaas", b"Kl\xe9as")
    (tmp_path / "orders.csv").write_bytes(b"".join(lines))

    assert "orders.csv:4322: the byte 0xe9" in unreadable(tmp_path)


@pytest.mark.parametrize("delimiter", [",", ";"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_both_delimiters_with_and_without_a_mark_of_the_encoding_are_read(tmp_path, delimiter, encoding, line_end):
    rows = [ORDER | {"title": 'Lamp, “Noël”; 3" high', "customer_name": "Zoë Łoś"}]
    file = write(tmp_path / "orders.csv", rows, delimiter=delimiter, encoding=encoding)
    file.write_bytes(file.read_bytes().replace(b"\r\n", line_end.encode()))

    table = checked(file)

    assert not table.problems
    (lot,) = table.lots
    assert order_of(lot).items[0].title == 'Lamp, “Noël”; 3" high'
    assert order_of(lot).customer_name == "Zoë Łoś"


def test_a_cell_of_several_lines_does_not_shift_line_numbers(tmp_path):
    rows = [SCAN | {"text": "Sorted\nin\nUtrecht"}, SCAN | {"status": "lost"}]

    assert problems(write_sound(tmp_path, scans=rows))[0].startswith("scans.csv:5: the status “lost”")


NEEDED = b"seller,parcel,occurred_at,status"
BROKEN = [
    (b"", ":1: the file is empty; its first line must name the columns"),
    (codecs.BOM_UTF8, ":1: the file is empty"),
    (b"\n\n", ":1: the file is empty"),
    (b"PK\x03\x04 and the rest of a spreadsheet", ":1: the file is a spreadsheet or an archive"),
    (b"x" * 100_000, ":1: the first line does not end; this is no CSV file"),
    (b"seller,parcel,occurred_at\n", ":1: a file of scans needs the column status; add it"),
    (b"seller,parcel\n", ":1: a file of scans needs the columns occurred_at, status; add them"),
    (NEEDED + b",txet\n", ":1: the column “txet” is not known in a file of scans; did you mean text?"),
    (NEEDED + b",weather\n", ":1: the column “weather” is not known in a file of scans; take it out; known are"),
    (NEEDED + b",status\n", ":1: the column status stands there 2 times; keep one"),
    (b"," + NEEDED + b"\n", ":1: a column has no name; name it or take it out"),
    (NEEDED + b',text\na,b,c,d,"open\nx,y\n', ":2: a quotation mark is opened in this row and never closed"),
    (NEEDED + b',text\na,b,c,d,e\na,b,c,d,"3" pipe"\n', ":3: a quoted cell goes on after its end; write a"),
    (NEEDED + b",text\na,b,c,d,e\na,b,c,d," + b"x" * 200_000, ":3: a cell is longer than 131,072 characters; is a"),
]


@pytest.mark.parametrize(("content", "sentence"), BROKEN)
def test_an_unreadable_file_stops_the_import(tmp_path, content, sentence):
    write_sound(tmp_path)
    (tmp_path / "scans.csv").write_bytes(content)

    assert unreadable(tmp_path).startswith(f"{tmp_path}/scans.csv{sentence}")


def test_unknown_columns_are_reported_with_those_of_each_format(tmp_path):
    file = tmp_path / "colours.csv"
    file.write_text("colour,size\nred,L\n")

    assert "names the columns of no kind of file; the kinds need sellers: name, seller; orders: " in unreadable(file)


def test_a_folder_needs_at_least_one_file_of_the_kinds(tmp_path):
    (tmp_path / "other.csv").write_text("a,b\n")

    problem = unreadable(tmp_path)

    assert (
        problem
        == f"{tmp_path}:1: the folder holds none of sellers.csv, orders.csv, parcels.csv, returns.csv, scans.csv"
    )
    assert "there is no such file or folder" in unreadable(tmp_path / "nowhere")


def test_files_are_known_by_their_columns_and_read_in_the_order_that_they_need(tmp_path):
    paths = [
        write(tmp_path / f"{number}.txt", [row]) for number, row in enumerate([SCAN, RETURN, PARCEL, ORDER, SELLER])
    ]

    table = checked(*paths, paths[0], tmp_path / "." / "3.txt")

    assert not table.problems
    assert accepted_lots(table) == ["order 1007 of lampenhuis"]
    (lot,) = table.lots
    assert {kind: len(places) for kind, places in lot.places.items()} == {
        "order": 1,
        "parcel": 1,
        "return": 1,
        "scan": 1,
    }
