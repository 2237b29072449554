"""Every sentence of the program is there in Dutch, those that customers read in French and German too."""

import re

import pytest

from scripts import messages

PLACES = re.compile(r"%\((\w+)\)[a-z]|%[sd]|(?<!\{)\{(\w*)\}")


def places(text: str) -> list[str]:
    """Name what is filled in, in a fixed order."""
    return sorted(match.group(0) for match in PLACES.finditer(text))


@pytest.fixture(scope="module")
def found():
    return list(messages.sentences())


@pytest.fixture(scope="module")
def wanted(found):
    return messages.gathered(found)


@pytest.fixture(scope="module")
def catalogs():
    return {language: messages.read(language) for language in ("nl", *messages.CUSTOMER_LANGUAGES)}


@pytest.mark.parametrize("language", ["nl", *messages.CUSTOMER_LANGUAGES])
def test_every_sentence_is_translated(found, wanted, catalogs, language):
    """Those that stand in files of others and are read by customers: see tests/customers_sentences.py."""
    catalog, missing = catalogs[language], []
    if language in messages.CUSTOMER_LANGUAGES:
        wanted = messages.gathered(messages.of_customers(found, catalog))
    for message in wanted:
        translated = catalog.get(message.id, context=message.context) if message.id else message
        if message.id and (not translated or translated.fuzzy or not all(messages.strings(translated.string))):
            missing.append(message.id)

    assert not missing, f"run `make messages`, then translate these in {messages.po_file(language)}"


@pytest.mark.parametrize("language", ["nl", *messages.CUSTOMER_LANGUAGES])
def test_translations_have_the_placeholders_of_the_sentences(catalogs, language):
    for message in catalogs[language]:
        if not message.id or not all(messages.strings(message.string)):
            continue
        originals = messages.strings(message.id)
        for form, translated in enumerate(messages.strings(message.string)):
            original = originals[min(form, len(originals) - 1)]
            assert places(translated) in ([places(text) for text in originals] if form == 0 else [places(original)])


def test_no_translation_is_obsolete(wanted, catalogs):
    known = {(message.id, message.context) for message in wanted}
    for catalog in catalogs.values():
        assert not [each.id for each in catalog if (each.id, each.context) not in known], "run `make messages`"
