"""fetchers.service.single: one URL for a provider; what a server answers is judged, and its words are never repeated."""

from typing import Any

import pytest
from multidict import CIMultiDict, CIMultiDictProxy

from contracts.faults import Cut
from contracts.settings import Settings
from fetchers.response import Failure, Resolution, Response
from fetchers.service.single import PER_HOST, Single


class Client:
    """Answers with what it is told."""

    def __init__(self, answer: Response | Failure, addresses: list[str]) -> None:
        self.answer, self.addresses, self.orders = answer, addresses, list[Any]()

    async def resolve(self, host: str) -> Resolution:
        return Resolution(self.addresses, error="" if self.addresses else "dns_not_found")

    async def fetch(self, item: Any, order: Any, *, sink: Any) -> Response | Failure:
        self.orders.append(order)
        return self.answer


def response(status: int = 200, body: bytes = b"x", cut: str = "") -> Response:
    fields = CIMultiDictProxy(CIMultiDict({"Content-Type": "image/png", "Location": "http://secret.test/"}))
    return Response(status, fields, body, len(body), cut, 0.0, 1.0, "192.0.2.1")


def single(answer: Response | Failure, addresses: list[str]) -> tuple[Single, Client]:
    one = Single(Settings(), 1_000, lambda: 5.0)
    client = Client(answer, addresses)
    one._client = client  # type: ignore[assignment]
    return one, client


@pytest.mark.parametrize(
    ("answer", "word", "busy"),
    [
        (response(301), "redirects", False),
        (response(404), "404", False),
        (response(cut=Cut.BODY_BYTES), "too large", False),
        (response(cut="reset"), "whole (reset)", False),
        (response(body=b""), "empty", False),
        (Failure("connect_refused", "", 0.0, 0.0, False), "connect_refused", False),
        (Failure("busy", "", 0.0, 0.0, False), "busy", True),
    ],
)
async def test_what_is_no_medium(answer: Response | Failure, word: str, busy: bool) -> None:
    one, _ = single(answer, ["192.0.2.1"])
    fetched = await one("http://a.test/x", lambda data: None)
    assert word in fetched.why and fetched.busy is busy
    assert "secret" not in fetched.why and "a.test" not in fetched.why


async def test_a_medium_comes_by_one_order_with_bounds() -> None:
    one, client = single(response(), ["192.0.2.1"])
    fetched = await one("http://a.test/x", lambda data: None)
    assert (bytes(fetched.body), fetched.media_type, fetched.why) == (b"x", "image/png", "")
    (order,) = client.orders
    assert (order.address, order.limits.body_bytes, order.deadline) == ("192.0.2.1", 1_000, 5.0 + 120.0)
    assert [item.url for item in order.items] == ["http://a.test/x"]


async def test_no_address_no_url_and_too_many_of_a_host() -> None:
    one, client = single(response(), [])
    assert "dns_not_found" in (await one("http://a.test/x", lambda data: None)).why
    assert "no URL" in (await one("nonsense", lambda data: None)).why
    one._hosts["a.test"] = PER_HOST
    assert (await one("http://a.test/x", lambda data: None)).busy
    assert not client.orders
