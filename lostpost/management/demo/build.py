"""Make the demo marketplace in an empty database."""

from __future__ import annotations

from datetime import datetime
from uuid import NAMESPACE_DNS, UUID, uuid5

from django.contrib.auth.models import User
from django.db import transaction

from lostpost.accounts.actor import Actor, ActorRole
from lostpost.accounts.models import Seller
from lostpost.accounts.policy import current_policy
from lostpost.accounts.put_member import put_member
from lostpost.core.sql import execute
from lostpost.imports.progress import Progress
from lostpost.management.demo.examples import Example
from lostpost.management.demo.logins import PEOPLE, make_people
from lostpost.management.demo.money import settle
from lostpost.management.demo.plan import PlannedShop
from lostpost.management.demo.shops import demo_shops
from lostpost.management.demo.stage import END, Calendar, Stage, play, steps


def build(*, password: str, now: datetime) -> list[Example]:
    """Make people and shops and play their plans; return the examples to look at."""
    execute("SET synchronous_commit TO off", ())  # After a power cut the demo can be built again, and disks are slow.
    shops, examples = demo_shops()
    with transaction.atomic():  # Both or neither: a demo that was broken off is known by its first shop.
        people = make_people(password)
        staff = {
            person.login: Actor.of_staff(people[person.login], ActorRole(person.group))
            for person in PEOPLE
            if person.group
        }
        first = _open(shops[0])
    calendar = Calendar(now, current_policy().zone)
    with Progress("Demo marketplace", total=sum(map(steps, shops))) as progress:
        for shop in shops:
            seller = first if shop is shops[0] else _open(shop)
            members = _hire(shop, seller, people, now)
            stage = Stage(seller, members, staff, calendar, calendar.at(END))
            play(shop, stage, progress)
            settle(stage)
    return examples


def seller_id(code: str) -> UUID:
    """Derive the shop's id from its code, so that numbers based on it are the same in every demo."""
    return uuid5(NAMESPACE_DNS, f"{code}.demo.lostpost.example")


def _open(shop: PlannedShop) -> Seller:
    data = shop.data
    return Seller.objects.create(
        id=seller_id(data.code),
        code=data.code,
        name=data.name,
        country=data.country,
        language=data.language,
        currency=data.currency,
        invoice_cadence=data.invoice_cadence,
        legal=dict(data.legal or {}),
    )


def _hire(shop: PlannedShop, seller: Seller, people: dict[str, User], now: datetime) -> dict[str, Actor]:
    return {
        login: Actor.of_member(
            put_member(seller=seller, user_id=people[login].pk, name=people[login].first_name, role=role, now=now)
        )
        for login, role in shop.people.items()
    }
