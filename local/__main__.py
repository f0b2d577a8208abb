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


def user(stack: Stack, arguments: argparse.Namespace) -> None:
    """Add a user to a stack's own pool, or invite one anew."""
    from local.deployed import Deployed
    from local.users import invite

    deployed = Deployed.named(arguments.stack, stack)
    outputs = deployed.outputs()
    if "UserPoolId" not in outputs:
        raise LocalError("People sign in at a provider of the stack's own (JwtIssuer); add the user there.")
    cognito = deployed.client("cognito-idp")
    invited = invite(cognito, outputs["UserPoolId"], arguments.name, arguments.email, admin=arguments.admin)
    if invited.password is None:
        print(f"{invited.name} has signed in already and keeps the password.")
    elif arguments.email and not deployed.is_local:
        print(f"{invited.name} is invited: {arguments.email} gets a password for the first time, valid for seven days.")
    else:
        print(f"{invited.name} signs in with {invited.password} for the first time, within seven days.")
    print(f"The page is {outputs['SiteUrl']}/.")


def adopt(_: Stack, arguments: argparse.Namespace) -> None:
    """Bring what outlived a deleted stack into a new one of the same name."""
    from local import parameters
    from local.adopt import run
    from local.deployed import Deployed

    values = parameters.with_defaults({**parameters.saved(), **parameters.given(arguments.parameters)})
    run(Deployed.of_aws(arguments.stack), values, arguments.pool)


def preflight(stack: Stack, arguments: argparse.Namespace) -> None:
    """Look whether an account has what a deploy needs; changes nothing."""
    from local import parameters
    from local.deployed import Deployed
    from local.preflight import run

    saved = parameters.saved() if arguments.stack else {}
    run(Deployed.named(arguments.stack, stack), {**saved, **parameters.given(arguments.parameters)})


def smoke(stack: Stack, arguments: argparse.Namespace) -> None:
    """Prove a deployed stack with a few short videos, and write a report."""
    from local.deployed import Deployed
    from local.smoke.run import run

    run(Deployed.named(arguments.stack, stack), stack.directory / "smoke")


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
    for command in (up, down, reset, logs, failures, replay, rebuild, demo, user, adopt, preflight, smoke, chaos):
        subparser = commands.add_parser(command.__name__, help=command.__doc__)
        subparser.set_defaults(run=command)
        if command in (failures, replay, rebuild, user, preflight, smoke):
            subparser.add_argument(
                "--stack", help="name of a stack on AWS, with your own credentials; without it the local stack"
            )
        if command is demo:
            subparser.add_argument(
                "video", nargs="?", type=Path, help="file to upload; without it a short clip is made"
            )
        if command is user:
            subparser.add_argument("name", help="user name")
            subparser.add_argument("--email", help="where the password is sent; without it, it is printed")
            subparser.add_argument("--admin", action="store_true", help="sees and changes everybody's videos")
        if command is adopt:
            subparser.add_argument("--stack", required=True, help="its name")
            subparser.add_argument("--pool", help="id of the user pool, if there are several of the stack's name")
        if command in (adopt, preflight):
            subparser.add_argument("parameters", nargs="*", metavar="Name=value", help="the template's parameters")
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
