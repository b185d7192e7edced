"""What `contains` of a report can say: tables and lists the platform counts, and facts, also one per another."""

from __future__ import annotations

from weerklank.policy.model import FactType, Policy

PER = " per "
CODED = (FactType.CHOICE, FactType.CHOICES, FactType.YES_NO)
IN_WORDS = (FactType.TEXT, FactType.STORY)
TABLES = (
    "cases_received", "channels", "forms", "phases", "outcomes", "lead_times", "terms", "grounds", "actions",
    "measures", "registered", "ratings",
)  # fmt: skip
LISTS = ("cases_received", "running_cases", "measures")
OTHERS = ("recommendations", "analysis")


def coded(policy: Policy, name: str) -> bool:
    """Whether this names a fact with coded values, or two of them (`fact per fact`)."""
    return all(part in policy.facts and policy.facts[part].type in CODED for part in name.split(PER))


def in_words(policy: Policy, name: str) -> bool:
    """Whether this names facts at least one of which is in words: those are listed for who reads, never stored."""
    parts = name.split(PER)
    known = all(part in policy.facts and policy.facts[part].type in (*CODED, *IN_WORDS) for part in parts)
    return known and not coded(policy, name)


def knows(policy: Policy, name: str) -> bool:
    """Whether `contains` may say this."""
    return name in (*TABLES, *LISTS, *OTHERS) or coded(policy, name) or in_words(policy, name)
