"""Before any flow sees what she wrote: what screening found, or she asked for, is acted on (S3, S5, S7, S16, S19)."""

from datetime import datetime, timedelta

from bot.core.cases import Case, Level
from bot.core.conversation import NEW, Owner
from bot.core.effects import Audit, Schedule
from bot.core.events import (
    AlarmDue,
    ButtonPressed,
    CommandGiven,
    DeskAlarmed,
    MessageEdited,
    MessageReceived,
    Started,
)
from bot.core.messages import LANGUAGES, Kind
from bot.flows import alarm, case_hers, harm, quiet, silence
from bot.flows.answer import answer, answer_voice, is_telling, reply
from bot.flows.belonging import CHILD, TALKING, belongs_to_case, typed_choice
from bot.flows.case_owner import tell_withdrawn
from bot.flows.choices import OF_THE_CASE
from bot.flows.conditions import HIDDEN, QUIET, has_joined, is_frozen, is_hearable, open_case
from bot.flows.hearing import Heard, cohort_of, hear
from bot.flows.interpret import EVERYWHERE, interpret, is_bare, is_before_page, is_stale
from bot.flows.rights import ENDED as STAFF_ENDED
from bot.flows.rights import MENU as STAFF_MENU
from bot.flows.safety import FORGETTING
from bot.flows.screens import FIRST, home, say_received, stand
from bot.flows.staff import say_broken
from bot.flows.turn import Turn
from bot.orthography.tongue import tongue, word_tongue

ASKED, PRACTICE = "Lesson:asked", "Lesson:practice"
SOON = timedelta(minutes=1)
HER_ACTS = (MessageReceived, MessageEdited, ButtonPressed, CommandGiven, Started)


def notice(turn: Turn) -> bool:
    """Whether the event has been dealt with here, so that the text is not also played as an answer or a choice."""
    if turn.conversation.owner in {Owner.STAFF, Owner.GROUP} or not isinstance(turn.event, HER_ACTS):
        return False
    if quiet.has_begun(turn):
        return _hear_silently(turn)
    wake(turn)
    turn.is_hushed |= quiet.is_hidden(turn) and not turn.is_fresh
    if isinstance(turn.event, MessageReceived | MessageEdited):
        _speak_as_she(turn)
    if is_frozen(turn):
        return _hear_silently(turn)
    heard = what_is_heard(turn)
    if heard is None or not _answer(turn, heard):
        _stay_hidden(turn)
        _turn_to_page(turn)
        return _awaits_page(turn) or _is_too_early(turn)
    if turn.state == ASKED and heard.kind is Kind.VOICE:  # her answer to the prompt: the page goes on
        turn.go(PRACTICE)
        turn.show()
    return True


def _stay_hidden(turn: Turn) -> None:
    """On a phone that hides, "forget me" alone is shown beside the neutral screen: from it nothing else opens (S3)."""
    if not quiet.is_hidden(turn) or turn.state == HIDDEN:
        return
    meant = interpret(turn)
    is_words = not isinstance(meant, ButtonPressed | CommandGiven)
    if turn.state != FORGETTING or not (is_words or getattr(meant, "choice", "") in {"forget.yes", "forget.no"}):
        turn.go(HIDDEN)


def _awaits_page(turn: Turn) -> bool:
    """Whether a bare word came while our answer still waits to go: that one asks, and a copy would wait as well.

    An answer that waits for long may end before it goes, so then another one is written.
    """
    shown_at = turn.data.get("shown_at")
    if not turn.facts.is_unseen or shown_at is None or turn.now - datetime.fromisoformat(shown_at) > SOON:
        return False
    return interpret(turn) is turn.event and is_bare(turn) and not harm.says_harder(turn)


def _is_too_early(turn: Turn) -> bool:
    """Whether she wrote this before the page was there that would take it for her answer: then it asks her again."""
    is_words = isinstance(turn.event, MessageReceived) and isinstance(interpret(turn), MessageReceived)
    if not is_words or turn.state not in turn.library.listening or not is_before_page(turn):
        return False
    say_received(turn)
    return True


def _turn_to_page(turn: Turn) -> None:
    """What she chooses on a page, pressed or typed: what follows is no talk of her case any more."""
    meant = interpret(turn)
    if isinstance(meant, ButtonPressed) and meant.choice.partition(":")[0] not in OF_THE_CASE:
        for key in TALKING:
            turn.data.pop(key, None)


def wake(turn: Turn) -> None:
    """She is here: what waited for her own act ends now; to change an old message is not to be here (S1)."""
    if isinstance(turn.event, MessageEdited):
        return
    participant = turn.facts.participant
    quiet.end(turn)
    turn.data.pop("is_covered", None)
    if participant is not None and participant.unreachable_at is not None:
        stand(turn, unreachable_at=None)
    if participant is not None and _wakes(turn) and turn.data.pop("pause", None) == "open":
        stand(turn, paused_until=None)
    silence.watch(turn)
    quiet.stay_in_contact(turn)


