"""Which delivered column holds which variable of the codebook: likely matches, each with confidence and reason.

Compared are names (with those of all questionnaires), labels (with the codebook's labels and questions), labels of
values and the build of the answers. Unclear matches are reported as such, never guessed.
"""

from disrupting_harm.new_country.matching.clues import Answers, Confidence
from disrupting_harm.new_country.matching.match import Match, Matching, match
from disrupting_harm.new_country.matching.names import Known

__all__ = ["Answers", "Confidence", "Known", "Match", "Matching", "match"]
