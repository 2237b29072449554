"""Sales invoices and credit notes as PDF: set by Typst, tagged for screen readers, kept readable for archives.

PDF/A-2a and PDF/UA-1 at once; a document that cannot be both is made without. That is logged, and said beside its
download by `invoice_pdf_problems` and `credit_note_pdf_problems`. The same content in the same language gives the same
bytes: no clock, no font of the machine's, nothing random.
"""

from __future__ import annotations

import json
import logging
import unicodedata
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import typst
from django.utils import translation
from django.utils.translation import gettext as _

from lostpost.invoicing.documents.content import CreditNoteContent, InvoiceContent
from lostpost.invoicing.documents.fonts import UNKNOWN, drawable, shipped_fonts
from lostpost.invoicing.documents.languages import written_language
from lostpost.invoicing.documents.words import credit_note_words, invoice_words, unknown_signs

Words: TypeAlias = dict[str, Any]


logger = logging.getLogger("lostpost.documents")


class _Pdf(NamedTuple):
    """A document as it was set, and whether it keeps to PDF/A and PDF/UA."""

    complete: bytes
    archival: bool


def invoice_pdf(content: InvoiceContent, language: str = "en") -> bytes:
    """Set a sales invoice, in the language of its reader."""
    language = written_language(language)
    with translation.override(language):
        return _pdf(invoice_words(content, language), language, content.number, content.issued_on).complete


def credit_note_pdf(content: CreditNoteContent, language: str = "en") -> bytes:
    """Set a credit note to a customer, in the language of its reader."""
    language = written_language(language)
    with translation.override(language):
        return _pdf(credit_note_words(content, language), language, content.number, content.issued_on).complete


def invoice_pdf_problems(content: InvoiceContent, language: str = "en") -> list[str]:
    """Say in the reader's language what the PDF of a sales invoice is not; none: it is PDF/A-2a and PDF/UA-1."""
    language = written_language(language)
    with translation.override(language):
        return _problems(invoice_words(content, language), language, content.number, content.issued_on)


def credit_note_pdf_problems(content: CreditNoteContent, language: str = "en") -> list[str]:
    """Say in the reader's language what the PDF of a credit note is not; none: it is PDF/A-2a and PDF/UA-1."""
    language = written_language(language)
    with translation.override(language):
        return _problems(credit_note_words(content, language), language, content.number, content.issued_on)


def _problems(words: Words, language: str, number: str, issued_on: date) -> list[str]:
    if not _needs_trial(words) or _pdf(words, language, number, issued_on).archival:
        return []
    return [
        _(
            "The PDF is no PDF/A: a name or title in it has signs that cannot be printed the way archives and screen "
            "readers need them. The structured e-invoice has them in full."
        )
    ]


def _needs_trial(words: Words) -> bool:
    """Whether Typst may refuse PDF/A: only where characters are joined or composed, so most need not be set to know."""
    text = json.dumps(_drawable(words), ensure_ascii=False)
    return any(unicodedata.category(sign)[0] == "M" or unicodedata.bidirectional(sign) in ("R", "AL") for sign in text)


def _pdf(words: Words, language: str, number: str, issued_on: date) -> _Pdf:
    drawn = _drawable(words)
    if UNKNOWN in json.dumps(drawn, ensure_ascii=False):
        drawn["notes"]["sentences"].append(drawable(unknown_signs()))
    drawn["date"] = [issued_on.year, issued_on.month, issued_on.day]
    drawn["language"] = language
    timestamp = int(datetime.combine(issued_on, time(12), UTC).timestamp())
    return _set(json.dumps(drawn), number, timestamp)


@lru_cache(maxsize=16)  # A page that says what a PDF is not is followed by its download.
def _set(data: str, number: str, timestamp: int) -> _Pdf:
    compiler = typst.Compiler(
        _template(), font_paths=shipped_fonts(), ignore_system_fonts=True, sys_inputs={"data": data}
    )
    try:
        document = compiler.compile(format="pdf", timestamp=timestamp, pdf_standards=["a-2a", "ua-1"])
        archival = True
    except typst.TypstError as error:
        # Marks of a script that cannot be put on their letters, say: a document that promises less is better than none.
        logger.warning("document %s is no PDF/A: %s", number, str(error.args[0]).partition("\n")[0])
        document = compiler.compile(format="pdf", timestamp=timestamp)
        archival = False
    assert isinstance(document, bytes)
    return _Pdf(document, archival)


@cache
def _template() -> bytes:
    return (Path(__file__).parent / "document.typ").read_bytes()


def _drawable(value: Any) -> Any:
    """Return the words with every text as our fonts can draw it."""
    if isinstance(value, str):
        return drawable(value)
    if isinstance(value, Mapping):
        return {name: _drawable(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_drawable(each) for each in value]
    return value
