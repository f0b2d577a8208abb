"""What was expected and what was seen, as a page that can be attached to a bug report."""

from collections.abc import Sequence
from dataclasses import dataclass

AS_EXPECTED, WRONG, UNPROVEN = "as expected", "**not as expected**", "not proven"


@dataclass(frozen=True)
class Finding:
    """One case."""

    case: str
    expected: str
    seen: str
    verdict: str

    def __str__(self) -> str:
        return f"{self.verdict.strip('*')}: {self.case}: {self.seen}"


@dataclass(frozen=True)
class Report:
    """A run."""

    stack: str
    region: str
    version: str
    began: str
    seconds: float
    dollars: float
    findings: Sequence[Finding]

    def wrong(self) -> int:
        """How many cases weren't as expected."""
        return sum(finding.verdict == WRONG for finding in self.findings)

    def __str__(self) -> str:
        rows = [
            f"| {_cell(finding.case)} | {_cell(finding.expected)} | {_cell(finding.seen)} | {finding.verdict} |"
            for finding in self.findings
        ]
        return "\n".join(
            [
                f"# Smoke test of {self.stack}",
                "",
                f"In {self.region}, version {self.version}, {self.began}, {self.seconds:.0f} s. "
                f"{self.wrong()} of {len(self.findings)} not as expected. "
                f"MediaConvert's part cost about ${self.dollars:.4f}, by the stack's own price table.",
                "",
                "| case | expected | seen | verdict |",
                "| --- | --- | --- | --- |",
                *rows,
                "",
            ]
        )


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
