"""A customer's link is masked however a mail program has written it; other text stays."""

from __future__ import annotations

import pytest

from lostpost.core.link_masking import TOKEN_LENGTH, mask_customer_links

TOKEN = "AbC-_" * 8 + "xyz"
assert len(TOKEN) == TOKEN_LENGTH

WRITTEN = {
    "plain": (f"Zie https://lost.example/c/{TOKEN}.", "Zie https://lost.example/c/…."),
    "cut": (f"https://x.example/c/{TOKEN[:22]}", "https://x.example/c/…"),
    "ours": ("https://lost.example:8000/c/abc, groet", "https://lost.example:8000/c/…, groet"),
    "ours-within-a-link": (
        "url=https%3A%2F%2Flost.example%3A8000%2Fc%2Fabc&d",
        "url=https%3A%2F%2Flost.example%3A8000%2Fc%2F…&d",
    ),
    "ours-and-a-next-line": ("https://lost.example/c/abc\nGroet\nKlaas", "https://lost.example/c/…\nGroet\nKlaas"),
    "within-a-link": (
        f"?url=https%3A%2F%2Flost.example%2Fc%2F{TOKEN}&data=5",
        "?url=https%3A%2F%2Flost.example%2Fc%2F…&data=5",
    ),
    "twice-encoded": (f"%252fc%252f{TOKEN.replace('-', '%252d')} x", "%252fc%252f… x"),
    "rewritten": (f"u=https-3A__lost.example_c_{TOKEN.replace('_', '%5F')}&d", "u=https-3A__lost.example_c_…&d"),
    "wrapped": (f"> /c/{TOKEN[:20]}\n> {TOKEN[20:]} en verder", "> /c/… en verder"),
    "wrapped-twice": (f"/c/\n>> {TOKEN[:20]}\r\n>> {TOKEN[20:40]}\n>> {TOKEN[40:]}\nklaar", "/c/…\nklaar"),
    "within-its-path": (f"https://lost.example/c\n/{TOKEN}", "https://lost.example/c\n/…"),
    "soft-break": (f"/c/{TOKEN[:20]}=\n{TOKEN[20:]} x", "/c/… x"),
    "href": (
        f'<a href="https://lost.example/c/{TOKEN}">Uw pagina</a>',
        '<a href="https://lost.example/c/…">Uw pagina</a>',
    ),
    "markup": (f"/c/{TOKEN[:9]}<wbr>{TOKEN[9:]}</a> [lost.example]", "/c/…</a> [lost.example]"),
    "invisible": (f"/c/{TOKEN[:9]}\u200b{TOKEN[9:]} x", "/c/… x"),
    "two": (f"/c/{TOKEN} /c/{TOKEN}", "/c/… /c/…"),
}
KEPT = [
    "and/\nc/o De Vries",
    "a_c_word and snake_c_case",
    "/contact/c.html, 3/4 c / d",
    "https://lost.example/c/\n\nKlaas",
    "https://shop.example/c/lampen\nGroet\nKlaas",
    "https://shop.example/c/mooie-lampen-voor-in-de-keuken-en-de-slaapkamer-boven",
]

pytestmark = pytest.mark.usefixtures("our_address")


@pytest.fixture
def our_address(settings):
    settings.LOSTPOST_URL = "https://lost.example:8000"


@pytest.mark.parametrize("name", WRITTEN)
def test_a_link_is_masked(name):
    text, masked = WRITTEN[name]
    assert mask_customer_links(text) == masked


@pytest.mark.parametrize("text", KEPT)
def test_other_text_stays(text):
    assert mask_customer_links(text) == text
