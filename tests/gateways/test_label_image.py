"""The label: what is on it, that all of it is on it, and that a scanner can read it."""

import dataclasses
import io

import pytest
from barcode.charsets import code128
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from domain.errors import GatewayRefused
from domain.parcel import Dispatch, Waybill
from gateways.label_image import FRAME, RULES_MM, LabelArtist, masked
from gateways.lettering import BUNDLED, Lettering
from settings import Label
from tests.gateways.label_parcels import A_RECEIVER, a_dispatch, a_waybill, an_item

DOTS = 8
ARTIST = LabelArtist(Label(), DOTS)
LETTERS = Lettering(BUNDLED)
GUTTER = DOTS // 2  # half a millimetre of white along every rule
TEXT = st.text(
    st.one_of(
        st.characters(codec="utf-8"), st.sampled_from("浙江杭州市西湖区文三路号室龘䶮㛃 Wg1-")
    ),
    max_size=300,
)


def drawn(dispatch: Dispatch, waybill: Waybill | None = None) -> Image.Image:
    return ARTIST.draw(dispatch, waybill or a_waybill()).image


def black(image: Image.Image, box: tuple[int, int, int, int]) -> int:
    return image.crop(box).histogram()[0]


def assert_all_ink_is_in_its_place(image: Image.Image) -> None:
    """White outside the frame, and white along both sides of every rule."""
    width, height = image.size
    left, right = round(FRAME.x * DOTS), round((FRAME.x + FRAME.w) * DOTS)
    top, bottom = round(FRAME.y * DOTS), round((FRAME.y + FRAME.h) * DOTS)
    outside = [(0, 0, width, top), (0, bottom, width, height), (0, 0, left, height)]
    for box in [*outside, (right, 0, width, height)]:
        assert black(image, box) == 0
    for side in (left + 3, right - 3 - GUTTER):
        rules = len(RULES_MM) * 3 + 2 * 3  # where the lines themselves cross the gutter
        assert black(image, (side, top, side + GUTTER, bottom)) == rules * GUTTER
    for rule in (round(y * DOTS) for y in RULES_MM):
        assert black(image, (left + 3, rule - GUTTER, right - 3, rule)) == 0
        assert black(image, (left + 3, rule + 3, right - 3, rule + 3 + GUTTER)) == 0


def test_the_label_is_ten_by_fifteen_centimetres_and_shows_its_size() -> None:
    drawing = ARTIST.draw(a_dispatch(), a_waybill())

    png = Image.open(io.BytesIO(drawing.png(DOTS)))

    assert png.size == (800, 1200)
    assert round(png.info["dpi"][0]) == 203
    assert drawing.lost == ()


@settings(max_examples=60, deadline=None)
@given(name=TEXT, address=TEXT, route=TEXT, article=TEXT, articles=st.integers(1, 30))
def test_no_text_however_long_or_odd_leaves_its_place(
    name: str, address: str, route: str, article: str, articles: int
) -> None:
    receiver = dataclasses.replace(A_RECEIVER, name=name, address=address)
    items = tuple(an_item(no, article) for no in range(1, articles + 1))

    image = drawn(a_dispatch(receiver=receiver, items=items), a_waybill(route_code=route))

    assert_all_ink_is_in_its_place(image)


@pytest.mark.parametrize("number", ["SF1320260206123", "75912345678901", "YT8812345678901", "7"])
def test_a_scanner_reads_the_waybill_number(number: str) -> None:
    image = drawn(a_dispatch(), a_waybill(number))

    assert scanned(image, row=round(45 * DOTS)) == number


def test_a_number_too_long_for_the_paper_is_refused_and_not_blurred() -> None:
    with pytest.raises(GatewayRefused, match="运单号"):
        drawn(a_dispatch(), a_waybill("A1" * 32))


def test_a_number_that_no_barcode_can_carry_is_refused() -> None:
    with pytest.raises(GatewayRefused, match="运单号"):
        drawn(a_dispatch(), a_waybill("顺丰1"))


def test_rare_names_are_written_out() -> None:
    assert LETTERS.readable("䶮㛃喆,Ltd. 2 号(东)") == ("䶮㛃喆,Ltd. 2 号(东)", ())


def test_what_no_font_has_is_shown_as_missing_and_reported() -> None:
    receiver = dataclasses.replace(A_RECEIVER, name="张😀")

    assert LETTERS.readable("张😀") == ("张〓", ("😀",))
    assert ARTIST.draw(a_dispatch(receiver=receiver), a_waybill()).lost == ("😀",)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("3×5", "3x5"),
        ("café", "cafe"),
        ("①", "1"),
        ("a\u200bb\ufe0f", "ab"),
        ("a\tb\u3000c", "a b c"),
    ],
)
def test_what_people_know_in_another_form_takes_that_form(written: str, shown: str) -> None:
    assert LETTERS.readable(written) == (shown, ())


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("13812341234", "138****1234"),
        ("+86 138 1234 1234", "138****1234"),
        ("0571-88886666", "057****6666"),
        ("8888666", "****66"),
        ("", "****"),
    ],
)
def test_the_middle_of_a_phone_number_stays_off_the_paper(phone: str, shown: str) -> None:
    assert masked(phone) == shown


def test_a_room_number_is_not_torn_apart() -> None:
    setting = LETTERS.fit("三幢 1203 室", (LETTERS.width("三幢 120", 40), 200), range(40, 39, -1))

    assert setting.lines == ("三幢", "1203 室")


def test_a_text_that_fits_at_no_size_ends_in_an_ellipsis() -> None:
    setting = LETTERS.fit("杭" * 50, (100, 45), range(30, 15, -1))

    assert setting.size == 16
    assert setting.lines == ("杭" * 6, "杭" * 5 + "…")


def scanned(image: Image.Image, row: int) -> str:
    """Read Code 128 as a scanner does: from one row of dots."""
    dots = "".join(" " if image.getpixel((x, row)) else "#" for x in range(20, image.width - 20))
    bars = dots.strip()
    module = len(bars) - len(bars.lstrip("#"))  # every start sign begins with two black modules
    modules = "".join("1" if sign == "#" else "0" for sign in bars[:: module // 2])
    codes = [code128.CODES.index(modules[at : at + 11]) for at in range(0, len(modules) - 13, 11)]
    *said, check = codes
    assert check == (said[0] + sum(at * code for at, code in enumerate(said[1:], 1))) % 103
    return decoded(said)


def decoded(codes: list[int]) -> str:
    sets, text = {104: "B", 105: "C"}, ""
    now = sets[codes[0]]
    for code in codes[1:]:
        if code in (99, 100) and (code == 100) == (now == "C"):
            now = "B" if code == 100 else "C"
        else:
            text += f"{code:02}" if now == "C" else chr(code + 32)
    return text
