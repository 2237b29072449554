"""Gather the sentences of the program for its translators, and compile what they wrote; needs no GNU gettext.

python scripts/messages.py update    # sources -> lostpost/locale/*/LC_MESSAGES/django.po
python scripts/messages.py compile   # .po -> .mo
"""

import sys
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "lostpost"
LANGUAGES = ("en", "nl")
# Customers are written to in these, too. Their catalogues have what stands in these files, and what a translator adds
# of others: tests look at each sentence that a customer reads.
CUSTOMER_LANGUAGES = ("fr", "de")
CUSTOMER_FILES = (
    *("lostpost/templates/customer/*", "lostpost/templates/mail/*.*", "lostpost/templates/parts/error_summary.html"),
    *("lostpost/templates/parts/language.html", "lostpost/connectors/mail/*.py", "lostpost/portal/customer_*.py"),
)
STAFF_FILES = ("lostpost/templates/mail/notices.txt",)  # Beside them.
TEMPLATES = (".html", ".txt", ".xml")
NOISE = ('"POT-', '"PO-', '"Report-', '"Last-', '"Language-Team', '"Generated-')  # It would change with every run.

# What the calls take, beside one sentence.
PLURAL, CONTEXT, CONTEXT_PLURAL = "plural", "context", "context and plural"
KEYWORDS: dict[str, str | None] = {
    **dict.fromkeys(["_", "gettext", "gettext_lazy", "gettext_noop"]),
    **dict.fromkeys(["ngettext", "ngettext_lazy"], PLURAL),
    **dict.fromkeys(["pgettext", "pgettext_lazy"], CONTEXT),
    **dict.fromkeys(["npgettext", "npgettext_lazy"], CONTEXT_PLURAL),
}


class Sentence(NamedTuple):
    """One sentence to translate, and the file it stands in."""

    file: str
    text: str | tuple[str, str]
    context: str | None
    comments: list[str]


def sentences() -> Iterator[Sentence]:
    """Read every sentence from the Python files and the templates, in a fixed order."""
    for path in sorted(PACKAGE.rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        if "gettext" in source and "migrations" not in path.parts:  # Others have no name to call.
            yield from sentences_of(path, source)
    for path in sorted((PACKAGE / "templates").rglob("*")):
        if path.suffix in TEMPLATES:
            called = templatize(path.read_text(encoding="utf-8"), origin=str(path))
            # Indentation means nothing in a template, and something to the reader of Python.
            yield from sentences_of(path, "\n".join(line.strip() for line in called.splitlines()))


def sentences_of(path: Path, source: str) -> Iterator[Sentence]:
    """Read the sentences of one file."""
    file = path.relative_to(ROOT).as_posix()
    options: dict[str, str] = {"encoding": "utf-8"}
    found: Iterable[tuple[int, str, Any, list[str]]]
    found = extract_python(BytesIO(source.encode()), list(KEYWORDS), ["Translators:"], options)  # type: ignore[assignment,arg-type]
    for line, function, arguments, comments in found:
        given = list(arguments) if isinstance(arguments, list | tuple) else [arguments]
        shape = KEYWORDS[function]
        context = given.pop(0) if shape in (CONTEXT, CONTEXT_PLURAL) else None
        wanted = given[: 2 if shape in (PLURAL, CONTEXT_PLURAL) else 1]
        if not all(isinstance(part, str) and part for part in wanted):
            raise SystemExit(f"{file}:{line}: {function}() needs its sentence written out, without f-strings or sums.")
        yield Sentence(file, wanted[0] if len(wanted) == 1 else (wanted[0], wanted[1]), context, comments)


def gathered(found: Iterable[Sentence]) -> Catalog:
    """Make a catalogue of the sentences, without translations."""
    catalog = Catalog(project="Lostpost", charset="utf-8")
    for sentence in found:
        catalog.add(
            sentence.text,
            locations=[(sentence.file, 1)],
            context=sentence.context,
            auto_comments=sentence.comments,
        )
    return catalog


def of_customers(found: Iterable[Sentence], kept: Catalog) -> Iterator[Sentence]:
    """Choose the sentences that customers read: those of their files, and those that are in their catalogue."""
    known = {(message.id, message.context) for message in kept}
    for sentence in found:
        file = PurePosixPath(sentence.file)
        of_their_files = any(file.match(pattern) for pattern in CUSTOMER_FILES) and sentence.file not in STAFF_FILES
        if of_their_files or (sentence.text, sentence.context) in known:
            yield sentence


def po_file(language: str) -> Path:
    """Say where the translations of a language are."""
    return PACKAGE / "locale" / language / "LC_MESSAGES" / "django.po"


def read(language: str) -> Catalog:
    """Read the translations of a language; none is an empty catalogue."""
    path = po_file(language)
    if not path.exists():
        return Catalog(locale=language, project="Lostpost", charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=language, ignore_obsolete=True)


def update(language: str, template: Catalog) -> None:
    """Bring the file of a language up to the sources: translations stay, new sentences are empty, old ones go."""
    catalog = read(language)
    catalog.update(template, no_fuzzy_matching=True, update_creation_date=False)
    catalog.obsolete.clear()
    catalog.fuzzy = False
    catalog.header_comment = "# Lostpost: what is written on pages, in e-mails and documents."
    for message in catalog:
        message.locations = sorted(set(message.locations))
    written = BytesIO()
    write_po(written, catalog, width=120, sort_by_file=True, include_lineno=False)
    text = [line for line in written.getvalue().decode().splitlines() if not line.startswith(NOISE)]
    path = po_file(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(text).strip() + "\n", encoding="utf-8")
    missing = sum(1 for message in catalog if message.id and not all(strings(message.string)))
    print(f"{path.relative_to(ROOT)}: {len(catalog)} sentences, {missing} without translation")


def strings(string: str | tuple[str, ...] | list[str] | None) -> list[str]:
    """Give the one translation, or those of every plural form; what is missing is empty."""
    return [string or ""] if isinstance(string, str | None) else [form or "" for form in string]


def compile_all() -> None:
    """Write what Django reads, for every language; what a half-done translation lacks stays English."""
    for language in LANGUAGES + CUSTOMER_LANGUAGES:
        with po_file(language).with_suffix(".mo").open("wb") as file:
            write_mo(file, read(language))


def main(words: list[str]) -> None:
    """Do what is asked."""
    if words == ["update"]:
        found = list(sentences())
        for language in LANGUAGES:
            update(language, gathered(found))  # One each: Babel moves the messages over, not copies of them.
        for language in CUSTOMER_LANGUAGES:
            update(language, gathered(of_customers(found, read(language))))
    elif words == ["compile"]:
        compile_all()
    else:
        raise SystemExit("Usage: messages.py update | compile")


if __name__ == "__main__":
    main(sys.argv[1:])
