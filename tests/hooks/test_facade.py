"""What each hook does with answers and with failures."""

import asyncio
from datetime import UTC, datetime

import msgspec
import pytest
from markupsafe import Markup
from sqlalchemy import ColumnElement, Text, cast, column, select, text, true

from portalkit.db import create_engine_for, session_makers
from portalkit.errors import ConfigError, GuardFailedError
from portalkit.hooks import (
    HOOK_API,
    ContactSignedIn,
    DataFile,
    Manifest,
    Purpose,
    Slot,
    hookimpl,
    hookspec,
)

EVENT = ContactSignedIn(
    business_id="b", at=datetime(2026, 11, 24, tzinfo=UTC), contact_id="c", person_id="p"
)


class Plugin:
    def __init__(self, name, **changes):
        self.manifest = Manifest(**{"name": name, "title": name, "api": HOOK_API, **changes})


class Filling(Plugin):
    """Fills slots with what it is given, or raises it."""

    def __init__(self, name, answer):
        super().__init__(name)
        self.answer = answer

    @hookimpl
    async def portalkit_render_slot(self, context):
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def hooks_of(load):
    def hooks_of(*plugins, **settings):
        extra = {plugin.manifest.name: plugin for plugin in plugins}
        return load(extra=extra, **settings).hooks

    return hooks_of


# Slots


def show(hooks, session, context, slot, **options):
    def render(template, /, **values):
        return Markup(f"{template} {values}")

    return hooks.render_slot(session, context, slot, render=render, **options)


async def test_a_slot_renders_templates_of_the_plugin(hooks_of, viewer):
    class Rendering(Plugin):
        @hookimpl
        async def portalkit_render_slot(self, render, subject):
            return render("one/panel.html", subject=subject)

    hooks = hooks_of(Rendering("one"))

    assert await show(hooks, None, viewer, Slot.HOME_TOP) == "one/panel.html {'subject': None}"


async def test_a_slot_shows_what_plugins_add_in_load_order(hooks_of, viewer):
    hooks = hooks_of(
        Filling("one", Markup("<p>1</p>")), Filling("two", None), Filling("three", Markup("3"))
    )

    assert await show(hooks, None, viewer, Slot.HOME_TOP) == Markup("<p>1</p>3")


@pytest.mark.parametrize("answer", [RuntimeError("out of order"), "<b>not safe</b>", 3])
async def test_a_failing_plugin_leaves_the_others_in_place(hooks_of, viewer, caplog, answer):
    hooks = hooks_of(Filling("one", answer), Filling("two", Markup("2")))

    assert await show(hooks, None, viewer, Slot.HOME_TOP) == Markup("2")
    assert "plugin one failed in portalkit_render_slot" in caplog.text
    assert hooks.failures == {("one", "portalkit_render_slot"): 1}


async def test_a_plugin_that_takes_too_long_is_left_out(hooks_of, viewer, caplog, monkeypatch):
    class Hanging(Plugin):
        @hookimpl
        async def portalkit_render_slot(self):
            await asyncio.Event().wait()

    monkeypatch.setattr("portalkit.hooks.facade.SLOT_SECONDS", 0)
    hooks = hooks_of(Hanging("one"), Filling("two", Markup("2")))

    assert await show(hooks, None, viewer, Slot.HOME_TOP) == Markup("2")
    assert "TimeoutError" in caplog.text


async def test_only_plugins_that_are_switched_on_fill_slots(hooks_of, viewer, staff):
    hooks = hooks_of(Filling("one", Markup("1")), Filling("two", Markup("2")))

    assert await show(hooks, None, staff, Slot.BACKOFFICE_CONTACT_PANEL) == Markup("1")
    assert await show(hooks, None, None, Slot.LOGIN_BELOW_FORM) == Markup()
    assert await show(hooks, None, None, Slot.LOGIN_BELOW_FORM, active={"two"}) == Markup("2")


