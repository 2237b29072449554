"""The calls at which tests kill the program are there: a renamed one shows here, not only where it is waited for."""

import re
from pathlib import Path
from pkgutil import resolve_name

KILL = Path(__file__).resolve().parents[1] / "kill"
POINT = re.compile(r'"((?:lostpost|django|tests)\.[\w.]+:[\w.]+)"')


def test_each_point_is_a_call_of_the_program() -> None:
    points = {point for file in KILL.glob("test_*.py") for point in POINT.findall(file.read_text("utf-8"))}
    assert len(points) >= 10
    for point in points:
        assert callable(resolve_name(point)), point
