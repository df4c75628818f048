"""An address that cannot be had is told in one line, ours."""

import io
import logging
import socket

import pytest
import structlog
from starlette.applications import Starlette

from bot.core.errors import ConfigurationError
from bot.doors import Server
from bot.logs import set_up_logs


@pytest.fixture
def told():
    """What the operator reads on standard error."""
    root, stream = logging.getLogger(), io.StringIO()
    before, root.handlers = root.handlers, []
    set_up_logs(stream)
    yield stream
    root.handlers = before
    structlog.reset_defaults()


async def test_an_address_that_is_taken_is_one_line_of_ours(told: io.StringIO) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        address = f"127.0.0.1:{other.getsockname()[1]}"
        with pytest.raises(ConfigurationError, match=rf"^HAMROH_LISTEN: {address} is taken; choose another address$"):
            await Server(Starlette(), address, "HAMROH_LISTEN").serve()
    assert told.getvalue() == ""


async def test_an_address_of_another_machine_is_not_called_taken(told: io.StringIO) -> None:
    with pytest.raises(ConfigurationError, match=r"^HAMROH_LISTEN: 192\.0\.2\.1:8080 cannot be opened here; choose"):
        await Server(Starlette(), "192.0.2.1:8080", "HAMROH_LISTEN").serve()
    assert told.getvalue() == ""


def test_what_else_the_web_server_has_to_say_is_said(told: io.StringIO) -> None:
    Server(Starlette(), "127.0.0.1:8080", "HAMROH_LISTEN")
    logging.getLogger("uvicorn.error").error("something else")
    assert "uvicorn.error" in told.getvalue()
