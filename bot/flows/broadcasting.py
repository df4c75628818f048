"""One text to many: cohorts, both languages, a look at it on one's own phone, the count, two minutes to undo (S4)."""

from datetime import timedelta

from bot.core.effects import StartBroadcast
from bot.core.events import ButtonPressed, MessageReceived
from bot.core.messages import Button, Rows
from bot.core.people import CohortFigures
from bot.core.speech import say_duration
from bot.curriculum.neutral import offending
from bot.flows import underway
from bot.flows.choices import chose, named
from bot.flows.rights import every, is_coordinator
from bot.flows.staff import cancel_button, leave_step
from bot.flows.steps import is_plain_text
from bot.flows.turn import ANY, Audience, Flow, State, Transition, Turn
from bot.orthography import words
from bot.orthography.tongue import tongue

COHORTS, TAJIK, RUSSIAN, PREVIEW = "Broadcast:cohorts", "Broadcast:tajik", "Broadcast:russian", "Broadcast:preview"
COUNTING = "Broadcast:counting"
STATES = (COHORTS, TAJIK, RUSSIAN, PREVIEW, COUNTING)
UNDO = timedelta(seconds=120)
LASTS = timedelta(hours=48)
"""Who opens something here every second day still sees it; what she has not seen by then is old and no longer comes."""
LIMIT = 700
TOO_FAR = "These are more than WhatsApp allows in a day. Choose fewer cohorts now, and the others tomorrow."


# ---- who


def begin(turn: Turn) -> None:
    """Ask to which cohorts."""
    leave_step(turn)
    if not turn.facts.cohorts:
        turn.say_to_desk(turn.text("There is no cohort yet. It appears with the first invitation of its mothers."))
        return
    turn.data["step"] = {"cohorts": []}
    turn.go(COHORTS)
    turn.show()


def ask_cohorts(turn: Turn) -> None:
    """Each can be chosen and taken away again."""
    chosen = turn.data["step"]["cohorts"]
    rows: list[tuple[Button, ...]] = [
        (Button(f"✓ {cohort.name}" if cohort.id in chosen else cohort.name, f"cast.cohort:{cohort.id}"),)
        for cohort in turn.facts.cohorts
    ]
    if chosen:
        rows.append((turn.button("Go on", "cast.write"),))
    turn.say_to_desk(turn.text("To which cohorts? You can choose several."), *rows, (cancel_button(turn),))


def toggle(turn: Turn) -> None:
    """Choose one or take it away."""
    chosen: list[str] = turn.data["step"]["cohorts"]
    cohort_id = named(turn)
    if cohort_id in chosen:
        chosen.remove(cohort_id)
    elif any(cohort.id == cohort_id for cohort in turn.facts.cohorts):
        chosen.append(cohort_id)
    turn.show()


def has_cohorts(turn: Turn) -> bool:
    """Whether at least one is chosen."""
    return bool(turn.data.get("step", {}).get("cohorts"))


