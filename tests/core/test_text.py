"""One word in many spellings is one word, and signs that nobody sees are no words."""

from __future__ import annotations

from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lostpost.core.text import compact_form, is_blank, search_form, spelling

ZOE = "Zoë Brontë"


@pytest.mark.parametrize(
    "written",
    [
        normalize("NFD", ZOE),
        "ZOË BRONTË",
        "Zoë\N{NO-BREAK SPACE}Brontë",
        "  Zoë   Brontë ",
        "\u200bZoë Bro\u00adntë\ufeff",
        "Zoe\u200b\u0308 Brontë",
        "Ｚｏë Ｂｒｏｎｔë",
        "Zoë\u3000Brontë",
    ],
)
def test_a_name_is_one_name_in_every_spelling(written):
    assert search_form(written) == search_form(ZOE) == "zoë brontë"


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ("Strauß", "STRAUSS"),
        ("Işıl Yıldız", "işil yildiz"),
        ("İnci", "inci"),
        ("ﬁlter", "FILTER"),
        ("Ἀχιλλεύς", "ἈΧΙΛΛΕΎΣ"),
        ("Desk lamp №5", "desk lamp no5"),
    ],
)
def test_different_spellings_of_a_word_are_equal(written, typed):
    assert search_form(written) == search_form(typed)


def test_letters_with_and_without_their_marks_are_not_the_same():
    assert search_form("Ömer") != search_form("Omer")


@given(st.text())
def test_a_form_of_a_form_is_itself(text):
    for form in (search_form, compact_form, spelling):
        assert form(form(text)) == form(text)


@given(st.text())
def test_composed_and_decomposed_have_the_same_forms(text):
    for form in (search_form, compact_form, spelling):
        assert form(normalize("NFD", text)) == form(normalize("NFC", text))


@given(st.text(st.characters(max_codepoint=0x7F)))
def test_plain_letters_have_the_form_of_all_letters(text):
    assert (search_form(text), spelling(text)) == (
        search_form(f"{text} é")[:-2].rstrip(),
        spelling(f"{text} é")[:-2].rstrip(),
    )


@pytest.mark.parametrize(
    "number", ["3SPC 001", "3spc001", " 3SPC\N{NO-BREAK SPACE}001 ", "３ＳＰＣ００１", "3SPC\u200b001"]
)
def test_a_number_is_one_number_with_its_blanks_and_capitals(number):
    assert compact_form(number) == "3spc001"


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\u200b",
        "\uffff",
        "\u00ad\u2060",
        "\N{NO-BREAK SPACE}\n\t",
        "\u3164",
        "\u2800",
        "\U000e0061",
        "\U0001ffff",
    ],
)
def test_invisible_text_is_blank(text):
    assert is_blank(text)
    assert not is_blank(f"{text}.")
    assert search_form(text) == compact_form(text) == spelling(text) == ""


@pytest.mark.parametrize("text", ["a", "👩\u200d💻", "\N{DEVANAGARI LETTER KA}", "\ue000", "0"])
def test_visible_text_is_not_blank(text):
    assert not is_blank(text)


def test_visible_differences_are_kept_in_the_search_form():
    assert spelling("m²") != spelling("m2")
    assert spelling("klaas") != spelling("Klaas")
