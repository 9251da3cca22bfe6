"""The waybill label (面单) as people in the warehouse and the courier read it, 100 x 150 mm.

Printers have no Chinese letters, so the label is a picture (protocols 11). The same parcel always
gives the same picture, dot for dot.
"""

import re
from dataclasses import dataclass
from datetime import timedelta, timezone
from io import BytesIO

from PIL import Image

from domain.order import Receiver
from domain.parcel import Band, Dispatch, Item, Parcel, Waybill
from gateways.label_sheet import RULE_MM, Box, Sheet
from gateways.lettering import BUNDLED, Lettering
from settings import Label

SIZE_MM = (100, 150)
FRAME = Box(x=2, y=2, w=96, h=146)
LEFT, WIDTH = 5.0, 90.0  # where text may stand
RULES_MM = (15.0, 37.0, 62.0, 96.0, 107.0, 137.0)  # below which each section begins
SHORTEST_WITH_A_MIDDLE = 10  # area code and number; of a shorter one too much would be left
CHINA = timezone(timedelta(hours=8))

BANDS = {Band.AMBIENT: "常温", Band.CHILLED: "冷藏", Band.FROZEN: "冷冻"}
CARRIERS = {
    "shunfeng": "顺丰速运",
    "zhongtong": "中通快递",
    "yuantong": "圆通速递",
    "yunda": "韵达快递",
    "shentong": "申通快递",
    "jtexpress": "极兔速递",
    "ems": "中国邮政 EMS",
    "youzhengguonei": "邮政快递",
    "jd": "京东快递",
    "debangkuaidi": "德邦快递",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A drawn label, and the characters that no font has (each is a ``〓`` on the label)."""

    image: Image.Image
    lost: tuple[str, ...]

    def png(self, dots_per_mm: int) -> bytes:
        """Tell the picture as PNG, which shows it at its real size."""
        out, dpi = BytesIO(), dots_per_mm * 25.4
        self.image.save(out, "PNG", dpi=(dpi, dpi), compress_level=1)
        return out.getvalue()


class LabelArtist:
    """Draws labels. Keep one: it remembers its letters."""

    def __init__(self, label: Label, dots_per_mm: int) -> None:
        self._label = label
        self._dots_per_mm = dots_per_mm
        self._letters = Lettering(label.font or BUNDLED)

    def draw(self, dispatch: Dispatch, waybill: Waybill) -> Drawing:
        """Draw the label of one parcel.

        Raises:
            GatewayRefused: the waybill number can not be a barcode on this paper.
        """
        sheet = Sheet(self._letters, SIZE_MM, self._dots_per_mm)
        sheet.frame(FRAME)
        for y in RULES_MM:
            sheet.rule(y, FRAME.x, FRAME.w)
        _head(sheet, dispatch.parcel)
        _route(sheet, dispatch.receiver, waybill)
        _number(sheet, waybill)
        _receiver(sheet, dispatch.receiver)
        self._sender(sheet)
        _contents(sheet, dispatch.parcel.items)
        _foot(sheet, dispatch.parcel, waybill)
        return Drawing(image=sheet.image, lost=tuple(sorted(sheet.lost)))

    def _sender(self, sheet: Sheet) -> None:
        top = RULES_MM[3] + 2
        sheet.badge(Box(x=LEFT, y=top, w=7.5, h=7.5), "寄", 5)
        who = f"{self._label.sender_name}  {self._label.sender_phone}"
        sheet.text(Box(x=LEFT + 11, y=top + 1, w=WIDTH - 11, h=6.5), who, 4.5)


def masked(phone: str) -> str:
    """Hide the middle of a phone number: ``138****1234``; a short one keeps its last two digits.

    The courier calls through the carrier's own app; the paper goes through many hands.
    """
    digits = re.sub(r"\D", "", re.sub(r"^\s*(\+|00)86", "", phone))
    if len(digits) >= SHORTEST_WITH_A_MIDDLE:
        return f"{digits[:3]}****{digits[-4:]}"
    return f"****{digits[-2:]}"


def _head(sheet: Sheet, parcel: Parcel) -> None:
    top = FRAME.y + 2
    carrier = CARRIERS.get(parcel.carrier, parcel.carrier)
    sheet.text(Box(x=LEFT, y=top, w=58, h=10), carrier, 7.5)
    bands = sorted({item.band for item in parcel.items}, key=list(Band).index)
    words = "·".join(BANDS[band] for band in bands)
    sheet.badge(Box(x=LEFT + WIDTH - 27, y=top, w=27, h=9), words, 6.5)


def _route(sheet: Sheet, receiver: Receiver, waybill: Waybill) -> None:
    """Tell the sorter where to, as large as the paper allows; without a code, the district."""
    where = waybill.route_code or f"{receiver.city} {receiver.district}"
    sheet.centred(Box(x=LEFT, y=RULES_MM[0] + 2, w=WIDTH, h=18.5), where, 14.5)


def _number(sheet: Sheet, waybill: Waybill) -> None:
    top = RULES_MM[1] + 2
    sheet.bars(Box(x=FRAME.x + RULE_MM, y=top, w=FRAME.w - 2 * RULE_MM, h=15), waybill.number)
    sheet.centred(Box(x=LEFT, y=top + 15.5, w=WIDTH, h=6.5), _in_fours(waybill.number), 5)


def _receiver(sheet: Sheet, receiver: Receiver) -> None:
    top, left, width = RULES_MM[2] + 2, LEFT + 15, WIDTH - 15
    sheet.badge(Box(x=LEFT, y=top, w=11, h=11), "收", 8)
    who, phone = receiver.name, masked(receiver.phone)
    sheet.pair(Box(x=left, y=top, w=width, h=7.5), who, phone, 6, smallest_mm=2)
    place = f"{receiver.province}{receiver.city}{receiver.district} {receiver.address}"
    sheet.text(Box(x=left, y=top + 8.5, w=width, h=21.5), place, 5)


def _contents(sheet: Sheet, items: tuple[Item, ...]) -> None:
    top, rows = RULES_MM[4] + 1.5, 6
    pieces = sum(item.quantity for item in items)
    sheet.pair(_row(top, 0), "物品清单", f"{len(items)} 种 {pieces} 件", 3.25)
    shown = items if len(items) < rows else items[: rows - 2]
    for row, item in enumerate(shown, start=1):
        sheet.pair(_row(top, row), item.name, f"×{item.quantity}", 3.5)
    if rest := items[len(shown) :]:
        more = f"另有 {len(rest)} 种"
        sheet.pair(_row(top, rows - 1), more, f"×{sum(i.quantity for i in rest)}", 3.5)


def _row(top: float, row: int) -> Box:
    return Box(x=LEFT, y=top + row * 4.6, w=WIDTH, h=4.5)


def _foot(sheet: Sheet, parcel: Parcel, waybill: Waybill) -> None:
    top, half = RULES_MM[5] + 1.5, WIDTH / 2
    number = parcel.order_id.partition("/")[2]
    booked = waybill.at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M")
    weight = f"{parcel.weight_g / 1000:.2f} kg"
    sheet.text(Box(x=LEFT, y=top, w=half + 12, h=4), f"订单 {number}", 3)
    sheet.pair(Box(x=LEFT + half, y=top, w=half, h=4), "", f"{parcel.warehouse}  {weight}", 3)
    sheet.text(Box(x=LEFT, y=top + 4.2, w=half + 12, h=4), f"包裹 {parcel.key}", 3)
    sheet.pair(Box(x=LEFT + half, y=top + 4.2, w=half, h=4), "", booked, 3)


def _in_fours(number: str) -> str:
    """Space a number for reading aloud: ``SF13 2345 6789 012``."""
    return " ".join(number[at : at + 4] for at in range(0, len(number), 4))
