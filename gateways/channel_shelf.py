"""The channels' mappings at hand: which are in force, and each version that an order lives by.

Files and acts are looked at again at most once a second, so a new channel, a mended mapping and a
version that was switched on are in use without a restart. A file that was broken by hand stays out:
the mapping that was read before it goes on.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import structlog

from channels.mapping import ChannelMapping
from channels.sheets import FOLDER, channels, versions
from domain.clock import utc_now
from domain.errors import GatewayRefused
from gateways.channel_acts import Act, ChannelAct, ChannelActs, in_force
from rulebook.faults import BrokenRules

LOOK_AGAIN_S = 1.0
BY_THE_HOUSE = "lifeline"

log = structlog.get_logger()


class ChannelShelf:
    """Reads mappings, and knows which are in force.

    Args:
        acts: What people decided.
        folder: Where the files are.
        clock: Seconds that only go forward.
    """

    def __init__(
        self,
        acts: ChannelActs,
        folder: Path = FOLDER,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._acts = acts
        self._folder = folder
        self._clock = clock
        self._mappings: dict[tuple[str, str], ChannelMapping] = {}
        self._in_force: Mapping[str, tuple[str, ...]] = {}
        self._looked_at = float("-inf")

    def channels(self) -> tuple[str, ...]:
        """Tell the channels that have a version in force."""
        self._look()
        return tuple(sorted(name for name, found in self._in_force.items() if found))

    def in_force(self, channel: str) -> tuple[ChannelMapping, ...]:
        """Tell a channel's mappings that are in force, the one to be asked first in front."""
        self._look()
        found = (self._usable(channel, version) for version in self._in_force.get(channel, ()))
        return tuple(mapping for mapping in found if mapping is not None)

    def current(self, channel: str) -> ChannelMapping:
        """Tell the mapping that is asked first.

        Raises:
            GatewayRefused: nobody has let a version of this channel in.
        """
        found = self.in_force(channel)
        if not found:
            known = "、".join(self.channels())
            reason = f"没有启用渠道 {channel} 的任何协议版本;已启用的渠道:{known}"
            raise GatewayRefused(channel, "unknown_channel", reason)
        return found[0]

    def version(self, channel: str, version: str) -> ChannelMapping:
        """Tell one version, in force or not: orders live on with what they were opened with.

        Raises:
            GatewayRefused: its file is gone or broken.
        """
        self._look()
        mapping = self._usable(channel, version)
        if mapping is None:
            reason = f"映射文件 channels/{channel}/{version}.yaml 不在或有错"
            remedy = f"{reason}:请用 lifeline channels check"
            raise GatewayRefused(channel, "unknown_version", remedy)
        return mapping

    def activate(self, channel: str, version: str, *, by: str, reason: str) -> None:
        """Let a version in; it is asked before those that were let in earlier.

        Raises:
            BrokenRules: it can not be right.
        """
        mapping = ChannelMapping.load(channel, version, self._folder)
        self._decide(mapping, Act.ACTIVATED, by=by, reason=reason)

    def withdraw(self, channel: str, version: str, *, by: str, reason: str) -> None:
        """Take a version out; orders that were opened with it are still told in its words.

        Raises:
            GatewayRefused: it is not in force.
        """
        if version not in self.decided().get(channel, ()):
            raise GatewayRefused(channel, "not_in_force", f"{channel} {version} 没有启用")
        mapping = self.version(channel, version)
        self._decide(mapping, Act.WITHDRAWN, by=by, reason=reason)

    def decided(self) -> Mapping[str, tuple[str, ...]]:
        """Tell the versions in force of every channel, as the record has it now."""
        acts: dict[str, list[ChannelAct]] = {}
        for act in self._acts.all():
            acts.setdefault(act.channel, []).append(act)
        known = dict.fromkeys((*channels(self._folder), *acts))
        return {
            name: in_force(acts[name]) if name in acts else self._initial(name) for name in known
        }

    def _decide(self, mapping: ChannelMapping, act: Act, *, by: str, reason: str) -> None:
        """Write an act down, and before the first one what was in force without any."""
        seeded: Sequence[ChannelMapping] = ()
        if not any(known.channel == mapping.channel for known in self._acts.all()):
            seeded = [self.version(mapping.channel, v) for v in self._initial(mapping.channel)]
        first = [
            _act(known, Act.ACTIVATED, BY_THE_HOUSE, "随程序启用") for known in reversed(seeded)
        ]
        self._acts.record(*first, _act(mapping, act, by, reason))
        self._looked_at = float("-inf")

    def _initial(self, channel: str) -> tuple[str, ...]:
        """Tell the versions that are in force while nobody has decided anything."""
        found = (self._usable(channel, version) for version in versions(channel, self._folder))
        return tuple(mapping.version for mapping in found if mapping and mapping.initial)

    def _look(self) -> None:
        if self._clock() - self._looked_at < LOOK_AGAIN_S:
            return
        self._looked_at = self._clock()
        stale = [key for key, mapping in self._mappings.items() if mapping.source.is_stale]
        for channel, version in stale:
            self._read(channel, version)
        self._in_force = self.decided()

    def _usable(self, channel: str, version: str) -> ChannelMapping | None:
        if (channel, version) not in self._mappings:
            self._read(channel, version)
        return self._mappings.get((channel, version))

    def _read(self, channel: str, version: str) -> None:
        """Read a file; a broken one changes nothing."""
        try:
            self._mappings[channel, version] = ChannelMapping.load(channel, version, self._folder)
        except BrokenRules as fault:
            log.warning("mapping_broken", channel=channel, version=version, faults=fault.faults)


def _act(mapping: ChannelMapping, act: Act, by: str, reason: str) -> ChannelAct:
    return ChannelAct(
        channel=mapping.channel,
        version=mapping.version,
        act=act,
        digest=mapping.source.digest,
        by=by,
        reason=reason,
        at=utc_now(),
    )
