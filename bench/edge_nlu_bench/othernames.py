"""Other names of the same sort: what else a room, a device or a person of a home could be called.

Whoever hears the new name must know as much as from the old one: what gives light still does, a room to
wash in is still one that people call the loo. Words that a wish may lean on (a lamp for reading, a rail for
towels, left and right, a floor) are in `KEPT` and stay.
"""

from __future__ import annotations

from collections.abc import Mapping


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _lists(lines: str) -> Mapping[str, tuple[str, ...]]:
    """Return the alternatives by each name before the colon."""
    found: dict[str, tuple[str, ...]] = {}
    for line in filter(None, map(str.strip, lines.splitlines())):
        names, _, others = line.partition(":")
        alternatives = tuple(other.strip() for other in others.split(","))
        found |= dict.fromkeys((name.strip() for name in names.split(",")), alternatives)
    return found


ROOMS = _lists("""
    kitchen: kitchenette, scullery, galley, cookhouse, galley kitchen, kitchen diner, family kitchen, \
        cook room
    living room, lounge, sitting room, family room, front room, den, parlour, drawing room, snug: \
        lounge, sitting room, family room, den, parlour, drawing room, snug, living room, front room, salon
    dining room, dining area: dining hall, breakfast room, supper room, eating area, dinner room, \
        dining nook, dining parlour, breakfast nook
    kids room, childrens room, nursery, playroom, baby room: nursery, playroom, twins room, boys room, \
        girls room, toddlers room, childrens room, juniors room, baby room
    guest room, spare room: visitors room, guest room, spare room, box room, friends room, \
        grandparents room, lodgers room, aunties room, uncles room
    bathroom, washroom, shower room, wet room: washroom, shower room, restroom, wet room, lavatory, \
        powder room, main bathroom, family bathroom, cloakroom
    toilet, loo, wc: washroom, restroom, lavatory, cloakroom, powder room, guest toilet, \
        water closet, wc, toilet
    hallway, hall, corridor, entrance: corridor, entrance, foyer, lobby, vestibule, entryway, passage, \
        entrance hall, entry
    landing: upper corridor, upper hallway, stairhead, gallery, upstairs corridor, stairwell, staircase, \
        mezzanine, top landing
    study, office, home office: office, workroom, home office, library, writing room, computer room, \
        den, bureau, studio
    utility room, laundry room, laundry: laundry room, boiler room, boot room, mud room, washing room, \
        service room, plant room, drying room, laundry
    pantry, larder, storage room: larder, store room, pantry, stockroom, provisions room, cold room, \
        storage room, buttery, dry store
    attic, loft: loft, attic, garret, roof room, top room, eaves room, rafters, roof space, mansard
    basement, cellar: cellar, basement, vault, lower ground, undercroft, crypt, bunker, wine cellar, \
        coal cellar
    workshop, shed: workshop, shed, tool room, hobby room, craft room, barn, outhouse, maker room, tool shed
    gym: fitness room, home gym, exercise room, workout room, training room, weights room, \
        yoga room, sports room
    outside, outdoors, garden, yard, patio, terrace, balcony: outdoors, yard, backyard, patio, terrace, \
        grounds, courtyard, front yard, back garden
""")
"""By what a room is called; a room of another name gets an adjective."""

BEFORE_ROOMS = _lists("""
    master, main, principal, big, own: main, principal, parents, large, primary, big, grand, owners
    bedroom: main, parents, rear, spacious, primary, master, second, big
    garage: double, single, side, main, car, rear, brick, motor
    room: sunny, spacious, panelled, round, narrow, square, rear, corner, old
""")
"""What a room may be called before its last word, where that word has to stay."""

MUTE_ROOMS = frozenset({"outside", "outdoors"})
"""Rooms whose name is an adverb too: what people say stays, only the room's own name changes."""

