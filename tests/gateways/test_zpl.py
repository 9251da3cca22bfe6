"""What is said to a Zebra printer, and what it says."""

import hashlib
import re

import pytest
from PIL import Image
from zebrafy.zebrafy_zpl import ZebrafyZPL

from domain.errors import Untranslatable
from gateways import zpl
from gateways.label_image import LabelArtist
from gateways.zpl import Trouble
from settings import Label
from tests.gateways.label_parcels import a_dispatch, a_waybill

READY = (
    b"030,0,0,1245,000,0,0,0,000,0,0,0",
    b"000,0,0,0,0,2,4,0,00000000,1,000",
    b"1234,0",
)


def drawn() -> Image.Image:
    return LabelArtist(Label(), 8).draw(a_dispatch(), a_waybill()).image


def test_the_printer_gets_the_very_dots_that_were_drawn() -> None:
    image = drawn()

    (seen,) = ZebrafyZPL(zpl.label(image, "miniprogram/1/1", "SF1")).to_images()

    assert seen.convert("1").tobytes() == image.tobytes()


def test_a_label_states_its_size_is_printed_once_and_can_be_traced() -> None:
    job = zpl.label(drawn(), "miniprogram/1/1", "SF1320260206123")

    assert "^PW800^LL1200" in job
    assert job.count("^PQ1\n") == 1
    assert "^FXparcel miniprogram/1/1^FS" in job
    assert "^FXwaybill SF1320260206123^FS" in job
    assert len(job) < 30_000


def test_an_order_number_can_not_smuggle_commands_into_the_printer() -> None:
    job = zpl.label(drawn(), "miniprogram/^XZ~JA/1", "SF1")

    assert re.findall(r"[\^~]XZ|~", job) == ["^XZ"]


def test_the_same_parcel_has_the_same_picture_every_time() -> None:
    first, second = (hashlib.sha256(drawn().tobytes()).hexdigest() for _ in range(2))

    assert first == second


def test_a_marker_names_one_waybill_of_one_parcel_for_ever() -> None:
    assert zpl.marker_of("miniprogram/1/1", "SF1") == "KXU4RCKM"
    assert zpl.marker_of("miniprogram/1/2", "SF1") != zpl.marker_of("miniprogram/1/1", "SF1")
    assert zpl.marker_of("miniprogram/1/1", "SF2") != zpl.marker_of("miniprogram/1/1", "SF1")


def test_the_heading_that_repeats_the_question_is_no_answer() -> None:
    nothing = b"\r\n- DIR R:KABCDEFG.ZPL\r\n-  4194304 bytes free R: RAM\r\n"
    there = b"\r\n- DIR R:KABCDEFG.ZPL\r\n*R:KABCDEFG.ZPL      64\r\n-  4194304 bytes free\r\n"

    assert zpl.read_markers(nothing) == ()
    assert zpl.read_markers(there) == ("KABCDEFG",)


def test_a_printer_that_says_all_is_well_is_ready() -> None:
    assert zpl.read_status(READY) == ()


@pytest.mark.parametrize(
    ("line", "said", "trouble"),
    [
        (0, b"030,1,0,1245,000,0,0,0,000,0,0,0", Trouble.PAPER_OUT),
        (0, b"030,0,1,1245,000,0,0,0,000,0,0,0", Trouble.PAUSED),
        (0, b"030,0,0,1245,000,1,0,0,000,0,0,0", Trouble.BUFFER_FULL),
        (0, b"030,0,0,1245,000,0,0,0,000,0,0,1", Trouble.OVER_HEATED),
        (1, b"000,0,1,0,0,2,4,0,00000000,1,000", Trouble.HEAD_OPEN),
        (1, b"000,0,0,1,0,2,4,0,00000000,1,000", Trouble.RIBBON_OUT),
    ],
)
def test_what_keeps_a_printer_from_printing(line: int, said: bytes, trouble: Trouble) -> None:
    lines = list(READY)
    lines[line] = said

    assert zpl.read_status(tuple(lines)) == (trouble,)


def test_an_open_head_is_seen_to_before_the_paper() -> None:
    paper_and_head = (READY[0].replace(b"030,0", b"030,1"), READY[1].replace(b",0,0", b",0,1", 1))

    assert zpl.read_status((*paper_and_head, READY[2])) == (Trouble.HEAD_OPEN, Trouble.PAPER_OUT)


@pytest.mark.parametrize("lines", [READY[:2], (b"hello", b"", b""), (b"", b"", b"")])
def test_an_answer_that_is_none_is_not_taken_for_ready(lines: tuple[bytes, ...]) -> None:
    with pytest.raises(Untranslatable, match="~HS"):
        zpl.read_status(lines)
