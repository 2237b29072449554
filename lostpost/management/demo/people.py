"""Made-up customers, with e-mail addresses under reserved names (RFC 2606)."""

from __future__ import annotations

import random
import unicodedata
from dataclasses import dataclass

_FIRST = {
    "NL": """
        Sanne, Daan, Femke, Bas, Lotte, Thijs, Marit, Ruben, Eline, Joost, Anouk, Pieter, Fatima, Mehmet, Ilse, Wouter,
        Roos, Jeroen, Naomi, Sjoerd, Hanneke, Koen, Yasmina, Gijs, Maaike, Stijn, Tess, Bram-Jan, Willemijn, Rachid,
        Noor, Tijmen, Floor, Marloes
    """,
    "BE": "Lies, Jef, Elke, Tom, Griet, Wim, An, Dries, Katrien, Bert, Hilde, Arne, Nele, Inès, Luc, Amélie, Jens",
}
_LAST = {
    "NL": """
        de Vries, van den Berg, Bakker, Visser, Smit, Meijer, Mulder, de Boer, Bos, Vos, Peters, Hendriks, van Leeuwen,
        Dekker, Brouwer, de Wit, Dijkstra, Kok, van der Heijden, Schouten, Yılmaz, El Amrani, Postma, Willems, Hoekstra,
        Prins, Kuiper
    """,
    "BE": """
        Peeters, Janssens, Maes, Jacobs, Mertens, Willems, Claes, Goossens, Wouters, De Smet, Vermeulen, Van Damme,
        Dubois, De Clercq, Lambert, Verhaegen
    """,
}
_AREAS, _STREETS = (1017, 2311, 3511, 3581, 5611, 6811, 9712), ("AB", "CD", "GK", "XP")
_POSTCODES = {  # Of few places, so that some customers live at the same.
    "NL": [f"{area} {street}" for area in _AREAS for street in _STREETS],
    "BE": ["1000", "2000", "2018", "2600", "3000", "3500", "8000", "8500", "9000", "9050", "9300"],
    "DK": ["2100"],
}
_HOSTS = ("example.com", "example.net", "post.example", "brievenbus.example")


@dataclass(frozen=True)
class Customer:
    """Someone who buys."""

    name: str
    email: str
    language: str = "nl"
    country: str = "NL"
    postal_code: str = ""


def customer(
    name: str, *, language: str = "nl", country: str = "NL", host: str = "example.com", postal_code: str = ""
) -> Customer:
    """Make up one customer by name, who always lives at the same postcode."""
    chance = random.Random(f"postcode of {name}")  # noqa: S311  Not for secrets.
    postal_code = postal_code or chance.choice(_POSTCODES.get(country, [""]))
    plain = unicodedata.normalize("NFKD", name.replace("ı", "i")).encode("ascii", "ignore").decode().lower()
    return Customer(name, f"{'.'.join(plain.replace('.', '').split())}@{host}", language, country, postal_code)


def some_customer(chance: random.Random, *, belgians: float) -> Customer:
    """Make up any customer; of the Dutch one in eight, of the Belgians one in ten reads English."""
    country = "BE" if chance.random() < belgians else "NL"
    name = f"{_one_of(chance, _FIRST[country])} {_one_of(chance, _LAST[country])}"
    language = "en" if chance.random() < (0.1 if country == "BE" else 0.125) else "nl"
    return customer(name, language=language, country=country, host=chance.choice(_HOSTS))


def _one_of(chance: random.Random, names: str) -> str:
    return chance.choice([name.strip() for name in names.split(",")])
