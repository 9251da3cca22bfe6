"""The one way to a Temporal client: for the worker, the starter, the command line and the tests."""

from dataclasses import replace
from typing import Any

from temporalio.client import Client
from temporalio.contrib.pydantic import PydanticPayloadConverter
from temporalio.converter import CompositePayloadConverter, DataConverter
from temporalio.envconfig import ClientConfigProfile
from temporalio.service import GrpcCompression
from tenacity import (
    AsyncRetrying,
    RetryError,
    retry_if_exception_type,
    stop_after_delay,
    wait_fixed,
)

from gateways.key_ring import KeyRing
from infra.codec import SealingCodec
from infra.errors import CannotStart
from infra.failures import SealedFailures
from settings import Engine, Keys, Settings

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")

_SHARED = PydanticPayloadConverter()


class SharedPayloadConverter(CompositePayloadConverter):
    """The pydantic converter, with one cache of type adapters for the whole process.

    The SDK makes a converter for each workflow; a cache that starts empty each time makes decoding
    an order several times dearer (temporal 3.3).
    """

    def __init__(self) -> None:
        super().__init__(*_SHARED.converters.values())


# Without the codec: for what shall be read without keys, such as histories kept in the repository.
CONVERTER = DataConverter(payload_converter_class=SharedPayloadConverter)


def converter(keys: Keys) -> DataConverter:
    """Tell how what we say enters Temporal: as JSON that nobody can read without the keys.

    Raises:
        KeyRingFault: The keys can not be used; the message names the setting.
    """
    return replace(
        CONVERTER,
        payload_codec=SealingCodec(KeyRing.of(keys)),
        failure_converter_class=SealedFailures,
    )


async def connect(settings: Settings, *, within_s: float = 30) -> Client:
    """Connect to the embedded engine, or to the one that ``engine.profile`` names.

    An engine that is still coming up is waited for.

    Raises:
        CannotStart: No answer within ``within_s`` seconds, or no such profile.
        KeyRingFault: The keys can not be used.
    """
    target, sealed = address(settings.engine), converter(settings.keys)
    try:
        async for attempt in AsyncRetrying(
            stop=stop_after_delay(within_s),
            wait=wait_fixed(0.2),
            retry=retry_if_exception_type(RuntimeError),
        ):
            with attempt:
                return await Client.connect(**target, data_converter=sealed)
    except RetryError as late:
        raise CannotStart(_unreachable(settings.engine, target["target_host"])) from late
    raise AssertionError("tenacity ends by a result or by RetryError")


def address(engine: Engine) -> dict[str, Any]:
    """Tell the arguments of ``Client.connect`` that say where the engine is.

    Raises:
        CannotStart: The profile is not in Temporal's configuration file, or has no address.
    """
    if not engine.profile:
        target: dict[str, Any] = {"target_host": f"127.0.0.1:{engine.port}"}
    else:
        target = _profile(engine.profile)
    target.setdefault("namespace", engine.namespace)
    if target["target_host"].rpartition(":")[0] in LOOPBACK:
        # Nothing leaves the machine, so compressing only costs processor time.
        target["grpc_compression"] = GrpcCompression.NONE
    return target


def _profile(name: str) -> dict[str, Any]:
    try:
        found = dict(ClientConfigProfile.load(profile=name).to_client_connect_config())
    except RuntimeError as missing:
        raise CannotStart(
            f"找不到 Temporal 连接配置 {name}({missing}):请检查 lifeline.toml 的 [engine] profile,"
            "或在 temporal.toml 里加上它;留空则使用内置引擎。"
        ) from missing
    if "target_host" not in found:
        raise CannotStart(f"Temporal 连接配置 {name} 没有 address:请在 temporal.toml 里补上。")
    return found


def _unreachable(engine: Engine, target: str) -> str:
    remedy = (
        f"请检查网络和连接配置 {engine.profile}。"
        if engine.profile
        else "请先运行 lifeline up,或查看 var/log/engine.log。"
    )
    return f"连不上 Temporal({target}):{remedy}"
