"""Read what mail servers report about an e-mail of ours: delivery status (RFC 3464), receipts, bounces in bare text."""

from __future__ import annotations

from dataclasses import dataclass
from email import message_from_string
from email.message import Message
from enum import StrEnum

from flufl.bounce import all_failures

from lostpost.relay.parsing.headers import first, one_line
from lostpost.relay.parsing.limits import PARTS_MAX

_GROUPS_MAX = 20
PROBLEM_MAX = 300


class ReportOutcome(StrEnum):
    """What became of the e-mail."""

    FAILED = "failed"
    DELAYED = "delayed"
    DELIVERED = "delivered"
    READ = "read"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Report:
    """What is reported. `problem`: in the server's words. `original_id`: the Message-ID of the e-mail, if it says."""

    outcome: ReportOutcome
    problem: str = ""
    original_id: str = ""


def report_of(message: Message) -> Report:
    """Return what an e-mail reports; UNKNOWN if it says nothing that can be read."""
    original_id = _original_id(message)
    for part in _parts(message):
        kind = part.get_content_type()
        if kind == "message/delivery-status":
            return _status(part, original_id)
        if kind == "message/disposition-notification":
            return Report(ReportOutcome.READ, original_id=original_id)
    temporary, permanent = all_failures(message)
    if permanent:
        return Report(ReportOutcome.FAILED, _first_lines(message), original_id)
    if temporary:
        return Report(ReportOutcome.DELAYED, _first_lines(message), original_id)
    return Report(ReportOutcome.UNKNOWN, _first_lines(message), original_id)


def _status(part: Message, original_id: str) -> Report:
    """Read the groups of fields of a delivery status: the worst outcome counts."""
    order = {"failed": 3, "delayed": 2, "delivered": 1, "relayed": 1, "expanded": 1}
    outcomes = {3: ReportOutcome.FAILED, 2: ReportOutcome.DELAYED, 1: ReportOutcome.DELIVERED}
    worst, problem = 0, ""
    for group in _groups(part):
        action = order.get(first(group, "Action").lower(), 0)
        if action > worst:
            said = [first(group, "Status"), first(group, "Diagnostic-Code").partition(";")[2].strip()]
            worst, problem = action, one_line(" ".join(filter(None, said)))
    return Report(outcomes.get(worst, ReportOutcome.UNKNOWN), problem[:PROBLEM_MAX], original_id)


def _groups(part: Message) -> list[Message]:
    payload = part.get_payload()
    if isinstance(payload, list):
        return [each for each in payload[:_GROUPS_MAX] if isinstance(each, Message)]
    return [message_from_string(group) for group in str(payload).replace("\r\n", "\n").split("\n\n")[:_GROUPS_MAX]]


def _original_id(message: Message) -> str:
    for part in _parts(message):
        if part.get_content_type() in {"message/rfc822", "text/rfc822-headers", "message/global"}:
            payload = part.get_payload()
            inner = payload[0] if isinstance(payload, list) and payload else message_from_string(str(payload))
            if isinstance(inner, Message) and (found := first(inner, "Message-ID")):
                return found.strip("<> ")
    return ""


def _parts(message: Message) -> list[Message]:
    payload = message.get_payload()
    return [each for each in payload[:PARTS_MAX] if isinstance(each, Message)] if isinstance(payload, list) else []


def _first_lines(message: Message) -> str:
    payload = message.get_payload()
    while isinstance(payload, list) and payload and isinstance(payload[0], Message):
        payload = payload[0].get_payload()
    return one_line(str(payload)[:2000])[:PROBLEM_MAX] if isinstance(payload, str) else ""
