"""Every sentence of the program is there in Dutch, and says the same things in the same places."""

import re

import pytest

from scripts import messages

PLACES = re.compile(r"%\((\w+)\)[a-z]|%[sd]|(?<!\{)\{(\w*)\}")


def places(text: str) -> list[str]:
    """Name what is filled in, in a fixed order."""
    return sorted(match.group(0) for match in PLACES.finditer(text))


@pytest.fixture(scope="module")
def wanted():
    return messages.gathered(messages.sentences())


@pytest.fixture(scope="module")
def dutch():
    return messages.read("nl")


def test_every_sentence_is_translated_into_dutch(wanted, dutch):
    missing = []
    for message in wanted:
        translated = dutch.get(message.id, context=message.context) if message.id else message
        if message.id and (not translated or translated.fuzzy or not all(messages.strings(translated.string))):
            missing.append(message.id)

    assert not missing, "run `make messages`, then translate these in lostpost/locale/nl/LC_MESSAGES/django.po"


def test_translations_have_the_placeholders_of_the_sentences(dutch):
    for message in dutch:
        if not message.id or not all(messages.strings(message.string)):
            continue
        originals = messages.strings(message.id)
        for form, translated in enumerate(messages.strings(message.string)):
            original = originals[min(form, len(originals) - 1)]
            assert places(translated) in ([places(text) for text in originals] if form == 0 else [places(original)])


def test_no_translation_is_obsolete(wanted, dutch):
    messages = {(message.id, message.context) for message in wanted}

    assert not [message.id for message in dutch if (message.id, message.context) not in messages], "run `make messages`"