def _wakes(turn: Turn) -> bool:
    """Whether this ends a pause until she writes: no dead button, and nothing that she did before it."""
    return not is_stale(turn) and quiet.is_since_pause(turn)


def what_is_heard(turn: Turn) -> Heard | None:
    """What of this event a person must see; None when the flows may have it."""
    event = turn.event
    if isinstance(event, ButtonPressed | CommandGiven | Started):
        return _what_no_code_says(turn) if isinstance(event, Started) else None
    found = turn.facts.finding.level
    is_edit = isinstance(event, MessageEdited)
    heard = Heard(found, event.text, message_id=event.message_id, is_edit=is_edit)
    if not is_edit:
        heard = Heard(found, event.text, event.kind, event.file, message_id=event.message_id)
        if event.kind is not Kind.TEXT:
            return _what_is_seen(turn, heard)
    if found is not Level.NONE:
        return heard
    meaning = None if not is_edit and event.is_forwarded else turn.meaning
    if meaning == "help":
        return Heard(Level.CONCERN, event.text, message_id=event.message_id, is_edit=is_edit)
    if meaning in EVERYWHERE or (not is_edit and event.is_forwarded):
        return None
    return heard if belongs_to_case(turn) else None


def _what_no_code_says(turn: Turn) -> Heard | None:
    """Words in the shape of a code, which open nothing: a finding in them goes to a person all the same (S7)."""
    facts, event = turn.facts, turn.event
    is_code = facts.invitation is not None or facts.move is not None
    if is_code or facts.finding.level is Level.NONE:
        return None
    return Heard(facts.finding.level, event.code, message_id=event.message_id)


def _what_is_seen(turn: Turn, heard: Heard) -> Heard | None:
    """Her own voice or picture waits for a person; everything else that is not text only for its caption."""
    is_awaited = has_joined(turn) or open_case(turn) is not None or turn.state == CHILD
    if is_hearable(turn) and is_awaited:
        at_least = Level.URGENT if open_case(turn) is not None else Level.CONCERN
        level = max(heard.level, at_least, key=lambda level: level.rank)
        return Heard(level, heard.body, heard.kind, heard.file, message_id=heard.message_id)
    return heard if heard.level is not Level.NONE else None


def _hear(turn: Turn, heard: Heard) -> Case:
    """Hear it, also what she took back before it came."""
    case, taken_back = hear(turn, heard), turn.data.get("taken_back", [])
    if heard.message_id and heard.message_id in taken_back:
        taken_back.remove(heard.message_id)
        note_withdrawn(turn, case)
    return case


def note_withdrawn(turn: Turn, case: Case) -> None:
    """A message of the case is no longer on her phone: its owner hears of it, or whoever takes it."""
    turn.do(Audit("withdraw", "", case.id))
    owner = turn.facts.roster.member(case.owner_id or "")
    if owner is None:
        turn.data["withdrawn"] = case.id
    else:
        tell_withdrawn(turn, case, owner)


def _answer(turn: Turn, heard: Heard) -> bool:
    """Hear it and say the one answer, or what waits for her; False where her screen answers as without a case."""
    was_open = open_case(turn) is not None
    if harm.says_harder(turn):  # a yes to the programme's question, whatever else it says (S23)
        harm.heed(turn)
    case = _hear(turn, heard)
    if heard.is_edit and not (turn.is_live and heard.level.rank):  # she is not here by it (S1)
        return True
    is_chosen = bool(typed_choice(turn))
    is_exchange = case_hers.is_in_contact(turn, case) or (is_telling(turn) and not is_chosen)
    turn.data["is_talking"] = True
    turn.data.pop("answered_at", None)  # what she writes next adds nothing to her page's answer
    if case.owner_id is not None and not turn.data.get("is_held_off") and case_hers.offer(turn):
        return True
    if heard.level is Level.NONE and turn.state == HIDDEN and not is_chosen:  # it shows no more
        turn.show()
        return True
    if was_open and heard.level is Level.NONE and not is_exchange:
        return not is_chosen and _answer_as_ever(turn)
    if heard.kind is not Kind.TEXT and turn.facts.finding.level is Level.NONE:
        answer_voice(turn, case)
    elif case_hers.is_in_contact(turn, case):
        reply(turn, case.id, turn.text("Received."))
    else:
        answer(turn, case)
    return True


def _answer_as_ever(turn: Turn) -> bool:
    """Outside an exchange that stands on her screen words show nobody that there is a case (S5).

    Whether that is said here: what a page would take for her answer to it is her case's, and the page asks again.
    """
    if turn.state == NEW:  # what strangers see who write once more
        turn.go(FIRST)
    if turn.state not in turn.library.listening:
        return False
    say_received(turn)
    return True


