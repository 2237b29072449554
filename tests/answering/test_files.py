"""Which files are taken, and in what form they are kept."""

import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageOps

from lostpost.answering import files
from lostpost.answering.files import LARGEST_FILE, LONGEST_SIDE, PDF, FileRefused, checked_file, cleaned_name

EXIF_GPS, EXIF_ORIENTATION = 0x8825, 0x0112


def picture(kind: str = "JPEG", size: tuple[int, int] = (30, 20), **options) -> bytes:
    content = io.BytesIO()
    Image.new("RGB", size, "red").save(content, kind, **options)
    return content.getvalue()


@pytest.mark.parametrize(
    ("kind", "name", "media_type"),
    [
        ("JPEG", "photo.jpg", "image/jpeg"),
        ("PNG", "photo.png", "image/png"),
        ("GIF", "photo.png", "image/png"),
        ("WEBP", "photo.jpg", "image/jpeg"),
    ],
)
def test_pictures_are_drawn_anew_and_named_for_what_they_are(kind, name, media_type):
    file = checked_file("photo.exe", picture(kind))
    assert (file.name, file.media_type) == (name, media_type)
    with Image.open(io.BytesIO(file.content)) as drawn:
        assert drawn.size == (30, 20)


def test_nothing_but_pixels_is_kept():
    exif = Image.Exif()
    exif[EXIF_ORIENTATION] = 6  # Turned by a quarter.
    exif.get_ifd(EXIF_GPS)[1] = "N"
    hidden = picture(exif=exif) + b"<script>alert(1)</script>PK\x03\x04"
    file = checked_file("photo.jpg", hidden)
    assert b"script" not in file.content
    with Image.open(io.BytesIO(file.content)) as drawn:
        assert drawn.size == (20, 30)
        assert not drawn.getexif()


@pytest.mark.parametrize(
    "entry",
    [
        (0x11A, 1, 3, b"\x1e\0\0\0"),  # A resolution of three bytes.
        (0xA005, 7, 2, b"\xa8\xdb\0\0"),  # The place of other entries, which is none.
        (0x10E, 5, 3, b"7\0\0\0"),  # A description in fractions.
        (0xA005, 12, 1, b"\x08\0\0\0"),
        (0x9000, 12, 3, b"\x18\0\0\0"),
    ],
)
def test_odd_entries_beside_the_orientation_matter_nothing(entry):
    entries = [(EXIF_ORIENTATION, 3, 1, b"\6\0\0\0"), entry]
    exif = b"Exif\0\0II*\0\x08\0\0\0\2\0" + b"".join(struct.pack("<HHI4s", *each) for each in entries) + b"\0" * 99
    with Image.open(io.BytesIO(checked_file("photo.jpg", picture(exif=exif)).content)) as drawn:
        assert drawn.size == (20, 30)


@pytest.mark.parametrize("orientation", range(10))
def test_a_picture_stands_upright(orientation):
    exif = Image.Exif()
    exif[EXIF_ORIENTATION] = orientation
    corner, content = Image.new("L", (16, 32)), io.BytesIO()
    corner.paste(255, (0, 0, 8, 8))
    corner.save(content, "PNG", exif=exif)

    with Image.open(content) as held, Image.open(io.BytesIO(checked_file("a.png", content.getvalue()).content)) as kept:
        expected = ImageOps.exif_transpose(held)
        assert kept.convert("L").tobytes() == expected.tobytes()


@pytest.mark.parametrize("error", [TypeError, struct.error, KeyError, IndexError, EOFError, OverflowError])
def test_what_the_image_library_cannot_read_is_refused(monkeypatch, error):
    def fail(*_arguments):
        raise error("odd")

    monkeypatch.setattr(Image.Image, "convert", fail)
    with pytest.raises(FileRefused, match="cannot be read"):
        checked_file("photo.jpg", picture())


def test_a_large_picture_is_made_smaller():
    with Image.open(io.BytesIO(checked_file("wide.png", picture("PNG", (LONGEST_SIDE * 2, 10))).content)) as drawn:
        assert drawn.size == (LONGEST_SIDE, 5)


def test_a_pdf_stays_as_it_is():
    content = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
    file = checked_file("label.PDF", content)
    assert (file.name, file.media_type, file.content) == ("label.pdf", PDF, content)


@pytest.mark.parametrize(
    "content",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<!doctype html><script>alert(1)</script>",
        b"PK\x03\x04" + b"\x00" * 60,
        b"MZ" + b"\x00" * 60,
        b"GIF89a" + b"\x00" * 10,
        b"\x89PNG\r\n\x1a\n" + b"\x00" * 10,
        picture("JPEG")[:100],
        picture("BMP"),
        picture("TIFF"),
        b"only text",
        b"x",
        b"",
    ],
    ids=["svg", "html", "zip", "exe", "gif", "png", "cut", "bmp", "tiff", "text", "letter", "empty"],
)
def test_what_is_no_picture_and_no_pdf_is_refused_whatever_its_name(content):
    with pytest.raises(FileRefused):
        checked_file("photo.jpg", content)


def test_size_and_pixels_have_an_end(monkeypatch):
    with pytest.raises(FileRefused, match="larger than 10 MB"):
        checked_file("big.pdf", b"%PDF-" + b"x" * LARGEST_FILE)
    monkeypatch.setattr(files, "MOST_PIXELS", 599)
    with pytest.raises(FileRefused, match="too many pixels"):
        checked_file("bomb.png", picture("PNG"))


@pytest.mark.parametrize(
    ("name", "cleaned"),
    [
        ("C:\\photos\\my label.PNG", "my label.jpg"),
        ("../../etc/passwd", "passwd.jpg"),
        ("foto\u202egpj.exe", "fotogpj.jpg"),
        ("a\r\nContent-Type: text/html.jpg", "html.jpg"),
        (".jpg", "file.jpg"),
        ("", "file.jpg"),
        ("x" * 300 + ".jpeg", "x" * 96 + ".jpg"),
    ],
)
def test_names_are_cleaned(name, cleaned):
    assert cleaned_name(name, ending=".jpg") == cleaned


@given(st.text(max_size=200))
def test_a_cleaned_name_is_one_line_without_folders(name):
    cleaned = cleaned_name(name, ending=".pdf")
    assert cleaned.endswith(".pdf")
    assert len(cleaned) <= 100
    assert cleaned.isprintable()
    assert not {"/", "\\"} & set(cleaned)
