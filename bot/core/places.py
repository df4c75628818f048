"""Places where mothers live: the cities of labour migration, each with its clock and its sun.

A number tells nothing: +7 is sixteen time zones and two countries.  She is asked for her city.
"""

import math
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from bot.core.messages import Language


@dataclass(frozen=True, slots=True)
class City:
    """A city she may choose, named in both languages; where it lies decides when the sun sets."""

    id: str
    name: dict[Language, str]
    zone: str
    latitude: float
    longitude: float


def _city(id_: str, tg: str, ru: str, zone: str, latitude: float, longitude: float) -> City:
    return City(id_, {"tg": tg, "ru": ru}, zone, latitude, longitude)


CITIES = (
    _city("home", "Тоҷикистон", "Таджикистан", "Asia/Dushanbe", 38.56, 68.77),
    _city("khorugh", "Хоруғ", "Хорог", "Asia/Dushanbe", 37.49, 71.55),
    _city("moscow", "Маскав", "Москва", "Europe/Moscow", 55.75, 37.62),
    _city("petersburg", "Санкт-Петербург", "Санкт-Петербург", "Europe/Moscow", 59.94, 30.31),
    _city("kazan", "Қазон", "Казань", "Europe/Moscow", 55.79, 49.12),
    _city("samara", "Самара", "Самара", "Europe/Samara", 53.2, 50.15),
    _city("yekaterinburg", "Екатеринбург", "Екатеринбург", "Asia/Yekaterinburg", 56.84, 60.61),
    _city("omsk", "Омск", "Омск", "Asia/Omsk", 54.99, 73.37),
    _city("novosibirsk", "Новосибирск", "Новосибирск", "Asia/Novosibirsk", 55.03, 82.92),
    _city("krasnoyarsk", "Красноярск", "Красноярск", "Asia/Krasnoyarsk", 56.01, 92.87),
    _city("irkutsk", "Иркутск", "Иркутск", "Asia/Irkutsk", 52.29, 104.3),
    _city("yakutsk", "Якутск", "Якутск", "Asia/Yakutsk", 62.03, 129.73),
    _city("vladivostok", "Владивосток", "Владивосток", "Asia/Vladivostok", 43.12, 131.89),
    _city("kaliningrad", "Калининград", "Калининград", "Europe/Kaliningrad", 54.71, 20.51),
    _city("almaty", "Алмаато", "Алматы", "Asia/Almaty", 43.24, 76.95),
    _city("tashkent", "Тошканд", "Ташкент", "Asia/Tashkent", 41.31, 69.28),
    _city("bishkek", "Бишкек", "Бишкек", "Asia/Bishkek", 42.87, 74.59),
    _city("istanbul", "Истанбул", "Стамбул", "Europe/Istanbul", 41.01, 28.98),
    _city("dubai", "Дубай", "Дубай", "Asia/Dubai", 25.2, 55.27),
    _city("warsaw", "Варшава", "Варшава", "Europe/Warsaw", 52.23, 21.01),
)
"""The first is where the programme is."""


def city(id_: str) -> City | None:
    """One city of the list."""
    return next((one for one in CITIES if one.id == id_), None)


def sunsets(zone: str, day: date) -> tuple[datetime, datetime] | None:
    """The first and the last sunset of that day among the cities of a time zone, aware; None where we know no city."""
    found = [at for one in CITIES if one.zone == zone and (at := sunset(one, day)) is not None]
    return (min(found), max(found)) if found else None


def sunset(place: City, day: date) -> datetime | None:
    """When the sun sets there, aware, within two minutes of an almanac; None on a day without sunset.

    The sunrise equation: mean anomaly, equation of the centre, ecliptic longitude, declination, hour angle.
    """
    noon = day.toordinal() - date(2000, 1, 1).toordinal() + 0.0009 - place.longitude / 360
    anomaly = math.radians((357.5291 + 0.98560028 * noon) % 360)
    centre = 1.9148 * math.sin(anomaly) + 0.02 * math.sin(2 * anomaly) + 0.0003 * math.sin(3 * anomaly)
    longitude = math.radians((math.degrees(anomaly) + centre + 180 + 102.9372) % 360)
    transit = noon + 0.0053 * math.sin(anomaly) - 0.0069 * math.sin(2 * longitude)
    declination = math.asin(math.sin(longitude) * math.sin(math.radians(23.4397)))
    latitude = math.radians(place.latitude)
    height = math.sin(math.radians(-0.833)) - math.sin(latitude) * math.sin(declination)
    cosine = height / (math.cos(latitude) * math.cos(declination))
    if not -1 <= cosine <= 1:
        return None
    days = transit + math.degrees(math.acos(cosine)) / 360
    return datetime.combine(date(2000, 1, 1), time(12), UTC) + timedelta(days=days)
