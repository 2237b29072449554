"""Files that came with an e-mail: checked before it is filed, and kept with the message that it becomes.

What is not kept is named on the timeline with the reason: nothing that somebody sent is lost in silence.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from lostpost.accounts.actor import Actor
from lostpost.answering.attachments import store_attachment
from lostpost.answering.files import LARGEST_MESSAGE, MOST_FILES, CheckedFile, FileRefused, checked_file, cleaned_name
from lostpost.customer_queries.models import CustomerQuery, TimelineEntry
from lostpost.relay.models import IncomingMail
from lostpost.relay.parse_apart import parse_apart
from lostpost.relay.parsing.limits import NAME_MAX, MailUnreadable
from lostpost.relay.parsing.parse import ParsedMail


@dataclass(frozen=True, slots=True)
class ReceivedFile:
    """A file that came along: as it is kept, or why it is not (`refusal`: a code of `FileRefused`, or `gone`)."""

    name: str
    file: CheckedFile | None = None
    refusal: str = ""


def check_received_files(mail: ParsedMail) -> list[ReceivedFile]:
    """Check the files of an e-mail, in its order. Takes seconds for large pictures: with no transaction open."""
    checked: list[ReceivedFile] = []
    count = size_bytes = 0
    for each in mail.files:
        if count == MOST_FILES:
            checked.append(ReceivedFile(each.name, refusal="too-many"))
            continue
        try:
            if each.note:
                raise FileRefused(each.note, reason="unreadable")
            file = checked_file(each.name, each.content)
            if size_bytes + len(file.content) > LARGEST_MESSAGE:
                raise FileRefused(each.name, reason="too-large-together")
        except FileRefused as refusal:
            checked.append(ReceivedFile(each.name, refusal=refusal.reason))
        else:
            checked.append(ReceivedFile(each.name, file))
            count, size_bytes = count + 1, size_bytes + len(file.content)
    return checked


def recheck_received_files(incoming: IncomingMail) -> list[ReceivedFile]:
    """Check the files of an e-mail that was read before, from how it came; with no transaction open."""
    if not incoming.files:
        return []
    if incoming.raw is not None:
        try:
            return check_received_files(parse_apart(bytes(incoming.raw), null_sender=not incoming.envelope_sender))
        except MailUnreadable:
            pass  # It could be read once: its reader changed since then.
    return [ReceivedFile(each["name"], refusal="gone") for each in incoming.files]


def renamed(files: Sequence[ReceivedFile], mask: Callable[[str], str]) -> list[ReceivedFile]:
    """Return the files with names that `mask` has taken addresses out of."""
    return [
        replace(
            each,
            name=mask(each.name)[:NAME_MAX],
            file=each.file and replace(each.file, name=_masked_name(each.file, mask)),
        )
        for each in files
    ]


def _masked_name(file: CheckedFile, mask: Callable[[str], str]) -> str:
    """Return a file's name masked, no longer than names are, with its ending."""
    stem, dot, ending = file.name.rpartition(".")
    return cleaned_name(f"{mask(stem)}{dot}{ending}", ending=f"{dot}{ending}")


def keep_files(entry: TimelineEntry, files: Sequence[ReceivedFile], *, by: Actor | None = None, now: datetime) -> None:
    """Keep the files of an e-mail with its entry, in a locked query; note there which were refused, and why.

    Args: `by`: who of the shop wrote it; None: the customer.
    """
    if not files:
        return
    query = CustomerQuery.objects.get(seller_id=entry.seller_id, id=entry.query_id)
    refused = []
    for each in files:
        refusal = each.refusal
        if each.file:
            try:
                store_attachment(query, each.file, entry=entry, by=by, now=now)
            except FileRefused as full:
                refusal = full.reason
        if refusal:
            refused.append({"name": each.name, "reason": refusal})
    if refused:
        entry.data = {**entry.data, "files_refused": refused}
        entry.save(update_fields=["data"])
