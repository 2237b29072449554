"""The sentences about the odds that a silent parcel still comes."""

from __future__ import annotations

from babel import Locale, UnknownLocaleError
from babel.numbers import format_decimal, format_percent
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from lostpost.insight.arrival_odds import AT_RISK_LEAST, HORIZON_DAYS
from lostpost.insight.silence_odds import SilenceOdds

_TENTHS_BELOW = 0.1  # Shares below this are told to a tenth of a percent.


def odds_text(of: SilenceOdds) -> str:
    """Say how many parcels that were silent as long still came, how sure that is, and how soon."""
    odds = of.odds
    days = ngettext("%(days)s day", "%(days)s days", odds.silent_days) % {"days": odds.silent_days}
    values = {
        "parcels": format_decimal(odds.parcels, locale=get_language() or "en"),
        "carrier": of.carrier,
        "country": _country_text(of.country),
        "silent": days,
        "least": AT_RISK_LEAST,
        "within": HORIZON_DAYS,
    }
    if not odds.known:
        return (
            _(
                "We do not know how many %(carrier)s parcels still come after %(silent)s without a scan: too few"
                " (%(parcels)s) were silent this long, or came."
            )
            % values
        )
    last = odds.last
    values |= {"within": last.day, "share": percent_text(last.share)}
    values |= {"low": percent_text(last.low), "high": percent_text(last.high)}
    if odds.came == 0:
        return (
            _(
                "None of %(parcels)s %(carrier)s parcels that were silent for %(silent)s came within %(within)s days;"
                " more than %(high)s is unlikely (95%%)."
            )
            % values
        )
    half = ngettext("half of these within %(days)s day", "half of these within %(days)s days", odds.half_days or 1)
    values |= {"half": half % {"days": odds.half_days}}
    if of.country:
        return (
            _(
                "Of %(parcels)s %(carrier)s parcels to %(country)s that were silent for %(silent)s, %(share)s still"
                " came within %(within)s days (95%%: %(low)s to %(high)s), %(half)s."
            )
            % values
        )
    return (
        _(
            "Of %(parcels)s %(carrier)s parcels that were silent for %(silent)s, %(share)s still came within"
            " %(within)s days (95%%: %(low)s to %(high)s), %(half)s."
        )
        % values
    )


def short_odds_text(of: SilenceOdds) -> str:
    """Say the same in a few words; nothing where it is not known."""
    if not of.odds.known:
        return ""
    if of.odds.came == 0:
        return _("none of %(parcels)s still came") % {"parcels": of.odds.parcels}
    return _("%(share)s still come") % {"share": percent_text(of.odds.last.share)}


def percent_text(share: float) -> str:
    """Write a share as people do: “3.4%”, “47%”."""
    pattern = "#,##0.0%" if 0 < share < _TENTHS_BELOW else "#,##0%"
    return format_percent(share, format=pattern, locale=get_language() or "en")


def _country_text(code: str) -> str:
    try:
        names = Locale.parse(get_language() or "en", sep="-").territories
    except (UnknownLocaleError, ValueError):
        names = Locale.parse("en").territories
    return str(names.get(code, code))
