"""Name every label a frame may carry, and the kinds that stay out of training.

The lists follow `docs/ontology.md`. What stands in `HELD_OUT` measures whether the model
understands kinds it never saw, so not one generated sentence may hold one of these words.
"""

from __future__ import annotations

import re
from dataclasses import replace

from edge_nlu.values import Clause


def words(text: str) -> tuple[str, ...]:
    """Return the words of a text, so that a long list of them stays easy to read."""
    return tuple(text.split())


WANTS = words("""
    on off toggle set raise lower open close lock unlock start stop pause resume dock play next previous
    mute unmute find ask remove teach forget correct undo same confirm deny cancel choose leave none
""")

PROPERTIES = words("""
    power brightness color temperature humidity volume position speed swing mode program run time_left
    media source channel lock timer alarm battery level air presence leak smoke energy place status name
    unsaid
""")

SLOTS = words("""
    device room value unit change quantity reference person duration moment title media_kind mode
    program color source state phrase
""")

# Besides each kind's own name: its other spellings, and the one word that gives the kind away.
_KINDS = """
    rice cooker, aquarium, fish tank, fishtank, feeder, feed, feeding, ev charger, car charger,
    charging station, wallbox, wall box, projector, dispenser, medicine, medication, pill, sauna, wine
    cooler, wine fridge, treadmill, bread maker, breadmaker, bread machine, ice maker, ice machine, ice
    cube maker, electric blanket, blanket, massage, massager, litter, hot tub, jacuzzi, whirlpool, coop,
    henhouse, hen house, incubator, 3d, three d, printer, baby monitor, baby phone, babyphone, bidet,
    softener, kiln, beer, keg, pool robot, pool cleaner, yoghurt, yogurt, telescope, weather vane,
    weathervane, terrarium, vivarium, greenhouse, drone, foot spa, foot bath, footbath, soda, waffle,
    shoe dryer, boot dryer, barbecue, barbeque, bbq, guitar, amp, amplifier, cradle, bird bath,
    birdbath, composter, compost, dehydrator, popcorn, hand dryer, mosquito, insect trap, car heater,
    stair lift, stairlift, chair lift, stair climber
    """
HELD_OUT = tuple(" ".join(kind.split()) for kind in _KINDS.split(","))

_HELD_OUT = re.compile(
    r"\b(?:" + "|".join(re.escape(word).replace(r"\ ", r"[\s-]*") for word in HELD_OUT) + r")(?:s|es)?\b"
)


def is_held_out(text: str) -> bool:
    """Return whether the text holds a word that training must not see."""
    return _HELD_OUT.search(text.lower()) is not None


def without_article(clause: Clause) -> Clause:
    """Return the clause with titles that leave out the article before them, as every slot does."""
    slots = tuple(
        replace(slot, start=slot.start + 4, value=slot.value[4:])
        if slot.type == "title" and slot.value.lower().startswith("the ")
        else slot
        for slot in clause.slots
    )
    return replace(clause, slots=slots)
