"""Read the parameters of a call from JSON, a form, multipart or the query, as api.telegram.org accepts them."""

import json
from collections.abc import Iterable
from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.fakes.bot_api.http import HttpRequest
from tests.fakes.bot_api.schema import Upload

Params = dict[str, Any]

WORDS = frozenset(
    "action business_connection_id callback_query_id caption description document file_id inline_message_id "
    "ip_address language_code message_effect_id parse_mode photo secret_token short_description text url voice".split()
)
"""Parameters that stay text in a form; every other one is written there as JSON."""


def read_params(request: HttpRequest) -> Params:
    """All parameters of the call; raises ValueError when the body cannot be read."""
    params = _from_form(parse_qsl(urlsplit(request.target).query, keep_blank_values=True))
    kind = request.headers.get("content-type", "")
    if not request.body:
        return params
    if kind.startswith("application/json"):
        return params | _from_json(request.body)
    if kind.startswith("multipart/form-data"):
        return params | _from_multipart(kind, request.body)
    pairs = parse_qsl(request.body.decode(), keep_blank_values=True, strict_parsing=True)
    return params | _from_form(pairs)


def _from_json(body: bytes) -> Params:
    params = json.loads(body)
    if not isinstance(params, dict):
        raise ValueError("the body is not a JSON object")  # noqa: TRY004  (one error for every unreadable body)
    return params


def _from_form(pairs: Iterable[tuple[str, str]]) -> Params:
    return {name: value if name in WORDS else _plain(value) for name, value in pairs}


def _from_multipart(kind: str, body: bytes) -> Params:
    parsed = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + body)
    params: Params = {}
    uploads: dict[str, Upload] = {}
    for part in parsed.walk():
        name = part.get_param("name", header="content-disposition")
        if isinstance(name, str):
            _take_part(name, part, params, uploads)
    for name, value in params.items():
        if isinstance(value, str) and value.startswith("attach://"):
            params[name] = uploads.pop(value.removeprefix("attach://"))
    return params | uploads


def _take_part(name: str, part: Message, params: Params, uploads: dict[str, Upload]) -> None:
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        raise ValueError("a nested part")  # noqa: TRY004  (one error for every unreadable body)
    filename = part.get_filename()
    if filename is None:
        params |= _from_form([(name, content.decode())])
    else:
        uploads[name] = Upload(filename, content)


def _plain(value: str) -> object:
    try:
        return json.loads(value)
    except ValueError:
        return value
