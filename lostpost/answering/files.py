"""Files that come with messages: which are taken, and in what form they are kept.

A type is what the content says, never what a name or a header says. Pictures are drawn anew, so that nothing but their
pixels is kept: no place where a photo was taken, and nothing that hides behind them. PDFs stay as they are; whoever
gets one gets it as a download.
"""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass
from unicodedata import category

import puremagic
from django.utils.translation import gettext as _
from PIL import ExifTags, Image, UnidentifiedImageError

from lostpost.core.errors import Rejected

LARGEST_FILE = 10 * 1024 * 1024
MOST_FILES = 10  # Of one message.
LARGEST_MESSAGE = 10 * 1024 * 1024  # All files of one: mail servers take some more, in Base64.
MOST_PIXELS = 50_000_000
LONGEST_SIDE = 4000  # Pixels to which larger pictures are made smaller.
LONGEST_NAME = 100

PDF = "application/pdf"
_SAVED_FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/gif": "PNG", "image/webp": "JPEG"}
_FORMATS = ("JPEG", "PNG", "GIF", "WEBP")
_ENDINGS = {"image/jpeg": ".jpg", "image/png": ".png", PDF: ".pdf"}
TYPES = tuple(_ENDINGS)
_TURNS: dict[object, Image.Transpose] = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_UNREADABLE = (  # What the image library raises for content that it does not expect.
    *(UnidentifiedImageError, Image.DecompressionBombError, OSError, EOFError, SyntaxError, ValueError, TypeError),
    *(struct.error, KeyError, IndexError, OverflowError, AttributeError),
)


class FileRefused(Rejected):
    """A file is of a kind or size that is not taken. `reason`: a code, by which it is said later in any language."""

    code = "file-refused"

    def __init__(self, message: str, *, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file that may be kept: made by `checked_file` alone."""

    name: str
    media_type: str
    content: bytes


def checked_file(name: str, content: bytes) -> CheckedFile:
    """Return a file as it is kept. Takes a second for a large picture: call it with no transaction open.

    Raises: FileRefused.
    """
    safe_name = cleaned_name(name, ending="")
    if not content:
        raise FileRefused(_("“%(name)s” is empty.") % {"name": safe_name}, reason="empty")
    if len(content) > LARGEST_FILE:
        most = LARGEST_FILE // 1024 // 1024
        raise FileRefused(
            _("“%(name)s” is larger than %(most)d MB.") % {"name": safe_name, "most": most}, reason="too-large"
        )
    detected_type = _type_of(content)
    if detected_type == PDF:
        return CheckedFile(cleaned_name(name, ending=_ENDINGS[PDF]), PDF, content)
    if detected_type not in _SAVED_FORMATS:
        raise FileRefused(
            _("“%(name)s” is of a kind that is not taken. Send a picture (JPEG, PNG, GIF, WebP) or a PDF.")
            % {"name": safe_name},
            reason="wrong-type",
        )
    media_type, picture = _reencoded(content, saved_format=_SAVED_FORMATS[detected_type], name=safe_name)
    return CheckedFile(cleaned_name(name, ending=_ENDINGS[media_type]), media_type, picture)


def cleaned_name(name: str, *, ending: str) -> str:
    """Return a name without folders, control and invisible signs, with the ending of what the file is."""
    name = name.replace("\\", "/").rpartition("/")[2]
    name = "".join(sign for sign in name if category(sign)[0] != "C" and category(sign) not in {"Zl", "Zp"})
    stem, dot, _old = name.rpartition(".") if ending else (name, "", "")
    stem = " ".join((stem if dot else name).split()).strip(". ") or _("file")
    return stem[: LONGEST_NAME - len(ending)].strip() + ending


def _type_of(content: bytes) -> str:
    try:
        return str(puremagic.from_string(content, mime=True))
    except (puremagic.PureError, ValueError):
        return ""


def _reencoded(content: bytes, *, saved_format: str, name: str) -> tuple[str, bytes]:
    """Return a picture's type and content without anything but its pixels; of a moving one the first."""
    unreadable = FileRefused(_("The picture “%(name)s” cannot be read.") % {"name": name}, reason="unreadable")
    try:
        with Image.open(io.BytesIO(content), formats=_FORMATS) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise FileRefused(
                    _("The picture “%(name)s” has too many pixels. Make it smaller.") % {"name": name},
                    reason="too-many-pixels",
                )
            picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # A JPEG is read at half its size where that is enough.
            turn = _TURNS.get(_orientation(picture))
            upright = picture if turn is None else picture.transpose(turn)
            upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            mode = "RGB" if saved_format == "JPEG" else "RGBA"
            pixels, saved = Image.new(mode, upright.size, "white" if saved_format == "JPEG" else 0), io.BytesIO()
            whole = upright.convert("RGBA")
            pixels.paste(whole, mask=whole if saved_format == "JPEG" else None)
            pixels.save(saved, saved_format, quality=85)
    except _UNREADABLE as error:
        raise unreadable from error
    return f"image/{saved_format.lower()}", saved.getvalue()


def _orientation(picture: Image.Image) -> object:
    """Return how a picture was held, by its Exif; nothing else of that is read, and what cannot be says nothing."""
    try:
        return picture.getexif().get(ExifTags.Base.Orientation)
    except _UNREADABLE:
        return None