async def test_a_plugin_is_asked_only_for_the_slots_that_it_says_it_fills(hooks_of, viewer):
    one, two = Filling("one", Markup("1")), Filling("two", Markup("2"))
    one.manifest = msgspec.structs.replace(one.manifest, slots=frozenset({Slot.LIST_TOP}))
    hooks = hooks_of(one, two)

    assert await show(hooks, None, viewer, Slot.LIST_TOP) == Markup("12")
    assert await show(hooks, None, viewer, Slot.HOME_TOP) == Markup("2")


async def test_the_kernels_own_plugins_are_always_asked(load):
    hooks = load(extra={"home": Filling("home", Markup("home"))}).hooks

    assert await show(hooks, None, None, Slot.LAYOUT_FOOTER) == Markup("home")


async def test_tryfirst_and_trylast_are_the_only_ways_to_another_order(hooks_of, viewer):
    class First(Plugin):
        @hookimpl(tryfirst=True)
        async def portalkit_render_slot(self):
            return Markup("first")

    class Last(Plugin):
        @hookimpl(trylast=True)
        async def portalkit_render_slot(self):
            return Markup("last")

    hooks = hooks_of(Last("one"), Filling("three", Markup(" ")), First("two"))

    assert await show(hooks, None, viewer, Slot.HOME_TOP) == Markup("first last")


class Querying(Plugin):
    """Asks the database something that it cannot answer, or not in time."""

    def __init__(self, name, statement):
        super().__init__(name)
        self.statement = statement

    @hookimpl
    async def portalkit_render_slot(self, session):
        await session.execute(text(self.statement))


NEVER = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 3000000) "
    "SELECT count(*) FROM n",
    "postgresql": "SELECT pg_sleep(30)",
}


@pytest.fixture
async def engine(database_url):
    engine = create_engine_for(database_url)
    yield engine
    await engine.dispose()


@pytest.mark.parametrize("writes", [True, False])
async def test_a_failing_statement_of_a_plugin_does_not_spoil_the_page(
    hooks_of, viewer, engine, caplog, writes
):
    reading, writing = session_makers(engine)
    hooks = hooks_of(Querying("one", "SELECT nothing FROM nowhere"), Filling("two", Markup("2")))
    async with (writing if writes else reading)() as session:
        shown = await show(hooks, session, viewer, Slot.HOME_TOP)

        assert shown == Markup("2")
        assert await session.scalar(select(1)) == 1
    assert "plugin one failed" in caplog.text


async def test_a_statement_that_takes_too_long_does_not_spoil_the_page(
    hooks_of, viewer, engine, caplog, monkeypatch
):
    monkeypatch.setattr("portalkit.hooks.facade.SLOT_SECONDS", 0.2)
    reading, _ = session_makers(engine)
    hooks = hooks_of(Querying("one", NEVER[engine.dialect.name]), Filling("two", Markup("2")))
    async with reading() as session:
        shown = await show(hooks, session, viewer, Slot.HOME_TOP)

        assert shown == Markup("2")
        assert await session.scalar(select(1)) == 1
    assert "TimeoutError" in caplog.text


async def test_plugins_with_the_same_session_run_one_after_another(hooks_of, viewer):
    running = []

    class Counting(Plugin):
        @hookimpl
        async def portalkit_render_slot(self):
            running.append(self.manifest.name)
            await asyncio.sleep(0)
            assert running == [self.manifest.name]
            running.remove(self.manifest.name)

    hooks = hooks_of(Counting("one"), Counting("two"))

    await show(hooks, None, viewer, Slot.HOME_TOP)
    assert hooks.failures == {}


# Guards


class Denying(Plugin):
    def __init__(self, name, answer):
        super().__init__(name)
        self.answer = answer

    @hookimpl
    async def portalkit_deny_permissions(self, session, context):
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


