"""TLS as a crawler needs it: whoever answers is heard, and what is wrong with the certificate is recorded."""

import asyncio
import ssl

from fetchers.certificate import fault_of


def crawler_context() -> ssl.SSLContext:
    """TLS 1.2 and later without verification, with the old ciphers and renegotiation that old servers still need."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    # Servers that never learnt secure renegotiation (RFC 5746), or close without saying so (RFC 8446, 6.1).
    context.options |= getattr(ssl, "OP_LEGACY_SERVER_CONNECT", 0x4) | getattr(ssl, "OP_IGNORE_UNEXPECTED_EOF", 0x80)
    context.set_alpn_protocols(["http/1.1"])
    return context


def tls_fault(transport: asyncio.BaseTransport, host: str, now: float) -> str:
    """The `TlsFault` of a connected transport's certificate, "" for none."""
    encrypted = transport.get_extra_info("ssl_object")
    certificate = encrypted.getpeercert(binary_form=True) if encrypted is not None else None
    return fault_of(certificate, host, now) if certificate else ""
