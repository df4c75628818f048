"""The WhatsApp channel: the port of core, made of a webhook, a reader and a sender."""

import asyncio
import re
from collections.abc import Mapping
from datetime import datetime

import structlog

from bot.channels.watch import Watch
from bot.channels.whatsapp.api import Done, Graph, Refusal
from bot.channels.whatsapp.sending import Sender
from bot.channels.whatsapp.templates import read_templates
from bot.channels.whatsapp.troubles import RESTRICTED, is_token_refused, is_unknown, name_of
from bot.channels.whatsapp.updates import Reader
from bot.channels.whatsapp.webhook import Webhook
from bot.channels.wire import Reply, Silence, Status, is_root
from bot.core.addresses import Line
from bot.core.channel import Accept, Content, Hear
from bot.core.errors import ConfigurationError
from bot.core.messages import UNFETCHED, Parcel, Receipt, SendFailure, Trouble
from bot.core.ports import Clock
from bot.core.templates import NO_TEMPLATES, Approved, Templates

log = structlog.get_logger()

FILE_SECONDS = 30.0
"""How long a file may take; voices and photos have at most 16 MB."""
_PHONE_ID = re.compile(r"[0-9]{5,40}")


class WhatsAppChannel:
    """One number on WhatsApp's Cloud API; what comes in comes to `/whatsapp`.

    `secrets` are the app secret, which signs what comes in, and the word that WhatsApp repeats when our address is
    entered there.  Raises ConfigurationError when number or address cannot be right.
    """

    trouble = ""
    """Nothing is known here of what keeps messages away: WhatsApp calls, or it does not."""

    def __init__(
        self,
        token: str,
        phone_id: str,
        secrets: tuple[str, str],
        api_url: str,
        clock: Clock,
        templates: Templates = NO_TEMPLATES,
    ) -> None:
        if not _PHONE_ID.fullmatch(phone_id):
            raise ConfigurationError(
                "HAMROH_WHATSAPP_PHONE_ID must be the id of the number (only digits), not the number itself"
            )
        if not is_root(api_url):
            raise ConfigurationError(
                "HAMROH_WHATSAPP_API_URL must be the root of the Graph API, like https://graph.facebook.com/v23.0"
            )
        self.line = Line("whatsapp", phone_id)
        watch = Watch(clock)
        self._graph = Graph(token, api_url, phone_id, watch)
        self._sender = Sender(self._graph, str(self.line), clock, templates)
        self._webhook = Webhook(Reader(self.line, watch), *secrets)
        self._clock = clock
        self._accept: Accept | None = None
        self._hear: Hear | None = None

    @property
    def heard_at(self) -> datetime | None:
        """Until when what WhatsApp brings was taken in: now while our door is open, else nobody knows."""
        return self._clock.now() if self._accept is not None else None

    async def check(self) -> str:
        """Our number as links need it, only digits; empty when WhatsApp cannot be reached now.

        Raises ConfigurationError when WhatsApp refuses the token or account, or does not know the number.
        """
        answer = await self._graph.look()
        if isinstance(answer, Refusal) and answer.code in RESTRICTED:
            raise ConfigurationError(
                f"WhatsApp has restricted the account (code {answer.code}); look into its business settings at Meta"
            )
        if is_token_refused(answer):
            raise ConfigurationError(
                "HAMROH_WHATSAPP_TOKEN or HAMROH_WHATSAPP_PHONE_ID is refused by WhatsApp; copy both anew"
            )
        if not isinstance(answer, Done):
            log.warning("whatsapp_unreachable", what=name_of(answer))
            return ""
        return re.sub(r"[^0-9]", "", str(answer.result.get("display_phone_number", "")))

    async def standing(self) -> str:
        """How our number stands with WhatsApp, `CONNECTED` when it can send; empty when WhatsApp does not tell."""
        answer = await self._graph.look("status")
        return str(answer.result.get("status", "")) if isinstance(answer, Done) else ""

    async def has_app(self, account: str) -> bool:
        """Whether WhatsApp brings what comes for this account to any app; also where it does not tell."""
        answer = await self._graph.list_apps(account)
        return not isinstance(answer, Done) or bool(answer.result.get("data", True))

    async def approved(self, account: str) -> list[Approved] | None:
        """The templates of our account as WhatsApp knows them; None when it does not tell."""
        answer = await self._graph.list_templates(account)
        found = answer.result.get("data") if isinstance(answer, Done) else None
        return read_templates(found) if isinstance(found, list) else None

    async def send(self, parcel: Parcel) -> Receipt:
        """Carry out one parcel; every outcome is a value, never an exception."""
        return await self._sender.send(parcel)

    async def fetch(self, file: str) -> Content | SendFailure:
        """Her voice, photo or video by the name that the reader gave it; WhatsApp forgets it after seven days."""
        found = await self._graph.find_file(file.rpartition("/")[2])
        if is_unknown(found):
            return SendFailure(Trouble.GONE, "file gone")
        url = found.result.get("url") if isinstance(found, Done) else None
        if not isinstance(found, Done) or not isinstance(url, str):
            return SendFailure(Trouble.AGAIN, UNFETCHED)
        reply = await self._graph.fetch(url, FILE_SECONDS)
        if isinstance(reply, Reply) and reply.status in {404, 410}:
            return SendFailure(Trouble.GONE, "file gone")
        if isinstance(reply, Silence) or reply.status != 200:
            return SendFailure(Trouble.AGAIN, UNFETCHED)
        return Content(reply.body, str(found.result.get("mime_type", "")))

    def report_to(self, hear: Hear) -> None:
        """Give later words about messages to this ear."""
        self._hear = hear

    async def receive(self, accept: Accept) -> None:
        """Open the door to the webhook until cancelled; a process without the line leaves it shut."""
        self._accept = accept
        try:
            await asyncio.Event().wait()
        finally:
            self._accept = None

    def challenge(self, query: Mapping[str, str]) -> str | None:
        """What to answer when WhatsApp checks our address; None to somebody who does not know the word."""
        return self._webhook.challenge(query)

    async def take_in(self, body: bytes, headers: Mapping[str, str]) -> Status:
        """Take one webhook call in: the status and headers to answer with, once it is committed."""
        return await self._webhook.take_in(body, headers, self._accept, self._hear)

    async def close(self) -> None:
        """Let go of connections."""
        await self._graph.close()
