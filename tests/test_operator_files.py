"""The operator's files: the examples of the documentation are read, mistakes are one line without what was written."""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest

from bot.core.errors import ConfigurationError
from bot.core.templates import Template
from bot.doctor import examine
from bot.guidance.model import Topic
from bot.operator_files import read_confidentiality, read_feasts, read_help_lines, read_referrals, read_templates
from bot.settings import Settings
from bot.system import SystemClock

PAGE = (Path(__file__).parent.parent / "docs" / "reference" / "operator-files.md").read_text("utf-8")
EXAMPLES = dict(re.findall(r"<!-- (\w+) -->\n```yaml\n(.*?)```", PAGE, re.DOTALL))


@pytest.fixture
def file(tmp_path):
    def write(text):
        path = tmp_path / "file.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_the_examples_of_the_page_are_read(file):
    lines = read_help_lines(file(EXAMPLES["help"]))
    assert [(line.country, line.verified_on) for line in lines] == [
        ("TJ", date(2026, 11, 2)), ("RU", date(2026, 10, 20)),
    ]  # fmt: skip
    words = read_confidentiality(file(EXAMPLES["confidentiality"]))
    assert words.reviewed_on == date(2026, 11, 2)
    assert set(words.text) == {"tg", "ru"}
    contacts = read_referrals(file(EXAMPLES["referrals"]))
    assert [(c.topic, c.district["ru"], c.checked_on) for c in contacts] == [
        (Topic.HEALTH, "Везде", date(2026, 11, 2)), (Topic.VIOLENCE, "Село-пример", date(2026, 10, 28)),
    ]  # fmt: skip
    templates = read_templates(file(EXAMPLES["templates"]))
    assert (templates.account, templates.of("push"), templates.of("broadcast")) == (
        "100000000000009", Template("page_ready", "ru", (), 2), None,
    )  # fmt: skip
    assert len(EXAMPLES) == 5


def test_an_announced_day_is_believed(file):
    told = read_feasts(file(EXAMPLES["feasts"]))
    assert told.is_quiet(date(2027, 3, 10))
    assert not told.is_quiet(date(2027, 3, 9))
    assert read_feasts(None).is_quiet(date(2027, 3, 9))


@pytest.mark.parametrize(("was", "becomes"), [("idi_ramazon", "nowruz"), ("2027-03-10", "soon"), ("  day:", "  date:")])
def test_a_mistake_in_a_feast_is_one_line_that_names_the_entry(file, was, becomes):
    with pytest.raises(ConfigurationError, match=r"file.yaml: entry [12]: "):
        read_feasts(file(EXAMPLES["feasts"].replace(was, becomes)))


@pytest.mark.parametrize(
    ("was", "becomes", "expected"),
    [
        ("page_ready", "Page-Ready", "`name` must be as in WhatsApp's manager"),
        ("language: ru", "language: Russian", "`language` must be as in WhatsApp's manager"),
        ("buttons: 2", "buttons: 3", "`push.buttons` must be 2"),
        ("buttons: 2", 'parameters: ["a\\nb"]', "each of `parameters` must be one line"),
        ('"100000000000009"', '"+1 00"', "`account` must be the id"),
    ],
)
def test_a_mistake_in_a_template_says_how_whatsapp_wants_it(file, was, becomes, expected):
    path = file(EXAMPLES["templates"].replace(was, becomes))
    with pytest.raises(ConfigurationError) as refused:
        read_templates(path)
    assert str(refused.value).startswith(f"{path}: {expected}")


def test_every_topic_is_on_the_page():
    assert all(f"`{topic}`" in PAGE for topic in Topic)


def test_without_files_there_is_nothing():
    assert (read_help_lines(None), read_confidentiality(None), read_referrals(None)) == ((), None, ())


@pytest.mark.parametrize(
    ("was", "becomes", "expected"),
    [
        ("topic: health", "topic: police", "entry 1: `topic` must be "),
        ("checked_on: 2026-11-02", "checked_on: yesterday", "entry 1: `checked_on` must be a day like 2026-11-22"),
        ("checked_on: 2026-11-02", "verified_on: 2026-11-02", "entry 1: `checked_on` is missing, add it"),
        ("{tg: Ҳама ҷо, ru: Везде}", "Везде", "entry 1: `district` must have its own keys"),
        ("{tg: Ҳама ҷо, ru: Везде}", "{ru: Везде}", "entry 1: `district.tg` is missing, add it"),
    ],
)
def test_a_mistake_is_one_line_that_names_the_place_and_repeats_nothing(file, was, becomes, expected):
    path = file(EXAMPLES["referrals"].replace(was, becomes))
    with pytest.raises(ConfigurationError) as refused:
        read_referrals(path)
    assert str(refused.value).startswith(f"{path}: {expected}")
    assert "\n" not in str(refused.value)
    assert "000" not in str(refused.value)
    assert "yesterday" not in str(refused.value)


