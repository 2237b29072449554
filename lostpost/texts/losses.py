"""The words of the pictures of losses: what stands at a bar, and what a picture says to those who cannot see it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from babel.dates import format_date
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from lostpost.reporting.loss_overview import LossShare, SilentCount
from lostpost.texts.countries import country_text
from lostpost.texts.odds import number_text, percent_text

NO_NAME = "–"


def month_text(month: date, *, short: bool = False) -> str:
    """Write a month: “March 2026”, or “Mar”."""
    return format_date(month, "LLL" if short else "LLLL y", locale=get_language() or "en")


def group_text(group: LossShare, of: str) -> str:
    """Say what a share is of. Args: `of`: "month", "carrier", "country" or "article"."""
    if of == "month" and group.month:
        return month_text(group.month)
    if of == "country" and group.name:
        return country_text(group.name)
    return group.name or NO_NAME


def days_range_text(count: SilentCount) -> str:
    """Write days of silence: “3”, or “7–9”."""
    return str(count.from_days) if count.from_days == count.to_days else f"{count.from_days}–{count.to_days}"


def base_rate_text(base: LossShare) -> str:
    """Say the share of all parcels."""
    values = {"lost": number_text(base.lost), "sent": number_text(base.sent), "share": percent_text(base.share)}
    return _("%(share)s of the parcels that were sent was written off as lost: %(lost)s of %(sent)s.") % values


def differing_text(differs: int) -> str:
    """Say how a share compares with that of all parcels; nothing where chance may explain the difference."""
    return {1: _("more than usual"), -1: _("less than usual")}.get(differs, "")


def months_plot_text(months: Sequence[LossShare]) -> str:
    """Say what the picture of the months shows."""
    most = max(months, key=lambda month: month.lost)
    values = {"count": len(months), "lost": number_text(most.lost), "month": group_text(most, "month")}
    return _("Parcels lost, by month of the hand-over, over %(count)s months: most in %(month)s, %(lost)s.") % values


def shares_plot_text(groups: Sequence[LossShare], base: LossShare, of: str) -> str:
    """Say what the picture of shares shows."""
    highest = max(groups, key=lambda group: group.share)
    values = {
        "name": group_text(highest, of),
        "share": percent_text(highest.share),
        "base": percent_text(base.share),
    }
    return (
        _("Share of the parcels that was lost: the highest is %(name)s with %(share)s; of all it is %(base)s.") % values
    )


def silences_plot_text(counts: Sequence[SilentCount]) -> str:
    """Say what the picture of silences shows."""
    parcels = sum(count.parcels for count in counts)
    return ngettext(
        "%(parcels)s parcel is silent now, by full days of silence.",
        "%(parcels)s parcels are silent now, by full days of silence.",
        parcels,
    ) % {"parcels": number_text(parcels)}
