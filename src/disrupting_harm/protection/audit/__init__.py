"""Can a hidden number be worked out from everything that is published? The suppression audit.

What goes in: one country's harmonised tables, the limits, and what is published about the quality of its data. What
comes out: how finely each estimate is published, decided before the insights; and, after them, whether their tables as
written keep what must stay hidden.

The attacker holds everything published, as it is published: rounded shares of weighted bases that he does not know,
rounded bases, and what is said about questions without an answer. He knows the size of the sample, between which
weights the respondents of each level are, and every definition. Secrets are the small counts behind hidden estimates,
those in no level of a breakdown, and those without an answer. A secret is open if tables that agree with all he holds
give it at least k + 1 different whole numbers; k where "fewer than k" is said. Where it is not open, estimates are
rounded coarsely, and hidden where this is not enough.

He solves linear programmes: tables may hold fractions of respondents. He knows nothing of a single respondent.
For data-protection officers: docs/data-protection.md.

What holds by definition
    counted              everything that is counted: estimates, and questions left unanswered
    made_up_respondents  respondents who answer anything that a questionnaire allows
    relations            linear relations between counts: what holds for all respondents
    definitions          these relations for a questionnaire, learnt once and kept

What holds for a country
    counts               its true counts and sums of weights, and the definitions that they keep
    always               what holds of them whatever is published
    statements           what is published, as inequalities
    questions            the same of what is said about the quality of the data

The attack
    null_basis           all moves that keep every equation
    attacker             other tables that agree with everything, by linear programmes
    ranges               how far each secret can differ among them
    alternatives         such tables, kept as a proof

The decision and the audit
    protect              publish less until every secret is open; find secrets that are not
    decide               the rules for single estimates, the secrets, and the decision about one table
    country              the decision about one country
    report               the attack on its tables as they were written
    pools                how finely pools of countries may be published
    example              a small made-up table, for the page that explains all this
"""

from disrupting_harm.protection.audit.counts import AuditError

__all__ = ["AuditError"]
