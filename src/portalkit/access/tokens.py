"""Signed pairs of an id and a secret: what links and remembered browsers are known by."""

import hashlib
from collections.abc import Sequence
from typing import Final

from itsdangerous import BadSignature, URLSafeSerializer

from portalkit.config import Secret
from portalkit.model.ids import is_id

__all__ = ("read_signed", "sign")

_MAX_TOKEN: Final = 400


def _serializer(keys: Sequence[Secret], purpose: str) -> URLSafeSerializer:
    # itsdangerous signs with the last key of its list and tries all of them.
    signing_last = [key.value for key in reversed(keys)]
    return URLSafeSerializer(
        signing_last,
        salt=f"portalkit.{purpose}",
        signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"},
    )


def sign(keys: Sequence[Secret], purpose: str, row_id: str, secret: str) -> str:
    """Return a token; the purpose is its salt, so that it fits no other door."""
    return str(_serializer(keys, purpose).dumps([row_id, secret]))


def read_signed(keys: Sequence[Secret], purpose: str, token: str) -> tuple[str, str] | None:
    """Return a token's id and secret, or ``None`` if we did not sign it for this purpose."""
    if len(token) > _MAX_TOKEN or not token.isascii():
        return None
    try:
        payload = _serializer(keys, purpose).loads(token)
    except BadSignature:
        return None
    match payload:
        case [str(row_id), str(secret)] if is_id(row_id):
            return row_id, secret
    return None
