"""Somebody came by a staff code: a named colleague says whether it is she; nobody vouches for herself (S14)."""

from typing import Any

from bot.core.effects import ConfirmStaff, EnlistStaff
from bot.core.events import ButtonPressed, StaffConfirmed, StaffWaits
from bot.core.people import Invitation, Role, Staff
from bot.flows.choices import chose, named
from bot.flows.enlist import USED_UP
from bot.flows.rights import ENDED, MENU, WAITING, colleagues, every, is_inert, me
from bot.flows.scope import Scope, new_scope, scope_of, scope_with
from bot.flows.staff import say_ended, say_inert, tell_coordinators
from bot.flows.turn import ANY, Audience, Flow, Transition, Turn


def tell_of(turn: Turn) -> None:
    """A newcomer waits: remember her and ask."""
    event = turn.event
    roles = [str(role) for role in event.roles]
    turn.data.setdefault("newcomers", {})[event.conversation_id] = [event.alias, roles, list(event.cohorts)]
    _ask_about(turn, event.conversation_id)


def _told(turn: Turn, conversation_id: str) -> tuple[str, Scope]:
    """Her alias, and what a word would open to her."""
    alias, roles, *cohorts = turn.data["newcomers"][conversation_id]
    return alias, Scope.of(roles, *cohorts or [()])


def _ask_about(turn: Turn, conversation_id: str) -> None:
    alias, scope = _told(turn, conversation_id)
    asked = f"{conversation_id}:{scope.sign()}"  # a yes to this question opens nothing that it does not name
    turn.say_to_desk(
        turn.text(
            "Somebody came by a staff code: {alias}, {roles}. Speak with her in person or by voice "
            "first: did she choose "
            "this alias, is it she, is she trained? Only then confirm.",
            alias=alias,
            roles=scope.describe(turn),
        ),
        (
            turn.button("It is she", f"staff.accept:{asked}", standing=True),
            turn.button("Not she", f"staff.refuse:{asked}", standing=True),
        ),
    )


def _newcomer(turn: Turn) -> str:
    """The conversation that a button is about."""
    return named(turn).partition(":")[0]


def list_newcomers(turn: Turn) -> None:
    """Those who still wait for somebody's word, as far as this chat was told."""
    waiting = turn.data.get("newcomers", {})
    for conversation_id in waiting:
        _ask_about(turn, conversation_id)
    if not waiting:
        turn.say_to_desk(turn.text("Nobody is waiting to be confirmed."))


def may_vouch(turn: Turn) -> bool:
    """Whether she may vouch for the one named: a coordinator (or anyone, while there is none), never for herself."""
    staff = me(turn)
    is_in_charge = staff.has(Role.COORDINATOR) or not turn.facts.roster.coordinators()
    newcomer = _newcomer(turn)
    return is_in_charge and newcomer != turn.conversation.id and newcomer in turn.data.get("newcomers", {})


def is_outdated(turn: Turn) -> bool:
    """Whether the newcomer has opened another code since she was asked in these words."""
    _, scope = _told(turn, _newcomer(turn))
    return named(turn).partition(":")[2] != scope.sign()


def ask_anew(turn: Turn) -> None:
    """A word on an earlier question counts for nothing: the present one is asked (S14)."""
    turn.say_to_desk(turn.text("She has opened another code since. Nothing was changed; please look at this question:"))
    _ask_about(turn, _newcomer(turn))


def vouch(turn: Turn) -> None:
    """Her word goes to the newcomer's own conversation, with the roles and cohorts that it is for."""
    conversation_id = _newcomer(turn)
    alias, scope = _told(turn, conversation_id)
    del turn.data["newcomers"][conversation_id]
    is_accepted = chose("staff.accept")(turn)
    word = StaffConfirmed("", me(turn).id, is_accepted, scope.roles, scope.cohorts)
    turn.post(word, conversation_id)
    turn.say_to_desk(
        turn.text("Recorded: {alias} is confirmed, in your name.", alias=alias)
        if is_accepted
        else turn.text(
            "Recorded: {alias} is not confirmed. Nothing opens to her. For the right person ask the "
            "operator for a new code.",
            alias=alias,
        )
    )


def say_settled(turn: Turn) -> None:
    """Somebody else was first, or it is not hers to say."""
    turn.say_to_desk(turn.text("This is already settled, or it is not yours to decide. Nothing was changed."))


