"""Pages that gather: the podium, a person's steps, the wait ledger, the journal."""
