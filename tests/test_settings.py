"""Settings: what is half or wrong is refused with one line that names it and repeats no secret."""

import pytest

from bot.core.errors import ConfigurationError
from bot.doctor import examine
from bot.settings import SECRETS, read_settings, strangers

SECRET = "999:INVENTED-SECRET-THAT-MUST-NOT-SHOW"
TOKEN = {"HAMROH_TELEGRAM_TOKEN": SECRET}
WHATSAPP = {
    "HAMROH_WHATSAPP_TOKEN": SECRET,
    "HAMROH_WHATSAPP_PHONE_ID": "100000000000001",
    "HAMROH_WHATSAPP_APP_SECRET": SECRET,
    "HAMROH_WHATSAPP_VERIFY_TOKEN": SECRET,
}
HALVES = (
    ({"HAMROH_WEBHOOK_URL": "https://invented.example"}, "HAMROH_TELEGRAM_TOKEN"),
    ({**TOKEN, "HAMROH_WEBHOOK_URL": "https://invented.example"}, "HAMROH_WEBHOOK_SECRET"),
    ({"HAMROH_WHATSAPP_TOKEN": SECRET}, "HAMROH_WHATSAPP_PHONE_ID"),
    (
        {**TOKEN, "HAMROH_WEBHOOK_URL": "http://invented.example", "HAMROH_WEBHOOK_SECRET": SECRET.partition(":")[2]},
        "HAMROH_WEBHOOK_URL must begin with https",
    ),
    *(({k: v for k, v in WHATSAPP.items() if k != name}, name) for name in WHATSAPP),
    *(({**TOKEN, **WHATSAPP, name: " "}, f"{name} is empty") for name in (*TOKEN, *WHATSAPP)),
    (dict.fromkeys(WHATSAPP, ""), "HAMROH_WHATSAPP_TOKEN is empty"),
    ({**TOKEN, "HAMROH_FAULT": "after_commit"}, "HAMROH_FAULT"),
    ({**WHATSAPP, "HAMROH_FAULT": "after_commit"}, "HAMROH_FAULT"),
    ({"HAMROH_REPLY_MINUTES": SECRET}, "HAMROH_REPLY_MINUTES"),
    ({"HAMROH_REPLY_MINUTES": "0"}, "HAMROH_REPLY_MINUTES"),
    ({"HAMROH_ALLOW_UNREADY": SECRET}, "HAMROH_ALLOW_UNREADY"),
    ({"HAMROH_LISTEN": "8080"}, "HAMROH_LISTEN must look like"),
    ({"HAMROH_LISTEN": "127.0.0.1:99999"}, "HAMROH_LISTEN must look like"),
    ({"HAMROH_WEBHOOK_LISTEN": "everywhere:often"}, "HAMROH_WEBHOOK_LISTEN must look like"),
    ({"HAMROH_TELEGRAM_TOKEN_FILE": "/nowhere/invented"}, "HAMROH_TELEGRAM_TOKEN_FILE"),
)


@pytest.fixture(autouse=True)
def alone(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    for name in SECRETS:
        monkeypatch.delenv(f"HAMROH_{name.upper()}", raising=False)


@pytest.mark.parametrize(("given", "named"), HALVES)
def test_what_is_half_or_wrong_is_one_line_that_names_it_and_no_secret(monkeypatch, given, named):
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError) as refused:
        read_settings()
    line = str(refused.value)
    assert named in line
    assert SECRET not in line
    assert "\n" not in line


@pytest.mark.parametrize("secret", SECRETS)
def test_the_name_of_the_file_may_stand_in_the_settings_file_too(tmp_path, secret):
    (tmp_path / ".env").write_text(f"HAMROH_{secret.upper()}_FILE={tmp_path / 'nowhere'}\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=f"HAMROH_{secret.upper()}_FILE: the file cannot be read"):
        read_settings()
    (tmp_path / ".env").write_text("HAMROH_TELEGRAM_TOKEN_FILE=token\n", encoding="utf-8")
    (tmp_path / "token").write_text(SECRET, encoding="utf-8")
    assert read_settings().telegram_token.get_secret_value() == SECRET


def test_a_secret_may_lie_in_a_file_and_never_shows_when_printed(monkeypatch, tmp_path):
    (tmp_path / "token").write_text(f"{SECRET}\n", encoding="utf-8")
    monkeypatch.setenv("HAMROH_TELEGRAM_TOKEN_FILE", str(tmp_path / "token"))
    settings = read_settings()
    assert settings.telegram_token is not None
    assert settings.telegram_token.get_secret_value() == SECRET
    assert SECRET not in repr(settings)


def test_the_mark_that_windows_puts_before_a_text_is_no_part_of_it(tmp_path):
    (tmp_path / "secret").write_text("invented-secret", encoding="utf-8-sig")
    named = f"HAMROH_TELEGRAM_TOKEN={SECRET}\r\nHAMROH_WEBHOOK_SECRET_FILE=secret\r\n"
    (tmp_path / ".env").write_text(named, encoding="utf-8-sig", newline="")
    settings = read_settings()
    assert settings.telegram_token is not None
    assert settings.telegram_token.get_secret_value() == SECRET
    assert settings.webhook_secret is not None
    assert settings.webhook_secret.get_secret_value() == "invented-secret"
    assert strangers() == []


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "cp1251"])
def test_a_settings_file_in_another_encoding_is_refused_in_one_line(tmp_path, encoding):
    (tmp_path / ".env").write_text(f"# вымышлено\nHAMROH_TELEGRAM_TOKEN={SECRET}\n", encoding=encoding)
    with pytest.raises(ConfigurationError, match=r"^\.env: the file is not text in UTF-8; save it again as UTF-8$"):
        read_settings()


def test_a_settings_file_that_is_a_directory_is_refused_and_never_the_rehearsal(tmp_path):
    (tmp_path / ".env").mkdir()
    with pytest.raises(ConfigurationError, match=r"^\.env: the file cannot be read"):
        read_settings()


def test_without_any_setting_the_demo_runs():
    settings = read_settings()
    assert not settings.has_channel
    assert settings.database.endswith("hamroh-demo.db")


def test_a_misspelt_name_is_told_with_the_nearest_that_exists(monkeypatch, tmp_path):
    monkeypatch.setenv("HAMROH_TELEGRAM_TOKEN_FILE", "/nowhere/invented")
    assert strangers() == []
    monkeypatch.setenv("HAMROH_TELEGRAM_TOKN", SECRET)
    (tmp_path / ".env").write_text("HAMROH_QQQQQQ=1\nHAMROH_LISTEN=127.0.0.1:1\nHOME=x\n", encoding="utf-8")
    assert strangers() == [
        "HAMROH_QQQQQQ is no setting and does nothing",
        "HAMROH_TELEGRAM_TOKN is no setting and does nothing; did you mean HAMROH_TELEGRAM_TOKEN?",
    ]


async def test_the_doctor_tells_a_misspelt_name_too(monkeypatch):
    monkeypatch.setenv("HAMROH_TELEGRAM_TOKN", SECRET)
    assert [result.text for result in await examine(read_settings()) if not result.is_well] == strangers()


@pytest.mark.parametrize("more", [{}, TOKEN, {"HAMROH_WEBHOOK_URL": "https://invented.example"}])
def test_whatsapp_is_a_channel_alone_or_beside_telegram(monkeypatch, more):
    for name, value in {**WHATSAPP, **more}.items():
        monkeypatch.setenv(name, value)
    settings = read_settings()
    assert settings.has_channel
    assert settings.database.endswith("hamroh.db")
    assert SECRET not in repr(settings)
