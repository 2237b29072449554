"""How the values stand in a sentence: as plain words, or as a page marks them up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import get_language

from lostpost.core.money import format_money
from lostpost.texts.moments import day_text, instant_text


@dataclass(frozen=True, slots=True)
class Style:
    """How one kind of reader gets moments and amounts, and how they are put in their places (`%(name)s`)."""

    instant: Callable[[datetime], str]
    day: Callable[[date | datetime], str]
    money: Callable[[int | None, str], str]
    fill: Callable[[str, Mapping[str, Any]], str]


def money_text(minor: int | None, currency: str) -> str:
    """Write an amount of minor units as the reader's language writes it; nothing for no amount."""
    return "" if minor is None else format_money(minor, currency, get_language() or "en")


PLAIN = Style(instant_text, day_text, money_text, lambda text, values: text % values)
