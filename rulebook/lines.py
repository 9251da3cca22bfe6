"""On which line of a YAML file a fault stands, for messages that point at it."""

import re
from pathlib import Path

import yaml

STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


def line_of(path: Path, place: str) -> int | None:
    """Tell the line of a place such as ``order.paid_at`` or ``api.changed[0].ask``, from 1.

    Of a place that is not there, the nearest one around it is told: that is where something is
    missing. ``None`` when the file is not there or is no YAML.
    """
    try:
        node = yaml.compose(path.read_text("utf-8"), yaml.SafeLoader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return None
    line = 1
    for name, index in STEP.findall(place):
        found = _below(node, name, index)
        if found is None:
            return line
        line, node = found
    return line


def _below(node: yaml.Node | None, name: str, index: str) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == (name or index):
                return key.start_mark.line + 1, value
    at = index or name
    if isinstance(node, yaml.SequenceNode) and at.isdigit() and int(at) < len(node.value):
        item = node.value[int(at)]
        return item.start_mark.line + 1, item
    return None
