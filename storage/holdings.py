"""What we hold: every column of both databases with its class of data and how long it lives, as a page of Markdown."""

from sqlalchemy import Table

from storage import fsm_schema, key_schema

CLASSES = {
    "id": "a random name of ours for a row; it tells nothing",
    "work": "the state of the work: times, counts, steps; no words of people",
    "index": "a keyed hash: the same thing gives the same hash, which tells nothing without the index key",
    "sealed": "encrypted with the key of one person, case or group; unreadable once that key is destroyed",
    "config": "what staff arranged for themselves: aliases, roles, duty hours, names of cohorts",
    "audit": "who of the staff did what to which case and when; no words",
    "key": "a data key, itself encrypted with the master key, which is in neither database",
}

ABOUT = {
    "facts": "Facts about the database itself: demo or real, its key store, the ends of the audit chain.",
    "lines": "Our own bots and numbers, and how far their messages have been fetched.",
    "conversations": "Where everybody is in the conversation: mothers, staff, groups and people who only wrote once.",
    "accounts": "Addresses on messengers, found by a keyed hash; readable, for the bot, only of those who joined.",
    "cohorts": "The Mothers School groups, by the names staff gave them.",
    "harms": "That somebody of a cohort told of harm by the programme, and when; not who.",
    "cohort_modules": "Which sessions were held, so that their modules are open.",
    "participants": "The mothers: a code-name for staff, and what each chose for herself.",
    "links": "Which address a mother used from when to when.",
    "consents": "Which version of the text on confidentiality she agreed to, and when.",
    "progress": "Which lessons she opened and finished, and how the practice went.",
    "measures": "Her answers to the short questions before, in the middle and after: numbers from 1 to 5, no words.",
    "reflections": (
        "What she wrote to a question of a lesson; private unless she chose to share it, or to let it be sampled."
    ),
    "staff": "The people behind the desk, by alias.",
    "conflicts": "Which member of staff knows which mother in her own life, so that she never sees her cases.",
    "groups": "The facilitators' groups.",
    "invitations": "Codes by which people come in; only their hashes.",
    "moves": "Codes by which a mother moves to another phone or messenger; only their hashes.",
    "attempts": "Wrong codes, to slow down guessing.",
    "cases": "Concerns that a person must handle; category, reasons and notes are sealed.",
    "case_messages": "What was said in a case.",
    "audit": "The chain of acts of staff.",
    "inbox": "That an update came, so that it is played once; words only while they wait to be played.",
    "timers": "What is due later.",
    "mailboxes": "Where something waits to be sent to.",
    "outbox": "What waits to be sent, or was sent within a week.",
    "messages": "The messenger's numbers of recent messages, so that they can be taken out of a chat again.",
    "broadcasts": "One text to many, by a coordinator.",
    "recipients": "Who was to get a broadcast, and what became of it.",
    "voice_notes": "Pages read aloud by the team; the recordings themselves lie with the messenger.",
    "alarm_tests": "Rehearsals of the alarm.",
    "acknowledgements": "Who saw a rehearsal.",
    "verdicts": "How cases ended, counted by version of the rules and concept.",
    "fsm": "What another bot, made with aiogram, remembers of its chats on this database.",
    "data_keys": "One key for each person, case and group.",
    "masters": "Which master keys there are, by number.",
    "key_facts": "Facts about the key store itself.",
}

_HEAD = """# What we hold

Made from the schema by `storage/holdings.py`; a test keeps it current. Nothing else is stored: no names, usernames,
contacts, places or origins of forwarded messages are taken in at all.

## Classes of data
"""

_KEEP = """`row` means as long as the row itself: the row of a mother goes when she is erased, that of a case keeps no
words past its date, and the rest goes with what it belongs to. Erasing destroys her keys as well, so that nothing of
hers in a backup can be opened again.
"""


def page() -> str:
    """The whole page."""
    classes = "\n".join(f"- **{name}**: {meaning}" for name, meaning in CLASSES.items())
    database = "\n".join(_section(table) for table in fsm_schema.metadata.tables.values())
    keys = "\n".join(_section(table) for table in key_schema.metadata.tables.values())
    return f"{_HEAD}\n{classes}\n\n{_KEEP}\n## The database\n\n{database}\n## The key store, a database apart\n\n{keys}"


def _section(table: Table) -> str:
    rows = "".join(f"| `{c.name}` | {c.info['class']} | {c.info['keep']} |\n" for c in table.columns)
    return f"### {table.name}\n\n{ABOUT[table.name]}\n\n| column | class | kept |\n|---|---|---|\n{rows}"
