"""What pydantic found wrong in a file or a setting, said so that its author knows what to do."""

from pydantic_core import ErrorDetails

_PLAIN = {
    "missing": "is missing, add it",
    "extra_forbidden": "is an unknown key, remove it or correct its spelling",
    "string_too_short": "is empty, write it",
    "string_type": "must be a text, write words or put the value in quotes",
    "string_pattern_mismatch": 'must look like "m1" or "1.1", correct it',
    "model_type": "must have its own keys (for a text `tg:` and `ru:`), indent them below it",
    "int_type": "must be a whole number, write it without quotes",
    "bool_parsing": "must be true or false, correct it",
    "tuple_type": "must be a list, begin each entry with `- `",
}


def in_plain_words(error: ErrorDetails) -> str:
    """One mistake as "`name` is missing, add it", for people who write files and know no Python; repeats no value."""
    name = ".".join(str(step) for step in error["loc"])
    if error["type"] == "value_error":
        return str(error["ctx"]["error"])
    if error["type"] == "too_short":
        least = error["ctx"]["min_length"]
        return f"`{name}` must hold at least " + ("one entry, add it" if least == 1 else f"{least} entries, add them")
    if error["type"] == "too_long":
        return f"`{name}` holds more than {error['ctx']['max_length']} entries, shorten the list"
    if error["type"] in {"literal_error", "enum"}:
        return f"`{name}` must be {error['ctx']['expected'].replace(chr(39), '')}, correct it"
    if error["type"].startswith("date"):
        return f"`{name}` must be a day like 2026-11-22, correct it"
    return f"`{name}` {_PLAIN.get(error['type'], error['msg'] + ', correct it')}"
