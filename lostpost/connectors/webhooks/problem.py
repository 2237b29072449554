"""Why an address took nothing, in the words of whoever reads it."""

from __future__ import annotations

import re

from django.utils.translation import gettext as translated  # Of what is no sentence written out here.
from django.utils.translation import gettext_noop

GONE = gettext_noop("The address answered 410: it is gone.")
ANSWERED = gettext_noop("The address answered %(status)d.")
_ANSWERED = re.compile(ANSWERED.replace(".", r"\.").replace("%(status)d", r"(?P<status>\d{3})"))


def problem_in_words(problem: str) -> str:
    """Say in the reader's language what was kept in ours; what a network said stays as it is."""
    if not problem:
        return ""
    if answered := _ANSWERED.fullmatch(problem):
        return translated(ANSWERED) % {"status": int(answered["status"])}
    return translated(problem)
