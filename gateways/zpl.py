"""What a Zebra printer says and hears, as bytes; no I/O here (protocols 11).

``~HS`` and the frame of a format are the maker's published facts. ``^DF`` (store a format), ``^HW``
(list a directory) and ``^ID`` (delete an object) are written from memory, marked [M] there, and
wait for a try on a real printer; nothing outside this file knows how they look.
"""

import re
import zlib
from base64 import b32encode, b64encode
from binascii import crc_hqx
from enum import StrEnum
from hashlib import sha256

from PIL import Image, ImageChops

from domain.errors import Untranslatable

ASK_STATUS = b"~HS"
STX, ETX = b"\x02", b"\x03"
STATUS_LINES = 3
ANY_MARKER = "*"
PACKING = 4  # zlib level: a tenth larger than the usual 6, in half the time


class Trouble(StrEnum):
    """What keeps a printer from printing, as ``~HS`` tells it."""

    PAPER_OUT = "paper_out"
    PAUSED = "paused"
    BUFFER_FULL = "buffer_full"
    OVER_HEATED = "over_heated"
    HEAD_OPEN = "head_open"
    RIBBON_OUT = "ribbon_out"


# Where each flag stands: line and field, counted from 0.
FLAGS = {
    Trouble.HEAD_OPEN: (1, 2),
    Trouble.PAPER_OUT: (0, 1),
    Trouble.RIBBON_OUT: (1, 3),
    Trouble.OVER_HEATED: (0, 11),
    Trouble.BUFFER_FULL: (0, 5),
    Trouble.PAUSED: (0, 2),
}


def label(image: Image.Image, parcel_key: str, waybill: str) -> str:
    """Tell a label as one format, printed once.

    The comments (``^FX``) change nothing on paper; they let a captured stream be traced.
    """
    width, height = image.size
    return (
        f"^XA\n^FXparcel {_plain(parcel_key)}^FS\n^FXwaybill {_plain(waybill)}^FS\n"
        f"^PW{width}^LL{height}^LH0,0\n{_graphic(image)}\n^PQ1\n^XZ\n"
    )


def marker_of(parcel_key: str, waybill: str) -> str:
    """Name the marker of one label: eight letters, as the printer's file names allow.

    35 bits of a digest: among the few hundred markers a printer keeps, a false meeting comes once
    in some hundred million labels.
    """
    digest = sha256(f"{parcel_key} {waybill}".encode()).digest()
    return "K" + b32encode(digest).decode()[:7]


def put_marker(marker: str) -> bytes:
    """Store an empty format under the marker's name on the RAM drive [M: ^DF]."""
    return f"^XA^DFR:{marker}.ZPL^FS^XZ\n".encode()


def ask_marker(marker: str) -> bytes:
    """Ask which objects of this name the RAM drive has; ``*`` asks for all markers [M: ^HW]."""
    name = f"K{ANY_MARKER}" if marker == ANY_MARKER else marker
    return f"^XA^HWR:{name}.ZPL^XZ\n".encode()


def drop_marker(marker: str) -> bytes:
    """Delete a marker from the RAM drive [M: ^ID]."""
    return f"^XA^IDR:{marker}.ZPL^FS^XZ\n".encode()


def read_markers(listing: bytes) -> tuple[str, ...]:
    """Read the markers out of a directory listing, STX to ETX [M: ^HW].

    Each object has a line that begins with ``*``; the heading, which repeats the question, does
    not, and must not be taken for an answer.
    """
    return tuple(
        found[1].decode()
        for found in re.finditer(rb"^\*\s*(?:R:)?(K[A-Z2-7]{7})\.ZPL\b", listing, re.MULTILINE)
    )


def read_status(lines: tuple[bytes, ...]) -> tuple[Trouble, ...]:
    """Read the three lines of a ``~HS`` answer, each without STX and ETX.

    Returns:
        What is wrong, what a person must see to first; empty when the printer is ready.

    Raises:
        Untranslatable: this is no ``~HS`` answer; the address is probably no Zebra printer.
    """
    fields = [line.split(b",") for line in lines]
    if [len(line) for line in fields] != [12, 11, 2]:
        raise Untranslatable("printer", "~HS", b" / ".join(lines))
    return tuple(trouble for trouble, (line, at) in FLAGS.items() if fields[line][at] != b"0")


def _graphic(image: Image.Image) -> str:
    """Tell the dots as a graphic field: ``Z64`` is zlib in base64, with a CRC-16 (XMODEM) of it.

    The printer's 1 is black, Pillow's is white. One pass of our own, as a label is drawn for every
    parcel; the tests read it back with another's decoder.
    """
    dots = ImageChops.invert(image).tobytes()
    packed = b64encode(zlib.compress(dots, PACKING))
    field = f":Z64:{packed.decode()}:{crc_hqx(packed, 0):04X}"
    return f"^FO0,0^GFA,{len(field)},{len(dots)},{len(dots) // image.height},{field}^FS"


def _plain(text: str) -> str:
    """Keep ZPL's own signs, and all that is not ASCII, out of a comment."""
    return re.sub(r"[^!-~]|[\^~]", "?", text)
