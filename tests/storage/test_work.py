"""The unit of work: what arrives once, whose it is, what waits, and that a commit is all or nothing."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, text, update

from bot.core.addresses import Address
from bot.core.cases import Category, Finding, Level
from bot.core.conversation import Owner
from bot.core.effects import Audit, Join, OpenCase, Post, Say, Schedule, Unschedule
from bot.core.errors import ConfigurationError, InvitationSpent, SealBroken
from bot.core.events import CatchUpDue, LessonDue, PauseEnded, PersonConfirmed, ReachChanged
from bot.core.messages import Outgoing, Sort
from bot.core.people import Role
from storage import schema
from storage.sealing import Sealer
from storage.store import Store
from tests.storage.stage import LINE

HI = Say(Outgoing("салом"))
LATER = timedelta(hours=1)
FOUND = Finding(Level.URGENT, Category.DISTRESS, 0.9, ("word:invented",), "1")


# ---- admit


def test_an_update_that_comes_again_is_admitted_once(stage):
    update = stage.update("olma")
    with stage.store.work() as work:
        first = work.admit([update, update])
    with stage.store.work() as work:
        again = work.admit([update])
    assert [one is None for one in [*first, *again]] == [False, True, True]


def test_the_same_number_on_another_line_is_another_update(stage):
    one = stage.update("olma")
    other = stage.update("olma")
    other = type(other)(
        one.external_id, Sort.MESSAGE, Address("whatsapp:9", "olma"), Address("whatsapp:9", "olma"), one.at
    )
    with stage.store.work() as work:
        first, second = work.admit([one, other])
    assert first is not None
    assert second is not None
    assert first.chat != second.chat


def test_s18_of_a_stranger_nothing_stays_but_the_numbers_of_update_and_message_and_a_hash(stage):
    stage.play("olma")
    [account] = stage.rows(schema.accounts)
    [came] = stage.rows(schema.inbox)
    [chat] = stage.rows(schema.conversations)
    assert account.address is None
    assert account.blind == stage.store.sealer.blind(f"{LINE}|olma")
    assert (came.state, came.body) == ("done", None)
    assert (chat.owner, chat.owner_id, chat.state, chat.data) == ("stranger", account.id, "Onboarding:new", None)
    [message] = stage.rows(schema.messages)  # for two days, so that she can hide it (S3)
    assert (message.account_id, message.case_id, message.is_ours) == (account.id, None, False)
    assert [stage.total(table) for table in (schema.outbox, schema.mailboxes)] == [0, 0]


def test_in_a_group_staff_are_known_by_their_own_chat_and_strangers_are_nobody(stage):
    stage.staff("chinor")
    with stage.store.work() as work:
        known, unknown = work.admit([stage.talk("team", "chinor"), stage.talk("team", "passer")])
    assert known.chat == unknown.chat
    assert known.chat.owner is Owner.GROUP
    assert known.sender.conversation_id == stage.names["chinor"]
    assert known.sender.staff_id is not None
    assert unknown.sender is None
    [group] = [row for row in stage.rows(schema.conversations) if row.owner == "group"]
    assert (group.state, group.owner_id) == ("Group:unbound", group.id)


def test_she_is_answered_where_she_last_wrote(stage):
    chat = stage.mother("old-phone")
    old = stage.rows(schema.conversations)[0].account_id
    with stage.store.database.transaction() as connection:
        new = {
            "id": "new",
            "line": LINE,
            "blind": stage.store.sealer.blind(f"{LINE}|new-phone"),
            "conversation_id": chat,
        }
        connection.execute(insert(schema.accounts).values(**new, made_at=stage.clock.now()))
    stage.play("new-phone", HI)
    assert stage.rows(schema.conversations)[0].account_id == "new" != old
    assert stage.rows(schema.outbox)[-1].account_id == "new"


def test_a_group_that_moved_is_found_at_its_new_address_and_written_to_there(stage):
    coordinator = stage.staff("chinor", Role.COORDINATOR)
    group = stage.group("team", coordinator)
    with stage.store.work() as work:
        [arrived] = work.admit([stage.talk("team", "nobody")])
        work.move(arrived.chat.account_id, "super-team")
    with stage.store.work() as work:
        [arrived] = work.admit([stage.talk("super-team", "nobody")])
    assert arrived.chat.conversation_id == group
    stage.play_for(group, HI)
    account = arrived.chat.account_id
    [box] = [box for box in stage.rows(schema.mailboxes) if box.account_id == account]
    assert stage.store.sealer.open(f"account:{account}", "mailboxes.address", account, box.address) == b"super-team"


def test_a_group_that_was_heard_at_its_new_address_first_keeps_its_conversation(stage):
    coordinator = stage.staff("chinor", Role.COORDINATOR)
    group = stage.group("team", coordinator)
    with stage.store.work() as work:
        old, new = work.admit([stage.talk("team", "nobody"), stage.talk("super-team", "nobody")])
        assert new.chat.conversation_id != group
        work.move(old.chat.account_id, "super-team")
    with stage.store.work() as work:
        [arrived] = work.admit([stage.talk("super-team", "nobody")])
        work.lock([group])
    assert arrived.chat.conversation_id == group


# ---- all or nothing


def test_a_commit_that_fails_leaves_nothing(stage):
    update = stage.update("olma")

    def play_and_fail() -> None:
        with stage.store.work() as work:
            effects = [HI, Schedule("k", stage.clock.now(), PauseEnded())]
            stage.play_in(work, update, effects, state="A:b", data={"x": 1})
            work.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        play_and_fail()
    tables = (schema.inbox, schema.accounts, schema.conversations, schema.outbox, schema.timers, schema.mailboxes)
    assert [stage.total(table) for table in tables] == [0] * len(tables)
    with stage.store.work() as work:
        assert work.admit([update]) != [None]


def test_s14_when_the_audit_row_cannot_be_written_nothing_of_the_turn_is(stage):
    chat = stage.mother("olma")
    with stage.store.database.transaction() as connection:
        connection.execute(text("ALTER TABLE audit RENAME TO hidden"))
    with pytest.raises(Exception, match="audit"):
        stage.play("olma", Audit("case_read", "x"), HI, state="A:b")
    assert stage.conversation(chat).state == "Menu:open"
    assert stage.total(schema.outbox) == 0


def test_a_conversation_that_did_not_change_is_not_written(stage):
    chat = stage.mother("olma")
    before = stage.rows(schema.conversations)
    stage.clock.advance(minutes=1)
    stage.play("olma", HI)
    assert stage.rows(schema.conversations) == before
    now = stage.clock.now()
    stage.play("olma", last_in_at=now)
    assert stage.conversation(chat).last_in_at == now


def test_two_turns_of_one_conversation_share_a_commit_and_see_each_other(stage):
    chat = stage.mother("olma")
    with stage.store.work() as work:
        arrived = work.admit([stage.update("olma"), stage.update("olma")])
        for n, one in enumerate(arrived):
            before = work.lock([chat])[chat]
            assert before.data == {"n": n} if n else before.data == {}
            stage.record(work, one.inbox_id, chat, [HI], data={"n": n + 1})
            work.flush()
    assert stage.conversation(chat).data == {"n": 2}
    assert stage.total(schema.outbox) == 2


def test_data_that_cannot_be_opened_is_flagged_and_not_overwritten(stage):
    chat = stage.mother("olma")
    stage.play("olma", data={"step": "three"}, state="Lesson:reading")
    [row] = stage.rows(schema.conversations)
    sealer = stage.store.sealer
    other = sealer.seal_json("participant:other", "conversations.data", chat, {"step": "three"})
    _set_data(stage, other)
    with stage.store.work() as work:
        assert work.lock([chat])[chat].data == {}
        assert work.lock([chat])[chat].state == "Lesson:reading"
        assert work.broken == [chat]
    stage.play("olma", last_in_at=stage.clock.now())
    assert stage.rows(schema.conversations)[0].data == other
    _set_data(stage, row.data)
    assert stage.conversation(chat).data == {"step": "three"}


def _set_data(stage, sealed):
    with stage.store.database.transaction() as connection:
        connection.execute(update(schema.conversations).values(data=sealed))


# ---- posts


def test_posts_wait_in_their_order_and_are_played_once(stage):
    chat, desk = stage.mother("olma"), stage.staff("chinor")
    stage.play("olma", Post(ReachChanged(is_reachable=True), desk), Post(PersonConfirmed("x"), desk))
    first, second = stage.posts()
    assert stage.play_post(first) == ReachChanged(is_reachable=True)
    assert stage.posts() == [second]
    with stage.store.work() as work:
        assert work.posted([first]) == []
        [posted] = work.posted([second])
        assert (posted.conversation_id, posted.event) == (desk, PersonConfirmed("x"))
    assert stage.posts() == [second]  # not done yet: it waits for whoever comes next
    assert chat != desk


def test_a_post_is_recorded_once_even_when_its_turn_is_played_again(stage):
    chat, desk = stage.mother("olma"), stage.staff("chinor")
    told = []
    for _ in range(2):
        with stage.store.work() as work:
            stage.record(work, "one-source", chat, [Post(PauseEnded(), desk)])
        told.append(len(work.posted_ids))
    assert told == [1, 0]
    assert len(stage.posts()) == 1


def test_a_post_to_nobody_is_dropped(stage):
    stage.mother("olma")
    stage.play("olma", Post(PauseEnded(), "nobody"))
    assert stage.posts() == []


def test_an_event_that_this_release_does_not_know_comes_as_none_and_keeps_its_words_in_quarantine(stage):
    chat = stage.mother("olma")
    inbox_id = stage.store.post(PauseEnded(), chat)
    [subject] = {f"participant:{row.id}" for row in stage.rows(schema.participants)}
    sealed = stage.store.sealer.seal_json(subject, "inbox.body", inbox_id, {"event": "OfTomorrow", "x": 1})
    with stage.store.database.transaction() as connection:
        connection.execute(update(schema.inbox).where(schema.inbox.c.id == inbox_id).values(body=sealed))
    with stage.store.work() as work:
        [posted] = work.posted([inbox_id])
        assert posted.event is None
        work.quarantine(inbox_id, chat, {})
    [row] = [row for row in stage.rows(schema.inbox) if row.id == inbox_id]
    assert (row.state, row.body) == ("quarantined", sealed)
    assert row.expires_at == stage.clock.now() + timedelta(days=30)
    assert stage.posts() == []


def test_s7_an_update_that_cannot_be_played_keeps_its_words_sealed(stage):
    chat = stage.mother("olma")
    with stage.store.work() as work:
        [arrived] = work.admit([stage.update("olma", "planted")])
        work.quarantine(arrived.inbox_id, chat, {"text": "planted"})
        work.done([])
    row = next(row for row in stage.rows(schema.inbox) if row.id == arrived.inbox_id)
    [subject] = {f"participant:{row.id}" for row in stage.rows(schema.participants)}
    assert b"planted" not in row.body
    assert stage.store.sealer.open_json(subject, "inbox.body", row.id, row.body) == {"text": "planted"}


def test_what_was_posted_to_a_stranger_can_be_read_after_she_joined(stage):
    stage.play("olma", Schedule("k", stage.clock.now(), PauseEnded()))
    chat = stage.names["olma"]
    inbox_id = stage.store.post(PersonConfirmed("x"), chat)
    stage.mother("olma")
    assert stage.play_post(inbox_id) == PersonConfirmed("x")
    with stage.store.work() as work:
        assert [fallen.event for fallen in work.fallen([(chat, "k")])] == [PauseEnded()]


# ---- timers


def test_a_timer_falls_once_and_only_when_it_is_due(stage):
    chat = stage.mother("olma")
    stage.play("olma", Schedule("lesson", stage.clock.now() + LATER, LessonDue("1.1")))
    assert stage.store.next_due() == stage.clock.now() + LATER
    with stage.store.work() as work:
        assert work.fallen([(chat, "lesson")]) == []
    stage.clock.advance(hours=1)
    assert stage.store.due_timers(stage.clock.now(), 10) == [(chat, "lesson")]
    with stage.store.work() as work:
        [fallen] = work.fallen([(chat, "lesson")])
    assert (fallen.event, fallen.due_at) == (LessonDue("1.1"), stage.clock.now())
    with stage.store.work() as work:
        assert work.fallen([(chat, "lesson")]) == []
    assert stage.store.next_due() is None


def test_a_timer_whose_turn_was_not_committed_is_still_there(stage):
    chat = stage.mother("olma")
    stage.play("olma", Schedule("lesson", stage.clock.now(), LessonDue("1.1")))

    def take_and_fail() -> None:
        with stage.store.work() as work:
            assert len(work.fallen([(chat, "lesson")])) == 1
            raise RuntimeError

    with pytest.raises(RuntimeError):
        take_and_fail()
    assert stage.store.due_timers(stage.clock.now(), 10) == [(chat, "lesson")]


def test_a_timer_waits_while_something_else_of_its_conversation_is_played(stage):
    chat = stage.mother("olma")
    due = stage.clock.now()
    stage.play("olma", Schedule("a", due, LessonDue("1.1")), Schedule("b", due, CatchUpDue()))
    with stage.store.work() as work:
        work.admit([stage.update("olma")])
        assert work.fallen([(chat, "a"), (chat, "b")]) == []
    with stage.store.work() as work:
        assert [fallen.key for fallen in work.fallen([(chat, "b"), (chat, "a")])] == ["b"]
    assert stage.store.due_timers(due, 10) == [(chat, "a")]


def test_the_last_word_about_a_timer_holds_within_a_turn_and_across_turns(stage):
    chat = stage.mother("olma")
    now = stage.clock.now()
    stage.play("olma", Schedule("lesson:1", now, LessonDue("1.1")), Schedule("lesson:2", now, LessonDue("1.2")))
    stage.play("olma", Schedule("lesson:1", now + LATER, LessonDue("1.3")))
    assert stage.store.due_timers(now, 10) == [(chat, "lesson:2")]
    stage.play("olma", Unschedule(("lesson:",)), Schedule("lesson:3", now, LessonDue("2.1")))
    assert stage.store.due_timers(now + LATER, 10) == [(chat, "lesson:3")]
    stage.play("olma", Schedule("x", now, CatchUpDue()), Unschedule(("",)))
    assert stage.store.due_timers(now + LATER, 10) == []


def test_a_timer_key_with_signs_of_sql_is_dropped_by_its_own_letters_alone(stage):
    chat = stage.mother("olma")
    now = stage.clock.now()
    stage.play("olma", *(Schedule(key, now, CatchUpDue()) for key in ("a%b", "axb", "A%b")))
    stage.play("olma", Unschedule(("a%",)))
    assert sorted(stage.store.due_timers(now, 10)) == [(chat, "A%b"), (chat, "axb")]


# ---- sealing


def test_s18_no_sealed_column_holds_a_word_that_somebody_wrote(stage):
    word = "planted-пинҳон"
    stage.play("olma", HI, data={"x": word}, state="A:b")
    stage.mother("olma", Say(Outgoing(word)), OpenCase("c" * 26, "1234", FOUND, None, "tg"))
    chat = stage.names["olma"]
    stage.play("olma", Schedule("k", stage.clock.now() + LATER, LessonDue(word)), data={"y": word})
    stage.store.post(PersonConfirmed(word), chat)
    found = [
        (table.name, column.name)
        for table in schema.metadata.sorted_tables
        for row in stage.rows(table)
        for column, value in zip(table.columns, row, strict=True)
        if any(planted in _bytes(value) for planted in (word.encode(), b"olma", b"word:invented", b"distress"))
    ]
    assert [place for place in found if place != ("participants", "code_name")] == []


def _bytes(value) -> bytes:
    return bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()


def test_another_row_s_words_do_not_open_here(stage):
    stage.play("olma", data={"x": 1}, state="A:b")
    stage.play("bodom", data={"x": 2}, state="A:b")
    one, other = stage.rows(schema.conversations)
    with pytest.raises(SealBroken):
        stage.store.sealer.open_json(f"account:{one.owner_id}", "conversations.data", one.id, other.data)


# ---- the store


def test_states_are_told_for_known_chats_and_the_beginning_for_others(stage):
    stage.play("olma", state="Lesson:reading")
    assert stage.store.states([stage.update("olma"), stage.update("nobody")]) == ["Lesson:reading", "Onboarding:new"]


def test_people_are_found_by_the_names_that_staff_see(stage):
    chat, desk = stage.mother("olma"), stage.staff("chinor")
    assert stage.store.find_participant("Olma-olma").conversation_id == chat
    assert stage.store.find_staff("Chinor-chinor").conversation_id == desk
    assert stage.store.find_participant("Chinor-chinor") is None


def test_s14_who_is_revoked_in_one_process_has_no_rights_in_another(stage):
    desk = stage.staff("chinor")
    other = Store(stage.store.database, stage.store.sealer.keyring, stage.clock, stage.store.ids)
    assert [s.alias for s in stage.facts(desk).roster.staff] == ["Chinor-chinor"]
    posted = other.revoke(other.find_staff("Chinor-chinor"))
    assert stage.store.pending_posts(10) == [posted]  # played at the next start, if nobody plays it now
    facts = stage.facts(desk)
    assert facts.roster.staff == ()
    assert not facts.staff.is_confirmed


def test_s24_a_demo_database_is_not_used_by_a_real_channel(stage):
    stage.store.claim_as(is_demo=True)
    stage.store.claim_as(is_demo=True)
    with pytest.raises(ConfigurationError, match="demo"):
        stage.store.claim_as(is_demo=False)


def test_an_invitation_is_stored_without_its_codes(stage):
    code, spoken = stage.store.make_invitation(Role.MOTHER, "Chorbogh", 3, stage.clock.now() + LATER)
    [row] = stage.rows(schema.invitations)
    assert code.encode() not in b"".join(_bytes(value) for value in row)
    assert spoken.encode() not in b"".join(_bytes(value) for value in row)
    assert isinstance(stage.store.sealer, Sealer)
    assert stage.rows(schema.cohorts)[0].name == "Chorbogh"


def test_join_uses_no_more_than_there_is(stage):
    invitation = stage.invitation(Role.MOTHER, uses=1)
    stage.play("olma", Join(invitation, "tg", "1", "Olma-1"))
    with pytest.raises(InvitationSpent):
        stage.play("bodom", Join(invitation, "tg", "1", "Olma-2"))
    assert stage.total(schema.participants) == 1
