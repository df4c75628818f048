"""The words that act in every state are understood in every spelling, and nothing else is."""

from collections import defaultdict

import pytest

from bot.orthography import words
from bot.orthography.commands import ACTED_ON_A_SLIP, NEIGHBOURS, PHRASES, command, guess

# meaning: canonical, Russian keyboard, Latin, with a slip; "_" stands for a space
MATRIX = """
help       кӯмак           кумак            kumak            кӯмакк
help       ёрӣ_диҳед       ери_дихед        yori_dihed       ёрӣ_дихет
help       ёрдам           ердам            yordam           ёрдаам
help       помогите        ПОМОГИТЕ!!!      pomogite         памогите
help       нужна_помощь    нужна_помощ      nuzhna_pomosh    нужно_помощь
help       /help           Help             HELP.            /help@hamrohbot
stop       бас_кунед       бас_кунед.       bas_kuned        бас_куннедд
stop       нанависед       нанависед        nanavised        нанависет
stop       хватит          Хватит!          hvatit           хвотит
stop       /stop           стоп             STOP             stop🛑
start      шурӯъ_кунем     шуру_кунем       shuru_kunem      шурӯъ_куннэм
start      начать          Начать           nachat           ночать
start      /start          старт            start            страт
hide       пинҳон_кунед    пинхон_кунед     pinhon_kuned     пинҳон_куне
hide       скрыть          скрыть           skryt            скырть
hide       спрятать        СПРЯТАТЬ         spryatat         спратать
hide       /hide           hide             Hide!            /hide@hamrohbot
pause      таваққуф        тавакуф          tavaqquf         таваққу
pause      пауза           пауза            pauza            поуза
resume     давом_диҳед     давом_дихед      davom_dihed      довом_диҳед
resume     продолжить      продолжить       prodolzhit       продалжить
menu       рӯйхат          руйхат           ruyxat           рӯхат
menu       главное_меню    главное_меню     glavnoe_menyu    глвное_меню
menu       /menu           меню             menyu            menu
yes        албатта         албатта          albatta          албата
yes        розӣ_ҳастам     рози_хастам      rozi_hastam      рози_хастан
yes        согласна        согласна         soglasna         согласнна
yes        ҳа              ха               ha               ҳаа
no         намехоҳам       намехохам        namekhoham       намехохм
no         не_согласна     не_согласна      ne_soglasna      не_сагласна
no         нет             НЕТ              net              нет!
language   забон           забон            zabon            забонн
language   сменить_язык    сменить_язык     smenit_yazyk     сминить_язык
language   /language       language         /lang            langauge
city       шаҳрро_иваз_кунед   шахрро_иваз_кунед   shahrro_ivaz_kuned   шаҳрро_иваз_кунет
city       сменить_город   сменит_город     smenit_gorod     сменить_гоород
later      баъдтар         Баъдтар.         ba'dtar          баьдтар
later      дигар_вақт      дигар_вакт       digar_vaqt       дгиар_вақт
later      попозже         попозже          popozzhe         папозже
now        ҳамин_ҳозир     хамин_хозир      hamin_hozir      ҳамен_ҳозир
now        сейчас          Сейчас           seychas          сечас
open       кушоед          кушоед           kushoed          кушоет
open       открыть         ОТКРЫТЬ          otkryt           аткрыть
skip       гузаронед       гузаронед        guzaroned        гузаронет
skip       пропустить      пропустить       propustit        пропутсить
delete_me  маро_фаромӯш_кунед   маро_фаромуш_кунед   maro_faromush_kuned   маро_фаромуш_куннед
delete_me  забудьте_меня   забудте_меня     zabudte_menya    забутьте_меня
delete_me  забыть_меня     Забудь_меня!    zabyt_menya     сотри_меня
delete_me  маро_фаромӯш_кун  maro_faromush_kun  маро_фаромуш_кардан
delete_me  удалить_всё     удалить_все      udalit_vse       Сотрите_всё!
delete_me  ҳамаашро_нест_кардан  хамаашро_нест_кардан  hamaashro_nest_kardan  ҳамаашро_нест_карданн
about      кто_это_видит   кто_ето_видит    kto_eto_vidit    кто_это_видет
about      инро_кӣ_мебинад  инро_ки_мебинад  inro_ki_mebinad  инро_кӣ_мебинадд
delete_me  /forget         forget_me        Forget_me.       /forget@hamrohbot
"""

