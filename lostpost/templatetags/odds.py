"""Tags about the odds that a silent parcel still comes: the sentence, and a curve that anybody can read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from lostpost.insight.arrival_odds import OddsPoint
from lostpost.insight.silence_odds import SilenceOdds
from lostpost.texts.odds import curve_text, day_count_text, odds_text, percent_text, short_odds_text

register = template.Library()

WIDTH, HEIGHT, LEFT, BELOW = 320, 120, 40, 20  # Of the drawing; the margins that its axes take.


@register.filter
def odds_sentence(of: SilenceOdds) -> str:
    """Say how many parcels still came, in full."""
    return odds_text(of)


@register.filter
def short_odds(of: SilenceOdds) -> str:
    """Say it in a few words."""
    return short_odds_text(of)


@register.filter
def percent(share: float) -> str:
    """Write a share."""
    return percent_text(share)


@register.filter
def in_days(days: int) -> str:
    """Write a number of days."""
    return day_count_text(days)


@register.filter
def odds_curve(of: SilenceOdds) -> SafeString:
    """Draw the share that came by day, with its interval; the table beside it says the same."""
    points = of.odds.curve
    top = max(0.01, *(point.high for point in points))
    band = [*_places(points, top, "high"), *reversed(_places(points, top, "low"))]
    return format_html(
        '<svg class="odds" viewBox="0 0 {} {}" role="img" aria-label="{}" focusable="false">'
        '<polygon class="odds-band" points="{}"/><polyline class="odds-line" points="{}"/>'
        '<line class="odds-axis" x1="{}" y1="{}" x2="{}" y2="{}"/>'
        '<text class="odds-text" x="0" y="12">{}</text><text class="odds-text" x="0" y="{}">{}</text>'
        '<text class="odds-text" x="{}" y="{}" text-anchor="end">{}</text></svg>',
        *(WIDTH, HEIGHT, curve_text(of.odds)),
        *(_joined(band), _joined(_places(points, top, "share"))),
        *(LEFT, HEIGHT - BELOW, WIDTH, HEIGHT - BELOW),
        *(percent_text(top), HEIGHT - BELOW, percent_text(0.0)),
        *(WIDTH, HEIGHT - 4, day_count_text(points[-1].day)),
    )


def _places(points: Sequence[OddsPoint], top: float, name: str) -> list[tuple[float, float]]:
    """Return where the points stand, from day 0, on which nothing has come."""
    across, high = (WIDTH - LEFT) / max(1, points[-1].day), HEIGHT - BELOW
    values = [(0, 0.0), *((point.day, float(getattr(point, name))) for point in points)]
    return [(LEFT + day * across, high - share / top * (high - 4)) for day, share in values]


def _joined(places: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