def _speak_as_she(turn: Turn) -> None:
    """Who has not chosen a language is answered in the one she writes, and the card says that one."""
    if has_joined(turn) or "has_language" in turn.data:
        return
    spoken = word_tongue(turn.event.text) or tongue(turn.event.text, turn.language)
    if spoken in LANGUAGES:
        turn.language = "ru" if spoken == "ru" else "tg"
        turn.data["spoken"] = True


def ask_for_help(turn: Turn) -> None:
    """The button or the word: an explicit wish for a person."""
    answer(turn, hear(turn, Heard(Level.CONCERN, turn.text("Help"))))


def open_for_child(turn: Turn) -> None:
    """A child is here: a facilitator looks, without any lesson (S16)."""
    case = hear(turn, Heard(Level.CONCERN))
    told = turn.facts.roster.looking_after(cohort_of(turn), turn.conversation.id)
    alarm.tell(turn, DeskAlarmed("child", number=case.number, conversation_id=turn.conversation.id), told)


def _hear_silently(turn: Turn) -> bool:
    """She has asked for quiet since, or is frozen: a person hears her, what she asks for holds, and nothing is said."""
    turn.is_hushed = True
    heard = what_is_heard(turn)
    if heard is None and _asks_for_help(turn):
        heard = Heard(Level.CONCERN, turn.text("Help"))
    if heard is not None:
        _hear(turn, heard)
        return True
    return not quiet.is_played(turn)


def _asks_for_help(turn: Turn) -> bool:
    meant = interpret(turn)
    return "help" in {getattr(meant, "command", ""), getattr(meant, "choice", "")}


def unplayed(turn: Turn, inbox_id: str) -> None:
    """What cannot be played: its finding all the same, one kind sentence, and people who look (S7).

    `inbox_id` is where it lies in quarantine; the desk hears of the conversation only.
    """
    del inbox_id
    _alarm_others(turn)
    _mend_state(turn)
    if isinstance(turn.event, AlarmDue):  # the clock of a case never stops by a mistake of ours (S10)
        again = turn.now + turn.library.policy.alarm_again
        turn.do(Schedule(f"alarm:{turn.event.case_id}", again, turn.event))
    if not isinstance(turn.event, HER_ACTS) or turn.conversation.owner is Owner.GROUP:
        return
    if turn.conversation.owner is Owner.STAFF:
        say_broken(turn)
        return
    if isinstance(turn.event, MessageReceived | MessageEdited) and _may_hold_words(turn):
        _hear_unplayed(turn)
    if turn.is_live and not (is_frozen(turn) or quiet.has_begun(turn)):
        turn.say(turn.text("Something did not work here. Your message is not lost. You can go on with the menu."))


def _alarm_others(turn: Turn) -> None:
    """Every coordinator but the one it happened to; an alarm that cannot be told raises no further one."""
    if isinstance(turn.event, DeskAlarmed) and turn.event.what == "poison":
        return
    others = (s for s in turn.facts.roster.coordinators() if s.conversation_id != turn.conversation.id)
    alarm.tell(turn, DeskAlarmed("poison", conversation_id=turn.conversation.id), tuple(others))


def _mend_state(turn: Turn) -> None:
    """Out of a state that this release does not know, so that the next event can be played."""
    if turn.state in turn.library.screens or turn.state == NEW:
        return
    owner = turn.conversation.owner
    if owner is Owner.GROUP:
        is_bound = any(group.conversation_id == turn.conversation.id for group in turn.facts.roster.groups)
        turn.go("Group:bound" if is_bound else "Group:unbound")
    elif owner is Owner.STAFF:
        staff = turn.facts.staff
        turn.data.pop("step", None)
        turn.go(STAFF_MENU if staff is not None and staff.is_confirmed else STAFF_ENDED)
    else:
        kept = {"joined_by", "has_language", "invitation", *QUIET} & turn.data.keys()
        turn.data = {key: turn.data[key] for key in kept}
        turn.go(home(turn))


def _may_hold_words(turn: Turn) -> bool:
    """Whether the update has a text, or is one that this release cannot read and that may have one."""
    kind = getattr(turn.event, "kind", Kind.TEXT)
    return bool(turn.event.text) or kind is Kind.OTHER or turn.facts.finding.level is not Level.NONE


def _hear_unplayed(turn: Turn) -> None:
    """On the urgent clock, until a person has looked."""
    event = turn.event
    is_edit = isinstance(event, MessageEdited)
    kind = getattr(event, "kind", Kind.TEXT)
    hear(turn, Heard(Level.URGENT, event.text, kind, message_id=event.message_id, is_edit=is_edit))


def hear_quarantined(turn: Turn) -> None:
    """Something of hers lies in quarantine: an unread item on the urgent clock, without any word to her."""
    hear(turn, Heard(Level.URGENT, turn.event.inbox_id, Kind.OTHER))
