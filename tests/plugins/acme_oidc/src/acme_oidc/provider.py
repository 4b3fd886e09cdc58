"""OpenID Connect: the authorization code flow, with every check that its text asks for."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote, urlencode

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from acme_oidc.settings import OidcSettings
from portalkit.hooks import Audience, Identity, SignInAttempt
from portalkit.model import lazy_gettext

__all__ = ("OidcProvider", "RefusedError")

# Never what the token itself names: "none" and a public key taken for a shared secret.
_ALGORITHMS: Final = ("RS256", "ES256")
_LEEWAY_SECONDS: Final = 60


class RefusedError(Exception):
    """What came back is not what was asked for."""


class OidcProvider:
    """Knows people by an issuer of OpenID Connect."""

    name = "acme"
    title = lazy_gettext("Sign in with Acme ID")
    order = 100

    def __init__(self, settings: OidcSettings) -> None:
        self._settings = settings
        staff = {Audience.STAFF} if settings.for_staff else set()
        self.audiences = frozenset({Audience.CONTACT, *staff})

    async def begin(self, attempt: SignInAttempt) -> str:
        """Return the issuer's page on which one signs in."""
        async with httpx.AsyncClient(timeout=10) as client:
            found = await self._discover(client)
        parameters = {
            "response_type": "code",
            "client_id": self._settings.client_id,
            "redirect_uri": attempt.redirect_url,
            "scope": "openid email",
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": attempt.code_challenge,
            "code_challenge_method": "S256",
            "ui_locales": attempt.locale,
        }
        return f"{found['authorization_endpoint']}?{urlencode(parameters)}"

    async def complete(self, attempt: SignInAttempt, answer: Mapping[str, str]) -> Identity | None:
        """Exchange the code and check the token that comes for it."""
        # Another issuer's answer must not be taken for this one's (RFC 9207).
        if answer.get("iss", self._settings.issuer) != self._settings.issuer:
            raise RefusedError("the answer is of another issuer")
        code = answer.get("code")
        if code is None:
            # Somebody pressed "Cancel" there.
            return None
        async with httpx.AsyncClient(timeout=10) as client:
            found = await self._discover(client)
            token = await self._exchange(client, found["token_endpoint"], attempt, code)
            keys = (await client.get(found["jwks_uri"])).raise_for_status().json()
        claims = self._claims(token, keys, attempt)
        return Identity(
            issuer=claims["iss"],
            subject=claims["sub"],
            email=claims.get("email", ""),
            is_email_verified=claims.get("email_verified") is True,
            has_two_factors="mfa" in claims.get("amr", ()),
        )

    async def _discover(self, client: httpx.AsyncClient) -> dict[str, Any]:
        address = f"{self._settings.issuer}/.well-known/openid-configuration"
        found: dict[str, Any] = (await client.get(address)).raise_for_status().json()
        if found.get("issuer") != self._settings.issuer:
            raise RefusedError("the issuer calls itself otherwise")
        return found

    async def _exchange(
        self, client: httpx.AsyncClient, address: str, attempt: SignInAttempt, code: str
    ) -> str:
        secret = quote(self._settings.client_secret, safe="")
        answer = await client.post(
            address,
            auth=(quote(self._settings.client_id, safe=""), secret),
            data={
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": attempt.redirect_url,
                "code_verifier": attempt.code_verifier,
            },
        )
        token = answer.raise_for_status().json().get("id_token")
        if not isinstance(token, str):
            raise RefusedError("there is no ID token")
        return token

    def _claims(self, token: str, keys: Any, attempt: SignInAttempt) -> dict[str, Any]:
        try:
            decoded = jwt.decode(token, KeySet.import_key_set(keys), algorithms=_ALGORITHMS)
            jwt.JWTClaimsRegistry(
                leeway=_LEEWAY_SECONDS,
                iss={"essential": True, "value": self._settings.issuer},
                aud={"essential": True, "value": self._settings.client_id},
                sub={"essential": True},
                exp={"essential": True},
                iat={"essential": True},
                nonce={"essential": True, "value": attempt.nonce},
            ).validate(decoded.claims)
        except (JoseError, ValueError) as error:
            raise RefusedError(f"the ID token is refused: {error}") from error
        return decoded.claims
