"""`main`: from arguments to an exit code."""

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence

from app import __version__
from app.channel import ChannelClient, ChannelError
from app.channel.errors import NotRunning
from app.cli.commands import COMMANDS
from app.cli.options import Code, CommandEnded, StartOptions
from app.cli.parser import make_parser
from app.cli.session import Session, ended_by
from app.cli.show import Output
from app.cli.texts import Texts, language_of
from app.core.requests import ShowWindow
from app.core.views import Failure

Start = Callable[[StartOptions], int]
Further = Callable[[list[str]], int]


def main(argv: Sequence[str], start: Start, further: Mapping[str, Further] | None = None) -> int:
    """Run the command line; `argv` is without the program's name. Returns an exit code (`Code`).

    `start` runs an instance (window or headless) to its end and returns its exit code. `further` are commands that
    parse their own arguments, such as `demo`. Raises `SystemExit` for `--help` and wrong usage, as argparse does.
    """
    texts = Texts(language_of())
    further = further or {}
    if argv and argv[0] in further:
        return further[argv[0]](list(argv[1:]))
    arguments = make_parser(texts, further).parse_args(argv)
    output = Output(texts, json=arguments.json)
    try:
        return _run(arguments, output, start)
    except (CommandEnded, ChannelError) as error:
        ended = ended_by(error) if isinstance(error, ChannelError) else error
        output.failure(ended.failure)
        return ended.exit_code
    except KeyboardInterrupt:
        return Code.INTERRUPTED
    except BrokenPipeError:  # `praxisfunk history … | head`: what is still buffered must not fail at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Code.OK


def _run(arguments: argparse.Namespace, output: Output, start: Start) -> int:
    if arguments.command is None:
        return _start(arguments, output, start)
    if arguments.command == "version":
        told = output.texts("version", version=__version__)
        output.result({"type": "Version", "version": __version__}, told)
        return Code.OK
    with ChannelClient.connect(arguments.profile) as client:
        COMMANDS[arguments.command](Session(client, output), arguments)
    return Code.OK


def _start(arguments: argparse.Namespace, output: Output, start: Start) -> int:
    """A second start shows the window of the first."""
    try:
        with ChannelClient.connect(arguments.profile) as client:
            view = client.ask(ShowWindow()) if not arguments.headless else None
    except NotRunning:
        return start(
            StartOptions(
                profile=arguments.profile,
                headless=arguments.headless,
                passphrase_fd=arguments.passphrase_fd,
                port=arguments.port,
                interfaces=tuple(arguments.interface) if arguments.interface else None,
                hidden=arguments.hidden,
            )
        )
    if isinstance(view, Failure):
        output.failure(view)
        return Code.REFUSED
    output.result({"type": "AlreadyRunning"}, output.texts("already_running"))
    return Code.OK if not arguments.headless else Code.REFUSED
