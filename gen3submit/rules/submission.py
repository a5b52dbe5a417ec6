"""A submission request from body to answer: what ``PUT`` and ``POST /<program>/<project>`` do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gen3submit.dictionary.model import Node
from gen3submit.rules.bodies import body_format, decode, read_json
from gen3submit.rules.columns import DocumentRefused
from gen3submit.rules.documents import TableReader
from gen3submit.rules.store import Store
from gen3submit.rules.transaction import Ending, Rules, Transaction

CRASH_MESSAGE = (
    "500 Internal Server Error: The server encountered an internal error and was unable to complete your request."
    " Either the server is overloaded or there is an error in the application."
)


@dataclass(frozen=True, slots=True)
class Answer:
    """Sheepdog's answer to a submission."""

    transaction: Transaction | None
    """None where the body was refused before a transaction began."""
    refusal: str | None
    """The message of that refusal."""
    doc_format: str
    """``tsv``, ``csv`` or ``json``."""
    documents: list[Any]
    """What the body was read into."""
    dry_run: bool

    @property
    def status(self) -> int:
        """The HTTP status."""
        if self.transaction is None:
            return 400
        if self.transaction.ending is Ending.CRASHED:
            return 500
        return self._code(self.transaction)

    def _code(self, transaction: Transaction) -> int:
        if self.dry_run:
            return 200
        if not transaction.success:
            return 400
        return 201 if transaction.role == "create" else 200

    @property
    def log_state(self) -> str | None:
        """The state of the entry in the transaction log; None where there is no entry."""
        if self.transaction is None:
            return None
        return "PENDING" if self.transaction.clashed else self.transaction.ending.value

    def json(self, transaction_id: int) -> dict[str, Any]:
        """The body of the answer."""
        if self.transaction is None:
            return {"message": self.refusal}
        if self.transaction.ending is Ending.CRASHED:
            return {"message": CRASH_MESSAGE}
        return self._transaction_json(self.transaction, transaction_id)

    def _transaction_json(self, transaction: Transaction, transaction_id: int) -> dict[str, Any]:
        entities = transaction.entities
        invalid = sum(not entity.valid for entity in entities)
        counts = {
            action: sum(entity.action == action for entity in entities) if transaction.success else 0
            for action in ("create", "update")
        }
        return {
            "code": self._code(transaction),
            "created_entity_count": counts["create"],
            "entities": [entity.json(transaction.project_id) for entity in entities],
            "entity_error_count": invalid,
            "message": self._message(transaction, invalid),
            "success": transaction.success,
            "transaction_id": transaction_id,
            "transactional_error_count": len(transaction.transactional_errors),
            "transactional_errors": transaction.transactional_errors,
            "updated_entity_count": counts["update"],
        }

    def _message(self, transaction: Transaction, invalid: int) -> str:
        if transaction.success:
            if self.dry_run:
                return (
                    "Transaction would have been successful. User selected dry run option, transaction aborted,"
                    " no data written to database."
                )
            return "Transaction successful."
        reasons = []
        if invalid:
            reasons.append(f"{invalid} invalid {'entities' if invalid > 1 else 'entity'}")
        if transaction.transactional_errors:
            reasons.append(f"{len(transaction.transactional_errors)} transactional error(s)")
        return f"Transaction aborted due to {' and '.join(reasons)}."


class Submissions:
    """Answers submissions for one dictionary."""

    def __init__(self, nodes: Mapping[str, Node]):
        self.rules = Rules(nodes)
        self._reader = TableReader(nodes)

    def submit(
        self,
        body: bytes,
        content_type: str | None,
        *,
        store: Store,
        project_id: str,
        now: str,
        role: str = "update",
        dry_run: bool = False,
    ) -> Answer:
        """Carry out a submission on the store and answer as Sheepdog does; the arguments are those of `Rules.run`."""
        doc_format = body_format(content_type)
        try:
            text = decode(body)
            documents = read_json(text) if doc_format == "json" else self._reader.read(text, doc_format).documents
        except DocumentRefused as refused:
            return Answer(None, str(refused), doc_format, [], dry_run)
        transaction = self.rules.run(documents, store, project_id, now=now, role=role, dry_run=dry_run, text=text)
        return Answer(transaction, None, doc_format, documents, dry_run)
