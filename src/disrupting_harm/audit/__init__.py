"""Can a hidden count be told from everything that is shown? The suppression audit.

What an attacker is taken to know about one country:

* Of every shown estimate the unweighted base and the number counted, both exactly. The tables give shares in full
  precision, and weights are near 1: a weighted share times its base is taken for the count itself, without error.
  That is more than an attacker has.
* Every definition: which counts add up to others, which lie within others, which are the same, whatever respondents
  say. Levels of a breakdown make up everyone (with those who have no level, where there are any); exclusive classes
  and answers make up their base; one indicator implies another; "any" is at most the sum of its items; the base of
  one indicator is the number counted by another; instances are the sum of the forms. None of these is written down by
  hand: `possible` makes up respondents who answer anything that the questionnaire allows, and `relations` finds what
  holds for all of them and for the country's own.
* Nothing of a single respondent, and not why an estimate is hidden: for itself, for another, or for its small base.

An estimate that is hidden because of a small count has to stay open: populations of whole numbers agree with all of the
above, in which the count differs by k or more (k_sub below national level). So neither the count nor "from 1 to k - 1"
follows. Where it is too narrow, `protect` hides more: of all tables in which the count differs enough, it takes the one
that touches least of what is shown, by the bases of the estimates, those of the whole country last; what it touches is
hidden.

counts      true counts, and what holds between them
relations   what holds between counts by definition
programme   a linear programme, whole numbers wanted (HiGHS)
moves       other tables that fit all definitions, found as moves away from the true one
ranges      how far each hidden count can differ among tables that fit what is shown
protect     hide more until everything hidden is open
possible    made-up respondents
universe    all estimates of a country and the counts behind them
decide      the rules for single estimates as a starting point
"""

from disrupting_harm.audit.counts import AuditError

__all__ = ["AuditError"]
