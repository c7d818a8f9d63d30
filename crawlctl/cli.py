"""`crawlctl`: reads the command line, runs one verb, and turns every failure into one line and an exit code.

Exit codes: 0 done; 1 something failed; 2 the input cannot be used; 70 a fault of ours; 130 stopped by Ctrl-C; 141 whoever
read our output went away.
"""

import argparse
import errno
import logging
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, Final, NoReturn

from contracts.errors import PisauraError, UsageError
from crawlctl.output import one_line
from crawlctl.registry import BY_NAME, VERBS
from crawlctl.settings import DEBUG, load

FAILED: Final = 1
USAGE: Final = 2
OUR_FAULT: Final = 70
INTERRUPTED: Final = 130
BROKEN_PIPE: Final = 141

ABOUT: Final = (
    "Crawls the public web politely, computes digests of pictures and videos, and matches them against known lists."
)
MORE: Final = """\
examples:
  crawlctl run --seeds seeds.txt --known known.csv --state ./state --until-idle
  crawlctl matches --state ./state --json
  crawlctl try url 'HTTP://Example.ORG:80/a/../b' --json
  crawlctl settings --example > pisaura.toml

`crawlctl VERB --help` tells more. Settings come from the file given by --settings and from environment variables
PISAURA_<GROUP>_<KEY>. Exit codes: 0 done, 1 failed, 2 unusable input, 70 a fault of crawlctl, 130 stopped by Ctrl-C."""


class Parser(argparse.ArgumentParser):
    """Complains in one line, and takes options and other arguments in any order."""

    _inside = False

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}; see `{self.prog} --help`")

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """As the library's; `FILE --option X URL` would otherwise lose the URL. After `--` the order is as the library's."""
        if self._inside or self._subparsers is not None or "--" in (args or ()):
            return super().parse_known_args(args, namespace)
        self._inside = True
        try:
            namespace, rest = self.parse_known_intermixed_args(args, namespace)
        finally:
            self._inside = False
        if rest:
            self.error(_unknown(self, rest))
        return namespace, rest


def _unknown(parser: argparse.ArgumentParser, rest: Sequence[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(rest[0].partition("=")[0], list(parser._option_string_actions), 1)
    hint = f"; did you mean {near[0]}?" if near else ""
    return f"unknown argument {' '.join(rest)!r}{hint}"


class _Version(argparse.Action):
    def __call__(self, *_: Any) -> NoReturn:
        from importlib.metadata import PackageNotFoundError, version

        try:
            number = version("pisaura")
        except PackageNotFoundError:
            number = "not installed"
        print(f"crawlctl {number}")
        raise SystemExit(0)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line (without the program's name; that of the process if None); the exit code."""
    _prepare_streams()
    try:
        code = _main(sys.argv[1:] if argv is None else argv)
        sys.stdout.flush()
    except SystemExit as end:  # argparse, after --help
        code = end.code if isinstance(end.code, int) else 0
        with suppress(OSError):
            sys.stdout.flush()
    except UsageError as error:
        code = _complain(str(error), USAGE)
    except PisauraError as error:
        if error.__cause__ is not None and os.environ.get(DEBUG):
            raise
        code = _complain(str(error) or type(error).__name__, FAILED)
    except KeyboardInterrupt:
        code = INTERRUPTED
    except BrokenPipeError:
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = BROKEN_PIPE
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO):
            code = _unexpected(error)
        else:
            code = _complain(f"cannot write: {error.strerror}", FAILED)
    except Exception as error:
        code = _unexpected(error)
    return code


def _unexpected(error: Exception) -> int:
    if os.environ.get(DEBUG):
        raise error
    said = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return _complain(f"unexpected error: {said}; set {DEBUG}=1 for a traceback", OUR_FAULT)


def _complain(message: str, code: int) -> int:
    with suppress(OSError, ValueError):
        sys.stdout.flush()
    with suppress(OSError, ValueError):
        sys.stderr.write(f"crawlctl: {one_line(message)}\n")
        sys.stderr.flush()
    return code


def _prepare_streams() -> None:
    """Output never fails for want of a character, or of somebody to take it."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # closed by whoever started us
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_WRONLY), "w"))
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _main(argv: Sequence[str]) -> int:
    name = _verb_of(argv)
    module = import_module(BY_NAME[name].module) if name in BY_NAME else None
    parser = build(name, module)
    if name and name not in BY_NAME:
        from difflib import get_close_matches

        near = get_close_matches(name, BY_NAME, 1, 0.5)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise UsageError(f"there is no command {name[:80]!r}{hint} (commands: {', '.join(BY_NAME)})")
    arguments = parser.parse_args(argv)
    if module is None:
        raise UsageError(f"which command? ({', '.join(BY_NAME)}); see `crawlctl --help`")
    _prepare_logging(arguments.verbose)
    settings = load(arguments.settings).settings
    return int(module.run(arguments, settings))


def _verb_of(argv: Sequence[str]) -> str:
    """The first word that is no option; "" if there is none."""
    skip = False
    for word in argv:
        if skip:
            skip = False
        elif word == "--settings":
            skip = True
        elif not word.startswith("-"):
            return word
    return ""


def build(name: str, module: ModuleType | None) -> Parser:
    """The parser: of all verbs with their help, and of one verb (if any) with its arguments."""
    parser = Parser(
        prog="crawlctl", description=ABOUT, epilog=MORE, formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )  # fmt: skip
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version and end")
    _common(parser, first=True)
    verbs = parser.add_subparsers(title="commands", metavar="VERB", dest="verb", parser_class=Parser)
    for verb in VERBS:
        if verb.name != name:
            verbs.add_parser(verb.name, help=verb.help, add_help=False)
            continue
        own = verbs.add_parser(
            verb.name, help=verb.help, description=f"{verb.help[0].upper()}{verb.help[1:]}.",
            epilog=f"examples:\n{verb.examples}", formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )  # fmt: skip
        if module is not None:
            module.add_arguments(own)
            for each in _leaves(own):
                _common(each, first=False)
    return parser


def _leaves(parser: argparse.ArgumentParser) -> list[argparse.ArgumentParser]:
    """A parser and the parsers of all its sub-commands."""
    found = [parser]
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for inner in {id(one): one for one in action.choices.values()}.values():
                found += _leaves(inner)
    return found


def _common(parser: argparse.ArgumentParser, *, first: bool) -> None:
    """Options that every verb takes, before it and after it."""
    group = parser.add_argument_group("common options")
    group.add_argument(
        "--settings", type=Path, metavar="FILE", default=None if first else argparse.SUPPRESS,
        help="settings (TOML); `crawlctl settings --example` prints one",
    )  # fmt: skip
    group.add_argument(
        "-v", "--verbose", action="count", default=0 if first else argparse.SUPPRESS,
        help="say more on standard error; twice: still more",
    )  # fmt: skip


class _OneLine(logging.Formatter):
    """One line a message, without traceback unless one is asked for."""

    def format(self, record: logging.LogRecord) -> str:
        text = record.getMessage()
        if record.exc_info and record.exc_info[1] is not None:
            error = record.exc_info[1]
            text += f" ({type(error).__name__}: {error})"
        line = one_line(f"crawlctl: {record.levelname.lower()}: {text}")
        if record.exc_info and os.environ.get(DEBUG):
            line += "\n" + self.formatException(record.exc_info)
        return line


def _prepare_logging(verbose: int) -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(_OneLine())
    level = (logging.WARNING, logging.INFO, logging.DEBUG)[min(verbose, 2)]
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.captureWarnings(True)


if __name__ == "__main__":
    sys.exit(main())
