"""What the style sheets keep: short files, each in one named layer, all linked, and every address there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.template.loader import render_to_string

import lostpost

PACKAGE = Path(lostpost.__file__).parent
SHEETS = sorted((PACKAGE / "static" / "css").glob("*.css"))
LINKED = re.findall(r'<link rel="stylesheet" href="/static/css/([^"]+)">', render_to_string("parts/style_sheets.html"))
ORDER = re.compile(r"(?m)^@layer ([^{;]+);$")
BLOCK = re.compile(r"(?m)^@layer ([^{;]+) \{$")

LONGEST_SHEET = 400


def layer_order() -> list[str]:
    """Return the layers as the first style sheet of a page names them."""
    (order,) = ORDER.findall((PACKAGE / "static" / "css" / LINKED[0]).read_text(encoding="utf-8"))
    return str(order).split(", ")


def test_every_style_sheet_is_linked_once():
    assert sorted(LINKED) == [path.name for path in SHEETS]
    assert list((PACKAGE / "static").glob("*.css")) == []


@pytest.mark.parametrize("page", ["base.html", "plain.html"])
def test_every_page_links_the_style_sheets(page):
    text = (PACKAGE / "templates" / page).read_text(encoding="utf-8")
    assert text.count('{% include "parts/style_sheets.html" %}') == 1
    assert 'rel="stylesheet"' not in text


def test_the_layers_are_named_once_and_before_all_rules():
    naming = [path.name for path in SHEETS if ORDER.search(path.read_text(encoding="utf-8"))]
    assert naming == [LINKED[0]]
    assert len(set(layer_order())) == len(layer_order())


def test_the_links_follow_the_order_of_the_layers_and_each_layer_has_rules():
    layers = [BLOCK.findall((PACKAGE / "static" / "css" / name).read_text(encoding="utf-8"))[0] for name in LINKED]
    # The values are part of `base`, and come first because they name the order.
    assert list(dict.fromkeys(layers[1:])) == layer_order()
    assert layers[0] == "base"


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.name)
def test_a_style_sheet_is_one_layer_of_a_length_to_read(path):
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LONGEST_SHEET
    assert len(BLOCK.findall(text)) == 1
    outside = re.findall(r"(?m)^[^\s/@}*].*\{$|^@(?!layer |font-face ).*", text)
    assert not outside, "a rule outside of the layers wins over all of them"


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.name)
def test_a_style_sheet_fetches_only_files_that_are_there(path):
    text = path.read_text(encoding="utf-8")
    assert "@import" not in text, "an import is fetched only after the sheet that names it"
    for url in re.findall(r"""url\(["']?([^"')]+)""", text):
        assert url.startswith("data:") or (path.parent / url).is_file(), url


def test_every_value_that_is_used_is_set():
    text = "".join(path.read_text(encoding="utf-8") for path in SHEETS)
    assert set(re.findall(r"var\((--[\w-]+)", text)) <= set(re.findall(r"(?m)^\s*(--[\w-]+):", text))
