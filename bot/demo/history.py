"""Four weeks of an invented programme: three cohorts, forty mothers, sessions, lessons, a broadcast, open cases.

Everything is lived through on the real engine, day by day; nothing is written into the database past it.  The same
seed makes the same weeks, in the other language too.
"""

from collections.abc import Callable, Iterator
from random import Random

from bot.core.people import Role
from bot.demo.stage import Stage
from bot.demo.steps import NEXT, TIME, Step, Verb
from bot.demo.team import prepare

COHORTS = ("Баҳор", "Лола", "Сарв")
MOTHERS = 40
WEEKS = 4
MET = 10
"""Mothers whom a facilitator confirms at a session."""
JOINING = (
    "language:{language}", "consent.next", "consent.yes", "consent.yes", "adult.yes", "phone.{phone}", "name.skip",
    "hours:{hour}",
)  # fmt: skip
HOURS = ("9", "12", "15", "6")
ANSWERS = {
    "tg": ("Пагоҳӣ, пеш аз наҳорӣ", "Бегоҳӣ, вақте ки хона ором аст", "Баъди намоз, бо чой", "Вақте ки кӯдакон хоб"),
    "ru": ("Утром, пока все спят", "Вечером, с чаем", "Когда дома тихо", "После обеда, с чаем"),
}
WORRIES = {"tg": ("Ӯ маро мезанад, метарсам", "кӯмак"), "ru": ("Он меня бьёт, мне страшно", "помощь")}
GOING_ON = (
    "push.open", "lesson.next_card", "prompt.think", "answer.no", "practice.yes", "harm.no", "lesson.check_in",
    "check.yes",
)  # fmt: skip
Say = Callable[[str], None]


