"""Know the words that say nothing of anybody: only what is made of these alone may be told to a fleet.

A list of what is personal is never complete: names come in every language, recognisers write them without
capitals, and numbers are spelled in many ways. So it is the other way round: what is not on this list stays
at home. On it are words that people often say to assistants, and those by which homes call devices and
rooms, and hardly a name or relation; nothing that counts or goes with a secret. `edge-nlu fleet table words`
makes it out of public corpora, and tells what gets through.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from edge_nlu.learning.blanks import BLANK

_ENDING: Final = re.compile(r"(?<=[a-z])(?:n['\u2019]t|['\u2019](?:s|re|ll|ve|d|m))(?![^\W_])")
# whatever else stands between words belongs to them, and so they are none of the list
_JOINT: Final = re.compile(r"[\s,?!-]+")


def words_in(text: str) -> list[str]:
    """Return the words of a text, without the blanks of a way of saying and without "'s" and the like."""
    return [word for word in _JOINT.split(_ENDING.sub("", BLANK.sub(" ", text.lower()))) if word]


def is_ordinary(*texts: str) -> bool:
    """Return whether texts are made of ordinary words alone."""
    return all(word in _ordinary() for text in texts for word in words_in(text))


@lru_cache(maxsize=1)
def _ordinary() -> frozenset[str]:
    return frozenset(WORDS.split())


WORDS: Final = """
a able about above ac accept access accidents according across acs action activate active activities activity
actor actually add added adjust adjustable adjustables advise after afternoon again against age agenda ahead
aid air aircon aircons aired airplay airs ajar alarm alarms album alert alerts all allow almost along already
also alter alternate alternative always am amazing amount amp amplifier amtrak an and ands answer answers
anti any anyone anything anywhere apartment app apparent apples appointment appreciate april aqi aquarium
aquariums are area areas armchair aroma around arrange arrival arrive arriving articles artist artists as
asian ask asking assistant at attachment attend attending attic attics audio audiobook audios august auto aux
available average award awards away awesome awful awning back background backlight backs backyard backyards
bacon bad bake baked baking balcony bananas bands bar barbecue barbecues barista barrel barrier bars base
based basement basements bass bath bathroom bathrooms bathtub bathtubs battery bay bbq bbqs be beamer beamers
beans because become bed bedroom bedrooms bedside bedtime beef been beer before began begin beginning
behavior being bells below best better between beverage bhaji bidet big biggest bigs bike billboard birth
birthday bit blackout blank blanket blankets blender blind blinds blower blu blue blues bluetooth body boil
boiled boiler boilers book booked booking books boombox boost boot boots bored born both bought bowl box bq
bread break breakfast breakfasts breaking brew brewing brief bright brighten brighter brightness bring
broadcast broccoli building built bulb bulbs bulldog bumper burglar burglars burn burner business busy but
butter buttermilk button buy buying buzzer by cab cabinet cake calculate calculated calendar calibration call
calls calories cam came camera cameras cams can cancel candle canopy capital cappuccino capsule car carbon
career carpet carpets carport carports carrots carry cars casement casserole catch category cats cd ceiling
celeb celebrities celebrity cell cellar cellars celsius centers central centrals certain chair challenge
chance chances chandelier change changed channel charge charged charger chargers charges charging cheap
cheapest check checked checklist checkout cheer cheering cheese cheeseburger chest chests chicken childrens
childs chili chime chinese chip chocolate choices choose chores christmas cinema cinemas circulation
circulator cistern class classes classic clean cleaner cleaners cleaning clear climate climates cloakroom
cloakrooms clock clocks close closed closest closet closets closing clothes clothing cloud cloudy co coat
coffee coffees cold colder collection color colored colors colour combi combis come comes comfort coming
comment comments commute companies compare compared complain complaint complete completed completely
completion compose computer computers con concert condition conditioner conditioners conditioning conditions
confirm confirmation congested connect cons conservatory console construction consumption contact contacts
contain content continue continuous continuously contract control convector convenient conversation
conversion convert converting cook cooker cookers cookie cookies cooking cooktop cooktops cool cooler coolers
cooling copy corn correct correctly corridor corridors cost could count countdown countries course courtyard
courtyards cover covered covering covers crabmeat craft crafts crashed craving cream creamed create created
creating crock cross ct cuisine cup cups currencies currency current currently curry curtain curtains cut
cycle daily damper dance dark darken darker data date dates daughters day days db deactivate dead deadband
deadbolt deals debug decade december deck decks decrease deep deeps define defined definition degc degf
degree degrees dehumidifier dehumidifiers delay delayed delays delete deleted deliver delivered delivering
delivers delivery demand dens depart departing departure describe description desired desk desktop desktops
detail details detected detection detector detectors detergent device dial did difference different diffuser
digest digital dim dimmer diner dining dinner dioxide direct direction directions dirty disable disco dish
dishes dishwasher dishwashers dismiss dispense dispenser dispensers display distance disturb divide divided
do dock docked does dog doing dollar dollars dolores done door doorbell doorbells doors dow down downlight
download downstairs draft drain drainage drape drapes drawbridge dress dressing drier driers drink drinks
drip drive drives driveway driving drop dry dryer dryers drying due dumbwaiter during dust dvd each earlier
earliest early eastern easy eat eco effect effects egg eggs elapsed electric electricity electrics electronic
elevator elevators elliptical else email emailed emails empty enable enabled end ends energy engaged enjoy
enjoying enough ens ensuite ensuites enter entertainment entire entitled entrance entrances entries entry
entryway episode episodes equal equalizer equals equation equivalent erase error espresso espressos estimated
eta european euros ev even evening event events ever every everybody everyday everyone everything everywhere
evs exact excellent except exchange exciting execute exercise exhaust expect expense expensive experience
explain explanation extension extra extraction extractions extractor extractors face facebook facility fact
factor factory fading fahrenheit fairy fall famous fan fans fantastic far farmers fast fastest faucet fault
favorite favorites features february feed feedback feeder feeders feel feeling fetch few fi figure file fill
filling film films filter filters financial find fine finish finished fire fired fireplace fires firmware fis
fish fitness fix flap flat flood floodlight floods floor floors flow fob fog foke folder folk followers
following food foods foot football for forecast forecasted foreign forex forget form formaldehyde formula
forward fountain foyer foyers frame free freeze freezer freezers freezes freezing french fresh friday fridays
fridge fridges friendly fries from front fronts frost frother fryer frying fuel full fun funds funny furnace
furniture furnitures future gadgets game games garage garages garden gardens garland garment gas gate gates
gauge gave generator genre geographic get getting geyser girl give given giving glow gluten go goes going
gone gong gonna good got gotten gps great greatest green greenhouse griddle grill grind grinder groceries
grocery ground grounds group growth guest guests guide gust gym gyms had hair hall halls hallway ham hand
handle hands happen happened happening happenings happens happy hard hardness has hatch hate have having hcho
hdmi he headed heading headline headlines health healthy heap hear hearing heat heated heater heaters heating
heavy hectic height held hello help helped her here hey hi hifi hifis high higher highest highlights highly
him his hit hits hob hobby hobs hoist hold holiday holidays home homes hood hoods hoover hoovers horn
horrible hose hot hots hottest hour hours house houses how hows hsb hue huffington humid humidifier
humidifiers humidity hungry hvac hygrometer hygrometers hysteresis hz i ice ices id idea ideas identifier
identify idle if illuminance illuminances image immersion importance important in inbox include including
incoming increase index indicate indicator induction inductions info inform information infrared ingredient
ingredients initiate ink input ins instagram instant instead instruct instructions instrumental intensity
intercom interest interesting internet internets interval into intruder intruders inverter invested investing
invite ioniser ionizer ip iphone irish iron ironing irons iroomba irrigation irrigations is issues ist it
item items its itunes jacket jacuzzi jacuzzis january jazz job jobs joke jokes journal journey juicer jukebox
jump just karaoke keep kelvin kettle kettles key keypad kickball kill kiln kilometers kind kitchen
kitchenette kitchenettes kitchens knob knock know kva kw kwh lamp lamps landing language lantern laptop
larder larders large largest lasagna last latch late lately later latest latte laugh launch laundry lavatory
lawn lawnmower lawnmowers lawns lead leading leak leakage leaks least leave leaving led left length less
lessen let lets letter letterbox level levels library life lift lifts light lighting lights like likely likes
limit line link linkquality list listed listen listened listening lists litter litters live living load lobby
lobster local locally locate located location lock locked locker lockout locks loft lofts log long longer
longest loo look looking looks loop loos loss lost lot loud louder loudly loudness loudspeaker loudspeakers
lounge lounges louvre love low lower lowest luminaire luminaires luminance lunch lux lx lyrics ma mac
macaroni machine machines made mailbox mails main mains maintenance make maker makers makes making manchow
manual many map march markets marquee married masala mashed massage massager master masters mat match math
mathematical maths matter mattress maximum may me meal mean meaning means measure meat meatballs meatloaf
media medias medicine medium meet meeting meetings melody members memory mention menu menus message messages
messenger metal meter meters meting mexican mg microwave microwaves midnight might milk min mind mini
minimize minus minute minutes mired mireds missed mister misting mixer mixers mobile mode model modem
moderate modify moisture moment monday mondays money monitor monitors monoxide month monthly months mood
moods mop more morning most motion motions motor move movement movements movie movies mow mower mowers mowing
much mud muds multicooker multicookers multiply mushrooms music musical musics must mute muted mutual mv mwh
my myself name names nas nasdaq near nearby nearest necessary need needed needs neon net network never newest
news newsfeed newspaper next nice nicest nifty night nightlight no nobody node noise non none noodles nook
nooks noon normal not note notes notice notification notifications notify november now nursery object
occupancy occupied oceans october of off offer offers office offices offset ofs often oil ok okay oldest olly
on online only onoff onto open opened opening operating operation opinion optical option options or orangery
oranges order ordered orders organic oscars oscillate oscillating oscillation other otherwise our ours out
outage outdoor outdoors outing outlet outlets outlook outs outside outsides outstanding outstation oven ovens
over overcast overflow overhead overs ozone pack package pad padlock pads paint painting pancakes panel
panels pantry pants paper parents parlour parlours part particle particular particulate particulates party
passage passages past pasta patio patios pause paused pav pay payment pc pcs pda pellets pencil pendant
pending people pepperoni percent percentage percolator perfect perfectly pergola period permanently person
personal pertaining pet pets phones phono photo photos phrase pi pic pick pickled pickup picture pictures pie
piece pill pinterest pir pirs pizza pizzas place places plan plane planets planned planning plans plate
platter play playback played player playing playlist playlists playroom playrooms plays please plot plug
plugged plugs plus plying pm podcast podcasts point points pond pool pools poor popular population porch pork
position possible post posted postmates posts pot potato potatoes pound powder powders power powered powers
ppb ppm precision predicted prediction preferably preferences prefix prepare presence presences present
preset pressure pretty previous price priced prices print printer printing private probe problem problems
procedure proceed process processor produced product production profile program programme programs projector
projectors protection provide provided provides pub published pubs pull pump pumps purchase purifier
purifiers purple put quality quart query question queue quiet quieter radar radiator radiators radio radios
radon rail rain raincoat raining rainy raise raised rajdhani ran random range ranges rap rate rated rates
rating ratings raw reach read reading ready really reboot receive received receiver recent recently reception
receptions recipe recipes recipient recliner recommend recommendations record recorded recorder recording
recovery recur recurring red reddit reduce refresh refrigerator refrigerators regarding related relative
relaxing relay release released releases remainder remaining remember remind reminded reminder reminders
reminding remote remove removed repeat repeating replace replay replied replies reply report request required
reschedule reservation reservations reset resolve respond responded response restart restaurant restaurants
restroom restrooms result results resume return returning review reviews rewind rgb rh ribs rice rid ride
riff right ring ringing rinse rinsing risotto rivers roast robo robos robot robots robovac robovacs role roll
roller rom romantic roof room roomba roombas rooms root rotate rotation router routers rowing rpm rssi rude
run running sad safe safety said salt same samovar sandwich satellite saturday sauce sauna saunas save saved
saw say saying scale scan scanner scenario scene scenes schedule scheduled schedules school sconce scooter
scores screen screening screwed scullery search searching season seat seats section security see seems seen
select selected selection selections self selfie selling sells send sender sensitivity sensor sensors sent
sentence sentences serial series serve server serving set setpoint sets setting settings sex shade shades
shall share shares she shed sheer sheet shift shine shipment shoes shoot shop shopping shortest shorts should
show shower showers showing shown shows shuffle shut shutoff shutoffs shutter shutters sick side sign signal
silence silent silly simple since sing singer singing single sings siren sirens siri sitting situation skill
skip skylight sleep sleeping sliding slow small smart smarts smile smoke smoker smokes smooth smoothie
snapchat snooze snow snowing so soap soc social socket sockets soda sofa soft softener softeners softer soil
solar sold solution solve some somebody someone something sometime song songs soon sorry sort sound soundbar
sounds source sous spa space spaces spare spares spas speak speaker speakers special specific speed spend
spin spinning split spoke spoken spot spotify spotlight spotlights spots sprinkler sprinklers ssid stair
staircase staircases stairs stairway stairwell stairwells stand standby standing stands star stars start
started starting starts startup starving state station stations status stay steam steamer steams steps stereo
stereos stick still stock stocks stop stopcock stopcocks stopped stopwatch storage storages stores stories
stormy story stove stoves stovetop stovetops streaming strength string study stuff style subject subjects
submit substitute subtract subwoofer such sucks suction sugars suggest suggestions suite suites sum summary
summer sump sun sunblock sunday sundays sung sunny sunroom sunrooms suns sunscreen sunshade super supposed
sure surveillance surveillances sweep sweeper swimming swing switch switched swivel system systems tab table
tablet tacos tag take takeaway takeaways taken takes taking talk tall tamper tank tanks tap target task
tasting taxi tea teams teas techno teeth telephone television televisions tell telling telly temp temperature
temperatures terrace terraces terrarium terrible test text than thank thanks thanksgiving that the theatre
theatres their them theme then theory there theres thermometer thermometers thermostat thermostats thes these
they thing things think thinking this those though threshold through thursday ticket tickets tikka tilt time
timer timers times timezone timings tired title titled titles to toast toaster toasters today todays tofu
together toilet toilets told tomato tomorrow tomorrows toner tonight too took tool tools top topic topics
tops torch total touch tough tour tournament towards towel tower toy track tracker tracks traffic train
trainer trains transition transom transport transportation trash travel traveling tray treadmill tree trend
trending trends tribune tricep triggered trip trips truck true trv try tub tubs tuesday tuesdays tumble
tumbler tumblers tumbles tuna tune tuner tunes turbo turkey turn turned turning turntable tv tvoc tvs tweet
tweets twitter type types ug umbrella under underfloor understand unhealthy unit units unlatch unlock
unlocked unmute unoccupied unread until up upcoming update updated updates uplighter upload uploaded upper
ups upstairs uptime upwards us usage usb use uses using usual usually utility uv va vac vacs vacuum vacuuming
vacuums value valve valves vane vanes var vegan vegetables vegetarian vehicle vehicles velux venetian vent
ventilation ventilator ventilators venue veranda verandas version versus very vestibule vestibules via
vibration vide video videos viral visit vivarium voc voice voltage volume waffle wait waiting wake walk
walking walks wall wallbox walls wanna want wants wardrobe wardrobes warm warmer warmers warning was wash
washer washers washing washroom washrooms watch watched watching water waterfall watering waters wattage way
wc wcs we wear weather web webcam websites wedding wednesday week weekdays weekend weekends weekly weeks well
wemo went were wet wets wh what whatever whats when where whether which while whirlpool whirlpools white who
whole whom whose why wi wifi wifis wikipedia will win wind window windows windy wine wines winter winters wis
wish wishes with within without wo woman won wonderful wondering word words work worked working workout
workroom workrooms works workshop workshops worst worth would write written wrong wrote yard yards year
yearly years yellow yes yesterday yet yo yoga yoghurt you your yourself youtube zone
"""
