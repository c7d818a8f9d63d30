"""What is sealed of a place: its canonical URL, and the server address that it was fetched from.

Neither a canonical URL nor an address holds a line feed. Text without one is a URL from before addresses were sealed too.
"""

from ipaddress import ip_address


def located(url: str, address: str) -> str:
    """The text to seal."""
    return f"{url}\n{address}" if address else url


def opened_place(text: str) -> tuple[str, str]:
    """(URL, address) of an opened text; the address is empty if there is none, or none that can be one."""
    url, _, address = text.partition("\n")
    try:
        ip_address(address)
    except ValueError:
        return url, ""
    return url, address
