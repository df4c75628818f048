"""Recorded pages: which voice note there is for which lesson, by the messenger's own id of the file."""

from collections.abc import Sequence

from sqlalchemy import Connection, delete, select

from bot.core.effects import KeepVoiceNote, RemoveVoiceNote
from bot.core.voice_notes import VoiceNote
from storage.schema import accounts, voice_notes
from storage.unit import Turn
from storage.upsert import upserting


def load(connection: Connection) -> tuple[VoiceNote, ...]:
    """All of them, of every line."""
    c = voice_notes.c
    columns = (c.lesson, c.language, c.version, c.line, c.file, c.seconds, c.size)
    return tuple(VoiceNote(*row) for row in connection.execute(select(*columns).order_by(c.lesson, c.language, c.line)))


def of_line(notes: Sequence[VoiceNote], line: str) -> tuple[VoiceNote, ...]:
    """Those that can be sent on this line."""
    return tuple(note for note in notes if note.line == line)


def keep(turn: Turn, effect: KeepVoiceNote) -> None:
    """For the line on which it was recorded; it takes the place of an earlier one."""
    line = select(accounts.c.line).where(accounts.c.id == turn.row.account_id)
    key = {
        "lesson": effect.lesson,
        "language": effect.language,
        "line": turn.connection.execute(line).scalar_one(),
    }
    what = {
        "version": effect.version,
        "file": effect.file,
        "seconds": effect.seconds,
        "size": effect.size,
        "by_id": turn.owner_id,
        "at": turn.now,
    }
    row = upserting(turn.connection, voice_notes).values(**key, **what)
    turn.connection.execute(row.on_conflict_do_update(index_elements=list(key), set_=what))
    turn.unit.is_desk_changed = True


def remove(turn: Turn, effect: RemoveVoiceNote) -> None:
    """From every line."""
    c = voice_notes.c
    turn.connection.execute(delete(voice_notes).where(c.lesson == effect.lesson, c.language == effect.language))
    turn.unit.is_desk_changed = True
