"""What a later package does about risky answers, in the transaction that keeps them."""

from __future__ import annotations

from uuid import UUID

from openoh.foundation.core.actors import Actor
from openoh.foundation.core.ports import Port
from openoh.pathway.questionnaires.models import AnswerSet
from openoh.pathway.questionnaires.rules import Answers

# (questionnaire code, provider, the person's employer): raises when it asks about risk and nobody would read the
# answer now.
must_be_covered: Port[[str, UUID, UUID], None] = Port("say whether somebody answers a risk now")

# (answer set, all its answers, whether it is finished, actor): raises a flag where the answers call for one.
watch_answers: Port[[AnswerSet, Answers, bool, Actor], None] = Port("raise a risk flag from answers")
