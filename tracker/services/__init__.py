"""The verbs: every write of the product passes through a function of this package.

A verb takes `session`, `actor` (who, by which way, on whose behalf), what it is about, and `now`; it finds the row
through the person (`access`), asks `domain.permissions` whether they may, checks what was given (all wrong fields at
once), changes what differs, says so in the journal (`ground.journal.record`) and restamps (`turns.restamp`) what may
have another turn by it. It commits nothing: the transaction is the client's. (The rounds of
`engine` take the database instead and write in short transactions of their own.)

The rooms stand on floors, held by an import contract in `pyproject.toml`: a room knows those below it.
"""
