"""How an address is reached: by itself, or through an operator's HTTP proxy, which is asked for exactly the permitted address and
port (RFC 9110, 9.3.6), so that the address guard holds there too; and what it is called when that goes wrong."""

import asyncio
import errno
import socket
import ssl
from typing import Final

from contracts.faults import Fault
from fetchers.request import Proxy, connect_head

HEAD_BYTES: Final = 8_192
"""Most bytes of a proxy's answer."""
# What this machine ran out of: no host is to blame.
_OURS: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, errno.EADDRNOTAVAIL})


class NoTunnel(OSError):
    """The proxy does not let us through; the message says why, in our own words."""


async def address_of(loop: asyncio.AbstractEventLoop, proxy: Proxy) -> tuple[str, int]:
    """Address and port of a proxy, which may be given by its name. NoTunnel if it has none."""
    try:
        found = await loop.getaddrinfo(proxy.host, proxy.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NoTunnel("the proxy's name has no address") from error
    return str(found[0][4][0]), proxy.port


def family_of(address: str) -> socket.AddressFamily:
    """The family of an IP address as text."""
    return socket.AF_INET6 if ":" in address else socket.AF_INET


async def tunnel(loop: asyncio.AbstractEventLoop, sock: socket.socket, address: str, port: int) -> None:
    """Have the proxy at the other end of a connected socket pass everything on to an address. NoTunnel if it does not."""
    await loop.sock_sendall(sock, connect_head(address, port))
    head = bytearray()
    while not head.endswith(b"\r\n\r\n"):
        if len(head) >= HEAD_BYTES:
            raise NoTunnel("the proxy's answer is too long")
        # One byte at a time: what follows the answer is the server's, and belongs to whoever reads next.
        byte = await loop.sock_recv(sock, 1)
        if not byte:
            raise NoTunnel("the proxy closed the connection")
        head += byte
    version, _, rest = bytes(head).partition(b" ")
    if not version.startswith(b"HTTP/1.") or not (rest[:1] == b"2" and rest[:3].isdigit()):
        raise NoTunnel(
            f"the proxy refuses: {rest[:3].decode('ascii')}" if rest[:3].isdigit() else "that is no HTTP proxy"
        )


def connect_fault(error: OSError | ValueError, step: Fault) -> tuple[Fault, str]:
    """The name of what went wrong while connecting; `step` is how a time-out there is called."""
    if isinstance(error, ValueError) and not isinstance(error, OSError):
        return Fault.TLS_FAILED, "a name that cannot be sent as SNI"
    if isinstance(error, ssl.SSLError):
        return Fault.TLS_FAILED, error.reason or ""
    if isinstance(error, TimeoutError):
        return step, ""
    detail = errno.errorcode.get(error.errno or 0, "")
    if error.errno in _OURS:
        return Fault.BUSY, detail
    if step == Fault.BAD_ROUTE:
        return step, str(error) if isinstance(error, NoTunnel) else detail
    if step == Fault.TLS_TIMEOUT:
        return Fault.TLS_FAILED, detail
    return (Fault.CONNECT_REFUSED if isinstance(error, ConnectionRefusedError) else Fault.CONNECT_FAILED), detail
