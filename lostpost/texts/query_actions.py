"""The words of actions in several customer queries at once."""

from __future__ import annotations

from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from lostpost.answering.templates import title_of_template
from lostpost.query_actions.models import QueryActionRun

Kind = QueryActionRun.Kind

TITLES = {
    Kind.ANSWER: gettext_lazy("Answer several customer queries"),
    Kind.ASSIGN: gettext_lazy("Assign several customer queries"),
    Kind.FOLLOW_UP_LATER: gettext_lazy("Follow up several customer queries later"),
    Kind.CLOSE: gettext_lazy("Close several customer queries"),
}
EFFECTS = {
    Kind.ANSWER: gettext_lazy("Each customer gets the template by e-mail, in their own language and filled in."),
    Kind.ASSIGN: gettext_lazy("They stay as they are; only who has them changes."),
    Kind.FOLLOW_UP_LATER: gettext_lazy(
        "They leave your open customer queries until that day. An answer of the customer brings one back."
    ),
    Kind.CLOSE: gettext_lazy("The customers get no e-mail. If one writes, that customer query opens again."),
}


def confirm_text(kind: str, n: int) -> str:
    """Say what confirming does, with how many."""
    texts = {
        Kind.ANSWER: ngettext("Confirm: answer %(n)d customer", "Confirm: answer %(n)d customers", n),
        Kind.ASSIGN: ngettext("Confirm: assign %(n)d customer query", "Confirm: assign %(n)d customer queries", n),
        Kind.FOLLOW_UP_LATER: ngettext(
            "Confirm: put %(n)d customer query aside", "Confirm: put %(n)d customer queries aside", n
        ),
        Kind.CLOSE: ngettext("Confirm: close %(n)d customer query", "Confirm: close %(n)d customer queries", n),
    }
    return texts[Kind(kind)] % {"n": n}


def run_text(run: QueryActionRun) -> str:
    """Say what was confirmed: each line says whether it was done."""
    if run.kind == Kind.ANSWER:
        if not run.template:
            return _("To answer; they stay open.") if run.leave_open else _("To answer and close.")
        title = title_of_template(run.template)
        if run.leave_open:
            return _("To answer with “%(template)s”; they stay open.") % {"template": title}
        return _("To answer with “%(template)s”, and close.") % {"template": title}
    if run.kind == Kind.ASSIGN:
        return (
            _("To assign to %(name)s.") % {"name": run.assignee_name}
            if run.assignee_name
            else _("To assign to nobody.")
        )
    if run.kind == Kind.FOLLOW_UP_LATER:
        return _("To put aside until %(day)s.") % {"day": _day(run.follow_up_on)}
    return _("To close.")


def _day(day: date | None) -> str:
    return date_format(day, "j F") if day else ""
