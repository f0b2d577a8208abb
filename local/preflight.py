"""Looks at an account before a deploy: whether it has what the stack needs, and whether anything is in the way.

Every call only reads. What no call can tell is said as such, with what to watch for.
"""

import json
import re
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from local import adopt, parameters
from local.deployed import Deployed
from local.errors import LocalError

SERVICES = ("mediaconvert", "cognito-idp", "scheduler", "apigatewayv2", "lambda", "dynamodb", "sqs", "events")
"""What the stack needs in its region; CloudFront is everywhere."""

BUCKET_CHARACTERS = 63
ACCOUNT_CHARACTERS = 12
UNRESERVED = 100
"""Concurrent executions that Lambda keeps for functions without a reservation.
<https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html>"""
COMFORTABLE = 100
"""Concurrent executions with which a burst of uploads doesn't wait; a new account may have ten."""
JOBS_QUOTAS = ("L-89D4C825", "L-1D14865F")
"""MediaConvert's concurrent jobs of an account, and of an on-demand queue."""
SECONDS = 10

OK, NOTE, BAD = "ok", "note", "BAD"


@dataclass(frozen=True)
class Verdict:
    """What a check found, in a sentence, and what to do about it."""

    kind: str
    subject: str
    text: str
    next_step: str = ""

    def __str__(self) -> str:
        return f"{self.kind:<5}{self.subject:<20}{self.text}{' → ' if self.next_step else ''}{self.next_step}"


@dataclass(frozen=True)
class Plan:
    """What is going to be deployed, and where."""

    deployed: Deployed
    values: Mapping[str, str]
    """Of every parameter."""
    region: str


def run(deployed: Deployed, asked: Mapping[str, str]) -> None:
    """`make preflight`; raises if anything would make a deploy fail."""
    print(f"Looks at the account before a deploy of {deployed.name}. It only reads, and costs nothing.")
    bad = 0
    for verdict in check(deployed, asked):
        print(verdict, flush=True)
        bad += verdict.kind == BAD
    if bad:
        raise LocalError(f"{bad} of these would make a deploy fail, or leave it half done; mend them first.")
    print(f"{deployed.name} can be deployed.")


def check(deployed: Deployed, asked: Mapping[str, str]) -> Iterator[Verdict]:
    """Every check in turn; what is asked of the template's parameters goes before what they are now."""
    name = name_problem(deployed.name)
    yield Verdict(BAD if name else OK, "stack name", name or f"{deployed.name} fits into the names of buckets.")
    given, wrong = dict(asked), parameters.problems(asked)
    if not name:
        given = {**deployed.parameters(), **asked}
        wrong = wrong or parameters.problems(_known(given))
    yield from (Verdict(BAD, "parameters", problem) for problem in wrong)
    if not wrong:
        yield Verdict(OK, "parameters", "Each has a value that fits, and they fit together.")
    if name or wrong:
        return  # the rest is about what they name
    account, region = deployed.account(), deployed.region()
    yield Verdict(OK, "account", f"{account}, region {region}.")
    plan = Plan(deployed, parameters.with_defaults(given), region)
    for subject, look in CHECKS.items():
        try:
            yield from look(plan)
        except LocalError as error:
            yield Verdict(BAD, subject, str(error))
        except (BotoCoreError, ClientError) as error:
            yield Verdict(
                NOTE,
                subject,
                f"It can't be looked at: {' '.join(str(error).split())}",
                "look yourself, or ask for the permission",
            )


def name_problem(name: str) -> str | None:
    """Why a stack can't have this name. It begins the names of buckets, which have other rules than those of stacks."""
    longest = max(len(region) for region in boto3.Session().get_available_regions("mediaconvert"))
    room = BUCKET_CHARACTERS - len("-converted-") - ACCOUNT_CHARACTERS - len("-") - longest
    if not re.fullmatch(r"[a-z][a-z0-9-]*", name):
        return f"{name!r} can't be a stack's name here: small letters, digits and hyphens only, a letter first."
    if len(name) > room:
        return f"{name!r} is too long: {len(name)} characters, of {room} for which the names of buckets have room."
    if name.startswith(("xn--", "sthree-", "amzn-s3-demo-")):
        return f"{name!r} begins as no bucket's name may."
    return None


def _known(values: Mapping[str, str]) -> dict[str, str]:
    """Those that the template has now: an older one, which is deployed still, may have had others."""
    return {name: value for name, value in values.items() if name in parameters.with_defaults({})}


def region(plan: Plan) -> Iterator[Verdict]:
    """Whether the region has every service."""
    session = boto3.Session()
    missing = [service for service in SERVICES if plan.region not in session.get_available_regions(service)]
    if missing:
        yield Verdict(
            BAD,
            "region",
            f"{plan.region} has no {', '.join(missing)}.",
            "take another, such as eu-central-1: AWS_DEFAULT_REGION=…",
        )
    else:
        yield Verdict(OK, "region", f"{plan.region} has every service that the stack needs.")


