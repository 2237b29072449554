"""The sentences about the odds that a silent parcel still comes."""

from __future__ import annotations

from babel.numbers import format_decimal, format_percent
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from lostpost.insight.arrival_odds import AT_RISK_LEAST, HORIZON_DAYS, ArrivalOdds
from lostpost.insight.silence_odds import SilenceOdds
from lostpost.texts.countries import country_text

_TENTHS_BELOW, _LEAST, _MOST = 0.1, 0.001, 0.995  # Shares are told to a tenth of a percent below the first.


def odds_text(of: SilenceOdds) -> str:
    """Say how many parcels that were silent as long still came, how sure that is, and how soon."""
    odds = of.odds
    values = {
        "parcels": number_text(odds.parcels),
        "carrier": of.carrier,
        "silent": day_count_text(odds.silent_days),
        "within": day_count_text(odds.last.day if odds.known else HORIZON_DAYS),
    }
    if not odds.known:
        return _unknown_text(odds, values)
    last = odds.last
    values |= {"share": percent_text(last.share), "low": percent_text(last.low), "high": percent_text(last.high)}
    if odds.came_in_time == 0:
        return (
            _(
                "Of %(parcels)s %(carrier)s parcels that were silent for %(silent)s, none came within %(within)s; more"
                " than %(high)s of them would surprise us."
            )
            % values
        )
    values["half"] = day_count_text(odds.half_days or 1)
    if of.country:
        values["country"] = country_text(of.country)
        return (
            _(
                "Of %(parcels)s %(carrier)s parcels (destination: %(country)s) that were silent for %(silent)s,"
                " %(share)s still came within %(within)s, half of these within %(half)s. The true share is likely"
                " between %(low)s and %(high)s."
            )
            % values
        )
    return (
        _(
            "Of %(parcels)s %(carrier)s parcels that were silent for %(silent)s, %(share)s still came within"
            " %(within)s, half of these within %(half)s. The true share is likely between %(low)s and %(high)s."
        )
        % values
    )


def _unknown_text(odds: ArrivalOdds, values: dict[str, str]) -> str:
    """Say why nothing is known: nobody has seen such a parcel, too few have, or too few of them came."""
    if odds.parcels == 0:
        return (
            _(
                "We do not know yet how many %(carrier)s parcels still come after %(silent)s without a scan: we have"
                " not seen one that was silent for so long."
            )
            % values
        )
    values |= {"least": number_text(AT_RISK_LEAST), "came": number_text(odds.came_in_time)}
    if odds.parcels < AT_RISK_LEAST:
        return (
            ngettext(
                "We do not know yet how many %(carrier)s parcels still come after %(silent)s without a scan: we have"
                " seen %(parcels)s that was silent for so long, and need %(least)s.",
                "We do not know yet how many %(carrier)s parcels still come after %(silent)s without a scan: we have"
                " seen %(parcels)s that were silent for so long, and need %(least)s.",
                odds.parcels,
            )
            % values
        )
    return (
        _(
            "We do not know yet how many %(carrier)s parcels still come after %(silent)s without a scan: of %(parcels)s"
            " that were silent for so long, %(came)s came within %(within)s so far, too few for a percentage."
        )
        % values
    )


def short_odds_text(of: SilenceOdds) -> str:
    """Say the same in a few words; nothing where it is not known."""
    if not of.odds.known:
        return ""
    if of.odds.came_in_time == 0:
        return _("none of %(parcels)s still came") % {"parcels": number_text(of.odds.parcels)}
    return _("%(share)s still come") % {"share": percent_text(of.odds.last.share)}


def day_count_text(days: int) -> str:
    """Write a number of days: “1 day”, “30 days”."""
    return ngettext("%(days)s day", "%(days)s days", days) % {"days": days}


def curve_text(odds: ArrivalOdds) -> str:
    """Say what the curve of known odds shows, for those who cannot see it; the table beside it has the rest."""
    values = {"share": percent_text(odds.last.share), "within": day_count_text(odds.last.day)}
    return _("Curve of the share that came, by day: %(share)s after %(within)s") % values


def percent_text(share: float) -> str:
    """Write a share as people do: “3.4%”, “47%”; never nothing or all where it is not."""
    language = get_language() or "en"
    if 0 < share < _LEAST:
        return "<" + format_percent(_LEAST, format="#,##0.0%", locale=language)
    if _MOST <= share < 1:
        return ">" + format_percent(0.99, format="#,##0%", locale=language)
    pattern = "#,##0.0%" if 0 < share < _TENTHS_BELOW else "#,##0%"
    return format_percent(share, format=pattern, locale=language)


def number_text(number: int) -> str:
    """Write a count as the reader's language does."""
    return str(format_decimal(number, locale=get_language() or "en"))
