"""What the file index (indexd) says of data files. It needs no token."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from gen3submit.commons.address import checked_id, escaped
from gen3submit.commons.calls import Calls
from gen3submit.commons.errors import NotFound
from gen3submit.commons.http import Request
from gen3submit.errors import UsageProblem
from gen3submit.messages import commons as words

_MD5 = re.compile(r"[0-9a-f]{32}")
_PAGE = 1000
_GUIDS_AT_ONCE = 1000


class Index(Calls):
    """The calls that indexd answers."""

    def index_record(self, guid: str) -> dict[str, Any] | None:
        """The record of a GUID; None where there is none."""
        asked = words.asked_index()
        try:
            answer = self._read(Request("GET", f"/index/index/{checked_id(guid)}", asked), anonymous=True)
        except NotFound:
            return None
        return dict(self._expected(answer.json, dict, asked))

    def index_records(self, guids: Iterable[str]) -> dict[str, dict[str, Any]]:
        """The records of many GUIDs, by GUID; those that are not there are left out.

        A GUID must be given with its prefix here, where it has one; `index_record` finds it without, too.
        """
        asked = words.asked_index()
        wanted = list(dict.fromkeys(guids))
        found: dict[str, dict[str, Any]] = {}
        for start in range(0, len(wanted), _GUIDS_AT_ONCE):
            body = json.dumps(wanted[start : start + _GUIDS_AT_ONCE]).encode()
            request = Request("POST", "/index/bulk/documents", asked, body, "application/json")
            for record in self._expected(self._read(request, anonymous=True).json, list, asked):
                found[str(self._expected(record, dict, asked).get("did"))] = record
        return found

    def index_search(
        self,
        *,
        md5: str | None = None,
        size: int | None = None,
        url: str | None = None,
        file_name: str | None = None,
    ) -> list[dict[str, Any]]:
        """All records that match everything given; there can be several of one hash and size.

        Raises:
            UsageProblem: nothing is given, or the hash is none.
        """
        terms = []
        if md5 is not None:
            # indexd knows hashes in lower case only, and answers 400 to others.
            if not _MD5.fullmatch(md5.strip().lower()):
                raise UsageProblem(words.bad_md5(md5))
            terms.append(f"hash=md5:{md5.strip().lower()}")
        if size is not None:
            terms.append(f"size={size:d}")
        terms += [f"{name}={escaped(value)}" for name, value in (("url", url), ("file_name", file_name)) if value]
        if not terms:
            raise UsageProblem(words.nothing_to_search())
        asked = words.asked_index()
        path = f"/index/index/?{'&'.join(terms)}&limit={_PAGE}"
        found: list[dict[str, Any]] = []
        start = ""
        while True:
            answer = self._read(Request("GET", path + start, asked), anonymous=True)
            listing = self._expected(answer.json, dict, asked)
            page = self._expected(listing.get("records"), list, asked)
            found += [self._expected(record, dict, asked) for record in page]
            last = str(page[-1].get("did")) if page else ""
            # A server that ignores `start` would be asked for ever.
            if len(page) < _PAGE or f"&start={escaped(last)}" == start:
                return found
            start = f"&start={escaped(last)}"
