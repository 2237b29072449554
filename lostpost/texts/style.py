"""How the values stand in a sentence: as plain words, or as a page marks them up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from lostpost.texts.moments import day_text, instant_text


@dataclass(frozen=True, slots=True)
class Style:
    """How one kind of reader gets moments, and how they are put in their places (`%(name)s`)."""

    instant: Callable[[datetime], str]
    day: Callable[[date | datetime], str]
    fill: Callable[[str, Mapping[str, Any]], str]


PLAIN = Style(instant_text, day_text, lambda text, values: text % values)
