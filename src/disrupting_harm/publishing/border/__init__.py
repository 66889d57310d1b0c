"""The border: every file in results/ is read before the site is complete; one that may not leave is refused."""

from disrupting_harm.publishing.border.gate import BorderError, check, findings

__all__ = ["BorderError", "check", "findings"]
