"""The published description of the Cloud API as a checker of what is sent to it."""

import os
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

SCHEMA_FILE = "whatsapp-cloud-api-v23.0.yaml"
Json = dict[str, Any]
TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str, "boolean": bool, "integer": int, "number": (int, float), "object": dict, "array": list,
}  # fmt: skip
LATER = {
    "recipient": {"type": "string", "maxLength": 160},
    "biz_opaque_callback_data": {"type": "string", "maxLength": 512},
    "recipient_identity_key_hash": {"type": "string"},
}
"""What every message may carry besides: `recipient` came with business-scoped ids, after this description."""


class CloudSchema:
    """Says what is wrong with a message, in lines that name fields and never their values."""

    def __init__(self, description: Json) -> None:
        self._schemas: Json = description["components"]["schemas"]

    def wrong_message(self, message: object) -> list[str]:
        """What does not fit a message to send; empty when it fits."""
        if not isinstance(message, dict):
            return ["message: object expected"]
        if message.keys() >= {"to", "recipient"}:
            return ["message: both to and recipient"]
        stand_in = {"to": message["recipient"]} if "recipient" in message and "to" not in message else {}
        wrong = [
            line
            for name, schema in LATER.items()
            if name in message
            for line in self._wrong(schema, message[name], f"message.{name}")
        ]
        plain = {name: value for name, value in message.items() if name not in LATER}
        return wrong + self._wrong({"$ref": "#/components/schemas/Message"}, plain | stand_in, "message")

    def _wrong(self, schema: Json, value: object, at: str) -> list[str]:
        schema = self._whole(schema)
        if "discriminator" in schema and "oneOf" in schema:
            return self._wrong_kind(schema, value, at)
        wrong = self._wrong_type(schema, value, at)
        if wrong:
            return wrong
        if isinstance(value, dict):
            wrong = self._wrong_fields(schema, value, at)
        elif isinstance(value, list):
            wrong = self._wrong_items(schema, value, at)
        elif isinstance(value, str):
            wrong = _wrong_text(schema, value, at)
        options = [self._wrong(option, value, at) for option in schema.get("oneOf", ())]
        return wrong + (min(options, key=len) if options and all(options) else [])

    def _whole(self, schema: Json) -> Json:
        """Without references; the parts of `allOf` are one, as their writer meant."""
        while "$ref" in schema:
            schema = self._schemas[schema["$ref"].rpartition("/")[2]]
        if "allOf" not in schema:
            return schema
        merged: Json = {"type": "object", "properties": {}, "required": []}
        for part in (self._whole(part) for part in schema["allOf"]):
            merged["properties"] |= part.get("properties", {})
            merged["required"] = [*merged["required"], *part.get("required", ())]
            merged["additionalProperties"] = merged.get("additionalProperties", True) and part.get(
                "additionalProperties", True
            )
        return merged

    def _wrong_kind(self, schema: Json, value: object, at: str) -> list[str]:
        name = schema["discriminator"]["propertyName"]
        kind = value.get(name) if isinstance(value, dict) else None
        if kind not in schema["discriminator"]["mapping"]:
            return [f"{at}.{name}: unknown kind"]
        return self._wrong({"$ref": schema["discriminator"]["mapping"][kind]}, value, at)

    def _wrong_type(self, schema: Json, value: object, at: str) -> list[str]:
        expected = TYPES.get(schema.get("type", ""))
        is_bool_by_mistake = isinstance(value, bool) and schema.get("type") in {"integer", "number"}
        if expected is not None and (not isinstance(value, expected) or is_bool_by_mistake):
            return [f"{at}: {schema['type']} expected"]
        if "enum" in schema and value not in schema["enum"]:
            return [f"{at}: none of its values"]
        return []

    def _wrong_fields(self, schema: Json, value: Json, at: str) -> list[str]:
        known: Json = schema.get("properties", {})
        wrong = [f"{at}.{name}: missing" for name in schema.get("required", ()) if name not in value]
        if schema.get("additionalProperties") is False:
            wrong += [f"{at}.{name}: unknown" for name in value if name not in known]
        for name in value.keys() & known.keys():
            wrong += self._wrong(known[name], value[name], f"{at}.{name}")
        return wrong

    def _wrong_items(self, schema: Json, value: list[object], at: str) -> list[str]:
        wrong = [f"{at}: too few"] if len(value) < schema.get("minItems", 0) else []
        wrong += [f"{at}: too many"] if len(value) > schema.get("maxItems", len(value)) else []
        for item in value if "items" in schema else ():
            wrong += self._wrong(schema["items"], item, f"{at}[]")
        return wrong


def _wrong_text(schema: Json, value: str, at: str) -> list[str]:
    if len(value) > schema.get("maxLength", len(value)):
        return [f"{at}: too long"]
    return [f"{at}: too short"] if len(value) < schema.get("minLength", 0) else []


@cache
def find_schema() -> CloudSchema | None:
    """The description from HAMROH_SPECS_DIR or from `../shared/data/specs` beside the repository; None if absent."""
    beside = Path(__file__).resolve().parents[4] / "shared" / "data" / "specs"
    path = Path(os.environ.get("HAMROH_SPECS_DIR") or beside) / SCHEMA_FILE
    if not path.is_file():
        return None
    text = path.read_text(encoding="utf-8")
    begin = text.index("\ncomponents:")
    end = text.find("\npaths:", begin)
    return CloudSchema(YAML(typ="safe").load(text[begin : end if end > 0 else len(text)]))