@pytest.mark.parametrize("text", ["a: [", "- : :\n -", "\x00"])
def test_what_is_no_list_in_yaml_is_one_line(file, text):
    with pytest.raises(ConfigurationError) as refused:
        read_referrals(file(text))
    assert "\n" not in str(refused.value)


def test_a_file_that_is_not_there_is_one_line(tmp_path):
    with pytest.raises(ConfigurationError, match=r"nowhere.yaml: cannot be read \(No such file"):
        read_referrals(tmp_path / "nowhere.yaml")


@pytest.fixture
def house(tmp_path):
    """The settings of a Hamroh without a channel, with some more."""

    def furnish(**more):
        return Settings(
            _env_file=None,
            database_url=f"sqlite:///{tmp_path / 'house.db'}",
            keys_dir=tmp_path / "keys",
            keys_url=f"sqlite:///{tmp_path / 'keys.db'}",
            **more,
        )

    return furnish


@pytest.mark.parametrize(("days", "is_well"), [(0, True), (179, True), (181, False), (-2, False)])
async def test_the_doctor_asks_for_contacts_checked_too_long_ago(house, file, days, is_well):
    today = SystemClock().now().date()
    day = today - timedelta(days=days)
    text = EXAMPLES["referrals"].replace("2026-11-02", day.isoformat()).replace("2026-10-28", today.isoformat())
    found = await examine(house(referrals_file=file(text)))
    [result] = [result for result in found if result.name == "guidance and contacts"]
    assert result.is_well is is_well
    assert ("2 contacts" if is_well else "1 contacts") in result.text


@pytest.mark.parametrize(
    ("help_text", "is_well"),
    [
        (None, False),
        ('[{country: TJ, number: "000-00", text: {tg: Хатти ёрӣ, ru: Линия}, verified_on: 2026-11-02}]', False),
        ('[{country: TJ, number: "?", text: {tg: Хатти ёрӣ, ru: Линия}, verified_on: 2026-11-02}]', False),
        ('[{country: TJ, number: "12 34", text: {tg: Хатти намунавӣ, ru: Линия}, verified_on: 2026-11-02}]', False),
        ('[{country: TJ, number: "12 34", text: {tg: Хатти ёрӣ, ru: Линия}, verified_on: 2026-11-02}]', True),
    ],
)
async def test_s11_the_doctor_takes_no_example_for_a_help_line(house, file, help_text, is_well):
    found = await examine(house(help_file=file(help_text or EXAMPLES["help"])))
    examples = [result for result in found if result.name == "examples"]
    assert bool(examples) is not is_well
    assert all("HAMROH_HELP_FILE: entry" in result.text and not result.is_well for result in examples)


@pytest.mark.parametrize(
    ("changes", "is_well"),
    [
        ({}, False),
        ({"Invented Reviewer": "Зарина"}, False),
        ({"Invented Reviewer": "Зарина", "Он чи менависед": "Суханҳои мо", "То, что Вы пишете": "Наши слова"}, True),
        ({"Он чи менависед": "Суханҳои мо", "То, что Вы пишете": "Наши слова"}, False),
        ({"Invented Reviewer": "an example", "Он чи": "Суханҳо", "То, что": "Слова"}, False),
    ],
)
async def test_s11_the_doctor_takes_no_copied_words_for_the_operators_own(house, file, changes, is_well):
    text = EXAMPLES["confidentiality"]
    for was, becomes in changes.items():
        text = text.replace(was, becomes)
    found = await examine(house(confidentiality_file=file(text)))
    assert [result.is_well for result in found if result.name == "examples"] == ([] if is_well else [False])


async def test_the_doctor_asks_for_real_contacts(house, file):
    found = await examine(house(referrals_file=file(EXAMPLES["referrals"])))
    assert [result.text[:32] for result in found if result.name == "examples"] == [
        "HAMROH_REFERRALS_FILE: entry 1 i",
        "HAMROH_REFERRALS_FILE: entry 2 i",
    ]