def stack(plan: Plan) -> Iterator[Verdict]:
    """Whether the stack is in a state from which it can be deployed, and what of an earlier one is left."""
    name, found = plan.deployed.name, plan.deployed.find()
    if found is None:
        yield Verdict(OK, "stack", f"There is no stack {name} yet.")
        yield from _names(plan)
        return
    status = found["StackStatus"]
    if status in ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED"):
        step = f"aws cloudformation delete-stack --stack-name {name}"
        yield Verdict(BAD, "stack", f"{name} is {status}, and can only be deleted.", step)
    elif status.endswith("IN_PROGRESS"):
        yield Verdict(BAD, "stack", f"{name} is {status}.", "wait for its end")
    elif status == "UPDATE_ROLLBACK_FAILED":
        step = f"aws cloudformation continue-update-rollback --stack-name {name}"
        yield Verdict(BAD, "stack", f"{name} is {status}.", step)
    else:
        yield Verdict(OK, "stack", f"{name} is {status}; a deploy brings it up to date.")


def _names(plan: Plan) -> Iterator[Verdict]:
    name = plan.deployed.name
    left = adopt.find_leftovers(plan.deployed)
    if left:
        what = ", ".join(leftover.logical_id for leftover in left)
        # A pool alone stops nothing: a deploy makes another one of the same name.
        kind = NOTE if all(leftover.logical_id == "UserPool" for leftover in left) else BAD
        yield Verdict(kind, "names", f"Of an earlier stack {name} there are: {what}.", f"make adopt STACK={name}")
    logs = plan.deployed.client("logs")
    groups = logs.describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{name}-")["logGroups"]
    ours = {f"/aws/lambda/{name}-{function}" for function in ("submit", "complete", "reconcile", "api")}
    in_the_way = sorted(group["logGroupName"] for group in groups if group["logGroupName"] in ours)
    if in_the_way:
        step = "; ".join(f"aws logs delete-log-group --log-group-name {group}" for group in in_the_way)
        yield Verdict(BAD, "names", f"There are logs of these names already: {', '.join(in_the_way)}.", step)
    if not left and not in_the_way:
        yield Verdict(OK, "names", "No bucket, table, user pool or log has a name that the stack wants.")


def queue(plan: Plan) -> Iterator[Verdict]:
    """Whether the queue of the jobs is there, and takes jobs to work."""
    mediaconvert, name = plan.deployed.client("mediaconvert"), plan.values["MediaConvertQueue"]
    try:
        found = mediaconvert.get_queue(Name=name)["Queue"]
    except mediaconvert.exceptions.NotFoundException:
        known = ", ".join(item["Name"] for item in mediaconvert.list_queues()["Queues"])
        yield Verdict(BAD, "queue", f"MediaConvert has no queue {name} here, but {known}.", "set MediaConvertQueue")
        return
    if found.get("Status") == "PAUSED":
        step = f"aws mediaconvert update-queue --name {name} --status ACTIVE"
        yield Verdict(NOTE, "queue", f"MediaConvert's queue {name} is paused: jobs wait in it.", step)
    else:
        at_once = found.get("ConcurrentJobs")
        yield Verdict(
            OK, "queue", f"MediaConvert's queue {name} is there" + (f", {at_once} jobs at once." if at_once else ".")
        )


def jobs(plan: Plan) -> Iterator[Verdict]:
    """How many jobs MediaConvert does at once."""
    quotas = plan.deployed.client("service-quotas")
    for code in JOBS_QUOTAS:
        quota = quotas.get_service_quota(ServiceCode="mediaconvert", QuotaCode=code)["Quota"]
        text = f"{quota['QuotaName']}: {quota['Value']:.0f} ({code})."
        yield Verdict(NOTE, "MediaConvert quota", text, "docs/aws.md says how to raise it")


def concurrency(plan: Plan) -> Iterator[Verdict]:
    """Whether Lambda has room for the functions, and for what is reserved for them."""
    limits = plan.deployed.client("lambda").get_account_settings()["AccountLimit"]
    at_once = limits["ConcurrentExecutions"]
    reserved = sum(int(plan.values[f"{name}ReservedConcurrency"] or 0) for name in ("Submit", "Complete"))
    step = "raise Lambda's quota L-B99A9384; docs/aws.md says how"
    # What a stack has reserved already is among the reserved, so only a new stack's is known to be missing.
    free = limits.get("UnreservedConcurrentExecutions", at_once)
    if reserved and plan.deployed.find() is None and free - reserved < UNRESERVED:
        text = f"{reserved} can't be reserved: of {free} unreserved concurrent executions, Lambda keeps {UNRESERVED}."
        yield Verdict(BAD, "Lambda concurrency", text, step)
    elif at_once < COMFORTABLE:
        yield Verdict(NOTE, "Lambda concurrency", f"{at_once} concurrent executions in all are few for bursts.", step)
    else:
        yield Verdict(OK, "Lambda concurrency", f"{at_once} concurrent executions in the account.")


