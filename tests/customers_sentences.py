"""Hold that each sentence of ours that a customer reads is there in all languages in which they are written to.

A fixture listens while letters are written and pages behind customers' links are made: what is looked up then has to
stand in the catalogues of customers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from typing import Any

import pytest
from django.utils.translation import trans_real

from lostpost.connectors.mail import letter, preview
from lostpost.portal import customer_link
from scripts import messages

WITH_CONTEXT = trans_real.CONTEXT_SEPARATOR


@cache
def sentences_in(language: str) -> frozenset[str]:
    """Return the sentences that are translated, as they are looked up."""
    return frozenset(
        f"{message.context}{WITH_CONTEXT}{text}" if message.context else text
        for message in messages.read(language)
        if message.id and all(messages.strings(message.string))
        for text in messages.strings(message.id)[:1]
    )


def listening(around: Callable[..., AbstractContextManager[Any]], looked_up: list[str]) -> Callable[..., Any]:
    """Return a context manager like the one given, in which sentences are noted."""

    @contextmanager
    def listens(*args: Any, **kwargs: Any) -> Iterator[Any]:
        with around(*args, **kwargs) as value, pytest.MonkeyPatch.context() as patched:
            for name in ("gettext", "ngettext"):
                patched.setattr(trans_real.DjangoTranslation, name, noting(name, looked_up))
            yield value

    return listens


def noting(name: str, looked_up: list[str]) -> Callable[..., str]:
    look_up = getattr(trans_real.DjangoTranslation, name)

    def noted(catalog: Any, sentence: str, *rest: Any) -> str:
        looked_up.append(sentence)
        return look_up(catalog, sentence, *rest)  # type: ignore[no-any-return]

    return noted


@pytest.fixture
def in_all_languages_of_customers(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    looked_up: list[str] = []
    for module, name in ((letter, "override"), (preview, "override"), (customer_link, "page_language")):
        monkeypatch.setattr(module, name, listening(getattr(module, name), looked_up))
    yield
    ours = sentences_in("nl").intersection(looked_up)
    for language in messages.CUSTOMER_LANGUAGES:
        missing = ours - sentences_in(language)
        assert not missing, f"customers read these, add them to lostpost/locale/{language}: {sorted(missing)}"
