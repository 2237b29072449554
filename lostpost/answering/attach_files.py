"""Attach files to an answer that is not sent yet."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from lostpost.accounts.actor import Actor, require_writer
from lostpost.accounts.sections import Section
from lostpost.answering.attachments import require_fitting, store_attachment, unsent
from lostpost.answering.files import CheckedFile
from lostpost.answering.models import Attachment
from lostpost.customer_queries.timeline import lock_query


@transaction.atomic(durable=True)
def attach_files(*, number: str, files: Sequence[CheckedFile], by: Actor, now: datetime) -> list[Attachment]:
    """Keep files for the answer of whoever attaches them; the same file again is kept once.

    Raises: ReadOnly, QueryNotFound, FileRefused if they are too many or too large together.
    """
    require_writer(by, Section.QUERIES)
    query = lock_query(number, seller_id=by.seller_id)
    kept = {row.sha256: row for row in unsent(query, by=by)}
    new: dict[str, CheckedFile] = {}
    for file in files:
        new.setdefault(hashlib.sha256(file.content).hexdigest(), file)
    missing = {digest: file for digest, file in new.items() if digest not in kept}
    if by.user_id:  # Of a program each message names its files; those of others do not count.
        sizes = [*(row.size_bytes for row in kept.values()), *(len(file.content) for file in missing.values())]
        require_fitting(len(sizes), sum(sizes))
    for digest, file in missing.items():
        kept[digest] = store_attachment(query, file, entry=None, by=by, now=now)
    return [kept[digest] for digest in new]