async def test_what_several_plugins_deny_is_united(hooks_of, viewer):
    hooks = hooks_of(
        Denying("one", {"sales.pay"}), Denying("two", None), Denying("three", ("sales.view",))
    )

    assert await hooks.deny_permissions(None, viewer) == {"sales.pay", "sales.view"}


@pytest.mark.parametrize("answer", [RuntimeError("no"), "sales.view", 7, [7]])
async def test_a_failing_guard_refuses_access(hooks_of, viewer, answer):
    hooks = hooks_of(Denying("one", answer))

    with pytest.raises(GuardFailedError) as caught:
        await hooks.deny_permissions(None, viewer)

    assert (caught.value.plugin, caught.value.hook) == ("one", "portalkit_deny_permissions")
    assert hooks.failures == {("one", "portalkit_deny_permissions"): 1}


async def test_a_guard_that_takes_too_long_refuses_access(hooks_of, viewer, monkeypatch):
    class Hanging(Plugin):
        @hookimpl
        async def portalkit_deny_permissions(self):
            await asyncio.Event().wait()

    monkeypatch.setattr("portalkit.hooks.facade.GUARD_SECONDS", 0)

    with pytest.raises(GuardFailedError):
        await hooks_of(Hanging("one")).deny_permissions(None, viewer)


async def test_a_guard_that_is_switched_off_is_not_asked(hooks_of, viewer):
    hooks = hooks_of(Denying("off", RuntimeError("no")))

    assert await hooks.deny_permissions(None, viewer) == frozenset()


class Restricting(Plugin):
    def __init__(self, name, answer):
        super().__init__(name)
        self.answer = answer

    @hookimpl
    def portalkit_restrict_documents(self, context, kind):
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer if kind == "invoice" else None


def test_conditions_on_documents_are_collected(hooks_of, viewer):
    condition = column("number") == "F-1"
    hooks = hooks_of(Restricting("one", condition), Restricting("two", true()))

    found = hooks.restrict_documents(viewer, "invoice")

    assert found[0] is condition
    assert all(isinstance(item, ColumnElement) for item in found)
    assert len(found) == 2
    assert hooks.restrict_documents(viewer, "quote") == []


@pytest.mark.parametrize("answer", [RuntimeError("no"), True, "number = 1", cast(1, Text).type])
def test_a_failing_restriction_shows_nothing(hooks_of, viewer, answer):
    with pytest.raises(GuardFailedError):
        hooks_of(Restricting("one", answer)).restrict_documents(viewer, "invoice")


# Templates of documents


class Choosing(Plugin):
    def __init__(self, name, answer):
        super().__init__(name)
        self.answer = answer

    @hookimpl
    def portalkit_choose_template(self):
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def test_the_first_answer_that_is_not_none_chooses_the_template(hooks_of, viewer):
    hooks = hooks_of(Choosing("one", None), Choosing("two", "two/x.html"), Choosing("three", "y"))

    assert hooks.choose_template(viewer, None, Purpose.PDF) == "two/x.html"


@pytest.mark.parametrize("answer", [RuntimeError("no"), False, []])
def test_a_failing_choice_falls_back_to_the_next(hooks_of, viewer, answer):
    assert hooks_of(Choosing("one", answer)).choose_template(viewer, None, Purpose.PAGE) is None
    both = hooks_of(Choosing("one", answer), Choosing("two", "two/x.html"))
    assert both.choose_template(viewer, None, Purpose.PAGE) == "two/x.html"


# Events


class Listening(Plugin):
    def __init__(self, name, heard, error=None):
        super().__init__(name)
        self.heard = heard
        self.error = error

    @hookimpl
    async def portalkit_handle_event(self, portal, event):
        if self.error:
            raise self.error
        self.heard.append((self.manifest.name, event))


async def test_every_plugin_hears_of_an_event_even_if_another_fails(hooks_of, caplog):
    heard = []
    hooks = hooks_of(Listening("one", heard, RuntimeError("no")), Listening("two", heard))

    await hooks.handle_event(None, EVENT)

    assert heard == [("two", EVENT)]
    assert "plugin one failed in portalkit_handle_event" in caplog.text