async def live(stage: Stage, say: Say, mothers: int = MOTHERS, weeks: int = WEEKS, team: str = "ru") -> None:
    """Live through the weeks on a fresh stage; `say` is told how far it has come.

    `team` is the language of the first team; with the other one everybody speaks the other.
    """
    random = Random(stage.notes.seed)  # noqa: S311 - chance of a story, not of a secret
    say("the team comes together")
    spoken = ("tg", "ru") if team == "ru" else ("ru", "tg")
    await _staff(stage, *spoken)
    say(f"{mothers} mothers join")
    speaks = await _mothers(stage, random, mothers, spoken)
    names = list(speaks)
    for week in range(weeks):
        say(f"week {week + 1} of {weeks}")
        if week in {0, 2}:
            for number in range(1, len(COHORTS) + 1):
                await _meet(stage, _called(Role.FACILITATOR, number), min(MET, -(-mothers // len(COHORTS))))
        if week == min(1, weeks - 1):
            await _broadcast(stage)
        for _ in range(7):
            await stage.act(Step(TIME, Verb.PASSES, "1 day"))
            await _read(stage, random, {name: speaks[name] for name in names if random.random() < 0.4})
    await _worry(stage, random, {name: speaks[name] for name in names[:: len(COHORTS)]})
    stage.notes.steps.clear()
    stage.notes.mothers, stage.notes.weeks = mothers, weeks
    for person in stage.notes.people.values():
        person.is_invented = True
    for name in names[1:]:
        stage.notes.people[name].is_shown = False
    say(f"{len(names)} mothers, {len(COHORTS)} cohorts, {weeks} weeks")


def _called(role: Role, number: int) -> str:
    return str(role) if number == 1 else f"{role} {number}"


async def _staff(stage: Stage, others: str, team: str) -> None:
    """The team of the first cohort, then a facilitator for each of the others."""
    await prepare(stage, team)
    for number, (cohort, alias) in enumerate(zip(COHORTS[1:], ("Себ", "Писта"), strict=True), 2):
        name = _called(Role.FACILITATOR, number)
        stage.invite(name, Role.FACILITATOR, cohort)
        stage.notes.people[name].is_shown = False
        await stage.act(Step(name, Verb.STARTS))
        await _press(stage, name, f"enlist.language:{others}")
        await stage.act(Step(name, Verb.WRITES, alias))
        await _press(stage, name, "enlist.agree")
        await _press(stage, "coordinator", "staff.accept")
        await stage.act(Step(name, Verb.WRITES, "/menu"))
        for choice in ("menu.duty", "duty.days:3", "duty.hours:3", "duty.save"):
            await _press(stage, name, choice)


async def _mothers(stage: Stage, random: Random, count: int, spoken: tuple[str, str]) -> dict[str, str]:
    """All of them join, each in her language, with hours of her own; who speaks which.

    One after the other: who comes first is then the same in every run, and so are the names.
    """
    speaks = {_called(Role.MOTHER, number): random.choice(spoken) for number in range(1, count + 1)}
    chosen = {
        name: {"language": language, "phone": random.choice(("yes", "no", "no")), "hour": random.choice(HOURS)}
        for name, language in speaks.items()
    }
    for number, name in enumerate(speaks):
        stage.invite(name, Role.MOTHER, COHORTS[number % len(COHORTS)])
    await stage.one_by_one([Step(name, Verb.STARTS) for name in speaks])
    for choice in JOINING:
        await stage.one_by_one([_pressing(name, choice.format(**chosen[name])) for name in speaks])
    return speaks


async def _meet(stage: Stage, facilitator: str, met: int) -> None:
    """The cohort's session: she opens the next module and confirms some of those whom she has met."""
    await stage.act(Step(facilitator, Verb.WRITES, "/menu"))
    for choice in ("menu.session", "held.cohort", "held.yes"):
        await _press(stage, facilitator, choice)
    for _ in range(met):
        await stage.act(Step(facilitator, Verb.WRITES, "/menu"))
        for choice in ("menu.people", "person", "meet.confirm"):
            await _press(stage, facilitator, choice)


async def _broadcast(stage: Stage) -> None:
    await stage.act(Step("coordinator", Verb.WRITES, "/menu"))
    for choice in ("menu.broadcast", "cast.cohort", "cast.write"):
        await _press(stage, "coordinator", choice)
    await stage.act(Step("coordinator", Verb.WRITES, "Рӯзи шанбе соати даҳ чой менӯшем."))
    await stage.act(Step("coordinator", Verb.WRITES, "В субботу в десять пьём чай."))
    for choice in ("cast.me", "cast.all", "cast.go"):
        await _press(stage, "coordinator", choice)
    await stage.act(Step(TIME, Verb.PASSES, NEXT))


async def _worry(stage: Stage, random: Random, speaks: dict[str, str]) -> None:
    """Two cases: the urgent one is taken and answered, the other waits to be taken."""
    facilitator = _called(Role.FACILITATOR, 1)
    first, second = random.sample(list(speaks), 2)
    await stage.act(Step(first, Verb.WRITES, WORRIES[speaks[first]][0]))
    await _press(stage, first, "window:30")
    await _press(stage, facilitator, "case.take", where="group")
    await _press(stage, facilitator, "case.reply")
    await stage.act(Step(facilitator, Verb.WRITES, "Ташаккур, ки навиштед. Ҳозир орому озод навишта метавонед?"))
    await _press(stage, facilitator, "answer.send")
    await _press(stage, first, "case.now")
    await stage.act(Step(second, Verb.WRITES, WORRIES[speaks[second]][1]))


async def _read(stage: Stage, random: Random, speaks: dict[str, str]) -> None:
    """Some open what waits for them and go on as far as it goes, all at the same time."""
    walking = list(speaks)
    for _ in range(9):
        steps = [step for name in walking for step in _next(stage, random, name, speaks[name])]
        if not steps:
            return
        await stage.together(steps)
        walking = [step.actor for step in steps]


def _next(stage: Stage, random: Random, name: str, language: str) -> Iterator[Step]:
    """Her next step: an answer where one is asked, else the button that goes on."""
    last = stage.channel.phones[name].last()
    choices = {button.choice for row in last.rows for button in row} if last else set()
    if "prompt.think" in choices and random.random() < 0.5:
        yield Step(name, Verb.WRITES, random.choice(ANSWERS[language]))
        return
    going = (choice for choice in GOING_ON if choice in choices)
    yield from (_pressing(name, choice) for choice in list(going)[:1])


def _pressing(name: str, choice: str, where: str = "") -> Step:
    return Step(name, Verb.PRESSES, choice, where)


async def _press(stage: Stage, name: str, kind: str, where: str = "") -> None:
    """Press the latest button whose choice is of this kind, if there is one."""
    phone = stage.channel.phones[where or name]
    buttons = (button for bubble in reversed(phone.screen) for row in bubble.rows for button in row)
    found = next((b.choice for b in buttons if b.choice == kind or b.choice.startswith(f"{kind}:")), None)
    if found is not None:
        await stage.act(_pressing(name, found, where))
