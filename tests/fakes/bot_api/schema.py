"""The published description of the Bot API as a checker: which parameters exist, and of what type."""

import json
import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

SCHEMA_FILE = "telegram-bot-api-10.1.json"
Json = dict[str, Any]


class Upload:
    """A file that came in the request itself, where the description says InputFile."""

    def __init__(self, name: str, content: bytes) -> None:
        self.name = name
        self.content = content


class BotApiSchema:
    """Says what is wrong with a request or with an object, in lines that name fields and never their values."""

    def __init__(self, description: Json) -> None:
        self._methods: Json = description["methods"]
        self._types: Json = description["types"]

    def wrong_request(self, method: str, params: Mapping[str, object]) -> list[str]:
        """Unknown, missing and mistyped parameters of a call; empty when the call is right."""
        return self._wrong_fields(self._methods[method].get("fields", []), params, method)

    def wrong_result(self, method: str, result: object) -> list[str]:
        """What does not fit the answer that the method promises; empty when it fits."""
        return self._wrong_any(self._methods[method]["returns"], result, f"{method}()")

    def wrong_object(self, name: str, value: object) -> list[str]:
        """What does not fit an object of the type called `name`, such as Update; empty when it fits."""
        return self._wrong(name, value, name)

    def _wrong_fields(self, fields: list[Json], values: Mapping[str, object], at: str) -> list[str]:
        known = {field["name"]: field for field in fields}
        wrong = [f"{at}.{name}: unknown" for name in values if name not in known]
        wrong += [f"{at}.{name}: missing" for name, field in known.items() if field["required"] and name not in values]
        for name, value in values.items():
            if name in known:
                wrong += self._wrong_any(known[name]["types"], value, f"{at}.{name}")
        return wrong

    def _wrong_any(self, types: list[str], value: object, at: str) -> list[str]:
        attempts = [self._wrong(name, value, at) for name in types]
        if not all(attempts):
            return []
        return min(attempts, key=lambda wrong: (wrong[0].startswith(f"{at}: "), len(wrong)))

    def _wrong(self, name: str, value: object, at: str) -> list[str]:
        if name.startswith("Array of "):
            if not isinstance(value, list):
                return [f"{at}: list expected"]
            inner = name.removeprefix("Array of ")
            return [line for n, item in enumerate(value) for line in self._wrong(inner, item, f"{at}[{n}]")]
        if name in _PLAIN:
            return [] if _PLAIN[name](value) else [f"{at}: {name} expected"]
        described = self._types[name]
        if "subtypes" in described:
            return self._wrong_any(described["subtypes"], value, at)
        if not isinstance(value, Mapping):
            return [f"{at}: {name} expected"]
        return self._wrong_fields(described.get("fields", []), value, at)


_PLAIN = {
    "String": lambda value: isinstance(value, str),
    "Integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "Float": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "Boolean": lambda value: isinstance(value, bool),
    "InputFile": lambda value: isinstance(value, Upload),
}


@cache
def find_schema() -> BotApiSchema | None:
    """The description from HAMROH_SPECS_DIR or from `../shared/data/specs` beside the repository; None if absent."""
    beside = Path(__file__).resolve().parents[4] / "shared" / "data" / "specs"
    path = Path(os.environ.get("HAMROH_SPECS_DIR") or beside) / SCHEMA_FILE
    return BotApiSchema(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else None
