"""The grammar of the command line."""

import argparse
import socket
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NoReturn

from app.cli.options import Code
from app.cli.texts import Texts
from app.paths import default_profile


class _Parser(argparse.ArgumentParser):
    """Speaks the user's language as far as argparse lets it."""

    def __init__(self, *, texts: Texts, **more: Any) -> None:
        super().__init__(**more, add_help=False)
        self.texts = texts
        self._optionals.title = texts("help.options")
        self._positionals.title = texts("help.arguments")
        self.add_argument("-h", "--help", action="help", help=texts("help.help"))

    def format_usage(self) -> str:
        return super().format_usage().replace("usage: ", self.texts("help.usage"), 1)

    def format_help(self) -> str:
        return super().format_help().replace("usage: ", self.texts("help.usage"), 1)

    def error(self, message: str) -> NoReturn:
        self.exit(Code.USAGE, f"{self.format_usage()}{self.texts('usage', what=message)}\n")


def make_parser(texts: Texts, further: Iterable[str] = ()) -> argparse.ArgumentParser:
    """`further` are commands that others handle; they are only listed here."""
    # Both may stand before or after the command; after it they must not bring a default of their own.
    common = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    _add_common(common, texts)
    parser = _Parser(
        prog="praxisfunk",
        description=texts("help.program"),
        epilog=texts("help.epilog"),
        texts=texts,
        allow_abbrev=False,
    )
    parser._positionals.title = texts("help.commands")
    _add_common(parser, texts)
    parser.set_defaults(profile=default_profile(), json=False)
    parser.add_argument("--headless", action="store_true", help=texts("help.headless"))
    parser.add_argument("--hidden", action="store_true", help=texts("help.hidden"))
    parser.add_argument("--passphrase-fd", type=int, metavar="N", help=texts("help.passphrase_fd"))
    parser.add_argument("--port", type=_port, default=0, metavar="N", help=texts("help.port"))
    parser.add_argument("--interface", action="append", metavar="IP", help=texts("help.interface"))
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=_Parser)

    def command(name: str, under: Any = commands, help_key: str | None = None) -> argparse.ArgumentParser:
        told = texts(help_key or f"help.{name}")
        made: argparse.ArgumentParser = under.add_parser(
            name, help=told, description=told, parents=[common], texts=texts, allow_abbrev=False
        )
        return made

    _add_set_up(command, texts)
    _add_talk(command, texts)
    _add_groups(command, texts)
    for name in ("people", "groups", "status", "lock", "unlock", "quit", "version"):
        command(name)
    command("watch").add_argument("--timeout", type=_seconds, metavar="S", help=texts("help.timeout"))
    for name in further:
        commands.add_parser(name, help=texts("help.further", name=name), texts=texts)
    return parser


def _add_common(parser: argparse.ArgumentParser, texts: Texts) -> None:
    parser.add_argument("--profile", type=Path, metavar="DIR", help=texts("help.profile"))
    suppress = parser.argument_default is argparse.SUPPRESS
    default = argparse.SUPPRESS if suppress else False
    parser.add_argument("--json", action="store_true", default=default, help=texts("help.json"))


def _add_set_up(command: Any, texts: Texts) -> None:
    device = socket.gethostname().split(".")[0][:80] or "PC"
    found = command("found")
    found.add_argument("--practice", required=True, metavar="NAME", help=texts("help.practice"))
    join = command("join")
    join.add_argument("--code", help=texts("help.code"))
    join.add_argument("--practice", metavar="NAME", help=texts("help.practice"))
    join.add_argument("--address", metavar="HOST:PORT", help=texts("help.address"))
    join.add_argument("--timeout", type=_seconds, default=330.0, metavar="S", help=texts("help.timeout"))
    for one in (found, join):
        one.add_argument("--name", required=True, help=texts("help.name"))
        one.add_argument("--role", default="", help=texts("help.role"))
        one.add_argument("--device", default=device, metavar="NAME", help=texts("help.device"))
    pair = command("pair")
    pair.add_argument("--accept", metavar="NAME", help=texts("help.accept"))
    pair.add_argument("--admin", action="store_true", help=texts("help.admin"))
    pair.add_argument("--timeout", type=_seconds, default=310.0, metavar="S", help=texts("help.timeout"))


def _add_talk(command: Any, texts: Texts) -> None:
    send = command("send")
    send.add_argument("--to", required=True, metavar="NAME|ID", help=texts("help.to"))
    send.add_argument("--photo", action="append", default=[], metavar="FILE", help=texts("help.photo"))
    send.add_argument("--file", action="append", default=[], metavar="FILE", help=texts("help.file"))
    send.add_argument("--wait", action="store_true", help=texts("help.wait"))
    send.add_argument("--timeout", type=_seconds, default=60.0, metavar="S", help=texts("help.timeout"))
    send.add_argument("text", nargs="*", metavar="TEXT", help=texts("help.text"))
    history = command("history")
    history.add_argument("with_", metavar="NAME|ID", help=texts("help.to"))
    history.add_argument("--limit", type=_count, default=50, metavar="N", help=texts("help.limit"))
    search = command("search")
    search.add_argument("text", nargs="+", metavar="TEXT", help=texts("help.words"))
    search.add_argument("--in", dest="in_", metavar="NAME|ID", help=texts("help.in"))
    search.add_argument("--limit", type=_count, default=50, metavar="N", help=texts("help.limit"))
    command("retry").add_argument("message", nargs="?", metavar="ID", help=texts("help.message"))
    save = command("save")
    save.add_argument("message", metavar="ID", help=texts("help.message"))
    save.add_argument("path", metavar="FILE", help=texts("help.path"))


def _add_groups(command: Any, texts: Texts) -> None:
    under = command("group").add_subparsers(dest="act", required=True, metavar="ACT", parser_class=_Parser)
    for act in ("create", "add", "remove", "leave", "rename", "members"):
        one = command(act, under, f"help.group.{act}")
        one.add_argument("group", metavar="GROUP", help=texts("help.title"))
        if act in ("create", "add"):
            one.add_argument("members", nargs="+", metavar="NAME|ID", help=texts("help.member"))
        elif act == "remove":
            one.add_argument("member", metavar="NAME|ID", help=texts("help.member"))
        elif act == "rename":
            one.add_argument("title", metavar="TITLE", help=texts("help.title"))


def _port(text: str) -> int:
    value = int(text)
    if not 0 <= value <= 65535:
        raise ValueError
    return value


def _seconds(text: str) -> float:
    value = float(text)
    if not 0 < value < 1e6:
        raise ValueError
    return value


def _count(text: str) -> int:
    value = int(text)
    if not 0 < value <= 500:
        raise ValueError
    return value
