"""On the stage, too, only an approved line reaches who has been silent on WhatsApp for a day."""

from bot.channels.simulated import APPROVED, REACH
from bot.demo.stage import Stage
from bot.demo.steps import TIME, Seen, Step, Verb
from bot.demo.team import prepare

JOINING = ("language:tg", "consent.next", "consent.yes", "consent.yes", "adult.yes", "phone.no", "name.skip", "hours:9")
TEXT = "Имрӯз чой менӯшем."


async def presses(stage: Stage, name: str, *choices: str) -> Seen:
    """Somebody presses one button after the other, each named by how its choice begins; what the last one brought."""
    seen = Seen()
    for choice in choices:
        shown = [b for bubble in reversed(stage.channel.phones[name].screen) for row in bubble.rows for b in row]
        found = next(button.choice for button in shown if button.choice.startswith(choice))
        seen = await stage.act(Step(name, Verb.PRESSES, found))
    return seen


async def test_a_broadcast_goes_as_the_invented_template_and_its_text_after_open(stage: Stage) -> None:
    await prepare(stage, "tg")
    await stage.act(Step("mother", Verb.TURNS, "whatsapp"))
    await stage.act(Step("mother", Verb.STARTS))
    await presses(stage, "mother", *JOINING)
    await stage.act(Step("facilitator", Verb.WRITES, "/menu"))
    await presses(stage, "facilitator", "menu.people", "person:", "meet.confirm")
    await stage.act(Step(TIME, Verb.PASSES, "2 days"))
    await stage.act(Step("coordinator", Verb.WRITES, "/menu"))
    await presses(stage, "coordinator", "menu.broadcast", "cast.cohort", "cast.write")
    await stage.act(Step("coordinator", Verb.WRITES, TEXT))
    preview = await stage.act(Step("coordinator", Verb.WRITES, "Сегодня пьём чай."))
    assert str(REACH) in "".join(preview.came["coordinator"])
    await presses(stage, "coordinator", "cast.me", "cast.all", "cast.go")
    seen = await stage.act(Step(TIME, Verb.PASSES, "1 day"))
    assert [text.splitlines()[0] for text in seen.came["mother"]] == [APPROVED]
    opened = await presses(stage, "mother", "push.open")
    assert TEXT in "".join(opened.came["mother"])
