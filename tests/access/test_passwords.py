"""Passwords: argon2id at OWASP's cost, few at a time, common ones refused."""

import asyncio

import pytest
from argon2 import PasswordHasher, _password_hasher, extract_parameters, low_level

from portalkit.access.passwords import (
    Passwords,
    _common_passwords,
    check_new_password,
    new_one_time_password,
)
from portalkit.config import PasswordConfig
from portalkit.errors import InputRefusedError, ThrottledError

pytestmark = pytest.mark.anyio


async def test_a_password_is_hashed_at_owasps_cost(passwords, password):
    parameters = extract_parameters(await passwords.hash(password))

    assert parameters.type.name == "ID"
    assert (parameters.memory_cost, parameters.time_cost, parameters.parallelism) == (19_456, 2, 1)


@pytest.mark.parametrize(
    "text", ["olive trees", "  spaces around  ", "ñandú-ÄÖÜ-日本語", "x" * 128, "\ud800lone half"]
)
async def test_a_password_is_compared_as_it_was_typed(passwords, text):
    stored = await passwords.hash(text)

    assert (await passwords.verify(text, stored)).is_right
    assert not (await passwords.verify(text + " ", stored)).is_right
    assert not (await passwords.verify(text.swapcase(), stored)).is_right or text.isdigit()


@pytest.mark.parametrize("stored", [None, "", "not a hash", "$argon2id$v=19$m=8,t=1,p=1$c2FsdA$"])
async def test_nobodys_password_costs_one_comparison_and_is_wrong(passwords, password, stored):
    before = passwords.checks

    verification = await passwords.verify(password, stored)

    assert not verification.is_right
    assert passwords.checks == before + 1


@pytest.mark.parametrize("typed", ["", "x" * 129, "x" * 1_000_000])
async def test_what_can_be_no_password_costs_as_much_and_is_wrong(passwords, password_hash, typed):
    before = passwords.checks

    assert not (await passwords.verify(typed, password_hash)).is_right
    assert passwords.checks == before + 1


async def test_a_cheap_hash_is_made_anew_when_its_password_is_at_hand(passwords, password):
    cheap = PasswordHasher(time_cost=1, memory_cost=8_192, parallelism=1).hash(password)

    verification = await passwords.verify(password, cheap)

    assert verification.is_right
    assert extract_parameters(verification.new_hash).memory_cost == 19_456
    assert (await passwords.verify(password, verification.new_hash)).new_hash is None


async def test_a_wrong_password_makes_no_new_hash(passwords, password):
    cheap = PasswordHasher(time_cost=1, memory_cost=8_192, parallelism=1).hash(password)

    assert (await passwords.verify("something else", cheap)).new_hash is None


@pytest.fixture
def filled(monkeypatch):
    """What argon2 is asked to fill, in KiB, of each call."""
    filled = []

    def hash_secret(**cost):
        filled.append(cost["memory_cost"] * cost["time_cost"])
        return low_level.hash_secret(**cost)

    def verify_secret(stored, secret, type_):
        cost = extract_parameters(stored.decode())
        filled.append(cost.memory_cost * cost.time_cost)
        return low_level.verify_secret(stored, secret, type_)

    monkeypatch.setattr(_password_hasher, "hash_secret", hash_secret)
    monkeypatch.setattr(_password_hasher, "verify_secret", verify_secret)
    return filled


@pytest.mark.parametrize(("passes", "memory"), [(1, 8_192), (1, 19_456), (2, 15_000), (3, 9_216)])
async def test_a_wrong_password_fills_as_much_whatever_its_hash_costs(
    passwords, password, filled, passes, memory
):
    """Who has not signed in since the cost has grown is not to be told by the time."""
    cheap = PasswordHasher(time_cost=passes, memory_cost=memory, parallelism=1).hash(password)
    filled.clear()

    await passwords.verify("something else", None)
    nobodys = sum(filled)
    filled.clear()
    await passwords.verify("something else", cheap)

    assert len(filled) == 2
    assert sum(filled) == nobodys == 2 * 19_456


async def test_a_hash_that_is_none_is_made_up_for(passwords, filled):
    await passwords.verify("something else", "not a hash")

    assert sum(filled) == 2 * 19_456


async def test_more_than_a_few_at_a_time_wait_and_too_many_are_told_to_come_back(password):
    passwords = Passwords(PasswordConfig(concurrency=1))
    stored = await passwords.hash(password)

    answers = await asyncio.gather(
        *(passwords.verify(password, stored) for _ in range(60)), return_exceptions=True
    )

    refused = [answer for answer in answers if isinstance(answer, ThrottledError)]
    right = [answer for answer in answers if not isinstance(answer, Exception)]
    assert len(refused) + len(right) == 60
    assert len(refused) >= 9
    assert all(answer.retry_after > 0 for answer in refused)
    assert all(answer.is_right for answer in right)
    # Who was told to come back left nothing behind that would keep others waiting.
    assert (await passwords.verify(password, stored)).is_right
    passwords.close()


async def test_the_loop_goes_on_while_a_password_is_hashed(passwords, password):
    hashing = asyncio.create_task(passwords.hash(password))
    turns = 0
    while not hashing.done():
        await asyncio.sleep(0)
        turns += 1

    assert turns > 10


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "too_short"),
        ("seven77", "too_short"),
        ("x" * 129, "too_long"),
        ("password", "too_common"),
        ("PassWord", "too_common"),
        ("qwertyuiop", "too_common"),
        ("contraseña123", "too_common"),
        ("11111111", "too_common"),
        ("lucia@sol.example", "too_common"),
        ("Almazara Sierra Alta", "too_common"),
        ("almazarasierraalta", "too_common"),
    ],
)
def test_a_weak_password_is_refused(text, reason):
    with pytest.raises(InputRefusedError) as error:
        check_new_password(text, context=("lucia@sol.example", "Almazara Sierra Alta"))

    assert (error.value.field, error.value.reason) == ("password", reason)


@pytest.mark.parametrize(
    "text", ["olive-trees-in-march", "correct horse battery", "ñandúñandú8", "        x", "x8" * 64]
)
def test_any_other_password_is_accepted(text):
    check_new_password(text, context=("lucia@sol.example",))


def test_the_list_of_common_passwords_is_long_and_holds_usable_ones_only():
    usable = {word for word in _common_passwords() if 8 <= len(word) <= 128}

    assert len(usable) > 10_000
    assert usable == _common_passwords() - {""}
    assert all(word == word.lower() for word in usable)


def test_a_one_time_password_is_new_each_time_and_accepted():
    made = {new_one_time_password() for _ in range(100)}

    assert len(made) == 100
    for text in made:
        check_new_password(text)