def cloudfront(plan: Plan) -> Iterator[Verdict]:
    """Whether CloudFront makes distributions for this account, as far as that can be known."""
    pages = plan.deployed.client("cloudfront").get_paginator("list_distributions").paginate()
    found = [item for page in pages for item in page["DistributionList"].get("Items", [])]
    if found:
        yield Verdict(OK, "CloudFront", f"{len(found)} distributions in the account, so it is verified.")
    else:
        text = "No distribution yet; whether the account is verified for CloudFront shows at the deploy only."
        yield Verdict(NOTE, "CloudFront", text, 'if that says "must be verified", open a case with AWS Support')
    domain = plan.values["DomainName"]
    own = plan.deployed.outputs().get("DistributionId") if plan.deployed.find() else None
    for other in found:
        if domain and domain in other.get("Aliases", {}).get("Items", []) and other["Id"] != own:
            yield Verdict(
                BAD, "CloudFront", f"{domain} is led to the distribution {other['Id']}.", "remove it there first"
            )


def certificate(plan: Plan) -> Iterator[Verdict]:
    """Whether the certificate is issued, and is one for the domain."""
    domain, arn = plan.values["DomainName"], plan.values["CertificateArn"]
    if not domain:
        return
    acm = plan.deployed.client("acm", region_name="us-east-1")
    try:
        found = acm.describe_certificate(CertificateArn=arn)["Certificate"]
    except acm.exceptions.ResourceNotFoundException:
        yield Verdict(BAD, "certificate", f"There is no {arn}.", "see: aws acm list-certificates --region us-east-1")
        return
    names = {found.get("DomainName", ""), *found.get("SubjectAlternativeNames", [])}
    if found["Status"] != "ISSUED":
        yield Verdict(
            BAD, "certificate", f"It is {found['Status']}.", "make the DNS records that ACM asks for, and wait"
        )
    elif not any(_covers(name, domain) for name in names):
        yield Verdict(BAD, "certificate", f"It is for {', '.join(sorted(names))}, not for {domain}.", "request another")
    elif found.get("NotAfter", datetime.max.replace(tzinfo=UTC)) < datetime.now(UTC):
        yield Verdict(BAD, "certificate", f"It ended on {found['NotAfter']:%Y-%m-%d}.", "renew it")
    else:
        yield Verdict(OK, "certificate", f"It is issued, and for {domain}.")


def _covers(name: str, domain: str) -> bool:
    """Whether a certificate's name is the domain, or a wildcard for hosts right below the domain's parent."""
    return name == domain or (name.startswith("*.") and name[1:] == domain[domain.find(".") :])


def provider(plan: Plan) -> Iterator[Verdict]:
    """Whether the OpenID Connect provider answers as API Gateway needs it to."""
    issuer = plan.values["JwtIssuer"]
    if not issuer:
        return
    url = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
    try:
        with urllib.request.urlopen(url, timeout=SECONDS) as answer:
            told = json.load(answer)
    except (urllib.error.URLError, OSError, ValueError) as error:
        yield Verdict(BAD, "sign-in", f"{url} doesn't answer as a provider does: {error}.", "mend JwtIssuer")
        return
    if told.get("issuer") != issuer:
        yield Verdict(BAD, "sign-in", f"{url} says that its issuer is {told.get('issuer')}.", "set JwtIssuer to that")
    elif "jwks_uri" not in told:
        yield Verdict(BAD, "sign-in", f"{url} names no jwks_uri.", "take a provider that does")
    else:
        yield Verdict(OK, "sign-in", f"{issuer} answers.")


def alarms(plan: Plan) -> Iterator[Verdict]:
    """Whether anybody hears of an alarm."""
    arn = plan.values["AlarmTopicArn"]
    if arn:
        topic_region = arn.split(":")[3]
        sns = plan.deployed.client("sns", region_name=topic_region)
        try:
            sns.get_topic_attributes(TopicArn=arn)
        except sns.exceptions.NotFoundException:
            yield Verdict(BAD, "alarms", f"There is no topic {arn}.", "mend AlarmTopicArn")
            return
        if topic_region != plan.region:
            yield Verdict(
                BAD, "alarms", f"{arn} is not in {plan.region}.", "alarms tell topics of their own region only"
            )
            return
    if arn or plan.values["AlarmEmail"]:
        yield Verdict(OK, "alarms", f"They go to {arn or plan.values['AlarmEmail']}.")
    else:
        yield Verdict(NOTE, "alarms", "Nobody hears of an alarm.", "set AlarmEmail or AlarmTopicArn")


CHECKS: Mapping[str, Callable[[Plan], Iterator[Verdict]]] = {
    "region": region,
    "stack": stack,
    "queue": queue,
    "MediaConvert quota": jobs,
    "Lambda concurrency": concurrency,
    "CloudFront": cloudfront,
    "certificate": certificate,
    "sign-in": provider,
    "alarms": alarms,
}
"""The checks, by what they are about."""
