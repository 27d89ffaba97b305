"""What is a Sparkplug B payload made of? Its protobuf messages (proto2), built from their field numbers.

Eclipse Sparkplug 3.0.0, chapter 6; only what a host application reads. Other fields are skipped as unknown.
"""

from __future__ import annotations

from typing import Any, Final

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

_PACKAGE = "arterial.sparkplug"
_Number = tuple[int, str, str]
"""Field number, name, type: one of protobuf's, or a message of this file; `*` before it: repeated."""

_MESSAGES: Final[dict[str, tuple[_Number, ...]]] = {
    "Payload": (
        (1, "timestamp", "uint64"),
        (2, "metrics", "*Metric"),
        (3, "seq", "uint64"),
        (4, "uuid", "bytes"),
    ),
    "Metric": (
        (1, "name", "bytes"),
        (2, "alias", "uint64"),
        (3, "timestamp", "uint64"),
        (4, "datatype", "uint32"),
        (5, "is_historical", "bool"),
        (6, "is_transient", "bool"),
        (7, "is_null", "bool"),
        (9, "properties", "PropertySet"),
        (10, "int_value", "uint32"),
        (11, "long_value", "uint64"),
        (12, "float_value", "float"),
        (13, "double_value", "double"),
        (14, "boolean_value", "bool"),
        (15, "string_value", "bytes"),
        (16, "bytes_value", "bytes"),
        (17, "dataset_value", "bytes"),
        (18, "template_value", "bytes"),
    ),
    "PropertySet": ((1, "keys", "*bytes"), (2, "values", "*PropertyValue")),
    "PropertyValue": (
        (1, "type", "uint32"),
        (2, "is_null", "bool"),
        (3, "int_value", "uint32"),
        (4, "long_value", "uint64"),
        (8, "string_value", "bytes"),
    ),
}
"""Texts are read as bytes: one bad character is a refusal of ours. Data sets and templates stay shut."""


def _file() -> descriptor_pb2.FileDescriptorProto:
    kinds = descriptor_pb2.FieldDescriptorProto
    file = descriptor_pb2.FileDescriptorProto(
        name="arterial_sparkplug.proto", package=_PACKAGE, syntax="proto2"
    )
    for name, fields in _MESSAGES.items():
        message = file.message_type.add(name=name)
        for number, field, written in fields:
            bare = written.removeprefix("*")
            made = message.field.add(name=field, number=number)
            made.label = kinds.LABEL_REPEATED if bare != written else kinds.LABEL_OPTIONAL
            if bare in _MESSAGES:
                made.type, made.type_name = kinds.TYPE_MESSAGE, f".{_PACKAGE}.{bare}"
            else:
                made.type = getattr(kinds, f"TYPE_{bare.upper()}")
    return file


def _classes() -> dict[str, Any]:
    pool = descriptor_pool.DescriptorPool()
    pool.Add(_file())
    return {
        name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{_PACKAGE}.{name}"))
        for name in _MESSAGES
    }


Payload: Final[Any] = _classes()["Payload"]
"""The class of a whole payload: `Payload.FromString(bytes)`, `Payload(...).SerializeToString()`."""
