"""A fault in a YAML file is pointed at by its line."""

from pathlib import Path

import pytest

from rulebook.lines import line_of

FILE = """\
# what this is
channel: douyin
order:
  number: text(order.id)
  paid_at: >-
    epoch_s(order.pay_time)
status:
  order: { "1": due, "2": shipped }
api:
  changed:
    - call: first
      ask: '{}'
    - call: second
      ask: |
        {"a": 1}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "1.yaml"
    file.write_text(FILE, "utf-8")
    return file


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("channel", 2),
        ("order", 3),
        ("order.number", 4),
        ("order.paid_at", 5),
        ("status.order.2", 8),
        ("api.changed", 10),
        ("api.changed.0.call", 11),
        ("api.changed[0].ask", 12),
        ("api.changed.1", 13),
        ("api.changed[1].ask", 14),
    ],
)
def test_a_place_is_found_by_its_path(file: Path, place: str, line: int) -> None:
    assert line == line_of(file, place)


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("order.freight_fen", 3),
        ("order.paid_at.deeper", 5),
        ("api.changed[7].ask", 10),
        ("nobody", 1),
        ("", 1),
        ("(整个文件)", 1),
    ],
)
def test_what_is_missing_is_pointed_at_where_it_is_missing(
    file: Path, place: str, line: int
) -> None:
    assert line == line_of(file, place)


@pytest.mark.parametrize("text", ["a: [1", "\tb: 1", "a: b: c", "\x00"])
def test_a_file_that_is_no_yaml_has_no_places(tmp_path: Path, text: str) -> None:
    (tmp_path / "1.yaml").write_text(text, "utf-8")

    assert line_of(tmp_path / "1.yaml", "a") is None


@pytest.mark.parametrize("content", [b"", b"# nothing", b"- 1\n- 2\n", b"text"])
def test_a_file_without_keys_is_pointed_at_by_its_first_line(
    tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "1.yaml").write_bytes(content)

    assert 1 == line_of(tmp_path / "1.yaml", "order.number")


def test_a_file_that_is_not_there_or_is_no_text_has_no_places(tmp_path: Path) -> None:
    (tmp_path / "1.yaml").write_bytes(b"\xff\xfe\x00")

    assert line_of(tmp_path / "2.yaml", "order") is None
    assert line_of(tmp_path / "1.yaml", "order") is None


def test_keys_that_are_no_texts_are_found_as_they_are_written(tmp_path: Path) -> None:
    (tmp_path / "1.yaml").write_text("a:\n  1: x\n  true: y\n  ? [k]\n  : z\n", "utf-8")

    assert 2 == line_of(tmp_path / "1.yaml", "a.1")
    assert 3 == line_of(tmp_path / "1.yaml", "a.true")
