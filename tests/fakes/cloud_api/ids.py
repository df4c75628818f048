"""Ids of messages as WhatsApp makes them: the number of whoever wrote or reads, barely wrapped, and a counter."""

import base64

HERS, OURS = 0x12, 0x11


def message_id(whom: str, direction: int, count: int) -> str:
    """The id of a message; whoever has the id has the number."""
    person = whom.encode()
    body = bytes([0x1C, 0x18, len(person)]) + person + bytes([0x15, 0x02, 0x00, direction, 0x18])
    return f"wamid.{base64.b64encode(body + f'{count:010X}'.encode()).decode()}"


def wraps(text: str) -> tuple[bytes, ...]:
    """How this text can stand within something in base64, wherever it begins."""
    padded = (base64.b64encode(b"\0" * shift + text.encode()) for shift in range(3))
    return tuple(one[4:-4] for one in padded)
