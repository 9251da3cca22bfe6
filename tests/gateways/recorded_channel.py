"""A channel that is nothing but data, and a server that answers as its conversation says.

``channels/<name>/conversation.json`` says what each call is asked and what it answers; a text such
as ``@order.json`` stands for the document of that sample. Of the exchanges that fit a question the
last one is given; one with ``after`` fits once that call was made.
"""

import contextlib
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Self

import httpx
from sqlalchemy import Engine
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from channels.mapping import ChannelMapping, Signed
from channels.samples import Sample, differences, samples
from channels.sheets import FOLDER, channels, versions
from domain.events import Push
from gateways.channel_acts import ChannelActs
from gateways.channel_shelf import ChannelShelf
from gateways.channel_shops import ChannelShops, Outfit
from gateways.channel_tokens import ChannelTokens
from gateways.database import open_database
from gateways.field_watch import FieldWatch
from gateways.key_ring import KeyRing
from infra.migrate import migrate_hub
from rulebook.waybills import standard_numbers
from settings import Channel, Keys
from tests.gateways.push_signers import GREETERS, SIGNERS
from tests.serving import served


def conversation_of(name: str) -> Path:
    """Tell where a channel's conversation is written down."""
    return FOLDER / name / "conversation.json"


RECORDED = tuple(name for name in channels() if conversation_of(name).exists())


@dataclass(frozen=True, kw_only=True)
class Conversation:
    """What was said between the hub and a channel."""

    name: str
    said: dict[str, Any]
    samples: dict[str, Sample]

    @classmethod
    def of(cls, name: str) -> Self:
        """Read a channel's conversation and its samples."""
        said = json.loads(conversation_of(name).read_text("utf-8"))
        return cls(name=name, said=said, samples={s.name: s for s in samples(name)})

    @property
    def version(self) -> str:
        """The version that it is held in: the newest."""
        return versions(self.name)[-1]

    @property
    def proof(self) -> Signed:
        """How its pushes are signed."""
        return ChannelMapping.load(self.name, self.version).signed

    def sample(self, role: str) -> Sample:
        """Tell the sample that plays a role: ``push``, ``claim``, ``order`` or ``refund``."""
        return self.samples[self.said[role]]

    def settings(self, url: str) -> Channel:
        """Tell who we are at the channel."""
        return Channel.model_validate({**self.said["account"], "url": url})

    def signed(self, role: str, at: datetime) -> Push:
        """Push a sample as the channel would."""
        us, document = self.settings(""), self.sample(role).document
        return SIGNERS[self.proof.scheme](document, us, self.proof.settings, at)

    def greeting(self, at: datetime) -> dict[str, str] | None:
        """Ask as the channel would whether an address is ours; ``None`` when it never asks."""
        greeter = GREETERS.get(self.proof.scheme)
        return greeter and greeter(self.settings(""), self.proof.settings, at)

    def filled(self, says: dict[str, Any]) -> dict[str, Any]:
        """Put the samples in the place of their names."""
        return {
            key: self.samples[value[1:]].document if str(value).startswith("@") else value
            for key, value in says.items()
        }


@dataclass
class Replay:
    """The channel's side: answers what is written down, and keeps what it was asked."""

    conversation: Conversation
    heard: list[tuple[str, Any]] = field(default_factory=list)

    async def answer(self, request: Request) -> JSONResponse:
        """Answer one call."""
        call, body = request.url.path, await request.json()
        fitting = [
            exchange
            for exchange in self.conversation.said["exchanges"]
            if exchange["call"] == call
            and not list(differences(exchange["asks"], body))
            and exchange.get("after") in {None, *self.calls()}
        ]
        self.heard.append((call, body))
        assert fitting, f"nobody wrote down what {call} answers to {body}"
        return JSONResponse(self.conversation.filled(fitting[-1]["says"]))

    def calls(self) -> Sequence[str]:
        """Tell the calls that were made, in their order."""
        return [call for call, _ in self.heard]


@dataclass(frozen=True, kw_only=True)
class RecordedStage:
    """One channel from both sides."""

    hub: Engine
    conversation: Conversation
    replay: Replay
    shops: ChannelShops

    @property
    def name(self) -> str:
        """The channel's name."""
        return self.conversation.name


@contextlib.asynccontextmanager
async def on_record(name: str, folder: Path) -> AsyncIterator[RecordedStage]:
    """Set up one channel that a person has let in."""
    conversation, url = Conversation.of(name), f"sqlite:///{folder / 'hub.sqlite'}"
    migrate_hub(url)
    hub, replay = open_database(url), Replay(conversation)
    shelf = ChannelShelf(ChannelActs(hub))
    shelf.activate(name, conversation.version, by="李四", reason="新渠道上线")
    calls = [Route("/{path:path}", replay.answer, methods=["POST"])]
    async with served(Starlette(routes=calls)) as there, httpx.AsyncClient() as http:
        outfit = Outfit(
            tokens=ChannelTokens(hub, KeyRing.of(Keys())),
            numbers=standard_numbers(),
            buyer_key=lambda buyer: f"key of {buyer}",
            watch=FieldWatch(hub),
            http=http,
        )
        settings = {name: conversation.settings(there)}
        shops = ChannelShops.built(settings, shelf, outfit)
        yield RecordedStage(hub=hub, conversation=conversation, replay=replay, shops=shops)
    hub.dispose()
