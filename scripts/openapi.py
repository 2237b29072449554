"""Write docs/openapi.json: what partners generate their clients from, so that a change of it shows in a review."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
WRITTEN = PROJECT / "docs" / "openapi.json"


def document() -> str:
    """Return the document as the running API gives it, in a form that is good to compare."""
    from lostpost.api.api import api  # Not before Django is set up.

    return json.dumps(api.get_openapi_schema(), indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    """Write it."""
    sys.path.insert(0, str(PROJECT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lostpost.config.settings")
    os.environ.setdefault("LOSTPOST_SECRET_KEY", "not-needed-to-write-a-document-0123456789")
    import django

    django.setup()
    WRITTEN.write_text(document(), "utf-8")
    print(f"Wrote {WRITTEN.relative_to(PROJECT)}.")


if __name__ == "__main__":
    main()
