"""The people of the demo marketplace, and how they sign in."""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group, User

VARIABLE = "LOSTPOST_DEMO_PASSWORD"
_WORDS = """
    anker, appel, boter, citroen, duif, eend, fiets, gracht, haven, ijsje, kaas, klomp, koffie, lamp, lepel, molen,
    muts, paard, peer, pen, polder, rivier, roos, schaap, slee, stoel, thee, tulp, uil, vaas, veer, vis, wind, wolk, zon
"""


@dataclass(frozen=True)
class Person:
    """Someone with a login."""

    login: str
    name: str
    email: str
    part: str  # Shown to users of the demo.
    group: str = ""


PEOPLE = (
    Person(
        "anna", "Anna de Groot (demo)", "anna@lampenhuis.example", "owner of Lampenhuis Utrecht, agent of Velo & Co"
    ),
    Person("bram", "Bram Kuipers (demo)", "bram@lampenhuis.example", "agent of Lampenhuis Utrecht"),
    Person(
        "vera", "Vera Blom (demo)", "vera@lampenhuis.example", "viewer of Lampenhuis Utrecht: looks, changes nothing"
    ),
    Person("carla", "Carla Jansen (demo)", "carla@keramiek.example", "owner of Carla's Keramiek"),
    Person("wout", "Wout Peeters (demo)", "wout@velo.example", "owner of Velo & Co"),
    Person("pia", "Pia Visser (demo)", "pia@marktplein.example", "Partnerservice of the marketplace", "partnerservice"),
    Person("fien", "Fien Bakker (demo)", "fien@marktplein.example", "finance of the marketplace", "finance"),
)


def logins_file() -> Path:
    """Return the path of the file with the logins."""
    return Path(settings.LOSTPOST_DATA) / "demo-logins.txt"


def chosen_password() -> str:
    """Give the password of all demo logins: the operator's own, or a new one that can be typed."""
    password = "-".join(secrets.choice(_WORDS.split(",")).strip() for _ in range(3))
    return os.environ.get(VARIABLE, "").strip() or f"{password}-{secrets.randbelow(9000) + 1000}"


def logins_taken() -> list[str]:
    """Return the demo's logins that exist already."""
    names = [person.login for person in PEOPLE]
    return list(User.objects.filter(username__in=names).order_by("username").values_list("username", flat=True))


def make_people(password: str) -> dict[str, User]:
    """Make the logins; one password for all of them, hashed once, as hashing is slow on purpose."""
    hashed = make_password(password)
    users = User.objects.bulk_create(
        User(username=person.login, email=person.email, first_name=person.name, password=hashed) for person in PEOPLE
    )
    EmailAddress.objects.bulk_create(
        EmailAddress(user=user, email=user.email, verified=True, primary=True) for user in users
    )
    for person, user in zip(PEOPLE, users, strict=True):
        if person.group:
            user.groups.add(Group.objects.get_or_create(name=person.group)[0])
    return {person.login: user for person, user in zip(PEOPLE, users, strict=True)}


def write_down(password: str, people: Sequence[Person] = PEOPLE) -> Path:
    """Keep the logins where only the operator can read them."""
    path = logins_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    lines = [f"Demo logins, all with the password {password}", ""]
    lines += [f"  {person.login:<6} {person.part}" for person in people]
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    return path