async def test_events_go_to_the_plugins_that_the_business_has(hooks_of):
    heard = []
    hooks = hooks_of(Listening("one", heard), Listening("two", heard))

    await hooks.handle_event(None, EVENT, active={"two"})
    await hooks.handle_event(None, EVENT, active=())

    assert [name for name, _ in heard] == ["two"]


async def test_a_cancelled_request_does_not_tear_down_what_plugins_do(hooks_of):
    started, go_on, done = asyncio.Event(), asyncio.Event(), asyncio.Event()

    class Slow(Plugin):
        @hookimpl
        async def portalkit_handle_event(self):
            started.set()
            await go_on.wait()
            done.set()

    task = asyncio.create_task(hooks_of(Slow("one")).handle_event(None, EVENT))
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    go_on.set()
    await asyncio.wait_for(done.wait(), 5)


# Start and stop


class Living(Plugin):
    def __init__(self, name, diary, *, fails=False):
        super().__init__(name)
        self.diary = diary
        self.fails = fails

    @hookimpl
    async def portalkit_startup(self, portal):
        if self.fails:
            raise RuntimeError("no")
        self.diary.append(f"{self.manifest.name} up")

    @hookimpl
    async def portalkit_shutdown(self, portal):
        self.diary.append(f"{self.manifest.name} down")
        raise RuntimeError("not nice")


async def test_plugins_start_in_load_order_and_stop_in_the_reverse(hooks_of, caplog):
    diary = []
    hooks = hooks_of(Living("one", diary), Living("two", diary))

    await hooks.startup(None)
    await hooks.shutdown(None)

    assert diary == ["one up", "two up", "two down", "one down"]
    assert caplog.text.count("failed in portalkit_shutdown") == 2


async def test_a_failed_start_names_all_and_stops_those_that_had_started(hooks_of):
    diary = []
    hooks = hooks_of(
        Living("one", diary), Living("two", diary, fails=True), Living("three", diary, fails=True)
    )

    with pytest.raises(ExceptionGroup) as caught:
        await hooks.startup(None)

    assert [error.plugin for error in caught.value.exceptions] == ["two", "three"]
    assert "portalkit_startup failed: RuntimeError('no')" in str(caught.value.exceptions[0])
    assert diary == ["one up", "one down"]


async def test_in_safe_mode_a_plugin_that_cannot_start_is_silenced(hooks_of):
    diary = []
    hooks = hooks_of(Living("one", diary, fails=True), Living("two", diary), safe_mode=True)

    await hooks.startup(None)
    await hooks.shutdown(None)

    assert diary == ["two up", "two down"]


# Hooks that plugins offer


class Offering(Plugin):
    class Specs:
        @hookspec
        async def offering_check(self, order):
            """Refuse an order."""

        @hookspec
        def offering_condition(self, order):
            """Narrow what is offered."""

    def __init__(self):
        super().__init__("offering", hookspecs=Offering.Specs)


class Checking(Plugin):
    def __init__(self, name, answer):
        super().__init__(name, requires=("offering",))
        self.answer = answer

    def _answer(self, order):
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer and f"{order}: {self.answer}" if self.answer != 7 else 7

    @hookimpl
    async def offering_check(self, order):
        return self._answer(order)

    @hookimpl
    def offering_condition(self, order):
        return self._answer(order)


async def ask(hooks, **options):
    """The answers of both sorts of hook, which must be the same."""
    options = {"active": None, "expected": str, "order": "O-1", **options}
    plain = hooks.collect("offering_condition", **options)
    assert plain == await hooks.call_all("offering_check", **options)
    return plain


async def test_a_plugin_calls_its_own_hooks_like_the_kernel_does(hooks_of):
    hooks = hooks_of(Offering(), Checking("one", "too late"), Checking("two", None))

    assert await ask(hooks) == ["O-1: too late"]
    assert await ask(hooks, active={"two"}) == []


