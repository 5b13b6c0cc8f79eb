"""Staging of hand-arm vibration syndrome: Stockholm workshop scales and the blanching score of Griffin."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from openoh.methods._content import Content, Status, load

Phalanx: TypeAlias = Literal["distal", "middle", "proximal"]
Blanching: TypeAlias = Mapping[str, Collection[str]]
"""The phalanges that blanch, by finger (``thumb index middle ring little``); fingers that do not are left
out.
"""

FINGERS = ("thumb", "index", "middle", "ring", "little")
_ATTACKS = ("none", "occasional", "frequent")
_NUMBNESS = ("none", "intermittent", "persistent")


@dataclass(frozen=True)
class HandStage:
    """One hand on the Stockholm scales.

    ``vascular`` is 0 to 4 and ``split`` divides stage 2 into ``early`` and ``late``; ``sensorineural`` is 0
    to 3. ``fits`` is false where the findings do not fit the scales: the reasons say why, and a clinician
    decides.
    """

    vascular: int
    vascular_name: str
    split: Literal["early", "late"] | None
    sensorineural: int
    griffin: int
    fingers: int
    fits: bool
    reasons: tuple[str, ...]
    rule_version: str
    status: Status


def griffin_score(blanching: Blanching) -> int:
    """Blanching score of one hand (Griffin), 0 to 33.

    Per finger: distal phalanx 1, middle 2, proximal 3; thumb: distal 4, proximal 5. ``ValueError`` names a
    finger or a phalanx that does not exist.

    Source: Griffin 1990, Handbook of human vibration (scores of phalanges).

    >>> griffin_score({"index": ["distal", "middle"], "thumb": ["distal"]})
    7
    """
    return _score(blanching, load("vibration", "stockholm"))


def stage(
    *,
    attacks: str,
    blanching: Blanching,
    trophic_changes: bool = False,
    numbness: str = "none",
    reduced_perception: bool = False,
    reduced_dexterity: bool = False,
) -> HandStage:
    """Stockholm stage of one hand that is exposed to vibration.

    ``attacks`` is ``none``, ``occasional`` or ``frequent``; ``numbness`` is ``none``, ``intermittent`` or
    ``persistent``; ``reduced_dexterity`` means reduced tactile discrimination or manipulative dexterity.

    Vascular: tips only is 1; beyond the tips is 2 (late with a blanching score of 10 or more, or with
    frequent attacks); frequent attacks of all phalanges of at least three fingers are 3, with trophic skin
    changes 4. Sensorineural: numbness is 1, with reduced perception 2, with reduced dexterity as well 3.
    Findings that the scales do not provide for are staged by what fits, and ``fits`` is false. (Gemne 1987,
    Brammer 1987; HSE L140.)

    ``ValueError`` for other words, unknown fingers or phalanges, and attacks without blanching or the
    reverse.

    Source: Gemne et al. 1987 and Brammer et al. 1987, Scand J Work Environ Health 13:275-283 (Stockholm
    workshop scales); HSE L140.

    >>> hand = stage(attacks="occasional", blanching={"index": ["distal", "middle"], "ring": ["distal"]},
    ...              numbness="intermittent")
    >>> hand.vascular, hand.sensorineural, hand.griffin
    (2, 1, 4)
    """
    rules = load("vibration", "stockholm")
    for name, value, allowed in (("attacks", attacks, _ATTACKS), ("numbness", numbness, _NUMBNESS)):
        if value not in allowed:
            raise ValueError(f"{name} is {value!r}; it must be {', '.join(allowed)}.")
    score = _score(blanching, rules)
    if (attacks == "none") != (score == 0):
        raise ValueError(f"attacks is {attacks!r} with a blanching score of {score}; the two must agree.")
    vascular, misfits = _vascular(attacks, blanching, trophic_changes, rules)
    sensorineural, more = _sensorineural(numbness, reduced_perception, reduced_dexterity)
    late = attacks == "frequent" or score >= rules.values["late_from_score"]
    reasons = (*misfits, *more)
    return HandStage(
        vascular=vascular,
        vascular_name=rules.values["vascular_names"][vascular],
        split=("late" if late else "early") if vascular == 2 else None,
        sensorineural=sensorineural,
        griffin=score,
        fingers=sum(bool(phalanges) for phalanges in blanching.values()),
        fits=not reasons,
        reasons=reasons,
        rule_version=rules.rule_version,
        status=rules.status,
    )


def notation(left: HandStage, right: HandStage) -> str:
    """Both hands in the usual shorthand: vascular stage, side and number of fingers, then sensorineural
    stages.

    Source: Gemne et al. 1987, Scand J Work Environ Health 13:275-278 (Stockholm workshop scale).

    >>> none = stage(attacks="none", blanching={}, numbness="intermittent")
    >>> tips = stage(attacks="occasional", blanching={"index": ["distal"], "ring": ["distal"]})
    >>> notation(left=tips, right=none)
    '1L(2)/0R(0) V, 0SN L/1SN R'
    """
    vascular = "/".join(
        f"{hand.vascular}{side}({hand.fingers})" for hand, side in ((left, "L"), (right, "R"))
    )
    return f"{vascular} V, {left.sensorineural}SN L/{right.sensorineural}SN R"


def _score(blanching: Blanching, rules: Content) -> int:
    total = 0
    for finger, phalanges in blanching.items():
        if finger not in FINGERS:
            raise ValueError(f"There is no finger {finger!r}; choose from {', '.join(FINGERS)}.")
        values = _phalanges(finger, rules)
        for phalanx in set(phalanges):
            if phalanx not in values:
                raise ValueError(f"The {finger} has no phalanx {phalanx!r}; choose from {', '.join(values)}.")
            total += values[phalanx]
    return total


def _phalanges(finger: str, rules: Content) -> Mapping[str, int]:
    return rules.section("score", "thumb" if finger == "thumb" else "finger")


def _vascular(
    attacks: str, blanching: Blanching, trophic_changes: bool, rules: Content
) -> tuple[int, tuple[str, ...]]:
    misfits = []
    whole = sum(set(_phalanges(finger, rules)) == set(found) for finger, found in blanching.items())
    most = whole >= rules.values["most_fingers"]
    if attacks == "none":
        vascular = 0
    elif most and attacks == "frequent":
        vascular = 4 if trophic_changes else 3
    elif any(set(found) - {"distal"} for found in blanching.values()):
        vascular = 2
        if most:
            misfits.append("All phalanges of most fingers blanch, but attacks are occasional.")
    else:
        vascular = 1
        if attacks == "frequent":
            misfits.append("Attacks are frequent, but only finger tips blanch.")
    if trophic_changes and vascular < 3:
        misfits.append("Trophic skin changes without stage 3: look for another cause.")
    return vascular, tuple(misfits)


def _sensorineural(
    numbness: str, reduced_perception: bool, reduced_dexterity: bool
) -> tuple[int, tuple[str, ...]]:
    if numbness == "none":
        if reduced_perception or reduced_dexterity:
            return 0, ("Perception or dexterity is reduced without numbness: look for another cause.",)
        return 0, ()
    if reduced_perception:
        return (3 if reduced_dexterity else 2), ()
    if reduced_dexterity:
        return 1, ("Dexterity is reduced, but perception is not.",)
    return 1, ("Numbness is persistent, but perception is not reduced.",) if numbness == "persistent" else ()
