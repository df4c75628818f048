"""S5: one answer for all. S8: language and script alone are never a reason to worry."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest
from sqlalchemy import func, select

from bot.core.cases import Category, Finding, Level
from storage.schema import case_messages, cases, verdicts
from tests.house import House, open_house
from tests.laws.desk import Desk, choices, join, open_desk
from tests.world import FrozenClock

if TYPE_CHECKING:
    from bot.concern.screen import Screen

REPORTS = {
    "ru": (
        "муж меня бьёт",
        "он угрожает меня убить прямо сейчас",
        "я не хочу больше жить",
        "сегодня ночью я покончу с собой",
        "отчим бьёт моего ребёнка",
        "мой сын хочет уехать воевать в Сирию",
        "сын уже собрал вещи и едет на джихад",
        "у меня сильное кровотечение, я беременна",
        "мне очень плохо, я больше не могу",
        "помощь",
        "HELP",
    ),
    "tg": (
        "шавҳарам маро мезанад",
        "ӯ мегӯяд, ки маро мекушад",
        "дигар зиндагӣ кардан намехоҳам",
        "имшаб худамро мекушам",
        "падараш кӯдакро мезанад",
        "писарам мехоҳад ба Сурия барои ҷанг равад",
        "хунравии сахт дорам, ҳомилаам",
        "дигар тоқат надорам, хеле бад аст",
        "кӯмак",
        "help",
    ),
}
FORBIDDEN = re.compile(
    r"насил|полиц|милиц|религи|ислам|суицид|убий|муж|ребён|дет[еия]|опасн|заметил|беспоко|тайн|гарант|"
    r"зӯровар|пулис|дин\b|худкуш|шавҳар|кӯдак|фарзанд|хатар|пай бурд|нигарон|махфӣ|кафолат",
    re.IGNORECASE,
)
PRAYERS = (
    "بسم الله الرحمن الرحيم", "السلام عليكم ورحمة الله وبركاته", "الحمد لله رب العالمين", "إن شاء الله", "ما شاء الله",
    "سبحان الله", "الله أكبر", "لا إله إلا الله محمد رسول الله", "استغفر الله", "آمين", "عيد مبارك", "رمضان كريم",
    "جزاك الله خيرا", "صلى الله عليه وسلم", "حسبنا الله ونعم الوكيل", "اللهم صل على محمد", "دعا می‌کنم برای مادرم",
    "عید شما مبارک", "خدا نگهدار", "سلام خواهر جان", "نوروز مبارک", "خداوند مهربان است", "شکر خدا", "به امید خدا",
    "رب زدني علما", "بارك الله فيك", "تقبل الله", "رحمة الله عليها", "يا رب", "اللهم اغفر لي",
    "Ramazon muborak", "Hayit muborak", "Assalomu alaykum", "Olloh rozi bo'lsin", "Xudoga shukur", "Inshaalloh",
    "Namozga turdim", "Ro'za tutaman", "Iftorlik qildik", "Bismillah", "Худога шукур", "Рамазон муборак",
    "Иди Қурбон муборак бошад", "Худоё шукр", "Аллоҳу акбар", "Иншооллоҳ, дарсро мехонам", "Рӯза дорам",
    "Намоз хондам", "Дуо кардам барои модарам", "Омин", "Бисмиллоҳи раҳмони раҳим",
)  # fmt: skip


@pytest.mark.parametrize("language", ["tg", "ru"])
async def test_s5_whatever_she_writes_the_answer_is_one_and_the_same(desk: Desk, language: str) -> None:
    answers = set()
    for n, words in enumerate(REPORTS[language]):
        mother = await join(desk.house, f"mother-{n}", language)
        before = desk.cards()
        (answer,) = await desk.house.says(mother, words)
        assert desk.cards() == before + 1, words
        answers.add((answer, tuple(choices(mother.last()))))
    assert len(answers) == 1
    ((answer, _),) = answers
    assert FORBIDDEN.search(answer) is None


class Told:
    """A screen that finds in a text what the text itself says."""

    def screen(self, text: str, state: str | None = None) -> Finding:
        """`urgent medical` is an urgent finding about health."""
        del state
        level, _, category = text.partition(" ")
        return Finding(Level(level), Category(category)) if category in set(Category) else Finding()


@pytest.mark.parametrize("language", ["tg", "ru"])
async def test_s5_six_categories_at_two_levels_get_one_text(tmp_path: Path, language: str) -> None:
    texts, shown = set(), set()
    async with open_house(tmp_path, FrozenClock(), screen=cast("Screen", Told())) as house:
        await open_desk(house)
        for category in Category:
            for level in (Level.CONCERN, Level.URGENT):
                mother = await join(house, f"{level} {category}", language)
                texts |= set(await house.says(mother, f"{level} {category}"))
                shown.add(tuple(choices(mother.last())))
        with house.app.store.database.reading() as connection:
            assert connection.scalar(select(func.count()).select_from(cases)) == 12
    assert (len(texts), len(shown)) == (1, 1)


@pytest.mark.parametrize("language", ["tg", "ru"])
async def test_s8_fifty_prayers_and_greetings_get_a_kind_answer_and_worry_nobody(desk: Desk, language: str) -> None:
    assert len(PRAYERS) >= 50
    mother = await join(desk.house, "mother", language)
    team = (desk.coordinator, desk.facilitator, desk.group)
    shown = [len(phone.transcript) for phone in team]
    for prayer in PRAYERS:
        assert await desk.house.says(mother, prayer) != [], prayer
    assert [len(phone.transcript) for phone in team] == shown


async def test_s8_nothing_is_counted_of_them(house: House, desk: Desk) -> None:
    mother = await join(house, "mother")
    for prayer in PRAYERS[:10]:
        await house.says(mother, prayer)
    with house.app.store.database.reading() as connection:
        for table in (cases, case_messages, verdicts):
            assert connection.execute(select(func.count()).select_from(table)).scalar_one() == 0
