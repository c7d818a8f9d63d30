"""shield.openapi: what Shield says of itself."""

from openapi_spec_validator import OpenAPIV31SpecValidator

from shield.openapi import REQUEST_ID, document


def test_it_is_valid() -> None:
    OpenAPIV31SpecValidator(document("1.2.3")).validate()


def test_every_answer_names_its_request_and_every_error_says_why() -> None:
    said = document("1")
    for operation in (way["post"] for way in said["paths"].values()):
        for status, answer in operation["responses"].items():
            assert REQUEST_ID in answer["headers"]
            schema = answer["content"]["application/json"]["schema"]["$ref"]
            assert (schema.endswith("/Error")) == (status != "200")
    assert set(said["components"]["schemas"]["Error"]["properties"]) == {"detail"}
    assert said["components"]["securitySchemes"]["basic"] == {"type": "http", "scheme": "basic"}
