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
_HOSTS = ("example.com", "example.net", "post.example", "brievenbus.example")


@dataclass(frozen=True)
class Customer:
    """Someone who buys."""

    name: str
    email: str
    language: str = "nl"
    country: str = "NL"


def customer(name: str, *, language: str = "nl", country: str = "NL", host: str = "example.com") -> Customer:
    """Make up one customer by name."""
    plain = unicodedata.normalize("NFKD", name.replace("ı", "i")).encode("ascii", "ignore").decode().lower()
    return Customer(name, f"{'.'.join(plain.replace('.', '').split())}@{host}", language, country)


def some_customer(chance: random.Random, *, belgians: float) -> Customer:
    """Make up any customer; of the Dutch one in eight, of the Belgians one in ten reads English."""
    country = "BE" if chance.random() < belgians else "NL"
    name = f"{_one_of(chance, _FIRST[country])} {_one_of(chance, _LAST[country])}"
    language = "en" if chance.random() < (0.1 if country == "BE" else 0.125) else "nl"
    return customer(name, language=language, country=country, host=chance.choice(_HOSTS))


def _one_of(chance: random.Random, names: str) -> str:
    return chance.choice([name.strip() for name in names.split(",")])
