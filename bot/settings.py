"""All settings: environment variables `HAMROH_*`, an `.env` file, or `*_FILE` for secrets; read once."""

import difflib
import io
import os
import re
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, Self
from zoneinfo import available_timezones

from dotenv import dotenv_values
from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.core.errors import ConfigurationError

PREFIX = "HAMROH_"
SECRETS = (
    "database_url",
    "keys_url",
    "telegram_token",
    "webhook_secret",
    "whatsapp_token",
    "whatsapp_app_secret",
    "whatsapp_verify_token",
)
WHATSAPP = ("whatsapp_token", "whatsapp_phone_id", "whatsapp_app_secret", "whatsapp_verify_token")
LAST_PORT = 65535
ENV_FILE = Path(".env")
ENCODING = "utf-8-sig"
"""UTF-8, also with the mark that editors on Windows put before it."""
_ADDRESS = re.compile(r"\S+:[0-9]{1,5}")


class Settings(BaseSettings):
    """The operator's settings; every field is documented by its description (`hamroh settings`)."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=ENV_FILE, env_file_encoding=ENCODING, extra="ignore", frozen=True
    )

    telegram_token: SecretStr | None = Field(
        None, description="Token of the Telegram bot, from @BotFather. Absent: no Telegram."
    )
    telegram_api_url: str = Field(
        "https://api.telegram.org", description="Root of the Bot API: `ROOT/bot<token>/METHOD`."
    )
    webhook_url: str | None = Field(
        None, description="Public https address of this server, without path. Absent: polling."
    )
    webhook_secret: SecretStr | None = Field(
        None, description="Secret that Telegram sends with each webhook call: 1-256 of A-Z a-z 0-9 _ -."
    )
    whatsapp_token: SecretStr | None = Field(
        None, description="Token of the WhatsApp Cloud API, of a system user. Absent: no WhatsApp."
    )
    whatsapp_phone_id: str | None = Field(
        None, description="Id of the WhatsApp number (only digits; not the number itself)."
    )
    whatsapp_app_secret: SecretStr | None = Field(None, description="App secret that signs WhatsApp's webhooks.")
    whatsapp_verify_token: SecretStr | None = Field(
        None, description="Word that WhatsApp repeats when the webhook is set up."
    )
    whatsapp_api_url: str = Field(
        "https://graph.facebook.com/v23.0", description="Root of the Graph API with its version."
    )
    whatsapp_templates_file: Path | None = Field(
        None,
        description="Approved templates (YAML) for what goes a day after she last wrote. Absent: nothing goes then.",
    )
    database_url: str | None = Field(
        None,
        description="`sqlite:///FILE` or `postgresql://…`. Default: `sqlite:///hamroh.db`, without a channel `sqlite:///hamroh-demo.db`.",
    )
    keys_dir: Path | None = Field(
        None,
        description="Directory of the master keys, outside the database; made on the first run. Default: `keys`.",
    )
    keys_url: str | None = Field(
        None, description="Key store, apart from the database. Default: a second SQLite file beside the keys directory."
    )
    index_key_file: Path | None = Field(
        None, description="Key of the blind index. Default: `index.key` in the keys directory."
    )
    listen: str = Field("127.0.0.1:8080", description="Where `/metrics` (without a channel: the rehearsal) is served.")
    webhook_listen: str = Field("127.0.0.1:8443", description="Where webhooks, `/healthz` and `/readyz` are served.")
    timezone: str = Field("Asia/Dushanbe", description="Time zone of the programme.")
    curriculum: Path | None = Field(
        None, description="Directory of lessons. Absent: the lessons that come with Hamroh."
    )
    help_file: Path | None = Field(
        None, description="Help lines (YAML): country, number, text, verified_on. Absent: lessons speak without lines."
    )
    confidentiality_file: Path | None = Field(
        None, description="Your text on when staff may or must tell others (YAML): tg, ru, reviewer, date."
    )
    referrals_file: Path | None = Field(
        None, description="Contacts by district and topic (YAML), each with the day it was checked; for facilitators."
    )
    feasts_file: Path | None = Field(
        None, description="Announced days of Ramadan and the Eids (YAML): feast, day. Absent: as expected, a day more."
    )
    allow_unreviewed: bool = Field(
        default=False,
        description="1: also send lessons that no native speaker has reviewed yet. Announced at every start.",
    )
    allow_unready: bool = Field(
        default=False,
        description="1: let mothers join although alarm, help lines or confidentiality text are not ready.",
    )
    reply_minutes: int = Field(
        10, ge=1, le=60, description="How long after her own message an answer still counts as a reply."
    )
    alarm_group_minutes: int = Field(
        5, ge=1, le=10, description="After how long an urgent case that nobody took rings the group again."
    )
    alarm_private_minutes: int = Field(10, ge=2, le=20, description="After how long it rings facilitators privately.")
    alarm_coordinators_minutes: int = Field(
        15, ge=3, le=30, description="After how long it rings coordinators privately, and everybody."
    )
    alarm_again_minutes: int = Field(
        15,
        ge=5,
        le=30,
        description="Then everybody again, each time after so long; also when who took it has not acted.",
    )
    concern_first_hours: int = Field(
        4, ge=1, le=8, description="Hours of shift after which a concern that is not urgent rings facilitators."
    )
    concern_last_hours: int = Field(
        24, ge=2, le=48, description="Hours of shift after which it rings coordinators, too."
    )
    answer_waits_minutes: int = Field(
        120, ge=30, le=240, description="How long an answer waits to be opened by her before it returns to its owner."
    )
    case_text_minutes: int = Field(
        30, ge=5, le=60, description="After how long what concerns a case leaves a phone that others use."
    )
    silent_days: int = Field(14, ge=7, le=30, description="After how long without a sign of hers a person is told.")
    reopened_days: int = Field(
        14, ge=7, le=30, description="How long after closing a new case of hers names the earlier one."
    )
    fault: str | None = Field(
        None, description="Tests only: where the process kills itself. Refused with a real channel."
    )

    @model_validator(mode="after")
    def _channel_is_whole(self) -> Self:
        """A half-configured channel is refused with one line that says what is missing.

        An empty secret is none: what is signed with it, anybody may have signed.
        """
        for name in ("telegram_token", *WHATSAPP):
            if (given := getattr(self, name)) is not None and not _plain(given).strip():
                raise ValueError(f"{PREFIX}{name.upper()} is empty: give it a value, or take the line out")
        missing = [f"{PREFIX}{name.upper()}" for name in WHATSAPP if getattr(self, name) is None]
        if 0 < len(missing) < len(WHATSAPP):
            raise ValueError(f"WhatsApp is only half configured: {', '.join(missing)} missing")
        for name in ("listen", "webhook_listen"):
            address = getattr(self, name)
            if not _ADDRESS.fullmatch(address) or int(address.rpartition(":")[2]) > LAST_PORT:
                raise ValueError(f"{PREFIX}{name.upper()} must look like 127.0.0.1:8080")
        if self.timezone not in available_timezones():
            raise ValueError(f"HAMROH_TIMEZONE: {self.timezone} is no time zone; write it like Asia/Dushanbe")
        if self.fault and self._is_real():
            raise ValueError("HAMROH_FAULT is for tests and refused with a real channel: remove it")
        return self

    @model_validator(mode="after")
    def _webhook_can_be_called(self) -> Self:
        """A webhook needs a bot, a secret, and an address that the Bot API would call."""
        if self.webhook_url and not self.has_channel:
            raise ValueError("HAMROH_WEBHOOK_URL is set but HAMROH_TELEGRAM_TOKEN is missing")
        if self.webhook_url and self.telegram_token and not self.webhook_secret:
            raise ValueError("HAMROH_WEBHOOK_URL is set but HAMROH_WEBHOOK_SECRET is missing")
        is_public = self.telegram_api_url.startswith("https://")
        if self.webhook_url and is_public and not self.webhook_url.startswith("https://"):
            raise ValueError("HAMROH_WEBHOOK_URL must begin with https://, Telegram calls no other address")
        return self

    @model_validator(mode="after")
    def _steps_rise(self) -> Self:
        """An alarm goes from the few to the many: no step may come before the one it follows."""
        steps = ("alarm_group_minutes", "alarm_private_minutes", "alarm_coordinators_minutes")
        for earlier, later in (*pairwise(steps), ("concern_first_hours", "concern_last_hours")):
            if getattr(self, earlier) >= getattr(self, later):
                raise ValueError(f"{PREFIX}{later.upper()} must be more than {PREFIX}{earlier.upper()}")
        return self

    @property
    def has_channel(self) -> bool:
        """Whether a real messenger is configured; without one the demo runs."""
        return self.telegram_token is not None or self.whatsapp_token is not None

    def _is_real(self) -> bool:
        """Whether a configured messenger is the real one and not a server of ours."""
        addresses = {"telegram_api_url": self.telegram_token, "whatsapp_api_url": self.whatsapp_token}
        default = {name: type(self).model_fields[name].default for name in addresses}
        return any(token and getattr(self, name) == default[name] for name, token in addresses.items())

    @property
    def database(self) -> str:
        """The database's address, the default filled in."""
        return self.database_url or f"sqlite:///{'hamroh' if self.has_channel else 'hamroh-demo'}.db"

    @property
    def keys(self) -> Path:
        """The directory of master keys, the default filled in."""
        return self.keys_dir or Path("keys" if self.has_channel else "keys-demo")

    @property
    def key_store(self) -> str:
        """The key store's address, the default filled in."""
        return self.keys_url or f"sqlite:///{self.keys}.db"

    @property
    def reply_window(self) -> timedelta:
        """How long a text is a reply (S1)."""
        return timedelta(minutes=self.reply_minutes)


