"""The ids of messages as they are kept: in WhatsApp's own stands, barely wrapped, the number of who writes or reads.

Nothing is ever asked of WhatsApp by such an id, since nothing can be deleted or changed there; it only has to be known
again.  So its hash is enough, and her number stands in no row (S18).
"""

import hashlib


def mark(message_id: str) -> str:
    """What stands for this id: the same for the same id, and telling nothing of it; empty for none."""
    return f"w:{hashlib.sha256(message_id.encode(errors='surrogatepass')).hexdigest()}" if message_id else ""
