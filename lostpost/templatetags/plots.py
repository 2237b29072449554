"""Pictures of losses, drawn on the server. Each says in a sentence what it shows; a table beside it has the figures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from lostpost.insight.policy_try import PolicyTrial
from lostpost.reporting.loss_overview import LossShare, SilentCount
from lostpost.texts.losses import (
    base_rate_text,
    days_range_text,
    differing_text,
    group_text,
    month_text,
    months_plot_text,
    shares_plot_text,
    silences_plot_text,
)
from lostpost.texts.odds import number_text, percent_text
from lostpost.texts.policy_try import waits_plot_text

register = template.Library()

WIDTH, HEIGHT, BELOW, ABOVE = 480, 180, 22, 18  # Of a picture with columns; room for the words below and above them.
ROW, BAR = 40, 10  # Of one with bars: the height of a line with its words, and of its bar.
MOST_NAMED = 13  # Columns whose names fit below them; of more each second one has its name, and so on.
WIDEST_NAME = 34  # Signs of a name that fit beside its share.


@register.filter
def loss_group(group: LossShare, of: str) -> str:
    """Say what a share is of: a month, a carrier, a destination, an article."""
    return group_text(group, of)


@register.filter
def loss_base(base: LossShare) -> str:
    """Say the share of all parcels in a sentence."""
    return base_rate_text(base)


@register.filter
def beside(group: LossShare, base: LossShare) -> str:
    """Say whether a share is higher or lower than that of all, where that is no chance."""
    return differing_text(group.differs_from(base))


@register.filter
def days_range(count: SilentCount) -> str:
    """Write the days of a count of silences."""
    return days_range_text(count)


@register.filter
def month_plot(months: Sequence[LossShare]) -> SafeString:
    """Draw how many parcels were lost of those handed over in each month."""
    columns = [(month_text(it.month, short=True) if it.month else "", it.lost) for it in months]
    return _columns(columns, months_plot_text(months))


@register.filter
def silence_plot(counts: Sequence[SilentCount]) -> SafeString:
    """Draw how many parcels are silent, by days."""
    return _columns([(days_range_text(it), it.parcels) for it in counts], silences_plot_text(counts))


@register.filter
def wait_plot(trial: PolicyTrial) -> SafeString:
    """Draw how many customers would have waited for how many days longer; days without any have their place."""
    last = max(trial.longer_waits, default=0)
    return _columns([(str(days), trial.longer_waits[days]) for days in range(1, last + 1)], waits_plot_text(trial))


@register.simple_tag
def share_plot(groups: Sequence[LossShare], base: LossShare, of: str) -> SafeString:
    """Draw the share of each group with its likely range, and that of all parcels as a line across."""
    top = max(0.0001, base.share, *(group.share for group in groups)) * 1.25
    across = WIDTH / top

    def rows() -> Iterable[tuple[object, ...]]:
        for at, group in enumerate(groups):
            low, high = (min(WIDTH - 1.0, bound * across) for bound in group.likely)
            name, middle = group_text(group, of), at * ROW + 27
            shown = name if len(name) <= WIDEST_NAME else name[: WIDEST_NAME - 1] + "…"
            yield (
                *(at * ROW + 16, shown, WIDTH, at * ROW + 16, percent_text(group.share)),
                *(at * ROW + 22, f"{group.share * across:.1f}", BAR),
                *(f"{low:.1f}", middle, f"{high:.1f}", middle),
            )

    lines = format_html_join(
        "",
        '<text class="plot-text" x="0" y="{}">{}</text>'
        '<text class="plot-value" x="{}" y="{}" text-anchor="end">{}</text>'
        '<rect class="plot-bar" x="0" y="{}" width="{}" height="{}"/>'
        '<line class="plot-range" x1="{}" y1="{}" x2="{}" y2="{}"/>',
        rows(),
    )
    base_at, height = f"{base.share * across:.1f}", len(groups) * ROW + 4
    return format_html(
        '<svg class="plot" viewBox="0 0 {} {}" role="img" aria-label="{}" focusable="false">{}'
        '<line class="plot-base" x1="{}" y1="0" x2="{}" y2="{}"/></svg>',
        *(WIDTH, height, shares_plot_text(groups, base, of), lines, base_at, base_at, height),
    )


def _columns(columns: Sequence[tuple[str, int]], label: str) -> SafeString:
    """Draw a column for each count, with its name below and its number above."""
    top, step = max(1, *(value for _name, value in columns)), WIDTH / len(columns)
    room, named = HEIGHT - BELOW - ABOVE, 1 + len(columns) // MOST_NAMED

    def rows() -> Iterable[tuple[object, ...]]:
        for at, (name, value) in enumerate(columns):
            high, middle = value / top * room, f"{(at + 0.5) * step:.1f}"
            y = HEIGHT - BELOW - high
            yield (
                *(f"{(at + 0.15) * step:.1f}", f"{y:.1f}", f"{0.7 * step:.1f}", f"{high:.1f}"),
                *(
                    middle,
                    f"{y - 5:.1f}",
                    number_text(value) if value else "",
                    middle,
                    HEIGHT - 5,
                    "" if at % named else name,
                ),
            )

    drawn = format_html_join(
        "",
        '<rect class="plot-bar" x="{}" y="{}" width="{}" height="{}"/>'
        '<text class="plot-value" x="{}" y="{}" text-anchor="middle">{}</text>'
        '<text class="plot-text" x="{}" y="{}" text-anchor="middle">{}</text>',
        rows(),
    )
    return format_html(
        '<svg class="plot" viewBox="0 0 {} {}" role="img" aria-label="{}" focusable="false">{}'
        '<line class="plot-axis" x1="0" y1="{}" x2="{}" y2="{}"/></svg>',
        *(WIDTH, HEIGHT, label, drawn, HEIGHT - BELOW, WIDTH, HEIGHT - BELOW),
    )
