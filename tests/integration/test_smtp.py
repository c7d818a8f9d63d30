"""E-mail to a real mail server: over verified TLS or not at all, once and with one Message-ID."""

import asyncio
import socket
from contextlib import suppress
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from contracts.errors import Unavailable, UsageError
from contracts.notices import Refused, Unfit, Withheld, reference
from contracts.recipients import Recipient
from contracts.removal import Notices, Operator
from notices.senders.smtp import Mail
from tests.notices import MESSAGE_ID, OPERATOR, notice, place
from tests.smtpd import PASSWORD, USER, mail_server

ONE = notice()


@pytest.mark.parametrize("tls", ["starttls", "tls"])
async def test_a_notice_is_handed_over_over_verified_tls(tmp_path: Path, tls: str) -> None:
    async with mail_server(tmp_path, tls=tls) as server:
        done = await Mail(server.settings(smtp_tls=tls), OPERATOR).send(ONE)
    assert done.accepted and not done.dry and done.said == "250 2.0.0 OK"
    (got,) = server.received
    assert (got.sender, got.recipients, got.secured) == (OPERATOR.contact, ["abuse@host.example"], True)
    mail = message_from_bytes(got.data, policy=default)
    assert mail["Message-ID"] == f"<{MESSAGE_ID}>" and mail["From"].addresses[0].addr_spec == OPERATOR.contact


async def test_delivery_reports_of_headers_only_where_offered(tmp_path: Path) -> None:
    async with mail_server(tmp_path) as server:
        sender = Mail(server.settings(smtp_from="robot@hotline.example"), OPERATOR)
        await sender.send(ONE)
        server.dsn = False
        await sender.send(ONE)
    number = reference(ONE.notice_id, MESSAGE_ID)
    assert [one.options for one in server.received] == [["RET=HDRS", f"ENVID={number}", "NOTIFY=FAILURE,DELAY"], []]
    assert {one.sender for one in server.received} == {"robot@hotline.example"}


async def test_nothing_is_sent_where_tls_cannot_be_verified(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    async with mail_server(tmp_path) as server, mail_server(tmp_path / "other", addresses=["127.0.0.9"]) as elsewhere:
        for settings in (
            server.settings(smtp_ca=""),
            server.settings(smtp_ca=str(tmp_path / "other" / "ca.pem")),
            elsewhere.settings(),
        ):
            with pytest.raises(Withheld, match="cannot be verified: nothing is sent"):
                await Mail(settings, OPERATOR).send(ONE)
        assert not server.received and not elsewhere.received
    async with mail_server(tmp_path, tls="tls") as server:
        with pytest.raises(Withheld):
            await Mail(server.settings(smtp_tls="tls", smtp_ca=""), OPERATOR).send(ONE)
    async with mail_server(tmp_path, tls="none") as server:
        with pytest.raises(Withheld, match="offers no STARTTLS: nothing is sent"):
            await Mail(server.settings(), OPERATOR).send(ONE)
        assert not server.received


async def test_none_only_to_loopback(tmp_path: Path) -> None:
    async with mail_server(tmp_path, tls="none") as server:
        await Mail(server.settings(smtp_tls="none"), OPERATOR).send(ONE)
    assert [one.secured for one in server.received] == [False]
    for host in ("mail.example", "192.0.2.1", "127.0.0.1.example"):
        with pytest.raises(UsageError, match="this machine only"):
            Mail(Notices(smtp_host=host, smtp_tls="none"), OPERATOR)


async def test_logging_in(tmp_path: Path) -> None:
    async with mail_server(tmp_path, login=True) as server:
        done = await Mail(server.settings(smtp_user=USER, smtp_password=PASSWORD), OPERATOR).send(ONE)
        assert done.accepted
        for settings in (server.settings(smtp_user=USER, smtp_password="wrong"), server.settings()):
            with pytest.raises(Unavailable) as error:
                await Mail(settings, OPERATOR).send(ONE)
            assert not isinstance(error.value, Withheld) and "wrong" not in str(error.value)
    assert len(server.received) == 1


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
async def test_greylisting_is_tried_again_with_the_same_message(tmp_path: Path, command: str) -> None:
    async with mail_server(tmp_path) as server:
        server.answers[command] = ["451 4.7.1 greylisted, come back in 5 minutes"]
        sender = Mail(server.settings(), OPERATOR)
        with pytest.raises(Unavailable, match=r"451 4\.7\.1 greylisted"):
            await sender.send(ONE)
        assert (await sender.send(ONE)).accepted and len(server.received) == 1


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
async def test_refused_for_good(tmp_path: Path, command: str) -> None:
    async with mail_server(tmp_path) as server:
        server.answers[command] = ["554 5.7.1 blocked, see https://media.example/files/1.jpg?size=large"]
        with pytest.raises(Refused, match=r"554 5\.7\.1 blocked") as error:
            await Mail(server.settings(), OPERATOR).send(ONE)
    assert "media.example" not in str(error.value) and not server.received


async def test_killed_before_the_server_could_say_so_it_is_sent_again_byte_for_byte(tmp_path: Path) -> None:
    async with mail_server(tmp_path) as server:
        server.drop = 1
        sender = Mail(server.settings(), OPERATOR)
        with pytest.raises(Unavailable, match="was lost"):
            await sender.send(ONE)
        await sender.send(ONE)
    first, second = server.received
    assert first.data == second.data and f"<{MESSAGE_ID}>".encode() in first.data


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
async def test_a_server_that_stalls(tmp_path: Path, command: str) -> None:
    async with mail_server(tmp_path) as server:
        server.stall = command
        for times in ((20.0, 0.3), (0.4, 20.0)):
            with pytest.raises(Unavailable, match="stopped answering"):
                await Mail(server.settings(), OPERATOR, *times).send(ONE)


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"554 go away\r\n",
        b"hello\r\n",
        b"220 hi\r\n" + b"250-" + b"x" * 100_000,
        b"\xff\xfe\r\n",
        b"220-" + b"a\r\n220-" * 20_000,
        b"220 hi\r\n250-x\r\n250 STARTTLS\r\n220 go\r\nno tls at all\r\n",
        b"220 hi\r\n999 what\r\n",
    ],
)
async def test_a_server_that_talks_nonsense(tmp_path: Path, said: bytes) -> None:
    talking: set[asyncio.StreamWriter] = set()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talking.add(writer)
        for piece in said.split(b"\r\n") if len(said) < 1_000 else [said]:
            writer.write(piece + b"\r\n")
            if not await reader.read(1_000):
                break
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
        talking.discard(writer)

    async with await asyncio.start_server(talk, "127.0.0.1", 0) as server:
        settings = Notices(smtp_host="127.0.0.1", smtp_port=server.sockets[0].getsockname()[1])
        with pytest.raises(Unavailable):
            await Mail(settings, OPERATOR, 10.0, 1.0).send(ONE)
        async with asyncio.timeout(10.0):
            while talking:
                await asyncio.sleep(0.01)


