"""What somebody may give to others: never more than they have themselves."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _

from lostpost.accounts.actor import Actor, ReadOnly
from lostpost.accounts.models import Member
from lostpost.accounts.sections import OFFERED, Level, Section, differences, level_of, levels_of
from lostpost.core.errors import Rejected

READ_BY_PROGRAMS = (Section.QUERIES, Section.WRITE_OFFS, Section.FINANCE)


def chosen_sections(role: str, chosen: Mapping[str, str]) -> dict[str, str]:
    """Return the levels of a form as a member's row keeps them: those that the role does not have by itself.

    Raises: Rejected for a role, a section or a level that there is not.
    """
    if role not in Member.Role.values:
        raise Rejected(_("Choose what this person may do."))
    if role == Member.Role.OWNER:
        return {}
    try:
        picked = {Section(section): Level(level) for section, level in chosen.items()}
    except ValueError as unknown:
        raise Rejected(_("Choose what this person may do.")) from unknown
    if any(level not in OFFERED[section] for section, level in picked.items()):
        raise Rejected(_("Choose what this person may do."))
    return differences(role, picked)


def require_people_manager(by: Actor) -> None:
    """Refuse whoever may not manage the people of the shop. Raises ReadOnly."""
    if not by.may_manage(Section.PEOPLE):
        raise ReadOnly(_("Only an owner of the shop, or whoever manages its people, may do this. Ask one of them."))


def require_may_grant(by: Actor, role: str, sections: Mapping[str, str]) -> None:
    """Refuse to give, change or take rights that go beyond one's own: owners are the business of owners.

    Raises: ReadOnly.
    """
    if by.owns:
        return
    further = any(level.rank > by.level(section).rank for section, level in levels_of(role, sections).items())
    if role == Member.Role.OWNER or further:
        raise ReadOnly(_("You may decide about people who may do no more than you. Ask an owner of the shop."))


def require_may_let_in(by: Actor, *, read_only: bool) -> None:
    """Refuse to let a program, or an address that gets all events, have more than one has oneself. Raises ReadOnly."""
    needed = Level.VIEW if read_only else Level.MANAGE
    lacking = any(by.level(section).rank < min(needed.rank, OFFERED[section][-1].rank) for section in READ_BY_PROGRAMS)
    if lacking:
        raise ReadOnly(_("A program would see or do more than you may in this shop. Ask an owner to let it in."))


def most_offered(by: Actor, section: Section) -> tuple[Level, ...]:
    """Return the levels of a section that somebody may give to others."""
    most = level_of(by.role, dict(by.sections), section).rank
    return tuple(level for level in OFFERED[section] if level.rank <= most)
