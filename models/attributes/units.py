"""Units of measure: their words in texts, and their sizes."""

import numpy as np

LENGTH, MASS, VOLUME, MEMORY = range(4)
NO_UNIT = -1

# Name, what it measures, its size in the first unit of that, and what texts call it.
UNITS = (
    ("mm", LENGTH, 1.0, "mm millimeter millimeters millimetre millimetres"),
    ("cm", LENGTH, 10.0, "cm cms centimeter centimeters centimetre centimetres zentimeter"),
    ("m", LENGTH, 1000.0, "m meter meters metre metres mtr"),
    ("inch", LENGTH, 25.4, "in inch inches zoll pouces pulgadas"),
    ("foot", LENGTH, 304.8, "ft foot feet"),
    ("yard", LENGTH, 914.4, "yd yds yard yards"),
    ("g", MASS, 1.0, "g gm gms gr gram grams gramm grammes"),
    ("kg", MASS, 1000.0, "kg kgs kilo kilogram kilograms"),
    ("oz", MASS, 28.349523125, "oz ounce ounces"),
    ("lb", MASS, 453.59237, "lb lbs pound pounds"),
    ("ml", VOLUME, 1.0, "ml milliliter milliliters millilitre millilitres"),
    ("l", VOLUME, 1000.0, "l ltr liter liters litre litres"),
    ("KB", MEMORY, 1.0, "k kb kilobyte kilobytes"),
    ("MB", MEMORY, 1e3, "mb meg megabyte megabytes"),
    ("GB", MEMORY, 1e6, "gb gig gigabyte gigabytes"),
    ("TB", MEMORY, 1e9, "tb terabyte terabytes"),
)
DIMENSIONS = np.array([unit[1] for unit in UNITS])
SIZES = np.array([unit[2] for unit in UNITS])
UNIT_NAMES = [unit[0] for unit in UNITS]
