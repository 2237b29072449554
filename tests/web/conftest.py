"""What tests of signing in have in common."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.contrib.auth.models import User

from tests.web.password import PASSWORD


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make as many hashes as ever, each in no time."""
    monkeypatch.setattr(PBKDF2PasswordHasher, "iterations", 1)


@pytest.fixture
def annas_login(anna: Any) -> User:
    user = User.objects.get(pk=anna.user_id)
    user.set_password(PASSWORD)
    user.save()
    return user
