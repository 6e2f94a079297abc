"""AliExpress search logs: CSV files, one set for each country."""

import re
from dataclasses import dataclass

from data.sources.table import TableSource

_COUNTRY = re.compile(r"AliExpress[_-]([A-Z]{2})(?![A-Za-z])", re.IGNORECASE)


@dataclass(frozen=True)
class AliExpressSource(TableSource):
    """Adds the column `country` from paths such as `AliExpress_NL.train.csv` or `country=NL/`.

    It is `unknown` where the path names no country.
    """

    def path_values(self, path: str) -> dict[str, str | None]:
        """Columns that the path of a file gives to all its rows."""
        named = _COUNTRY.findall(path)
        country = named[-1].upper() if named else "unknown"
        return {"country": country, **super().path_values(path)}