def needs_word(turn: Turn) -> bool:
    """Whether a colleague's word is still wanted: for the person, a facilitator's training, or a further role."""
    staff = turn.facts.staff
    if staff is None or not staff.is_confirmed or "further" in turn.data:
        return True
    return Role.FACILITATOR in staff.roles and staff.trained_on is None


def _waiting_scope(turn: Turn, staff: Staff) -> Scope:
    """What a colleague's word would open now: the person with all that she has, or the further role."""
    further = None if is_inert(turn) else turn.data.get("further")
    return scope_with(staff, Role(further["role"]), further.get("cohort")) if further else scope_of(staff)


def is_for_less(turn: Turn) -> bool:
    """Whether it is a yes to something else than what waits now: she opened another code meanwhile (S14)."""
    staff = turn.facts.staff
    if staff is None or not turn.event.is_accepted or not needs_word(turn):
        return False
    return Scope.of(turn.event.roles, turn.event.cohorts) != _waiting_scope(turn, staff)


def is_from_another(turn: Turn) -> bool:
    """Whether the word comes from another named and confirmed colleague."""
    by = turn.event.by
    member = turn.facts.roster.member(by)
    return by != turn.conversation.owner_id and member is not None and member.is_confirmed


def hear(turn: Turn) -> None:
    """The colleague's word takes effect."""
    accepted: bool = turn.event.is_accepted
    was_inert, staff = is_inert(turn), turn.facts.staff
    further = turn.data.pop("further", None)
    if further is not None and staff is not None and not was_inert:
        _settle_further(turn, further, staff)
        return
    is_wanted = needs_word(turn)
    if was_inert or (accepted and is_wanted):  # refusing a further role takes nothing away that she has
        turn.do(ConfirmStaff(accepted, turn.event.by))
    elif not accepted and not is_wanted:
        tell_coordinators(turn, "staff_doubted")
    if accepted:
        if was_inert:
            turn.go(MENU)
        turn.say_to_desk(
            turn.text("A colleague has confirmed you. Send /menu to begin, and set your duty hours first.")
            if staff is not None and Role.FACILITATOR in staff.roles
            else turn.text("A colleague has confirmed you. Send /menu to begin.")
        )
    elif was_inert:
        turn.go(ENDED)
        turn.say_to_desk(
            turn.text("Your colleague could not confirm you. If this is a mistake, speak with your coordinator.")
        )
    else:
        turn.say_to_desk(
            turn.text("A colleague could not confirm the further role. Please speak with your coordinator.")
        )


def _ask_colleagues(turn: Turn, staff: Staff, scope: Scope) -> None:
    for colleague in colleagues(turn):
        waits = StaffWaits(staff.id, turn.conversation.id, staff.alias, scope.roles, scope.cohorts)
        turn.post(waits, colleague.conversation_id)


def remind(turn: Turn) -> None:
    """Ask the colleagues once more; they may have changed since she came."""
    staff = turn.facts.staff
    found = colleagues(turn)
    if staff is None or not needs_word(turn):
        turn.show()
        return
    _ask_colleagues(turn, staff, _waiting_scope(turn, staff))
    key = (
        "Your colleagues have been reminded."
        if found
        else ("Nobody is there yet who could confirm you. Please try again a little later.")
    )
    turn.say_to_desk(turn.text(key))


def ignore_own_word(turn: Turn) -> None:
    """Nobody vouches for herself."""
    turn.say_to_desk(turn.text("Only another colleague can confirm you."))


def add_code(turn: Turn) -> None:
    """A further staff code of a member: the role and its cohort are added, or wait for a colleague's word (S14)."""
    invitation, staff = turn.facts.invitation, turn.facts.staff
    if invitation is None or not invitation.is_open(turn.now) or staff is None or turn.facts.is_spent:
        turn.say_to_desk(turn.text(USED_UP))
        return
    if is_further(staff, invitation):
        _ask_for_word(turn, staff, invitation)
        return
    turn.do(EnlistStaff(invitation.id, staff.alias, turn.language, is_confirmed=staff.is_confirmed))
    added = scope_with(staff, invitation.role, invitation.cohort_id)
    is_untrained = invitation.role is Role.FACILITATOR and staff.trained_on is None
    if is_inert(turn) or is_untrained:
        _ask_colleagues(turn, staff, Scope.of(staff.roles | {invitation.role}, added.cohorts))
    turn.say_to_desk(turn.text("Added: {role}.", role=added.describe(turn)))
    if is_inert(turn):
        say_inert(turn)
    elif is_untrained:
        turn.say_to_desk(
            turn.text("Before you can take cases, another colleague must confirm that you are trained."),
            (turn.button("Remind the coordinator", "staff.remind", standing=True),),
        )


