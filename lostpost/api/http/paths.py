"""Path parameters shared by several resources."""

from __future__ import annotations

from typing import Annotated

from ninja import Path

from lostpost.api.http.fields import NAME

NamePath = Annotated[str, Path(pattern=NAME)]
WriteOffNumber = Annotated[str, Path(pattern="^[0-9]{1,20}-[0-9]{1,9}$")]  # A write-off's, and its refund's.
