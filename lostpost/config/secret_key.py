"""The key that signs sessions and links: from the environment, or generated once and stored in the data folder."""

import os
import secrets
import tempfile
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from lostpost.config.environment import file_problem


def stored_key(path: Path) -> str:
    """Return the key of a data folder, created on first use; concurrent processes get the same key."""
    try:
        if not path.exists():
            create_key(path)
        key = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(
            f"The secret key in {path} can neither be read nor made ({file_problem(error)}). "
            "Give a data folder that is yours with --data, or set LOSTPOST_SECRET_KEY."
        ) from None
    if not key:
        raise ImproperlyConfigured(
            f"The secret key in {path} is empty. Put the key back from your backup; "
            "if there is none, remove the file: a new key is made, and people sign in again."
        )
    return key


def create_key(path: Path) -> None:
    """Write a new key that only the owner can read, atomically, unless another process was first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=".secret-key-", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(48) + "\n")
        file.flush()
        try:
            os.link(file.name, path)
        except FileExistsError:
            return