NOUNS = _lists("""
    tv, television, telly: television, telly, tv set, smart tv, flatscreen, tv screen, telly set, \
        projector tv, big tv
    speaker, stereo, hifi: loudspeaker, stereo, hifi, smart speaker, music player, soundbar, sound system, \
        music box, boombox
    display, smart display: screen, smart screen, smart display, touch screen, wall display, tablet, \
        panel display, touch display, info screen
    fan: tower fan, desk fan, stand fan, floor fan, pedestal fan, table fan, box fan, cooling fan, ventilator
    heater, radiator: radiator, fan heater, panel heater, convector heater, electric heater, space heater, \
        oil heater, storage heater, quartz heater
    thermostat: room thermostat, wall thermostat, smart thermostat, heating thermostat, dial thermostat, \
        radiator thermostat, digital thermostat, touch thermostat
    heating, central heating: central heating, underfloor heating, gas heating, floor heating, main heating, \
        radiator heating, water heating, zone heating, oil heating
    blinds, roller blinds: roller blinds, venetian blinds, roman blinds, slatted blinds, shades, \
        window blinds, blackout blinds, roller shades, pleated blinds
    curtains, drapes: drapes, blackout curtains, velvet curtains, net curtains, window curtains, \
        linen curtains, lace curtains, bay curtains, lined curtains
    shutters, roller shutters: roller shutters, window shutters, storm shutters, wooden shutters, \
        folding shutters, louvre shutters, steel shutters, bay shutters, slatted shutters
    awning: sun awning, patio awning, canopy, sunshade, terrace awning, sun canopy, roof awning, \
        folding awning
    oven, wall oven, cooker: built in oven, electric oven, baking oven, convection oven, fan oven, \
        steam oven, gas oven, range oven, double oven
    hob, stove: cooktop, stove, hob, ceramic hob, induction hob, gas hob, electric hob, stove top, glass hob
    microwave: microwave oven, combi microwave, built in microwave, micro oven, solo microwave, \
        grill microwave, compact microwave, flatbed microwave
    kettle: tea kettle, electric kettle, water kettle, smart kettle, glass kettle, steel kettle, \
        jug kettle, cordless kettle
    coffee maker, coffee machine, espresso machine, espresso maker: coffee machine, coffee maker, \
        coffee brewer, espresso maker, espresso machine, bean to cup machine, barista machine, \
        capsule machine, filter coffee machine
    toaster: bread toaster, four slice toaster, slot toaster, bagel toaster, smart toaster, steel toaster, \
        long toaster, two slice toaster
    fridge, refrigerator: refrigerator, fridge freezer, larder fridge, big fridge, american fridge, \
        drinks fridge, tall fridge, smart fridge, retro fridge
    freezer: chest freezer, upright freezer, deep freezer, drawer freezer, big freezer, tall freezer, \
        ice freezer, smart freezer
    dishwasher: slimline dishwasher, built in dishwasher, smart dishwasher, drawer dishwasher, \
        tabletop dishwasher, compact dishwasher, steel dishwasher, dish washer
    washing machine, washer: washer, clothes washer, laundry machine, front loader washer, \
        top loader washer, smart washer, clothes washing machine, laundry washer, \
        steam washer
    tumble dryer, clothes dryer, dryer: clothes dryer, laundry dryer, vented dryer, heat pump dryer, \
        condenser dryer, spin dryer, washing dryer, smart dryer, gas dryer
    vacuum, robot vacuum, vacuum cleaner: vacuum cleaner, vacuum robot, robot hoover, \
        robot vacuum cleaner, robotic vacuum, hoover robot, cleaning robot, vacuum bot, \
        floor robot
    spots, spotlights, downlights: spotlights, downlights, ceiling spots, led spots, halogen spots, \
        spot lamps, recessed lights, track lights, rail spots
    sprinkler: water sprinkler, lawn sprinkler, sprinkler system, spray sprinkler, irrigation sprinkler, \
        watering sprinkler, rotating sprinkler, hose sprinkler
    humidifier: air humidifier, mist humidifier, steam humidifier, room humidifier, ultrasonic humidifier, \
        tower humidifier, cool mist humidifier, smart humidifier
    purifier, air purifier: air purifier, air cleaner, air filter, tower purifier, hepa purifier, \
        smart purifier, air washer, room purifier, desk purifier
    camera: security camera, door camera, cctv camera, video camera, ip camera, dome camera, web camera, \
        bullet camera
    siren, alarm siren: alarm siren, siren horn, security siren, burglar siren, strobe siren, wall siren, \
        loud siren, hooter siren, roof siren
    socket, plug, outlet: outlet, plug, wall socket, smart plug, power socket, wall plug, mains socket, \
        power outlet, power plug
""")
"""By what people call a device; nouns beside these (light, lamp, door, sensor) stay as they are."""

FIXED_NOUNS = _words("""
    light lights lamp lamps bulb strip door doors gate window windows lock contact sensor motion
    climate leak rail clock valve pump pool bath shower switch button phone car watch one ones alarm
""")

KEPT = _words("""
    reading read towel left right upstairs downstairs upper lower outdoor indoor motion presence
    leak water smoke co2 gas air contact climate weather rain wind sun temperature humidity alarm
    clock night bed christmas tree pool bath shower plant fish pet cat dog baby robot smart
""")

PLACES = _lists("""
    counter, worktop: worktop, sink, shelf, cupboard, larder, cabinet, pantry, dresser, serving hatch
    island: breakfast bar, serving hatch, worktop, sideboard, dresser, alcove, cook bench, snack counter
    ceiling: overhead, pendant, chandelier, centre, dome, cornice, beam, rafter
    floor, standing: corner, standing, arc, tripod, sofa, alcove, piano, fireplace, armchair
    desk: workbench, bureau, bookshelf, cabinet, table, console, easel, drawer
    bedside: nightstand, bedstead, headboard, pillow, side table, dresser, wardrobe, bedpost
    mirror: vanity, basin, shaver, cabinet, washstand, medicine cabinet, tub, alcove
    porch: gate, driveway, path, doorstep, veranda, pergola, fence, steps
    garden, lawn: lawn, hedge, orchard, flower bed, vegetable patch, greenhouse, meadow, rockery, vineyard
    front, main, entrance: street, entrance, outer, entry, principal, gate, main, public, porch
    back, rear: rear, side, terrace, courtyard, tradesman, scullery, orchard, service, alley
    wall: corner, tall, built in, upper, tiled, second, steel, big
    counter top: worktop, dresser, sideboard, larder, cabinet, pantry, hatch, cupboard
    table: sideboard, buffet, console, corner, trestle, bench, wall, dresser
""")
"""Where or how a device stands, by the word for it."""

ANYWHERE = _lists("""
    light: corner, alcove, shelf, sofa, piano, fireplace, cabinet, dresser, bookcase, arch
    other: spare, second, extra, former, alcove, shelf, cabinet, rear, side, vintage
""")
"""The same for words that the lists do not know, by whether it gives light."""

ADJECTIVES = (
    "antique",
    "vintage",
    "trusty",
    "wooden",
    "slim",
    "brass",
    "favourite",
    "modern",
    "rustic",
    "oak",
)
"""Put before a name in which every word is kept; people may leave them out."""

PEOPLE = (
    "priya", "omar", "ingrid", "tariq", "yuki", "nadia", "pavel", "amara", "diego", "leila", "kofi", "sanne",
    "mateo", "freya", "idris", "zofia",
)  # fmt: skip
