"""Letters as dots: one glyph at a time, each from a font that has it, wrapped and shrunk to fit.

A thermal print head knows black and white only, so glyphs are drawn without grey edges. Each glyph
is drawn once and then stamped, which makes a label of 300 letters a matter of milliseconds.
"""

import re
import threading
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

BUNDLED = Path(__file__).parent / "fonts" / "DroidSansFallbackFull.ttf"
BLACK, WHITE = 0, 255  # Pillow keeps one bit as a byte, and turns it over as a byte
UNREADABLE = "〓"  # the printers' own sign for a type that is not in the case (活字缺字)
ELLIPSIS = "…"
LINE_HEIGHT = 1.25
# What neither font has, but people know in another form.
STAND_INS = {"×": "x", "—": "-", "–": "-", "•": "·", "¥": "￥", "’": "‘", "”": "“"}
NOWHERE = "\U0010ffff"  # never a character: every font draws its "missing" box for it
WORDS = re.compile(r"[!-~]+|.", re.DOTALL)  # room numbers and codes stay on one line

TRIAL_SIZE = 32  # large enough that no letter looks like the "missing" box
LETTERS_KEPT = 20_000  # some 1 kB each

Font = ImageFont.FreeTypeFont


@dataclass(frozen=True, slots=True, kw_only=True)
class Glyph:
    """One letter's dots; ``left`` and ``top`` are from the pen."""

    stamp: Image.Image
    left: int
    top: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A text that was set: its lines, and the size of its letters in dots."""

    lines: tuple[str, ...]
    size: int

    @property
    def pitch(self) -> int:
        """From one line to the next, in dots."""
        return round(self.size * LINE_HEIGHT)

    @property
    def height(self) -> int:
        """All lines together, in dots."""
        return self.pitch * len(self.lines)


class Lettering:
    """Sets text in Latin letters from Pillow's built-in font and in Chinese from ``han``."""

    def __init__(self, han: Path) -> None:
        self._han = han
        self._one_at_a_time = threading.Lock()  # a FreeType face is not for two threads
        self._fonts = lru_cache(maxsize=64)(self._load)
        self._home = lru_cache(maxsize=LETTERS_KEPT)(self._find)
        self._form = lru_cache(maxsize=LETTERS_KEPT)(self._form_of)
        self._advance = lru_cache(maxsize=LETTERS_KEPT)(self._measure)
        self._glyph = lru_cache(maxsize=LETTERS_KEPT)(self._draw)

    def readable(self, text: str) -> tuple[str, tuple[str, ...]]:
        """Tell ``text`` in characters that can be drawn, and which ones could not.

        What has no form at all becomes ``〓``; signs without ink (joiners, selectors) are left out.
        """
        forms = [(mark, self._form(mark)) for mark in unicodedata.normalize("NFC", text)]
        lost = tuple(mark for mark, form in forms if form == UNREADABLE != mark)
        return "".join(form for _, form in forms), lost

    def width(self, text: str, size: int) -> int:
        """Measure one line, in dots."""
        return sum(self._advance(mark, size) for mark in text)

    def write(
        self, page: Image.Image, at: tuple[int, int], text: str, size: int, *, ink: int = BLACK
    ) -> None:
        """Stamp one line; ``at`` is the left end of its baseline."""
        pen, baseline = at
        for mark in text:
            glyph = self._glyph(mark, size)
            page.paste(ink, (pen + glyph.left, baseline + glyph.top), glyph.stamp)
            pen += self._advance(mark, size)

    def fit(self, text: str, room: tuple[int, int], sizes: range) -> Setting:
        """Wrap ``text`` into ``room`` (width, height) at the largest of ``sizes`` that fits.

        If even the smallest does not, the text is cut there and ends in an ellipsis.
        """
        for size in sizes:
            setting = Setting(lines=tuple(self._wrapped(text, size, room[0])), size=size)
            if setting.height <= room[1]:
                return setting
        last = max(1, room[1] // setting.pitch)
        lines = (*setting.lines[: last - 1], self.cut(setting.lines[last - 1], size, room[0]))
        return Setting(lines=lines, size=size)

    def cut(self, line: str, size: int, width: int) -> str:
        """Shorten a line so that it fits with an ellipsis behind it."""
        while line and self.width(line + ELLIPSIS, size) > width:
            line = line[:-1]
        return line + ELLIPSIS

    def _wrapped(self, text: str, size: int, width: int) -> Iterator[str]:
        line, used = "", 0
        for word in self._words(text, size, width):
            wide = self.width(word, size)
            if line and used + wide > width:
                yield line.rstrip()
                line, used, wide = "", 0, wide if word.strip() else 0
            line, used = line + (word if line else word.lstrip()), used + wide
        yield line.rstrip()

    def _words(self, text: str, size: int, width: int) -> Iterator[str]:
        for word in WORDS.findall(text):
            if self.width(word, size) <= width:
                yield word
            else:
                yield from word

    def _form_of(self, mark: str) -> str:
        if unicodedata.category(mark) in {"Cf", "Mn"}:
            return ""
        if mark.isspace() or unicodedata.category(mark) == "Cc":
            return " "
        plain = unicodedata.normalize("NFKD", mark)[:1]
        for form in (mark, STAND_INS.get(mark, mark), unicodedata.normalize("NFKC", mark), plain):
            if all(self._home(each) is not None for each in form):
                return form
        return UNREADABLE

    def _draw(self, mark: str, size: int) -> Glyph:
        font = self._font(mark, size)
        with self._one_at_a_time:
            left, top, right, bottom = map(int, font.getbbox(mark, mode="1", anchor="ls"))
            stamp = Image.new("1", (max(1, right - left), max(1, bottom - top)))
            ImageDraw.Draw(stamp).text((-left, -top), mark, fill=WHITE, font=font, anchor="ls")
        return Glyph(stamp=stamp, left=left, top=top)

    def _measure(self, mark: str, size: int) -> int:
        font = self._font(mark, size)
        with self._one_at_a_time:
            return round(font.getlength(mark, mode="1"))

    def _font(self, mark: str, size: int) -> Font:
        home = self._home(mark)
        if home is None:
            raise ValueError(f"no font has U+{ord(mark):04X}; set readable() text only")
        return self._fonts(size)[home]

    def _find(self, mark: str) -> int | None:
        """Tell which font has the letter; a font shows the same box for all that it lacks."""
        if mark == " ":
            return 0
        with self._one_at_a_time:
            for home, font in enumerate(self._fonts(TRIAL_SIZE)):
                box = font.getmask(NOWHERE, mode="1")
                if bytes(font.getmask(mark, mode="1")) != bytes(box):
                    return home
        return None

    def _load(self, size: int) -> tuple[Font, ...]:
        latin = ImageFont.load_default(size)
        if not isinstance(latin, Font):
            raise TypeError("Pillow 缺少 FreeType 支持,请安装带 FreeType 的 Pillow")
        han = ImageFont.truetype(self._han, size, layout_engine=ImageFont.Layout.BASIC)
        return latin, han
