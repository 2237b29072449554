"""Put docs/problems into what is installed: the pages about the API's problems are written once, and served there."""

from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

PAGES = Path("docs", "problems")


class WithPages(build_py):
    """Build the package with the pages; in place they are read where they are written."""

    def run(self) -> None:
        """Copy the modules, then the pages."""
        super().run()
        if not self.editable_mode:
            for page in sorted(PAGES.glob("*.md")):
                self.copy_file(str(page), str(self._target(page)))

    def get_outputs(self, include_bytecode: bool = True) -> list[str]:
        """Name the pages among what is built."""
        return [*super().get_outputs(include_bytecode), *(str(self._target(page)) for page in PAGES.glob("*.md"))]

    def _target(self, page: Path) -> Path:
        folder = Path(self.build_lib, "lostpost", "api", "problems_written")
        self.mkpath(str(folder))
        return folder / page.name


setup(cmdclass={"build_py": WithPages})