def is_further(staff: Staff, invitation: Invitation) -> bool:
    """Whether it reaches further than what she has: a link sent to the wrong person must not open it (S14)."""
    role = invitation.role
    is_told_elsewhere = not staff.is_confirmed or (role is Role.FACILITATOR and staff.trained_on is None)
    is_more = (
        role not in staff.roles or scope_with(staff, role, invitation.cohort_id).cohorts != scope_of(staff).cohorts
    )
    return is_more and not is_told_elsewhere and not staff.has(Role.COORDINATOR)


def _ask_for_word(turn: Turn, staff: Staff, invitation: Invitation) -> None:
    turn.data["further"] = {
        "invitation": invitation.id,
        "role": invitation.role.value,
        "cohort": invitation.cohort_id,
    }
    scope = _waiting_scope(turn, staff)
    _ask_colleagues(turn, staff, scope)
    turn.say_to_desk(
        turn.text(
            "Another colleague must confirm this role before it opens: {role}. Until then all stays as it is.",
            role=scope.describe(turn),
        ),
        (turn.button("Remind the coordinator", "staff.remind", standing=True),),
    )


def _settle_further(turn: Turn, further: dict[str, Any], staff: Staff) -> None:
    """The word on a further role; refusing it takes nothing away that she has."""
    if not turn.event.is_accepted:
        turn.say_to_desk(
            turn.text("A colleague could not confirm the further role. Please speak with your coordinator.")
        )
    elif turn.facts.is_spent:
        turn.say_to_desk(turn.text(USED_UP))
    else:
        turn.do(EnlistStaff(further["invitation"], staff.alias, turn.language, is_confirmed=True))
        added = scope_with(staff, Role(further["role"]), further.get("cohort"))
        turn.say_to_desk(turn.text("Added: {role}.", role=added.describe(turn)))


def come_again(turn: Turn) -> None:
    """Whoever had left or was refused comes by a fresh code: a newcomer like any other, with her old alias (S14)."""
    invitation, staff = turn.facts.invitation, turn.facts.staff
    if invitation is None or not invitation.is_open(turn.now) or staff is None:
        say_ended(turn)
        return
    if turn.facts.is_spent:
        turn.say_to_desk(turn.text(USED_UP))
        return
    is_first = invitation.role is Role.COORDINATOR and not turn.facts.roster.staff
    turn.do(EnlistStaff(invitation.id, staff.alias, turn.language, is_confirmed=is_first))
    if is_first:
        turn.go(MENU)
        turn.say_to_desk(turn.text("You are the first coordinator. Send /menu to begin."))
        return
    turn.go(WAITING)
    _ask_colleagues(turn, staff, new_scope(invitation.role, invitation.cohort_id))
    turn.show()


is_word = chose("staff.accept", "staff.refuse")

NEWCOMERS = Flow(
    "Newcomers",
    Audience.STAFF,
    (),
    (
        Transition(on=StaffWaits, source=ANY, to=None, do=tell_of),
        Transition(on=StaffConfirmed, source=ENDED, to=None, do=say_ended),
        Transition(on=StaffConfirmed, source=ANY, to=None, do=remind, when=every(is_from_another, is_for_less)),
        Transition(on=StaffConfirmed, source=ANY, to=None, do=hear, when=is_from_another),
        Transition(on=StaffConfirmed, source=ANY, to=None, do=ignore_own_word),
        Transition(on=ButtonPressed, source=ANY, to=None, do=remind, when=chose("staff.remind")),
        Transition(on=ButtonPressed, source=ANY, to=None, do=list_newcomers, when=chose("menu.newcomers")),
        Transition(on=ButtonPressed, source=ANY, to=None, do=ask_anew, when=every(is_word, may_vouch, is_outdated)),
        Transition(on=ButtonPressed, source=ANY, to=None, do=vouch, when=every(is_word, may_vouch)),
        Transition(on=ButtonPressed, source=ANY, to=None, do=say_settled, when=is_word),
    ),
)
