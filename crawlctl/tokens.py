"""Tokens of an OIDC issuer, verified offline: signature by the issuer's public keys from a file, issuer, audience, expiry, role.

JSON Web Tokens (RFC 7519) with asymmetric signatures only. A person is known by `sub`, the one claim that an issuer promises
to keep and never to give to somebody else (OpenID Connect Core, 5.7): names could be changed to be two people.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from contracts.errors import UsageError
from contracts.people import PEOPLE, Identity
from contracts.settings import Settings

if TYPE_CHECKING:
    from jwt import PyJWKSet

ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
TOKEN_BYTES: Final = 16 * 1024
KEYS_BYTES: Final = 256 * 1024
SUBJECT_CHARS: Final = 255
"""OpenID Connect Core, 2: the longest `sub`."""
LEEWAY: Final = 30
"""Seconds by which the issuer's clock may differ from ours."""


class Tokens:
    """Believes the tokens of one issuer; without one, none."""

    def __init__(
        self, issuer: str = "", audience: str = "", keys: "PyJWKSet | None" = None, roles: str = "roles"
    ) -> None:
        self._issuer, self._audience, self._keys, self._roles = issuer, audience, keys, roles

    @classmethod
    def from_settings(cls, settings: Settings) -> "Tokens":
        """By `review.oidc_*`. UsageError if they are only half given, or the file of keys cannot be used."""
        review = settings.review
        if not review.oidc_issuer:
            return cls()
        if not review.oidc_audience or not review.oidc_keys:
            raise UsageError("review.oidc_issuer needs review.oidc_audience and review.oidc_keys as well")
        return cls(review.oidc_issuer, review.oidc_audience, read_keys(Path(review.oidc_keys)), review.oidc_roles)

    def identity(self, token: str) -> Identity | None:
        """Whose token that is; None if it is not to be believed."""
        try:
            return self.check(token)
        except UsageError:
            return None

    def check(self, token: str) -> Identity:
        """Whose token that is. UsageError says why it is not believed, without a word of it."""
        if self._keys is None:
            raise UsageError("no issuer's tokens are believed here: review.oidc_issuer is not set")
        claims = self._claims(token, self._keys)
        subject = claims["sub"]
        if not isinstance(subject, str) or not 0 < len(subject) <= SUBJECT_CHARS or not subject.isprintable():
            raise UsageError("the token is not believed: its subject is no name")
        said = _claim(claims, self._roles)
        named = {said} if isinstance(said, str) else {one for one in said if isinstance(one, str)}
        ours = sorted(named & set(PEOPLE))
        if len(ours) != 1:
            raise UsageError(
                f"the token names {' and '.join(ours) or 'no role of ours'}; its claim {self._roles} must name one of {', '.join(PEOPLE)}"
            )
        return Identity(subject, ours[0], 0, (), "oidc")

    def _claims(self, token: str, keys: "PyJWKSet") -> dict[str, Any]:
        import jwt

        if len(token) > TOKEN_BYTES:
            raise UsageError(f"the token is longer than {TOKEN_BYTES} bytes")
        try:
            identifier = jwt.get_unverified_header(token).get("kid")
            fitting = [key for key in keys.keys if identifier is None or key.key_id == identifier]
            if len(fitting) != 1:
                raise UsageError("the token is not believed: it was signed with none of the keys in review.oidc_keys")
            return jwt.decode(
                token,
                fitting[0],
                algorithms=ALGORITHMS,
                audience=self._audience,
                issuer=self._issuer,
                leeway=LEEWAY,
                options={"require": ["exp", "iss", "aud", "sub"]},
            )
        except jwt.ExpiredSignatureError:
            raise UsageError("the token has expired; get a new one from the issuer") from None
        except (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError) as error:
            raise UsageError(f"the token is not believed ({type(error).__name__})") from None


def read_keys(path: Path) -> "PyJWKSet":
    """An issuer's public keys (JWKS, RFC 7517). UsageError if the file holds none."""
    import jwt

    try:
        with path.open("rb") as file:
            data = file.read(KEYS_BYTES + 1)
    except (OSError, ValueError) as error:
        raise UsageError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or 'no such name'}") from None
    if len(data) > KEYS_BYTES:
        raise UsageError(f"{path}: is longer than {KEYS_BYTES} bytes; is it a file of public keys?")
    try:
        found = jwt.PyJWKSet.from_json(data.decode())
    except (jwt.PyJWTError, ValueError, TypeError, AttributeError, RecursionError):
        raise UsageError(f"{path}: is no set of public keys (JWKS) that can be used") from None
    found.keys = [key for key in found.keys if key.key_type in ("RSA", "EC", "OKP")]
    if not found.keys:
        raise UsageError(f"{path}: holds no public key; a shared secret is not believed")
    return found


def _claim(claims: dict[str, Any], name: str) -> Any:
    """A claim by its name, or by its way through objects, like realm_access.roles; () if there is none."""
    if name in claims:
        value: Any = claims[name]
    else:
        value = claims
        for part in name.split("."):
            value = value.get(part) if isinstance(value, dict) else None
    return value if isinstance(value, (str, list)) else ()
