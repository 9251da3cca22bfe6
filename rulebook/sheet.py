"""Rule files: read, checked against their JSON schema, and named by a hash of what they say."""

import json
from collections.abc import Hashable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator, ValidationError

from rulebook.faults import BrokenRules

# JSON schema's keyword → what people are told; {found} is in the file, {wanted} in the schema.
COMPLAINTS = {
    "type": "应为 {wanted},实际是 {found}",
    "enum": "只能是 {wanted},实际是 {found}",
    "minimum": "不能小于 {wanted},实际是 {found}",
    "maximum": "不能大于 {wanted},实际是 {found}",
    "minLength": "不能为空",
    "minItems": "至少要有 {wanted} 项",
    "uniqueItems": "有重复的项",
    "format": "不是有效的日期:{found}",
    "pattern": "格式不对,应符合 {wanted},实际是 {found}",
}
TYPES = {
    "integer": "整数",
    "number": "数字",
    "string": "文字",
    "boolean": "true 或 false",
    "array": "列表",
    "object": "键值表",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A rule file whose shape is right; ``name`` is how messages call it."""

    name: str
    content: Any  # what the schema promises


def load_sheet(path: Path, schema: Path) -> Sheet:
    """Read one YAML rule file.

    Raises:
        BrokenRules: the file is missing, is no YAML, or breaks its schema; all faults at once.
    """
    name = f"{path.parent.name}/{path.name}"
    return check_sheet(name, read_sheet(path), schema)


def read_sheet(path: Path) -> Any:  # noqa: ANN401 - checked by the schema afterwards
    """Read a YAML file as it stands; ``BrokenRules`` when it is missing or is no YAML."""
    return _read(path, f"{path.parent.name}/{path.name}")


def check_sheet(name: str, content: Any, schema: Path) -> Sheet:  # noqa: ANN401 - checked here
    """Check what a file says against its schema.

    Raises:
        BrokenRules: it breaks the schema; all faults at once.
    """
    validator = Draft202012Validator(
        json.loads(schema.read_text("utf-8")), format_checker=Draft202012Validator.FORMAT_CHECKER
    )
    broken = sorted(validator.iter_errors(content), key=lambda error: error.json_path)
    if broken:
        told = (f"{name} {_where(error)}: {_complaint(error)}" for error in broken)
        raise BrokenRules(*dict.fromkeys(told))  # one sentence tells all keys that are missing
    return Sheet(name=name, content=content)


def version_of(*sheets: Sheet) -> str:
    """Name what the sheets say together; comments, order of keys and spaces do not matter."""
    said = json.dumps({sheet.name: sheet.content for sheet in sheets}, sort_keys=True)
    return sha256(said.encode()).hexdigest()[:12]


class _StrictLoader(yaml.SafeLoader):
    """Refuses a key that is written twice; YAML would quietly keep the second."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002 - PyYAML's signature
        """Make a mapping whose keys are all different."""
        keys = [key.value for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise yaml.constructor.ConstructorError(
                    problem=f"键 {key} 写了两次", problem_mark=node.start_mark
                )
        return super().construct_mapping(node, deep)


# Days stay text, as the schema says, and the content stays plain JSON.
_StrictLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _read(path: Path, name: str) -> Any:  # noqa: ANN401 - checked by the schema right after
    try:
        return yaml.load(path.read_text("utf-8"), _StrictLoader)  # noqa: S506 - it is a SafeLoader
    except FileNotFoundError as fault:
        raise BrokenRules.at(name, "找不到文件") from fault
    except (UnicodeDecodeError, yaml.reader.ReaderError) as fault:
        raise BrokenRules.at(name, "不是 UTF-8 文本,请另存为 UTF-8") from fault
    except yaml.MarkedYAMLError as fault:
        mark = fault.problem_mark
        where = f"第 {mark.line + 1} 行第 {mark.column + 1} 列" if mark else ""
        raise BrokenRules.at(name, f"不是有效的 YAML,{where}:{fault.problem}") from fault


def _where(error: ValidationError) -> str:
    return error.json_path.removeprefix("$").removeprefix(".") or "(整个文件)"


def _complaint(error: ValidationError) -> str:
    found: Any = error.instance
    wanted: Any = error.validator_value
    schema: Any = error.schema
    match error.validator:
        case "required":
            return f"缺少 {'、'.join(key for key in wanted if key not in found)}"
        case "additionalProperties":
            known = schema["properties"]
            unknown = [key for key in found if key not in known]
            return f"不认识的键 {'、'.join(map(str, unknown))},可用的有:{'、'.join(known)}"
        case keyword:
            text = COMPLAINTS.get(str(keyword), "不符合要求 {wanted},实际是 {found}")
            return text.format(wanted=TYPES.get(str(wanted), wanted), found=repr(found)[:60])
