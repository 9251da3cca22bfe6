"""Seals what enters Temporal, so that the engine, its database and its backups hold no buyer.

The engine needs nothing of it: it schedules and remembers without looking inside. Search attributes
are the one thing that it must read; none of them names a person (``workflows.attributes``).
"""

from collections.abc import Sequence

from temporalio.api.common.v1 import Payload
from temporalio.converter import PayloadCodec

from gateways.key_ring import KeyRing

ENCODING = b"binary/lifeline-aes-gcm"

# What seals a payload opens nothing else, and the other way round. The workflow's id would bind it
# closer, and the SDK knows it (``WithSerializationContext``). But not everybody who opens does: the
# UI hands the codec server bare payloads, and a replayer has a namespace of its own.
CONTEXT = b"lifeline/temporal-payload"


class SealingCodec(PayloadCodec):
    """Seals each payload whole, with its metadata, under the key ring's current key.

    What is not sealed passes through: lives that began before the codec run on and replay.
    """

    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Seal payloads."""
        return [self._seal(payload) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Open payloads, each under the key that it names.

        Raises:
            CannotOpen: A key is missing, or a payload was changed. In a worker this fails the task
                and not the order: Temporal asks again until the key is back, and nothing is lost.
        """
        return [self._open(payload) for payload in payloads]

    def _seal(self, payload: Payload) -> Payload:
        return Payload(
            metadata={"encoding": ENCODING, "key-id": self._ring.current.encode()},
            data=self._ring.lock(payload.SerializeToString(), CONTEXT),
        )

    def _open(self, payload: Payload) -> Payload:
        if payload.metadata.get("encoding") != ENCODING:
            return payload
        name = payload.metadata.get("key-id", b"").decode(errors="replace")
        return Payload.FromString(self._ring.unlock(name, payload.data, CONTEXT))
