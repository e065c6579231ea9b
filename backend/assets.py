"""Files that are sent as they are: read and compressed once, and again when they have changed."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True)
class Asset:
    """The content of a file, compressed, and a hash that stands for it in caches."""

    compressed: bytes
    digest: str
    media_type: str

    @classmethod
    def of(cls, content: bytes, media_type: str, level: int = 9) -> Asset:
        """Compress the content, at that level of gzip."""
        digest = hashlib.sha256(content).hexdigest()[:32]
        return cls(gzip.compress(content, level, mtime=0), digest, media_type)


class Assets:
    """The files of a folder, by their path in it. Only kinds that a page is made of are sent."""

    def __init__(self, folder: Path, made_by: Iterable[Path] = ()) -> None:
        """Take the folder, and the code that makes other things of its files."""
        self._folder = folder
        self._code = [path.read_bytes() for path in made_by]
        self._stamps: dict[str, tuple[int, int]] = {}
        self._texts: dict[str, str] = {}
        self._assets: dict[str, Asset] = {}
        self.version = ""

    def get(self, name: str) -> Asset | None:
        """Return a file; None: there is no such one."""
        if name not in self._stamps or self._stamp(self._folder / name) != self._stamps[name]:
            self.refresh()
        if name not in self._texts:
            return None
        if name not in self._assets:
            media_type = _MEDIA_TYPES[Path(name).suffix]
            self._assets[name] = Asset.of(self._texts[name].encode(), media_type)
        return self._assets[name]

    def text(self, name: str) -> str:
        """Return a file's text as it was when last refreshed.

        Raises:
            KeyError: there is no such file.
        """
        return self._texts[name]

    def refresh(self) -> None:
        """Read what is new or has changed; ``version`` is then a hash over files and code."""
        stamps = {
            path.relative_to(self._folder).as_posix(): self._stamp(path)
            for path in sorted(self._folder.rglob("*"))
            if path.suffix in _MEDIA_TYPES
        }
        if stamps == self._stamps:
            return
        for name in self._stamps.keys() | stamps.keys():
            if stamps.get(name) == self._stamps.get(name):
                continue
            self._assets.pop(name, None)
            self._texts.pop(name, None)
            if name in stamps:
                self._texts[name] = (self._folder / name).read_text(encoding="utf-8")
        self._stamps = stamps
        whole = hashlib.sha256(b"\0".join(self._code))
        for name in sorted(self._texts):
            whole.update(f"{name}\0{self._texts[name]}\0".encode())
        self.version = whole.hexdigest()[:16]

    @staticmethod
    def _stamp(path: Path) -> tuple[int, int]:
        """Return what changes when a file does; zeros: it is not there."""
        try:
            found = path.stat()
        except OSError:
            return 0, 0
        return found.st_mtime_ns, found.st_size
