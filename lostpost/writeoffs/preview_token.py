"""The signed token of what was shown before a write-off: a confirmation with it is about that, and nothing else."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2s
from typing import NamedTuple

from django.core import signing

from lostpost.core.clock import rfc3339
from lostpost.core.idempotency import fingerprint
from lostpost.orders.reads import AssessedUnit
from lostpost.writeoffs.amounts import WriteOffAmounts
from lostpost.writeoffs.assess_order import OrderAssessment

_SALT = "lostpost.write-off.preview"
_CONTENT = re.compile(r"([0-9a-f]{32})\.([0-9a-f]{32})?\.([0-9]+)\.([0-9]+)\.([A-Za-z0-9_-]*)")
_NAME, _ASPECT = 4, 2  # Bytes of a digest. `state` is what proves; these only say in which words a change is described.
MOST_UNITS = 500  # Of more, a change is noticed and described in general words.
LONGEST_TOKEN = 10_000


class ShownUnitState(NamedTuple):
    """Digests of what may change of units in a parcel."""

    shipped: bytes
    returned: bytes
    tracking_number: bytes
    last_scan: bytes


@dataclass(frozen=True, slots=True)
class PreviewToken:
    """What was shown of an order, and what was chosen of it; the same for the same facts, at whatever time.

    Some 130 characters for one unit, and 16 more for each other one.
    """

    state: str  # Of all facts and the policy.
    decision: str  # Of the selection with its amounts; empty where nothing is decided yet.
    policy_version: int
    written_off: int  # Units of the order, all in all.
    units: Mapping[bytes, ShownUnitState]

    @classmethod
    def of(cls, assessment: OrderAssessment, amounts: WriteOffAmounts | None = None) -> PreviewToken:
        """Return the token of an assessment and, once something is chosen, of its amounts."""
        return cls(
            _state_of(assessment),
            _decision_of(amounts) if amounts else "",
            assessment.policy.version,
            sum(unit.facts.written_off for unit in assessment.units),
            {name_of(unit): _unit_state(unit) for unit in assessment.units[:MOST_UNITS]},
        )

    @classmethod
    def read(cls, text: str) -> PreviewToken | None:
        """Read a token that came back; None if it is not one that `signed` wrote."""
        try:
            content = _CONTENT.fullmatch(_signer().unsign(text)) if text.isascii() else None
        except signing.BadSignature:
            return None
        if content is None:
            return None
        state, decision, policy_version, written_off, units = content.groups(default="")
        return cls(state, decision, int(policy_version), int(written_off), _units(urlsafe_b64decode(units)))

    @property
    def signed(self) -> str:
        """The token as text that nobody else can write."""
        units = b"".join(part for name, state in self.units.items() for part in (name, *state))
        content = (self.state, self.decision, str(self.policy_version), str(self.written_off), _base64(units))
        return _signer().sign(".".join(content))

    def is_about(self, assessment: OrderAssessment) -> bool:
        """Return whether the order, its parcels and the policy are as they were shown."""
        return self.state == _state_of(assessment)

    def decides(self, amounts: WriteOffAmounts) -> bool:
        """Return whether these units with these amounts were shown."""
        return self.decision == _decision_of(amounts)


def name_of(unit: AssessedUnit) -> bytes:
    """Return the name of units in a token."""
    return _digest(_NAME, unit.parcel, unit.item.item)


def _signer() -> signing.Signer:
    return signing.Signer(salt=_SALT)


def _state_of(assessment: OrderAssessment) -> str:
    return fingerprint([assessment.order.id, assessment.state])[:32]


def _decision_of(amounts: WriteOffAmounts) -> str:
    lines = sorted([line.unit.parcel or "", line.unit.item.item, line.quantity] for line in amounts.lines)
    sums = [amounts.currency, amounts.refund_minor, amounts.commission_minor, amounts.commission_vat_minor]
    return fingerprint([lines, sums])[:32]


def _unit_state(unit: AssessedUnit) -> ShownUnitState:
    facts, parcel = unit.facts, unit.facts.parcel
    scan = parcel.last_scan if parcel else None
    return ShownUnitState(
        shipped=_digest(_ASPECT, facts.shipped),
        returned=_digest(_ASPECT, facts.returned),
        tracking_number=_digest(_ASPECT, parcel.tracking_number if parcel else None),
        last_scan=_digest(_ASPECT, *([rfc3339(scan.scanned_at), scan.text] if scan else [])),
    )


def _digest(size: int, *parts: object) -> bytes:
    return blake2s(repr(parts).encode(), digest_size=size).digest()


def _units(packed: bytes) -> dict[bytes, ShownUnitState]:
    width = _NAME + _ASPECT * len(ShownUnitState._fields)
    return {
        one[:_NAME]: ShownUnitState(*_parts(one[_NAME:]))
        for one in (packed[at : at + width] for at in range(0, len(packed), width))
    }


def _parts(packed: bytes) -> Sequence[bytes]:
    return [packed[at : at + _ASPECT] for at in range(0, len(packed), _ASPECT)]


def _base64(packed: bytes) -> str:
    """Spell bytes; 12 for each unit, so that nothing has to be filled up."""
    return urlsafe_b64encode(packed).decode()
