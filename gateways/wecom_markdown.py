"""What the WeCom robot says, as its markdown (protocols 6): short enough, in one piece."""

from domain.clock import CHINA
from domain.trouble import Remedy
from domain.words import STEPS, zh
from gateways.exception_rows import OpenException
from gateways.ringing import Ringing

LONGEST_BYTES = 4096  # of a markdown message
NOTE_BYTES = 300  # of one reason, where several stand in a message


def waiting_markdown(ringing: Ringing) -> str:
    """Write which exceptions of a step wait, why, and what can be done about them.

    The people are mentioned by their user ids, ``<@userid>``; that the robot does so is from
    memory.
    """
    first = ringing.oldest[0]
    late = "已超过处理期限" if ringing.rung else "需要人工处理"
    mentions = "".join(f" <@{user}>" for user in ringing.to)
    head = (
        f"**{STEPS[ringing.step].zh}:{ringing.count} 个异常{late}**{mentions}\n"
        '> 原因:<font color="warning">'
    )
    tail = (
        f"</font>\n> 最早:{'、'.join(_one(each) for each in ringing.oldest)}"
        f"\n> 期限:{_clock(first)}(北京时间)"
        f"\n> 可选操作:{_plain('、'.join(map(_action, first.remedies))) or '查看订单'}"
        f"\n> 领取:命令 lifeline exceptions list --step {ringing.step}"
    )
    return head + _cut(_reasons(ringing), LONGEST_BYTES - _size(head) - _size(tail)) + tail


def parked_markdown(door: str, path: str, reason: str, count: int) -> str:
    """Write what is parked for a person, with the command that shows it."""
    head = (
        f"**收件箱有推送无法识别**\n> 来源:{_plain(door)}\n> 字段:{_plain(path)}\n"
        f'> 数量:{count} 条\n> 原因:<font color="warning">'
    )
    tail = (
        "</font>\n> 处理:修正映射或设置后重放,"
        f"命令 lifeline inbox list --state parked --door {_plain(door)}"
    )
    return head + _cut(_plain(reason), LONGEST_BYTES - _size(head) - _size(tail)) + tail


def _reasons(ringing: Ringing) -> str:
    if len(ringing.reasons) == 1:
        return _plain(ringing.reasons[0])
    return ";".join(_cut(_plain(reason), NOTE_BYTES) for reason in ringing.reasons) + " 等"


def _one(found: OpenException) -> str:
    since = found.since.astimezone(CHINA).strftime("%m-%d %H:%M")
    owner = f",{_plain(found.owner)} 在处理" if found.owner else ""
    return f"{_plain(found.subject)}({since} 起{owner})"


def _clock(found: OpenException) -> str:
    return found.deadline.astimezone(CHINA).strftime("%Y-%m-%d %H:%M")


def _action(remedy: str) -> str:
    return zh(Remedy(remedy)) if remedy in set(Remedy) else remedy


def _plain(text: str) -> str:
    """Keep other people's words on one line, and from being read as tags or mentions."""
    return " ".join(text.replace("<", "〈").replace(">", "〉").split())


def _size(text: str) -> int:
    return len(text.encode())


def _cut(text: str, room_bytes: int) -> str:
    """Cut a text to so many bytes of UTF-8, between characters, with a mark where it was cut."""
    if _size(text) <= room_bytes:
        return text
    kept = text.encode()[: max(0, room_bytes - _size("…"))]
    return kept.decode(errors="ignore") + "…"
