"""marshmallow schemas made from the model's dataclasses: one function from an annotation to a field.

A new key is a field in `model.py` and nothing else: its annotation says what it holds, its metadata bounds it.
Errors come out as marshmallow's nested messages, whose keys are the path of the value in the file.
"""

from __future__ import annotations

import dataclasses
import re
import types
import typing
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, post_load, validates_schema

from weerklank.deadlines import CountingError, Duration, Unit
from weerklank.policy.findings import suggestion
from weerklank.policy.model import Scalar
from weerklank.policy.settle import QUESTION
from weerklank.policy.tree import short
from weerklank.policy.words import Text, said

MOST_ITEMS = 500
MOST_TEXT = 20_000
MOST_NUMBER = 10**9
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,59}")
LANGUAGE = re.compile(r"[a-z]{2,3}")
KIND = {
    bool: said("true or false"),
    int: said("a whole number"),
    date: said("a day such as 2026-04-03"),
    str: said("text"),
}


class Concept(Schema):
    """One class of the model: refuses keys it does not know and makes the frozen value."""

    model: type

    class Meta:
        unknown = EXCLUDE

    error_messages = {"type": said("this must be a mapping of keys")}  # noqa: RUF012 - marshmallow's own name and form

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def refuse_unknown(self, data: object, original_data: object, **_: object) -> None:
        if not isinstance(original_data, Mapping):
            return
        known = {field.data_key or name for name, field in self.fields.items()}
        unknown = [key for key in original_data if key not in known and key != QUESTION]
        if unknown:
            raise ValidationError(
                {key: [said("unknown key {key}{hint}", key=short(key), hint=suggestion(key, known))] for key in unknown}
            )

    @post_load
    def make(self, data: dict[str, Any], **_: object) -> Any:
        return self.model(**data)


class Value(fields.Field[Any]):
    """A single value; `parse` answers it or raises ValueError with the message."""

    def __init__(self, parse: Callable[[Any], Any], **options: Any) -> None:
        super().__init__(**options)
        self.parse = parse

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Any:
        try:
            return self.parse(value)
        except ValueError as error:
            raise ValidationError(error.args[0]) from None


class Several(fields.Field[Any]):
    """A list of one kind; with `many` a lone value stands for a list of one."""

    def __init__(self, inner: fields.Field[Any], many: bool, **options: Any) -> None:
        super().__init__(**options)
        self.inner = inner
        self.many = many

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Any:
        if not isinstance(value, list):
            if not self.many:
                raise ValidationError(said("this must be a list"))
            value = [value]
        if len(value) > MOST_ITEMS:
            raise ValidationError(said("more than {most} in one list", most=MOST_ITEMS))
        return tuple(each(self.inner, enumerate(value)).values())


class Named(fields.Field[Any]):
    """A mapping from names to values of one kind, in the order of the file."""

    def __init__(self, inner: fields.Field[Any], names: re.Pattern[str] | None, **options: Any) -> None:
        super().__init__(**options)
        self.inner = inner
        self.names = names

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Any:
        if not isinstance(value, dict):
            raise ValidationError(said("this must be a mapping from names to values"))
        given = {name: item for name, item in value.items() if name != QUESTION}
        if len(given) > MOST_ITEMS:
            raise ValidationError(said("more than {most} in one place", most=MOST_ITEMS))
        return types.MappingProxyType(each(self.inner, given.items(), self.names))


def each(
    inner: fields.Field[Any], items: Iterable[tuple[Any, Any]], names: re.Pattern[str] | None = None
) -> dict[Any, Any]:
    """Every item read by `inner`; the errors of all of them together."""
    read, errors = {}, {}
    for key, item in items:
        try:
            if names and not names.fullmatch(key):
                raise ValidationError(
                    said("{key} cannot be a name; write a letter, then letters, digits and _", key=short(key))
                )
            read[key] = inner.deserialize(item)
        except ValidationError as error:
            errors[key] = error.messages
    if errors:
        raise ValidationError(errors)
    return read


@cache
def schema_of(model: type) -> Concept:
    """The schema of one class of the model; the same one every time."""
    hints = typing.get_type_hints(model)
    made: dict[str, Any] = {}
    for declared in dataclasses.fields(model):
        name = yaml_name(declared)
        made[declared.name] = field_of(
            hints[declared.name],
            declared.metadata,
            data_key=name,
            required=is_required(declared),
            allow_none=False,
            error_messages={
                "required": [said("the key {name!r} is missing", name=name)],
                "null": [said("{name!r} is empty; give it a value or leave it out", name=name)],
            },
        )
    schema: type[Concept] = type(model.__name__, (Concept,), {**made, "model": model})
    return schema()


def yaml_name(declared: dataclasses.Field[Any]) -> str:
    """How a key is written in a policy."""
    return str(declared.metadata.get("name") or declared.name)


def is_required(declared: dataclasses.Field[Any]) -> bool:
    return declared.default is dataclasses.MISSING and declared.default_factory is dataclasses.MISSING