def _plain(value: str | SecretStr) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else value


def read_settings() -> Settings:
    """Read the settings; raises ConfigurationError with one clear line, which never repeats a value."""
    files = {name.upper(): path for name, path in {**_noted(), **os.environ}.items() if path}
    given: dict[str, Any] = {
        name: _read(variable, Path(files[variable])).strip()
        for name in SECRETS
        if (variable := f"{PREFIX}{name.upper()}_FILE") in files
    }
    try:
        return Settings(**given)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = f"{PREFIX}{str(first['loc'][0]).upper()}: " if first["loc"] else ""
        message = first["msg"].removeprefix("Value error, ")
        raise ConfigurationError(f"{name}{message}") from None


def strangers() -> list[str]:
    """One line for each `HAMROH_*` name, in the environment or `.env`, that is no setting."""
    known = [f"{PREFIX}{name}".upper() for name in (*Settings.model_fields, *(f"{secret}_file" for secret in SECRETS))]
    given = {name.upper() for name in (*os.environ, *_noted())}
    return [_stranger(name, known) for name in sorted(given.difference(known)) if name.startswith(PREFIX)]


def _stranger(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, 1)
    return f"{name} is no setting and does nothing{f'; did you mean {near[0]}?' if near else ''}"


def _noted() -> dict[str, str | None]:
    """What the settings file says; nothing where there is none."""
    return dotenv_values(stream=io.StringIO(_read(str(ENV_FILE), ENV_FILE))) if ENV_FILE.exists() else {}


def _read(name: str, path: Path) -> str:
    """The text of a file that the operator wrote; raises ConfigurationError with what to do about another."""
    try:
        text = path.read_text(encoding=ENCODING)
    except OSError as error:
        raise ConfigurationError(f"{name}: the file cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise ConfigurationError(f"{name}: the file is not text in UTF-8; save it again as UTF-8")
    return text


def reference() -> str:
    """Every setting as a page of Markdown: name, default, meaning."""
    lines = ["| setting | default | meaning |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        default = (
            ""
            if field.default is None
            else f"`{int(field.default) if isinstance(field.default, bool) else field.default}`"
        )
        meaning = str(field.description).replace("|", "\\|")
        secret = " Or its file in `*_FILE`." if name in SECRETS else ""
        lines.append(f"| `{PREFIX}{name.upper()}` | {default} | {meaning}{secret} |")
    return "\n".join(lines)
