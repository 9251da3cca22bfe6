"""The key ring: what one key seals, that key opens, and nothing that was changed."""

import base64

import pytest
from pydantic import SecretStr

from gateways.key_ring import CannotOpen, KeyRing, KeyRingFault
from settings import Keys

OLD, NEW = b"o" * 32, b"n" * 32
TOKEN = b"access-token-of-a-shop"


def written(key: bytes) -> SecretStr:
    return SecretStr(base64.b64encode(key).decode())


def a_ring(current: str, **keys: bytes) -> KeyRing:
    return KeyRing.of(
        Keys(current=current, ring={name: written(key) for name, key in keys.items()})
    )


def test_what_is_sealed_is_opened_again_and_tells_nothing_by_itself() -> None:
    ring = a_ring("one", one=OLD)

    sealed = ring.seal(TOKEN)

    assert ring.open(sealed) == TOKEN
    assert TOKEN not in sealed
    assert ring.seal(TOKEN) != sealed  # equal things do not look equal


def test_the_default_ring_of_the_sandbox_works() -> None:
    ring = KeyRing.of(Keys())

    assert ring.current == "sandbox"
    assert ring.open(ring.seal(TOKEN)) == TOKEN


def test_after_a_rotation_the_new_key_seals_and_the_old_one_still_opens() -> None:
    before = a_ring("old", old=OLD)
    after = a_ring("new", old=OLD, new=NEW)

    assert after.open(before.seal(TOKEN)) == TOKEN
    assert after.seal(TOKEN).startswith(b"new:")
    with pytest.raises(CannotOpen, match="密钥 new 不在"):
        before.open(after.seal(TOKEN))


def test_a_key_that_was_thrown_away_is_named_with_its_setting() -> None:
    sealed = a_ring("old", old=OLD).seal(TOKEN)

    with pytest.raises(CannotOpen, match=r"密钥 old 不在 \[keys\] ring 里"):
        a_ring("new", new=NEW).open(sealed)


def test_a_key_that_was_exchanged_under_its_name_opens_nothing() -> None:
    sealed = a_ring("one", one=OLD).seal(TOKEN)

    with pytest.raises(CannotOpen, match="同名的密钥换过"):
        a_ring("one", one=NEW).open(sealed)


@pytest.mark.parametrize("at", [4, 15, 16, 30, -1])
def test_a_changed_byte_is_noticed(at: int) -> None:
    ring = a_ring("one", one=OLD)
    sealed = bytearray(ring.seal(TOKEN))
    sealed[at] ^= 1

    with pytest.raises(CannotOpen):
        ring.open(bytes(sealed))


def test_the_name_of_the_key_can_not_be_exchanged() -> None:
    ring = a_ring("one", one=OLD, two=OLD)

    with pytest.raises(CannotOpen):
        ring.open(ring.seal(TOKEN).replace(b"one:", b"two:"))


@pytest.mark.parametrize("rubbish", [b"", b":", b"one:", b"one:short", b"\xff\xfe:x", b"plain"])
def test_rubbish_is_refused_in_one_way(rubbish: bytes) -> None:
    with pytest.raises(CannotOpen):
        a_ring("one", one=OLD).open(rubbish)


def test_what_was_locked_in_one_context_does_not_open_in_another() -> None:
    ring = a_ring("one", one=OLD)
    box = ring.lock(TOKEN, b"payload")

    assert ring.unlock("one", box, b"payload") == TOKEN
    with pytest.raises(CannotOpen):
        ring.unlock("one", box, b"token")


@pytest.mark.parametrize(
    ("key", "says"),
    [
        (SecretStr("not base64!"), r"\[keys\] ring 的 mine 不是 base64"),
        (SecretStr("密钥"), r"\[keys\] ring 的 mine 不是 base64"),
        (written(b"k" * 16), r"\[keys\] ring 的 mine 是 16 字节,应为 32"),
        (written(b"k" * 33), r"\[keys\] ring 的 mine 是 33 字节,应为 32"),
        (SecretStr(""), r"\[keys\] ring 的 mine 是 0 字节,应为 32"),
    ],
)
def test_a_key_of_the_wrong_form_is_named_with_its_setting_and_a_remedy(
    key: SecretStr, says: str
) -> None:
    with pytest.raises(KeyRingFault, match=says) as told:
        KeyRing.of(Keys(current="mine", ring={"mine": key}))

    assert "openssl rand -base64 32" in str(told.value)
    assert not key.get_secret_value() or key.get_secret_value() not in str(told.value)


def test_a_current_key_that_is_not_on_the_ring_is_named() -> None:
    with pytest.raises(KeyRingFault, match=r"\[keys\] current 写的是 2027"):
        KeyRing.of(Keys(current="2027", ring={"2026": written(OLD)}))


def test_a_signature_needs_the_key_and_the_message() -> None:
    ring = a_ring("one", one=OLD, two=NEW)

    assert ring.sign(b"a") == a_ring("one", one=OLD).sign(b"a")
    assert ring.sign(b"a") != ring.sign(b"b")
    assert ring.sign(b"a") != a_ring("two", two=NEW).sign(b"a")
