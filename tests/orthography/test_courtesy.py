"""Courtesies are understood in every way of typing, and nothing that says more is taken for one."""

import pytest

from bot.orthography.courtesy import courtesy

SAID = """
greeting | салом; salom; Салом!; САЛОМ; саломм; салам; ассалому алейкум
greeting | Ассалому алайкум!; assalomu alaykum; assalomu aleykum
greeting | привет; Privet; здравствуйте; ЗДРАВСТВУЙТЕ!!!; zdravstvuyte; Добрый день; dobryy den; субҳ ба хайр
greeting | subh ba khayr
greeting | салом апаҷон; Салом, чӣ хел шумо?; salom, chi khel shumo; Салом 🌹; привет, как дела?; السلام عليكم; سلام
greeting | السلام عليكم ورحمة الله; hello; salom yaxshimisiz; Салом хубед
thanks   | раҳмат; рахмат; rahmat; раҳмати калон; рахмат калон; rahmat katta
thanks   | спасибо; Spasibo; спасибо большое; большое спасибо!
thanks   | ташаккур; tashakkur; Спасибо за урок; раҳмат барои дарс; спс; 🙏; 🙏🙏🙏; ❤️; 🌹🌹; рахмат ба шумо апа; شكرا
farewell | хайр; шаби хуш; шаб ба хайр; до свидания; пока; спокойной ночи; то дидан; khayr
wish     | иди шумо муборак; Наврӯз муборак; navruz muborak; с праздником; hayit muborak
wish     | омин; عید شما مبارک; Худо хайр диҳад
fine     | хуб; хорошо; понятно; фаҳмидам; fahmidam; ок; ладно; нағз; yaxshi; слава Богу; Худоро шукр
"""
MORE = """
салом, он меня бьёт | спасибо, не надо | салом кӯмак кунед | рахмат нест | привет от мамы | здравствуйте, можно вопрос
салом ман гирифтор шудам | ид муборак буд | хорошо ему | пока он спит | хайр ман рафтам | спасибо вам за всё но я боюсь
салом ба кӯдак | 👍 | 👎 | 😭 | 🙏😭 | ? | 1 | да | нет | ҳа | не | сахлаб | солома | закон | не поняла | нафаҳмидам
хуб? | хорошо؟ | хубам не | маро дӯст дорад | апа | ба шумо | мама | шавҳарам | 🔪
"""
CELLS = [(row.partition("|")[0].strip(), text.strip()) for row in SAID.strip().splitlines()
         for text in row.partition("|")[2].split(";")]  # fmt: skip


@pytest.mark.parametrize(("kind", "text"), CELLS)
def test_a_courtesy_is_understood_in_every_way_of_typing(kind: str, text: str) -> None:
    assert courtesy(text) == kind


@pytest.mark.parametrize("text", [text.strip() for line in MORE.strip().splitlines() for text in line.split("|")])
def test_s7_what_says_anything_more_is_no_courtesy(text: str) -> None:
    assert courtesy(text) is None


def test_a_long_message_costs_nothing() -> None:
    assert courtesy("салом " * 700) is None
    assert courtesy("🌸" * 4096) == "thanks"
