"""Shield's description of itself: an OpenAPI 3.1 document, made of the same structs that questions and answers are read and written by
(pure)."""

from typing import Any, Final

import msgspec

from shield import answers, questions
from shield.auth import CHALLENGE

REQUEST_ID: Final = "X-Request-Id"
TITLE: Final = "Shield"
ABOUT: Final = (
    "Asks before publishing whether media is known abuse material. Compatible with the Arachnid Shield SDK. Nothing that is sent is "
    "stored; no answer tells a distance; see docs/shield.md."
)
_ERRORS: Final = {
    "400": "the question cannot be read",
    "401": "no key of a provider",
    "403": "this key may not ask so",
    "408": "the question came too slowly",
    "411": "chunked or counted bodies only",
    "413": "too large",
    "429": "too many questions; wait as Retry-After says",
    "503": "wait as Retry-After says and ask again",
}
_MEDIA: Final = {"*/*": {"schema": {"type": "string", "format": "binary"}}}
_PATHS: Final[tuple[tuple[str, str, type | None, type, tuple[str, ...]], ...]] = (
    ("/v1/media/", "Is this picture or video known?", None, answers.ScannedMedia, ("408", "413")),
    (
        "/v1/url/",
        "Is the medium at this URL known? Only of hosts that are allowed for the key.",
        questions.UrlQuestion,
        answers.ScannedMedia,
        ("422",),
    ),
    (
        "/v1/pdq/",
        "What are these PDQ hashes near? A grant of its own.",
        questions.PdqQuestion,
        answers.ScannedPdqs,
        ("413",),
    ),
    ("/v1/digests/", "What are these digests known as?", questions.DigestsQuestion, answers.ScannedBatch, ("413",)),
    (
        "/v1/feedback",
        "An opinion on what was answered before; it is reviewed by people.",
        questions.FeedbackQuestion,
        answers.Accepted,
        ("404",),
    ),
)
"""(path, summary, question, answer, statuses besides the common ones)"""
_OWN: Final = {"404": "nothing was answered so", "422": "the URL gave no medium", **_ERRORS}
_COMMON: Final = ("400", "401", "403", "429", "503")


def document(version: str) -> dict[str, Any]:
    """The whole document, as plain JSON values."""
    kinds = [kind for _, _, asked, answered, _ in _PATHS for kind in (asked, answered) if kind is not None]
    kinds = list(dict.fromkeys([*kinds, answers.Error]))
    schemas, components = msgspec.json.schema_components(kinds, ref_template="#/components/schemas/{name}")
    where = dict(zip(kinds, schemas, strict=True))
    return {
        "openapi": "3.1.0",
        "info": {"title": TITLE, "version": version, "description": ABOUT},
        "security": [{"basic": []}],
        "paths": {
            path: {"post": _operation(path, summary, where.get(asked) if asked else None, where, answered, more)}
            for path, summary, asked, answered, more in _PATHS
        },
        "components": {
            "schemas": components,
            "securitySchemes": {"basic": {"type": "http", "scheme": CHALLENGE.split()[0].lower()}},
            "headers": {
                REQUEST_ID: {
                    "description": "Names this request, in feedback and questions to us.",
                    "schema": {"type": "string"},
                }
            },
        },
    }


def _operation(
    path: str, summary: str, asked: Any, where: dict[type, Any], answered: type, more: tuple[str, ...]
) -> dict[str, Any]:
    body = {"application/json": {"schema": asked}} if asked is not None else _MEDIA
    headers = {REQUEST_ID: {"$ref": f"#/components/headers/{REQUEST_ID}"}}
    responses: dict[str, Any] = {
        "200": {
            "description": "the answer",
            "headers": headers,
            "content": {"application/json": {"schema": where[answered]}},
        }
    }
    for status in sorted((*_COMMON, *more)):
        error = {"application/json": {"schema": where[answers.Error]}}
        responses[status] = {"description": _OWN[status], "headers": headers, "content": error}
    return {
        "operationId": path.removeprefix("/v1/").strip("/"),
        "summary": summary,
        "requestBody": {"required": True, "content": body},
        "responses": responses,
    }
