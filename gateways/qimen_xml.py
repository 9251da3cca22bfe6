"""XML as Qimen writes it: our trees out, their trees in, each missing field named by its path."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from unicodedata import category
from xml.etree.ElementTree import Element, ParseError, SubElement, tostring

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from domain.errors import Untranslatable

PARTNER = "qimen"
SHANGHAI = timezone(timedelta(hours=8))  # Qimen writes local times without a zone
TIME_FORMAT = "%Y-%m-%d %H:%M:%S"

# A list is written as one element for each entry, all with the same name.
Tree = str | Mapping[str, "Tree"] | Sequence[Mapping[str, "Tree"]]


def document(root: str, content: Mapping[str, Tree]) -> bytes:
    """Write a whole document, in UTF-8 with its declaration."""
    element = Element(root)
    for name, part in content.items():
        _grow(element, name, part)
    written: bytes = tostring(element, encoding="utf-8", xml_declaration=True)
    return written


def _grow(parent: Element, name: str, content: Tree) -> None:
    if isinstance(content, str):
        SubElement(parent, name).text = _speakable(content)
    elif isinstance(content, Mapping):
        child = SubElement(parent, name)
        for inner, part in content.items():
            _grow(child, inner, part)
    else:
        for entry in content:
            _grow(parent, name, entry)


def _speakable(text: str) -> str:
    """Leave out control characters: XML has no way to write them, and addresses contain them."""
    return "".join(char for char in " ".join(text.splitlines()) if category(char)[0] != "C")


def write_time(at: datetime) -> str:
    """Write a time as Qimen does."""
    return at.astimezone(SHANGHAI).strftime(TIME_FORMAT)


@dataclass(frozen=True, slots=True)
class Node:
    """An element that came in; every ``Untranslatable`` names the path of what is wrong."""

    element: Element
    path: str

    @classmethod
    def parse(cls, body: bytes) -> "Node":
        """Read a document; entities and external references are refused."""
        try:
            root = fromstring(body)
        except (ParseError, DefusedXmlException, ValueError) as e:
            raise Untranslatable(PARTNER, "正文", "不是规范的 XML") from e
        return cls(root, root.tag)

    def at(self, name: str) -> "Node":
        """Go to a part that must be there."""
        child = self.element.find(name)
        if child is None:
            raise Untranslatable(PARTNER, self._below(name), "缺失")
        return Node(child, self._below(name))

    def each(self, group: str, name: str) -> Iterator["Node"]:
        """Tell the entries of a list such as ``orderLines/orderLine``; none when it is absent."""
        for no, child in enumerate(self.element.findall(f"{group}/{name}"), start=1):
            yield Node(child, self._below(f"{group}.{name}[{no}]"))

    def text(self, name: str) -> str:
        """Read a text that must be there."""
        found = self.maybe(name)
        if found is None:
            raise Untranslatable(PARTNER, self._below(name), "缺失")
        return found

    def maybe(self, name: str) -> str | None:
        """Read a text; ``None`` when it is absent or blank."""
        return (self.element.findtext(name) or "").strip() or None

    def whole(self, name: str, otherwise: int | None = None) -> int:
        """Read a whole number, not negative; without ``otherwise`` it must be there."""
        if otherwise is not None and self.maybe(name) is None:
            return otherwise
        text = self.text(name)
        if not text.isdecimal():
            raise Untranslatable(PARTNER, self._below(name), text)
        return int(text)

    def time(self, name: str, otherwise: datetime) -> datetime:
        """Read a time, written in Shanghai's time, as UTC."""
        text = self.maybe(name)
        if text is None:
            return otherwise
        try:
            local = datetime.strptime(text, TIME_FORMAT).replace(tzinfo=SHANGHAI)
        except ValueError as e:
            raise Untranslatable(PARTNER, self._below(name), text) from e
        return local.astimezone(UTC)

    def _below(self, name: str) -> str:
        return f"{self.path}.{name}"
