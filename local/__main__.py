"""Commands of the local stack; the Makefile calls them."""

import argparse
import random
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from local.errors import LocalError
from local.paths import ROOT
from local.stack import Stack
from local.steps import print_times, timed

if TYPE_CHECKING:
    from local.failures import Queues


def up(stack: Stack, _: argparse.Namespace) -> None:
    """Start what does not run yet and deploy what was built."""
    with timed("start and deploy"):
        description = stack.up()
    print_times()
    token = description["token"]
    print(
        f"\nThe local stack is up.\n"
        f"\n"
        f"  open       {description['siteUrl']}/\n"
        f"  sign in    {token['username']} / {token['password']}"
        f" (who sees everything: {description['admin']['username']} / {description['admin']['password']})\n"
        f"\n"
        f"  upload to  s3://{description['sourceBucket']}/, without the page\n"
        f"  AWS        {description['awsEndpoint']} (for a shell: . {_relative(stack.directory)}/env)\n"
        f"  all of it  {_relative(stack.directory)}/stack.json"
    )


def down(stack: Stack, _: argparse.Namespace) -> None:
    """Stop all that was started; the stack's state is kept."""
    stopped = stack.down()
    print(f"Stopped {', '.join(stopped)}." if stopped else "Nothing was running.")


def reset(stack: Stack, _: argparse.Namespace) -> None:
    """Stop, and forget every video, record and log."""
    stack.reset()
    print("The local stack is empty.")


def logs(stack: Stack, _: argparse.Namespace) -> None:
    """Follow all logs until Ctrl-C."""
    from local.logs import follow

    with suppress(KeyboardInterrupt):
        follow(stack)


def failures(stack: Stack, arguments: argparse.Namespace) -> None:
    """List what the functions gave up on."""
    found = _queues(stack, arguments).list()
    for failure in found:
        print(failure)
    print(f"{len(found)} in the failure queues." if found else "The failure queues are empty.")


def replay(stack: Stack, arguments: argparse.Namespace) -> None:
    """Do again what the functions gave up on, and remove what succeeds."""
    done = left = 0
    for failure, error in _queues(stack, arguments).replay():
        print(failure)
        print(f"    failed again: {error}" if error else "    done")
        done, left = (done, left + 1) if error else (done + 1, left)
    print(f"Replayed {done}.")
    if left:
        raise LocalError(f"{left} failed again and stay in the queues; mend the cause and replay them.")


def _queues(stack: Stack, arguments: argparse.Namespace) -> "Queues":
    from local.failures import Queues

    return Queues.of_aws(arguments.stack) if arguments.stack else Queues.of_local(stack)


def demo(stack: Stack, arguments: argparse.Namespace) -> None:
    """Send a video through the pipeline and play the result."""
    from local.demo import run

    run(stack, arguments.video)


def rebuild(stack: Stack, arguments: argparse.Namespace) -> None:
    """Make lost video records again, from the buckets and MediaConvert's history of jobs."""
    from local.rebuild import Reconcile, run

    run(Reconcile.of_aws(arguments.stack) if arguments.stack else Reconcile.of_local(stack))


def chaos(_: Stack, arguments: argparse.Namespace) -> None:
    """Send many videos through a stack of its own, while everything goes wrong that can."""
    from local.chaos.run import main as run

    seed = arguments.seed if arguments.seed is not None else random.randrange(1_000_000)
    run(seed, arguments.videos, ROOT / ".local" / "chaos")


def _relative(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def main() -> int:
    """Runs one command; a failure is one clear text and exit status 1."""
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__)
    commands = parser.add_subparsers(required=True)
    for command in (up, down, reset, logs, failures, replay, rebuild, demo, chaos):
        subparser = commands.add_parser(command.__name__, help=command.__doc__)
        subparser.set_defaults(run=command)
        if command in (failures, replay, rebuild):
            subparser.add_argument(
                "--stack", help="name of a stack on AWS, with your own credentials; without it the local stack"
            )
        if command is demo:
            subparser.add_argument(
                "video", nargs="?", type=Path, help="file to upload; without it a short clip is made"
            )
        if command is chaos:
            subparser.add_argument("--videos", type=int, default=200, help="how many")
            subparser.add_argument("--seed", type=int, help="of the plan; without it another one each time")
    arguments = parser.parse_args()
    try:
        arguments.run(Stack(), arguments)
    except LocalError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
