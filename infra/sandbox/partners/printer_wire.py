"""The part of ZPL that the sandbox's printers understand, both directions (protocols 11)."""

import base64
import binascii
import re
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

LONGEST_FORMAT = 4_000_000  # bytes; more without an end is noise
ORDER = re.compile(rb"~HS|\^XA.*?\^XZ", re.DOTALL)
GRAPHIC = re.compile(rb"\^GFA,(\d+),(\d+),(\d+),([^^~]*)\^FS")
COMMENT = re.compile(rb"\^FX(parcel|waybill) ([^^]*)\^FS")
NAMED = re.compile(rb"\^(DF|HW|ID)R:([A-Z0-9*]{1,8}\.[A-Z*]{1,3})")


class Kind(StrEnum):
    """What a printer may be told."""

    STATUS = "~HS"
    LABEL = "^GF"
    STORE = "^DF"
    LIST = "^HW"
    DELETE = "^ID"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One command or format out of the stream; ``name`` is the object's, for those that have one.

    ``dots`` is the digest of a label's graphic, empty when the graphic does not decode.
    """

    kind: Kind
    name: str = ""
    parcel_key: str = ""
    waybill: str = ""
    dots: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What a person has done to a printer, or left undone."""

    paper_out: bool = False
    paused: bool = False
    head_open: bool = False
    silent: bool = False

    @property
    def prints(self) -> bool:
        """Whether labels come out."""
        return not (self.paper_out or self.paused or self.head_open or self.silent)


def split(stream: bytes) -> tuple[list[Order], bytes]:
    """Cut a stream into whole orders and the rest that has not ended yet."""
    orders, end = [], 0
    for found in ORDER.finditer(stream):
        orders.append(_read(found[0]))
        end = found.end()
    return orders, stream[end:][-LONGEST_FORMAT:]


def tell_status(state: State, waiting: int) -> bytes:
    """Answer ``~HS``: three lines; ``waiting`` is the number of formats in the buffer."""
    paper, pause, head = int(state.paper_out), int(state.paused), int(state.head_open)
    return (
        f"\x02030,{paper},{pause},1200,{waiting:03},0,0,0,000,0,0,0\x03\r\n"
        f"\x02000,0,{head},0,0,2,4,0,{waiting:08},1,000\x03\r\n"
        "\x021234,0\x03\r\n"
    ).encode()


def tell_names(asked: str, names: Iterable[str]) -> bytes:
    """Answer ``^HW``: a heading, one line for each object, and the room that is left."""
    rows = "".join(f"*R:{name:<16}    64\r\n" for name in names)
    return f"\x02\r\n- DIR R:{asked}\r\n{rows}-  4194304 bytes free R: RAM\r\n\x03\r\n".encode()


def _read(text: bytes) -> Order:
    if text == b"~HS":
        return Order(kind=Kind.STATUS)
    if named := NAMED.search(text):
        return Order(kind=Kind("^" + named[1].decode()), name=named[2].decode())
    if b"^GF" not in text:
        return Order(kind=Kind.OTHER)
    said = {found[1]: found[2].decode() for found in COMMENT.finditer(text)}
    return Order(
        kind=Kind.LABEL,
        parcel_key=said.get(b"parcel", ""),
        waybill=said.get(b"waybill", ""),
        dots=_digest_of_dots(text),
    )


def _digest_of_dots(text: bytes) -> str:
    """Decode the graphic; it must have exactly the size that it says."""
    graphic = GRAPHIC.search(text)
    if graphic is None:
        return ""
    size, row = int(graphic[2]), int(graphic[3])
    try:
        dots = _dots(graphic[4])
    except (ValueError, zlib.error):
        return ""
    whole = len(dots) == size and row > 0 and size % row == 0
    return sha256(dots).hexdigest() if whole else ""


def _dots(data: bytes) -> bytes:
    """Read plain hex, or Z64: zlib in base64, whose checksum is CRC-16 (XMODEM) of the base64."""
    if not data.startswith(b":Z64:"):
        return bytes.fromhex(data.decode())
    _, _, packed, checksum = data.split(b":")
    if binascii.crc_hqx(packed, 0) != int(checksum, 16):
        raise ValueError("checksum")
    return zlib.decompress(base64.b64decode(packed, validate=True))