@pytest.mark.parametrize("answer", [RuntimeError("no"), 7])
async def test_a_failure_refuses_or_is_left_out_as_the_caller_says(hooks_of, answer, caplog):
    hooks = hooks_of(Offering(), Checking("one", answer), Checking("two", "yes"))

    with pytest.raises(GuardFailedError):
        hooks.collect("offering_condition", active=None, expected=str, order="O-1")
    with pytest.raises(GuardFailedError):
        await hooks.call_all("offering_check", active=None, expected=str, order="O-1")
    assert await ask(hooks, failure="open") == ["O-1: yes"]
    assert "plugin one failed in offering_check" in caplog.text


async def test_a_hook_that_nobody_offers_is_a_mistake(hooks_of):
    with pytest.raises(LookupError, match="there is no hook 'offering_check'"):
        await hooks_of().call_all("offering_check", active=None, expected=str)


def test_hooks_say_who_implements_them(hooks_of):
    hooks = hooks_of(Filling("one", None))

    assert hooks.has_impls("portalkit_render_slot")
    assert hooks.has_impls("portalkit_render_slot", active={"one"})
    assert not hooks.has_impls("portalkit_render_slot", active={"two"})
    assert not hooks.has_impls("portalkit_startup")
    assert hooks.hooks_of("one") == ("portalkit_render_slot",)


# Things that plugins declare


async def test_what_a_plugin_declared_is_called_apart_too(hooks_of, caplog):
    async def load_widget(context, number):
        return {"number": 10 / number}

    hooks = hooks_of(Plugin("one"))

    assert await hooks.attempt("one", "widget", load_widget, None, 2) == {"number": 5}
    assert await hooks.attempt("one", "widget", load_widget, None, 0) is None
    assert "plugin one failed in widget" in caplog.text


# Personal data


class Private(Plugin):
    """Answers what it is given, or raises it, and remembers what it was asked to forget."""

    def __init__(self, name, answer):
        super().__init__(name)
        self.answer = answer
        self.forgotten = []

    @hookimpl
    async def portalkit_export_personal_data(self, contact_id):
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    @hookimpl
    async def portalkit_erase_personal_data(self, contact_id, person_id):
        if isinstance(self.answer, Exception):
            raise self.answer
        self.forgotten.append((contact_id, person_id))


FILE = DataFile(name="notes.json", content=b"[]")


async def test_personal_data_comes_from_all_plugins_with_their_names(hooks_of):
    one, two = Private("one", [FILE]), Private("two", None)
    hooks = hooks_of(one, two)

    assert await hooks.export_personal_data(None, "c", None) == [("one", FILE)]
    await hooks.erase_personal_data(None, "c", "p")
    assert one.forgotten == two.forgotten == [("c", "p")]


@pytest.mark.parametrize("answer", [RuntimeError("no"), 7, ["notes.json"], [FILE, FILE]])
async def test_there_is_no_export_without_one_of_the_plugins(hooks_of, answer):
    hooks = hooks_of(Private("one", answer), Private("two", [FILE]))

    with pytest.raises(GuardFailedError, match="plugin one failed"):
        await hooks.export_personal_data(None, "c", None)


async def test_an_erasure_fails_with_its_plugin(hooks_of):
    with pytest.raises(GuardFailedError, match="plugin one failed"):
        await hooks_of(Private("one", RuntimeError("no"))).erase_personal_data(None, "c", None)


async def test_safe_mode_knows_of_no_personal_data(hooks_of):
    hooks = hooks_of(Private("one", [FILE]), safe_mode=True)

    with pytest.raises(ConfigError, match="safe_mode"):
        await hooks.export_personal_data(None, "c", None)
    with pytest.raises(ConfigError, match="safe_mode"):
        await hooks.erase_personal_data(None, "c", None)