def field_of(annotation: Any, bounds: Mapping[str, Any], **options: Any) -> fields.Field[Any]:
    """The field that reads what `annotation` describes."""
    annotation = without_none(annotation)
    options.setdefault("error_messages", {"null": [said("this is empty; give it a value or leave it out")]})
    arguments = typing.get_args(annotation)
    origin = typing.get_origin(annotation)
    if origin is tuple:
        return Several(field_of(arguments[0], bounds), bounds.get("many", False), **options)
    if origin is Mapping:
        return Named(field_of(arguments[1], bounds), None if bounds.get("free") else NAME, **options)
    if isinstance(annotation, type) and is_concept(annotation):
        return fields.Nested(lambda: schema_of(annotation), **options)
    options["allow_none"] = annotation is Any
    return Value(parser_of(annotation, bounds), **options)


def is_concept(annotation: type) -> bool:
    """Whether this is a class of the model with keys of its own."""
    return dataclasses.is_dataclass(annotation) and annotation not in (Text, Duration)


def without_none(annotation: Any) -> Any:
    """`X` for `X | None`; the union of scalars stays one."""
    if typing.get_origin(annotation) not in (types.UnionType, typing.Union):
        return annotation
    rest = [argument for argument in typing.get_args(annotation) if argument is not type(None)]
    return rest[0] if len(rest) == 1 else Scalar


def parser_of(annotation: Any, bounds: Mapping[str, Any]) -> Callable[[Any], Any]:
    """The function that reads one value of this annotation, or raises ValueError."""
    if annotation is Any:
        return lambda value: value
    if annotation is Text:
        return read_text
    if annotation is Duration:
        return read_duration
    if annotation is Scalar:
        return read_scalar
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return lambda value: annotation(choose(value, [member.value for member in annotation]))
    if bounds.get("one_of"):
        return lambda value: choose(value, bounds["one_of"])
    return lambda value: read_plain(value, annotation, bounds)


def read_plain(value: Any, kind: type, bounds: Mapping[str, Any]) -> Any:
    """Text, a whole number, a day or true/false, within its bounds."""
    if kind is date and isinstance(value, str):
        return read_day(value)
    if type(value) is not kind:
        raise ValueError(said("this must be {kind}, not {found}", kind=KIND[kind], found=described(value)))
    if isinstance(value, str):
        return read_words(value, bounds)
    if isinstance(value, int) and not isinstance(value, bool):
        return read_number(value, bounds)
    return value


def read_day(value: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError(said("{value} is not a day; write it as 2026-04-03", value=short(value))) from None


def read_words(value: str, bounds: Mapping[str, Any]) -> str:
    most, pattern = bounds.get("most") or MOST_TEXT, bounds.get("pattern")
    if not value.strip():
        raise ValueError(said("this is empty"))
    if len(value) > most:
        raise ValueError(said("this is longer than {most} characters", most=most))
    if pattern and not re.fullmatch(pattern, value):
        raise ValueError(
            said(
                "{value} cannot stand here; it must look like {pattern}",
                value=short(value),
                pattern=pattern,
            )
        )
    return value


def read_number(value: int, bounds: Mapping[str, Any]) -> int:
    most = bounds.get("most", MOST_NUMBER)
    if not 0 <= value <= most:
        raise ValueError(said("this must be from 0 to {most}", most=most) if most else said("this must be 0"))
    return value


def described(value: Any) -> str:
    """What was found, and the way out when YAML read text as something else."""
    match value:
        case bool():
            return str(value).lower()
        case str():
            return short(value)
        case int() | Decimal() | date():
            return said("{value}; put it between quotes if it is text", value=short(str(value))[1:-1])
        case dict():
            return said("a mapping")
        case list():
            return said("a list")
        case _:
            return "this"


def choose(value: Any, allowed: typing.Sequence[str]) -> str:
    if not isinstance(value, str) or value not in allowed:
        near = suggestion(value, allowed) if isinstance(value, str) else ""
        raise ValueError(
            said(
                "{found} is not one of {names}{near}",
                found=described(value),
                names=", ".join(allowed),
                near=near,
            )
        )
    return str(value)


def read_scalar(value: Any) -> str | int | bool | date:
    if not isinstance(value, (str, int, date)):
        raise ValueError(
            said(
                "this must be text, a whole number, a day or true/false, not {found}",
                found=described(value),
            )
        )
    return value


def read_duration(value: Any) -> Duration:
    if not isinstance(value, str):
        raise ValueError(said("this must be a duration such as '2 working_days', not {found}", found=described(value)))
    try:
        return Duration.parse(value)
    except CountingError:
        units = ", ".join(Unit)
        raise ValueError(
            said("this must be a duration such as '2 working_days'; a unit is one of {units}", units=units)
        ) from None


def read_text(value: Any) -> Text:
    """A plain string, or a mapping from languages to strings."""
    if isinstance(value, str):
        return Text.of(read_plain(value, str, {}))
    if not isinstance(value, dict):
        raise ValueError(
            said(
                "this must be text, or text per language such as {{nl: .., en: ..}}, not {found}",
                found=described(value),
            )
        )
    texts = {language: text for language, text in value.items() if language != QUESTION}
    if not texts:
        raise ValueError(said("this text is in no language"))
    for language, text in texts.items():
        if not LANGUAGE.fullmatch(language):
            raise ValueError(said("{language} is not a language; write {{nl: .., en: ..}}", language=short(language)))
        read_plain(text, str, {})
    return Text.of(texts)