BENIGN = """
кӯдак | модар | падар | хона | салом | ассалому алайкум | раҳмат | раҳмати калон | ташаккур | хайр | шаб хуш
бад | бадтар | бад не | аъло | хеле хуб буд | ман тайёрам | фаҳмидам | нафаҳмидам | дарси якум | ду | се | 1 | 2
духтарам дарс хонд | писарам китоб мехонад | имрӯз борон меборад | мегузарад | кушодам | гузаштам | пухта
стол | стопка | хватило | начала | начал | забор | даром | спасибо | спасибо большое | здравствуйте | привет
добрый день | до свидания | как дела | я поняла | не поняла | сын помог мне | муж помогает | помощница
мы начали разговор | сегодня хороший день | я пропустила занятие | открытка | меняю работу | язык мой — враг мой
главное — терпение | я не знаю | не помню | нет времени | да нет наверное | потом расскажу подробно | ха-ха-ха
хватит ли времени | можно позже прийти | сейчас приготовлю обед | salom | rahmat | yaxshi | mayda | tushunarli
хватит, он меня бьёт | ҳа, маро мезанад | стоп, я боюсь его | да, он угрожает | ёрдам ба бачаҳо хуб аст | 😀 | ?
/start CODE123 | /stop он меня бьёт | пауза в разговоре важна | скрытный | рӯйхати хӯрокҳо | забони тоҷикӣ
"""


CELLS = dict.fromkeys(
    (row[0], cell.replace("_", " ")) for row in map(str.split, MATRIX.strip().splitlines()) for cell in row[1:]
)
ORDINARY = [text.strip() for line in BENIGN.strip().splitlines() for text in line.split("|")]


@pytest.mark.parametrize(("meaning", "text"), CELLS)
def test_a_command_is_understood_in_every_spelling(meaning: str, text: str) -> None:
    assert (command(text) or guess(text)) == meaning


@pytest.mark.parametrize(("meaning", "text"), CELLS)
def test_only_stop_hide_and_help_act_on_a_slip(meaning: str, text: str) -> None:
    is_a_slip = guess(text) is not None
    assert command(text) == (meaning if not is_a_slip or meaning in ACTED_ON_A_SLIP else None)


@pytest.mark.parametrize("text", ORDINARY)
def test_s7_an_ordinary_text_is_no_command(text: str) -> None:
    assert command(text) is None
    assert guess(text) is None


def test_the_matrix_covers_every_meaning_and_the_ordinary_texts_are_many() -> None:
    assert {meaning for meaning, _ in CELLS} == set(PHRASES)
    assert len(ORDINARY) >= 60


@pytest.mark.parametrize("meaning", PHRASES)
def test_every_listed_phrase_has_its_meaning(meaning: str) -> None:
    spellings = [spelling.removeprefix("=") for spelling in PHRASES[meaning]]
    assert [command(text) for text in spellings] == [meaning] * len(spellings)


def test_no_two_meanings_share_a_key() -> None:
    meanings: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for meaning, spellings in PHRASES.items():
        for spelling in spellings:
            if not spelling.startswith("=") and words(spelling):
                meanings[words(spelling)].add(meaning)
    assert {key: found for key, found in meanings.items() if len(found) > 1} == {}


@pytest.mark.parametrize(
    "text", ["👍", "👍🏽", "👍 ", "+", "Ҳа 🙏", "«ҳа»", "ok!", "👌🏼", "хоп", "Майлаш", "xop", "окей", "okay", "✔️"]
)
def test_a_sign_of_agreement_is_yes(text: str) -> None:
    assert command(text) == "yes"


@pytest.mark.parametrize("text", ["да?", "Ҳа?", "хуб؟", "ok?", "ҳа❓"])
def test_a_yes_that_asks_is_no_yes(text: str) -> None:
    assert command(text) is None


@pytest.mark.parametrize("text", ["👎", "👎🏿", "-", "❌", "нет.", "не", "🙅", "🚫", "йўқ", "yo'q"])
def test_a_sign_of_refusal_is_no(text: str) -> None:
    assert command(text) == "no"


@pytest.mark.parametrize("word", NEIGHBOURS)
def test_a_neighbour_of_a_phrase_is_no_slip_of_it(word: str) -> None:
    assert command(word) is None
    assert guess(word) is None


@pytest.mark.parametrize("slip", ["нанвисед", "nanvised"])
def test_s3_a_slip_of_do_not_write_stops_whatever_else_is_as_near(slip):
    assert command(slip) == "stop"


@pytest.mark.parametrize("slip", ["наависед", "naavised", "ннависед"])
def test_s15_two_slips_of_do_not_write_are_no_now(slip):
    assert command(slip) is None


@pytest.mark.parametrize("slip", ["медад", "medad", "кӯмай", "kumay"])
def test_s10_a_slip_of_help_calls_a_person_whatever_else_is_as_near(slip):
    assert command(slip) == "help"


@pytest.mark.parametrize("text", ["сейчас?", "можно?", "қулай?"])
def test_now_with_a_question_mark_asks(text):
    assert command(text) is None
