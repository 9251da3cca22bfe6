"""The codec: each payload and each fault goes into Temporal sealed, and comes out as it was."""

import base64

import pytest
from pydantic import SecretStr
from temporalio.api.common.v1 import Payload
from temporalio.api.failure.v1 import Failure
from temporalio.exceptions import ApplicationError

from domain.errors import GatewayBusy
from gateways.key_ring import CannotOpen, KeyRing
from infra.codec import SealingCodec
from infra.connect import converter
from settings import Keys

ENGINE_KEEPS_BYTES = 4096  # of one failure
NAME = Payload(metadata={"encoding": b"json/plain"}, data='"张三"'.encode())
OLD, NEW = (base64.b64encode(letter * 32).decode() for letter in (b"o", b"n"))


def a_codec(current: str, **ring: str) -> SealingCodec:
    keys = Keys(current=current, ring={name: SecretStr(key) for name, key in ring.items()})
    return SealingCodec(KeyRing.of(keys))


async def test_a_payload_is_sealed_whole_and_names_its_key() -> None:
    codec = a_codec("2026", **{"2026": OLD})

    (sealed,) = await codec.encode([NAME])

    assert sealed.metadata == {"encoding": b"binary/lifeline-aes-gcm", "key-id": b"2026"}
    assert b"json/plain" not in sealed.data
    assert await codec.decode([sealed]) == [NAME]


async def test_after_a_rotation_both_old_and_new_payloads_open() -> None:
    (old,) = await a_codec("2026", **{"2026": OLD}).encode([NAME])
    codec = a_codec("2027", **{"2026": OLD, "2027": NEW})
    (new,) = await codec.encode([NAME])

    assert new.metadata["key-id"] == b"2027"
    assert await codec.decode([old, new]) == [NAME, NAME]


async def test_a_payload_from_before_the_codec_passes_through() -> None:
    nothing = Payload(metadata={"encoding": b"binary/null"})

    assert await a_codec("one", one=OLD).decode([NAME, nothing, Payload()]) == [
        NAME,
        nothing,
        Payload(),
    ]


async def test_an_unknown_key_is_named_and_fails_the_task_but_not_the_order() -> None:
    (sealed,) = await a_codec("lost", lost=OLD).encode([NAME])

    with pytest.raises(CannotOpen, match="密钥 lost 不在") as told:
        await a_codec("one", one=OLD).decode([sealed])

    # Temporal would end a whole life for an ApplicationError that says "never again".
    assert not isinstance(told.value, ApplicationError)


async def test_a_payload_that_was_tampered_with_does_not_open() -> None:
    codec = a_codec("one", one=OLD, two=NEW)
    (sealed,) = await codec.encode([NAME])

    for changed in (
        Payload(metadata=sealed.metadata, data=sealed.data[:-1] + b"x"),
        Payload(metadata=sealed.metadata, data=b""),
        Payload(metadata={**sealed.metadata, "key-id": b"two"}, data=sealed.data),
        Payload(metadata={"encoding": sealed.metadata["encoding"]}, data=sealed.data),
    ):
        with pytest.raises(CannotOpen):
            await codec.decode([changed])


async def test_a_token_from_the_database_does_not_pass_for_a_payload() -> None:
    ring = KeyRing.of(Keys())
    name, _, box = ring.seal(NAME.SerializeToString()).partition(b":")
    posing = Payload(metadata={"encoding": b"binary/lifeline-aes-gcm", "key-id": name}, data=box)

    with pytest.raises(CannotOpen):
        await SealingCodec(ring).decode([posing])


async def test_a_fault_is_written_sealed_and_read_back() -> None:
    failure = await written(GatewayBusy("sf", "超时"))

    assert "超时" not in str(failure)
    read_back = await converter(Keys()).decode_failure(failure)
    assert "超时" in str(read_back)


async def test_a_fault_of_a_thousand_lines_is_short_enough_for_the_engine_to_keep() -> None:
    fault: Exception = GatewayBusy("sf", "长" * 5000)
    for depth in range(20):
        above = GatewayBusy("sf", f"第 {depth} 层" + "长" * 5000)
        above.__cause__ = fault
        fault = above

    failure = await written(fault)

    assert failure.ByteSize() < ENGINE_KEEPS_BYTES
    assert "第 19 层" in str(await converter(Keys()).decode_failure(failure))


async def written(fault: Exception) -> Failure:
    """Write a fault as a worker does, with the stack that it was raised with."""
    failure = Failure()
    try:
        raise fault
    except GatewayBusy as raised:
        await converter(Keys()).encode_failure(raised, failure)
    return failure
