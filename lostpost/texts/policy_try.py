"""What a try-out of the policy found, in sentences."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from lostpost.core.money import format_money
from lostpost.insight.policy_try import PolicyTrial


def trial_lines(trial: PolicyTrial) -> Iterator[str]:
    """Say what would have changed: how many, which came, how much money, who would have waited how much longer."""
    counts = {"n": trial.prevented, "all": trial.parcels, "came": trial.came, "away": trial.stayed_away}
    yield (
        ngettext(
            "%(n)d of %(all)d written-off parcels would not have been written off then.",
            "%(n)d of %(all)d written-off parcels would not have been written off then.",
            trial.prevented,
        )
        % counts
    )
    if not trial.prevented:
        return
    yield _("%(came)d of these came after all: %(amount)s of their refunds would not have been paid.") % {
        **counts,
        "amount": _amounts(trial, came=True),
    }
    yield _("%(away)d did not come, and their customers would have waited longer for their money (%(amount)s).") % {
        **counts,
        "amount": _amounts(trial, came=False),
    }
    if trial.longer_waits:
        yield waits_text(trial)
    if trial.for_good:
        yield ngettext(
            "%(n)d of them could not have been written off by its seller at all.",
            "%(n)d of them could not have been written off by their sellers at all.",
            trial.for_good,
        ) % {"n": trial.for_good}


def waits_text(trial: PolicyTrial) -> str:
    """Say how much longer customers would have waited."""
    return _("Half of them would have waited up to %(half)d days longer, nine in ten up to %(most)d days.") % {
        "half": trial.days_at(0.5),
        "most": trial.days_at(0.9),
    }


def _amounts(trial: PolicyTrial, *, came: bool) -> str:
    language = get_language() or "en"
    sums = {
        currency: trial.came_minor[currency] if came else minor - trial.came_minor[currency]
        for currency, minor in sorted(trial.prevented_minor.items())
    }
    return ", ".join(format_money(minor, currency, language) for currency, minor in sums.items())


def waits_plot_text(trial: PolicyTrial) -> str:
    """Say what the picture of the waits shows."""
    return _("Customers by the days that they would have waited longer. %(sentence)s") % {"sentence": waits_text(trial)}
