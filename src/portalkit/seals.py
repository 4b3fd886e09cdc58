"""Values that only this portal can read: kept in its database, or by a browser for a while.

AES-256-GCM under keys derived from ``secret_keys``, one for each purpose. What a value is
bound to is authenticated with it: sealed for one account, it opens for no other.
"""

import base64
import binascii
import secrets
from collections.abc import Sequence
from typing import Final

from portalkit.config import Secret

__all__ = ("seal", "unseal")

_NONCE_BYTES: Final = 12
_KEY_BYTES: Final = 32
_MAX: Final = 8_000


def _key(secret: Secret, purpose: str) -> bytes:
    # Imported here: hardly any process of the command line needs it.
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF  # noqa: PLC0415

    info = f"portalkit.seal.1:{purpose}".encode()
    hkdf = HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=info)
    return hkdf.derive(secret.value.encode())


def seal(keys: Sequence[Secret], purpose: str, text: str, *, bound_to: str) -> str:
    """Return a text that :func:`unseal` alone can read, as base64url without padding.

    Args:
        keys: Newest first; the first one seals.
        purpose: What it is for; it opens for no other purpose.
        text: What is hidden.
        bound_to: Whom or what it belongs to.
    """
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415

    nonce = secrets.token_bytes(_NONCE_BYTES)
    hidden = AESGCM(_key(keys[0], purpose)).encrypt(nonce, text.encode(), bound_to.encode())
    return base64.urlsafe_b64encode(nonce + hidden).rstrip(b"=").decode()


def unseal(keys: Sequence[Secret], purpose: str, sealed: str, *, bound_to: str) -> str | None:
    """Return what was sealed with any of the keys, or ``None`` if it was not by us for this."""
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415

    if not sealed.isascii() or len(sealed) > _MAX:
        return None
    try:
        raw = base64.b64decode(sealed + "=" * (-len(sealed) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    nonce, hidden = raw[:_NONCE_BYTES], raw[_NONCE_BYTES:]
    for key in keys:
        try:
            return AESGCM(_key(key, purpose)).decrypt(nonce, hidden, bound_to.encode()).decode()
        except (InvalidTag, ValueError):
            continue
    return None