async def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(Unavailable):
        await Mail(Notices(smtp_host="127.0.0.1", smtp_port=port), OPERATOR).send(ONE)


async def test_a_signed_notice(tmp_path: Path) -> None:
    key = rsa.generate_private_key(65537, 2048)
    form, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (tmp_path / "dkim.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, form, plain))
    (tmp_path / "dkim.pem").chmod(0o600)
    async with mail_server(tmp_path) as server:
        settings = server.settings(dkim_selector="s1", dkim_key=str(tmp_path / "dkim.pem"))
        await Mail(settings, OPERATOR).send(ONE)
    (got,) = server.received
    assert got.data.startswith(b"DKIM-Signature: ") and b"d=hotline.example" in got.data[:400]


@pytest.mark.parametrize("contact", ["nobody", "a@b.example>\r\nRCPT TO:<x@y.example", "é@b.example", ""])
async def test_an_address_that_is_none(tmp_path: Path, contact: str) -> None:
    async with mail_server(tmp_path) as server:
        with pytest.raises(Unfit):
            await Mail(server.settings(), OPERATOR).send(
                notice(recipient=Recipient("email:x", "host", "x", "email", contact))
            )
        assert not server.received


async def test_long_lines_and_dots_arrive_as_they_were(tmp_path: Path) -> None:
    one = notice(place(url="https://media.example/." + "\r\n.\r\n" + "x" * 3_000))
    async with mail_server(tmp_path) as server:
        await Mail(server.settings(), OPERATOR).send(one)
    (got,) = server.received
    assert [part.get_content_type() for part in message_from_bytes(got.data).walk()].count("application/json") == 2


def test_settings_that_cannot_work(tmp_path: Path) -> None:
    (tmp_path / "no.pem").write_bytes(b"no")
    for settings, why in (
        (Notices(), r"notices\.smtp_host"),
        (Notices(smtp_host="mail.example", smtp_from="nobody"), r"notices\.smtp_from"),
        (Notices(smtp_host="mail.example", smtp_ca=str(tmp_path / "no.pem")), r"notices\.smtp_ca"),
        (Notices(smtp_host="mail.example", smtp_ca=str(tmp_path / "none.pem")), r"notices\.smtp_ca"),
        (Notices(smtp_host="mail.example", dkim_selector="s"), r"notices\.dkim_key"),
    ):
        with pytest.raises(UsageError, match=why):
            Mail(settings, OPERATOR)
    with pytest.raises(UsageError, match=r"operator\.name, operator\.country"):
        Mail(Notices(smtp_host="mail.example"), Operator())
