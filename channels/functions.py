"""The named functions of a mapping: each reads one value strictly, or raises ``Unreadable``.

What a channel sent never goes into a message here: CEL logs what its functions raise, and the
value may be a buyer's phone number.
"""

import json as json_text
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from urllib.parse import unquote_plus

from domain.clock import CHINA

LONGEST_TEXT = 500
FINGERPRINT_LENGTH = 16  # 64 bits: no two documents of one order meet
LARGEST_WHOLE = 2**53  # beyond it JSON's readers do not agree on the number
LARGEST_ID = 2**63  # Douyin's ids are numbers all the same (protocols 2.2)
YUAN = re.compile(r"(\d{1,12})(?:\.(\d{1,2}))?", re.ASCII)
NUMBER = re.compile(r"[0-9A-Za-z_.-]{1,64}")  # goes into ids, so nothing that would cut one
FIRST_YEAR, LAST_YEAR = 2000, 2099  # seconds read as milliseconds fall outside


class Unreadable(ValueError):
    """The value is not what the mapping says it is."""


def text(value: object) -> str:
    """Read a text that is not empty; blanks around it go."""
    if not isinstance(value, str) or not 0 < len(value.strip()) <= LONGEST_TEXT:
        raise Unreadable
    return value.strip()


def text_or_null(value: object) -> str | None:
    """Read a text that may be empty or null; both mean that there is none."""
    return None if value is None or value == "" else text(value)


def number(value: object) -> str:
    """Read an order's number: letters, digits, ``_``, ``.`` and ``-``, at most 64."""
    if not isinstance(value, str) or NUMBER.fullmatch(value) is None:
        raise Unreadable
    return value


def digits(value: object) -> str:
    """Read an id that some documents write as a number and some as a text."""
    if type(value) is int and 0 <= value < LARGEST_ID:
        return str(value)
    return number(value)


def whole(value: object) -> int:
    """Read a whole number from 0; neither ``1.0`` nor ``true`` is one."""
    if type(value) is not int or not 0 <= value <= LARGEST_WHOLE:
        raise Unreadable
    return value


def count(value: object) -> int:
    """Read a whole number from 1."""
    if whole(value) == 0:
        raise Unreadable
    return whole(value)


def fen(value: object) -> int:
    """Read yuan, ``"12.30"`` or ``12.3``, as whole fen (1230); a third decimal is refused."""
    price = YUAN.fullmatch(str(value)) if type(value) in (str, int, float) else None
    if price is None:
        raise Unreadable
    yuan, cents = price.groups(default="")
    return whole(int(yuan) * 100 + int(cents.ljust(2, "0")))


def shares(total: object, weights: object) -> list[int]:
    """Split whole fen over lines in proportion to their weights; the parts add up exactly.

    Channels that tell what was paid for an order only, such as Pinduoduo, are split by list price.
    What rounding leaves over goes to the first lines, one fen each.
    """
    if not isinstance(weights, Sequence) or not all(type(weight) is int for weight in weights):
        raise Unreadable
    whole_fen, sum_of_weights = whole(total), sum(map(whole, weights))
    if sum_of_weights == 0:
        raise Unreadable
    parts = [whole_fen * weight // sum_of_weights for weight in weights]
    left = whole_fen - sum(parts)
    return [part + (index < left) for index, part in enumerate(parts)]


def degrees(value: object) -> float:
    """Read a longitude or latitude in degrees."""
    if type(value) not in (int, float):
        raise Unreadable
    angle = float(str(value))
    if not -180 <= angle <= 180:  # noqa: PLR2004 - half a turn either way
        raise Unreadable
    return angle


def degrees_or_null(value: object) -> float | None:
    """Read degrees that the channel may not know."""
    return None if value is None else degrees(value)


def epoch_s(value: object) -> datetime:
    """Read Unix seconds."""
    try:
        moment = datetime.fromtimestamp(whole(value), tz=UTC)
    except (ValueError, OverflowError, OSError) as e:  # what it says of years past 9999
        raise Unreadable from e
    return _in_our_time(moment)


def epoch_ms(value: object) -> datetime:
    """Read Unix milliseconds."""
    seconds, ms = divmod(whole(value), 1000)
    return epoch_s(seconds).replace(microsecond=ms * 1000)


def cn_time(value: object) -> datetime:
    """Read ``2026-02-06 12:34:56`` as China's wall clock shows it."""
    try:
        local = datetime.strptime(text(value), "%Y-%m-%d %H:%M:%S").replace(tzinfo=CHINA)
        return _in_our_time(local.astimezone(UTC))
    except (ValueError, OverflowError) as e:  # no such day, or before the first one
        raise Unreadable from e


def iso_time(value: object) -> datetime:
    """Read ISO 8601 with its zone, ``2022-09-02T10:27:50+08:00``."""
    try:
        moment = datetime.fromisoformat(text(value))
    except ValueError as e:
        raise Unreadable from e
    if moment.tzinfo is None:
        raise Unreadable
    return _in_our_time(moment.astimezone(UTC))


def json(value: object) -> object:
    """Read a text that is itself JSON."""
    try:
        return json_text.loads(text_of_any_length(value))
    except (ValueError, RecursionError) as e:
        raise Unreadable from e


def fingerprint(value: object) -> str:
    """Name a document by what it says, whatever the order of its keys."""
    said = json_text.dumps(value, sort_keys=True, ensure_ascii=False)
    return sha256(said.encode(errors="surrogatepass")).hexdigest()[:FINGERPRINT_LENGTH]


def decoded(value: object) -> str:
    """Undo URL encoding, ``%7B%22tid%22`` or ``+`` for a blank (protocols 3.2)."""
    return unquote_plus(text_of_any_length(value), errors="strict")


def text_of_any_length(value: object) -> str:
    """Read a text that may be a whole document."""
    if not isinstance(value, str) or not value:
        raise Unreadable
    return value


def _in_our_time(moment: datetime) -> datetime:
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise Unreadable
    return moment


def word_of(tables: Mapping[str, Mapping[str, str]]) -> Callable[[object, object], str]:
    """Make the function ``status(table, word)``: a channel's own word in ours."""

    def status(table: object, word: object) -> str:
        try:
            return tables[str(table)][_plain(word)]
        except KeyError as e:
            raise Unreadable from e

    return status


def _plain(word: object) -> str:
    if type(word) is bool or not isinstance(word, str | int):
        raise Unreadable
    return str(word)


NAMED: dict[str, Callable[..., object]] = {
    function.__name__: function
    for function in (
        text,
        text_or_null,
        number,
        digits,
        whole,
        count,
        fen,
        shares,
        degrees,
        degrees_or_null,
        epoch_s,
        epoch_ms,
        cn_time,
        iso_time,
        json,
        decoded,
        fingerprint,
    )
}
