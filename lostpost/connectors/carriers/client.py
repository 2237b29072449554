"""What a client of a carrier does: one question about one parcel, and what its answer says in our vocabulary."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import ClassVar
from zoneinfo import ZoneInfo

from lostpost.connectors.exchange import HttpAnswer
from lostpost.connectors.remote_apis.connector import RemoteConnector
from lostpost.connectors.remote_apis.problems import AnswerUnusable
from lostpost.connectors.remote_apis.session import RemoteSession
from lostpost.connectors.tracking_sources.adapter import NAME_MAX, SourceScan, UnreadableScan
from lostpost.core.text import compact_form

SCANS_MAX = 20_000  # Of one answer: more than any parcel has.


@dataclass(frozen=True, slots=True)
class CarrierQuestion:
    """About which parcel the carrier is asked; both as the shop wrote them."""

    tracking_number: str
    carrier: str = ""


@dataclass(frozen=True, slots=True)
class CarrierAnswer:
    """What the carrier says: all scans that it knows. `known`: it knows the parcel; if not, that is no scan."""

    scans: Sequence[SourceScan | UnreadableScan] = ()
    known: bool = True


class NumberRefused(AnswerUnusable):
    """The carrier says that the question is wrong: the number is none of its own, as far as it goes."""


NOT_FOUND = CarrierAnswer(known=False)


class CarrierClient(RemoteConnector):
    """A carrier's interface."""

    carriers: ClassVar[Sequence[str]]  # What shops call it.
    zone: ClassVar[ZoneInfo]  # Of times without an offset and of no known country.
    check_number: ClassVar[str]  # A number of its form that no parcel has.

    @abstractmethod
    def track(self, session: RemoteSession, question: CarrierQuestion) -> CarrierAnswer:
        """Ask about one parcel. Raises: RemoteProblem."""

    def check(self, session: RemoteSession) -> None:
        """Ask about a parcel that does not exist; that its number is refused is an answer too."""
        with suppress(NumberRefused):
            self.track(session, CarrierQuestion(self.check_number))

    def names(self, further: Sequence[str] = ()) -> frozenset[str]:
        """Return the normalised names of the carrier. Args: `further`: those that the operator added."""
        return frozenset(compact_form(name) for name in (*self.carriers, *further))


def number_of_question(question: CarrierQuestion) -> str:
    """Return the number as carriers take it: without blanks. Raises: AnswerUnusable for none."""
    number = "".join(question.tracking_number.split())[:NAME_MAX]
    if not number.isprintable() or not number:
        raise AnswerUnusable("no Track & Trace number")
    return number


def require_answer(answer: HttpAnswer) -> None:
    """Go on with an answer that has one. Raises: NumberRefused, AnswerUnusable."""
    if answer.status in (400, 422):
        raise NumberRefused(f"HTTP {answer.status}")
    if answer.status != 200:
        raise AnswerUnusable(f"HTTP {answer.status}")


def same_number(left: str, right: str) -> bool:
    """Tell whether two numbers are one, however they are written."""
    return compact_form(left) == compact_form(right)


def few_enough(scans: Sequence[SourceScan | UnreadableScan]) -> CarrierAnswer:
    """Answer with scans. Raises: AnswerUnusable if they are more than any parcel has."""
    if len(scans) > SCANS_MAX:
        raise AnswerUnusable(f"{len(scans)} scans of one parcel")
    return CarrierAnswer(scans)
