"""The tree of errors; expected outcomes are values, these are bugs, outages and wrong input.

HamrohError
├── ConfigurationError      the operator must change a setting (one line says which and how)
├── ContentError            a lesson, lexicon or catalogue is wrong (`file:line: what, what to do`)
├── FlowError               a turn could not be played: unknown state, unknown trigger, no transition
├── StorageUnavailable      the database cannot be reached or written now; answer 503 and try again
├── InvitationSpent         a code was used up between reading and using it; the turn is played again with fresh facts
├── AddressMoved            an update came from an address that changed hands meanwhile; played again with fresh facts
├── SealBroken              a sealed field cannot be opened: missing or wrong key, swapped row
└── CommandRefused          an operator's command could not be carried out
"""


class HamrohError(Exception):
    """The root of every error that Hamroh raises by itself; its text holds ids, never words of people."""


class ConfigurationError(HamrohError):
    """A setting is missing, half-given or wrong; the text says which one and what to do."""


class ContentError(HamrohError):
    """A lesson, lexicon or catalogue is wrong; the text is `file:line: what is wrong, what to do`."""


class FlowError(HamrohError):
    """A turn cannot be played: the state, the trigger or the way out of it is unknown."""


class StorageUnavailable(HamrohError):
    """The database is away, locked or full; nothing was recorded and the caller may try again."""


class InvitationSpent(HamrohError):
    """Somebody else used the code a moment before; nothing was recorded, the turn must be played again."""


class AddressMoved(HamrohError):
    """She was moved to another address while this was on its way; nothing was recorded, it must be played again."""


class SealBroken(HamrohError):
    """A sealed field cannot be opened; readers show "content unavailable" instead."""


class CommandRefused(HamrohError):
    """An operator's command could not be carried out; the text says why in one line."""
