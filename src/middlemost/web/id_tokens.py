"""ID tokens of OpenID Connect: what a provider signed about somebody, believed only where all of it holds.

After OpenID Connect Core 1.0, section 3.1.3.7. Signatures are checked by joserfc, which comes with the extra `oidc`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from hmac import compare_digest
from typing import Any

from middlemost.errors import AccessError

# Made with a private key of the provider's. Neither `none`, nor those of a secret that both sides know.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
LEEWAY = 60.0  # seconds by which clocks may differ
LONGEST_SUBJECT = 255

Keys = Mapping[str, Any]


def read(token: str, keys: Callable[[bool], Keys], *, issuer: str, client: str, nonce: str) -> dict[str, Any]:
    """The claims of an ID token. AccessError, with what does not hold, for one that is not to be believed.

    `keys(False)` are the provider's keys as they are known, `keys(True)` those that it has now: asked for once, where
    the token was signed with one that is not known.
    """
    claims = _signed(token, keys)
    audience = claims.get("aud")
    audience = audience if isinstance(audience, list) else [audience]
    now = time.time()
    wrong = {
        "it comes from another provider": claims.get("iss") != issuer,
        "it is for another server": client not in audience or claims.get("azp", client) != client,
        "it is for several servers": len(audience) > 1 and "azp" not in claims,
        "it has run out": not _is_time(claims.get("exp")) or claims["exp"] + LEEWAY <= now,
        "it is from the future": not _is_past(claims.get("iat", now), now) or not _is_past(claims.get("nbf", now), now),
        "it belongs to another sign-in": not compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()),
        "it says of nobody": not _is_subject(claims.get("sub")),
    }
    for reason, holds in wrong.items():
        if holds:
            raise refused(reason)
    return claims


def refused(reason: str) -> AccessError:
    """What to tell of something that is not to be believed."""
    return AccessError(f"What the provider sent is not to be believed: {reason}.", mend="Begin again.")


def _signed(token: str, keys: Callable[[bool], Keys]) -> dict[str, Any]:
    """The claims, where a key of the provider's signed them."""
    from joserfc import jwt
    from joserfc.errors import InvalidKeyIdError, JoseError
    from joserfc.jwk import KeySet

    def decoded(known: Any) -> dict[str, Any]:
        return jwt.decode(token, KeySet.import_key_set(known), algorithms=ALGORITHMS).claims

    try:
        try:
            return decoded(keys(False))
        except InvalidKeyIdError:
            return decoded(keys(True))
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise refused("none of its keys signed it") from error


def _is_time(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_past(value: Any, now: float) -> bool:
    return _is_time(value) and value <= now + LEEWAY


def _is_subject(value: object) -> bool:
    return isinstance(value, str) and 1 <= len(value) <= LONGEST_SUBJECT
