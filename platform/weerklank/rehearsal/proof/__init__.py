"""The linter's proof: a policy's finite space walked as a whole. `prove` is what others ask."""

from weerklank.rehearsal.proof.report import Proof, prove

__all__ = ["Proof", "prove"]
