"""The one language of rules and mappings: CEL, checked when it is loaded.

Whatever is wrong is told in Chinese with the place of the cell that is wrong. What can be known
before the first order comes (syntax, names, fields, functions, the type of the result on a
sample) is told at load time; only what depends on the facts is left for later.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import cel

from rulebook.faults import BrokenRules

CONVERSIONS = {"bytes", "double", "duration", "dyn", "int", "string", "timestamp", "type", "uint"}
TESTS_OF_TEXT = {"contains", "endsWith", "matches", "size", "startsWith"}
PARTS_OF_TIME = {"getDate", "getDayOfWeek", "getFullYear", "getHours", "getMinutes", "getMonth"}
STANDARD_FUNCTIONS = frozenset(CONVERSIONS | TESTS_OF_TEXT | PARTS_OF_TIME)

TYPE_NAMES = {bool: "真假(true/false)", int: "整数", str: "文字", list: "列表", dict: "对象"}

_TEXT = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'")
_FIELD = re.compile(r"(?<![\w.])([A-Za-z_]\w*)\.([A-Za-z_]\w*)(?!\w*\()")
_LOOP = re.compile(r"\.(?:all|exists|exists_one|map|filter)\(\s*(\w+)\s*,")
_SYNTAX = re.compile(r"<input>:(\d+):(\d+): Syntax error: (.*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """What an expression may speak of.

    Attributes:
        sample: A value for each known name. A mapping tells the known fields; ``None`` accepts
            any shape, and then nothing is tried at load time.
        functions: Functions of our own, by the name they are called by.
    """

    sample: Mapping[str, object]
    functions: Mapping[str, Callable[..., object]] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """Whether an expression can be tried on the sample."""
        return None not in self.sample.values()


class Scene:
    """The facts that expressions are asked about.

    Telling CEL a fact costs some ten times as much as asking about it, so a scene is kept and only
    what differs is put anew.
    """

    def __init__(
        self,
        facts: Mapping[str, object],
        functions: Mapping[str, Callable[..., object]] = MappingProxyType({}),
    ) -> None:
        self.context = cel.Context()
        self._facts = dict[str, object]()
        for name, function in functions.items():
            self.context.add_function(name, function)
        for name, fact in facts.items():
            self.put(name, fact)

    def put(self, name: str, fact: object) -> None:
        """Tell one fact; the same object again costs nothing."""
        if name not in self._facts or self._facts[name] is not fact:
            self._facts[name] = fact
            self.context.add_variable(name, fact)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expression:
    """A compiled cell that knows where it stands; ``reads`` are the names it needs."""

    place: str
    program: cel.Program
    reads: frozenset[str]
    kind: type

    def value(self, scene: Scene) -> object:
        """Evaluate on these facts.

        Raises:
            BrokenRules: a fact or a field is missing, or the result is not of the promised kind.
        """
        try:
            answer = self.program.execute(scene.context)
        except KeyError as missing:
            raise BrokenRules.at(self.place, f"数据里没有字段 {missing.args[0]}") from missing
        except (TypeError, ValueError, RuntimeError, ArithmeticError) as fault:
            raise BrokenRules.at(self.place, f"无法计算:{fault}") from fault
        if self.kind is not object and type(answer) is not self.kind:
            raise BrokenRules.at(self.place, _wrong_kind(self.kind, answer))
        return answer


def compile_expression(
    text: str, *, place: str, vocabulary: Vocabulary, kind: type = object
) -> Expression:
    """Compile one cell.

    Args:
        text: CEL, for example ``sku.band in warehouse.bands``.
        place: File and path, for the messages.
        vocabulary: Which names, fields and functions there are.
        kind: The type that the result must have; ``object`` takes anything.

    Raises:
        BrokenRules: the cell can not be right, whatever the facts.
    """
    program = _parse(text, place)
    reads = frozenset(program.variables()) - frozenset(_LOOP.findall(_TEXT.sub("''", text)))
    _check_names(text, place, reads, vocabulary)
    _check_functions(place, program, vocabulary)
    expression = Expression(place=place, program=program, reads=reads, kind=kind)
    if vocabulary.complete:
        expression.value(Scene(vocabulary.sample, vocabulary.functions))
    return expression


def _parse(text: str, place: str) -> cel.Program:
    try:
        return cel.compile(text)
    except ValueError as fault:
        raise BrokenRules.at(place, f"语法错误:{_syntax(str(fault))}") from fault


def _syntax(message: str) -> str:
    found = _SYNTAX.search(message)
    if found is None:
        return message
    line, column, what = found.groups()
    return f"第 {line} 行第 {column} 列附近({what})"


def _check_names(text: str, place: str, reads: frozenset[str], vocabulary: Vocabulary) -> None:
    for name in sorted(reads - vocabulary.sample.keys()):
        known = "、".join(sorted(vocabulary.sample))
        raise BrokenRules.at(place, f"不认识的变量 {name},可用的有:{known}")
    for name, wanted in _FIELD.findall(_TEXT.sub("''", text)):
        shape = vocabulary.sample.get(name)
        if isinstance(shape, Mapping) and wanted not in shape:
            known = "、".join(sorted(shape))
            raise BrokenRules.at(place, f"{name} 没有字段 {wanted},可用的有:{known}")


def _check_functions(place: str, program: cel.Program, vocabulary: Vocabulary) -> None:
    called = {name for name in program.functions() if name[:1].isalpha()}
    known = STANDARD_FUNCTIONS | vocabulary.functions.keys()
    for name in sorted(called - known):
        choice = "、".join(sorted(known))
        raise BrokenRules.at(place, f"不认识的函数 {name},可用的有:{choice}")


def _wrong_kind(kind: type, answer: object) -> str:
    found = TYPE_NAMES.get(type(answer), type(answer).__name__)
    return f"结果应为{TYPE_NAMES.get(kind, kind.__name__)},实际是{found}"
