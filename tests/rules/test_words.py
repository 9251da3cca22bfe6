"""Each of our words has a Chinese and an English name, and no two states share one."""

from enum import StrEnum

import pytest

from activities.guard import GuardActivities
from domain.words import STEPS, WORDS, zh
from workflows import calls

SPOKEN = tuple(WORDS)
CALLS = [call for call in vars(calls).values() if isinstance(call, calls.Call)]
ERRANDS = {f"guard.{name}" for name in vars(GuardActivities) if not name.startswith("_")}


@pytest.mark.parametrize("words", SPOKEN)
def test_every_state_has_a_name_in_both_languages(words: type[StrEnum]) -> None:
    assert set(words) == WORDS[words].keys()
    assert all(word.zh and word.en for word in WORDS[words].values())


@pytest.mark.parametrize("words", SPOKEN)
def test_two_states_never_look_the_same_to_a_person(words: type[StrEnum]) -> None:
    assert len(set(words)) == len({zh(word) for word in words})


def test_every_step_of_a_life_or_of_a_guard_has_a_name() -> None:
    by_people = {"claim.decide"}

    assert STEPS.keys() == {call.step for call in CALLS} | ERRANDS | by_people
