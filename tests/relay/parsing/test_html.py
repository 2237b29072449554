"""HTML of strangers: nothing of it acts, nothing comes from elsewhere, and all words stay."""

from __future__ import annotations

from lostpost.relay.parsing.html import safe_html, text_of
from lostpost.relay.parsing.limits import HTML_MAX


def test_only_structure_is_left():
    html, note = safe_html(
        "<html><head><style>p{color:red}</style><title>x</title></head><body onload=alert(1)>"
        '<p style="background:url(https://t.example/a)">Niets <b>gezien</b></p>'
        '<img src="https://t.example/pixel.gif"><script>alert(1)</script><svg onload=alert(1)></svg>'
        '<a href="javascript:alert(1)">hier</a><iframe src="https://t.example"></iframe>'
        '<form action="/x"><input></form>'
        "<!-- secret -->"
    )

    assert note == ""
    assert html == "<p>Niets <b>gezien</b></p>hier"


def test_a_link_shows_where_it_leads():
    html, _ = safe_html(
        '<a href="https://evil.example/login">https://bank.example</a> <a href="https://a.example/">a.example</a>'
    )

    assert "https://bank.example</a> [evil.example]" in html
    assert html.count("[") == 1, "its host stands in the text already"


def test_html_too_long_or_too_deep_is_not_cleaned_and_its_words_are_read_all_the_same():
    assert safe_html("a" * (HTML_MAX + 1)) == ("", "html-too-long")
    deep = "<div>" * 5000 + "Niets gezien" + "</div>" * 5000
    assert safe_html(deep) == ("", "html-too-deep")
    assert text_of(deep).strip() == "Niets gezien"


def test_the_text_has_quotes_as_an_e_mail_of_plain_text_has_them():
    text = text_of(
        "<p>Niets gezien.</p><div>Op 3 nov schreef W:<br></div>"
        "<blockquote><p>Is het er?</p><blockquote>Eerder</blockquote></blockquote>"
    )

    assert text.split("\n")[0] == "Niets gezien."
    assert "> Is het er?" in text
    assert next(line for line in text.split("\n") if "Eerder" in line).startswith(">")


def test_hidden_text_is_not_read():
    assert text_of("<p>Ja</p><style>p{}</style><script>x</script><p style='display:none'>geheim</p>").strip() == "Ja"


def test_markup_of_any_kind_is_read_without_an_error():
    for html in (
        "",
        "<",
        "<><>",
        "<p",
        "<!doctype",
        "<?xml version='1.0' encoding='utf-8'?><p>x",
        "&#0;&#xd800;",
        "<table><tr><td>",
    ):
        text_of(html)
        safe_html(html)
