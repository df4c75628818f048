"""What a message of Telegram holds: its kind, its words, and her own voice, photo or video.

A video note is a VIDEO of hers, recorded on the spot by whoever cannot write; a piece of music is a DOCUMENT and may be
anybody's, so staff see the kind only (S19).
"""

from typing import Any

from bot.channels.parts import clean
from bot.core.messages import Kind

Json = dict[str, Any]

PHOTO_EDGE = 1280
ROUND = "note:"
"""Before the id of a video note: Telegram sends it again only as what it is."""
KINDS = (
    ("text", Kind.TEXT),
    ("rich_message", Kind.TEXT),
    ("voice", Kind.VOICE),
    ("photo", Kind.PHOTO),
    ("animation", Kind.OTHER),  # holds a document too
    ("video", Kind.VIDEO),
    ("video_note", Kind.VIDEO),
    ("document", Kind.DOCUMENT),
    ("audio", Kind.DOCUMENT),
    ("sticker", Kind.STICKER),
    ("contact", Kind.CONTACT),
    ("location", Kind.LOCATION),
    ("venue", Kind.LOCATION),
)
SERVICE = frozenset(
    "new_chat_members left_chat_member chat_owner_left chat_owner_changed new_chat_title new_chat_photo "
    "delete_chat_photo group_chat_created supergroup_chat_created channel_chat_created "
    "message_auto_delete_timer_changed migrate_to_chat_id migrate_from_chat_id pinned_message invoice "
    "successful_payment refunded_payment users_shared chat_shared connected_website write_access_allowed "
    "passport_data proximity_alert_triggered boost_added chat_background_set checklist_tasks_done "
    "checklist_tasks_added direct_message_price_changed forum_topic_created forum_topic_edited "
    "forum_topic_closed forum_topic_reopened general_forum_topic_hidden general_forum_topic_unhidden "
    "giveaway_created giveaway_completed managed_bot_created paid_message_price_changed poll_option_added "
    "poll_option_deleted suggested_post_approved suggested_post_approval_failed suggested_post_declined "
    "suggested_post_paid suggested_post_refunded video_chat_scheduled video_chat_started video_chat_ended "
    "video_chat_participants_invited web_app_data gift unique_gift gift_upgrade_sent".split()
)
"""What Telegram writes by itself; nobody said it, nobody waits for an answer."""
WORDY = ("rich_message", "poll", "checklist")
WORDS = frozenset(
    "text question title options tasks blocks items cells rows summary caption description explanation".split()
)
"""Where words of hers may stand inside something that is not plain text."""


def kind_of(body: Json) -> Kind | None:
    """What sort of message it is; None for Telegram's own notes."""
    for name, kind in KINDS:
        if name in body:
            return kind
    return None if body.keys() & SERVICE else Kind.OTHER


def words_of(body: Json) -> str:
    """Her words: the text or caption, and what she wrote into a poll or a list (all of it is screened, S7)."""
    text = body.get("text", body.get("caption"))
    if text is None:
        text = "\n".join(_words(body[name]) for name in WORDY if name in body)
    if not isinstance(text, str):
        raise TypeError("a text was expected")
    return clean(text)


def own_file(kind: Kind, body: Json) -> str:
    """The id of her voice or video, or of the largest size of her photo that a phone shows (1280 pixels)."""
    if kind is Kind.VOICE:
        return _file_id(body["voice"])
    if kind is Kind.VIDEO:
        return _file_id(body["video"]) if "video" in body else ROUND + _file_id(body["video_note"])
    if kind is not Kind.PHOTO or not body["photo"]:
        return ""
    fitting = [size for size in body["photo"] if _edge(size) <= PHOTO_EDGE]
    return _file_id(max(fitting, key=_edge) if fitting else min(body["photo"], key=_edge))


def sound_of(kind: Kind, body: Json) -> tuple[int, int, str]:
    """How long a voice is in seconds, how large in bytes, and what it is; nothing for everything else."""
    if kind is not Kind.VOICE:
        return 0, 0, ""
    voice = body["voice"]
    return int(voice.get("duration", 0)), int(voice.get("file_size", 0)), clean(str(voice.get("mime_type", "")))


def _edge(size: Json) -> int:
    return int(max(size["width"], size["height"]))


def _file_id(file: Json) -> str:
    found = file["file_id"]
    if not isinstance(found, str):
        raise TypeError("a file_id must be text")
    return found


def _words(value: object, glue: str = "\n") -> str:
    """Every word in there, in order; pieces of one sentence (bold, links) stay one sentence."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return glue.join(filter(None, (_words(one, glue) for one in value)))
    if isinstance(value, dict):
        found = (_words(inner, "" if name == "text" else "\n") for name, inner in value.items() if name in WORDS)
        return "\n".join(filter(None, found))
    return ""
