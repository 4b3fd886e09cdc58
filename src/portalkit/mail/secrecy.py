"""What of a mail lets somebody in: sealed for as long as it waits, and for that mail alone."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from portalkit.config import Secret
from portalkit.seals import seal, unseal

__all__ = ("open_secrets", "seal_secrets")

_PURPOSE: Final = "mail.secrets"


def seal_secrets(keys: Sequence[Secret], mail_id: str, secrets: Mapping[str, Any]) -> str:
    """Return the secret variables of a mail as they are stored."""
    text = msgspec.json.encode(secrets).decode()
    return seal(keys, _PURPOSE, text, bound_to=mail_id)


def open_secrets(keys: Sequence[Secret], mail_id: str, sealed: str) -> Mapping[str, Any]:
    """Return the secret variables of a mail.

    Raises:
        ValueError: If they were sealed with none of the keys, or for another mail.
    """
    text = unseal(keys, _PURPOSE, sealed, bound_to=mail_id)
    if text is None:
        raise ValueError("its secrets cannot be read: the key they were sealed with is gone")
    secrets: Mapping[str, Any] = msgspec.json.decode(text, type=dict[str, Any])
    return secrets
