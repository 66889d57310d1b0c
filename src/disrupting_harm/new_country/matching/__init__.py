"""Which delivered column holds which variable of the codebook: likely matches, each with certainty and reason.

Compared are names (with those of all questionnaires, and with usual ones), who was asked what, labels of columns and of
values (with the codebook's, and with a dictionary in many languages) and the build of the answers. A name that a
questionnaire documents wins over a label, and a label that is not understood never counts against it. What is not
certain or likely is asked, never guessed.
"""

from disrupting_harm.new_country.matching.evidence import Answers, Certainty, Match, Matching
from disrupting_harm.new_country.matching.match import match
from disrupting_harm.new_country.matching.names import Known

__all__ = ["Answers", "Certainty", "Known", "Match", "Matching", "match"]
