"""Addresses are written to as they stand, or not at all."""

import pytest

from lostpost.core.mail_address import address_problem, cleaned_address, wire_address


@pytest.mark.parametrize(
    ("address", "wire"),
    [
        ("klaas@example.com", "klaas@example.com"),
        ("o'brien+tag=x@example.co.uk", "o'brien+tag=x@example.co.uk"),
        ("Klaas@EXAMPLE.com", "Klaas@example.com"),
        ("klaas@faß.de", "klaas@xn--fa-hia.de"),  # IDNA 2008; by that of 2003 it is fass.de, another owner's.
        ("klaas@bücher.example", "klaas@xn--bcher-kva.example"),
        ("klaas@xn--fa-hia.de", "klaas@xn--fa-hia.de"),
        ("klaas@" + "x" * 63 + ".nl", "klaas@" + "x" * 63 + ".nl"),
        ("klaas@mail.local", "klaas@mail.local"),
        ("jörg@faß.de", "jörg@xn--fa-hia.de"),  # For servers that offer SMTPUTF8.
    ],
)
def test_an_address_is_sent_unchanged_with_its_domain_by_idna_2008(address, wire):
    assert address_problem(address) == ""
    assert wire_address(address) == wire


@pytest.mark.parametrize(
    "pasted",
    [
        "\u200bklaas@example.com",
        "klaas@example.com\u200b",
        "\ufeffklaas@exam\u00adple.com",
        "\u202aklaas@example.com\u202c",
        "\u2066klaas@example.com\u2069",
        "\N{NO-BREAK SPACE}klaas@example.com ",
    ],
)
def test_invisible_characters_of_a_pasted_address_are_removed(pasted):
    assert address_problem(pasted)
    assert cleaned_address(pasted) == "klaas@example.com"


@pytest.mark.parametrize("joined", ["kla\u200das@example.com", "kla\u200cas@example.com"])
def test_characters_that_change_letters_are_not_removed(joined):
    assert cleaned_address(joined) == joined
    assert address_problem(joined)
    with pytest.raises(ValueError, match="unsafe"):
        wire_address(joined)
