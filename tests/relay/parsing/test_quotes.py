"""What is quoted is folded, whatever program quoted it; in doubt nothing is."""

from __future__ import annotations

import pytest

from lostpost.relay.parsing import quotes
from lostpost.relay.parsing.quotes import fold

FOLDED = {
    "gmail-nl": """\
Nee, niets gezien.

Op di 3 nov 2026 om 09:12 schreef Winkel <
tok@relay.example>:

> Is het er?
> Winkel""",
    "gmail-en": """\
Nothing.

On Tue, Nov 3, 2026 at 9:12 AM Shop <tok@relay.example> wrote:

> Did it come?
>
> Shop
""",
    "gmail-de": """\
Nein.

Am Di., 3. Nov. 2026 um 09:12 Uhr schrieb Laden <
tok@relay.example>:

> Ist es da?""",
    "gmail-fr": """\
Non.

Le mar. 3 nov. 2026 à 09:12, Boutique <tok@relay.example> a
écrit :

> Est-il arrivé ?""",
    "apple-nl": """\
Niets.

> Op 3 nov. 2026 om 09:12 heeft W het volgende geschreven:
>
> Is het er?
""",
    "apple-de": """\
Nichts.

> Am 03.11.2026 um 09:12 schrieb W <w@relay.example>:
>
> Ist es da?""",
    "thunderbird-nl": """\
Niets.

Op 03-11-2026 om 09:12 schreef Winkel:
> Is het er?
>> Eerder""",
    "outlook-nl": """\
Niets.

Van: Winkel <tok@relay.example>
Verzonden: dinsdag 3 november 2026 09:12
Aan: Klaas
Onderwerp: Uw pakket

Is het er?""",
    "outlook-en": """\
Nothing.

-----Original Message-----
From: Shop
Sent: Tuesday, 3 November 2026 09:12
To: Klaas
Subject: Your parcel

Did it come?""",
    "outlook-de": """\
Nichts.
________________________________
Von: Laden
Gesendet: Dienstag, 3. November 2026 09:12
An: Klaas
Betreff: Ihr Paket

Ist es da?""",
    "outlook-fr": """\
Rien.

De : Boutique
Envoyé : mardi 3 novembre 2026 09:12
À : Klaas
Objet : Votre colis

Est-il là ?""",
    "outlook-bold": """\
Niets.

*Van:* Winkel
*Verzonden:* dinsdag
*Aan:* Klaas
*CC:* iemand
*Onderwerp:* Uw pakket

Is het er?""",
    "bare-quote": """\
Nog steeds niets.

> Is het er?
> Winkel""",
}

WHOLE = {
    "between": "> Is het er?\nNee.\n> Hebt u bij de buren gevraagd?\nJa, ook niets.",
    "below": "> Is het er?\n\nNee, nog niet.",
    "sentence": "Van: de buurman hoorde ik dat het er was.\nMaar ik zag niets.\nAan: niemand gegeven, dus.",
    "two-labels": "Van: Utrecht\nAan: Tilburg\nDat staat op het pakket.",
    "no-quote": "Ik wacht al een week.\n\nGroet, Klaas",
    "word": "Zij schreef mij op 3 november:\n\nhet pakket is kwijt.",
}


@pytest.mark.parametrize("text", FOLDED.values(), ids=FOLDED.keys())
def test_a_quote_at_the_end_is_folded_with_what_introduces_it(text):
    new, quoted = fold(text)

    assert new == text.split("\n")[0]
    assert "".join((new + quoted).split()) == "".join(text.split()), "nothing may be lost"


@pytest.mark.parametrize("text", WHOLE.values(), ids=WHOLE.keys())
def test_all_is_shown_where_folding_could_hide_something_new(text):
    assert fold(text) == (text, "")


def test_a_mail_that_only_quotes_has_no_new_text():
    assert fold("> Is het er?\n> Winkel") == ("", "> Is het er?\n> Winkel")


@pytest.mark.parametrize(
    "text",
    [
        *("On a a a\n" * 500, "From:\n" * 500, "> " * 500 + "\n" + ":\n" * 500, "wrote:\n>" * 500),
        *("> a\n" * 500 + "b\n" + "> c\n" * 500, ">\n\n" * 500 + "b", "> a\nb\n" * 500),
    ],
)
def test_each_line_is_looked_at_a_few_times_however_many_there_are(text, monkeypatch):
    looked_at: list[str] = []

    def counting(look):
        def counted(line):
            looked_at.append(line)
            return look(line)

        return counted

    for name in ("_is_quoted", "_label"):
        monkeypatch.setattr(quotes, name, counting(getattr(quotes, name)))

    new, quoted = fold(text)

    assert "".join((new + quoted).split()) == "".join(text.split())
    assert len(looked_at) <= (quotes._BLOCK_LINES + 4) * text.count("\n")
