"""How two processes frame what they say to each other."""

import struct
from typing import BinaryIO, Final, TypeVar

import msgspec

__all__ = ("receive", "send")

_LENGTH: Final = struct.Struct(">Q")
_Message = TypeVar("_Message", bound=msgspec.Struct)


def send(stream: BinaryIO, message: msgspec.Struct) -> None:
    """Write one message.

    Raises:
        OSError: If the other side is gone.
    """
    content = msgspec.msgpack.encode(message)
    stream.write(_LENGTH.pack(len(content)))
    stream.write(content)
    stream.flush()


def receive(stream: BinaryIO, kind: type[_Message]) -> _Message | None:
    """Read one message, or return ``None`` if the other side is gone.

    Raises:
        msgspec.DecodeError: If the other side speaks another language.
    """
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    content = stream.read(length)
    if len(content) < length:
        return None
    return msgspec.msgpack.decode(content, type=kind)
