"""S14: a staff code opens nothing until another named colleague has confirmed the person."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.cases import Finding, Level
from bot.core.conversation import Owner
from bot.core.effects import ConfirmStaff, EnlistStaff, Unschedule
from bot.core.events import (
    CaseGiven,
    CaseMessageArrived,
    CaseRang,
    DeskAlarmed,
    FileGiven,
    StaffConfirmed,
    StaffWaits,
    Started,
)
from bot.core.messages import Kind
from bot.core.people import Role
from bot.flows.scope import scope_with
from tests.flows.desk_world import NOW, Chat, coordinator, facilitator, id_of, invitation, open_case, outgoings

NIGORA, SHAHLO = coordinator("nigora"), coordinator("shahlo")
ZARA = facilitator("zara")
STAFF_ROLES = [Role.FACILITATOR, Role.COORDINATOR, Role.SUPERVISOR, Role.AUDITOR]


def arrive(chat, role, **changes):
    chat.play(Started("code"), invitation=invitation(role, **changes))


def go_through(chat, role):
    arrive(chat, role)
    chat.press_now("enlist.language:ru")
    chat.write("Чинор")
    chat.press_now("enlist.agree")


@pytest.mark.parametrize("role", STAFF_ROLES)
def test_s14_a_newcomer_is_enlisted_inert_and_every_coordinator_is_asked(role):
    chat = Chat.stranger([NIGORA, SHAHLO, ZARA])
    go_through(chat, role)
    assert [(e.alias, e.language, e.is_confirmed) for e in chat.asked(EnlistStaff)] == [("Чинор", "ru", False)]
    assert {p.to for p in chat.posts} == {NIGORA.conversation_id, SHAHLO.conversation_id}
    assert {p.event for p in chat.posts} == {StaffWaits("", chat.conversation.id, "Чинор", (role,))}
    assert chat.state == "Staff:waiting"
    assert chat.asked(Unschedule)


def test_the_first_screen_speaks_both_languages():
    chat = Chat.stranger([NIGORA])
    arrive(chat, Role.FACILITATOR)
    assert "Забон" in chat.said
    assert "Выберите" in chat.said


def test_s14_the_very_first_coordinator_needs_nobodys_word():
    chat = Chat.stranger()
    go_through(chat, Role.COORDINATOR)
    assert [e.is_confirmed for e in chat.asked(EnlistStaff)] == [True]
    assert chat.state == "Staff:menu"


def test_s14_a_second_coordinator_is_inert_like_everybody():
    chat = Chat.stranger([NIGORA])
    go_through(chat, Role.COORDINATOR)
    assert [e.is_confirmed for e in chat.asked(EnlistStaff)] == [False]


@pytest.mark.parametrize("role", [Role.FACILITATOR, Role.SUPERVISOR, Role.AUDITOR])
def test_s14_nobody_but_a_coordinator_can_be_the_first(role):
    chat = Chat.stranger()
    arrive(chat, role)
    assert chat.said
    assert chat.state == "Onboarding:new"


def test_a_participants_account_cannot_become_staff():
    chat = Chat.stranger([NIGORA], owner=Owner.PARTICIPANT)
    arrive(chat, Role.FACILITATOR)
    assert chat.said
    assert not chat.asked(EnlistStaff)
    assert chat.state == "Onboarding:new"


def test_s10_a_chat_in_which_somebody_waits_for_a_person_cannot_become_a_colleagues():
    chat = Chat.stranger([NIGORA])
    chat.knows(case=open_case("new", "1001"))
    arrive(chat, Role.FACILITATOR)
    assert chat.said
    assert chat.state == "Onboarding:new"


def test_s10_a_case_that_opens_while_an_alias_is_chosen_keeps_its_clock():
    chat = Chat.stranger([NIGORA])
    arrive(chat, Role.FACILITATOR)
    chat.press_now("enlist.language:ru")
    chat.write("Чинор")
    chat.knows(case=open_case("new", "1001"))
    chat.press_now("enlist.agree")
    assert not chat.asked(EnlistStaff)
    assert not chat.asked(Unschedule)
    assert chat.state == "Onboarding:new"


@pytest.mark.parametrize("changes", [{"uses_left": 0}, {"expires_at": NOW}])
def test_s14_a_used_or_old_code_opens_nothing(changes):
    chat = Chat.stranger([NIGORA])
    arrive(chat, Role.FACILITATOR, **changes)
    assert chat.said
    assert chat.state == "Onboarding:new"


def test_s14_a_code_that_runs_out_while_she_chooses_opens_nothing():
    chat = Chat.stranger([NIGORA])
    arrive(chat, Role.FACILITATOR)
    chat.press_now("enlist.language:tg")
    chat.press_now(next(c for c in chat.choices if c.startswith("enlist.alias")))
    chat.press_now("enlist.agree", now=NOW + timedelta(hours=25))
    assert not chat.asked(EnlistStaff)
    assert chat.said


@pytest.mark.parametrize("alias", ["", "7", "@name", "+992 00 000", "Nigora", "nigora", "х" * 30])
def test_an_alias_that_is_taken_or_no_word_is_asked_again(alias):
    chat = Chat.stranger([NIGORA])
    arrive(chat, Role.FACILITATOR)
    chat.press_now("enlist.language:ru")
    chat.write(alias)
    assert chat.state == "Enlist:asked"
    assert chat.said


def test_s14_two_who_choose_the_same_alias_at_the_same_time_do_not_look_the_same():
    chat = Chat.stranger([NIGORA])
    arrive(chat, Role.FACILITATOR)
    chat.press_now("enlist.language:ru")
    chat.write("Чинор")
    chat.knows(roster=replace(chat.facts.roster, aliases=frozenset({"Чинор"})))
    chat.press_now("enlist.agree")
    assert not chat.asked(EnlistStaff)
    assert chat.state == "Enlist:asked"
    chat.write("Арча")
    chat.press_now("enlist.agree")
    assert [e.alias for e in chat.asked(EnlistStaff)] == ["Арча"]


def test_an_alias_of_somebody_who_waits_or_has_left_is_not_given_again():
    chat = Chat.stranger([NIGORA])
    chat.knows(roster=replace(chat.facts.roster, aliases=frozenset({"Чинор", "Бодом"})))
    arrive(chat, Role.FACILITATOR)
    chat.press_now("enlist.language:ru")
    labels = [b.label for s in chat.last for row in s.outgoing.rows for b in row]
    assert not {"Чинор", "Бодом"} & set(labels)
    chat.write("чинор")
    assert chat.state == "Enlist:asked"


@pytest.mark.parametrize("state", ["Staff:waiting", "Staff:menu", "Answer:checking"])
def test_s14_an_inert_member_sees_nothing_of_a_case_and_does_nothing(state):
    case = open_case("one", "4821")
    new = facilitator("new", is_confirmed=False)
    chat = Chat.of(new, [NIGORA], state, cases=(case,))
    seen = (
        CaseGiven(case.id, "4821", Level.URGENT, "Себ 1", "tg", "distress", (), (("m", "hers", "text", NOW, "розам"),)),
        CaseMessageArrived(case.id, "4821", "m", Kind.TEXT, "розам"),
        FileGiven(case.id, "4821", "file-id", Kind.VOICE),
        CaseRang(case.id, "4821", Level.URGENT, "tg", NOW),
    )
    for event in seen:
        chat.play(event)
        assert "розам" not in chat.said
        assert not chat.choices or all("case." not in choice for choice in chat.choices)
    for choice in (f"case.take:{case.id}", "menu.broadcast", "menu.test", "menu.people", "menu.session", "answer.send"):
        chat.press(choice)
        assert {p.event for p in chat.posts} <= {DeskAlarmed("group_stranger", code_name=new.alias)}
        assert chat.said


def test_s14_a_colleagues_word_opens_and_is_recorded_under_her_name():
    waiting = facilitator("new", is_confirmed=False, trained_on=None)
    chat = Chat.of(waiting, [NIGORA], "Staff:waiting")
    chat.play(StaffConfirmed("", NIGORA.id, is_accepted=True, roles=(Role.FACILITATOR,)))
    assert chat.asked(ConfirmStaff) == [ConfirmStaff(is_accepted=True, by=NIGORA.id)]
    assert chat.state == "Staff:menu"


@pytest.mark.parametrize("by", [id_of("new"), id_of("nobody"), ""])
def test_s14_her_own_or_an_unknown_word_confirms_nobody(by):
    waiting = facilitator("new", is_confirmed=False)
    chat = Chat.of(waiting, [NIGORA], "Staff:waiting")
    chat.play(StaffConfirmed("", by, is_accepted=True))
    assert not chat.asked(ConfirmStaff)
    assert chat.state == "Staff:waiting"


def test_s14_a_refused_person_stays_outside():
    waiting = facilitator("new", is_confirmed=False)
    chat = Chat.of(waiting, [NIGORA], "Staff:waiting")
    chat.play(StaffConfirmed("", NIGORA.id, is_accepted=False))
    assert chat.asked(ConfirmStaff) == [ConfirmStaff(is_accepted=False, by=NIGORA.id)]
    chat.play(StaffConfirmed("", SHAHLO.id, is_accepted=True))
    assert not chat.asked(ConfirmStaff)
    assert chat.state == "Staff:ended"


def test_s14_a_coordinator_vouches_by_a_button_for_somebody_else_only():
    chat = Chat.of(NIGORA, [SHAHLO])
    chat.play(StaffWaits("", id_of("chat-new"), "Чинор", (Role.FACILITATOR,)))
    chat.press(f"staff.accept:{chat.conversation.id}")
    assert not chat.posts
    chat.press(f"staff.accept:{id_of('chat-new')}:f")
    assert [(p.event, p.to) for p in chat.posts] == [
        (StaffConfirmed("", NIGORA.id, is_accepted=True, roles=(Role.FACILITATOR,)), id_of("chat-new"))
    ]
    chat.press(f"staff.accept:{id_of('chat-new')}:f")
    assert not chat.posts


def test_s14_a_yes_under_an_earlier_question_opens_no_role_that_it_did_not_name():
    chat = Chat.of(NIGORA, [SHAHLO])
    for role in (Role.SUPERVISOR, Role.COORDINATOR):
        chat.play(StaffWaits("", id_of("chat-new"), "Чинор", (role,)))
    for choice in (f"staff.accept:{id_of('chat-new')}:s", f"staff.accept:{id_of('chat-new')}"):
        chat.press(choice)
        assert not chat.posts
        assert f"staff.accept:{id_of('chat-new')}:c" in chat.choices, "the present question is asked instead"
    chat.press(f"staff.accept:{id_of('chat-new')}:c")
    assert [p.event.roles for p in chat.posts] == [(Role.COORDINATOR,)]


BAHOR, TOBISTON = id_of("bahor"), id_of("tobiston")
NAMES = {BAHOR: "Баҳор", TOBISTON: "Тобистон"}


def asks(chat, *cohorts):
    """A colleague is asked about a facilitator of these cohorts; what the button of the question chooses."""
    chat.play(StaffWaits("", id_of("chat-new"), "Чинор", (Role.FACILITATOR,), cohorts))
    return next(choice for choice in chat.choices if choice.startswith("staff.accept"))


@pytest.mark.parametrize("language", ["tg", "ru"])
def test_s14_the_question_names_the_cohorts_and_a_yes_opens_no_other(language):
    chat = Chat.of(replace(NIGORA, language=language), [SHAHLO])
    chat.knows(roster=replace(chat.facts.roster, cohorts=NAMES))
    questions, buttons = [], []
    for cohorts in ((BAHOR,), (TOBISTON,), (TOBISTON, BAHOR), ()):
        buttons.append(asks(chat, *cohorts))
        questions.append(chat.said)
    assert [[name in said for name in NAMES.values()] for said in questions] == [
        [True, False], [False, True], [True, True], [False, False],
    ]  # fmt: skip
    assert len(set(buttons)) == 4
    assert len(max(buttons)) < 64
    asks(chat, TOBISTON)
    for choice in {*buttons} - {buttons[1]}:
        chat.press(choice)
        assert not chat.posts
    chat.press(buttons[1])
    assert [p.event.cohorts for p in chat.posts] == [(TOBISTON,)]


def test_s14_a_newcomer_brings_the_cohort_of_her_code_to_the_question():
    chat = Chat.stranger([NIGORA])
    arrive(chat, Role.FACILITATOR, cohort_id=BAHOR)
    for step in ("enlist.language:ru", "enlist.alias:2", "enlist.agree"):
        chat.press_now(step)
    assert [p.event.cohorts for p in chat.posts] == [(BAHOR,)]


@pytest.mark.parametrize("is_confirmed", [True, False])
@pytest.mark.parametrize("cohort", [TOBISTON, None])
def test_s14_a_yes_to_one_cohort_opens_no_other(is_confirmed, cohort):
    zara = facilitator("zara", is_confirmed=is_confirmed, cohorts=frozenset({BAHOR}))
    chat = Chat.of(zara, [NIGORA], "Staff:menu" if is_confirmed else "Staff:waiting")
    chat.play(Started("code"), invitation=invitation(Role.FACILITATOR, cohort_id=cohort))
    assert bool(chat.asked(EnlistStaff)) is not is_confirmed
    waits = {BAHOR, cohort} if cohort else set()
    assert [set(p.event.cohorts) for p in chat.posts] == [waits]
    if not is_confirmed:
        chat.knows(staff=replace(zara, cohorts=frozenset(waits)))
    chat.play(StaffConfirmed("", NIGORA.id, is_accepted=True, roles=(Role.FACILITATOR,), cohorts=(BAHOR,)))
    assert not chat.asked(ConfirmStaff)
    assert not chat.asked(EnlistStaff)
    chat.play(StaffConfirmed("", NIGORA.id, is_accepted=True, roles=(Role.FACILITATOR,), cohorts=tuple(waits)))
    assert chat.asked(EnlistStaff if is_confirmed else ConfirmStaff)


@pytest.mark.parametrize("cohorts", [frozenset({BAHOR}), frozenset()])
def test_a_code_that_opens_nothing_more_needs_no_word(cohorts):
    chat = Chat.of(facilitator("zara", cohorts=cohorts), [NIGORA])
    chat.play(Started("code"), invitation=invitation(Role.FACILITATOR, cohort_id=BAHOR))
    assert chat.asked(EnlistStaff)
    assert not chat.posts


@pytest.mark.parametrize("is_confirmed", [True, False])
def test_s14_a_yes_that_crossed_a_further_code_is_asked_for_anew(is_confirmed):
    newcomer = facilitator("zara", is_confirmed=is_confirmed)
    chat = Chat.of(newcomer, [NIGORA], "Staff:menu" if is_confirmed else "Staff:waiting")
    chat.play(Started("code"), invitation=invitation(Role.COORDINATOR))
    waiting = {Role.COORDINATOR} if is_confirmed else {Role.FACILITATOR, Role.COORDINATOR}
    chat.knows(staff=replace(newcomer, roles=newcomer.roles if is_confirmed else frozenset(waiting)))
    asked = Role.SUPERVISOR if is_confirmed else Role.FACILITATOR
    chat.play(StaffConfirmed("", NIGORA.id, is_accepted=True, roles=(asked,)))
    assert not chat.asked(ConfirmStaff)
    assert not chat.asked(EnlistStaff)
    assert [set(p.event.roles) for p in chat.posts] == [waiting]
    chat.play(StaffConfirmed("", NIGORA.id, is_accepted=True, roles=tuple(waiting)))
    assert chat.asked(EnlistStaff if is_confirmed else ConfirmStaff)


def test_s14_a_facilitator_does_not_vouch_while_there_is_a_coordinator():
    chat = Chat.of(ZARA, [NIGORA])
    chat.play(StaffWaits("", id_of("chat-new"), "Чинор", (Role.FACILITATOR,)))
    chat.press(f"staff.accept:{id_of('chat-new')}")
    assert not chat.posts


def test_two_colleagues_who_disagree_alarm_the_coordinators():
    chat = Chat.of(ZARA, [NIGORA, SHAHLO])
    chat.play(StaffConfirmed("", NIGORA.id, is_accepted=False))
    assert {p.event for p in chat.posts} == {DeskAlarmed("staff_doubted", code_name="Zara")}
    assert not chat.asked(ConfirmStaff)


def test_a_further_code_adds_its_role_and_training_still_wants_a_colleagues_word():
    chat = Chat.of(NIGORA, [SHAHLO])
    chat.play(Started("code"), invitation=invitation(Role.FACILITATOR))
    assert [e.is_confirmed for e in chat.asked(EnlistStaff)] == [True]
    assert [p.to for p in chat.posts] == [SHAHLO.conversation_id]
    chat.knows(staff=replace(NIGORA, roles=NIGORA.roles | {Role.FACILITATOR}))
    chat.play(StaffConfirmed("", SHAHLO.id, is_accepted=True, roles=(Role.COORDINATOR, Role.FACILITATOR)))
    assert chat.asked(ConfirmStaff) == [ConfirmStaff(is_accepted=True, by=SHAHLO.id)]


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.SUPERVISOR, Role.AUDITOR])
@pytest.mark.parametrize("is_accepted", [True, False])
def test_s14_a_further_role_opens_by_a_colleagues_word_alone(role, is_accepted):
    chat = Chat.of(ZARA, [NIGORA])
    chat.play(Started("code"), invitation=invitation(role))
    assert not chat.asked(EnlistStaff)
    waits = StaffWaits(ZARA.id, chat.conversation.id, ZARA.alias, (role,))
    assert [(p.event, p.to) for p in chat.posts] == [(waits, NIGORA.conversation_id)]
    chat.press("staff.remind")
    assert [p.event for p in chat.posts] == [waits]
    chat.play(StaffConfirmed("", NIGORA.id, is_accepted, roles=(role,)))
    assert [e.is_confirmed for e in chat.asked(EnlistStaff)] == ([True] if is_accepted else [])
    assert not chat.asked(ConfirmStaff)
    assert chat.said


def test_s14_a_coordinator_who_comes_while_others_are_there_waits_for_their_word():
    parvin = facilitator("parvin")
    newcomer, back = Chat.stranger([parvin]), Chat.of(gone(Role.COORDINATOR), [parvin], state="Staff:ended")
    go_through(newcomer, Role.COORDINATOR)
    back.play(Started("code"), invitation=invitation(Role.COORDINATOR))
    for chat in (newcomer, back):
        assert [e.is_confirmed for e in chat.asked(EnlistStaff)] == [False]
        assert [p.to for p in chat.posts] == [parvin.conversation_id]


def test_s14_a_code_that_somebody_quicker_used_up_is_said_at_every_step():
    newcomer, back = Chat.stranger([NIGORA]), Chat.of(gone(), [NIGORA], state="Staff:ended")
    further, accepted = Chat.of(ZARA, [NIGORA]), Chat.of(ZARA, [NIGORA])
    arrive(newcomer, Role.FACILITATOR)
    newcomer.press_now("enlist.language:ru")
    newcomer.write("Чинор")
    newcomer.press_now("enlist.agree", is_spent=True)
    back.play(Started("code"), invitation=invitation(Role.FACILITATOR), is_spent=True)
    further.play(Started("code"), invitation=invitation(Role.FACILITATOR), is_spent=True)
    accepted.play(Started("code"), invitation=invitation(Role.SUPERVISOR))
    accepted.play(StaffConfirmed("", NIGORA.id, is_accepted=True, roles=(Role.SUPERVISOR,)), is_spent=True)
    for chat in (newcomer, back, further, accepted):
        assert not chat.asked(EnlistStaff)
        assert "24" in chat.said


def test_a_further_code_of_somebody_unconfirmed_confirms_nothing():
    waiting = facilitator("new", is_confirmed=False)
    chat = Chat.of(waiting, [NIGORA], "Staff:waiting")
    chat.play(Started("code"), invitation=invitation(Role.COORDINATOR))
    assert [e.is_confirmed for e in chat.asked(EnlistStaff)] == [False]
    assert chat.state == "Staff:waiting"


def test_s7_what_an_unconfirmed_person_writes_is_not_lost():
    waiting = facilitator("new", is_confirmed=False)
    chat = Chat.of(waiting, [NIGORA], "Staff:waiting")
    chat.write("…", finding=Finding(Level.URGENT))
    assert [(p.event.what, p.to) for p in chat.posts] == [("newcomer_writes", NIGORA.conversation_id)]


def test_s7_what_somebody_writes_who_left_the_team_is_not_lost():
    chat = Chat.of(gone(), [NIGORA], "Staff:ended")
    chat.write("…", finding=Finding(Level.URGENT))
    assert [(p.event.what, p.to) for p in chat.posts] == [("newcomer_writes", NIGORA.conversation_id)]
    assert len(outgoings(chat.last)) == 2, "that a person is told, and why nothing opens"


def test_she_can_remind_the_colleagues():
    waiting = facilitator("new", is_confirmed=False)
    chat = Chat.of(waiting, [NIGORA], "Staff:waiting")
    chat.press("staff.remind")
    assert [p.to for p in chat.posts] == [NIGORA.conversation_id]


# ---- who had left comes again


def gone(role=Role.FACILITATOR):
    return replace(facilitator("zara"), is_confirmed=False, roles=frozenset({role}))


def test_s14_a_revoked_member_with_a_fresh_code_waits_for_a_colleague_like_any_newcomer():
    chat = Chat.of(gone(), [coordinator("nigora")], state="Staff:ended")
    chat.play(Started("code"), invitation=invitation(Role.FACILITATOR))
    assert [e.is_confirmed for e in chat.asked(EnlistStaff)] == [False]
    assert chat.state == "Staff:waiting"
    assert [type(p.event) for p in chat.posts] == [StaffWaits]


def test_s14_an_old_code_opens_nothing_to_a_revoked_member():
    chat = Chat.of(gone(), [coordinator("nigora")], state="Staff:ended")
    chat.play(Started("code"), invitation=invitation(Role.FACILITATOR, expires_at=NOW))
    assert not chat.asked(EnlistStaff)
    assert chat.state == "Staff:ended"
    assert chat.said


def test_s14_the_servers_own_code_brings_the_only_coordinator_back():
    chat = Chat.of(gone(Role.COORDINATOR), state="Staff:ended")
    chat.play(Started("code"), invitation=invitation(Role.COORDINATOR))
    assert [e.is_confirmed for e in chat.asked(EnlistStaff)] == [True]
    assert chat.state == "Staff:menu"


@pytest.mark.parametrize("cohort", [None, "bahor"])
def test_s14_a_supervisors_code_without_a_cohort_makes_nobody_facilitator_of_all(cohort):
    supervisor = facilitator("sup", roles=frozenset({Role.SUPERVISOR}), cohorts=frozenset())
    reached = scope_with(supervisor, Role.FACILITATOR, cohort).cohorts
    assert reached == ((cohort,) if cohort else ())


@pytest.mark.parametrize("role", STAFF_ROLES)
def test_duty_hours_are_asked_of_those_alone_who_can_set_them(role):
    newcomer = facilitator("tok", roles=frozenset({role}), is_confirmed=False, trained_on=None)
    chat = Chat.of(newcomer, [NIGORA], state="Staff:waiting")
    chat.play(StaffConfirmed(newcomer.id, NIGORA.id, True, (role,)))
    assert ("соатҳои навбатдорӣ" in chat.said or "часы дежурства" in chat.said) == (role is Role.FACILITATOR)
