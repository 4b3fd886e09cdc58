"""What a plugin declares so that people sign in with somebody else's account."""

from collections.abc import Mapping
from typing import Protocol

import msgspec

from portalkit.context import Audience
from portalkit.model import Text

__all__ = ("AuthProvider", "Identity", "SignInAttempt")


class SignInAttempt(msgspec.Struct, frozen=True, kw_only=True):
    """One way out to the provider and back.

    The kernel has made all of it, keeps it sealed, bound to the browser, and lets it be used
    once.

    Attributes:
        redirect_url: Where the provider sends the browser back to, with ``state`` in the query.
        state: To be sent along; the kernel has checked it before ``complete`` is called.
        nonce: To be found again in what the provider signs.
        code_verifier: Of PKCE: to be shown when the code is exchanged.
        code_challenge: Of PKCE, method ``S256``: to be sent along.
        locale: Language of whoever signs in.
        business_id: Whose portal it is.
        audience: Whether a contact's person or staff signs in.
    """

    redirect_url: str
    state: str
    nonce: str
    code_verifier: str
    code_challenge: str
    locale: str
    business_id: str
    audience: Audience


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """Who somebody is to the provider, after everything was checked: not what they may do.

    Attributes:
        issuer: Who says so, as in the claim ``iss``.
        subject: Who it is, for ever the same and nobody else, as in ``sub``.
        email: Their address, if the provider knows one.
        is_email_verified: The provider has made sure that it is theirs.
        has_two_factors: The provider has asked for a second factor; none is asked for again.
    """

    issuer: str
    subject: str
    email: str = ""
    is_email_verified: bool = False
    has_two_factors: bool = False


class AuthProvider(Protocol):
    """Somebody who knows who people are: a company's sign-in, another portal.

    Attributes:
        name: Stands in addresses (``acme``), in settings and in the history of who signed in.
        title: On its button: "Sign in with Acme".
        order: Place among others.
        audiences: Who may use it: people of contacts, staff or both.
    """

    name: str
    title: Text
    order: int
    audiences: frozenset[Audience]

    async def begin(self, attempt: SignInAttempt) -> str:
        """Return the address that the browser is sent to: https, or http on this machine."""
        ...

    async def complete(self, attempt: SignInAttempt, answer: Mapping[str, str]) -> Identity | None:
        """Return who came back, or ``None`` if the provider does not say so.

        Everything is to be checked here: who signed, for whom, when, the nonce. An exception
        counts as ``None`` and is logged.

        Args:
            attempt: As it was handed to ``begin``.
            answer: The query that the browser came back with.
        """
        ...
