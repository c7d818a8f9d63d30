"""The file of the assessment tool."""

from pathlib import Path

import pytest

from contracts.errors import UsageError
from crawlctl.desk.offices import read_tool

KEY = "ab" * 32


def test_a_tool_is_read_from_its_file(tmp_path: Path) -> None:
    file = tmp_path / "tool.toml"
    file.write_text(f'public_key = "{KEY}"\nverify_key = "{KEY}"\nwebhook = "https://tool.example/in"\n')
    found = read_tool(str(file))
    assert found is not None and found.webhook == "https://tool.example/in"
    assert read_tool("") is None


@pytest.mark.parametrize("content", [b"", b"= 1", b"\xff", b"[" * 5000, f'public_key = "{KEY}"'.encode()])
def test_a_file_that_is_none(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "tool.toml"
    file.write_bytes(content)
    with pytest.raises(UsageError, match=r"review\.handoff") as caught:
        read_tool(str(file))
    assert KEY not in str(caught.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read_tool(str(tmp_path / "none"))
