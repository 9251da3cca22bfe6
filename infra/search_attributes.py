"""Makes the engine know the search attributes of ``workflows.attributes``."""

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import (
    AddSearchAttributesRequest,
    ListSearchAttributesRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from infra.errors import CannotStart
from workflows import attributes

WANTED = {key.name: IndexedValueType.ValueType(key.indexed_value_type) for key in attributes.ALL}


async def register(client: Client) -> None:
    """Tell the engine the attributes that it does not know yet. Safe to repeat.

    Raises:
        CannotStart: An attribute exists with another type, or we may not add one (Temporal Cloud).
    """
    known = await _known(client)
    for name in WANTED.keys() & known.keys():
        _same_type(name, known[name])
    missing = {name: kind for name, kind in WANTED.items() if name not in known}
    if missing:
        await add(client, missing)


async def add(client: Client, missing: dict[str, IndexedValueType.ValueType]) -> None:
    """Add attributes by name and type; another process may have been a moment faster.

    Raises:
        CannotStart: We may not add one (Temporal Cloud).
    """
    request = AddSearchAttributesRequest(namespace=client.namespace, search_attributes=missing)
    try:
        await client.operator_service.add_search_attributes(request)
    except RPCError as refused:
        if refused.status is RPCStatusCode.ALREADY_EXISTS:
            return
        raise CannotStart(_by_hand(missing, refused)) from refused


async def visible(client: Client) -> bool:
    """Tell whether the engine knows them all."""
    return WANTED.keys() <= (await _known(client)).keys()


def as_flags() -> tuple[str, ...]:
    """Tell them as arguments of ``temporal server start-dev``, for a new database."""
    pairs = (f"{name}={type_name(kind)}" for name, kind in WANTED.items())
    return tuple(flag for pair in pairs for flag in ("--search-attribute", pair))


def type_name(kind: IndexedValueType.ValueType) -> str:
    """Tell a type as Temporal's command line calls it, such as ``KeywordList``."""
    words = IndexedValueType.Name(kind).removeprefix("INDEXED_VALUE_TYPE_").split("_")
    return "".join(word.capitalize() for word in words)


async def _known(client: Client) -> dict[str, IndexedValueType.ValueType]:
    request = ListSearchAttributesRequest(namespace=client.namespace)
    answer = await client.operator_service.list_search_attributes(request)
    return dict(answer.custom_attributes)


def _same_type(name: str, found: IndexedValueType.ValueType) -> None:
    if found != WANTED[name]:
        raise CannotStart(
            f"搜索属性 {name} 在 Temporal 里是 {type_name(found)},应为 {type_name(WANTED[name])}:"
            "请换一个命名空间,或由管理员删除后重建。"
        )


def _by_hand(missing: dict[str, IndexedValueType.ValueType], refused: RPCError) -> str:
    names = "、".join(f"{name}={type_name(kind)}" for name, kind in missing.items())
    return f"不能登记搜索属性 {names}({refused.message}):请由 Temporal 的管理员加上后再启动。"
