"""A sheet of label paper, laid out in millimetres: boxes of text, badges, rules and bars."""

from dataclasses import dataclass

from barcode import Code128
from barcode.errors import BarcodeError
from PIL import Image, ImageDraw

from domain.errors import GatewayRefused
from gateways.lettering import BLACK, WHITE, Lettering, Setting

RULE_MM = 0.375
FINEST_MODULE_MM = 0.25  # thinner bars run together on a thermal head
WIDEST_MODULE_MM = 0.5
QUIET_MODULES = 10  # the white a scanner needs on each side of a Code 128


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A place on the sheet, in millimetres from its upper left corner."""

    x: float
    y: float
    w: float
    h: float


class Sheet:
    """One label being drawn, black on white. ``lost`` gathers the characters no font has."""

    def __init__(self, letters: Lettering, size_mm: tuple[int, int], dots_per_mm: int) -> None:
        self._letters = letters
        self._scale = dots_per_mm
        size = (size_mm[0] * dots_per_mm, size_mm[1] * dots_per_mm)
        self.image = Image.new("1", size, WHITE)
        self.lost: set[str] = set()
        self._pencil = ImageDraw.Draw(self.image)

    def text(self, box: Box, text: str, largest_mm: float, *, smallest_mm: float = 2.0) -> None:
        """Write ``text`` at the top of ``box``, as large as fits."""
        setting = self._set(box, text, largest_mm, smallest_mm)
        for row, line in enumerate(setting.lines):
            baseline = self._dots(box.y) + row * setting.pitch + setting.size
            self._letters.write(self.image, (self._dots(box.x), baseline), line, setting.size)

    def centred(self, box: Box, text: str, largest_mm: float, *, ink: int = BLACK) -> None:
        """Write one line in the middle of ``box``, as large as fits."""
        setting = self._set(box, text, largest_mm, 2.0)
        width = self._letters.width(setting.lines[0], setting.size)
        left = self._dots(box.x) + (self._dots(box.w) - width) // 2
        # Capitals and Chinese reach from the baseline to about 0.76 of the size above it.
        baseline = self._dots(box.y) + (self._dots(box.h) + round(setting.size * 0.76)) // 2
        self._letters.write(self.image, (left, baseline), setting.lines[0], setting.size, ink=ink)

    def pair(
        self, box: Box, text: str, end: str, size_mm: float, *, smallest_mm: float | None = None
    ) -> None:
        """Write ``text`` with ``end`` at the right; ``text`` gives way so that ``end`` is whole."""
        end_mm = self._width(end, size_mm)
        left = Box(x=box.x, y=box.y, w=box.w - end_mm - size_mm / 2, h=box.h)
        self.text(left, text, size_mm, smallest_mm=smallest_mm or size_mm)
        right = Box(x=box.x + box.w - end_mm, y=box.y, w=end_mm + 0.5, h=box.h)
        self.text(right, end, size_mm, smallest_mm=size_mm)

    def badge(self, box: Box, text: str, size_mm: float) -> None:
        """Write white on a black box."""
        self._pencil.rectangle(self._corners(box), fill=BLACK)
        self.centred(box, text, size_mm, ink=WHITE)

    def frame(self, box: Box) -> None:
        """Draw the four sides of a box."""
        self._pencil.rectangle(self._corners(box), outline=BLACK, width=self._dots(RULE_MM))

    def rule(self, y: float, x: float, w: float) -> None:
        """Draw a level line; its upper edge is at ``y``."""
        self._pencil.rectangle(self._corners(Box(x=x, y=y, w=w, h=RULE_MM)), fill=BLACK)

    def bars(self, box: Box, number: str) -> None:
        """Draw ``number`` as Code 128 in the middle of ``box``, each bar of whole dots.

        Raises:
            GatewayRefused: the number is too long for the paper, or has signs that Code 128 lacks.
        """
        modules = _modules(number)
        fits = self._dots(box.w) // (len(modules) + 2 * QUIET_MODULES)
        if fits < self._dots(FINEST_MODULE_MM):
            raise GatewayRefused("printer", "waybill", f"运单号 {len(number)} 位,条码超出面单宽度")
        width = len(modules) * min(fits, self._dots(WIDEST_MODULE_MM))
        line = Image.new("1", (len(modules), 1), WHITE)
        line.putdata([BLACK if module == "1" else WHITE for module in modules])
        bars = line.resize((width, self._dots(box.h)), Image.Resampling.NEAREST)
        left = self._dots(box.x) + (self._dots(box.w) - width) // 2
        self.image.paste(bars, (left, self._dots(box.y)))

    def _set(self, box: Box, text: str, largest_mm: float, smallest_mm: float) -> Setting:
        readable, lost = self._letters.readable(text)
        self.lost.update(lost)
        sizes = range(self._dots(largest_mm), self._dots(smallest_mm) - 1, -1)
        return self._letters.fit(readable, (self._dots(box.w), self._dots(box.h)), sizes)

    def _width(self, text: str, size_mm: float) -> float:
        readable, _ = self._letters.readable(text)
        return self._letters.width(readable, self._dots(size_mm)) / self._scale

    def _dots(self, mm: float) -> int:
        return round(mm * self._scale)

    def _corners(self, box: Box) -> tuple[int, int, int, int]:
        x, y = self._dots(box.x), self._dots(box.y)
        return x, y, x + self._dots(box.w) - 1, y + self._dots(box.h) - 1


def _modules(number: str) -> str:
    """Spell a number in the modules of Code 128: "1" is black; checksum and stop included."""
    try:
        return str(Code128(number).build()[0])
    except BarcodeError as e:
        raise GatewayRefused("printer", "waybill", "运单号含有条码不支持的字符,请核对运单号") from e
