"""What a schema finds wrong with a policy's form, as codes with facts that have words.

Laws: a fault's code says what may stand there, never how the schema's library words it; whatever
has no code of its own is ``not_understood``.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from app.infra.http import PublicId

Fault = dict[str, Any]


def faults_of(error: ma.ValidationError, schema: ma.Schema) -> list[Fault]:
    """Each thing that is wrong, where, and what may stand there."""
    return [
        {"pointer": f"/{'/'.join(path)}", "message": message, **_fact(_field_at(schema, path))}
        for path, message in _flat(error.normalized_messages(), ())
    ]


def _flat(tree: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:  # noqa: ANN401 - marshmallow's tree
    if not isinstance(tree, Mapping):
        yield from ((path, str(message)) for message in tree)
        return
    for key, branch in tree.items():
        yield from _flat(branch, (*path, str(key)))


def _field_at(schema: ma.Schema, path: tuple[str, ...]) -> Any:  # noqa: ANN401 - a field, or none
    """The field at a place; of a mapping that of its keys or values."""
    found: Any = schema
    for part in path:
        if isinstance(found, fields.Nested):
            found = found.schema
        if isinstance(found, ma.Schema):
            found = found.fields.get(part)
        elif isinstance(found, fields.List):
            found = found.inner
        elif isinstance(found, fields.Dict):
            found = {"key": found.key_field, "value": found.value_field}.get(part, found)
    return found


def _fact(field: Any) -> Fault:  # noqa: ANN401 - a field, or none
    for each in getattr(field, "validators", ()):
        if isinstance(each, validate.Range):
            return {"code": "out_of_range", "low": each.min, "high": each.max}
        if isinstance(each, validate.Length):
            return {"code": "length", "low": each.min, "high": each.max}
        if isinstance(each, validate.OneOf):
            return {"code": "not_a_choice"}
    return {"code": "not_a_seller" if isinstance(field, PublicId) else "not_understood"}