def _lasts(turn: Turn) -> str:
    return say_duration(LASTS // timedelta(hours=1), "hour", turn.language)


# ---- what


def ask_tajik(turn: Turn) -> None:
    """First the Tajik text."""
    _ask(turn, "Write the Tajik text.")


def ask_russian(turn: Turn) -> None:
    """Then the Russian one."""
    _ask(turn, "Now write the Russian text.")


def _ask(turn: Turn, key: str) -> None:
    turn.say_to_desk(
        turn.text(key)
        + "\n"
        + turn.text(
            "Anybody at home may read its beginning: in the first 60 letters nothing about the "
            "programme, violence, the family or offices. At most {n} letters.",
            n=LIMIT,
        )
        + " "
        + turn.text(
            "Some read it as much as {hours} later: write the weekday or the date, not “tomorrow”.", hours=_lasts(turn)
        ),
        (cancel_button(turn),),
    )


def write_tajik(turn: Turn) -> None:
    """Kept if it is fit for a locked screen."""
    if _is_fit(turn):
        _keep(turn, "tg", PREVIEW if turn.data["step"].get("ru") else RUSSIAN)
    turn.show()


def write_russian(turn: Turn) -> None:
    """Kept if it is fit for a locked screen and truly another text."""
    if words(turn.event.text) == words(turn.data["step"].get("tg", "")):
        turn.say_to_desk(
            turn.text("This is the same text again. Each mother reads in her own language, so both are needed.")
        )
    elif _is_fit(turn):
        _keep(turn, "ru", PREVIEW)
    turn.show()


def _keep(turn: Turn, language: str, then: str) -> None:
    step = turn.data["step"]
    step[language] = turn.event.text.strip()
    step.pop("is_seen", None)  # a changed text must be looked at again
    turn.go(then)


def _is_fit(turn: Turn) -> bool:
    text = turn.event.text.strip()
    word = offending(text)
    if word is not None:
        turn.say_to_desk(
            turn.text(
                "This cannot go: its first 60 letters hold “{word}”, and somebody else may read the locked "
                "screen. Please begin with neutral words.",
                word=word,
            )
        )
    elif len(text) > LIMIT:
        turn.say_to_desk(
            turn.text(
                "This is too long for her screen: at most {n} letters. Please write it shorter; nothing went.", n=LIMIT
            )
        )
    return word is None and len(text) <= LIMIT


# ---- looking at it


def _chosen(turn: Turn) -> list[CohortFigures]:
    return [cohort for cohort in turn.facts.cohorts if cohort.id in turn.data["step"]["cohorts"]]


def count(turn: Turn) -> int:
    """How many mothers may see it as things stand now: it comes to them, or they open something in its time."""
    return sum(max(0, cohort.total - sum(cohort.left_out.values())) for cohort in _chosen(turn))


def silent(turn: Turn) -> int:
    """How many of them have been silent on WhatsApp for a day: an approved line reaches them, or their own act does."""
    return sum(cohort.silent for cohort in _chosen(turn))


def is_within_reach(turn: Turn) -> bool:
    """Whether WhatsApp lets us reach so many silent people today, beside those whom anything else reaches."""
    number, reach = silent(turn), turn.library.policy.silent_reach
    return not (number and reach) or number + turn.facts.reached_today <= reach


def preview(turn: Turn) -> None:
    """Both texts, whom they reach, who is left out and why."""
    step = turn.data["step"]
    chosen = _chosen(turn)
    by_language = {code: sum(c.by_language.get(code, 0) for c in chosen) for code in ("tg", "ru")}
    left: dict[str, int] = {}
    for cohort in chosen:
        for reason, number in cohort.left_out.items():
            left[reason] = left.get(reason, 0) + number
    lines = [
        turn.text("Tajik ({n}):", n=by_language["tg"]),
        step["tg"],
        "",
        turn.text("Russian ({n}):", n=by_language["ru"]),
        step["ru"],
        "",
        turn.text(
            "At most {n} mothers see it: in her hours, if nothing else has gone to her that day; else when she opens "
            "something here herself within {hours}. After that nobody gets it.",
            n=count(turn),
            hours=_lasts(turn),
        ),
        *underway.say_left_out(turn, left),
    ]
    turn.say_to_desk("\n".join([*lines, *_say_silent(turn), *_say_swapped(turn)]), *_preview_rows(turn))


def _say_swapped(turn: Turn) -> list[str]:
    """A hint where a text seems to be in the other language; she decides."""
    step, lines = turn.data["step"], []
    if tongue(step["tg"], "tg") == "ru":
        lines.append(turn.text("The Tajik text seems to be Russian."))
    if tongue(step["ru"], "ru") == "tg":
        lines.append(turn.text("The Russian text seems to be Tajik."))
    return ["", *lines] if lines else []


def _say_silent(turn: Turn) -> list[str]:
    """How many get the approved neutral line, against how many WhatsApp allows in a day."""
    number, reach = silent(turn), turn.library.policy.silent_reach
    if not number:
        return []
    if not reach:
        text = "Silent on WhatsApp for more than a day: {n}. Nothing goes to them; they see it if they write in time."
        return [turn.text(text, n=number)]
    lines = [
        turn.text(
            "Silent on WhatsApp for more than a day: {n}. They get the approved neutral line, and read the text after "
            "Open. WhatsApp allows {reach} such lines a day.",
            n=number,
            reach=reach,
        )
    ]
    return lines if is_within_reach(turn) else [*lines, turn.text(TOO_FAR)]


def _preview_rows(turn: Turn) -> Rows:
    """Send-all is offered only after she saw it on her own phone."""
    is_seen = turn.data["step"].get("is_seen", False)
    first = turn.button("Send to all", "cast.all") if is_seen else turn.button("Send to me", "cast.me")
    return (
        (first,),
        (turn.button("Change the Tajik", "cast.tajik"), turn.button("Change the Russian", "cast.russian")),
        (cancel_button(turn),),
    )


def send_to_me(turn: Turn) -> None:
    """Exactly as a mother will see it, in both languages; only then it can go to all."""
    step = turn.data["step"]
    turn.say_to_desk(step["tg"])
    turn.say_to_desk(step["ru"])
    step["is_seen"] = True
    turn.show()


def may_send(turn: Turn) -> bool:
    """Whether she looked at it, both texts are there and neutral, and somebody would get it."""
    step = turn.data.get("step", {})
    texts = (step.get("tg", ""), step.get("ru", ""))
    return bool(
        step.get("is_seen")
        and all(texts)
        and not any(map(offending, texts))
        and has_cohorts(turn)
        and count(turn)
        and is_within_reach(turn)
    )


def refuse_all(turn: Turn) -> None:
    """Why it cannot go yet."""
    if not has_cohorts(turn) or not count(turn):
        turn.say_to_desk(turn.text("Nobody would get this now: all are left out."))
    elif not is_within_reach(turn):
        turn.say_to_desk(turn.text(TOO_FAR))
    else:
        turn.say_to_desk(turn.text("Press Send to me first and look at both texts."))
    turn.go(PREVIEW)
    turn.show()


# ---- sending


def ask_count(turn: Turn) -> None:
    """The count is the last question."""
    number = count(turn)
    turn.data["step"]["count"] = number
    turn.say_to_desk(
        turn.text(
            "This goes to {n} mothers. Write the number {n}, or press. After that you have two minutes to undo.",
            n=number,
        ),
        (Button(turn.text("Yes, to {n} mothers", n=number), "cast.go"),),
        (cancel_button(turn),),
    )


def is_count_right(turn: Turn) -> bool:
    """Whether what she agreed to is still what would happen."""
    return may_send(turn) and turn.data["step"].get("count") == count(turn)


def has_typed_count(turn: Turn) -> bool:
    """Whether she wrote the very number."""
    return is_plain_text(turn) and is_count_right(turn) and turn.event.text.strip() == str(count(turn))


def start(turn: Turn) -> None:
    """It begins after the time to undo."""
    step, number = turn.data["step"], count(turn)
    at, texts = turn.now + UNDO, (step["tg"], step["ru"])
    broadcast = StartBroadcast(turn.ids.id(), tuple(step["cohorts"]), *texts, at, at + LASTS)
    leave_step(turn)
    underway.begin(turn, broadcast, number)


def say_count_changed(turn: Turn) -> None:
    """The number she agreed to is not the number any more, or she wrote another one."""
    turn.say_to_desk(turn.text("The number is not right, so nothing went. Please look again."))
    turn.go(PREVIEW)
    turn.show()


BROADCASTING = Flow(
    "Broadcasting",
    Audience.STAFF,
    (
        State(COHORTS, ask_cohorts),
        State(TAJIK, ask_tajik, is_literal=True),
        State(RUSSIAN, ask_russian, is_literal=True),
        State(PREVIEW, preview),
        State(COUNTING, ask_count, is_literal=True),  # “2” is the count and not the second button
    ),
    (
        Transition(on=ButtonPressed, source=COHORTS, to=None, do=toggle, when=chose("cast.cohort")),
        Transition(on=ButtonPressed, source=COHORTS, to=TAJIK, when=every(chose("cast.write"), has_cohorts)),
        Transition(on=MessageReceived, source=TAJIK, to=None, do=write_tajik, when=is_plain_text),
        Transition(on=MessageReceived, source=RUSSIAN, to=None, do=write_russian, when=is_plain_text),
        Transition(on=ButtonPressed, source=PREVIEW, to=None, do=send_to_me, when=chose("cast.me")),
        Transition(on=ButtonPressed, source=PREVIEW, to=TAJIK, when=chose("cast.tajik")),
        Transition(on=ButtonPressed, source=PREVIEW, to=RUSSIAN, when=chose("cast.russian")),
        Transition(on=ButtonPressed, source=PREVIEW, to=COUNTING, when=every(chose("cast.all"), may_send)),
        Transition(on=ButtonPressed, source=PREVIEW, to=None, do=refuse_all, when=chose("cast.all")),
        Transition(
            on=ButtonPressed,
            source=COUNTING,
            to=None,
            do=start,
            when=every(chose("cast.go"), is_coordinator, is_count_right),
        ),
        Transition(on=MessageReceived, source=COUNTING, to=None, do=start, when=every(is_coordinator, has_typed_count)),
        Transition(on=ButtonPressed, source=COUNTING, to=None, do=say_count_changed, when=chose("cast.go")),
        Transition(on=MessageReceived, source=COUNTING, to=None, do=say_count_changed, when=is_plain_text),
        Transition(
            on=ButtonPressed, source=ANY, to=None, do=begin, when=every(chose("menu.broadcast"), is_coordinator)
        ),
    ),
)
