"""What is sealed opens with the secret key in use or a former one, and with no other."""

import pytest

from lostpost.core.sealed import KeyMissing, reseal, seal, unseal

FORMER, NEXT = "the-key-of-last-year-0123456789-abcdefghij", "the-key-of-this-year-0123456789-abcdefghij"


@pytest.mark.parametrize("text", ["whsec_abc", "", "Ünïcode ☃", "x" * 10_000])
def test_a_sealed_text_opens_again_and_shows_nothing_of_itself(text):
    first, second = seal(text), seal(text)

    assert unseal(first) == unseal(second) == text
    assert first != second
    assert not text or text not in first
    assert first.isascii()


def test_a_former_key_opens_and_does_not_seal(settings):
    settings.SECRET_KEY = FORMER
    old = seal("secret")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEXT, ["another-key-from-before", FORMER]

    assert unseal(old) == "secret"
    new = reseal(old)

    settings.SECRET_KEY_FALLBACKS = []
    assert unseal(new) == "secret"
    with pytest.raises(KeyMissing, match="LOSTPOST_SECRET_KEY_FALLBACKS"):
        unseal(old)


@pytest.mark.parametrize("spoilt", ["", "whsec_in-the-open", "gAAAAA", "é"])
def test_unsealed_text_does_not_open(spoilt):
    with pytest.raises(KeyMissing):
        unseal(spoilt)


def test_a_seal_that_was_meddled_with_does_not_open():
    sealed = seal("secret")
    with pytest.raises(KeyMissing):
        unseal(sealed[:-10] + ("A" if sealed[-10] != "A" else "B") + sealed[-9:])
