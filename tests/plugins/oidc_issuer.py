"""A small issuer of OpenID Connect on loopback, that can be made to lie."""

import base64
import hashlib
import json
import secrets
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey

CLIENT = "portal"
SECRET = "a secret of the client / 1"


class Issuer:
    """Knows one person; what it says can be changed between two requests.

    Attributes:
        person: Claims about whoever signs in there.
        lies: Claims that take the place of right ones in the next tokens.
        sign: Makes the token of claims; a right signature by default.
    """

    def __init__(self, url):
        self.url = url
        self.key = RSAKey.generate_key(2048, {"kid": "1", "use": "sig"}, private=True)
        self.person = {"sub": "ana-1", "email": "ana@ana.example", "email_verified": True}
        self.lies = {}
        self.sign = self.signed
        self.codes = {}
        self.refusals = []

    def signed(self, claims, key=None):
        return jwt.encode({"alg": "RS256", "kid": "1"}, claims, key or self.key)

    def unsigned(self, claims):
        parts = [json.dumps(part).encode() for part in ({"alg": "none"}, claims)]
        return (
            ".".join(base64.urlsafe_b64encode(each).rstrip(b"=").decode() for each in parts) + "."
        )

    def signed_with_the_public_key(self, claims):
        shared = OctKey.import_key(self.key.as_pem(private=False))
        return jwt.encode({"alg": "HS256", "kid": "1"}, claims, shared, algorithms=["HS256"])

    def signed_by_another(self, claims):
        return self.signed(claims, RSAKey.generate_key(2048, {"kid": "1"}, private=True))

    def discovery(self):
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
        }

    def keys(self):
        return KeySet([self.key]).as_dict(private=False)

    def authorize(self, query):
        """Let whoever asks in at once, and return where the browser goes with the code."""
        code = secrets.token_urlsafe(16)
        self.codes[code] = query
        answer = {"code": code, "state": query["state"], "iss": self.url}
        return f"{query['redirect_uri']}?{urlencode(answer)}"

    def exchange(self, authorization, form):
        """Return a token for a code, once, to the client that asked, or ``None``."""
        known = self.codes.pop(form.get("code"), None)
        credentials = base64.b64encode(f"{CLIENT}:{quote(SECRET, safe='')}".encode()).decode()
        if known is None or authorization != f"Basic {credentials}":
            return self._refuse("code")
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if challenge != known["code_challenge"] or form["redirect_uri"] != known["redirect_uri"]:
            return self._refuse("verifier")
        now = int(time.time())
        claims = {
            "iss": self.url,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": known["nonce"],
            **self.person,
        }
        told = {name: value for name, value in (claims | self.lies).items() if value is not None}
        return {"id_token": self.sign(told), "access_token": "x", "token_type": "Bearer"}

    def _refuse(self, why):
        self.refusals.append(why)


class _Handler(BaseHTTPRequestHandler):
    issuer: Issuer

    def do_GET(self):
        path, _, query = self.path.partition("?")
        if path == "/authorize":
            first = {name: values[0] for name, values in parse_qs(query).items()}
            self.send_response(303)
            self.send_header("location", self.issuer.authorize(first))
            self.send_header("content-length", "0")
            self.end_headers()
        elif path == "/keys":
            self._answer(self.issuer.keys())
        else:
            self._answer(self.issuer.discovery())

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        said = self.issuer.exchange(self.headers.get("authorization"), form)
        self._answer(said or {"error": "invalid_grant"}, 200 if said else 400)

    def _answer(self, said, status=200):
        body = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Say nothing."""


@contextmanager
def serve_issuer():
    """Serve an issuer for as long as the block lasts."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    issuer = Issuer(f"http://127.0.0.1:{server.server_address[1]}")
    server.RequestHandlerClass = type("Handler", (_Handler,), {"issuer": issuer})
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield issuer
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def query_of(url):
    """Return the parameters of an address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
